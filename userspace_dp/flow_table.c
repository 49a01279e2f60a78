// SPDX-License-Identifier: BSD-3-Clause
/*
 * The megaflow table of a datapath.
 *
 * Overview
 *
 *	A list of masks, each with the flows under it in buckets, where
 *	contexts look packets up (flow_lookup.c). For the control thread there
 *	are two more ways to a flow: by identity (UFID or unmasked key), and in
 *	the order of insertion.
 *
 * Life cycle
 *
 *	A flow is linked by identity, in order, and last where contexts find
 *	it. On removal its mask pointer becomes NULL at once, which is how
 *	caches know; its memory and its actions are freed after a grace period.
 *	A table is destroyed when no context can reach it any more, except
 *	those that still do until the grace period has passed.
 *
 * Synchronisation
 *
 *	One writer, the control thread. Contexts are QSBR readers. The list of
 *	masks is appended to in place and otherwise replaced. All other state
 *	is the writer's alone. The table's secrets never change.
 */
#include "flow_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "flow_table_private.h"
#include "rcu.h"
#include "worker.h"

#define ID_CHAINS_MIN 256

/* Identity */

uint64_t twin_flow_table_hash_key(const struct twin_flow_table *table,
				  const struct ovsnl_key *key)
{
	static const uint64_t ones[TWIN_KEY_LINE_WORDS] = {
		[0 ... TWIN_KEY_LINE_WORDS - 1] = UINT64_MAX
	};
	const uint64_t *words = (const uint64_t *)ovsnl_key_words(key);
	uint64_t hash = 0;
	int i;

	for (i = 0; i < OVSNL_KEY_WORDS; i += TWIN_KEY_LINE_WORDS)
		hash ^= twin_hash_line(words + i, ones, table->secret + i);
	return hash;
}

static uint32_t hash_id(const struct twin_flow_table *table,
			const struct ovsnl_flow_id *id,
			const struct ovsnl_key *key)
{
	uint64_t words[2] = { 0 };

	if (!id || !id->len)
		return twin_flow_table_hash_key(table, key);
	memcpy(words, id->ufid, id->len);
	return twin_hash_mix(words[0] ^ table->secret[0],
			     words[1] ^ table->secret[1] ^ id->len);
}

struct sw_flow *twin_flow_table_find(const struct twin_flow_table *table,
				     const struct ovsnl_flow_id *id,
				     const struct ovsnl_key *key)
{
	uint32_t hash = hash_id(table, id, key);
	const struct twin_flow_cold *cold;
	struct sw_flow *flow;

	for (flow = table->ids[hash & table->id_last]; flow;
	     flow = cold->next) {
		cold = twin_flow_cold(flow);
		if (cold->id_hash != hash)
			continue;
		if (id ? cold->id.len == id->len &&
				    !memcmp(cold->id.ufid, id->ufid, id->len)
		       : !cold->id.len && ovsnl_key_equal(cold->unmasked, key))
			return flow;
	}
	return NULL;
}

/* Twice as many chains when there are more flows than chains. Without memory
 * chains just get longer.
 */
static void grow_ids(struct twin_flow_table *table)
{
	uint32_t i, last = 2 * table->id_last + 1;
	struct sw_flow **ids, *flow, *next;
	struct twin_flow_cold *cold;

	if (table->order.live <= table->id_last)
		return;
	ids = calloc((size_t)last + 1, sizeof(*ids));
	if (!ids)
		return;
	for (i = 0; i <= table->id_last; i++)
		for (flow = table->ids[i]; flow; flow = next) {
			cold = twin_flow_cold(flow);
			next = cold->next;
			cold->next = ids[cold->id_hash & last];
			ids[cold->id_hash & last] = flow;
		}
	free(table->ids);
	table->ids = ids;
	table->id_last = last;
}

static void link_id(struct twin_flow_table *table, struct sw_flow *flow)
{
	struct twin_flow_cold *cold = twin_flow_cold(flow);
	struct sw_flow **chain;

	grow_ids(table);
	chain = &table->ids[cold->id_hash & table->id_last];
	cold->next = *chain;
	*chain = flow;
}

static void unlink_id(struct twin_flow_table *table, struct sw_flow *flow)
{
	struct twin_flow_cold *cold = twin_flow_cold(flow);
	struct sw_flow **link = &table->ids[cold->id_hash & table->id_last];

	while (*link != flow)
		link = &twin_flow_cold(*link)->next;
	*link = cold->next;
}

/* Flows */

static void free_flow(struct sw_flow *flow)
{
	free(twin_flow_cold(flow)->unmasked);
	free((void *)flow->acts);
	twin_flow_slab_free(flow);
}

static void free_flow_deferred(void *flow)
{
	free_flow(flow);
}

/* A list of flows, linked by their cold parts. */
static void free_flows_deferred(void *first)
{
	struct sw_flow *flow, *next;

	for (flow = first; flow; flow = next) {
		next = twin_flow_cold(flow)->next;
		free_flow(flow);
	}
}

static struct sw_flow *create_flow(const struct twin_flow_table *table,
				   const struct twin_mask *mask,
				   const struct ovsnl_flow_args *args)
{
	const __u64 *words = ovsnl_key_words(args->masked_key);
	struct twin_flow_cold *cold;
	struct sw_flow *flow;
	int i;

	flow = twin_flow_slab_alloc(mask->n_lines);
	if (!flow)
		return NULL;
	cold = twin_flow_cold(flow);
	cold->id = args->id;
	if (!args->id.len) {
		cold->unmasked =
			aligned_alloc(OVSNL_KEY_LINE, sizeof(*cold->unmasked));
		if (!cold->unmasked) {
			twin_flow_slab_free(flow);
			return NULL;
		}
		*cold->unmasked = *args->key;
	}
	cold->id_hash = hash_id(table, &args->id, args->key);
	for (i = 0; i < mask->n_lines; i++)
		memcpy(flow->lines[i],
		       words + mask->line_no[i] * TWIN_KEY_LINE_WORDS,
		       OVSNL_KEY_LINE);
	return flow;
}

int twin_flow_table_insert(struct twin_flow_table *table,
			   const struct ovsnl_flow_args *args,
			   struct sw_flow **result)
{
	struct twin_mask *mask;
	struct sw_flow *flow;

	mask = twin_mask_list_get(table, args->mask);
	if (!mask)
		return -ENOMEM;
	flow = create_flow(table, mask, args);
	if (!flow)
		goto err_mask;
	if (twin_flow_order_add(&table->order, flow))
		goto err_flow;
	flow->acts = args->acts;
	if (twin_mask_add(mask, flow))
		goto err_order;
	link_id(table, flow);
	*result = flow;
	return 0;

err_order:
	flow->acts = NULL;
	twin_flow_order_remove(&table->order, flow);
err_flow:
	free_flow(flow);
err_mask:
	twin_mask_list_put(table, mask);
	return -ENOMEM;
}

void twin_flow_table_remove(struct twin_flow_table *table, struct sw_flow *flow)
{
	struct twin_mask *mask = flow->mask;

	unlink_id(table, flow);
	twin_flow_order_remove(&table->order, flow);
	twin_mask_remove(mask, flow);
	twin_mask_list_put(table, mask);
	twin_rcu_defer(free_flow_deferred, flow);
}

void twin_flow_table_flush(struct twin_flow_table *table)
{
	struct ovsnl_cursor cur = { { 0 } };
	struct sw_flow *flow, *first = NULL;

	if (!table->order.live)
		return;
	while ((flow = twin_flow_order_next(&table->order, &cur))) {
		__atomic_store_n(&flow->mask, NULL, __ATOMIC_RELEASE);
		twin_flow_cold(flow)->next = first;
		first = flow;
	}
	memset(table->ids, 0,
	       ((size_t)table->id_last + 1) * sizeof(table->ids[0]));
	twin_flow_order_clear(&table->order);
	twin_mask_list_drop(table);
	twin_rcu_defer(free_flows_deferred, first);
}

struct sw_flow *twin_flow_table_next(const struct twin_flow_table *table,
				     struct ovsnl_cursor *cur)
{
	return twin_flow_order_next(&table->order, cur);
}

static void free_acts(void *acts)
{
	free(acts);
}

void twin_flow_set_actions(struct sw_flow *flow, struct ovsnl_actions *acts)
{
	const struct ovsnl_actions *old = flow->acts;

	__atomic_store_n(&flow->acts, acts, __ATOMIC_RELEASE);
	twin_rcu_defer(free_acts, (void *)old);
}

void twin_flow_clear_stats(struct sw_flow *flow)
{
	__atomic_store_n(&flow->epoch, flow->epoch + 1, __ATOMIC_RELAXED);
}

static void sum_stats(const struct sw_flow *flow, struct ovsnl_flow_info *info)
{
	const struct twin_flow_stats *s;
	unsigned int i;

	info->stats = (struct ovs_flow_stats){ 0 };
	info->used_ms = 0;
	info->tcp_flags = 0;
	for (i = 0; i < twin_ctx_count(); i++) {
		s = twin_flow_stats((struct sw_flow *)flow, i);
		if (s->epoch != flow->epoch)
			continue;
		info->stats.n_packets += s->packets;
		info->stats.n_bytes += s->bytes;
		info->tcp_flags |= s->tcp_flags;
		if (s->used_ms > info->used_ms)
			info->used_ms = s->used_ms;
	}
}

void twin_flow_info(const struct sw_flow *flow, struct ovsnl_flow_info *info)
{
	static struct ovsnl_key masked, mask;
	const struct twin_flow_cold *cold = twin_flow_cold(flow);

	twin_mask_expand(flow->mask, flow->lines, &masked);
	twin_mask_expand(flow->mask, flow->mask->lines, &mask);
	info->id = &cold->id;
	info->unmasked_key = cold->unmasked;
	info->masked_key = &masked;
	info->mask = &mask;
	info->acts = flow->acts;
	sum_stats(flow, info);
}

/* Tables */

struct twin_flow_table *twin_flow_table_create(void)
{
	struct twin_flow_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->masks = twin_mask_list_create();
	table->ids = calloc(ID_CHAINS_MIN, sizeof(table->ids[0]));
	table->id_last = ID_CHAINS_MIN - 1;
	table->use_cache = true;
	if (table->masks && table->ids &&
	    getrandom(table->secret, sizeof(table->secret), 0) ==
		    sizeof(table->secret))
		return table;
	free(table->ids);
	free(table->masks);
	free(table);
	return NULL;
}

static void free_table(void *arg)
{
	struct twin_flow_table *table = arg;

	twin_flow_order_clear(&table->order);
	free(table->ids);
	free(table->masks);
	free(table);
}

void twin_flow_table_destroy(struct twin_flow_table *table)
{
	if (!table)
		return;
	twin_flow_table_flush(table);
	twin_rcu_defer(free_table, table);
}

void twin_flow_table_use_cache(struct twin_flow_table *table, bool yes)
{
	__atomic_store_n(&table->use_cache, yes, __ATOMIC_RELAXED);
}

uint32_t twin_flow_table_count(const struct twin_flow_table *table)
{
	return table->order.live;
}

uint32_t twin_flow_table_mask_count(const struct twin_flow_table *table)
{
	return table->n_masks;
}
