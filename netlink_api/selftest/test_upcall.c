// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Upcalls: a reader that knows only the wire format finds every part of what
 * was asked for, in the kernel's order; the size told in advance suffices; no
 * room means no message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "gen_packet.h"
#include "ovsnl_tunnel.h"
#include "ovsnl_upcall.h"
#include <sys/socket.h>

#define ROUNDS 40000
#define HEAD 24 /* nlmsghdr 16, genlmsghdr 4, ovs_header 4 */

static struct rng rng;
static __u8 userdata[300];
static __u32 actions[100];
static const struct ovsnl_tunnel egress = {
	.family = AF_INET,
	.src = { 10, 0, 0, 1 },
	.dst = { 10, 0, 0, 2 },
	.ttl = 64,
	.flags = OVSNL_TUN_KEY | OVSNL_TUN_GENEVE_OPT,
	.opts_len = 4,
};

static void random_upcall(struct ovsnl_upcall *up, struct ovsnl_key *key)
{
	static __u8 bytes[GEN_PACKET_MAX];
	struct ovsnl_window win = { .data = bytes };
	struct ovsnl_layout layout;

	do {
		win.pkt_len = gen_packet(&rng, bytes);
		win.len = win.pkt_len;
		rng_fill(&rng, key, sizeof(*key));
		key->mac_proto = OVSNL_MAC_ETHERNET;
	} while (ovsnl_packet_parse(&win, key, &layout));
	rng_fill(&rng, up, sizeof(*up));
	rng_fill(&rng, userdata, sizeof(userdata));
	up->cmd = rng_one_in(&rng, 2) ? OVS_PACKET_CMD_MISS
				      : OVS_PACKET_CMD_ACTION;
	up->key = key;
	up->userdata = userdata;
	up->userdata_len = (int)rng_below(&rng, sizeof(userdata)) - 1;
	up->egress = rng_one_in(&rng, 2) ? &egress : NULL;
	up->actions = rng_one_in(&rng, 2) ? (struct nlattr *)actions : NULL;
	up->actions_len = 4 * rng_below(&rng, 100);
	if (rng_one_in(&rng, 2))
		up->mru = 0;
	up->packet_len = rng_below(&rng, rng_one_in(&rng, 20) ? 65532 : 1600);
	up->full_len = up->packet_len;
	if (rng_one_in(&rng, 2))
		up->full_len += rng_below(&rng, 100);
}

/* The next attribute must be this one; *at moves behind it. */
static const __u8 *expect_attr(const __u8 *msg, size_t *at, int type,
			       size_t len)
{
	const __u8 *p = msg + *at;

	assert_int_equal(p[0] | p[1] << 8, len + 4);
	assert_int_equal(p[2] | p[3] << 8, type);
	*at += (len + 4 + 3) & ~3ul;
	return p + 4;
}

static __u32 u32_at(const __u8 *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (__u32)p[3] << 24;
}

/* The message at @msg, of which @len bytes are written. */
static void check_message(const struct ovsnl_upcall *up, const __u8 *msg,
			  size_t len, bool padded)
{
	static __u32 key_buf[OVSNL_KEY_ATTR_SIZE / 4];
	const __u8 *p;
	struct ovsnl_writer w;
	size_t at = HEAD, tail = up->packet_len;

	if (padded)
		tail = (tail + 3) & ~3ul;
	assert_int_equal(u32_at(msg), len + tail);
	assert_int_equal(msg[4] | msg[5] << 8, up->nlmsg_type);
	assert_int_equal(msg[6] | msg[7], 0); /* flags */
	assert_int_equal(u32_at(msg + 8), 0); /* seq */
	assert_int_equal(u32_at(msg + 12), 0); /* port id */
	assert_int_equal(msg[16], up->cmd);
	assert_int_equal(msg[17], OVS_PACKET_VERSION);
	assert_int_equal((__s32)u32_at(msg + 20), up->dp_ifindex);

	ovsnl_writer_init(&w, key_buf, sizeof(key_buf));
	ovsnl_key_put(&w, OVS_PACKET_ATTR_KEY, up->key, up->key, false);
	assert_memory_equal(msg + at, key_buf, w.len);
	at += w.len;
	if (up->userdata_len >= 0) {
		p = expect_attr(msg, &at, OVS_PACKET_ATTR_USERDATA,
				up->userdata_len);
		assert_memory_equal(p, userdata, up->userdata_len);
	}
	if (up->egress) {
		ovsnl_writer_init(&w, key_buf, sizeof(key_buf));
		ovsnl_tunnel_put(&w, OVS_PACKET_ATTR_EGRESS_TUN_KEY, up->egress,
				 up->egress);
		assert_true(w.len > NLA_HDRLEN);
		assert_memory_equal(msg + at, key_buf, w.len);
		at += w.len;
	}
	if (up->actions) {
		p = expect_attr(msg, &at, OVS_PACKET_ATTR_ACTIONS,
				up->actions_len);
		assert_memory_equal(p, actions, up->actions_len);
	}
	if (up->mru) {
		p = expect_attr(msg, &at, OVS_PACKET_ATTR_MRU, 2);
		assert_int_equal(p[0] | p[1] << 8, up->mru);
	}
	if (up->packet_len < up->full_len) {
		p = expect_attr(msg, &at, OVS_PACKET_ATTR_LEN, 4);
		assert_int_equal(u32_at(p), up->full_len);
	}
	p = expect_attr(msg, &at, OVS_PACKET_ATTR_HASH, 8);
	assert_int_equal(u32_at(p) | (__u64)u32_at(p + 4) << 32, up->hash);
	expect_attr(msg, &at, OVS_PACKET_ATTR_PACKET, up->packet_len);
	assert_int_equal(at - ((up->packet_len + 3) & ~3u), len);
}

static void test_messages(void **state)
{
	struct ovsnl_writer w;
	struct ovsnl_upcall up;
	struct ovsnl_key key;
	int i;

	(void)state;
	rng_fill(&rng, actions, sizeof(actions));
	for (i = 0; i < ROUNDS; i++) {
		bool padded = rng_one_in(&rng, 2);
		size_t cap, before = 4 * rng_below(&rng, 4);
		__u8 *buf;

		random_upcall(&up, &key);
		cap = before + ovsnl_upcall_size(&up);
		buf = malloc(cap);
		memset(buf, 0xa5, cap);
		ovsnl_writer_init(&w, buf, cap);
		w.len = before;
		assert_int_equal(ovsnl_upcall_put(&w, &up, padded), 0);
		check_message(&up, buf + before, w.len - before, padded);
		free(buf);
	}
}

static void test_no_room(void **state)
{
	struct ovsnl_writer w;
	struct ovsnl_upcall up;
	struct ovsnl_key key;
	__u8 big[4096];
	int i;

	(void)state;
	for (i = 0; i < ROUNDS / 4; i++) {
		size_t need, cap;
		__u8 *buf;

		random_upcall(&up, &key);
		ovsnl_writer_init(&w, big, sizeof(big));
		assert_int_equal(ovsnl_upcall_put(&w, &up, false), 0);
		need = w.len;
		cap = rng_one_in(&rng, 2) ? need - 1 : rng_below(&rng, need);
		buf = malloc(cap ? cap : 1);
		ovsnl_writer_init(&w, buf, cap);
		assert_int_equal(ovsnl_upcall_put(&w, &up, false), -EMSGSIZE);
		assert_int_equal(w.len, 0);
		assert_false(w.overflow);
		free(buf);
		/* and just enough */
		buf = malloc(need);
		ovsnl_writer_init(&w, buf, need);
		assert_int_equal(ovsnl_upcall_put(&w, &up, false), 0);
		assert_memory_equal(buf, big, need);
		free(buf);
	}
}

/* A packet is an attribute: 65535 bytes with its header. */
static void test_longest_packet(void **state)
{
	struct ovsnl_upcall up;
	struct ovsnl_writer w;
	struct ovsnl_key key;
	__u8 buf[4096];

	(void)state;
	random_upcall(&up, &key);
	up.full_len = 70000;
	up.packet_len = 65531;
	ovsnl_writer_init(&w, buf, sizeof(buf));
	assert_int_equal(ovsnl_upcall_put(&w, &up, true), 0);
	check_message(&up, buf, w.len, true);
	up.packet_len = 65532;
	ovsnl_writer_init(&w, buf, sizeof(buf));
	assert_int_equal(ovsnl_upcall_put(&w, &up, true), -EFBIG);
	assert_int_equal(w.len, 0);
	up.packet_len = 70000;
	assert_int_equal(ovsnl_upcall_put(&w, &up, true), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_longest_packet),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	rng_start(&rng);
	return cmocka_run_group_tests_name("upcalls", tests, NULL, NULL);
}
