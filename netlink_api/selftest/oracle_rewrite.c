// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The slow rewriter. */
#include "oracle_packet.h"
#include "oracle_rewrite.h"

bool oracle_packet_read(struct oracle_packet *p, __u8 *data, __u32 len)
{
	struct ovsnl_window win = { .data = data, .len = len, .pkt_len = len };

	p->data = data;
	p->len = len;
	memset(&p->key, 0, sizeof(p->key));
	p->key.mac_proto = OVSNL_MAC_ETHERNET;
	return oracle_parse(&win, &p->key, &p->layout) == 0;
}

static bool is_ipv4(const struct oracle_packet *p)
{
	return p->key.eth_type == htons(0x0800);
}

static bool is_ipv6(const struct oracle_packet *p)
{
	return p->key.eth_type == htons(0x86dd);
}

static bool has_ipv4_header(const struct oracle_packet *p)
{
	return is_ipv4(p) && p->len >= p->layout.l3_ofs + 20u;
}

static bool has_ipv6_header(const struct oracle_packet *p)
{
	return is_ipv6(p) && p->len >= p->layout.l3_ofs + 40u;
}

/* Does the header's own length make sense? */
static bool ipv4_header_valid(const struct oracle_packet *p)
{
	__u32 ihl = p->data[p->layout.l3_ofs] % 16 * 4;

	return ihl >= 20 && p->layout.l3_ofs + ihl <= p->len;
}

int oracle_csum_field(const struct oracle_packet *p, enum oracle_csum which)
{
	int l4 = p->layout.l4_ofs;

	if (which == ORACLE_CSUM_IP)
		return has_ipv4_header(p) && ipv4_header_valid(p)
			       ? p->layout.l3_ofs + 10
			       : -1;
	if (!p->layout.l4_ok)
		return -1;
	switch (p->key.ip_proto) {
	case 1:
	case 58:
		return l4 + 2;
	case 6:
		return l4 + 16;
	case 17:
		return p->data[l4 + 6] || p->data[l4 + 7] ? l4 + 6 : -1;
	default:
		return -1;
	}
}

bool oracle_covers_addresses(const struct oracle_packet *p)
{
	return p->layout.l4_ok &&
	       (p->key.ip_proto == 6 || p->key.ip_proto == 17 ||
		(is_ipv6(p) && p->key.ip_proto == 58));
}

/* Sum of big-endian 16-bit numbers, the field at @skip taken as zero. */
static unsigned long sum(const __u8 *data, int from, int to, int skip)
{
	unsigned long total = 0;
	int i;

	for (i = from; i < to; i++) {
		if (i == skip || i == skip + 1)
			continue;
		total += (i - from) % 2 ? data[i] : data[i] << 8;
	}
	return total;
}

/* A routing header before the transport header, with segments left. */
static bool segments_left(const struct oracle_packet *p)
{
	int at = p->layout.l3_ofs + 40, type = p->data[p->layout.l3_ofs + 6];

	while (at < p->layout.l4_ofs) {
		int words = type == 44	 ? 2
			    : type == 51 ? p->data[at + 1] + 2
					 : (p->data[at + 1] + 1) * 2;

		if (type == 43 && p->data[at + 3])
			return true;
		type = p->data[at];
		at += words * 4;
	}
	return false;
}

static unsigned long pseudo_header(const struct oracle_packet *p)
{
	int ip = p->layout.l3_ofs;
	unsigned long total = p->key.ip_proto + p->len - p->layout.l4_ofs;

	if (is_ipv4(p))
		return total + sum(p->data, ip + 12, ip + 20, -2);
	total += sum(p->data, ip + 8, ip + 24, -2);
	return segments_left(p) ? total
				: total + sum(p->data, ip + 24, ip + 40, -2);
}

__u16 oracle_csum_compute(const struct oracle_packet *p, enum oracle_csum which)
{
	int field = oracle_csum_field(p, which);
	int ip = p->layout.l3_ofs;
	unsigned long total;

	if (which == ORACLE_CSUM_IP)
		total = sum(p->data, ip, ip + p->data[ip] % 16 * 4, field);
	else
		total = sum(p->data, p->layout.l4_ofs, p->len, field);
	if (which == ORACLE_CSUM_L4 && oracle_covers_addresses(p))
		total += pseudo_header(p);
	while (total > 0xffff)
		total = total % 0x10000 + total / 0x10000;
	if (which == ORACLE_CSUM_L4 && p->key.ip_proto == 17 && total == 0xffff)
		return 0xffff;
	return 0xffff - total;
}

void oracle_csum_fix(struct oracle_packet *p)
{
	enum oracle_csum which;

	for (which = 0; which < ORACLE_CSUMS; which++) {
		int field = oracle_csum_field(p, which);
		__u16 value;

		if (field < 0)
			continue;
		value = oracle_csum_compute(p, which);
		p->data[field] = value >> 8;
		p->data[field + 1] = value & 0xff;
	}
}

static void replace(__u8 *to, const void *value, const void *mask, int len)
{
	const __u8 *v = value, *m = mask;
	int i;

	for (i = 0; i < len; i++)
		to[i] = (to[i] & ~m[i]) | (v[i] & m[i]);
}

static int rewrite_ipv4(struct oracle_packet *p, const struct ovs_key_ipv4 *v,
			const struct ovs_key_ipv4 *m)
{
	__u8 *ip = p->data + p->layout.l3_ofs;

	if (!has_ipv4_header(p))
		return is_ipv4(p) ? -ENOMEM : -EINVAL;
	replace(ip + 1, &v->ipv4_tos, &m->ipv4_tos, 1);
	replace(ip + 8, &v->ipv4_ttl, &m->ipv4_ttl, 1);
	replace(ip + 12, &v->ipv4_src, &m->ipv4_src, 4);
	replace(ip + 16, &v->ipv4_dst, &m->ipv4_dst, 4);
	return 0;
}

/* Half bytes, to have the traffic class in one piece. */
static void replace_half(__u8 *to, bool low, __u8 value, __u8 mask)
{
	int shift = low ? 0 : 4;
	__u8 v = (value & 15) << shift, m = (mask & 15) << shift;

	replace(to, &v, &m, 1);
}

static int rewrite_ipv6(struct oracle_packet *p, const struct ovs_key_ipv6 *v,
			const struct ovs_key_ipv6 *m)
{
	const __u8 *label = (const __u8 *)&v->ipv6_label;
	const __u8 *label_mask = (const __u8 *)&m->ipv6_label;
	__u8 *ip = p->data + p->layout.l3_ofs;

	if (!has_ipv6_header(p))
		return is_ipv6(p) ? -ENOMEM : -EINVAL;
	replace_half(ip, true, v->ipv6_tclass >> 4, m->ipv6_tclass >> 4);
	replace_half(ip + 1, false, v->ipv6_tclass, m->ipv6_tclass);
	replace_half(ip + 1, true, label[1], label_mask[1]);
	replace(ip + 2, label + 2, label_mask + 2, 2);
	replace(ip + 7, &v->ipv6_hlimit, &m->ipv6_hlimit, 1);
	replace(ip + 8, v->ipv6_src, m->ipv6_src, 16);
	replace(ip + 24, v->ipv6_dst, m->ipv6_dst, 16);
	return 0;
}

static int rewrite_ports(struct oracle_packet *p, int proto, const void *v,
			 const void *m)
{
	if ((!is_ipv4(p) && !is_ipv6(p)) || p->key.ip_proto != proto ||
	    p->key.ip_frag == OVS_FRAG_TYPE_LATER)
		return -EINVAL;
	if (!p->layout.l4_ok)
		return -ENOMEM;
	replace(p->data + p->layout.l4_ofs, v, m, 4);
	return 0;
}

static bool is_mpls(const struct oracle_packet *p)
{
	return p->key.eth_type == htons(0x8847) ||
	       p->key.eth_type == htons(0x8848);
}

static int rewrite_mpls(struct oracle_packet *p, const struct ovs_key_mpls *v,
			const struct ovs_key_mpls *m)
{
	if (p->len < p->layout.l3_ofs + 4u)
		return -ENOMEM;
	if (p->key.cvlan_tci || !is_mpls(p))
		return -EINVAL;
	replace(p->data + p->layout.l3_ofs, &v->mpls_lse, &m->mpls_lse, 4);
	return 0;
}

/* The second tag hides what is behind it. */
static int dec_ttl(struct oracle_packet *p)
{
	__u8 *ttl = p->data + p->layout.l3_ofs + (is_ipv4(p) ? 8 : 7);

	if (p->key.cvlan_tci || (!is_ipv4(p) && !is_ipv6(p)))
		return 0;
	if (!has_ipv4_header(p) && !has_ipv6_header(p))
		return -ENOMEM;
	if (*ttl == 0 || *ttl == 1)
		return -EHOSTUNREACH;
	*ttl = *ttl - 1;
	return 0;
}

int oracle_rewrite(struct oracle_packet *p, enum ovsnl_rewrite_kind kind,
		   const union ovsnl_rewrite_fields *value,
		   const union ovsnl_rewrite_fields *mask)
{
	switch (kind) {
	case OVSNL_REWRITE_ETH:
		replace(p->data, value->eth.eth_dst, mask->eth.eth_dst, 6);
		replace(p->data + 6, value->eth.eth_src, mask->eth.eth_src, 6);
		return 0;
	case OVSNL_REWRITE_IPV4:
		return rewrite_ipv4(p, &value->ipv4, &mask->ipv4);
	case OVSNL_REWRITE_IPV6:
		return rewrite_ipv6(p, &value->ipv6, &mask->ipv6);
	case OVSNL_REWRITE_TCP:
		return rewrite_ports(p, 6, &value->tcp, &mask->tcp);
	case OVSNL_REWRITE_UDP:
		return rewrite_ports(p, 17, &value->udp, &mask->udp);
	case OVSNL_REWRITE_SCTP:
		return rewrite_ports(p, 132, &value->sctp, &mask->sctp);
	case OVSNL_REWRITE_MPLS:
		return rewrite_mpls(p, &value->mpls, &mask->mpls);
	case OVSNL_REWRITE_DEC_TTL:
		return dec_ttl(p);
	default:
		return -EINVAL;
	}
}

static __u32 l4_end(const struct oracle_packet *p)
{
	if (!p->layout.l4_ok)
		return 0;
	switch (p->key.ip_proto) {
	case 6:
		return p->layout.l4_ofs + 20;
	case 132:
		return p->layout.l4_ofs + 12;
	default:
		return p->layout.l4_ofs + 8;
	}
}

__u32 oracle_headers_len(const struct oracle_packet *p,
			 enum ovsnl_rewrite_kind kind)
{
	__u32 l3_end;

	switch (kind) {
	case OVSNL_REWRITE_ETH:
		return 14;
	case OVSNL_REWRITE_IPV4:
		l3_end = p->layout.l3_ofs + 20;
		break;
	case OVSNL_REWRITE_IPV6:
		l3_end = p->layout.l3_ofs + 40;
		break;
	case OVSNL_REWRITE_MPLS:
		return p->layout.l3_ofs + 4;
	case OVSNL_REWRITE_DEC_TTL:
		if (p->key.cvlan_tci || (!is_ipv4(p) && !is_ipv6(p)))
			return 0;
		return p->layout.l3_ofs + (is_ipv4(p) ? 20 : 40);
	default:
		l3_end = 0;
		break;
	}
	return l3_end > l4_end(p) ? l3_end : l4_end(p);
}
