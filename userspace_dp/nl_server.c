// SPDX-License-Identifier: BSD-3-Clause
/*
 * The netlink socket's server.
 *
 * Overview
 *
 *	Accepts connections, reads their datagrams, walks the messages in them
 *	and acknowledges each, all as netlink does in the kernel.
 *
 * Life cycle
 *
 *	The socket is bound under a temporary name and renamed when it listens.
 *	The number of connections is limited by descriptors; at the limit the
 *	listening socket is left unwatched until one hangs up, or for a second
 *	when the kernel itself was short. When half of them are in use, newer
 *	connections don't keep their page's descriptor: all they lose is ADOPT.
 *
 * Synchronisation
 *
 *	Control thread only.
 */
#define _GNU_SOURCE
#include "nl_server.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "genl.h"
#include "log.h"
#include "loop.h"
#include "nl_ctl.h"
#include "nl_dump.h"
#include "nl_port.h"

#define BACKLOG 4096
/* A mapping a connection, of which Linux allows 65530, and two descriptors, or
 * one where they are short.
 */
#define MAX_CONNECTIONS 24000
#define OTHER_DESCRIPTORS 512
#define WANTED_DESCRIPTORS (2 * MAX_CONNECTIONS + OTHER_DESCRIPTORS)
#define RETRY_MS 1000
/* Datagrams taken from one connection before the next has its turn. */
#define DATAGRAMS_PER_ROUND 4

static void accept_ready(struct twin_watch *watch, uint32_t events);

static struct twin_watch listener = { .fd = -1, .ready = accept_ready };
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static gid_t admin_group;
static bool paused;
static uint32_t max_connections, max_with_memfd;
static struct twin_nl_server_stats counters;
static __u8 datagram[OVSNL_TRANSPORT_DATAGRAM_MAX]
	__attribute__((aligned(NLMSG_ALIGNTO)));

static struct twin_nl_conn *conn_of(struct twin_watch *watch)
{
	return (struct twin_nl_conn *)((char *)watch -
				       offsetof(struct twin_nl_conn, watch));
}

static void set_paused(bool yes)
{
	if (paused == yes)
		return;
	paused = yes;
	twin_loop_modify(&listener, yes ? 0 : EPOLLIN);
}

/* Loop hook: accept again after a while. */
static int retry_accept(void)
{
	static bool waited;

	if (!paused) {
		waited = false;
		return -1;
	}
	if (waited && counters.connections < max_connections)
		set_paused(false);
	waited = !waited;
	return RETRY_MS;
}

static void conn_dispose(struct twin_watch *watch)
{
	twin_nl_conn_destroy(conn_of(watch));
}

static void hang_up(struct twin_nl_conn *conn)
{
	twin_nl_dump_abort(conn);
	twin_nl_port_remove(conn);
	twin_loop_remove(&conn->watch);
	counters.lost += conn->lost;
	counters.connections--;
	set_paused(false);
}

/* One message; the kernel's rules for what is answered and what is not. */
static void receive_message(struct twin_nl_conn *conn,
			    const struct nlmsghdr *nlh)
{
	struct twin_genl_request req = { .conn = conn, .nlh = nlh };
	int err = 0;

	if (nlh->nlmsg_type >= OVSNL_CTL_FIRST) {
		twin_nl_ctl_receive(conn, nlh);
		return;
	}
	if (nlh->nlmsg_flags & NLM_F_REQUEST &&
	    nlh->nlmsg_type >= NLMSG_MIN_TYPE) {
		counters.requests++;
		err = twin_genl_receive(&req);
		if (err == -EINTR)
			return;
	}
	if (err || nlh->nlmsg_flags & NLM_F_ACK)
		twin_nl_conn_ack(conn, nlh, err, &req.err);
}

/* A batch: messages one after the other; a malformed length ends it. */
static void receive_batch(struct twin_nl_conn *conn, const __u8 *data,
			  size_t len)
{
	const struct nlmsghdr *nlh;
	size_t step;

	while (len >= NLMSG_HDRLEN) {
		nlh = (const struct nlmsghdr *)data;
		if (nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len > len)
			return;
		receive_message(conn, nlh);
		step = NLMSG_ALIGN((size_t)nlh->nlmsg_len);
		if (step >= len)
			return;
		data += step;
		len -= step;
	}
}

static void receive_datagram(struct twin_nl_conn *conn, size_t len)
{
	const struct nlmsghdr *sync = (const struct nlmsghdr *)datagram;
	size_t head = 0;

	if (len >= sizeof(*sync) && sync->nlmsg_type == OVSNL_CTL_SYNC)
		head = NLMSG_HDRLEN;
	if (len <= sizeof(datagram))
		receive_batch(conn, datagram + head, len - head);
	if (!head)
		return;
	if (sync->nlmsg_flags & NLM_F_ACK) {
		struct nlmsghdr copy = *sync;

		copy.nlmsg_len = sizeof(copy);
		twin_nl_conn_ack(conn, &copy, 0, NULL);
	}
	twin_nl_conn_complete(conn, sync->nlmsg_seq);
}

static void conn_ready(struct twin_watch *watch, uint32_t events)
{
	struct twin_nl_conn *conn = conn_of(watch);
	ssize_t len;
	int i;

	for (i = 0; i < DATAGRAMS_PER_ROUND; i++) {
		len = recv(watch->fd, datagram, sizeof(datagram),
			   MSG_DONTWAIT | MSG_TRUNC);
		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (len <= 0) {
			hang_up(conn);
			return;
		}
		receive_datagram(conn, len);
	}
	if (events & EPOLLOUT)
		twin_nl_dump_continue(conn);
}

static int admit(int fd)
{
	struct twin_nl_conn *conn;
	int err;

	conn = twin_nl_conn_create(fd, admin_group);
	if (!conn) {
		err = -errno;
		close(fd);
		return err;
	}
	conn->watch.ready = conn_ready;
	conn->watch.dispose = conn_dispose;
	twin_nl_port_bind(conn, twin_nl_conn_peer_pid(conn), true);
	err = twin_nl_conn_hello(conn, conn);
	if (!err)
		err = twin_loop_add(&conn->watch, EPOLLIN);
	if (err) {
		twin_nl_port_remove(conn);
		twin_nl_conn_destroy(conn);
		return err;
	}
	if (counters.connections >= max_with_memfd) {
		close(conn->memfd);
		conn->memfd = -1;
	}
	return 0;
}

static void accept_ready(struct twin_watch *watch, uint32_t events)
{
	int fd, i;

	(void)events;
	for (i = 0; i < DATAGRAMS_PER_ROUND; i++) {
		if (counters.connections >= max_connections) {
			twin_log_limited("%u connections: accepting no more "
					 "until one is closed",
					 counters.connections);
			set_paused(true);
			return;
		}
		fd = accept4(watch->fd, NULL, NULL,
			     SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE ||
			    errno == ENOMEM || errno == ENOBUFS)
				set_paused(true);
			return;
		}
		if (admit(fd)) {
			counters.refused++;
			continue;
		}
		counters.accepted++;
		counters.connections++;
	}
}

static void raise_limits(void)
{
	struct rlimit lim = { WANTED_DESCRIPTORS, WANTED_DESCRIPTORS }, old;
	uint32_t spare;

	if (getrlimit(RLIMIT_NOFILE, &old) < 0)
		old = (struct rlimit){ 1024, 1024 };
	if (old.rlim_max > lim.rlim_max)
		lim = old;
	lim.rlim_cur = lim.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &lim) < 0) {
		lim.rlim_cur = lim.rlim_max = old.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
	if (lim.rlim_max > WANTED_DESCRIPTORS)
		lim.rlim_max = WANTED_DESCRIPTORS;
	spare = lim.rlim_max > 2 * OTHER_DESCRIPTORS
			? lim.rlim_max - OTHER_DESCRIPTORS
			: OTHER_DESCRIPTORS;
	max_with_memfd = spare / 4;
	max_connections = spare - max_with_memfd;
	if (max_connections > MAX_CONNECTIONS)
		max_connections = MAX_CONNECTIONS;
}

/* Is somebody listening at @address? */
static bool answered(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);
	bool yes;

	if (fd < 0)
		return false;
	yes = !connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	      errno == EAGAIN;
	close(fd);
	return yes;
}

static int make_directory(const char *path)
{
	char copy[sizeof(address.sun_path)];
	char *dir;

	strcpy(copy, path);
	dir = dirname(copy);
	if (mkdir(dir, 0755) < 0 && errno != EEXIST) {
		twin_log("cannot make directory %s: %s", dir, strerror(errno));
		return -errno;
	}
	return 0;
}

/* Bind and listen under a temporary name, then move into place. */
static int bind_socket(int fd, const char *path, gid_t group)
{
	struct sockaddr_un temporary = { .sun_family = AF_UNIX };
	int err;

	if (snprintf(temporary.sun_path, sizeof(temporary.sun_path), "%s.%d",
		     path, getpid()) >= (int)sizeof(temporary.sun_path))
		return -ENAMETOOLONG;
	unlink(temporary.sun_path);
	if (bind(fd, (struct sockaddr *)&temporary, sizeof(temporary)) < 0)
		return -errno;
	if (chown(temporary.sun_path, -1, group) < 0 ||
	    chmod(temporary.sun_path, 0666) < 0 || listen(fd, BACKLOG) < 0 ||
	    rename(temporary.sun_path, path) < 0) {
		err = -errno;
		unlink(temporary.sun_path);
		return err;
	}
	return 0;
}

static int check_path(const char *path)
{
	struct stat st;

	if (strlen(path) >= sizeof(address.sun_path)) {
		twin_log("socket path is longer than %zu characters: %s",
			 sizeof(address.sun_path) - 1, path);
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	if (!lstat(path, &st) && !S_ISSOCK(st.st_mode)) {
		twin_log("%s exists and is not a socket", path);
		return -EEXIST;
	}
	if (answered()) {
		twin_log("another daemon answers on %s", path);
		return -EADDRINUSE;
	}
	return make_directory(path);
}

int twin_nl_server_open(const char *path, gid_t group)
{
	int err;

	err = check_path(path);
	if (err)
		return err;
	raise_limits();
	admin_group = group;
	listener.fd = socket(AF_UNIX,
			     SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener.fd < 0) {
		err = -errno;
		goto err_log;
	}
	err = bind_socket(listener.fd, path, group);
	if (err)
		goto err_close;
	err = twin_loop_add(&listener, EPOLLIN);
	if (!err)
		err = twin_loop_hook(retry_accept);
	if (err)
		goto err_unlink;
	return 0;

err_unlink:
	unlink(path);
err_close:
	close(listener.fd);
	listener.fd = -1;
err_log:
	twin_log("cannot listen on %s: %s", path, strerror(-err));
	return err;
}

void twin_nl_server_close(void)
{
	if (listener.fd < 0)
		return;
	unlink(address.sun_path);
	twin_nl_port_for_each(hang_up);
	close(listener.fd);
	listener.fd = -1;
}

void twin_nl_server_stats(struct twin_nl_server_stats *stats)
{
	*stats = counters;
}
