// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * From OVS_KEY_ATTR_* attributes to flow keys and masks.
 *
 * Overview: a nest of attributes is first scanned into a set
 * (ovsnl_key_attrs.c), VLAN tags are peeled off it level by level, and the
 * rest is copied field by field (ovsnl_key_metadata.c, ovsnl_key_headers.c,
 * ovsnl_key_nsh.c). A mask goes the same way with three differences:
 * attributes of only zero bits count as absent, some fields are always exact,
 * and where no mask was given every attribute of the key counts as all ones.
 * In the end key and mask must fit each other (ovsnl_key_fit.c).
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * structs.
 */
#include "ovsnl_key_attrs.h"

/* What a mask lacks is looked up in the key that was read before it, as the
 * kernel's module does: a mask with ENCAP but without VLAN matches the bits
 * that the key's TCI has.
 */
static __be16 peek_be16(const struct ovsnl_key_attrs *s, int type)
{
	if (!s->a[type])
		return 0;
	return s->reading == OVSNL_READ_EXACT ? htons(0xffff)
					      : ovsnl_attr_be16(s->a[type]);
}

/* Does the set describe a tagged frame? 1 yes, 0 no, negative errno. */
static int check_vlan_key(const struct ovsnl_key_attrs *s)
{
	const __u64 head = OVSNL_KEY_BIT(ETHERNET) | OVSNL_KEY_BIT(ETHERTYPE);
	const __u64 tag = OVSNL_KEY_BIT(VLAN) | OVSNL_KEY_BIT(ENCAP);
	__be16 tci;

	if ((s->present & head) != head ||
	    !ovsnl_key_is_vlan_type(peek_be16(s, OVS_KEY_ATTR_ETHERTYPE)))
		return 0;
	if ((s->present & tag) != tag)
		return ovsnl_key_attrs_refuse(
			s, "VLAN frame without VLAN or ENCAP attribute",
			OVS_KEY_ATTR_ETHERTYPE);
	tci = peek_be16(s, OVS_KEY_ATTR_VLAN);
	if (tci & htons(OVSNL_VLAN_PRESENT))
		return 1;
	if (tci)
		return ovsnl_key_attrs_refuse(
			s, "VLAN TCI does not have the CFI bit set",
			OVS_KEY_ATTR_VLAN);
	if (ovsnl_attr_len(s->a[OVS_KEY_ATTR_ENCAP]))
		return ovsnl_key_attrs_refuse(
			s, "truncated VLAN header with encapsulated key",
			OVS_KEY_ATTR_ENCAP);
	return 1;
}

static int check_vlan_mask(const struct ovsnl_key_attrs *s, __be16 key_tci)
{
	if (!(s->present & OVSNL_KEY_BIT(ENCAP)))
		return 0;
	if (!(key_tci & htons(OVSNL_VLAN_PRESENT)))
		return ovsnl_key_attrs_refuse(
			s, "ENCAP mask for a frame that has no such tag",
			OVS_KEY_ATTR_ENCAP);
	if (peek_be16(s, OVS_KEY_ATTR_ETHERTYPE) != htons(0xffff))
		return ovsnl_key_attrs_refuse(
			s, "VLAN TPID must be matched exactly",
			OVS_KEY_ATTR_ETHERTYPE);
	if (!(peek_be16(s, OVS_KEY_ATTR_VLAN) & htons(OVSNL_VLAN_PRESENT)))
		return ovsnl_key_attrs_refuse(
			s, "VLAN mask must match the CFI bit",
			OVS_KEY_ATTR_VLAN);
	return 1;
}

/* Takes one tag off the set and scans what is inside. 1 a tag was there. */
static int peel_vlan(struct ovsnl_key_attrs *s, __be16 key_tci, __be16 *tci,
		     __be16 *tpid)
{
	const struct nlattr *encap;
	int found, err;

	found = ovsnl_key_attrs_mask(s) ? check_vlan_mask(s, key_tci)
					: check_vlan_key(s);
	if (found <= 0)
		return found;
	*tci = peek_be16(s, OVS_KEY_ATTR_VLAN);
	*tpid = peek_be16(s, OVS_KEY_ATTR_ETHERTYPE);
	s->present &= ~(OVSNL_KEY_BIT(ENCAP) | OVSNL_KEY_BIT(VLAN) |
			OVSNL_KEY_BIT(ETHERTYPE));
	encap = s->a[OVS_KEY_ATTR_ENCAP];
	err = ovsnl_key_attrs_scan(s, encap);
	return err ? err : 1;
}

static int set_vlans(struct ovsnl_key_attrs *s, const struct ovsnl_key *key,
		     struct ovsnl_key *out)
{
	int err;

	err = peel_vlan(s, key->vlan_tci, &out->vlan_tci, &out->vlan_tpid);
	if (err < 0)
		return err;
	if (!(key->vlan_tci & htons(OVSNL_VLAN_PRESENT)))
		return 0;
	err = peel_vlan(s, key->cvlan_tci, &out->cvlan_tci, &out->cvlan_tpid);
	return err < 0 ? err : 0;
}

/* Reads one nest into @out. *@attrs: what it held behind the VLAN tags. */
static int read_nest(struct ovsnl_key_attrs *s, const struct nlattr *nest,
		     const struct ovsnl_key *key, struct ovsnl_key *out,
		     __u64 *attrs)
{
	int err;

	s->present = 0;
	err = ovsnl_key_attrs_scan(s, nest);
	if (!err)
		err = set_vlans(s, key, out);
	if (err)
		return err;
	*attrs = s->present;
	err = ovsnl_key_set_metadata(s, key, out);
	if (!err)
		err = ovsnl_key_set_headers(s, key, out);
	if (!err && s->reading == OVSNL_READ_KEY)
		ovsnl_key_overlap(s, *attrs, out);
	return err;
}

int ovsnl_key_match_parse(struct ovsnl_match *match, const struct nlattr *key,
			  const struct nlattr *mask, bool want_mask,
			  struct ovsnl_err *err)
{
	__u64 key_attrs = 0, mask_attrs = 0;
	struct ovsnl_key_attrs s OVSNL_UNINITIALIZED;
	int code;

	memset(match, 0, sizeof(*match));
	memset(s.a, 0, sizeof(s.a));
	s.err = err;
	s.reading = OVSNL_READ_KEY;
	code = read_nest(&s, key, &match->key, &match->key, &key_attrs);
	if (code)
		return code;
	if (want_mask) {
		s.reading = mask ? OVSNL_READ_MASK : OVSNL_READ_EXACT;
		/* Tags are always matched. Without a first one there is no
		 * second: its line is left to those who need it.
		 */
		match->mask.vlan_tci = htons(0xffff);
		if (match->key.vlan_tci)
			match->mask.cvlan_tci = htons(0xffff);
		code = read_nest(&s, mask ? mask : key, &match->key,
				 &match->mask, &mask_attrs);
		if (code)
			return code;
	}
	return ovsnl_key_check_fit(match, key_attrs, mask_attrs, err);
}

int ovsnl_key_metadata_parse(struct ovsnl_key *key, const struct nlattr *attr,
			     struct ovsnl_err *err)
{
	struct ovsnl_key_attrs s;
	int code;

	memset(key, 0, OVSNL_KEY_OPTS_LINE * OVSNL_KEY_LINE);
	memset(s.a, 0, sizeof(s.a));
	s.present = 0;
	s.reading = OVSNL_READ_KEY;
	s.err = err;
	code = ovsnl_key_attrs_scan(&s, attr);
	return code ? code : ovsnl_key_set_metadata(&s, key, key);
}
