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
 * twin_output_send() - hand a packet to a port, or drop and count it: longer
 * than the MTU.
 * @out: the context's
 * @port: twin_output_find() found it
 * @m: consumed; its headers are those of @pkt
 * @pkt: what is known of it; pkt->m may be another packet
 */
void twin_output_send(struct twin_ctx *ctx, struct twin_output *out,
		      struct twin_port *port, struct rte_mbuf *m,
		      const struct twin_packet *pkt);

/**
 * twin_output_send_all() - twin_output_send() for each of @n packets, with
 * their own mbufs.
 */
void twin_output_send_all(struct twin_ctx *ctx, struct twin_output *out,
			  struct twin_port *port,
			  const struct twin_packet *pkts, unsigned int n);

/** twin_output_find() - the port that packets may leave by, good until the
 * context's next quiescent state; NULL with the *@reason not to.
 */
struct twin_port *twin_output_find(const struct datapath *dp, uint32_t port_no,
				   enum twin_drop *reason);

/**
 * twin_output_send_run() - the same as twin_output_send() for @n packets fresh
 * from a port, with nothing special about them (neither cutlen nor mru).
 */
void twin_output_send_run(struct twin_ctx *ctx, struct twin_output *out,
			  struct twin_port *port,
			  const struct twin_packet *pkts, unsigned int n);

/** twin_output_flush() - transmit what was gathered. */
void twin_output_flush(struct twin_ctx *ctx, struct twin_output *out);

#endif
