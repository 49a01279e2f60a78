// SPDX-License-Identifier: BSD-3-Clause
/*
 * The control thread's event loop.
 *
 * Overview
 *
 *	epoll over descriptors that are embedded in their owners, plus hooks
 *	that run once a round (reclamation, retries).
 *
 * Life cycle
 *
 *	An owner may be removed while events for it are still in the array of
 *	the round. So removal clears the callback at once and puts off freeing
 *	to the end of the round.
 *
 * Synchronisation
 *
 *	None: one thread.
 */
#include "loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MAX_EVENTS 64
#define MAX_HOOKS 8

static int epoll_fd = -1;
static bool stopped;
static struct twin_watch *removed;
static int (*hooks[MAX_HOOKS])(void);
static unsigned int n_hooks;

int twin_loop_init(void)
{
	stopped = false;
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_fd < 0 ? -errno : 0;
}

static void dispose_removed(void)
{
	struct twin_watch *watch;

	while (removed) {
		watch = removed;
		removed = watch->next;
		if (watch->dispose)
			watch->dispose(watch);
	}
}

void twin_loop_fini(void)
{
	dispose_removed();
	if (epoll_fd >= 0)
		close(epoll_fd);
	epoll_fd = -1;
	n_hooks = 0;
}

int twin_loop_add(struct twin_watch *watch, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = watch };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, watch->fd, &ev) < 0)
		return -errno;
	return 0;
}

void twin_loop_modify(struct twin_watch *watch, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = watch };

	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, watch->fd, &ev);
}

void twin_loop_remove(struct twin_watch *watch)
{
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->ready = NULL;
	watch->next = removed;
	removed = watch;
}

int twin_loop_hook(int (*hook)(void))
{
	if (n_hooks == MAX_HOOKS)
		return -ENOSPC;
	hooks[n_hooks++] = hook;
	return 0;
}

static int run_hooks(void)
{
	int timeout = -1, wanted;
	unsigned int i;

	for (i = 0; i < n_hooks; i++) {
		wanted = hooks[i]();
		if (wanted >= 0 && (timeout < 0 || wanted < timeout))
			timeout = wanted;
	}
	return timeout;
}

void twin_loop_run(void)
{
	struct epoll_event events[MAX_EVENTS];
	struct twin_watch *watch;
	int i, n;

	while (!stopped) {
		n = epoll_wait(epoll_fd, events, MAX_EVENTS, run_hooks());
		for (i = 0; i < n; i++) {
			watch = events[i].data.ptr;
			if (watch->ready)
				watch->ready(watch, events[i].events);
		}
		dispose_removed();
	}
	stopped = false;
}

void twin_loop_stop(void)
{
	stopped = true;
}
