/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_INPUT_H
#define TWIN_INPUT_H

#include "datapath.h"

/**
 * twin_input_burst() - a burst of packets fresh from a port.
 * Parses, looks up, counts, runs actions, sends upcalls for misses, and owns
 * every mbuf from here on. Output is gathered per port and leaves with
 * twin_actions_flush().
 * Return: true if no flow matched any of them, and no client is to see one.
 */
bool twin_input_burst(struct twin_ctx *ctx, struct vport *in,
		      struct rte_mbuf **pkts, unsigned int n);

#endif
