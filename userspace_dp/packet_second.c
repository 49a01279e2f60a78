// SPDX-License-Identifier: BSD-3-Clause
/*
 * A parser for the second commonest packets.
 *
 * Overview
 *	Asked for what the fast parser (packet_fast.h) leaves, before the
 *	general one: IP headers stand in one of four places here, and behind
 *	MPLS labels nothing is read, so that a packet of these kinds needs no
 *	walk. A test holds it equal to the general parser.
 *
 * Life cycle, synchronisation, lock order
 *	None: a packet has one owner.
 */
#include "packet_second.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "offload.h"
#include "unaligned.h"

#define TYPE_OFS (2 * RTE_ETHER_ADDR_LEN)

/* MPLS label stack entry: bytes, and the bit of the last one (RFC 3032) */
#define LSE_LEN 4
#define LSE_BOTTOM 0x100

/** struct place - where headers are.
 * @tpid, @tci: of the tag as the key has them, 0 for none
 * @type: of the network header
 * @l3, @l4: bytes from the packet's start
 * @proto: TCP or UDP
 * @tcp_flags: as the key has them
 */
struct place {
	__be16 tpid, tci, type;
	uint16_t l3, l4;
	uint8_t proto;
	__be16 tcp_flags;
};

/* Long enough for the shortest of the kinds? */
static inline bool find_l3(const struct rte_mbuf *m, const uint8_t *p,
			   struct place *at)
{
	at->tpid = 0;
	at->tci = 0;
	at->l3 = RTE_ETHER_HDR_LEN;
	if (m->data_len < RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN)
		return false;
	at->type = twin_load16(p + TYPE_OFS);
	if (!twin_packet_is_tpid(at->type))
		return true;
	at->tpid = at->type;
	at->tci = twin_load16(p + TYPE_OFS + 2) | htons(OVSNL_VLAN_PRESENT);
	at->type = twin_load16(p + TYPE_OFS + RTE_VLAN_HLEN);
	at->l3 += RTE_VLAN_HLEN;
	return true;
}

static inline bool find_l4(const struct rte_mbuf *m, const uint8_t *p,
			   struct place *at)
{
	const uint8_t *ip = p + at->l3;

	if (at->type == htons(ETH_P_IP)) {
		at->l4 = at->l3 + sizeof(struct rte_ipv4_hdr);
		if (m->data_len < at->l4 + sizeof(struct rte_udp_hdr) ||
		    ip[0] != RTE_IPV4_VHL_DEF ||
		    twin_load16(ip + offsetof(struct rte_ipv4_hdr,
					      fragment_offset)) &
			    htons(RTE_IPV4_HDR_MF_FLAG |
				  RTE_IPV4_HDR_OFFSET_MASK))
			return false;
		at->proto = ip[offsetof(struct rte_ipv4_hdr, next_proto_id)];
		return true;
	}
	at->l4 = at->l3 + sizeof(struct rte_ipv6_hdr);
	if (at->type != htons(ETH_P_IPV6) ||
	    m->data_len < at->l4 + sizeof(struct rte_udp_hdr))
		return false;
	at->proto = ip[offsetof(struct rte_ipv6_hdr, proto)];
	return true;
}

/* A header of TCP whose length makes no sense has no fields. */
static inline bool find_flags(const struct rte_mbuf *m, const uint8_t *p,
			      struct place *at)
{
	const uint8_t *tcp = p + at->l4;
	uint32_t len;

	at->tcp_flags = 0;
	if (at->proto == IPPROTO_UDP)
		return true;
	if (at->proto != IPPROTO_TCP ||
	    m->data_len < at->l4 + sizeof(struct rte_tcp_hdr))
		return false;
	len = (tcp[offsetof(struct rte_tcp_hdr, data_off)] >> 4) * 4;
	if (len < sizeof(struct rte_tcp_hdr) || at->l4 + len > m->pkt_len)
		return false;
	at->tcp_flags =
		twin_load16(tcp + offsetof(struct rte_tcp_hdr, data_off)) &
		htons(0x0fff);
	return true;
}

static inline void fill_ipv4(struct ovsnl_key *key, const uint8_t *ip)
{
	memcpy(&key->ip_src, ip + offsetof(struct rte_ipv4_hdr, src_addr),
	       2 * sizeof(key->ip_src));
	key->ip_tos = ip[offsetof(struct rte_ipv4_hdr, type_of_service)];
	key->ip_ttl = ip[offsetof(struct rte_ipv4_hdr, time_to_live)];
}

static inline void fill_ipv6(struct ovsnl_key *key, const uint8_t *ip)
{
	uint32_t first = twin_load32(ip);

	memcpy(key->ipv6_src, ip + offsetof(struct rte_ipv6_hdr, src_addr),
	       2 * sizeof(key->ipv6_src));
	key->ipv6_label = first & htonl(RTE_IPV6_HDR_FL_MASK);
	key->ip_tos = ntohl(first) >> RTE_IPV6_HDR_TC_SHIFT;
	key->ip_ttl = ip[offsetof(struct rte_ipv6_hdr, hop_limits)];
}

/* All but what is from the network header on. */
static inline void begin(struct twin_packet *pkt, const uint8_t *p,
			 const struct place *at, uint16_t in_port)
{
	struct ovsnl_key *key = &pkt->key;

	memset(key, 0, OVSNL_KEY_LINE);
	if (pkt->dirty)
		memset((uint8_t *)key + OVSNL_KEY_LINE, 0,
		       (OVSNL_KEY_OPTS_LINE - 1) * OVSNL_KEY_LINE);
	key->in_port = in_port;
	key->mac_proto = OVSNL_MAC_ETHERNET;
	memcpy(key->eth_dst, p, TYPE_OFS);
	key->eth_type = at->type;
	key->vlan_tpid = at->tpid;
	key->vlan_tci = at->tci;
	pkt->dirty = at->type != htons(ETH_P_IP);
	pkt->layout.l3_ofs = at->l3;
	pkt->key_stale = false;
	pkt->tagged = at->tci != 0;
}

static inline bool parse_ip(struct twin_packet *pkt, const uint8_t *p,
			    struct place *at, uint16_t in_port)
{
	struct ovsnl_key *key = &pkt->key;

	if (!find_l4(pkt->m, p, at) || !find_flags(pkt->m, p, at))
		return false;
	begin(pkt, p, at, in_port);
	key->ip_proto = at->proto;
	memcpy(&key->tp_src, p + at->l4, 2 * sizeof(key->tp_src));
	key->tcp_flags = at->tcp_flags;
	if (at->type == htons(ETH_P_IP))
		fill_ipv4(key, p + at->l3);
	else
		fill_ipv6(key, p + at->l3);
	pkt->layout.l4_ofs = at->l4;
	pkt->layout.inner_ofs = OVSNL_NO_OFS;
	pkt->layout.l4_ok = true;
	return true;
}

static inline bool is_mpls(__be16 type)
{
	return type == htons(ETH_P_MPLS_UC) || type == htons(ETH_P_MPLS_MC);
}

/* A stack that the key has room for. */
static bool parse_labels(struct twin_packet *pkt, const uint8_t *p,
			 const struct place *at, uint16_t in_port)
{
	unsigned int n = 0;
	uint32_t lse;

	do {
		if (n == OVSNL_MPLS_LABELS ||
		    pkt->m->data_len < at->l3 + (n + 1) * LSE_LEN)
			return false;
		lse = twin_load32(p + at->l3 + n++ * LSE_LEN);
	} while (!(lse & htonl(LSE_BOTTOM)));
	begin(pkt, p, at, in_port);
	memcpy(pkt->key.mpls_lse, p + at->l3, n * LSE_LEN);
	pkt->key.mpls_labels = (1u << n) - 1;
	pkt->layout.l4_ofs = OVSNL_NO_OFS;
	pkt->layout.inner_ofs = at->l3 + n * LSE_LEN;
	pkt->layout.l4_ok = false;
	return true;
}

bool twin_packet_parse_second(struct twin_packet *pkt, uint16_t in_port)
{
	const struct rte_mbuf *m = pkt->m;
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	struct place at;

	if (twin_offload_is_ufo(m) || !find_l3(m, p, &at))
		return false;
	return is_mpls(at.type) ? parse_labels(pkt, p, &at, in_port)
				: parse_ip(pkt, p, &at, in_port);
}
