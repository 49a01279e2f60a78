// SPDX-License-Identifier: BSD-3-Clause
/*
 * A source that costs little: headers written into what a net_null device
 * "receives". A plug-in for the EAL (-d fill.so), so that every program that
 * is compared has the same source.
 *
 * Overview
 *	net_null hands out mbufs whose bytes nobody wrote. A receive callback
 *	on the device writes 60-byte UDP packets into them, from a template and
 *	the number of a 5-tuple, drawn uniformly.
 *
 * Life cycle
 *	Loading starts a thread that waits until the device FILL_DEVICE has a
 *	receive queue, adds the callback and ends.
 *
 * Synchronisation
 *	The callback runs on the thread that polls the queue, alone.
 *
 * Environment
 *	TWBENCH_FLOWS	5-tuples (1)
 *	TWBENCH_CPU	CPU of the thread that waits (0)
 */
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_ethdev.h>

#define FILL_DEVICE "net_null_fill"
#define POLL_US 20000

/* Offsets in the packet. */
#define IP_CSUM 24
#define IP_SRC 26
#define UDP_SPORT 34
/* traffic.py gives so many addresses to a source port. */
#define ADDRESSES 65000
#define FIRST_ADDRESS 0x0a000001u
#define FIRST_PORT 1024

/* As traffic.py makes them; source address, source port and the checksum of
 * the IP header are 0.
 */
static const uint8_t template[64] = {
	2,    0, 0,  0,	  0, 2, 2, 0, 0,  0,  0, 1,  8, 0,
	0x45, 0, 0,  46,  0, 0, 0, 0, 64, 17, 0, 0,  0, 0,
	0,    0, 10, 128, 0, 1, 0, 0, 0,  80, 0, 26, 0, 0,
};

static uint32_t n_flows = 1;
static uint32_t base_sum; /* of the template's IP header */

static uint16_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static inline void write_packet(uint8_t *p, uint32_t flow)
{
	uint32_t src = FIRST_ADDRESS + flow % ADDRESSES;
	uint16_t sport = htons(FIRST_PORT + flow / ADDRESSES);
	uint16_t csum = ~fold(base_sum + (src >> 16) + (src & 0xffff));

	memcpy(p, template, sizeof(template));
	src = htonl(src);
	csum = htons(csum);
	memcpy(p + IP_CSUM, &csum, sizeof(csum));
	memcpy(p + IP_SRC, &src, sizeof(src));
	memcpy(p + UDP_SPORT, &sport, sizeof(sport));
}

static uint16_t fill(uint16_t port, uint16_t queue, struct rte_mbuf **pkts,
		     uint16_t n, uint16_t max, void *arg)
{
	static uint32_t state = 2463534242u; /* xorshift32 */
	uint16_t i;

	(void)port;
	(void)queue;
	(void)max;
	(void)arg;
	for (i = 0; i < n; i++) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		write_packet(rte_pktmbuf_mtod(pkts[i], uint8_t *),
			     (uint64_t)state * n_flows >> 32);
	}
	return n;
}

/* The device's number, or -1 while it is not ready. */
static int find_device(void)
{
	struct rte_eth_rxq_info info;
	char name[RTE_ETH_NAME_MAX_LEN];
	int port;

	RTE_ETH_FOREACH_DEV(port)
		if (!rte_eth_dev_get_name_by_port(port, name) &&
		    !strncmp(name, FILL_DEVICE, strlen(FILL_DEVICE)) &&
		    !rte_eth_rx_queue_info_get(port, 0, &info))
			return port;
	return -1;
}

static void *attach(void *arg)
{
	int port;

	while ((port = find_device()) < 0)
		usleep(POLL_US);
	if (!rte_eth_add_rx_callback(port, 0, fill, NULL))
		fprintf(stderr, "fill: no receive callback on port %d\n", port);
	return arg;
}

static uint32_t number(const char *name, uint32_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static __attribute__((constructor)) void start(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	cpu_set_t cpus;
	int i;

	n_flows = number("TWBENCH_FLOWS", n_flows);
	for (i = 14; i < UDP_SPORT; i += 2)
		base_sum += template[i] << 8 | template[i + 1];
	CPU_ZERO(&cpus);
	CPU_SET(number("TWBENCH_CPU", 0), &cpus);
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	if (!pthread_create(&thread, &attr, attach, NULL))
		pthread_detach(thread);
	pthread_attr_destroy(&attr);
}
