/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_VPORT_H
#define OVS_VPORT_H

#include <linux/netdevice.h>
#include <linux/reciprocal_div.h>

#include "datapath.h"

/**
 * struct vport_portids - netlink port ids for a vport's upcalls.
 * @rcu: for freeing after a grace period
 * @rn_ids: reciprocal of @n_ids
 * @n_ids: at least 1
 */
struct vport_portids {
	struct rcu_head rcu;
	struct reciprocal_value rn_ids;
	u32 n_ids;
	u32 ids[];
};

/**
 * struct vport_upcall_stats - packets from a port that one CPU sent to clients.
 * @n_sent: that a client got
 * @n_failed: that none got
 */
struct vport_upcall_stats {
	struct u64_stats_sync syncp;
	u64 n_sent;
	u64 n_failed;
};

/**
 * struct vport - a port of a datapath.
 * @dev: its device; a reference is held until the vport is freed
 * @dp: its datapath, constant
 * @ops: its type
 * @port_no: constant
 * @attached: the device delivers here (NETDEV); RTNL to change
 * @upcall_portids: never NULL; ovs_mutex to change, RCU to read
 * @upcalls: per CPU
 * @dev_tracker: of the reference to @dev
 * @rcu: for freeing after a grace period
 */
struct vport {
	struct net_device *dev;
	struct datapath *dp;
	const struct vport_ops *ops;
	u16 port_no;
	bool attached;
	struct vport_portids __rcu *upcall_portids;
	struct vport_upcall_stats __percpu *upcalls;
	netdevice_tracker dev_tracker;
	struct rcu_head rcu;
};

/**
 * struct vport_ops - a type of vport.
 * @type: OVS_VPORT_TYPE_*
 * @create: sets up vport->dev of a new vport; on failure the vport is the
 *          caller's to free. ovs_mutex, takes RTNL
 * @destroy: gives up the device and has the vport freed by ovs_vport_free()
 *           after a grace period. ovs_mutex, takes RTNL
 * @send: consumes a packet that goes out. Softirqs off, RCU
 */
struct vport_ops {
	enum ovs_vport_type type;
	int (*create)(struct vport *vport, const struct ovsnl_vport_args *args);
	void (*destroy)(struct vport *vport);
	int (*send)(struct sk_buff *skb);
};

/* For users of vports. */

struct ip_tunnel_info;

/**
 * ovs_vport_receive() - take in a packet.
 * @skb: not shared, starts at its MAC header; consumed
 * @tun_info: the tunnel that it came in, or NULL
 * Context: softirqs off, RCU. Return: 0 or a negative errno (dropped).
 */
int ovs_vport_receive(struct vport *vport, struct sk_buff *skb,
		      const struct ip_tunnel_info *tun_info);

/**
 * ovs_vport_send() - put out a packet.
 * @skb: consumed
 * @mac_proto: OVSNL_MAC_*, how the packet starts
 * Context: softirqs off, RCU.
 */
void ovs_vport_send(struct vport *vport, struct sk_buff *skb, u8 mac_proto);

/** ovs_vport_find_upcall_portid() - who gets this packet's upcall; RCU. */
u32 ovs_vport_find_upcall_portid(const struct vport *vport,
				 struct sk_buff *skb);

/** ovs_vport_name() - name of its device. */
static inline const char *ovs_vport_name(const struct vport *vport)
{
	return vport->dev->name;
}

/**
 * ovs_vport_new() - create a vport of any type and attach it.
 * Return: the vport or ERR_PTR(). Context: ovs_mutex.
 */
struct vport *ovs_vport_new(struct datapath *dp,
			    const struct ovsnl_vport_args *args);

/* For types of vports. */

/** ovs_vport_free() - free memory; no reader is left. */
void ovs_vport_free(struct vport *vport);

/* Members of struct ovsnl_ops: contracts in ovsnl_ops.h. */

struct vport *ovs_vport_by_name(void *net, const char *name);
struct vport *ovs_vport_by_port(struct datapath *dp, __u32 port_no);
struct vport *ovs_vport_next(struct datapath *dp, __u32 port_no);
struct datapath *ovs_vport_dp(struct vport *vport);
__u32 ovs_vport_port_no(const struct vport *vport);
int ovs_vport_type_check(void *net, __u32 type);
int ovs_vport_create(struct datapath *dp, const struct ovsnl_vport_args *args,
		     struct vport **vport);
int ovs_vport_set_options(struct vport *vport, const struct nlattr *options);
int ovs_vport_set_pids(struct vport *vport, const struct ovsnl_pids *pids);
void ovs_vport_destroy(struct vport *vport);
void ovs_vport_info(void *net, struct vport *vport,
		    struct ovsnl_vport_info *info);
void ovs_vport_put_options(struct vport *vport, struct ovsnl_writer *w);

#endif
