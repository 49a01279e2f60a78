// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Runs the lists of vectors, and decodes their hexadecimal. */
#include "selftest.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -EINVAL;
}

int ovsnl_selftest_unhex(const char *hex, __u8 *out)
{
	int n = 0, high, low;

	while (*hex) {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		high = digit(hex[0]);
		low = digit(hex[1]);
		if (high < 0 || low < 0 || n == OVSNL_VECTOR_MAX)
			return -EINVAL;
		out[n++] = high << 4 | low;
		hex += 2;
	}
	return n;
}

struct nlattr *ovsnl_selftest_nest(const char *hex, void *buf)
{
	struct nlattr *a = buf;
	int len;

	memset(buf, 0xa5, OVSNL_VECTOR_MAX + NLA_HDRLEN);
	len = ovsnl_selftest_unhex(hex, (__u8 *)buf + NLA_HDRLEN);
	if (len < 0)
		return NULL;
	a->nla_type = 1;
	a->nla_len = NLA_HDRLEN + len;
	return a;
}

int ovsnl_selftest_run(ovsnl_selftest_report report)
{
	static int (*const lists[])(ovsnl_selftest_report) = {
		ovsnl_selftest_packet,
		ovsnl_selftest_rewrite,
		ovsnl_selftest_key,
		ovsnl_selftest_action,
	};
	int failed = 0;
	unsigned int i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		failed += lists[i](report);
	return failed;
}
