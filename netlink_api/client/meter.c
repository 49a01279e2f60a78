// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Requests of the meter family. */
#include "request.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

/* Requests in a datagram: each may be answered by an error of its own, and all
 * of them must fit into the receive buffer.
 */
#define GET_BATCH 128

/* What ovsnl_client_meter_get() passes to take_reply(). */
struct get {
	ovsnl_client_each_fn *each;
	void *arg;
};

/* What ovsnl_client_meter_features() passes to take_features(). */
struct features {
	__u32 *max_meters;
	__u32 *max_bands;
};

static struct nl_msg *meter_request(struct ovsnl_client *client, __u8 cmd,
				    int dp_ifindex, size_t room)
{
	return ovsnl_request_new(client, OVSNL_FAMILY_METER, cmd, 0, dp_ifindex,
				 room);
}

/* A request for meter @id. */
static struct nl_msg *numbered(struct ovsnl_client *client, __u8 cmd,
			       int dp_ifindex, __u32 id)
{
	struct nl_msg *msg = meter_request(client, cmd, dp_ifindex, 256);

	if (msg && nla_put_u32(msg, OVS_METER_ATTR_ID, id) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

static int take_features(const struct ovsnl_client_message *message, void *arg)
{
	const struct nlattr *const *attr = message->attr;
	struct features *f = arg;

	if (message->family != OVSNL_FAMILY_METER ||
	    !ovsnl_request_int(attr[OVS_METER_ATTR_MAX_METERS], f->max_meters,
			       sizeof(*f->max_meters)) ||
	    !ovsnl_request_int(attr[OVS_METER_ATTR_MAX_BANDS], f->max_bands,
			       sizeof(*f->max_bands)))
		return -EBADMSG;
	return 0;
}

int ovsnl_client_meter_features(struct ovsnl_client *client, int dp_ifindex,
				__u32 *max_meters, __u32 *max_bands)
{
	struct features f = { max_meters, max_bands };

	return ovsnl_request_run(client,
				 meter_request(client, OVS_METER_CMD_FEATURES,
					       dp_ifindex, 0),
				 0, take_features, &f);
}

static int put_band(struct nl_msg *msg, const struct ovsnl_client_meter *meter,
		    __u32 i)
{
	struct nlattr *nest = nla_nest_start(msg, OVS_BAND_ATTR_UNSPEC);

	if (!nest ||
	    nla_put_u32(msg, OVS_BAND_ATTR_TYPE, meter->bands[i].type) < 0 ||
	    nla_put_u32(msg, OVS_BAND_ATTR_RATE, meter->bands[i].rate) < 0 ||
	    nla_put_u32(msg, OVS_BAND_ATTR_BURST, meter->bands[i].burst) < 0)
		return -ENOMEM;
	nla_nest_end(msg, nest);
	return 0;
}

/* Not nla_nest_end(), which takes away a nest without bands. */
static int put_bands(struct nl_msg *msg, const struct ovsnl_client_meter *meter)
{
	struct nlattr *nest = nla_nest_start(msg, OVS_METER_ATTR_BANDS);
	__u32 i;

	if (!nest)
		return -ENOMEM;
	for (i = 0; i < meter->n_bands; i++)
		if (put_band(msg, meter, i))
			return -ENOMEM;
	nla_nest_end_keep_empty(msg, nest);
	return 0;
}

int ovsnl_client_meter_set(struct ovsnl_client *client, int dp_ifindex,
			   const struct ovsnl_client_meter *meter)
{
	struct nl_msg *msg;
	int err = 0;

	if (meter->n_bands > OVSNL_CLIENT_BANDS)
		return -EINVAL;
	msg = numbered(client, OVS_METER_CMD_SET, dp_ifindex, meter->id);
	if (msg &&
	    ((meter->kbps && nla_put_flag(msg, OVS_METER_ATTR_KBPS) < 0) ||
	     put_bands(msg, meter)))
		err = -ENOMEM;
	return ovsnl_request_run(client, msg, err, NULL, NULL);
}

int ovsnl_client_meter_del(struct ovsnl_client *client, int dp_ifindex,
			   __u32 id)
{
	return ovsnl_request_run(
		client, numbered(client, OVS_METER_CMD_DEL, dp_ifindex, id), 0,
		NULL, NULL);
}

/* Asks for the settings, too: see ovsnl_cmd_meter.c. */
static struct nl_msg *get_request(struct ovsnl_client *client, int dp_ifindex,
				  __u32 id)
{
	struct nl_msg *msg =
		numbered(client, OVS_METER_CMD_GET, dp_ifindex, id);

	if (msg && nla_put(msg, OVS_METER_ATTR_BANDS, 0, NULL) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

static int take_reply(struct ovsnl_client *client, const struct nlmsghdr *nlh,
		      void *arg)
{
	struct ovsnl_client_message message;
	struct get *get = arg;
	int err = ovsnl_request_decode(client, nlh, &message);

	return err ? err : get->each(&message, get->arg);
}

static int get_batch(struct ovsnl_client *client, int dp_ifindex,
		     const __u32 *ids, size_t n, struct get *get)
{
	struct nl_msg *msgs[GET_BATCH];
	int errors[GET_BATCH], err = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		msgs[i] = get_request(client, dp_ifindex, ids[i]);
		if (!msgs[i])
			goto err_msgs;
	}
	err = ovsnl_request_exchange(client, msgs, n, take_reply, get, errors);
	if (err != -ENOENT)
		return err;
	/* The first error was one of these; is there another? */
	for (i = 0; i < n; i++)
		if (errors[i] && errors[i] != -ENOENT)
			return errors[i];
	return 0;

err_msgs:
	while (i--)
		nlmsg_free(msgs[i]);
	return -ENOMEM;
}

int ovsnl_client_meter_get(struct ovsnl_client *client, int dp_ifindex,
			   const __u32 *ids, size_t n,
			   ovsnl_client_each_fn *each, void *arg)
{
	struct get get = { each, arg };
	size_t i, part;
	int err = 0;

	for (i = 0; i < n && !err; i += part) {
		part = n - i < GET_BATCH ? n - i : GET_BATCH;
		err = get_batch(client, dp_ifindex, ids + i, part, &get);
	}
	return err;
}

static int decode_band(const struct nlattr *nest,
		       struct ovsnl_client_meter *meter)
{
	struct nlattr *attr[OVS_BAND_ATTR_STATS + 1];
	__u32 i = meter->n_bands;

	if (i == OVSNL_CLIENT_BANDS ||
	    nla_parse_nested(attr, OVS_BAND_ATTR_STATS, (struct nlattr *)nest,
			     NULL) < 0)
		return -EBADMSG;
	meter->n_bands++;
	meter->has_settings &=
		ovsnl_request_int(attr[OVS_BAND_ATTR_TYPE],
				  &meter->bands[i].type, sizeof(__u32)) &&
		ovsnl_request_int(attr[OVS_BAND_ATTR_RATE],
				  &meter->bands[i].rate, sizeof(__u32)) &&
		ovsnl_request_int(attr[OVS_BAND_ATTR_BURST],
				  &meter->bands[i].burst, sizeof(__u32));
	return 0;
}

int ovsnl_client_meter_decode(const struct ovsnl_client_message *message,
			      struct ovsnl_client_meter *meter)
{
	const struct nlattr *const *attr = message->attr;
	struct nlattr *nest;
	int left, err = 0;

	/* A meter without bands has nothing to tell but its id. */
	*meter = (struct ovsnl_client_meter){ .has_settings = true };
	if (message->family != OVSNL_FAMILY_METER ||
	    !ovsnl_request_int(attr[OVS_METER_ATTR_ID], &meter->id,
			       sizeof(meter->id)) ||
	    !attr[OVS_METER_ATTR_BANDS])
		return -EBADMSG;
	meter->kbps = attr[OVS_METER_ATTR_KBPS];
	ovsnl_request_int(attr[OVS_METER_ATTR_STATS], &meter->stats,
			  sizeof(meter->stats));
	nla_for_each_nested(nest, attr[OVS_METER_ATTR_BANDS], left) if (!err)
		err = decode_band(nest, meter);
	return err;
}
