// SPDX-License-Identifier: GPL-2.0-only
/*
 * Internal ports: network devices of the host whose other end is a datapath.
 *
 * Overview
 *	What the stack sends on the device enters the datapath; what the
 *	datapath sends to the port is received by the stack. The device of
 *	port 0 bears the datapath's name and stays in its namespace; others
 *	may be moved, their packets then forget what the other namespace knew
 *	of them, but for the mark.
 *
 * Life cycle
 *	destroy cuts the device off from its datapath; the device is then in
 *	the list `leaving`, with a reference, until ovs_unlock() has released
 *	ovs_mutex and has it unregistered. Unregistering waits for all who hold
 *	a device, or one on top of it that goes with it: one of these may be a
 *	port, which dp_notify.c destroys under ovs_mutex. The vport is freed by
 *	the device's destructor: the device may outlive the port for as long as
 *	somebody holds a reference to it.
 *
 * Synchronisation
 *	ndo_start_xmit runs under RCU with softirqs off; @port is what it sees.
 *	unregister_netdevice() waits for it before the vport can go. Before
 *	that another namespace's end may have unregistered the device.
 *
 * Lock order
 *	ovs_mutex -> RTNL
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/dst.h>
#include <net/rtnetlink.h>
#include <net/xfrm.h>

#include "vport_internal.h"

/** struct internal_dev - the device's private part.
 * @vport: for the destructor
 * @port: the same while it is a port, then NULL; ovs_mutex to change, RCU to read
 * @leaving: in the list of that name, or in ovs_vport_internal_unregister()'s
 * @tracker: of the reference that it has there
 */
struct internal_dev {
	struct vport *vport;
	struct vport __rcu *port;
	struct list_head leaving;
	netdevice_tracker tracker;
};

/* Devices that are no ports any more; ovs_mutex. */
static LIST_HEAD(leaving);

static struct internal_dev *internal_dev(const struct net_device *dev)
{
	return netdev_priv(dev);
}

/* Device operations */

static void forget_namespace(struct sk_buff *skb)
{
	u32 mark = skb->mark;

	skb_scrub_packet(skb, true);
	skb->mark = mark;
}

static netdev_tx_t internal_xmit(struct sk_buff *skb, struct net_device *dev)
{
	unsigned int len = skb->len;
	struct vport *vport;
	int err;

	rcu_read_lock();
	vport = rcu_dereference(internal_dev(dev)->port);
	if (unlikely(!vport)) {
		ovs_drop(ovs_drops_of(dev_net(dev)), skb, OVS_DROP_NO_VPORT);
		rcu_read_unlock();
		DEV_STATS_INC(dev, tx_errors);
		return NETDEV_TX_OK;
	}
	if (unlikely(!net_eq(dev_net(dev), ovs_dp_net(vport->dp))))
		forget_namespace(skb);
	err = ovs_vport_receive(vport, skb, NULL);
	rcu_read_unlock();

	if (likely(!err))
		dev_sw_netstats_tx_add(dev, 1, len);
	else
		DEV_STATS_INC(dev, tx_errors);
	return NETDEV_TX_OK;
}

static int internal_open(struct net_device *dev)
{
	netif_start_queue(dev);
	return 0;
}

static int internal_stop(struct net_device *dev)
{
	netif_stop_queue(dev);
	return 0;
}

static void internal_get_drvinfo(struct net_device *dev,
				 struct ethtool_drvinfo *info)
{
	strscpy(info->driver, "openvswitch", sizeof(info->driver));
}

static const struct ethtool_ops internal_ethtool_ops = {
	.get_drvinfo = internal_get_drvinfo,
	.get_link = ethtool_op_get_link,
};

static const struct net_device_ops internal_netdev_ops = {
	.ndo_open = internal_open,
	.ndo_stop = internal_stop,
	.ndo_start_xmit = internal_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_get_stats64 = dev_get_tstats64,
};

static struct rtnl_link_ops internal_link_ops __read_mostly = {
	.kind = "openvswitch",
};

static void internal_destructor(struct net_device *dev)
{
	free_percpu(dev->tstats);
	ovs_vport_free(internal_dev(dev)->vport);
}

static void internal_setup(struct net_device *dev)
{
	ether_setup(dev);
	eth_hw_addr_random(dev);

	dev->max_mtu = ETH_MAX_MTU;
	dev->netdev_ops = &internal_netdev_ops;
	dev->ethtool_ops = &internal_ethtool_ops;
	dev->rtnl_link_ops = &internal_link_ops;
	dev->needs_free_netdev = true;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_OPENVSWITCH |
			   IFF_NO_QUEUE;

	dev->features = NETIF_F_LLTX | NETIF_F_SG | NETIF_F_FRAGLIST |
			NETIF_F_HIGHDMA | NETIF_F_HW_CSUM |
			NETIF_F_GSO_SOFTWARE | NETIF_F_GSO_ENCAP_ALL;
	dev->vlan_features = dev->features;
	dev->hw_enc_features = dev->features;
	dev->features |= NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_STAG_TX;
	dev->hw_features = dev->features & ~NETIF_F_LLTX;
}

/* The vport */

static int internal_register(struct vport *vport, struct net_device *dev)
{
	int err;

	rtnl_lock();
	err = register_netdevice(dev);
	if (!err) {
		/* Not before: a failed registration would call it, too. */
		dev->priv_destructor = internal_destructor;
		dev_set_promiscuity(dev, 1);
		vport->dev = dev;
	}
	rtnl_unlock();
	return err;
}

static int internal_create(struct vport *vport,
			   const struct ovsnl_vport_args *args)
{
	struct net_device *dev;
	int err;

	dev = alloc_netdev(sizeof(struct internal_dev), args->name,
			   NET_NAME_USER, internal_setup);
	if (!dev)
		return -ENOMEM;
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats) {
		err = -ENOMEM;
		goto err_dev;
	}
	internal_dev(dev)->vport = vport;
	RCU_INIT_POINTER(internal_dev(dev)->port, vport);
	dev_net_set(dev, ovs_dp_net(vport->dp));
	dev->ifindex = args->ifindex;
	if (vport->port_no == OVSNL_PORT_LOCAL)
		dev->features |= NETIF_F_NETNS_LOCAL;

	err = internal_register(vport, dev);
	if (err)
		goto err_stats;
	netif_start_queue(dev);
	return 0;

err_stats:
	free_percpu(dev->tstats);
err_dev:
	free_netdev(dev);
	return err;
}

static void internal_destroy(struct vport *vport)
{
	struct internal_dev *internal = internal_dev(vport->dev);

	lockdep_assert_ovs_held();
	netif_stop_queue(vport->dev);
	RCU_INIT_POINTER(internal->port, NULL);
	netdev_hold(vport->dev, &internal->tracker, GFP_KERNEL);
	list_add_tail(&internal->leaving, &leaving);
}

void ovs_vport_internal_take_leaving(struct list_head *list)
{
	lockdep_assert_ovs_held();
	list_splice_init(&leaving, list);
}

void ovs_vport_internal_unregister(struct list_head *list)
{
	struct internal_dev *internal, *next;
	struct net_device *dev;
	LIST_HEAD(registered);

	if (list_empty(list))
		return;
	rtnl_lock();
	list_for_each_entry(internal, list, leaving) {
		dev = internal->vport->dev;
		if (dev->reg_state != NETREG_REGISTERED)
			continue;
		dev_set_promiscuity(dev, -1);
		unregister_netdevice_queue(dev, &registered);
	}
	unregister_netdevice_many(&registered);
	list_for_each_entry_safe(internal, next, list, leaving)
		netdev_put(internal->vport->dev, &internal->tracker);
	/* Waits until nobody has them any more. */
	rtnl_unlock();
}

/* A packet for the host's stack. */
static int internal_receive(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;

	if (unlikely(!(dev->flags & IFF_UP))) {
		ovs_drop(internal_dev(dev)->vport->dp->drops, skb,
			 OVS_DROP_OUTPUT_DOWN);
		DEV_STATS_INC(dev, rx_dropped);
		return NET_RX_DROP;
	}
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	secpath_reset(skb);

	skb->pkt_type = PACKET_HOST;
	skb->protocol = eth_type_trans(skb, dev);
	skb_postpull_rcsum(skb, eth_hdr(skb), ETH_HLEN);
	dev_sw_netstats_rx_add(dev, skb->len);
	return netif_rx(skb);
}

const struct vport_ops ovs_vport_internal_ops = {
	.type = OVS_VPORT_TYPE_INTERNAL,
	.create = internal_create,
	.destroy = internal_destroy,
	.send = internal_receive,
};

bool ovs_vport_internal_is(const struct net_device *dev)
{
	return dev->netdev_ops == &internal_netdev_ops;
}

struct vport *ovs_vport_internal_get(const struct net_device *dev)
{
	return ovs_vport_internal_is(dev)
		       ? rcu_dereference_ovs(internal_dev(dev)->port)
		       : NULL;
}

int ovs_vport_internal_init(void)
{
	return rtnl_link_register(&internal_link_ops);
}

void ovs_vport_internal_exit(void)
{
	rtnl_link_unregister(&internal_link_ops);
}
