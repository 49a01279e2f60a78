// SPDX-License-Identifier: BSD-3-Clause
/*
 * Plans of which worker polls which receive queue.
 *
 * Overview
 *	Longest processing time first: simple, the same for the same input, and
 *	never far from the best.
 *
 * Life cycle
 *	No state.
 *
 * Synchronisation
 *	None.
 */
#include "rxq_plan.h"

#include <errno.h>
#include <stdlib.h>

/* May the worker be given queues that are not pinned? */
static bool is_open(const bool *isolated, unsigned int n_workers,
		    unsigned int worker)
{
	unsigned int i;

	if (!isolated[worker])
		return true;
	for (i = 0; i < n_workers; i++)
		if (!isolated[i])
			return false;
	return true;
}

/* The heaviest first; of equals the one that comes first. */
static int compare(const void *a, const void *b)
{
	const struct twin_rxq_item *const *x = a, *const *y = b;

	if ((*x)->load != (*y)->load)
		return (*x)->load > (*y)->load ? -1 : 1;
	return *x < *y ? -1 : 1;
}

static unsigned int least(const uint64_t *loads, const unsigned int *counts,
			  const bool *isolated, unsigned int n_workers,
			  const struct twin_rxq_item *item)
{
	unsigned int i, best = n_workers;

	for (i = 0; i < n_workers; i++) {
		if (!is_open(isolated, n_workers, i))
			continue;
		if (best == n_workers || loads[i] < loads[best] ||
		    (loads[i] == loads[best] && counts[i] < counts[best]) ||
		    (loads[i] == loads[best] && counts[i] == counts[best] &&
		     (int)i == item->worker))
			best = i;
	}
	return best;
}

static void share_out(struct twin_rxq_item **order, unsigned int n,
		      const bool *isolated, unsigned int n_workers,
		      uint64_t *loads, unsigned int *counts)
{
	struct twin_rxq_item *item;
	unsigned int i, pass;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < n; i++) {
			item = order[i];
			if ((item->pinned == TWIN_RXQ_ANY) != pass)
				continue;
			item->planned = pass ? (int)least(loads, counts,
							  isolated, n_workers,
							  item)
					     : item->pinned;
			loads[item->planned] += item->load;
			counts[item->planned]++;
		}
}

int twin_rxq_plan(struct twin_rxq_item *items, unsigned int n,
		  const bool *isolated, unsigned int n_workers)
{
	struct twin_rxq_item **order = calloc(n ? n : 1, sizeof(order[0]));
	uint64_t *loads = calloc(n_workers, sizeof(loads[0]));
	unsigned int *counts = calloc(n_workers, sizeof(counts[0]));
	int err = order && loads && counts ? 0 : -ENOMEM;
	unsigned int i;

	if (!err) {
		for (i = 0; i < n; i++)
			order[i] = &items[i];
		qsort(order, n, sizeof(order[0]), compare);
		share_out(order, n, isolated, n_workers, loads, counts);
	}
	free(counts);
	free(loads);
	free(order);
	return err;
}

static double load_of(const struct twin_rxq_item *items, unsigned int n,
		      int worker, bool planned)
{
	double load = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		if ((planned ? items[i].planned : items[i].worker) == worker)
			load += items[i].load;
	return load;
}

double twin_rxq_variance(const struct twin_rxq_item *items, unsigned int n,
			 const bool *isolated, unsigned int n_workers,
			 bool planned)
{
	double sum = 0, squares = 0, load;
	unsigned int i, open = 0;

	for (i = 0; i < n_workers; i++) {
		if (!is_open(isolated, n_workers, i))
			continue;
		load = load_of(items, n, i, planned);
		sum += load;
		squares += load * load;
		open++;
	}
	return squares / open - sum / open * (sum / open);
}

unsigned int twin_rxq_improvement(const struct twin_rxq_item *items,
				  unsigned int n, const bool *isolated,
				  unsigned int n_workers)
{
	double now = twin_rxq_variance(items, n, isolated, n_workers, false);
	double then = twin_rxq_variance(items, n, isolated, n_workers, true);

	return now > 0 && then < now ? (now - then) * 100 / now : 0;
}
