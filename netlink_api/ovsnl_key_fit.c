// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Do a key and its mask fit each other?
 *
 * Overview: a protocol's attribute is required with its EtherType or protocol
 * number, and may be masked only where these are matched exactly.
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * structs.
 */
#include "ovsnl_key_attrs.h"

/* Attributes that a key must have because of its protocol numbers, and that
 * its mask may have once the numbers themselves are matched exactly.
 */
struct coupling {
	__u64 required;
	__u64 maskable;
};

static void allow(struct coupling *c, __u64 attrs, bool exact)
{
	if (exact)
		c->maskable |= attrs;
}

static void couple(struct coupling *c, __u64 attrs, bool exact)
{
	c->required |= attrs;
	allow(c, attrs, exact);
}

static void couple_icmpv6(struct coupling *c, const struct ovsnl_match *match,
			  bool exact)
{
	couple(c, OVSNL_KEY_BIT(ICMPV6), exact);
	if (!ovsnl_key_is_nd_type(match->key.tp_src))
		return;
	couple(c, OVSNL_KEY_BIT(ND), match->mask.tp_src == htons(0xff));
	/* the kernel's module has both in one place */
	c->maskable &= ~OVSNL_KEY_BIT(CT_ORIG_TUPLE_IPV6);
}

static void couple_transport(struct coupling *c,
			     const struct ovsnl_match *match, bool ipv6)
{
	bool exact = match->mask.ip_proto == 0xff;

	if (match->key.ip_frag == OVS_FRAG_TYPE_LATER)
		return;
	switch (match->key.ip_proto) {
	case IPPROTO_TCP:
		couple(c, OVSNL_KEY_BIT(TCP) | OVSNL_KEY_BIT(TCP_FLAGS), exact);
		break;
	case IPPROTO_UDP:
		couple(c, OVSNL_KEY_BIT(UDP), exact);
		break;
	case IPPROTO_SCTP:
		couple(c, OVSNL_KEY_BIT(SCTP), exact);
		break;
	case IPPROTO_ICMP:
		if (!ipv6)
			couple(c, OVSNL_KEY_BIT(ICMP), exact);
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
		couple(c, OVSNL_KEY_BIT(ARP), exact);
		break;
	case ETH_P_IP:
		couple(c, OVSNL_KEY_BIT(IPV4), exact);
		allow(c, OVSNL_KEY_BIT(CT_ORIG_TUPLE_IPV4), exact);
		couple_transport(c, match, false);
		break;
	case ETH_P_IPV6:
		couple(c, OVSNL_KEY_BIT(IPV6), exact);
		allow(c, OVSNL_KEY_BIT(CT_ORIG_TUPLE_IPV6), exact);
		couple_transport(c, match, true);
		break;
	case ETH_P_MPLS_UC:
	case ETH_P_MPLS_MC:
		couple(c, OVSNL_KEY_BIT(MPLS), exact);
		break;
	case ETH_P_NSH:
		couple(c, OVSNL_KEY_BIT(NSH), exact);
		break;
	}
}

/* Protocol attributes: maskable only where coupled. */
#define COUPLED_ATTRS                                                          \
	(OVSNL_KEY_BIT(IPV4) | OVSNL_KEY_BIT(IPV6) | OVSNL_KEY_BIT(TCP) |      \
	 OVSNL_KEY_BIT(TCP_FLAGS) | OVSNL_KEY_BIT(UDP) | OVSNL_KEY_BIT(SCTP) | \
	 OVSNL_KEY_BIT(ICMP) | OVSNL_KEY_BIT(ICMPV6) | OVSNL_KEY_BIT(ARP) |    \
	 OVSNL_KEY_BIT(ND) | OVSNL_KEY_BIT(MPLS) | OVSNL_KEY_BIT(NSH) |        \
	 OVSNL_KEY_BIT(CT_ORIG_TUPLE_IPV4) |                                   \
	 OVSNL_KEY_BIT(CT_ORIG_TUPLE_IPV6))

/* Attributes that a mask may have even where the key lacks them. */
#define ALWAYS_MASKABLE                                   \
	(OVSNL_KEY_BIT(TUNNEL) | OVSNL_KEY_BIT(IN_PORT) | \
	 OVSNL_KEY_BIT(ETHERTYPE))

int ovsnl_key_check_fit(const struct ovsnl_match *match, __u64 key_attrs,
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
