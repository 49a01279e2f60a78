// SPDX-License-Identifier: BSD-3-Clause
/*
 * Packet memory.
 *
 * Overview
 *	With huge pages the pool is large: devices that keep their packets in
 *	it (rings, net_pcap's infinite_rx) need many. Without, memory is taken
 *	from the machine page by page, so it starts smaller. Where even that
 *	does not fit it is halved until it does.
 *
 * Life cycle
 *	Made before the first context, freed after the last.
 *
 * Synchronisation
 *	Mempools are thread-safe, with a cache for every registered thread.
 *
 * Lock order
 *	No locks.
 */
#include "pool.h"

#include <errno.h>

#include <rte_eal.h>

#include "packet_mark.h"

/* 2^n - 1 is what a mempool's ring holds best. */
#define PACKETS_HUGE 262143
#define PACKETS_SMALL 32767
#define PACKETS_MIN 2047
#define LARGE 511
#define LARGE_MIN 31
#define CACHE 256
#define CACHE_LARGE 8

static struct rte_mempool *packets, *large;

static struct rte_mempool *create(const char *name, unsigned int n,
				  unsigned int min, unsigned int cache,
				  uint16_t room)
{
	struct rte_mempool *pool;

	do {
		pool = rte_pktmbuf_pool_create(name, n, cache, 0, room,
					       SOCKET_ID_ANY);
		n /= 2;
	} while (!pool && n >= min);
	return pool;
}

int twin_pool_init(void)
{
	unsigned int n = rte_eal_has_hugepages() ? PACKETS_HUGE : PACKETS_SMALL;
	int err = twin_packet_mark_init();

	if (err)
		return err;

	packets = create("twin_packets", n, PACKETS_MIN, CACHE,
			 RTE_MBUF_DEFAULT_BUF_SIZE);
	if (!packets)
		return -ENOMEM;
	large = create("twin_large", LARGE, LARGE_MIN, CACHE_LARGE,
		       TWIN_POOL_LARGE_ROOM);
	if (!large) {
		rte_mempool_free(packets);
		packets = NULL;
		return -ENOMEM;
	}
	return 0;
}

void twin_pool_fini(void)
{
	rte_mempool_free(large);
	rte_mempool_free(packets);
	large = NULL;
	packets = NULL;
}

struct rte_mempool *twin_pool(void)
{
	return packets;
}

struct rte_mempool *twin_pool_large(void)
{
	return large;
}
