/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_NL_DUMP_H
#define TWIN_NL_DUMP_H

#include "genl.h"

/* Dumps: answers in many parts that go on as the client reads. Control
 * thread.
 */

/**
 * twin_nl_dump_start() - begin a dump and send its first part.
 * @req: what is asked; copied
 * Return: 0, -EBUSY (the connection has one running), -ENOBUFS (the request is
 * longer than 16 KiB), -ENOMEM, what the command's check_dump() said.
 */
int twin_nl_dump_start(struct twin_genl_request *req);

/** twin_nl_dump_continue() - send the next part, if the client has room. */
void twin_nl_dump_continue(struct twin_nl_conn *conn);

/** twin_nl_dump_abort() - forget @conn's dump, if there is one. */
void twin_nl_dump_abort(struct twin_nl_conn *conn);

#endif
