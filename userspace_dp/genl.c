// SPDX-License-Identifier: BSD-3-Clause
/*
 * Generic netlink: from a message to the function that answers it.
 *
 * Overview
 *
 *	Checks in the kernel's order: family known, header long enough,
 *	reserved fields, command known, permission, then dump or do.
 *
 * Life cycle
 *
 *	Families are registered once at start, before the socket is open.
 *
 * Synchronisation
 *
 *	None: control thread only.
 */
#include "genl.h"

#include <assert.h>
#include <errno.h>

#include "nl_dump.h"
#include "nl_port.h"

#define MAX_FAMILIES 16

static const struct twin_genl_family *families[MAX_FAMILIES];
static unsigned int n_families;
static void (*watcher)(const struct twin_genl_request *req, int err);

void twin_genl_set_watcher(void (*fn)(const struct twin_genl_request *req,
				      int err))
{
	watcher = fn;
}

void twin_genl_register(const struct twin_genl_family *family)
{
	unsigned int i;

	assert(n_families < MAX_FAMILIES);
	assert(family->maxattr <= TWIN_GENL_MAXATTR);
	for (i = 0; i < family->n_commands; i++)
		assert(family->commands[i].maxattr <= TWIN_GENL_MAXATTR);
	for (i = n_families++; i && families[i - 1]->id > family->id; i--)
		families[i] = families[i - 1];
	families[i] = family;
}

const struct twin_genl_family *twin_genl_family_at(unsigned int n)
{
	return n < n_families ? families[n] : NULL;
}

const struct twin_genl_family *twin_genl_family_by_id(uint16_t id)
{
	unsigned int i;

	for (i = 0; i < n_families; i++)
		if (families[i]->id == id)
			return families[i];
	return NULL;
}

/* The family that notifies through @id, and its group; NULL for none. */
static const struct twin_genl_family *
find_group(uint32_t id, const struct twin_genl_mcgroup **group)
{
	unsigned int i, j;

	for (i = 0; i < n_families; i++)
		for (j = 0; j < TWIN_GENL_MCGROUPS; j++) {
			*group = &families[i]->groups[j];
			if (id && (*group)->id == id)
				return families[i];
		}
	return NULL;
}

int twin_genl_join(struct twin_nl_conn *conn, uint32_t id)
{
	const struct twin_genl_mcgroup *group;
	const struct twin_genl_family *family = find_group(id, &group);

	if (family && group->admin && !conn->admin)
		return -EPERM;
	return twin_nl_port_join(conn, id, family ? family->id : 0);
}

const struct twin_genl_command *
twin_genl_find_command(const struct twin_genl_family *family, uint32_t cmd)
{
	unsigned int i;

	for (i = 0; i < family->n_commands; i++)
		if (family->commands[i].cmd == cmd)
			return &family->commands[i];
	return NULL;
}

const struct ovsnl_policy *
twin_genl_policy(const struct twin_genl_family *family,
		 const struct twin_genl_command *command, uint8_t *max)
{
	if (command->policy) {
		*max = command->maxattr;
		return command->policy;
	}
	*max = family->maxattr;
	return family->policy;
}

/* The attributes of a request. Return: their bytes. */
static int attributes(const struct twin_genl_request *req,
		      const struct nlattr **first)
{
	size_t head =
		NLMSG_HDRLEN + GENL_HDRLEN + NLMSG_ALIGN(req->family->hdrsize);
	int len = (int)req->nlh->nlmsg_len - (int)head;

	*first = (const struct nlattr *)((const char *)req->nlh + head);
	return len > 0 ? len : 0;
}

int twin_genl_parse(struct twin_genl_request *req)
{
	const struct ovsnl_policy *policy;
	const struct nlattr *first;
	uint8_t max;
	int len = attributes(req, &first);

	policy = twin_genl_policy(req->family, req->command, &max);
	if (!max)
		return 0;
	return ovsnl_attr_parse(req->tb, max, first, len, policy, &req->err);
}

int twin_genl_parse_whole(struct twin_genl_request *req)
{
	const struct ovsnl_policy *policy;
	const struct nlattr *first;
	uint8_t max;
	int len = attributes(req, &first);

	policy = twin_genl_policy(req->family, req->command, &max);
	return ovsnl_attr_parse_whole(req->tb, max, first, len, policy,
				      &req->err);
}

static int check_reserved(struct twin_genl_request *req)
{
	const struct genlmsghdr *genl = twin_genl_header(req);
	uint16_t flags = req->nlh->nlmsg_flags;

	if (genl->cmd < req->family->resv_start)
		return 0;
	if (genl->reserved)
		return ovsnl_err_set(&req->err, -EINVAL,
				     "genlmsghdr.reserved field is not 0",
				     NULL);
	if ((flags & NLM_F_DUMP) == NLM_F_DUMP)
		flags &= ~NLM_F_DUMP;
	if (flags & ~(NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO))
		return ovsnl_err_set(
			&req->err, -EINVAL,
			"ambiguous or reserved bits set in nlmsg_flags", NULL);
	return 0;
}

void twin_genl_show(struct twin_genl_request *req, int err)
{
	if (watcher && !req->seen)
		watcher(req, err);
	req->seen = true;
}

static int run_do(struct twin_genl_request *req)
{
	int err;

	if (!req->command->doit)
		return -EOPNOTSUPP;
	err = twin_genl_parse(req);
	if (err)
		return err;
	err = req->command->doit(req);
	twin_genl_show(req, err);
	return err;
}

static int run_dump(struct twin_genl_request *req)
{
	int err;

	if (!req->command->dumpit)
		return -EOPNOTSUPP;
	err = twin_nl_dump_start(req);
	return err ? err : -EINTR;
}

int twin_genl_receive(struct twin_genl_request *req)
{
	const struct nlmsghdr *nlh = req->nlh;
	int err;

	req->family = twin_genl_family_by_id(nlh->nlmsg_type);
	if (!req->family)
		return -ENOENT;
	if (nlh->nlmsg_len <
	    NLMSG_HDRLEN + GENL_HDRLEN + (unsigned int)req->family->hdrsize)
		return -EINVAL;
	err = check_reserved(req);
	if (err)
		return err;
	req->command =
		twin_genl_find_command(req->family, twin_genl_header(req)->cmd);
	if (!req->command)
		return -EOPNOTSUPP;
	if (req->command->admin && !req->conn->admin)
		return -EPERM;
	if ((nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
		return run_dump(req);
	return run_do(req);
}

size_t twin_genl_put(struct ovsnl_writer *w,
		     const struct twin_genl_request *req, uint8_t cmd,
		     uint16_t flags)
{
	size_t start = w->len, len = NLMSG_HDRLEN + GENL_HDRLEN;
	struct genlmsghdr *genl;
	struct nlmsghdr *nlh;

	if (w->cap - w->len < len) {
		w->overflow = true;
		return start;
	}
	nlh = (struct nlmsghdr *)(w->buf + start);
	*nlh = (struct nlmsghdr){
		.nlmsg_type = req->family->id,
		.nlmsg_flags = flags,
		.nlmsg_seq = req->nlh->nlmsg_seq,
		.nlmsg_pid = req->conn->portid,
	};
	genl = (struct genlmsghdr *)(nlh + 1);
	*genl = (struct genlmsghdr){
		.cmd = cmd,
		.version = req->family->version,
	};
	w->len += len;
	return start;
}

void twin_genl_end(struct ovsnl_writer *w, size_t start)
{
	if (!w->overflow)
		((struct nlmsghdr *)(w->buf + start))->nlmsg_len =
			w->len - start;
}

int twin_genl_reply(struct twin_genl_request *req, const struct ovsnl_writer *w)
{
	struct iovec iov = { .iov_base = w->buf, .iov_len = w->len };

	twin_genl_show(req, 0);
	return twin_nl_conn_send(req->conn, &iov, 1);
}
