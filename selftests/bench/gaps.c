// SPDX-License-Identifier: BSD-3-Clause
/*
 * How long does this machine keep a loop from running that does nothing but
 * look at the clock? Prints one JSON object: gaps by length, as `twinpath
 * pmd-perf --json` has a worker's rounds, by the same account.
 *
 * usage: gaps CPU SECONDS
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

#include "work.h"

static double tsc_hz(void)
{
	struct timespec a, b, tenth = { .tv_nsec = 100000000 };
	uint64_t start;

	clock_gettime(CLOCK_MONOTONIC, &a);
	start = __rdtsc();
	nanosleep(&tenth, NULL);
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (__rdtsc() - start) /
	       (b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9);
}

static void watch(struct twin_work *work, uint64_t cycles)
{
	uint64_t start = __rdtsc(), last = start, now;
	unsigned int n = 0;

	twin_work_base(work, start);
	while (last - start < cycles) {
		now = __rdtsc();
		twin_work_round(work, now - last, 0, now);
		last = now;
		/* About as often as a worker does. */
		if (++n % (1 << 18) == 0)
			twin_work_base(work, now);
	}
}

int main(int argc, char **argv)
{
	double hz = tsc_hz(), seconds = argc == 3 ? strtod(argv[2], NULL) : 0;
	uint64_t longest, own, idle;
	struct twin_work work;
	cpu_set_t cpus;
	int i;

	CPU_ZERO(&cpus);
	CPU_SET(argc == 3 ? atoi(argv[1]) : 0, &cpus);
	if (seconds <= 0 || sched_setaffinity(0, sizeof(cpus), &cpus)) {
		fprintf(stderr, "usage: gaps CPU SECONDS\n");
		return 2;
	}
	twin_work_init(&work, hz);
	watch(&work, seconds * hz);
	twin_work_longest(&work, &longest, &own, &idle);
	printf("{\"longest_ns\": %ju, \"longest_own_ns\": %ju, \"own\": [",
	       (uintmax_t)longest, (uintmax_t)own);
	for (i = 0; i < TWIN_WORK_CLASSES; i++)
		printf("%s%ju", i ? ", " : "", (uintmax_t)work.own_idle[i]);
	printf("]}\n");
	return 0;
}
