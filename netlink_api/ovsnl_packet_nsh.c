// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Network Service Headers in front of packets.
 *
 * Overview
 *	NSH names what follows it by numbers of its own (RFC 8300, 2.2), which
 *	are mapped to EtherTypes here.
 *
 * Life cycle
 *	None: no state is kept between calls.
 *
 * Synchronisation
 *	None: only the arguments are touched.
 *
 * Lock order
 *	No locks.
 */
#include "ovsnl_packet.h"
#include "ovsnl_packet_wire.h"

/* By Next Protocol; host order. */
static const __u16 types[] = {
	[1] = ETH_P_IP,	 [2] = ETH_P_IPV6,    [3] = ETH_P_TEB,
	[4] = ETH_P_NSH, [5] = ETH_P_MPLS_UC,
};

#define TYPES (sizeof(types) / sizeof(types[0]))

__u8 ovsnl_nsh_next(__be16 type)
{
	__u8 next;

	for (next = 1; next < TYPES; next++)
		if (types[next] == ntohs(type))
			return next;
	return 0;
}

__be16 ovsnl_nsh_type(__u8 next)
{
	return htons(next < TYPES ? types[next] : 0);
}

int ovsnl_nsh_pop(const __u8 *data, __u32 len, __be16 *type)
{
	__u32 hlen;

	if (len < WIRE_NSH_HLEN)
		return -ENOMEM;
	hlen = wire_nsh_len(ntohs(wire_be16(data)));
	if (hlen < WIRE_NSH_HLEN)
		return -EINVAL;
	if (hlen > len)
		return -ENOMEM;
	*type = ovsnl_nsh_type(data[WIRE_NSH_NP]);
	return *type ? (int)hlen : -EAFNOSUPPORT;
}
