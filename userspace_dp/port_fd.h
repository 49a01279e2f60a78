/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_PORT_FD_H
#define TWIN_PORT_FD_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <sys/uio.h>

#include "port.h"

/* What ports over a file descriptor share: packets that are read before their
 * length is known, and packets as I/O vectors.
 */

/* Vectors of a packet: its virtio_net_hdr, and its segments. */
#define TWIN_FD_IOV_RX 3
#define TWIN_FD_IOV_TX 64

/** struct twin_fd_slot - memory that the next packet is read into.
 * @hdr: its offload state
 * @head: for the first 2048 bytes
 * @tail: for the rest of packets that Linux has not segmented
 */
struct twin_fd_slot {
	struct virtio_net_hdr hdr;
	struct rte_mbuf *head;
	struct rte_mbuf *tail;
};

/** twin_fd_slot_fill() - make the slot ready.
 * @iov: TWIN_FD_IOV_RX vectors that lead into it
 * Return: false when memory is short.
 */
bool twin_fd_slot_fill(struct twin_fd_slot *slot, struct iovec *iov);

/** twin_fd_slot_take() - the packet that was read.
 * @len: bytes read, the virtio_net_hdr included
 * Return: the packet without its offload state set, or NULL when there is
 * none in so few bytes.
 */
struct rte_mbuf *twin_fd_slot_take(struct twin_fd_slot *slot, size_t len);

/** twin_fd_slot_free() - free what the slot holds. */
void twin_fd_slot_free(struct twin_fd_slot *slot);

/** twin_fd_packet_iov() - vectors to write a packet from.
 * @hdr: filled from the packet's offload state
 * @iov: room for @max vectors
 * Return: the number of vectors, 0 when the packet has too many segments.
 */
unsigned int twin_fd_packet_iov(const struct rte_mbuf *m,
				struct virtio_net_hdr *hdr, struct iovec *iov,
				unsigned int max);

/** twin_fd_count_bad() - count a packet that was read and can't be used. The
 * worker that polls the port.
 */
static inline void twin_fd_count_bad(struct twin_port *port)
{
	port->stats[port->fd_worker].rx_errors++;
}

/** twin_fd_count_drop() - count a packet that could not be written.
 * @err: errno of the attempt
 */
void twin_fd_count_drop(struct twin_port *port, struct twin_ctx *ctx, int err);

#endif
