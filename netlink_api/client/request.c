// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Requests and their answers.
 *
 * Overview
 *
 *	libnl builds the messages and reads attributes. Sending and receiving
 *	are done here, because a batch of messages in one datagram, and "empty
 *	means done", are what makes this API fast, and libnl has neither.
 *
 *	An answer belongs to the request with its nlmsg_seq. Requests of one
 *	batch have consecutive ones.
 *
 * Life cycle
 *
 *	ovsnl_request_new() -> attributes -> ovsnl_request_exchange(), which
 *	frees the messages in any case.
 */
#include "request.h"

#include <errno.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "transport.h"

/* Headers of a message and of 16 attributes, with padding. */
#define OVERHEAD (64 + 16 * 8)
/* Bytes of requests in a datagram: both transports take twice as much. */
#define BATCH_MAX (64 * 1024)
/* Nobody signals that a dump goes on: how often to look, in ms. */
#define DUMP_LOOK_MS 100

/* A batch that is under way. @stopped: the reply function wants no more. */
struct exchange {
	__u32 first_seq;
	size_t n;
	ovsnl_request_reply_fn *reply;
	void *arg;
	int *errors;
	int result;
	bool stopped;
};

/* What ovsnl_request_run() passes to each_reply(). */
struct run {
	ovsnl_client_each_fn *each;
	void *arg;
	bool called;
};

struct nl_msg *ovsnl_request_new(struct ovsnl_client *client,
				 enum ovsnl_family_id family, __u8 cmd,
				 int flags, int dp_ifindex, size_t room)
{
	struct nl_msg *msg = nlmsg_alloc_size(OVERHEAD + room);
	struct ovs_header *header;

	if (!msg)
		return NULL;
	header = genlmsg_put(msg, 0, 0, client->families[family].id,
			     sizeof(*header), NLM_F_REQUEST | flags, cmd,
			     ovsnl_families[family].version);
	if (!header) {
		nlmsg_free(msg);
		return NULL;
	}
	header->dp_ifindex = dp_ifindex;
	return msg;
}

int ovsnl_request_put_nested(struct nl_msg *msg, int type,
			     const struct ovsnl_client_bytes *bytes)
{
	if (!bytes || !bytes->data)
		return 0;
	/* Not NLA_F_NESTED: this API is older than that flag. */
	return nla_put(msg, type, bytes->len, bytes->data) < 0 ? -ENOMEM : 0;
}

static ssize_t send_kernel(struct ovsnl_client *client, struct iovec *iov,
			   size_t n)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = n };
	ssize_t sent;

	do
		sent = sendmsg(client->fd, &msg, 0);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

static int send_all(struct ovsnl_client *client, struct nl_msg **msgs, size_t n)
{
	struct iovec *iov = calloc(n, sizeof(*iov));
	struct nlmsghdr *nlh;
	ssize_t sent;
	size_t i;

	if (!iov)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		nlh = nlmsg_hdr(msgs[i]);
		nlh->nlmsg_seq = ++client->seq;
		iov[i].iov_base = nlh;
		iov[i].iov_len = NLMSG_ALIGN(nlh->nlmsg_len);
	}
	sent = client->page
		       ? ovsnl_transport_send(client->fd, client->page, iov, n)
		       : send_kernel(client, iov, n);
	free(iov);
	return sent < 0 ? sent : 0;
}

static ssize_t receive_once(struct ovsnl_client *client)
{
	ssize_t n;

	do
		n = recv(client->fd, client->buf, sizeof(client->buf),
			 MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t ovsnl_request_receive(struct ovsnl_client *client)
{
	struct pollfd pfd = { .fd = client->fd, .events = POLLIN };
	bool dumping;
	ssize_t n;

	if (!client->page)
		return receive_once(client);
	ovsnl_transport_room(client->page, sizeof(client->buf));
	for (;;) {
		if (ovsnl_transport_overrun(client->page))
			return -ENOBUFS;
		dumping = ovsnl_transport_dumping(client->page);
		n = receive_once(client);
		if (!n)
			return -ECONNRESET;
		if (n != -EAGAIN || !dumping)
			return n;
		poll(&pfd, 1, DUMP_LOOK_MS);
	}
}

/* Keep the text of an extended acknowledgement. */
static void note_text(struct ovsnl_client *client, const struct nlmsghdr *nlh,
		      size_t offset)
{
	struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || offset > nlh->nlmsg_len)
		return;
	attr = nla_find((struct nlattr *)((char *)nlh + offset),
			nlh->nlmsg_len - offset, NLMSGERR_ATTR_MSG);
	if (attr)
		nla_strlcpy(client->error_text, attr,
			    sizeof(client->error_text));
}

static int read_error(struct ovsnl_client *client, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = NLMSG_DATA(nlh);
	size_t offset = NLMSG_LENGTH(sizeof(*err));

	if (nlh->nlmsg_len < offset)
		return -EBADMSG;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += NLMSG_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	if (err->error)
		note_text(client, nlh, offset);
	return err->error;
}

static int read_done(struct ovsnl_client *client, const struct nlmsghdr *nlh)
{
	int error;

	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(error)))
		return -EBADMSG;
	memcpy(&error, NLMSG_DATA(nlh), sizeof(error));
	note_text(client, nlh, NLMSG_LENGTH(sizeof(error)));
	return error < 0 ? error : 0;
}

static void take_answer(struct ovsnl_client *client, struct exchange *x,
			const struct nlmsghdr *nlh)
{
	size_t i = nlh->nlmsg_seq - x->first_seq;
	int err = 0;

	if (i >= x->n) {
		client->dropped++;
		return;
	}
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		err = read_error(client, nlh);
	} else if (nlh->nlmsg_type == NLMSG_DONE) {
		err = read_done(client, nlh);
	} else if (nlh->nlmsg_type >= NLMSG_MIN_TYPE && x->reply &&
		   !x->stopped) {
		err = x->reply(client, nlh, x->arg);
		x->stopped = err;
	}
	if (!err)
		return;
	if (x->errors)
		x->errors[i] = err;
	if (!x->result)
		x->result = err;
}

/* Return: 0, or -errno if answers may be missing. */
static int take_answers(struct ovsnl_client *client, struct exchange *x)
{
	const struct nlmsghdr *nlh;
	ssize_t len, left;
	int err = 0;

	while ((len = ovsnl_request_receive(client)) != -EAGAIN) {
		if (len < 0 && !err)
			err = len;
		if (len == -ENOBUFS)
			continue;
		if (len < 0)
			break;
		left = len;
		for (nlh = (void *)client->buf; NLMSG_OK(nlh, left);
		     nlh = NLMSG_NEXT(nlh, left))
			take_answer(client, x, nlh);
	}
	return err;
}

/* What became of requests without an error of their own nobody knows. */
static void blame_all(struct exchange *x, int err)
{
	size_t i;

	for (i = 0; x->errors && i < x->n; i++)
		if (!x->errors[i])
			x->errors[i] = err;
	if (!x->result)
		x->result = err;
}

/* How many of the messages go into one datagram: at least one. */
static size_t batch_size(struct nl_msg **msgs, size_t n)
{
	size_t i, total = 0;

	for (i = 0; i < n; i++) {
		total += NLMSG_ALIGN(nlmsg_hdr(msgs[i])->nlmsg_len);
		if (i && total > BATCH_MAX)
			break;
	}
	return i;
}

static int exchange_batch(struct ovsnl_client *client, struct exchange *x,
			  struct nl_msg **msgs)
{
	int err;

	x->first_seq = client->seq + 1;
	x->result = 0;
	err = send_all(client, msgs, x->n);
	if (!err)
		err = take_answers(client, x);
	if (err)
		blame_all(x, err);
	return x->result;
}

int ovsnl_request_exchange(struct ovsnl_client *client, struct nl_msg **msgs,
			   size_t n, ovsnl_request_reply_fn *reply, void *arg,
			   int *errors)
{
	struct exchange x = { .reply = reply, .arg = arg };
	int err, result = 0;
	size_t i;

	client->error_text[0] = '\0';
	if (errors)
		memset(errors, 0, n * sizeof(*errors));
	for (i = 0; i < n; i += x.n) {
		x.n = batch_size(msgs + i, n - i);
		x.errors = errors ? errors + i : NULL;
		err = exchange_batch(client, &x, msgs + i);
		if (!result)
			result = err;
	}
	for (i = 0; i < n; i++)
		nlmsg_free(msgs[i]);
	return result;
}

int ovsnl_request_decode(struct ovsnl_client *client,
			 const struct nlmsghdr *nlh,
			 struct ovsnl_client_message *message)
{
	struct nlattr *attr[OVSNL_CLIENT_ATTR_MAX + 1];
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);
	const struct ovs_header *header;
	int i, family;

	if (!genlmsg_valid_hdr((struct nlmsghdr *)nlh, sizeof(*header)))
		return -EBADMSG;
	for (family = 0; family < OVSNL_FAMILY_COUNT; family++)
		if (client->families[family].id == nlh->nlmsg_type)
			break;
	if (family == OVSNL_FAMILY_COUNT ||
	    genlmsg_parse((struct nlmsghdr *)nlh, sizeof(*header), attr,
			  OVSNL_CLIENT_ATTR_MAX, NULL) < 0)
		return -EBADMSG;
	header = genlmsg_user_hdr(genl);
	message->family = family;
	message->cmd = genl->cmd;
	message->dp_ifindex = header->dp_ifindex;
	message->nlh = nlh;
	for (i = 0; i <= OVSNL_CLIENT_ATTR_MAX; i++)
		message->attr[i] = attr[i];
	return 0;
}

static int each_reply(struct ovsnl_client *client, const struct nlmsghdr *nlh,
		      void *arg)
{
	struct ovsnl_client_message message;
	struct run *run = arg;
	int err;

	run->called = true;
	err = ovsnl_request_decode(client, nlh, &message);
	return err ? err : run->each(&message, run->arg);
}

int ovsnl_request_run(struct ovsnl_client *client, struct nl_msg *msg, int err,
		      ovsnl_client_each_fn *each, void *arg)
{
	struct run run = { .each = each, .arg = arg };
	bool is_dump;

	if (!msg || err) {
		nlmsg_free(msg);
		return err ? err : -ENOMEM;
	}
	is_dump = (nlmsg_hdr(msg)->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	err = ovsnl_request_exchange(client, &msg, 1, each ? each_reply : NULL,
				     &run, NULL);
	/* All else that is asked for an answer has exactly one. */
	if (!err && each && !run.called && !is_dump)
		err = -EBADMSG;
	return err;
}

bool ovsnl_request_int(const struct nlattr *attr, void *n, size_t size)
{
	if (!attr || (size_t)nla_len(attr) < size)
		return false;
	memcpy(n, nla_data(attr), size);
	return true;
}

struct ovsnl_client_bytes ovsnl_request_bytes(const struct nlattr *attr)
{
	struct ovsnl_client_bytes bytes = { 0 };

	if (attr) {
		bytes.data = nla_data(attr);
		bytes.len = nla_len(attr);
	}
	return bytes;
}

bool ovsnl_request_name(const struct nlattr *attr, char *name)
{
	return attr && nla_strlcpy(name, attr, IFNAMSIZ) < IFNAMSIZ;
}
