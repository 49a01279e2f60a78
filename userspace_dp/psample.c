// SPDX-License-Identifier: BSD-3-Clause
/*
 * The psample family.
 *
 * Overview
 *	Samples take the way of upcalls: a context queues a copy of the packet,
 *	the upcall thread sends it. There are no groups to be made or to go:
 *	their numbers are the clients' business, so a dump of groups is empty.
 *
 * Life cycle
 *	None: no state is kept.
 *
 * Synchronisation
 *	Contexts ask whether anybody listens without a lock; one who joins at
 *	that moment gets the next sample.
 *
 * Lock order
 *	None here; nl_port.c has its own.
 */
#include "psample.h"

#include <errno.h>
#include <time.h>

#include <linux/psample.h>

#include "nl_port.h"
#include "ovsnl_msg.h"
#include "ovsnl_tunnel.h"
#include "upcall_private.h"

/* Of Linux 6.11: bytes; a flag that the rate is a share of 2^32 - 1. */
#define ATTR_USER_COOKIE 15
#define ATTR_PROBABILITY 16

/* Bytes of a sample's attributes, and of those but the packet. */
#define SIZE_MAX_SAMPLE 0xffff
#define SIZE_HEAD 128
#define SIZE_TAIL (OVSNL_TUNNEL_ATTR_SIZE + 64)

void twin_psample_send(struct twin_ctx *ctx, struct vport *in,
		       struct twin_packet *pkt,
		       const struct ovsnl_op_psample *op)
{
	if (twin_nl_has_listeners(TWIN_GENL_GROUP_SAMPLES))
		twin_upcall_sample(ctx, in, pkt, op);
}

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void put_head(struct ovsnl_writer *w,
		     const struct twin_upcall_item *item)
{
	__u64 now = now_ns();

	if (item->vport->port->ifindex)
		ovsnl_put_u16(w, PSAMPLE_ATTR_IIFINDEX,
			      item->vport->port->ifindex);
	ovsnl_put_u32(w, PSAMPLE_ATTR_SAMPLE_RATE, item->rate);
	ovsnl_put_u32(w, PSAMPLE_ATTR_ORIGSIZE, item->m->pkt_len);
	ovsnl_put_u32(w, PSAMPLE_ATTR_SAMPLE_GROUP, item->group);
	ovsnl_put_u32(w, PSAMPLE_ATTR_GROUP_SEQ, 0);
	ovsnl_put_aligned(w, PSAMPLE_ATTR_TIMESTAMP, &now, sizeof(now));
	ovsnl_put_u16(w, PSAMPLE_ATTR_PROTO, ntohs(item->protocol));
}

/* What stands behind the packet. */
static void put_tail(struct ovsnl_writer *w,
		     const struct twin_upcall_item *item)
{
	struct ovsnl_tunnel tun;

	if (item->key.tun.family) {
		tun = item->key.tun;
		if (tun.flags & OVSNL_TUN_VXLAN_OPT) {
			tun.flags &= ~OVSNL_TUN_VXLAN_OPT;
			tun.opts_len = 0;
		}
		ovsnl_tunnel_put(w, PSAMPLE_ATTR_TUNNEL, &tun, &tun);
	}
	if (item->userdata_len > 0)
		ovsnl_put(w, ATTR_USER_COOKIE, item->extra, item->userdata_len);
	ovsnl_put(w, ATTR_PROBABILITY, NULL, 0);
}

/* Bytes of the packet that go along. */
static __u32 data_len(const struct twin_upcall_item *item, size_t attrs)
{
	__u32 len = RTE_MIN(item->m->pkt_len, item->cutlen);

	if (attrs + NLA_HDRLEN + NLA_ALIGN(len) > SIZE_MAX_SAMPLE)
		len = SIZE_MAX_SAMPLE - attrs - NLA_HDRLEN - NLA_ALIGNTO;
	return len;
}

int twin_psample_message_send(struct twin_upcall_sender *s,
			      const struct twin_upcall_item *item)
{
	static const __u8 zeros[NLA_ALIGNTO];
	const size_t genl = NLMSG_HDRLEN + GENL_HDRLEN;
	struct nlmsghdr *nlh = (struct nlmsghdr *)s->head;
	struct ovsnl_writer head, tail;
	struct nlattr *data;
	unsigned int n;
	__u32 len;

	memset(nlh, 0, genl);
	nlh->nlmsg_type = TWIN_GENL_PSAMPLE;
	*(struct genlmsghdr *)(nlh + 1) = (struct genlmsghdr){
		.cmd = PSAMPLE_CMD_SAMPLE,
		.version = PSAMPLE_GENL_VERSION,
	};
	ovsnl_writer_init(&head, s->head + genl, SIZE_HEAD);
	put_head(&head, item);
	ovsnl_writer_init(&tail, s->head + genl + SIZE_HEAD, SIZE_TAIL);
	put_tail(&tail, item);
	len = data_len(item, head.len + tail.len);
	data = (struct nlattr *)(head.buf + head.len);
	if (!ovsnl_put_space(&head, PSAMPLE_ATTR_DATA, 0) || tail.overflow)
		return -EMSGSIZE;
	data->nla_len = NLA_HDRLEN + len;
	nlh->nlmsg_len = genl + head.len + NLA_ALIGN(len) + tail.len;
	s->iov[0] = (struct iovec){ s->head, genl + head.len };
	n = twin_upcall_message_add(s, item->m, len, 1);
	if (!n)
		return -EMSGSIZE;
	if (n + 2 > TWIN_UPCALL_IOV)
		return -EMSGSIZE;
	s->iov[n++] = (struct iovec){ (void *)zeros, NLA_ALIGN(len) - len };
	s->iov[n++] = (struct iovec){ tail.buf, tail.len };
	twin_nl_multicast(TWIN_GENL_GROUP_SAMPLES, 0, s->iov, n);
	return 0;
}

static int dump_groups(struct twin_genl_request *req, struct ovsnl_cursor *cur,
		       struct ovsnl_writer *w)
{
	(void)req;
	(void)cur;
	(void)w;
	return 0;
}

const struct twin_genl_family twin_psample_family = {
	.id = TWIN_GENL_PSAMPLE,
	.name = PSAMPLE_GENL_NAME,
	.version = PSAMPLE_GENL_VERSION,
	.maxattr = ATTR_PROBABILITY,
	.shown_maxattr = ATTR_PROBABILITY,
	.resv_start = PSAMPLE_CMD_GET_GROUP + 1,
	.groups = { { TWIN_GENL_GROUP_SAMPLE_CONFIG,
		      PSAMPLE_NL_MCGRP_CONFIG_NAME, false },
		    { TWIN_GENL_GROUP_SAMPLES, PSAMPLE_NL_MCGRP_SAMPLE_NAME,
		      true } },
	.n_commands = 1,
	.commands = { { .cmd = PSAMPLE_CMD_GET_GROUP, .dumpit = dump_groups } },
};
