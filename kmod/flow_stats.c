// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a flow has carried.
 *
 * Overview
 *	Each CPU counts in statistics of its own, without a lock or an atomic
 *	operation. They are allocated by the first packet that a CPU sees of a
 *	flow. When there is no memory the packet is counted in the flow's spill
 *	area, under a lock, so that none goes uncounted.
 *
 * Life cycle
 *	Clearing takes the statistics away from under the CPUs and frees them
 *	after a grace period: a packet that is being counted at that moment
 *	counts as one from before. The rest goes with the flow.
 *
 * Synchronisation
 *	Writers: the owning CPU with softirqs off, so that nothing interrupts
 *	it. Pointers are set by that CPU when they are NULL and taken away
 *	under ovs_mutex by xchg(). Readers: RCU or ovs_mutex, with
 *	u64_stats_sync.
 *
 * Lock order
 *	ovs_mutex -> sw_flow_spill.lock
 */
#include <linux/slab.h>

#include "datapath.h"
#include "flow_stats.h"

static struct kmem_cache *flow_stats_cache;

int ovs_flow_stats_init(void)
{
	flow_stats_cache = kmem_cache_create("ovs_sw_flow_stats",
					     sizeof(struct sw_flow_stats), 0,
					     SLAB_HWCACHE_ALIGN, NULL);
	return flow_stats_cache ? 0 : -ENOMEM;
}

void ovs_flow_stats_exit(void)
{
	kmem_cache_destroy(flow_stats_cache);
}

static void stats_spill(struct sw_flow *flow, u32 len, __be16 tcp_flags)
{
	spin_lock(&flow->spill.lock);
	ovs_flow_stats_add(&flow->spill.stats, len, tcp_flags);
	spin_unlock(&flow->spill.lock);
}

void ovs_flow_stats_miss(struct sw_flow *flow, u32 len, __be16 tcp_flags)
{
	const gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC |
			  __GFP_ZERO;
	struct sw_flow_stats *stats;

	stats = kmem_cache_alloc_node(flow_stats_cache, gfp, numa_node_id());
	if (unlikely(!stats)) {
		stats_spill(flow, len, tcp_flags);
		return;
	}
	u64_stats_init(&stats->syncp);
	ovs_flow_stats_add(stats, len, tcp_flags);
	rcu_assign_pointer(*ovs_flow_stats_of(flow, smp_processor_id()), stats);
}

/* Adds one CPU's share; *used is valid once sum->n_packets is not 0. */
static void stats_sum(const struct sw_flow_stats *stats,
		      struct ovs_flow_stats *sum, unsigned long *used,
		      __be16 *tcp_flags)
{
	unsigned long last = READ_ONCE(stats->used);
	u64 packets, bytes;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		packets = stats->packet_count;
		bytes = stats->byte_count;
	} while (u64_stats_fetch_retry(&stats->syncp, start));

	if (!packets)
		return;
	if (!sum->n_packets || time_after(last, *used))
		*used = last;
	sum->n_packets += packets;
	sum->n_bytes += bytes;
	*tcp_flags |= READ_ONCE(stats->tcp_flags);
}

void ovs_flow_stats_get(const struct sw_flow *flow, struct ovs_flow_stats *sum,
			unsigned long *used, __be16 *tcp_flags)
{
	const struct sw_flow_stats *stats;
	unsigned int cpu;

	memset(sum, 0, sizeof(*sum));
	*used = 0;
	*tcp_flags = 0;
	stats_sum(&flow->spill.stats, sum, used, tcp_flags);
	for_each_possible_cpu(cpu) {
		stats = rcu_dereference_ovs(*ovs_flow_stats_of(flow, cpu));
		if (stats)
			stats_sum(stats, sum, used, tcp_flags);
	}
}

static void stats_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(flow_stats_cache,
			container_of(rcu, struct sw_flow_stats, rcu));
}

void ovs_flow_stats_clear(struct sw_flow *flow)
{
	struct sw_flow_stats *stats;
	unsigned int cpu;

	lockdep_assert_ovs_held();
	for_each_possible_cpu(cpu) {
		stats = unrcu_pointer(xchg(ovs_flow_stats_of(flow, cpu), NULL));
		if (stats)
			call_rcu(&stats->rcu, stats_free_rcu);
	}
	spin_lock_bh(&flow->spill.lock);
	flow->spill.stats = (struct sw_flow_stats){};
	spin_unlock_bh(&flow->spill.lock);
}

void ovs_flow_stats_free(struct sw_flow *flow)
{
	struct sw_flow_stats __rcu **statsp;
	struct sw_flow_stats *stats;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		statsp = ovs_flow_stats_of(flow, cpu);
		stats = rcu_dereference_raw(*statsp);
		if (!stats)
			continue;
		kmem_cache_free(flow_stats_cache, stats);
		RCU_INIT_POINTER(*statsp, NULL);
	}
	if (unlikely(flow->spill.stats.packet_count))
		flow->spill.stats = (struct sw_flow_stats){};
}
