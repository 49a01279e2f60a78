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
#include "ovsnl_uapi_new.h"

/* Longest payload that is shown. */
#define PAYLOAD_MAX 64

/* What an operation came from; 0: a set action. */
static const u8 action_types[OVSNL_OP_COUNT] = {
	[OVSNL_OP_OUTPUT] = OVS_ACTION_ATTR_OUTPUT,
	[OVSNL_OP_USERSPACE] = OVS_ACTION_ATTR_USERSPACE,
	[OVSNL_OP_SET_TUNNEL] = OVS_ACTION_ATTR_SET,
	[OVSNL_OP_PUSH_VLAN] = OVS_ACTION_ATTR_PUSH_VLAN,
	[OVSNL_OP_POP_VLAN] = OVS_ACTION_ATTR_POP_VLAN,
	[OVSNL_OP_RECIRC] = OVS_ACTION_ATTR_RECIRC,
	[OVSNL_OP_TRUNC] = OVS_ACTION_ATTR_TRUNC,
	[OVSNL_OP_PUSH_MPLS] = OVS_ACTION_ATTR_PUSH_MPLS,
	[OVSNL_OP_POP_MPLS] = OVS_ACTION_ATTR_POP_MPLS,
	[OVSNL_OP_PUSH_ETH] = OVS_ACTION_ATTR_PUSH_ETH,
	[OVSNL_OP_POP_ETH] = OVS_ACTION_ATTR_POP_ETH,
	[OVSNL_OP_PUSH_NSH] = OVS_ACTION_ATTR_PUSH_NSH,
	[OVSNL_OP_POP_NSH] = OVS_ACTION_ATTR_POP_NSH,
	[OVSNL_OP_HASH] = OVS_ACTION_ATTR_HASH,
	[OVSNL_OP_METER] = OVS_ACTION_ATTR_METER,
	[OVSNL_OP_CT] = OVS_ACTION_ATTR_CT,
	[OVSNL_OP_CT_CLEAR] = OVS_ACTION_ATTR_CT_CLEAR,
	[OVSNL_OP_DROP] = OVSNL_ACTION_ATTR_DROP,
	[OVSNL_OP_PSAMPLE] = OVSNL_ACTION_ATTR_PSAMPLE,
	[OVSNL_OP_SAMPLE] = OVS_ACTION_ATTR_SAMPLE,
	[OVSNL_OP_CLONE] = OVS_ACTION_ATTR_CLONE,
	[OVSNL_OP_DEC_TTL] = OVS_ACTION_ATTR_DEC_TTL,
	[OVSNL_OP_CHECK_PKT_LEN] = OVS_ACTION_ATTR_CHECK_PKT_LEN,
};

static u32 payload_len(const struct ovsnl_op *op)
{
	switch (op->code) {
	case OVSNL_OP_OUTPUT:
	case OVSNL_OP_RECIRC:
	case OVSNL_OP_TRUNC:
	case OVSNL_OP_PUSH_VLAN:
	case OVSNL_OP_METER:
	case OVSNL_OP_DROP:
		return sizeof(u32);
	case OVSNL_OP_POP_MPLS:
		return sizeof(u16);
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

	a.head.nla_type = action_types[op->code] ?: OVS_ACTION_ATTR_SET_MASKED;
	a.head.nla_len = NLA_HDRLEN + len;
	memcpy(a.payload, op + 1, len);
	trace_ovs_do_execute_action(dp, skb, key, &a.head,
				    op->flags & OVSNL_OP_LAST
					    ? a.head.nla_len
					    : NLA_HDRLEN + PAYLOAD_MAX + 1);
}
