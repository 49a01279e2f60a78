// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ports: the list of them, attachment, and what Linux tells of their devices.
 *
 * Overview
 *	The kinds (port_*.c) create ports and move packets; here is what is
 *	common. Ports that are Linux devices follow them: MTU, carrier, name,
 *	and the end.
 *
 * Life cycle
 *	created (by a kind), attached to a vport, detached, destroyed. A port
 *	whose Linux device vanishes is reported to the owner of the gone
 *	callback, who detaches and destroys it.
 *
 * Synchronisation
 *	All functions run on the control thread. Of a port's fields contexts
 *	read `vport` under QSBR, `mtu` and `up` as they are: a packet that
 *	meets the old value left before the change.
 *
 * Lock order
 *	No locks. (tx_lock is the contexts'.)
 */
#include "port.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

#include <rte_ether.h>

#include "link.h"
#include "log.h"
#include "rcu.h"
#include "shadow.h"
#include "survive.h"

/* Both as the kernel limits Ethernet devices. */
#define MTU_MIN 68
#define MTU_MAX 65535
#define LINK_INTERVAL_MS 1000

static TAILQ_HEAD(, twin_port) ports = TAILQ_HEAD_INITIALIZER(ports);
static void (*port_gone)(struct twin_port *port);
static int event_fd = -1, dead_fd = -1;

/* For the kinds */

struct twin_port *twin_port_fail(char *err, int code, const char *fmt, ...)
{
	va_list args;

	if (err) {
		va_start(args, fmt);
		vsnprintf(err, TWIN_ERR_LEN, fmt, args);
		va_end(args);
	}
	errno = code;
	return NULL;
}

static void *alloc_lines(size_t size, unsigned int n)
{
	void *p = aligned_alloc(RTE_CACHE_LINE_SIZE, size * n);

	if (p)
		memset(p, 0, size * n);
	return p;
}

int twin_port_set_n_rxq(struct twin_port *port, uint16_t n)
{
	struct twin_rxq *rxq = alloc_lines(sizeof(rxq[0]), n);
	uint16_t i;

	if (!rxq)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		rxq[i].worker = rxq[i].pinned = -1;
	free(port->rxq);
	port->rxq = rxq;
	port->n_rxq = n;
	return 0;
}

int twin_port_init(struct twin_port *port, const struct twin_port_ops *ops,
		   const char *name)
{
	unsigned int i;

	port->stats = alloc_lines(sizeof(port->stats[0]), twin_ctx_count());
	port->txq = alloc_lines(sizeof(port->txq[0]), twin_ctx_count());
	if (!port->stats || !port->txq || twin_port_set_n_rxq(port, 1)) {
		twin_port_fini(port);
		return -ENOMEM;
	}
	for (i = 0; i < twin_ctx_count(); i++)
		port->txq[i].port = port;
	port->ops = ops;
	port->l2_len = RTE_ETHER_HDR_LEN;
	port->poll_fd = -1;
	port->fd_worker = -1;
	rte_spinlock_init(&port->tx_lock);
	snprintf(port->name, sizeof(port->name), "%s", name);
	return 0;
}

void twin_port_fini(struct twin_port *port)
{
	free(port->stats);
	free(port->txq);
	free(port->rxq);
	free(port->devargs);
}

void twin_port_register(struct twin_port *port)
{
	TAILQ_INSERT_TAIL(&ports, port, link);
}

/* The list */

struct twin_port *twin_port_find(const char *name)
{
	struct twin_port *port;

	TAILQ_FOREACH(port, &ports, link)
		if (!strcmp(port->name, name))
			return port;
	return NULL;
}

struct twin_port *twin_port_next(struct twin_port *prev)
{
	return prev ? TAILQ_NEXT(prev, link) : TAILQ_FIRST(&ports);
}

struct twin_port *twin_port_lookup_ifindex(int ifindex)
{
	struct twin_port *port;

	TAILQ_FOREACH(port, &ports, link)
		if (port->ifindex == ifindex)
			return port;
	return NULL;
}

/* Life */

int twin_port_attach(struct twin_port *port, struct vport *vport)
{
	int err;

	__atomic_store_n(&port->vport, vport, __ATOMIC_RELEASE);
	err = port->stopped ? 0 : twin_worker_poll_add(port);
	if (err)
		twin_port_detach(port);
	return err;
}

void twin_port_detach(struct twin_port *port)
{
	twin_worker_poll_del(port);
	__atomic_store_n(&port->vport, NULL, __ATOMIC_RELEASE);
	twin_rcu_synchronize();
}

void twin_port_destroy(struct twin_port *port)
{
	TAILQ_REMOVE(&ports, port, link);
	port->ops->destroy(port);
}

void twin_port_stop(struct twin_port *port, bool stop)
{
	if (port->stopped == stop)
		return;
	if (stop) {
		port->stopped = true;
		port->up = false;
		twin_worker_poll_del(port);
		twin_rcu_synchronize();
		return;
	}
	if (port->vport && twin_worker_poll_add(port)) {
		twin_log("%s: stays stopped: too many queues to poll",
			 port->name);
		return;
	}
	port->stopped = false;
	port->up = port->ops->link(port);
}

/* No context uses the port meanwhile. */
static int set_mtu_stopped(struct twin_port *port, uint16_t mtu)
{
	bool stopped = port->stopped;
	int err;

	twin_port_stop(port, true);
	err = port->ops->set_mtu(port, mtu, true);
	twin_port_stop(port, stopped);
	return err;
}

int twin_port_set_mtu(struct twin_port *port, uint16_t mtu)
{
	int err;

	if (!port->ops->set_mtu)
		return -EOPNOTSUPP;
	if (mtu < MTU_MIN)
		return -EINVAL;
	err = port->ops->set_mtu(port, mtu, !port->vport);
	if (err == -EBUSY && port->vport)
		err = set_mtu_stopped(port, mtu);
	if (err)
		return err;
	port->mtu = mtu;
	twin_shadow_mirror(port);
	twin_survive_stale();
	return 0;
}

/* Statistics */

void twin_port_stats(struct twin_port *port, struct ovs_vport_stats *stats)
{
	unsigned int i;

	memset(stats, 0, sizeof(*stats));
	for (i = 0; i < twin_ctx_count(); i++) {
		const struct twin_port_ctx_stats *s = &port->stats[i];

		stats->rx_packets += s->rx_packets;
		stats->tx_packets += s->tx_packets;
		stats->rx_bytes += s->rx_bytes;
		stats->tx_bytes += s->tx_bytes;
		stats->rx_errors += s->rx_errors;
		stats->tx_errors += s->tx_errors;
		stats->rx_dropped += s->rx_dropped;
		stats->tx_dropped += s->tx_dropped;
	}
	if (port->ops->stats)
		port->ops->stats(port, stats);
}

/* Events */

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

void twin_port_set_gone(void (*gone)(struct twin_port *port))
{
	port_gone = gone;
}

void twin_port_report_dead(struct twin_port *port)
{
	__atomic_store_n(&port->dead, true, __ATOMIC_RELEASE);
	eventfd_write(dead_fd, 1);
}

void twin_port_report_link(void)
{
	eventfd_write(dead_fd, 1);
}

static int watch(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (fd < 0)
		return fd;
	return epoll_ctl(event_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int twin_port_event_fd(void)
{
	int err;

	if (event_fd >= 0)
		return event_fd;
	dead_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	event_fd = epoll_create1(EPOLL_CLOEXEC);
	if (dead_fd < 0 || event_fd < 0)
		return -errno;
	err = watch(dead_fd);
	if (!err)
		err = watch(twin_link_event_fd());
	return err ? err : event_fd;
}

static void follow_name(struct twin_port *port, const struct twin_link *link)
{
	if (!link->name[0] || !strcmp(port->name, link->name))
		return;
	memcpy(port->name, link->name, sizeof(port->name));
	if (port->ops->renamed)
		port->ops->renamed(port);
	twin_survive_stale();
}

/* What an event says may be older than what was changed since. */
static void follow_shadow(struct twin_port *port)
{
	struct twin_link now;

	if (!twin_link_get(NULL, port->ifindex, &now))
		twin_shadow_changed(port, &now);
}

static void follow(struct twin_port *port, const struct twin_link *link)
{
	follow_name(port, link);
	if (port->shadow) {
		follow_shadow(port);
		return;
	}
	port->mtu = RTE_MIN(link->mtu, (unsigned int)MTU_MAX);
	port->up = twin_link_is_up(link);
	memcpy(port->mac, link->mac, sizeof(port->mac));
}

/* Ports that Linux does not tell about the link of. */
static void ask_links(void)
{
	struct twin_port *port;

	TAILQ_FOREACH(port, &ports, link) {
		if (port->ops->kind != TWIN_PORT_ETHDEV)
			continue;
		port->up = port->ops->link(port);
		twin_shadow_show_link(port);
	}
}

/* False: the port is still good. Else it may have been freed. */
static bool end(struct twin_port *port)
{
	if (port->ops->alive && port->ops->alive(port))
		return false;
	port->up = false;
	if (port_gone)
		port_gone(port);
	twin_survive_stale();
	return true;
}

static void take_event(enum twin_link_event event, const struct twin_link *link)
{
	struct twin_port *port = twin_port_lookup_ifindex(link->ifindex);

	if (!port)
		return;
	if (event == TWIN_LINK_GONE)
		end(port);
	else
		follow(port, link);
}

/* Contexts met ports whose devices are gone, or links changed. */
static void end_dead(void)
{
	struct twin_port *port;
	eventfd_t count;

	if (eventfd_read(dead_fd, &count))
		return;
	ask_links();
	port = TAILQ_FIRST(&ports);
	while (port) {
		if (__atomic_exchange_n(&port->dead, false, __ATOMIC_ACQUIRE) &&
		    end(port))
			port = TAILQ_FIRST(&ports);
		else
			port = TAILQ_NEXT(port, link);
	}
}

/* Events were lost: ask for each device. The gone callback may remove ports,
 * so start again after it.
 */
static void resync(void)
{
	struct twin_port *port = TAILQ_FIRST(&ports);
	struct twin_link link;
	int err;

	while (port) {
		err = port->ifindex ? twin_link_get(NULL, port->ifindex, &link)
				    : -EAGAIN;
		if (!err)
			follow(port, &link);
		if (err == -ENODEV && end(port))
			port = TAILQ_FIRST(&ports);
		else
			port = TAILQ_NEXT(port, link);
	}
}

int twin_port_hook(void)
{
	static uint64_t next_ms;
	uint64_t now = now_ms();

	if (TAILQ_EMPTY(&ports))
		return -1;
	if (now >= next_ms) {
		ask_links();
		next_ms = now + LINK_INTERVAL_MS;
	}
	return next_ms - now;
}

void twin_port_events(void)
{
	end_dead();
	while (twin_link_events(take_event) == -ENOBUFS)
		resync();
}
