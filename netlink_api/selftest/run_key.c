// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Runs the vectors of keys and masks, there and back. */
#include "selftest.h"

static __u32 key_buf[(OVSNL_VECTOR_MAX + NLA_HDRLEN) / 4];
static __u32 mask_buf[(OVSNL_VECTOR_MAX + NLA_HDRLEN) / 4];
static __u32 put_buf[(OVSNL_VECTOR_MAX + NLA_HDRLEN) / 4];

/* Does the nest in @got hold exactly the attributes @hex? */
static bool same_attrs(const struct nlattr *got, const char *hex)
{
	static __u8 want[OVSNL_VECTOR_MAX];
	int len = ovsnl_selftest_unhex(hex, want);

	return len == ovsnl_attr_len(got) &&
	       !memcmp(ovsnl_attr_data(got), want, len);
}

/* Written once more in @put_buf. */
static const struct nlattr *put(const struct ovsnl_key *shape,
				const struct ovsnl_key *value, bool is_mask)
{
	struct ovsnl_writer w;

	memset(put_buf, 0xa5, sizeof(put_buf));
	ovsnl_writer_init(&w, put_buf, sizeof(put_buf));
	ovsnl_key_put(&w, OVS_FLOW_ATTR_KEY, shape, value, is_mask);
	return w.overflow || w.len > OVSNL_KEY_ATTR_SIZE
		       ? NULL
		       : (const struct nlattr *)put_buf;
}

/* As in the kernel's module: a mask whose tag holds nothing can't be read back
 * (an empty ENCAP counts as none).
 */
static bool mask_is_readable(const struct ovsnl_match *match)
{
	return !match->key.vlan_tci || match->mask.eth_type ||
	       match->key.eth_type != N16(ETH_P_802_2);
}

/* What is written must read as what it was written from. */
static bool round_trip_ok(const struct ovsnl_match *match, bool no_mask)
{
	static struct ovsnl_match again;
	const struct nlattr *a;

	if (!mask_is_readable(match))
		return true;
	a = put(&match->key, &match->key, false);
	if (!a)
		return false;
	memcpy(key_buf, a, a->nla_len);
	a = put(&match->key, &match->mask, true);
	if (!a)
		return false;
	memcpy(mask_buf, a, a->nla_len);
	if (ovsnl_key_match_parse(&again, (const struct nlattr *)key_buf,
				  (const struct nlattr *)mask_buf, !no_mask,
				  NULL))
		return false;
	/* a tag that was cut short is not written */
	if (!match->key.vlan_tci)
		again.key.vlan_tpid = match->key.vlan_tpid;
	/* a mask's port is written with ones in its upper half, always */
	if (match->key.in_port != OVSNL_MAX_PORTS && !match->mask.in_port)
		again.mask.in_port = 0;
	/* nor does a mask say that it lacks a tunnel */
	if (!match->mask.tun_family)
		again.mask.tun_family = 0;
	return !memcmp(&again, match, sizeof(again));
}

static bool vector_ok(const struct ovsnl_key_vector *v)
{
	static struct ovsnl_match match;
	const struct nlattr *key, *mask = NULL, *a;
	struct ovsnl_err err = { .msg = NULL };
	int ret;

	key = ovsnl_selftest_nest(v->key, key_buf);
	if (v->mask)
		mask = ovsnl_selftest_nest(v->mask, mask_buf);
	if (!key || (v->mask && !mask))
		return false;
	memset(&match, 0xa5, sizeof(match));
	ret = ovsnl_key_match_parse(&match, key, mask, !v->no_mask, &err);
	if (ret != v->ret || !!err.msg != !!ret)
		return false;
	if (ret)
		return true;
	if (memcmp(&match, &v->want, sizeof(match)))
		return false;
	a = put(&match.key, &match.key, false);
	if (!a || !same_attrs(a, v->put ? v->put : v->key))
		return false;
	if (v->put_mask) {
		a = put(&match.key, &match.mask, true);
		if (!a || !same_attrs(a, v->put_mask))
			return false;
	}
	return v->one_way || round_trip_ok(&match, v->no_mask);
}

static int run_list(ovsnl_selftest_report report,
		    const struct ovsnl_key_vector *vectors, unsigned int count)
{
	unsigned int i;
	int failed = 0;
	bool ok;

	for (i = 0; i < count; i++) {
		ok = vector_ok(&vectors[i]);
		report(vectors[i].name, ok);
		failed += !ok;
	}
	return failed;
}

int ovsnl_selftest_key(ovsnl_selftest_report report)
{
	return run_list(report, ovsnl_key_vectors, ovsnl_key_vector_count) +
	       run_list(report, ovsnl_key_more_vectors,
			ovsnl_key_more_vector_count);
}
