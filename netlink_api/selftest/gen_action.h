/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_TEST_GEN_ACTION_H
#define OVSNL_TEST_GEN_ACTION_H

#include "ovsnl_action.h"
#include "rng.h"

/**
 * gen_actions() - append a random list of actions, in canonical form.
 * @w: writer
 * @key: key that the list must be legal for: its eth_type, ip_proto, ip_frag
 *       and mac_proto are looked at
 * @depth: nested lists may be this many levels deep, 0 for none
 */
void gen_actions(struct rng *r, struct ovsnl_writer *w,
		 const struct ovsnl_key *key, int depth);

#endif
