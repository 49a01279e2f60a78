// SPDX-License-Identifier: BSD-3-Clause
/*
 * Buckets of flows.
 *
 * Overview
 *
 *	Linear probing by whole buckets. Each full bucket that an insertion
 *	passes counts it, so that a search knows whether to go on.
 *
 * Life cycle
 *
 *	A table does not grow: its owner fills a larger one and publishes that.
 *
 * Synchronisation
 *
 *	One writer. A flow's pointer is written before its signature, counts of
 *	passed buckets before either; removal goes the other way round. So a
 *	reader that sees a signature sees a flow, or NULL, or another flow that
 *	took its place, and compares keys in any case.
 */
#include "flow_hash.h"

#include "mem.h"

static size_t table_size(uint64_t n)
{
	/* The head takes a line, for the buckets' alignment. */
	return (n + 1) * sizeof(struct twin_bucket);
}

struct twin_buckets *twin_buckets_alloc(uint64_t n)
{
	struct twin_buckets *t = twin_mem_alloc(table_size(n));

	if (t)
		t->last = n - 1;
	return t;
}

void twin_buckets_free(struct twin_buckets *t)
{
	if (t)
		twin_mem_free(t, table_size(t->last + 1));
}

static int free_place(const struct twin_bucket *b)
{
	int i;

	for (i = 0; i < TWIN_BUCKET_FLOWS; i++)
		if (!b->sig[i])
			return i;
	return -1;
}

void twin_buckets_insert(struct twin_buckets *t, uint32_t hash, uint16_t sig,
			 struct sw_flow *flow)
{
	uint64_t n = hash & t->last;
	struct twin_bucket *b;
	int i;

	for (;; n = (n + 1) & t->last) {
		b = &t->bucket[n];
		i = free_place(b);
		if (i >= 0)
			break;
		__atomic_store_n(&b->spilled, b->spilled + 1, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&b->flow[i], flow, __ATOMIC_RELEASE);
	__atomic_store_n(&b->sig[i], sig, __ATOMIC_RELEASE);
}

static int place_of(const struct twin_bucket *b, const struct sw_flow *flow)
{
	int i;

	for (i = 0; i < TWIN_BUCKET_FLOWS; i++)
		if (b->flow[i] == flow)
			return i;
	return -1;
}

void twin_buckets_remove(struct twin_buckets *t, uint32_t hash,
			 const struct sw_flow *flow)
{
	uint64_t n = hash & t->last, m;
	struct twin_bucket *b;
	int i;

	while ((i = place_of(&t->bucket[n], flow)) < 0)
		n = (n + 1) & t->last;
	b = &t->bucket[n];
	__atomic_store_n(&b->sig[i], 0, __ATOMIC_RELEASE);
	__atomic_store_n(&b->flow[i], NULL, __ATOMIC_RELEASE);
	for (m = hash & t->last; m != n; m = (m + 1) & t->last) {
		b = &t->bucket[m];
		__atomic_store_n(&b->spilled, b->spilled - 1, __ATOMIC_RELAXED);
	}
}

unsigned int twin_buckets_crowd(const struct twin_buckets *t, uint64_t hash)
{
	uint64_t n = (uint32_t)hash & t->last;
	unsigned int crowd = 0;

	for (;; n = (n + 1) & t->last) {
		crowd += __builtin_popcount(
			twin_bucket_find(&t->bucket[n], twin_hash_sig(hash)));
		if (!t->bucket[n].spilled)
			return crowd;
	}
}

void twin_buckets_move(struct twin_buckets *to, const struct twin_buckets *from)
{
	const struct twin_bucket *b;
	uint64_t n;
	int i;

	for (n = 0; n <= from->last; n++) {
		b = &from->bucket[n];
		for (i = 0; i < TWIN_BUCKET_FLOWS; i++)
			if (b->sig[i])
				twin_buckets_insert(to, b->flow[i]->hash,
						    b->sig[i], b->flow[i]);
	}
}
