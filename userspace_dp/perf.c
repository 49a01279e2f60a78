// SPDX-License-Identifier: BSD-3-Clause
/*
 * What workers did: their accounts, gathered for clients.
 *
 * Overview
 *	A worker counts rounds, bursts and cycles (work.h), and each datapath
 *	what became of the packets that a worker looked up in it. Counters are
 *	never reset: clearing notes where they stood.
 *
 * Life cycle
 *	What a datapath had counted is kept when the datapath goes.
 *
 * Synchronisation
 *	Control thread only; the workers' counters are read as they are.
 *
 * Lock order
 *	No locks.
 */
#include "perf.h"

#include <stddef.h>
#include <string.h>

#include <rte_cycles.h>

#include "probe.h"

/* The counters: all but the longest rounds, which come last. */
#define N_COUNTERS \
	(offsetof(struct twin_ctl_perf, longest_ns) / sizeof(uint64_t))

_Static_assert(TWIN_CTL_CLASSES == TWIN_WORK_CLASSES, "classes of lengths");
_Static_assert(TWIN_CTL_LONG_NS == 1ull << (TWIN_WORK_LONG - 1), "long rounds");

static struct twin_ctl_perf cleared[TWIN_MAX_CTX];
static struct twin_dp_stats gone[TWIN_MAX_CTX];

static uint64_t sum(const uint64_t *v, unsigned int n)
{
	uint64_t total = 0;

	while (n--)
		total += v[n];
	return total;
}

void twin_perf_work(unsigned int id, struct twin_ctl_work *to)
{
	const struct twin_work *work = &twin_ctx_get(id)->work;

	to->busy_polls = sum(work->busy, TWIN_WORK_CLASSES);
	to->polls = to->busy_polls + sum(work->idle, TWIN_WORK_CLASSES);
	to->packets = work->packets - twin_probe_packets(id);
	to->busy_cycles = work->busy_cycles;
	to->idle_cycles = work->idle_cycles;
}

static void add(struct twin_dp_stats *to, const struct twin_dp_stats *s)
{
	to->n_hit += s->n_hit;
	to->n_missed += s->n_missed;
	to->n_lost += s->n_lost;
	to->n_mask_hit += s->n_mask_hit;
	to->n_cache_hit += s->n_cache_hit;
}

static void get_lookups(unsigned int id, struct twin_ctl_perf *to)
{
	struct twin_dp_stats all = gone[id];
	struct datapath *dp = NULL;

	while ((dp = twin_datapath_next(dp)))
		add(&all, &dp->stats[id]);
	to->hits = all.n_hit;
	to->cache_hits = all.n_cache_hit;
	to->masks_probed = all.n_mask_hit;
	to->misses = all.n_missed;
	to->lost = all.n_lost;
}

/* Since the daemon began. */
static void get_all(unsigned int id, struct twin_ctl_perf *to)
{
	const struct twin_work *work = &twin_ctx_get(id)->work;
	uint64_t probes = twin_probe_packets(id);
	uint64_t longest, own, idle;

	memset(to, 0, sizeof(*to));
	to->cycles = rte_rdtsc();
	memcpy(to->idle, work->idle, sizeof(to->idle));
	memcpy(to->busy, work->busy, sizeof(to->busy));
	memcpy(to->own_idle, work->own_idle, sizeof(to->own_idle));
	memcpy(to->own_busy, work->own_busy, sizeof(to->own_busy));
	to->busy_cycles = work->busy_cycles;
	to->idle_cycles = work->idle_cycles;
	to->miss_cycles = work->miss_cycles;
	to->sleep_cycles = work->sleep_cycles;
	to->sleeps = work->sleeps;
	/* Each probe is a burst of its own, both ways. */
	to->rx_packets = work->packets - probes;
	to->rx_bursts = work->bursts - probes;
	to->tx_packets = work->tx_packets - probes;
	to->tx_bursts = work->tx_bursts - probes;
	get_lookups(id, to);
	twin_work_longest(work, &longest, &own, &idle);
	to->longest_ns = longest;
	to->longest_own_ns = own;
	to->longest_idle_ns = idle;
}

static void subtract(struct twin_ctl_perf *from, const struct twin_ctl_perf *p)
{
	__u64 *v = (__u64 *)from;
	const __u64 *less = (const __u64 *)p;
	size_t i;

	for (i = 0; i < N_COUNTERS; i++)
		v[i] -= less[i];
}

void twin_perf_get(unsigned int id, struct twin_ctl_perf *perf)
{
	get_all(id, perf);
	subtract(perf, &cleared[id]);
}

void twin_perf_clear(void)
{
	unsigned int i;

	for (i = 0; i < twin_worker_count(); i++) {
		twin_work_clear(&twin_ctx_get(i)->work);
		get_all(i, &cleared[i]);
	}
}

void twin_perf_keep(const struct datapath *dp)
{
	unsigned int i;

	for (i = 0; i < twin_ctx_count(); i++)
		add(&gone[i], &dp->stats[i]);
}
