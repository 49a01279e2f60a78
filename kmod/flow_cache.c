// SPDX-License-Identifier: GPL-2.0-only
/*
 * The per-CPU cache in front of the flow table.
 *
 * Overview
 *	A hash over the fields that tell connections apart leads to the slot of
 *	the flow that took the last such packet. The cache is a guess: the
 *	flow found in the slot is compared with the packet under its mask, so
 *	that stale and colliding entries cost a comparison, never a wrong
 *	flow. No one has to invalidate anything when flows come and go.
 *
 * Life cycle
 *	One at a time per flow table, replaced whole when it is resized.
 *
 * Synchronisation
 *	Each CPU uses entries of its own with softirqs off. The struct itself
 *	is found under RCU.
 *
 * Lock order
 *	No locks.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "flow_cache.h"

struct flow_cache *ovs_flow_cache_alloc(u32 size)
{
	u32 entries = size * OVS_FLOW_CACHE_UNIT;
	struct flow_cache *cache;
	unsigned int cpu;

	cache = kzalloc(struct_size(cache, cpu, nr_cpu_ids), GFP_KERNEL);
	if (!cache || !size)
		return cache;
	cache->size = size;
	cache->index_mask = (entries - 1) & ~(OVS_FLOW_CACHE_WAYS - 1);
	for_each_possible_cpu(cpu) {
		cache->cpu[cpu] = kvzalloc_node(
			array_size(entries, sizeof(*cache->cpu[cpu])),
			GFP_KERNEL, cpu_to_node(cpu));
		if (!cache->cpu[cpu]) {
			ovs_flow_cache_free(cache);
			return NULL;
		}
	}
	return cache;
}

void ovs_flow_cache_free(struct flow_cache *cache)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		kvfree(cache->cpu[cpu]);
	kfree(cache);
}

static void cache_free_rcu(struct rcu_head *rcu)
{
	ovs_flow_cache_free(container_of(rcu, struct flow_cache, rcu));
}

void ovs_flow_cache_free_rcu(struct flow_cache *cache)
{
	call_rcu(&cache->rcu, cache_free_rcu);
}
