/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_GUARD_H
#define TWIN_GUARD_H

/* Keeps what a Linux device receives from the Linux stack, which would answer
 * it a second time. Packet sockets see it all the same. Control thread.
 */

struct twin_guard;

/** twin_guard_create() - from now on @name's packets end before the stack.
 * Ends with twin_guard_destroy(), and with the process however it ends.
 * Return: the guard, or NULL with errno set: EBUSY when somebody else (another
 * daemon) has put one there, EOPNOTSUPP when the kernel lacks nftables' netdev
 * family, ENOMEM, or the kernel's answer.
 */
struct twin_guard *twin_guard_create(const char *name, int ifindex);

/** twin_guard_renamed() - the device is called @name now. */
void twin_guard_renamed(struct twin_guard *guard, const char *name);

/** twin_guard_destroy() - let packets pass again. */
void twin_guard_destroy(struct twin_guard *guard);

#endif
