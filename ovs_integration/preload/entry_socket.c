// SPDX-License-Identifier: BSD-3-Clause
/*
 * Replaced libc functions: making, naming and setting up sockets.
 *
 * Each looks its descriptor up and hands the call to nlsock or to libc; it
 * holds no logic of its own.
 */
#define _GNU_SOURCE
#include <linux/netlink.h>
#include <sys/socket.h>

#include "entry.h"

static bool is_genl(int domain, int type, int protocol)
{
	int base = type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);

	return domain == AF_NETLINK && protocol == NETLINK_GENERIC &&
	       (base == SOCK_RAW || base == SOCK_DGRAM);
}

int socket(int domain, int type, int protocol)
{
	int fd;

	if (!is_genl(domain, type, protocol)) {
		fd = twin_real()->socket(domain, type, protocol);
		/* Something that this library can't see closed the number. */
		if (fd >= 0 && twin_fdtable_peek(fd))
			twin_fdtable_set(fd, NULL);
		return fd;
	}
	fd = twin_nlsock_create(type);
	if (fd >= 0)
		return fd;
	errno = -fd;
	return -1;
}

int bind(int fd, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->bind(fd, addr.__sockaddr__, len);
	return twin_entry_result(
		sock, twin_nlsock_bind(sock, fd, addr.__sockaddr__, len));
}

int connect(int fd, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->connect(fd, addr.__sockaddr__, len);
	return twin_entry_result(
		sock, twin_nlsock_connect(sock, fd, addr.__sockaddr__, len));
}

int getsockname(int fd, __SOCKADDR_ARG addr, socklen_t *len)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->getsockname(fd, addr.__sockaddr__, len);
	return twin_entry_result(
		sock,
		twin_nlsock_getsockname(sock, fd, addr.__sockaddr__, len));
}

int getpeername(int fd, __SOCKADDR_ARG addr, socklen_t *len)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->getpeername(fd, addr.__sockaddr__, len);
	return twin_entry_result(
		sock,
		twin_nlsock_getpeername(sock, fd, addr.__sockaddr__, len));
}

int setsockopt(int fd, int level, int name, const void *val, socklen_t len)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->setsockopt(fd, level, name, val, len);
	return twin_entry_result(sock, twin_nlsock_setsockopt(sock, fd, level,
							      name, val, len));
}

int getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->getsockopt(fd, level, name, val, len);
	return twin_entry_result(sock, twin_nlsock_getsockopt(sock, fd, level,
							      name, val, len));
}

int listen(int fd, int backlog)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->listen(fd, backlog);
	return twin_entry_result(sock, -EOPNOTSUPP);
}

int accept(int fd, __SOCKADDR_ARG addr, socklen_t *len)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->accept(fd, addr.__sockaddr__, len);
	return twin_entry_result(sock, -EOPNOTSUPP);
}

int accept4(int fd, __SOCKADDR_ARG addr, socklen_t *len, int flags)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->accept4(fd, addr.__sockaddr__, len, flags);
	return twin_entry_result(sock, -EOPNOTSUPP);
}

int shutdown(int fd, int how)
{
	struct twin_nlsock *sock = twin_entry_find(fd);

	if (!sock)
		return twin_real()->shutdown(fd, how);
	return twin_entry_result(sock, -EOPNOTSUPP);
}
