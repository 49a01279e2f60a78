/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_TEST_CHECK_REWRITE_H
#define OVSNL_TEST_CHECK_REWRITE_H

#include "selftest.h"

/**
 * struct rewrite_case - one rewrite to judge.
 * @packet, @len: packet that begins with an Ethernet header, 14 bytes at least
 * @window: bytes that the rewriter may touch, at most @len
 * @kind, @value, @mask, @csum: what to do
 */
struct rewrite_case {
	const __u8 *packet;
	__u32 len;
	__u32 window;
	enum ovsnl_rewrite_kind kind;
	enum ovsnl_csum csum;
	union ovsnl_rewrite_fields value, mask;
};

/**
 * check_rewrite() - do rewriter and oracle agree?
 * Return: NULL, or what is wrong.
 */
const char *check_rewrite(const struct rewrite_case *c);

#endif
