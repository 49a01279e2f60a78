// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Action lists: check, compile, keep.
 *
 * Overview: one walk over the attributes does all. It checks each action
 * against what is known of the packet at that point (its Ethernet header, its
 * EtherType, its tag, its labels), and writes two things: the operations that
 * the datapaths step through, and the attributes as dumps will show them, in
 * canonical form (no type flags, zeroed padding, parts in order). Without
 * buffers the same walk only measures. One table says of each action how long
 * it is and what makes an operation of it; the larger ones have files of their
 * own (ovsnl_action_*.c), and share ovsnl_compile.h.
 *
 * Life cycle: measure, allocate (the caller), build; read-only from then on.
 * Synchronisation: pure functions. Nesting is bounded, hence so is recursion.
 * Lock order: none.
 */
#include "ovsnl_action.h"
#include "ovsnl_compile.h"
#include "ovsnl_uapi_new.h"

static int check_output(struct ovsnl_compile *c, struct ovsnl_list *l,
			const struct nlattr *a)
{
	(void)l;
	if (ovsnl_attr_u32(a) >= OVSNL_MAX_PORTS)
		return ovsnl_compile_refuse(c, a,
					    "output port number out of range");
	return 0;
}

static int check_trunc(struct ovsnl_compile *c, struct ovsnl_list *l,
		       const struct nlattr *a)
{
	(void)l;
	if (ovsnl_attr_u32(a) < ETH_HLEN)
		return ovsnl_compile_refuse(
			c, a, "trunc to less than an Ethernet header");
	return 0;
}

static int check_hash(struct ovsnl_compile *c, struct ovsnl_list *l,
		      const struct nlattr *a)
{
	__u32 alg = ovsnl_attr_u32(a);

	(void)l;
	if (alg != OVS_HASH_ALG_L4 && alg != OVSNL_HASH_ALG_SYM_L4)
		return ovsnl_compile_refuse(c, a, "unknown hash algorithm");
	return 0;
}

static int check_drop(struct ovsnl_compile *c, struct ovsnl_list *l,
		      const struct nlattr *a)
{
	if (!l->last)
		return ovsnl_compile_refuse(
			c, a, "drop must be the last action of its list");
	return 0;
}

/* The payload of these actions is that of their operation. */
static_assert(offsetof(struct ovsnl_op_output, port) == sizeof(struct ovsnl_op),
	      "payload follows the head");
static_assert(sizeof(struct ovsnl_op_push_vlan) ==
			      sizeof(struct ovsnl_op) +
				      sizeof(struct ovs_action_push_vlan) + 4 &&
		      offsetof(struct ovsnl_op_push_vlan, tci) ==
			      sizeof(struct ovsnl_op) +
				      offsetof(struct ovs_action_push_vlan,
					       vlan_tci),
	      "push_vlan as on the wire");
static_assert(offsetof(struct ovsnl_op_hash, basis) ==
		      sizeof(struct ovsnl_op) +
			      offsetof(struct ovs_action_hash, hash_basis),
	      "hash as on the wire");

/* struct kind.len */
#define LEN_ANY -1 /* the action itself checks */

/**
 * struct kind - how an action is compiled.
 * @len: payload in bytes, or LEN_ANY
 * @code: opcode for actions without @compile, whose payload is copied
 * @keeps: packet and key are the same for what follows
 * @check: for actions without @compile: may it stand here? NULL for any place
 * @compile: check and write it; NULL where @check and @code do
 */
struct kind {
	__s16 len;
	__u8 code;
	bool keeps;
	ovsnl_action_fn *check;
	ovsnl_action_fn *compile;
};

static const struct kind kinds[] = {
	[OVS_ACTION_ATTR_OUTPUT] = { sizeof(__u32), OVSNL_OP_OUTPUT, true,
				     check_output, NULL },
	[OVS_ACTION_ATTR_USERSPACE] = { LEN_ANY, 0, true, NULL,
					ovsnl_compile_userspace },
	[OVS_ACTION_ATTR_SET] = { LEN_ANY, 0, false, NULL, ovsnl_compile_set },
	[OVS_ACTION_ATTR_PUSH_VLAN] = { sizeof(struct ovs_action_push_vlan),
					OVSNL_OP_PUSH_VLAN, false,
					ovsnl_check_push_vlan, NULL },
	[OVS_ACTION_ATTR_POP_VLAN] = { 0, OVSNL_OP_POP_VLAN, false,
				       ovsnl_check_pop_vlan, NULL },
	[OVS_ACTION_ATTR_SAMPLE] = { LEN_ANY, 0, false, NULL,
				     ovsnl_compile_sample },
	[OVS_ACTION_ATTR_RECIRC] = { sizeof(__u32), OVSNL_OP_RECIRC, true, NULL,
				     NULL },
	[OVS_ACTION_ATTR_HASH] = { sizeof(struct ovs_action_hash),
				   OVSNL_OP_HASH, false, check_hash, NULL },
	[OVS_ACTION_ATTR_PUSH_MPLS] = { sizeof(struct ovs_action_push_mpls), 0,
					false, NULL, ovsnl_compile_push_mpls },
	[OVS_ACTION_ATTR_POP_MPLS] = { sizeof(__be16), OVSNL_OP_POP_MPLS, false,
				       ovsnl_check_pop_mpls, NULL },
	[OVS_ACTION_ATTR_SET_MASKED] = { LEN_ANY, 0, false, NULL,
					 ovsnl_compile_set_masked },
	[OVS_ACTION_ATTR_CT] = { LEN_ANY, 0, false, NULL, ovsnl_compile_ct },
	[OVS_ACTION_ATTR_CT_CLEAR] = { 0, OVSNL_OP_CT_CLEAR, false, NULL,
				       NULL },
	[OVS_ACTION_ATTR_TRUNC] = { sizeof(struct ovs_action_trunc),
				    OVSNL_OP_TRUNC, true, check_trunc, NULL },
	[OVS_ACTION_ATTR_PUSH_ETH] = { sizeof(struct ovs_action_push_eth),
				       OVSNL_OP_PUSH_ETH, false,
				       ovsnl_check_push_eth, NULL },
	[OVS_ACTION_ATTR_POP_ETH] = { 0, OVSNL_OP_POP_ETH, false,
				      ovsnl_check_pop_eth, NULL },
	[OVS_ACTION_ATTR_PUSH_NSH] = { LEN_ANY, 0, false, NULL,
				       ovsnl_compile_push_nsh },
	[OVS_ACTION_ATTR_POP_NSH] = { 0, OVSNL_OP_POP_NSH, false,
				      ovsnl_check_pop_nsh, NULL },
	[OVS_ACTION_ATTR_METER] = { sizeof(__u32), OVSNL_OP_METER, false, NULL,
				    NULL },
	[OVS_ACTION_ATTR_CLONE] = { LEN_ANY, 0, false, NULL,
				    ovsnl_compile_clone },
	[OVS_ACTION_ATTR_CHECK_PKT_LEN] = { LEN_ANY, 0, false, NULL,
					    ovsnl_compile_check_pkt_len },
	[OVS_ACTION_ATTR_ADD_MPLS] = { sizeof(struct ovs_action_add_mpls), 0,
				       false, NULL, ovsnl_compile_add_mpls },
	[OVS_ACTION_ATTR_DEC_TTL] = { LEN_ANY, 0, false, NULL,
				      ovsnl_compile_dec_ttl },
	[OVSNL_ACTION_ATTR_DROP] = { sizeof(__u32), OVSNL_OP_DROP, true,
				     check_drop, NULL },
	[OVSNL_ACTION_ATTR_PSAMPLE] = { LEN_ANY, 0, true, NULL,
					ovsnl_compile_psample },
};

#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

/* NULL for no action: OVSNL_OP_OUTPUT, whose code is 0, has a check. */
static const struct kind *find_kind(int type)
{
	const struct kind *k = type < KINDS ? &kinds[type] : NULL;

	return k && (k->code || k->check || k->compile) ? k : NULL;
}

bool ovsnl_compile_keeps(const struct nlattr *nest)
{
	const struct nlattr *a;
	int rem;

	ovsnl_attr_for_each_nested(a, nest, rem) {
		const struct kind *k = find_kind(ovsnl_attr_type(a));

		if (!k || !k->keeps)
			return false;
	}
	return true;
}

static int compile_one(struct ovsnl_compile *c, struct ovsnl_list *l,
		       const struct nlattr *a)
{
	const struct kind *k = find_kind(ovsnl_attr_type(a));
	__u32 len = ovsnl_attr_len(a);
	__u8 *op;
	int err;

	if (!k)
		return ovsnl_compile_refuse(c, a, "unknown action");
	if (k->len != LEN_ANY && k->len != (int)len)
		return ovsnl_compile_refuse(c, a, "action has a wrong length");
	if (k->compile)
		return k->compile(c, l, a);
	err = k->check ? k->check(c, l, a) : 0;
	if (err)
		return err;
	op = ovsnl_compile_op(c, l, k->code, sizeof(struct ovsnl_op) + len);
	if (op)
		memcpy(op + sizeof(struct ovsnl_op), ovsnl_attr_data(a), len);
	ovsnl_compile_copy(c, a);
	return 0;
}

/* Now that the list is whole, tell its userspace actions how long it is. */
static void patch_list_len(struct ovsnl_compile *c, __u32 prog_start,
			   __u32 nla_len)
{
	const struct ovsnl_op *op, *head;

	if (!c->prog.buf)
		return;
	head = (const struct ovsnl_op *)(c->prog.buf + prog_start);
	ovsnl_op_for_each(op, head, c->prog.len - prog_start) {
		if (op->code == OVSNL_OP_USERSPACE)
			((struct ovsnl_op_userspace *)op)->list_len = nla_len;
	}
}

int ovsnl_compile_list(struct ovsnl_compile *c, struct ovsnl_list *l)
{
	__u32 prog_start = c->prog.len;
	const struct nlattr *a;
	int rem, err;

	if (l->depth > OVSNL_ACTION_MAX_DEPTH)
		return ovsnl_err_set(c->err, -EOVERFLOW,
				     "actions are nested too deep", NULL);
	l->nla_start = c->nla.len;
	ovsnl_attr_for_each(a, l->attrs, l->bytes, rem) {
		l->last = (int)NLA_ALIGN(a->nla_len) >= rem;
		err = compile_one(c, l, a);
		if (err)
			return err;
	}
	if (rem > 0)
		return ovsnl_err_set(c->err, -EINVAL,
				     "actions have bytes that are no attribute",
				     NULL);
	patch_list_len(c, prog_start, c->nla.len - l->nla_start);
	return 0;
}

/* Label stack entries that the key holds. */
static __u32 known_labels(const struct ovsnl_key *key)
{
	__u32 bits = key->mpls_labels, n = 0;

	for (; bits; bits >>= 1)
		n += bits & 1;
	return n;
}

static int compile(struct ovsnl_compile *c, const struct nlattr *attr)
{
	struct ovsnl_list l = {
		.attrs = ovsnl_attr_data(attr),
		.bytes = ovsnl_attr_len(attr),
		.state = {
			.eth_type = c->key->eth_type,
			.vlan_tci = c->key->vlan_tci,
			.mac_proto = c->key->mac_proto,
			.mpls_labels = known_labels(c->key),
		},
	};

	return ovsnl_compile_list(c, &l);
}

int ovsnl_actions_measure_parts(const struct nlattr *attr,
				const struct ovsnl_key *key,
				struct ovsnl_actions_parts *parts,
				struct ovsnl_err *err)
{
	struct ovsnl_compile c = { .key = key, .err = err };
	int code = compile(&c, attr);

	if (code)
		return code;
	if (c.nla.len > 0xffff - NLA_HDRLEN)
		return ovsnl_err_set(err, -EMSGSIZE, "actions are too long",
				     attr);
	parts->prog = c.prog.len;
	parts->nla = c.nla.len;
	return 0;
}

int ovsnl_actions_measure(const struct nlattr *attr,
			  const struct ovsnl_key *key, size_t *size,
			  struct ovsnl_err *err)
{
	struct ovsnl_actions_parts parts;
	int code = ovsnl_actions_measure_parts(attr, key, &parts, err);

	if (!code)
		*size = ovsnl_actions_parts_size(&parts);
	return code;
}

void ovsnl_actions_build_parts(struct ovsnl_actions *acts,
			       const struct nlattr *attr,
			       const struct ovsnl_key *key,
			       const struct ovsnl_actions_parts *parts)
{
	struct ovsnl_compile c = { .key = key };

	acts->prog_len = parts->prog;
	acts->nla_len = parts->nla;
	c.prog.buf = (__u8 *)acts->data;
	c.nla.buf = c.prog.buf + parts->prog;
	compile(&c, attr);
}

void ovsnl_actions_build(struct ovsnl_actions *acts, const struct nlattr *attr,
			 const struct ovsnl_key *key)
{
	struct ovsnl_compile c = { .key = key };
	struct ovsnl_actions_parts parts;

	compile(&c, attr);
	parts.prog = c.prog.len;
	parts.nla = c.nla.len;
	ovsnl_actions_build_parts(acts, attr, key, &parts);
}
