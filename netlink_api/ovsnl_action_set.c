// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Set actions: fields of headers and of metadata.
 *
 * Overview: a set holds one key attribute, a masked set the value and behind
 * it the mask. Both become the same operation; fields that can't be written
 * are no part of its mask. Dumps show each in the form that it had. A tunnel
 * is set as a whole, never masked.
 *
 * Life cycle, Synchronisation, Lock order: see ovsnl_action.c.
 */
#include "ovsnl_compile.h"
#include "ovsnl_tunnel.h"

/* How a key attribute can be set. */
struct settable {
	int type;
	int code;
	__u32 len;
};

static const struct settable settables[] = {
	{ OVS_KEY_ATTR_PRIORITY, OVSNL_OP_SET_PRIORITY, 4 },
	{ OVS_KEY_ATTR_SKB_MARK, OVSNL_OP_SET_MARK, 4 },
	{ OVS_KEY_ATTR_ETHERNET, OVSNL_OP_SET_ETH,
	  sizeof(struct ovs_key_ethernet) },
	{ OVS_KEY_ATTR_IPV4, OVSNL_OP_SET_IPV4, sizeof(struct ovs_key_ipv4) },
	{ OVS_KEY_ATTR_IPV6, OVSNL_OP_SET_IPV6, sizeof(struct ovs_key_ipv6) },
	{ OVS_KEY_ATTR_TCP, OVSNL_OP_SET_TCP, sizeof(struct ovs_key_tcp) },
	{ OVS_KEY_ATTR_UDP, OVSNL_OP_SET_UDP, sizeof(struct ovs_key_udp) },
	{ OVS_KEY_ATTR_SCTP, OVSNL_OP_SET_SCTP, sizeof(struct ovs_key_sctp) },
	{ OVS_KEY_ATTR_MPLS, OVSNL_OP_SET_MPLS, sizeof(struct ovs_key_mpls) },
	{ OVS_KEY_ATTR_CT_MARK, OVSNL_OP_SET_CT, 4 },
	{ OVS_KEY_ATTR_CT_LABELS, OVSNL_OP_SET_CT,
	  sizeof(struct ovs_key_ct_labels) },
};

static const struct settable *find_settable(int type)
{
	size_t i;

	for (i = 0; i < sizeof(settables) / sizeof(settables[0]); i++)
		if (settables[i].type == type)
			return &settables[i];
	return NULL;
}

/* Value and mask of a set action, as they are checked and stored. */
struct set_args {
	union {
		__u32 u32;
		struct ovs_key_ethernet eth;
		struct ovs_key_ipv4 ipv4;
		struct ovs_key_ipv6 ipv6;
		struct ovs_key_tcp ports;
		struct ovs_key_mpls mpls;
		struct ovs_key_ct_labels labels;
	} value, mask;
	bool masked;
};

static int load_set_args(struct ovsnl_compile *c, const struct nlattr *inner,
			 __u32 len, struct set_args *args)
{
	const __u8 *data = ovsnl_attr_data(inner);
	const __u8 *mask = (const __u8 *)&args->mask;
	__u32 i;

	memcpy(&args->value, data, len);
	if (!args->masked) {
		memset(&args->mask, 0xff, len);
		return 0;
	}
	memcpy(&args->mask, data + len, len);
	for (i = 0; i < len; i++)
		if (data[i] & ~mask[i])
			return ovsnl_compile_refuse(
				c, inner,
				"set value has bits outside its mask");
	return 0;
}

static int check_set_ipv4(struct ovsnl_compile *c, const struct ovsnl_list *l,
			  const struct nlattr *inner, struct set_args *args)
{
	struct ovs_key_ipv4 *mask = &args->mask.ipv4;

	if (l->state.eth_type != htons(ETH_P_IP))
		return ovsnl_compile_refuse(c, inner,
					    "set of IPv4 on another protocol");
	if (args->masked && (mask->ipv4_proto || mask->ipv4_frag))
		return ovsnl_compile_refuse(
			c, inner, "IPv4 protocol and fragment can't be set");
	if (!args->masked && (args->value.ipv4.ipv4_proto != c->key->ip_proto ||
			      args->value.ipv4.ipv4_frag != c->key->ip_frag))
		return ovsnl_compile_refuse(
			c, inner,
			"IPv4 protocol and fragment can't be changed");
	mask->ipv4_proto = 0;
	mask->ipv4_frag = 0;
	return 0;
}

static int check_set_ipv6(struct ovsnl_compile *c, const struct ovsnl_list *l,
			  const struct nlattr *inner, struct set_args *args)
{
	struct ovs_key_ipv6 *mask = &args->mask.ipv6;
	const __be32 no_label = htonl(0xfff00000);

	if (l->state.eth_type != htons(ETH_P_IPV6))
		return ovsnl_compile_refuse(c, inner,
					    "set of IPv6 on another protocol");
	if (args->masked && (mask->ipv6_proto || mask->ipv6_frag ||
			     (mask->ipv6_label & no_label)))
		return ovsnl_compile_refuse(c, inner,
					    "IPv6 field that can't be set");
	if (!args->masked && (args->value.ipv6.ipv6_proto != c->key->ip_proto ||
			      args->value.ipv6.ipv6_frag != c->key->ip_frag))
		return ovsnl_compile_refuse(
			c, inner,
			"IPv6 protocol and fragment can't be changed");
	if (args->value.ipv6.ipv6_label & no_label)
		return ovsnl_compile_refuse(c, inner,
					    "IPv6 flow label out of range");
	mask->ipv6_proto = 0;
	mask->ipv6_frag = 0;
	mask->ipv6_label &= ~no_label;
	return 0;
}

static int check_set_transport(struct ovsnl_compile *c,
			       const struct ovsnl_list *l,
			       const struct nlattr *inner, __u8 proto)
{
	if ((l->state.eth_type != htons(ETH_P_IP) &&
	     l->state.eth_type != htons(ETH_P_IPV6)) ||
	    c->key->ip_proto != proto)
		return ovsnl_compile_refuse(c, inner,
					    "set of ports on another protocol");
	return 0;
}

static int check_set(struct ovsnl_compile *c, const struct ovsnl_list *l,
		     const struct nlattr *inner, int code,
		     struct set_args *args)
{
	switch (code) {
	case OVSNL_OP_SET_ETH:
		if (l->state.mac_proto != OVSNL_MAC_ETHERNET)
			return ovsnl_compile_refuse(
				c, inner, "packets have no Ethernet header");
		return 0;
	case OVSNL_OP_SET_IPV4:
		return check_set_ipv4(c, l, inner, args);
	case OVSNL_OP_SET_IPV6:
		return check_set_ipv6(c, l, inner, args);
	case OVSNL_OP_SET_TCP:
		return check_set_transport(c, l, inner, IPPROTO_TCP);
	case OVSNL_OP_SET_UDP:
		return check_set_transport(c, l, inner, IPPROTO_UDP);
	case OVSNL_OP_SET_SCTP:
		return check_set_transport(c, l, inner, IPPROTO_SCTP);
	case OVSNL_OP_SET_MPLS:
		if (l->state.eth_type != htons(ETH_P_MPLS_UC) &&
		    l->state.eth_type != htons(ETH_P_MPLS_MC))
			return ovsnl_compile_refuse(
				c, inner, "set of MPLS on another protocol");
		return 0;
	default:
		return 0;
	}
}

static void put_set(struct ovsnl_compile *c, const struct ovsnl_list *l,
		    const struct settable *what, const struct set_args *args)
{
	__u8 *op = ovsnl_compile_op(c, l, what->code,
				    sizeof(struct ovsnl_op) + 2 * what->len);

	if (!op)
		return;
	op += sizeof(struct ovsnl_op);
	memcpy(op, &args->value, what->len);
	memcpy(op + what->len, &args->mask, what->len);
}

/* RFC 8926, 3.5: an option's head, its last byte with the words behind it. */
#define GENEVE_HEAD 4
#define GENEVE_WORDS 0x1f

#define TUNNEL_OPTIONS \
	(OVSNL_TUN_GENEVE_OPT | OVSNL_TUN_VXLAN_OPT | OVSNL_TUN_ERSPAN_OPT)

static bool whole_options(const struct ovsnl_tunnel *tun)
{
	__u32 ofs = 0;

	if (!(tun->flags & OVSNL_TUN_GENEVE_OPT))
		return true;
	while (ofs + GENEVE_HEAD <= tun->opts_len)
		ofs += GENEVE_HEAD +
		       4 * (tun->opts[ofs + GENEVE_HEAD - 1] & GENEVE_WORDS);
	return ofs == tun->opts_len;
}

/* Dumps show it anew, in the order of keys. */
static int dump_tunnel(struct ovsnl_compile *c, const struct ovsnl_tunnel *tun)
{
	__u32 buf[OVSNL_TUNNEL_ATTR_SIZE / sizeof(__u32)];
	__u32 nest = ovsnl_compile_nest(c, OVS_ACTION_ATTR_SET);
	struct ovsnl_writer w;

	ovsnl_writer_init(&w, buf, sizeof(buf));
	ovsnl_tunnel_put(&w, OVS_KEY_ATTR_TUNNEL, tun, tun);
	ovsnl_compile_copy(c, (const struct nlattr *)buf);
	return ovsnl_compile_nest_end(c, nest);
}

static int compile_tunnel(struct ovsnl_compile *c, const struct ovsnl_list *l,
			  const struct nlattr *inner)
{
	struct ovsnl_op_set_tunnel *op;
	struct ovsnl_tunnel tun;
	int err;

	err = ovsnl_tunnel_parse(&tun, inner, NULL, c->err);
	if (err)
		return err;
	if (!whole_options(&tun))
		return ovsnl_compile_refuse(c, inner, "Geneve options are cut");
	if (!tun.opts_len)
		tun.flags &= ~TUNNEL_OPTIONS;
	op = ovsnl_compile_op(c, l, OVSNL_OP_SET_TUNNEL, sizeof(*op));
	if (op)
		op->tun = tun;
	return dump_tunnel(c, &tun);
}

static int compile_set(struct ovsnl_compile *c, const struct ovsnl_list *l,
		       const struct nlattr *a, bool masked)
{
	const struct nlattr *inner = ovsnl_compile_inner(a);
	struct set_args args = { .masked = masked };
	const struct settable *what;
	__u32 len, nest;
	int err;

	if (!inner)
		return ovsnl_compile_refuse(
			c, a, "set action must hold one key attribute");
	if (!masked && ovsnl_attr_type(inner) == OVS_KEY_ATTR_TUNNEL)
		return compile_tunnel(c, l, inner);
	what = find_settable(ovsnl_attr_type(inner));
	if (!what)
		return ovsnl_compile_refuse(c, inner,
					    "key attribute can't be set");
	len = ovsnl_attr_len(inner);
	if ((masked ? len / 2 : len) != what->len)
		return ovsnl_compile_refuse(c, inner,
					    "set action has a wrong length");
	err = load_set_args(c, inner, what->len, &args);
	if (!err)
		err = check_set(c, l, inner, what->code, &args);
	if (err)
		return err;
	put_set(c, l, what, &args);
	if (masked) {
		ovsnl_compile_copy(c, a);
		return 0;
	}
	nest = ovsnl_compile_nest(c, OVS_ACTION_ATTR_SET);
	ovsnl_compile_copy(c, inner);
	return ovsnl_compile_nest_end(c, nest);
}

int ovsnl_compile_set(struct ovsnl_compile *c, struct ovsnl_list *l,
		      const struct nlattr *a)
{
	return compile_set(c, l, a, false);
}

int ovsnl_compile_set_masked(struct ovsnl_compile *c, struct ovsnl_list *l,
			     const struct nlattr *a)
{
	return compile_set(c, l, a, true);
}
