// SPDX-License-Identifier: BSD-3-Clause
/*
 * Shadows of ports that Linux has no device for.
 *
 * Overview
 *	A stock ovs-vswitchd or ovs-dpctl asks Linux for a port's device before
 *	it asks the datapath: ifindex, MAC, MTU, link, speed. A shadow is a TAP
 *	device of the port's name that answers all that. No packet passes it:
 *	what Linux sends there is dropped by a filter, and the port's traffic
 *	does not appear in it.
 *
 *	  the port's MAC, MTU, link, speed  ->  the shadow's
 *	  ip link set ... address, mtu      ->  the port's, or taken back
 *	  ip link set ... up, down          ->  the port passes traffic or not
 *	  ip link set ... name              ->  the port's name
 *	  ip link del                       ->  the port's end, as with a device
 *
 * Life cycle
 *	With its port; also beyond, see tuntap.h.
 *
 * Synchronisation
 *	Control thread only. News of the link come by twin_port_report_link(),
 *	or are found by asking once a second.
 *
 * Lock order
 *	No locks.
 */
#include "shadow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>

#include "log.h"
#include "tuntap.h"

/* What `ip link` shows beside the device. */
#define ALIAS "twinpath shadow"

/** struct twin_shadow
 * @fd: of the TAP
 * @carrier, @speed: as shown at present
 */
struct twin_shadow {
	int fd;
	bool carrier;
	uint32_t speed;
};

static bool enabled;

void twin_shadow_enable(void)
{
	enabled = true;
}

/* Mirroring */

static void show_speed(const char *name, uint32_t speed)
{
	struct ethtool_cmd cmd = { .cmd = ETHTOOL_GSET };
	struct ifreq ifr = { .ifr_data = (void *)&cmd };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	memcpy(ifr.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	if (!ioctl(fd, SIOCETHTOOL, &ifr)) {
		cmd.cmd = ETHTOOL_SSET;
		cmd.duplex = DUPLEX_FULL;
		ethtool_cmd_speed_set(&cmd, speed);
		ioctl(fd, SIOCETHTOOL, &ifr);
	}
	close(fd);
}

static uint32_t speed_of(struct twin_port *port)
{
	return port->ops->speed ? port->ops->speed(port)
				: (uint32_t)SPEED_UNKNOWN;
}

void twin_shadow_show_link(struct twin_port *port)
{
	struct twin_shadow *shadow = port->shadow;
	uint32_t speed;

	if (!shadow)
		return;
	speed = speed_of(port);
	if (shadow->carrier != port->up) {
		shadow->carrier = port->up;
		twin_tuntap_set_carrier(shadow->fd, port->up);
	}
	if (shadow->speed != speed) {
		shadow->speed = speed;
		show_speed(port->name, speed);
	}
}

void twin_shadow_mirror(struct twin_port *port)
{
	struct twin_link_change change = { .mtu = port->mtu, .mac = port->mac };
	int err;

	if (!port->shadow)
		return;
	twin_shadow_show_link(port);
	err = twin_link_change(port->ifindex, &change);
	if (err)
		twin_log_limited("%s: the shadow does not take the port's MAC "
				 "and MTU: %s",
				 port->name, strerror(-err));
}

/* Linux's side */

static void take_mtu(struct twin_port *port, unsigned int mtu)
{
	int err = mtu > UINT16_MAX ? -EINVAL : twin_port_set_mtu(port, mtu);

	if (err)
		twin_log_limited("%s: the port does not take MTU %u: %s",
				 port->name, mtu, strerror(-err));
}

static void take_mac(struct twin_port *port, const uint8_t *mac)
{
	int err = port->ops->set_mac ? port->ops->set_mac(port, mac)
				     : -EOPNOTSUPP;

	if (!err)
		memcpy(port->mac, mac, sizeof(port->mac));
	else
		twin_log_limited("%s: the port does not take another MAC: %s",
				 port->name, strerror(-err));
}

void twin_shadow_changed(struct twin_port *port, const struct twin_link *link)
{
	bool differs = false;

	twin_port_stop(port, !(link->flags & IFF_UP));
	if (link->mtu != port->mtu) {
		take_mtu(port, link->mtu);
		differs = link->mtu != port->mtu;
	}
	if (memcmp(link->mac, port->mac, sizeof(port->mac))) {
		take_mac(port, link->mac);
		differs |= !!memcmp(link->mac, port->mac, sizeof(port->mac));
	}
	if (differs)
		twin_shadow_mirror(port);
	else
		twin_shadow_show_link(port);
}

/* Life */

/* Linux takes no other; a port without a MAC gets its shadow's. */
static bool is_valid(const uint8_t *mac)
{
	static const uint8_t zero[6];

	return !(mac[0] & 1) && memcmp(mac, zero, sizeof(zero));
}

/* A device that an earlier daemon left keeps its MTU and MAC: whoever set them
 * is not there to do it again.
 */
static int start(struct twin_port *port, bool left)
{
	struct twin_link link;
	int err = twin_tuntap_block(port->shadow->fd);

	if (!err)
		err = twin_link_get(port->name, 0, &link);
	if (err)
		return err;
	port->ifindex = link.ifindex;
	if (!is_valid(port->mac))
		memcpy(port->mac, link.mac, sizeof(port->mac));
	twin_tuntap_set_carrier(port->shadow->fd, port->up);
	port->shadow->carrier = port->up;
	show_speed(port->name, port->shadow->speed);
	if (left) {
		twin_shadow_changed(port, &link);
		return 0;
	}
	twin_shadow_mirror(port);
	return twin_link_change(port->ifindex,
				&(struct twin_link_change){ .up = true });
}

int twin_shadow_create(struct twin_port *port, char *err)
{
	char name[IFNAMSIZ];
	struct twin_link link;
	bool exists;
	int code;

	if (!enabled)
		return 0;
	exists = !twin_link_get(port->name, 0, &link);
	if (exists && strcmp(link.alias, ALIAS)) {
		twin_log("%s: a Linux device has this name already, no shadow "
			 "is made",
			 port->name);
		return 0;
	}
	port->shadow = calloc(1, sizeof(*port->shadow));
	if (!port->shadow) {
		twin_port_fail(err, ENOMEM, "out of memory");
		return ENOMEM;
	}
	memcpy(name, port->name, sizeof(name));
	port->shadow->speed = speed_of(port);
	code = twin_tuntap_open(name, 0, IFF_TAP | IFF_NO_PI, ALIAS);
	port->shadow->fd = code;
	if (code >= 0)
		code = start(port, exists);
	if (!code)
		return 0;
	twin_port_fail(err, -code, "can't make the shadow device %s: %s",
		       port->name, strerror(-code));
	twin_shadow_destroy(port);
	return -code;
}

void twin_shadow_destroy(struct twin_port *port)
{
	struct twin_shadow *shadow = port->shadow;

	if (!shadow)
		return;
	if (shadow->fd >= 0 && port->leave)
		twin_tuntap_leave(shadow->fd);
	else if (shadow->fd >= 0)
		twin_tuntap_remove(shadow->fd);
	free(shadow);
	port->shadow = NULL;
	port->ifindex = 0;
}
