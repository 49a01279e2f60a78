// SPDX-License-Identifier: BSD-3-Clause
/*
 * The flow table against a naive one: a list that is searched from end to end;
 * with each version of look-ups that this processor can run.
 *
 * Grace periods are played by the test: callbacks wait in a queue until the
 * (one) reader was quiescent, so that what is freed too early is seen by the
 * address sanitizer. Prints TAP.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_cache.h"
#include "flow_lookup.h"
#include "flow_slab.h"
#include "flow_table.h"
#include "rcu.h"
#include "worker.h"

/* What the table needs of others */

struct deferred {
	void (*fn)(void *arg);
	void *arg;
	uint64_t due;
	struct deferred *next;
};

static struct deferred *first, **tail = &first;
static uint64_t rounds = 2; /* quiescent states of the reader */

unsigned int twin_ctx_count(void)
{
	return 2;
}

void twin_rcu_defer(void (*fn)(void *arg), void *arg)
{
	struct deferred *d = malloc(sizeof(*d));

	assert_non_null(d);
	*d = (struct deferred){ fn, arg,
				__atomic_load_n(&rounds, __ATOMIC_ACQUIRE) + 2,
				NULL };
	*tail = d;
	tail = &d->next;
}

unsigned int twin_rcu_poll(void)
{
	struct deferred *d;

	while ((d = first) &&
	       d->due <= __atomic_load_n(&rounds, __ATOMIC_ACQUIRE)) {
		first = d->next;
		if (!first)
			tail = &first;
		d->fn(d->arg);
		free(d);
	}
	return first != NULL;
}

static void quiescent(void)
{
	__atomic_add_fetch(&rounds, 1, __ATOMIC_ACQ_REL);
}

static bool reader_runs; /* it is its own thread that says when it is quiescent */

void twin_rcu_synchronize(void)
{
	uint64_t due = __atomic_load_n(&rounds, __ATOMIC_ACQUIRE) + 2;

	if (!reader_runs) {
		quiescent();
		quiescent();
	}
	while (__atomic_load_n(&rounds, __ATOMIC_ACQUIRE) < due)
		sched_yield();
}

static void settle(void)
{
	twin_rcu_synchronize();
	twin_rcu_poll();
	assert_null(first);
}

/* Keys by chance, from few values so that many of them hit */

static uint64_t seed = 88172645463325252ull;

static uint32_t rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % below;
}

static void random_key(struct ovsnl_key *key, uint32_t values)
{
	memset(key, 0, sizeof(*key));
	key->in_port = rnd(3);
	key->eth_type = rnd(2) ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	key->eth_dst[5] = rnd(values);
	key->ip_src = rnd(values);
	key->ip_dst = rnd(values);
	key->tp_src = rnd(values);
	key->tp_dst = rnd(values);
	key->tcp_flags = rnd(4);
	key->ipv6_src[15] = rnd(values);
	key->nd_target[3] = rnd(2);
	key->ct_label[15] = rnd(2);
}

static void random_mask(struct ovsnl_key *mask)
{
	memset(mask, 0, sizeof(*mask));
	mask->in_port = UINT16_MAX;
	mask->eth_type = UINT16_MAX;
	if (rnd(2))
		mask->ip_src = UINT32_MAX;
	if (rnd(2))
		mask->tp_dst = 0xff;
	if (rnd(3) == 0)
		memset(mask->ipv6_src, 255, 16);
	if (rnd(5) == 0)
		memset(mask->nd_target, 255, 16);
	if (rnd(5) == 0)
		mask->tcp_flags = 1;
	if (rnd(20) == 0)
		memset(mask, 0, sizeof(*mask));
}

static void random_id(struct ovsnl_flow_id *id)
{
	unsigned int i;

	memset(id, 0, sizeof(*id));
	if (!rnd(2))
		return;
	id->len = rnd(2) ? 16 : 1 + rnd(16);
	for (i = 0; i < id->len; i++)
		id->ufid[i] = rnd(256);
}

/* The naive table */

#define MAX_NAIVE 400

struct naive {
	struct sw_flow *flow;
	struct ovsnl_flow_id id;
	struct ovsnl_key key, masked, mask;
};

static struct naive naive[MAX_NAIVE];
static unsigned int n_naive;

static bool naive_hit(const struct naive *f, const struct ovsnl_key *key)
{
	struct ovsnl_key masked;

	ovsnl_key_mask(&masked, key, &f->mask);
	return ovsnl_key_equal(&masked, &f->masked);
}

static struct naive *naive_of(const struct sw_flow *flow)
{
	unsigned int i;

	for (i = 0; i < n_naive; i++)
		if (naive[i].flow == flow)
			return &naive[i];
	return NULL;
}

static struct ovsnl_actions *new_acts(void)
{
	struct ovsnl_actions *acts = calloc(1, sizeof(*acts));

	assert_non_null(acts);
	return acts;
}

static struct sw_flow *insert(struct twin_flow_table *t, const struct naive *n)
{
	struct ovsnl_flow_args args = {
		.id = n->id,
		.key = &n->key,
		.masked_key = &n->masked,
		.mask = &n->mask,
		.acts = new_acts(),
	};
	struct sw_flow *flow;

	assert_int_equal(twin_flow_table_insert(t, &args, &flow), 0);
	return flow;
}

static void add_random(struct twin_flow_table *t)
{
	struct naive *n = &naive[n_naive];

	if (n_naive == MAX_NAIVE)
		return;
	memset(n, 0, sizeof(*n));
	random_key(&n->key, 6);
	random_mask(&n->mask);
	random_id(&n->id);
	ovsnl_key_mask(&n->masked, &n->key, &n->mask);
	if (twin_flow_table_match(t, &n->key) ||
	    (n->id.len && twin_flow_table_find(t, &n->id, NULL)))
		return;
	n->flow = insert(t, n);
	n_naive++;
}

static void remove_random(struct twin_flow_table *t)
{
	unsigned int i;

	if (!n_naive)
		return;
	i = rnd(n_naive);
	twin_flow_table_remove(t, naive[i].flow);
	naive[i] = naive[--n_naive];
}

static struct twin_ctx *new_ctx(void)
{
	struct twin_ctx *ctx = aligned_alloc(64, sizeof(*ctx));

	assert_non_null(ctx);
	memset(ctx, 0, sizeof(*ctx));
	ctx->cache = twin_flow_cache_create();
	assert_non_null(ctx->cache);
	return ctx;
}

static void free_ctx(struct twin_ctx *ctx)
{
	twin_flow_cache_destroy(ctx->cache);
	free(ctx);
}

static unsigned int n_last_hits;

/* Keys at random, or one key for a while but for some strangers. */
static void random_keys(struct ovsnl_key *keys, unsigned int n)
{
	static struct ovsnl_key again;
	unsigned int i, strangers = rnd(3) ? 1 : 16 * rnd(2);

	if (!rnd(6))
		random_key(&again, 6);
	for (i = 0; i < n; i++)
		if (strangers == 1 || (strangers && !rnd(strangers)))
			random_key(&keys[i], 6);
		else
			keys[i] = again;
}

static void check_burst(struct twin_flow_table *t, struct twin_ctx *ctx)
{
	static struct ovsnl_key keys[TWIN_BURST];
	const struct ovsnl_key *p[TWIN_BURST];
	unsigned int i, j, n = 1 + rnd(TWIN_BURST);
	struct sw_flow *flows[TWIN_BURST];
	uint64_t probed = 0, cached = 0;
	const struct sw_flow *last;
	bool expected;

	random_keys(keys, n);
	for (i = 0; i < n; i++)
		p[i] = &keys[i];
	last = *twin_flow_cache_last(ctx->cache, p[0]);
	twin_flow_table_lookup(t, ctx, p, n, flows, &probed, &cached);
	n_last_hits += flows[0] && last == flows[0];
	assert_true(cached <= n);
	assert_true(probed <=
		    (uint64_t)n * (1 + twin_flow_table_mask_count(t)));
	for (i = 0; i < n; i++) {
		for (expected = false, j = 0; j < n_naive; j++)
			expected |= naive_hit(&naive[j], p[i]);
		assert_int_equal(flows[i] != NULL, expected);
		if (flows[i]) {
			assert_non_null(naive_of(flows[i]));
			assert_true(naive_hit(naive_of(flows[i]), p[i]));
			assert_non_null(twin_flow_table_match(t, p[i]));
		}
	}
}

static void check_info(struct twin_flow_table *t)
{
	struct ovsnl_flow_info info;
	unsigned int i;

	for (i = 0; i < n_naive; i++) {
		twin_flow_info(naive[i].flow, &info);
		assert_true(ovsnl_key_equal(info.masked_key, &naive[i].masked));
		assert_true(ovsnl_key_equal(info.mask, &naive[i].mask));
		assert_memory_equal(info.id, &naive[i].id, sizeof(naive[i].id));
		if (naive[i].id.len) {
			assert_null(info.unmasked_key);
			assert_ptr_equal(twin_flow_table_find(t, &naive[i].id,
							      NULL),
					 naive[i].flow);
		} else {
			assert_true(ovsnl_key_equal(info.unmasked_key,
						    &naive[i].key));
			assert_ptr_equal(twin_flow_table_find(t, NULL,
							      &naive[i].key),
					 naive[i].flow);
		}
	}
	assert_int_equal(twin_flow_table_count(t), n_naive);
}

static void test_oracle(void **state)
{
	struct twin_flow_table *t = twin_flow_table_create();
	struct twin_ctx *ctx = new_ctx();
	unsigned int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		if (rnd(2))
			add_random(t);
		else if (rnd(3) == 0)
			remove_random(t);
		check_burst(t, ctx);
		quiescent();
		twin_rcu_poll();
		if (rnd(500) == 0)
			check_info(t);
		if (rnd(100) == 0)
			twin_flow_table_rebalance(t);
		if (rnd(3000) == 0) {
			twin_flow_table_flush(t);
			n_naive = 0;
		}
		twin_flow_table_use_cache(t, rnd(10));
	}
	check_info(t);
	assert_in_range(n_last_hits, 200, 20000);
	while (n_naive)
		remove_random(t);
	assert_int_equal(twin_flow_table_mask_count(t), 0);
	twin_flow_table_destroy(t);
	settle();
	free_ctx(ctx);
}

static void exact_flow(struct naive *n, uint32_t value)
{
	memset(n, 0, sizeof(*n));
	n->key.eth_type = htons(ETH_P_IP);
	n->key.ip_src = value;
	n->key.tp_src = value >> 16;
	memset(&n->mask, 255, OVSNL_KEY_LINE);
	n->masked = n->key;
	n->id.len = 16;
	memcpy(n->id.ufid, &value, sizeof(value));
}

static struct sw_flow *lookup_one(struct twin_flow_table *t,
				  struct twin_ctx *ctx,
				  const struct ovsnl_key *key, uint64_t *probed,
				  uint64_t *cached)
{
	struct sw_flow *flow;

	twin_flow_table_lookup(t, ctx, &key, 1, &flow, probed, cached);
	return flow;
}

/* The flow that a burst of such packets hits, all of them. */
static struct sw_flow *lookup_burst(struct twin_flow_table *t,
				    struct twin_ctx *ctx,
				    const struct ovsnl_key *key)
{
	const struct ovsnl_key *keys[TWIN_BURST];
	struct sw_flow *flows[TWIN_BURST];
	uint64_t probed = 0, cached = 0;
	unsigned int i;

	for (i = 0; i < TWIN_BURST; i++)
		keys[i] = key;
	twin_flow_table_lookup(t, ctx, keys, TWIN_BURST, flows, &probed,
			       &cached);
	for (i = 1; i < TWIN_BURST; i++)
		assert_ptr_equal(flows[i], flows[0]);
	return flows[0];
}

#define MANY 100000

static void test_many(void **state)
{
	struct twin_flow_table *t = twin_flow_table_create();
	struct sw_flow **flows = calloc(MANY, sizeof(*flows));
	struct twin_ctx *ctx = new_ctx();
	uint64_t probed = 0, cached = 0;
	struct naive *n = aligned_alloc(64, sizeof(*n));
	uint32_t i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		exact_flow(n, i);
		flows[i] = insert(t, n);
	}
	for (i = 0; i < MANY; i++) {
		exact_flow(n, i);
		assert_ptr_equal(lookup_one(t, ctx, &n->key, &probed, &cached),
				 flows[i]);
	}
	assert_int_equal(probed, MANY);
	exact_flow(n, MANY);
	assert_null(lookup_one(t, ctx, &n->key, &probed, &cached));
	for (i = 0; i < MANY; i += 2)
		twin_flow_table_remove(t, flows[i]);
	for (i = 0; i < MANY; i++) {
		exact_flow(n, i);
		assert_ptr_equal(lookup_one(t, ctx, &n->key, &probed, &cached),
				 i % 2 ? flows[i] : NULL);
	}
	twin_flow_table_destroy(t);
	settle();
	free_ctx(ctx);
	free(flows);
	free(n);
}

/* Flows that stay are dumped once each, in order, whatever others do. */
static void test_dump(void **state)
{
	struct twin_flow_table *t = twin_flow_table_create();
	struct naive *n = aligned_alloc(64, sizeof(*n));
	struct sw_flow *stays[1000], *goes[1000], *flow;
	struct ovsnl_cursor cur = { { 0 } };
	uint32_t i, seen = 0, steps = 0;

	(void)state;
	for (i = 0; i < 1000; i++) {
		exact_flow(n, 2 * i);
		stays[i] = insert(t, n);
		exact_flow(n, 2 * i + 1);
		goes[i] = insert(t, n);
	}
	while ((flow = twin_flow_table_next(t, &cur))) {
		if (seen < 1000 && flow == stays[seen])
			seen++;
		if (steps < 1000) {
			twin_flow_table_remove(t, goes[999 - steps]);
			exact_flow(n, 10000 + steps);
			insert(t, n);
			settle();
		}
		steps++;
		assert_true(steps < 5000);
	}
	assert_int_equal(seen, 1000);
	assert_int_equal(twin_flow_table_count(t), 2000);
	twin_flow_table_destroy(t);
	settle();
	free(n);
}

static void test_stats(void **state)
{
	struct twin_flow_table *t = twin_flow_table_create();
	struct naive *n = aligned_alloc(64, sizeof(*n));
	struct ovsnl_flow_info info;
	struct sw_flow *flow;

	(void)state;
	exact_flow(n, 1);
	flow = insert(t, n);
	twin_flow_hit(flow, 0, 60, 1000, 2);
	twin_flow_hit(flow, 1, 100, 1001, 16);
	twin_flow_info(flow, &info);
	assert_int_equal(info.stats.n_packets, 2);
	assert_int_equal(info.stats.n_bytes, 160);
	assert_int_equal(info.used_ms, 1001);
	assert_int_equal(info.tcp_flags, 18);
	twin_flow_clear_stats(flow);
	twin_flow_info(flow, &info);
	assert_int_equal(info.stats.n_packets, 0);
	assert_int_equal(info.used_ms, 0);
	assert_int_equal(info.tcp_flags, 0);
	twin_flow_hit(flow, 1, 7, 1002, 1);
	twin_flow_info(flow, &info);
	assert_int_equal(info.stats.n_packets, 1);
	assert_int_equal(info.stats.n_bytes, 7);
	assert_int_equal(info.tcp_flags, 1);
	twin_flow_set_actions(flow, new_acts());
	settle();
	twin_flow_table_destroy(t);
	settle();
	free(n);
}

/* Two tables with equal flows share a context's cache. */
static void test_two_tables(void **state)
{
	struct twin_flow_table *a = twin_flow_table_create();
	struct twin_flow_table *b = twin_flow_table_create();
	struct naive *n = aligned_alloc(64, sizeof(*n));
	struct twin_ctx *ctx = new_ctx();
	uint64_t probed = 0, cached = 0;
	struct sw_flow *in_a, *in_b;
	uint32_t i;

	(void)state;
	for (i = 0; i < 500; i++) {
		exact_flow(n, i);
		n->mask.tp_dst = i % 2 ? 0 : 1;
		in_a = insert(a, n);
		in_b = i % 3 ? insert(b, n) : NULL;
		assert_ptr_equal(lookup_one(a, ctx, &n->key, &probed, &cached),
				 in_a);
		assert_ptr_equal(lookup_one(b, ctx, &n->key, &probed, &cached),
				 in_b);
		assert_ptr_equal(lookup_one(a, ctx, &n->key, &probed, &cached),
				 in_a);
		assert_ptr_equal(lookup_burst(a, ctx, &n->key), in_a);
		assert_ptr_equal(lookup_burst(b, ctx, &n->key), in_b);
	}
	assert_true(cached > 400);
	twin_flow_table_destroy(a);
	settle();
	for (i = 0; i < 500; i++) {
		exact_flow(n, i);
		n->mask.tp_dst = i % 2 ? 0 : 1;
		assert_int_equal(!!lookup_one(b, ctx, &n->key, &probed,
					      &cached),
				 i % 3 != 0);
	}
	twin_flow_table_destroy(b);
	settle();
	free_ctx(ctx);
	free(n);
}

/* Groups of masks */

/* A flow under mask number @mask of those that have the first destination port
 * and some bits of the destination address in common; @value differs in what
 * only this mask looks at.
 */
static void similar_flow(struct naive *n, uint32_t mask, uint32_t value)
{
	uint32_t id[2] = { mask, value };

	memset(n, 0, sizeof(*n));
	n->mask.in_port = UINT16_MAX;
	n->mask.eth_type = UINT16_MAX;
	n->mask.tp_dst = UINT16_MAX;
	n->mask.ip_dst = htonl(0xffff0000 | mask);
	n->mask.ip_src = mask % 2 ? UINT32_MAX : 0;
	n->key.eth_type = htons(ETH_P_IP);
	n->key.tp_dst = htons(1000 + mask);
	n->key.ip_dst = htonl(0x0a800000 | mask);
	n->key.ip_src = value;
	ovsnl_key_mask(&n->masked, &n->key, &n->mask);
	n->id.len = 16;
	memcpy(n->id.ufid, id, sizeof(id));
}

#define SIMILAR 40
#define ALIKE 30

static void test_groups(void **state)
{
	struct twin_flow_table *t = twin_flow_table_create();
	struct naive *n = aligned_alloc(64, sizeof(*n));
	struct sw_flow *flows[SIMILAR], *alike[ALIKE];
	struct twin_ctx *ctx = new_ctx();
	uint64_t probed = 0, cached = 0;
	uint32_t i, round;

	(void)state;
	for (i = 0; i < SIMILAR; i++) {
		similar_flow(n, i, 7);
		flows[i] = insert(t, n);
	}
	twin_flow_table_rebalance(t);
	assert_int_equal(twin_flow_table_mask_count(t), SIMILAR);
	/* One probe finds each. */
	for (i = 0; i < SIMILAR; i++) {
		similar_flow(n, i, 7);
		assert_ptr_equal(lookup_one(t, ctx, &n->key, &probed, &cached),
				 flows[i]);
	}
	assert_int_equal(probed, SIMILAR);
	/* Nothing is found that agrees in the common bits only. */
	similar_flow(n, 3, 8);
	assert_null(lookup_one(t, ctx, &n->key, &probed, &cached));
	/* Flows that crowd the group are found, and so are all others. */
	for (i = 0; i < ALIKE; i++) {
		similar_flow(n, 3, 100 + i);
		alike[i] = insert(t, n);
	}
	for (round = 0; round < 2; round++) {
		probed = 0;
		for (i = 0; i < SIMILAR; i++) {
			similar_flow(n, i, 7);
			assert_ptr_equal(lookup_one(t, ctx, &n->key, &probed,
						    &cached),
					 flows[i]);
		}
		assert_true(probed <= 2 * SIMILAR);
		for (i = 0; i < ALIKE; i++) {
			similar_flow(n, 3, 100 + i);
			assert_ptr_equal(lookup_one(t, ctx, &n->key, &probed,
						    &cached),
					 alike[i]);
		}
		twin_flow_table_rebalance(t);
	}
	for (i = 0; i < ALIKE; i++)
		twin_flow_table_remove(t, alike[i]);
	for (i = 0; i < SIMILAR; i++)
		twin_flow_table_remove(t, flows[i]);
	assert_int_equal(twin_flow_table_mask_count(t), 0);
	assert_null(lookup_one(t, ctx, &n->key, &probed, &cached));
	twin_flow_table_destroy(t);
	settle();
	free_ctx(ctx);
	free(n);
}

/* A reader beside the writer: flows that stay are always found. */

struct reader {
	struct twin_flow_table *table;
	struct twin_ctx *ctx;
	bool stop;
	uint64_t found;
	uint64_t wrong;
};

static void *read_groups(void *arg)
{
	struct naive *n = aligned_alloc(64, TWIN_BURST * sizeof(*n));
	const struct ovsnl_key *keys[TWIN_BURST];
	struct sw_flow *flows[TWIN_BURST];
	uint64_t probed = 0, cached = 0;
	struct reader *r = arg;
	uint32_t i;

	for (i = 0; i < TWIN_BURST; i++) {
		similar_flow(&n[i], i, 7);
		keys[i] = &n[i].key;
	}
	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		twin_flow_table_lookup(r->table, r->ctx, keys, TWIN_BURST,
				       flows, &probed, &cached);
		for (i = 0; i < TWIN_BURST; i++) {
			r->found += flows[i] != NULL;
			r->wrong += flows[i] == NULL;
		}
		quiescent();
	}
	free(n);
	return NULL;
}

/* Masks join groups, crowd them, leave them and go; those that the reader looks
 * for have always a flow.
 */
static void test_group_threads(void **state)
{
	struct reader r = { .table = twin_flow_table_create(),
			    .ctx = new_ctx() };
	struct naive *n = aligned_alloc(64, sizeof(*n));
	struct sw_flow *flows[3 * SIMILAR][10] = { 0 };
	pthread_t thread;
	uint32_t i, mask, v;

	(void)state;
	twin_flow_table_use_cache(r.table, false);
	for (i = 0; i < TWIN_BURST; i++) {
		similar_flow(n, i, 7);
		insert(r.table, n);
	}
	reader_runs = true;
	assert_int_equal(pthread_create(&thread, NULL, read_groups, &r), 0);
	for (i = 0; i < 6000; i++) {
		mask = rnd(3 * SIMILAR);
		v = rnd(10);
		if (flows[mask][v]) {
			twin_flow_table_remove(r.table, flows[mask][v]);
			flows[mask][v] = NULL;
		} else if (mask % 2) {
			similar_flow(n, mask, 100 + v);
			flows[mask][v] = insert(r.table, n);
		}
		if (i % 64 == 0)
			twin_flow_table_rebalance(r.table);
		twin_rcu_poll();
	}
	__atomic_store_n(&r.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	reader_runs = false;
	assert_int_equal(r.wrong, 0);
	assert_true(r.found > 0);
	twin_flow_table_destroy(r.table);
	settle();
	free_ctx(r.ctx);
	free(n);
}

#define STAYING 64

static void *read_along(void *arg)
{
	struct naive *n = aligned_alloc(64, TWIN_BURST * sizeof(*n));
	const struct ovsnl_key *keys[TWIN_BURST];
	struct sw_flow *flows[TWIN_BURST];
	uint64_t probed = 0, cached = 0;
	struct reader *r = arg;
	uint32_t i, base = 0;

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		for (i = 0; i < TWIN_BURST; i++) {
			exact_flow(&n[i], (base + i) % (4 * STAYING));
			keys[i] = &n[i].key;
		}
		twin_flow_table_lookup(r->table, r->ctx, keys, TWIN_BURST,
				       flows, &probed, &cached);
		for (i = 0; i < TWIN_BURST; i++) {
			if (flows[i]) {
				/* Read what is freed with the flow. */
				r->found += flows[i]->acts->nla_len + 1;
				twin_flow_hit(flows[i], 0, 1, 1, 0);
			} else if ((base + i) % (4 * STAYING) < STAYING) {
				r->wrong++;
			}
		}
		base += TWIN_BURST;
		quiescent();
	}
	free(n);
	return NULL;
}

static void test_threads(void **state)
{
	struct reader r = { .table = twin_flow_table_create(),
			    .ctx = new_ctx() };
	struct naive *n = aligned_alloc(64, sizeof(*n));
	struct sw_flow *flows[4 * STAYING] = { 0 };
	pthread_t thread;
	uint32_t i, v;

	(void)state;
	for (i = 0; i < STAYING; i++) {
		exact_flow(n, i);
		n->mask.tp_dst = i % 3;
		flows[i] = insert(r.table, n);
	}
	assert_int_equal(pthread_create(&thread, NULL, read_along, &r), 0);
	for (i = 0; i < 100000; i++) {
		v = rnd(4 * STAYING);
		if (v < STAYING) {
			twin_flow_set_actions(flows[v], new_acts());
		} else if (flows[v]) {
			twin_flow_table_remove(r.table, flows[v]);
			flows[v] = NULL;
		} else {
			exact_flow(n, v);
			n->mask.tp_dst = rnd(16);
			flows[v] = insert(r.table, n);
		}
		if (i % 64 == 0)
			twin_flow_table_rebalance(r.table);
		if (i % 1000 == 0)
			sched_yield();
		twin_rcu_poll();
	}
	__atomic_store_n(&r.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_int_equal(r.wrong, 0);
	assert_true(r.found > 0);
	twin_flow_table_destroy(r.table);
	settle();
	free_ctx(r.ctx);
	free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oracle),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_stats),
		cmocka_unit_test(test_two_tables),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_group_threads),
	};

	const struct twin_lookup *versions[] = { &twin_lookup_scalar,
						 &twin_lookup_avx2,
						 &twin_lookup_avx512 };
	unsigned int i;
	int failed = 0;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	for (i = 0; i < RTE_DIM(versions); i++) {
		if (!versions[i]->usable())
			continue;
		twin_lookup = versions[i];
		failed += cmocka_run_group_tests_name(versions[i]->name, tests,
						      NULL, NULL);
	}
	return failed;
}
