// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Connections to a datapath.
 *
 * Overview
 *
 *	Opening connects, over either transport, and asks nlctrl for the numbers
 *	of the families and of their multicast groups.
 *
 * Life cycle
 *
 *	open -> requests, or subscribe and receive -> close
 *
 * Synchronisation
 *
 *	None: one thread at a time.
 */
#include "request.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport.h"

/* In place of libnl's 32 KiB, in bytes. */
#define RECEIVE_BUFFER (1024 * 1024)
#define SEND_BUFFER (128 * 1024)

static int open_kernel(struct ovsnl_client *client)
{
	int one = 1;

	client->sk = nl_socket_alloc();
	if (!client->sk)
		return -ENOMEM;
	errno = 0;
	if (genl_connect(client->sk) < 0)
		return errno ? -errno : -EPROTONOSUPPORT;
	client->fd = nl_socket_get_fd(client->sk);
	nl_socket_set_buffer_size(client->sk, RECEIVE_BUFFER, SEND_BUFFER);
	setsockopt(client->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	return 0;
}

static int open_twin(struct ovsnl_client *client, const char *path)
{
	client->fd = ovsnl_transport_open(path ? path : ovsnl_transport_path(),
					  &client->page);
	if (client->fd < 0)
		return client->fd;
	return ovsnl_transport_control(client->fd, client->page,
				       OVSNL_CTL_SETOPT, OVSNL_OPT_EXT_ACK, 1);
}

/* The first group of a family: none of these has two. */
static __u32 first_group(struct nlattr *groups)
{
	struct nlattr *group, *attr[CTRL_ATTR_MCAST_GRP_MAX + 1];
	int left;

	if (!groups)
		return 0;
	nla_for_each_nested(group, groups, left)
	{
		if (!nla_parse_nested(attr, CTRL_ATTR_MCAST_GRP_MAX, group,
				      NULL) &&
		    attr[CTRL_ATTR_MCAST_GRP_ID])
			return nla_get_u32(attr[CTRL_ATTR_MCAST_GRP_ID]);
	}
	return 0;
}

static int family_reply(struct ovsnl_client *client, const struct nlmsghdr *nlh,
			void *arg)
{
	struct nlattr *attr[CTRL_ATTR_MAX + 1];
	enum ovsnl_family_id family = *(enum ovsnl_family_id *)arg;

	if (!genlmsg_valid_hdr((struct nlmsghdr *)nlh, 0) ||
	    genlmsg_parse((struct nlmsghdr *)nlh, 0, attr, CTRL_ATTR_MAX,
			  NULL) < 0 ||
	    !attr[CTRL_ATTR_FAMILY_ID])
		return -EBADMSG;
	client->families[family].id = nla_get_u16(attr[CTRL_ATTR_FAMILY_ID]);
	client->families[family].group =
		first_group(attr[CTRL_ATTR_MCAST_GROUPS]);
	return 0;
}

static int resolve(struct ovsnl_client *client, enum ovsnl_family_id family)
{
	struct nl_msg *msg = nlmsg_alloc();
	int err;

	if (!msg)
		return -ENOMEM;
	if (!genlmsg_put(msg, 0, 0, GENL_ID_CTRL, 0, NLM_F_REQUEST,
			 CTRL_CMD_GETFAMILY, 1) ||
	    nla_put_string(msg, CTRL_ATTR_FAMILY_NAME,
			   ovsnl_families[family].name) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = ovsnl_request_exchange(client, &msg, 1, family_reply, &family,
				     NULL);
	if (!err && !client->families[family].id)
		err = -EBADMSG;
	return err;
}

int ovsnl_client_open(enum ovsnl_client_transport transport, const char *path,
		      struct ovsnl_client **clientp)
{
	struct ovsnl_client *client = calloc(1, sizeof(*client));
	int family, err;

	if (!client)
		return -ENOMEM;
	client->fd = -1;
	if (transport == OVSNL_CLIENT_KERNEL)
		err = open_kernel(client);
	else
		err = open_twin(client, path);
	for (family = 0; !err && family < OVSNL_FAMILY_COUNT; family++)
		err = resolve(client, family);
	if (err) {
		ovsnl_client_close(client);
		return err;
	}
	*clientp = client;
	return 0;
}

void ovsnl_client_close(struct ovsnl_client *client)
{
	if (!client)
		return;
	if (client->sk)
		nl_socket_free(client->sk);
	else if (client->fd >= 0)
		close(client->fd);
	ovsnl_transport_unmap(client->page);
	free(client);
}

__u32 ovsnl_client_port_id(const struct ovsnl_client *client)
{
	if (client->page)
		return __atomic_load_n(&client->page->portid, __ATOMIC_RELAXED);
	return nl_socket_get_local_port(client->sk);
}

int ovsnl_client_fd(const struct ovsnl_client *client)
{
	return client->fd;
}

const char *ovsnl_client_error_text(const struct ovsnl_client *client)
{
	return client->error_text;
}

unsigned long ovsnl_client_dropped(const struct ovsnl_client *client)
{
	return client->dropped;
}

int ovsnl_client_set_buffer(struct ovsnl_client *client, int bytes)
{
	socklen_t len = sizeof(bytes);

	if (setsockopt(client->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, len) &&
	    setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &bytes, len))
		return -errno;
	if (!client->page)
		return 0;
	if (getsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len))
		return -errno;
	return ovsnl_transport_control(client->fd, client->page,
				       OVSNL_CTL_SETOPT, OVSNL_OPT_RCVBUF,
				       bytes);
}

int ovsnl_client_subscribe(struct ovsnl_client *client,
			   enum ovsnl_family_id family)
{
	__u32 group = client->families[family].group;

	if (!group)
		return -EINVAL;
	if (client->page)
		return ovsnl_transport_control(client->fd, client->page,
					       OVSNL_CTL_ADD_MEMBERSHIP, group,
					       0);
	if (setsockopt(client->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
		       sizeof(group)) < 0)
		return -errno;
	return 0;
}

/* Hand on the messages of one datagram. */
static int receive_datagram(struct ovsnl_client *client, ssize_t left,
			    ovsnl_client_each_fn *each, void *arg, int *count)
{
	struct ovsnl_client_message message;
	const struct nlmsghdr *nlh;
	int err = 0;

	for (nlh = (void *)client->buf; NLMSG_OK(nlh, left);
	     nlh = NLMSG_NEXT(nlh, left)) {
		if (ovsnl_request_decode(client, nlh, &message)) {
			client->dropped++;
			continue;
		}
		++*count;
		if (!err)
			err = each(&message, arg);
	}
	return err;
}

int ovsnl_client_receive(struct ovsnl_client *client, int timeout_ms,
			 ovsnl_client_each_fn *each, void *arg)
{
	struct pollfd pfd = { .fd = client->fd, .events = POLLIN };
	int count = 0, err = 0;
	ssize_t len;

	if (poll(&pfd, 1, timeout_ms) < 0)
		return -errno;
	while (!err) {
		len = ovsnl_request_receive(client);
		if (len == -EAGAIN)
			return count;
		err = len < 0 ? len
			      : receive_datagram(client, len, each, arg,
						 &count);
	}
	return err;
}
