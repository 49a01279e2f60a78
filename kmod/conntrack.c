// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections of packets.
 *
 * Overview
 *	Packets that the host sends through an internal port may belong to a
 *	connection that the host's own connection tracking knows: their keys
 *	say so.
 *
 * Life cycle
 *	A packet holds a reference to its connection.
 *
 * Synchronisation
 *	RCU. Marks and labels may change at any time.
 *
 * Lock order
 *	No locks.
 */
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_labels.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "conntrack.h"

#if IS_ENABLED(CONFIG_NF_CONNTRACK_MARK)
static u32 connection_mark(const struct nf_conn *ct)
{
	return READ_ONCE(ct->mark);
}
#else
static u32 connection_mark(const struct nf_conn *ct)
{
	return 0;
}
#endif

/* What the packet is to its connection, by enum ip_conntrack_info. */
static const u8 packet_states[IP_CT_NUMBER] = {
	[IP_CT_ESTABLISHED] = OVS_CS_F_ESTABLISHED,
	[IP_CT_RELATED] = OVS_CS_F_RELATED,
	[IP_CT_NEW] = OVS_CS_F_NEW,
	[IP_CT_ESTABLISHED_REPLY] = OVS_CS_F_ESTABLISHED | OVS_CS_F_REPLY_DIR,
	[IP_CT_RELATED_REPLY] = OVS_CS_F_RELATED | OVS_CS_F_REPLY_DIR,
};

static u8 connection_state(const struct nf_conn *ct,
			   enum ip_conntrack_info ctinfo)
{
	u8 state = OVS_CS_F_TRACKED;

	if (ctinfo < ARRAY_SIZE(packet_states))
		state |= packet_states[ctinfo];
	if (!nf_ct_is_confirmed(ct))
		state |= OVS_CS_F_NEW;
	if (ct->master)
		state |= OVS_CS_F_RELATED;
	if (ct->status & IPS_SRC_NAT)
		state |= OVS_CS_F_SRC_NAT;
	if (ct->status & IPS_DST_NAT)
		state |= OVS_CS_F_DST_NAT;
	return state;
}

/* Neighbour discovery has no original tuple: the kernel's own module keeps
 * both in the same place.
 */
static bool is_neighbour_discovery(const struct ovsnl_key *key)
{
	return key->ip_proto == IPPROTO_ICMPV6 && !key->tp_dst &&
	       (key->tp_src == htons(135) || key->tp_src == htons(136));
}

static void tuple_fill(struct ovsnl_key *key,
		       const struct nf_conntrack_tuple *orig, u8 icmp_proto)
{
	key->ct_orig_proto = orig->dst.protonum;
	if (orig->dst.protonum == icmp_proto) {
		key->ct_orig_tp_src = htons(orig->dst.u.icmp.type);
		key->ct_orig_tp_dst = htons(orig->dst.u.icmp.code);
	} else {
		key->ct_orig_tp_src = orig->src.u.all;
		key->ct_orig_tp_dst = orig->dst.u.all;
	}
}

/* The original direction's tuple, of the master if there is one. */
static void original_fill(struct ovsnl_key *key, const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *orig;

	if (ct->master)
		ct = ct->master;
	orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	if (key->eth_type == htons(ETH_P_IP) &&
	    nf_ct_l3num(ct) == NFPROTO_IPV4) {
		memcpy(key->ct_orig_src, &orig->src.u3.ip, sizeof(__be32));
		memcpy(key->ct_orig_dst, &orig->dst.u3.ip, sizeof(__be32));
		tuple_fill(key, orig, IPPROTO_ICMP);
	} else if (key->eth_type == htons(ETH_P_IPV6) &&
		   nf_ct_l3num(ct) == NFPROTO_IPV6 &&
		   !is_neighbour_discovery(key)) {
		memcpy(key->ct_orig_src, &orig->src.u3.in6, 16);
		memcpy(key->ct_orig_dst, &orig->dst.u3.in6, 16);
		tuple_fill(key, orig, IPPROTO_ICMPV6);
	}
}

void ovs_ct_fill_key(const struct sk_buff *skb, struct ovsnl_key *key)
{
	const struct nf_conn_labels *labels;
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (!ct)
		return;
	key->ct_state = connection_state(ct, ctinfo);
	key->ct_zone = nf_ct_zone(ct)->id;
	key->ct_mark = connection_mark(ct);
	labels = nf_ct_labels_find(ct);
	if (labels)
		memcpy(key->ct_label, labels->bits, sizeof(key->ct_label));
	original_fill(key, ct);
}

void ovs_ct_forget(struct sk_buff *skb)
{
	nf_reset_ct(skb);
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
}

void ovs_ct_clear(struct sk_buff *skb, struct ovsnl_key *key)
{
	ovs_ct_forget(skb);
	key->ct_state = 0;
	key->ct_zone = 0;
	key->ct_mark = 0;
	memset((u8 *)key + offsetof(struct ovsnl_key, ct_label), 0,
	       OVSNL_KEY_LINE);
}
