// SPDX-License-Identifier: BSD-3-Clause
/*
 * Probes: does each worker still forward?
 *
 * Overview
 *	A datapath that no client sees has a port for each worker to receive
 *	from, one port to send to, and a flow between them. The port to receive
 *	from is an eventfd: written to, it wakes the worker, which receives
 *	a packet there, parses it, finds the flow, runs its program and
 *	transmits at the end of the round, all with the code that users'
 *	packets meet. The sending port notes the packet's number.
 *
 *	Nobody asks: nothing is done. A probe costs each worker one packet.
 *
 * Life cycle
 *	From twin_probe_init() to twin_probe_fini().
 *
 * Synchronisation
 *	Control thread, but for the ports' rx and tx: `forwarded` is written by
 *	the worker alone, and read by the control thread.
 *
 * Lock order
 *	No locks.
 */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "datapath.h"
#include "log.h"
#include "rcu.h"
#include "upcall.h"

/* IEEE 802's type for local experiments. */
#define PROBE_TYPE 0x88b5
#define PROBE_LEN 60
#define OUT_PORT 0
#define STEP_MS 20
#define NEST_MAX 512

/** struct frame - a probe's packet. */
struct frame {
	uint8_t dst[6];
	uint8_t src[6];
	__be16 type;
	uint8_t pad[2];
	uint64_t number;
};

/** struct probe_port - what a worker receives probes from.
 * @vport: its place in the datapath
 */
struct probe_port {
	struct twin_port port;
	struct vport vport;
};

static struct datapath *dp;
static struct twin_port out_port;
static struct vport out_vport;
static struct probe_port *in_ports[TWIN_MAX_CTX];
static uint64_t last_number;
static uint64_t forwarded[TWIN_MAX_CTX];
static uint64_t packets[TWIN_MAX_CTX];

/* Ports */

static uint16_t probe_rx(struct twin_port *port, uint16_t queue,
			 struct rte_mbuf **pkts, uint16_t n)
{
	struct twin_ctx *ctx = twin_ctx_get(port->fd_worker);
	struct frame frame = { .dst = { 2, 0, 0, 0, 0, 2 },
			       .src = { 2, 0, 0, 0, 0, 1 },
			       .type = htons(PROBE_TYPE) };
	eventfd_t count;
	char *p;

	(void)queue;
	if (!n || eventfd_read(port->poll_fd, &count))
		return 0;
	pkts[0] = rte_pktmbuf_alloc(ctx->pool);
	if (!pkts[0])
		return 0; /* nothing is forwarded without memory */
	frame.number = __atomic_load_n(&last_number, __ATOMIC_ACQUIRE);
	p = rte_pktmbuf_append(pkts[0], PROBE_LEN);
	memset(p, 0, PROBE_LEN);
	memcpy(p, &frame, sizeof(frame));
	packets[ctx->id]++;
	return 1;
}

static uint16_t probe_tx(struct twin_port *port, struct twin_ctx *ctx,
			 struct rte_mbuf **pkts, uint16_t n)
{
	const struct frame *frame;
	uint16_t i;

	(void)port;
	for (i = 0; i < n; i++) {
		frame = rte_pktmbuf_mtod(pkts[i], const struct frame *);
		__atomic_store_n(&forwarded[ctx->id], frame->number,
				 __ATOMIC_RELEASE);
	}
	rte_pktmbuf_free_bulk(pkts, n);
	return n;
}

static bool probe_link(struct twin_port *port)
{
	(void)port;
	return true;
}

static const struct twin_port_ops probe_ops = {
	.kind = TWIN_PORT_PROBE,
	.kind_name = "probe",
	.rx = probe_rx,
	.tx = probe_tx,
	.link = probe_link,
};

static int join(struct vport *vport, struct twin_port *port, uint32_t port_no)
{
	vport->dp = dp;
	vport->port = port;
	vport->port_no = port_no;
	vport->type = OVS_VPORT_TYPE_NETDEV;
	vport->upcall_pids = calloc(1, sizeof(*vport->upcall_pids));
	if (!vport->upcall_pids || twin_upcall_vport_init(vport))
		return -ENOMEM;
	__atomic_store_n(&dp->ports[port_no], vport, __ATOMIC_RELEASE);
	return 0;
}

static int make_port(struct twin_port *port)
{
	int err = twin_port_init(port, &probe_ops, "probe");

	if (err)
		memset(port, 0, sizeof(*port));
	port->poll_fd = -1;
	port->up = true;
	port->mtu = PROBE_LEN;
	return err;
}

static int make_in_port(unsigned int worker)
{
	struct probe_port *in = calloc(1, sizeof(*in));
	int err;

	if (!in)
		return -ENOMEM;
	in_ports[worker] = in;
	err = make_port(&in->port);
	if (err)
		return err;
	in->port.poll_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (in->port.poll_fd < 0)
		return -errno;
	err = join(&in->vport, &in->port, OUT_PORT + 1 + worker);
	if (err)
		return err;
	__atomic_store_n(&in->port.vport, &in->vport, __ATOMIC_RELEASE);
	return twin_worker_poll_add_on(&in->port, worker);
}

/* The flow */

static const struct nlattr *actions(struct ovsnl_writer *w)
{
	size_t nest = ovsnl_nest_start(w, OVS_FLOW_ATTR_ACTIONS);

	ovsnl_put_u32(w, OVS_ACTION_ATTR_OUTPUT, OUT_PORT);
	ovsnl_nest_end(w, nest);
	return (const struct nlattr *)w->buf;
}

static void put_key(struct ovsnl_writer *w, __u32 in_port, __be16 type)
{
	size_t nest = ovsnl_nest_start(w, OVS_FLOW_ATTR_KEY);
	struct ovs_key_ethernet eth = { 0 };

	ovsnl_put_u32(w, OVS_KEY_ATTR_IN_PORT, in_port);
	ovsnl_put(w, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
	ovsnl_put_u16(w, OVS_KEY_ATTR_ETHERTYPE, type);
	ovsnl_nest_end(w, nest);
}

static int parse_match(struct ovsnl_match *match)
{
	__u8 key[NEST_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	__u8 mask[NEST_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct ovsnl_writer w;

	ovsnl_writer_init(&w, key, sizeof(key));
	put_key(&w, OUT_PORT + 1, htons(PROBE_TYPE));
	ovsnl_writer_init(&w, mask, sizeof(mask));
	put_key(&w, 0, 0xffff);
	return ovsnl_key_match_parse(match, (const struct nlattr *)key,
				     (const struct nlattr *)mask, true, NULL);
}

static int add_flow(void)
{
	__u8 buf[NEST_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct ovsnl_match match;
	struct ovsnl_key masked;
	struct ovsnl_flow_args args = { .key = &match.key,
					.masked_key = &masked,
					.mask = &match.mask };
	struct sw_flow *flow;
	struct ovsnl_writer w;
	struct ovsnl_err err_words = { 0 };
	size_t size;
	int err;

	err = parse_match(&match);
	if (err)
		return err;
	ovsnl_key_mask(&masked, &match.key, &match.mask);
	ovsnl_writer_init(&w, buf, sizeof(buf));
	err = ovsnl_actions_measure(actions(&w), &masked, &size, &err_words);
	if (err)
		return err;
	args.acts = malloc(size);
	if (!args.acts)
		return -ENOMEM;
	ovsnl_actions_build(args.acts, (const struct nlattr *)buf, &masked);
	err = twin_flow_table_insert(dp->table, &args, &flow);
	if (err)
		free(args.acts);
	return err;
}

/* Life */

int twin_probe_init(void)
{
	unsigned int i;
	int err;

	dp = twin_datapath_alloc();
	if (!dp)
		return -ENOMEM;
	err = make_port(&out_port);
	if (!err)
		err = join(&out_vport, &out_port, OUT_PORT);
	if (!err)
		err = add_flow();
	for (i = 0; i < twin_worker_count() && !err; i++)
		err = make_in_port(i);
	if (err)
		twin_probe_fini();
	return err;
}

static void leave(struct vport *vport)
{
	if (vport->upcalls)
		twin_upcall_vport_fini(vport);
	free(vport->upcall_pids);
	memset(vport, 0, sizeof(*vport));
}

static void free_in_port(struct probe_port *in)
{
	if (in->port.poll_fd >= 0)
		close(in->port.poll_fd);
	leave(&in->vport);
	twin_port_fini(&in->port);
	free(in);
}

void twin_probe_fini(void)
{
	unsigned int i;

	if (!dp)
		return;
	for (i = 0; i < twin_worker_count(); i++)
		if (in_ports[i] && in_ports[i]->port.vport)
			twin_port_detach(&in_ports[i]->port);
	memset(dp->ports, 0, OVSNL_MAX_PORTS * sizeof(dp->ports[0]));
	twin_rcu_synchronize();
	for (i = 0; i < twin_worker_count(); i++)
		if (in_ports[i])
			free_in_port(in_ports[i]);
	memset(in_ports, 0, sizeof(in_ports));
	leave(&out_vport);
	twin_port_fini(&out_port);
	memset(&out_port, 0, sizeof(out_port));
	twin_datapath_free(dp);
	dp = NULL;
}

/* Probes */

uint64_t twin_probe_send(void)
{
	uint64_t number = last_number + 1;
	unsigned int i;

	__atomic_store_n(&last_number, number, __ATOMIC_RELEASE);
	for (i = 0; i < twin_worker_count(); i++)
		eventfd_write(in_ports[i]->port.poll_fd, 1);
	return number;
}

bool twin_probe_done(unsigned int worker, uint64_t number)
{
	return __atomic_load_n(&forwarded[worker], __ATOMIC_ACQUIRE) >= number;
}

bool twin_probe_all_done(uint64_t number)
{
	unsigned int i;

	for (i = 0; i < twin_worker_count(); i++)
		if (!twin_probe_done(i, number))
			return false;
	return true;
}

uint64_t twin_probe_packets(unsigned int worker)
{
	return __atomic_load_n(&packets[worker], __ATOMIC_RELAXED);
}

static void complain(uint64_t number)
{
	unsigned int i;

	for (i = 0; i < twin_worker_count(); i++)
		if (!twin_probe_done(i, number))
			twin_log("worker %u does not forward: no probe came "
				 "back from it",
				 i);
}

int twin_probe_wait(unsigned int ms)
{
	const struct timespec step = { .tv_nsec = 1000000 };
	uint64_t number = twin_probe_send();

	for (; !twin_probe_all_done(number); ms--) {
		if (!ms) {
			complain(number);
			return -ETIMEDOUT;
		}
		nanosleep(&step, NULL);
	}
	return 0;
}

/* The watchdog */

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

/* How often to tell, in ms: a few times in what systemd waits. 0: never. */
static uint64_t watchdog_interval(void)
{
	static uint64_t usec;
	static bool asked;

	if (!asked && sd_watchdog_enabled(0, &usec) <= 0)
		usec = 0;
	asked = true;
	return usec ? usec / 4000 + 1 : 0;
}

int twin_probe_watchdog(void)
{
	static uint64_t pending, next_ms;
	static bool told;
	uint64_t now = now_ms(), interval = watchdog_interval();

	if (!interval || !dp)
		return -1;
	if (pending && !twin_probe_all_done(pending)) {
		if (now >= next_ms && !told) {
			complain(pending);
			told = true;
		}
		return STEP_MS;
	}
	if (pending) {
		sd_notify(0, "WATCHDOG=1");
		pending = 0;
		told = false;
	}
	if (now < next_ms)
		return next_ms - now;
	pending = twin_probe_send();
	next_ms = now + interval;
	return 1;
}
