/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_FLOW_MASK_H
#define OVS_FLOW_MASK_H

#include <linux/hashtable.h>

#include "flow.h"

#define OVS_MASK_INDEX_BITS 8

/**
 * struct mask_array - the masks of a table in the order of a scan.
 * @rcu: for freeing after a grace period
 * @count: masks in use. Only grows while readers can see the array: a new
 *         mask is stored before it is counted
 * @max: room in @masks
 * @masks: never change once counted
 */
struct mask_array {
	struct rcu_head rcu;
	u32 count;
	u32 max;
	struct sw_flow_mask __rcu *masks[];
};

/**
 * struct flow_masks - all masks of a flow table.
 * @array: for readers; replaced under ovs_mutex
 * @index: the same by content, for writers; ovs_mutex
 */
struct flow_masks {
	struct mask_array __rcu *array;
	DECLARE_HASHTABLE(index, OVS_MASK_INDEX_BITS);
};

/** ovs_flow_masks_init() - start without masks; 0 or -ENOMEM. */
int ovs_flow_masks_init(struct flow_masks *masks);

/** ovs_flow_masks_destroy() - free all at once; no reader is left. */
void ovs_flow_masks_destroy(struct flow_masks *masks);

/**
 * ovs_flow_mask_get() - find or add a mask and take a reference.
 * Context: ovs_mutex, may sleep. Return: the mask or NULL without memory.
 */
struct sw_flow_mask *ovs_flow_mask_get(struct flow_masks *masks,
				       const struct ovsnl_key *key);

/**
 * ovs_flow_mask_put() - drop a reference; the last frees the mask after a
 * grace period. Context: ovs_mutex, may sleep.
 */
void ovs_flow_mask_put(struct flow_masks *masks, struct sw_flow_mask *mask);

/**
 * ovs_flow_masks_rebalance() - put first what scans hit most since last time.
 * Context: ovs_mutex, may sleep. Does nothing without memory.
 */
void ovs_flow_masks_rebalance(struct flow_masks *masks);

#endif
