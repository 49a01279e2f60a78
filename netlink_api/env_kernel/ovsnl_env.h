/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What netlink_api needs from its surroundings, kernel version.
 *
 * Needed: fixed-width types, bool, size_t, AF_INET and AF_INET6,
 * memcpy/memset/memcmp/memchr/strcmp/strnlen,
 * htons/ntohs/htonl/ntohl, likely/unlikely, __always_inline, offsetof,
 * static_assert, the errno names, the netlink and openvswitch uapi headers.
 * env_user/ovsnl_env.h supplies the same names.
 */
#ifndef OVSNL_ENV_H
#define OVSNL_ENV_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/genetlink.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/netlink.h>
#include <linux/openvswitch.h>
#include <linux/socket.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

/* Of a local variable that is large, and written before it is read: not even
 * compilers that clear all local variables clear it.
 */
#define OVSNL_UNINITIALIZED __attribute__((__uninitialized__))

#endif
