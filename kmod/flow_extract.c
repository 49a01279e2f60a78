// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a packet to its key.
 *
 * Overview
 *	The parsing itself is netlink_api's, on the linear part of the skb,
 *	which is made longer when the parser asks for it. Here stands what is
 *	the kernel's own: metadata, tags beside the packet, and the offsets
 *	that the rest of the stack wants in the skb.
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
#include <linux/if_arp.h>
#include <linux/if_vlan.h>

#include "conntrack.h"
#include "datapath.h"
#include "flow_extract.h"
#include "ovsnl_packet.h"
#include "tunnel.h"
#include "vport.h"

/* Move a tag inside the packet beside it. One that is not followed by a type
 * is left alone: the parser does not count it as a tag either.
 */
static int untag(struct sk_buff *skb)
{
	__be16 tpid;
	u16 tci;
	int err;

	if (unlikely(!pskb_may_pull(skb, ETH_HLEN)))
		return skb->len < ETH_HLEN ? -EINVAL : -ENOMEM;
	tpid = ((const struct ethhdr *)skb->data)->h_proto;
	if (likely(!eth_type_vlan(tpid)) || skb->len < VLAN_ETH_HLEN)
		return 0;
	if (unlikely(!pskb_may_pull(skb, VLAN_ETH_HLEN)))
		return -ENOMEM;
	err = __skb_vlan_pop(skb, &tci);
	if (err)
		return err;
	__vlan_hwaccel_put_tag(skb, tpid, tci);
	return 0;
}

static int parse(struct sk_buff *skb, struct ovsnl_key *key,
		 struct ovsnl_layout *layout)
{
	struct ovsnl_window win = { .pkt_len = skb->len };
	int need;

	if (skb_vlan_tag_present(skb)) {
		win.vlan_tci =
			htons(skb_vlan_tag_get(skb) | OVSNL_VLAN_PRESENT);
		win.vlan_tpid = skb->vlan_proto;
	}
	for (;;) {
		win.data = skb->data;
		win.len = skb_headlen(skb);
		need = ovsnl_packet_parse(&win, key, layout);
		if (likely(need <= 0))
			return need;
		if (!pskb_may_pull(skb, need))
			return -ENOMEM;
	}
}

static bool is_ip(const struct ovsnl_key *key)
{
	return key->eth_type == htons(ETH_P_IP) ||
	       key->eth_type == htons(ETH_P_IPV6);
}

/* Tell the skb and the rest of the key what the parser found. */
static void apply_layout(struct sk_buff *skb, struct sw_flow_key *key,
			 const struct ovsnl_layout *layout)
{
	const struct ovsnl_key *fields = &key->fields;
	u16 l3_ofs = layout->l3_ofs;

	if (unlikely(l3_ofs == OVSNL_NO_OFS))
		l3_ofs = ETH_HLEN;
	skb_set_network_header(skb, l3_ofs);
	skb_reset_mac_len(skb);
	if (fields->mac_proto == OVSNL_MAC_ETHERNET)
		skb->protocol = ovsnl_packet_protocol(fields);

	key->stale = false;
	key->l4_ok = layout->l4_ok;
	key->l4_found = layout->l4_ofs != OVSNL_NO_OFS;
	if (likely(key->l4_found))
		skb_set_transport_header(skb, layout->l4_ofs);
	else if (is_ip(fields))
		skb_set_transport_header(skb, l3_ofs);
}

/* A UDP datagram that is to be fragmented further down counts as its first
 * fragment.
 */
static void mark_gso_fragment(const struct sk_buff *skb, struct ovsnl_key *key)
{
	if (skb_shinfo(skb)->gso_type & SKB_GSO_UDP && is_ip(key) &&
	    key->ip_frag == OVS_FRAG_TYPE_NONE)
		key->ip_frag = OVS_FRAG_TYPE_FIRST;
}

/* Everything but metadata. */
static int extract(struct sk_buff *skb, struct sw_flow_key *key)
{
	struct ovsnl_layout layout;
	int err;

	skb_reset_mac_header(skb);
	if (likely(key->fields.mac_proto == OVSNL_MAC_ETHERNET)) {
		if (!skb_vlan_tag_present(skb)) {
			err = untag(skb);
			if (unlikely(err))
				return err;
		}
	} else {
		key->fields.eth_type = skb->protocol;
	}
	err = parse(skb, &key->fields, &layout);
	if (unlikely(err))
		return err;
	if (unlikely(skb_is_gso(skb)))
		mark_gso_fragment(skb, &key->fields);
	apply_layout(skb, key, &layout);
	return 0;
}

static u8 device_mac_proto(const struct sk_buff *skb)
{
	if (likely(skb->dev->type == ARPHRD_ETHER) ||
	    skb->protocol == htons(ETH_P_TEB))
		return OVSNL_MAC_ETHERNET;
	return OVSNL_MAC_NONE;
}

int ovs_flow_key_extract(struct sk_buff *skb,
			 const struct ip_tunnel_info *tun_info,
			 struct sw_flow_key *key)
{
	struct ovsnl_key *fields = &key->fields;
	int err;

	fields->recirc_id = 0;
	fields->in_port = ovs_skb_cb(skb)->input_vport->port_no;
	fields->mac_proto = device_mac_proto(skb);
	fields->skb_mark = skb->mark;
	fields->priority = skb->priority;
	fields->dp_hash = 0;
	fields->ct_state = 0;
	fields->ct_zone = 0;
	fields->ct_mark = 0;
	ovsnl_key_clear_state(fields);
	if (unlikely(tun_info))
		ovs_tunnel_from_info(&fields->tun, tun_info);
	err = extract(skb, key);
	if (unlikely(skb_nfct(skb)) && !err)
		ovs_ct_fill_key(skb, fields);
	return err;
}

int ovs_flow_key_update(struct sk_buff *skb, struct sw_flow_key *key)
{
	return extract(skb, key);
}

int ovs_flow_key_adopt(struct sk_buff *skb, struct sw_flow_key *key,
		       const struct ovsnl_layout *layout)
{
	struct ovsnl_layout moved = *layout;
	int err;

	skb_reset_mac_header(skb);
	if (key->fields.mac_proto == OVSNL_MAC_ETHERNET) {
		err = untag(skb);
		if (err)
			return err;
	} else {
		skb->protocol = key->fields.eth_type;
	}
	if (skb_vlan_tag_present(skb)) {
		if (moved.l3_ofs != OVSNL_NO_OFS)
			moved.l3_ofs -= VLAN_HLEN;
		if (moved.l4_ofs != OVSNL_NO_OFS)
			moved.l4_ofs -= VLAN_HLEN;
	}
	apply_layout(skb, key, &moved);
	return 0;
}
