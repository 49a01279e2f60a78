// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What the compilation of action lists writes: operations and attributes.
 *
 * Overview: two sinks that either write or only count, so that the same walk
 * measures and builds.
 *
 * Life cycle: a struct ovsnl_compile lives for one walk, on the stack.
 * Synchronisation: pure functions.
 * Lock order: none.
 */
#include "ovsnl_compile.h"

int ovsnl_compile_refuse(struct ovsnl_compile *c, const struct nlattr *a,
			 const char *msg)
{
	return ovsnl_err_set(c->err, -EINVAL, msg, a);
}

/* Room for @len bytes, NULL while measuring. */
static void *sink_space(struct ovsnl_sink *s, __u32 len)
{
	void *p = s->buf ? s->buf + s->len : NULL;

	s->len += len;
	return p;
}

void *ovsnl_compile_op(struct ovsnl_compile *c, const struct ovsnl_list *l,
		       int code, __u32 len)
{
	__u32 total = (len + 7) & ~7u;
	struct ovsnl_op *op = sink_space(&c->prog, total);

	if (!op)
		return NULL;
	memset(op, 0, total);
	op->code = code;
	op->flags = l->last ? OVSNL_OP_LAST : 0;
	op->len = total;
	return op;
}

void ovsnl_compile_attr(struct ovsnl_compile *c, int type, const void *data,
			__u32 len)
{
	__u32 total = NLA_ALIGN(NLA_HDRLEN + len);
	struct nlattr *a = sink_space(&c->nla, total);

	if (!a)
		return;
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memset((__u8 *)a + NLA_HDRLEN, 0, total - NLA_HDRLEN);
	if (len)
		memcpy((__u8 *)a + NLA_HDRLEN, data, len);
}

void ovsnl_compile_copy(struct ovsnl_compile *c, const struct nlattr *a)
{
	ovsnl_compile_attr(c, ovsnl_attr_type(a), ovsnl_attr_data(a),
			   ovsnl_attr_len(a));
}

__u32 ovsnl_compile_nest(struct ovsnl_compile *c, int type)
{
	__u32 start = c->nla.len;

	ovsnl_compile_attr(c, type, NULL, 0);
	return start;
}

int ovsnl_compile_nest_end(struct ovsnl_compile *c, __u32 start)
{
	__u32 len = c->nla.len - start;

	if (len > 0xffff)
		return ovsnl_err_set(c->err, -EMSGSIZE,
				     "nested actions are too long", NULL);
	if (c->nla.buf)
		((struct nlattr *)(c->nla.buf + start))->nla_len = len;
	return 0;
}

const struct nlattr *ovsnl_compile_inner(const struct nlattr *a)
{
	const struct nlattr *inner = ovsnl_attr_data(a);
	int len = ovsnl_attr_len(a);

	if (!ovsnl_attr_ok(inner, len) || (int)NLA_ALIGN(inner->nla_len) != len)
		return NULL;
	return inner;
}
