/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_FRAGMENT_H
#define OVS_FRAGMENT_H

#include "vport.h"

/**
 * ovs_fragment_send() - put out a packet that was reassembled on its way in,
 * in fragments no larger than those that came.
 * @skb: consumed; skb->cb has the size (mru); longer than that
 * @key: its key; the packet is dropped unless it is IP
 * Context: softirqs off, RCU.
 */
void ovs_fragment_send(struct vport *vport, struct sk_buff *skb,
		       const struct sw_flow_key *key);

#endif
