// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Meters: the bucket against a naive one that has no need to care about the
 * size of its numbers, at any rate, burst and time; and counts of packets: as
 * many as burst and rate allow, none more or less.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "ovsnl_meter.h"
#include "rng.h"

#define ROUNDS 20000
#define PACKETS 60

typedef unsigned __int128 wide;

static struct rng rng;

/* What a client asks for, and the slow bucket. */
struct naive {
	struct ovsnl_meter_args args;
	wide tokens;
	__u64 used_ms;
};

static void naive_start(struct naive *n, __u64 now_ms)
{
	n->tokens = (wide)n->args.bands[0].burst * 1000;
	n->used_ms = now_ms;
}

static bool naive_charge(struct naive *n, __u32 len, __u64 now_ms)
{
	wide full = (wide)n->args.bands[0].burst * 1000;
	wide cost = n->args.kbps ? (wide)len * 8 : 1000;

	if (now_ms > n->used_ms) {
		n->tokens +=
			(wide)(now_ms - n->used_ms) * n->args.bands[0].rate;
		n->used_ms = now_ms;
	}
	if (n->tokens > full)
		n->tokens = full;
	if (n->tokens < cost)
		return true;
	n->tokens -= cost;
	return false;
}

static struct ovsnl_meter_args meter_args(__u32 rate, __u32 burst, bool kbps)
{
	return (struct ovsnl_meter_args){
		.kbps = kbps,
		.n_bands = 1,
		.bands = { { .type = OVS_METER_BAND_TYPE_DROP,
			     .rate = rate,
			     .burst = burst } },
	};
}

/* Small, huge, and in between, each as likely. */
static __u64 any_size(unsigned int bits)
{
	return rng_next(&rng) >> (64 - bits) >> rng_below(&rng, bits);
}

static void test_against_naive(void **state)
{
	struct ovsnl_meter_bucket bucket;
	struct ovsnl_meter_rule rule;
	struct naive naive = { 0 };
	int round, i;
	__u64 now;
	__u32 len;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		naive.args = meter_args(any_size(32) | 1, any_size(32),
					rng_one_in(&rng, 2));
		now = any_size(64);
		ovsnl_meter_start(&rule, &bucket, &naive.args, now);
		naive_start(&naive, now);
		for (i = 0; i < PACKETS; i++) {
			now += any_size(rng_one_in(&rng, 8) ? 63 : 8);
			if (rng_one_in(&rng, 16))
				now -= any_size(16);
			len = any_size(32);
			assert_int_equal(ovsnl_meter_charge(&rule, &bucket, len,
							    now),
					 naive_charge(&naive, len, now));
			assert_true(bucket.tokens == naive.tokens);
			assert_true(bucket.used_ms == naive.used_ms);
		}
	}
}

/* Packets of one size as fast as can be: how many pass in @ms. */
static __u64 pass_all(const struct ovsnl_meter_args *args, __u32 len, __u64 ms)
{
	struct ovsnl_meter_bucket bucket;
	struct ovsnl_meter_rule rule;
	__u64 now, passed = 0;

	ovsnl_meter_start(&rule, &bucket, args, 5);
	for (now = 5; now <= 5 + ms; now++)
		while (!ovsnl_meter_charge(&rule, &bucket, len, now))
			passed++;
	return passed;
}

static void test_rates(void **state)
{
	struct ovsnl_meter_args args;

	(void)state;
	/* packets: 10 at once and 100 a second for 3 s */
	args = meter_args(100, 10, false);
	assert_int_equal(pass_all(&args, 60, 3000), 10 + 300);
	/* 100-byte packets at 800 kbit/s for 2 s, 80 kbit at once */
	args = meter_args(800, 80, true);
	assert_int_equal(pass_all(&args, 100, 2000), 100 + 2000);
	/* a rate that no millisecond divides */
	args = meter_args(7, 10, false);
	assert_int_equal(pass_all(&args, 60, 10000), 10 + 70);
	/* a bucket that is full again before a millisecond is over */
	args = meter_args(UINT32_MAX, 1, false);
	assert_int_equal(pass_all(&args, 60, 9), 10);
	args = meter_args(UINT32_MAX, UINT32_MAX, true);
	assert_int_equal(pass_all(&args, 1u << 28, 1000),
			 (2ull * UINT32_MAX * 1000) >> 31);
}

static void test_edges(void **state)
{
	struct ovsnl_meter_bucket bucket;
	struct ovsnl_meter_rule rule;
	struct ovsnl_meter_args args;

	(void)state;
	/* no burst: nothing passes, however long one waits */
	args = meter_args(1000, 0, false);
	ovsnl_meter_start(&rule, &bucket, &args, 0);
	assert_true(ovsnl_meter_charge(&rule, &bucket, 60, 0));
	assert_true(ovsnl_meter_charge(&rule, &bucket, 60, UINT64_MAX));
	/* an idle time that no product holds fills the bucket, not more */
	args = meter_args(UINT32_MAX, 2, false);
	ovsnl_meter_start(&rule, &bucket, &args, 0);
	ovsnl_meter_charge(&rule, &bucket, 60, 0);
	ovsnl_meter_charge(&rule, &bucket, 60, UINT64_MAX);
	assert_int_equal(bucket.tokens, 1000);
	/* time that goes back gives nothing twice */
	args = meter_args(1000, 1, false);
	ovsnl_meter_start(&rule, &bucket, &args, 100);
	assert_false(ovsnl_meter_charge(&rule, &bucket, 60, 100));
	assert_true(ovsnl_meter_charge(&rule, &bucket, 60, 0));
	assert_int_equal(bucket.used_ms, 100);
	assert_true(ovsnl_meter_charge(&rule, &bucket, 60, 100));
	assert_false(ovsnl_meter_charge(&rule, &bucket, 60, 101));
	/* a packet that costs more than a full bucket never passes */
	args = meter_args(1000, 1, true);
	ovsnl_meter_start(&rule, &bucket, &args, 0);
	assert_true(ovsnl_meter_charge(&rule, &bucket, 126, 0));
	assert_false(ovsnl_meter_charge(&rule, &bucket, 125, 0));
}

static void test_kinds(void **state)
{
	struct ovsnl_meter_bucket bucket;
	struct ovsnl_meter_rule rule;
	struct ovsnl_meter_args args = { 0 };
	int i;

	(void)state;
	/* without a band all passes, and is seen */
	ovsnl_meter_start(&rule, &bucket, &args, 3);
	for (i = 0; i < 100; i++)
		assert_false(ovsnl_meter_charge(&rule, &bucket, 1500, 4));
	assert_int_equal(bucket.used_ms, 4);
	/* bands of other types count only */
	args = meter_args(1, 1, false);
	ovsnl_meter_start(&rule, &bucket, &args, 3);
	assert_true(rule.drops);
	args.bands[0].type = OVS_METER_BAND_TYPE_DROP + 1;
	ovsnl_meter_start(&rule, &bucket, &args, 3);
	assert_false(rule.drops);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_naive),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_kinds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	rng_start(&rng);
	return cmocka_run_group_tests_name("meters", tests, NULL, NULL);
}
