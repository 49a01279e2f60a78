/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_SET_FIELD_H
#define TWIN_SET_FIELD_H

#include "ovsnl_action.h"
#include "packet.h"

/** twin_set_field() - run one of the OVSNL_OP_SET_* operations: change header
 * fields or metadata in the packet and its key, with the checksums that are
 * disturbed.
 * Return: 0, or -EINVAL when the packet has no such header (it is unchanged
 * then) or @op is no set operation.
 */
int twin_set_field(struct twin_packet *pkt, const struct ovsnl_op *op);

#endif
