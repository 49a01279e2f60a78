/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_TUNNEL_H
#define OVS_TUNNEL_H

#include <net/ip_tunnels.h>

#include "ovsnl_action.h"

/* Tunnels between netlink_api's form and that of the kernel's tunnel devices,
 * which take a packet's outer headers from, and leave them in, the metadata
 * that stand in the place of its route.
 */

/**
 * ovs_tunnel_from_info() - what a tunnel device says of a packet.
 * @tun: filled, but for the bytes of opts from opts_len on
 */
void ovs_tunnel_from_info(struct ovsnl_tunnel *tun,
			  const struct ip_tunnel_info *info);

/**
 * ovs_tunnel_prepare() - keep with a set action what packets will be given.
 * The cookie of @op holds it afterwards. Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int ovs_tunnel_prepare(struct ovsnl_op_set_tunnel *op);

/** ovs_tunnel_release() - undo that; packets may still be on their way. */
void ovs_tunnel_release(const struct ovsnl_op_set_tunnel *op);

/** ovs_tunnel_set() - the action: how @skb is to be sent by a tunnel device. */
void ovs_tunnel_set(struct sk_buff *skb, const struct ovsnl_op_set_tunnel *op);

/**
 * ovs_tunnel_egress() - the outer headers that a device would give a packet.
 * @skb: has been given a tunnel by an action; its addresses are completed
 * @tun: filled if true is returned
 * Return: false when @dev is no tunnel device, or @skb has no tunnel.
 */
bool ovs_tunnel_egress(struct net_device *dev, struct sk_buff *skb,
		       struct ovsnl_tunnel *tun);

#endif
