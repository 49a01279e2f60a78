/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_KEY_H
#define OVSNL_KEY_H

#include "ovsnl_attr.h"
#include "ovsnl_env.h"

/* The flow key of both datapaths.
 *
 * Layout: one 64-byte line holds all that an ordinary Ethernet/IPv4/L4
 * lookup reads. Further lines are looked at only by masks with bits in them:
 *   0 metadata, Ethernet, one tag, IPv4, transport
 *   1 IPv6, second tag, MPLS
 *   2 ARP and neighbour discovery, NSH
 *   3 connection tracking
 *   4 tunnel
 *   5 to 8 tunnel options
 * Every byte is a field or padding that is always zero, so that keys compare
 * and hash as plain 64-bit words. One exception: in the key of a packet (not
 * of a flow) the bytes of tun.opts from tun.opts_len on are undefined, so that
 * nobody has to clear them. A mask with bits in tun.opts matches tun.opts_len
 * exactly and has no bits behind so many bytes.
 */

#define OVSNL_KEY_LINE 64
#define OVSNL_KEY_LINES 9
#define OVSNL_KEY_WORDS (OVSNL_KEY_LINES * OVSNL_KEY_LINE / 8)

/* The first of the lines that hold tunnel options. */
#define OVSNL_KEY_OPTS_LINE 5

/* Port numbers are 0 to 65534; this value stands for "no port given". */
#define OVSNL_MAX_PORTS 65535
#define OVSNL_PORT_LOCAL 0

/* struct ovsnl_key.mac_proto */
#define OVSNL_MAC_NONE 0
#define OVSNL_MAC_ETHERNET 1

/* VLAN tag control information: the bit that says "a tag is here" in keys
 * (the CFI/DEI bit, as OVS_KEY_ATTR_VLAN requires it).
 */
#define OVSNL_VLAN_PRESENT 0x1000

/* ct_state bits that the API knows (OVS_CS_F_* of 6.1). */
#define OVSNL_CT_STATE_BITS 0xff

/* MPLS label stack entries and NSH context words that a key holds. */
#define OVSNL_MPLS_LABELS 3
#define OVSNL_NSH_CONTEXTS 4
/* struct ovsnl_key.nsh_mdtype of headers with a context (RFC 8300) */
#define OVSNL_NSH_MD_TYPE_1 1

/* Tunnel options in bytes: what fits struct ovsnl_tunnel.opts_len. */
#define OVSNL_TUN_OPTS_MAX 255

/* struct ovsnl_tunnel.flags: our own bits, host order. */
#define OVSNL_TUN_KEY 0x0001 /* id is there */
#define OVSNL_TUN_CSUM 0x0002
#define OVSNL_TUN_DONT_FRAGMENT 0x0004
#define OVSNL_TUN_OAM 0x0008
#define OVSNL_TUN_GENEVE_OPT 0x0010 /* what opts holds: Geneve TLVs, */
#define OVSNL_TUN_VXLAN_OPT 0x0020 /* the 32-bit VXLAN-GBP word, */
#define OVSNL_TUN_ERSPAN_OPT 0x0040 /* or ERSPAN metadata */
#define OVSNL_TUN_INFO_BRIDGE 0x0080

/**
 * struct ovsnl_tunnel - outer headers of a tunnelled packet, or a mask.
 *
 * @id: tunnel key, network order
 * @src, @dst: outer addresses; IPv4 ones in the first four bytes
 * @flags: OVSNL_TUN_*
 * @tos, @ttl, @tp_src, @tp_dst: outer headers; ports in network order
 * @family: AF_INET, AF_INET6, or 0 for packets that came in no tunnel
 * @opts_len: bytes in use at @opts
 * @opts: see OVSNL_TUN_*_OPT
 */
struct ovsnl_tunnel {
	__be64 id;
	__u8 src[16];
	__u8 dst[16];
	__u16 flags;
	__be16 tp_src;
	__be16 tp_dst;
	__u8 tos;
	__u8 ttl;
	__u8 family;
	__u8 opts_len;
	__u8 pad[14];
	__u8 opts[256];
};

/**
 * struct ovsnl_key - a packet's fields, or a mask over them.
 *
 * @recirc_id: 0 for packets fresh from a port
 * @in_port: port number, OVSNL_MAX_PORTS when unknown
 * @eth_type: type of the innermost known header behind the VLAN tags;
 *            0x0004 (802.2) for LLC frames, in network order
 * @eth_dst, @eth_src: addresses in wire order
 * @vlan_tci, @vlan_tpid: outermost tag; tci has OVSNL_VLAN_PRESENT set, or
 *                        both are 0
 * @ip_src, @ip_dst: IPv4 addresses; sender and target address of ARP
 * @tp_src, @tp_dst: TCP/UDP/SCTP ports; ICMP and ICMPv6 type and code as
 *                   16-bit numbers in network order
 * @tcp_flags: 12 bits in network order
 * @ip_proto: next header; low byte of the ARP operation
 * @ip_tos: TOS or traffic class
 * @ip_ttl: TTL or hop limit
 * @ip_frag: enum ovs_frag_type
 * @mac_proto: OVSNL_MAC_ETHERNET, or OVSNL_MAC_NONE for packets that start
 *             with their network header (masks: always 0xff)
 * @skb_mark, @priority, @dp_hash: metadata of the packet
 * @cvlan_tci, @cvlan_tpid: second tag
 * @ipv6_label: 20 bits in network order
 * @ipv6_exthdrs: bitmap of OFPIEH12_* extension headers, host order
 * @ipv6_src, @ipv6_dst: addresses
 * @mpls_labels: bit i for label stack entry i: 0x1, 0x3 or 0x7; the stack may
 *               be longer than what the key holds
 * @mpls_lse: label stack entries from the outermost on, network order
 * @nd_target: target address of neighbour discovery
 * @hw_src, @hw_dst: ARP sender and target hardware address; source and
 *                   target link-layer option of neighbour discovery
 * @nsh_flags, @nsh_ttl, @nsh_mdtype, @nsh_np, @nsh_path_hdr, @nsh_context:
 *                   Network Service Header (RFC 8300); the context of MD type
 *                   1, zero for others
 * @ct_state: connection state bits of OVS_KEY_ATTR_CT_STATE
 * @ct_zone, @ct_mark, @ct_label: connection tracking metadata
 * @ct_orig_src, @ct_orig_dst, @ct_orig_tp_src, @ct_orig_tp_dst,
 * @ct_orig_proto: original direction tuple; IPv4 addresses stand in the first
 *                 four bytes; proto 0 for none
 * @tun_family: tun.family once more, where ordinary lookups see it
 * @tun: the tunnel that the packet came in; family 0 for none. Masks of keys
 *       without a tunnel have tun_family 0xff and tun.family 0.
 */
struct ovsnl_key {
	/* line 0: lookup of ordinary IPv4 traffic */
	__u32 recirc_id;
	__u16 in_port;
	__be16 eth_type;
	__u8 eth_dst[ETH_ALEN];
	__u8 eth_src[ETH_ALEN];
	__be16 vlan_tci;
	__be16 vlan_tpid;
	__be32 ip_src;
	__be32 ip_dst;
	__be16 tp_src;
	__be16 tp_dst;
	__be16 tcp_flags;
	__u8 ip_proto;
	__u8 ip_tos;
	__u8 ip_ttl;
	__u8 ip_frag;
	__u8 mac_proto;
	__u8 ct_state;
	__u32 skb_mark;
	__u32 priority;
	__u32 dp_hash;
	__u16 ct_zone;
	__u8 tun_family;
	__u8 pad0;
	__u32 ct_mark;
	/* line 1: IPv6, second tag, MPLS */
	__u8 ipv6_src[16];
	__u8 ipv6_dst[16];
	__be32 ipv6_label;
	__u16 ipv6_exthdrs;
	__be16 cvlan_tci;
	__be16 cvlan_tpid;
	__u8 mpls_labels;
	__u8 pad1;
	__be32 mpls_lse[OVSNL_MPLS_LABELS];
	__u8 pad2[8];
	/* line 2: ARP, neighbour discovery, NSH */
	__u8 nd_target[16];
	__u8 hw_src[ETH_ALEN];
	__u8 hw_dst[ETH_ALEN];
	__u8 nsh_flags;
	__u8 nsh_ttl;
	__u8 nsh_mdtype;
	__u8 nsh_np;
	__be32 nsh_path_hdr;
	__be32 nsh_context[OVSNL_NSH_CONTEXTS];
	__u8 pad3[12];
	/* line 3: connection tracking */
	__u8 ct_label[16];
	__u8 ct_orig_src[16];
	__u8 ct_orig_dst[16];
	__be16 ct_orig_tp_src;
	__be16 ct_orig_tp_dst;
	__u8 ct_orig_proto;
	__u8 pad4[11];
	/* lines 4 to 8 */
	struct ovsnl_tunnel tun;
} __attribute__((aligned(OVSNL_KEY_LINE)));

static_assert(sizeof(struct ovsnl_key) == OVSNL_KEY_LINES * OVSNL_KEY_LINE,
	      "key is whole lines");
static_assert(offsetof(struct ovsnl_key, ipv6_src) == OVSNL_KEY_LINE,
	      "line 0 is full");
static_assert(offsetof(struct ovsnl_key, nd_target) == 2 * OVSNL_KEY_LINE,
	      "line 1 is full");
static_assert(offsetof(struct ovsnl_key, ct_label) == 3 * OVSNL_KEY_LINE,
	      "line 2 is full");
static_assert(offsetof(struct ovsnl_key, tun) == 4 * OVSNL_KEY_LINE,
	      "line 3 is full");
static_assert(offsetof(struct ovsnl_key, tun.opts) ==
		      OVSNL_KEY_OPTS_LINE * OVSNL_KEY_LINE,
	      "line 4 is full");

/**
 * struct ovsnl_match - a key with its mask, as a request gave them.
 * @key: the key, unmasked
 * @mask: ones where the flow looks
 */
struct ovsnl_match {
	struct ovsnl_key key;
	struct ovsnl_key mask;
};

/**
 * ovsnl_key_match_parse() - OVS_FLOW_ATTR_KEY and _MASK into a match.
 * @match: filled whole; contents are undefined after an error
 * @key: nested OVS_KEY_ATTR_* attributes
 * @mask: the same for the mask; NULL means exact on every attribute present
 * @want_mask: false leaves the mask zeroed and @mask unread, as GET and DEL do
 * @err: cause of a refusal, may be NULL
 *
 * Return: 0 or -EINVAL.
 */
int ovsnl_key_match_parse(struct ovsnl_match *match, const struct nlattr *key,
			  const struct nlattr *mask, bool want_mask,
			  struct ovsnl_err *err);

/**
 * ovsnl_key_metadata_parse() - metadata of OVS_PACKET_ATTR_KEY.
 * @key: cleared, but for the undefined bytes of tun.opts, then recirc_id,
 *       in_port, dp_hash, priority, skb_mark, ct_*, tun and mac_proto are set
 *       (eth_type too for packets without Ethernet header); header fields stay
 *       zero for ovsnl_packet_parse()
 * @attr: nested OVS_KEY_ATTR_* attributes
 * @err: cause of a refusal, may be NULL
 *
 * Return: 0 or -EINVAL.
 */
int ovsnl_key_metadata_parse(struct ovsnl_key *key, const struct nlattr *attr,
			     struct ovsnl_err *err);

/**
 * ovsnl_key_check_ct_orig() - original tuples only where they make sense.
 * @attr: what ovsnl_key_metadata_parse() read without an error
 * @key: the whole key, headers included. As in the kernel's module a packet
 *       with a bad IPv4 header loses the addresses of its tuple.
 * @bad_ip: the packet's IP header is not valid
 * @err: cause of a refusal, may be NULL
 *
 * Return: 0; -EINVAL for an IPv4 tuple with a packet that is not IPv4, or an
 * IPv6 one with a packet that is not IPv6 or is neighbour discovery.
 */
int ovsnl_key_check_ct_orig(const struct nlattr *attr, struct ovsnl_key *key,
			    bool bad_ip, struct ovsnl_err *err);

/**
 * ovsnl_key_put() - append a key or a mask as one nested attribute.
 * @w: writer; its overflow tells whether all fitted
 * @attr: type of the nest, OVS_FLOW_ATTR_KEY, _MASK or OVS_PACKET_ATTR_KEY
 * @shape: the key that decides which attributes appear
 * @value: the key or mask whose values are written
 * @is_mask: @value is a mask
 *
 * The order of attributes is the kernel module's: clients hash these bytes.
 */
void ovsnl_key_put(struct ovsnl_writer *w, int attr,
		   const struct ovsnl_key *shape, const struct ovsnl_key *value,
		   bool is_mask);

/**
 * ovsnl_key_copy() - copy the key of a packet, without undefined bytes of its
 * tunnel options. @dst and @src must not overlap.
 */
static __always_inline void ovsnl_key_copy(struct ovsnl_key *dst,
					   const struct ovsnl_key *src)
{
	memcpy(dst, src, OVSNL_KEY_OPTS_LINE * OVSNL_KEY_LINE);
	if (src->tun.opts_len)
		memcpy(dst->tun.opts, src->tun.opts, src->tun.opts_len);
}

/**
 * ovsnl_key_clear_state() - zero the lines of connection tracking and of the
 * tunnel (but for its undefined bytes), as a packet fresh from a port has them.
 */
static __always_inline void ovsnl_key_clear_state(struct ovsnl_key *key)
{
	__u8 *bytes = (__u8 *)key;

	memset(bytes + 3 * OVSNL_KEY_LINE, 0,
	       (OVSNL_KEY_OPTS_LINE - 3) * OVSNL_KEY_LINE);
	key->tun_family = 0;
}

/* Upper bounds in bytes of one nested key or mask, its header included: of any,
 * and of those of packets that came in no tunnel (IPv6 with two tags, neighbour
 * discovery and all metadata makes 296, a mask's tunnel at most 60).
 */
#define OVSNL_KEY_ATTR_SIZE 1024
#define OVSNL_KEY_ATTR_SIZE_PLAIN 384

/** ovsnl_key_attr_size() - such a bound, for keys and masks of this shape. */
static __always_inline size_t ovsnl_key_attr_size(const struct ovsnl_key *shape)
{
	return shape->tun.family ? OVSNL_KEY_ATTR_SIZE
				 : OVSNL_KEY_ATTR_SIZE_PLAIN;
}

/* A key's 64-bit word; may alias the fields that it covers. */
typedef __u64 __attribute__((__may_alias__)) ovsnl_key_word;

/** ovsnl_key_words() - the key as OVSNL_KEY_WORDS 64-bit words. */
static __always_inline const ovsnl_key_word *
ovsnl_key_words(const struct ovsnl_key *k)
{
	return (const ovsnl_key_word *)(const void *)k;
}

/**
 * ovsnl_key_mask() - @dst = @src & @mask, over all lines. @dst may be @src.
 * @mask: one without tun.opts_len has no bits in tun.opts
 */
void ovsnl_key_mask(struct ovsnl_key *dst, const struct ovsnl_key *src,
		    const struct ovsnl_key *mask);

/**
 * ovsnl_key_equal() - are two keys of flows equal, or two masks? Of one without
 * tunnel options the lines for them aren't read, and need not be there.
 */
static __always_inline bool ovsnl_key_equal(const struct ovsnl_key *a,
					    const struct ovsnl_key *b)
{
	return !memcmp(a, b, OVSNL_KEY_OPTS_LINE * OVSNL_KEY_LINE) &&
	       (!a->tun.opts_len ||
		!memcmp(a->tun.opts, b->tun.opts, a->tun.opts_len));
}

/**
 * ovsnl_key_lines() - which lines of a mask hold any bit.
 * Return: bitmap, bit i for line i.
 */
unsigned int ovsnl_key_lines(const struct ovsnl_key *mask);

/**
 * struct ovsnl_key_range - the 64-bit words that a mask uses.
 * @first: index of the first word with a bit
 * @end: index behind the last such word; equal to @first for an empty mask
 */
struct ovsnl_key_range {
	__u16 first;
	__u16 end;
};

/** ovsnl_key_range() - smallest range of words that holds all mask bits, of
 * which there are none in tun.opts unless tun.opts_len is set.
 */
struct ovsnl_key_range ovsnl_key_range(const struct ovsnl_key *mask);

/**
 * ovsnl_key_masked_equal() - does @key under @mask equal @masked?
 * @masked: an already masked key
 * Only the words in @range are read.
 */
static __always_inline bool ovsnl_key_masked_equal(
	const struct ovsnl_key *key, const struct ovsnl_key *mask,
	const struct ovsnl_key *masked, struct ovsnl_key_range range)
{
	const ovsnl_key_word *k = ovsnl_key_words(key);
	const ovsnl_key_word *m = ovsnl_key_words(mask);
	const ovsnl_key_word *f = ovsnl_key_words(masked);
	__u64 diff = 0;
	int i;

	for (i = range.first; i < range.end; i++)
		diff |= (k[i] & m[i]) ^ f[i];
	return !diff;
}

#endif
