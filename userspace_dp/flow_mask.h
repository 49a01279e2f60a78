/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_FLOW_MASK_H
#define TWIN_FLOW_MASK_H

#include "flow_hash.h"

/* Masks of a table. Each has its own buckets of flows. */

/** struct twin_mask_hits - hits of one context. */
struct twin_mask_hits {
	uint64_t n;
} __attribute__((aligned(OVSNL_KEY_LINE)));

/**
 * struct twin_mask - a mask and the flows under it.
 * @buckets: replaced when they grow (QSBR)
 * @table: it belongs to
 * @secret: the table's; 8 words for each line of the key
 * @n_lines, @line_no: lines of the key with any bit, which are also the lines
 *                     that its flows store
 * @lines: those lines of the mask
 * @n_flows, @score, @seen, @next: control thread: flows, recent hits for the
 *         order of masks, hits already in the score, hash chain
 * @hits: an entry a context
 */
struct twin_mask {
	struct twin_buckets *buckets;
	struct twin_flow_table *table;
	const uint64_t *secret;
	uint8_t n_lines;
	uint8_t line_no[OVSNL_KEY_LINES];
	uint32_t n_flows;
	uint64_t score;
	uint64_t seen;
	struct twin_mask *next;
	uint64_t lines[OVSNL_KEY_LINES][OVSNL_KEY_LINE / 8]
		__attribute__((aligned(OVSNL_KEY_LINE)));
	struct twin_mask_hits hits[];
};

/** twin_mask_create() - without flows. NULL when memory is short. */
struct twin_mask *twin_mask_create(struct twin_flow_table *table,
				   const uint64_t *secret,
				   const struct ovsnl_key *key);

/** twin_mask_destroy() - free; no reader is left. */
void twin_mask_destroy(struct twin_mask *mask);

/** twin_mask_expand() - @lines, stored under @mask, as a whole key. */
void twin_mask_expand(const struct twin_mask *mask,
		      const uint64_t (*lines)[OVSNL_KEY_LINE / 8],
		      struct ovsnl_key *key);

/** twin_mask_add() - put a flow with its @lines and hash under the mask.
 * Return: 0 or -ENOMEM.
 */
int twin_mask_add(struct twin_mask *mask, struct sw_flow *flow);

/** twin_mask_remove() - the reverse; readers may still see the flow. */
void twin_mask_remove(struct twin_mask *mask, struct sw_flow *flow);

/** twin_mask_update_score() - let old hits count half as much. */
void twin_mask_update_score(struct twin_mask *mask);

#endif
