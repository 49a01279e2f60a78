// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Flow keys and masks as plain words.
 *
 * Overview: what both datapaths do with whole keys; parsing them from
 * attributes is in ovsnl_key_parse.c, writing them in ovsnl_key_put.c.
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * structs.
 */
#include "ovsnl_key.h"

static_assert(sizeof(struct ovsnl_key) == OVSNL_KEY_WORDS * sizeof(__u64),
	      "key is whole words");

void ovsnl_key_mask(struct ovsnl_key *dst, const struct ovsnl_key *src,
		    const struct ovsnl_key *mask)
{
	const ovsnl_key_word *s = ovsnl_key_words(src);
	const ovsnl_key_word *m = ovsnl_key_words(mask);
	ovsnl_key_word *d = (ovsnl_key_word *)(void *)dst;
	int i;

	for (i = 0; i < OVSNL_KEY_WORDS; i++)
		d[i] = s[i] & m[i];
}

unsigned int ovsnl_key_lines(const struct ovsnl_key *mask)
{
	const ovsnl_key_word *m = ovsnl_key_words(mask);
	unsigned int lines = 0;
	int i;

	for (i = 0; i < OVSNL_KEY_WORDS; i++)
		if (m[i])
			lines |= 1u << (i * sizeof(__u64) / OVSNL_KEY_LINE);
	return lines;
}

struct ovsnl_key_range ovsnl_key_range(const struct ovsnl_key *mask)
{
	const ovsnl_key_word *m = ovsnl_key_words(mask);
	struct ovsnl_key_range range = { 0, 0 };
	int first = 0, end = OVSNL_KEY_WORDS;

	while (first < end && !m[first])
		first++;
	while (end > first && !m[end - 1])
		end--;
	range.first = first;
	range.end = end;
	return range;
}
