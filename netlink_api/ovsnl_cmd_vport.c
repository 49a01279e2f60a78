// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Commands of the ovs_vport family.
 *
 * Overview: a vport is named by its device's name, anywhere in the namespace,
 * or by datapath and port number. All checks come before any change.
 *
 * Life cycle: replies are allocated before anything changes, so that a lack
 * of memory changes nothing.
 *
 * Synchronisation: NEW, SET and DEL run between ops->lock() and unlock(), GET
 * and dumps under ops->read_lock().
 * Lock order: whatever the datapath's lock() says; none is taken here.
 */
#include "ovsnl_cmd.h"
#include "ovsnl_uapi_new.h"

static int refuse(struct ovsnl_request *req, int code, const char *msg,
		  int attr)
{
	return ovsnl_err_set(&req->err, code, msg, req->tb[attr]);
}

static __s32 dp_ifindex(const struct ovsnl_request *req, struct datapath *dp)
{
	struct ovsnl_dp_info info;

	memset(&info, 0, sizeof(info));
	req->ops->dp_info(dp, &info);
	return info.ifindex;
}

static int find_by_name(struct ovsnl_request *req, struct vport **vport)
{
	const struct nlattr *name = req->tb[OVS_VPORT_ATTR_NAME];

	*vport = req->ops->vport_by_name(req->net, ovsnl_attr_data(name));
	if (!*vport)
		return refuse(req, -ENODEV, "no such port",
			      OVS_VPORT_ATTR_NAME);
	if (req->dp_ifindex &&
	    req->dp_ifindex != dp_ifindex(req, req->ops->vport_dp(*vport)))
		return refuse(req, -ENODEV, "port is in another datapath",
			      OVS_VPORT_ATTR_NAME);
	return 0;
}

static int find_by_port(struct ovsnl_request *req, struct vport **vport)
{
	__u32 port_no = ovsnl_attr_u32(req->tb[OVS_VPORT_ATTR_PORT_NO]);
	struct datapath *dp;

	if (port_no >= OVSNL_MAX_PORTS)
		return refuse(req, -EFBIG, "port number out of range",
			      OVS_VPORT_ATTR_PORT_NO);
	dp = req->ops->dp_find(req->net, req->dp_ifindex);
	if (!dp)
		return ovsnl_err_set(&req->err, -ENODEV, "no such datapath",
				     NULL);
	*vport = req->ops->vport_by_port(dp, port_no);
	if (!*vport)
		return refuse(req, -ENODEV, "no such port",
			      OVS_VPORT_ATTR_PORT_NO);
	return 0;
}

static int find(struct ovsnl_request *req, struct vport **vport)
{
	if (req->tb[OVS_VPORT_ATTR_IFINDEX])
		return refuse(req, -EOPNOTSUPP,
			      "ports can't be named by ifindex",
			      OVS_VPORT_ATTR_IFINDEX);
	if (req->tb[OVS_VPORT_ATTR_NAME])
		return find_by_name(req, vport);
	if (req->tb[OVS_VPORT_ATTR_PORT_NO])
		return find_by_port(req, vport);
	return ovsnl_err_set(&req->err, -EINVAL,
			     "neither port name nor number given", NULL);
}

/* Clients that never asked for arrays see the first port id only. */
static void put_pids(struct ovsnl_writer *w,
		     const struct ovsnl_vport_info *info)
{
	__u32 n = info->upcall_pids.n;

	if (!(info->dp_features & OVS_DP_F_VPORT_PIDS) && n > 1)
		n = 1;
	ovsnl_put(w, OVS_VPORT_ATTR_UPCALL_PID, info->upcall_pids.data,
		  n * sizeof(__u32));
}

/* As newer kernels have it. Clients that don't know it pass it over. */
static void put_upcall_stats(struct ovsnl_writer *w,
			     const struct ovsnl_vport_info *info)
{
	size_t nest = ovsnl_nest_start(w, OVSNL_VPORT_ATTR_UPCALL_STATS);

	ovsnl_put_aligned(w, OVSNL_VPORT_UPCALL_ATTR_SUCCESS,
			  &info->upcalls_sent, sizeof(info->upcalls_sent));
	ovsnl_put_aligned(w, OVSNL_VPORT_UPCALL_ATTR_FAIL,
			  &info->upcalls_failed, sizeof(info->upcalls_failed));
	ovsnl_nest_end(w, nest);
}

static int put(const struct ovsnl_request *req, struct vport *vport, __u8 cmd,
	       __u16 flags, struct ovsnl_writer *w)
{
	struct ovsnl_vport_info info;
	struct ovsnl_msg msg;
	size_t start;

	memset(&info, 0, sizeof(info));
	req->ops->vport_info(req->net, vport, &info);
	msg = ovsnl_cmd_msg(req, cmd, flags, info.dp_ifindex);
	start = ovsnl_msg_start(w, &msg);
	ovsnl_put_u32(w, OVS_VPORT_ATTR_PORT_NO, info.port_no);
	ovsnl_put_u32(w, OVS_VPORT_ATTR_TYPE, info.type);
	ovsnl_put_string(w, OVS_VPORT_ATTR_NAME, info.name);
	ovsnl_put_u32(w, OVS_VPORT_ATTR_IFINDEX, info.ifindex);
	if (info.has_netnsid)
		ovsnl_put_u32(w, OVS_VPORT_ATTR_NETNSID, info.netnsid);
	ovsnl_put_aligned(w, OVS_VPORT_ATTR_STATS, &info.stats,
			  sizeof(info.stats));
	put_upcall_stats(w, &info);
	put_pids(w, &info);
	req->ops->vport_put_options(vport, w);
	return ovsnl_msg_end(w, start, 0);
}

int ovsnl_vport_notice(const struct ovsnl_request *req, struct vport *vport,
		       __u8 cmd, struct ovsnl_writer *w)
{
	return put(req, vport, cmd, 0, w);
}

static size_t reply_size(const struct ovsnl_request *req)
{
	return OVSNL_VPORT_REPLY_SIZE(req->ops->cpu_count());
}

static int parse_new(struct ovsnl_request *req, struct ovsnl_vport_args *args)
{
	const struct nlattr *ifindex = req->tb[OVS_VPORT_ATTR_IFINDEX];
	const struct nlattr *port_no = req->tb[OVS_VPORT_ATTR_PORT_NO];

	memset(args, 0, sizeof(*args));
	if (!req->tb[OVS_VPORT_ATTR_NAME] || !req->tb[OVS_VPORT_ATTR_TYPE] ||
	    !req->tb[OVS_VPORT_ATTR_UPCALL_PID])
		return ovsnl_err_set(
			&req->err, -EINVAL,
			"port name, type or upcall port id missing", NULL);
	args->name = ovsnl_attr_data(req->tb[OVS_VPORT_ATTR_NAME]);
	args->type = ovsnl_attr_u32(req->tb[OVS_VPORT_ATTR_TYPE]);
	args->options = req->tb[OVS_VPORT_ATTR_OPTIONS];
	if (ifindex && args->type != OVS_VPORT_TYPE_INTERNAL)
		return refuse(req, -EOPNOTSUPP,
			      "only internal ports take an ifindex",
			      OVS_VPORT_ATTR_IFINDEX);
	if (ifindex)
		args->ifindex = (__s32)ovsnl_attr_u32(ifindex);
	args->port_no = port_no ? ovsnl_attr_u32(port_no) : 0;
	if (args->port_no >= OVSNL_MAX_PORTS)
		return refuse(req, -EFBIG, "port number out of range",
			      OVS_VPORT_ATTR_PORT_NO);
	return 0;
}

/* Number 0 asks for the lowest free one. */
static int choose_port_no(struct ovsnl_request *req, struct datapath *dp,
			  __u32 *port_no)
{
	__u32 n;

	if (*port_no) {
		if (!req->ops->vport_by_port(dp, *port_no))
			return 0;
		return refuse(req, -EBUSY, "port number is in use",
			      OVS_VPORT_ATTR_PORT_NO);
	}
	for (n = 1; n < OVSNL_MAX_PORTS; n++) {
		if (!req->ops->vport_by_port(dp, n)) {
			*port_no = n;
			return 0;
		}
	}
	return ovsnl_err_set(&req->err, -EFBIG, "datapath has no free port",
			     NULL);
}

/* -EAGAIN: the lock was dropped meanwhile, look everything up again. */
static int create_once(struct ovsnl_request *req, struct ovsnl_vport_args args,
		       struct vport **vport)
{
	struct datapath *dp = req->ops->dp_find(req->net, req->dp_ifindex);
	int err;

	if (!dp)
		return ovsnl_err_set(&req->err, -ENODEV, "no such datapath",
				     NULL);
	err = choose_port_no(req, dp, &args.port_no);
	if (err)
		return err;
	err = req->ops->vport_type_check(req->net, args.type);
	if (err == -EAGAIN)
		return err;
	if (err)
		return refuse(req, err, "unknown port type",
			      OVS_VPORT_ATTR_TYPE);
	err = ovsnl_cmd_pids(req, req->tb[OVS_VPORT_ATTR_UPCALL_PID],
			     req->ops->cpu_count(), &args.upcall_pids);
	if (err)
		return err;
	return req->ops->vport_create(dp, &args, vport);
}

static int create(struct ovsnl_request *req, void *arg, struct ovsnl_writer *w)
{
	const struct ovsnl_vport_args *args = arg;
	struct vport *vport;
	int err;

	do {
		err = create_once(req, *args, &vport);
	} while (err == -EAGAIN);
	if (err)
		return err;
	/* The change stands, as far as the answer tells. */
	put(req, vport, req->cmd, 0, w);
	return 0;
}

int ovsnl_cmd_vport_new(struct ovsnl_request *req)
{
	struct ovsnl_vport_args args;
	int err = parse_new(req, &args);

	return err ? err
		   : ovsnl_cmd_change(req, reply_size(req), create, &args);
}

static int set_port(struct ovsnl_request *req, struct vport *vport)
{
	const struct nlattr *options = req->tb[OVS_VPORT_ATTR_OPTIONS];
	const struct nlattr *ids = req->tb[OVS_VPORT_ATTR_UPCALL_PID];
	const struct nlattr *type = req->tb[OVS_VPORT_ATTR_TYPE];
	struct ovsnl_vport_info info;
	struct ovsnl_pids pids;
	int err = 0;

	memset(&info, 0, sizeof(info));
	req->ops->vport_info(req->net, vport, &info);
	if (type && ovsnl_attr_u32(type) != info.type)
		return refuse(req, -EINVAL, "a port's type can't be changed",
			      OVS_VPORT_ATTR_TYPE);
	if (options)
		err = req->ops->vport_set_options(vport, options);
	if (err)
		return refuse(req, err, "options can't be changed",
			      OVS_VPORT_ATTR_OPTIONS);
	if (!ids)
		return 0;
	err = ovsnl_cmd_pids(req, ids, req->ops->cpu_count(), &pids);
	return err ? err : req->ops->vport_set_pids(vport, &pids);
}

static int change(struct ovsnl_request *req, void *arg, struct ovsnl_writer *w)
{
	struct vport *vport;
	int err;

	(void)arg;
	err = find(req, &vport);
	if (!err)
		err = set_port(req, vport);
	return err ? err : put(req, vport, req->cmd, 0, w);
}

int ovsnl_cmd_vport_set(struct ovsnl_request *req)
{
	return ovsnl_cmd_change(req, reply_size(req), change, NULL);
}

static int destroy(struct ovsnl_request *req, void *arg, struct ovsnl_writer *w)
{
	struct vport *vport;
	int err;

	(void)arg;
	err = find(req, &vport);
	if (err)
		return err;
	if (req->ops->vport_port_no(vport) == OVSNL_PORT_LOCAL)
		return ovsnl_err_set(&req->err, -EINVAL,
				     "the local port goes with its datapath",
				     NULL);
	err = put(req, vport, req->cmd, 0, w);
	if (err)
		return err;
	req->ops->vport_destroy(vport);
	return 0;
}

int ovsnl_cmd_vport_del(struct ovsnl_request *req)
{
	return ovsnl_cmd_change(req, reply_size(req), destroy, NULL);
}

int ovsnl_cmd_vport_get(struct ovsnl_request *req)
{
	struct ovsnl_writer w;
	struct vport *vport;
	int err;

	err = req->ops->reply_alloc(req, reply_size(req), &w);
	if (err)
		return err;
	(req->ops->read_lock)(req->net);
	err = find(req, &vport);
	if (!err)
		err = put(req, vport, req->cmd, 0, &w);
	(req->ops->read_unlock)(req->net);
	if (err) {
		req->ops->reply_free(req, &w);
		return err;
	}
	return req->ops->reply_unicast(req, &w);
}

/* cur->pos[0]: lowest port number not yet written. */
int ovsnl_cmd_vport_dump(struct ovsnl_request *req, struct ovsnl_cursor *cur,
			 struct ovsnl_writer *w)
{
	struct datapath *dp;
	struct vport *vport;

	(req->ops->read_lock)(req->net);
	dp = req->ops->dp_find(req->net, req->dp_ifindex);
	while (dp && (vport = req->ops->vport_next(dp, cur->pos[0]))) {
		if (put(req, vport, OVS_VPORT_CMD_GET, NLM_F_MULTI, w))
			break;
		cur->pos[0] = req->ops->vport_port_no(vport) + 1;
	}
	(req->ops->read_unlock)(req->net);
	return dp ? 0 : -ENODEV;
}
