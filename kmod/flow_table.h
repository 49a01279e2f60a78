/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_FLOW_TABLE_H
#define OVS_FLOW_TABLE_H

#include "flow.h"
#include "flow_cache.h"
#include "flow_mask.h"
#include "key_hash.h"

/* Counters of heads for each bucket. */
#define OVS_TABLE_HEADS 4

/**
 * struct table_instance - buckets of one size.
 * @rcu: for freeing after a grace period
 * @n_buckets: a power of two
 * @node: which of a flow's nodes is linked here
 * @heads: OVS_TABLE_HEADS * @n_buckets counters of flows by the hash of their
 *         head; at U16_MAX they stay. ovs_mutex to change, RCU to read
 * @identities: @n_buckets chains of flows by identity; ovs_mutex
 * @buckets: @n_buckets chains of flows by hash
 */
struct table_instance {
	struct rcu_head rcu;
	u32 n_buckets;
	u32 node;
	u16 *heads;
	struct hlist_head *identities;
	struct hlist_head buckets[];
};

/**
 * struct flow_slots - flows by number.
 * @rcu: for freeing after a grace period
 * @n: numbers are 0 to @n - 1
 * @flow: NULL where there is none
 */
struct flow_slots {
	struct rcu_head rcu;
	u32 n;
	struct sw_flow __rcu *flow[];
};

/**
 * struct flow_table - the megaflows of a datapath.
 * @cache: first place to look; replaced under ovs_mutex
 * @ti: flows by masked key; replaced under ovs_mutex
 * @masks: masks of the flows
 * @slots: flows by slot; replaced under ovs_mutex
 * @seed: of all hashes of keys, random, constant
 * @count: flows; ovs_mutex to change
 * @n_slots: slots that were ever taken; ovs_mutex
 * @vacant: those of them that are free again, as many as there are slots at
 *          most; ovs_mutex
 * @n_vacant: number of @vacant
 * @resized: grace period that ends the use of the previous @ti; ovs_mutex
 */
struct flow_table {
	struct flow_cache __rcu *cache;
	struct table_instance __rcu *ti;
	struct flow_masks masks;
	struct flow_slots __rcu *slots;
	struct key_seed seed;
	u32 count;
	u32 n_slots;
	u32 *vacant;
	u32 n_vacant;
	unsigned long resized;
};

/** ovs_flow_tbl_init() - an empty table; may sleep. 0 or -ENOMEM. */
int ovs_flow_tbl_init(struct flow_table *table);

/**
 * ovs_flow_tbl_destroy() - free all that an empty table still holds.
 * Context: may sleep; no reader is left.
 */
void ovs_flow_tbl_destroy(struct flow_table *table);

/** ovs_flow_tbl_flush() - remove all flows; ovs_mutex, may sleep. */
void ovs_flow_tbl_flush(struct flow_table *table);

/** ovs_flow_tbl_hash() - hash of a packet's key, for the cache. */
static __always_inline u64 ovs_flow_tbl_hash(const struct flow_table *table,
					     const struct ovsnl_key *key)
{
	return ovs_key_hash_packet(key, table->seed.word[0]);
}

/**
 * ovs_flow_tbl_lookup_stats() - find the flow for a packet.
 * @table: the table
 * @key: the packet's key
 * @hash: its ovs_flow_tbl_hash()
 * @n_mask_hit: set to the number of masks, and of groups whose masks need not
 *              be, that were tried
 * @n_cache_hit: set to 1 when the cache knew, else 0
 * Context: softirqs off, RCU. Return: the flow or NULL.
 */
struct sw_flow *ovs_flow_tbl_lookup_stats(struct flow_table *table,
					  const struct sw_flow_key *key,
					  u64 hash, u32 *n_mask_hit,
					  u32 *n_cache_hit);

/** ovs_flow_tbl_lookup() - the same without cache and counters; ovs_mutex. */
struct sw_flow *ovs_flow_tbl_lookup(struct flow_table *table,
				    const struct ovsnl_key *key);

/**
 * ovs_flow_tbl_lookup_identity() - find a flow by what it is called.
 * @id: UFID, or id.len 0
 * @key: unmasked key where id.len is 0, otherwise not looked at
 * Context: ovs_mutex. Return: the flow or NULL.
 */
struct sw_flow *ovs_flow_tbl_lookup_identity(struct flow_table *table,
					     const struct ovsnl_flow_id *id,
					     const struct ovsnl_key *key);

/**
 * ovs_flow_tbl_insert() - add a flow.
 * @flow: from ovs_flow_alloc(), with its actions set; a UFID that it has is one
 *        that the caller has looked up and not found
 * @mask: its mask, shared from here on
 * Context: ovs_mutex, may sleep.
 * Return: 0, -ENOMEM, or -EEXIST when one of this unmasked key is there that
 * is its identity.
 */
int ovs_flow_tbl_insert(struct flow_table *table, struct sw_flow *flow,
			const struct ovsnl_key *mask);

/** ovs_flow_tbl_remove() - unlink a flow; ovs_mutex, may sleep. */
void ovs_flow_tbl_remove(struct flow_table *table, struct sw_flow *flow);

/**
 * ovs_flow_tbl_next() - the flow of the lowest slot from *@slot on.
 * @slot: moved behind it
 * A flow keeps its slot for life: whoever goes through all slots meets every
 * flow that was there all along once. Context: RCU or ovs_mutex.
 * Return: the flow, or NULL behind the last.
 */
struct sw_flow *ovs_flow_tbl_next(struct flow_table *table, u64 *slot);

/**
 * ovs_flow_tbl_rebalance() - what is due every few seconds: put first the masks
 * that scans hit most, make the table smaller if it has few flows, and make up
 * for a growth that could not be.
 * Context: ovs_mutex, may sleep.
 */
void ovs_flow_tbl_rebalance(struct flow_table *table);

/**
 * ovs_flow_tbl_cache_resize() - change the cache's size.
 * @size: 0 or a power of two up to OVS_FLOW_CACHE_MAX
 * Context: ovs_mutex, may sleep. Return: 0, -EINVAL or -ENOMEM.
 */
int ovs_flow_tbl_cache_resize(struct flow_table *table, u32 size);

/** ovs_flow_tbl_cache_size() - the configured size; ovs_mutex or RCU. */
u32 ovs_flow_tbl_cache_size(const struct flow_table *table);

/** ovs_flow_tbl_num_masks() - masks in use; ovs_mutex or RCU. */
u32 ovs_flow_tbl_num_masks(const struct flow_table *table);

#endif
