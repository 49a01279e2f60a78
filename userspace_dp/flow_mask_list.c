// SPDX-License-Identifier: BSD-3-Clause
/*
 * The list of a flow table's masks.
 *
 * Overview
 *
 *	Contexts go through an array of homes: masks, and groups in the place of
 *	their members. Those that hit most come first. The control thread finds
 *	masks by content through chains.
 *
 * Synchronisation
 *
 *	The array is appended to in place: the entry is written before the
 *	count. All other changes replace it (QSBR).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow_table_private.h"
#include "rcu.h"

#define ROOM_MIN 16

static struct twin_mask_list *list_alloc(uint32_t room)
{
	struct twin_mask_list *list;

	list = malloc(sizeof(*list) + room * sizeof(list->mask[0]));
	if (list) {
		list->n = 0;
		list->room = room;
	}
	return list;
}

struct twin_mask_list *twin_mask_list_create(void)
{
	return list_alloc(ROOM_MIN);
}

static void publish(struct twin_flow_table *table, struct twin_mask_list *list)
{
	struct twin_mask_list *old = table->masks;

	__atomic_store_n(&table->masks, list, __ATOMIC_RELEASE);
	twin_rcu_defer(free, old);
}

int twin_mask_list_append(struct twin_flow_table *table, struct twin_mask *home)
{
	struct twin_mask_list *list = table->masks, *larger;

	if (list->n == list->room) {
		larger = list_alloc(2 * list->room);
		if (!larger)
			return -ENOMEM;
		memcpy(larger->mask, list->mask,
		       list->n * sizeof(list->mask[0]));
		larger->n = list->n;
		publish(table, larger);
		list = larger;
	}
	table->n_new++;
	list->mask[list->n] = home;
	__atomic_store_n(&list->n, list->n + 1, __ATOMIC_RELEASE);
	return 0;
}

/* Without memory for a copy wait until nobody reads the list, then change it
 * where it is: readers that come meanwhile are turned away by n == 0.
 */
void twin_mask_list_unlist(struct twin_flow_table *table,
			   struct twin_mask *home)
{
	struct twin_mask_list *old = table->masks, *list;
	uint32_t i, n = 0, n_old = old->n;

	list = list_alloc(old->room);
	if (!list) {
		__atomic_store_n(&old->n, 0, __ATOMIC_RELEASE);
		twin_rcu_synchronize();
		list = old;
	}
	for (i = 0; i < n_old; i++)
		if (old->mask[i] != home)
			list->mask[n++] = old->mask[i];
	__atomic_store_n(&list->n, n, __ATOMIC_RELEASE);
	if (list != old)
		publish(table, list);
}

static bool mask_is(const struct twin_mask *mask, const struct ovsnl_key *key)
{
	struct ovsnl_key whole;

	twin_mask_expand(mask, mask->lines, &whole);
	return ovsnl_key_equal(&whole, key);
}

struct twin_mask *twin_mask_list_get(struct twin_flow_table *table,
				     const struct ovsnl_key *key)
{
	struct twin_mask **chain =
		&table->chains[twin_flow_table_hash_key(table, key) %
			       TWIN_MASK_CHAINS];
	struct twin_mask *mask;

	for (mask = *chain; mask; mask = mask->next)
		if (mask_is(mask, key))
			return mask;
	mask = twin_mask_create(table, table->secret, key);
	if (!mask)
		return NULL;
	if (twin_mask_list_append(table, mask)) {
		twin_mask_destroy(mask);
		return NULL;
	}
	mask->next = *chain;
	*chain = mask;
	table->n_masks++;
	return mask;
}

static void destroy_mask(void *mask)
{
	twin_mask_destroy(mask);
}

void twin_mask_list_retire(struct twin_mask *mask)
{
	twin_rcu_defer(destroy_mask, mask);
}

void twin_mask_list_put(struct twin_flow_table *table, struct twin_mask *mask)
{
	struct twin_mask **link;
	struct ovsnl_key key;

	if (mask->n_flows)
		return;
	twin_mask_expand(mask, mask->lines, &key);
	link = &table->chains[twin_flow_table_hash_key(table, &key) %
			      TWIN_MASK_CHAINS];
	while (*link != mask)
		link = &(*link)->next;
	*link = mask->next;
	table->n_masks--;
	if (mask->home == mask)
		twin_mask_list_unlist(table, mask);
	else
		twin_mask_group_leave(mask);
	twin_mask_list_retire(mask);
}

static int by_score(const void *a, const void *b)
{
	const struct twin_mask *const *l = a, *const *r = b;

	if ((*l)->score == (*r)->score)
		return 0;
	return (*l)->score < (*r)->score ? 1 : -1;
}

int twin_mask_list_replace(struct twin_flow_table *table,
			   struct twin_mask *const *homes, uint32_t n)
{
	struct twin_mask_list *list = list_alloc(n < ROOM_MIN ? ROOM_MIN : n);

	if (!list)
		return -ENOMEM;
	list->n = n;
	memcpy(list->mask, homes, n * sizeof(homes[0]));
	qsort(list->mask, n, sizeof(list->mask[0]), by_score);
	publish(table, list);
	return 0;
}

void twin_flow_table_rebalance(struct twin_flow_table *table)
{
	struct twin_mask_list *old;
	bool sorted = true;
	uint32_t i;

	twin_mask_group_form(table);
	old = table->masks;

	for (i = 0; i < old->n; i++) {
		twin_mask_update_score(old->mask[i]);
		if (i && old->mask[i - 1]->score < old->mask[i]->score)
			sorted = false;
	}
	/* Without memory the order stays as it is. */
	if (!sorted)
		(void)twin_mask_list_replace(table, old->mask, old->n);
}

void twin_mask_list_drop(struct twin_flow_table *table)
{
	struct twin_mask_list *masks = table->masks, *empty;
	struct twin_mask *mask, *next;
	uint32_t i, n = masks->n;

	empty = list_alloc(ROOM_MIN);
	if (empty) {
		publish(table, empty);
	} else {
		__atomic_store_n(&masks->n, 0, __ATOMIC_RELEASE);
		twin_rcu_synchronize();
	}
	for (i = 0; i < n; i++)
		if (masks->mask[i]->is_group)
			twin_mask_list_retire(masks->mask[i]);
	for (i = 0; i < TWIN_MASK_CHAINS; i++)
		for (mask = table->chains[i]; mask; mask = next) {
			next = mask->next;
			twin_mask_list_retire(mask);
		}
	memset(table->chains, 0, sizeof(table->chains));
	table->n_masks = 0;
	table->n_new = 0;
}
