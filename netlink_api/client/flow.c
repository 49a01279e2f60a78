// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Requests of the flow family. */
#include "request.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>

int ovsnl_client_flow_decode(const struct ovsnl_client_message *message,
			     struct ovsnl_client_flow *flow)
{
	const struct nlattr *const *attr = message->attr;

	if (message->family != OVSNL_FAMILY_FLOW)
		return -EBADMSG;
	*flow = (struct ovsnl_client_flow){
		.key = ovsnl_request_bytes(attr[OVS_FLOW_ATTR_KEY]),
		.mask = ovsnl_request_bytes(attr[OVS_FLOW_ATTR_MASK]),
		.actions = ovsnl_request_bytes(attr[OVS_FLOW_ATTR_ACTIONS]),
		.ufid = ovsnl_request_bytes(attr[OVS_FLOW_ATTR_UFID]),
	};
	if (!flow->key.data && !flow->ufid.data)
		return -EBADMSG;
	ovsnl_request_int(attr[OVS_FLOW_ATTR_STATS], &flow->stats,
			  sizeof(flow->stats));
	ovsnl_request_int(attr[OVS_FLOW_ATTR_USED], &flow->used_ms,
			  sizeof(flow->used_ms));
	ovsnl_request_int(attr[OVS_FLOW_ATTR_TCP_FLAGS], &flow->tcp_flags,
			  sizeof(flow->tcp_flags));
	return 0;
}

static int put_flow(struct nl_msg *msg, const struct ovsnl_client_flow *flow)
{
	if (flow->ufid.data && nla_put(msg, OVS_FLOW_ATTR_UFID, flow->ufid.len,
				       flow->ufid.data) < 0)
		return -ENOMEM;
	if (flow->ufid_flags &&
	    nla_put_u32(msg, OVS_FLOW_ATTR_UFID_FLAGS, flow->ufid_flags) < 0)
		return -ENOMEM;
	if (ovsnl_request_put_nested(msg, OVS_FLOW_ATTR_KEY, &flow->key) ||
	    ovsnl_request_put_nested(msg, OVS_FLOW_ATTR_MASK, &flow->mask) ||
	    ovsnl_request_put_nested(msg, OVS_FLOW_ATTR_ACTIONS,
				     &flow->actions))
		return -ENOMEM;
	return 0;
}

static size_t room_for(const struct ovsnl_client_flow *flow)
{
	return flow->key.len + flow->mask.len + flow->actions.len +
	       flow->ufid.len + sizeof(flow->ufid_flags);
}

static struct nl_msg *flow_request(struct ovsnl_client *client, __u8 cmd,
				   int flags, int dp_ifindex,
				   const struct ovsnl_client_flow *flow)
{
	struct nl_msg *msg;

	msg = ovsnl_request_new(client, OVSNL_FAMILY_FLOW, cmd, flags,
				dp_ifindex, flow ? room_for(flow) : 0);
	if (msg && flow && put_flow(msg, flow)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/* A request for each flow. Return: false without memory for all. */
static bool flow_requests(struct ovsnl_client *client, int dp_ifindex,
			  const struct ovsnl_client_flow *flows, size_t n,
			  int nlm_flags, struct nl_msg **msgs)
{
	size_t i;

	for (i = 0; i < n; i++) {
		msgs[i] = flow_request(client, OVS_FLOW_CMD_NEW, nlm_flags,
				       dp_ifindex, &flows[i]);
		if (!msgs[i])
			break;
	}
	if (i == n)
		return true;
	while (i--)
		nlmsg_free(msgs[i]);
	return false;
}

int ovsnl_client_flow_new(struct ovsnl_client *client, int dp_ifindex,
			  const struct ovsnl_client_flow *flows, size_t n,
			  int nlm_flags, int *errors)
{
	struct nl_msg **msgs = calloc(n ? n : 1, sizeof(struct nl_msg *));
	int err = -ENOMEM;
	size_t i;

	if (msgs &&
	    flow_requests(client, dp_ifindex, flows, n, nlm_flags, msgs))
		err = ovsnl_request_exchange(client, msgs, n, NULL, NULL,
					     errors);
	else
		for (i = 0; errors && i < n; i++)
			errors[i] = err;
	free(msgs);
	return err;
}

int ovsnl_client_flow_set(struct ovsnl_client *client, int dp_ifindex,
			  const struct ovsnl_client_flow *flow, bool clear)
{
	struct nl_msg *msg;
	int err = 0;

	msg = flow_request(client, OVS_FLOW_CMD_SET, 0, dp_ifindex, flow);
	if (msg && clear && nla_put_flag(msg, OVS_FLOW_ATTR_CLEAR) < 0)
		err = -ENOMEM;
	return ovsnl_request_run(client, msg, err, NULL, NULL);
}

/* What names a flow, without the rest. */
static struct ovsnl_client_flow identity(const struct ovsnl_client_flow *flow)
{
	return (struct ovsnl_client_flow){ .key = flow->key,
					   .ufid = flow->ufid,
					   .ufid_flags = flow->ufid_flags };
}

int ovsnl_client_flow_get(struct ovsnl_client *client, int dp_ifindex,
			  const struct ovsnl_client_flow *flow,
			  ovsnl_client_each_fn *each, void *arg)
{
	struct ovsnl_client_flow id = identity(flow);

	return ovsnl_request_run(client,
				 flow_request(client, OVS_FLOW_CMD_GET, 0,
					      dp_ifindex, &id),
				 0, each, arg);
}

int ovsnl_client_flow_del(struct ovsnl_client *client, int dp_ifindex,
			  const struct ovsnl_client_flow *flow)
{
	struct ovsnl_client_flow id = identity(flow);

	/* A request that names none would delete all. */
	if (!id.key.data && !id.ufid.data)
		return -EINVAL;
	return ovsnl_request_run(client,
				 flow_request(client, OVS_FLOW_CMD_DEL, 0,
					      dp_ifindex, &id),
				 0, NULL, NULL);
}

int ovsnl_client_flow_flush(struct ovsnl_client *client, int dp_ifindex)
{
	return ovsnl_request_run(client,
				 flow_request(client, OVS_FLOW_CMD_DEL, 0,
					      dp_ifindex, NULL),
				 0, NULL, NULL);
}

int ovsnl_client_flow_dump(struct ovsnl_client *client, int dp_ifindex,
			   __u32 ufid_flags, ovsnl_client_each_fn *each,
			   void *arg)
{
	struct ovsnl_client_flow id = { .ufid_flags = ufid_flags };

	return ovsnl_request_run(client,
				 flow_request(client, OVS_FLOW_CMD_GET,
					      NLM_F_DUMP, dp_ifindex, &id),
				 0, each, arg);
}
