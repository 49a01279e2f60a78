// SPDX-License-Identifier: BSD-3-Clause
/*
 * Flows in the order of their insertion.
 *
 * Overview
 *
 *	An array sorted by serial number. A removed flow leaves a hole; when
 *	more than half are holes, the array is closed up. A dump remembers the
 *	serial number that it has come to, which stays meaningful whatever
 *	happens to the array.
 *
 * Synchronisation
 *
 *	Control thread only.
 */
#include "flow_order.h"

#include <errno.h>
#include <stdlib.h>

#define ROOM_MIN 64
/* How far ahead of a dump flows are brought into the cache. */
#define PREFETCH_AHEAD 8

static int make_room(struct twin_flow_order *order)
{
	uint32_t room = order->room ? 2 * order->room : ROOM_MIN;
	struct twin_flow_place *places;

	if (order->n < order->room)
		return 0;
	places = realloc(order->places, room * sizeof(*places));
	if (!places)
		return -ENOMEM;
	order->places = places;
	order->room = room;
	return 0;
}

int twin_flow_order_add(struct twin_flow_order *order, struct sw_flow *flow)
{
	int err = make_room(order);

	if (err)
		return err;
	flow->serial = order->next_serial++;
	twin_flow_cold(flow)->index = order->n;
	order->places[order->n++] =
		(struct twin_flow_place){ flow->serial, flow };
	order->live++;
	return 0;
}

static void close_up(struct twin_flow_order *order)
{
	uint32_t from, to = 0;

	for (from = 0; from < order->n; from++) {
		if (!order->places[from].flow)
			continue;
		twin_flow_cold(order->places[from].flow)->index = to;
		order->places[to++] = order->places[from];
	}
	order->n = to;
}

void twin_flow_order_remove(struct twin_flow_order *order, struct sw_flow *flow)
{
	order->places[twin_flow_cold(flow)->index].flow = NULL;
	order->live--;
	if (order->n > ROOM_MIN && order->live < order->n / 2)
		close_up(order);
}

/* First place whose serial number is at least @serial. */
static uint32_t find(const struct twin_flow_order *order, uint64_t serial)
{
	uint32_t low = 0, high = order->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (order->places[mid].serial < serial)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct sw_flow *twin_flow_order_next(const struct twin_flow_order *order,
				     struct ovsnl_cursor *cur)
{
	uint64_t i = cur->pos[1];

	if (i >= order->n || order->places[i].serial != cur->pos[0])
		i = find(order, cur->pos[0]);
	for (; i < order->n; i++) {
		if (i + PREFETCH_AHEAD < order->n)
			__builtin_prefetch(
				order->places[i + PREFETCH_AHEAD].flow);
		if (!order->places[i].flow)
			continue;
		cur->pos[0] = order->places[i].serial + 1;
		cur->pos[1] = i + 1;
		return order->places[i].flow;
	}
	return NULL;
}

void twin_flow_order_clear(struct twin_flow_order *order)
{
	free(order->places);
	order->places = NULL;
	order->n = order->room = order->live = 0;
}
