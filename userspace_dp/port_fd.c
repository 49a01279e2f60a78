// SPDX-License-Identifier: BSD-3-Clause
/*
 * What TAP and packet-socket ports share.
 *
 * Overview
 *	Linux hands over packets of up to 64 KB in one piece. They are read
 *	into an ordinary mbuf and, where they are longer, a large one behind
 *	it, so that common packets cost no large buffer and long ones no
 *	copying. A slot keeps the memory that was not used for the next read.
 *
 * Life cycle
 *	A slot belongs to its port.
 *
 * Synchronisation
 *	A slot is used by the worker that polls the port.
 *
 * Lock order
 *	No locks.
 */
#include "port_fd.h"

#include <errno.h>

#include "offload.h"
#include "pool.h"

bool twin_fd_slot_fill(struct twin_fd_slot *slot, struct iovec *iov)
{
	if (!slot->head)
		slot->head = rte_pktmbuf_alloc(twin_pool());
	if (!slot->tail)
		slot->tail = rte_pktmbuf_alloc(twin_pool_large());
	if (!slot->head || !slot->tail)
		return false;
	iov[0].iov_base = &slot->hdr;
	iov[0].iov_len = sizeof(slot->hdr);
	iov[1].iov_base = rte_pktmbuf_mtod(slot->head, void *);
	iov[1].iov_len = rte_pktmbuf_tailroom(slot->head);
	/* The pool gives large mbufs a headroom as any other. */
	slot->tail->data_off = 0;
	iov[2].iov_base = slot->tail->buf_addr;
	iov[2].iov_len = slot->tail->buf_len;
	return true;
}

struct rte_mbuf *twin_fd_slot_take(struct twin_fd_slot *slot, size_t len)
{
	struct rte_mbuf *m = slot->head;
	uint16_t room = rte_pktmbuf_tailroom(m);

	if (len <= sizeof(slot->hdr))
		return NULL;
	len -= sizeof(slot->hdr);
	slot->head = NULL;
	m->pkt_len = len;
	m->data_len = RTE_MIN(len, room);
	if (len > room) {
		m->next = slot->tail;
		m->nb_segs = 2;
		slot->tail->data_len = len - room;
		slot->tail = NULL;
	}
	return m;
}

void twin_fd_slot_free(struct twin_fd_slot *slot)
{
	rte_pktmbuf_free(slot->head);
	rte_pktmbuf_free(slot->tail);
}

unsigned int twin_fd_packet_iov(const struct rte_mbuf *m,
				struct virtio_net_hdr *hdr, struct iovec *iov,
				unsigned int max)
{
	unsigned int n = 0;

	if (m->nb_segs >= max)
		return 0;
	twin_offload_to_vnet(m, hdr);
	iov[n].iov_base = hdr;
	iov[n++].iov_len = sizeof(*hdr);
	for (; m; m = m->next) {
		iov[n].iov_base = rte_pktmbuf_mtod(m, void *);
		iov[n++].iov_len = m->data_len;
	}
	return n;
}

void twin_fd_count_drop(struct twin_port *port, struct twin_ctx *ctx, int err)
{
	struct twin_port_ctx_stats *stats = &port->stats[ctx->id];

	switch (err) {
	case EIO: /* TAP */
	case EBADFD:
	case ENETDOWN: /* packet socket */
	case ENXIO:
	case ENODEV:
		ctx->drops[TWIN_DROP_OUTPUT_DOWN]++;
		break;
	case EINVAL:
	case EMSGSIZE:
		stats->tx_errors++;
		break;
	default: /* EAGAIN, ENOBUFS, ENOMEM, ... */
		stats->tx_dropped++;
		break;
	}
}
