// SPDX-License-Identifier: BSD-3-Clause
/*
 * The netlink server of the daemon, over a fake datapath: what clients write
 * to its socket, in pieces of any kind. Clients come and go, send datagrams of
 * many messages, join groups, dump and don't read. Whatever they send, what
 * they receive are whole messages for them, and nothing is left behind.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_datapath.h"
#include "formats.h"
#include "fuzz.h"
#include "genl.h"
#include "genl_ovs.h"
#include "log.h"
#include "loop.h"
#include "nl_server.h"

#define CLIENTS 3
#define MAX_STEPS 48
#define ROUNDS 3

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int clients[CLIENTS];

/* The daemon's log has no place in a fuzzer's. */
void twin_log(const char *fmt, ...)
{
	(void)fmt;
}

void twin_log_limited(const char *fmt, ...)
{
	(void)fmt;
}

static int after_round(void)
{
	twin_loop_stop();
	return 0;
}

static void serve(void)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		twin_loop_run();
}

static void remove_socket(void)
{
	unlink(address.sun_path);
}

static void start(void)
{
	static struct ovsnl_ops ops;

	ops = fake_ops;
	ops.reply_alloc = twin_genl_ovs_reply_alloc;
	ops.reply_free = twin_genl_ovs_reply_free;
	ops.reply_unicast = twin_genl_ovs_reply_unicast;
	ops.reply_notify = twin_genl_ovs_reply_notify;
	ops.wanted = twin_genl_ovs_wanted;
	snprintf(address.sun_path, sizeof(address.sun_path),
		 "/tmp/fuzz_server.%d", getpid());
	MUST(!twin_loop_init());
	MUST(!twin_loop_hook(after_round));
	twin_genl_register(&twin_genl_nlctrl);
	twin_genl_ovs_register(&ops);
	MUST(!twin_nl_server_open(address.sun_path, getgid()));
	atexit(remove_socket);
	memset(clients, -1, sizeof(clients));
}

/* One datagram of the server: whole messages, but for HELLO none but those of
 * families, acknowledgements and ends of dumps.
 */
static void check_datagram(const __u8 *data, size_t len)
{
	const struct nlmsghdr *h;

	while (len) {
		h = (const void *)data;
		MUST(len >= NLMSG_HDRLEN);
		MUST(h->nlmsg_len >= NLMSG_HDRLEN && h->nlmsg_len <= len);
		MUST(h->nlmsg_type >= NLMSG_ERROR);
		MUST(h->nlmsg_type < OVSNL_CTL_FIRST ||
		     h->nlmsg_type == OVSNL_CTL_HELLO);
		if (h->nlmsg_type >= TWIN_GENL_DATAPATH &&
		    h->nlmsg_type < OVSNL_CTL_FIRST)
			fake_check_messages(h, h->nlmsg_len);
		if (NLMSG_ALIGN((size_t)h->nlmsg_len) >= len)
			return;
		len -= NLMSG_ALIGN(h->nlmsg_len);
		data += NLMSG_ALIGN(h->nlmsg_len);
	}
}

/* What is there for a client; descriptors that come along are closed. */
static void read_all(int fd)
{
	static __u8 buf[1 << 17] __attribute__((aligned(8)));
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t len;
	int given;

	for (;;) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		len = recvmsg(fd, &msg, MSG_DONTWAIT);
		if (len <= 0)
			return;
		for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
			memcpy(&given, CMSG_DATA(c), sizeof(given));
			close(given);
		}
		check_datagram(buf, len);
		twin_loop_run();
	}
}

static void arrive(int *client)
{
	if (*client >= 0)
		return;
	*client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	MUST(*client >= 0);
	MUST(!connect(*client, (struct sockaddr *)&address, sizeof(address)));
	serve();
}

static void leave(int *client)
{
	if (*client < 0)
		return;
	close(*client);
	*client = -1;
	serve();
}

static void step(const struct fuzz_server_head *head, const void *data,
		 size_t len)
{
	int *client = &clients[head->client % CLIENTS];

	switch (head->what % 8) {
	case FUZZ_SERVER_LEAVE:
		leave(client);
		break;
	case FUZZ_SERVER_READ:
		if (*client >= 0)
			read_all(*client);
		break;
	default:
		arrive(client);
		send(*client, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		serve();
		if (!(head->what & FUZZ_SERVER_LAZY))
			read_all(*client);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct twin_nl_server_stats stats;
	struct fuzz_input in = { data, size };
	struct fuzz_server_head head;
	static bool started;
	size_t len;
	void *bytes;
	int i;

	if (!started)
		start();
	started = true;
	fake_start();
	for (i = 0; i < MAX_STEPS && in.size; i++) {
		fuzz_take(&in, &head, sizeof(head));
		len = head.len < in.size ? head.len : in.size;
		bytes = malloc(len ? len : 1);
		fuzz_take(&in, bytes, len);
		step(&head, bytes, len);
		free(bytes);
	}
	for (i = 0; i < CLIENTS; i++)
		leave(&clients[i]);
	twin_nl_server_stats(&stats);
	MUST(!stats.connections);
	fake_stop();
	return 0;
}
