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
 * @TWIN_CTL_PERF_CLEAR: what PERF tells of all contexts begins anew. Needs the
 *	right to make changes
 * @TWIN_CTL_RXQ_GET: dump of receive queues: NAME, QUEUE, RXQ
 * @TWIN_CTL_RXQ_PIN: NAME, QUEUE, and CONTEXT, the worker that is to poll it;
 *	without CONTEXT any may. Needs the right to make changes, as do the
 *	next. ENODEV, EINVAL, ENOMEM
 * @TWIN_CTL_RXQ_ISOLATE: the worker CONTEXT takes, by ISOLATED, pinned queues
 *	only, or any. EINVAL
 * @TWIN_CTL_RXQ_BALANCE: BALANCE; EINVAL. The answer to RXQ_PLAN tells it
 * @TWIN_CTL_RXQ_PLAN: what would be moved: MOVES, COUNT (percent by which the
 *	variance of loads is lowered), BALANCE
 * @TWIN_CTL_RXQ_REBALANCE: the same, and it is done
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
	TWIN_CTL_PERF_CLEAR,
	TWIN_CTL_RXQ_GET,
	TWIN_CTL_RXQ_PIN,
	TWIN_CTL_RXQ_ISOLATE,
	TWIN_CTL_RXQ_BALANCE,
	TWIN_CTL_RXQ_PLAN,
	TWIN_CTL_RXQ_REBALANCE,
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
	TWIN_CTL_ATTR_PERF, /* struct twin_ctl_perf; of workers */
	TWIN_CTL_ATTR_QUEUE, /* u32 */
	TWIN_CTL_ATTR_RXQ, /* struct twin_ctl_rxq */
	TWIN_CTL_ATTR_ISOLATED, /* u8: 0 or 1; of workers */
	TWIN_CTL_ATTR_BALANCE, /* struct twin_ctl_balance */
	TWIN_CTL_ATTR_MOVES, /* array of struct twin_ctl_move */
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

#define TWIN_CTL_CLASSES 32

/** struct twin_ctl_perf - what a worker did since its counters were cleared.
 * @cycles: TSC cycles that have passed
 * @idle, @busy: poll rounds without and with packets, by length: element N has
 *	those of 2^(N-1) to 2^N - 1 ns, the last one all longer ones
 * @own_idle, @own_busy: rounds of at least TWIN_CTL_LONG_NS once more, by how
 *	long the thread had its processor meanwhile
 * @busy_cycles, @idle_cycles: in either kind of round
 * @miss_cycles: of those, for packets without a flow
 * @sleep_cycles: asleep, in @sleeps
 * @rx_packets, @rx_bursts: received, and how many times a queue brought some
 * @tx_packets, @tx_bursts: given to ports, and how many times
 * @hits: packets that hit a flow, once each time that they were looked up, and
 *	of those
 * @cache_hits: found by the caches, and not by masks
 * @masks_probed: masks that the others were tried under
 * @misses, @lost: packets without a flow, and upcalls that no client got
 * @longest_ns, @longest_own_ns, @longest_idle_ns: of the rounds of at least
 *	TWIN_CTL_LONG_NS, 0 if there was none: the longest, the longest time on
 *	the processor, and the same of those without packets
 */
struct twin_ctl_perf {
	__u64 cycles;
	__u64 idle[TWIN_CTL_CLASSES];
	__u64 busy[TWIN_CTL_CLASSES];
	__u64 own_idle[TWIN_CTL_CLASSES];
	__u64 own_busy[TWIN_CTL_CLASSES];
	__u64 busy_cycles;
	__u64 idle_cycles;
	__u64 miss_cycles;
	__u64 sleep_cycles;
	__u64 sleeps;
	__u64 rx_packets;
	__u64 rx_bursts;
	__u64 tx_packets;
	__u64 tx_bursts;
	__u64 hits;
	__u64 cache_hits;
	__u64 masks_probed;
	__u64 misses;
	__u64 lost;
	__u64 longest_ns;
	__u64 longest_own_ns;
	__u64 longest_idle_ns;
};

#define TWIN_CTL_LONG_NS 32768

/** struct twin_ctl_rxq - a receive queue.
 * @load: TSC cycles a second that it took of late
 * @packets: received
 * @worker, @pinned: who polls it, and who has to; -1: nobody in particular
 */
struct twin_ctl_rxq {
	__u64 load;
	__u64 packets;
	__s32 worker;
	__s32 pinned;
};

/** struct twin_ctl_balance - when queues are moved without being asked.
 * @on: 0 or 1
 * @load: percent of its time that a worker has to be busy
 * @improvement: percent by which the variance of loads has to be lowered
 * @interval: seconds from one look to the next
 */
struct twin_ctl_balance {
	__u32 on;
	__u32 load;
	__u32 improvement;
	__u32 interval;
};

/** struct twin_ctl_move - a queue that changes workers. */
struct twin_ctl_move {
	char port[16];
	__u32 queue;
	__u32 from;
	__u32 to;
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
