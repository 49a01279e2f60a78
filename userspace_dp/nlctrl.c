// SPDX-License-Identifier: BSD-3-Clause
/*
 * The nlctrl family: what families there are, by which ids.
 *
 * Overview
 *
 *	CTRL_CMD_GETFAMILY by name or id, and as a dump. CTRL_CMD_GETPOLICY, a
 *	dump: first which policy is whose, then the attributes of each policy,
 *	one a message. Attributes and their order are those of Linux 6.1.
 *
 * Life cycle
 *
 *	None: families are constant once registered. A dump's cursor counts
 *	commands, then the attributes of all policies.
 *
 * Synchronisation
 *
 *	Control thread only.
 */
#include <errno.h>
#include <string.h>

#include "genl.h"

/* Enough for any family: names, 8 commands, a group. */
#define REPLY_SIZE 1024

static void put_commands(struct ovsnl_writer *w,
			 const struct twin_genl_family *family)
{
	const struct twin_genl_command *c;
	size_t list, nest;
	uint32_t flags;
	unsigned int i;
	uint8_t max;

	if (!family->n_commands)
		return;
	list = ovsnl_nest_start(w, CTRL_ATTR_OPS);
	for (i = 0; i < family->n_commands; i++) {
		c = &family->commands[i];
		flags = (c->admin ? GENL_UNS_ADMIN_PERM : 0) |
			(c->dumpit ? GENL_CMD_CAP_DUMP : 0) |
			(c->doit ? GENL_CMD_CAP_DO : 0) |
			(twin_genl_policy(family, c, &max) ? GENL_CMD_CAP_HASPOL
							   : 0);
		nest = ovsnl_nest_start(w, i + 1);
		ovsnl_put_u32(w, CTRL_ATTR_OP_ID, c->cmd);
		ovsnl_put_u32(w, CTRL_ATTR_OP_FLAGS, flags);
		ovsnl_nest_end(w, nest);
	}
	ovsnl_nest_end(w, list);
}

static void put_groups(struct ovsnl_writer *w,
		       const struct twin_genl_family *family)
{
	const struct twin_genl_mcgroup *g = family->groups;
	size_t list, nest;
	unsigned int i;

	if (!g->id)
		return;
	list = ovsnl_nest_start(w, CTRL_ATTR_MCAST_GROUPS);
	for (i = 0; i < TWIN_GENL_MCGROUPS && g[i].id; i++) {
		nest = ovsnl_nest_start(w, i + 1);
		ovsnl_put_u32(w, CTRL_ATTR_MCAST_GRP_ID, g[i].id);
		ovsnl_put_string(w, CTRL_ATTR_MCAST_GRP_NAME, g[i].name);
		ovsnl_nest_end(w, nest);
	}
	ovsnl_nest_end(w, list);
}

static void put_family(struct ovsnl_writer *w,
		       const struct twin_genl_request *req,
		       const struct twin_genl_family *family, uint16_t flags)
{
	size_t start = twin_genl_put(w, req, CTRL_CMD_NEWFAMILY, flags);

	ovsnl_put_string(w, CTRL_ATTR_FAMILY_NAME, family->name);
	ovsnl_put_u16(w, CTRL_ATTR_FAMILY_ID, family->id);
	ovsnl_put_u32(w, CTRL_ATTR_VERSION, family->version);
	ovsnl_put_u32(w, CTRL_ATTR_HDRSIZE, family->hdrsize);
	ovsnl_put_u32(w, CTRL_ATTR_MAXATTR, family->shown_maxattr);
	put_commands(w, family);
	put_groups(w, family);
	twin_genl_end(w, start);
}

static const struct twin_genl_family *by_name(const char *name)
{
	const struct twin_genl_family *family;
	unsigned int i;

	for (i = 0; (family = twin_genl_family_at(i)); i++)
		if (!strcmp(family->name, name))
			return family;
	return NULL;
}

static int get_do(struct twin_genl_request *req)
{
	const struct nlattr *id = req->tb[CTRL_ATTR_FAMILY_ID];
	const struct nlattr *name = req->tb[CTRL_ATTR_FAMILY_NAME];
	const struct twin_genl_family *family = NULL;
	__u8 buf[REPLY_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct ovsnl_writer w;

	if (!id && !name)
		return -EINVAL;
	if (id)
		family = twin_genl_family_by_id(ovsnl_attr_u16(id));
	if (name)
		family = by_name(ovsnl_attr_data(name));
	if (!family)
		return -ENOENT;
	ovsnl_writer_init(&w, buf, sizeof(buf));
	put_family(&w, req, family, 0);
	return w.overflow ? -EMSGSIZE : twin_genl_reply(req, &w);
}

static int get_dump(struct twin_genl_request *req, struct ovsnl_cursor *cur,
		    struct ovsnl_writer *w)
{
	const struct twin_genl_family *family;
	size_t before;

	while ((family = twin_genl_family_at(cur->pos[0]))) {
		before = w->len;
		put_family(w, req, family, NLM_F_MULTI);
		if (w->overflow) {
			ovsnl_writer_reset(w, before);
			break;
		}
		cur->pos[0]++;
	}
	return 0;
}

/* Policies */

/* A policy of a family; there are no more than commands. */
struct known {
	const struct ovsnl_policy *policy;
	uint8_t max;
};

/* The family that is asked about, as the kernel goes about it: by id first. */
static const struct twin_genl_family *
policy_family(const struct twin_genl_request *req)
{
	const struct nlattr *id = req->tb[CTRL_ATTR_FAMILY_ID];

	if (id)
		return twin_genl_family_by_id(ovsnl_attr_u16(id));
	return by_name(ovsnl_attr_data(req->tb[CTRL_ATTR_FAMILY_NAME]));
}

/* The commands that are asked about: one, or all. */
static const struct twin_genl_command *
policy_commands(const struct twin_genl_request *req,
		const struct twin_genl_family *family, unsigned int *n)
{
	const struct nlattr *op = req->tb[CTRL_ATTR_OP];

	*n = op ? 1 : family->n_commands;
	return op ? twin_genl_find_command(family, ovsnl_attr_u32(op))
		  : family->commands;
}

/* Fills @known with the different policies of some commands. */
static unsigned int policy_list(const struct twin_genl_family *family,
				const struct twin_genl_command *commands,
				unsigned int n_commands,
				struct known known[TWIN_GENL_COMMANDS])
{
	struct known one;
	unsigned int i, j, n = 0;

	for (i = 0; i < n_commands; i++) {
		one.policy = twin_genl_policy(family, &commands[i], &one.max);
		for (j = 0; j < n && known[j].policy != one.policy; j++)
			;
		if (one.policy && j == n)
			known[n++] = one;
	}
	return n;
}

static int policy_check(struct twin_genl_request *req)
{
	const struct twin_genl_command *commands;
	const struct twin_genl_family *family;
	struct known known[TWIN_GENL_COMMANDS];
	unsigned int n;
	int err;

	err = twin_genl_parse_whole(req);
	if (err)
		return err;
	if (!req->tb[CTRL_ATTR_FAMILY_ID] && !req->tb[CTRL_ATTR_FAMILY_NAME])
		return -EINVAL;
	family = policy_family(req);
	if (!family)
		return -ENOENT;
	commands = policy_commands(req, family, &n);
	if (!commands)
		return -ENOENT;
	return policy_list(family, commands, n, known) ? 0 : -ENODATA;
}

static size_t put_policy_head(struct ovsnl_writer *w,
			      const struct twin_genl_request *req,
			      const struct twin_genl_family *family)
{
	size_t start = twin_genl_put(w, req, CTRL_CMD_GETPOLICY, NLM_F_MULTI);

	ovsnl_put_u16(w, CTRL_ATTR_FAMILY_ID, family->id);
	return start;
}

/* Which of @known a command goes by, for requests and for dumps. Attributes of
 * dumps are checked where there is a check_dump().
 */
static void put_policy_of(struct ovsnl_writer *w,
			  const struct twin_genl_request *req,
			  const struct twin_genl_family *family,
			  const struct twin_genl_command *c,
			  const struct known *known)
{
	const struct ovsnl_policy *policy;
	size_t start, list, nest;
	uint32_t i = 0;
	uint8_t max;

	policy = twin_genl_policy(family, c, &max);
	if (!policy || (!c->doit && !c->check_dump))
		return;
	while (known[i].policy != policy)
		i++;
	start = put_policy_head(w, req, family);
	list = ovsnl_nest_start(w, CTRL_ATTR_OP_POLICY | NLA_F_NESTED);
	nest = ovsnl_nest_start(w, c->cmd | NLA_F_NESTED);
	if (c->doit)
		ovsnl_put_u32(w, CTRL_ATTR_POLICY_DO, i);
	if (c->check_dump)
		ovsnl_put_u32(w, CTRL_ATTR_POLICY_DUMP, i);
	ovsnl_nest_end(w, nest);
	ovsnl_nest_end(w, list);
	twin_genl_end(w, start);
}

/* Attribute @type of policy @i; nothing where there is nothing to say. */
static void put_policy_attr(struct ovsnl_writer *w,
			    const struct twin_genl_request *req,
			    const struct twin_genl_family *family,
			    const struct known *known, unsigned int i,
			    unsigned int type)
{
	size_t start = put_policy_head(w, req, family);
	size_t list = ovsnl_nest_start(w, CTRL_ATTR_POLICY | NLA_F_NESTED);
	size_t nest = ovsnl_nest_start(w, i | NLA_F_NESTED);

	if (!twin_genl_policy_put(w, type, &known[i].policy[type]) &&
	    !w->overflow) {
		ovsnl_writer_reset(w, start);
		return;
	}
	ovsnl_nest_end(w, nest);
	ovsnl_nest_end(w, list);
	twin_genl_end(w, start);
}

/* The message at @pos of the dump. False: there are no more. */
static bool put_policy(struct ovsnl_writer *w,
		       const struct twin_genl_request *req, uint64_t pos)
{
	const struct twin_genl_family *family = policy_family(req);
	const struct twin_genl_command *commands;
	struct known known[TWIN_GENL_COMMANDS];
	unsigned int n_commands, n, i;

	commands = policy_commands(req, family, &n_commands);
	n = policy_list(family, commands, n_commands, known);
	if (pos < n_commands) {
		put_policy_of(w, req, family, &commands[pos], known);
		return true;
	}
	pos -= n_commands;
	for (i = 0; i < n; i++) {
		if (pos <= known[i].max) {
			put_policy_attr(w, req, family, known, i, pos);
			return true;
		}
		pos -= known[i].max + 1u;
	}
	return false;
}

static int policy_dump(struct twin_genl_request *req, struct ovsnl_cursor *cur,
		       struct ovsnl_writer *w)
{
	size_t before = w->len;

	while (put_policy(w, req, cur->pos[0])) {
		if (w->overflow) {
			ovsnl_writer_reset(w, before);
			break;
		}
		before = w->len;
		cur->pos[0]++;
	}
	return 0;
}

static const struct ovsnl_policy policy[CTRL_ATTR_FAMILY_NAME + 1] = {
	[CTRL_ATTR_FAMILY_ID] = { .kind = OVSNL_P_U16 },
	[CTRL_ATTR_FAMILY_NAME] = { .kind = OVSNL_P_NUL_STRING,
				    .len = GENL_NAMSIZ - 1 },
};

static const struct ovsnl_policy policy_policy[CTRL_ATTR_OP + 1] = {
	[CTRL_ATTR_FAMILY_ID] = { .kind = OVSNL_P_U16 },
	[CTRL_ATTR_FAMILY_NAME] = { .kind = OVSNL_P_NUL_STRING,
				    .len = GENL_NAMSIZ - 1 },
	[CTRL_ATTR_OP] = { .kind = OVSNL_P_U32 },
};

const struct twin_genl_family twin_genl_nlctrl = {
	.id = TWIN_GENL_CTRL,
	.name = "nlctrl",
	.version = 2,
	.resv_start = CTRL_CMD_GETPOLICY + 1,
	.groups = { { TWIN_GENL_GROUP_NOTIFY, "notify", false } },
	.n_commands = 2,
	.commands = { { .cmd = CTRL_CMD_GETFAMILY,
			.policy = policy,
			.maxattr = CTRL_ATTR_FAMILY_NAME,
			.doit = get_do,
			.dumpit = get_dump },
		      { .cmd = CTRL_CMD_GETPOLICY,
			.parse_dump = true,
			.policy = policy_policy,
			.maxattr = CTRL_ATTR_OP,
			.check_dump = policy_check,
			.dumpit = policy_dump } },
};
