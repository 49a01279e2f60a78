/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_ACTIONS_H
#define TWIN_ACTIONS_H

#include "datapath.h"
#include "packet.h"

/** twin_actions_ctx_init() - what actions need in a new context.
 * Return: 0 or -ENOMEM.
 */
int twin_actions_ctx_init(struct twin_ctx *ctx);

/** twin_actions_ctx_fini() - the reverse. */
void twin_actions_ctx_fini(struct twin_ctx *ctx);

/**
 * twin_actions_execute() - run a list on one packet; takes over pkt->m in
 * every case.
 * Return: 0 or the first action's negative errno, as the kernel's.
 */
int twin_actions_execute(struct twin_ctx *ctx, struct datapath *dp,
			 struct twin_packet *pkt,
			 const struct ovsnl_actions *acts);

/** twin_actions_flush() - transmit what this context gathered. */
void twin_actions_flush(struct twin_ctx *ctx);

#endif
