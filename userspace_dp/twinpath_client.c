// SPDX-License-Identifier: BSD-3-Clause
/*
 * Talking to the daemon.
 *
 * Overview
 *
 *	Requests of the "twinpath" family over the client's half of the
 *	transport, with answers and refusals in words.
 */
#include "twinpath_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/transport.h"
#include "ovsnl_transport.h"

#define BUFFER_SIZE 65536
/* For DPDK devices that take their time. */
#define PATIENCE_MS 60000

struct twinpath_client {
	int fd;
	struct ovsnl_page *page;
	uint16_t family;
	uint32_t seq;
	__u8 buf[BUFFER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/** struct exchange - a request that is being answered. */
struct exchange {
	void (*answer)(const struct nlattr *const *tb, void *arg);
	void *arg;
	bool done;
	int status;
};

static void complain(const char *what, int code)
{
	fprintf(stderr, "twinpath: %s: %s\n", what, strerror(-code));
}

/* Start a message in the client's buffer. */
static size_t begin(struct twinpath_client *client, struct ovsnl_writer *w,
		    uint16_t type, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)client->buf;
	struct genlmsghdr *genl = (struct genlmsghdr *)(nlh + 1);

	ovsnl_writer_init(w, client->buf, sizeof(client->buf));
	*nlh = (struct nlmsghdr){
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags,
		.nlmsg_seq = ++client->seq,
	};
	*genl = (struct genlmsghdr){ .cmd = cmd, .version = TWIN_CTL_VERSION };
	w->len = NLMSG_HDRLEN + GENL_HDRLEN;
	return w->len;
}

static int send_request(struct twinpath_client *client,
			const struct ovsnl_writer *w)
{
	struct iovec iov = { .iov_base = w->buf, .iov_len = w->len };
	ssize_t n;

	if (w->overflow)
		return -EMSGSIZE;
	((struct nlmsghdr *)w->buf)->nlmsg_len = w->len;
	n = ovsnl_transport_send(client->fd, client->page, &iov, 1);
	return n < 0 ? n : 0;
}

/* The words behind an error, or NULL. */
static const char *words_of(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MSG + 1];
	const struct nlmsgerr *e = (const struct nlmsgerr *)(nlh + 1);
	size_t skip = NLMSG_HDRLEN + sizeof(*e);

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
	if (nlh->nlmsg_len < skip)
		return NULL;
	ovsnl_attr_parse(tb, NLMSGERR_ATTR_MSG,
			 (const struct nlattr *)((const char *)nlh + skip),
			 nlh->nlmsg_len - skip, NULL, NULL);
	return tb[NLMSGERR_ATTR_MSG] ? ovsnl_attr_data(tb[NLMSGERR_ATTR_MSG])
				     : NULL;
}

static void take_error(const struct nlmsghdr *nlh, struct exchange *x)
{
	const struct nlmsgerr *e = (const struct nlmsgerr *)(nlh + 1);
	const char *words = words_of(nlh);

	x->done = true;
	if (!e->error)
		return;
	x->status = TWINPATH_REFUSED;
	if (words)
		fprintf(stderr, "twinpath: %s (%s)\n", words,
			strerror(-e->error));
	else
		fprintf(stderr, "twinpath: %s\n", strerror(-e->error));
}

static void take_answer(const struct nlmsghdr *nlh, struct exchange *x)
{
	const struct nlattr *tb[TWIN_CTL_ATTR_END];
	const char *attrs = (const char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN || !x->answer)
		return;
	ovsnl_attr_parse(tb, TWIN_CTL_ATTR_END - 1,
			 (const struct nlattr *)attrs,
			 nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, NULL,
			 NULL);
	x->answer(tb, x->arg);
}

static void take_message(const struct nlmsghdr *nlh, struct exchange *x)
{
	if (nlh->nlmsg_type == NLMSG_ERROR)
		take_error(nlh, x);
	else if (nlh->nlmsg_type == NLMSG_DONE)
		x->done = true;
	else
		take_answer(nlh, x);
}

static void take_datagram(struct twinpath_client *client, size_t len,
			  struct exchange *x)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)client->buf;
	size_t step;

	while (len >= NLMSG_HDRLEN && nlh->nlmsg_len >= NLMSG_HDRLEN &&
	       nlh->nlmsg_len <= len) {
		if (nlh->nlmsg_seq == client->seq)
			take_message(nlh, x);
		step = NLMSG_ALIGN((size_t)nlh->nlmsg_len);
		if (step >= len)
			return;
		len -= step;
		nlh = (const struct nlmsghdr *)((const char *)nlh + step);
	}
}

static int receive(struct twinpath_client *client, struct exchange *x)
{
	struct pollfd pfd = { .fd = client->fd, .events = POLLIN };
	ssize_t len;

	while (!x->done) {
		if (poll(&pfd, 1, PATIENCE_MS) <= 0)
			return -ETIMEDOUT;
		len = recv(client->fd, client->buf, sizeof(client->buf), 0);
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return len ? -errno : -ECONNRESET;
		take_datagram(client, len, x);
	}
	return 0;
}

static void put_attributes(struct ovsnl_writer *w,
			   const struct twinpath_request *request)
{
	if (request->name)
		ovsnl_put_string(w, TWIN_CTL_ATTR_NAME, request->name);
	if (request->devargs)
		ovsnl_put_string(w, TWIN_CTL_ATTR_DEVARGS, request->devargs);
	if (request->mtu)
		ovsnl_put_u32(w, TWIN_CTL_ATTR_MTU, request->mtu);
	if (request->count)
		ovsnl_put_aligned(w, TWIN_CTL_ATTR_COUNT, &request->count,
				  sizeof(request->count));
	if (request->queue)
		ovsnl_put_u32(w, TWIN_CTL_ATTR_QUEUE, *request->queue);
	if (request->worker)
		ovsnl_put_u32(w, TWIN_CTL_ATTR_CONTEXT, *request->worker);
	if (request->isolated)
		ovsnl_put_u8(w, TWIN_CTL_ATTR_ISOLATED, *request->isolated);
	if (request->balance)
		ovsnl_put(w, TWIN_CTL_ATTR_BALANCE, request->balance,
			  sizeof(*request->balance));
}

int twinpath_client_ask(
	struct twinpath_client *client, const struct twinpath_request *request,
	void (*answer)(const struct nlattr *const *tb, void *arg), void *arg)
{
	struct exchange x = { .answer = answer, .arg = arg };
	struct ovsnl_writer w;
	int err;

	begin(client, &w, client->family, request->cmd,
	      request->dump ? NLM_F_DUMP : 0);
	put_attributes(&w, request);
	err = send_request(client, &w);
	if (!err)
		err = receive(client, &x);
	if (!err)
		return x.status;
	complain("the daemon does not answer", err);
	return TWINPATH_NO_DAEMON;
}

static void take_family(const struct nlattr *const *tb, void *arg)
{
	struct twinpath_client *client = arg;

	if (tb[CTRL_ATTR_FAMILY_ID])
		client->family = ovsnl_attr_u16(tb[CTRL_ATTR_FAMILY_ID]);
}

static int resolve_family(struct twinpath_client *client)
{
	struct exchange x = { .answer = take_family, .arg = client };
	struct ovsnl_writer w;
	int err;

	begin(client, &w, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	ovsnl_put_string(&w, CTRL_ATTR_FAMILY_NAME, TWIN_CTL_FAMILY);
	err = send_request(client, &w);
	if (!err)
		err = receive(client, &x);
	if (!err && !client->family)
		err = -EPROTO;
	return err;
}

struct twinpath_client *twinpath_client_open(const char *path)
{
	struct twinpath_client *client = calloc(1, sizeof(*client));
	int err;

	if (!client) {
		complain("cannot start", -ENOMEM);
		return NULL;
	}
	if (!path)
		path = ovsnl_transport_path();
	client->fd = ovsnl_transport_open(path, &client->page);
	if (client->fd < 0) {
		fprintf(stderr, "twinpath: no daemon answers on %s: %s\n", path,
			strerror(-client->fd));
		free(client);
		return NULL;
	}
	/* For this family's dumps, and for refusals in words. */
	__atomic_store_n(&client->page->recv_len, BUFFER_SIZE,
			 __ATOMIC_RELAXED);
	err = ovsnl_transport_control(client->fd, client->page,
				      OVSNL_CTL_SETOPT, OVSNL_OPT_EXT_ACK, 1);
	if (!err)
		err = resolve_family(client);
	if (!err)
		return client;
	complain("the daemon is not a twinpathd", err);
	twinpath_client_close(client);
	return NULL;
}

void twinpath_client_close(struct twinpath_client *client)
{
	if (!client)
		return;
	ovsnl_transport_unmap(client->page);
	close(client->fd);
	free(client);
}
