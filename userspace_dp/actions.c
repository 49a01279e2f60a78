// SPDX-License-Identifier: BSD-3-Clause
/*
 * Packets through the datapath: look up, count, act.
 *
 * Overview
 *	A burst from a port goes through the stages together: parse all, look
 *	all up, then run each flow's program. Programs were checked when they
 *	were compiled (ovsnl_action.h): what remains to fail here are packets
 *	that are not what their headers promise, and memory.
 *
 *	A list either consumes its packet or, as an inner list that changes
 *	nothing, leaves it. Operations that need a packet of their own clone
 *	it, except the last one of a consuming list, which takes it.
 *
 *	Recirculation and inner lists that need a key of their own run at once
 *	down to DEFER_LEVEL; deeper ones wait in a queue until the outermost
 *	list is done. The queue's length bounds what one packet can cause. The
 *	numbers are the kernel's, as chains of flows are built to fit them.
 *
 * Life cycle
 *	A struct twin_packet lives on the stack or in the burst; deferred ones
 *	are copied into the queue. Nothing stays in a context between bursts.
 *
 * Synchronisation
 *	All state is the context's. Flows, programs and ports are read under
 *	QSBR: the caller reports no quiescent state meanwhile.
 *
 * Lock order
 *	No locks.
 */
#include "actions.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_malloc.h>
#include <rte_prefetch.h>
#include <rte_random.h>

#include "output.h"
#include "packet_fast.h"
#include "set_field.h"
#include "upcall.h"

/* Nested executions before a packet is taken to be in a loop. */
#define RECURSION_LIMIT 5
/* Up to this level inner lists and recirculation run at once. */
#define DEFER_LEVEL (RECURSION_LIMIT - 2)
/* What may be deferred until the outermost list is done. */
#define DEFER_MAX 9

#define PREFETCH_AHEAD 4

/** struct deferred - a packet that waits.
 * @acts, @list, @list_len: what to do with it; @list NULL to look it up
 */
struct deferred {
	struct twin_packet pkt;
	struct datapath *dp;
	struct vport *in;
	const struct ovsnl_actions *acts;
	const struct ovsnl_op *list;
	uint32_t list_len;
};

/** struct twin_ctx_private - what actions keep in a context.
 * @level: nested executions
 * @random: state of the generator that samples use
 * @n_deferred, @next_deferred: the queue; emptied before it is filled anew
 */
struct twin_ctx_private {
	struct twin_packet burst[TWIN_BURST];
	struct twin_output out;
	int level;
	uint64_t random;
	unsigned int n_deferred, next_deferred;
	struct deferred deferred[DEFER_MAX];
};

/** struct run - the execution of one program on one packet.
 * @delivered: some operation passed the packet on
 * @inner: lists entered that have a packet of their own
 */
struct run {
	struct twin_ctx *ctx;
	struct datapath *dp;
	struct vport *in;
	const struct ovsnl_actions *acts;
	bool delivered;
	int inner;
};

static void process(struct twin_ctx *ctx, struct datapath *dp, struct vport *in,
		    struct twin_packet *pkt);
static int run_list(struct run *r, struct twin_packet *pkt,
		    const struct ovsnl_op *list, uint32_t len, bool consume);

int twin_actions_ctx_init(struct twin_ctx *ctx)
{
	ctx->priv =
		rte_zmalloc("actions", sizeof(*ctx->priv), RTE_CACHE_LINE_SIZE);
	if (!ctx->priv)
		return -ENOMEM;
	ctx->priv->random = rte_rand() | 1;
	return 0;
}

void twin_actions_ctx_fini(struct twin_ctx *ctx)
{
	rte_free(ctx->priv);
	ctx->priv = NULL;
}

static void drop(struct twin_ctx *ctx, struct rte_mbuf *m,
		 enum twin_drop reason)
{
	ctx->drops[reason]++;
	rte_pktmbuf_free(m);
}

/* A second packet for an operation that needs one. */
static struct rte_mbuf *clone_for(struct run *r, const struct twin_packet *pkt)
{
	struct rte_mbuf *m = twin_packet_clone(pkt->m, r->ctx->pool);

	if (unlikely(!m))
		r->ctx->drops[TWIN_DROP_NO_MEMORY]++;
	return m;
}

/* Output and upcalls */

static void do_output(struct run *r, struct twin_packet *pkt,
		      const struct ovsnl_op *op, bool last)
{
	const struct ovsnl_op_output *out = (const void *)op;
	struct rte_mbuf *m = last ? pkt->m : clone_for(r, pkt);

	if (likely(m != NULL))
		twin_output_send(r->ctx, &r->ctx->priv->out, r->dp, out->port,
				 m, pkt);
	pkt->cutlen = UINT32_MAX;
	r->delivered = true;
}

static void do_userspace(struct run *r, struct twin_packet *pkt,
			 const struct ovsnl_op *op, bool last)
{
	const struct ovsnl_op_userspace *us = (const void *)op;
	struct twin_upcall_info info = {
		.cmd = OVS_PACKET_CMD_ACTION,
		.portid = us->pid,
		.userdata = us->userdata,
		.userdata_len = us->userdata_len,
	};

	if (us->with_actions) {
		info.actions =
			(const void *)((const uint8_t *)ovsnl_actions_nla(
					       r->acts) +
				       us->list_ofs);
		info.actions_len = us->list_len;
	}
	if (!pkt->no_hash)
		twin_packet_hash(pkt);
	twin_upcall_send(r->ctx, r->dp, r->in, pkt, &info, last);
	pkt->cutlen = UINT32_MAX;
	r->delivered = true;
}

static int do_push_vlan(struct twin_packet *pkt, const struct ovsnl_op *op)
{
	const struct ovsnl_op_push_vlan *push = (const void *)op;

	return twin_packet_push_vlan(pkt, push->tpid, push->tci);
}

/* Inner lists and recirculation */

/* Put off what may not run at this level. @m: consumed. */
static void defer(struct run *r, const struct twin_packet *pkt,
		  struct rte_mbuf *m, const struct ovsnl_op *list, uint32_t len)
{
	struct twin_ctx_private *priv = r->ctx->priv;
	struct deferred *d;

	if (priv->n_deferred == DEFER_MAX) {
		drop(r->ctx, m, TWIN_DROP_DEFERRED);
		return;
	}
	d = &priv->deferred[priv->n_deferred++];
	d->pkt = *pkt;
	d->pkt.m = m;
	d->dp = r->dp;
	d->in = r->in;
	d->acts = r->acts;
	d->list = list;
	d->list_len = len;
}

/* With @last the packet is consumed. */
static int do_recirc(struct run *r, struct twin_packet *pkt,
		     const struct ovsnl_op *op, bool last)
{
	const struct ovsnl_op_recirc *recirc = (const void *)op;
	struct twin_packet own;
	int err = 0;

	if (unlikely(pkt->key_stale))
		err = twin_packet_parse(pkt);
	if (unlikely(err)) {
		if (last)
			drop(r->ctx, pkt->m, TWIN_DROP_ACTION_ERROR);
		return err;
	}
	r->delivered = true;
	own = *pkt;
	if (!last)
		own.m = clone_for(r, pkt);
	if (unlikely(!own.m))
		return 0;
	own.key.recirc_id = recirc->recirc_id;
	if (likely(r->ctx->priv->level <= DEFER_LEVEL))
		process(r->ctx, r->dp, r->in, &own);
	else
		defer(r, &own, own.m, NULL, 0);
	return 0;
}

/* An inner list with a packet of its own. */
static int run_isolated(struct run *r, const struct twin_packet *pkt,
			const struct ovsnl_op *list, uint32_t len)
{
	struct rte_mbuf *m = clone_for(r, pkt);
	struct twin_packet own;
	int err;

	if (unlikely(!m))
		return 0;
	if (unlikely(r->ctx->priv->level > DEFER_LEVEL)) {
		defer(r, pkt, m, list, len);
		return 0;
	}
	own = *pkt;
	own.m = m;
	r->ctx->priv->level++;
	r->inner++;
	err = run_list(r, &own, list, len, true);
	r->inner--;
	r->ctx->priv->level--;
	return err;
}

/* With @last the packet is consumed. */
static int do_nested(struct run *r, struct twin_packet *pkt,
		     const struct ovsnl_op *op, bool last)
{
	const struct ovsnl_op *list;
	uint32_t cutlen = pkt->cutlen;
	uint32_t len;
	int err;

	list = ovsnl_op_nested(op, &len);
	if (!(op->flags & OVSNL_OP_IN_PLACE) && !last)
		return run_isolated(r, pkt, list, len);
	err = run_list(r, pkt, list, len, last);
	pkt->cutlen = cutlen;
	return err;
}

/* xorshift64*: fast, and good enough to draw samples. */
static uint32_t draw(struct twin_ctx_private *priv)
{
	uint64_t x = priv->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	priv->random = x;
	return (x * 0x2545f4914f6cdd1dull) >> 32;
}

static bool is_drawn(struct run *r, const struct ovsnl_op *op)
{
	uint32_t p = ((const struct ovsnl_op_sample *)op)->probability;

	return p == UINT32_MAX || (p && draw(r->ctx->priv) <= p);
}

/* Programs */

/* The list is done and the packet still there. */
static void finish(struct run *r, struct twin_packet *pkt)
{
	if (!r->delivered && !r->inner)
		r->ctx->drops[TWIN_DROP_FLOW_DROP]++;
	rte_pktmbuf_free(pkt->m);
}

/* One operation. @done: it consumed the packet, as the last one. */
static int run_op(struct run *r, struct twin_packet *pkt,
		  const struct ovsnl_op *op, bool last, bool *done)
{
	switch (op->code) {
	case OVSNL_OP_OUTPUT:
		do_output(r, pkt, op, last);
		*done = last;
		return 0;
	case OVSNL_OP_USERSPACE:
		do_userspace(r, pkt, op, last);
		*done = last;
		return 0;
	case OVSNL_OP_TRUNC:
		pkt->cutlen = ((const struct ovsnl_op_trunc *)op)->max_len;
		return 0;
	case OVSNL_OP_PUSH_VLAN:
		return do_push_vlan(pkt, op);
	case OVSNL_OP_POP_VLAN:
		return twin_packet_pop_vlan(pkt);
	case OVSNL_OP_RECIRC:
		*done = last;
		return do_recirc(r, pkt, op, last);
	case OVSNL_OP_SAMPLE:
		if (!is_drawn(r, op))
			return 0;
		*done = last;
		return do_nested(r, pkt, op, last);
	case OVSNL_OP_CLONE:
		*done = last;
		return do_nested(r, pkt, op, last);
	default:
		return twin_set_field(pkt, op);
	}
}

/* @consume: the packet is gone afterwards, else it is still the caller's.
 * Return: 0 or the errno of the operation that ended the list.
 */
static int run_list(struct run *r, struct twin_packet *pkt,
		    const struct ovsnl_op *list, uint32_t len, bool consume)
{
	const struct ovsnl_op *op;
	bool done = false;
	int err;

	ovsnl_op_for_each(op, list, len) {
		err = run_op(r, pkt, op, consume && (op->flags & OVSNL_OP_LAST),
			     &done);
		if (done)
			return err;
		if (unlikely(err)) {
			if (consume)
				drop(r->ctx, pkt->m, TWIN_DROP_ACTION_ERROR);
			return err;
		}
	}
	if (consume)
		finish(r, pkt);
	return 0;
}

static void run_deferred(struct twin_ctx *ctx)
{
	struct twin_ctx_private *priv = ctx->priv;

	while (priv->next_deferred < priv->n_deferred) {
		struct deferred *d = &priv->deferred[priv->next_deferred++];
		struct run r = {
			.ctx = ctx,
			.dp = d->dp,
			.in = d->in,
			.acts = d->acts,
			.inner = 1,
		};

		if (d->list)
			run_list(&r, &d->pkt, d->list, d->list_len, true);
		else
			process(ctx, d->dp, d->in, &d->pkt);
	}
	priv->n_deferred = 0;
	priv->next_deferred = 0;
}

static int execute(struct twin_ctx *ctx, struct datapath *dp, struct vport *in,
		   struct twin_packet *pkt, const struct ovsnl_actions *acts)
{
	struct run r = { .ctx = ctx, .dp = dp, .in = in, .acts = acts };
	struct twin_ctx_private *priv = ctx->priv;
	int err = -ENETDOWN;

	priv->level++;
	if (likely(priv->level <= RECURSION_LIMIT))
		err = run_list(&r, pkt, ovsnl_actions_prog(acts),
			       acts->prog_len, true);
	else
		drop(ctx, pkt->m, TWIN_DROP_RECURSION);
	if (priv->level == 1 && unlikely(priv->n_deferred))
		run_deferred(ctx);
	priv->level--;
	return err;
}

/* Look-up */

static void miss(struct twin_ctx *ctx, struct datapath *dp, struct vport *in,
		 struct twin_packet *pkt)
{
	const struct twin_upcall_info info = {
		.cmd = OVS_PACKET_CMD_MISS,
		.userdata_len = -1,
	};

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

/* @n packets of a burst that hit the same flow. */
static inline void hit_run(struct twin_ctx *ctx, struct datapath *dp,
			   struct vport *in, struct twin_packet *pkts,
			   unsigned int n, struct sw_flow *flow)
{
	const struct ovsnl_actions *acts = flow_acts(flow);
	__be16 tcp_flags = 0;
	uint64_t bytes = 0;
	unsigned int i;
	uint32_t port;

	for (i = 0; i < n; i++) {
		bytes += pkts[i].m->pkt_len;
		tcp_flags |= pkts[i].key.tcp_flags;
	}
	twin_flow_hit_n(flow, ctx->id, n, bytes, ctx->now_ms, ntohs(tcp_flags));
	if (likely(is_plain_output(acts, &port))) {
		twin_output_send_run(ctx, &ctx->priv->out, dp, port, pkts, n);
		return;
	}
	for (i = 0; i < n; i++)
		execute(ctx, dp, in, &pkts[i], acts);
}

/* Look up one packet with a complete key, as after recirculation. */
static void process(struct twin_ctx *ctx, struct datapath *dp, struct vport *in,
		    struct twin_packet *pkt)
{
	struct twin_dp_stats *stats = &dp->stats[ctx->id];
	const struct ovsnl_key *key = &pkt->key;
	struct sw_flow *flow;

	twin_flow_table_lookup(dp->table, ctx, &key, 1, &flow,
			       &stats->n_mask_hit, &stats->n_cache_hit);
	if (unlikely(!flow)) {
		miss(ctx, dp, in, pkt);
		return;
	}
	stats->n_hit++;
	pkt->no_hash = false;
	twin_flow_hit(flow, ctx->id, pkt->m->pkt_len, ctx->now_ms,
		      ntohs(key->tcp_flags));
	execute(ctx, dp, in, pkt, flow_acts(flow));
}

/* Bursts */

/* A packet fresh from a port that the fast parser leaves to the general one.
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
	ovsnl_key_clear_state(key);
	err = twin_packet_parse(pkt);
	if (likely(!err))
		return true;
	drop(ctx, pkt->m,
	     err == -ENOMEM ? TWIN_DROP_NO_MEMORY : TWIN_DROP_MALFORMED);
	return false;
}

static inline bool parse_fresh(struct twin_ctx *ctx, const struct vport *in,
			       struct twin_packet *pkt, struct rte_mbuf *m)
{
	pkt->m = m;
	pkt->cutlen = UINT32_MAX;
	pkt->mru = 0;
	pkt->no_hash = false;
	pkt->hash = 0;
	return likely(twin_packet_parse_fast(pkt, in->port_no)) ||
	       parse_general(ctx, in, pkt);
}

static unsigned int parse_burst(struct twin_ctx *ctx, const struct vport *in,
				struct rte_mbuf **pkts, unsigned int n)
{
	struct twin_port_ctx_stats *stats = &in->port->stats[ctx->id];
	struct twin_packet *burst = ctx->priv->burst;
	unsigned int i, ok = 0;
	uint64_t bytes = 0;

	for (i = 0; i < PREFETCH_AHEAD && i < n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], void *));
	for (i = 0; i < n; i++) {
		if (i + PREFETCH_AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod(pkts[i + PREFETCH_AHEAD],
						       void *));
		bytes += pkts[i]->pkt_len;
		ok += parse_fresh(ctx, in, &burst[ok], pkts[i]);
	}
	stats->rx_packets += n;
	stats->rx_bytes += bytes;
	return ok;
}

void twin_actions_input(struct twin_ctx *ctx, struct vport *in,
			struct rte_mbuf **pkts, unsigned int n)
{
	struct twin_packet *burst = ctx->priv->burst;
	struct datapath *dp = in->dp;
	struct twin_dp_stats *stats = &dp->stats[ctx->id];
	const struct ovsnl_key *keys[TWIN_BURST];
	struct sw_flow *flows[TWIN_BURST];
	unsigned int i, end, hits = 0;

	n = parse_burst(ctx, in, pkts, n);
	if (unlikely(!n))
		return;
	for (i = 0; i < n; i++)
		keys[i] = &burst[i].key;
	twin_flow_table_lookup(dp->table, ctx, keys, n, flows,
			       &stats->n_mask_hit, &stats->n_cache_hit);
	for (i = 0; i < n; i = end) {
		end = i + 1;
		if (unlikely(!flows[i])) {
			miss(ctx, dp, in, &burst[i]);
			continue;
		}
		while (end < n && flows[end] == flows[i])
			end++;
		hit_run(ctx, dp, in, &burst[i], end - i, flows[i]);
		hits += end - i;
	}
	stats->n_hit += hits;
}

int twin_actions_execute(struct twin_ctx *ctx, struct datapath *dp,
			 struct twin_packet *pkt,
			 const struct ovsnl_actions *acts)
{
	struct vport *in = twin_datapath_port(dp, pkt->key.in_port);
	int err;

	if (!in)
		in = twin_datapath_port(dp, OVSNL_PORT_LOCAL);
	if (!in) {
		rte_pktmbuf_free(pkt->m);
		return -ENODEV;
	}
	if (!ctx->is_worker)
		twin_ctx_tick(ctx);
	pkt->tagged = pkt->key.vlan_tci != 0;
	pkt->no_hash = !pkt->hash;
	err = execute(ctx, dp, in, pkt, acts);
	if (!ctx->is_worker)
		twin_actions_flush(ctx);
	return err;
}

void twin_actions_flush(struct twin_ctx *ctx)
{
	twin_output_flush(ctx, &ctx->priv->out);
}
