// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Attributes: every kind of policy against every length, the walk over broken
 * attributes, the writer at every capacity.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "ovsnl_attr.h"
#include "rng.h"

#define TYPE 3
#define TYPES 5

static struct rng rng;

/* A copy at the end of its memory, for the sanitizers. */
static struct nlattr *copy_at_end(const void *data, size_t len)
{
	void *p = malloc(len);

	assert_non_null(p);
	memcpy(p, data, len);
	return p;
}

/* The policy's answer to one attribute of @len bytes. */
static int judge(const struct ovsnl_policy *policy, const void *payload,
		 int len, bool *taken)
{
	struct ovsnl_policy table[TYPES + 1] = { 0 };
	const struct nlattr *tb[TYPES + 1];
	__u8 buf[NLA_HDRLEN + 64];
	struct ovsnl_err err = { 0 };
	struct nlattr *a = (struct nlattr *)buf;
	int ret;

	a->nla_type = TYPE;
	a->nla_len = NLA_HDRLEN + len;
	memcpy(buf + NLA_HDRLEN, payload, len);
	a = copy_at_end(buf, NLA_HDRLEN + len);
	table[TYPE] = *policy;
	ret = ovsnl_attr_parse(tb, TYPES, a, a->nla_len, table, &err);
	*taken = tb[TYPE] == a;
	/* a refusal names attribute and cause */
	assert_true(ret ? err.attr == a && err.msg : !err.msg);
	free(a);
	return ret;
}

static void expect(const struct ovsnl_policy *policy, const void *payload,
		   int len, int want)
{
	bool taken;

	if (judge(policy, payload, len, &taken) != want)
		fail_msg("kind %u, %d bytes: not %d", policy->kind, len, want);
	assert_int_equal(taken, !want);
}

/* Kinds that ask for a length only: enough is enough. */
static void test_lengths(void **state)
{
	static const struct {
		struct ovsnl_policy policy;
		int min;
	} kinds[] = {
		{ { .kind = OVSNL_P_ANY }, 0 },
		{ { .kind = OVSNL_P_MIN_LEN, .len = 14 }, 14 },
		{ { .kind = OVSNL_P_MIN_LEN, .len = 1 }, 1 },
		{ { .kind = OVSNL_P_U16 }, 2 },
		{ { .kind = OVSNL_P_U32 }, 4 },
		{ { .kind = OVSNL_P_S32 }, 4 },
		{ { .kind = OVSNL_P_U64 }, 8 },
		{ { .kind = OVSNL_P_U32_MAX, .max = 4096 }, 4 },
		{ { .kind = OVSNL_P_S32_NONNEG }, 4 },
	};
	static const __u8 zeroes[64];
	size_t i;
	int len;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (len = 0; len <= 20; len++)
			expect(&kinds[i].policy, zeroes, len,
			       len < kinds[i].min ? -ERANGE : 0);
}

static void test_flag_and_nest(void **state)
{
	const struct ovsnl_policy flag = { .kind = OVSNL_P_FLAG };
	const struct ovsnl_policy nest = { .kind = OVSNL_P_NESTED };
	static const __u8 zeroes[64];
	int len;

	(void)state;
	for (len = 0; len <= 9; len++) {
		expect(&flag, zeroes, len, len ? -ERANGE : 0);
		expect(&nest, zeroes, len, len && len < 4 ? -ERANGE : 0);
	}
}

static void test_ranges(void **state)
{
	const struct ovsnl_policy max = { .kind = OVSNL_P_U32_MAX,
					  .max = 4096 };
	const struct ovsnl_policy nonneg = { .kind = OVSNL_P_S32_NONNEG };
	static const struct {
		__u32 value;
		int max, nonneg;
	} cases[] = {
		{ 0, 0, 0 },
		{ 4096, 0, 0 },
		{ 4097, -ERANGE, 0 },
		{ 0x7fffffff, -ERANGE, 0 },
		{ 0x80000000, -ERANGE, -ERANGE },
		{ 0xffffffff, -ERANGE, -ERANGE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		__u32 value[2] = { cases[i].value, 0xffffffff };

		expect(&max, value, 4, cases[i].max);
		expect(&nonneg, value, 4, cases[i].nonneg);
		/* what is too long counts by its first bytes */
		expect(&max, value, 8, cases[i].max);
		expect(&nonneg, value, 8, cases[i].nonneg);
	}
}

/* Names of at most 5 characters, in attributes of any length, with the first
 * NUL at any place and other bytes behind it.
 */
static void test_strings(void **state)
{
	const struct ovsnl_policy name = { .kind = OVSNL_P_NUL_STRING,
					   .len = 5 };
	char text[16];
	int len, nul, tail, want;

	(void)state;
	for (len = 0; len <= 9; len++)
		for (nul = 0; nul <= len; nul++)
			for (tail = 0; tail < 2; tail++) {
				memset(text, 'x', sizeof(text));
				if (nul < len)
					text[nul] = '\0';
				if (tail && nul < len)
					text[len - 1] = '\0';
				/* a NUL among the first 6 bytes */
				if (nul >= len || nul > 5)
					want = -EINVAL;
				/* 5 bytes, not counting a NUL at the end */
				else if (len - (text[len - 1] == '\0') > 5)
					want = -ERANGE;
				else
					want = 0;
				expect(&name, text, len, want);
			}
}

static void put(__u8 *buf, size_t *len, int type, int nla_len)
{
	struct nlattr a = { .nla_len = nla_len, .nla_type = type };

	memcpy(buf + *len, &a, sizeof(a));
	*len += sizeof(a);
}

/* The last of one type wins, unknown ones are passed over, flags dropped. */
static void test_table(void **state)
{
	struct ovsnl_policy policy[TYPES + 1] = {
		[1] = { .kind = OVSNL_P_FLAG },
	};
	const struct nlattr *tb[TYPES + 1];
	__u8 buf[64];
	size_t len = 0;
	struct nlattr *a;

	(void)state;
	put(buf, &len, 2, 4);
	put(buf, &len, 0, 4);
	put(buf, &len, TYPES + 1, 4);
	put(buf, &len, 2 | NLA_F_NESTED, 4);
	put(buf, &len, NLA_TYPE_MASK, 4);
	put(buf, &len, 1 | NLA_F_NET_BYTEORDER, 4);
	a = copy_at_end(buf, len);
	assert_int_equal(ovsnl_attr_parse(tb, TYPES, a, len, policy, NULL), 0);
	assert_null(tb[0]);
	assert_ptr_equal(tb[1], a + 5);
	assert_ptr_equal(tb[2], a + 3);
	assert_null(tb[3]);
	assert_null(tb[4]);
	assert_null(tb[5]);
	/* no policy, no check; nothing to read, nothing found */
	assert_int_equal(ovsnl_attr_parse(tb, TYPES, a, len, NULL, NULL), 0);
	assert_ptr_equal(tb[2], a + 3);
	assert_int_equal(ovsnl_attr_parse(tb, TYPES, a, 0, policy, NULL), 0);
	assert_null(tb[1]);
	assert_null(tb[2]);
	free(a);
}

/* Attributes end where one does not fit; what is left over is passed over. */
static void test_broken_walk(void **state)
{
	static const struct {
		int nla_len, bytes;
		bool found;
	} cases[] = {
		{ 4, 3, false }, { 4, 4, true },  { 3, 8, false },
		{ 0, 8, false }, { 8, 7, false }, { 8, 8, true },
		{ 5, 5, true },	 { 5, 8, true },  { 0xffff, 8, false },
	};
	const struct nlattr *tb[TYPES + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		__u8 buf[16] = { 0 };
		struct nlattr *a;
		size_t len = 0;

		put(buf, &len, 1, cases[i].nla_len);
		a = copy_at_end(buf, cases[i].bytes);
		assert_int_equal(ovsnl_attr_parse(tb, TYPES, a, cases[i].bytes,
						  NULL, NULL),
				 0);
		assert_int_equal(tb[1] == a, cases[i].found);
		free(a);
	}
}

/* Random bytes: nothing is read that is not there, all found is whole. */
static void test_random_bytes(void **state)
{
	static const struct ovsnl_policy policy[TYPES + 1] = {
		[1] = { .kind = OVSNL_P_U32 },
		[2] = { .kind = OVSNL_P_NUL_STRING, .len = 15 },
		[3] = { .kind = OVSNL_P_S32_NONNEG },
		[4] = { .kind = OVSNL_P_NESTED },
		[5] = { .kind = OVSNL_P_U64 },
	};
	const struct nlattr *tb[TYPES + 1];
	__u8 buf[64];
	int i, t;

	(void)state;
	for (i = 0; i < 200000; i++) {
		int len = rng_below(&rng, sizeof(buf) + 1), at = 0;
		struct nlattr *a;

		rng_fill(&rng, buf, sizeof(buf));
		for (at = 0; at + 4 <= len; at += 4 + rng_below(&rng, 4) * 4) {
			buf[at] = rng_below(&rng, 24);
			buf[at + 1] = 0;
			buf[at + 2] = rng_below(&rng, TYPES + 2);
			buf[at + 3] = rng_one_in(&rng, 4) ? 0xc0 : 0;
		}
		a = copy_at_end(buf, len);
		if (!ovsnl_attr_parse(tb, TYPES, a, len, policy, NULL))
			for (t = 1; t <= TYPES; t++)
				if (tb[t])
					assert_true((const __u8 *)tb[t] +
							    tb[t]->nla_len <=
						    (const __u8 *)a + len);
		free(a);
	}
}

/* One of each. Return: bytes that it takes. */
static size_t write_all(struct ovsnl_writer *w)
{
	static const __u64 wide = 0x0102030405060708;
	size_t nest, inner;

	ovsnl_put_u8(w, 1, 0x11);
	ovsnl_put_u16(w, 2, 0x2222);
	nest = ovsnl_nest_start(w, 3);
	ovsnl_put_u32(w, 4, 0x44444444);
	inner = ovsnl_nest_start(w, 5);
	ovsnl_nest_end(w, inner);
	ovsnl_put_string(w, 6, "port");
	ovsnl_nest_end(w, nest);
	ovsnl_put_aligned(w, 7, &wide, sizeof(wide));
	ovsnl_put(w, 8, NULL, 0);
	return w->len;
}

static const __u8 all_written[] = {
	5, 0,  1, 0, 0x11, 0, 0,   0,	6,   0,	   2,	 0,    0x22, 0x22, 0,
	0, 28, 0, 3, 0,	   8, 0,   4,	0,   0x44, 0x44, 0x44, 0x44, 4,	   0,
	5, 0,  9, 0, 6,	   0, 'p', 'o', 'r', 't',  0,	 0,    0,    0,	   12,
	0, 7,  0, 8, 7,	   6, 5,   4,	3,   2,	   1,	 4,    0,    8,	   0,
};

static void test_writer(void **state)
{
	static __u8 buf[128];
	struct ovsnl_writer w;

	(void)state;
	memset(buf, 0xa5, sizeof(buf));
	ovsnl_writer_init(&w, buf, sizeof(buf));
	assert_int_equal(write_all(&w), sizeof(all_written));
	assert_false(w.overflow);
	assert_memory_equal(buf, all_written, sizeof(all_written));
	assert_int_equal(buf[sizeof(all_written)], 0xa5);
}

/* Whatever the room: no byte behind it is written, what was finished stays. */
static void test_writer_overflow(void **state)
{
	size_t cap;

	(void)state;
	for (cap = 0; cap < sizeof(all_written); cap++) {
		struct ovsnl_writer w;
		__u8 *buf = malloc(cap ? cap : 1);

		ovsnl_writer_init(&w, buf, cap);
		write_all(&w);
		assert_true(w.overflow);
		assert_true(w.len <= cap);
		assert_memory_equal(buf, all_written, w.len < 16 ? w.len : 16);
		/* sticky, until it is reset */
		assert_null(ovsnl_put_space(&w, 1, 0));
		ovsnl_writer_reset(&w, 0);
		assert_false(w.overflow);
		ovsnl_put_u8(&w, 1, 0x11);
		assert_int_equal(w.overflow, cap < 8);
		free(buf);
	}
}

/* Lengths are 16 bits. */
static void test_writer_longest(void **state)
{
	static __u8 buf[200000];
	struct ovsnl_writer w;
	size_t nest;

	(void)state;
	ovsnl_writer_init(&w, buf, sizeof(buf));
	assert_non_null(ovsnl_put_space(&w, 1, 65531));
	assert_int_equal(w.len, 65536);
	assert_int_equal(((struct nlattr *)buf)->nla_len, 65535);
	assert_null(ovsnl_put_space(&w, 1, 65532));
	assert_true(w.overflow);

	ovsnl_writer_reset(&w, 0);
	nest = ovsnl_nest_start(&w, 1);
	ovsnl_put_space(&w, 2, 65532 - 4 - 4);
	ovsnl_nest_end(&w, nest);
	assert_false(w.overflow);
	assert_int_equal(((struct nlattr *)buf)->nla_len, 65532);

	ovsnl_writer_reset(&w, 0);
	nest = ovsnl_nest_start(&w, 1);
	ovsnl_put_space(&w, 2, 65532 - 4 - 4 + 1);
	ovsnl_nest_end(&w, nest);
	assert_true(w.overflow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_flag_and_nest),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_broken_walk),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_writer_overflow),
		cmocka_unit_test(test_writer_longest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	rng_start(&rng);
	return cmocka_run_group_tests_name("attributes", tests, NULL, NULL);
}
