// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Requests of the datapath family. */
#include "request.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

int ovsnl_client_dp_decode(const struct ovsnl_client_message *message,
			   struct ovsnl_client_dp *dp)
{
	const struct nlattr *const *attr = message->attr;

	*dp = (struct ovsnl_client_dp){ .ifindex = message->dp_ifindex };
	if (message->family != OVSNL_FAMILY_DATAPATH ||
	    !ovsnl_request_name(attr[OVS_DP_ATTR_NAME], dp->name))
		return -EBADMSG;
	ovsnl_request_int(attr[OVS_DP_ATTR_USER_FEATURES], &dp->user_features,
			  sizeof(dp->user_features));
	ovsnl_request_int(attr[OVS_DP_ATTR_MASKS_CACHE_SIZE],
			  &dp->masks_cache_size, sizeof(dp->masks_cache_size));
	ovsnl_request_int(attr[OVS_DP_ATTR_STATS], &dp->stats,
			  sizeof(dp->stats));
	ovsnl_request_int(attr[OVS_DP_ATTR_MEGAFLOW_STATS], &dp->megaflow_stats,
			  sizeof(dp->megaflow_stats));
	return 0;
}

static int take_dp(const struct ovsnl_client_message *message, void *arg)
{
	return ovsnl_client_dp_decode(message, arg);
}

/* A request for the datapath @name. */
static struct nl_msg *named(struct ovsnl_client *client, __u8 cmd, int flags,
			    const char *name)
{
	struct nl_msg *msg;

	msg = ovsnl_request_new(client, OVSNL_FAMILY_DATAPATH, cmd, flags, 0,
				strlen(name) + 16);
	if (msg && nla_put_string(msg, OVS_DP_ATTR_NAME, name) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

int ovsnl_client_dp_new(struct ovsnl_client *client, const char *name,
			__u32 user_features, __u32 upcall_pid,
			struct ovsnl_client_dp *dp)
{
	struct nl_msg *msg = named(client, OVS_DP_CMD_NEW, NLM_F_ECHO, name);
	struct ovsnl_client_dp made;
	int err = 0;

	if (msg &&
	    (nla_put_u32(msg, OVS_DP_ATTR_UPCALL_PID, upcall_pid) < 0 ||
	     nla_put_u32(msg, OVS_DP_ATTR_USER_FEATURES, user_features) < 0))
		err = -ENOMEM;
	return ovsnl_request_run(client, msg, err, take_dp, dp ? dp : &made);
}

int ovsnl_client_dp_del(struct ovsnl_client *client, const char *name)
{
	return ovsnl_request_run(client, named(client, OVS_DP_CMD_DEL, 0, name),
				 0, NULL, NULL);
}

int ovsnl_client_dp_get(struct ovsnl_client *client, const char *name,
			struct ovsnl_client_dp *dp)
{
	return ovsnl_request_run(client, named(client, OVS_DP_CMD_GET, 0, name),
				 0, take_dp, dp);
}

int ovsnl_client_dp_set(struct ovsnl_client *client, int ifindex,
			__u32 user_features, const __u32 *pids, size_t n_pids)
{
	struct nl_msg *msg;
	int err = 0;

	msg = ovsnl_request_new(client, OVSNL_FAMILY_DATAPATH, OVS_DP_CMD_SET,
				0, ifindex, 16 + n_pids * sizeof(*pids));
	if (msg &&
	    (nla_put_u32(msg, OVS_DP_ATTR_USER_FEATURES, user_features) < 0 ||
	     (pids && nla_put(msg, OVS_DP_ATTR_PER_CPU_PIDS,
			      n_pids * sizeof(*pids), pids) < 0)))
		err = -ENOMEM;
	return ovsnl_request_run(client, msg, err, NULL, NULL);
}

int ovsnl_client_dp_set_masks_cache(struct ovsnl_client *client, int ifindex,
				    __u32 user_features, __u32 entries)
{
	struct nl_msg *msg;
	int err = 0;

	msg = ovsnl_request_new(client, OVSNL_FAMILY_DATAPATH, OVS_DP_CMD_SET,
				0, ifindex, 16);
	if (msg &&
	    (nla_put_u32(msg, OVS_DP_ATTR_USER_FEATURES, user_features) < 0 ||
	     nla_put_u32(msg, OVS_DP_ATTR_MASKS_CACHE_SIZE, entries) < 0))
		err = -ENOMEM;
	return ovsnl_request_run(client, msg, err, NULL, NULL);
}

int ovsnl_client_dp_dump(struct ovsnl_client *client,
			 ovsnl_client_each_fn *each, void *arg)
{
	struct nl_msg *msg;

	msg = ovsnl_request_new(client, OVSNL_FAMILY_DATAPATH, OVS_DP_CMD_GET,
				NLM_F_DUMP, 0, 0);
	return ovsnl_request_run(client, msg, 0, each, arg);
}
