/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_MSG_H
#define OVSNL_MSG_H

#include "ovsnl_attr.h"

/* Whole messages: struct nlmsghdr, struct genlmsghdr and struct ovs_header in
 * front of the attributes.
 */

#define OVSNL_MSG_HEAD (NLMSG_HDRLEN + GENL_HDRLEN + sizeof(struct ovs_header))

/** struct ovsnl_msg - the numbers in a message's headers. */
struct ovsnl_msg {
	__u16 nlmsg_type;
	__u16 flags;
	__u32 seq;
	__u32 portid;
	__u8 cmd;
	__u8 version;
	__s32 dp_ifindex;
};

/**
 * ovsnl_msg_start() - append the headers.
 * Return: the offset to hand to ovsnl_msg_end().
 */
size_t ovsnl_msg_start(struct ovsnl_writer *w, const struct ovsnl_msg *msg);

/**
 * ovsnl_msg_end() - set the message's length to what was written since.
 * @extra: bytes that the caller will append behind the writer's end
 * Return: 0, or -EMSGSIZE with the writer cut back to @start.
 */
int ovsnl_msg_end(struct ovsnl_writer *w, size_t start, size_t extra);

#endif
