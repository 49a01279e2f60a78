/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Words of packets, which stand anywhere, in the order in which they stand.
 */
#ifndef TWIN_UNALIGNED_H
#define TWIN_UNALIGNED_H

#include <stdint.h>
#include <string.h>

/** twin_load16() - the 2 bytes at @p, as they are. */
static inline uint16_t twin_load16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/** twin_load32() - the 4 bytes at @p, as they are. */
static inline uint32_t twin_load32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/** twin_load64() - the 8 bytes at @p, as they are. */
static inline uint64_t twin_load64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

#endif
