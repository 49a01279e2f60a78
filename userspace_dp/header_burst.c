// SPDX-License-Identifier: BSD-3-Clause
/*
 * Headers of many packets, changed by one operation.
 *
 * Overview
 *	Packets of a burst that hit the same flow go through the operations at
 *	the head of its program together. Here is what can be done to all of
 *	them without a thought for each: whether they are of the common kind is
 *	asked first, what depends on the operation only is worked out once, and
 *	a checksum is updated once for all that changed under it.
 *
 *	The result is that of the plain functions, to the bit; a test does both.
 *	One's complement sums are the same in whatever order and width they are
 *	added, and both ways end with the same one of the two forms of zero.
 *
 * Life cycle, synchronisation, lock order
 *	None: packets have one owner.
 */
#include "header_burst.h"

#include <netinet/in.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "offload.h"
#include "unaligned.h"

#define ADDRS_LEN (2 * RTE_ETHER_ADDR_LEN)

/* Checksums, as words stand in memory (RFC 1071). */

static inline uint16_t fold(uint64_t sum)
{
	sum = (uint32_t)sum + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* RFC 1624, equation 3, in the form in which the sum never becomes 0.
 * @delta: new words less old ones
 */
static inline uint16_t updated(uint16_t csum, uint64_t delta)
{
	return ~fold(0xffff + (uint64_t)(uint16_t)~csum + delta);
}

static inline uint64_t delta32(uint32_t from, uint32_t to)
{
	return (uint64_t)(uint32_t)~from + to;
}

/* Ethernet */

/* The addresses in the order of the frame, which is not that of the message. */
static void frame_order(const struct ovs_key_ethernet *from, uint8_t *to)
{
	memcpy(to, from->eth_dst, ETH_ALEN);
	memcpy(to + ETH_ALEN, from->eth_src, ETH_ALEN);
}

static bool all_ethernet(const struct twin_packet *pkts, unsigned int n)
{
	bool ok = true;
	unsigned int i;

	for (i = 0; i < n; i++)
		ok &= pkts[i].key.mac_proto == OVSNL_MAC_ETHERNET &&
		      pkts[i].m->data_len >= RTE_ETHER_HDR_LEN;
	return ok;
}

static bool set_eth(struct twin_packet *pkts, unsigned int n,
		    const struct ovsnl_op_set_eth *set)
{
	uint8_t value[ADDRS_LEN], mask[ADDRS_LEN];
	uint64_t v, m, high;
	uint32_t v4, m4, low;
	unsigned int i;
	uint8_t *p;

	if (!all_ethernet(pkts, n))
		return false;
	frame_order(&set->value, value);
	frame_order(&set->mask, mask);
	m = twin_load64(mask);
	v = twin_load64(value) & m;
	m4 = twin_load32(mask + sizeof(m));
	v4 = twin_load32(value + sizeof(v)) & m4;
	for (i = 0; i < n; i++) {
		p = rte_pktmbuf_mtod(pkts[i].m, uint8_t *);
		high = (twin_load64(p) & ~m) | v;
		low = (twin_load32(p + sizeof(high)) & ~m4) | v4;
		memcpy(p, &high, sizeof(high));
		memcpy(p + sizeof(high), &low, sizeof(low));
		memcpy(pkts[i].key.eth_dst, &high, sizeof(high));
		memcpy(pkts[i].key.eth_src + sizeof(high) - ETH_ALEN, &low,
		       sizeof(low));
	}
	return true;
}

_Static_assert(offsetof(struct ovsnl_key, eth_src) ==
		       offsetof(struct ovsnl_key, eth_dst) + ETH_ALEN,
	       "set_eth() writes both at once");

/* IPv4 and transport */

/* A whole TCP or UDP header, with a checksum that is complete? */
static inline bool is_whole_l4(const struct twin_packet *pkt)
{
	uint32_t len = pkt->key.ip_proto == IPPROTO_TCP
			       ? sizeof(struct rte_tcp_hdr)
			       : sizeof(struct rte_udp_hdr);

	return pkt->layout.l4_ok &&
	       (pkt->key.ip_proto == IPPROTO_TCP ||
		pkt->key.ip_proto == IPPROTO_UDP) &&
	       pkt->layout.l4_ofs + len <= pkt->m->data_len &&
	       !twin_offload_is_partial(pkt->m);
}

static inline bool is_whole_ipv4(const struct twin_packet *pkt)
{
	return pkt->key.eth_type == htons(ETH_P_IP) && is_whole_l4(pkt) &&
	       pkt->layout.l3_ofs + sizeof(struct rte_ipv4_hdr) <=
		       pkt->m->data_len;
}

static bool all_ipv4(const struct twin_packet *pkts, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!is_whole_ipv4(&pkts[i]))
			return false;
	return true;
}

/* Where the checksum over the addresses stands; NULL for none (UDP). */
static inline uint8_t *l4_csum(const struct twin_packet *pkt)
{
	uint8_t *l4 =
		rte_pktmbuf_mtod_offset(pkt->m, uint8_t *, pkt->layout.l4_ofs);

	if (pkt->key.ip_proto == IPPROTO_TCP)
		return l4 + offsetof(struct rte_tcp_hdr, cksum);
	l4 += offsetof(struct rte_udp_hdr, dgram_cksum);
	return twin_load16(l4) ? l4 : NULL;
}

/* UDP says "none" with zero, and the same number otherwise with 0xffff. */
static inline void l4_update(const struct twin_packet *pkt, uint8_t *field,
			     uint64_t delta)
{
	uint16_t csum = updated(twin_load16(field), delta);

	if (unlikely(!csum) && pkt->key.ip_proto == IPPROTO_UDP)
		csum = 0xffff;
	memcpy(field, &csum, sizeof(csum));
}

/** struct ip4_change - both addresses as they stand in the header, then its
 * words with TOS and with TTL; values under their masks.
 */
struct ip4_change {
	uint64_t addrs, addrs_mask;
	uint16_t tos, tos_mask;
	uint16_t ttl, ttl_mask;
};

static struct ip4_change ip4_change(const struct ovs_key_ipv4 *value,
				    const struct ovs_key_ipv4 *mask)
{
	uint64_t m = mask->ipv4_src | (uint64_t)mask->ipv4_dst << 32;
	uint64_t v = value->ipv4_src | (uint64_t)value->ipv4_dst << 32;

	return (struct ip4_change){
		.addrs = v & m,
		.addrs_mask = m,
		.tos = htons(value->ipv4_tos & mask->ipv4_tos),
		.tos_mask = htons(mask->ipv4_tos),
		.ttl = htons((value->ipv4_ttl & mask->ipv4_ttl) << 8),
		.ttl_mask = htons(mask->ipv4_ttl << 8),
	};
}

/* Set two words, and the bytes of the key that show them. Return: what the
 * header's sum changes by.
 */
static inline uint64_t set_tos_ttl(struct twin_packet *pkt, uint8_t *ip,
				   const struct ip4_change *c)
{
	uint8_t *ttl = ip + offsetof(struct rte_ipv4_hdr, time_to_live);
	uint16_t old_tos = twin_load16(ip), old_ttl = twin_load16(ttl);
	uint16_t new_tos = (old_tos & ~c->tos_mask) | c->tos;
	uint16_t new_ttl = (old_ttl & ~c->ttl_mask) | c->ttl;

	memcpy(ip, &new_tos, sizeof(new_tos));
	memcpy(ttl, &new_ttl, sizeof(new_ttl));
	if (c->tos_mask)
		pkt->key.ip_tos = ntohs(new_tos);
	if (c->ttl_mask)
		pkt->key.ip_ttl = ntohs(new_ttl) >> 8;
	return (uint64_t)(uint16_t)~old_tos + new_tos + (uint16_t)~old_ttl +
	       new_ttl;
}

/* The key follows what changed in the header. The packet's hash ends with
 * addresses that it was made of.
 */
static inline void follow_addrs(struct twin_packet *pkt, uint64_t old,
				uint64_t new)
{
	struct ovsnl_key *key = &pkt->key;
	__be32 src = key->ip_src, dst = key->ip_dst;

	if ((uint32_t) new != (uint32_t)old)
		key->ip_src = (uint32_t) new;
	if (new >> 32 != old >> 32)
		key->ip_dst = new >> 32;
	if (key->ip_src != src || key->ip_dst != dst)
		twin_packet_end_hash(pkt);
}

/* Set both addresses. Return: what sums over them change by, 0 if neither
 * changed.
 */
static inline uint64_t set_addrs(struct twin_packet *pkt, uint8_t *addrs,
				 const struct ip4_change *c)
{
	uint64_t old = twin_load64(addrs);
	uint64_t new = (old & ~c->addrs_mask) | c->addrs;
	uint64_t delta;
	uint8_t *field;

	if (new == old)
		return 0;
	delta = delta32(old, new) + delta32(old >> 32, new >> 32);
	field = l4_csum(pkt);
	if (field)
		l4_update(pkt, field, delta);
	memcpy(addrs, &new, sizeof(new));
	follow_addrs(pkt, old, new);
	return delta;
}

static bool set_ipv4(struct twin_packet *pkts, unsigned int n,
		     const struct ovsnl_op_set_ipv4 *set)
{
	const struct ip4_change c = ip4_change(&set->value, &set->mask);
	bool bytes = c.tos_mask || c.ttl_mask;
	uint8_t *ip, *field;
	uint64_t delta;
	unsigned int i;
	uint16_t csum;

	if (!all_ipv4(pkts, n))
		return false;
	for (i = 0; i < n; i++) {
		ip = rte_pktmbuf_mtod_offset(pkts[i].m, uint8_t *,
					     pkts[i].layout.l3_ofs);
		delta = set_addrs(&pkts[i],
				  ip + offsetof(struct rte_ipv4_hdr, src_addr),
				  &c);
		if (bytes)
			delta += set_tos_ttl(&pkts[i], ip, &c);
		if (!delta)
			continue;
		field = ip + offsetof(struct rte_ipv4_hdr, hdr_checksum);
		csum = updated(twin_load16(field), delta);
		memcpy(field, &csum, sizeof(csum));
	}
	return true;
}

static bool all_l4(const struct twin_packet *pkts, unsigned int n,
		   uint8_t proto)
{
	const struct ovsnl_key *key;
	unsigned int i;

	for (i = 0; i < n; i++) {
		key = &pkts[i].key;
		if ((key->eth_type != htons(ETH_P_IP) &&
		     key->eth_type != htons(ETH_P_IPV6)) ||
		    key->ip_proto != proto ||
		    key->ip_frag == OVS_FRAG_TYPE_LATER ||
		    !is_whole_l4(&pkts[i]))
			return false;
	}
	return true;
}

/* Both ports as they stand in the header; @value under its @mask. */
static inline void set_ports_of(struct twin_packet *pkt, uint32_t value,
				uint32_t mask)
{
	uint8_t *l4 =
		rte_pktmbuf_mtod_offset(pkt->m, uint8_t *, pkt->layout.l4_ofs);
	uint32_t old = twin_load32(l4), new = (old & ~mask) | value;
	uint8_t *field = l4_csum(pkt);

	twin_packet_end_hash(pkt);
	if (new == old)
		return;
	if (field)
		l4_update(pkt, field, delta32(old, new));
	memcpy(l4, &new, sizeof(new));
	if ((uint16_t) new != (uint16_t)old)
		pkt->key.tp_src = (uint16_t) new;
	if (new >> 16 != old >> 16)
		pkt->key.tp_dst = new >> 16;
}

static bool set_ports(struct twin_packet *pkts, unsigned int n, uint8_t proto,
		      const void *value, const void *mask)
{
	uint32_t m = twin_load32(mask), v = twin_load32(value) & m;
	unsigned int i;

	if (!all_l4(pkts, n, proto))
		return false;
	for (i = 0; i < n; i++)
		set_ports_of(&pkts[i], v, m);
	return true;
}

/* Tags */

static bool all_taggable(const struct twin_packet *pkts, unsigned int n)
{
	bool ok = true;
	unsigned int i;

	for (i = 0; i < n; i++)
		ok &= !pkts[i].tagged && !twin_offload_is_partial(pkts[i].m) &&
		      pkts[i].m->data_len >= ADDRS_LEN &&
		      pkts[i].m->data_off >= RTE_VLAN_HLEN;
	return ok;
}

static inline uint16_t shifted(uint16_t ofs)
{
	return ofs == OVSNL_NO_OFS ? ofs : ofs + RTE_VLAN_HLEN;
}

/* @tag: as on the wire, @in_key as the key has it, both TPID first */
static inline void push_tag(struct twin_packet *pkt, uint32_t tag,
			    uint32_t in_key)
{
	struct ovsnl_layout *layout = &pkt->layout;
	struct rte_mbuf *m = pkt->m;
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *);
	uint64_t high = twin_load64(p);
	uint32_t low = twin_load32(p + sizeof(high));

	m->data_off -= RTE_VLAN_HLEN;
	m->data_len += RTE_VLAN_HLEN;
	m->pkt_len += RTE_VLAN_HLEN;
	p -= RTE_VLAN_HLEN;
	memcpy(p, &high, sizeof(high));
	memcpy(p + sizeof(high), &low, sizeof(low));
	memcpy(p + ADDRS_LEN, &tag, sizeof(tag));
	layout->l3_ofs += RTE_VLAN_HLEN;
	layout->l4_ofs = shifted(layout->l4_ofs);
	layout->inner_ofs = shifted(layout->inner_ofs);
	pkt->key.vlan_tpid = (uint16_t)in_key;
	pkt->key.vlan_tci = in_key >> 16;
	pkt->tagged = true;
}

static bool push_vlan(struct twin_packet *pkts, unsigned int n,
		      const struct ovsnl_op_push_vlan *push)
{
	const uint16_t tci = push->tci & htons(~OVSNL_VLAN_PRESENT & 0xffff);
	unsigned int i;

	if (!all_taggable(pkts, n))
		return false;
	for (i = 0; i < n; i++)
		push_tag(&pkts[i], push->tpid | (uint32_t)tci << 16,
			 push->tpid | (uint32_t)push->tci << 16);
	return true;
}

bool twin_header_burst(struct twin_packet *pkts, unsigned int n,
		       const struct ovsnl_op *op)
{
	const struct ovsnl_op_set_tcp *tcp = (const void *)op;
	const struct ovsnl_op_set_udp *udp = (const void *)op;

	switch (op->code) {
	case OVSNL_OP_SET_ETH:
		return set_eth(pkts, n, (const void *)op);
	case OVSNL_OP_SET_IPV4:
		return set_ipv4(pkts, n, (const void *)op);
	case OVSNL_OP_SET_TCP:
		return set_ports(pkts, n, IPPROTO_TCP, &tcp->value, &tcp->mask);
	case OVSNL_OP_SET_UDP:
		return set_ports(pkts, n, IPPROTO_UDP, &udp->value, &udp->mask);
	case OVSNL_OP_PUSH_VLAN:
		return push_vlan(pkts, n, (const void *)op);
	default:
		return false;
	}
}
