// SPDX-License-Identifier: BSD-3-Clause
/*
 * The account of a worker's rounds: classes, long rounds with and without the
 * processor, beginning anew.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <time.h>

#include <cmocka.h>

#include "work.h"

/* A TSC of 1 GHz: cycles are nanoseconds, give or take one. */
#define HZ 1000000000ull
#define MS 1000000ull

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * HZ + ts.tv_nsec;
}

static void test_classes(void **state)
{
	const struct {
		uint64_t cycles;
		unsigned int class;
	} cases[] = { { 0, 1 },	       { 1, 1 },      { 2, 2 },
		      { 3, 2 },	       { 4, 3 },      { 1000, 10 },
		      { 1024, 11 },    { 32767, 15 }, { 32768, 16 },
		      { 65536, 17 },   { HZ, 30 },    { 2 * HZ, 31 },
		      { 100 * HZ, 31 } };
	unsigned int i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct twin_work idle, busy;

		twin_work_init(&idle, HZ);
		twin_work_init(&busy, HZ);
		twin_work_round(&idle, cases[i].cycles, 0, 0);
		twin_work_round(&busy, cases[i].cycles, 7, 0);
		for (j = 0; j < TWIN_WORK_CLASSES; j++) {
			assert_int_equal(idle.idle[j], j == cases[i].class);
			assert_int_equal(idle.busy[j], 0);
			assert_int_equal(busy.busy[j], j == cases[i].class);
			assert_int_equal(busy.idle[j], 0);
		}
		assert_int_equal(idle.idle_cycles, cases[i].cycles);
		assert_int_equal(busy.busy_cycles, cases[i].cycles);
		assert_int_equal(busy.packets, 7);
		assert_int_equal(idle.packets, 0);
	}
}

static void test_frequencies(void **state)
{
	static const uint64_t hz[] = { 800000000, 2450000000, 5700000000 };
	struct twin_work work;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(hz) / sizeof(hz[0]); i++) {
		twin_work_init(&work, hz[i]);
		assert_in_range(twin_work_ns(&work, hz[i]), HZ - HZ / 100000,
				HZ);
		assert_in_range(twin_work_ns(&work, 100 * hz[i]),
				100 * (HZ - HZ / 100000), 100 * HZ);
	}
}

static uint64_t sum(const uint64_t *v)
{
	uint64_t total = 0;
	int i;

	for (i = 0; i < TWIN_WORK_CLASSES; i++)
		total += v[i];
	return total;
}

/* The thread sleeps through the round: it was long, but not by its own doing. */
static void test_off_processor(void **state)
{
	const struct timespec nap = { .tv_nsec = 30 * MS };
	uint64_t start = clock_ns(CLOCK_MONOTONIC), now;
	uint64_t longest, own, idle;
	struct twin_work work;

	(void)state;
	twin_work_init(&work, HZ);
	twin_work_base(&work, start);
	nanosleep(&nap, NULL);
	now = clock_ns(CLOCK_MONOTONIC);
	twin_work_round(&work, now - start, 0, now);
	assert_int_equal(sum(work.own_idle), 1);
	assert_int_equal(sum(work.own_busy), 0);
	twin_work_longest(&work, &longest, &own, &idle);
	assert_true(longest >= 29 * MS);
	assert_true(own < 10 * MS);
	assert_int_equal(own, idle);
}

/* The thread works through the round, whatever the system does meanwhile. */
static void test_on_processor(void **state)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC), now;
	uint64_t longest, own, idle, end;
	struct twin_work work;

	(void)state;
	twin_work_init(&work, HZ);
	twin_work_base(&work, start);
	end = work.base_ns + 20 * MS;
	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
	now = clock_ns(CLOCK_MONOTONIC);
	twin_work_round(&work, now - start, 3, now);
	assert_int_equal(sum(work.own_busy), 1);
	assert_int_equal(sum(work.own_idle), 0);
	twin_work_longest(&work, &longest, &own, &idle);
	assert_true(own >= 19 * MS);
	assert_true(longest >= own);
	assert_int_equal(idle, 0);
}

static void test_clear(void **state)
{
	uint64_t longest, own, idle;
	struct twin_work work;

	(void)state;
	twin_work_init(&work, HZ);
	twin_work_longest(&work, &longest, &own, &idle);
	assert_int_equal(longest, 0);
	twin_work_base(&work, 0);
	twin_work_round(&work, 5 * MS, 0, 0);
	twin_work_longest(&work, &longest, &own, &idle);
	assert_in_range(longest, 5 * MS - 100, 5 * MS);
	/* Nothing since then. */
	twin_work_clear(&work);
	twin_work_longest(&work, &longest, &own, &idle);
	assert_int_equal(longest, 0);
	assert_int_equal(own, 0);
	twin_work_round(&work, 1000, 0, 0);
	twin_work_longest(&work, &longest, &own, &idle);
	assert_int_equal(longest, 0);
	/* A shorter one than before. */
	twin_work_round(&work, MS, 0, 0);
	twin_work_longest(&work, &longest, &own, &idle);
	assert_in_range(longest, MS - 100, MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_frequencies),
		cmocka_unit_test(test_off_processor),
		cmocka_unit_test(test_on_processor),
		cmocka_unit_test(test_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
