/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_FLOW_HASH_H
#define TWIN_FLOW_HASH_H

#include <emmintrin.h>

#include "flow_table.h"

/* Hashes of keys, and buckets of flows. A bucket is one cache line: signatures
 * are compared all at once, and only flows whose signature is right are looked
 * at. Readers (contexts) need no lock; there is one writer (control thread).
 */

#define TWIN_BUCKET_FLOWS 6

/**
 * struct twin_bucket - up to six flows.
 * @sig: signature of each, 0 for a free place
 * @spilled: flows that belong here or before and stand further on
 */
struct twin_bucket {
	uint16_t sig[TWIN_BUCKET_FLOWS];
	uint16_t spilled;
	uint16_t unused;
	struct sw_flow *flow[TWIN_BUCKET_FLOWS];
} __attribute__((aligned(OVSNL_KEY_LINE)));

_Static_assert(sizeof(struct twin_bucket) == OVSNL_KEY_LINE, "one line");

/** struct twin_buckets - a table of them. @last: their number less one. */
struct twin_buckets {
	uint64_t last;
	struct twin_bucket bucket[];
};

/** twin_hash_sig() - signature of a hash, never 0. */
static inline uint16_t twin_hash_sig(uint64_t hash)
{
	uint16_t sig = hash >> 48;

	return sig ? sig : 1;
}

/** twin_hash_mix() - both halves of a product: every bit of the result depends
 * on all bits of both.
 */
static inline uint64_t twin_hash_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 p = (unsigned __int128)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

/** twin_hash_line() - hash of one line, under @mask, with eight secret words. */
static inline uint64_t twin_hash_line(const uint64_t *key, const uint64_t *mask,
				      const uint64_t *secret)
{
	return twin_hash_mix((key[0] & mask[0]) ^ secret[0],
			     (key[1] & mask[1]) ^ secret[1]) ^
	       twin_hash_mix((key[2] & mask[2]) ^ secret[2],
			     (key[3] & mask[3]) ^ secret[3]) ^
	       twin_hash_mix((key[4] & mask[4]) ^ secret[4],
			     (key[5] & mask[5]) ^ secret[5]) ^
	       twin_hash_mix((key[6] & mask[6]) ^ secret[6],
			     (key[7] & mask[7]) ^ secret[7]);
}

/** twin_bucket_find() - places whose signature is @sig: bit 2i for place i. */
static inline uint32_t twin_bucket_find(const struct twin_bucket *b,
					uint16_t sig)
{
	__m128i all = _mm_load_si128((const __m128i *)b->sig);
	__m128i eq = _mm_cmpeq_epi16(all, _mm_set1_epi16((short)sig));

	return _mm_movemask_epi8(eq) & 0x555;
}

/** twin_buckets_alloc() - @n (a power of two) empty buckets, or NULL. */
struct twin_buckets *twin_buckets_alloc(uint64_t n);

/** twin_buckets_free() - free; no reader is left. NULL is allowed. */
void twin_buckets_free(struct twin_buckets *t);

/** twin_buckets_insert() - add @flow, whose hash is (@hash, @sig). There must
 * be a free place somewhere.
 */
void twin_buckets_insert(struct twin_buckets *t, uint32_t hash, uint16_t sig,
			 struct sw_flow *flow);

/** twin_buckets_remove() - the reverse. */
void twin_buckets_remove(struct twin_buckets *t, uint32_t hash,
			 const struct sw_flow *flow);

/** twin_buckets_crowd() - flows whose hash begins like that, as far as that can
 * be told without looking at them: a search for a key may look at so many.
 */
unsigned int twin_buckets_crowd(const struct twin_buckets *t, uint64_t hash);

/** twin_buckets_move() - add all flows of @from to @to. */
void twin_buckets_move(struct twin_buckets *to,
		       const struct twin_buckets *from);

#endif
