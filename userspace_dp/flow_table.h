/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_FLOW_TABLE_H
#define TWIN_FLOW_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "ovsnl_family.h"

/* Megaflows of one datapath. The control thread changes the table; contexts
 * look packets up in it without locks (QSBR).
 */

struct twin_ctx;
struct twin_flow_cache;
struct twin_flow_table;
struct twin_mask;

/** struct twin_flow_stats - what one context saw of a flow; it alone writes.
 * @tcp_flags: OR of all, host order
 * @epoch: sw_flow.epoch when the counters began; older ones count as zero
 */
struct twin_flow_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t used_ms;
	uint16_t tcp_flags;
	uint16_t epoch;
};

/**
 * struct sw_flow - a megaflow. Its memory is only ever used for flows, so that
 * caches may keep pointers to flows that are gone: see flow_cache.h.
 * @acts: replaced as a whole by the control thread; read once per packet
 * @mask: the mask it was inserted under; NULL while it is in no table
 * @hash: of its masked key
 * @epoch: counts how often the statistics were cleared
 * @stats_ofs: bytes from the flow to the statistics of context 1
 * @stats: of context 0
 * @serial: order of insertion
 * @lines: those lines of the masked key that the mask uses
 */
struct sw_flow {
	const struct ovsnl_actions *acts;
	struct twin_mask *mask;
	uint32_t hash;
	uint16_t epoch;
	uint16_t stats_ofs;
	struct twin_flow_stats stats;
	uint64_t serial;
	uint64_t lines[][OVSNL_KEY_LINE / 8];
} __attribute__((aligned(OVSNL_KEY_LINE)));

/* Bytes from one context's statistics to the next: more than one worker must
 * not share a cache line.
 */
#define TWIN_FLOW_STATS_STRIDE 64

/** twin_flow_stats() - statistics of context @ctx_id. */
static inline struct twin_flow_stats *twin_flow_stats(struct sw_flow *flow,
						      uint32_t ctx_id)
{
	uint32_t ofs = flow->stats_ofs;

	if (!ctx_id)
		return &flow->stats;
	ofs += (ctx_id - 1) * TWIN_FLOW_STATS_STRIDE;
	return (struct twin_flow_stats *)((char *)flow + ofs);
}

/** twin_flow_hit_n() - count packets, of @bytes in all, on a flow for a context. */
static inline void twin_flow_hit_n(struct sw_flow *flow, uint32_t ctx_id,
				   uint32_t packets, uint64_t bytes,
				   uint64_t now_ms, uint16_t tcp_flags)
{
	struct twin_flow_stats *s = twin_flow_stats(flow, ctx_id);

	if (unlikely(s->epoch != flow->epoch))
		*s = (struct twin_flow_stats){ .epoch = flow->epoch };
	s->packets += packets;
	s->bytes += bytes;
	s->used_ms = now_ms;
	s->tcp_flags |= tcp_flags;
}

/** twin_flow_hit() - count one packet. */
static inline void twin_flow_hit(struct sw_flow *flow, uint32_t ctx_id,
				 uint32_t bytes, uint64_t now_ms,
				 uint16_t tcp_flags)
{
	twin_flow_hit_n(flow, ctx_id, 1, bytes, now_ms, tcp_flags);
}

/** twin_flow_table_create() - empty; NULL when memory is short. */
struct twin_flow_table *twin_flow_table_create(void);

/** twin_flow_table_destroy() - free the table and its flows after a grace
 * period; no context finds them any more. NULL is allowed.
 */
void twin_flow_table_destroy(struct twin_flow_table *table);

/**
 * twin_flow_table_lookup() - the flow that each of @n keys hits.
 * @keys: up to TWIN_BURST complete keys
 * @flows: set to the flow or NULL
 * @masks_probed: incremented by the masks looked at (n_mask_hit)
 * @cache_hits: incremented per answer of the context's cache (n_cache_hit)
 * Any context, between two of its quiescent states.
 */
void twin_flow_table_lookup(struct twin_flow_table *table, struct twin_ctx *ctx,
			    const struct ovsnl_key *const *keys, unsigned int n,
			    struct sw_flow **flows, uint64_t *masks_probed,
			    uint64_t *cache_hits);

/* The rest is for the control thread only. */

/** twin_flow_table_use_cache() - let contexts use their caches, or not. */
void twin_flow_table_use_cache(struct twin_flow_table *table, bool yes);

/** twin_flow_table_match() - the flow that a packet with @key would hit, or
 * NULL. Counts nothing.
 */
struct sw_flow *twin_flow_table_match(const struct twin_flow_table *table,
				      const struct ovsnl_key *key);

/** twin_flow_table_find() - flow with identity @id (len not 0), or whose
 * unmasked key is @key (@id NULL), or NULL.
 */
struct sw_flow *twin_flow_table_find(const struct twin_flow_table *table,
				     const struct ovsnl_flow_id *id,
				     const struct ovsnl_key *key);

/** twin_flow_table_insert() - add a flow that is not there yet.
 * Takes over @args->acts on success. Return: 0 or -ENOMEM.
 */
int twin_flow_table_insert(struct twin_flow_table *table,
			   const struct ovsnl_flow_args *args,
			   struct sw_flow **flow);

/** twin_flow_table_remove() - unlink; freed after a grace period. */
void twin_flow_table_remove(struct twin_flow_table *table,
			    struct sw_flow *flow);

/** twin_flow_table_flush() - remove all. */
void twin_flow_table_flush(struct twin_flow_table *table);

/** twin_flow_table_next() - for dumps: flow at @cur, which moves behind it, or
 * NULL. Flows come in order of insertion.
 */
struct sw_flow *twin_flow_table_next(const struct twin_flow_table *table,
				     struct ovsnl_cursor *cur);

/** twin_flow_set_actions() - replace; the old list is freed after a grace
 * period. Takes over @acts.
 */
void twin_flow_set_actions(struct sw_flow *flow, struct ovsnl_actions *acts);

/** twin_flow_clear_stats() - count from zero again. */
void twin_flow_clear_stats(struct sw_flow *flow);

/** twin_flow_info() - for replies. Keys in @info are good until the next call.
 */
void twin_flow_info(const struct sw_flow *flow, struct ovsnl_flow_info *info);

/** twin_flow_table_count() - flows. */
uint32_t twin_flow_table_count(const struct twin_flow_table *table);

/** twin_flow_table_mask_count() - masks. */
uint32_t twin_flow_table_mask_count(const struct twin_flow_table *table);

/** twin_flow_table_rebalance() - put the masks that hit most to the front.
 * To be called now and then, as every second.
 */
void twin_flow_table_rebalance(struct twin_flow_table *table);

#endif
