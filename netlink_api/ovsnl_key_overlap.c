// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Keys with attributes of several network protocols.
 *
 * Overview: a key may hold attributes that nothing in it asks for, as long as
 * the mask lacks them: IPv6 addresses in a key of IPv4. The kernel's module
 * keeps the headers of all network protocols in one place, so that the last
 * that is read overwrites those before, in part. Dumps show it. This file
 * plays that through for the few keys that are like that: each attribute is
 * laid down where it would lie there, in the order of that module, and the
 * fields that the key's EtherType has are read back.
 *
 * Masks need none of this: the attributes of one network protocol are all they
 * may have.
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * structs.
 */
#include "ovsnl_key_attrs.h"

/* Bytes of the place that all share, and where things lie in it. */
#define AREA_LEN 72
#define AT_V4_ADDRESSES 0 /* source, destination */
#define AT_V4_ORIG 8 /* source, destination of the original tuple */
#define AT_ARP_HARDWARE 8 /* sender, target */
#define AT_V6 0 /* source, destination, label */
#define AT_V6_EXTHDRS 36
#define AT_V6_ORIG 40
#define AT_V6_ND 40 /* target, source and target link-layer address */
#define AT_NSH_BASE 0
#define AT_NSH_CONTEXT 8
#define AT_MPLS_COUNT 0 /* bitmap of 32 bits */
#define AT_MPLS_LSE 4

struct span {
	__u8 attr;
	__u8 from; /* offset in the attribute */
	__u8 len;
	__u8 at; /* offset in the area */
};

/* In the order in which they are read; NSH and MPLS are not that simple. */
static const struct span before_nsh[] = {
	{ OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4, 0, 8, AT_V4_ORIG },
	{ OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6, 0, 32, AT_V6_ORIG },
	{ OVS_KEY_ATTR_IPV4, 0, 8, AT_V4_ADDRESSES },
	{ OVS_KEY_ATTR_IPV6, 0, 36, AT_V6 },
	{ OVS_KEY_ATTR_IPV6_EXTHDRS, 0, 2, AT_V6_EXTHDRS },
	{ OVS_KEY_ATTR_ARP, 0, 8, AT_V4_ADDRESSES },
	{ OVS_KEY_ATTR_ARP, 10, 12, AT_ARP_HARDWARE },
};
static const struct span nd = { OVS_KEY_ATTR_ND, 0, 28, AT_V6_ND };

/* Attributes of which a key should have those of one line only. */
static const __u64 families[] = {
	OVSNL_KEY_BIT(IPV4) | OVSNL_KEY_BIT(CT_ORIG_TUPLE_IPV4),
	OVSNL_KEY_BIT(ARP),
	OVSNL_KEY_BIT(IPV6) | OVSNL_KEY_BIT(IPV6_EXTHDRS) | OVSNL_KEY_BIT(ND),
	OVSNL_KEY_BIT(CT_ORIG_TUPLE_IPV6),
	OVSNL_KEY_BIT(NSH),
	OVSNL_KEY_BIT(MPLS),
};

#define ANY_FAMILY                                                 \
	(OVSNL_KEY_BIT(IPV4) | OVSNL_KEY_BIT(CT_ORIG_TUPLE_IPV4) | \
	 OVSNL_KEY_BIT(ARP) | OVSNL_KEY_BIT(IPV6) |                \
	 OVSNL_KEY_BIT(IPV6_EXTHDRS) | OVSNL_KEY_BIT(ND) |         \
	 OVSNL_KEY_BIT(CT_ORIG_TUPLE_IPV6) | OVSNL_KEY_BIT(NSH) |  \
	 OVSNL_KEY_BIT(MPLS))

/* IPv6's tuple gets along with IPv6 as long as there is no ND. */
#define NOT_BESIDE_V6_ORIG \
	(~(OVSNL_KEY_BIT(IPV6) | OVSNL_KEY_BIT(IPV6_EXTHDRS)))

static bool overlaps(__u64 attrs)
{
	unsigned int i, found = 0;

	/* Mostly there is one of these, or none. */
	attrs &= ANY_FAMILY;
	if (likely(!(attrs & (attrs - 1))))
		return false;
	if (attrs & OVSNL_KEY_BIT(CT_ORIG_TUPLE_IPV6))
		attrs &= NOT_BESIDE_V6_ORIG;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		found += !!(attrs & families[i]);
	return found > 1;
}

static void lay(__u8 *area, const struct ovsnl_key_attrs *s, __u64 attrs,
		const struct span *span)
{
	if (attrs & (1ULL << span->attr))
		memcpy(area + span->at,
		       (const __u8 *)ovsnl_attr_data(s->a[span->attr]) +
			       span->from,
		       span->len);
}

static void lay_nsh(__u8 *area, const struct nlattr *nest)
{
	const struct nlattr *a;
	int rem;

	ovsnl_attr_for_each_nested(a, nest, rem)
		memcpy(area + (ovsnl_attr_type(a) == OVS_NSH_KEY_ATTR_BASE
				       ? AT_NSH_BASE
				       : AT_NSH_CONTEXT),
		       ovsnl_attr_data(a), ovsnl_attr_len(a));
}

static void lay_mpls(__u8 *area, const struct nlattr *a, __u32 labels)
{
	memcpy(area + AT_MPLS_COUNT, &labels, sizeof(labels));
	memcpy(area + AT_MPLS_LSE, ovsnl_attr_data(a), ovsnl_attr_len(a));
}

static void read_ipv4(const __u8 *area, struct ovsnl_key *key)
{
	memcpy(&key->ip_src, area + AT_V4_ADDRESSES, 4);
	memcpy(&key->ip_dst, area + AT_V4_ADDRESSES + 4, 4);
	memset(key->ct_orig_src, 0, sizeof(key->ct_orig_src));
	memset(key->ct_orig_dst, 0, sizeof(key->ct_orig_dst));
	memcpy(key->ct_orig_src, area + AT_V4_ORIG, 4);
	memcpy(key->ct_orig_dst, area + AT_V4_ORIG + 4, 4);
}

static void read_arp(const __u8 *area, struct ovsnl_key *key)
{
	memcpy(&key->ip_src, area + AT_V4_ADDRESSES, 4);
	memcpy(&key->ip_dst, area + AT_V4_ADDRESSES + 4, 4);
	memcpy(key->hw_src, area + AT_ARP_HARDWARE, ETH_ALEN);
	memcpy(key->hw_dst, area + AT_ARP_HARDWARE + ETH_ALEN, ETH_ALEN);
}

static void read_ipv6(const __u8 *area, struct ovsnl_key *key)
{
	memcpy(key->ipv6_src, area + AT_V6, 16);
	memcpy(key->ipv6_dst, area + AT_V6 + 16, 16);
	memcpy(&key->ipv6_label, area + AT_V6 + 32, 4);
	memcpy(&key->ipv6_exthdrs, area + AT_V6_EXTHDRS, 2);
	memcpy(key->ct_orig_src, area + AT_V6_ORIG, 16);
	memcpy(key->ct_orig_dst, area + AT_V6_ORIG + 16, 16);
	memcpy(key->nd_target, area + AT_V6_ND, 16);
	memcpy(key->hw_src, area + AT_V6_ND + 16, ETH_ALEN);
	memcpy(key->hw_dst, area + AT_V6_ND + 22, ETH_ALEN);
}

static void read_nsh(const __u8 *area, struct ovsnl_key *key)
{
	memcpy((__u8 *)key + offsetof(struct ovsnl_key, nsh_flags),
	       area + AT_NSH_BASE, sizeof(struct ovs_nsh_key_base));
	memcpy(key->nsh_context, area + AT_NSH_CONTEXT,
	       sizeof(key->nsh_context));
}

static void play(const struct ovsnl_key_attrs *s, __u64 attrs,
		 struct ovsnl_key *key)
{
	__u8 area[AREA_LEN] = { 0 };
	unsigned int i;

	for (i = 0; i < sizeof(before_nsh) / sizeof(before_nsh[0]); i++)
		lay(area, s, attrs, &before_nsh[i]);
	if (attrs & OVSNL_KEY_BIT(NSH))
		lay_nsh(area, s->a[OVS_KEY_ATTR_NSH]);
	if (attrs & OVSNL_KEY_BIT(MPLS))
		lay_mpls(area, s->a[OVS_KEY_ATTR_MPLS], key->mpls_labels);
	lay(area, s, attrs, &nd);
	switch (ntohs(key->eth_type)) {
	case ETH_P_IP:
		read_ipv4(area, key);
		break;
	case ETH_P_ARP:
	case ETH_P_RARP:
		read_arp(area, key);
		break;
	case ETH_P_IPV6:
		read_ipv6(area, key);
		break;
	case ETH_P_NSH:
		read_nsh(area, key);
		break;
	}
}

void ovsnl_key_overlap(const struct ovsnl_key_attrs *s, __u64 attrs,
		       struct ovsnl_key *key)
{
	if (unlikely(overlaps(attrs)))
		play(s, attrs, key);
}
