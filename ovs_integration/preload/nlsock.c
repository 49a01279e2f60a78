// SPDX-License-Identifier: BSD-3-Clause
/*
 * An emulated AF_NETLINK/NETLINK_GENERIC socket: its life.
 *
 * Overview
 *
 *	The program's descriptor is a unix socket connected to the daemon
 *	(netlink_api/ovsnl_transport.h). struct twin_nlsock is this process's
 *	view of it; what belongs to the socket itself (options, names) is in
 *	the connection's page, which forked children share.
 *
 * Life cycle
 *
 *	live	connected; page mapped
 *	bare	came through execve(): connected, page not mapped. The first
 *		call that needs the page maps it (-> live)
 *	parked	the daemon is gone and could not be reached: the descriptor is
 *		an inotify instance that becomes readable when something
 *		appears in the directory of the daemon's socket, so that
 *		a program that sleeps in epoll wakes up and its receive can
 *		connect anew. Calls that need the daemon try at once (-> live)
 *
 *	A new connection takes the place of the old one under the same numbers
 *	(dup3). The old page stays mapped until the socket is closed: other
 *	threads may still be looking at it.
 *
 * Synchronisation
 *
 *	`page` and `parked` change under `lock` only and are read without.
 *	Memory of closed sockets is used for new ones and never freed, see
 *	fdtable.c.
 *
 * Lock order
 *
 *	sock->lock -> fdtable's lock
 *	sock->lock -> transport's lock in the page
 */
#define _GNU_SOURCE
#include "nlsock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fdtable.h"
#include "patience.h"
#include "real.h"

/* A dead connection's page. */
struct retired {
	struct retired *next;
	struct ovsnl_page *page;
};

/* One registration with epoll. */
struct watch {
	struct watch *next;
	int epfd;
	int fd;
	struct epoll_event event;
};

/**
 * struct twin_nlsock - an emulated socket in this process
 * @refs: one for each descriptor, one for each call under way; 0: free
 * @lock: see Synchronisation
 * @page: the connection's page; NULL while bare
 * @parked: the descriptor is the placeholder
 * @lost: ENOBUFS is due because the daemon died; atomic
 * @inode: of the descriptor while bare: tells dups apart from strangers
 * @retired: dead pages; under @lock
 * @watches: registrations with epoll; under @lock
 * @next_free: under free_lock
 */
struct twin_nlsock {
	int refs;
	pthread_mutex_t lock;
	struct ovsnl_page *page;
	bool parked;
	bool lost;
	ino_t inode;
	struct retired *retired;
	struct watch *watches;
	struct twin_nlsock *next_free;
};

static pthread_mutex_t free_lock = PTHREAD_MUTEX_INITIALIZER;
static struct twin_nlsock *free_list;

void twin_nlsock_assign(struct ovsnl_page *page, enum twin_nlsock_flag flag,
			bool on)
{
	__u32 *flags = &twin_nlsock_shared(page)->flags;

	if (on)
		__atomic_or_fetch(flags, flag, __ATOMIC_RELAXED);
	else
		__atomic_and_fetch(flags, ~(__u32)flag, __ATOMIC_RELAXED);
}

static struct ovsnl_page *page_of(struct twin_nlsock *sock)
{
	return __atomic_load_n(&sock->page, __ATOMIC_ACQUIRE);
}

static bool is_parked(struct twin_nlsock *sock)
{
	return __atomic_load_n(&sock->parked, __ATOMIC_ACQUIRE);
}

static struct twin_nlsock *alloc_sock(struct ovsnl_page *page)
{
	struct twin_nlsock *sock;

	pthread_mutex_lock(&free_lock);
	sock = free_list;
	if (sock)
		free_list = sock->next_free;
	pthread_mutex_unlock(&free_lock);
	if (!sock)
		sock = calloc(1, sizeof(*sock));
	if (!sock)
		return NULL;
	pthread_mutex_init(&sock->lock, NULL);
	sock->page = page;
	sock->parked = false;
	sock->lost = false;
	sock->inode = 0;
	__atomic_store_n(&sock->refs, 1, __ATOMIC_RELEASE);
	return sock;
}

bool twin_nlsock_hold(struct twin_nlsock *sock)
{
	int refs = __atomic_load_n(&sock->refs, __ATOMIC_RELAXED);

	while (refs > 0)
		if (__atomic_compare_exchange_n(&sock->refs, &refs, refs + 1,
						true, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

static void free_sock(struct twin_nlsock *sock)
{
	struct retired *retired;
	struct watch *watch;

	ovsnl_transport_unmap(sock->page);
	while ((retired = sock->retired)) {
		sock->retired = retired->next;
		ovsnl_transport_unmap(retired->page);
		free(retired);
	}
	while ((watch = sock->watches)) {
		sock->watches = watch->next;
		free(watch);
	}
	pthread_mutex_lock(&free_lock);
	sock->next_free = free_list;
	free_list = sock;
	pthread_mutex_unlock(&free_lock);
}

void twin_nlsock_put(struct twin_nlsock *sock)
{
	if (!__atomic_sub_fetch(&sock->refs, 1, __ATOMIC_ACQ_REL))
		free_sock(sock);
}

int twin_nlsock_create(int type)
{
	struct twin_patience patience = { 0 };
	struct ovsnl_page *page = NULL;
	struct twin_nlsock *sock;
	int fd, err;

	do
		fd = ovsnl_transport_open(ovsnl_transport_path(), &page);
	while (fd < 0 && twin_patience_left(&patience, fd));
	if (fd < 0)
		return fd;
	twin_nlsock_shared(page)->type = type & 0xf;
	if (!(type & SOCK_CLOEXEC))
		twin_real()->fcntl(fd, F_SETFD, 0);
	if (type & SOCK_NONBLOCK)
		twin_real()->fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
	sock = alloc_sock(page);
	if (!sock) {
		err = -ENOMEM;
		goto err_unmap;
	}
	err = twin_fdtable_set(fd, sock);
	twin_nlsock_put(sock);
	if (err)
		goto err_close;
	return fd;

err_unmap:
	ovsnl_transport_unmap(page);
err_close:
	twin_real()->close(fd);
	return err;
}

/* Inheritance */

struct find_inode {
	ino_t inode;
	struct twin_nlsock *found;
};

static void match_inode(int fd, struct twin_nlsock *sock, void *arg)
{
	struct find_inode *find = arg;

	(void)fd;
	if (sock->inode == find->inode)
		find->found = sock;
}

static void inherit_fd(int fd)
{
	struct find_inode find = { 0 };
	struct twin_nlsock *sock;
	struct stat st;

	if (twin_fdtable_peek(fd) || fstat(fd, &st) < 0 ||
	    !S_ISSOCK(st.st_mode) || !ovsnl_transport_is_ours(fd))
		return;
	find.inode = st.st_ino;
	twin_fdtable_for_each(NULL, match_inode, &find);
	if (find.found) {
		twin_fdtable_set(fd, find.found);
		return;
	}
	sock = alloc_sock(NULL);
	if (!sock)
		return;
	sock->inode = st.st_ino;
	twin_fdtable_set(fd, sock);
	twin_nlsock_put(sock);
}

void twin_nlsock_inherit(void)
{
	struct dirent *entry;
	DIR *dir;

	dir = opendir("/proc/self/fd");
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			inherit_fd(atoi(entry->d_name));
	closedir(dir);
}

static void reset_lock(int fd, struct twin_nlsock *sock, void *arg)
{
	(void)fd;
	(void)arg;
	pthread_mutex_init(&sock->lock, NULL);
}

void twin_nlsock_after_fork(void)
{
	pthread_mutex_init(&free_lock, NULL);
	twin_fdtable_for_each(NULL, reset_lock, NULL);
}

/* epoll */

void twin_nlsock_watch(struct twin_nlsock *sock, int epfd, int op, int fd,
		       const struct epoll_event *event)
{
	struct watch **at, *watch;

	pthread_mutex_lock(&sock->lock);
	at = &sock->watches;
	while (*at && ((*at)->epfd != epfd || (*at)->fd != fd))
		at = &(*at)->next;
	watch = *at;
	if (op == EPOLL_CTL_DEL && watch) {
		*at = watch->next;
		free(watch);
	} else if (op != EPOLL_CTL_DEL) {
		if (!watch)
			watch = calloc(1, sizeof(*watch));
		if (watch) {
			watch->epfd = epfd;
			watch->fd = fd;
			watch->event = *event;
			*at = watch;
		}
	}
	pthread_mutex_unlock(&sock->lock);
}

/*
 * Remove the registrations of @fd before its file is replaced. Those that are
 * no longer there (the epoll instance was closed, and perhaps another one has
 * its number now) are forgotten.
 */
static void watches_remove(struct twin_nlsock *sock, int fd)
{
	struct watch *watch, **at = &sock->watches;

	while ((watch = *at)) {
		if (watch->fd == fd &&
		    twin_real()->epoll_ctl(watch->epfd, EPOLL_CTL_DEL, fd,
					   NULL) < 0) {
			*at = watch->next;
			free(watch);
			continue;
		}
		at = &watch->next;
	}
}

static void watches_add(struct twin_nlsock *sock, int fd)
{
	struct watch *watch;

	for (watch = sock->watches; watch; watch = watch->next)
		if (watch->fd == fd)
			twin_real()->epoll_ctl(watch->epfd, EPOLL_CTL_ADD, fd,
					       &watch->event);
}

/* Another connection */

static void replace_fd(int fd, struct twin_nlsock *sock, void *arg)
{
	const struct twin_real_table *real = twin_real();
	int fd_flags = real->fcntl(fd, F_GETFD);
	int flags = real->fcntl(fd, F_GETFL);
	int new_fd = *(int *)arg;

	watches_remove(sock, fd);
	real->fcntl(new_fd, F_SETFL, flags);
	real->dup3(new_fd, fd, fd_flags & FD_CLOEXEC ? O_CLOEXEC : 0);
	watches_add(sock, fd);
}

/* Put @fd, which is used up, under all numbers that the socket has. */
static void replace_fds(struct twin_nlsock *sock, int fd)
{
	twin_fdtable_for_each(sock, replace_fd, &fd);
	twin_real()->close(fd);
}

static const struct {
	enum twin_nlsock_flag flag;
	enum ovsnl_opt opt;
} daemon_opts[] = {
	{ TWIN_NLSOCK_EXT_ACK, OVSNL_OPT_EXT_ACK },
	{ TWIN_NLSOCK_CAP_ACK, OVSNL_OPT_CAP_ACK },
	{ TWIN_NLSOCK_STRICT_CHK, OVSNL_OPT_STRICT_CHK },
};

static void restore_buffers(int fd, struct ovsnl_page *page,
			    const struct twin_nlsock_shared *old)
{
	const struct twin_real_table *real = twin_real();
	int half;

	if (old->rcvbuf) {
		half = old->rcvbuf / 2;
		real->setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &half,
				 sizeof(half));
		real->setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &half,
				 sizeof(half));
		ovsnl_transport_control(fd, page, OVSNL_CTL_SETOPT,
					OVSNL_OPT_RCVBUF, old->rcvbuf);
	}
	if (old->sndbuf) {
		half = old->sndbuf / 2;
		real->setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &half,
				 sizeof(half));
		real->setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &half,
				 sizeof(half));
	}
	real->setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &old->rcvtimeo,
			 sizeof(old->rcvtimeo));
}

/* Another socket that comes back at the same time may have been given the
 * port id for a moment, until it has its own again.
 */
static void restore_portid(int fd, struct ovsnl_page *page, __u32 portid)
{
	const struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };
	int tries, err;

	for (tries = 0; tries < 50; tries++) {
		err = ovsnl_transport_control(fd, page, OVSNL_CTL_BIND, portid,
					      0);
		if (err != -EADDRINUSE)
			return;
		nanosleep(&pause, NULL);
	}
}

/* Make the new connection what the old one was. */
static void restore(int fd, struct ovsnl_page *page, struct ovsnl_page *old)
{
	size_t i;

	*twin_nlsock_shared(page) = *twin_nlsock_shared(old);
	if (twin_nlsock_has(old, TWIN_NLSOCK_BOUND))
		restore_portid(fd, page, old->portid);
	for (i = 0; i < OVSNL_TRANSPORT_GROUPS_MAX; i++)
		if (old->groups[i].group)
			ovsnl_transport_control(fd, page,
						OVSNL_CTL_ADD_MEMBERSHIP,
						old->groups[i].group, 0);
	for (i = 0; i < sizeof(daemon_opts) / sizeof(daemon_opts[0]); i++)
		if (twin_nlsock_has(old, daemon_opts[i].flag))
			ovsnl_transport_control(fd, page, OVSNL_CTL_SETOPT,
						daemon_opts[i].opt, 1);
	restore_buffers(fd, page, twin_nlsock_shared(old));
}

static int retire(struct twin_nlsock *sock, struct ovsnl_page *page)
{
	struct retired *retired = malloc(sizeof(*retired));

	if (!retired)
		return -ENOMEM;
	retired->page = page;
	retired->next = sock->retired;
	sock->retired = retired;
	return 0;
}

/*
 * A descriptor that becomes readable when the daemon's socket may be back:
 * something happens in the nearest directory above it that exists.
 */
static int placeholder(void)
{
	char *dir = strdup(ovsnl_transport_path()), *slash;
	int fd;

	fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0 || !dir)
		goto out;
	while ((slash = strrchr(dir, '/'))) {
		slash[slash == dir] = '\0';
		if (inotify_add_watch(fd, dir,
				      IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF |
					      IN_MOVE_SELF | IN_ONLYDIR) >= 0 ||
		    slash == dir)
			break;
	}
out:
	free(dir);
	return fd;
}

/* Called with the socket locked. */
static void park(struct twin_nlsock *sock)
{
	int fd = placeholder();

	if (fd < 0)
		return;
	replace_fds(sock, fd);
	__atomic_store_n(&sock->parked, true, __ATOMIC_RELEASE);
}

/* Connect anew in place of @dead. Called with the socket locked. */
static int revive(struct twin_nlsock *sock, struct ovsnl_page *dead)
{
	struct ovsnl_page *page = NULL;
	int fd, err;

	fd = ovsnl_transport_open(ovsnl_transport_path(), &page);
	if (fd < 0)
		return fd;
	err = retire(sock, dead);
	if (err) {
		ovsnl_transport_unmap(page);
		twin_real()->close(fd);
		return err;
	}
	restore(fd, page, dead);
	replace_fds(sock, fd);
	__atomic_store_n(&sock->page, page, __ATOMIC_RELEASE);
	__atomic_store_n(&sock->parked, false, __ATOMIC_RELEASE);
	return 0;
}

int twin_nlsock_hangup(struct twin_nlsock *sock, struct ovsnl_page *dead)
{
	bool was_parked;
	int err = 0;

	ovsnl_transport_retire(dead);
	pthread_mutex_lock(&sock->lock);
	if (sock->page == dead) {
		was_parked = sock->parked;
		err = revive(sock, dead);
		if (err) {
			/* The daemon may have come between these two. */
			park(sock);
			err = revive(sock, dead);
		}
		if (!err || !was_parked)
			__atomic_store_n(&sock->lost, true, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&sock->lock);
	return err;
}

static int adopt(struct twin_nlsock *sock, int fd)
{
	struct ovsnl_page *page = NULL;
	int err = 0;

	pthread_mutex_lock(&sock->lock);
	if (!sock->page) {
		err = ovsnl_transport_adopt(ovsnl_transport_path(), fd, &page);
		if (!err)
			__atomic_store_n(&sock->page, page, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&sock->lock);
	return err;
}

int twin_nlsock_page(struct twin_nlsock *sock, int fd,
		     struct ovsnl_page **pagep)
{
	int err = 0;

	if (!page_of(sock))
		err = adopt(sock, fd);
	else if (is_parked(sock))
		err = twin_nlsock_hangup(sock, page_of(sock));
	*pagep = page_of(sock);
	return err;
}

int twin_nlsock_page_wait(struct twin_nlsock *sock, int fd,
			  struct ovsnl_page **pagep)
{
	struct twin_patience patience = { 0 };
	int err;

	do
		err = twin_nlsock_page(sock, fd, pagep);
	while (err && twin_patience_left(&patience, err));
	return err;
}

bool twin_nlsock_lost(struct twin_nlsock *sock)
{
	struct ovsnl_page *page = page_of(sock);
	bool lost = false;

	if (__atomic_load_n(&sock->lost, __ATOMIC_ACQUIRE))
		lost = __atomic_exchange_n(&sock->lost, false,
					   __ATOMIC_ACQ_REL);
	if (page && ovsnl_transport_overrun(page))
		lost = true;
	return lost && !twin_nlsock_has(page, TWIN_NLSOCK_NO_ENOBUFS);
}
