// SPDX-License-Identifier: BSD-3-Clause
/*
 * Look-ups: which version is in use.
 *
 * Overview
 *	The versions themselves are flow_lookup_*.c.
 *
 * Life cycle
 *	Chosen before main(), since tables depend on it.
 *
 * Synchronisation
 *	Constant from then on.
 */
#include "flow_lookup.h"

#include "flow_table_private.h"

const struct twin_lookup *twin_lookup = &twin_lookup_scalar;

static __attribute__((constructor)) void choose(void)
{
	if (twin_lookup_avx512.usable())
		twin_lookup = &twin_lookup_avx512;
	else if (twin_lookup_avx2.usable())
		twin_lookup = &twin_lookup_avx2;
}

void twin_flow_table_lookup(struct twin_flow_table *table, struct twin_ctx *ctx,
			    const struct ovsnl_key *const *keys, unsigned int n,
			    struct sw_flow **flows, uint64_t *masks_probed,
			    uint64_t *cache_hits)
{
	twin_lookup->lookup(table, ctx, keys, n, flows, masks_probed,
			    cache_hits);
}

struct sw_flow *twin_flow_table_match(const struct twin_flow_table *table,
				      const struct ovsnl_key *key)
{
	struct sw_flow *flow;
	uint32_t i;

	for (i = 0; i < table->masks->n; i++) {
		flow = twin_lookup->match(table->masks->mask[i], key);
		if (flow)
			return flow;
	}
	return NULL;
}
