// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading a whole datapath.
 *
 * Overview
 *
 *	The datapath, its ports, limits and flows as dumps tell them, record by
 *	record, so that memory does not grow with them. Of meters the API has no
 *	dump: all ids that a datapath may have are asked for, and those beyond
 *	that actions name.
 *
 *	A second connection serves for questions while a dump goes on: a flow
 *	whose actions had no room in the dump is asked for alone.
 *
 * Life cycle
 *
 *	One call.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "twinpath_state.h"

/* Meter ids in one question. */
#define METER_STEP 2048

/** struct reader - a reading.
 * @asker: the second connection
 * @meters_max: ids below are all asked for
 * @ids, @n_ids, @ids_room: meters that actions name, from @meters_max on
 * @err: of twinpath_walk_actions()'s calls
 */
struct reader {
	struct ovsnl_client *client;
	struct ovsnl_client *asker;
	struct ovsnl_client_dp dp;
	struct twinpath_report *report;
	twinpath_take_fn *take;
	void *arg;
	__u32 meters_max;
	__u32 *ids;
	size_t n_ids, ids_room;
	int err;
};

static int give(struct reader *r, const struct twinpath_record *record)
{
	return r->take(record, r->arg);
}

/* Port ids of an attribute, of which there may be none. */
static struct twinpath_pids pids_of(const struct nlattr *a)
{
	struct twinpath_pids pids = { NULL, 0 };

	if (!a)
		return pids;
	pids.v = (const __u32 *)((const char *)a + NLA_HDRLEN);
	pids.n = (a->nla_len - NLA_HDRLEN) / sizeof(__u32);
	if (pids.n > TWINPATH_PIDS_MAX)
		pids.n = TWINPATH_PIDS_MAX;
	return pids;
}

static struct ovsnl_client_bytes bytes_of(const struct nlattr *a)
{
	struct ovsnl_client_bytes bytes = { NULL, 0 };

	if (a) {
		bytes.data = (const char *)a + NLA_HDRLEN;
		bytes.len = a->nla_len - NLA_HDRLEN;
	}
	return bytes;
}

/* Of all datapaths, the one that is to be read. */
static int take_dp(const struct ovsnl_client_message *message, void *arg)
{
	struct twinpath_record record = { .kind = TWINPATH_DP };
	struct reader *r = arg;
	struct ovsnl_client_dp dp;
	int err = ovsnl_client_dp_decode(message, &dp);

	if (err || dp.ifindex != r->dp.ifindex)
		return err;
	memcpy(record.dp.name, dp.name, sizeof(record.dp.name));
	record.dp.user_features = dp.user_features;
	record.dp.masks_cache_size = dp.masks_cache_size;
	record.dp.pids = pids_of(message->attr[OVS_DP_ATTR_PER_CPU_PIDS]);
	return give(r, &record);
}

static int take_vport(const struct ovsnl_client_message *message, void *arg)
{
	struct twinpath_record record = { .kind = TWINPATH_VPORT };
	struct ovsnl_client_vport vport;
	int err = ovsnl_client_vport_decode(message, &vport);

	if (err)
		return err;
	memcpy(record.vport.name, vport.name, sizeof(record.vport.name));
	record.vport.port_no = vport.port_no;
	record.vport.type = vport.type;
	record.vport.options = bytes_of(message->attr[OVS_VPORT_ATTR_OPTIONS]);
	record.vport.pids = pids_of(message->attr[OVS_VPORT_ATTR_UPCALL_PID]);
	return give(arg, &record);
}

/* Flows */

static int compare_ids(const void *a, const void *b)
{
	const __u32 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Each id once. */
static void tidy_ids(struct reader *r)
{
	size_t i, n = 0;

	if (!r->n_ids)
		return;
	qsort(r->ids, r->n_ids, sizeof(*r->ids), compare_ids);
	for (i = 1; i < r->n_ids; i++)
		if (r->ids[i] != r->ids[n])
			r->ids[++n] = r->ids[i];
	r->n_ids = n + 1;
}

static int make_room(struct reader *r)
{
	size_t room = r->ids_room ? 2 * r->ids_room : 1024;
	__u32 *ids;

	tidy_ids(r);
	if (2 * r->n_ids < r->ids_room)
		return 0;
	ids = realloc(r->ids, room * sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	r->ids = ids;
	r->ids_room = room;
	return 0;
}

static void note_meter(__u16 type, __u32 id, void *arg)
{
	struct reader *r = arg;

	if (type != OVS_ACTION_ATTR_METER || id < r->meters_max || r->err)
		return;
	if (r->n_ids == r->ids_room)
		r->err = make_room(r);
	if (!r->err)
		r->ids[r->n_ids++] = id;
}

static int give_flow(struct reader *r, const struct ovsnl_client_flow *flow)
{
	struct twinpath_record record = { .kind = TWINPATH_FLOW,
					  .flow = *flow };

	twinpath_walk_actions(&flow->actions, note_meter, r);
	return r->err ? r->err : give(r, &record);
}

/* The answer about one flow: if there are still no actions, nobody has them. */
static int take_whole_flow(const struct ovsnl_client_message *message,
			   void *arg)
{
	struct ovsnl_client_flow flow;
	struct reader *r = arg;
	int err = ovsnl_client_flow_decode(message, &flow);

	if (err)
		return err;
	if (flow.actions.data)
		return give_flow(r, &flow);
	twinpath_report_lost(r->report, TWINPATH_FLOW, "with long actions", 0,
			     "the datapath does not tell its actions");
	return 0;
}

static int take_flow(const struct ovsnl_client_message *message, void *arg)
{
	struct ovsnl_client_flow flow;
	struct reader *r = arg;
	int err = ovsnl_client_flow_decode(message, &flow);

	if (err)
		return err;
	if (flow.actions.data && flow.key.data)
		return give_flow(r, &flow);
	flow.ufid_flags = 0;
	err = ovsnl_client_flow_get(r->asker, r->dp.ifindex, &flow,
				    take_whole_flow, r);
	/* It may have gone meanwhile. */
	return err == -ENOENT ? 0 : err;
}

/* Meters and limits */

static int take_meter(const struct ovsnl_client_message *message, void *arg)
{
	struct twinpath_record record = { .kind = TWINPATH_METER };
	struct reader *r = arg;
	char name[16];
	int err = ovsnl_client_meter_decode(message, &record.meter);

	if (err)
		return err;
	if (record.meter.has_settings)
		return give(r, &record);
	snprintf(name, sizeof(name), "%u", record.meter.id);
	twinpath_report_lost(r->report, TWINPATH_METER, name, 0,
			     "the kernel's own module does not tell a meter's "
			     "rate");
	return 0;
}

static int read_meters(struct reader *r)
{
	__u32 ids[METER_STEP], first, n;
	int err = 0;

	for (first = 0; first < r->meters_max && !err; first += n) {
		for (n = 0; n < METER_STEP && n < r->meters_max - first; n++)
			ids[n] = first + n;
		err = ovsnl_client_meter_get(r->asker, r->dp.ifindex, ids, n,
					     take_meter, r);
	}
	tidy_ids(r);
	if (!err && r->n_ids)
		err = ovsnl_client_meter_get(r->asker, r->dp.ifindex, r->ids,
					     r->n_ids, take_meter, r);
	return err;
}

/* Zones without a limit of their own have the default's, and 0 is none. */
static int read_limits(struct reader *r)
{
	struct twinpath_record record = { .kind = TWINPATH_LIMIT };
	struct ovs_zone_limit *limits;
	size_t i, n;
	int err;

	err = ovsnl_client_ct_limit_get(r->asker, r->dp.ifindex, &limits, &n);
	if (err)
		return err;
	for (i = 0; i < n && !err; i++) {
		record.limit = limits[i];
		if (limits[i].zone_id != OVS_ZONE_LIMIT_DEFAULT_ZONE ||
		    limits[i].limit)
			err = give(r, &record);
	}
	free(limits);
	return err;
}

static int read_all(struct reader *r)
{
	__u32 max_bands;
	int err;

	err = ovsnl_client_meter_features(r->client, r->dp.ifindex,
					  &r->meters_max, &max_bands);
	if (!err)
		err = ovsnl_client_dp_dump(r->client, take_dp, r);
	if (!err)
		err = ovsnl_client_vport_dump(r->client, r->dp.ifindex,
					      take_vport, r);
	if (!err)
		err = read_limits(r);
	if (!err)
		err = ovsnl_client_flow_dump(r->client, r->dp.ifindex, 0,
					     take_flow, r);
	return err ? err : read_meters(r);
}

int twinpath_state_read(const struct twinpath_place *place, const char *name,
			twinpath_take_fn *take, void *arg,
			struct twinpath_report *report)
{
	struct reader r = { .report = report, .take = take, .arg = arg };
	int err;

	err = twinpath_place_open(place, report, &r.client);
	if (err)
		return err;
	err = twinpath_place_open(place, report, &r.asker);
	if (err)
		goto out;
	err = ovsnl_client_dp_get(r.client, name, &r.dp);
	if (!err)
		err = read_all(&r);
	if (err)
		twinpath_report_error(report,
				      "%s: can't read datapath '%s': %s",
				      place->word, name, strerror(-err));
	free(r.ids);
	ovsnl_client_close(r.asker);
out:
	ovsnl_client_close(r.client);
	return err;
}
