// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Requests of the vport family. */
#include "request.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "ovsnl_uapi_new.h"

/* Newer than what the kernel's header has: ovsnl_uapi_new.h. */
static void take_upcalls(const struct nlattr *a,
			 struct ovsnl_client_vport *vport)
{
	if (!a)
		return;
	vport->has_upcalls =
		ovsnl_request_int(nla_find(nla_data(a), nla_len(a),
					   OVSNL_VPORT_UPCALL_ATTR_SUCCESS),
				  &vport->upcalls_sent,
				  sizeof(vport->upcalls_sent)) &&
		ovsnl_request_int(nla_find(nla_data(a), nla_len(a),
					   OVSNL_VPORT_UPCALL_ATTR_FAIL),
				  &vport->upcalls_failed,
				  sizeof(vport->upcalls_failed));
}

int ovsnl_client_vport_decode(const struct ovsnl_client_message *message,
			      struct ovsnl_client_vport *vport)
{
	const struct nlattr *const *attr = message->attr;

	*vport = (struct ovsnl_client_vport){ .dp_ifindex =
						      message->dp_ifindex };
	if (message->family != OVSNL_FAMILY_VPORT ||
	    !ovsnl_request_int(attr[OVS_VPORT_ATTR_PORT_NO], &vport->port_no,
			       sizeof(vport->port_no)) ||
	    !ovsnl_request_int(attr[OVS_VPORT_ATTR_TYPE], &vport->type,
			       sizeof(vport->type)) ||
	    !ovsnl_request_name(attr[OVS_VPORT_ATTR_NAME], vport->name))
		return -EBADMSG;
	ovsnl_request_int(attr[OVS_VPORT_ATTR_UPCALL_PID], &vport->upcall_pid,
			  sizeof(vport->upcall_pid));
	ovsnl_request_int(attr[OVS_VPORT_ATTR_IFINDEX], &vport->ifindex,
			  sizeof(vport->ifindex));
	ovsnl_request_int(attr[OVS_VPORT_ATTR_STATS], &vport->stats,
			  sizeof(vport->stats));
	take_upcalls(attr[OVSNL_VPORT_ATTR_UPCALL_STATS], vport);
	return 0;
}

static int take_vport(const struct ovsnl_client_message *message, void *arg)
{
	return ovsnl_client_vport_decode(message, arg);
}

int ovsnl_client_vport_new(struct ovsnl_client *client,
			   struct ovsnl_client_vport *vport,
			   const struct ovsnl_client_bytes *options)
{
	struct nl_msg *msg;
	int err = 0;

	msg = ovsnl_request_new(client, OVSNL_FAMILY_VPORT, OVS_VPORT_CMD_NEW,
				NLM_F_ECHO, vport->dp_ifindex,
				IFNAMSIZ + 32 + (options ? options->len : 0));
	if (msg && ((vport->port_no && nla_put_u32(msg, OVS_VPORT_ATTR_PORT_NO,
						   vport->port_no) < 0) ||
		    nla_put_u32(msg, OVS_VPORT_ATTR_TYPE, vport->type) < 0 ||
		    nla_put_string(msg, OVS_VPORT_ATTR_NAME, vport->name) < 0 ||
		    nla_put_u32(msg, OVS_VPORT_ATTR_UPCALL_PID,
				vport->upcall_pid) < 0 ||
		    ovsnl_request_put_nested(msg, OVS_VPORT_ATTR_OPTIONS,
					     options) < 0))
		err = -ENOMEM;
	return ovsnl_request_run(client, msg, err, take_vport, vport);
}

/* A request for port @port_no. */
static struct nl_msg *numbered(struct ovsnl_client *client, __u8 cmd,
			       int dp_ifindex, __u32 port_no, size_t room)
{
	struct nl_msg *msg;

	msg = ovsnl_request_new(client, OVSNL_FAMILY_VPORT, cmd, 0, dp_ifindex,
				sizeof(port_no) + room);
	if (msg && nla_put_u32(msg, OVS_VPORT_ATTR_PORT_NO, port_no) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

int ovsnl_client_vport_del(struct ovsnl_client *client, int dp_ifindex,
			   __u32 port_no)
{
	return ovsnl_request_run(client,
				 numbered(client, OVS_VPORT_CMD_DEL, dp_ifindex,
					  port_no, 0),
				 0, NULL, NULL);
}

int ovsnl_client_vport_set(struct ovsnl_client *client, int dp_ifindex,
			   __u32 port_no, const __u32 *pids, size_t n_pids)
{
	struct nl_msg *msg;
	int err = 0;

	msg = numbered(client, OVS_VPORT_CMD_SET, dp_ifindex, port_no,
		       n_pids * sizeof(*pids));
	if (msg && nla_put(msg, OVS_VPORT_ATTR_UPCALL_PID,
			   n_pids * sizeof(*pids), pids) < 0)
		err = -ENOMEM;
	return ovsnl_request_run(client, msg, err, NULL, NULL);
}

int ovsnl_client_vport_get(struct ovsnl_client *client, int dp_ifindex,
			   const char *name, __u32 port_no,
			   struct ovsnl_client_vport *vport)
{
	struct nl_msg *msg;
	int err = 0;

	if (name) {
		msg = ovsnl_request_new(client, OVSNL_FAMILY_VPORT,
					OVS_VPORT_CMD_GET, 0, dp_ifindex,
					strlen(name) + 1);
		if (msg && nla_put_string(msg, OVS_VPORT_ATTR_NAME, name) < 0)
			err = -ENOMEM;
	} else {
		msg = numbered(client, OVS_VPORT_CMD_GET, dp_ifindex, port_no,
			       0);
	}
	return ovsnl_request_run(client, msg, err, take_vport, vport);
}

int ovsnl_client_vport_dump(struct ovsnl_client *client, int dp_ifindex,
			    ovsnl_client_each_fn *each, void *arg)
{
	struct nl_msg *msg;

	msg = ovsnl_request_new(client, OVSNL_FAMILY_VPORT, OVS_VPORT_CMD_GET,
				NLM_F_DUMP, dp_ifindex, 0);
	return ovsnl_request_run(client, msg, 0, each, arg);
}
