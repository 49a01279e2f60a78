// SPDX-License-Identifier: BSD-3-Clause
/*
 * Upcalls as messages: encode a packet and send it to its client.
 *
 * Overview
 *	The head of the message is written into the sender's buffer, the packet
 *	goes along by reference. What Linux would have completed or cut up
 *	before showing it to a client is completed or cut up here.
 *
 * Life cycle
 *	A sender is a thread's buffers; nothing stays in it between messages.
 *
 * Synchronisation
 *	A sender is used by one thread, an item by whoever holds it.
 *
 * Lock order
 *	None here; nl_port.c has its own.
 */
#include "upcall_private.h"

#include <errno.h>

#include "genl_ovs.h"
#include "nl_port.h"
#include "offload.h"
#include "ovsnl_upcall.h"
#include "psample.h"

unsigned int twin_upcall_message_add(struct twin_upcall_sender *s,
				     const struct rte_mbuf *m, uint32_t len,
				     unsigned int n)
{
	uint32_t part;

	for (; m && len; m = m->next) {
		part = RTE_MIN(len, (uint32_t)m->data_len);
		if (n == TWIN_UPCALL_IOV - 1)
			return 0;
		s->iov[n++] =
			(struct iovec){ rte_pktmbuf_mtod(m, void *), part };
		len -= part;
	}
	return n;
}

static int send_message(struct twin_upcall_sender *s,
			const struct twin_upcall_item *item,
			const struct rte_mbuf *m)
{
	static const uint8_t zeros[NLA_ALIGNTO];
	bool padded =
		!(__atomic_load_n(&item->dp->user_features, __ATOMIC_RELAXED) &
		  OVS_DP_F_UNALIGNED);
	uint32_t data = item->userdata_len > 0 ? item->userdata_len : 0;
	struct ovsnl_upcall up = {
		.cmd = item->cmd,
		.nlmsg_type = twin_genl_ovs_type(OVSNL_FAMILY_PACKET),
		.dp_ifindex = item->dp->ifindex,
		.key = &item->key,
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
	ovsnl_writer_init(&w, s->head, sizeof(s->head));
	err = ovsnl_upcall_put(&w, &up, padded);
	if (err)
		return err;
	s->iov[0] = (struct iovec){ w.buf, w.len };
	n = twin_upcall_message_add(s, m, up.packet_len, 1);
	if (!n)
		return -EFBIG;
	if (padded)
		s->iov[n++] = (struct iovec){
			(void *)zeros, NLA_ALIGN(up.packet_len) - up.packet_len
		};
	return twin_nl_unicast(item->portid, s->iov, n,
			       s->yield && s->yield(item->vport->upcalls));
}

/* A packet that Linux would have cut up: one message for each piece. */
static int send_pieces(struct twin_upcall_sender *s,
		       struct twin_upcall_item *item, unsigned int *messages)
{
	bool ufo = twin_offload_is_ufo(item->m);
	int i, n, err = 0;

	n = twin_offload_segment(item->m, item->m->pool, s->pieces,
				 TWIN_UPCALL_PIECES);
	if (n < 0)
		return n;
	item->m = NULL;
	for (i = 0; i < n && !err; i++) {
		if (i && ufo)
			item->key.ip_frag = OVS_FRAG_TYPE_LATER;
		err = send_message(s, item, s->pieces[i]);
	}
	rte_pktmbuf_free_bulk(s->pieces, n);
	*messages = n;
	return err;
}

int twin_upcall_message_send(struct twin_upcall_sender *s,
			     struct twin_upcall_item *item,
			     unsigned int *messages)
{
	int err = 0;

	*messages = 1;
	if (item->cmd == TWIN_UPCALL_SAMPLE)
		return twin_psample_message_send(s, item);
	if (twin_offload_is_gso(item->m))
		return send_pieces(s, item, messages);
	if (twin_offload_is_partial(item->m))
		err = twin_offload_finish_csum(item->m);
	return err ? err : send_message(s, item, item->m);
}
