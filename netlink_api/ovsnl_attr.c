// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Netlink attributes.
 *
 * Overview: a parser that judges attributes by a policy table as the kernel's
 * lenient parser does, and a writer over a bounded buffer.
 *
 * Life cycle: none; callers own every buffer.
 * Synchronisation: pure functions.
 * Lock order: none.
 */
#include "ovsnl_attr.h"

static const char policy_failed[] = "Attribute failed policy validation";

/* Smallest payload of each fixed-size kind, in bytes. */
static int kind_min_len(const struct ovsnl_policy *p)
{
	switch (p->kind) {
	case OVSNL_P_MIN_LEN:
		return p->len;
	case OVSNL_P_U16:
		return sizeof(__u16);
	case OVSNL_P_U32:
	case OVSNL_P_S32:
	case OVSNL_P_U32_MAX:
	case OVSNL_P_S32_NONNEG:
		return sizeof(__u32);
	case OVSNL_P_U64:
		return sizeof(__u64);
	default:
		return 0;
	}
}

/* A NUL must stand within max + 1 bytes, and at most max bytes before an
 * optional final NUL.
 */
static int check_string(const struct nlattr *a, int max)
{
	const char *s = ovsnl_attr_data(a);
	int len = ovsnl_attr_len(a);
	int scan = len < max + 1 ? len : max + 1;

	if (!scan || !memchr(s, '\0', scan))
		return -EINVAL;
	if (s[len - 1] == '\0')
		len--;
	return len > max ? -ERANGE : 0;
}

static int check_range(const struct nlattr *a, const struct ovsnl_policy *p)
{
	if (p->kind == OVSNL_P_U32_MAX && ovsnl_attr_u32(a) > p->max)
		return -ERANGE;
	if (p->kind == OVSNL_P_S32_NONNEG && (__s32)ovsnl_attr_u32(a) < 0)
		return -ERANGE;
	return 0;
}

static int refuse(struct ovsnl_err *err, int code, const char *msg,
		  const struct nlattr *a, const struct ovsnl_policy *p)
{
	if (err && !err->msg)
		err->policy = p;
	return ovsnl_err_set(err, code, msg, a);
}

static int check_attr(const struct nlattr *a, const struct ovsnl_policy *p,
		      struct ovsnl_err *err)
{
	int len = ovsnl_attr_len(a);
	int code = 0;

	if (len < kind_min_len(p))
		code = -ERANGE;
	else if (p->kind == OVSNL_P_FLAG && len)
		code = -ERANGE;
	else if (p->kind == OVSNL_P_NESTED && len && len < NLA_HDRLEN)
		code = -ERANGE;
	else if (p->kind == OVSNL_P_NUL_STRING)
		code = check_string(a, p->len);
	if (code)
		return refuse(err, code, policy_failed, a, p);

	code = check_range(a, p);
	if (code)
		return refuse(err, code, "integer out of range", a, p);
	return 0;
}

/* What is not forgiven by ovsnl_attr_parse_whole(). */
static int check_whole(const struct nlattr *a, const struct ovsnl_policy *p,
		       struct ovsnl_err *err)
{
	bool flagged = a->nla_type & NLA_F_NESTED;

	if (p->kind == OVSNL_P_ANY || p->kind == OVSNL_P_MIN_LEN)
		return ovsnl_err_set(err, -EINVAL, "Unsupported attribute", a);
	if (kind_min_len(p) && ovsnl_attr_len(a) != kind_min_len(p))
		return refuse(err, -EINVAL, "invalid attribute length", a, p);
	if (p->kind == OVSNL_P_NESTED && !flagged)
		return refuse(err, -EINVAL, "NLA_F_NESTED is missing", a, p);
	if (p->kind != OVSNL_P_NESTED && flagged)
		return refuse(err, -EINVAL, "NLA_F_NESTED not expected", a, p);
	return 0;
}

static int parse(const struct nlattr **tb, int max, const struct nlattr *head,
		 int len, const struct ovsnl_policy *policy, bool strict,
		 struct ovsnl_err *err)
{
	const struct nlattr *a;
	int rem;

	memset(tb, 0, sizeof(*tb) * (max + 1));
	ovsnl_attr_for_each(a, head, len, rem) {
		int type = ovsnl_attr_type(a);
		int code;

		if (!type || type > max) {
			if (!strict)
				continue;
			return ovsnl_err_set(err, -EINVAL,
					     "unknown attribute type", a);
		}
		code = policy ? check_attr(a, &policy[type], err) : 0;
		if (code)
			return code;
		tb[type] = a;
	}
	if (strict && rem > 0)
		return ovsnl_err_set(err, -EINVAL,
				     "bytes left over behind attributes", NULL);
	return 0;
}

int ovsnl_attr_parse(const struct nlattr **tb, int max,
		     const struct nlattr *head, int len,
		     const struct ovsnl_policy *policy, struct ovsnl_err *err)
{
	return parse(tb, max, head, len, policy, false, err);
}

int ovsnl_attr_parse_strict(const struct nlattr **tb, int max,
			    const struct nlattr *nest,
			    const struct ovsnl_policy *policy,
			    struct ovsnl_err *err)
{
	return parse(tb, max, ovsnl_attr_data(nest), ovsnl_attr_len(nest),
		     policy, true, err);
}

int ovsnl_attr_parse_whole(const struct nlattr **tb, int max,
			   const struct nlattr *head, int len,
			   const struct ovsnl_policy *policy,
			   struct ovsnl_err *err)
{
	const struct nlattr *a;
	int rem, type, code;

	memset(tb, 0, sizeof(*tb) * (max + 1));
	ovsnl_attr_for_each(a, head, len, rem) {
		type = ovsnl_attr_type(a);
		if (!type || type > max)
			return ovsnl_err_set(err, -EINVAL,
					     "Unknown attribute type", a);
		code = check_whole(a, &policy[type], err);
		if (!code)
			code = check_attr(a, &policy[type], err);
		if (code)
			return code;
		tb[type] = a;
	}
	if (rem > 0)
		return ovsnl_err_set(err, -EINVAL,
				     "bytes leftover after parsing attributes",
				     NULL);
	return 0;
}

void *ovsnl_put_space(struct ovsnl_writer *w, int type, size_t len)
{
	size_t total = NLA_ALIGN(NLA_HDRLEN + len);
	struct nlattr *a;

	if (w->overflow || total > w->cap - w->len ||
	    NLA_HDRLEN + len > 0xffff) {
		w->overflow = true;
		return NULL;
	}
	a = (struct nlattr *)(w->buf + w->len);
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	if (total > NLA_HDRLEN + len)
		memset((__u8 *)a + total - NLA_ALIGNTO, 0, NLA_ALIGNTO);
	w->len += total;
	return (__u8 *)a + NLA_HDRLEN;
}

void ovsnl_put(struct ovsnl_writer *w, int type, const void *data, size_t len)
{
	void *to = ovsnl_put_space(w, type, len);

	if (to && len)
		memcpy(to, data, len);
}

void ovsnl_put_u8(struct ovsnl_writer *w, int type, __u8 v)
{
	ovsnl_put(w, type, &v, sizeof(v));
}

void ovsnl_put_u16(struct ovsnl_writer *w, int type, __u16 v)
{
	ovsnl_put(w, type, &v, sizeof(v));
}

void ovsnl_put_u32(struct ovsnl_writer *w, int type, __u32 v)
{
	ovsnl_put(w, type, &v, sizeof(v));
}

void ovsnl_put_string(struct ovsnl_writer *w, int type, const char *s)
{
	ovsnl_put(w, type, s, strlen(s) + 1);
}

void ovsnl_put_aligned(struct ovsnl_writer *w, int type, const void *data,
		       size_t len)
{
	ovsnl_put(w, type, data, len);
}

size_t ovsnl_nest_start(struct ovsnl_writer *w, int type)
{
	size_t start = w->len;

	ovsnl_put_space(w, type, 0);
	return start;
}

void ovsnl_nest_end(struct ovsnl_writer *w, size_t start)
{
	struct nlattr *a = (struct nlattr *)(w->buf + start);

	if (w->overflow)
		return;
	if (w->len - start > 0xffff) {
		w->overflow = true;
		return;
	}
	a->nla_len = w->len - start;
}
