// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports of any type.
 *
 * Overview
 *	What all vports have in common: creation, port ids for upcalls, the
 *	way of a packet in and out, and what the API wants to know of them.
 *	vport_netdev.c and vport_internal.c do the rest.
 *
 * Life cycle
 *	ovs_vport_new() reserves the port's place, sets up the device and makes
 *	the vport visible; ovs_dp_detach_port() hides it and has its type
 *	destroy it. Each vport holds a reference to the module, so that nobody
 *	can unload a datapath that is in use.
 *
 * Synchronisation
 *	Changes: ovs_mutex. Packets and GET requests: RCU.
 *
 * Lock order
 *	ovs_mutex -> RTNL
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/indirect_call_wrapper.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "flow_extract.h"
#include "vport.h"
#include "vport_internal.h"
#include "vport_netdev.h"

/* Port ids */

static struct vport_portids *portids_alloc(const struct ovsnl_pids *pids)
{
	struct vport_portids *ids;

	ids = kmalloc(struct_size(ids, ids, pids->n), GFP_KERNEL);
	if (!ids)
		return NULL;
	ids->n_ids = pids->n;
	ids->rn_ids = reciprocal_value(pids->n);
	memcpy(ids->ids, pids->data, array_size(pids->n, sizeof(u32)));
	return ids;
}

int ovs_vport_set_pids(struct vport *vport, const struct ovsnl_pids *pids)
{
	struct vport_portids *ids, *old;

	lockdep_assert_ovs_held();
	if (!pids->n || pids->n > nr_cpu_ids)
		return -EINVAL;
	ids = portids_alloc(pids);
	if (!ids)
		return -ENOMEM;
	old = rcu_replace_pointer(vport->upcall_portids, ids,
				  lockdep_ovs_is_held());
	kfree_rcu(old, rcu);
	return 0;
}

u32 ovs_vport_find_upcall_portid(const struct vport *vport, struct sk_buff *skb)
{
	const struct vport_portids *ids =
		rcu_dereference(vport->upcall_portids);
	u32 hash;

	if (ids->n_ids == 1)
		return ids->ids[0];
	hash = skb_get_hash(skb);
	return ids
		->ids[hash - ids->n_ids * reciprocal_divide(hash, ids->rn_ids)];
}

/* Creation */

static const struct vport_ops *const vport_types[] = {
	&ovs_vport_netdev_ops,
	&ovs_vport_internal_ops,
};

static const struct vport_ops *type_find(u32 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(vport_types); i++) {
		if (vport_types[i]->type == type)
			return vport_types[i];
	}
	return NULL;
}

void ovs_vport_free(struct vport *vport)
{
	kfree(rcu_dereference_raw(vport->upcall_portids));
	free_percpu(vport->upcalls);
	kfree(vport);
}

static struct vport *vport_alloc(struct datapath *dp,
				 const struct ovsnl_vport_args *args)
{
	struct vport *vport;
	int err = -ENOMEM;

	vport = kzalloc(sizeof(*vport), GFP_KERNEL);
	if (!vport)
		return ERR_PTR(-ENOMEM);
	vport->dp = dp;
	vport->port_no = args->port_no;
	vport->ops = type_find(args->type);
	vport->upcalls = netdev_alloc_pcpu_stats(struct vport_upcall_stats);
	if (!vport->upcalls)
		goto err_vport;
	err = vport->ops ? ovs_vport_set_pids(vport, &args->upcall_pids)
			 : -EAFNOSUPPORT;
	if (err)
		goto err_vport;
	return vport;

err_vport:
	ovs_vport_free(vport);
	return ERR_PTR(err);
}

struct vport *ovs_vport_new(struct datapath *dp,
			    const struct ovsnl_vport_args *args)
{
	struct vport *vport;
	int err;

	lockdep_assert_ovs_held();
	err = ovs_dp_reserve_port(dp, args->port_no);
	if (err)
		return ERR_PTR(err);
	vport = vport_alloc(dp, args);
	if (IS_ERR(vport))
		return vport;
	err = -EAFNOSUPPORT; /* on its way out */
	if (!try_module_get(THIS_MODULE))
		goto err_vport;
	err = vport->ops->create(vport, args);
	if (err)
		goto err_module;
	ovs_dp_attach_port(vport);
	return vport;

err_module:
	module_put(THIS_MODULE);
err_vport:
	ovs_vport_free(vport);
	return ERR_PTR(err);
}

/* Headroom: every port's device leaves what the neediest one asks for. */

static void headroom_set(struct vport *vport, void *arg)
{
	netdev_set_rx_headroom(vport->dev, vport->dp->max_headroom);
}

static void headroom_max(struct vport *vport, void *arg)
{
	unsigned int *max = arg;

	*max = max(*max, netdev_get_fwd_headroom(vport->dev));
}

static void headroom_joined(struct vport *vport)
{
	unsigned int headroom = netdev_get_fwd_headroom(vport->dev);
	struct datapath *dp = vport->dp;

	if (headroom > dp->max_headroom) {
		dp->max_headroom = headroom;
		ovs_dp_for_each_port(dp, headroom_set, NULL);
	} else {
		headroom_set(vport, NULL);
	}
}

static void headroom_left(struct datapath *dp)
{
	unsigned int max = 0;

	ovs_dp_for_each_port(dp, headroom_max, &max);
	if (max < dp->max_headroom) {
		dp->max_headroom = max;
		ovs_dp_for_each_port(dp, headroom_set, NULL);
	}
}

int ovs_vport_create(struct datapath *dp, const struct ovsnl_vport_args *args,
		     struct vport **vport)
{
	struct vport *new = ovs_vport_new(dp, args);

	if (IS_ERR(new))
		return PTR_ERR(new);
	headroom_joined(new);
	*vport = new;
	return 0;
}

void ovs_vport_destroy(struct vport *vport)
{
	unsigned int headroom = netdev_get_fwd_headroom(vport->dev);
	struct datapath *dp = vport->dp;

	netdev_reset_rx_headroom(vport->dev);
	ovs_dp_detach_port(vport);
	if (headroom == dp->max_headroom)
		headroom_left(dp);
}

int ovs_vport_type_check(void *net, __u32 type)
{
	return type_find(type) ? 0 : -EAFNOSUPPORT;
}

/* No type that there is now has options. */
int ovs_vport_set_options(struct vport *vport, const struct nlattr *options)
{
	return -EOPNOTSUPP;
}

void ovs_vport_put_options(struct vport *vport, struct ovsnl_writer *w)
{
}

/* Finding */

static struct vport *vport_of_dev(const struct net_device *dev)
{
	return ovs_vport_internal_is(dev) ? ovs_vport_internal_get(dev)
					  : ovs_vport_netdev_get(dev);
}

/* Devices that live in another namespace, or were unregistered just now, are
 * not found by name in their datapath's.
 */
static struct vport *vport_of_name_elsewhere(struct net *net, const char *name)
{
	struct datapath *dp;
	struct vport *vport;
	u32 port_no;
	u64 n = 0;

	while ((dp = ovs_dp_next(net, n++))) {
		port_no = 0;
		while ((vport = ovs_vport_next(dp, port_no))) {
			if (!strcmp(ovs_vport_name(vport), name))
				return vport;
			port_no = vport->port_no + 1;
		}
	}
	return NULL;
}

struct vport *ovs_vport_by_name(void *net, const char *name)
{
	struct vport *vport = NULL;
	struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_name_rcu(net, name);
	if (dev)
		vport = vport_of_dev(dev);
	if (!vport || !net_eq(ovs_dp_net(vport->dp), net))
		vport = vport_of_name_elsewhere(net, name);
	rcu_read_unlock();
	return vport;
}

struct vport *ovs_vport_by_port(struct datapath *dp, __u32 port_no)
{
	return port_no < OVSNL_MAX_PORTS ? ovs_dp_vport(dp, port_no) : NULL;
}

struct vport *ovs_vport_next(struct datapath *dp, __u32 port_no)
{
	struct vport *vport;

	while (port_no < OVSNL_MAX_PORTS) {
		if (!rcu_access_pointer(
			    dp->pages[port_no / OVS_PORTS_PER_PAGE])) {
			port_no = round_up(port_no + 1, OVS_PORTS_PER_PAGE);
			continue;
		}
		vport = ovs_dp_vport(dp, port_no++);
		if (vport)
			return vport;
	}
	return NULL;
}

struct datapath *ovs_vport_dp(struct vport *vport)
{
	return vport->dp;
}

__u32 ovs_vport_port_no(const struct vport *vport)
{
	return vport->port_no;
}

/* Information */

static void vport_stats(struct vport *vport, struct ovs_vport_stats *stats)
{
	const struct rtnl_link_stats64 *dev_stats;
	struct rtnl_link_stats64 room;

	dev_stats = dev_get_stats(vport->dev, &room);
	*stats = (struct ovs_vport_stats){
		.rx_packets = dev_stats->rx_packets,
		.tx_packets = dev_stats->tx_packets,
		.rx_bytes = dev_stats->rx_bytes,
		.tx_bytes = dev_stats->tx_bytes,
		.rx_errors = dev_stats->rx_errors,
		.tx_errors = dev_stats->tx_errors,
		.rx_dropped = dev_stats->rx_dropped,
		.tx_dropped = dev_stats->tx_dropped,
	};
}

static void vport_upcalls(struct vport *vport, struct ovsnl_vport_info *info)
{
	const struct vport_upcall_stats *stats;
	unsigned int start, cpu;
	u64 sent, failed;

	for_each_possible_cpu(cpu) {
		stats = per_cpu_ptr(vport->upcalls, cpu);
		do {
			start = u64_stats_fetch_begin(&stats->syncp);
			sent = stats->n_sent;
			failed = stats->n_failed;
		} while (u64_stats_fetch_retry(&stats->syncp, start));
		info->upcalls_sent += sent;
		info->upcalls_failed += failed;
	}
}

void ovs_vport_info(void *net, struct vport *vport,
		    struct ovsnl_vport_info *info)
{
	const struct vport_portids *ids;
	struct net *dev_net;

	*info = (struct ovsnl_vport_info){
		.dp_ifindex = vport->dp->ifindex,
		.dp_features = vport->dp->user_features,
		.port_no = vport->port_no,
		.type = vport->ops->type,
		.name = ovs_vport_name(vport),
		.ifindex = vport->dev->ifindex,
	};
	rcu_read_lock();
	dev_net = dev_net_rcu(vport->dev);
	if (!net_eq(net, dev_net)) {
		info->has_netnsid = true;
		info->netnsid = peernet2id_alloc(net, dev_net, GFP_ATOMIC);
	}
	rcu_read_unlock();
	vport_stats(vport, &info->stats);
	vport_upcalls(vport, info);
	ids = rcu_dereference_ovs(vport->upcall_portids);
	info->upcall_pids.data = ids->ids;
	info->upcall_pids.n = ids->n_ids;
}

/* Packets */

int ovs_vport_receive(struct vport *vport, struct sk_buff *skb,
		      const struct ip_tunnel_info *tun_info)
{
	struct sw_flow_key key __uninitialized;
	int err;

	*ovs_skb_cb(skb) = (struct ovs_skb_cb){
		.input_vport = vport,
		.cutlen = U32_MAX,
	};
	err = ovs_flow_key_extract(skb, tun_info, &key);
	if (unlikely(err)) {
		ovs_drop(vport->dp->drops, skb,
			 err == -ENOMEM ? OVS_DROP_NO_MEMORY
					: OVS_DROP_MALFORMED);
		return err;
	}
	ovs_dp_process_packet(skb, &key);
	return 0;
}

/* Bytes that count against the MTU. One tag inside the packet is free, as
 * drivers have it.
 */
static unsigned int payload_len(const struct sk_buff *skb,
				const struct net_device *dev)
{
	unsigned int overhead = dev->hard_header_len;

	if (!skb_vlan_tag_present(skb) && eth_type_vlan(skb->protocol))
		overhead += VLAN_HLEN;
	return skb->len > overhead ? skb->len - overhead : 0;
}

static bool fits_mtu(const struct sk_buff *skb, struct net_device *dev)
{
	unsigned int len = payload_len(skb, dev);

	if (likely(len <= dev->mtu || skb_is_gso(skb)))
		return true;
	DEV_STATS_INC(dev, tx_errors);
	if (dev->flags & IFF_UP)
		net_warn_ratelimited("%s: dropped over-mtu packet: %d > %d\n",
				     dev->name, len, dev->mtu);
	return false;
}

/* Does the packet start as the device's packets do? */
static bool fit_type(struct sk_buff *skb, const struct net_device *dev,
		     u8 mac_proto)
{
	if (likely(dev->type == ARPHRD_ETHER))
		return mac_proto == OVSNL_MAC_ETHERNET;
	if (dev->type != ARPHRD_NONE)
		return false;
	if (mac_proto == OVSNL_MAC_ETHERNET) {
		skb_reset_network_header(skb);
		skb_reset_mac_len(skb);
		skb->protocol = htons(ETH_P_TEB);
	}
	return true;
}

void ovs_vport_send(struct vport *vport, struct sk_buff *skb, u8 mac_proto)
{
	struct net_device *dev = vport->dev;

	if (unlikely(!fit_type(skb, dev, mac_proto))) {
		ovs_drop(vport->dp->drops, skb, OVS_DROP_OUTPUT_L3);
		return;
	}
	if (unlikely(!fits_mtu(skb, dev))) {
		ovs_drop(vport->dp->drops, skb, OVS_DROP_OVER_MTU);
		return;
	}
	skb->dev = dev;
	skb_clear_tstamp(skb);
	INDIRECT_CALL_1(vport->ops->send, dev_queue_xmit, skb);
}
