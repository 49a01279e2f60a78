// SPDX-License-Identifier: BSD-3-Clause
/*
 * A client that does least with upcalls: takes them, or answers each.
 *
 * usage: upcall_echo kernel|SOCKET DATAPATH count|execute|put OUT PORT...
 *
 * Overview
 *	Makes itself the one who gets the misses of the PORTs. "count" reads and
 *	forgets them; "execute" sends each packet out of port OUT; "put" adds a
 *	flow for exactly that key first. Answers go out in batches, by a
 *	connection of their own.
 *
 * Life cycle
 *	Says "ready", runs until SIGTERM, prints what it got as JSON.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ovsnl_client.h"

#define BATCH 64
#define ROOM (BATCH * 4096)
#define BUFFER (4 << 20)

enum mode { COUNT, EXECUTE, PUT };

/** struct echo - all there is. @bytes: copies of keys and packets. */
struct echo {
	struct ovsnl_client *listener, *sender;
	struct ovsnl_client_dp dp;
	enum mode mode;
	struct {
		struct nlattr head;
		__u32 port;
	} output;
	struct ovsnl_client_packet packets[BATCH];
	struct ovsnl_client_flow flows[BATCH];
	size_t n, used;
	unsigned long received, overruns, refused;
	char bytes[ROOM];
};

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static void die(const char *what, int err)
{
	fprintf(stderr, "upcall_echo: %s: %s\n", what, strerror(-err));
	exit(1);
}

static struct ovsnl_client_bytes keep(struct echo *e,
				      const struct ovsnl_client_bytes *from)
{
	struct ovsnl_client_bytes to = { e->bytes + e->used, from->len };

	memcpy(e->bytes + e->used, from->data, from->len);
	e->used += (from->len + 7) & ~7ul;
	return to;
}

static void answer(struct echo *e)
{
	int errors[BATCH];
	size_t i;

	if (e->mode == PUT)
		ovsnl_client_flow_new(e->sender, e->dp.ifindex, e->flows, e->n,
				      NLM_F_CREATE, NULL);
	if (ovsnl_client_packet_execute_all(e->sender, e->dp.ifindex,
					    e->packets, e->n, errors))
		for (i = 0; i < e->n; i++)
			e->refused += errors[i] != 0;
	e->n = 0;
	e->used = 0;
}

static int take(const struct ovsnl_client_message *message, void *arg)
{
	struct ovsnl_client_packet packet;
	struct echo *e = arg;
	size_t size;

	if (ovsnl_client_packet_decode(message, &packet))
		return 0;
	e->received++;
	size = packet.key.len + packet.packet.len + 16;
	if (e->mode == COUNT || size > ROOM)
		return 0;
	if (e->used + size > ROOM)
		answer(e);
	packet.key = keep(e, &packet.key);
	packet.packet = keep(e, &packet.packet);
	packet.actions =
		(struct ovsnl_client_bytes){ &e->output, sizeof(e->output) };
	e->flows[e->n] = (struct ovsnl_client_flow){
		.key = packet.key,
		.actions = packet.actions,
	};
	e->packets[e->n++] = packet;
	if (e->n == BATCH)
		answer(e);
	return 0;
}

static void run(struct echo *e)
{
	int n;

	while (!ended) {
		n = ovsnl_client_receive(e->listener, 200, take, e);
		if (n == -ENOBUFS)
			e->overruns++;
		else if (n < 0 && n != -EINTR)
			die("receive", n);
		if (e->n)
			answer(e);
	}
}

static void connect_both(struct echo *e, const char *place, const char *name)
{
	enum ovsnl_client_transport transport = strcmp(place, "kernel")
							? OVSNL_CLIENT_TWIN
							: OVSNL_CLIENT_KERNEL;
	int err;

	err = ovsnl_client_open(transport, place, &e->listener);
	if (!err)
		err = ovsnl_client_open(transport, place, &e->sender);
	if (!err)
		err = ovsnl_client_set_buffer(e->listener, BUFFER);
	if (!err)
		err = ovsnl_client_dp_get(e->sender, name, &e->dp);
	if (err)
		die(name, err);
}

/* By port, not by CPU. */
static void dispatch(struct echo *e)
{
	__u32 features = e->dp.user_features | OVS_DP_F_VPORT_PIDS;
	int err;

	features &= ~OVS_DP_F_DISPATCH_UPCALL_PER_CPU;
	err = ovsnl_client_dp_set(e->sender, e->dp.ifindex, features, NULL, 0);
	if (err)
		die("features", err);
}

static void subscribe(struct echo *e, const char *port)
{
	__u32 pid = ovsnl_client_port_id(e->listener);
	int err = ovsnl_client_vport_set(e->sender, e->dp.ifindex,
					 strtoul(port, NULL, 0), &pid, 1);

	if (err)
		die(port, err);
}

static enum mode mode_of(const char *word)
{
	if (!strcmp(word, "count"))
		return COUNT;
	return strcmp(word, "put") ? EXECUTE : PUT;
}

int main(int argc, char **argv)
{
	static struct echo e;
	const struct sigaction action = { .sa_handler = end };
	int i;

	if (argc < 6) {
		fprintf(stderr, "usage: upcall_echo kernel|SOCKET DATAPATH "
				"count|execute|put OUT PORT...\n");
		return 2;
	}
	e.mode = mode_of(argv[3]);
	e.output.head.nla_len = sizeof(e.output);
	e.output.head.nla_type = OVS_ACTION_ATTR_OUTPUT;
	e.output.port = strtoul(argv[4], NULL, 0);
	connect_both(&e, argv[1], argv[2]);
	dispatch(&e);
	for (i = 5; i < argc; i++)
		subscribe(&e, argv[i]);
	sigaction(SIGTERM, &action, NULL);
	puts("ready");
	fflush(stdout);
	run(&e);
	printf("{\"received\": %lu, \"overruns\": %lu, \"refused\": %lu}\n",
	       e.received, e.overruns, e.refused);
	return 0;
}
