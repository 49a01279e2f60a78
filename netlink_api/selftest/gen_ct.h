/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef GEN_CT_H
#define GEN_CT_H

#include "ovsnl_attr.h"
#include "ovsnl_key.h"
#include "rng.h"

/**
 * gen_ct() - a legal ct action for @key, as dumps show it; nothing where there
 * is none.
 */
void gen_ct(struct rng *r, struct ovsnl_writer *w, const struct ovsnl_key *key);

/** gen_set_tunnel() - a legal set of a tunnel, as dumps show it. */
void gen_set_tunnel(struct rng *r, struct ovsnl_writer *w);

#endif
