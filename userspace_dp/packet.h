/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_PACKET_H
#define TWIN_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "ovsnl_action.h"
#include "ovsnl_packet.h"

/* A packet on its way through the datapath. */

/* Ports whose l2_len is 0 exchange packets with Linux that start with their
 * network header (ARPHRD_NONE devices: TUN, WireGuard, ...). The type of such a
 * packet then stands beside it, in mbuf->packet_type: this bit and the
 * EtherType in host order. Received packets without the bit start with an
 * Ethernet header all the same (ETH_P_TEB); sent ones always have it.
 */
#define TWIN_PACKET_BARE 0x10000u

/** struct twin_packet - a packet being processed by a context.
 * @key: flow key, kept up to date by the actions
 * @m: the mbuf, owned by whoever holds the struct. Headers are in its first
 *     segment as far as the parser needed them, and no other packet shares
 *     that segment. Offload state: offload.h
 * @layout: where its headers are
 * @cutlen: truncate to so many bytes at the next output or upcall;
 *          UINT32_MAX for not
 * @dirty: lines of the key behind the first may be other than zero
 * @tagged: a VLAN tag stands behind the addresses
 * @key_stale: headers were pushed or popped such that the key must be made
 *             anew before it can be looked up; clients are shown it as it is
 * @hash: OVS_PACKET_ATTR_HASH to report, 0 for none
 * @tunnel: how a tunnel is to send it, NULL where nobody has said
 * @probability: of the innermost sample that it was drawn by, of UINT32_MAX;
 *               0 outside of any
 * @upcall_pid: who gets its upcalls, 0 for who usually would
 * @mru: 0 or the size to which EXECUTE asked to refragment
 * @protocol: twin_packet_protocol() while @key_stale
 * @aside_tpid, @aside_tci: the outer tag of a packet to which something was
 *                          pushed in front of its Ethernet header, as on the
 *                          wire; @aside_tpid 0 for none
 * @no_hash: rewriting ended the packet's hash, it is not to be made anew
 *           before the next look-up
 * @encapsulated: headers were pushed in front of a packet that is yet to be
 *                segmented
 *
 * From @hash on all is zero in a packet fresh from a port. Who makes one for
 * twin_actions_execute() fills key, m, layout, hash, upcall_pid and mru, sets
 * cutlen to UINT32_MAX and leaves the rest zero. Bytes of the key may be
 * undefined (ovsnl_key.h): copy with twin_packet_copy().
 */
struct twin_packet {
	struct ovsnl_key key;
	struct rte_mbuf *m;
	struct ovsnl_layout layout;
	uint32_t cutlen;
	bool dirty;
	bool tagged;
	bool key_stale;
	uint64_t hash;
	const struct ovsnl_tunnel *tunnel;
	uint32_t probability;
	uint32_t upcall_pid;
	uint16_t mru;
	__be16 protocol;
	__be16 aside_tpid;
	__be16 aside_tci;
	bool no_hash;
	bool encapsulated;
};

/** twin_packet_copy() - a copy of all that is known; both name the same mbuf. */
static inline void twin_packet_copy(struct twin_packet *to,
				    const struct twin_packet *from)
{
	const size_t rest = offsetof(struct twin_packet, m);

	ovsnl_key_copy(&to->key, &from->key);
	memcpy((char *)to + rest, (const char *)from + rest,
	       sizeof(*to) - rest);
}

/** twin_packet_is_tpid() - is this EtherType that of a VLAN tag? */
static inline bool twin_packet_is_tpid(__be16 type)
{
	return type == htons(ETH_P_8021Q) || type == htons(ETH_P_8021AD);
}

/** twin_packet_protocol() - type of what follows the Ethernet header and the
 * outer tag: a second tag's TPID where there is one.
 */
static inline __be16 twin_packet_protocol(const struct twin_packet *pkt)
{
	if (pkt->key_stale)
		return pkt->protocol;
	return ovsnl_packet_protocol(&pkt->key);
}

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

/** twin_packet_hash() - set pkt->hash from the key if there is none, or none
 * that says what it is over: a software hash, over ports where there are any.
 * The kernel does so when it looks a packet up; here it is made when a client
 * is to see it.
 */
void twin_packet_hash(struct twin_packet *pkt);

/** twin_packet_flow_hash() - a hash over addresses, protocol and ports as the
 * key has them, the same for both directions, never 0.
 */
uint32_t twin_packet_flow_hash(const struct twin_packet *pkt);

/** twin_packet_end_hash() - the hash no longer fits the packet. */
static inline void twin_packet_end_hash(struct twin_packet *pkt)
{
	pkt->hash = 0;
	pkt->no_hash = true;
}

/** twin_packet_pull() - bring the first @len bytes into the first segment.
 * May replace the mbuf. Return: 0, or -ENOMEM, also (as from the kernel's
 * pskb_may_pull()) when the packet is shorter.
 */
int twin_packet_pull(struct twin_packet *pkt, uint32_t len);

/** twin_packet_prepend() - room for @len bytes in front. May replace the mbuf.
 * Return: the new first byte, or NULL when memory is short.
 */
char *twin_packet_prepend(struct twin_packet *pkt, uint32_t len);

/** twin_packet_shift() - headers behind the network header's start moved by
 * @by bytes, and so did their offsets and offload state.
 * Return: 0, or -EINVAL with nothing changed when the state can't say so.
 */
int twin_packet_shift(struct twin_packet *pkt, int by);

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

/** twin_packet_tag_out() - set the outer tag aside, if there is one.
 * Return: 0, -ENOMEM or -EINVAL.
 */
int twin_packet_tag_out(struct twin_packet *pkt);

/** twin_packet_tag_in() - put the tag back that was set aside, if one was.
 * Return: 0, -ENOMEM or -EINVAL.
 */
int twin_packet_tag_in(struct twin_packet *pkt);

#endif
