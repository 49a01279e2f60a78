// SPDX-License-Identifier: GPL-2.0-only
/*
 * Action lists, executed.
 *
 * Overview
 *	A list is a program of operations that was checked and compiled when it
 *	arrived; here it is stepped through. Some operations run other lists on
 *	the packet: nested ones (sample, clone) or, after a lookup, those of
 *	another flow (recirc). They get a copy of packet and key unless they
 *	are the last that needs them. Packets whose time to live is up leave
 *	their list for good, for one that is nested in it.
 *
 *	Such runs nest on the stack, which is short: copies of the key stand in
 *	per-CPU memory for a few levels; what goes deeper is put in a per-CPU
 *	queue and run when the outermost list is done. Packets that come back
 *	to the datapath through devices nest as well; there is a limit to that,
 *	too.
 *
 * Life cycle
 *	A packet is consumed by the last operation of its list, or dropped by
 *	the first that fails.
 *
 * Synchronisation
 *	Softirqs are off: the per-CPU state is used by one packet at a time.
 *	RCU keeps lists alive, also while they wait in the queue.
 *
 * Lock order
 *	No locks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jhash.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/random.h>

#include "actions.h"
#include "conntrack.h"
#include "encap.h"
#include "flow_extract.h"
#include "fragment.h"
#include "meter.h"
#include "openvswitch_trace.h"
#include "ovsnl_uapi_new.h"
#include "psample.h"
#include "rewrite.h"
#include "tunnel.h"
#include "upcall.h"
#include "vport.h"

/**
 * struct run - a list on its way.
 * @dp: the datapath
 * @acts: what the list is part of
 * @ops: first operation; NULL: look the packet up instead
 * @ops_len: bytes of operations
 * @shares_key: a list around this one goes on with the same key
 * @own_copy: the packet is a copy that was made for this list
 */
struct run {
	struct datapath *dp;
	const struct sw_flow_actions *acts;
	const struct ovsnl_op *ops;
	u32 ops_len;
	bool shares_key;
	bool own_copy;
};

/** struct deferred_action - a run that waits, with packet and key. */
struct deferred_action {
	struct run run;
	struct sk_buff *skb;
	struct sw_flow_key key;
};

/**
 * struct actions_cpu - a CPU's state.
 * @level: runs that are nested now
 * @head: next place in @fifo to take from
 * @tail: next place to put to; both start over when all has been taken
 * @keys: copies of keys, by level
 * @fifo: deferred runs
 */
struct actions_cpu {
	int level;
	unsigned int head;
	unsigned int tail;
	struct sw_flow_key keys[OVS_DEFERRED_ACTION_THRESHOLD];
	struct deferred_action fifo[OVS_DEFERRED_ACTION_FIFO];
};

static struct actions_cpu __percpu *actions_cpus;

static int do_execute_actions(const struct run *run, struct sk_buff *skb,
			      struct sw_flow_key *key);

int ovs_actions_init(void)
{
	actions_cpus = alloc_percpu(struct actions_cpu);
	return actions_cpus ? 0 : -ENOMEM;
}

void ovs_actions_exit(void)
{
	free_percpu(actions_cpus);
}

/* Output and upcall */

static void do_output(struct datapath *dp, struct sk_buff *skb, u32 port_no,
		      const struct sw_flow_key *key)
{
	struct vport *vport = ovs_dp_vport(dp, port_no);
	const struct ovs_skb_cb *cb = ovs_skb_cb(skb);
	u8 mac_proto = key->fields.mac_proto;
	u32 keep;

	if (unlikely(!vport || !netif_running(vport->dev) ||
		     !netif_carrier_ok(vport->dev))) {
		ovs_drop(dp->drops, skb,
			 vport ? OVS_DROP_OUTPUT_DOWN
			       : OVS_DROP_OUTPUT_NO_PORT);
		return;
	}
	if (unlikely(cb->cutlen < skb->len)) {
		keep = mac_proto == OVSNL_MAC_ETHERNET ? ETH_HLEN : 0;
		if (ovs_rewrite_trim(skb, max(cb->cutlen, keep))) {
			ovs_drop(dp->drops, skb, OVS_DROP_NO_MEMORY);
			return;
		}
	}
	if (likely(!cb->mru ||
		   skb->len <= cb->mru + vport->dev->hard_header_len))
		ovs_vport_send(vport, skb, mac_proto);
	else
		ovs_fragment_send(vport, skb, key);
}

/* A copy for an operation that is not the last to need the packet. */
static struct sk_buff *copy_for(struct datapath *dp, struct sk_buff *skb)
{
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

	if (unlikely(!copy))
		ovs_drop_count(dp->drops, OVS_DROP_NO_MEMORY);
	return copy;
}

static void output_copy(struct datapath *dp, struct sk_buff *skb, u32 port_no,
			const struct sw_flow_key *key)
{
	struct sk_buff *copy = copy_for(dp, skb);

	if (likely(copy))
		do_output(dp, copy, port_no, key);
	ovs_skb_cb(skb)->cutlen = U32_MAX;
}

/* Not inline, as some below: the usual list outputs and has no use for their
 * stack.
 */
static noinline void output_userspace(const struct run *run,
				      struct sk_buff *skb,
				      const struct sw_flow_key *key,
				      const struct ovsnl_op_userspace *op)
{
	struct ovs_skb_cb *cb = ovs_skb_cb(skb);
	struct dp_upcall_info info = {
		.cmd = OVS_PACKET_CMD_ACTION,
		.portid = ovs_upcall_portid(run->dp, skb, op->pid),
		.mru = cb->mru,
		.userdata = op->userdata,
		.userdata_len = op->userdata_len,
	};
	struct ovsnl_tunnel egress __uninitialized;
	struct vport *vport;

	if (unlikely(op->egress_port < OVSNL_MAX_PORTS)) {
		vport = ovs_dp_vport(run->dp, op->egress_port);
		if (vport && ovs_tunnel_egress(vport->dev, skb, &egress))
			info.egress = &egress;
	}
	if (op->with_actions) {
		info.actions =
			(const void *)ovsnl_actions_nla(&run->acts->acts) +
			op->list_ofs;
		info.actions_len = op->list_len;
	}
	ovs_dp_upcall(run->dp, skb, key, &info, cb->cutlen);
	cb->cutlen = U32_MAX;
}

/* Nested runs */

/* Room for a copy of the key at this level, NULL when there is none left. */
static struct sw_flow_key *key_copy(struct actions_cpu *cpu,
				    const struct sw_flow_key *key)
{
	struct sw_flow_key *copy;

	if (cpu->level > OVS_DEFERRED_ACTION_THRESHOLD)
		return NULL;
	copy = &cpu->keys[cpu->level - 1];
	ovs_flow_key_copy(copy, key);
	return copy;
}

static void warn_not_deferred(const struct run *run,
			      const struct sw_flow_key *key)
{
	if (!net_ratelimit())
		return;
	if (run->ops)
		pr_warn("%s: deferred action limit reached, drop sample "
			"action\n",
			ovs_dp_name(run->dp));
	else
		pr_warn("%s: deferred action limit reached, drop recirc action "
			"(recirc_id=%#x)\n",
			ovs_dp_name(run->dp), key->fields.recirc_id);
}

static struct deferred_action *defer(struct actions_cpu *cpu,
				     const struct run *run, struct sk_buff *skb,
				     const struct sw_flow_key *key)
{
	struct deferred_action *da;

	if (cpu->tail == OVS_DEFERRED_ACTION_FIFO)
		return NULL;
	da = &cpu->fifo[cpu->tail++];
	da->run = *run;
	da->skb = skb;
	ovs_flow_key_copy(&da->key, key);
	return da;
}

/* Run a nested list on a packet that is its own to consume. @op: has it. */
static int run_list(struct run *inner, struct sk_buff *skb,
		    struct sw_flow_key *key, const struct ovsnl_op *op)
{
	struct actions_cpu *cpu = this_cpu_ptr(actions_cpus);
	struct sw_flow_key *copy;
	int err;

	if (op->flags & OVSNL_OP_IN_PLACE)
		return do_execute_actions(inner, skb, key);

	inner->shares_key = false;
	copy = key_copy(cpu, key);
	if (likely(copy)) {
		cpu->level++;
		err = do_execute_actions(inner, skb, copy);
		cpu->level--;
		return err;
	}
	if (!defer(cpu, inner, skb, key)) {
		warn_not_deferred(inner, key);
		ovs_drop(inner->dp->drops, skb, OVS_DROP_DEFERRED);
	}
	return 0;
}

/* Bytes from the link layer header on, of the largest packet that this one is
 * to be cut into.
 */
static bool is_longer(const struct sk_buff *skb, u32 max_len)
{
	u32 mru = ovs_skb_cb((struct sk_buff *)skb)->mru;
	u32 len = mru ? mru + skb->mac_len : skb->len;

	if (len <= max_len)
		return false;
	return !skb_is_gso(skb) || !skb_gso_validate_mac_len(skb, max_len);
}

static int run_nested(const struct run *outer, struct sk_buff *skb,
		      struct sw_flow_key *key, const struct ovsnl_op *op)
{
	const struct ovsnl_op_check_pkt_len *check = (const void *)op;
	struct run inner = *outer;

	if (op->code == OVSNL_OP_CHECK_PKT_LEN)
		inner.ops = ovsnl_op_check_nested(
			check, is_longer(skb, check->max_len), &inner.ops_len);
	else
		inner.ops = ovsnl_op_nested(op, &inner.ops_len);
	if (!(op->flags & OVSNL_OP_LAST)) {
		skb = copy_for(outer->dp, skb);
		if (!skb)
			return 0;
		inner.shares_key = true;
		inner.own_copy = true;
	}
	if (op->code == OVSNL_OP_SAMPLE)
		ovs_skb_cb(skb)->probability =
			((const struct ovsnl_op_sample *)op)->probability;
	return run_list(&inner, skb, key, op);
}

/* No time to live is left: the nested list instead of the rest of this one. */
static noinline int run_expired(const struct run *outer, struct sk_buff *skb,
				struct sw_flow_key *key,
				const struct ovsnl_op *op)
{
	struct run inner = *outer;

	inner.ops = ovsnl_op_nested(op, &inner.ops_len);
	if (!inner.ops_len) {
		ovs_drop(outer->dp->drops, skb, OVS_DROP_TTL);
		return 0;
	}
	return do_execute_actions(&inner, skb, key);
}

/* Look the packet up again. It is consumed if this is the last operation. */
static int recirculate(const struct run *outer, struct sk_buff *skb,
		       struct sw_flow_key *key,
		       const struct ovsnl_op_recirc *op)
{
	struct actions_cpu *cpu = this_cpu_ptr(actions_cpus);
	bool last = op->op.flags & OVSNL_OP_LAST;
	const struct run lookup = { .dp = outer->dp };
	u32 recirc_id = key->fields.recirc_id;
	struct deferred_action *da;
	int err;

	if (unlikely(key->stale)) {
		err = ovs_flow_key_update(skb, key);
		if (err) {
			if (last)
				ovs_drop(outer->dp->drops, skb,
					 OVS_DROP_ACTION_ERROR);
			return err;
		}
	}
	if (!last) {
		skb = copy_for(outer->dp, skb);
		if (!skb)
			return 0;
	}
	ovs_skb_cb(skb)->hash_final = false;
	if (likely(cpu->level <= OVS_DEFERRED_ACTION_THRESHOLD)) {
		if (!last || outer->shares_key)
			key = key_copy(cpu, key);
		key->fields.recirc_id = op->recirc_id;
		ovs_dp_process_packet(skb, key);
		return 0;
	}
	key->fields.recirc_id = op->recirc_id;
	da = defer(cpu, &lookup, skb, key);
	if (!da) {
		warn_not_deferred(&lookup, key);
		ovs_drop(outer->dp->drops, skb, OVS_DROP_DEFERRED);
	}
	key->fields.recirc_id = recirc_id;
	return 0;
}

static bool sample_hits(const struct ovsnl_op_sample *op)
{
	if (op->probability == U32_MAX)
		return true;
	return op->probability && get_random_u32() <= op->probability;
}

/* The list */

/* Does some operation of a list pass the packet on, or may? */
static bool delivers(const struct ovsnl_op *ops, u32 ops_len)
{
	const struct ovsnl_op *op;

	ovsnl_op_for_each(op, ops, ops_len) {
		switch (op->code) {
		case OVSNL_OP_OUTPUT:
		case OVSNL_OP_USERSPACE:
		case OVSNL_OP_RECIRC:
		case OVSNL_OP_SAMPLE:
		case OVSNL_OP_CLONE:
		case OVSNL_OP_CHECK_PKT_LEN:
			return true;
		}
	}
	return false;
}

/* The packet is still there behind @len bytes of a list's operations, and
 * nothing more is to be done.
 */
static noinline void finish(const struct run *run, struct sk_buff *skb, u32 len)
{
	if (run->own_copy || delivers(run->ops, len))
		consume_skb(skb);
	else
		ovs_drop(run->dp->drops, skb, OVS_DROP_FLOW_DROP);
}

/* Operations that may consume the packet. Return: whether @op did, that is
 * whether it was the last; *@err is then the result of the list.
 */
static noinline bool execute_branch(const struct run *run, struct sk_buff *skb,
				    struct sw_flow_key *key,
				    const struct ovsnl_op *op, int *err)
{
	bool last = op->flags & OVSNL_OP_LAST;

	if (op->code == OVSNL_OP_RECIRC) {
		*err = recirculate(run, skb, key, (const void *)op);
	} else if (op->code != OVSNL_OP_SAMPLE ||
		   sample_hits((const void *)op)) {
		*err = run_nested(run, skb, key, op);
	} else {
		if (last)
			finish(run, skb, (const u8 *)op - (const u8 *)run->ops);
		*err = 0;
	}
	return last;
}

static void execute_hash(struct sk_buff *skb, struct ovsnl_key *key,
			 const struct ovsnl_op_hash *op)
{
	u32 hash = op->alg == OVSNL_HASH_ALG_SYM_L4
			   ? __skb_get_hash_symmetric(skb)
			   : skb_get_hash(skb);

	key->dp_hash = jhash_1word(hash, op->basis) ?: 1;
}

/* Operations that leave the packet alone, or change it where it is. */
static noinline int execute_other(const struct run *run, struct sk_buff *skb,
				  struct sw_flow_key *key,
				  const struct ovsnl_op *op)
{
	switch (op->code) {
	case OVSNL_OP_PUSH_MPLS:
	case OVSNL_OP_POP_MPLS:
	case OVSNL_OP_PUSH_ETH:
	case OVSNL_OP_POP_ETH:
	case OVSNL_OP_PUSH_NSH:
	case OVSNL_OP_POP_NSH:
		return ovs_encap(skb, key, op);
	case OVSNL_OP_HASH:
		execute_hash(skb, &key->fields, (const void *)op);
		return 0;
	case OVSNL_OP_CT_CLEAR:
		ovs_ct_clear(skb, &key->fields);
		return 0;
	case OVSNL_OP_PSAMPLE:
		ovs_psample(run->dp, skb, (const void *)op);
		return 0;
	case OVSNL_OP_CT:
		return -EOPNOTSUPP;
	default:
		return ovs_rewrite_set(skb, key, op);
	}
}

static bool exceeds_meter(const struct run *run, struct sk_buff *skb,
			  struct sw_flow_key *key, const struct ovsnl_op *op)
{
	return ovs_meter_execute(run->dp, skb, key,
				 ((const struct ovsnl_op_meter *)op)->meter_id);
}

static enum ovs_drop why_dropped(const struct ovsnl_op *op)
{
	return ((const struct ovsnl_op_drop *)op)->error
		       ? OVS_DROP_EXPLICIT_ERROR
		       : OVS_DROP_EXPLICIT;
}

static int do_execute_actions(const struct run *run, struct sk_buff *skb,
			      struct sw_flow_key *key)
{
	const struct ovsnl_op *op;
	int err = 0;
	u32 port_no;

	ovsnl_op_for_each(op, run->ops, run->ops_len) {
		if (trace_ovs_do_execute_action_enabled())
			ovs_trace_action(run->dp, skb, key, op);

		switch (op->code) {
		case OVSNL_OP_OUTPUT:
			port_no = ((const struct ovsnl_op_output *)op)->port;
			if (likely(op->flags & OVSNL_OP_LAST)) {
				do_output(run->dp, skb, port_no, key);
				return 0;
			}
			output_copy(run->dp, skb, port_no, key);
			break;
		case OVSNL_OP_USERSPACE:
			output_userspace(run, skb, key, (const void *)op);
			break;
		case OVSNL_OP_TRUNC:
			ovs_skb_cb(skb)->cutlen =
				((const struct ovsnl_op_trunc *)op)->max_len;
			break;
		case OVSNL_OP_PUSH_VLAN:
			err = ovs_encap_push_vlan(skb, key, (const void *)op);
			break;
		case OVSNL_OP_POP_VLAN:
			err = ovs_encap_pop_vlan(skb, key);
			break;
		case OVSNL_OP_RECIRC:
		case OVSNL_OP_SAMPLE:
		case OVSNL_OP_CLONE:
		case OVSNL_OP_CHECK_PKT_LEN:
			if (execute_branch(run, skb, key, op, &err))
				return err;
			break;
		case OVSNL_OP_METER:
			if (exceeds_meter(run, skb, key, op)) {
				ovs_drop(run->dp->drops, skb, OVS_DROP_METER);
				return 0;
			}
			break;
		case OVSNL_OP_DEC_TTL:
			err = ovs_rewrite_dec_ttl(skb, key);
			if (err == -EHOSTUNREACH)
				return run_expired(run, skb, key, op);
			break;
		case OVSNL_OP_DROP:
			ovs_drop(run->dp->drops, skb, why_dropped(op));
			return 0;
		default:
			err = execute_other(run, skb, key, op);
			break;
		}
		if (unlikely(err)) {
			ovs_drop(run->dp->drops, skb,
				 err == -EOPNOTSUPP ? OVS_DROP_CONNTRACK
						    : OVS_DROP_ACTION_ERROR);
			return err;
		}
	}
	finish(run, skb, run->ops_len);
	return 0;
}

static void run_deferred(struct actions_cpu *cpu)
{
	struct deferred_action *da;

	while (cpu->head < cpu->tail) {
		da = &cpu->fifo[cpu->head++];
		if (da->run.ops)
			do_execute_actions(&da->run, da->skb, &da->key);
		else
			ovs_dp_process_packet(da->skb, &da->key);
	}
	cpu->head = 0;
	cpu->tail = 0;
}

int ovs_execute_actions(struct datapath *dp, struct sk_buff *skb,
			const struct sw_flow_actions *acts,
			struct sw_flow_key *key)
{
	struct actions_cpu *cpu = this_cpu_ptr(actions_cpus);
	const struct run run = {
		.dp = dp,
		.acts = acts,
		.ops = ovsnl_actions_prog(&acts->acts),
		.ops_len = acts->acts.prog_len,
	};
	int err;

	if (unlikely(++cpu->level > OVS_RECURSION_LIMIT)) {
		net_crit_ratelimited("ovs: recursion limit reached on datapath "
				     "%s, probable configuration error\n",
				     ovs_dp_name(dp));
		ovs_drop(dp->drops, skb, OVS_DROP_RECURSION);
		err = -ENETDOWN;
	} else {
		err = do_execute_actions(&run, skb, key);
		if (cpu->level == 1 && unlikely(cpu->tail))
			run_deferred(cpu);
	}
	cpu->level--;
	return err;
}
