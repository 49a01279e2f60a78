/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_UPCALL_H
#define OVS_UPCALL_H

#include "datapath.h"

/**
 * struct dp_upcall_info - what goes to a client along with a packet.
 * @cmd: OVS_PACKET_CMD_MISS or _ACTION
 * @portid: the client; 0 for none, the upcall is lost then
 * @mru: 0 or the largest fragment that was received
 * @userdata, @userdata_len: of the userspace action; @userdata_len -1 for none
 * @egress: the tunnel that the packet would go out by, or NULL
 * @actions, @actions_len: netlink bytes of an action list, or NULL
 */
struct dp_upcall_info {
	u8 cmd;
	u32 portid;
	u16 mru;
	const void *userdata;
	s32 userdata_len;
	const struct ovsnl_tunnel *egress;
	const struct nlattr *actions;
	u32 actions_len;
};

/**
 * ovs_dp_upcall() - send a packet to a client.
 * @skb: stays the caller's; its checksum may be completed
 * @key: its key
 * @cutlen: send at most so many bytes of it, or of each of its segments
 * Failures are counted in n_lost. Context: softirqs off, RCU.
 * Return: 0, -ENOTCONN (@info->portid 0), -EFBIG (no attribute can hold it),
 * -EAGAIN (the client's buffer is full), -ECONNREFUSED (no such client), ...
 */
int ovs_dp_upcall(struct datapath *dp, struct sk_buff *skb,
		  const struct sw_flow_key *key,
		  const struct dp_upcall_info *info, u32 cutlen);

/** ovs_upcall_miss() - ask a client about a packet without flow; consumes it. */
void ovs_upcall_miss(struct datapath *dp, struct sk_buff *skb,
		     const struct sw_flow_key *key);

/**
 * ovs_upcall_portid() - who gets an upcall.
 * @usual: who does unless CPUs have clients of their own, or EXECUTE named one
 * Context: softirqs off, RCU. Return: 0 for no one.
 */
u32 ovs_upcall_portid(const struct datapath *dp, struct sk_buff *skb,
		      u32 usual);

#endif
