// SPDX-License-Identifier: BSD-3-Clause
/*
 * Microflow caches: memory. What they do is inline in the header.
 */
#include "flow_cache.h"

#include "mem.h"

struct twin_flow_cache *twin_flow_cache_create(void)
{
	return twin_mem_alloc(sizeof(struct twin_flow_cache));
}

void twin_flow_cache_destroy(struct twin_flow_cache *cache)
{
	twin_mem_free(cache, sizeof(*cache));
}
