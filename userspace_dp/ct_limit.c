// SPDX-License-Identifier: BSD-3-Clause
/*
 * Limits of connections by zone.
 *
 * Overview
 *
 *	A limit for zones without one of their own, and a page of limits for
 *	each 256 zones of which any has had one.
 *
 * Life cycle
 *
 *	Pages stay once they are there: 64 kilozones are 260 pages of memory.
 *
 * Synchronisation
 *
 *	None: control thread only.
 */
#include "ct_limit.h"

#include <stdlib.h>

#define ZONES 65536
#define PAGE_ZONES 256

/** struct page - neighbouring zones.
 * @set: this zone has a limit of its own
 */
struct page {
	uint32_t limit[PAGE_ZONES];
	bool set[PAGE_ZONES];
};

static struct page *pages[ZONES / PAGE_ZONES];
/* For zones without a limit of their own; 0 is none at all. */
static uint32_t standard;

/* The page of a zone that has a limit of its own, else NULL. */
static struct page *own(__s32 zone)
{
	struct page *page;

	if (zone < 0 || zone >= ZONES)
		return NULL;
	page = pages[zone / PAGE_ZONES];
	return page && page->set[zone % PAGE_ZONES] ? page : NULL;
}

int twin_ct_limit_reserve(void *net, __s32 zone)
{
	struct page **page;

	(void)net;
	if (zone == OVS_ZONE_LIMIT_DEFAULT_ZONE)
		return 0;
	page = &pages[zone / PAGE_ZONES];
	if (!*page)
		*page = calloc(1, sizeof(**page));
	return *page ? 0 : -ENOMEM;
}

/* The page stays. */
void twin_ct_limit_release(void *net, __s32 zone)
{
	(void)net;
	(void)zone;
}

void twin_ct_limit_set(void *net, __s32 zone, __u32 limit)
{
	struct page *page;

	(void)net;
	if (zone == OVS_ZONE_LIMIT_DEFAULT_ZONE) {
		standard = limit;
		return;
	}
	page = pages[zone / PAGE_ZONES];
	page->limit[zone % PAGE_ZONES] = limit;
	page->set[zone % PAGE_ZONES] = true;
}

void twin_ct_limit_del(void *net, __s32 zone)
{
	struct page *page = own(zone);

	(void)net;
	if (zone == OVS_ZONE_LIMIT_DEFAULT_ZONE)
		standard = 0;
	else if (page)
		page->set[zone % PAGE_ZONES] = false;
}

void twin_ct_limit_get(void *net, __s32 zone, struct ovs_zone_limit *limit)
{
	const struct page *page = own(zone);

	(void)net;
	*limit = (struct ovs_zone_limit){
		.zone_id = zone,
		.limit = page ? page->limit[zone % PAGE_ZONES] : standard,
	};
}

bool twin_ct_limit_next(void *net, __s32 zone, struct ovs_zone_limit *limit)
{
	while (zone < ZONES && !own(zone))
		zone += pages[zone / PAGE_ZONES]
				? 1
				: PAGE_ZONES - zone % PAGE_ZONES;
	if (zone >= ZONES)
		return false;
	twin_ct_limit_get(net, zone, limit);
	return true;
}
