/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_CMD_H
#define OVSNL_CMD_H

#include "ovsnl_family.h"
#include "ovsnl_msg.h"

/* The bodies behind the families' commands (private to netlink_api), with the
 * signatures of struct ovsnl_command.
 */
int ovsnl_cmd_datapath_new(struct ovsnl_request *req);
int ovsnl_cmd_datapath_del(struct ovsnl_request *req);
int ovsnl_cmd_datapath_get(struct ovsnl_request *req);
int ovsnl_cmd_datapath_set(struct ovsnl_request *req);
int ovsnl_cmd_datapath_dump(struct ovsnl_request *req, struct ovsnl_cursor *cur,
			    struct ovsnl_writer *w);

int ovsnl_cmd_vport_new(struct ovsnl_request *req);
int ovsnl_cmd_vport_del(struct ovsnl_request *req);
int ovsnl_cmd_vport_get(struct ovsnl_request *req);
int ovsnl_cmd_vport_set(struct ovsnl_request *req);
int ovsnl_cmd_vport_dump(struct ovsnl_request *req, struct ovsnl_cursor *cur,
			 struct ovsnl_writer *w);

int ovsnl_cmd_flow_new(struct ovsnl_request *req);
int ovsnl_cmd_flow_del(struct ovsnl_request *req);
int ovsnl_cmd_flow_get(struct ovsnl_request *req);
int ovsnl_cmd_flow_set(struct ovsnl_request *req);
int ovsnl_cmd_flow_dump(struct ovsnl_request *req, struct ovsnl_cursor *cur,
			struct ovsnl_writer *w);

int ovsnl_cmd_packet_execute(struct ovsnl_request *req);

int ovsnl_cmd_meter_features(struct ovsnl_request *req);
int ovsnl_cmd_meter_set(struct ovsnl_request *req);
int ovsnl_cmd_meter_get(struct ovsnl_request *req);
int ovsnl_cmd_meter_del(struct ovsnl_request *req);

int ovsnl_cmd_ct_limit_set(struct ovsnl_request *req);
int ovsnl_cmd_ct_limit_del(struct ovsnl_request *req);
int ovsnl_cmd_ct_limit_get(struct ovsnl_request *req);

/**
 * ovsnl_cmd_msg() - headers of a message that answers @req.
 * @flags: NLM_F_MULTI for parts of a dump, otherwise 0
 */
static inline struct ovsnl_msg ovsnl_cmd_msg(const struct ovsnl_request *req,
					     __u8 cmd, __u16 flags,
					     __s32 dp_ifindex)
{
	struct ovsnl_msg msg = {
		.nlmsg_type = req->nlmsg_type,
		.flags = flags,
		.seq = req->seq,
		.portid = req->portid,
		.cmd = cmd,
		.version = ovsnl_families[req->family].version,
		.dp_ifindex = dp_ifindex,
	};

	return msg;
}

/**
 * ovsnl_cmd_pids() - an attribute as an array of port ids.
 * @pids: set; points into the request
 * @max: most ids that are sensible, 0 for no limit
 * Return: 0, or -EINVAL when it is empty, no whole number of ids, or too long.
 */
int ovsnl_cmd_pids(struct ovsnl_request *req, const struct nlattr *a, __u32 max,
		   struct ovsnl_pids *pids);

/**
 * ovsnl_cmd_locked() - run a command's body with an answer at hand.
 * @size: bytes that the answer may take
 * @body: looks up, changes, writes the answer into @w; between ops->lock() and
 *        unlock(). Returns 0 or a negative errno, having changed nothing then.
 * @arg: handed to it
 * @w: on success the answer, which the caller hands on to ops->reply_unicast()
 *     or reply_notify(); freed otherwise
 * Return: 0, -ENOMEM before @body has run, or what it returned.
 */
int ovsnl_cmd_locked(struct ovsnl_request *req, size_t size,
		     int (*body)(struct ovsnl_request *req, void *arg,
				 struct ovsnl_writer *w),
		     void *arg, struct ovsnl_writer *w);

/** ovsnl_cmd_change() - the same, and the answer notifies of the change. */
int ovsnl_cmd_change(struct ovsnl_request *req, size_t size,
		     int (*body)(struct ovsnl_request *req, void *arg,
				 struct ovsnl_writer *w),
		     void *arg);

#endif
