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
struct twin_ctx;

/** enum twin_port_kind - how the port moves packets. */
enum twin_port_kind {
	TWIN_PORT_ETHDEV, /* any DPDK device (port_ethdev.c) */
	TWIN_PORT_TAP, /* internal port: a TAP of our own (port_tap.c) */
	TWIN_PORT_NETDEV, /* a Linux netdev taken over (port_netdev.c) */
};

/** struct twin_port_ops - one kind of port.
 * @rx: up to @n packets of queue @queue; only the worker that owns the queue
 *      calls it. Returns how many. Offload state is in mbuf->ol_flags in the
 *      transmit form: see offload.h.
 * @tx: sends or frees all @n packets, counting drops in the port's own
 *      counters; returns how many were sent. Called by the context @ctx, under
 *      tx_lock when tx_shared is set.
 * @stats: fills counters (32 bytes of errors and drops included)
 * @link: carrier and administrative state
 * @destroy: frees everything, the struct included; no context uses it any more
 * @rename/@mtu etc. are the kind's own business.
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

/**
 * struct twin_port - head of every kind of port.
 * @name: also the netdev's name where there is one
 * @ifindex: of the Linux netdev (TAP, netdev or shadow TAP), 0 if there is none
 * @mtu: largest L3 packet that may leave through the port, in bytes
 * @mac: the port's own address
 * @n_rxq: receive queues, each polled by one worker
 * @tx_shared: several contexts share a transmit queue: take @tx_lock
 * @hidden: made for a vport (internal port, netdev taken over by add-if) and
 *          destroyed with it, as opposed to made by `twinpath port add`
 * @devargs: as given to port add, "" otherwise
 * @vport: the vport it is attached to, or NULL. Written by the control thread,
 *         read by workers (QSBR).
 * @stats: one entry a context (twin_ctx.id)
 */
struct twin_port {
	const struct twin_port_ops *ops;
	struct vport *vport;
	uint16_t mtu;
	uint16_t n_rxq;
	bool tx_shared;
	bool up;
	rte_spinlock_t tx_lock;
	struct twin_port_ctx_stats *stats;
	/* control thread only */
	char name[IFNAMSIZ];
	int ifindex;
	uint8_t mac[6];
	bool hidden;
	char *devargs;
	TAILQ_ENTRY(twin_port) link;
};

/* What twin_port_create_*() and its like say on failure. */
#define TWIN_ERR_LEN 160

/** twin_port_create_ethdev() - make a port of a DPDK device.
 * @devargs: "net_null0,size=64", "0000:00:05.0", ...; hot-plugged through EAL
 * @err: TWIN_ERR_LEN bytes for a sentence naming what is wrong
 * Return: the port, or NULL with errno set (EEXIST, EINVAL, ENODEV, ENOMEM).
 */
struct twin_port *twin_port_create_ethdev(const char *name,
					  const char *devargs, char *err);

/** twin_port_create_tap() - make an internal port.
 * The device is created DOWN with a random address (as the kernel's), in the
 * daemon's network namespace; @ifindex 0 or the wanted one.
 * Return: the port, or NULL with errno set (EEXIST when a device of the name
 * exists, EBUSY when the ifindex is taken).
 */
struct twin_port *twin_port_create_tap(const char *name, int ifindex,
				       char *err);

/** twin_port_create_netdev() - take over the Linux netdev @name.
 * Its traffic goes to the datapath and no longer to the Linux stack, until the
 * port is destroyed; promiscuous meanwhile. Return: the port, or NULL with
 * errno ENODEV (no such device), EINVAL (loopback, not Ethernet, an internal
 * port), EBUSY (enslaved or taken).
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

/** twin_port_stats() - sum over contexts plus the device's own. */
void twin_port_stats(struct twin_port *port, struct ovs_vport_stats *stats);

/** twin_port_lookup_ifindex() - port whose Linux netdev has @ifindex. */
struct twin_port *twin_port_lookup_ifindex(int ifindex);

/**
 * twin_port_set_gone() - callback for netdevs that vanish (deleted, moved to
 * another namespace). Runs on the control thread, from twin_port_events().
 */
void twin_port_set_gone(void (*gone)(struct twin_port *port));

/** twin_port_event_fd() - rtnetlink socket to poll for link changes. */
int twin_port_event_fd(void);

/** twin_port_events() - handle link changes: carrier, MTU, name, gone. */
void twin_port_events(void);

#endif
