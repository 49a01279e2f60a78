// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * From flow keys and masks to OVS_KEY_ATTR_* attributes.
 *
 * Overview: one key, the shape, decides which attributes appear; the values
 * come from a second one, which is the same key or its mask. Order and
 * presence are part of the API: clients derive flow identities from the bytes
 * of upcall keys.
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * buffers.
 */
#include "ovsnl_key_attrs.h"
#include "ovsnl_tunnel.h"

/* What is being written. */
struct put_key {
	struct ovsnl_writer *w;
	const struct ovsnl_key *shape;
	const struct ovsnl_key *value;
	bool is_mask;
};

static void put_be16(struct ovsnl_writer *w, int type, __be16 v)
{
	ovsnl_put(w, type, &v, sizeof(v));
}

/* A mask always shows a tunnel, in which only the TTL is written always. */
static void put_tunnel(const struct put_key *p)
{
	if (p->is_mask || p->shape->tun.family)
		ovsnl_tunnel_put(p->w, OVS_KEY_ATTR_TUNNEL, &p->shape->tun,
				 &p->value->tun);
}

/* Ports are 16 bits in the key; a mask has ones in the upper half. */
static void put_in_port(const struct put_key *p)
{
	__u32 upper = p->is_mask ? 0xffff0000 : 0;

	if (p->shape->in_port != OVSNL_MAX_PORTS)
		ovsnl_put_u32(p->w, OVS_KEY_ATTR_IN_PORT,
			      upper | p->value->in_port);
	else if (p->is_mask && p->value->in_port == 0xffff)
		ovsnl_put_u32(p->w, OVS_KEY_ATTR_IN_PORT, 0xffffffff);
}

static void put_ct_orig_ipv4(const struct put_key *p)
{
	const struct ovsnl_key *v = p->value;
	struct ovs_key_ct_tuple_ipv4 tuple;

	memset(&tuple, 0, sizeof(tuple));
	memcpy(&tuple.ipv4_src, v->ct_orig_src, sizeof(tuple.ipv4_src));
	memcpy(&tuple.ipv4_dst, v->ct_orig_dst, sizeof(tuple.ipv4_dst));
	tuple.src_port = v->ct_orig_tp_src;
	tuple.dst_port = v->ct_orig_tp_dst;
	tuple.ipv4_proto = v->ct_orig_proto;
	ovsnl_put(p->w, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4, &tuple, sizeof(tuple));
}

static void put_ct_orig_ipv6(const struct put_key *p)
{
	const struct ovsnl_key *v = p->value;
	struct ovs_key_ct_tuple_ipv6 tuple;

	memset(&tuple, 0, sizeof(tuple));
	memcpy(tuple.ipv6_src, v->ct_orig_src, sizeof(tuple.ipv6_src));
	memcpy(tuple.ipv6_dst, v->ct_orig_dst, sizeof(tuple.ipv6_dst));
	tuple.src_port = v->ct_orig_tp_src;
	tuple.dst_port = v->ct_orig_tp_dst;
	tuple.ipv6_proto = v->ct_orig_proto;
	ovsnl_put(p->w, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6, &tuple, sizeof(tuple));
}

/* The family is the packet's own. */
static void put_ct_orig(const struct put_key *p)
{
	if (!p->shape->ct_orig_proto)
		return;
	if (p->shape->eth_type == htons(ETH_P_IP))
		put_ct_orig_ipv4(p);
	else if (p->shape->eth_type == htons(ETH_P_IPV6))
		put_ct_orig_ipv6(p);
}

static void put_metadata(const struct put_key *p)
{
	const struct ovsnl_key *v = p->value;

	ovsnl_put_u32(p->w, OVS_KEY_ATTR_RECIRC_ID, v->recirc_id);
	ovsnl_put_u32(p->w, OVS_KEY_ATTR_DP_HASH, v->dp_hash);
	ovsnl_put_u32(p->w, OVS_KEY_ATTR_PRIORITY, v->priority);
	put_tunnel(p);
	put_in_port(p);
	ovsnl_put_u32(p->w, OVS_KEY_ATTR_SKB_MARK, v->skb_mark);
	ovsnl_put_u32(p->w, OVS_KEY_ATTR_CT_STATE, v->ct_state);
	ovsnl_put_u16(p->w, OVS_KEY_ATTR_CT_ZONE, v->ct_zone);
	ovsnl_put_u32(p->w, OVS_KEY_ATTR_CT_MARK, v->ct_mark);
	ovsnl_put(p->w, OVS_KEY_ATTR_CT_LABELS, v->ct_label,
		  sizeof(v->ct_label));
	put_ct_orig(p);
}

static void put_ethernet(const struct put_key *p)
{
	struct ovs_key_ethernet eth;

	memcpy(eth.eth_src, p->value->eth_src, ETH_ALEN);
	memcpy(eth.eth_dst, p->value->eth_dst, ETH_ALEN);
	ovsnl_put(p->w, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
}

static void put_vlan(const struct put_key *p, __be16 tpid, __be16 tci)
{
	put_be16(p->w, OVS_KEY_ATTR_ETHERTYPE,
		 p->is_mask ? htons(0xffff) : tpid);
	put_be16(p->w, OVS_KEY_ATTR_VLAN, tci);
}

static void put_ipv4(const struct put_key *p)
{
	const struct ovsnl_key *v = p->value;
	struct ovs_key_ipv4 ip = {
		.ipv4_src = v->ip_src,
		.ipv4_dst = v->ip_dst,
		.ipv4_proto = v->ip_proto,
		.ipv4_tos = v->ip_tos,
		.ipv4_ttl = v->ip_ttl,
		.ipv4_frag = v->ip_frag,
	};

	ovsnl_put(p->w, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
}

static void put_ipv6(const struct put_key *p)
{
	const struct ovsnl_key *v = p->value;
	struct ovs_key_ipv6 ip = {
		.ipv6_label = v->ipv6_label,
		.ipv6_proto = v->ip_proto,
		.ipv6_tclass = v->ip_tos,
		.ipv6_hlimit = v->ip_ttl,
		.ipv6_frag = v->ip_frag,
	};

	memcpy(ip.ipv6_src, v->ipv6_src, sizeof(ip.ipv6_src));
	memcpy(ip.ipv6_dst, v->ipv6_dst, sizeof(ip.ipv6_dst));
	ovsnl_put(p->w, OVS_KEY_ATTR_IPV6, &ip, sizeof(ip));
	ovsnl_put_u16(p->w, OVS_KEY_ATTR_IPV6_EXTHDRS, v->ipv6_exthdrs);
}

static void put_arp(const struct put_key *p)
{
	const struct ovsnl_key *v = p->value;
	struct ovs_key_arp arp;

	memset(&arp, 0, sizeof(arp));
	arp.arp_sip = v->ip_src;
	arp.arp_tip = v->ip_dst;
	arp.arp_op = htons(v->ip_proto);
	memcpy(arp.arp_sha, v->hw_src, ETH_ALEN);
	memcpy(arp.arp_tha, v->hw_dst, ETH_ALEN);
	ovsnl_put(p->w, OVS_KEY_ATTR_ARP, &arp, sizeof(arp));
}

/* As many label stack entries as the value tells, of a mask its own. */
static void put_mpls(const struct put_key *p)
{
	int n = 0;

	while (p->value->mpls_labels >> n)
		n++;
	ovsnl_put(p->w, OVS_KEY_ATTR_MPLS, p->value->mpls_lse,
		  n * sizeof(p->value->mpls_lse[0]));
}

static void put_nsh(const struct put_key *p)
{
	const struct ovsnl_key *v = p->value;
	size_t nest = ovsnl_nest_start(p->w, OVS_KEY_ATTR_NSH);

	ovsnl_put(p->w, OVS_NSH_KEY_ATTR_BASE, &v->nsh_flags,
		  sizeof(struct ovs_nsh_key_base));
	if (p->is_mask || v->nsh_mdtype == OVSNL_NSH_MD_TYPE_1)
		ovsnl_put(p->w, OVS_NSH_KEY_ATTR_MD1, v->nsh_context,
			  sizeof(v->nsh_context));
	ovsnl_nest_end(p->w, nest);
}

static void put_ports(const struct put_key *p, int type)
{
	__be16 ports[2] = { p->value->tp_src, p->value->tp_dst };

	ovsnl_put(p->w, type, ports, sizeof(ports));
}

static void put_icmp(const struct put_key *p, int type)
{
	__u8 icmp[2] = { ntohs(p->value->tp_src), ntohs(p->value->tp_dst) };

	ovsnl_put(p->w, type, icmp, sizeof(icmp));
}

/* The kernel's module has an original tuple of IPv6 in the place of these: an
 * ICMPv6 type that reads as one of neighbour discovery, though it is masked or
 * has a code, shows it.
 */
static void put_nd(const struct put_key *p)
{
	static const struct ovs_key_nd none;
	struct ovs_key_nd nd;

	if (!ovsnl_key_is_nd_type(p->shape->tp_src))
		return;
	memcpy(nd.nd_target, p->value->nd_target, sizeof(nd.nd_target));
	memcpy(nd.nd_sll, p->value->hw_src, ETH_ALEN);
	memcpy(nd.nd_tll, p->value->hw_dst, ETH_ALEN);
	if (!memcmp(&nd, &none, sizeof(nd))) {
		memcpy(nd.nd_target, p->value->ct_orig_src,
		       sizeof(nd.nd_target));
		memcpy(nd.nd_sll, p->value->ct_orig_dst, ETH_ALEN);
		memcpy(nd.nd_tll, p->value->ct_orig_dst + ETH_ALEN, ETH_ALEN);
	}
	ovsnl_put(p->w, OVS_KEY_ATTR_ND, &nd, sizeof(nd));
}

static void put_transport(const struct put_key *p)
{
	bool ipv6 = p->shape->eth_type == htons(ETH_P_IPV6);

	if (p->shape->ip_frag == OVS_FRAG_TYPE_LATER)
		return;
	switch (p->shape->ip_proto) {
	case IPPROTO_TCP:
		put_ports(p, OVS_KEY_ATTR_TCP);
		put_be16(p->w, OVS_KEY_ATTR_TCP_FLAGS, p->value->tcp_flags);
		break;
	case IPPROTO_UDP:
		put_ports(p, OVS_KEY_ATTR_UDP);
		break;
	case IPPROTO_SCTP:
		put_ports(p, OVS_KEY_ATTR_SCTP);
		break;
	case IPPROTO_ICMP:
		if (!ipv6)
			put_icmp(p, OVS_KEY_ATTR_ICMP);
		break;
	case IPPROTO_ICMPV6:
		if (ipv6) {
			put_icmp(p, OVS_KEY_ATTR_ICMPV6);
			put_nd(p);
		}
		break;
	}
}

/* Behind the tags: the EtherType and what it announces. */
static void put_payload(const struct put_key *p)
{
	put_be16(p->w, OVS_KEY_ATTR_ETHERTYPE, p->value->eth_type);
	switch (ntohs(p->shape->eth_type)) {
	case ETH_P_IP:
		put_ipv4(p);
		put_transport(p);
		break;
	case ETH_P_IPV6:
		put_ipv6(p);
		put_transport(p);
		break;
	case ETH_P_ARP:
	case ETH_P_RARP:
		put_arp(p);
		break;
	case ETH_P_MPLS_UC:
	case ETH_P_MPLS_MC:
		put_mpls(p);
		break;
	case ETH_P_NSH:
		put_nsh(p);
		break;
	}
}

/* 802.2 frames have no EtherType attribute; their mask has one if it looks. */
static void put_inner(const struct put_key *p)
{
	if (p->shape->mac_proto == OVSNL_MAC_ETHERNET &&
	    p->shape->eth_type == htons(ETH_P_802_2)) {
		if (p->is_mask && p->value->eth_type)
			put_be16(p->w, OVS_KEY_ATTR_ETHERTYPE,
				 p->value->eth_type);
		return;
	}
	put_payload(p);
}

/* A tag whose TCI is missing was cut off: nothing is known of what follows. */
static void put_cvlan(const struct put_key *p)
{
	const struct ovsnl_key *s = p->shape;
	size_t nest;

	if (!s->cvlan_tci && !ovsnl_key_is_vlan_type(s->eth_type)) {
		put_inner(p);
		return;
	}
	put_vlan(p, p->value->cvlan_tpid, p->value->cvlan_tci);
	nest = ovsnl_nest_start(p->w, OVS_KEY_ATTR_ENCAP);
	if (s->cvlan_tci)
		put_inner(p);
	ovsnl_nest_end(p->w, nest);
}

static void put_frame(const struct put_key *p)
{
	const struct ovsnl_key *s = p->shape;
	size_t nest;

	put_ethernet(p);
	if (!s->vlan_tci && !ovsnl_key_is_vlan_type(s->eth_type)) {
		put_inner(p);
		return;
	}
	put_vlan(p, p->value->vlan_tpid, p->value->vlan_tci);
	nest = ovsnl_nest_start(p->w, OVS_KEY_ATTR_ENCAP);
	if (s->vlan_tci)
		put_cvlan(p);
	ovsnl_nest_end(p->w, nest);
}

void ovsnl_key_put(struct ovsnl_writer *w, int attr,
		   const struct ovsnl_key *shape, const struct ovsnl_key *value,
		   bool is_mask)
{
	struct put_key p = { w, shape, value, is_mask };
	size_t nest = ovsnl_nest_start(w, attr);

	put_metadata(&p);
	if (shape->mac_proto == OVSNL_MAC_ETHERNET)
		put_frame(&p);
	else
		put_payload(&p);
	ovsnl_nest_end(w, nest);
}
