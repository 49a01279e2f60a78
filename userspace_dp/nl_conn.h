/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_NL_CONN_H
#define TWIN_NL_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/uio.h>

#include "loop.h"
#include "ovsnl_err.h"
#include "ovsnl_transport.h"

/* One client of the netlink socket: its descriptor, its shared page, its
 * options, and writing to it. Rules of the wire: ovsnl_transport.h.
 */

struct twin_nl_dump;
struct twin_nl_member;

/**
 * struct twin_nl_conn - a connection.
 * @watch: its descriptor
 * @portid: its port id, unique, never 0; changed under nl_port's lock
 * @token: what ADOPT must show
 * @admin: may make changes
 * @ext_ack, @cap_ack: NETLINK_EXT_ACK, NETLINK_CAP_ACK
 * @memfd, @page: the shared page; written only, except for `waiters` and
 *                `recv_len`. @memfd is -1 where descriptors are short
 * @sndbuf: bytes that the socket holds unread; atomic
 * @lossy: inside an episode of loss; atomic
 * @lost: messages that did not fit; atomic
 * @dump: the dump that is running, or NULL
 * @hash, @members: nl_port's own
 *
 * What is not atomic belongs to the control thread.
 */
struct twin_nl_conn {
	struct twin_watch watch;
	uint32_t portid;
	bool admin;
	bool ext_ack;
	bool cap_ack;
	uint64_t token;
	int memfd;
	struct ovsnl_page *page;
	int sndbuf;
	bool lossy;
	uint64_t lost;
	struct twin_nl_dump *dump;
	LIST_ENTRY(twin_nl_conn) hash;
	struct twin_nl_member *members[OVSNL_TRANSPORT_GROUPS_MAX];
};

/**
 * twin_nl_conn_create() - make the state of an accepted connection.
 * @fd: non-blocking socket; owned by the connection on success
 * @group: members of this group may make changes, as root may
 * No port id yet, not watched yet. Return: NULL with errno set.
 */
struct twin_nl_conn *twin_nl_conn_create(int fd, gid_t group);

/** twin_nl_conn_destroy() - close and free. Neither watched nor registered. */
void twin_nl_conn_destroy(struct twin_nl_conn *conn);

/** twin_nl_conn_peer_pid() - the client's process id, 0 if it can't be seen. */
uint32_t twin_nl_conn_peer_pid(const struct twin_nl_conn *conn);

/**
 * twin_nl_conn_hello() - send HELLO of @subject, with its page, on @conn.
 * Return: 0 or -errno.
 */
int twin_nl_conn_hello(struct twin_nl_conn *conn,
		       const struct twin_nl_conn *subject);

/**
 * twin_nl_conn_send() - send one datagram; never waits.
 * One that does not fit is lost, counted and reported to the client. Any
 * thread, as long as the connection is kept from being destroyed.
 * Return: 0, -EAGAIN (lost), -ECONNREFUSED (hung up).
 */
int twin_nl_conn_send(struct twin_nl_conn *conn, const struct iovec *iov,
		      unsigned int n);

/** twin_nl_conn_is_filling() - are three quarters of the client's buffer
 * unread? Any thread, as twin_nl_conn_send().
 */
bool twin_nl_conn_is_filling(const struct twin_nl_conn *conn);

/** twin_nl_conn_lose() - count a message as lost and tell the client. Any
 * thread, as twin_nl_conn_send().
 */
void twin_nl_conn_lose(struct twin_nl_conn *conn);

/** twin_nl_conn_try_send() - the same, but what does not fit is not counted
 * as lost: the caller will try again.
 */
int twin_nl_conn_try_send(struct twin_nl_conn *conn, const struct iovec *iov,
			  unsigned int n);

/**
 * twin_nl_conn_ack() - answer @nlh with NLMSG_ERROR.
 * @error: 0 or negative errno
 * @err: its cause in words, or NULL
 */
void twin_nl_conn_ack(struct twin_nl_conn *conn, const struct nlmsghdr *nlh,
		      int error, const struct ovsnl_err *err);

/** twin_nl_conn_complete() - tell waiting clients that the batch with @cookie
 * has been dealt with.
 */
void twin_nl_conn_complete(struct twin_nl_conn *conn, uint32_t cookie);

/**
 * twin_nl_conn_rcvbuf() - have @bytes of unread data before losses begin.
 * Capped for peers that may not make changes. Return: 0 or -errno.
 */
int twin_nl_conn_rcvbuf(struct twin_nl_conn *conn, uint32_t bytes);

#endif
