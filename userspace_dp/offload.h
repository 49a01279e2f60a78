/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_OFFLOAD_H
#define TWIN_OFFLOAD_H

#include <linux/virtio_net.h>
#include <rte_mbuf.h>

/* Offload state of packets inside the twin. Linux hosts hand over packets
 * whose checksum or segmentation is still to be done (virtio_net_hdr on TAP
 * and packet sockets). Inside the twin that state is kept in the mbuf in
 * transmit form: RTE_MBUF_F_TX_L4_MASK | _TX_IPV4/_IPV6 | _TX_TCP_SEG |
 * _TX_UDP_SEG with l2_len, l3_len, l4_len, tso_segsz. A partial checksum means
 * that the field holds the pseudo-header sum (CHECKSUM_PARTIAL).
 *
 * More precisely:
 *   TCP or UDP checksum	_TX_TCP_CKSUM or _TX_UDP_CKSUM
 *   TCP segmentation		_TX_TCP_CKSUM and _TX_TCP_SEG
 *   UDP segmentation (USO)	_TX_UDP_CKSUM and _TX_UDP_SEG
 *   UDP fragmentation (UFO)	_TX_UDP_SEG alone
 * _TX_IPV4 or _TX_IPV6 is always set. With any of _TX_TUNNEL_MASK the headers
 * of l3_len bytes are a tunnel's with the inner IP header (of that version)
 * last: such packets can be handed on to Linux only. In every case the
 * transport header begins at l2_len + l3_len.
 *
 * Who writes to a packet needs its first segment to himself: the twin never
 * shares first segments between packets (see twin_packet_clone()).
 */

/* What m->l2_len can say: it has 7 bits. */
#define TWIN_OFFLOAD_L2_MAX 127

/** twin_offload_from_vnet() - set the mbuf's state from a header received
 * with the packet. Headers are in the first segment. Checksums of other kinds
 * than TCP and UDP (SCTP's CRC32c, inner ones of tunnels) are completed at
 * once. Return: 0, or -EINVAL for a header that does not fit the packet (the
 * packet is to be dropped).
 */
int twin_offload_from_vnet(struct rte_mbuf *m,
			   const struct virtio_net_hdr *hdr);

/** twin_offload_to_vnet() - the reverse, for TAP and packet sockets. */
void twin_offload_to_vnet(const struct rte_mbuf *m, struct virtio_net_hdr *hdr);

/** twin_offload_is_partial() - is the transport checksum unfinished? */
static inline bool twin_offload_is_partial(const struct rte_mbuf *m)
{
	return m->ol_flags & (RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG |
			      RTE_MBUF_F_TX_UDP_SEG);
}

/** twin_offload_is_gso() - more than one packet on the wire? */
static inline bool twin_offload_is_gso(const struct rte_mbuf *m)
{
	return m->ol_flags & (RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_UDP_SEG);
}

/** twin_offload_is_ufo() - one UDP datagram to be sent in IP fragments? */
static inline bool twin_offload_is_ufo(const struct rte_mbuf *m)
{
	return (m->ol_flags & RTE_MBUF_F_TX_UDP_SEG) &&
	       !(m->ol_flags & RTE_MBUF_F_TX_L4_MASK);
}

/** twin_offload_clear() - forget the state. */
static inline void twin_offload_clear(struct rte_mbuf *m)
{
	m->ol_flags &= ~RTE_MBUF_F_TX_OFFLOAD_MASK;
}

/** twin_offload_finish_csum() - complete the checksum in software and clear
 * the flags. Any number of segments. Return: 0 or -EINVAL (also for packets
 * that are to be segmented: see twin_offload_segment()).
 */
int twin_offload_finish_csum(struct rte_mbuf *m);

/** twin_offload_segment() - split a GSO packet into wire packets with complete
 * checksums. @pool: for the new packets. @out: room for @max.
 * Consumes @m on success. Return: the number of packets, or -EINVAL/-ENOMEM
 * with @m untouched (after -ENOMEM the checksum of a UFO packet may be
 * complete, with the state to match).
 */
int twin_offload_segment(struct rte_mbuf *m, struct rte_mempool *pool,
			 struct rte_mbuf **out, unsigned int max);

/** twin_offload_fragment() - split a complete packet into IP fragments.
 * @l3_ofs: offset of the IPv4 header (may have options) or IPv6 header
 *          (without extension headers)
 * @ip_max: largest IP packet in bytes
 * Returns and consumes as twin_offload_segment() does.
 */
int twin_offload_fragment(struct rte_mbuf *m, uint32_t l3_ofs, uint32_t ip_max,
			  struct rte_mempool *pool, struct rte_mbuf **out,
			  unsigned int max);

/** twin_offload_truncate() - cut a packet down to @len bytes, with what is
 * left of its state.
 */
void twin_offload_truncate(struct rte_mbuf *m, uint32_t len);

/** twin_offload_sctp_crc() - CRC32c (RFC 9260, appendix A) of the packet from
 * its SCTP header at @ofs on, the checksum field taken as zero; as it stands
 * in the field.
 */
rte_le32_t twin_offload_sctp_crc(const struct rte_mbuf *m, uint32_t ofs);

#endif
