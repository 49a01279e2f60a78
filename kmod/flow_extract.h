/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_FLOW_EXTRACT_H
#define OVS_FLOW_EXTRACT_H

#include <linux/skbuff.h>

#include "flow.h"

struct ip_tunnel_info;

/* All of these leave the packet with skb->data, mac_header and network_header
 * set, mac_len, protocol (the innermost known type behind the tags, or the
 * second tag's TPID), transport_header for IP, and the outer tag beside it.
 */

/**
 * ovs_flow_key_extract() - key of a packet that comes in from a device.
 * @skb: starts at its MAC header; skb->cb is set
 * @tun_info: the tunnel that it came in, or NULL
 * @key: filled
 * Return: 0, -EINVAL (not even an Ethernet header), -ENOMEM.
 */
int ovs_flow_key_extract(struct sk_buff *skb,
			 const struct ip_tunnel_info *tun_info,
			 struct sw_flow_key *key);

/**
 * ovs_flow_key_update() - extract again after actions changed headers.
 * @key: metadata stays
 * Return: as above.
 */
int ovs_flow_key_update(struct sk_buff *skb, struct sw_flow_key *key);

/**
 * ovs_flow_key_adopt() - take a key that was made from the packet's bytes.
 * @key: @key->fields is set, the rest is filled
 * @layout: where the headers are in @skb
 * Return: 0 or -ENOMEM.
 */
int ovs_flow_key_adopt(struct sk_buff *skb, struct sw_flow_key *key,
		       const struct ovsnl_layout *layout);

#endif
