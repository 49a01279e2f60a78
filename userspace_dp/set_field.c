// SPDX-License-Identifier: BSD-3-Clause
/*
 * Header fields of packets, set by actions.
 *
 * Overview
 *	The rewriting itself is netlink_api's. Here it gets its window and
 *	learns who completes the checksum; SCTP's, which is over the whole
 *	packet, is made here.
 *
 * Life cycle, synchronisation, lock order
 *	None: a packet has one owner.
 */
#include "set_field.h"

#include <errno.h>

#include <rte_sctp.h>

#include "offload.h"

static struct ovsnl_headers open_headers(const struct twin_packet *pkt)
{
	struct ovsnl_headers h = {
		.data = rte_pktmbuf_mtod(pkt->m, __u8 *),
		.len = pkt->m->data_len,
		.layout = pkt->layout,
		.csum = twin_offload_is_partial(pkt->m) ? OVSNL_CSUM_PARTIAL
							: OVSNL_CSUM_FULL,
	};

	return h;
}

static int set_sctp(struct twin_packet *pkt, struct ovsnl_headers *h,
		    const struct ovsnl_op_set_sctp *set)
{
	uint32_t ofs = pkt->layout.l4_ofs;
	rte_le32_t before, crc;
	__le32 stored;
	int err;

	if (!pkt->layout.l4_ok)
		return pkt->key.ip_frag == OVS_FRAG_TYPE_LATER ? -EINVAL
							       : -ENOMEM;
	before = twin_offload_sctp_crc(pkt->m, ofs);
	err = ovsnl_rewrite_sctp(h, &pkt->key, &set->value, &set->mask,
				 &stored);
	if (err)
		return err;
	/* What was wrong stays wrong. */
	crc = stored ^ before ^ twin_offload_sctp_crc(pkt->m, ofs);
	memcpy(h->data + ofs + offsetof(struct rte_sctp_hdr, cksum), &crc,
	       sizeof(crc));
	return 0;
}

/* The packet's hash ends with the addresses that it was made of. */
static int set_addresses(struct twin_packet *pkt, struct ovsnl_headers *h,
			 const struct ovsnl_op *op)
{
	const struct ovsnl_op_set_ipv4 *v4 = (const void *)op;
	const struct ovsnl_op_set_ipv6 *v6 = (const void *)op;
	struct ovsnl_key old = pkt->key;
	int err;

	if (op->code == OVSNL_OP_SET_IPV4)
		err = ovsnl_rewrite_ipv4(h, &pkt->key, &v4->value, &v4->mask);
	else
		err = ovsnl_rewrite_ipv6(h, &pkt->key, &v6->value, &v6->mask);
	if (old.ip_src != pkt->key.ip_src || old.ip_dst != pkt->key.ip_dst ||
	    memcmp(old.ipv6_src, pkt->key.ipv6_src, 32))
		twin_packet_end_hash(pkt);
	return err;
}

int twin_set_field(struct twin_packet *pkt, const struct ovsnl_op *op)
{
	const struct ovsnl_op_set_eth *eth = (const void *)op;
	const struct ovsnl_op_set_tcp *tcp = (const void *)op;
	const struct ovsnl_op_set_udp *udp = (const void *)op;
	const struct ovsnl_op_set_u32 *u32 = (const void *)op;
	struct ovsnl_headers h = open_headers(pkt);
	struct ovsnl_key *key = &pkt->key;

	switch (op->code) {
	case OVSNL_OP_SET_ETH:
		return ovsnl_rewrite_eth(&h, key, &eth->value, &eth->mask);
	case OVSNL_OP_SET_IPV4:
	case OVSNL_OP_SET_IPV6:
		return set_addresses(pkt, &h, op);
	case OVSNL_OP_SET_TCP:
		twin_packet_end_hash(pkt);
		return ovsnl_rewrite_tcp(&h, key, &tcp->value, &tcp->mask);
	case OVSNL_OP_SET_UDP:
		twin_packet_end_hash(pkt);
		return ovsnl_rewrite_udp(&h, key, &udp->value, &udp->mask);
	case OVSNL_OP_SET_SCTP:
		twin_packet_end_hash(pkt);
		return set_sctp(pkt, &h, (const void *)op);
	case OVSNL_OP_SET_PRIORITY:
		key->priority = (key->priority & ~u32->mask) |
				(u32->value & u32->mask);
		return 0;
	case OVSNL_OP_SET_MARK:
		key->skb_mark = (key->skb_mark & ~u32->mask) |
				(u32->value & u32->mask);
		return 0;
	default:
		return -EINVAL;
	}
}
