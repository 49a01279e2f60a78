// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Meters: from what a client asked for to rule and bucket.
 *
 * Overview: the part that runs once for a meter; what runs for each packet is
 * inline in the header.
 *
 * Life cycle: a meter starts with a full bucket.
 * Synchronisation: pure functions; whoever has the bucket sees to it.
 * Lock order: none.
 */
#include "ovsnl_meter.h"

/* Tokens in a kilobit or a packet. */
#define TOKENS 1000

void ovsnl_meter_start(struct ovsnl_meter_rule *rule,
		       struct ovsnl_meter_bucket *bucket,
		       const struct ovsnl_meter_args *args, __u64 now_ms)
{
	const struct ovsnl_meter_band *band = &args->bands[0];

	memset(rule, 0, sizeof(*rule));
	memset(bucket, 0, sizeof(*bucket));
	bucket->used_ms = now_ms;
	if (!args->n_bands)
		return;
	rule->kbps = args->kbps;
	rule->drops = band->type == OVS_METER_BAND_TYPE_DROP;
	rule->rate = band->rate;
	rule->capacity = (__u64)band->burst * TOKENS;
	rule->fill_ms = (rule->capacity + band->rate - 1) / band->rate;
	bucket->tokens = rule->capacity;
}
