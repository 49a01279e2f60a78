/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which descriptors are emulated netlink sockets.
 *
 * Every replaced libc function asks here first, for any descriptor of the
 * program, so the answer for all others must cost next to nothing: two loads.
 */
#ifndef TWIN_FDTABLE_H
#define TWIN_FDTABLE_H

#include <stdbool.h>
#include <stddef.h>

struct twin_nlsock;

/* Descriptors 0..TWIN_FDTABLE_MAX-1 can be netlink sockets (the kernel's
 * default fs.nr_open is the same number). */
#define TWIN_FDTABLE_MAX (1024 * 1024)
#define TWIN_FDTABLE_CHUNK 1024

extern struct twin_nlsock **twin_fdtable_root[];

/**
 * twin_fdtable_peek() - what stands at a descriptor
 * @fd: any number
 *
 * Context: any thread, async-signal-safe, lock-free.
 * Return: the socket, without a reference: good for comparing with NULL only.
 */
static inline struct twin_nlsock *twin_fdtable_peek(int fd)
{
	struct twin_nlsock **chunk;

	if ((unsigned int)fd >= TWIN_FDTABLE_MAX)
		return NULL;
	chunk = __atomic_load_n(&twin_fdtable_root[fd / TWIN_FDTABLE_CHUNK],
				__ATOMIC_ACQUIRE);
	if (!chunk)
		return NULL;
	return __atomic_load_n(&chunk[fd % TWIN_FDTABLE_CHUNK],
			       __ATOMIC_ACQUIRE);
}

/**
 * twin_fdtable_get() - find the socket at a descriptor
 * @fd: any number
 *
 * Context: any thread, lock-free.
 * Return: the socket with a reference that the caller puts, or NULL.
 */
struct twin_nlsock *twin_fdtable_get(int fd);

/**
 * twin_fdtable_set() - note that a descriptor is a socket, or is none
 * @fd: a descriptor that the caller has just made
 * @sock: the socket, of which the table takes a reference of its own, or NULL
 *
 * What stood there before loses the table's reference.
 *
 * Context: any thread; takes the table's lock.
 * Return: 0, -EMFILE (@fd is too large) or -ENOMEM.
 */
int twin_fdtable_set(int fd, struct twin_nlsock *sock);

/**
 * twin_fdtable_clear_range() - note that descriptors have been closed
 * @first: first of them
 * @last: last of them, any number
 *
 * Context: any thread; takes the table's lock.
 */
void twin_fdtable_clear_range(unsigned int first, unsigned int last);

/**
 * twin_fdtable_for_each() - visit the descriptors of a socket
 * @sock: the socket, or NULL for all sockets
 * @visit: called with the table locked; must not call the table
 * @arg: passed on to @visit
 *
 * No descriptor that is visited can be closed meanwhile.
 *
 * Context: any thread; takes the table's lock.
 */
void twin_fdtable_for_each(struct twin_nlsock *sock,
			   void (*visit)(int fd, struct twin_nlsock *sock,
					 void *arg),
			   void *arg);

/**
 * twin_fdtable_is_borrowed() - is this the child of a vfork()?
 *
 * Such a child has descriptors of its own but its parent's memory, so what it
 * closes or dups must not be noted.
 *
 * Context: any thread; a system call.
 * Return: true if so.
 */
bool twin_fdtable_is_borrowed(void);

/**
 * twin_fdtable_init() - to be called from the library's constructor
 * @in_child: called in the child of each fork(), without any lock held
 */
void twin_fdtable_init(void (*in_child)(void));

#endif
