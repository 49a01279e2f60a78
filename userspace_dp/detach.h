/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_DETACH_H
#define TWIN_DETACH_H

#include "options.h"

/* How the daemon starts and tells that it is ready. */

/** twin_detach_start() - go to the background if that is asked for.
 * In the parent it does not return: that waits until the child is ready, then
 * exits with 0, or with the child's status if it ends first. Called before any
 * thread is made. Return: 0 or -errno.
 */
int twin_detach_start(const struct twin_options *opt);

/** twin_detach_ready() - write the pid file, tell systemd and the parent.
 * Return: 0 or -errno, said on the log.
 */
int twin_detach_ready(const struct twin_options *opt);

/** twin_detach_end() - remove the pid file. */
void twin_detach_end(const struct twin_options *opt);

#endif
