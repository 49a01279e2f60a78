// SPDX-License-Identifier: BSD-3-Clause
/*
 * Requests of all families against a fake datapath: policies, command bodies,
 * replies and dumps. One input is a sequence of requests, so that later ones
 * meet what earlier ones made.
 */
#include "fake_datapath.h"
#include "formats.h"
#include "fuzz.h"

#define MAX_REQUESTS 32
#define MAX_ATTRS 16

static void check_error(int ret, const struct ovsnl_err *err)
{
	MUST(ret <= 0 && ret > -4096);
	MUST(ret != -EAGAIN);
	if (err->msg)
		MUST(strlen(err->msg) < 200);
}

/* A dump through a buffer of some size, to its end. */
static void dump(struct ovsnl_request *req, const struct ovsnl_command *cmd,
		 size_t room)
{
	struct ovsnl_cursor cur = { { 0 } };
	struct ovsnl_writer w;
	__u8 *buf = malloc(room);
	int ret, calls = 0;

	MUST(buf);
	do {
		ovsnl_writer_init(&w, buf, room);
		ret = cmd->dumpit(req, &cur, &w);
		check_error(ret, &req->err);
		MUST(!w.overflow);
		fake_check_messages(buf, w.len);
		MUST(++calls < 100);
	} while (!ret && w.len);
	free(buf);
}

static void run(struct ovsnl_request *req, const struct ovsnl_command *cmd,
		size_t dump_room)
{
	if (cmd->dumpit && (req->flags & NLM_F_DUMP) == NLM_F_DUMP)
		dump(req, cmd, dump_room);
	else
		check_error(cmd->doit(req), &req->err);
}

/* What a transport does with a request before the command body sees it. */
static void answer(const struct fuzz_message_head *head, int seq,
		   const struct nlattr *attrs, int len)
{
	enum ovsnl_family_id id = head->family % OVSNL_FAMILY_COUNT;
	const struct ovsnl_family *family = &ovsnl_families[id];
	const struct nlattr *tb[MAX_ATTRS] = { NULL };
	struct ovsnl_request req = {
		.ops = &fake_ops,
		.family = id,
		.nlmsg_type = 32 + id,
		.cmd = head->cmd,
		.version = head->version,
		.flags = head->flags,
		.seq = seq,
		.portid = 4711,
		.dp_ifindex = head->dp_ifindex,
		.tb = tb,
	};
	const struct ovsnl_command *cmd;
	int ret;

	MUST(family->maxattr < MAX_ATTRS);
	cmd = ovsnl_family_command(family, head->cmd);
	if (!cmd)
		return;
	ret = ovsnl_attr_parse(tb, family->maxattr, attrs, len, family->policy,
			       &req.err);
	MUST(!ret == !req.err.msg);
	if (!ret)
		run(&req, cmd, 2048 + 64 * (size_t)head->dump_room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct fuzz_message_head head;
	size_t len;
	void *attrs;
	int n;

	fake_start();
	for (n = 0; n < MAX_REQUESTS && in.size; n++) {
		fuzz_take(&in, &head, sizeof(head));
		len = head.attrs_len < in.size ? head.attrs_len : in.size;
		attrs = malloc(len ? len : 1);
		fuzz_take(&in, attrs, len);
		answer(&head, n, attrs, len);
		free(attrs);
	}
	fake_stop();
	return 0;
}
