/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_FLOW_MASK_H
#define OVS_FLOW_MASK_H

#include <linux/hashtable.h>

#include "flow.h"
#include "key_hash.h"

#define OVS_MASK_INDEX_BITS 8

/**
 * struct scan_list - masks, or groups of masks, in the order of a scan.
 * @rcu: for freeing after a grace period
 * @count: entries in use. Only grows while readers can see the list: a new
 *         entry is stored before it is counted
 * @max: room in @entry
 * @entry: never change once counted
 */
struct scan_list {
	struct rcu_head rcu;
	u32 count;
	u32 max;
	void __rcu *entry[];
};

/**
 * struct mask_group - masks that have the same head.
 * @head: see ovs_key_head()
 * @ipv6: it has bits in IPv6 addresses
 * @masks: of struct sw_flow_mask; replaced under ovs_mutex
 * @index: in flow_masks.groups_index; ovs_mutex
 * @rcu: for freeing after a grace period
 */
struct mask_group {
	u64 head[OVS_KEY_HEAD_WORDS];
	bool ipv6;
	struct scan_list __rcu *masks;
	struct hlist_node index;
	struct rcu_head rcu;
};

/**
 * struct flow_masks - all masks of a flow table.
 * @groups: of struct mask_group, for readers; replaced under ovs_mutex
 * @count: masks that flows use; ovs_mutex to change
 * @groups_index: groups by head, for writers; ovs_mutex
 * @index: masks by content, for writers; ovs_mutex
 */
struct flow_masks {
	struct scan_list __rcu *groups;
	u32 count;
	DECLARE_HASHTABLE(groups_index, OVS_MASK_INDEX_BITS);
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
 * ovs_flow_masks_clear() - drop the references of all flows, and free all
 * masks after a grace period. Context: ovs_mutex, may sleep; no flow is left
 * in the table.
 */
void ovs_flow_masks_clear(struct flow_masks *masks);

/**
 * ovs_flow_masks_rebalance() - put first what scans hit most since last time.
 * Context: ovs_mutex, may sleep. Does nothing without memory.
 */
void ovs_flow_masks_rebalance(struct flow_masks *masks);

#endif
