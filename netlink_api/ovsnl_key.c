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

/* Words in use: none behind where options start if there are none. */
static int words_used(const struct ovsnl_key *mask)
{
	return mask->tun.opts_len ? OVSNL_KEY_WORDS
				  : OVSNL_KEY_OPTS_LINE * OVSNL_KEY_LINE / 8;
}

static_assert(OVSNL_KEY_LINE / 8 % 4 == 0, "words go by fours");

void ovsnl_key_mask(struct ovsnl_key *dst, const struct ovsnl_key *src,
		    const struct ovsnl_key *mask)
{
	const ovsnl_key_word *s = ovsnl_key_words(src);
	const ovsnl_key_word *m = ovsnl_key_words(mask);
	ovsnl_key_word *d = (ovsnl_key_word *)(void *)dst;
	int i, n = words_used(mask);

	for (i = 0; i < n; i += 4) {
		d[i] = s[i] & m[i];
		d[i + 1] = s[i + 1] & m[i + 1];
		d[i + 2] = s[i + 2] & m[i + 2];
		d[i + 3] = s[i + 3] & m[i + 3];
	}
	if (n < OVSNL_KEY_WORDS)
		memset(dst->tun.opts, 0, sizeof(dst->tun.opts));
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
	int first = 0, end = words_used(mask);

	while (first < end && !m[first])
		first++;
	while (end > first &&
	       !(m[end - 1] | m[end - 2] | m[end - 3] | m[end - 4]))
		end -= 4;
	while (end > first && !m[end - 1])
		end--;
	range.first = first;
	range.end = end;
	return range;
}
