/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_LINK_H
#define TWIN_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/if_link.h>

/* Linux network devices of the daemon's namespace, by rtnetlink. Control
 * thread, unless said otherwise.
 */

/* Bytes kept of an alias. */
#define TWIN_LINK_ALIAS 32

/** struct twin_link - a device as rtnetlink shows it.
 * @flags: IFF_*
 * @arptype: ARPHRD_*
 * @master: ifindex of the device it is enslaved to, 0 for none
 * @mac: valid for Ethernet
 * @alias: beginning of what ip-link(8) calls so, "" for none
 */
struct twin_link {
	int ifindex;
	char name[IFNAMSIZ];
	unsigned int flags;
	unsigned int arptype;
	unsigned int mtu;
	int master;
	uint8_t mac[6];
	char alias[TWIN_LINK_ALIAS];
};

/** struct twin_link_change - what is to become different.
 * @mtu: bytes, 0 for no change
 * @mac: 6 bytes, NULL for no change
 * @alias: NULL for no change
 * @up: set the device up
 */
struct twin_link_change {
	unsigned int mtu;
	const uint8_t *mac;
	const char *alias;
	bool up;
};

/** enum twin_link_event - what rtnetlink told of a device. */
enum twin_link_event {
	TWIN_LINK_CHANGED,
	TWIN_LINK_GONE, /* deleted, or moved to another namespace */
};

/** twin_link_get() - look up by name, or by ifindex when @name is NULL.
 * Alternative names are not taken. Return: 0, -ENODEV, or why rtnetlink could
 * not be asked.
 */
int twin_link_get(const char *name, int ifindex, struct twin_link *link);

/** twin_link_change() - change a device.
 * Return: 0, -ENODEV, -EINVAL (the device does not take it), or why rtnetlink
 * could not be asked.
 */
int twin_link_change(int ifindex, const struct twin_link_change *change);

/** twin_link_stats() - counters of a device. Return: as twin_link_get(). */
int twin_link_stats(int ifindex, struct rtnl_link_stats64 *stats);

/** twin_link_flags() - IFF_* of the device @name of this namespace, asked by a
 * cheaper way. Any thread. Return: 0 or -errno.
 */
int twin_link_flags(const char *name, unsigned int *flags);

/** twin_link_is_up() - administratively up, with carrier? */
bool twin_link_is_up(const struct twin_link *link);

/** twin_link_event_fd() - descriptor to poll for events; opened at the first
 * call. -errno when it can't be.
 */
int twin_link_event_fd(void);

/** twin_link_events() - deliver what has arrived.
 * @fn: called for each event, for TWIN_LINK_GONE with the ifindex alone
 * Return: 0, or -ENOBUFS when events were lost: ask for every device.
 */
int twin_link_events(void (*fn)(enum twin_link_event event,
				const struct twin_link *link));

#endif
