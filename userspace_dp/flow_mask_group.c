// SPDX-License-Identifier: BSD-3-Clause
/*
 * Groups of masks.
 *
 * Overview
 *
 *	A packet that no cache knows is looked up in one home of flows after the
 *	other, so that many masks cost much. But masks mostly have much in
 *	common: several are made a group, with one set of buckets by the bits
 *	that all of them look at. One probe there finds the few flows that a
 *	packet can hit, which are compared under their own masks.
 *
 *	That pays as long as few flows look alike under the common bits: no more
 *	than CROWD of them. Masks are sorted, so that similar ones are
 *	neighbours, and all are tried as one group; where it is too crowded,
 *	each half for itself, down to single masks.
 *
 * Life cycle
 *
 *	Groups are formed anew, from time to time, when masks have come. A mask
 *	whose new flow would make a crowd leaves its group for good: who sends
 *	packets such that his flows crowd one gets what he had without.
 *
 * Synchronisation
 *
 *	Control thread. Readers come from a list of homes: what they find there
 *	stays as it is, or gets more, until a grace period after another list
 *	was published.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow_table_private.h"
#include "rcu.h"

/* Flows that may look alike: as many as a bucket holds. */
#define CROWD TWIN_BUCKET_FLOWS
/* Homes from which on it is worth the while. */
#define HOMES_MIN 3
/* Masks with more flows stay alone, and with more flows in all nothing is done:
 * other work waits meanwhile.
 */
#define MASK_FLOWS_MAX 1024
#define FLOWS_MAX 16384
/* Masks are grouped anew when so large a part of the homes is new: 1 in 4. */
#define NEW_SHARE 4

/** struct plan - masks about to be grouped.
 * @masks, @n: sorted
 * @start: of each mask's flows in @flows, and the end
 * @flows: by mask
 * @hashes: of each in its new home
 * @homes, @n_homes: the new homes
 * @home_of: of each mask
 */
struct plan {
	struct twin_flow_table *table;
	struct twin_mask **masks;
	uint32_t n;
	uint32_t *start;
	struct sw_flow **flows;
	uint64_t *hashes;
	struct twin_mask **homes;
	uint32_t n_homes;
	struct twin_mask **home_of;
};

static void free_plan(struct plan *p)
{
	free(p->masks);
	free(p->start);
	free(p->flows);
	free(p->hashes);
	free(p->homes);
	free(p->home_of);
}

/* Bytes of options behind opts_len are undefined in keys of packets. */
static bool has_options(const struct twin_mask *mask)
{
	return mask->line_no[mask->n_lines - 1] >= OVSNL_KEY_OPTS_LINE;
}

static bool is_candidate(const struct twin_mask *mask)
{
	if (mask->home != mask)
		return true;
	return !mask->loner && mask->n_flows &&
	       mask->n_flows <= MASK_FLOWS_MAX && !has_options(mask);
}

static int compare_masks(const void *a, const void *b)
{
	const struct twin_mask *l = *(struct twin_mask *const *)a;
	const struct twin_mask *r = *(struct twin_mask *const *)b;
	int diff = memcmp(l->line_no, r->line_no, sizeof(l->line_no));

	return diff ? diff : memcmp(l->lines, r->lines, sizeof(l->lines));
}

/* The candidates, sorted, and room for their flows. Return: 0; -ENOMEM, also
 * when there are too many flows.
 */
static int choose_masks(struct plan *p)
{
	uint32_t n_flows = 0, i;
	struct twin_mask *mask;

	p->masks = malloc(p->table->n_masks * sizeof(*p->masks));
	if (!p->masks)
		return -ENOMEM;
	for (i = 0; i < TWIN_MASK_CHAINS; i++)
		for (mask = p->table->chains[i]; mask; mask = mask->next)
			if (is_candidate(mask)) {
				p->masks[p->n++] = mask;
				n_flows += mask->n_flows;
			}
	if (n_flows > FLOWS_MAX || p->n < 2)
		return -ENOMEM;
	qsort(p->masks, p->n, sizeof(*p->masks), compare_masks);
	p->start = calloc(p->n + 1, sizeof(*p->start));
	p->flows = malloc(n_flows * sizeof(*p->flows));
	p->hashes = malloc(n_flows * sizeof(*p->hashes));
	p->homes = malloc(p->n * sizeof(*p->homes));
	p->home_of = calloc(p->n, sizeof(*p->home_of));
	return p->start && p->flows && p->hashes && p->homes && p->home_of
		       ? 0
		       : -ENOMEM;
}

/* Collect the flows in some buckets that are under @mask. */
static uint32_t collect(const struct twin_buckets *t,
			const struct twin_mask *mask, struct sw_flow **flows)
{
	uint32_t n = 0;
	uint64_t b;
	int i;

	for (b = 0; b <= t->last; b++)
		for (i = 0; i < TWIN_BUCKET_FLOWS; i++)
			if (t->bucket[b].sig[i] &&
			    t->bucket[b].flow[i]->mask == mask)
				flows[n++] = t->bucket[b].flow[i];
	return n;
}

static int compare_flows(const void *a, const void *b)
{
	const struct sw_flow *l = *(struct sw_flow *const *)a;
	const struct sw_flow *r = *(struct sw_flow *const *)b;

	return l->mask == r->mask ? 0 : l->mask < r->mask ? -1 : 1;
}

static struct sw_flow **find_first(struct sw_flow **flows, uint32_t n,
				   const struct twin_mask *mask)
{
	uint32_t low = 0, high = n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (flows[mid]->mask < mask)
			low = mid + 1;
		else
			high = mid;
	}
	return flows + low;
}

/* All flows of groups, sorted by mask; NULL: no memory, or no groups. */
static struct sw_flow **grouped_flows(const struct plan *p, uint32_t *n)
{
	const struct twin_mask_list *list = p->table->masks;
	const struct twin_buckets *t;
	struct sw_flow **flows;
	uint32_t i, j, total = 0;
	uint64_t b;

	for (i = 0; i < list->n; i++)
		if (list->mask[i]->is_group)
			total += list->mask[i]->n_flows;
	flows = malloc((total ? total : 1) * sizeof(*flows));
	if (!flows)
		return NULL;
	*n = 0;
	for (i = 0; i < list->n; i++) {
		if (!list->mask[i]->is_group)
			continue;
		t = list->mask[i]->buckets;
		for (b = 0; b <= t->last; b++)
			for (j = 0; j < TWIN_BUCKET_FLOWS; j++)
				if (t->bucket[b].sig[j])
					flows[(*n)++] = t->bucket[b].flow[j];
	}
	qsort(flows, *n, sizeof(*flows), compare_flows);
	return flows;
}

static int gather_flows(struct plan *p)
{
	struct sw_flow **grouped, **from, **to;
	uint32_t i, n_grouped;
	struct twin_mask *mask;

	grouped = grouped_flows(p, &n_grouped);
	if (!grouped)
		return -ENOMEM;
	for (i = 0; i < p->n; i++) {
		mask = p->masks[i];
		to = p->flows + p->start[i];
		if (mask->home == mask) {
			collect(mask->buckets, mask, to);
		} else {
			from = find_first(grouped, n_grouped, mask);
			memcpy(to, from, mask->n_flows * sizeof(*to));
		}
		p->start[i + 1] = p->start[i] + mask->n_flows;
	}
	free(grouped);
	return 0;
}

/* Put the flows of masks @from to @to into the buckets of their new home.
 * Return: false if there would be a crowd.
 */
static bool settle(struct plan *p, struct twin_mask *home,
		   struct twin_buckets *t, uint32_t from, uint32_t to)
{
	uint32_t i, f;
	uint64_t hash;

	for (i = from; i < to; i++)
		for (f = p->start[i]; f < p->start[i + 1]; f++) {
			hash = twin_mask_home_hash(home, p->masks[i],
						   p->flows[f]);
			if (home->is_group &&
			    twin_buckets_crowd(t, hash) >= CROWD)
				return false;
			twin_buckets_insert(t, hash, twin_hash_sig(hash),
					    p->flows[f]);
			p->hashes[f] = hash;
		}
	return true;
}

/* What all of these masks look at. */
static void common_bits(const struct plan *p, uint32_t from, uint32_t to,
			struct ovsnl_key *common)
{
	struct ovsnl_key key;
	uint32_t i;

	twin_mask_expand(p->masks[from], p->masks[from]->lines, common);
	for (i = from + 1; i < to; i++) {
		twin_mask_expand(p->masks[i], p->masks[i]->lines, &key);
		ovsnl_key_mask(common, common, &key);
	}
}

/* One group of all these masks, if it is not too crowded. */
static bool try_group(struct plan *p, uint32_t from, uint32_t to)
{
	uint32_t i, n_flows = p->start[to] - p->start[from];
	struct twin_buckets *t;
	struct twin_mask *group;
	struct ovsnl_key common;

	common_bits(p, from, to, &common);
	group = twin_mask_create(p->table, p->table->secret, &common);
	t = twin_mask_buckets_for(n_flows);
	if (group)
		group->is_group = true;
	if (!group || !t || !settle(p, group, t, from, to)) {
		twin_buckets_free(t);
		if (group)
			twin_mask_destroy(group);
		return false;
	}
	twin_buckets_free(group->buckets);
	group->buckets = t;
	group->n_members = to - from;
	group->n_flows = n_flows;
	for (i = from; i < to; i++)
		p->home_of[i] = group;
	p->homes[p->n_homes++] = group;
	return true;
}

/* A mask that is to be its own home. False: no memory. */
static bool stay_alone(struct plan *p, uint32_t i)
{
	struct twin_mask *mask = p->masks[i];
	struct twin_buckets *t;

	if (mask->home != mask) {
		t = twin_mask_buckets_for(mask->n_flows);
		if (!t)
			return false;
		settle(p, mask, t, i, i + 1);
		twin_mask_set_buckets(mask, t);
	}
	p->home_of[i] = mask;
	p->homes[p->n_homes++] = mask;
	return true;
}

/* Homes for masks @from to @to. False: no memory. */
static bool find_homes(struct plan *p, uint32_t from, uint32_t to)
{
	uint32_t middle = from + (to - from) / 2;

	if (to - from == 1)
		return stay_alone(p, from);
	return try_group(p, from, to) ||
	       (find_homes(p, from, middle) && find_homes(p, middle, to));
}

static void drop_new_groups(struct plan *p)
{
	uint32_t i;

	for (i = 0; i < p->n_homes; i++)
		if (p->homes[i]->is_group)
			twin_mask_destroy(p->homes[i]);
}

/* The new list: the new homes, and those that were no candidates. */
static int publish(struct plan *p)
{
	const struct twin_mask_list *old = p->table->masks;
	struct twin_mask **all, *mask;
	uint32_t i, n = 0;
	int err;

	all = malloc((old->n + p->n_homes) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (i = 0; i < old->n; i++)
		if (!old->mask[i]->is_group && !is_candidate(old->mask[i]))
			all[n++] = old->mask[i];
	for (i = 0; i < p->n_homes; i++)
		all[n++] = p->homes[i];
	for (i = 0; i < p->n; i++) {
		mask = p->masks[i];
		if (p->home_of[i] != mask &&
		    p->home_of[i]->score < mask->home->score)
			p->home_of[i]->score = mask->home->score;
	}
	err = twin_mask_list_replace(p->table, all, n);
	free(all);
	return err;
}

/* Readers that come from now on find the new homes. */
static void move_in(struct plan *p, struct twin_mask *const *old,
		    uint32_t n_old)
{
	uint32_t i, f;

	for (i = 0; i < n_old; i++)
		twin_mask_list_retire(old[i]);
	for (i = 0; i < p->n; i++) {
		if (p->home_of[i] == p->masks[i]->home)
			continue;
		p->masks[i]->home = p->home_of[i];
		for (f = p->start[i]; f < p->start[i + 1]; f++)
			p->flows[f]->hash = p->hashes[f];
	}
}

static uint32_t list_groups(const struct twin_mask_list *list,
			    struct twin_mask **groups)
{
	uint32_t i, n = 0;

	for (i = 0; i < list->n; i++)
		if (list->mask[i]->is_group)
			groups[n++] = list->mask[i];
	return n;
}

void twin_mask_group_form(struct twin_flow_table *table)
{
	uint32_t n_homes = table->masks->n, n_old;
	struct plan p = { .table = table };
	struct twin_mask **old;

	if (n_homes < HOMES_MIN || !table->n_new ||
	    table->n_new * NEW_SHARE < n_homes)
		return;
	table->n_new = 0;
	old = malloc(n_homes * sizeof(*old));
	if (!old)
		return;
	n_old = list_groups(table->masks, old);
	if (choose_masks(&p) || gather_flows(&p))
		goto out;
	if (find_homes(&p, 0, p.n) && !publish(&p))
		move_in(&p, old, n_old);
	else
		drop_new_groups(&p);
out:
	free(old);
	free_plan(&p);
}

/* Leaving */

void twin_mask_group_leave(struct twin_mask *mask)
{
	struct twin_mask *group = mask->home;

	if (--group->n_members)
		return;
	twin_mask_list_unlist(mask->table, group);
	twin_mask_list_retire(group);
}

/* Become one's own home. Readers find the flows in both until none is left that
 * knows only the group.
 */
static int move_out(struct twin_mask *mask)
{
	struct twin_mask *group = mask->home;
	struct sw_flow **flows;
	struct twin_buckets *t;
	uint32_t i, n;
	uint64_t hash;

	flows = malloc(mask->n_flows * sizeof(*flows));
	t = twin_mask_buckets_for(mask->n_flows);
	if (!flows || !t)
		goto err;
	n = collect(group->buckets, mask, flows);
	for (i = 0; i < n; i++) {
		hash = twin_mask_home_hash(mask, mask, flows[i]);
		twin_buckets_insert(t, hash, twin_hash_sig(hash), flows[i]);
	}
	twin_mask_set_buckets(mask, t);
	if (twin_mask_list_append(mask->table, mask)) {
		free(flows);
		return -ENOMEM;
	}
	twin_rcu_synchronize();
	for (i = 0; i < n; i++) {
		twin_buckets_remove(group->buckets, flows[i]->hash, flows[i]);
		flows[i]->hash = twin_mask_home_hash(mask, mask, flows[i]);
	}
	group->n_flows -= n;
	twin_mask_group_leave(mask);
	mask->home = mask;
	mask->loner = true;
	free(flows);
	return 0;

err:
	twin_buckets_free(t);
	free(flows);
	return -ENOMEM;
}

int twin_mask_group_admit(struct twin_mask *mask, const struct sw_flow *flow)
{
	struct twin_mask *home = mask->home;
	uint64_t hash;

	if (home == mask)
		return 0;
	hash = twin_mask_home_hash(home, mask, flow);
	if (twin_buckets_crowd(home->buckets, hash) < CROWD)
		return 0;
	return move_out(mask);
}
