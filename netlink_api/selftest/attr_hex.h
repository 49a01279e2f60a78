/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_SELFTEST_ATTR_HEX_H
#define OVSNL_SELFTEST_ATTR_HEX_H

/* Attributes in hexadecimal, as little-endian machines have them. Values are
 * given in memory order, lengths and types as two digits.
 */
#define A_HEAD(len, type) len "00" type "00 "
#define A_EMPTY(type) A_HEAD("04", type)
#define A_16(type, v) A_HEAD("06", type) v "0000 "
#define A_32(type, v) A_HEAD("08", type) v " "
#define A_64(type, v) A_HEAD("0c", type) v " "
#define A_96(type, v) A_HEAD("10", type) v " "
#define A_128(type, v) A_HEAD("14", type) v " "

/* OVS_KEY_ATTR_* */
#define KA_ENCAP(len, inside) A_HEAD(len, "01") inside
#define KA_PRIORITY(v) A_32("02", v)
#define KA_IN_PORT(v) A_32("03", v)
#define KA_ETHERNET(src, dst) A_96("04", src dst)
#define KA_VLAN(v) A_16("05", v)
#define KA_ETHERTYPE(v) A_16("06", v)
#define KA_IPV4(src, dst, proto, tos, ttl, frag) \
	A_96("07", src dst proto tos ttl frag)
#define KA_IPV6(src, dst, label, proto, tclass, hlimit, frag) \
	A_HEAD("2c", "08") src dst label proto tclass hlimit frag " "
#define KA_TCP(v) A_32("09", v)
#define KA_UDP(v) A_32("0a", v)
#define KA_ICMP(v) A_16("0b", v)
#define KA_ICMPV6(v) A_16("0c", v)
#define KA_ARP(sip, tip, op, sha, tha) \
	A_HEAD("1c", "0d") sip tip op sha tha "0000 "
#define KA_ND(target, sll, tll) A_HEAD("20", "0e") target sll tll " "
#define KA_SKB_MARK(v) A_32("0f", v)
#define KA_TUNNEL(len, inside) A_HEAD(len, "10") inside
#define KA_SCTP(v) A_32("11", v)
#define KA_TCP_FLAGS(v) A_16("12", v)
#define KA_DP_HASH(v) A_32("13", v)
#define KA_RECIRC_ID(v) A_32("14", v)
#define KA_CT_STATE(v) A_32("16", v)
#define KA_CT_ZONE(v) A_16("17", v)
#define KA_CT_MARK(v) A_32("18", v)
#define KA_CT_LABELS(v) A_128("19", v)
#define KA_MPLS(len, v) A_HEAD(len, "15") v " "
#define KA_CT_TUPLE4(src, dst, ports, proto) \
	A_128("1a", src dst ports proto "000000")
#define KA_CT_TUPLE6(src, dst, ports, proto) \
	A_HEAD("2c", "1b") src dst ports proto "000000 "
#define KA_NSH(len, inside) A_HEAD(len, "1c") inside
#define KA_EXTHDRS(v) A_16("20", v)

/* OVS_NSH_KEY_ATTR_* */
#define NA_BASE(flags, ttl, mdtype, np, path) \
	A_64("01", flags ttl mdtype np path)
#define NA_MD1(v) A_128("02", v)

/* OVS_TUNNEL_KEY_ATTR_* */
#define A_8(type, v) A_HEAD("05", type) v "000000 "
#define TA_ID(v) A_64("00", v)
#define TA_IPV4(src, dst) A_32("01", src) A_32("02", dst)
#define TA_TOS(v) A_8("03", v)
#define TA_TTL(v) A_8("04", v)
#define TA_DF A_EMPTY("05")
#define TA_CSUM A_EMPTY("06")
#define TA_OAM A_EMPTY("07")
#define TA_GENEVE(len, v) A_HEAD(len, "08") v " "
#define TA_PORTS(src, dst) A_16("09", src) A_16("0a", dst)
#define TA_VXLAN(gbp) A_HEAD("0c", "0b") A_32("01", gbp)
#define TA_IPV6(src, dst) A_128("0c", src) A_128("0d", dst)
#define TA_ERSPAN(len, v) A_HEAD(len, "0f") v " "
#define TA_BRIDGE A_EMPTY("10")

#endif
