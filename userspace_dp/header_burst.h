/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_HEADER_BURST_H
#define TWIN_HEADER_BURST_H

#include "ovsnl_action.h"
#include "packet.h"

/** twin_header_burst() - an operation that changes headers, on @n packets at
 * once, where it is one of the common ones and all of them are of a common
 * kind: as twin_set_field() or twin_packet_push_vlan() would do to each.
 * Return: false with nothing changed when it is to be done to each by those.
 */
bool twin_header_burst(struct twin_packet *pkts, unsigned int n,
		       const struct ovsnl_op *op);

#endif
