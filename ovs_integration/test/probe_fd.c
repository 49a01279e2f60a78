// SPDX-License-Identifier: BSD-3-Clause
/* Behaviours of descriptors: readiness, copies, processes, threads. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static __u32 pid_of(int fd)
{
	struct sockaddr_nl name = { 0 };
	socklen_t len = sizeof(name);

	if (getsockname(fd, (struct sockaddr *)&name, &len) < 0 ||
	    name.nl_family != AF_NETLINK)
		return 0;
	return name.nl_pid;
}

static void say_answer(const char *what, int fd)
{
	char buf[8192];

	say_message(what, buf, recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
}

static void readiness(void)
{
	int fd = open_genl(), epfd = epoll_create1(0);
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT };
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	struct timeval none = { 0 };
	fd_set set;

	say_result("poll", poll(&pfd, 1, 0));
	say("revents", "%#x", pfd.revents);
	say_result("epoll-add", epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event));
	say_result("epoll", epoll_wait(epfd, &event, 1, 0));
	ask(fd, "nlctrl", 0, 1);
	poll(&pfd, 1, 0);
	say("revents", "%#x", pfd.revents);
	say_result("epoll", epoll_wait(epfd, &event, 1, 0));
	say("events", "%#x", event.events);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	say_result("select", select(fd + 1, &set, NULL, NULL, &none));
	say_answer("answer", fd);
	FD_SET(fd, &set);
	say_result("select", select(fd + 1, &set, NULL, NULL, &none));
	say_result("epoll", epoll_wait(epfd, &event, 1, 0));
	close(epfd);
	close(fd);
}

static void say_copy(const char *what, int fd, int copy)
{
	if (copy < 0) {
		say_result(what, -1);
		return;
	}
	say(what, "same %d", pid_of(fd) == pid_of(copy) && pid_of(fd));
	ask(copy, "nlctrl", 0, 2);
	say_answer("through-first", fd);
	close(copy);
	ask(fd, "nlctrl", 0, 3);
	say_answer("after-close", fd);
}

static void copies(void)
{
	int fd = open_genl(), other = open_genl();

	ask(fd, "nlctrl", 0, 1);
	say_answer("first", fd);
	say_copy("dup", fd, dup(fd));
	say_copy("dup2", fd, dup2(fd, 100));
	say_copy("dup3", fd, dup3(fd, 101, O_CLOEXEC));
	say_copy("dupfd", fd, fcntl(fd, F_DUPFD, 102));
	say_copy("dupfd-cloexec", fd, fcntl(fd, F_DUPFD_CLOEXEC, 103));
	say_copy("dup2-over-socket", fd, dup2(fd, other));
	say_result("dup2-self", dup2(fd, fd) == fd);
	say_result("dup2-bad", dup2(fd, -1));
	say_result("dup3-self", dup3(fd, fd, 0));
	close(fd);
}

/* Numbers of closed sockets are used for other files, which must be left alone. */
static void reuse(void)
{
	int fd = open_genl(), pipes[2];
	char c = 'x', back = 0;

	close(fd);
	if (pipe(pipes) < 0)
		return;
	say("same-number", "%d", pipes[0] == fd);
	say_result("write", write(pipes[1], &c, 1));
	say_result("read", read(pipes[0], &back, 1));
	say("byte", "%c", back);
	say_result("getsockname", getsockname(fd, NULL, NULL));
	say_result("close", close(pipes[0]));
	say_result("close-again", close(pipes[0]));
	close(pipes[1]);
	fd = open_genl();
	say_result("range", close_range(fd, fd + 10, 0));
	say_result("send-closed", send(fd, &c, 1, 0));
	fd = open_genl();
	say_result("range-cloexec", close_range(fd, fd, CLOSE_RANGE_CLOEXEC));
	say("cloexec", "%d", fcntl(fd, F_GETFD));
	ask(fd, "nlctrl", 0, 4);
	say_answer("answer", fd);
	closefrom(fd);
	say_result("send-closed", send(fd, &c, 1, 0));
}

static void child_asks(int fd)
{
	ask(fd, "nlctrl", 0, 22);
	_exit(pid_of(fd) ? 7 : 8);
}

static void forks(void)
{
	int fd = open_genl(), status = 0;
	pid_t pid;

	ask(fd, "nlctrl", 0, 21);
	fflush(stdout);
	pid = fork();
	if (!pid)
		child_asks(fd);
	waitpid(pid, &status, 0);
	say("child", "%d", WEXITSTATUS(status));
	say_answer("own", fd);
	say_answer("child's", fd);
	ask(fd, "nlctrl", 0, 23);
	say_answer("after", fd);
	pid = vfork();
	if (!pid) {
		close(fd);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	ask(fd, "nlctrl", 0, 24);
	say_answer("after-vfork", fd);
	close(fd);
}

struct asker {
	int fd;
	__u32 seq;
};

static void *ask_often(void *arg)
{
	struct asker *asker = arg;
	int i;

	for (i = 0; i < 200; i++)
		ask(asker->fd, "nlctrl", 0, asker->seq);
	return NULL;
}

static void threads(void)
{
	struct asker askers[4];
	pthread_t ids[4];
	int fd = open_genl(), i, counts[4] = { 0 }, size = 8 << 20;
	struct nlmsghdr nlh;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	for (i = 0; i < 4; i++) {
		askers[i] = (struct asker){ .fd = fd, .seq = i };
		pthread_create(&ids[i], NULL, ask_often, &askers[i]);
	}
	for (i = 0; i < 4; i++)
		pthread_join(ids[i], NULL);
	while (recv(fd, &nlh, sizeof(nlh), MSG_DONTWAIT) > 0)
		if (nlh.nlmsg_seq < 4)
			counts[nlh.nlmsg_seq]++;
	for (i = 0; i < 4; i++)
		say("answers", "%d", counts[i]);
	close(fd);
}

static void kind(void)
{
	int fd = open_genl();
	struct stat st;

	say_result("fstat", fstat(fd, &st));
	say("socket", "%d", S_ISSOCK(st.st_mode));
	close(fd);
}

/* Another netlink protocol, which must not be touched. */
static void route(void)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), val = 0;
	socklen_t len = sizeof(val);

	say_result("bind", bind(fd, (struct sockaddr *)&name, sizeof(name)));
	say_result("protocol",
		   getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &val, &len));
	say("is", "%d", val);
	say("pid", "%d", pid_of(fd) != 0);
	close(fd);
}

const struct probe probe_fd[] = {
	{ "readiness", readiness }, { "copies", copies },   { "reuse", reuse },
	{ "forks", forks },	    { "threads", threads }, { "fstat", kind },
	{ "route", route },	    { NULL, NULL },
};
