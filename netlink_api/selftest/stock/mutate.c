// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Damage to lists of attributes: mostly of a kind that leaves them readable. */
#include "mutate.h"

/* A random attribute of the list, NULL for an empty one. */
static struct nlattr *pick(struct rng *r, struct ovsnl_writer *w, size_t start)
{
	const struct nlattr *a, *chosen = NULL;
	int rem, n = 0;

	ovsnl_attr_for_each(a, (const struct nlattr *)(w->buf + start),
			    (int)(w->len - start), rem) {
		if (rng_one_in(r, ++n))
			chosen = a;
	}
	return (struct nlattr *)chosen;
}

/* Takes @a out of the list. */
static void drop(struct ovsnl_writer *w, struct nlattr *a)
{
	__u8 *from = (__u8 *)a + NLA_ALIGN(a->nla_len);
	__u8 *end = w->buf + w->len;

	if (from > end)
		from = end;
	memmove(a, from, end - from);
	w->len -= from - (__u8 *)a;
}

/* Changes the payload's length by some bytes; what follows moves along. */
static void resize(struct rng *r, struct ovsnl_writer *w, struct nlattr *a)
{
	int len = ovsnl_attr_len(a) + (int)rng_below(r, 9) - 4;
	__u8 copy[256];
	int type = a->nla_type;

	if (len < 0 || len > (int)sizeof(copy) ||
	    ovsnl_attr_len(a) > (int)sizeof(copy))
		return;
	memset(copy, 0, sizeof(copy));
	memcpy(copy, ovsnl_attr_data(a), ovsnl_attr_len(a));
	drop(w, a);
	ovsnl_put(w, type, copy, len);
}

static void again(struct ovsnl_writer *w, const struct nlattr *a)
{
	__u8 copy[256];

	if (ovsnl_attr_len(a) > (int)sizeof(copy))
		return;
	memcpy(copy, ovsnl_attr_data(a), ovsnl_attr_len(a));
	ovsnl_put(w, a->nla_type, copy, ovsnl_attr_len(a));
}

static void change_bytes(struct rng *r, struct nlattr *a)
{
	__u8 *p = (__u8 *)a + NLA_HDRLEN;
	int len = ovsnl_attr_len(a);

	if (!len)
		return;
	if (rng_one_in(r, 4))
		memset(p, rng_one_in(r, 2) ? 0 : 0xff, len);
	else
		p[rng_below(r, len)] = rng_next(r) >> 56;
}

/* Does the payload look like attributes? */
static bool is_nest(const struct nlattr *nest)
{
	const struct nlattr *a;
	int rem;

	ovsnl_attr_for_each_nested(a, nest, rem)
		;
	return ovsnl_attr_len(nest) && rem <= 0;
}

/* Damages what is inside of @a, which moves to the end of the list. */
static void mutate_inside(struct rng *r, struct ovsnl_writer *w,
			  struct nlattr *a, int types)
{
	__u32 copy[1024];
	int type = a->nla_type, len = ovsnl_attr_len(a);
	struct ovsnl_writer inner;

	if (len > (int)sizeof(copy) - 512)
		return;
	ovsnl_writer_init(&inner, copy, sizeof(copy));
	memset(copy, 0, sizeof(copy));
	memcpy(copy, ovsnl_attr_data(a), len);
	inner.len = len;
	drop(w, a);
	mutate_attrs(r, &inner, 0, types);
	ovsnl_put(w, type, copy, inner.len);
}

static void mutate_one(struct rng *r, struct ovsnl_writer *w, size_t start,
		       int types)
{
	struct nlattr *a = pick(r, w, start);

	if (!a)
		return;
	if (is_nest(a) && !rng_one_in(r, 4)) {
		mutate_inside(r, w, a, types);
		return;
	}
	switch (rng_below(r, 10)) {
	case 0:
	case 1:
		drop(w, a);
		break;
	case 2:
		again(w, a);
		break;
	case 3:
		resize(r, w, a);
		break;
	case 4:
		a->nla_type = rng_below(r, types);
		break;
	case 5:
		a->nla_type |= rng_one_in(r, 2) ? NLA_F_NESTED
						: NLA_F_NET_BYTEORDER;
		break;
	case 6:
		if (rng_one_in(r, 4))
			w->len -= rng_below(
				r, w->len - start < 4 ? w->len - start : 4);
		break;
	default:
		change_bytes(r, a);
		break;
	}
}

void mutate_attrs(struct rng *r, struct ovsnl_writer *w, size_t start,
		  int types)
{
	int n = 1 + rng_below(r, 2);

	while (n-- && !w->overflow && w->len % 4 == 0)
		mutate_one(r, w, start, types);
}
