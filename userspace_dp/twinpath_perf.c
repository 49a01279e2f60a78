// SPDX-License-Identifier: BSD-3-Clause
/*
 * What workers did: packets, cycles, and how long their poll rounds were.
 *
 * Overview
 *
 *	Both commands ask for the same and show different parts of it. The
 *	JSON form has all of it.
 */
#include "twinpath_perf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/** struct answers - what the daemon said. */
struct answers {
	json_t *workers;
	double tsc_hz;
};

/* Gathering */

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* The histograms, with the shortest class first. */
static json_t *array(const __u64 *v)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < TWIN_CTL_CLASSES; i++)
		json_array_append_new(list, number(v[i]));
	return list;
}

static void set_counters(json_t *to, const struct twin_ctl_perf *p)
{
	const struct {
		const char *name;
		uint64_t value;
	} counters[] = {
		{ "cycles", p->cycles },
		{ "busy_cycles", p->busy_cycles },
		{ "idle_cycles", p->idle_cycles },
		{ "miss_cycles", p->miss_cycles },
		{ "sleep_cycles", p->sleep_cycles },
		{ "sleeps", p->sleeps },
		{ "rx_packets", p->rx_packets },
		{ "rx_bursts", p->rx_bursts },
		{ "tx_packets", p->tx_packets },
		{ "tx_bursts", p->tx_bursts },
		{ "hits", p->hits },
		{ "cache_hits", p->cache_hits },
		{ "masks_probed", p->masks_probed },
		{ "misses", p->misses },
		{ "lost", p->lost },
		{ "longest_ns", p->longest_ns },
		{ "longest_own_ns", p->longest_own_ns },
		{ "longest_idle_ns", p->longest_idle_ns },
	};
	size_t i;

	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		json_object_set_new(to, counters[i].name,
				    number(counters[i].value));
}

static void add_worker(const struct nlattr *const *tb, void *arg)
{
	struct answers *answers = arg;
	struct twin_ctl_perf perf;
	json_t *worker;

	if (!tb[TWIN_CTL_ATTR_PERF] || !tb[TWIN_CTL_ATTR_CPU] ||
	    ovsnl_attr_len(tb[TWIN_CTL_ATTR_PERF]) < (int)sizeof(perf))
		return;
	memcpy(&perf, ovsnl_attr_data(tb[TWIN_CTL_ATTR_PERF]), sizeof(perf));
	worker = json_object();
	json_object_set_new(worker, "worker",
			    number(ovsnl_attr_u32(tb[TWIN_CTL_ATTR_CONTEXT])));
	json_object_set_new(worker, "cpu",
			    number(ovsnl_attr_u32(tb[TWIN_CTL_ATTR_CPU])));
	json_object_set_new(worker, "tsc_hz", json_real(answers->tsc_hz));
	set_counters(worker, &perf);
	json_object_set_new(worker, "idle_rounds", array(perf.idle));
	json_object_set_new(worker, "busy_rounds", array(perf.busy));
	json_object_set_new(worker, "own_idle_rounds", array(perf.own_idle));
	json_object_set_new(worker, "own_busy_rounds", array(perf.own_busy));
	json_array_append_new(answers->workers, worker);
}

static void take_daemon(const struct nlattr *const *tb, void *arg)
{
	struct answers *answers = arg;

	if (tb[TWIN_CTL_ATTR_TSC_HZ])
		answers->tsc_hz = ovsnl_attr_u64(tb[TWIN_CTL_ATTR_TSC_HZ]);
}

static int gather(struct twinpath_client *client, struct answers *answers)
{
	const struct twinpath_request daemon = { .cmd = TWIN_CTL_DAEMON_GET };
	const struct twinpath_request contexts = { .cmd = TWIN_CTL_CONTEXT_GET,
						   .dump = true };
	int status;

	status = twinpath_client_ask(client, &daemon, take_daemon, answers);
	if (!status)
		status = twinpath_client_ask(client, &contexts, add_worker,
					     answers);
	return status;
}

/* Printing */

static uint64_t get(const json_t *w, const char *key)
{
	return json_integer_value(json_object_get(w, key));
}

static double ratio(uint64_t a, uint64_t b)
{
	return b ? (double)a / b : 0;
}

static double percent(uint64_t a, uint64_t b)
{
	return 100 * ratio(a, b);
}

static uint64_t rounds(const json_t *w, const char *kind)
{
	json_t *item;
	uint64_t sum = 0;
	size_t i;

	json_array_foreach(json_object_get(w, kind), i, item)
		sum += json_integer_value(item);
	return sum;
}

static void print_head(const json_t *w)
{
	printf("worker %" PRIu64 " on CPU %" PRIu64 ":\n", get(w, "worker"),
	       get(w, "cpu"));
}

static void print_packets(const json_t *w)
{
	uint64_t hits = get(w, "hits"), cached = get(w, "cache_hits");
	uint64_t misses = get(w, "misses"), packets = get(w, "rx_packets");
	uint64_t masked = hits > cached ? hits - cached : 0;
	uint64_t looked = hits + misses;

	printf("  packets received: %" PRIu64 "\n", packets);
	printf("  packets a receive burst: %.2f\n",
	       ratio(packets, get(w, "rx_bursts")));
	printf("  look-ups a packet: %.2f\n", ratio(looked, packets));
	printf("  cache hits: %" PRIu64 " (%.1f%%)\n", cached,
	       percent(cached, looked));
	printf("  megaflow hits: %" PRIu64 " (%.1f%%)\n", masked,
	       percent(masked, looked));
	printf("  masks looked up a megaflow hit or miss: %.2f\n",
	       ratio(get(w, "masks_probed"), masked + misses));
	printf("  misses: %" PRIu64 " (%.1f%%)\n", misses,
	       percent(misses, looked));
	printf("  lost upcalls: %" PRIu64 "\n", get(w, "lost"));
	printf("  packets sent: %" PRIu64 "\n", get(w, "tx_packets"));
	printf("  packets a transmit burst: %.2f\n",
	       ratio(get(w, "tx_packets"), get(w, "tx_bursts")));
}

static void print_cycles(const json_t *w)
{
	uint64_t busy = get(w, "busy_cycles"), idle = get(w, "idle_cycles");
	uint64_t asleep = get(w, "sleep_cycles"), all = busy + idle + asleep;
	uint64_t packets = get(w, "rx_packets");

	printf("  idle cycles: %" PRIu64 " (%.2f%%)\n", idle,
	       percent(idle, all));
	printf("  processing cycles: %" PRIu64 " (%.2f%%)\n", busy,
	       percent(busy, all));
	printf("  cycles asleep: %" PRIu64 " (%.2f%%)\n", asleep,
	       percent(asleep, all));
	printf("  cycles a packet: %.2f\n", ratio(busy + idle, packets));
	printf("  processing cycles a packet: %.2f\n", ratio(busy, packets));
}

static void print_stats(const json_t *w)
{
	print_head(w);
	print_packets(w);
	print_cycles(w);
}

static uint64_t element(const json_t *w, const char *kind, size_t i)
{
	return json_integer_value(json_array_get(json_object_get(w, kind), i));
}

/** struct row - of the histogram. */
struct row {
	uint64_t idle, busy, own_idle, own_busy;
};

/* Short rounds had the processor all the time. */
static struct row row_of(const json_t *w, size_t i)
{
	struct row row = {
		.idle = element(w, "idle_rounds", i),
		.busy = element(w, "busy_rounds", i),
		.own_idle = element(w, "own_idle_rounds", i),
		.own_busy = element(w, "own_busy_rounds", i),
	};

	if (1ull << i <= TWIN_CTL_LONG_NS) {
		row.own_idle += row.idle;
		row.own_busy += row.busy;
	}
	return row;
}

static bool is_empty(const struct row *row)
{
	return !row->idle && !row->busy && !row->own_idle && !row->own_busy;
}

/* Without the lengths below and above which there are none. */
static void print_histogram(const json_t *w)
{
	size_t i, end = TWIN_CTL_CLASSES;
	bool begun = false;
	struct row row;

	printf("                       rounds             on processor\n");
	printf("  %13s %12s %12s %12s %12s\n", "shorter than", "no packets",
	       "packets", "no packets", "packets");
	while (end && (row = row_of(w, end - 1), is_empty(&row)))
		end--;
	for (i = 0; i < end; i++) {
		row = row_of(w, i);
		if (!begun && is_empty(&row))
			continue;
		begun = true;
		printf("  %10.3f us %12" PRIu64 " %12" PRIu64 " %12" PRIu64
		       " %12" PRIu64 "\n",
		       (1ull << i) / 1e3, row.idle, row.busy, row.own_idle,
		       row.own_busy);
	}
}

static void print_longest(const json_t *w)
{
	if (!get(w, "longest_ns")) {
		printf("  longest round: below %.1f us\n",
		       TWIN_CTL_LONG_NS / 1e3);
		return;
	}
	printf("  longest round: %.1f us; on processor: %.1f us; that without "
	       "packets: %.1f us\n",
	       get(w, "longest_ns") / 1e3, get(w, "longest_own_ns") / 1e3,
	       get(w, "longest_idle_ns") / 1e3);
}

static void print_rounds(const json_t *w)
{
	uint64_t idle = rounds(w, "idle_rounds"), n;
	uint64_t cycles = get(w, "cycles"), packets = get(w, "rx_packets");
	double hz = json_real_value(json_object_get(w, "tsc_hz"));
	double seconds = hz ? cycles / hz : 0;

	n = idle + rounds(w, "busy_rounds");
	print_head(w);
	printf("  rounds: %" PRIu64 " (%.3f us/round) in %.3f s\n", n,
	       n ? seconds * 1e6 / n : 0, seconds);
	printf("  - without packets: %" PRIu64 " (%.1f%% of cycles)\n", idle,
	       percent(get(w, "idle_cycles"), cycles));
	printf("  - with packets: %" PRIu64 " (%.1f%% of cycles)\n", n - idle,
	       percent(get(w, "busy_cycles"), cycles));
	printf("  sleeps: %" PRIu64 " (%.1f%% of cycles)\n", get(w, "sleeps"),
	       percent(get(w, "sleep_cycles"), cycles));
	printf("  rx packets: %" PRIu64 " (%.0f Kpps, %.0f cycles/packet)\n",
	       packets, seconds ? packets / seconds / 1e3 : 0,
	       ratio(get(w, "busy_cycles"), packets));
	printf("  tx packets: %" PRIu64 " (%.0f Kpps)\n", get(w, "tx_packets"),
	       seconds ? get(w, "tx_packets") / seconds / 1e3 : 0);
	printf("  misses: %" PRIu64 " (%.2f us/miss)\n", get(w, "misses"),
	       hz ? ratio(get(w, "miss_cycles"), get(w, "misses")) / hz * 1e6
		  : 0);
	print_histogram(w);
	print_longest(w);
}

static int show(struct twinpath_client *client, bool json,
		void (*print)(const json_t *worker))
{
	struct answers answers = { .workers = json_array() };
	int status = gather(client, &answers);
	json_t *worker;
	size_t i;

	if (!status && json) {
		json_dumpf(answers.workers, stdout,
			   JSON_INDENT(2) | JSON_REAL_PRECISION(12));
		putchar('\n');
	} else if (!status) {
		json_array_foreach(answers.workers, i, worker) print(worker);
	}
	json_decref(answers.workers);
	return status;
}

int twinpath_perf_stats(struct twinpath_client *client, bool json)
{
	return show(client, json, print_stats);
}

int twinpath_perf_rounds(struct twinpath_client *client, bool json)
{
	return show(client, json, print_rounds);
}
