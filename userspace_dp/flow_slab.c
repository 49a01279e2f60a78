// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory of flows.
 *
 * Overview
 *
 *	One free list for each number of key lines. A flow is laid out as head,
 *	key lines, cold part, statistics of contexts 1 and up, each a whole
 *	number of cache lines.
 *
 * Life cycle
 *
 *	Free lists grow by chunks that are never given back: see the header.
 *
 * Synchronisation
 *
 *	Control thread only. Other contexts may look at the mask of a free
 *	flow, and see NULL there; it is published last when a flow is inserted.
 */
#include "flow_slab.h"

#include <string.h>

#include "mem.h"
#include "worker.h"

#define CHUNK_MIN ((size_t)64 << 10)
#define CHUNK_MAX ((size_t)2 << 20)

/** struct slab - flows of one size. @total: bytes of its chunks. */
struct slab {
	struct sw_flow *free;
	size_t total;
};

static struct slab slabs[OVSNL_KEY_LINES + 1];

static size_t stats_ofs(unsigned int n_lines)
{
	return sizeof(struct sw_flow) + (n_lines + 1) * OVSNL_KEY_LINE;
}

static size_t flow_size(unsigned int n_lines)
{
	return stats_ofs(n_lines) +
	       (twin_ctx_count() - 1) * TWIN_FLOW_STATS_STRIDE;
}

static void push(struct slab *slab, struct sw_flow *flow)
{
	twin_flow_cold(flow)->next = slab->free;
	slab->free = flow;
}

static void grow(struct slab *slab, unsigned int n_lines)
{
	size_t chunk = slab->total, size = flow_size(n_lines), ofs;
	struct sw_flow *flow;
	char *p;

	if (chunk < CHUNK_MIN)
		chunk = CHUNK_MIN;
	if (chunk > CHUNK_MAX)
		chunk = CHUNK_MAX;
	p = twin_mem_alloc(chunk);
	if (!p)
		return;
	slab->total += chunk;
	for (ofs = chunk / size * size; ofs; ofs -= size) {
		flow = (struct sw_flow *)(p + ofs - size);
		flow->stats_ofs = stats_ofs(n_lines);
		push(slab, flow);
	}
}

struct sw_flow *twin_flow_slab_alloc(unsigned int n_lines)
{
	struct slab *slab = &slabs[n_lines];
	struct sw_flow *flow;

	if (!slab->free)
		grow(slab, n_lines);
	flow = slab->free;
	if (!flow)
		return NULL;
	slab->free = twin_flow_cold(flow)->next;
	memset(flow, 0, flow_size(n_lines));
	flow->stats_ofs = stats_ofs(n_lines);
	return flow;
}

void twin_flow_slab_free(struct sw_flow *flow)
{
	push(&slabs[flow->stats_ofs / OVSNL_KEY_LINE - 2], flow);
}
