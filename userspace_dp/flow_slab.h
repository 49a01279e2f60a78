/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_FLOW_SLAB_H
#define TWIN_FLOW_SLAB_H

#include "flow_table.h"

/* Memory of flows. What once was a flow stays memory for flows until the
 * process ends: contexts' caches keep pointers to flows that are gone, and
 * look at sw_flow.mask to see whether they are. Control thread.
 */

/**
 * struct twin_flow_cold - what only the control thread looks at.
 * @next: in the chain of the identity map; free list
 * @unmasked: the key as it was given, for flows without a UFID
 * @id_hash: of the identity
 * @index: place in the order of insertion
 */
struct twin_flow_cold {
	struct sw_flow *next;
	struct ovsnl_key *unmasked;
	uint32_t id_hash;
	uint32_t index;
	struct ovsnl_flow_id id;
};

_Static_assert(sizeof(struct twin_flow_cold) <= OVSNL_KEY_LINE, "one line");

/** twin_flow_cold() - that part of a flow. */
static inline struct twin_flow_cold *twin_flow_cold(const struct sw_flow *flow)
{
	return (struct twin_flow_cold *)((char *)flow + flow->stats_ofs -
					 OVSNL_KEY_LINE);
}

/** twin_flow_slab_alloc() - a zeroed flow with room for @n_lines lines (1 to
 * OVSNL_KEY_LINES), mask NULL; NULL when memory is short.
 */
struct sw_flow *twin_flow_slab_alloc(unsigned int n_lines);

/** twin_flow_slab_free() - give back; a grace period has passed since
 * @flow->mask became NULL.
 */
void twin_flow_slab_free(struct sw_flow *flow);

#endif
