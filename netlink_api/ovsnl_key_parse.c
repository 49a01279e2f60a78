// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * From OVS_KEY_ATTR_* attributes to flow keys and masks.
 *
 * Overview: a nest of attributes is first scanned into a set (each type at
 * most once, of its right length), VLAN tags are peeled off it level by level,
 * and the rest is copied field by field. A mask goes the same way with three
 * differences: attributes of only zero bits count as absent, some fields are
 * always exact, and where no mask was given every attribute of the key counts
 * as all ones. In the end key and mask must fit each other: a protocol's
 * attribute is required with its ethertype or protocol number, and may be
 * masked only where these are matched exactly.
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * structs.
 */
#include "ovsnl_key.h"

#define BIT_OF(type) (1ULL << OVS_KEY_ATTR_##type)

/* From <linux/if_ether.h> of every Linux; IEEE 802.3: smaller is a length. */
#define ETHERTYPE_MIN 0x0600

/* RFC 4861: neighbour solicitation and advertisement. */
#define ND_SOLICITATION 135
#define ND_ADVERTISEMENT 136

static_assert(OVS_KEY_ATTR_IPV6_EXTHDRS == 32, "wire number");

#define KEY_ATTR_MAX OVS_KEY_ATTR_IPV6_EXTHDRS

/* Payload lengths in bytes. */
#define LEN_UNKNOWN -1 /* not part of the language */
#define LEN_NEST -2
#define LEN_TUNNEL -3 /* nest of OVS_TUNNEL_KEY_ATTR_*, in masks only */

static const __s16 attr_len[KEY_ATTR_MAX + 1] = {
	[OVS_KEY_ATTR_UNSPEC] = 0,
	[OVS_KEY_ATTR_ENCAP] = LEN_NEST,
	[OVS_KEY_ATTR_PRIORITY] = 4,
	[OVS_KEY_ATTR_IN_PORT] = 4,
	[OVS_KEY_ATTR_ETHERNET] = sizeof(struct ovs_key_ethernet),
	[OVS_KEY_ATTR_VLAN] = 2,
	[OVS_KEY_ATTR_ETHERTYPE] = 2,
	[OVS_KEY_ATTR_IPV4] = sizeof(struct ovs_key_ipv4),
	[OVS_KEY_ATTR_IPV6] = sizeof(struct ovs_key_ipv6),
	[OVS_KEY_ATTR_TCP] = sizeof(struct ovs_key_tcp),
	[OVS_KEY_ATTR_UDP] = sizeof(struct ovs_key_udp),
	[OVS_KEY_ATTR_ICMP] = sizeof(struct ovs_key_icmp),
	[OVS_KEY_ATTR_ICMPV6] = sizeof(struct ovs_key_icmpv6),
	[OVS_KEY_ATTR_ARP] = sizeof(struct ovs_key_arp),
	[OVS_KEY_ATTR_ND] = sizeof(struct ovs_key_nd),
	[OVS_KEY_ATTR_SKB_MARK] = 4,
	[OVS_KEY_ATTR_TUNNEL] = LEN_TUNNEL,
	[OVS_KEY_ATTR_SCTP] = sizeof(struct ovs_key_sctp),
	[OVS_KEY_ATTR_TCP_FLAGS] = 2,
	[OVS_KEY_ATTR_DP_HASH] = 4,
	[OVS_KEY_ATTR_RECIRC_ID] = 4,
	[OVS_KEY_ATTR_MPLS] = LEN_UNKNOWN,
	[OVS_KEY_ATTR_CT_STATE] = 4,
	[OVS_KEY_ATTR_CT_ZONE] = 2,
	[OVS_KEY_ATTR_CT_MARK] = 4,
	[OVS_KEY_ATTR_CT_LABELS] = sizeof(struct ovs_key_ct_labels),
	[OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4] = LEN_UNKNOWN,
	[OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6] = LEN_UNKNOWN,
	[OVS_KEY_ATTR_NSH] = LEN_UNKNOWN,
	/* 29 to 31: packet type, ND extensions, the kernel's tunnel info */
	[29] = LEN_UNKNOWN,
	[30] = LEN_UNKNOWN,
	[31] = LEN_UNKNOWN,
	[OVS_KEY_ATTR_IPV6_EXTHDRS] = sizeof(struct ovs_key_ipv6_exthdrs),
};

static const __u8 all_ones[40] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

static_assert(sizeof(all_ones) >= sizeof(struct ovs_key_ipv6), "largest key");

/* What a nest of attributes is read as. */
enum reading {
	READ_KEY,
	READ_MASK,
	READ_EXACT, /* a key's attributes, read as an all-ones mask */
};

/* The attributes of one nest; present has bit i for a[i]. */
struct attr_set {
	const struct nlattr *a[KEY_ATTR_MAX + 1];
	__u64 present;
	enum reading reading;
	struct ovsnl_err *err;
};

static bool is_mask(const struct attr_set *s)
{
	return s->reading != READ_KEY;
}

static int refuse(const struct attr_set *s, const char *msg, int type)
{
	return ovsnl_err_set(s->err, -EINVAL, msg, s->a[type]);
}

static bool all_zero(const struct nlattr *a)
{
	const __u8 *p = ovsnl_attr_data(a);
	int i;

	for (i = 0; i < ovsnl_attr_len(a); i++)
		if (p[i])
			return false;
	return true;
}

/* Attributes that say nothing: in masks those without any bit. */
static bool counts_as_absent(const struct attr_set *s, const struct nlattr *a)
{
	if (s->reading == READ_MASK)
		return all_zero(a);
	return s->reading == READ_EXACT && !ovsnl_attr_len(a);
}

static int scan_one(struct attr_set *s, const struct nlattr *a)
{
	int type = ovsnl_attr_type(a);

	if (type > KEY_ATTR_MAX)
		return ovsnl_err_set(s->err, -EINVAL,
				     "key attribute type out of range", a);
	if (attr_len[type] == LEN_UNKNOWN ||
	    (attr_len[type] == LEN_TUNNEL && s->reading == READ_KEY))
		return ovsnl_err_set(s->err, -EINVAL,
				     "key attribute type is not supported", a);
	if (s->present & (1ULL << type))
		return ovsnl_err_set(s->err, -EINVAL, "duplicate key attribute",
				     a);
	if (attr_len[type] >= 0 && attr_len[type] != ovsnl_attr_len(a))
		return ovsnl_err_set(s->err, -EINVAL,
				     "key attribute has a wrong length", a);
	if (counts_as_absent(s, a))
		return 0;
	s->present |= 1ULL << type;
	s->a[type] = a;
	return 0;
}

static int scan(struct attr_set *s, const struct nlattr *nest)
{
	const struct nlattr *a;
	int rem, err;

	ovsnl_attr_for_each_nested(a, nest, rem) {
		err = scan_one(s, a);
		if (err)
			return err;
	}
	/* Below zero: the last attribute lacks its padding. */
	if (rem)
		return ovsnl_err_set(s->err, -EINVAL,
				     "key has bytes that are no attribute",
				     nest);
	return 0;
}

/* The attribute's payload under this reading, or NULL when it is absent; it
 * is then taken off the set.
 */
static const void *take(struct attr_set *s, int type)
{
	if (!(s->present & (1ULL << type)))
		return NULL;
	s->present &= ~(1ULL << type);
	if (s->reading == READ_EXACT)
		return all_ones;
	return ovsnl_attr_data(s->a[type]);
}

static bool take_u32(struct attr_set *s, int type, __u32 *v)
{
	const void *p = take(s, type);

	if (p)
		memcpy(v, p, sizeof(*v));
	return p;
}

static bool take_u16(struct attr_set *s, int type, __u16 *v)
{
	const void *p = take(s, type);

	if (p)
		memcpy(v, p, sizeof(*v));
	return p;
}

/* What a mask lacks is looked up in the key that was read before it, as the
 * kernel's module does: a mask with ENCAP but without VLAN matches the bits
 * that the key's TCI has.
 */
static __be16 peek_be16(const struct attr_set *s, int type)
{
	if (!s->a[type])
		return 0;
	return s->reading == READ_EXACT ? htons(0xffff)
					: ovsnl_attr_be16(s->a[type]);
}

static bool is_vlan_type(__be16 type)
{
	return type == htons(ETH_P_8021Q) || type == htons(ETH_P_8021AD);
}

/* Does the set describe a tagged frame? 1 yes, 0 no, negative errno. */
static int check_vlan_key(const struct attr_set *s)
{
	const __u64 head = BIT_OF(ETHERNET) | BIT_OF(ETHERTYPE);
	const __u64 tag = BIT_OF(VLAN) | BIT_OF(ENCAP);
	__be16 tci;

	if ((s->present & head) != head ||
	    !is_vlan_type(peek_be16(s, OVS_KEY_ATTR_ETHERTYPE)))
		return 0;
	if ((s->present & tag) != tag)
		return refuse(s, "VLAN frame without VLAN or ENCAP attribute",
			      OVS_KEY_ATTR_ETHERTYPE);
	tci = peek_be16(s, OVS_KEY_ATTR_VLAN);
	if (tci & htons(OVSNL_VLAN_PRESENT))
		return 1;
	if (tci)
		return refuse(s, "VLAN TCI does not have the CFI bit set",
			      OVS_KEY_ATTR_VLAN);
	if (ovsnl_attr_len(s->a[OVS_KEY_ATTR_ENCAP]))
		return refuse(s, "truncated VLAN header with encapsulated key",
			      OVS_KEY_ATTR_ENCAP);
	return 1;
}

static int check_vlan_mask(const struct attr_set *s, __be16 key_tci)
{
	if (!(s->present & BIT_OF(ENCAP)))
		return 0;
	if (!(key_tci & htons(OVSNL_VLAN_PRESENT)))
		return refuse(s, "ENCAP mask for a frame that has no such tag",
			      OVS_KEY_ATTR_ENCAP);
	if (peek_be16(s, OVS_KEY_ATTR_ETHERTYPE) != htons(0xffff))
		return refuse(s, "VLAN TPID must be matched exactly",
			      OVS_KEY_ATTR_ETHERTYPE);
	if (!(peek_be16(s, OVS_KEY_ATTR_VLAN) & htons(OVSNL_VLAN_PRESENT)))
		return refuse(s, "VLAN mask must match the CFI bit",
			      OVS_KEY_ATTR_VLAN);
	return 1;
}

/* Takes one tag off the set and scans what is inside. 1 a tag was there. */
static int peel_vlan(struct attr_set *s, __be16 key_tci, __be16 *tci,
		     __be16 *tpid)
{
	const struct nlattr *encap;
	int found, err;

	found = is_mask(s) ? check_vlan_mask(s, key_tci) : check_vlan_key(s);
	if (found <= 0)
		return found;
	*tci = peek_be16(s, OVS_KEY_ATTR_VLAN);
	*tpid = peek_be16(s, OVS_KEY_ATTR_ETHERTYPE);
	s->present &= ~(BIT_OF(ENCAP) | BIT_OF(VLAN) | BIT_OF(ETHERTYPE));
	encap = s->a[OVS_KEY_ATTR_ENCAP];
	err = scan(s, encap);
	return err ? err : 1;
}

static int set_vlans(struct attr_set *s, const struct ovsnl_key *key,
		     struct ovsnl_key *out)
{
	int err;

	err = peel_vlan(s, key->vlan_tci, &out->vlan_tci, &out->vlan_tpid);
	if (err < 0)
		return err;
	if (!(key->vlan_tci & htons(OVSNL_VLAN_PRESENT)))
		return 0;
	err = peel_vlan(s, key->cvlan_tci, &out->cvlan_tci, &out->cvlan_tpid);
	return err < 0 ? err : 0;
}

static int set_in_port(struct attr_set *s, struct ovsnl_key *out)
{
	__u32 port;

	if (!take_u32(s, OVS_KEY_ATTR_IN_PORT, &port)) {
		if (!is_mask(s))
			out->in_port = OVSNL_MAX_PORTS;
		return 0;
	}
	if (is_mask(s))
		port = 0xffff;
	else if (port >= OVSNL_MAX_PORTS)
		return refuse(s, "input port number out of range",
			      OVS_KEY_ATTR_IN_PORT);
	out->in_port = port;
	return 0;
}

/* Dumped masks have a tunnel in which nothing but a zero TTL stands, and come
 * back like that from clients. It masks nothing, since no key has a tunnel.
 */
static int check_tunnel_mask(struct attr_set *s)
{
	const struct nlattr *a, *nest = s->a[OVS_KEY_ATTR_TUNNEL];
	int rem;

	if (!take(s, OVS_KEY_ATTR_TUNNEL))
		return 0;
	ovsnl_attr_for_each_nested(a, nest, rem) {
		if (ovsnl_attr_type(a) != OVS_TUNNEL_KEY_ATTR_TTL ||
		    ovsnl_attr_len(a) != 1 || !all_zero(a))
			return ovsnl_err_set(s->err, -EINVAL,
					     "tunnel masks are not supported",
					     a);
	}
	if (rem > 0)
		return refuse(s, "tunnel has bytes that are no attribute",
			      OVS_KEY_ATTR_TUNNEL);
	return 0;
}

static int set_ct(struct attr_set *s, struct ovsnl_key *out)
{
	const void *label;
	__u32 state;

	if (take_u32(s, OVS_KEY_ATTR_CT_STATE, &state)) {
		if (s->reading == READ_EXACT)
			state = OVSNL_CT_STATE_BITS;
		if (state & ~OVSNL_CT_STATE_BITS)
			return refuse(s, "unsupported ct_state flags",
				      OVS_KEY_ATTR_CT_STATE);
		out->ct_state = state;
	}
	take_u16(s, OVS_KEY_ATTR_CT_ZONE, &out->ct_zone);
	take_u32(s, OVS_KEY_ATTR_CT_MARK, &out->ct_mark);
	label = take(s, OVS_KEY_ATTR_CT_LABELS);
	if (label)
		memcpy(out->ct_label, label, sizeof(out->ct_label));
	return 0;
}

static int set_eth_type(struct attr_set *s, struct ovsnl_key *out)
{
	__be16 type = 0;

	take_u16(s, OVS_KEY_ATTR_ETHERTYPE, (__u16 *)&type);
	if (is_mask(s))
		type = htons(0xffff);
	else if (ntohs(type) < ETHERTYPE_MIN)
		return refuse(s, "EtherType is less than 0x600",
			      OVS_KEY_ATTR_ETHERTYPE);
	out->eth_type = type;
	return 0;
}

static int set_metadata(struct attr_set *s, struct ovsnl_key *out)
{
	bool l3 = !(s->present & BIT_OF(ETHERNET)) &&
		  (s->present & BIT_OF(ETHERTYPE));
	int err;

	take_u32(s, OVS_KEY_ATTR_DP_HASH, &out->dp_hash);
	take_u32(s, OVS_KEY_ATTR_RECIRC_ID, &out->recirc_id);
	take_u32(s, OVS_KEY_ATTR_PRIORITY, &out->priority);
	err = set_in_port(s, out);
	if (err)
		return err;
	take_u32(s, OVS_KEY_ATTR_SKB_MARK, &out->skb_mark);
	err = check_tunnel_mask(s);
	if (err)
		return err;
	err = set_ct(s, out);
	if (err)
		return err;
	if (is_mask(s))
		out->mac_proto = 0xff;
	else
		out->mac_proto = l3 ? OVSNL_MAC_NONE : OVSNL_MAC_ETHERNET;
	return l3 ? set_eth_type(s, out) : 0;
}

static int set_ethernet(struct attr_set *s, const struct ovsnl_key *key,
			struct ovsnl_key *out)
{
	struct ovs_key_ethernet eth;
	const void *p = take(s, OVS_KEY_ATTR_ETHERNET);

	if (!p) {
		if (key->eth_type)
			return 0;
		return ovsnl_err_set(s->err, -EINVAL,
				     "neither Ethernet header nor EtherType",
				     NULL);
	}
	memcpy(&eth, p, sizeof(eth));
	memcpy(out->eth_src, eth.eth_src, ETH_ALEN);
	memcpy(out->eth_dst, eth.eth_dst, ETH_ALEN);
	if (s->present & BIT_OF(VLAN))
		return refuse(s, "unexpected VLAN attribute",
			      OVS_KEY_ATTR_VLAN);
	if (s->present & BIT_OF(ETHERTYPE))
		return set_eth_type(s, out);
	if (!is_mask(s))
		out->eth_type = htons(ETH_P_802_2);
	return 0;
}

static int set_ipv4(struct attr_set *s, struct ovsnl_key *out)
{
	struct ovs_key_ipv4 ip;
	const void *p = take(s, OVS_KEY_ATTR_IPV4);

	if (!p)
		return 0;
	memcpy(&ip, p, sizeof(ip));
	if (!is_mask(s) && ip.ipv4_frag > OVS_FRAG_TYPE_MAX)
		return refuse(s, "IPv4 fragment type out of range",
			      OVS_KEY_ATTR_IPV4);
	out->ip_proto = ip.ipv4_proto;
	out->ip_tos = ip.ipv4_tos;
	out->ip_ttl = ip.ipv4_ttl;
	out->ip_frag = ip.ipv4_frag;
	out->ip_src = ip.ipv4_src;
	out->ip_dst = ip.ipv4_dst;
	return 0;
}

static int check_ipv6(const struct attr_set *s, const struct ovs_key_ipv6 *ip)
{
	if (ip->ipv6_frag > OVS_FRAG_TYPE_MAX)
		return refuse(s, "IPv6 fragment type out of range",
			      OVS_KEY_ATTR_IPV6);
	if (ip->ipv6_label & htonl(0xfff00000))
		return refuse(s, "IPv6 flow label out of range",
			      OVS_KEY_ATTR_IPV6);
	return 0;
}

static int set_ipv6(struct attr_set *s, struct ovsnl_key *out)
{
	struct ovs_key_ipv6 ip;
	const void *p = take(s, OVS_KEY_ATTR_IPV6);
	int err;

	if (p) {
		memcpy(&ip, p, sizeof(ip));
		err = is_mask(s) ? 0 : check_ipv6(s, &ip);
		if (err)
			return err;
		out->ipv6_label = ip.ipv6_label;
		out->ip_proto = ip.ipv6_proto;
		out->ip_tos = ip.ipv6_tclass;
		out->ip_ttl = ip.ipv6_hlimit;
		out->ip_frag = ip.ipv6_frag;
		memcpy(out->ipv6_src, ip.ipv6_src, sizeof(out->ipv6_src));
		memcpy(out->ipv6_dst, ip.ipv6_dst, sizeof(out->ipv6_dst));
	}
	take_u16(s, OVS_KEY_ATTR_IPV6_EXTHDRS, &out->ipv6_exthdrs);
	return 0;
}

static int set_arp(struct attr_set *s, struct ovsnl_key *out)
{
	struct ovs_key_arp arp;
	const void *p = take(s, OVS_KEY_ATTR_ARP);

	if (!p)
		return 0;
	memcpy(&arp, p, sizeof(arp));
	if (!is_mask(s) && (arp.arp_op & htons(0xff00)))
		return refuse(s, "unknown ARP opcode", OVS_KEY_ATTR_ARP);
	out->ip_src = arp.arp_sip;
	out->ip_dst = arp.arp_tip;
	out->ip_proto = ntohs(arp.arp_op) & 0xff;
	memcpy(out->hw_src, arp.arp_sha, ETH_ALEN);
	memcpy(out->hw_dst, arp.arp_tha, ETH_ALEN);
	return 0;
}

/* TCP, UDP and SCTP: two 16-bit ports in network order. */
static void set_ports(struct attr_set *s, int type, struct ovsnl_key *out)
{
	const __u8 *p = take(s, type);

	if (!p)
		return;
	memcpy(&out->tp_src, p, sizeof(out->tp_src));
	memcpy(&out->tp_dst, p + sizeof(out->tp_src), sizeof(out->tp_dst));
}

/* ICMP and ICMPv6: two bytes, kept as 16-bit numbers. */
static void set_icmp(struct attr_set *s, int type, struct ovsnl_key *out)
{
	const __u8 *p = take(s, type);

	if (!p)
		return;
	out->tp_src = htons(p[0]);
	out->tp_dst = htons(p[1]);
}

static void set_nd(struct attr_set *s, struct ovsnl_key *out)
{
	struct ovs_key_nd nd;
	const void *p = take(s, OVS_KEY_ATTR_ND);

	if (!p)
		return;
	memcpy(&nd, p, sizeof(nd));
	memcpy(out->nd_target, nd.nd_target, sizeof(out->nd_target));
	memcpy(out->hw_src, nd.nd_sll, ETH_ALEN);
	memcpy(out->hw_dst, nd.nd_tll, ETH_ALEN);
}

static void set_transport(struct attr_set *s, struct ovsnl_key *out)
{
	set_ports(s, OVS_KEY_ATTR_TCP, out);
	take_u16(s, OVS_KEY_ATTR_TCP_FLAGS, (__u16 *)&out->tcp_flags);
	set_ports(s, OVS_KEY_ATTR_UDP, out);
	set_ports(s, OVS_KEY_ATTR_SCTP, out);
	set_icmp(s, OVS_KEY_ATTR_ICMP, out);
	set_icmp(s, OVS_KEY_ATTR_ICMPV6, out);
	set_nd(s, out);
}

/* All that follows the VLAN tags. @key is the key also while a mask is read. */
static int set_fields(struct attr_set *s, const struct ovsnl_key *key,
		      struct ovsnl_key *out)
{
	int err;

	err = set_metadata(s, out);
	if (!err)
		err = set_ethernet(s, key, out);
	if (!err)
		err = set_ipv4(s, out);
	if (!err)
		err = set_ipv6(s, out);
	if (!err)
		err = set_arp(s, out);
	if (err)
		return err;
	set_transport(s, out);
	if (s->present)
		return ovsnl_err_set(s->err, -EINVAL, "unknown key attributes",
				     NULL);
	return 0;
}

/* Attributes that a key must have because of its protocol numbers, and that
 * its mask may have once the numbers themselves are matched exactly.
 */
struct coupling {
	__u64 required;
	__u64 maskable;
};

static void couple(struct coupling *c, __u64 attrs, bool exact)
{
	c->required |= attrs;
	if (exact)
		c->maskable |= attrs;
}

static bool is_nd(const struct ovsnl_key *key)
{
	return key->tp_src == htons(ND_SOLICITATION) ||
	       key->tp_src == htons(ND_ADVERTISEMENT);
}

static void couple_icmpv6(struct coupling *c, const struct ovsnl_match *match,
			  bool exact)
{
	couple(c, BIT_OF(ICMPV6), exact);
	if (is_nd(&match->key))
		couple(c, BIT_OF(ND), match->mask.tp_src == htons(0xff));
}

static void couple_transport(struct coupling *c,
			     const struct ovsnl_match *match, bool ipv6)
{
	bool exact = match->mask.ip_proto == 0xff;

	if (match->key.ip_frag == OVS_FRAG_TYPE_LATER)
		return;
	switch (match->key.ip_proto) {
	case IPPROTO_TCP:
		couple(c, BIT_OF(TCP) | BIT_OF(TCP_FLAGS), exact);
		break;
	case IPPROTO_UDP:
		couple(c, BIT_OF(UDP), exact);
		break;
	case IPPROTO_SCTP:
		couple(c, BIT_OF(SCTP), exact);
		break;
	case IPPROTO_ICMP:
		if (!ipv6)
			couple(c, BIT_OF(ICMP), exact);
		break;
	case IPPROTO_ICMPV6:
		if (ipv6)
			couple_icmpv6(c, match, exact);
		break;
	}
}

static void couple_network(struct coupling *c, const struct ovsnl_match *match)
{
	bool exact = match->mask.eth_type == htons(0xffff);

	switch (ntohs(match->key.eth_type)) {
	case ETH_P_ARP:
	case ETH_P_RARP:
		couple(c, BIT_OF(ARP), exact);
		break;
	case ETH_P_IP:
		couple(c, BIT_OF(IPV4), exact);
		couple_transport(c, match, false);
		break;
	case ETH_P_IPV6:
		couple(c, BIT_OF(IPV6), exact);
		couple_transport(c, match, true);
		break;
	case ETH_P_MPLS_UC:
	case ETH_P_MPLS_MC:
		couple(c, BIT_OF(MPLS), exact);
		break;
	case ETH_P_NSH:
		couple(c, BIT_OF(NSH), exact);
		break;
	}
}

/* Protocol attributes: maskable only where coupled. */
#define COUPLED_ATTRS                                                    \
	(BIT_OF(IPV4) | BIT_OF(IPV6) | BIT_OF(TCP) | BIT_OF(TCP_FLAGS) | \
	 BIT_OF(UDP) | BIT_OF(SCTP) | BIT_OF(ICMP) | BIT_OF(ICMPV6) |    \
	 BIT_OF(ARP) | BIT_OF(ND) | BIT_OF(MPLS) | BIT_OF(NSH))

/* Attributes that a mask may have even where the key lacks them. */
#define ALWAYS_MASKABLE (BIT_OF(TUNNEL) | BIT_OF(IN_PORT) | BIT_OF(ETHERTYPE))

static int check_coupling(const struct ovsnl_match *match, __u64 key_attrs,
			  __u64 mask_attrs, struct ovsnl_err *err)
{
	struct coupling c = { 0, 0 };

	c.maskable = (key_attrs & ~COUPLED_ATTRS) | ALWAYS_MASKABLE;
	couple_network(&c, match);
	if ((key_attrs & c.required) != c.required)
		return ovsnl_err_set(
			err, -EINVAL,
			"key lacks an attribute that its protocols require",
			NULL);
	if ((mask_attrs & c.maskable) != mask_attrs)
		return ovsnl_err_set(
			err, -EINVAL,
			"mask has an attribute that its key does not allow",
			NULL);
	return 0;
}

/* Reads one nest into @out. *@attrs: what it held behind the VLAN tags. */
static int read_nest(struct attr_set *s, const struct nlattr *nest,
		     const struct ovsnl_key *key, struct ovsnl_key *out,
		     __u64 *attrs)
{
	int err;

	s->present = 0;
	err = scan(s, nest);
	if (!err)
		err = set_vlans(s, key, out);
	if (err)
		return err;
	*attrs = s->present;
	return set_fields(s, key, out);
}

int ovsnl_key_match_parse(struct ovsnl_match *match, const struct nlattr *key,
			  const struct nlattr *mask, bool want_mask,
			  struct ovsnl_err *err)
{
	__u64 key_attrs = 0, mask_attrs = 0;
	struct attr_set s;
	int code;

	memset(match, 0, sizeof(*match));
	memset(s.a, 0, sizeof(s.a));
	s.err = err;
	s.reading = READ_KEY;
	code = read_nest(&s, key, &match->key, &match->key, &key_attrs);
	if (code)
		return code;
	if (want_mask) {
		s.reading = mask ? READ_MASK : READ_EXACT;
		match->mask.vlan_tci = htons(0xffff);
		match->mask.cvlan_tci = htons(0xffff);
		code = read_nest(&s, mask ? mask : key, &match->key,
				 &match->mask, &mask_attrs);
		if (code)
			return code;
	}
	return check_coupling(match, key_attrs, mask_attrs, err);
}

int ovsnl_key_metadata_parse(struct ovsnl_key *key, const struct nlattr *attr,
			     struct ovsnl_err *err)
{
	struct attr_set s;
	int code;

	memset(key, 0, sizeof(*key));
	memset(s.a, 0, sizeof(s.a));
	s.present = 0;
	s.reading = READ_KEY;
	s.err = err;
	code = scan(&s, attr);
	return code ? code : set_metadata(&s, key);
}
