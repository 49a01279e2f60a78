// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the reading commands show.
 *
 * Overview
 *
 *	The daemon's answers become one JSON value; text is printed from that,
 *	so that both forms always say the same.
 */
#include "twinpath_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static void set_string(json_t *to, const char *key, const struct nlattr *a)
{
	if (a)
		json_object_set_new(to, key, json_string(ovsnl_attr_data(a)));
}

static void set_u32(json_t *to, const char *key, const struct nlattr *a)
{
	if (a)
		json_object_set_new(to, key, number(ovsnl_attr_u32(a)));
}

static void set_u64(json_t *to, const char *key, const struct nlattr *a)
{
	if (a)
		json_object_set_new(to, key, number(ovsnl_attr_u64(a)));
}

static void set_bool(json_t *to, const char *key, const struct nlattr *a)
{
	if (a)
		json_object_set_new(
			to, key,
			json_boolean(*(const __u8 *)ovsnl_attr_data(a)));
}

static void set_mac(json_t *to, const struct nlattr *a)
{
	const __u8 *m;
	char text[18];

	if (!a)
		return;
	m = ovsnl_attr_data(a);
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", m[0],
		 m[1], m[2], m[3], m[4], m[5]);
	json_object_set_new(to, "mac", json_string(text));
}

/* An attribute that is an array of 64-bit counters, by name. */
static void set_counters(json_t *to, const struct nlattr *a,
			 const char *const *names)
{
	__u64 value;
	int i;

	if (!a)
		return;
	for (i = 0; names[i]; i++) {
		if (ovsnl_attr_len(a) < (i + 1) * (int)sizeof(value))
			return;
		memcpy(&value,
		       (const char *)ovsnl_attr_data(a) + i * sizeof(value),
		       sizeof(value));
		json_object_set_new(to, names[i], number(value));
	}
}

static json_t *drops_of(const struct nlattr *a)
{
	const struct nlattr *tb[TWIN_CTL_ATTR_END], *nest;
	json_t *drops = json_object();
	int rem;

	if (!a)
		return drops;
	ovsnl_attr_for_each_nested(nest, a, rem) {
		ovsnl_attr_parse(tb, TWIN_CTL_ATTR_END - 1,
				 ovsnl_attr_data(nest), ovsnl_attr_len(nest),
				 NULL, NULL);
		if (tb[TWIN_CTL_ATTR_NAME])
			set_u64(drops, ovsnl_attr_data(tb[TWIN_CTL_ATTR_NAME]),
				tb[TWIN_CTL_ATTR_COUNT]);
	}
	return drops;
}

/* Gathering */

static void add_port(const struct nlattr *const *tb, void *arg)
{
	static const char *const counters[] = { "rx_packets", "tx_packets",
						"rx_bytes",   "tx_bytes",
						"rx_errors",  "tx_errors",
						"rx_dropped", "tx_dropped",
						NULL };
	static const char *const upcalls[] = { "upcalls", "upcalls_lost",
					       "upcalls_waiting", NULL };
	json_t *port = json_object();

	set_string(port, "name", tb[TWIN_CTL_ATTR_NAME]);
	set_string(port, "kind", tb[TWIN_CTL_ATTR_KIND]);
	set_string(port, "devargs", tb[TWIN_CTL_ATTR_DEVARGS]);
	set_string(port, "datapath", tb[TWIN_CTL_ATTR_DATAPATH]);
	set_u32(port, "port_no", tb[TWIN_CTL_ATTR_PORT_NO]);
	set_u32(port, "ifindex", tb[TWIN_CTL_ATTR_IFINDEX]);
	set_u32(port, "mtu", tb[TWIN_CTL_ATTR_MTU]);
	set_mac(port, tb[TWIN_CTL_ATTR_MAC]);
	set_bool(port, "up", tb[TWIN_CTL_ATTR_UP]);
	set_u32(port, "rx_queues", tb[TWIN_CTL_ATTR_RX_QUEUES]);
	set_bool(port, "made_by_datapath", tb[TWIN_CTL_ATTR_HIDDEN]);
	set_counters(port, tb[TWIN_CTL_ATTR_STATS], counters);
	set_counters(port, tb[TWIN_CTL_ATTR_UPCALLS], upcalls);
	json_array_append_new(arg, port);
}

static uint64_t get(const json_t *from, const char *key)
{
	return json_integer_value(json_object_get(from, key));
}

static void add_context(const struct nlattr *const *tb, void *arg)
{
	static const char *const counters[] = { "polls",       "busy_polls",
						"packets",     "busy_cycles",
						"idle_cycles", NULL };
	json_t *stats = arg, *ctx = json_object();
	bool is_worker = tb[TWIN_CTL_ATTR_CPU];
	uint64_t packets;

	if (is_worker) {
		set_u32(ctx, "worker", tb[TWIN_CTL_ATTR_CONTEXT]);
		set_u32(ctx, "cpu", tb[TWIN_CTL_ATTR_CPU]);
		set_counters(ctx, tb[TWIN_CTL_ATTR_WORK], counters);
		packets = get(ctx, "packets");
		json_object_set_new(
			ctx, "cycles_per_packet",
			packets ? json_real((double)get(ctx, "busy_cycles") /
					    packets)
				: json_null());
	}
	json_object_set_new(ctx, "drops", drops_of(tb[TWIN_CTL_ATTR_DROPS]));
	if (is_worker)
		json_array_append_new(json_object_get(stats, "workers"), ctx);
	else
		json_object_set_new(stats, "control", ctx);
}

static void set_daemon(const struct nlattr *const *tb, void *arg)
{
	static const char *const clients[] = { "connections", "accepted",
					       "refused",     "requests",
					       "lost",	      NULL };
	static const char *const mbufs[] = { "mbufs", "large_mbufs", NULL };
	json_t *stats = arg, *daemon = json_object(), *upcall = json_object();

	set_u32(daemon, "pid", tb[TWIN_CTL_ATTR_PID]);
	set_string(daemon, "version", tb[TWIN_CTL_ATTR_RELEASE]);
	set_u64(daemon, "tsc_hz", tb[TWIN_CTL_ATTR_TSC_HZ]);
	set_counters(daemon, tb[TWIN_CTL_ATTR_CLIENTS], clients);
	set_counters(daemon, tb[TWIN_CTL_ATTR_MBUFS], mbufs);
	json_object_set_new(stats, "daemon", daemon);
	json_object_set_new(upcall, "drops", drops_of(tb[TWIN_CTL_ATTR_DROPS]));
	json_object_set_new(stats, "upcall", upcall);
}

static int gather_ports(struct twinpath_client *client, json_t *ports)
{
	const struct twinpath_request request = { .cmd = TWIN_CTL_PORT_GET,
						  .dump = true };

	return twinpath_client_ask(client, &request, add_port, ports);
}

static void add_drops(json_t *sum, const json_t *drops)
{
	const char *reason;
	json_t *count;

	json_object_foreach((json_t *)drops, reason, count) json_object_set_new(
		sum, reason,
		number(get(sum, reason) + json_integer_value(count)));
}

static void sum_drops(json_t *stats)
{
	json_t *sum = json_object(), *worker;
	size_t i;

	json_array_foreach(json_object_get(stats, "workers"), i, worker)
		add_drops(sum, json_object_get(worker, "drops"));
	add_drops(sum,
		  json_object_get(json_object_get(stats, "control"), "drops"));
	add_drops(sum,
		  json_object_get(json_object_get(stats, "upcall"), "drops"));
	json_object_set_new(stats, "drops", sum);
}

static int gather_stats(struct twinpath_client *client, json_t *stats)
{
	const struct twinpath_request daemon = { .cmd = TWIN_CTL_DAEMON_GET };
	const struct twinpath_request contexts = { .cmd = TWIN_CTL_CONTEXT_GET,
						   .dump = true };
	int status;

	json_object_set_new(stats, "workers", json_array());
	json_object_set_new(stats, "ports", json_array());
	status = twinpath_client_ask(client, &daemon, set_daemon, stats);
	if (!status)
		status = twinpath_client_ask(client, &contexts, add_context,
					     stats);
	if (!status)
		status = gather_ports(client, json_object_get(stats, "ports"));
	sum_drops(stats);
	return status;
}

/* Printing */

static const char *text(const json_t *from, const char *key)
{
	const char *s = json_string_value(json_object_get(from, key));

	return s && s[0] ? s : "-";
}

static void print_optional(const json_t *from, const char *key, int width)
{
	if (json_object_get(from, key))
		printf(" %*" PRIu64, width, get(from, key));
	else
		printf(" %*s", width, "-");
}

static void print_ports(const json_t *ports)
{
	json_t *port;
	size_t i;

	if (!json_array_size(ports)) {
		puts("no ports");
		return;
	}
	printf("%-15s %-8s %-15s %5s %7s %5s %-4s %s\n", "NAME", "KIND",
	       "DATAPATH", "PORT", "IFINDEX", "MTU", "LINK", "DEVARGS");
	json_array_foreach(ports, i, port)
	{
		printf("%-15s %-8s %-15s", text(port, "name"),
		       text(port, "kind"), text(port, "datapath"));
		print_optional(port, "port_no", 5);
		print_optional(port, "ifindex", 7);
		print_optional(port, "mtu", 5);
		printf(" %-4s %s\n",
		       json_is_true(json_object_get(port, "up")) ? "up"
								 : "down",
		       text(port, "devargs"));
	}
}

static void print_worker(const json_t *w)
{
	uint64_t busy = get(w, "busy_cycles"), idle = get(w, "idle_cycles");

	printf("worker %" PRIu64 " on CPU %" PRIu64 ": %" PRIu64
	       " packets, %.1f%% busy",
	       get(w, "worker"), get(w, "cpu"), get(w, "packets"),
	       busy + idle ? 100.0 * busy / (busy + idle) : 0.0);
	if (get(w, "packets"))
		printf(", %.1f cycles/packet",
		       json_real_value(
			       json_object_get(w, "cycles_per_packet")));
	printf("\n  polls: %" PRIu64 ", with packets: %" PRIu64 "\n",
	       get(w, "polls"), get(w, "busy_polls"));
}

static void print_port_stats(const json_t *p)
{
	static const char *const way[] = { "rx", "tx" };
	char key[16];
	int i;

	printf("port %s:\n", text(p, "name"));
	for (i = 0; i < 2; i++) {
		printf("  %s:", way[i]);
		snprintf(key, sizeof(key), "%s_packets", way[i]);
		printf(" packets %" PRIu64, get(p, key));
		snprintf(key, sizeof(key), "%s_bytes", way[i]);
		printf(", bytes %" PRIu64, get(p, key));
		snprintf(key, sizeof(key), "%s_errors", way[i]);
		printf(", errors %" PRIu64, get(p, key));
		snprintf(key, sizeof(key), "%s_dropped", way[i]);
		printf(", dropped %" PRIu64 "\n", get(p, key));
	}
	if (json_object_get(p, "upcalls"))
		printf("  upcalls: delivered %" PRIu64 ", lost %" PRIu64 "\n",
		       get(p, "upcalls"), get(p, "upcalls_lost"));
}

static void print_drops(json_t *drops)
{
	const char *reason;
	bool none = true;
	json_t *count;

	printf("drops:");
	json_object_foreach(drops, reason, count)
	{
		if (!json_integer_value(count))
			continue;
		printf("\n  %s: %" PRIu64, reason,
		       (uint64_t)json_integer_value(count));
		none = false;
	}
	puts(none ? " none" : "");
}

static void print_stats(const json_t *stats)
{
	const json_t *daemon = json_object_get(stats, "daemon");
	json_t *item;
	size_t i;

	printf("twinpathd %s, process %" PRIu64 ": %" PRIu64
	       " connections, %" PRIu64 " requests\n",
	       text(daemon, "version"), get(daemon, "pid"),
	       get(daemon, "connections"), get(daemon, "requests"));
	json_array_foreach(json_object_get(stats, "workers"), i, item)
		print_worker(item);
	json_array_foreach(json_object_get(stats, "ports"), i, item)
		print_port_stats(item);
	print_drops(json_object_get(stats, "drops"));
}

int twinpath_show(json_t *value, int status, bool json,
		  void (*print)(const json_t *value))
{
	if (!status && json) {
		json_dumpf(value, stdout,
			   JSON_INDENT(2) | JSON_REAL_PRECISION(6));
		putchar('\n');
	} else if (!status) {
		print(value);
	}
	json_decref(value);
	return status;
}

int twinpath_show_ports(struct twinpath_client *client, bool json)
{
	json_t *ports = json_array();

	return twinpath_show(ports, gather_ports(client, ports), json,
			     print_ports);
}

int twinpath_show_stats(struct twinpath_client *client, bool json)
{
	json_t *stats = json_object();

	return twinpath_show(stats, gather_stats(client, stats), json,
			     print_stats);
}
