/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * A client of the Open vSwitch families, over the kernel's AF_NETLINK or the
 * daemon's unix socket. Built as libovsnl-client.a; link with libnl-3.
 *
 * Keys, masks and actions are passed as they are on the wire: a run of
 * attributes without a header around them (ovsnl_key.h can make and read
 * them). Functions return 0 or -errno as the datapath answered; then
 * ovsnl_client_error_text() may know more. Other errors of any function:
 * -ENOBUFS (answers were lost), -ECONNRESET (the daemon has gone), -EBADMSG (an
 * answer without what it must hold), -ENOMEM, and what sendmsg() gives.
 *
 * One client is used by one thread at a time. A client that receives upcalls
 * or notifications should make no requests: what arrives between a request and
 * its answer is dropped (and counted, see ovsnl_client_dropped()).
 */
#ifndef OVSNL_CLIENT_H
#define OVSNL_CLIENT_H

#include <linux/netlink.h>
#include <linux/openvswitch.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "ovsnl_family.h"

struct ovsnl_client;

/* Attributes of a message are told apart up to this type. */
#define OVSNL_CLIENT_ATTR_MAX 15

/**
 * enum ovsnl_client_transport - where the datapath is
 * @OVSNL_CLIENT_KERNEL: behind AF_NETLINK
 * @OVSNL_CLIENT_TWIN: behind the daemon's unix socket
 */
enum ovsnl_client_transport {
	OVSNL_CLIENT_KERNEL,
	OVSNL_CLIENT_TWIN,
};

/**
 * struct ovsnl_client_bytes - a run of attributes, or any other bytes
 * @data: NULL: absent (with @len 0 a run may also be present and empty)
 * @len: bytes
 */
struct ovsnl_client_bytes {
	const void *data;
	size_t len;
};

/**
 * struct ovsnl_client_message - a message from the datapath
 * @family: which family it is of
 * @cmd: OVS_*_CMD_*
 * @dp_ifindex: of struct ovs_header
 * @nlh: the whole message
 * @attr: attributes by type, NULL where absent
 *
 * Valid while the function runs that it was passed to.
 */
struct ovsnl_client_message {
	enum ovsnl_family_id family;
	__u8 cmd;
	int dp_ifindex;
	const struct nlmsghdr *nlh;
	const struct nlattr *attr[OVSNL_CLIENT_ATTR_MAX + 1];
};

/**
 * ovsnl_client_each_fn - called for each message
 * @message: the message
 * @arg: as passed in
 *
 * Return: 0 to go on, or a negative errno, which the caller of the function in
 * question gets; the rest is then read and thrown away.
 */
typedef int ovsnl_client_each_fn(const struct ovsnl_client_message *message,
				 void *arg);

/* client.c */

/**
 * ovsnl_client_open() - connect to a datapath
 * @transport: which
 * @path: the daemon's socket; NULL: $TWINPATH_SOCKET or its default. Not used
 *	for the kernel
 * @clientp: set to the client; close it with ovsnl_client_close()
 *
 * Return: 0 or -errno: -ENOENT (no such families: the module is not loaded),
 * and the errors of ovsnl_transport_open() or of a netlink socket.
 */
int ovsnl_client_open(enum ovsnl_client_transport transport, const char *path,
		      struct ovsnl_client **clientp);

/**
 * ovsnl_client_close() - disconnect and free
 * @client: a client, or NULL
 */
void ovsnl_client_close(struct ovsnl_client *client);

/**
 * ovsnl_client_port_id() - the client's netlink port id
 * @client: a client
 *
 * What UPCALL_PID, PER_CPU_PIDS and userspace() actions name. Never 0.
 */
__u32 ovsnl_client_port_id(const struct ovsnl_client *client);

/**
 * ovsnl_client_fd() - the client's descriptor, for poll
 * @client: a client
 *
 * Readable when a message has arrived. The caller only waits on it.
 */
int ovsnl_client_fd(const struct ovsnl_client *client);

/**
 * ovsnl_client_error_text() - what the datapath said about the last error
 * @client: a client
 *
 * Return: the text of its extended acknowledgement, "" if there was none. Valid
 * until the next request.
 */
const char *ovsnl_client_error_text(const struct ovsnl_client *client);

/**
 * ovsnl_client_dropped() - messages that arrived between request and answer
 * @client: a client
 */
unsigned long ovsnl_client_dropped(const struct ovsnl_client *client);

/**
 * ovsnl_client_set_buffer() - size of the receive buffer
 * @client: a client
 * @bytes: as SO_RCVBUF; with CAP_NET_ADMIN beyond the system's limit
 *
 * Return: 0 or -errno.
 */
int ovsnl_client_set_buffer(struct ovsnl_client *client, int bytes);

/**
 * ovsnl_client_subscribe() - receive a family's notifications
 * @client: a client
 * @family: datapath, vport or flow
 *
 * Return: 0, or -EINVAL: the family has none.
 */
int ovsnl_client_subscribe(struct ovsnl_client *client,
			   enum ovsnl_family_id family);

/**
 * ovsnl_client_receive() - take what has arrived: upcalls and notifications
 * @client: a client
 * @timeout_ms: how long to wait for the first message; -1: without limit
 * @each: called for each message
 * @arg: passed to @each
 *
 * Return: number of messages, 0 if none came in time, -ENOBUFS: some were lost
 * (call again for those that were not), or what @each or poll() returned.
 */
int ovsnl_client_receive(struct ovsnl_client *client, int timeout_ms,
			 ovsnl_client_each_fn *each, void *arg);

/* dp.c */

/**
 * struct ovsnl_client_dp - a datapath
 * @ifindex: of its local port, by which all requests name it
 * @name: of its local port
 * @user_features: OVS_DP_F_*
 * @masks_cache_size: entries
 * @stats: counters
 * @megaflow_stats: counters
 */
struct ovsnl_client_dp {
	int ifindex;
	char name[IFNAMSIZ];
	__u32 user_features;
	__u32 masks_cache_size;
	struct ovs_dp_stats stats;
	struct ovs_dp_megaflow_stats megaflow_stats;
};

/**
 * ovsnl_client_dp_new() - create a datapath
 * @client: a client
 * @name: of its local port, at most 15 characters
 * @user_features: OVS_DP_F_*
 * @upcall_pid: port id that gets the local port's misses, 0 for none
 * @dp: set to what was made, if not NULL
 *
 * Return: 0 or -errno: -EEXIST, -EINVAL, -EOPNOTSUPP (features), -EPERM.
 */
int ovsnl_client_dp_new(struct ovsnl_client *client, const char *name,
			__u32 user_features, __u32 upcall_pid,
			struct ovsnl_client_dp *dp);

/**
 * ovsnl_client_dp_del() - delete a datapath with all that is in it
 * @client: a client
 * @name: of its local port
 *
 * Return: 0 or -errno: -ENODEV.
 */
int ovsnl_client_dp_del(struct ovsnl_client *client, const char *name);

/**
 * ovsnl_client_dp_get() - read a datapath
 * @client: a client
 * @name: of its local port
 * @dp: set on success
 *
 * Return: 0 or -errno: -ENODEV.
 */
int ovsnl_client_dp_get(struct ovsnl_client *client, const char *name,
			struct ovsnl_client_dp *dp);

/**
 * ovsnl_client_dp_set() - change a datapath
 * @client: a client
 * @ifindex: which
 * @user_features: OVS_DP_F_*; replaces those that it has
 * @pids: with OVS_DP_F_DISPATCH_UPCALL_PER_CPU: port ids by CPU, else NULL
 * @n_pids: how many
 *
 * Return: 0 or -errno.
 */
int ovsnl_client_dp_set(struct ovsnl_client *client, int ifindex,
			__u32 user_features, const __u32 *pids, size_t n_pids);

/**
 * ovsnl_client_dp_set_masks_cache() - choose the size of the masks cache
 * @client: a client
 * @ifindex: which datapath
 * @user_features: OVS_DP_F_*; replaces those that it has
 * @entries: 0 or a power of two, at most 4096
 *
 * Return: 0 or -errno: -EINVAL, -ERANGE.
 */
int ovsnl_client_dp_set_masks_cache(struct ovsnl_client *client, int ifindex,
				    __u32 user_features, __u32 entries);

/**
 * ovsnl_client_dp_dump() - read all datapaths
 * @client: a client
 * @each: called for each; see ovsnl_client_dp_decode()
 * @arg: passed to @each
 *
 * Return: 0 or -errno.
 */
int ovsnl_client_dp_dump(struct ovsnl_client *client,
			 ovsnl_client_each_fn *each, void *arg);

/**
 * ovsnl_client_dp_decode() - read a message of the datapath family
 * @message: a reply or notification
 * @dp: set on success
 *
 * Return: 0 or -EBADMSG.
 */
int ovsnl_client_dp_decode(const struct ovsnl_client_message *message,
			   struct ovsnl_client_dp *dp);

/* vport.c */

/**
 * struct ovsnl_client_vport - a port of a datapath
 * @dp_ifindex: the datapath
 * @port_no: its number there
 * @type: OVS_VPORT_TYPE_*
 * @name: of its network device
 * @ifindex: of its network device, 0 if unknown
 * @upcall_pid: first port id that gets its misses
 * @stats: counters
 * @has_upcalls: the datapath counts upcalls by port (Linux 6.2 and later, this
 *	project's datapaths)
 * @upcalls_sent: upcalls of the port's packets that a client got
 * @upcalls_failed: that none got
 */
struct ovsnl_client_vport {
	int dp_ifindex;
	__u32 port_no;
	__u32 type;
	char name[IFNAMSIZ];
	int ifindex;
	__u32 upcall_pid;
	struct ovs_vport_stats stats;
	bool has_upcalls;
	__u64 upcalls_sent;
	__u64 upcalls_failed;
};

/**
 * ovsnl_client_vport_new() - add a port
 * @client: a client
 * @vport: dp_ifindex, type, name, upcall_pid are read, and port_no, where 0
 *	means: the lowest that is free. All is set on success
 * @options: OVS_TUNNEL_ATTR_*, or absent
 *
 * Return: 0 or -errno: -ENODEV, -EBUSY, -EEXIST, -EAFNOSUPPORT (type), -EFBIG.
 */
int ovsnl_client_vport_new(struct ovsnl_client *client,
			   struct ovsnl_client_vport *vport,
			   const struct ovsnl_client_bytes *options);

/**
 * ovsnl_client_vport_del() - remove a port
 * @client: a client
 * @dp_ifindex: the datapath
 * @port_no: the port, not 0
 *
 * Return: 0 or -errno: -ENODEV, -EINVAL (the local port).
 */
int ovsnl_client_vport_del(struct ovsnl_client *client, int dp_ifindex,
			   __u32 port_no);

/**
 * ovsnl_client_vport_set() - choose who gets a port's misses
 * @client: a client
 * @dp_ifindex: the datapath
 * @port_no: the port
 * @pids: port ids; a single 0: nobody
 * @n_pids: how many; more than one needs OVS_DP_F_VPORT_PIDS
 *
 * Return: 0 or -errno.
 */
int ovsnl_client_vport_set(struct ovsnl_client *client, int dp_ifindex,
			   __u32 port_no, const __u32 *pids, size_t n_pids);

/**
 * ovsnl_client_vport_get() - read a port
 * @client: a client
 * @dp_ifindex: the datapath; may be 0 with a name
 * @name: the port's, or NULL: it is named by @port_no
 * @port_no: the port's number, if @name is NULL
 * @vport: set on success
 *
 * Return: 0 or -errno: -ENODEV.
 */
int ovsnl_client_vport_get(struct ovsnl_client *client, int dp_ifindex,
			   const char *name, __u32 port_no,
			   struct ovsnl_client_vport *vport);

/**
 * ovsnl_client_vport_dump() - read all ports of a datapath
 * @client: a client
 * @dp_ifindex: the datapath
 * @each: called for each; see ovsnl_client_vport_decode()
 * @arg: passed to @each
 *
 * Return: 0 or -errno.
 */
int ovsnl_client_vport_dump(struct ovsnl_client *client, int dp_ifindex,
			    ovsnl_client_each_fn *each, void *arg);

/**
 * ovsnl_client_vport_decode() - read a message of the vport family
 * @message: a reply or notification
 * @vport: set on success
 *
 * Return: 0 or -EBADMSG.
 */
int ovsnl_client_vport_decode(const struct ovsnl_client_message *message,
			      struct ovsnl_client_vport *vport);

/* flow.c */

/**
 * struct ovsnl_client_flow - a flow
 * @key: OVS_KEY_ATTR_*
 * @mask: likewise; absent: all that is in the key counts
 * @actions: OVS_ACTION_ATTR_*; present and empty: drop
 * @ufid: 1 to 16 bytes, or absent: the key names the flow
 * @ufid_flags: OVS_UFID_F_OMIT_*: what replies leave out
 * @stats: packets and bytes (replies)
 * @used_ms: monotonic time of the last packet in ms, 0 for never (replies)
 * @tcp_flags: all that were seen (replies)
 */
struct ovsnl_client_flow {
	struct ovsnl_client_bytes key;
	struct ovsnl_client_bytes mask;
	struct ovsnl_client_bytes actions;
	struct ovsnl_client_bytes ufid;
	__u32 ufid_flags;
	struct ovs_flow_stats stats;
	__u64 used_ms;
	__u8 tcp_flags;
};

/**
 * ovsnl_client_flow_new() - add flows, or change those that are there
 * @client: a client
 * @dp_ifindex: the datapath
 * @flows: the flows
 * @n: how many; they are sent in batches of up to 64 KiB
 * @nlm_flags: 0: add or change; NLM_F_CREATE or NLM_F_EXCL: add only
 * @errors: set to 0 or -errno for each flow, if not NULL: -EEXIST, -ENOENT,
 *	-EINVAL, -ENODEV; -ENOMEM, -ENOBUFS, -ECONNRESET and the like for all
 *	of which nobody knows what became
 *
 * Return: 0 if all went well, else the first flow's error that did not.
 */
int ovsnl_client_flow_new(struct ovsnl_client *client, int dp_ifindex,
			  const struct ovsnl_client_flow *flows, size_t n,
			  int nlm_flags, int *errors);

/**
 * ovsnl_client_flow_set() - change a flow's actions or clear its counters
 * @client: a client
 * @dp_ifindex: the datapath
 * @flow: actions absent: keep them
 * @clear: zero the counters
 *
 * Return: 0 or -errno: -ENOENT.
 */
int ovsnl_client_flow_set(struct ovsnl_client *client, int dp_ifindex,
			  const struct ovsnl_client_flow *flow, bool clear);

/**
 * ovsnl_client_flow_get() - read one flow
 * @client: a client
 * @dp_ifindex: the datapath
 * @flow: its ufid or key
 * @each: called with it; see ovsnl_client_flow_decode()
 * @arg: passed to @each
 *
 * Return: 0 or -errno: -ENOENT.
 */
int ovsnl_client_flow_get(struct ovsnl_client *client, int dp_ifindex,
			  const struct ovsnl_client_flow *flow,
			  ovsnl_client_each_fn *each, void *arg);

/**
 * ovsnl_client_flow_del() - delete one flow
 * @client: a client
 * @dp_ifindex: the datapath
 * @flow: its ufid or key
 *
 * Return: 0 or -errno: -ENOENT.
 */
int ovsnl_client_flow_del(struct ovsnl_client *client, int dp_ifindex,
			  const struct ovsnl_client_flow *flow);

/**
 * ovsnl_client_flow_flush() - delete all flows of a datapath
 * @client: a client
 * @dp_ifindex: the datapath
 *
 * Return: 0 or -errno: -ENODEV.
 */
int ovsnl_client_flow_flush(struct ovsnl_client *client, int dp_ifindex);

/**
 * ovsnl_client_flow_dump() - read all flows of a datapath
 * @client: a client
 * @dp_ifindex: the datapath
 * @ufid_flags: OVS_UFID_F_OMIT_*: what to leave out
 * @each: called for each; see ovsnl_client_flow_decode()
 * @arg: passed to @each
 *
 * Return: 0 or -errno.
 */
int ovsnl_client_flow_dump(struct ovsnl_client *client, int dp_ifindex,
			   __u32 ufid_flags, ovsnl_client_each_fn *each,
			   void *arg);

/**
 * ovsnl_client_flow_decode() - read a message of the flow family
 * @message: a reply or notification
 * @flow: set on success; its bytes are the message's
 *
 * Return: 0 or -EBADMSG.
 */
int ovsnl_client_flow_decode(const struct ovsnl_client_message *message,
			     struct ovsnl_client_flow *flow);

/* meter.c */

/* Bands of a meter that are kept: datapaths allow one. */
#define OVSNL_CLIENT_BANDS 1

/**
 * struct ovsnl_client_meter - a limit on what flows may pass
 * @id: by which actions name it
 * @kbps: rates and bursts are in kilobits, otherwise in packets
 * @n_bands: 0 or 1
 * @bands: its @type is OVS_METER_BAND_TYPE_DROP, its @rate not 0
 * @has_settings: @kbps and @bands are known (replies): the kernel's own module
 *	does not tell them
 * @stats: packets and bytes (replies)
 */
struct ovsnl_client_meter {
	__u32 id;
	bool kbps;
	__u32 n_bands;
	struct {
		__u32 type;
		__u32 rate;
		__u32 burst;
	} bands[OVSNL_CLIENT_BANDS];
	bool has_settings;
	struct ovs_flow_stats stats;
};

/**
 * ovsnl_client_meter_features() - how many meters a datapath may have
 * @client: a client
 * @dp_ifindex: the datapath
 * @max_meters: set on success
 * @max_bands: of a meter; set on success
 *
 * Return: 0 or -errno: -ENODEV.
 */
int ovsnl_client_meter_features(struct ovsnl_client *client, int dp_ifindex,
				__u32 *max_meters, __u32 *max_bands);

/**
 * ovsnl_client_meter_set() - create a meter, or put it in another's place
 * @client: a client
 * @dp_ifindex: the datapath
 * @meter: id, kbps and bands are read
 *
 * Return: 0 or -errno: -ENODEV, -EINVAL, -EFBIG or -EBUSY (no place).
 */
int ovsnl_client_meter_set(struct ovsnl_client *client, int dp_ifindex,
			   const struct ovsnl_client_meter *meter);

/**
 * ovsnl_client_meter_del() - remove a meter
 * @client: a client
 * @dp_ifindex: the datapath
 * @id: the meter; that there is none is no error
 *
 * Return: 0 or -errno: -ENODEV.
 */
int ovsnl_client_meter_del(struct ovsnl_client *client, int dp_ifindex,
			   __u32 id);

/**
 * ovsnl_client_meter_get() - read meters, those that there are of some ids
 * @client: a client
 * @dp_ifindex: the datapath
 * @ids: the meters
 * @n: how many
 * @each: called for each that exists; see ovsnl_client_meter_decode()
 * @arg: passed to @each
 *
 * The API has no dump of meters: who does not know their ids asks for all that
 * may be.
 *
 * Return: 0 or -errno: -ENODEV, what @each returned.
 */
int ovsnl_client_meter_get(struct ovsnl_client *client, int dp_ifindex,
			   const __u32 *ids, size_t n,
			   ovsnl_client_each_fn *each, void *arg);

/**
 * ovsnl_client_meter_decode() - read a message of the meter family
 * @message: a reply to GET
 * @meter: set on success
 *
 * Return: 0 or -EBADMSG.
 */
int ovsnl_client_meter_decode(const struct ovsnl_client_message *message,
			      struct ovsnl_client_meter *meter);

/* ct_limit.c */

/**
 * ovsnl_client_ct_limit_set() - limit the connections of zones
 * @client: a client
 * @dp_ifindex: any datapath: limits are the namespace's
 * @limits: zones, OVS_ZONE_LIMIT_DEFAULT_ZONE among them, and their limits
 * @n: how many, up to 5000
 *
 * Return: 0 or -errno.
 */
int ovsnl_client_ct_limit_set(struct ovsnl_client *client, int dp_ifindex,
			      const struct ovs_zone_limit *limits, size_t n);

/**
 * ovsnl_client_ct_limit_del() - have the default count for zones again
 * @client: a client
 * @dp_ifindex: any datapath
 * @zones: the zones
 * @n: how many, up to 5000
 *
 * Return: 0 or -errno.
 */
int ovsnl_client_ct_limit_del(struct ovsnl_client *client, int dp_ifindex,
			      const __u16 *zones, size_t n);

/**
 * ovsnl_client_ct_limit_get() - read the default and all zones with a limit
 * @client: a client
 * @dp_ifindex: any datapath
 * @limits: set to an array, which the caller frees; the default comes first
 * @n: set to its length
 *
 * Return: 0 or -errno.
 */
int ovsnl_client_ct_limit_get(struct ovsnl_client *client, int dp_ifindex,
			      struct ovs_zone_limit **limits, size_t *n);

/* packet.c */

/**
 * struct ovsnl_client_packet - a packet to execute, or an upcall
 * @packet: from its Ethernet header on, or from its network header on where
 *	the key has no Ethernet addresses; to be executed, 14 bytes at least
 * @key: OVS_KEY_ATTR_*: metadata to execute with; all fields in an upcall
 * @actions: OVS_ACTION_ATTR_*
 * @userdata: of the userspace() action; upcalls only
 * @hash: the packet's hash, 0 for none
 * @mru: largest fragment that it was put together from, 0 for none
 * @full_len: bytes before it was cut to @packet, 0 if it was not; upcalls only
 */
struct ovsnl_client_packet {
	struct ovsnl_client_bytes packet;
	struct ovsnl_client_bytes key;
	struct ovsnl_client_bytes actions;
	struct ovsnl_client_bytes userdata;
	__u64 hash;
	__u16 mru;
	__u32 full_len;
};

/**
 * ovsnl_client_packet_execute() - have actions carried out on a packet
 * @client: a client
 * @dp_ifindex: the datapath
 * @packet: the packet; an upcall's with actions filled in will do
 *
 * Return: 0 or -errno.
 */
int ovsnl_client_packet_execute(struct ovsnl_client *client, int dp_ifindex,
				const struct ovsnl_client_packet *packet);

/* Packets that ovsnl_client_packet_execute_all() takes. */
#define OVSNL_CLIENT_EXECUTE_MAX 128

/**
 * ovsnl_client_packet_execute_all() - the same for several packets at once
 * @client: a client
 * @dp_ifindex: the datapath
 * @packets: the packets
 * @n: how many, at most OVSNL_CLIENT_EXECUTE_MAX; they are sent in batches of
 *	up to 64 KiB
 * @errors: set to 0 or -errno for each packet, if not NULL
 *
 * Return: 0 if all went well, else the first packet's error that did not.
 */
int ovsnl_client_packet_execute_all(struct ovsnl_client *client, int dp_ifindex,
				    const struct ovsnl_client_packet *packets,
				    size_t n, int *errors);

/**
 * ovsnl_client_packet_decode() - read an upcall
 * @message: of the packet family; cmd tells a miss from an action
 * @packet: set on success; its bytes are the message's
 *
 * Return: 0 or -EBADMSG.
 */
int ovsnl_client_packet_decode(const struct ovsnl_client_message *message,
			       struct ovsnl_client_packet *packet);

#endif
