// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that vanish under a datapath.
 *
 * Overview
 *	When a port's device is unregistered, or moves to another namespace, it
 *	is detached at once. The vport follows in a work item, since ovs_mutex
 *	can't be taken under RTNL; listeners are told then.
 *
 * Life cycle
 *	One work item looks through all datapaths for vports that were
 *	detached. A vport that a client deletes before is no more there.
 *
 * Synchronisation
 *	The notifier runs under RTNL, the work under ovs_mutex.
 *
 * Lock order
 *	ovs_mutex -> RTNL
 */
#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include "dp_notify.h"
#include "genl.h"
#include "vport_netdev.h"

static void port_end(struct vport *vport, void *arg)
{
	struct net *net = ovs_dp_net(vport->dp);
	struct sk_buff *msg;

	if (vport->ops != &ovs_vport_netdev_ops || READ_ONCE(vport->attached))
		return;
	msg = ovs_genl_vport_notice(vport, OVS_VPORT_CMD_DEL);
	ovs_dp_detach_port(vport);
	ovs_genl_vport_multicast(net, msg);
}

static void ports_end(struct datapath *dp, void *arg)
{
	ovs_dp_for_each_port(dp, port_end, NULL);
}

static void notify_work_run(struct work_struct *work)
{
	ovs_lock();
	ovs_dp_for_each(ports_end, NULL);
	ovs_unlock();
}

static DECLARE_WORK(notify_work, notify_work_run);

static int device_event(struct notifier_block *block, unsigned long event,
			void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct vport *vport;

	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	vport = ovs_vport_netdev_get(dev);
	if (vport) {
		ovs_vport_netdev_detach(vport);
		schedule_work(&notify_work);
	}
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

int ovs_dp_notify_init(void)
{
	return register_netdevice_notifier(&device_notifier);
}

void ovs_dp_notify_exit(void)
{
	unregister_netdevice_notifier(&device_notifier);
	cancel_work_sync(&notify_work);
}
