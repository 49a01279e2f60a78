/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_ACTIONS_H
#define OVS_ACTIONS_H

#include "datapath.h"

/* Nested runs of action lists on one CPU before a packet is dropped. */
#define OVS_RECURSION_LIMIT 5
/* Nested runs with a key of their own before the rest is deferred. */
#define OVS_DEFERRED_ACTION_THRESHOLD (OVS_RECURSION_LIMIT - 2)
/* Packets that one CPU can defer, one less than the size of the kernel's own
 * queue, of which one place stays empty.
 */
#define OVS_DEFERRED_ACTION_FIFO 9

/** ovs_actions_init() - allocate the per-CPU state; 0 or -ENOMEM. */
int ovs_actions_init(void);

/** ovs_actions_exit() - free it; no packet is left. */
void ovs_actions_exit(void);

/**
 * ovs_execute_actions() - run an action list on a packet.
 * @skb: consumed
 * @acts: alive under RCU, or until this returns: nothing refers to it then
 *        when this CPU was not running actions before
 * @key: the packet's key; changed
 * Context: softirqs off, RCU.
 * Return: 0, -ENETDOWN (recursion limit), or the error of an action.
 */
int ovs_execute_actions(struct datapath *dp, struct sk_buff *skb,
			const struct sw_flow_actions *acts,
			struct sw_flow_key *key);

#endif
