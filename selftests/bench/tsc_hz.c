// SPDX-License-Identifier: BSD-3-Clause
/* Prints the TSC's frequency in Hz, measured against CLOCK_MONOTONIC_RAW. */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

int main(void)
{
	double start = now();
	unsigned long long tsc = __rdtsc();

	while (now() - start < 0.2)
		;
	printf("%.0f\n", (__rdtsc() - tsc) / (now() - start));
	return 0;
}
