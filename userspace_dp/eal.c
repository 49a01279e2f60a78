// SPDX-License-Identifier: BSD-3-Clause
/*
 * DPDK's environment layer.
 *
 * Overview
 *
 *	Arguments for rte_eal_init(): huge pages if there are any, no files,
 *	no multi-process, no telemetry, no device that was not asked for. Its
 *	one lcore is the control thread, which may run on several CPUs. The
 *	process's own affinity is narrowed first, because the layer's service
 *	threads take what it allows.
 *
 * Life cycle
 *
 *	Started once, before any other thread.
 */
#define _GNU_SOURCE
#include "eal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wordexp.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "log.h"

#define HUGE_DIR "/sys/kernel/mm/hugepages"
/* Memory without huge pages; mapped, not taken, until it is used. */
#define NO_HUGE_MB "1024"
#define ARGS_MAX 96

/** struct args - argv under construction. */
struct args {
	int n;
	char *v[ARGS_MAX + 1];
};

static char lcores[16 + 8 * CPU_SETSIZE];
static char prefix[32];

static void add(struct args *args, const char *arg)
{
	if (args->n < ARGS_MAX)
		args->v[args->n++] = (char *)arg;
	args->v[args->n] = NULL;
}

static long read_count(const char *dir, const char *file)
{
	char path[512];
	long n = 0;
	FILE *f;

	snprintf(path, sizeof(path), HUGE_DIR "/%s/%s", dir, file);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%ld", &n) != 1)
		n = 0;
	fclose(f);
	return n;
}

static bool have_huge_pages(void)
{
	struct dirent *entry;
	long n = 0;
	DIR *dir = opendir(HUGE_DIR);

	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, "hugepages-", 10))
			n += read_count(entry->d_name, "free_hugepages");
	closedir(dir);
	return n > 0;
}

/* "0@(0,2,3)": lcore 0 floats over these CPUs. */
static void format_lcores(const cpu_set_t *cpus)
{
	size_t len = snprintf(lcores, sizeof(lcores), "0@(");
	const char *comma = "";
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, cpus))
			continue;
		len += snprintf(lcores + len, sizeof(lcores) - len, "%s%d",
				comma, cpu);
		comma = ",";
	}
	snprintf(lcores + len, sizeof(lcores) - len, ")");
}

static bool mentions(const wordexp_t *words, const char *const *options)
{
	size_t i;

	for (; *options; options++)
		for (i = 0; i < words->we_wordc; i++)
			if (!strncmp(words->we_wordv[i], *options,
				     strlen(*options)))
				return true;
	return false;
}

static void build_args(struct args *args, const struct twin_options *opt,
		       const wordexp_t *more)
{
	static const char *const device_options[] = { "-a",	  "-b",
						      "--allow",  "--block",
						      "--no-pci", NULL };
	static const char *const memory_options[] = { "-m", "--socket-mem",
						      "--no-huge", NULL };
	size_t i;

	snprintf(prefix, sizeof(prefix), "twinpath-%d", getpid());
	format_lcores(&opt->others);
	add(args, "twinpathd");
	add(args, "--lcores");
	add(args, lcores);
	add(args, "--file-prefix");
	add(args, prefix);
	add(args, "--no-telemetry");
	add(args, "--log-level=error");
	/* No files, hence no secondary processes. The layer does not take both
	 * together.
	 */
	add(args, opt->no_huge ? "--no-shconf" : "--in-memory");
	if (opt->no_huge) {
		add(args, "--no-huge");
		if (!mentions(more, memory_options)) {
			add(args, "-m");
			add(args, NO_HUGE_MB);
		}
	}
	/* No device is there: none is taken unless a port is made of it. */
	if (!mentions(more, device_options)) {
		add(args, "-a");
		add(args, "0000:00:00.0");
	}
	for (i = 0; i < more->we_wordc; i++)
		add(args, more->we_wordv[i]);
}

static int init(const struct twin_options *opt, const wordexp_t *more)
{
	struct args args = { 0 };

	build_args(&args, opt, more);
	if (args.n == ARGS_MAX) {
		twin_log("--eal: too many arguments");
		return -E2BIG;
	}
	if (sched_setaffinity(0, sizeof(opt->others), &opt->others) < 0)
		return -errno;
	/* getopt() is used inside, after us. */
	optind = 1;
	if (rte_eal_init(args.n, args.v) >= 0) {
		/* Nothing is kept in there, but it is made in any case. */
		rmdir(rte_eal_get_runtime_dir());
		return 0;
	}
	twin_log("DPDK does not start: %s", rte_strerror(rte_errno));
	return -(rte_errno ? rte_errno : EINVAL);
}

int twin_eal_start(const struct twin_options *opt)
{
	struct twin_options chosen = *opt;
	wordexp_t more;
	int err;

	if (wordexp(opt->eal ? opt->eal : "", &more, WRDE_NOCMD)) {
		twin_log("--eal '%s': not a list of words", opt->eal);
		return -EINVAL;
	}
	if (!opt->no_huge && !have_huge_pages()) {
		twin_log("no free huge pages: running without, which costs "
			 "speed (sysctl vm.nr_hugepages=512 gives 1 GB)");
		chosen.no_huge = true;
	}
	err = init(&chosen, &more);
	wordfree(&more);
	return err;
}

void twin_eal_stop(void)
{
	rte_eal_cleanup();
}
