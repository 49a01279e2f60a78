/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_PACE_H
#define BENCH_PACE_H

#include <stdint.h>

/* The file that pace.c, inside the program under test, shares with the one that
 * measures it (upcalls.py reads it by these offsets).
 */

#define PACE_LANES 8
/* Latencies in classes: 16 to each power of two of TSC cycles. */
#define PACE_CLASSES (64 * 16)

/** struct pace_shared - the file.
 * @rate: packets a second that lane N is to bring, UINT64_MAX: all that are
 *	asked for. Written by the one who measures
 * @flows: 5-tuples of lane N, drawn uniformly; written likewise
 * @received: packets that lane N brought
 * @missed: packets that lane N had no room for: nobody polled
 * @sunk: packets of lane N that came out again
 * @latency: of those, by class
 */
struct pace_shared {
	uint64_t rate[PACE_LANES];
	uint64_t flows[PACE_LANES];
	uint64_t received[PACE_LANES];
	uint64_t missed[PACE_LANES];
	uint64_t sunk[PACE_LANES];
	uint64_t latency[PACE_LANES][PACE_CLASSES];
};

#endif
