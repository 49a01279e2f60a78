// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets from clients.
 *
 * Overview
 *	A client hands in a packet with its metadata and the actions to run on
 *	it: one that it got by an upcall, or one of its own making.
 *
 * Life cycle
 *	The actions run before the request is answered, and are freed then:
 *	nothing that they defer is left, since no other actions were running.
 *
 * Synchronisation
 *	RCU, softirqs off. The packet is made of pages beyond its first part,
 *	because no large piece of memory is sure to be had in that context.
 *
 * Lock order
 *	No locks.
 */
#include <linux/if_vlan.h>
#include <linux/skbuff.h>

#include "actions.h"
#include "flow_extract.h"
#include "packet.h"
#include "vport.h"

/* Bytes of the packet in the linear part. */
#define LINEAR_MAX 1024

/* enum ovs_packet_hash - bits of OVS_PACKET_ATTR_HASH above the hash. */
#define HASH_SW_BIT BIT_ULL(32)
#define HASH_L4_BIT BIT_ULL(33)

static struct sk_buff *packet_build(const void *data, u32 len)
{
	u32 linear = min_t(u32, len, LINEAR_MAX);
	const u32 headroom = NET_SKB_PAD + NET_IP_ALIGN;
	struct sk_buff *skb;
	int err;

	skb = alloc_skb_with_frags(headroom + linear, len - linear, 0, &err,
				   GFP_ATOMIC);
	if (!skb)
		return ERR_PTR(err);
	skb_reserve(skb, headroom);
	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len = len;
	err = skb_store_bits(skb, 0, data, len);
	if (err) {
		kfree_skb(skb);
		return ERR_PTR(err);
	}
	return skb;
}

static void packet_init(struct sk_buff *skb, struct vport *vport,
			const struct ovsnl_execute *exec)
{
	*ovs_skb_cb(skb) = (struct ovs_skb_cb){
		.input_vport = vport,
		.cutlen = U32_MAX,
		.mru = exec->mru,
		.hash_final = true,
		.upcall_pid = exec->upcall_pid,
	};
	skb->dev = vport->dev;
	skb->priority = exec->key->priority;
	skb->mark = exec->key->skb_mark;
	skb->ignore_df = exec->mru != 0;
	if (exec->has_hash)
		__skb_set_hash(skb, exec->hash, exec->hash & HASH_SW_BIT,
			       exec->hash & HASH_L4_BIT);
}

static int execute(struct datapath *dp, const struct ovsnl_execute *exec)
{
	struct sw_flow_key key __uninitialized;
	struct sk_buff *skb;
	struct vport *vport;
	int err;

	ovsnl_key_copy(&key.fields, exec->key);
	vport = ovs_dp_vport(dp, key.fields.in_port);
	if (!vport)
		vport = ovs_dp_vport(dp, OVSNL_PORT_LOCAL);
	if (!vport)
		return -ENODEV;
	skb = packet_build(exec->packet, exec->len);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	packet_init(skb, vport, exec);
	err = ovs_flow_key_adopt(skb, &key, &exec->layout);
	if (err) {
		ovs_drop(dp->drops, skb,
			 err == -ENOMEM ? OVS_DROP_NO_MEMORY
					: OVS_DROP_MALFORMED);
		return err;
	}
	return ovs_execute_actions(dp, skb, ovs_flow_actions(exec->acts), &key);
}

int ovs_packet_cmd_execute(struct datapath *dp,
			   const struct ovsnl_execute *exec)
{
	int err;

	local_bh_disable();
	err = execute(dp, exec);
	/* In this context: memory from vmalloc() is freed later, elsewhere. */
	ovs_flow_actions_free(exec->acts);
	local_bh_enable();
	return err;
}
