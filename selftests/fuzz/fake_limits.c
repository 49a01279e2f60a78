// SPDX-License-Identifier: BSD-3-Clause
/*
 * Meters and zones of the fake datapath.
 *
 * Overview: few of each, so that limits are met. A meter belongs to a
 * datapath, a zone to the world.
 *
 * Life cycle: fake_limits_start() begins each world.
 * Synchronisation: one thread; the locks that callers must have are checked.
 * Lock order: none.
 */
#include "fake_limits.h"
#include "fake_datapath.h"
#include "fuzz.h"

#define METERS 6
#define ZONES 5

struct meter {
	struct datapath *dp; /* NULL where free */
	struct ovsnl_meter_args args;
};

struct zone {
	bool used;
	bool reserved;
	struct ovs_zone_limit limit;
};

static struct {
	struct meter meters[METERS];
	struct zone zones[ZONES]; /* in order of their numbers */
	__u32 standard;
} limits;

static struct meter *meter_find(struct datapath *dp, __u32 id)
{
	int i;

	for (i = 0; i < METERS; i++)
		if (limits.meters[i].dp == dp &&
		    (!dp || limits.meters[i].args.id == id))
			return &limits.meters[i];
	return NULL;
}

static void meter_tell(const struct meter *meter, struct ovsnl_meter_info *info)
{
	memset(info, 0, sizeof(*info));
	if (!meter)
		return;
	info->exists = true;
	info->keep_stats = meter->args.keep_stats;
	info->stats = meter->args.stats;
	info->n_bands = meter->args.n_bands;
	info->kbps = meter->args.kbps;
	memcpy(info->bands, meter->args.bands, sizeof(info->bands));
}

void fake_meter_features(struct datapath *dp, struct ovsnl_meter_features *f)
{
	fake_must_be_locked();
	(void)dp;
	f->max_meters = METERS;
	f->max_bands = OVSNL_METER_BANDS;
}

int fake_meter_set(struct datapath *dp, const struct ovsnl_meter_args *args,
		   struct ovsnl_meter_info *old)
{
	struct meter *meter = meter_find(dp, args->id);

	fake_must_be_locked();
	MUST(args->n_bands <= OVSNL_METER_BANDS);
	MUST(!args->n_bands || args->bands[0].rate);
	meter_tell(meter, old);
	if (!meter)
		meter = meter_find(NULL, 0);
	if (!meter)
		return -EFBIG;
	meter->dp = dp;
	meter->args = *args;
	return 0;
}

void fake_meter_get(struct datapath *dp, __u32 id,
		    struct ovsnl_meter_info *info)
{
	fake_must_be_locked();
	meter_tell(meter_find(dp, id), info);
}

void fake_meter_del(struct datapath *dp, __u32 id, struct ovsnl_meter_info *old)
{
	struct meter *meter = meter_find(dp, id);

	fake_must_be_locked();
	meter_tell(meter, old);
	if (meter)
		meter->dp = NULL;
}

/* Zones */

static bool is_zone(__s32 zone)
{
	return zone >= OVS_ZONE_LIMIT_DEFAULT_ZONE && zone <= 65535;
}

/* The place of a zone, else one to give to it, else NULL. */
static struct zone *place_of(__s32 zone)
{
	struct zone *place = NULL;
	int i;

	for (i = 0; i < ZONES; i++) {
		struct zone *z = &limits.zones[i];
		bool taken = z->used || z->reserved;

		if (taken && z->limit.zone_id == zone)
			return z;
		if (!taken && !place)
			place = z;
	}
	return place;
}

int fake_ct_limit_reserve(void *net, __s32 zone)
{
	struct zone *place;

	fake_must_be_locked();
	MUST(is_zone(zone));
	(void)net;
	if (zone == OVS_ZONE_LIMIT_DEFAULT_ZONE)
		return 0;
	place = place_of(zone);
	if (!place)
		return -ENOMEM;
	place->reserved = true;
	place->limit.zone_id = zone;
	return 0;
}

void fake_ct_limit_release(void *net, __s32 zone)
{
	struct zone *place = place_of(zone);

	fake_must_be_locked();
	MUST(is_zone(zone));
	(void)net;
	if (place)
		place->reserved = false;
}

void fake_ct_limit_set(void *net, __s32 zone, __u32 limit)
{
	struct zone *place;

	fake_must_be_locked();
	MUST(is_zone(zone));
	(void)net;
	if (zone == OVS_ZONE_LIMIT_DEFAULT_ZONE) {
		limits.standard = limit;
		return;
	}
	place = place_of(zone);
	MUST(place && (place->reserved || place->used));
	place->reserved = false;
	place->used = true;
	place->limit = (struct ovs_zone_limit){ zone, limit, 0 };
}

void fake_ct_limit_del(void *net, __s32 zone)
{
	int i;

	fake_must_be_locked();
	MUST(is_zone(zone));
	(void)net;
	if (zone == OVS_ZONE_LIMIT_DEFAULT_ZONE)
		limits.standard = 0;
	for (i = 0; i < ZONES; i++)
		if (limits.zones[i].limit.zone_id == zone)
			limits.zones[i].used = false;
}

bool fake_ct_limit_next(void *net, __s32 zone, struct ovs_zone_limit *limit)
{
	const struct zone *next = NULL, *z;

	fake_must_be_locked();
	(void)net;
	for (z = limits.zones; z < limits.zones + ZONES; z++)
		if (z->used && z->limit.zone_id >= zone &&
		    (!next || z->limit.zone_id < next->limit.zone_id))
			next = z;
	if (next)
		*limit = next->limit;
	return next;
}

void fake_ct_limit_get(void *net, __s32 zone, struct ovs_zone_limit *limit)
{
	MUST(is_zone(zone));
	if (zone != OVS_ZONE_LIMIT_DEFAULT_ZONE &&
	    fake_ct_limit_next(net, zone, limit) && limit->zone_id == zone)
		return;
	*limit = (struct ovs_zone_limit){ zone, limits.standard, 0 };
}

void fake_limits_forget(const struct datapath *dp)
{
	int i;

	for (i = 0; i < METERS; i++)
		if (limits.meters[i].dp == dp)
			limits.meters[i].dp = NULL;
}

void fake_limits_start(void)
{
	memset(&limits, 0, sizeof(limits));
}
