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
 *	compared. Counters by the hash of a key's head tell which groups of
 *	masks (flow_mask.c) have no flow for a packet.
 *
 * Life cycle
 *	insert: mask, slot, buckets; remove in the reverse order, the
 *	flow is freed after a grace period. Buckets are doubled when there are
 *	more flows, and halved now and then when there are far fewer, by
 *	linking every flow into a new instance through its other node. That
 *	node may still carry readers of the instance before the present one, so
 *	a resize waits for the grace period of the last.
 *
 * Synchronisation
 *	Writers: ovs_mutex. Readers: RCU. A reader of an old instance finds
 *	every flow that was there when the instance was replaced.
 *
 * Lock order
 *	ovs_mutex only.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "datapath.h"
#include "flow_table.h"

#define TABLE_MIN_BUCKETS 1024
#define TABLE_MIN_SLOTS 1024

/* Hashes of a key under a mask: the head first, which masks of a group share. */

static __always_inline u64 head_hash(const struct flow_table *table,
				     const struct ovsnl_key *key,
				     const struct mask_group *group)
{
	return ovs_key_hash_head(key, group->head, group->ipv6,
				 table->seed.word[0] ^ (unsigned long)group,
				 table->seed);
}

static __always_inline u32 masked_hash(const struct flow_table *table,
				       const struct ovsnl_key *key,
				       const struct sw_flow_mask *mask,
				       u64 head)
{
	return ovs_key_hash_tail(key, &mask->key, mask->range.end,
				 head ^ (unsigned long)mask, table->seed);
}

static __always_inline u16 *head_counter(const struct table_instance *ti,
					 u32 head)
{
	return &ti->heads[head & (ti->n_buckets * OVS_TABLE_HEADS - 1)];
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
	      const struct ovsnl_key *key, const struct sw_flow_mask *mask,
	      u64 head)
{
	u32 hash = masked_hash(table, key, mask, head);
	const struct hlist_head *bucket;
	struct sw_flow *flow;

	bucket = &ti->buckets[hash & (ti->n_buckets - 1)];
	hlist_for_each_entry_rcu(flow, bucket, node[ti->node],
				 lockdep_ovs_is_held()) {
		if (flow->hash == hash && flow->mask == mask &&
		    flow_matches(flow, mask, key))
			return flow;
	}
	return NULL;
}

/* Try all masks. *@n: how many were tried, or ruled out with their group. */
static struct sw_flow *scan(const struct flow_table *table,
			    const struct ovsnl_key *key, u32 *n)
{
	const struct scan_list *groups =
		rcu_dereference_ovs(table->masks.groups);
	const struct table_instance *ti = rcu_dereference_ovs(table->ti);
	u32 i, j, n_masks, n_groups = smp_load_acquire(&groups->count);
	const struct mask_group *group;
	const struct scan_list *masks;
	struct sw_flow *flow;
	u64 head;

	*n = 0;
	for (i = 0; i < n_groups; i++) {
		group = rcu_dereference_ovs(groups->entry[i]);
		head = head_hash(table, key, group);
		if (!READ_ONCE(*head_counter(ti, head))) {
			++*n;
			continue;
		}
		masks = rcu_dereference_ovs(group->masks);
		n_masks = smp_load_acquire(&masks->count);
		for (j = 0; j < n_masks; j++) {
			++*n;
			flow = masked_lookup(
				table, ti, key,
				rcu_dereference_ovs(masks->entry[j]), head);
			if (flow)
				return flow;
		}
	}
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
	if (!flow)
		return NULL;
	__this_cpu_inc(*flow->mask->scan_hits);
	if (entry)
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
	u32 n;

	lockdep_assert_ovs_held();
	return scan(table, key, &n);
}

/* Identities */

static u32 ufid_hash(const struct flow_table *table,
		     const struct ovsnl_flow_id *id)
{
	u64 word[2] = {};

	if (likely(id->len == sizeof(word)))
		memcpy(word, id->ufid, sizeof(word));
	else
		memcpy(word, id->ufid, id->len);
	return ovs_key_hash_pair(table->seed.word[0] ^ id->len, word[0],
				 word[1], table->seed);
}

static u32 identity_hash(const struct flow_table *table,
			 const struct ovsnl_flow_id *id,
			 const struct ovsnl_key *key)
{
	if (id->len)
		return ufid_hash(table, id);
	return ovs_key_hash_whole(key, ovs_key_size(key), table->seed);
}

static bool ufid_is(const struct ovsnl_flow_id *a,
		    const struct ovsnl_flow_id *b)
{
	/* Of a known size, for which the compiler needs no call. */
	if (likely(a->len == OVSNL_UFID_MAX))
		return !memcmp(a->ufid, b->ufid, OVSNL_UFID_MAX);
	return !memcmp(a->ufid, b->ufid, a->len);
}

static bool identity_is(const struct sw_flow *flow,
			const struct ovsnl_flow_id *id,
			const struct ovsnl_key *key)
{
	if (flow->id.len != id->len)
		return false;
	if (id->len)
		return ufid_is(&flow->id, id);
	return ovs_key_equal(flow->unmasked_key, key);
}

static struct hlist_head *identity_bucket(const struct table_instance *ti,
					  u32 hash)
{
	return &ti->identities[hash & (ti->n_buckets - 1)];
}

static struct sw_flow *identity_find(const struct flow_table *table,
				     const struct ovsnl_flow_id *id,
				     const struct ovsnl_key *key, u32 hash)
{
	const struct table_instance *ti = ovs_dereference(table->ti);
	struct sw_flow *flow;

	hlist_for_each_entry(flow, identity_bucket(ti, hash), identity) {
		if (flow->identity_hash == hash && identity_is(flow, id, key))
			return flow;
	}
	return NULL;
}

struct sw_flow *ovs_flow_tbl_lookup_identity(struct flow_table *table,
					     const struct ovsnl_flow_id *id,
					     const struct ovsnl_key *key)
{
	lockdep_assert_ovs_held();
	return identity_find(table, id, key, identity_hash(table, id, key));
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

/* One block of memory holds all that goes by the number of buckets. */
static struct table_instance *instance_alloc(u32 n_buckets, u32 node)
{
	struct table_instance *ti;

	ti = kvzalloc(struct_size(ti, buckets, 2 * (size_t)n_buckets) +
			      OVS_TABLE_HEADS * sizeof(ti->heads[0]) *
				      n_buckets,
		      GFP_KERNEL);
	if (!ti)
		return NULL;
	ti->n_buckets = n_buckets;
	ti->node = node;
	ti->identities = ti->buckets + n_buckets;
	ti->heads = (u16 *)(ti->identities + n_buckets);
	return ti;
}

static void instance_link(struct table_instance *ti, struct sw_flow *flow)
{
	u32 bucket = flow->hash & (ti->n_buckets - 1);
	u16 *heads = head_counter(ti, flow->head_hash);

	if (*heads != U16_MAX)
		WRITE_ONCE(*heads, *heads + 1);
	hlist_add_head(&flow->identity,
		       identity_bucket(ti, flow->identity_hash));
	hlist_add_head_rcu(&flow->node[ti->node], &ti->buckets[bucket]);
}

static void instance_unlink(struct table_instance *ti, struct sw_flow *flow)
{
	u16 *heads = head_counter(ti, flow->head_hash);

	hlist_del_rcu(&flow->node[ti->node]);
	__hlist_del(&flow->identity);
	if (*heads != U16_MAX)
		WRITE_ONCE(*heads, *heads - 1);
}

/* Without memory, or too soon after the last time, things stay as they are:
 * chains are longer until the next change, or ovs_flow_tbl_rebalance().
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

static void instance_grow(struct flow_table *table)
{
	if (table->count > ovs_dereference(table->ti)->n_buckets)
		instance_resize(table, roundup_pow_of_two(table->count));
}

static void instance_shrink(struct flow_table *table)
{
	u32 n_buckets = ovs_dereference(table->ti)->n_buckets;

	if (n_buckets > TABLE_MIN_BUCKETS && table->count < n_buckets / 8)
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

	RCU_INIT_POINTER(table->cache, cache);
	RCU_INIT_POINTER(table->ti, ti);
	RCU_INIT_POINTER(table->slots, slots);
	table->n_slots = 0;
	table->vacant = vacant;
	table->n_vacant = 0;
	table->count = 0;
	get_random_bytes(&table->seed, sizeof(table->seed));
	table->resized = start_poll_synchronize_rcu();
	return 0;

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
	kvfree(table->vacant);
	ovs_flow_masks_destroy(&table->masks);
	kvfree(rcu_dereference_raw(table->slots));
	kvfree(rcu_dereference_raw(table->ti));
	ovs_flow_cache_free(rcu_dereference_raw(table->cache));
}

int ovs_flow_tbl_insert(struct flow_table *table, struct sw_flow *flow,
			const struct ovsnl_key *mask)
{
	u64 head;

	lockdep_assert_ovs_held();
	flow->identity_hash =
		identity_hash(table, &flow->id, flow->unmasked_key);
	if (!flow->id.len && identity_find(table, &flow->id, flow->unmasked_key,
					   flow->identity_hash))
		return -EEXIST;
	flow->mask = ovs_flow_mask_get(&table->masks, mask);
	if (!flow->mask)
		return -ENOMEM;
	if (slot_take(table, flow)) {
		ovs_flow_mask_put(&table->masks, flow->mask);
		return -ENOMEM;
	}
	head = head_hash(table, &flow->key, flow->mask->group);
	flow->head_hash = head;
	flow->hash = masked_hash(table, &flow->key, flow->mask, head);
	instance_link(ovs_dereference(table->ti), flow);
	rcu_assign_pointer(ovs_dereference(table->slots)->flow[flow->slot],
			   flow);
	table->count++;
	instance_grow(table);
	return 0;
}

static void unlink_flow(struct flow_table *table, struct sw_flow *flow)
{
	slot_release(table, flow);
	instance_unlink(ovs_dereference(table->ti), flow);
	table->count--;
}

void ovs_flow_tbl_remove(struct flow_table *table, struct sw_flow *flow)
{
	lockdep_assert_ovs_held();
	unlink_flow(table, flow);
	ovs_flow_mask_put(&table->masks, flow->mask);
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
	ovs_flow_masks_clear(&table->masks);
	if (ovs_dereference(table->ti)->n_buckets > TABLE_MIN_BUCKETS)
		instance_resize(table, TABLE_MIN_BUCKETS);
}

void ovs_flow_tbl_rebalance(struct flow_table *table)
{
	lockdep_assert_ovs_held();
	instance_grow(table);
	instance_shrink(table);
	ovs_flow_masks_rebalance(&table->masks);
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
	return READ_ONCE(table->masks.count);
}
