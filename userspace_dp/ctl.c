// SPDX-License-Identifier: BSD-3-Clause
/*
 * The "twinpath" family: twin netdevs and counters.
 *
 * Overview
 *
 *	Answers the twinpath command; see ctl_wire.h for the messages.
 *
 * Synchronisation
 *
 *	Control thread only. Counters of other threads are read as they are.
 */
#include "ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "ctl_rxq.h"
#include "ctl_wire.h"
#include "datapath.h"
#include "nl_server.h"
#include "perf.h"
#include "pool.h"
#include "port.h"
#include "probe.h"
#include "upcall.h"
#include "version.h"

/* Room for any one answer but the devargs. */
#define REPLY_SIZE 4096

static int refuse(struct twin_genl_request *req, int code, const char *msg,
		  int attr)
{
	return ovsnl_err_set(&req->err, code, msg, req->tb[attr]);
}

static const char *string(const struct twin_genl_request *req, int attr)
{
	return req->tb[attr] ? ovsnl_attr_data(req->tb[attr]) : NULL;
}

/* Ports */

static bool valid_name(const char *name)
{
	if (!name[0] || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	return !strpbrk(name, "/: \t\n");
}

static int set_mtu(struct twin_genl_request *req, struct twin_port *port)
{
	const struct nlattr *attr = req->tb[TWIN_CTL_ATTR_MTU];
	int err;

	/* Not all devices can change it, and those that are restored are told
	 * the one that they had.
	 */
	if (!attr || ovsnl_attr_u32(attr) == port->mtu)
		return 0;
	if (ovsnl_attr_u32(attr) > UINT16_MAX)
		err = -EINVAL;
	else
		err = twin_port_set_mtu(port, ovsnl_attr_u32(attr));
	if (!err)
		return 0;
	return refuse(req, err, "the device does not take this MTU",
		      TWIN_CTL_ATTR_MTU);
}

static int port_add(struct twin_genl_request *req)
{
	/* Stays for as long as the acknowledgement takes that repeats it. */
	static char words[TWIN_ERR_LEN];
	const char *devargs = string(req, TWIN_CTL_ATTR_DEVARGS);
	const char *name = string(req, TWIN_CTL_ATTR_NAME);
	struct twin_port *port;
	int err;

	if (!name || !devargs)
		return refuse(req, -EINVAL, "name or devargs missing",
			      TWIN_CTL_ATTR_NAME);
	if (!valid_name(name))
		return refuse(req, -EINVAL, "not a valid port name",
			      TWIN_CTL_ATTR_NAME);
	words[0] = '\0';
	port = twin_port_create_ethdev(name, devargs, words);
	if (!port)
		return refuse(req, -errno, words[0] ? words : NULL,
			      TWIN_CTL_ATTR_DEVARGS);
	err = set_mtu(req, port);
	if (err)
		twin_port_destroy(port);
	return err;
}

static int find_port(struct twin_genl_request *req, struct twin_port **port)
{
	const char *name = string(req, TWIN_CTL_ATTR_NAME);

	if (!name)
		return refuse(req, -EINVAL, "name missing", TWIN_CTL_ATTR_NAME);
	*port = twin_port_find(name);
	if (!*port)
		return refuse(req, -ENODEV, "no such port", TWIN_CTL_ATTR_NAME);
	return 0;
}

static int port_del(struct twin_genl_request *req)
{
	struct twin_port *port;
	int err;

	err = find_port(req, &port);
	if (err)
		return err;
	if (port->hidden)
		return refuse(req, -EINVAL,
			      "the port belongs to a datapath: remove it there",
			      TWIN_CTL_ATTR_NAME);
	if (port->vport)
		return refuse(
			req, -EBUSY,
			"the port is in a datapath: remove it there first",
			TWIN_CTL_ATTR_NAME);
	twin_port_destroy(port);
	return 0;
}

static void put_u64(struct ovsnl_writer *w, int type, uint64_t v)
{
	ovsnl_put_aligned(w, type, &v, sizeof(v));
}

static void put_place(struct ovsnl_writer *w, const struct vport *vport)
{
	const struct vport *local =
		twin_datapath_port(vport->dp, OVSNL_PORT_LOCAL);
	__u64 upcalls[3];

	twin_upcall_vport_stats(vport, &upcalls[0], &upcalls[1]);
	upcalls[2] = twin_upcall_waiting(vport);
	ovsnl_put_string(w, TWIN_CTL_ATTR_DATAPATH, local->port->name);
	ovsnl_put_u32(w, TWIN_CTL_ATTR_PORT_NO, vport->port_no);
	ovsnl_put_aligned(w, TWIN_CTL_ATTR_UPCALLS, upcalls, sizeof(upcalls));
}

static void put_port(struct ovsnl_writer *w,
		     const struct twin_genl_request *req,
		     struct twin_port *port, uint16_t flags)
{
	size_t start = twin_genl_put(w, req, TWIN_CTL_PORT_GET, flags);
	struct ovs_vport_stats stats;

	ovsnl_put_string(w, TWIN_CTL_ATTR_NAME, port->name);
	ovsnl_put_string(w, TWIN_CTL_ATTR_KIND, port->ops->kind_name);
	ovsnl_put_string(w, TWIN_CTL_ATTR_DEVARGS,
			 port->devargs ? port->devargs : "");
	ovsnl_put_u32(w, TWIN_CTL_ATTR_MTU, port->mtu);
	if (port->ifindex)
		ovsnl_put_u32(w, TWIN_CTL_ATTR_IFINDEX, port->ifindex);
	ovsnl_put(w, TWIN_CTL_ATTR_MAC, port->mac, sizeof(port->mac));
	ovsnl_put_u8(w, TWIN_CTL_ATTR_UP, port->up || port->ops->link(port));
	ovsnl_put_u32(w, TWIN_CTL_ATTR_RX_QUEUES, port->n_rxq);
	ovsnl_put_u8(w, TWIN_CTL_ATTR_HIDDEN, port->hidden);
	if (port->vport)
		put_place(w, port->vport);
	twin_port_stats(port, &stats);
	ovsnl_put_aligned(w, TWIN_CTL_ATTR_STATS, &stats, sizeof(stats));
	twin_genl_end(w, start);
}

static int reply(struct twin_genl_request *req, struct ovsnl_writer *w)
{
	int err = w->overflow ? -EMSGSIZE : twin_genl_reply(req, w);

	free(w->buf);
	return err;
}

static int alloc_reply(struct ovsnl_writer *w, size_t more)
{
	void *buf = malloc(REPLY_SIZE + more);

	if (!buf)
		return -ENOMEM;
	ovsnl_writer_init(w, buf, REPLY_SIZE + more);
	return 0;
}

static int port_get(struct twin_genl_request *req)
{
	struct twin_port *port;
	struct ovsnl_writer w;
	int err;

	err = find_port(req, &port);
	if (!err)
		err = alloc_reply(&w,
				  port->devargs ? strlen(port->devargs) : 0);
	if (err)
		return err;
	put_port(&w, req, port, 0);
	return reply(req, &w);
}

/* cur->pos[0]: ports written. One that comes or goes meanwhile may shift the
 * others, as in any list that is not frozen.
 */
static int port_dump(struct twin_genl_request *req, struct ovsnl_cursor *cur,
		     struct ovsnl_writer *w)
{
	struct twin_port *port = NULL;
	uint64_t n = 0;
	size_t before;

	while ((port = twin_port_next(port))) {
		if (n++ < cur->pos[0])
			continue;
		before = w->len;
		put_port(w, req, port, NLM_F_MULTI);
		if (w->overflow) {
			ovsnl_writer_reset(w, before);
			return 0;
		}
		cur->pos[0]++;
	}
	return 0;
}

/* Contexts */

static void put_drop(struct ovsnl_writer *w, enum twin_drop reason,
		     uint64_t count)
{
	size_t nest = ovsnl_nest_start(w, reason + 1);

	ovsnl_put_string(w, TWIN_CTL_ATTR_NAME, twin_drop_name(reason));
	put_u64(w, TWIN_CTL_ATTR_COUNT, count);
	ovsnl_nest_end(w, nest);
}

static void put_drops(struct ovsnl_writer *w, const struct twin_ctx *ctx)
{
	size_t nest = ovsnl_nest_start(w, TWIN_CTL_ATTR_DROPS);
	unsigned int i;

	for (i = 0; i < TWIN_DROP_COUNT; i++)
		put_drop(w, i, ctx ? ctx->drops[i] : twin_upcall_drops(i));
	ovsnl_nest_end(w, nest);
}

static void put_context(struct ovsnl_writer *w,
			const struct twin_genl_request *req,
			const struct twin_ctx *ctx)
{
	size_t start = twin_genl_put(w, req, TWIN_CTL_CONTEXT_GET, NLM_F_MULTI);
	struct twin_ctl_work work;
	struct twin_ctl_perf perf;

	twin_perf_work(ctx->id, &work);
	ovsnl_put_u32(w, TWIN_CTL_ATTR_CONTEXT, ctx->id);
	if (ctx->is_worker)
		ovsnl_put_u32(w, TWIN_CTL_ATTR_CPU, ctx->cpu);
	ovsnl_put_aligned(w, TWIN_CTL_ATTR_WORK, &work, sizeof(work));
	if (ctx->is_worker) {
		twin_perf_get(ctx->id, &perf);
		ovsnl_put_aligned(w, TWIN_CTL_ATTR_PERF, &perf, sizeof(perf));
		ovsnl_put_u8(w, TWIN_CTL_ATTR_ISOLATED,
			     twin_worker_isolated()[ctx->id]);
	}
	put_drops(w, ctx);
	twin_genl_end(w, start);
}

/* cur->pos[0]: contexts written. */
static int context_dump(struct twin_genl_request *req, struct ovsnl_cursor *cur,
			struct ovsnl_writer *w)
{
	size_t before;

	for (; cur->pos[0] < twin_ctx_count(); cur->pos[0]++) {
		before = w->len;
		put_context(w, req, twin_ctx_get(cur->pos[0]));
		if (w->overflow) {
			ovsnl_writer_reset(w, before);
			return 0;
		}
	}
	return 0;
}

static int perf_clear(struct twin_genl_request *req)
{
	(void)req;
	twin_perf_clear();
	return 0;
}

static void put_mbufs(struct ovsnl_writer *w)
{
	const __u64 mbufs[] = { rte_mempool_in_use_count(twin_pool()),
				rte_mempool_in_use_count(twin_pool_large()) };

	ovsnl_put_aligned(w, TWIN_CTL_ATTR_MBUFS, mbufs, sizeof(mbufs));
}

/* The daemon. Its drops are those of the upcall thread. */
static int daemon_get(struct twin_genl_request *req)
{
	struct twin_nl_server_stats stats;
	struct twin_ctl_clients clients;
	struct ovsnl_writer w;
	size_t start;
	int err;

	err = alloc_reply(&w, 0);
	if (err)
		return err;
	twin_nl_server_stats(&stats);
	clients = (struct twin_ctl_clients){
		.now = stats.connections,
		.accepted = stats.accepted,
		.refused = stats.refused,
		.requests = stats.requests,
		.lost = stats.lost,
	};
	start = twin_genl_put(&w, req, TWIN_CTL_DAEMON_GET, 0);
	ovsnl_put_u32(&w, TWIN_CTL_ATTR_PID, getpid());
	ovsnl_put_string(&w, TWIN_CTL_ATTR_RELEASE, TWIN_VERSION);
	put_u64(&w, TWIN_CTL_ATTR_TSC_HZ, rte_get_tsc_hz());
	ovsnl_put_aligned(&w, TWIN_CTL_ATTR_CLIENTS, &clients, sizeof(clients));
	put_mbufs(&w);
	put_drops(&w, NULL);
	twin_genl_end(&w, start);
	return reply(req, &w);
}

/* Probes */

static void put_waiting(struct ovsnl_writer *w, uint64_t number)
{
	uint32_t waiting[TWIN_MAX_CTX];
	unsigned int i, n = 0;

	for (i = 0; i < twin_worker_count(); i++)
		if (!twin_probe_done(i, number))
			waiting[n++] = i;
	ovsnl_put(w, TWIN_CTL_ATTR_WAITING, waiting, n * sizeof(waiting[0]));
}

static int probe(struct twin_genl_request *req)
{
	const struct nlattr *a = req->tb[TWIN_CTL_ATTR_COUNT];
	uint64_t number = a ? ovsnl_attr_u64(a) : twin_probe_send();
	struct ovsnl_writer w;
	size_t start;
	int err;

	err = alloc_reply(&w, 0);
	if (err)
		return err;
	start = twin_genl_put(&w, req, TWIN_CTL_PROBE, 0);
	put_u64(&w, TWIN_CTL_ATTR_COUNT, number);
	put_waiting(&w, number);
	twin_genl_end(&w, start);
	return reply(req, &w);
}

static const struct ovsnl_policy policy[TWIN_CTL_ATTR_END] = {
	[TWIN_CTL_ATTR_NAME] = { .kind = OVSNL_P_NUL_STRING,
				 .len = IFNAMSIZ - 1 },
	[TWIN_CTL_ATTR_DEVARGS] = { .kind = OVSNL_P_NUL_STRING, .len = 4096 },
	[TWIN_CTL_ATTR_MTU] = { .kind = OVSNL_P_U32 },
	[TWIN_CTL_ATTR_COUNT] = { .kind = OVSNL_P_U64 },
	[TWIN_CTL_ATTR_CONTEXT] = { .kind = OVSNL_P_U32 },
	[TWIN_CTL_ATTR_QUEUE] = { .kind = OVSNL_P_U32 },
	[TWIN_CTL_ATTR_ISOLATED] = { .kind = OVSNL_P_MIN_LEN, .len = 1 },
	[TWIN_CTL_ATTR_BALANCE] = { .kind = OVSNL_P_MIN_LEN,
				    .len = sizeof(struct twin_ctl_balance) },
};

const struct twin_genl_family twin_ctl_family = {
	.id = TWIN_GENL_TWINPATH,
	.name = TWIN_CTL_FAMILY,
	.version = TWIN_CTL_VERSION,
	.maxattr = TWIN_CTL_ATTR_END - 1,
	.shown_maxattr = TWIN_CTL_ATTR_END - 1,
	.resv_start = TWIN_CTL_PROBE + 1,
	.policy = policy,
	.n_commands = 13,
	.commands = {
		{.cmd = TWIN_CTL_PORT_ADD, .admin = true, .doit = port_add},
		{.cmd = TWIN_CTL_PORT_DEL, .admin = true, .doit = port_del},
		{.cmd = TWIN_CTL_PORT_GET,
		 .doit = port_get,
		 .dumpit = port_dump},
		{.cmd = TWIN_CTL_CONTEXT_GET, .dumpit = context_dump},
		{.cmd = TWIN_CTL_DAEMON_GET, .doit = daemon_get},
		{.cmd = TWIN_CTL_PROBE, .doit = probe},
		{.cmd = TWIN_CTL_PERF_CLEAR,
		 .admin = true,
		 .doit = perf_clear},
		{.cmd = TWIN_CTL_RXQ_GET, .dumpit = twin_ctl_rxq_dump},
		{.cmd = TWIN_CTL_RXQ_PIN,
		 .admin = true,
		 .doit = twin_ctl_rxq_pin},
		{.cmd = TWIN_CTL_RXQ_ISOLATE,
		 .admin = true,
		 .doit = twin_ctl_rxq_isolate},
		{.cmd = TWIN_CTL_RXQ_BALANCE,
		 .admin = true,
		 .doit = twin_ctl_rxq_balance},
		{.cmd = TWIN_CTL_RXQ_PLAN, .doit = twin_ctl_rxq_plan},
		{.cmd = TWIN_CTL_RXQ_REBALANCE,
		 .admin = true,
		 .doit = twin_ctl_rxq_plan},
	},
};
