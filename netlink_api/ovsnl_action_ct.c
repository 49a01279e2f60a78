// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The ct action: through connection tracking, with or without NAT.
 *
 * Overview: attributes are read in their order, which counts: NAT must follow
 * commit, and what comes later adds to or replaces what was before. Dumps show
 * all that was understood, in an order of their own, the zone always.
 *
 * Life cycle, Synchronisation, Lock order: see ovsnl_action.c.
 */
#include "ovsnl_compile.h"

#include <linux/netfilter/nf_nat.h>

/* Shortest and longest payload in bytes. */
struct lengths {
	__u32 min, max;
};

static const struct lengths ct_lengths[OVS_CT_ATTR_MAX + 1] = {
	[OVS_CT_ATTR_ZONE] = { sizeof(__u16), sizeof(__u16) },
	[OVS_CT_ATTR_MARK] = { 2 * sizeof(__u32), 2 * sizeof(__u32) },
	[OVS_CT_ATTR_LABELS] = { 2 * sizeof(struct ovs_key_ct_labels),
				 2 * sizeof(struct ovs_key_ct_labels) },
	[OVS_CT_ATTR_HELPER] = { 1, OVSNL_CT_HELPER_LEN },
	[OVS_CT_ATTR_NAT] = { 0, 0xffff },
	[OVS_CT_ATTR_EVENTMASK] = { sizeof(__u32), sizeof(__u32) },
	[OVS_CT_ATTR_TIMEOUT] = { 1, OVSNL_CT_TIMEOUT_LEN },
};

static bool is_family(const struct ovsnl_compile *c, __u16 type)
{
	return c->key->eth_type == htons(type);
}

static __u32 address_len(const struct ovsnl_compile *c)
{
	return is_family(c, ETH_P_IPV6) ? 16 : 4;
}

/* Payload of an attribute of NAT, in bytes. */
static __u32 nat_len(const struct ovsnl_compile *c, int type)
{
	switch (type) {
	case OVS_NAT_ATTR_IP_MIN:
	case OVS_NAT_ATTR_IP_MAX:
		return address_len(c);
	case OVS_NAT_ATTR_PROTO_MIN:
	case OVS_NAT_ATTR_PROTO_MAX:
		return sizeof(__u16);
	default:
		return 0;
	}
}

static void set_address(struct ovsnl_op_ct *op, const struct nlattr *a,
			__u8 *address)
{
	memset(address, 0, sizeof(op->nat_min_addr));
	memcpy(address, ovsnl_attr_data(a), ovsnl_attr_len(a));
	op->nat_flags |= NF_NAT_RANGE_MAP_IPS;
}

/* Which ends of ranges one NAT attribute named. */
struct ends {
	bool address, proto;
};

static int parse_nat_attr(struct ovsnl_compile *c, const struct nlattr *a,
			  struct ovsnl_op_ct *op, struct ends *max)
{
	int type = ovsnl_attr_type(a);

	if (!type || type > OVS_NAT_ATTR_MAX ||
	    ovsnl_attr_len(a) != (int)nat_len(c, type))
		return ovsnl_compile_refuse(
			c, a, "NAT attribute is unknown or of a wrong length");
	switch (type) {
	case OVS_NAT_ATTR_SRC:
	case OVS_NAT_ATTR_DST:
		if (op->flags & OVSNL_CT_NAT)
			return ovsnl_err_set(c->err, -ERANGE,
					     "NAT of source and destination",
					     a);
		op->flags |= OVSNL_CT_NAT |
			     (type == OVS_NAT_ATTR_SRC ? OVSNL_CT_NAT_SRC
						       : OVSNL_CT_NAT_DST);
		break;
	case OVS_NAT_ATTR_IP_MIN:
		set_address(op, a, op->nat_min_addr);
		break;
	case OVS_NAT_ATTR_IP_MAX:
		set_address(op, a, op->nat_max_addr);
		max->address = true;
		break;
	case OVS_NAT_ATTR_PROTO_MIN:
		op->nat_min_proto = ovsnl_attr_u16(a);
		op->nat_flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
		break;
	case OVS_NAT_ATTR_PROTO_MAX:
		op->nat_max_proto = ovsnl_attr_u16(a);
		op->nat_flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
		max->proto = true;
		break;
	case OVS_NAT_ATTR_PERSISTENT:
		op->nat_flags |= NF_NAT_RANGE_PERSISTENT;
		break;
	case OVS_NAT_ATTR_PROTO_HASH:
		op->nat_flags |= NF_NAT_RANGE_PROTO_RANDOM;
		break;
	default:
		op->nat_flags |= NF_NAT_RANGE_PROTO_RANDOM_FULLY;
		break;
	}
	return 0;
}

static int parse_nat(struct ovsnl_compile *c, const struct nlattr *nest,
		     struct ovsnl_op_ct *op)
{
	struct ends max = { false, false };
	const struct nlattr *a;
	int rem, err;

	ovsnl_attr_for_each_nested(a, nest, rem) {
		err = parse_nat_attr(c, a, op, &max);
		if (err)
			return err;
	}
	if (rem > 0)
		return ovsnl_compile_refuse(
			c, nest, "NAT has bytes that are no attribute");
	if (!(op->flags & OVSNL_CT_NAT) && op->nat_flags)
		return ovsnl_compile_refuse(
			c, nest, "NAT range without source or destination");
	if ((op->flags & OVSNL_CT_NAT) && !(op->flags & OVSNL_CT_COMMIT))
		return ovsnl_compile_refuse(c, nest,
					    "NAT range without commit");
	op->flags |= OVSNL_CT_NAT;
	if ((op->nat_flags & NF_NAT_RANGE_MAP_IPS) && !max.address)
		memcpy(op->nat_max_addr, op->nat_min_addr,
		       sizeof(op->nat_max_addr));
	if ((op->nat_flags & NF_NAT_RANGE_PROTO_SPECIFIED) && !max.proto)
		op->nat_max_proto = op->nat_min_proto;
	if (op->nat_flags & NF_NAT_RANGE_MAP_IPS)
		op->nat_family = is_family(c, ETH_P_IPV6) ? AF_INET6 : AF_INET;
	return 0;
}

static bool has_label_mask(const struct ovsnl_op_ct *op)
{
	const __u32 *m = op->labels.mask.ct_labels_32;

	return m[0] || m[1] || m[2] || m[3];
}

/* A string with its NUL into @to, which has room for the longest. */
static int parse_string(struct ovsnl_compile *c, const struct nlattr *a,
			char *to)
{
	__u32 len = ovsnl_attr_len(a);

	if (!memchr(ovsnl_attr_data(a), '\0', len))
		return ovsnl_compile_refuse(c, a, "name is not terminated");
	memset(to, 0, ct_lengths[ovsnl_attr_type(a)].max);
	memcpy(to, ovsnl_attr_data(a), strnlen(ovsnl_attr_data(a), len));
	return 0;
}

static int parse_ct_attr(struct ovsnl_compile *c, const struct nlattr *a,
			 struct ovsnl_op_ct *op)
{
	int type = ovsnl_attr_type(a), len = ovsnl_attr_len(a);

	if (!type || type > OVS_CT_ATTR_MAX ||
	    len < (int)ct_lengths[type].min || len > (int)ct_lengths[type].max)
		return ovsnl_compile_refuse(
			c, a, "ct attribute is unknown or of a wrong length");
	switch (type) {
	case OVS_CT_ATTR_COMMIT:
		op->flags |= OVSNL_CT_COMMIT;
		return 0;
	case OVS_CT_ATTR_FORCE_COMMIT:
		op->flags |= OVSNL_CT_COMMIT | OVSNL_CT_FORCE;
		return 0;
	case OVS_CT_ATTR_ZONE:
		op->zone = ovsnl_attr_u16(a);
		return 0;
	case OVS_CT_ATTR_MARK:
		memcpy(&op->mark, ovsnl_attr_data(a), sizeof(op->mark));
		return op->mark.mask
			       ? 0
			       : ovsnl_compile_refuse(c, a,
						      "mask of ct_mark is 0");
	case OVS_CT_ATTR_LABELS:
		memcpy(&op->labels, ovsnl_attr_data(a), sizeof(op->labels));
		return has_label_mask(op)
			       ? 0
			       : ovsnl_compile_refuse(c, a,
						      "mask of ct_labels is 0");
	case OVS_CT_ATTR_HELPER:
		return parse_string(c, a, op->helper);
	case OVS_CT_ATTR_NAT:
		return parse_nat(c, a, op);
	case OVS_CT_ATTR_EVENTMASK:
		op->eventmask = ovsnl_attr_u32(a);
		op->flags |= OVSNL_CT_EVENTMASK;
		return 0;
	default:
		return parse_string(c, a, op->timeout);
	}
}

/* Helpers that the kernel has, and the protocols that they are for; @nat: NAT
 * has a module that translates what they find.
 */
static const struct helper {
	char name[OVSNL_CT_HELPER_LEN];
	__u8 proto;
	bool ipv6, nat;
} helpers[] = {
	{ "ftp", IPPROTO_TCP, true, true },
	{ "sane", IPPROTO_TCP, true, false },
	{ "sip", IPPROTO_TCP, true, true },
	{ "sip", IPPROTO_UDP, true, true },
	{ "irc", IPPROTO_TCP, false, true },
	{ "pptp", IPPROTO_TCP, false, false },
	{ "Q.931", IPPROTO_TCP, true, false },
	{ "H.245", IPPROTO_UDP, true, false },
	{ "RAS", IPPROTO_UDP, true, false },
	{ "tftp", IPPROTO_UDP, true, true },
	{ "amanda", IPPROTO_UDP, true, true },
	{ "snmp", IPPROTO_UDP, false, false },
	{ "netbios-ns", IPPROTO_UDP, false, false },
};

static int check_helper(struct ovsnl_compile *c, const struct nlattr *ct,
			const struct ovsnl_op_ct *op)
{
	const struct helper *h = helpers;
	size_t n = sizeof(helpers) / sizeof(helpers[0]);

	while (n &&
	       (strcmp(h->name, op->helper) || h->proto != c->key->ip_proto ||
		(!h->ipv6 && !is_family(c, ETH_P_IP)))) {
		h++;
		n--;
	}
	if (!n)
		return ovsnl_compile_refuse(c, ct,
					    "no such helper for this protocol");
	if (!h->nat && (op->flags & OVSNL_CT_NAT))
		return ovsnl_err_set(c->err, -ENOENT,
				     "this helper can't be had with NAT", ct);
	return 0;
}

/* A range without an end to translate, from several NAT attributes, has no
 * meaning and is not dumped.
 */
static void forget_range(struct ovsnl_op_ct *op)
{
	if (op->flags & (OVSNL_CT_NAT_SRC | OVSNL_CT_NAT_DST))
		return;
	memset((__u8 *)op + offsetof(struct ovsnl_op_ct, nat_flags), 0,
	       sizeof(*op) - offsetof(struct ovsnl_op_ct, nat_flags));
}

static int parse_ct(struct ovsnl_compile *c, const struct nlattr *nest,
		    struct ovsnl_op_ct *op)
{
	bool helper = false;
	const struct nlattr *a;
	int rem, err;

	ovsnl_attr_for_each_nested(a, nest, rem) {
		err = parse_ct_attr(c, a, op);
		if (err)
			return err;
		helper |= ovsnl_attr_type(a) == OVS_CT_ATTR_HELPER;
	}
	if (!(op->flags & OVSNL_CT_COMMIT) &&
	    (op->mark.mask || has_label_mask(op)))
		return ovsnl_compile_refuse(
			c, nest, "ct_mark and ct_labels are set by commit");
	if (rem > 0)
		return ovsnl_compile_refuse(
			c, nest, "ct has bytes that are no attribute");
	forget_range(op);
	return helper ? check_helper(c, nest, op) : 0;
}

static void put_u16(struct ovsnl_compile *c, int type, __u16 value)
{
	ovsnl_compile_attr(c, type, &value, sizeof(value));
}

static void dump_range(struct ovsnl_compile *c, const struct ovsnl_op_ct *op)
{
	__u32 len = address_len(c);

	if (op->nat_flags & NF_NAT_RANGE_MAP_IPS) {
		ovsnl_compile_attr(c, OVS_NAT_ATTR_IP_MIN, op->nat_min_addr,
				   len);
		if (memcmp(op->nat_min_addr, op->nat_max_addr, len))
			ovsnl_compile_attr(c, OVS_NAT_ATTR_IP_MAX,
					   op->nat_max_addr, len);
	}
	if (op->nat_flags & NF_NAT_RANGE_PROTO_SPECIFIED) {
		put_u16(c, OVS_NAT_ATTR_PROTO_MIN, op->nat_min_proto);
		if (op->nat_max_proto != op->nat_min_proto)
			put_u16(c, OVS_NAT_ATTR_PROTO_MAX, op->nat_max_proto);
	}
	if (op->nat_flags & NF_NAT_RANGE_PERSISTENT)
		ovsnl_compile_attr(c, OVS_NAT_ATTR_PERSISTENT, NULL, 0);
	if (op->nat_flags & NF_NAT_RANGE_PROTO_RANDOM)
		ovsnl_compile_attr(c, OVS_NAT_ATTR_PROTO_HASH, NULL, 0);
	if (op->nat_flags & NF_NAT_RANGE_PROTO_RANDOM_FULLY)
		ovsnl_compile_attr(c, OVS_NAT_ATTR_PROTO_RANDOM, NULL, 0);
}

static int dump_nat(struct ovsnl_compile *c, const struct ovsnl_op_ct *op)
{
	__u32 nest = ovsnl_compile_nest(c, OVS_CT_ATTR_NAT);

	if (op->flags & OVSNL_CT_NAT_SRC)
		ovsnl_compile_attr(c, OVS_NAT_ATTR_SRC, NULL, 0);
	else if (op->flags & OVSNL_CT_NAT_DST)
		ovsnl_compile_attr(c, OVS_NAT_ATTR_DST, NULL, 0);
	if (op->flags & (OVSNL_CT_NAT_SRC | OVSNL_CT_NAT_DST))
		dump_range(c, op);
	return ovsnl_compile_nest_end(c, nest);
}

static void dump_string(struct ovsnl_compile *c, int type, const char *s,
			__u32 room)
{
	if (*s)
		ovsnl_compile_attr(c, type, s, strnlen(s, room - 1) + 1);
}

static int dump_ct(struct ovsnl_compile *c, const struct ovsnl_op_ct *op)
{
	__u32 nest = ovsnl_compile_nest(c, OVS_ACTION_ATTR_CT);
	int err = 0;

	if (op->flags & OVSNL_CT_COMMIT)
		ovsnl_compile_attr(c,
				   op->flags & OVSNL_CT_FORCE
					   ? OVS_CT_ATTR_FORCE_COMMIT
					   : OVS_CT_ATTR_COMMIT,
				   NULL, 0);
	put_u16(c, OVS_CT_ATTR_ZONE, op->zone);
	if (op->mark.mask)
		ovsnl_compile_attr(c, OVS_CT_ATTR_MARK, &op->mark,
				   sizeof(op->mark));
	if (has_label_mask(op))
		ovsnl_compile_attr(c, OVS_CT_ATTR_LABELS, &op->labels,
				   sizeof(op->labels));
	dump_string(c, OVS_CT_ATTR_HELPER, op->helper, sizeof(op->helper));
	if (op->flags & OVSNL_CT_EVENTMASK)
		ovsnl_compile_attr(c, OVS_CT_ATTR_EVENTMASK, &op->eventmask,
				   sizeof(op->eventmask));
	dump_string(c, OVS_CT_ATTR_TIMEOUT, op->timeout, sizeof(op->timeout));
	if (op->flags & OVSNL_CT_NAT)
		err = dump_nat(c, op);
	return err ? err : ovsnl_compile_nest_end(c, nest);
}

int ovsnl_compile_ct(struct ovsnl_compile *c, struct ovsnl_list *l,
		     const struct nlattr *a)
{
	struct ovsnl_op_ct ct, *op;
	int err;

	if (!is_family(c, ETH_P_IP) && !is_family(c, ETH_P_IPV6))
		return ovsnl_compile_refuse(c, a, "ct of a flow that isn't IP");
	memset(&ct, 0, sizeof(ct));
	err = parse_ct(c, a, &ct);
	if (err)
		return err;
	op = ovsnl_compile_op(c, l, OVSNL_OP_CT, sizeof(*op));
	if (op) {
		ct.op = op->op;
		*op = ct;
	}
	return dump_ct(c, &ct);
}
