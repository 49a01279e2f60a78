// SPDX-License-Identifier: BSD-3-Clause
/*
 * A server of the netlink socket with no datapath behind it: nlctrl and a
 * family "twin_echo" whose do returns its attribute, whose dump counts up to
 * it, and that notifies its group. For tests of clients and of the server.
 *
 * Usage: nl_serve SOCKET
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "genl.h"
#include "loop.h"
#include "nl_port.h"
#include "nl_server.h"
#include <sys/epoll.h>

#define ECHO_ID 0x3f
#define ECHO_GROUP 0x3f
enum { ECHO_DO = 1, ECHO_NOTIFY, ECHO_ADMIN };
enum { ECHO_VALUE = 1 };

static void put(struct ovsnl_writer *w, struct twin_genl_request *req,
		uint32_t value, uint16_t flags)
{
	size_t start = twin_genl_put(w, req, ECHO_DO, flags);

	ovsnl_put_u32(w, ECHO_VALUE, value);
	twin_genl_end(w, start);
}

static int echo_do(struct twin_genl_request *req)
{
	__u8 buf[64] __attribute__((aligned(4)));
	struct ovsnl_writer w;

	if (!req->tb[ECHO_VALUE])
		return ovsnl_err_set(&req->err, -EINVAL, "no value", NULL);
	ovsnl_writer_init(&w, buf, sizeof(buf));
	put(&w, req, ovsnl_attr_u32(req->tb[ECHO_VALUE]), 0);
	return twin_genl_reply(req, &w);
}

static int echo_dump(struct twin_genl_request *req, struct ovsnl_cursor *cur,
		     struct ovsnl_writer *w)
{
	size_t before;

	if (!req->tb[ECHO_VALUE])
		return ovsnl_err_set(&req->err, -EINVAL, "no value", NULL);
	for (; cur->pos[0] < ovsnl_attr_u32(req->tb[ECHO_VALUE]);
	     cur->pos[0]++) {
		before = w->len;
		put(w, req, cur->pos[0], NLM_F_MULTI);
		if (w->overflow) {
			ovsnl_writer_reset(w, before);
			break;
		}
	}
	return 0;
}

static int echo_notify(struct twin_genl_request *req)
{
	__u8 buf[64] __attribute__((aligned(4)));
	struct ovsnl_writer w;
	struct iovec iov;

	ovsnl_writer_init(&w, buf, sizeof(buf));
	put(&w, req, 7, 0);
	iov = (struct iovec){ .iov_base = w.buf, .iov_len = w.len };
	twin_nl_multicast(ECHO_GROUP, 0, &iov, 1);
	return 0;
}

static const struct ovsnl_policy policy[] = {
	[ECHO_VALUE] = { .kind = OVSNL_P_U32 },
};

static const struct twin_genl_family echo = {
	.id = ECHO_ID,
	.name = "twin_echo",
	.version = 1,
	.maxattr = ECHO_VALUE,
	.shown_maxattr = ECHO_VALUE,
	.resv_start = 0xff,
	.groups = { { ECHO_GROUP, "twin_echo", false } },
	.policy = policy,
	.n_commands = 3,
	.commands = {
		{.cmd = ECHO_DO, .doit = echo_do, .dumpit = echo_dump,
		 .parse_dump = true},
		{.cmd = ECHO_NOTIFY, .doit = echo_notify},
		{.cmd = ECHO_ADMIN, .admin = true, .doit = echo_do},
	},
};

static void on_signal(struct twin_watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
	twin_loop_stop();
}

int main(int argc, char **argv)
{
	static struct twin_watch signals = { .ready = on_signal };
	sigset_t set;

	if (argc != 2) {
		fprintf(stderr, "usage: %s SOCKET\n", argv[0]);
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals.fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals.fd < 0 || twin_loop_init())
		return 1;
	twin_genl_register(&twin_genl_nlctrl);
	twin_genl_register(&echo);
	if (twin_nl_server_open(argv[1], getgid()) ||
	    twin_loop_add(&signals, EPOLLIN))
		return 1;
	twin_loop_run();
	twin_nl_server_close();
	twin_loop_fini();
	close(signals.fd);
	return 0;
}
