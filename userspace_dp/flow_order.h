/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_FLOW_ORDER_H
#define TWIN_FLOW_ORDER_H

#include "flow_slab.h"

/* Flows in the order of their insertion, for dumps that go on while flows come
 * and go. Control thread.
 */

/** struct twin_flow_place - an entry. @flow: NULL when it was removed. */
struct twin_flow_place {
	uint64_t serial;
	struct sw_flow *flow;
};

/**
 * struct twin_flow_order - the list; zero is empty.
 * @places: by serial number, @n of them with room for @room
 * @live: those that hold a flow
 * @next_serial: of the next flow
 */
struct twin_flow_order {
	struct twin_flow_place *places;
	uint32_t n;
	uint32_t room;
	uint32_t live;
	uint64_t next_serial;
};

/** twin_flow_order_add() - append. Return: 0 or -ENOMEM. */
int twin_flow_order_add(struct twin_flow_order *order, struct sw_flow *flow);

/** twin_flow_order_remove() - take out. */
void twin_flow_order_remove(struct twin_flow_order *order,
			    struct sw_flow *flow);

/** twin_flow_order_next() - flow at @cur, which moves behind it, or NULL.
 * @cur->pos[0]: lowest serial number not yet seen; pos[1]: where to look first
 */
struct sw_flow *twin_flow_order_next(const struct twin_flow_order *order,
				     struct ovsnl_cursor *cur);

/** twin_flow_order_clear() - forget all flows; serial numbers go on. */
void twin_flow_order_clear(struct twin_flow_order *order);

#endif
