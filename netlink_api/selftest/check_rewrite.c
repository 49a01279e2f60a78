// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Judges one rewrite: return value, bytes, checksums, key. A checksum that was
 * right must be right afterwards, to the bit; one that was wrong must be as
 * wrong as before; one that is left to the device must follow the
 * pseudo-header and nothing else.
 */
#include <stdlib.h>
#include "check_rewrite.h"
#include "oracle_packet.h"
#include "oracle_rewrite.h"

/* One's complement numbers: 0 and 0xffff are the same. */
static unsigned int mod(long value)
{
	value %= 0xffff;
	return value < 0 ? value + 0xffff : value;
}

static unsigned int field_at(const struct oracle_packet *p, int field)
{
	return p->data[field] << 8 | p->data[field + 1];
}

static const char *check_no_udp_csum(const struct oracle_packet *before,
				     const struct oracle_packet *after)
{
	if (!before->layout.l4_ok || before->key.ip_proto != 17)
		return NULL;
	return field_at(after, before->layout.l4_ofs + 6)
		       ? "UDP checksum appeared"
		       : NULL;
}

static const char *check_full_csum(const struct oracle_packet *before,
				   const struct oracle_packet *after,
				   enum oracle_csum which)
{
	int field = oracle_csum_field(before, which);
	unsigned int was, is, was_right, is_right;

	if (field < 0)
		return which == ORACLE_CSUM_L4
			       ? check_no_udp_csum(before, after)
			       : NULL;
	was = field_at(before, field);
	is = field_at(after, field);
	was_right = oracle_csum_compute(before, which);
	is_right = oracle_csum_compute(after, which);
	if (was == was_right)
		return is == is_right ? NULL : "checksum is not right";
	return mod((long)is - was) == mod((long)is_right - was_right)
		       ? NULL
		       : "checksum is not as wrong as it was";
}

/* The field holds the sum, not its complement: changes have the other sign. */
static const char *check_partial_csum(const struct oracle_packet *before,
				      const struct oracle_packet *after,
				      enum ovsnl_rewrite_kind kind)
{
	int field = before->layout.l4_ofs + (before->key.ip_proto == 6	  ? 16
					     : before->key.ip_proto == 17 ? 6
									  : 2);
	long moved = 0;

	if (!oracle_covers_addresses(before))
		return NULL;
	/* The ports change the sum over the data only: not this field. */
	if (kind == OVSNL_REWRITE_IPV4 || kind == OVSNL_REWRITE_IPV6)
		moved = (long)oracle_csum_compute(before, ORACLE_CSUM_L4) -
			oracle_csum_compute(after, ORACLE_CSUM_L4);
	return mod((long)field_at(after, field) - field_at(before, field)) ==
			       mod(moved)
		       ? NULL
		       : "partial checksum is not right";
}

static const char *check_csums(const struct rewrite_case *c,
			       const struct oracle_packet *before,
			       const struct oracle_packet *after)
{
	const char *wrong;

	wrong = check_full_csum(before, after, ORACLE_CSUM_IP);
	if (wrong)
		return wrong;
	if (c->csum == OVSNL_CSUM_FULL)
		return check_full_csum(before, after, ORACLE_CSUM_L4);
	return check_partial_csum(before, after, c->kind);
}

/* Bytes other than checksums. */
static const char *check_bytes(const struct oracle_packet *want,
			       const struct oracle_packet *got)
{
	int ip = want->layout.l3_ofs + 10;
	int l4 = -1;
	__u32 i;

	if (want->key.eth_type != htons(0x0800))
		ip = -2;
	if (want->layout.l4_ok)
		l4 = want->layout.l4_ofs + (want->key.ip_proto == 6    ? 16
					    : want->key.ip_proto == 17 ? 6
					    : want->key.ip_proto == 58 ? 2
								       : -2);
	for (i = 0; i < want->len; i++) {
		if ((int)i == ip || (int)i == ip + 1 ||
		    (l4 > 0 && ((int)i == l4 || (int)i == l4 + 1)))
			continue;
		if (want->data[i] != got->data[i])
			return "bytes differ";
	}
	return NULL;
}

/* Fields of headers that the parser doesn't trust read as zero in the key
 * though they may be rewritten in the packet.
 */
static bool key_is_exact(const struct oracle_packet *p)
{
	const __u8 *l4 = p->data + p->layout.l4_ofs;

	if (p->key.eth_type == htons(0x0800) && !p->key.ip_src &&
	    !p->key.ip_dst)
		return false;
	if (p->layout.l4_ok && p->key.ip_proto == 6)
		return l4[12] >> 4 >= 5 &&
		       p->layout.l4_ofs + (l4[12] >> 4) * 4u <= p->len;
	return true;
}

static const char *check_key(const struct oracle_packet *before,
			     const struct ovsnl_key *got, __u8 *data)
{
	struct oracle_packet after;

	if (!key_is_exact(before))
		return NULL;
	oracle_packet_read(&after, data, before->len);
	/* the walk that makes these bits can stray into what was rewritten */
	after.key.ipv6_exthdrs = before->key.ipv6_exthdrs;
	/* the depth of the stack is not looked at again */
	after.key.mpls_labels = before->key.mpls_labels;
	memcpy(after.key.mpls_lse + 1, before->key.mpls_lse + 1, 8);
	return oracle_keys_differ(&after.key, got);
}

static const char *compare(const struct rewrite_case *c, __u8 *want_data,
			   __u8 *got_data, __u8 *before_data)
{
	struct ovsnl_headers h = { .data = got_data,
				   .len = c->window,
				   .csum = c->csum };
	struct oracle_packet before, want, got;
	struct ovsnl_key key;
	const char *wrong;
	int ret, want_ret;

	if (!oracle_packet_read(&before, before_data, c->len))
		return "not a packet";
	want = before;
	want.data = want_data;
	got = before;
	got.data = got_data;
	key = before.key;
	h.layout = before.layout;
	h.protocol = ovsnl_packet_protocol(&key);

	want_ret = oracle_rewrite(&want, c->kind, &c->value, &c->mask);
	/* of labels, the room is looked at before the type */
	if ((want_ret != -EINVAL || c->kind == OVSNL_REWRITE_MPLS) &&
	    oracle_headers_len(&before, c->kind) > c->window)
		want_ret = -ENOMEM;
	ret = ovsnl_selftest_rewrite_call(c->kind, &h, &key, &c->value,
					  &c->mask);
	if (ret != want_ret)
		return "return value differs";
	if (ret)
		return memcmp(got_data, before_data, c->len) ||
				       !ovsnl_key_equal(&key, &before.key)
			       ? "failed, but changed something"
			       : NULL;
	wrong = check_bytes(&want, &got);
	if (!wrong)
		wrong = check_csums(c, &before, &got);
	if (!wrong)
		wrong = check_key(&before, &key, got_data);
	return wrong;
}

const char *check_rewrite(const struct rewrite_case *c)
{
	__u8 *copies = malloc(3 * (size_t)c->len + 1);
	const char *wrong;
	int i;

	if (!copies)
		return "no memory";
	for (i = 0; i < 3; i++)
		memcpy(copies + 1 + i * c->len, c->packet, c->len);
	/* the last ends where the memory ends */
	wrong = compare(c, copies + 1, copies + 1 + 2 * c->len,
			copies + 1 + c->len);
	free(copies);
	return wrong;
}
