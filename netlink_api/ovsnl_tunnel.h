/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_TUNNEL_H
#define OVSNL_TUNNEL_H

#include "ovsnl_attr.h"
#include "ovsnl_key.h"

/* OVS_KEY_ATTR_TUNNEL, OVS_PACKET_ATTR_EGRESS_TUN_KEY, and the tunnel of a set
 * action: nested OVS_TUNNEL_KEY_ATTR_*.
 */

/* Upper bound in bytes of one nested tunnel, its header included. */
#define OVSNL_TUNNEL_ATTR_SIZE 448

/* ERSPAN metadata as <linux/erspan.h> lays them out: version, and an index or
 * the fields of version 2.
 */
#define OVSNL_TUN_ERSPAN_LEN 12

/**
 * ovsnl_tunnel_parse() - attributes into a tunnel or the mask of one.
 * @tun: cleared, then filled; contents are undefined after an error. A mask
 *       with options has opts_len 0xff and bits in the first key->opts_len
 *       bytes of opts only; its family is always 0xff.
 * @nest: nested OVS_TUNNEL_KEY_ATTR_*
 * @key: NULL to read a key, which must have what a tunnel needs (destination
 *       and TTL, or OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE); the key that
 *       belongs to it to read a mask
 * @err: cause of a refusal, may be NULL
 *
 * Whether Geneve options are well-formed TLVs is not judged: keys may have
 * any; see ovsnl_tunnel_check_geneve().
 *
 * Return: 0 or -EINVAL.
 */
int ovsnl_tunnel_parse(struct ovsnl_tunnel *tun, const struct nlattr *nest,
		       const struct ovsnl_tunnel *key, struct ovsnl_err *err);

/**
 * ovsnl_tunnel_exact() - the mask of a key that came without a mask.
 * @mask: cleared, then ones on all fields, flags of the key and the bytes of
 *        options that @nest has
 * @nest: what ovsnl_tunnel_parse() made @key of
 *
 * As in the kernel's module, flags that the key lacks are not matched, nor are
 * options where it has no attribute for them.
 */
void ovsnl_tunnel_exact(struct ovsnl_tunnel *mask, const struct nlattr *nest,
			const struct ovsnl_tunnel *key);

/**
 * ovsnl_tunnel_check_geneve() - do the options consist of whole Geneve TLVs?
 * (RFC 8926, section 3.5) Tunnels whose flags lack
 * OVSNL_TUN_GENEVE_OPT pass.
 * Return: 0 or -EINVAL.
 */
int ovsnl_tunnel_check_geneve(const struct ovsnl_tunnel *tun,
			      struct ovsnl_err *err);

/**
 * ovsnl_tunnel_put() - append a tunnel or a mask as one nested attribute.
 * @w: writer; its overflow tells whether all fitted
 * @attr: type of the nest
 * @shape: the key that decides the addresses' family and the options' length
 * @value: the key, or its mask
 *
 * Addresses, TOS and ports of zero are left out, of a mask also. A tunnel with
 * OVSNL_TUN_INFO_BRIDGE is written as that and its id alone.
 */
void ovsnl_tunnel_put(struct ovsnl_writer *w, int attr,
		      const struct ovsnl_tunnel *shape,
		      const struct ovsnl_tunnel *value);

#endif
