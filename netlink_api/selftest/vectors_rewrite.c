// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Packets before and after a rewrite; those that have right checksums were
 * made by scapy, before and after. Pure data.
 */
#include "selftest.h"

/* clang-format off */
const struct ovsnl_rewrite_vector ovsnl_rewrite_vectors[] = {
	{
		.name = "rewrite eth: both addresses",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff18be0000"
			  "7477696e70617468",
		.after = "02aabbccdd0202aabbccdd010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff18be0000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_ETH,
		.value.eth = {.eth_src = {2, 0xaa, 0xbb, 0xcc, 0xdd, 1},
			      .eth_dst = {2, 0xaa, 0xbb, 0xcc, 0xdd, 2}},
		.mask.eth = {.eth_src = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
			     .eth_dst = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
	},
	{
		.name = "rewrite eth: some bits",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff18be0000"
			  "7477696e70617468",
		.after = "02000000000202000000a0010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff18be0000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_ETH,
		.value.eth = {.eth_src = {0xff, 0xff, 0xff, 0xff, 0xaf, 0xff}},
		.mask.eth = {.eth_src = {0, 0, 0, 0, 0xf0, 0}},
	},
	{
		.name = "rewrite eth: no bits",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff18be0000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_ETH,
		.value.eth = {.eth_src = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
		.mask.eth = {.eth_src = {0}},
	},
	{
		.name = "rewrite ipv4: everything, tcp",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff18be0000"
			  "7477696e70617468",
		.after = "0200000000020200000000010800"
			  "452c0030123400000306220dc0a80105c0a80106"
			  "0050c00100000001000000025018ffffa9640000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105), .ipv4_dst = N32(0xc0a80106),
			       .ipv4_tos = 0x2c, .ipv4_ttl = 3},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff),
			      .ipv4_dst = N32(0xffffffff),
			      .ipv4_tos = 0xff, .ipv4_ttl = 0xff},
	},
	{
		.name = "rewrite ipv4: everything, udp",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001009577477696e70617468",
		.after = "0200000000020200000000010800"
			  "452c0024123400000311220ec0a80105c0a80106"
			  "00351f90001099fd7477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105), .ipv4_dst = N32(0xc0a80106),
			       .ipv4_tos = 0x2c, .ipv4_ttl = 3},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff),
			      .ipv4_dst = N32(0xffffffff),
			      .ipv4_tos = 0xff, .ipv4_ttl = 0xff},
	},
	{
		.name = "rewrite ipv4: everything, udp, options",
		.before = "0200000000020200000000010800"
			  "46100028123400004011517d0a0000010a000002"
			  "0101010100351f90001009577477696e70617468",
		.after = "0200000000020200000000010800"
			  "462c00281234000003111f08c0a80105c0a80106"
			  "0101010100351f90001099fd7477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105), .ipv4_dst = N32(0xc0a80106),
			       .ipv4_tos = 0x2c, .ipv4_ttl = 3},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff),
			      .ipv4_dst = N32(0xffffffff),
			      .ipv4_tos = 0xff, .ipv4_ttl = 0xff},
	},
	{
		.name = "rewrite ipv4: everything, icmp",
		.before = "0200000000020200000000010800"
			  "4510002412340000400154930a0000010a000002"
			  "0800354e000100017477696e70617468",
		.after = "0200000000020200000000010800"
			  "452c0024123400000301221ec0a80105c0a80106"
			  "0800354e000100017477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105), .ipv4_dst = N32(0xc0a80106),
			       .ipv4_tos = 0x2c, .ipv4_ttl = 3},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff),
			      .ipv4_dst = N32(0xffffffff),
			      .ipv4_tos = 0xff, .ipv4_ttl = 0xff},
	},
	{
		.name = "rewrite ipv4: everything, sctp",
		.before = "0200000000020200000000010800"
			  "45100028123400004084540c0a0000010a000002"
			  "0b590b5a00000001e742c40c7477696e70617468",
		.after = "0200000000020200000000010800"
			  "452c00281234000003842197c0a80105c0a80106"
			  "0b590b5a00000001e742c40c7477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105), .ipv4_dst = N32(0xc0a80106),
			       .ipv4_tos = 0x2c, .ipv4_ttl = 3},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff),
			      .ipv4_dst = N32(0xffffffff),
			      .ipv4_tos = 0xff, .ipv4_ttl = 0xff},
	},
	{
		.name = "rewrite ipv4: source, some bits",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff18be0000"
			  "7477696e70617468",
		.after = "0200000000020200000000010800"
			  "4510003012340000400654790a0900010a000002"
			  "0050c00100000001000000025018ffff18b50000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xffffffff & ~0x00f60000)},
		.mask.ipv4 = {.ipv4_src = N32(0x00ff0000)},
	},
	{
		.name = "rewrite ipv4: tos, some bits",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001009577477696e70617468",
		.after = "0200000000020200000000010800"
			  "4512002412340000401154810a0000010a000002"
			  "00351f90001009577477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_tos = 0xfe},
		.mask.ipv4 = {.ipv4_tos = 0x03},
	},
	{
		.name = "rewrite ipv4: ttl",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001009577477696e70617468",
		.after = "0200000000020200000000010800"
			  "45100024123400003f1155830a0000010a000002"
			  "00351f90001009577477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_ttl = 63},
		.mask.ipv4 = {.ipv4_ttl = 0xff},
	},
	{
		.name = "rewrite ipv4: protocol and fragment are not writable",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001009577477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_proto = 6, .ipv4_frag = 1},
		.mask.ipv4 = {.ipv4_proto = 0xff, .ipv4_frag = 0xff},
	},
	{
		.name = "rewrite ipv4: udp without checksum",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001000007477696e70617468",
		.after = "0200000000020200000000010800"
			  "451000241234000040119cd6c0a801050a000002"
			  "00351f90001000007477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: udp checksum that sums up to zero",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001009577477696e70617468",
		.after = "0200000000020200000000010800"
			  "451000241234000040114b2c0a0000010a010958"
			  "00351f900010ffff7477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_dst = N32(0xa010958)},
		.mask.ipv4 = {.ipv4_dst = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: a wrong tcp checksum stays as wrong",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff11110000"
			  "7477696e70617468",
		.after = "0200000000020200000000010800"
			  "451000301234000040069cd5c0a801050a000002"
			  "0050c00100000001000000025018ffff59640000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: a wrong checksum stays when nothing changes",
		.before = "0200000000020200000000010800"
			  "4510003012340000400622220a0000010a000002"
			  "0050c00100000001000000025018ffff11110000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0x0a000001)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: first fragment",
		.before = "0200000000020200000000010800"
			  "4510002412342000401134830a0000010a000002"
			  "00351f90001009577477696e70617468",
		.after = "0200000000020200000000010800"
			  "451000241234200040117cd6c0a801050a000002"
			  "00351f90001051aa7477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: later fragment has no transport header",
		.before = "0200000000020200000000010800"
			  "451000341234000a401154690a0000010a000002"
			  "000102030405060708090a0b0c0d0e0f10111213"
			  "1415161718191a1b1c1d1e1f",
		.after = "0200000000020200000000010800"
			  "451000341234000a40119cbcc0a801050a000002"
			  "000102030405060708090a0b0c0d0e0f10111213"
			  "1415161718191a1b1c1d1e1f",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: tcp header cut",
		.before = "0200000000020200000000010800"
			  "45100027123400004006548b0a0000010a000002"
			  "0050c00100000001000000025018ffff000000",
		.after = "0200000000020200000000010800"
			  "451000271234000040069cdec0a801050a000002"
			  "0050c00100000001000000025018ffff000000",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: udp header cut",
		.before = "0200000000020200000000010800"
			  "4510001b123400004011548c0a0000010a000002"
			  "00351f90001000",
		.after = "0200000000020200000000010800"
			  "4510001b1234000040119cdfc0a801050a000002"
			  "00351f90001000",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: tcp checksum left to the device",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff14250000"
			  "7477696e70617468",
		.after = "0200000000020200000000010800"
			  "451000301234000040069cd5c0a801050a000002"
			  "0050c00100000001000000025018ffffcbd10000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.csum = OVSNL_CSUM_PARTIAL,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: udp checksum left to the device",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001014247477696e70617468",
		.after = "0200000000020200000000010800"
			  "451000241234000040119cd6c0a801050a000002"
			  "00351f900010cbd07477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.csum = OVSNL_CSUM_PARTIAL,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: on ipv6",
		.before = "02000000000202000000000186dd"
			  "6ab12345001c063f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "0050c00100000001000000025018ffffd14b0000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.ret = -EINVAL,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: header cut",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a0000",
		.kind = OVSNL_REWRITE_IPV4,
		.ret = -ENOMEM,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv4: behind a tag",
		.before = "0200000000020200000000018100"
			  "000508004510003012340000400654820a000001"
			  "0a0000020050c00100000001000000025018ffff"
			  "18be00007477696e70617468",
		.after = "0200000000020200000000018100"
			  "00050800451000301234000040069cd5c0a80105"
			  "0a0000020050c00100000001000000025018ffff"
			  "611100007477696e70617468",
		.kind = OVSNL_REWRITE_IPV4,
		.value.ipv4 = {.ipv4_src = N32(0xc0a80105)},
		.mask.ipv4 = {.ipv4_src = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv6: everything, tcp",
		.before = "02000000000202000000000186dd"
			  "6ab12345001c063f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "0050c00100000001000000025018ffffd14b0000"
			  "7477696e70617468",
		.after = "02000000000202000000000186dd"
			  "62cfedcb001c0603fd0000000000000000000000"
			  "00000005fd000000000000000000000000000006"
			  "0050c00100000001000000025018ffff32b40000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_src = {N32(0xfd000000), 0, 0, N32(5)},
			       .ipv6_dst = {N32(0xfd000000), 0, 0, N32(6)},
			       .ipv6_label = N32(0xfedcb), .ipv6_tclass = 0x2c,
			       .ipv6_hlimit = 3},
		.mask.ipv6 = {.ipv6_src = {~0, ~0, ~0, ~0}, .ipv6_dst = {~0, ~0, ~0, ~0},
			      .ipv6_label = N32(0xfffff), .ipv6_tclass = 0xff,
			      .ipv6_hlimit = 0xff},
	},
	{
		.name = "rewrite ipv6: everything, udp",
		.before = "02000000000202000000000186dd"
			  "6ab123450010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f900010c1e47477696e70617468",
		.after = "02000000000202000000000186dd"
			  "62cfedcb00101103fd0000000000000000000000"
			  "00000005fd000000000000000000000000000006"
			  "00351f900010234d7477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_src = {N32(0xfd000000), 0, 0, N32(5)},
			       .ipv6_dst = {N32(0xfd000000), 0, 0, N32(6)},
			       .ipv6_label = N32(0xfedcb), .ipv6_tclass = 0x2c,
			       .ipv6_hlimit = 3},
		.mask.ipv6 = {.ipv6_src = {~0, ~0, ~0, ~0}, .ipv6_dst = {~0, ~0, ~0, ~0},
			      .ipv6_label = N32(0xfffff), .ipv6_tclass = 0xff,
			      .ipv6_hlimit = 0xff},
	},
	{
		.name = "rewrite ipv6: everything, icmpv6",
		.before = "02000000000202000000000186dd"
			  "6ab12345000c3a3f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "8000465b000100027477696e",
		.after = "02000000000202000000000186dd"
			  "62cfedcb000c3a03fd0000000000000000000000"
			  "00000005fd000000000000000000000000000006"
			  "8000a7c3000100027477696e",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_src = {N32(0xfd000000), 0, 0, N32(5)},
			       .ipv6_dst = {N32(0xfd000000), 0, 0, N32(6)},
			       .ipv6_label = N32(0xfedcb), .ipv6_tclass = 0x2c,
			       .ipv6_hlimit = 3},
		.mask.ipv6 = {.ipv6_src = {~0, ~0, ~0, ~0}, .ipv6_dst = {~0, ~0, ~0, ~0},
			      .ipv6_label = N32(0xfffff), .ipv6_tclass = 0xff,
			      .ipv6_hlimit = 0xff},
	},
	{
		.name = "rewrite ipv6: everything, sctp",
		.before = "02000000000202000000000186dd"
			  "6ab123450014843f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "0b590b5a00000001e742c40c7477696e70617468",
		.after = "02000000000202000000000186dd"
			  "62cfedcb00148403fd0000000000000000000000"
			  "00000005fd000000000000000000000000000006"
			  "0b590b5a00000001e742c40c7477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_src = {N32(0xfd000000), 0, 0, N32(5)},
			       .ipv6_dst = {N32(0xfd000000), 0, 0, N32(6)},
			       .ipv6_label = N32(0xfedcb), .ipv6_tclass = 0x2c,
			       .ipv6_hlimit = 3},
		.mask.ipv6 = {.ipv6_src = {~0, ~0, ~0, ~0}, .ipv6_dst = {~0, ~0, ~0, ~0},
			      .ipv6_label = N32(0xfffff), .ipv6_tclass = 0xff,
			      .ipv6_hlimit = 0xff},
	},
	{
		.name = "rewrite ipv6: destination, some bits",
		.before = "02000000000202000000000186dd"
			  "6ab123450010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f900010c1e47477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab123450010113f20010db80000000000000000"
			  "0000000120010db8000000070000000000000002"
			  "00351f900010c1dd7477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_dst = {~0, N32(0xffff0007), ~0, ~0}},
		.mask.ipv6 = {.ipv6_dst = {0, N32(0x0000ffff), 0, 0}},
	},
	{
		.name = "rewrite ipv6: label, some bits; traffic class stays",
		.before = "02000000000202000000000186dd"
			  "6ab123450010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f900010c1e47477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab1f3450010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f900010c1e47477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_label = N32(0xffffffff)},
		.mask.ipv6 = {.ipv6_label = N32(0x0000f000)},
	},
	{
		.name = "rewrite ipv6: a label has 20 bits",
		.before = "02000000000202000000000186dd"
			  "6ab123450010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f900010c1e47477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab000000010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f900010c1e47477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_label = 0},
		.mask.ipv6 = {.ipv6_label = N32(0xffffffff)},
	},
	{
		.name = "rewrite ipv6: traffic class, some bits",
		.before = "02000000000202000000000186dd"
			  "6ab123450010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f900010c1e47477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6a0123450010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f900010c1e47477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_tclass = 0xf0},
		.mask.ipv6 = {.ipv6_tclass = 0x0f},
	},
	{
		.name = "rewrite ipv6: hop limit, some bits",
		.before = "02000000000202000000000186dd"
			  "6ab123450010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f900010c1e47477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab123450010113020010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f900010c1e47477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_hlimit = 0},
		.mask.ipv6 = {.ipv6_hlimit = 0x0f},
	},
	{
		.name = "rewrite ipv6: udp without checksum",
		.before = "02000000000202000000000186dd"
			  "6ab123450010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f90001000007477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab123450010113ffd0000000000000000000000"
			  "0000000520010db8000000000000000000000002"
			  "00351f90001000007477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_src = {N32(0xfd000000), 0, 0, N32(5)}},
		.mask.ipv6 = {.ipv6_src = {~0, ~0, ~0, ~0}},
	},
	{
		.name = "rewrite ipv6: behind hop-by-hop options",
		.before = "02000000000202000000000186dd"
			  "6ab123450024003f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "06000104000000000050c0010000000100000002"
			  "5018ffffd14b00007477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab123450024003f20010db80000000000000000"
			  "00000001fd000000000000000000000000000006"
			  "06000104000000000050c0010000000100000002"
			  "5018ffff020000007477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_dst = {N32(0xfd000000), 0, 0, N32(6)}},
		.mask.ipv6 = {.ipv6_dst = {~0, ~0, ~0, ~0}},
	},
	{
		.name = "rewrite ipv6: destination with segments left",
		.before = "02000000000202000000000186dd"
			  "6ab1234500342b3f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "060200010000000020010db80000000000000000"
			  "000000770050c00100000001000000025018ffff"
			  "d0d600007477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab1234500342b3f20010db80000000000000000"
			  "00000001fd000000000000000000000000000006"
			  "060200010000000020010db80000000000000000"
			  "000000770050c00100000001000000025018ffff"
			  "d0d600007477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_dst = {N32(0xfd000000), 0, 0, N32(6)}},
		.mask.ipv6 = {.ipv6_dst = {~0, ~0, ~0, ~0}},
	},
	{
		.name = "rewrite ipv6: source with segments left",
		.before = "02000000000202000000000186dd"
			  "6ab1234500342b3f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "060200010000000020010db80000000000000000"
			  "000000770050c00100000001000000025018ffff"
			  "d0d600007477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab1234500342b3ffd0000000000000000000000"
			  "0000000520010db8000000000000000000000002"
			  "060200010000000020010db80000000000000000"
			  "000000770050c00100000001000000025018ffff"
			  "018b00007477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_src = {N32(0xfd000000), 0, 0, N32(5)}},
		.mask.ipv6 = {.ipv6_src = {~0, ~0, ~0, ~0}},
	},
	{
		.name = "rewrite ipv6: destination, segments behind hop-by-hop options",
		.before = "02000000000202000000000186dd"
			  "6ab12345003c003f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "2b00010400000000060200010000000020010db8"
			  "0000000000000000000000770050c00100000001"
			  "000000025018ffffd0d600007477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab12345003c003f20010db80000000000000000"
			  "00000001fd000000000000000000000000000006"
			  "2b00010400000000060200010000000020010db8"
			  "0000000000000000000000770050c00100000001"
			  "000000025018ffffd0d600007477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_dst = {N32(0xfd000000), 0, 0, N32(6)}},
		.mask.ipv6 = {.ipv6_dst = {~0, ~0, ~0, ~0}},
	},
	{
		.name = "rewrite ipv6: destination without segments left",
		.before = "02000000000202000000000186dd"
			  "6ab1234500342b3f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "0602000000000000200177777777777777777777"
			  "777777770050c00100000001000000025018ffff"
			  "d14b00007477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab1234500342b3f20010db80000000000000000"
			  "00000001fd000000000000000000000000000006"
			  "0602000000000000200177777777777777777777"
			  "777777770050c00100000001000000025018ffff"
			  "020000007477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_dst = {N32(0xfd000000), 0, 0, N32(6)}},
		.mask.ipv6 = {.ipv6_dst = {~0, ~0, ~0, ~0}},
	},
	{
		.name = "rewrite ipv6: first fragment",
		.before = "02000000000202000000000186dd"
			  "6ab1234500182c3f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "110000010000000100351f900010c1e47477696e"
			  "70617468",
		.after = "02000000000202000000000186dd"
			  "6ab1234500182c3ffd0000000000000000000000"
			  "0000000520010db8000000000000000000000002"
			  "110000010000000100351f900010f2987477696e"
			  "70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_src = {N32(0xfd000000), 0, 0, N32(5)}},
		.mask.ipv6 = {.ipv6_src = {~0, ~0, ~0, ~0}},
	},
	{
		.name = "rewrite ipv6: later fragment has no transport header",
		.before = "02000000000202000000000186dd"
			  "6ab1234500182c3f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "110000190000000100351f900010c1e47477696e"
			  "70617468",
		.after = "02000000000202000000000186dd"
			  "6ab1234500182c3ffd0000000000000000000000"
			  "0000000520010db8000000000000000000000002"
			  "110000190000000100351f900010c1e47477696e"
			  "70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.value.ipv6 = {.ipv6_src = {N32(0xfd000000), 0, 0, N32(5)}},
		.mask.ipv6 = {.ipv6_src = {~0, ~0, ~0, ~0}},
	},
	{
		.name = "rewrite ipv6: tcp checksum left to the device",
		.before = "02000000000202000000000186dd"
			  "6ab12345001c063f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "0050c00100000001000000025018ffff5b970000"
			  "7477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab12345001c063f20010db80000000000000000"
			  "00000001fd000000000000000000000000000006"
			  "0050c00100000001000000025018ffff2ae30000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.csum = OVSNL_CSUM_PARTIAL,
		.value.ipv6 = {.ipv6_dst = {N32(0xfd000000), 0, 0, N32(6)}},
		.mask.ipv6 = {.ipv6_dst = {~0, ~0, ~0, ~0}},
	},
	{
		.name = "rewrite ipv6: on ipv4",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff18be0000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_IPV6,
		.ret = -EINVAL,
		.value.ipv6 = {.ipv6_src = {N32(0xfd000000), 0, 0, N32(5)}},
		.mask.ipv6 = {.ipv6_src = {~0, ~0, ~0, ~0}},
	},
	{
		.name = "rewrite tcp: both ports",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff18be0000"
			  "7477696e70617468",
		.after = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0001ffff00000001000000025018ffffd90e0000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_TCP,
		.value.tcp = {.tcp_src = N16(1), .tcp_dst = N16(0xffff)},
		.mask.tcp = {.tcp_src = N16(0xffff), .tcp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite tcp: both ports on ipv6",
		.before = "02000000000202000000000186dd"
			  "6ab123450024003f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "06000104000000000050c0010000000100000002"
			  "5018ffffd14b00007477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab123450024003f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "06000104000000000001ffff0000000100000002"
			  "5018ffff919c00007477696e70617468",
		.kind = OVSNL_REWRITE_TCP,
		.value.tcp = {.tcp_src = N16(1), .tcp_dst = N16(0xffff)},
		.mask.tcp = {.tcp_src = N16(0xffff), .tcp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite tcp: some bits",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff18be0000"
			  "7477696e70617468",
		.after = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c0a100000001000000025018ffff181e0000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_TCP,
		.value.tcp = {.tcp_dst = N16(0xffa1)},
		.mask.tcp = {.tcp_dst = N16(0x00ff)},
	},
	{
		.name = "rewrite tcp: checksum left to the device",
		.before = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0050c00100000001000000025018ffff42420000"
			  "7477696e70617468",
		.after = "0200000000020200000000010800"
			  "4510003012340000400654820a0000010a000002"
			  "0001ffff00000001000000025018ffff42420000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_TCP,
		.csum = OVSNL_CSUM_PARTIAL,
		.value.tcp = {.tcp_src = N16(1), .tcp_dst = N16(0xffff)},
		.mask.tcp = {.tcp_src = N16(0xffff), .tcp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite tcp: on udp",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001009577477696e70617468",
		.kind = OVSNL_REWRITE_TCP,
		.ret = -EINVAL,
		.value.tcp = {.tcp_src = N16(1), .tcp_dst = N16(0xffff)},
		.mask.tcp = {.tcp_src = N16(0xffff), .tcp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite tcp: header cut",
		.before = "0200000000020200000000010800"
			  "45100027123400004006548b0a0000010a000002"
			  "0050c00100000001000000025018ffff000000",
		.kind = OVSNL_REWRITE_TCP,
		.ret = -ENOMEM,
		.value.tcp = {.tcp_src = N16(1), .tcp_dst = N16(0xffff)},
		.mask.tcp = {.tcp_src = N16(0xffff), .tcp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite tcp: later fragment",
		.before = "0200000000020200000000010800"
			  "45100030123400084006547a0a0000010a000002"
			  "0050c00100000001000000025018ffff00000000"
			  "7477696e70617468",
		.kind = OVSNL_REWRITE_TCP,
		.ret = -EINVAL,
		.value.tcp = {.tcp_src = N16(1), .tcp_dst = N16(0xffff)},
		.mask.tcp = {.tcp_src = N16(0xffff), .tcp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite tcp: not ip",
		.before = "02000000000202000000000188b5"
			  "0000000000000000000000000000000000000000"
			  "0000000000000000000000000000000000000000"
			  "0000000000000000000000000000000000000000"
			  "00000000",
		.kind = OVSNL_REWRITE_TCP,
		.ret = -EINVAL,
		.value.tcp = {.tcp_src = N16(1), .tcp_dst = N16(0xffff)},
		.mask.tcp = {.tcp_src = N16(0xffff), .tcp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite udp: both ports",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001009577477696e70617468",
		.after = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "0001ffff0010291b7477696e70617468",
		.kind = OVSNL_REWRITE_UDP,
		.value.udp = {.udp_src = N16(1), .udp_dst = N16(0xffff)},
		.mask.udp = {.udp_src = N16(0xffff), .udp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite udp: both ports on ipv6",
		.before = "02000000000202000000000186dd"
			  "6ab123450010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "00351f900010c1e47477696e70617468",
		.after = "02000000000202000000000186dd"
			  "6ab123450010113f20010db80000000000000000"
			  "0000000120010db8000000000000000000000002"
			  "0001ffff0010e1a87477696e70617468",
		.kind = OVSNL_REWRITE_UDP,
		.value.udp = {.udp_src = N16(1), .udp_dst = N16(0xffff)},
		.mask.udp = {.udp_src = N16(0xffff), .udp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite udp: without checksum",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001000007477696e70617468",
		.after = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "0001ffff001000007477696e70617468",
		.kind = OVSNL_REWRITE_UDP,
		.value.udp = {.udp_src = N16(1), .udp_dst = N16(0xffff)},
		.mask.udp = {.udp_src = N16(0xffff), .udp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite udp: checksum that sums up to zero",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001009577477696e70617468",
		.after = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "098c1f900010ffff7477696e70617468",
		.kind = OVSNL_REWRITE_UDP,
		.value.udp = {.udp_src = N16(2444)},
		.mask.udp = {.udp_src = N16(0xffff)},
	},
	{
		.name = "rewrite udp: checksum left to the device",
		.before = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "00351f90001042427477696e70617468",
		.after = "0200000000020200000000010800"
			  "4510002412340000401154830a0000010a000002"
			  "0001ffff001042427477696e70617468",
		.kind = OVSNL_REWRITE_UDP,
		.csum = OVSNL_CSUM_PARTIAL,
		.value.udp = {.udp_src = N16(1), .udp_dst = N16(0xffff)},
		.mask.udp = {.udp_src = N16(0xffff), .udp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite udp: header cut",
		.before = "0200000000020200000000010800"
			  "4510001b123400004011548c0a0000010a000002"
			  "00351f90001000",
		.kind = OVSNL_REWRITE_UDP,
		.ret = -ENOMEM,
		.value.udp = {.udp_src = N16(1), .udp_dst = N16(0xffff)},
		.mask.udp = {.udp_src = N16(0xffff), .udp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite udp: later fragment",
		.before = "0200000000020200000000010800"
			  "451000341234000a401154690a0000010a000002"
			  "000102030405060708090a0b0c0d0e0f10111213"
			  "1415161718191a1b1c1d1e1f",
		.kind = OVSNL_REWRITE_UDP,
		.ret = -EINVAL,
		.value.udp = {.udp_src = N16(1), .udp_dst = N16(0xffff)},
		.mask.udp = {.udp_src = N16(0xffff), .udp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite sctp: both ports, crc left alone",
		.before = "0200000000020200000000010800"
			  "45100028123400004084540c0a0000010a000002"
			  "0b590b5a00000001deadbeef7477696e70617468",
		.after = "0200000000020200000000010800"
			  "45100028123400004084540c0a0000010a000002"
			  "0001ffff00000001deadbeef7477696e70617468",
		.kind = OVSNL_REWRITE_SCTP,
		.value.sctp = {.sctp_src = N16(1), .sctp_dst = N16(0xffff)},
		.mask.sctp = {.sctp_src = N16(0xffff), .sctp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite sctp: header cut",
		.before = "0200000000020200000000010800"
			  "45100028123400004084540c0a0000010a000002"
			  "0b590b5a00000001deadbe",
		.kind = OVSNL_REWRITE_SCTP,
		.ret = -ENOMEM,
		.value.sctp = {.sctp_src = N16(1), .sctp_dst = N16(0xffff)},
		.mask.sctp = {.sctp_src = N16(0xffff), .sctp_dst = N16(0xffff)},
	},
	{
		.name = "rewrite mpls: whole entry",
		.before = "02000000000202000000000188470000113f45",
		.after = "0200000000020200000000018847fffff1ff45",
		.kind = OVSNL_REWRITE_MPLS,
		.value.mpls = {N32(0xfffff1ff)},
		.mask.mpls = {N32(0xffffffff)},
	},
	{
		.name = "rewrite mpls: the first of two, time to live",
		.before = "02000000000202000000000188480006403f0000"
			  "113f",
		.after = "0200000000020200000000018848000640070000"
			  "113f",
		.kind = OVSNL_REWRITE_MPLS,
		.value.mpls = {N32(0xffffff07)},
		.mask.mpls = {N32(0x000000ff)},
	},
	{
		.name = "rewrite mpls: behind a tag",
		.before = "0200000000020200000000018100000588470000"
			  "113f",
		.after = "020000000002020000000001810000058847abcd"
			  "e13f",
		.kind = OVSNL_REWRITE_MPLS,
		.value.mpls = {N32(0xabcde000)},
		.mask.mpls = {N32(0xfffff000)},
	},
	{
		.name = "rewrite mpls: behind two tags",
		.before = "02000000000202000000000188a8000581000006"
			  "88470000113f",
		.kind = OVSNL_REWRITE_MPLS,
		.ret = -EINVAL,
		.value.mpls = {N32(0xabcde000)},
		.mask.mpls = {N32(0xfffff000)},
	},
	{
		.name = "rewrite mpls: cut",
		.before = "0200000000020200000000018847000011",
		.kind = OVSNL_REWRITE_MPLS,
		.ret = -ENOMEM,
		.value.mpls = {N32(0xabcde000)},
		.mask.mpls = {N32(0xfffff000)},
	},
	{
		.name = "rewrite mpls: on ipv4",
		.before = "0200000000020200000000010800451000301234"
			  "0000400654820a0000010a0000020050c0010000"
			  "0001000000025018ffff18be00007477696e7061"
			  "7468",
		.kind = OVSNL_REWRITE_MPLS,
		.ret = -EINVAL,
		.value.mpls = {N32(0xabcde000)},
		.mask.mpls = {N32(0xfffff000)},
	},
	{
		.name = "dec_ttl: ipv4",
		.before = "0200000000020200000000010800451000301234"
			  "0000400654820a0000010a0000020050c0010000"
			  "0001000000025018ffff18be00007477696e7061"
			  "7468",
		.after = "0200000000020200000000010800451000301234"
			  "00003f0655820a0000010a0000020050c0010000"
			  "0001000000025018ffff18be00007477696e7061"
			  "7468",
		.kind = OVSNL_REWRITE_DEC_TTL,
	},
	{
		.name = "dec_ttl: ipv4, the checksum carries",
		.before = "02000000000202000000000108004510003066b7"
			  "00004006ffff0a0000010a0000020050c0010000"
			  "0001000000025018ffff18be00007477696e7061"
			  "7468",
		.after = "02000000000202000000000108004510003066b7"
			  "00003f0601000a0000010a0000020050c0010000"
			  "0001000000025018ffff18be00007477696e7061"
			  "7468",
		.kind = OVSNL_REWRITE_DEC_TTL,
	},
	{
		.name = "dec_ttl: ipv4, one left",
		.before = "0200000000020200000000010800451000301234"
			  "0000010693820a0000010a0000020050c0010000"
			  "0001000000025018ffff18be00007477696e7061"
			  "7468",
		.kind = OVSNL_REWRITE_DEC_TTL,
		.ret = -EHOSTUNREACH,
	},
	{
		.name = "dec_ttl: ipv4, none left",
		.before = "0200000000020200000000010800451000301234"
			  "0000000694820a0000010a0000020050c0010000"
			  "0001000000025018ffff18be00007477696e7061"
			  "7468",
		.kind = OVSNL_REWRITE_DEC_TTL,
		.ret = -EHOSTUNREACH,
	},
	{
		.name = "dec_ttl: ipv4, two left",
		.before = "0200000000020200000000010800451000301234"
			  "0000020692820a0000010a0000020050c0010000"
			  "0001000000025018ffff18be00007477696e7061"
			  "7468",
		.after = "0200000000020200000000010800451000301234"
			  "0000010693820a0000010a0000020050c0010000"
			  "0001000000025018ffff18be00007477696e7061"
			  "7468",
		.kind = OVSNL_REWRITE_DEC_TTL,
	},
	{
		.name = "dec_ttl: ipv4 cut",
		.before = "0200000000020200000000010800451000301234"
			  "0000400654820a0000010a00",
		.kind = OVSNL_REWRITE_DEC_TTL,
		.ret = -ENOMEM,
	},
	{
		.name = "dec_ttl: ipv4 behind two tags",
		.before = "02000000000202000000000188a8000581000006"
			  "08004510003012340000400654820a0000010a00"
			  "00020050c00100000001000000025018ffff18be"
			  "00007477696e70617468",
		.kind = OVSNL_REWRITE_DEC_TTL,
	},
	{
		.name = "dec_ttl: ipv6",
		.before = "02000000000202000000000186dd6ab12345001c"
			  "063f20010db80000000000000000000000012001"
			  "0db80000000000000000000000020050c0010000"
			  "0001000000025018ffffd14b00007477696e7061"
			  "7468",
		.after = "02000000000202000000000186dd6ab12345001c"
			  "063e20010db80000000000000000000000012001"
			  "0db80000000000000000000000020050c0010000"
			  "0001000000025018ffffd14b00007477696e7061"
			  "7468",
		.kind = OVSNL_REWRITE_DEC_TTL,
	},
	{
		.name = "dec_ttl: ipv6, one left",
		.before = "02000000000202000000000186dd6ab12345001c"
			  "060120010db80000000000000000000000012001"
			  "0db80000000000000000000000020050c0010000"
			  "0001000000025018ffffd14b00007477696e7061"
			  "7468",
		.kind = OVSNL_REWRITE_DEC_TTL,
		.ret = -EHOSTUNREACH,
	},
	{
		.name = "dec_ttl: ipv6 cut",
		.before = "02000000000202000000000186dd6ab12345001c"
			  "063f20010db80000000000000000000000012001"
			  "0db80000000000000000000000",
		.kind = OVSNL_REWRITE_DEC_TTL,
		.ret = -ENOMEM,
	},
	{
		.name = "dec_ttl: arp",
		.before = "0200000000020200000000010806000108000604"
			  "000102000000000a0a0000010000000000000a00"
			  "0002",
		.kind = OVSNL_REWRITE_DEC_TTL,
	},
};
/* clang-format on */

const unsigned int ovsnl_rewrite_vector_count =
	sizeof(ovsnl_rewrite_vectors) / sizeof(ovsnl_rewrite_vectors[0]);
