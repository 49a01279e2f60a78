/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_TEST_GEN_KEY_H
#define OVSNL_TEST_GEN_KEY_H

#include "ovsnl_key.h"
#include "rng.h"

/* Random keys and masks. */

/** gen_tunnel() - a tunnel that a packet can have come in. */
void gen_tunnel(struct rng *r, struct ovsnl_tunnel *tun);

/**
 * gen_key() - the key of a random packet, with metadata.
 * @damaged: some of the packets are damaged
 * All of it survives the way through attributes, but for third VLAN tags.
 */
void gen_key(struct rng *r, struct ovsnl_key *key, bool damaged);

/**
 * gen_mask() - bytes of a mask: whole fields, none, or bits; mostly such that
 * the attributes of all protocols of the key may have them.
 */
void gen_mask(struct rng *r, struct ovsnl_key *mask);

/**
 * gen_strangers() - append attributes of a random key's network protocol,
 * without what else the key would need.
 */
void gen_strangers(struct rng *r, struct ovsnl_writer *w);

#endif
