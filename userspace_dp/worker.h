/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_WORKER_H
#define TWIN_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "drop.h"
#include "ovsnl_key.h"
#include "work.h"

/* Execution contexts. Each worker thread is one, pinned to a core and polling;
 * the control thread is one more, without polling: it runs the actions of
 * OVS_PACKET_CMD_EXECUTE. A context owns its counters, caches, transmit
 * queues and deferred-action queue; nothing in it is shared for writing.
 *
 * Reclamation: every context is a QSBR reader (rcu.h). A worker reports a
 * quiescent state once per poll round.
 */

#define TWIN_BURST 32
#define TWIN_MAX_CTX 64

struct twin_port;
struct twin_flow_cache;
struct rte_ring;

/** struct twin_ctx - one context.
 * @id: 0 to n_workers - 1 for workers, n_workers for the control thread;
 *      index of every per-context array
 * @cpu: the core it is pinned to; upcalls with per-CPU dispatch use the
 *       worker's index as CPU number (worker i is CPU i)
 * @now_ms: CLOCK_MONOTONIC milliseconds, read once per poll round
 * @now_tsc: TSC at the same moment
 * @drops: packets dropped by reason
 * @upcalls_queued: the upcall thread is to be woken at the end of the round
 * @hits_wait: a burst of this round was full, and had packets that hit
 * @miss_credit: TSC cycles that misses may take, see upcall.c
 * @work: what its poll rounds cost
 */
struct twin_ctx {
	uint32_t id;
	int cpu;
	bool is_worker;
	uint64_t now_ms;
	uint64_t now_tsc;
	struct rte_mempool *pool;
	struct rte_ring *upcall_ring; /* SP/SC, towards the upcall thread */
	struct twin_flow_cache *cache;
	uint64_t drops[TWIN_DROP_COUNT];
	bool upcalls_queued;
	bool hits_wait;
	int64_t miss_credit;
	struct twin_work work;
	/* private to actions.c */
	struct twin_ctx_private *priv;
} __rte_cache_aligned;

/**
 * twin_workers_start() - packet memory, contexts and one thread a core.
 * @cpus, @n: cores; 1 to TWIN_MAX_CTX - 1 of them
 * @sleep_us: how long at most a worker that has nothing to do sleeps between
 *            two looks at its devices; 0: it never does
 *
 * Worker i is reader i of rcu.h, which is initialised before. Called by the
 * thread that is to be the control thread. Return: 0, -EINVAL, -ENOMEM, or
 * what creating a thread gave.
 */
int twin_workers_start(const int *cpus, unsigned int n, unsigned int sleep_us);

/** twin_workers_stop() - stop and join; ports must be gone. */
void twin_workers_stop(void);

/** twin_worker_count() - worker threads; contexts are one more. */
unsigned int twin_worker_count(void);

/** twin_ctx_count() - twin_worker_count() + 1. */
unsigned int twin_ctx_count(void);

/** twin_ctx_get() - context by id. */
struct twin_ctx *twin_ctx_get(unsigned int id);

/** twin_ctx_control() - the control thread's own context. */
struct twin_ctx *twin_ctx_control(void);

/** twin_ctx_tick() - bring now_ms and now_tsc up to date. @ctx's own thread. */
void twin_ctx_tick(struct twin_ctx *ctx);

/** twin_worker_poll_add() - start polling every queue of @port, queues spread
 * over the workers. Control thread. Return: 0 or -ENOMEM.
 */
int twin_worker_poll_add(struct twin_port *port);

/** twin_worker_poll_add_on() - start polling a port that has a descriptor, on
 * the worker @id. Control thread. Return: 0 or -ENOMEM.
 */
int twin_worker_poll_add_on(struct twin_port *port, unsigned int id);

/** twin_worker_poll_del() - stop; returns after a grace period. */
void twin_worker_poll_del(struct twin_port *port);

/** twin_worker_move() - let the worker @to poll a queue that another one polls
 * now. Packets keep their order: the one has sent all that it received before
 * the other begins; packets wait in the device meanwhile. Control thread.
 * Return: 0 or -ENOMEM; the queue is then where it was.
 */
int twin_worker_move(struct twin_port *port, uint16_t queue, unsigned int to);

/** twin_worker_isolate() - the worker takes only pinned queues from now on, or
 * any. Those that it has stay.
 */
void twin_worker_isolate(unsigned int id, bool yes);

/** twin_worker_isolated() - by worker. */
const bool *twin_worker_isolated(void);

#endif
