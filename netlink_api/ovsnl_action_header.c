// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Actions that push and pop headers: VLAN tags, MPLS labels, Ethernet.
 *
 * Overview: what may be pushed or popped depends on what the packet looks like
 * by then. The list's state keeps track of that; where it is lost (behind the
 * last label) only a recirculation brings it back.
 *
 * Life cycle, Synchronisation, Lock order: see ovsnl_action.c.
 */
#include "ovsnl_compile.h"

static bool is_mpls_type(__be16 type)
{
	return type == htons(ETH_P_MPLS_UC) || type == htons(ETH_P_MPLS_MC);
}

static bool has_tag(const struct ovsnl_list *l)
{
	return !!(l->state.vlan_tci & htons(OVSNL_VLAN_PRESENT));
}

static bool has_ethernet(const struct ovsnl_list *l)
{
	return l->state.mac_proto == OVSNL_MAC_ETHERNET;
}

int ovsnl_check_push_vlan(struct ovsnl_compile *c, struct ovsnl_list *l,
			  const struct nlattr *a)
{
	struct ovs_action_push_vlan vlan;

	if (!has_ethernet(l))
		return ovsnl_compile_refuse(
			c, a, "push_vlan needs an Ethernet header");
	memcpy(&vlan, ovsnl_attr_data(a), sizeof(vlan));
	if (vlan.vlan_tpid != htons(ETH_P_8021Q) &&
	    vlan.vlan_tpid != htons(ETH_P_8021AD))
		return ovsnl_compile_refuse(c, a,
					    "push_vlan TPID is no VLAN type");
	if (!(vlan.vlan_tci & htons(OVSNL_VLAN_PRESENT)))
		return ovsnl_compile_refuse(c, a,
					    "push_vlan TCI lacks the CFI bit");
	l->state.vlan_tci = vlan.vlan_tci;
	return 0;
}

int ovsnl_check_pop_vlan(struct ovsnl_compile *c, struct ovsnl_list *l,
			 const struct nlattr *a)
{
	if (!has_ethernet(l))
		return ovsnl_compile_refuse(
			c, a, "pop_vlan needs an Ethernet header");
	l->state.vlan_tci = 0;
	return 0;
}

/* Labels go in front of these only, since the order of tags is known there. */
static bool takes_label(const struct ovsnl_list *l)
{
	__be16 type = l->state.eth_type;

	return !has_tag(l) &&
	       (type == htons(ETH_P_IP) || type == htons(ETH_P_IPV6) ||
		type == htons(ETH_P_ARP) || type == htons(ETH_P_RARP) ||
		is_mpls_type(type));
}

static void put_mpls(struct ovsnl_compile *c, const struct ovsnl_list *l,
		     __be32 lse, __be16 type, bool at_start)
{
	struct ovsnl_op_push_mpls *op;

	op = ovsnl_compile_op(c, l, OVSNL_OP_PUSH_MPLS, sizeof(*op));
	if (!op)
		return;
	op->lse = lse;
	op->ethertype = type;
	op->at_start = at_start;
}

int ovsnl_compile_push_mpls(struct ovsnl_compile *c, struct ovsnl_list *l,
			    const struct nlattr *a)
{
	struct ovs_action_push_mpls mpls;

	memcpy(&mpls, ovsnl_attr_data(a), sizeof(mpls));
	if (!is_mpls_type(mpls.mpls_ethertype))
		return ovsnl_compile_refuse(c, a,
					    "push_mpls EtherType is not MPLS");
	if (!takes_label(l))
		return ovsnl_compile_refuse(
			c, a, "push_mpls on a tagged or unknown protocol");
	l->state.eth_type = mpls.mpls_ethertype;
	l->state.mpls_labels++;
	put_mpls(c, l, mpls.mpls_lse, mpls.mpls_ethertype, false);
	ovsnl_compile_copy(c, a);
	return 0;
}

/* Popping the last label that is known leaves the protocol unknown, whatever
 * the action says: the packet may not be long enough for it.
 */
int ovsnl_check_pop_mpls(struct ovsnl_compile *c, struct ovsnl_list *l,
			 const struct nlattr *a)
{
	__be16 type = ovsnl_attr_be16(a);

	if (has_tag(l) || !is_mpls_type(l->state.eth_type))
		return ovsnl_compile_refuse(
			c, a, "pop_mpls on a tagged packet or without labels");
	if (type == htons(ETH_P_TEB) && has_ethernet(l))
		return ovsnl_compile_refuse(
			c, a, "pop_mpls to Ethernet of a packet that has it");
	l->state.mpls_labels--;
	if (!is_mpls_type(type) || !l->state.mpls_labels)
		type = 0;
	l->state.eth_type = type;
	return 0;
}

/* In front of the whole packet, or, as push_mpls, of the network header. */
int ovsnl_compile_add_mpls(struct ovsnl_compile *c, struct ovsnl_list *l,
			   const struct nlattr *a)
{
	struct ovs_action_add_mpls mpls;
	bool at_start;

	memcpy(&mpls, ovsnl_attr_data(a), sizeof(mpls));
	at_start = !(mpls.tun_flags & OVS_MPLS_L3_TUNNEL_FLAG_MASK);
	if (!is_mpls_type(mpls.mpls_ethertype))
		return ovsnl_compile_refuse(c, a,
					    "add_mpls EtherType is not MPLS");
	if (!at_start && !takes_label(l))
		return ovsnl_compile_refuse(
			c, a, "add_mpls on a tagged or unknown protocol");
	if (at_start && has_ethernet(l))
		l->state.mpls_labels = 0;
	if (at_start)
		l->state.mac_proto = OVSNL_MAC_NONE;
	l->state.mpls_labels++;
	l->state.eth_type = mpls.mpls_ethertype;
	put_mpls(c, l, mpls.mpls_lse, mpls.mpls_ethertype, at_start);
	ovsnl_compile_copy(c, a);
	return 0;
}

int ovsnl_check_push_eth(struct ovsnl_compile *c, struct ovsnl_list *l,
			 const struct nlattr *a)
{
	if (l->state.mac_proto != OVSNL_MAC_NONE)
		return ovsnl_compile_refuse(
			c, a, "push_eth on a packet with an Ethernet header");
	l->state.mac_proto = OVSNL_MAC_ETHERNET;
	return 0;
}

int ovsnl_check_pop_eth(struct ovsnl_compile *c, struct ovsnl_list *l,
			const struct nlattr *a)
{
	if (!has_ethernet(l) || has_tag(l))
		return ovsnl_compile_refuse(
			c, a, "pop_eth of a packet that is tagged or has none");
	l->state.mac_proto = OVSNL_MAC_NONE;
	return 0;
}
