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
 * twin_upcall_send() - queue an upcall; on the control thread, send it. Takes
 * over pkt->m when @consume, otherwise copies what it needs. GSO packets are
 * split on the upcall thread.
 * @in: the vport that the packet is charged to, not NULL
 *
 * Any context. Return: 0; -ENOTCONN (port id 0), -ENOBUFS (the port's share of
 * the ring is used up), -ENOMEM, or why it could not be sent: the packet is
 * then dropped, counted as lost in @dp and under its reason in @ctx.
 */
int twin_upcall_send(struct twin_ctx *ctx, struct datapath *dp,
		     struct vport *in, struct twin_packet *pkt,
		     const struct twin_upcall_info *info, bool consume);

/**
 * twin_upcall_misses() - queue upcalls for packets that no flow matched; takes
 * over their mbufs. Worker contexts.
 * @in: where they came in
 * @n: how many, in the order of their arrival, all of one burst
 *
 * Those for which there is no place or no time are dropped, counted as lost
 * in @dp and under their reason in @ctx. Return: how many.
 */
unsigned int twin_upcall_misses(struct twin_ctx *ctx, struct datapath *dp,
				struct vport *in, struct twin_packet *pkts,
				unsigned int n);

/** twin_upcall_round_end() - wake the thread for what was queued, and reckon
 * what misses of the next rounds may cost.
 * @cycles: what this round took
 */
void twin_upcall_round_end(struct twin_ctx *ctx, uint64_t cycles);

/**
 * twin_upcall_sample() - queue a copy of the packet for psample.c. One that
 * can't be is counted under its reason in @ctx. Any context.
 */
void twin_upcall_sample(struct twin_ctx *ctx, struct vport *in,
			struct twin_packet *pkt,
			const struct ovsnl_op_psample *op);

/* The rest is for the control thread. */

/** twin_upcall_start() - rings of all contexts, and the thread.
 * It runs on the CPUs that the caller may run on. Return: 0 or -errno.
 */
int twin_upcall_start(void);

/** twin_upcall_stop() - end the thread and free the rings. Workers have
 * stopped, datapaths are gone.
 */
void twin_upcall_stop(void);

/** twin_upcall_vport_init() - fill vport->upcalls. Return: 0 or -ENOMEM. */
int twin_upcall_vport_init(struct vport *vport);

/** twin_upcall_vport_fini() - drop what is queued for a vport that contexts
 * find no more, and free vport->upcalls.
 */
void twin_upcall_vport_fini(struct vport *vport);

/** twin_upcall_vport_stats() - upcalls from the port that reached a client, and
 * those that did not.
 */
void twin_upcall_vport_stats(const struct vport *vport, __u64 *sent,
			     __u64 *failed);

/** twin_upcall_waiting() - upcalls and samples from the port that are on their
 * way to clients; long packets count for several.
 */
uint32_t twin_upcall_waiting(const struct vport *vport);

/** twin_upcall_drops() - packets that the upcall thread dropped. */
uint64_t twin_upcall_drops(enum twin_drop reason);

#endif
