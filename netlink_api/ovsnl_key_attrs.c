// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Attributes of a key as a set.
 *
 * Overview: a nest is scanned once; a table says how long the payload of each
 * type is. What is in nested attributes is for those to check who read them.
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * structs.
 */
#include "ovsnl_key_attrs.h"

/* Payload lengths in bytes. */
#define LEN_UNKNOWN -1 /* not part of the language */
#define LEN_ANY -2

static const __s16 attr_len[OVSNL_KEY_ATTR_MAX + 1] = {
	[OVS_KEY_ATTR_UNSPEC] = 0,
	[OVS_KEY_ATTR_ENCAP] = LEN_ANY,
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
	[OVS_KEY_ATTR_TUNNEL] = LEN_ANY,
	[OVS_KEY_ATTR_SCTP] = sizeof(struct ovs_key_sctp),
	[OVS_KEY_ATTR_TCP_FLAGS] = 2,
	[OVS_KEY_ATTR_DP_HASH] = 4,
	[OVS_KEY_ATTR_RECIRC_ID] = 4,
	[OVS_KEY_ATTR_MPLS] = LEN_ANY,
	[OVS_KEY_ATTR_CT_STATE] = 4,
	[OVS_KEY_ATTR_CT_ZONE] = 2,
	[OVS_KEY_ATTR_CT_MARK] = 4,
	[OVS_KEY_ATTR_CT_LABELS] = sizeof(struct ovs_key_ct_labels),
	[OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4] =
		sizeof(struct ovs_key_ct_tuple_ipv4),
	[OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6] =
		sizeof(struct ovs_key_ct_tuple_ipv6),
	[OVS_KEY_ATTR_NSH] = LEN_ANY,
	/* 29 to 31: packet type, ND extensions, the kernel's tunnel info */
	[29] = LEN_UNKNOWN,
	[30] = LEN_UNKNOWN,
	[31] = LEN_UNKNOWN,
	[OVS_KEY_ATTR_IPV6_EXTHDRS] = sizeof(struct ovs_key_ipv6_exthdrs),
};

const __u8 ovsnl_key_ones[40] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

static_assert(sizeof(ovsnl_key_ones) >= sizeof(struct ovs_key_ipv6) &&
		      sizeof(ovsnl_key_ones) >=
			      sizeof(struct ovs_key_ct_tuple_ipv6),
	      "largest keys");

static bool all_zero(const struct nlattr *a)
{
	const __u8 *p = ovsnl_attr_data(a);
	int len = ovsnl_attr_len(a);
	__u64 word;

	for (; len >= (int)sizeof(word); len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		if (word)
			return false;
		p += sizeof(word);
	}
	while (len-- > 0)
		if (*p++)
			return false;
	return true;
}

/* Attributes that say nothing: in masks those without any bit. */
static bool counts_as_absent(const struct ovsnl_key_attrs *s,
			     const struct nlattr *a)
{
	if (s->reading == OVSNL_READ_MASK)
		return all_zero(a);
	return s->reading == OVSNL_READ_EXACT && !ovsnl_attr_len(a);
}

static int scan_one(struct ovsnl_key_attrs *s, const struct nlattr *a)
{
	int type = ovsnl_attr_type(a);

	if (type > OVSNL_KEY_ATTR_MAX)
		return ovsnl_err_set(s->err, -EINVAL,
				     "key attribute type out of range", a);
	if (attr_len[type] == LEN_UNKNOWN)
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

int ovsnl_key_attrs_scan(struct ovsnl_key_attrs *s, const struct nlattr *nest)
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
