// SPDX-License-Identifier: BSD-3-Clause
/* Behaviours of options: setsockopt, getsockopt and other set-up calls. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int set_int(int fd, int level, int name, int val)
{
	return setsockopt(fd, level, name, &val, sizeof(val));
}

static void say_int(const char *what, int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int val = -1, err;

	err = getsockopt(fd, level, name, &val, &len);
	if (err < 0)
		say_result(what, err);
	else
		say(what, "%d (%u bytes)", val, len);
}

static void flags(void)
{
	static const int names[] = { NETLINK_PKTINFO,
				     NETLINK_BROADCAST_ERROR,
				     NETLINK_NO_ENOBUFS,
				     NETLINK_CAP_ACK,
				     NETLINK_EXT_ACK,
				     NETLINK_GET_STRICT_CHK,
				     77 };
	int fd = open_genl();
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		say("option", "%d", names[i]);
		say_int("before", fd, SOL_NETLINK, names[i]);
		say_result("set", set_int(fd, SOL_NETLINK, names[i], 5));
		say_int("after", fd, SOL_NETLINK, names[i]);
		say_result("clear", set_int(fd, SOL_NETLINK, names[i], 0));
		say_int("cleared", fd, SOL_NETLINK, names[i]);
	}
	close(fd);
}

static void odd_lengths(void)
{
	int fd = open_genl(), val = 1;
	socklen_t len = 2;

	set_int(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
	say_result("set-short",
		   setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &val, 2));
	say_int("now", fd, SOL_NETLINK, NETLINK_CAP_ACK);
	say_result("get-short",
		   getsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &val, &len));
	val = -1;
	say_result("type-short",
		   getsockopt(fd, SOL_SOCKET, SO_TYPE, &val, &len));
	say("type", "%#x %u", val, len);
	say_result("set-level", set_int(fd, IPPROTO_TCP, 1, 1));
	say_int("get-level", fd, IPPROTO_TCP, 1);
	close(fd);
}

static void membership(void)
{
	int fd = open_genl();

	say_result("zero", set_int(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, 0));
	say_result("huge",
		   set_int(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, 100000));
	say_result("drop-zero",
		   set_int(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, 0));
	say_result("drop-huge",
		   set_int(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, 100000));
	say_result("join",
		   set_int(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, 16));
	say_result("join-again",
		   set_int(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, 16));
	say_result("leave",
		   set_int(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, 16));
	say_result("leave-again",
		   set_int(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, 16));
	close(fd);
}

static void list_memberships(void)
{
	__u32 words[8] = { 0 };
	socklen_t len = sizeof(words);
	int fd = open_genl();

	say_result("empty", getsockopt(fd, SOL_NETLINK,
				       NETLINK_LIST_MEMBERSHIPS, words, &len));
	say("len", "%u", len);
	set_int(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, 16);
	len = sizeof(words);
	say_result("one", getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS,
				     words, &len));
	say("words", "%#x %#x", words[0], words[1]);
	len = 2;
	say_result("short", getsockopt(fd, SOL_NETLINK,
				       NETLINK_LIST_MEMBERSHIPS, words, &len));
	close(fd);
}

static void kind(void)
{
	struct ucred cred = { 0 };
	socklen_t len = sizeof(cred);
	int fd = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_GENERIC);

	say_int("type", fd, SOL_SOCKET, SO_TYPE);
	say_int("domain", fd, SOL_SOCKET, SO_DOMAIN);
	say_int("protocol", fd, SOL_SOCKET, SO_PROTOCOL);
	say_int("error", fd, SOL_SOCKET, SO_ERROR);
	say_int("acceptconn", fd, SOL_SOCKET, SO_ACCEPTCONN);
	say_int("passcred", fd, SOL_SOCKET, SO_PASSCRED);
	say_result("set-passcred", set_int(fd, SOL_SOCKET, SO_PASSCRED, 1));
	say_int("passcred", fd, SOL_SOCKET, SO_PASSCRED);
	say_result("peercred",
		   getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len));
	say("cred", "%d %d %d", cred.pid, cred.uid, cred.gid);
	say_int("unknown", fd, SOL_SOCKET, 9999);
	close(fd);
}

static void buffers(void)
{
	int fd = open_genl();

	say_int("rcvbuf", fd, SOL_SOCKET, SO_RCVBUF);
	say_int("sndbuf", fd, SOL_SOCKET, SO_SNDBUF);
	say_result("set", set_int(fd, SOL_SOCKET, SO_RCVBUF, 50000));
	say_int("rcvbuf", fd, SOL_SOCKET, SO_RCVBUF);
	say_result("force", set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20));
	say_int("rcvbuf", fd, SOL_SOCKET, SO_RCVBUF);
	say_result("set-snd", set_int(fd, SOL_SOCKET, SO_SNDBUF, 50000));
	say_int("sndbuf", fd, SOL_SOCKET, SO_SNDBUF);
	close(fd);
}

static void receive_timeout(void)
{
	struct timeval timeout = { .tv_usec = 30000 };
	int fd = open_genl();
	char buf[16];

	say_result("set", setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
				     sizeof(timeout)));
	say_result("recv", recv(fd, buf, sizeof(buf), 0));
	close(fd);
}

static void refused_calls(void)
{
	int fd = open_genl(), n = 0;

	say_result("listen", listen(fd, 1));
	say_result("accept", accept(fd, NULL, NULL));
	say_result("accept4", accept4(fd, NULL, NULL, 0));
	say_result("shutdown", shutdown(fd, SHUT_RDWR));
	say_result("fionread", ioctl(fd, FIONREAD, &n));
	say_result("tiocoutq", ioctl(fd, TIOCOUTQ, &n));
	say_result("lseek", lseek(fd, 0, SEEK_CUR));
	close(fd);
}

const struct probe probe_opt[] = {
	{ "flags", flags },
	{ "odd-lengths", odd_lengths },
	{ "membership", membership },
	{ "list-memberships", list_memberships },
	{ "kind", kind },
	{ "buffers", buffers },
	{ "receive-timeout", receive_timeout },
	{ "refused-calls", refused_calls },
	{ NULL, NULL },
};
