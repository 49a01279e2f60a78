// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Requests of the ct_limit family. */
#include "request.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

/* What fits into an attribute. */
#define LIMITS_MAX 5000

/* What ovsnl_client_ct_limit_get() passes to take_limits(). */
struct limits {
	struct ovs_zone_limit *v;
	size_t n;
};

static struct nl_msg *limit_request(struct ovsnl_client *client, __u8 cmd,
				    int dp_ifindex, size_t room)
{
	return ovsnl_request_new(client, OVSNL_FAMILY_CT_LIMIT, cmd, 0,
				 dp_ifindex, room);
}

static int take_nothing(const struct ovsnl_client_message *message, void *arg)
{
	(void)message;
	(void)arg;
	return 0;
}

static int change(struct ovsnl_client *client, int dp_ifindex, __u8 cmd,
		  const struct ovs_zone_limit *limits, size_t n)
{
	struct nl_msg *msg;
	int err = 0;

	if (n > LIMITS_MAX)
		return -EINVAL;
	msg = limit_request(client, cmd, dp_ifindex, n * sizeof(*limits));
	if (msg && nla_put(msg, OVS_CT_LIMIT_ATTR_ZONE_LIMIT,
			   n * sizeof(*limits), limits) < 0)
		err = -ENOMEM;
	return ovsnl_request_run(client, msg, err, take_nothing, NULL);
}

int ovsnl_client_ct_limit_set(struct ovsnl_client *client, int dp_ifindex,
			      const struct ovs_zone_limit *limits, size_t n)
{
	return change(client, dp_ifindex, OVS_CT_LIMIT_CMD_SET, limits, n);
}

int ovsnl_client_ct_limit_del(struct ovsnl_client *client, int dp_ifindex,
			      const __u16 *zones, size_t n)
{
	struct ovs_zone_limit *limits = calloc(n ? n : 1, sizeof(*limits));
	size_t i;
	int err;

	if (!limits)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		limits[i].zone_id = zones[i];
	err = change(client, dp_ifindex, OVS_CT_LIMIT_CMD_DEL, limits, n);
	free(limits);
	return err;
}

static int take_limits(const struct ovsnl_client_message *message, void *arg)
{
	const struct ovsnl_client_bytes bytes = ovsnl_request_bytes(
		message->attr[OVS_CT_LIMIT_ATTR_ZONE_LIMIT]);
	struct limits *limits = arg;

	if (message->family != OVSNL_FAMILY_CT_LIMIT || !bytes.data ||
	    limits->v)
		return -EBADMSG;
	limits->v = malloc(bytes.len ? bytes.len : 1);
	if (!limits->v)
		return -ENOMEM;
	memcpy(limits->v, bytes.data, bytes.len);
	limits->n = bytes.len / sizeof(*limits->v);
	return 0;
}

int ovsnl_client_ct_limit_get(struct ovsnl_client *client, int dp_ifindex,
			      struct ovs_zone_limit **limits, size_t *n)
{
	struct limits got = { NULL, 0 };
	int err;

	err = ovsnl_request_run(client,
				limit_request(client, OVS_CT_LIMIT_CMD_GET,
					      dp_ifindex, 0),
				0, take_limits, &got);
	if (err) {
		free(got.v);
		return err;
	}
	*limits = got.v;
	*n = got.n;
	return 0;
}
