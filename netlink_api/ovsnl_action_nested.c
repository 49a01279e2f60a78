// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Actions that hold lists of actions: sample, clone, check_pkt_len, dec_ttl.
 *
 * Overview: a nested list begins with what is known of the packet where it
 * stands, but for its Ethernet header: that is the flow's again. What it does
 * to the packet is not known behind it, since it runs on a copy.
 *
 * Life cycle, Synchronisation, Lock order: see ovsnl_action.c.
 */
#include "ovsnl_compile.h"

/* Compiles the list in @nest into the operation and the attribute that are
 * being written.
 */
static int compile_inner(struct ovsnl_compile *c, const struct ovsnl_list *l,
			 const struct nlattr *nest)
{
	struct ovsnl_list inner = {
		.attrs = ovsnl_attr_data(nest),
		.bytes = ovsnl_attr_len(nest),
		.depth = l->depth + 1,
		.state = l->state,
	};

	inner.state.mac_proto = c->key->mac_proto;
	return ovsnl_compile_list(c, &inner);
}

/* The same as an attribute of its own within the action's. */
static int compile_part(struct ovsnl_compile *c, const struct ovsnl_list *l,
			const struct nlattr *nest, int type)
{
	__u32 start = ovsnl_compile_nest(c, type);
	int err = compile_inner(c, l, nest);

	return err ? err : ovsnl_compile_nest_end(c, start);
}

/* Closes the operation @op (NULL while measuring), which began at @start. */
static void end_op(struct ovsnl_compile *c, struct ovsnl_op *op, __u32 start,
		   bool in_place)
{
	if (!op)
		return;
	op->len = c->prog.len - start;
	if (in_place)
		op->flags |= OVSNL_OP_IN_PLACE;
}

static bool is_list(const struct nlattr *a)
{
	return a && (!ovsnl_attr_len(a) || ovsnl_attr_len(a) >= NLA_HDRLEN);
}

/* Sorts the parts of an action into @tb, each once at most. Types above @max
 * are refused unless they may be @open_ended.
 */
static int sort_parts(struct ovsnl_compile *c, const struct nlattr *a,
		      const struct nlattr **tb, int max, bool open_ended)
{
	const struct nlattr *part;
	int rem;

	memset(tb, 0, sizeof(*tb) * (max + 1));
	ovsnl_attr_for_each_nested(part, a, rem) {
		int type = ovsnl_attr_type(part);

		if (type > max && open_ended)
			continue;
		if (!type || type > max || tb[type])
			return ovsnl_compile_refuse(
				c, part,
				"unknown or duplicate part of an action");
		tb[type] = part;
	}
	/* Below zero: the last part lacks its padding. */
	if (rem)
		return ovsnl_compile_refuse(
			c, a, "action has bytes that are no attribute");
	return 0;
}

int ovsnl_compile_sample(struct ovsnl_compile *c, struct ovsnl_list *l,
			 const struct nlattr *a)
{
	const struct nlattr *tb[OVS_SAMPLE_ATTR_ACTIONS + 1];
	const struct nlattr *share, *list;
	struct ovsnl_op_sample *op;
	__u32 start = c->prog.len, nest;
	int err;

	err = sort_parts(c, a, tb, OVS_SAMPLE_ATTR_ACTIONS, false);
	if (err)
		return err;
	share = tb[OVS_SAMPLE_ATTR_PROBABILITY];
	list = tb[OVS_SAMPLE_ATTR_ACTIONS];
	if (!share || ovsnl_attr_len(share) != sizeof(__u32))
		return ovsnl_compile_refuse(c, a, "sample without probability");
	if (!is_list(list))
		return ovsnl_compile_refuse(c, a, "sample without actions");
	op = ovsnl_compile_op(c, l, OVSNL_OP_SAMPLE, sizeof(*op));
	if (op)
		op->probability = ovsnl_attr_u32(share);
	nest = ovsnl_compile_nest(c, OVS_ACTION_ATTR_SAMPLE);
	ovsnl_compile_copy(c, share);
	err = compile_part(c, l, list, OVS_SAMPLE_ATTR_ACTIONS);
	if (err)
		return err;
	end_op(c, op ? &op->op : NULL, start,
	       l->last || ovsnl_compile_keeps(list));
	return ovsnl_compile_nest_end(c, nest);
}

int ovsnl_compile_clone(struct ovsnl_compile *c, struct ovsnl_list *l,
			const struct nlattr *a)
{
	struct ovsnl_op_clone *op;
	__u32 start = c->prog.len;
	int err;

	if (!is_list(a))
		return ovsnl_compile_refuse(c, a, "clone holds no action list");
	op = ovsnl_compile_op(c, l, OVSNL_OP_CLONE, sizeof(*op));
	err = compile_part(c, l, a, OVS_ACTION_ATTR_CLONE);
	if (err)
		return err;
	end_op(c, op ? &op->op : NULL, start,
	       l->last || ovsnl_compile_keeps(a));
	return 0;
}

int ovsnl_compile_dec_ttl(struct ovsnl_compile *c, struct ovsnl_list *l,
			  const struct nlattr *a)
{
	const struct nlattr *tb[OVS_DEC_TTL_ATTR_ACTION + 1];
	const struct nlattr *list;
	struct ovsnl_op_dec_ttl *op;
	__u32 start = c->prog.len, nest;
	int err;

	err = sort_parts(c, a, tb, OVS_DEC_TTL_ATTR_ACTION, true);
	if (err)
		return err;
	list = tb[OVS_DEC_TTL_ATTR_ACTION];
	if (!is_list(list))
		return ovsnl_compile_refuse(c, a, "dec_ttl without actions");
	op = ovsnl_compile_op(c, l, OVSNL_OP_DEC_TTL, sizeof(*op));
	nest = ovsnl_compile_nest(c, OVS_ACTION_ATTR_DEC_TTL);
	err = compile_part(c, l, list, OVS_DEC_TTL_ATTR_ACTION);
	if (err)
		return err;
	end_op(c, op ? &op->op : NULL, start, false);
	return ovsnl_compile_nest_end(c, nest);
}

#define CHECK_PARTS (OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL + 1)

static const struct ovsnl_policy check_policy[CHECK_PARTS] = {
	[OVS_CHECK_PKT_LEN_ATTR_PKT_LEN] = { .kind = OVSNL_P_U16 },
	[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER] = { .kind = OVSNL_P_NESTED },
	[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL] = { .kind = OVSNL_P_NESTED },
};

/* All parts must be there, and the length not 0. */
static int parse_check(struct ovsnl_compile *c, const struct nlattr *a,
		       const struct nlattr **tb)
{
	int err = ovsnl_attr_parse_strict(tb, CHECK_PARTS - 1, a, check_policy,
					  c->err);

	if (err)
		return err;
	if (!tb[OVS_CHECK_PKT_LEN_ATTR_PKT_LEN] ||
	    !ovsnl_attr_u16(tb[OVS_CHECK_PKT_LEN_ATTR_PKT_LEN]))
		return ovsnl_compile_refuse(c, a,
					    "check_pkt_len without a length");
	if (!tb[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER] ||
	    !tb[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL])
		return ovsnl_compile_refuse(
			c, a, "check_pkt_len without both lists of actions");
	return 0;
}

int ovsnl_compile_check_pkt_len(struct ovsnl_compile *c, struct ovsnl_list *l,
				const struct nlattr *a)
{
	const struct nlattr *tb[CHECK_PARTS], *shorter, *longer;
	struct ovsnl_op_check_pkt_len *op;
	__u32 start = c->prog.len, nest, body;
	__u16 len;
	int err;

	err = parse_check(c, a, tb);
	if (err)
		return err;
	len = ovsnl_attr_u16(tb[OVS_CHECK_PKT_LEN_ATTR_PKT_LEN]);
	longer = tb[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER];
	shorter = tb[OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL];
	op = ovsnl_compile_op(c, l, OVSNL_OP_CHECK_PKT_LEN, sizeof(*op));
	nest = ovsnl_compile_nest(c, OVS_ACTION_ATTR_CHECK_PKT_LEN);
	ovsnl_compile_attr(c, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN, &len,
			   sizeof(len));
	body = c->prog.len;
	err = compile_part(c, l, shorter,
			   OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL);
	if (err)
		return err;
	if (op) {
		op->max_len = len;
		op->first_len = c->prog.len - body;
	}
	err = compile_part(c, l, longer,
			   OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER);
	if (err)
		return err;
	end_op(c, op ? &op->op : NULL, start,
	       l->last || (ovsnl_compile_keeps(shorter) &&
			   ovsnl_compile_keeps(longer)));
	return ovsnl_compile_nest_end(c, nest);
}
