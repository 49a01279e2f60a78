// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Commands of the ovs_flow family.
 *
 * Overview: key, mask and actions are parsed and compiled before the lock is
 * taken; under it a flow is looked up by its identity (its UFID, else its
 * unmasked key) and changed. Replies are built only where somebody reads
 * them.
 *
 * Life cycle: compiled actions belong to this file until a flow takes them
 * over. Replies are allocated before anything changes, so that a lack of
 * memory changes nothing.
 *
 * Synchronisation: NEW, SET, GET and DEL run between ops->lock() and
 * unlock(); dumps under ops->read_lock(), with a cursor that survives other
 * changes.
 * Lock order: whatever the datapath's lock() says; none is taken here.
 */
#include "ovsnl_cmd.h"

/* What a request says of a flow. */
struct flow_request {
	struct ovsnl_match match;
	struct ovsnl_key masked;
	struct ovsnl_flow_id id;
	struct ovsnl_actions *acts;
	__u32 ufid_flags;
	bool has_key;
};

static const char unsafe[] =
	"Flow actions may not be safe on all matching packets.";
static const char set_unsafe[] =
	"Actions may not be safe on all matching packets.";

static int refuse(struct ovsnl_request *req, int code, const char *msg)
{
	return ovsnl_err_set(&req->err, code, msg, NULL);
}

/* A UFID of an impossible length counts as none. */
static void parse_id(struct ovsnl_request *req, struct ovsnl_flow_id *id)
{
	const struct nlattr *a = req->tb[OVS_FLOW_ATTR_UFID];
	int len = a ? ovsnl_attr_len(a) : 0;

	if (len < 1 || len > OVSNL_UFID_MAX)
		len = 0;
	id->len = len;
	if (len)
		memcpy(id->ufid, ovsnl_attr_data(a), len);
}

static __u32 parse_ufid_flags(const struct ovsnl_request *req)
{
	const struct nlattr *a = req->tb[OVS_FLOW_ATTR_UFID_FLAGS];

	return a ? ovsnl_attr_u32(a) : 0;
}

static int parse_match(struct ovsnl_request *req, struct flow_request *f,
		       bool want_mask)
{
	const struct nlattr *key = req->tb[OVS_FLOW_ATTR_KEY];
	int err;

	f->has_key = key;
	if (!key)
		return 0;
	err = ovsnl_key_match_parse(&f->match, key, req->tb[OVS_FLOW_ATTR_MASK],
				    want_mask, &req->err);
	if (!err && want_mask)
		ovsnl_key_mask(&f->masked, &f->match.key, &f->match.mask);
	return err;
}

static int compile_actions(struct ovsnl_request *req, struct flow_request *f,
			   const char *context)
{
	const struct nlattr *a = req->tb[OVS_FLOW_ATTR_ACTIONS];
	struct ovsnl_actions_parts parts;
	int err;

	err = ovsnl_actions_measure_parts(a, &f->masked, &parts, &req->err);
	if (err) {
		req->err.context = context;
		return err;
	}
	f->acts = req->ops->actions_alloc(ovsnl_actions_parts_size(&parts));
	if (!f->acts)
		return -ENOMEM;
	ovsnl_actions_build_parts(f->acts, a, &f->masked, &parts);
	return req->ops->actions_prepare(req->net, f->acts);
}

static void parse_common(struct ovsnl_request *req, struct flow_request *f)
{
	f->acts = NULL;
	f->ufid_flags = parse_ufid_flags(req);
	req->err.quiet = req->tb[OVS_FLOW_ATTR_PROBE];
	parse_id(req, &f->id);
}

static int parse_new(struct ovsnl_request *req, struct flow_request *f)
{
	int err;

	parse_common(req, f);
	if (!req->tb[OVS_FLOW_ATTR_KEY])
		return refuse(req, -EINVAL, "new flow without a key");
	if (!req->tb[OVS_FLOW_ATTR_ACTIONS])
		return refuse(req, -EINVAL, "new flow without actions");
	err = parse_match(req, f, true);
	return err ? err : compile_actions(req, f, unsafe);
}

static int parse_set(struct ovsnl_request *req, struct flow_request *f)
{
	int err;

	parse_common(req, f);
	if (!req->tb[OVS_FLOW_ATTR_KEY] && !f->id.len)
		return refuse(req, -EINVAL,
			      "flow is named by neither key nor UFID");
	err = parse_match(req, f, true);
	if (err || !req->tb[OVS_FLOW_ATTR_ACTIONS])
		return err;
	if (!f->has_key)
		return refuse(req, -EINVAL, "actions of a flow without a key");
	return compile_actions(req, f, set_unsafe);
}

static void put_ufid(struct ovsnl_writer *w, const struct ovsnl_flow_id *id)
{
	void *to = ovsnl_put_space(w, OVS_FLOW_ATTR_UFID, id->len);

	if (!to)
		return;
	/* Of a known size, for which the compiler needs no call. */
	if (likely(id->len == OVSNL_UFID_MAX))
		memcpy(to, id->ufid, OVSNL_UFID_MAX);
	else
		memcpy(to, id->ufid, id->len);
}

/* The flow's attributes but its actions. */
static void put_head(struct ovsnl_writer *w, const struct ovsnl_flow_info *info,
		     __u32 ufid_flags)
{
	if (info->id->len)
		put_ufid(w, info->id);
	else
		ovsnl_key_put(w, OVS_FLOW_ATTR_KEY, info->unmasked_key,
			      info->unmasked_key, false);
	if (info->id->len && !(ufid_flags & OVS_UFID_F_OMIT_KEY))
		ovsnl_key_put(w, OVS_FLOW_ATTR_KEY, info->masked_key,
			      info->masked_key, false);
	if (!(ufid_flags & OVS_UFID_F_OMIT_MASK))
		ovsnl_key_put(w, OVS_FLOW_ATTR_MASK, info->masked_key,
			      info->mask, true);
	if (info->used_ms)
		ovsnl_put_aligned(w, OVS_FLOW_ATTR_USED, &info->used_ms,
				  sizeof(info->used_ms));
	if (info->stats.n_packets)
		ovsnl_put_aligned(w, OVS_FLOW_ATTR_STATS, &info->stats,
				  sizeof(info->stats));
	if (info->tcp_flags & 0xff)
		ovsnl_put_u8(w, OVS_FLOW_ATTR_TCP_FLAGS, info->tcp_flags);
}

/* A list that does not fit is left out of a message that stands alone in the
 * buffer: a dump could not go on otherwise, and clients can GET it.
 */
static void put_actions(struct ovsnl_writer *w,
			const struct ovsnl_actions *acts, bool alone)
{
	size_t start = w->len;

	if (w->overflow)
		return;
	ovsnl_put(w, OVS_FLOW_ATTR_ACTIONS, ovsnl_actions_nla(acts),
		  acts->nla_len);
	if (w->overflow && alone)
		ovsnl_writer_reset(w, start);
}

static int put(const struct ovsnl_request *req,
	       const struct ovsnl_flow_info *info, __u8 cmd, __u16 flags,
	       __u32 ufid_flags, struct ovsnl_writer *w)
{
	struct ovsnl_msg msg = ovsnl_cmd_msg(req, cmd, flags, req->dp_ifindex);
	size_t start = ovsnl_msg_start(w, &msg);

	put_head(w, info, ufid_flags);
	if (!(ufid_flags & OVS_UFID_F_OMIT_ACTIONS))
		put_actions(w, info->acts, !start);
	return ovsnl_msg_end(w, start, 0);
}

static size_t reply_size(const struct ovsnl_actions *acts)
{
	return OVSNL_MSG_HEAD + 3 * OVSNL_KEY_ATTR_SIZE + 128 + NLA_HDRLEN +
	       (acts ? acts->nla_len : 0);
}

/* Memory for a reply on a flow with these actions. */
static int alloc_reply(struct ovsnl_request *req,
		       const struct ovsnl_actions *acts, struct ovsnl_writer *w)
{
	int err = req->ops->reply_alloc(req, reply_size(acts), w);

	if (err)
		w->buf = NULL;
	return err;
}

static const struct ovsnl_actions *
actions_of(struct ovsnl_request *req, struct datapath *dp, struct sw_flow *flow)
{
	struct ovsnl_flow_info info;

	memset(&info, 0, sizeof(info));
	req->ops->flow_info(dp, flow, &info);
	return info.acts;
}

/* The same where somebody wants to be told; @w->buf stays NULL otherwise.
 * @acts: those that @flow, which may be NULL then, is to have; NULL: those that
 * it has
 */
static int alloc_notice(struct ovsnl_request *req, struct datapath *dp,
			struct sw_flow *flow, const struct ovsnl_actions *acts,
			struct ovsnl_writer *w)
{
	if (!req->ops->wanted(req))
		return 0;
	return alloc_reply(req, acts ? acts : actions_of(req, dp, flow), w);
}

/* The flow as it is now, where there is a reply to be. */
static void fill_reply(struct ovsnl_request *req, struct datapath *dp,
		       struct sw_flow *flow, __u32 ufid_flags,
		       struct ovsnl_writer *w)
{
	struct ovsnl_flow_info info;

	if (!w->buf)
		return;
	memset(&info, 0, sizeof(info));
	req->ops->flow_info(dp, flow, &info);
	put(req, &info, req->cmd, 0, ufid_flags, w);
}

/* Send the notice of what was done, or throw away that of what failed. */
static void finish(struct ovsnl_request *req, int err, struct ovsnl_writer *w)
{
	if (!w->buf)
		return;
	if (err)
		req->ops->reply_free(req, w);
	else
		req->ops->reply_notify(req, w);
}

static int find_datapath(struct ovsnl_request *req, struct datapath **dp)
{
	*dp = req->ops->dp_find(req->net, req->dp_ifindex);
	return *dp ? 0 : refuse(req, -ENODEV, "no such datapath");
}

/* Does a key end within NSH? It does without the context, and without
 * attributes of what Linux keeps behind it.
 */
static bool ends_in_nsh(const struct nlattr *key)
{
	const struct nlattr *a, *part;
	bool found = false;
	int rem, rest;

	ovsnl_attr_for_each_nested(a, key, rem) {
		switch (ovsnl_attr_type(a)) {
		case OVS_KEY_ATTR_NSH:
			found = true;
			ovsnl_attr_for_each_nested(part, a, rest)
				if (ovsnl_attr_type(part) ==
				    OVS_NSH_KEY_ATTR_MD1)
					return false;
			break;
		case OVS_KEY_ATTR_CT_MARK:
		case OVS_KEY_ATTR_CT_LABELS:
		case OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4:
		case OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6:
			return false;
		}
	}
	return found;
}

static bool equal_but_context(const struct ovsnl_key *a,
			      const struct ovsnl_key *b)
{
	const size_t start = offsetof(struct ovsnl_key, nsh_context);
	const size_t end = start + sizeof(a->nsh_context);

	return !memcmp(a, b, start) &&
	       !memcmp((const __u8 *)a + end, (const __u8 *)b + end,
		       OVSNL_KEY_OPTS_LINE * OVSNL_KEY_LINE - end) &&
	       (!a->tun.opts_len ||
		!memcmp(a->tun.opts, b->tun.opts, a->tun.opts_len));
}

/* The flow whose identity is the key. Linux compares keys as far as the
 * request's goes: one that ends within NSH names the flow that its packets
 * would hit, if that is the same up to there.
 */
static struct sw_flow *find_by_key(struct ovsnl_request *req,
				   struct datapath *dp,
				   const struct flow_request *f)
{
	const struct nlattr *key = req->tb[OVS_FLOW_ATTR_KEY];
	struct ovsnl_flow_info info;
	struct sw_flow *flow;

	flow = req->ops->flow_lookup_exact(dp, &f->match.key);
	if (flow || !key || !ends_in_nsh(key))
		return flow;
	flow = req->ops->flow_lookup(dp, &f->match.key);
	if (!flow)
		return NULL;
	memset(&info, 0, sizeof(info));
	req->ops->flow_info(dp, flow, &info);
	if (info.id->len ||
	    !equal_but_context(info.unmasked_key, &f->match.key))
		return NULL;
	return flow;
}

/* The flow that a request names by its identity. */
static struct sw_flow *find(struct ovsnl_request *req, struct datapath *dp,
			    const struct flow_request *f)
{
	if (f->id.len)
		return req->ops->flow_lookup_ufid(dp, &f->id);
	return find_by_key(req, dp, f);
}

/* Is @flow the very flow that the request describes? */
static bool same_identity(struct ovsnl_request *req, struct datapath *dp,
			  struct sw_flow *flow, const struct flow_request *f,
			  bool *by_ufid)
{
	struct ovsnl_flow_info info;

	memset(&info, 0, sizeof(info));
	req->ops->flow_info(dp, flow, &info);
	*by_ufid = info.id->len;
	return ovsnl_key_equal(*by_ufid ? info.masked_key : info.unmasked_key,
			       &f->match.key);
}

/* An existing flow may be updated by NEW without NLM_F_CREATE, if it is the
 * same one and not merely one that overlaps.
 */
static int resolve_existing(struct ovsnl_request *req, struct datapath *dp,
			    const struct flow_request *f, struct sw_flow **flow)
{
	bool by_ufid;

	if (req->flags & (NLM_F_CREATE | NLM_F_EXCL))
		return refuse(req, -EEXIST, "flow exists already");
	if (same_identity(req, dp, *flow, f, &by_ufid))
		return 0;
	*flow = by_ufid ? NULL : find_by_key(req, dp, f);
	if (!*flow)
		return refuse(req, -ENOENT,
			      "another flow overlaps or has this UFID");
	return 0;
}

static int insert(struct ovsnl_request *req, struct datapath *dp,
		  struct flow_request *f, struct sw_flow **flow)
{
	struct ovsnl_flow_args args = {
		.id = f->id,
		.key = &f->match.key,
		.masked_key = &f->masked,
		.mask = &f->match.mask,
		.acts = f->acts,
	};

	return req->ops->flow_insert(dp, &args, flow);
}

/* Locked. Takes over f->acts on success. */
static int create_or_update(struct ovsnl_request *req, struct flow_request *f,
			    struct ovsnl_writer *w)
{
	struct sw_flow *flow = NULL;
	struct datapath *dp;
	int err;

	err = find_datapath(req, &dp);
	if (err)
		return err;
	if (f->id.len)
		flow = req->ops->flow_lookup_ufid(dp, &f->id);
	if (!flow)
		flow = req->ops->flow_lookup(dp, &f->match.key);
	if (flow)
		err = resolve_existing(req, dp, f, &flow);
	if (!err)
		err = alloc_notice(req, dp, flow, f->acts, w);
	if (!err && flow)
		req->ops->flow_set_actions(dp, flow, f->acts);
	else if (!err)
		err = insert(req, dp, f, &flow);
	if (err)
		return err;
	f->acts = NULL;
	fill_reply(req, dp, flow, f->ufid_flags, w);
	return 0;
}

static void free_actions(struct ovsnl_request *req, struct flow_request *f)
{
	if (f->acts)
		req->ops->actions_free(f->acts);
}

int ovsnl_cmd_flow_new(struct ovsnl_request *req)
{
	struct ovsnl_writer w = { .buf = NULL };
	struct flow_request f OVSNL_UNINITIALIZED;
	int err;

	err = parse_new(req, &f);
	if (!err) {
		req->ops->lock(req->net);
		err = create_or_update(req, &f, &w);
		req->ops->unlock(req->net);
	}
	free_actions(req, &f);
	finish(req, err, &w);
	return err;
}

/* Locked. Takes over f->acts on success. */
static int change(struct ovsnl_request *req, struct flow_request *f,
		  struct ovsnl_writer *w)
{
	struct sw_flow *flow;
	struct datapath *dp;
	int err;

	err = find_datapath(req, &dp);
	if (err)
		return err;
	flow = find(req, dp, f);
	if (!flow)
		return refuse(req, -ENOENT, "no such flow");
	err = alloc_notice(req, dp, flow, f->acts, w);
	if (err)
		return err;
	if (f->acts)
		req->ops->flow_set_actions(dp, flow, f->acts);
	f->acts = NULL;
	fill_reply(req, dp, flow, f->ufid_flags, w);
	if (req->tb[OVS_FLOW_ATTR_CLEAR])
		req->ops->flow_clear_stats(dp, flow);
	return 0;
}

int ovsnl_cmd_flow_set(struct ovsnl_request *req)
{
	struct ovsnl_writer w = { .buf = NULL };
	struct flow_request f OVSNL_UNINITIALIZED;
	int err;

	err = parse_set(req, &f);
	if (!err) {
		req->ops->lock(req->net);
		err = change(req, &f, &w);
		req->ops->unlock(req->net);
	}
	free_actions(req, &f);
	finish(req, err, &w);
	return err;
}

static int get_locked(struct ovsnl_request *req, const struct flow_request *f,
		      struct ovsnl_writer *w)
{
	struct sw_flow *flow;
	struct datapath *dp;
	int err;

	err = find_datapath(req, &dp);
	if (err)
		return err;
	flow = find(req, dp, f);
	if (!flow)
		return refuse(req, -ENOENT, "no such flow");
	err = alloc_reply(req, actions_of(req, dp, flow), w);
	if (!err)
		fill_reply(req, dp, flow, f->ufid_flags, w);
	return err;
}

int ovsnl_cmd_flow_get(struct ovsnl_request *req)
{
	struct ovsnl_writer w = { .buf = NULL };
	struct flow_request f OVSNL_UNINITIALIZED;
	int err;

	parse_common(req, &f);
	err = parse_match(req, &f, false);
	if (err)
		return err;
	if (!f.has_key && !f.id.len)
		return refuse(req, -EINVAL,
			      "flow is named by neither key nor UFID");
	req->ops->lock(req->net);
	err = get_locked(req, &f, &w);
	req->ops->unlock(req->net);
	return err ? err : req->ops->reply_unicast(req, &w);
}

static int remove_locked(struct ovsnl_request *req,
			 const struct flow_request *f, struct ovsnl_writer *w)
{
	struct sw_flow *flow;
	struct datapath *dp;
	int err;

	err = find_datapath(req, &dp);
	if (err)
		return err;
	if (!f->has_key && !f->id.len)
		return req->ops->flow_flush(dp);
	flow = find(req, dp, f);
	if (!flow)
		return refuse(req, -ENOENT, "no such flow");
	err = alloc_notice(req, dp, flow, NULL, w);
	if (err)
		return err;
	fill_reply(req, dp, flow, f->ufid_flags, w);
	req->ops->flow_remove(dp, flow);
	return 0;
}

int ovsnl_cmd_flow_del(struct ovsnl_request *req)
{
	struct ovsnl_writer w = { .buf = NULL };
	struct flow_request f OVSNL_UNINITIALIZED;
	int err;

	parse_common(req, &f);
	err = parse_match(req, &f, false);
	if (err)
		return err;
	req->ops->lock(req->net);
	err = remove_locked(req, &f, &w);
	req->ops->unlock(req->net);
	finish(req, err, &w);
	return err;
}

/* The datapath's cursor is moved only past flows that were written. */
static void dump_flows(struct ovsnl_request *req, struct datapath *dp,
		       struct ovsnl_cursor *cur, struct ovsnl_writer *w)
{
	__u32 ufid_flags = parse_ufid_flags(req);
	struct ovsnl_cursor next = *cur;
	struct ovsnl_flow_info info;
	struct sw_flow *flow;

	memset(&info, 0, sizeof(info));
	while ((flow = req->ops->flow_next(dp, &next))) {
		req->ops->flow_info(dp, flow, &info);
		if (put(req, &info, OVS_FLOW_CMD_GET, NLM_F_MULTI, ufid_flags,
			w))
			break;
		*cur = next;
	}
}

int ovsnl_cmd_flow_dump(struct ovsnl_request *req, struct ovsnl_cursor *cur,
			struct ovsnl_writer *w)
{
	struct datapath *dp;

	(req->ops->read_lock)(req->net);
	dp = req->ops->dp_find(req->net, req->dp_ifindex);
	if (dp)
		dump_flows(req, dp, cur, w);
	(req->ops->read_unlock)(req->net);
	return dp ? 0 : -ENODEV;
}
