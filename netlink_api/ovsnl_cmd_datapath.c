// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Commands of the ovs_datapath family.
 *
 * Overview: a request's attributes become struct ovsnl_dp_args, all checks
 * come before any change, and the answer is written from struct
 * ovsnl_dp_info.
 *
 * Life cycle: replies are allocated before anything changes, so that a lack
 * of memory changes nothing.
 *
 * Synchronisation: changes and look-ups run between ops->lock() and unlock().
 * Lock order: whatever the datapath's lock() says; none is taken here.
 */
#include "ovsnl_cmd.h"

/* Clients older than this header version know nothing of user features. */
#define VERSION_WITH_FEATURES 2

#define KNOWN_FEATURES                              \
	(OVS_DP_F_UNALIGNED | OVS_DP_F_VPORT_PIDS | \
	 OVS_DP_F_DISPATCH_UPCALL_PER_CPU)

static bool is_power_of_two(__u32 v)
{
	return v && !(v & (v - 1));
}

static struct datapath *find(struct ovsnl_request *req)
{
	const struct nlattr *name = req->tb[OVS_DP_ATTR_NAME];
	struct vport *vport;

	if (!name)
		return req->ops->dp_find(req->net, req->dp_ifindex);
	vport = req->ops->vport_by_name(req->net, ovsnl_attr_data(name));
	if (!vport || req->ops->vport_port_no(vport) != OVSNL_PORT_LOCAL)
		return NULL;
	return req->ops->vport_dp(vport);
}

static int no_such_datapath(struct ovsnl_request *req)
{
	return ovsnl_err_set(&req->err, -ENODEV, "no such datapath",
			     req->tb[OVS_DP_ATTR_NAME]);
}

static int parse_percpu(struct ovsnl_request *req, struct ovsnl_dp_args *args)
{
	const struct nlattr *a = req->tb[OVS_DP_ATTR_PER_CPU_PIDS];

	if (!a || !(args->user_features & OVS_DP_F_DISPATCH_UPCALL_PER_CPU))
		return 0;
	args->set_percpu = true;
	return ovsnl_cmd_pids(req, a, 0, &args->percpu_pids);
}

/* What NEW and SET have in common. A request without features has none. */
static int parse_change(struct ovsnl_request *req, struct ovsnl_dp_args *args)
{
	const struct nlattr *a = req->tb[OVS_DP_ATTR_USER_FEATURES];

	if (a)
		args->user_features = ovsnl_attr_u32(a);
	if (args->user_features & ~KNOWN_FEATURES)
		return ovsnl_err_set(&req->err, -EOPNOTSUPP,
				     "unknown datapath feature", a);
	a = req->tb[OVS_DP_ATTR_MASKS_CACHE_SIZE];
	if (a) {
		args->set_cache_size = true;
		args->masks_cache_size = ovsnl_attr_u32(a);
		if (args->masks_cache_size &&
		    !is_power_of_two(args->masks_cache_size))
			return ovsnl_err_set(
				&req->err, -EINVAL,
				"masks cache size is no power of two", a);
	}
	return parse_percpu(req, args);
}

static int parse_new(struct ovsnl_request *req, struct ovsnl_dp_args *args)
{
	const struct nlattr *ifindex = req->tb[OVS_DP_ATTR_IFINDEX];
	const struct nlattr *pid = req->tb[OVS_DP_ATTR_UPCALL_PID];
	const struct nlattr *name = req->tb[OVS_DP_ATTR_NAME];
	int err;

	memset(args, 0, sizeof(*args));
	if (!name || !pid)
		return ovsnl_err_set(&req->err, -EINVAL,
				     "datapath name or upcall port id missing",
				     NULL);
	args->name = ovsnl_attr_data(name);
	if (ifindex)
		args->ifindex = (__s32)ovsnl_attr_u32(ifindex);
	err = parse_change(req, args);
	if (err)
		return err;
	return ovsnl_cmd_pids(req, pid, req->ops->cpu_count(),
			      &args->upcall_pids);
}

static void put_attrs(struct ovsnl_writer *w, const struct ovsnl_dp_info *info)
{
	ovsnl_put_string(w, OVS_DP_ATTR_NAME, info->name);
	ovsnl_put_aligned(w, OVS_DP_ATTR_STATS, &info->stats,
			  sizeof(info->stats));
	ovsnl_put_aligned(w, OVS_DP_ATTR_MEGAFLOW_STATS, &info->megaflow,
			  sizeof(info->megaflow));
	ovsnl_put_u32(w, OVS_DP_ATTR_USER_FEATURES, info->user_features);
	ovsnl_put_u32(w, OVS_DP_ATTR_MASKS_CACHE_SIZE, info->masks_cache_size);
	if ((info->user_features & OVS_DP_F_DISPATCH_UPCALL_PER_CPU) &&
	    info->percpu_pids.n)
		ovsnl_put(w, OVS_DP_ATTR_PER_CPU_PIDS, info->percpu_pids.data,
			  info->percpu_pids.n * sizeof(__u32));
}

static int put(struct ovsnl_request *req, struct datapath *dp, __u8 cmd,
	       __u16 flags, struct ovsnl_writer *w)
{
	struct ovsnl_dp_info info;
	struct ovsnl_msg msg;
	size_t start;

	memset(&info, 0, sizeof(info));
	req->ops->dp_info(dp, &info);
	msg = ovsnl_cmd_msg(req, cmd, flags, info.ifindex);
	start = ovsnl_msg_start(w, &msg);
	put_attrs(w, &info);
	return ovsnl_msg_end(w, start, 0);
}

static size_t reply_size(const struct ovsnl_request *req)
{
	return OVSNL_DP_REPLY_SIZE(req->ops->cpu_count());
}

static int create(struct ovsnl_request *req, void *arg, struct ovsnl_writer *w)
{
	const struct ovsnl_dp_args *args = arg;
	struct datapath *dp;
	int err = req->ops->dp_create(req->net, args, &dp);

	if (err == -EBUSY)
		err = -EEXIST;
	if (err == -EEXIST && req->version < VERSION_WITH_FEATURES) {
		struct datapath *old = find(req);

		if (old)
			req->ops->dp_reset_features(old);
	}
	if (err)
		return err;
	/* The change stands, as far as the answer tells. */
	put(req, dp, req->cmd, 0, w);
	return 0;
}

int ovsnl_cmd_datapath_new(struct ovsnl_request *req)
{
	struct ovsnl_dp_args args;
	int err = parse_new(req, &args);

	return err ? err
		   : ovsnl_cmd_change(req, reply_size(req), create, &args);
}

static int destroy(struct ovsnl_request *req, void *arg, struct ovsnl_writer *w)
{
	struct datapath *dp = find(req);

	(void)arg;
	if (!dp)
		return no_such_datapath(req);
	put(req, dp, req->cmd, 0, w);
	req->ops->dp_destroy(dp);
	return 0;
}

int ovsnl_cmd_datapath_del(struct ovsnl_request *req)
{
	return ovsnl_cmd_change(req, reply_size(req), destroy, NULL);
}

static int change(struct ovsnl_request *req, void *arg, struct ovsnl_writer *w)
{
	struct ovsnl_dp_args args;
	struct datapath *dp;
	int err;

	(void)arg;
	memset(&args, 0, sizeof(args));
	dp = find(req);
	if (!dp)
		return no_such_datapath(req);
	err = parse_change(req, &args);
	if (!err)
		err = req->ops->dp_change(dp, &args);
	return err ? err : put(req, dp, req->cmd, 0, w);
}

int ovsnl_cmd_datapath_set(struct ovsnl_request *req)
{
	return ovsnl_cmd_change(req, reply_size(req), change, NULL);
}

static int tell(struct ovsnl_request *req, void *arg, struct ovsnl_writer *w)
{
	struct datapath *dp = find(req);

	(void)arg;
	return dp ? put(req, dp, req->cmd, 0, w) : no_such_datapath(req);
}

int ovsnl_cmd_datapath_get(struct ovsnl_request *req)
{
	struct ovsnl_writer w;
	int err = ovsnl_cmd_locked(req, reply_size(req), tell, NULL, &w);

	return err ? err : req->ops->reply_unicast(req, &w);
}

/* cur->pos[0]: rank of the next datapath. */
int ovsnl_cmd_datapath_dump(struct ovsnl_request *req, struct ovsnl_cursor *cur,
			    struct ovsnl_writer *w)
{
	struct datapath *dp;

	req->ops->lock(req->net);
	while ((dp = req->ops->dp_next(req->net, cur->pos[0]))) {
		if (put(req, dp, OVS_DP_CMD_GET, NLM_F_MULTI, w))
			break;
		cur->pos[0]++;
	}
	req->ops->unlock(req->net);
	return 0;
}
