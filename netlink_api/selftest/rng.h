/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_TEST_RNG_H
#define OVSNL_TEST_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Random numbers that can be had again: splitmix64 (public domain, Steele,
 * Lea and Flood 2014).
 */
struct rng {
	uint64_t state;
};

/**
 * rng_start() - seed from $OVSNL_TEST_SEED or the system, and print the seed.
 */
void rng_start(struct rng *r);

static inline uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/** rng_below() - a number from 0 to @n - 1. */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (rng_next(r) >> 32) % n;
}

/** rng_one_in() - true once in @n times. */
static inline bool rng_one_in(struct rng *r, uint32_t n)
{
	return !rng_below(r, n);
}

/** rng_fill() - @len random bytes. */
static inline void rng_fill(struct rng *r, void *buf, size_t len)
{
	uint8_t *p = buf;

	while (len--)
		*p++ = rng_next(r) >> 56;
}

#endif
