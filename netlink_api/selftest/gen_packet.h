/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_TEST_GEN_PACKET_H
#define OVSNL_TEST_GEN_PACKET_H

#include "ovsnl_packet.h"
#include "rng.h"

/* Random packets that are mostly well-formed. */

#define GEN_PACKET_MAX 1024

/**
 * gen_packet() - a packet that begins with an Ethernet header.
 * @buf: GEN_PACKET_MAX bytes
 * Return: its length in bytes. Checksums are random, few of its headers are
 * cut or invalid.
 */
size_t gen_packet(struct rng *r, __u8 *buf);

/** gen_damage() - change some bytes or cut the end. Return: the new length. */
size_t gen_damage(struct rng *r, __u8 *buf, size_t len);

#endif
