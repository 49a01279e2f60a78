// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Packets on their way to clients: OVS_PACKET_CMD_MISS and _ACTION.
 *
 * Overview: all but the packet's bytes is written here; those the datapath
 * appends (by reference where it can). The packet is the last attribute, so
 * that its padding may be left out.
 *
 * Life cycle, Synchronisation, Lock order: pure functions.
 */
#include "ovsnl_upcall.h"
#include "ovsnl_msg.h"
#include "ovsnl_tunnel.h"

static size_t attr_size(size_t len)
{
	return NLA_ALIGN(NLA_HDRLEN + len);
}

size_t ovsnl_upcall_size(const struct ovsnl_upcall *up)
{
	size_t size = OVSNL_MSG_HEAD + ovsnl_key_attr_size(up->key);

	if (up->userdata_len >= 0)
		size += attr_size(up->userdata_len);
	if (up->egress)
		size += OVSNL_TUNNEL_ATTR_SIZE;
	if (up->actions)
		size += attr_size(up->actions_len);
	size += attr_size(sizeof(__u16)); /* MRU */
	size += attr_size(sizeof(__u32)); /* LEN */
	size += attr_size(sizeof(__u64)); /* HASH */
	return size + NLA_HDRLEN; /* PACKET */
}

/* The head of OVS_PACKET_ATTR_PACKET; its payload follows from elsewhere. */
static void put_packet_head(struct ovsnl_writer *w, __u32 len)
{
	struct nlattr *a = (struct nlattr *)(w->buf + w->len);

	if (!ovsnl_put_space(w, OVS_PACKET_ATTR_PACKET, 0))
		return;
	a->nla_len = NLA_HDRLEN + len;
}

int ovsnl_upcall_put(struct ovsnl_writer *w, const struct ovsnl_upcall *up,
		     bool padded)
{
	struct ovsnl_msg msg = {
		.nlmsg_type = up->nlmsg_type,
		.cmd = up->cmd,
		.version = OVS_PACKET_VERSION,
		.dp_ifindex = up->dp_ifindex,
	};
	__u32 tail = up->packet_len;
	size_t start;

	if (NLA_HDRLEN + (size_t)up->packet_len > 0xffff)
		return -EFBIG;
	start = ovsnl_msg_start(w, &msg);
	ovsnl_key_put(w, OVS_PACKET_ATTR_KEY, up->key, up->key, false);
	if (up->userdata_len >= 0)
		ovsnl_put(w, OVS_PACKET_ATTR_USERDATA, up->userdata,
			  up->userdata_len);
	if (up->egress)
		ovsnl_tunnel_put(w, OVS_PACKET_ATTR_EGRESS_TUN_KEY, up->egress,
				 up->egress);
	if (up->actions)
		ovsnl_put(w, OVS_PACKET_ATTR_ACTIONS, up->actions,
			  up->actions_len);
	if (up->mru)
		ovsnl_put_u16(w, OVS_PACKET_ATTR_MRU, up->mru);
	if (up->packet_len < up->full_len)
		ovsnl_put_u32(w, OVS_PACKET_ATTR_LEN, up->full_len);
	ovsnl_put_aligned(w, OVS_PACKET_ATTR_HASH, &up->hash, sizeof(up->hash));
	put_packet_head(w, up->packet_len);
	if (padded)
		tail = NLA_ALIGN(tail);
	return ovsnl_msg_end(w, start, tail);
}
