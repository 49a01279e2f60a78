// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracepoints.
 *
 * Overview
 *	The events are in the header. Here they are instantiated, and actions
 *	get back the shape of netlink attributes that tools expect of them.
 *
 * Life cycle, Synchronisation, Lock order
 *	None: nothing is kept.
 */
#define CREATE_TRACE_POINTS
#include "openvswitch_trace.h"

/* Longest payload that is shown. */
#define PAYLOAD_MAX 64

static u16 action_type(u16 code)
{
	switch (code) {
	case OVSNL_OP_OUTPUT:
		return OVS_ACTION_ATTR_OUTPUT;
	case OVSNL_OP_USERSPACE:
		return OVS_ACTION_ATTR_USERSPACE;
	case OVSNL_OP_PUSH_VLAN:
		return OVS_ACTION_ATTR_PUSH_VLAN;
	case OVSNL_OP_POP_VLAN:
		return OVS_ACTION_ATTR_POP_VLAN;
	case OVSNL_OP_RECIRC:
		return OVS_ACTION_ATTR_RECIRC;
	case OVSNL_OP_TRUNC:
		return OVS_ACTION_ATTR_TRUNC;
	case OVSNL_OP_SAMPLE:
		return OVS_ACTION_ATTR_SAMPLE;
	case OVSNL_OP_CLONE:
		return OVS_ACTION_ATTR_CLONE;
	default:
		return OVS_ACTION_ATTR_SET_MASKED;
	}
}

static u32 payload_len(const struct ovsnl_op *op)
{
	switch (op->code) {
	case OVSNL_OP_OUTPUT:
	case OVSNL_OP_RECIRC:
	case OVSNL_OP_TRUNC:
	case OVSNL_OP_PUSH_VLAN:
		return sizeof(u32);
	default:
		return min_t(u32, op->len - sizeof(*op), PAYLOAD_MAX);
	}
}

void ovs_trace_action(struct datapath *dp, struct sk_buff *skb,
		      struct sw_flow_key *key, const struct ovsnl_op *op)
{
	struct {
		struct nlattr head;
		u8 payload[PAYLOAD_MAX];
	} a;
	u32 len = payload_len(op);

	a.head.nla_type = action_type(op->code);
	a.head.nla_len = NLA_HDRLEN + len;
	memcpy(a.payload, op + 1, len);
	trace_ovs_do_execute_action(dp, skb, key, &a.head,
				    op->flags & OVSNL_OP_LAST
					    ? a.head.nla_len
					    : NLA_HDRLEN + PAYLOAD_MAX + 1);
}
