/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_VPORT_H
#define TWIN_VPORT_H

#include "datapath.h"

/* Vports: ports in their places in a datapath. Control thread. */

/**
 * twin_vport_create() - find or make the port, and attach it.
 * @args->type: OVS_VPORT_TYPE_NETDEV takes a twin netdev of this name, or else
 *	takes over the Linux netdev; OVS_VPORT_TYPE_INTERNAL makes a TAP
 *
 * Says on the log why it refuses. Return: 0, -EEXIST, -EBUSY, -ENODEV,
 * -EINVAL, -EAFNOSUPPORT, -ENOMEM.
 */
int twin_vport_create(struct datapath *dp, const struct ovsnl_vport_args *args,
		      struct vport **vport);

/** twin_vport_destroy() - detach; ports made for the vport are destroyed. */
void twin_vport_destroy(struct vport *vport);

/** twin_vport_by_name() - among all datapaths; NULL if there is none. */
struct vport *twin_vport_by_name(const char *name);

/** twin_vport_next() - vport with the lowest number of at least @port_no. */
struct vport *twin_vport_next(struct datapath *dp, uint32_t port_no);

/** twin_vport_set_pids() - replace the upcall port ids. 0 or -ENOMEM. */
int twin_vport_set_pids(struct vport *vport, const struct ovsnl_pids *pids);

/** twin_vport_info() - for replies. */
void twin_vport_info(struct vport *vport, struct ovsnl_vport_info *info);

#endif
