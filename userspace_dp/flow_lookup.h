/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_FLOW_LOOKUP_H
#define TWIN_FLOW_LOOKUP_H

#include "flow_mask.h"

/* Look-ups come in several versions that give the same answers: each is made
 * for a set of instructions. The daemon uses one of them for all tables: they
 * hash differently.
 */

/**
 * struct twin_lookup - one version.
 * @name: the instructions
 * @usable: does this processor have them?
 * @lookup: see twin_flow_table_lookup()
 * @match: the flow under @mask that @key hits, or NULL; control thread
 * @hash: of a key under @mask; where its flows stand in their buckets
 */
struct twin_lookup {
	const char *name;
	bool (*usable)(void);
	void (*lookup)(struct twin_flow_table *table, struct twin_ctx *ctx,
		       const struct ovsnl_key *const *keys, unsigned int n,
		       struct sw_flow **flows, uint64_t *masks_probed,
		       uint64_t *cache_hits);
	struct sw_flow *(*match)(const struct twin_mask *mask,
				 const struct ovsnl_key *key);
	uint64_t (*hash)(const struct twin_mask *mask,
			 const struct ovsnl_key *key);
};

extern const struct twin_lookup twin_lookup_scalar;
extern const struct twin_lookup twin_lookup_avx2;
extern const struct twin_lookup twin_lookup_avx512;

/** twin_lookup - the version in use; the fastest usable one from the start. */
extern const struct twin_lookup *twin_lookup;

#endif
