/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_STOCK_MUTATE_H
#define OVSNL_STOCK_MUTATE_H

#include "ovsnl_attr.h"
#include "rng.h"

/**
 * mutate_attrs() - change, drop, double or cut some attributes of a list.
 * @w: the list, from offset @start of its buffer to its end; stays 4-byte
 *     aligned unless padding is cut off the end
 * @types: types that are put in place of others are below this number
 */
void mutate_attrs(struct rng *r, struct ovsnl_writer *w, size_t start,
		  int types);

#endif
