// SPDX-License-Identifier: BSD-3-Clause
/*
 * An emulated netlink socket: its messages.
 *
 * Overview
 *
 *	Sending waits until the daemon has dealt with the batch, as AF_NETLINK
 *	does (ovsnl_transport_send()). Receiving is the unix socket's own
 *	recvmsg(), with three differences: ENOBUFS after a loss, "nothing there"
 *	only if no dump is on its way, and the sender's name.
 *
 *	If the daemon dies a send tries to reach its successor. A batch that
 *	the dead one had not taken goes there; one that it may have dealt with
 *	does not. In either case the next receive says ENOBUFS, which is how
 *	netlink tells that answers or notifications are missing.
 */
#define _GNU_SOURCE
#include "nlsock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "real.h"

/* Nobody signals the end of a dump: how often to look, in ms. */
#define DUMP_LOOK_MS 100
/* How often to look for the daemon's return in a blocking receive, in ms. */
#define RETURN_LOOK_MS 500

static size_t total_length(const struct msghdr *msg)
{
	size_t i, total = 0;

	for (i = 0; i < msg->msg_iovlen; i++)
		total += msg->msg_iov[i].iov_len;
	return total;
}

/* The port to which a message goes; 0 is the daemon. */
static int destination(const struct msghdr *msg, struct ovsnl_page *page,
		       __u32 *pid)
{
	const struct sockaddr_nl *name = msg->msg_name;

	if (!msg->msg_name || !msg->msg_namelen) {
		*pid = twin_nlsock_shared(page)->peer_pid;
		return 0;
	}
	if (msg->msg_namelen < sizeof(*name) || name->nl_family != AF_NETLINK)
		return -EINVAL;
	*pid = name->nl_pid;
	return 0;
}

static ssize_t transmit(struct twin_nlsock *sock, int fd,
			const struct msghdr *msg)
{
	struct ovsnl_page *page;
	ssize_t n;
	int tries, err;

	for (tries = 0; tries < 2; tries++) {
		err = twin_nlsock_page_wait(sock, fd, &page);
		if (err)
			return err;
		n = ovsnl_transport_send(fd, page, msg->msg_iov,
					 msg->msg_iovlen);
		if (n != -EPIPE && n != -ECONNRESET)
			return n;
		twin_nlsock_hangup(sock, page);
		if (n == -ECONNRESET)
			return total_length(msg);
	}
	return -ECONNREFUSED;
}

ssize_t twin_nlsock_sendmsg(struct twin_nlsock *sock, int fd,
			    const struct msghdr *msg, int flags)
{
	struct ovsnl_page *page;
	__u32 pid;
	int err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (!total_length(msg))
		return -ENODATA;
	err = twin_nlsock_page_wait(sock, fd, &page);
	if (!err)
		err = destination(msg, page, &pid);
	if (err)
		return err;
	twin_nlsock_assign(page, TWIN_NLSOCK_BOUND, true);
	/* Messages between programs don't go through a daemon. */
	if (pid)
		return -ECONNREFUSED;
	return transmit(sock, fd, msg);
}

/*
 * The first message's header, even if the program's vector splits it. @len is
 * the datagram's length, which may be more than the vector holds.
 */
static bool first_header(const struct iovec *iov, size_t iovcnt, size_t len,
			 struct nlmsghdr *nlh)
{
	size_t have = 0, part;

	if (len < sizeof(*nlh))
		return false;
	for (; iovcnt && have < sizeof(*nlh); iov++, iovcnt--) {
		part = iov->iov_len;
		if (part > sizeof(*nlh) - have)
			part = sizeof(*nlh) - have;
		memcpy((char *)nlh + have, iov->iov_base, part);
		have += part;
	}
	return have == sizeof(*nlh);
}

/* Append a control message as the kernel would. */
static void put_cmsg(struct msghdr *msg, size_t *used, int level, int type,
		     const void *data, size_t size)
{
	size_t room = msg->msg_controllen - *used, len = CMSG_LEN(size);
	struct cmsghdr *cmsg;

	if (!msg->msg_control || room < sizeof(*cmsg)) {
		msg->msg_flags |= MSG_CTRUNC;
		return;
	}
	if (len > room) {
		msg->msg_flags |= MSG_CTRUNC;
		len = room;
	}
	cmsg = (struct cmsghdr *)((char *)msg->msg_control + *used);
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = len;
	memcpy(CMSG_DATA(cmsg), data, len - CMSG_LEN(0));
	*used += CMSG_SPACE(size) < room ? CMSG_SPACE(size) : room;
}

static void put_name(struct msghdr *msg, __u32 group)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK };
	socklen_t len = msg->msg_namelen;

	if (group && group <= 32)
		name.nl_groups = 1U << (group - 1);
	memcpy(msg->msg_name, &name, len < sizeof(name) ? len : sizeof(name));
	msg->msg_namelen = sizeof(name);
}

/* Fill in what AF_NETLINK says beside the data: sender and control messages. */
static void describe(struct ovsnl_page *page, struct msghdr *msg, size_t len)
{
	bool pktinfo = twin_nlsock_has(page, TWIN_NLSOCK_PKTINFO);
	const struct ucred kernel = { 0 };
	struct nl_pktinfo info = { 0 };
	struct nlmsghdr nlh;
	size_t used = 0;

	if ((msg->msg_name || pktinfo) &&
	    first_header(msg->msg_iov, msg->msg_iovlen, len, &nlh))
		info.group = ovsnl_transport_group(page, &nlh);
	if (msg->msg_name)
		put_name(msg, info.group);
	if (pktinfo)
		put_cmsg(msg, &used, SOL_NETLINK, NETLINK_PKTINFO, &info,
			 sizeof(info));
	if (twin_nlsock_has(page, TWIN_NLSOCK_PASSCRED))
		put_cmsg(msg, &used, SOL_SOCKET, SCM_CREDENTIALS, &kernel,
			 sizeof(kernel));
	msg->msg_controllen = used;
}

static bool is_nonblocking(int fd, int flags)
{
	return flags & MSG_DONTWAIT ||
	       twin_real()->fcntl(fd, F_GETFL) & O_NONBLOCK;
}

/* One try on the unix socket, leaving *@msg as it is. -EPIPE: hung up. */
static ssize_t receive(int fd, const struct msghdr *msg, int flags,
		       int *msg_flags)
{
	struct msghdr plain = { .msg_iov = msg->msg_iov,
				.msg_iovlen = msg->msg_iovlen };
	ssize_t n;

	n = twin_real()->recvmsg(fd, &plain, flags);
	*msg_flags = plain.msg_flags;
	if (n > 0 || (!n && plain.msg_flags & MSG_TRUNC))
		return n;
	if (!n || errno == ECONNRESET || errno == ENOTCONN || errno == ENOTSOCK)
		return -EPIPE;
	return -errno;
}

static void wait_input(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	poll(&pfd, 1, ms);
}

/* The daemon is away. Return 0 to try again. */
static int wait_return(int fd, int flags)
{
	if (is_nonblocking(fd, flags))
		return -EAGAIN;
	wait_input(fd, RETURN_LOOK_MS);
	return 0;
}

/* One round of receiving. -EINPROGRESS: another is needed. */
static ssize_t receive_round(struct twin_nlsock *sock, int fd,
			     struct msghdr *msg, int flags)
{
	struct ovsnl_page *page;
	int msg_flags, err;
	bool dumping;
	ssize_t n;

	err = twin_nlsock_page(sock, fd, &page);
	if (!page)
		return err;
	if (twin_nlsock_lost(sock))
		return -ENOBUFS;
	if (err) {
		err = wait_return(fd, flags);
		return err ? err : -EINPROGRESS;
	}
	ovsnl_transport_room(page, total_length(msg));
	dumping = ovsnl_transport_dumping(page);
	n = receive(fd, msg, flags, &msg_flags);
	if (n >= 0) {
		msg->msg_flags = msg_flags;
		describe(page, msg, n);
		return n;
	}
	if (n == -EAGAIN && dumping) {
		wait_input(fd, DUMP_LOOK_MS);
		return -EINPROGRESS;
	}
	if (n == -EPIPE) {
		twin_nlsock_hangup(sock, page);
		return -EINPROGRESS;
	}
	return n;
}

ssize_t twin_nlsock_recvmsg(struct twin_nlsock *sock, int fd,
			    struct msghdr *msg, int flags)
{
	ssize_t n;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	do
		n = receive_round(sock, fd, msg, flags);
	while (n == -EINPROGRESS);
	return n;
}
