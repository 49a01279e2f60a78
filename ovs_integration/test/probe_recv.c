// SPDX-License-Identifier: BSD-3-Clause
/* Behaviours of receiving. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t receive(int fd, struct msghdr *msg, size_t space, int flags)
{
	static char buf[8192];
	static struct iovec iov;

	iov = (struct iovec){ .iov_base = buf, .iov_len = space };
	msg->msg_iov = &iov;
	msg->msg_iovlen = 1;
	return recvmsg(fd, msg, flags);
}

static void say_short(const char *what, int fd, size_t space, int flags)
{
	struct msghdr msg = { 0 };
	ssize_t n = receive(fd, &msg, space, flags | MSG_DONTWAIT);

	if (n < 0)
		say_result(what, n);
	else
		say(what, "%s flags %#x",
		    n == (ssize_t)space ? "cut"
		    : n > 0		? "whole"
					: "nothing",
		    msg.msg_flags);
}

static void truncation(void)
{
	int fd = open_genl();

	ask(fd, "nlctrl", 0, 1);
	say_short("peek-cut", fd, 20, MSG_PEEK);
	say_short("peek-cut-trunc", fd, 20, MSG_PEEK | MSG_TRUNC);
	say_short("peek-nothing", fd, 0, MSG_PEEK);
	say_short("peek-nothing-trunc", fd, 0, MSG_PEEK | MSG_TRUNC);
	say_short("peek-whole", fd, 8192, MSG_PEEK);
	say_short("cut", fd, 20, 0);
	say_short("gone", fd, 20, 0);
	ask(fd, "nlctrl", 0, 2);
	say_short("cut-trunc", fd, 20, MSG_TRUNC);
	say_short("gone", fd, 20, 0);
	ask(fd, "nlctrl", 0, 3);
	say_short("nothing", fd, 0, 0);
	say_short("gone", fd, 20, 0);
	close(fd);
}

static void reads(void)
{
	char buf[8192];
	struct iovec iov[2] = { { .iov_base = buf, .iov_len = 10 },
				{ .iov_base = buf + 10, .iov_len = 4000 } };
	int fd = open_genl();

	ask(fd, "nlctrl", 0, 5);
	say_result("read-nothing", read(fd, buf, 0));
	say_message("read", buf, read(fd, buf, sizeof(buf)));
	ask(fd, "nlctrl", 0, 6);
	say_message("readv", buf, readv(fd, iov, 2));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	say_result("empty", read(fd, buf, sizeof(buf)));
	say_result("empty-recv", recv(fd, buf, sizeof(buf), 0));
	say_result("oob", recv(fd, buf, sizeof(buf), MSG_OOB));
	close(fd);
}

static void sender(void)
{
	struct sockaddr_nl name;
	socklen_t len = sizeof(name);
	char buf[8192];
	int fd = open_genl();

	memset(&name, 0xee, sizeof(name));
	ask(fd, "nlctrl", 0, 7);
	say_message("recvfrom", buf,
		    recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&name,
			     &len));
	say("sender", "%u %u %#x len %u", name.nl_family, name.nl_pid,
	    name.nl_groups, len);
	memset(&name, 0xee, sizeof(name));
	len = 5;
	ask(fd, "nlctrl", 0, 8);
	say_message("recvfrom-short", buf,
		    recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&name,
			     &len));
	say("sender", "%u %#x len %u", name.nl_family, name.nl_pid, len);
	ask(fd, "nlctrl", 0, 9);
	say_message("recvfrom-null", buf,
		    recvfrom(fd, buf, sizeof(buf), 0, NULL, NULL));
	close(fd);
}

static void say_cmsgs(struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	struct ucred cred;
	int group;

	say("control", "%zu flags %#x", msg->msg_controllen, msg->msg_flags);
	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		say("cmsg", "level %d type %d len %zu", cmsg->cmsg_level,
		    cmsg->cmsg_type, cmsg->cmsg_len);
		if (cmsg->cmsg_level == SOL_NETLINK &&
		    cmsg->cmsg_len == CMSG_LEN(sizeof(group))) {
			memcpy(&group, CMSG_DATA(cmsg), sizeof(group));
			say("group", "%d", group);
		} else if (cmsg->cmsg_len == CMSG_LEN(sizeof(cred))) {
			memcpy(&cred, CMSG_DATA(cmsg), sizeof(cred));
			say("cred", "%d %u %u", cred.pid, cred.uid, cred.gid);
		}
	}
}

static void control(void)
{
	char buf[256] __attribute__((aligned(8)));
	struct msghdr msg = { .msg_control = buf };
	size_t sizes[] = { 256, 0, 8, 20, 24, 32, 40, 50, 52 }, i;
	int fd = open_genl(), one = 1;

	setsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one));
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ask(fd, "nlctrl", 0, 1);
		msg.msg_controllen = sizes[i];
		say("room", "%zu", sizes[i]);
		if (receive(fd, &msg, 8192, 0) < 0)
			say_result("recvmsg", -1);
		say_cmsgs(&msg);
	}
	close(fd);
}

static void dump(void)
{
	char buf[32768];
	struct nlmsghdr *nlh;
	int fd = open_genl(), items = 0, odd = 0;
	bool done = false;
	ssize_t n = 0;

	ask(fd, NULL, NLM_F_DUMP | NLM_F_ACK, 80);
	while (!done) {
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0)
			break;
		for (nlh = (void *)buf; NLMSG_OK(nlh, n);
		     nlh = NLMSG_NEXT(nlh, n)) {
			done |= nlh->nlmsg_type == NLMSG_DONE;
			items += nlh->nlmsg_type == GENL_ID_CTRL;
			odd += !(nlh->nlmsg_flags & NLM_F_MULTI) ||
			       nlh->nlmsg_seq != 80;
		}
	}
	say_result("last", n < 0 ? n : 0);
	say("done", "%d some %d odd %d", done, items > 0, odd);
	say_result("after", recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
	close(fd);
}

static void many(void)
{
	char buf[4][4096];
	struct mmsghdr vec[4] = { 0 };
	struct iovec iov[4];
	struct timespec now = { 0 };
	int fd = open_genl(), i;

	for (i = 0; i < 4; i++) {
		iov[i].iov_base = buf[i];
		iov[i].iov_len = sizeof(buf[i]);
		vec[i].msg_hdr.msg_iov = &iov[i];
		vec[i].msg_hdr.msg_iovlen = 1;
	}
	say_result("empty", recvmmsg(fd, vec, 4, MSG_DONTWAIT, NULL));
	for (i = 0; i < 3; i++)
		ask(fd, "nlctrl", 0, 90 + i);
	say_result("three", recvmmsg(fd, vec, 4, MSG_WAITFORONE, NULL));
	say_message("third", buf[2], vec[2].msg_len);
	for (i = 0; i < 3; i++)
		ask(fd, "nlctrl", 0, 95 + i);
	say_result("no-time", recvmmsg(fd, vec, 2, 0, &now));
	say_result("rest", recvmmsg(fd, vec, 4, MSG_DONTWAIT, NULL));
	close(fd);
}

const struct probe probe_recv[] = {
	{ "truncation", truncation },
	{ "reads", reads },
	{ "sender", sender },
	{ "control", control },
	{ "dump", dump },
	{ "recvmmsg", many },
	{ NULL, NULL },
};
