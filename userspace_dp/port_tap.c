// SPDX-License-Identifier: BSD-3-Clause
/*
 * Internal ports: TAP devices.
 *
 * Overview
 *	What the host sends through the device is read from the descriptor and
 *	enters the datapath; what the datapath outputs is written to it and
 *	enters the host's stack. A virtio_net_hdr in front of each packet keeps
 *	checksums and segmentation undone where that is possible.
 *
 *	Counters are those that the kernel's internal device has: received is
 *	what the host received, without the Ethernet header; transmitted is
 *	what the host sent.
 *
 * Life cycle
 *	The device goes with its port, and with the daemon unless devices are
 *	kept (tuntap.h): then a later daemon finds it as it was. If somebody
 *	deletes it first, or moves it to another namespace, the descriptor
 *	tells which: see alive().
 *
 * Synchronisation
 *	One worker reads. Any context writes: a write is one packet, and the
 *	kernel serialises them.
 *
 * Lock order
 *	No locks.
 */
#include "port_fd.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <rte_ether.h>

#include "link.h"
#include "offload.h"
#include "tuntap.h"

/* What `ip link` shows beside the device. */
#define ALIAS "twinpath internal port"

/* TUN_F_USO4 and _USO6 of Linux 6.2. */
#define OFFLOAD_USO (0x20 | 0x40)
#define OFFLOAD_BASE (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)

struct tap {
	struct twin_port port;
	struct twin_fd_slot slot;
};

static struct tap *tap_of(struct twin_port *port)
{
	return (struct tap *)port;
}

/* Packets */

/* Read one packet. NULL: none there, or not usable (*@more is then true). */
static struct rte_mbuf *read_packet(struct tap *tap, bool *more)
{
	struct iovec iov[TWIN_FD_IOV_RX];
	struct rte_mbuf *m;
	ssize_t len;

	*more = false;
	if (!twin_fd_slot_fill(&tap->slot, iov))
		return NULL;
	len = readv(tap->port.poll_fd, iov, TWIN_FD_IOV_RX);
	if (len < 0)
		return NULL;
	*more = true;
	m = twin_fd_slot_take(&tap->slot, len);
	if (m && !twin_offload_from_vnet(m, &tap->slot.hdr))
		return m;
	rte_pktmbuf_free(m);
	twin_fd_count_bad(&tap->port);
	return NULL;
}

static uint16_t tap_rx(struct twin_port *port, uint16_t queue,
		       struct rte_mbuf **pkts, uint16_t n)
{
	struct tap *tap = tap_of(port);
	uint16_t i = 0;
	bool more;

	(void)queue;
	do {
		pkts[i] = read_packet(tap, &more);
		if (pkts[i])
			i++;
	} while (more && i < n);
	return i;
}

static bool write_packet(struct twin_port *port, struct twin_ctx *ctx,
			 const struct rte_mbuf *m)
{
	struct iovec iov[TWIN_FD_IOV_TX];
	struct virtio_net_hdr hdr;
	unsigned int n;

	n = twin_fd_packet_iov(m, &hdr, iov, TWIN_FD_IOV_TX);
	if (n && writev(port->poll_fd, iov, n) >= 0)
		return true;
	twin_fd_count_drop(port, ctx, n ? errno : EMSGSIZE);
	return false;
}

static uint16_t tap_tx(struct twin_port *port, struct twin_ctx *ctx,
		       struct rte_mbuf **pkts, uint16_t n)
{
	struct twin_port_ctx_stats *stats = &port->stats[ctx->id];
	uint16_t i, sent = 0;

	for (i = 0; i < n; i++) {
		if (!write_packet(port, ctx, pkts[i]))
			continue;
		stats->tx_packets++;
		stats->tx_bytes += pkts[i]->pkt_len;
		sent++;
	}
	rte_pktmbuf_free_bulk(pkts, n);
	return sent;
}

/* The host's view: what was output to the device is what it received. */
static void tap_stats(struct twin_port *port, struct ovs_vport_stats *stats)
{
	struct ovs_vport_stats s = *stats;

	(void)port;
	stats->rx_packets = s.tx_packets;
	stats->rx_bytes = s.tx_bytes - s.tx_packets * RTE_ETHER_HDR_LEN;
	stats->rx_dropped = s.tx_dropped;
	stats->tx_packets = s.rx_packets;
	stats->tx_bytes = s.rx_bytes;
	stats->tx_dropped = s.rx_dropped;
	stats->rx_errors = s.rx_errors;
	/* Over the MTU: the kernel counts that as the device's own. */
	stats->tx_errors = s.tx_errors;
}

/* In another namespace only writing tells. */
static bool tap_link(struct twin_port *port)
{
	unsigned int flags;

	return twin_link_flags(port->name, &flags) || (flags & IFF_UP);
}

static bool tap_alive(struct twin_port *port)
{
	return twin_tuntap_alive(port->poll_fd);
}

/* Life */

static void tap_destroy(struct twin_port *port)
{
	struct tap *tap = tap_of(port);

	if (port->leave)
		twin_tuntap_leave(port->poll_fd);
	else
		twin_tuntap_remove(port->poll_fd);
	twin_fd_slot_free(&tap->slot);
	twin_port_fini(port);
	free(tap);
}

static const struct twin_port_ops tap_ops = {
	.kind = TWIN_PORT_TAP,
	.kind_name = "tap",
	.rx = tap_rx,
	.tx = tap_tx,
	.stats = tap_stats,
	.link = tap_link,
	.alive = tap_alive,
	.destroy = tap_destroy,
};

static int set_offloads(int fd)
{
	int size = sizeof(struct virtio_net_hdr);

	if (ioctl(fd, TUNSETVNETHDRSZ, &size))
		return -errno;
	if (!ioctl(fd, TUNSETOFFLOAD, OFFLOAD_BASE | OFFLOAD_USO))
		return 0;
	return ioctl(fd, TUNSETOFFLOAD, OFFLOAD_BASE) ? -errno : 0;
}

/* Creates the device. Return: its descriptor or -errno. @name, IFNAMSIZ bytes,
 * is set to what the kernel made of it.
 */
static int open_device(char *name, int ifindex)
{
	int fd = twin_tuntap_open(name, ifindex,
				  IFF_TAP | IFF_NO_PI | IFF_VNET_HDR, ALIAS);
	int err;

	if (fd < 0)
		return fd;
	err = set_offloads(fd);
	if (!err)
		return fd;
	twin_tuntap_remove(fd);
	return err;
}

/* What the port has in common with its device. */
static int follow_device(struct twin_port *port)
{
	struct twin_link link;
	int err = twin_link_get(port->name, 0, &link);

	if (err)
		return err;
	port->ifindex = link.ifindex;
	port->mtu = link.mtu;
	memcpy(port->mac, link.mac, sizeof(port->mac));
	return 0;
}

struct twin_port *twin_port_create_tap(const char *name, int ifindex, char *err)
{
	char real_name[IFNAMSIZ] = "";
	struct tap *tap;
	int fd, code;

	if (!name[0])
		return twin_port_fail(err, EINVAL, "a device needs a name");
	strncpy(real_name, name, sizeof(real_name) - 1);
	tap = calloc(1, sizeof(*tap));
	if (!tap)
		return twin_port_fail(err, ENOMEM, "out of memory");
	fd = open_device(real_name, ifindex);
	if (fd < 0) {
		twin_port_fail(err, -fd, "can't create TAP device %s: %s", name,
			       fd == -EEXIST ? "a device of the name exists"
					     : strerror(-fd));
		goto err_free;
	}
	code = twin_port_init(&tap->port, &tap_ops, real_name);
	if (code) {
		twin_port_fail(err, -code, "out of memory");
		goto err_close;
	}
	code = follow_device(&tap->port);
	if (code) {
		twin_port_fail(err, -code, "can't look up TAP device %s: %s",
			       name, strerror(-code));
		goto err_fini;
	}
	tap->port.poll_fd = fd;
	tap->port.hidden = true;
	tap->port.devargs = strdup("");
	twin_port_register(&tap->port);
	return &tap->port;

err_fini:
	twin_port_fini(&tap->port);
err_close:
	code = errno;
	twin_tuntap_remove(fd);
	errno = code;
err_free:
	free(tap);
	return NULL;
}
