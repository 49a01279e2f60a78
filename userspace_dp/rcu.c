// SPDX-License-Identifier: BSD-3-Clause
/*
 * Quiescent-state reclamation.
 *
 * Overview
 *	Readers say when they hold no pointers to shared data; the writer
 *	frees what it has unlinked once all of them have said so. Callbacks
 *	wait in a queue, in the order of their tokens.
 *
 * Life cycle
 *	Initialised once, never torn down: readers may come and go.
 *
 * Synchronisation
 *	The queue belongs to the control thread. Readers touch nothing but
 *	their own counter.
 *
 * Lock order
 *	No locks.
 */
#include "rcu.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <rte_rcu_qsbr.h>

struct deferred {
	STAILQ_ENTRY(deferred) next;
	uint64_t token;
	void (*fn)(void *arg);
	void *arg;
};

static struct rte_rcu_qsbr *readers;
static STAILQ_HEAD(, deferred) waiting = STAILQ_HEAD_INITIALIZER(waiting);
static unsigned int n_waiting;

int twin_rcu_init(unsigned int n_readers)
{
	size_t size = rte_rcu_qsbr_get_memsize(n_readers);

	readers = aligned_alloc(RTE_CACHE_LINE_SIZE,
				RTE_ALIGN(size, RTE_CACHE_LINE_SIZE));
	if (!readers)
		return -ENOMEM;
	return rte_rcu_qsbr_init(readers, n_readers) ? -EINVAL : 0;
}

void twin_rcu_online(unsigned int id)
{
	rte_rcu_qsbr_thread_register(readers, id);
	rte_rcu_qsbr_thread_online(readers, id);
}

void twin_rcu_offline(unsigned int id)
{
	rte_rcu_qsbr_thread_offline(readers, id);
}

void twin_rcu_quiescent(unsigned int id)
{
	rte_rcu_qsbr_quiescent(readers, id);
}

static void wait_for(uint64_t token)
{
	/* A reader may share this thread's core: let it run. */
	while (!rte_rcu_qsbr_check(readers, token, false))
		sched_yield();
}

void twin_rcu_synchronize(void)
{
	wait_for(rte_rcu_qsbr_start(readers));
}

void twin_rcu_defer(void (*fn)(void *arg), void *arg)
{
	struct deferred *d = malloc(sizeof(*d));

	if (!d) {
		twin_rcu_synchronize();
		fn(arg);
		return;
	}
	d->token = rte_rcu_qsbr_start(readers);
	d->fn = fn;
	d->arg = arg;
	STAILQ_INSERT_TAIL(&waiting, d, next);
	n_waiting++;
}

unsigned int twin_rcu_poll(void)
{
	struct deferred *d;

	while ((d = STAILQ_FIRST(&waiting)) != NULL &&
	       rte_rcu_qsbr_check(readers, d->token, false)) {
		STAILQ_REMOVE_HEAD(&waiting, next);
		n_waiting--;
		d->fn(d->arg);
		free(d);
	}
	return n_waiting;
}
