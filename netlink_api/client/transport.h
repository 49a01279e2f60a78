/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The client's half of ovsnl_transport.h: connections to a twinpathd that
 * behave like generic netlink sockets. Needs libc only. Both the client library
 * and the preload library use it.
 */
#ifndef OVSNL_CLIENT_TRANSPORT_H
#define OVSNL_CLIENT_TRANSPORT_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "ovsnl_transport.h"

/* How long open and adopt wait for a daemon that does not speak, in ms. */
#define OVSNL_TRANSPORT_PATIENCE_MS 5000

/**
 * struct ovsnl_transport_client - what C clients keep in ovsnl_page.client
 *
 * Lives in memory that all processes share which share the socket.
 * @lock: robust, process-shared mutex (opaque here): orders cookies with
 * datagrams
 * @cookie: last cookie given to a SYNC; protected by @lock
 * @overruns_seen: value of ovsnl_page.overruns that has been reported; atomic
 * @retired: the connection is known to be dead; atomic
 * @user: for the layer above; zero at first
 */
struct ovsnl_transport_client {
	__u64 lock[8];
	__u32 cookie;
	__u32 overruns_seen;
	__u32 retired;
	__u64 user[64];
};

_Static_assert(sizeof(struct ovsnl_transport_client) <=
		       sizeof(((struct ovsnl_page *)0)->client),
	       "fits into the client's part of the page");

/**
 * ovsnl_transport_client() - the client's part of a page
 * @page: a page from ovsnl_transport_open() or ovsnl_transport_adopt()
 *
 * Return: a pointer into @page.
 */
static inline struct ovsnl_transport_client *
ovsnl_transport_client(struct ovsnl_page *page)
{
	return (struct ovsnl_transport_client *)page->client;
}

/**
 * ovsnl_transport_path() - where the daemon's socket is
 *
 * Context: any thread, as getenv().
 * Return: $TWINPATH_SOCKET, or OVSNL_TRANSPORT_PATH when that is unset or
 * empty. Not to be freed.
 */
const char *ovsnl_transport_path(void);

/**
 * ovsnl_transport_wait_ms() - how long to wait for a daemon that is away
 *
 * Context: any thread, as getenv().
 * Return: milliseconds, $TWINPATH_WAIT_MS; 0 when that is unset, at most an
 * hour.
 */
unsigned int ovsnl_transport_wait_ms(void);

/**
 * ovsnl_transport_open() - connect to the daemon
 * @path: its socket
 * @pagep: set to the connection's shared page; release it with
 * ovsnl_transport_unmap()
 *
 * The descriptor is close-on-exec and blocking. Its own end is bound to a
 * random abstract name by which ovsnl_transport_is_ours() knows it.
 *
 * Context: any thread. Waits up to OVSNL_TRANSPORT_PATIENCE_MS for each of
 * connect and HELLO. Return: the descriptor, which the caller closes, or
 * -errno: -ECONNREFUSED (nobody listens, or no such path), -EACCES,
 * -ENAMETOOLONG, -ETIMEDOUT, -EPROTO (not a twinpathd), -EPROTONOSUPPORT
 * (another version), -EMFILE, -ENOMEM.
 */
int ovsnl_transport_open(const char *path, struct ovsnl_page **pagep);

/**
 * ovsnl_transport_adopt() - map the page of a connection that came through
 * execve()
 * @path: the daemon's socket
 * @fd: the inherited descriptor
 * @pagep: set to the connection's page, whose contents are as the former
 * program left them
 *
 * Context: any thread. Waits as ovsnl_transport_open() does.
 * Return: 0 or -errno as there; -ETIMEDOUT also if @fd belongs to another
 * daemon.
 */
int ovsnl_transport_adopt(const char *path, int fd, struct ovsnl_page **pagep);

/**
 * ovsnl_transport_unmap() - release a page
 * @page: the page, or NULL
 *
 * Context: no other thread may be in a call with @page.
 */
void ovsnl_transport_unmap(struct ovsnl_page *page);

/**
 * ovsnl_transport_is_ours() - was a descriptor made by ovsnl_transport_open()?
 * @fd: any descriptor, in this or in an earlier program of the process
 *
 * Return: true if it was.
 */
bool ovsnl_transport_is_ours(int fd);

/**
 * ovsnl_transport_send() - send a batch and wait until it has been dealt with
 * @fd: the connection
 * @page: its page
 * @iov: the batch
 * @iovcnt: number of elements, 0..IOV_MAX
 *
 * On return all answers are readable, or (dumps) are being written; see
 * ovsnl_transport_dumping(). O_NONBLOCK makes no difference and signals do not
 * interrupt, as on AF_NETLINK. No SIGPIPE is raised.
 *
 * Context: any thread, any process that shares the connection. Blocks.
 * Return: bytes of @iov sent, or -errno: -EMSGSIZE (over
 * OVSNL_TRANSPORT_DATAGRAM_MAX or the socket's SO_SNDBUF), -EPIPE (the daemon
 * was gone: nothing was sent), -ECONNRESET (the daemon went away before it said
 * that it had finished), -EFAULT, -ENOMEM, -ENOBUFS.
 */
ssize_t ovsnl_transport_send(int fd, struct ovsnl_page *page,
			     const struct iovec *iov, size_t iovcnt);

/**
 * ovsnl_transport_control() - carry out a control message
 * @fd: the connection
 * @page: its page
 * @type: enum ovsnl_ctl_type, not SYNC, HELLO or ADOPT
 * @arg: as ovsnl_transport.h defines it for @type
 * @value: likewise
 *
 * Context: as ovsnl_transport_send().
 * Return: 0 or -errno: the daemon's answer, or what ovsnl_transport_send()
 * returns.
 */
int ovsnl_transport_control(int fd, struct ovsnl_page *page, __u16 type,
			    __u32 arg, __u32 value);

/**
 * ovsnl_transport_overrun() - have messages been lost since the last call?
 * @page: the connection's page
 *
 * Context: any thread; of several that call at once one is told.
 * Return: true once after any number of losses.
 */
bool ovsnl_transport_overrun(struct ovsnl_page *page);

/**
 * ovsnl_transport_dumping() - is the daemon still writing a dump's answer?
 * @page: the connection's page
 *
 * Ask before a non-blocking receive: if that then finds nothing and the answer
 * here was false, there is nothing; if it was true, poll() and try again.
 *
 * Return: true if so.
 */
static inline bool ovsnl_transport_dumping(const struct ovsnl_page *page)
{
	return __atomic_load_n(&page->dumping, __ATOMIC_ACQUIRE);
}

/**
 * ovsnl_transport_room() - note how much a receive call has room for
 * @page: the connection's page
 * @len: bytes
 *
 * Call it before receiving: the daemon makes the parts of a dump no longer than
 * the largest of these.
 */
static inline void ovsnl_transport_room(struct ovsnl_page *page, size_t len)
{
	__u32 room = len > ~0U ? ~0U : len;

	if (room > __atomic_load_n(&page->recv_len, __ATOMIC_RELAXED))
		__atomic_store_n(&page->recv_len, room, __ATOMIC_RELAXED);
}

/**
 * ovsnl_transport_retire() - tell all that wait that the daemon is dead
 * @page: the connection's page
 *
 * For a caller that puts another connection under the same descriptor, on which
 * the others would look for a hang-up in vain. Their calls return -ECONNRESET.
 */
void ovsnl_transport_retire(struct ovsnl_page *page);

/**
 * ovsnl_transport_group() - the multicast group through which a message came
 * @page: the connection's page
 * @nlh: the first message of a received datagram
 *
 * Found from the message: its family notifies through a group that was joined,
 * and it does not answer this connection. (The copy of a notification that goes
 * to its own causer can't be told from an answer and counts as one.)
 *
 * Return: the group, or 0 for a message sent to this connection alone.
 */
__u32 ovsnl_transport_group(const struct ovsnl_page *page,
			    const struct nlmsghdr *nlh);

#endif
