// SPDX-License-Identifier: BSD-3-Clause
/*
 * Meters: limits on what flows may pass.
 *
 * Overview
 *
 *	A table by id with open addressing, at most half full; each meter has
 *	its rule, its bucket and its statistics. The arithmetic is
 *	netlink_api's.
 *
 * Life cycle
 *
 *	set: a new meter takes the place of the one that has the id. del: its
 *	place is marked as left. When places run short the table is made anew,
 *	without those that were left. Old tables and meters are freed after a
 *	grace period. Flows name a meter by id and may outlive it.
 *
 * Synchronisation
 *
 *	The control thread changes the table; places are read and written in
 *	one piece. The bucket is one for all contexts: a packet is charged by
 *	exchanging both its words at once, and charged anew if another context
 *	came first, so that nobody ever waits for a thread that was suspended.
 *	Statistics are by context, each written by its own alone.
 *
 * Lock order
 *
 *	No locks.
 */
#include "meter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_common.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_random.h>

#include "datapath.h"
#include "ovsnl_meter.h"
#include "rcu.h"
#include "worker.h"

#define METERS_MAX 200000u
/* Places of the smallest table, as a power of two. */
#define MIN_ORDER 4

/** struct meter_stats - what one context did, on a cache line of its own. */
struct meter_stats {
	struct ovs_flow_stats all;
	struct ovs_flow_stats exceeded;
} __rte_cache_aligned;

/** union bucket - the bucket in one piece. */
union bucket {
	struct ovsnl_meter_bucket words;
	unsigned __int128 whole;
};

static_assert(sizeof(union bucket) == 16, "two words, nothing else");

/** struct meter - a meter.
 * @kbps, @bands: as the meter was set
 * @start: what counting started from
 * @stats: one entry a context
 */
struct meter {
	uint32_t id;
	uint32_t n_bands;
	bool keep_stats;
	bool kbps;
	struct ovsnl_meter_band bands[OVSNL_METER_BANDS];
	struct ovsnl_meter_rule rule;
	struct ovs_flow_stats start;
	union bucket bucket __rte_cache_aligned;
	struct meter_stats stats[];
};

/** struct places - a table.
 * @order: there are 2^order places
 * @factor: random and odd, makes hashes of ids
 * @place: NULL where there was never any meter, LEFT where there was one
 */
struct places {
	unsigned int order;
	uint32_t factor;
	struct meter *place[];
};

/** struct twin_meters - the meters of a datapath.
 * @places: read by all, the rest by the control thread alone
 * @n: meters
 * @n_taken: places that are not NULL
 */
struct twin_meters {
	struct places *places;
	uint32_t n;
	uint32_t n_taken;
};

static struct meter left_behind;
#define LEFT (&left_behind)

/* Finding. Any thread. */

static inline uint32_t first_place(const struct places *places, uint32_t id)
{
	return (uint32_t)(id * places->factor) >> (32 - places->order);
}

static inline struct meter *meter_at(const struct places *places, uint32_t i)
{
	return __atomic_load_n(&places->place[i], __ATOMIC_ACQUIRE);
}

/* The place of meter @id, or of the NULL that ends the search for it. */
static inline uint32_t find_place(const struct places *places, uint32_t id,
				  struct meter **found)
{
	uint32_t mask = (1u << places->order) - 1;
	uint32_t i = first_place(places, id);
	struct meter *meter;

	while ((meter = meter_at(places, i))) {
		if (meter != LEFT && meter->id == id)
			break;
		i = (i + 1) & mask;
	}
	*found = meter;
	return i;
}

static inline struct meter *find(const struct twin_meters *meters, uint32_t id)
{
	struct meter *meter;

	find_place(__atomic_load_n(&meters->places, __ATOMIC_ACQUIRE), id,
		   &meter);
	return meter;
}

/* Packets */

static bool charge(struct meter *meter, uint32_t len, uint64_t now_ms)
{
	union bucket old, new;
	bool exceeded;

	do {
		/* Halves that don't belong together fail the exchange. */
		old.words.used_ms = __atomic_load_n(
			&meter->bucket.words.used_ms, __ATOMIC_RELAXED);
		old.words.tokens = __atomic_load_n(&meter->bucket.words.tokens,
						   __ATOMIC_RELAXED);
		new = old;
		exceeded = ovsnl_meter_charge(&meter->rule, &new.words, len,
					      now_ms);
		if (new.whole == old.whole)
			break;
	} while (!__sync_bool_compare_and_swap(&meter->bucket.whole, old.whole,
					       new.whole));
	return exceeded;
}

/* Only this context writes, the control thread reads. */
static inline void count(struct ovs_flow_stats *stats, uint32_t len)
{
	__atomic_store_n(&stats->n_packets, stats->n_packets + 1,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&stats->n_bytes, stats->n_bytes + len,
			 __ATOMIC_RELAXED);
}

bool twin_meter_execute(struct twin_ctx *ctx, struct datapath *dp,
			const struct twin_packet *pkt, uint32_t meter_id)
{
	/* As in the kernel, where the outer tag is kept beside the packet. */
	uint32_t len = pkt->m->pkt_len - (pkt->tagged ? RTE_VLAN_HLEN : 0);
	struct meter *meter = find(dp->meters, meter_id);
	bool exceeded;

	if (!meter)
		return false;
	exceeded = charge(meter, len, ctx->now_ms);
	count(&meter->stats[ctx->id].all, len);
	if (exceeded)
		count(&meter->stats[ctx->id].exceeded, len);
	return exceeded && meter->rule.drops;
}

/* Meters */

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static struct meter *create(const struct ovsnl_meter_args *args)
{
	size_t size = sizeof(struct meter) +
		      twin_ctx_count() * sizeof(struct meter_stats);
	struct meter *meter = aligned_alloc(RTE_CACHE_LINE_SIZE, size);

	if (!meter)
		return NULL;
	memset(meter, 0, size);
	meter->id = args->id;
	meter->n_bands = args->n_bands;
	meter->keep_stats = args->keep_stats;
	meter->kbps = args->kbps;
	memcpy(meter->bands, args->bands, sizeof(meter->bands));
	meter->start = args->stats;
	ovsnl_meter_start(&meter->rule, &meter->bucket.words, args, now_ms());
	return meter;
}

static void add(struct ovs_flow_stats *sum, const struct ovs_flow_stats *stats)
{
	sum->n_packets += __atomic_load_n(&stats->n_packets, __ATOMIC_RELAXED);
	sum->n_bytes += __atomic_load_n(&stats->n_bytes, __ATOMIC_RELAXED);
}

static void tell(const struct meter *meter, struct ovsnl_meter_info *info)
{
	unsigned int i;

	static_assert(OVSNL_METER_BANDS == 1, "meters have one rule");
	*info = (struct ovsnl_meter_info){ 0 };
	if (!meter)
		return;
	info->exists = true;
	info->keep_stats = meter->keep_stats;
	info->stats = meter->start;
	info->used_ms =
		__atomic_load_n(&meter->bucket.words.used_ms, __ATOMIC_RELAXED);
	info->n_bands = meter->n_bands;
	info->kbps = meter->kbps;
	memcpy(info->bands, meter->bands, sizeof(info->bands));
	for (i = 0; i < twin_ctx_count(); i++) {
		add(&info->stats, &meter->stats[i].all);
		add(&info->band_stats[0], &meter->stats[i].exceeded);
	}
}

/* Tables */

static struct places *places_create(unsigned int order)
{
	struct places *places;

	places = calloc(1,
			sizeof(*places) + (sizeof(places->place[0]) << order));
	if (!places)
		return NULL;
	places->order = order;
	places->factor = (uint32_t)rte_rand() | 1;
	return places;
}

static void put(struct places *places, uint32_t i, struct meter *meter)
{
	__atomic_store_n(&places->place[i], meter, __ATOMIC_RELEASE);
}

/* A table with room for one more meter. */
static int make_room(struct twin_meters *meters)
{
	struct places *old = meters->places, *new;
	unsigned int order = MIN_ORDER;
	struct meter *meter, *none;
	uint32_t i;

	if (2 * (meters->n_taken + 1) <= 1u << old->order)
		return 0;
	while (1u << order < 4 * (meters->n + 1))
		order++;
	new = places_create(order);
	if (!new)
		return -ENOMEM;
	for (i = 0; i < 1u << old->order; i++) {
		meter = old->place[i];
		if (meter && meter != LEFT)
			put(new, find_place(new, meter->id, &none), meter);
	}
	__atomic_store_n(&meters->places, new, __ATOMIC_RELEASE);
	meters->n_taken = meters->n;
	twin_rcu_defer(free, old);
	return 0;
}

struct twin_meters *twin_meters_create(void)
{
	struct twin_meters *meters = calloc(1, sizeof(*meters));

	if (!meters)
		return NULL;
	meters->places = places_create(MIN_ORDER);
	if (!meters->places) {
		free(meters);
		return NULL;
	}
	return meters;
}

static void free_all(void *arg)
{
	struct twin_meters *meters = arg;
	struct places *places = meters->places;
	uint32_t i;

	for (i = 0; i < 1u << places->order; i++)
		if (places->place[i] != LEFT)
			free(places->place[i]);
	free(places);
	free(meters);
}

void twin_meters_destroy(struct twin_meters *meters)
{
	if (meters)
		twin_rcu_defer(free_all, meters);
}

/* Commands */

void twin_meter_features(struct datapath *dp,
			 struct ovsnl_meter_features *features)
{
	(void)dp;
	features->max_meters = METERS_MAX;
	features->max_bands = OVSNL_METER_BANDS;
}

int twin_meter_set(struct datapath *dp, const struct ovsnl_meter_args *args,
		   struct ovsnl_meter_info *old)
{
	struct twin_meters *meters = dp->meters;
	struct meter *meter, *previous;
	uint32_t i;

	if (!find(meters, args->id) && meters->n >= METERS_MAX)
		return -EFBIG;
	meter = create(args);
	if (!meter || make_room(meters)) {
		free(meter);
		return -ENOMEM;
	}
	i = find_place(meters->places, args->id, &previous);
	put(meters->places, i, meter);
	tell(previous, old);
	if (previous) {
		twin_rcu_defer(free, previous);
	} else {
		meters->n++;
		meters->n_taken++;
	}
	return 0;
}

void twin_meter_get(struct datapath *dp, __u32 id,
		    struct ovsnl_meter_info *info)
{
	tell(find(dp->meters, id), info);
}

void twin_meter_del(struct datapath *dp, __u32 id, struct ovsnl_meter_info *old)
{
	struct twin_meters *meters = dp->meters;
	struct meter *meter;
	uint32_t i = find_place(meters->places, id, &meter);

	tell(meter, old);
	if (!meter)
		return;
	put(meters->places, i, LEFT);
	meters->n--;
	twin_rcu_defer(free, meter);
}
