/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_NL_CTL_H
#define TWIN_NL_CTL_H

#include "nl_conn.h"

/* Control messages of ovsnl_transport.h: what setsockopt(), bind() and the
 * like say on AF_NETLINK. Control thread.
 */

/**
 * twin_nl_ctl_receive() - carry out one control message and answer it.
 * @nlh: whole message with nlmsg_type of at least OVSNL_CTL_FIRST, not a
 *       leading SYNC
 */
void twin_nl_ctl_receive(struct twin_nl_conn *conn, const struct nlmsghdr *nlh);

#endif
