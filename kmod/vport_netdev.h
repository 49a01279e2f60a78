/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_VPORT_NETDEV_H
#define OVS_VPORT_NETDEV_H

#include "vport.h"

extern const struct vport_ops ovs_vport_netdev_ops;

/** ovs_vport_netdev_get() - vport that holds the device, or NULL; RCU/RTNL. */
struct vport *ovs_vport_netdev_get(const struct net_device *dev);

/** ovs_vport_netdev_detach() - let go of the device; RTNL. */
void ovs_vport_netdev_detach(struct vport *vport);

#endif
