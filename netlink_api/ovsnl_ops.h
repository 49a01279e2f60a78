/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_OPS_H
#define OVSNL_OPS_H

#include "ovsnl_action.h"
#include "ovsnl_env.h"
#include "ovsnl_key.h"
#include "ovsnl_packet.h"

/* The seam between the API and a datapath.
 *
 * netlink_api checks a request, looks things up and changes them through
 * struct ovsnl_ops, and encodes the answer. Each datapath defines the three
 * objects below for itself and fills one constant table. Names not found are
 * NULL; other failures are negative errnos, which go to the client as they
 * are. "Locked" means between lock() and unlock(), "read" between read_lock()
 * and read_unlock() or locked.
 */
struct datapath;
struct vport;
struct sw_flow;
struct ovsnl_request;

/** struct ovsnl_pids - an array of netlink port ids inside a request. */
struct ovsnl_pids {
	const void *data; /* n 32-bit words in host order, any alignment */
	__u32 n;
};

/** struct ovsnl_dp_args - what DP NEW and SET ask for, already checked.
 * @name: NUL terminated, 1 to 15 bytes; NEW only
 * @ifindex: wanted ifindex of the local port, 0 for any; NEW only
 * @upcall_pids: for the local port; NEW only
 * @user_features: OVS_DP_F_* to be in force afterwards (0 when the request
 *                 named none)
 * @set_cache_size, @masks_cache_size: resize the mask caches to 0 or a power
 *                                     of two of at most 4096 entries
 * @set_percpu, @percpu_pids: replace the per-CPU upcall array
 */
struct ovsnl_dp_args {
	const char *name;
	__s32 ifindex;
	struct ovsnl_pids upcall_pids;
	__u32 user_features;
	bool set_cache_size;
	__u32 masks_cache_size;
	bool set_percpu;
	struct ovsnl_pids percpu_pids;
};

/** struct ovsnl_dp_info - what DP replies say. Pointers are valid until the
 * lock is dropped. @percpu_pids.n is cut to the number of CPUs by the
 * datapath; n is 0 when no array was set.
 */
struct ovsnl_dp_info {
	const char *name;
	__s32 ifindex;
	struct ovs_dp_stats stats;
	struct ovs_dp_megaflow_stats megaflow;
	__u32 user_features;
	__u32 masks_cache_size;
	struct ovsnl_pids percpu_pids;
};

/** struct ovsnl_vport_args - what VPORT NEW asks for, already checked.
 * @options: nested attribute or NULL
 * @ifindex: wanted ifindex (internal ports), 0 for any
 */
struct ovsnl_vport_args {
	const char *name;
	__u32 type; /* enum ovs_vport_type */
	__u32 port_no; /* free, 1 to 65534 */
	__s32 ifindex;
	struct ovsnl_pids upcall_pids;
	const struct nlattr *options;
};

/** struct ovsnl_vport_info - what VPORT replies say.
 * @dp_features: user features of the datapath (OVS_DP_F_VPORT_PIDS decides
 *               how many port ids are shown)
 * @has_netnsid, @netnsid: the device lives in another namespace than the
 *                         requester
 * @upcalls_sent, @upcalls_failed: packets from this port that a client got,
 *                                 and that none got
 */
struct ovsnl_vport_info {
	__s32 dp_ifindex;
	__u32 dp_features;
	__u32 port_no;
	__u32 type;
	const char *name;
	__s32 ifindex;
	bool has_netnsid;
	__s32 netnsid;
	struct ovs_vport_stats stats;
	__u64 upcalls_sent;
	__u64 upcalls_failed;
	struct ovsnl_pids upcall_pids;
};

#define OVSNL_UFID_MAX 16

/** struct ovsnl_flow_id - a flow's identity: @len 1 to 16 bytes of UFID, or
 * @len 0 when the unmasked key is the identity.
 */
struct ovsnl_flow_id {
	__u8 len;
	__u8 ufid[OVSNL_UFID_MAX];
};

/** struct ovsnl_flow_args - a flow to insert. All pointers are the caller's
 * except @acts, whose ownership passes to the flow when insertion succeeds.
 * @key: unmasked key; to be kept only where @id.len is 0
 */
struct ovsnl_flow_args {
	struct ovsnl_flow_id id;
	const struct ovsnl_key *key;
	const struct ovsnl_key *masked_key;
	const struct ovsnl_key *mask;
	struct ovsnl_actions *acts;
};

/** struct ovsnl_flow_info - what flow replies say.
 * @unmasked_key: NULL when @id.len is not 0
 * @used_ms: CLOCK_MONOTONIC milliseconds of the last packet, 0 for never
 * @tcp_flags: OR of all packets' flags, host order
 */
struct ovsnl_flow_info {
	const struct ovsnl_flow_id *id;
	const struct ovsnl_key *unmasked_key;
	const struct ovsnl_key *masked_key;
	const struct ovsnl_key *mask;
	struct ovs_flow_stats stats;
	__u64 used_ms;
	__u16 tcp_flags;
	const struct ovsnl_actions *acts;
};

/** struct ovsnl_execute - a packet to run through actions.
 * @packet, @len: bytes inside the request, at least 14
 * @key: all fields, from the request's metadata and the packet's headers
 * @layout: where the headers are in @packet
 * @acts: compiled; the datapath takes over ownership in every case
 * @mru: 0 or the size to refragment to
 * @has_hash, @hash: OVS_PACKET_ATTR_HASH, bits without a meaning cleared
 * @upcall_pid: where all upcalls of this packet go, 0 for where they usually
 *              would
 */
struct ovsnl_execute {
	const void *packet;
	__u32 len;
	const struct ovsnl_key *key;
	struct ovsnl_layout layout;
	struct ovsnl_actions *acts;
	__u16 mru;
	bool has_hash;
	__u64 hash;
	__u32 upcall_pid;
};

/* Bands that a meter may have: each drops at its own rate. */
#define OVSNL_METER_BANDS 1

/** struct ovsnl_meter_band - one band of a meter.
 * @type: enum ovs_meter_band_type; other values than DROP only count
 * @rate: kilobits or packets a second, not 0
 * @burst: kilobits or packets that may pass at once; 0 lets nothing pass
 */
struct ovsnl_meter_band {
	__u32 type;
	__u32 rate;
	__u32 burst;
};

/** struct ovsnl_meter_args - what METER SET asks for, already checked.
 * @keep_stats: the answer to the next SET of this id tells the statistics
 *              that this meter had by then
 * @stats: what counting starts from
 */
struct ovsnl_meter_args {
	__u32 id;
	bool kbps;
	bool keep_stats;
	struct ovs_flow_stats stats;
	__u32 n_bands;
	struct ovsnl_meter_band bands[OVSNL_METER_BANDS];
};

/** struct ovsnl_meter_info - what METER replies say.
 * @exists: there is, or was, such a meter; nothing else is set otherwise
 * @used_ms: CLOCK_MONOTONIC milliseconds of the last packet, or of its
 *           creation
 * @band_stats: packets that exceeded each band
 * @kbps, @bands: as the meter was set
 */
struct ovsnl_meter_info {
	bool exists;
	bool keep_stats;
	struct ovs_flow_stats stats;
	__u64 used_ms;
	__u32 n_bands;
	struct ovs_flow_stats band_stats[OVSNL_METER_BANDS];
	bool kbps;
	struct ovsnl_meter_band bands[OVSNL_METER_BANDS];
};

/** struct ovsnl_meter_features - what METER FEATURES says. */
struct ovsnl_meter_features {
	__u32 max_meters;
	__u32 max_bands;
};

/** struct ovsnl_cursor - where a dump goes on; zero at its start. */
struct ovsnl_cursor {
	__u64 pos[4];
};

/** struct ovsnl_ops - one datapath's implementation. */
struct ovsnl_ops {
	/* Serialise changes of one @net. May sleep. */
	void (*lock)(void *net);
	void (*unlock)(void *net);
	/* Keep objects alive while they are looked at. Called in brackets,
	 * (ops->read_lock)(net): the kernel has macros of these names.
	 */
	void (*read_lock)(void *net);
	void (*read_unlock)(void *net);

	/* Messages. reply_alloc() readies an empty writer of at least @size
	 * bytes (0 or -ENOMEM); exactly one of the other three disposes of it.
	 * reply_unicast() answers the requester; reply_notify() sends to the
	 * family's multicast group and, when the request has NLM_F_ECHO, to
	 * the requester. wanted() tells whether a notification would have a
	 * reader.
	 */
	int (*reply_alloc)(struct ovsnl_request *req, size_t size,
			   struct ovsnl_writer *w);
	void (*reply_free)(struct ovsnl_request *req, struct ovsnl_writer *w);
	int (*reply_unicast)(struct ovsnl_request *req, struct ovsnl_writer *w);
	void (*reply_notify)(struct ovsnl_request *req, struct ovsnl_writer *w);
	bool (*wanted)(struct ovsnl_request *req);

	/* Datapaths. dp_find() takes the ifindex of any internal port of the
	 * datapath; read. dp_next() returns the datapath of rank @n (0 for the
	 * first) of @net, NULL behind the last; locked.
	 * dp_create() returns -EEXIST when a device of that name exists.
	 * dp_reset_features() serves outdated clients; locked.
	 */
	struct datapath *(*dp_find)(void *net, int ifindex);
	struct datapath *(*dp_next)(void *net, __u64 n);
	int (*dp_create)(void *net, const struct ovsnl_dp_args *args,
			 struct datapath **dp);
	int (*dp_change)(struct datapath *dp, const struct ovsnl_dp_args *args);
	void (*dp_destroy)(struct datapath *dp);
	void (*dp_reset_features)(struct datapath *dp);
	void (*dp_info)(struct datapath *dp, struct ovsnl_dp_info *info);
	/* CPUs that a per-vport or per-CPU port id array may name. */
	__u32 (*cpu_count)(void);

	/* Vports. vport_by_name() searches all datapaths of @net; read.
	 * vport_next() returns the vport with the lowest number of at least
	 * @port_no, or NULL; read. vport_type_check() returns 0,
	 * -EAFNOSUPPORT, or -EAGAIN when it dropped and retook the lock to
	 * load a module, after which everything must be looked up again;
	 * locked. vport_create() then knows the type.
	 */
	struct vport *(*vport_by_name)(void *net, const char *name);
	struct vport *(*vport_by_port)(struct datapath *dp, __u32 port_no);
	struct vport *(*vport_next)(struct datapath *dp, __u32 port_no);
	struct datapath *(*vport_dp)(struct vport *vport);
	__u32 (*vport_port_no)(const struct vport *vport);
	int (*vport_type_check)(void *net, __u32 type);
	int (*vport_create)(struct datapath *dp,
			    const struct ovsnl_vport_args *args,
			    struct vport **vport);
	int (*vport_set_options)(struct vport *vport,
				 const struct nlattr *options);
	int (*vport_set_pids)(struct vport *vport,
			      const struct ovsnl_pids *pids);
	void (*vport_destroy)(struct vport *vport);
	void (*vport_info)(void *net, struct vport *vport,
			   struct ovsnl_vport_info *info);
	/* Appends OVS_VPORT_ATTR_OPTIONS for the types that have any. */
	void (*vport_put_options)(struct vport *vport, struct ovsnl_writer *w);

	/* Flows; locked unless said otherwise. flow_lookup() finds the flow
	 * that a packet with @key would hit; flow_lookup_exact() the one whose
	 * identity is the unmasked @key. flow_next() is for dumps, under
	 * read_lock(): it returns the flow at @cur and moves @cur behind it;
	 * every flow that exists throughout the dump is returned once, even
	 * while others come and go.
	 */
	struct sw_flow *(*flow_lookup)(struct datapath *dp,
				       const struct ovsnl_key *key);
	struct sw_flow *(*flow_lookup_ufid)(struct datapath *dp,
					    const struct ovsnl_flow_id *id);
	struct sw_flow *(*flow_lookup_exact)(struct datapath *dp,
					     const struct ovsnl_key *key);
	int (*flow_insert)(struct datapath *dp,
			   const struct ovsnl_flow_args *args,
			   struct sw_flow **flow);
	/* Takes over @acts; the old list is freed after a grace period. */
	void (*flow_set_actions)(struct datapath *dp, struct sw_flow *flow,
				 struct ovsnl_actions *acts);
	void (*flow_clear_stats)(struct datapath *dp, struct sw_flow *flow);
	/* Unlinks, frees after a grace period. */
	void (*flow_remove)(struct datapath *dp, struct sw_flow *flow);
	int (*flow_flush)(struct datapath *dp);
	struct sw_flow *(*flow_next)(struct datapath *dp,
				     struct ovsnl_cursor *cur);
	void (*flow_info)(struct datapath *dp, const struct sw_flow *flow,
			  struct ovsnl_flow_info *info);

	/* Memory for compiled actions; may sleep. NULL when there is none.
	 * actions_prepare() readies what the datapath wants to keep with a
	 * list that has been built (0 or -ENOMEM); actions_free() undoes that,
	 * too, and takes lists that were not prepared, but built.
	 */
	struct ovsnl_actions *(*actions_alloc)(size_t size);
	int (*actions_prepare)(void *net, struct ovsnl_actions *acts);
	void (*actions_free)(struct ovsnl_actions *acts);

	/* Meters; locked. meter_set() creates or replaces one and tells in
	 * *@old of the one that had the id; 0, -ENOMEM, or -EFBIG when there
	 * are max_meters already. meter_del() tells in *@old of the meter as
	 * it was; its absence is no failure. meter_get() needs only read.
	 */
	void (*meter_features)(struct datapath *dp,
			       struct ovsnl_meter_features *features);
	int (*meter_set)(struct datapath *dp,
			 const struct ovsnl_meter_args *args,
			 struct ovsnl_meter_info *old);
	void (*meter_get)(struct datapath *dp, __u32 id,
			  struct ovsnl_meter_info *info);
	void (*meter_del)(struct datapath *dp, __u32 id,
			  struct ovsnl_meter_info *old);

	/* Limits of connections by zone; locked. They belong to @net. @zone
	 * OVS_ZONE_LIMIT_DEFAULT_ZONE is the limit of zones that have none of
	 * their own. ct_limit_reserve() readies memory (0 or -ENOMEM), so that
	 * ct_limit_set() of the zone can't fail; ct_limit_release() gives up
	 * what was reserved and not set. ct_limit_get() fills a zone's limit
	 * (the default's when it has no own) and count; ct_limit_next() the first zone of at least
	 * @zone with a limit of its own, and returns false behind the last.
	 */
	int (*ct_limit_reserve)(void *net, __s32 zone);
	void (*ct_limit_release)(void *net, __s32 zone);
	void (*ct_limit_set)(void *net, __s32 zone, __u32 limit);
	void (*ct_limit_del)(void *net, __s32 zone);
	void (*ct_limit_get)(void *net, __s32 zone,
			     struct ovs_zone_limit *limit);
	bool (*ct_limit_next)(void *net, __s32 zone,
			      struct ovs_zone_limit *limit);

	/* Packets; read. Runs the actions before it returns. */
	int (*packet_execute)(struct datapath *dp,
			      const struct ovsnl_execute *exec);
};

#endif
