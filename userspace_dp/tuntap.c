// SPDX-License-Identifier: BSD-3-Clause
/*
 * TAP devices of the daemon's own.
 *
 * Overview
 *	Internal ports (port_tap.c) and shadows (shadow.c) are TAP devices. The
 *	alias (`ip link` shows it) tells them from those of others, so that a
 *	daemon that was killed finds its own devices again and takes no others.
 *
 * Life cycle
 *	Opened, then removed or left behind.
 *
 * Synchronisation
 *	Control thread; each call stands alone.
 *
 * Lock order
 *	No locks.
 */
#include "tuntap.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_tun.h>

#include "link.h"

static bool keep;

void twin_tuntap_keep(void)
{
	keep = true;
}

/* Return: 1 when the device is there and ours, 0 when there is none of the
 * name, -EEXIST.
 */
static int look(const char *name, const char *alias)
{
	struct twin_link link;
	int err;

	if (!name[0] || strchr(name, '%'))
		return 0;
	err = twin_link_get(name, 0, &link);
	if (err)
		return err == -ENODEV ? 0 : err;
	return keep && !strcmp(link.alias, alias) ? 1 : -EEXIST;
}

static int mark(int fd, const char *name, const char *alias)
{
	struct twin_link link;
	int err;

	err = twin_link_get(name, 0, &link);
	if (!err)
		err = twin_link_change(link.ifindex, &(struct twin_link_change){
							     .alias = alias });
	if (err)
		return err;
	return keep && ioctl(fd, TUNSETPERSIST, 1) ? -errno : 0;
}

int twin_tuntap_open(char *name, int ifindex, short flags, const char *alias)
{
	struct ifreq ifr = { .ifr_flags = flags };
	int there, fd, err = 0;

	there = look(name, alias);
	if (there < 0)
		return there;
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	memcpy(ifr.ifr_name, name, IFNAMSIZ);
	if (!there)
		ifr.ifr_flags |= IFF_TUN_EXCL;
	if ((!there && ifindex && ioctl(fd, TUNSETIFINDEX, &ifindex)) ||
	    ioctl(fd, TUNSETIFF, &ifr))
		err = -errno;
	if (!err && !there)
		err = mark(fd, ifr.ifr_name, alias);
	if (err) {
		close(fd);
		return err;
	}
	memcpy(name, ifr.ifr_name, IFNAMSIZ);
	return fd;
}

void twin_tuntap_remove(int fd)
{
	ioctl(fd, TUNSETPERSIST, 0);
	close(fd);
}

void twin_tuntap_leave(int fd)
{
	close(fd);
}

bool twin_tuntap_alive(int fd)
{
	struct ifreq ifr;

	return !ioctl(fd, TUNGETIFF, &ifr);
}

void twin_tuntap_set_carrier(int fd, bool on)
{
	int carrier = on;

	ioctl(fd, TUNSETCARRIER, &carrier);
}

int twin_tuntap_block(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &nothing };

	return ioctl(fd, TUNATTACHFILTER, &prog) ? -errno : 0;
}
