/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_OPTIONS_H
#define TWIN_OPTIONS_H

#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

#include "worker.h"

/**
 * struct twin_options - the daemon's command line, checked.
 * @socket: path, absolute
 * @group: whose members may make changes
 * @workers, @n_workers: CPUs that poll, in ascending order
 * @idle_sleep: microseconds that an idle worker sleeps at most at a time
 * @others: the CPUs for all other threads; not empty
 * @no_huge: run without huge pages even if there are any
 * @shadow: ports that Linux has no device for get a shadow
 * @state: absolute path of the file that lets ports, flows and the like
 *         survive the daemon, or NULL
 * @eal: more arguments for DPDK, or NULL
 * @detach: run in the background
 * @pidfile: absolute path, or NULL
 */
struct twin_options {
	char *socket;
	char *state;
	gid_t group;
	int workers[TWIN_MAX_CTX - 1];
	unsigned int n_workers;
	unsigned int idle_sleep;
	cpu_set_t others;
	bool no_huge;
	bool shadow;
	const char *eal;
	bool detach;
	char *pidfile;
};

/**
 * twin_options_parse() - read the command line.
 * --help and --version are answered at once. Return: -1 to go on, else the
 * exit status, after a line on stderr that says what is wrong.
 */
int twin_options_parse(struct twin_options *opt, int argc, char **argv);

/** twin_options_free() - what the parser allocated. */
void twin_options_free(struct twin_options *opt);

#endif
