// SPDX-License-Identifier: BSD-3-Clause
/*
 * Replaced libc functions: sending and receiving.
 *
 * All of them come down to sendmsg and recvmsg of nlsock. The `_chk` variants
 * are what programs call that were built with _FORTIFY_SOURCE.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "entry.h"

ssize_t __recv_chk(int fd, void *buf, size_t len, size_t size, int flags);
ssize_t __recvfrom_chk(int fd, void *buf, size_t len, size_t size, int flags,
		       __SOCKADDR_ARG addr, socklen_t *addr_len);
ssize_t __read_chk(int fd, void *buf, size_t len, size_t size);

/* Sending */

static ssize_t send_buf(struct twin_nlsock *sock, int fd, const void *buf,
			size_t len, int flags, const struct sockaddr *addr,
			socklen_t addr_len)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct msghdr msg = {
		.msg_name = (void *)addr,
		.msg_namelen = addr_len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	return twin_entry_result(sock,
				 twin_nlsock_sendmsg(sock, fd, &msg, flags));
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->send(fd, buf, len, flags);
	return send_buf(sock, fd, buf, len, flags, NULL, 0);
}

ssize_t sendto(int fd, const void *buf, size_t len, int flags,
	       __CONST_SOCKADDR_ARG addr, socklen_t addr_len)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->sendto(fd, buf, len, flags,
					   addr.__sockaddr__, addr_len);
	return send_buf(sock, fd, buf, len, flags, addr.__sockaddr__, addr_len);
}

ssize_t write(int fd, const void *buf, size_t len)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->write(fd, buf, len);
	return send_buf(sock, fd, buf, len, 0, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->sendmsg(fd, msg, flags);
	if (msg->msg_iovlen > IOV_MAX)
		return twin_entry_result(sock, -EMSGSIZE);
	return twin_entry_result(sock,
				 twin_nlsock_sendmsg(sock, fd, msg, flags));
}

ssize_t writev(int fd, const struct iovec *iov, int iovcnt)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)iov,
			      .msg_iovlen = iovcnt };
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->writev(fd, iov, iovcnt);
	if (iovcnt < 0 || iovcnt > IOV_MAX)
		return twin_entry_result(sock, -EINVAL);
	return twin_entry_result(sock, twin_nlsock_sendmsg(sock, fd, &msg, 0));
}

int sendmmsg(int fd, struct mmsghdr *vec, unsigned int count, int flags)
{
	struct twin_nlsock *sock = twin_entry_find(fd);
	unsigned int done;
	ssize_t n = 0;

	if (!sock)
		return twin_real()->sendmmsg(fd, vec, count, flags);
	for (done = 0; done < count && done < IOV_MAX; done++) {
		n = twin_nlsock_sendmsg(sock, fd, &vec[done].msg_hdr, flags);
		if (n < 0)
			break;
		vec[done].msg_len = n;
	}
	return twin_entry_result(sock, done ? (ssize_t)done : n);
}

/* Receiving */

static ssize_t recv_buf(struct twin_nlsock *sock, int fd, void *buf, size_t len,
			int flags, struct sockaddr *addr, socklen_t *addr_len)
{
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = {
		.msg_name = addr_len ? addr : NULL,
		.msg_namelen = addr && addr_len ? *addr_len : 0,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n;

	n = twin_nlsock_recvmsg(sock, fd, &msg, flags);
	if (n >= 0 && addr && addr_len)
		*addr_len = msg.msg_namelen;
	return twin_entry_result(sock, n);
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->recv(fd, buf, len, flags);
	return recv_buf(sock, fd, buf, len, flags, NULL, NULL);
}

ssize_t __recv_chk(int fd, void *buf, size_t len, size_t size, int flags)
{
	struct twin_nlsock *sock = NULL;

	if (len <= size)
		sock = twin_entry_find(fd);
	if (!sock)
		return twin_real()->__recv_chk(fd, buf, len, size, flags);
	return recv_buf(sock, fd, buf, len, flags, NULL, NULL);
}

ssize_t recvfrom(int fd, void *buf, size_t len, int flags, __SOCKADDR_ARG addr,
		 socklen_t *addr_len)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->recvfrom(fd, buf, len, flags,
					     addr.__sockaddr__, addr_len);
	return recv_buf(sock, fd, buf, len, flags, addr.__sockaddr__, addr_len);
}

ssize_t __recvfrom_chk(int fd, void *buf, size_t len, size_t size, int flags,
		       __SOCKADDR_ARG addr, socklen_t *addr_len)
{
	struct twin_nlsock *sock = NULL;

	if (len <= size)
		sock = twin_entry_find(fd);
	if (!sock)
		return twin_real()->__recvfrom_chk(fd, buf, len, size, flags,
						   addr.__sockaddr__, addr_len);
	return recv_buf(sock, fd, buf, len, flags, addr.__sockaddr__, addr_len);
}

static ssize_t read_buf(struct twin_nlsock *sock, int fd, void *buf, size_t len)
{
	/* read() of nothing takes nothing, other than recv(). */
	if (!len)
		return twin_entry_result(sock, 0);
	return recv_buf(sock, fd, buf, len, 0, NULL, NULL);
}

ssize_t read(int fd, void *buf, size_t len)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->read(fd, buf, len);
	return read_buf(sock, fd, buf, len);
}

ssize_t __read_chk(int fd, void *buf, size_t len, size_t size)
{
	struct twin_nlsock *sock = NULL;

	if (len <= size)
		sock = twin_entry_find(fd);
	if (!sock)
		return twin_real()->__read_chk(fd, buf, len, size);
	return read_buf(sock, fd, buf, len);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->recvmsg(fd, msg, flags);
	if (msg->msg_iovlen > IOV_MAX)
		return twin_entry_result(sock, -EMSGSIZE);
	return twin_entry_result(sock,
				 twin_nlsock_recvmsg(sock, fd, msg, flags));
}

ssize_t readv(int fd, const struct iovec *iov, int iovcnt)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)iov,
			      .msg_iovlen = iovcnt };
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->readv(fd, iov, iovcnt);
	if (iovcnt < 0 || iovcnt > IOV_MAX)
		return twin_entry_result(sock, -EINVAL);
	return twin_entry_result(sock, twin_nlsock_recvmsg(sock, fd, &msg, 0));
}

static bool is_past(const struct timespec *end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end->tv_sec ||
	       (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

static void add_time(struct timespec *end, const struct timespec *timeout)
{
	clock_gettime(CLOCK_MONOTONIC, end);
	end->tv_sec += timeout->tv_sec;
	end->tv_nsec += timeout->tv_nsec;
	if (end->tv_nsec >= 1000000000) {
		end->tv_nsec -= 1000000000;
		end->tv_sec++;
	}
}

int recvmmsg(int fd, struct mmsghdr *vec, unsigned int count, int flags,
	     struct timespec *timeout)
{
	struct twin_nlsock *sock = twin_entry_find(fd);
	struct timespec end;
	unsigned int done;
	ssize_t n = 0;

	if (!sock)
		return twin_real()->recvmmsg(fd, vec, count, flags, timeout);
	if (timeout)
		add_time(&end, timeout);
	for (done = 0; done < count && done < IOV_MAX;) {
		n = twin_nlsock_recvmsg(sock, fd, &vec[done].msg_hdr,
					flags & ~MSG_WAITFORONE);
		if (n < 0)
			break;
		vec[done++].msg_len = n;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		/* Looked at between messages only, as in the kernel. */
		if (timeout && is_past(&end))
			break;
	}
	return twin_entry_result(sock, done ? (ssize_t)done : n);
}
