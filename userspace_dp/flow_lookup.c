// SPDX-License-Identifier: BSD-3-Clause
/*
 * Looking packets up in a flow table.
 *
 * Overview
 *
 *	A burst of packets is looked up stage by stage (hash, bucket, flow),
 *	each stage prefetching what the next will touch. In front of the masks
 *	stands the context's own microflow cache, where there is more than one
 *	mask: with one it could only be slower.
 *
 * Synchronisation
 *
 *	Contexts run this under QSBR, beside the control thread's changes; see
 *	flow_hash.c for the buckets and flow_cache.h for the caches. What a
 *	flow points to is good until the context's next quiescent state.
 */
#include "flow_cache.h"
#include "flow_table_private.h"
#include "worker.h"

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
		hash ^= twin_hash_line(words + TWIN_KEY_LINE_WORDS,
				       mask + TWIN_KEY_LINE_WORDS,
				       table->secret + TWIN_KEY_LINE_WORDS);
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

static void lookup_masks(const struct twin_mask_list *masks,
			 struct twin_ctx *ctx,
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

static void lookup_all(const struct twin_mask_list *masks, struct twin_ctx *ctx,
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
	const struct twin_mask_list *masks =
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
