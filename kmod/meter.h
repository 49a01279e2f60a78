/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_METER_H
#define OVS_METER_H

#include <linux/rhashtable-types.h>
#include <linux/skbuff.h>

#include "ovsnl_ops.h"

struct datapath;
struct sw_flow_key;

/**
 * struct ovs_meters - the meters of a datapath.
 * @table: by id; ovs_mutex to change, RCU to read
 * @max: most meters that there may be, constant
 */
struct ovs_meters {
	struct rhashtable table;
	u32 max;
};

/** ovs_meters_init() - none yet; 0 or -ENOMEM. */
int ovs_meters_init(struct ovs_meters *meters);

/** ovs_meters_destroy() - free them all; nobody reads any more. May sleep. */
void ovs_meters_destroy(struct ovs_meters *meters);

/**
 * ovs_meter_execute() - charge a packet to a meter.
 * @skb, @key: the packet, unchanged
 * Context: softirqs off, RCU.
 * Return: true when the caller is to drop it; false also when there is no
 * such meter.
 */
bool ovs_meter_execute(struct datapath *dp, struct sk_buff *skb,
		       struct sw_flow_key *key, u32 meter_id);

/* Members of struct ovsnl_ops: contracts in ovsnl_ops.h. */

void ovs_meter_features(struct datapath *dp,
			struct ovsnl_meter_features *features);
int ovs_meter_set(struct datapath *dp, const struct ovsnl_meter_args *args,
		  struct ovsnl_meter_info *old);
void ovs_meter_get(struct datapath *dp, __u32 id,
		   struct ovsnl_meter_info *info);
void ovs_meter_del(struct datapath *dp, __u32 id, struct ovsnl_meter_info *old);

#endif
