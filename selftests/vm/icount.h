/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * icount - instruction counts read by a program inside a VM that was started with --icount
 *
 * With --icount=SHIFT every guest instruction, user's or kernel's, takes 2^SHIFT ns of guest time,
 * and the guest's TSC counts these nanoseconds. So with SHIFT 0 a TSC difference is the number of
 * instructions executed between the two readings, on the VM's only CPU, interrupts included.
 * CLOCK_MONOTONIC advances alike: times that programs (pktgen, perf scripts) report in ns are
 * instructions too. While the CPU idles, guest time follows real time: measure busy code only.
 */
#ifndef SELFTESTS_VM_ICOUNT_H
#define SELFTESTS_VM_ICOUNT_H

#include <stdint.h>

/**
 * icount_read - reads the guest's instruction counter
 *
 * Return: instructions executed since boot times 2^SHIFT. Meaningful inside `run --icount` only. A
 * measurement that a timer interrupt (250 a guest second) falls into counts that too: take the
 * least of several.
 */
static inline uint64_t icount_read(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

#endif
