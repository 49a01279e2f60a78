/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_NL_PORT_H
#define TWIN_NL_PORT_H

#include "nl_conn.h"

/* Who is reachable: connections by port id, and by multicast group. */

/* Groups are 1 to TWIN_NL_GROUPS. */
#define TWIN_NL_GROUPS 64

/**
 * twin_nl_port_bind() - give @conn a port id.
 * @portid: the id wanted, 0 for any; @conn may have another one already
 * @any: take a free one when @portid is taken
 * Control thread. Return: 0 or -EADDRINUSE.
 */
int twin_nl_port_bind(struct twin_nl_conn *conn, uint32_t portid, bool any);

/** twin_nl_port_remove() - @conn is no longer reachable. Control thread. */
void twin_nl_port_remove(struct twin_nl_conn *conn);

/** twin_nl_port_find() - connection with a port id or NULL. Control thread. */
struct twin_nl_conn *twin_nl_port_find(uint32_t portid);

/** twin_nl_port_for_each() - call @fn, which may remove it, for each. Control
 * thread.
 */
void twin_nl_port_for_each(void (*fn)(struct twin_nl_conn *conn));

/**
 * twin_nl_port_join() - make @conn a member of @group.
 * @nlmsg_type: the family that notifies through it, 0 for none
 * Control thread. Return: 0, -EINVAL (no such group), -ENOMEM (too many).
 */
int twin_nl_port_join(struct twin_nl_conn *conn, uint32_t group,
		      uint16_t nlmsg_type);

/** twin_nl_port_leave() - the reverse. Control thread. Return: 0, -EINVAL. */
int twin_nl_port_leave(struct twin_nl_conn *conn, uint32_t group);

/**
 * twin_nl_unicast() - send a datagram to whoever has @portid; never waits.
 * @yield: leave the last quarter of the client's buffer to others
 * Any thread. Return: 0, -ECONNREFUSED (nobody has it), -EAGAIN (did not fit:
 * lost, and the client is told).
 */
int twin_nl_unicast(uint32_t portid, const struct iovec *iov, unsigned int n,
		    bool yield);

/** twin_nl_multicast() - send a datagram to all members of @group but
 * @exclude (a port id or 0). Any thread.
 */
void twin_nl_multicast(uint32_t group, uint32_t exclude,
		       const struct iovec *iov, unsigned int n);

/** twin_nl_has_listeners() - has @group any member? Any thread; takes no lock. */
bool twin_nl_has_listeners(uint32_t group);

#endif
