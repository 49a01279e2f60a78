// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Headers behind the VLAN tags, from attributes to fields.
 *
 * Overview: one function for each attribute or group of them, in the order of
 * the kernel's module, since attributes of several protocols may stand in one
 * key and the last has the fields that they share. Values are judged in keys
 * only: a mask may have any bits.
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * structs.
 */
#include "ovsnl_key_attrs.h"

/* MPLS label stack entry, RFC 3032. */
#define LSE_LEN 4

static int set_ethernet(struct ovsnl_key_attrs *s, const struct ovsnl_key *key,
			struct ovsnl_key *out)
{
	struct ovs_key_ethernet eth;

	if (!ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_ETHERNET, &eth,
				  sizeof(eth))) {
		if (key->eth_type)
			return 0;
		return ovsnl_err_set(s->err, -EINVAL,
				     "neither Ethernet header nor EtherType",
				     NULL);
	}
	memcpy(out->eth_src, eth.eth_src, ETH_ALEN);
	memcpy(out->eth_dst, eth.eth_dst, ETH_ALEN);
	if (s->present & OVSNL_KEY_BIT(VLAN))
		return ovsnl_key_attrs_refuse(s, "unexpected VLAN attribute",
					      OVS_KEY_ATTR_VLAN);
	if (s->present & OVSNL_KEY_BIT(ETHERTYPE))
		return ovsnl_key_set_eth_type(s, out);
	if (!ovsnl_key_attrs_mask(s))
		out->eth_type = htons(ETH_P_802_2);
	return 0;
}

static int set_ipv4(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	struct ovs_key_ipv4 ip;

	if (!ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip)))
		return 0;
	if (!ovsnl_key_attrs_mask(s) && ip.ipv4_frag > OVS_FRAG_TYPE_MAX)
		return ovsnl_key_attrs_refuse(s,
					      "IPv4 fragment type out of range",
					      OVS_KEY_ATTR_IPV4);
	out->ip_proto = ip.ipv4_proto;
	out->ip_tos = ip.ipv4_tos;
	out->ip_ttl = ip.ipv4_ttl;
	out->ip_frag = ip.ipv4_frag;
	out->ip_src = ip.ipv4_src;
	out->ip_dst = ip.ipv4_dst;
	return 0;
}

static int check_ipv6(const struct ovsnl_key_attrs *s,
		      const struct ovs_key_ipv6 *ip)
{
	if (ip->ipv6_frag > OVS_FRAG_TYPE_MAX)
		return ovsnl_key_attrs_refuse(s,
					      "IPv6 fragment type out of range",
					      OVS_KEY_ATTR_IPV6);
	if (ip->ipv6_label & htonl(0xfff00000))
		return ovsnl_key_attrs_refuse(s, "IPv6 flow label out of range",
					      OVS_KEY_ATTR_IPV6);
	return 0;
}

static int set_ipv6(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	struct ovs_key_ipv6 ip;
	int err;

	if (!ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_IPV6, &ip, sizeof(ip)))
		return 0;
	err = ovsnl_key_attrs_mask(s) ? 0 : check_ipv6(s, &ip);
	if (err)
		return err;
	out->ipv6_label = ip.ipv6_label;
	out->ip_proto = ip.ipv6_proto;
	out->ip_tos = ip.ipv6_tclass;
	out->ip_ttl = ip.ipv6_hlimit;
	out->ip_frag = ip.ipv6_frag;
	memcpy(out->ipv6_src, ip.ipv6_src, sizeof(out->ipv6_src));
	memcpy(out->ipv6_dst, ip.ipv6_dst, sizeof(out->ipv6_dst));
	return 0;
}

static int set_arp(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	struct ovs_key_arp arp;

	if (!ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_ARP, &arp, sizeof(arp)))
		return 0;
	if (!ovsnl_key_attrs_mask(s) && (arp.arp_op & htons(0xff00)))
		return ovsnl_key_attrs_refuse(s, "unknown ARP opcode",
					      OVS_KEY_ATTR_ARP);
	out->ip_src = arp.arp_sip;
	out->ip_dst = arp.arp_tip;
	out->ip_proto = ntohs(arp.arp_op) & 0xff;
	memcpy(out->hw_src, arp.arp_sha, ETH_ALEN);
	memcpy(out->hw_dst, arp.arp_tha, ETH_ALEN);
	return 0;
}

static int set_mpls(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	const struct nlattr *a = s->a[OVS_KEY_ATTR_MPLS];
	const void *p = ovsnl_key_attrs_take(s, OVS_KEY_ATTR_MPLS);
	int len;

	if (!p)
		return 0;
	len = ovsnl_attr_len(a);
	if (!len || len % LSE_LEN || len > OVSNL_MPLS_LABELS * LSE_LEN)
		return ovsnl_key_attrs_refuse(s, "not 1 to 3 MPLS labels",
					      OVS_KEY_ATTR_MPLS);
	memcpy(out->mpls_lse, p, len);
	out->mpls_labels = (1 << len / LSE_LEN) - 1;
	return 0;
}

/* TCP, UDP and SCTP: two 16-bit ports in network order. */
static void set_ports(struct ovsnl_key_attrs *s, int type,
		      struct ovsnl_key *out)
{
	const __u8 *p = ovsnl_key_attrs_take(s, type);

	if (!p)
		return;
	memcpy(&out->tp_src, p, sizeof(out->tp_src));
	memcpy(&out->tp_dst, p + sizeof(out->tp_src), sizeof(out->tp_dst));
}

/* ICMP and ICMPv6: two bytes, kept as 16-bit numbers. */
static void set_icmp(struct ovsnl_key_attrs *s, int type, struct ovsnl_key *out)
{
	const __u8 *p = ovsnl_key_attrs_take(s, type);

	if (!p)
		return;
	out->tp_src = htons(p[0]);
	out->tp_dst = htons(p[1]);
}

static void set_nd(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	struct ovs_key_nd nd;

	if (!ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_ND, &nd, sizeof(nd)))
		return;
	memcpy(out->nd_target, nd.nd_target, sizeof(out->nd_target));
	memcpy(out->hw_src, nd.nd_sll, ETH_ALEN);
	memcpy(out->hw_dst, nd.nd_tll, ETH_ALEN);
}

static int set_network(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	int err;

	err = set_ipv4(s, out);
	if (!err)
		err = set_ipv6(s, out);
	if (err)
		return err;
	ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_IPV6_EXTHDRS, &out->ipv6_exthdrs,
			     sizeof(out->ipv6_exthdrs));
	err = set_arp(s, out);
	if (!err)
		err = ovsnl_key_set_nsh(s, out);
	if (!err)
		err = set_mpls(s, out);
	return err;
}

static void set_transport(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	set_ports(s, OVS_KEY_ATTR_TCP, out);
	ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_TCP_FLAGS, &out->tcp_flags,
			     sizeof(out->tcp_flags));
	set_ports(s, OVS_KEY_ATTR_UDP, out);
	set_ports(s, OVS_KEY_ATTR_SCTP, out);
	set_icmp(s, OVS_KEY_ATTR_ICMP, out);
	set_icmp(s, OVS_KEY_ATTR_ICMPV6, out);
	set_nd(s, out);
}

int ovsnl_key_set_headers(struct ovsnl_key_attrs *s,
			  const struct ovsnl_key *key, struct ovsnl_key *out)
{
	int err;

	err = set_ethernet(s, key, out);
	if (!err)
		err = set_network(s, out);
	if (err)
		return err;
	set_transport(s, out);
	if (s->present)
		return ovsnl_err_set(s->err, -EINVAL, "unknown key attributes",
				     NULL);
	return 0;
}
