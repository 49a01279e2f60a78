/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_UPCALL_H
#define TWIN_UPCALL_H

#include "actions.h"

/* Upcalls: contexts put packets on their ring; the upcall thread takes them
 * off with fair shares per port, encodes and sends them.
 */

/** struct twin_upcall_info - what is known where the upcall begins.
 * @cmd: OVS_PACKET_CMD_MISS or _ACTION
 * @portid: client, for ACTION; ignored with per-CPU dispatch and for MISS
 * @userdata, @userdata_len: copied; -1 for none
 * @actions, @actions_len: netlink bytes, copied; NULL for none
 */
struct twin_upcall_info {
	uint8_t cmd;
	uint32_t portid;
	const void *userdata;
	int32_t userdata_len;
	const struct nlattr *actions;
	uint32_t actions_len;
};

/**
 * twin_upcall_send() - queue an upcall. Takes over pkt->m when @consume,
 * otherwise copies what it needs. GSO packets are split on the upcall thread.
 * Any context. Return: 0, -ENOTCONN (port id 0), -ENOBUFS (ring full); the
 * packet is then dropped, counted as lost and under its reason.
 */
int twin_upcall_send(struct twin_ctx *ctx, struct datapath *dp,
		     struct vport *in, struct twin_packet *pkt,
		     const struct twin_upcall_info *info, bool consume);

/** twin_upcall_start(), twin_upcall_stop() - the thread. */
int twin_upcall_start(void);
void twin_upcall_stop(void);

/** twin_upcall_forget() - drop what is queued for a datapath or vport that
 * goes away (either may be NULL) and wait until none is in use.
 */
void twin_upcall_forget(struct datapath *dp, struct vport *vport);

#endif
