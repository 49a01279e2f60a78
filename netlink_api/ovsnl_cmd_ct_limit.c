// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Commands of the ovs_ct_limit family.
 *
 * Overview: limits belong to the namespace; which datapath a request names
 * is of no account, and answers repeat it. OVS_CT_LIMIT_ATTR_ZONE_LIMIT holds
 * an array of struct ovs_zone_limit, not attributes. Zones that don't exist,
 * and bytes behind the last whole entry, are passed over with a line in the
 * log.
 *
 * Life cycle: memory is had for all that SET asks for before anything
 * changes, so that a lack of it changes nothing.
 *
 * Synchronisation: all commands run between ops->lock() and unlock().
 * Lock order: whatever the datapath's lock() says; none is taken here.
 */
#include "ovsnl_cmd.h"

#define ZONE_MAX 65535

/* Room for a message without entries. */
#define REPLY_HEAD (OVSNL_MSG_HEAD + NLA_HDRLEN)

static_assert(sizeof(struct ovs_zone_limit) == 12, "entries need no padding");

/** struct entries - the array in a request, maybe unaligned. */
struct entries {
	const __u8 *data;
	__u32 n;
};

static bool is_zone(__s32 zone)
{
	return zone == OVS_ZONE_LIMIT_DEFAULT_ZONE ||
	       (zone >= 0 && zone <= ZONE_MAX);
}

/* The last entry counts even if its last bytes, which nobody reads, are
 * padding.
 */
static struct entries entries_of(struct ovsnl_request *req,
				 const struct nlattr *a)
{
	const __u32 size = sizeof(struct ovs_zone_limit);
	__u32 len = NLA_ALIGN(ovsnl_attr_len(a));
	struct entries entries = { ovsnl_attr_data(a), len / size };

	if (len % size)
		ovsnl_err_set(&req->err, 0, "zone limits end within an entry",
			      a);
	return entries;
}

/* Entry @i; false for a zone that can't be. The count is not read. */
static bool entry_get(struct ovsnl_request *req, const struct entries *entries,
		      __u32 i, struct ovs_zone_limit *entry)
{
	memset(entry, 0, sizeof(*entry));
	memcpy(entry, entries->data + i * sizeof(*entry),
	       offsetof(struct ovs_zone_limit, count));
	if (is_zone(entry->zone_id))
		return true;
	ovsnl_err_set(&req->err, 0, "zone id is out of range",
		      req->tb[OVS_CT_LIMIT_ATTR_ZONE_LIMIT]);
	return false;
}

static void put_entry(struct ovsnl_writer *w,
		      const struct ovs_zone_limit *entry)
{
	if (w->overflow || w->cap - w->len < sizeof(*entry)) {
		w->overflow = true;
		return;
	}
	memcpy(w->buf + w->len, entry, sizeof(*entry));
	w->len += sizeof(*entry);
}

/* Answers */

static int reply_start(struct ovsnl_request *req, __u32 entries,
		       struct ovsnl_writer *w)
{
	struct ovsnl_msg msg = ovsnl_cmd_msg(req, req->cmd, 0, req->dp_ifindex);
	size_t size = REPLY_HEAD + entries * sizeof(struct ovs_zone_limit);
	int err = req->ops->reply_alloc(req, size, w);

	if (!err)
		ovsnl_msg_start(w, &msg);
	return err;
}

static int reply_end(struct ovsnl_request *req, int err, struct ovsnl_writer *w)
{
	if (!err)
		err = ovsnl_msg_end(w, 0, 0);
	if (err) {
		req->ops->reply_free(req, w);
		return err;
	}
	return req->ops->reply_unicast(req, w);
}

/* Changes */

static void set_entry(struct ovsnl_request *req,
		      const struct ovs_zone_limit *entry)
{
	req->ops->ct_limit_set(req->net, entry->zone_id, entry->limit);
}

static void del_entry(struct ovsnl_request *req,
		      const struct ovs_zone_limit *entry)
{
	req->ops->ct_limit_del(req->net, entry->zone_id);
}

static void release_entry(struct ovsnl_request *req,
			  const struct ovs_zone_limit *entry)
{
	req->ops->ct_limit_release(req->net, entry->zone_id);
}

/* The first @n entries. */
static void for_each_entry(struct ovsnl_request *req,
			   const struct entries *entries, __u32 n,
			   void (*body)(struct ovsnl_request *req,
					const struct ovs_zone_limit *entry))
{
	struct ovs_zone_limit entry;
	__u32 i;

	for (i = 0; i < n; i++)
		if (entry_get(req, entries, i, &entry))
			body(req, &entry);
}

/* Memory for all entries, or for none. */
static int reserve(struct ovsnl_request *req, const struct entries *entries)
{
	struct ovs_zone_limit entry;
	int err = 0;
	__u32 i;

	for (i = 0; i < entries->n && !err; i++)
		if (entry_get(req, entries, i, &entry))
			err = req->ops->ct_limit_reserve(req->net,
							 entry.zone_id);
	if (err)
		for_each_entry(req, entries, i, release_entry);
	return err;
}

static int change(struct ovsnl_request *req,
		  int (*ready)(struct ovsnl_request *req,
			       const struct entries *entries),
		  void (*body)(struct ovsnl_request *req,
			       const struct ovs_zone_limit *entry))
{
	const struct nlattr *a = req->tb[OVS_CT_LIMIT_ATTR_ZONE_LIMIT];
	struct entries entries;
	struct ovsnl_writer w;
	int err;

	if (!a)
		return ovsnl_err_set(&req->err, -EINVAL, "zone limits missing",
				     NULL);
	err = reply_start(req, 0, &w);
	if (err)
		return err;
	entries = entries_of(req, a);
	req->ops->lock(req->net);
	if (ready)
		err = ready(req, &entries);
	if (!err)
		for_each_entry(req, &entries, entries.n, body);
	req->ops->unlock(req->net);
	return reply_end(req, err, &w);
}

int ovsnl_cmd_ct_limit_set(struct ovsnl_request *req)
{
	return change(req, reserve, set_entry);
}

int ovsnl_cmd_ct_limit_del(struct ovsnl_request *req)
{
	return change(req, NULL, del_entry);
}

/* GET */

static __u32 count_all(struct ovsnl_request *req)
{
	struct ovs_zone_limit limit = { .zone_id = -1 };
	__u32 n = 0;

	while (req->ops->ct_limit_next(req->net, limit.zone_id + 1, &limit))
		n++;
	return n;
}

static void put_all(struct ovsnl_request *req, struct ovsnl_writer *w)
{
	struct ovs_zone_limit limit;

	req->ops->ct_limit_get(req->net, OVS_ZONE_LIMIT_DEFAULT_ZONE, &limit);
	put_entry(w, &limit);
	limit.zone_id = -1;
	while (req->ops->ct_limit_next(req->net, limit.zone_id + 1, &limit))
		put_entry(w, &limit);
}

static void put_named(struct ovsnl_request *req, const struct entries *entries,
		      struct ovsnl_writer *w)
{
	struct ovs_zone_limit entry, limit;
	__u32 i;

	for (i = 0; i < entries->n; i++) {
		if (!entry_get(req, entries, i, &entry))
			continue;
		req->ops->ct_limit_get(req->net, entry.zone_id, &limit);
		put_entry(w, &limit);
	}
}

/* The answer is as long as there are limits: it is allocated under the lock. */
static int get(struct ovsnl_request *req, struct ovsnl_writer *w)
{
	const struct nlattr *a = req->tb[OVS_CT_LIMIT_ATTR_ZONE_LIMIT];
	struct entries entries = { NULL, 0 };
	size_t nest;
	int err;

	if (a)
		entries = entries_of(req, a);
	err = reply_start(req, a ? entries.n : 1 + count_all(req), w);
	if (err)
		return err;
	nest = ovsnl_nest_start(w, OVS_CT_LIMIT_ATTR_ZONE_LIMIT);
	if (a)
		put_named(req, &entries, w);
	else
		put_all(req, w);
	ovsnl_nest_end(w, nest);
	return 0;
}

int ovsnl_cmd_ct_limit_get(struct ovsnl_request *req)
{
	struct ovsnl_writer w;
	int err;

	req->ops->lock(req->net);
	err = get(req, &w);
	req->ops->unlock(req->net);
	return err ? err : reply_end(req, 0, &w);
}
