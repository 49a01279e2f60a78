/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_PSAMPLE_H
#define OVS_PSAMPLE_H

#include "datapath.h"

/**
 * ovs_psample() - report a packet to the listeners of the psample family.
 * @skb: unchanged; cut to its cutlen in the report
 * The rate in the report is one in so many packets. The cookie is left out:
 * Linux 6.1 has no room for it. Context: softirqs off, RCU.
 */
void ovs_psample(const struct datapath *dp, struct sk_buff *skb,
		 const struct ovsnl_op_psample *op);

#endif
