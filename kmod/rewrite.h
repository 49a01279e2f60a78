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

/**
 * ovs_rewrite_dec_ttl() - one hop less in IPv4's or IPv6's header; other
 * packets are left alone.
 * Return: 0, -EHOSTUNREACH when there was at most one left, -ENOMEM, -EINVAL
 * when the header is cut.
 */
int ovs_rewrite_dec_ttl(struct sk_buff *skb, struct sw_flow_key *key);

/**
 * ovs_rewrite_trim() - cut a packet to @len bytes.
 * What can't be done to a shortened packet any more (segmenting, completing a
 * checksum that was cut off) is called off. Return: 0 or -ENOMEM.
 */
int ovs_rewrite_trim(struct sk_buff *skb, unsigned int len);

#endif
