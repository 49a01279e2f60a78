// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Requests whose connection fails before all are answered: no datapath is
 * needed for that. The functions below take the transport's place.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "request.h"
#include "transport.h"

#define FLOWS 3

/* What the daemon does with a batch: answers so many, and ends. */
struct daemon {
	int fd;
	int refuses;
	bool dies;
	bool loses;
	int sent;
};

static struct daemon peer;

bool ovsnl_transport_overrun(struct ovsnl_page *page)
{
	bool lost = peer.loses;

	(void)page;
	peer.loses = false;
	return lost;
}

ssize_t ovsnl_transport_send(int fd, struct ovsnl_page *page,
			     const struct iovec *iov, size_t n)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr e;
	} refusal = {
		.nlh = { .nlmsg_len = sizeof(refusal),
			 .nlmsg_type = NLMSG_ERROR },
		.e.error = -EINVAL,
	};
	int i;

	(void)fd;
	(void)page;
	for (i = 0; i < peer.refuses; i++) {
		refusal.e.msg = *(const struct nlmsghdr *)iov[i].iov_base;
		refusal.e.msg.nlmsg_len = sizeof(refusal.e.msg);
		refusal.nlh.nlmsg_seq = refusal.e.msg.nlmsg_seq;
		assert_int_equal(send(peer.fd, &refusal, sizeof(refusal), 0),
				 sizeof(refusal));
	}
	if (peer.dies)
		close(peer.fd);
	peer.sent += n;
	return n;
}

static struct ovsnl_client *connect_to(struct daemon daemon)
{
	struct ovsnl_client *client = calloc(1, sizeof(*client));
	int pair[2];

	assert_non_null(client);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	client->page = calloc(1, sizeof(*client->page));
	assert_non_null(client->page);
	client->fd = pair[0];
	peer = daemon;
	peer.fd = pair[1];
	return client;
}

static void disconnect(struct ovsnl_client *client)
{
	if (!peer.dies)
		close(peer.fd);
	close(client->fd);
	free(client->page);
	free(client);
}

static int add(struct ovsnl_client *client, int errors[FLOWS])
{
	const struct ovsnl_client_bytes none = { "", 0 };
	struct ovsnl_client_flow flows[FLOWS];
	int i;

	for (i = 0; i < FLOWS; i++) {
		flows[i] = (struct ovsnl_client_flow){ .key = none,
						       .actions = none };
		errors[i] = 12345;
	}
	return ovsnl_client_flow_new(client, 1, flows, FLOWS, 0, errors);
}

static void test_all_answered(void **state)
{
	struct ovsnl_client *client =
		connect_to((struct daemon){ .refuses = 1 });
	int errors[FLOWS];

	(void)state;
	assert_int_equal(add(client, errors), -EINVAL);
	assert_int_equal(peer.sent, FLOWS);
	assert_int_equal(errors[0], -EINVAL);
	assert_int_equal(errors[1], 0);
	assert_int_equal(errors[2], 0);
	disconnect(client);
}

/* Nobody knows what became of the rest. */
static void test_daemon_dies(void **state)
{
	struct ovsnl_client *client =
		connect_to((struct daemon){ .refuses = 1, .dies = true });
	int errors[FLOWS];

	(void)state;
	assert_int_equal(add(client, errors), -EINVAL);
	assert_int_equal(errors[0], -EINVAL);
	assert_int_equal(errors[1], -ECONNRESET);
	assert_int_equal(errors[2], -ECONNRESET);
	disconnect(client);
}

static void test_answers_lost(void **state)
{
	struct ovsnl_client *client =
		connect_to((struct daemon){ .loses = true });
	int errors[FLOWS];

	(void)state;
	assert_int_equal(add(client, errors), -ENOBUFS);
	assert_int_equal(errors[0], -ENOBUFS);
	assert_int_equal(errors[2], -ENOBUFS);
	disconnect(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_answered),
		cmocka_unit_test(test_daemon_dies),
		cmocka_unit_test(test_answers_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
