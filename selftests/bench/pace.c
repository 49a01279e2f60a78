// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sources with a rate, and a sink that knows how long packets took. A plug-in
 * for the EAL (-d pace.so), so that every program that is compared has the
 * same.
 *
 * Overview
 *	Devices net_null_pace0 to 7 are lanes, net_null_sink is the sink. Their
 *	receive and transmit functions are replaced by those here. A lane brings
 *	60-byte UDP packets with the TSC of their making in them; what a poller
 *	does not fetch waits, up to the size of a NIC's ring, and is lost beyond.
 *
 * Life cycle
 *	Loading starts a thread that replaces the functions as devices appear.
 *
 * Synchronisation
 *	A lane is polled by one thread; the sink's counts belong to the lanes
 *	and are added to by whoever sends (one thread, or else approximately).
 *	The function is put in place before its data: it minds data that are not
 *	its own.
 *
 * Environment
 *	TWPACE_FILE	the shared file, see pace.h
 *	TWBENCH_CPU	CPU of the thread that waits (0)
 */
#include "pace.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#define LANE_DEVICE "net_null_pace"
#define SINK_DEVICE "net_null_sink"
#define POLL_US 10000
#define RING 1024
#define FRAME 60

/* Offsets in the packet. */
#define IP_CSUM 24
#define IP_SRC 26
#define UDP_SPORT 34
#define STAMP 42
#define LANE 50
#define MARK 51
#define MARK_BYTE 0xa7

static const uint8_t template[FRAME] = {
	2,    0, 0,  0,	  0, 2, 2, 0, 0,  0,  0, 1,  8, 0,
	0x45, 0, 0,  46,  0, 0, 0, 0, 64, 17, 0, 0,  0, 0,
	0,    0, 10, 128, 0, 1, 0, 0, 0,  80, 0, 26, 0, 0,
};

/** struct lane - a source. */
struct lane {
	unsigned int number;
	eth_rx_burst_t null_rx; /* the device's own, which gives mbufs */
	void *null_queue;
	uint64_t last; /* TSC up to which packets have been made */
	uint32_t state; /* xorshift32 */
};

static struct pace_shared *shared;
static struct lane lanes[PACE_LANES];
static void *lane_data[PACE_LANES][1];
static uint32_t base_sum; /* of the template's IP header */

static uint16_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static void write_packet(const struct lane *lane, struct rte_mbuf *m,
			 uint32_t flow, uint64_t now)
{
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *);
	uint32_t src = 0x0a000000u + (flow & 0xffff);
	uint16_t sport = htons(1024 + (flow >> 16) % 60000);
	uint16_t csum = htons(~fold(base_sum + (src >> 16) + (src & 0xffff)));

	memcpy(p, template, sizeof(template));
	src = htonl(src);
	memcpy(p + IP_CSUM, &csum, sizeof(csum));
	memcpy(p + IP_SRC, &src, sizeof(src));
	memcpy(p + UDP_SPORT, &sport, sizeof(sport));
	memcpy(p + STAMP, &now, sizeof(now));
	p[LANE] = lane->number;
	p[MARK] = MARK_BYTE;
	m->data_len = FRAME;
	m->pkt_len = FRAME;
}

/* How many packets there are by now, at most @n. */
static uint16_t due(struct lane *lane, uint16_t n, uint64_t now)
{
	uint64_t rate = shared->rate[lane->number], step, have;

	if (!rate || rate == UINT64_MAX) {
		lane->last = now;
		return rate ? n : 0;
	}
	step = rte_get_tsc_hz() / rate;
	have = (now - lane->last) / step;
	if (have > RING) {
		shared->missed[lane->number] += have - RING;
		lane->last = now - RING * step;
		have = RING;
	}
	if (have < n)
		n = have;
	lane->last += n * step;
	return n;
}

static uint16_t lane_rx(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct lane *lane = queue;
	uint64_t now = rte_rdtsc();
	uint16_t i;

	if (lane < lanes || lane >= lanes + PACE_LANES)
		return 0;
	n = due(lane, n, now);
	n = n ? lane->null_rx(lane->null_queue, pkts, n) : 0;
	for (i = 0; i < n; i++) {
		lane->state ^= lane->state << 13;
		lane->state ^= lane->state >> 17;
		lane->state ^= lane->state << 5;
		write_packet(lane, pkts[i],
			     lane->state * shared->flows[lane->number] >> 32,
			     now);
	}
	shared->received[lane->number] += n;
	return n;
}

static unsigned int class_of(uint64_t cycles)
{
	unsigned int power;

	if (cycles < 16)
		return cycles;
	power = 63 - __builtin_clzll(cycles);
	return (power - 3) * 16 + ((cycles >> (power - 4)) & 15);
}

static uint16_t sink_tx(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	uint64_t now = rte_rdtsc(), stamp;
	const uint8_t *p;
	uint16_t i;

	(void)queue;
	for (i = 0; i < n; i++) {
		p = rte_pktmbuf_mtod(pkts[i], const uint8_t *);
		if (pkts[i]->data_len < FRAME || p[MARK] != MARK_BYTE ||
		    p[LANE] >= PACE_LANES)
			continue;
		memcpy(&stamp, p + STAMP, sizeof(stamp));
		shared->sunk[p[LANE]]++;
		shared->latency[p[LANE]][class_of(now - stamp)]++;
	}
	rte_pktmbuf_free_bulk(pkts, n);
	return n;
}

static void adopt(uint16_t port, const char *name)
{
	struct rte_eth_fp_ops *ops = &rte_eth_fp_ops[port];
	unsigned int n;

	if (!strcmp(name, SINK_DEVICE)) {
		ops->tx_pkt_burst = sink_tx;
		return;
	}
	/* Devices that are not started have no queues here. */
	if (sscanf(name, LANE_DEVICE "%u", &n) != 1 || n >= PACE_LANES ||
	    ops->rx_pkt_burst == lane_rx || !ops->rxq.data || !ops->rxq.data[0])
		return;
	lanes[n].null_rx = ops->rx_pkt_burst;
	lanes[n].null_queue = ops->rxq.data[0];
	ops->rx_pkt_burst = lane_rx;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ops->rxq.data = lane_data[n];
}

static void *watch(void *arg)
{
	char name[RTE_ETH_NAME_MAX_LEN];
	uint16_t port;

	for (;;) {
		RTE_ETH_FOREACH_DEV(port)
			if (!rte_eth_dev_get_name_by_port(port, name))
				adopt(port, name);
		usleep(POLL_US);
	}
	return arg;
}

static bool map_file(void)
{
	const char *path = getenv("TWPACE_FILE");
	int fd = path ? open(path, O_RDWR) : -1;

	if (fd < 0)
		return false;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	close(fd);
	return shared != MAP_FAILED;
}

static __attribute__((constructor)) void start(void)
{
	const char *cpu = getenv("TWBENCH_CPU");
	pthread_attr_t attr;
	pthread_t thread;
	cpu_set_t cpus;
	int i;

	if (!map_file()) {
		fprintf(stderr, "pace: TWPACE_FILE can't be mapped\n");
		return;
	}
	for (i = 0; i < PACE_LANES; i++) {
		lanes[i].number = i;
		lanes[i].state = 2463534242u + i;
		lane_data[i][0] = &lanes[i];
	}
	for (i = 14; i < UDP_SPORT; i += 2)
		base_sum += template[i] << 8 | template[i + 1];
	CPU_ZERO(&cpus);
	CPU_SET(cpu ? atoi(cpu) : 0, &cpus);
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	if (!pthread_create(&thread, &attr, watch, NULL))
		pthread_detach(thread);
	pthread_attr_destroy(&attr);
}
