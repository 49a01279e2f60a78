/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_FLOW_STATS_H
#define OVS_FLOW_STATS_H

#include <linux/if_vlan.h>
#include <linux/skbuff.h>

#include "flow.h"

/** ovs_flow_stats_init() - create the cache of statistics; 0 or -ENOMEM. */
int ovs_flow_stats_init(void);

/** ovs_flow_stats_exit() - destroy it. */
void ovs_flow_stats_exit(void);

/** ovs_flow_stats_miss() - count where this CPU has no statistics yet. */
void ovs_flow_stats_miss(struct sw_flow *flow, u32 len, __be16 tcp_flags);

/* Add a packet; by its CPU with softirqs off, or under the spill lock. */
static inline void ovs_flow_stats_add(struct sw_flow_stats *stats, u32 len,
				      __be16 tcp_flags)
{
	unsigned long now = jiffies;

	u64_stats_update_begin(&stats->syncp);
	stats->packet_count++;
	stats->byte_count += len;
	u64_stats_update_end(&stats->syncp);
	if (READ_ONCE(stats->used) != now)
		WRITE_ONCE(stats->used, now);
	if (tcp_flags & ~stats->tcp_flags)
		WRITE_ONCE(stats->tcp_flags, stats->tcp_flags | tcp_flags);
}

/**
 * ovs_flow_stats_update() - count a packet that hit a flow.
 * @flow: the flow
 * @tcp_flags: of the packet, network order, 0 if it has none
 * @skb: the packet; a tag beside it counts as 4 bytes
 * Context: softirqs off, RCU.
 */
static inline void ovs_flow_stats_update(struct sw_flow *flow, __be16 tcp_flags,
					 const struct sk_buff *skb)
{
	u32 len = skb->len + (skb_vlan_tag_present(skb) ? VLAN_HLEN : 0);
	struct sw_flow_stats *stats;

	stats = rcu_dereference(*ovs_flow_stats_of(flow, smp_processor_id()));
	if (likely(stats))
		ovs_flow_stats_add(stats, len, tcp_flags);
	else
		ovs_flow_stats_miss(flow, len, tcp_flags);
}

/**
 * ovs_flow_stats_get() - sum up.
 * @sum: set to all packets and bytes
 * @used: set to jiffies of the last packet, unspecified if there was none
 * @tcp_flags: set to the OR of all flags, network order
 * Context: ovs_mutex or RCU.
 */
void ovs_flow_stats_get(const struct sw_flow *flow, struct ovs_flow_stats *sum,
			unsigned long *used, __be16 *tcp_flags);

/** ovs_flow_stats_clear() - start from zero; ovs_mutex. */
void ovs_flow_stats_clear(struct sw_flow *flow);

/** ovs_flow_stats_free() - free all and start from zero; no reader is left. */
void ovs_flow_stats_free(struct sw_flow *flow);

#endif
