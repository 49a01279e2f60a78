/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SELFTEST_FRAME_H
#define SELFTEST_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ethernet frames for tests, and slow, plain judges of their checksums: bytes
 * are summed up one by one, as the RFCs say it.
 */

#define FRAME_MAX 65536

/** struct frame - what to build, and where its parts came to stand.
 * @tags: VLAN tags, 0 to 3
 * @v6: IPv6, else IPv4
 * @proto: 6, 17 or 132
 * @ip_options: bytes of IPv4 options or of an IPv6 destination options
 *              header, a multiple of 8
 * @tcp_options: bytes, a multiple of 4
 * @payload: bytes behind the transport header
 * @seed: of their contents
 * @partial: leave the pseudo-header sum in the checksum field
 */
struct frame {
	unsigned int tags;
	bool v6;
	uint8_t proto;
	unsigned int ip_options;
	unsigned int tcp_options;
	size_t payload;
	uint32_t seed;
	bool partial;
	/* results */
	size_t l3_ofs, l4_ofs, payload_ofs, len;
	uint8_t bytes[FRAME_MAX];
};

/** frame_build() - fill bytes and offsets. */
void frame_build(struct frame *f);

/** frame_l4_ok() - is the transport checksum of a whole packet right?
 * @l3_ofs: of its IP header
 */
bool frame_l4_ok(const uint8_t *p, size_t len, size_t l3_ofs);

/** frame_ip_ok() - IPv4 header checksum and the length fields. */
bool frame_ip_ok(const uint8_t *p, size_t len, size_t l3_ofs);

/** frame_crc32c() - bit by bit. */
uint32_t frame_crc32c(const uint8_t *p, size_t len);

/** frame_random() - a generator with a state, for repeatable tests. */
uint32_t frame_random(uint32_t *state);

#endif
