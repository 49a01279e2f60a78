// SPDX-License-Identifier: BSD-3-Clause
/*
 * Segmentation and fragmentation in software.
 *
 * Overview
 *	A packet is cut into pieces of payload. Each piece is copied, gets the
 *	headers in front, and the headers are made to fit: lengths, identifier,
 *	sequence number, flags, checksums. TCP and UDP segments are packets of
 *	their own; fragments share one transport header.
 *
 * Life cycle
 *	Pieces are new mbufs; the packet is freed when all could be made.
 *
 * Synchronisation
 *	A packet has one owner.
 *
 * Lock order
 *	No locks.
 */
#include "offload.h"

#include <errno.h>

#include <linux/if_ether.h>
#include <netinet/in.h>

#include <rte_ip.h>
#include <rte_random.h>
#include <rte_tcp.h>
#include <rte_udp.h>

/* Bytes in which fragments are counted (RFC 791, RFC 8200). */
#define FRAG_UNIT 8u

/* Pieces */

/* A packet of @hdr_len header bytes from the start of @m, @gap bytes of room,
 * and @len bytes from @ofs on. NULL: no memory.
 */
static struct rte_mbuf *make_piece(const struct rte_mbuf *m,
				   struct rte_mempool *pool, uint32_t hdr_len,
				   uint32_t gap, uint32_t ofs, uint32_t len)
{
	struct rte_mbuf *piece = rte_pktmbuf_copy(m, pool, ofs, len);
	struct rte_mbuf *head = piece;
	char *p;

	if (!piece)
		return NULL;
	if (rte_pktmbuf_headroom(piece) < hdr_len + gap) {
		head = rte_pktmbuf_alloc(pool);
		if (!head) {
			rte_pktmbuf_free(piece);
			return NULL;
		}
		head->data_off += hdr_len + gap;
		head->next = piece;
		head->nb_segs = piece->nb_segs + 1;
		head->pkt_len = piece->pkt_len;
		head->ol_flags = piece->ol_flags & ~RTE_MBUF_F_INDIRECT;
		head->tx_offload = piece->tx_offload;
		head->packet_type = piece->packet_type;
		rte_mbuf_dynfield_copy(head, piece);
	}
	p = rte_pktmbuf_prepend(head, hdr_len + gap);
	memcpy(p, rte_pktmbuf_mtod(m, const char *), hdr_len);
	return head;
}

/* Cuts @m from @hdr_len on into pieces of @size bytes. Return: how many. */
static int make_pieces(const struct rte_mbuf *m, struct rte_mempool *pool,
		       uint32_t hdr_len, uint32_t gap, uint32_t size,
		       struct rte_mbuf **out, unsigned int max)
{
	uint32_t ofs, len;
	unsigned int n = 0;

	if (!size || hdr_len > m->data_len || hdr_len >= m->pkt_len ||
	    (m->pkt_len - hdr_len + size - 1) / size > max)
		return -EINVAL;
	for (ofs = hdr_len; ofs < m->pkt_len; ofs += len) {
		len = RTE_MIN(size, m->pkt_len - ofs);
		out[n] = make_piece(m, pool, hdr_len, gap, ofs, len);
		if (!out[n]) {
			rte_pktmbuf_free_bulk(out, n);
			return -ENOMEM;
		}
		n++;
	}
	return n;
}

/* Headers */

static void fix_ipv4(struct rte_mbuf *m, uint32_t l3_ofs, uint16_t id)
{
	struct rte_ipv4_hdr *ip =
		rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, l3_ofs);

	ip->total_length = rte_cpu_to_be_16(m->pkt_len - l3_ofs);
	ip->packet_id = rte_cpu_to_be_16(id);
	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
}

static void fix_ipv6(struct rte_mbuf *m, uint32_t l3_ofs)
{
	struct rte_ipv6_hdr *ip =
		rte_pktmbuf_mtod_offset(m, struct rte_ipv6_hdr *, l3_ofs);

	ip->payload_len = rte_cpu_to_be_16(m->pkt_len - l3_ofs - sizeof(*ip));
}

/* The pseudo-header sum @field counts @from bytes of transport header and
 * payload: make it @to.
 */
static rte_be16_t fix_pseudo(rte_be16_t field, uint32_t from, uint32_t to)
{
	uint32_t sum = field;

	/* Lengths that the field can't hold count modulo 2^16 - 1. */
	sum += (uint16_t)~rte_cpu_to_be_16((from & 0xffff) + (from >> 16));
	sum += rte_cpu_to_be_16((to & 0xffff) + (to >> 16));
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static void fix_tcp(struct rte_mbuf *m, uint32_t l4_ofs, uint32_t from,
		    uint32_t seq, bool first, bool last)
{
	struct rte_tcp_hdr *tcp =
		rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, l4_ofs);

	tcp->sent_seq = rte_cpu_to_be_32(seq);
	if (!first)
		tcp->tcp_flags &= ~RTE_TCP_CWR_FLAG;
	if (!last)
		tcp->tcp_flags &= ~(RTE_TCP_FIN_FLAG | RTE_TCP_PSH_FLAG);
	tcp->cksum = fix_pseudo(tcp->cksum, from, m->pkt_len - l4_ofs);
}

static void fix_udp(struct rte_mbuf *m, uint32_t l4_ofs, uint32_t from)
{
	struct rte_udp_hdr *udp =
		rte_pktmbuf_mtod_offset(m, struct rte_udp_hdr *, l4_ofs);

	udp->dgram_len = rte_cpu_to_be_16(m->pkt_len - l4_ofs);
	udp->dgram_cksum =
		fix_pseudo(udp->dgram_cksum, from, m->pkt_len - l4_ofs);
}

/* Segments */

static uint16_t ipv4_id(const struct rte_mbuf *m, uint32_t l3_ofs)
{
	return rte_be_to_cpu_16(
		rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, l3_ofs)
			->packet_id);
}

static void fix_segment(const struct rte_mbuf *m, struct rte_mbuf *seg,
			uint32_t i, bool last)
{
	uint32_t l4_ofs = m->l2_len + m->l3_len;
	uint32_t from = m->pkt_len - l4_ofs;
	const struct rte_tcp_hdr *tcp;

	seg->ol_flags &= ~(RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_UDP_SEG);
	if (m->ol_flags & RTE_MBUF_F_TX_IPV4)
		fix_ipv4(seg, m->l2_len, ipv4_id(m, m->l2_len) + i);
	else
		fix_ipv6(seg, m->l2_len);
	if (m->ol_flags & RTE_MBUF_F_TX_TCP_SEG) {
		tcp = rte_pktmbuf_mtod_offset(m, const struct rte_tcp_hdr *,
					      l4_ofs);
		fix_tcp(seg, l4_ofs, from,
			rte_be_to_cpu_32(tcp->sent_seq) + i * m->tso_segsz,
			i == 0, last);
	} else {
		fix_udp(seg, l4_ofs, from);
	}
	twin_offload_finish_csum(seg);
}

static int segment(struct rte_mbuf *m, struct rte_mempool *pool,
		   struct rte_mbuf **out, unsigned int max)
{
	int i, n;

	n = make_pieces(m, pool, m->l2_len + m->l3_len + m->l4_len, 0,
			m->tso_segsz, out, max);
	for (i = 0; i < n; i++)
		fix_segment(m, out[i], i, i == n - 1);
	if (n > 0)
		rte_pktmbuf_free(m);
	return n;
}

/* Fragments */

static void fix_fragment_v4(struct rte_mbuf *m, uint32_t l3_ofs, uint16_t id,
			    uint32_t ofs, bool last)
{
	struct rte_ipv4_hdr *ip =
		rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, l3_ofs);
	uint16_t frag = ofs / FRAG_UNIT;

	if (!last)
		frag |= RTE_IPV4_HDR_MF_FLAG;
	ip->fragment_offset = rte_cpu_to_be_16(frag);
	fix_ipv4(m, l3_ofs, id);
}

static void fix_fragment_v6(struct rte_mbuf *m, uint32_t l3_ofs, uint32_t id,
			    uint32_t ofs, bool last)
{
	struct rte_ipv6_hdr *ip =
		rte_pktmbuf_mtod_offset(m, struct rte_ipv6_hdr *, l3_ofs);
	struct rte_ipv6_fragment_ext *ext = (void *)(ip + 1);

	ext->next_header = ip->proto;
	ext->reserved = 0;
	ext->frag_data = rte_cpu_to_be_16(RTE_IPV6_SET_FRAG_DATA(ofs, !last));
	ext->id = id;
	ip->proto = IPPROTO_FRAGMENT;
	fix_ipv6(m, l3_ofs);
}

/* @size: payload bytes of a fragment, cut down to whole units */
static int fragment_v4(struct rte_mbuf *m, uint32_t l3_ofs, uint32_t hdr_len,
		       uint32_t size, struct rte_mempool *pool,
		       struct rte_mbuf **out, unsigned int max)
{
	uint16_t id = ipv4_id(m, l3_ofs);
	int i, n;

	size -= size % FRAG_UNIT;
	n = make_pieces(m, pool, l3_ofs + hdr_len, 0, size, out, max);
	for (i = 0; i < n; i++)
		fix_fragment_v4(out[i], l3_ofs, id, i * size, i == n - 1);
	return n;
}

static int fragment_v6(struct rte_mbuf *m, uint32_t l3_ofs, uint32_t size,
		       struct rte_mempool *pool, struct rte_mbuf **out,
		       unsigned int max)
{
	uint32_t id = rte_rand();
	int i, n;

	size -= size % FRAG_UNIT;
	n = make_pieces(m, pool, l3_ofs + sizeof(struct rte_ipv6_hdr),
			sizeof(struct rte_ipv6_fragment_ext), size, out, max);
	for (i = 0; i < n; i++)
		fix_fragment_v6(out[i], l3_ofs, id, i * size, i == n - 1);
	return n;
}

/* UFO: the checksum covers the whole datagram, then it is cut. */
static int segment_ufo(struct rte_mbuf *m, struct rte_mempool *pool,
		       struct rte_mbuf **out, unsigned int max)
{
	uint32_t l3_ofs = m->l2_len, l3_len = m->l3_len;
	bool v4 = m->ol_flags & RTE_MBUF_F_TX_IPV4;
	uint16_t size = m->tso_segsz;
	int n;

	if (!v4 && l3_len != sizeof(struct rte_ipv6_hdr))
		return -EINVAL;
	m->ol_flags &= ~RTE_MBUF_F_TX_UDP_SEG;
	m->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
	if (twin_offload_finish_csum(m))
		return -EINVAL;
	n = v4 ? fragment_v4(m, l3_ofs, l3_len, size, pool, out, max)
	       : fragment_v6(m, l3_ofs, size, pool, out, max);
	if (n > 0)
		rte_pktmbuf_free(m);
	return n;
}

int twin_offload_segment(struct rte_mbuf *m, struct rte_mempool *pool,
			 struct rte_mbuf **out, unsigned int max)
{
	if (!twin_offload_is_gso(m) ||
	    (m->ol_flags & RTE_MBUF_F_TX_TUNNEL_MASK))
		return -EINVAL;
	if (twin_offload_is_ufo(m))
		return segment_ufo(m, pool, out, max);
	return segment(m, pool, out, max);
}

int twin_offload_fragment(struct rte_mbuf *m, uint32_t l3_ofs, uint32_t ip_max,
			  struct rte_mempool *pool, struct rte_mbuf **out,
			  unsigned int max)
{
	const uint8_t *ip = rte_pktmbuf_mtod_offset(m, uint8_t *, l3_ofs);
	uint32_t hdr_len;
	int n;

	if (l3_ofs + sizeof(struct rte_ipv4_hdr) > m->data_len)
		return -EINVAL;
	if (ip[0] >> 4 == 4) {
		hdr_len = (ip[0] & 0xf) * 4;
		if (ip_max < hdr_len + FRAG_UNIT)
			return -EINVAL;
		n = fragment_v4(m, l3_ofs, hdr_len, ip_max - hdr_len, pool, out,
				max);
	} else {
		hdr_len = sizeof(struct rte_ipv6_hdr) +
			  sizeof(struct rte_ipv6_fragment_ext);
		if (ip_max < hdr_len + FRAG_UNIT)
			return -EINVAL;
		n = fragment_v6(m, l3_ofs, ip_max - hdr_len, pool, out, max);
	}
	if (n > 0)
		rte_pktmbuf_free(m);
	return n;
}
