// SPDX-License-Identifier: BSD-3-Clause
/*
 * Masks, and the flows under each.
 *
 * Overview
 *
 *	A mask keeps only the lines of the key in which it has bits, and so do
 *	its flows. They stand in the buckets of the mask's home.
 *
 * Life cycle
 *
 *	Made for its first flow, freed after a grace period when its last is
 *	gone. Buckets double when they are two thirds full; readers go on in
 *	the old ones, which miss only what is inserted from then on.
 *
 * Synchronisation
 *
 *	Changed by the control thread. Contexts read buckets and write their
 *	own entry of hits.
 */
#include "flow_mask.h"

#include <errno.h>
#include <string.h>

#include "flow_lookup.h"
#include "flow_table_private.h"
#include "mem.h"
#include "rcu.h"
#include "worker.h"

#define BUCKETS_MIN 4
/* Of six places in a bucket four are in use when the table grows. */
#define FLOWS_PER_BUCKET 4

static size_t mask_size(void)
{
	return sizeof(struct twin_mask) +
	       twin_ctx_count() * sizeof(struct twin_mask_hits);
}

static void store_lines(struct twin_mask *mask, const struct ovsnl_key *key)
{
	const __u64 *words = ovsnl_key_words(key);
	unsigned int used = ovsnl_key_lines(key), line;

	/* A mask that matches all packets is stored as an empty first line. */
	if (!used)
		used = 1;
	for (line = 0; line < OVSNL_KEY_LINES; line++) {
		if (!(used & (1u << line)))
			continue;
		memcpy(mask->lines[mask->n_lines],
		       words + line * (OVSNL_KEY_LINE / 8), OVSNL_KEY_LINE);
		mask->line_no[mask->n_lines++] = line;
	}
}

struct twin_mask *twin_mask_create(struct twin_flow_table *table,
				   const uint64_t *secret,
				   const struct ovsnl_key *key)
{
	struct twin_mask *mask = twin_mem_alloc(mask_size());

	if (!mask)
		return NULL;
	mask->buckets = twin_buckets_alloc(BUCKETS_MIN);
	if (!mask->buckets) {
		twin_mem_free(mask, mask_size());
		return NULL;
	}
	mask->table = table;
	mask->secret = secret;
	mask->home = mask;
	store_lines(mask, key);
	return mask;
}

void twin_mask_destroy(struct twin_mask *mask)
{
	twin_buckets_free(mask->buckets);
	twin_mem_free(mask, mask_size());
}

void twin_mask_expand(const struct twin_mask *mask,
		      const uint64_t (*lines)[OVSNL_KEY_LINE / 8],
		      struct ovsnl_key *key)
{
	char *bytes = (char *)key;
	int i;

	memset(key, 0, sizeof(*key));
	for (i = 0; i < mask->n_lines; i++)
		memcpy(bytes + mask->line_no[i] * OVSNL_KEY_LINE, lines[i],
		       OVSNL_KEY_LINE);
}

static void free_buckets(void *buckets)
{
	twin_buckets_free(buckets);
}

void twin_mask_set_buckets(struct twin_mask *mask, struct twin_buckets *new)
{
	struct twin_buckets *old = mask->buckets;

	__atomic_store_n(&mask->buckets, new, __ATOMIC_RELEASE);
	twin_rcu_defer(free_buckets, old);
}

struct twin_buckets *twin_mask_buckets_for(uint32_t n_flows)
{
	uint64_t n = BUCKETS_MIN;

	while (n * FLOWS_PER_BUCKET <= n_flows)
		n *= 2;
	return twin_buckets_alloc(n);
}

uint64_t twin_mask_home_hash(const struct twin_mask *home,
			     const struct twin_mask *mask,
			     const struct sw_flow *flow)
{
	struct ovsnl_key key;

	twin_mask_expand(mask, flow->lines, &key);
	return twin_lookup->hash(home, &key);
}

static int grow(struct twin_mask *home)
{
	struct twin_buckets *old = home->buckets, *new;

	if (home->n_flows < (old->last + 1) * FLOWS_PER_BUCKET)
		return 0;
	new = twin_buckets_alloc(2 * (old->last + 1));
	if (!new)
		return -ENOMEM;
	twin_buckets_move(new, old);
	twin_mask_set_buckets(home, new);
	return 0;
}

/* Flows of @mask, @by more than there were. */
static void count_flows(struct twin_mask *mask, int by)
{
	mask->n_flows += by;
	if (mask->home != mask)
		mask->home->n_flows += by;
}

int twin_mask_add(struct twin_mask *mask, struct sw_flow *flow)
{
	uint64_t hash;
	int err;

	err = twin_mask_group_admit(mask, flow);
	if (!err)
		err = grow(mask->home);
	if (err)
		return err;
	hash = twin_mask_home_hash(mask->home, mask, flow);
	flow->hash = hash;
	__atomic_store_n(&flow->mask, mask, __ATOMIC_RELEASE);
	twin_buckets_insert(mask->home->buckets, hash, twin_hash_sig(hash),
			    flow);
	count_flows(mask, 1);
	return 0;
}

void twin_mask_remove(struct twin_mask *mask, struct sw_flow *flow)
{
	twin_buckets_remove(mask->home->buckets, flow->hash, flow);
	__atomic_store_n(&flow->mask, NULL, __ATOMIC_RELEASE);
	count_flows(mask, -1);
}

void twin_mask_update_score(struct twin_mask *mask)
{
	uint64_t total = 0;
	unsigned int i;

	for (i = 0; i < twin_ctx_count(); i++)
		total += __atomic_load_n(&mask->hits[i].n, __ATOMIC_RELAXED);
	mask->score = mask->score / 2 + (total - mask->seen);
	mask->seen = total;
}
