/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_FLOW_TABLE_H
#define TWIN_FLOW_TABLE_H

#include <stdint.h>

#include "ovsnl_family.h"

/* Megaflows of one datapath. The control thread changes the table; contexts
 * look packets up in it without locks (QSBR).
 */

struct twin_ctx;

/** struct twin_flow_stats - what one context saw of a flow; it alone writes. */
struct twin_flow_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t used_ms;
	uint64_t tcp_flags; /* OR, host order */
};

/** struct sw_flow - a megaflow.
 * @acts: replaced as a whole by the control thread; read once per packet
 * @range: words of the mask in use
 * The rest is private to flow_table.c; stats has twin_ctx_count() entries.
 */
struct sw_flow {
	struct ovsnl_key key; /* masked */
	const struct ovsnl_actions *acts;
	struct twin_mask *mask;
	struct twin_flow_private *priv;
	struct twin_flow_stats stats[];
};

struct twin_flow_table;

/** twin_flow_table_create() - empty; NULL when memory is short. */
struct twin_flow_table *twin_flow_table_create(void);
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
			    const struct ovsnl_key *const *keys,
			    unsigned int n, struct sw_flow **flows,
			    uint64_t *masks_probed, uint64_t *cache_hits);

/** twin_flow_hit() - count a packet on a flow for a context. */
static inline void twin_flow_hit(struct sw_flow *flow, uint32_t ctx_id,
				 uint32_t bytes, uint64_t now_ms,
				 uint16_t tcp_flags)
{
	struct twin_flow_stats *s = &flow->stats[ctx_id];

	s->packets++;
	s->bytes += bytes;
	s->used_ms = now_ms;
	s->tcp_flags |= tcp_flags;
}

#endif
