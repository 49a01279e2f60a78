// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Packet headers into a flow key.
 *
 * Overview
 *	One pass from the link layer up. Each layer is a small function that
 *	fills its fields and moves an offset. A layer ends in one of three
 *	ways, told by its return value:
 *	  LAYER_DONE	its fields are set, go on;
 *	  LAYER_CUT	the packet ends before the header does, or the header
 *			is invalid: its fields stay zero, parsing is over;
 *	  positive	the packet is long enough but the window is not: parsing
 *			starts again from scratch once the caller has made the
 *			window that long.
 *	The key is cleared first, so that a layer which ends early leaves
 *	zeroes behind.
 *
 * Life cycle
 *	None: no state is kept between calls.
 *
 * Synchronisation
 *	None: only the arguments are touched.
 *
 * Lock order
 *	No locks.
 */
#include "ovsnl_packet.h"
#include "ovsnl_packet_wire.h"

enum {
	LAYER_DONE = 0,
	LAYER_CUT = -1,
};

/* OVS_KEY_ATTR_IPV6_EXTHDRS: bits of OpenFlow 1.2's OXM_OF_IPV6_EXTHDR. */
enum {
	SEEN_NONEXT = 0x001,
	SEEN_ESP = 0x002,
	SEEN_AUTH = 0x004,
	SEEN_DEST = 0x008,
	SEEN_FRAG = 0x010,
	SEEN_ROUTER = 0x020,
	SEEN_HOP = 0x040,
	SEEN_UNREP = 0x080,
	SEEN_UNSEQ = 0x100,
};

static __always_inline int reach(const struct ovsnl_window *win, __u32 end)
{
	if (likely(end <= win->len))
		return LAYER_DONE;
	return end <= win->pkt_len ? (int)end : LAYER_CUT;
}

/* Zero all that is not the caller's. Plain byte ranges: they span fields. */
static __always_inline void clear_headers(struct ovsnl_key *key)
{
	__u8 *k = (__u8 *)key;

	memset(k + offsetof(struct ovsnl_key, eth_dst), 0,
	       offsetof(struct ovsnl_key, mac_proto) -
		       offsetof(struct ovsnl_key, eth_dst));
	key->pad0 = 0;
	memset(k + OVSNL_KEY_LINE, 0, 2 * OVSNL_KEY_LINE);
}

/* Link layer */

static __always_inline bool is_tpid(__be16 type)
{
	return type == htons(ETH_P_8021Q) || type == htons(ETH_P_8021AD);
}

/* One tag at *ofs. It counts only when a type follows it. */
static int parse_tag(const struct ovsnl_window *win, __u32 *ofs, __be16 *tpid,
		     __be16 *tci)
{
	int err = reach(win, *ofs + WIRE_TAG_LEN + sizeof(__be16));

	if (unlikely(err))
		return err;
	*tpid = wire_be16(win->data + *ofs);
	*tci = wire_be16(win->data + *ofs + 2) | htons(OVSNL_VLAN_PRESENT);
	*ofs += WIRE_TAG_LEN;
	return LAYER_DONE;
}

/* Up to two tags, the outer one perhaps beside the packet. */
static __always_inline int parse_tags(const struct ovsnl_window *win,
				      struct ovsnl_key *key, __u32 *ofs)
{
	int err;

	if (win->vlan_tci) {
		key->vlan_tpid = win->vlan_tpid;
		key->vlan_tci = win->vlan_tci | htons(OVSNL_VLAN_PRESENT);
	} else {
		if (likely(!is_tpid(wire_be16(win->data + *ofs))))
			return LAYER_DONE;
		err = parse_tag(win, ofs, &key->vlan_tpid, &key->vlan_tci);
		if (unlikely(err))
			return err;
	}
	if (likely(!is_tpid(wire_be16(win->data + *ofs))))
		return LAYER_DONE;
	return parse_tag(win, ofs, &key->cvlan_tpid, &key->cvlan_tci);
}

/* 802.2: a length was found where the type would be. */
static int parse_llc(const struct ovsnl_window *win, struct ovsnl_key *key,
		     __u32 *ofs)
{
	const __u8 *p = win->data + *ofs;
	__be16 type;
	int err;

	key->eth_type = htons(ETH_P_802_2);
	err = reach(win, *ofs + WIRE_SNAP_LEN);
	if (err)
		return err;
	if (p[0] != WIRE_SNAP_SAP || p[1] != WIRE_SNAP_SAP ||
	    p[WIRE_SNAP_OUI] || p[WIRE_SNAP_OUI + 1] || p[WIRE_SNAP_OUI + 2])
		return LAYER_DONE;
	*ofs += WIRE_SNAP_LEN;
	type = wire_be16(p + WIRE_SNAP_TYPE);
	if (ntohs(type) >= ETH_P_802_3_MIN)
		key->eth_type = type;
	return LAYER_DONE;
}

static __always_inline int parse_ethernet(const struct ovsnl_window *win,
					  struct ovsnl_key *key, __u32 *ofs)
{
	__be16 type;
	int err;

	err = reach(win, ETH_HLEN);
	if (unlikely(err))
		return err;
	memcpy(key->eth_dst, win->data + WIRE_ETH_DST, ETH_ALEN);
	memcpy(key->eth_src, win->data + WIRE_ETH_SRC, ETH_ALEN);

	*ofs = WIRE_ETH_TYPE;
	err = parse_tags(win, key, ofs);
	if (unlikely(err > 0))
		return err;

	/* A tag cut short leaves its TPID here: it is the type then. */
	type = wire_be16(win->data + *ofs);
	*ofs += sizeof(type);
	if (likely(ntohs(type) >= ETH_P_802_3_MIN)) {
		key->eth_type = type;
		return LAYER_DONE;
	}
	err = parse_llc(win, key, ofs);
	return err > 0 ? err : LAYER_DONE;
}

/* Transport layer */

static __always_inline int parse_tcp(const struct ovsnl_window *win,
				     struct ovsnl_key *key,
				     struct ovsnl_layout *layout, __u32 ofs)
{
	const __u8 *p = win->data + ofs;
	__u32 hlen;
	int err;

	err = reach(win, ofs + WIRE_TCP_HLEN);
	if (unlikely(err))
		return err;
	layout->l4_ok = true;
	hlen = (p[WIRE_TCP_FLAGS] >> 4) * 4;
	if (unlikely(hlen < WIRE_TCP_HLEN || ofs + hlen > win->pkt_len))
		return LAYER_CUT;
	key->tp_src = wire_be16(p + WIRE_SPORT);
	key->tp_dst = wire_be16(p + WIRE_DPORT);
	key->tcp_flags = wire_be16(p + WIRE_TCP_FLAGS) &
			 htons(WIRE_TCP_FLAGS_MASK);
	return LAYER_DONE;
}

/* UDP and SCTP: ports first. */
static __always_inline int parse_ports(const struct ovsnl_window *win,
				       struct ovsnl_key *key,
				       struct ovsnl_layout *layout, __u32 ofs,
				       __u32 hlen)
{
	int err = reach(win, ofs + hlen);

	if (unlikely(err))
		return err;
	layout->l4_ok = true;
	key->tp_src = wire_be16(win->data + ofs + WIRE_SPORT);
	key->tp_dst = wire_be16(win->data + ofs + WIRE_DPORT);
	return LAYER_DONE;
}

static __always_inline int parse_icmp(const struct ovsnl_window *win,
				      struct ovsnl_key *key,
				      struct ovsnl_layout *layout, __u32 ofs)
{
	int err = reach(win, ofs + WIRE_ICMP_HLEN);

	if (unlikely(err))
		return err;
	layout->l4_ok = true;
	key->tp_src = htons(win->data[ofs]);
	key->tp_dst = htons(win->data[ofs + 1]);
	return LAYER_DONE;
}

/* The transports that IPv4 and IPv6 share. */
static __always_inline int parse_transport(const struct ovsnl_window *win,
					   struct ovsnl_key *key,
					   struct ovsnl_layout *layout,
					   __u32 ofs)
{
	switch (key->ip_proto) {
	case WIRE_NEXT_TCP:
		return parse_tcp(win, key, layout, ofs);
	case WIRE_NEXT_UDP:
		return parse_ports(win, key, layout, ofs, WIRE_UDP_HLEN);
	case WIRE_NEXT_SCTP:
		return parse_ports(win, key, layout, ofs, WIRE_SCTP_HLEN);
	default:
		return LAYER_DONE;
	}
}

/* Neighbour discovery */

static bool lladdr_is_zero(const __u8 *addr)
{
	return !(addr[0] | addr[1] | addr[2] | addr[3] | addr[4] | addr[5]);
}

/* Note a link-layer address. False: there was one before. */
static bool take_lladdr(__u8 *dst, const __u8 *opt)
{
	if (!lladdr_is_zero(dst))
		return false;
	memcpy(dst, opt + WIRE_ND_OPT_LLADDR, ETH_ALEN);
	return true;
}

/* Options of @len bytes at @opt, up to the first that makes no sense. False:
 * one of the addresses was given twice.
 */
static bool parse_nd_options(struct ovsnl_key *key, const __u8 *opt, __u32 len)
{
	enum { SOURCE = 1, TARGET = 2 }; /* RFC 4861, 4.6.1 */
	bool ok = true;
	__u32 step;

	while (ok && len >= WIRE_ND_OPT_UNIT) {
		step = opt[1] * WIRE_ND_OPT_UNIT;
		if (!step || step > len)
			return true;
		if (step == WIRE_ND_OPT_UNIT && opt[0] == SOURCE)
			ok = take_lladdr(key->hw_src, opt);
		else if (step == WIRE_ND_OPT_UNIT && opt[0] == TARGET)
			ok = take_lladdr(key->hw_dst, opt);
		opt += step;
		len -= step;
	}
	return ok;
}

/* All of the packet behind the header counts as options. */
static int parse_nd(const struct ovsnl_window *win, struct ovsnl_key *key,
		    __u32 ofs)
{
	int err;

	if (ofs + WIRE_ND_HLEN > win->pkt_len)
		return LAYER_CUT;
	err = reach(win, win->pkt_len);
	if (err)
		return err;
	memcpy(key->nd_target, win->data + ofs + WIRE_ND_TARGET,
	       sizeof(key->nd_target));
	if (!parse_nd_options(key, win->data + ofs + WIRE_ND_HLEN,
			      win->pkt_len - ofs - WIRE_ND_HLEN)) {
		memset(key->nd_target, 0, sizeof(key->nd_target));
		memset(key->hw_src, 0, sizeof(key->hw_src));
		memset(key->hw_dst, 0, sizeof(key->hw_dst));
	}
	return LAYER_DONE;
}

static int parse_icmpv6(const struct ovsnl_window *win, struct ovsnl_key *key,
			struct ovsnl_layout *layout, __u32 ofs)
{
	enum { SOLICIT = 135, ADVERT = 136 }; /* RFC 4861, 4.3 and 4.4 */
	int err;

	err = parse_icmp(win, key, layout, ofs);
	if (err)
		return err;
	if (key->tp_dst ||
	    (key->tp_src != htons(SOLICIT) && key->tp_src != htons(ADVERT)))
		return LAYER_DONE;
	return parse_nd(win, key, ofs);
}

/* Network layer */

static __always_inline int parse_ipv4(const struct ovsnl_window *win,
				      struct ovsnl_key *key,
				      struct ovsnl_layout *layout, __u32 ofs)
{
	const __u8 *p = win->data + ofs;
	__u32 hlen;
	__u16 frag;
	int err;

	err = reach(win, ofs + WIRE_IP4_HLEN);
	if (unlikely(err))
		return err;
	hlen = (p[0] & 0xf) * 4;
	if (unlikely(hlen < WIRE_IP4_HLEN || ofs + hlen > win->pkt_len))
		return LAYER_CUT;

	key->ip_src = wire_be32(p + WIRE_IP4_SRC);
	key->ip_dst = wire_be32(p + WIRE_IP4_DST);
	key->ip_proto = p[WIRE_IP4_PROTO];
	key->ip_tos = p[WIRE_IP4_TOS];
	key->ip_ttl = p[WIRE_IP4_TTL];

	frag = ntohs(wire_be16(p + WIRE_IP4_FRAG));
	if (unlikely(frag & WIRE_IP4_FRAG_OFS)) {
		key->ip_frag = OVS_FRAG_TYPE_LATER;
		return LAYER_DONE;
	}
	if (unlikely(frag & WIRE_IP4_MORE_FRAGS))
		key->ip_frag = OVS_FRAG_TYPE_FIRST;

	ofs += hlen;
	layout->l4_ofs = ofs;
	if (key->ip_proto == WIRE_NEXT_ICMP)
		return parse_icmp(win, key, layout, ofs);
	return parse_transport(win, key, layout, ofs);
}

static int parse_arp(const struct ovsnl_window *win, struct ovsnl_key *key,
		     __u32 ofs)
{
	/* Ethernet, IPv4, their address lengths. */
	static const __u8 kind[WIRE_ARP_OP] = { 0, 1, 8, 0, ETH_ALEN, 4 };
	const __u8 *p = win->data + ofs;
	int err;

	err = reach(win, ofs + WIRE_ARP_HLEN);
	if (unlikely(err))
		return err;
	if (memcmp(p, kind, sizeof(kind)))
		return LAYER_CUT;
	key->ip_proto = p[WIRE_ARP_OP] ? 0 : p[WIRE_ARP_OP + 1];
	key->ip_src = wire_be32(p + WIRE_ARP_SPA);
	key->ip_dst = wire_be32(p + WIRE_ARP_TPA);
	memcpy(key->hw_src, p + WIRE_ARP_SHA, ETH_ALEN);
	memcpy(key->hw_dst, p + WIRE_ARP_THA, ETH_ALEN);
	return LAYER_DONE;
}

/* Entries up to the one marked as the bottom. Those behind the third only move
 * the end of the stack. Labels of a stack that is cut are in the key, but it
 * counts none.
 */
static int parse_mpls(const struct ovsnl_window *win, struct ovsnl_key *key,
		      struct ovsnl_layout *layout, __u32 ofs)
{
	unsigned int n = 0;
	__be32 lse;
	int err;

	do {
		err = reach(win, ofs + WIRE_LSE_LEN);
		if (err)
			return err;
		lse = wire_be32(win->data + ofs);
		if (n < OVSNL_MPLS_LABELS)
			key->mpls_lse[n++] = lse;
		ofs += WIRE_LSE_LEN;
	} while (!(lse & htonl(WIRE_LSE_BOTTOM)));
	key->mpls_labels = (1u << n) - 1;
	if (ofs < OVSNL_NO_OFS)
		layout->inner_ofs = ofs;
	return LAYER_DONE;
}

/* Packets with an NSH header that is no good are no good. */
static int parse_nsh(const struct ovsnl_window *win, struct ovsnl_key *key,
		     __u32 ofs)
{
	const __u8 *p = win->data + ofs;
	__u16 first;
	__u32 len;
	int err;

	err = reach(win, ofs + WIRE_NSH_HLEN);
	if (err)
		return err > 0 ? err : -EINVAL;
	first = ntohs(wire_be16(p));
	if (first & WIRE_NSH_VERSION)
		return -EINVAL;
	len = wire_nsh_len(first);
	err = reach(win, ofs + len);
	if (err)
		return err > 0 ? err : -EINVAL;

	key->nsh_flags = first >> WIRE_NSH_FLAGS_SHIFT & WIRE_NSH_FLAGS;
	key->nsh_ttl = first >> WIRE_NSH_TTL_SHIFT & WIRE_NSH_TTL;
	key->nsh_mdtype = p[WIRE_NSH_MDTYPE];
	key->nsh_np = p[WIRE_NSH_NP];
	key->nsh_path_hdr = wire_be32(p + WIRE_NSH_PATH);
	if (key->nsh_mdtype == WIRE_NSH_MD2)
		return 0;
	if (key->nsh_mdtype != WIRE_NSH_MD1 || len != WIRE_NSH_MD1_LEN)
		return -EINVAL;
	memcpy(key->nsh_context, p + WIRE_NSH_CONTEXT,
	       sizeof(key->nsh_context));
	return 0;
}

/* Headers that may stand before a second options header, and so on: RFC 8200,
 * 4.1 gives the order. Repeats are told apart from disorder, which they may
 * be as well.
 */
static __u16 note_dest(__u16 seen, unsigned int nth)
{
	const __u16 before_first = SEEN_HOP | SEEN_UNREP;
	const __u16 before_second = SEEN_HOP | SEEN_DEST | SEEN_ROUTER |
				    SEEN_FRAG | SEEN_AUTH | SEEN_ESP |
				    SEEN_UNREP;

	if (nth >= 2)
		return seen | SEEN_UNREP;
	if (seen & ~(nth ? before_second : before_first))
		seen |= SEEN_UNSEQ;
	return seen | SEEN_DEST;
}

static __u16 note_single(__u16 seen, __u16 bit, __u16 before,
			 unsigned int dests)
{
	if (seen & bit)
		seen |= SEEN_UNREP;
	if ((seen & ~(before | SEEN_UNREP)) || dests >= 2)
		seen |= SEEN_UNSEQ;
	return seen | bit;
}

/* Hop-by-hop options count as such only in first place. */
static __u16 note_hop(__u16 seen)
{
	if (seen & SEEN_HOP)
		seen |= SEEN_UNREP;
	return seen ? seen | SEEN_UNSEQ : SEEN_HOP;
}

static __u16 note_exthdr(__u16 seen, __u8 next, unsigned int *dests)
{
	const __u16 before_router = SEEN_HOP | SEEN_DEST;
	const __u16 before_frag = before_router | SEEN_ROUTER;
	const __u16 before_auth = before_frag | SEEN_FRAG;

	switch (next) {
	case WIRE_NEXT_HOP:
		return note_hop(seen);
	case WIRE_NEXT_DEST:
		return note_dest(seen, (*dests)++);
	case WIRE_NEXT_ROUTING:
		return note_single(seen, SEEN_ROUTER, before_router, *dests);
	case WIRE_NEXT_FRAGMENT:
		return note_single(seen, SEEN_FRAG, before_frag, *dests);
	case WIRE_NEXT_AUTH:
		return note_single(seen, SEEN_AUTH, before_auth, *dests);
	default:
		return seen | SEEN_NONEXT;
	}
}

/* Which extension headers are there, and in order? A walk of its own because
 * it differs from the one to the transport header: it goes on behind later
 * fragments, and takes every length in units of 8 bytes, also that of the
 * authentication header (as the kernel's module does: flows match on it).
 */
static int parse_exthdr_bits(const struct ovsnl_window *win,
			     struct ovsnl_key *key, __u8 next, __u32 ofs)
{
	unsigned int dests = 0;
	__u16 seen = 0;
	int err;

	while (wire_is_exthdr(next)) {
		seen = note_exthdr(seen, next, &dests);
		if (next == WIRE_NEXT_NONE)
			break;
		err = reach(win, ofs + WIRE_EXT_MIN);
		if (err > 0)
			return err;
		if (err)
			break;
		next = win->data[ofs];
		ofs += ((__u32)win->data[ofs + 1] + 1) * 8;
	}
	key->ipv6_exthdrs = seen;
	return LAYER_DONE;
}

/* Bytes of this extension header that the walk must see. */
static __always_inline __u32 exthdr_min(__u8 next)
{
	if (next == WIRE_NEXT_ROUTING)
		return WIRE_RTHDR_MIN;
	return next == WIRE_NEXT_FRAGMENT ? WIRE_FRAGHDR_MIN : WIRE_EXT_MIN;
}

/* Find the transport header. Until it is found ip_proto reads "none". */
static int skip_exthdrs(const struct ovsnl_window *win, struct ovsnl_key *key,
			__u8 next, __u32 *ofs)
{
	const __u8 *p;
	__u32 len;
	int err;

	key->ip_proto = WIRE_NEXT_NONE;
	while (wire_is_exthdr(next) && next != WIRE_NEXT_NONE) {
		/* A fragment header makes a fragment even when it is cut. */
		if (next == WIRE_NEXT_FRAGMENT &&
		    reach(win, *ofs + WIRE_EXT_MIN) != LAYER_CUT)
			key->ip_frag = OVS_FRAG_TYPE_FIRST;
		err = reach(win, *ofs + exthdr_min(next));
		if (err)
			return err;
		p = win->data + *ofs;
		if (next == WIRE_NEXT_FRAGMENT &&
		    (ntohs(wire_be16(p + WIRE_FRAGHDR_OFS)) &
		     WIRE_FRAGHDR_OFS_MASK)) {
			/* Further headers of a later fragment are elsewhere. */
			if (wire_is_exthdr(p[0]) && p[0] != WIRE_NEXT_NONE)
				return LAYER_CUT;
			key->ip_frag = OVS_FRAG_TYPE_LATER;
			key->ip_proto = WIRE_NEXT_FRAGMENT;
			return LAYER_DONE;
		}
		len = wire_exthdr_len(next, p);
		if (len > win->pkt_len - *ofs)
			return LAYER_CUT;
		*ofs += len;
		next = p[0];
	}
	key->ip_proto = next;
	return LAYER_DONE;
}

static int parse_ipv6(const struct ovsnl_window *win, struct ovsnl_key *key,
		      struct ovsnl_layout *layout, __u32 ofs)
{
	const __u8 *p = win->data + ofs;
	__be32 first;
	int err;

	err = reach(win, ofs + WIRE_IP6_HLEN);
	if (unlikely(err))
		return err;
	first = wire_be32(p);
	key->ip_tos = ntohl(first) >> 20 & 0xff;
	key->ip_ttl = p[WIRE_IP6_HLIMIT];
	key->ipv6_label = first & htonl(WIRE_IP6_LABEL);
	memcpy(key->ipv6_src, p + WIRE_IP6_SRC, sizeof(key->ipv6_src));
	memcpy(key->ipv6_dst, p + WIRE_IP6_DST, sizeof(key->ipv6_dst));

	ofs += WIRE_IP6_HLEN;
	err = parse_exthdr_bits(win, key, p[WIRE_IP6_NEXT], ofs);
	if (unlikely(err))
		return err;
	err = skip_exthdrs(win, key, p[WIRE_IP6_NEXT], &ofs);
	if (unlikely(err || key->ip_frag == OVS_FRAG_TYPE_LATER))
		return err;

	if (unlikely(ofs >= OVSNL_NO_OFS))
		return LAYER_CUT;
	layout->l4_ofs = ofs;
	if (key->ip_proto == WIRE_NEXT_ICMPV6)
		return parse_icmpv6(win, key, layout, ofs);
	return parse_transport(win, key, layout, ofs);
}

/* What is neither IPv4 nor IPv6. As ovsnl_packet_parse() returns. */
static int parse_other(const struct ovsnl_window *win, struct ovsnl_key *key,
		       struct ovsnl_layout *layout)
{
	__u32 ofs = layout->l3_ofs;
	int err = LAYER_DONE;

	if (key->eth_type == htons(ETH_P_ARP) ||
	    key->eth_type == htons(ETH_P_RARP))
		err = parse_arp(win, key, ofs);
	else if (wire_is_mpls(key->eth_type))
		err = parse_mpls(win, key, layout, ofs);
	else if (key->eth_type == htons(ETH_P_NSH))
		return parse_nsh(win, key, ofs);
	return err > 0 ? err : 0;
}

int ovsnl_packet_parse(const struct ovsnl_window *win, struct ovsnl_key *key,
		       struct ovsnl_layout *layout)
{
	__u32 ofs = 0;
	int err;

	clear_headers(key);
	layout->l4_ofs = OVSNL_NO_OFS;
	layout->inner_ofs = OVSNL_NO_OFS;
	layout->l4_ok = false;

	if (likely(key->mac_proto == OVSNL_MAC_ETHERNET)) {
		err = parse_ethernet(win, key, &ofs);
		if (unlikely(err))
			return err > 0 ? err : -EINVAL;
	} else if (is_tpid(key->eth_type)) {
		return -EINVAL;
	}
	layout->l3_ofs = ofs;

	if (likely(key->eth_type == htons(ETH_P_IP)))
		err = parse_ipv4(win, key, layout, ofs);
	else if (key->eth_type == htons(ETH_P_IPV6))
		err = parse_ipv6(win, key, layout, ofs);
	else
		return parse_other(win, key, layout);
	return err > 0 ? err : 0;
}
