// SPDX-License-Identifier: BSD-3-Clause
/*
 * An emulated netlink socket: its options.
 *
 * Overview
 *
 *	An option is first noted in the connection's page and then told to the
 *	daemon if the daemon needs to know. If the daemon is found dead at that,
 *	the new connection is given all that is noted, so nothing is left to do.
 *	Options of SOL_SOCKET that the unix socket has with the same meaning
 *	(buffers, time-outs, filters) go to it.
 */
#define _GNU_SOURCE
#include "nlsock.h"

#include <errno.h>
#include <string.h>

#include "real.h"

struct flag_opt {
	int name;
	enum twin_nlsock_flag flag;
	/* 0: the daemon needn't know */
	__u32 daemon_opt;
	bool readable;
};

static const struct flag_opt flag_opts[] = {
	{ NETLINK_PKTINFO, TWIN_NLSOCK_PKTINFO, 0, true },
	{ NETLINK_BROADCAST_ERROR, TWIN_NLSOCK_BROADCAST_ERROR, 0, true },
	{ NETLINK_NO_ENOBUFS, TWIN_NLSOCK_NO_ENOBUFS, 0, true },
	{ NETLINK_LISTEN_ALL_NSID, TWIN_NLSOCK_ALL_NSID, 0, false },
	{ NETLINK_CAP_ACK, TWIN_NLSOCK_CAP_ACK, OVSNL_OPT_CAP_ACK, true },
	{ NETLINK_EXT_ACK, TWIN_NLSOCK_EXT_ACK, OVSNL_OPT_EXT_ACK, true },
	{ NETLINK_GET_STRICT_CHK, TWIN_NLSOCK_STRICT_CHK, OVSNL_OPT_STRICT_CHK,
	  true },
};

static const struct flag_opt *find_flag(int name)
{
	size_t i;

	for (i = 0; i < sizeof(flag_opts) / sizeof(flag_opts[0]); i++)
		if (flag_opts[i].name == name)
			return &flag_opts[i];
	return NULL;
}

int twin_nlsock_control(struct twin_nlsock *sock, int fd, __u16 type, __u32 arg,
			__u32 value)
{
	struct ovsnl_page *page;
	int err, tries;

	for (tries = 0; tries < 2; tries++) {
		err = twin_nlsock_page_wait(sock, fd, &page);
		if (err)
			return err;
		err = ovsnl_transport_control(fd, page, type, arg, value);
		if (err != -EPIPE && err != -ECONNRESET)
			return err;
		twin_nlsock_hangup(sock, page);
	}
	return -ECONNREFUSED;
}

static int set_netlink(struct twin_nlsock *sock, int fd, int name,
		       const void *val, socklen_t len)
{
	const struct flag_opt *opt;
	struct ovsnl_page *page;
	__u32 arg = 0;
	int err;

	if (len >= sizeof(arg))
		memcpy(&arg, val, sizeof(arg));
	if (name == NETLINK_ADD_MEMBERSHIP)
		return twin_nlsock_control(sock, fd, OVSNL_CTL_ADD_MEMBERSHIP,
					   arg, 0);
	if (name == NETLINK_DROP_MEMBERSHIP)
		return twin_nlsock_control(sock, fd, OVSNL_CTL_DROP_MEMBERSHIP,
					   arg, 0);
	opt = find_flag(name);
	if (!opt)
		return -ENOPROTOOPT;
	err = twin_nlsock_page(sock, fd, &page);
	if (err)
		return err;
	twin_nlsock_assign(page, opt->flag, arg);
	if (!opt->daemon_opt)
		return 0;
	return twin_nlsock_control(sock, fd, OVSNL_CTL_SETOPT, opt->daemon_opt,
				   !!arg);
}

static int set_real(int fd, int level, int name, const void *val, socklen_t len)
{
	return twin_real()->setsockopt(fd, level, name, val, len) < 0 ? -errno
								      : 0;
}

/* Buffers of the unix socket; the daemon's end is what limits what waits. */
static int set_buffer(struct twin_nlsock *sock, int fd, int name,
		      const void *val, socklen_t len)
{
	bool receive = name == SO_RCVBUF || name == SO_RCVBUFFORCE;
	struct ovsnl_page *page;
	socklen_t now_len;
	__u32 now = 0;
	int err;

	err = twin_nlsock_page(sock, fd, &page);
	if (!err)
		err = set_real(fd, SOL_SOCKET, name, val, len);
	if (err)
		return err;
	now_len = sizeof(now);
	twin_real()->getsockopt(fd, SOL_SOCKET, receive ? SO_RCVBUF : SO_SNDBUF,
				&now, &now_len);
	if (!receive) {
		twin_nlsock_shared(page)->sndbuf = now;
		return 0;
	}
	twin_nlsock_shared(page)->rcvbuf = now;
	return twin_nlsock_control(sock, fd, OVSNL_CTL_SETOPT, OVSNL_OPT_RCVBUF,
				   now);
}

static int set_timeout(struct twin_nlsock *sock, int fd, const void *val,
		       socklen_t len)
{
	struct ovsnl_page *page;
	int err;

	err = twin_nlsock_page(sock, fd, &page);
	if (!err)
		err = set_real(fd, SOL_SOCKET, SO_RCVTIMEO, val, len);
	if (!err)
		memcpy(&twin_nlsock_shared(page)->rcvtimeo, val,
		       sizeof(struct timeval));
	return err;
}

static int set_passcred(struct twin_nlsock *sock, int fd, const void *val,
			socklen_t len)
{
	struct ovsnl_page *page;
	int on, err;

	if (len < sizeof(on))
		return -EINVAL;
	memcpy(&on, val, sizeof(on));
	err = twin_nlsock_page(sock, fd, &page);
	if (!err)
		twin_nlsock_assign(page, TWIN_NLSOCK_PASSCRED, on);
	return err;
}

int twin_nlsock_setsockopt(struct twin_nlsock *sock, int fd, int level,
			   int name, const void *val, socklen_t len)
{
	if ((int)len < 0)
		return -EINVAL;
	if (level == SOL_NETLINK)
		return set_netlink(sock, fd, name, val, len);
	if (level != SOL_SOCKET)
		return -ENOPROTOOPT;
	switch (name) {
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
		return set_buffer(sock, fd, name, val, len);
	case SO_RCVTIMEO:
		return set_timeout(sock, fd, val, len);
	case SO_PASSCRED:
		return set_passcred(sock, fd, val, len);
	default:
		return set_real(fd, level, name, val, len);
	}
}

/* Highest group that NETLINK_LIST_MEMBERSHIPS shows, rounded up to a word. */
static __u32 last_group(const struct ovsnl_page *page)
{
	__u32 last = 0;
	int i;

	for (i = 0; i < OVSNL_TRANSPORT_GROUPS_MAX; i++)
		if (page->groups[i].group > last)
			last = page->groups[i].group;
	return (last + 63) / 64 * 64;
}

static int list_memberships(const struct ovsnl_page *page, void *val,
			    socklen_t *len)
{
	__u32 word, bytes = last_group(page) / 8, pos, group;
	int i;

	for (pos = 0; pos < bytes && *len - pos >= sizeof(word);
	     pos += sizeof(word)) {
		word = 0;
		for (i = 0; i < OVSNL_TRANSPORT_GROUPS_MAX; i++) {
			group = page->groups[i].group;
			if (group && (group - 1) / 32 == pos / sizeof(word))
				word |= 1U << ((group - 1) % 32);
		}
		memcpy((char *)val + pos, &word, sizeof(word));
	}
	*len = bytes;
	return 0;
}

static int get_netlink(struct ovsnl_page *page, int name, void *val,
		       socklen_t *len)
{
	const struct flag_opt *opt;
	int on;

	if (name == NETLINK_LIST_MEMBERSHIPS)
		return list_memberships(page, val, len);
	opt = find_flag(name);
	if (!opt || !opt->readable)
		return -ENOPROTOOPT;
	if (*len < sizeof(on))
		return -EINVAL;
	on = twin_nlsock_has(page, opt->flag);
	memcpy(val, &on, sizeof(on));
	*len = sizeof(on);
	return 0;
}

static int give(const void *from, socklen_t size, void *val, socklen_t *len)
{
	if (*len > size)
		*len = size;
	memcpy(val, from, *len);
	return 0;
}

static int give_int(int n, void *val, socklen_t *len)
{
	return give(&n, sizeof(n), val, len);
}

static int get_socket(struct twin_nlsock *sock, int fd, struct ovsnl_page *page,
		      int name, void *val, socklen_t *len)
{
	/* The kernel's end of a netlink socket is nobody. */
	const struct ucred nobody = { .uid = -1, .gid = -1 };

	switch (name) {
	case SO_TYPE:
		return give_int(twin_nlsock_shared(page)->type, val, len);
	case SO_DOMAIN:
		return give_int(AF_NETLINK, val, len);
	case SO_PROTOCOL:
		return give_int(NETLINK_GENERIC, val, len);
	case SO_PASSCRED:
		return give_int(twin_nlsock_has(page, TWIN_NLSOCK_PASSCRED),
				val, len);
	case SO_ERROR:
		return give_int(twin_nlsock_lost(sock) ? ENOBUFS : 0, val, len);
	case SO_PEERCRED:
		return give(&nobody, sizeof(nobody), val, len);
	default:
		if (twin_real()->getsockopt(fd, SOL_SOCKET, name, val, len) < 0)
			return -errno;
		return 0;
	}
}

int twin_nlsock_getsockopt(struct twin_nlsock *sock, int fd, int level,
			   int name, void *val, socklen_t *len)
{
	struct ovsnl_page *page;
	int err;

	if ((int)*len < 0)
		return -EINVAL;
	if (level != SOL_NETLINK && level != SOL_SOCKET)
		return -ENOPROTOOPT;
	err = twin_nlsock_page(sock, fd, &page);
	if (err)
		return err;
	if (level == SOL_NETLINK)
		return get_netlink(page, name, val, len);
	return get_socket(sock, fd, page, name, val, len);
}
