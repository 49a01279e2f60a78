// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Runs the vectors of action lists, and writes programs as letters. */
#include "selftest.h"

/* Room for any compiled list of a vector: a set action of 8 bytes grows most,
 * and no list is longer than OVSNL_VECTOR_MAX bytes.
 */
static __u64 acts_buf[OVSNL_VECTOR_MAX];

/* One letter for each enum ovsnl_op_code, in its order. */
static const char letters[] = "oue46tUspmlcnV-rTMPEQNOhRkKDASCLI";

static_assert(sizeof(letters) == OVSNL_OP_COUNT + 1, "a letter for each code");

/* Bytes of each operation without userdata and nested lists. */
static const __u32 op_sizes[OVSNL_OP_COUNT] = {
	[OVSNL_OP_OUTPUT] = sizeof(struct ovsnl_op_output),
	[OVSNL_OP_USERSPACE] = sizeof(struct ovsnl_op_userspace),
	[OVSNL_OP_SET_ETH] = sizeof(struct ovsnl_op_set_eth),
	[OVSNL_OP_SET_IPV4] = sizeof(struct ovsnl_op_set_ipv4),
	[OVSNL_OP_SET_IPV6] = sizeof(struct ovsnl_op_set_ipv6),
	[OVSNL_OP_SET_TCP] = sizeof(struct ovsnl_op_set_tcp),
	[OVSNL_OP_SET_UDP] = sizeof(struct ovsnl_op_set_udp),
	[OVSNL_OP_SET_SCTP] = sizeof(struct ovsnl_op_set_sctp),
	[OVSNL_OP_SET_PRIORITY] = sizeof(struct ovsnl_op_set_u32),
	[OVSNL_OP_SET_MARK] = sizeof(struct ovsnl_op_set_u32),
	[OVSNL_OP_SET_MPLS] = sizeof(struct ovsnl_op_set_mpls),
	[OVSNL_OP_SET_CT] = sizeof(struct ovsnl_op),
	[OVSNL_OP_SET_TUNNEL] = sizeof(struct ovsnl_op_set_tunnel),
	[OVSNL_OP_PUSH_VLAN] = sizeof(struct ovsnl_op_push_vlan),
	[OVSNL_OP_POP_VLAN] = sizeof(struct ovsnl_op),
	[OVSNL_OP_RECIRC] = sizeof(struct ovsnl_op_recirc),
	[OVSNL_OP_TRUNC] = sizeof(struct ovsnl_op_trunc),
	[OVSNL_OP_PUSH_MPLS] = sizeof(struct ovsnl_op_push_mpls),
	[OVSNL_OP_POP_MPLS] = sizeof(struct ovsnl_op_pop_mpls),
	[OVSNL_OP_PUSH_ETH] = sizeof(struct ovsnl_op_push_eth),
	[OVSNL_OP_POP_ETH] = sizeof(struct ovsnl_op),
	[OVSNL_OP_PUSH_NSH] = sizeof(struct ovsnl_op_push_nsh),
	[OVSNL_OP_POP_NSH] = sizeof(struct ovsnl_op),
	[OVSNL_OP_HASH] = sizeof(struct ovsnl_op_hash),
	[OVSNL_OP_METER] = sizeof(struct ovsnl_op_meter),
	[OVSNL_OP_CT] = sizeof(struct ovsnl_op_ct),
	[OVSNL_OP_CT_CLEAR] = sizeof(struct ovsnl_op),
	[OVSNL_OP_DROP] = sizeof(struct ovsnl_op_drop),
	[OVSNL_OP_PSAMPLE] = sizeof(struct ovsnl_op_psample),
	[OVSNL_OP_SAMPLE] = sizeof(struct ovsnl_op_sample),
	[OVSNL_OP_CLONE] = sizeof(struct ovsnl_op_clone),
	[OVSNL_OP_DEC_TTL] = sizeof(struct ovsnl_op_dec_ttl),
	[OVSNL_OP_CHECK_PKT_LEN] = sizeof(struct ovsnl_op_check_pkt_len),
};

/* Text that is being written. */
struct text {
	char *at;
	int left;
	const struct ovsnl_actions *acts;
};

static int append(struct text *t, char c)
{
	if (t->left < 2)
		return -EINVAL;
	*t->at++ = c;
	*t->at = '\0';
	t->left--;
	return 0;
}

static bool holds_lists(const struct ovsnl_op *op)
{
	return op->code == OVSNL_OP_SAMPLE || op->code == OVSNL_OP_CLONE ||
	       op->code == OVSNL_OP_DEC_TTL ||
	       op->code == OVSNL_OP_CHECK_PKT_LEN;
}

/* Are lengths, flags and references of one operation as they must be? */
static bool op_ok(const struct text *t, const struct ovsnl_op *op, __u32 left)
{
	const struct ovsnl_op_userspace *user;
	__u32 len;

	if (op->code >= OVSNL_OP_COUNT || op->len > left || op->len % 8 ||
	    (op->flags & ~(OVSNL_OP_LAST | OVSNL_OP_IN_PLACE)))
		return false;
	len = (op_sizes[op->code] + 7) & ~7u;
	if (holds_lists(op))
		return op->len >= len && (op->code != OVSNL_OP_DEC_TTL ||
					  !(op->flags & OVSNL_OP_IN_PLACE));
	if (op->flags & OVSNL_OP_IN_PLACE)
		return false;
	if (op->code == OVSNL_OP_SET_CT)
		return op->len == sizeof(*op) + 2 * sizeof(__u32) ||
		       op->len == sizeof(*op) +
					  2 * sizeof(struct ovs_key_ct_labels);
	if (op->code == OVSNL_OP_PUSH_NSH)
		return op->len >= len;
	if (op->code != OVSNL_OP_USERSPACE)
		return op->len == len;

	user = (const struct ovsnl_op_userspace *)op;
	len = sizeof(*user);
	if (user->userdata_len > 0)
		len += user->userdata_len;
	return op->len == ((len + 7) & ~7u) && user->userdata_len >= -1 &&
	       user->pid &&
	       (__u64)user->list_ofs + user->list_len <= t->acts->nla_len;
}

static int write_list(struct text *t, const struct ovsnl_op *op, __u32 bytes);

static int write_nested(struct text *t, const struct ovsnl_op *list, __u32 len)
{
	int err = append(t, '(');

	if (!err)
		err = write_list(t, list, len);
	return err ? err : append(t, ')');
}

static int write_lists(struct text *t, const struct ovsnl_op *op)
{
	const struct ovsnl_op_check_pkt_len *check;
	const struct ovsnl_op *list;
	__u32 len;
	int err;

	if (op->code != OVSNL_OP_CHECK_PKT_LEN) {
		list = ovsnl_op_nested(op, &len);
		return write_nested(t, list, len);
	}
	check = (const struct ovsnl_op_check_pkt_len *)op;
	if (check->first_len > op->len - sizeof(*check))
		return -EINVAL;
	list = ovsnl_op_check_nested(check, false, &len);
	err = write_nested(t, list, len);
	if (err)
		return err;
	list = ovsnl_op_check_nested(check, true, &len);
	return write_nested(t, list, len);
}

/* 'x' for an operation, '!' behind the last of a list, "S(...)" around nested
 * lists, '*' before the bracket when they may run in place.
 */
static int write_list(struct text *t, const struct ovsnl_op *op, __u32 bytes)
{
	int err;

	while (bytes) {
		if (bytes < sizeof(*op) || !op_ok(t, op, bytes))
			return -EINVAL;
		if ((op->len == bytes) != !!(op->flags & OVSNL_OP_LAST))
			return -EINVAL;
		err = append(t, letters[op->code]);
		if (!err && (op->flags & OVSNL_OP_IN_PLACE))
			err = append(t, '*');
		if (!err && holds_lists(op))
			err = write_lists(t, op);
		if (!err && (op->flags & OVSNL_OP_LAST))
			err = append(t, '!');
		if (err)
			return err;
		bytes -= op->len;
		op = ovsnl_op_next(op);
	}
	return 0;
}

int ovsnl_selftest_prog_text(const struct ovsnl_actions *acts, char *text,
			     int cap)
{
	struct text t = { text, cap, acts };

	if (cap < 1 || acts->prog_len % 8)
		return -EINVAL;
	*text = '\0';
	return write_list(&t, ovsnl_actions_prog(acts), acts->prog_len);
}

static bool built_ok(const struct ovsnl_action_vector *v,
		     const struct nlattr *attr, size_t size)
{
	struct ovsnl_actions *acts = (struct ovsnl_actions *)acts_buf;
	static __u8 dump[OVSNL_VECTOR_MAX];
	char text[64];
	int len;

	if (size > sizeof(acts_buf))
		return false;
	memset(acts_buf, 0xa5, sizeof(acts_buf));
	ovsnl_actions_build(acts, attr, &v->key);
	if (sizeof(*acts) + acts->prog_len + acts->nla_len != size ||
	    ovsnl_selftest_prog_text(acts, text, sizeof(text)) ||
	    strcmp(text, v->prog))
		return false;
	len = ovsnl_selftest_unhex(v->dump ? v->dump : v->actions, dump);
	return len == (int)acts->nla_len &&
	       !memcmp(dump, ovsnl_actions_nla(acts), len);
}

static bool vector_ok(const struct ovsnl_action_vector *v)
{
	static __u32 buf[(OVSNL_VECTOR_MAX + NLA_HDRLEN) / 4];
	const struct nlattr *attr = ovsnl_selftest_nest(v->actions, buf);
	struct ovsnl_err err = { .msg = NULL };
	size_t size = 0;
	int ret;

	if (!attr)
		return false;
	ret = ovsnl_actions_measure(attr, &v->key, &size, &err);
	if (ret != v->ret || !!err.msg != !!ret)
		return false;
	return ret || built_ok(v, attr, size);
}

static int run(const struct ovsnl_action_vector *v, unsigned int n,
	       ovsnl_selftest_report report)
{
	int failed = 0;
	bool ok;

	for (; n; n--, v++) {
		ok = vector_ok(v);
		report(v->name, ok);
		failed += !ok;
	}
	return failed;
}

int ovsnl_selftest_action(ovsnl_selftest_report report)
{
	return run(ovsnl_action_vectors, ovsnl_action_vector_count, report) +
	       run(ovsnl_action_more_vectors, ovsnl_action_more_vector_count,
		   report) +
	       run(ovsnl_action_ct_vectors, ovsnl_action_ct_vector_count,
		   report);
}
