// SPDX-License-Identifier: BSD-3-Clause
/*
 * The megaflow table of a datapath.
 *
 * Overview
 *
 *	A list of masks, each with the flows under it in buckets. A burst of
 *	packets is looked up stage by stage (hash, bucket, flow), each stage
 *	prefetching what the next will touch. In front of the masks stands the
 *	context's own microflow cache, where there is more than one mask: with
 *	one it could only be slower.
 *
 *	For the control thread there are two more ways to a flow: by identity
 *	(UFID or unmasked key), and in the order of insertion.
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

#include "flow_cache.h"
#include "flow_mask.h"
#include "flow_order.h"
#include "mem.h"
#include "rcu.h"
#include "worker.h"

#define MASK_CHAINS 1024
#define MASKS_MIN 16
#define ID_CHAINS_MIN 256
#define KEY_LINE_WORDS (OVSNL_KEY_LINE / 8)

/** struct mask_list - what contexts go through. */
struct mask_list {
	uint32_t n;
	uint32_t room;
	struct twin_mask *mask[];
};

/**
 * struct twin_flow_table - see the top of the file.
 * @masks, @use_cache: read by contexts
 * @chains: masks by content
 * @ids, @id_last: flows by identity; number of chains less one
 */
struct twin_flow_table {
	struct mask_list *masks;
	bool use_cache;
	uint64_t secret[OVSNL_KEY_WORDS];
	struct twin_flow_order order;
	struct sw_flow **ids;
	uint32_t id_last;
	struct twin_mask *chains[MASK_CHAINS];
};

/* Looking up: contexts */

/** struct missing - the packets of a burst that have no flow yet.
 * @index: of each in the burst
 * @hash: under the mask that is being looked at
 */
struct missing {
	unsigned int n;
	uint8_t index[TWIN_BURST];
	uint64_t hash[TWIN_BURST];
	struct twin_bucket *bucket[TWIN_BURST];
	struct sw_flow *flow[TWIN_BURST];
};

/* The hash that caches go by: what tells connections apart. Fields that change
 * from packet to packet of one are left out. Packets that differ elsewhere only
 * share an entry, which is slow but right.
 */
static inline uint64_t microflow_hash(const struct twin_flow_table *table,
				      const struct ovsnl_key *key)
{
	static const struct ovsnl_key all = {
		.recirc_id = UINT32_MAX,
		.in_port = UINT16_MAX,
		.eth_type = UINT16_MAX,
		.eth_dst = { 255, 255, 255, 255, 255, 255 },
		.eth_src = { 255, 255, 255, 255, 255, 255 },
		.vlan_tci = UINT16_MAX,
		.vlan_tpid = UINT16_MAX,
		.ip_src = UINT32_MAX,
		.ip_dst = UINT32_MAX,
		.tp_src = UINT16_MAX,
		.tp_dst = UINT16_MAX,
		.ip_proto = UINT8_MAX,
		.ip_tos = UINT8_MAX,
		.ip_ttl = UINT8_MAX,
		.ip_frag = UINT8_MAX,
		.mac_proto = UINT8_MAX,
		.ct_state = UINT8_MAX,
		.skb_mark = UINT32_MAX,
		.priority = UINT32_MAX,
		.dp_hash = UINT32_MAX,
		.ct_zone = UINT16_MAX,
		.ct_mark = UINT32_MAX,
		.ipv6_src = { [0 ... 15] = 255 },
		.ipv6_dst = { [0 ... 15] = 255 },
		.ipv6_label = UINT32_MAX,
		.cvlan_tci = UINT16_MAX,
		.cvlan_tpid = UINT16_MAX,
	};
	const uint64_t *words = (const uint64_t *)ovsnl_key_words(key);
	const uint64_t *mask = (const uint64_t *)ovsnl_key_words(&all);
	uint64_t hash = twin_hash_line(words, mask, table->secret);

	if (key->eth_type == htons(ETH_P_IPV6) || key->vlan_tci)
		hash ^= twin_hash_line(words + KEY_LINE_WORDS,
				       mask + KEY_LINE_WORDS,
				       table->secret + KEY_LINE_WORDS);
	return hash;
}

/* Is @flow alive, of this table, and hit by @key? */
static inline bool hits(const struct twin_flow_table *table,
			const struct sw_flow *flow, const struct ovsnl_key *key)
{
	const struct twin_mask *mask =
		__atomic_load_n(&flow->mask, __ATOMIC_ACQUIRE);

	return mask && mask->table == table &&
	       twin_mask_matches(mask, key, flow);
}

static inline void prefetch_flow(const struct sw_flow *flow)
{
	__builtin_prefetch(flow, 1);
	__builtin_prefetch(flow->lines, 0);
}

/* First flow in the bucket with the right signature, or NULL. */
static inline struct sw_flow *candidate(const struct twin_bucket *b,
					uint16_t sig)
{
	uint32_t places = twin_bucket_find(b, sig);

	if (!places)
		return NULL;
	return __atomic_load_n(&b->flow[__builtin_ctz(places) / 2],
			       __ATOMIC_RELAXED);
}

/* The candidate was not it: look at the others with its signature. */
static struct sw_flow *search_cache(const struct twin_flow_table *table,
				    const struct twin_bucket *b, uint16_t sig,
				    const struct ovsnl_key *key)
{
	uint32_t places = twin_bucket_find(b, sig);
	struct sw_flow *flow;

	for (; places; places &= places - 1) {
		flow = b->flow[__builtin_ctz(places) / 2];
		if (hits(table, flow, key))
			return flow;
	}
	return NULL;
}

/* Answer from the cache what it knows; the rest goes into @miss, with the
 * microflow's hash in @hashes.
 */
static void lookup_cache(struct twin_flow_table *table,
			 struct twin_flow_cache *cache,
			 const struct ovsnl_key *const *keys, unsigned int n,
			 struct sw_flow **flows, uint64_t *hashes,
			 struct missing *miss)
{
	struct twin_bucket *bucket[TWIN_BURST];
	unsigned int i;

	for (i = 0; i < n; i++) {
		hashes[i] = microflow_hash(table, keys[i]);
		bucket[i] = twin_flow_cache_bucket(cache, hashes[i]);
		__builtin_prefetch(bucket[i]);
	}
	for (i = 0; i < n; i++) {
		flows[i] = candidate(bucket[i], twin_hash_sig(hashes[i]));
		if (flows[i])
			prefetch_flow(flows[i]);
	}
	miss->n = 0;
	for (i = 0; i < n; i++) {
		if (flows[i] && !hits(table, flows[i], keys[i]))
			flows[i] = search_cache(table, bucket[i],
						twin_hash_sig(hashes[i]),
						keys[i]);
		if (!flows[i])
			miss->index[miss->n++] = i;
	}
}

/* Search all buckets that a flow with this hash may stand in. */
static struct sw_flow *search_mask(const struct twin_mask *mask,
				   const struct twin_buckets *buckets,
				   uint64_t hash, const struct ovsnl_key *key)
{
	uint64_t n = (uint32_t)hash & buckets->last;
	const struct twin_bucket *b;
	struct sw_flow *flow;
	uint32_t places;

	for (;; n = (n + 1) & buckets->last) {
		b = &buckets->bucket[n];
		places = twin_bucket_find(b, twin_hash_sig(hash));
		for (; places; places &= places - 1) {
			flow = __atomic_load_n(
				&b->flow[__builtin_ctz(places) / 2],
				__ATOMIC_ACQUIRE);
			if (flow && twin_mask_matches(mask, key, flow))
				return flow;
		}
		if (likely(!__atomic_load_n(&b->spilled, __ATOMIC_RELAXED)))
			return NULL;
	}
}

/* Can a flow with this hash be here or further on, but for the first place
 * that had its signature?
 */
static inline bool worth_searching(const struct twin_bucket *b, uint64_t hash)
{
	return twin_bucket_find(b, twin_hash_sig(hash)) ||
	       __atomic_load_n(&b->spilled, __ATOMIC_RELAXED);
}

/* Look the missing packets up under one mask; those found leave @miss. */
static void lookup_mask(struct twin_mask *mask, struct twin_ctx *ctx,
			const struct ovsnl_key *const *keys,
			struct sw_flow **flows, struct missing *miss)
{
	struct twin_buckets *buckets =
		__atomic_load_n(&mask->buckets, __ATOMIC_ACQUIRE);
	unsigned int i, index, left = 0;
	const struct ovsnl_key *key;
	struct sw_flow *flow;

	for (i = 0; i < miss->n; i++) {
		miss->hash[i] = twin_mask_hash(mask, keys[miss->index[i]]);
		miss->bucket[i] = &buckets->bucket[(uint32_t)miss->hash[i] &
						   buckets->last];
		__builtin_prefetch(miss->bucket[i]);
	}
	for (i = 0; i < miss->n; i++) {
		miss->flow[i] = candidate(miss->bucket[i],
					  twin_hash_sig(miss->hash[i]));
		if (miss->flow[i])
			prefetch_flow(miss->flow[i]);
	}
	for (i = 0; i < miss->n; i++) {
		index = miss->index[i];
		key = keys[index];
		flow = miss->flow[i];
		if (!flow || !twin_mask_matches(mask, key, flow))
			flow = worth_searching(miss->bucket[i], miss->hash[i])
				       ? search_mask(mask, buckets,
						     miss->hash[i], key)
				       : NULL;
		flows[index] = flow;
		if (!flow)
			miss->index[left++] = index;
	}
	mask->hits[ctx->id].n += miss->n - left;
	miss->n = left;
}

static void lookup_masks(const struct mask_list *masks, struct twin_ctx *ctx,
			 const struct ovsnl_key *const *keys,
			 struct sw_flow **flows, struct missing *miss,
			 uint64_t *masks_probed)
{
	uint32_t i, n = __atomic_load_n(&masks->n, __ATOMIC_ACQUIRE);

	for (i = 0; i < n && miss->n; i++) {
		*masks_probed += miss->n;
		lookup_mask(masks->mask[i], ctx, keys, flows, miss);
	}
	for (i = 0; i < miss->n; i++)
		flows[miss->index[i]] = NULL;
}

static void lookup_all(const struct mask_list *masks, struct twin_ctx *ctx,
		       const struct ovsnl_key *const *keys, unsigned int n,
		       struct sw_flow **flows, uint64_t *masks_probed)
{
	struct missing miss;
	unsigned int i;

	for (i = 0; i < n; i++)
		miss.index[i] = i;
	miss.n = n;
	lookup_masks(masks, ctx, keys, flows, &miss, masks_probed);
}

void twin_flow_table_lookup(struct twin_flow_table *table, struct twin_ctx *ctx,
			    const struct ovsnl_key *const *keys, unsigned int n,
			    struct sw_flow **flows, uint64_t *masks_probed,
			    uint64_t *cache_hits)
{
	const struct mask_list *masks =
		__atomic_load_n(&table->masks, __ATOMIC_ACQUIRE);
	uint8_t sought[TWIN_BURST];
	uint64_t hashes[TWIN_BURST];
	unsigned int i, n_sought;
	struct missing miss;

	if (masks->n < 2 || !table->use_cache || !ctx->cache) {
		lookup_all(masks, ctx, keys, n, flows, masks_probed);
		return;
	}
	lookup_cache(table, ctx->cache, keys, n, flows, hashes, &miss);
	*masks_probed += n - miss.n;
	*cache_hits += n - miss.n;
	if (!miss.n)
		return;
	n_sought = miss.n;
	memcpy(sought, miss.index, n_sought);
	lookup_masks(masks, ctx, keys, flows, &miss, masks_probed);
	for (i = 0; i < n_sought; i++)
		if (flows[sought[i]])
			twin_flow_cache_insert(ctx->cache, hashes[sought[i]],
					       flows[sought[i]]);
}

struct sw_flow *twin_flow_table_match(const struct twin_flow_table *table,
				      const struct ovsnl_key *key)
{
	struct sw_flow *flow;
	struct twin_mask *mask;
	uint32_t i;

	for (i = 0; i < table->masks->n; i++) {
		mask = table->masks->mask[i];
		flow = search_mask(mask, mask->buckets,
				   twin_mask_hash(mask, key), key);
		if (flow)
			return flow;
	}
	return NULL;
}

/* The list of masks */

static struct mask_list *mask_list_alloc(uint32_t room)
{
	struct mask_list *list;

	list = malloc(sizeof(*list) + room * sizeof(list->mask[0]));
	if (list) {
		list->n = 0;
		list->room = room;
	}
	return list;
}

static void publish_masks(struct twin_flow_table *table, struct mask_list *list)
{
	struct mask_list *old = table->masks;

	__atomic_store_n(&table->masks, list, __ATOMIC_RELEASE);
	twin_rcu_defer(free, old);
}

static int append_mask(struct twin_flow_table *table, struct twin_mask *mask)
{
	struct mask_list *list = table->masks, *larger;

	if (list->n == list->room) {
		larger = mask_list_alloc(2 * list->room);
		if (!larger)
			return -ENOMEM;
		memcpy(larger->mask, list->mask,
		       list->n * sizeof(list->mask[0]));
		larger->n = list->n;
		publish_masks(table, larger);
		list = larger;
	}
	list->mask[list->n] = mask;
	__atomic_store_n(&list->n, list->n + 1, __ATOMIC_RELEASE);
	return 0;
}

/* Without memory for a copy wait until nobody reads the list, then change it
 * where it is: readers that come meanwhile are turned away by n == 0.
 */
static void unlist_mask(struct twin_flow_table *table, struct twin_mask *mask)
{
	struct mask_list *old = table->masks, *list;
	uint32_t i, n = 0, n_old = old->n;

	list = mask_list_alloc(old->room);
	if (!list) {
		__atomic_store_n(&old->n, 0, __ATOMIC_RELEASE);
		twin_rcu_synchronize();
		list = old;
	}
	for (i = 0; i < n_old; i++)
		if (old->mask[i] != mask)
			list->mask[n++] = old->mask[i];
	__atomic_store_n(&list->n, n, __ATOMIC_RELEASE);
	if (list != old)
		publish_masks(table, list);
}

static uint64_t hash_key(const struct twin_flow_table *table,
			 const struct ovsnl_key *key)
{
	static const uint64_t ones[KEY_LINE_WORDS] = { [0 ... KEY_LINE_WORDS -
							1] = UINT64_MAX };
	const uint64_t *words = (const uint64_t *)ovsnl_key_words(key);
	uint64_t hash = 0;
	int i;

	for (i = 0; i < OVSNL_KEY_WORDS; i += KEY_LINE_WORDS)
		hash ^= twin_hash_line(words + i, ones, table->secret + i);
	return hash;
}

static bool mask_is(const struct twin_mask *mask, const struct ovsnl_key *key)
{
	struct ovsnl_key whole;

	twin_mask_expand(mask, mask->lines, &whole);
	return ovsnl_key_equal(&whole, key);
}

/* The mask with content @key, made if it is not there; NULL without memory. */
static struct twin_mask *get_mask(struct twin_flow_table *table,
				  const struct ovsnl_key *key)
{
	struct twin_mask **chain =
		&table->chains[hash_key(table, key) % MASK_CHAINS];
	struct twin_mask *mask;

	for (mask = *chain; mask; mask = mask->next)
		if (mask_is(mask, key))
			return mask;
	mask = twin_mask_create(table, table->secret, key);
	if (!mask)
		return NULL;
	if (append_mask(table, mask)) {
		twin_mask_destroy(mask);
		return NULL;
	}
	mask->next = *chain;
	*chain = mask;
	return mask;
}

static void destroy_mask(void *mask)
{
	twin_mask_destroy(mask);
}

static void put_mask(struct twin_flow_table *table, struct twin_mask *mask)
{
	struct twin_mask **link;
	struct ovsnl_key key;

	if (mask->n_flows)
		return;
	twin_mask_expand(mask, mask->lines, &key);
	link = &table->chains[hash_key(table, &key) % MASK_CHAINS];
	while (*link != mask)
		link = &(*link)->next;
	*link = mask->next;
	unlist_mask(table, mask);
	twin_rcu_defer(destroy_mask, mask);
}

static int by_score(const void *a, const void *b)
{
	const struct twin_mask *const *l = a, *const *r = b;

	if ((*l)->score == (*r)->score)
		return 0;
	return (*l)->score < (*r)->score ? 1 : -1;
}

void twin_flow_table_rebalance(struct twin_flow_table *table)
{
	struct mask_list *old = table->masks, *list;
	bool sorted = true;
	uint32_t i;

	for (i = 0; i < old->n; i++) {
		twin_mask_update_score(old->mask[i]);
		if (i && old->mask[i - 1]->score < old->mask[i]->score)
			sorted = false;
	}
	if (sorted)
		return;
	list = mask_list_alloc(old->room);
	if (!list)
		return;
	list->n = old->n;
	memcpy(list->mask, old->mask, old->n * sizeof(old->mask[0]));
	qsort(list->mask, list->n, sizeof(list->mask[0]), by_score);
	publish_masks(table, list);
}

/* Identity */

static uint32_t hash_id(const struct twin_flow_table *table,
			const struct ovsnl_flow_id *id,
			const struct ovsnl_key *key)
{
	uint64_t words[2] = { 0 };

	if (!id || !id->len)
		return hash_key(table, key);
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
		       words + mask->line_no[i] * KEY_LINE_WORDS,
		       OVSNL_KEY_LINE);
	return flow;
}

int twin_flow_table_insert(struct twin_flow_table *table,
			   const struct ovsnl_flow_args *args,
			   struct sw_flow **result)
{
	struct twin_mask *mask;
	struct sw_flow *flow;

	mask = get_mask(table, args->mask);
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
	put_mask(table, mask);
	return -ENOMEM;
}

void twin_flow_table_remove(struct twin_flow_table *table, struct sw_flow *flow)
{
	struct twin_mask *mask = flow->mask;

	unlink_id(table, flow);
	twin_flow_order_remove(&table->order, flow);
	twin_mask_remove(mask, flow);
	put_mask(table, mask);
	twin_rcu_defer(free_flow_deferred, flow);
}

/* Take all masks away; flows are left alone. */
static void drop_masks(struct twin_flow_table *table)
{
	struct mask_list *masks = table->masks, *empty;
	uint32_t i, n = masks->n;

	empty = mask_list_alloc(MASKS_MIN);
	if (empty) {
		publish_masks(table, empty);
	} else {
		__atomic_store_n(&masks->n, 0, __ATOMIC_RELEASE);
		twin_rcu_synchronize();
	}
	memset(table->chains, 0, sizeof(table->chains));
	for (i = 0; i < n; i++)
		twin_rcu_defer(destroy_mask, masks->mask[i]);
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
	drop_masks(table);
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
	table->masks = mask_list_alloc(MASKS_MIN);
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
	return table->masks->n;
}
