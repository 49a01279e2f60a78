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

/**
 * ovsnl_tunnel_parse() - attributes into a tunnel or the mask of one.
 * @tun: cleared, then filled; contents are undefined after an error
 * @nest: nested OVS_TUNNEL_KEY_ATTR_*
 * @key: NULL to read a key, which must have what a tunnel needs (destination,
 *       TTL); the key that belongs to it to read a mask
 * @err: cause of a refusal, may be NULL
 *
 * Return: 0 or -EINVAL.
 */
int ovsnl_tunnel_parse(struct ovsnl_tunnel *tun, const struct nlattr *nest,
		       const struct ovsnl_tunnel *key, struct ovsnl_err *err);

/**
 * ovsnl_tunnel_put() - append a tunnel or a mask as one nested attribute.
 * @w: writer; its overflow tells whether all fitted
 * @attr: type of the nest
 * @shape: the key that decides which attributes appear
 * @value: the key, or its mask
 * @is_mask: @value is a mask
 */
void ovsnl_tunnel_put(struct ovsnl_writer *w, int attr,
		      const struct ovsnl_tunnel *shape,
		      const struct ovsnl_tunnel *value, bool is_mask);

#endif
