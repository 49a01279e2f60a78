// SPDX-License-Identifier: BSD-3-Clause
/* Behaviours of sending, and what comes back at once. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static void say_next(int fd)
{
	char buf[8192];

	say_message("next", buf, recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
}

static void transaction(void)
{
	int fd = open_genl();

	ask(fd, "nlctrl", 0, 11);
	say_next(fd);
	say_next(fd);
	ask(fd, "nlctrl", NLM_F_ACK, 12);
	say_next(fd);
	say_next(fd);
	say_next(fd);
	close(fd);
}

static void errors(void)
{
	int fd = open_genl(), one = 1;

	ask(fd, "no-such-family", 0, 21);
	say_next(fd);
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	ask(fd, "no-such-family", 0, 22);
	say_next(fd);
	say_next(fd);
	close(fd);
}

static void batch(void)
{
	char buf[192];
	int fd = open_genl();
	size_t len;

	len = build_getfamily(buf, "nlctrl", 0, 31);
	len += build_getfamily(buf + len, "no-such-family", 0, 32);
	len += build_getfamily(buf + len, "nlctrl", NLM_F_ACK, 33);
	say("sent", "%d", send(fd, buf, len, 0) == (ssize_t)len);
	say_next(fd);
	say_next(fd);
	say_next(fd);
	say_next(fd);
	say_next(fd);
	close(fd);
}

static void garbage(void)
{
	struct nlmsghdr nlh = { .nlmsg_len = 4096,
				.nlmsg_type = GENL_ID_CTRL,
				.nlmsg_flags = NLM_F_REQUEST };
	int fd = open_genl();

	say_result("three-bytes", send(fd, &nlh, 3, 0));
	say_next(fd);
	say_result("too-long", send(fd, &nlh, sizeof(nlh), 0));
	say_next(fd);
	nlh.nlmsg_len = 4;
	say_result("too-short", send(fd, &nlh, sizeof(nlh), 0));
	say_next(fd);
	nlh.nlmsg_len = sizeof(nlh);
	nlh.nlmsg_type = 0x3f0;
	nlh.nlmsg_seq = 77;
	say_result("unknown-family", send(fd, &nlh, sizeof(nlh), 0));
	say_next(fd);
	nlh.nlmsg_type = NLMSG_NOOP;
	nlh.nlmsg_flags |= NLM_F_ACK;
	say_result("noop", send(fd, &nlh, sizeof(nlh), 0));
	say_next(fd);
	nlh.nlmsg_flags = NLM_F_ACK;
	nlh.nlmsg_type = GENL_ID_CTRL;
	say_result("no-request", send(fd, &nlh, sizeof(nlh), 0));
	say_next(fd);
	close(fd);
}

static void sizes(void)
{
	size_t big = 400 * 1024;
	char *buf = calloc(1, big);
	int fd = open_genl();

	say_result("zero", send(fd, buf, 0, 0));
	say_result("zero-write", write(fd, buf, 0));
	say_result("big", send(fd, buf, big, 0));
	say_result("large", send(fd, buf, 200 * 1024, 0) == 200 * 1024);
	say_next(fd);
	close(fd);
	free(buf);
}

static ssize_t send_to(int fd, int family, __u32 pid, socklen_t namelen)
{
	struct sockaddr_nl name = { .nl_family = family, .nl_pid = pid };
	char buf[64];
	size_t len = build_getfamily(buf, "nlctrl", 0, 41);

	return sendto(fd, buf, len, 0, (struct sockaddr *)&name, namelen) < 0
		       ? -1
		       : 0;
}

static void destinations(void)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK,
				    .nl_pid = 0x7ffffff1 };
	int fd = open_genl();
	char buf[64];

	say_result("kernel", send_to(fd, AF_NETLINK, 0, sizeof(name)));
	say_next(fd);
	say_result("nobody", send_to(fd, AF_NETLINK, 0x7ffffff0, sizeof(name)));
	say_result("family", send_to(fd, AF_INET, 0, sizeof(name)));
	say_result("short", send_to(fd, AF_NETLINK, 0, 8));
	say_result("oob", send(fd, buf, 16, MSG_OOB));
	connect(fd, (struct sockaddr *)&name, sizeof(name));
	say_result("connected-nobody",
		   send(fd, buf, build_getfamily(buf, "nlctrl", 0, 42), 0));
	close(fd);
}

static void pieces(void)
{
	static struct iovec iov[5000];
	struct msghdr msg = { .msg_iov = iov };
	char buf[64];
	size_t len = build_getfamily(buf, "nlctrl", 0, 51), i;
	int fd = open_genl();

	for (i = 0; i < 200; i++) {
		iov[i].iov_base = i < len ? buf + i : buf;
		iov[i].iov_len = i < len;
	}
	msg.msg_iovlen = len;
	say("bytes", "%d", sendmsg(fd, &msg, 0) == (ssize_t)len);
	say_next(fd);
	msg.msg_iovlen = 200;
	say("bytes-many", "%d", sendmsg(fd, &msg, 0) == (ssize_t)len);
	say_next(fd);
	say("writev", "%d", writev(fd, iov, len) == (ssize_t)len);
	say_next(fd);
	say("write", "%d", write(fd, buf, len) == (ssize_t)len);
	say_next(fd);
	msg.msg_iovlen = 5000;
	say_result("too-many", sendmsg(fd, &msg, 0));
	say_result("writev-too-many", writev(fd, iov, 5000));
	close(fd);
}

static void many(void)
{
	char buf[3][64];
	struct mmsghdr vec[3] = { 0 };
	struct iovec iov[3];
	int fd = open_genl(), i;

	for (i = 0; i < 3; i++) {
		iov[i].iov_base = buf[i];
		iov[i].iov_len = build_getfamily(buf[i], "nlctrl", 0, 60 + i);
		vec[i].msg_hdr.msg_iov = &iov[i];
		vec[i].msg_hdr.msg_iovlen = 1;
	}
	say_result("sendmmsg", sendmmsg(fd, vec, 3, 0));
	say("len", "%d", vec[2].msg_len == iov[2].iov_len);
	say_next(fd);
	say_next(fd);
	say_next(fd);
	say_next(fd);
	iov[1].iov_len = 0;
	say_result("second-fails", sendmmsg(fd, vec, 3, 0));
	say_next(fd);
	say_next(fd);
	iov[0].iov_len = 0;
	say_result("first-fails", sendmmsg(fd, vec, 3, 0));
	close(fd);
}

static void bad_pointers(void)
{
	struct iovec iov = { .iov_base = (void *)16, .iov_len = 64 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fd = open_genl();

	say_result("send", send(fd, (void *)16, 64, 0));
	say_result("sendmsg", sendmsg(fd, &msg, 0));
	ask(fd, "nlctrl", 0, 71);
	say_result("recv", recv(fd, (void *)16, 64, 0));
	close(fd);
}

const struct probe probe_send[] = {
	{ "transaction", transaction },
	{ "errors", errors },
	{ "batch", batch },
	{ "garbage", garbage },
	{ "sizes", sizes },
	{ "destinations", destinations },
	{ "pieces", pieces },
	{ "many", many },
	{ "bad-pointers", bad_pointers },
	{ NULL, NULL },
};
