// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets reported to the psample family.
 *
 * Overview
 *	The kernel's psample module sends them to whoever listens. Groups are
 *	not made known there in advance: the action names whichever it likes.
 *
 * Life cycle, Synchronisation, Lock order
 *	None: nothing is kept.
 */
#include <net/psample.h>

#include "psample.h"
#include "vport.h"

void ovs_psample(const struct datapath *dp, struct sk_buff *skb,
		 const struct ovsnl_op_psample *op)
{
	const struct ovs_skb_cb *cb = ovs_skb_cb(skb);
	struct psample_group group = {
		.net = ovs_dp_net(dp),
		.group_num = op->group,
	};
	const struct psample_metadata md = {
		.trunc_size = min(skb->len, cb->cutlen),
		.in_ifindex = cb->input_vport->dev->ifindex,
	};

	psample_sample_packet(&group, skb,
			      cb->probability ? U32_MAX / cb->probability : 1,
			      &md);
}
