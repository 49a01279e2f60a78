// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets for clients.
 *
 * Overview
 *	A packet that hits no flow, or a flow that says so, goes to a client's
 *	netlink socket with its key. Packets that are still to be segmented
 *	are segmented first: a client gets what would be on the wire, with the
 *	outer tag in the packet and checksums complete.
 *
 *	The client is chosen by CPU, or from the port ids of the vport by the
 *	packet's hash, or was named by the action.
 *
 * Life cycle
 *	The message is unicast at once; who can't take it loses it, counted in
 *	the datapath's n_lost. Bytes that lie in pages are handed over by
 *	reference where the client allows for messages that are not padded.
 *
 * Synchronisation
 *	Softirqs off, RCU. No lock.
 *
 * Lock order
 *	No locks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/genetlink.h>

#include "genl.h"
#include "openvswitch_trace.h"
#include "ovsnl_upcall.h"
#include "upcall.h"
#include "vport.h"

#define HASH_SW_BIT BIT_ULL(32)
#define HASH_L4_BIT BIT_ULL(33)

static u32 percpu_portid(const struct datapath *dp)
{
	const struct dp_nlsk_pids *pids = rcu_dereference(dp->upcall_portids);
	unsigned int cpu = smp_processor_id();

	if (!pids || !pids->n_pids)
		return 0;
	if (likely(cpu < pids->n_pids))
		return pids->pids[cpu];
	pr_info_ratelimited("cpu_id mismatch with handler threads\n");
	return pids->pids[cpu % pids->n_pids];
}

u32 ovs_upcall_portid(const struct datapath *dp, struct sk_buff *skb, u32 usual)
{
	u32 named = ovs_skb_cb(skb)->upcall_pid;

	if (named)
		return named;
	if (READ_ONCE(dp->user_features) & OVS_DP_F_DISPATCH_UPCALL_PER_CPU)
		return percpu_portid(dp);
	return usual;
}

/* The packet as it would be on the wire: tag inside, checksum complete.
 * Return: @skb, a clone of it for the caller to free, or an error.
 */
static struct sk_buff *wire_format(struct sk_buff *skb)
{
	struct sk_buff *wire = skb;
	int err;

	if (skb_vlan_tag_present(skb)) {
		wire = skb_clone(skb, GFP_ATOMIC);
		if (wire)
			wire = __vlan_hwaccel_push_inside(wire);
		if (!wire)
			return ERR_PTR(-ENOMEM);
	}
	if (wire->ip_summed == CHECKSUM_PARTIAL) {
		err = skb_csum_hwoffload_help(wire, 0);
		if (err) {
			if (wire != skb)
				kfree_skb(wire);
			return ERR_PTR(err);
		}
	}
	return wire;
}

static u64 packet_hash(struct sk_buff *skb)
{
	u64 hash;

	hash = ovs_skb_cb(skb)->hash_final ? skb_get_hash_raw(skb)
					   : skb_get_hash(skb);
	if (skb->sw_hash)
		hash |= HASH_SW_BIT;
	if (skb->l4_hash)
		hash |= HASH_L4_BIT;
	return hash;
}

/* Write the message's head and append the packet. @linear: bytes of it to
 * copy, the others are shared.
 */
static int message_fill(struct sk_buff *msg, const struct ovsnl_upcall *up,
			struct sk_buff *wire, u32 linear, bool padded)
{
	struct ovsnl_writer w;
	int err;

	ovsnl_writer_init(&w, skb_tail_pointer(msg), skb_tailroom(msg));
	err = ovsnl_upcall_put(&w, up, padded);
	if (err)
		return err;
	skb_put(msg, w.len);
	/* Nothing may be left of a packet whose headers were popped; to
	 * skb_zerocopy() that is a bug.
	 */
	if (likely(up->packet_len))
		err = skb_zerocopy(msg, wire, up->packet_len, linear);
	if (!err && padded)
		skb_put_zero(msg, NLA_ALIGN(up->packet_len) - up->packet_len);
	return err;
}

/* Build and send the message for a packet in wire format. */
static int message_send(struct datapath *dp, struct sk_buff *wire,
			const struct ovsnl_upcall *up, u32 portid)
{
	bool padded = !(READ_ONCE(dp->user_features) & OVS_DP_F_UNALIGNED);
	u32 linear = up->packet_len;
	struct sk_buff *msg;
	int err;

	if (!padded)
		linear = min(skb_zerocopy_headlen(wire), up->packet_len);
	msg = nlmsg_new(ovsnl_upcall_size(up) + NLA_ALIGN(linear), GFP_ATOMIC);
	if (!msg)
		return -ENOMEM;
	err = message_fill(msg, up, wire, linear, padded);
	if (err) {
		kfree_skb(msg);
		return err;
	}
	return genlmsg_unicast(ovs_dp_net(dp), msg, portid);
}

static noinline int queue_userspace_packet(struct datapath *dp,
					   struct sk_buff *skb,
					   const struct sw_flow_key *key,
					   const struct dp_upcall_info *info,
					   u32 cutlen)
{
	struct sk_buff *wire = wire_format(skb);
	struct ovsnl_upcall up = {
		.cmd = info->cmd,
		.nlmsg_type = ovs_genl_id(OVSNL_FAMILY_PACKET),
		.dp_ifindex = dp->ifindex,
		.key = &key->fields,
		.userdata = info->userdata,
		.userdata_len = info->userdata_len,
		.egress = info->egress,
		.actions = info->actions,
		.actions_len = info->actions_len,
		.mru = info->mru,
	};
	int err = -EFBIG;

	if (IS_ERR(wire))
		return PTR_ERR(wire);
	up.full_len = wire->len;
	up.packet_len = min(wire->len, cutlen);
	up.hash = packet_hash(skb);
	if (nla_attr_size(up.packet_len) <= USHRT_MAX)
		err = message_send(dp, wire, &up, info->portid);
	if (wire != skb)
		consume_skb(wire);
	return err;
}

/* One message a segment. Segments of a UDP datagram that was to be fragmented
 * are fragments: the key was made for the first, the others get their own.
 */
static int queue_gso_packets(struct datapath *dp, struct sk_buff *skb,
			     const struct sw_flow_key *key,
			     const struct dp_upcall_info *info, u32 cutlen)
{
	bool fragments = skb_shinfo(skb)->gso_type & SKB_GSO_UDP;
	struct sk_buff *segs, *seg, *next;
	struct sw_flow_key later __uninitialized;
	int err = 0;

	segs = __skb_gso_segment(skb, NETIF_F_SG, false);
	if (IS_ERR_OR_NULL(segs))
		return segs ? PTR_ERR(segs) : -EINVAL;

	skb_list_walk_safe(segs, seg, next) {
		if (fragments && seg != segs) {
			ovs_flow_key_copy(&later, key);
			later.fields.ip_frag = OVS_FRAG_TYPE_LATER;
			key = &later;
			fragments = false;
		}
		err = queue_userspace_packet(dp, seg, key, info, cutlen);
		if (err)
			break;
	}
	if (err)
		kfree_skb_list(segs);
	else
		skb_list_walk_safe(segs, seg, next)
			consume_skb(seg);
	return err;
}

static enum ovs_drop why_lost(const struct sk_buff *skb, int err)
{
	switch (err) {
	case -ENOTCONN:
		return OVS_DROP_MISS_NO_CLIENT;
	case -ENOMEM:
		return OVS_DROP_NO_MEMORY;
	case -EINVAL:
	case -EPROTONOSUPPORT:
		return skb_is_gso(skb) ? OVS_DROP_SEGMENT
				       : OVS_DROP_UPCALL_REJECTED;
	default:
		return OVS_DROP_UPCALL_REJECTED;
	}
}

/* Segments have a cb of their own: @skb is the packet that came in. */
static void count_upcall(struct datapath *dp, struct sk_buff *skb, int err)
{
	struct vport *vport = ovs_skb_cb(skb)->input_vport;
	struct vport_upcall_stats *upcalls = this_cpu_ptr(vport->upcalls);
	struct dp_stats_percpu *stats;

	u64_stats_update_begin(&upcalls->syncp);
	if (likely(!err))
		upcalls->n_sent++;
	else
		upcalls->n_failed++;
	u64_stats_update_end(&upcalls->syncp);
	if (likely(!err))
		return;
	ovs_drop_count(dp->drops, why_lost(skb, err));
	stats = this_cpu_ptr(dp->stats);
	u64_stats_update_begin(&stats->syncp);
	stats->n_lost++;
	u64_stats_update_end(&stats->syncp);
}

int ovs_dp_upcall(struct datapath *dp, struct sk_buff *skb,
		  const struct sw_flow_key *key,
		  const struct dp_upcall_info *info, u32 cutlen)
{
	int err;

	trace_ovs_dp_upcall(dp, skb, key, info);
	if (!info->portid)
		err = -ENOTCONN;
	else if (skb_is_gso(skb))
		err = queue_gso_packets(dp, skb, key, info, cutlen);
	else
		err = queue_userspace_packet(dp, skb, key, info, cutlen);
	count_upcall(dp, skb, err);
	return err;
}

void ovs_upcall_miss(struct datapath *dp, struct sk_buff *skb,
		     const struct sw_flow_key *key)
{
	const struct ovs_skb_cb *cb = ovs_skb_cb(skb);
	struct dp_upcall_info info = {
		.cmd = OVS_PACKET_CMD_MISS,
		.mru = cb->mru,
		.userdata_len = -1,
	};
	u32 usual = ovs_vport_find_upcall_portid(cb->input_vport, skb);
	int err;

	info.portid = ovs_upcall_portid(dp, skb, usual);
	err = ovs_dp_upcall(dp, skb, key, &info, U32_MAX);
	if (!err || err == -EAGAIN) {
		consume_skb(skb);
	} else {
		skb_tx_error(skb);
		kfree_skb(skb);
	}
}
