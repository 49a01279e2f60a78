/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Netlink over a unix socket: the contract between twinpathd and its clients.
 *
 * 1. The socket
 * -------------
 * AF_UNIX, SOCK_SEQPACKET, at $TWINPATH_SOCKET (OVSNL_TRANSPORT_PATH when
 * unset). One connection is one netlink socket. One datagram from the client
 * is what one sendmsg() on an AF_NETLINK/NETLINK_GENERIC socket would carry:
 * one or many messages, each with its nlmsghdr, padded to 4 bytes. One datagram
 * from the server is what one recvmsg() there would return. No datagram is ever
 * empty (that would read as end of file) and none from the client is larger
 * than OVSNL_TRANSPORT_DATAGRAM_MAX; the server ignores one that is, apart from
 * its SYNC. The server never waits for a client: all its writes are
 * MSG_DONTWAIT | MSG_NOSIGNAL. It binds under a temporary name, listens, and
 * renames into place, so that a socket that is there is one that answers.
 * Family and group ids are the same in each of the server's lives, so that a
 * client may come back after a restart without asking again. The client's own
 * end has a random abstract name; it means nothing to the server.
 *
 * 2. What a datagram can't say
 * ----------------------------
 * goes two ways: control messages (nlmsg_type OVSNL_CTL_*, outside of
 * everything that generic netlink hands out) in the client's datagrams, and a
 * page of shared memory that the server writes. The client's descriptor stays
 * the plain unix socket: what is readable on it is netlink data and nothing
 * else, so poll, epoll and select need no help, and there is no second
 * descriptor that a fork, dup, closefrom or exec could tear off.
 *
 *   server, after accept()               client, after connect()
 *     memfd of OVSNL_TRANSPORT_PAGE_SIZE
 *     F_ADD_SEALS SHRINK|GROW|SEAL
 *     mmap(PROT_READ|PROT_WRITE)
 *     HELLO + SCM_RIGHTS(memfd)   --->     recvmsg(MSG_CMSG_CLOEXEC)
 *                                          mmap, close(memfd)
 *
 * HELLO is the first datagram on every connection, carrying struct ovsnl_hello.
 * The server keeps the memfd open for as long as the connection lives (ADOPT
 * needs it). A client may close it unread and work without the page: see 5.
 *
 * The server treats the page as write-only: it is shared with a client that may
 * write anything anywhere at any time. It may read two words of it: `waiters`, to
 * skip a needless wake-up, and `recv_len`, to choose how long a dump's parts
 * are. It stores through relaxed or release atomics. All numbers are in host
 * byte order.
 *
 * 3. Synchrony
 * ------------
 * On AF_NETLINK sendmsg() returns once the kernel has dealt with every message
 * and the answers are readable. So here:
 *
 *   client:
 *     lock; c = ++cookie; sendmsg({SYNC, nlmsg_seq = c} + the batch); unlock
 *     ++waiters
 *     while ((__s32)(completed - c) < 0) futex(WAIT, &completed)
 *     --waiters
 *   server, on a datagram that begins with SYNC:
 *     deal with all that follows it, write the answers
 *     completed = nlmsg_seq (release); full fence
 *     if (waiters) futex(WAKE, &completed, all)
 *
 * SYNC is always the first message of its datagram, so a batch that is
 * malformed further down still completes. Datagrams of one connection are dealt
 * with in order. FUTEX_WAIT and FUTEX_WAKE are used without FUTEX_PRIVATE_FLAG.
 * A client also watches the socket for hang-up, since a dead server wakes
 * nobody. A datagram without SYNC is dealt with in the same way; nobody waits
 * for it.
 *
 * A dump's answer may be longer than the socket's buffer. The server then sets
 * dumping = 1, writes what fits (at least the first part), completes the batch,
 * and goes on as the client drains the socket (EPOLLOUT); after writing the
 * last part (NLMSG_DONE, or the error that ends the dump) it sets dumping = 0.
 * To a client an empty socket with dumping = 1 does not mean "nothing to read"
 * but "wait": its non-blocking receive must not report EAGAIN then. One dump at
 * a time runs on a connection; a second request gets EBUSY as in the kernel.
 *
 * 4. Losses
 * ---------
 * When a message does not fit into the client's buffer (send gives EAGAIN or
 * ENOBUFS) it is lost for that client, counted by the server, and ++overruns is
 * stored once per episode; an episode ends with the next message that fits.
 * (Dump parts are never lost: they wait.) As on AF_NETLINK a message of any size
 * fits while nothing is unread, however small the buffer is. The client reports
 * ENOBUFS once from its next receive, unless it has asked for NO_ENOBUFS,
 * whatever the number of episodes since its last report.
 *
 * 5. Control messages
 * -------------------
 * struct ovsnl_ctl, client to server, in any place of a datagram (the shim
 * sends them alone behind a SYNC). The result, 0 or a positive errno, is stored
 * in ctl_errno before the datagram is completed. If NLM_F_ACK is set in
 * nlmsg_flags the server also answers in-band with an NLMSG_ERROR message
 * (error 0 or -errno, then the nlmsghdr of the control message with its
 * nlmsg_seq), for clients without the page. SYNC with NLM_F_ACK is acknowledged
 * in-band too, as the last answer to its datagram. A control message shorter
 * than its struct gets EINVAL, an unknown type of the range EOPNOTSUPP.
 *
 * - SYNC: a bare nlmsghdr; nlmsg_seq is the cookie.
 * - BIND, arg: a port id. 0: keep the one that HELLO gave. EADDRINUSE: another
 *   connection has it, which has not hung up: the server looks (POLLHUP) before
 *   it refuses, since close() on AF_NETLINK frees the port at once. `portid` in
 *   the page is updated. Port ids are unique among connections and never 0. At
 *   accept() the server prefers the peer's process id (SO_PEERCRED), as the
 *   kernel does, with the same look at who has it.
 * - ADD_MEMBERSHIP, arg: a multicast group id as nlctrl hands them out. EINVAL:
 *   0 or beyond the highest group rounded up to 64. A number below that nobody
 *   has is joined with success (and nlmsg_type 0), as in Linux 6.1; so is one
 *   joined twice.
 * - DROP_MEMBERSHIP, likewise. Leaving a group that was not joined is success.
 * - SETOPT, arg: OVSNL_OPT_*, value: see there. ENOPROTOOPT: unknown option.
 * - ADOPT, for a descriptor that came through execve(), where the page is
 *   unmapped: the client opens a second connection T, reads its HELLO, and
 *   sends ADOPT on the inherited one (D) with arg = T's port id, token = T's
 *   token. If both match, the server sends D's HELLO, with D's memfd, on T;
 *   otherwise nothing. The client then maps D's page and closes T. That T's
 *   token is known on D proves that the same program holds both.
 *
 * 6. Rights
 * ---------
 * come from SO_PEERCRED/SO_PEERGROUPS of the connection. No control message
 * needs any. RCVBUF is capped by the server: OVSNL_TRANSPORT_RCVBUF_MAX, or
 * twice /proc/sys/net/core/rmem_max for a peer without the right to make
 * changes.
 */
#ifndef OVSNL_TRANSPORT_H
#define OVSNL_TRANSPORT_H

#include <linux/netlink.h>
#include <linux/types.h>

#define OVSNL_TRANSPORT_PATH "/run/twinpath/ovs.sock"
#define OVSNL_TRANSPORT_ENV "TWINPATH_SOCKET"
/* How long clients wait for a daemon that is away, in ms. */
#define OVSNL_TRANSPORT_WAIT_ENV "TWINPATH_WAIT_MS"
#define OVSNL_TRANSPORT_VERSION 1

/* Bytes, a leading SYNC included. */
#define OVSNL_TRANSPORT_DATAGRAM_MAX (256 * 1024)
#define OVSNL_TRANSPORT_PAGE_SIZE 4096
/* Bytes, as getsockopt(SO_RCVBUF) counts them. */
#define OVSNL_TRANSPORT_RCVBUF_MAX (32 * 1024 * 1024)
/* Groups that one connection may join; one more gets ENOMEM. */
#define OVSNL_TRANSPORT_GROUPS_MAX 32

/**
 * enum ovsnl_ctl_type - nlmsg_type of control messages
 *
 * Generic netlink hands out 0x10..0x3ff, so these can't be a family's.
 */
enum ovsnl_ctl_type {
	OVSNL_CTL_HELLO = 0xff01,
	OVSNL_CTL_SYNC = 0xff02,
	OVSNL_CTL_BIND = 0xff03,
	OVSNL_CTL_ADD_MEMBERSHIP = 0xff04,
	OVSNL_CTL_DROP_MEMBERSHIP = 0xff05,
	OVSNL_CTL_SETOPT = 0xff06,
	OVSNL_CTL_ADOPT = 0xff07,
};

/* Everything from here up is reserved for control messages. */
#define OVSNL_CTL_FIRST 0xff00

/**
 * enum ovsnl_opt - arg of OVSNL_CTL_SETOPT
 * @OVSNL_OPT_EXT_ACK: value 0/1: NLMSGERR_ATTR_* TLVs in NLMSG_ERROR and _DONE
 * @OVSNL_OPT_CAP_ACK: value 0/1: NLMSG_ERROR repeats the request's header only
 * @OVSNL_OPT_STRICT_CHK: value 0/1: NETLINK_GET_STRICT_CHK
 * @OVSNL_OPT_RCVBUF: value: bytes of unread data after which messages are lost,
 *	as the kernel counts SO_RCVBUF. On unix sockets it is the writer's
 *	buffer that counts, so the server sets SO_SNDBUF (or SO_SNDBUFFORCE) of
 *	its end
 */
enum ovsnl_opt {
	OVSNL_OPT_EXT_ACK = 1,
	OVSNL_OPT_CAP_ACK = 2,
	OVSNL_OPT_STRICT_CHK = 3,
	OVSNL_OPT_RCVBUF = 4,
};

/**
 * struct ovsnl_hello - first datagram of a connection, server to client
 * @hdr: nlmsg_type OVSNL_CTL_HELLO, nlmsg_len sizeof(struct ovsnl_hello),
 * nlmsg_pid @portid
 * @version: OVSNL_TRANSPORT_VERSION; a client that does not know it hangs up
 * @portid: the connection's port id, unique and not 0
 * @token: random; what ADOPT must show
 */
struct ovsnl_hello {
	struct nlmsghdr hdr;
	__u32 version;
	__u32 portid;
	__u64 token;
};

/**
 * struct ovsnl_ctl - a control message, client to server
 * @hdr: nlmsg_type OVSNL_CTL_*, nlmsg_len sizeof(struct ovsnl_ctl)
 * @arg: port id, group or option
 * @value: the option's value
 * @token: for ADOPT
 */
struct ovsnl_ctl {
	struct nlmsghdr hdr;
	__u32 arg;
	__u32 value;
	__u64 token;
};

/**
 * struct ovsnl_group - a multicast group that the connection has joined
 * @group: its id, 0 for a free entry
 * @nlmsg_type: the family whose notifications arrive through it
 *
 * The server writes @nlmsg_type before @group.
 */
struct ovsnl_group {
	__u32 group;
	__u32 nlmsg_type;
};

/**
 * struct ovsnl_page - the shared page
 * @completed: cookie of the last SYNC that has been dealt with; a futex word;
 * starts at 0
 * @dumping: 1 while a dump has parts that are not yet written to the socket
 * @overruns: episodes of loss so far
 * @ctl_errno: result of the last control message
 * @portid: the connection's port id
 * @waiters: client's: threads that wait on @completed
 * @recv_len: client's: bytes that its largest receive call so far had room for,
 * 0 while unknown. A dump's parts are at most so long, as on AF_NETLINK, from
 * 3776 bytes up to 32448; parts for a client that leaves it 0 are at most 8192
 * @groups: memberships; entries keep their place while joined
 * @client: the client's own: the server neither reads nor writes it. Zero at
 * first
 *
 * All but @waiters, @recv_len and @client is written by the server only.
 */
struct ovsnl_page {
	__u32 completed;
	__u32 dumping;
	__u32 overruns;
	__u32 ctl_errno;
	__u32 portid;
	__u32 reserved0[11];
	__u32 waiters;
	__u32 recv_len;
	__u32 reserved1[14];
	struct ovsnl_group groups[OVSNL_TRANSPORT_GROUPS_MAX];
	__u8 reserved2[640];
	__u64 client[384];
};

_Static_assert(sizeof(struct ovsnl_hello) == 32, "wire size");
_Static_assert(sizeof(struct ovsnl_ctl) == 32, "wire size");
_Static_assert(sizeof(struct ovsnl_page) <= OVSNL_TRANSPORT_PAGE_SIZE,
	       "one page");

#endif
