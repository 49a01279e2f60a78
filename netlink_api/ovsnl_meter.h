/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_METER_H
#define OVSNL_METER_H

#include "ovsnl_env.h"
#include "ovsnl_ops.h"

/* The arithmetic of meters: a bucket that fills with time and that packets
 * empty. Time is in milliseconds, so that a rate in kilobits or packets a
 * second fills it by rate bits, or rate thousandths of a packet, each
 * millisecond. These are the units of "tokens".
 */

/** struct ovsnl_meter_rule - how a meter's bucket fills, constant.
 * @capacity: tokens of a full bucket, below 2^42
 * @fill_ms: milliseconds after which an empty one is full
 * @rate: tokens per millisecond, 0 for a meter without a band
 * @kbps: packets cost their bits, otherwise one packet
 * @drops: packets that exceed the rate are to be dropped, not just counted
 */
struct ovsnl_meter_rule {
	__u64 capacity;
	__u64 fill_ms;
	__u32 rate;
	bool kbps;
	bool drops;
};

/** struct ovsnl_meter_bucket - what packets change.
 * @used_ms: time of the last packet; never goes back
 * @tokens: as of then
 *
 * Two words, aligned so that they can be exchanged in one piece.
 */
struct ovsnl_meter_bucket {
	__u64 used_ms;
	__u64 tokens;
} __attribute__((aligned(16)));

/** ovsnl_meter_start() - rule and full bucket of a new meter.
 * @args: checked: at most one band, whose rate is not 0
 * @now_ms: CLOCK_MONOTONIC milliseconds
 */
void ovsnl_meter_start(struct ovsnl_meter_rule *rule,
		       struct ovsnl_meter_bucket *bucket,
		       const struct ovsnl_meter_args *args, __u64 now_ms);

/* Tokens of @rule's bucket @elapsed_ms after it had @tokens. */
static __always_inline __u64 ovsnl_meter_fill(
	const struct ovsnl_meter_rule *rule, __u64 tokens, __u64 elapsed_ms)
{
	if (elapsed_ms >= rule->fill_ms)
		return rule->capacity;
	tokens += elapsed_ms * rule->rate;
	return tokens < rule->capacity ? tokens : rule->capacity;
}

/**
 * ovsnl_meter_charge() - let a packet of @len bytes pass the bucket.
 * @bucket: changed; the caller sees to it that nobody else does meanwhile
 * @now_ms: may lie before the last packet's, as CPUs may disagree: the bucket
 *          doesn't fill then
 * Return: true when the packet exceeds the rate. It takes no tokens then.
 */
static __always_inline bool
ovsnl_meter_charge(const struct ovsnl_meter_rule *rule,
		   struct ovsnl_meter_bucket *bucket, __u32 len, __u64 now_ms)
{
	__u64 cost = rule->kbps ? (__u64)len * 8 : 1000;

	if (now_ms > bucket->used_ms) {
		bucket->tokens = ovsnl_meter_fill(rule, bucket->tokens,
						  now_ms - bucket->used_ms);
		bucket->used_ms = now_ms;
	}
	if (!rule->rate)
		return false;
	if (bucket->tokens < cost)
		return true;
	bucket->tokens -= cost;
	return false;
}

#endif
