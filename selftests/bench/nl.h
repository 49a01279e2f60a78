/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_NL_H
#define BENCH_NL_H

/* Netlink messages as the benchmarks' programs send them: encoded plainly, so
 * that little but the kernel's work is measured. Errors end the program.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/openvswitch.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>

#define NL_MESSAGE_MAX 512

static int nl_sock;
static char nl_buffer[1 << 17];

static inline void nl_die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* CLOCK_MONOTONIC; one instruction each in a VM that counts them. */
static inline double nl_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static inline void *nl_put(struct nlmsghdr *nlh, int type, const void *data,
			   size_t len)
{
	struct nlattr *a = (void *)((char *)nlh + nlh->nlmsg_len);

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	if (data)
		memcpy((char *)a + NLA_HDRLEN, data, len);
	nlh->nlmsg_len += NLA_ALIGN(a->nla_len);
	return (char *)a + NLA_HDRLEN;
}

static inline void nl_put_u32(struct nlmsghdr *nlh, int type, __u32 value)
{
	nl_put(nlh, type, &value, sizeof(value));
}

static inline struct nlattr *nl_nest(struct nlmsghdr *nlh, int type)
{
	return (struct nlattr *)((char *)nl_put(nlh, type, NULL, 0) -
				 NLA_HDRLEN);
}

static inline void nl_nest_end(struct nlmsghdr *nlh, struct nlattr *a)
{
	a->nla_len = (char *)nlh + nlh->nlmsg_len - (char *)a;
}

/* @dp_ifindex: -1 for a family without that header. */
static inline struct nlmsghdr *nl_start(void *buf, int type, int flags, int cmd,
					int dp_ifindex)
{
	static __u32 seq;
	struct nlmsghdr *nlh = buf;
	struct genlmsghdr *genl = NLMSG_DATA(nlh);
	struct ovs_header *ovs = (void *)((char *)genl + GENL_HDRLEN);

	memset(buf, 0, NL_MESSAGE_MAX);
	nlh->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++seq;
	genl->cmd = cmd;
	genl->version = 1;
	if (dp_ifindex >= 0) {
		ovs->dp_ifindex = dp_ifindex;
		nlh->nlmsg_len += sizeof(*ovs);
	}
	return nlh;
}

static inline void nl_send(const void *data, size_t len)
{
	if (send(nl_sock, data, len, 0) != (ssize_t)len)
		nl_die("send");
}

/* Any reply to a request without NLM_F_ACK is an error. */
static inline void nl_expect_silence(void)
{
	ssize_t n = recv(nl_sock, nl_buffer, sizeof(nl_buffer), MSG_DONTWAIT);
	struct nlmsghdr *nlh = (void *)nl_buffer;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0)
		nl_die("recv");
	errno = -((struct nlmsgerr *)NLMSG_DATA(nlh))->error;
	nl_die("a request failed");
}

static inline void nl_open(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };

	nl_sock = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	if (nl_sock < 0 || bind(nl_sock, (void *)&addr, sizeof(addr)))
		nl_die("socket");
}

/* Number of a family, or -1. */
static inline int nl_family(const char *name)
{
	char buf[NL_MESSAGE_MAX];
	struct nlmsghdr *nlh =
		nl_start(buf, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, -1);
	struct nlattr *a;
	int rem;

	nl_put(nlh, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
	nl_send(buf, nlh->nlmsg_len);
	if (recv(nl_sock, nl_buffer, sizeof(nl_buffer), 0) < 0)
		nl_die("GETFAMILY");
	nlh = (void *)nl_buffer;
	if (nlh->nlmsg_type == NLMSG_ERROR)
		return -1;
	a = (void *)((char *)NLMSG_DATA(nlh) + GENL_HDRLEN);
	rem = nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	for (; rem > 0; rem -= NLA_ALIGN(a->nla_len),
			a = (void *)((char *)a + NLA_ALIGN(a->nla_len)))
		if (a->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(__u16 *)((char *)a + NLA_HDRLEN);
	return -1;
}

#endif
