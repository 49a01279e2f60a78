// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Keys and masks with tunnels, MPLS, NSH and original tuples. Pure data. */
#include "vectors_key.h"

/* A tunnel in front of a frame of unknown type. */
#define REST ETH KA_ETHERTYPE("88b5")
#define K_REST K_ETH, K_NO_PORT, K_TYPE(0x88b5)
#define OUTER4 TA_IPV4("c0000201", "c0000202") TA_TTL("40")
#define T_OUTER4                                                             \
	.family = AF_INET, .src = { 192, 0, 2, 1 }, .dst = { 192, 0, 2, 2 }, \
	.ttl = 64
#define OUTER6 TA_IPV6(IP6_A, IP6_B) TA_TTL("40")
#define T_OUTER6                                     \
	.family = AF_INET6, .ttl = 64,               \
	.src = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, \
	.dst = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 }
#define HEAD KA_RECIRC_ID(ZERO4) KA_DP_HASH(ZERO4) KA_PRIORITY(ZERO4)
#define TAIL               \
	KA_SKB_MARK(ZERO4) \
	KA_CT_STATE(ZERO4) \
	KA_CT_ZONE("0000") KA_CT_MARK(ZERO4) KA_CT_LABELS(ZERO16)
#define TAIL_MASK TAIL KA_ETHERNET(ZERO6, ZERO6) KA_ETHERTYPE("0000")
#define NSH_1                                                    \
	KA_NSH("24", NA_BASE("00", "3f", "01", "03", "00012305") \
			     NA_MD1("00000001000000020000000300000004"))
#define K_NSH_1                                      \
	.nsh_ttl = 63, .nsh_mdtype = 1, .nsh_np = 3, \
	.nsh_path_hdr = N32(0x12305),                \
	.nsh_context = { N32(1), N32(2), N32(3), N32(4) }
#define TUPLE4 KA_CT_TUPLE4("0a000003", "0a000004", "03e80050", "06")
#define TUPLE6 KA_CT_TUPLE6(IP6_B, IP6_A, "03e80050", "11")
#define TCP4 IP4("06", "00") KA_TCP("0050c001") KA_TCP_FLAGS("0012")
#define K_TCP4 K_IP4(6), K_PORTS(80, 49153), .tcp_flags = N16(0x12)

/* clang-format off */
const struct ovsnl_key_vector ovsnl_key_more_vectors[] = {
	{ .name = "tunnel: ipv4, masked",
	  .key = KA_TUNNEL("48", TA_ID("000000000000002a") OUTER4
			   TA_TOS("b8") TA_DF TA_CSUM
			   TA_PORTS("12b5", "17c1")) REST,
	  .mask = KA_TUNNEL("24", TA_ID("ffffffffffffffff")
			    A_32("02", "ffffff00") TA_TTL("00") TA_CSUM),
	  .want = { .key = { K_REST, .tun_family = AF_INET,
			     .tun = { T_OUTER4, .tos = 0xb8,
				      .id = __constant_cpu_to_be64(42),
				      .flags = OVSNL_TUN_KEY | OVSNL_TUN_CSUM |
					       OVSNL_TUN_DONT_FRAGMENT,
				      .tp_src = N16(0x12b5),
				      .tp_dst = N16(0x17c1) } },
		    .mask = { M_ALWAYS, .tun_family = 0xff,
			      .tun = { .family = 0xff, .id = ~0ull,
				       .dst = { 0xff, 0xff, 0xff },
				       .flags = OVSNL_TUN_KEY |
						OVSNL_TUN_CSUM } } },
	  .put = HEAD KA_TUNNEL("48", TA_ID("000000000000002a")
				TA_IPV4("c0000201", "c0000202") TA_TOS("b8")
				TA_TTL("40") TA_DF TA_CSUM
				TA_PORTS("12b5", "17c1")) TAIL REST,
	  .put_mask = HEAD KA_TUNNEL("24", TA_ID("ffffffffffffffff")
				     A_32("02", "ffffff00") TA_TTL("00")
				     TA_CSUM) TAIL_MASK },
	{ .name = "tunnel: ipv6 with VXLAN options, exact",
	  .key = KA_TUNNEL("4c", TA_ID("0000000000000001") OUTER6
			   TA_VXLAN("11000080")) REST,
	  .want = { .key = { K_REST, .tun_family = AF_INET6,
			     .tun = { T_OUTER6, .opts_len = 4,
				      .id = __constant_cpu_to_be64(1),
				      .flags = OVSNL_TUN_KEY |
					       OVSNL_TUN_VXLAN_OPT,
				      .opts = { 0x11, 0, 0, 0x80 } } },
		    .mask = { M_ALWAYS, M_ETH, M_TYPE, .tun_family = 0xff,
			      .tun = { .family = 0xff, .id = ~0ull,
				       .src = FF16, .dst = FF16,
				       .tos = 0xff, .ttl = 0xff,
				       .tp_src = N16(0xffff),
				       .tp_dst = N16(0xffff),
				       .opts_len = 0xff,
				       .flags = OVSNL_TUN_KEY |
						OVSNL_TUN_VXLAN_OPT,
				       .opts = { 255, 255, 255, 255 } } } },
	  .put = HEAD KA_TUNNEL("4c", TA_ID("0000000000000001") OUTER6
				TA_VXLAN("11000080")) TAIL REST },
	{ .name = "tunnel: Geneve options, masked",
	  .key = KA_TUNNEL("2c", OUTER4 TA_OAM
			   TA_GENEVE("0c", "01028001deadbeef")) REST,
	  .mask = KA_TUNNEL("18", TA_TTL("00")
			    TA_GENEVE("0c", "ffffff00000000f0")),
	  .want = { .key = { K_REST, .tun_family = AF_INET,
			     .tun = { T_OUTER4, .opts_len = 8,
				      .flags = OVSNL_TUN_OAM |
					       OVSNL_TUN_GENEVE_OPT,
				      .opts = { 1, 2, 128, 1, 0xde, 0xad, 0xbe,
						0xef } } },
		    .mask = { M_ALWAYS, .tun_family = 0xff,
			      .tun = { .family = 0xff, .opts_len = 0xff,
				       .flags = OVSNL_TUN_GENEVE_OPT,
				       .opts = { 255, 255, 255,
						 [7] = 0xf0 } } } },
	  .put = HEAD KA_TUNNEL("2c", OUTER4 TA_OAM
				TA_GENEVE("0c", "01028001deadbeef")) TAIL REST,
	  .put_mask = HEAD KA_TUNNEL("18", TA_TTL("00")
				     TA_GENEVE("0c", "ffffff00000000f0"))
		      TAIL_MASK },
	{ .name = "tunnel: short ERSPAN options end where long ones do",
	  .key = KA_TUNNEL("24", OUTER4 TA_ERSPAN("08", "01020304")) REST,
	  .mask = KA_TUNNEL("14", TA_TTL("00") TA_ERSPAN("08", "ffff0000")),
	  .want = { .key = { K_REST, .tun_family = AF_INET,
			     .tun = { T_OUTER4, .opts_len = 12,
				      .flags = OVSNL_TUN_ERSPAN_OPT,
				      .opts = { [8] = 1, 2, 3, 4 } } },
		    .mask = { M_ALWAYS, .tun_family = 0xff,
			      .tun = { .family = 0xff, .opts_len = 0xff,
				       .flags = OVSNL_TUN_ERSPAN_OPT,
				       .opts = { [8] = 255, 255 } } } },
	  .put = HEAD KA_TUNNEL("2c", OUTER4 TA_ERSPAN("10",
				"000000000000000001020304")) TAIL REST },
	{ .name = "tunnel: VXLAN mask over Geneve options",
	  .key = KA_TUNNEL("28", OUTER4
			   TA_GENEVE("0c", "01028001deadbeef")) REST,
	  .mask = KA_TUNNEL("10", TA_VXLAN("ff00ff00")),
	  .want = { .key = { K_REST, .tun_family = AF_INET,
			     .tun = { T_OUTER4, .opts_len = 8,
				      .flags = OVSNL_TUN_GENEVE_OPT,
				      .opts = { 1, 2, 128, 1, 0xde, 0xad, 0xbe,
						0xef } } },
		    .mask = { M_ALWAYS, .tun_family = 0xff,
			      .tun = { .family = 0xff, .opts_len = 0xff,
				       .flags = OVSNL_TUN_VXLAN_OPT,
				       .opts = { [4] = 255, 0, 255 } } } },
	  .put = HEAD KA_TUNNEL("28", OUTER4
				TA_GENEVE("0c", "01028001deadbeef")) TAIL REST,
	  .one_way = true },
	{ .name = "tunnel: ipv4 mask over an ipv6 key",
	  .key = KA_TUNNEL("34", OUTER6) REST,
	  .mask = KA_TUNNEL("14", TA_IPV4("01020304", "05060708")),
	  .want = { .key = { K_REST, .tun_family = AF_INET6,
			     .tun = { T_OUTER6 } },
		    .mask = { M_ALWAYS, .tun_family = 0xff,
			      .tun = { .family = 0xff,
				       .src = { 1, 2, 3, 4, 5, 6, 7, 8 } } } },
	  .put = HEAD KA_TUNNEL("34", OUTER6) TAIL REST },
	{ .name = "tunnel: for a bridge",
	  .key = KA_TUNNEL("14", TA_ID("0000000000000007") TA_BRIDGE) REST,
	  .mask = "",
	  .want = { .key = { K_REST, .tun_family = AF_INET,
			     .tun = { .family = AF_INET,
				      .id = __constant_cpu_to_be64(7),
				      .flags = OVSNL_TUN_KEY } },
		    .mask = { M_ALWAYS } },
	  .put = HEAD KA_TUNNEL("18", TA_ID("0000000000000007") TA_TTL("00"))
		 TAIL REST,
	  .one_way = true },
	{ .name = "tunnel: none", .key = KA_TUNNEL("04", "") REST,
	  .ret = -EINVAL },
	{ .name = "tunnel: no TTL",
	  .key = KA_TUNNEL("14", TA_IPV4("c0000201", "c0000202")) REST,
	  .ret = -EINVAL },
	{ .name = "tunnel: no destination",
	  .key = KA_TUNNEL("14", A_32("01", "c0000201") TA_TTL("40")) REST,
	  .ret = -EINVAL },
	{ .name = "tunnel: two families",
	  .key = KA_TUNNEL("30", OUTER4 A_128("0d", IP6_A)) REST,
	  .ret = -EINVAL },
	{ .name = "tunnel: options of two kinds",
	  .key = KA_TUNNEL("30", OUTER4 TA_VXLAN("01000000")
			   TA_GENEVE("08", "01028000")) REST,
	  .ret = -EINVAL },
	{ .name = "tunnel: options of half a word",
	  .key = KA_TUNNEL("24", OUTER4 A_16("08", "0102")) REST,
	  .ret = -EINVAL },
	{ .name = "tunnel: mask of options of another length",
	  .key = KA_TUNNEL("24", OUTER4 TA_GENEVE("08", "01028000")) REST,
	  .mask = KA_TUNNEL("10", TA_GENEVE("0c", "ffffffffffffffff")),
	  .ret = -EINVAL },
	{ .name = "tunnel: wrong length",
	  .key = KA_TUNNEL("24", OUTER4 A_16("03", "0102")) REST,
	  .ret = -EINVAL },
	{ .name = "tunnel: type out of range",
	  .key = KA_TUNNEL("20", OUTER4 A_EMPTY("11")) REST,
	  .ret = -EINVAL },
	{ .name = "tunnel: bridge and destination",
	  .key = KA_TUNNEL("20", OUTER4 TA_BRIDGE) REST, .ret = -EINVAL },
	{ .name = "tunnel: other VXLAN extension",
	  .key = KA_TUNNEL("28", OUTER4 A_HEAD("0c", "0b")
			   A_32("02", ZERO4)) REST, .ret = -EINVAL },

	{ .name = "mpls: two labels, a mask of one",
	  .key = ETH KA_ETHERTYPE("8847") KA_MPLS("0c", "0001004000020140"),
	  .mask = KA_ETHERTYPE("ffff") KA_MPLS("08", "fffff000"),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x8847),
			     .mpls_labels = 3,
			     .mpls_lse = { N32(0x10040), N32(0x20140) } },
		    .mask = { M_ALWAYS, M_TYPE, .mpls_labels = 1,
			      .mpls_lse = { N32(0xfffff000) } } },
	  .put = HEAD TAIL ETH KA_ETHERTYPE("8847")
		 KA_MPLS("0c", "0001004000020140"),
	  .put_mask = NO_METADATA_MASK("") KA_ETHERNET(ZERO6, ZERO6)
		      KA_ETHERTYPE("ffff") KA_MPLS("08", "fffff000") },
	{ .name = "mpls: three labels, exact, no Ethernet header",
	  .key = KA_ETHERTYPE("8848")
		 KA_MPLS("10", "000100400002004000030140"),
	  .want = { .key = { K_NO_PORT, K_TYPE(0x8848), .mpls_labels = 7,
			     .mpls_lse = { N32(0x10040), N32(0x20040),
					   N32(0x30140) } },
		    .mask = { M_ALWAYS, M_TYPE, .mpls_labels = 7,
			      .mpls_lse = { ~0u, ~0u, ~0u } } },
	  .put = HEAD TAIL KA_ETHERTYPE("8848")
		 KA_MPLS("10", "000100400002004000030140") },
	{ .name = "mpls: none", .key = ETH KA_ETHERTYPE("8847"),
	  .ret = -EINVAL },
	{ .name = "mpls: no label",
	  .key = ETH KA_ETHERTYPE("8847") A_EMPTY("15"), .ret = -EINVAL },
	{ .name = "mpls: half a label",
	  .key = ETH KA_ETHERTYPE("8847") A_16("15", "0001"),
	  .ret = -EINVAL },
	{ .name = "mpls: four labels",
	  .key = ETH KA_ETHERTYPE("8847") KA_MPLS("14", ZERO16),
	  .ret = -EINVAL },
	{ .name = "mpls: mask without the type",
	  .key = ETH KA_ETHERTYPE("8847") KA_MPLS("08", "00010140"),
	  .mask = KA_MPLS("08", ONES4), .ret = -EINVAL },

	{ .name = "nsh: metadata type 1, masked",
	  .key = ETH KA_ETHERTYPE("894f") NSH_1,
	  .mask = KA_ETHERTYPE("ffff")
		  KA_NSH("10", NA_BASE("00", "00", "ff", "00", "ffffff00")),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x894f), K_NSH_1 },
		    .mask = { M_ALWAYS, M_TYPE, .nsh_mdtype = 0xff,
			      .nsh_path_hdr = N32(0xffffff00) } },
	  .put = HEAD TAIL ETH KA_ETHERTYPE("894f") NSH_1,
	  .put_mask = NO_METADATA_MASK("") KA_ETHERNET(ZERO6, ZERO6)
		      KA_ETHERTYPE("ffff")
		      KA_NSH("24", NA_BASE("00", "00", "ff", "00", "ffffff00")
			     NA_MD1(ZERO16)) },
	{ .name = "nsh: exact",
	  .key = ETH KA_ETHERTYPE("894f") NSH_1,
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x894f), K_NSH_1 },
		    .mask = { M_ALWAYS, M_ETH, M_TYPE, .nsh_flags = 0xff,
			      .nsh_ttl = 0xff, .nsh_mdtype = 0xff,
			      .nsh_np = 0xff, .nsh_path_hdr = ~0u,
			      .nsh_context = { ~0u, ~0u, ~0u, ~0u } } },
	  .put = HEAD TAIL ETH KA_ETHERTYPE("894f") NSH_1 },
	{ .name = "nsh: metadata of type 2",
	  .key = ETH KA_ETHERTYPE("894f")
		 KA_NSH("18", NA_BASE("00", "3f", "02", "03", "00012305")
			A_64("03", "0000000000000000")), .ret = -EINVAL },
	{ .name = "nsh: context for another type",
	  .key = ETH KA_ETHERTYPE("894f")
		 KA_NSH("24", NA_BASE("00", "3f", "02", "03", "00012305")
			NA_MD1(ZERO16)), .ret = -EINVAL },
	{ .name = "nsh: wrong length",
	  .key = ETH KA_ETHERTYPE("894f") KA_NSH("0c", A_32("01", ZERO4)),
	  .ret = -EINVAL },

	{ .name = "tuple: ipv4, exact",
	  .key = ETH KA_ETHERTYPE("0800") TCP4 TUPLE4,
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x800), K_TCP4,
			     .ct_orig_src = { 10, 0, 0, 3 },
			     .ct_orig_dst = { 10, 0, 0, 4 },
			     .ct_orig_tp_src = N16(1000),
			     .ct_orig_tp_dst = N16(80),
			     .ct_orig_proto = 6 },
		    .mask = { M_ALWAYS, M_ETH, M_TYPE, M_IP4, M_PORTS,
			      .tcp_flags = N16(0xffff),
			      .ct_orig_src = { 255, 255, 255, 255 },
			      .ct_orig_dst = { 255, 255, 255, 255 },
			      .ct_orig_tp_src = N16(0xffff),
			      .ct_orig_tp_dst = N16(0xffff),
			      .ct_orig_proto = 255 } },
	  .put = HEAD TAIL TUPLE4 ETH KA_ETHERTYPE("0800") TCP4 },
	{ .name = "tuple: mask where the key has none",
	  .key = ETH KA_ETHERTYPE("0800") TCP4,
	  .mask = KA_ETHERTYPE("ffff")
		  KA_CT_TUPLE4(ZERO4, ONES4, ZERO4, "ff"),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x800), K_TCP4 },
		    .mask = { M_ALWAYS, M_TYPE,
			      .ct_orig_dst = { 255, 255, 255, 255 },
			      .ct_orig_proto = 255 } },
	  .put = HEAD TAIL ETH KA_ETHERTYPE("0800") TCP4, .one_way = true },
	{ .name = "tuple: ipv6 beside neighbour discovery",
	  .key = TUPLE6 ETH KA_ETHERTYPE("86dd") IP6("3a", "00")
		 KA_ICMPV6("8700") KA_ND(TARGET, SRC, ZERO6),
	  .ret = -EINVAL },
	{ .name = "tuple: of the other family",
	  .key = TUPLE6 ETH KA_ETHERTYPE("0800") TCP4, .ret = -EINVAL },

	{ .name = "overlap: ipv6 addresses in a key of ipv4",
	  .key = ETH KA_ETHERTYPE("0800") IP4("2f", "00") IP6("2f", "00"),
	  .mask = KA_ETHERTYPE("ffff"),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x800),
			     K_IP6(0x2f), .ip_src = N32(0x20010db8),
			     .ct_orig_dst = { 0, 0, 0, 1 } },
		    .mask = { M_ALWAYS, M_TYPE } },
	  .put = HEAD TAIL ETH KA_ETHERTYPE("0800")
		 KA_IPV4("20010db8", ZERO4, "2f", "ab", "3f", "00"),
	  .one_way = true },
};
/* clang-format on */

const unsigned int ovsnl_key_more_vector_count =
	sizeof(ovsnl_key_more_vectors) / sizeof(ovsnl_key_more_vectors[0]);
