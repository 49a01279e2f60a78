// SPDX-License-Identifier: BSD-3-Clause
/*
 * An emulated netlink socket: its names.
 *
 * Overview
 *
 *	The daemon hands out a port id at connect time, but a netlink socket
 *	shows one only once it is bound: by bind(), connect() or the first
 *	send. Checks and their order are those of AF_NETLINK, as seen from
 *	outside.
 */
#define _GNU_SOURCE
#include "nlsock.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static __u32 port_of(struct ovsnl_page *page)
{
	return __atomic_load_n(&page->portid, __ATOMIC_RELAXED);
}

/* The memberships that sockaddr_nl can express. */
static __u32 group_mask(struct ovsnl_page *page)
{
	__u32 mask = 0, group;
	int i;

	for (i = 0; i < OVSNL_TRANSPORT_GROUPS_MAX; i++) {
		group = __atomic_load_n(&page->groups[i].group,
					__ATOMIC_ACQUIRE);
		if (group && group <= 32)
			mask |= 1U << (group - 1);
	}
	return mask;
}

/* Join and leave until the memberships are @want. */
static int set_groups(struct twin_nlsock *sock, int fd, __u32 have, __u32 want)
{
	__u32 change = have ^ want;
	int bit, err;

	while ((bit = ffs(change))) {
		change &= ~(1U << (bit - 1));
		err = twin_nlsock_control(sock, fd,
					  want & (1U << (bit - 1))
						  ? OVSNL_CTL_ADD_MEMBERSHIP
						  : OVSNL_CTL_DROP_MEMBERSHIP,
					  bit, 0);
		if (err)
			return err;
	}
	return 0;
}

int twin_nlsock_bind(struct twin_nlsock *sock, int fd,
		     const struct sockaddr *addr, socklen_t len)
{
	const struct sockaddr_nl *name = (const struct sockaddr_nl *)addr;
	struct ovsnl_page *page;
	__u32 had;
	int err;

	if (len < sizeof(*name) || name->nl_family != AF_NETLINK)
		return -EINVAL;
	err = twin_nlsock_page(sock, fd, &page);
	if (err)
		return err;
	had = group_mask(page);
	if (twin_nlsock_has(page, TWIN_NLSOCK_BOUND)) {
		if (name->nl_pid != port_of(page))
			return -EINVAL;
		return set_groups(sock, fd, had, name->nl_groups);
	}
	err = set_groups(sock, fd, had, name->nl_groups);
	if (!err && name->nl_pid)
		err = twin_nlsock_control(sock, fd, OVSNL_CTL_BIND,
					  name->nl_pid, 0);
	if (err) {
		set_groups(sock, fd, group_mask(page), had);
		return err;
	}
	twin_nlsock_assign(page, TWIN_NLSOCK_BOUND, true);
	return 0;
}

int twin_nlsock_connect(struct twin_nlsock *sock, int fd,
			const struct sockaddr *addr, socklen_t len)
{
	const struct sockaddr_nl *name = (const struct sockaddr_nl *)addr;
	struct twin_nlsock_shared *shared;
	struct ovsnl_page *page;
	int group, err;

	if (len < sizeof(addr->sa_family))
		return -EINVAL;
	if (addr->sa_family != AF_UNSPEC &&
	    (addr->sa_family != AF_NETLINK || len < sizeof(*name)))
		return -EINVAL;
	err = twin_nlsock_page(sock, fd, &page);
	if (err)
		return err;
	shared = twin_nlsock_shared(page);
	if (addr->sa_family == AF_UNSPEC) {
		shared->peer_pid = 0;
		shared->peer_groups = 0;
		return 0;
	}
	twin_nlsock_assign(page, TWIN_NLSOCK_BOUND, true);
	group = ffs(name->nl_groups);
	shared->peer_pid = name->nl_pid;
	shared->peer_groups = group ? 1U << (group - 1) : 0;
	return 0;
}

static int copy_name(const struct sockaddr_nl *name, struct sockaddr *addr,
		     socklen_t *len)
{
	if ((int)*len < 0)
		return -EINVAL;
	memcpy(addr, name, *len < sizeof(*name) ? *len : sizeof(*name));
	*len = sizeof(*name);
	return 0;
}

int twin_nlsock_getsockname(struct twin_nlsock *sock, int fd,
			    struct sockaddr *addr, socklen_t *len)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK };
	struct ovsnl_page *page;
	int err;

	err = twin_nlsock_page(sock, fd, &page);
	if (!page)
		return err;
	if (twin_nlsock_has(page, TWIN_NLSOCK_BOUND))
		name.nl_pid = port_of(page);
	name.nl_groups = group_mask(page);
	return copy_name(&name, addr, len);
}

int twin_nlsock_getpeername(struct twin_nlsock *sock, int fd,
			    struct sockaddr *addr, socklen_t *len)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK };
	struct ovsnl_page *page;
	int err;

	err = twin_nlsock_page(sock, fd, &page);
	if (!page)
		return err;
	name.nl_pid = twin_nlsock_shared(page)->peer_pid;
	name.nl_groups = twin_nlsock_shared(page)->peer_groups;
	return copy_name(&name, addr, len);
}
