// SPDX-License-Identifier: BSD-3-Clause
/*
 * The fast parser: which version is in use, and the one that every processor
 * can run.
 *
 * Life cycle
 *	Chosen before main().
 *
 * Synchronisation
 *	Constant from then on; parsers keep no state.
 */
#include "packet_burst.h"

#include <rte_prefetch.h>

#include "packet_fast.h"

#define PREFETCH_AHEAD 4

static uint32_t parse(struct twin_packet *burst, struct rte_mbuf **pkts,
		      unsigned int n, uint16_t in_port, uint64_t *bytes)
{
	struct twin_packet *pkt = burst;
	uint32_t left = 0;
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < PREFETCH_AHEAD && i < n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], void *));
	for (i = 0; i < n; i++, pkt++) {
		if (i + PREFETCH_AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod(pkts[i + PREFETCH_AHEAD],
						       void *));
		sum += pkts[i]->pkt_len;
		pkt->m = pkts[i];
		pkt->cutlen = UINT32_MAX;
		memset(&pkt->hash, 0,
		       sizeof(*pkt) - offsetof(struct twin_packet, hash));
		if (unlikely(!twin_packet_parse_fast(pkt, in_port)))
			left |= 1u << i;
	}
	*bytes += sum;
	return left;
}

static bool usable(void)
{
	return true;
}

const struct twin_parser twin_parser_scalar = {
	.name = "scalar",
	.usable = usable,
	.parse = parse,
};

const struct twin_parser *twin_parser = &twin_parser_scalar;

static __attribute__((constructor)) void choose(void)
{
	if (twin_parser_avx512.usable())
		twin_parser = &twin_parser_avx512;
}
