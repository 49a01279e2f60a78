// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The client library in one page: makes a datapath with two internal ports and
 * one flow, prints what the datapath then holds, and removes it.
 *
 * usage: ovsnl-example kernel | twin [SOCKET]
 */
#include <stdio.h>
#include <string.h>

#include "ovsnl_client.h"

#define NAME "ovsnl-example"

/* "in_port(1)" and "output:2", as the kernel API writes them. */
struct in_port {
	struct nlattr hdr;
	__u32 port;
};

struct ethernet {
	struct nlattr hdr;
	struct ovs_key_ethernet key;
};

struct key {
	struct in_port in_port;
	struct ethernet ethernet;
};

static const struct key match = {
	.in_port = { { sizeof(struct in_port), OVS_KEY_ATTR_IN_PORT }, 1 },
	.ethernet = { { sizeof(struct ethernet), OVS_KEY_ATTR_ETHERNET },
		      { .eth_src = { 2, 0, 0, 0, 0, 1 },
			.eth_dst = { 2, 0, 0, 0, 0, 2 } } },
};

/* Any destination will do. */
static const struct key mask = {
	.in_port = { { sizeof(struct in_port), OVS_KEY_ATTR_IN_PORT },
		     0xffffffff },
	.ethernet = { { sizeof(struct ethernet), OVS_KEY_ATTR_ETHERNET },
		      { .eth_src = { 255, 255, 255, 255, 255, 255 } } },
};

static const struct in_port output = {
	{ sizeof(struct in_port), OVS_ACTION_ATTR_OUTPUT },
	2,
};

static int fail(struct ovsnl_client *client, const char *what, int err)
{
	const char *text = client ? ovsnl_client_error_text(client) : "";

	fprintf(stderr, "%s: %s%s%s\n", what, strerror(-err), *text ? ": " : "",
		text);
	return 1;
}

static int add_port(struct ovsnl_client *client, int dp_ifindex,
		    const char *name)
{
	struct ovsnl_client_vport vport = {
		.dp_ifindex = dp_ifindex,
		.type = OVS_VPORT_TYPE_INTERNAL,
	};
	int err;

	snprintf(vport.name, sizeof(vport.name), "%s", name);
	err = ovsnl_client_vport_new(client, &vport, NULL);
	return err ? fail(client, name, err) : 0;
}

static int add_flow(struct ovsnl_client *client, int dp_ifindex)
{
	const struct ovsnl_client_flow flow = {
		.key = { &match, sizeof(match) },
		.mask = { &mask, sizeof(mask) },
		.actions = { &output, sizeof(output) },
	};
	int err;

	err = ovsnl_client_flow_new(client, dp_ifindex, &flow, 1,
				    NLM_F_CREATE | NLM_F_EXCL, NULL);
	return err ? fail(client, "flow", err) : 0;
}

static int print_vport(const struct ovsnl_client_message *message, void *arg)
{
	struct ovsnl_client_vport vport;
	int err = ovsnl_client_vport_decode(message, &vport);

	(void)arg;
	if (!err)
		printf("  port %u: %s (type %u)\n", vport.port_no, vport.name,
		       vport.type);
	return err;
}

static int print_flow(const struct ovsnl_client_message *message, void *arg)
{
	struct ovsnl_client_flow flow;
	int err = ovsnl_client_flow_decode(message, &flow);

	(void)arg;
	if (!err)
		printf("  flow: key %zu, mask %zu, actions %zu bytes; "
		       "packets %llu\n",
		       flow.key.len, flow.mask.len, flow.actions.len,
		       (unsigned long long)flow.stats.n_packets);
	return err;
}

static int show(struct ovsnl_client *client, const struct ovsnl_client_dp *dp)
{
	int err;

	printf("%s: ifindex %d, features %#x\n", dp->name, dp->ifindex,
	       dp->user_features);
	err = ovsnl_client_vport_dump(client, dp->ifindex, print_vport, NULL);
	if (!err)
		err = ovsnl_client_flow_dump(client, dp->ifindex, 0, print_flow,
					     NULL);
	return err ? fail(client, "dump", err) : 0;
}

static int session(struct ovsnl_client *client)
{
	struct ovsnl_client_dp dp;
	int err, status;

	err = ovsnl_client_dp_new(client, NAME, OVS_DP_F_UNALIGNED, 0, &dp);
	if (err)
		return fail(client, NAME, err);
	status = add_port(client, dp.ifindex, "ovsnl-ex1") ||
		 add_port(client, dp.ifindex, "ovsnl-ex2") ||
		 add_flow(client, dp.ifindex) || show(client, &dp);
	err = ovsnl_client_dp_del(client, NAME);
	return err ? fail(client, NAME, err) : status;
}

int main(int argc, char **argv)
{
	struct ovsnl_client *client;
	int err, status;

	if (argc < 2 ||
	    (strcmp(argv[1], "kernel") && strcmp(argv[1], "twin"))) {
		fprintf(stderr,
			"usage: ovsnl-example kernel | twin [SOCKET]\n");
		return 2;
	}
	err = ovsnl_client_open(*argv[1] == 'k' ? OVSNL_CLIENT_KERNEL
						: OVSNL_CLIENT_TWIN,
				argc > 2 ? argv[2] : NULL, &client);
	if (err)
		return fail(NULL, argv[1], err);
	status = session(client);
	ovsnl_client_close(client);
	return status;
}
