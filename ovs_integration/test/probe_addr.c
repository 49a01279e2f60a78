// SPDX-License-Identifier: BSD-3-Clause
/* Behaviours of names: bind, connect, getsockname, getpeername. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CHOSEN_PID 0x7ace0001

static struct sockaddr_nl name_of(int fd)
{
	struct sockaddr_nl name = { 0 };
	socklen_t len = sizeof(name);

	if (getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		say_result("getsockname", -1);
	if (len != sizeof(name))
		say("getsockname-len", "%u", len);
	return name;
}

static int bind_to(int fd, __u32 pid, __u32 groups)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK,
				    .nl_pid = pid,
				    .nl_groups = groups };

	return bind(fd, (struct sockaddr *)&name, sizeof(name));
}

static int connect_to(int fd, int family, __u32 pid, __u32 groups)
{
	struct sockaddr_nl name = { .nl_family = family,
				    .nl_pid = pid,
				    .nl_groups = groups };

	return connect(fd, (struct sockaddr *)&name, sizeof(name));
}

static void types(void)
{
	static const int types[] = { SOCK_RAW,
				     SOCK_DGRAM,
				     SOCK_STREAM,
				     SOCK_SEQPACKET,
				     SOCK_RAW | SOCK_CLOEXEC,
				     SOCK_DGRAM | SOCK_NONBLOCK,
				     SOCK_RAW | 0x4000000 };
	size_t i;
	int fd;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		fd = socket(AF_NETLINK, types[i], NETLINK_GENERIC);
		say_result("socket", fd < 0 ? -1 : 0);
		if (fd < 0)
			continue;
		say("cloexec", "%d", fcntl(fd, F_GETFD) & FD_CLOEXEC);
		say("flags", "%#o", fcntl(fd, F_GETFL));
		close(fd);
	}
}

static void unbound(void)
{
	int fd = open_genl();
	struct sockaddr_nl name = name_of(fd);

	say("family", "%u pid %u groups %#x", name.nl_family, name.nl_pid,
	    name.nl_groups);
	close(fd);
}

static void autobind(void)
{
	int fd = open_genl(), other = open_genl();

	say_result("bind", bind_to(fd, 0, 0));
	say("pid-is-process", "%d", name_of(fd).nl_pid == (__u32)getpid());
	say_result("bind-other", bind_to(other, 0, 0));
	say("pids-differ", "%d", name_of(fd).nl_pid != name_of(other).nl_pid);
	say("pid-set", "%d", name_of(other).nl_pid != 0);
	close(fd);
	close(other);
	fd = open_genl();
	ask(fd, "nlctrl", 0, 1);
	say("pid-after-send", "%d", name_of(fd).nl_pid != 0);
	close(fd);
}

static void chosen(void)
{
	int fd = open_genl(), other = open_genl();

	say_result("bind", bind_to(fd, CHOSEN_PID, 0));
	say("pid", "%#x", name_of(fd).nl_pid);
	say_result("taken", bind_to(other, CHOSEN_PID, 0));
	say_result("again-same", bind_to(fd, CHOSEN_PID, 0));
	say_result("again-other", bind_to(fd, CHOSEN_PID + 1, 0));
	say_result("again-zero", bind_to(fd, 0, 0));
	close(fd);
	say_result("free-again", bind_to(other, CHOSEN_PID, 0));
	close(other);
}

static void wrong(void)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK };
	struct sockaddr *addr = (struct sockaddr *)&name;
	int fd = open_genl();

	say_result("bind-short", bind(fd, addr, sizeof(name) - 1));
	say_result("connect-short", connect(fd, addr, sizeof(name) - 1));
	say_result("connect-tiny", connect(fd, addr, 1));
	name.nl_family = AF_INET;
	say_result("bind-family", bind(fd, addr, sizeof(name)));
	say_result("connect-family", connect(fd, addr, sizeof(name)));
	close(fd);
}

static void groups(void)
{
	int fd = open_genl();

	say_result("bind", bind_to(fd, 0, 1 << 15));
	say("groups", "%#x", name_of(fd).nl_groups);
	say_result("rebind", bind_to(fd, name_of(fd).nl_pid, 1 << 15 | 2));
	say("groups", "%#x", name_of(fd).nl_groups);
	say_result("none", bind_to(fd, name_of(fd).nl_pid, 0));
	say("groups", "%#x", name_of(fd).nl_groups);
	close(fd);
}

static void peers(void)
{
	struct sockaddr_nl peer;
	socklen_t len = sizeof(peer);
	int fd = open_genl();

	say_result("peer-before",
		   getpeername(fd, (struct sockaddr *)&peer, &len));
	say_result("connect", connect_to(fd, AF_NETLINK, 0, 0));
	say("pid-after-connect", "%d", name_of(fd).nl_pid != 0);
	say_result("connect-pid", connect_to(fd, AF_NETLINK, 0x7abc, 6));
	say_result("peer", getpeername(fd, (struct sockaddr *)&peer, &len));
	say("peer-is", "%u %#x %u", peer.nl_pid, peer.nl_groups, len);
	say_result("disconnect", connect_to(fd, AF_UNSPEC, 0, 0));
	say_result("peer", getpeername(fd, (struct sockaddr *)&peer, &len));
	say("peer-is", "%u %#x", peer.nl_pid, peer.nl_groups);
	close(fd);
}

static void short_name(void)
{
	struct sockaddr_nl name;
	socklen_t len = 6;
	int fd = open_genl();

	memset(&name, 0xee, sizeof(name));
	bind_to(fd, CHOSEN_PID, 0);
	say_result("getsockname",
		   getsockname(fd, (struct sockaddr *)&name, &len));
	say("len", "%u", len);
	say("rest", "%#x %#x", name.nl_pid & 0xff, name.nl_groups);
	close(fd);
}

const struct probe probe_addr[] = {
	{ "types", types },	  { "unbound", unbound },
	{ "autobind", autobind }, { "chosen", chosen },
	{ "wrong", wrong },	  { "groups", groups },
	{ "peers", peers },	  { "short-name", short_name },
	{ NULL, NULL },
};
