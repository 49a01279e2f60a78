/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_OPS_H
#define OVS_OPS_H

#include "ovsnl_ops.h"

/** ovs_ops - this datapath, as netlink_api drives it. @net: struct net. */
extern const struct ovsnl_ops ovs_ops;

#endif
