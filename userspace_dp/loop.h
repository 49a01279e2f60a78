/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_LOOP_H
#define TWIN_LOOP_H

#include <stdint.h>

/* The control thread's event loop: file descriptors and a few hooks. All of
 * it runs on the control thread.
 */

/**
 * struct twin_watch - a watched descriptor, embedded in its owner.
 * @fd: the descriptor
 * @ready: called with the EPOLL* bits that are set
 * @dispose: frees the owner after twin_loop_remove(), once no event of the
 *           present round can refer to it any more; may be NULL
 * @next: the loop's own
 */
struct twin_watch {
	int fd;
	void (*ready)(struct twin_watch *watch, uint32_t events);
	void (*dispose)(struct twin_watch *watch);
	struct twin_watch *next;
};

/** twin_loop_init() - set up. Return: 0 or -errno. */
int twin_loop_init(void);

/** twin_loop_fini() - release what init took and dispose what is removed. */
void twin_loop_fini(void);

/** twin_loop_add() - watch for @events (EPOLLIN, ...; level-triggered).
 * Return: 0 or -errno (ENOMEM, ENOSPC).
 */
int twin_loop_add(struct twin_watch *watch, uint32_t events);

/** twin_loop_modify() - watch for other events. */
void twin_loop_modify(struct twin_watch *watch, uint32_t events);

/** twin_loop_remove() - stop watching; @watch->ready is not called again. The
 * descriptor must still be open.
 */
void twin_loop_remove(struct twin_watch *watch);

/**
 * twin_loop_hook() - have @hook called once a round.
 * @hook: returns in how many milliseconds it wants to be called again at the
 *        latest, or -1 when it doesn't care
 * Up to 8 hooks. Return: 0 or -ENOSPC.
 */
int twin_loop_hook(int (*hook)(void));

/** twin_loop_run() - serve until twin_loop_stop() is called; may be repeated. */
void twin_loop_run(void);

/** twin_loop_stop() - let twin_loop_run() return after this round. */
void twin_loop_stop(void);

#endif
