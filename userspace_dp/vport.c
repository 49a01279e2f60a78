// SPDX-License-Identifier: BSD-3-Clause
/*
 * Vports: the places of ports in datapaths.
 *
 * Overview
 *
 *	A vport joins a port (port.h) to a number in a datapath and to the
 *	clients that get its upcalls.
 *
 * Life cycle
 *
 *	Creation publishes the vport in the datapath's array, then lets workers
 *	poll its port. Destruction goes backwards: out of the array, off the
 *	poll lists (which waits for a grace period, so that no context holds
 *	the vport any more), upcalls forgotten, memory freed.
 *
 * Synchronisation
 *
 *	Control thread only. Contexts reach vports through the array or through
 *	twin_port.vport, under QSBR.
 */
#include "vport.h"

#include <errno.h>
#include <stdlib.h>

#include "log.h"
#include "rcu.h"
#include "upcall.h"

/* As with a kernel device that has a master: EEXIST if it is the same one. */
static struct twin_port *use_netdev(const struct datapath *dp, const char *name,
				    char *err)
{
	struct twin_port *port = twin_port_find(name);

	if (!port)
		return twin_port_create_netdev(name, err);
	if (port->ops->kind == TWIN_PORT_TAP)
		return twin_port_fail(err, EINVAL, "it is an internal port");
	if (port->vport)
		return twin_port_fail(err,
				      port->vport->dp == dp ? EEXIST : EBUSY,
				      "it is in a datapath already");
	return port;
}

static struct twin_port *get_port(const struct datapath *dp,
				  const struct ovsnl_vport_args *args)
{
	char err[TWIN_ERR_LEN] = "";
	struct twin_port *port;
	int code;

	if (args->type == OVS_VPORT_TYPE_INTERNAL)
		port = twin_port_create_tap(args->name, args->ifindex, err);
	else
		port = use_netdev(dp, args->name, err);
	if (port)
		return port;
	code = errno;
	twin_log_limited("port %s: %s", args->name,
			 err[0] ? err : strerror(code));
	errno = code;
	return NULL;
}

static void put_port(struct twin_port *port)
{
	if (port->hidden)
		twin_port_destroy(port);
}

static void free_vport(struct vport *vport)
{
	twin_upcall_vport_fini(vport);
	free(vport->upcall_pids);
	free(vport);
}

static struct vport *alloc_vport(struct datapath *dp, struct twin_port *port,
				 const struct ovsnl_vport_args *args)
{
	struct vport *vport = calloc(1, sizeof(*vport));

	if (!vport)
		return NULL;
	vport->dp = dp;
	vport->port = port;
	vport->port_no = args->port_no;
	vport->type = args->type;
	vport->upcall_pids = twin_datapath_pids(&args->upcall_pids);
	if (vport->upcall_pids && !twin_upcall_vport_init(vport))
		return vport;
	free(vport->upcall_pids);
	free(vport);
	return NULL;
}

static void publish(struct vport *vport)
{
	struct datapath *dp = vport->dp;

	__atomic_store_n(&dp->ports[vport->port_no], vport, __ATOMIC_RELEASE);
	if (vport->port_no >= dp->port_limit)
		dp->port_limit = vport->port_no + 1;
}

static void unpublish(struct vport *vport)
{
	struct datapath *dp = vport->dp;

	__atomic_store_n(&dp->ports[vport->port_no], NULL, __ATOMIC_RELEASE);
	while (dp->port_limit && !dp->ports[dp->port_limit - 1])
		dp->port_limit--;
}

int twin_vport_create(struct datapath *dp, const struct ovsnl_vport_args *args,
		      struct vport **result)
{
	struct twin_port *port = get_port(dp, args);
	struct vport *vport;
	int err = -ENOMEM;

	if (!port)
		return -errno;
	vport = alloc_vport(dp, port, args);
	if (!vport)
		goto err_port;
	publish(vport);
	err = twin_port_attach(port, vport);
	if (err)
		goto err_vport;
	*result = vport;
	return 0;

err_vport:
	unpublish(vport);
	twin_rcu_synchronize();
	free_vport(vport);
err_port:
	put_port(port);
	return err;
}

void twin_vport_destroy(struct vport *vport)
{
	struct twin_port *port = vport->port;

	unpublish(vport);
	twin_port_detach(port);
	free_vport(vport);
	put_port(port);
}

struct vport *twin_vport_by_name(const char *name)
{
	struct twin_port *port = twin_port_find(name);

	return port ? port->vport : NULL;
}

struct vport *twin_vport_next(struct datapath *dp, uint32_t port_no)
{
	for (; port_no < dp->port_limit; port_no++)
		if (dp->ports[port_no])
			return dp->ports[port_no];
	return NULL;
}

int twin_vport_set_pids(struct vport *vport, const struct ovsnl_pids *pids)
{
	struct twin_pids *new = twin_datapath_pids(pids);
	struct twin_pids *old = vport->upcall_pids;

	if (!new)
		return -ENOMEM;
	__atomic_store_n(&vport->upcall_pids, new, __ATOMIC_RELEASE);
	twin_rcu_defer(free, old);
	return 0;
}

void twin_vport_info(struct vport *vport, struct ovsnl_vport_info *info)
{
	info->dp_ifindex = vport->dp->ifindex;
	info->dp_features = vport->dp->user_features;
	info->port_no = vport->port_no;
	info->type = vport->type;
	info->name = vport->port->name;
	info->ifindex = vport->port->ifindex;
	twin_port_stats(vport->port, &info->stats);
	twin_upcall_vport_stats(vport, &info->upcalls_sent,
				&info->upcalls_failed);
	info->upcall_pids = (struct ovsnl_pids){
		.data = vport->upcall_pids->pids,
		.n = vport->upcall_pids->n,
	};
}
