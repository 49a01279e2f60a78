/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_FAMILY_H
#define OVSNL_FAMILY_H

#include "ovsnl_ops.h"

/* The generic-netlink families, their commands, and the bodies that answer
 * them.
 */

/** enum ovsnl_family_id - our index of a family; run-time ids differ. */
enum ovsnl_family_id {
	OVSNL_FAMILY_DATAPATH,
	OVSNL_FAMILY_VPORT,
	OVSNL_FAMILY_FLOW,
	OVSNL_FAMILY_PACKET,
	OVSNL_FAMILY_METER,
	OVSNL_FAMILY_CT_LIMIT,
	OVSNL_FAMILY_COUNT
};

/**
 * struct ovsnl_request - one request of a client.
 * @ops, @net: the datapath implementation and its namespace object
 * @family: index into ovsnl_families
 * @nlmsg_type: the family's run-time id, for replies
 * @cmd, @version: of the genlmsghdr
 * @flags: nlmsg_flags
 * @seq: nlmsg_seq; replies repeat it
 * @portid: the requester; replies carry it
 * @dp_ifindex: of struct ovs_header
 * @tb: attributes by type, checked by the family's policy; family.maxattr + 1
 *      entries
 * @err: cause of a refusal
 * @priv: the transport's own (struct genl_info in the kernel, the connection
 *        in the twin)
 */
struct ovsnl_request {
	const struct ovsnl_ops *ops;
	void *net;
	enum ovsnl_family_id family;
	__u16 nlmsg_type;
	__u8 cmd;
	__u8 version;
	__u16 flags;
	__u32 seq;
	__u32 portid;
	__s32 dp_ifindex;
	const struct nlattr *const *tb;
	struct ovsnl_err err;
	void *priv;
};

/** struct ovsnl_command - one command of a family.
 * @cmd: OVS_*_CMD_*
 * @admin: needs CAP_NET_ADMIN (GENL_UNS_ADMIN_PERM)
 * @doit: answers a request; 0 or a negative errno for the client. May sleep.
 * @dumpit: writes whole messages (NLM_F_MULTI) while they fit and moves the
 *          cursor; 0 when more is to come or all is written: a call that
 *          appends nothing ends the dump. Negative errno aborts it. NULL where
 *          the command has no dump. May sleep.
 */
struct ovsnl_command {
	__u8 cmd;
	bool admin;
	int (*doit)(struct ovsnl_request *req);
	int (*dumpit)(struct ovsnl_request *req, struct ovsnl_cursor *cur,
		      struct ovsnl_writer *w);
};

#define OVSNL_MAX_COMMANDS 4

/** struct ovsnl_family - what CTRL_CMD_GETFAMILY tells of a family.
 * @mcgroup: name of its multicast group, NULL for none
 * @commands: the first with cmd 0 ends the list
 */
struct ovsnl_family {
	const char *name;
	__u8 version;
	__u8 maxattr;
	const char *mcgroup;
	const struct ovsnl_policy *policy;
	struct ovsnl_command commands[OVSNL_MAX_COMMANDS + 1];
};

extern const struct ovsnl_family ovsnl_families[OVSNL_FAMILY_COUNT];

/** ovsnl_family_command() - command @cmd of a family, NULL if it has none. */
const struct ovsnl_command *
ovsnl_family_command(const struct ovsnl_family *family, __u8 cmd);

/** Room that a single reply of these kinds can need, in bytes. */
#define OVSNL_DP_REPLY_SIZE(cpus) (256 + 4 * (size_t)(cpus))
#define OVSNL_VPORT_REPLY_SIZE(pids) (512 + 4 * (size_t)(pids))

/**
 * ovsnl_vport_notice() - build the notification of a vport that its datapath
 * removed or added by itself (device unregistered).
 * @req: ops, net, family OVSNL_FAMILY_VPORT and nlmsg_type are set, the
 *       requester's fields 0
 * @w: room for OVSNL_VPORT_REPLY_SIZE
 * @cmd: OVS_VPORT_CMD_DEL or _NEW
 * Return: 0 or -EMSGSIZE. Needs the datapath's read protection.
 */
int ovsnl_vport_notice(const struct ovsnl_request *req, struct vport *vport,
		       __u8 cmd, struct ovsnl_writer *w);

#endif
