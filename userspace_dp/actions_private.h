/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_ACTIONS_PRIVATE_H
#define TWIN_ACTIONS_PRIVATE_H

#include "actions.h"
#include "output.h"

/* What input.c and actions.c share: a context's state, and the ways from one
 * to the other.
 */

/* Nested executions before a packet is taken to be in a loop. */
#define TWIN_RECURSION_LIMIT 5
/* What may be deferred until the outermost list is done. */
#define TWIN_DEFER_MAX 9

/** struct twin_deferred - a packet that waits.
 * @acts, @list, @list_len: what to do with it; @list NULL to look it up
 */
struct twin_deferred {
	struct twin_packet pkt;
	struct datapath *dp;
	struct vport *in;
	const struct ovsnl_actions *acts;
	const struct ovsnl_op *list;
	uint32_t list_len;
};

/** struct twin_egress - the port that the last output of a burst went to.
 * @port_no: UINT32_MAX for none yet
 */
struct twin_egress {
	uint32_t port_no;
	struct twin_port *port;
};

/** struct twin_ctx_private - what actions keep in a context.
 * @egress: good for the burst, or the request, that is being dealt with
 * @level: nested executions
 * @tail: how many of them, from the outermost on, are done with all packets of
 *        a burst but for the next: their recirculation comes last
 * @random: state of the generator that samples use
 * @n_deferred, @next_deferred: the queue; emptied before it is filled anew
 */
struct twin_ctx_private {
	struct twin_packet burst[TWIN_BURST];
	struct twin_output out;
	struct twin_egress egress;
	int level;
	int tail;
	uint64_t random;
	unsigned int n_deferred, next_deferred;
	struct twin_deferred deferred[TWIN_DEFER_MAX];
};

/** twin_actions_run() - run a program on each of @n packets; it takes over
 * their mbufs.
 * Return: 0 or the errno of the operation that ended it for the last of them.
 */
int twin_actions_run(struct twin_ctx *ctx, struct datapath *dp,
		     struct vport *in, struct twin_packet *pkts, unsigned int n,
		     const struct ovsnl_actions *acts);

/** twin_egress_find() - the port with number @port_no, which packets may leave
 * by. Flows of a burst mostly send to few ports: what comes again is not looked
 * up again. Return: NULL with the *@reason not to.
 */
static inline struct twin_port *twin_egress_find(struct twin_ctx *ctx,
						 const struct datapath *dp,
						 uint32_t port_no,
						 enum twin_drop *reason)
{
	struct twin_egress *egress = &ctx->priv->egress;

	if (likely(egress->port_no == port_no))
		return egress->port;
	egress->port = twin_output_find(dp, port_no, reason);
	egress->port_no = egress->port ? port_no : UINT32_MAX;
	return egress->port;
}

/** twin_egress_forget() - a burst or a request begins. */
static inline void twin_egress_forget(struct twin_ctx *ctx)
{
	ctx->priv->egress.port_no = UINT32_MAX;
}

/** twin_input_again() - look up @n packets (TWIN_BURST at most) with complete
 * keys, as after recirculation, and do as their flows say. Takes over their
 * mbufs.
 */
void twin_input_again(struct twin_ctx *ctx, struct datapath *dp,
		      struct vport *in, struct twin_packet *pkts,
		      unsigned int n);

#endif
