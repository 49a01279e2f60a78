// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * From flow keys and masks to OVS_KEY_ATTR_* attributes.
 *
 * Overview: one key, the shape, decides which attributes appear; the values
 * come from a second one, which is the same key or its mask. Order and
 * presence are part of the API: clients derive flow identities from the bytes
 * of upcall keys. It is written without looking at the room that is left, which
 * was seen to be enough for any key beforehand; near the end of a buffer it is
 * written elsewhere and copied if it fits.
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * buffers.
 */
#include "ovsnl_key_attrs.h"
#include "ovsnl_tunnel.h"

/* What is being written, and where. */
struct put_key {
	__u8 *at;
	const struct ovsnl_key *shape;
	const struct ovsnl_key *value;
	bool is_mask;
};

/* Room for a payload; padding is zeroed. */
static __always_inline void *put_space(struct put_key *p, int type, size_t len)
{
	struct nlattr *a = (struct nlattr *)p->at;
	size_t total = NLA_ALIGN(NLA_HDRLEN + len);

	p->at += total;
	if (total > NLA_HDRLEN + len)
		memset(p->at - NLA_ALIGNTO, 0, NLA_ALIGNTO);
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	return (__u8 *)a + NLA_HDRLEN;
}

static __always_inline void put(struct put_key *p, int type, const void *data,
				size_t len)
{
	memcpy(put_space(p, type, len), data, len);
}

static __always_inline void put_be16(struct put_key *p, int type, __be16 v)
{
	put(p, type, &v, sizeof(v));
}

static __always_inline void put_u16(struct put_key *p, int type, __u16 v)
{
	put(p, type, &v, sizeof(v));
}

static __always_inline void put_u32(struct put_key *p, int type, __u32 v)
{
	put(p, type, &v, sizeof(v));
}

static __always_inline struct nlattr *nest_start(struct put_key *p, int type)
{
	return (struct nlattr *)((__u8 *)put_space(p, type, 0) - NLA_HDRLEN);
}

static __always_inline void nest_end(struct put_key *p, struct nlattr *nest)
{
	nest->nla_len = p->at - (__u8 *)nest;
}

static bool has_no_tunnel(const struct ovsnl_tunnel *tun)
{
	const ovsnl_key_word *w = (const ovsnl_key_word *)(const void *)tun;

	return !(w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7]);
}

static_assert(offsetof(struct ovsnl_tunnel, opts) == 8 * sizeof(ovsnl_key_word),
	      "eight words before the options");

/* A mask always shows a tunnel, in which only the TTL is written always. */
static void put_tunnel(struct put_key *p)
{
	struct ovsnl_writer w;
	struct nlattr *nest;

	if (!p->is_mask && !p->shape->tun.family)
		return;
	if (likely(!p->shape->tun.family && has_no_tunnel(&p->value->tun))) {
		nest = nest_start(p, OVS_KEY_ATTR_TUNNEL);
		*(__u8 *)put_space(p, OVS_TUNNEL_KEY_ATTR_TTL, 1) = 0;
		nest_end(p, nest);
		return;
	}
	ovsnl_writer_init(&w, p->at, OVSNL_TUNNEL_ATTR_SIZE);
	ovsnl_tunnel_put(&w, OVS_KEY_ATTR_TUNNEL, &p->shape->tun,
			 &p->value->tun);
	p->at += w.len;
}

/* Ports are 16 bits in the key; a mask has ones in the upper half. */
static __always_inline void put_in_port(struct put_key *p)
{
	__u32 upper = p->is_mask ? 0xffff0000 : 0;

	if (p->shape->in_port != OVSNL_MAX_PORTS)
		put_u32(p, OVS_KEY_ATTR_IN_PORT, upper | p->value->in_port);
	else if (p->is_mask && p->value->in_port == 0xffff)
		put_u32(p, OVS_KEY_ATTR_IN_PORT, 0xffffffff);
}

static void put_ct_orig_ipv4(struct put_key *p)
{
	const struct ovsnl_key *v = p->value;
	struct ovs_key_ct_tuple_ipv4 tuple;

	memset(&tuple, 0, sizeof(tuple));
	memcpy(&tuple.ipv4_src, v->ct_orig_src, sizeof(tuple.ipv4_src));
	memcpy(&tuple.ipv4_dst, v->ct_orig_dst, sizeof(tuple.ipv4_dst));
	tuple.src_port = v->ct_orig_tp_src;
	tuple.dst_port = v->ct_orig_tp_dst;
	tuple.ipv4_proto = v->ct_orig_proto;
	put(p, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4, &tuple, sizeof(tuple));
}

static void put_ct_orig_ipv6(struct put_key *p)
{
	const struct ovsnl_key *v = p->value;
	struct ovs_key_ct_tuple_ipv6 tuple;

	memset(&tuple, 0, sizeof(tuple));
	memcpy(tuple.ipv6_src, v->ct_orig_src, sizeof(tuple.ipv6_src));
	memcpy(tuple.ipv6_dst, v->ct_orig_dst, sizeof(tuple.ipv6_dst));
	tuple.src_port = v->ct_orig_tp_src;
	tuple.dst_port = v->ct_orig_tp_dst;
	tuple.ipv6_proto = v->ct_orig_proto;
	put(p, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6, &tuple, sizeof(tuple));
}

/* The family is the packet's own. */
static void put_ct_orig(struct put_key *p)
{
	if (!p->shape->ct_orig_proto)
		return;
	if (p->shape->eth_type == htons(ETH_P_IP))
		put_ct_orig_ipv4(p);
	else if (p->shape->eth_type == htons(ETH_P_IPV6))
		put_ct_orig_ipv6(p);
}

static void put_metadata(struct put_key *p)
{
	const struct ovsnl_key *v = p->value;

	put_u32(p, OVS_KEY_ATTR_RECIRC_ID, v->recirc_id);
	put_u32(p, OVS_KEY_ATTR_DP_HASH, v->dp_hash);
	put_u32(p, OVS_KEY_ATTR_PRIORITY, v->priority);
	put_tunnel(p);
	put_in_port(p);
	put_u32(p, OVS_KEY_ATTR_SKB_MARK, v->skb_mark);
	put_u32(p, OVS_KEY_ATTR_CT_STATE, v->ct_state);
	put_u16(p, OVS_KEY_ATTR_CT_ZONE, v->ct_zone);
	put_u32(p, OVS_KEY_ATTR_CT_MARK, v->ct_mark);
	put(p, OVS_KEY_ATTR_CT_LABELS, v->ct_label, sizeof(v->ct_label));
	put_ct_orig(p);
}

static void put_ethernet(struct put_key *p)
{
	struct ovs_key_ethernet eth;

	memcpy(eth.eth_src, p->value->eth_src, ETH_ALEN);
	memcpy(eth.eth_dst, p->value->eth_dst, ETH_ALEN);
	put(p, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
}

static void put_vlan(struct put_key *p, __be16 tpid, __be16 tci)
{
	put_be16(p, OVS_KEY_ATTR_ETHERTYPE, p->is_mask ? htons(0xffff) : tpid);
	put_be16(p, OVS_KEY_ATTR_VLAN, tci);
}

static void put_ipv4(struct put_key *p)
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

	put(p, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
}

static void put_ipv6(struct put_key *p)
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
	put(p, OVS_KEY_ATTR_IPV6, &ip, sizeof(ip));
	put_u16(p, OVS_KEY_ATTR_IPV6_EXTHDRS, v->ipv6_exthdrs);
}

static void put_arp(struct put_key *p)
{
	const struct ovsnl_key *v = p->value;
	struct ovs_key_arp arp;

	memset(&arp, 0, sizeof(arp));
	arp.arp_sip = v->ip_src;
	arp.arp_tip = v->ip_dst;
	arp.arp_op = htons(v->ip_proto);
	memcpy(arp.arp_sha, v->hw_src, ETH_ALEN);
	memcpy(arp.arp_tha, v->hw_dst, ETH_ALEN);
	put(p, OVS_KEY_ATTR_ARP, &arp, sizeof(arp));
}

/* As many label stack entries as the value tells, of a mask its own. */
static void put_mpls(struct put_key *p)
{
	int n = 0;

	while (p->value->mpls_labels >> n)
		n++;
	put(p, OVS_KEY_ATTR_MPLS, p->value->mpls_lse,
	    n * sizeof(p->value->mpls_lse[0]));
}

static void put_nsh(struct put_key *p)
{
	const struct ovsnl_key *v = p->value;
	struct nlattr *nest = nest_start(p, OVS_KEY_ATTR_NSH);

	put(p, OVS_NSH_KEY_ATTR_BASE,
	    (const __u8 *)v + offsetof(struct ovsnl_key, nsh_flags),
	    sizeof(struct ovs_nsh_key_base));
	if (p->is_mask || v->nsh_mdtype == OVSNL_NSH_MD_TYPE_1)
		put(p, OVS_NSH_KEY_ATTR_MD1, v->nsh_context,
		    sizeof(v->nsh_context));
	nest_end(p, nest);
}

static void put_ports(struct put_key *p, int type)
{
	__be16 ports[2] = { p->value->tp_src, p->value->tp_dst };

	put(p, type, ports, sizeof(ports));
}

static void put_icmp(struct put_key *p, int type)
{
	__u8 icmp[2] = { ntohs(p->value->tp_src), ntohs(p->value->tp_dst) };

	put(p, type, icmp, sizeof(icmp));
}

/* The kernel's module has an original tuple of IPv6 in the place of these: an
 * ICMPv6 type that reads as one of neighbour discovery, though it is masked or
 * has a code, shows it.
 */
static void put_nd(struct put_key *p)
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
	put(p, OVS_KEY_ATTR_ND, &nd, sizeof(nd));
}

static void put_transport(struct put_key *p)
{
	bool ipv6 = p->shape->eth_type == htons(ETH_P_IPV6);

	if (p->shape->ip_frag == OVS_FRAG_TYPE_LATER)
		return;
	switch (p->shape->ip_proto) {
	case IPPROTO_TCP:
		put_ports(p, OVS_KEY_ATTR_TCP);
		put_be16(p, OVS_KEY_ATTR_TCP_FLAGS, p->value->tcp_flags);
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
static void put_payload(struct put_key *p)
{
	put_be16(p, OVS_KEY_ATTR_ETHERTYPE, p->value->eth_type);
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
static void put_inner(struct put_key *p)
{
	if (p->shape->mac_proto == OVSNL_MAC_ETHERNET &&
	    p->shape->eth_type == htons(ETH_P_802_2)) {
		if (p->is_mask && p->value->eth_type)
			put_be16(p, OVS_KEY_ATTR_ETHERTYPE, p->value->eth_type);
		return;
	}
	put_payload(p);
}

/* A tag whose TCI is missing was cut off: nothing is known of what follows. */
static void put_cvlan(struct put_key *p)
{
	const struct ovsnl_key *s = p->shape;
	struct nlattr *nest;

	if (!s->cvlan_tci && !ovsnl_key_is_vlan_type(s->eth_type)) {
		put_inner(p);
		return;
	}
	put_vlan(p, p->value->cvlan_tpid, p->value->cvlan_tci);
	nest = nest_start(p, OVS_KEY_ATTR_ENCAP);
	if (s->cvlan_tci)
		put_inner(p);
	nest_end(p, nest);
}

static void put_frame(struct put_key *p)
{
	const struct ovsnl_key *s = p->shape;
	struct nlattr *nest;

	put_ethernet(p);
	if (!s->vlan_tci && !ovsnl_key_is_vlan_type(s->eth_type)) {
		put_inner(p);
		return;
	}
	put_vlan(p, p->value->vlan_tpid, p->value->vlan_tci);
	nest = nest_start(p, OVS_KEY_ATTR_ENCAP);
	if (s->vlan_tci)
		put_cvlan(p);
	nest_end(p, nest);
}

static void put_all(struct put_key *p, int attr)
{
	struct nlattr *nest = nest_start(p, attr);

	put_metadata(p);
	if (p->shape->mac_proto == OVSNL_MAC_ETHERNET)
		put_frame(p);
	else
		put_payload(p);
	nest_end(p, nest);
}

/* What may not fit is written elsewhere first. */
static __attribute__((__noinline__)) void
put_narrow(struct ovsnl_writer *w, int attr, struct put_key *p)
{
	__u8 room[OVSNL_KEY_ATTR_SIZE] __attribute__((aligned(NLA_ALIGNTO)));
	size_t len;

	p->at = room;
	put_all(p, attr);
	len = p->at - room;
	if (w->overflow || len > w->cap - w->len) {
		w->overflow = true;
		return;
	}
	memcpy(w->buf + w->len, room, len);
	w->len += len;
}

void ovsnl_key_put(struct ovsnl_writer *w, int attr,
		   const struct ovsnl_key *shape, const struct ovsnl_key *value,
		   bool is_mask)
{
	struct put_key p = { NULL, shape, value, is_mask };

	if (unlikely(w->overflow ||
		     w->cap - w->len < ovsnl_key_attr_size(shape))) {
		put_narrow(w, attr, &p);
		return;
	}
	p.at = w->buf + w->len;
	put_all(&p, attr);
	w->len = p.at - w->buf;
}
