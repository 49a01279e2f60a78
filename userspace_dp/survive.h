/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_SURVIVE_H
#define TWIN_SURVIVE_H

#include "genl.h"

/* What survives the daemon: twin netdevs, datapaths, vports, pins of receive
 * queues and the like, flows, meters and limits, recorded in a journal as the
 * requests that make them. Control thread.
 */

/** twin_survive_start() - restore what an earlier daemon recorded at @path, and
 * record all changes from now on. Workers run, families are registered, the
 * socket does not answer yet.
 *
 * Says on the log what could not be restored. Return: 0 or -errno when nothing
 * can be recorded at @path (-EBUSY: another daemon does).
 */
int twin_survive_start(const char *path);

/** twin_survive_changed() - a request has been dealt with, with result @err;
 * for twin_genl_set_watcher().
 */
void twin_survive_changed(const struct twin_genl_request *req, int err);

/** twin_survive_stale() - something changed without a request. */
void twin_survive_stale(void);

/** twin_survive_hook() - loop hook: record what was so reported. */
int twin_survive_hook(void);

/** twin_survive_end() - stop recording.
 * @keep: the record stays, and so do the Linux devices of all ports; else the
 *        record is removed
 */
void twin_survive_end(bool keep);

#endif
