/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_KEY_ATTRS_H
#define OVSNL_KEY_ATTRS_H

#include "ovsnl_key.h"

/* Between the files that read keys, and for nobody else: the attributes of one
 * nest as a set, from which each field takes its own.
 */

#define OVSNL_KEY_ATTR_MAX OVS_KEY_ATTR_IPV6_EXTHDRS

static_assert(OVSNL_KEY_ATTR_MAX == 32, "wire number");

/* Bit of an attribute, by the end of its name. */
#define OVSNL_KEY_BIT(type) (1ULL << OVS_KEY_ATTR_##type)

/** enum ovsnl_key_reading - what a nest of attributes is read as. */
enum ovsnl_key_reading {
	OVSNL_READ_KEY,
	OVSNL_READ_MASK,
	OVSNL_READ_EXACT, /* a key's attributes, read as an all-ones mask */
};

/**
 * struct ovsnl_key_attrs - the attributes of one nest.
 * @a: by type. One that a mask lacks is still that of the key, which is read
 *     first, as in the kernel's module: a mask with ENCAP but without VLAN
 *     matches the bits that the key's TCI has.
 * @present: bit i: a[i] is of this nest and not taken yet
 * @reading: what it is read as
 * @err: cause of a refusal, may be NULL
 */
struct ovsnl_key_attrs {
	const struct nlattr *a[OVSNL_KEY_ATTR_MAX + 1];
	__u64 present;
	enum ovsnl_key_reading reading;
	struct ovsnl_err *err;
};

/* Ones for what OVSNL_READ_EXACT reads, in bytes as many as any has. */
extern const __u8 ovsnl_key_ones[40];

/**
 * ovsnl_key_attrs_scan() - add what @nest holds to the set.
 * Each type at most once, of its right length; attributes of a mask that hold
 * no bit count as absent.
 * Return: 0 or -EINVAL.
 */
int ovsnl_key_attrs_scan(struct ovsnl_key_attrs *s, const struct nlattr *nest);

/** ovsnl_key_attrs_refuse() - -EINVAL, for the attribute of @type. */
static inline int ovsnl_key_attrs_refuse(const struct ovsnl_key_attrs *s,
					 const char *msg, int type)
{
	return ovsnl_err_set(s->err, -EINVAL, msg, s->a[type]);
}

/** ovsnl_key_attrs_mask() - is a mask being read? */
static __always_inline bool
ovsnl_key_attrs_mask(const struct ovsnl_key_attrs *s)
{
	return s->reading != OVSNL_READ_KEY;
}

/**
 * ovsnl_key_attrs_take() - take one attribute off the set.
 * Return: its payload under this reading, of the length that its type has, or
 * NULL if it is not there.
 */
static __always_inline const void *
ovsnl_key_attrs_take(struct ovsnl_key_attrs *s, int type)
{
	if (!(s->present & (1ULL << type)))
		return NULL;
	s->present &= ~(1ULL << type);
	return s->reading == OVSNL_READ_EXACT ? ovsnl_key_ones
					      : ovsnl_attr_data(s->a[type]);
}

/** ovsnl_key_attrs_copy() - take it, and its @len bytes if it is there. */
static __always_inline bool ovsnl_key_attrs_copy(struct ovsnl_key_attrs *s,
						 int type, void *to, size_t len)
{
	const void *p = ovsnl_key_attrs_take(s, type);

	if (p)
		memcpy(to, p, len);
	return p;
}

/** ovsnl_key_is_vlan_type() - is it a tag's EtherType? (IEEE 802.1Q) */
static __always_inline bool ovsnl_key_is_vlan_type(__be16 type)
{
	return type == htons(ETH_P_8021Q) || type == htons(ETH_P_8021AD);
}

/** ovsnl_key_is_nd_type() - ICMPv6 type of neighbour solicitation or
 * advertisement? (RFC 4861) @tp_src: as in struct ovsnl_key.
 */
static __always_inline bool ovsnl_key_is_nd_type(__be16 tp_src)
{
	return tp_src == htons(135) || tp_src == htons(136);
}

/* The parts of a key. Each takes what it reads off the set and returns 0 or
 * -EINVAL. @key is the key also while a mask is read into @out.
 */

/** ovsnl_key_set_metadata() - all but headers; the EtherType too, of packets
 * without Ethernet header.
 */
int ovsnl_key_set_metadata(struct ovsnl_key_attrs *s,
			   const struct ovsnl_key *key, struct ovsnl_key *out);
/** ovsnl_key_set_eth_type() - the EtherType, which must be on the set. */
int ovsnl_key_set_eth_type(struct ovsnl_key_attrs *s, struct ovsnl_key *out);
/** ovsnl_key_set_headers() - all headers behind the VLAN tags. */
int ovsnl_key_set_headers(struct ovsnl_key_attrs *s,
			  const struct ovsnl_key *key, struct ovsnl_key *out);
/** ovsnl_key_set_nsh() - the Network Service Header. */
int ovsnl_key_set_nsh(struct ovsnl_key_attrs *s, struct ovsnl_key *out);

/**
 * ovsnl_key_overlap() - what attributes that exclude each other make of a key.
 * @s: where @key came from, read as a key
 * @attrs: bits of the attributes that it held
 * @key: changed as the kernel's module would have it
 */
void ovsnl_key_overlap(const struct ovsnl_key_attrs *s, __u64 attrs,
		       struct ovsnl_key *key);

/**
 * ovsnl_key_check_fit() - do key and mask fit each other and their protocols?
 * @key_attrs, @mask_attrs: bits of what they held behind the VLAN tags
 * Return: 0 or -EINVAL.
 */
int ovsnl_key_check_fit(const struct ovsnl_match *match, __u64 key_attrs,
			__u64 mask_attrs, struct ovsnl_err *err);

#endif
