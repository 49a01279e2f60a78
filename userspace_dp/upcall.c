// SPDX-License-Identifier: BSD-3-Clause
/*
 * Upcalls: packets for clients.
 *
 * Overview
 *
 *	A context fills an item with all that the message needs and puts it on
 *	its ring. The upcall thread empties all rings into a queue per vport and
 *	serves the queues in turn, one message each, so that a port that floods
 *	only waits for itself. Encoding, checksums, segmentation and system
 *	calls are the thread's.
 *
 *	The control thread, in whose context clients' packets are executed,
 *	sends what those cause itself.
 *
 *	Shares: a port may have no more items on the way than half of what the
 *	context has left. One port alone gets a third of all items, many get
 *	less each, and something is always left for the next. A context that
 *	meets a port over its share drops at once, for the price of a compare.
 *	Time: while packets that hit wait in a worker's queues, what it spends
 *	on misses is held to a 64th of its time; they are dropped as soon as
 *	nobody matches them, a burst at once. A port with few misses is served
 *	all the same. A worker that has time to spare spends it.
 *	Where ports share a client, one with many upcalls leaves the last
 *	quarter of the client's buffer to the others.
 *
 * Life cycle
 *
 *	Items belong to their context: free, on the ring, in a vport's queue,
 *	on the way back, free. A vport's end asks the thread to forget it and
 *	waits for the answer.
 *
 * Synchronisation
 *
 *	Rings have one producer and one consumer each. Counts of items on the
 *	way are kept as two numbers, each written by one side. The thread keeps
 *	no pointers under QSBR: items name vports, and vports are forgotten
 *	before they are freed. `sleeping` is set by the thread before it looks
 *	at the rings for the last time, and read by contexts after they put an
 *	item there, with full fences between.
 */
#include "upcall_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_mempool.h>

#include "flow_hash.h"
#include "mem.h"

#define ITEMS_MAX 4096u
#define ITEMS_MIN 64u
/* The share of its time that a worker has for misses while hits wait, as a
 * shift; how much of it can be saved up, in us; TSC cycles of a miss before it
 * gets here; the most that a miss may be charged, should the worker lose its
 * CPU meanwhile.
 */
#define BUDGET_SHIFT 6
#define BUDGET_SAVED_US 200
#define MISS_CYCLES 60
#define MISS_CYCLES_MAX 4000
/* Few misses a second, which a port may have in any case, and a burst. */
#define FEW_HZ 5000
#define FEW_BURST 64
/* What a packet of several segments counts: it holds memory that is scarce. */
#define COST_CHAIN 8

struct twin_upcall_source twin_upcall_sources[TWIN_MAX_CTX];

/* Contexts */

static uint32_t pick(const struct twin_pids *pids, uint64_t n)
{
	return pids && pids->n ? pids->pids[n % pids->n] : 0;
}

static uint32_t flow_hash(const struct twin_packet *pkt)
{
	const uint64_t *words = (const uint64_t *)ovsnl_key_words(&pkt->key);

	if (pkt->hash)
		return pkt->hash;
	return twin_hash_mix(words[3] ^ words[4] ^ words[9],
			     words[1] ^ words[11] ^ 0x9e3779b97f4a7c15ull);
}

/* EXECUTE may name a client; else it is the CPU's, or that of a userspace
 * action, or one of the port's.
 */
static uint32_t choose_client(const struct twin_ctx *ctx,
			      const struct datapath *dp, const struct vport *in,
			      const struct twin_packet *pkt,
			      const struct twin_upcall_info *info)
{
	if (unlikely(pkt->upcall_pid))
		return pkt->upcall_pid;
	if (__atomic_load_n(&dp->user_features, __ATOMIC_RELAXED) &
	    OVS_DP_F_DISPATCH_UPCALL_PER_CPU)
		return pick(__atomic_load_n(&dp->percpu_pids, __ATOMIC_ACQUIRE),
			    ctx->id);
	if (info->cmd != OVS_PACKET_CMD_MISS)
		return info->portid;
	return pick(__atomic_load_n(&in->upcall_pids, __ATOMIC_ACQUIRE),
		    flow_hash(pkt));
}

static struct twin_upcall_item *item_get(struct twin_upcall_source *src)
{
	struct twin_upcall_item *spare = src->spare;
	void *item;

	if (spare) {
		src->spare = NULL;
		return spare;
	}
	if (!rte_ring_sc_dequeue(src->back, &item))
		return item;
	if (src->n_fresh)
		return &src->items[--src->n_fresh];
	return NULL;
}

static bool over_share(const struct twin_ctx *ctx,
		       const struct twin_upcall_source *src,
		       const struct vport *in)
{
	const struct twin_vport_upcalls *u = in->upcalls;
	uint32_t on_way =
		u->sent[ctx->id].n -
		__atomic_load_n(&u->done[ctx->id].n, __ATOMIC_RELAXED);

	return on_way > (src->n_fresh + rte_ring_count(src->back)) / 2;
}

static bool copy_extra(struct twin_upcall_item *item,
		       const struct twin_upcall_info *info)
{
	size_t data_len = info->userdata_len > 0 ? info->userdata_len : 0;
	size_t actions_len = info->actions ? info->actions_len : 0;
	size_t ofs = RTE_ALIGN_CEIL(data_len, 8);

	item->userdata_len = info->userdata_len;
	item->actions_len = actions_len;
	item->extra = item->room;
	if (ofs + actions_len > TWIN_UPCALL_ROOM) {
		item->extra = malloc(ofs + actions_len);
		if (!item->extra)
			return false;
	}
	if (data_len)
		memcpy(item->extra, info->userdata, data_len);
	if (actions_len)
		memcpy(item->extra + ofs, info->actions, actions_len);
	return true;
}

void twin_upcall_extra_free(struct twin_upcall_item *item)
{
	if (item->extra != item->room)
		free(item->extra);
}

/* Clients see a tag that was set aside where the kernel would put it, whatever
 * stands there.
 */
static bool put_tag(struct rte_mbuf **m, const struct twin_packet *pkt)
{
	struct twin_packet own = {
		.m = *m,
		.layout = pkt->layout,
		.aside_tpid = pkt->aside_tpid,
		.aside_tci = pkt->aside_tci,
	};
	int err = twin_packet_tag_in(&own);

	*m = own.m;
	return !err;
}

/* NULL when memory is short; pkt->m is then still the caller's. */
static struct rte_mbuf *own_packet(struct twin_ctx *ctx,
				   struct twin_packet *pkt, bool consume)
{
	struct rte_mbuf *m;

	if (consume)
		return likely(!pkt->aside_tpid) || put_tag(&pkt->m, pkt)
			       ? pkt->m
			       : NULL;
	m = rte_pktmbuf_copy(pkt->m, ctx->pool, 0, UINT32_MAX);
	if (!m || likely(!pkt->aside_tpid) || put_tag(&m, pkt))
		return m;
	rte_pktmbuf_free(m);
	return NULL;
}

/* An item that says all of the packet but what it is sent for. */
static struct twin_upcall_item *
make_item(struct twin_ctx *ctx, struct vport *in, struct twin_packet *pkt,
	  const struct twin_upcall_info *info, bool consume)
{
	struct twin_upcall_source *src = &twin_upcall_sources[ctx->id];
	struct twin_upcall_item *item = item_get(src);

	if (!item)
		return NULL;
	if (!copy_extra(item, info))
		goto err_item;
	item->m = own_packet(ctx, pkt, consume);
	if (!item->m)
		goto err_extra;
	item->dp = in->dp;
	item->vport = in;
	item->cutlen = pkt->cutlen;
	item->mru = pkt->mru;
	item->cmd = info->cmd;
	item->cost = item->m->nb_segs > 1 ? COST_CHAIN : 1;
	item->ctx_id = ctx->id;
	item->hash = pkt->hash;
	return item;

err_extra:
	twin_upcall_extra_free(item);
err_item:
	src->spare = item;
	return NULL;
}

/* To the thread. */
static void enqueue(struct twin_ctx *ctx, struct twin_upcall_item *item)
{
	item->vport->upcalls->sent[ctx->id].n += item->cost;
	/* As many places as items: it fits. */
	rte_ring_sp_enqueue(twin_upcall_sources[ctx->id].ring, item);
	ctx->upcalls_queued = true;
}

/* The control thread does it at once: as with the kernel, what a client's
 * EXECUTE causes is there before its acknowledgement is.
 */
static int send_now(struct twin_ctx *ctx, struct twin_upcall_item *item)
{
	static struct twin_upcall_sender sender;
	unsigned int messages;
	int err;

	err = twin_upcall_message_send(&sender, item, &messages);
	if (err)
		ctx->drops[twin_upcall_reason(item, err)]++;
	rte_pktmbuf_free(item->m);
	twin_upcall_extra_free(item);
	twin_upcall_sources[ctx->id].spare = item;
	return err;
}

enum twin_drop twin_upcall_reason(const struct twin_upcall_item *item, int err)
{
	if (item->cmd == TWIN_UPCALL_SAMPLE)
		return TWIN_DROP_PSAMPLE;
	switch (err) {
	case -ENOMEM:
		return TWIN_DROP_NO_MEMORY;
	case -EINVAL:
		return TWIN_DROP_SEGMENT;
	default:
		return TWIN_DROP_UPCALL_REJECTED;
	}
}

static int send_upcall(struct twin_ctx *ctx, struct vport *in,
		       struct twin_packet *pkt,
		       const struct twin_upcall_info *info, uint32_t portid,
		       bool *consume)
{
	struct twin_upcall_item *item;

	if (!portid) {
		ctx->drops[TWIN_DROP_MISS_NO_CLIENT]++;
		return -ENOTCONN;
	}
	if (ctx->is_worker &&
	    over_share(ctx, &twin_upcall_sources[ctx->id], in)) {
		ctx->drops[TWIN_DROP_UPCALL_QUEUE_FULL]++;
		return -ENOBUFS;
	}
	item = make_item(ctx, in, pkt, info, *consume);
	if (!item) {
		ctx->drops[TWIN_DROP_NO_MEMORY]++;
		return -ENOMEM;
	}
	*consume = false;
	item->portid = portid;
	ovsnl_key_copy(&item->key, &pkt->key);
	if (!ctx->is_worker)
		return send_now(ctx, item);
	enqueue(ctx, item);
	return 0;
}

int twin_upcall_send(struct twin_ctx *ctx, struct datapath *dp,
		     struct vport *in, struct twin_packet *pkt,
		     const struct twin_upcall_info *info, bool consume)
{
	struct twin_upcall_count *count = &in->upcalls->sent[ctx->id];
	uint32_t portid = choose_client(ctx, dp, in, pkt, info);
	int err;

	err = send_upcall(ctx, in, pkt, info, portid, &consume);
	if (err) {
		dp->stats[ctx->id].n_lost++;
		count->failed++;
	} else if (!ctx->is_worker) {
		count->sent++;
	}
	if (consume)
		rte_pktmbuf_free(pkt->m);
	return err;
}

/* Misses */

/* Does the port have few? Counts one if so. */
static bool has_few(const struct twin_ctx *ctx, struct twin_upcall_count *count)
{
	uint64_t step = rte_get_tsc_hz() / FEW_HZ;

	if (count->pace + FEW_BURST * step < ctx->now_tsc)
		count->pace = ctx->now_tsc - FEW_BURST * step;
	if (count->pace > ctx->now_tsc)
		return false;
	count->pace += step;
	return true;
}

/* Why no miss of the port can be told now, or TWIN_DROP_COUNT. */
static enum twin_drop refusal(const struct twin_ctx *ctx,
			      const struct datapath *dp, const struct vport *in)
{
	const struct twin_pids *pids;

	if (__atomic_load_n(&dp->user_features, __ATOMIC_RELAXED) &
	    OVS_DP_F_DISPATCH_UPCALL_PER_CPU) {
		pids = __atomic_load_n(&dp->percpu_pids, __ATOMIC_ACQUIRE);
		if (!pick(pids, ctx->id))
			return TWIN_DROP_MISS_NO_CLIENT;
	} else {
		pids = __atomic_load_n(&in->upcall_pids, __ATOMIC_ACQUIRE);
		if (!pids || (pids->n == 1 && !pids->pids[0]))
			return TWIN_DROP_MISS_NO_CLIENT;
	}
	if (over_share(ctx, &twin_upcall_sources[ctx->id], in))
		return TWIN_DROP_UPCALL_QUEUE_FULL;
	if (ctx->miss_credit <= 0 && !has_few(ctx, &in->upcalls->sent[ctx->id]))
		return TWIN_DROP_UPCALL_BUDGET;
	return TWIN_DROP_COUNT;
}

static void lose_all(struct twin_ctx *ctx, struct datapath *dp,
		     struct vport *in, struct twin_packet *pkts, unsigned int n,
		     enum twin_drop reason)
{
	struct rte_mbuf *m[TWIN_BURST];
	unsigned int i;

	for (i = 0; i < n; i++)
		m[i] = pkts[i].m;
	rte_pktmbuf_free_bulk(m, n);
	ctx->drops[reason] += n;
	dp->stats[ctx->id].n_lost += n;
	in->upcalls->sent[ctx->id].failed += n;
}

unsigned int twin_upcall_misses(struct twin_ctx *ctx, struct datapath *dp,
				struct vport *in, struct twin_packet *pkts,
				unsigned int n)
{
	const struct twin_upcall_info info = {
		.cmd = OVS_PACKET_CMD_MISS,
		.userdata_len = -1,
	};
	enum twin_drop reason = TWIN_DROP_COUNT;
	uint64_t cycles, start = rte_rdtsc();
	unsigned int i, lost = 0;

	for (i = 0; i < n; i++) {
		reason = refusal(ctx, dp, in);
		if (reason != TWIN_DROP_COUNT)
			break;
		pkts[i].cutlen = UINT32_MAX;
		twin_packet_hash(&pkts[i]);
		if (twin_upcall_send(ctx, dp, in, &pkts[i], &info, true))
			lost++;
	}
	if (i < n)
		lose_all(ctx, dp, in, pkts + i, n - i, reason);
	cycles = rte_rdtsc() - start;
	ctx->work.miss_cycles += cycles;
	ctx->miss_credit -= n * MISS_CYCLES +
			    RTE_MIN(cycles, (uint64_t)n * MISS_CYCLES_MAX);
	return lost + n - i;
}

void twin_upcall_round_end(struct twin_ctx *ctx, uint64_t cycles)
{
	int64_t most = rte_get_tsc_hz() / 1000000 * BUDGET_SAVED_US;

	if (ctx->upcalls_queued) {
		ctx->upcalls_queued = false;
		twin_upcall_thread_wake();
	}
	ctx->miss_credit += ctx->hits_wait ? cycles >> BUDGET_SHIFT : cycles;
	ctx->miss_credit = RTE_MAX(-most, RTE_MIN(ctx->miss_credit, most));
	ctx->hits_wait = false;
}

void twin_upcall_sample(struct twin_ctx *ctx, struct vport *in,
			struct twin_packet *pkt,
			const struct ovsnl_op_psample *op)
{
	const struct twin_upcall_info info = {
		.cmd = TWIN_UPCALL_SAMPLE,
		.userdata = op->cookie,
		.userdata_len = op->cookie_len,
	};
	struct twin_upcall_item *item = NULL;

	if (!ctx->is_worker ||
	    !over_share(ctx, &twin_upcall_sources[ctx->id], in))
		item = make_item(ctx, in, pkt, &info, false);
	if (!item) {
		ctx->drops[TWIN_DROP_PSAMPLE]++;
		return;
	}
	item->group = op->group;
	item->rate = pkt->probability ? pkt->probability : UINT32_MAX;
	item->protocol = twin_packet_protocol(pkt);
	item->key.tun.family = 0;
	if (pkt->tunnel)
		item->key.tun = *pkt->tunnel;
	if (ctx->is_worker)
		enqueue(ctx, item);
	else
		send_now(ctx, item);
}

void twin_upcall_vport_stats(const struct vport *vport, __u64 *sent,
			     __u64 *failed)
{
	const struct twin_vport_upcalls *u = vport->upcalls;
	unsigned int i;

	*sent = 0;
	*failed = 0;
	for (i = 0; i < twin_ctx_count(); i++) {
		*sent += u->sent[i].sent + u->done[i].sent;
		*failed += u->sent[i].failed + u->done[i].failed;
	}
}

uint32_t twin_upcall_waiting(const struct vport *vport)
{
	const struct twin_vport_upcalls *u = vport->upcalls;
	uint32_t n = 0;
	unsigned int i;

	for (i = 0; i < twin_ctx_count(); i++)
		n += u->sent[i].n -
		     __atomic_load_n(&u->done[i].n, __ATOMIC_ACQUIRE);
	return n;
}

/* Control */

int twin_upcall_vport_init(struct vport *vport)
{
	unsigned int n = twin_ctx_count();
	struct twin_vport_upcalls *u;
	size_t size = sizeof(*u) + 2 * n * sizeof(struct twin_upcall_count);

	u = aligned_alloc(RTE_CACHE_LINE_SIZE,
			  RTE_ALIGN_CEIL(size, RTE_CACHE_LINE_SIZE));
	if (!u)
		return -ENOMEM;
	memset(u, 0, size);
	STAILQ_INIT(&u->queue);
	u->vport = vport;
	u->done = &u->sent[n];
	vport->upcalls = u;
	return 0;
}

void twin_upcall_vport_fini(struct vport *vport)
{
	if (vport->upcalls)
		twin_upcall_thread_forget(vport->upcalls);
	free(vport->upcalls);
	vport->upcalls = NULL;
}

static void source_fini(struct twin_upcall_source *src)
{
	rte_ring_free(src->ring);
	rte_ring_free(src->back);
	twin_mem_free(src->items,
		      src->n_items * sizeof(struct twin_upcall_item));
	memset(src, 0, sizeof(*src));
}

static struct rte_ring *ring_create(const char *what, unsigned int id,
				    unsigned int n)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "twin_%s_%u", what, id);
	return rte_ring_create(name, n, SOCKET_ID_ANY,
			       RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
}

/* Items may not take more than a share of all packets. */
static uint32_t items_wanted(const struct twin_ctx *ctx)
{
	uint32_t n = ctx->pool->size / (4 * twin_ctx_count());

	return RTE_MAX(ITEMS_MIN, RTE_MIN(n, ITEMS_MAX));
}

static int source_init(struct twin_upcall_source *src, struct twin_ctx *ctx)
{
	uint32_t n = items_wanted(ctx);

	src->n_items = n;
	src->n_fresh = n;
	src->ring = ring_create("upcall", ctx->id, n);
	src->back = ring_create("upcall_back", ctx->id, n);
	src->items = twin_mem_alloc(n * sizeof(struct twin_upcall_item));
	if (!src->ring || !src->back || !src->items) {
		source_fini(src);
		return -ENOMEM;
	}
	ctx->upcall_ring = src->ring;
	return 0;
}

int twin_upcall_start(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < twin_ctx_count(); i++) {
		err = source_init(&twin_upcall_sources[i], twin_ctx_get(i));
		if (err)
			goto err_sources;
	}
	err = twin_upcall_thread_start();
	if (!err)
		return 0;

err_sources:
	while (i--)
		source_fini(&twin_upcall_sources[i]);
	return err;
}

void twin_upcall_stop(void)
{
	unsigned int i;

	twin_upcall_thread_stop();
	for (i = 0; i < twin_ctx_count(); i++)
		source_fini(&twin_upcall_sources[i]);
}
