/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_TEST_VECTORS_KEY_H
#define OVSNL_TEST_VECTORS_KEY_H

#include "attr_hex.h"
#include "selftest.h"

/* Pieces of which the vectors of keys and masks are made. */

#define SRC "020000000001"
#define DST "020000000002"
#define ETH KA_ETHERNET(SRC, DST)
#define ONES6 "ffffffffffff"
#define ZERO6 "000000000000"
#define ONES4 "ffffffff"
#define ZERO4 "00000000"
#define IP6_A "20010db8000000000000000000000001"
#define IP6_B "20010db8000000000000000000000002"
#define ONES16 "ffffffffffffffffffffffffffffffff"
#define ZERO16 "00000000000000000000000000000000"
#define IP4(proto, frag) \
	KA_IPV4("0a000001", "0a000002", proto, "b8", "40", frag)
#define IP4_MASK(proto) KA_IPV4(ZERO4, ZERO4, proto, "00", "00", "00")
#define IP6(proto, frag) \
	KA_IPV6(IP6_A, IP6_B, "00012345", proto, "ab", "3f", frag)
#define TARGET "fe800000000000000000000000000099"

/* Metadata that every dumped key begins with, all zero but the port. */
#define NO_METADATA(in_port)                                             \
	KA_RECIRC_ID(ZERO4)                                              \
	KA_DP_HASH(ZERO4)                                                \
	KA_PRIORITY(ZERO4)                                               \
	in_port KA_SKB_MARK(ZERO4) KA_CT_STATE(ZERO4) KA_CT_ZONE("0000") \
		KA_CT_MARK(ZERO4) KA_CT_LABELS(ZERO16)
/* A dumped mask has an empty tunnel between priority and port. */
#define EMPTY_TUNNEL KA_TUNNEL("0c", "0500040000000000 ")
#define NO_METADATA_MASK(in_port)                                  \
	KA_RECIRC_ID(ZERO4)                                        \
	KA_DP_HASH(ZERO4)                                          \
	KA_PRIORITY(ZERO4)                                         \
	EMPTY_TUNNEL in_port KA_SKB_MARK(ZERO4) KA_CT_STATE(ZERO4) \
		KA_CT_ZONE("0000") KA_CT_MARK(ZERO4) KA_CT_LABELS(ZERO16)

/* Pieces of keys and masks. */
#define K_ETH                                                             \
	.mac_proto = OVSNL_MAC_ETHERNET, .eth_dst = { 2, 0, 0, 0, 0, 2 }, \
	.eth_src = { 2, 0, 0, 0, 0, 1 }
#define K_TYPE(v) .eth_type = N16(v)
#define K_NO_PORT .in_port = OVSNL_MAX_PORTS
#define K_IP4(proto)                                          \
	.ip_src = N32(0x0a000001), .ip_dst = N32(0x0a000002), \
	.ip_proto = proto, .ip_tos = 0xb8, .ip_ttl = 64
#define K_IP6(proto)                                      \
	.ip_proto = proto, .ip_tos = 0xab, .ip_ttl = 63,  \
	.ipv6_label = N32(0x12345),                       \
	.ipv6_src = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, \
	.ipv6_dst = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 }
#define K_PORTS(src, dst) .tp_src = N16(src), .tp_dst = N16(dst)

#define FF6                                        \
	{                                          \
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff \
	}
#define FF16                      \
	{                         \
		[0 ... 15] = 0xff \
	}
/* every mask matches these */
#define M_ALWAYS .mac_proto = 0xff, .vlan_tci = N16(0xffff)
/* where there is a first tag, a second is matched, too */
#define M_ALWAYS_BUT_TCI .mac_proto = 0xff, .cvlan_tci = N16(0xffff)
#define M_ETH .eth_dst = FF6, .eth_src = FF6
#define M_TYPE .eth_type = N16(0xffff)
#define M_IP4                                                 \
	.ip_src = N32(0xffffffff), .ip_dst = N32(0xffffffff), \
	.ip_proto = 0xff, .ip_tos = 0xff, .ip_ttl = 0xff, .ip_frag = 0xff
#define M_IP6                                                              \
	.ip_proto = 0xff, .ip_tos = 0xff, .ip_ttl = 0xff, .ip_frag = 0xff, \
	.ipv6_label = N32(0xffffffff), .ipv6_src = FF16, .ipv6_dst = FF16
#define M_PORTS .tp_src = N16(0xffff), .tp_dst = N16(0xffff)
/* ICMP's type and code are bytes */
#define M_ICMP .tp_src = N16(0xff), .tp_dst = N16(0xff)

#endif
