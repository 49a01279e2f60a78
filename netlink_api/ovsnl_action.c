// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Action lists: check, compile, keep.
 *
 * Overview: one walk over the attributes does all. It checks each action
 * against what is known of the packet at that point (its Ethernet header, its
 * EtherType, its tag), and writes two things: the operations that the
 * datapaths step through, and the attributes as dumps will show them, in
 * canonical form (no type flags, zeroed padding, sample's parts in order).
 * Without buffers the same walk only measures.
 *
 * Life cycle: measure, allocate (the caller), build; read-only from then on.
 * Synchronisation: pure functions. Nesting is bounded, hence so is recursion.
 * Lock order: none.
 */
#include "ovsnl_action.h"

/* A growing run of bytes; without a buffer it is only measured. */
struct sink {
	__u8 *buf;
	__u32 len;
};

/* What is known of the packet where an action stands. */
struct packet_state {
	__be16 eth_type;
	__be16 vlan_tci;
	__u8 mac_proto;
};

struct compile {
	const struct ovsnl_key *key;
	struct ovsnl_err *err;
	struct sink prog;
	struct sink nla;
};

/* The list being compiled. */
struct list {
	const struct nlattr *head;
	__u32 bytes;
	__u32 nla_start; /* in compile.nla */
	int depth;
	struct packet_state state;
};

static int compile_list(struct compile *c, struct list *l);

static int refuse(struct compile *c, const struct nlattr *a, const char *msg)
{
	return ovsnl_err_set(c->err, -EINVAL, msg, a);
}

/* Room for @len bytes, NULL while measuring. */
static void *sink_space(struct sink *s, __u32 len)
{
	void *p = s->buf ? s->buf + s->len : NULL;

	s->len += len;
	return p;
}

/* Appends an attribute of @len payload bytes; returns where it starts. */
static __u32 nla_put(struct compile *c, int type, const void *data, __u32 len)
{
	__u32 start = c->nla.len;
	__u32 total = NLA_ALIGN(NLA_HDRLEN + len);
	struct nlattr *a = sink_space(&c->nla, total);

	if (!a)
		return start;
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memset((__u8 *)a + NLA_HDRLEN, 0, total - NLA_HDRLEN);
	if (len)
		memcpy((__u8 *)a + NLA_HDRLEN, data, len);
	return start;
}

static void nla_copy(struct compile *c, const struct nlattr *a)
{
	nla_put(c, ovsnl_attr_type(a), ovsnl_attr_data(a), ovsnl_attr_len(a));
}

static __u32 nla_nest_start(struct compile *c, int type)
{
	return nla_put(c, type, NULL, 0);
}

/* Closes the nest that began at @start, unless it has become too long. */
static int nla_nest_end(struct compile *c, __u32 start)
{
	__u32 len = c->nla.len - start;

	if (len > 0xffff)
		return ovsnl_err_set(c->err, -EMSGSIZE,
				     "nested actions are too long", NULL);
	if (c->nla.buf)
		((struct nlattr *)(c->nla.buf + start))->nla_len = len;
	return 0;
}

/* Room for an operation of @len bytes, its head filled; NULL while measuring.
 */
static void *op_space(struct compile *c, int code, __u32 len, bool last)
{
	__u32 total = (len + 7) & ~7u;
	struct ovsnl_op *op = sink_space(&c->prog, total);

	if (!op)
		return NULL;
	memset(op, 0, total);
	op->code = code;
	op->flags = last ? OVSNL_OP_LAST : 0;
	op->len = total;
	return op;
}

static bool is_vlan_type(__be16 type)
{
	return type == htons(ETH_P_8021Q) || type == htons(ETH_P_8021AD);
}

static int do_output(struct compile *c, const struct nlattr *a, bool last)
{
	struct ovsnl_op_output *op;

	if (ovsnl_attr_u32(a) >= OVSNL_MAX_PORTS)
		return refuse(c, a, "output port number out of range");
	op = op_space(c, OVSNL_OP_OUTPUT, sizeof(*op), last);
	if (op)
		op->port = ovsnl_attr_u32(a);
	nla_copy(c, a);
	return 0;
}

static const struct ovsnl_policy
	userspace_policy[OVS_USERSPACE_ATTR_ACTIONS + 1] = {
		[OVS_USERSPACE_ATTR_PID] = { .kind = OVSNL_P_U32 },
		[OVS_USERSPACE_ATTR_EGRESS_TUN_PORT] = { .kind = OVSNL_P_U32 },
	};

/* list_len is not known before the list is finished: see patch_list_len(). */
static int do_userspace(struct compile *c, const struct list *l,
			const struct nlattr *a, bool last)
{
	const struct nlattr *tb[OVS_USERSPACE_ATTR_ACTIONS + 1];
	const struct nlattr *data;
	struct ovsnl_op_userspace *op;
	__u32 data_len;
	int err;

	err = ovsnl_attr_parse(tb, OVS_USERSPACE_ATTR_ACTIONS,
			       ovsnl_attr_data(a), ovsnl_attr_len(a),
			       userspace_policy, c->err);
	if (err)
		return err;
	if (!tb[OVS_USERSPACE_ATTR_PID] ||
	    !ovsnl_attr_u32(tb[OVS_USERSPACE_ATTR_PID]))
		return refuse(c, a, "userspace action without a port id");
	data = tb[OVS_USERSPACE_ATTR_USERDATA];
	data_len = data ? ovsnl_attr_len(data) : 0;
	op = op_space(c, OVSNL_OP_USERSPACE, sizeof(*op) + data_len, last);
	if (op) {
		op->pid = ovsnl_attr_u32(tb[OVS_USERSPACE_ATTR_PID]);
		op->userdata_len = data ? (__s32)data_len : -1;
		op->with_actions = !!tb[OVS_USERSPACE_ATTR_ACTIONS];
		op->list_ofs = l->nla_start;
		if (data_len)
			memcpy(op->userdata, ovsnl_attr_data(data), data_len);
	}
	nla_copy(c, a);
	return 0;
}

static int do_push_vlan(struct compile *c, struct list *l,
			const struct nlattr *a, bool last)
{
	struct ovs_action_push_vlan vlan;
	struct ovsnl_op_push_vlan *op;

	if (l->state.mac_proto != OVSNL_MAC_ETHERNET)
		return refuse(c, a, "push_vlan needs an Ethernet header");
	memcpy(&vlan, ovsnl_attr_data(a), sizeof(vlan));
	if (!is_vlan_type(vlan.vlan_tpid))
		return refuse(c, a, "push_vlan TPID is no VLAN type");
	if (!(vlan.vlan_tci & htons(OVSNL_VLAN_PRESENT)))
		return refuse(c, a, "push_vlan TCI lacks the CFI bit");
	l->state.vlan_tci = vlan.vlan_tci;
	op = op_space(c, OVSNL_OP_PUSH_VLAN, sizeof(*op), last);
	if (op) {
		op->tpid = vlan.vlan_tpid;
		op->tci = vlan.vlan_tci;
	}
	nla_copy(c, a);
	return 0;
}

static int do_pop_vlan(struct compile *c, struct list *l,
		       const struct nlattr *a, bool last)
{
	if (l->state.mac_proto != OVSNL_MAC_ETHERNET)
		return refuse(c, a, "pop_vlan needs an Ethernet header");
	l->state.vlan_tci = 0;
	op_space(c, OVSNL_OP_POP_VLAN, sizeof(struct ovsnl_op), last);
	nla_copy(c, a);
	return 0;
}

static int do_recirc(struct compile *c, const struct nlattr *a, bool last)
{
	struct ovsnl_op_recirc *op;

	op = op_space(c, OVSNL_OP_RECIRC, sizeof(*op), last);
	if (op)
		op->recirc_id = ovsnl_attr_u32(a);
	nla_copy(c, a);
	return 0;
}

static int do_trunc(struct compile *c, const struct nlattr *a, bool last)
{
	struct ovsnl_op_trunc *op;

	if (ovsnl_attr_u32(a) < ETH_HLEN)
		return refuse(c, a, "trunc to less than an Ethernet header");
	op = op_space(c, OVSNL_OP_TRUNC, sizeof(*op), last);
	if (op)
		op->max_len = ovsnl_attr_u32(a);
	nla_copy(c, a);
	return 0;
}

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
		struct ovs_key_ct_labels labels;
	} value, mask;
	bool masked;
};

static int load_set_args(struct compile *c, const struct nlattr *inner,
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
			return refuse(c, inner,
				      "set value has bits outside its mask");
	return 0;
}

static int check_set_ipv4(struct compile *c, const struct list *l,
			  const struct nlattr *inner, struct set_args *args)
{
	struct ovs_key_ipv4 *mask = &args->mask.ipv4;

	if (l->state.eth_type != htons(ETH_P_IP))
		return refuse(c, inner, "set of IPv4 on another protocol");
	if (args->masked && (mask->ipv4_proto || mask->ipv4_frag))
		return refuse(c, inner,
			      "IPv4 protocol and fragment can't be set");
	if (!args->masked && (args->value.ipv4.ipv4_proto != c->key->ip_proto ||
			      args->value.ipv4.ipv4_frag != c->key->ip_frag))
		return refuse(c, inner,
			      "IPv4 protocol and fragment can't be changed");
	mask->ipv4_proto = 0;
	mask->ipv4_frag = 0;
	return 0;
}

static int check_set_ipv6(struct compile *c, const struct list *l,
			  const struct nlattr *inner, struct set_args *args)
{
	struct ovs_key_ipv6 *mask = &args->mask.ipv6;
	const __be32 no_label = htonl(0xfff00000);

	if (l->state.eth_type != htons(ETH_P_IPV6))
		return refuse(c, inner, "set of IPv6 on another protocol");
	if (args->masked && (mask->ipv6_proto || mask->ipv6_frag ||
			     (mask->ipv6_label & no_label)))
		return refuse(c, inner, "IPv6 field that can't be set");
	if (!args->masked && (args->value.ipv6.ipv6_proto != c->key->ip_proto ||
			      args->value.ipv6.ipv6_frag != c->key->ip_frag))
		return refuse(c, inner,
			      "IPv6 protocol and fragment can't be changed");
	if (args->value.ipv6.ipv6_label & no_label)
		return refuse(c, inner, "IPv6 flow label out of range");
	mask->ipv6_proto = 0;
	mask->ipv6_frag = 0;
	mask->ipv6_label &= ~no_label;
	return 0;
}

static int check_set_transport(struct compile *c, const struct list *l,
			       const struct nlattr *inner, __u8 proto)
{
	if ((l->state.eth_type != htons(ETH_P_IP) &&
	     l->state.eth_type != htons(ETH_P_IPV6)) ||
	    c->key->ip_proto != proto)
		return refuse(c, inner, "set of ports on another protocol");
	return 0;
}

static int check_set(struct compile *c, const struct list *l,
		     const struct nlattr *inner, int code,
		     struct set_args *args)
{
	switch (code) {
	case OVSNL_OP_SET_ETH:
		if (l->state.mac_proto != OVSNL_MAC_ETHERNET)
			return refuse(c, inner,
				      "packets have no Ethernet header");
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
	default:
		return 0;
	}
}

/* The one key attribute inside a set action. */
static const struct nlattr *set_inner(const struct nlattr *a)
{
	const struct nlattr *inner = ovsnl_attr_data(a);
	int len = ovsnl_attr_len(a);

	if (!ovsnl_attr_ok(inner, len) || (int)NLA_ALIGN(inner->nla_len) != len)
		return NULL;
	return inner;
}

static void put_set(struct compile *c, const struct settable *what,
		    const struct set_args *args, bool last)
{
	__u8 *op = op_space(c, what->code,
			    sizeof(struct ovsnl_op) + 2 * what->len, last);

	if (!op)
		return;
	op += sizeof(struct ovsnl_op);
	memcpy(op, &args->value, what->len);
	memcpy(op + what->len, &args->mask, what->len);
}

static int do_set(struct compile *c, const struct list *l,
		  const struct nlattr *a, bool masked, bool last)
{
	const struct nlattr *inner = set_inner(a);
	struct set_args args = { .masked = masked };
	const struct settable *what;
	__u32 len, nest;
	int err;

	if (!inner)
		return refuse(c, a, "set action must hold one key attribute");
	what = find_settable(ovsnl_attr_type(inner));
	if (!what)
		return refuse(c, inner, "key attribute can't be set");
	len = ovsnl_attr_len(inner);
	if ((masked ? len / 2 : len) != what->len)
		return refuse(c, inner, "set action has a wrong length");
	err = load_set_args(c, inner, what->len, &args);
	if (!err)
		err = check_set(c, l, inner, what->code, &args);
	if (err)
		return err;
	put_set(c, what, &args, last);
	if (masked) {
		nla_copy(c, a);
		return 0;
	}
	nest = nla_nest_start(c, OVS_ACTION_ATTR_SET);
	nla_copy(c, inner);
	return nla_nest_end(c, nest);
}

/* May a nested list change the packet or the key for what follows it? */
static bool may_change_flow(const struct nlattr *nest)
{
	const struct nlattr *a;
	int rem;

	ovsnl_attr_for_each_nested(a, nest, rem) {
		switch (ovsnl_attr_type(a)) {
		case OVS_ACTION_ATTR_OUTPUT:
		case OVS_ACTION_ATTR_RECIRC:
		case OVS_ACTION_ATTR_TRUNC:
		case OVS_ACTION_ATTR_USERSPACE:
			break;
		default:
			return true;
		}
	}
	return false;
}

/* Compiles the list in @nest as the body of @op (NULL while measuring). */
static int compile_nested(struct compile *c, const struct list *outer,
			  const struct nlattr *nest, struct ovsnl_op *op,
			  bool last)
{
	__u32 body = c->prog.len;
	struct list l = {
		.head = ovsnl_attr_data(nest),
		.bytes = ovsnl_attr_len(nest),
		.depth = outer->depth + 1,
		.state = outer->state,
	};
	int err;

	l.state.mac_proto = c->key->mac_proto;
	err = compile_list(c, &l);
	if (err || !op)
		return err;
	op->len += c->prog.len - body;
	if (last || !may_change_flow(nest))
		op->flags |= OVSNL_OP_IN_PLACE;
	return 0;
}

static bool is_list(const struct nlattr *a)
{
	return !ovsnl_attr_len(a) || ovsnl_attr_len(a) >= NLA_HDRLEN;
}

/* The two parts of a sample action, each once. */
static int parse_sample(struct compile *c, const struct nlattr *a,
			const struct nlattr **tb)
{
	const struct nlattr *part;
	int rem;

	tb[OVS_SAMPLE_ATTR_PROBABILITY] = NULL;
	tb[OVS_SAMPLE_ATTR_ACTIONS] = NULL;
	ovsnl_attr_for_each_nested(part, a, rem) {
		int type = ovsnl_attr_type(part);

		if (!type || type > OVS_SAMPLE_ATTR_ACTIONS || tb[type])
			return refuse(c, part,
				      "unknown or duplicate sample attribute");
		tb[type] = part;
	}
	/* Below zero: the last part lacks its padding. */
	if (rem)
		return refuse(c, a, "sample has bytes that are no attribute");
	part = tb[OVS_SAMPLE_ATTR_PROBABILITY];
	if (!part || ovsnl_attr_len(part) != sizeof(__u32))
		return refuse(c, a, "sample without a probability");
	part = tb[OVS_SAMPLE_ATTR_ACTIONS];
	if (!part || !is_list(part))
		return refuse(c, a, "sample without actions");
	return 0;
}

static int do_sample(struct compile *c, const struct list *l,
		     const struct nlattr *a, bool last)
{
	const struct nlattr *tb[OVS_SAMPLE_ATTR_ACTIONS + 1];
	struct ovsnl_op_sample *op;
	__u32 nest, inner;
	int err;

	err = parse_sample(c, a, tb);
	if (err)
		return err;
	op = op_space(c, OVSNL_OP_SAMPLE, sizeof(*op), last);
	if (op)
		op->probability =
			ovsnl_attr_u32(tb[OVS_SAMPLE_ATTR_PROBABILITY]);
	nest = nla_nest_start(c, OVS_ACTION_ATTR_SAMPLE);
	nla_copy(c, tb[OVS_SAMPLE_ATTR_PROBABILITY]);
	inner = nla_nest_start(c, OVS_SAMPLE_ATTR_ACTIONS);
	err = compile_nested(c, l, tb[OVS_SAMPLE_ATTR_ACTIONS],
			     op ? &op->op : NULL, last);
	if (!err)
		err = nla_nest_end(c, inner);
	return err ? err : nla_nest_end(c, nest);
}

static int do_clone(struct compile *c, const struct list *l,
		    const struct nlattr *a, bool last)
{
	struct ovsnl_op_clone *op;
	__u32 nest;
	int err;

	if (!is_list(a))
		return refuse(c, a, "clone holds no action list");
	op = op_space(c, OVSNL_OP_CLONE, sizeof(*op), last);
	nest = nla_nest_start(c, OVS_ACTION_ATTR_CLONE);
	err = compile_nested(c, l, a, op ? &op->op : NULL, last);
	return err ? err : nla_nest_end(c, nest);
}

/* Payload lengths in bytes, LEN_ANY where the action itself checks. 0 in the
 * table is LEN_NONE for types that are no action here.
 */
#define LEN_ANY -1
#define LEN_NONE 0
#define LEN_EMPTY -2

static const __s16 action_len[OVS_ACTION_ATTR_CLONE + 1] = {
	[OVS_ACTION_ATTR_OUTPUT] = sizeof(__u32),
	[OVS_ACTION_ATTR_USERSPACE] = LEN_ANY,
	[OVS_ACTION_ATTR_SET] = LEN_ANY,
	[OVS_ACTION_ATTR_PUSH_VLAN] = sizeof(struct ovs_action_push_vlan),
	[OVS_ACTION_ATTR_POP_VLAN] = LEN_EMPTY,
	[OVS_ACTION_ATTR_SAMPLE] = LEN_ANY,
	[OVS_ACTION_ATTR_RECIRC] = sizeof(__u32),
	[OVS_ACTION_ATTR_SET_MASKED] = LEN_ANY,
	[OVS_ACTION_ATTR_TRUNC] = sizeof(struct ovs_action_trunc),
	[OVS_ACTION_ATTR_CLONE] = LEN_ANY,
};

static int check_action_len(struct compile *c, const struct nlattr *a)
{
	int type = ovsnl_attr_type(a);
	int len;

	if (type > OVS_ACTION_ATTR_CLONE || action_len[type] == LEN_NONE)
		return refuse(c, a, "unknown action");
	len = action_len[type] == LEN_EMPTY ? 0 : action_len[type];
	if (len != LEN_ANY && len != ovsnl_attr_len(a))
		return refuse(c, a, "action has a wrong length");
	return 0;
}

static int compile_one(struct compile *c, struct list *l,
		       const struct nlattr *a, bool last)
{
	int err = check_action_len(c, a);

	if (err)
		return err;
	switch (ovsnl_attr_type(a)) {
	case OVS_ACTION_ATTR_OUTPUT:
		return do_output(c, a, last);
	case OVS_ACTION_ATTR_USERSPACE:
		return do_userspace(c, l, a, last);
	case OVS_ACTION_ATTR_SET:
		return do_set(c, l, a, false, last);
	case OVS_ACTION_ATTR_SET_MASKED:
		return do_set(c, l, a, true, last);
	case OVS_ACTION_ATTR_PUSH_VLAN:
		return do_push_vlan(c, l, a, last);
	case OVS_ACTION_ATTR_POP_VLAN:
		return do_pop_vlan(c, l, a, last);
	case OVS_ACTION_ATTR_RECIRC:
		return do_recirc(c, a, last);
	case OVS_ACTION_ATTR_TRUNC:
		return do_trunc(c, a, last);
	case OVS_ACTION_ATTR_SAMPLE:
		return do_sample(c, l, a, last);
	default:
		return do_clone(c, l, a, last);
	}
}

/* Now that the list is whole, tell its userspace actions how long it is. */
static void patch_list_len(struct compile *c, __u32 prog_start, __u32 nla_len)
{
	const struct ovsnl_op *op, *head;

	if (!c->prog.buf)
		return;
	head = (const struct ovsnl_op *)(c->prog.buf + prog_start);
	ovsnl_op_for_each(op, head, c->prog.len - prog_start) {
		if (op->code == OVSNL_OP_USERSPACE)
			((struct ovsnl_op_userspace *)op)->list_len = nla_len;
	}
}

static int compile_list(struct compile *c, struct list *l)
{
	__u32 prog_start = c->prog.len;
	const struct nlattr *a;
	int rem, err;

	if (l->depth > OVSNL_ACTION_MAX_DEPTH)
		return ovsnl_err_set(c->err, -EOVERFLOW,
				     "actions are nested too deep", NULL);
	l->nla_start = c->nla.len;
	ovsnl_attr_for_each(a, l->head, l->bytes, rem) {
		err = compile_one(c, l, a, (int)NLA_ALIGN(a->nla_len) >= rem);
		if (err)
			return err;
	}
	if (rem > 0)
		return ovsnl_err_set(c->err, -EINVAL,
				     "actions have bytes that are no attribute",
				     NULL);
	patch_list_len(c, prog_start, c->nla.len - l->nla_start);
	return 0;
}

static int compile(struct compile *c, const struct nlattr *attr)
{
	struct list l = {
		.head = ovsnl_attr_data(attr),
		.bytes = ovsnl_attr_len(attr),
		.state = {
			.eth_type = c->key->eth_type,
			.vlan_tci = c->key->vlan_tci,
			.mac_proto = c->key->mac_proto,
		},
	};

	return compile_list(c, &l);
}

int ovsnl_actions_measure(const struct nlattr *attr,
			  const struct ovsnl_key *key, size_t *size,
			  struct ovsnl_err *err)
{
	struct compile c = { .key = key, .err = err };
	int code = compile(&c, attr);

	if (code)
		return code;
	*size = sizeof(struct ovsnl_actions) + c.prog.len + c.nla.len;
	return 0;
}

void ovsnl_actions_build(struct ovsnl_actions *acts, const struct nlattr *attr,
			 const struct ovsnl_key *key)
{
	struct compile c = { .key = key };

	compile(&c, attr);
	acts->prog_len = c.prog.len;
	acts->nla_len = c.nla.len;

	c.prog.buf = (__u8 *)acts->data;
	c.nla.buf = c.prog.buf + c.prog.len;
	c.prog.len = 0;
	c.nla.len = 0;
	compile(&c, attr);
}
