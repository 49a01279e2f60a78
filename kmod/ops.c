// SPDX-License-Identifier: GPL-2.0-only
/*
 * The seam to netlink_api.
 *
 * Overview
 *	The table of operations beneath the API. Most of its members are the
 *	functions of the other files as they are; those for flows stand here.
 *
 * Life cycle
 *	Constant.
 *
 * Synchronisation
 *	lock() is ovs_mutex, read_lock() is RCU.
 *
 * Lock order
 *	ovs_mutex only.
 */
#include <linux/ktime.h>

#include "ct_limit.h"
#include "datapath.h"
#include "flow_stats.h"
#include "genl.h"
#include "meter.h"
#include "ops.h"
#include "packet.h"
#include "vport.h"

static void ops_lock(void *net)
{
	ovs_lock();
}

static void ops_unlock(void *net)
{
	ovs_unlock();
}

static void ops_read_lock(void *net) __acquires(RCU)
{
	rcu_read_lock();
}

static void ops_read_unlock(void *net) __releases(RCU)
{
	rcu_read_unlock();
}

static __u32 ops_cpu_count(void)
{
	return nr_cpu_ids;
}

/* Flows */

static struct sw_flow *flow_lookup(struct datapath *dp,
				   const struct ovsnl_key *key)
{
	return ovs_flow_tbl_lookup(&dp->table, key);
}

static struct sw_flow *flow_lookup_ufid(struct datapath *dp,
					const struct ovsnl_flow_id *id)
{
	return ovs_flow_tbl_lookup_identity(&dp->table, id, NULL);
}

static struct sw_flow *flow_lookup_exact(struct datapath *dp,
					 const struct ovsnl_key *key)
{
	const struct ovsnl_flow_id by_key = {};

	return ovs_flow_tbl_lookup_identity(&dp->table, &by_key, key);
}

static int flow_insert(struct datapath *dp, const struct ovsnl_flow_args *args,
		       struct sw_flow **flowp)
{
	struct sw_flow *flow = ovs_flow_alloc(args);
	int err;

	if (!flow)
		return -ENOMEM;
	RCU_INIT_POINTER(flow->sf_acts, ovs_flow_actions(args->acts));
	err = ovs_flow_tbl_insert(&dp->table, flow, args->mask);
	if (err) {
		ovs_flow_free(flow);
		return err;
	}
	*flowp = flow;
	return 0;
}

static void flow_set_actions(struct datapath *dp, struct sw_flow *flow,
			     struct ovsnl_actions *acts)
{
	struct sw_flow_actions *old;

	old = rcu_replace_pointer(flow->sf_acts, ovs_flow_actions(acts),
				  lockdep_ovs_is_held());
	ovs_flow_actions_free_rcu(&old->acts);
}

static void flow_clear_stats(struct datapath *dp, struct sw_flow *flow)
{
	ovs_flow_stats_clear(flow);
}

static void flow_remove(struct datapath *dp, struct sw_flow *flow)
{
	ovs_flow_tbl_remove(&dp->table, flow);
	ovs_flow_free_rcu(flow);
}

static int flow_flush(struct datapath *dp)
{
	ovs_flow_tbl_flush(&dp->table);
	return 0;
}

static struct sw_flow *flow_next(struct datapath *dp, struct ovsnl_cursor *cur)
{
	return ovs_flow_tbl_next(&dp->table, &cur->pos[0]);
}

static u64 used_ms(unsigned long used)
{
	return ktime_to_ms(ktime_get()) - jiffies_to_msecs(jiffies - used);
}

static void flow_info(struct datapath *dp, const struct sw_flow *flow,
		      struct ovsnl_flow_info *info)
{
	unsigned long used;
	__be16 tcp_flags;

	info->id = &flow->id;
	info->unmasked_key = flow->unmasked_key;
	info->masked_key = &flow->key;
	info->mask = &flow->mask->key;
	info->acts = &rcu_dereference_ovs(flow->sf_acts)->acts;
	ovs_flow_stats_get(flow, &info->stats, &used, &tcp_flags);
	info->used_ms = info->stats.n_packets ? used_ms(used) : 0;
	info->tcp_flags = ntohs(tcp_flags);
}

const struct ovsnl_ops ovs_ops = {
	.lock = ops_lock,
	.unlock = ops_unlock,
	.read_lock = ops_read_lock,
	.read_unlock = ops_read_unlock,

	.reply_alloc = ovs_genl_reply_alloc,
	.reply_free = ovs_genl_reply_free,
	.reply_unicast = ovs_genl_reply_unicast,
	.reply_notify = ovs_genl_reply_notify,
	.wanted = ovs_genl_wanted,

	.dp_find = ovs_dp_find,
	.dp_next = ovs_dp_next,
	.dp_create = ovs_dp_create,
	.dp_change = ovs_dp_change,
	.dp_destroy = ovs_dp_destroy,
	.dp_reset_features = ovs_dp_reset_features,
	.dp_info = ovs_dp_info,
	.cpu_count = ops_cpu_count,

	.vport_by_name = ovs_vport_by_name,
	.vport_by_port = ovs_vport_by_port,
	.vport_next = ovs_vport_next,
	.vport_dp = ovs_vport_dp,
	.vport_port_no = ovs_vport_port_no,
	.vport_type_check = ovs_vport_type_check,
	.vport_create = ovs_vport_create,
	.vport_set_options = ovs_vport_set_options,
	.vport_set_pids = ovs_vport_set_pids,
	.vport_destroy = ovs_vport_destroy,
	.vport_info = ovs_vport_info,
	.vport_put_options = ovs_vport_put_options,

	.flow_lookup = flow_lookup,
	.flow_lookup_ufid = flow_lookup_ufid,
	.flow_lookup_exact = flow_lookup_exact,
	.flow_insert = flow_insert,
	.flow_set_actions = flow_set_actions,
	.flow_clear_stats = flow_clear_stats,
	.flow_remove = flow_remove,
	.flow_flush = flow_flush,
	.flow_next = flow_next,
	.flow_info = flow_info,

	.actions_alloc = ovs_flow_actions_alloc,
	.actions_prepare = ovs_flow_actions_prepare,
	.actions_free = ovs_flow_actions_free,

	.meter_features = ovs_meter_features,
	.meter_set = ovs_meter_set,
	.meter_get = ovs_meter_get,
	.meter_del = ovs_meter_del,

	.ct_limit_reserve = ovs_ct_limit_reserve,
	.ct_limit_release = ovs_ct_limit_release,
	.ct_limit_set = ovs_ct_limit_set,
	.ct_limit_del = ovs_ct_limit_del,
	.ct_limit_get = ovs_ct_limit_get,
	.ct_limit_next = ovs_ct_limit_next,

	.packet_execute = ovs_packet_cmd_execute,
};
