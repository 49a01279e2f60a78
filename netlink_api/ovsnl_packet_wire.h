/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_PACKET_WIRE_H
#define OVSNL_PACKET_WIRE_H

#include "ovsnl_env.h"

/* What packets look like: sizes and offsets in bytes, loads and stores that
 * need no alignment. Private to ovsnl_packet_*.c.
 */

/* IEEE 802.3, 802.1Q, 802.2 with SNAP (RFC 1042). */
#define WIRE_ETH_DST 0
#define WIRE_ETH_SRC 6
#define WIRE_ETH_TYPE 12
#define WIRE_TAG_LEN 4
#define WIRE_SNAP_LEN 8
#define WIRE_SNAP_OUI 3
#define WIRE_SNAP_TYPE 6
#define WIRE_SNAP_SAP 0xaa

/* ARP for IPv4 on Ethernet (RFC 826). */
#define WIRE_ARP_HLEN 28
#define WIRE_ARP_OP 6
#define WIRE_ARP_SHA 8
#define WIRE_ARP_SPA 14
#define WIRE_ARP_THA 18
#define WIRE_ARP_TPA 24

/* MPLS label stack entries (RFC 3032). */
#define WIRE_LSE_LEN 4
#define WIRE_LSE_BOTTOM 0x100

/* Network Service Header (RFC 8300, 2.2). The first word holds version,
 * flags, time to live and length.
 */
#define WIRE_NSH_HLEN 8
#define WIRE_NSH_MDTYPE 2
#define WIRE_NSH_NP 3
#define WIRE_NSH_PATH 4
#define WIRE_NSH_CONTEXT 8
#define WIRE_NSH_VERSION 0xc000
#define WIRE_NSH_FLAGS_SHIFT 12
#define WIRE_NSH_FLAGS 0x3
#define WIRE_NSH_TTL_SHIFT 6
#define WIRE_NSH_TTL 0x3f
#define WIRE_NSH_WORDS 0x3f
#define WIRE_NSH_MD1 1
#define WIRE_NSH_MD1_LEN 24
#define WIRE_NSH_MD2 2

/* IPv4 (RFC 791). */
#define WIRE_IP4_HLEN 20
#define WIRE_IP4_TOS 1
#define WIRE_IP4_FRAG 6
#define WIRE_IP4_TTL 8
#define WIRE_IP4_PROTO 9
#define WIRE_IP4_CSUM 10
#define WIRE_IP4_SRC 12
#define WIRE_IP4_DST 16
#define WIRE_IP4_MORE_FRAGS 0x2000
#define WIRE_IP4_FRAG_OFS 0x1fff

/* IPv6 and its extension headers (RFC 8200, RFC 4302). */
#define WIRE_IP6_HLEN 40
#define WIRE_IP6_NEXT 6
#define WIRE_IP6_HLIMIT 7
#define WIRE_IP6_SRC 8
#define WIRE_IP6_DST 24
#define WIRE_IP6_LABEL 0x000fffff
#define WIRE_EXT_MIN 2
#define WIRE_RTHDR_MIN 4
#define WIRE_RTHDR_LEFT 3
#define WIRE_FRAGHDR_HLEN 8
#define WIRE_FRAGHDR_OFS 2
#define WIRE_FRAGHDR_MIN 4
#define WIRE_FRAGHDR_OFS_MASK 0xfff8

/* Transport (RFC 9293, 768, 9260, 792, 4443, 4861). */
#define WIRE_SPORT 0
#define WIRE_DPORT 2
#define WIRE_TCP_HLEN 20
#define WIRE_TCP_FLAGS 12
#define WIRE_TCP_FLAGS_MASK 0x0fff
#define WIRE_TCP_CSUM 16
#define WIRE_UDP_HLEN 8
#define WIRE_UDP_CSUM 6
#define WIRE_SCTP_HLEN 12
#define WIRE_SCTP_CSUM 8
#define WIRE_ICMP_HLEN 8
#define WIRE_ICMP_CSUM 2
#define WIRE_ND_HLEN 24
#define WIRE_ND_TARGET 8
#define WIRE_ND_OPT_UNIT 8
#define WIRE_ND_OPT_LLADDR 2

/* enum wire_next - IANA protocol numbers, also IPv6 next headers. */
enum wire_next {
	WIRE_NEXT_HOP = 0,
	WIRE_NEXT_ICMP = 1,
	WIRE_NEXT_TCP = 6,
	WIRE_NEXT_UDP = 17,
	WIRE_NEXT_ROUTING = 43,
	WIRE_NEXT_FRAGMENT = 44,
	WIRE_NEXT_AUTH = 51,
	WIRE_NEXT_ICMPV6 = 58,
	WIRE_NEXT_NONE = 59,
	WIRE_NEXT_DEST = 60,
	WIRE_NEXT_SCTP = 132,
};

static __always_inline __u16 wire_raw16(const __u8 *p)
{
	__u16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static __always_inline __be16 wire_be16(const __u8 *p)
{
	__be16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static __always_inline __be32 wire_be32(const __u8 *p)
{
	__be32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static __always_inline void wire_put16(__u8 *p, __be16 v)
{
	memcpy(p, &v, sizeof(v));
}

static __always_inline void wire_put32(__u8 *p, __be32 v)
{
	memcpy(p, &v, sizeof(v));
}

static __always_inline bool wire_is_mpls(__be16 type)
{
	return type == htons(ETH_P_MPLS_UC) || type == htons(ETH_P_MPLS_MC);
}

/* Bytes of the NSH header that starts with this word. */
static __always_inline __u32 wire_nsh_len(__u16 first)
{
	return (first & WIRE_NSH_WORDS) * 4u;
}

/* Is this next header one that is followed by another? ESP is not: what is
 * behind it can't be read. NONE is in the list although nothing follows.
 */
static __always_inline bool wire_is_exthdr(__u8 next)
{
	return next == WIRE_NEXT_HOP || next == WIRE_NEXT_ROUTING ||
	       next == WIRE_NEXT_FRAGMENT || next == WIRE_NEXT_AUTH ||
	       next == WIRE_NEXT_NONE || next == WIRE_NEXT_DEST;
}

/* Length of the extension header of type @next at @p. */
static __always_inline __u32 wire_exthdr_len(__u8 next, const __u8 *p)
{
	if (next == WIRE_NEXT_FRAGMENT)
		return WIRE_FRAGHDR_HLEN;
	if (next == WIRE_NEXT_AUTH)
		return ((__u32)p[1] + 2) * 4;
	return ((__u32)p[1] + 1) * 8;
}

#endif
