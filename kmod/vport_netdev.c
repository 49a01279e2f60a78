// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netdev ports: any Ethernet-like device taken over by a datapath.
 *
 * Overview
 *	The device hands all that it receives to a handler of ours, is
 *	promiscuous, has the local port as its master, and keeps packets as
 *	they were on the wire (no LRO).
 *
 * Life cycle
 *	create: reference, master link, handler; detach undoes all but the
 *	reference. Detaching happens when the port is destroyed, or at once
 *	when the device is unregistered: then the port lives on without
 *	traffic until the work of dp_notify.c destroys it. The reference goes
 *	a grace period after that, when no packet can refer to the vport.
 *
 * Synchronisation
 *	@attached and IFF_OVS_DATAPATH change under RTNL. The flag alone would
 *	not do: a device that moves to another namespace may be attached there
 *	while the port that it left is still waiting for its end. The handler
 *	runs under RCU with softirqs off.
 *
 * Lock order
 *	ovs_mutex -> RTNL
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/dst_metadata.h>

#include "vport_internal.h"
#include "vport_netdev.h"

/* A packet from the device; the MAC header was pulled. */
static void netdev_receive(struct sk_buff *skb)
{
	struct vport *vport = ovs_vport_netdev_get(skb->dev);

	if (unlikely(!vport)) {
		ovs_drop(ovs_drops_of(dev_net(skb->dev)), skb,
			 OVS_DROP_NO_VPORT);
		return;
	}
	if (unlikely(skb_warn_if_lro(skb))) {
		ovs_drop(vport->dp->drops, skb, OVS_DROP_MALFORMED);
		return;
	}
	/* Packet sockets may hold the same packet. */
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb)) {
		ovs_drop_count(vport->dp->drops, OVS_DROP_NO_MEMORY);
		return;
	}
	if (likely(skb->dev->type == ARPHRD_ETHER))
		skb_push_rcsum(skb, ETH_HLEN);
	ovs_vport_receive(vport, skb, skb_tunnel_info(skb));
}

static rx_handler_result_t netdev_frame_hook(struct sk_buff **pskb)
{
	if (unlikely((*pskb)->pkt_type == PACKET_LOOPBACK))
		return RX_HANDLER_PASS;
	netdev_receive(*pskb);
	return RX_HANDLER_CONSUMED;
}

struct vport *ovs_vport_netdev_get(const struct net_device *dev)
{
	if (unlikely(!netif_is_ovs_port(dev)))
		return NULL;
	return rcu_dereference_rtnl(dev->rx_handler_data);
}

static bool netdev_suits(const struct net_device *dev)
{
	return !(dev->flags & IFF_LOOPBACK) &&
	       (dev->type == ARPHRD_ETHER || dev->type == ARPHRD_NONE) &&
	       !ovs_vport_internal_is(dev);
}

static struct net_device *local_dev(const struct vport *vport)
{
	return ovs_dp_vport(vport->dp, OVSNL_PORT_LOCAL)->dev;
}

static int netdev_attach(struct vport *vport)
{
	struct net_device *dev = vport->dev;
	int err;

	ASSERT_RTNL();
	/* It may have gone, or moved, before RTNL was taken. */
	if (dev->reg_state != NETREG_REGISTERED ||
	    !net_eq(dev_net(dev), ovs_dp_net(vport->dp)))
		return -ENODEV;
	err = netdev_master_upper_dev_link(dev, local_dev(vport), NULL, NULL,
					   NULL);
	if (err)
		return err;
	err = netdev_rx_handler_register(dev, netdev_frame_hook, vport);
	if (err) {
		netdev_upper_dev_unlink(dev, local_dev(vport));
		return err;
	}
	dev_disable_lro(dev);
	dev_set_promiscuity(dev, 1);
	dev->priv_flags |= IFF_OVS_DATAPATH;
	vport->attached = true;
	return 0;
}

void ovs_vport_netdev_detach(struct vport *vport)
{
	struct net_device *dev = vport->dev;

	ASSERT_RTNL();
	WRITE_ONCE(vport->attached, false);
	dev->priv_flags &= ~IFF_OVS_DATAPATH;
	netdev_rx_handler_unregister(dev);
	netdev_upper_dev_unlink(dev, netdev_master_upper_dev_get(dev));
	dev_set_promiscuity(dev, -1);
}

static int netdev_create(struct vport *vport,
			 const struct ovsnl_vport_args *args)
{
	struct net_device *dev;
	int err;

	dev = dev_get_by_name(ovs_dp_net(vport->dp), args->name);
	if (!dev)
		return -ENODEV;
	netdev_tracker_alloc(dev, &vport->dev_tracker, GFP_KERNEL);
	vport->dev = dev;
	if (!netdev_suits(dev)) {
		err = -EINVAL;
		goto err_put;
	}
	rtnl_lock();
	err = netdev_attach(vport);
	rtnl_unlock();
	if (!err)
		return 0;
err_put:
	netdev_put(dev, &vport->dev_tracker);
	return err;
}

static void netdev_free_rcu(struct rcu_head *rcu)
{
	struct vport *vport = container_of(rcu, struct vport, rcu);

	netdev_put(vport->dev, &vport->dev_tracker);
	ovs_vport_free(vport);
}

static void netdev_destroy(struct vport *vport)
{
	rtnl_lock();
	if (vport->attached)
		ovs_vport_netdev_detach(vport);
	rtnl_unlock();
	call_rcu(&vport->rcu, netdev_free_rcu);
}

const struct vport_ops ovs_vport_netdev_ops = {
	.type = OVS_VPORT_TYPE_NETDEV,
	.create = netdev_create,
	.destroy = netdev_destroy,
	.send = dev_queue_xmit,
};
