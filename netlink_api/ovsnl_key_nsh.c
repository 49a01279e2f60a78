// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * OVS_KEY_ATTR_NSH: the Network Service Header (RFC 8300) in keys and masks.
 *
 * Overview: a nest of its base header and of the context of metadata type 1.
 * Metadata of type 2 are of variable length and can't be matched.
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * structs.
 */
#include "ovsnl_key_attrs.h"

/* Both attributes lie in the key as they do in messages. */
static_assert(offsetof(struct ovsnl_key, nsh_context) -
			      offsetof(struct ovsnl_key, nsh_flags) ==
		      sizeof(struct ovs_nsh_key_base),
	      "base header in one piece");
static_assert(sizeof(((struct ovsnl_key *)0)->nsh_context) ==
		      sizeof(struct ovs_nsh_key_md1),
	      "context in one piece");

static int refuse(const struct ovsnl_key_attrs *s, const char *msg,
		  const struct nlattr *a)
{
	return ovsnl_err_set(s->err, -EINVAL, msg, a);
}

static int set_attr(const struct ovsnl_key_attrs *s, const struct nlattr *a,
		    struct ovsnl_key *out)
{
	const void *p = s->reading == OVSNL_READ_EXACT ? ovsnl_key_ones
						       : ovsnl_attr_data(a);
	size_t len;
	void *to;

	switch (ovsnl_attr_type(a)) {
	case OVS_NSH_KEY_ATTR_BASE:
		to = (__u8 *)out + offsetof(struct ovsnl_key, nsh_flags);
		len = sizeof(struct ovs_nsh_key_base);
		break;
	case OVS_NSH_KEY_ATTR_MD1:
		to = out->nsh_context;
		len = sizeof(out->nsh_context);
		break;
	case OVS_NSH_KEY_ATTR_MD2:
		return refuse(s, "NSH metadata of type 2 can't be matched", a);
	default:
		return refuse(s, "unknown NSH attribute", a);
	}
	if ((size_t)ovsnl_attr_len(a) != len)
		return refuse(s, "NSH attribute has a wrong length", a);
	memcpy(to, p, len);
	return 0;
}

int ovsnl_key_set_nsh(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	const struct nlattr *a, *nest = s->a[OVS_KEY_ATTR_NSH];
	bool has_context = false;
	int rem, err;

	if (!ovsnl_key_attrs_take(s, OVS_KEY_ATTR_NSH))
		return 0;
	ovsnl_attr_for_each_nested(a, nest, rem) {
		err = set_attr(s, a, out);
		if (err)
			return err;
		has_context |= ovsnl_attr_type(a) == OVS_NSH_KEY_ATTR_MD1;
	}
	if (rem > 0)
		return refuse(s, "NSH has bytes that are no attribute", nest);
	if (has_context && !ovsnl_key_attrs_mask(s) &&
	    out->nsh_mdtype != OVSNL_NSH_MD_TYPE_1)
		return refuse(s, "NSH context for another metadata type", nest);
	return 0;
}
