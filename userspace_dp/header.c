// SPDX-License-Identifier: BSD-3-Clause
/*
 * Headers pushed in front of packets, and popped.
 *
 * Overview
 *	What the kernel keeps as skb->protocol, network header and MAC length
 *	is here twin_packet_protocol(), layout.l3_ofs and mac_len(). The outer
 *	tag, which the kernel keeps beside a packet, is within it here: it
 *	counts for l3_ofs, not for mac_len().
 *
 *	A packet that no longer begins with its Ethernet header has its outer
 *	tag set aside, until an Ethernet header is in front again.
 *
 *	A packet that is yet to be segmented keeps its state, with a longer
 *	l2_len; output.c sees to it that software does the work then.
 *
 * Life cycle, synchronisation, lock order
 *	None: a packet has one owner.
 */
#include "header.h"

#include <errno.h>

#include <rte_ether.h>

#include "offload.h"

#define LSE_LEN 4 /* RFC 3032 */
#define NSH_NEXT_OFS 3 /* RFC 8300, 2.2 */
#define NSH_MAX 252u /* 6 bits of 4-byte words */

static bool is_mpls(__be16 type)
{
	return type == htons(ETH_P_MPLS_UC) || type == htons(ETH_P_MPLS_MC);
}

static uint32_t mac_len(const struct twin_packet *pkt)
{
	return pkt->layout.l3_ofs - (pkt->tagged ? RTE_VLAN_HLEN : 0);
}

static void set_stale(struct twin_packet *pkt, __be16 protocol)
{
	pkt->protocol = protocol;
	pkt->key_stale = true;
}

/* Make room for @len bytes in front, and say that all moved. */
static char *push(struct twin_packet *pkt, uint32_t len, int *err)
{
	char *p;

	*err = twin_packet_shift(pkt, len);
	if (*err)
		return NULL;
	p = twin_packet_prepend(pkt, len);
	if (!p)
		*err = -ENOMEM;
	else if (twin_offload_is_gso(pkt->m))
		pkt->encapsulated = true;
	return p;
}

/* Write the type that ends @end bytes into the packet, if it has any. */
static void set_type(struct twin_packet *pkt, uint32_t end, __be16 type)
{
	char *p = rte_pktmbuf_mtod(pkt->m, char *);

	if (mac_len(pkt) >= RTE_ETHER_HDR_LEN)
		memcpy(p + end - sizeof(type), &type, sizeof(type));
}

/* MPLS */

int twin_header_push_mpls(struct twin_packet *pkt,
			  const struct ovsnl_op_push_mpls *op)
{
	uint32_t at = op->at_start ? 0 : pkt->layout.l3_ofs;
	char *p;
	int err;

	/* Linux doesn't segment such packets either. */
	if (pkt->m->ol_flags & RTE_MBUF_F_TX_TUNNEL_MASK)
		return -EINVAL;
	if (op->at_start && twin_packet_tag_out(pkt))
		return -EINVAL;
	if (!is_mpls(twin_packet_protocol(pkt)))
		pkt->layout.inner_ofs = pkt->layout.l3_ofs;
	p = push(pkt, LSE_LEN, &err);
	if (!p)
		return err;
	memmove(p, p + LSE_LEN, at);
	memcpy(p + at, &op->lse, LSE_LEN);
	if (!at || !mac_len(pkt))
		pkt->key.mac_proto = OVSNL_MAC_NONE;
	pkt->layout.l3_ofs = at;
	/* As Linux does: behind the addresses even where a length stands. */
	set_type(pkt, RTE_ETHER_HDR_LEN + (pkt->tagged ? RTE_VLAN_HLEN : 0),
		 op->ethertype);
	set_stale(pkt, op->ethertype);
	return 0;
}

int twin_header_pop_mpls(struct twin_packet *pkt, __be16 next)
{
	uint32_t at = pkt->layout.l3_ofs;
	char *p;
	int err;

	if (!is_mpls(twin_packet_protocol(pkt)))
		goto out;
	err = twin_packet_pull(pkt, at + LSE_LEN);
	if (!err)
		err = twin_packet_shift(pkt, -LSE_LEN);
	if (err)
		return err;
	p = rte_pktmbuf_mtod(pkt->m, char *);
	memmove(p + LSE_LEN, p, at);
	rte_pktmbuf_adj(pkt->m, LSE_LEN);
	if (pkt->key.mac_proto == OVSNL_MAC_ETHERNET)
		set_type(pkt, at, next);
	set_stale(pkt, next);
out:
	set_stale(pkt, twin_packet_protocol(pkt));
	if (next != htons(ETH_P_TEB))
		return 0;
	pkt->key.mac_proto = OVSNL_MAC_ETHERNET;
	return twin_packet_tag_in(pkt);
}

/* Ethernet */

int twin_header_push_eth(struct twin_packet *pkt,
			 const struct ovs_key_ethernet *addresses)
{
	__be16 type = twin_packet_protocol(pkt);
	struct rte_ether_hdr *eth;
	int err;

	if (pkt->layout.l3_ofs || pkt->aside_tpid)
		return -EPROTO;
	eth = (struct rte_ether_hdr *)push(pkt, sizeof(*eth), &err);
	if (!eth)
		return err;
	memcpy(&eth->dst_addr, addresses->eth_dst, ETH_ALEN);
	memcpy(&eth->src_addr, addresses->eth_src, ETH_ALEN);
	eth->ether_type = type;
	pkt->layout.l3_ofs = sizeof(*eth);
	pkt->key.mac_proto = OVSNL_MAC_ETHERNET;
	set_stale(pkt, type);
	return 0;
}

int twin_header_pop_eth(struct twin_packet *pkt)
{
	__be16 type = twin_packet_protocol(pkt);
	int err;

	if (pkt->tagged || twin_packet_is_tpid(type) ||
	    pkt->layout.l3_ofs < RTE_ETHER_HDR_LEN ||
	    twin_packet_pull(pkt, RTE_ETHER_HDR_LEN))
		return -EPROTO;
	err = twin_packet_shift(pkt, -RTE_ETHER_HDR_LEN);
	if (err)
		return err;
	rte_pktmbuf_adj(pkt->m, RTE_ETHER_HDR_LEN);
	pkt->layout.l3_ofs -= RTE_ETHER_HDR_LEN;
	pkt->key.mac_proto = OVSNL_MAC_NONE;
	set_stale(pkt, type);
	return 0;
}

/* NSH */

int twin_header_push_nsh(struct twin_packet *pkt,
			 const struct ovsnl_op_push_nsh *op)
{
	uint8_t next = ovsnl_nsh_next(mac_len(pkt) ? htons(ETH_P_TEB)
						   : twin_packet_protocol(pkt));
	char *p;
	int err;

	if (!next)
		return -EAFNOSUPPORT;
	err = twin_packet_tag_out(pkt);
	if (err)
		return err;
	p = push(pkt, op->len, &err);
	if (!p)
		return err;
	memcpy(p, op->header, op->len);
	p[NSH_NEXT_OFS] = next;
	pkt->layout.l3_ofs = 0;
	pkt->key.mac_proto = OVSNL_MAC_NONE;
	set_stale(pkt, htons(ETH_P_NSH));
	return 0;
}

int twin_header_pop_nsh(struct twin_packet *pkt)
{
	__be16 type;
	int len, err;

	err = twin_packet_tag_out(pkt);
	if (!err)
		err = twin_packet_pull(pkt, RTE_MIN(pkt->m->pkt_len, NSH_MAX));
	if (err)
		return err;
	len = ovsnl_nsh_pop(rte_pktmbuf_mtod(pkt->m, const __u8 *),
			    pkt->m->data_len, &type);
	if (len < 0)
		return len;
	err = twin_packet_shift(pkt, -len);
	if (err)
		return err;
	rte_pktmbuf_adj(pkt->m, len);
	pkt->layout.l3_ofs = 0;
	pkt->key.mac_proto = OVSNL_MAC_NONE;
	set_stale(pkt, type);
	if (type != htons(ETH_P_TEB))
		return 0;
	pkt->key.mac_proto = OVSNL_MAC_ETHERNET;
	return twin_packet_tag_in(pkt);
}
