/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_OUTPUT_H
#define TWIN_OUTPUT_H

#include "datapath.h"
#include "packet.h"

/* The last step of a packet: to a port. */

/** struct twin_output - packets that a context gathered, by port.
 * @pending: transmit queues that hold any
 */
struct twin_output {
	struct twin_txq *pending;
};

/**
 * twin_output_send() - hand a packet to a port of the datapath, or drop and
 * count it: no such port, link down, longer than the MTU.
 * @out: the context's
 * @m: consumed; its headers are those of @pkt
 * @pkt: what is known of it; pkt->m may be another packet
 */
void twin_output_send(struct twin_ctx *ctx, struct twin_output *out,
		      const struct datapath *dp, uint32_t port_no,
		      struct rte_mbuf *m, const struct twin_packet *pkt);

/**
 * twin_output_send_run() - the same for @n packets fresh from a port, with
 * nothing special about them (neither cutlen nor mru).
 */
void twin_output_send_run(struct twin_ctx *ctx, struct twin_output *out,
			  const struct datapath *dp, uint32_t port_no,
			  const struct twin_packet *pkts, unsigned int n);

/** twin_output_flush() - transmit what was gathered. */
void twin_output_flush(struct twin_ctx *ctx, struct twin_output *out);

#endif
