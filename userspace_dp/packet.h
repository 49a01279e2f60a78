/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_PACKET_H
#define TWIN_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "ovsnl_packet.h"

/* A packet on its way through the datapath. */

/** struct twin_packet - a packet being processed by a context.
 * @m: the mbuf, owned by whoever holds the struct. Headers are in its first
 *     segment as far as the parser needed them, and no other packet shares
 *     that segment. Offload state: offload.h
 * @key: flow key, kept up to date by the actions
 * @layout: where its headers are
 * @cutlen: truncate to so many bytes at the next output or upcall;
 *          UINT32_MAX for not
 * @mru: 0 or the size to which EXECUTE asked to refragment
 * @key_stale: tags were pushed or popped such that the key must be made anew
 *             before it can be looked up; clients are shown it as it is
 * @tagged: a VLAN tag stands behind the addresses
 * @dirty: lines of the key behind the first may be other than zero
 * @no_hash: rewriting ended the packet's hash, it is not to be made anew
 *           before the next look-up
 * @hash: OVS_PACKET_ATTR_HASH to report, 0 for none
 *
 * Who makes one for twin_actions_execute() fills m, key, layout, mru and hash,
 * sets cutlen to UINT32_MAX and leaves the rest zero.
 */
struct twin_packet {
	struct ovsnl_key key;
	struct rte_mbuf *m;
	struct ovsnl_layout layout;
	uint32_t cutlen;
	uint16_t mru;
	bool key_stale;
	bool tagged;
	bool dirty;
	bool no_hash;
	uint64_t hash;
};

/** twin_packet_parse() - fill key and layout from the mbuf; metadata fields
 * of the key are the caller's. May replace the mbuf.
 * Return: 0, -EINVAL (malformed) or -ENOMEM.
 */
int twin_packet_parse(struct twin_packet *pkt);

/** twin_packet_clone() - a second packet with the same contents and offload
 * state. Its first segment is its own, further ones are shared for reading.
 * Return: NULL when memory is short.
 */
struct rte_mbuf *twin_packet_clone(const struct rte_mbuf *m,
				   struct rte_mempool *pool);

/** twin_packet_hash() - set pkt->hash from the key if there is none: a
 * software hash, over ports where there are any. The kernel does so when it
 * looks a packet up; here it is made when a client is to see it.
 */
void twin_packet_hash(struct twin_packet *pkt);

/** twin_packet_end_hash() - the hash no longer fits the packet. */
static inline void twin_packet_end_hash(struct twin_packet *pkt)
{
	pkt->hash = 0;
	pkt->no_hash = true;
}

/** twin_packet_push_vlan() - put a tag behind the addresses.
 * @tpid, @tci: network order; @tci with OVSNL_VLAN_PRESENT
 * Return: 0 or -ENOMEM.
 */
int twin_packet_push_vlan(struct twin_packet *pkt, __be16 tpid, __be16 tci);

/** twin_packet_pop_vlan() - take out the outer tag, if there is one.
 * Return: 0, or -ENOMEM (as from the kernel's skb_vlan_pop()) when it is cut,
 * or the one that comes to light is.
 */
int twin_packet_pop_vlan(struct twin_packet *pkt);

#endif
