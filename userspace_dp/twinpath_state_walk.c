// SPDX-License-Identifier: BSD-3-Clause
/*
 * Walking lists of actions.
 *
 * Overview
 *
 *	Looks for what refers to something outside of the list: clients' port
 *	ids, and meters. Lists come from a datapath or from a file: nothing is
 *	taken for granted.
 */
#include "ovsnl_action.h"
#include "ovsnl_attr.h"
#include "ovsnl_uapi_new.h"
#include "twinpath_state.h"

/** struct walk - a walk.
 * @depth: how many lists around the one at hand
 */
struct walk {
	twinpath_walk_fn *found;
	void *arg;
	int depth;
};

static void walk_list(struct walk *walk, const void *list, int len);

bool twinpath_walk_ok(const struct ovsnl_client_bytes *bytes)
{
	const struct nlattr *a;
	int rem;

	ovsnl_attr_for_each(a, bytes->data, (int)bytes->len, rem)
		continue;
	return rem <= 0;
}

/* Walk the lists in those of the attributes within @outer whose type is @first
 * to @last.
 */
static void walk_nested(struct walk *walk, const struct nlattr *outer,
			int first, int last)
{
	const struct nlattr *a;
	int rem, type;

	ovsnl_attr_for_each_nested(a, outer, rem) {
		type = a->nla_type & NLA_TYPE_MASK;
		if (type >= first && type <= last)
			walk_list(walk, ovsnl_attr_data(a), ovsnl_attr_len(a));
	}
}

static void walk_userspace(struct walk *walk, const struct nlattr *outer)
{
	const struct nlattr *a;
	int rem;

	ovsnl_attr_for_each_nested(a, outer, rem) {
		if ((a->nla_type & NLA_TYPE_MASK) == OVS_USERSPACE_ATTR_PID &&
		    ovsnl_attr_len(a) >= (int)sizeof(__u32))
			walk->found(OVS_ACTION_ATTR_USERSPACE,
				    ovsnl_attr_u32(a), walk->arg);
	}
}

static void walk_action(struct walk *walk, const struct nlattr *a)
{
	switch (a->nla_type & NLA_TYPE_MASK) {
	case OVS_ACTION_ATTR_USERSPACE:
		walk_userspace(walk, a);
		break;
	case OVS_ACTION_ATTR_METER:
		if (ovsnl_attr_len(a) >= (int)sizeof(__u32))
			walk->found(OVS_ACTION_ATTR_METER, ovsnl_attr_u32(a),
				    walk->arg);
		break;
	case OVS_ACTION_ATTR_SAMPLE:
		walk_nested(walk, a, OVS_SAMPLE_ATTR_ACTIONS,
			    OVS_SAMPLE_ATTR_ACTIONS);
		break;
	case OVS_ACTION_ATTR_CLONE:
		walk_list(walk, ovsnl_attr_data(a), ovsnl_attr_len(a));
		break;
	case OVS_ACTION_ATTR_CHECK_PKT_LEN:
		walk_nested(walk, a, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER,
			    OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL);
		break;
	case OVS_ACTION_ATTR_DEC_TTL:
		walk_nested(walk, a, OVS_DEC_TTL_ATTR_ACTION,
			    OVS_DEC_TTL_ATTR_ACTION);
		break;
	}
}

static void walk_list(struct walk *walk, const void *list, int len)
{
	const struct nlattr *a;
	int rem;

	if (walk->depth > OVSNL_ACTION_MAX_DEPTH)
		return;
	walk->depth++;
	ovsnl_attr_for_each(a, list, len, rem)
		walk_action(walk, a);
	walk->depth--;
}

size_t twinpath_walk_copy_mask(const struct ovsnl_client_bytes *mask, void *to)
{
	const struct nlattr *a;
	size_t len = 0;
	int rem;

	ovsnl_attr_for_each(a, mask->data, (int)mask->len, rem) {
		if ((a->nla_type & NLA_TYPE_MASK) == OVS_KEY_ATTR_IN_PORT &&
		    ovsnl_attr_len(a) == (int)sizeof(__u32) &&
		    !(ovsnl_attr_u32(a) & 0xffff))
			continue;
		memcpy((char *)to + len, a, a->nla_len);
		len += NLA_ALIGN(a->nla_len);
	}
	return len;
}

void twinpath_walk_actions(const struct ovsnl_client_bytes *actions,
			   twinpath_walk_fn *found, void *arg)
{
	struct walk walk = { .found = found, .arg = arg };

	walk_list(&walk, actions->data, actions->len);
}
