// SPDX-License-Identifier: BSD-3-Clause
/*
 * Looking packets up, with the instructions that every processor has: see
 * flow_lookup_stages.inc.
 */
#include "flow_hash.h"

static inline uint64_t line_hash(const uint64_t *key, const uint64_t *mask,
				 const uint64_t *secret)
{
	return twin_hash_line(key, mask, secret);
}

static inline uint64_t line_differs(const uint64_t *key, const uint64_t *mask,
				    const uint64_t *masked)
{
	uint64_t diff = 0;
	int i;

	for (i = 0; i < OVSNL_KEY_LINE / 8; i++)
		diff |= (key[i] & mask[i]) ^ masked[i];
	return diff;
}

#include "flow_lookup_stages.inc"

static bool usable(void)
{
	return true;
}

const struct twin_lookup twin_lookup_scalar = {
	.name = "scalar",
	.usable = usable,
	.lookup = lookup,
	.match = match,
	.hash = hash,
};
