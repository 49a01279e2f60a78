// SPDX-License-Identifier: BSD-3-Clause
/*
 * Linux network devices, by rtnetlink.
 *
 * Overview
 *	One socket asks (RTM_GETLINK), another one listens to the group that
 *	announces changes. Both are libnl's.
 *
 * Life cycle
 *	Sockets are opened when first needed and stay open.
 *
 * Synchronisation
 *	Control thread only; twin_link_flags() has a socket of its own.
 *
 * Lock order
 *	No locks.
 */
#include "link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/rtnetlink.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#define EVENT_BUFFER (1 << 20)
#define FLAG_CARRIER 0x10000 /* IFF_LOWER_UP of <linux/if.h> */

/** struct query - a request under way; one of the pointers is NULL. */
struct query {
	struct twin_link *link;
	struct rtnl_link_stats64 *stats;
	bool found;
};

static struct nl_sock *query_sock, *event_sock;
static void (*event_fn)(enum twin_link_event event,
			const struct twin_link *link);

static int to_errno(int nl_err)
{
	switch (-nl_err) {
	case 0:
		return 0;
	case NLE_NODEV:
	case NLE_OBJ_NOTFOUND:
		return -ENODEV;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_INVAL:
	case NLE_RANGE:
	case NLE_OPNOTSUPP:
		return -EINVAL;
	case NLE_AGAIN:
		return -EAGAIN;
	default:
		return -EIO;
	}
}

static struct nl_sock *open_socket(void)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (!sock)
		return NULL;
	if (nl_connect(sock, NETLINK_ROUTE)) {
		nl_socket_free(sock);
		return NULL;
	}
	return sock;
}

/* Messages */

static void copy_link(struct twin_link *link, const struct ifinfomsg *ifi,
		      struct nlattr **tb)
{
	memset(link, 0, sizeof(*link));
	link->ifindex = ifi->ifi_index;
	link->flags = ifi->ifi_flags;
	link->arptype = ifi->ifi_type;
	if (tb[IFLA_IFNAME])
		nla_strlcpy(link->name, tb[IFLA_IFNAME], sizeof(link->name));
	if (tb[IFLA_MTU])
		link->mtu = nla_get_u32(tb[IFLA_MTU]);
	if (tb[IFLA_MASTER])
		link->master = nla_get_u32(tb[IFLA_MASTER]);
	if (tb[IFLA_ADDRESS])
		nla_memcpy(link->mac, tb[IFLA_ADDRESS], sizeof(link->mac));
	if (tb[IFLA_IFALIAS])
		nla_strlcpy(link->alias, tb[IFLA_IFALIAS], sizeof(link->alias));
}

/* False: not about a device as such. */
static bool parse(struct nlmsghdr *nlh, struct nlattr **tb)
{
	const struct ifinfomsg *ifi = nlmsg_data(nlh);

	return (nlh->nlmsg_type == RTM_NEWLINK ||
		nlh->nlmsg_type == RTM_DELLINK) &&
	       !nlmsg_parse(nlh, sizeof(*ifi), tb, IFLA_MAX, NULL) &&
	       ifi->ifi_family == AF_UNSPEC;
}

/* Questions */

static int take_answer(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct nlattr *tb[IFLA_MAX + 1];
	struct query *q = arg;

	if (!parse(nlh, tb))
		return NL_SKIP;
	q->found = true;
	if (q->link)
		copy_link(q->link, nlmsg_data(nlh), tb);
	if (q->stats && tb[IFLA_STATS64])
		nla_memcpy(q->stats, tb[IFLA_STATS64], sizeof(*q->stats));
	return NL_OK;
}

/* The socket for questions, opened when first needed. */
static struct nl_sock *question_sock(void)
{
	if (!query_sock)
		query_sock = open_socket();
	return query_sock;
}

static int ask(const char *name, int ifindex, struct query *q)
{
	struct ifinfomsg ifi = { .ifi_index = ifindex };
	struct nl_msg *msg;
	int err;

	if (!question_sock())
		return -ENOMEM;
	msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK);
	if (!msg)
		return -ENOMEM;
	if (nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) ||
	    (name && nla_put_string(msg, IFLA_IFNAME, name))) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nl_socket_modify_cb(query_sock, NL_CB_VALID, NL_CB_CUSTOM, take_answer,
			    q);
	err = nl_send_auto(query_sock, msg);
	nlmsg_free(msg);
	if (err >= 0)
		err = nl_recvmsgs_default(query_sock);
	if (err >= 0 && q->found)
		err = nl_wait_for_ack(query_sock);
	if (err < 0)
		return to_errno(err);
	return q->found ? 0 : -ENODEV;
}

int twin_link_get(const char *name, int ifindex, struct twin_link *link)
{
	struct query q = { .link = link };
	int err = ask(name, ifindex, &q);

	if (!err && name && strcmp(name, link->name))
		return -ENODEV;
	return err;
}

int twin_link_stats(int ifindex, struct rtnl_link_stats64 *stats)
{
	struct query q = { .stats = stats };

	memset(stats, 0, sizeof(*stats));
	return ask(NULL, ifindex, &q);
}

static int put_change(struct nl_msg *msg, const struct twin_link_change *c)
{
	if ((c->mtu && nla_put_u32(msg, IFLA_MTU, c->mtu)) ||
	    (c->mac && nla_put(msg, IFLA_ADDRESS, 6, c->mac)) ||
	    (c->alias && nla_put_string(msg, IFLA_IFALIAS, c->alias)))
		return -ENOMEM;
	return 0;
}

int twin_link_change(int ifindex, const struct twin_link_change *change)
{
	struct ifinfomsg ifi = { .ifi_index = ifindex };
	struct nl_msg *msg;
	int err;

	if (!question_sock())
		return -ENOMEM;
	if (change->up)
		ifi.ifi_flags = ifi.ifi_change = IFF_UP;
	msg = nlmsg_alloc_simple(RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK);
	if (!msg)
		return -ENOMEM;
	if (nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) ||
	    put_change(msg, change)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	/* Sends, takes the acknowledgement, and frees the message. */
	err = nl_send_sync(query_sock, msg);
	return err < 0 ? to_errno(err) : 0;
}

int twin_link_flags(const char *name, unsigned int *flags)
{
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return -errno;
	memcpy(ifr.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	if (ioctl(fd, SIOCGIFFLAGS, &ifr))
		err = -errno;
	close(fd);
	*flags = (unsigned short)ifr.ifr_flags;
	return err;
}

bool twin_link_is_up(const struct twin_link *link)
{
	return (link->flags & IFF_UP) && (link->flags & FLAG_CARRIER);
}

/* Events */

static int take_event(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct nlattr *tb[IFLA_MAX + 1];
	struct twin_link link;

	(void)arg;
	if (!parse(nlh, tb))
		return NL_SKIP;
	copy_link(&link, nlmsg_data(nlh), tb);
	event_fn(nlh->nlmsg_type == RTM_DELLINK ? TWIN_LINK_GONE
						: TWIN_LINK_CHANGED,
		 &link);
	return NL_OK;
}

int twin_link_event_fd(void)
{
	if (event_sock)
		return nl_socket_get_fd(event_sock);
	event_sock = open_socket();
	if (!event_sock)
		return -ENOMEM;
	nl_socket_disable_seq_check(event_sock);
	nl_socket_modify_cb(event_sock, NL_CB_VALID, NL_CB_CUSTOM, take_event,
			    NULL);
	if (nl_socket_set_buffer_size(event_sock, EVENT_BUFFER, 0) ||
	    nl_socket_set_nonblocking(event_sock) ||
	    nl_socket_add_membership(event_sock, RTNLGRP_LINK)) {
		nl_socket_free(event_sock);
		event_sock = NULL;
		return -EIO;
	}
	return nl_socket_get_fd(event_sock);
}

int twin_link_events(void (*fn)(enum twin_link_event event,
				const struct twin_link *link))
{
	int err;

	if (!event_sock)
		return 0;
	event_fn = fn;
	do {
		err = nl_recvmsgs_default(event_sock);
	} while (!err);
	/* libnl says NLE_NOMEM for ENOBUFS. */
	return err == -NLE_NOMEM ? -ENOBUFS : 0;
}
