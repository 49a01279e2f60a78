// SPDX-License-Identifier: BSD-3-Clause
/*
 * Packets into the datapath: parse, look up, count.
 *
 * Overview
 *	A burst from a port goes through the stages together: parse all, look
 *	all up, then run each flow's program (actions.c) or tell a client of
 *	the miss. Runs of packets that hit the same flow are counted at once,
 *	and sent at once where the flow does no more than that.
 *
 * Life cycle
 *	A burst stands in its context; nothing stays there between bursts.
 *
 * Synchronisation
 *	All state is the context's. Flows, programs and ports are read under
 *	QSBR: the caller reports no quiescent state meanwhile.
 *
 * Lock order
 *	No locks.
 */
#include "input.h"

#include <errno.h>

#include "actions_private.h"
#include "packet_burst.h"
#include "packet_second.h"
#include "upcall.h"

static void drop(struct twin_ctx *ctx, struct rte_mbuf *m,
		 enum twin_drop reason)
{
	ctx->drops[reason]++;
	rte_pktmbuf_free(m);
}

/* Look-up */

static unsigned int miss_run(struct twin_ctx *ctx, struct datapath *dp,
			     struct vport *in, struct twin_packet *pkts,
			     unsigned int n)
{
	dp->stats[ctx->id].n_missed += n;
	return twin_upcall_misses(ctx, dp, in, pkts, n);
}

/* Of the control thread's, too. */
static void miss(struct twin_ctx *ctx, struct datapath *dp, struct vport *in,
		 struct twin_packet *pkt)
{
	const struct twin_upcall_info info = {
		.cmd = OVS_PACKET_CMD_MISS,
		.userdata_len = -1,
	};

	if (ctx->is_worker) {
		miss_run(ctx, dp, in, pkt, 1);
		return;
	}
	dp->stats[ctx->id].n_missed++;
	pkt->cutlen = UINT32_MAX;
	twin_packet_hash(pkt);
	twin_upcall_send(ctx, dp, in, pkt, &info, true);
}

/* A program that is one output and nothing else. */
static inline bool is_plain_output(const struct ovsnl_actions *acts,
				   uint32_t *port)
{
	const struct ovsnl_op *op = ovsnl_actions_prog(acts);

	if (acts->prog_len != sizeof(struct ovsnl_op_output) ||
	    op->code != OVSNL_OP_OUTPUT)
		return false;
	*port = ((const struct ovsnl_op_output *)op)->port;
	return true;
}

static inline const struct ovsnl_actions *flow_acts(const struct sw_flow *flow)
{
	return __atomic_load_n(&flow->acts, __ATOMIC_ACQUIRE);
}

static inline void send_run(struct twin_ctx *ctx, struct datapath *dp,
			    uint32_t port_no, const struct twin_packet *pkts,
			    unsigned int n)
{
	enum twin_drop reason;
	struct twin_port *port = twin_egress_find(ctx, dp, port_no, &reason);
	unsigned int i;

	if (likely(port != NULL)) {
		twin_output_send_run(ctx, &ctx->priv->out, port, pkts, n);
		return;
	}
	for (i = 0; i < n; i++)
		drop(ctx, pkts[i].m, reason);
}

/* @n: at least one */
static inline void look_up(struct twin_ctx *ctx, struct datapath *dp,
			   const struct twin_packet *pkts, unsigned int n,
			   struct sw_flow **flows)
{
	struct twin_dp_stats *stats = &dp->stats[ctx->id];
	const struct ovsnl_key *keys[TWIN_BURST];
	unsigned int i = 0;

	do
		keys[i] = &pkts[i].key;
	while (++i < n);
	twin_flow_table_lookup(dp->table, ctx, keys, n, flows,
			       &stats->n_mask_hit, &stats->n_cache_hit);
}

/* @n packets of a burst hit the same flow. Return: its program. */
static inline const struct ovsnl_actions *
count_run(struct twin_ctx *ctx, const struct twin_packet *pkts, unsigned int n,
	  struct sw_flow *flow)
{
	__be16 tcp_flags = 0;
	uint64_t bytes = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		bytes += pkts[i].m->pkt_len;
		tcp_flags |= pkts[i].key.tcp_flags;
	}
	twin_flow_hit_n(flow, ctx->id, n, bytes, ctx->now_ms, ntohs(tcp_flags));
	return flow_acts(flow);
}

/* Packets fresh from a port. */
static inline void hit_run(struct twin_ctx *ctx, struct datapath *dp,
			   struct vport *in, struct twin_packet *pkts,
			   unsigned int n, struct sw_flow *flow)
{
	const struct ovsnl_actions *acts = count_run(ctx, pkts, n, flow);
	uint32_t port;

	if (likely(is_plain_output(acts, &port) && in->port->l2_len))
		send_run(ctx, dp, port, pkts, n);
	else
		twin_actions_run(ctx, dp, in, pkts, n, acts);
}

static void hit_again(struct twin_ctx *ctx, struct datapath *dp,
		      struct vport *in, struct twin_packet *pkts,
		      unsigned int n, struct sw_flow *flow)
{
	const struct ovsnl_actions *acts = count_run(ctx, pkts, n, flow);
	unsigned int i;

	dp->stats[ctx->id].n_hit += n;
	for (i = 0; i < n; i++)
		pkts[i].no_hash = false;
	twin_actions_run(ctx, dp, in, pkts, n, acts);
}

void twin_input_again(struct twin_ctx *ctx, struct datapath *dp,
		      struct vport *in, struct twin_packet *pkts,
		      unsigned int n)
{
	struct sw_flow *flows[TWIN_BURST];
	unsigned int i, end;

	look_up(ctx, dp, pkts, n, flows);
	for (i = 0; i < n; i = end) {
		end = i + 1;
		if (unlikely(!flows[i])) {
			miss(ctx, dp, in, &pkts[i]);
			continue;
		}
		while (end < n && flows[end] == flows[i])
			end++;
		hit_again(ctx, dp, in, &pkts[i], end - i, flows[i]);
	}
}

/* Bursts */

/* Does the packet start with its network header? */
static bool is_bare(const struct vport *in, const struct rte_mbuf *m)
{
	return !in->port->l2_len && m->packet_type & TWIN_PACKET_BARE;
}

/* A packet fresh from a port that other parsers leave to the general one.
 * False: it was dropped.
 */
static bool parse_general(struct twin_ctx *ctx, const struct vport *in,
			  struct twin_packet *pkt)
{
	struct ovsnl_key *key = &pkt->key;
	int err;

	key->recirc_id = 0;
	key->in_port = in->port_no;
	/* From mac_proto on line 0 is metadata. */
	memset(&key->mac_proto, 0,
	       OVSNL_KEY_LINE - offsetof(struct ovsnl_key, mac_proto));
	key->mac_proto = OVSNL_MAC_ETHERNET;
	if (unlikely(is_bare(in, pkt->m))) {
		key->mac_proto = OVSNL_MAC_NONE;
		key->eth_type = htons((uint16_t)pkt->m->packet_type);
	}
	ovsnl_key_clear_state(key);
	err = twin_packet_parse(pkt);
	if (likely(!err))
		return true;
	drop(ctx, pkt->m,
	     err == -ENOMEM ? TWIN_DROP_NO_MEMORY : TWIN_DROP_MALFORMED);
	return false;
}

/* By whichever parser knows it. False: it was dropped. */
static inline bool parse_other(struct twin_ctx *ctx, const struct vport *in,
			       struct twin_packet *pkt)
{
	if (likely(in->port->l2_len &&
		   twin_packet_parse_second(pkt, in->port_no)))
		return true;
	return parse_general(ctx, in, pkt);
}

/* The packets of a burst that @left has a bit for, by the other parsers.
 * Those that are dropped leave no gap. Return: packets that remain.
 */
static unsigned int parse_others(struct twin_ctx *ctx, const struct vport *in,
				 unsigned int n, uint32_t left)
{
	struct twin_packet *burst = ctx->priv->burst;
	unsigned int i, ok = 0;

	for (i = 0; i < n; i++) {
		if ((left & (1u << i)) && !parse_other(ctx, in, &burst[i]))
			continue;
		if (ok != i)
			twin_packet_copy(&burst[ok], &burst[i]);
		ok++;
	}
	return ok;
}

/* A burst that the fast parser has no business with. Return: as it does. */
static uint32_t parse_none(struct twin_packet *burst, struct rte_mbuf **pkts,
			   unsigned int n, uint64_t *bytes)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		*bytes += pkts[i]->pkt_len;
		burst[i].m = pkts[i];
		burst[i].cutlen = UINT32_MAX;
		burst[i].key_stale = false;
		memset(&burst[i].hash, 0,
		       sizeof(burst[i]) - offsetof(struct twin_packet, hash));
	}
	return UINT32_MAX;
}

static unsigned int parse_burst(struct twin_ctx *ctx, const struct vport *in,
				struct rte_mbuf **pkts, unsigned int n)
{
	struct twin_port_ctx_stats *stats = &in->port->stats[ctx->id];
	uint32_t left;

	if (unlikely(!in->port->l2_len))
		left = parse_none(ctx->priv->burst, pkts, n, &stats->rx_bytes);
	else
		left = twin_parser->parse(ctx->priv->burst, pkts, n,
					  in->port_no, &stats->rx_bytes);
	stats->rx_packets += n;
	return likely(!left) ? n : parse_others(ctx, in, n, left);
}

/** struct outputs - packets of the burst that are to leave by one port. */
struct outputs {
	uint32_t port_no;
	unsigned int first, n;
};

static inline void send_outputs(struct twin_ctx *ctx, struct datapath *dp,
				struct outputs *o)
{
	if (o->n)
		send_run(ctx, dp, o->port_no, &ctx->priv->burst[o->first],
			 o->n);
	o->n = 0;
}

/* A packet whose program is one output: they are gathered, whatever flows they
 * hit.
 */
static inline void add_output(struct twin_ctx *ctx, struct datapath *dp,
			      struct outputs *o, unsigned int i,
			      uint32_t port_no)
{
	if (unlikely(!o->n || o->port_no != port_no)) {
		send_outputs(ctx, dp, o);
		o->port_no = port_no;
		o->first = i;
	}
	o->n++;
}

static inline unsigned int run_length(struct sw_flow *const *flows,
				      unsigned int n)
{
	unsigned int i;

	for (i = 1; i < n && flows[i] == flows[0]; i++)
		;
	return i;
}

/* Do with each packet of the burst as its flow says. Return: those dropped for
 * want of one; *@missed: those without one.
 */
static unsigned int dispatch(struct twin_ctx *ctx, struct vport *in,
			     struct sw_flow *const *flows, unsigned int n,
			     unsigned int *missed)
{
	struct twin_packet *burst = ctx->priv->burst;
	unsigned int i, run, lost = 0;
	struct datapath *dp = in->dp;
	struct outputs o = { .n = 0 };
	uint32_t port_no;

	for (i = 0; i < n; i += run) {
		run = 1;
		if (likely(flows[i] && in->port->l2_len &&
			   is_plain_output(flow_acts(flows[i]), &port_no))) {
			count_run(ctx, &burst[i], 1, flows[i]);
			add_output(ctx, dp, &o, i, port_no);
			continue;
		}
		send_outputs(ctx, dp, &o);
		run = run_length(&flows[i], n - i);
		if (likely(flows[i])) {
			hit_run(ctx, dp, in, &burst[i], run, flows[i]);
			continue;
		}
		lost += miss_run(ctx, dp, in, &burst[i], run);
		*missed += run;
	}
	send_outputs(ctx, dp, &o);
	return lost;
}

bool twin_input_burst(struct twin_ctx *ctx, struct vport *in,
		      struct rte_mbuf **pkts, unsigned int n)
{
	bool full = n == TWIN_BURST;
	struct twin_packet *burst = ctx->priv->burst;
	struct datapath *dp = in->dp;
	struct sw_flow *flows[TWIN_BURST];
	unsigned int missed = 0, lost = 0;

	twin_egress_forget(ctx);
	n = parse_burst(ctx, in, pkts, n);
	if (unlikely(!n))
		return false;
	look_up(ctx, dp, burst, n, flows);
	if (flows[0] && run_length(flows, n) == n)
		hit_run(ctx, dp, in, burst, n, flows[0]);
	else
		lost = dispatch(ctx, in, flows, n, &missed);
	dp->stats[ctx->id].n_hit += n - missed;
	ctx->hits_wait |= full && n > missed;
	return lost == n;
}
