// SPDX-License-Identifier: BSD-3-Clause
/*
 * Plans of receive queues, held against what must be true of every one of them,
 * and against the best one, found by trying all.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "rxq_plan.h"

#define MAX_ITEMS 8
#define MAX_WORKERS 4
#define ROUNDS 3000

static uint64_t state = 88172645463325252ull;

static unsigned int draw(unsigned int n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 32) % n;
}

/** struct problem - what a plan is made for. */
struct problem {
	unsigned int n, n_workers;
	bool isolated[MAX_WORKERS];
	struct twin_rxq_item items[MAX_ITEMS];
};

static void draw_problem(struct problem *p, bool free_choice)
{
	unsigned int i;

	memset(p, 0, sizeof(*p));
	p->n = draw(MAX_ITEMS + 1);
	p->n_workers = 1 + draw(MAX_WORKERS);
	for (i = 0; i < p->n_workers; i++)
		p->isolated[i] = !free_choice && !draw(3);
	for (i = 0; i < p->n; i++) {
		p->items[i].load = draw(4) ? draw(1000) : 0;
		p->items[i].worker = (int)draw(p->n_workers + 1) - 1;
		p->items[i].pinned = free_choice || draw(3)
					     ? TWIN_RXQ_ANY
					     : (int)draw(p->n_workers);
		p->items[i].planned = -7;
	}
}

static uint64_t heaviest(const struct problem *p, const int *workers)
{
	uint64_t loads[MAX_WORKERS] = { 0 }, most = 0;
	unsigned int i;

	for (i = 0; i < p->n; i++)
		loads[workers[i]] += p->items[i].load;
	for (i = 0; i < p->n_workers; i++)
		if (loads[i] > most)
			most = loads[i];
	return most;
}

/* The lightest that the heaviest worker can be, by trying all plans. */
static uint64_t best(const struct problem *p)
{
	int workers[MAX_ITEMS] = { 0 };
	uint64_t least = UINT64_MAX, most;
	unsigned int i;

	for (;;) {
		most = heaviest(p, workers);
		if (most < least)
			least = most;
		for (i = 0; i < p->n && ++workers[i] == (int)p->n_workers; i++)
			workers[i] = 0;
		if (i == p->n)
			return least;
	}
}

static bool all_isolated(const struct problem *p)
{
	unsigned int i;

	for (i = 0; i < p->n_workers; i++)
		if (!p->isolated[i])
			return false;
	return true;
}

static void test_obeys(void **unused)
{
	struct problem p, again;
	unsigned int round, i;
	int to;

	(void)unused;
	for (round = 0; round < ROUNDS; round++) {
		draw_problem(&p, false);
		again = p;
		assert_int_equal(twin_rxq_plan(p.items, p.n, p.isolated,
					       p.n_workers),
				 0);
		for (i = 0; i < p.n; i++) {
			to = p.items[i].planned;
			assert_in_range(to, 0, p.n_workers - 1);
			if (p.items[i].pinned != TWIN_RXQ_ANY)
				assert_int_equal(to, p.items[i].pinned);
			else
				assert_true(!p.isolated[to] ||
					    all_isolated(&p));
			assert_int_equal(p.items[i].load, again.items[i].load);
		}
		/* The same again. */
		twin_rxq_plan(again.items, p.n, p.isolated, p.n_workers);
		assert_memory_equal(&p, &again, sizeof(p));
	}
}

static void test_near_best(void **unused)
{
	int workers[MAX_ITEMS];
	unsigned int round, i;
	struct problem p;

	(void)unused;
	for (round = 0; round < ROUNDS / 10; round++) {
		draw_problem(&p, true);
		twin_rxq_plan(p.items, p.n, p.isolated, p.n_workers);
		for (i = 0; i < p.n; i++)
			workers[i] = p.items[i].planned;
		assert_true(3 * heaviest(&p, workers) <= 4 * best(&p));
	}
}

/* A plan that is in force is planned again: hysteresis never sees a gain. */
static void test_settles(void **unused)
{
	unsigned int round, i;
	struct problem p;

	(void)unused;
	for (round = 0; round < ROUNDS; round++) {
		draw_problem(&p, false);
		twin_rxq_plan(p.items, p.n, p.isolated, p.n_workers);
		for (i = 0; i < p.n; i++)
			p.items[i].worker = p.items[i].planned;
		assert_int_equal(twin_rxq_improvement(p.items, p.n, p.isolated,
						      p.n_workers),
				 0);
		twin_rxq_plan(p.items, p.n, p.isolated, p.n_workers);
		assert_int_equal(twin_rxq_improvement(p.items, p.n, p.isolated,
						      p.n_workers),
				 0);
	}
}

/* Queues without load are spread by number. */
static void test_idle_queues(void **unused)
{
	struct twin_rxq_item items[6];
	const bool isolated[3] = { false };
	unsigned int i, counts[3] = { 0 };

	(void)unused;
	for (i = 0; i < 6; i++)
		items[i] = (struct twin_rxq_item){ .worker = TWIN_RXQ_ANY,
						   .pinned = TWIN_RXQ_ANY };
	twin_rxq_plan(items, 6, isolated, 3);
	for (i = 0; i < 6; i++)
		counts[items[i].planned]++;
	for (i = 0; i < 3; i++)
		assert_int_equal(counts[i], 2);
}

static void test_improvement(void **unused)
{
	struct twin_rxq_item items[] = {
		{ .load = 60, .worker = 0, .pinned = TWIN_RXQ_ANY },
		{ .load = 40, .worker = 0, .pinned = TWIN_RXQ_ANY },
		{ .load = 20, .worker = 0, .pinned = TWIN_RXQ_ANY },
	};
	const bool isolated[2] = { false };

	(void)unused;
	twin_rxq_plan(items, 3, isolated, 2);
	assert_int_equal(items[0].planned, 0);
	assert_int_equal(items[1].planned, 1);
	assert_int_equal(items[2].planned, 1);
	/* 120 and 0 become 60 and 60. */
	assert_true(twin_rxq_variance(items, 3, isolated, 2, false) == 3600);
	assert_true(twin_rxq_variance(items, 3, isolated, 2, true) == 0);
	assert_int_equal(twin_rxq_improvement(items, 3, isolated, 2), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_obeys),
		cmocka_unit_test(test_near_best),
		cmocka_unit_test(test_settles),
		cmocka_unit_test(test_idle_queues),
		cmocka_unit_test(test_improvement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
