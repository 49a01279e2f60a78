// SPDX-License-Identifier: BSD-3-Clause
/*
 * Packets: parse, clone, push and pop tags.
 *
 * Overview
 *	A packet's first segment is private to it, so headers may be rewritten
 *	at any time. Clones copy that segment and share the rest, which nobody
 *	writes to: the large tails of segmented packets are never copied.
 *
 * Life cycle
 *	The holder of a struct twin_packet owns its mbuf.
 *
 * Synchronisation
 *	Segments are shared between contexts by the mbuf's reference count.
 *
 * Lock order
 *	No locks.
 */
#include "packet.h"

#include <errno.h>

#include <rte_ether.h>
#include <rte_hash_crc.h>

#include "offload.h"
#include "pool.h"

#define ADDRS_LEN (2 * RTE_ETHER_ADDR_LEN)

/* Parsing */

/* Take the first @len bytes off the segments behind the first one. */
static void drop_tails(struct rte_mbuf *m, uint32_t len)
{
	struct rte_mbuf *seg;

	while (len) {
		seg = m->next;
		if (len < seg->data_len) {
			seg->data_off += len;
			seg->data_len -= len;
			return;
		}
		len -= seg->data_len;
		m->next = seg->next;
		m->nb_segs--;
		rte_pktmbuf_free_seg(seg);
	}
}

/* Copy the packet into one large mbuf. */
static int flatten(struct twin_packet *pkt)
{
	struct rte_mbuf *m = pkt->m;
	struct rte_mbuf *flat = rte_pktmbuf_alloc(twin_pool_large());
	char *p = flat ? rte_pktmbuf_append(flat, m->pkt_len) : NULL;
	const char *src;

	if (!p) {
		rte_pktmbuf_free(flat);
		return -ENOMEM;
	}
	src = rte_pktmbuf_read(m, 0, m->pkt_len, p);
	if (src != p)
		memcpy(p, src, m->pkt_len);
	flat->ol_flags = m->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK;
	flat->tx_offload = m->tx_offload;
	rte_pktmbuf_free(m);
	pkt->m = flat;
	return 0;
}

/* Bring the first @len bytes of the packet into its first segment. */
static int pull(struct twin_packet *pkt, uint32_t len)
{
	struct rte_mbuf *m = pkt->m;
	uint32_t more = len - m->data_len;
	char *end = rte_pktmbuf_mtod_offset(m, char *, m->data_len);
	const char *src;

	if (more > rte_pktmbuf_tailroom(m))
		return flatten(pkt);
	src = rte_pktmbuf_read(m, m->data_len, more, end);
	if (src != end)
		memcpy(end, src, more);
	drop_tails(m, more);
	m->data_len += more;
	return 0;
}

int twin_packet_parse(struct twin_packet *pkt)
{
	struct ovsnl_window win = { 0 };
	int ret;

	for (;;) {
		win.data = rte_pktmbuf_mtod(pkt->m, const __u8 *);
		win.len = pkt->m->data_len;
		win.pkt_len = pkt->m->pkt_len;
		ret = ovsnl_packet_parse(&win, &pkt->key, &pkt->layout);
		if (likely(ret <= 0))
			break;
		ret = pull(pkt, ret);
		if (ret)
			return ret;
	}
	pkt->dirty = true;
	pkt->key_stale = false;
	pkt->tagged = pkt->key.vlan_tci != 0;
	/* It will leave as fragments; what is parsed is the first one. */
	if (unlikely(twin_offload_is_ufo(pkt->m)))
		pkt->key.ip_frag = OVS_FRAG_TYPE_FIRST;
	return ret;
}

/* Clones */

struct rte_mbuf *twin_packet_clone(const struct rte_mbuf *m,
				   struct rte_mempool *pool)
{
	struct rte_mbuf *c = rte_pktmbuf_alloc(pool);
	struct rte_mbuf *rest;

	if (unlikely(!c))
		return NULL;
	if (unlikely(m->data_len > rte_pktmbuf_tailroom(c))) {
		rte_pktmbuf_free(c);
		return rte_pktmbuf_copy(m, pool, 0, UINT32_MAX);
	}
	memcpy(rte_pktmbuf_mtod(c, void *), rte_pktmbuf_mtod(m, const void *),
	       m->data_len);
	c->data_len = m->data_len;
	c->pkt_len = m->pkt_len;
	c->port = m->port;
	c->ol_flags = m->ol_flags &
		      ~(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
	c->tx_offload = m->tx_offload;
	if (likely(!m->next))
		return c;
	rest = rte_pktmbuf_clone(m->next, pool);
	if (!rest) {
		rte_pktmbuf_free(c);
		return NULL;
	}
	c->next = rest;
	c->nb_segs = m->nb_segs;
	return c;
}

/* Hash */

void twin_packet_hash(struct twin_packet *pkt)
{
	const uint64_t software = 1ull << 32, over_ports = 1ull << 33;
	const struct ovsnl_key *key = &pkt->key;
	uint32_t hash = key->ip_proto;

	if (pkt->hash)
		return;
	/* Both directions alike, as the kernel's. */
	if (key->eth_type == htons(ETH_P_IPV6)) {
		hash = rte_hash_crc(key->ipv6_src, 16, hash) ^
		       rte_hash_crc(key->ipv6_dst, 16, hash);
	} else {
		hash = rte_hash_crc_4byte(key->ip_src ^ key->ip_dst, hash);
	}
	hash = rte_hash_crc_4byte((uint32_t)key->tp_src ^ key->tp_dst, hash);
	hash = rte_hash_crc_4byte((uint32_t)key->tp_src + key->tp_dst, hash);
	pkt->hash = (hash ? hash : 1) | software;
	if (pkt->layout.l4_ok && key->ip_frag == OVS_FRAG_TYPE_NONE)
		pkt->hash |= over_ports;
}

/* Tags */

static bool is_tpid(__be16 type)
{
	return type == htons(ETH_P_8021Q) || type == htons(ETH_P_8021AD);
}

static void shift_layout(struct twin_packet *pkt, int by)
{
	if (pkt->layout.l3_ofs != OVSNL_NO_OFS)
		pkt->layout.l3_ofs += by;
	if (pkt->layout.l4_ofs != OVSNL_NO_OFS)
		pkt->layout.l4_ofs += by;
	if (twin_offload_is_partial(pkt->m))
		pkt->m->l2_len += by;
}

/* Headroom of a fresh mbuf, where the packet's is used up. */
static int renew_headroom(struct twin_packet *pkt)
{
	struct rte_mbuf *m = twin_packet_clone(pkt->m, twin_pool());

	if (!m)
		return -ENOMEM;
	rte_pktmbuf_free(pkt->m);
	pkt->m = m;
	return 0;
}

int twin_packet_push_vlan(struct twin_packet *pkt, __be16 tpid, __be16 tci)
{
	__be16 wire_tci = tci & htons(~OVSNL_VLAN_PRESENT & 0xffff);
	char *p;

	p = rte_pktmbuf_prepend(pkt->m, RTE_VLAN_HLEN);
	if (unlikely(!p)) {
		if (renew_headroom(pkt))
			return -ENOMEM;
		p = rte_pktmbuf_prepend(pkt->m, RTE_VLAN_HLEN);
		if (!p)
			return -ENOMEM;
	}
	memmove(p, p + RTE_VLAN_HLEN, ADDRS_LEN);
	memcpy(p + ADDRS_LEN, &tpid, sizeof(tpid));
	memcpy(p + ADDRS_LEN + sizeof(tpid), &wire_tci, sizeof(wire_tci));
	shift_layout(pkt, RTE_VLAN_HLEN);
	if (pkt->tagged) {
		pkt->key_stale = true;
	} else {
		pkt->key.vlan_tpid = tpid;
		pkt->key.vlan_tci = tci;
	}
	pkt->tagged = true;
	return 0;
}

/* Does a TPID stand where a tag would be, without the tag? */
static bool tag_is_cut(const struct twin_packet *pkt)
{
	const char *p = rte_pktmbuf_mtod(pkt->m, const char *);
	__be16 type;

	if (pkt->m->data_len < ADDRS_LEN + sizeof(type))
		return false;
	memcpy(&type, p + ADDRS_LEN, sizeof(type));
	return is_tpid(type) &&
	       pkt->m->pkt_len < RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN;
}

int twin_packet_pop_vlan(struct twin_packet *pkt)
{
	__be16 next;
	char *p;

	if (!pkt->tagged)
		return tag_is_cut(pkt) ? -ENOMEM : 0;
	p = rte_pktmbuf_mtod(pkt->m, char *);
	memmove(p + RTE_VLAN_HLEN, p, ADDRS_LEN);
	p = rte_pktmbuf_adj(pkt->m, RTE_VLAN_HLEN);
	shift_layout(pkt, -RTE_VLAN_HLEN);
	memcpy(&next, p + ADDRS_LEN, sizeof(next));
	pkt->tagged = is_tpid(next);
	if (pkt->tagged) {
		pkt->key_stale = true;
	} else {
		pkt->key.vlan_tpid = 0;
		pkt->key.vlan_tci = 0;
	}
	return tag_is_cut(pkt) ? -ENOMEM : 0;
}
