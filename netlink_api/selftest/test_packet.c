// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The packet parser against the slow one, on random packets and through
 * windows cut anywhere. Packets lie at odd addresses and end where their
 * memory ends, so that the sanitizers see every byte read too much.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "gen_packet.h"
#include "oracle_packet.h"

#define PACKETS 250000
#define PACKETS_CUT_EVERYWHERE 4000

static struct rng rng;

/* A packet with what belongs to it beside its bytes. */
struct sample {
	__u8 bytes[GEN_PACKET_MAX];
	struct ovsnl_window win;
	struct ovsnl_key key; /* before parsing */
};

/* What a parser made of it. */
struct result {
	int ret;
	struct ovsnl_key key;
	struct ovsnl_layout layout;
};

static void make_sample(struct sample *s)
{
	static const __u16 types[] = { 0x0800, 0x86dd, 0x0806, 0x8100,
				       0x88b5, 0x8847, 0x8848, 0x894f };
	size_t len = gen_packet(&rng, s->bytes);
	size_t skip = 0;

	rng_fill(&rng, &s->key, sizeof(s->key));
	s->key.mac_proto = OVSNL_MAC_ETHERNET;
	memset(&s->win, 0, sizeof(s->win));
	if (rng_one_in(&rng, 8)) {
		s->key.mac_proto = OVSNL_MAC_NONE;
		s->key.eth_type = htons(types[rng_below(&rng, 8)]);
		skip = len < 14 ? len : 14;
	}
	memmove(s->bytes, s->bytes + skip, len - skip);
	s->win.pkt_len = gen_damage(&rng, s->bytes, len - skip);
	if (rng_one_in(&rng, 5)) {
		s->win.vlan_tci =
			htons(rng_below(&rng, 0x10000) | OVSNL_VLAN_PRESENT);
		s->win.vlan_tpid = htons(rng_one_in(&rng, 2) ? 0x8100 : 0x88a8);
	}
}

static void fail_sample(const struct sample *s, __u32 first_len,
			const char *what)
{
	__u32 i;

	print_message("# %u bytes, window from %u, tag %04x/%04x, mac %u, "
		      "type %04x:\n# ",
		      s->win.pkt_len, first_len, ntohs(s->win.vlan_tpid),
		      ntohs(s->win.vlan_tci), s->key.mac_proto,
		      ntohs(s->key.eth_type));
	for (i = 0; i < s->win.pkt_len; i++)
		print_message("%02x", s->bytes[i]);
	fail_msg("%s differs", what);
}

static void parse_slowly(const struct sample *s, struct result *res)
{
	struct ovsnl_window win = s->win;

	win.data = s->bytes;
	win.len = win.pkt_len;
	res->key = s->key;
	res->ret = oracle_parse(&win, &res->key, &res->layout);
}

/* Starts with a window of @len bytes, grows it as asked. */
static void parse_windows(const struct sample *s, __u32 len, struct result *res)
{
	struct ovsnl_window win = s->win;
	__u8 *memory;

	win.len = len;
	for (;;) {
		memory = malloc(win.len + 1);
		assert_non_null(memory);
		memcpy(memory + 1, s->bytes, win.len);
		win.data = memory + 1;
		res->key = s->key;
		res->ret = ovsnl_packet_parse(&win, &res->key, &res->layout);
		free(memory);
		if (res->ret <= 0)
			return;
		if ((__u32)res->ret <= win.len || (__u32)res->ret > win.pkt_len)
			fail_sample(s, len, "number of bytes wanted");
		win.len = res->ret;
	}
}

static void check(const struct sample *s, __u32 len, const struct result *want)
{
	struct result got;
	const char *field;

	parse_windows(s, len, &got);
	if (got.ret != want->ret)
		fail_sample(s, len, "return value");
	if (got.ret)
		return;
	field = oracle_keys_differ(&got.key, &want->key);
	if (!field)
		field = oracle_layouts_differ(&got.layout, &want->layout);
	if (field)
		fail_sample(s, len, field);
}

static void test_random_packets(void **state)
{
	static struct sample s;
	struct result want;
	int i;

	(void)state;
	for (i = 0; i < PACKETS; i++) {
		make_sample(&s);
		parse_slowly(&s, &want);
		check(&s, s.win.pkt_len, &want);
		if (rng_one_in(&rng, 4))
			check(&s, rng_below(&rng, s.win.pkt_len + 1), &want);
	}
}

static void test_every_window(void **state)
{
	static struct sample s;
	struct result want;
	__u32 len;
	int i;

	(void)state;
	for (i = 0; i < PACKETS_CUT_EVERYWHERE; i++) {
		make_sample(&s);
		parse_slowly(&s, &want);
		for (len = 0; len <= s.win.pkt_len; len++)
			check(&s, len, &want);
	}
}

static void test_random_bytes(void **state)
{
	static struct sample s;
	struct result want;
	int i;

	(void)state;
	for (i = 0; i < PACKETS / 10; i++) {
		make_sample(&s);
		s.win.pkt_len = rng_below(&rng, 200);
		rng_fill(&rng, s.bytes + 14, s.win.pkt_len);
		parse_slowly(&s, &want);
		check(&s, s.win.pkt_len, &want);
	}
}

/* The longest chain of headers, and one whose end can't be told in 16 bits. */
static void test_endless_chain(void **state)
{
	static __u8 bytes[70000];
	struct ovsnl_window win = { .data = bytes };
	struct ovsnl_layout layout, want_layout;
	struct ovsnl_key key = { .mac_proto = OVSNL_MAC_ETHERNET }, want = key;
	size_t i;

	(void)state;
	bytes[12] = 0x86;
	bytes[13] = 0xdd;
	bytes[14 + 6] = 60;
	for (i = 54; i < sizeof(bytes); i += 8)
		bytes[i] = i + 8 < sizeof(bytes) - 16 ? 60 : 17;
	for (i = 60000; i <= sizeof(bytes); i += 1000) {
		win.len = i;
		win.pkt_len = i;
		assert_int_equal(ovsnl_packet_parse(&win, &key, &layout), 0);
		assert_int_equal(oracle_parse(&win, &want, &want_layout), 0);
		assert_null(oracle_keys_differ(&key, &want));
		assert_null(oracle_layouts_differ(&layout, &want_layout));
	}
}

/* Stacks of as many entries as fit: one that ends, one that does not, one whose
 * end can't be told in 16 bits.
 */
static void test_endless_stack(void **state)
{
	static __u8 bytes[70000];
	struct ovsnl_window win = { .data = bytes };
	struct ovsnl_layout layout, want_layout;
	struct ovsnl_key key = { .mac_proto = OVSNL_MAC_ETHERNET }, want = key;
	size_t i;

	(void)state;
	bytes[12] = 0x88;
	bytes[13] = 0x47;
	for (i = 60014; i <= sizeof(bytes); i += 400) {
		win.len = i;
		win.pkt_len = i;
		bytes[i - 2] = i % 800 < 400;
		assert_int_equal(ovsnl_packet_parse(&win, &key, &layout), 0);
		assert_int_equal(oracle_parse(&win, &want, &want_layout), 0);
		assert_null(oracle_keys_differ(&key, &want));
		assert_null(oracle_layouts_differ(&layout, &want_layout));
		bytes[i - 2] = 0;
	}
}

/* RFC 8300, 2.2, and the kernel's number for MPLS. */
static void test_nsh_next(void **state)
{
	static const int types[] = { 0, 0x0800, 0x86dd, 0x6558, 0x894f, 0x8847 };
	int i;

	(void)state;
	for (i = 1; i < 6; i++) {
		assert_int_equal(ovsnl_nsh_next(htons(types[i])), i);
		assert_int_equal(ovsnl_nsh_type(i), htons(types[i]));
	}
	for (i = 6; i < 256; i++)
		assert_int_equal(ovsnl_nsh_type(i), 0);
	assert_int_equal(ovsnl_nsh_type(0), 0);
	assert_int_equal(ovsnl_nsh_next(0), 0);
	assert_int_equal(ovsnl_nsh_next(htons(0x8848)), 0);
	assert_int_equal(ovsnl_nsh_next(htons(0x0806)), 0);
}

static int nsh_pop(const __u8 *header, __u32 len, __be16 *type)
{
	__u8 *exact = malloc(len + 1);
	int ret;

	assert_non_null(exact);
	memcpy(exact + 1, header, len);
	ret = ovsnl_nsh_pop(exact + 1, len, type);
	free(exact);
	return ret;
}

static void test_nsh_pop(void **state)
{
	__u8 header[256] = { 0x0f, 0xc0, 2, 3 };
	unsigned int words, len;
	__be16 type = 0;

	(void)state;
	for (words = 0; words < 64; words++) {
		header[1] = 0xc0 | words;
		for (len = 0; len < sizeof(header); len++)
			assert_int_equal(nsh_pop(header, len, &type),
					 len < 8	   ? -ENOMEM
					 : words < 2	   ? -EINVAL
					 : len < words * 4 ? -ENOMEM
							   : (int)words * 4);
	}
	assert_int_equal(type, htons(0x6558));
	header[3] = 9;
	assert_int_equal(nsh_pop(header, 255, &type), -EAFNOSUPPORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_packets),
		cmocka_unit_test(test_every_window),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_endless_chain),
		cmocka_unit_test(test_endless_stack),
		cmocka_unit_test(test_nsh_next),
		cmocka_unit_test(test_nsh_pop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	rng_start(&rng);
	return cmocka_run_group_tests_name("packet parser", tests, NULL, NULL);
}
