/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_FLOW_CACHE_H
#define OVS_FLOW_CACHE_H

#include "flow.h"

/* Entries that one unit of the configured size stands for: the size counts
 * what the kernel's own mask cache would have, and masks are far fewer than
 * the microflows that are remembered here.
 */
#define OVS_FLOW_CACHE_UNIT 16
#define OVS_FLOW_CACHE_DEFAULT 256
#define OVS_FLOW_CACHE_MAX 4096

/* Entries that one hash may be found in; adjacent, in one cache line. */
#define OVS_FLOW_CACHE_WAYS 2

/**
 * struct flow_cache_entry - where packets with this hash went last.
 * @tag: upper half of the packet key's hash
 * @slot: the flow's slot; whatever it holds is checked against the packet
 */
struct flow_cache_entry {
	u32 tag;
	u32 slot;
};

/**
 * struct flow_cache - per-CPU guesses of the flow that a packet will hit.
 * @rcu: for freeing after a grace period
 * @size: as configured: 0 (no cache) or a power of two, at most 4096
 * @index_mask: takes a hash to the first of its entries
 * @cpu: entries by CPU; each used on that CPU with softirqs off
 */
struct flow_cache {
	struct rcu_head rcu;
	u32 size;
	u32 index_mask;
	struct flow_cache_entry *cpu[];
};

/** ovs_flow_cache_alloc() - an empty cache of a valid @size, or NULL. */
struct flow_cache *ovs_flow_cache_alloc(u32 size);

/** ovs_flow_cache_free() - free at once; no reader is left. */
void ovs_flow_cache_free(struct flow_cache *cache);

/** ovs_flow_cache_free_rcu() - free after a grace period. */
void ovs_flow_cache_free_rcu(struct flow_cache *cache);

/** ovs_flow_cache_find() - this CPU's entries for @hash; size is not 0. */
static inline struct flow_cache_entry *
ovs_flow_cache_find(const struct flow_cache *cache, u64 hash)
{
	return &cache->cpu[smp_processor_id()][hash & cache->index_mask];
}

/** ovs_flow_cache_store() - remember @slot, forget the older of two. */
static inline void ovs_flow_cache_store(struct flow_cache_entry *entry,
					u64 hash, u32 slot)
{
	entry[1] = entry[0];
	entry[0] = (struct flow_cache_entry){ .tag = hash >> 32, .slot = slot };
}

#endif
