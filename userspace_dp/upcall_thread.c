// SPDX-License-Identifier: BSD-3-Clause
/*
 * The upcall thread: sends packets to clients.
 *
 * Overview
 *
 *	Empties the contexts' rings into a queue per vport and serves the queues
 *	in turn, one message each; a packet that becomes several messages costs
 *	its vport as many turns. Where ports share a client, one with many
 *	upcalls leaves the last quarter of the client's buffer to the others.
 *	See upcall.c for the whole.
 *
 * Life cycle
 *
 *	From twin_upcall_thread_start() to twin_upcall_thread_stop(). It sleeps
 *	when there is nothing to do. Waking it up is a system call of the
 *	worker: if that happens too often it dozes for a fixed time instead,
 *	out of which nobody wakes it.
 *
 * Synchronisation
 *
 *	`sleeping` is set before the thread looks at the rings for the last
 *	time, and read by contexts after they put an item there, with full
 *	fences between: one of the two sees the other.
 *
 * Lock order
 *
 *	forget_lock is held by the control thread while it waits, and by this
 *	thread while it forgets; nothing is taken inside.
 */
#define _GNU_SOURCE
#include "upcall_private.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <rte_cycles.h>

#define BURST 32
#define SERVE_BATCH 64
/* A port with more upcalls a second than this, but for a burst now and then,
 * has many.
 */
#define MANY_HZ 2000
#define MANY_BURST 64
/* As many times a millisecond it may be woken up; further sleep is so long. */
#define WAKES_MAX 20
#define DOZE_US 50

static pthread_t thread;
static bool running, stopping;
static int sleeping;
static int wake_fd = -1;
static TAILQ_HEAD(, twin_vport_upcalls) turns = TAILQ_HEAD_INITIALIZER(turns);
static uint64_t drops[TWIN_DROP_COUNT];

static pthread_mutex_t forget_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t forgotten = PTHREAD_COND_INITIALIZER;
static struct twin_vport_upcalls *to_forget;

/* Messages */

/* Count a message; does its vport have many? */
static bool has_many(struct twin_vport_upcalls *u)
{
	uint64_t now = rte_rdtsc(), step = rte_get_tsc_hz() / MANY_HZ;

	if (u->pace + MANY_BURST * step < now)
		u->pace = now - MANY_BURST * step;
	if (u->pace > now)
		return true;
	u->pace += step;
	return false;
}

static struct twin_upcall_sender sender = { .yield = has_many };

static int send_item(struct twin_upcall_item *item)
{
	struct twin_vport_upcalls *u = item->vport->upcalls;
	unsigned int messages = 0;
	int err;

	err = twin_upcall_message_send(&sender, item, &messages);
	if (messages > 1)
		u->debt += messages - 1;
	return err;
}

/* Back to its context. */
static void item_put(struct twin_upcall_item *item)
{
	struct twin_upcall_count *done =
		&item->vport->upcalls->done[item->ctx_id];

	rte_pktmbuf_free(item->m);
	twin_upcall_extra_free(item);
	__atomic_store_n(&done->n, done->n + item->cost, __ATOMIC_RELEASE);
	rte_ring_sp_enqueue(twin_upcall_sources[item->ctx_id].back, item);
}

static void lose_item(struct twin_upcall_item *item, enum twin_drop reason)
{
	struct twin_upcall_count *count =
		&item->vport->upcalls->done[item->ctx_id];

	drops[reason]++;
	if (item->cmd != TWIN_UPCALL_SAMPLE) {
		count->failed++;
		__atomic_store_n(&item->dp->n_lost_upcalls,
				 item->dp->n_lost_upcalls + 1,
				 __ATOMIC_RELAXED);
	}
	item_put(item);
}

static void serve_item(struct twin_upcall_item *item)
{
	int err = send_item(item);

	if (err) {
		lose_item(item, twin_upcall_reason(item, err));
		return;
	}
	if (item->cmd != TWIN_UPCALL_SAMPLE)
		item->vport->upcalls->done[item->ctx_id].sent++;
	item_put(item);
}

/* Queues */

static void queue_item(struct twin_upcall_item *item)
{
	struct twin_vport_upcalls *u = item->vport->upcalls;

	STAILQ_INSERT_TAIL(&u->queue, item, next);
	if (u->waiting)
		return;
	u->waiting = true;
	TAILQ_INSERT_TAIL(&turns, u, turn);
}

static unsigned int drain(void)
{
	struct twin_upcall_item *items[BURST];
	unsigned int i, j, n, total = 0;

	for (i = 0; i < twin_ctx_count(); i++) {
		do {
			n = rte_ring_sc_dequeue_burst(
				twin_upcall_sources[i].ring, (void **)items,
				BURST, NULL);
			for (j = 0; j < n; j++)
				queue_item(items[j]);
			total += n;
		} while (n == BURST);
	}
	return total;
}

static struct twin_upcall_item *take_item(struct twin_vport_upcalls *u)
{
	struct twin_upcall_item *item = STAILQ_FIRST(&u->queue);

	STAILQ_REMOVE_HEAD(&u->queue, next);
	TAILQ_REMOVE(&turns, u, turn);
	u->waiting = !STAILQ_EMPTY(&u->queue);
	if (u->waiting)
		TAILQ_INSERT_TAIL(&turns, u, turn);
	return item;
}

/* Serve some items, each port in its turn. */
static unsigned int serve(void)
{
	struct twin_vport_upcalls *u;
	unsigned int n = 0;

	while (n < SERVE_BATCH && (u = TAILQ_FIRST(&turns))) {
		if (u->debt && TAILQ_NEXT(u, turn)) {
			u->debt--;
			TAILQ_REMOVE(&turns, u, turn);
			TAILQ_INSERT_TAIL(&turns, u, turn);
			continue;
		}
		serve_item(take_item(u));
		n++;
	}
	return n;
}

static void forget(void)
{
	struct twin_vport_upcalls *u;

	if (!__atomic_load_n(&to_forget, __ATOMIC_ACQUIRE))
		return;
	drain();
	pthread_mutex_lock(&forget_lock);
	u = to_forget;
	while (!STAILQ_EMPTY(&u->queue))
		lose_item(take_item(u), TWIN_DROP_NO_VPORT);
	__atomic_store_n(&to_forget, NULL, __ATOMIC_RELEASE);
	pthread_cond_signal(&forgotten);
	pthread_mutex_unlock(&forget_lock);
}

static bool anything_to_do(void)
{
	unsigned int i;

	if (__atomic_load_n(&to_forget, __ATOMIC_ACQUIRE) ||
	    __atomic_load_n(&stopping, __ATOMIC_ACQUIRE))
		return true;
	for (i = 0; i < twin_ctx_count(); i++)
		if (!rte_ring_empty(twin_upcall_sources[i].ring))
			return true;
	return false;
}

/* Was the thread woken up too often of late? Counts one more. */
static bool is_restless(void)
{
	static unsigned int wakes;
	static uint64_t since;
	uint64_t now = rte_rdtsc();

	if (now - since > rte_get_tsc_hz() / 1000) {
		since = now;
		wakes = 0;
	}
	return ++wakes > WAKES_MAX;
}

static void sleep_until_woken(void)
{
	eventfd_t n;

	if (is_restless()) {
		usleep(DOZE_US);
		return;
	}

	__atomic_store_n(&sleeping, 1, __ATOMIC_RELAXED);
	rte_atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (anything_to_do()) {
		__atomic_store_n(&sleeping, 0, __ATOMIC_RELAXED);
		return;
	}
	eventfd_read(wake_fd, &n);
}

static void *upcall_main(void *arg)
{
	(void)arg;
	pthread_setname_np(pthread_self(), "upcall");
	/* For short naps: the default would double them. */
	prctl(PR_SET_TIMERSLACK, 1000);
	while (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE)) {
		drain();
		forget();
		if (!serve())
			sleep_until_woken();
	}
	return NULL;
}

/* Others' side */

void twin_upcall_thread_wake(void)
{
	rte_atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&sleeping, __ATOMIC_RELAXED) &&
	    __atomic_exchange_n(&sleeping, 0, __ATOMIC_RELAXED))
		eventfd_write(wake_fd, 1);
}

void twin_upcall_thread_forget(struct twin_vport_upcalls *upcalls)
{
	if (!running)
		return;
	pthread_mutex_lock(&forget_lock);
	__atomic_store_n(&to_forget, upcalls, __ATOMIC_RELEASE);
	twin_upcall_thread_wake();
	while (to_forget)
		pthread_cond_wait(&forgotten, &forget_lock);
	pthread_mutex_unlock(&forget_lock);
}

uint64_t twin_upcall_drops(enum twin_drop reason)
{
	return __atomic_load_n(&drops[reason], __ATOMIC_RELAXED);
}

int twin_upcall_thread_start(void)
{
	sigset_t all, old;
	int err;

	wake_fd = eventfd(0, EFD_CLOEXEC);
	if (wake_fd < 0)
		return -errno;
	stopping = false;
	/* Signals are the control thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&thread, NULL, upcall_main, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	running = !err;
	if (err)
		close(wake_fd);
	return -err;
}

void twin_upcall_thread_stop(void)
{
	if (!running)
		return;
	__atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
	eventfd_write(wake_fd, 1);
	pthread_join(thread, NULL);
	running = false;
	close(wake_fd);
}
