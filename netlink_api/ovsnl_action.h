/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_ACTION_H
#define OVSNL_ACTION_H

#include "ovsnl_attr.h"
#include "ovsnl_env.h"
#include "ovsnl_key.h"

/* Action lists: checked once against the flow's key, compiled into a program
 * of fixed-layout operations that the datapaths step through, and kept beside
 * it as the netlink bytes that dumps return.
 */

/* Lists may nest (sample, clone) this deep below the outermost one. */
#define OVSNL_ACTION_MAX_DEPTH 16

/** enum ovsnl_op_code - our own opcodes, never on the wire. */
enum ovsnl_op_code {
	OVSNL_OP_OUTPUT, /* struct ovsnl_op_output */
	OVSNL_OP_USERSPACE, /* struct ovsnl_op_userspace */
	OVSNL_OP_SET_ETH, /* struct ovsnl_op_set_eth, and so on */
	OVSNL_OP_SET_IPV4,
	OVSNL_OP_SET_IPV6,
	OVSNL_OP_SET_TCP,
	OVSNL_OP_SET_UDP,
	OVSNL_OP_SET_SCTP,
	OVSNL_OP_SET_PRIORITY, /* struct ovsnl_op_set_u32 */
	OVSNL_OP_SET_MARK, /* struct ovsnl_op_set_u32 */
	OVSNL_OP_SET_CT, /* value and mask of ct_mark or ct_labels; see below */
	OVSNL_OP_PUSH_VLAN, /* struct ovsnl_op_push_vlan */
	OVSNL_OP_POP_VLAN, /* no payload */
	OVSNL_OP_RECIRC, /* struct ovsnl_op_recirc */
	OVSNL_OP_TRUNC, /* struct ovsnl_op_trunc */
	OVSNL_OP_SAMPLE, /* struct ovsnl_op_sample, then its list */
	OVSNL_OP_CLONE, /* struct ovsnl_op_clone, then its list */
	OVSNL_OP_COUNT
};

/* struct ovsnl_op.flags */
#define OVSNL_OP_LAST 0x1 /* nothing follows in this list */
#define OVSNL_OP_IN_PLACE \
	0x2 /* SAMPLE, CLONE: the nested list leaves packet
			       * and key as they were (or is LAST), so that it
			       * may run without a copy of the key */

/**
 * struct ovsnl_op - head of every operation.
 * @code: enum ovsnl_op_code
 * @flags: OVSNL_OP_*
 * @len: bytes to the next operation of the list: head, payload and nested
 *       operations, a multiple of 8
 */
struct ovsnl_op {
	__u16 code;
	__u16 flags;
	__u32 len;
};

struct ovsnl_op_output {
	struct ovsnl_op op;
	__u32 port; /* below OVSNL_MAX_PORTS */
	__u32 pad;
};

/**
 * struct ovsnl_op_userspace - send the packet to a client.
 * @pid: netlink port id, never 0
 * @userdata_len: bytes at @userdata, or -1 for no userdata attribute
 * @with_actions: the upcall carries the list that this operation stands in
 * @list_ofs, @list_len: that list inside ovsnl_actions_nla(), in bytes
 */
struct ovsnl_op_userspace {
	struct ovsnl_op op;
	__u32 pid;
	__s32 userdata_len;
	__u32 with_actions;
	__u32 list_ofs;
	__u32 list_len;
	__u32 pad;
	__u8 userdata[];
};

struct ovsnl_op_set_eth {
	struct ovsnl_op op;
	struct ovs_key_ethernet value, mask;
};

struct ovsnl_op_set_ipv4 {
	struct ovsnl_op op;
	struct ovs_key_ipv4 value, mask;
};

struct ovsnl_op_set_ipv6 {
	struct ovsnl_op op;
	struct ovs_key_ipv6 value, mask;
};

struct ovsnl_op_set_tcp {
	struct ovsnl_op op;
	struct ovs_key_tcp value, mask;
};

struct ovsnl_op_set_udp {
	struct ovsnl_op op;
	struct ovs_key_udp value, mask;
};

struct ovsnl_op_set_sctp {
	struct ovsnl_op op;
	struct ovs_key_sctp value, mask;
};

/* Conntrack's mark and labels are set by committing a connection. A set action
 * for them is taken and dumped back, but OVSNL_OP_SET_CT fails with -EINVAL
 * when it is run.
 */

struct ovsnl_op_set_u32 {
	struct ovsnl_op op;
	__u32 value, mask;
};

struct ovsnl_op_push_vlan {
	struct ovsnl_op op;
	__be16 tpid;
	__be16 tci; /* OVSNL_VLAN_PRESENT set; that bit is not part of the
		     * tag that goes on the wire */
	__u32 pad;
};

struct ovsnl_op_recirc {
	struct ovsnl_op op;
	__u32 recirc_id;
	__u32 pad;
};

struct ovsnl_op_trunc {
	struct ovsnl_op op;
	__u32 max_len; /* bytes, at least 14 */
	__u32 pad;
};

/**
 * struct ovsnl_op_sample - run the nested list on a share of the packets.
 * @probability: share of UINT32_MAX; UINT32_MAX is always, 0 is never
 */
struct ovsnl_op_sample {
	struct ovsnl_op op;
	__u32 probability;
	__u32 pad;
};

struct ovsnl_op_clone {
	struct ovsnl_op op;
};

/**
 * struct ovsnl_actions - a compiled action list, read-only once built.
 * @prog_len: bytes of operations at ovsnl_actions_prog(), a multiple of 8
 * @nla_len: bytes of netlink attributes at ovsnl_actions_nla()
 *
 * The datapath allocates sizeof(struct ovsnl_actions) + prog_len + nla_len
 * bytes and decides when they are freed (RCU or QSBR).
 */
struct ovsnl_actions {
	__u32 prog_len;
	__u32 nla_len;
	__u64 data[];
};

static __always_inline const struct ovsnl_op *
ovsnl_actions_prog(const struct ovsnl_actions *acts)
{
	return (const struct ovsnl_op *)acts->data;
}

static __always_inline const struct nlattr *
ovsnl_actions_nla(const struct ovsnl_actions *acts)
{
	return (const struct nlattr *)((const __u8 *)acts->data +
				       acts->prog_len);
}

/** ovsnl_op_next() - the operation behind @op in the same list. */
static __always_inline const struct ovsnl_op *
ovsnl_op_next(const struct ovsnl_op *op)
{
	return (const struct ovsnl_op *)((const __u8 *)op + op->len);
}

/* Step through a list of @bytes bytes of operations. */
#define ovsnl_op_for_each(pos, head, bytes)                        \
	for ((pos) = (head);                                       \
	     (const __u8 *)(pos) < (const __u8 *)(head) + (bytes); \
	     (pos) = ovsnl_op_next(pos))

/** ovsnl_op_nested() - nested list of SAMPLE or CLONE; *@bytes its length. */
static __always_inline const struct ovsnl_op *
ovsnl_op_nested(const struct ovsnl_op *op, __u32 *bytes)
{
	__u32 head = op->code == OVSNL_OP_SAMPLE
			     ? sizeof(struct ovsnl_op_sample)
			     : sizeof(struct ovsnl_op_clone);

	*bytes = op->len - head;
	return (const struct ovsnl_op *)((const __u8 *)op + head);
}

/**
 * ovsnl_actions_measure() - check a list and tell how much room it takes.
 * @attr: nested OVS_ACTION_ATTR_* attributes
 * @key: the flow's masked key, or the packet's for execute
 * @size: set to the bytes to allocate for struct ovsnl_actions
 * @err: cause of a refusal, may be NULL
 *
 * Return: 0, -EINVAL, -ERANGE for a malformed userspace action, -EOVERFLOW for
 * lists nested too deep, -EMSGSIZE for a nested list that no longer fits an
 * attribute once it is in canonical form.
 */
int ovsnl_actions_measure(const struct nlattr *attr,
			  const struct ovsnl_key *key, size_t *size,
			  struct ovsnl_err *err);

/**
 * ovsnl_actions_build() - compile the list that was measured.
 * @acts: 8-byte aligned, of the size that ovsnl_actions_measure() told for
 *        the same @attr and @key
 */
void ovsnl_actions_build(struct ovsnl_actions *acts, const struct nlattr *attr,
			 const struct ovsnl_key *key);

#endif
