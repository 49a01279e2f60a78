// SPDX-License-Identifier: BSD-3-Clause
/*
 * Offload state, checksums and segmentation, judged by plain code (frame.h).
 * Packets are spread over segments at random. Prints TAP.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>

#include "frame.h"
#include "offload.h"
#include "pool.h"

#define ROUNDS 400
#define MAX_PIECES 256

static struct frame frame;
static uint32_t state = 1;

/* The frame's bytes in an mbuf; further segments after @head bytes. */
static struct rte_mbuf *to_mbuf(const uint8_t *p, size_t len, size_t head)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(twin_pool()), *seg;
	size_t n = len < head ? len : head;

	assert_non_null(m);
	memcpy(rte_pktmbuf_append(m, n), p, n);
	for (p += n, len -= n; len; p += n, len -= n) {
		seg = rte_pktmbuf_alloc(twin_pool());
		assert_non_null(seg);
		n = 1 + frame_random(&state) % 2000;
		n = len < n ? len : n;
		memcpy(rte_pktmbuf_append(seg, n), p, n);
		assert_int_equal(rte_pktmbuf_chain(m, seg), 0);
	}
	return m;
}

static size_t from_mbuf(const struct rte_mbuf *m, uint8_t *buf)
{
	const uint8_t *p = rte_pktmbuf_read(m, 0, m->pkt_len, buf);

	assert_non_null(p);
	if (p != buf)
		memcpy(buf, p, m->pkt_len);
	return m->pkt_len;
}

static struct virtio_net_hdr vnet(uint8_t gso_type, uint16_t gso_size)
{
	struct virtio_net_hdr hdr = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = gso_type,
		.gso_size = gso_size,
		.hdr_len = frame.payload_ofs,
		.csum_start = frame.l4_ofs,
		.csum_offset = frame.proto == 6	   ? 16
			       : frame.proto == 17 ? 6
						   : 8,
	};

	return hdr;
}

static void random_frame(uint8_t proto, size_t max_payload)
{
	frame.tags = frame_random(&state) % 4;
	frame.v6 = frame_random(&state) % 2;
	frame.proto = proto;
	frame.ip_options = frame_random(&state) % 3 * 8;
	frame.tcp_options = frame_random(&state) % 4 * 4;
	frame.payload = frame_random(&state) % max_payload;
	frame.seed = frame_random(&state);
	frame.partial = true;
	frame_build(&frame);
}

static void test_finish(void **unused)
{
	static const uint8_t protos[] = { 6, 17, 132 };
	static uint8_t buf[FRAME_MAX];
	struct virtio_net_hdr hdr;
	struct rte_mbuf *m;
	size_t len;
	int i;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		random_frame(protos[i % 3], 9000);
		m = to_mbuf(frame.bytes, frame.len, 200 + i % 100);
		hdr = vnet(VIRTIO_NET_HDR_GSO_NONE, 0);
		assert_int_equal(twin_offload_from_vnet(m, &hdr), 0);
		assert_int_equal(twin_offload_is_partial(m), i % 3 != 2);
		assert_int_equal(twin_offload_finish_csum(m), 0);
		assert_false(twin_offload_is_partial(m));
		len = from_mbuf(m, buf);
		assert_int_equal(len, frame.len);
		assert_true(frame_l4_ok(buf, len, frame.l3_ofs));
		rte_pktmbuf_free(m);
	}
}

static void test_round_trip(void **unused)
{
	static const struct {
		uint8_t proto, type[2];
	} kinds[] = { { 6, { 1, 4 } }, { 17, { 5, 5 } }, { 17, { 3, 3 } } };
	struct virtio_net_hdr in, out;
	struct rte_mbuf *m;
	int i;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		random_frame(kinds[i % 3].proto, 30000);
		m = to_mbuf(frame.bytes, frame.len, 2000);
		in = vnet(kinds[i % 3].type[frame.v6], 1000);
		if (kinds[i % 3].proto == 6)
			in.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
		assert_int_equal(twin_offload_from_vnet(m, &in), 0);
		twin_offload_to_vnet(m, &out);
		if (frame.payload <= 1000) {
			in.gso_type = VIRTIO_NET_HDR_GSO_NONE;
			in.gso_size = 0;
			in.hdr_len = 0;
		}
		assert_memory_equal(&in, &out, sizeof(in));
		rte_pktmbuf_free(m);
	}
}

static uint32_t get(const uint8_t *p, int n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* One segment of the frame: the i-th of n, with payload from @ofs on. */
static void judge_segment(const uint8_t *p, size_t len, size_t ofs, int i,
			  int n)
{
	const uint8_t *l3 = p + frame.l3_ofs, *l4 = p + frame.l4_ofs;
	const uint8_t *whole_l4 = frame.bytes + frame.l4_ofs;
	uint8_t flags = whole_l4[13];

	assert_true(frame_ip_ok(p, len, frame.l3_ofs));
	assert_true(frame_l4_ok(p, len, frame.l3_ofs));
	assert_memory_equal(p + frame.payload_ofs,
			    frame.bytes + frame.payload_ofs + ofs,
			    len - frame.payload_ofs);
	assert_memory_equal(p, frame.bytes, frame.l3_ofs);
	if (!frame.v6)
		assert_int_equal(get(l3 + 4, 2), (frame.seed + i) & 0xffff);
	if (frame.proto == 17) {
		assert_int_equal(get(l4 + 4, 2), len - frame.l4_ofs);
		return;
	}
	if (i)
		flags &= ~0x80;
	if (i < n - 1)
		flags &= ~0x09;
	assert_int_equal(l4[13], flags);
	assert_int_equal(get(l4 + 4, 4),
			 (uint32_t)(get(whole_l4 + 4, 4) + ofs));
}

static void segment_frame(uint8_t type, uint16_t mss)
{
	static uint8_t buf[FRAME_MAX];
	struct virtio_net_hdr hdr = vnet(type, mss);
	struct rte_mbuf *out[MAX_PIECES], *m;
	size_t ofs = 0, len;
	int i, n;

	m = to_mbuf(frame.bytes, frame.len, 300);
	assert_int_equal(twin_offload_from_vnet(m, &hdr), 0);
	if (frame.payload <= mss) {
		assert_false(twin_offload_is_gso(m));
		rte_pktmbuf_free(m);
		return;
	}
	n = twin_offload_segment(m, twin_pool(), out, MAX_PIECES);
	assert_int_equal(n, (frame.payload + mss - 1) / mss);
	for (i = 0; i < n; i++) {
		rte_mbuf_sanity_check(out[i], 1);
		assert_false(twin_offload_is_partial(out[i]));
		len = from_mbuf(out[i], buf);
		judge_segment(buf, len, ofs, i, n);
		ofs += len - frame.payload_ofs;
		rte_pktmbuf_free(out[i]);
	}
	assert_int_equal(ofs, frame.payload);
}

static void test_segment_tcp(void **unused)
{
	int i;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		random_frame(6, 60000);
		segment_frame(frame.v6 ? VIRTIO_NET_HDR_GSO_TCPV6
				       : VIRTIO_NET_HDR_GSO_TCPV4,
			      500 + frame_random(&state) % 9000);
	}
}

static void test_segment_udp(void **unused)
{
	int i;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		random_frame(17, 60000);
		segment_frame(5, 500 + frame_random(&state) % 2000);
	}
}

/* Puts a fragment's payload in its place. Return: was it the last one? */
static bool place_fragment(const uint8_t *p, size_t len, uint8_t *whole,
			   size_t *whole_len)
{
	const uint8_t *l3 = p + frame.l3_ofs, *data;
	uint32_t frag, ofs;
	bool more;

	assert_true(frame_ip_ok(p, len, frame.l3_ofs));
	if (frame.v6) {
		assert_int_equal(l3[6], 44);
		assert_int_equal(l3[40], 17);
		frag = get(l3 + 42, 2);
		ofs = frag & 0xfff8;
		more = frag & 1;
		data = l3 + 48;
	} else {
		assert_int_equal(get(l3 + 4, 2), frame.seed & 0xffff);
		frag = get(l3 + 6, 2);
		ofs = (frag & 0x1fff) * 8;
		more = frag & 0x2000;
		data = l3 + (l3[0] & 0xf) * 4;
	}
	len -= data - p;
	memcpy(whole + frame.l4_ofs + ofs, data, len);
	if (!more)
		*whole_len = frame.l4_ofs + ofs + len;
	return !more;
}

static void judge_fragments(struct rte_mbuf **out, int n, size_t max_ip)
{
	static uint8_t buf[FRAME_MAX], whole[FRAME_MAX];
	size_t len, whole_len = 0;
	int i;

	memcpy(whole, frame.bytes, frame.l4_ofs);
	for (i = 0; i < n; i++) {
		len = from_mbuf(out[i], buf);
		assert_true(len - frame.l3_ofs <= max_ip);
		assert_int_equal(place_fragment(buf, len, whole, &whole_len),
				 i == n - 1);
		rte_pktmbuf_free(out[i]);
	}
	assert_int_equal(whole_len, frame.len);
	assert_true(frame_l4_ok(whole, whole_len, frame.l3_ofs));
	assert_memory_equal(whole + frame.payload_ofs,
			    frame.bytes + frame.payload_ofs, frame.payload);
}

static void test_fragment_udp(void **unused)
{
	struct rte_mbuf *out[MAX_PIECES], *m;
	struct virtio_net_hdr hdr;
	int i, n;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		random_frame(17, 60000);
		if (frame.v6) {
			frame.ip_options = 0;
			frame_build(&frame);
		}
		hdr = vnet(VIRTIO_NET_HDR_GSO_UDP, 1480);
		m = to_mbuf(frame.bytes, frame.len, 300);
		assert_int_equal(twin_offload_from_vnet(m, &hdr), 0);
		if (!twin_offload_is_gso(m)) {
			rte_pktmbuf_free(m);
			continue;
		}
		assert_true(twin_offload_is_ufo(m));
		n = twin_offload_segment(m, twin_pool(), out, MAX_PIECES);
		assert_true(n > 1);
		judge_fragments(out, n, 1480 + 60);
	}
}

static void test_fragment_packet(void **unused)
{
	struct rte_mbuf *out[MAX_PIECES], *m;
	int i, n;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		random_frame(17, 60000);
		frame.payload += 2000;
		frame.partial = false;
		if (frame.v6)
			frame.ip_options = 0;
		frame_build(&frame);
		m = to_mbuf(frame.bytes, frame.len, 300);
		n = twin_offload_fragment(m, frame.l3_ofs, 1280, twin_pool(),
					  out, MAX_PIECES);
		assert_true(n > 1);
		judge_fragments(out, n, 1280);
	}
}

static void test_truncate(void **unused)
{
	static uint8_t buf[FRAME_MAX];
	struct virtio_net_hdr hdr;
	struct rte_mbuf *m;
	uint32_t len;
	int i;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		random_frame(i % 2 ? 6 : 17, 9000);
		hdr = vnet(i % 2 ? (frame.v6 ? 4 : 1) : 5, 1000);
		m = to_mbuf(frame.bytes, frame.len, 300);
		assert_int_equal(twin_offload_from_vnet(m, &hdr), 0);
		len = 14 + frame_random(&state) % frame.len;
		twin_offload_truncate(m, len);
		if (len > frame.len)
			len = frame.len;
		rte_mbuf_sanity_check(m, 1);
		assert_int_equal(from_mbuf(m, buf), len);
		assert_memory_equal(buf, frame.bytes, len);
		assert_int_equal(twin_offload_is_gso(m),
				 len > frame.payload_ofs + 1000);
		if (len < frame.l4_ofs + 8)
			assert_false(twin_offload_is_partial(m));
		rte_pktmbuf_free(m);
	}
}

/* Whatever a host writes into the header, no more than an error comes of it. */
static void test_hostile(void **unused)
{
	struct rte_mbuf *out[MAX_PIECES], *m;
	struct virtio_net_hdr hdr;
	int i, n;

	(void)unused;
	for (i = 0; i < 100 * ROUNDS; i++) {
		random_frame(i % 2 ? 6 : 17, 3000);
		n = frame_random(&state) % 40;
		while (n-- > 20)
			frame.bytes[frame_random(&state) % 100] =
				frame_random(&state);
		m = to_mbuf(frame.bytes, frame.len,
			    14 + frame_random(&state) % 200);
		hdr = vnet(frame_random(&state) % 8, frame_random(&state) % 50);
		if (frame_random(&state) % 2)
			hdr.csum_start += frame_random(&state) % 64 - 32;
		if (frame_random(&state) % 4 == 0)
			hdr.csum_offset = frame_random(&state) % 32;
		n = -1;
		if (!twin_offload_from_vnet(m, &hdr)) {
			twin_offload_finish_csum(m);
			if (twin_offload_is_gso(m))
				n = twin_offload_segment(m, twin_pool(), out,
							 MAX_PIECES);
		}
		if (n > 0)
			rte_pktmbuf_free_bulk(out, n);
		else
			rte_pktmbuf_free(m);
	}
}

static void test_no_leak(void **unused)
{
	(void)unused;
	assert_int_equal(rte_mempool_in_use_count(twin_pool()), 0);
}

int main(void)
{
	char *eal[] = {
		"offload_test", "--no-huge",   "--no-pci",	 "-m",
		"256",		"--no-shconf", "--no-telemetry", "--log-level=4"
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finish),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_segment_tcp),
		cmocka_unit_test(test_segment_udp),
		cmocka_unit_test(test_fragment_udp),
		cmocka_unit_test(test_fragment_packet),
		cmocka_unit_test(test_truncate),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_no_leak),
	};

	if (rte_eal_init(sizeof(eal) / sizeof(eal[0]), eal) < 0 ||
	    twin_pool_init())
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
