/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_FLOW_TABLE_PRIVATE_H
#define TWIN_FLOW_TABLE_PRIVATE_H

#include "flow_mask.h"
#include "flow_order.h"

/* What flow_table.c, flow_lookup.c and flow_mask*.c share. */

#define TWIN_MASK_CHAINS 1024
#define TWIN_KEY_LINE_WORDS (OVSNL_KEY_LINE / 8)

/** struct twin_mask_list - what contexts go through: homes of flows. */
struct twin_mask_list {
	uint32_t n;
	uint32_t room;
	struct twin_mask *mask[];
};

/**
 * struct twin_flow_table - see flow_table.c.
 * @masks, @use_cache: read by contexts
 * @chains: masks by content
 * @n_masks: in @chains
 * @n_new: homes that were appended since masks were grouped last
 * @ids, @id_last: flows by identity; number of chains less one
 */
struct twin_flow_table {
	struct twin_mask_list *masks;
	bool use_cache;
	uint64_t secret[OVSNL_KEY_WORDS];
	struct twin_flow_order order;
	struct sw_flow **ids;
	uint32_t id_last;
	uint32_t n_masks;
	uint32_t n_new;
	struct twin_mask *chains[TWIN_MASK_CHAINS];
};

/** twin_flow_table_hash_key() - hash of a whole key. */
uint64_t twin_flow_table_hash_key(const struct twin_flow_table *table,
				  const struct ovsnl_key *key);

/* The list of masks; control thread. */

/** twin_mask_list_create() - empty; NULL when memory is short. */
struct twin_mask_list *twin_mask_list_create(void);

/** twin_mask_list_get() - the mask with content @key, made if it is not there;
 * NULL when memory is short.
 */
struct twin_mask *twin_mask_list_get(struct twin_flow_table *table,
				     const struct ovsnl_key *key);

/** twin_mask_list_put() - remove @mask if it has no flows any more. */
void twin_mask_list_put(struct twin_flow_table *table, struct twin_mask *mask);

/** twin_mask_list_drop() - remove all masks; flows are left alone. */
void twin_mask_list_drop(struct twin_flow_table *table);

/** twin_mask_list_append() - let contexts find a home. Return: 0 or -ENOMEM. */
int twin_mask_list_append(struct twin_flow_table *table,
			  struct twin_mask *home);

/** twin_mask_list_unlist() - the reverse; readers may still see it. */
void twin_mask_list_unlist(struct twin_flow_table *table,
			   struct twin_mask *home);

/** twin_mask_list_replace() - put @homes, @n of them, in the place of what was
 * there, those first that hit most. Return: 0 or -ENOMEM.
 */
int twin_mask_list_replace(struct twin_flow_table *table,
			   struct twin_mask *const *homes, uint32_t n);

/** twin_mask_list_retire() - free a mask or a group after a grace period. */
void twin_mask_list_retire(struct twin_mask *mask);

/* Groups of masks; control thread. */

/** twin_mask_group_form() - put masks into groups anew, where that pays. */
void twin_mask_group_form(struct twin_flow_table *table);

/** twin_mask_group_admit() - see to it that @flow fits where the flows of @mask
 * are: a mask whose flows crowd its group leaves. Return: 0 or -ENOMEM.
 */
int twin_mask_group_admit(struct twin_mask *mask, const struct sw_flow *flow);

/** twin_mask_group_leave() - @mask has no flows any more and is to go. */
void twin_mask_group_leave(struct twin_mask *mask);

#endif
