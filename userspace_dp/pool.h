/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_POOL_H
#define TWIN_POOL_H

#include <rte_mbuf.h>
#include <rte_mempool.h>

/* Packet memory. One pool of ordinary mbufs for all ports and contexts, and
 * one of few large mbufs for the tails of what Linux hands over in one piece
 * (up to 64 KB).
 */

/* Data bytes of a large mbuf; it has no headroom. */
#define TWIN_POOL_LARGE_ROOM 65535

/** twin_pool_init() - make the pools, as large as memory allows.
 * Return: 0 or -ENOMEM.
 */
int twin_pool_init(void);

/** twin_pool_fini() - free them; every packet is back. */
void twin_pool_fini(void);

/** twin_pool() - ordinary mbufs: RTE_PKTMBUF_HEADROOM and 2048 bytes. */
struct rte_mempool *twin_pool(void);

/** twin_pool_large() - mbufs of TWIN_POOL_LARGE_ROOM bytes. */
struct rte_mempool *twin_pool_large(void);

#endif
