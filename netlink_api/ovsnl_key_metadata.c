// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Metadata: what a key says of a packet besides its headers.
 *
 * Overview: port, marks and hashes, connection tracking with the tuple that a
 * connection began with, the tunnel, and whether there is an Ethernet header.
 * All of it is read from flows' keys, from masks, and from the keys that come
 * with packets to execute.
 *
 * Life cycle, Synchronisation, Lock order: pure functions over the caller's
 * structs.
 */
#include "ovsnl_key_attrs.h"
#include "ovsnl_tunnel.h"

/* From <linux/if_ether.h> of every Linux; IEEE 802.3: smaller is a length. */
#define ETHERTYPE_MIN 0x0600

static int set_in_port(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	__u32 port;

	if (!ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_IN_PORT, &port,
				  sizeof(port))) {
		if (!ovsnl_key_attrs_mask(s))
			out->in_port = OVSNL_MAX_PORTS;
		return 0;
	}
	if (ovsnl_key_attrs_mask(s))
		port = 0xffff;
	else if (port >= OVSNL_MAX_PORTS)
		return ovsnl_key_attrs_refuse(s,
					      "input port number out of range",
					      OVS_KEY_ATTR_IN_PORT);
	out->in_port = port;
	return 0;
}

/* A mask is read also where the key has no tunnel: dumps have one always, and
 * so have the masks of ovs-vswitchd. Those flows are looked up without the
 * lines of tunnels.
 */
static int set_tunnel_mask(struct ovsnl_key_attrs *s,
			   const struct ovsnl_tunnel *key,
			   const struct nlattr *nest, struct ovsnl_key *out)
{
	int err = 0;

	if (s->reading == OVSNL_READ_EXACT)
		ovsnl_tunnel_exact(&out->tun, nest, key);
	else
		err = ovsnl_tunnel_parse(&out->tun, nest, key, s->err);
	out->tun_family = out->tun.family;
	if (!key->family)
		out->tun.family = 0;
	return err;
}

static int set_tunnel(struct ovsnl_key_attrs *s, const struct ovsnl_key *key,
		      struct ovsnl_key *out)
{
	const struct nlattr *nest = s->a[OVS_KEY_ATTR_TUNNEL];
	int err;

	if (!ovsnl_key_attrs_take(s, OVS_KEY_ATTR_TUNNEL))
		return 0;
	if (ovsnl_key_attrs_mask(s))
		return set_tunnel_mask(s, &key->tun, nest, out);
	err = ovsnl_tunnel_parse(&out->tun, nest, NULL, s->err);
	out->tun_family = out->tun.family;
	/* no packet that came in has this: it is for those that go out */
	out->tun.flags &= ~OVSNL_TUN_INFO_BRIDGE;
	return err;
}

static int set_ct_state(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	__u32 state;

	if (!ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_CT_STATE, &state,
				  sizeof(state)))
		return 0;
	if (s->reading == OVSNL_READ_EXACT)
		state = OVSNL_CT_STATE_BITS;
	if (state & ~OVSNL_CT_STATE_BITS)
		return ovsnl_key_attrs_refuse(s, "unsupported ct_state flags",
					      OVS_KEY_ATTR_CT_STATE);
	out->ct_state = state;
	return 0;
}

static void set_ct_orig(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	struct ovs_key_ct_tuple_ipv4 v4;
	struct ovs_key_ct_tuple_ipv6 v6;

	if (ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4, &v4,
				 sizeof(v4))) {
		memcpy(out->ct_orig_src, &v4.ipv4_src, sizeof(v4.ipv4_src));
		memcpy(out->ct_orig_dst, &v4.ipv4_dst, sizeof(v4.ipv4_dst));
		out->ct_orig_tp_src = v4.src_port;
		out->ct_orig_tp_dst = v4.dst_port;
		out->ct_orig_proto = v4.ipv4_proto;
	}
	if (ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6, &v6,
				 sizeof(v6))) {
		memcpy(out->ct_orig_src, v6.ipv6_src, sizeof(v6.ipv6_src));
		memcpy(out->ct_orig_dst, v6.ipv6_dst, sizeof(v6.ipv6_dst));
		out->ct_orig_tp_src = v6.src_port;
		out->ct_orig_tp_dst = v6.dst_port;
		out->ct_orig_proto = v6.ipv6_proto;
	}
}

static void set_numbers(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_DP_HASH, &out->dp_hash,
			     sizeof(out->dp_hash));
	ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_RECIRC_ID, &out->recirc_id,
			     sizeof(out->recirc_id));
	ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_PRIORITY, &out->priority,
			     sizeof(out->priority));
	ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_SKB_MARK, &out->skb_mark,
			     sizeof(out->skb_mark));
	ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_CT_ZONE, &out->ct_zone,
			     sizeof(out->ct_zone));
	ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_CT_MARK, &out->ct_mark,
			     sizeof(out->ct_mark));
	ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_CT_LABELS, out->ct_label,
			     sizeof(out->ct_label));
}

int ovsnl_key_set_eth_type(struct ovsnl_key_attrs *s, struct ovsnl_key *out)
{
	__be16 type = 0;

	ovsnl_key_attrs_copy(s, OVS_KEY_ATTR_ETHERTYPE, &type, sizeof(type));
	if (ovsnl_key_attrs_mask(s))
		type = htons(0xffff);
	else if (ntohs(type) < ETHERTYPE_MIN)
		return ovsnl_key_attrs_refuse(s, "EtherType is less than 0x600",
					      OVS_KEY_ATTR_ETHERTYPE);
	out->eth_type = type;
	return 0;
}

int ovsnl_key_set_metadata(struct ovsnl_key_attrs *s,
			   const struct ovsnl_key *key, struct ovsnl_key *out)
{
	bool l3 = !(s->present & OVSNL_KEY_BIT(ETHERNET)) &&
		  (s->present & OVSNL_KEY_BIT(ETHERTYPE));
	int err;

	set_numbers(s, out);
	err = set_in_port(s, out);
	if (!err)
		err = set_tunnel(s, key, out);
	if (!err)
		err = set_ct_state(s, out);
	if (err)
		return err;
	set_ct_orig(s, out);
	if (ovsnl_key_attrs_mask(s))
		out->mac_proto = 0xff;
	else
		out->mac_proto = l3 ? OVSNL_MAC_NONE : OVSNL_MAC_ETHERNET;
	return l3 ? ovsnl_key_set_eth_type(s, out) : 0;
}

static bool is_nd(const struct ovsnl_key *key)
{
	return key->ip_proto == IPPROTO_ICMPV6 && !key->tp_dst &&
	       ovsnl_key_is_nd_type(key->tp_src);
}

int ovsnl_key_check_ct_orig(const struct nlattr *attr, struct ovsnl_key *key,
			    bool bad_ip, struct ovsnl_err *err)
{
	bool ipv4 = key->eth_type == htons(ETH_P_IP);
	bool ipv6 = key->eth_type == htons(ETH_P_IPV6) && !is_nd(key);
	const struct nlattr *a;
	int rem;

	if (ipv4 && bad_ip) {
		memset(key->ct_orig_src, 0, sizeof(key->ct_orig_src));
		memset(key->ct_orig_dst, 0, sizeof(key->ct_orig_dst));
	}
	ovsnl_attr_for_each_nested(a, attr, rem) {
		int type = ovsnl_attr_type(a);

		if ((type == OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4 && !ipv4) ||
		    (type == OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6 && !ipv6))
			return ovsnl_err_set(err, -EINVAL,
					     "original tuple of a connection "
					     "on another kind of packet",
					     a);
	}
	return 0;
}
