// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tunnels between netlink_api's form and the kernel's.
 *
 * Overview
 *	A tunnel device that collects metadata is a port like any other: what
 *	it took off a packet it leaves as struct ip_tunnel_info, and so it is
 *	told what to put on.
 *
 * Life cycle
 *	The metadata of a set action are made along with its list, and each
 *	packet takes a reference: they outlive the list while packets wait in
 *	a queue.
 *
 * Synchronisation
 *	Metadata are constant, but for the cache of a route, which the tunnel
 *	devices keep in them per CPU.
 *
 * Lock order
 *	No locks.
 */
#include <net/dst_metadata.h>

#include "tunnel.h"

/** struct flag_pair - one flag in both forms. */
struct flag_pair {
	u16 ours;
	__be16 theirs;
};

static const struct flag_pair flag_pairs[] = {
	{ OVSNL_TUN_KEY, TUNNEL_KEY },
	{ OVSNL_TUN_CSUM, TUNNEL_CSUM },
	{ OVSNL_TUN_DONT_FRAGMENT, TUNNEL_DONT_FRAGMENT },
	{ OVSNL_TUN_OAM, TUNNEL_OAM },
	{ OVSNL_TUN_GENEVE_OPT, TUNNEL_GENEVE_OPT },
	{ OVSNL_TUN_VXLAN_OPT, TUNNEL_VXLAN_OPT },
	{ OVSNL_TUN_ERSPAN_OPT, TUNNEL_ERSPAN_OPT },
};

static u16 flags_from_kernel(const struct ip_tunnel_info *info)
{
	u16 flags = info->mode & IP_TUNNEL_INFO_BRIDGE ? OVSNL_TUN_INFO_BRIDGE
						       : 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flag_pairs); i++) {
		if (info->key.tun_flags & flag_pairs[i].theirs)
			flags |= flag_pairs[i].ours;
	}
	return flags;
}

static __be16 flags_to_kernel(u16 flags)
{
	__be16 theirs = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flag_pairs); i++) {
		if (flags & flag_pairs[i].ours)
			theirs |= flag_pairs[i].theirs;
	}
	return theirs;
}

void ovs_tunnel_from_info(struct ovsnl_tunnel *tun,
			  const struct ip_tunnel_info *info)
{
	const struct ip_tunnel_key *key = &info->key;

	memset(tun, 0, offsetof(struct ovsnl_tunnel, opts));
	tun->id = key->tun_id;
	tun->family = ip_tunnel_info_af(info);
	if (tun->family == AF_INET6) {
		memcpy(tun->src, &key->u.ipv6.src, sizeof(key->u.ipv6.src));
		memcpy(tun->dst, &key->u.ipv6.dst, sizeof(key->u.ipv6.dst));
	} else {
		memcpy(tun->src, &key->u.ipv4.src, sizeof(key->u.ipv4.src));
		memcpy(tun->dst, &key->u.ipv4.dst, sizeof(key->u.ipv4.dst));
	}
	tun->flags = flags_from_kernel(info);
	tun->tp_src = key->tp_src;
	tun->tp_dst = key->tp_dst;
	tun->tos = key->tos;
	tun->ttl = key->ttl;
	tun->opts_len = info->options_len;
	if (info->options_len)
		ip_tunnel_info_opts_get(tun->opts, info);
}

static void info_fill(struct ip_tunnel_info *info,
		      const struct ovsnl_tunnel *tun)
{
	struct ip_tunnel_key *key = &info->key;

	memset(key, 0, sizeof(*key));
	info->mode = IP_TUNNEL_INFO_TX;
	key->tun_id = tun->id;
	if (tun->family == AF_INET6) {
		info->mode |= IP_TUNNEL_INFO_IPV6;
		memcpy(&key->u.ipv6.src, tun->src, sizeof(key->u.ipv6.src));
		memcpy(&key->u.ipv6.dst, tun->dst, sizeof(key->u.ipv6.dst));
	} else {
		memcpy(&key->u.ipv4.src, tun->src, sizeof(key->u.ipv4.src));
		memcpy(&key->u.ipv4.dst, tun->dst, sizeof(key->u.ipv4.dst));
	}
	if (tun->flags & OVSNL_TUN_INFO_BRIDGE)
		info->mode |= IP_TUNNEL_INFO_BRIDGE;
	key->tun_flags = flags_to_kernel(tun->flags);
	key->tp_src = tun->tp_src;
	key->tp_dst = tun->tp_dst;
	key->tos = tun->tos;
	key->ttl = tun->ttl;
	ip_tunnel_info_opts_set(info, tun->opts, tun->opts_len, 0);
}

int ovs_tunnel_prepare(struct ovsnl_op_set_tunnel *op)
{
	struct metadata_dst *dst;

	dst = metadata_dst_alloc(op->tun.opts_len, METADATA_IP_TUNNEL,
				 GFP_KERNEL);
	if (!dst)
		return -ENOMEM;
	if (dst_cache_init(&dst->u.tun_info.dst_cache, GFP_KERNEL)) {
		dst_release(&dst->dst);
		return -ENOMEM;
	}
	info_fill(&dst->u.tun_info, &op->tun);
	op->cookie = (unsigned long)dst;
	return 0;
}

static struct metadata_dst *kept(const struct ovsnl_op_set_tunnel *op)
{
	return (struct metadata_dst *)(unsigned long)op->cookie;
}

void ovs_tunnel_release(const struct ovsnl_op_set_tunnel *op)
{
	if (kept(op))
		dst_release(&kept(op)->dst);
}

void ovs_tunnel_set(struct sk_buff *skb, const struct ovsnl_op_set_tunnel *op)
{
	struct dst_entry *dst = &kept(op)->dst;

	skb_dst_drop(skb);
	dst_hold(dst);
	skb_dst_set(skb, dst);
}

bool ovs_tunnel_egress(struct net_device *dev, struct sk_buff *skb,
		       struct ovsnl_tunnel *tun)
{
	const struct ip_tunnel_info *info;

	if (dev_fill_metadata_dst(dev, skb))
		return false;
	info = skb_tunnel_info(skb);
	if (!info)
		return false;
	ovs_tunnel_from_info(tun, info);
	return true;
}
