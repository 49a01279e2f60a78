// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: Locking
 *
 * Overview
 *	Datapaths, their ports, and the way of a packet from lookup to actions
 *	or upcall.
 *
 * Life cycle
 *	create: everything private first, then features, then the local port,
 *	which makes the datapath findable by ifindex and name, then the list.
 *	destroy: ports first, the local port last, since the others have it as
 *	their master; then the list and the flows. What packets may still use
 *	is freed by a work item after a grace period, since part of it sleeps.
 *	The devices of internal ports are unregistered when the mutex is free.
 *
 * Synchronisation
 *	Writes of any state (datapaths, vports, flows, masks, features) are
 *	serialised by one mutex, taken by ovs_lock(). It is one for all
 *	namespaces because an internal port that was moved makes its datapath
 *	reachable from another.
 *	Reads take RCU. Packets are processed with softirqs off, so that
 *	per-CPU data needs no lock of its own. Statistics have u64_stats_sync.
 *	Functions say what they need: "ovs_mutex", "RCU", or either;
 *	ovs_dereference() and rcu_dereference_ovs() have lockdep check it.
 *
 * Lock order
 *	ovs_mutex
 *	    -> RTNL
 *	        -> spinlocks of flows, netlink and the stack
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "actions.h"
#include "datapath.h"
#include "flow_stats.h"
#include "upcall.h"
#include "vport.h"
#include "vport_internal.h"

static DEFINE_MUTEX(ovs_mutex);

/* All datapaths of all namespaces, in the order of their creation. */
static LIST_HEAD(datapaths);

static struct workqueue_struct *ovs_wq;

void ovs_lock(void)
{
	mutex_lock(&ovs_mutex);
}

void ovs_unlock(void)
{
	LIST_HEAD(leaving);

	ovs_vport_internal_take_leaving(&leaving);
	mutex_unlock(&ovs_mutex);
	ovs_vport_internal_unregister(&leaving);
}

#ifdef CONFIG_LOCKDEP
bool lockdep_ovs_is_held(void)
{
	return !debug_locks || lockdep_is_held(&ovs_mutex);
}
#endif

/* Packets */

static void count_lookup(struct datapath *dp, bool hit, u32 n_mask_hit,
			 u32 n_cache_hit)
{
	struct dp_stats_percpu *stats = this_cpu_ptr(dp->stats);

	u64_stats_update_begin(&stats->syncp);
	if (likely(hit))
		stats->n_hit++;
	else
		stats->n_missed++;
	stats->n_mask_hit += n_mask_hit;
	stats->n_cache_hit += n_cache_hit;
	u64_stats_update_end(&stats->syncp);
}

void ovs_dp_process_packet(struct sk_buff *skb, struct sw_flow_key *key)
{
	struct datapath *dp = ovs_skb_cb(skb)->input_vport->dp;
	u32 n_mask_hit, n_cache_hit;
	struct sw_flow *flow;
	int err;

	flow = ovs_flow_tbl_lookup_stats(
		&dp->table, key, ovs_flow_tbl_hash(&dp->table, &key->fields),
		&n_mask_hit, &n_cache_hit);
	count_lookup(dp, flow, n_mask_hit, n_cache_hit);
	if (unlikely(!flow)) {
		ovs_upcall_miss(dp, skb, key);
		return;
	}
	ovs_flow_stats_update(flow, key->fields.tcp_flags, skb);
	err = ovs_execute_actions(dp, skb, rcu_dereference(flow->sf_acts), key);
	if (unlikely(err))
		net_dbg_ratelimited("ovs: actions of datapath %s: error %d\n",
				    ovs_dp_name(dp), err);
}

/* Ports */

const char *ovs_dp_name(const struct datapath *dp)
{
	const struct vport *local = ovs_dp_vport(dp, OVSNL_PORT_LOCAL);

	return local ? ovs_vport_name(local) : "";
}

int ovs_dp_reserve_port(struct datapath *dp, u16 port_no)
{
	unsigned int i = port_no / OVS_PORTS_PER_PAGE;
	struct ovs_port_page *page;

	if (ovs_dereference(dp->pages[i]))
		return 0;
	page = kzalloc(sizeof(*page), GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	rcu_assign_pointer(dp->pages[i], page);
	return 0;
}

static void port_set(struct datapath *dp, u16 port_no, struct vport *vport)
{
	struct ovs_port_page *page;

	page = ovs_dereference(dp->pages[port_no / OVS_PORTS_PER_PAGE]);
	rcu_assign_pointer(page->port[port_no % OVS_PORTS_PER_PAGE], vport);
}

void ovs_dp_attach_port(struct vport *vport)
{
	port_set(vport->dp, vport->port_no, vport);
}

void ovs_dp_detach_port(struct vport *vport)
{
	lockdep_assert_ovs_held();
	port_set(vport->dp, vport->port_no, NULL);
	vport->ops->destroy(vport);
	module_put(THIS_MODULE);
}

void ovs_dp_for_each_port(struct datapath *dp,
			  void (*visit)(struct vport *vport, void *arg),
			  void *arg)
{
	struct vport *vport;
	u32 port_no = 0;

	while ((vport = ovs_vport_next(dp, port_no))) {
		port_no = vport->port_no + 1;
		visit(vport, arg);
	}
}

static void detach_unless_local(struct vport *vport, void *arg)
{
	if (vport->port_no != OVSNL_PORT_LOCAL)
		ovs_dp_detach_port(vport);
}

/* Life cycle */

static struct datapath *dp_alloc(struct net *net)
{
	struct datapath *dp;

	dp = kzalloc(sizeof(*dp), GFP_KERNEL);
	if (!dp)
		return NULL;
	dp->stats = netdev_alloc_pcpu_stats(struct dp_stats_percpu);
	if (!dp->stats)
		goto err_dp;
	if (ovs_flow_tbl_init(&dp->table))
		goto err_stats;
	if (ovs_meters_init(&dp->meters))
		goto err_table;
	write_pnet(&dp->net, net);
	dp->drops = ovs_drops_of(net);
	INIT_LIST_HEAD(&dp->list_node);
	return dp;

err_table:
	ovs_flow_tbl_destroy(&dp->table);
err_stats:
	free_percpu(dp->stats);
err_dp:
	kfree(dp);
	return NULL;
}

static void dp_free(struct datapath *dp)
{
	unsigned int i;

	ovs_meters_destroy(&dp->meters);
	ovs_flow_tbl_destroy(&dp->table);
	free_percpu(dp->stats);
	for (i = 0; i < OVS_PORT_PAGES; i++)
		kfree(rcu_dereference_raw(dp->pages[i]));
	kfree(rcu_dereference_raw(dp->upcall_portids));
	kfree(dp);
}

static void dp_free_work(struct work_struct *work)
{
	dp_free(container_of(to_rcu_work(work), struct datapath, free_work));
}

static int dp_create_local(struct datapath *dp,
			   const struct ovsnl_dp_args *args)
{
	const struct ovsnl_vport_args local = {
		.name = args->name,
		.type = OVS_VPORT_TYPE_INTERNAL,
		.port_no = OVSNL_PORT_LOCAL,
		.ifindex = args->ifindex,
		.upcall_pids = args->upcall_pids,
	};
	struct vport *vport = ovs_vport_new(dp, &local);
	int err = PTR_ERR_OR_ZERO(vport);

	if (err)
		return err == -EBUSY ? -EEXIST : err;
	dp->ifindex = vport->dev->ifindex;
	return 0;
}

int ovs_dp_create(void *net, const struct ovsnl_dp_args *args,
		  struct datapath **dpp)
{
	struct datapath *dp;
	int err;

	lockdep_assert_ovs_held();
	dp = dp_alloc(net);
	if (!dp)
		return -ENOMEM;
	err = ovs_dp_change(dp, args);
	if (!err)
		err = dp_create_local(dp, args);
	if (err) {
		dp_free(dp);
		return err;
	}
	list_add_tail_rcu(&dp->list_node, &datapaths);
	*dpp = dp;
	return 0;
}

void ovs_dp_destroy(struct datapath *dp)
{
	lockdep_assert_ovs_held();
	ovs_dp_for_each_port(dp, detach_unless_local, NULL);
	list_del_rcu(&dp->list_node);
	ovs_dp_detach_port(ovs_dp_vport(dp, OVSNL_PORT_LOCAL));
	ovs_flow_tbl_flush(&dp->table);
	INIT_RCU_WORK(&dp->free_work, dp_free_work);
	queue_rcu_work(ovs_wq, &dp->free_work);
}

/* Changes */

static struct dp_nlsk_pids *percpu_pids_alloc(const struct ovsnl_pids *from)
{
	struct dp_nlsk_pids *pids;

	pids = kmalloc(struct_size(pids, pids, from->n), GFP_KERNEL);
	if (!pids)
		return NULL;
	pids->n_pids = from->n;
	memcpy(pids->pids, from->data, array_size(from->n, sizeof(u32)));
	return pids;
}

static void percpu_pids_replace(struct datapath *dp, struct dp_nlsk_pids *pids)
{
	pids = rcu_replace_pointer(dp->upcall_portids, pids,
				   lockdep_ovs_is_held());
	kfree_rcu(pids, rcu);
}

int ovs_dp_change(struct datapath *dp, const struct ovsnl_dp_args *args)
{
	struct dp_nlsk_pids *pids = NULL;
	int err = 0;

	lockdep_assert_ovs_held();
	if (args->set_percpu) {
		pids = percpu_pids_alloc(&args->percpu_pids);
		if (!pids)
			return -ENOMEM;
	}
	if (args->set_cache_size)
		err = ovs_flow_tbl_cache_resize(&dp->table,
						args->masks_cache_size);
	if (err) {
		kfree(pids);
		return err;
	}
	WRITE_ONCE(dp->user_features, args->user_features);
	if (pids)
		percpu_pids_replace(dp, pids);
	return 0;
}

void ovs_dp_reset_features(struct datapath *dp)
{
	pr_warn("%s: Dropping previously announced user features\n",
		ovs_dp_name(dp));
	WRITE_ONCE(dp->user_features, 0);
}

/* Finding */

struct datapath *ovs_dp_find(void *net, int ifindex)
{
	struct datapath *dp = NULL;
	struct net_device *dev;
	struct vport *vport;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, ifindex);
	if (dev) {
		vport = ovs_vport_internal_get(dev);
		dp = vport ? vport->dp : NULL;
	}
	rcu_read_unlock();
	return dp;
}

struct datapath *ovs_dp_next(void *net, __u64 n)
{
	struct datapath *dp;

	list_for_each_entry_rcu(dp, &datapaths, list_node,
				lockdep_ovs_is_held()) {
		if (net_eq(ovs_dp_net(dp), net) && !n--)
			return dp;
	}
	return NULL;
}

void ovs_dp_for_each(void (*visit)(struct datapath *dp, void *arg), void *arg)
{
	struct datapath *dp, *next;

	lockdep_assert_ovs_held();
	list_for_each_entry_safe(dp, next, &datapaths, list_node)
		visit(dp, arg);
}

/* Information */

static void dp_stats(struct datapath *dp, struct ovsnl_dp_info *info)
{
	const struct dp_stats_percpu *stats;
	struct dp_stats_percpu copy;
	unsigned int start, cpu;

	for_each_possible_cpu(cpu) {
		stats = per_cpu_ptr(dp->stats, cpu);
		do {
			start = u64_stats_fetch_begin(&stats->syncp);
			copy = *stats;
		} while (u64_stats_fetch_retry(&stats->syncp, start));
		info->stats.n_hit += copy.n_hit;
		info->stats.n_missed += copy.n_missed;
		info->stats.n_lost += copy.n_lost;
		info->megaflow.n_mask_hit += copy.n_mask_hit;
		info->megaflow.n_cache_hit += copy.n_cache_hit;
	}
}

void ovs_dp_info(struct datapath *dp, struct ovsnl_dp_info *info)
{
	const struct dp_nlsk_pids *pids;

	*info = (struct ovsnl_dp_info){
		.name = ovs_dp_name(dp),
		.ifindex = dp->ifindex,
		.user_features = dp->user_features,
		.masks_cache_size = ovs_flow_tbl_cache_size(&dp->table),
	};
	info->stats.n_flows = dp->table.count;
	info->megaflow.n_masks = ovs_flow_tbl_num_masks(&dp->table);
	dp_stats(dp, info);
	pids = rcu_dereference_ovs(dp->upcall_portids);
	if (pids) {
		info->percpu_pids.data = pids->pids;
		info->percpu_pids.n = min_t(u32, pids->n_pids, nr_cpu_ids);
	}
}

/* Namespaces that end */

static void exit_own(struct datapath *dp, void *net)
{
	if (net_eq(ovs_dp_net(dp), net))
		ovs_dp_destroy(dp);
}

static void exit_guest_port(struct vport *vport, void *net)
{
	if (vport->ops == &ovs_vport_internal_ops &&
	    net_eq(dev_net(vport->dev), net))
		ovs_dp_detach_port(vport);
}

static void exit_guests(struct datapath *dp, void *net)
{
	ovs_dp_for_each_port(dp, exit_guest_port, net);
}

void ovs_dp_exit_net(struct net *net)
{
	ovs_lock();
	ovs_dp_for_each(exit_own, net);
	ovs_dp_for_each(exit_guests, net);
	ovs_unlock();
}

/* Periodic work */

static void rebalance(struct work_struct *work);
static DECLARE_DELAYED_WORK(rebalance_work, rebalance);

static void rebalance_dp(struct datapath *dp, void *arg)
{
	ovs_flow_tbl_rebalance(&dp->table);
}

static void rebalance_later(void)
{
	queue_delayed_work(ovs_wq, &rebalance_work,
			   msecs_to_jiffies(OVS_REBALANCE_INTERVAL));
}

static void rebalance(struct work_struct *work)
{
	ovs_lock();
	ovs_dp_for_each(rebalance_dp, NULL);
	ovs_unlock();
	rebalance_later();
}

int ovs_dp_init(void)
{
	ovs_wq = alloc_workqueue("ovs", 0, 0);
	if (!ovs_wq)
		return -ENOMEM;
	rebalance_later();
	return 0;
}

void ovs_dp_exit(void)
{
	cancel_delayed_work_sync(&rebalance_work);
	/* Grace periods first: they queue the work that is waited for then. */
	rcu_barrier();
	destroy_workqueue(ovs_wq);
	/* dp_free() itself leaves nothing to RCU, freed flows came before. */
}
