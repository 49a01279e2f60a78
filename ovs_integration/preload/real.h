/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libc's own versions of the functions that this library replaces.
 */
#ifndef TWIN_REAL_H
#define TWIN_REAL_H

#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#define TWIN_REAL_SOCKET(X)                                          \
	X(int, socket, (int, int, int))                              \
	X(int, bind, (int, const struct sockaddr *, socklen_t))      \
	X(int, connect, (int, const struct sockaddr *, socklen_t))   \
	X(int, getsockname, (int, struct sockaddr *, socklen_t *))   \
	X(int, getpeername, (int, struct sockaddr *, socklen_t *))   \
	X(int, setsockopt, (int, int, int, const void *, socklen_t)) \
	X(int, getsockopt, (int, int, int, void *, socklen_t *))     \
	X(int, listen, (int, int))                                   \
	X(int, accept, (int, struct sockaddr *, socklen_t *))        \
	X(int, accept4, (int, struct sockaddr *, socklen_t *, int))  \
	X(int, shutdown, (int, int))

#define TWIN_REAL_IO(X)                                                       \
	X(ssize_t, send, (int, const void *, size_t, int))                    \
	X(ssize_t, sendto,                                                    \
	  (int, const void *, size_t, int, const struct sockaddr *,           \
	   socklen_t))                                                        \
	X(ssize_t, sendmsg, (int, const struct msghdr *, int))                \
	X(int, sendmmsg, (int, struct mmsghdr *, unsigned int, int))          \
	X(ssize_t, write, (int, const void *, size_t))                        \
	X(ssize_t, writev, (int, const struct iovec *, int))                  \
	X(ssize_t, recv, (int, void *, size_t, int))                          \
	X(ssize_t, recvfrom,                                                  \
	  (int, void *, size_t, int, struct sockaddr *, socklen_t *))         \
	X(ssize_t, recvmsg, (int, struct msghdr *, int))                      \
	X(int, recvmmsg,                                                      \
	  (int, struct mmsghdr *, unsigned int, int, struct timespec *))      \
	X(ssize_t, read, (int, void *, size_t))                               \
	X(ssize_t, readv, (int, const struct iovec *, int))                   \
	X(ssize_t, __recv_chk, (int, void *, size_t, size_t, int))            \
	X(ssize_t, __recvfrom_chk,                                            \
	  (int, void *, size_t, size_t, int, struct sockaddr *, socklen_t *)) \
	X(ssize_t, __read_chk, (int, void *, size_t, size_t))

#define TWIN_REAL_FD(X)                                        \
	X(int, close, (int))                                   \
	X(int, close_range, (unsigned int, unsigned int, int)) \
	X(void, closefrom, (int))                              \
	X(int, dup, (int))                                     \
	X(int, dup2, (int, int))                               \
	X(int, dup3, (int, int, int))                          \
	X(int, fcntl, (int, int, ...))                         \
	X(int, fcntl64, (int, int, ...))                       \
	X(int, ioctl, (int, unsigned long, ...))               \
	X(int, epoll_ctl, (int, int, int, struct epoll_event *))

#define TWIN_REAL_ALL(X) TWIN_REAL_SOCKET(X) TWIN_REAL_IO(X) TWIN_REAL_FD(X)

#define TWIN_REAL_MEMBER(ret, name, args) ret(*name) args;

/**
 * struct twin_real_table - the functions
 * @ready: all pointers are set; released last
 */
struct twin_real_table {
	TWIN_REAL_ALL(TWIN_REAL_MEMBER)
	bool ready;
};

extern struct twin_real_table twin_real_table;

/**
 * twin_real_init() - look the functions up
 *
 * Ends the process with a message if the C library lacks one of them.
 *
 * Context: any thread, also before this library's constructor has run; twice
 * at once does no harm.
 */
void twin_real_init(void);

/**
 * twin_real() - the functions
 *
 * Context: any thread, any time.
 * Return: the table, all of it set.
 */
static inline const struct twin_real_table *twin_real(void)
{
	if (!__builtin_expect(__atomic_load_n(&twin_real_table.ready,
					      __ATOMIC_ACQUIRE),
			      1))
		twin_real_init();
	return &twin_real_table;
}

#endif
