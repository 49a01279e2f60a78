// SPDX-License-Identifier: BSD-3-Clause
/*
 * Worker threads.
 *
 * Overview
 *	A worker goes through its poll list again and again: receive a burst
 *	from each device, run it through the datapath, transmit what was
 *	gathered, report a quiescent state. Ports that have a file descriptor
 *	(TAP, packet socket) would cost a system call a round, so epoll tells
 *	which have packets: asked every round while there are any, else every
 *	FD_INTERVAL_US. A worker without devices sleeps in epoll when nothing
 *	is to do.
 *
 *	One with devices does so too, if it may: an eighth of the time that it
 *	has had nothing to do, up to a limit. A packet that ends a pause of some
 *	length is late by an eighth of that at most, and traffic whose packets
 *	come more often than every IDLE_MIN_US never meets a sleeping worker.
 *	Descriptors (probes among them) and news of its list wake it at once.
 *
 *	What a queue costs is measured burst by burst: the queue that brought
 *	the last packets is charged for all that is done until another one
 *	brings some, or the round ends. With one busy queue that takes no look
 *	at the clock beyond the round's own.
 *
 * Life cycle
 *	Threads and contexts live from twin_workers_start() to
 *	twin_workers_stop(). Each worker has two poll lists, one in use, the
 *	other to be filled when a port comes or goes.
 *
 * Synchronisation
 *	The control thread publishes a poll list with a store-release and waits
 *	for a grace period before it writes to the other one. epoll hands out pointers to ports:
 *	they are good until the worker's next quiescent state, because a port
 *	is taken out of epoll before the grace period that precedes its end.
 *	A worker that sleeps is no reader; what woke it up is asked for again
 *	once it is one.
 *
 * Lock order
 *	No locks.
 */
#define _GNU_SOURCE
#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "actions.h"
#include "input.h"
#include "pool.h"
#include "port.h"
#include "rcu.h"
#include "upcall.h"

#define FD_INTERVAL_US 20
/* As long as a device of 512 places takes at 8 million packets a second. */
#define REST_US 64
/* Idle so long, a worker that may sleeps; for this share of it, as a shift. */
#define IDLE_MIN_US 16
#define IDLE_SHIFT 3
/* Ticks, of half a millisecond, from one twin_work_base() to the next. */
#define BASE_TICKS 16
#define FD_EVENTS 32
/* Packets from one descriptor a round: where devices wait too, few, because
 * each costs a system call or a copy of up to 64 KB.
 */
#define FD_BURST_SHARED 8

#define ALL_QUEUES UINT32_MAX
#define MAX_DEVICE_QUEUES (RTE_MAX_ETHPORTS * 16)

/** struct queue - one receive queue to poll. @load: what it costs */
struct queue {
	struct twin_port *port;
	struct twin_rxq *load;
	uint16_t number;
};

/** struct poll_list - the devices that a worker polls. */
struct poll_list {
	unsigned int n_devices;
	struct queue devices[MAX_DEVICE_QUEUES];
};

/** struct worker - a thread and what it polls.
 * @list: the one of @lists that is in use
 * @epoll_fd: ports with a descriptor, and @wake_fd with a NULL pointer
 * @n_fds: ports in @epoll_fd; the control thread's
 * @next_fd_tsc: when descriptors are asked for again
 * @ticks: counted
 * @rest: TSC until which a device of the list is not polled, if it has just
 *	brought only what was dropped; for @rest_cycles. By place in the list:
 *	when that changes, another device may rest for once
 * @payer: the queue that brought the last packets of this round, or NULL
 * @charged_tsc: when all that was done had been charged to somebody
 * @busy_tsc: when there were packets last
 * @idle_min, @sleep_max: see sleep_idle(), in cycles; @sleep_max 0: never
 */
struct worker {
	struct twin_ctx *ctx;
	struct poll_list *list;
	int epoll_fd;
	int wake_fd;
	bool stop;
	unsigned int n_fds;
	uint64_t next_fd_tsc;
	unsigned int ticks;
	uint64_t rest_cycles;
	struct twin_rxq *payer;
	uint64_t charged_tsc;
	uint64_t busy_tsc;
	uint64_t idle_min;
	uint64_t sleep_max;
	uint64_t rest[MAX_DEVICE_QUEUES];
	pthread_t thread;
	struct poll_list lists[2];
} __rte_cache_aligned;

static struct twin_ctx contexts[TWIN_MAX_CTX];
static struct worker workers[TWIN_MAX_CTX];
static bool isolated[TWIN_MAX_CTX];
static unsigned int n_workers;

void twin_ctx_tick(struct twin_ctx *ctx)
{
	struct timespec ts;

	ctx->now_tsc = rte_rdtsc();
	clock_gettime(CLOCK_MONOTONIC, &ts);
	ctx->now_ms = ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

/* The poll round */

/* A queue has brought packets: it pays from now on. */
static inline void charge(struct worker *w, struct twin_rxq *load,
			  unsigned int packets)
{
	uint64_t now;

	if (unlikely(w->payer && w->payer != load)) {
		now = rte_rdtsc();
		w->payer->cycles += now - w->charged_tsc;
		w->charged_tsc = now;
	}
	w->payer = load;
	load->packets += packets;
	w->ctx->work.bursts++;
}

/* @lost: set if all that came was dropped for want of a flow */
static unsigned int receive(struct worker *w, const struct queue *q,
			    uint16_t max, bool *lost)
{
	struct twin_port *port = q->port;
	struct vport *vport = __atomic_load_n(&port->vport, __ATOMIC_ACQUIRE);
	struct rte_mbuf *pkts[TWIN_BURST];
	uint16_t n = port->ops->rx(port, q->number, pkts, max);

	if (!n)
		return 0;
	charge(w, q->load, n);
	if (likely(vport != NULL)) {
		*lost = twin_input_burst(w->ctx, vport, pkts, n);
	} else {
		rte_pktmbuf_free_bulk(pkts, n);
		w->ctx->drops[TWIN_DROP_NO_VPORT] += n;
	}
	return n;
}

/* A device that brought only what was dropped rests: others come to their turn
 * meanwhile, and a flood is dropped where that costs nothing, in the device,
 * which counts it. A burst with one packet that hits, or that a client is to
 * see, is no reason to rest.
 */
static unsigned int poll_devices(struct worker *w, const struct poll_list *l)
{
	unsigned int i, n, total = 0;
	bool lost;

	for (i = 0; i < l->n_devices; i++) {
		if (unlikely(w->rest[i] > w->ctx->now_tsc))
			continue;
		lost = false;
		n = receive(w, &l->devices[i], TWIN_BURST, &lost);
		if (unlikely(lost))
			w->rest[i] = w->ctx->now_tsc + w->rest_cycles;
		total += n;
	}
	return total;
}

static void drain_wake_fd(struct worker *w)
{
	uint64_t count;

	while (read(w->wake_fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

static unsigned int poll_fd(struct worker *w, struct twin_port *port,
			    uint32_t events, uint16_t max)
{
	const struct queue q = { .port = port, .load = &port->rxq[0] };
	bool lost = false;
	unsigned int n = receive(w, &q, max, &lost);

	/* The descriptor of a device that is gone stays "ready". */
	if (!n && (events & (EPOLLERR | EPOLLHUP)) && port->ops->alive &&
	    !port->ops->alive(port)) {
		epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, port->poll_fd, NULL);
		twin_port_report_dead(port);
	}
	return n;
}

static unsigned int poll_fds(struct worker *w, const struct poll_list *l)
{
	uint16_t max = l->n_devices ? FD_BURST_SHARED : TWIN_BURST;
	struct epoll_event events[FD_EVENTS];
	unsigned int total = 0;
	int i, n;

	n = epoll_wait(w->epoll_fd, events, FD_EVENTS, 0);
	for (i = 0; i < n; i++) {
		if (events[i].data.ptr)
			total += poll_fd(w, events[i].data.ptr,
					 events[i].events, max);
		else
			drain_wake_fd(w);
	}
	return total;
}

/* Sleep until a descriptor is ready, but no longer than @cycles; 0: as long as
 * it takes.
 */
static void sleep_for_fds(struct worker *w, uint64_t cycles)
{
	struct twin_ctx *ctx = w->ctx;
	uint64_t ns = twin_work_ns(&ctx->work, cycles);
	struct timespec ts = { .tv_nsec = ns };
	uint64_t start = ctx->now_tsc;
	struct epoll_event event;

	twin_rcu_offline(ctx->id);
	epoll_pwait2(w->epoll_fd, &event, 1, cycles ? &ts : NULL, NULL);
	twin_rcu_online(ctx->id);
	twin_ctx_tick(ctx);
	twin_work_base(&ctx->work, ctx->now_tsc);
	ctx->work.sleeps++;
	ctx->work.sleep_cycles += ctx->now_tsc - start;
	w->next_fd_tsc = 0;
}

/* A worker with devices has nothing to do. */
static void sleep_idle(struct worker *w)
{
	uint64_t idle = w->ctx->now_tsc - w->busy_tsc;

	if (idle >= w->idle_min)
		sleep_for_fds(w, RTE_MIN(idle >> IDLE_SHIFT, w->sleep_max));
}

/* The end of a round that received @n packets. */
static void account(struct worker *w, unsigned int n)
{
	struct twin_ctx *ctx = w->ctx;
	uint64_t now = rte_rdtsc();
	uint64_t cycles = now - ctx->now_tsc;

	ctx->now_tsc = now;
	if (n) {
		w->payer->cycles += now - w->charged_tsc;
		w->payer = NULL;
		w->busy_tsc = now;
	}
	w->charged_tsc = now;
	twin_work_round(&ctx->work, cycles, n, now);
	twin_upcall_round_end(ctx, cycles);
}

/* Nothing came in this round. */
static void rest(struct worker *w, bool has_devices)
{
	if (!has_devices)
		sleep_for_fds(w, 0);
	else if (w->sleep_max)
		sleep_idle(w);
	w->charged_tsc = w->ctx->now_tsc;
}

/* Twice a millisecond. */
static void tick(struct worker *w)
{
	uint64_t was = w->ctx->now_tsc;

	twin_ctx_tick(w->ctx);
	if (++w->ticks % BASE_TICKS == 0)
		twin_work_base(&w->ctx->work, was);
}

static void run(struct worker *w)
{
	uint64_t ms = rte_get_tsc_hz() / 1000;
	uint64_t fd_interval = ms * FD_INTERVAL_US / 1000;
	struct twin_ctx *ctx = w->ctx;
	uint64_t next_tick = 0;
	const struct poll_list *l;
	unsigned int n, n_fd;
	bool has_devices;

	while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED)) {
		if (ctx->now_tsc >= next_tick) {
			tick(w);
			next_tick = ctx->now_tsc + ms / 2;
		}
		l = __atomic_load_n(&w->list, __ATOMIC_ACQUIRE);
		has_devices = l->n_devices;
		n = poll_devices(w, l);
		if (!has_devices || ctx->now_tsc >= w->next_fd_tsc) {
			n_fd = poll_fds(w, l);
			w->next_fd_tsc =
				ctx->now_tsc + (n_fd ? 0 : fd_interval);
			n += n_fd;
		}
		twin_actions_flush(ctx);
		twin_rcu_quiescent(ctx->id);
		account(w, n);
		if (!n)
			rest(w, has_devices);
	}
}

/* Threads */

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	char name[16];

	snprintf(name, sizeof(name), "worker-%u", w->ctx->id);
	pthread_setname_np(pthread_self(), name);
	/* To the nanosecond: it is asked to sleep for few microseconds. */
	prctl(PR_SET_TIMERSLACK, 1);
	/* For the mempools' caches; it works without, slower. */
	(void)rte_thread_register();
	twin_rcu_online(w->ctx->id);
	run(w);
	twin_rcu_offline(w->ctx->id);
	rte_thread_unregister();
	return NULL;
}

static int start_thread(struct worker *w)
{
	sigset_t all, old;
	pthread_attr_t attr;
	cpu_set_t cpus;
	int err;

	CPU_ZERO(&cpus);
	CPU_SET(w->ctx->cpu, &cpus);
	err = pthread_attr_init(&attr);
	if (err)
		return -err;
	err = pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	if (!err) {
		/* Signals are the control thread's. */
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		err = pthread_create(&w->thread, &attr, worker_main, w);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	pthread_attr_destroy(&attr);
	return -err;
}

static void stop_thread(struct worker *w)
{
	__atomic_store_n(&w->stop, true, __ATOMIC_RELAXED);
	eventfd_write(w->wake_fd, 1);
	pthread_join(w->thread, NULL);
}

static int init_ctx(struct twin_ctx *ctx, unsigned int id, int cpu)
{
	ctx->id = id;
	ctx->cpu = cpu;
	ctx->is_worker = cpu >= 0;
	ctx->pool = twin_pool();
	twin_work_init(&ctx->work, rte_get_tsc_hz());
	twin_ctx_tick(ctx);
	return twin_actions_ctx_init(ctx);
}

static void fini_worker(struct worker *w)
{
	close(w->epoll_fd);
	close(w->wake_fd);
	twin_actions_ctx_fini(w->ctx);
}

static int init_worker(struct worker *w, unsigned int id, int cpu,
		       unsigned int sleep_us)
{
	uint64_t us = rte_get_tsc_hz() / 1000000;
	struct epoll_event event = { .events = EPOLLIN };
	int err;

	memset(w, 0, sizeof(*w));
	w->ctx = &contexts[id];
	w->list = &w->lists[0];
	w->rest_cycles = us * REST_US;
	w->idle_min = us * IDLE_MIN_US;
	w->sleep_max = us * sleep_us;
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = init_ctx(w->ctx, id, cpu);
	if (!err && epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->wake_fd, &event))
		err = -errno;
	if (err)
		fini_worker(w);
	return err;
}

static void stop_some(unsigned int n)
{
	while (n--) {
		stop_thread(&workers[n]);
		fini_worker(&workers[n]);
	}
}

int twin_workers_start(const int *cpus, unsigned int n, unsigned int sleep_us)
{
	unsigned int i;
	int err;

	if (!n || n >= TWIN_MAX_CTX)
		return -EINVAL;
	err = twin_pool_init();
	if (err)
		return err;
	n_workers = n;
	err = init_ctx(&contexts[n], n, -1);
	if (err)
		goto err_pool;
	for (i = 0; i < n; i++) {
		err = init_worker(&workers[i], i, cpus[i], sleep_us);
		if (err)
			goto err_workers;
		err = start_thread(&workers[i]);
		if (err) {
			fini_worker(&workers[i]);
			goto err_workers;
		}
	}
	return 0;

err_workers:
	stop_some(i);
	twin_actions_ctx_fini(&contexts[n]);
err_pool:
	n_workers = 0;
	twin_pool_fini();
	return err;
}

void twin_workers_stop(void)
{
	stop_some(n_workers);
	twin_actions_ctx_fini(&contexts[n_workers]);
	n_workers = 0;
	twin_pool_fini();
}

unsigned int twin_worker_count(void)
{
	return n_workers;
}

unsigned int twin_ctx_count(void)
{
	return n_workers + 1;
}

struct twin_ctx *twin_ctx_get(unsigned int id)
{
	return &contexts[id];
}

struct twin_ctx *twin_ctx_control(void)
{
	return &contexts[n_workers];
}

/* Poll lists */

static unsigned int load(const struct worker *w)
{
	return w->list->n_devices + w->n_fds;
}

static bool all_isolated(void)
{
	unsigned int i;

	for (i = 0; i < n_workers; i++)
		if (!isolated[i])
			return false;
	return true;
}

static struct worker *least_loaded(void)
{
	bool any = all_isolated();
	struct worker *best = NULL;
	unsigned int i;

	for (i = 0; i < n_workers; i++)
		if ((any || !isolated[i]) &&
		    (!best || load(&workers[i]) < load(best)))
			best = &workers[i];
	return best;
}

/* The worker that is to poll a queue which nobody polls. */
static struct worker *choose(const struct twin_port *port, uint16_t queue)
{
	int pinned = port->rxq[queue].pinned;

	return pinned < 0 ? least_loaded() : &workers[pinned];
}

void twin_worker_isolate(unsigned int id, bool yes)
{
	isolated[id] = yes;
}

const bool *twin_worker_isolated(void)
{
	return isolated;
}

/* The list that the worker does not use, as a copy of the one it does. */
static struct poll_list *next_list(struct worker *w)
{
	struct poll_list *l = &w->lists[w->list == &w->lists[0]];

	*l = *w->list;
	return l;
}

/* Put @l in place; nobody uses the other one when this returns. */
static void publish(struct worker *w, struct poll_list *l)
{
	__atomic_store_n(&w->list, l, __ATOMIC_RELEASE);
	eventfd_write(w->wake_fd, 1);
	twin_rcu_synchronize();
}

static int add_device(struct worker *w, struct twin_port *port, uint16_t queue)
{
	struct poll_list *l = next_list(w);

	if (l->n_devices == MAX_DEVICE_QUEUES)
		return -ENOMEM;
	l->devices[l->n_devices++] = (struct queue){
		.port = port,
		.load = &port->rxq[queue],
		.number = queue,
	};
	port->rxq[queue].worker = w->ctx->id;
	publish(w, l);
	return 0;
}

/* @queue: one of the port's, or ALL_QUEUES */
static void del_devices(struct worker *w, const struct twin_port *port,
			unsigned int queue)
{
	struct poll_list *l = next_list(w);
	unsigned int i, n = 0;

	for (i = 0; i < l->n_devices; i++)
		if (l->devices[i].port != port ||
		    (queue != ALL_QUEUES && l->devices[i].number != queue))
			l->devices[n++] = l->devices[i];
		else
			port->rxq[l->devices[i].number].worker = -1;
	if (n == l->n_devices)
		return;
	l->n_devices = n;
	publish(w, l);
}

static int add_fd(struct worker *w, struct twin_port *port)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = port };

	port->fd_worker = w->ctx->id;
	if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, port->poll_fd, &event)) {
		port->fd_worker = -1;
		return -ENOMEM;
	}
	port->rxq[0].worker = w->ctx->id;
	w->n_fds++;
	return 0;
}

static void del_fd(struct twin_port *port)
{
	struct worker *w;

	if (port->fd_worker < 0)
		return;
	w = &workers[port->fd_worker];
	/* The worker may have done so before, see poll_fd(). */
	epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, port->poll_fd, NULL);
	w->n_fds--;
	port->fd_worker = -1;
	port->rxq[0].worker = -1;
	twin_rcu_synchronize();
}

int twin_worker_poll_add(struct twin_port *port)
{
	uint16_t queue;
	int err;

	if (port->poll_fd >= 0)
		return add_fd(choose(port, 0), port);
	for (queue = 0; queue < port->n_rxq; queue++) {
		err = add_device(choose(port, queue), port, queue);
		if (err) {
			twin_worker_poll_del(port);
			return err;
		}
	}
	return 0;
}

int twin_worker_poll_add_on(struct twin_port *port, unsigned int id)
{
	return add_fd(&workers[id], port);
}

void twin_worker_poll_del(struct twin_port *port)
{
	unsigned int i;

	if (port->poll_fd >= 0) {
		del_fd(port);
		return;
	}
	for (i = 0; i < n_workers; i++)
		del_devices(&workers[i], port, ALL_QUEUES);
}

int twin_worker_move(struct twin_port *port, uint16_t queue, unsigned int to)
{
	struct worker *w = &workers[to], *from;
	int err;

	if (port->rxq[queue].worker == (int)to)
		return 0;
	from = &workers[port->rxq[queue].worker];
	if (port->poll_fd >= 0) {
		del_fd(port);
		err = add_fd(w, port);
		if (err)
			add_fd(from, port);
		return err;
	}
	if (w->list->n_devices == MAX_DEVICE_QUEUES)
		return -ENOMEM;
	del_devices(from, port, queue);
	return add_device(w, port, queue);
}
