// SPDX-License-Identifier: BSD-3-Clause
/*
 * Actions on packets, with ports that keep what is sent to them, a flow table
 * that is an array over recirculation ids, and clients that write down their
 * upcalls. Prints TAP.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>

#include "actions.h"
#include "actions_private.h"
#include "frame.h"
#include "input.h"
#include "meter.h"
#include "offload.h"
#include "ovsnl_uapi_new.h"
#include "packet_burst.h"
#include "packet_second.h"
#include "pool.h"
#include "psample.h"
#include "upcall.h"

#define PORTS 8
#define FLOWS 8
#define KEPT 64
#define MTU 1500
#define FULL_METER 7

static struct frame frame;
static struct twin_ctx ctx;
static struct datapath dp;
static struct vport vports[PORTS];

static struct test_port {
	struct twin_port port;
	struct twin_port_ctx_stats stats;
	struct twin_txq txq;
	struct rte_mbuf *kept[KEPT];
	unsigned int n;
} ports[PORTS];

static struct upcall {
	uint8_t cmd;
	uint32_t portid, recirc_id, len, cutlen, actions_len;
	int32_t userdata_len;
	uint16_t vlan_tci;
	bool has_hash;
} upcalls[KEPT];
static unsigned int n_upcalls, n_lookups, n_samples;
static uint32_t sampled_as;

/* What the actions need of others */

static struct sw_flow *flows[FLOWS];

void twin_ctx_tick(struct twin_ctx *c)
{
	c->now_ms++;
}

void twin_flow_table_lookup(struct twin_flow_table *table, struct twin_ctx *c,
			    const struct ovsnl_key *const *keys, unsigned int n,
			    struct sw_flow **found, uint64_t *masks_probed,
			    uint64_t *cache_hits)
{
	unsigned int i;

	(void)table;
	(void)c;
	(void)cache_hits;
	for (i = 0; i < n; i++)
		found[i] = keys[i]->recirc_id < FLOWS
				   ? flows[keys[i]->recirc_id]
				   : NULL;
	*masks_probed += n;
	n_lookups += n;
}

int twin_upcall_send(struct twin_ctx *c, struct datapath *d, struct vport *in,
		     struct twin_packet *pkt,
		     const struct twin_upcall_info *info, bool consume)
{
	struct upcall *u = &upcalls[n_upcalls++ % KEPT];

	(void)c;
	(void)d;
	assert_ptr_equal(in, &vports[1]);
	*u = (struct upcall){
		.cmd = info->cmd,
		.portid = info->portid,
		.recirc_id = pkt->key.recirc_id,
		.len = pkt->m->pkt_len,
		.cutlen = pkt->cutlen,
		.actions_len = info->actions_len,
		.userdata_len = info->userdata_len,
		.vlan_tci = ntohs(pkt->key.vlan_tci),
		.has_hash = pkt->hash,
	};
	if (consume)
		rte_pktmbuf_free(pkt->m);
	return 0;
}

unsigned int twin_upcall_misses(struct twin_ctx *c, struct datapath *d,
				struct vport *in, struct twin_packet *pkts,
				unsigned int n)
{
	const struct twin_upcall_info info = {
		.cmd = OVS_PACKET_CMD_MISS,
		.userdata_len = -1,
	};
	unsigned int i;

	for (i = 0; i < n; i++) {
		pkts[i].cutlen = UINT32_MAX;
		twin_packet_hash(&pkts[i]);
		twin_upcall_send(c, d, in, &pkts[i], &info, true);
	}
	return 0;
}

static uint16_t keep(struct twin_port *port, struct twin_ctx *c,
		     struct rte_mbuf **pkts, uint16_t n)
{
	struct test_port *p = (struct test_port *)port;
	uint16_t i;

	(void)c;
	for (i = 0; i < n; i++)
		if (p->n < KEPT)
			p->kept[p->n++] = pkts[i];
		else
			rte_pktmbuf_free(pkts[i]);
	return n;
}

bool twin_meter_execute(struct twin_ctx *c, struct datapath *d,
			const struct twin_packet *pkt, uint32_t meter_id)
{
	(void)c;
	(void)d;
	(void)pkt;
	return meter_id == FULL_METER;
}

void twin_psample_send(struct twin_ctx *c, struct vport *in,
		       struct twin_packet *pkt,
		       const struct ovsnl_op_psample *op)
{
	(void)c;
	assert_ptr_equal(in, &vports[1]);
	assert_int_equal(op->group, 12);
	n_samples++;
	sampled_as = pkt->probability;
}

static bool link_is_down(struct twin_port *port)
{
	(void)port;
	return false;
}

static const struct twin_port_ops port_ops = {
	.kind = TWIN_PORT_ETHDEV,
	.tx = keep,
	.link = link_is_down,
};

/* Programs, written as netlink attributes */

struct list {
	struct ovsnl_writer w;
	size_t nest[8];
	unsigned int depth;
	uint64_t buf[512];
};

static struct list *list_new(struct list *l)
{
	memset(l, 0, sizeof(*l));
	ovsnl_writer_init(&l->w, l->buf, sizeof(l->buf));
	l->nest[l->depth++] = ovsnl_nest_start(&l->w, OVS_FLOW_ATTR_ACTIONS);
	return l;
}

static void open_nest(struct list *l, int type)
{
	l->nest[l->depth++] = ovsnl_nest_start(&l->w, type);
}

static void close_nest(struct list *l)
{
	ovsnl_nest_end(&l->w, l->nest[--l->depth]);
}

static void output(struct list *l, uint32_t port)
{
	ovsnl_put_u32(&l->w, OVS_ACTION_ATTR_OUTPUT, port);
}

static void trunc_to(struct list *l, uint32_t len)
{
	ovsnl_put_u32(&l->w, OVS_ACTION_ATTR_TRUNC, len);
}

static void recirc(struct list *l, uint32_t id)
{
	ovsnl_put_u32(&l->w, OVS_ACTION_ATTR_RECIRC, id);
}

static void push_vlan(struct list *l, uint16_t tpid, uint16_t tci)
{
	struct ovs_action_push_vlan push = { htons(tpid),
					     htons(tci | OVSNL_VLAN_PRESENT) };

	ovsnl_put(&l->w, OVS_ACTION_ATTR_PUSH_VLAN, &push, sizeof(push));
}

static void pop_vlan(struct list *l)
{
	ovsnl_put(&l->w, OVS_ACTION_ATTR_POP_VLAN, NULL, 0);
}

static void userspace(struct list *l, uint32_t pid)
{
	open_nest(l, OVS_ACTION_ATTR_USERSPACE);
	ovsnl_put_u32(&l->w, OVS_USERSPACE_ATTR_PID, pid);
	ovsnl_put(&l->w, OVS_USERSPACE_ATTR_USERDATA, "data", 4);
	ovsnl_put(&l->w, OVS_USERSPACE_ATTR_ACTIONS, NULL, 0);
	close_nest(l);
}

static void start_sample(struct list *l, uint32_t probability)
{
	open_nest(l, OVS_ACTION_ATTR_SAMPLE);
	ovsnl_put_u32(&l->w, OVS_SAMPLE_ATTR_PROBABILITY, probability);
	open_nest(l, OVS_SAMPLE_ATTR_ACTIONS);
}

static void end_sample(struct list *l)
{
	close_nest(l);
	close_nest(l);
}

static void set_masked(struct list *l, int type, const void *value,
		       const void *mask, size_t len)
{
	uint8_t both[2 * 40];

	memcpy(both, value, len);
	memcpy(both + len, mask, len);
	open_nest(l, OVS_ACTION_ATTR_SET_MASKED);
	ovsnl_put(&l->w, type, both, 2 * len);
	close_nest(l);
}

static void set_eth_dst(struct list *l, const char *dst)
{
	struct ovs_key_ethernet value = { 0 }, mask = { 0 };

	memcpy(value.eth_dst, dst, ETH_ALEN);
	memset(mask.eth_dst, 0xff, ETH_ALEN);
	set_masked(l, OVS_KEY_ATTR_ETHERNET, &value, &mask, sizeof(value));
}

static void set_ip4_dst(struct list *l, uint32_t addr)
{
	struct ovs_key_ipv4 value = { .ipv4_dst = htonl(addr) };
	struct ovs_key_ipv4 mask = { .ipv4_dst = UINT32_MAX };

	set_masked(l, OVS_KEY_ATTR_IPV4, &value, &mask, sizeof(value));
}

static void set_ip6_dst(struct list *l, uint32_t last)
{
	struct ovs_key_ipv6 value = { .ipv6_dst[3] = htonl(last) };
	struct ovs_key_ipv6 mask = { .ipv6_dst[3] = UINT32_MAX };

	set_masked(l, OVS_KEY_ATTR_IPV6, &value, &mask, sizeof(value));
}

static void set_ports(struct list *l, uint8_t proto, uint16_t src, uint16_t dst)
{
	__be16 value[2] = { htons(src), htons(dst) },
	       mask[2] = { 0xffff, 0xffff };
	int type = proto == 6	 ? OVS_KEY_ATTR_TCP
		   : proto == 17 ? OVS_KEY_ATTR_UDP
				 : OVS_KEY_ATTR_SCTP;

	set_masked(l, type, value, mask, sizeof(value));
}

static struct rte_mbuf *to_mbuf(size_t head)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(twin_pool()), *seg;
	const uint8_t *p = frame.bytes;
	size_t len = frame.len, n = len < head ? len : head;

	assert_non_null(m);
	memcpy(rte_pktmbuf_append(m, n), p, n);
	for (p += n, len -= n; len; p += n, len -= n) {
		seg = rte_pktmbuf_alloc(twin_pool());
		assert_non_null(seg);
		n = len < 1000 ? len : 1000;
		memcpy(rte_pktmbuf_append(seg, n), p, n);
		assert_int_equal(rte_pktmbuf_chain(m, seg), 0);
	}
	return m;
}

/* The key that flows for the frame have: what parsing gives. */
static struct ovsnl_key frame_key(void)
{
	struct twin_packet pkt = { .m = to_mbuf(2000) };

	pkt.key.mac_proto = OVSNL_MAC_ETHERNET;
	assert_int_equal(twin_packet_parse(&pkt), 0);
	rte_pktmbuf_free(pkt.m);
	return pkt.key;
}

/* Make the list the program of the flow for recirculation id @id. */
static void install(struct list *l, uint32_t id)
{
	struct ovsnl_key key = frame_key();
	struct ovsnl_actions *acts;
	struct ovsnl_err err = { 0 };
	size_t size;

	while (l->depth)
		close_nest(l);
	if (ovsnl_actions_measure((void *)l->buf, &key, &size, &err))
		fail_msg("%s", err.msg);
	acts = calloc(1, size);
	ovsnl_actions_build(acts, (void *)l->buf, &key);
	flows[id] = aligned_alloc(64, sizeof(struct sw_flow));
	memset(flows[id], 0, sizeof(struct sw_flow));
	flows[id]->acts = acts;
}

static void input_mbuf(struct rte_mbuf *m)
{
	twin_input_burst(&ctx, &vports[1], &m, 1);
	twin_actions_flush(&ctx);
}

static void input(void)
{
	input_mbuf(to_mbuf(2000));
}

/* Was exactly this packet sent to the port, as its next one? Consumes it. */
static void expect(unsigned int port, const uint8_t *bytes, size_t len)
{
	static uint8_t buf[FRAME_MAX];
	struct test_port *p = &ports[port];
	struct rte_mbuf *m;
	const uint8_t *data;

	assert_true(p->n > 0);
	m = p->kept[0];
	memmove(p->kept, p->kept + 1, --p->n * sizeof(p->kept[0]));
	rte_mbuf_sanity_check(m, 1);
	assert_int_equal(m->pkt_len, len);
	data = rte_pktmbuf_read(m, 0, len, buf);
	assert_memory_equal(data, bytes, len);
	rte_pktmbuf_free(m);
}

static void expect_nothing(void)
{
	unsigned int i;

	for (i = 0; i < PORTS; i++)
		assert_int_equal(ports[i].n, 0);
}

static void build(bool v6, uint8_t proto, unsigned int tags, size_t payload)
{
	frame = (struct frame){ .v6 = v6,
				.proto = proto,
				.tags = tags,
				.payload = payload,
				.seed = 77 };
	frame_build(&frame);
}

/* The frame with a tag put in front of what it has. */
static size_t with_tag(uint8_t *out, uint16_t tpid, uint16_t tci)
{
	uint8_t tag[4] = { tpid >> 8, tpid & 0xff, tci >> 8, tci & 0xff };

	memcpy(out, frame.bytes, 12);
	memcpy(out + 12, tag, 4);
	memcpy(out + 16, frame.bytes + 12, frame.len - 12);
	return frame.len + 4;
}

static int setup(void **unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; i < PORTS; i++) {
		ports[i].stats = (struct twin_port_ctx_stats){ 0 };
		ports[i].port.up = true;
		ports[i].port.mtu = MTU;
		ports[i].port.l2_len = 14;
	}
	memset(ctx.drops, 0, sizeof(ctx.drops));
	n_upcalls = 0;
	n_lookups = 0;
	build(false, 17, 0, 100);
	return 0;
}

/* Every test ends with nothing left over. */
static int teardown(void **unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; i < FLOWS; i++) {
		if (flows[i])
			free((void *)flows[i]->acts);
		free(flows[i]);
		flows[i] = NULL;
	}
	for (i = 0; i < PORTS; i++) {
		if (ports[i].n)
			print_message("# port %u has %u packets\n", i,
				      ports[i].n);
		rte_pktmbuf_free_bulk(ports[i].kept, ports[i].n);
		ports[i].n = 0;
	}
	return rte_mempool_in_use_count(twin_pool()) ||
	       rte_mempool_in_use_count(twin_pool_large());
}

/* Tests */

static void test_output(void **unused)
{
	struct list l;

	(void)unused;
	output(list_new(&l), 2);
	install(&l, 0);
	input();
	expect(2, frame.bytes, frame.len);
	expect_nothing();
	assert_int_equal(flows[0]->stats.packets, 1);
	assert_int_equal(flows[0]->stats.bytes, frame.len);
	assert_int_equal(dp.stats[0].n_hit, 1);
	assert_int_equal(ports[1].stats.rx_packets, 1);
	assert_int_equal(ports[1].stats.rx_bytes, frame.len);
}

static void test_miss(void **unused)
{
	uint64_t missed = dp.stats[0].n_missed;

	(void)unused;
	input();
	assert_int_equal(n_upcalls, 1);
	assert_int_equal(upcalls[0].cmd, OVS_PACKET_CMD_MISS);
	assert_int_equal(upcalls[0].userdata_len, -1);
	assert_int_equal(upcalls[0].len, frame.len);
	assert_int_equal(upcalls[0].cutlen, UINT32_MAX);
	assert_true(upcalls[0].has_hash);
	assert_int_equal(dp.stats[0].n_missed, missed + 1);
}

static void test_drops(void **unused)
{
	struct list l;

	(void)unused;
	install(list_new(&l), 0);
	output(list_new(&l), 7);
	install(&l, 1);
	output(list_new(&l), 2);
	install(&l, 2);

	input();
	assert_int_equal(ctx.drops[TWIN_DROP_FLOW_DROP], 1);
	dp.ports[7] = NULL;
	recirc(list_new(&l), 1);
	free((void *)flows[0]->acts);
	free(flows[0]);
	install(&l, 0);
	input();
	dp.ports[7] = &vports[7];
	assert_int_equal(ctx.drops[TWIN_DROP_OUTPUT_NO_PORT], 1);

	recirc(list_new(&l), 2);
	free((void *)flows[0]->acts);
	free(flows[0]);
	install(&l, 0);
	ports[2].port.up = false;
	input();
	assert_int_equal(ctx.drops[TWIN_DROP_OUTPUT_DOWN], 1);
	ports[2].port.up = true;
	ports[2].port.mtu = frame.len - 15;
	input();
	assert_int_equal(ctx.drops[TWIN_DROP_OVER_MTU], 1);
	assert_int_equal(ports[2].stats.tx_errors, 1);
	ports[2].port.mtu = frame.len - 14;
	input();
	expect(2, frame.bytes, frame.len);
	expect_nothing();
}

static void test_short(void **unused)
{
	(void)unused;
	frame.len = 13;
	input();
	assert_int_equal(ctx.drops[TWIN_DROP_MALFORMED], 1);
	assert_int_equal(n_upcalls, 0);
}

/* The tag does not count for the MTU, a second one does. */
static void test_mtu_tags(void **unused)
{
	struct list l;

	(void)unused;
	build(false, 17, 1, 100);
	output(list_new(&l), 2);
	install(&l, 0);
	ports[2].port.mtu = frame.len - 18;
	input();
	expect(2, frame.bytes, frame.len);
	build(false, 17, 2, 100);
	input();
	assert_int_equal(ctx.drops[TWIN_DROP_OVER_MTU], 1);
}

static void test_flood_and_set(void **unused)
{
	uint8_t changed[FRAME_MAX];
	struct list l;

	(void)unused;
	output(list_new(&l), 2);
	set_eth_dst(&l, "\x02\xaa\xaa\xaa\xaa\xaa");
	output(&l, 3);
	set_eth_dst(&l, "\x02\xbb\xbb\xbb\xbb\xbb");
	output(&l, 1);
	install(&l, 0);
	input();
	expect(2, frame.bytes, frame.len);
	memcpy(changed, frame.bytes, frame.len);
	memcpy(changed, "\x02\xaa\xaa\xaa\xaa\xaa", 6);
	expect(3, changed, frame.len);
	memcpy(changed, "\x02\xbb\xbb\xbb\xbb\xbb", 6);
	expect(1, changed, frame.len);
	expect_nothing();
}

/* As above with a packet of several segments, the first one too short. */
static void test_segments(void **unused)
{
	uint8_t changed[FRAME_MAX];
	size_t head;
	struct list l;

	(void)unused;
	build(false, 17, 0, 1400);
	output(list_new(&l), 2);
	set_eth_dst(&l, "\x02\xaa\xaa\xaa\xaa\xaa");
	output(&l, 3);
	install(&l, 0);
	memcpy(changed, frame.bytes, frame.len);
	memcpy(changed, "\x02\xaa\xaa\xaa\xaa\xaa", 6);
	for (head = 1; head < 60; head++) {
		input_mbuf(to_mbuf(head));
		expect(2, frame.bytes, frame.len);
		expect(3, changed, frame.len);
	}
}

static void test_truncate(void **unused)
{
	struct list l;

	(void)unused;
	trunc_to(list_new(&l), 50);
	output(&l, 2);
	output(&l, 3);
	trunc_to(&l, 60);
	userspace(&l, 9);
	trunc_to(&l, 100000);
	output(&l, 4);
	install(&l, 0);
	input();
	expect(2, frame.bytes, 50);
	expect(3, frame.bytes, frame.len);
	expect(4, frame.bytes, frame.len);
	assert_int_equal(upcalls[0].cutlen, 60);
	assert_int_equal(upcalls[0].cmd, OVS_PACKET_CMD_ACTION);
	assert_int_equal(upcalls[0].portid, 9);
	assert_int_equal(upcalls[0].userdata_len, 4);
	assert_true(upcalls[0].actions_len > 0);
	assert_true(upcalls[0].has_hash);
	/* The outer tag is not counted. */
	build(false, 17, 1, 100);
	input();
	expect(2, frame.bytes, 54);
	expect(3, frame.bytes, frame.len);
	expect(4, frame.bytes, frame.len);
}

static void test_vlan(void **unused)
{
	uint8_t one[FRAME_MAX], two[FRAME_MAX];
	struct list l;
	size_t len;

	(void)unused;
	push_vlan(list_new(&l), 0x8100, 100);
	output(&l, 2);
	push_vlan(&l, 0x88a8, 200);
	output(&l, 3);
	pop_vlan(&l);
	output(&l, 4);
	pop_vlan(&l);
	pop_vlan(&l);
	output(&l, 5);
	install(&l, 0);
	input();
	len = with_tag(one, 0x8100, 100);
	expect(2, one, len);
	memcpy(two, one, 12);
	memcpy(two + 12, "\x88\xa8\x00\xc8", 4);
	memcpy(two + 16, one + 12, len - 12);
	expect(3, two, len + 4);
	expect(4, one, len);
	expect(5, frame.bytes, frame.len);
	expect_nothing();
}

/* After a second push the key is made anew before the next look-up. */
static void test_vlan_recirc(void **unused)
{
	struct list l;

	(void)unused;
	build(false, 17, 1, 100);
	push_vlan(list_new(&l), 0x88a8, 200);
	userspace(&l, 1);
	recirc(&l, 1);
	install(&l, 0);
	input();
	assert_int_equal(n_upcalls, 2);
	/* As the kernel shows it: still without the new tag. */
	assert_int_equal(upcalls[0].vlan_tci, 100 | OVSNL_VLAN_PRESENT);
	assert_int_equal(upcalls[1].cmd, OVS_PACKET_CMD_MISS);
	assert_int_equal(upcalls[1].recirc_id, 1);
	assert_int_equal(upcalls[1].vlan_tci, 200 | OVSNL_VLAN_PRESENT);
}

static void test_clone(void **unused)
{
	uint8_t changed[FRAME_MAX];
	struct list l;

	(void)unused;
	open_nest(list_new(&l), OVS_ACTION_ATTR_CLONE);
	set_eth_dst(&l, "\x02\xaa\xaa\xaa\xaa\xaa");
	output(&l, 2);
	close_nest(&l);
	open_nest(&l, OVS_ACTION_ATTR_CLONE);
	trunc_to(&l, 40);
	output(&l, 3);
	trunc_to(&l, 30);
	close_nest(&l);
	output(&l, 4);
	open_nest(&l, OVS_ACTION_ATTR_CLONE);
	output(&l, 5);
	install(&l, 0);
	input();
	memcpy(changed, frame.bytes, frame.len);
	memcpy(changed, "\x02\xaa\xaa\xaa\xaa\xaa", 6);
	expect(2, changed, frame.len);
	expect(3, frame.bytes, 40);
	expect(4, frame.bytes, frame.len);
	expect(5, frame.bytes, frame.len);
	expect_nothing();
}

static void test_sample(void **unused)
{
	unsigned int i, drawn;
	struct list l;

	(void)unused;
	start_sample(list_new(&l), 0);
	output(&l, 2);
	end_sample(&l);
	start_sample(&l, UINT32_MAX);
	output(&l, 3);
	end_sample(&l);
	start_sample(&l, UINT32_MAX / 4);
	output(&l, 4);
	install(&l, 0);
	for (i = drawn = 0; i < 4000; i++) {
		input();
		expect(3, frame.bytes, frame.len);
		while (ports[4].n) {
			expect(4, frame.bytes, frame.len);
			drawn++;
		}
		expect_nothing();
	}
	assert_in_range(drawn, 850, 1150);
}

static void test_recirc(void **unused)
{
	uint8_t changed[FRAME_MAX];
	struct list l;

	(void)unused;
	set_eth_dst(list_new(&l), "\x02\xaa\xaa\xaa\xaa\xaa");
	recirc(&l, 1);
	output(&l, 2);
	recirc(&l, 2);
	install(&l, 0);
	push_vlan(list_new(&l), 0x8100, 5);
	output(&l, 3);
	install(&l, 1);
	input();
	memcpy(changed, frame.bytes, frame.len);
	memcpy(changed, "\x02\xaa\xaa\xaa\xaa\xaa", 6);
	expect(2, changed, frame.len);
	memcpy(frame.bytes, changed, frame.len);
	expect(3, changed, with_tag(changed, 0x8100, 5));
	/* No flow for the second one. */
	assert_int_equal(n_upcalls, 1);
	assert_int_equal(upcalls[0].recirc_id, 2);
	assert_int_equal(upcalls[0].len, frame.len);
}

/* Loops end where the kernel's do: 4 levels at once, and 9 times 3 levels
 * behind a deferral.
 */
static void test_loop(void **unused)
{
	struct list l;

	(void)unused;
	recirc(list_new(&l), 0);
	install(&l, 0);
	input();
	assert_int_equal(n_lookups, 4 + 9 * 3);
	assert_int_equal(ctx.drops[TWIN_DROP_DEFERRED], 1);
	n_lookups = 0;
	input();
	assert_int_equal(n_lookups, 4 + 9 * 3);
	assert_int_equal(ctx.drops[TWIN_DROP_DEFERRED], 2);
}

/* A tree of clones: those too deep wait, those too many are dropped. */
static void test_deferred_clones(void **unused)
{
	unsigned int i;
	struct list l;

	(void)unused;
	list_new(&l);
	for (i = 0; i < 4; i++) {
		open_nest(&l, OVS_ACTION_ATTR_CLONE);
		set_eth_dst(&l, "\x02\xaa\xaa\xaa\xaa\xaa");
		output(&l, 2 + i);
	}
	close_nest(&l);
	output(&l, 6);
	for (i = 0; i < 3; i++)
		close_nest(&l);
	output(&l, 7);
	install(&l, 0);
	input();
	for (i = 2; i < 6; i++)
		assert_int_equal(ports[i].n, 1);
	assert_int_equal(ports[6].n, 1);
	expect(7, frame.bytes, frame.len);
	assert_int_equal(ctx.drops[TWIN_DROP_DEFERRED], 0);
}

static void judge_port(unsigned int port)
{
	static uint8_t buf[FRAME_MAX];
	struct rte_mbuf *m;

	assert_int_equal(ports[port].n, 1);
	m = ports[port].kept[0];
	ports[port].n = 0;
	assert_int_equal(twin_offload_finish_csum(m), 0);
	memcpy(buf, rte_pktmbuf_read(m, 0, m->pkt_len, buf), m->pkt_len);
	assert_int_equal(m->pkt_len, frame.len);
	assert_true(frame_ip_ok(buf, m->pkt_len, frame.l3_ofs));
	assert_true(frame_l4_ok(buf, m->pkt_len, frame.l3_ofs));
	assert_memory_not_equal(buf, frame.bytes, frame.len);
	rte_pktmbuf_free(m);
}

/* Addresses and ports, whoever completes the checksum. */
static void test_set_checksums(void **unused)
{
	static const uint8_t protos[] = { 6, 17, 132 };
	struct virtio_net_hdr hdr = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM };
	struct rte_mbuf *m;
	struct list l;
	int i;

	(void)unused;
	for (i = 0; i < 12; i++) {
		build(i & 1, protos[i % 3], i % 3, 333);
		frame.partial = i >= 6;
		frame_build(&frame);
		list_new(&l);
		if (frame.v6)
			set_ip6_dst(&l, 0x12345678);
		else
			set_ip4_dst(&l, 0xc0a80909);
		set_ports(&l, frame.proto, 4444, 5555);
		output(&l, 2);
		set_ports(&l, frame.proto, 6666, 7777);
		output(&l, 3);
		install(&l, 0);
		m = to_mbuf(frame.l4_ofs + 20);
		hdr.csum_start = frame.l4_ofs;
		hdr.csum_offset = frame.proto == 6    ? 16
				  : frame.proto == 17 ? 6
						      : 8;
		if (frame.partial)
			assert_int_equal(twin_offload_from_vnet(m, &hdr), 0);
		input_mbuf(m);
		judge_port(2);
		judge_port(3);
		teardown(NULL);
	}
}

/* EXECUTE: errors go back, the hash ends with a rewrite. */
static void test_execute(void **unused)
{
	struct twin_packet pkt = { .cutlen = UINT32_MAX, .hash = 5 };
	struct list l;

	(void)unused;
	userspace(list_new(&l), 1);
	set_ports(&l, 17, 1, 2);
	userspace(&l, 1);
	install(&l, 0);
	pkt.key = frame_key();
	pkt.key.in_port = 1;
	pkt.m = to_mbuf(2000);
	assert_int_equal(twin_packet_parse(&pkt), 0);
	assert_int_equal(twin_actions_execute(&ctx, &dp, &pkt, flows[0]->acts),
			 0);
	assert_int_equal(n_upcalls, 2);
	assert_true(upcalls[0].has_hash);
	assert_false(upcalls[1].has_hash);

	/* The program does not fit this packet. */
	build(false, 6, 0, 10);
	pkt.key = frame_key();
	pkt.key.in_port = 1;
	pkt.hash = 0;
	pkt.m = to_mbuf(2000);
	assert_int_equal(twin_packet_parse(&pkt), 0);
	assert_int_equal(twin_actions_execute(&ctx, &dp, &pkt, flows[0]->acts),
			 -EINVAL);
	assert_int_equal(ctx.drops[TWIN_DROP_ACTION_ERROR], 1);
	assert_int_equal(n_upcalls, 3);
	assert_false(upcalls[2].has_hash);
}

static void test_mru(void **unused)
{
	struct twin_packet pkt = { .cutlen = UINT32_MAX, .mru = 576 };
	struct list l;
	unsigned int i;

	(void)unused;
	build(false, 17, 0, 1400);
	output(list_new(&l), 2);
	install(&l, 0);
	pkt.key = frame_key();
	pkt.key.in_port = 1;
	pkt.m = to_mbuf(2000);
	assert_int_equal(twin_packet_parse(&pkt), 0);
	twin_actions_execute(&ctx, &dp, &pkt, flows[0]->acts);
	twin_actions_flush(&ctx);
	assert_int_equal(ports[2].n, 3);
	for (i = 0; i < 3; i++)
		assert_true(ports[2].kept[i]->pkt_len <= 576 + 14);
	rte_pktmbuf_free_bulk(ports[2].kept, 3);
	ports[2].n = 0;

	ports[2].port.mtu = 500;
	pkt.m = to_mbuf(2000);
	twin_actions_execute(&ctx, &dp, &pkt, flows[0]->acts);
	assert_int_equal(ctx.drops[TWIN_DROP_OVER_MTU], 1);
}

/* A whole burst, with hits and misses. */
static void test_burst(void **unused)
{
	struct rte_mbuf *pkts[TWIN_BURST];
	struct list l;
	unsigned int i;

	(void)unused;
	output(list_new(&l), 2);
	install(&l, 0);
	for (i = 0; i < TWIN_BURST; i++)
		pkts[i] = to_mbuf(i % 3 ? 2000 : 20);
	twin_input_burst(&ctx, &vports[1], pkts, TWIN_BURST);
	twin_actions_flush(&ctx);
	assert_int_equal(ports[2].n, TWIN_BURST);
	for (i = 0; i < TWIN_BURST; i++)
		expect(2, frame.bytes, frame.len);
}

static void input_many(unsigned int n)
{
	struct rte_mbuf *pkts[TWIN_BURST];
	unsigned int i;

	for (i = 0; i < n; i++)
		pkts[i] = to_mbuf(2000);
	twin_input_burst(&ctx, &vports[1], pkts, n);
	twin_actions_flush(&ctx);
}

/* Packets that go through their programs together are counted, deferred and
 * dropped as if each were alone.
 */
static void test_burst_loops(void **unused)
{
	struct list l;

	(void)unused;
	set_eth_dst(list_new(&l), "\x02\xaa\xaa\xaa\xaa\xaa");
	recirc(&l, 1);
	install(&l, 0);
	recirc(list_new(&l), 0);
	install(&l, 1);
	input_many(5);
	assert_int_equal(n_lookups, 5 * (4 + 9 * 3));
	assert_int_equal(ctx.drops[TWIN_DROP_DEFERRED], 5);
}

/* Down to where outputs are deferred, in the order of their arrival. */
static void test_burst_recirc(void **unused)
{
	uint8_t changed[FRAME_MAX];
	unsigned int i;
	struct list l;

	(void)unused;
	for (i = 0; i < 6; i++) {
		push_vlan(list_new(&l), 0x8100, 5);
		pop_vlan(&l);
		recirc(&l, i + 1);
		install(&l, i);
	}
	set_eth_dst(list_new(&l), "\x02\xaa\xaa\xaa\xaa\xaa");
	output(&l, 2);
	output(&l, 3);
	install(&l, 6);
	input_many(7);
	memcpy(changed, frame.bytes, frame.len);
	memcpy(changed, "\x02\xaa\xaa\xaa\xaa\xaa", 6);
	for (i = 0; i < 7; i++) {
		expect(2, changed, frame.len);
		expect(3, changed, frame.len);
	}
	assert_int_equal(n_lookups, 7 * 7);
	assert_int_equal(ctx.drops[TWIN_DROP_DEFERRED], 0);
}

static void assert_parsed_alike(const struct twin_packet *fast)
{
	struct twin_packet general = { .m = fast->m };

	general.key.in_port = 3;
	general.key.mac_proto = OVSNL_MAC_ETHERNET;
	assert_int_equal(twin_packet_parse(&general), 0);
	assert_memory_equal(&fast->key, &general.key,
			    OVSNL_KEY_OPTS_LINE * OVSNL_KEY_LINE);
	assert_int_equal(fast->layout.l3_ofs, general.layout.l3_ofs);
	assert_int_equal(fast->layout.l4_ofs, general.layout.l4_ofs);
	assert_int_equal(fast->layout.inner_ofs, general.layout.inner_ofs);
	assert_int_equal(fast->layout.l4_ok, general.layout.l4_ok);
	assert_int_equal(fast->tagged, general.tagged);
	assert_int_equal(fast->cutlen, UINT32_MAX);
	assert_false(fast->key_stale || fast->hash || fast->tunnel);
}

/* Packets with some bytes wrong. Return: how many the fast parser took. */
static unsigned int compare_parsers(const struct twin_parser *parser)
{
	static const uint8_t protos[] = { 6, 17, 17, 132 };
	struct twin_packet fast = { 0 };
	unsigned int i, n, taken = 0;
	uint32_t left, seed = 1;
	struct rte_mbuf *m;
	uint64_t bytes;

	for (i = 0; i < 200000; i++) {
		build(i % 7 == 0, protos[i % 4], i % 5 == 0, i % 50);
		for (n = frame_random(&seed) % 4; n; n--)
			frame.bytes[frame_random(&seed) % 60] =
				frame_random(&seed);
		if (frame_random(&seed) % 4 == 0)
			frame.len = 14 + frame_random(&seed) % 60;
		m = to_mbuf(2000);
		memset(&fast, i % 3 ? 0 : 0xff, sizeof(fast));
		fast.dirty = i % 3 == 0;
		bytes = 0;
		left = parser->parse(&fast, &m, 1, 3, &bytes);
		assert_int_equal(bytes, m->pkt_len);
		assert_ptr_equal(fast.m, m);
		if (!left) {
			assert_false(fast.dirty);
			assert_parsed_alike(&fast);
			taken++;
		} else {
			assert_int_equal(left, 1);
			assert_int_equal(fast.dirty, i % 3 == 0);
		}
		rte_pktmbuf_free(m);
	}
	return taken;
}

/* Each fast parser and the general one. */
static void test_fast_parser(void **unused)
{
	unsigned int taken = compare_parsers(&twin_parser_scalar);

	(void)unused;
	assert_true(taken > 20000);
	if (twin_parser_avx512.usable())
		assert_int_equal(compare_parsers(&twin_parser_avx512), taken);
}

/* Instead of the network header: a stack of labels, the last of which is marked
 * most of the time.
 */
static void put_labels(unsigned int labels, uint32_t *seed)
{
	uint8_t *type = frame.bytes + 12;
	unsigned int i;

	if (type[0] == 0x81)
		type += 4;
	type[0] = 0x88;
	type[1] = 0x47 + frame_random(seed) % 2;
	for (i = 0; i < labels; i++)
		type[2 + 4 * i + 2] &= 0xfe;
	type[2 + 4 * labels - 2] |= frame_random(seed) % 8 != 0;
}

/* What the fast parser leaves goes to the second one: tags, IPv6 and MPLS, too. */
static void test_second_parser(void **unused)
{
	static const uint8_t protos[] = { 6, 17, 17, 6, 132 };
	unsigned int i, n, v6 = 0, tagged = 0, labels[4] = { 0 };
	struct twin_packet second;
	uint32_t seed = 3;

	(void)unused;
	for (i = 0; i < 200000; i++) {
		build(i % 2, protos[i % 5], i % 3, i % 50);
		if (i % 4 == 0)
			put_labels(1 + i / 4 % 4, &seed);
		for (n = frame_random(&seed) % 4; n; n--)
			frame.bytes[frame_random(&seed) % 80] =
				frame_random(&seed);
		if (frame_random(&seed) % 4 == 0)
			frame.len = 14 + frame_random(&seed) % 80;
		memset(&second, i % 7 ? 0 : 0xff, sizeof(second));
		memset(&second.hash, 0,
		       sizeof(second) - offsetof(struct twin_packet, hash));
		second.dirty = i % 7 == 0;
		second.cutlen = UINT32_MAX;
		second.m = to_mbuf(i % 11 ? 2000 : 30);
		if (i % 13 == 0) /* to be cut into fragments */
			second.m->ol_flags |= RTE_MBUF_F_TX_UDP_SEG;
		if (twin_packet_parse_second(&second, 3)) {
			assert_int_not_equal(i % 13, 0);
			assert_parsed_alike(&second);
			assert_true(second.dirty ||
				    second.key.eth_type == htons(ETH_P_IP));
			v6 += second.key.eth_type == htons(ETH_P_IPV6);
			tagged += second.tagged;
			labels[__builtin_popcount(second.key.mpls_labels)]++;
		} else {
			assert_int_equal(second.dirty, i % 7 == 0);
		}
		rte_pktmbuf_free(second.m);
	}
	assert_in_range(v6, 20000, 200000);
	assert_in_range(tagged, 20000, 200000);
	for (n = 1; n <= 3; n++)
		assert_in_range(labels[n], 2000, 200000);
}

/* Lists that end a packet's way, each under its own reason. */
static void test_reasons(void **unused)
{
	static const struct {
		int action;
		uint32_t value;
		enum twin_drop reason;
	} cases[] = {
		{ OVS_ACTION_ATTR_METER, FULL_METER, TWIN_DROP_METER },
		{ OVSNL_ACTION_ATTR_DROP, 0, TWIN_DROP_EXPLICIT },
		{ OVSNL_ACTION_ATTR_DROP, 9, TWIN_DROP_EXPLICIT_ERROR },
	};
	struct list l;
	unsigned int i;

	(void)unused;
	for (i = 0; i < RTE_DIM(cases); i++) {
		output(list_new(&l), 2);
		ovsnl_put_u32(&l.w, cases[i].action, cases[i].value);
		install(&l, 0);
		input();
		expect(2, frame.bytes, frame.len);
		expect_nothing();
		assert_int_equal(ctx.drops[cases[i].reason], 1);
		assert_int_equal(ctx.drops[TWIN_DROP_FLOW_DROP], 0);
		teardown(NULL);
	}
}

/* Time that is up: the inner list instead of the rest, or the packet's end. */
static void test_dec_ttl(void **unused)
{
	unsigned int with_list;
	struct list l;

	(void)unused;
	for (with_list = 0; with_list < 2; with_list++) {
		list_new(&l);
		open_nest(&l, OVS_ACTION_ATTR_DEC_TTL);
		open_nest(&l, OVS_DEC_TTL_ATTR_ACTION);
		if (with_list)
			output(&l, 3);
		close_nest(&l);
		close_nest(&l);
		output(&l, 2);
		install(&l, 0);
		frame.bytes[22] = 1;
		input();
		if (with_list)
			expect(3, frame.bytes, frame.len);
		expect_nothing();
		assert_int_equal(ctx.drops[TWIN_DROP_TTL], 1);
		frame.bytes[22] = 2;
		input();
		assert_int_equal(ports[2].n, 1);
		assert_int_equal(
			rte_pktmbuf_mtod(ports[2].kept[0], uint8_t *)[22], 1);
		teardown(NULL);
	}
}

static void start_check(struct list *l, uint16_t len)
{
	open_nest(l, OVS_ACTION_ATTR_CHECK_PKT_LEN);
	ovsnl_put_u16(&l->w, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN, len);
	open_nest(l, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER);
	output(l, 2);
	close_nest(l);
	open_nest(l, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL);
	output(l, 3);
	close_nest(l);
	close_nest(l);
}

static struct rte_mbuf *to_gso(uint16_t size)
{
	struct virtio_net_hdr hdr = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		.gso_size = size,
		.csum_start = frame.l4_ofs,
		.csum_offset = 16,
	};
	struct rte_mbuf *m = to_mbuf(2000);

	assert_int_equal(twin_offload_from_vnet(m, &hdr), 0);
	return m;
}

/* What counts of a packet that is yet to be segmented is a segment. */
static void test_check_len_gso(void **unused)
{
	struct list l;
	int more;

	(void)unused;
	for (more = 0; more < 2; more++) {
		build(false, 6, 0, 5000);
		frame.partial = true;
		frame_build(&frame);
		start_check(list_new(&l), frame.payload_ofs + 1000 - more);
		install(&l, 0);
		input_mbuf(to_gso(1000));
		assert_int_equal(ports[2].n, more);
		assert_int_equal(ports[3].n, !more);
		teardown(NULL);
	}
}

/* Labels in front of such a packet: software repeats them for each segment. */
static void test_mpls_gso(void **unused)
{
	struct ovs_action_push_mpls push = { htonl(0x1ff), htons(0x8847) };
	static uint8_t buf[FRAME_MAX];
	unsigned int i;
	struct list l;

	(void)unused;
	build(false, 6, 0, 2500);
	frame.partial = true;
	frame_build(&frame);
	ovsnl_put(&list_new(&l)->w, OVS_ACTION_ATTR_PUSH_MPLS, &push,
		  sizeof(push));
	output(&l, 2);
	install(&l, 0);
	input_mbuf(to_gso(1000));
	assert_int_equal(ports[2].n, 3);
	for (i = 0; i < 3; i++) {
		struct rte_mbuf *m = ports[2].kept[i];
		const uint8_t *p = rte_pktmbuf_read(m, 0, m->pkt_len, buf);

		if (p != buf)
			memcpy(buf, p, m->pkt_len);
		assert_memory_equal(buf + 12, "\x88\x47\0\0\x01\xff", 6);
		assert_true(frame_ip_ok(buf, m->pkt_len, frame.l3_ofs + 4));
		assert_true(frame_l4_ok(buf, m->pkt_len, frame.l3_ofs + 4));
	}
}

/* The innermost sample's probability, and none outside. */
static void test_psample(void **unused)
{
	struct list l;
	int i;

	(void)unused;
	list_new(&l);
	for (i = 0; i < 2; i++) {
		if (i)
			start_sample(&l, UINT32_MAX);
		open_nest(&l, OVSNL_ACTION_ATTR_PSAMPLE);
		ovsnl_put_u32(&l.w, OVSNL_PSAMPLE_ATTR_GROUP, 12);
		close_nest(&l);
	}
	install(&l, 0);
	n_samples = 0;
	input();
	assert_int_equal(n_samples, 2);
	assert_int_equal(sampled_as, UINT32_MAX);
	assert_int_equal(ctx.drops[TWIN_DROP_FLOW_DROP], 0);
}

static void test_no_ethernet(void **unused)
{
	struct list l;

	(void)unused;
	ovsnl_put(&list_new(&l)->w, OVS_ACTION_ATTR_POP_ETH, NULL, 0);
	output(&l, 2);
	install(&l, 0);
	input();
	expect_nothing();
	assert_int_equal(ctx.drops[TWIN_DROP_OUTPUT_L3], 1);
}

/* What memory there is not for is a copy, never the packet itself. */
static void test_no_memory(void **unused)
{
	struct rte_mempool *none =
		rte_pktmbuf_pool_create("none", 1, 0, 0, 128, SOCKET_ID_ANY);
	struct rte_mbuf *last = rte_pktmbuf_alloc(none);
	struct list l;

	(void)unused;
	assert_non_null(last);
	ctx.pool = none;
	output(list_new(&l), 2);
	open_nest(&l, OVS_ACTION_ATTR_CLONE);
	push_vlan(&l, 0x8100, 5);
	output(&l, 3);
	close_nest(&l);
	output(&l, 4);
	install(&l, 0);
	input();
	ctx.pool = twin_pool();
	rte_pktmbuf_free(last);
	rte_mempool_free(none);
	expect(4, frame.bytes, frame.len);
	expect_nothing();
	assert_int_equal(ctx.drops[TWIN_DROP_NO_MEMORY], 2);
	assert_int_equal(ctx.drops[TWIN_DROP_FLOW_DROP], 0);
}

/* A packet that comes in so many executions deep: no port of today's brings one
 * back at once, so the executions around it are made up.
 */
static void test_recursion(void **unused)
{
	struct list l;

	(void)unused;
	/* A plain output needs no execution. */
	trunc_to(list_new(&l), MTU);
	output(&l, 2);
	install(&l, 0);
	ctx.priv->level = TWIN_RECURSION_LIMIT - 1;
	input();
	expect(2, frame.bytes, frame.len);
	assert_int_equal(ctx.drops[TWIN_DROP_RECURSION], 0);
	ctx.priv->level = TWIN_RECURSION_LIMIT;
	input();
	ctx.priv->level = 0;
	expect_nothing();
	assert_int_equal(ctx.drops[TWIN_DROP_RECURSION], 1);
}

static void make_ports(void)
{
	unsigned int i;

	dp.ports = calloc(OVSNL_MAX_PORTS, sizeof(*dp.ports));
	dp.stats = aligned_alloc(64, sizeof(*dp.stats));
	memset(dp.stats, 0, sizeof(*dp.stats));
	for (i = 0; i < PORTS; i++) {
		ports[i].port.ops = &port_ops;
		ports[i].port.stats = &ports[i].stats;
		ports[i].port.txq = &ports[i].txq;
		ports[i].txq.port = &ports[i].port;
		vports[i].dp = &dp;
		vports[i].port = &ports[i].port;
		vports[i].port_no = i;
		dp.ports[i] = &vports[i];
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	char *eal[] = {
		"actions_test", "--no-huge",   "--no-pci",	 "-m",
		"256",		"--no-shconf", "--no-telemetry", "--log-level=4"
	};
	const struct CMUnitTest tests[] = {
		TEST(test_output),
		TEST(test_miss),
		TEST(test_drops),
		TEST(test_short),
		TEST(test_mtu_tags),
		TEST(test_flood_and_set),
		TEST(test_segments),
		TEST(test_truncate),
		TEST(test_vlan),
		TEST(test_vlan_recirc),
		TEST(test_clone),
		TEST(test_sample),
		TEST(test_recirc),
		TEST(test_loop),
		TEST(test_deferred_clones),
		TEST(test_set_checksums),
		TEST(test_execute),
		TEST(test_mru),
		TEST(test_burst),
		TEST(test_burst_loops),
		TEST(test_burst_recirc),
		TEST(test_reasons),
		TEST(test_dec_ttl),
		TEST(test_check_len_gso),
		TEST(test_mpls_gso),
		TEST(test_psample),
		TEST(test_no_ethernet),
		TEST(test_no_memory),
		TEST(test_recursion),
		TEST(test_fast_parser),
		TEST(test_second_parser),
	};
	int failed;

	if (rte_eal_init(sizeof(eal) / sizeof(eal[0]), eal) < 0 ||
	    twin_pool_init())
		return 1;
	ctx.is_worker = true;
	ctx.pool = twin_pool();
	if (twin_actions_ctx_init(&ctx))
		return 1;
	make_ports();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(dp.ports);
	free(dp.stats);
	twin_actions_ctx_fini(&ctx);
	return failed;
}
