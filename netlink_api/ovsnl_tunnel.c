// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Tunnels as nested attributes: keys, masks, and what a set action gives.
 *
 * Overview: a table tells for each attribute its length, the field it is
 * copied to, the flag it sets and what having seen it means. Options are of
 * three kinds, of which a tunnel has one. In the kernel's module they stand
 * at the end of their array, so that a mask of other length than its key's
 * options meets their last bytes; here they begin at the start, and masks are
 * moved to where they would meet them.
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * structs.
 */
#include "ovsnl_tunnel.h"

static_assert(OVS_TUNNEL_KEY_ATTR_MAX == OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE,
	      "wire numbers of 6.1");

/* Payload lengths in bytes. */
#define LEN_ANY -1

/* RFC 8926: bytes of an option's head; length in words is in the lower five
 * bits of its last byte.
 */
#define GENEVE_OPT_HEAD 4
#define GENEVE_OPT_WORDS 0x1f

/* What having seen an attribute means. */
#define SEEN_IPV4 0x01
#define SEEN_IPV6 0x02
#define SEEN_TTL 0x04
#define SEEN_BRIDGE 0x08
#define SEEN_OPTS 0x10

/* One attribute: copied to @ofs if its length is fixed and not zero. */
struct tunnel_attr {
	__s16 len;
	__u16 ofs;
	__u8 flag;
	__u8 seen;
};

#define AT(field) offsetof(struct ovsnl_tunnel, field)

static const struct tunnel_attr attrs[OVS_TUNNEL_KEY_ATTR_MAX + 1] = {
	[OVS_TUNNEL_KEY_ATTR_ID] = { 8, AT(id), OVSNL_TUN_KEY, 0 },
	[OVS_TUNNEL_KEY_ATTR_IPV4_SRC] = { 4, AT(src), 0, SEEN_IPV4 },
	[OVS_TUNNEL_KEY_ATTR_IPV4_DST] = { 4, AT(dst), 0, SEEN_IPV4 },
	[OVS_TUNNEL_KEY_ATTR_TOS] = { 1, AT(tos), 0, 0 },
	[OVS_TUNNEL_KEY_ATTR_TTL] = { 1, AT(ttl), 0, SEEN_TTL },
	[OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT] = { 0, 0, OVSNL_TUN_DONT_FRAGMENT,
						0 },
	[OVS_TUNNEL_KEY_ATTR_CSUM] = { 0, 0, OVSNL_TUN_CSUM, 0 },
	[OVS_TUNNEL_KEY_ATTR_OAM] = { 0, 0, OVSNL_TUN_OAM, 0 },
	[OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS] = { LEN_ANY, 0, OVSNL_TUN_GENEVE_OPT,
					      SEEN_OPTS },
	[OVS_TUNNEL_KEY_ATTR_TP_SRC] = { 2, AT(tp_src), 0, 0 },
	[OVS_TUNNEL_KEY_ATTR_TP_DST] = { 2, AT(tp_dst), 0, 0 },
	[OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS] = { LEN_ANY, 0, OVSNL_TUN_VXLAN_OPT,
					     SEEN_OPTS },
	[OVS_TUNNEL_KEY_ATTR_IPV6_SRC] = { 16, AT(src), 0, SEEN_IPV6 },
	[OVS_TUNNEL_KEY_ATTR_IPV6_DST] = { 16, AT(dst), 0, SEEN_IPV6 },
	[OVS_TUNNEL_KEY_ATTR_PAD] = { 0, 0, 0, 0 },
	[OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS] = { LEN_ANY, 0, OVSNL_TUN_ERSPAN_OPT,
					      SEEN_OPTS },
	[OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE] = { 0, 0, 0,
						   SEEN_IPV4 | SEEN_BRIDGE },
};

/* A nest being read into @tun; @key is NULL unless it is a mask. */
struct reader {
	struct ovsnl_tunnel *tun;
	const struct ovsnl_tunnel *key;
	unsigned int seen;
	struct ovsnl_err *err;
};

static int refuse(const struct reader *r, const char *msg,
		  const struct nlattr *a)
{
	return ovsnl_err_set(r->err, -EINVAL, msg, a);
}

/* Where @len bytes of options go, that end where @total bytes end. What would
 * stand in front of the first is of no key's options and left out.
 */
static void *place_opts(struct ovsnl_tunnel *tun, int total, int *len,
			int *skip)
{
	*skip = *len > total ? *len - total : 0;
	*len -= *skip;
	return tun->opts + total - *len;
}

/* Options of a key make @own_len bytes; those of a mask belong to its key's. */
static void set_opts(struct reader *r, const void *data, int len, int own_len)
{
	int skip, total = r->key ? r->key->opts_len : own_len;
	void *to = place_opts(r->tun, total, &len, &skip);

	if (len)
		memcpy(to, (const __u8 *)data + skip, len);
	r->tun->opts_len = r->key ? 0xff : own_len;
}

static int set_geneve(struct reader *r, const struct nlattr *a)
{
	int len = ovsnl_attr_len(a);

	if (len > OVSNL_TUN_OPTS_MAX || len % 4)
		return refuse(r, "bad length of Geneve options", a);
	if (r->key && r->key->opts_len != len)
		return refuse(r, "mask of Geneve options has another length",
			      a);
	set_opts(r, ovsnl_attr_data(a), len, len);
	return 0;
}

static int set_erspan(struct reader *r, const struct nlattr *a)
{
	if (ovsnl_attr_len(a) > OVSNL_TUN_OPTS_MAX)
		return refuse(r, "ERSPAN options are too long", a);
	set_opts(r, ovsnl_attr_data(a), ovsnl_attr_len(a),
		 OVSNL_TUN_ERSPAN_LEN);
	return 0;
}

static int set_vxlan(struct reader *r, const struct nlattr *nest)
{
	const struct nlattr *a;
	__u32 gbp = 0;
	int rem;

	ovsnl_attr_for_each_nested(a, nest, rem) {
		if (ovsnl_attr_type(a) != OVS_VXLAN_EXT_GBP ||
		    ovsnl_attr_len(a) != sizeof(gbp))
			return refuse(r, "unknown VXLAN extension", a);
		gbp = ovsnl_attr_u32(a);
	}
	if (rem)
		return refuse(r, "VXLAN options end in no attribute", nest);
	set_opts(r, &gbp, sizeof(gbp), sizeof(gbp));
	return 0;
}

static int set_any_opts(struct reader *r, const struct nlattr *a)
{
	if (r->seen & SEEN_OPTS)
		return refuse(r, "tunnel has several blocks of options", a);
	switch (ovsnl_attr_type(a)) {
	case OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS:
		return set_geneve(r, a);
	case OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS:
		return set_vxlan(r, a);
	default:
		return set_erspan(r, a);
	}
}

static int set_attr(struct reader *r, const struct nlattr *a)
{
	int err, type = ovsnl_attr_type(a);
	const struct tunnel_attr *t;

	if (type > OVS_TUNNEL_KEY_ATTR_MAX)
		return refuse(r, "tunnel attribute type out of range", a);
	t = &attrs[type];
	if (t->len == LEN_ANY) {
		err = set_any_opts(r, a);
		if (err)
			return err;
	} else if (t->len != ovsnl_attr_len(a)) {
		return refuse(r, "tunnel attribute has a wrong length", a);
	} else if (t->len) {
		memcpy((__u8 *)r->tun + t->ofs, ovsnl_attr_data(a), t->len);
	}
	r->tun->flags |= t->flag;
	r->seen |= t->seen;
	return 0;
}

static bool is_zero(const __u8 *p, int len)
{
	while (len--)
		if (*p++)
			return false;
	return true;
}

/* A tunnel without destination: nothing but its id may be said. */
static bool is_bare(const struct ovsnl_tunnel *tun)
{
	return is_zero(tun->src, 4) && is_zero(tun->dst, 4) && !tun->tp_src &&
	       !tun->tp_dst && !tun->tos && !tun->ttl &&
	       !(tun->flags & ~OVSNL_TUN_KEY);
}

static int finish_key(struct reader *r, const struct nlattr *nest)
{
	struct ovsnl_tunnel *tun = r->tun;

	tun->family = r->seen & SEEN_IPV6 ? AF_INET6 : AF_INET;
	if (!(r->seen & (SEEN_IPV4 | SEEN_IPV6)))
		return refuse(r, "tunnel has no destination address", nest);
	if (r->seen & SEEN_BRIDGE) {
		if (!is_bare(tun))
			return refuse(r, "bridge tunnel has more than an id",
				      nest);
		tun->flags |= OVSNL_TUN_INFO_BRIDGE;
		return 0;
	}
	if (is_zero(tun->dst, sizeof(tun->dst)))
		return refuse(r, "tunnel destination address is zero", nest);
	if (!(r->seen & SEEN_TTL))
		return refuse(r, "tunnel has no TTL", nest);
	return 0;
}

/* The kernel's module keeps IPv4 addresses, 4 bytes each, in the same place as
 * IPv6 ones. A mask of the other family than its key's shows what lies there.
 */
static void finish_mask(struct reader *r)
{
	struct ovsnl_tunnel *tun = r->tun;

	tun->family = 0xff;
	if (r->key->family == AF_INET6 && (r->seen & SEEN_IPV4)) {
		memcpy(tun->src + 4, tun->dst, 4);
		memset(tun->dst, 0, sizeof(tun->dst));
	} else if (r->key->family == AF_INET && (r->seen & SEEN_IPV6)) {
		memset(tun->dst, 0, sizeof(tun->dst));
		memcpy(tun->dst, tun->src + 4, 4);
		memset(tun->src + 4, 0, sizeof(tun->src) - 4);
	}
}

int ovsnl_tunnel_parse(struct ovsnl_tunnel *tun, const struct nlattr *nest,
		       const struct ovsnl_tunnel *key, struct ovsnl_err *err)
{
	struct reader r = { .tun = tun, .key = key, .err = err };
	const unsigned int both = SEEN_IPV4 | SEEN_IPV6;
	const struct nlattr *a;
	int rem, code;

	memset(tun, 0, sizeof(*tun));
	ovsnl_attr_for_each_nested(a, nest, rem) {
		code = set_attr(&r, a);
		if (code)
			return code;
	}
	if (rem > 0)
		return refuse(&r, "tunnel has bytes that are no attribute",
			      nest);
	if ((r.seen & both) == both)
		return refuse(&r, "tunnel has IPv4 and IPv6 attributes", nest);
	if (!key)
		return finish_key(&r, nest);
	finish_mask(&r);
	return 0;
}

void ovsnl_tunnel_exact(struct ovsnl_tunnel *mask, const struct nlattr *nest,
			const struct ovsnl_tunnel *key)
{
	const struct nlattr *a;
	int rem, len, skip;
	void *to;

	memset(mask, 0, sizeof(*mask));
	memset(mask, 0xff, AT(flags));
	mask->flags = key->flags;
	mask->tp_src = htons(0xffff);
	mask->tp_dst = htons(0xffff);
	mask->tos = 0xff;
	mask->ttl = 0xff;
	mask->family = 0xff;
	ovsnl_attr_for_each_nested(a, nest, rem) {
		int type = ovsnl_attr_type(a);

		if (attrs[type].len != LEN_ANY)
			continue;
		len = ovsnl_attr_len(a);
		if (type == OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS && len)
			len = sizeof(__u32);
		to = place_opts(mask, key->opts_len, &len, &skip);
		memset(to, 0xff, len);
		mask->opts_len = 0xff;
	}
}

int ovsnl_tunnel_check_geneve(const struct ovsnl_tunnel *tun,
			      struct ovsnl_err *err)
{
	int at = 0;

	if (!(tun->flags & OVSNL_TUN_GENEVE_OPT))
		return 0;
	while (at + GENEVE_OPT_HEAD <= tun->opts_len)
		at += GENEVE_OPT_HEAD +
		      4 * (tun->opts[at + 3] & GENEVE_OPT_WORDS);
	if (at == tun->opts_len)
		return 0;
	return ovsnl_err_set(err, -EINVAL, "Geneve option is cut short", NULL);
}

static void put_flag(struct ovsnl_writer *w, const struct ovsnl_tunnel *value,
		     int flag, int type)
{
	if (value->flags & flag)
		ovsnl_put(w, type, NULL, 0);
}

static void put_unless_zero(struct ovsnl_writer *w, int type, const void *data,
			    int len)
{
	if (!is_zero(data, len))
		ovsnl_put(w, type, data, len);
}

static void put_addresses(struct ovsnl_writer *w, int family,
			  const struct ovsnl_tunnel *value)
{
	if (family == AF_INET) {
		put_unless_zero(w, OVS_TUNNEL_KEY_ATTR_IPV4_SRC, value->src, 4);
		put_unless_zero(w, OVS_TUNNEL_KEY_ATTR_IPV4_DST, value->dst, 4);
	} else if (family == AF_INET6) {
		put_unless_zero(w, OVS_TUNNEL_KEY_ATTR_IPV6_SRC, value->src,
				sizeof(value->src));
		put_unless_zero(w, OVS_TUNNEL_KEY_ATTR_IPV6_DST, value->dst,
				sizeof(value->dst));
	}
}

static void put_opts(struct ovsnl_writer *w, const struct ovsnl_tunnel *value,
		     int len)
{
	size_t nest;

	if (!len)
		return;
	if (value->flags & OVSNL_TUN_GENEVE_OPT) {
		ovsnl_put(w, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, value->opts, len);
	} else if (value->flags & OVSNL_TUN_VXLAN_OPT) {
		nest = ovsnl_nest_start(w, OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS);
		ovsnl_put(w, OVS_VXLAN_EXT_GBP, value->opts, sizeof(__u32));
		ovsnl_nest_end(w, nest);
	} else if (value->flags & OVSNL_TUN_ERSPAN_OPT) {
		ovsnl_put(w, OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS, value->opts, len);
	}
}

static void put_all_but_id(struct ovsnl_writer *w,
			   const struct ovsnl_tunnel *shape,
			   const struct ovsnl_tunnel *value)
{
	put_addresses(w, shape->family, value);
	put_unless_zero(w, OVS_TUNNEL_KEY_ATTR_TOS, &value->tos, 1);
	ovsnl_put_u8(w, OVS_TUNNEL_KEY_ATTR_TTL, value->ttl);
	put_flag(w, value, OVSNL_TUN_DONT_FRAGMENT,
		 OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT);
	put_flag(w, value, OVSNL_TUN_CSUM, OVS_TUNNEL_KEY_ATTR_CSUM);
	put_unless_zero(w, OVS_TUNNEL_KEY_ATTR_TP_SRC, &value->tp_src, 2);
	put_unless_zero(w, OVS_TUNNEL_KEY_ATTR_TP_DST, &value->tp_dst, 2);
	put_flag(w, value, OVSNL_TUN_OAM, OVS_TUNNEL_KEY_ATTR_OAM);
	put_opts(w, value, shape->opts_len);
}

void ovsnl_tunnel_put(struct ovsnl_writer *w, int attr,
		      const struct ovsnl_tunnel *shape,
		      const struct ovsnl_tunnel *value)
{
	size_t nest = ovsnl_nest_start(w, attr);

	if (value->flags & OVSNL_TUN_KEY)
		ovsnl_put_aligned(w, OVS_TUNNEL_KEY_ATTR_ID, &value->id,
				  sizeof(value->id));
	if (value->flags & OVSNL_TUN_INFO_BRIDGE)
		ovsnl_put(w, OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE, NULL, 0);
	else
		put_all_but_id(w, shape, value);
	ovsnl_nest_end(w, nest);
}
