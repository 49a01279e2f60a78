// SPDX-License-Identifier: BSD-3-Clause
/*
 * Datapaths, and the operations that netlink_api calls.
 *
 * Overview
 *
 *	A datapath is a flow table, an array of vports by number, and counters
 *	by context. Its name and its ifindex are those of its local port, a TAP.
 *
 * Life cycle
 *
 *	created with its local port; vports come and go; destroyed by a client,
 *	at the daemon's end, or when somebody deletes the TAP under it.
 *
 * Synchronisation
 *
 *	Everything here runs on the control thread, so that the lock operations
 *	of the table have nothing to do. Contexts reach a datapath through a
 *	vport, under QSBR: when its last vport has been detached none does.
 */
#include "datapath.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "actions.h"
#include "ct_limit.h"
#include "flow_cache.h"
#include "genl_ovs.h"
#include "log.h"
#include "meter.h"
#include "perf.h"
#include "rcu.h"
#include "vport.h"

/* What the kernel's datapath starts with. Here any size but 0 means the same:
 * contexts use their caches.
 */
#define MASKS_CACHE_SIZE 256
#define REBALANCE_MS 1000

static TAILQ_HEAD(, datapath) datapaths = TAILQ_HEAD_INITIALIZER(datapaths);

struct datapath *twin_datapath_next(struct datapath *prev)
{
	return prev ? TAILQ_NEXT(prev, link) : TAILQ_FIRST(&datapaths);
}

struct twin_pids *twin_datapath_pids(const struct ovsnl_pids *pids)
{
	struct twin_pids *copy;

	copy = malloc(sizeof(*copy) + pids->n * sizeof(copy->pids[0]));
	if (!copy)
		return NULL;
	copy->n = pids->n;
	memcpy(copy->pids, pids->data, pids->n * sizeof(copy->pids[0]));
	return copy;
}

/* Life */

void twin_datapath_free(struct datapath *dp)
{
	twin_flow_table_destroy(dp->table);
	twin_meters_destroy(dp->meters);
	free(dp->percpu_pids);
	free(dp->stats);
	free(dp->ports);
	free(dp);
}

struct datapath *twin_datapath_alloc(void)
{
	size_t size = twin_ctx_count() * sizeof(struct twin_dp_stats);
	struct datapath *dp = calloc(1, sizeof(*dp));

	if (!dp)
		return NULL;
	dp->table = twin_flow_table_create();
	dp->meters = twin_meters_create();
	dp->ports = calloc(OVSNL_MAX_PORTS, sizeof(dp->ports[0]));
	dp->stats = aligned_alloc(RTE_CACHE_LINE_SIZE, size);
	if (!dp->table || !dp->meters || !dp->ports || !dp->stats) {
		twin_datapath_free(dp);
		return NULL;
	}
	memset(dp->stats, 0, size);
	dp->masks_cache_size = MASKS_CACHE_SIZE;
	return dp;
}

static int change(struct datapath *dp, const struct ovsnl_dp_args *args)
{
	struct twin_pids *pids = NULL, *old = dp->percpu_pids;

	if (args->set_percpu) {
		pids = twin_datapath_pids(&args->percpu_pids);
		if (!pids)
			return -ENOMEM;
		__atomic_store_n(&dp->percpu_pids, pids, __ATOMIC_RELEASE);
		if (old)
			twin_rcu_defer(free, old);
	}
	if (args->set_cache_size) {
		dp->masks_cache_size = args->masks_cache_size;
		twin_flow_table_use_cache(dp->table, args->masks_cache_size);
	}
	__atomic_store_n(&dp->user_features, args->user_features,
			 __ATOMIC_RELAXED);
	return 0;
}

static int create(void *net, const struct ovsnl_dp_args *args,
		  struct datapath **result)
{
	const struct ovsnl_vport_args local = {
		.name = args->name,
		.type = OVS_VPORT_TYPE_INTERNAL,
		.port_no = OVSNL_PORT_LOCAL,
		.ifindex = args->ifindex,
		.upcall_pids = args->upcall_pids,
	};
	struct datapath *dp = twin_datapath_alloc();
	struct vport *vport;
	int err = -ENOMEM;

	(void)net;
	if (!dp)
		return err;
	err = change(dp, args);
	if (!err)
		err = twin_vport_create(dp, &local, &vport);
	if (err) {
		twin_datapath_free(dp);
		return err;
	}
	dp->ifindex = vport->port->ifindex;
	TAILQ_INSERT_TAIL(&datapaths, dp, link);
	*result = dp;
	return 0;
}

void twin_datapath_destroy(struct datapath *dp)
{
	struct vport *vport;

	TAILQ_REMOVE(&datapaths, dp, link);
	/* The local port goes last: clients know the datapath by it. */
	while ((vport = twin_vport_next(dp, OVSNL_PORT_LOCAL + 1)))
		twin_vport_destroy(vport);
	vport = twin_vport_next(dp, OVSNL_PORT_LOCAL);
	if (vport)
		twin_vport_destroy(vport);
	twin_perf_keep(dp);
	twin_datapath_free(dp);
}

static void reset_features(struct datapath *dp)
{
	if (dp->user_features)
		twin_log_limited("%s: dropping previously announced user "
				 "features",
				 dp->ports[OVSNL_PORT_LOCAL]->port->name);
	__atomic_store_n(&dp->user_features, 0, __ATOMIC_RELAXED);
}

/* Looking up and telling */

static struct datapath *find(void *net, int ifindex)
{
	struct twin_port *port;
	struct datapath *dp;

	(void)net;
	TAILQ_FOREACH(dp, &datapaths, link)
		if (dp->ifindex == ifindex)
			return dp;
	port = ifindex ? twin_port_lookup_ifindex(ifindex) : NULL;
	if (!port || !port->vport || port->ops->kind != TWIN_PORT_TAP)
		return NULL;
	return port->vport->dp;
}

static struct datapath *by_rank(void *net, __u64 n)
{
	struct datapath *dp;

	(void)net;
	TAILQ_FOREACH(dp, &datapaths, link)
		if (!n--)
			return dp;
	return NULL;
}

static __u32 cpu_count(void)
{
	long n = sysconf(_SC_NPROCESSORS_CONF);

	return n > (long)twin_ctx_count() ? n : twin_ctx_count();
}

static void sum_stats(const struct datapath *dp, struct ovsnl_dp_info *info)
{
	const struct twin_dp_stats *s;
	unsigned int i;

	info->stats = (struct ovs_dp_stats){
		.n_lost = dp->n_lost_upcalls,
		.n_flows = twin_flow_table_count(dp->table),
	};
	info->megaflow = (struct ovs_dp_megaflow_stats){
		.n_masks = twin_flow_table_mask_count(dp->table),
	};
	for (i = 0; i < twin_ctx_count(); i++) {
		s = &dp->stats[i];
		info->stats.n_hit += s->n_hit;
		info->stats.n_missed += s->n_missed;
		info->stats.n_lost += s->n_lost;
		info->megaflow.n_mask_hit += s->n_mask_hit;
		info->megaflow.n_cache_hit += s->n_cache_hit;
	}
}

static void tell(struct datapath *dp, struct ovsnl_dp_info *info)
{
	const struct vport *local = dp->ports[OVSNL_PORT_LOCAL];

	info->name = local->port->name;
	info->ifindex = dp->ifindex;
	info->user_features = dp->user_features;
	info->masks_cache_size = dp->masks_cache_size;
	info->percpu_pids = (struct ovsnl_pids){ 0 };
	if (dp->percpu_pids) {
		info->percpu_pids.data = dp->percpu_pids->pids;
		info->percpu_pids.n = RTE_MIN(dp->percpu_pids->n, cpu_count());
	}
	sum_stats(dp, info);
}

/* Ports that vanish */

static void notify_vport_gone(struct vport *vport, struct ovsnl_writer *w,
			      struct ovsnl_request *req)
{
	if (twin_genl_ovs_reply_alloc(req, OVSNL_VPORT_REPLY_SIZE(cpu_count()),
				      w))
		return;
	if (ovsnl_vport_notice(req, vport, OVS_VPORT_CMD_DEL, w)) {
		twin_genl_ovs_reply_free(req, w);
		w->buf = NULL;
	}
}

static void port_gone(struct twin_port *port)
{
	struct ovsnl_request req = {
		.ops = &twin_datapath_ops,
		.family = OVSNL_FAMILY_VPORT,
		.nlmsg_type = twin_genl_ovs_type(OVSNL_FAMILY_VPORT),
	};
	struct ovsnl_writer w = { .buf = NULL };
	struct vport *vport = port->vport;
	bool hidden = port->hidden;

	twin_log("%s: its device is gone", port->name);
	if (vport && vport->port_no == OVSNL_PORT_LOCAL) {
		twin_datapath_destroy(vport->dp);
		return;
	}
	if (vport) {
		notify_vport_gone(vport, &w, &req);
		twin_vport_destroy(vport);
		if (w.buf)
			twin_genl_ovs_reply_notify(&req, &w);
	}
	if (!hidden)
		twin_port_destroy(port);
}

/* Packets of clients */

static struct rte_mbuf *to_mbuf(struct rte_mempool *pool, const char *data,
				uint32_t len)
{
	struct rte_mbuf *head = rte_pktmbuf_alloc(pool), *m = head;
	uint32_t part;

	while (m) {
		part = RTE_MIN(len, (uint32_t)rte_pktmbuf_tailroom(m));
		memcpy(rte_pktmbuf_mtod(m, char *), data, part);
		m->data_len = part;
		head->pkt_len += part;
		data += part;
		len -= part;
		if (!len)
			return head;
		m->next = rte_pktmbuf_alloc(pool);
		head->nb_segs += m->next != NULL;
		m = m->next;
	}
	rte_pktmbuf_free(head);
	return NULL;
}

static int execute(struct datapath *dp, const struct ovsnl_execute *exec)
{
	struct twin_ctx *ctx = twin_ctx_control();
	struct twin_packet pkt = {
		.layout = exec->layout,
		.cutlen = UINT32_MAX,
		.mru = exec->mru,
		.hash = exec->has_hash ? exec->hash : 0,
		.upcall_pid = exec->upcall_pid,
	};
	int err = -ENOMEM;

	ovsnl_key_copy(&pkt.key, exec->key);
	pkt.m = to_mbuf(ctx->pool, exec->packet, exec->len);
	if (pkt.m)
		err = twin_actions_execute(ctx, dp, &pkt, exec->acts);
	free(exec->acts);
	return err;
}

/* The table of operations: what is not above is a line each. */

static void no_lock(void *net)
{
	(void)net;
}

static struct vport *op_vport_by_name(void *net, const char *name)
{
	(void)net;
	return twin_vport_by_name(name);
}

static struct vport *op_vport_by_port(struct datapath *dp, __u32 port_no)
{
	return twin_datapath_port(dp, port_no);
}

static struct datapath *op_vport_dp(struct vport *vport)
{
	return vport->dp;
}

static __u32 op_vport_port_no(const struct vport *vport)
{
	return vport->port_no;
}

static int op_vport_type_check(void *net, __u32 type)
{
	(void)net;
	return type == OVS_VPORT_TYPE_NETDEV || type == OVS_VPORT_TYPE_INTERNAL
		       ? 0
		       : -EAFNOSUPPORT;
}

static int op_vport_set_options(struct vport *vport,
				const struct nlattr *options)
{
	(void)vport;
	(void)options;
	return -EOPNOTSUPP;
}

static void op_vport_info(void *net, struct vport *vport,
			  struct ovsnl_vport_info *info)
{
	(void)net;
	twin_vport_info(vport, info);
}

static void op_vport_put_options(struct vport *vport, struct ovsnl_writer *w)
{
	(void)vport;
	(void)w;
}

static struct sw_flow *op_flow_lookup(struct datapath *dp,
				      const struct ovsnl_key *key)
{
	return twin_flow_table_match(dp->table, key);
}

static struct sw_flow *op_flow_lookup_ufid(struct datapath *dp,
					   const struct ovsnl_flow_id *id)
{
	return twin_flow_table_find(dp->table, id, NULL);
}

static struct sw_flow *op_flow_lookup_exact(struct datapath *dp,
					    const struct ovsnl_key *key)
{
	return twin_flow_table_find(dp->table, NULL, key);
}

static int op_flow_insert(struct datapath *dp,
			  const struct ovsnl_flow_args *args,
			  struct sw_flow **flow)
{
	return twin_flow_table_insert(dp->table, args, flow);
}

static void op_flow_set_actions(struct datapath *dp, struct sw_flow *flow,
				struct ovsnl_actions *acts)
{
	(void)dp;
	twin_flow_set_actions(flow, acts);
}

static void op_flow_clear_stats(struct datapath *dp, struct sw_flow *flow)
{
	(void)dp;
	twin_flow_clear_stats(flow);
}

static void op_flow_remove(struct datapath *dp, struct sw_flow *flow)
{
	twin_flow_table_remove(dp->table, flow);
}

static int op_flow_flush(struct datapath *dp)
{
	twin_flow_table_flush(dp->table);
	return 0;
}

static struct sw_flow *op_flow_next(struct datapath *dp,
				    struct ovsnl_cursor *cur)
{
	return twin_flow_table_next(dp->table, cur);
}

static void op_flow_info(struct datapath *dp, const struct sw_flow *flow,
			 struct ovsnl_flow_info *info)
{
	(void)dp;
	twin_flow_info(flow, info);
}

static struct ovsnl_actions *op_actions_alloc(size_t size)
{
	return malloc(size);
}

static int op_actions_prepare(void *net, struct ovsnl_actions *acts)
{
	(void)net;
	(void)acts;
	return 0;
}

static void op_actions_free(struct ovsnl_actions *acts)
{
	free(acts);
}

const struct ovsnl_ops twin_datapath_ops = {
	.lock = no_lock,
	.unlock = no_lock,
	.read_lock = no_lock,
	.read_unlock = no_lock,
	.reply_alloc = twin_genl_ovs_reply_alloc,
	.reply_free = twin_genl_ovs_reply_free,
	.reply_unicast = twin_genl_ovs_reply_unicast,
	.reply_notify = twin_genl_ovs_reply_notify,
	.wanted = twin_genl_ovs_wanted,
	.dp_find = find,
	.dp_next = by_rank,
	.dp_create = create,
	.dp_change = change,
	.dp_destroy = twin_datapath_destroy,
	.dp_reset_features = reset_features,
	.dp_info = tell,
	.cpu_count = cpu_count,
	.vport_by_name = op_vport_by_name,
	.vport_by_port = op_vport_by_port,
	.vport_next = twin_vport_next,
	.vport_dp = op_vport_dp,
	.vport_port_no = op_vport_port_no,
	.vport_type_check = op_vport_type_check,
	.vport_create = twin_vport_create,
	.vport_set_options = op_vport_set_options,
	.vport_set_pids = twin_vport_set_pids,
	.vport_destroy = twin_vport_destroy,
	.vport_info = op_vport_info,
	.vport_put_options = op_vport_put_options,
	.flow_lookup = op_flow_lookup,
	.flow_lookup_ufid = op_flow_lookup_ufid,
	.flow_lookup_exact = op_flow_lookup_exact,
	.flow_insert = op_flow_insert,
	.flow_set_actions = op_flow_set_actions,
	.flow_clear_stats = op_flow_clear_stats,
	.flow_remove = op_flow_remove,
	.flow_flush = op_flow_flush,
	.flow_next = op_flow_next,
	.flow_info = op_flow_info,
	.actions_alloc = op_actions_alloc,
	.actions_prepare = op_actions_prepare,
	.actions_free = op_actions_free,
	.meter_features = twin_meter_features,
	.meter_set = twin_meter_set,
	.meter_get = twin_meter_get,
	.meter_del = twin_meter_del,
	.ct_limit_reserve = twin_ct_limit_reserve,
	.ct_limit_release = twin_ct_limit_release,
	.ct_limit_set = twin_ct_limit_set,
	.ct_limit_del = twin_ct_limit_del,
	.ct_limit_get = twin_ct_limit_get,
	.ct_limit_next = twin_ct_limit_next,
	.packet_execute = execute,
};

/* Start, end, and in between */

int twin_datapath_init(void)
{
	struct twin_ctx *ctx;
	unsigned int i;

	for (i = 0; i < twin_ctx_count(); i++) {
		ctx = twin_ctx_get(i);
		ctx->cache = twin_flow_cache_create();
		if (!ctx->cache)
			return -ENOMEM;
	}
	twin_port_set_gone(port_gone);
	return 0;
}

void twin_datapath_fini(void)
{
	struct datapath *dp;

	while ((dp = TAILQ_FIRST(&datapaths)))
		twin_datapath_destroy(dp);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

int twin_datapath_hook(void)
{
	static uint64_t next_ms;
	uint64_t now = now_ms();
	struct datapath *dp;

	if (TAILQ_EMPTY(&datapaths))
		return -1;
	if (now >= next_ms) {
		TAILQ_FOREACH(dp, &datapaths, link)
			twin_flow_table_rebalance(dp->table);
		next_ms = now + REBALANCE_MS;
	}
	return next_ms - now;
}
