// SPDX-License-Identifier: BSD-3-Clause
/*
 * Receive queues and their workers.
 *
 * Overview
 *	A queue goes to the worker that has fewest when its port is attached,
 *	unless it is pinned. From then on its cost is measured: every second
 *	what it was charged (worker.c) moves its load by a quarter of the
 *	difference. A plan (rxq_plan.c) is made of these loads when a client
 *	asks for one, or, if it is switched on, by itself: when a worker is
 *	nearly fully used and the variance of loads would be lowered by enough,
 *	and not before some time has passed since the last time. What is moved
 *	and comes out wrong is so not moved back and forth.
 *
 *	Ports with a descriptor have one queue, and are moved likewise.
 *
 * Life cycle
 *	Pins live with their ports, the settings with the daemon; both are
 *	recorded (survive.c).
 *
 * Synchronisation
 *	Control thread only; workers' counters are read as they are.
 *
 * Lock order
 *	No locks.
 */
#include "rxq.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rte_cycles.h>

#include "log.h"
#include "rxq_plan.h"

#define SAMPLE_MS 1000
/* The share of the difference by which a sample moves a load, as a shift. */
#define SAMPLE_SHIFT 2
#define INTERVAL_MAX_S 86400

static struct twin_ctl_balance balance = {
	.load = 95,
	.improvement = 25,
	.interval = 60,
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

/* Plans */

static unsigned int count_queues(void)
{
	struct twin_port *port = NULL;
	unsigned int n = 0;

	while ((port = twin_port_next(port)))
		n += port->n_rxq;
	return n;
}

/* Those that are polled, with @moves->v in the same order. */
static unsigned int list_queues(struct twin_rxq_item *items,
				struct twin_ctl_move *v)
{
	struct twin_port *port = NULL;
	unsigned int n = 0, i;

	while ((port = twin_port_next(port)))
		for (i = 0; i < port->n_rxq; i++) {
			if (port->rxq[i].worker < 0)
				continue;
			items[n] = (struct twin_rxq_item){
				.load = port->rxq[i].load,
				.worker = port->rxq[i].worker,
				.pinned = port->rxq[i].pinned,
			};
			snprintf(v[n].port, sizeof(v[n].port), "%s",
				 port->name);
			v[n].queue = i;
			v[n++].from = port->rxq[i].worker;
		}
	return n;
}

static int plan(struct twin_rxq_moves *moves, struct twin_rxq_item *items)
{
	const bool *isolated = twin_worker_isolated();
	unsigned int i, n = list_queues(items, moves->v);
	int err;

	err = twin_rxq_plan(items, n, isolated, twin_worker_count());
	if (err)
		return err;
	moves->improvement =
		twin_rxq_improvement(items, n, isolated, twin_worker_count());
	for (i = 0; i < n; i++) {
		if (items[i].planned == items[i].worker)
			continue;
		moves->v[moves->n] = moves->v[i];
		moves->v[moves->n++].to = items[i].planned;
	}
	return 0;
}

int twin_rxq_propose(struct twin_rxq_moves *moves)
{
	unsigned int n = count_queues();
	struct twin_rxq_item *items = calloc(n + 1, sizeof(items[0]));
	int err = -ENOMEM;

	*moves = (struct twin_rxq_moves){
		.v = calloc(n + 1, sizeof(moves->v[0])),
	};
	if (items && moves->v)
		err = plan(moves, items);
	free(items);
	if (err) {
		free(moves->v);
		moves->v = NULL;
	}
	return err;
}

int twin_rxq_carry_out(const struct twin_rxq_moves *moves)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < moves->n && !err; i++)
		err = twin_worker_move(twin_port_find(moves->v[i].port),
				       moves->v[i].queue, moves->v[i].to);
	return err;
}

int twin_rxq_pin(struct twin_port *port, uint16_t queue, int worker)
{
	struct twin_rxq *rxq = &port->rxq[queue];
	int err = 0;

	if (worker >= 0 && rxq->worker >= 0)
		err = twin_worker_move(port, queue, worker);
	if (!err)
		rxq->pinned = worker;
	return err;
}

/* By itself */

const struct twin_ctl_balance *twin_rxq_balance(void)
{
	return &balance;
}

int twin_rxq_set_balance(const struct twin_ctl_balance *wanted)
{
	if (wanted->on > 1 || wanted->load > 100 || wanted->improvement > 100 ||
	    !wanted->interval || wanted->interval > INTERVAL_MAX_S)
		return -EINVAL;
	balance = *wanted;
	return 0;
}

static void measure_queues(uint64_t ms)
{
	struct twin_port *port = NULL;
	struct twin_rxq *rxq;
	uint64_t cycles, rate;
	unsigned int i;

	while ((port = twin_port_next(port)))
		for (i = 0; i < port->n_rxq; i++) {
			rxq = &port->rxq[i];
			cycles = rxq->cycles;
			rate = (cycles - rxq->seen) * 1000 / ms;
			rxq->seen = cycles;
			rxq->load -= rxq->load >> SAMPLE_SHIFT;
			rxq->load += rate >> SAMPLE_SHIFT;
		}
}

/* Is a worker, that could give something away, used as much as it may be? */
static bool overloaded(void)
{
	uint64_t loads[TWIN_MAX_CTX] = { 0 };
	unsigned int i, queues[TWIN_MAX_CTX] = { 0 };
	struct twin_port *port = NULL;
	const struct twin_rxq *rxq;

	while ((port = twin_port_next(port)))
		for (i = 0; i < port->n_rxq; i++) {
			rxq = &port->rxq[i];
			if (rxq->worker < 0)
				continue;
			loads[rxq->worker] += rxq->load;
			queues[rxq->worker]++;
		}
	for (i = 0; i < twin_worker_count(); i++)
		if (queues[i] > 1 && !twin_worker_isolated()[i] &&
		    loads[i] >= rte_get_tsc_hz() / 100 * balance.load)
			return true;
	return false;
}

static void rebalance(void)
{
	struct twin_rxq_moves moves;

	if (!overloaded() || twin_rxq_propose(&moves))
		return;
	if (moves.n && moves.improvement &&
	    moves.improvement >= balance.improvement) {
		twin_log("%u receive queue%s to other workers: variance of "
			 "loads lowered by %u%%",
			 moves.n, moves.n > 1 ? "s move" : " moves",
			 moves.improvement);
		twin_rxq_carry_out(&moves);
	}
	free(moves.v);
}

int twin_rxq_hook(void)
{
	static uint64_t sampled_ms, balanced_ms;
	uint64_t now = now_ms();

	if (!twin_port_next(NULL))
		return -1;
	if (!sampled_ms || now >= sampled_ms + SAMPLE_MS) {
		measure_queues(sampled_ms ? now - sampled_ms : SAMPLE_MS);
		sampled_ms = now;
	}
	if (!balance.on)
		balanced_ms = now;
	if (now >= balanced_ms + balance.interval * 1000ull) {
		balanced_ms = now;
		rebalance();
	}
	return sampled_ms + SAMPLE_MS - now;
}
