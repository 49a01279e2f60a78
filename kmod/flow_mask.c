// SPDX-License-Identifier: GPL-2.0-only
/*
 * The masks of a flow table.
 *
 * Overview
 *	Masks that agree in the head of the key (port, link layer, addresses)
 *	make a group. Readers go through the groups, and through the masks of
 *	those groups only of which the table says that a flow begins like the
 *	packet: of the many masks that an attacker can bring about, by packets
 *	that differ from what is allowed in all ways there are, they try few.
 *	Writers find a mask by its content through a hash index, so that adding
 *	the ten-thousandth mask costs no more than the second. Scans count
 *	their hits per mask, and every few seconds groups, and the masks inside
 *	each, are put in that order.
 *
 * Life cycle
 *	A mask lives as long as flows refer to it, and a grace period longer;
 *	a group as long as it has masks.
 *	An entry is added to a list in place when there is room. Removal and
 *	reordering make a new list: a reader in the middle of the old one must
 *	not miss a mask because another took its place. Without memory for a
 *	new list, masks that no flow uses stay where they are, to be found
 *	again by a flow or freed later.
 *
 * Synchronisation
 *	Writers: ovs_mutex. Readers: RCU; they load counts with acquire.
 *
 * Lock order
 *	ovs_mutex only.
 */
#include <linux/slab.h>
#include <linux/sort.h>

#include "datapath.h"
#include "flow_mask.h"

#define LIST_MIN 4

/* Lists. Entries are of one type in each; writers only. */

static struct scan_list *scan_list_alloc(u32 max)
{
	struct scan_list *list;

	max = max_t(u32, max, LIST_MIN);
	list = kvzalloc(struct_size(list, entry, max), GFP_KERNEL);
	if (list)
		list->max = max;
	return list;
}

static void scan_list_replace(struct scan_list __rcu **listp,
			      struct scan_list *list)
{
	struct scan_list *old = ovs_dereference(*listp);

	rcu_assign_pointer(*listp, list);
	kvfree_rcu(old, rcu);
}

static int scan_list_append(struct scan_list __rcu **listp, void *entry)
{
	struct scan_list *list = ovs_dereference(*listp);
	struct scan_list *grown;

	if (list->count == list->max) {
		grown = scan_list_alloc(list->max * 2);
		if (!grown)
			return -ENOMEM;
		memcpy(grown->entry, list->entry,
		       list->count * sizeof(list->entry[0]));
		grown->count = list->count;
		scan_list_replace(listp, grown);
		list = grown;
	}
	rcu_assign_pointer(list->entry[list->count], entry);
	smp_store_release(&list->count, list->count + 1);
	return 0;
}

/* Take out all entries that are not @used; @release each once no new reader
 * finds it. Return: false without memory, when nothing was changed.
 */
static bool
scan_list_purge(struct flow_masks *masks, struct scan_list __rcu **listp,
		bool (*used)(const void *entry),
		void (*release)(struct flow_masks *masks, void *entry))
{
	struct scan_list *old = ovs_dereference(*listp);
	struct scan_list *list;
	void *entry;
	u32 i;

	list = scan_list_alloc(old->count);
	if (!list)
		return false;
	for (i = 0; i < old->count; i++) {
		entry = ovs_dereference(old->entry[i]);
		if (used(entry))
			RCU_INIT_POINTER(list->entry[list->count++], entry);
	}
	rcu_assign_pointer(*listp, list);
	for (i = 0; i < old->count; i++) {
		entry = ovs_dereference(old->entry[i]);
		if (!used(entry))
			release(masks, entry);
	}
	kvfree_rcu(old, rcu);
	return true;
}

/* Groups */

static u64 head_hash(const u64 *head)
{
	u64 hash = 0;
	int i;

	for (i = 0; i < OVS_KEY_HEAD_WORDS; i++)
		hash = ovs_key_hash_mix(hash ^ head[i] ^ i,
					OVS_KEY_HASH_FACTOR);
	return hash;
}

static void group_free(struct mask_group *group)
{
	kvfree(rcu_dereference_raw(group->masks));
	kfree(group);
}

static void group_free_rcu(struct rcu_head *rcu)
{
	group_free(container_of(rcu, struct mask_group, rcu));
}

static struct mask_group *group_alloc(const u64 *head)
{
	struct mask_group *group = kzalloc(sizeof(*group), GFP_KERNEL);
	struct scan_list *list;

	if (!group)
		return NULL;
	list = scan_list_alloc(0);
	if (!list) {
		kfree(group);
		return NULL;
	}
	RCU_INIT_POINTER(group->masks, list);
	memcpy(group->head, head, sizeof(group->head));
	group->ipv6 = head[4] | head[5] | head[6] | head[7];
	return group;
}

/* The group of masks like @key; a new one has none yet. */
static struct mask_group *group_get(struct flow_masks *masks,
				    const struct ovsnl_key *key)
{
	u64 head[OVS_KEY_HEAD_WORDS], hash;
	struct mask_group *group;

	ovs_key_head(head, key);
	hash = head_hash(head);
	hash_for_each_possible(masks->groups_index, group, index, hash)
	{
		if (!memcmp(group->head, head, sizeof(head)))
			return group;
	}
	group = group_alloc(head);
	if (!group)
		return NULL;
	if (scan_list_append(&masks->groups, group)) {
		group_free(group);
		return NULL;
	}
	hash_add(masks->groups_index, &group->index, hash);
	return group;
}

static bool group_used(const void *entry)
{
	const struct mask_group *group = entry;

	return ovs_dereference(group->masks)->count;
}

static void group_release(struct flow_masks *masks, void *entry)
{
	struct mask_group *group = entry;

	hash_del(&group->index);
	call_rcu(&group->rcu, group_free_rcu);
}

/* Masks */

static void mask_free(struct sw_flow_mask *mask)
{
	free_percpu(mask->scan_hits);
	kfree(mask);
}

static void mask_free_rcu(struct rcu_head *rcu)
{
	mask_free(container_of(rcu, struct sw_flow_mask, rcu));
}

static struct sw_flow_mask *mask_alloc(const struct ovsnl_key *key,
				       struct ovsnl_key_range range)
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
	ovs_key_keep(&mask->key, key, key_size);
	mask->range = range;
	return mask;
}

static bool mask_used(const void *entry)
{
	return ((const struct sw_flow_mask *)entry)->ref_count;
}

static void mask_release(struct flow_masks *masks, void *entry)
{
	struct sw_flow_mask *mask = entry;

	hash_del(&mask->index);
	call_rcu(&mask->rcu, mask_free_rcu);
}

static struct sw_flow_mask *mask_add(struct flow_masks *masks,
				     const struct ovsnl_key *key,
				     struct ovsnl_key_range range, u64 hash)
{
	struct sw_flow_mask *mask = mask_alloc(key, range);

	if (!mask)
		return NULL;
	mask->group = group_get(masks, key);
	if (!mask->group)
		goto err_mask;
	if (scan_list_append(&mask->group->masks, mask))
		goto err_group;
	hash_add(masks->index, &mask->index, hash);
	return mask;

err_group:
	if (!group_used(mask->group))
		scan_list_purge(masks, &masks->groups, group_used,
				group_release);
err_mask:
	mask_free(mask);
	return NULL;
}

static u64 mask_hash(const struct ovsnl_key *key, struct ovsnl_key_range range)
{
	const u64 *k = ovsnl_key_words(key);
	u64 hash = range.end;
	unsigned int i;

	for (i = range.first; i < range.end; i++)
		hash = ovs_key_hash_mix(hash ^ k[i], OVS_KEY_HASH_FACTOR);
	return hash;
}

static bool mask_is(const struct sw_flow_mask *mask,
		    const struct ovsnl_key *key, struct ovsnl_key_range range)
{
	const u64 *a = ovsnl_key_words(&mask->key);
	const u64 *b = ovsnl_key_words(key);
	unsigned int i;

	if (mask->range.first != range.first || mask->range.end != range.end)
		return false;
	for (i = range.first; i < range.end; i++) {
		if (a[i] != b[i])
			return false;
	}
	return true;
}

static struct sw_flow_mask *mask_use(struct flow_masks *masks,
				     struct sw_flow_mask *mask)
{
	if (!mask->ref_count++)
		masks->count++;
	return mask;
}

struct sw_flow_mask *ovs_flow_mask_get(struct flow_masks *masks,
				       const struct ovsnl_key *key)
{
	struct ovsnl_key_range range = ovsnl_key_range(key);
	u64 hash = mask_hash(key, range);
	struct sw_flow_mask *mask;

	lockdep_assert_ovs_held();
	hash_for_each_possible(masks->index, mask, index, hash)
	{
		if (mask_is(mask, key, range))
			return mask_use(masks, mask);
	}
	mask = mask_add(masks, key, range, hash);
	return mask ? mask_use(masks, mask) : NULL;
}

/* Return: whether the group has no masks left. */
static bool group_purge(struct flow_masks *masks, struct mask_group *group)
{
	return scan_list_purge(masks, &group->masks, mask_used, mask_release) &&
	       !group_used(group);
}

void ovs_flow_mask_put(struct flow_masks *masks, struct sw_flow_mask *mask)
{
	lockdep_assert_ovs_held();
	if (--mask->ref_count)
		return;
	masks->count--;
	if (group_purge(masks, mask->group))
		scan_list_purge(masks, &masks->groups, group_used,
				group_release);
}

static void group_clear(struct flow_masks *masks, struct mask_group *group)
{
	struct scan_list *list = ovs_dereference(group->masks);
	struct sw_flow_mask *mask;
	u32 i;

	for (i = 0; i < list->count; i++) {
		mask = ovs_dereference(list->entry[i]);
		mask->ref_count = 0;
	}
	group_purge(masks, group);
}

void ovs_flow_masks_clear(struct flow_masks *masks)
{
	struct scan_list *groups = ovs_dereference(masks->groups);
	u32 i;

	lockdep_assert_ovs_held();
	masks->count = 0;
	for (i = 0; i < groups->count; i++)
		group_clear(masks, ovs_dereference(groups->entry[i]));
	scan_list_purge(masks, &masks->groups, group_used, group_release);
}

/* All masks */

int ovs_flow_masks_init(struct flow_masks *masks)
{
	struct scan_list *list = scan_list_alloc(0);

	if (!list)
		return -ENOMEM;
	RCU_INIT_POINTER(masks->groups, list);
	masks->count = 0;
	hash_init(masks->groups_index);
	hash_init(masks->index);
	return 0;
}

void ovs_flow_masks_destroy(struct flow_masks *masks)
{
	struct sw_flow_mask *mask;
	struct mask_group *group;
	struct hlist_node *next;
	int bucket;

	hash_for_each_safe(masks->index, bucket, next, mask, index)
		mask_free(mask);
	hash_for_each_safe(masks->groups_index, bucket, next, group, index)
		group_free(group);
	kvfree(rcu_dereference_raw(masks->groups));
}

/* Order */

/* struct ranked - an entry with its hits since the last reordering. */
struct ranked {
	void *entry;
	u64 hits;
};

static int ranked_compare(const void *a, const void *b)
{
	const struct ranked *ra = a, *rb = b;

	return ra->hits == rb->hits ? 0 : ra->hits < rb->hits ? 1 : -1;
}

static u64 mask_recent_hits(void *entry)
{
	struct sw_flow_mask *mask = entry;
	u64 sum = 0, recent;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(mask->scan_hits, cpu));
	recent = sum - mask->scan_hits_seen;
	mask->scan_hits_seen = sum;
	return recent;
}

static void scan_list_order(struct scan_list __rcu **listp,
			    struct ranked *ranked)
{
	struct scan_list *old = ovs_dereference(*listp);
	struct scan_list *list = scan_list_alloc(old->max);
	u32 i;

	if (!list)
		return;
	sort(ranked, old->count, sizeof(*ranked), ranked_compare, NULL);
	for (i = 0; i < old->count; i++)
		RCU_INIT_POINTER(list->entry[i], ranked[i].entry);
	list->count = old->count;
	scan_list_replace(listp, list);
}

/* Put a list in the order of its entries' hits. Return: their sum. */
static u64 scan_list_rebalance(struct scan_list __rcu **listp,
			       u64 (*recent_hits)(void *entry))
{
	struct scan_list *list = ovs_dereference(*listp);
	struct ranked *ranked;
	bool in_order = true;
	u64 hits, last = U64_MAX, sum = 0;
	u32 i;

	ranked = kvmalloc_array(list->count, sizeof(*ranked), GFP_KERNEL);
	for (i = 0; i < list->count; i++) {
		hits = recent_hits(ovs_dereference(list->entry[i]));
		if (hits > last)
			in_order = false;
		last = hits;
		sum += hits;
		if (ZERO_OR_NULL_PTR(ranked))
			continue;
		ranked[i].entry = ovs_dereference(list->entry[i]);
		ranked[i].hits = hits;
	}
	if (!in_order && !ZERO_OR_NULL_PTR(ranked))
		scan_list_order(listp, ranked);
	kvfree(ranked);
	return sum;
}

static u64 group_recent_hits(void *entry)
{
	struct mask_group *group = entry;

	return scan_list_rebalance(&group->masks, mask_recent_hits);
}

void ovs_flow_masks_rebalance(struct flow_masks *masks)
{
	scan_list_rebalance(&masks->groups, group_recent_hits);
}
