/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_CT_LIMIT_H
#define OVS_CT_LIMIT_H

#include "ovsnl_ops.h"

/* Limits of connections by zone. They belong to a namespace, not to one of its
 * datapaths.
 */

/** ovs_ct_limit_init() - give every namespace its limits; 0 or -errno. */
int ovs_ct_limit_init(void);

/** ovs_ct_limit_exit() - free them; nobody asks any more. */
void ovs_ct_limit_exit(void);

/* Members of struct ovsnl_ops: contracts in ovsnl_ops.h. @net: struct net. */

int ovs_ct_limit_reserve(void *net, __s32 zone);
void ovs_ct_limit_release(void *net, __s32 zone);
void ovs_ct_limit_set(void *net, __s32 zone, __u32 limit);
void ovs_ct_limit_del(void *net, __s32 zone);
void ovs_ct_limit_get(void *net, __s32 zone, struct ovs_zone_limit *limit);
bool ovs_ct_limit_next(void *net, __s32 zone, struct ovs_zone_limit *limit);

#endif
