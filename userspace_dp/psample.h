/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_PSAMPLE_H
#define TWIN_PSAMPLE_H

#include "genl.h"
#include "upcall.h"

/* The psample family: packets that actions of that name report, multicast to
 * whoever joined its group "packets". Messages are those of Linux 6.11
 * (<linux/psample.h>).
 */

struct twin_upcall_item;
struct twin_upcall_sender;

/**
 * twin_psample_send() - report the packet, unless nobody listens. Any context.
 * @in: the vport that it came from
 */
void twin_psample_send(struct twin_ctx *ctx, struct vport *in,
		       struct twin_packet *pkt,
		       const struct ovsnl_op_psample *op);

/** twin_psample_message_send() - the sample in @item as a message. For
 * upcall_message.c. Return: 0 or -EMSGSIZE.
 */
int twin_psample_message_send(struct twin_upcall_sender *s,
			      const struct twin_upcall_item *item);

/** twin_psample_family - to be registered. */
extern const struct twin_genl_family twin_psample_family;

#endif
