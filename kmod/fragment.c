// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets put out in fragments.
 *
 * Overview
 *	The IP layers know how to fragment, but want a packet without link
 *	layer header, and a route. The header is set aside for the time, the
 *	route is made up, and each fragment gets the header back.
 *
 *	How much that is gets measured in the packet, not taken from what
 *	earlier actions left in the skb: labels that were pushed count as link
 *	layer, and headers out of order are no reason to copy other bytes.
 *
 * Life cycle
 *	What is set aside stands in per-CPU memory from the beginning of a
 *	packet to its last fragment. The made-up route lives on the stack: no
 *	fragment leaves with a pointer to it.
 *
 * Synchronisation
 *	Softirqs are off, so that one packet at a time is fragmented per CPU.
 *	Sending a fragment to a device may lead into the datapath again and to
 *	another packet that is fragmented: the memory is then in use, and that
 *	packet is dropped.
 *
 * Lock order
 *	No locks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/if_vlan.h>
#include <linux/mpls.h>
#include <linux/netdevice.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6_stubs.h>
#include <net/mpls.h>

#include "fragment.h"

/* Ethernet header with a tag, and what three MPLS labels take. */
#define L2_MAX (VLAN_ETH_HLEN + 3 * MPLS_HLEN)

/**
 * struct set_aside - what fragments get back.
 * @vport: where they go; NULL: not in use
 * @dst: the packet's own route, a tunnel's metadata for instance
 * @cb: its skb->cb
 * @vlan_proto: TPID of its tag beside the packet, 0 for none
 * @vlan_tci: that tag
 * @inner_protocol: of an encapsulated packet
 * @mac_proto: how it starts
 * @network_ofs: where its network header is
 * @l2_len: bytes of what stands in front of the IP header
 * @l2: those bytes
 */
struct set_aside {
	struct vport *vport;
	unsigned long dst;
	struct ovs_skb_cb cb;
	__be16 vlan_proto;
	u16 vlan_tci;
	__be16 inner_protocol;
	u8 mac_proto;
	u8 network_ofs;
	u8 l2_len;
	u8 l2[L2_MAX];
};

static DEFINE_PER_CPU(struct set_aside, set_aside);

static unsigned int made_up_mtu(const struct dst_entry *dst)
{
	return dst->dev->mtu;
}

static struct dst_ops made_up_ops = {
	.family = AF_UNSPEC,
	.mtu = made_up_mtu,
};

static void made_up_init(struct dst_entry *dst, struct net_device *dev)
{
	dst_init(dst, &made_up_ops, NULL, 1, DST_OBSOLETE_NONE, DST_NOCOUNT);
	dst->dev = dev;
}

/* Called by the IP layers with each fragment. */
static int fragment_output(struct net *net, struct sock *sk,
			   struct sk_buff *skb)
{
	const struct set_aside *aside = this_cpu_ptr(&set_aside);

	__skb_dst_copy(skb, aside->dst);
	if (skb_cow_head(skb, aside->l2_len)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	*ovs_skb_cb(skb) = aside->cb;
	if (aside->vlan_proto)
		__vlan_hwaccel_put_tag(skb, aside->vlan_proto, aside->vlan_tci);
	else
		__vlan_hwaccel_clear_tag(skb);
	skb->inner_protocol = aside->inner_protocol;
	memcpy(skb_push(skb, aside->l2_len), aside->l2, aside->l2_len);
	skb_postpush_rcsum(skb, skb->data, aside->l2_len);
	skb_reset_mac_header(skb);
	if (eth_p_mpls(skb->protocol)) {
		skb_set_inner_network_header(skb, aside->l2_len);
		skb_set_network_header(skb, aside->network_ofs);
		skb_reset_mac_len(skb);
	}
	ovs_vport_send(aside->vport, skb, aside->mac_proto);
	return 0;
}

/* Bytes in front of the IP header; -EINVAL when there is none of @eth_type
 * where it would have to be, -EMSGSIZE when that is too far behind.
 */
static int l2_measure(struct sk_buff *skb, __be16 eth_type)
{
	u8 version = eth_type == htons(ETH_P_IP) ? 4 : 6;
	bool more = eth_p_mpls(skb->protocol);
	int len = skb_network_offset(skb);
	__be32 lse;

	while (more && len >= 0 && len < L2_MAX) {
		if (skb_copy_bits(skb, len, &lse, MPLS_HLEN))
			return -EINVAL;
		more = !(lse & htonl(MPLS_LS_S_MASK));
		len += MPLS_HLEN;
	}
	if (more || len > L2_MAX)
		return -EMSGSIZE;
	if (len < 0 || !pskb_may_pull(skb, len + 1) ||
	    skb->data[len] >> 4 != version)
		return -EINVAL;
	return len;
}

static void put_aside(struct set_aside *aside, struct vport *vport,
		      struct sk_buff *skb, u8 mac_proto, int len)
{
	*aside = (struct set_aside){
		.vport = vport,
		.dst = skb->_skb_refdst,
		.cb = *ovs_skb_cb(skb),
		.inner_protocol = skb->inner_protocol,
		.mac_proto = mac_proto,
		.network_ofs = skb_network_offset(skb),
		.l2_len = len,
	};
	if (skb_vlan_tag_present(skb)) {
		aside->vlan_proto = skb->vlan_proto;
		aside->vlan_tci = skb_vlan_tag_get(skb);
	}
	memcpy(aside->l2, skb->data, len);
	skb_pull_rcsum(skb, len);
	skb_reset_network_header(skb);
}

static int fragment_ipv4(struct net_device *dev, struct sk_buff *skb, u16 mru)
{
	struct rtable route = {};

	made_up_init(&route.dst, dev);
	skb_dst_set_noref(skb, &route.dst);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	IPCB(skb)->frag_max_size = mru;
	return ip_do_fragment(dev_net(dev), skb->sk, skb, fragment_output);
}

static int fragment_ipv6(struct net_device *dev, struct sk_buff *skb, u16 mru)
{
	struct rt6_info route = {};

	made_up_init(&route.dst, dev);
	skb_dst_set_noref(skb, &route.dst);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	IP6CB(skb)->frag_max_size = mru;
	return ipv6_stub->ipv6_fragment(dev_net(dev), skb->sk, skb,
					fragment_output);
}

void ovs_fragment_send(struct vport *vport, struct sk_buff *skb,
		       const struct sw_flow_key *key)
{
	struct set_aside *aside = this_cpu_ptr(&set_aside);
	__be16 eth_type = key->fields.eth_type;
	u16 mru = ovs_skb_cb(skb)->mru;
	int len, err;

	if (mru > vport->dev->mtu) {
		ovs_drop(vport->dp->drops, skb, OVS_DROP_OVER_MTU);
		return;
	}
	if (aside->vport ||
	    (eth_type != htons(ETH_P_IP) && eth_type != htons(ETH_P_IPV6)))
		goto drop;
	len = l2_measure(skb, eth_type);
	if (len == -EMSGSIZE)
		pr_info_ratelimited(
			"netlink: L2 header too long to fragment\n");
	if (len < 0)
		goto drop;
	put_aside(aside, vport, skb, key->fields.mac_proto, len);
	if (eth_type == htons(ETH_P_IP))
		err = fragment_ipv4(vport->dev, skb, mru);
	else
		err = fragment_ipv6(vport->dev, skb, mru);
	if (err)
		ovs_drop_count(vport->dp->drops, OVS_DROP_SEGMENT);
	refdst_drop(aside->dst);
	aside->vport = NULL;
	return;
drop:
	ovs_drop(vport->dp->drops, skb, OVS_DROP_SEGMENT);
}
