/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_ATTR_H
#define OVSNL_ATTR_H

#include "ovsnl_env.h"
#include "ovsnl_err.h"

/* Netlink attributes: a bounded walk, a table-driven check, a bounded writer.
 * Wire format: struct nlattr of <linux/netlink.h>, padded to 4 bytes. Reads
 * tolerate any alignment of the payload. No function here keeps state, takes
 * a lock or allocates; all may run in any context.
 */

/** ovsnl_attr_type() - attribute type without the nested/byte-order flags. */
static __always_inline int ovsnl_attr_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

/** ovsnl_attr_len() - payload length in bytes (0 to 65531). */
static __always_inline int ovsnl_attr_len(const struct nlattr *a)
{
	return (int)a->nla_len - NLA_HDRLEN;
}

/** ovsnl_attr_data() - first byte of the payload. */
static __always_inline const void *ovsnl_attr_data(const struct nlattr *a)
{
	return (const __u8 *)a + NLA_HDRLEN;
}

/** ovsnl_attr_ok() - does a whole attribute stand in the next @rem bytes? */
static __always_inline bool ovsnl_attr_ok(const struct nlattr *a, int rem)
{
	return rem >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN &&
	       a->nla_len <= rem;
}

/** ovsnl_attr_next() - step over @a; *@rem may end below zero on the last. */
static __always_inline const struct nlattr *
ovsnl_attr_next(const struct nlattr *a, int *rem)
{
	int total = NLA_ALIGN(a->nla_len);

	*rem -= total;
	return (const struct nlattr *)((const __u8 *)a + total);
}

/* Walk the attributes in [head, head + len). After the loop, rem > 0 means
 * that bytes were left over that are no attribute.
 */
#define ovsnl_attr_for_each(pos, head, len, rem)                     \
	for ((pos) = (head), (rem) = (len); ovsnl_attr_ok(pos, rem); \
	     (pos) = ovsnl_attr_next(pos, &(rem)))

/* As above, inside the payload of the attribute @outer. */
#define ovsnl_attr_for_each_nested(pos, outer, rem)      \
	ovsnl_attr_for_each(pos, ovsnl_attr_data(outer), \
			    ovsnl_attr_len(outer), rem)

/* Payload readers; the caller has checked the length. */
static __always_inline __u16 ovsnl_attr_u16(const struct nlattr *a)
{
	__u16 v;

	memcpy(&v, ovsnl_attr_data(a), sizeof(v));
	return v;
}

static __always_inline __be16 ovsnl_attr_be16(const struct nlattr *a)
{
	__be16 v;

	memcpy(&v, ovsnl_attr_data(a), sizeof(v));
	return v;
}

static __always_inline __u32 ovsnl_attr_u32(const struct nlattr *a)
{
	__u32 v;

	memcpy(&v, ovsnl_attr_data(a), sizeof(v));
	return v;
}

static __always_inline __u64 ovsnl_attr_u64(const struct nlattr *a)
{
	__u64 v;

	memcpy(&v, ovsnl_attr_data(a), sizeof(v));
	return v;
}

/** enum ovsnl_policy_kind - the checks that the kernel's nla_policy knows. */
enum ovsnl_policy_kind {
	OVSNL_P_ANY, /* no check (NLA_UNSPEC without length) */
	OVSNL_P_MIN_LEN, /* at least .len bytes */
	OVSNL_P_U16,
	OVSNL_P_U32,
	OVSNL_P_U64,
	OVSNL_P_S32,
	OVSNL_P_U32_MAX, /* u32 of at most .max */
	OVSNL_P_S32_NONNEG, /* s32 of at least 0 */
	OVSNL_P_NUL_STRING, /* NUL terminated, at most .len characters */
	OVSNL_P_FLAG,
	OVSNL_P_NESTED,
};

/**
 * struct ovsnl_policy - what one attribute may hold.
 * @kind: the check, an enum ovsnl_policy_kind
 * @len: length in bytes, for the kinds that use it
 * @max: largest value, for OVSNL_P_U32_MAX
 */
struct ovsnl_policy {
	__u8 kind;
	__u16 len;
	__u32 max;
};

/**
 * ovsnl_attr_parse() - check attributes and sort them into a table by type.
 * @tb: table of @max + 1 pointers, cleared first. The last of several
 *      attributes of one type wins; types above @max are ignored.
 * @max: highest attribute type known
 * @head: first attribute
 * @len: bytes of attributes
 * @policy: @max + 1 entries; NULL checks nothing
 * @err: cause of a refusal, may be NULL
 *
 * Lenient as the kernel's deprecated (non-strict) parser, which Open
 * vSwitch's families use: integers may be longer than their type, trailing
 * bytes are ignored, the nested flag is not required.
 *
 * Return: 0, -ERANGE (too short, value out of the policy's range, string too
 * long, flag with a payload) or -EINVAL (string without a NUL).
 */
int ovsnl_attr_parse(const struct nlattr **tb, int max,
		     const struct nlattr *head, int len,
		     const struct ovsnl_policy *policy, struct ovsnl_err *err);

/**
 * ovsnl_attr_parse_strict() - as above for the attributes inside @nest, but
 * types that are not known and bytes left over are refused with -EINVAL.
 */
int ovsnl_attr_parse_strict(const struct nlattr **tb, int max,
			    const struct nlattr *nest,
			    const struct ovsnl_policy *policy,
			    struct ovsnl_err *err);

/**
 * ovsnl_attr_parse_whole() - as ovsnl_attr_parse(), with nothing forgiven.
 *
 * As the kernel checks commands that came after Linux 5.2: types that are not
 * known or have no check, integers of another length than their type's, a
 * nested flag where there is no nest or the reverse, and bytes left over are
 * refused with -EINVAL. Messages are the kernel's.
 */
int ovsnl_attr_parse_whole(const struct nlattr **tb, int max,
			   const struct nlattr *head, int len,
			   const struct ovsnl_policy *policy,
			   struct ovsnl_err *err);

/**
 * struct ovsnl_writer - append attributes to a bounded buffer.
 * @buf: start of the buffer, 4-byte aligned, owned by the caller
 * @len: bytes written so far, always a multiple of 4 between attributes
 * @cap: size of @buf in bytes
 * @overflow: something did not fit; sticky until ovsnl_writer_reset(). The
 *            bytes up to @len before the failed call are intact.
 */
struct ovsnl_writer {
	__u8 *buf;
	size_t len;
	size_t cap;
	bool overflow;
};

/** ovsnl_writer_init() - start an empty writer over @cap bytes at @buf. */
static inline void ovsnl_writer_init(struct ovsnl_writer *w, void *buf,
				     size_t cap)
{
	w->buf = buf;
	w->len = 0;
	w->cap = cap;
	w->overflow = false;
}

/** ovsnl_writer_reset() - cut back to @len bytes and clear the overflow. */
static inline void ovsnl_writer_reset(struct ovsnl_writer *w, size_t len)
{
	w->len = len;
	w->overflow = false;
}

/**
 * ovsnl_put_space() - append room for an attribute with @len payload bytes.
 * Padding is zeroed, the payload is not.
 * Return: the payload, or NULL when it does not fit (overflow is then set).
 */
void *ovsnl_put_space(struct ovsnl_writer *w, int type, size_t len);

/** ovsnl_put() - append an attribute with a copy of @len bytes at @data. */
void ovsnl_put(struct ovsnl_writer *w, int type, const void *data, size_t len);

/** ovsnl_put_u8() and its like append one integer attribute. */
void ovsnl_put_u8(struct ovsnl_writer *w, int type, __u8 v);
void ovsnl_put_u16(struct ovsnl_writer *w, int type, __u16 v);
void ovsnl_put_u32(struct ovsnl_writer *w, int type, __u32 v);

/** ovsnl_put_string() - append @s with its NUL. */
void ovsnl_put_string(struct ovsnl_writer *w, int type, const char *s);

/**
 * ovsnl_put_aligned() - as ovsnl_put(), for 64-bit payloads. The kernel pads
 * these on machines that can't load unaligned words; on those that can (all
 * that this project supports) it writes them plainly.
 */
void ovsnl_put_aligned(struct ovsnl_writer *w, int type, const void *data,
		       size_t len);

/**
 * ovsnl_nest_start() - open a nested attribute, without NLA_F_NESTED as the
 * kernel's module does (clients compare the bare type).
 * Return: the offset to hand to ovsnl_nest_end().
 */
size_t ovsnl_nest_start(struct ovsnl_writer *w, int type);

/** ovsnl_nest_end() - close it; more than 65535 bytes set the overflow. */
void ovsnl_nest_end(struct ovsnl_writer *w, size_t start);

#endif
