// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Packets and the keys they give. Pure data. */
#include "selftest.h"

/* Pieces of packets. Nobody looks at IP checksums and total lengths. */
#define MACS "020000000002 020000000001 "
#define ETH(type) MACS type " "
#define IP4(first, frag, proto) \
	first "b8 0000 1234 " frag " 40 " proto " 0000 0a000001 0a000002 "
#define IP4_PLAIN(proto) IP4("45", "4000", proto)
/* traffic class 0xab, flow label 0x12345, hop limit 63 */
#define IP6(next)                           \
	"6ab12345 0000 " next " 3f "        \
	"20010db8000000000000000000000001 " \
	"20010db8000000000000000000000002 "
#define UDP "0035 1f90 0008 0000 "
#define TCP(ofs_flags) \
	"0050 c001 00000001 00000002 " ofs_flags " ffff 0000 0000 "
#define SCTP "0b59 0b5a 00000001 deadbeef "
#define ND_TARGET "fe800000000000000000000000000099 "
#define OPT_SLL "01 01 0200000000aa "
#define OPT_TLL "02 01 0200000000bb "
#define ARP(hln, op)                                         \
	"0001 0800 " hln " 04 " op " 0200000000a1 0a000001 " \
	"0200000000a2 0a000002 "

#define NSH_CONTEXT "c0000001 c0000002 c0000003 c0000004 "

/* Pieces of keys. */
#define K_ETH(type)                                                       \
	.mac_proto = OVSNL_MAC_ETHERNET, .eth_dst = { 2, 0, 0, 0, 0, 2 }, \
	.eth_src = { 2, 0, 0, 0, 0, 1 }, .eth_type = N16(type)
#define K_IP4(proto)                                          \
	.ip_src = N32(0x0a000001), .ip_dst = N32(0x0a000002), \
	.ip_proto = proto, .ip_tos = 0xb8, .ip_ttl = 64
#define K_IP6(proto)                                      \
	.ip_proto = proto, .ip_tos = 0xab, .ip_ttl = 63,  \
	.ipv6_label = N32(0x12345),                       \
	.ipv6_src = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, \
	.ipv6_dst = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 }
#define K_PORTS(src, dst) .tp_src = N16(src), .tp_dst = N16(dst)
#define K_ARP(op)                                                             \
	.ip_src = N32(0x0a000001), .ip_dst = N32(0x0a000002), .ip_proto = op, \
	.hw_src = { 2, 0, 0, 0, 0, 0xa1 }, .hw_dst = { 2, 0, 0, 0, 0, 0xa2 }
#define K_CONTEXT                                                           \
	.nsh_context = { N32(0xc0000001), N32(0xc0000002), N32(0xc0000003), \
			 N32(0xc0000004) }
#define K_TARGET .nd_target = { 0xfe, 0x80, [15] = 0x99 }
#define K_SLL .hw_src = { 2, 0, 0, 0, 0, 0xaa }
#define K_TLL .hw_dst = { 2, 0, 0, 0, 0, 0xbb }

#define L3(l3)                                        \
	{                                             \
		l3, OVSNL_NO_OFS, OVSNL_NO_OFS, false \
	}
#define L4(l3, l4)                         \
	{                                  \
		l3, l4, OVSNL_NO_OFS, true \
	}
#define MPLS(l3, inner)                        \
	{                                      \
		l3, OVSNL_NO_OFS, inner, false \
	}
#define L4_CUT(l3, l4)                      \
	{                                   \
		l3, l4, OVSNL_NO_OFS, false \
	}

/* Bits of ipv6_exthdrs (OpenFlow 1.2). */
enum {
	NONEXT = 1,
	AUTH = 4,
	DEST = 8,
	FRAG = 16,
	ROUTER = 32,
	HOP = 64,
	UNREP = 128,
	UNSEQ = 256
};
#define EXT(bits) .ipv6_exthdrs = (bits)

const struct ovsnl_packet_vector ovsnl_packet_vectors[] = {
	/* link layer */
	{ "eth: unknown type", ETH("88b5"), .key = { K_ETH(0x88b5) },
	  .layout = L3(14) },
	{ "eth: header cut", MACS "08", .ret = -EINVAL,
	  .key = { .mac_proto = OVSNL_MAC_ETHERNET } },
	{ "eth: empty", "", .ret = -EINVAL,
	  .key = { .mac_proto = OVSNL_MAC_ETHERNET } },

	/* tags */
	{ "vlan: one tag", ETH("8100 2064 0800") IP4_PLAIN("11") UDP,
	  .key = { K_ETH(0x0800), .vlan_tpid = N16(0x8100),
		   .vlan_tci = N16(0x3064), K_IP4(17), K_PORTS(53, 8080) },
	  .layout = L4(18, 38) },
	{ "vlan: 802.1ad tag, DEI set", ETH("88a8 f123 88b5"),
	  .key = { K_ETH(0x88b5), .vlan_tpid = N16(0x88a8),
		   .vlan_tci = N16(0xf123) },
	  .layout = L3(18) },
	{ "vlan: two tags", ETH("88a8 0064 8100 0065 86dd") IP6("11") UDP,
	  .key = { K_ETH(0x86dd), .vlan_tpid = N16(0x88a8),
		   .vlan_tci = N16(0x1064), .cvlan_tpid = N16(0x8100),
		   .cvlan_tci = N16(0x1065), K_IP6(17), K_PORTS(53, 8080) },
	  .layout = L4(22, 62) },
	{ "vlan: third tag is a type",
	  ETH("8100 0001 8100 0002 8100") "0003 0800",
	  .key = { K_ETH(0x8100), .vlan_tpid = N16(0x8100),
		   .vlan_tci = N16(0x1001), .cvlan_tpid = N16(0x8100),
		   .cvlan_tci = N16(0x1002) },
	  .layout = L3(22) },
	{ "vlan: 0x9100 is no tag", ETH("9100") "0064 0800",
	  .key = { K_ETH(0x9100) }, .layout = L3(14) },
	{ "vlan: tag beside the packet", ETH("0800") IP4_PLAIN("11") UDP,
	  .vlan_tci = N16(0x1007), .vlan_tpid = N16(0x8100),
	  .key = { K_ETH(0x0800), .vlan_tpid = N16(0x8100),
		   .vlan_tci = N16(0x1007), K_IP4(17), K_PORTS(53, 8080) },
	  .layout = L4(14, 34) },
	{ "vlan: tag beside and in the packet", ETH("8100 0065 88b5"),
	  .vlan_tci = N16(0x1007), .vlan_tpid = N16(0x88a8),
	  .key = { K_ETH(0x88b5), .vlan_tpid = N16(0x88a8),
		   .vlan_tci = N16(0x1007), .cvlan_tpid = N16(0x8100),
		   .cvlan_tci = N16(0x1065) },
	  .layout = L3(18) },
	{ "vlan: third tag with one beside", ETH("8100 0001 8100") "0002 0800",
	  .vlan_tci = N16(0x1007), .vlan_tpid = N16(0x88a8),
	  .key = { K_ETH(0x8100), .vlan_tpid = N16(0x88a8),
		   .vlan_tci = N16(0x1007), .cvlan_tpid = N16(0x8100),
		   .cvlan_tci = N16(0x1001) },
	  .layout = L3(18) },
	{ "vlan: tag without type", ETH("8100") "0064",
	  .key = { K_ETH(0x8100) }, .layout = L3(14) },
	{ "vlan: tag with half a type", ETH("8100") "0064 08",
	  .key = { K_ETH(0x8100) }, .layout = L3(14) },
	{ "vlan: tpid only", ETH("88a8"), .key = { K_ETH(0x88a8) },
	  .layout = L3(14) },
	{ "vlan: second tag without type", ETH("8100 0064 8100") "0065",
	  .key = { K_ETH(0x8100), .vlan_tpid = N16(0x8100),
		   .vlan_tci = N16(0x1064) },
	  .layout = L3(18) },

	/* 802.2 */
	{ "llc: no SNAP", ETH("0040") "4242 03 0000 0000 0000 0000",
	  .key = { K_ETH(4) }, .layout = L3(14) },
	{ "llc: SNAP", ETH("0040") "aaaa 03 000000 0800 " IP4_PLAIN("11") UDP,
	  .key = { K_ETH(0x0800), K_IP4(17), K_PORTS(53, 8080) },
	  .layout = L4(22, 42) },
	{ "llc: SNAP of any control", ETH("05ff") "aaaa ff 000000 88b5",
	  .key = { K_ETH(0x88b5) }, .layout = L3(22) },
	{ "llc: SNAP of another OUI", ETH("0040") "aaaa 03 00000c 0800",
	  .key = { K_ETH(4) }, .layout = L3(14) },
	{ "llc: SNAP with a length inside", ETH("0040") "aaaa 03 000000 05ff",
	  .key = { K_ETH(4) }, .layout = L3(22) },
	{ "llc: SNAP cut", ETH("0040") "aaaa 03 000000 08", .key = { K_ETH(4) },
	  .layout = L3(14) },
	{ "llc: smallest type", ETH("0600"), .key = { K_ETH(0x0600) },
	  .layout = L3(14) },
	{ "llc: SNAP behind a tag", ETH("8100 0064 0008") "aaaa 03 000000 88b5",
	  .key = { K_ETH(0x88b5), .vlan_tpid = N16(0x8100),
		   .vlan_tci = N16(0x1064) },
	  .layout = L3(26) },
	{ "llc: no tags behind SNAP",
	  ETH("0008") "aaaa 03 000000 8100 0064 0800", .key = { K_ETH(0x8100) },
	  .layout = L3(22) },

	/* no link layer */
	{ "l3: ipv4", IP4_PLAIN("11") UDP,
	  .key = { .eth_type = N16(0x0800), K_IP4(17), K_PORTS(53, 8080) },
	  .layout = L4(0, 20) },
	{ "l3: ipv6", IP6("06") TCP("5012"),
	  .key = { .eth_type = N16(0x86dd),
		   K_IP6(6),
		   K_PORTS(80, 49153),
		   .tcp_flags = N16(0x012) },
	  .layout = L4(0, 40) },
	{ "l3: tag beside is ignored", IP4_PLAIN("11") UDP,
	  .vlan_tci = N16(0x1007), .vlan_tpid = N16(0x8100),
	  .key = { .eth_type = N16(0x0800), K_IP4(17), K_PORTS(53, 8080) },
	  .layout = L4(0, 20) },
	{ "l3: empty", "", .key = { .eth_type = N16(0x0800) },
	  .layout = L3(0) },
	{ "l3: tag is refused", "0064 0800", .ret = -EINVAL,
	  .key = { .eth_type = N16(0x8100) } },
	{ "l3: 802.1ad tag is refused", "0064 0800", .ret = -EINVAL,
	  .key = { .eth_type = N16(0x88a8) } },

	/* ARP */
	{ "arp: request", ETH("0806") ARP("06", "0001"),
	  .key = { K_ETH(0x0806), K_ARP(1) }, .layout = L3(14) },
	{ "arp: reply, padded", ETH("0806") ARP("06", "0002") "00000000",
	  .key = { K_ETH(0x0806), K_ARP(2) }, .layout = L3(14) },
	{ "arp: rarp", ETH("8035") ARP("06", "0003"),
	  .key = { K_ETH(0x8035), K_ARP(3) }, .layout = L3(14) },
	{ "arp: largest operation", ETH("0806") ARP("06", "00ff"),
	  .key = { K_ETH(0x0806), K_ARP(255) }, .layout = L3(14) },
	{ "arp: wide operation", ETH("0806") ARP("06", "0101"),
	  .key = { K_ETH(0x0806), K_ARP(0) }, .layout = L3(14) },
	{ "arp: wrong address length", ETH("0806") ARP("08", "0001"),
	  .key = { K_ETH(0x0806) }, .layout = L3(14) },
	{ "arp: cut",
	  ETH("0806") "0001 0800 06 04 0001 020000000001 0a000001 "
		      "000000000000 0a0000",
	  .key = { K_ETH(0x0806) }, .layout = L3(14) },

	/* MPLS */
	{ "mpls: one entry", ETH("8847") "00001140 " IP4_PLAIN("11") UDP,
	  .key = { K_ETH(0x8847), .mpls_labels = 1,
		   .mpls_lse = { N32(0x00001140) } },
	  .layout = MPLS(14, 18) },
	{ "mpls: multicast, two entries", ETH("8848") "fffff0ff 123457ff 45",
	  .key = { K_ETH(0x8848), .mpls_labels = 3,
		   .mpls_lse = { N32(0xfffff0ff), N32(0x123457ff) } },
	  .layout = MPLS(14, 22) },
	{ "mpls: three entries, nothing behind",
	  ETH("8847") "00010001 00020002 00030103",
	  .key = { K_ETH(0x8847), .mpls_labels = 7,
		   .mpls_lse = { N32(0x00010001), N32(0x00020002),
				 N32(0x00030103) } },
	  .layout = MPLS(14, 26) },
	{ "mpls: five entries",
	  ETH("8847") "00010001 00020002 00030003 00040004 00050105 45",
	  .key = { K_ETH(0x8847), .mpls_labels = 7,
		   .mpls_lse = { N32(0x00010001), N32(0x00020002),
				 N32(0x00030003) } },
	  .layout = MPLS(14, 34) },
	{ "mpls: cut in the first entry", ETH("8847") "000111",
	  .key = { K_ETH(0x8847) }, .layout = L3(14) },
	{ "mpls: no entry", ETH("8847"), .key = { K_ETH(0x8847) },
	  .layout = L3(14) },
	{ "mpls: no bottom, one entry", ETH("8847") "00010001 000201",
	  .key = { K_ETH(0x8847), .mpls_lse = { N32(0x00010001) } },
	  .layout = L3(14) },
	{ "mpls: no bottom, four entries",
	  ETH("8847") "00010001 00020002 00030003 00040004",
	  .key = { K_ETH(0x8847),
		   .mpls_lse = { N32(0x00010001), N32(0x00020002),
				 N32(0x00030003) } },
	  .layout = L3(14) },
	{ "mpls: no Ethernet", "00001140 45",
	  .key = { .eth_type = N16(0x8847),
		   .mpls_labels = 1,
		   .mpls_lse = { N32(0x00001140) } },
	  .layout = MPLS(0, 4) },
	{ "mpls: behind two tags", ETH("88a8 0001 8100 0002 8847") "00001140 ",
	  .key = { K_ETH(0x8847), .vlan_tpid = N16(0x88a8),
		   .vlan_tci = N16(0x1001), .cvlan_tpid = N16(0x8100),
		   .cvlan_tci = N16(0x1002), .mpls_labels = 1,
		   .mpls_lse = { N32(0x00001140) } },
	  .layout = MPLS(22, 26) },
	{ "mpls: behind SNAP", ETH("0040") "aaaa 03 000000 8847 00001140",
	  .key = { K_ETH(0x8847), .mpls_labels = 1,
		   .mpls_lse = { N32(0x00001140) } },
	  .layout = MPLS(22, 26) },

	/* NSH */
	{ "nsh: metadata type 1",
	  ETH("894f") "2fc6 01 03 000abcff " NSH_CONTEXT,
	  .key = { K_ETH(0x894f), .nsh_flags = 2, .nsh_ttl = 63,
		   .nsh_mdtype = 1, .nsh_np = 3,
		   .nsh_path_hdr = N32(0x000abcff), K_CONTEXT },
	  .layout = L3(14) },
	{ "nsh: no Ethernet", "1046 01 01 000abcff " NSH_CONTEXT "45",
	  .key = { .eth_type = N16(0x894f),
		   .nsh_flags = 1,
		   .nsh_ttl = 1,
		   .nsh_mdtype = 1,
		   .nsh_np = 1,
		   .nsh_path_hdr = N32(0x000abcff),
		   K_CONTEXT },
	  .layout = L3(0) },
	{ "nsh: metadata type 2, no metadata",
	  ETH("894f") "0fc2 02 05 000001fe",
	  .key = { K_ETH(0x894f), .nsh_ttl = 63, .nsh_mdtype = 2, .nsh_np = 5,
		   .nsh_path_hdr = N32(0x000001fe) },
	  .layout = L3(14) },
	{ "nsh: metadata type 2, metadata",
	  ETH("894f") "3004 02 01 000001fe 0103 00 01 11000000",
	  .key = { K_ETH(0x894f), .nsh_flags = 3, .nsh_mdtype = 2, .nsh_np = 1,
		   .nsh_path_hdr = N32(0x000001fe) },
	  .layout = L3(14) },
	{ "nsh: metadata type 2 of no length",
	  ETH("894f") "0fc0 02 63 000001fe",
	  .key = { K_ETH(0x894f), .nsh_ttl = 63, .nsh_mdtype = 2,
		   .nsh_np = 0x63, .nsh_path_hdr = N32(0x000001fe) },
	  .layout = L3(14) },
	{ "nsh: metadata type 2 cut", ETH("894f") "0fc3 02 01 000001fe 010300",
	  .ret = -EINVAL, .key = { .mac_proto = OVSNL_MAC_ETHERNET } },
	{ "nsh: metadata type 1 cut",
	  ETH("894f") "0fc6 01 01 000001fe 01020304", .ret = -EINVAL,
	  .key = { .mac_proto = OVSNL_MAC_ETHERNET } },
	{ "nsh: metadata type 1 too short",
	  ETH("894f") "0fc5 01 01 000abcff " NSH_CONTEXT, .ret = -EINVAL,
	  .key = { .mac_proto = OVSNL_MAC_ETHERNET } },
	{ "nsh: metadata type 1 too long",
	  ETH("894f") "0fc7 01 01 000abcff " NSH_CONTEXT "00000000",
	  .ret = -EINVAL, .key = { .mac_proto = OVSNL_MAC_ETHERNET } },
	{ "nsh: metadata type 3",
	  ETH("894f") "0fc6 03 01 000abcff " NSH_CONTEXT, .ret = -EINVAL,
	  .key = { .mac_proto = OVSNL_MAC_ETHERNET } },
	{ "nsh: metadata type with other bits",
	  ETH("894f") "0fc6 11 01 000abcff " NSH_CONTEXT, .ret = -EINVAL,
	  .key = { .mac_proto = OVSNL_MAC_ETHERNET } },
	{ "nsh: version 1", ETH("894f") "4fc6 01 01 000abcff " NSH_CONTEXT,
	  .ret = -EINVAL, .key = { .mac_proto = OVSNL_MAC_ETHERNET } },
	{ "nsh: base header cut", ETH("894f") "0fc2 02 01 000001",
	  .ret = -EINVAL, .key = { .mac_proto = OVSNL_MAC_ETHERNET } },
	{ "nsh: nothing", ETH("894f"), .ret = -EINVAL,
	  .key = { .mac_proto = OVSNL_MAC_ETHERNET } },

	/* IPv4 */
	{ "ipv4: udp", ETH("0800") IP4_PLAIN("11") UDP,
	  .key = { K_ETH(0x0800), K_IP4(17), K_PORTS(53, 8080) },
	  .layout = L4(14, 34) },
	{ "ipv4: udp cut", ETH("0800") IP4_PLAIN("11") "0035 1f90 0008 00",
	  .key = { K_ETH(0x0800), K_IP4(17) }, .layout = L4_CUT(14, 34) },
	{ "ipv4: tcp, 12 flags", ETH("0800") IP4_PLAIN("06") TCP("5fff"),
	  .key = { K_ETH(0x0800), K_IP4(6), K_PORTS(80, 49153),
		   .tcp_flags = N16(0xfff) },
	  .layout = L4(14, 34) },
	{ "ipv4: tcp options",
	  ETH("0800") IP4_PLAIN("06") TCP("6002") "020405b4",
	  .key = { K_ETH(0x0800), K_IP4(6), K_PORTS(80, 49153),
		   .tcp_flags = N16(2) },
	  .layout = L4(14, 34) },
	{ "ipv4: tcp options cut",
	  ETH("0800") IP4_PLAIN("06") TCP("6002") "020405",
	  .key = { K_ETH(0x0800), K_IP4(6) }, .layout = L4(14, 34) },
	{ "ipv4: tcp offset too small", ETH("0800") IP4_PLAIN("06") TCP("4002"),
	  .key = { K_ETH(0x0800), K_IP4(6) }, .layout = L4(14, 34) },
	{ "ipv4: tcp cut",
	  ETH("0800") IP4_PLAIN(
		  "06") "0050 c001 00000001 00000002 5002 ffff 0000 00",
	  .key = { K_ETH(0x0800), K_IP4(6) }, .layout = L4_CUT(14, 34) },
	{ "ipv4: sctp", ETH("0800") IP4_PLAIN("84") SCTP,
	  .key = { K_ETH(0x0800), K_IP4(132), K_PORTS(2905, 2906) },
	  .layout = L4(14, 34) },
	{ "ipv4: sctp cut",
	  ETH("0800") IP4_PLAIN("84") "0b59 0b5a 00000001 deadbe",
	  .key = { K_ETH(0x0800), K_IP4(132) }, .layout = L4_CUT(14, 34) },
	{ "ipv4: icmp", ETH("0800") IP4_PLAIN("01") "0301 0000 00000000",
	  .key = { K_ETH(0x0800), K_IP4(1), K_PORTS(3, 1) },
	  .layout = L4(14, 34) },
	{ "ipv4: icmp cut", ETH("0800") IP4_PLAIN("01") "0301 0000 000000",
	  .key = { K_ETH(0x0800), K_IP4(1) }, .layout = L4_CUT(14, 34) },
	{ "ipv4: icmpv6 means nothing",
	  ETH("0800") IP4_PLAIN("3a") "8000 0000 00000000",
	  .key = { K_ETH(0x0800), K_IP4(58) }, .layout = L4_CUT(14, 34) },
	{ "ipv4: other protocol",
	  ETH("0800") IP4_PLAIN("2f") "0000 0800 00000000",
	  .key = { K_ETH(0x0800), K_IP4(47) }, .layout = L4_CUT(14, 34) },
	{ "ipv4: options", ETH("0800") IP4("46", "0000", "11") "01010101 " UDP,
	  .key = { K_ETH(0x0800), K_IP4(17), K_PORTS(53, 8080) },
	  .layout = L4(14, 38) },
	{ "ipv4: options cut", ETH("0800") IP4("4f", "0000", "11") UDP,
	  .key = { K_ETH(0x0800) }, .layout = L3(14) },
	{ "ipv4: header length too small",
	  ETH("0800") IP4("44", "0000", "11") UDP, .key = { K_ETH(0x0800) },
	  .layout = L3(14) },
	{ "ipv4: any version", ETH("0800") IP4("05", "0000", "11") UDP,
	  .key = { K_ETH(0x0800), K_IP4(17), K_PORTS(53, 8080) },
	  .layout = L4(14, 34) },
	{ "ipv4: header cut",
	  ETH("0800") "45b80000 12344000 40110000 0a000001 0a0000",
	  .key = { K_ETH(0x0800) }, .layout = L3(14) },
	{ "ipv4: first fragment", ETH("0800") IP4("45", "2000", "11") UDP,
	  .key = { K_ETH(0x0800), K_IP4(17), K_PORTS(53, 8080),
		   .ip_frag = OVS_FRAG_TYPE_FIRST },
	  .layout = L4(14, 34) },
	{ "ipv4: later fragment", ETH("0800") IP4("45", "2001", "11") UDP,
	  .key = { K_ETH(0x0800), K_IP4(17), .ip_frag = OVS_FRAG_TYPE_LATER },
	  .layout = L3(14) },
	{ "ipv4: last fragment",
	  ETH("0800") IP4("45", "1000", "06") TCP("5002"),
	  .key = { K_ETH(0x0800), K_IP4(6), .ip_frag = OVS_FRAG_TYPE_LATER },
	  .layout = L3(14) },
	{ "ipv4: reserved fragment bit",
	  ETH("0800") IP4("45", "8000", "11") UDP,
	  .key = { K_ETH(0x0800), K_IP4(17), K_PORTS(53, 8080) },
	  .layout = L4(14, 34) },

	/* IPv6 */
	{ "ipv6: udp", ETH("86dd") IP6("11") UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080) },
	  .layout = L4(14, 54) },
	{ "ipv6: tcp", ETH("86dd") IP6("06") TCP("5018"),
	  .key = { K_ETH(0x86dd), K_IP6(6), K_PORTS(80, 49153),
		   .tcp_flags = N16(0x18) },
	  .layout = L4(14, 54) },
	{ "ipv6: sctp", ETH("86dd") IP6("84") SCTP,
	  .key = { K_ETH(0x86dd), K_IP6(132), K_PORTS(2905, 2906) },
	  .layout = L4(14, 54) },
	{ "ipv6: icmp means nothing",
	  ETH("86dd") IP6("01") "0800 0000 00000000",
	  .key = { K_ETH(0x86dd), K_IP6(1) }, .layout = L4_CUT(14, 54) },
	{ "ipv6: esp", ETH("86dd") IP6("32") "00000001 00000001",
	  .key = { K_ETH(0x86dd), K_IP6(50) }, .layout = L4_CUT(14, 54) },
	{ "ipv6: header cut",
	  ETH("86dd") "60000000 0000 11 40 "
		      "20010db8000000000000000000000001 "
		      "20010db80000000000000000000000",
	  .key = { K_ETH(0x86dd) }, .layout = L3(14) },
	{ "ipv6: nothing behind", ETH("86dd") IP6("11"),
	  .key = { K_ETH(0x86dd), K_IP6(17) }, .layout = L4_CUT(14, 54) },

	/* ICMPv6 */
	{ "icmpv6: echo", ETH("86dd") IP6("3a") "8000 0000 00010001",
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(128, 0) },
	  .layout = L4(14, 54) },
	{ "icmpv6: cut", ETH("86dd") IP6("3a") "8700 0000 000000",
	  .key = { K_ETH(0x86dd), K_IP6(58) }, .layout = L4_CUT(14, 54) },
	{ "nd: solicitation",
	  ETH("86dd") IP6("3a") "8700 0000 00000000 " ND_TARGET OPT_SLL,
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(135, 0), K_TARGET, K_SLL },
	  .layout = L4(14, 54) },
	{ "nd: advertisement",
	  ETH("86dd") IP6("3a") "8800 0000 60000000 " ND_TARGET OPT_TLL,
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(136, 0), K_TARGET, K_TLL },
	  .layout = L4(14, 54) },
	{ "nd: both addresses, a nonce between",
	  ETH("86dd") IP6("3a") "8700 0000 00000000 " ND_TARGET OPT_TLL
				"0e 01 112233445566 " OPT_SLL,
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(135, 0), K_TARGET, K_SLL,
		   K_TLL },
	  .layout = L4(14, 54) },
	{ "nd: code is not 0",
	  ETH("86dd") IP6("3a") "8701 0000 00000000 " ND_TARGET OPT_SLL,
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(135, 1) },
	  .layout = L4(14, 54) },
	{ "nd: router solicitation has no target",
	  ETH("86dd") IP6("3a") "8500 0000 00000000 " OPT_SLL,
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(133, 0) },
	  .layout = L4(14, 54) },
	{ "nd: target cut",
	  ETH("86dd") IP6("3a") "8700 0000 00000000 "
				"fe8000000000000000000000000000",
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(135, 0) },
	  .layout = L4(14, 54) },
	{ "nd: address given twice",
	  ETH("86dd") IP6(
		  "3a") "8700 0000 00000000 " ND_TARGET OPT_TLL OPT_SLL OPT_SLL,
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(135, 0) },
	  .layout = L4(14, 54) },
	{ "nd: zero address given first",
	  ETH("86dd") IP6("3a") "8700 0000 00000000 " ND_TARGET
				"01 01 000000000000 " OPT_SLL,
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(135, 0), K_TARGET, K_SLL },
	  .layout = L4(14, 54) },
	{ "nd: option without length",
	  ETH("86dd") IP6("3a") "8700 0000 00000000 " ND_TARGET OPT_SLL
				"0e00 000000000000 " OPT_TLL,
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(135, 0), K_TARGET, K_SLL },
	  .layout = L4(14, 54) },
	{ "nd: option too long",
	  ETH("86dd") IP6("3a") "8700 0000 00000000 " ND_TARGET OPT_SLL
				"02 02 0200000000bb ",
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(135, 0), K_TARGET, K_SLL },
	  .layout = L4(14, 54) },
	{ "nd: long address option is skipped",
	  ETH("86dd") IP6("3a") "8700 0000 00000000 " ND_TARGET
				"01 02 0200000000aa 0000000000000000 " OPT_TLL,
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(135, 0), K_TARGET, K_TLL },
	  .layout = L4(14, 54) },
	{ "nd: half an option",
	  ETH("86dd") IP6("3a") "8700 0000 00000000 " ND_TARGET OPT_SLL
				"02 01 020000",
	  .key = { K_ETH(0x86dd), K_IP6(58), K_PORTS(135, 0), K_TARGET, K_SLL },
	  .layout = L4(14, 54) },

	/* IPv6 extension headers */
	{ "ext: hop-by-hop", ETH("86dd") IP6("00") "1100 050200000100 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080), EXT(HOP) },
	  .layout = L4(14, 62) },
	{ "ext: all in order",
	  ETH("86dd") IP6("00") "3c00 000000000000 "
				"2b00 000000000000 3c00 000000000000 1100 "
				"000000000000 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080),
		   EXT(HOP | DEST | ROUTER) },
	  .layout = L4(14, 86) },
	{ "ext: routing before destination",
	  ETH("86dd") IP6("2b") "3c00 000000000000 1100 000000000000 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080),
		   EXT(ROUTER | DEST | UNSEQ) },
	  .layout = L4(14, 70) },
	{ "ext: hop-by-hop in second place",
	  ETH("86dd") IP6("3c") "0000 000000000000 1100 000000000000 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080),
		   EXT(DEST | UNSEQ) },
	  .layout = L4(14, 70) },
	{ "ext: hop-by-hop twice",
	  ETH("86dd") IP6("00") "0000 000000000000 1100 000000000000 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080),
		   EXT(HOP | UNREP | UNSEQ) },
	  .layout = L4(14, 70) },
	{ "ext: routing twice",
	  ETH("86dd") IP6("2b") "2b00 000000000000 1100 000000000000 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080),
		   EXT(ROUTER | UNREP | UNSEQ) },
	  .layout = L4(14, 70) },
	{ "ext: destination three times",
	  ETH("86dd") IP6("3c") "3c00 000000000000 3c00 000000000000 1100 "
				"000000000000 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080),
		   EXT(DEST | UNREP) },
	  .layout = L4(14, 78) },
	{ "ext: routing behind two destinations",
	  ETH("86dd") IP6("3c") "3c00 000000000000 2b00 000000000000 1100 "
				"000000000000 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080),
		   EXT(DEST | ROUTER | UNSEQ) },
	  .layout = L4(14, 78) },
	{ "ext: length counts 8 bytes",
	  ETH("86dd") IP6("3c") "1101 000000000000 0000000000000000 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080), EXT(DEST) },
	  .layout = L4(14, 70) },
	{ "ext: authentication counts 4 bytes",
	  ETH("86dd") IP6("33") "1102 0000 00000001 00000001 00000000 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080), EXT(AUTH) },
	  .layout = L4(14, 70) },
	{ "ext: the bits take authentication for 8 bytes",
	  ETH("86dd") IP6(
		  "33") "3c01 0000 00000001 00000001 1100 0000 2b00 0000 " UDP,
	  /* Destination options at 12, inside which the bits see, at 16, a
	  * routing header.
	  */
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080),
		   EXT(AUTH | DEST | ROUTER | UNSEQ) },
	  .layout = L4(14, 74) },
	{ "ext: no next header", ETH("86dd") IP6("3b") "00000000",
	  .key = { K_ETH(0x86dd), K_IP6(59), EXT(NONEXT) },
	  .layout = L4_CUT(14, 54) },
	{ "ext: no next header behind another",
	  ETH("86dd") IP6("00") "3b00 000000000000",
	  .key = { K_ETH(0x86dd), K_IP6(59), EXT(HOP | NONEXT) },
	  .layout = L4_CUT(14, 62) },
	{ "ext: missing", ETH("86dd") IP6("00"),
	  .key = { K_ETH(0x86dd), K_IP6(59), EXT(HOP) }, .layout = L3(14) },
	{ "ext: one byte", ETH("86dd") IP6("3c") "11",
	  .key = { K_ETH(0x86dd), K_IP6(59), EXT(DEST) }, .layout = L3(14) },
	{ "ext: routing cut", ETH("86dd") IP6("2b") "1100 00",
	  .key = { K_ETH(0x86dd), K_IP6(59), EXT(ROUTER) }, .layout = L3(14) },
	{ "ext: two bytes will not do", ETH("86dd") IP6("3c") "1100",
	  .key = { K_ETH(0x86dd), K_IP6(59), EXT(DEST) }, .layout = L3(14) },
	{ "ext: longer than the packet",
	  ETH("86dd") IP6("00") "11ff 000000000000 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(59), EXT(HOP) }, .layout = L3(14) },
	{ "ext: as long as the packet",
	  ETH("86dd") IP6("00") "1100 000000000000",
	  .key = { K_ETH(0x86dd), K_IP6(17), EXT(HOP) },
	  .layout = L4_CUT(14, 62) },

	/* IPv6 fragments */
	{ "frag6: first", ETH("86dd") IP6("2c") "1100 0001 00000001 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080), EXT(FRAG),
		   .ip_frag = OVS_FRAG_TYPE_FIRST },
	  .layout = L4(14, 62) },
	{ "frag6: atomic counts as first",
	  ETH("86dd") IP6("2c") "0600 0000 00000001 " TCP("5010"),
	  .key = { K_ETH(0x86dd), K_IP6(6), K_PORTS(80, 49153), EXT(FRAG),
		   .tcp_flags = N16(0x10), .ip_frag = OVS_FRAG_TYPE_FIRST },
	  .layout = L4(14, 62) },
	{ "frag6: reserved bits are no offset",
	  ETH("86dd") IP6("2c") "1100 0006 00000001 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080), EXT(FRAG),
		   .ip_frag = OVS_FRAG_TYPE_FIRST },
	  .layout = L4(14, 62) },
	{ "frag6: reserved byte is no length",
	  ETH("86dd") IP6("2c") "11ff 0000 00000001 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(17), K_PORTS(53, 8080), EXT(FRAG),
		   .ip_frag = OVS_FRAG_TYPE_FIRST },
	  .layout = L4(14, 62) },
	{ "frag6: later", ETH("86dd") IP6("2c") "1100 0009 00000001 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(44), EXT(FRAG),
		   .ip_frag = OVS_FRAG_TYPE_LATER },
	  .layout = L3(14) },
	{ "frag6: later, behind hop-by-hop",
	  ETH("86dd") IP6("00") "2c00 000000000000 3b00 0008 00000001",
	  .key = { K_ETH(0x86dd), K_IP6(44), EXT(HOP | FRAG | NONEXT),
		   .ip_frag = OVS_FRAG_TYPE_LATER },
	  .layout = L3(14) },
	{ "frag6: later with headers elsewhere",
	  ETH("86dd") IP6("2c") "3c00 0008 00000001 1100 000000000000 " UDP,
	  .key = { K_ETH(0x86dd), K_IP6(59), EXT(FRAG | DEST | UNSEQ),
		   .ip_frag = OVS_FRAG_TYPE_FIRST },
	  .layout = L3(14) },
	{ "frag6: offset missing", ETH("86dd") IP6("2c") "1100 00",
	  .key = { K_ETH(0x86dd), K_IP6(59), EXT(FRAG),
		   .ip_frag = OVS_FRAG_TYPE_FIRST },
	  .layout = L3(14) },
	{ "frag6: header missing", ETH("86dd") IP6("2c") "11",
	  .key = { K_ETH(0x86dd), K_IP6(59), EXT(FRAG) }, .layout = L3(14) },
	{ "frag6: cut behind the offset", ETH("86dd") IP6("2c") "1100 0000",
	  .key = { K_ETH(0x86dd), K_IP6(59), EXT(FRAG),
		   .ip_frag = OVS_FRAG_TYPE_FIRST },
	  .layout = L3(14) },
};

const unsigned int ovsnl_packet_vector_count =
	sizeof(ovsnl_packet_vectors) / sizeof(ovsnl_packet_vectors[0]);
