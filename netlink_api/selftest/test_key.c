// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Keys and masks: what random packets give must survive the way through a
 * message, attributes that are missing, doubled or of another length must be
 * refused, and the arithmetic on whole keys must agree with a loop over bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "gen_key.h"
#include "oracle_packet.h"
#include "ovsnl_tunnel.h"

#define ROUNDS 60000

static struct rng rng;

/* A nest in memory of its own size. */
struct nest {
	struct nlattr *a;
};

static void nest_free(struct nest *n)
{
	free(n->a);
	n->a = NULL;
}

static void nest_put(struct nest *n, const struct ovsnl_key *shape,
		     const struct ovsnl_key *value, bool is_mask)
{
	static __u32 buf[OVSNL_KEY_ATTR_SIZE / 4];
	struct ovsnl_writer w;

	ovsnl_writer_init(&w, buf, sizeof(buf));
	ovsnl_key_put(&w, OVS_FLOW_ATTR_KEY, shape, value, is_mask);
	assert_false(w.overflow);
	n->a = malloc(w.len);
	assert_non_null(n->a);
	memcpy(n->a, buf, w.len);
	assert_int_equal(n->a->nla_len, w.len);
}

static void assert_key(const struct ovsnl_key *got,
		       const struct ovsnl_key *want)
{
	const char *field = oracle_keys_differ(got, want);

	if (field)
		fail_msg("%s differs", field);
}

static bool is_vlan(__be16 type)
{
	return type == htons(0x8100) || type == htons(0x88a8);
}

/* Does the message form of this key say what it says? Not for a third tag,
 * which is written like one that was cut short.
 */
static bool is_tellable(const struct ovsnl_key *key)
{
	return !is_vlan(key->eth_type);
}

static void test_packet_keys(void **state)
{
	struct ovsnl_match match;
	struct ovsnl_err err;
	struct ovsnl_key key;
	struct nest nest, again;
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		gen_key(&rng, &key, true);
		if (!is_tellable(&key))
			continue;
		nest_put(&nest, &key, &key, false);
		memset(&err, 0, sizeof(err));
		if (ovsnl_key_match_parse(&match, nest.a, NULL, false, &err))
			fail_msg("%s", err.msg);
		assert_key(&match.key, &key);
		nest_put(&again, &match.key, &match.key, false);
		assert_int_equal(again.a->nla_len, nest.a->nla_len);
		assert_memory_equal(again.a, nest.a, nest.a->nla_len);
		nest_free(&again);
		nest_free(&nest);
	}
}

/* Bits that a mask can have over this key, a random part of them. */
static void random_mask(struct ovsnl_key *mask, const struct ovsnl_match *exact)
{
	__u8 *m = (__u8 *)mask;
	const __u8 *e = (const __u8 *)&exact->mask;
	size_t i;

	for (i = 0; i < sizeof(*mask); i++)
		m[i] = e[i] & rng_next(&rng) >> 56;
	/* those that others depend on, and those that are always whole */
	mask->in_port = exact->mask.in_port;
	mask->tun_family = 0xff;
	mask->tun.family = exact->mask.tun.family;
	mask->tun.opts_len = exact->mask.tun.opts_len;
	mask->tun.flags = exact->mask.tun.flags;
	if (!(mask->tun.flags & OVSNL_TUN_KEY))
		mask->tun.id = 0;
	if (exact->key.tun_family != AF_INET6) {
		memset(mask->tun.src + 4, 0, 12);
		memset(mask->tun.dst + 4, 0, 12);
	}
	mask->mpls_labels = exact->mask.mpls_labels;
	mask->ct_orig_proto = exact->mask.ct_orig_proto;
	mask->eth_type = exact->mask.eth_type;
	mask->mac_proto = exact->mask.mac_proto;
	mask->ip_proto = exact->mask.ip_proto;
	mask->vlan_tpid = exact->mask.vlan_tpid;
	mask->cvlan_tpid = exact->mask.cvlan_tpid;
	mask->vlan_tci |= htons(OVSNL_VLAN_PRESENT);
	mask->cvlan_tci |= htons(OVSNL_VLAN_PRESENT);
	if (!exact->key.vlan_tci)
		mask->vlan_tci = htons(0xffff);
	if (!exact->key.cvlan_tci)
		mask->cvlan_tci = exact->mask.cvlan_tci;
	if (exact->key.eth_type == htons(0x86dd) && exact->key.ip_proto == 58)
		mask->tp_src = exact->mask.tp_src;
}

static void test_random_masks(void **state)
{
	struct ovsnl_match exact, match;
	struct nest key_nest, mask_nest;
	struct ovsnl_err err;
	struct ovsnl_key key, mask;
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		gen_key(&rng, &key, true);
		/* an empty ENCAP is no mask: see mask_is_readable() */
		if (!is_tellable(&key) || key.eth_type == htons(4))
			continue;
		nest_put(&key_nest, &key, &key, false);
		assert_int_equal(ovsnl_key_match_parse(&exact, key_nest.a, NULL,
						       true, NULL),
				 0);
		random_mask(&mask, &exact);
		nest_put(&mask_nest, &key, &mask, true);
		memset(&err, 0, sizeof(err));
		if (ovsnl_key_match_parse(&match, key_nest.a, mask_nest.a, true,
					  &err))
			fail_msg("%s", err.msg);
		assert_key(&match.key, &key);
		assert_key(&match.mask, &mask);
		nest_free(&mask_nest);
		nest_free(&key_nest);
	}
}

/* Flip a few bits of a key, only those that @mask has or only the others.
 * Return: whether there were any to flip.
 */
static bool flip(struct ovsnl_key *key, const struct ovsnl_key *mask,
		 bool inside)
{
	const __u8 *m = (const __u8 *)mask;
	__u8 *k = (__u8 *)key, bits;
	bool flipped = false;
	size_t i, n;

	for (n = 0; n < 40; n++) {
		i = rng_below(&rng, sizeof(*key));
		bits = (inside ? m[i] : ~m[i]) & rng_next(&rng) >> 56;
		k[i] ^= bits;
		flipped |= bits;
		if (inside && flipped)
			break;
	}
	return flipped;
}

/* Under a mask as it is installed, keys are told apart by its bits alone: what
 * it leaves open makes no difference, each bit that it has makes one.
 */
static void test_sufficient(void **state)
{
	struct ovsnl_match exact, match;
	struct nest key_nest, mask_nest;
	struct ovsnl_key key, mask, masked, other;
	struct ovsnl_key_range range;
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		gen_key(&rng, &key, true);
		if (!is_tellable(&key) || key.eth_type == htons(4))
			continue;
		nest_put(&key_nest, &key, &key, false);
		assert_int_equal(ovsnl_key_match_parse(&exact, key_nest.a, NULL,
						       true, NULL),
				 0);
		random_mask(&mask, &exact);
		nest_put(&mask_nest, &key, &mask, true);
		assert_int_equal(ovsnl_key_match_parse(&match, key_nest.a,
						       mask_nest.a, true, NULL),
				 0);
		ovsnl_key_mask(&masked, &match.key, &match.mask);
		range = ovsnl_key_range(&match.mask);
		other = match.key;
		flip(&other, &match.mask, false);
		assert_true(ovsnl_key_masked_equal(&other, &match.mask, &masked,
						   range));
		if (flip(&other, &match.mask, true))
			assert_false(ovsnl_key_masked_equal(&other, &match.mask,
							    &masked, range));
		nest_free(&mask_nest);
		nest_free(&key_nest);
	}
}

static void metadata_of(struct ovsnl_key *want, const struct ovsnl_key *key)
{
	memset(want, 0, sizeof(*want));
	memcpy(want->ct_label, key->ct_label,
	       sizeof(*key) - offsetof(struct ovsnl_key, ct_label));
	want->recirc_id = key->recirc_id;
	want->in_port = key->in_port;
	want->dp_hash = key->dp_hash;
	want->priority = key->priority;
	want->skb_mark = key->skb_mark;
	want->ct_state = key->ct_state;
	want->ct_zone = key->ct_zone;
	want->ct_mark = key->ct_mark;
	want->tun_family = key->tun_family;
	want->mac_proto = key->mac_proto;
	if (key->mac_proto == OVSNL_MAC_NONE)
		want->eth_type = key->eth_type;
}

/* Metadata of a packet key: the rest of it is for the packet to say. */
static void test_metadata(void **state)
{
	struct ovsnl_key key, want, got;
	struct nest nest;
	int i;

	(void)state;
	for (i = 0; i < ROUNDS / 4; i++) {
		gen_key(&rng, &key, true);
		metadata_of(&want, &key);
		nest_put(&nest, &key, &key, false);
		memset(&got, 0xa5, sizeof(got));
		assert_int_equal(ovsnl_key_metadata_parse(&got, nest.a, NULL),
				 0);
		memset(got.tun.opts + got.tun.opts_len, 0,
		       sizeof(got.tun.opts) - got.tun.opts_len);
		assert_key(&got, &want);
		nest_free(&nest);
	}
}

/* A copy of @from without its attribute number @skip, or with a second one. */
static struct nlattr *edited(const struct nlattr *from, int which, bool twice)
{
	struct nlattr *to = malloc(2 * (size_t)from->nla_len);
	const struct nlattr *a;
	int rem, n = 0;

	assert_non_null(to);
	*to = *from;
	to->nla_len = NLA_HDRLEN;
	ovsnl_attr_for_each_nested(a, from, rem) {
		int copies = n++ != which ? 1 : twice ? 2 : 0;

		while (copies--) {
			memcpy((__u8 *)to + to->nla_len, a,
			       NLA_ALIGN(a->nla_len));
			to->nla_len += NLA_ALIGN(a->nla_len);
		}
	}
	return to;
}

/* Which attributes of a whole upcall key may be missing. */
static bool is_optional(const struct ovsnl_key *key, int type)
{
	switch (type) {
	case OVS_KEY_ATTR_ETHERNET:
		/* what is left is a packet without Ethernet header */
		return key->eth_type != htons(4) && !key->vlan_tci;
	case OVS_KEY_ATTR_ETHERTYPE:
		/* 802.2 then, if nothing tells of a tag */
		return !key->vlan_tci && key->mac_proto != OVSNL_MAC_NONE;
	case OVS_KEY_ATTR_MPLS:
	case OVS_KEY_ATTR_NSH:
	case OVS_KEY_ATTR_ENCAP:
	case OVS_KEY_ATTR_VLAN:
	case OVS_KEY_ATTR_ARP:
	case OVS_KEY_ATTR_IPV4:
	case OVS_KEY_ATTR_IPV6:
	case OVS_KEY_ATTR_TCP:
	case OVS_KEY_ATTR_TCP_FLAGS:
	case OVS_KEY_ATTR_UDP:
	case OVS_KEY_ATTR_SCTP:
	case OVS_KEY_ATTR_ICMP:
	case OVS_KEY_ATTR_ICMPV6:
	case OVS_KEY_ATTR_ND:
		return false;
	default:
		return true;
	}
}

static void test_missing_and_doubled(void **state)
{
	struct ovsnl_match match;
	const struct nlattr *a;
	struct nlattr *other;
	struct ovsnl_key key, ignored;
	struct nest nest;
	int i, n, rem, ret;

	(void)state;
	for (i = 0; i < ROUNDS / 20; i++) {
		gen_key(&rng, &key, true);
		if (!is_tellable(&key))
			continue;
		nest_put(&nest, &key, &key, false);
		n = 0;
		ovsnl_attr_for_each_nested(a, nest.a, rem) {
			other = edited(nest.a, n, false);
			ret = ovsnl_key_match_parse(&match, other, NULL, false,
						    NULL);
			if (ret != (is_optional(&key, ovsnl_attr_type(a))
					    ? 0
					    : -EINVAL))
				fail_msg("%d without type %d", ret,
					 ovsnl_attr_type(a));
			free(other);
			other = edited(nest.a, n, true);
			assert_int_equal(ovsnl_key_match_parse(&match, other,
							       NULL, false,
							       NULL),
					 -EINVAL);
			assert_int_equal(ovsnl_key_metadata_parse(&ignored,
								  other, NULL),
					 -EINVAL);
			free(other);
			n++;
		}
		nest_free(&nest);
	}
}

/* Payload bytes by type, from <linux/openvswitch.h>. */
static const int attr_bytes[] = {
	[OVS_KEY_ATTR_PRIORITY] = 4,
	[OVS_KEY_ATTR_IN_PORT] = 4,
	[OVS_KEY_ATTR_ETHERNET] = 12,
	[OVS_KEY_ATTR_VLAN] = 2,
	[OVS_KEY_ATTR_ETHERTYPE] = 2,
	[OVS_KEY_ATTR_IPV4] = 12,
	[OVS_KEY_ATTR_IPV6] = 40,
	[OVS_KEY_ATTR_TCP] = 4,
	[OVS_KEY_ATTR_UDP] = 4,
	[OVS_KEY_ATTR_ICMP] = 2,
	[OVS_KEY_ATTR_ICMPV6] = 2,
	[OVS_KEY_ATTR_ARP] = 24,
	[OVS_KEY_ATTR_ND] = 28,
	[OVS_KEY_ATTR_SKB_MARK] = 4,
	[OVS_KEY_ATTR_SCTP] = 4,
	[OVS_KEY_ATTR_TCP_FLAGS] = 2,
	[OVS_KEY_ATTR_DP_HASH] = 4,
	[OVS_KEY_ATTR_RECIRC_ID] = 4,
	[OVS_KEY_ATTR_CT_STATE] = 4,
	[OVS_KEY_ATTR_CT_ZONE] = 2,
	[OVS_KEY_ATTR_CT_MARK] = 4,
	[OVS_KEY_ATTR_CT_LABELS] = 16,
	[OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4] = 16,
	[OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6] = 40,
	[OVS_KEY_ATTR_IPV6_EXTHDRS] = 2,
};

/* Types that may stand in metadata: nothing else is looked at. */
static bool length_is_right(int type, int len)
{
	if (type >= (int)(sizeof(attr_bytes) / sizeof(attr_bytes[0])))
		return false;
	if (type == OVS_KEY_ATTR_UNSPEC)
		return len == 0;
	if (type == OVS_KEY_ATTR_ENCAP || type == OVS_KEY_ATTR_MPLS ||
	    type == OVS_KEY_ATTR_NSH)
		return true;
	return attr_bytes[type] && attr_bytes[type] == len;
}

/* One attribute of every type and length, of zeroes. */
static void test_lengths(void **state)
{
	struct ovsnl_key key;
	int type, len;

	(void)state;
	for (type = 0; type < 64; type++)
		for (len = 0; len <= 41; len++) {
			size_t total = NLA_HDRLEN + NLA_ALIGN(NLA_HDRLEN + len);
			struct nlattr *nest = calloc(1, total);
			int ret, want;

			nest[0].nla_len = total;
			nest[1].nla_type = type;
			nest[1].nla_len = NLA_HDRLEN + len;
			ret = ovsnl_key_metadata_parse(&key, nest, NULL);
			want = length_is_right(type, len) ? 0 : -EINVAL;
			/* a type of 0 without Ethernet header */
			if (type == OVS_KEY_ATTR_ETHERTYPE)
				want = -EINVAL;
			if (ret != want)
				fail_msg("type %d, %d bytes: %d", type, len,
					 ret);
			free(nest);
		}
}

/* Nests with random changes: no harm, and nothing but fields is written. */
static void test_damaged(void **state)
{
	struct ovsnl_match match;
	struct ovsnl_key key;
	struct nest nest, put;
	int i, changes, accepted = 0;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		gen_key(&rng, &key, true);
		nest_put(&nest, &key, &key, false);
		for (changes = 1 + rng_below(&rng, 3); changes; changes--)
			((__u8 *)nest.a)[NLA_HDRLEN +
					 rng_below(&rng, nest.a->nla_len -
								 NLA_HDRLEN)] =
				rng_below(&rng, rng_one_in(&rng, 2) ? 256 : 40);
		if (rng_one_in(&rng, 4))
			nest.a->nla_len -= rng_below(&rng, 40);
		if (!ovsnl_key_match_parse(&match, nest.a, nest.a, true,
					   NULL)) {
			accepted++;
			assert_int_equal(match.key.pad0, 0);
			nest_put(&put, &match.key, &match.mask, true);
			nest_free(&put);
		}
		ovsnl_key_match_parse(&match, nest.a, NULL, true, NULL);
		ovsnl_key_metadata_parse(&key, nest.a, NULL);
		nest_free(&nest);
	}
	assert_true(accepted > ROUNDS / 100);
}

/* The largest that a key can be in attributes, and the limits that others
 * allocate by.
 */
static void test_largest(void **state)
{
	static __u32 buf[OVSNL_KEY_ATTR_SIZE / 4];
	struct ovsnl_writer w;
	struct ovsnl_key key;

	(void)state;
	memset(&key, 0xff, sizeof(key));
	key.tun.family = AF_INET6;
	key.tun.flags = 0x1f; /* all, with Geneve options */
	key.tun.opts_len = OVSNL_TUN_OPTS_MAX;
	key.eth_type = htons(0x86dd);
	key.ip_proto = 58;
	key.tp_src = htons(135);
	key.ip_frag = 0;
	key.mac_proto = OVSNL_MAC_ETHERNET;
	ovsnl_writer_init(&w, buf, OVSNL_TUNNEL_ATTR_SIZE);
	ovsnl_tunnel_put(&w, OVS_KEY_ATTR_TUNNEL, &key.tun, &key.tun);
	assert_false(w.overflow);
	ovsnl_writer_init(&w, buf, sizeof(buf));
	ovsnl_key_put(&w, OVS_FLOW_ATTR_MASK, &key, &key, true);
	assert_false(w.overflow);
}

/* Whatever room there is, a key is written whole and the same, or not at all. */
static void test_room(void **state)
{
	static __u32 whole[OVSNL_KEY_ATTR_SIZE / 4],
		part[OVSNL_KEY_ATTR_SIZE / 4];
	struct ovsnl_key key, mask;
	struct ovsnl_writer w;
	size_t len, cap;
	int i;

	(void)state;
	for (i = 0; i < ROUNDS / 10; i++) {
		bool is_mask = rng_one_in(&rng, 2);

		gen_key(&rng, &key, false);
		gen_mask(&rng, &mask);
		ovsnl_writer_init(&w, whole, sizeof(whole));
		ovsnl_key_put(&w, OVS_FLOW_ATTR_KEY, &key,
			      is_mask ? &mask : &key, is_mask);
		assert_false(w.overflow);
		len = w.len;
		assert_true(len <= ovsnl_key_attr_size(&key));
		cap = rng_one_in(&rng, 2) ? len : rng_below(&rng, len);
		memset(part, 0xee, sizeof(part));
		ovsnl_writer_init(&w, part, cap);
		ovsnl_key_put(&w, OVS_FLOW_ATTR_KEY, &key,
			      is_mask ? &mask : &key, is_mask);
		assert_int_equal(w.overflow, cap < len);
		assert_int_equal(w.len, cap < len ? 0 : len);
		assert_memory_equal(part, whole, w.len);
		for (; cap < sizeof(part); cap++)
			assert_int_equal(((__u8 *)part)[cap], 0xee);
	}
}

/* Whole keys: a loop over bytes says what is right. */
static void test_words(void **state)
{
	struct ovsnl_key key, mask, got, want;
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		const __u8 *k = (const __u8 *)&key, *m = (const __u8 *)&mask;
		__u8 *w = (__u8 *)&want;
		unsigned int lines = 0, b, bits = rng_below(&rng, 4);
		int first = -1, last = -1;
		struct ovsnl_key_range range;

		rng_fill(&rng, &key, sizeof(key));
		memset(&mask, 0, sizeof(mask));
		while (bits--)
			((__u8 *)&mask)[rng_below(&rng, sizeof(mask))] |=
				1 << rng_below(&rng, 8);
		for (b = 0; b < sizeof(mask.tun.opts); b++)
			if (mask.tun.opts[b])
				mask.tun.opts_len = 0xff;
		for (b = 0; b < sizeof(key); b++) {
			w[b] = k[b] & m[b];
			if (!m[b])
				continue;
			lines |= 1u << b / OVSNL_KEY_LINE;
			first = first < 0 ? (int)b / 8 : first;
			last = b / 8;
		}
		ovsnl_key_mask(&got, &key, &mask);
		assert_memory_equal(&got, &want, sizeof(got));
		assert_true(ovsnl_key_equal(&got, &want));
		assert_int_equal(ovsnl_key_lines(&mask), lines);
		range = ovsnl_key_range(&mask);
		assert_int_equal(range.end - range.first,
				 first < 0 ? 0 : last - first + 1);
		if (first >= 0)
			assert_int_equal(range.first, first);
		assert_true(ovsnl_key_masked_equal(&key, &mask, &got, range));
		/* a bit of the key changes: it matters where the mask has it */
		b = rng_below(&rng, sizeof(key));
		((__u8 *)&key)[b] ^= 0x10;
		assert_int_equal(ovsnl_key_masked_equal(&key, &mask, &got,
							range),
				 !(m[b] & 0x10));
		/* tunnel options count only as far as there are any */
		ovsnl_key_mask(&key, &key, &mask);
		if (b < offsetof(struct ovsnl_key, tun.opts))
			assert_int_equal(ovsnl_key_equal(&key, &got),
					 !(m[b] & 0x10));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packet_keys),
		cmocka_unit_test(test_random_masks),
		cmocka_unit_test(test_sufficient),
		cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_missing_and_doubled),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_words),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	rng_start(&rng);
	return cmocka_run_group_tests_name("keys and masks", tests, NULL, NULL);
}
