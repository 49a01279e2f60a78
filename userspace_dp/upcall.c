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
 *
 * Lock order
 *
 *	forget_lock is held by the control thread while it waits, and by the
 *	upcall thread while it forgets; nothing is taken inside.
 */
#define _GNU_SOURCE
#include "upcall.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#include "flow_hash.h"
#include "genl_ovs.h"
#include "mem.h"
#include "nl_port.h"
#include "offload.h"
#include "ovsnl_upcall.h"

#define ITEMS_MAX 4096u
#define ITEMS_MIN 64u
/* Bytes of userdata and actions that fit into an item. */
#define ROOM 192
/* What a packet of several segments counts: it holds memory that is scarce. */
#define COST_CHAIN 8
#define BURST 32
#define SERVE_BATCH 64
/* A port with more upcalls a second than this, but for a burst now and then,
 * has many.
 */
#define MANY_HZ 2000
#define MANY_BURST 64
#define MAX_SEGMENTS 1024
#define MAX_IOV 1024
/* Head of a message: key, userdata and actions of up to 64 KB each. */
#define HEAD_SIZE (160 * 1024)

/**
 * struct item - an upcall on its way.
 * @extra: userdata, then (8-byte aligned) actions; @room or allocated
 */
struct item {
	STAILQ_ENTRY(item) next;
	struct datapath *dp;
	struct vport *vport;
	struct rte_mbuf *m;
	uint32_t portid;
	uint32_t cutlen;
	uint16_t mru;
	uint8_t cmd;
	uint8_t cost;
	uint32_t ctx_id;
	int32_t userdata_len;
	uint32_t actions_len;
	uint8_t *extra;
	uint64_t hash;
	struct ovsnl_key key;
	uint8_t room[ROOM];
} __rte_cache_aligned;

/**
 * struct source - a context's items.
 * @back: ring of items that the thread is done with
 * @spare: an item that was taken and not needed
 * @n_fresh: items at the start of @items that were never used
 */
struct source {
	struct rte_ring *ring;
	struct rte_ring *back;
	struct item *spare;
	struct item *items;
	uint32_t n_items;
	uint32_t n_fresh;
} __rte_cache_aligned;

/** struct count - one side's count of items, a cache line. */
struct count {
	uint32_t n;
} __rte_cache_aligned;

/**
 * struct twin_vport_upcalls - a vport's queue.
 * @queue, @turn, @waiting, @debt, @pace: the thread's. @debt: turns to skip;
 *	@pace: TSC up to which its upcalls so far would last at MANY_HZ
 * @done: by context; the thread's
 * @sent: by context; written by that context
 */
struct twin_vport_upcalls {
	STAILQ_HEAD(, item) queue;
	TAILQ_ENTRY(twin_vport_upcalls) turn;
	struct vport *vport;
	bool waiting;
	uint32_t debt;
	uint64_t pace;
	struct count *done;
	struct count sent[];
};

static struct source sources[TWIN_MAX_CTX];
static pthread_t thread;
static bool running, stopping;
static int sleeping;
static int wake_fd = -1;

/* the thread's */
static TAILQ_HEAD(, twin_vport_upcalls) turns = TAILQ_HEAD_INITIALIZER(turns);
static uint64_t drops[TWIN_DROP_COUNT];
static __u8 head[HEAD_SIZE] __rte_cache_aligned;
static struct iovec iov[MAX_IOV];

static pthread_mutex_t forget_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t forgotten = PTHREAD_COND_INITIALIZER;
static struct twin_vport_upcalls *to_forget;

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

static struct item *item_get(struct source *src)
{
	struct item *spare = src->spare;
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

static bool over_share(const struct twin_ctx *ctx, const struct source *src,
		       const struct vport *in)
{
	const struct twin_vport_upcalls *u = in->upcalls;
	uint32_t on_way =
		u->sent[ctx->id].n -
		__atomic_load_n(&u->done[ctx->id].n, __ATOMIC_RELAXED);

	return on_way > (src->n_fresh + rte_ring_count(src->back)) / 2;
}

static bool copy_extra(struct item *item, const struct twin_upcall_info *info)
{
	size_t data_len = info->userdata_len > 0 ? info->userdata_len : 0;
	size_t actions_len = info->actions ? info->actions_len : 0;
	size_t ofs = RTE_ALIGN_CEIL(data_len, 8);

	item->userdata_len = info->userdata_len;
	item->actions_len = actions_len;
	item->extra = item->room;
	if (ofs + actions_len > ROOM) {
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

static void extra_free(struct item *item)
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

static void wake_thread(void)
{
	rte_atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&sleeping, __ATOMIC_RELAXED) &&
	    __atomic_exchange_n(&sleeping, 0, __ATOMIC_RELAXED))
		eventfd_write(wake_fd, 1);
}

static int enqueue(struct twin_ctx *ctx, struct datapath *dp, struct vport *in,
		   struct twin_packet *pkt, const struct twin_upcall_info *info,
		   uint32_t portid, bool consume)
{
	struct source *src = &sources[ctx->id];
	struct item *item;

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
	item->key = pkt->key;
	in->upcalls->sent[ctx->id].n += item->cost;
	/* As many places as items: it fits. */
	rte_ring_sp_enqueue(src->ring, item);
	wake_thread();
	return 0;

err_extra:
	extra_free(item);
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

/* The thread: messages */

/* Count a message; does its vport have many? */
static bool has_many(struct twin_vport_upcalls *u)
{
	uint64_t now = rte_rdtsc(), step = rte_get_tsc_hz() / MANY_HZ;

	if (u->pace + MANY_BURST * step < now)
		u->pace = now - MANY_BURST * step;
	if (u->pace > now)
		return true;
	u->pace += step;
	return false;
}

/* Up to @len bytes of @m into the vector from place @n on; 0 when it is too
 * short.
 */
static unsigned int add_packet(const struct rte_mbuf *m, uint32_t len,
			       unsigned int n)
{
	uint32_t part;

	for (; m && len; m = m->next) {
		part = RTE_MIN(len, (uint32_t)m->data_len);
		if (n == MAX_IOV)
			return 0;
		iov[n++] = (struct iovec){ rte_pktmbuf_mtod(m, void *), part };
		len -= part;
	}
	return n;
}

static int send_message(const struct item *item, const struct rte_mbuf *m,
			const struct ovsnl_key *key)
{
	static const uint8_t zeros[NLA_ALIGNTO];
	bool padded = !(item->dp->user_features & OVS_DP_F_UNALIGNED);
	uint32_t data = item->userdata_len > 0 ? item->userdata_len : 0;
	struct ovsnl_upcall up = {
		.cmd = item->cmd,
		.nlmsg_type = twin_genl_ovs_type(OVSNL_FAMILY_PACKET),
		.dp_ifindex = item->dp->ifindex,
		.key = key,
		.userdata = item->extra,
		.userdata_len = item->userdata_len,
		.actions_len = item->actions_len,
		.mru = item->mru,
		.packet_len = RTE_MIN(m->pkt_len, item->cutlen),
		.full_len = m->pkt_len,
		.hash = item->hash,
	};
	struct ovsnl_writer w;
	unsigned int n;
	int err;

	if (item->actions_len)
		up.actions = (const struct nlattr *)(item->extra +
						     RTE_ALIGN_CEIL(data, 8));
	ovsnl_writer_init(&w, head, sizeof(head));
	err = ovsnl_upcall_put(&w, &up, padded);
	if (err)
		return err;
	iov[0] = (struct iovec){ w.buf, w.len };
	n = add_packet(m, up.packet_len, 1);
	if (!n || n == MAX_IOV)
		return -EFBIG;
	if (padded)
		iov[n++] = (struct iovec){
			(void *)zeros, NLA_ALIGN(up.packet_len) - up.packet_len
		};
	return twin_nl_unicast(item->portid, iov, n,
			       has_many(item->vport->upcalls));
}

/* A packet that Linux would have cut up: one message for each piece. */
static int send_pieces(struct item *item)
{
	static struct rte_mbuf *pieces[MAX_SEGMENTS];
	bool ufo = twin_offload_is_ufo(item->m);
	int i, n, err = 0;

	n = twin_offload_segment(item->m, item->m->pool, pieces, MAX_SEGMENTS);
	if (n < 0)
		return n;
	item->m = NULL;
	for (i = 0; i < n && !err; i++) {
		if (i && ufo)
			item->key.ip_frag = OVS_FRAG_TYPE_LATER;
		err = send_message(item, pieces[i], &item->key);
	}
	rte_pktmbuf_free_bulk(pieces, n);
	item->vport->upcalls->debt += n - 1;
	return err;
}

static int send_item(struct item *item)
{
	int err = 0;

	if (twin_offload_is_gso(item->m))
		return send_pieces(item);
	if (twin_offload_is_partial(item->m))
		err = twin_offload_finish_csum(item->m);
	return err ? err : send_message(item, item->m, &item->key);
}

/* Back to its context. */
static void item_put(struct item *item)
{
	struct count *done = &item->vport->upcalls->done[item->ctx_id];

	rte_pktmbuf_free(item->m);
	extra_free(item);
	__atomic_store_n(&done->n, done->n + item->cost, __ATOMIC_RELAXED);
	rte_ring_sp_enqueue(sources[item->ctx_id].back, item);
}

static void lose_item(struct item *item, enum twin_drop reason)
{
	drops[reason]++;
	item->vport->upcall_fail++;
	__atomic_store_n(&item->dp->n_lost_upcalls,
			 item->dp->n_lost_upcalls + 1, __ATOMIC_RELAXED);
	item_put(item);
}

static void serve_item(struct item *item)
{
	switch (send_item(item)) {
	case 0:
		item->vport->upcall_success++;
		item_put(item);
		break;
	case -ENOMEM:
		lose_item(item, TWIN_DROP_NO_MEMORY);
		break;
	case -EINVAL:
		lose_item(item, TWIN_DROP_SEGMENT);
		break;
	default:
		lose_item(item, TWIN_DROP_UPCALL_REJECTED);
	}
}

/* The thread: queues */

static void queue_item(struct item *item)
{
	struct twin_vport_upcalls *u = item->vport->upcalls;

	STAILQ_INSERT_TAIL(&u->queue, item, next);
	if (u->waiting)
		return;
	u->waiting = true;
	TAILQ_INSERT_TAIL(&turns, u, turn);
}

static unsigned int drain(void)
{
	struct item *items[BURST];
	unsigned int i, j, n, total = 0;

	for (i = 0; i < twin_ctx_count(); i++) {
		do {
			n = rte_ring_sc_dequeue_burst(
				sources[i].ring, (void **)items, BURST, NULL);
			for (j = 0; j < n; j++)
				queue_item(items[j]);
			total += n;
		} while (n == BURST);
	}
	return total;
}

static struct item *take_item(struct twin_vport_upcalls *u)
{
	struct item *item = STAILQ_FIRST(&u->queue);

	STAILQ_REMOVE_HEAD(&u->queue, next);
	TAILQ_REMOVE(&turns, u, turn);
	u->waiting = !STAILQ_EMPTY(&u->queue);
	if (u->waiting)
		TAILQ_INSERT_TAIL(&turns, u, turn);
	return item;
}

/* Serve some items, each port in its turn. */
static unsigned int serve(void)
{
	struct twin_vport_upcalls *u;
	unsigned int n = 0;

	while (n < SERVE_BATCH && (u = TAILQ_FIRST(&turns))) {
		if (u->debt && TAILQ_NEXT(u, turn)) {
			u->debt--;
			TAILQ_REMOVE(&turns, u, turn);
			TAILQ_INSERT_TAIL(&turns, u, turn);
			continue;
		}
		serve_item(take_item(u));
		n++;
	}
	return n;
}

static void forget(void)
{
	struct twin_vport_upcalls *u;

	if (!__atomic_load_n(&to_forget, __ATOMIC_ACQUIRE))
		return;
	drain();
	pthread_mutex_lock(&forget_lock);
	u = to_forget;
	while (!STAILQ_EMPTY(&u->queue))
		lose_item(take_item(u), TWIN_DROP_NO_VPORT);
	__atomic_store_n(&to_forget, NULL, __ATOMIC_RELEASE);
	pthread_cond_signal(&forgotten);
	pthread_mutex_unlock(&forget_lock);
}

static bool anything_to_do(void)
{
	unsigned int i;

	if (__atomic_load_n(&to_forget, __ATOMIC_ACQUIRE) ||
	    __atomic_load_n(&stopping, __ATOMIC_ACQUIRE))
		return true;
	for (i = 0; i < twin_ctx_count(); i++)
		if (!rte_ring_empty(sources[i].ring))
			return true;
	return false;
}

static void sleep_until_woken(void)
{
	eventfd_t n;

	__atomic_store_n(&sleeping, 1, __ATOMIC_RELAXED);
	rte_atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (anything_to_do()) {
		__atomic_store_n(&sleeping, 0, __ATOMIC_RELAXED);
		return;
	}
	eventfd_read(wake_fd, &n);
}

static void *upcall_main(void *arg)
{
	(void)arg;
	pthread_setname_np(pthread_self(), "upcall");
	while (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE)) {
		drain();
		forget();
		if (!serve())
			sleep_until_woken();
	}
	return NULL;
}

/* Control */

int twin_upcall_vport_init(struct vport *vport)
{
	unsigned int n = twin_ctx_count();
	struct twin_vport_upcalls *u;
	size_t size = sizeof(*u) + 2 * n * sizeof(struct count);

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
	if (running && vport->upcalls) {
		pthread_mutex_lock(&forget_lock);
		__atomic_store_n(&to_forget, vport->upcalls, __ATOMIC_RELEASE);
		wake_thread();
		while (to_forget)
			pthread_cond_wait(&forgotten, &forget_lock);
		pthread_mutex_unlock(&forget_lock);
	}
	free(vport->upcalls);
	vport->upcalls = NULL;
}

uint64_t twin_upcall_drops(enum twin_drop reason)
{
	return __atomic_load_n(&drops[reason], __ATOMIC_RELAXED);
}

static void source_fini(struct source *src)
{
	rte_ring_free(src->ring);
	rte_ring_free(src->back);
	twin_mem_free(src->items, src->n_items * sizeof(struct item));
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

static int source_init(struct source *src, struct twin_ctx *ctx)
{
	uint32_t n = items_wanted(ctx);

	src->n_items = n;
	src->n_fresh = n;
	src->ring = ring_create("upcall", ctx->id, n);
	src->back = ring_create("upcall_back", ctx->id, n);
	src->items = twin_mem_alloc(n * sizeof(struct item));
	if (!src->ring || !src->back || !src->items) {
		source_fini(src);
		return -ENOMEM;
	}
	ctx->upcall_ring = src->ring;
	return 0;
}

static int start_thread(void)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&thread, NULL, upcall_main, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

int twin_upcall_start(void)
{
	unsigned int i;
	int err;

	wake_fd = eventfd(0, EFD_CLOEXEC);
	if (wake_fd < 0)
		return -errno;
	for (i = 0; i < twin_ctx_count(); i++) {
		err = source_init(&sources[i], twin_ctx_get(i));
		if (err)
			goto err_sources;
	}
	stopping = false;
	err = start_thread();
	if (err)
		goto err_sources;
	running = true;
	return 0;

err_sources:
	while (i--)
		source_fini(&sources[i]);
	close(wake_fd);
	return err;
}

void twin_upcall_stop(void)
{
	unsigned int i;

	if (!running)
		return;
	__atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
	eventfd_write(wake_fd, 1);
	pthread_join(thread, NULL);
	running = false;
	for (i = 0; i < twin_ctx_count(); i++)
		source_fini(&sources[i]);
	close(wake_fd);
}
