// SPDX-License-Identifier: BSD-3-Clause
/*
 * What attributes may hold, told to clients.
 *
 * Overview
 *
 *	A policy of netlink_api as NL_POLICY_TYPE_ATTR_* of <linux/netlink.h>,
 *	in the order of Linux 6.1: the bounds, then the type. Attributes that
 *	are checked for their length only are not described there.
 *
 * Life cycle, Synchronisation
 *
 *	None: policies are constants.
 */
#include <stdint.h>

#include "genl.h"

/* By enum ovsnl_policy_kind. */
static const struct {
	enum netlink_attribute_type type;
	uint64_t max;
	bool is_signed;
} kinds[] = {
	[OVSNL_P_ANY] = { NL_ATTR_TYPE_INVALID, 0, false },
	[OVSNL_P_MIN_LEN] = { NL_ATTR_TYPE_INVALID, 0, false },
	[OVSNL_P_U16] = { NL_ATTR_TYPE_U16, UINT16_MAX, false },
	[OVSNL_P_U32] = { NL_ATTR_TYPE_U32, UINT32_MAX, false },
	[OVSNL_P_U64] = { NL_ATTR_TYPE_U64, UINT64_MAX, false },
	[OVSNL_P_S32] = { NL_ATTR_TYPE_S32, INT32_MAX, true },
	[OVSNL_P_U32_MAX] = { NL_ATTR_TYPE_U32, 0, false },
	[OVSNL_P_S32_NONNEG] = { NL_ATTR_TYPE_S32, INT32_MAX, true },
	[OVSNL_P_NUL_STRING] = { NL_ATTR_TYPE_NUL_STRING, 0, false },
	[OVSNL_P_FLAG] = { NL_ATTR_TYPE_FLAG, 0, false },
	[OVSNL_P_NESTED] = { NL_ATTR_TYPE_NESTED, 0, false },
};

static void put_range(struct ovsnl_writer *w, const struct ovsnl_policy *policy)
{
	uint64_t max = kinds[policy->kind].max;
	int64_t min = policy->kind == OVSNL_P_S32 ? INT32_MIN : 0;
	bool is_signed = kinds[policy->kind].is_signed;

	if (policy->kind == OVSNL_P_U32_MAX)
		max = policy->max;
	if (!max)
		return;
	ovsnl_put_aligned(w,
			  is_signed ? NL_POLICY_TYPE_ATTR_MIN_VALUE_S
				    : NL_POLICY_TYPE_ATTR_MIN_VALUE_U,
			  &min, sizeof(min));
	ovsnl_put_aligned(w,
			  is_signed ? NL_POLICY_TYPE_ATTR_MAX_VALUE_S
				    : NL_POLICY_TYPE_ATTR_MAX_VALUE_U,
			  &max, sizeof(max));
}

bool twin_genl_policy_put(struct ovsnl_writer *w, int type,
			  const struct ovsnl_policy *policy)
{
	size_t nest;

	if (kinds[policy->kind].type == NL_ATTR_TYPE_INVALID)
		return false;
	nest = ovsnl_nest_start(w, type | NLA_F_NESTED);
	put_range(w, policy);
	if (policy->kind == OVSNL_P_NUL_STRING)
		ovsnl_put_u32(w, NL_POLICY_TYPE_ATTR_MAX_LENGTH, policy->len);
	ovsnl_put_u32(w, NL_POLICY_TYPE_ATTR_TYPE, kinds[policy->kind].type);
	ovsnl_nest_end(w, nest);
	return true;
}
