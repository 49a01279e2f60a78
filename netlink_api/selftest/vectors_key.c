// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Keys and masks as messages hold them, and what they mean. Pure data. */
#include "vectors_key.h"

/* clang-format off */
const struct ovsnl_key_vector ovsnl_key_vectors[] = {
	/* what is accepted */
	{ .name = "key: Ethernet alone is 802.2", .key = ETH,
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(4) },
		    .mask = { M_ALWAYS, M_ETH } },
	  .put = NO_METADATA("") ETH,
	  .put_mask = NO_METADATA_MASK("") KA_ETHERNET(ONES6, ONES6) },
	{ .name = "key: 802.2 with its type masked",
	  .key = KA_IN_PORT("07000000") ETH,
	  .mask = KA_ETHERTYPE("ffff") KA_ETHERNET(ZERO6, ONES6),
	  .want = { .key = { K_ETH, .in_port = 7, K_TYPE(4) },
		    .mask = { M_ALWAYS, .eth_dst = FF6, M_TYPE } },
	  .put = NO_METADATA(KA_IN_PORT("07000000")) ETH,
	  .put_mask = NO_METADATA_MASK(KA_IN_PORT("0000ffff"))
		      KA_ETHERNET(ZERO6, ONES6) KA_ETHERTYPE("ffff") },
	{ .name = "key: unknown type", .key = ETH KA_ETHERTYPE("88b5"),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x88b5) },
		    .mask = { M_ALWAYS, M_ETH, M_TYPE } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("88b5"),
	  .put_mask = NO_METADATA_MASK("") KA_ETHERNET(ONES6, ONES6)
		      KA_ETHERTYPE("ffff") },
	{ .name = "key: smallest type", .key = ETH KA_ETHERTYPE("0600"),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x600) },
		    .mask = { M_ALWAYS, M_ETH, M_TYPE } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("0600") },
	{ .name = "key: all metadata, any order",
	  .key = KA_CT_LABELS("000102030405060708090a0b0c0d0e0f")
		 KA_CT_MARK("04030201") KA_CT_ZONE("2211")
		 KA_CT_STATE("ff000000") KA_SKB_MARK("44332211")
		 KA_IN_PORT("fefe0000") KA_PRIORITY("14131211")
		 KA_DP_HASH("24232221") KA_RECIRC_ID("34333231") ETH,
	  .want = { .key = { K_ETH, K_TYPE(4), .recirc_id = 0x31323334,
			     .dp_hash = 0x21222324, .priority = 0x11121314,
			     .in_port = 0xfefe, .skb_mark = 0x11223344,
			     .ct_state = 0xff, .ct_zone = 0x1122,
			     .ct_mark = 0x01020304,
			     .ct_label = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
					   11, 12, 13, 14, 15 } },
		    .mask = { M_ALWAYS, M_ETH, .recirc_id = ~0u,
			      .dp_hash = ~0u, .priority = ~0u,
			      .in_port = 0xffff, .skb_mark = ~0u,
			      .ct_state = 0xff, .ct_zone = 0xffff,
			      .ct_mark = ~0u, .ct_label = FF16 } },
	  .put = KA_RECIRC_ID("34333231") KA_DP_HASH("24232221")
		 KA_PRIORITY("14131211") KA_IN_PORT("fefe0000")
		 KA_SKB_MARK("44332211") KA_CT_STATE("ff000000")
		 KA_CT_ZONE("2211") KA_CT_MARK("04030201")
		 KA_CT_LABELS("000102030405060708090a0b0c0d0e0f") ETH,
	  .put_mask = KA_RECIRC_ID(ONES4) KA_DP_HASH(ONES4)
		      KA_PRIORITY(ONES4) EMPTY_TUNNEL KA_IN_PORT(ONES4)
		      KA_SKB_MARK(ONES4) KA_CT_STATE("ff000000")
		      KA_CT_ZONE("ffff") KA_CT_MARK(ONES4)
		      KA_CT_LABELS(ONES16) KA_ETHERNET(ONES6, ONES6) },
	{ .name = "key: udp, exact",
	  .key = KA_IN_PORT("01000000") ETH KA_ETHERTYPE("0800")
		 IP4("11", "00") KA_UDP("00351f90"),
	  .want = { .key = { K_ETH, .in_port = 1, K_TYPE(0x800), K_IP4(17),
			     K_PORTS(53, 8080) },
		    .mask = { M_ALWAYS, .in_port = 0xffff, M_ETH, M_TYPE,
			      M_IP4, M_PORTS } },
	  .put = NO_METADATA(KA_IN_PORT("01000000")) ETH KA_ETHERTYPE("0800")
		 IP4("11", "00") KA_UDP("00351f90") },
	{ .name = "key: tcp, masked",
	  .key = KA_IN_PORT("01000000") ETH KA_ETHERTYPE("0800")
		 IP4("06", "00") KA_TCP("0050c001") KA_TCP_FLAGS("0012"),
	  .mask = KA_IN_PORT("01000000") KA_ETHERTYPE("0001")
		  KA_IPV4(ZERO4, "ffffff00", "ff", "00", "00", "00")
		  KA_TCP("0000ffff") KA_TCP_FLAGS("0002"),
	  .want = { .key = { K_ETH, .in_port = 1, K_TYPE(0x800), K_IP4(6),
			     K_PORTS(80, 49153), .tcp_flags = N16(0x12) },
		    .mask = { M_ALWAYS, .in_port = 0xffff, M_TYPE,
			      .ip_dst = N32(0xffffff00), .ip_proto = 0xff,
			      .tp_dst = N16(0xffff), .tcp_flags = N16(2) } },
	  .put = NO_METADATA(KA_IN_PORT("01000000")) ETH KA_ETHERTYPE("0800")
		 IP4("06", "00") KA_TCP("0050c001") KA_TCP_FLAGS("0012"),
	  .put_mask = NO_METADATA_MASK(KA_IN_PORT(ONES4))
		      KA_ETHERNET(ZERO6, ZERO6) KA_ETHERTYPE("ffff")
		      KA_IPV4(ZERO4, "ffffff00", "ff", "00", "00", "00")
		      KA_TCP("0000ffff") KA_TCP_FLAGS("0002") },
	{ .name = "key: sctp", .key = ETH KA_ETHERTYPE("0800")
	  IP4("84", "01") KA_SCTP("0b590b5a"),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x800), K_IP4(132),
			     .ip_frag = 1, K_PORTS(2905, 2906) },
		    .mask = { M_ALWAYS, M_ETH, M_TYPE, M_IP4, M_PORTS } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("0800") IP4("84", "01")
		 KA_SCTP("0b590b5a") },
	{ .name = "key: icmp", .key = ETH KA_ETHERTYPE("0800")
	  IP4("01", "00") KA_ICMP("0301"),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x800), K_IP4(1),
			     K_PORTS(3, 1) },
		    .mask = { M_ALWAYS, M_ETH, M_TYPE, M_IP4, M_ICMP } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("0800") IP4("01", "00")
		 KA_ICMP("0301"),
	  .put_mask = NO_METADATA_MASK("") KA_ETHERNET(ONES6, ONES6)
		      KA_ETHERTYPE("ffff")
		      KA_IPV4(ONES4, ONES4, "ff", "ff", "ff", "ff")
		      KA_ICMP("ffff") },
	{ .name = "key: later fragment has no ports",
	  .key = ETH KA_ETHERTYPE("0800") IP4("06", "02"),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x800), K_IP4(6),
			     .ip_frag = 2 },
		    .mask = { M_ALWAYS, M_ETH, M_TYPE, M_IP4 } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("0800") IP4("06", "02") },
	{ .name = "key: arp, masked",
	  .key = ETH KA_ETHERTYPE("0806")
		 KA_ARP("0a000001", "0a000002", "0001", SRC, ZERO6),
	  .mask = KA_ETHERTYPE("ffff")
		  KA_ARP(ZERO4, ONES4, "ff01", ONES6, ZERO6),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x806),
			     .ip_src = N32(0x0a000001),
			     .ip_dst = N32(0x0a000002), .ip_proto = 1,
			     .hw_src = { 2, 0, 0, 0, 0, 1 } },
		    .mask = { M_ALWAYS, M_TYPE, .ip_dst = N32(0xffffffff),
			      .ip_proto = 1, .hw_src = FF6 } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("0806")
		 KA_ARP("0a000001", "0a000002", "0001", SRC, ZERO6),
	  .put_mask = NO_METADATA_MASK("") KA_ETHERNET(ZERO6, ZERO6)
		      KA_ETHERTYPE("ffff")
		      KA_ARP(ZERO4, ONES4, "0001", ONES6, ZERO6) },
	{ .name = "key: rarp", .key = ETH KA_ETHERTYPE("8035")
	  KA_ARP("0a000001", "0a000002", "0003", SRC, DST),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x8035),
			     .ip_src = N32(0x0a000001),
			     .ip_dst = N32(0x0a000002), .ip_proto = 3,
			     .hw_src = { 2, 0, 0, 0, 0, 1 },
			     .hw_dst = { 2, 0, 0, 0, 0, 2 } },
		    .mask = { M_ALWAYS, M_ETH, M_TYPE,
			      .ip_src = N32(0xffffffff),
			      .ip_dst = N32(0xffffffff), .ip_proto = 0xff,
			      .hw_src = FF6, .hw_dst = FF6 } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("8035")
		 KA_ARP("0a000001", "0a000002", "0003", SRC, DST) },
	{ .name = "key: ipv6 neighbour solicitation",
	  .key = ETH KA_ETHERTYPE("86dd") IP6("3a", "00") KA_EXTHDRS("4000")
		 KA_ICMPV6("8700") KA_ND(TARGET, SRC, ZERO6),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x86dd), K_IP6(58),
			     .ipv6_exthdrs = 0x40, K_PORTS(135, 0),
			     .nd_target = { 0xfe, 0x80, [15] = 0x99 },
			     .hw_src = { 2, 0, 0, 0, 0, 1 } },
		    .mask = { M_ALWAYS, M_ETH, M_TYPE, M_IP6,
			      .ipv6_exthdrs = 0xffff, M_ICMP,
			      .nd_target = FF16, .hw_src = FF6,
			      .hw_dst = FF6 } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("86dd") IP6("3a", "00")
		 KA_EXTHDRS("4000") KA_ICMPV6("8700")
		 KA_ND(TARGET, SRC, ZERO6) },
	{ .name = "key: ipv6 without extension header bits",
	  .key = ETH KA_ETHERTYPE("86dd") IP6("11", "00") KA_UDP("00351f90"),
	  .mask = KA_ETHERTYPE("ffff")
		  KA_IPV6(ZERO16, ZERO16, "ffffffff", "ff", "00", "00", "03")
		  KA_UDP("00000001"),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x86dd), K_IP6(17),
			     K_PORTS(53, 8080) },
		    .mask = { M_ALWAYS, M_TYPE, .ipv6_label = N32(0xffffffff),
			      .ip_proto = 0xff, .ip_frag = 3,
			      .tp_dst = N16(1) } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("86dd") IP6("11", "00")
		 KA_EXTHDRS("0000") KA_UDP("00351f90"),
	  .put_mask = NO_METADATA_MASK("") KA_ETHERNET(ZERO6, ZERO6)
		      KA_ETHERTYPE("ffff")
		      KA_IPV6(ZERO16, ZERO16, "ffffffff", "ff", "00", "00",
			      "03")
		      KA_EXTHDRS("0000") KA_UDP("00000001") },
	{ .name = "key: no Ethernet header",
	  .key = KA_ETHERTYPE("0800") IP4("2f", "00"),
	  .mask = KA_ETHERTYPE("0001") IP4_MASK("ff"),
	  .want = { .key = { K_NO_PORT, K_TYPE(0x800), K_IP4(47) },
		    .mask = { M_ALWAYS, M_TYPE, .ip_proto = 0xff } },
	  .put = NO_METADATA("") KA_ETHERTYPE("0800") IP4("2f", "00"),
	  .put_mask = NO_METADATA_MASK("") KA_ETHERTYPE("ffff")
		      IP4_MASK("ff") },
	{ .name = "key: no mask is asked for", .no_mask = true,
	  .key = ETH KA_ETHERTYPE("88b5"), .mask = "00",
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x88b5) } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("88b5") },
	{ .name = "mask: empty", .key = ETH KA_ETHERTYPE("0806")
	  KA_ARP("0a000001", "0a000002", "0001", SRC, DST), .mask = "",
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x806),
			     .ip_src = N32(0x0a000001),
			     .ip_dst = N32(0x0a000002), .ip_proto = 1,
			     .hw_src = { 2, 0, 0, 0, 0, 1 },
			     .hw_dst = { 2, 0, 0, 0, 0, 2 } },
		    .mask = { M_ALWAYS } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("0806")
		 KA_ARP("0a000001", "0a000002", "0001", SRC, DST),
	  .put_mask = NO_METADATA_MASK("") KA_ETHERNET(ZERO6, ZERO6)
		      KA_ETHERTYPE("0000")
		      KA_ARP(ZERO4, ZERO4, "0000", ZERO6, ZERO6) },
	{ .name = "mask: attributes of zeroes are none, even twice",
	  .key = ETH KA_ETHERTYPE("88b5"),
	  .mask = KA_ETHERNET(ZERO6, ZERO6) KA_UDP(ZERO4) KA_UDP(ZERO4)
		  KA_IN_PORT(ZERO4) KA_SKB_MARK(ZERO4) KA_SKB_MARK(ZERO4),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x88b5) },
		    .mask = { M_ALWAYS } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("88b5") },
	{ .name = "mask: port that the key lacks",
	  .key = ETH KA_ETHERTYPE("88b5"), .mask = KA_IN_PORT("00000001"),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x88b5) },
		    .mask = { M_ALWAYS, .in_port = 0xffff } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("88b5"),
	  .put_mask = NO_METADATA_MASK(KA_IN_PORT(ONES4))
		      KA_ETHERNET(ZERO6, ZERO6) KA_ETHERTYPE("0000") },
	{ .name = "mask: an empty tunnel comes back from dumps",
	  .key = ETH KA_ETHERTYPE("88b5"), .mask = EMPTY_TUNNEL
	  KA_ETHERTYPE("ffff"),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x88b5) },
		    .mask = { M_ALWAYS, M_TYPE, .tun_family = 0xff } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("88b5") },
	{ .name = "key: flags of the attribute type are ignored",
	  .key = A_HEAD("10", "04") SRC DST A_HEAD("06", "06") "88b50000"
		 "0800" "0380" "01000000",
	  .want = { .key = { K_ETH, .in_port = 1, K_TYPE(0x88b5) },
		    .mask = { M_ALWAYS, M_ETH, M_TYPE, .in_port = 0xffff } },
	  .put = NO_METADATA(KA_IN_PORT("01000000")) ETH
		 KA_ETHERTYPE("88b5") },

	/* VLAN tags */
	{ .name = "vlan: one tag",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("3064")
		 KA_ENCAP("1c", KA_ETHERTYPE("0800") IP4("2f", "00")),
	  .mask = KA_ETHERTYPE("ffff") KA_VLAN("1fff")
		  KA_ENCAP("0c", KA_ETHERTYPE("ffff")),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x800), K_IP4(47),
			     .vlan_tpid = N16(0x8100),
			     .vlan_tci = N16(0x3064) },
		    .mask = { M_ALWAYS_BUT_TCI, M_TYPE,
			      .vlan_tpid = N16(0xffff),
			      .vlan_tci = N16(0x1fff) } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("8100") KA_VLAN("3064")
		 KA_ENCAP("1c", KA_ETHERTYPE("0800") IP4("2f", "00")),
	  .put_mask = NO_METADATA_MASK("") KA_ETHERNET(ZERO6, ZERO6)
		      KA_ETHERTYPE("ffff") KA_VLAN("1fff")
		      KA_ENCAP("1c", KA_ETHERTYPE("ffff") IP4_MASK("00")) },
	{ .name = "vlan: two tags, exact",
	  .key = ETH KA_ETHERTYPE("88a8") KA_VLAN("1064")
		 KA_ENCAP("20", KA_ETHERTYPE("8100") KA_VLAN("1065")
			  KA_ENCAP("0c", KA_ETHERTYPE("88b5"))),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x88b5),
			     .vlan_tpid = N16(0x88a8),
			     .vlan_tci = N16(0x1064),
			     .cvlan_tpid = N16(0x8100),
			     .cvlan_tci = N16(0x1065) },
		    .mask = { M_ALWAYS, .cvlan_tci = N16(0xffff), M_ETH, M_TYPE,
			      .vlan_tpid = N16(0xffff),
			      .cvlan_tpid = N16(0xffff) } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("88a8") KA_VLAN("1064")
		 KA_ENCAP("20", KA_ETHERTYPE("8100") KA_VLAN("1065")
			  KA_ENCAP("0c", KA_ETHERTYPE("88b5"))) },
	{ .name = "vlan: 802.2 inside",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("1064") KA_ENCAP("04", ""),
	  .mask = "",
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(4),
			     .vlan_tpid = N16(0x8100),
			     .vlan_tci = N16(0x1064) },
		    .mask = { M_ALWAYS, .cvlan_tci = N16(0xffff) } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("8100") KA_VLAN("1064")
		 KA_ENCAP("04", "") },
	{ .name = "vlan: tag cut short",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("0000") KA_ENCAP("04", ""),
	  .mask = "",
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(4),
			     .vlan_tpid = N16(0x8100) },
		    .mask = { M_ALWAYS } },
	  .put = NO_METADATA("") ETH },
	{ .name = "vlan: a tag cut short can't be exact",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("0000") KA_ENCAP("04", ""),
	  .ret = -EINVAL },
	{ .name = "vlan: mask without the TCI takes the key's",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("3064")
		 KA_ENCAP("0c", KA_ETHERTYPE("88b5")),
	  .mask = KA_ETHERTYPE("ffff") KA_ENCAP("0c", KA_ETHERTYPE("ffff")),
	  .want = { .key = { K_ETH, K_NO_PORT, K_TYPE(0x88b5),
			     .vlan_tpid = N16(0x8100),
			     .vlan_tci = N16(0x3064) },
		    .mask = { M_ALWAYS_BUT_TCI, M_TYPE,
			      .vlan_tpid = N16(0xffff),
			      .vlan_tci = N16(0x3064) } },
	  .put = NO_METADATA("") ETH KA_ETHERTYPE("8100") KA_VLAN("3064")
		 KA_ENCAP("0c", KA_ETHERTYPE("88b5")) },
	{ .name = "vlan: without ENCAP",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("1064"), .ret = -EINVAL },
	{ .name = "vlan: without VLAN",
	  .key = ETH KA_ETHERTYPE("8100")
		 KA_ENCAP("0c", KA_ETHERTYPE("88b5")), .ret = -EINVAL },
	{ .name = "vlan: TCI without the CFI bit",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("0064")
		 KA_ENCAP("0c", KA_ETHERTYPE("88b5")), .ret = -EINVAL },
	{ .name = "vlan: tag cut short with something inside",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("0000")
		 KA_ENCAP("0c", KA_ETHERTYPE("88b5")), .mask = "",
	  .ret = -EINVAL },
	{ .name = "vlan: attribute on an untagged frame",
	  .key = ETH KA_ETHERTYPE("88b5") KA_VLAN("1064"), .ret = -EINVAL },
	{ .name = "vlan: ENCAP on an untagged frame",
	  .key = ETH KA_ETHERTYPE("88b5") KA_ENCAP("0c", KA_ETHERTYPE("88b5")),
	  .ret = -EINVAL },
	{ .name = "vlan: attribute given again inside",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("1064")
		 KA_ENCAP("1c", KA_ETHERTYPE("88b5") ETH), .ret = -EINVAL },
	{ .name = "vlan: three tags",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("1001")
		 KA_ENCAP("34", KA_ETHERTYPE("8100") KA_VLAN("1002")
			  KA_ENCAP("20", KA_ETHERTYPE("8100") KA_VLAN("1003")
				   KA_ENCAP("0c", KA_ETHERTYPE("88b5")))),
	  .ret = -EINVAL },
	{ .name = "vlan: ENCAP mask on an untagged frame",
	  .key = ETH KA_ETHERTYPE("88b5"),
	  .mask = KA_ETHERTYPE("ffff") KA_VLAN("ffff")
		  KA_ENCAP("0c", KA_ETHERTYPE("ffff")), .ret = -EINVAL },
	{ .name = "vlan: second ENCAP mask on a frame with one tag",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("1064")
		 KA_ENCAP("0c", KA_ETHERTYPE("88b5")),
	  .mask = KA_ETHERTYPE("ffff") KA_VLAN("ffff")
		  KA_ENCAP("20", KA_ETHERTYPE("ffff") KA_VLAN("ffff")
			   KA_ENCAP("0c", KA_ETHERTYPE("ffff"))),
	  .ret = -EINVAL },
	{ .name = "vlan: TPID mask not exact",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("1064")
		 KA_ENCAP("0c", KA_ETHERTYPE("88b5")),
	  .mask = KA_ETHERTYPE("fffe") KA_VLAN("ffff")
		  KA_ENCAP("0c", KA_ETHERTYPE("ffff")), .ret = -EINVAL },
	{ .name = "vlan: TCI mask without the CFI bit",
	  .key = ETH KA_ETHERTYPE("8100") KA_VLAN("1064")
		 KA_ENCAP("0c", KA_ETHERTYPE("88b5")),
	  .mask = KA_ETHERTYPE("ffff") KA_VLAN("0fff")
		  KA_ENCAP("0c", KA_ETHERTYPE("ffff")), .ret = -EINVAL },

	/* what is refused */
	{ .name = "key: empty", .key = "", .ret = -EINVAL },
	{ .name = "key: metadata only", .key = KA_IN_PORT("01000000"),
	  .ret = -EINVAL },
	{ .name = "key: attribute twice", .key = ETH ETH, .ret = -EINVAL },
	{ .name = "key: attribute too long",
	  .key = ETH A_HEAD("08", "06") "88b50000", .ret = -EINVAL },
	{ .name = "key: attribute too short",
	  .key = A_HEAD("0c", "04") "0200000000010200", .ret = -EINVAL },
	{ .name = "key: type 0", .key = ETH A_EMPTY("00"), .ret = -EINVAL },
	{ .name = "key: type 0 with bytes", .key = ETH A_32("00", ZERO4),
	  .ret = -EINVAL },
	{ .name = "key: packet type", .key = ETH A_32("1d", ZERO4),
	  .ret = -EINVAL },
	{ .name = "key: nd extensions", .key = ETH A_64("1e", "0000000000000000"),
	  .ret = -EINVAL },
	{ .name = "key: the kernel's tunnel info", .key = ETH A_EMPTY("1f"),
	  .ret = -EINVAL },
	{ .name = "key: type out of range", .key = ETH A_32("21", ZERO4),
	  .ret = -EINVAL },
	{ .name = "key: bytes left over", .key = ETH "000000", .ret = -EINVAL },
	{ .name = "key: length beyond the end", .key = ETH A_HEAD("09", "06")
	  "88b50000", .ret = -EINVAL },
	{ .name = "key: last attribute not padded",
	  .key = ETH A_HEAD("06", "06") "88b5", .ret = -EINVAL },
	{ .name = "key: type is a length", .key = ETH KA_ETHERTYPE("05ff"),
	  .ret = -EINVAL },
	{ .name = "key: type is a length, no Ethernet header",
	  .key = KA_ETHERTYPE("05ff"), .ret = -EINVAL },
	{ .name = "key: port out of range", .key = KA_IN_PORT("ffff0000") ETH,
	  .ret = -EINVAL },
	{ .name = "key: ct_state bit", .key = KA_CT_STATE("00010000") ETH,
	  .ret = -EINVAL },
	{ .name = "mask: ct_state bit", .key = KA_CT_STATE("01000000") ETH,
	  .mask = KA_CT_STATE("ffffffff"), .ret = -EINVAL },
	{ .name = "key: ipv4 fragment", .key = ETH KA_ETHERTYPE("0800")
	  IP4("2f", "03"), .ret = -EINVAL },
	{ .name = "key: ipv6 fragment", .key = ETH KA_ETHERTYPE("86dd")
	  IP6("2f", "03"), .ret = -EINVAL },
	{ .name = "key: ipv6 label", .key = ETH KA_ETHERTYPE("86dd")
	  KA_IPV6(IP6_A, IP6_B, "00100000", "2f", "00", "00", "00"),
	  .ret = -EINVAL },
	{ .name = "key: arp operation", .key = ETH KA_ETHERTYPE("0806")
	  KA_ARP("0a000001", "0a000002", "0101", SRC, DST), .ret = -EINVAL },
	{ .name = "key: ipv4 missing", .key = ETH KA_ETHERTYPE("0800"),
	  .ret = -EINVAL },
	{ .name = "key: ipv6 missing", .key = ETH KA_ETHERTYPE("86dd"),
	  .ret = -EINVAL },
	{ .name = "key: arp missing", .key = ETH KA_ETHERTYPE("0806"),
	  .ret = -EINVAL },
	{ .name = "key: udp missing", .key = ETH KA_ETHERTYPE("0800")
	  IP4("11", "00"), .ret = -EINVAL },
	{ .name = "key: sctp missing", .key = ETH KA_ETHERTYPE("86dd")
	  IP6("84", "01"), .ret = -EINVAL },
	{ .name = "key: icmp missing", .key = ETH KA_ETHERTYPE("0800")
	  IP4("01", "00"), .ret = -EINVAL },
	{ .name = "key: icmpv6 missing", .key = ETH KA_ETHERTYPE("86dd")
	  IP6("3a", "00"), .ret = -EINVAL },
	{ .name = "key: tcp flags missing", .key = ETH KA_ETHERTYPE("0800")
	  IP4("06", "00") KA_TCP("0050c001"), .ret = -EINVAL },
	{ .name = "key: tcp missing", .key = ETH KA_ETHERTYPE("0800")
	  IP4("06", "00") KA_TCP_FLAGS("0002"), .ret = -EINVAL },
	{ .name = "key: nd missing", .key = ETH KA_ETHERTYPE("86dd")
	  IP6("3a", "00") KA_ICMPV6("8800"), .ret = -EINVAL },
	{ .name = "mask: attribute that the key lacks",
	  .key = ETH KA_ETHERTYPE("88b5"), .mask = KA_SKB_MARK("01000000"),
	  .ret = -EINVAL },
	{ .name = "mask: ipv4 without the type", .key = ETH KA_ETHERTYPE("0800")
	  IP4("2f", "00"), .mask = IP4_MASK("ff"), .ret = -EINVAL },
	{ .name = "mask: ipv6 on ipv4", .key = ETH KA_ETHERTYPE("0800")
	  IP4("2f", "00"), .mask = KA_ETHERTYPE("ffff")
	  KA_IPV6(ZERO16, ZERO16, ZERO4, "01", "00", "00", "00"),
	  .ret = -EINVAL },
	{ .name = "mask: udp without the protocol",
	  .key = ETH KA_ETHERTYPE("0800") IP4("11", "00") KA_UDP("00351f90"),
	  .mask = KA_ETHERTYPE("ffff") IP4_MASK("fe") KA_UDP(ONES4),
	  .ret = -EINVAL },
	{ .name = "mask: tcp flags without the protocol",
	  .key = ETH KA_ETHERTYPE("0800") IP4("06", "00") KA_TCP("0050c001")
		 KA_TCP_FLAGS("0002"),
	  .mask = KA_ETHERTYPE("ffff") KA_TCP_FLAGS("0001"), .ret = -EINVAL },
	{ .name = "mask: nd without the icmp type",
	  .key = ETH KA_ETHERTYPE("86dd") IP6("3a", "00") KA_ICMPV6("8700")
		 KA_ND(TARGET, SRC, ZERO6),
	  .mask = KA_ETHERTYPE("ffff")
		  KA_IPV6(ZERO16, ZERO16, ZERO4, "ff", "00", "00", "00")
		  KA_ICMPV6("7fff") KA_ND(ONES16, ZERO6, ZERO6),
	  .ret = -EINVAL },
	{ .name = "mask: icmpv6 on a later fragment",
	  .key = ETH KA_ETHERTYPE("86dd") IP6("3a", "02") KA_ICMPV6("8700"),
	  .mask = KA_ETHERTYPE("ffff")
		  KA_IPV6(ZERO16, ZERO16, ZERO4, "ff", "00", "00", "00")
		  KA_ICMPV6("ffff"), .ret = -EINVAL },
	{ .name = "mask: attribute twice", .key = ETH,
	  .mask = KA_ETHERNET(ONES6, ZERO6) KA_ETHERNET(ZERO6, ONES6),
	  .ret = -EINVAL },
	{ .name = "mask: wrong length of zeroes", .key = ETH,
	  .mask = A_64("04", "0000000000000000"), .ret = -EINVAL },
	{ .name = "mask: bytes left over", .key = ETH, .mask = "0000",
	  .ret = -EINVAL },
};
/* clang-format on */

const unsigned int ovsnl_key_vector_count =
	sizeof(ovsnl_key_vectors) / sizeof(ovsnl_key_vectors[0]);
