// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Commands of the ovs_meter family.
 *
 * Overview: every command answers its requester and notifies nobody. SET and
 * DEL tell of the meter that went: clients read its last statistics there. The
 * kernel's own module tells nobody what a meter was set to. Here a GET with
 * OVS_METER_ATTR_BANDS, which that module passes over, asks for it: the answer
 * then has KBPS, and TYPE, RATE and BURST of the bands, as SET takes them.
 *
 * Life cycle: replies are allocated before anything changes, so that a lack
 * of memory changes nothing.
 *
 * Synchronisation: all commands run between ops->lock() and unlock().
 * Lock order: whatever the datapath's lock() says; none is taken here.
 */
#include "ovsnl_cmd.h"

/* Any reply: an id twice, statistics, and those of the bands. */
#define REPLY_SIZE 512

static_assert(OVS_BAND_ATTR_STATS == 4, "wire number");

static const struct ovsnl_policy band_policy[OVS_BAND_ATTR_STATS + 1] = {
	[OVS_BAND_ATTR_TYPE] = { .kind = OVSNL_P_U32 },
	[OVS_BAND_ATTR_RATE] = { .kind = OVSNL_P_U32 },
	[OVS_BAND_ATTR_BURST] = { .kind = OVSNL_P_U32 },
	[OVS_BAND_ATTR_STATS] = { .kind = OVSNL_P_MIN_LEN,
				  .len = sizeof(struct ovs_flow_stats) },
};

/* Requests */

static int parse_id(struct ovsnl_request *req, __u32 *id)
{
	const struct nlattr *a = req->tb[OVS_METER_ATTR_ID];

	if (!a)
		return ovsnl_err_set(&req->err, -EINVAL, "meter id missing",
				     NULL);
	*id = ovsnl_attr_u32(a);
	return 0;
}

static int parse_band(struct ovsnl_request *req, const struct nlattr *nest,
		      struct ovsnl_meter_band *band)
{
	const struct nlattr *tb[OVS_BAND_ATTR_STATS + 1];
	int err = ovsnl_attr_parse(tb, OVS_BAND_ATTR_STATS,
				   ovsnl_attr_data(nest), ovsnl_attr_len(nest),
				   band_policy, &req->err);

	if (err)
		return err;
	if (!tb[OVS_BAND_ATTR_TYPE] || !tb[OVS_BAND_ATTR_RATE] ||
	    !tb[OVS_BAND_ATTR_BURST])
		return ovsnl_err_set(&req->err, -EINVAL,
				     "type, rate or burst of a band missing",
				     nest);
	band->type = ovsnl_attr_u32(tb[OVS_BAND_ATTR_TYPE]);
	band->rate = ovsnl_attr_u32(tb[OVS_BAND_ATTR_RATE]);
	band->burst = ovsnl_attr_u32(tb[OVS_BAND_ATTR_BURST]);
	if (!band->rate)
		return ovsnl_err_set(&req->err, -EINVAL, "rate of a band is 0",
				     tb[OVS_BAND_ATTR_RATE]);
	return 0;
}

/* Whatever stands among the bands is one, of any attribute type. */
static int parse_bands(struct ovsnl_request *req, struct ovsnl_meter_args *args)
{
	const struct nlattr *bands = req->tb[OVS_METER_ATTR_BANDS], *a;
	__u32 n = 0;
	int err = 0, rem;

	if (!bands)
		return ovsnl_err_set(&req->err, -EINVAL, "meter bands missing",
				     NULL);
	ovsnl_attr_for_each_nested(a, bands, rem)
		n++;
	if (n > OVSNL_METER_BANDS)
		return ovsnl_err_set(&req->err, -EINVAL,
				     "more bands than a meter may have", bands);
	ovsnl_attr_for_each_nested(a, bands, rem) {
		err = parse_band(req, a, &args->bands[args->n_bands++]);
		if (err)
			break;
	}
	return err;
}

static int parse_set(struct ovsnl_request *req, struct ovsnl_meter_args *args)
{
	const struct nlattr *stats = req->tb[OVS_METER_ATTR_STATS];
	int err;

	memset(args, 0, sizeof(*args));
	err = parse_id(req, &args->id);
	if (err)
		return err;
	args->kbps = req->tb[OVS_METER_ATTR_KBPS];
	args->keep_stats = !req->tb[OVS_METER_ATTR_CLEAR];
	if (args->keep_stats && stats)
		memcpy(&args->stats, ovsnl_attr_data(stats),
		       sizeof(args->stats));
	return parse_bands(req, args);
}

/* Replies */

static void put_setting(struct ovsnl_writer *w,
			const struct ovsnl_meter_band *band)
{
	ovsnl_put_u32(w, OVS_BAND_ATTR_TYPE, band->type);
	ovsnl_put_u32(w, OVS_BAND_ATTR_RATE, band->rate);
	ovsnl_put_u32(w, OVS_BAND_ATTR_BURST, band->burst);
}

/* @settings: with what the meter was set to */
static void put_info(struct ovsnl_writer *w, __u32 id,
		     const struct ovsnl_meter_info *info, bool settings)
{
	size_t bands, band;
	__u32 i;

	ovsnl_put_u32(w, OVS_METER_ATTR_ID, id);
	ovsnl_put(w, OVS_METER_ATTR_STATS, &info->stats, sizeof(info->stats));
	ovsnl_put_aligned(w, OVS_METER_ATTR_USED, &info->used_ms,
			  sizeof(info->used_ms));
	if (settings && info->kbps)
		ovsnl_put(w, OVS_METER_ATTR_KBPS, NULL, 0);
	bands = ovsnl_nest_start(w, OVS_METER_ATTR_BANDS);
	for (i = 0; i < info->n_bands; i++) {
		band = ovsnl_nest_start(w, OVS_BAND_ATTR_UNSPEC);
		if (settings)
			put_setting(w, &info->bands[i]);
		ovsnl_put(w, OVS_BAND_ATTR_STATS, &info->band_stats[i],
			  sizeof(info->band_stats[i]));
		ovsnl_nest_end(w, band);
	}
	ovsnl_nest_end(w, bands);
}

static void put_features(struct ovsnl_writer *w,
			 const struct ovsnl_meter_features *features)
{
	size_t bands, band;

	ovsnl_put_u32(w, OVS_METER_ATTR_MAX_METERS, features->max_meters);
	ovsnl_put_u32(w, OVS_METER_ATTR_MAX_BANDS, features->max_bands);
	bands = ovsnl_nest_start(w, OVS_METER_ATTR_BANDS);
	band = ovsnl_nest_start(w, OVS_BAND_ATTR_UNSPEC);
	ovsnl_put_u32(w, OVS_BAND_ATTR_TYPE, OVS_METER_BAND_TYPE_DROP);
	ovsnl_nest_end(w, band);
	ovsnl_nest_end(w, bands);
}

/* Commands */

static int features(struct ovsnl_request *req, struct datapath *dp, void *arg,
		    struct ovsnl_writer *w)
{
	struct ovsnl_meter_features has;

	(void)arg;
	req->ops->meter_features(dp, &has);
	put_features(w, &has);
	return 0;
}

static int set(struct ovsnl_request *req, struct datapath *dp, void *arg,
	       struct ovsnl_writer *w)
{
	const struct ovsnl_meter_args *args = arg;
	struct ovsnl_meter_info old;
	int err = req->ops->meter_set(dp, args, &old);

	if (err == -EFBIG)
		return ovsnl_err_set(&req->err, err,
				     "datapath has as many meters as it may",
				     NULL);
	if (err)
		return err;
	ovsnl_put_u32(w, OVS_METER_ATTR_ID, args->id);
	if (old.exists && old.keep_stats)
		put_info(w, args->id, &old, false);
	return 0;
}

static int get(struct ovsnl_request *req, struct datapath *dp, void *arg,
	       struct ovsnl_writer *w)
{
	const struct nlattr *bands = req->tb[OVS_METER_ATTR_BANDS];
	struct ovsnl_meter_info info;
	const __u32 *id = arg;

	req->ops->meter_get(dp, *id, &info);
	if (!info.exists)
		return ovsnl_err_set(&req->err, -ENOENT, "no such meter",
				     req->tb[OVS_METER_ATTR_ID]);
	put_info(w, *id, &info, bands && !ovsnl_attr_len(bands));
	return 0;
}

static int del(struct ovsnl_request *req, struct datapath *dp, void *arg,
	       struct ovsnl_writer *w)
{
	struct ovsnl_meter_info old;
	const __u32 *id = arg;

	req->ops->meter_del(dp, *id, &old);
	if (old.exists)
		put_info(w, *id, &old, false);
	return 0;
}

/* Run @body on the datapath and send what it wrote. */
static int answer(struct ovsnl_request *req, void *arg,
		  int (*body)(struct ovsnl_request *req, struct datapath *dp,
			      void *arg, struct ovsnl_writer *w))
{
	struct ovsnl_msg msg = ovsnl_cmd_msg(req, req->cmd, 0, req->dp_ifindex);
	struct ovsnl_writer w;
	struct datapath *dp;
	size_t start;
	int err;

	err = req->ops->reply_alloc(req, REPLY_SIZE, &w);
	if (err)
		return err;
	start = ovsnl_msg_start(&w, &msg);
	req->ops->lock(req->net);
	dp = req->ops->dp_find(req->net, req->dp_ifindex);
	err = dp ? body(req, dp, arg, &w)
		 : ovsnl_err_set(&req->err, -ENODEV, "no such datapath", NULL);
	req->ops->unlock(req->net);
	if (!err)
		err = ovsnl_msg_end(&w, start, 0);
	if (err) {
		req->ops->reply_free(req, &w);
		return err;
	}
	return req->ops->reply_unicast(req, &w);
}

int ovsnl_cmd_meter_features(struct ovsnl_request *req)
{
	return answer(req, NULL, features);
}

int ovsnl_cmd_meter_set(struct ovsnl_request *req)
{
	struct ovsnl_meter_args args;
	int err = parse_set(req, &args);

	return err ? err : answer(req, &args, set);
}

int ovsnl_cmd_meter_get(struct ovsnl_request *req)
{
	__u32 id;
	int err = parse_id(req, &id);

	return err ? err : answer(req, &id, get);
}

int ovsnl_cmd_meter_del(struct ovsnl_request *req)
{
	__u32 id;
	int err = parse_id(req, &id);

	return err ? err : answer(req, &id, del);
}
