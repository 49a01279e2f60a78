/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_ACTIONS_H
#define TWIN_ACTIONS_H

#include "datapath.h"
#include "ovsnl_packet.h"

/** struct twin_packet - a packet being processed by a context.
 * @m: the mbuf, owned by whoever holds the struct. Headers are in its first
 *     segment as far as the parser needed them. Offload state: offload.h
 * @key: flow key, kept up to date by the actions
 * @layout: where its headers are
 * @cutlen: truncate to so many bytes at the next output or upcall;
 *          UINT32_MAX for not
 * @mru: 0 or the size to which EXECUTE asked to refragment
 * @hash: OVS_PACKET_ATTR_HASH to report, 0 if unknown
 */
struct twin_packet {
	struct rte_mbuf *m;
	struct ovsnl_key key;
	struct ovsnl_layout layout;
	uint32_t cutlen;
	uint16_t mru;
	uint64_t hash;
};

/** twin_packet_parse() - fill key and layout from the mbuf; metadata fields
 * of the key are the caller's. Return: 0 or -EINVAL.
 */
int twin_packet_parse(struct twin_packet *pkt);

/**
 * twin_actions_input() - a burst of packets fresh from a port.
 * Parses, looks up, counts, runs actions, sends upcalls for misses, and owns
 * every mbuf from here on. Output is gathered per port and leaves with
 * twin_actions_flush().
 */
void twin_actions_input(struct twin_ctx *ctx, struct vport *in,
			struct rte_mbuf **pkts, unsigned int n);

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
