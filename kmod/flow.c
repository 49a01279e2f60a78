// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flows and their actions as objects.
 *
 * Overview
 *	A flow holds its masked key, its identity, its actions and per-CPU
 *	statistics. Where it can be found is the flow table's business.
 *
 * Life cycle
 *	alloc -> in the table -> out of the table -> grace period -> freed with
 *	the actions it has then. Actions that are replaced go after a grace
 *	period of their own.
 *
 * Synchronisation
 *	Everything but the statistics and @sf_acts is immutable while readers
 *	can see the flow; @sf_acts changes under ovs_mutex.
 *
 * Lock order
 *	No locks.
 */
#include <linux/slab.h>

#include "flow.h"
#include "flow_stats.h"

static struct kmem_cache *flow_cache;

int ovs_flow_init(void)
{
	struct sw_flow *flow;
	int err;

	flow_cache = kmem_cache_create("ovs_sw_flow",
				       struct_size(flow, stats, nr_cpu_ids),
				       __alignof__(struct sw_flow), 0, NULL);
	if (!flow_cache)
		return -ENOMEM;
	err = ovs_flow_stats_init();
	if (err)
		kmem_cache_destroy(flow_cache);
	return err;
}

void ovs_flow_exit(void)
{
	ovs_flow_stats_exit();
	kmem_cache_destroy(flow_cache);
}

struct sw_flow *ovs_flow_alloc(const struct ovsnl_flow_args *args)
{
	struct sw_flow *flow;

	flow = kmem_cache_zalloc(flow_cache, GFP_KERNEL);
	if (!flow)
		return NULL;
	if (!args->id.len) {
		flow->unmasked_key =
			kmemdup(args->key, sizeof(*args->key), GFP_KERNEL);
		if (!flow->unmasked_key) {
			kmem_cache_free(flow_cache, flow);
			return NULL;
		}
	}
	flow->id = args->id;
	flow->key = *args->masked_key;
	spin_lock_init(&flow->spill.lock);
	u64_stats_init(&flow->spill.stats.syncp);
	return flow;
}

void ovs_flow_free(struct sw_flow *flow)
{
	ovs_flow_stats_free(flow);
	kfree(flow->unmasked_key);
	kmem_cache_free(flow_cache, flow);
}

static void flow_free_rcu(struct rcu_head *rcu)
{
	struct sw_flow *flow = container_of(rcu, struct sw_flow, rcu);

	kvfree(rcu_dereference_raw(flow->sf_acts));
	ovs_flow_free(flow);
}

void ovs_flow_free_rcu(struct sw_flow *flow)
{
	call_rcu(&flow->rcu, flow_free_rcu);
}

struct ovsnl_actions *ovs_flow_actions_alloc(size_t size)
{
	struct sw_flow_actions *sf_acts;

	sf_acts = kvmalloc(offsetof(struct sw_flow_actions, acts) + size,
			   GFP_KERNEL);
	return sf_acts ? &sf_acts->acts : NULL;
}

int ovs_flow_actions_prepare(void *net, struct ovsnl_actions *acts)
{
	return 0;
}

void ovs_flow_actions_free(struct ovsnl_actions *acts)
{
	if (acts)
		kvfree(ovs_flow_actions(acts));
}

void ovs_flow_actions_free_rcu(struct ovsnl_actions *acts)
{
	struct sw_flow_actions *sf_acts = ovs_flow_actions(acts);

	kvfree_rcu(sf_acts, rcu);
}
