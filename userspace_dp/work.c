// SPDX-License-Identifier: BSD-3-Clause
/*
 * The account of a worker's poll rounds: what is rare in it.
 *
 * Overview
 *	Most rounds cost their account a few instructions (twin_work_round()).
 *	A long one is asked whether the thread had its processor all the time:
 *	the system's clock of the thread tells, which is a system call, and so
 *	is asked for at the end of long rounds only. What it said last, with
 *	the TSC at that moment, is the base: time that passed since on the one
 *	clock and not on the other was taken away from the thread. Short losses
 *	before the round would be charged to it too; so the base is renewed
 *	every few milliseconds. An interrupt's time counts as the thread's own.
 *
 * Life cycle
 *	Stands in its context.
 *
 * Synchronisation
 *	The worker writes, others read words that may be a round old. To begin
 *	anew with the longest rounds is a wish: the worker sees it when the next
 *	long round ends, and until then there is none.
 *
 * Lock order
 *	No locks.
 */
#include "work.h"

#include <string.h>
#include <time.h>

static uint64_t thread_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

void twin_work_init(struct twin_work *work, uint64_t tsc_hz)
{
	memset(work, 0, sizeof(*work));
	work->ns_mult = (1000000000ull << TWIN_WORK_SHIFT) / tsc_hz;
}

void twin_work_base(struct twin_work *work, uint64_t tsc)
{
	work->base_tsc = tsc;
	work->base_ns = thread_ns();
}

static unsigned int class_of(uint64_t ns)
{
	unsigned int bits = 64 - __builtin_clzll(ns | 1);

	return bits < TWIN_WORK_CLASSES ? bits : TWIN_WORK_CLASSES - 1;
}

unsigned int twin_work_long(struct twin_work *work, uint64_t ns, uint64_t tsc,
			    bool busy)
{
	uint64_t wall = twin_work_ns(work, tsc - work->base_tsc);
	uint32_t clear = __atomic_load_n(&work->clear, __ATOMIC_RELAXED);
	uint64_t cpu = thread_ns();
	uint64_t own, lost;

	lost = wall > cpu - work->base_ns ? wall - (cpu - work->base_ns) : 0;
	own = lost < ns ? ns - lost : 0;
	work->base_tsc = tsc;
	work->base_ns = cpu;
	(busy ? work->own_busy : work->own_idle)[class_of(own)]++;
	if (clear != work->cleared) {
		work->longest_ns = 0;
		work->longest_own_ns = 0;
		work->longest_idle_ns = 0;
		__atomic_store_n(&work->cleared, clear, __ATOMIC_RELEASE);
	}
	if (ns > work->longest_ns)
		work->longest_ns = ns;
	if (own > work->longest_own_ns)
		work->longest_own_ns = own;
	if (!busy && own > work->longest_idle_ns)
		work->longest_idle_ns = own;
	return class_of(ns);
}

void twin_work_clear(struct twin_work *work)
{
	__atomic_fetch_add(&work->clear, 1, __ATOMIC_RELAXED);
}

void twin_work_longest(const struct twin_work *work, uint64_t *ns,
		       uint64_t *own_ns, uint64_t *idle_ns)
{
	bool none = __atomic_load_n(&work->cleared, __ATOMIC_ACQUIRE) !=
		    __atomic_load_n(&work->clear, __ATOMIC_RELAXED);

	*ns = none ? 0 : work->longest_ns;
	*own_ns = none ? 0 : work->longest_own_ns;
	*idle_ns = none ? 0 : work->longest_idle_ns;
}
