/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_GENL_H
#define TWIN_GENL_H

#include <linux/genetlink.h>

#include "nl_conn.h"
#include "ovsnl_attr.h"
#include "ovsnl_ops.h"

/* Generic netlink: families, and what happens to a request for one of them.
 * All on the control thread.
 */

/* Ids of families and multicast groups: the same in every life of the daemon,
 * so that clients need not ask again after a restart. From the range that
 * the kernel hands out at run time (0x13 and up, groups from 2).
 */
enum twin_genl_id {
	TWIN_GENL_CTRL = GENL_ID_CTRL,
	TWIN_GENL_DATAPATH = 0x20,
	TWIN_GENL_VPORT = 0x21,
	TWIN_GENL_FLOW = 0x22,
	TWIN_GENL_PACKET = 0x23,
	TWIN_GENL_METER = 0x24,
	TWIN_GENL_CT_LIMIT = 0x25,
	TWIN_GENL_PSAMPLE = 0x28,
	TWIN_GENL_TWINPATH = 0x30,
};

enum twin_genl_group {
	TWIN_GENL_GROUP_NOTIFY = 0x10, /* nlctrl's own, never used */
	TWIN_GENL_GROUP_DATAPATH = 0x20,
	TWIN_GENL_GROUP_VPORT = 0x21,
	TWIN_GENL_GROUP_FLOW = 0x22,
	TWIN_GENL_GROUP_METER = 0x24,
	TWIN_GENL_GROUP_CT_LIMIT = 0x25,
	TWIN_GENL_GROUP_SAMPLE_CONFIG = 0x28,
	TWIN_GENL_GROUP_SAMPLES = 0x29,
};

/* Highest attribute type that a family may know. */
#define TWIN_GENL_MAXATTR 31

struct twin_genl_request;

/** struct twin_genl_mcgroup - a multicast group of a family.
 * @admin: joining needs the right to make changes
 */
struct twin_genl_mcgroup {
	uint32_t id;
	const char *name;
	bool admin;
};

#define TWIN_GENL_MCGROUPS 2

/**
 * struct twin_genl_command - one command of a family.
 * @cmd: its number
 * @admin: needs the right to make changes
 * @parse_dump: attributes of a dump request are checked by the policy too
 * @policy, @maxattr: of this command; NULL: the family's
 * @check_dump: before a dump begins: 0, or the negative errno for the client,
 *              which is then an error instead of a dump's end. NULL for none
 * @doit: answers; 0 or the negative errno for the client; NULL for none
 * @dumpit: as ovsnl_command.dumpit; NULL for none
 * @priv: the family's own
 */
struct twin_genl_command {
	uint8_t cmd;
	bool admin;
	bool parse_dump;
	const struct ovsnl_policy *policy;
	uint8_t maxattr;
	int (*check_dump)(struct twin_genl_request *req);
	int (*doit)(struct twin_genl_request *req);
	int (*dumpit)(struct twin_genl_request *req, struct ovsnl_cursor *cur,
		      struct ovsnl_writer *w);
	const void *priv;
};

#define TWIN_GENL_COMMANDS 16

/**
 * struct twin_genl_family - a family.
 * @id: nlmsg_type of its messages
 * @hdrsize: bytes of its own header behind genlmsghdr
 * @shown_maxattr: what GETFAMILY tells, as opposed to what is parsed
 * @groups: multicast groups; id 0 where there are no more
 * @resv_start: from this command on reserved header fields must be zero
 */
struct twin_genl_family {
	uint16_t id;
	const char *name;
	uint8_t version;
	uint8_t hdrsize;
	uint8_t maxattr;
	uint8_t shown_maxattr;
	uint8_t resv_start;
	struct twin_genl_mcgroup groups[TWIN_GENL_MCGROUPS];
	const struct ovsnl_policy *policy;
	unsigned int n_commands;
	struct twin_genl_command commands[TWIN_GENL_COMMANDS];
};

/**
 * struct twin_genl_request - a request on its way through a family.
 * @nlh: the message; whole and long enough for the family's header
 * @tb: attributes by type, TWIN_GENL_MAXATTR + 1 entries
 * @err: cause of a refusal, in words
 * @seen: the watcher knows of it
 */
struct twin_genl_request {
	struct twin_nl_conn *conn;
	const struct twin_genl_family *family;
	const struct twin_genl_command *command;
	const struct nlmsghdr *nlh;
	const struct nlattr *tb[TWIN_GENL_MAXATTR + 1];
	struct ovsnl_err err;
	bool seen;
};

/** twin_genl_register() - add a family, which must stay. Up to 16. */
void twin_genl_register(const struct twin_genl_family *family);

/** twin_genl_set_watcher() - have @fn called for each request that is no dump
 * once it has been dealt with, with its result (before the client learns it).
 */
void twin_genl_set_watcher(void (*fn)(const struct twin_genl_request *req,
				      int err));

/** twin_genl_show() - @req has been dealt with, with result @err: to be called
 * before anybody is told. The watcher is called once for a request, here or
 * after the command's body.
 */
void twin_genl_show(struct twin_genl_request *req, int err);

/** twin_genl_family_at() - family of rank @n in the order of ids, or NULL. */
const struct twin_genl_family *twin_genl_family_at(unsigned int n);

/** twin_genl_find_command() - or NULL. */
const struct twin_genl_command *
twin_genl_find_command(const struct twin_genl_family *family, uint32_t cmd);

/** twin_genl_family_by_id() - or NULL. */
const struct twin_genl_family *twin_genl_family_by_id(uint16_t id);

/**
 * twin_genl_join() - make @conn a member of a multicast group.
 * Return: 0, -EINVAL (no such group), -EPERM, -ENOMEM.
 */
int twin_genl_join(struct twin_nl_conn *conn, uint32_t group);

/**
 * twin_genl_receive() - deal with one request.
 * @req: conn and nlh are set, the rest is zero
 * Return: 0; a negative errno for the client; -EINTR when a dump has begun,
 * which is its own acknowledgement.
 */
int twin_genl_receive(struct twin_genl_request *req);

/** twin_genl_parse() - fill @req->tb by the policy of the command. */
int twin_genl_parse(struct twin_genl_request *req);

/** twin_genl_parse_whole() - the same, with nothing forgiven: see
 * ovsnl_attr_parse_whole().
 */
int twin_genl_parse_whole(struct twin_genl_request *req);

/** twin_genl_policy() - policy of a command, NULL for none.
 * @max: set to the highest attribute type that it is for
 */
const struct ovsnl_policy *
twin_genl_policy(const struct twin_genl_family *family,
		 const struct twin_genl_command *command, uint8_t *max);

/** twin_genl_policy_put() - describe what an attribute may hold, in
 * NL_POLICY_TYPE_ATTR_* within an attribute @type.
 * Return: false when there is nothing to say, as the kernel has it.
 */
bool twin_genl_policy_put(struct ovsnl_writer *w, int type,
			  const struct ovsnl_policy *policy);

/** twin_genl_header() - genlmsghdr of a request. */
static inline const struct genlmsghdr *
twin_genl_header(const struct twin_genl_request *req)
{
	return (const struct genlmsghdr *)(req->nlh + 1);
}

/** twin_genl_userhdr() - the family's own header. */
static inline const void *twin_genl_userhdr(const struct twin_genl_request *req)
{
	return twin_genl_header(req) + 1;
}

/**
 * twin_genl_put() - start a message that answers @req.
 * Return: offset for twin_genl_end(); the writer overflows if it can't.
 */
size_t twin_genl_put(struct ovsnl_writer *w,
		     const struct twin_genl_request *req, uint8_t cmd,
		     uint16_t flags);

/** twin_genl_end() - fix the length of the message begun at @start. */
void twin_genl_end(struct ovsnl_writer *w, size_t start);

/** twin_genl_reply() - send @w's message to the requester. 0 or -errno. */
int twin_genl_reply(struct twin_genl_request *req,
		    const struct ovsnl_writer *w);

/** twin_genl_nlctrl - the family that tells of families. */
extern const struct twin_genl_family twin_genl_nlctrl;

#endif
