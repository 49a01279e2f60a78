// SPDX-License-Identifier: GPL-2.0-only
/*
 * Headers put on packets and taken off.
 *
 * Overview
 *	The kernel knows how to move bytes and checksums; here stands what
 *	that means for the key, and what has to be true of a packet before.
 *
 *	What tells connections apart is a hash over the packet as it came in.
 *	It is computed late, when somebody asks for it. Headers of another kind
 *	in front would make it another hash: so it is computed before them.
 *
 * Life cycle
 *	None.
 *
 * Synchronisation
 *	The caller owns packet and key.
 *
 * Lock order
 *	No locks.
 */
#include <linux/if_vlan.h>
#include <linux/mpls.h>
#include <net/mpls.h>
#include <net/nsh.h>

#include "datapath.h"
#include "encap.h"

static void keep_hash(struct sk_buff *skb)
{
	if (!ovs_skb_cb(skb)->hash_final)
		skb_get_hash(skb);
}

/* Tags. The key knows both: while there is at most one, it can be kept up to
 * date; else what is behind the outer tag has to be extracted again.
 */

int ovs_encap_push_vlan(struct sk_buff *skb, struct sw_flow_key *key,
			const struct ovsnl_op_push_vlan *op)
{
	if (skb_vlan_tag_present(skb)) {
		key->stale = true;
		keep_hash(skb);
	} else {
		key->fields.vlan_tci = op->tci;
		key->fields.vlan_tpid = op->tpid;
	}
	return skb_vlan_push(skb, op->tpid,
			     ntohs(op->tci) & ~OVSNL_VLAN_PRESENT);
}

int ovs_encap_pop_vlan(struct sk_buff *skb, struct sw_flow_key *key)
{
	int err = skb_vlan_pop(skb);

	if (skb_vlan_tag_present(skb)) {
		key->stale = true;
	} else {
		key->fields.vlan_tci = 0;
		key->fields.vlan_tpid = 0;
	}
	return err;
}

/* MPLS: labels stand between the link layer header and the network header,
 * wherever earlier actions left those. The bytes between are moved: their
 * number must be what it seems.
 */
static bool link_layer_is_sane(const struct sk_buff *skb)
{
	return skb->mac_len == skb_network_offset(skb) &&
	       skb->mac_len <= skb_headlen(skb);
}

static int push_mpls(struct sk_buff *skb, struct sw_flow_key *key,
		     const struct ovsnl_op_push_mpls *op)
{
	u16 mac_len = op->at_start ? 0 : skb->mac_len;
	int err;

	if (unlikely(!link_layer_is_sane(skb)))
		return -EINVAL;
	err = skb_mpls_push(skb, op->lse, op->ethertype, mac_len, mac_len);
	if (!err && !mac_len)
		key->fields.mac_proto = OVSNL_MAC_NONE;
	return err;
}

static int pop_mpls(struct sk_buff *skb, struct sw_flow_key *key,
		    const struct ovsnl_op_pop_mpls *op)
{
	int err;

	if (unlikely(!link_layer_is_sane(skb)))
		return -EINVAL;
	err = skb_mpls_pop(skb, op->ethertype, skb->mac_len,
			   key->fields.mac_proto == OVSNL_MAC_ETHERNET);
	if (!err && op->ethertype == htons(ETH_P_TEB))
		key->fields.mac_proto = OVSNL_MAC_ETHERNET;
	return err;
}

static int push_eth(struct sk_buff *skb, struct sw_flow_key *key,
		    const struct ovsnl_op_push_eth *op)
{
	int err =
		skb_eth_push(skb, op->addresses.eth_dst, op->addresses.eth_src);

	if (!err)
		key->fields.mac_proto = OVSNL_MAC_ETHERNET;
	return err;
}

static int pop_eth(struct sk_buff *skb, struct sw_flow_key *key)
{
	int err = skb_eth_pop(skb);

	if (!err)
		key->fields.mac_proto = OVSNL_MAC_NONE;
	return err;
}

static int push_nsh(struct sk_buff *skb, struct sw_flow_key *key,
		    const struct ovsnl_op_push_nsh *op)
{
	int err = nsh_push(skb, (const struct nshhdr *)op->header);

	if (!err)
		key->fields.mac_proto = OVSNL_MAC_NONE;
	return err;
}

static int pop_nsh(struct sk_buff *skb, struct sw_flow_key *key)
{
	int err = nsh_pop(skb);

	if (!err)
		key->fields.mac_proto = skb->protocol == htons(ETH_P_TEB)
						? OVSNL_MAC_ETHERNET
						: OVSNL_MAC_NONE;
	return err;
}

static int execute(struct sk_buff *skb, struct sw_flow_key *key,
		   const struct ovsnl_op *op)
{
	switch (op->code) {
	case OVSNL_OP_PUSH_MPLS:
		return push_mpls(skb, key, (const void *)op);
	case OVSNL_OP_POP_MPLS:
		return pop_mpls(skb, key, (const void *)op);
	case OVSNL_OP_PUSH_ETH:
		return push_eth(skb, key, (const void *)op);
	case OVSNL_OP_POP_ETH:
		return pop_eth(skb, key);
	case OVSNL_OP_PUSH_NSH:
		return push_nsh(skb, key, (const void *)op);
	default:
		return pop_nsh(skb, key);
	}
}

int ovs_encap(struct sk_buff *skb, struct sw_flow_key *key,
	      const struct ovsnl_op *op)
{
	keep_hash(skb);
	key->stale = true;
	return execute(skb, key, op);
}
