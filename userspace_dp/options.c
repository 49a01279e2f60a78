// SPDX-License-Identifier: BSD-3-Clause
/*
 * The daemon's command line.
 */
#define _GNU_SOURCE
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_version.h>

#include "ovsnl_transport.h"
#include "version.h"

/* Longer ones gain nothing. */
#define SLEEP_MAX_US 10000

static const char usage[] =
	"Usage: twinpathd [OPTION]...\n"
	"The Open vSwitch datapath as a DPDK process: answers the kernel\n"
	"datapath's netlink messages on a unix socket.\n"
	"\n"
	"  --socket PATH    socket to answer on [$TWINPATH_SOCKET or\n"
	"                   " OVSNL_TRANSPORT_PATH "]\n"
	"  --group GROUP    group whose members may make changes, by name or\n"
	"                   number, as root may [the daemon's own]\n"
	"  --workers LIST   CPUs that poll, such as 1 or 2-3,6 [the last one\n"
	"                   that the daemon may run on]\n"
	"  --idle-sleep US  let a worker without packets sleep, up to so many\n"
	"                   microseconds at a time (1 to 10000) and an eighth\n"
	"                   of the time that it has had none [never]\n"
	"  --no-huge        don't use huge pages\n"
	"  --shadow         show ports of `twinpath port add` to Linux by a "
	"TAP\n"
	"                   device of the same name, as ovs-vswitchd needs\n"
	"  --state PATH     keep there what datapaths, ports and flows there "
	"are,\n"
	"                   and begin with them: they survive the daemon,\n"
	"                   unless SIGINT ends it\n"
	"  --eal \"ARGS\"     more arguments for DPDK's environment layer\n"
	"  --detach         go to the background once the socket answers\n"
	"  --pidfile PATH   write the process id there\n"
	"  --version        print the version and exit\n"
	"  --help           print this and exit\n"
	"\n"
	"Logs go to stderr. See also twinpath(1).\n";

enum {
	OPT_SOCKET = 256,
	OPT_GROUP,
	OPT_WORKERS,
	OPT_IDLE_SLEEP,
	OPT_NO_HUGE,
	OPT_SHADOW,
	OPT_STATE,
	OPT_EAL,
	OPT_DETACH,
	OPT_PIDFILE,
	OPT_VERSION,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "group", required_argument, NULL, OPT_GROUP },
	{ "workers", required_argument, NULL, OPT_WORKERS },
	{ "idle-sleep", required_argument, NULL, OPT_IDLE_SLEEP },
	{ "no-huge", no_argument, NULL, OPT_NO_HUGE },
	{ "shadow", no_argument, NULL, OPT_SHADOW },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "eal", required_argument, NULL, OPT_EAL },
	{ "detach", no_argument, NULL, OPT_DETACH },
	{ "pidfile", required_argument, NULL, OPT_PIDFILE },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int refuse(const char *what, const char *arg, const char *why)
{
	fprintf(stderr, "twinpathd: %s '%s': %s\n", what, arg, why);
	return 2;
}

static int parse_group(const char *arg, gid_t *group)
{
	struct group *entry = getgrnam(arg);
	unsigned long n;
	char *end;

	if (entry) {
		*group = entry->gr_gid;
		return -1;
	}
	errno = 0;
	n = strtoul(arg, &end, 10);
	if (errno || end == arg || *end || n > UINT32_MAX - 1)
		return refuse("--group", arg, "no such group");
	*group = n;
	return -1;
}

static int parse_sleep(const char *arg, unsigned int *us)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (errno || end == arg || *end || arg[0] == '-' || n < 1 ||
	    n > SLEEP_MAX_US)
		return refuse("--idle-sleep", arg,
			      "not a number of microseconds (1 to 10000)");
	*us = n;
	return -1;
}

/* One number of a list; moves *@p behind it. */
static bool parse_cpu(const char **p, unsigned long *cpu)
{
	char *end;

	if (**p < '0' || **p > '9')
		return false;
	errno = 0;
	*cpu = strtoul(*p, &end, 10);
	*p = end;
	return !errno && *cpu < CPU_SETSIZE;
}

static bool parse_list(const char *p, cpu_set_t *set)
{
	unsigned long from, to;

	CPU_ZERO(set);
	for (;;) {
		if (!parse_cpu(&p, &from))
			return false;
		to = from;
		if (*p == '-') {
			p++;
			if (!parse_cpu(&p, &to) || to < from)
				return false;
		}
		for (; from <= to; from++)
			CPU_SET(from, set);
		if (!*p)
			return true;
		if (*p++ != ',')
			return false;
	}
}

static void last_cpu(const cpu_set_t *allowed, cpu_set_t *set)
{
	int cpu = CPU_SETSIZE - 1;

	while (!CPU_ISSET(cpu, allowed))
		cpu--;
	CPU_ZERO(set);
	CPU_SET(cpu, set);
}

static int choose_cpus(struct twin_options *opt, const char *list)
{
	cpu_set_t allowed, wanted;
	int cpu;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		return refuse("CPUs", "?", strerror(errno));
	if (!list)
		last_cpu(&allowed, &wanted);
	else if (!parse_list(list, &wanted))
		return refuse("--workers", list,
			      "not a list of CPUs like 2-3,6");
	opt->others = allowed;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &wanted))
			continue;
		if (!CPU_ISSET(cpu, &allowed))
			return refuse("--workers", list,
				      "includes a CPU that the daemon may not "
				      "run on");
		if (opt->n_workers == RTE_DIM(opt->workers))
			return refuse("--workers", list, "too many CPUs");
		opt->workers[opt->n_workers++] = cpu;
		CPU_CLR(cpu, &opt->others);
	}
	if (!CPU_COUNT(&opt->others))
		opt->others = allowed;
	return -1;
}

/* The daemon changes to the root directory: paths must not depend on it. */
static int make_absolute(const char *what, const char *path, char **result)
{
	char *cwd;

	if (!path[0])
		return refuse(what, path, "empty path");
	if (path[0] == '/') {
		*result = strdup(path);
		return -1;
	}
	cwd = getcwd(NULL, 0);
	if (!cwd || asprintf(result, "%s/%s", cwd, path) < 0)
		return refuse(what, path, strerror(errno));
	free(cwd);
	return -1;
}

static const char *default_socket(void)
{
	const char *path = getenv(OVSNL_TRANSPORT_ENV);

	return path && path[0] ? path : OVSNL_TRANSPORT_PATH;
}

int twin_options_parse(struct twin_options *opt, int argc, char **argv)
{
	const char *socket = default_socket(), *workers = NULL, *pidfile = NULL;
	const char *state = NULL;
	int c, status = -1;

	*opt = (struct twin_options){ .group = getgid() };
	while (status < 0 &&
	       (c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case OPT_SOCKET:
			socket = optarg;
			break;
		case OPT_GROUP:
			status = parse_group(optarg, &opt->group);
			break;
		case OPT_WORKERS:
			workers = optarg;
			break;
		case OPT_IDLE_SLEEP:
			status = parse_sleep(optarg, &opt->idle_sleep);
			break;
		case OPT_NO_HUGE:
			opt->no_huge = true;
			break;
		case OPT_SHADOW:
			opt->shadow = true;
			break;
		case OPT_STATE:
			state = optarg;
			break;
		case OPT_EAL:
			opt->eal = optarg;
			break;
		case OPT_DETACH:
			opt->detach = true;
			break;
		case OPT_PIDFILE:
			pidfile = optarg;
			break;
		case OPT_VERSION:
			printf("twinpathd %s (%s)\n", TWIN_VERSION,
			       rte_version());
			return 0;
		case OPT_HELP:
			fputs(usage, stdout);
			return 0;
		default:
			fputs("Try 'twinpathd --help'.\n", stderr);
			return 2;
		}
	}
	if (status < 0 && optind < argc)
		status = refuse("argument", argv[optind],
				"none is expected here");
	if (status < 0)
		status = make_absolute("--socket", socket, &opt->socket);
	if (status < 0 && pidfile)
		status = make_absolute("--pidfile", pidfile, &opt->pidfile);
	if (status < 0 && state)
		status = make_absolute("--state", state, &opt->state);
	return status < 0 ? choose_cpus(opt, workers) : status;
}

void twin_options_free(struct twin_options *opt)
{
	free(opt->socket);
	free(opt->pidfile);
	free(opt->state);
}
