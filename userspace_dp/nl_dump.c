// SPDX-License-Identifier: BSD-3-Clause
/*
 * Dumps that run beside everything else.
 *
 * Overview
 *
 *	A dump is a copy of its request and a cursor. Each round of the control
 *	loop in which the client's socket has room writes one part, so that
 *	several dumps take turns with each other and with requests. Parts are
 *	built in one buffer of the thread: a part that does not fit the socket
 *	is thrown away and built again from the old cursor when it does.
 *
 * Life cycle
 *
 *	start -> (part -> part -> ...) -> NLMSG_DONE, or abort when the client
 *	hangs up.
 *
 * Synchronisation
 *
 *	Control thread only. `dumping` in the page is 1 from before the first
 *	part until after the last.
 */
#include "nl_dump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "loop.h"

/* As the kernel: a first part that any client has room for, then as much as
 * the client is known to take in one call, up to 32 KiB less skb overhead.
 * Clients that do not tell get what all of them have.
 */
#define PART_FIRST 3776
#define PART_UNTOLD 8192
#define PART_MAX 32448
/* A request is kept while its dump lasts: clients can't make the daemon keep
 * much.
 */
#define REQUEST_MAX 16384

/**
 * struct dump_state - how far a dump has come.
 * @error: what ended it, 0 while nothing did
 * @last: the part that was just built is the last
 */
struct dump_state {
	struct ovsnl_cursor cursor;
	int error;
	bool last;
};

/** struct twin_nl_dump - a running dump.
 * @req: its nlh points to @copy, its tb into it
 */
struct twin_nl_dump {
	struct twin_genl_request req;
	struct dump_state state;
	bool begun;
	struct nlmsghdr copy[];
};

static __u8 part[PART_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));

static size_t part_size(const struct twin_nl_dump *dump)
{
	struct ovsnl_page *page = dump->req.conn->page;
	uint32_t told = __atomic_load_n(&page->recv_len, __ATOMIC_RELAXED);

	if (told > PART_MAX)
		return PART_MAX;
	if (told > PART_FIRST)
		return told;
	return dump->begun && !told ? PART_UNTOLD : PART_FIRST;
}

/* NLMSG_DONE with the result, and with its cause in words if wanted. */
static bool put_done(struct ovsnl_writer *w, const struct twin_nl_dump *dump)
{
	const struct twin_genl_request *req = &dump->req;
	size_t start = w->len, len = NLMSG_LENGTH(sizeof(int));
	struct nlmsghdr *nlh = (struct nlmsghdr *)(w->buf + start);

	if (w->cap - w->len < len)
		return false;
	*nlh = (struct nlmsghdr){
		.nlmsg_len = len,
		.nlmsg_type = NLMSG_DONE,
		.nlmsg_flags = NLM_F_MULTI,
		.nlmsg_seq = req->nlh->nlmsg_seq,
		.nlmsg_pid = req->conn->portid,
	};
	memcpy(nlh + 1, &dump->state.error, sizeof(int));
	w->len += len;
	if (!req->conn->ext_ack || !req->err.msg)
		return true;
	ovsnl_put_string(w, NLMSGERR_ATTR_MSG, req->err.msg);
	if (w->overflow) {
		ovsnl_writer_reset(w, start + len);
		return true;
	}
	nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	nlh->nlmsg_len = w->len - start;
	return true;
}

/* Build the next part. A call that adds nothing ends the dump. */
static void build_part(struct twin_nl_dump *dump, struct ovsnl_writer *w)
{
	struct twin_genl_request *req = &dump->req;
	struct dump_state *state = &dump->state;
	int err;

	if (!state->error) {
		err = req->command->dumpit(req, &state->cursor, w);
		state->error = err < 0 ? err : 0;
		if (!err && w->len)
			return;
	}
	state->last = put_done(w, dump);
}

static void finish(struct twin_nl_conn *conn)
{
	free(conn->dump);
	conn->dump = NULL;
	__atomic_store_n(&conn->page->dumping, 0, __ATOMIC_RELEASE);
	twin_loop_modify(&conn->watch, EPOLLIN);
}

void twin_nl_dump_continue(struct twin_nl_conn *conn)
{
	struct twin_nl_dump *dump = conn->dump;
	struct dump_state before;
	struct ovsnl_writer w;
	struct iovec iov;
	int err;

	if (!dump)
		return;
	before = dump->state;
	ovsnl_writer_init(&w, part, part_size(dump));
	build_part(dump, &w);
	iov = (struct iovec){ .iov_base = w.buf, .iov_len = w.len };
	err = twin_nl_conn_try_send(conn, &iov, 1);
	if (err == -EAGAIN) {
		dump->state = before;
		return;
	}
	dump->begun = true;
	if (err || dump->state.last)
		finish(conn);
}

static void copy_request(struct twin_nl_dump *dump,
			 const struct twin_genl_request *req)
{
	size_t len = req->nlh->nlmsg_len;

	memcpy(dump->copy, req->nlh, len);
	memset((char *)dump->copy + len, 0, NLMSG_ALIGN(len) - len);
	dump->req = *req;
	dump->req.nlh = dump->copy;
}

int twin_nl_dump_start(struct twin_genl_request *req)
{
	struct twin_nl_conn *conn = req->conn;
	struct twin_nl_dump *dump;
	int err;

	if (conn->dump)
		return -EBUSY;
	if (req->command->check_dump) {
		err = req->command->check_dump(req);
		if (err)
			return err;
	}
	if (req->nlh->nlmsg_len > REQUEST_MAX)
		return -ENOBUFS;
	dump = calloc(1, sizeof(*dump) + NLMSG_ALIGN(req->nlh->nlmsg_len));
	if (!dump)
		return -ENOMEM;
	copy_request(dump, req);
	if (req->command->parse_dump)
		dump->state.error = twin_genl_parse(&dump->req);
	conn->dump = dump;
	__atomic_store_n(&conn->page->dumping, 1, __ATOMIC_RELEASE);
	twin_loop_modify(&conn->watch, EPOLLIN | EPOLLOUT);
	twin_nl_dump_continue(conn);
	return 0;
}

void twin_nl_dump_abort(struct twin_nl_conn *conn)
{
	free(conn->dump);
	conn->dump = NULL;
}
