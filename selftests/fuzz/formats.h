/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FUZZ_FORMATS_H
#define FUZZ_FORMATS_H

#include "selftest.h"

/* What the inputs of the fuzz targets begin with. The seeds are written with
 * these too.
 */

/** struct fuzz_packet_head - then the packet. */
struct fuzz_packet_head {
	__be16 vlan_tci, vlan_tpid;
	__be16 eth_type; /* for packets without Ethernet header */
	__u8 mac_proto;
	__u8 kind; /* of the rewrite */
	__u16 window; /* at first */
	__u8 csum;
	__u8 pad;
	union ovsnl_rewrite_fields value, mask;
};

/** struct fuzz_key_head - then the key's attributes, then the mask's. */
struct fuzz_key_head {
	__u16 key_len;
	__u8 has_mask;
	__u8 no_mask;
};

/** struct fuzz_action_head - then the actions. */
struct fuzz_action_head {
	__be16 eth_type;
	__be16 vlan_tci;
	__u8 mac_proto;
	__u8 ip_proto;
	__u8 ip_frag;
	__u8 pad;
};

/** struct fuzz_message_head - then attributes; again and again. */
struct fuzz_message_head {
	__u16 attrs_len;
	__u8 family;
	__u8 cmd;
	__u16 flags;
	__u8 version;
	__u8 dump_room; /* in units of 64 bytes, at least one message's */
	__s32 dp_ifindex;
};

/* struct fuzz_server_head.what: its lowest three bits; others send. */
#define FUZZ_SERVER_LEAVE 1
#define FUZZ_SERVER_READ 2
#define FUZZ_SERVER_LAZY 8 /* the client doesn't read what comes back */

/** struct fuzz_server_head - then a datagram; again and again. */
struct fuzz_server_head {
	__u16 len;
	__u8 client;
	__u8 what;
};

#endif
