// SPDX-License-Identifier: BSD-3-Clause
/*
 * Programs of flows, run on packets.
 *
 * Overview
 *	Programs were checked when they were compiled (ovsnl_action.h): what
 *	remains to fail here are packets that are not what their headers
 *	promise, and memory.
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
 *	Packets of a burst that hit the same flow go through the operations at
 *	the head of its program together, as far as those are such as can't
 *	fail, and are looked up together after recirculation at its end. From
 *	the first other operation on each goes its own way. Nothing of this
 *	shows: each flow's packets stay in order, and a packet counts levels,
 *	and has the queue, as if it were alone.
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
#include <errno.h>
#include <stdlib.h>

#include <rte_ether.h>
#include <rte_malloc.h>
#include <rte_random.h>

#include "actions_private.h"
#include "header.h"
#include "header_burst.h"
#include "meter.h"
#include "offload.h"
#include "psample.h"
#include "set_field.h"
#include "upcall.h"

/* Up to this level inner lists and recirculation run at once. */
#define DEFER_LEVEL (TWIN_RECURSION_LIMIT - 2)

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

/** enum after - what an operation left of its list. */
enum after {
	AFTER_NEXT, /* the next operation */
	AFTER_END, /* nothing more; the packet is still there */
	AFTER_GONE, /* nothing more, nor the packet */
};

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
	enum twin_drop reason;
	struct twin_port *port;

	if (likely(m != NULL)) {
		port = twin_egress_find(r->ctx, r->dp, out->port, &reason);
		if (likely(port != NULL))
			twin_output_send(r->ctx, &r->ctx->priv->out, port, m,
					 pkt);
		else
			drop(r->ctx, m, reason);
	}
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

static void do_psample(struct run *r, struct twin_packet *pkt,
		       const struct ovsnl_op *op)
{
	twin_psample_send(r->ctx, r->in, pkt, (const void *)op);
	pkt->cutlen = UINT32_MAX;
	r->delivered = true;
}

/* Operations that push or pop headers. */
static int do_header(struct twin_packet *pkt, const struct ovsnl_op *op)
{
	const struct ovsnl_op_push_vlan *vlan = (const void *)op;
	const struct ovsnl_op_push_eth *eth = (const void *)op;
	const struct ovsnl_op_pop_mpls *mpls = (const void *)op;

	switch (op->code) {
	case OVSNL_OP_PUSH_VLAN:
		return twin_packet_push_vlan(pkt, vlan->tpid, vlan->tci);
	case OVSNL_OP_POP_VLAN:
		return twin_packet_pop_vlan(pkt);
	case OVSNL_OP_PUSH_MPLS:
		return twin_header_push_mpls(pkt, (const void *)op);
	case OVSNL_OP_POP_MPLS:
		return twin_header_pop_mpls(pkt, mpls->ethertype);
	case OVSNL_OP_PUSH_ETH:
		return twin_header_push_eth(pkt, &eth->addresses);
	case OVSNL_OP_POP_ETH:
		return twin_header_pop_eth(pkt);
	case OVSNL_OP_PUSH_NSH:
		return twin_header_push_nsh(pkt, (const void *)op);
	default:
		return twin_header_pop_nsh(pkt);
	}
}

/* Inner lists and recirculation */

/* Put off what may not run at this level. @m: consumed. */
static void defer(struct run *r, const struct twin_packet *pkt,
		  struct rte_mbuf *m, const struct ovsnl_op *list, uint32_t len)
{
	struct twin_ctx_private *priv = r->ctx->priv;
	struct twin_deferred *d;

	if (priv->n_deferred == TWIN_DEFER_MAX) {
		drop(r->ctx, m, TWIN_DROP_DEFERRED);
		return;
	}
	d = &priv->deferred[priv->n_deferred++];
	twin_packet_copy(&d->pkt, pkt);
	d->pkt.m = m;
	d->dp = r->dp;
	d->in = r->in;
	d->acts = r->acts;
	d->list = list;
	d->list_len = len;
}

/* @pkt: consumed */
static void again(struct run *r, struct twin_packet *pkt, uint32_t recirc_id)
{
	pkt->key.recirc_id = recirc_id;
	if (likely(r->ctx->priv->level <= DEFER_LEVEL))
		twin_input_again(r->ctx, r->dp, r->in, pkt, 1);
	else
		defer(r, pkt, pkt->m, NULL, 0);
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
	if (last) {
		again(r, pkt, recirc->recirc_id);
		return 0;
	}
	twin_packet_copy(&own, pkt);
	own.m = clone_for(r, pkt);
	if (likely(own.m != NULL))
		again(r, &own, recirc->recirc_id);
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
	twin_packet_copy(&own, pkt);
	own.m = m;
	r->ctx->priv->level++;
	r->inner++;
	err = run_list(r, &own, list, len, true);
	r->inner--;
	r->ctx->priv->level--;
	return err;
}

/* Run an inner list. With @last the packet is consumed. */
static int do_nested(struct run *r, struct twin_packet *pkt,
		     const struct ovsnl_op *op, const struct ovsnl_op *list,
		     uint32_t len, bool last)
{
	uint32_t cutlen = pkt->cutlen;
	int err;

	if (!(op->flags & OVSNL_OP_IN_PLACE) && !last)
		return run_isolated(r, pkt, list, len);
	err = run_list(r, pkt, list, len, last);
	pkt->cutlen = cutlen;
	return err;
}

static int do_clone(struct run *r, struct twin_packet *pkt,
		    const struct ovsnl_op *op, bool last)
{
	const struct ovsnl_op *list;
	uint32_t len;

	list = ovsnl_op_nested(op, &len);
	return do_nested(r, pkt, op, list, len, last);
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

static int do_sample(struct run *r, struct twin_packet *pkt,
		     const struct ovsnl_op *op, bool last, enum after *after)
{
	uint32_t p = ((const struct ovsnl_op_sample *)op)->probability;
	uint32_t outer = pkt->probability;
	int err;

	if (p != UINT32_MAX && (!p || draw(r->ctx->priv) > p))
		return 0;
	if (last)
		*after = AFTER_GONE;
	pkt->probability = p;
	err = do_clone(r, pkt, op, last);
	pkt->probability = outer;
	return err;
}

/* The bytes that count: of a packet put together from fragments, those of the
 * largest one; of one that is yet to be segmented, those of a segment, if they
 * fit. As everywhere, the outer tag does not count.
 */
static bool is_longer(const struct twin_packet *pkt, uint32_t max)
{
	uint32_t tag = pkt->tagged ? RTE_VLAN_HLEN : 0;
	const struct rte_mbuf *m = pkt->m;
	uint32_t len = m->pkt_len - tag, segment;

	if (pkt->mru)
		len = pkt->mru + pkt->layout.l3_ofs - tag;
	if (likely(len <= max))
		return false;
	if (!twin_offload_is_gso(m))
		return true;
	segment = m->l2_len + m->l3_len + m->tso_segsz - tag;
	if (!twin_offload_is_ufo(m))
		segment += m->l4_len;
	return segment > max;
}

static int do_check_pkt_len(struct run *r, struct twin_packet *pkt,
			    const struct ovsnl_op *op, bool last)
{
	const struct ovsnl_op_check_pkt_len *check = (const void *)op;
	const struct ovsnl_op *list;
	uint32_t len;

	list = ovsnl_op_check_nested(check, is_longer(pkt, check->max_len),
				     &len);
	return do_nested(r, pkt, op, list, len, last);
}

/* A packet whose time is up goes through the inner list instead of the rest of
 * this one.
 */
static int do_dec_ttl(struct run *r, struct twin_packet *pkt,
		      const struct ovsnl_op *op, bool consume,
		      enum after *after)
{
	const struct ovsnl_op *list;
	uint32_t len;
	int err;

	err = twin_set_field_dec_ttl(pkt);
	if (likely(err != -EHOSTUNREACH))
		return err;
	*after = consume ? AFTER_GONE : AFTER_END;
	list = ovsnl_op_nested(op, &len);
	if (len)
		return run_list(r, pkt, list, len, consume);
	if (consume)
		drop(r->ctx, pkt->m, TWIN_DROP_TTL);
	return 0;
}

static void do_drop(struct run *r, const struct ovsnl_op *op)
{
	bool error = ((const struct ovsnl_op_drop *)op)->error;

	r->ctx->drops[error ? TWIN_DROP_EXPLICIT_ERROR : TWIN_DROP_EXPLICIT]++;
}

static bool do_meter(struct run *r, struct twin_packet *pkt,
		     const struct ovsnl_op *op)
{
	uint32_t id = ((const struct ovsnl_op_meter *)op)->meter_id;

	if (likely(!twin_meter_execute(r->ctx, r->dp, pkt, id)))
		return false;
	r->ctx->drops[TWIN_DROP_METER]++;
	return true;
}

/* Programs */

/* The list is done and the packet still there. */
static void finish(struct run *r, struct twin_packet *pkt)
{
	if (!r->delivered && !r->inner)
		r->ctx->drops[TWIN_DROP_FLOW_DROP]++;
	rte_pktmbuf_free(pkt->m);
}

/* Operations that may end their list, but for the commonest. */
static int do_branch(struct run *r, struct twin_packet *pkt,
		     const struct ovsnl_op *op, bool consume, enum after *after)
{
	bool last = consume && (op->flags & OVSNL_OP_LAST);

	switch (op->code) {
	case OVSNL_OP_SAMPLE:
		return do_sample(r, pkt, op, last, after);
	case OVSNL_OP_DEC_TTL:
		return do_dec_ttl(r, pkt, op, consume, after);
	case OVSNL_OP_METER:
		if (do_meter(r, pkt, op))
			*after = AFTER_END;
		return 0;
	case OVSNL_OP_DROP:
		do_drop(r, op);
		*after = AFTER_END;
		return 0;
	default:
		break;
	}
	if (last)
		*after = AFTER_GONE;
	switch (op->code) {
	case OVSNL_OP_RECIRC:
		return do_recirc(r, pkt, op, last);
	case OVSNL_OP_CLONE:
		return do_clone(r, pkt, op, last);
	default:
		return do_check_pkt_len(r, pkt, op, last);
	}
}

static inline int run_op(struct run *r, struct twin_packet *pkt,
			 const struct ovsnl_op *op, bool consume,
			 enum after *after)
{
	bool last = consume && (op->flags & OVSNL_OP_LAST);

	switch (op->code) {
	case OVSNL_OP_OUTPUT:
		do_output(r, pkt, op, last);
		if (last)
			*after = AFTER_GONE;
		return 0;
	case OVSNL_OP_USERSPACE:
		do_userspace(r, pkt, op, last);
		if (last)
			*after = AFTER_GONE;
		return 0;
	case OVSNL_OP_TRUNC:
		pkt->cutlen = ((const struct ovsnl_op_trunc *)op)->max_len;
		return 0;
	case OVSNL_OP_PSAMPLE:
		do_psample(r, pkt, op);
		return 0;
	case OVSNL_OP_PUSH_VLAN:
	case OVSNL_OP_POP_VLAN:
	case OVSNL_OP_PUSH_MPLS:
	case OVSNL_OP_POP_MPLS:
	case OVSNL_OP_PUSH_ETH:
	case OVSNL_OP_POP_ETH:
	case OVSNL_OP_PUSH_NSH:
	case OVSNL_OP_POP_NSH:
		return do_header(pkt, op);
	case OVSNL_OP_RECIRC:
	case OVSNL_OP_SAMPLE:
	case OVSNL_OP_CLONE:
	case OVSNL_OP_CHECK_PKT_LEN:
	case OVSNL_OP_DEC_TTL:
	case OVSNL_OP_METER:
	case OVSNL_OP_DROP:
		return do_branch(r, pkt, op, consume, after);
	case OVSNL_OP_CT:
		return -EOPNOTSUPP;
	default:
		return twin_set_field(pkt, op);
	}
}

static enum twin_drop why(int err)
{
	return err == -EOPNOTSUPP ? TWIN_DROP_CONNTRACK
				  : TWIN_DROP_ACTION_ERROR;
}

/* @consume: the packet is gone afterwards, else it is still the caller's.
 * Return: 0 or the errno of the operation that ended the list.
 */
static int run_list(struct run *r, struct twin_packet *pkt,
		    const struct ovsnl_op *list, uint32_t len, bool consume)
{
	enum after after = AFTER_NEXT;
	const struct ovsnl_op *op;
	int err;

	ovsnl_op_for_each(op, list, len) {
		err = run_op(r, pkt, op, consume, &after);
		if (after == AFTER_GONE)
			return err;
		if (unlikely(err)) {
			if (consume)
				drop(r->ctx, pkt->m, why(err));
			return err;
		}
		if (after == AFTER_END) {
			if (consume)
				rte_pktmbuf_free(pkt->m);
			return 0;
		}
	}
	if (consume)
		finish(r, pkt);
	return 0;
}

/* Of a packet whose outermost list is done. */
static void run_deferred(struct twin_ctx *ctx)
{
	struct twin_ctx_private *priv = ctx->priv;
	int level = priv->level, tail = priv->tail;

	priv->level = 1;
	priv->tail = 0;
	while (priv->next_deferred < priv->n_deferred) {
		struct twin_deferred *d =
			&priv->deferred[priv->next_deferred++];
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
			twin_input_again(ctx, d->dp, d->in, &d->pkt, 1);
	}
	priv->n_deferred = 0;
	priv->next_deferred = 0;
	priv->level = level;
	priv->tail = tail;
}

/* Many packets at once */

static void drop_all(struct twin_ctx *ctx, const struct twin_packet *pkts,
		     unsigned int n, enum twin_drop reason)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		drop(ctx, pkts[i].m, reason);
}

static void output_all(struct run *r, const struct twin_packet *pkts,
		       unsigned int n, const struct ovsnl_op *op)
{
	const struct ovsnl_op_output *out = (const void *)op;
	enum twin_drop reason;
	struct twin_port *port;

	port = twin_egress_find(r->ctx, r->dp, out->port, &reason);
	if (likely(port != NULL))
		twin_output_send_all(r->ctx, &r->ctx->priv->out, port, pkts, n);
	else
		drop_all(r->ctx, pkts, n, reason);
}

/* Does the list on this level belong to all packets of a burst? */
static bool is_outermost(const struct twin_ctx_private *priv)
{
	return priv->level == priv->tail + 1;
}

/* False, with nothing done, when each has to find its own way. */
static bool recirc_all(struct run *r, struct twin_packet *pkts, unsigned int n,
		       const struct ovsnl_op *op)
{
	const struct ovsnl_op_recirc *recirc = (const void *)op;
	struct twin_ctx_private *priv = r->ctx->priv;
	unsigned int i;

	if (!is_outermost(priv) || priv->level > DEFER_LEVEL)
		return false;
	for (i = 0; i < n; i++)
		if (pkts[i].key_stale)
			return false;
	for (i = 0; i < n; i++)
		pkts[i].key.recirc_id = recirc->recirc_id;
	priv->tail++;
	twin_input_again(r->ctx, r->dp, r->in, pkts, n);
	priv->tail--;
	return true;
}

/* Operations at the head of the program. Return: the first one that each is to
 * go on with, or NULL if all packets are gone.
 */
static const struct ovsnl_op *run_together(struct run *r,
					   struct twin_packet *pkts,
					   unsigned int n,
					   const struct ovsnl_op *list)
{
	const struct ovsnl_op *op;

	ovsnl_op_for_each(op, list, r->acts->prog_len) {
		if (twin_header_burst(pkts, n, op))
			continue;
		if (!(op->flags & OVSNL_OP_LAST))
			break;
		if (op->code == OVSNL_OP_OUTPUT) {
			output_all(r, pkts, n, op);
			return NULL;
		}
		if (op->code == OVSNL_OP_RECIRC && recirc_all(r, pkts, n, op))
			return NULL;
		break;
	}
	return op;
}

/* Return: as twin_actions_run() */
static int run_each(struct run *r, struct twin_packet *pkts, unsigned int n,
		    const struct ovsnl_op *op, uint32_t len)
{
	struct twin_ctx_private *priv = r->ctx->priv;
	unsigned int i;
	int err = 0;

	for (i = 0; i < n; i++) {
		r->delivered = false;
		err = run_list(r, &pkts[i], op, len, true);
		if (unlikely(priv->n_deferred) && is_outermost(priv))
			run_deferred(r->ctx);
	}
	return err;
}

int twin_actions_run(struct twin_ctx *ctx, struct datapath *dp,
		     struct vport *in, struct twin_packet *pkts, unsigned int n,
		     const struct ovsnl_actions *acts)
{
	struct run r = { .ctx = ctx, .dp = dp, .in = in, .acts = acts };
	const struct ovsnl_op *list = ovsnl_actions_prog(acts), *op;
	struct twin_ctx_private *priv = ctx->priv;
	uint32_t done;
	int err = 0;

	if (unlikely(priv->level == TWIN_RECURSION_LIMIT)) {
		drop_all(ctx, pkts, n, TWIN_DROP_RECURSION);
		return -ENETDOWN;
	}
	priv->level++;
	op = run_together(&r, pkts, n, list);
	if (op) {
		done = (const uint8_t *)op - (const uint8_t *)list;
		err = run_each(&r, pkts, n, op, acts->prog_len - done);
	}
	priv->level--;
	return err;
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
	/* What the client gave is reported as it is, be it nothing. */
	pkt->no_hash = true;
	twin_egress_forget(ctx);
	err = twin_actions_run(ctx, dp, in, pkt, 1, acts);
	if (!ctx->is_worker)
		twin_actions_flush(ctx);
	return err;
}

void twin_actions_flush(struct twin_ctx *ctx)
{
	twin_output_flush(ctx, &ctx->priv->out);
}
