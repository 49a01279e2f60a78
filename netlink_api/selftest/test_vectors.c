// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The vectors as a program: one TAP line each. */
#include <stdio.h>
#include <stdlib.h>
#include "selftest.h"

static int count;

static void report(const char *name, bool ok)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++count, name);
}

int main(void)
{
	int failed;

	puts("TAP version 13");
	failed = ovsnl_selftest_run(report);
	printf("1..%d\n", count);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
