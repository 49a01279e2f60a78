// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Packet headers rewritten in place.
 *
 * Overview
 *	Each function checks that the header is there, works out the new bits,
 *	and writes packet, key and checksums. Fields that do not change disturb
 *	no checksum, so that a packet whose checksum is wrong, absent (UDP) or
 *	unfinished (enum ovsnl_csum) keeps it that way.
 *
 *	Checksums are kept as the 16-bit words that stand in memory: the one's
 *	complement sum does not care for byte order (RFC 1071).
 *
 * Life cycle
 *	None: no state is kept between calls.
 *
 * Synchronisation
 *	The caller owns packet and key while a function runs.
 *
 * Lock order
 *	No locks.
 */
#include "ovsnl_packet.h"
#include "ovsnl_packet_wire.h"

/* Checksums */

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

__u16 ovsnl_csum_sum(const void *data, size_t len, __u32 start)
{
	const __u8 *p = data;
	__u8 last[2] = { 0, 0 };
	__u64 sum = start;
	__u32 word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += word;
	}
	if (len >= sizeof(last)) {
		sum += wire_raw16(p);
		p += sizeof(last);
		len -= sizeof(last);
	}
	if (len) {
		last[0] = *p;
		sum += wire_raw16(last);
	}
	return fold(sum);
}

/* @sum - @from + @to in one's complement, words of @len bytes. */
static __always_inline __u64 sum_replace(__u64 sum, const void *from,
					 const void *to, size_t len)
{
	const __u8 *f = from, *t = to;
	__u32 old, new;
	size_t i;

	/* Wider words have the same sum, once it is folded. */
	for (i = 0; i + sizeof(new) <= len; i += sizeof(new)) {
		memcpy(&old, f + i, sizeof(old));
		memcpy(&new, t + i, sizeof(new));
		sum += (__u64)(__u32)~old + new;
	}
	if (i + 1 < len)
		sum += (__u16)~wire_raw16(f + i) + wire_raw16(t + i);
	return sum;
}

/* RFC 1624, equation 3. The 0xffff is zero in one's complement: with it the
 * folded sum can't be 0, and the field has the form that a sum from scratch
 * would give.
 */
static __always_inline void field_update(__u8 *field, const void *from,
					 const void *to, size_t len)
{
	__u64 sum = 0xffff + (__u64)(__u16)~wire_raw16(field);
	__u16 csum = ~fold(sum_replace(sum, from, to, len));

	memcpy(field, &csum, sizeof(csum));
}

/* The same for a field that holds a sum, not its complement. */
static void field_update_partial(__u8 *field, const void *from, const void *to,
				 size_t len)
{
	__u16 sum = fold(sum_replace(wire_raw16(field), from, to, len));

	memcpy(field, &sum, sizeof(sum));
}

__be16 ovsnl_csum_update(__be16 csum, const void *from, const void *to,
			 size_t len)
{
	__u8 field[sizeof(csum)];

	wire_put16(field, csum);
	field_update(field, from, to, len);
	return wire_be16(field);
}

/* UDP says "no checksum" with zero: what sums up to zero is sent as 0xffff,
 * which is the same number in one's complement (RFC 768).
 */
static __always_inline void udp_avoid_zero(__u8 *field)
{
	if (unlikely(!wire_raw16(field)))
		wire_put16(field, htons(0xffff));
}

/**
 * struct l4_csum - the transport checksum of a packet.
 * @field: where it stands, NULL if there is none to keep up to date
 * @partial: it holds the sum of the pseudo-header only
 * @udp: it must not become zero
 */
struct l4_csum {
	__u8 *field;
	bool partial;
	bool udp;
};

/* Where is the checksum that covers addresses? */
static struct l4_csum l4_csum_find(const struct ovsnl_headers *h, __u8 proto)
{
	struct l4_csum c = { .partial = h->csum == OVSNL_CSUM_PARTIAL };
	__u8 *l4 = h->data + h->layout.l4_ofs;

	if (!h->layout.l4_ok)
		return c;
	if (proto == WIRE_NEXT_TCP) {
		c.field = l4 + WIRE_TCP_CSUM;
	} else if (proto == WIRE_NEXT_UDP) {
		c.udp = true;
		if (c.partial || wire_raw16(l4 + WIRE_UDP_CSUM))
			c.field = l4 + WIRE_UDP_CSUM;
	} else if (proto == WIRE_NEXT_ICMPV6) {
		c.field = l4 + WIRE_ICMP_CSUM;
	}
	return c;
}

/* A part of the pseudo-header changed. */
static void l4_csum_pseudo(const struct l4_csum *c, const void *from,
			   const void *to, size_t len)
{
	if (!c->field)
		return;
	if (c->partial)
		field_update_partial(c->field, from, to, len);
	else
		field_update(c->field, from, to, len);
	if (c->udp)
		udp_avoid_zero(c->field);
}

/* Where headers are */

/* Bytes from the transport header that the rewrite functions may touch. */
static __u32 l4_hlen(__u8 proto)
{
	switch (proto) {
	case WIRE_NEXT_TCP:
		return WIRE_TCP_HLEN;
	case WIRE_NEXT_SCTP:
		return WIRE_SCTP_HLEN;
	default:
		return WIRE_UDP_HLEN;
	}
}

static __always_inline bool l4_in_window(const struct ovsnl_headers *h,
					 const struct ovsnl_key *key)
{
	return h->layout.l4_ofs + l4_hlen(key->ip_proto) <= h->len;
}

/* The IP header of @type, with the transport header that depends on it. */
static int l3_header(const struct ovsnl_headers *h, const struct ovsnl_key *key,
		     __be16 type, __u32 hlen, __u8 **header)
{
	if (key->eth_type != type || h->layout.l3_ofs == OVSNL_NO_OFS)
		return -EINVAL;
	if (h->layout.l3_ofs + hlen > h->len ||
	    (h->layout.l4_ok && !l4_in_window(h, key)))
		return -ENOMEM;
	*header = h->data + h->layout.l3_ofs;
	return 0;
}

static int l4_header(const struct ovsnl_headers *h, const struct ovsnl_key *key,
		     __u8 proto, __u8 **header)
{
	if ((key->eth_type != htons(ETH_P_IP) &&
	     key->eth_type != htons(ETH_P_IPV6)) ||
	    key->ip_proto != proto || key->ip_frag == OVS_FRAG_TYPE_LATER)
		return -EINVAL;
	if (!h->layout.l4_ok || !l4_in_window(h, key))
		return -ENOMEM;
	*header = h->data + h->layout.l4_ofs;
	return 0;
}

/* The network header by what the frame says, not by the key. */
static int protocol_header(const struct ovsnl_headers *h, __u32 hlen,
			   __u8 **header)
{
	if (h->layout.l3_ofs + hlen > h->len)
		return -ENOMEM;
	*header = h->data + h->layout.l3_ofs;
	return 0;
}

/* Link layer */

static void set_lladdr(__u8 *packet, __u8 *key, const __u8 *value,
		       const __u8 *mask)
{
	__u32 p, v, m;
	__u16 p2, v2, m2;

	memcpy(&p, packet, sizeof(p));
	memcpy(&v, value, sizeof(v));
	memcpy(&m, mask, sizeof(m));
	memcpy(&p2, packet + sizeof(p), sizeof(p2));
	memcpy(&v2, value + sizeof(v), sizeof(v2));
	memcpy(&m2, mask + sizeof(m), sizeof(m2));
	p = (p & ~m) | (v & m);
	p2 = (p2 & ~m2) | (v2 & m2);
	memcpy(packet, &p, sizeof(p));
	memcpy(packet + sizeof(p), &p2, sizeof(p2));
	memcpy(key, &p, sizeof(p));
	memcpy(key + sizeof(p), &p2, sizeof(p2));
}

int ovsnl_rewrite_eth(struct ovsnl_headers *h, struct ovsnl_key *key,
		      const struct ovs_key_ethernet *value,
		      const struct ovs_key_ethernet *mask)
{
	if (key->mac_proto != OVSNL_MAC_ETHERNET)
		return -EINVAL;
	if (h->len < ETH_HLEN)
		return -ENOMEM;
	set_lladdr(h->data + WIRE_ETH_SRC, key->eth_src, value->eth_src,
		   mask->eth_src);
	set_lladdr(h->data + WIRE_ETH_DST, key->eth_dst, value->eth_dst,
		   mask->eth_dst);
	return 0;
}

/* IPv4 */

static void set_ip4_addr(__u8 *addr, __be32 *key, __be32 value, __be32 mask,
			 __u8 *ip_csum, const struct l4_csum *l4)
{
	__be32 old = wire_be32(addr);
	__be32 new = (old & ~mask) | (value & mask);

	if (new == old)
		return;
	l4_csum_pseudo(l4, &old, &new, sizeof(new));
	field_update(ip_csum, &old, &new, sizeof(new));
	wire_put32(addr, new);
	*key = new;
}

/* One byte of the header; @half is the even offset that it shares. */
static void set_ip4_byte(__u8 *ip, int ofs, __u8 *key, __u8 value, __u8 mask)
{
	__u8 *half = ip + (ofs & ~1);
	__be16 old = wire_be16(half);

	ip[ofs] = (ip[ofs] & ~mask) | (value & mask);
	*key = ip[ofs];
	field_update(ip + WIRE_IP4_CSUM, &old, half, sizeof(old));
}

int ovsnl_rewrite_ipv4(struct ovsnl_headers *h, struct ovsnl_key *key,
		       const struct ovs_key_ipv4 *value,
		       const struct ovs_key_ipv4 *mask)
{
	__u8 *ip;
	struct l4_csum l4;
	int err;

	err = l3_header(h, key, htons(ETH_P_IP), WIRE_IP4_HLEN, &ip);
	if (unlikely(err))
		return err;
	if (mask->ipv4_src || mask->ipv4_dst) {
		l4 = l4_csum_find(h, key->ip_proto);
		set_ip4_addr(ip + WIRE_IP4_SRC, &key->ip_src, value->ipv4_src,
			     mask->ipv4_src, ip + WIRE_IP4_CSUM, &l4);
		set_ip4_addr(ip + WIRE_IP4_DST, &key->ip_dst, value->ipv4_dst,
			     mask->ipv4_dst, ip + WIRE_IP4_CSUM, &l4);
	}
	if (mask->ipv4_tos)
		set_ip4_byte(ip, WIRE_IP4_TOS, &key->ip_tos, value->ipv4_tos,
			     mask->ipv4_tos);
	if (mask->ipv4_ttl)
		set_ip4_byte(ip, WIRE_IP4_TTL, &key->ip_ttl, value->ipv4_ttl,
			     mask->ipv4_ttl);
	return 0;
}

/* IPv6 */

/* Is there a routing header with segments left? The destination address is
 * not the final one then, and the transport checksum is over the final one
 * (RFC 8200, 8.1). Only called with a transport header in the window.
 */
static bool has_segments_left(const struct ovsnl_headers *h, const __u8 *ip)
{
	const __u8 *l4 = h->data + h->layout.l4_ofs;
	const __u8 *p = ip + WIRE_IP6_HLEN;
	__u8 next = ip[WIRE_IP6_NEXT];
	__u32 len;

	while (p + WIRE_RTHDR_MIN <= l4 && wire_is_exthdr(next)) {
		if (next == WIRE_NEXT_ROUTING && p[WIRE_RTHDR_LEFT])
			return true;
		len = wire_exthdr_len(next, p);
		next = p[0];
		p += len;
	}
	return false;
}

static void set_ip6_addr(__u8 *addr, __u8 *key, const __be32 *value,
			 const __be32 *mask, const struct l4_csum *l4)
{
	__be32 new[4];
	int i;

	for (i = 0; i < 4; i++)
		new[i] = (wire_be32(addr + 4 * i) & ~mask[i]) |
			 (value[i] & mask[i]);
	if (!memcmp(addr, new, sizeof(new)))
		return;
	l4_csum_pseudo(l4, addr, new, sizeof(new));
	memcpy(addr, new, sizeof(new));
	memcpy(key, new, sizeof(new));
}

static bool is_zero_addr(const __be32 *addr)
{
	return !(addr[0] | addr[1] | addr[2] | addr[3]);
}

static void set_ip6_addrs(const struct ovsnl_headers *h, struct ovsnl_key *key,
			  __u8 *ip, const struct ovs_key_ipv6 *value,
			  const struct ovs_key_ipv6 *mask)
{
	struct l4_csum l4 = l4_csum_find(h, key->ip_proto);

	if (!is_zero_addr(mask->ipv6_src))
		set_ip6_addr(ip + WIRE_IP6_SRC, key->ipv6_src, value->ipv6_src,
			     mask->ipv6_src, &l4);
	if (is_zero_addr(mask->ipv6_dst))
		return;
	if (l4.field && has_segments_left(h, ip))
		l4.field = NULL;
	set_ip6_addr(ip + WIRE_IP6_DST, key->ipv6_dst, value->ipv6_dst,
		     mask->ipv6_dst, &l4);
}

/* Traffic class and flow label as the first word of the header has them. */
static __be32 ip6_flow_word(const struct ovs_key_ipv6 *fields)
{
	return htonl((__u32)fields->ipv6_tclass << 20) |
	       (fields->ipv6_label & htonl(WIRE_IP6_LABEL));
}

int ovsnl_rewrite_ipv6(struct ovsnl_headers *h, struct ovsnl_key *key,
		       const struct ovs_key_ipv6 *value,
		       const struct ovs_key_ipv6 *mask)
{
	__u8 *ip;
	__be32 bits, first;
	int err;

	err = l3_header(h, key, htons(ETH_P_IPV6), WIRE_IP6_HLEN, &ip);
	if (unlikely(err))
		return err;
	set_ip6_addrs(h, key, ip, value, mask);

	bits = ip6_flow_word(mask);
	first = (wire_be32(ip) & ~bits) | (ip6_flow_word(value) & bits);
	wire_put32(ip, first);
	if (mask->ipv6_tclass)
		key->ip_tos = ntohl(first) >> 20 & 0xff;
	if (mask->ipv6_label)
		key->ipv6_label = first & htonl(WIRE_IP6_LABEL);

	if (mask->ipv6_hlimit) {
		ip[WIRE_IP6_HLIMIT] =
			(ip[WIRE_IP6_HLIMIT] & ~mask->ipv6_hlimit) |
			(value->ipv6_hlimit & mask->ipv6_hlimit);
		key->ip_ttl = ip[WIRE_IP6_HLIMIT];
	}
	return 0;
}

/* Transport */

/* @field: checksum to update, NULL for none. */
static void set_port(__u8 *port, __be16 *key, __be16 value, __be16 mask,
		     __u8 *field)
{
	__be16 old = wire_be16(port);
	__be16 new = (old & ~mask) | (value & mask);

	if (new == old)
		return;
	if (field)
		field_update(field, &old, &new, sizeof(new));
	wire_put16(port, new);
	*key = new;
}

int ovsnl_rewrite_tcp(struct ovsnl_headers *h, struct ovsnl_key *key,
		      const struct ovs_key_tcp *value,
		      const struct ovs_key_tcp *mask)
{
	__u8 *field;
	__u8 *l4;
	int err;

	err = l4_header(h, key, WIRE_NEXT_TCP, &l4);
	if (unlikely(err))
		return err;
	field = h->csum == OVSNL_CSUM_PARTIAL ? NULL : l4 + WIRE_TCP_CSUM;
	set_port(l4 + WIRE_SPORT, &key->tp_src, value->tcp_src, mask->tcp_src,
		 field);
	set_port(l4 + WIRE_DPORT, &key->tp_dst, value->tcp_dst, mask->tcp_dst,
		 field);
	return 0;
}

int ovsnl_rewrite_udp(struct ovsnl_headers *h, struct ovsnl_key *key,
		      const struct ovs_key_udp *value,
		      const struct ovs_key_udp *mask)
{
	__u8 *field = NULL;
	__u8 *l4;
	int err;

	err = l4_header(h, key, WIRE_NEXT_UDP, &l4);
	if (unlikely(err))
		return err;
	if (h->csum != OVSNL_CSUM_PARTIAL && wire_raw16(l4 + WIRE_UDP_CSUM))
		field = l4 + WIRE_UDP_CSUM;
	set_port(l4 + WIRE_SPORT, &key->tp_src, value->udp_src, mask->udp_src,
		 field);
	set_port(l4 + WIRE_DPORT, &key->tp_dst, value->udp_dst, mask->udp_dst,
		 field);
	if (field)
		udp_avoid_zero(field);
	return 0;
}

int ovsnl_rewrite_sctp(struct ovsnl_headers *h, struct ovsnl_key *key,
		       const struct ovs_key_sctp *value,
		       const struct ovs_key_sctp *mask, __le32 *old_crc)
{
	__u8 *l4;
	int err;

	err = l4_header(h, key, WIRE_NEXT_SCTP, &l4);
	if (unlikely(err))
		return err;
	memcpy(old_crc, l4 + WIRE_SCTP_CSUM, sizeof(*old_crc));
	set_port(l4 + WIRE_SPORT, &key->tp_src, value->sctp_src, mask->sctp_src,
		 NULL);
	set_port(l4 + WIRE_DPORT, &key->tp_dst, value->sctp_dst, mask->sctp_dst,
		 NULL);
	return 0;
}

/* MPLS */

int ovsnl_rewrite_mpls(struct ovsnl_headers *h, struct ovsnl_key *key,
		       __be32 value, __be32 mask)
{
	__be32 lse;
	__u8 *p;
	int err;

	err = protocol_header(h, WIRE_LSE_LEN, &p);
	if (err)
		return err;
	if (!wire_is_mpls(h->protocol))
		return -EINVAL;
	lse = (wire_be32(p) & ~mask) | (value & mask);
	wire_put32(p, lse);
	key->mpls_lse[0] = lse;
	return 0;
}

/* Time to live */

int ovsnl_rewrite_dec_ttl(struct ovsnl_headers *h, struct ovsnl_key *key)
{
	bool v4 = h->protocol == htons(ETH_P_IP);
	__u8 *ip, *ttl;
	int err;

	if (!v4 && h->protocol != htons(ETH_P_IPV6))
		return 0;
	err = protocol_header(h, v4 ? WIRE_IP4_HLEN : WIRE_IP6_HLEN, &ip);
	if (err)
		return err;
	ttl = ip + (v4 ? WIRE_IP4_TTL : WIRE_IP6_HLIMIT);
	if (*ttl <= 1)
		return -EHOSTUNREACH;
	if (v4)
		set_ip4_byte(ip, WIRE_IP4_TTL, &key->ip_ttl, *ttl - 1, 0xff);
	else
		key->ip_ttl = --*ttl;
	return 0;
}
