/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_TUNTAP_H
#define TWIN_TUNTAP_H

#include <stdbool.h>

/* TAP devices of the daemon's own, by /dev/net/tun. Control thread, unless
 * said otherwise.
 *
 * A device goes with its descriptor, also when the daemon is killed, unless
 * twin_tuntap_keep() was called: then it stays, with its ifindex, addresses
 * and name, until a later daemon opens it again or it is removed.
 */

/** twin_tuntap_keep() - devices opened from now on outlive the process. */
void twin_tuntap_keep(void);

/** twin_tuntap_open() - create a device, or open the one that an earlier
 * daemon left.
 * @name: IFNAMSIZ bytes; set to what the kernel made of it
 * @ifindex: the wanted one for a new device, 0 for any
 * @flags: IFF_TAP and the like; those of a device that is there must match
 * @alias: what marks it as ours: a device that is there has to have it
 *
 * Return: a descriptor, or -EEXIST (a device of that name is somebody else's),
 * -EBUSY (it is in use, or the ifindex is), or the kernel's answer.
 */
int twin_tuntap_open(char *name, int ifindex, short flags, const char *alias);

/** twin_tuntap_remove() - close the descriptor; the device goes with it. */
void twin_tuntap_remove(int fd);

/** twin_tuntap_leave() - close the descriptor; the device stays if it outlives
 * the process.
 */
void twin_tuntap_leave(int fd);

/** twin_tuntap_alive() - is the device there, in whichever namespace? Any
 * thread.
 */
bool twin_tuntap_alive(int fd);

/** twin_tuntap_set_carrier() - what Linux shows as its link. */
void twin_tuntap_set_carrier(int fd, bool on);

/** twin_tuntap_block() - drop all that Linux sends through the device.
 * Return: 0 or -errno.
 */
int twin_tuntap_block(int fd);

#endif
