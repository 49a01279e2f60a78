/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_SET_FIELD_H
#define TWIN_SET_FIELD_H

#include "ovsnl_action.h"
#include "packet.h"

/** twin_set_field() - run one of the operations OVSNL_OP_SET_*, _HASH and
 * _CT_CLEAR: change header fields or metadata in the packet and its key, with
 * the checksums that are disturbed.
 * Return: 0; -EINVAL or -ENOMEM when the packet has no such header (it is
 * unchanged then); -EINVAL when @op is no such operation.
 */
int twin_set_field(struct twin_packet *pkt, const struct ovsnl_op *op);

/** twin_set_field_dec_ttl() - one hop less; packets other than IP are left
 * alone.
 * Return: 0; -EHOSTUNREACH with nothing changed when there was none left,
 * -ENOMEM (as from the kernel) when the header is cut.
 */
int twin_set_field_dec_ttl(struct twin_packet *pkt);

#endif
