/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_WORK_H
#define TWIN_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>

/* What a worker's poll rounds cost, and how long they were. A round is the
 * time from one look at the devices to the next: how long a packet may wait
 * because its worker does something else.
 */

/* Classes of lengths: class N has the rounds of 2^(N-1) to 2^N - 1 ns, the last
 * one all that are longer.
 */
#define TWIN_WORK_CLASSES 32

/* From this class on (32.8 us) rounds are looked at more closely: was the
 * processor taken away from the thread?
 */
#define TWIN_WORK_LONG 16

/**
 * struct twin_work - a worker's account; it alone writes, all may read.
 * @idle, @busy: rounds without and with packets, by length
 * @own_idle, @own_busy: long rounds again, by how long the thread had its
 *	processor meanwhile
 * @longest_ns, @longest_own_ns, @longest_idle_ns: of the long ones; of all, of
 *	the time on the processor, of that in rounds without packets
 * @bursts: times that a queue brought packets
 * @packets: received
 * @busy_cycles, @idle_cycles: TSC cycles of either kind of round
 * @miss_cycles: of those, what packets without a flow took
 * @sleeps, @sleep_cycles: rounds that were put off, and for how long
 * @tx_bursts, @tx_packets: times that packets were given to a port, and how
 *	many
 * @ns_mult: nanoseconds a cycle, times 2^TWIN_WORK_SHIFT
 * @base_tsc, @base_ns: TSC, and time that the thread has had its processor, at
 *	one moment not long ago
 * @clear: set by another thread to have the longest begin anew: see
 *	twin_work_clear()
 * @cleared: as far as the worker has followed it
 */
struct twin_work {
	uint64_t idle[TWIN_WORK_CLASSES];
	uint64_t busy[TWIN_WORK_CLASSES];
	uint64_t own_idle[TWIN_WORK_CLASSES];
	uint64_t own_busy[TWIN_WORK_CLASSES];
	uint64_t longest_ns;
	uint64_t longest_own_ns;
	uint64_t longest_idle_ns;
	uint64_t bursts;
	uint64_t packets;
	uint64_t busy_cycles;
	uint64_t idle_cycles;
	uint64_t miss_cycles;
	uint64_t sleeps;
	uint64_t sleep_cycles;
	uint64_t tx_bursts;
	uint64_t tx_packets;
	uint64_t ns_mult;
	uint64_t base_tsc;
	uint64_t base_ns;
	uint32_t clear;
	uint32_t cleared;
};

#define TWIN_WORK_SHIFT 20

/** twin_work_init() - before the first round. @tsc_hz: TSC cycles a second */
void twin_work_init(struct twin_work *work, uint64_t tsc_hz);

/** twin_work_base() - note the time that the calling thread has had its
 * processor: now and then, and after each sleep.
 */
void twin_work_base(struct twin_work *work, uint64_t tsc);

/** twin_work_long() - the rare part of twin_work_round(). Return: the class. */
unsigned int twin_work_long(struct twin_work *work, uint64_t ns, uint64_t tsc,
			    bool busy);

/** twin_work_clear() - let the longest rounds begin anew. Any thread. */
void twin_work_clear(struct twin_work *work);

/** twin_work_longest() - the longest rounds since twin_work_clear(), in ns, as
 * struct twin_work has them; 0 where none was long. Any thread.
 */
void twin_work_longest(const struct twin_work *work, uint64_t *ns,
		       uint64_t *own_ns, uint64_t *idle_ns);

/** twin_work_ns() - cycles as nanoseconds; up to 2^40 cycles. */
static inline uint64_t twin_work_ns(const struct twin_work *work,
				    uint64_t cycles)
{
	return cycles * work->ns_mult >> TWIN_WORK_SHIFT;
}

/**
 * twin_work_round() - a round has ended. The worker.
 * @cycles: that it took
 * @packets: that it received
 * @tsc: now
 */
static inline void twin_work_round(struct twin_work *work, uint64_t cycles,
				   unsigned int packets, uint64_t tsc)
{
	uint64_t ns = twin_work_ns(work, cycles);
	unsigned int class = 64 - __builtin_clzll(ns | 1);

	if (unlikely(class >= TWIN_WORK_LONG))
		class = twin_work_long(work, ns, tsc, packets);
	if (packets) {
		work->busy[class]++;
		work->packets += packets;
		work->busy_cycles += cycles;
	} else {
		work->idle[class]++;
		work->idle_cycles += cycles;
	}
}

#endif
