// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Action lists as messages hold them, little-endian: connection tracking, NSH
 * and tunnels. Pure data.
 */
#include "selftest.h"

#define K_ETH .mac_proto = OVSNL_MAC_ETHERNET
#define K_IP4(proto) K_ETH, .eth_type = N16(0x0800), .ip_proto = proto
#define K_IP6(proto) K_ETH, .eth_type = N16(0x86dd), .ip_proto = proto
#define K_L3(type) .mac_proto = OVSNL_MAC_NONE, .eth_type = N16(type)
#define K_NSH(np) K_ETH, .eth_type = N16(0x894f), .nsh_np = np

#define NSH_BASE1 "0c000100 003f010300000500"
#define NSH_BASE2 "0c000100 003f020300000500"
#define NSH_MD1 "14000200 000102030405060708090a0b0c0d0e0f"

/* clang-format off */
const struct ovsnl_action_vector ovsnl_action_ct_vectors[] = {
	{ .name = "ct: nothing",
	  .actions = "04000c00",
	  .key = { K_IP4(6) },
	  .prog = "k!",
	  .dump = "0c000c00 06000200 00000000" },
	{ .name = "ct: of a flow that isn't IP",
	  .actions = "04000c00",
	  .key = { K_ETH, .eth_type = N16(0x0806) },
	  .ret = -EINVAL },
	{ .name = "ct: of the flow's protocol, not of the packet's by then",
	  .actions = "0c000900 00012140 88470000 04000c00",
	  .key = { K_IP4(6) },
	  .prog = "Mk!",
	  .dump = "0c000900 00012140 88470000 0c000c00 06000200 00000000" },
	{ .name = "ct: everything but NAT",
	  .actions = "5c000c00 0b000900 706f6c69637900 00 08000800 ff000000"
			   "04000100 0c000300 05000000 0f000000"
			   "24000400 01000000000000000000000000000000"
			   "ffffffff000000000000000000000000"
			   "08000500 66747000 06000200 09000000",
	  .key = { K_IP4(6) },
	  .prog = "k!",
	  .dump = "5c000c00 04000100 06000200 09000000"
			"0c000300 05000000 0f000000"
			"24000400 01000000000000000000000000000000"
			"ffffffff000000000000000000000000"
			"08000500 66747000 08000800 ff000000"
			"0b000900 706f6c69637900 00" },
	{ .name = "ct: commit by force",
	  .actions = "0c000c00 04000100 04000700",
	  .key = { K_IP6(17) },
	  .prog = "k!",
	  .dump = "10000c00 04000700 06000200 00000000" },
	{ .name = "ct: mark without commit",
	  .actions = "10000c00 0c000300 05000000 0f000000",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "ct: mark with mask 0",
	  .actions = "14000c00 04000100 0c000300 05000000 00000000",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "ct: helper of another protocol",
	  .actions = "0c000c00 08000500 66747000",
	  .key = { K_IP4(17) },
	  .ret = -EINVAL },
	{ .name = "ct: helper that has no NAT",
	  .actions = "14000c00 09000500 7070747000000000 04000600",
	  .key = { K_IP4(6) },
	  .ret = -ENOENT },
	{ .name = "ct: helper that isn't terminated",
	  .actions = "0c000c00 07000500 66747000",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "ct: unknown attribute",
	  .actions = "08000c00 04000a00",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "ct: NAT of what there is",
	  .actions = "08000c00 04000600",
	  .key = { K_IP4(6) },
	  .prog = "k!",
	  .dump = "10000c00 06000200 00000000 04000600" },
	{ .name = "ct: NAT of the source to a range",
	  .actions = "34000c00 04000100 2c000600 04000100 08000300 0a000001"
			   "08000400 0a000009 06000500 e8030000"
			   "06000600 d0070000 04000700",
	  .key = { K_IP4(6) },
	  .prog = "k!",
	  .dump = "3c000c00 04000100 06000200 00000000 2c000600 04000100"
			"08000300 0a000001 08000400 0a000009"
			"06000500 e8030000 06000600 d0070000 04000700" },
	{ .name = "ct: NAT to ranges of one",
	  .actions = "34000c00 04000100 2c000600 04000200 08000400 0a000001"
			   "08000300 0a000001 06000500 e8030000"
			   "06000600 e8030000 04000900",
	  .key = { K_IP4(6) },
	  .prog = "k!",
	  .dump = "2c000c00 04000100 06000200 00000000 1c000600 04000200"
			"08000300 0a000001 06000500 e8030000 04000900" },
	{ .name = "ct: NAT before commit",
	  .actions = "10000c00 08000600 04000100 04000100",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "ct: NAT of source and destination",
	  .actions = "14000c00 04000100 0c000600 04000100 04000200",
	  .key = { K_IP4(6) },
	  .ret = -ERANGE },
	{ .name = "ct: NAT flags without a range",
	  .actions = "10000c00 04000100 08000600 04000700",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "ct: NAT to an address of the other family",
	  .actions = "18000c00 04000100 10000600 04000100 08000300 0a000001",
	  .key = { K_IP6(6) },
	  .ret = -EINVAL },
	{ .name = "nsh: push of type 1",
	  .actions = "28001100 24001c00" NSH_BASE1 NSH_MD1,
	  .key = { K_IP4(6) },
	  .prog = "N!" },
	{ .name = "nsh: push of type 2",
	  .actions = "1c001100 18001c00" NSH_BASE2 "08000300 aabbccdd",
	  .key = { K_IP4(6) },
	  .prog = "N!" },
	{ .name = "nsh: push without base",
	  .actions = "1c001100 18001c00" NSH_MD1,
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "nsh: push without context",
	  .actions = "14001100 10001c00" NSH_BASE1,
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "nsh: push with both contexts",
	  .actions = "30001100 2c001c00" NSH_BASE1 NSH_MD1 "08000300 aabbccdd",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "nsh: push with a context of another type",
	  .actions = "28001100 24001c00" NSH_BASE2 NSH_MD1,
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "nsh: push with empty context",
	  .actions = "18001100 14001c00" NSH_BASE2 "04000300",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "nsh: push of something else",
	  .actions = "0c001100 08000f00 01000000",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "nsh: push takes the Ethernet header inside",
	  .actions = "28001100 24001c00" NSH_BASE1 NSH_MD1 "04000500",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "nsh: push without Ethernet header on IPv6",
	  .actions = "28001100 24001c00" NSH_BASE1 NSH_MD1,
	  .key = { K_L3(0x86dd) },
	  .prog = "N!" },
	{ .name = "nsh: push without Ethernet header on ARP",
	  .actions = "28001100 24001c00" NSH_BASE1 NSH_MD1,
	  .key = { K_L3(0x0806) },
	  .ret = -EINVAL },
	{ .name = "nsh: pop",
	  .actions = "04001200 10000e00 020000000001020000000002",
	  .key = { K_NSH(1) },
	  .prog = "OE!" },
	{ .name = "nsh: pop before Ethernet",
	  .actions = "04001200 04000500",
	  .key = { K_NSH(3) },
	  .prog = "O-!" },
	{ .name = "nsh: pop of an unknown next protocol",
	  .actions = "04001200",
	  .key = { K_NSH(6) },
	  .ret = -EINVAL },
	{ .name = "nsh: pop of none",
	  .actions = "04001200",
	  .key = { K_IP4(6), .nsh_np = 1 },
	  .ret = -EINVAL },
	{ .name = "nsh: set",
	  .actions = "28000300 24001c00" NSH_BASE1 NSH_MD1,
	  .key = { K_NSH(1) },
	  .ret = -EINVAL },
	{ .name = "nsh: set, masked",
	  .actions = "48000b00 44001c00" NSH_BASE1 NSH_MD1 NSH_BASE1 NSH_MD1,
	  .key = { K_NSH(1) },
	  .ret = -EINVAL },
	{ .name = "tunnel: set, dumped in the order of keys",
	  .actions = "20000300 1c001000 05000400 40000000 08000200 0a000001"
			   "04000600 04000500",
	  .key = { K_IP4(6) },
	  .prog = "n!",
	  .dump = "20000300 1c001000 08000200 0a000001 05000400 40000000"
			"04000500 04000600" },
	{ .name = "tunnel: set, masked",
	  .actions = "18000b00 14001000 05000400 40000000 08000200 0a000001",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "tunnel: set without destination",
	  .actions = "10000300 0c001000 05000400 40000000",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
	{ .name = "tunnel: set with Geneve options",
	  .actions = "24000300 20001000 08000200 0a000001 05000400 40000000"
			   "0c000800 0102000101020304",
	  .key = { K_IP4(6) },
	  .prog = "n!" },
	{ .name = "tunnel: set with a Geneve option that is cut",
	  .actions = "24000300 20001000 08000200 0a000001 05000400 40000000"
			   "0c000800 0102000201020304",
	  .key = { K_IP4(6) },
	  .ret = -EINVAL },
};
/* clang-format on */

const unsigned int ovsnl_action_ct_vector_count =
	sizeof(ovsnl_action_ct_vectors) / sizeof(ovsnl_action_ct_vectors[0]);
