// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which worker polls which receive queue, and what rebalancing would move.
 *
 * Overview
 *
 *	The daemon's answers become one JSON value; text is printed from that.
 */
#include "twinpath_rxq.h"

#include <stdio.h>
#include <string.h>

#include "twinpath_show.h"

/* Of the daemon's clock: the share of a worker's time needs it. */
static double tsc_hz;

static void take_daemon(const struct nlattr *const *tb, void *arg)
{
	(void)arg;
	if (tb[TWIN_CTL_ATTR_TSC_HZ])
		tsc_hz = ovsnl_attr_u64(tb[TWIN_CTL_ATTR_TSC_HZ]);
}

static void add_worker(const struct nlattr *const *tb, void *arg)
{
	json_t *worker;

	if (!tb[TWIN_CTL_ATTR_CPU] || !tb[TWIN_CTL_ATTR_ISOLATED])
		return;
	worker = json_pack(
		"{s:i, s:i, s:b, s:f}", "worker",
		(int)ovsnl_attr_u32(tb[TWIN_CTL_ATTR_CONTEXT]), "cpu",
		(int)ovsnl_attr_u32(tb[TWIN_CTL_ATTR_CPU]), "isolated",
		*(const __u8 *)ovsnl_attr_data(tb[TWIN_CTL_ATTR_ISOLATED]),
		"load_percent", 0.0);
	json_array_append_new(json_object_get(arg, "workers"), worker);
}

static json_t *worker_or_null(int worker)
{
	return worker < 0 ? json_null() : json_integer(worker);
}

static void add_queue(const struct nlattr *const *tb, void *arg)
{
	const struct nlattr *a = tb[TWIN_CTL_ATTR_RXQ];
	struct twin_ctl_rxq rxq;
	double percent;
	json_t *worker;

	if (!a || ovsnl_attr_len(a) < (int)sizeof(rxq))
		return;
	memcpy(&rxq, ovsnl_attr_data(a), sizeof(rxq));
	percent = tsc_hz > 0 ? 100 * rxq.load / tsc_hz : 0;
	json_array_append_new(
		json_object_get(arg, "queues"),
		json_pack("{s:s, s:i, s:o, s:o, s:I, s:f}", "port",
			  ovsnl_attr_data(tb[TWIN_CTL_ATTR_NAME]), "queue",
			  (int)ovsnl_attr_u32(tb[TWIN_CTL_ATTR_QUEUE]),
			  "worker", worker_or_null(rxq.worker), "pinned",
			  worker_or_null(rxq.pinned), "packets",
			  (json_int_t)rxq.packets, "load_percent", percent));
	worker = json_array_get(json_object_get(arg, "workers"), rxq.worker);
	if (rxq.worker < 0 || !worker)
		return;
	percent += json_real_value(json_object_get(worker, "load_percent"));
	json_object_set_new(worker, "load_percent", json_real(percent));
}

static json_int_t integer(const json_t *from, const char *key)
{
	return json_integer_value(json_object_get(from, key));
}

static void print_queue(const json_t *q)
{
	const json_t *worker = json_object_get(q, "worker");

	printf("  %s:%d", json_string_value(json_object_get(q, "port")),
	       (int)integer(q, "queue"));
	printf(" %.1f%%, packets: %lld",
	       json_real_value(json_object_get(q, "load_percent")),
	       (long long)integer(q, "packets"));
	puts(json_is_null(json_object_get(q, "pinned")) ? ""
	     : json_is_null(worker)			? ", pinned elsewhere"
							: ", pinned");
}

static void print_queues(const json_t *queues, int worker)
{
	const json_t *q, *of;
	size_t i;

	json_array_foreach(queues, i, q)
	{
		of = json_object_get(q, "worker");
		if (json_is_null(of) ? worker < 0
				     : json_integer_value(of) == worker)
			print_queue(q);
	}
}

static void print_all(const json_t *all)
{
	const json_t *queues = json_object_get(all, "queues"), *w;
	size_t i;

	json_array_foreach(json_object_get(all, "workers"), i, w)
	{
		printf("worker %d on CPU %d: %.1f%%%s\n",
		       (int)integer(w, "worker"), (int)integer(w, "cpu"),
		       json_real_value(json_object_get(w, "load_percent")),
		       json_is_true(json_object_get(w, "isolated"))
			       ? ", isolated"
			       : "");
		print_queues(queues, integer(w, "worker"));
	}
	puts("polled by nobody:");
	print_queues(queues, -1);
}

int twinpath_rxq_show(struct twinpath_client *client, bool json)
{
	const struct twinpath_request daemon = { .cmd = TWIN_CTL_DAEMON_GET };
	const struct twinpath_request workers = { .cmd = TWIN_CTL_CONTEXT_GET,
						  .dump = true };
	const struct twinpath_request queues = { .cmd = TWIN_CTL_RXQ_GET,
						 .dump = true };
	json_t *all = json_pack("{s:[], s:[]}", "workers", "queues");
	int status;

	status = twinpath_client_ask(client, &daemon, take_daemon, NULL);
	if (!status)
		status = twinpath_client_ask(client, &workers, add_worker, all);
	if (!status)
		status = twinpath_client_ask(client, &queues, add_queue, all);
	return twinpath_show(all, status, json, print_all);
}

/* Plans */

static void take_plan(const struct nlattr *const *tb, void *arg)
{
	const struct nlattr *a = tb[TWIN_CTL_ATTR_MOVES];
	json_t *moves = json_array();
	struct twin_ctl_balance b;
	struct twin_ctl_move m;
	int ofs;

	for (ofs = 0; a && ofs + (int)sizeof(m) <= ovsnl_attr_len(a);
	     ofs += sizeof(m)) {
		memcpy(&m, (const char *)ovsnl_attr_data(a) + ofs, sizeof(m));
		json_array_append_new(moves,
				      json_pack("{s:s, s:i, s:i, s:i}", "port",
						m.port, "queue", m.queue,
						"from", m.from, "to", m.to));
	}
	json_object_set_new(arg, "moves", moves);
	if (tb[TWIN_CTL_ATTR_COUNT])
		json_object_set_new(
			arg, "improvement_percent",
			json_integer(ovsnl_attr_u64(tb[TWIN_CTL_ATTR_COUNT])));
	a = tb[TWIN_CTL_ATTR_BALANCE];
	if (!a || ovsnl_attr_len(a) < (int)sizeof(b))
		return;
	memcpy(&b, ovsnl_attr_data(a), sizeof(b));
	json_object_set_new(arg, "auto",
			    json_pack("{s:b, s:i, s:i, s:i}", "on", b.on,
				      "load", b.load, "improvement",
				      b.improvement, "interval", b.interval));
}

static void print_plan(const json_t *plan)
{
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(plan, "moves"), i, m)
		printf("%s:%d from worker %d to %d\n",
		       json_string_value(json_object_get(m, "port")),
		       (int)integer(m, "queue"), (int)integer(m, "from"),
		       (int)integer(m, "to"));
	printf("%zu queues; variance of loads lowered by %d%%\n",
	       json_array_size(json_object_get(plan, "moves")),
	       (int)integer(plan, "improvement_percent"));
}

static int ask_plan(struct twinpath_client *client, uint8_t cmd, bool json)
{
	const struct twinpath_request request = { .cmd = cmd };
	json_t *plan = json_object();

	return twinpath_show(
		plan, twinpath_client_ask(client, &request, take_plan, plan),
		json, print_plan);
}

int twinpath_rxq_plan(struct twinpath_client *client, bool json)
{
	return ask_plan(client, TWIN_CTL_RXQ_PLAN, json);
}

int twinpath_rxq_rebalance(struct twinpath_client *client, bool json)
{
	return ask_plan(client, TWIN_CTL_RXQ_REBALANCE, json);
}
