// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets changed by actions.
 *
 * Overview
 *	netlink_api rewrites headers in a linear window and knows how that
 *	disturbs their checksums. This file makes the window (writable, long
 *	enough), says who completes the transport checksum, keeps skb->csum
 *	in step, and drops the packet's hash when what it was made of changed.
 *
 * Life cycle
 *	None.
 *
 * Synchronisation
 *	The caller owns packet and key.
 *
 * Lock order
 *	No locks.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <net/sctp/checksum.h>

#include "conntrack.h"
#include "datapath.h"
#include "ovsnl_packet.h"
#include "rewrite.h"
#include "tunnel.h"

/* Longest part of a transport header that is read or written (TCP). */
#define L4_WINDOW 20

/* Is the transport checksum left to whoever sends the packet? Not when the
 * one that is left to others is that of an inner header.
 */
static enum ovsnl_csum csum_state(const struct sk_buff *skb)
{
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return OVSNL_CSUM_FULL;
	if (skb_is_gso(skb) ||
	    skb_checksum_start_offset(skb) == skb_transport_offset(skb))
		return OVSNL_CSUM_PARTIAL;
	return OVSNL_CSUM_FULL;
}

/**
 * struct window - headers open for rewriting.
 * @h: what netlink_api wants
 * @first: offset of the first byte that may change
 */
struct window {
	struct ovsnl_headers h;
	unsigned int first;
};

/* Open @len bytes from the network header on, and the transport header. */
static int window_open_l3(struct sk_buff *skb, const struct sw_flow_key *key,
			  unsigned int len, struct window *w)
{
	unsigned int l3_ofs = skb_network_offset(skb);
	unsigned int l4_ofs = OVSNL_NO_OFS, end = l3_ofs + len;
	int err;

	if (key->l4_found) {
		l4_ofs = skb_transport_offset(skb);
		end = max(end, l4_ofs + L4_WINDOW);
	}
	end = min(end, skb->len);
	err = skb_ensure_writable(skb, end);
	if (unlikely(err))
		return err;
	*w = (struct window){
		.h = {
			.data = skb->data,
			.len = end,
			.layout = {l3_ofs, l4_ofs, OVSNL_NO_OFS,
				   key->l4_ok},
			.protocol = skb->protocol,
			.csum = csum_state(skb),
		},
		.first = l3_ofs,
	};
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb_postpull_rcsum(skb, skb->data + l3_ofs, end - l3_ofs);
	return 0;
}

static int window_open_eth(struct sk_buff *skb, struct window *w)
{
	int err = skb_ensure_writable(skb, ETH_HLEN);

	if (unlikely(err))
		return err;
	*w = (struct window){
		.h = {
			.data = skb->data,
			.len = ETH_HLEN,
			.layout = {OVSNL_NO_OFS, OVSNL_NO_OFS, OVSNL_NO_OFS,
				   false},
		},
	};
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb_postpull_rcsum(skb, skb->data, ETH_HLEN);
	return 0;
}

static void window_close(struct sk_buff *skb, const struct window *w)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb_postpush_rcsum(skb, skb->data + w->first,
				   w->h.len - w->first);
}

static int set_eth(struct sk_buff *skb, struct sw_flow_key *key,
		   const struct ovsnl_op_set_eth *op)
{
	struct window w;
	int err = window_open_eth(skb, &w);

	if (unlikely(err))
		return err;
	err = ovsnl_rewrite_eth(&w.h, &key->fields, &op->value, &op->mask);
	window_close(skb, &w);
	return err;
}

/* A hash that was made of what changed is none any more, and a connection that
 * was found by it not the packet's.
 */
static void connection_changed(struct sk_buff *skb)
{
	skb_clear_hash(skb);
	ovs_skb_cb(skb)->hash_final = true;
	if (unlikely(skb_nfct(skb)))
		ovs_ct_forget(skb);
}

/* struct addresses - what the key has of both IP versions. */
struct addresses {
	__be32 ipv4[2];
	u8 ipv6[2][16];
};

static void addresses_copy(struct addresses *a, const struct ovsnl_key *key)
{
	a->ipv4[0] = key->ip_src;
	a->ipv4[1] = key->ip_dst;
	memcpy(a->ipv6[0], key->ipv6_src, sizeof(a->ipv6[0]));
	memcpy(a->ipv6[1], key->ipv6_dst, sizeof(a->ipv6[1]));
}

static int set_ip(struct sk_buff *skb, struct sw_flow_key *key,
		  const struct ovsnl_op *op)
{
	const struct ovsnl_op_set_ipv4 *v4 = (const void *)op;
	const struct ovsnl_op_set_ipv6 *v6 = (const void *)op;
	struct addresses before, after;
	struct window w;
	int err;

	addresses_copy(&before, &key->fields);
	err = window_open_l3(skb, key,
			     op->code == OVSNL_OP_SET_IPV4
				     ? sizeof(struct iphdr)
				     : sizeof(struct ipv6hdr),
			     &w);
	if (unlikely(err))
		return err;
	if (op->code == OVSNL_OP_SET_IPV4)
		err = ovsnl_rewrite_ipv4(&w.h, &key->fields, &v4->value,
					 &v4->mask);
	else
		err = ovsnl_rewrite_ipv6(&w.h, &key->fields, &v6->value,
					 &v6->mask);
	window_close(skb, &w);
	addresses_copy(&after, &key->fields);
	if (memcmp(&before, &after, sizeof(before)))
		connection_changed(skb);
	return err;
}

static int set_ports(struct sk_buff *skb, struct sw_flow_key *key,
		     const struct ovsnl_op *op)
{
	const struct ovsnl_op_set_tcp *tcp = (const void *)op;
	const struct ovsnl_op_set_udp *udp = (const void *)op;
	struct window w;
	int err;

	err = window_open_l3(skb, key, 0, &w);
	if (unlikely(err))
		return err;
	if (op->code == OVSNL_OP_SET_TCP)
		err = ovsnl_rewrite_tcp(&w.h, &key->fields, &tcp->value,
					&tcp->mask);
	else
		err = ovsnl_rewrite_udp(&w.h, &key->fields, &udp->value,
					&udp->mask);
	window_close(skb, &w);
	connection_changed(skb);
	return err;
}

/* The checksum of SCTP is over all of the packet and can't be updated. */
static int set_sctp(struct sk_buff *skb, struct sw_flow_key *key,
		    const struct ovsnl_op_set_sctp *op)
{
	unsigned int l4_ofs = skb_transport_offset(skb);
	__le32 old, before;
	struct window w;
	int err;

	if (!key->l4_ok)
		return key->fields.ip_frag == OVS_FRAG_TYPE_LATER ? -EINVAL
								  : -ENOMEM;
	err = window_open_l3(skb, key, 0, &w);
	if (unlikely(err))
		return err;
	before = sctp_compute_cksum(skb, l4_ofs);
	err = ovsnl_rewrite_sctp(&w.h, &key->fields, &op->value, &op->mask,
				 &old);
	if (!err)
		sctp_hdr(skb)->checksum = old ^ before ^
					  sctp_compute_cksum(skb, l4_ofs);
	window_close(skb, &w);
	connection_changed(skb);
	return err;
}

static int set_mpls(struct sk_buff *skb, struct sw_flow_key *key,
		    const struct ovsnl_op_set_mpls *op)
{
	struct window w;
	int err;

	err = window_open_l3(skb, key, sizeof(op->value), &w);
	if (unlikely(err))
		return err;
	err = ovsnl_rewrite_mpls(&w.h, &key->fields, op->value, op->mask);
	window_close(skb, &w);
	return err;
}

static u32 masked(u32 old, const struct ovsnl_op_set_u32 *op)
{
	return (old & ~op->mask) | (op->value & op->mask);
}

int ovs_rewrite_set(struct sk_buff *skb, struct sw_flow_key *key,
		    const struct ovsnl_op *op)
{
	switch (op->code) {
	case OVSNL_OP_SET_ETH:
		return set_eth(skb, key, (const void *)op);
	case OVSNL_OP_SET_IPV4:
	case OVSNL_OP_SET_IPV6:
		return set_ip(skb, key, op);
	case OVSNL_OP_SET_TCP:
	case OVSNL_OP_SET_UDP:
		return set_ports(skb, key, op);
	case OVSNL_OP_SET_SCTP:
		return set_sctp(skb, key, (const void *)op);
	case OVSNL_OP_SET_MPLS:
		return set_mpls(skb, key, (const void *)op);
	case OVSNL_OP_SET_TUNNEL:
		ovs_tunnel_set(skb, (const void *)op);
		return 0;
	case OVSNL_OP_SET_PRIORITY:
		skb->priority = masked(skb->priority, (const void *)op);
		key->fields.priority = skb->priority;
		return 0;
	case OVSNL_OP_SET_MARK:
		skb->mark = masked(skb->mark, (const void *)op);
		key->fields.skb_mark = skb->mark;
		return 0;
	default:
		return -EINVAL;
	}
}

int ovs_rewrite_dec_ttl(struct sk_buff *skb, struct sw_flow_key *key)
{
	struct window w;
	int err;

	if (skb->protocol != htons(ETH_P_IP) &&
	    skb->protocol != htons(ETH_P_IPV6))
		return 0;
	err = window_open_l3(skb, key, sizeof(struct ipv6hdr), &w);
	if (unlikely(err))
		return err;
	err = ovsnl_rewrite_dec_ttl(&w.h, &key->fields);
	window_close(skb, &w);
	return err;
}

/* Too short to be segmented: then it is one packet. The shared info is shared
 * with clones, which may well be long enough.
 */
static int trim_gso(struct sk_buff *skb)
{
	struct skb_shared_info *info;

	if (skb_unclone(skb, GFP_ATOMIC))
		return -ENOMEM;
	info = skb_shinfo(skb);
	if (skb->len <= skb_transport_offset(skb) + info->gso_size) {
		skb_gso_reset(skb);
	} else {
		info->gso_type |= SKB_GSO_DODGY;
		info->gso_segs = 0;
	}
	return 0;
}

int ovs_rewrite_trim(struct sk_buff *skb, unsigned int len)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_checksum_start_offset(skb) + skb->csum_offset +
			    sizeof(__sum16) >
		    len)
		skb->ip_summed = CHECKSUM_NONE;
	if (unlikely(pskb_trim_rcsum(skb, len)))
		return -ENOMEM;
	return skb_is_gso(skb) ? trim_gso(skb) : 0;
}
