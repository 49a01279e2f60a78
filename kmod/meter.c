// SPDX-License-Identifier: GPL-2.0-only
/*
 * Meters: limits on what flows may pass.
 *
 * Overview
 *	A hash table by id; each meter has its rule, its bucket and its
 *	statistics. The arithmetic is netlink_api's. Any two ids can be had at
 *	the same time.
 *
 * Life cycle
 *	set: a new meter takes the place of the one that has the id. del: it is
 *	unlinked, and freed after a grace period. A meter holds no references;
 *	flows name it by id and may outlive it.
 *
 * Synchronisation
 *	Writers of the table: ovs_mutex. Readers: RCU. A meter's lock guards
 *	bucket and statistics, for the few instructions that a packet takes.
 *
 * Lock order
 *	ovs_mutex
 *	    -> the lock of a meter
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/swap.h>

#include "datapath.h"
#include "meter.h"
#include "ovsnl_meter.h"

/* Meters of a datapath, where memory is plenty; elsewhere they may take one
 * 32nd of it.
 */
#define METERS_MAX 200000u
#define MEMORY_SHARE 32

/**
 * struct ovs_meter - a meter.
 * @node: in the table
 * @rcu: for freeing after a grace period
 * @id: constant, as are:
 * @n_bands: 0 or 1
 * @keep_stats: see struct ovsnl_meter_args
 * @kbps: see there
 * @bands: see there
 * @rule: how @bucket fills
 * @lock: guards what follows
 * @bucket: what packets may still take
 * @stats: all packets
 * @band_stats: those that exceeded the rate
 */
struct ovs_meter {
	struct rhash_head node;
	struct rcu_head rcu;
	u32 id;
	u32 n_bands;
	bool keep_stats;
	bool kbps;
	struct ovsnl_meter_band bands[OVSNL_METER_BANDS];
	struct ovsnl_meter_rule rule;
	spinlock_t lock;
	struct ovsnl_meter_bucket bucket;
	struct ovs_flow_stats stats;
	struct ovs_flow_stats band_stats;
};

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct ovs_meter, id),
	.key_offset = offsetof(struct ovs_meter, id),
	.head_offset = offsetof(struct ovs_meter, node),
	.automatic_shrinking = true,
};

static u64 now_ms(void)
{
	return ktime_to_ms(ktime_get());
}

/* Packets */

static void count(struct ovs_flow_stats *stats, u32 len)
{
	stats->n_packets++;
	stats->n_bytes += len;
}

bool ovs_meter_execute(struct datapath *dp, struct sk_buff *skb,
		       struct sw_flow_key *key, u32 meter_id)
{
	struct ovs_meter *meter;
	bool exceeded;

	meter = rhashtable_lookup(&dp->meters.table, &meter_id, params);
	if (!meter)
		return false;
	spin_lock(&meter->lock);
	exceeded = ovsnl_meter_charge(&meter->rule, &meter->bucket, skb->len,
				      now_ms());
	count(&meter->stats, skb->len);
	if (exceeded)
		count(&meter->band_stats, skb->len);
	spin_unlock(&meter->lock);
	return exceeded && meter->rule.drops;
}

/* Commands */

static struct ovs_meter *meter_find(struct datapath *dp, u32 id)
{
	/* The table's own check wants its own mutex, or RCU. */
	struct ovs_meter *meter;

	rcu_read_lock();
	meter = rhashtable_lookup(&dp->meters.table, &id, params);
	rcu_read_unlock();
	return meter;
}

static struct ovs_meter *meter_alloc(const struct ovsnl_meter_args *args)
{
	struct ovs_meter *meter = kzalloc(sizeof(*meter), GFP_KERNEL_ACCOUNT);

	if (!meter)
		return NULL;
	meter->id = args->id;
	meter->n_bands = args->n_bands;
	meter->keep_stats = args->keep_stats;
	meter->kbps = args->kbps;
	memcpy(meter->bands, args->bands, sizeof(meter->bands));
	meter->stats = args->stats;
	spin_lock_init(&meter->lock);
	ovsnl_meter_start(&meter->rule, &meter->bucket, args, now_ms());
	return meter;
}

static void meter_info(struct ovs_meter *meter, struct ovsnl_meter_info *info)
{
	BUILD_BUG_ON(OVSNL_METER_BANDS != 1);
	spin_lock_bh(&meter->lock);
	*info = (struct ovsnl_meter_info){
		.exists = true,
		.keep_stats = meter->keep_stats,
		.stats = meter->stats,
		.used_ms = meter->bucket.used_ms,
		.n_bands = meter->n_bands,
		.band_stats = { meter->band_stats },
		.kbps = meter->kbps,
		.bands = { meter->bands[0] },
	};
	spin_unlock_bh(&meter->lock);
}

void ovs_meter_features(struct datapath *dp,
			struct ovsnl_meter_features *features)
{
	features->max_meters = dp->meters.max;
	features->max_bands = OVSNL_METER_BANDS;
}

int ovs_meter_set(struct datapath *dp, const struct ovsnl_meter_args *args,
		  struct ovsnl_meter_info *old)
{
	struct ovs_meter *meter, *previous;
	int err;

	lockdep_assert_ovs_held();
	*old = (struct ovsnl_meter_info){};
	previous = meter_find(dp, args->id);
	if (!previous &&
	    atomic_read(&dp->meters.table.nelems) >= dp->meters.max)
		return -EFBIG;
	meter = meter_alloc(args);
	if (!meter)
		return -ENOMEM;
	if (previous)
		err = rhashtable_replace_fast(&dp->meters.table,
					      &previous->node, &meter->node,
					      params);
	else
		err = rhashtable_insert_fast(&dp->meters.table, &meter->node,
					     params);
	if (err) {
		kfree(meter);
		return err;
	}
	if (previous) {
		meter_info(previous, old);
		kfree_rcu(previous, rcu);
	}
	return 0;
}

void ovs_meter_get(struct datapath *dp, __u32 id, struct ovsnl_meter_info *info)
{
	struct ovs_meter *meter;

	*info = (struct ovsnl_meter_info){};
	rcu_read_lock();
	meter = rhashtable_lookup(&dp->meters.table, &id, params);
	if (meter)
		meter_info(meter, info);
	rcu_read_unlock();
}

void ovs_meter_del(struct datapath *dp, __u32 id, struct ovsnl_meter_info *old)
{
	struct ovs_meter *meter;

	lockdep_assert_ovs_held();
	*old = (struct ovsnl_meter_info){};
	meter = meter_find(dp, id);
	if (!meter)
		return;
	rhashtable_remove_fast(&dp->meters.table, &meter->node, params);
	meter_info(meter, old);
	kfree_rcu(meter, rcu);
}

/* Life cycle */

int ovs_meters_init(struct ovs_meters *meters)
{
	unsigned long bytes =
		nr_free_buffer_pages() * (PAGE_SIZE / MEMORY_SHARE);

	meters->max = clamp_t(unsigned long, bytes / sizeof(struct ovs_meter),
			      1, METERS_MAX);
	return rhashtable_init(&meters->table, &params);
}

static void free_one(void *meter, void *arg)
{
	kfree(meter);
}

void ovs_meters_destroy(struct ovs_meters *meters)
{
	rhashtable_free_and_destroy(&meters->table, free_one, NULL);
}
