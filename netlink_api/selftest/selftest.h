/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef OVSNL_SELFTEST_H
#define OVSNL_SELFTEST_H

#include <asm/byteorder.h>
#include "ovsnl_action.h"
#include "ovsnl_env.h"
#include "ovsnl_key.h"
#include "ovsnl_packet.h"

/* Test vectors of netlink_api, and what runs them. Everything declared here
 * needs netlink_api alone, so that the same lists run in a program (under the
 * sanitizers) and inside the kernel (kernel/ovsnl_selftest.c).
 */

/**
 * ovsnl_selftest_report - told of each vector.
 * @name: string constant, unique among all vectors
 * @ok: the vector passed
 */
typedef void (*ovsnl_selftest_report)(const char *name, bool ok);

/**
 * ovsnl_selftest_run() - run all vectors of all lists.
 * Not reentrant (buffers are static).
 * Return: number of vectors that failed.
 */
int ovsnl_selftest_run(ovsnl_selftest_report report);

/* The single lists; same contract as ovsnl_selftest_run(). */
int ovsnl_selftest_packet(ovsnl_selftest_report report);
int ovsnl_selftest_rewrite(ovsnl_selftest_report report);
int ovsnl_selftest_key(ovsnl_selftest_report report);
int ovsnl_selftest_action(ovsnl_selftest_report report);

/* Network order in static tables. */
#define N16(x) __constant_htons(x)
#define N32(x) __constant_htonl(x)

/* Longest packet or message of a vector, in bytes. */
#define OVSNL_VECTOR_MAX 512

/**
 * ovsnl_selftest_unhex() - bytes of a vector.
 * @hex: hexadecimal digits in pairs, blanks between pairs
 * @out: room for OVSNL_VECTOR_MAX bytes
 * Return: number of bytes, or -EINVAL for anything else.
 */
int ovsnl_selftest_unhex(const char *hex, __u8 *out);

/**
 * struct ovsnl_packet_vector - a packet and its key.
 * @name: what it shows
 * @hex: the packet
 * @vlan_tci, @vlan_tpid: tag beside the packet, or 0
 * @ret: what the parser returns for the whole packet
 * @key: the key it fills. mac_proto (and eth_type without Ethernet) are
 *       inputs as well. Not looked at unless @ret is 0.
 * @layout: likewise
 */
struct ovsnl_packet_vector {
	const char *name;
	const char *hex;
	__be16 vlan_tci, vlan_tpid;
	int ret;
	struct ovsnl_key key;
	struct ovsnl_layout layout;
};

extern const struct ovsnl_packet_vector ovsnl_packet_vectors[];
extern const unsigned int ovsnl_packet_vector_count;

/** enum ovsnl_rewrite_kind - which ovsnl_rewrite_*() to call. */
enum ovsnl_rewrite_kind {
	OVSNL_REWRITE_ETH,
	OVSNL_REWRITE_IPV4,
	OVSNL_REWRITE_IPV6,
	OVSNL_REWRITE_TCP,
	OVSNL_REWRITE_UDP,
	OVSNL_REWRITE_SCTP,
	OVSNL_REWRITE_MPLS,
	OVSNL_REWRITE_DEC_TTL, /* no fields */
	OVSNL_REWRITE_KINDS
};

union ovsnl_rewrite_fields {
	struct ovs_key_ethernet eth;
	struct ovs_key_ipv4 ipv4;
	struct ovs_key_ipv6 ipv6;
	struct ovs_key_tcp tcp;
	struct ovs_key_udp udp;
	struct ovs_key_sctp sctp;
	struct ovs_key_mpls mpls;
};

/**
 * struct ovsnl_rewrite_vector - a packet before and after.
 * @name: what it shows
 * @before, @after: the packet; @after NULL when nothing may change
 * @kind: the function
 * @csum: state of the transport checksum
 * @ret: what the function returns
 * @value, @mask: its arguments
 */
struct ovsnl_rewrite_vector {
	const char *name;
	const char *before, *after;
	enum ovsnl_rewrite_kind kind;
	enum ovsnl_csum csum;
	int ret;
	union ovsnl_rewrite_fields value, mask;
};

extern const struct ovsnl_rewrite_vector ovsnl_rewrite_vectors[];
extern const unsigned int ovsnl_rewrite_vector_count;

/** ovsnl_selftest_rewrite_call() - the function of @kind, by number. */
int ovsnl_selftest_rewrite_call(enum ovsnl_rewrite_kind kind,
				struct ovsnl_headers *h, struct ovsnl_key *key,
				const union ovsnl_rewrite_fields *value,
				const union ovsnl_rewrite_fields *mask);

/**
 * struct ovsnl_key_vector - a key and a mask as messages hold them.
 * @name: what it shows
 * @key, @mask: OVS_KEY_ATTR_* attributes in hexadecimal; @mask NULL for none
 * @no_mask: ask for no mask, as GET and DEL do
 * @ret: what ovsnl_key_match_parse() returns
 * @want: the match it fills; not looked at unless @ret is 0
 * @put: attributes that ovsnl_key_put() makes of want.key, NULL for @key
 * @put_mask: and of want.mask; NULL: not looked at
 * @one_way: what is written does not read as what it was written from
 */
struct ovsnl_key_vector {
	const char *name;
	const char *key, *mask;
	bool no_mask;
	int ret;
	struct ovsnl_match want;
	const char *put, *put_mask;
	bool one_way;
};

extern const struct ovsnl_key_vector ovsnl_key_vectors[];
extern const unsigned int ovsnl_key_vector_count;
/* More of them: tunnels, MPLS, NSH, original tuples. */
extern const struct ovsnl_key_vector ovsnl_key_more_vectors[];
extern const unsigned int ovsnl_key_more_vector_count;

/**
 * struct ovsnl_action_vector - a list of actions.
 * @name: what it shows
 * @actions: OVS_ACTION_ATTR_* attributes in hexadecimal
 * @key: the flow's key
 * @ret: what ovsnl_actions_measure() returns
 * @prog: the program, an operation a letter as in run_action.c
 * @dump: attributes as dumps show them, NULL for @actions
 */
struct ovsnl_action_vector {
	const char *name;
	const char *actions;
	struct ovsnl_key key;
	int ret;
	const char *prog;
	const char *dump;
};

extern const struct ovsnl_action_vector ovsnl_action_vectors[];
extern const unsigned int ovsnl_action_vector_count;
extern const struct ovsnl_action_vector ovsnl_action_more_vectors[];
extern const unsigned int ovsnl_action_more_vector_count;
extern const struct ovsnl_action_vector ovsnl_action_ct_vectors[];
extern const unsigned int ovsnl_action_ct_vector_count;

/**
 * ovsnl_selftest_nest() - one attribute around the attributes of a vector.
 * @hex: the attributes
 * @buf: 4-byte aligned, OVSNL_VECTOR_MAX + NLA_HDRLEN bytes
 * Return: the attribute in @buf, of type 1; NULL for bad hexadecimal. Bytes
 * behind its end are not zero.
 */
struct nlattr *ovsnl_selftest_nest(const char *hex, void *buf);

/**
 * ovsnl_selftest_prog_text() - a program as letters, for comparison.
 * @acts: compiled list
 * @text: @cap bytes, NUL terminated
 * Return: 0, or -EINVAL when the program is malformed or @text too short.
 */
int ovsnl_selftest_prog_text(const struct ovsnl_actions *acts, char *text,
			     int cap);

#endif
