// SPDX-License-Identifier: BSD-3-Clause
/*
 * Header fields and metadata of packets, set by actions.
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

#include <rte_ip.h>
#include <rte_sctp.h>

#include "offload.h"
#include "ovsnl_uapi_new.h"

static struct ovsnl_headers open_headers(const struct twin_packet *pkt)
{
	struct ovsnl_headers h = {
		.data = rte_pktmbuf_mtod(pkt->m, __u8 *),
		.len = pkt->m->data_len,
		.layout = pkt->layout,
		.protocol = twin_packet_protocol(pkt),
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
	struct ovsnl_key *key = &pkt->key;
	__be32 old_v4[2] = { key->ip_src, key->ip_dst };
	uint8_t old_v6[32];
	int err;

	memcpy(old_v6, key->ipv6_src, sizeof(old_v6));
	if (op->code == OVSNL_OP_SET_IPV4)
		err = ovsnl_rewrite_ipv4(h, key, &v4->value, &v4->mask);
	else
		err = ovsnl_rewrite_ipv6(h, key, &v6->value, &v6->mask);
	if (memcmp(old_v4, &key->ip_src, sizeof(old_v4)) ||
	    memcmp(old_v6, key->ipv6_src, sizeof(old_v6)))
		twin_packet_end_hash(pkt);
	return err;
}

static void set_u32(__u32 *field, const struct ovsnl_op *op)
{
	const struct ovsnl_op_set_u32 *set = (const void *)op;

	*field = (*field & ~set->mask) | (set->value & set->mask);
}

static int set_mpls(struct twin_packet *pkt,
		    const struct ovsnl_op_set_mpls *set)
{
	struct ovsnl_headers h;

	if (twin_packet_pull(pkt, pkt->layout.l3_ofs + sizeof(set->value)))
		return -ENOMEM;
	h = open_headers(pkt);
	return ovsnl_rewrite_mpls(&h, &pkt->key, set->value, set->mask);
}

int twin_set_field_dec_ttl(struct twin_packet *pkt)
{
	__be16 type = twin_packet_protocol(pkt);
	struct ovsnl_headers h;
	uint32_t len = 0;

	if (type == htons(ETH_P_IP))
		len = sizeof(struct rte_ipv4_hdr);
	else if (type == htons(ETH_P_IPV6))
		len = sizeof(struct rte_ipv6_hdr);
	if (!len)
		return 0;
	if (twin_packet_pull(pkt, pkt->layout.l3_ofs + len))
		return -ENOMEM;
	h = open_headers(pkt);
	return ovsnl_rewrite_dec_ttl(&h, &pkt->key);
}

/* Metadata */

static uint32_t rol32(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

/* The finish of Bob Jenkins' lookup3 (public domain), as the kernel's
 * jhash_1word() has it: clients may count on the result.
 */
static uint32_t jenkins_hash(uint32_t word, uint32_t basis)
{
	const uint32_t iv = basis + 0xdeadbeef + 4;
	uint32_t a = word + iv, b = iv, c = iv;

	c = (c ^ b) - rol32(b, 14);
	a = (a ^ c) - rol32(c, 11);
	b = (b ^ a) - rol32(a, 25);
	c = (c ^ b) - rol32(b, 16);
	a = (a ^ c) - rol32(c, 4);
	b = (b ^ a) - rol32(a, 14);
	return (c ^ b) - rol32(b, 24);
}

static void set_hash(struct twin_packet *pkt, const struct ovsnl_op *op)
{
	const struct ovsnl_op_hash *h = (const void *)op;
	uint32_t hash;

	if (h->alg == OVSNL_HASH_ALG_SYM_L4) {
		hash = twin_packet_flow_hash(pkt);
	} else {
		pkt->no_hash = false;
		twin_packet_hash(pkt);
		hash = pkt->hash;
	}
	hash = jenkins_hash(hash, h->basis);
	pkt->key.dp_hash = hash ? hash : 1;
}

static void clear_ct(struct twin_packet *pkt)
{
	struct ovsnl_key *key = &pkt->key;

	key->ct_state = 0;
	key->ct_zone = 0;
	key->ct_mark = 0;
	memset((char *)key + offsetof(struct ovsnl_key, ct_label), 0,
	       OVSNL_KEY_LINE);
}

int twin_set_field(struct twin_packet *pkt, const struct ovsnl_op *op)
{
	const struct ovsnl_op_set_eth *eth = (const void *)op;
	const struct ovsnl_op_set_tcp *tcp = (const void *)op;
	const struct ovsnl_op_set_udp *udp = (const void *)op;
	const struct ovsnl_op_set_tunnel *tunnel = (const void *)op;
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
	case OVSNL_OP_SET_MPLS:
		return set_mpls(pkt, (const void *)op);
	case OVSNL_OP_SET_PRIORITY:
		set_u32(&key->priority, op);
		return 0;
	case OVSNL_OP_SET_MARK:
		set_u32(&key->skb_mark, op);
		return 0;
	case OVSNL_OP_HASH:
		set_hash(pkt, op);
		return 0;
	case OVSNL_OP_CT_CLEAR:
		clear_ct(pkt);
		return 0;
	case OVSNL_OP_SET_TUNNEL:
		pkt->tunnel = &tunnel->tun;
		return 0;
	default:
		return -EINVAL;
	}
}
