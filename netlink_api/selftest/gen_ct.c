// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Random actions of connection tracking, and tunnels to set. */
#include "gen_ct.h"

static void put_flag(struct ovsnl_writer *w, int type)
{
	ovsnl_put(w, type, NULL, 0);
}

/* One end of a range, and sometimes a higher one. */
static void put_range(struct rng *r, struct ovsnl_writer *w, int type,
		      size_t len)
{
	__u8 min[16], max[16];

	rng_fill(r, min, sizeof(min));
	rng_fill(r, max, sizeof(max));
	max[0] = min[0] + 1;
	ovsnl_put(w, type, min, len);
	if (rng_one_in(r, 2))
		ovsnl_put(w, type + 1, max, len);
}

static void put_nat(struct rng *r, struct ovsnl_writer *w, bool commit,
		    bool ipv6)
{
	size_t nest = ovsnl_nest_start(w, OVS_CT_ATTR_NAT);

	if (commit && !rng_one_in(r, 4)) {
		put_flag(w, rng_one_in(r, 2) ? OVS_NAT_ATTR_SRC
					     : OVS_NAT_ATTR_DST);
		if (rng_one_in(r, 2))
			put_range(r, w, OVS_NAT_ATTR_IP_MIN, ipv6 ? 16 : 4);
		if (rng_one_in(r, 2))
			put_range(r, w, OVS_NAT_ATTR_PROTO_MIN, 2);
		if (rng_one_in(r, 3))
			put_flag(w, OVS_NAT_ATTR_PERSISTENT);
		if (rng_one_in(r, 3))
			put_flag(w, OVS_NAT_ATTR_PROTO_HASH);
		if (rng_one_in(r, 3))
			put_flag(w, OVS_NAT_ATTR_PROTO_RANDOM);
	}
	ovsnl_nest_end(w, nest);
}

void gen_ct(struct rng *r, struct ovsnl_writer *w, const struct ovsnl_key *key)
{
	bool ipv6 = key->eth_type == htons(ETH_P_IPV6);
	bool commit = rng_one_in(r, 2);
	__u16 zone = rng_next(r);
	__u8 bytes[32];
	size_t nest;

	if (!ipv6 && key->eth_type != htons(ETH_P_IP))
		return;
	rng_fill(r, bytes, sizeof(bytes));
	bytes[7] |= 1;
	bytes[31] |= 1;
	nest = ovsnl_nest_start(w, OVS_ACTION_ATTR_CT);
	if (commit)
		put_flag(w, rng_one_in(r, 3) ? OVS_CT_ATTR_FORCE_COMMIT
					     : OVS_CT_ATTR_COMMIT);
	ovsnl_put(w, OVS_CT_ATTR_ZONE, &zone, sizeof(zone));
	if (commit && rng_one_in(r, 2))
		ovsnl_put(w, OVS_CT_ATTR_MARK, bytes, 8);
	if (commit && rng_one_in(r, 2))
		ovsnl_put(w, OVS_CT_ATTR_LABELS, bytes, 32);
	if (rng_one_in(r, 3))
		ovsnl_put_u32(w, OVS_CT_ATTR_EVENTMASK, rng_next(r));
	if (rng_one_in(r, 4))
		ovsnl_put_string(w, OVS_CT_ATTR_TIMEOUT,
				 rng_one_in(r, 2)
					 ? "policy"
					 : "a-name-of-31-characters-or-less");
	if (rng_one_in(r, 2))
		put_nat(r, w, commit, ipv6);
	ovsnl_nest_end(w, nest);
}

/* Geneve options of random lengths, in words. */
static size_t geneve(struct rng *r, __u8 *bytes, size_t room)
{
	size_t len = 0;

	rng_fill(r, bytes, room);
	while (len + 4 <= room) {
		size_t words = rng_below(r, 6);

		if (len + 4 + 4 * words > room || rng_one_in(r, 4))
			break;
		bytes[len + 3] = words;
		len += 4 + 4 * words;
	}
	return len;
}

static void put_options(struct rng *r, struct ovsnl_writer *w)
{
	__u8 bytes[252];
	size_t len, nest;

	switch (rng_below(r, 4)) {
	case 0:
		len = geneve(r, bytes, sizeof(bytes));
		if (len)
			ovsnl_put(w, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, bytes,
				  len);
		break;
	case 1:
		nest = ovsnl_nest_start(w, OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS);
		ovsnl_put_u32(w, OVS_VXLAN_EXT_GBP, rng_next(r));
		ovsnl_nest_end(w, nest);
		break;
	default:
		break;
	}
}

static void put_addresses(struct rng *r, struct ovsnl_writer *w)
{
	__u8 address[16];

	rng_fill(r, address, sizeof(address));
	address[0] |= 1;
	if (rng_one_in(r, 2)) {
		if (rng_one_in(r, 2))
			ovsnl_put(w, OVS_TUNNEL_KEY_ATTR_IPV4_SRC, address, 4);
		ovsnl_put(w, OVS_TUNNEL_KEY_ATTR_IPV4_DST, address, 4);
	} else {
		if (rng_one_in(r, 2))
			ovsnl_put(w, OVS_TUNNEL_KEY_ATTR_IPV6_SRC, address, 16);
		ovsnl_put(w, OVS_TUNNEL_KEY_ATTR_IPV6_DST, address, 16);
	}
}

static void put_fields(struct rng *r, struct ovsnl_writer *w)
{
	__u16 port = 1 + rng_below(r, 65535);

	put_addresses(r, w);
	if (rng_one_in(r, 2))
		ovsnl_put_u8(w, OVS_TUNNEL_KEY_ATTR_TOS, 1 + rng_below(r, 255));
	ovsnl_put_u8(w, OVS_TUNNEL_KEY_ATTR_TTL, rng_next(r));
	if (rng_one_in(r, 2))
		put_flag(w, OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT);
	if (rng_one_in(r, 2))
		put_flag(w, OVS_TUNNEL_KEY_ATTR_CSUM);
	if (rng_one_in(r, 3))
		ovsnl_put(w, OVS_TUNNEL_KEY_ATTR_TP_SRC, &port, sizeof(port));
	if (rng_one_in(r, 3))
		ovsnl_put(w, OVS_TUNNEL_KEY_ATTR_TP_DST, &port, sizeof(port));
	if (rng_one_in(r, 4))
		put_flag(w, OVS_TUNNEL_KEY_ATTR_OAM);
	put_options(r, w);
}

void gen_set_tunnel(struct rng *r, struct ovsnl_writer *w)
{
	size_t nest = ovsnl_nest_start(w, OVS_ACTION_ATTR_SET);
	size_t inner = ovsnl_nest_start(w, OVS_KEY_ATTR_TUNNEL);
	__u64 id = rng_next(r);

	if (rng_one_in(r, 2))
		ovsnl_put(w, OVS_TUNNEL_KEY_ATTR_ID, &id, sizeof(id));
	if (rng_one_in(r, 12))
		put_flag(w, OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE);
	else
		put_fields(r, w);
	ovsnl_nest_end(w, inner);
	ovsnl_nest_end(w, nest);
}
