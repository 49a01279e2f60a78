// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the twin does with a packet between two devices, without devices: the
 * same 32 buffers go through twin_input_burst() again and again, and what is
 * sent is left where it is. Prints TSC cycles a packet, the least of many short
 * runs, which a busy machine disturbs little. Under `valgrind --tool=callgrind
 * --toggle-collect=measured` it counts instructions.
 *
 * usage: packet_path CASE [BURSTS]
 *
 * Life cycle, synchronisation
 *	One thread, and no grace periods: nothing is freed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ether.h>

#include "actions.h"
#include "actions_private.h"
#include "flow_cache.h"
#include "input.h"
#include "meter.h"
#include "pool.h"
#include "psample.h"
#include "rcu.h"
#include "upcall.h"

#define RUN_BURSTS 64
#define HEAD 64
#define PORTS 4
#define LIST_MAX 1024

static struct twin_ctx ctx;
static struct datapath dp;
static struct vport vports[PORTS];
static struct twin_port_ctx_stats port_stats[PORTS];
static struct twin_txq txqs[PORTS];
static struct twin_port ports[PORTS];
static uint64_t n_sent, n_missed;

/* What the packet path needs of others */

unsigned int twin_ctx_count(void)
{
	return 2;
}

void twin_ctx_tick(struct twin_ctx *c)
{
	c->now_ms++;
}

void twin_rcu_defer(void (*fn)(void *arg), void *arg)
{
	(void)fn;
	(void)arg;
}

void twin_rcu_synchronize(void)
{
}

int twin_upcall_send(struct twin_ctx *c, struct datapath *d, struct vport *in,
		     struct twin_packet *pkt,
		     const struct twin_upcall_info *info, bool consume)
{
	(void)c;
	(void)d;
	(void)in;
	(void)pkt;
	(void)info;
	(void)consume;
	n_missed++;
	return 0;
}

unsigned int twin_upcall_misses(struct twin_ctx *c, struct datapath *d,
				struct vport *in, struct twin_packet *pkts,
				unsigned int n)
{
	(void)c;
	(void)d;
	(void)in;
	(void)pkts;
	n_missed += n;
	return 0;
}

bool twin_meter_execute(struct twin_ctx *c, struct datapath *d,
			const struct twin_packet *pkt, uint32_t meter_id)
{
	(void)c;
	(void)d;
	(void)pkt;
	(void)meter_id;
	return false;
}

void twin_psample_send(struct twin_ctx *c, struct vport *in,
		       struct twin_packet *pkt,
		       const struct ovsnl_op_psample *op)
{
	(void)c;
	(void)in;
	(void)pkt;
	(void)op;
}

static uint16_t leave(struct twin_port *port, struct twin_ctx *c,
		      struct rte_mbuf **pkts, uint16_t n)
{
	(void)port;
	(void)c;
	(void)pkts;
	n_sent += n;
	return n;
}

static const struct twin_port_ops port_ops = { .tx = leave };

/* Flows */

struct list {
	struct ovsnl_writer w;
	size_t outer, inner;
	uint64_t buf[LIST_MAX / 8];
};

static void list_open(struct list *l)
{
	ovsnl_writer_init(&l->w, l->buf, sizeof(l->buf));
	l->outer = ovsnl_nest_start(&l->w, OVS_FLOW_ATTR_ACTIONS);
}

static void set_masked(struct list *l, int type, const void *value,
		       const void *mask, size_t len)
{
	uint8_t both[80];

	memcpy(both, value, len);
	memcpy(both + len, mask, len);
	l->inner = ovsnl_nest_start(&l->w, OVS_ACTION_ATTR_SET_MASKED);
	ovsnl_put(&l->w, type, both, 2 * len);
	ovsnl_nest_end(&l->w, l->inner);
}

static void put_push_vlan(struct list *l)
{
	struct ovs_action_push_vlan push = { htons(ETH_P_8021Q),
					     htons(5 | OVSNL_VLAN_PRESENT) };

	ovsnl_put(&l->w, OVS_ACTION_ATTR_PUSH_VLAN, &push, sizeof(push));
}

static void put_set_eth(struct list *l)
{
	struct ovs_key_ethernet value = { .eth_dst = { 2, 0, 0, 0, 0, 0xaa },
					  .eth_src = { 2, 0, 0, 0, 0, 0xbb } };
	struct ovs_key_ethernet mask;

	memset(&mask, 0xff, sizeof(mask));
	set_masked(l, OVS_KEY_ATTR_ETHERNET, &value, &mask, sizeof(value));
}

static void put_set_ip(struct list *l)
{
	struct ovs_key_ipv4 ip = { .ipv4_dst = htonl(0x0a090909) };
	struct ovs_key_ipv4 ip_mask = { .ipv4_dst = UINT32_MAX };
	struct ovs_key_udp udp = { .udp_dst = htons(8080) };
	struct ovs_key_udp udp_mask = { .udp_dst = UINT16_MAX };

	set_masked(l, OVS_KEY_ATTR_IPV4, &ip, &ip_mask, sizeof(ip));
	set_masked(l, OVS_KEY_ATTR_UDP, &udp, &udp_mask, sizeof(udp));
}

static void put_recirc(struct list *l)
{
	ovsnl_put_u32(&l->w, OVS_ACTION_ATTR_RECIRC, 1);
}

static void put_none(struct list *l)
{
	(void)l;
}

static void base_key(struct ovsnl_key *key, struct ovsnl_key *mask)
{
	memset(key, 0, sizeof(*key));
	memset(mask, 0, sizeof(*mask));
	key->in_port = 1;
	key->mac_proto = OVSNL_MAC_ETHERNET;
	key->eth_type = htons(ETH_P_IP);
	key->ip_proto = 17;
	mask->recirc_id = UINT32_MAX;
	mask->in_port = UINT16_MAX;
	mask->mac_proto = 0xff;
	mask->tun_family = 0xff;
	mask->eth_type = UINT16_MAX;
	mask->ip_proto = 0xff;
	mask->ip_frag = 0xff;
	mask->tp_dst = UINT16_MAX;
}

static void add_flow(const struct ovsnl_key *key, const struct ovsnl_key *mask,
		     void (*actions)(struct list *l), bool output)
{
	struct ovsnl_flow_args args = { .key = key,
					.masked_key = key,
					.mask = mask };
	struct sw_flow *flow;
	static uint32_t id;
	struct list l;
	size_t size;

	list_open(&l);
	actions(&l);
	if (output)
		ovsnl_put_u32(&l.w, OVS_ACTION_ATTR_OUTPUT, 2);
	ovsnl_nest_end(&l.w, l.outer);
	if (ovsnl_actions_measure((void *)l.buf, key, &size, NULL))
		abort();
	args.acts = calloc(1, size);
	ovsnl_actions_build(args.acts, (void *)l.buf, key);
	id++;
	args.id.len = 16;
	memcpy(args.id.ufid, &id, sizeof(id));
	if (twin_flow_table_insert(dp.table, &args, &flow))
		abort();
}

/* As many masks as the case has: the port, and a pattern of bits of the
 * destination address that no other mask has.
 */
static void add_masks(unsigned int n)
{
	struct ovsnl_key key, mask;
	unsigned int i;

	for (i = 0; i < n; i++) {
		base_key(&key, &mask);
		mask.ip_dst = htonl(0xffff0000 | i);
		key.ip_dst = htonl(0x0a800001) & mask.ip_dst;
		key.tp_dst = htons(1000 + i);
		add_flow(&key, &mask, put_none, true);
	}
}

/** struct bench_case
 * @actions: of the flow, before its output
 * @masks: instead of that flow, so many masks
 * @flows: packets have so many source addresses
 * @recirc: a second flow with the output
 * @first_port, @ports: destination ports
 */
static const struct bench_case {
	const char *name;
	void (*actions)(struct list *l);
	unsigned int masks, flows, ports;
	bool recirc;
} bench_cases[] = {
	{ "output", put_none, 0, 1, 1, false },
	{ "micro_1k", put_none, 0, 1000, 4, false },
	{ "micro_1m", put_none, 0, 1000000, 4, false },
	{ "mega_1k", put_none, 0, 1000, 1, false },
	{ "mega_100k", put_none, 0, 100000, 1, false },
	{ "mega_1m", put_none, 0, 1000000, 1, false },
	{ "push_vlan", put_push_vlan, 0, 1000, 1, false },
	{ "set_eth", put_set_eth, 0, 1000, 1, false },
	{ "set_ip", put_set_ip, 0, 1000, 1, false },
	{ "recirc", put_recirc, 0, 1000, 1, true },
	{ "masks_8", put_none, 8, 16000000, 8, false },
	{ "masks_16", put_none, 16, 16000000, 16, false },
	{ "masks_64", put_none, 64, 16000000, 64, false },
	{ "masks_64_1k", put_none, 64, 1000, 64, false },
	{ "masks_64_100k", put_none, 64, 100000, 64, false },
	{ "masks_8192", put_none, 8192, 16000000, 8192, false },
};

static void add_flows(const struct bench_case *c)
{
	struct ovsnl_key key, mask;
	unsigned int i;

	if (c->masks) {
		add_masks(c->masks);
		return;
	}
	if (!strncmp(c->name, "mega", 4)) {
		for (i = 0; i < c->flows; i++) {
			base_key(&key, &mask);
			mask.tp_dst = 0;
			mask.ip_src = UINT32_MAX;
			key.ip_src = htonl(0x0a000001 + i);
			add_flow(&key, &mask, put_none, true);
		}
		return;
	}
	for (i = 0; i < c->ports; i++) {
		base_key(&key, &mask);
		key.tp_dst = htons(80 + i);
		add_flow(&key, &mask, c->actions, !c->recirc);
	}
	if (c->recirc) {
		key.recirc_id = 1;
		add_flow(&key, &mask, put_none, true);
	}
}

/* Packets */

static const uint8_t head[HEAD] = {
	2,    0, 0,  0,	  0, 2, 2, 0, 0,  0,  0,    1,	  8,	0,
	0x45, 0, 0,  46,  0, 0, 0, 0, 64, 17, 0x66, 0x3e, 0,	0,
	0,    0, 10, 128, 0, 1, 4, 0, 0,  80, 0,    26,	  0x12, 0x34,
};

static struct rte_mbuf *bufs[TWIN_BURST];
static uint32_t numbers[RUN_BURSTS * TWIN_BURST];

static void draw_numbers(const struct bench_case *c)
{
	static uint64_t x = 88172645463325252ull;
	unsigned int i;

	for (i = 0; i < RTE_DIM(numbers); i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		numbers[i] = (x >> 32) * c->flows >> 32;
	}
}

static inline void write_packets(const struct bench_case *c,
				 const uint32_t *number)
{
	uint16_t port, first = c->masks ? 1000 : 80;
	unsigned int i;
	uint32_t addr;
	uint8_t *p;

	for (i = 0; i < TWIN_BURST; i++) {
		bufs[i]->data_off = RTE_PKTMBUF_HEADROOM;
		bufs[i]->data_len = 60;
		bufs[i]->pkt_len = 60;
		p = rte_pktmbuf_mtod(bufs[i], uint8_t *);
		memcpy(p, head, HEAD);
		addr = htonl(0x0a000001 + number[i]);
		port = htons(first + number[i] % c->ports);
		memcpy(p + 26, &addr, sizeof(addr));
		memcpy(p + 36, &port, sizeof(port));
	}
}

/* Bursts of one run through the datapath; their own function, so that its name
 * can be given to callgrind.
 */
static __attribute__((noinline)) void measured(void)
{
	twin_input_burst(&ctx, &vports[1], bufs, TWIN_BURST);
	twin_actions_flush(&ctx);
}

static void setup(void)
{
	static char *eal[] = {
		"packet_path",	    "--no-huge",   "--no-pci", "--no-telemetry",
		"--no-shconf",	    "--in-memory", "-m",       "256",
		"--log-level=error"
	};
	unsigned int i;

	if (rte_eal_init(5, eal) < 0 || twin_pool_init())
		exit(1);
	ctx.pool = twin_pool();
	ctx.is_worker = true;
	ctx.cache = twin_flow_cache_create();
	dp.table = twin_flow_table_create();
	dp.stats = aligned_alloc(64, 2 * sizeof(*dp.stats));
	memset(dp.stats, 0, 2 * sizeof(*dp.stats));
	dp.ports = calloc(OVSNL_MAX_PORTS, sizeof(*dp.ports));
	for (i = 0; i < PORTS; i++) {
		txqs[i].port = &ports[i];
		ports[i] = (struct twin_port){ .ops = &port_ops,
					       .mtu = 1500,
					       .l2_len = RTE_ETHER_HDR_LEN,
					       .up = true,
					       .stats = &port_stats[i],
					       .txq = &txqs[i] };
		vports[i] = (struct vport){ .dp = &dp,
					    .port = &ports[i],
					    .port_no = i };
		dp.ports[i] = &vports[i];
	}
	if (twin_actions_ctx_init(&ctx))
		exit(1);
	for (i = 0; i < TWIN_BURST; i++)
		bufs[i] = rte_pktmbuf_alloc(twin_pool());
}

static const struct bench_case *find_case(const char *name)
{
	size_t i;

	for (i = 0; i < RTE_DIM(bench_cases); i++)
		if (!strcmp(bench_cases[i].name, name))
			return &bench_cases[i];
	fprintf(stderr, "packet_path: no case %s; there are:", name);
	for (i = 0; i < RTE_DIM(bench_cases); i++)
		fprintf(stderr, " %s", bench_cases[i].name);
	fprintf(stderr, "\n");
	exit(2);
}

/* TSC cycles that one run takes, without those of writing the packets. */
static uint64_t one_run(const struct bench_case *c)
{
	uint64_t start, spent = 0;
	unsigned int i;

	draw_numbers(c);
	for (i = 0; i < RUN_BURSTS; i++) {
		write_packets(c, numbers + i * TWIN_BURST);
		start = rte_rdtsc_precise();
		measured();
		spent += rte_rdtsc_precise() - start;
	}
	return spent;
}

int main(int argc, char **argv)
{
	const struct bench_case *c = find_case(argc > 1 ? argv[1] : "");
	unsigned long runs = argc > 2 ? strtoul(argv[2], NULL, 0) : 4000, i;
	uint64_t best = UINT64_MAX, spent;

	setup();
	add_flows(c);
	for (i = 0; i < runs; i++) {
		spent = one_run(c);
		if (spent < best)
			best = spent;
		twin_flow_table_rebalance(dp.table);
	}
	printf("%-14s %6.1f cycles a packet; %lu sent, %lu missed, mask hits "
	       "%.2f, cache hits %.2f a packet\n",
	       c->name, (double)best / RUN_BURSTS / TWIN_BURST, n_sent,
	       n_missed,
	       (double)dp.stats[0].n_mask_hit / runs / RUN_BURSTS / TWIN_BURST,
	       (double)dp.stats[0].n_cache_hit / runs / RUN_BURSTS /
		       TWIN_BURST);
	return n_missed != 0;
}
