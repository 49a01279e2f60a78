// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Message headers. Pure functions over the caller's writer.
 */
#include "ovsnl_msg.h"

static void *raw_space(struct ovsnl_writer *w, size_t len)
{
	void *p = w->buf + w->len;

	if (w->overflow || len > w->cap - w->len) {
		w->overflow = true;
		return NULL;
	}
	w->len += len;
	return p;
}

size_t ovsnl_msg_start(struct ovsnl_writer *w, const struct ovsnl_msg *msg)
{
	size_t start = w->len;
	__u8 *p = raw_space(w, OVSNL_MSG_HEAD);
	struct genlmsghdr *genl;
	struct ovs_header *ovs;
	struct nlmsghdr *nlh;

	if (!p)
		return start;
	nlh = (struct nlmsghdr *)p;
	nlh->nlmsg_len = OVSNL_MSG_HEAD;
	nlh->nlmsg_type = msg->nlmsg_type;
	nlh->nlmsg_flags = msg->flags;
	nlh->nlmsg_seq = msg->seq;
	nlh->nlmsg_pid = msg->portid;
	genl = (struct genlmsghdr *)(p + NLMSG_HDRLEN);
	genl->cmd = msg->cmd;
	genl->version = msg->version;
	genl->reserved = 0;
	ovs = (struct ovs_header *)(p + NLMSG_HDRLEN + GENL_HDRLEN);
	ovs->dp_ifindex = msg->dp_ifindex;
	return start;
}

int ovsnl_msg_end(struct ovsnl_writer *w, size_t start, size_t extra)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)(w->buf + start);

	if (w->overflow) {
		ovsnl_writer_reset(w, start);
		return -EMSGSIZE;
	}
	nlh->nlmsg_len = w->len - start + extra;
	return 0;
}
