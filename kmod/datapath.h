/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_DATAPATH_H
#define OVS_DATAPATH_H

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "drop.h"
#include "flow_table.h"
#include "meter.h"
#include "ovsnl_family.h"

struct vport;

/* Ports are found in pages of this many, allocated as they are needed. */
#define OVS_PORTS_PER_PAGE 256
#define OVS_PORT_PAGES (65536 / OVS_PORTS_PER_PAGE)

/* Milliseconds between two reorderings of the masks. */
#define OVS_REBALANCE_INTERVAL 4000

/**
 * struct dp_stats_percpu - what one CPU did for a datapath.
 * @n_hit, @n_missed: lookups that found a flow or did not
 * @n_lost: upcalls that no client got
 * @n_mask_hit: masks tried in all lookups
 * @n_cache_hit: lookups that the cache answered
 */
struct dp_stats_percpu {
	struct u64_stats_sync syncp;
	u64 n_hit;
	u64 n_missed;
	u64 n_lost;
	u64 n_mask_hit;
	u64 n_cache_hit;
};

/**
 * struct dp_nlsk_pids - netlink port ids by CPU.
 * @rcu: for freeing after a grace period
 */
struct dp_nlsk_pids {
	struct rcu_head rcu;
	u32 n_pids;
	u32 pids[];
};

/** struct ovs_port_page - vports with neighbouring numbers. */
struct ovs_port_page {
	struct vport __rcu *port[OVS_PORTS_PER_PAGE];
};

/**
 * struct datapath - a switch.
 * @stats: per CPU
 * @drops: per CPU, shared by all datapaths of the namespace
 * @table: its flows
 * @meters: by id
 * @pages: its ports by number; ovs_mutex to change, RCU to read
 * @upcall_portids: for OVS_DP_F_DISPATCH_UPCALL_PER_CPU, else unused; may be
 *                  NULL; ovs_mutex to change, RCU to read
 * @user_features: OVS_DP_F_*; ovs_mutex to change, read without
 * @ifindex: of the local port, constant
 * @max_headroom: largest headroom that a port asks for, in bytes; ovs_mutex
 * @net: namespace; constant, no reference: ends with the namespace
 * @list_node: in the list of all datapaths; ovs_mutex to change, RCU to read
 * @free_work: frees what is left after a grace period
 */
struct datapath {
	struct dp_stats_percpu __percpu *stats;
	struct ovs_drops __percpu *drops;
	struct flow_table table;
	struct ovs_meters meters;
	struct ovs_port_page __rcu *pages[OVS_PORT_PAGES];
	struct dp_nlsk_pids __rcu *upcall_portids;
	u32 user_features;
	int ifindex;
	u32 max_headroom;
	possible_net_t net;
	struct list_head list_node;
	struct rcu_work free_work;
};

/**
 * struct ovs_skb_cb - what the datapath keeps in skb->cb.
 * @input_vport: where the packet came in
 * @cutlen: bytes to keep at the next output or upcall, U32_MAX for all
 * @mru: 0, or largest fragment that the packet was put together from
 * @probability: of the innermost SAMPLE that the packet is in, as a share of
 *               U32_MAX; 0 for none
 * @upcall_pid: where its upcalls go; 0: where they usually would
 * @hash_final: upcalls report the hash that the packet has; otherwise one is
 *              computed if it has none
 */
struct ovs_skb_cb {
	struct vport *input_vport;
	u32 cutlen;
	u16 mru;
	bool hash_final;
	u32 probability;
	u32 upcall_pid;
};

static inline struct ovs_skb_cb *ovs_skb_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct ovs_skb_cb) > SKB_GSO_CB_OFFSET);
	return (struct ovs_skb_cb *)skb->cb;
}

/* Locks: see the head of datapath.c. */

/** ovs_lock() - take ovs_mutex; not under RTNL. */
void ovs_lock(void);

/** ovs_unlock() - release it; then, under RTNL, unregister the devices of
 * internal ports that were destroyed meanwhile, and wait until they are gone.
 */
void ovs_unlock(void);

#ifdef CONFIG_LOCKDEP
bool lockdep_ovs_is_held(void);
#else
#define lockdep_ovs_is_held() true
#endif

#define lockdep_assert_ovs_held() lockdep_assert(lockdep_ovs_is_held())
#define ovs_dereference(p) rcu_dereference_protected(p, lockdep_ovs_is_held())
#define rcu_dereference_ovs(p) rcu_dereference_check(p, lockdep_ovs_is_held())

/** ovs_dp_net() - the namespace of a datapath. */
static inline struct net *ovs_dp_net(const struct datapath *dp)
{
	return read_pnet(&dp->net);
}

/** ovs_dp_vport() - port @port_no (below 65536) or NULL; ovs_mutex or RCU. */
static inline struct vport *ovs_dp_vport(const struct datapath *dp, u16 port_no)
{
	const struct ovs_port_page *page;

	page = rcu_dereference_ovs(dp->pages[port_no / OVS_PORTS_PER_PAGE]);
	if (unlikely(!page))
		return NULL;
	return rcu_dereference_ovs(page->port[port_no % OVS_PORTS_PER_PAGE]);
}

/** ovs_dp_name() - name of the local port's device; ovs_mutex or RCU. */
const char *ovs_dp_name(const struct datapath *dp);

/**
 * ovs_dp_process_packet() - look a packet up and do what its flow says.
 * @skb: consumed; headers as ovs_flow_key_extract() leaves them
 * @key: its key; changed
 * Context: softirqs off, RCU.
 */
void ovs_dp_process_packet(struct sk_buff *skb, struct sw_flow_key *key);

/** ovs_dp_reserve_port() - ready the place of a port; ovs_mutex. 0, -ENOMEM. */
int ovs_dp_reserve_port(struct datapath *dp, u16 port_no);

/** ovs_dp_attach_port() - put a vport in its place; ovs_mutex. */
void ovs_dp_attach_port(struct vport *vport);

/** ovs_dp_detach_port() - take a vport out and destroy it; ovs_mutex. */
void ovs_dp_detach_port(struct vport *vport);

/** ovs_dp_for_each() - call @visit for every datapath; ovs_mutex. */
void ovs_dp_for_each(void (*visit)(struct datapath *dp, void *arg), void *arg);

/** ovs_dp_for_each_port() - the same for its ports; @visit may detach. */
void ovs_dp_for_each_port(struct datapath *dp,
			  void (*visit)(struct vport *vport, void *arg),
			  void *arg);

/** ovs_dp_exit_net() - destroy and detach all that lives in a namespace. */
void ovs_dp_exit_net(struct net *net);

/** ovs_dp_init() - start the periodic work; 0 or -ENOMEM. */
int ovs_dp_init(void);

/** ovs_dp_exit() - wait for all work; after the last datapath is destroyed. */
void ovs_dp_exit(void);

/* Members of struct ovsnl_ops: contracts in ovsnl_ops.h. */

struct datapath *ovs_dp_find(void *net, int ifindex);
struct datapath *ovs_dp_next(void *net, __u64 n);
int ovs_dp_create(void *net, const struct ovsnl_dp_args *args,
		  struct datapath **dpp);
int ovs_dp_change(struct datapath *dp, const struct ovsnl_dp_args *args);
void ovs_dp_destroy(struct datapath *dp);
void ovs_dp_reset_features(struct datapath *dp);
void ovs_dp_info(struct datapath *dp, struct ovsnl_dp_info *info);

#endif
