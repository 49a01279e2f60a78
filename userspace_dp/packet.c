// SPDX-License-Identifier: BSD-3-Clause
/*
 * Packets: parse, clone, make room, push and pop tags.
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
#define TAGGED_LEN (RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN)

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

int twin_packet_pull(struct twin_packet *pkt, uint32_t len)
{
	struct rte_mbuf *m = pkt->m;
	uint32_t more;
	const char *src;
	char *end;

	if (likely(len <= m->data_len))
		return 0;
	if (len > m->pkt_len)
		return -ENOMEM;
	more = len - m->data_len;
	if (more > rte_pktmbuf_tailroom(m))
		return flatten(pkt);
	end = rte_pktmbuf_mtod_offset(m, char *, m->data_len);
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

	if (unlikely(pkt->key_stale && pkt->key.mac_proto == OVSNL_MAC_NONE))
		pkt->key.eth_type = pkt->protocol;
	for (;;) {
		win.data = rte_pktmbuf_mtod(pkt->m, const __u8 *);
		win.len = pkt->m->data_len;
		win.pkt_len = pkt->m->pkt_len;
		ret = ovsnl_packet_parse(&win, &pkt->key, &pkt->layout);
		if (likely(ret <= 0))
			break;
		ret = twin_packet_pull(pkt, ret);
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

#define HASH_SOFTWARE (1ull << 32)
#define HASH_OVER_PORTS (1ull << 33)

uint32_t twin_packet_flow_hash(const struct twin_packet *pkt)
{
	const struct ovsnl_key *key = &pkt->key;
	uint32_t hash = key->ip_proto;

	if (key->eth_type == htons(ETH_P_IPV6)) {
		hash = rte_hash_crc(key->ipv6_src, 16, hash) ^
		       rte_hash_crc(key->ipv6_dst, 16, hash);
	} else {
		hash = rte_hash_crc_4byte(key->ip_src ^ key->ip_dst, hash);
	}
	hash = rte_hash_crc_4byte((uint32_t)key->tp_src ^ key->tp_dst, hash);
	hash = rte_hash_crc_4byte((uint32_t)key->tp_src + key->tp_dst, hash);
	return hash ? hash : 1;
}

void twin_packet_hash(struct twin_packet *pkt)
{
	if (pkt->hash & (HASH_SOFTWARE | HASH_OVER_PORTS))
		return;
	pkt->hash = twin_packet_flow_hash(pkt) | HASH_SOFTWARE;
	if (pkt->layout.l4_ok && pkt->key.ip_frag == OVS_FRAG_TYPE_NONE)
		pkt->hash |= HASH_OVER_PORTS;
}

/* Room */

static int shifted(int ofs, int by)
{
	if (ofs == OVSNL_NO_OFS)
		return ofs;
	ofs += by;
	return ofs < 0 || ofs > OVSNL_NO_OFS ? OVSNL_NO_OFS : ofs;
}

int twin_packet_shift(struct twin_packet *pkt, int by)
{
	struct ovsnl_layout *layout = &pkt->layout;
	struct rte_mbuf *m = pkt->m;

	if (twin_offload_is_partial(m)) {
		if ((int)m->l2_len + by < 0 ||
		    m->l2_len + by > TWIN_OFFLOAD_L2_MAX)
			return -EINVAL;
		m->l2_len += by;
	}
	layout->l4_ofs = shifted(layout->l4_ofs, by);
	layout->inner_ofs = shifted(layout->inner_ofs, by);
	return 0;
}

/* Move the first segment's bytes towards its end, for @len bytes in front. */
static bool make_headroom(struct rte_mbuf *m, uint32_t len)
{
	uint32_t more = len - rte_pktmbuf_headroom(m);
	char *p = rte_pktmbuf_mtod(m, char *);

	if (more > rte_pktmbuf_tailroom(m))
		return false;
	memmove(p + more, p, m->data_len);
	m->data_off += more;
	return true;
}

char *twin_packet_prepend(struct twin_packet *pkt, uint32_t len)
{
	if (unlikely(len > rte_pktmbuf_headroom(pkt->m)) &&
	    !make_headroom(pkt->m, len) &&
	    (flatten(pkt) || (len > rte_pktmbuf_headroom(pkt->m) &&
			      !make_headroom(pkt->m, len))))
		return NULL;
	return rte_pktmbuf_prepend(pkt->m, len);
}

/* Tags */

/* What follows the tag in the frame: a type, or one of the kernel's own where
 * there is a length (802.3, 802.2).
 */
static __be16 type_behind_tag(const struct rte_mbuf *m)
{
	const char *p = rte_pktmbuf_mtod(m, const char *);
	uint16_t next = 0;
	__be16 type;

	memcpy(&type, p + ADDRS_LEN + RTE_VLAN_HLEN, sizeof(type));
	if (ntohs(type) >= ETH_P_802_3_MIN)
		return type;
	if (m->data_len >= TAGGED_LEN + sizeof(next))
		memcpy(&next, p + TAGGED_LEN, sizeof(next));
	return htons(next == UINT16_MAX ? ETH_P_802_3 : ETH_P_802_2);
}

/* Put a tag, as on the wire, behind the addresses; what was there is the
 * protocol.
 */
static int insert_tag(struct twin_packet *pkt, __be16 tpid, __be16 tci)
{
	char *p;

	if (twin_packet_shift(pkt, RTE_VLAN_HLEN))
		return -EINVAL;
	p = twin_packet_prepend(pkt, RTE_VLAN_HLEN);
	if (unlikely(!p))
		return -ENOMEM;
	memmove(p, p + RTE_VLAN_HLEN, ADDRS_LEN);
	memcpy(p + ADDRS_LEN, &tpid, sizeof(tpid));
	memcpy(p + ADDRS_LEN + sizeof(tpid), &tci, sizeof(tci));
	pkt->layout.l3_ofs += RTE_VLAN_HLEN;
	return 0;
}

int twin_packet_push_vlan(struct twin_packet *pkt, __be16 tpid, __be16 tci)
{
	const char *p = rte_pktmbuf_mtod(pkt->m, const char *);
	__be16 outer;
	int err;

	memcpy(&outer, p + ADDRS_LEN, sizeof(outer));
	err = insert_tag(pkt, tpid, tci & htons(~OVSNL_VLAN_PRESENT & 0xffff));
	if (err)
		return err;
	if (pkt->tagged) {
		pkt->key_stale = true;
		pkt->protocol = outer;
	} else {
		pkt->key.vlan_tpid = tpid;
		pkt->key.vlan_tci = tci;
	}
	pkt->tagged = true;
	return 0;
}

/* Take out the tag; what is behind it is then the packet's protocol. */
static int remove_tag(struct twin_packet *pkt)
{
	__be16 type;
	char *p;

	if (twin_packet_pull(pkt, TAGGED_LEN))
		return -ENOMEM;
	type = type_behind_tag(pkt->m);
	if (twin_packet_shift(pkt, -RTE_VLAN_HLEN))
		return -EINVAL;
	p = rte_pktmbuf_mtod(pkt->m, char *);
	memmove(p + RTE_VLAN_HLEN, p, ADDRS_LEN);
	rte_pktmbuf_adj(pkt->m, RTE_VLAN_HLEN);
	pkt->layout.l3_ofs =
		RTE_MAX(pkt->layout.l3_ofs - RTE_VLAN_HLEN, RTE_ETHER_HDR_LEN);
	pkt->protocol = type;
	return 0;
}

/* The tag that came to light is the outer one from now on. */
static int adopt_tag(struct twin_packet *pkt)
{
	if (twin_packet_pull(pkt, TAGGED_LEN))
		return -ENOMEM;
	pkt->layout.l3_ofs = RTE_MAX(pkt->layout.l3_ofs, TAGGED_LEN);
	pkt->protocol = type_behind_tag(pkt->m);
	pkt->key_stale = true;
	pkt->tagged = true;
	return 0;
}

int twin_packet_pop_vlan(struct twin_packet *pkt)
{
	__be16 next = twin_packet_protocol(pkt);
	int err;

	if (!pkt->tagged && !twin_packet_is_tpid(next))
		return 0;
	err = remove_tag(pkt);
	if (err)
		return err;
	if (!pkt->tagged)
		next = pkt->protocol;
	pkt->protocol = next;
	pkt->tagged = false;
	if (twin_packet_is_tpid(next))
		err = adopt_tag(pkt);
	if (!pkt->tagged) {
		pkt->key.vlan_tpid = 0;
		pkt->key.vlan_tci = 0;
	}
	return err;
}

int twin_packet_tag_out(struct twin_packet *pkt)
{
	__be16 protocol = twin_packet_protocol(pkt), tag[2];
	int err;

	if (!pkt->tagged)
		return 0;
	memcpy(tag, rte_pktmbuf_mtod_offset(pkt->m, const char *, ADDRS_LEN),
	       sizeof(tag));
	err = remove_tag(pkt);
	if (err)
		return err;
	pkt->protocol = protocol;
	pkt->tagged = false;
	pkt->aside_tpid = tag[0];
	pkt->aside_tci = tag[1];
	return 0;
}

int twin_packet_tag_in(struct twin_packet *pkt)
{
	int err;

	if (!pkt->aside_tpid)
		return 0;
	err = insert_tag(pkt, pkt->aside_tpid, pkt->aside_tci);
	if (err)
		return err;
	pkt->aside_tpid = 0;
	pkt->tagged = true;
	return 0;
}
