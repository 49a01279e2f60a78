/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_UPCALL_PRIVATE_H
#define TWIN_UPCALL_PRIVATE_H

#include <sys/queue.h>

#include <rte_ring.h>

#include "upcall.h"

/* What the two sides of upcalls share: upcall.c (contexts and control) and
 * upcall_thread.c.
 */

/* Bytes of userdata and actions that fit into an item. */
#define TWIN_UPCALL_ROOM 192

/**
 * struct twin_upcall_item - an upcall on its way.
 * @extra: userdata, then (8-byte aligned) actions; @room or allocated
 */
struct twin_upcall_item {
	STAILQ_ENTRY(twin_upcall_item) next;
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
	uint8_t room[TWIN_UPCALL_ROOM];
} __rte_cache_aligned;

/**
 * struct twin_upcall_source - a context's items.
 * @back: ring of items that the thread is done with
 * @spare: an item that was taken and not needed
 * @n_fresh: items at the start of @items that were never used
 */
struct twin_upcall_source {
	struct rte_ring *ring;
	struct rte_ring *back;
	struct twin_upcall_item *items;
	uint32_t n_items;
	/* written by the context, on a line of their own */
	struct twin_upcall_item *spare __rte_cache_aligned;
	uint32_t n_fresh;
} __rte_cache_aligned;

/** struct twin_upcall_count - one side's count of items, a cache line. */
struct twin_upcall_count {
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
	STAILQ_HEAD(, twin_upcall_item) queue;
	TAILQ_ENTRY(twin_vport_upcalls) turn;
	struct vport *vport;
	bool waiting;
	uint32_t debt;
	uint64_t pace;
	struct twin_upcall_count *done;
	struct twin_upcall_count sent[];
};

/* By context. */
extern struct twin_upcall_source twin_upcall_sources[TWIN_MAX_CTX];

/** twin_upcall_extra_free() - userdata and actions of an item. */
void twin_upcall_extra_free(struct twin_upcall_item *item);

/** twin_upcall_thread_start() - rings are there. Return: 0 or -errno. */
int twin_upcall_thread_start(void);

/** twin_upcall_thread_stop() - end it. */
void twin_upcall_thread_stop(void);

/** twin_upcall_thread_wake() - something is to be done. Any thread. */
void twin_upcall_thread_wake(void);

/** twin_upcall_thread_forget() - lose what is queued for a vport; waits until
 * the thread holds nothing of it. Control thread.
 */
void twin_upcall_thread_forget(struct twin_vport_upcalls *upcalls);

#endif
