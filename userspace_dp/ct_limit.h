/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_CT_LIMIT_H
#define TWIN_CT_LIMIT_H

#include "ovsnl_ops.h"

/* Limits of connections by zone. They belong to the daemon, not to one of its
 * datapaths. Members of struct ovsnl_ops: contracts in ovsnl_ops.h. All on the
 * control thread; @net is unused.
 */

int twin_ct_limit_reserve(void *net, __s32 zone);
void twin_ct_limit_release(void *net, __s32 zone);
void twin_ct_limit_set(void *net, __s32 zone, __u32 limit);
void twin_ct_limit_del(void *net, __s32 zone);
void twin_ct_limit_get(void *net, __s32 zone, struct ovs_zone_limit *limit);
bool twin_ct_limit_next(void *net, __s32 zone, struct ovs_zone_limit *limit);

#endif
