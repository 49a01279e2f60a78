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
 */

/** twin_offload_from_vnet() - set the mbuf's state from a header received
 * with the packet. Return: 0, or -EINVAL for a header that does not fit the
 * packet (the packet is to be dropped).
 */
int twin_offload_from_vnet(struct rte_mbuf *m,
			   const struct virtio_net_hdr *hdr);

/** twin_offload_to_vnet() - the reverse, for TAP and packet sockets. */
void twin_offload_to_vnet(const struct rte_mbuf *m,
			  struct virtio_net_hdr *hdr);

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

/** twin_offload_finish_csum() - complete the checksum in software and clear
 * the flags. Any number of segments. Return: 0 or -EINVAL.
 */
int twin_offload_finish_csum(struct rte_mbuf *m);

/** twin_offload_segment() - split a GSO packet into wire packets with complete
 * checksums. @pool: for the new packets. @out: room for @max.
 * Consumes @m on success. Return: the number of packets, or -EINVAL/-ENOMEM
 * with @m untouched.
 */
int twin_offload_segment(struct rte_mbuf *m, struct rte_mempool *pool,
			 struct rte_mbuf **out, unsigned int max);

#endif
