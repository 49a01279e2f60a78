/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_RXQ_PLAN_H
#define TWIN_RXQ_PLAN_H

#include <stdbool.h>
#include <stdint.h>

/* Which worker is to poll which receive queue: arithmetic only. */

#define TWIN_RXQ_ANY (-1)

/**
 * struct twin_rxq_item - a receive queue.
 * @load: what it costs, in any unit
 * @worker: who polls it now; TWIN_RXQ_ANY: nobody
 * @pinned: who has to; TWIN_RXQ_ANY: whoever
 * @planned: who is to; set by twin_rxq_plan()
 */
struct twin_rxq_item {
	uint64_t load;
	int worker;
	int pinned;
	int planned;
};

/**
 * twin_rxq_plan() - share queues out: pinned ones to their workers, the others
 * in the order of their loads, the heaviest first, each to the worker that has
 * least so far. Of several that have the same the one that polls it already, or
 * else the first. The heaviest worker then has at most 4/3 of what the best
 * plan would give it, where nothing is pinned.
 * @items, @n: the queues; their order does not change
 * @isolated: by worker: it takes pinned queues only. Where all are isolated
 *            the others go to any
 * @n_workers: 1 or more; every @pinned is less
 * Return: 0 or -ENOMEM.
 */
int twin_rxq_plan(struct twin_rxq_item *items, unsigned int n,
		  const bool *isolated, unsigned int n_workers);

/**
 * twin_rxq_variance() - of the workers' loads, as a measure of how uneven they
 * are; of those workers that queues can be moved to.
 * @planned: by @planned, or else by @worker
 */
double twin_rxq_variance(const struct twin_rxq_item *items, unsigned int n,
			 const bool *isolated, unsigned int n_workers,
			 bool planned);

/** twin_rxq_improvement() - by how many percent the plan lowers the variance; 0
 * when it does not.
 */
unsigned int twin_rxq_improvement(const struct twin_rxq_item *items,
				  unsigned int n, const bool *isolated,
				  unsigned int n_workers);

#endif
