// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Actions that report the packet: to a client, or to the psample family.
 *
 * Overview: both hold attributes of their own, which are checked by policy and
 * kept for dumps as they came.
 *
 * Life cycle, Synchronisation, Lock order: see ovsnl_action.c.
 */
#include "ovsnl_compile.h"
#include "ovsnl_uapi_new.h"

static const struct ovsnl_policy
	userspace_policy[OVS_USERSPACE_ATTR_ACTIONS + 1] = {
		[OVS_USERSPACE_ATTR_PID] = { .kind = OVSNL_P_U32 },
		[OVS_USERSPACE_ATTR_EGRESS_TUN_PORT] = { .kind = OVSNL_P_U32 },
	};

/* The tunnel port to report, or that there is none: no port has a number out
 * of range.
 */
static __u32 egress_port(const struct nlattr *a)
{
	__u32 port = a ? ovsnl_attr_u32(a) : OVSNL_MAX_PORTS;

	return port < OVSNL_MAX_PORTS ? port : OVSNL_MAX_PORTS;
}

/* list_len is not known before the list is finished: ovsnl_action.c adds it. */
int ovsnl_compile_userspace(struct ovsnl_compile *c, struct ovsnl_list *l,
			    const struct nlattr *a)
{
	const struct nlattr *tb[OVS_USERSPACE_ATTR_ACTIONS + 1];
	const struct nlattr *data;
	struct ovsnl_op_userspace *op;
	__u32 data_len;
	int err;

	err = ovsnl_attr_parse(tb, OVS_USERSPACE_ATTR_ACTIONS,
			       ovsnl_attr_data(a), ovsnl_attr_len(a),
			       userspace_policy, c->err);
	if (err)
		return err;
	if (!tb[OVS_USERSPACE_ATTR_PID] ||
	    !ovsnl_attr_u32(tb[OVS_USERSPACE_ATTR_PID]))
		return ovsnl_compile_refuse(
			c, a, "userspace action without a port id");
	data = tb[OVS_USERSPACE_ATTR_USERDATA];
	data_len = data ? ovsnl_attr_len(data) : 0;
	op = ovsnl_compile_op(c, l, OVSNL_OP_USERSPACE, sizeof(*op) + data_len);
	if (op) {
		op->pid = ovsnl_attr_u32(tb[OVS_USERSPACE_ATTR_PID]);
		op->userdata_len = data ? (__s32)data_len : -1;
		op->with_actions = !!tb[OVS_USERSPACE_ATTR_ACTIONS];
		op->list_ofs = l->nla_start;
		op->egress_port =
			egress_port(tb[OVS_USERSPACE_ATTR_EGRESS_TUN_PORT]);
		if (data_len)
			memcpy(op->userdata, ovsnl_attr_data(data), data_len);
	}
	ovsnl_compile_copy(c, a);
	return 0;
}

static const struct ovsnl_policy psample_policy[OVSNL_PSAMPLE_ATTR_COOKIE + 1] = {
	[OVSNL_PSAMPLE_ATTR_GROUP] = { .kind = OVSNL_P_U32 },
};

/* Strict as later kernels, but for the nested flag, which their own dumps
 * don't have.
 */
int ovsnl_compile_psample(struct ovsnl_compile *c, struct ovsnl_list *l,
			  const struct nlattr *a)
{
	const struct nlattr *tb[OVSNL_PSAMPLE_ATTR_COOKIE + 1];
	const struct nlattr *group, *cookie;
	struct ovsnl_op_psample *op;
	int err, len;

	err = ovsnl_attr_parse_strict(tb, OVSNL_PSAMPLE_ATTR_COOKIE, a,
				      psample_policy, c->err);
	if (err)
		return err;
	group = tb[OVSNL_PSAMPLE_ATTR_GROUP];
	cookie = tb[OVSNL_PSAMPLE_ATTR_COOKIE];
	len = cookie ? ovsnl_attr_len(cookie) : 0;
	if (!group)
		return ovsnl_compile_refuse(c, a, "psample without a group");
	if (ovsnl_attr_len(group) != sizeof(__u32))
		return ovsnl_err_set(c->err, -ERANGE,
				     "psample group is not of four bytes",
				     group);
	if (len > OVSNL_PSAMPLE_COOKIE_MAX)
		return ovsnl_err_set(c->err, -ERANGE,
				     "psample cookie is too long", cookie);
	op = ovsnl_compile_op(c, l, OVSNL_OP_PSAMPLE, sizeof(*op));
	if (op) {
		op->group = ovsnl_attr_u32(group);
		op->cookie_len = len;
		if (len)
			memcpy(op->cookie, ovsnl_attr_data(cookie), len);
	}
	ovsnl_compile_copy(c, a);
	return 0;
}
