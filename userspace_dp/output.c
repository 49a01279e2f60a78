// SPDX-License-Identifier: BSD-3-Clause
/*
 * Output: the checks before a packet leaves, and the gathering of bursts.
 *
 * Overview
 *	Packets wait in the port's transmit queue of their context until there
 *	are TWIN_BURST of them or the poll round ends.
 *
 * Life cycle
 *	No packet waits across a quiescent state: a port that is detached has
 *	empty queues after the grace period.
 *
 * Synchronisation
 *	A transmit queue belongs to its context. Ports whose device has one
 *	queue for all contexts are locked while they transmit.
 *
 * Lock order
 *	twin_port.tx_lock only.
 */
#include "output.h"

#include <rte_ether.h>

#include "offload.h"
#include "packet_mark.h"

/* Fragments of one packet: 64 KB in pieces of 576 bytes. */
#define MAX_FRAGMENTS 128
/* Segments of one packet: 64 KB in pieces of 64 bytes. */
#define MAX_SEGMENTS 1024
/* Longest headers in front of a packet that is fragmented: Ethernet's with two
 * tags, one of which does not count in the kernel, and three labels.
 */
#define MAX_L2_LEN (RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + 3 * 4)

static void drop(struct twin_ctx *ctx, struct rte_mbuf *m,
		 enum twin_drop reason)
{
	ctx->drops[reason]++;
	rte_pktmbuf_free(m);
}

static void transmit(struct twin_ctx *ctx, struct twin_txq *q)
{
	struct twin_port *port = q->port;

	ctx->work.tx_bursts++;
	ctx->work.tx_packets += q->n;
	if (port->tx_shared) {
		rte_spinlock_lock(&port->tx_lock);
		port->ops->tx(port, ctx, q->pkts, q->n);
		rte_spinlock_unlock(&port->tx_lock);
	} else {
		port->ops->tx(port, ctx, q->pkts, q->n);
	}
	q->n = 0;
}

/* The context's queue of a port, known to have packets to be flushed. */
static inline struct twin_txq *open_queue(struct twin_ctx *ctx,
					  struct twin_output *out,
					  struct twin_port *port)
{
	struct twin_txq *q = &port->txq[ctx->id];

	if (!q->listed) {
		q->listed = true;
		q->next = out->pending;
		out->pending = q;
	}
	return q;
}

static inline void gather(struct twin_ctx *ctx, struct twin_txq *q,
			  struct rte_mbuf *m)
{
	q->pkts[q->n++] = m;
	if (q->n == TWIN_BURST)
		transmit(ctx, q);
}

void twin_output_flush(struct twin_ctx *ctx, struct twin_output *out)
{
	struct twin_txq *q;

	while ((q = out->pending) != NULL) {
		out->pending = q->next;
		q->listed = false;
		if (q->n)
			transmit(ctx, q);
	}
}

/* Bytes behind the header that the port's packets have. As the kernel has it,
 * the outer tag does not count.
 */
static inline uint32_t length(const struct rte_mbuf *m,
			      const struct twin_port *port, bool tagged)
{
	uint32_t headers = port->l2_len + (tagged ? RTE_VLAN_HLEN : 0);

	return m->pkt_len > headers ? m->pkt_len - headers : 0;
}

static inline void send_one(struct twin_ctx *ctx, struct twin_output *out,
			    struct twin_port *port, struct rte_mbuf *m,
			    bool tagged)
{
	if (unlikely(length(m, port, tagged) > port->mtu) &&
	    !twin_offload_is_gso(m)) {
		port->stats[ctx->id].tx_errors++;
		drop(ctx, m, TWIN_DROP_OVER_MTU);
		return;
	}
	gather(ctx, open_queue(ctx, out, port), m);
}

static void send_pieces(struct twin_ctx *ctx, struct twin_output *out,
			struct twin_port *port, struct rte_mbuf **pieces, int n,
			bool tagged)
{
	int i;

	for (i = 0; i < n; i++)
		send_one(ctx, out, port, pieces[i], tagged);
}

/* Where the IP header of a packet with that in its key is: behind labels that
 * were pushed since.
 */
static uint32_t ip_ofs(const struct twin_packet *pkt)
{
	__be16 type = twin_packet_protocol(pkt);

	return type == htons(ETH_P_MPLS_UC) || type == htons(ETH_P_MPLS_MC)
		       ? pkt->layout.inner_ofs
		       : pkt->layout.l3_ofs;
}

/* The packet was put together from fragments of at most mru bytes: take it
 * apart again when that still holds at this port.
 */
static void send_fragments(struct twin_ctx *ctx, struct twin_output *out,
			   struct twin_port *port, struct rte_mbuf *m,
			   const struct twin_packet *pkt)
{
	struct rte_mbuf *pieces[MAX_FRAGMENTS];
	uint32_t ofs = ip_ofs(pkt);
	int n = -EINVAL;

	if (pkt->mru > port->mtu) {
		drop(ctx, m, TWIN_DROP_OVER_MTU);
		return;
	}
	if ((pkt->key.eth_type == htons(ETH_P_IP) ||
	     pkt->key.eth_type == htons(ETH_P_IPV6)) &&
	    ofs <= MAX_L2_LEN && !twin_offload_finish_csum(m))
		n = twin_offload_fragment(m, ofs, pkt->mru, ctx->pool, pieces,
					  MAX_FRAGMENTS);
	if (n < 0)
		drop(ctx, m, TWIN_DROP_SEGMENT);
	else
		send_pieces(ctx, out, port, pieces, n, pkt->tagged);
}

/* Headers were pushed in front that nobody behind the port may know how to
 * repeat for each segment.
 */
static void send_segments(struct twin_ctx *ctx, struct twin_output *out,
			  struct twin_port *port, struct rte_mbuf *m,
			  const struct twin_packet *pkt)
{
	struct rte_mbuf *pieces[MAX_SEGMENTS];
	int n;

	n = twin_offload_segment(m, ctx->pool, pieces, MAX_SEGMENTS);
	if (n < 0)
		drop(ctx, m, TWIN_DROP_SEGMENT);
	else
		send_pieces(ctx, out, port, pieces, n, pkt->tagged);
}

/* What the packet is to Linux, behind a port without Ethernet headers. */
static __be16 bare_type(const struct twin_packet *pkt)
{
	if (pkt->key.mac_proto != OVSNL_MAC_ETHERNET)
		return twin_packet_protocol(pkt);
	return pkt->tagged ? pkt->key.vlan_tpid : htons(ETH_P_TEB);
}

/* The rarer things that can be asked of an output. True: the packet is dealt
 * with.
 */
static bool send_special(struct twin_ctx *ctx, struct twin_output *out,
			 struct twin_port *port, struct rte_mbuf *m,
			 const struct twin_packet *pkt)
{
	bool bare = pkt->key.mac_proto != OVSNL_MAC_ETHERNET;
	const uint32_t min = bare ? 0 : RTE_ETHER_HDR_LEN;
	uint32_t tag = pkt->tagged ? RTE_VLAN_HLEN : 0;

	/* The kernel keeps the outer tag beside the packet: it counts
	 * neither for truncation nor for the size of fragments.
	 */
	if (pkt->cutlen < m->pkt_len - tag)
		twin_offload_truncate(m, RTE_MAX(pkt->cutlen, min) + tag);
	if (bare && port->l2_len) {
		drop(ctx, m, TWIN_DROP_OUTPUT_L3);
		return true;
	}
	if (pkt->key.skb_mark)
		twin_packet_mark_set(m, pkt->key.skb_mark);
	if (!port->l2_len)
		m->packet_type = TWIN_PACKET_BARE | ntohs(bare_type(pkt));
	if (pkt->mru && m->pkt_len - tag > (uint32_t)pkt->mru + port->l2_len)
		send_fragments(ctx, out, port, m, pkt);
	else if (pkt->encapsulated && twin_offload_is_gso(m))
		send_segments(ctx, out, port, m, pkt);
	else
		return false;
	return true;
}

static inline bool is_special(const struct twin_port *port,
			      const struct twin_packet *pkt)
{
	return pkt->cutlen != UINT32_MAX || pkt->mru || pkt->encapsulated ||
	       !port->l2_len || pkt->key.skb_mark ||
	       pkt->key.mac_proto != OVSNL_MAC_ETHERNET;
}

void twin_output_send(struct twin_ctx *ctx, struct twin_output *out,
		      struct twin_port *port, struct rte_mbuf *m,
		      const struct twin_packet *pkt)
{
	if (unlikely(is_special(port, pkt)) &&
	    send_special(ctx, out, port, m, pkt))
		return;
	send_one(ctx, out, port, m, pkt->tagged);
}

/* @fresh: there is nothing special about the packets themselves */
static inline void send_burst(struct twin_ctx *ctx, struct twin_output *out,
			      struct twin_port *port,
			      const struct twin_packet *pkts, unsigned int n,
			      bool fresh)
{
	struct twin_txq *q = open_queue(ctx, out, port);
	uint32_t max = port->mtu + RTE_ETHER_HDR_LEN;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (likely(!(fresh ? !port->l2_len
				   : is_special(port, &pkts[i])) &&
			   pkts[i].m->pkt_len <= max))
			gather(ctx, q, pkts[i].m);
		else
			twin_output_send(ctx, out, port, pkts[i].m, &pkts[i]);
}

void twin_output_send_all(struct twin_ctx *ctx, struct twin_output *out,
			  struct twin_port *port,
			  const struct twin_packet *pkts, unsigned int n)
{
	send_burst(ctx, out, port, pkts, n, false);
}

void twin_output_send_run(struct twin_ctx *ctx, struct twin_output *out,
			  struct twin_port *port,
			  const struct twin_packet *pkts, unsigned int n)
{
	send_burst(ctx, out, port, pkts, n, true);
}

struct twin_port *twin_output_find(const struct datapath *dp, uint32_t port_no,
				   enum twin_drop *reason)
{
	struct vport *vport = twin_datapath_port(dp, port_no);

	if (unlikely(!vport)) {
		*reason = TWIN_DROP_OUTPUT_NO_PORT;
		return NULL;
	}
	if (unlikely(!vport->port->up) &&
	    !vport->port->ops->link(vport->port)) {
		*reason = TWIN_DROP_OUTPUT_DOWN;
		return NULL;
	}
	return vport->port;
}
