/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_PACKET_H
#define OVS_PACKET_H

#include "datapath.h"

/** ovs_packet_cmd_execute() - ovsnl_ops.packet_execute: see ovsnl_ops.h. */
int ovs_packet_cmd_execute(struct datapath *dp,
			   const struct ovsnl_execute *exec);

#endif
