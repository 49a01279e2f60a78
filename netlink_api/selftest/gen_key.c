// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Random keys: packets give the headers, and metadata are made up. */
#include "gen_key.h"
#include "gen_packet.h"
#include "ovsnl_packet.h"

static void gen_tunnel_opts(struct rng *r, struct ovsnl_tunnel *tun)
{
	switch (rng_below(r, 4)) {
	case 0:
		tun->flags |= OVSNL_TUN_GENEVE_OPT;
		tun->opts_len = 4 + 4 * rng_below(r, rng_one_in(r, 3) ? 63 : 8);
		break;
	case 1:
		tun->flags |= OVSNL_TUN_VXLAN_OPT;
		tun->opts_len = 4;
		break;
	case 2:
		tun->flags |= OVSNL_TUN_ERSPAN_OPT;
		tun->opts_len = 12;
		break;
	}
	rng_fill(r, tun->opts, tun->opts_len);
}

void gen_tunnel(struct rng *r, struct ovsnl_tunnel *tun)
{
	bool ipv6 = rng_one_in(r, 2);
	int len = ipv6 ? 16 : 4;

	memset(tun, 0, sizeof(*tun));
	tun->family = ipv6 ? AF_INET6 : AF_INET;
	if (!rng_one_in(r, 4))
		rng_fill(r, tun->src, len);
	rng_fill(r, tun->dst, len);
	tun->dst[0] |= 1;
	tun->flags = rng_below(r, 16);
	if (tun->flags & OVSNL_TUN_KEY)
		tun->id = rng_next(r);
	tun->ttl = rng_below(r, 3) * 64;
	tun->tos = rng_one_in(r, 2) ? rng_next(r) : 0;
	tun->tp_src = rng_one_in(r, 2) ? rng_next(r) : 0;
	tun->tp_dst = rng_one_in(r, 2) ? rng_next(r) : 0;
	gen_tunnel_opts(r, tun);
}

/* What a packet can't have: its own family decides, and ND excludes it. */
static void gen_ct_orig(struct rng *r, struct ovsnl_key *key)
{
	bool ipv6 = key->eth_type == htons(0x86dd);
	bool nd = ipv6 && key->ip_proto == 58 &&
		  (key->tp_src == htons(135) || key->tp_src == htons(136));

	if ((!ipv6 && key->eth_type != htons(0x0800)) || nd)
		return;
	rng_fill(r, key->ct_orig_src, ipv6 ? 16 : 4);
	rng_fill(r, key->ct_orig_dst, ipv6 ? 16 : 4);
	key->ct_orig_tp_src = rng_next(r);
	key->ct_orig_tp_dst = rng_next(r);
	key->ct_orig_proto = 1 + rng_below(r, 255);
}

static void gen_metadata(struct rng *r, struct ovsnl_key *key)
{
	memset(key, 0, sizeof(*key));
	key->in_port = rng_one_in(r, 4) ? OVSNL_MAX_PORTS
					: rng_below(r, OVSNL_MAX_PORTS);
	if (rng_one_in(r, 2)) {
		key->recirc_id = rng_next(r);
		key->skb_mark = rng_next(r);
		key->priority = rng_next(r);
		key->dp_hash = rng_next(r);
	}
	if (rng_one_in(r, 2)) {
		key->ct_state = rng_next(r);
		key->ct_zone = rng_next(r);
		key->ct_mark = rng_next(r);
		rng_fill(r, key->ct_label, sizeof(key->ct_label));
	}
	if (rng_one_in(r, 3)) {
		gen_tunnel(r, &key->tun);
		key->tun_family = key->tun.family;
	}
	key->mac_proto = OVSNL_MAC_ETHERNET;
}

void gen_key(struct rng *r, struct ovsnl_key *key, bool damaged)
{
	static __u8 bytes[GEN_PACKET_MAX];
	struct ovsnl_window win;
	struct ovsnl_layout layout;

	memset(&win, 0, sizeof(win));
	do {
		win.data = bytes;
		win.pkt_len = gen_packet(r, bytes);
		if (damaged && rng_one_in(r, 3))
			win.pkt_len = gen_damage(r, bytes, win.pkt_len);
		gen_metadata(r, key);
		if (rng_one_in(r, 8) && win.pkt_len >= ETH_HLEN) {
			memcpy(&key->eth_type, bytes + 12, 2);
			key->mac_proto = OVSNL_MAC_NONE;
			win.data += ETH_HLEN;
			win.pkt_len -= ETH_HLEN;
		}
		win.len = win.pkt_len;
	} while ((key->mac_proto == OVSNL_MAC_NONE &&
		  ntohs(key->eth_type) < 0x600) ||
		 ovsnl_packet_parse(&win, key, &layout) ||
		 (key->eth_type == htons(0x8847) && !key->mpls_labels) ||
		 (key->eth_type == htons(0x8848) && !key->mpls_labels));
	if (rng_one_in(r, 3))
		gen_ct_orig(r, key);
}

void gen_mask(struct rng *r, struct ovsnl_key *mask)
{
	__u8 *m = (__u8 *)mask;
	size_t i = 0, run;

	while (i < sizeof(*mask)) {
		int how = rng_below(r, 5);

		for (run = 1 + rng_below(r, 8); run && i < sizeof(*mask);
		     run--, i++)
			m[i] = how <= 1 ? 0xff : how == 2 ? 0 : rng_next(r);
	}
	mask->ct_state = 0xff;
	mask->mpls_labels = (1 << rng_below(r, OVSNL_MPLS_LABELS + 1)) - 1;
	mask->tun.flags &= rng_one_in(r, 2) ? 0x0f : 0x7f;
	if (!rng_one_in(r, 4)) {
		mask->eth_type = 0xffff;
		mask->ip_proto = 0xff;
		mask->vlan_tci |= htons(OVSNL_VLAN_PRESENT);
		mask->cvlan_tci |= htons(OVSNL_VLAN_PRESENT);
	}
}

static bool is_header(int type)
{
	switch (type) {
	case OVS_KEY_ATTR_IPV4:
	case OVS_KEY_ATTR_IPV6:
	case OVS_KEY_ATTR_IPV6_EXTHDRS:
	case OVS_KEY_ATTR_ARP:
	case OVS_KEY_ATTR_MPLS:
	case OVS_KEY_ATTR_NSH:
	case OVS_KEY_ATTR_ND:
	case OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4:
	case OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6:
		return true;
	default:
		return false;
	}
}

void gen_strangers(struct rng *r, struct ovsnl_writer *w)
{
	static __u32 buf[OVSNL_KEY_ATTR_SIZE / 4];
	struct ovsnl_writer other;
	const struct nlattr *a;
	struct ovsnl_key key;
	int rem;

	gen_key(r, &key, false);
	ovsnl_writer_init(&other, buf, sizeof(buf));
	ovsnl_key_put(&other, OVS_FLOW_ATTR_KEY, &key, &key, false);
	ovsnl_attr_for_each_nested(a, (const struct nlattr *)buf, rem) {
		int type = ovsnl_attr_type(a);

		if (is_header(type) && !rng_one_in(r, 3))
			ovsnl_put(w, type, ovsnl_attr_data(a),
				  ovsnl_attr_len(a));
	}
}
