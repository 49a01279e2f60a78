/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_TEST_ORACLE_REWRITE_H
#define OVSNL_TEST_ORACLE_REWRITE_H

#include "selftest.h"

/* A second opinion on rewrites: bytes are replaced, checksums computed from
 * scratch.
 */

/** enum oracle_csum - which checksum. */
enum oracle_csum {
	ORACLE_CSUM_IP, /* IPv4 header */
	ORACLE_CSUM_L4, /* TCP, UDP, ICMP, ICMPv6 */
	ORACLE_CSUMS
};

/**
 * struct oracle_packet - a parsed packet, all of it.
 * @data, @len: bytes
 * @key, @layout: as the slow parser found them
 */
struct oracle_packet {
	__u8 *data;
	__u32 len;
	struct ovsnl_key key;
	struct ovsnl_layout layout;
};

/** oracle_packet_read() - parse @data. False: not even an Ethernet header. */
bool oracle_packet_read(struct oracle_packet *p, __u8 *data, __u32 len);

/**
 * oracle_csum_field() - where a checksum stands.
 * Return: offset from data in bytes, or -1 if the packet has none that is
 * complete. A UDP checksum of zero is none. The L4 checksum is taken to cover
 * all from the transport header to the packet's end.
 */
int oracle_csum_field(const struct oracle_packet *p, enum oracle_csum which);

/**
 * oracle_csum_compute() - the value that belongs there.
 * An IPv6 routing header with segments left makes the destination of the
 * pseudo-header something else, here zero.
 */
__u16 oracle_csum_compute(const struct oracle_packet *p,
			  enum oracle_csum which);

/** oracle_csum_fix() - make both checksums right, as far as there are any. */
void oracle_csum_fix(struct oracle_packet *p);

/** oracle_covers_addresses() - is there a pseudo-header in the L4 checksum? */
bool oracle_covers_addresses(const struct oracle_packet *p);

/**
 * oracle_rewrite() - replace the bytes of fields, no checksums.
 * Return: as the rewriter, with a window as long as the packet.
 */
int oracle_rewrite(struct oracle_packet *p, enum ovsnl_rewrite_kind kind,
		   const union ovsnl_rewrite_fields *value,
		   const union ovsnl_rewrite_fields *mask);

/**
 * oracle_headers_len() - bytes of the packet that a rewrite of this kind may
 * need in its window.
 */
__u32 oracle_headers_len(const struct oracle_packet *p,
			 enum ovsnl_rewrite_kind kind);

#endif
