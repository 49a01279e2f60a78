// SPDX-License-Identifier: BSD-3-Clause
/*
 * The nlctrl family: what families there are, by which ids.
 *
 * Overview
 *
 *	CTRL_CMD_GETFAMILY by name or id, and as a dump. Attributes and their
 *	order are those of Linux 6.1.
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

	if (!family->n_commands)
		return;
	list = ovsnl_nest_start(w, CTRL_ATTR_OPS);
	for (i = 0; i < family->n_commands; i++) {
		c = &family->commands[i];
		flags = (c->admin ? GENL_UNS_ADMIN_PERM : 0) |
			(c->dumpit ? GENL_CMD_CAP_DUMP : 0) |
			(c->doit ? GENL_CMD_CAP_DO : 0) |
			(family->policy ? GENL_CMD_CAP_HASPOL : 0);
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

static const struct ovsnl_policy policy[CTRL_ATTR_FAMILY_NAME + 1] = {
	[CTRL_ATTR_FAMILY_ID] = { .kind = OVSNL_P_U16 },
	[CTRL_ATTR_FAMILY_NAME] = { .kind = OVSNL_P_NUL_STRING,
				    .len = GENL_NAMSIZ - 1 },
};

const struct twin_genl_family twin_genl_nlctrl = {
	.id = TWIN_GENL_CTRL,
	.name = "nlctrl",
	.version = 2,
	.maxattr = CTRL_ATTR_FAMILY_NAME,
	.resv_start = CTRL_CMD_GETPOLICY + 1,
	.groups = { { TWIN_GENL_GROUP_NOTIFY, "notify", false } },
	.policy = policy,
	.n_commands = 1,
	.commands = { { .cmd = CTRL_CMD_GETFAMILY,
			.doit = get_do,
			.dumpit = get_dump } },
};
