// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flow table: from a packet's key to a megaflow.
 *
 * Overview
 *	A flow can be found in four ways:
 *	  cache		per CPU, by a hash of the packet: a slot to try;
 *	  buckets	by the hash of the masked key: one try per mask;
 *	  slots		by number: the cache's targets, and how dumps go on;
 *	  identities	by UFID or unmasked key, for the control plane.
 *	Hashes of keys are seeded per table. Only words that a mask covers are
 *	hashed and compared.
 *
 * Life cycle
 *	insert: identity, mask, slot, buckets; remove in the reverse order, the
 *	flow is freed after a grace period. Buckets are doubled or halved as
 *	the flows demand by linking every flow into a new instance through its
 *	other node. That node may still carry readers of the instance before
 *	the present one, so a resize waits for the grace period of the last.
 *
 * Synchronisation
 *	Writers: ovs_mutex. Readers: RCU. A reader of an old instance finds
 *	every flow that was there when the instance was replaced.
 *
 * Lock order
 *	ovs_mutex only.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "datapath.h"
#include "flow_table.h"

#define TABLE_MIN_BUCKETS 1024
#define TABLE_MIN_SLOTS 1024

static __always_inline u32 masked_hash(const struct flow_table *table,
				       const struct ovsnl_key *key,
				       const struct sw_flow_mask *mask)
{
	return ovs_key_hash_masked(key, &mask->key, mask->range,
				   table->seed ^ (unsigned long)mask);
}

/* Lookup */

/* Words that a mask does not use are zero in mask and flow: masks that use
 * nothing behind the key's first line are compared without a loop.
 */
static __always_inline bool first_line_matches(const u64 *k, const u64 *m,
					       const u64 *f)
{
	BUILD_BUG_ON(OVSNL_KEY_LINE != 8 * sizeof(u64));
	return !(((k[0] & m[0]) ^ f[0]) | ((k[1] & m[1]) ^ f[1]) |
		 ((k[2] & m[2]) ^ f[2]) | ((k[3] & m[3]) ^ f[3]) |
		 ((k[4] & m[4]) ^ f[4]) | ((k[5] & m[5]) ^ f[5]) |
		 ((k[6] & m[6]) ^ f[6]) | ((k[7] & m[7]) ^ f[7]));
}

static __always_inline bool flow_matches(const struct sw_flow *flow,
					 const struct sw_flow_mask *mask,
					 const struct ovsnl_key *key)
{
	if (likely(mask->range.end <= OVSNL_KEY_LINE / sizeof(u64)))
		return first_line_matches(ovsnl_key_words(key),
					  ovsnl_key_words(&mask->key),
					  ovsnl_key_words(&flow->key));
	return ovsnl_key_masked_equal(key, &mask->key, &flow->key, mask->range);
}

static __always_inline struct sw_flow *
masked_lookup(const struct flow_table *table, const struct table_instance *ti,
	      const struct ovsnl_key *key, const struct sw_flow_mask *mask)
{
	u32 hash = masked_hash(table, key, mask);
	const struct hlist_head *head;
	struct sw_flow *flow;

	head = &ti->buckets[hash & (ti->n_buckets - 1)];
	hlist_for_each_entry_rcu(flow, head, node[ti->node],
				 lockdep_ovs_is_held()) {
		if (flow->hash == hash && flow->mask == mask &&
		    flow_matches(flow, mask, key))
			return flow;
	}
	return NULL;
}

static struct sw_flow *scan(const struct flow_table *table,
			    const struct ovsnl_key *key, u32 *n_mask_hit)
{
	const struct mask_array *array = rcu_dereference(table->masks.array);
	const struct table_instance *ti = rcu_dereference(table->ti);
	u32 i, count = smp_load_acquire(&array->count);
	struct sw_flow_mask *mask;
	struct sw_flow *flow;

	for (i = 0; i < count; i++) {
		mask = rcu_dereference(array->masks[i]);
		flow = masked_lookup(table, ti, key, mask);
		if (flow) {
			__this_cpu_inc(*mask->scan_hits);
			*n_mask_hit = i + 1;
			return flow;
		}
	}
	*n_mask_hit = count;
	return NULL;
}

/* The flow that an entry stands for, if the packet is one of its. */
static __always_inline struct sw_flow *
cache_entry_flow(const struct flow_table *table,
		 const struct flow_cache_entry *entry,
		 const struct ovsnl_key *key, u64 hash)
{
	const struct flow_slots *slots = rcu_dereference(table->slots);
	struct sw_flow *flow;

	if (entry->tag != hash >> 32 || unlikely(entry->slot >= slots->n))
		return NULL;
	flow = rcu_dereference(slots->flow[entry->slot]);
	if (unlikely(!flow) || unlikely(!flow_matches(flow, flow->mask, key)))
		return NULL;
	return flow;
}

/* When the first entry (NULL without cache) does not have it. */
static noinline struct sw_flow *lookup_further(const struct flow_table *table,
					       struct flow_cache_entry *entry,
					       const struct ovsnl_key *key,
					       u64 hash, u32 *n_mask_hit,
					       u32 *n_cache_hit)
{
	struct sw_flow *flow;

	*n_cache_hit = 1;
	*n_mask_hit = 1;
	if (entry) {
		flow = cache_entry_flow(table, &entry[1], key, hash);
		if (flow)
			return flow;
	}
	*n_cache_hit = 0;
	flow = scan(table, key, n_mask_hit);
	if (flow && entry)
		ovs_flow_cache_store(entry, hash, flow->slot);
	return flow;
}

struct sw_flow *ovs_flow_tbl_lookup_stats(struct flow_table *table,
					  const struct sw_flow_key *key,
					  u64 hash, u32 *n_mask_hit,
					  u32 *n_cache_hit)
{
	const struct flow_cache *cache = rcu_dereference(table->cache);
	struct flow_cache_entry *entry = NULL;
	struct sw_flow *flow;

	if (likely(cache->size)) {
		entry = ovs_flow_cache_find(cache, hash);
		flow = cache_entry_flow(table, entry, &key->fields, hash);
		if (likely(flow)) {
			*n_mask_hit = 1;
			*n_cache_hit = 1;
			return flow;
		}
	}
	return lookup_further(table, entry, &key->fields, hash, n_mask_hit,
			      n_cache_hit);
}

struct sw_flow *ovs_flow_tbl_lookup(struct flow_table *table,
				    const struct ovsnl_key *key)
{
	const struct mask_array *array = ovs_dereference(table->masks.array);
	const struct table_instance *ti = ovs_dereference(table->ti);
	struct sw_flow *flow;
	u32 i;

	for (i = 0; i < array->count; i++) {
		flow = masked_lookup(table, ti, key,
				     ovs_dereference(array->masks[i]));
		if (flow)
			return flow;
	}
	return NULL;
}

/* Identities: hashed once with the table's seed, and that hash again with the
 * hash table's own, which changes when it is rehashed.
 */

struct identity {
	const struct ovsnl_flow_id *id;
	const struct ovsnl_key *key;
	u32 hash;
};

static u32 identity_hash(const struct flow_table *table,
			 const struct ovsnl_flow_id *id,
			 const struct ovsnl_key *key)
{
	if (id->len)
		return jhash(id->ufid, id->len, table->seed);
	return ovs_key_hash_whole(key, ovs_key_size(key), table->seed);
}

static u32 identity_hash_wanted(const void *data, u32 len, u32 seed)
{
	const struct identity *wanted = data;

	return jhash_1word(wanted->hash, seed);
}

static u32 identity_hash_flow(const void *data, u32 len, u32 seed)
{
	const struct sw_flow *flow = data;

	return jhash_1word(flow->identity_hash, seed);
}

static int identity_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct identity *wanted = arg->key;
	const struct sw_flow *flow = obj;

	if (flow->identity_hash != wanted->hash ||
	    flow->id.len != wanted->id->len)
		return 1;
	if (flow->id.len)
		return memcmp(flow->id.ufid, wanted->id->ufid, flow->id.len);
	return !ovs_key_equal(flow->unmasked_key, wanted->key);
}

static const struct rhashtable_params identity_params = {
	.head_offset = offsetof(struct sw_flow, identity),
	.hashfn = identity_hash_wanted,
	.obj_hashfn = identity_hash_flow,
	.obj_cmpfn = identity_differs,
	.automatic_shrinking = true,
};

struct sw_flow *ovs_flow_tbl_lookup_identity(struct flow_table *table,
					     const struct ovsnl_flow_id *id,
					     const struct ovsnl_key *key)
{
	struct identity wanted = {
		.id = id,
		.key = key,
		.hash = identity_hash(table, id, key),
	};

	return rhashtable_lookup_fast(&table->identities, &wanted,
				      identity_params);
}

static int identity_insert(struct flow_table *table, struct sw_flow *flow)
{
	struct identity identity = {
		.id = &flow->id,
		.key = flow->unmasked_key,
		.hash = identity_hash(table, &flow->id, flow->unmasked_key),
	};

	flow->identity_hash = identity.hash;
	return rhashtable_lookup_insert_key(&table->identities, &identity,
					    &flow->identity, identity_params);
}

/* Slots */

static struct flow_slots *slots_alloc(u32 n)
{
	struct flow_slots *slots;

	slots = kvzalloc(struct_size(slots, flow, n), GFP_KERNEL);
	if (slots)
		slots->n = n;
	return slots;
}

static int slots_grow(struct flow_table *table)
{
	struct flow_slots *old = ovs_dereference(table->slots);
	struct flow_slots *slots = slots_alloc(old->n * 2);
	u32 *vacant;

	vacant = kvmalloc_array(old->n * 2, sizeof(*vacant), GFP_KERNEL);
	if (!slots || !vacant) {
		kvfree(slots);
		kvfree(vacant);
		return -ENOMEM;
	}
	/* None is vacant, or there would be no need to grow. */
	kvfree(table->vacant);
	table->vacant = vacant;
	memcpy(slots->flow, old->flow, old->n * sizeof(old->flow[0]));
	rcu_assign_pointer(table->slots, slots);
	kvfree_rcu(old, rcu);
	return 0;
}

static int slot_take(struct flow_table *table, struct sw_flow *flow)
{
	if (table->n_vacant) {
		flow->slot = table->vacant[--table->n_vacant];
		return 0;
	}
	if (table->n_slots == ovs_dereference(table->slots)->n &&
	    slots_grow(table))
		return -ENOMEM;
	flow->slot = table->n_slots++;
	return 0;
}

static void slot_release(struct flow_table *table, const struct sw_flow *flow)
{
	struct flow_slots *slots = ovs_dereference(table->slots);

	RCU_INIT_POINTER(slots->flow[flow->slot], NULL);
	table->vacant[table->n_vacant++] = flow->slot;
}

struct sw_flow *ovs_flow_tbl_next(struct flow_table *table, u64 *slot)
{
	const struct flow_slots *slots = rcu_dereference_ovs(table->slots);
	struct sw_flow *flow;

	while (*slot < slots->n) {
		flow = rcu_dereference_ovs(slots->flow[(*slot)++]);
		if (flow)
			return flow;
	}
	return NULL;
}

/* Buckets */

static struct table_instance *instance_alloc(u32 n_buckets, u32 node)
{
	struct table_instance *ti;

	ti = kvzalloc(struct_size(ti, buckets, n_buckets), GFP_KERNEL);
	if (!ti)
		return NULL;
	ti->n_buckets = n_buckets;
	ti->node = node;
	return ti;
}

static void instance_link(struct table_instance *ti, struct sw_flow *flow)
{
	u32 bucket = flow->hash & (ti->n_buckets - 1);

	hlist_add_head_rcu(&flow->node[ti->node], &ti->buckets[bucket]);
}

/* Without memory, or too soon after the last time, things stay as they are:
 * chains are longer for a while.
 */
static void instance_resize(struct flow_table *table, u32 n_buckets)
{
	struct table_instance *old = ovs_dereference(table->ti);
	struct table_instance *ti;
	struct sw_flow *flow;
	u64 slot = 0;

	if (!poll_state_synchronize_rcu(table->resized))
		return;
	ti = instance_alloc(n_buckets, !old->node);
	if (!ti)
		return;
	while ((flow = ovs_flow_tbl_next(table, &slot)))
		instance_link(ti, flow);
	rcu_assign_pointer(table->ti, ti);
	table->resized = start_poll_synchronize_rcu();
	kvfree_rcu(old, rcu);
}

static void instance_fit(struct flow_table *table)
{
	u32 n_buckets = ovs_dereference(table->ti)->n_buckets;

	if (table->count > n_buckets)
		instance_resize(table, n_buckets * 2);
	else if (n_buckets > TABLE_MIN_BUCKETS && table->count < n_buckets / 8)
		instance_resize(table, n_buckets / 2);
}

/* The table */

int ovs_flow_tbl_init(struct flow_table *table)
{
	struct flow_cache *cache;
	struct table_instance *ti;
	struct flow_slots *slots;
	u32 *vacant;

	cache = ovs_flow_cache_alloc(OVS_FLOW_CACHE_DEFAULT);
	if (!cache)
		return -ENOMEM;
	ti = instance_alloc(TABLE_MIN_BUCKETS, 0);
	if (!ti)
		goto err_cache;
	slots = slots_alloc(TABLE_MIN_SLOTS);
	vacant = kvmalloc_array(TABLE_MIN_SLOTS, sizeof(*vacant), GFP_KERNEL);
	if (!slots || !vacant)
		goto err_slots;
	if (ovs_flow_masks_init(&table->masks))
		goto err_slots;
	if (rhashtable_init(&table->identities, &identity_params))
		goto err_masks;

	RCU_INIT_POINTER(table->cache, cache);
	RCU_INIT_POINTER(table->ti, ti);
	RCU_INIT_POINTER(table->slots, slots);
	table->n_slots = 0;
	table->vacant = vacant;
	table->n_vacant = 0;
	table->count = 0;
	table->seed = get_random_u64();
	table->resized = start_poll_synchronize_rcu();
	return 0;

err_masks:
	ovs_flow_masks_destroy(&table->masks);
err_slots:
	kvfree(vacant);
	kvfree(slots);
	kvfree(ti);
err_cache:
	ovs_flow_cache_free(cache);
	return -ENOMEM;
}

void ovs_flow_tbl_destroy(struct flow_table *table)
{
	rhashtable_destroy(&table->identities);
	kvfree(table->vacant);
	ovs_flow_masks_destroy(&table->masks);
	kvfree(rcu_dereference_raw(table->slots));
	kvfree(rcu_dereference_raw(table->ti));
	ovs_flow_cache_free(rcu_dereference_raw(table->cache));
}

int ovs_flow_tbl_insert(struct flow_table *table, struct sw_flow *flow,
			const struct ovsnl_key *mask)
{
	int err;

	lockdep_assert_ovs_held();
	flow->mask = ovs_flow_mask_get(&table->masks, mask);
	if (!flow->mask)
		return -ENOMEM;
	err = slot_take(table, flow);
	if (err)
		goto err_mask;
	err = identity_insert(table, flow);
	if (err)
		goto err_slot;

	flow->hash = masked_hash(table, &flow->key, flow->mask);
	instance_link(ovs_dereference(table->ti), flow);
	rcu_assign_pointer(ovs_dereference(table->slots)->flow[flow->slot],
			   flow);
	table->count++;
	instance_fit(table);
	return 0;

err_slot:
	slot_release(table, flow);
err_mask:
	ovs_flow_mask_put(&table->masks, flow->mask);
	return err == -EEXIST ? err : -ENOMEM;
}

static void unlink_flow(struct flow_table *table, struct sw_flow *flow)
{
	struct table_instance *ti = ovs_dereference(table->ti);

	slot_release(table, flow);
	hlist_del_rcu(&flow->node[ti->node]);
	rhashtable_remove_fast(&table->identities, &flow->identity,
			       identity_params);
	ovs_flow_mask_put(&table->masks, flow->mask);
	table->count--;
}

void ovs_flow_tbl_remove(struct flow_table *table, struct sw_flow *flow)
{
	lockdep_assert_ovs_held();
	unlink_flow(table, flow);
	instance_fit(table);
}

void ovs_flow_tbl_flush(struct flow_table *table)
{
	struct sw_flow *flow;
	u64 slot = 0;

	lockdep_assert_ovs_held();
	while ((flow = ovs_flow_tbl_next(table, &slot))) {
		unlink_flow(table, flow);
		ovs_flow_free_rcu(flow);
	}
	if (ovs_dereference(table->ti)->n_buckets > TABLE_MIN_BUCKETS)
		instance_resize(table, TABLE_MIN_BUCKETS);
}

int ovs_flow_tbl_cache_resize(struct flow_table *table, u32 size)
{
	struct flow_cache *old = ovs_dereference(table->cache);
	struct flow_cache *cache;

	if (size == old->size)
		return 0;
	if (size > OVS_FLOW_CACHE_MAX || (size && !is_power_of_2(size)))
		return -EINVAL;
	cache = ovs_flow_cache_alloc(size);
	if (!cache)
		return -ENOMEM;
	rcu_assign_pointer(table->cache, cache);
	ovs_flow_cache_free_rcu(old);
	return 0;
}

u32 ovs_flow_tbl_cache_size(const struct flow_table *table)
{
	u32 size;

	rcu_read_lock();
	size = rcu_dereference(table->cache)->size;
	rcu_read_unlock();
	return size;
}

u32 ovs_flow_tbl_num_masks(const struct flow_table *table)
{
	u32 count;

	rcu_read_lock();
	count = READ_ONCE(rcu_dereference(table->masks.array)->count);
	rcu_read_unlock();
	return count;
}
