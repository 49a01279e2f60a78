/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An emulated AF_NETLINK/NETLINK_GENERIC socket.
 */
#ifndef TWIN_NLSOCK_H
#define TWIN_NLSOCK_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

#include "client/transport.h"

struct twin_nlsock;

/* Bits of struct twin_nlsock_shared.flags. */
enum twin_nlsock_flag {
	TWIN_NLSOCK_PKTINFO = 1 << 0,
	TWIN_NLSOCK_BROADCAST_ERROR = 1 << 1,
	TWIN_NLSOCK_NO_ENOBUFS = 1 << 2,
	TWIN_NLSOCK_ALL_NSID = 1 << 3,
	TWIN_NLSOCK_CAP_ACK = 1 << 4,
	TWIN_NLSOCK_EXT_ACK = 1 << 5,
	TWIN_NLSOCK_STRICT_CHK = 1 << 6,
	TWIN_NLSOCK_PASSCRED = 1 << 7,
	TWIN_NLSOCK_BOUND = 1 << 8,
};

/**
 * struct twin_nlsock_shared - state of the socket for all processes that have
 * it
 * @flags: enum twin_nlsock_flag; atomic
 * @type: SOCK_RAW or SOCK_DGRAM, as it was asked for
 * @peer_pid: what connect() named
 * @peer_groups: likewise, as a mask of at most one bit
 * @rcvbuf: what SO_RCVBUF reads, 0 while it was never set
 * @sndbuf: likewise
 * @rcvtimeo: what SO_RCVTIMEO was set to
 *
 * Lives in the client's part of the connection's page.
 */
struct twin_nlsock_shared {
	__u32 flags;
	__u32 type;
	__u32 peer_pid;
	__u32 peer_groups;
	__u32 rcvbuf;
	__u32 sndbuf;
	struct timeval rcvtimeo;
};

/**
 * twin_nlsock_shared() - the shared state behind a page
 * @page: a connection's page
 *
 * Return: a pointer into @page.
 */
static inline struct twin_nlsock_shared *
twin_nlsock_shared(struct ovsnl_page *page)
{
	_Static_assert(
		sizeof(struct twin_nlsock_shared) <=
			sizeof(((struct ovsnl_transport_client *)0)->user),
		"fits");
	return (struct twin_nlsock_shared *)ovsnl_transport_client(page)->user;
}

/**
 * twin_nlsock_has() - test a flag
 * @page: a connection's page
 * @flag: which
 *
 * Return: true if it is set.
 */
static inline bool twin_nlsock_has(struct ovsnl_page *page,
				   enum twin_nlsock_flag flag)
{
	return __atomic_load_n(&twin_nlsock_shared(page)->flags,
			       __ATOMIC_RELAXED) &
	       flag;
}

/**
 * twin_nlsock_assign() - set or clear a flag
 * @page: a connection's page
 * @flag: which
 * @on: what to
 */
void twin_nlsock_assign(struct ovsnl_page *page, enum twin_nlsock_flag flag,
			bool on);

/* nlsock.c: life */

/**
 * twin_nlsock_create() - what socket(AF_NETLINK, type, NETLINK_GENERIC) does
 * @type: SOCK_RAW or SOCK_DGRAM, with SOCK_CLOEXEC and SOCK_NONBLOCK
 *
 * Context: any thread. May wait for the daemon.
 * Return: the descriptor, or -errno of ovsnl_transport_open().
 */
int twin_nlsock_create(int type);

/**
 * twin_nlsock_hold() - take a reference
 * @sock: any socket, dead ones included
 *
 * Return: false if it is dead.
 */
bool twin_nlsock_hold(struct twin_nlsock *sock);

/**
 * twin_nlsock_put() - give a reference back
 * @sock: a socket to which the caller holds one
 */
void twin_nlsock_put(struct twin_nlsock *sock);

/**
 * twin_nlsock_inherit() - find the sockets that came through execve()
 *
 * Their pages are mapped when they are first used.
 *
 * Context: the library's constructor.
 */
void twin_nlsock_inherit(void);

/**
 * twin_nlsock_after_fork() - make locks usable in a forked child
 *
 * Context: the child, while it has one thread.
 */
void twin_nlsock_after_fork(void);

/**
 * twin_nlsock_page() - the page of a socket's connection
 * @sock: the socket
 * @fd: a descriptor of it
 * @pagep: set to the page, valid while the caller holds its reference
 *
 * Maps the page of an inherited socket; tries to connect anew if the daemon
 * was away.
 *
 * Context: any thread. May wait for the daemon.
 * Return: 0, or -ECONNREFUSED and others of ovsnl_transport_open(): no daemon.
 */
int twin_nlsock_page(struct twin_nlsock *sock, int fd,
		     struct ovsnl_page **pagep);

/**
 * twin_nlsock_page_wait() - the same, waiting for a daemon that is away
 * @sock: the socket
 * @fd: a descriptor of it
 * @pagep: as there
 *
 * Context: any thread. Waits as long as patience.h says.
 * Return: as twin_nlsock_page().
 */
int twin_nlsock_page_wait(struct twin_nlsock *sock, int fd,
			  struct ovsnl_page **pagep);

/**
 * twin_nlsock_hangup() - the connection was found dead: make a new one
 * @sock: the socket
 * @dead: the page of the dead connection
 *
 * The socket keeps its descriptors, options, memberships and, if nobody else
 * has it now, port id. The next receive reports ENOBUFS.
 *
 * Context: any thread. May wait for the daemon.
 * Return: 0 if there is a live connection again, or -errno as
 * twin_nlsock_page().
 */
int twin_nlsock_hangup(struct twin_nlsock *sock, struct ovsnl_page *dead);

/**
 * twin_nlsock_lost() - is ENOBUFS due?
 * @sock: the socket
 *
 * Context: any thread.
 * Return: true once after messages were lost by overrun or by the death of the
 * daemon, never while NO_ENOBUFS is set.
 */
bool twin_nlsock_lost(struct twin_nlsock *sock);

/**
 * twin_nlsock_watch() - note what epoll_ctl() did with a socket
 * @sock: the socket
 * @epfd: the epoll instance
 * @op: EPOLL_CTL_*
 * @fd: the descriptor that was registered
 * @event: the event, NULL for EPOLL_CTL_DEL
 *
 * A new connection is a new file, which epoll does not know: the notes serve to
 * register it again.
 *
 * Context: any thread; takes the socket's lock.
 */
void twin_nlsock_watch(struct twin_nlsock *sock, int epfd, int op, int fd,
		       const struct epoll_event *event);

/* nlsock_addr.c: names. All return 0 or -errno as the calls on AF_NETLINK. */

int twin_nlsock_bind(struct twin_nlsock *sock, int fd,
		     const struct sockaddr *addr, socklen_t len);
int twin_nlsock_connect(struct twin_nlsock *sock, int fd,
			const struct sockaddr *addr, socklen_t len);
int twin_nlsock_getsockname(struct twin_nlsock *sock, int fd,
			    struct sockaddr *addr, socklen_t *len);
int twin_nlsock_getpeername(struct twin_nlsock *sock, int fd,
			    struct sockaddr *addr, socklen_t *len);

/* nlsock_opt.c: options. Likewise. */

int twin_nlsock_setsockopt(struct twin_nlsock *sock, int fd, int level,
			   int name, const void *val, socklen_t len);
int twin_nlsock_getsockopt(struct twin_nlsock *sock, int fd, int level,
			   int name, void *val, socklen_t *len);

/**
 * twin_nlsock_control() - have a control message carried out
 * @sock: the socket
 * @fd: a descriptor of it
 * @type: enum ovsnl_ctl_type
 * @arg: see there
 * @value: see there
 *
 * Context: any thread. Waits for the daemon.
 * Return: 0 or -errno, the daemon's answer or -ECONNREFUSED.
 */
int twin_nlsock_control(struct twin_nlsock *sock, int fd, __u16 type, __u32 arg,
			__u32 value);

/* nlsock_io.c: messages. All return bytes, or -errno, as on AF_NETLINK. */

ssize_t twin_nlsock_sendmsg(struct twin_nlsock *sock, int fd,
			    const struct msghdr *msg, int flags);
ssize_t twin_nlsock_recvmsg(struct twin_nlsock *sock, int fd,
			    struct msghdr *msg, int flags);

#endif
