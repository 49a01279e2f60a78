// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Random lists of legal actions. */
#include "gen_action.h"
#include "gen_ct.h"

/* What the list is made from. */
struct gen {
	struct rng *r;
	struct ovsnl_writer *w;
	const struct ovsnl_key *key;
	/* the packet by now */
	__u16 eth_type;
	bool tagged, ethernet;
	__u32 labels;
};

static bool is_mpls(__u16 type)
{
	return type == 0x8847 || type == 0x8848;
}

static __u16 some_mpls(struct gen *g)
{
	return rng_one_in(g->r, 4) ? 0x8848 : 0x8847;
}

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
		{ OVS_KEY_ATTR_MPLS, 4, 0x8847, -1 },
		{ OVS_KEY_ATTR_MPLS, 4, 0x8848, -1 },
		{ OVS_KEY_ATTR_CT_MARK, 4, 0, -1 },
		{ OVS_KEY_ATTR_CT_LABELS, 16, 0, -1 },
	};

	for (;;) {
		int i = rng_below(g->r, sizeof(all) / sizeof(all[0]));

		if ((all[i].eth_type && g->eth_type != all[i].eth_type) ||
		    (all[i].proto >= 0 && g->key->ip_proto != all[i].proto) ||
		    (all[i].type == OVS_KEY_ATTR_ETHERNET && !g->ethernet))
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

	if (!g->ethernet)
		return;
	g->tagged = rng_one_in(g->r, 2);
	if (g->tagged)
		ovsnl_put(g->w, OVS_ACTION_ATTR_PUSH_VLAN, &vlan, sizeof(vlan));
	else
		ovsnl_put(g->w, OVS_ACTION_ATTR_POP_VLAN, NULL, 0);
}

static void push_mpls(struct gen *g, bool at_layer3)
{
	struct ovs_action_add_mpls mpls = {
		.mpls_lse = htonl(rng_next(g->r)),
		.mpls_ethertype = htons(some_mpls(g)),
		.tun_flags = rng_below(g->r, 0x10000) & ~1u,
	};
	bool add = rng_one_in(g->r, 3);
	bool known = g->eth_type == 0x0800 || g->eth_type == 0x86dd ||
		     g->eth_type == 0x0806 || g->eth_type == 0x8035 ||
		     is_mpls(g->eth_type);

	if ((at_layer3 || !add) && (g->tagged || !known))
		return;
	if (add && !at_layer3) {
		if (g->ethernet)
			g->labels = 0;
		g->ethernet = false;
	}
	g->labels++;
	mpls.tun_flags |= at_layer3;
	g->eth_type = ntohs(mpls.mpls_ethertype);
	ovsnl_put(g->w,
		  add ? OVS_ACTION_ATTR_ADD_MPLS : OVS_ACTION_ATTR_PUSH_MPLS,
		  &mpls, sizeof(mpls));
}

static void pop_mpls(struct gen *g)
{
	static const __u16 types[] = { 0x0800, 0x86dd, 0x8847, 0x8848, 0x6558 };
	__u16 type = types[rng_below(g->r, g->ethernet ? 4 : 5)];
	__be16 wire = htons(type);

	if (g->tagged || !is_mpls(g->eth_type))
		return;
	ovsnl_put(g->w, OVS_ACTION_ATTR_POP_MPLS, &wire, sizeof(wire));
	g->labels--;
	g->eth_type = is_mpls(type) && g->labels ? type : 0;
}

static void put_eth(struct gen *g)
{
	struct ovs_action_push_eth eth;

	if (g->ethernet && !g->tagged) {
		ovsnl_put(g->w, OVS_ACTION_ATTR_POP_ETH, NULL, 0);
		g->ethernet = false;
	} else if (!g->ethernet) {
		rng_fill(g->r, &eth, sizeof(eth));
		ovsnl_put(g->w, OVS_ACTION_ATTR_PUSH_ETH, &eth, sizeof(eth));
		g->ethernet = true;
	}
}

static bool fits_nsh(__u16 type)
{
	return type == 0x0800 || type == 0x86dd || type == 0x6558 ||
	       type == 0x894f || type == 0x8847;
}

static void put_nsh(struct gen *g)
{
	bool md1 = rng_one_in(g->r, 2);
	struct ovs_nsh_key_base base;
	__u8 context[247];
	size_t nest, inner;

	if (g->eth_type == 0x894f && g->key->nsh_np >= 1 &&
	    g->key->nsh_np <= 5) {
		ovsnl_put(g->w, OVS_ACTION_ATTR_POP_NSH, NULL, 0);
		g->ethernet = g->key->nsh_np == 3;
		return;
	}
	if (!g->ethernet && !fits_nsh(g->eth_type))
		return;
	rng_fill(g->r, &base, sizeof(base));
	rng_fill(g->r, context, sizeof(context));
	base.mdtype = md1 ? 1 : 2;
	nest = ovsnl_nest_start(g->w, OVS_ACTION_ATTR_PUSH_NSH);
	inner = ovsnl_nest_start(g->w, OVS_KEY_ATTR_NSH);
	ovsnl_put(g->w, OVS_NSH_KEY_ATTR_BASE, &base, sizeof(base));
	if (md1)
		ovsnl_put(g->w, OVS_NSH_KEY_ATTR_MD1, context, 16);
	else
		ovsnl_put(g->w, OVS_NSH_KEY_ATTR_MD2, context,
			  1 + rng_below(g->r, sizeof(context)));
	ovsnl_nest_end(g->w, inner);
	ovsnl_nest_end(g->w, nest);
	g->ethernet = false;
}

static void put_headers(struct gen *g)
{
	switch (rng_below(g->r, 6)) {
	case 0:
		put_vlan(g);
		break;
	case 1:
		push_mpls(g, false);
		break;
	case 2:
		push_mpls(g, true);
		break;
	case 3:
		pop_mpls(g);
		break;
	case 4:
		put_eth(g);
		break;
	default:
		put_nsh(g);
		break;
	}
}

static void put_numbers(struct gen *g)
{
	struct ovs_action_hash hash = { .hash_alg = OVS_HASH_ALG_L4,
					.hash_basis = rng_next(g->r) };

	switch (rng_below(g->r, 6)) {
	case 0:
		ovsnl_put_u32(g->w, OVS_ACTION_ATTR_RECIRC, rng_next(g->r));
		break;
	case 1:
		ovsnl_put_u32(g->w, OVS_ACTION_ATTR_TRUNC,
			      14 + rng_below(g->r, 2000));
		break;
	case 2:
		ovsnl_put(g->w, OVS_ACTION_ATTR_HASH, &hash, sizeof(hash));
		break;
	case 3:
		ovsnl_put_u32(g->w, OVS_ACTION_ATTR_METER, rng_next(g->r));
		break;
	case 4:
		ovsnl_put(g->w, OVS_ACTION_ATTR_CT_CLEAR, NULL, 0);
		break;
	default:
		ovsnl_put_u32(g->w, OVS_ACTION_ATTR_OUTPUT,
			      rng_below(g->r, OVSNL_MAX_PORTS));
		break;
	}
}

/* Opens the list of an action that holds one, in @nests. */
static int open_list(struct gen *g, int type, size_t *nests)
{
	struct gen other = *g;
	__u16 len = 1 + rng_below(g->r, 65535);

	nests[0] = ovsnl_nest_start(g->w, type);
	switch (type) {
	case OVS_ACTION_ATTR_SAMPLE:
		ovsnl_put_u32(g->w, OVS_SAMPLE_ATTR_PROBABILITY,
			      rng_next(g->r));
		nests[1] = ovsnl_nest_start(g->w, OVS_SAMPLE_ATTR_ACTIONS);
		return 2;
	case OVS_ACTION_ATTR_DEC_TTL:
		nests[1] = ovsnl_nest_start(g->w, OVS_DEC_TTL_ATTR_ACTION);
		return 2;
	case OVS_ACTION_ATTR_CHECK_PKT_LEN:
		ovsnl_put(g->w, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN, &len,
			  sizeof(len));
		nests[1] = ovsnl_nest_start(
			g->w, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL);
		other.ethernet = g->key->mac_proto == OVSNL_MAC_ETHERNET;
		put_headers(&other);
		ovsnl_nest_end(g->w, nests[1]);
		nests[1] = ovsnl_nest_start(
			g->w, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER);
		return 2;
	default:
		return 1;
	}
}

static void put_list(struct gen *g, int depth);

static void put_nested(struct gen *g, int depth)
{
	static const int types[] = { OVS_ACTION_ATTR_SAMPLE,
				     OVS_ACTION_ATTR_CLONE,
				     OVS_ACTION_ATTR_DEC_TTL,
				     OVS_ACTION_ATTR_CHECK_PKT_LEN };
	struct gen inner = *g;
	size_t nests[2];
	int n = open_list(g, types[rng_below(g->r, 4)], nests);

	inner.ethernet = g->key->mac_proto == OVSNL_MAC_ETHERNET;
	put_list(&inner, depth);
	for (; n > 0; n--)
		ovsnl_nest_end(g->w, nests[n - 1]);
}

static void put_list(struct gen *g, int depth)
{
	int n = rng_below(g->r, 5);

	while (n--) {
		switch (rng_below(g->r, depth ? 12 : 9)) {
		case 0:
			put_userspace(g);
			break;
		case 1:
		case 2:
			put_set(g);
			break;
		case 3:
			gen_ct(g->r, g->w, g->key);
			break;
		case 4:
			gen_set_tunnel(g->r, g->w);
			break;
		case 5:
		case 6:
			put_headers(g);
			break;
		case 7:
		case 8:
			put_numbers(g);
			break;
		default:
			put_nested(g, depth - 1);
			break;
		}
	}
}

void gen_actions(struct rng *r, struct ovsnl_writer *w,
		 const struct ovsnl_key *key, int depth)
{
	struct gen g = {
		.r = r,
		.w = w,
		.key = key,
		.eth_type = ntohs(key->eth_type),
		.tagged = !!(key->vlan_tci & htons(OVSNL_VLAN_PRESENT)),
		.ethernet = key->mac_proto == OVSNL_MAC_ETHERNET,
	};
	__u8 bits = key->mpls_labels;

	for (; bits; bits >>= 1)
		g.labels += bits & 1;
	put_list(&g, depth);
}
