/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_STOCK_GENL_H
#define OVSNL_STOCK_GENL_H

#include "ovsnl_attr.h"

/* A generic-netlink client in a few lines: one socket, one request at a time.
 * All functions end the program when the socket fails.
 */

/** struct genl - a connection.
 * @fd: socket
 * @portid: its address, to which upcalls come too
 */
struct genl {
	int fd;
	__u32 portid;
};

/** struct genl_answer - what a request brought.
 * @error: 0 or the negative errno of the acknowledgement
 * @len: bytes of the last message before it, with its headers; 0 for none
 * @message: that message
 */
struct genl_answer {
	int error;
	int len;
	__u32 message[16384];
};

/** genl_open() - connect. */
void genl_open(struct genl *g);

/**
 * genl_family() - the run-time id of a family.
 * Return: the id, 0 when there is none of that name.
 */
int genl_family(struct genl *g, const char *name);

/**
 * genl_request() - send a request and wait for its acknowledgement.
 * @type: id of the family
 * @flags: on top of NLM_F_REQUEST and NLM_F_ACK
 * @attrs, @len: attributes
 */
void genl_request(struct genl *g, int type, int cmd, int flags, int dp_ifindex,
		  const void *attrs, size_t len, struct genl_answer *answer);

/**
 * genl_wait() - take in a message that comes by itself, if none came before the
 * acknowledgement.
 */
void genl_wait(struct genl *g, struct genl_answer *answer);

/**
 * genl_answer_attr() - an attribute of the message.
 * Return: NULL when it is not there.
 */
const struct nlattr *genl_answer_attr(const struct genl_answer *answer,
				      int type);

#endif
