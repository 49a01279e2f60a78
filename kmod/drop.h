/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_DROP_H
#define OVS_DROP_H

#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

#include "ovsnl_drop.h"

#define OVS_DROP_ENUM(id, name) OVS_DROP_##id,
/** enum ovs_drop - why a packet was dropped: see ovsnl_drop.h. */
enum ovs_drop { OVSNL_DROP_REASONS(OVS_DROP_ENUM) OVS_DROP_COUNT };
#undef OVS_DROP_ENUM

/** struct ovs_drops - packets dropped by one CPU, by reason. */
struct ovs_drops {
	u64 n[OVS_DROP_COUNT];
};

/**
 * ovs_drops_of() - counters of a namespace, per CPU.
 *
 * They end with the namespace, a grace period after its datapaths.
 */
struct ovs_drops __percpu *ovs_drops_of(const struct net *net);

/** ovs_drop_count() - count a packet that is freed elsewhere. Any context. */
static inline void ovs_drop_count(struct ovs_drops __percpu *drops,
				  enum ovs_drop reason)
{
	this_cpu_inc(drops->n[reason]);
}

/** ovs_drop() - count a packet and free it. Any context. */
static inline void ovs_drop(struct ovs_drops __percpu *drops,
			    struct sk_buff *skb, enum ovs_drop reason)
{
	ovs_drop_count(drops, reason);
	kfree_skb(skb);
}

/** ovs_drop_init() - counters for all namespaces; 0 or a negative errno.
 * Before there can be datapaths.
 */
int ovs_drop_init(void);

/** ovs_drop_exit() - free them; after the last datapath has gone. */
void ovs_drop_exit(void);

#endif
