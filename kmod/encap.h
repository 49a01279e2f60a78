/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_ENCAP_H
#define OVS_ENCAP_H

#include <linux/skbuff.h>

#include "flow.h"

/* Headers put on and taken off: tags, MPLS labels, Ethernet, NSH. Each leaves
 * the packet with skb->data, mac_header, network_header, mac_len and protocol
 * as the rest of the stack wants them, and the key marked as stale where it
 * can't be kept up to date. The packet is the caller's also after an error.
 */

/**
 * ovs_encap_push_vlan() - 0 or a negative errno.
 */
int ovs_encap_push_vlan(struct sk_buff *skb, struct sw_flow_key *key,
			const struct ovsnl_op_push_vlan *op);

/** ovs_encap_pop_vlan() - 0 or a negative errno; without tag does nothing. */
int ovs_encap_pop_vlan(struct sk_buff *skb, struct sw_flow_key *key);

/**
 * ovs_encap() - any of OVSNL_OP_PUSH_ and OVSNL_OP_POP_, but those of tags.
 * Return: 0, -ENOMEM, -EINVAL or -EPROTO for packets that can't have, or lack,
 * that header, -EAFNOSUPPORT for what NSH can't carry.
 */
int ovs_encap(struct sk_buff *skb, struct sw_flow_key *key,
	      const struct ovsnl_op *op);

#endif
