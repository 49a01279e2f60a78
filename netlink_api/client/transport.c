// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Connections to a twinpathd that behave like generic netlink sockets.
 *
 * Overview
 *
 *	The descriptor carries netlink datagrams and nothing else. What goes
 *beside them comes through the connection's page (ovsnl_transport.h): the
 *cookie of the last batch that the daemon has finished, the number of overruns,
 *the result of control messages.
 *
 * Life cycle
 *
 *	open: connect, read HELLO, map the page, set up the client's part of it.
 *	fork: descriptor and page are both shared with the child, nothing to do.
 *	exec: the page is unmapped, the descriptor stays; adopt asks the daemon
 *for the page.
 *
 * Synchronisation
 *
 *	A cookie and its datagram must reach the daemon in the same order, or
 *`completed` would pass a cookie whose batch is still waiting. So both happen
 *under one mutex, which is process-shared, because a forked child sends on the
 *same connection, and robust, because that child may be killed there: a lost
 *cookie does no harm, and the next owner goes on. Waiting is done outside,
 *except for control messages: ctl_errno is a single word, so their whole round
 *trip is under the mutex.
 *
 *	sendmsg() is entered as a system call, not through libc: the preload
 *library replaces libc's entry and calls this file from there.
 */
#define _GNU_SOURCE
#include "transport.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LABEL "twinpath-nl."
#define LABEL_LEN (sizeof(LABEL) - 1)
#define IOV_ON_STACK 136
#define WAIT_MAX_MS (3600 * 1000)
#define HANGUP_CHECK_NS (100 * 1000 * 1000)

static pthread_mutex_t *page_lock(struct ovsnl_page *page)
{
	return (pthread_mutex_t *)ovsnl_transport_client(page)->lock;
}

static void lock(struct ovsnl_page *page)
{
	if (pthread_mutex_lock(page_lock(page)) == EOWNERDEAD)
		pthread_mutex_consistent(page_lock(page));
}

static void unlock(struct ovsnl_page *page)
{
	pthread_mutex_unlock(page_lock(page));
}

static int page_lock_init(struct ovsnl_page *page)
{
	pthread_mutexattr_t attr;
	int err;

	_Static_assert(
		sizeof(pthread_mutex_t) <=
			sizeof(((struct ovsnl_transport_client *)0)->lock),
		"mutex fits");
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	err = pthread_mutex_init(page_lock(page), &attr);
	pthread_mutexattr_destroy(&attr);
	return -err;
}

const char *ovsnl_transport_path(void)
{
	const char *path = getenv(OVSNL_TRANSPORT_ENV);

	return path && *path ? path : OVSNL_TRANSPORT_PATH;
}

unsigned int ovsnl_transport_wait_ms(void)
{
	const char *text = getenv(OVSNL_TRANSPORT_WAIT_ENV);
	unsigned long ms = text ? strtoul(text, NULL, 10) : 0;

	return ms > WAIT_MAX_MS ? WAIT_MAX_MS : ms;
}

bool ovsnl_transport_is_ours(int fd)
{
	struct sockaddr_un sun = { .sun_family = AF_UNSPEC };
	socklen_t len = sizeof(sun);

	if (syscall(SYS_getsockname, fd, &sun, &len) < 0)
		return false;
	return sun.sun_family == AF_UNIX &&
	       len > offsetof(struct sockaddr_un, sun_path) + 1 + LABEL_LEN &&
	       !memcmp(sun.sun_path + 1, LABEL, LABEL_LEN) && !sun.sun_path[0];
}

static int bind_label(int fd)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	__u64 random;
	int len;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	len = snprintf(sun.sun_path + 1, sizeof(sun.sun_path) - 1,
		       LABEL "%016llx", (unsigned long long)random);
	if (bind(fd, (struct sockaddr *)&sun,
		 offsetof(struct sockaddr_un, sun_path) + 1 + len) < 0)
		return -errno;
	return 0;
}

static int connect_path(int fd, const char *path)
{
	struct timeval patience = { .tv_sec = OVSNL_TRANSPORT_PATIENCE_MS /
					      1000 };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval none = { 0 };

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	while (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == ENOENT || errno == ENOTDIR || errno == EPROTOTYPE)
			return -ECONNREFUSED;
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none));
	return 0;
}

static int wait_readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&pfd, 1, OVSNL_TRANSPORT_PATIENCE_MS);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n ? 0 : -ETIMEDOUT;
}

static int cmsg_take_fd(struct msghdr *msg)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	int fd;

	if (!cmsg || cmsg->cmsg_level != SOL_SOCKET ||
	    cmsg->cmsg_type != SCM_RIGHTS ||
	    cmsg->cmsg_len != CMSG_LEN(sizeof(int)))
		return -EPROTO;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

static int hello_check(const struct ovsnl_hello *hello, ssize_t len)
{
	if (len < 0)
		return -errno;
	if (len < (ssize_t)sizeof(*hello) ||
	    hello->hdr.nlmsg_type != OVSNL_CTL_HELLO)
		return -EPROTO;
	if (hello->version != OVSNL_TRANSPORT_VERSION)
		return -EPROTONOSUPPORT;
	return 0;
}

/* Read HELLO from @fd and map the page that comes with it. */
static int recv_hello(int fd, struct ovsnl_hello *hello,
		      struct ovsnl_page **pagep)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = hello, .iov_len = sizeof(*hello) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len;
	int memfd, err;
	void *page;

	err = wait_readable(fd);
	if (err)
		return err;
	len = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	err = hello_check(hello, len);
	memfd = len > 0 ? cmsg_take_fd(&msg) : -EPROTO;
	if (!err && memfd < 0)
		err = msg.msg_flags & MSG_CTRUNC ? -EMFILE : memfd;
	if (err)
		goto out;
	page = mmap(NULL, OVSNL_TRANSPORT_PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_SHARED, memfd, 0);
	if (page == MAP_FAILED)
		err = -errno;
	else
		*pagep = page;
out:
	if (memfd >= 0)
		close(memfd);
	return err;
}

static int open_hello(const char *path, struct ovsnl_hello *hello,
		      struct ovsnl_page **pagep)
{
	int fd, err;

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = bind_label(fd);
	if (!err)
		err = connect_path(fd, path);
	if (!err)
		err = recv_hello(fd, hello, pagep);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int ovsnl_transport_open(const char *path, struct ovsnl_page **pagep)
{
	struct ovsnl_hello hello;
	int fd, err;

	fd = open_hello(path, &hello, pagep);
	if (fd < 0)
		return fd;
	err = page_lock_init(*pagep);
	if (!err)
		return fd;
	ovsnl_transport_unmap(*pagep);
	close(fd);
	return err;
}

int ovsnl_transport_adopt(const char *path, int fd, struct ovsnl_page **pagep)
{
	struct ovsnl_ctl ctl = {
		.hdr.nlmsg_len = sizeof(ctl),
		.hdr.nlmsg_type = OVSNL_CTL_ADOPT,
	};
	struct iovec iov = { .iov_base = &ctl, .iov_len = sizeof(ctl) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct ovsnl_page *side_page;
	struct ovsnl_hello hello;
	int side, err = 0;

	side = open_hello(path, &hello, &side_page);
	if (side < 0)
		return side;
	ctl.arg = hello.portid;
	ctl.token = hello.token;
	if (syscall(SYS_sendmsg, fd, &msg, MSG_NOSIGNAL) < 0)
		err = -errno;
	if (!err)
		err = recv_hello(side, &hello, pagep);
	ovsnl_transport_unmap(side_page);
	close(side);
	return err;
}

void ovsnl_transport_unmap(struct ovsnl_page *page)
{
	if (page)
		munmap(page, OVSNL_TRANSPORT_PAGE_SIZE);
}

static bool hung_up(int fd, struct ovsnl_page *page)
{
	struct pollfd pfd = { .fd = fd, .events = POLLRDHUP };

	return __atomic_load_n(&ovsnl_transport_client(page)->retired,
			       __ATOMIC_ACQUIRE) ||
	       poll(&pfd, 1, 0) > 0;
}

void ovsnl_transport_retire(struct ovsnl_page *page)
{
	__atomic_store_n(&ovsnl_transport_client(page)->retired, 1,
			 __ATOMIC_RELEASE);
}

static bool completed(struct ovsnl_page *page, __u32 cookie, __u32 *now)
{
	*now = __atomic_load_n(&page->completed, __ATOMIC_ACQUIRE);
	return (__s32)(*now - cookie) >= 0;
}

/* Wait until the daemon has dealt with the batch that @cookie stands for. */
static int wait_completed(int fd, struct ovsnl_page *page, __u32 cookie)
{
	const struct timespec check = { .tv_nsec = HANGUP_CHECK_NS };
	int err = 0;
	__u32 now;

	if (completed(page, cookie, &now))
		return 0;
	__atomic_add_fetch(&page->waiters, 1, __ATOMIC_SEQ_CST);
	while (!completed(page, cookie, &now)) {
		if (syscall(SYS_futex, &page->completed, FUTEX_WAIT, now,
			    &check, NULL, 0) == 0 ||
		    errno != ETIMEDOUT || !hung_up(fd, page))
			continue;
		err = completed(page, cookie, &now) ? 0 : -ECONNRESET;
		break;
	}
	__atomic_sub_fetch(&page->waiters, 1, __ATOMIC_SEQ_CST);
	return err;
}

/* One datagram, whatever O_NONBLOCK and signals say. */
static ssize_t send_datagram(int fd, const struct msghdr *msg)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	for (;;) {
		n = syscall(SYS_sendmsg, fd, msg, MSG_NOSIGNAL);
		if (n >= 0)
			return n;
		if (errno == EAGAIN)
			poll(&pfd, 1, -1);
		else if (errno != EINTR)
			break;
	}
	if (errno == ECONNRESET || errno == ENOTCONN || errno == ENOTSOCK ||
	    errno == ECONNREFUSED)
		return -EPIPE;
	return -errno;
}

/*
 * Send @msg, whose first element this function makes the SYNC. Called with the
 * page locked. On success *@cookie is what to wait for.
 */
static ssize_t send_synced(int fd, struct ovsnl_page *page, struct msghdr *msg,
			   __u32 *cookie)
{
	struct nlmsghdr sync = {
		.nlmsg_len = sizeof(sync),
		.nlmsg_type = OVSNL_CTL_SYNC,
		.nlmsg_seq = ++ovsnl_transport_client(page)->cookie,
	};
	ssize_t n;

	*cookie = sync.nlmsg_seq;
	msg->msg_iov[0].iov_base = &sync;
	msg->msg_iov[0].iov_len = sizeof(sync);
	n = send_datagram(fd, msg);
	return n < 0 ? n : n - (ssize_t)sizeof(sync);
}

static ssize_t iov_total(const struct iovec *iov, size_t iovcnt)
{
	size_t i, total = 0;

	for (i = 0; i < iovcnt; i++) {
		if (iov[i].iov_len > OVSNL_TRANSPORT_DATAGRAM_MAX)
			return -EMSGSIZE;
		total += iov[i].iov_len;
	}
	if (total + sizeof(struct nlmsghdr) > OVSNL_TRANSPORT_DATAGRAM_MAX)
		return -EMSGSIZE;
	return total;
}

/* With the SYNC in front a long vector may exceed IOV_MAX: copy it into one
 * piece. */
static char *iov_join(const struct iovec *iov, size_t iovcnt, size_t total)
{
	char *buf = malloc(total), *p = buf;
	size_t i;

	if (!buf)
		return NULL;
	for (i = 0; i < iovcnt; i++)
		p = mempcpy(p, iov[i].iov_base, iov[i].iov_len);
	return buf;
}

ssize_t ovsnl_transport_send(int fd, struct ovsnl_page *page,
			     const struct iovec *iov, size_t iovcnt)
{
	struct iovec vec[1 + IOV_ON_STACK];
	struct msghdr msg = { .msg_iov = vec };
	char *joined = NULL;
	ssize_t total, n;
	__u32 cookie;
	int err;

	total = iov_total(iov, iovcnt);
	if (total < 0)
		return total;
	if (iovcnt <= IOV_ON_STACK) {
		memcpy(vec + 1, iov, iovcnt * sizeof(*iov));
		msg.msg_iovlen = 1 + iovcnt;
	} else {
		joined = iov_join(iov, iovcnt, total);
		if (!joined)
			return -ENOMEM;
		vec[1] = (struct iovec){ .iov_base = joined, .iov_len = total };
		msg.msg_iovlen = 2;
	}
	lock(page);
	n = send_synced(fd, page, &msg, &cookie);
	unlock(page);
	free(joined);
	if (n < 0)
		return n;
	err = wait_completed(fd, page, cookie);
	return err ? err : n;
}

int ovsnl_transport_control(int fd, struct ovsnl_page *page, __u16 type,
			    __u32 arg, __u32 value)
{
	struct ovsnl_ctl ctl = {
		.hdr.nlmsg_len = sizeof(ctl),
		.hdr.nlmsg_type = type,
		.arg = arg,
		.value = value,
	};
	struct iovec vec[2] = { [1] = { .iov_base = &ctl,
					.iov_len = sizeof(ctl) } };
	struct msghdr msg = { .msg_iov = vec, .msg_iovlen = 2 };
	__u32 cookie;
	int err;

	lock(page);
	err = send_synced(fd, page, &msg, &cookie);
	if (err >= 0)
		err = wait_completed(fd, page, cookie);
	if (!err)
		err = -(int)__atomic_load_n(&page->ctl_errno, __ATOMIC_RELAXED);
	unlock(page);
	return err;
}

bool ovsnl_transport_overrun(struct ovsnl_page *page)
{
	struct ovsnl_transport_client *client = ovsnl_transport_client(page);
	__u32 now = __atomic_load_n(&page->overruns, __ATOMIC_ACQUIRE);
	__u32 seen = __atomic_load_n(&client->overruns_seen, __ATOMIC_RELAXED);

	return now != seen &&
	       __atomic_compare_exchange_n(&client->overruns_seen, &seen, now,
					   false, __ATOMIC_RELAXED,
					   __ATOMIC_RELAXED);
}

__u32 ovsnl_transport_group(const struct ovsnl_page *page,
			    const struct nlmsghdr *nlh)
{
	__u32 group;
	int i;

	if (nlh->nlmsg_pid == __atomic_load_n(&page->portid, __ATOMIC_RELAXED))
		return 0;
	for (i = 0; i < OVSNL_TRANSPORT_GROUPS_MAX; i++) {
		group = __atomic_load_n(&page->groups[i].group,
					__ATOMIC_ACQUIRE);
		if (group && page->groups[i].nlmsg_type == nlh->nlmsg_type)
			return group;
	}
	return 0;
}
