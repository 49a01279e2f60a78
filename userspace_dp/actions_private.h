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

/** struct twin_ctx_private - what actions keep in a context.
 * @level: nested executions
 * @random: state of the generator that samples use
 * @n_deferred, @next_deferred: the queue; emptied before it is filled anew
 */
struct twin_ctx_private {
	struct twin_packet burst[TWIN_BURST];
	struct twin_output out;
	int level;
	uint64_t random;
	unsigned int n_deferred, next_deferred;
	struct twin_deferred deferred[TWIN_DEFER_MAX];
};

/** twin_actions_run() - run a program on a packet, whose mbuf it takes over.
 * Return: 0 or the errno of the operation that ended it.
 */
int twin_actions_run(struct twin_ctx *ctx, struct datapath *dp,
		     struct vport *in, struct twin_packet *pkt,
		     const struct ovsnl_actions *acts);

/** twin_input_again() - look up one packet with a complete key, as after
 * recirculation, and do as its flow says. Takes over its mbuf.
 */
void twin_input_again(struct twin_ctx *ctx, struct datapath *dp,
		      struct vport *in, struct twin_packet *pkt);

#endif
