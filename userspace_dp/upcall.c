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
 *	Shares: a port may have no more items on the way than half of what the
 *	context has left. One port alone gets a third of all items, many get
 *	less each, and something is always left for the next. A context that
 *	meets a port over its share drops at once, for the price of a compare.
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

#include <rte_mempool.h>

#include "flow_hash.h"
#include "mem.h"

#define ITEMS_MAX 4096u
#define ITEMS_MIN 64u
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

static uint32_t choose_client(const struct twin_ctx *ctx,
			      const struct datapath *dp, const struct vport *in,
			      const struct twin_packet *pkt,
			      const struct twin_upcall_info *info)
{
	if (dp->user_features & OVS_DP_F_DISPATCH_UPCALL_PER_CPU)
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

static struct rte_mbuf *own_packet(struct twin_ctx *ctx,
				   const struct twin_packet *pkt, bool consume)
{
	if (consume)
		return pkt->m;
	return rte_pktmbuf_copy(pkt->m, ctx->pool, 0, UINT32_MAX);
}

static int enqueue(struct twin_ctx *ctx, struct datapath *dp, struct vport *in,
		   struct twin_packet *pkt, const struct twin_upcall_info *info,
		   uint32_t portid, bool consume)
{
	struct twin_upcall_source *src = &twin_upcall_sources[ctx->id];
	struct twin_upcall_item *item;

	if (over_share(ctx, src, in))
		return -ENOBUFS;
	item = item_get(src);
	if (!item)
		return -ENOBUFS;
	if (!copy_extra(item, info))
		goto err_item;
	item->m = own_packet(ctx, pkt, consume);
	if (!item->m)
		goto err_extra;
	item->dp = dp;
	item->vport = in;
	item->portid = portid;
	item->cutlen = pkt->cutlen;
	item->mru = pkt->mru;
	item->cmd = info->cmd;
	item->cost = item->m->nb_segs > 1 ? COST_CHAIN : 1;
	item->ctx_id = ctx->id;
	item->hash = pkt->hash;
	ovsnl_key_copy(&item->key, &pkt->key);
	in->upcalls->sent[ctx->id].n += item->cost;
	/* As many places as items: it fits. */
	rte_ring_sp_enqueue(src->ring, item);
	twin_upcall_thread_wake();
	return 0;

err_extra:
	twin_upcall_extra_free(item);
err_item:
	src->spare = item;
	return -ENOMEM;
}

int twin_upcall_send(struct twin_ctx *ctx, struct datapath *dp,
		     struct vport *in, struct twin_packet *pkt,
		     const struct twin_upcall_info *info, bool consume)
{
	uint32_t portid = choose_client(ctx, dp, in, pkt, info);
	int err = -ENOTCONN;

	if (likely(portid))
		err = enqueue(ctx, dp, in, pkt, info, portid, consume);
	if (likely(!err))
		return 0;
	dp->stats[ctx->id].n_lost++;
	switch (err) {
	case -ENOTCONN:
		ctx->drops[TWIN_DROP_MISS_NO_CLIENT]++;
		break;
	case -ENOBUFS:
		ctx->drops[TWIN_DROP_UPCALL_QUEUE_FULL]++;
		break;
	default:
		ctx->drops[TWIN_DROP_NO_MEMORY]++;
	}
	if (consume)
		rte_pktmbuf_free(pkt->m);
	return err;
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
