/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_FLOW_H
#define OVS_FLOW_H

#include <linux/cache.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/u64_stats_sync.h>

#include "ovsnl_action.h"
#include "ovsnl_key.h"
#include "ovsnl_ops.h"

/* The datapath's own view of keys, flows and masks. The type names are those
 * that tracing tools look up in BTF.
 */

/**
 * struct sw_flow_key - what is known of a packet while it is processed.
 * @fields: its key
 * @stale: an action changed headers that @fields does not reflect; they must
 *         be extracted again before the next lookup
 * @l4_found: skb_transport_offset() is where the transport header starts
 * @l4_ok: and all of its fixed part is in the packet
 *
 * Offsets of headers are the skb's own: actions that move them keep those up
 * to date.
 */
struct sw_flow_key {
	struct ovsnl_key fields;
	bool stale;
	bool l4_found;
	bool l4_ok;
};

/**
 * ovs_key_size() - bytes of a flow's key or of a mask that are kept: without
 * tunnel options where there are none.
 */
static inline size_t ovs_key_size(const struct ovsnl_key *key)
{
	return (key->tun.opts_len ? OVSNL_KEY_LINES : OVSNL_KEY_OPTS_LINE) *
	       OVSNL_KEY_LINE;
}

/** ovs_key_keep() - copy @size bytes, of ovs_key_size(), of a key or mask. */
static inline void ovs_key_keep(struct ovsnl_key *to,
				const struct ovsnl_key *from, size_t size)
{
	/* Of a known size, for which the compiler needs no call. */
	if (likely(size == OVSNL_KEY_OPTS_LINE * OVSNL_KEY_LINE))
		memcpy(to, from, OVSNL_KEY_OPTS_LINE * OVSNL_KEY_LINE);
	else
		memcpy(to, from, sizeof(*to));
}

/** ovs_key_equal() - are two such keys equal? */
static inline bool ovs_key_equal(const struct ovsnl_key *a,
				 const struct ovsnl_key *b)
{
	size_t size = ovs_key_size(a);

	return size == ovs_key_size(b) && !memcmp(a, b, size);
}

/** ovs_flow_key_copy() - copy a packet's key; they must not overlap. */
static inline void ovs_flow_key_copy(struct sw_flow_key *dst,
				     const struct sw_flow_key *src)
{
	ovsnl_key_copy(&dst->fields, &src->fields);
	dst->stale = src->stale;
	dst->l4_found = src->l4_found;
	dst->l4_ok = src->l4_ok;
}

/**
 * struct sw_flow_actions - a compiled list with what frees it.
 * @rcu: for freeing after a grace period
 * @has_cookies: operations hold something that is released along with it
 * @acts: program and netlink bytes; variable size, so last
 */
struct sw_flow_actions {
	struct rcu_head rcu;
	bool has_cookies;
	struct ovsnl_actions acts;
};

struct mask_group;

/**
 * struct sw_flow_mask - a mask that some flows share.
 * @range: words of @key that have any
 * @ref_count: flows that use it; ovs_mutex
 * @group: the masks with the same head
 * @index: in struct mask_index; ovs_mutex
 * @scan_hits: how often a scan of all masks ended here, per CPU
 * @scan_hits_seen: their sum at the last reordering; ovs_mutex
 * @rcu: for freeing after a grace period
 * @key: ones where its flows look; ovs_key_size() bytes of it
 */
struct sw_flow_mask {
	struct ovsnl_key_range range;
	u32 ref_count;
	struct mask_group *group;
	struct hlist_node index;
	u64 __percpu *scan_hits;
	u64 scan_hits_seen;
	struct rcu_head rcu;
	struct ovsnl_key key;
};

/**
 * struct sw_flow_stats - packets of a flow that one CPU saw.
 * @used: jiffies of the last one
 * @tcp_flags: OR of all TCP flags, network order
 * @rcu: for freeing after a grace period
 * Written by that CPU in softirq context only.
 */
struct sw_flow_stats {
	struct u64_stats_sync syncp;
	u64 packet_count;
	u64 byte_count;
	unsigned long used;
	__be16 tcp_flags;
	struct rcu_head rcu;
};

/**
 * struct sw_flow_spill - packets that found no memory for their CPU's stats.
 * @lock: taken in softirq context
 */
struct sw_flow_spill {
	spinlock_t lock;
	struct sw_flow_stats stats;
};

/**
 * struct sw_flow - a megaflow.
 * @node: in the buckets of the table instance; two, so that the next
 *        instance can be filled while readers walk this one
 * @mask: immutable while the flow is in the table
 * @sf_acts: replaced under ovs_mutex, read under RCU
 * @hash: of the masked key under @mask
 * @head_hash: of its head under that of @mask
 * @slot: the flow's number in struct flow_slots
 * @identity_hash: of the identity
 * @id: identity; id.len 0: @unmasked_key is the identity
 * @key_size: bytes of @key
 * @unmasked_key: ovs_key_size() bytes of it
 * @identity: among the flows by identity; ovs_mutex
 * @spill: see struct sw_flow_spill
 * @rcu: for freeing after a grace period
 * @key: masked key; as long as its mask's
 *
 * In front of it stand pointers to statistics: see ovs_flow_stats_of().
 */
struct sw_flow {
	struct hlist_node node[2];
	struct sw_flow_mask *mask;
	struct sw_flow_actions __rcu *sf_acts;
	u32 hash;
	u32 head_hash;
	u32 slot;
	u32 identity_hash;
	struct ovsnl_flow_id id;
	u16 key_size;
	struct ovsnl_key *unmasked_key;
	struct hlist_node identity;
	struct sw_flow_spill spill;
	struct rcu_head rcu;
	struct ovsnl_key key;
};

/**
 * ovs_flow_stats_of() - where the statistics of a CPU are told.
 * They are allocated by the first packet there. The pointers stand in front of
 * the flow, since neither their number nor the size of the flow is constant.
 */
static inline struct sw_flow_stats __rcu **
ovs_flow_stats_of(const struct sw_flow *flow, unsigned int cpu)
{
	return (struct sw_flow_stats __rcu **)flow - 1 - cpu;
}

/**
 * ovs_flow_init() - create the caches that flows come from.
 * Return: 0 or -ENOMEM.
 */
int ovs_flow_init(void);

/** ovs_flow_exit() - destroy them; after rcu_barrier(). */
void ovs_flow_exit(void);

/**
 * ovs_flow_alloc() - make a flow that is in no table yet.
 * @args: copied, but for @args->acts which stays the caller's
 * Context: may sleep. Return: the flow or NULL.
 */
struct sw_flow *ovs_flow_alloc(const struct ovsnl_flow_args *args);

/** ovs_flow_free() - free at once a flow that no reader has seen. */
void ovs_flow_free(struct sw_flow *flow);

/** ovs_flow_free_rcu() - free a flow and its actions after a grace period. */
void ovs_flow_free_rcu(struct sw_flow *flow);

/** ovs_flow_actions_alloc() - ovsnl_ops.actions_alloc; may sleep. */
struct ovsnl_actions *ovs_flow_actions_alloc(size_t size);

/** ovs_flow_actions_prepare() - ovsnl_ops.actions_prepare; may sleep. */
int ovs_flow_actions_prepare(void *net, struct ovsnl_actions *acts);

/** ovs_flow_actions_free() - ovsnl_ops.actions_free; no reader has seen it. */
void ovs_flow_actions_free(struct ovsnl_actions *acts);

/** ovs_flow_actions_free_rcu() - free after a grace period. */
void ovs_flow_actions_free_rcu(struct ovsnl_actions *acts);

/** ovs_flow_actions() - the struct around a compiled list. */
static inline struct sw_flow_actions *ovs_flow_actions(struct ovsnl_actions *a)
{
	return container_of(a, struct sw_flow_actions, acts);
}

#endif
