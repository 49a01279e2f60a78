// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flows and their actions as objects.
 *
 * Overview
 *	A flow holds its masked key, its identity, its actions and per-CPU
 *	statistics. Where it can be found is the flow table's business. Most
 *	flows have nothing to do with tunnel options, which take nearly half of
 *	a key: those are made without them, from a cache of their own.
 *
 *	Memory of flows is constructed once: while it is free all that packets
 *	are counted in is zero. So it need not be cleared for each flow, nor
 *	does the kernel do so; the rest is overwritten whole.
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
#include "tunnel.h"

/**
 * struct flow_memory - memory for flows with keys of one size.
 * @name: for /proc/slabinfo
 * @lines: of the key
 * @cache: where it comes from
 */
struct flow_memory {
	const char *name;
	unsigned int lines;
	struct kmem_cache *cache;
};

static struct flow_memory flow_memories[] = {
	{ "ovs_sw_flow", OVSNL_KEY_OPTS_LINE },
	{ "ovs_sw_flow_options", OVSNL_KEY_LINES },
};

/* Bytes in front of a flow, for its pointers to statistics. */
static size_t stats_room(void)
{
	return round_up(nr_cpu_ids * sizeof(struct sw_flow_stats *),
			__alignof__(struct sw_flow));
}

static void flow_construct(void *room)
{
	struct sw_flow *flow = room + stats_room();

	memset(room, 0, stats_room() + offsetof(struct sw_flow, key));
	spin_lock_init(&flow->spill.lock);
	u64_stats_init(&flow->spill.stats.syncp);
}

static struct kmem_cache *flow_memory(size_t key_size)
{
	return flow_memories[key_size == sizeof(struct ovsnl_key)].cache;
}

static void flow_memories_destroy(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flow_memories); i++)
		kmem_cache_destroy(flow_memories[i].cache);
}

int ovs_flow_init(void)
{
	struct flow_memory *memory;
	size_t i, size;
	int err;

	for (i = 0; i < ARRAY_SIZE(flow_memories); i++) {
		memory = &flow_memories[i];
		size = stats_room() + offsetof(struct sw_flow, key) +
		       memory->lines * OVSNL_KEY_LINE;
		memory->cache = kmem_cache_create(memory->name, size,
						  __alignof__(struct sw_flow),
						  0, flow_construct);
		if (!memory->cache) {
			err = -ENOMEM;
			goto err_memories;
		}
	}
	err = ovs_flow_stats_init();
	if (err)
		goto err_memories;
	return 0;

err_memories:
	flow_memories_destroy();
	return err;
}

void ovs_flow_exit(void)
{
	ovs_flow_stats_exit();
	flow_memories_destroy();
}

static struct sw_flow *flow_alloc(size_t key_size)
{
	void *room = kmem_cache_alloc(flow_memory(key_size), GFP_KERNEL);
	struct sw_flow *flow;

	if (!room)
		return NULL;
	flow = room + stats_room();
	flow->key_size = key_size;
	flow->unmasked_key = NULL;
	return flow;
}

struct sw_flow *ovs_flow_alloc(const struct ovsnl_flow_args *args)
{
	struct sw_flow *flow = flow_alloc(ovs_key_size(args->mask));

	if (!flow)
		return NULL;
	if (!args->id.len) {
		flow->unmasked_key =
			kmemdup(args->key, ovs_key_size(args->key), GFP_KERNEL);
		if (!flow->unmasked_key) {
			ovs_flow_free(flow);
			return NULL;
		}
	}
	flow->id = args->id;
	ovs_key_keep(&flow->key, args->masked_key, flow->key_size);
	return flow;
}

void ovs_flow_free(struct sw_flow *flow)
{
	ovs_flow_stats_free(flow);
	kfree(flow->unmasked_key);
	kmem_cache_free(flow_memory(flow->key_size),
			(void *)flow - stats_room());
}

static void flow_free_rcu(struct rcu_head *rcu)
{
	struct sw_flow *flow = container_of(rcu, struct sw_flow, rcu);

	ovs_flow_actions_free(&rcu_dereference_raw(flow->sf_acts)->acts);
	ovs_flow_free(flow);
}

void ovs_flow_free_rcu(struct sw_flow *flow)
{
	call_rcu(&flow->rcu, flow_free_rcu);
}

/* Actions */

struct ovsnl_actions *ovs_flow_actions_alloc(size_t size)
{
	struct sw_flow_actions *sf_acts;

	sf_acts = kvmalloc(offsetof(struct sw_flow_actions, acts) + size,
			   GFP_KERNEL);
	if (!sf_acts)
		return NULL;
	sf_acts->has_cookies = false;
	return &sf_acts->acts;
}

int ovs_flow_actions_prepare(void *net, struct ovsnl_actions *acts)
{
	const struct ovsnl_op *op, *end;
	int err;

	end = (const void *)acts->data + acts->prog_len;
	for (op = ovsnl_actions_prog(acts); op < end;
	     op = ovsnl_op_next_any(op)) {
		if (op->code != OVSNL_OP_SET_TUNNEL)
			continue;
		ovs_flow_actions(acts)->has_cookies = true;
		err = ovs_tunnel_prepare((struct ovsnl_op_set_tunnel *)op);
		if (err)
			return err;
	}
	return 0;
}

static void release_cookies(const struct ovsnl_actions *acts)
{
	const struct ovsnl_op *op, *end;

	end = (const void *)acts->data + acts->prog_len;
	for (op = ovsnl_actions_prog(acts); op < end;
	     op = ovsnl_op_next_any(op)) {
		if (op->code == OVSNL_OP_SET_TUNNEL)
			ovs_tunnel_release((const void *)op);
	}
}

void ovs_flow_actions_free(struct ovsnl_actions *acts)
{
	if (!acts)
		return;
	if (ovs_flow_actions(acts)->has_cookies)
		release_cookies(acts);
	kvfree(ovs_flow_actions(acts));
}

static void actions_free_rcu(struct rcu_head *rcu)
{
	struct sw_flow_actions *sf_acts =
		container_of(rcu, struct sw_flow_actions, rcu);

	ovs_flow_actions_free(&sf_acts->acts);
}

void ovs_flow_actions_free_rcu(struct ovsnl_actions *acts)
{
	struct sw_flow_actions *sf_acts = ovs_flow_actions(acts);

	if (sf_acts->has_cookies)
		call_rcu(&sf_acts->rcu, actions_free_rcu);
	else
		kvfree_rcu(sf_acts, rcu);
}
