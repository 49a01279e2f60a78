// SPDX-License-Identifier: BSD-3-Clause
/*
 * DPDK devices.
 *
 * Overview
 *	A device is plugged in through the EAL by its devargs, configured with
 *	as many receive queues as can be polled, and one transmit queue a
 *	context where queues are independent of each other (PCI). The queues of
 *	virtual devices are often wires to a peer who may watch the first only:
 *	there all contexts share that one.
 *
 *	What a device can't do (checksums, segmentation, packets of several
 *	mbufs) is done in software before.
 *
 * Life cycle
 *	Plugged, configured, started; stopped, closed, unplugged. Devices that
 *	the EAL made at the daemon's start are only configured and stopped.
 *
 * Synchronisation
 *	A queue has one user: receive queues a worker, transmit queues a
 *	context or the holder of tx_lock. Link events come on the EAL's
 *	interrupt thread and only wake the control thread.
 *
 * Lock order
 *	tx_lock only.
 */
#include "port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "offload.h"
#include "pool.h"
#include "shadow.h"
#include "vhost_socket.h"

#define DESCRIPTORS 1024

/* Devices that offer this many queues or more invent them as needed: one is
 * enough. Others have them because somebody asked for them.
 */
#define QUEUES_AT_WILL 16

/* Wire packets of one GSO packet: 64 KB in pieces of 256 bytes. */
#define MAX_PIECES 256

#define TX_WANTED                                                        \
	(RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | \
	 RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM |   \
	 RTE_ETH_TX_OFFLOAD_TCP_TSO)
#define TX_CSUM (RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM)
#define TX_TSO                                     \
	(TX_CSUM | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | \
	 RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_MULTI_SEGS)

#define STATE_FLAGS \
	(RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_UDP_SEG)

/** struct ethdev
 * @id: of the DPDK port
 * @tx_offloads: in force
 * @plugged: by us, and to be unplugged
 * @pci: its queues are independent, its error counters its own
 * @base: counters when the port was made
 */
struct ethdev {
	struct twin_port port;
	uint16_t id;
	bool plugged;
	bool pci;
	uint64_t tx_offloads;
	struct rte_eth_stats base;
};

static struct ethdev *ethdev_of(struct twin_port *port)
{
	return (struct ethdev *)port;
}

/* Packets */

static uint16_t ethdev_rx(struct twin_port *port, uint16_t queue,
			  struct rte_mbuf **pkts, uint16_t n)
{
	return rte_eth_rx_burst(ethdev_of(port)->id, queue, pkts, n);
}

/* Rings hand mbufs over as they are, what the sender left in them included. */
static uint16_t ethdev_rx_ring(struct twin_port *port, uint16_t queue,
			       struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t i;

	n = rte_eth_rx_burst(ethdev_of(port)->id, queue, pkts, n);
	for (i = 0; i < n; i++)
		twin_offload_clear(pkts[i]);
	return n;
}

/* Transmit, counting; what the device does not take is freed. */
static uint16_t transmit(struct ethdev *dev, struct twin_ctx *ctx,
			 struct rte_mbuf **pkts, uint16_t n, uint64_t bytes)
{
	struct twin_port_ctx_stats *stats = &dev->port.stats[ctx->id];
	uint16_t queue = dev->port.tx_shared ? 0 : ctx->id;
	uint16_t i, sent;

	sent = rte_eth_tx_burst(dev->id, queue, pkts, n);
	if (unlikely(sent < n)) {
		for (i = sent; i < n; i++)
			bytes -= pkts[i]->pkt_len;
		stats->tx_dropped += n - sent;
		rte_pktmbuf_free_bulk(pkts + sent, n - sent);
	}
	stats->tx_packets += sent;
	stats->tx_bytes += bytes;
	return sent;
}

/* A copy in one mbuf, in the packet's place. NULL: no memory. */
static struct rte_mbuf *flatten(struct rte_mbuf *m)
{
	struct rte_mbuf *flat = rte_pktmbuf_alloc(twin_pool_large());
	char *p = flat ? rte_pktmbuf_append(flat, m->pkt_len) : NULL;

	if (p) {
		/* Several segments, so this copies. */
		rte_pktmbuf_read(m, 0, m->pkt_len, p);
		flat->ol_flags = m->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK;
		flat->tx_offload = m->tx_offload;
	} else {
		rte_pktmbuf_free(flat);
		flat = NULL;
	}
	rte_pktmbuf_free(m);
	return flat;
}

static bool device_completes(const struct ethdev *dev, const struct rte_mbuf *m)
{
	uint64_t need = twin_offload_is_gso(m) ? TX_TSO : TX_CSUM;

	return (dev->tx_offloads & need) == need &&
	       !(m->ol_flags &
		 (RTE_MBUF_F_TX_TUNNEL_MASK | RTE_MBUF_F_TX_UDP_SEG));
}

/* Makes one packet such that the device can send it. Return: how many it has
 * become in @out, 0 when it was dropped and counted.
 */
static int complete(const struct ethdev *dev, struct twin_ctx *ctx,
		    struct rte_mbuf *m, struct rte_mbuf **out)
{
	int n = 1;

	out[0] = m;
	if (!twin_offload_is_partial(m))
		return 1;
	if (device_completes(dev, m)) {
		/* Segments have IP headers of their own. */
		if (twin_offload_is_gso(m) &&
		    (m->ol_flags & RTE_MBUF_F_TX_IPV4))
			m->ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
		return 1;
	}
	if (twin_offload_is_gso(m))
		n = twin_offload_segment(m, ctx->pool, out, MAX_PIECES);
	else if (twin_offload_finish_csum(m))
		n = -EINVAL;
	if (n > 0)
		return n;
	ctx->drops[n == -ENOMEM ? TWIN_DROP_NO_MEMORY : TWIN_DROP_SEGMENT]++;
	rte_pktmbuf_free(m);
	return 0;
}

static int flatten_all(struct twin_ctx *ctx, struct rte_mbuf **pkts, int n)
{
	int i, kept = 0;

	for (i = 0; i < n; i++) {
		if (pkts[i]->nb_segs > 1)
			pkts[i] = flatten(pkts[i]);
		if (pkts[i])
			pkts[kept++] = pkts[i];
		else
			ctx->drops[TWIN_DROP_NO_MEMORY]++;
	}
	return kept;
}

/* Sends packets that may still have work for the device in them. */
static uint16_t prepare_and_send(struct ethdev *dev, struct twin_ctx *ctx,
				 struct rte_mbuf **pkts, int n)
{
	uint16_t queue = dev->port.tx_shared ? 0 : ctx->id;
	uint16_t sent = 0, ok;
	uint64_t bytes;
	int i;

	while (n > 0) {
		ok = rte_eth_tx_prepare(dev->id, queue, pkts, n);
		bytes = 0;
		for (i = 0; i < ok; i++)
			bytes += pkts[i]->pkt_len;
		if (ok)
			sent += transmit(dev, ctx, pkts, ok, bytes);
		if (ok == n)
			break;
		/* The driver refuses this one. */
		dev->port.stats[ctx->id].tx_errors++;
		rte_pktmbuf_free(pkts[ok]);
		pkts += ok + 1;
		n -= ok + 1;
	}
	return sent;
}

static uint16_t tx_completing(struct ethdev *dev, struct twin_ctx *ctx,
			      struct rte_mbuf **pkts, uint16_t n)
{
	struct rte_mbuf *out[MAX_PIECES];
	uint16_t i, sent = 0;
	int pieces;

	for (i = 0; i < n; i++) {
		pieces = complete(dev, ctx, pkts[i], out);
		if (!(dev->tx_offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS))
			pieces = flatten_all(ctx, out, pieces);
		sent += prepare_and_send(dev, ctx, out, pieces);
	}
	return sent;
}

static uint16_t ethdev_tx(struct twin_port *port, struct twin_ctx *ctx,
			  struct rte_mbuf **pkts, uint16_t n)
{
	struct ethdev *dev = ethdev_of(port);
	uint64_t bytes = 0, flags = 0;
	uint16_t i, segs = 0;

	for (i = 0; i < n; i++) {
		flags |= pkts[i]->ol_flags;
		segs |= pkts[i]->nb_segs - 1;
		bytes += pkts[i]->pkt_len;
	}
	if (dev->tx_offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS)
		segs = 0;
	if (unlikely((flags & STATE_FLAGS) || segs))
		return tx_completing(dev, ctx, pkts, n);
	return transmit(dev, ctx, pkts, n, bytes);
}

/* Counters and state */

static void ethdev_stats(struct twin_port *port, struct ovs_vport_stats *stats)
{
	struct ethdev *dev = ethdev_of(port);
	struct rte_eth_stats s;

	if (rte_eth_stats_get(dev->id, &s))
		return;
	stats->rx_dropped += s.imissed - dev->base.imissed;
	stats->rx_dropped += s.rx_nombuf - dev->base.rx_nombuf;
	stats->rx_errors += s.ierrors - dev->base.ierrors;
	/* Virtual devices count here what they do not take. */
	if (dev->pci)
		stats->tx_errors += s.oerrors - dev->base.oerrors;
}

static bool ethdev_link(struct twin_port *port)
{
	struct rte_eth_link link;

	return !port->stopped &&
	       !rte_eth_link_get_nowait(ethdev_of(port)->id, &link) &&
	       link.link_status == RTE_ETH_LINK_UP;
}

static int on_link_event(uint16_t id, enum rte_eth_event_type type, void *arg,
			 void *ret)
{
	(void)id;
	(void)type;
	(void)arg;
	(void)ret;
	twin_port_report_link();
	return 0;
}

static uint32_t ethdev_speed(struct twin_port *port)
{
	struct rte_eth_link link;

	if (rte_eth_link_get_nowait(ethdev_of(port)->id, &link) ||
	    link.link_status != RTE_ETH_LINK_UP)
		return RTE_ETH_SPEED_NUM_UNKNOWN;
	return link.link_speed;
}

static int ethdev_set_mac(struct twin_port *port, const uint8_t *mac)
{
	struct rte_ether_addr addr;

	memcpy(&addr, mac, sizeof(addr));
	return rte_eth_dev_default_mac_addr_set(ethdev_of(port)->id, &addr);
}

static int ethdev_set_mtu(struct twin_port *port, uint16_t mtu, bool idle)
{
	struct ethdev *dev = ethdev_of(port);
	int err = rte_eth_dev_set_mtu(dev->id, mtu);

	if (err != -EBUSY || !idle)
		return err;
	err = rte_eth_dev_stop(dev->id);
	if (err)
		return err;
	err = rte_eth_dev_set_mtu(dev->id, mtu);
	if (rte_eth_dev_start(dev->id))
		port->up = false;
	return err;
}

/* Plugging */

static struct twin_port *owner_of(uint16_t id)
{
	struct twin_port *port = NULL;

	while ((port = twin_port_next(port)))
		if (port->ops->kind == TWIN_PORT_ETHDEV &&
		    ethdev_of(port)->id == id)
			return port;
	return NULL;
}

/* Find the device that has been there before. Return: 0, -1 for none, or an
 * errno with @err written.
 */
static int find_plugged(struct ethdev *dev, const struct rte_devargs *da,
			char *err)
{
	struct twin_port *owner;

	if (rte_eth_dev_get_port_by_name(da->name, &dev->id))
		return -1;
	owner = owner_of(dev->id);
	if (owner) {
		twin_port_fail(err, EEXIST, "device %s is port %s already",
			       da->name, owner->name);
		return EEXIST;
	}
	if (da->args && da->args[0]) {
		twin_port_fail(err, EEXIST,
			       "device %s exists already: give its name alone",
			       da->name);
		return EEXIST;
	}
	return 0;
}

/* The DPDK port of the device that was just plugged in. */
static int find_port(struct ethdev *dev, const struct rte_devargs *da,
		     const char *devargs)
{
	struct rte_dev_iterator it;
	uint16_t id;

	if (!rte_eth_dev_get_port_by_name(da->name, &dev->id))
		return 0;
	RTE_ETH_FOREACH_MATCHING_DEV(id, devargs, &it)
	{
		dev->id = id;
		rte_eth_iterator_cleanup(&it);
		return 0;
	}
	return ENODEV;
}

static void unplug(struct ethdev *dev)
{
	struct rte_eth_dev_info info;

	if (!dev->plugged || rte_eth_dev_info_get(dev->id, &info))
		return;
	rte_eth_dev_close(dev->id);
	rte_dev_remove(info.device);
}

/* Return: 0 or an errno with @err written. */
static int plug(struct ethdev *dev, const char *devargs, char *err)
{
	struct rte_devargs da;
	int code;

	if (rte_devargs_parse(&da, devargs)) {
		twin_port_fail(err, EINVAL, "no bus knows the device of \"%s\"",
			       devargs);
		return EINVAL;
	}
	code = find_plugged(dev, &da, err);
	if (code >= 0)
		goto out; /* adopted, or refused */
	twin_vhost_socket_clear(devargs);
	code = -rte_dev_probe(devargs);
	if (code) {
		code = code == 1 ? EINVAL : code;
		twin_port_fail(err, code, "can't plug in \"%s\": %s", devargs,
			       strerror(code));
		goto out;
	}
	dev->plugged = true;
	code = find_port(dev, &da, devargs);
	if (code) {
		twin_port_fail(err, code, "\"%s\" is no network device",
			       devargs);
		rte_eal_hotplug_remove(rte_bus_name(da.bus), da.name);
	}
out:
	free(da.data);
	return code;
}

/* Configuration */

static int setup_queues(const struct ethdev *dev, uint16_t n_rxq,
			uint16_t n_txq)
{
	uint16_t n_rxd = DESCRIPTORS, n_txd = DESCRIPTORS;
	uint16_t i;
	int err;

	err = rte_eth_dev_adjust_nb_rx_tx_desc(dev->id, &n_rxd, &n_txd);
	for (i = 0; !err && i < n_rxq; i++)
		err = rte_eth_rx_queue_setup(dev->id, i, n_rxd,
					     rte_eth_dev_socket_id(dev->id),
					     NULL, twin_pool());
	for (i = 0; !err && i < n_txq; i++)
		err = rte_eth_tx_queue_setup(dev->id, i, n_txd,
					     rte_eth_dev_socket_id(dev->id),
					     NULL);
	return err;
}

static uint16_t choose_n_rxq(const struct ethdev *dev,
			     const struct rte_eth_dev_info *info)
{
	if (dev->pci)
		return RTE_MIN(twin_worker_count(), info->max_rx_queues);
	return info->max_rx_queues < QUEUES_AT_WILL ? info->max_rx_queues : 1;
}

static int configure(struct ethdev *dev, const struct rte_eth_dev_info *info)
{
	struct rte_eth_conf conf = { 0 };
	uint16_t n_txq = 1;
	int err;

	dev->pci = !strcmp(rte_bus_name(rte_dev_bus(info->device)), "pci");
	err = twin_port_set_n_rxq(&dev->port, choose_n_rxq(dev, info));
	if (err)
		return err;
	if (dev->pci && twin_ctx_count() <= info->max_tx_queues)
		n_txq = twin_ctx_count();
	dev->port.tx_shared = n_txq == 1;

	dev->tx_offloads = info->tx_offload_capa & TX_WANTED;
	/* Virtual devices that do it in software do it no better than we, or
	 * wrong (net_tap loses what it segments).
	 */
	if (!dev->pci && strcmp(info->driver_name, "net_virtio_user"))
		dev->tx_offloads &= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	conf.txmode.offloads = dev->tx_offloads;
	conf.rxmode.offloads = info->rx_offload_capa &
			       RTE_ETH_RX_OFFLOAD_SCATTER;
	if (dev->port.n_rxq > 1 && info->flow_type_rss_offloads) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf =
			info->flow_type_rss_offloads &
			(RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP);
	}
	conf.intr_conf.lsc = !!(*info->dev_flags & RTE_ETH_DEV_INTR_LSC);
	err = rte_eth_dev_configure(dev->id, dev->port.n_rxq, n_txq, &conf);
	return err ? err : setup_queues(dev, dev->port.n_rxq, n_txq);
}

static void read_state(struct ethdev *dev)
{
	struct rte_ether_addr mac;

	rte_eth_dev_get_mtu(dev->id, &dev->port.mtu);
	if (!rte_eth_macaddr_get(dev->id, &mac))
		memcpy(dev->port.mac, &mac, sizeof(dev->port.mac));
	rte_eth_stats_get(dev->id, &dev->base);
	dev->port.up = ethdev_link(&dev->port);
}

static const struct twin_port_ops ethdev_ops;
static const struct twin_port_ops ring_ops;

/* Return: 0 or an errno with @err written. */
static int start(struct ethdev *dev, char *err)
{
	struct rte_eth_dev_info info;
	int code;

	code = rte_eth_dev_info_get(dev->id, &info);
	if (!code)
		code = configure(dev, &info);
	if (!code)
		code = rte_eth_dev_start(dev->id);
	if (code) {
		/* Drivers return -1 for many reasons. */
		code = code == -1 ? EIO : -code;
		twin_port_fail(err, code, "the driver refuses to start: %s",
			       strerror(code));
		return code;
	}
	if (!strcmp(info.driver_name, "net_ring"))
		dev->port.ops = &ring_ops;
	/* Not all have addresses to be promiscuous about. */
	rte_eth_promiscuous_enable(dev->id);
	rte_eth_dev_callback_register(dev->id, RTE_ETH_EVENT_INTR_LSC,
				      on_link_event, &dev->port);
	read_state(dev);
	return 0;
}

/* Life */

static void stop(struct ethdev *dev)
{
	rte_eth_dev_callback_unregister(dev->id, RTE_ETH_EVENT_INTR_LSC,
					on_link_event, &dev->port);
	rte_eth_dev_stop(dev->id);
}

static void ethdev_destroy(struct twin_port *port)
{
	struct ethdev *dev = ethdev_of(port);

	twin_shadow_destroy(port);
	stop(dev);
	unplug(dev);
	twin_port_fini(port);
	free(dev);
}

static const struct twin_port_ops ethdev_ops = {
	.kind = TWIN_PORT_ETHDEV,
	.kind_name = "ethdev",
	.rx = ethdev_rx,
	.tx = ethdev_tx,
	.stats = ethdev_stats,
	.link = ethdev_link,
	.set_mtu = ethdev_set_mtu,
	.set_mac = ethdev_set_mac,
	.speed = ethdev_speed,
	.destroy = ethdev_destroy,
};

static const struct twin_port_ops ring_ops = {
	.kind = TWIN_PORT_ETHDEV,
	.kind_name = "ethdev",
	.rx = ethdev_rx_ring,
	.tx = ethdev_tx,
	.stats = ethdev_stats,
	.link = ethdev_link,
	.set_mtu = ethdev_set_mtu,
	.set_mac = ethdev_set_mac,
	.speed = ethdev_speed,
	.destroy = ethdev_destroy,
};

struct twin_port *twin_port_create_ethdev(const char *name, const char *devargs,
					  char *err)
{
	struct ethdev *dev;
	int code;

	if (!name[0] || strlen(name) >= IFNAMSIZ)
		return twin_port_fail(err, EINVAL,
				      "a port's name has 1 to %d bytes",
				      IFNAMSIZ - 1);
	if (twin_port_find(name))
		return twin_port_fail(err, EEXIST, "port %s exists already",
				      name);
	dev = calloc(1, sizeof(*dev));
	if (!dev || twin_port_init(&dev->port, &ethdev_ops, name)) {
		free(dev);
		return twin_port_fail(err, ENOMEM, "out of memory");
	}
	dev->port.devargs = strdup(devargs);
	code = dev->port.devargs ? plug(dev, devargs, err) : ENOMEM;
	if (code)
		goto err_free;
	code = start(dev, err);
	if (code)
		goto err_unplug;
	code = twin_shadow_create(&dev->port, err);
	if (code)
		goto err_stop;
	twin_port_register(&dev->port);
	return &dev->port;

err_stop:
	stop(dev);
err_unplug:
	unplug(dev);
err_free:
	twin_port_fini(&dev->port);
	free(dev);
	errno = code;
	return NULL;
}
