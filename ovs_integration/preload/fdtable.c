// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which descriptors are emulated netlink sockets.
 *
 * Overview
 *
 *	A table of two levels; chunks of the second are made when first needed
 *	and never freed. Each non-empty slot holds one reference to its socket;
 *	descriptors made by dup() name the same one.
 *
 * Synchronisation
 *
 *	Readers take no lock. A reader may load a slot just before another
 *	thread clears it and drops the last reference; that is why the memory
 *	of sockets is never given back for other use (nlsock.c) and why
 *	a reference can't be taken from zero. After taking one the slot is read
 *	again: if it changed, the reference may be to a recycled socket.
 *	Writers hold `lock`.
 *
 * Lock order
 *
 *	nlsock's lock -> lock
 */
#define _GNU_SOURCE
#include "fdtable.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "nlsock.h"

#define CHUNKS (TWIN_FDTABLE_MAX / TWIN_FDTABLE_CHUNK)

struct twin_nlsock **twin_fdtable_root[CHUNKS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t owner;
static void (*run_in_child)(void);

struct twin_nlsock *twin_fdtable_get(int fd)
{
	struct twin_nlsock *sock;

	for (;;) {
		sock = twin_fdtable_peek(fd);
		if (!sock)
			return NULL;
		if (!twin_nlsock_hold(sock))
			continue;
		if (twin_fdtable_peek(fd) == sock)
			return sock;
		twin_nlsock_put(sock);
	}
}

static struct twin_nlsock **slot_at(int fd)
{
	struct twin_nlsock **chunk = twin_fdtable_root[fd / TWIN_FDTABLE_CHUNK];

	if (!chunk) {
		chunk = calloc(TWIN_FDTABLE_CHUNK, sizeof(*chunk));
		if (!chunk)
			return NULL;
		__atomic_store_n(&twin_fdtable_root[fd / TWIN_FDTABLE_CHUNK],
				 chunk, __ATOMIC_RELEASE);
	}
	return &chunk[fd % TWIN_FDTABLE_CHUNK];
}

int twin_fdtable_set(int fd, struct twin_nlsock *sock)
{
	struct twin_nlsock **slot, *old = NULL;
	int err = 0;

	if ((unsigned int)fd >= TWIN_FDTABLE_MAX)
		return sock ? -EMFILE : 0;
	pthread_mutex_lock(&lock);
	slot = slot_at(fd);
	if (slot) {
		if (sock)
			twin_nlsock_hold(sock);
		old = __atomic_exchange_n(slot, sock, __ATOMIC_ACQ_REL);
	} else {
		err = -ENOMEM;
	}
	pthread_mutex_unlock(&lock);
	if (old)
		twin_nlsock_put(old);
	return err;
}

void twin_fdtable_clear_range(unsigned int first, unsigned int last)
{
	unsigned int fd = first;

	if (last >= TWIN_FDTABLE_MAX)
		last = TWIN_FDTABLE_MAX - 1;
	while (fd <= last) {
		if (!twin_fdtable_root[fd / TWIN_FDTABLE_CHUNK]) {
			fd = (fd / TWIN_FDTABLE_CHUNK + 1) * TWIN_FDTABLE_CHUNK;
			continue;
		}
		if (twin_fdtable_peek(fd))
			twin_fdtable_set(fd, NULL);
		fd++;
	}
}

static void visit_chunk(int base, struct twin_nlsock *sock,
			void (*visit)(int fd, struct twin_nlsock *sock,
				      void *arg),
			void *arg)
{
	struct twin_nlsock **chunk =
		twin_fdtable_root[base / TWIN_FDTABLE_CHUNK];
	int i;

	for (i = 0; chunk && i < TWIN_FDTABLE_CHUNK; i++)
		if (chunk[i] && (!sock || chunk[i] == sock))
			visit(base + i, chunk[i], arg);
}

void twin_fdtable_for_each(struct twin_nlsock *sock,
			   void (*visit)(int fd, struct twin_nlsock *sock,
					 void *arg),
			   void *arg)
{
	int base;

	pthread_mutex_lock(&lock);
	for (base = 0; base < TWIN_FDTABLE_MAX; base += TWIN_FDTABLE_CHUNK)
		visit_chunk(base, sock, visit, arg);
	pthread_mutex_unlock(&lock);
}

bool twin_fdtable_is_borrowed(void)
{
	return owner && getpid() != owner;
}

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork_in_parent(void)
{
	pthread_mutex_unlock(&lock);
}

static void after_fork_in_child(void)
{
	owner = getpid();
	pthread_mutex_init(&lock, NULL);
	run_in_child();
}

void twin_fdtable_init(void (*in_child)(void))
{
	owner = getpid();
	run_in_child = in_child;
	pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}
