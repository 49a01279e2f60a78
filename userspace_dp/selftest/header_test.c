// SPDX-License-Identifier: BSD-3-Clause
/*
 * Headers pushed and popped at random, next to an array of bytes to which the
 * same is done in the plainest way; and operations on many packets at once next
 * to those on each. Prints TAP.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>

#include "frame.h"
#include "header.h"
#include "header_burst.h"
#include "pool.h"
#include "set_field.h"

#define ROUNDS 20000
#define STEPS 12
#define BURST_ROUNDS 30000
#define BURST 3

/** struct plain - the packet as it should be.
 * @l3: bytes before the network header
 * @type: what is there
 */
static struct plain {
	uint8_t bytes[1024];
	size_t len, l3;
	uint16_t type;
	bool ethernet;
	unsigned int labels, nsh;
} plain;

static void insert(size_t at, const void *what, size_t len)
{
	memmove(plain.bytes + at + len, plain.bytes + at, plain.len - at);
	memcpy(plain.bytes + at, what, len);
	plain.len += len;
}

static void cut(size_t at, size_t len)
{
	plain.len -= len;
	memmove(plain.bytes + at, plain.bytes + at + len, plain.len - at);
}

static void write_type(void)
{
	if (plain.l3 < 14)
		return;
	plain.bytes[plain.l3 - 2] = plain.type >> 8;
	plain.bytes[plain.l3 - 1] = plain.type;
}

static bool is_mpls(void)
{
	return plain.type == 0x8847;
}

static int push_mpls(struct twin_packet *pkt, uint32_t random)
{
	struct ovsnl_op_push_mpls op = { .lse = random,
					 .ethertype = htons(0x8847),
					 .at_start = random % 4 == 0 };

	if (op.at_start)
		plain.l3 = 0;
	insert(plain.l3, &op.lse, 4);
	plain.type = 0x8847;
	plain.ethernet = plain.l3 != 0;
	plain.labels++;
	write_type();
	return twin_header_push_mpls(pkt, &op);
}

static int pop_mpls(struct twin_packet *pkt)
{
	uint16_t next = plain.labels > 1 ? 0x8847 : 0x800;

	cut(plain.l3, 4);
	plain.labels--;
	plain.type = next;
	write_type();
	return twin_header_pop_mpls(pkt, htons(next));
}

static int push_eth(struct twin_packet *pkt)
{
	static const struct ovs_key_ethernet a = { .eth_src = { 2, 1 },
						   .eth_dst = { 2, 2 } };
	uint8_t header[14] = { 2, 2, 0, 0, 0, 0, 2, 1 };

	insert(0, header, sizeof(header));
	plain.l3 = 14;
	plain.ethernet = true;
	write_type();
	return twin_header_push_eth(pkt, &a);
}

static int pop_eth(struct twin_packet *pkt)
{
	cut(0, 14);
	plain.l3 = 0;
	plain.ethernet = false;
	return twin_header_pop_eth(pkt);
}

static int push_nsh(struct twin_packet *pkt)
{
	struct {
		struct ovsnl_op_push_nsh op;
		uint8_t header[24];
	} op = { .op.len = 24, .header = { 0x0f, 0xc6, 1, 0, 1, 2, 3, 255 } };
	uint8_t header[24];

	memcpy(header, op.header, sizeof(header));
	header[3] = plain.l3		   ? 3
		    : plain.type == 0x894f ? 4
		    : plain.type == 0x8847 ? 5
					   : 1;
	insert(0, header, sizeof(header));
	plain.l3 = 0;
	plain.type = 0x894f;
	plain.ethernet = false;
	plain.nsh++;
	return twin_header_push_nsh(pkt, &op.op);
}

static int step(struct twin_packet *pkt, uint32_t random)
{
	switch (random % 5) {
	case 0:
		return push_mpls(pkt, random / 5);
	case 1:
		return is_mpls() && plain.labels ? pop_mpls(pkt) : 0;
	case 2:
		return plain.l3 ? 0 : push_eth(pkt);
	case 3:
		return plain.l3 ? pop_eth(pkt) : 0;
	default:
		return plain.nsh < 3 ? push_nsh(pkt) : 0;
	}
}

static void start(struct twin_packet *pkt, size_t len)
{
	static struct frame frame;

	frame = (struct frame){ .proto = 17, .payload = len };
	frame_build(&frame);
	memset(pkt, 0, sizeof(*pkt));
	pkt->m = rte_pktmbuf_alloc(twin_pool());
	assert_non_null(pkt->m);
	memcpy(rte_pktmbuf_append(pkt->m, frame.len), frame.bytes, frame.len);
	pkt->key.mac_proto = OVSNL_MAC_ETHERNET;
	assert_int_equal(twin_packet_parse(pkt), 0);
	plain = (struct plain){
		.len = frame.len, .l3 = 14, .type = 0x800, .ethernet = true
	};
	memcpy(plain.bytes, frame.bytes, frame.len);
}

static void judge(const struct twin_packet *pkt)
{
	static uint8_t buf[2048];

	rte_mbuf_sanity_check(pkt->m, 1);
	assert_int_equal(pkt->m->pkt_len, plain.len);
	assert_memory_equal(rte_pktmbuf_read(pkt->m, 0, plain.len, buf),
			    plain.bytes, plain.len);
	assert_int_equal(pkt->layout.l3_ofs, plain.l3);
	assert_int_equal(ntohs(twin_packet_protocol(pkt)), plain.type);
	assert_int_equal(pkt->key.mac_proto == OVSNL_MAC_ETHERNET,
			 plain.ethernet);
}

static void test_random(void **unused)
{
	struct twin_packet pkt;
	uint32_t seed = 1;
	int i, j;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		start(&pkt, i % 100);
		for (j = 0; j < STEPS; j++) {
			assert_int_equal(step(&pkt, frame_random(&seed)), 0);
			judge(&pkt);
		}
		/* What the parser makes of it is the same frame. */
		assert_int_equal(twin_packet_parse(&pkt), 0);
		assert_int_equal(ntohs(pkt.key.eth_type), plain.type);
		rte_pktmbuf_free(pkt.m);
	}
}

/* Every length: what is cut is refused, and nothing is read beyond. */
static void test_cut(void **unused)
{
	struct twin_packet pkt;
	uint32_t len;

	(void)unused;
	for (len = 0; len < 40; len++) {
		start(&pkt, 0);
		assert_int_equal(twin_header_pop_eth(&pkt), 0);
		assert_int_equal(push_nsh(&pkt), 0);
		rte_pktmbuf_trim(pkt.m, pkt.m->pkt_len - len);
		assert_int_equal(twin_header_pop_nsh(&pkt),
				 len < 24 ? -ENOMEM : 0);
		rte_pktmbuf_free(pkt.m);
	}
	for (len = 0; len < 20; len++) {
		start(&pkt, 0);
		push_mpls(&pkt, 1);
		rte_pktmbuf_trim(pkt.m, pkt.m->pkt_len - len);
		assert_int_equal(twin_header_pop_mpls(&pkt, htons(0x800)),
				 len < 18 ? -ENOMEM : 0);
		rte_pktmbuf_free(pkt.m);
	}
}

/* A tag goes out of the way of what is pushed in front, and comes back. */
static void test_tag_aside(void **unused)
{
	struct ovsnl_op_push_mpls label = { .ethertype = htons(0x8847),
					    .at_start = 1 };
	const uint8_t tag[4] = { 0x81, 0, 0, 5 };
	struct twin_packet pkt;

	(void)unused;
	start(&pkt, 10);
	assert_int_equal(
		twin_packet_push_vlan(&pkt, htons(0x8100), htons(0x1005)), 0);
	assert_int_equal(twin_header_push_mpls(&pkt, &label), 0);
	assert_int_equal(pkt.m->pkt_len, plain.len + 4);
	assert_int_equal(twin_header_push_eth(&pkt,
					      &(struct ovs_key_ethernet){}),
			 -EPROTO);
	assert_int_equal(twin_header_pop_mpls(&pkt, htons(ETH_P_TEB)), 0);
	insert(12, tag, sizeof(tag));
	assert_int_equal(pkt.m->pkt_len, plain.len);
	assert_memory_equal(rte_pktmbuf_mtod(pkt.m, void *), plain.bytes,
			    plain.len);
	assert_int_equal(twin_packet_parse(&pkt), 0);
	assert_int_equal(ntohs(pkt.key.vlan_tci), 0x1005);
	assert_int_equal(twin_header_pop_eth(&pkt), -EPROTO);
	rte_pktmbuf_free(pkt.m);
}

/* Bursts next to the plain functions */

static const uint8_t protos[] = { 6, 17, 17, 6, 132, 1 };
static unsigned int n_together, n_apart, n_csum_zero;

/* A packet of any kind, its checksum right, wrong, absent or unfinished. */
static void make_any(struct twin_packet *pkt, uint32_t *seed)
{
	static struct frame frame;
	uint32_t r = frame_random(seed), more = frame_random(seed);
	bool common = r % 4;
	uint8_t *p;

	frame = (struct frame){ .proto = common ? 6 + 11 * (r >> 8 & 1)
						: protos[r % 6],
				.payload = r >> 4 & 31,
				.tags = common ? 0 : r >> 10 & 1,
				.v6 = !common && (r >> 11 & 1),
				.ip_options = common ? 0 : (r >> 12 & 1) * 8,
				.seed = r };
	frame_build(&frame);
	memset(pkt, 0, sizeof(*pkt));
	pkt->m = rte_pktmbuf_alloc(twin_pool());
	assert_non_null(pkt->m);
	p = (uint8_t *)rte_pktmbuf_append(pkt->m, frame.len);
	memcpy(p, frame.bytes, frame.len);
	if (frame.proto == 17 && !(more & 3))
		memset(p + frame.l4_ofs + 6, more >> 2 & 1 ? 255 : 0, 2);
	if (!(more >> 3 & 7))
		p[frame.l4_ofs + 16] ^= r;
	if (!(more >> 6 & 7))
		memset(p + frame.l3_ofs + 10, more >> 9 & 1 ? 255 : 0, 2);
	pkt->key.mac_proto = OVSNL_MAC_ETHERNET;
	assert_int_equal(twin_packet_parse(pkt), 0);
	pkt->tagged = frame.tags;
	pkt->hash = r;
	pkt->cutlen = UINT32_MAX;
	if (!(more >> 10 & 15))
		pkt->m->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM |
				    RTE_MBUF_F_TX_IPV4;
	if (!(more >> 14 & 15))
		rte_pktmbuf_trim(pkt->m, pkt->m->pkt_len % 40);
}

static void copy_to(struct twin_packet *to, const struct twin_packet *from,
		    unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		memset(&to[i], 0, sizeof(to[i]));
		twin_packet_copy(&to[i], &from[i]);
		to[i].m = twin_packet_clone(from[i].m, twin_pool());
		assert_non_null(to[i].m);
	}
}

static void assert_same(struct twin_packet *a, struct twin_packet *b)
{
	assert_int_equal(a->m->data_len, b->m->data_len);
	assert_int_equal(a->m->pkt_len, b->m->pkt_len);
	assert_memory_equal(rte_pktmbuf_mtod(a->m, void *),
			    rte_pktmbuf_mtod(b->m, void *), a->m->data_len);
	assert_memory_equal(&a->key, &b->key, sizeof(a->key));
	a->m = b->m = NULL;
	assert_memory_equal(&a->m, &b->m,
			    sizeof(*a) - offsetof(struct twin_packet, m));
}

union any_op {
	struct ovsnl_op op;
	struct ovsnl_op_set_eth eth;
	struct ovsnl_op_set_ipv4 ipv4;
	struct ovsnl_op_set_tcp tcp;
	struct ovsnl_op_set_udp udp;
	struct ovsnl_op_push_vlan vlan;
	uint32_t words[16];
};

/* Values and masks of any bits; few or all of them at times. */
static void make_op(union any_op *op, uint32_t *seed)
{
	static const uint16_t codes[] = { OVSNL_OP_SET_ETH, OVSNL_OP_SET_IPV4,
					  OVSNL_OP_SET_TCP, OVSNL_OP_SET_UDP,
					  OVSNL_OP_PUSH_VLAN };
	uint32_t r = frame_random(seed);
	unsigned int i;

	for (i = 0; i < RTE_DIM(op->words); i++)
		op->words[i] = r >> 8 & 1   ? UINT32_MAX
			       : r >> 9 & 1 ? frame_random(seed)
					    : frame_random(seed) &
						      frame_random(seed) &
						      frame_random(seed);
	op->op = (struct ovsnl_op){ .code = codes[r % RTE_DIM(codes)] };
	if (op->op.code == OVSNL_OP_PUSH_VLAN) {
		op->vlan.tpid = htons(r >> 10 & 1 ? 0x8100 : 0x88a8);
		op->vlan.tci = htons((r >> 16) | OVSNL_VLAN_PRESENT);
	} else if (op->op.code == OVSNL_OP_SET_IPV4 && r >> 11 & 1) {
		memset(&op->ipv4.mask.ipv4_proto, 0, 4);
	}
}

/* By the plain functions; false where one of them refuses the packet. */
static bool apply_plain(struct twin_packet *pkts, unsigned int n,
			const union any_op *op)
{
	bool ok = true;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (op->op.code == OVSNL_OP_PUSH_VLAN)
			ok &= !twin_packet_push_vlan(&pkts[i], op->vlan.tpid,
						     op->vlan.tci);
		else
			ok &= !twin_set_field(&pkts[i], &op->op);
	return ok;
}

static uint8_t *udp_csum(const struct twin_packet *pkt)
{
	return rte_pktmbuf_mtod_offset(pkt->m, uint8_t *,
				       pkt->layout.l4_ofs + 6);
}

/* Let the checksum of a UDP packet be such that the operation makes it zero. */
static bool aim_at_zero(struct twin_packet *pkt, const union any_op *op)
{
	struct twin_packet trial;
	uint16_t before, after;
	uint32_t sum;

	if (!pkt->layout.l4_ok || pkt->key.ip_proto != 17 ||
	    pkt->m->data_len < pkt->layout.l4_ofs + 8)
		return false;
	memcpy(&before, udp_csum(pkt), sizeof(before));
	copy_to(&trial, pkt, 1);
	apply_plain(&trial, 1, op);
	memcpy(&after, udp_csum(&trial), sizeof(after));
	rte_pktmbuf_free(trial.m);
	if (before == after)
		return false;
	sum = before + (uint16_t)~after;
	before = (sum & 0xffff) + (sum >> 16);
	memcpy(udp_csum(pkt), &before, sizeof(before));
	return before;
}

static void compare_bursts(uint32_t *seed)
{
	struct twin_packet pkts[BURST], plainly[BURST];
	unsigned int i, n = 1 + frame_random(seed) % BURST;
	union any_op op;
	bool together, aimed = false;

	make_op(&op, seed);
	for (i = 0; i < n; i++) {
		make_any(&pkts[i], seed);
		aimed |= !(frame_random(seed) & 3) &&
			 aim_at_zero(&pkts[i], &op);
	}
	copy_to(plainly, pkts, n);
	together = twin_header_burst(pkts, n, &op.op);
	if (together)
		assert_true(apply_plain(plainly, n, &op));
	for (i = 0; i < n; i++) {
		struct rte_mbuf *a = pkts[i].m, *b = plainly[i].m;

		assert_same(&pkts[i], &plainly[i]);
		rte_pktmbuf_free(a);
		rte_pktmbuf_free(b);
	}
	n_together += together;
	n_csum_zero += together && aimed;
	n_apart += !together;
}

static void test_burst(void **unused)
{
	uint32_t seed = 7;
	int i;

	(void)unused;
	for (i = 0; i < BURST_ROUNDS; i++)
		compare_bursts(&seed);
	assert_in_range(n_together, BURST_ROUNDS / 5, BURST_ROUNDS);
	assert_in_range(n_apart, BURST_ROUNDS / 5, BURST_ROUNDS);
	assert_in_range(n_csum_zero, 100, BURST_ROUNDS);
}

static int teardown(void **unused)
{
	(void)unused;
	return rte_mempool_in_use_count(twin_pool()) != 0;
}

int main(void)
{
	char *eal[] = {
		"header_test", "--no-huge",   "--no-pci",	"-m",
		"256",	       "--no-shconf", "--no-telemetry", "--log-level=4"
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_random, teardown),
		cmocka_unit_test_teardown(test_cut, teardown),
		cmocka_unit_test_teardown(test_tag_aside, teardown),
		cmocka_unit_test_teardown(test_burst, teardown),
	};

	if (rte_eal_init(RTE_DIM(eal), eal) < 0 || twin_pool_init())
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
