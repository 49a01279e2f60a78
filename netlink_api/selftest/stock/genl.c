// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Requests over AF_NETLINK by hand, independent of what is being tested. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "genl.h"

#define HEAD ((int)(NLMSG_HDRLEN + GENL_HDRLEN))

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

void genl_open(struct genl *g)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	struct timeval limit = { .tv_sec = 10 };
	socklen_t len = sizeof(addr);

	g->fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	if (g->fd < 0 || bind(g->fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    getsockname(g->fd, (struct sockaddr *)&addr, &len) ||
	    setsockopt(g->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		die("netlink socket");
	g->portid = addr.nl_pid;
}

/* Takes one message in. True: it was the acknowledgement. */
static bool receive(struct genl *g, struct genl_answer *answer)
{
	static __u32 buf[sizeof(answer->message) / sizeof(__u32)];
	const struct nlmsghdr *h = (const struct nlmsghdr *)buf;
	ssize_t len = recv(g->fd, buf, sizeof(buf), 0);

	if (len < (ssize_t)sizeof(*h))
		die("no answer");
	if (h->nlmsg_type != NLMSG_ERROR) {
		memcpy(answer->message, buf, len);
		answer->len = len;
		return false;
	}
	memcpy(&answer->error, (const __u8 *)buf + NLMSG_HDRLEN,
	       sizeof(answer->error));
	return true;
}

static void exchange(struct genl *g, const struct iovec *iov, int n,
		     struct genl_answer *answer)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr msg = {
		.msg_name = &kernel,
		.msg_namelen = sizeof(kernel),
		.msg_iov = (struct iovec *)iov,
		.msg_iovlen = n,
	};

	if (sendmsg(g->fd, &msg, 0) < 0)
		die("send");
	answer->len = 0;
	answer->error = 0;
	while (!receive(g, answer))
		;
}

int genl_family(struct genl *g, const char *name)
{
	struct {
		struct nlmsghdr nl;
		struct genlmsghdr genl;
		struct nlattr attr;
		char name[20];
	} req = {
		.nl = { .nlmsg_len = sizeof(req),
			.nlmsg_type = GENL_ID_CTRL,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.attr = { .nla_len = NLA_HDRLEN + strlen(name) + 1,
			  .nla_type = CTRL_ATTR_FAMILY_NAME },
	};
	struct iovec iov = { &req, sizeof(req) };
	static struct genl_answer answer;
	const struct nlattr *a;
	int rem;

	snprintf(req.name, sizeof(req.name), "%s", name);
	exchange(g, &iov, 1, &answer);
	if (answer.error || answer.len < HEAD)
		return 0;
	ovsnl_attr_for_each(
		a, (const struct nlattr *)((__u8 *)answer.message + HEAD),
		answer.len - HEAD, rem) {
		if (ovsnl_attr_type(a) == CTRL_ATTR_FAMILY_ID)
			return ovsnl_attr_u16(a);
	}
	return 0;
}

void genl_request(struct genl *g, int type, int cmd, int flags, int dp_ifindex,
		  const void *attrs, size_t len, struct genl_answer *answer)
{
	struct {
		struct nlmsghdr nl;
		struct genlmsghdr genl;
		struct ovs_header ovs;
	} head = {
		.nl = { .nlmsg_len = sizeof(head) + len,
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags },
		.genl = { .cmd = cmd, .version = 2 },
		.ovs = { .dp_ifindex = dp_ifindex },
	};
	struct iovec iov[2] = { { &head, sizeof(head) },
				{ (void *)attrs, len } };

	exchange(g, iov, 2, answer);
}

void genl_wait(struct genl *g, struct genl_answer *answer)
{
	while (!answer->len)
		receive(g, answer);
}

const struct nlattr *genl_answer_attr(const struct genl_answer *answer,
				      int type)
{
	const int skip = HEAD + sizeof(struct ovs_header);
	const struct nlattr *a;
	int rem;

	if (answer->len < skip)
		return NULL;
	ovsnl_attr_for_each(
		a,
		(const struct nlattr *)((const __u8 *)answer->message + skip),
		answer->len - skip, rem) {
		if (ovsnl_attr_type(a) == type)
			return a;
	}
	return NULL;
}
