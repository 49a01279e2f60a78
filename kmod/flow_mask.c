// SPDX-License-Identifier: GPL-2.0-only
/*
 * The masks of a flow table.
 *
 * Overview
 *	Readers scan an array from its start. Writers find a mask by its
 *	content through a hash index, so that adding the ten-thousandth mask
 *	costs no more than the second. Scans count their hits per mask, and
 *	every few seconds the array is put in that order.
 *
 * Life cycle
 *	A mask lives as long as flows refer to it, and a grace period longer.
 *	A mask is added in place when there is room. Removal and reordering
 *	make a new array: a reader in the middle of the old one must not miss
 *	a mask because another took its place.
 *
 * Synchronisation
 *	Writers: ovs_mutex. Readers: RCU; they load the count with acquire.
 *
 * Lock order
 *	ovs_mutex only.
 */
#include <linux/slab.h>
#include <linux/sort.h>

#include "datapath.h"
#include "flow_mask.h"
#include "key_hash.h"

#define MASK_ARRAY_MIN 16

static struct mask_array *array_alloc(u32 max)
{
	struct mask_array *array;

	max = max_t(u32, max, MASK_ARRAY_MIN);
	array = kvzalloc(struct_size(array, masks, max), GFP_KERNEL);
	if (array)
		array->max = max;
	return array;
}

/* Publish @array in place of the present one. */
static void array_replace(struct flow_masks *masks, struct mask_array *array)
{
	struct mask_array *old = ovs_dereference(masks->array);

	rcu_assign_pointer(masks->array, array);
	kvfree_rcu(old, rcu);
}

static int array_append(struct flow_masks *masks, struct sw_flow_mask *mask)
{
	struct mask_array *array = ovs_dereference(masks->array);
	struct mask_array *grown;

	if (array->count == array->max) {
		grown = array_alloc(array->max * 2);
		if (!grown)
			return -ENOMEM;
		memcpy(grown->masks, array->masks,
		       array->count * sizeof(array->masks[0]));
		grown->count = array->count;
		array_replace(masks, grown);
		array = grown;
	}
	rcu_assign_pointer(array->masks[array->count], mask);
	smp_store_release(&array->count, array->count + 1);
	return 0;
}

int ovs_flow_masks_init(struct flow_masks *masks)
{
	struct mask_array *array = array_alloc(0);

	if (!array)
		return -ENOMEM;
	RCU_INIT_POINTER(masks->array, array);
	hash_init(masks->index);
	return 0;
}

static void mask_free(struct sw_flow_mask *mask)
{
	free_percpu(mask->scan_hits);
	kfree(mask);
}

static void mask_free_rcu(struct rcu_head *rcu)
{
	mask_free(container_of(rcu, struct sw_flow_mask, rcu));
}

void ovs_flow_masks_destroy(struct flow_masks *masks)
{
	struct sw_flow_mask *mask;
	struct hlist_node *next;
	int bucket;

	hash_for_each_safe(masks->index, bucket, next, mask, index)
		mask_free(mask);
	kvfree(rcu_dereference_raw(masks->array));
}

static struct sw_flow_mask *mask_alloc(const struct ovsnl_key *key)
{
	size_t key_size = ovs_key_size(key);
	struct sw_flow_mask *mask;

	mask = kzalloc(offsetof(struct sw_flow_mask, key) + key_size,
		       GFP_KERNEL);
	if (!mask)
		return NULL;
	mask->scan_hits = alloc_percpu(u64);
	if (!mask->scan_hits) {
		kfree(mask);
		return NULL;
	}
	memcpy(&mask->key, key, key_size);
	mask->range = ovsnl_key_range(key);
	return mask;
}

struct sw_flow_mask *ovs_flow_mask_get(struct flow_masks *masks,
				       const struct ovsnl_key *key)
{
	u64 hash = ovs_key_hash_whole(key, ovs_key_size(key), 0);
	struct sw_flow_mask *mask;

	lockdep_assert_ovs_held();
	hash_for_each_possible(masks->index, mask, index, hash)
	{
		if (ovs_key_equal(&mask->key, key)) {
			mask->ref_count++;
			return mask;
		}
	}
	mask = mask_alloc(key);
	if (!mask)
		return NULL;
	if (array_append(masks, mask)) {
		mask_free(mask);
		return NULL;
	}
	hash_add(masks->index, &mask->index, hash);
	mask->ref_count = 1;
	return mask;
}

/* Drop the masks that no flow uses. Without memory for the new array they stay
 * where they are, to be found again by a flow or dropped by the next call.
 */
static void masks_purge(struct flow_masks *masks)
{
	struct mask_array *old = ovs_dereference(masks->array);
	struct sw_flow_mask *mask;
	struct mask_array *array;
	u32 i;

	array = array_alloc(old->count);
	if (!array)
		return;
	for (i = 0; i < old->count; i++) {
		mask = ovs_dereference(old->masks[i]);
		if (mask->ref_count)
			RCU_INIT_POINTER(array->masks[array->count++], mask);
	}
	rcu_assign_pointer(masks->array, array);
	for (i = 0; i < old->count; i++) {
		mask = ovs_dereference(old->masks[i]);
		if (mask->ref_count)
			continue;
		hash_del(&mask->index);
		call_rcu(&mask->rcu, mask_free_rcu);
	}
	kvfree_rcu(old, rcu);
}

void ovs_flow_mask_put(struct flow_masks *masks, struct sw_flow_mask *mask)
{
	lockdep_assert_ovs_held();
	if (!--mask->ref_count)
		masks_purge(masks);
}

/* struct ranked - a mask with its hits since the last reordering. */
struct ranked {
	struct sw_flow_mask *mask;
	u64 hits;
};

static int ranked_compare(const void *a, const void *b)
{
	const struct ranked *ra = a, *rb = b;

	return ra->hits == rb->hits ? 0 : ra->hits < rb->hits ? 1 : -1;
}

static u64 mask_recent_hits(struct sw_flow_mask *mask)
{
	u64 sum = 0, recent;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(mask->scan_hits, cpu));
	recent = sum - mask->scan_hits_seen;
	mask->scan_hits_seen = sum;
	return recent;
}

static bool ranked_fill(struct ranked *ranked, const struct mask_array *array)
{
	bool in_order = true;
	u32 i;

	for (i = 0; i < array->count; i++) {
		ranked[i].mask = ovs_dereference(array->masks[i]);
		ranked[i].hits = mask_recent_hits(ranked[i].mask);
		if (i && ranked[i].hits > ranked[i - 1].hits)
			in_order = false;
	}
	return in_order;
}

void ovs_flow_masks_rebalance(struct flow_masks *masks)
{
	struct mask_array *old = ovs_dereference(masks->array);
	struct mask_array *array;
	struct ranked *ranked;
	u32 i;

	ranked = kvmalloc_array(old->count, sizeof(*ranked), GFP_KERNEL);
	if (ZERO_OR_NULL_PTR(ranked))
		return;
	if (ranked_fill(ranked, old))
		goto out;
	array = array_alloc(old->count);
	if (!array)
		goto out;
	sort(ranked, old->count, sizeof(*ranked), ranked_compare, NULL);
	for (i = 0; i < old->count; i++)
		RCU_INIT_POINTER(array->masks[i], ranked[i].mask);
	array->count = old->count;
	array_replace(masks, array);
out:
	kvfree(ranked);
}
