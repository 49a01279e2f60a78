/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_PORT_H
#define TWIN_PORT_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <linux/openvswitch.h>
#include <rte_mbuf.h>
#include <rte_spinlock.h>

#include "worker.h"

/* Ports: what packets come from and go to. A port is to the twin what a
 * netdev is to the kernel; a vport attaches one to a datapath.
 *
 * Life cycle: created and destroyed by the control thread. While `vport` is
 * set the workers poll it. twin_port_detach() clears the pointer, takes the
 * port off the workers' poll lists and waits for a grace period; afterwards
 * no worker touches it and it may be destroyed.
 */

struct vport;
struct twin_port;
struct twin_shadow;

/** enum twin_port_kind - how the port moves packets. */
enum twin_port_kind {
	TWIN_PORT_ETHDEV, /* any DPDK device (port_ethdev.c) */
	TWIN_PORT_TAP, /* internal port: a TAP of our own (port_tap.c) */
	TWIN_PORT_NETDEV, /* a Linux netdev taken over (port_netdev.c) */
	TWIN_PORT_PROBE, /* no device: probes of workers (probe.c) */
};

/** struct twin_port_ops - one kind of port.
 * @rx: up to @n packets of queue @queue; only the worker that owns the queue
 *      calls it. Returns how many. Offload state is in mbuf->ol_flags in the
 *      transmit form: see offload.h.
 * @tx: sends or frees all @n packets, counting what it sent and what it
 *      dropped in the port's counters of @ctx, or under a reason of its own in
 *      @ctx; returns how many were sent. Called by the context @ctx, under
 *      tx_lock when tx_shared is set.
 * @stats: adds to the sums over contexts what only the device knows, or
 *         replaces them. May be NULL. Control thread.
 * @link: can a packet leave now? Asked by contexts when @up is false, because
 *        news of the link may be late; for the control thread too
 * @set_mtu: 0 or -errno; NULL where the MTU is followed from Linux. @idle: no
 *           context uses the port; else -EBUSY when it would have to be so.
 * @set_mac: 0 or -errno. May be NULL.
 * @speed: of the link in Mbit/s, UINT32_MAX if unknown. May be NULL.
 * @alive: is the Linux device there although it left this namespace? NULL
 *         for kinds that can't follow it. Any thread.
 * @renamed: the Linux device has a new name, in @name. May be NULL. Control
 *           thread.
 * @destroy: frees everything, the struct included; no context uses it any more
 */
struct twin_port_ops {
	enum twin_port_kind kind;
	const char *kind_name;
	uint16_t (*rx)(struct twin_port *port, uint16_t queue,
		       struct rte_mbuf **pkts, uint16_t n);
	uint16_t (*tx)(struct twin_port *port, struct twin_ctx *ctx,
		       struct rte_mbuf **pkts, uint16_t n);
	void (*stats)(struct twin_port *port, struct ovs_vport_stats *stats);
	bool (*link)(struct twin_port *port);
	int (*set_mtu)(struct twin_port *port, uint16_t mtu, bool idle);
	int (*set_mac)(struct twin_port *port, const uint8_t *mac);
	uint32_t (*speed)(struct twin_port *port);
	bool (*alive)(struct twin_port *port);
	void (*renamed)(struct twin_port *port);
	void (*destroy)(struct twin_port *port);
};

/** struct twin_port_ctx_stats - counters that one context writes, all may
 * read. One cache line.
 */
struct twin_port_ctx_stats {
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t tx_errors; /* over the MTU, could not be segmented, ... */
	uint64_t tx_dropped; /* queue full, link down */
	uint64_t rx_dropped;
	uint64_t rx_errors;
} __rte_cache_aligned;

/** struct twin_rxq - a receive queue, and what it cost. The worker that polls it
 * writes the first two.
 * @cycles: TSC cycles, with all that was done with its packets
 * @packets: received
 * @worker: who polls it, -1 for nobody
 * @pinned: who has to, -1 for whoever has least to do
 * @seen: @cycles when they were looked at last
 * @load: cycles a second of late, see rxq.c
 */
struct twin_rxq {
	uint64_t cycles;
	uint64_t packets;
	/* control thread only */
	int worker;
	int pinned;
	uint64_t seen;
	uint64_t load;
} __rte_cache_aligned;

/** struct twin_txq - packets that one context gathered for a port, until the
 * end of its poll round.
 * @next: list of the context's queues that hold packets
 * @listed: it is in that list
 */
struct twin_txq {
	struct twin_txq *next;
	struct twin_port *port;
	uint16_t n;
	bool listed;
	struct rte_mbuf *pkts[TWIN_BURST];
} __rte_cache_aligned;

/**
 * struct twin_port - head of every kind of port.
 * @name: also the netdev's name where there is one
 * @ifindex: of the Linux netdev (TAP, netdev or shadow TAP), 0 if there is none
 * @mtu: largest L3 packet that may leave through the port, in bytes
 * @l2_len: bytes in front of those in each packet: an Ethernet header, or none
 *          (see TWIN_PACKET_BARE)
 * @mac: the port's own address
 * @n_rxq: receive queues, each polled by one worker
 * @poll_fd: readable when packets wait (its worker may sleep until then), -1
 *           for devices that are polled without end
 * @up: packets may leave; see twin_port_ops.link
 * @stopped: set down by the administrator of its shadow: not polled
 * @dead: reported so by a context, see twin_port_report_dead()
 * @tx_shared: several contexts share a transmit queue: take @tx_lock
 * @hidden: made for a vport (internal port, netdev taken over by add-if) and
 *          destroyed with it, as opposed to made by `twinpath port add`
 * @leave: its Linux device may outlive it, see tuntap.h
 * @devargs: as given to port add, "" otherwise
 * @shadow: its shadow (shadow.h), or NULL
 * @vport: the vport it is attached to, or NULL. Written by the control thread,
 *         read by workers (QSBR).
 * @stats, @txq: one entry a context (twin_ctx.id)
 * @rxq: one entry a receive queue
 */
struct twin_port {
	const struct twin_port_ops *ops;
	struct vport *vport;
	uint16_t mtu;
	uint16_t l2_len;
	uint16_t n_rxq;
	bool tx_shared;
	bool up;
	bool stopped;
	bool dead;
	int poll_fd;
	rte_spinlock_t tx_lock;
	struct twin_port_ctx_stats *stats;
	struct twin_txq *txq;
	struct twin_rxq *rxq;
	int fd_worker; /* the worker that polls @poll_fd, -1 for none */
	/* control thread only */
	char name[IFNAMSIZ];
	int ifindex;
	uint8_t mac[6];
	bool hidden;
	bool leave;
	char *devargs;
	struct twin_shadow *shadow;
	TAILQ_ENTRY(twin_port) link;
};

/* What twin_port_create_*() and its like say on failure. */
#define TWIN_ERR_LEN 160

/** twin_port_create_ethdev() - make a port of a DPDK device.
 * @devargs: "net_null0,size=64", "0000:00:05.0", ...; hot-plugged through EAL
 * @err: TWIN_ERR_LEN bytes for a sentence naming what is wrong
 * Return: the port, or NULL with errno set (EEXIST, EINVAL, ENODEV, ENOMEM).
 */
struct twin_port *twin_port_create_ethdev(const char *name, const char *devargs,
					  char *err);

/** twin_port_create_tap() - make an internal port.
 * The device is created DOWN with a random address (as the kernel's), in the
 * daemon's network namespace; @ifindex 0 or the wanted one.
 * Return: the port, or NULL with errno set (EEXIST when a device of the name
 * exists, EBUSY when the ifindex is taken, EINVAL for an empty name).
 */
struct twin_port *twin_port_create_tap(const char *name, int ifindex,
				       char *err);

/** twin_port_create_netdev() - take over the Linux netdev @name.
 * Its traffic goes to the datapath and no longer to the Linux stack, until the
 * port is destroyed; promiscuous meanwhile. Return: the port, or NULL with
 * errno ENODEV (no such device), EINVAL (loopback, neither Ethernet nor without
 * link-layer headers, an internal port), EBUSY (enslaved or taken).
 */
struct twin_port *twin_port_create_netdev(const char *name, char *err);

/** twin_port_find() - by name, among all ports; control thread. */
struct twin_port *twin_port_find(const char *name);

/** twin_port_next() - iterate all ports; NULL starts; control thread. */
struct twin_port *twin_port_next(struct twin_port *prev);

/** twin_port_attach() - let the workers poll @port for @vport. */
int twin_port_attach(struct twin_port *port, struct vport *vport);

/** twin_port_detach() - the reverse; returns after a grace period. */
void twin_port_detach(struct twin_port *port);

/** twin_port_destroy() - free a detached port. */
void twin_port_destroy(struct twin_port *port);

/** twin_port_set_mtu() - of a port that is no Linux device; its shadow
 * follows. Traffic of an attached port pauses if the device needs that.
 * Return: 0, -EOPNOTSUPP (the MTU is Linux's business), -EINVAL (too small or
 * too large), or the driver's error.
 */
int twin_port_set_mtu(struct twin_port *port, uint16_t mtu);

/** twin_port_stats() - sum over contexts plus the device's own, as the kernel
 * counts: rx is what the device received. (An internal port's device receives
 * what the datapath sends to it.)
 */
void twin_port_stats(struct twin_port *port, struct ovs_vport_stats *stats);

/** twin_port_lookup_ifindex() - port whose Linux netdev has @ifindex. */
struct twin_port *twin_port_lookup_ifindex(int ifindex);

/**
 * twin_port_set_gone() - callback for netdevs that vanish (deleted, moved to
 * another namespace). Runs on the control thread, from twin_port_events().
 */
void twin_port_set_gone(void (*gone)(struct twin_port *port));

/** twin_port_report_dead() - the port's device is gone; the gone callback will
 * be called. The context that polls the port.
 */
void twin_port_report_dead(struct twin_port *port);

/** twin_port_report_link() - the port's link may have changed. Any thread. */
void twin_port_report_link(void);

/** twin_port_stop() - let traffic pass or not, as `ip link set up` and `down`
 * of its shadow say.
 */
void twin_port_stop(struct twin_port *port, bool stop);

/** twin_port_hook() - loop hook: what is to be done now and then. */
int twin_port_hook(void);

/** twin_port_event_fd() - descriptor to poll for events of ports.
 * Return: -errno when it can't be made.
 */
int twin_port_event_fd(void);

/** twin_port_events() - handle them: carrier, MTU, name, gone. */
void twin_port_events(void);

/* For the kinds of ports */

/** twin_port_init() - fill the head of a zeroed struct.
 * Return: 0 or -ENOMEM.
 */
int twin_port_init(struct twin_port *port, const struct twin_port_ops *ops,
		   const char *name);

/** twin_port_set_n_rxq() - the port has so many receive queues, instead of one;
 * before it is attached. Return: 0 or -ENOMEM.
 */
int twin_port_set_n_rxq(struct twin_port *port, uint16_t n);

/** twin_port_fini() - free what twin_port_init() took. */
void twin_port_fini(struct twin_port *port);

/** twin_port_register() - list a port that is ready. */
void twin_port_register(struct twin_port *port);

/** twin_port_fail() - write a sentence to @err and set errno to @code.
 * Return: NULL, so that creators can return it.
 */
struct twin_port *twin_port_fail(char *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
