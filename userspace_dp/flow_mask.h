/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_FLOW_MASK_H
#define TWIN_FLOW_MASK_H

#include "flow_hash.h"

/* Masks of a table. A mask has buckets of flows of its own, or its flows stand
 * in those of a group of masks (flow_mask_group.c). What holds flows is a home.
 */

/** struct twin_mask_hits - hits of one context. */
struct twin_mask_hits {
	uint64_t n;
} __attribute__((aligned(OVSNL_KEY_LINE)));

/**
 * struct twin_mask - a mask and the flows under it, or a group of masks and the
 * flows under all of them.
 * @buckets: replaced when they grow (QSBR). Of a mask in a group: of no
 *           interest, but there, for readers who come from an older list
 * @table: it belongs to
 * @secret: the table's; 8 words for each line of the key
 * @is_group: its lines are what its members have in common; a flow is to be
 *            compared under its own mask
 * @n_lines, @line_no: lines of the key with any bit, which are also the lines
 *                     that its flows store
 * @lines: those lines of the mask
 * @home: where its flows stand: itself or a group
 * @loner: it left a group, and is not to come back
 * @n_members, @n_flows, @score, @seen, @next: control thread: members of a
 *         group, flows, recent hits for the order of homes, hits already in
 *         the score, hash chain
 * @hits: an entry a context
 */
struct twin_mask {
	struct twin_buckets *buckets;
	struct twin_flow_table *table;
	const uint64_t *secret;
	bool is_group;
	uint8_t n_lines;
	uint8_t line_no[OVSNL_KEY_LINES];
	bool loner;
	struct twin_mask *home;
	uint32_t n_members;
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

/** twin_mask_home_hash() - hash of @flow, which stores lines under @mask, in
 * the buckets of @home.
 */
uint64_t twin_mask_home_hash(const struct twin_mask *home,
			     const struct twin_mask *mask,
			     const struct sw_flow *flow);

/** twin_mask_buckets_for() - empty buckets for @n_flows and some more, or NULL.
 */
struct twin_buckets *twin_mask_buckets_for(uint32_t n_flows);

/** twin_mask_set_buckets() - replace; the old ones are freed after a grace
 * period.
 */
void twin_mask_set_buckets(struct twin_mask *mask, struct twin_buckets *new);

/** twin_mask_add() - put a flow with its @lines under the mask.
 * Return: 0 or -ENOMEM.
 */
int twin_mask_add(struct twin_mask *mask, struct sw_flow *flow);

/** twin_mask_remove() - the reverse; readers may still see the flow. */
void twin_mask_remove(struct twin_mask *mask, struct sw_flow *flow);

/** twin_mask_update_score() - let old hits count half as much. */
void twin_mask_update_score(struct twin_mask *mask);

#endif
