// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits of connections by zone.
 *
 * Overview
 *	A limit for zones without one of their own, and a sparse array of the
 *	others. What is kept in it are the limits themselves.
 *
 * Life cycle
 *	With the namespace.
 *
 * Synchronisation
 *	ovs_mutex to change and to tell; RCU is enough to look one up.
 *
 * Lock order
 *	ovs_mutex only.
 */
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "ct_limit.h"
#include "datapath.h"

/* No limit at all. */
#define UNLIMITED 0

/**
 * struct ct_limits - what a namespace has.
 * @standard: for zones that are not in @zones
 * @zones: limits by zone, as xa_mk_value()
 */
struct ct_limits {
	u32 standard;
	struct xarray zones;
};

static unsigned int limits_id __read_mostly;

static struct ct_limits *limits_of(void *net)
{
	return net_generic(net, limits_id);
}

int ovs_ct_limit_reserve(void *net, __s32 zone)
{
	lockdep_assert_ovs_held();
	if (zone == OVS_ZONE_LIMIT_DEFAULT_ZONE)
		return 0;
	return xa_reserve(&limits_of(net)->zones, zone, GFP_KERNEL_ACCOUNT);
}

void ovs_ct_limit_release(void *net, __s32 zone)
{
	lockdep_assert_ovs_held();
	if (zone != OVS_ZONE_LIMIT_DEFAULT_ZONE)
		xa_release(&limits_of(net)->zones, zone);
}

void ovs_ct_limit_set(void *net, __s32 zone, __u32 limit)
{
	struct ct_limits *limits = limits_of(net);

	lockdep_assert_ovs_held();
	BUILD_BUG_ON(BITS_PER_XA_VALUE < 32);
	if (zone == OVS_ZONE_LIMIT_DEFAULT_ZONE)
		WRITE_ONCE(limits->standard, limit);
	else
		xa_store(&limits->zones, zone, xa_mk_value(limit), GFP_ATOMIC);
}

void ovs_ct_limit_del(void *net, __s32 zone)
{
	struct ct_limits *limits = limits_of(net);

	lockdep_assert_ovs_held();
	if (zone == OVS_ZONE_LIMIT_DEFAULT_ZONE)
		WRITE_ONCE(limits->standard, UNLIMITED);
	else
		xa_erase(&limits->zones, zone);
}

void ovs_ct_limit_get(void *net, __s32 zone, struct ovs_zone_limit *limit)
{
	struct ct_limits *limits = limits_of(net);
	void *own = NULL;

	if (zone != OVS_ZONE_LIMIT_DEFAULT_ZONE)
		own = xa_load(&limits->zones, zone);
	*limit = (struct ovs_zone_limit){
		.zone_id = zone,
		.limit = own ? xa_to_value(own) : READ_ONCE(limits->standard),
	};
}

bool ovs_ct_limit_next(void *net, __s32 zone, struct ovs_zone_limit *limit)
{
	unsigned long found = zone;
	void *own;

	own = xa_find(&limits_of(net)->zones, &found, U16_MAX, XA_PRESENT);
	if (!own)
		return false;
	*limit = (struct ovs_zone_limit){
		.zone_id = found,
		.limit = xa_to_value(own),
	};
	return true;
}

static int __net_init limits_init(struct net *net)
{
	struct ct_limits *limits = limits_of(net);

	limits->standard = UNLIMITED;
	xa_init(&limits->zones);
	return 0;
}

static void __net_exit limits_exit(struct net *net)
{
	xa_destroy(&limits_of(net)->zones);
}

static struct pernet_operations limits_operations = {
	.init = limits_init,
	.exit = limits_exit,
	.id = &limits_id,
	.size = sizeof(struct ct_limits),
};

int ovs_ct_limit_init(void)
{
	return register_pernet_subsys(&limits_operations);
}

void ovs_ct_limit_exit(void)
{
	unregister_pernet_subsys(&limits_operations);
}
