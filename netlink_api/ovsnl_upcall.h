/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_UPCALL_H
#define OVSNL_UPCALL_H

#include "ovsnl_action.h"
#include "ovsnl_attr.h"
#include "ovsnl_key.h"

/**
 * struct ovsnl_upcall - a packet on its way to a client.
 * @cmd: OVS_PACKET_CMD_MISS or OVS_PACKET_CMD_ACTION
 * @nlmsg_type: run-time id of the packet family
 * @dp_ifindex: the datapath
 * @key: the packet's key
 * @userdata, @userdata_len: of the userspace action; @userdata_len -1 for none
 * @egress: OVS_PACKET_ATTR_EGRESS_TUN_KEY, NULL for none
 * @actions, @actions_len: netlink bytes of the list, or NULL
 * @mru: 0 or largest fragment received
 * @packet_len: bytes of packet that go along (after truncation)
 * @full_len: bytes of the whole packet
 * @hash: OVS_PACKET_ATTR_HASH as the attribute has it: low 32 bits the hash,
 *        bit 32 computed in software, bit 33 over L4 ports
 */
struct ovsnl_upcall {
	__u8 cmd;
	__u16 nlmsg_type;
	__s32 dp_ifindex;
	const struct ovsnl_key *key;
	const void *userdata;
	__s32 userdata_len;
	const struct ovsnl_tunnel *egress;
	const struct nlattr *actions;
	__u32 actions_len;
	__u16 mru;
	__u32 packet_len;
	__u32 full_len;
	__u64 hash;
};

/**
 * ovsnl_upcall_size() - bytes that the head of the message can take.
 * The packet's @packet_len bytes and up to 3 bytes of padding come on top.
 */
size_t ovsnl_upcall_size(const struct ovsnl_upcall *up);

/**
 * ovsnl_upcall_put() - write the message up to the packet's first byte.
 * @w: room for ovsnl_upcall_size(); the message starts at its current end
 * @padded: the message will be padded to 4 bytes (the datapath lacks
 *          OVS_DP_F_UNALIGNED); nlmsg_len counts the padding then
 *
 * The attribute header of OVS_PACKET_ATTR_PACKET is the last thing written;
 * the caller appends the packet (and zeroed padding). nlmsg_len is final.
 *
 * Return: 0, -EFBIG when the packet does not fit an attribute, -EMSGSIZE when
 * @w is too small.
 */
int ovsnl_upcall_put(struct ovsnl_writer *w, const struct ovsnl_upcall *up,
		     bool padded);

#endif
