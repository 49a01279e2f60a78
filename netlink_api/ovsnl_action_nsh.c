// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Actions that push and pop Network Service Headers (RFC 8300).
 *
 * Overview: push_nsh holds the header's fields as nested attributes, dumped as
 * they came; the operation holds the header itself. Neither action changes
 * what is known of the packet's EtherType: only a recirculation does.
 *
 * Life cycle, Synchronisation, Lock order: see ovsnl_action.c.
 */
#include "ovsnl_compile.h"
#include "ovsnl_packet.h"
#include "ovsnl_packet_wire.h"

/* A header's length field counts words in six bits. */
#define CONTEXT_MAX (WIRE_NSH_WORDS * 4 - WIRE_NSH_HLEN + 3)

/* What a push_nsh says; the last one wins where there are several. */
struct header {
	const struct nlattr *base;
	const struct nlattr *md1;
	const struct nlattr *md2;
};

static __u8 mdtype(const struct header *h)
{
	struct ovs_nsh_key_base base;

	memcpy(&base, ovsnl_attr_data(h->base), sizeof(base));
	return base.mdtype;
}

static int sort_field(struct ovsnl_compile *c, const struct nlattr *a,
		      struct header *h)
{
	int len = ovsnl_attr_len(a);

	switch (ovsnl_attr_type(a)) {
	case OVS_NSH_KEY_ATTR_BASE:
		h->base = a;
		return len == sizeof(struct ovs_nsh_key_base)
			       ? 0
			       : ovsnl_compile_refuse(
					 c, a, "NSH base of a wrong length");
	case OVS_NSH_KEY_ATTR_MD1:
		h->md1 = a;
		return len == sizeof(struct ovs_nsh_key_md1)
			       ? 0
			       : ovsnl_compile_refuse(
					 c, a, "NSH context of a wrong length");
	case OVS_NSH_KEY_ATTR_MD2:
		h->md2 = a;
		return len > 0 && len <= CONTEXT_MAX
			       ? 0
			       : ovsnl_compile_refuse(
					 c, a, "NSH context of a wrong length");
	default:
		return ovsnl_compile_refuse(c, a, "unknown NSH attribute");
	}
}

static int sort_fields(struct ovsnl_compile *c, const struct nlattr *nest,
		       struct header *h)
{
	const struct nlattr *a;
	int rem, err;

	ovsnl_attr_for_each_nested(a, nest, rem) {
		err = sort_field(c, a, h);
		if (err)
			return err;
	}
	if (rem > 0)
		return ovsnl_compile_refuse(
			c, nest, "NSH has bytes that are no attribute");
	if (!h->base || !h->md1 == !h->md2)
		return ovsnl_compile_refuse(
			c, nest, "NSH needs a base and one kind of context");
	if (mdtype(h) != (h->md1 ? WIRE_NSH_MD1 : WIRE_NSH_MD2))
		return ovsnl_compile_refuse(
			c, nest, "NSH context of another type than its base's");
	return 0;
}

/* @len bytes of @header, of which the context is @context. */
static void write_header(__u8 *header, __u32 len, const struct nlattr *base,
			 const struct nlattr *context)
{
	struct ovs_nsh_key_base b;
	__be16 first;

	memcpy(&b, ovsnl_attr_data(base), sizeof(b));
	first = htons((b.flags & WIRE_NSH_FLAGS) << WIRE_NSH_FLAGS_SHIFT |
		      (b.ttl & WIRE_NSH_TTL) << WIRE_NSH_TTL_SHIFT | len / 4);
	memcpy(header, &first, sizeof(first));
	header[WIRE_NSH_MDTYPE] = b.mdtype;
	memcpy(header + WIRE_NSH_PATH, &b.path_hdr, sizeof(b.path_hdr));
	memcpy(header + WIRE_NSH_CONTEXT, ovsnl_attr_data(context),
	       len - WIRE_NSH_HLEN);
}

static void put_header(struct ovsnl_compile *c, const struct ovsnl_list *l,
		       const struct header *h)
{
	const struct nlattr *context = h->md1 ? h->md1 : h->md2;
	__u32 len = (WIRE_NSH_HLEN + ovsnl_attr_len(context)) & ~3u;
	struct ovsnl_op_push_nsh *op;

	op = ovsnl_compile_op(c, l, OVSNL_OP_PUSH_NSH, sizeof(*op) + len);
	if (!op)
		return;
	op->len = len;
	write_header(op->header, len, h->base, context);
}

int ovsnl_compile_push_nsh(struct ovsnl_compile *c, struct ovsnl_list *l,
			   const struct nlattr *a)
{
	const struct nlattr *nest = ovsnl_compile_inner(a);
	struct header h = { .base = NULL };
	int err;

	if (l->state.mac_proto != OVSNL_MAC_ETHERNET &&
	    !ovsnl_nsh_next(l->state.eth_type))
		return ovsnl_compile_refuse(
			c, a, "push_nsh on a protocol that it can't carry");
	if (!nest || ovsnl_attr_type(nest) != OVS_KEY_ATTR_NSH)
		return ovsnl_compile_refuse(c, a,
					    "push_nsh must hold one header");
	err = sort_fields(c, nest, &h);
	if (err)
		return err;
	l->state.mac_proto = OVSNL_MAC_NONE;
	put_header(c, l, &h);
	ovsnl_compile_copy(c, a);
	return 0;
}

int ovsnl_check_pop_nsh(struct ovsnl_compile *c, struct ovsnl_list *l,
			const struct nlattr *a)
{
	__be16 type = ovsnl_nsh_type(c->key->nsh_np);

	if (l->state.eth_type != htons(ETH_P_NSH))
		return ovsnl_compile_refuse(c, a,
					    "pop_nsh on another protocol");
	if (!type)
		return ovsnl_compile_refuse(
			c, a, "pop_nsh of a flow of any next protocol");
	l->state.mac_proto = type == htons(ETH_P_TEB) ? OVSNL_MAC_ETHERNET
						      : OVSNL_MAC_NONE;
	return 0;
}
