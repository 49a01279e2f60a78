// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The generic-netlink families: one table that both datapaths register from.
 *
 * Overview: names, versions, attribute policies, permissions, commands and
 * multicast groups, as <linux/openvswitch.h> of Linux 6.1 numbers them.
 *
 * Life cycle, Synchronisation, Lock order: constant data.
 */
#include "ovsnl_family.h"
#include "ovsnl_cmd.h"
#include "ovsnl_uapi_new.h"

/* Longest device name without its NUL (IFNAMSIZ - 1). */
#define NAME_LEN 15

/* Mask caches have at most this many entries on each CPU. */
#define MASKS_CACHE_MAX 4096

static_assert(OVS_DP_ATTR_IFINDEX == 9, "wire number");
static_assert(OVS_VPORT_ATTR_NETNSID == 9, "wire number");
static_assert(OVS_FLOW_ATTR_PAD == 11, "wire number");
static_assert(OVS_PACKET_ATTR_HASH == 11, "wire number");
static_assert(OVS_METER_ATTR_PAD == 9, "wire number");
static_assert(OVS_CT_LIMIT_ATTR_ZONE_LIMIT == 1, "wire number");

static const struct ovsnl_policy datapath_policy[OVS_DP_ATTR_IFINDEX + 1] = {
	[OVS_DP_ATTR_NAME] = { .kind = OVSNL_P_NUL_STRING, .len = NAME_LEN },
	[OVS_DP_ATTR_UPCALL_PID] = { .kind = OVSNL_P_U32 },
	[OVS_DP_ATTR_USER_FEATURES] = { .kind = OVSNL_P_U32 },
	[OVS_DP_ATTR_MASKS_CACHE_SIZE] = { .kind = OVSNL_P_U32_MAX,
					   .max = MASKS_CACHE_MAX },
	[OVS_DP_ATTR_IFINDEX] = { .kind = OVSNL_P_S32_NONNEG },
};

static const struct ovsnl_policy vport_policy[OVS_VPORT_ATTR_NETNSID + 1] = {
	[OVS_VPORT_ATTR_PORT_NO] = { .kind = OVSNL_P_U32 },
	[OVS_VPORT_ATTR_TYPE] = { .kind = OVSNL_P_U32 },
	[OVS_VPORT_ATTR_NAME] = { .kind = OVSNL_P_NUL_STRING, .len = NAME_LEN },
	[OVS_VPORT_ATTR_OPTIONS] = { .kind = OVSNL_P_NESTED },
	[OVS_VPORT_ATTR_UPCALL_PID] = { .kind = OVSNL_P_ANY },
	[OVS_VPORT_ATTR_STATS] = { .kind = OVSNL_P_MIN_LEN,
				   .len = sizeof(struct ovs_vport_stats) },
	[OVS_VPORT_ATTR_IFINDEX] = { .kind = OVSNL_P_S32_NONNEG },
	[OVS_VPORT_ATTR_NETNSID] = { .kind = OVSNL_P_S32 },
};

static const struct ovsnl_policy flow_policy[OVS_FLOW_ATTR_PAD + 1] = {
	[OVS_FLOW_ATTR_KEY] = { .kind = OVSNL_P_NESTED },
	[OVS_FLOW_ATTR_ACTIONS] = { .kind = OVSNL_P_NESTED },
	[OVS_FLOW_ATTR_CLEAR] = { .kind = OVSNL_P_FLAG },
	[OVS_FLOW_ATTR_MASK] = { .kind = OVSNL_P_NESTED },
	[OVS_FLOW_ATTR_PROBE] = { .kind = OVSNL_P_FLAG },
	[OVS_FLOW_ATTR_UFID] = { .kind = OVSNL_P_MIN_LEN, .len = 1 },
	[OVS_FLOW_ATTR_UFID_FLAGS] = { .kind = OVSNL_P_U32 },
};

static const struct ovsnl_policy packet_policy[OVSNL_PACKET_ATTR_UPCALL_PID +
					       1] = {
	[OVS_PACKET_ATTR_PACKET] = { .kind = OVSNL_P_MIN_LEN, .len = ETH_HLEN },
	[OVS_PACKET_ATTR_KEY] = { .kind = OVSNL_P_NESTED },
	[OVS_PACKET_ATTR_ACTIONS] = { .kind = OVSNL_P_NESTED },
	[OVS_PACKET_ATTR_PROBE] = { .kind = OVSNL_P_FLAG },
	[OVS_PACKET_ATTR_MRU] = { .kind = OVSNL_P_U16 },
	[OVS_PACKET_ATTR_HASH] = { .kind = OVSNL_P_U64 },
	[OVSNL_PACKET_ATTR_UPCALL_PID] = { .kind = OVSNL_P_U32 },
};

static const struct ovsnl_policy meter_policy[OVS_METER_ATTR_PAD + 1] = {
	[OVS_METER_ATTR_ID] = { .kind = OVSNL_P_U32 },
	[OVS_METER_ATTR_KBPS] = { .kind = OVSNL_P_FLAG },
	[OVS_METER_ATTR_STATS] = { .kind = OVSNL_P_MIN_LEN,
				   .len = sizeof(struct ovs_flow_stats) },
	[OVS_METER_ATTR_BANDS] = { .kind = OVSNL_P_NESTED },
	[OVS_METER_ATTR_USED] = { .kind = OVSNL_P_U64 },
	[OVS_METER_ATTR_CLEAR] = { .kind = OVSNL_P_FLAG },
	[OVS_METER_ATTR_MAX_METERS] = { .kind = OVSNL_P_U32 },
	[OVS_METER_ATTR_MAX_BANDS] = { .kind = OVSNL_P_U32 },
};

static const struct ovsnl_policy
	ct_limit_policy[OVS_CT_LIMIT_ATTR_ZONE_LIMIT + 1] = {
		[OVS_CT_LIMIT_ATTR_ZONE_LIMIT] = { .kind = OVSNL_P_NESTED },
	};

const struct ovsnl_family ovsnl_families[OVSNL_FAMILY_COUNT] = {
	[OVSNL_FAMILY_DATAPATH] = {
		.name = OVS_DATAPATH_FAMILY,
		.version = OVS_DATAPATH_VERSION,
		.maxattr = OVS_DP_ATTR_IFINDEX,
		.mcgroup = OVS_DATAPATH_MCGROUP,
		.policy = datapath_policy,
		.commands = {
			{ OVS_DP_CMD_NEW, true, ovsnl_cmd_datapath_new, NULL },
			{ OVS_DP_CMD_DEL, true, ovsnl_cmd_datapath_del, NULL },
			{ OVS_DP_CMD_GET, false, ovsnl_cmd_datapath_get,
			  ovsnl_cmd_datapath_dump },
			{ OVS_DP_CMD_SET, true, ovsnl_cmd_datapath_set, NULL },
		},
	},
	[OVSNL_FAMILY_VPORT] = {
		.name = OVS_VPORT_FAMILY,
		.version = OVS_VPORT_VERSION,
		.maxattr = OVS_VPORT_ATTR_NETNSID,
		.mcgroup = OVS_VPORT_MCGROUP,
		.policy = vport_policy,
		.commands = {
			{ OVS_VPORT_CMD_NEW, true, ovsnl_cmd_vport_new, NULL },
			{ OVS_VPORT_CMD_DEL, true, ovsnl_cmd_vport_del, NULL },
			{ OVS_VPORT_CMD_GET, false, ovsnl_cmd_vport_get,
			  ovsnl_cmd_vport_dump },
			{ OVS_VPORT_CMD_SET, true, ovsnl_cmd_vport_set, NULL },
		},
	},
	[OVSNL_FAMILY_FLOW] = {
		.name = OVS_FLOW_FAMILY,
		.version = OVS_FLOW_VERSION,
		.maxattr = OVS_FLOW_ATTR_PAD,
		.mcgroup = OVS_FLOW_MCGROUP,
		.policy = flow_policy,
		.commands = {
			{ OVS_FLOW_CMD_NEW, true, ovsnl_cmd_flow_new, NULL },
			{ OVS_FLOW_CMD_DEL, true, ovsnl_cmd_flow_del, NULL },
			{ OVS_FLOW_CMD_GET, false, ovsnl_cmd_flow_get,
			  ovsnl_cmd_flow_dump },
			{ OVS_FLOW_CMD_SET, true, ovsnl_cmd_flow_set, NULL },
		},
	},
	[OVSNL_FAMILY_PACKET] = {
		.name = OVS_PACKET_FAMILY,
		.version = OVS_PACKET_VERSION,
		.maxattr = OVSNL_PACKET_ATTR_UPCALL_PID,
		.policy = packet_policy,
		.commands = {
			{ OVS_PACKET_CMD_EXECUTE, true,
			  ovsnl_cmd_packet_execute, NULL },
		},
	},
	[OVSNL_FAMILY_METER] = {
		.name = OVS_METER_FAMILY,
		.version = OVS_METER_VERSION,
		.maxattr = OVS_METER_ATTR_PAD,
		.mcgroup = OVS_METER_MCGROUP,
		.policy = meter_policy,
		.commands = {
			{ OVS_METER_CMD_FEATURES, false,
			  ovsnl_cmd_meter_features, NULL },
			{ OVS_METER_CMD_SET, true, ovsnl_cmd_meter_set, NULL },
			{ OVS_METER_CMD_GET, false, ovsnl_cmd_meter_get, NULL },
			{ OVS_METER_CMD_DEL, true, ovsnl_cmd_meter_del, NULL },
		},
	},
	[OVSNL_FAMILY_CT_LIMIT] = {
		.name = OVS_CT_LIMIT_FAMILY,
		.version = OVS_CT_LIMIT_VERSION,
		.maxattr = OVS_CT_LIMIT_ATTR_ZONE_LIMIT,
		.mcgroup = OVS_CT_LIMIT_MCGROUP,
		.policy = ct_limit_policy,
		.commands = {
			{ OVS_CT_LIMIT_CMD_SET, true, ovsnl_cmd_ct_limit_set,
			  NULL },
			{ OVS_CT_LIMIT_CMD_DEL, true, ovsnl_cmd_ct_limit_del,
			  NULL },
			{ OVS_CT_LIMIT_CMD_GET, false, ovsnl_cmd_ct_limit_get,
			  NULL },
		},
	},
};

const struct ovsnl_command *
ovsnl_family_command(const struct ovsnl_family *family, __u8 cmd)
{
	const struct ovsnl_command *c;

	for (c = family->commands; c->cmd; c++)
		if (c->cmd == cmd)
			return c;
	return NULL;
}
