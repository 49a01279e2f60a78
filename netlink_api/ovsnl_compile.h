/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_COMPILE_H
#define OVSNL_COMPILE_H

#include "ovsnl_action.h"
#include "ovsnl_attr.h"
#include "ovsnl_env.h"

/* Inside of the compilation of action lists: what ovsnl_action.c and the
 * files of single actions (ovsnl_action_*.c) share. Nobody else needs this.
 */

/* A growing run of bytes; without a buffer it is only measured. */
struct ovsnl_sink {
	__u8 *buf;
	__u32 len;
};

/**
 * struct ovsnl_compile - one compilation.
 * @key: the flow's masked key, or the packet's
 * @err: cause of a refusal, may be NULL
 * @prog: operations
 * @nla: attributes as dumps show them
 */
struct ovsnl_compile {
	const struct ovsnl_key *key;
	struct ovsnl_err *err;
	struct ovsnl_sink prog;
	struct ovsnl_sink nla;
};

/**
 * struct ovsnl_packet_state - what is known of the packet where an action
 * stands.
 * @eth_type: of its network header, 0 when that is not known any more
 * @vlan_tci: its tag, 0 for none
 * @mac_proto: OVSNL_MAC_*
 * @mpls_labels: label stack entries that are known; wraps below 0
 */
struct ovsnl_packet_state {
	__be16 eth_type;
	__be16 vlan_tci;
	__u8 mac_proto;
	__u32 mpls_labels;
};

/**
 * struct ovsnl_list - the list being compiled.
 * @attrs, @bytes: its attributes
 * @nla_start: where it begins in ovsnl_compile.nla
 * @depth: 0 for the outermost
 * @last: the action at hand is the last one
 * @state: changed by each action for those behind it
 */
struct ovsnl_list {
	const struct nlattr *attrs;
	__u32 bytes;
	__u32 nla_start;
	int depth;
	bool last;
	struct ovsnl_packet_state state;
};

/** ovsnl_compile_list() - all actions of @l; errors as
 * ovsnl_actions_measure()'s.
 */
int ovsnl_compile_list(struct ovsnl_compile *c, struct ovsnl_list *l);

/** ovsnl_compile_keeps() - does the list in @nest leave packet and key as they
 * are for what follows it?
 */
bool ovsnl_compile_keeps(const struct nlattr *nest);

/** ovsnl_compile_refuse() - -EINVAL, with the attribute and the cause. */
int ovsnl_compile_refuse(struct ovsnl_compile *c, const struct nlattr *a,
			 const char *msg);

/**
 * ovsnl_compile_op() - room for an operation, zeroed, its head filled.
 * @len: bytes of head and payload, any number
 * Return: the operation, NULL while measuring.
 */
void *ovsnl_compile_op(struct ovsnl_compile *c, const struct ovsnl_list *l,
		       int code, __u32 len);

/** ovsnl_compile_attr() - append an attribute of @len payload bytes to what
 * dumps show.
 */
void ovsnl_compile_attr(struct ovsnl_compile *c, int type, const void *data,
			__u32 len);

/** ovsnl_compile_copy() - the attribute @a as it is, but for flags of its type
 * and for its padding.
 */
void ovsnl_compile_copy(struct ovsnl_compile *c, const struct nlattr *a);

/** ovsnl_compile_nest() - open a nested attribute.
 * Return: what to hand to ovsnl_compile_nest_end().
 */
__u32 ovsnl_compile_nest(struct ovsnl_compile *c, int type);

/** ovsnl_compile_nest_end() - close it.
 * Return: 0, -EMSGSIZE when it holds more than an attribute can.
 */
int ovsnl_compile_nest_end(struct ovsnl_compile *c, __u32 start);

/** ovsnl_compile_inner() - the one attribute inside of @a.
 * Return: NULL when there is none, or more.
 */
const struct nlattr *ovsnl_compile_inner(const struct nlattr *a);

/* Single actions. Each checks @a, whose length is right where the table in
 * ovsnl_action.c names one, and changes l->state. ovsnl_check_*(): the payload
 * is the operation's as well and is copied by the caller. ovsnl_compile_*():
 * everything is done here.
 */
typedef int ovsnl_action_fn(struct ovsnl_compile *c, struct ovsnl_list *l,
			    const struct nlattr *a);

ovsnl_action_fn ovsnl_check_push_vlan;
ovsnl_action_fn ovsnl_check_pop_vlan;
ovsnl_action_fn ovsnl_check_pop_mpls;
ovsnl_action_fn ovsnl_check_push_eth;
ovsnl_action_fn ovsnl_check_pop_eth;
ovsnl_action_fn ovsnl_check_pop_nsh;
ovsnl_action_fn ovsnl_compile_push_mpls;
ovsnl_action_fn ovsnl_compile_add_mpls;
ovsnl_action_fn ovsnl_compile_push_nsh;
ovsnl_action_fn ovsnl_compile_ct;
ovsnl_action_fn ovsnl_compile_set;
ovsnl_action_fn ovsnl_compile_set_masked;
ovsnl_action_fn ovsnl_compile_userspace;
ovsnl_action_fn ovsnl_compile_psample;
ovsnl_action_fn ovsnl_compile_sample;
ovsnl_action_fn ovsnl_compile_clone;
ovsnl_action_fn ovsnl_compile_dec_ttl;
ovsnl_action_fn ovsnl_compile_check_pkt_len;

#endif
