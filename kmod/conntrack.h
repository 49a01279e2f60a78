/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_CONNTRACK_H
#define OVS_CONNTRACK_H

#include <linux/skbuff.h>

#include "flow.h"

/**
 * ovs_ct_fill_key() - what the stack's connection tracking knows of a packet.
 * @key: header fields are set; those of connection tracking are zero, and
 *       stay so unless @skb belongs to a connection
 */
void ovs_ct_fill_key(const struct sk_buff *skb, struct ovsnl_key *key);

/** ovs_ct_forget() - take a packet out of its connection. */
void ovs_ct_forget(struct sk_buff *skb);

/** ovs_ct_clear() - the action: the same, and nothing of it in the key. */
void ovs_ct_clear(struct sk_buff *skb, struct ovsnl_key *key);

#endif
