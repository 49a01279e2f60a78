// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Runs the vectors of the header rewriter. */
#include "selftest.h"

int ovsnl_selftest_rewrite_call(enum ovsnl_rewrite_kind kind,
				struct ovsnl_headers *h, struct ovsnl_key *key,
				const union ovsnl_rewrite_fields *value,
				const union ovsnl_rewrite_fields *mask)
{
	__le32 crc;

	switch (kind) {
	case OVSNL_REWRITE_ETH:
		return ovsnl_rewrite_eth(h, key, &value->eth, &mask->eth);
	case OVSNL_REWRITE_IPV4:
		return ovsnl_rewrite_ipv4(h, key, &value->ipv4, &mask->ipv4);
	case OVSNL_REWRITE_IPV6:
		return ovsnl_rewrite_ipv6(h, key, &value->ipv6, &mask->ipv6);
	case OVSNL_REWRITE_TCP:
		return ovsnl_rewrite_tcp(h, key, &value->tcp, &mask->tcp);
	case OVSNL_REWRITE_UDP:
		return ovsnl_rewrite_udp(h, key, &value->udp, &mask->udp);
	case OVSNL_REWRITE_SCTP:
		return ovsnl_rewrite_sctp(h, key, &value->sctp, &mask->sctp,
					  &crc);
	case OVSNL_REWRITE_MPLS:
		return ovsnl_rewrite_mpls(h, key, value->mpls.mpls_lse,
					  mask->mpls.mpls_lse);
	case OVSNL_REWRITE_DEC_TTL:
		return ovsnl_rewrite_dec_ttl(h, key);
	default:
		return -EINVAL;
	}
}

static int parse(const __u8 *packet, int len, struct ovsnl_key *key,
		 struct ovsnl_layout *layout)
{
	struct ovsnl_window win = {
		.data = packet,
		.len = len,
		.pkt_len = len,
	};

	memset(key, 0, sizeof(*key));
	key->mac_proto = OVSNL_MAC_ETHERNET;
	return ovsnl_packet_parse(&win, key, layout);
}

/* The packet must become what the vector says, and the key must become what
 * the parser makes of that packet.
 */
static bool vector_ok(const struct ovsnl_rewrite_vector *v)
{
	static __u8 packet[OVSNL_VECTOR_MAX], after[OVSNL_VECTOR_MAX];
	static struct ovsnl_key key, want;
	struct ovsnl_headers h = { .data = packet, .csum = v->csum };
	struct ovsnl_layout layout;
	int len, ret;

	len = ovsnl_selftest_unhex(v->before, packet);
	if (len < 0 ||
	    ovsnl_selftest_unhex(v->after ? v->after : v->before, after) != len)
		return false;
	if (parse(packet, len, &key, &h.layout) ||
	    parse(after, len, &want, &layout))
		return false;
	h.len = len;
	h.protocol = ovsnl_packet_protocol(&key);
	ret = ovsnl_selftest_rewrite_call(v->kind, &h, &key, &v->value,
					  &v->mask);
	return ret == v->ret && !memcmp(packet, after, len) &&
	       ovsnl_key_equal(&key, &want);
}

int ovsnl_selftest_rewrite(ovsnl_selftest_report report)
{
	unsigned int i;
	int failed = 0;
	bool ok;

	for (i = 0; i < ovsnl_rewrite_vector_count; i++) {
		ok = vector_ok(&ovsnl_rewrite_vectors[i]);
		report(ovsnl_rewrite_vectors[i].name, ok);
		failed += !ok;
	}
	return failed;
}
