// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The header rewriter against the slow one, on random packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "check_rewrite.h"
#include "gen_packet.h"
#include "oracle_packet.h"
#include "oracle_rewrite.h"

#define REWRITES 200000

static struct rng rng;

/* Mostly the kind that the packet is of. */
static enum ovsnl_rewrite_kind pick_kind(const struct oracle_packet *p)
{
	if (rng_one_in(&rng, 6))
		return rng_below(&rng, OVSNL_REWRITE_KINDS);
	if (p->layout.l4_ok && rng_one_in(&rng, 2)) {
		if (p->key.ip_proto == 6)
			return OVSNL_REWRITE_TCP;
		if (p->key.ip_proto == 132)
			return OVSNL_REWRITE_SCTP;
		return OVSNL_REWRITE_UDP;
	}
	if (p->key.eth_type == htons(0x8847) ||
	    p->key.eth_type == htons(0x8848))
		return OVSNL_REWRITE_MPLS;
	if (rng_one_in(&rng, 4))
		return OVSNL_REWRITE_DEC_TTL;
	return p->key.eth_type == htons(0x0800) ? OVSNL_REWRITE_IPV4
						: OVSNL_REWRITE_IPV6;
}

/* Masks of whole bytes, single bits, and often nothing. */
static void random_mask(void *mask, size_t len)
{
	__u8 *m = mask;

	while (len--) {
		int how = rng_below(&rng, 4);

		*m++ = how == 0 ? 0xff : how == 1 ? rng_next(&rng) >> 56 : 0;
	}
}

static void random_packet(struct oracle_packet *p)
{
	static __u8 bytes[GEN_PACKET_MAX];
	size_t len;

	do {
		len = gen_packet(&rng, bytes);
		if (rng_one_in(&rng, 4))
			len = gen_damage(&rng, bytes, len);
	} while (!oracle_packet_read(p, bytes, len));
	/* a UDP checksum of zero is none */
	if (p->layout.l4_ok && p->key.ip_proto == 17 && rng_one_in(&rng, 8))
		memset(bytes + p->layout.l4_ofs + 6, 0, 2);
	if (!rng_one_in(&rng, 4))
		oracle_csum_fix(p);
}

static void fail_case(const struct rewrite_case *c, const char *wrong)
{
	const __u8 *value = (const __u8 *)&c->value;
	const __u8 *mask = (const __u8 *)&c->mask;
	size_t i;

	print_message("# kind %d, checksum %d, window %u of %u bytes\n# ",
		      c->kind, c->csum, c->window, c->len);
	for (i = 0; i < c->len; i++)
		print_message("%02x", c->packet[i]);
	print_message("\n# ");
	for (i = 0; i < sizeof(c->value); i++)
		print_message("%02x/%02x ", value[i], mask[i]);
	print_message("\n");
	fail_msg("%s", wrong);
}

static void test_random_rewrites(void **state)
{
	struct oracle_packet p;
	struct rewrite_case c;
	const char *wrong;
	int i;

	(void)state;
	for (i = 0; i < REWRITES; i++) {
		random_packet(&p);
		c.packet = p.data;
		c.len = p.len;
		c.window = rng_one_in(&rng, 8) ? rng_below(&rng, p.len + 1)
					       : p.len;
		c.kind = pick_kind(&p);
		c.csum = rng_one_in(&rng, 3) ? OVSNL_CSUM_PARTIAL
					     : OVSNL_CSUM_FULL;
		rng_fill(&rng, &c.value, sizeof(c.value));
		random_mask(&c.mask, sizeof(c.mask));
		wrong = check_rewrite(&c);
		if (wrong)
			fail_case(&c, wrong);
	}
}

/* Setting fields to what they are disturbs nothing, whatever the checksum. */
static void test_no_change(void **state)
{
	union ovsnl_rewrite_fields value, mask;
	struct ovsnl_headers h = { .csum = OVSNL_CSUM_FULL };
	struct oracle_packet p;
	struct ovsnl_key key;
	__u8 before[GEN_PACKET_MAX];
	int i;

	(void)state;
	for (i = 0; i < REWRITES / 10; i++) {
		random_packet(&p);
		memcpy(before, p.data, p.len);
		memset(&mask, 0, sizeof(mask));
		rng_fill(&rng, &value, sizeof(value));
		key = p.key;
		h.data = p.data;
		h.len = p.len;
		h.layout = p.layout;
		h.protocol = 0; /* not even a hop less */
		ovsnl_selftest_rewrite_call(pick_kind(&p), &h, &key, &value,
					    &mask);
		assert_memory_equal(before, p.data, p.len);
		assert_true(ovsnl_key_equal(&key, &p.key));
	}
}

/* RFC 1624, section 4: the example in which equation 2 of RFC 1141 fails. */
static void test_rfc1624_example(void **state)
{
	static const __u8 from[] = { 0x55, 0x55 }, to[] = { 0x32, 0x85 };

	(void)state;
	assert_int_equal(ovsnl_csum_update(htons(0xdd2f), from, to, 2),
			 htons(0x0000));
}

/* Of the two forms of zero a sum from scratch gives this one. */
static void test_zero_has_one_form(void **state)
{
	static const __u8 from[] = { 0xff, 0xff }, to[] = { 0, 0 };

	(void)state;
	assert_int_equal(ovsnl_csum_update(htons(0xffff), from, to, 2), 0);
}

static void test_sum(void **state)
{
	__u8 data[300];
	int i, len, cut;

	(void)state;
	for (i = 0; i < 20000; i++) {
		unsigned long want = 0;
		__u16 got;
		int j;

		len = rng_below(&rng, sizeof(data));
		cut = rng_below(&rng, len + 1) & ~1;
		rng_fill(&rng, data, len);
		for (j = 0; j < len; j++)
			want += j % 2 ? data[j] : data[j] << 8;
		while (want > 0xffff)
			want = (want & 0xffff) + (want >> 16);
		got = ovsnl_csum_sum(data, cut, 0);
		got = ovsnl_csum_sum(data + cut, len - cut, got);
		assert_int_equal(ntohs(got), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_rewrites),
		cmocka_unit_test(test_no_change),
		cmocka_unit_test(test_rfc1624_example),
		cmocka_unit_test(test_zero_has_one_form),
		cmocka_unit_test(test_sum),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	rng_start(&rng);
	return cmocka_run_group_tests_name("header rewriter", tests, NULL,
					   NULL);
}
