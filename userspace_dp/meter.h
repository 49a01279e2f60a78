/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_METER_H
#define TWIN_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "ovsnl_ops.h"
#include "packet.h"

/* Meters: limits on what flows may pass. Changed by the control thread only;
 * charged by contexts under QSBR.
 */

struct datapath;
struct twin_ctx;
struct twin_meters;

/** twin_meters_create() - the meters of a datapath: none yet. NULL when memory
 * is short. Control thread.
 */
struct twin_meters *twin_meters_create(void);

/** twin_meters_destroy() - free them after a grace period. NULL is allowed.
 * Control thread.
 */
void twin_meters_destroy(struct twin_meters *meters);

/**
 * twin_meter_execute() - charge a packet to a meter of its datapath.
 * @pkt: unchanged
 * Any context, between two of its quiescent states; takes no lock.
 * Return: true when the caller is to drop the packet; false also when there is
 * no such meter.
 */
bool twin_meter_execute(struct twin_ctx *ctx, struct datapath *dp,
			const struct twin_packet *pkt, uint32_t meter_id);

/* Members of struct ovsnl_ops: contracts in ovsnl_ops.h. */

void twin_meter_features(struct datapath *dp,
			 struct ovsnl_meter_features *features);
int twin_meter_set(struct datapath *dp, const struct ovsnl_meter_args *args,
		   struct ovsnl_meter_info *old);
void twin_meter_get(struct datapath *dp, __u32 id,
		    struct ovsnl_meter_info *info);
void twin_meter_del(struct datapath *dp, __u32 id,
		    struct ovsnl_meter_info *old);

#endif
