/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_PACKET_SECOND_H
#define TWIN_PACKET_SECOND_H

#include "packet.h"

/**
 * twin_packet_parse_second() - fill key and layout of a packet fresh from port
 * @in_port, metadata included, as the general parser would: for TCP or UDP
 * over IPv4 without options or IPv6 without extension headers, no fragment,
 * and for one to three MPLS labels (RFC 3032), behind one VLAN tag or none.
 *
 * Return: false when the packet is of another kind; the general parser is to
 * be asked then, and nothing was written.
 */
bool twin_packet_parse_second(struct twin_packet *pkt, uint16_t in_port);

#endif
