// SPDX-License-Identifier: BSD-3-Clause
/*
 * Linux netdevs taken over by a packet socket.
 *
 * Overview
 *	A packet socket receives all that the device receives and sends what
 *	the datapath outputs, each packet with a virtio_net_hdr: hosts behind a
 *	veth leave checksums and segmentation undone, and so does the twin. The
 *	kernel hands an outer VLAN tag over beside the packet; it is put back
 *	in its place. On devices without link-layer headers a packet's type
 *	goes beside it, in the address. A packet's mark goes beside it always;
 *	for its priority Linux has no place before 6.14. A guard keeps the packets from the Linux stack (guard.h).
 *
 *	Counters are the device's own, as with the kernel's datapath, plus what
 *	the twin did not hand to the device.
 *
 *	Packets are sent through the device's queueing discipline, which is how
 *	Open vSwitch shapes traffic.
 *
 * Life cycle
 *	Socket and guard live with the port; both end with the process.
 *
 * Synchronisation
 *	One worker receives. Any context sends: each sendmmsg() stands alone.
 *
 * Lock order
 *	No locks.
 */
#define _GNU_SOURCE
#include "port_fd.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <rte_ether.h>

#include "guard.h"
#include "link.h"
#include "offload.h"
#include "packet.h"
#include "packet_mark.h"

/* Bytes, as the kernel counts them: GSO packets weigh 64 KB and more. */
#define RECEIVE_BUFFER (16 << 20)
#define SEND_BUFFER (8 << 20)

#define IOV_BATCH (4 * TWIN_BURST)

struct netdev {
	struct twin_port port;
	struct twin_guard *guard;
	uint64_t kernel_drops;
	struct twin_fd_slot slots[TWIN_BURST];
};

/* Receive buffers of a burst, on the stack. */
struct rx_batch {
	struct mmsghdr msgs[TWIN_BURST];
	struct iovec iov[TWIN_BURST][TWIN_FD_IOV_RX];
	struct sockaddr_ll from[TWIN_BURST];
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control[TWIN_BURST];
};

/* Packets that are about to be sent. */
struct tx_batch {
	struct mmsghdr msgs[TWIN_BURST];
	struct virtio_net_hdr hdr[TWIN_BURST];
	struct sockaddr_ll to[TWIN_BURST];
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(uint32_t))];
	} control[TWIN_BURST];
	struct iovec iov[IOV_BATCH];
	unsigned int n, n_iov;
};

static struct netdev *netdev_of(struct twin_port *port)
{
	return (struct netdev *)port;
}

/* Receive */

static unsigned int fill_batch(struct netdev *dev, struct rx_batch *b,
			       unsigned int n)
{
	struct msghdr *msg;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!twin_fd_slot_fill(&dev->slots[i], b->iov[i]))
			break;
		msg = &b->msgs[i].msg_hdr;
		msg->msg_name = &b->from[i];
		msg->msg_namelen = sizeof(b->from[i]);
		msg->msg_iov = b->iov[i];
		msg->msg_iovlen = TWIN_FD_IOV_RX;
		msg->msg_control = &b->control[i];
		msg->msg_controllen = sizeof(b->control[i]);
		msg->msg_flags = 0;
	}
	return i;
}

/* Put the tag back that the kernel took out. */
static int restore_tag(struct rte_mbuf *m, const struct tpacket_auxdata *aux)
{
	uint16_t tpid = aux->tp_status & TP_STATUS_VLAN_TPID_VALID
				? aux->tp_vlan_tpid
				: ETH_P_8021Q;
	char *p;

	p = rte_pktmbuf_prepend(m, RTE_VLAN_HLEN);
	if (!p || m->data_len < RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN)
		return -EINVAL;
	memmove(p, p + RTE_VLAN_HLEN, 2 * RTE_ETHER_ADDR_LEN);
	tpid = htons(tpid);
	memcpy(p + 2 * RTE_ETHER_ADDR_LEN, &tpid, sizeof(tpid));
	tpid = htons(aux->tp_vlan_tci);
	memcpy(p + 2 * RTE_ETHER_ADDR_LEN + 2, &tpid, sizeof(tpid));
	return 0;
}

/* Of a device without link-layer headers; before its state is read. */
static void set_type(struct rte_mbuf *m, const struct sockaddr_ll *from)
{
	if (from->sll_protocol != htons(ETH_P_TEB))
		m->packet_type = TWIN_PACKET_BARE | ntohs(from->sll_protocol);
}

static const struct tpacket_auxdata *find_auxdata(struct msghdr *msg)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_PACKET &&
		    c->cmsg_type == PACKET_AUXDATA)
			return (const void *)CMSG_DATA(c);
	return NULL;
}

/* Its state and its tag. */
static int complete_packet(struct rte_mbuf *m, const struct virtio_net_hdr *hdr,
			   struct msghdr *msg)
{
	const struct tpacket_auxdata *aux = find_auxdata(msg);
	int err;

	/* What the header says does not count the tag. */
	err = twin_offload_from_vnet(m, hdr);
	if (err || !aux || !(aux->tp_status & TP_STATUS_VLAN_VALID))
		return err;
	if (twin_offload_is_partial(m))
		m->l2_len += RTE_VLAN_HLEN;
	return restore_tag(m, aux);
}

/* The packet in slot @i, or NULL when it is not for the datapath. */
static struct rte_mbuf *take_packet(struct netdev *dev, struct rx_batch *b,
				    unsigned int i)
{
	struct twin_fd_slot *slot = &dev->slots[i];
	struct msghdr *msg = &b->msgs[i].msg_hdr;
	struct rte_mbuf *m = NULL;

	/* The host's own multicasts come back marked so. */
	if (b->from[i].sll_pkttype == PACKET_LOOPBACK)
		return NULL;
	if (!(msg->msg_flags & MSG_TRUNC))
		m = twin_fd_slot_take(slot, b->msgs[i].msg_len);
	if (m && unlikely(!dev->port.l2_len))
		set_type(m, &b->from[i]);
	if (m && !complete_packet(m, &slot->hdr, msg))
		return m;
	rte_pktmbuf_free(m);
	twin_fd_count_bad(&dev->port);
	return NULL;
}

static uint16_t netdev_rx(struct twin_port *port, uint16_t queue,
			  struct rte_mbuf **pkts, uint16_t n)
{
	struct netdev *dev = netdev_of(port);
	struct rx_batch b;
	uint16_t taken = 0;
	int i, got;

	(void)queue;
	n = fill_batch(dev, &b, n);
	if (!n)
		return 0;
	got = recvmmsg(port->poll_fd, b.msgs, n, MSG_DONTWAIT, NULL);
	for (i = 0; i < got; i++) {
		pkts[taken] = take_packet(dev, &b, i);
		if (pkts[taken])
			taken++;
	}
	return taken;
}

/* Send */

/* Sends what is in the batch, counting each packet. */
static uint16_t send_batch(struct twin_port *port, struct twin_ctx *ctx,
			   struct tx_batch *b)
{
	unsigned int done = 0;
	uint16_t sent = 0;
	int n;

	while (done < b->n) {
		n = sendmmsg(port->poll_fd, b->msgs + done, b->n - done,
			     MSG_DONTWAIT);
		if (n > 0) {
			done += n;
			sent += n;
			continue;
		}
		/* The first one is at fault. */
		twin_fd_count_drop(port, ctx, errno);
		done++;
	}
	b->n = 0;
	b->n_iov = 0;
	return sent;
}

static void add_address(struct tx_batch *b, struct msghdr *msg,
			const struct twin_port *port, const struct rte_mbuf *m)
{
	struct sockaddr_ll *to = &b->to[b->n];

	*to = (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons((uint16_t)m->packet_type),
		.sll_ifindex = port->ifindex,
	};
	msg->msg_name = to;
	msg->msg_namelen = sizeof(*to);
}

static void add_mark(struct tx_batch *b, struct msghdr *msg, uint32_t mark)
{
	struct cmsghdr *c = &b->control[b->n].align;

	memset(&b->control[b->n], 0, sizeof(b->control[b->n]));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SO_MARK;
	c->cmsg_len = CMSG_LEN(sizeof(mark));
	memcpy(CMSG_DATA(c), &mark, sizeof(mark));
	msg->msg_control = c;
	msg->msg_controllen = sizeof(b->control[b->n]);
}

static bool add_packet(struct tx_batch *b, const struct twin_port *port,
		       const struct rte_mbuf *m)
{
	struct msghdr *msg = &b->msgs[b->n].msg_hdr;
	struct iovec *iov = &b->iov[b->n_iov];
	uint32_t mark = twin_packet_mark_get(m);
	unsigned int n;

	n = twin_fd_packet_iov(m, &b->hdr[b->n], iov, IOV_BATCH - b->n_iov);
	if (!n)
		return false;
	memset(msg, 0, sizeof(*msg));
	msg->msg_iov = iov;
	msg->msg_iovlen = n;
	if (unlikely(!port->l2_len))
		add_address(b, msg, port, m);
	if (unlikely(mark))
		add_mark(b, msg, mark);
	b->n++;
	b->n_iov += n;
	return true;
}

static uint16_t netdev_tx(struct twin_port *port, struct twin_ctx *ctx,
			  struct rte_mbuf **pkts, uint16_t n)
{
	struct tx_batch b;
	uint16_t i, sent = 0;

	b.n = 0;
	b.n_iov = 0;
	for (i = 0; i < n; i++) {
		if (add_packet(&b, port, pkts[i]))
			continue;
		sent += send_batch(port, ctx, &b);
		if (!add_packet(&b, port, pkts[i]))
			twin_fd_count_drop(port, ctx, EMSGSIZE);
	}
	sent += send_batch(port, ctx, &b);
	rte_pktmbuf_free_bulk(pkts, n);
	return sent;
}

/* Counters and state */

static void netdev_stats(struct twin_port *port, struct ovs_vport_stats *stats)
{
	struct netdev *dev = netdev_of(port);
	struct rtnl_link_stats64 dev_stats;
	struct tpacket_stats lost;
	socklen_t len = sizeof(lost);

	/* Reading sets it back to zero. */
	if (!getsockopt(port->poll_fd, SOL_PACKET, PACKET_STATISTICS, &lost,
			&len))
		dev->kernel_drops += lost.tp_drops;
	if (twin_link_stats(port->ifindex, &dev_stats))
		return;
	stats->rx_packets = dev_stats.rx_packets;
	stats->rx_bytes = dev_stats.rx_bytes;
	stats->tx_packets = dev_stats.tx_packets;
	stats->tx_bytes = dev_stats.tx_bytes;
	stats->rx_errors += dev_stats.rx_errors;
	stats->tx_errors += dev_stats.tx_errors;
	stats->rx_dropped += dev_stats.rx_dropped + dev->kernel_drops;
	stats->tx_dropped += dev_stats.tx_dropped;
}

static bool netdev_link(struct twin_port *port)
{
	struct ifreq ifr = { 0 };

	memcpy(ifr.ifr_name, port->name, sizeof(ifr.ifr_name));
	return !ioctl(port->poll_fd, SIOCGIFFLAGS, &ifr) &&
	       (ifr.ifr_flags & IFF_RUNNING);
}

static void netdev_renamed(struct twin_port *port)
{
	twin_guard_renamed(netdev_of(port)->guard, port->name);
}

/* Life */

static void netdev_destroy(struct twin_port *port)
{
	struct netdev *dev = netdev_of(port);
	unsigned int i;

	twin_guard_destroy(dev->guard);
	close(port->poll_fd);
	for (i = 0; i < TWIN_BURST; i++)
		twin_fd_slot_free(&dev->slots[i]);
	twin_port_fini(port);
	free(dev);
}

static const struct twin_port_ops netdev_ops = {
	.kind = TWIN_PORT_NETDEV,
	.kind_name = "netdev",
	.rx = netdev_rx,
	.tx = netdev_tx,
	.stats = netdev_stats,
	.link = netdev_link,
	.renamed = netdev_renamed,
	.destroy = netdev_destroy,
};

/* Large receive offload makes packets that can't be sent on. Devices without
 * it refuse; there is nothing to do then.
 */
static void disable_lro(int fd, const char *name)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GFLAGS };
	struct ifreq ifr = { .ifr_data = (void *)&value };

	memcpy(ifr.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	if (ioctl(fd, SIOCETHTOOL, &ifr) || !(value.data & ETH_FLAG_LRO))
		return;
	value.cmd = ETHTOOL_SFLAGS;
	value.data &= ~ETH_FLAG_LRO;
	ioctl(fd, SIOCETHTOOL, &ifr);
}

static void size_buffers(int fd)
{
	int receive = RECEIVE_BUFFER, send = SEND_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive,
		       sizeof(receive)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive,
			   sizeof(receive));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &send, sizeof(send)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof(send));
}

static int set_option(int fd, int option)
{
	int on = 1;

	return setsockopt(fd, SOL_PACKET, option, &on, sizeof(on));
}

/* Return: the socket or -errno. */
static int open_socket(int ifindex)
{
	struct packet_mreq promisc = {
		.mr_ifindex = ifindex,
		.mr_type = PACKET_MR_PROMISC,
	};
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = ifindex,
	};
	int fd, err;

	/* Protocol 0: nothing is received before bind(). */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	size_buffers(fd);
	if (set_option(fd, PACKET_VNET_HDR) || set_option(fd, PACKET_AUXDATA) ||
	    set_option(fd, PACKET_IGNORE_OUTGOING) ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc,
		       sizeof(promisc)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* Return: 0 or why the device can't be a port. */
static int check_device(const char *name, const struct twin_link *link,
			char *err)
{
	struct twin_port *port = twin_port_lookup_ifindex(link->ifindex);

	if (link->flags & IFF_LOOPBACK ||
	    (link->arptype != ARPHRD_ETHER && link->arptype != ARPHRD_NONE))
		twin_port_fail(err, EINVAL,
			       "%s has link-layer headers other than "
			       "Ethernet's",
			       name);
	else if (port && port->ops->kind == TWIN_PORT_TAP)
		twin_port_fail(err, EINVAL, "%s is an internal port", name);
	else if (port)
		twin_port_fail(err, EBUSY, "%s is a port already", name);
	else if (link->master)
		twin_port_fail(err, EBUSY, "%s is part of another device",
			       name);
	else
		return 0;
	return errno;
}

static int open_port(struct netdev *dev, const struct twin_link *link,
		     char *err)
{
	struct twin_port *port = &dev->port;
	int fd, code;

	fd = open_socket(link->ifindex);
	if (fd < 0) {
		twin_port_fail(err, -fd, "can't open a packet socket on %s: %s",
			       link->name, strerror(-fd));
		return -fd;
	}
	dev->guard = twin_guard_create(link->name, link->ifindex);
	if (!dev->guard) {
		code = errno;
		twin_port_fail(err, code,
			       "can't keep %s from the Linux stack "
			       "(nftables): %s",
			       link->name, strerror(code));
		close(fd);
		return code;
	}
	disable_lro(fd, link->name);
	port->poll_fd = fd;
	port->ifindex = link->ifindex;
	port->mtu = RTE_MIN(link->mtu, (unsigned int)UINT16_MAX);
	port->l2_len = link->arptype == ARPHRD_NONE ? 0 : RTE_ETHER_HDR_LEN;
	port->up = twin_link_is_up(link);
	memcpy(port->mac, link->mac, sizeof(port->mac));
	return 0;
}

struct twin_port *twin_port_create_netdev(const char *name, char *err)
{
	struct twin_link link;
	struct netdev *dev;
	int code;

	code = twin_link_get(name, 0, &link);
	if (code)
		return twin_port_fail(err, -code, "no device named %s: %s",
				      name, strerror(-code));
	code = check_device(name, &link, err);
	if (code)
		return NULL;
	dev = calloc(1, sizeof(*dev));
	if (!dev || twin_port_init(&dev->port, &netdev_ops, name)) {
		free(dev);
		return twin_port_fail(err, ENOMEM, "out of memory");
	}
	code = open_port(dev, &link, err);
	if (code) {
		twin_port_fini(&dev->port);
		free(dev);
		errno = code;
		return NULL;
	}
	dev->port.hidden = true;
	dev->port.devargs = strdup("");
	twin_port_register(&dev->port);
	return &dev->port;
}
