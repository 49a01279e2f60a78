// SPDX-License-Identifier: BSD-3-Clause
/*
 * icount_loop - shows that instruction counts are exact
 *
 * Runs a loop of two instructions 1,000 times and 11,000 times, and prints by how many instructions
 * the second took longer, least of ten measurements each: 20000 under --icount.
 */
#include <stdio.h>

#include "icount.h"

#define REPEATS 10

static uint64_t measure(uint64_t rounds)
{
	uint64_t start = icount_read();

	__asm__ volatile("1: dec %0; jnz 1b" : "+r"(rounds));
	return icount_read() - start;
}

static uint64_t least(uint64_t rounds)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < REPEATS; i++) {
		uint64_t count = measure(rounds);

		best = count < best ? count : best;
	}
	return best;
}

int main(void)
{
	printf("%lu\n", least(11000) - least(1000));
	return 0;
}
