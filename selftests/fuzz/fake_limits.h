/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FUZZ_FAKE_LIMITS_H
#define FUZZ_FAKE_LIMITS_H

#include "ovsnl_ops.h"

/* Members of fake_ops: contracts in ovsnl_ops.h. */
void fake_meter_features(struct datapath *dp, struct ovsnl_meter_features *f);
int fake_meter_set(struct datapath *dp, const struct ovsnl_meter_args *args,
		   struct ovsnl_meter_info *old);
void fake_meter_get(struct datapath *dp, __u32 id,
		    struct ovsnl_meter_info *info);
void fake_meter_del(struct datapath *dp, __u32 id,
		    struct ovsnl_meter_info *old);
int fake_ct_limit_reserve(void *net, __s32 zone);
void fake_ct_limit_release(void *net, __s32 zone);
void fake_ct_limit_set(void *net, __s32 zone, __u32 limit);
void fake_ct_limit_del(void *net, __s32 zone);
void fake_ct_limit_get(void *net, __s32 zone, struct ovs_zone_limit *limit);
bool fake_ct_limit_next(void *net, __s32 zone, struct ovs_zone_limit *limit);

/** fake_limits_start() - none of either. */
void fake_limits_start(void);

/** fake_limits_forget() - a datapath's meters go with it. */
void fake_limits_forget(const struct datapath *dp);

#endif
