/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_CTL_WIRE_H
#define TWIN_CTL_WIRE_H

#include <linux/types.h>

/* The generic-netlink family by which the twinpath command talks to the
 * daemon: what the kernel's API has no words for. On the same socket as the
 * ovs_* families; all numbers in host byte order; no header of its own behind
 * genlmsghdr.
 */

#define TWIN_CTL_FAMILY "twinpath"
#define TWIN_CTL_VERSION 1

/**
 * enum twin_ctl_cmd
 * @TWIN_CTL_PORT_ADD: make a twin netdev: NAME, DEVARGS, [MTU]. Needs the
 *	right to make changes. EEXIST, EINVAL, ENODEV, ENOMEM, with words
 * @TWIN_CTL_PORT_DEL: remove one that is in no datapath: NAME. Needs that
 *	right. ENODEV, EBUSY, EINVAL (made by a datapath for itself)
 * @TWIN_CTL_PORT_GET: one by NAME, or all as a dump
 * @TWIN_CTL_CONTEXT_GET: dump of workers, and of the control thread
 * @TWIN_CTL_DAEMON_GET: the daemon itself
 *
 * @TWIN_CTL_PROBE: have each worker forward a packet of the daemon's own. The
 *	answer holds COUNT, the probe's number, and WAITING. With COUNT in the
 *	request no new probe is sent, but told about that one
 *
 * Answers to GET carry the same command.
 */
enum twin_ctl_cmd {
	TWIN_CTL_PORT_ADD = 1,
	TWIN_CTL_PORT_DEL,
	TWIN_CTL_PORT_GET,
	TWIN_CTL_CONTEXT_GET,
	TWIN_CTL_DAEMON_GET,
	TWIN_CTL_PROBE,
};

/* enum twin_ctl_attr - what an attribute holds. */
enum twin_ctl_attr {
	TWIN_CTL_ATTR_NAME = 1, /* string of 1 to 15 bytes */
	TWIN_CTL_ATTR_DEVARGS, /* string */
	TWIN_CTL_ATTR_MTU, /* u32 */
	TWIN_CTL_ATTR_KIND, /* string */
	TWIN_CTL_ATTR_IFINDEX, /* u32, absent without a Linux netdev */
	TWIN_CTL_ATTR_MAC, /* 6 bytes */
	TWIN_CTL_ATTR_UP, /* u8: 0 or 1 */
	TWIN_CTL_ATTR_RX_QUEUES, /* u32 */
	TWIN_CTL_ATTR_HIDDEN, /* u8: made by a datapath for itself */
	TWIN_CTL_ATTR_DATAPATH, /* string; absent when attached to none */
	TWIN_CTL_ATTR_PORT_NO, /* u32; likewise */
	TWIN_CTL_ATTR_STATS, /* struct ovs_vport_stats */
	TWIN_CTL_ATTR_UPCALLS, /* u64 delivered, lost, waiting; if attached */
	TWIN_CTL_ATTR_CONTEXT, /* u32: worker number */
	TWIN_CTL_ATTR_CPU, /* u32; absent for the control thread */
	TWIN_CTL_ATTR_WORK, /* struct twin_ctl_work */
	TWIN_CTL_ATTR_DROPS, /* nested, of nests {NAME, COUNT} */
	TWIN_CTL_ATTR_COUNT, /* u64 */
	TWIN_CTL_ATTR_PID, /* u32 */
	TWIN_CTL_ATTR_RELEASE, /* string: version of the daemon */
	TWIN_CTL_ATTR_TSC_HZ, /* u64 */
	TWIN_CTL_ATTR_CLIENTS, /* struct twin_ctl_clients */
	TWIN_CTL_ATTR_WAITING, /* array of u32: workers that did not, yet */
	TWIN_CTL_ATTR_MBUFS, /* u64 ordinary and large ones in use */
	TWIN_CTL_ATTR_END
};

/** struct twin_ctl_work - what a context did.
 * @polls, @busy_polls: rounds, and those that found packets
 * @packets: received
 * @busy_cycles, @idle_cycles: TSC cycles in either kind of round
 */
struct twin_ctl_work {
	__u64 polls;
	__u64 busy_polls;
	__u64 packets;
	__u64 busy_cycles;
	__u64 idle_cycles;
};

/** struct twin_ctl_clients - connections of the socket.
 * @now, @accepted, @refused: connections
 * @requests: messages dealt with
 * @lost: messages that clients that are gone had no room for
 */
struct twin_ctl_clients {
	__u64 now;
	__u64 accepted;
	__u64 refused;
	__u64 requests;
	__u64 lost;
};

#endif
