// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Random lists of legal actions. */
#include "gen_action.h"

/* What the list is made from. */
struct gen {
	struct rng *r;
	struct ovsnl_writer *w;
	const struct ovsnl_key *key;
};

static void put_userspace(struct gen *g)
{
	__u8 data[40];
	size_t nest = ovsnl_nest_start(g->w, OVS_ACTION_ATTR_USERSPACE);

	rng_fill(g->r, data, sizeof(data));
	if (rng_one_in(g->r, 2))
		ovsnl_put(g->w, OVS_USERSPACE_ATTR_USERDATA, data,
			  rng_below(g->r, sizeof(data)));
	ovsnl_put_u32(g->w, OVS_USERSPACE_ATTR_PID, 1 + rng_below(g->r, 1000));
	if (rng_one_in(g->r, 3))
		ovsnl_put(g->w, OVS_USERSPACE_ATTR_ACTIONS, NULL, 0);
	ovsnl_nest_end(g->w, nest);
}

/* A key attribute that is legal to set for this key. */
static int pick_settable(struct gen *g, size_t *len)
{
	static const struct {
		int type;
		size_t len;
		__u16 eth_type;
		int proto;
	} all[] = {
		{ OVS_KEY_ATTR_PRIORITY, 4, 0, -1 },
		{ OVS_KEY_ATTR_SKB_MARK, 4, 0, -1 },
		{ OVS_KEY_ATTR_ETHERNET, 12, 0, -1 },
		{ OVS_KEY_ATTR_IPV4, 12, 0x0800, -1 },
		{ OVS_KEY_ATTR_IPV6, 40, 0x86dd, -1 },
		{ OVS_KEY_ATTR_TCP, 4, 0x0800, 6 },
		{ OVS_KEY_ATTR_TCP, 4, 0x86dd, 6 },
		{ OVS_KEY_ATTR_UDP, 4, 0x0800, 17 },
		{ OVS_KEY_ATTR_UDP, 4, 0x86dd, 17 },
		{ OVS_KEY_ATTR_SCTP, 4, 0x0800, 132 },
		{ OVS_KEY_ATTR_SCTP, 4, 0x86dd, 132 },
	};

	for (;;) {
		int i = rng_below(g->r, sizeof(all) / sizeof(all[0]));

		if ((all[i].eth_type &&
		     g->key->eth_type != htons(all[i].eth_type)) ||
		    (all[i].proto >= 0 && g->key->ip_proto != all[i].proto) ||
		    (all[i].type == OVS_KEY_ATTR_ETHERNET &&
		     g->key->mac_proto != OVSNL_MAC_ETHERNET))
			continue;
		*len = all[i].len;
		return all[i].type;
	}
}

/* Protocol and fragment bytes can't be set: they must be the key's, or no
 * part of the mask. A label has 20 bits.
 */
static void make_legal(struct gen *g, int type, __u8 *value, __u8 *mask)
{
	int proto = type == OVS_KEY_ATTR_IPV4 ? 8 : 36;

	if (type != OVS_KEY_ATTR_IPV4 && type != OVS_KEY_ATTR_IPV6)
		return;
	if (mask) {
		mask[proto] = 0;
		mask[proto + 3] = 0;
	} else {
		value[proto] = g->key->ip_proto;
		value[proto + 3] = g->key->ip_frag;
	}
	if (type == OVS_KEY_ATTR_IPV6) {
		value[32] = 0;
		value[33] &= 0x0f;
		if (mask) {
			mask[32] = 0;
			mask[33] &= 0x0f;
		}
	}
}

static void put_set(struct gen *g)
{
	bool masked = rng_one_in(g->r, 2);
	__u8 data[80];
	size_t len, nest, i;
	int type = pick_settable(g, &len);

	rng_fill(g->r, data, sizeof(data));
	make_legal(g, type, data, masked ? data + len : NULL);
	for (i = 0; masked && i < len; i++)
		data[i] &= data[len + i];
	nest = ovsnl_nest_start(g->w, masked ? OVS_ACTION_ATTR_SET_MASKED
					     : OVS_ACTION_ATTR_SET);
	ovsnl_put(g->w, type, data, masked ? 2 * len : len);
	ovsnl_nest_end(g->w, nest);
}

static void put_vlan(struct gen *g)
{
	struct ovs_action_push_vlan vlan = {
		.vlan_tpid = htons(rng_one_in(g->r, 2) ? 0x8100 : 0x88a8),
		.vlan_tci =
			htons(rng_below(g->r, 0x10000) | OVSNL_VLAN_PRESENT),
	};

	if (g->key->mac_proto != OVSNL_MAC_ETHERNET)
		return;
	if (rng_one_in(g->r, 2))
		ovsnl_put(g->w, OVS_ACTION_ATTR_PUSH_VLAN, &vlan, sizeof(vlan));
	else
		ovsnl_put(g->w, OVS_ACTION_ATTR_POP_VLAN, NULL, 0);
}

static void put_nested(struct gen *g, int depth)
{
	bool sample = rng_one_in(g->r, 2);
	size_t nest, inner = 0;

	nest = ovsnl_nest_start(g->w, sample ? OVS_ACTION_ATTR_SAMPLE
					     : OVS_ACTION_ATTR_CLONE);
	if (sample) {
		ovsnl_put_u32(g->w, OVS_SAMPLE_ATTR_PROBABILITY,
			      rng_next(g->r));
		inner = ovsnl_nest_start(g->w, OVS_SAMPLE_ATTR_ACTIONS);
	}
	gen_actions(g->r, g->w, g->key, depth);
	if (sample)
		ovsnl_nest_end(g->w, inner);
	ovsnl_nest_end(g->w, nest);
}

void gen_actions(struct rng *r, struct ovsnl_writer *w,
		 const struct ovsnl_key *key, int depth)
{
	struct gen g = { r, w, key };
	int n = rng_below(r, 5);

	while (n--) {
		switch (rng_below(r, depth ? 10 : 8)) {
		case 0:
		case 1:
			ovsnl_put_u32(w, OVS_ACTION_ATTR_OUTPUT,
				      rng_below(r, OVSNL_MAX_PORTS));
			break;
		case 2:
			put_userspace(&g);
			break;
		case 3:
		case 4:
			put_set(&g);
			break;
		case 5:
			put_vlan(&g);
			break;
		case 6:
			ovsnl_put_u32(w, OVS_ACTION_ATTR_RECIRC, rng_next(r));
			break;
		case 7:
			ovsnl_put_u32(w, OVS_ACTION_ATTR_TRUNC,
				      14 + rng_below(r, 2000));
			break;
		default:
			put_nested(&g, depth - 1);
			break;
		}
	}
}
