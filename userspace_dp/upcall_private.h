/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_UPCALL_PRIVATE_H
#define TWIN_UPCALL_PRIVATE_H

#include <sys/queue.h>
#include <sys/uio.h>

#include <rte_ring.h>

#include "upcall.h"

/* What the parts of upcalls share: upcall.c (contexts and control),
 * upcall_thread.c, upcall_message.c and psample.c.
 */

/* Bytes of userdata and actions that fit into an item. */
#define TWIN_UPCALL_ROOM 192

/* Item's @cmd: no upcall, but a sample for psample.c. */
#define TWIN_UPCALL_SAMPLE OVS_PACKET_CMD_UNSPEC

/**
 * struct twin_upcall_item - an upcall or a sample on its way.
 * @extra: userdata, then (8-byte aligned) actions; @room or allocated. Of
 *	samples: the cookie
 * @group, @rate, @protocol: of samples: where they belong, the probability of
 *	UINT32_MAX, the packet's EtherType
 * @key: of samples only @key.tun is used: the tunnel to be used, if any
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
	uint32_t group;
	uint32_t rate;
	__be16 protocol;
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

/** struct twin_upcall_count - one side's counts, a cache line.
 * @n: items, which may wrap
 * @sent, @failed: upcalls that reached a client, and those that did not
 * @pace: of contexts: TSC up to which the upcalls so far would last at FEW_HZ
 */
struct twin_upcall_count {
	uint32_t n;
	uint64_t sent;
	uint64_t failed;
	uint64_t pace;
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

/* I/O vectors of a message; segments of a packet; bytes in front of a packet:
 * key, userdata and actions of up to 64 KB each.
 */
#define TWIN_UPCALL_IOV 1024
#define TWIN_UPCALL_PIECES 1024
#define TWIN_UPCALL_HEAD (160 * 1024)

/** struct twin_upcall_sender - a thread's means to send messages.
 * @yield: is the vport to leave room for others? May be NULL for no
 */
struct twin_upcall_sender {
	bool (*yield)(struct twin_vport_upcalls *upcalls);
	struct rte_mbuf *pieces[TWIN_UPCALL_PIECES];
	struct iovec iov[TWIN_UPCALL_IOV];
	__u8 head[TWIN_UPCALL_HEAD] __rte_cache_aligned;
};

/**
 * twin_upcall_message_send() - send an item's packet to its client, or its
 * sample to whoever listens. What of the packet is left stays in the item.
 * @messages: set to the number of messages that it took
 * Return: 0 or -errno; -EINVAL for packets that can't be segmented.
 */
int twin_upcall_message_send(struct twin_upcall_sender *s,
			     struct twin_upcall_item *item,
			     unsigned int *messages);

/** twin_upcall_message_add() - up to @len bytes of @m into the vector from
 * place @n on. Return: the next place, with one more behind it; 0 when the
 * vector is too short.
 */
unsigned int twin_upcall_message_add(struct twin_upcall_sender *s,
				     const struct rte_mbuf *m, uint32_t len,
				     unsigned int n);

/** twin_upcall_reason() - why a packet was dropped, after
 * twin_upcall_message_send() returned @err.
 */
enum twin_drop twin_upcall_reason(const struct twin_upcall_item *item, int err);

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
