/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_PACKET_BURST_H
#define TWIN_PACKET_BURST_H

#include "packet.h"

/* The fast parser, a burst at a time, in several versions that give the same:
 * each is made for a set of instructions.
 */

/** struct twin_parser - one version.
 * @name: the instructions
 * @usable: does this processor have them?
 * @parse: fills burst[i] from pkts[i], as if fresh from port @in_port, for all
 *         @n (1 to 32) packets of the kind that packet_fast.h tells; of the
 *         others only what is not in key and layout. Adds all packets' bytes
 *         to *@bytes. Return: bitmap of the others, bit i for packet i.
 */
struct twin_parser {
	const char *name;
	bool (*usable)(void);
	uint32_t (*parse)(struct twin_packet *burst, struct rte_mbuf **pkts,
			  unsigned int n, uint16_t in_port, uint64_t *bytes);
};

extern const struct twin_parser twin_parser_scalar;
extern const struct twin_parser twin_parser_avx512;

/** twin_parser - the version in use; the fastest usable one from the start. */
extern const struct twin_parser *twin_parser;

#endif
