// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets put out in fragments.
 *
 * Overview
 *	The IP layers know how to fragment, but want a packet without link
 *	layer header, and a route. The header is set aside for the time, the
 *	route is made up, and each fragment gets the header back.
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
#include <linux/netdevice.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6_stubs.h>

#include "fragment.h"

/* Ethernet header with a tag, and what three MPLS labels take. */
#define L2_MAX (VLAN_ETH_HLEN + 3 * 4)

/**
 * struct set_aside - what fragments get back.
 * @vport: where they go; NULL: not in use
 * @dst: the packet's own route, a tunnel's metadata for instance
 * @cb: its skb->cb
 * @vlan_proto: TPID of its tag beside the packet, 0 for none
 * @vlan_tci: that tag
 * @inner_protocol: of an encapsulated packet
 * @mac_proto: how it starts
 * @l2_len: bytes of its link layer header
 * @l2: the header
 */
struct set_aside {
	struct vport *vport;
	unsigned long dst;
	struct ovs_skb_cb cb;
	__be16 vlan_proto;
	u16 vlan_tci;
	__be16 inner_protocol;
	u8 mac_proto;
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
	ovs_vport_send(aside->vport, skb, aside->mac_proto);
	return 0;
}

static void put_aside(struct set_aside *aside, struct vport *vport,
		      struct sk_buff *skb, u8 mac_proto)
{
	*aside = (struct set_aside){
		.vport = vport,
		.dst = skb->_skb_refdst,
		.cb = *ovs_skb_cb(skb),
		.inner_protocol = skb->inner_protocol,
		.mac_proto = mac_proto,
		.l2_len = skb_network_offset(skb),
	};
	if (skb_vlan_tag_present(skb)) {
		aside->vlan_proto = skb->vlan_proto;
		aside->vlan_tci = skb_vlan_tag_get(skb);
	}
	memcpy(aside->l2, skb->data, aside->l2_len);
	skb_pull_rcsum(skb, aside->l2_len);
}

static void fragment_ipv4(struct net_device *dev, struct sk_buff *skb, u16 mru)
{
	struct rtable route = {};

	made_up_init(&route.dst, dev);
	skb_dst_set_noref(skb, &route.dst);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	IPCB(skb)->frag_max_size = mru;
	ip_do_fragment(dev_net(dev), skb->sk, skb, fragment_output);
}

static void fragment_ipv6(struct net_device *dev, struct sk_buff *skb, u16 mru)
{
	struct rt6_info route = {};

	made_up_init(&route.dst, dev);
	skb_dst_set_noref(skb, &route.dst);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	IP6CB(skb)->frag_max_size = mru;
	ipv6_stub->ipv6_fragment(dev_net(dev), skb->sk, skb, fragment_output);
}

static bool can_fragment(const struct set_aside *aside,
			 const struct vport *vport, struct sk_buff *skb,
			 const struct sw_flow_key *key)
{
	if (aside->vport || ovs_skb_cb(skb)->mru > vport->dev->mtu)
		return false;
	if (skb_network_offset(skb) > L2_MAX) {
		pr_info_ratelimited(
			"netlink: L2 header too long to fragment\n");
		return false;
	}
	return key->fields.eth_type == htons(ETH_P_IP) ||
	       key->fields.eth_type == htons(ETH_P_IPV6);
}

void ovs_fragment_send(struct vport *vport, struct sk_buff *skb,
		       const struct sw_flow_key *key)
{
	struct set_aside *aside = this_cpu_ptr(&set_aside);
	u16 mru = ovs_skb_cb(skb)->mru;

	if (!can_fragment(aside, vport, skb, key)) {
		kfree_skb(skb);
		return;
	}
	put_aside(aside, vport, skb, key->fields.mac_proto);
	if (key->fields.eth_type == htons(ETH_P_IP))
		fragment_ipv4(vport->dev, skb, mru);
	else
		fragment_ipv6(vport->dev, skb, mru);
	refdst_drop(aside->dst);
	aside->vport = NULL;
}
