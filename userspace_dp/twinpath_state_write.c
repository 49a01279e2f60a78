// SPDX-License-Identifier: BSD-3-Clause
/*
 * Writing a whole datapath.
 *
 * Overview
 *
 *	Records become requests. What the datapath refuses is reported and left
 *	out; without a connection, memory or permission nothing can go on.
 *	Flows are collected and sent many to a datagram; of a batch that was not
 *	taken whole, each that was refused is tried once more alone, which tells
 *	why.
 *
 *	Port ids belong to clients of the datapath that was read. They are
 *	written only when the caller says that they mean the same here; actions
 *	are written as they are in any case, and those that name a port id that
 *	nobody here has are noted.
 *
 * Life cycle
 *
 *	open -> take ... -> flush -> close, which may undo it all
 */
#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "twinpath_state.h"

#define BATCH_FLOWS 64
#define BATCH_BYTES (256 * 1024)
/* Different dead port ids that are noted by number. */
#define DEAD_MAX 8
/* All features that any datapath has. */
#define FEATURES                                    \
	(OVS_DP_F_UNALIGNED | OVS_DP_F_VPORT_PIDS | \
	 OVS_DP_F_TC_RECIRC_SHARING | OVS_DP_F_DISPATCH_UPCALL_PER_CPU)

/** struct twinpath_writer - a datapath that is made.
 * @dp: it; @made: there is such a one
 * @pids_left: ports whose port ids were not written
 * @flows, @n_flows: collected; their bytes are in @bytes, @used of which are
 * @dead, @n_dead, @flows_dead: port ids of actions that nobody has; flows
 *	that name such a one
 * @flow_dead: the flow at hand does
 */
struct twinpath_writer {
	const struct twinpath_place *place;
	struct ovsnl_client *client;
	struct twinpath_report *report;
	bool keep_pids;
	struct ovsnl_client_dp dp;
	bool made;
	unsigned long pids_left;
	struct ovsnl_client_flow flows[BATCH_FLOWS];
	size_t n_flows;
	size_t used;
	__u32 dead[DEAD_MAX];
	int n_dead;
	unsigned long flows_dead;
	bool flow_dead;
	__u8 bytes[BATCH_BYTES];
};

struct twinpath_writer *twinpath_writer_open(const struct twinpath_place *place,
					     bool keep_pids,
					     struct twinpath_report *report)
{
	struct twinpath_writer *w = calloc(1, sizeof(*w));

	if (!w) {
		twinpath_report_error(report, "%s", strerror(ENOMEM));
		return NULL;
	}
	w->place = place;
	w->report = report;
	w->keep_pids = keep_pids;
	if (!twinpath_place_open(place, report, &w->client))
		return w;
	free(w);
	return NULL;
}

/* Errors of which the datapath is not to blame on what it was asked for. */
static bool is_fatal(int err)
{
	switch (err) {
	case -ECONNRESET:
	case -ECONNREFUSED:
	case -EPIPE:
	case -ENOBUFS:
	case -ENOMEM:
	case -EPERM:
	case -ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

/* What a request came to. Return: 0, or @err if nothing more can be done. */
static int judge(struct twinpath_writer *w, enum twinpath_kind kind,
		 const char *name, int err)
{
	if (!err) {
		w->report->carried[kind]++;
		return 0;
	}
	if (is_fatal(err)) {
		twinpath_report_error(w->report, "%s: %s %s: %s",
				      w->place->word, twinpath_kind_name(kind),
				      name, strerror(-err));
		return err;
	}
	twinpath_report_lost(w->report, kind, name, err,
			     ovsnl_client_error_text(w->client));
	return 0;
}

/* The datapath */

static bool has_pid(const struct twinpath_pids *pids)
{
	size_t i;

	for (i = 0; i < pids->n; i++)
		if (pids->v[i])
			return true;
	return false;
}

static int dp_new(struct twinpath_writer *w, const struct twinpath_dp *dp)
{
	__u32 features = dp->user_features;
	int err;

	err = ovsnl_client_dp_new(w->client, dp->name, features, 0, &w->dp);
	if (err == -EOPNOTSUPP) {
		/* Not all that the other has: what both know, by experience. */
		features &= FEATURES & ~OVS_DP_F_TC_RECIRC_SHARING;
		err = ovsnl_client_dp_new(w->client, dp->name, features, 0,
					  &w->dp);
		if (!err)
			twinpath_report_lost(
				w->report, TWINPATH_DP, dp->name, -EOPNOTSUPP,
				"a feature that user_features asks for");
	}
	return err;
}

static int refuse_dp(struct twinpath_writer *w, const struct twinpath_dp *dp,
		     int err)
{
	if (err == -EEXIST)
		twinpath_report_error(w->report,
				      "%s: there is a device '%s' already",
				      w->place->word, dp->name);
	else
		twinpath_report_error(w->report,
				      "%s: can't make datapath '%s': %s",
				      w->place->word, dp->name, strerror(-err));
	return err;
}

static int take_dp(struct twinpath_writer *w, const struct twinpath_dp *dp)
{
	int err = dp_new(w, dp);

	if (err)
		return refuse_dp(w, dp, err);
	w->made = true;
	if (dp->masks_cache_size != w->dp.masks_cache_size)
		err = ovsnl_client_dp_set_masks_cache(w->client, w->dp.ifindex,
						      w->dp.user_features,
						      dp->masks_cache_size);
	if (!err && w->keep_pids && dp->pids.n)
		err = ovsnl_client_dp_set(w->client, w->dp.ifindex,
					  w->dp.user_features, dp->pids.v,
					  dp->pids.n);
	if (!w->keep_pids && has_pid(&dp->pids))
		w->pids_left++;
	return judge(w, TWINPATH_DP, dp->name, err);
}

/* Ports */

static int new_vport(struct twinpath_writer *w,
		     const struct twinpath_vport *vport)
{
	struct ovsnl_client_vport new = {
		.dp_ifindex = w->dp.ifindex,
		.port_no = vport->port_no,
		.type = vport->type,
	};

	if (!vport->port_no)
		return 0;
	memcpy(new.name, vport->name, sizeof(new.name));
	return ovsnl_client_vport_new(w->client, &new, &vport->options);
}

static int take_vport(struct twinpath_writer *w,
		      const struct twinpath_vport *vport)
{
	int err = new_vport(w, vport);
	char name[64];

	if (!err && w->keep_pids && has_pid(&vport->pids))
		err = ovsnl_client_vport_set(w->client, w->dp.ifindex,
					     vport->port_no, vport->pids.v,
					     vport->pids.n);
	if (!err && !w->keep_pids && has_pid(&vport->pids))
		w->pids_left++;
	snprintf(name, sizeof(name), "%u '%s'", vport->port_no, vport->name);
	return judge(w, TWINPATH_VPORT, name, err);
}

/* Meters and limits */

static int take_meter(struct twinpath_writer *w,
		      const struct ovsnl_client_meter *meter)
{
	int err = ovsnl_client_meter_set(w->client, w->dp.ifindex, meter);
	char name[16];

	snprintf(name, sizeof(name), "%u", meter->id);
	return judge(w, TWINPATH_METER, name, err);
}

static int take_limit(struct twinpath_writer *w,
		      const struct ovs_zone_limit *limit)
{
	int err = ovsnl_client_ct_limit_set(w->client, w->dp.ifindex, limit, 1);
	char name[32];

	if (limit->zone_id == OVS_ZONE_LIMIT_DEFAULT_ZONE)
		snprintf(name, sizeof(name), "of all other zones");
	else
		snprintf(name, sizeof(name), "of zone %d", limit->zone_id);
	return judge(w, TWINPATH_LIMIT, name, err);
}

/* Flows */

/* Is a port id of the kernel's generic netlink in use? Those of this network
 * namespace are listed in /proc/net/netlink: socket, protocol, port id.
 */
static bool kernel_has(__u32 pid)
{
	FILE *f = fopen("/proc/net/netlink", "r");
	unsigned int protocol, portid;
	bool found = false;
	char line[256];

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%*s %u %u", &protocol, &portid) == 2 &&
			protocol == NETLINK_GENERIC && portid == pid;
	if (f)
		fclose(f);
	return found;
}

static bool is_known_dead(const struct twinpath_writer *w, __u32 pid)
{
	int i;

	for (i = 0; i < w->n_dead; i++)
		if (w->dead[i] == pid)
			return true;
	return false;
}

/* With per-CPU dispatch the port id in the action does not count. */
static void look_at_action(__u16 type, __u32 pid, void *arg)
{
	struct twinpath_writer *w = arg;

	if (type != OVS_ACTION_ATTR_USERSPACE ||
	    w->dp.user_features & OVS_DP_F_DISPATCH_UPCALL_PER_CPU)
		return;
	if (!is_known_dead(w, pid)) {
		if (w->keep_pids ||
		    (w->place->transport == OVSNL_CLIENT_KERNEL &&
		     kernel_has(pid)))
			return;
		if (w->n_dead < DEAD_MAX)
			w->dead[w->n_dead++] = pid;
	}
	w->flow_dead = true;
}

static void flow_name(const struct ovsnl_client_flow *flow, char *name,
		      size_t size)
{
	const struct ovsnl_client_bytes *id = &flow->key;
	size_t i, len;

	if (flow->ufid.data)
		id = &flow->ufid;
	len = snprintf(name, size, "%s ", flow->ufid.data ? "ufid" : "key");
	for (i = 0; i < id->len && len + 3 < size; i++)
		len += snprintf(name + len, size - len, "%02x",
				((const __u8 *)id->data)[i]);
}

static int judge_flow(struct twinpath_writer *w,
		      const struct ovsnl_client_flow *flow, int err)
{
	char name[256];

	if (!err)
		return judge(w, TWINPATH_FLOW, "", 0);
	/* Once more, for its own words. */
	if (!is_fatal(err))
		err = ovsnl_client_flow_new(w->client, w->dp.ifindex, flow, 1,
					    0, NULL);
	flow_name(flow, name, sizeof(name));
	return judge(w, TWINPATH_FLOW, name, err);
}

/* NEW without NLM_F_CREATE adds a flow, or finds that it was dumped twice. */
static int send_flows(struct twinpath_writer *w)
{
	int errors[BATCH_FLOWS] = { 0 }, err = 0;
	size_t i, n = w->n_flows;

	if (!n)
		return 0;
	w->n_flows = 0;
	w->used = 0;
	ovsnl_client_flow_new(w->client, w->dp.ifindex, w->flows, n, 0, errors);
	for (i = 0; i < n && !err; i++)
		err = judge_flow(w, &w->flows[i], errors[i]);
	return err;
}

static void keep_bytes(struct twinpath_writer *w,
		       struct ovsnl_client_bytes *bytes)
{
	if (!bytes->data)
		return;
	memcpy(w->bytes + w->used, bytes->data, bytes->len);
	bytes->data = w->bytes + w->used;
	w->used += NLMSG_ALIGN(bytes->len);
}

static void keep_mask(struct twinpath_writer *w,
		      struct ovsnl_client_bytes *mask)
{
	if (!mask->data)
		return;
	mask->len = twinpath_walk_copy_mask(mask, w->bytes + w->used);
	mask->data = w->bytes + w->used;
	w->used += mask->len;
}

static int take_flow(struct twinpath_writer *w,
		     const struct ovsnl_client_flow *flow)
{
	struct ovsnl_client_flow *kept;
	size_t size = flow->key.len + flow->mask.len + flow->actions.len +
		      flow->ufid.len + 4 * NLMSG_ALIGNTO;
	int err = 0;

	if (w->n_flows == BATCH_FLOWS || w->used + size > BATCH_BYTES)
		err = send_flows(w);
	if (err)
		return err;
	w->flow_dead = false;
	twinpath_walk_actions(&flow->actions, look_at_action, w);
	w->flows_dead += w->flow_dead;
	kept = &w->flows[w->n_flows++];
	*kept = *flow;
	keep_bytes(w, &kept->key);
	keep_mask(w, &kept->mask);
	keep_bytes(w, &kept->actions);
	keep_bytes(w, &kept->ufid);
	return 0;
}

/* The whole */

int twinpath_writer_take(const struct twinpath_record *record, void *arg)
{
	struct twinpath_writer *w = arg;
	int err;

	if (record->kind == TWINPATH_FLOW)
		return take_flow(w, &record->flow);
	err = send_flows(w);
	if (err)
		return err;
	switch (record->kind) {
	case TWINPATH_DP:
		return take_dp(w, &record->dp);
	case TWINPATH_VPORT:
		return take_vport(w, &record->vport);
	case TWINPATH_METER:
		return take_meter(w, &record->meter);
	default:
		return take_limit(w, &record->limit);
	}
}

static void note_dead(struct twinpath_writer *w)
{
	char list[128] = "";
	size_t len = 0;
	int i;

	for (i = 0; i < w->n_dead; i++)
		len += snprintf(list + len, sizeof(list) - len, "%s%u",
				i ? ", " : "", w->dead[i]);
	if (w->n_dead == DEAD_MAX)
		snprintf(list + len, sizeof(list) - len, " and others");
	twinpath_report_note(w->report,
			     "%lu flows send packets to clients that may not "
			     "be there: port ids %s",
			     w->flows_dead, list);
}

int twinpath_writer_flush(struct twinpath_writer *w)
{
	int err = send_flows(w);

	if (err)
		return err;
	if (w->pids_left)
		twinpath_report_note(
			w->report,
			"port ids that get the misses of %lu ports were not "
			"carried: controllers set their own",
			w->pids_left);
	if (w->flows_dead)
		note_dead(w);
	return 0;
}

void twinpath_writer_close(struct twinpath_writer *w, bool undo)
{
	int err;

	if (!w)
		return;
	if (undo && w->made) {
		err = ovsnl_client_dp_del(w->client, w->dp.name);
		if (err)
			twinpath_report_error(
				w->report,
				"%s: can't undo: datapath '%s' stays as far "
				"as it got: %s",
				w->place->word, w->dp.name, strerror(-err));
	}
	ovsnl_client_close(w->client);
	free(w);
}
