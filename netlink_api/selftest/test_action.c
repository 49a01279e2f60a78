// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Action lists: every action at every length, nesting at its limit, and random
 * lists whose program and dump must say the same as the list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "gen_action.h"
#include "ovsnl_uapi_new.h"
#include "selftest.h"

#define ROUNDS 60000

static struct rng rng;

static const struct ovsnl_key tcp_key = {
	.mac_proto = OVSNL_MAC_ETHERNET,
	.eth_type = N16(0x0800),
	.ip_proto = 6,
};

/* Measure, allocate what was asked for, build. NULL if it was refused. */
static struct ovsnl_actions *compile(const struct nlattr *attr,
				     const struct ovsnl_key *key, int *ret)
{
	struct ovsnl_actions *acts;
	struct ovsnl_err err = { 0 };
	size_t size;

	*ret = ovsnl_actions_measure(attr, key, &size, &err);
	assert_int_equal(!*ret, !err.msg);
	if (*ret)
		return NULL;
	acts = malloc(size);
	assert_non_null(acts);
	memset(acts, 0xa5, size);
	ovsnl_actions_build(acts, attr, key);
	assert_int_equal(sizeof(*acts) + acts->prog_len + acts->nla_len, size);
	return acts;
}

/* An attribute around @len bytes, in memory of its own size. */
static struct nlattr *wrap(const void *data, size_t len)
{
	struct nlattr *a = malloc(NLA_HDRLEN + len);

	assert_non_null(a);
	a->nla_type = OVS_FLOW_ATTR_ACTIONS;
	a->nla_len = NLA_HDRLEN + len;
	memcpy(a + 1, data, len);
	return a;
}

static int verdict(const void *actions, size_t len, const struct ovsnl_key *key)
{
	struct nlattr *attr = wrap(actions, len);
	int ret;

	free(compile(attr, key, &ret));
	free(attr);
	return ret;
}

/* What an action likes. */
struct good {
	const char *payload; /* hexadecimal; NULL: not an action here */
	const struct ovsnl_key *key;
};

static const struct ovsnl_key mpls_key = {
	.mac_proto = OVSNL_MAC_ETHERNET,
	.eth_type = N16(0x8847),
	.mpls_labels = 1,
};
static const struct ovsnl_key nsh_key = {
	.mac_proto = OVSNL_MAC_ETHERNET,
	.eth_type = N16(0x894f),
	.nsh_mdtype = 1,
	.nsh_np = 3,
};
static const struct ovsnl_key l3_key = {
	.mac_proto = OVSNL_MAC_NONE,
	.eth_type = N16(0x0800),
};

#define GOOD_TYPES 40

static const struct good good[GOOD_TYPES] = {
	[OVS_ACTION_ATTR_OUTPUT] = { "64000000", &tcp_key },
	[OVS_ACTION_ATTR_USERSPACE] = { "0800010001000000", &tcp_key },
	[OVS_ACTION_ATTR_SET] = { "08000f0001000000", &tcp_key },
	[OVS_ACTION_ATTR_PUSH_VLAN] = { "81001001", &tcp_key },
	[OVS_ACTION_ATTR_POP_VLAN] = { "", &tcp_key },
	[OVS_ACTION_ATTR_SAMPLE] = { "080001000100000004000200", &tcp_key },
	[OVS_ACTION_ATTR_RECIRC] = { "05000000", &tcp_key },
	[OVS_ACTION_ATTR_HASH] = { "0000000005000000", &tcp_key },
	[OVS_ACTION_ATTR_PUSH_MPLS] = { "0001214088470000", &tcp_key },
	[OVS_ACTION_ATTR_POP_MPLS] = { "0800", &mpls_key },
	[OVS_ACTION_ATTR_SET_MASKED] = { "0c000f000100000001000000", &tcp_key },
	[OVS_ACTION_ATTR_CT] = { "", &tcp_key },
	[OVS_ACTION_ATTR_TRUNC] = { "64000000", &tcp_key },
	[OVS_ACTION_ATTR_PUSH_NSH] = { "24001c00 0c000100 003f010300000500"
				       "14000200 000102030405060708090a0b"
				       "0c0d0e0f",
				       &tcp_key },
	[OVS_ACTION_ATTR_POP_NSH] = { "", &nsh_key },
	[OVS_ACTION_ATTR_PUSH_ETH] = { "020000000001020000000002", &l3_key },
	[OVS_ACTION_ATTR_POP_ETH] = { "", &tcp_key },
	[OVS_ACTION_ATTR_CT_CLEAR] = { "", &tcp_key },
	[OVS_ACTION_ATTR_METER] = { "05000000", &tcp_key },
	[OVS_ACTION_ATTR_CLONE] = { "0800010001000000", &tcp_key },
	[OVS_ACTION_ATTR_CHECK_PKT_LEN] = { "06000100640000000400020004000300",
					    &tcp_key },
	[OVS_ACTION_ATTR_ADD_MPLS] = { "0001214088470000", &tcp_key },
	[OVS_ACTION_ATTR_DEC_TTL] = { "04000100", &tcp_key },
	[OVSNL_ACTION_ATTR_DROP] = { "05000000", &tcp_key },
	[OVSNL_ACTION_ATTR_PSAMPLE] = { "0800010005000000", &tcp_key },
};

/* Lengths at which lists with parts inside are right all the same. */
static bool may_differ(int type, int len, int good_len)
{
	switch (type) {
	case OVS_ACTION_ATTR_USERSPACE:
		/* what is left over is passed over */
		return len >= good_len;
	case OVS_ACTION_ATTR_CLONE:
		/* no actions are actions too */
		return len == 0;
	default:
		return false;
	}
}

/* The errno for @len bytes of a good payload of @good_len. */
static int length_verdict(int type, int len, int good_len)
{
	if (good[type].payload &&
	    (len == good_len || may_differ(type, len, good_len)))
		return 0;
	return -EINVAL;
}

static void test_every_length(void **state)
{
	__u8 buf[NLA_HDRLEN + OVSNL_VECTOR_MAX];
	struct nlattr *a = (struct nlattr *)buf;
	int type, len, good_len, ret, want;

	(void)state;
	for (type = 0; type < GOOD_TYPES; type++) {
		memset(buf, 0, sizeof(buf));
		good_len = -1;
		if (good[type].payload)
			good_len = ovsnl_selftest_unhex(good[type].payload,
							buf + NLA_HDRLEN);
		for (len = 0; len <= 64; len++) {
			a->nla_type = type;
			a->nla_len = NLA_HDRLEN + len;
			want = length_verdict(type, len, good_len);
			ret = verdict(buf, NLA_ALIGN(a->nla_len),
				      good[type].payload ? good[type].key
							 : &tcp_key);
			if (ret != want)
				fail_msg("type %d, %d bytes: %d", type, len,
					 ret);
		}
	}
}

/* Opens the nests of a list inside an action of @type. */
static int open_nests(struct ovsnl_writer *w, int type, size_t *nest)
{
	static const __u16 len = 100;

	nest[0] = ovsnl_nest_start(w, type);
	switch (type) {
	case OVS_ACTION_ATTR_SAMPLE:
		ovsnl_put_u32(w, OVS_SAMPLE_ATTR_PROBABILITY, 1);
		nest[1] = ovsnl_nest_start(w, OVS_SAMPLE_ATTR_ACTIONS);
		return 2;
	case OVS_ACTION_ATTR_DEC_TTL:
		nest[1] = ovsnl_nest_start(w, OVS_DEC_TTL_ATTR_ACTION);
		return 2;
	case OVS_ACTION_ATTR_CHECK_PKT_LEN:
		ovsnl_put(w, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN, &len, sizeof(len));
		ovsnl_put(w, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL, NULL,
			  0);
		nest[1] = ovsnl_nest_start(
			w, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER);
		return 2;
	default:
		return 1;
	}
}

static const int nesting_types[] = { OVS_ACTION_ATTR_SAMPLE,
				     OVS_ACTION_ATTR_CLONE,
				     OVS_ACTION_ATTR_CHECK_PKT_LEN,
				     OVS_ACTION_ATTR_DEC_TTL };

/* A list with @depth lists inside each other, one action in the innermost.
 * @type 0: of each kind in turn.
 */
static size_t nested(__u8 *buf, size_t cap, int depth, int type)
{
	struct ovsnl_writer w;
	size_t nests[2 * 64];
	int i, n = 0;

	ovsnl_writer_init(&w, buf, cap);
	for (i = 0; i < depth; i++)
		n += open_nests(&w, type ? type : nesting_types[i % 4],
				nests + n);
	ovsnl_put_u32(&w, OVS_ACTION_ATTR_OUTPUT, 1);
	for (; n > 0; n--)
		ovsnl_nest_end(&w, nests[n - 1]);
	assert_false(w.overflow);
	return w.len;
}

/* CVE-2024-1151: lists nested without end. */
static void test_depth(void **state)
{
	static __u32 buf[1024];
	int i, depth;

	(void)state;
	for (i = 0; i <= 4; i++)
		for (depth = 0; depth <= 64; depth++) {
			size_t len = nested((__u8 *)buf, sizeof(buf), depth,
					    i < 4 ? nesting_types[i] : 0);

			assert_int_equal(verdict(buf, len, &tcp_key),
					 depth > OVSNL_ACTION_MAX_DEPTH
						 ? -EOVERFLOW
						 : 0);
		}
}

static void random_key(struct ovsnl_key *key)
{
	static const __u16 types[] = { 0x0800, 0x86dd, 0x0806, 4,
				       0x8847, 0x8848, 0x894f };
	static const __u8 protos[] = { 6, 17, 132, 1 };

	memset(key, 0, sizeof(*key));
	key->mac_proto = rng_one_in(&rng, 8) ? OVSNL_MAC_NONE
					     : OVSNL_MAC_ETHERNET;
	key->eth_type = htons(types[rng_below(&rng, 7)]);
	if (rng_one_in(&rng, 4))
		key->vlan_tci = htons(OVSNL_VLAN_PRESENT | 5);
	key->ip_proto = protos[rng_below(&rng, 4)];
	key->ip_frag = rng_below(&rng, 3);
	if (key->eth_type == htons(0x8847) || key->eth_type == htons(0x8848))
		key->mpls_labels = 7 >> rng_below(&rng, 4);
	key->nsh_np = rng_below(&rng, 8);
}

static void check_references(const struct ovsnl_actions *acts,
			     const struct ovsnl_op *list, __u32 bytes,
			     const __u8 *nla, __u32 nla_len);

static void check_list(const struct ovsnl_actions *acts,
		       const struct ovsnl_op *list, __u32 bytes,
		       const struct nlattr *nest)
{
	check_references(acts, list, bytes, ovsnl_attr_data(nest),
			 ovsnl_attr_len(nest));
}

/* The lists inside of @op, which @a is dumped for. */
static void check_nested(const struct ovsnl_actions *acts,
			 const struct ovsnl_op *op, const struct nlattr *a)
{
	const __u8 *inner = ovsnl_attr_data(a);
	const struct ovsnl_op_check_pkt_len *check;
	const struct ovsnl_op *list;
	const struct nlattr *nest;
	__u32 bytes;

	switch (op->code) {
	case OVSNL_OP_SAMPLE: /* behind the probability */
		inner += 8;
		break;
	case OVSNL_OP_CLONE:
		inner = (const __u8 *)a;
		break;
	case OVSNL_OP_DEC_TTL:
		break;
	case OVSNL_OP_CHECK_PKT_LEN: /* behind the length */
		check = (const struct ovsnl_op_check_pkt_len *)op;
		nest = (const struct nlattr *)(inner + 8);
		list = ovsnl_op_check_nested(check, false, &bytes);
		check_list(acts, list, bytes, nest);
		nest = (const struct nlattr *)((const __u8 *)nest +
					       nest->nla_len);
		list = ovsnl_op_check_nested(check, true, &bytes);
		check_list(acts, list, bytes, nest);
		return;
	default:
		return;
	}
	list = ovsnl_op_nested(op, &bytes);
	check_list(acts, list, bytes, (const struct nlattr *)inner);
}

/* Is every userspace action's list where it says? */
static void check_references(const struct ovsnl_actions *acts,
			     const struct ovsnl_op *list, __u32 bytes,
			     const __u8 *nla, __u32 nla_len)
{
	const __u8 *base = (const __u8 *)ovsnl_actions_nla(acts);
	const struct nlattr *a = (const struct nlattr *)nla;
	const struct ovsnl_op *op;
	int rem = nla_len;

	ovsnl_op_for_each(op, list, bytes) {
		/* one attribute for one operation, in the same order */
		assert_true(ovsnl_attr_ok(a, rem));
		if (op->code == OVSNL_OP_USERSPACE) {
			const struct ovsnl_op_userspace *u = (const void *)op;

			assert_ptr_equal(base + u->list_ofs, nla);
			assert_int_equal(u->list_len, nla_len);
		}
		check_nested(acts, op, a);
		a = ovsnl_attr_next(a, &rem);
	}
	assert_true(rem <= 0);
}

static void test_random_lists(void **state)
{
	static __u32 buf[8192];
	struct ovsnl_actions *acts, *again;
	struct nlattr *attr, *dump;
	struct ovsnl_writer w;
	struct ovsnl_key key;
	char text[1024];
	int i, ret;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		random_key(&key);
		ovsnl_writer_init(&w, buf, sizeof(buf));
		gen_actions(&rng, &w, &key, rng_below(&rng, 4));
		if (w.overflow)
			continue;
		attr = wrap(buf, w.len);
		acts = compile(attr, &key, &ret);
		assert_int_equal(ret, 0);
		assert_int_equal(
			ovsnl_selftest_prog_text(acts, text, sizeof(text)), 0);
		/* dumped as it came, and the dump means the same */
		assert_int_equal(acts->nla_len, w.len);
		assert_memory_equal(ovsnl_actions_nla(acts), buf, w.len);
		check_references(acts, ovsnl_actions_prog(acts), acts->prog_len,
				 (const __u8 *)ovsnl_actions_nla(acts),
				 acts->nla_len);
		dump = wrap(ovsnl_actions_nla(acts), acts->nla_len);
		again = compile(dump, &key, &ret);
		assert_int_equal(ret, 0);
		assert_int_equal(again->prog_len, acts->prog_len);
		assert_memory_equal(again->data, acts->data,
				    acts->prog_len + acts->nla_len);
		free(again);
		free(dump);
		free(acts);
		free(attr);
	}
}

/* Lists with random changes: no harm; what is accepted is well-formed, and
 * its dump is accepted again and dumps the same.
 */
static void test_damaged(void **state)
{
	static __u32 buf[8192];
	struct ovsnl_actions *acts, *again;
	struct nlattr *attr, *dump;
	struct ovsnl_writer w;
	struct ovsnl_key key;
	char text[4096];
	int i, changes, ret, accepted = 0;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		random_key(&key);
		ovsnl_writer_init(&w, buf, sizeof(buf));
		gen_actions(&rng, &w, &key, 3);
		if (w.overflow || !w.len)
			continue;
		for (changes = 1 + rng_below(&rng, 3); changes; changes--)
			w.buf[rng_below(&rng, w.len)] =
				rng_below(&rng, rng_one_in(&rng, 2) ? 256 : 24);
		attr = wrap(buf, w.len - (rng_one_in(&rng, 4)
						  ? rng_below(&rng, w.len)
						  : 0));
		acts = compile(attr, &key, &ret);
		if (acts) {
			accepted++;
			assert_int_equal(ovsnl_selftest_prog_text(acts, text,
								  sizeof(text)),
					 0);
			dump = wrap(ovsnl_actions_nla(acts), acts->nla_len);
			again = compile(dump, &key, &ret);
			assert_int_equal(ret, 0);
			assert_memory_equal(again->data, acts->data,
					    acts->prog_len + acts->nla_len);
			free(again);
			free(dump);
		}
		free(acts);
		free(attr);
	}
	assert_true(accepted > ROUNDS / 100);
}

/* The longest attribute: what fits exactly, and what grows by its padding. */
static void test_longest(void **state)
{
	static __u8 buf[65536];
	struct nlattr *clone = (struct nlattr *)buf;
	struct nlattr *user = clone + 1, *pid = clone + 2, *data = clone + 4;
	static const __u32 one = 1;
	int total;

	(void)state;
	for (total = 65500; total <= 65531; total++) {
		memset(buf, 0, sizeof(buf));
		/* clone(userspace(pid, userdata)) without padding at the end */
		clone->nla_type = OVS_ACTION_ATTR_CLONE;
		clone->nla_len = total;
		user->nla_type = OVS_ACTION_ATTR_USERSPACE;
		user->nla_len = total - 4;
		pid->nla_type = OVS_USERSPACE_ATTR_PID;
		pid->nla_len = 8;
		memcpy(pid + 1, &one, sizeof(one));
		data->nla_type = OVS_USERSPACE_ATTR_USERDATA;
		data->nla_len = total - 16;
		/* not the clone alone: the list of actions must fit too */
		assert_int_equal(
			verdict(buf, total, &tcp_key),
			NLA_ALIGN(total) > 0xffff - NLA_HDRLEN ? -EMSGSIZE : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_random_lists),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_longest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	rng_start(&rng);
	return cmocka_run_group_tests_name("action lists", tests, NULL, NULL);
}
