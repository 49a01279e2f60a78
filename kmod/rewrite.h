/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_REWRITE_H
#define OVS_REWRITE_H

#include <linux/skbuff.h>

#include "flow.h"

/* Actions that change a packet. Each keeps packet, checksums, skb metadata
 * and key in step. The packet is the caller's also after an error.
 */

/**
 * ovs_rewrite_set() - any of the OVSNL_OP_SET_* operations.
 * Return: 0, -ENOMEM, or -EINVAL when the packet lacks that header.
 */
int ovs_rewrite_set(struct sk_buff *skb, struct sw_flow_key *key,
		    const struct ovsnl_op *op);

/** ovs_rewrite_push_vlan() - 0 or a negative errno. */
int ovs_rewrite_push_vlan(struct sk_buff *skb, struct sw_flow_key *key,
			  const struct ovsnl_op_push_vlan *op);

/** ovs_rewrite_pop_vlan() - 0 or a negative errno; without tag does nothing. */
int ovs_rewrite_pop_vlan(struct sk_buff *skb, struct sw_flow_key *key);

/**
 * ovs_rewrite_trim() - cut a packet to @len bytes.
 * What can't be done to a shortened packet any more (segmenting, completing a
 * checksum that was cut off) is called off. Return: 0 or -ENOMEM.
 */
int ovs_rewrite_trim(struct sk_buff *skb, unsigned int len);

#endif
