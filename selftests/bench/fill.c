// SPDX-License-Identifier: BSD-3-Clause
/*
 * A source that costs little: headers written into what a net_null device
 * "receives". A plug-in for the EAL (-d fill.so), so that every program that
 * is compared has the same source.
 *
 * Overview
 *	net_null hands out mbufs whose bytes nobody wrote. A receive callback
 *	on the device writes packets into them, from templates and a number that
 *	is drawn for each: see fill.h. A second callback, on the device that
 *	packets leave by, is there only while packets are to be captured or
 *	timed.
 *
 * Life cycle
 *	Loading starts a thread that waits until the devices are there, adds
 *	the callback, and from then on follows the control file and writes the
 *	report.
 *
 * Synchronisation
 *	The callbacks run on the thread that polls, alone. They read one of two
 *	states, which the thread fills anew only when it was out of use for
 *	longer than any callback takes; capturing ends before it is read.
 *
 * Environment
 *	TWBENCH_CONTROL, TWBENCH_REPORT	paths of the two files
 *	TWBENCH_CPU			CPU of the thread (0)
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "fill.h"

#define SOURCE "net_null_fill"
#define SINK "net_null_sink"
#define FOLLOW_US 2000
#define WAIT_US 20000
/* Where a UDP packet over IPv4 carries the time. */
#define TIME_OFS 48

static const struct fill_control *control;
static struct fill_report *report;
static struct fill_control states[2];
static const struct fill_control *state;
static uint64_t generated;
static uint64_t random_state = 88172645463325252ull; /* xorshift64 */

static inline uint64_t draw(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* The checksum whose words sum up to @sum. */
static inline uint16_t checksum(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static inline void put16(uint8_t *p, uint16_t v)
{
	v = htons(v);
	memcpy(p, &v, sizeof(v));
}

static inline void put32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, sizeof(v));
}

static inline void write_packet(uint8_t *p, const struct fill_template *t,
				uint32_t number)
{
	uint32_t addr = t->first_addr + number;
	uint32_t sum = (addr >> 16) + (addr & 0xffff);
	uint16_t port = 0, csum;

	memcpy(p, t->head, 64);
	if (t->len > 64)
		memcpy(p + 64, t->head + 64, FILL_HEAD - 64);
	if (t->addr_ofs)
		put32(p + t->addr_ofs, addr);
	if (t->port_ofs) {
		port = t->first_port + number % t->port_mod;
		put16(p + t->port_ofs, port);
	}
	if (t->ip_csum_ofs)
		put16(p + t->ip_csum_ofs, checksum(t->ip_sum + sum));
	if (t->l4_csum_ofs) {
		csum = checksum(t->l4_sum + sum + port);
		put16(p + t->l4_csum_ofs, csum ? csum : 0xffff);
	}
}

/* How many packets are due, of at most @n. */
static uint16_t pace(const struct fill_control *s, uint16_t n)
{
	static uint64_t next;
	uint64_t now = rte_rdtsc() << 8, due;

	if (now < next)
		return 0;
	due = (now - next) / s->pace + 1;
	if (due <= n) {
		next += due * s->pace;
		return due;
	}
	/* What could not be received in time is not made up for. */
	next = due > 8u * n ? now + s->pace : next + (uint64_t)n * s->pace;
	return n;
}

static inline void fill_one(const struct fill_control *s, struct rte_mbuf *m)
{
	uint64_t x = draw();
	const struct fill_template *t =
		&s->templates[s->slots[(x >> 32) * s->n_slots >> 32]];
	uint32_t number;

	if (s->n_order)
		number = s->order[x % FILL_ORDER];
	else
		number = (x & UINT32_MAX) * t->flows >> 32;
	write_packet(rte_pktmbuf_mtod(m, uint8_t *), t, number);
	m->data_len = t->len;
	m->pkt_len = t->len;
}

static uint16_t fill(uint16_t port, uint16_t queue, struct rte_mbuf **pkts,
		     uint16_t n, uint16_t max, void *arg)
{
	const struct fill_control *s =
		__atomic_load_n(&state, __ATOMIC_ACQUIRE);
	uint16_t i, wanted = n;
	uint64_t now;

	(void)port;
	(void)queue;
	(void)max;
	(void)arg;
	if (s->burst < wanted)
		wanted = s->burst;
	if (s->pace && wanted)
		wanted = pace(s, wanted);
	if (wanted < n)
		rte_pktmbuf_free_bulk(pkts + wanted, n - wanted);
	for (i = 0; i < wanted; i++)
		fill_one(s, pkts[i]);
	if (s->latency) {
		now = rte_rdtsc();
		for (i = 0; i < wanted; i++)
			memcpy(rte_pktmbuf_mtod(pkts[i], char *) + TIME_OFS,
			       &now, sizeof(now));
	}
	__atomic_store_n(&generated, generated + wanted, __ATOMIC_RELAXED);
	return wanted;
}

static void capture(const struct rte_mbuf *m)
{
	uint32_t n = report->n_captured, len = m->data_len;

	if (n == FILL_CAPTURED)
		return;
	if (len > FILL_CAPTURED_BYTES)
		len = FILL_CAPTURED_BYTES;
	report->captured[n].len = m->pkt_len;
	memcpy(report->captured[n].bytes, rte_pktmbuf_mtod(m, char *), len);
	__atomic_store_n(&report->n_captured, n + 1, __ATOMIC_RELEASE);
}

static void count_latency(const struct rte_mbuf *m, uint64_t now)
{
	uint64_t then, step;

	if (m->data_len < TIME_OFS + sizeof(then))
		return;
	memcpy(&then, rte_pktmbuf_mtod(m, char *) + TIME_OFS, sizeof(then));
	step = (now - then) / FILL_STEP;
	report->latency[step < FILL_STEPS ? step : FILL_STEPS - 1]++;
}

static uint16_t watch(uint16_t port, uint16_t queue, struct rte_mbuf **pkts,
		      uint16_t n, void *arg)
{
	const struct fill_control *s =
		__atomic_load_n(&state, __ATOMIC_ACQUIRE);
	uint64_t now = rte_rdtsc();
	uint16_t i;

	(void)port;
	(void)queue;
	(void)arg;
	for (i = 0; i < n; i++) {
		if (s->latency)
			count_latency(pkts[i], now);
		else
			capture(pkts[i]);
	}
	return n;
}

/* How many queues a device has; 0 while it is not configured. */
static uint16_t queues(int port, bool rx)
{
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(port, &info))
		return 0;
	return rx ? info.nb_rx_queues : info.nb_tx_queues;
}

/* The number of a device that has a queue, or -1 while it is not ready. */
static int find_device(const char *wanted, bool rx)
{
	char name[RTE_ETH_NAME_MAX_LEN];
	int port;

	RTE_ETH_FOREACH_DEV(port)
		if (!rte_eth_dev_get_name_by_port(port, name) &&
		    !strncmp(name, wanted, strlen(wanted)) && queues(port, rx))
			return port;
	return -1;
}

/* Packets are watched on as many queues as the sink has. */
static void set_watch(int sink, bool on)
{
	static const struct rte_eth_rxtx_callback
		*callback[RTE_MAX_QUEUES_PER_PORT];
	uint16_t q, n = queues(sink, false);

	for (q = 0; q < n; q++) {
		if (on && !callback[q]) {
			callback[q] =
				rte_eth_add_tx_callback(sink, q, watch, NULL);
		} else if (!on && callback[q]) {
			rte_eth_remove_tx_callback(sink, q, callback[q]);
			callback[q] = NULL;
		}
	}
}

/* Bring what the control file says into force. */
static void follow_control(int sink)
{
	struct fill_control *next = &states[state == &states[0]];
	uint32_t generation =
		__atomic_load_n(&control->generation, __ATOMIC_ACQUIRE);

	if (generation == report->generation)
		return;
	memcpy(next, control, sizeof(*next));
	if (sink >= 0)
		set_watch(sink, false);
	usleep(WAIT_US);
	report->n_captured = 0;
	memset(report->latency, 0, sizeof(report->latency));
	__atomic_store_n(&state, next, __ATOMIC_RELEASE);
	usleep(WAIT_US);
	if (sink >= 0 && (next->capture || next->latency))
		set_watch(sink, true);
	__atomic_store_n(&report->generation, generation, __ATOMIC_RELEASE);
}

static void write_report(int sink)
{
	struct rte_eth_stats stats = { 0 };
	struct timespec ts;

	if (sink >= 0)
		rte_eth_stats_get(sink, &stats);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	report->generated = __atomic_load_n(&generated, __ATOMIC_RELAXED);
	report->sent = stats.opackets;
	__atomic_store_n(&report->time_ns,
			 ts.tv_sec * 1000000000ull + ts.tv_nsec,
			 __ATOMIC_RELEASE);
}

static void *follow(void *arg)
{
	int source, sink = -1;

	while ((source = find_device(SOURCE, true)) < 0)
		usleep(WAIT_US);
	if (!rte_eth_add_rx_callback(source, 0, fill, NULL))
		fprintf(stderr, "fill: no receive callback on port %d\n",
			source);
	for (;;) {
		if (sink < 0)
			sink = find_device(SINK, false);
		follow_control(sink);
		write_report(sink);
		usleep(FOLLOW_US);
	}
	return arg;
}

static void *map(const char *variable, size_t size)
{
	const char *path = getenv(variable);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p = MAP_FAILED;

	if (fd >= 0) {
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (p == MAP_FAILED)
		fprintf(stderr, "fill: %s: no such file\n", variable);
	return p == MAP_FAILED ? NULL : p;
}

static void start_thread(void)
{
	const char *cpu = getenv("TWBENCH_CPU");
	pthread_attr_t attr;
	pthread_t thread;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu ? strtoul(cpu, NULL, 0) : 0, &cpus);
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	if (!pthread_create(&thread, &attr, follow, NULL))
		pthread_detach(thread);
	pthread_attr_destroy(&attr);
}

static __attribute__((constructor)) void start(void)
{
	control = map("TWBENCH_CONTROL", sizeof(*control));
	report = map("TWBENCH_REPORT", sizeof(*report));
	if (!control || !report)
		return;
	memcpy(&states[0], control, sizeof(states[0]));
	state = &states[0];
	report->generation = 0;
	start_thread();
}
