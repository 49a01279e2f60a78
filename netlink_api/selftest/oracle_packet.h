/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_TEST_ORACLE_PACKET_H
#define OVSNL_TEST_ORACLE_PACKET_H

#include "ovsnl_packet.h"

/* A second opinion on packets: slow, from the RFCs, sharing nothing with
 * netlink_api but the types.
 */

/**
 * oracle_parse() - what ovsnl_packet_parse() should do with a whole packet.
 * @win: window.len is not looked at: all of the packet is readable
 * @key: metadata stays, all else is written
 * @layout: filled on success
 * Return: 0 or -EINVAL
 */
int oracle_parse(const struct ovsnl_window *win, struct ovsnl_key *key,
		 struct ovsnl_layout *layout);

/** oracle_keys_differ() - name of the first field that differs, or NULL. */
const char *oracle_keys_differ(const struct ovsnl_key *a,
			       const struct ovsnl_key *b);

/** oracle_layouts_differ() - likewise. */
const char *oracle_layouts_differ(const struct ovsnl_layout *a,
				  const struct ovsnl_layout *b);

#endif
