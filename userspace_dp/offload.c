// SPDX-License-Identifier: BSD-3-Clause
/*
 * Offload state of packets: from and to virtio_net_hdr, checksums.
 *
 * Overview
 *	A virtio_net_hdr says where the checksum begins, where its field is,
 *	and of what size segments are to be. That is checked against the
 *	packet's headers once, on arrival; later code relies on the mbuf's
 *	l2_len, l3_len and l4_len.
 *
 * Life cycle
 *	State is set on arrival, changed by VLAN actions (l2_len), and ends
 *	when software completes the packet or Linux or a device takes it over.
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

#include <rte_ether.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "ovsnl_packet.h"
#include "packet.h"
#include "unaligned.h"

/* VIRTIO 1.2, 5.1.6; Linux knows it since 6.2. */
#define VNET_GSO_UDP_L4 5

#define CSUM_OFS_TCP offsetof(struct rte_tcp_hdr, cksum)
#define CSUM_OFS_UDP offsetof(struct rte_udp_hdr, dgram_cksum)
#define CSUM_OFS_SCTP 8 /* RFC 9260, 3.1 */

/* l3_len is a field of 9 bits. */
#define MAX_L3_LEN 511

/* Headers */

/** struct stack - what stands before a transport header.
 * @l2_len: Ethernet header and tags, 0 for none
 * @type: EtherType behind them
 * @l4_ofs: end of the IP header (IPv6: without extension headers)
 * @proto: what follows it
 */
struct stack {
	uint32_t l2_len;
	__be16 type;
	uint32_t l4_ofs;
	uint8_t proto;
};

static bool find_l3(const struct rte_mbuf *m, struct stack *s)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t ofs = RTE_ETHER_HDR_LEN;

	if (m->packet_type & TWIN_PACKET_BARE) {
		s->type = htons((uint16_t)m->packet_type);
		s->l2_len = 0;
		return true;
	}
	if (m->data_len < ofs)
		return false;
	s->type = twin_load16(p + ofs - 2);
	while (twin_packet_is_tpid(s->type) &&
	       ofs + RTE_VLAN_HLEN <= m->data_len) {
		ofs += RTE_VLAN_HLEN;
		s->type = twin_load16(p + ofs - 2);
	}
	s->l2_len = ofs;
	return ofs <= TWIN_OFFLOAD_L2_MAX;
}

/* False: no IP header, or it is cut. */
static bool find_l4(const struct rte_mbuf *m, struct stack *s)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t room;

	if (!find_l3(m, s))
		return false;
	p += s->l2_len;
	room = m->data_len - s->l2_len;
	if (s->type == htons(ETH_P_IP) && room >= sizeof(struct rte_ipv4_hdr)) {
		s->l4_ofs = s->l2_len + (p[0] & 0xf) * 4;
		s->proto = ((const struct rte_ipv4_hdr *)p)->next_proto_id;
		return true;
	}
	if (s->type == htons(ETH_P_IPV6) &&
	    room >= sizeof(struct rte_ipv6_hdr)) {
		s->l4_ofs = s->l2_len + sizeof(struct rte_ipv6_hdr);
		s->proto = ((const struct rte_ipv6_hdr *)p)->proto;
		return true;
	}
	return false;
}

/* Does the transport header of @proto at @start follow the packet's own IP
 * header? IPv6 extension headers may stand between them (no tunnel starts
 * with one).
 */
static bool is_plain(const struct stack *s, uint32_t start, uint8_t proto)
{
	if (s->type == htons(ETH_P_IP))
		return s->l4_ofs == start && s->proto == proto;
	if (s->l4_ofs == start)
		return s->proto == proto;
	return s->l4_ofs < start &&
	       (s->proto == IPPROTO_HOPOPTS || s->proto == IPPROTO_ROUTING ||
		s->proto == IPPROTO_DSTOPTS);
}

/* Of a packet with state. */
static bool is_tcp(const struct rte_mbuf *m)
{
	return (m->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_TCP_CKSUM;
}

static uint8_t *header(const struct rte_mbuf *m, uint32_t ofs)
{
	return rte_pktmbuf_mtod_offset(m, uint8_t *, ofs);
}

/* Checksums */

/* One's complement sum from @ofs to the packet's end. */
static uint16_t sum_from(const struct rte_mbuf *m, uint32_t ofs)
{
	bool odd = false;
	uint32_t sum = 0;
	uint16_t part;

	for (; m && ofs >= m->data_len; m = m->next)
		ofs -= m->data_len;
	for (; m; m = m->next) {
		part = ovsnl_csum_sum(header(m, ofs), m->data_len - ofs, 0);
		sum += odd ? rte_bswap16(part) : part;
		odd ^= (m->data_len - ofs) & 1;
		ofs = 0;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* Store the one's complement sum from @start to the packet's end, which
 * includes what the field holds.
 */
static int store_csum(struct rte_mbuf *m, uint32_t start, uint32_t field,
		      bool udp)
{
	uint16_t sum;

	if (field + sizeof(sum) > m->data_len)
		return -EINVAL;
	sum = ~sum_from(m, start);
	/* RFC 768: zero means none. */
	if (udp && !sum)
		sum = 0xffff;
	memcpy(header(m, field), &sum, sizeof(sum));
	return 0;
}

int twin_offload_finish_csum(struct rte_mbuf *m)
{
	uint32_t start = m->l2_len + m->l3_len;
	int err;

	if (!twin_offload_is_partial(m))
		return 0;
	if (twin_offload_is_gso(m))
		return -EINVAL;
	if (is_tcp(m))
		err = store_csum(m, start, start + CSUM_OFS_TCP, false);
	else
		err = store_csum(m, start, start + CSUM_OFS_UDP, true);
	if (!err)
		twin_offload_clear(m);
	return err;
}

static uint32_t crc_range(const struct rte_mbuf *m, uint32_t ofs, uint32_t end,
			  uint32_t crc)
{
	uint32_t len;

	while (m && ofs >= m->data_len) {
		ofs -= m->data_len;
		end -= m->data_len;
		m = m->next;
	}
	for (; m && ofs < end; m = m->next) {
		len = RTE_MIN(end, m->data_len) - ofs;
		crc = rte_hash_crc(header(m, ofs), len, crc);
		end -= RTE_MIN(end, m->data_len);
		ofs = 0;
	}
	return crc;
}

rte_le32_t twin_offload_sctp_crc(const struct rte_mbuf *m, uint32_t ofs)
{
	static const uint32_t no_crc;
	uint32_t field = ofs + CSUM_OFS_SCTP;
	uint32_t crc;

	crc = crc_range(m, ofs, field, UINT32_MAX);
	crc = rte_hash_crc(&no_crc, sizeof(no_crc), crc);
	crc = crc_range(m, field + sizeof(no_crc), m->pkt_len, crc);
	return rte_cpu_to_le_32(~crc);
}

static int finish_sctp(struct rte_mbuf *m, uint32_t start)
{
	rte_le32_t crc;

	if (start + CSUM_OFS_SCTP + sizeof(crc) > m->data_len)
		return -EINVAL;
	crc = twin_offload_sctp_crc(m, start);
	memcpy(header(m, start + CSUM_OFS_SCTP), &crc, sizeof(crc));
	return 0;
}

/* From virtio_net_hdr */

static void set_state(struct rte_mbuf *m, const struct stack *s, uint32_t start,
		      uint64_t flags)
{
	m->l2_len = s->l2_len;
	m->l3_len = start - s->l2_len;
	m->ol_flags |= flags;
}

static uint64_t ip_flag(const struct stack *s)
{
	return s->type == htons(ETH_P_IP) ? RTE_MBUF_F_TX_IPV4
					  : RTE_MBUF_F_TX_IPV6;
}

/* A checksum to complete and no segmentation. */
static int from_csum(struct rte_mbuf *m, uint32_t start, uint32_t csum_ofs)
{
	struct stack s;

	if (!find_l4(m, &s) || start - s.l2_len > MAX_L3_LEN)
		return store_csum(m, start, start + csum_ofs, false);
	if (csum_ofs == CSUM_OFS_TCP && is_plain(&s, start, IPPROTO_TCP))
		set_state(m, &s, start, ip_flag(&s) | RTE_MBUF_F_TX_TCP_CKSUM);
	else if (csum_ofs == CSUM_OFS_UDP && is_plain(&s, start, IPPROTO_UDP))
		set_state(m, &s, start, ip_flag(&s) | RTE_MBUF_F_TX_UDP_CKSUM);
	else if (csum_ofs == CSUM_OFS_SCTP && is_plain(&s, start, IPPROTO_SCTP))
		return finish_sctp(m, start);
	else
		return store_csum(m, start, start + csum_ofs,
				  csum_ofs == CSUM_OFS_UDP);
	return 0;
}

/** struct gso_kind - a gso_type and what it says of the packet. */
struct gso_kind {
	uint8_t type;
	uint8_t proto;
	uint8_t csum_ofs;
	uint64_t flags;
};

static const struct gso_kind gso_kinds[] = {
	{ VIRTIO_NET_HDR_GSO_TCPV4, IPPROTO_TCP, CSUM_OFS_TCP,
	  RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_TCP_SEG |
		  RTE_MBUF_F_TX_IPV4 },
	{ VIRTIO_NET_HDR_GSO_TCPV6, IPPROTO_TCP, CSUM_OFS_TCP,
	  RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_TCP_SEG |
		  RTE_MBUF_F_TX_IPV6 },
	{ VNET_GSO_UDP_L4, IPPROTO_UDP, CSUM_OFS_UDP,
	  RTE_MBUF_F_TX_UDP_CKSUM | RTE_MBUF_F_TX_UDP_SEG },
	{ VIRTIO_NET_HDR_GSO_UDP, IPPROTO_UDP, CSUM_OFS_UDP,
	  RTE_MBUF_F_TX_UDP_SEG },
};

static const struct gso_kind *find_kind(uint8_t type)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(gso_kinds); i++)
		if (gso_kinds[i].type == type)
			return &gso_kinds[i];
	return NULL;
}

/* Length of the transport header, 0 if it is cut or can't be. */
static uint32_t l4_len(const struct rte_mbuf *m, uint32_t start, uint8_t proto)
{
	uint32_t len = sizeof(struct rte_udp_hdr);

	if (proto == IPPROTO_TCP) {
		if (start + sizeof(struct rte_tcp_hdr) > m->data_len)
			return 0;
		len = (header(m, start)[12] >> 4) * 4;
		if (len < sizeof(struct rte_tcp_hdr))
			return 0;
	}
	return start + len <= m->data_len ? len : 0;
}

/* One segment is none. */
static void drop_gso_of_one(struct rte_mbuf *m, uint32_t start)
{
	if (m->pkt_len - start > (uint32_t)m->l4_len + m->tso_segsz)
		return;
	if (twin_offload_is_ufo(m))
		m->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
	m->ol_flags &= ~(RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_UDP_SEG);
}

static int from_gso(struct rte_mbuf *m, const struct virtio_net_hdr *hdr,
		    const struct gso_kind *kind)
{
	uint32_t start = hdr->csum_start;
	uint64_t flags = kind->flags;
	struct stack s;

	if (!hdr->gso_size || hdr->csum_offset != kind->csum_ofs ||
	    !find_l4(m, &s) || start < s.l4_ofs ||
	    start - s.l2_len > MAX_L3_LEN)
		return -EINVAL;
	m->l4_len = l4_len(m, start, kind->proto);
	if (!m->l4_len)
		return -EINVAL;

	if (!(flags & (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6)))
		flags |= ip_flag(&s);
	if (!is_plain(&s, start, kind->proto) || !(flags & ip_flag(&s)))
		flags |= RTE_MBUF_F_TX_TUNNEL_UDP;

	m->tso_segsz = hdr->gso_size;
	set_state(m, &s, start, flags);
	drop_gso_of_one(m, start);
	return 0;
}

int twin_offload_from_vnet(struct rte_mbuf *m, const struct virtio_net_hdr *hdr)
{
	uint8_t gso = hdr->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
	uint32_t start = hdr->csum_start;
	const struct gso_kind *kind;

	if (!(hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return gso == VIRTIO_NET_HDR_GSO_NONE ? 0 : -EINVAL;
	if (start + hdr->csum_offset + sizeof(uint16_t) > m->data_len)
		return -EINVAL;
	if (gso == VIRTIO_NET_HDR_GSO_NONE)
		return from_csum(m, start, hdr->csum_offset);
	kind = find_kind(gso);
	return kind ? from_gso(m, hdr, kind) : -EINVAL;
}

/* To virtio_net_hdr */

static uint8_t vnet_gso_type(const struct rte_mbuf *m, uint32_t start)
{
	uint8_t type;

	if (m->ol_flags & RTE_MBUF_F_TX_TCP_SEG) {
		type = m->ol_flags & RTE_MBUF_F_TX_IPV4
			       ? VIRTIO_NET_HDR_GSO_TCPV4
			       : VIRTIO_NET_HDR_GSO_TCPV6;
		if (header(m, start)[13] & RTE_TCP_CWR_FLAG)
			type |= VIRTIO_NET_HDR_GSO_ECN;
		return type;
	}
	if (m->ol_flags & RTE_MBUF_F_TX_UDP_SEG)
		return twin_offload_is_ufo(m) ? VIRTIO_NET_HDR_GSO_UDP
					      : VNET_GSO_UDP_L4;
	return VIRTIO_NET_HDR_GSO_NONE;
}

void twin_offload_to_vnet(const struct rte_mbuf *m, struct virtio_net_hdr *hdr)
{
	uint32_t start = m->l2_len + m->l3_len;

	memset(hdr, 0, sizeof(*hdr));
	if (!twin_offload_is_partial(m))
		return;
	hdr->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	hdr->csum_start = start;
	hdr->csum_offset = is_tcp(m) ? CSUM_OFS_TCP : CSUM_OFS_UDP;
	if (!twin_offload_is_gso(m))
		return;
	hdr->gso_type = vnet_gso_type(m, start);
	hdr->gso_size = m->tso_segsz;
	hdr->hdr_len = start + m->l4_len;
}

/* Truncation */

static uint32_t l4_min(const struct rte_mbuf *m)
{
	return is_tcp(m) ? sizeof(struct rte_tcp_hdr)
			 : sizeof(struct rte_udp_hdr);
}

void twin_offload_truncate(struct rte_mbuf *m, uint32_t len)
{
	uint32_t start = m->l2_len + m->l3_len;
	struct rte_mbuf *seg = m, *rest;

	if (len >= m->pkt_len)
		return;
	m->pkt_len = len;
	m->nb_segs = 1;
	for (; len > seg->data_len; seg = seg->next) {
		len -= seg->data_len;
		m->nb_segs++;
	}
	seg->data_len = len;
	rest = seg->next;
	seg->next = NULL;
	if (rest)
		rte_pktmbuf_free(rest);

	/* The transport header must be whole for the rest to mean anything. */
	if (!twin_offload_is_partial(m))
		return;
	if (m->pkt_len < start + l4_min(m))
		twin_offload_clear(m);
	else if (twin_offload_is_gso(m))
		drop_gso_of_one(m, start);
}
