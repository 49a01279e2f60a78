// SPDX-License-Identifier: BSD-3-Clause
/*
 * A connection of the netlink socket.
 *
 * Overview
 *
 *	Writing to a client, the page shared with it, and who it is.
 *
 * Life cycle
 *
 *	create on accept; hello once the port id is known; destroy when the
 *	client is gone. nl_server.c does all three on the control thread.
 *
 * Synchronisation
 *
 *	The control thread owns connections. Other threads only send, and only
 *	under nl_port's lock, which keeps the connection alive. A datagram is
 *	one system call, so senders need no lock between them; the loss state
 *	is atomic.
 */
#define _GNU_SOURCE
#include "nl_conn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "ovsnl_attr.h"

#define ACK_TLV_MAX 1024
/* What the kernel adds to a datagram when it counts it against a buffer. */
#define SKB_OVERHEAD 4096

static int page_create(struct twin_nl_conn *conn)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	void *page;

	conn->memfd =
		memfd_create("twinpath-nl", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (conn->memfd < 0)
		return -errno;
	if (ftruncate(conn->memfd, OVSNL_TRANSPORT_PAGE_SIZE) < 0 ||
	    fcntl(conn->memfd, F_ADD_SEALS, seals) < 0)
		return -errno;
	page = mmap(NULL, OVSNL_TRANSPORT_PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_SHARED, conn->memfd, 0);
	if (page == MAP_FAILED)
		return -errno;
	conn->page = page;
	return 0;
}

static bool in_group(int fd, gid_t wanted)
{
	gid_t groups[1024];
	socklen_t len = sizeof(groups);
	unsigned int i;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
		return false;
	for (i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

static bool may_change(int fd, gid_t group)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return false;
	return cred.uid == 0 || cred.gid == group || in_group(fd, group);
}

static void note_sndbuf(struct twin_nl_conn *conn)
{
	socklen_t len = sizeof(int);
	int bytes;

	if (!getsockopt(conn->watch.fd, SOL_SOCKET, SO_SNDBUF, &bytes, &len))
		__atomic_store_n(&conn->sndbuf, bytes, __ATOMIC_RELAXED);
}

struct twin_nl_conn *twin_nl_conn_create(int fd, gid_t group)
{
	struct twin_nl_conn *conn;
	int err;

	conn = calloc(1, sizeof(*conn));
	if (!conn)
		return NULL;
	conn->memfd = -1;
	conn->watch.fd = fd;
	conn->admin = may_change(fd, group);
	note_sndbuf(conn);
	err = page_create(conn);
	if (!err && getrandom(&conn->token, sizeof(conn->token), 0) !=
			    sizeof(conn->token))
		err = -EIO;
	if (!err)
		return conn;
	conn->watch.fd = -1;
	twin_nl_conn_destroy(conn);
	errno = -err;
	return NULL;
}

void twin_nl_conn_destroy(struct twin_nl_conn *conn)
{
	if (conn->page)
		munmap(conn->page, OVSNL_TRANSPORT_PAGE_SIZE);
	if (conn->memfd >= 0)
		close(conn->memfd);
	if (conn->watch.fd >= 0)
		close(conn->watch.fd);
	free(conn);
}

uint32_t twin_nl_conn_peer_pid(const struct twin_nl_conn *conn)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(conn->watch.fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) <
	    0)
		return 0;
	return cred.pid;
}

int twin_nl_conn_hello(struct twin_nl_conn *conn,
		       const struct twin_nl_conn *subject)
{
	struct ovsnl_hello hello = {
		.hdr.nlmsg_len = sizeof(hello),
		.hdr.nlmsg_type = OVSNL_CTL_HELLO,
		.hdr.nlmsg_pid = subject->portid,
		.version = OVSNL_TRANSPORT_VERSION,
		.portid = subject->portid,
		.token = subject->token,
	};
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = &hello, .iov_len = sizeof(hello) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &subject->memfd, sizeof(int));
	if (sendmsg(conn->watch.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

static int send_once(struct twin_nl_conn *conn, const struct iovec *iov,
		     unsigned int n)
{
	struct msghdr msg = {
		.msg_iov = (struct iovec *)iov,
		.msg_iovlen = n,
	};

	if (sendmsg(conn->watch.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 0;
	switch (errno) {
	case EPIPE:
	case ECONNRESET:
	case ENOTCONN:
		return -ECONNREFUSED;
	case EMSGSIZE:
		return -EMSGSIZE;
	default:
		return -EAGAIN;
	}
}

static void set_sndbuf(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

static int unread(const struct twin_nl_conn *conn)
{
	int bytes = 0;

	return ioctl(conn->watch.fd, SIOCOUTQ, &bytes) < 0 ? 0 : bytes;
}

bool twin_nl_conn_is_filling(const struct twin_nl_conn *conn)
{
	int room = __atomic_load_n(&conn->sndbuf, __ATOMIC_RELAXED);

	return unread(conn) > room - room / 4;
}

/*
 * A unix socket refuses a datagram larger than its buffer even when nothing is
 * unread, where netlink takes one of any size. So the buffer is widened for
 * the one datagram. A race between two senders leaves it wide for a moment.
 */
static int send_oversize(struct twin_nl_conn *conn, const struct iovec *iov,
			 unsigned int n)
{
	int before = __atomic_load_n(&conn->sndbuf, __ATOMIC_RELAXED);
	int fd = conn->watch.fd, ret;
	size_t len = 0;
	unsigned int i;

	if (unread(conn) > 0)
		return -EAGAIN;
	for (i = 0; i < n; i++)
		len += iov[i].iov_len;
	set_sndbuf(fd, len + SKB_OVERHEAD);
	ret = send_once(conn, iov, n);
	set_sndbuf(fd, before / 2);
	return ret == -EMSGSIZE ? -EAGAIN : ret;
}

int twin_nl_conn_try_send(struct twin_nl_conn *conn, const struct iovec *iov,
			  unsigned int n)
{
	int ret = send_once(conn, iov, n);

	return ret == -EMSGSIZE ? send_oversize(conn, iov, n) : ret;
}

void twin_nl_conn_lose(struct twin_nl_conn *conn)
{
	__atomic_add_fetch(&conn->lost, 1, __ATOMIC_RELAXED);
	if (!__atomic_exchange_n(&conn->lossy, true, __ATOMIC_RELAXED))
		__atomic_add_fetch(&conn->page->overruns, 1, __ATOMIC_RELEASE);
}

int twin_nl_conn_send(struct twin_nl_conn *conn, const struct iovec *iov,
		      unsigned int n)
{
	int ret = twin_nl_conn_try_send(conn, iov, n);

	if (!ret) {
		if (__atomic_load_n(&conn->lossy, __ATOMIC_RELAXED))
			__atomic_store_n(&conn->lossy, false, __ATOMIC_RELAXED);
		return 0;
	}
	if (ret == -EAGAIN)
		twin_nl_conn_lose(conn);
	return ret;
}

/* NLMSGERR_ATTR_* as the kernel orders them. */
static void put_ack_tlvs(struct ovsnl_writer *w, const struct nlmsghdr *nlh,
			 int error, const struct ovsnl_err *err)
{
	const char *start = (const char *)nlh;
	const char *attr = (const char *)err->attr;

	if (err->msg)
		ovsnl_put_string(w, NLMSGERR_ATTR_MSG, err->msg);
	if (error && attr >= start && attr < start + nlh->nlmsg_len)
		ovsnl_put_u32(w, NLMSGERR_ATTR_OFFS, attr - start);
	if (error && err->policy)
		twin_genl_policy_put(w, NLMSGERR_ATTR_POLICY, err->policy);
}

void twin_nl_conn_ack(struct twin_nl_conn *conn, const struct nlmsghdr *nlh,
		      int error, const struct ovsnl_err *err)
{
	static const char zeros[NLMSG_ALIGNTO];
	struct {
		struct nlmsghdr hdr;
		struct nlmsgerr body;
	} ack = {
		.hdr.nlmsg_type = NLMSG_ERROR,
		.hdr.nlmsg_seq = nlh->nlmsg_seq,
		.hdr.nlmsg_pid = conn->portid,
		.body.error = error,
		.body.msg = *nlh,
	};
	__u8 tlvs[ACK_TLV_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	size_t copied = nlh->nlmsg_len - sizeof(*nlh);
	struct ovsnl_writer w;
	struct iovec iov[4];

	if (!error || conn->cap_ack) {
		copied = 0;
		ack.hdr.nlmsg_flags |= NLM_F_CAPPED;
	}
	ovsnl_writer_init(&w, tlvs, sizeof(tlvs));
	if (conn->ext_ack && err)
		put_ack_tlvs(&w, nlh, error, err);
	if (w.len)
		ack.hdr.nlmsg_flags |= NLM_F_ACK_TLVS;
	ack.hdr.nlmsg_len = sizeof(ack) + NLMSG_ALIGN(copied) + w.len;

	iov[0] = (struct iovec){ &ack, sizeof(ack) };
	iov[1] = (struct iovec){ (char *)nlh + sizeof(*nlh), copied };
	iov[2] = (struct iovec){ (char *)zeros, NLMSG_ALIGN(copied) - copied };
	iov[3] = (struct iovec){ tlvs, w.len };
	twin_nl_conn_send(conn, iov, 4);
}

void twin_nl_conn_complete(struct twin_nl_conn *conn, uint32_t cookie)
{
	struct ovsnl_page *page = conn->page;

	__atomic_store_n(&page->completed, cookie, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&page->waiters, __ATOMIC_RELAXED))
		syscall(SYS_futex, &page->completed, FUTEX_WAKE, INT_MAX, NULL,
			NULL, 0);
}

static uint32_t rmem_max(void)
{
	uint32_t bytes = 212992;
	FILE *f = fopen("/proc/sys/net/core/rmem_max", "re");

	if (!f)
		return bytes;
	if (fscanf(f, "%u", &bytes) != 1)
		bytes = 212992;
	fclose(f);
	return bytes;
}

int twin_nl_conn_rcvbuf(struct twin_nl_conn *conn, uint32_t bytes)
{
	uint64_t most = OVSNL_TRANSPORT_RCVBUF_MAX;

	if (!conn->admin && 2 * (uint64_t)rmem_max() < most)
		most = 2 * (uint64_t)rmem_max();
	if (bytes > most)
		bytes = most;
	set_sndbuf(conn->watch.fd, bytes / 2);
	note_sndbuf(conn);
	return 0;
}
