// SPDX-License-Identifier: BSD-3-Clause
/*
 * Replaced libc functions: descriptors come and go.
 *
 * Overview
 *
 *	A descriptor leaves the table before libc closes it, since another
 *	thread may get its number at once; and enters it after libc has made it.
 *	In the child of a vfork() the table is the parent's and stays as it is.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "entry.h"

int fcntl64(int fd, int cmd, ...);

int close(int fd)
{
	if (twin_fdtable_peek(fd) && !twin_fdtable_is_borrowed())
		twin_fdtable_set(fd, NULL);
	return twin_real()->close(fd);
}

int close_range(unsigned int first, unsigned int last, int flags)
{
	int err = twin_real()->close_range(first, last, flags);

	if (!err && !(flags & CLOSE_RANGE_CLOEXEC) &&
	    !twin_fdtable_is_borrowed())
		twin_fdtable_clear_range(first, last);
	return err;
}

void closefrom(int first)
{
	twin_real()->closefrom(first);
	if (!twin_fdtable_is_borrowed())
		twin_fdtable_clear_range(first < 0 ? 0 : first, ~0U);
}

/* @copy was made from @fd. Returns @copy, or -1 if that can't be noted. */
static int note_copy(int fd, int copy)
{
	struct twin_nlsock *sock;
	int err;

	if (copy < 0 || (!twin_fdtable_peek(fd) && !twin_fdtable_peek(copy)) ||
	    twin_fdtable_is_borrowed())
		return copy;
	sock = twin_fdtable_get(fd);
	err = twin_fdtable_set(copy, sock);
	if (sock)
		twin_nlsock_put(sock);
	if (!err)
		return copy;
	twin_real()->close(copy);
	errno = -err;
	return -1;
}

int dup(int fd)
{
	return note_copy(fd, twin_real()->dup(fd));
}

int dup2(int fd, int copy)
{
	return note_copy(fd, twin_real()->dup2(fd, copy));
}

int dup3(int fd, int copy, int flags)
{
	return note_copy(fd, twin_real()->dup3(fd, copy, flags));
}

int fcntl(int fd, int cmd, ...)
{
	va_list ap;
	void *arg;
	int ret;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	ret = twin_real()->fcntl(fd, cmd, arg);
	return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC ? note_copy(fd, ret)
							: ret;
}

int fcntl64(int fd, int cmd, ...)
{
	va_list ap;
	void *arg;
	int ret;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	ret = twin_real()->fcntl64(fd, cmd, arg);
	return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC ? note_copy(fd, ret)
							: ret;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	/* Unix sockets know these, netlink sockets do not. */
	if ((request == FIONREAD || request == TIOCOUTQ) &&
	    twin_fdtable_peek(fd)) {
		errno = ENOTTY;
		return -1;
	}
	return twin_real()->ioctl(fd, request, arg);
}

int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	struct twin_nlsock *sock = twin_entry_find(fd);
	int ret = twin_real()->epoll_ctl(epfd, op, fd, event);

	if (!sock)
		return ret;
	if (!ret)
		twin_nlsock_watch(sock, epfd, op, fd, event);
	twin_nlsock_put(sock);
	return ret;
}

static void __attribute__((constructor)) start(void)
{
	twin_real_init();
	twin_fdtable_init(twin_nlsock_after_fork);
	twin_nlsock_inherit();
}
