// SPDX-License-Identifier: GPL-2.0-only
/*
 * openvswitch.ko: what is set up when, and taken down in the reverse order.
 *
 * Overview
 *	The families come last: with them, clients can ask for things. By the
 *	time the module may go, all that they made is gone: each port holds a
 *	reference. Ports that nobody deleted end with their namespace.
 *
 * Life cycle
 *	This file.
 *
 * Synchronisation
 *	ovs_dp_exit() waits for all that was left to RCU and work items.
 *
 * Lock order
 *	No locks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <net/genetlink.h>

#include "actions.h"
#include "ct_limit.h"
#include "datapath.h"
#include "dp_notify.h"
#include "drop.h"
#include "genl.h"
#include "vport_internal.h"

static struct pernet_operations net_operations = {
	.exit = ovs_dp_exit_net,
};

static int __init ovs_init(void)
{
	int err;

	pr_info("Open vSwitch switching datapath\n");

	err = ovs_flow_init();
	if (err)
		return err;
	err = ovs_actions_init();
	if (err)
		goto err_flow;
	err = ovs_drop_init();
	if (err)
		goto err_actions;
	err = ovs_dp_init();
	if (err)
		goto err_drop;
	err = ovs_vport_internal_init();
	if (err)
		goto err_dp;
	err = ovs_dp_notify_init();
	if (err)
		goto err_internal;
	err = register_pernet_device(&net_operations);
	if (err)
		goto err_notify;
	err = ovs_ct_limit_init();
	if (err)
		goto err_pernet;
	err = ovs_genl_init();
	if (err)
		goto err_ct_limit;
	return 0;

err_ct_limit:
	ovs_ct_limit_exit();
err_pernet:
	unregister_pernet_device(&net_operations);
err_notify:
	ovs_dp_notify_exit();
err_internal:
	ovs_vport_internal_exit();
err_dp:
	ovs_dp_exit();
err_drop:
	ovs_drop_exit();
err_actions:
	ovs_actions_exit();
err_flow:
	ovs_flow_exit();
	return err;
}

static void __exit ovs_exit(void)
{
	ovs_genl_exit();
	ovs_ct_limit_exit();
	unregister_pernet_device(&net_operations);
	ovs_dp_notify_exit();
	ovs_vport_internal_exit();
	ovs_dp_exit();
	ovs_drop_exit();
	ovs_actions_exit();
	ovs_flow_exit();
}

module_init(ovs_init);
module_exit(ovs_exit);

MODULE_DESCRIPTION("Open vSwitch switching datapath");
MODULE_LICENSE("GPL");
MODULE_ALIAS_GENL_FAMILY(OVS_DATAPATH_FAMILY);
MODULE_ALIAS_GENL_FAMILY(OVS_VPORT_FAMILY);
MODULE_ALIAS_GENL_FAMILY(OVS_FLOW_FAMILY);
MODULE_ALIAS_GENL_FAMILY(OVS_PACKET_FAMILY);
MODULE_ALIAS_GENL_FAMILY(OVS_METER_FAMILY);
MODULE_ALIAS_GENL_FAMILY(OVS_CT_LIMIT_FAMILY);
