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

/* Lists may nest (sample, clone, ...) this deep below the outermost one. */
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
	OVSNL_OP_SET_MPLS, /* struct ovsnl_op_set_mpls */
	OVSNL_OP_SET_CT, /* value and mask of ct_mark or ct_labels; see below */
	OVSNL_OP_SET_TUNNEL, /* struct ovsnl_op_set_tunnel */
	OVSNL_OP_PUSH_VLAN, /* struct ovsnl_op_push_vlan */
	OVSNL_OP_POP_VLAN, /* no payload */
	OVSNL_OP_RECIRC, /* struct ovsnl_op_recirc */
	OVSNL_OP_TRUNC, /* struct ovsnl_op_trunc */
	OVSNL_OP_PUSH_MPLS, /* struct ovsnl_op_push_mpls */
	OVSNL_OP_POP_MPLS, /* struct ovsnl_op_pop_mpls */
	OVSNL_OP_PUSH_ETH, /* struct ovsnl_op_push_eth */
	OVSNL_OP_POP_ETH, /* no payload */
	OVSNL_OP_PUSH_NSH, /* struct ovsnl_op_push_nsh */
	OVSNL_OP_POP_NSH, /* no payload */
	OVSNL_OP_HASH, /* struct ovsnl_op_hash */
	OVSNL_OP_METER, /* struct ovsnl_op_meter */
	OVSNL_OP_CT, /* struct ovsnl_op_ct */
	OVSNL_OP_CT_CLEAR, /* no payload */
	OVSNL_OP_DROP, /* struct ovsnl_op_drop; always last of its list */
	OVSNL_OP_PSAMPLE, /* struct ovsnl_op_psample */
	OVSNL_OP_SAMPLE, /* struct ovsnl_op_sample, then its list */
	OVSNL_OP_CLONE, /* struct ovsnl_op_clone, then its list */
	OVSNL_OP_DEC_TTL, /* struct ovsnl_op_dec_ttl, then the list for packets
			   * whose time is up */
	OVSNL_OP_CHECK_PKT_LEN, /* struct ovsnl_op_check_pkt_len, then two
				 * lists: see ovsnl_op_check_nested() */
	OVSNL_OP_COUNT
};

/* struct ovsnl_op.flags */
#define OVSNL_OP_LAST 0x1 /* nothing follows in this list */
#define OVSNL_OP_IN_PLACE \
	0x2 /* SAMPLE, CLONE, CHECK_PKT_LEN: the nested lists
			       * leave packet and key as they were (or this is
			       * LAST), so that they may run without a copy of
			       * the key */

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
 * @egress_port: OVS_USERSPACE_ATTR_EGRESS_TUN_PORT, or OVSNL_MAX_PORTS for
 *               none: a port whose device, if it is a tunnel, completes the
 *               tunnel key that the upcall reports
 */
struct ovsnl_op_userspace {
	struct ovsnl_op op;
	__u32 pid;
	__s32 userdata_len;
	__u32 with_actions;
	__u32 list_ofs;
	__u32 list_len;
	__u32 egress_port;
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

struct ovsnl_op_set_mpls {
	struct ovsnl_op op;
	__be32 value, mask; /* of the outermost label stack entry */
};

/**
 * struct ovsnl_op_set_tunnel - how the packet is to be sent by a tunnel.
 * @cookie: the datapath's own, 0 when the list has been built
 * @tun: bytes of opts from opts_len on are zero
 */
struct ovsnl_op_set_tunnel {
	struct ovsnl_op op;
	__u64 cookie;
	struct ovsnl_tunnel tun;
};

struct ovsnl_op_push_mpls {
	struct ovsnl_op op;
	__be32 lse;
	__be16 ethertype; /* 0x8847 or 0x8848 */
	__u16 at_start; /* ADD_MPLS without the L3 flag: in front of the whole
			 * packet, which has no Ethernet header afterwards;
			 * otherwise in front of the network header */
};

struct ovsnl_op_pop_mpls {
	struct ovsnl_op op;
	__be16 ethertype; /* what is behind the popped entry */
	__u16 pad[3];
};

struct ovsnl_op_push_eth {
	struct ovsnl_op op;
	struct ovs_key_ethernet addresses;
	__u32 pad;
};

/**
 * struct ovsnl_op_push_nsh - put an NSH header in front of the packet.
 * @len: bytes at @header, a multiple of 4
 * @header: whole header as it goes on the wire (RFC 8300), but for the next
 *          protocol, which depends on the packet
 */
struct ovsnl_op_push_nsh {
	struct ovsnl_op op;
	__u32 len;
	__u8 header[];
};

/**
 * struct ovsnl_op_hash - dp_hash from a hash over the packet.
 * @alg: OVS_HASH_ALG_L4, or OVSNL_HASH_ALG_SYM_L4
 */
struct ovsnl_op_hash {
	struct ovsnl_op op;
	__u32 alg;
	__u32 basis;
};

struct ovsnl_op_meter {
	struct ovsnl_op op;
	__u32 meter_id; /* packets pass when there is no such meter */
	__u32 pad;
};

/* struct ovsnl_op_ct.flags */
#define OVSNL_CT_COMMIT 0x01
#define OVSNL_CT_FORCE 0x02 /* FORCE_COMMIT, in addition to OVSNL_CT_COMMIT */
#define OVSNL_CT_NAT 0x04 /* the NAT attribute is there; nat_* below */
#define OVSNL_CT_NAT_SRC 0x08
#define OVSNL_CT_NAT_DST 0x10
#define OVSNL_CT_EVENTMASK 0x20

#define OVSNL_CT_HELPER_LEN 16 /* NF_CT_HELPER_NAME_LEN */
#define OVSNL_CT_TIMEOUT_LEN 32 /* CTNL_TIMEOUT_NAME_MAX */

/**
 * struct ovsnl_op_ct - send the packet through connection tracking.
 * @flags: OVSNL_CT_*
 * @mark, @labels: what a commit sets, where the mask has ones
 * @helper, @timeout: NUL terminated, empty for none
 * @nat_flags: NF_NAT_RANGE_* (<linux/netfilter/nf_nat.h>)
 * @nat_family: AF_INET, AF_INET6, 0 for no address range
 * @nat_min_proto, @nat_max_proto: ports in host order
 */
struct ovsnl_op_ct {
	struct ovsnl_op op;
	__u16 flags;
	__u16 zone;
	__u32 eventmask;
	struct {
		__u32 value, mask;
	} mark;
	struct {
		struct ovs_key_ct_labels value, mask;
	} labels;
	char helper[OVSNL_CT_HELPER_LEN];
	char timeout[OVSNL_CT_TIMEOUT_LEN];
	__u32 nat_flags;
	__u16 nat_family;
	__u16 nat_min_proto;
	__u16 nat_max_proto;
	__u16 pad[3];
	__u8 nat_min_addr[16];
	__u8 nat_max_addr[16];
};

struct ovsnl_op_drop {
	struct ovsnl_op op;
	__u32 error; /* what the client gives as reason, 0 for none */
	__u32 pad;
};

#define OVSNL_PSAMPLE_COOKIE_MAX 16

/** struct ovsnl_op_psample - report the packet to the psample family.
 * The rate reported is the probability of the innermost SAMPLE around, in
 * which it stands; 1 in 1 outside of any.
 */
struct ovsnl_op_psample {
	struct ovsnl_op op;
	__u32 group;
	__u32 cookie_len;
	__u8 cookie[OVSNL_PSAMPLE_COOKIE_MAX];
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
 * struct ovsnl_op_dec_ttl - one hop less, or the nested list instead of the
 * rest of this one for packets that have none left.
 */
struct ovsnl_op_dec_ttl {
	struct ovsnl_op op;
};

/**
 * struct ovsnl_op_check_pkt_len - one of two lists, by the packet's length.
 * @max_len: packets of more bytes take the second list, 1 to 65535
 * @first_len: bytes of the first list; the second fills the rest of the
 *             operation
 */
struct ovsnl_op_check_pkt_len {
	struct ovsnl_op op;
	__u32 max_len;
	__u32 first_len;
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

/** ovsnl_op_next_any() - the operation behind @op, those of its nested lists
 * first. From the first operation of a program on, this meets all of them.
 */
static __always_inline const struct ovsnl_op *
ovsnl_op_next_any(const struct ovsnl_op *op)
{
	__u32 step = op->len;

	if (op->code == OVSNL_OP_SAMPLE)
		step = sizeof(struct ovsnl_op_sample);
	else if (op->code == OVSNL_OP_CLONE || op->code == OVSNL_OP_DEC_TTL)
		step = sizeof(struct ovsnl_op_clone);
	else if (op->code == OVSNL_OP_CHECK_PKT_LEN)
		step = sizeof(struct ovsnl_op_check_pkt_len);
	return (const struct ovsnl_op *)((const __u8 *)op + step);
}

/* Step through a list of @bytes bytes of operations. */
#define ovsnl_op_for_each(pos, head, bytes)                        \
	for ((pos) = (head);                                       \
	     (const __u8 *)(pos) < (const __u8 *)(head) + (bytes); \
	     (pos) = ovsnl_op_next(pos))

/** ovsnl_op_nested() - nested list of SAMPLE, CLONE or DEC_TTL; *@bytes its
 * length.
 */
static __always_inline const struct ovsnl_op *
ovsnl_op_nested(const struct ovsnl_op *op, __u32 *bytes)
{
	__u32 head = op->code == OVSNL_OP_SAMPLE
			     ? sizeof(struct ovsnl_op_sample)
			     : sizeof(struct ovsnl_op_clone);

	*bytes = op->len - head;
	return (const struct ovsnl_op *)((const __u8 *)op + head);
}

/** ovsnl_op_check_nested() - list of CHECK_PKT_LEN for packets of more than
 * max_len bytes (@longer), or for the others; *@bytes its length.
 */
static __always_inline const struct ovsnl_op *
ovsnl_op_check_nested(const struct ovsnl_op_check_pkt_len *op, bool longer,
		      __u32 *bytes)
{
	const __u8 *first = (const __u8 *)(op + 1);

	*bytes = longer ? op->op.len - (__u32)sizeof(*op) - op->first_len
			: op->first_len;
	return (const struct ovsnl_op *)(longer ? first + op->first_len
						: first);
}

/**
 * ovsnl_actions_measure() - check a list and tell how much room it takes.
 * @attr: nested OVS_ACTION_ATTR_* attributes
 * @key: the flow's masked key, or the packet's for execute
 * @size: set to the bytes to allocate for struct ovsnl_actions
 * @err: cause of a refusal, may be NULL
 *
 * Return: 0, -EINVAL, -ERANGE for parts of a wrong length and for NAT of both
 * source and destination, -ENOENT for a helper that has no NAT, -EOVERFLOW for
 * lists nested too deep, -EMSGSIZE for a list that no longer fits an attribute
 * once it is in canonical form.
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

/** struct ovsnl_actions_parts - of what a compiled list consists, in bytes. */
struct ovsnl_actions_parts {
	__u32 prog;
	__u32 nla;
};

/** ovsnl_actions_parts_size() - bytes to allocate for a list of these parts. */
static inline size_t
ovsnl_actions_parts_size(const struct ovsnl_actions_parts *parts)
{
	return sizeof(struct ovsnl_actions) + parts->prog + parts->nla;
}

/** ovsnl_actions_measure_parts() - ovsnl_actions_measure(), for
 * ovsnl_actions_build_parts().
 */
int ovsnl_actions_measure_parts(const struct nlattr *attr,
				const struct ovsnl_key *key,
				struct ovsnl_actions_parts *parts,
				struct ovsnl_err *err);

/** ovsnl_actions_build_parts() - ovsnl_actions_build() without measuring once
 * more; @parts are those measured for the same @attr and @key.
 */
void ovsnl_actions_build_parts(struct ovsnl_actions *acts,
			       const struct nlattr *attr,
			       const struct ovsnl_key *key,
			       const struct ovsnl_actions_parts *parts);

#endif
