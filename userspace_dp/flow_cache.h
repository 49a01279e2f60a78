/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_FLOW_CACHE_H
#define TWIN_FLOW_CACHE_H

#include "flow_hash.h"

/* A context's microflow cache: from the hash of a whole key to the flow that
 * such a packet hit last. It holds no keys: what it finds is checked against
 * the flow itself, so that a wrong or stale entry costs time but never gives a
 * wrong answer. Entries are not removed when flows go: flows' memory stays
 * flows' memory (flow_slab.h), and a flow that is gone has no mask.
 *
 * Only the context that owns it touches a cache.
 */

/* 6 flows each: 48 K flows in 512 KiB. */
#define TWIN_FLOW_CACHE_BUCKETS 8192

/* An entry is replaced by one in so many newcomers: a cache that is too small
 * for the traffic then keeps a part of it, instead of none for long enough.
 */
#define TWIN_FLOW_CACHE_RELUCTANCE 8

/* Places for flows that took whole bursts. */
#define TWIN_FLOW_CACHE_LAST 16

/* A burst of so many packets that hit one flow is likely followed by another. */
#define TWIN_FLOW_CACHE_RUN 4

/** struct twin_flow_cache - the buckets; their `spilled` is not used.
 * @turn: counts newcomers that found no free place
 * @last: the flow that all packets of the last burst hit, by where they came
 *        from; NULL when there was more than one
 */
struct twin_flow_cache {
	struct twin_bucket bucket[TWIN_FLOW_CACHE_BUCKETS];
	uint32_t turn;
	struct sw_flow *last[TWIN_FLOW_CACHE_LAST];
};

/** twin_flow_cache_create() - empty; NULL when memory is short. */
struct twin_flow_cache *twin_flow_cache_create(void);

/** twin_flow_cache_destroy() - its owner has ended. NULL is allowed. */
void twin_flow_cache_destroy(struct twin_flow_cache *cache);

/** twin_flow_cache_bucket() - where a hash belongs. */
static inline struct twin_bucket *
twin_flow_cache_bucket(struct twin_flow_cache *cache, uint64_t hash)
{
	return &cache->bucket[hash & (TWIN_FLOW_CACHE_BUCKETS - 1)];
}

/** twin_flow_cache_last() - place for the flow of bursts like the one that
 * begins with @key.
 */
static inline struct sw_flow **
twin_flow_cache_last(struct twin_flow_cache *cache, const struct ovsnl_key *key)
{
	return &cache->last[(key->in_port ^ key->recirc_id) %
			    TWIN_FLOW_CACHE_LAST];
}

/** twin_flow_cache_insert() - remember; an entry with this signature is
 * replaced, else a free one is taken, else now and then any.
 */
static inline void twin_flow_cache_insert(struct twin_flow_cache *cache,
					  uint64_t hash, struct sw_flow *flow)
{
	struct twin_bucket *b = twin_flow_cache_bucket(cache, hash);
	uint16_t sig = twin_hash_sig(hash);
	uint32_t places = twin_bucket_find(b, sig);
	unsigned int i;

	if (!places)
		places = twin_bucket_find(b, 0);
	if (places) {
		i = __builtin_ctz(places) / 2;
	} else {
		if (++cache->turn % TWIN_FLOW_CACHE_RELUCTANCE)
			return;
		i = cache->turn / TWIN_FLOW_CACHE_RELUCTANCE %
		    TWIN_BUCKET_FLOWS;
	}
	b->sig[i] = sig;
	b->flow[i] = flow;
}

#endif
