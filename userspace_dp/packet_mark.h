/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_PACKET_MARK_H
#define TWIN_PACKET_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

/* The skb_mark that a packet leaves with: beside it, in a dynamic field of its
 * mbuf, from the output to ports that can hand it on.
 */

/** twin_packet_mark_init() - reserve the field; once, before there are packets.
 * Until then no packet has a mark. Return: 0 or -errno.
 */
int twin_packet_mark_init(void);

/** twin_packet_mark_set() - the packet leaves with @mark. */
void twin_packet_mark_set(struct rte_mbuf *m, uint32_t mark);

/** twin_packet_mark_get() - the packet's mark, 0 for none. */
uint32_t twin_packet_mark_get(const struct rte_mbuf *m);

#endif
