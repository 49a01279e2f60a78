/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What netlink_api needs from its surroundings, user-space version.
 * The list of names stands in env_kernel/ovsnl_env.h.
 */
#ifndef OVSNL_ENV_H
#define OVSNL_ENV_H

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <linux/openvswitch.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Byte order that sparse can follow: libc's macros drop the annotation. */
#ifdef __CHECKER__
#undef htons
#undef ntohs
#undef htonl
#undef ntohl
#define htons(x) ((__attribute__((force)) __be16)__builtin_bswap16((__u16)(x)))
#define htonl(x) ((__attribute__((force)) __be32)__builtin_bswap32((__u32)(x)))
#define ntohs(x) __builtin_bswap16((__attribute__((force)) __u16)(__be16)(x))
#define ntohl(x) __builtin_bswap32((__attribute__((force)) __u32)(__be32)(x))
#endif

#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* Of a local variable that is large, and written before it is read: not even
 * compilers that clear all local variables clear it.
 */
#define OVSNL_UNINITIALIZED __attribute__((__uninitialized__))

#endif
