/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_VPORT_INTERNAL_H
#define OVS_VPORT_INTERNAL_H

#include "vport.h"

extern const struct vport_ops ovs_vport_internal_ops;

/** ovs_vport_internal_init() - register the link kind; 0 or a neg. errno. */
int ovs_vport_internal_init(void);

/** ovs_vport_internal_exit() - unregister it. */
void ovs_vport_internal_exit(void);

/** ovs_vport_internal_is() - is this the device of an internal port? */
bool ovs_vport_internal_is(const struct net_device *dev);

/** ovs_vport_internal_get() - its vport, or NULL for other devices and those
 * that are no ports any more; ovs_mutex or RCU.
 */
struct vport *ovs_vport_internal_get(const struct net_device *dev);

/** ovs_vport_internal_take_leaving() - move the devices of ports that were
 * destroyed to an empty @list; ovs_mutex. For ovs_unlock().
 */
void ovs_vport_internal_take_leaving(struct list_head *list);

/** ovs_vport_internal_unregister() - unregister them, and wait until they are
 * gone. Neither ovs_mutex nor RTNL is held.
 */
void ovs_vport_internal_unregister(struct list_head *list);

#endif
