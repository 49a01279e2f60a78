// SPDX-License-Identifier: BSD-3-Clause
/*
 * The ovs_* families on the twin's socket.
 *
 * Overview
 *
 *	Tables of netlink_api become families of genl.c; a request of theirs
 *	becomes a struct ovsnl_request; its answer goes to the socket.
 *
 * Life cycle
 *
 *	Registered once. A reply lives from reply_alloc() to the call that
 *	sends or frees it.
 *
 * Synchronisation
 *
 *	Control thread only.
 */
#include "genl_ovs.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "genl.h"
#include "log.h"
#include "nl_port.h"

static const struct ovsnl_ops *datapath_ops;
static struct twin_genl_family families[OVSNL_FAMILY_COUNT];

static const uint16_t ids[OVSNL_FAMILY_COUNT] = {
	[OVSNL_FAMILY_DATAPATH] = TWIN_GENL_DATAPATH,
	[OVSNL_FAMILY_VPORT] = TWIN_GENL_VPORT,
	[OVSNL_FAMILY_FLOW] = TWIN_GENL_FLOW,
	[OVSNL_FAMILY_PACKET] = TWIN_GENL_PACKET,
	[OVSNL_FAMILY_METER] = TWIN_GENL_METER,
	[OVSNL_FAMILY_CT_LIMIT] = TWIN_GENL_CT_LIMIT,
};

static const uint32_t groups[OVSNL_FAMILY_COUNT] = {
	[OVSNL_FAMILY_DATAPATH] = TWIN_GENL_GROUP_DATAPATH,
	[OVSNL_FAMILY_VPORT] = TWIN_GENL_GROUP_VPORT,
	[OVSNL_FAMILY_FLOW] = TWIN_GENL_GROUP_FLOW,
	[OVSNL_FAMILY_METER] = TWIN_GENL_GROUP_METER,
	[OVSNL_FAMILY_CT_LIMIT] = TWIN_GENL_GROUP_CT_LIMIT,
};

static struct ovsnl_request to_ovsnl(struct twin_genl_request *req)
{
	const struct genlmsghdr *genl = twin_genl_header(req);
	const struct ovs_header *ovs = twin_genl_userhdr(req);

	return (struct ovsnl_request){
		.ops = datapath_ops,
		.family = req->family - families,
		.nlmsg_type = req->family->id,
		.cmd = genl->cmd,
		.version = genl->version,
		.flags = req->nlh->nlmsg_flags,
		.seq = req->nlh->nlmsg_seq,
		.portid = req->conn->portid,
		.dp_ifindex = ovs->dp_ifindex,
		.tb = req->tb,
		.err = req->err,
		.priv = req,
	};
}

/* Refusals that an errno does not explain, and what was passed over in a
 * request that was granted.
 */
static void log_err(const struct ovsnl_err *err, int code)
{
	if (err->quiet || (code && !err->context))
		return;
	if (err->msg)
		twin_log_limited("netlink: %s", err->msg);
	if (err->context)
		twin_log_limited("netlink: %s", err->context);
}

static int answer(struct twin_genl_request *req)
{
	const struct ovsnl_command *command = req->command->priv;
	struct ovsnl_request r = to_ovsnl(req);
	int err = command->doit(&r);

	req->err = r.err;
	log_err(&r.err, err);
	return err;
}

static int dump(struct twin_genl_request *req, struct ovsnl_cursor *cur,
		struct ovsnl_writer *w)
{
	const struct ovsnl_command *command = req->command->priv;
	struct ovsnl_request r = to_ovsnl(req);
	int err = command->dumpit(&r, cur, w);

	req->err = r.err;
	return err;
}

static void fill_family(struct twin_genl_family *to, enum ovsnl_family_id id)
{
	const struct ovsnl_family *from = &ovsnl_families[id];
	const struct ovsnl_command *c;

	*to = (struct twin_genl_family){
		.id = ids[id],
		.name = from->name,
		.version = from->version,
		.hdrsize = sizeof(struct ovs_header),
		.maxattr = from->maxattr,
		.shown_maxattr = from->maxattr,
		.groups = { { from->mcgroup ? groups[id] : 0, from->mcgroup,
			      false } },
		.policy = from->policy,
	};
	for (c = from->commands; c->cmd; c++) {
		assert(to->n_commands < TWIN_GENL_COMMANDS);
		to->commands[to->n_commands++] = (struct twin_genl_command){
			.cmd = c->cmd,
			.admin = c->admin,
			.parse_dump = id == OVSNL_FAMILY_FLOW,
			.doit = c->doit ? answer : NULL,
			.dumpit = c->dumpit ? dump : NULL,
			.priv = c,
		};
		to->resv_start = c->cmd >= to->resv_start ? c->cmd + 1
							  : to->resv_start;
	}
}

void twin_genl_ovs_register(const struct ovsnl_ops *ops)
{
	int i;

	datapath_ops = ops;
	for (i = 0; i < OVSNL_FAMILY_COUNT; i++) {
		fill_family(&families[i], i);
		twin_genl_register(&families[i]);
	}
}

__u16 twin_genl_ovs_type(enum ovsnl_family_id family)
{
	return ids[family];
}

int twin_genl_ovs_reply_alloc(struct ovsnl_request *req, size_t size,
			      struct ovsnl_writer *w)
{
	void *buf = malloc(size);

	(void)req;
	if (!buf)
		return -ENOMEM;
	ovsnl_writer_init(w, buf, size);
	return 0;
}

void twin_genl_ovs_reply_free(struct ovsnl_request *req, struct ovsnl_writer *w)
{
	(void)req;
	free(w->buf);
}

/* A change that a client knows of must not be lost with this process. Notices
 * of what nobody asked for have no request.
 */
static void show(struct ovsnl_request *req)
{
	if (req->priv)
		twin_genl_show(req->priv, 0);
}

static int unicast(struct ovsnl_request *req, const struct ovsnl_writer *w)
{
	struct iovec iov = { .iov_base = w->buf, .iov_len = w->len };

	return twin_nl_unicast(req->portid, &iov, 1, false);
}

int twin_genl_ovs_reply_unicast(struct ovsnl_request *req,
				struct ovsnl_writer *w)
{
	int err;

	show(req);
	err = unicast(req, w);
	free(w->buf);
	return err;
}

void twin_genl_ovs_reply_notify(struct ovsnl_request *req,
				struct ovsnl_writer *w)
{
	struct iovec iov = { .iov_base = w->buf, .iov_len = w->len };
	bool echo = req->flags & NLM_F_ECHO;
	uint32_t group = groups[req->family];

	show(req);
	if (group)
		twin_nl_multicast(group, echo ? req->portid : 0, &iov, 1);
	if (echo)
		unicast(req, w);
	free(w->buf);
}

bool twin_genl_ovs_wanted(struct ovsnl_request *req)
{
	return (req->flags & NLM_F_ECHO) ||
	       twin_nl_has_listeners(groups[req->family]);
}
