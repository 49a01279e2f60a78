/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the replaced functions have in common.
 */
#ifndef TWIN_ENTRY_H
#define TWIN_ENTRY_H

#include <errno.h>

#include "fdtable.h"
#include "nlsock.h"
#include "real.h"

/**
 * twin_entry_find() - is a descriptor an emulated socket?
 * @fd: any number
 *
 * Context: any thread, lock-free.
 * Return: the socket, to be released by twin_entry_result(), or NULL.
 */
static inline struct twin_nlsock *twin_entry_find(int fd)
{
	if (!__builtin_expect(!!twin_fdtable_peek(fd), 0))
		return NULL;
	return twin_fdtable_get(fd);
}

/**
 * twin_entry_result() - end a call on an emulated socket
 * @sock: from twin_entry_find()
 * @result: what the call gives, or -errno
 *
 * Return: @result, or -1 with errno set.
 */
static inline ssize_t twin_entry_result(struct twin_nlsock *sock,
					ssize_t result)
{
	twin_nlsock_put(sock);
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

#endif
