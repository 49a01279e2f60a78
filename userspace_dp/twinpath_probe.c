// SPDX-License-Identifier: BSD-3-Clause
/*
 * twinpath probe.
 *
 * Overview
 *
 *	Asks for a probe, then for its outcome until all workers have forwarded
 *	it or time is up. A daemon that does not answer at all is met by a timer,
 *	since the transport waits for its daemon without limit.
 */
#include "twinpath_probe.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define STEP_NS (2 * 1000 * 1000)
#define MAX_WAITING 64

/** struct outcome - the daemon's last answer. */
struct outcome {
	uint64_t number;
	unsigned int n;
	uint32_t waiting[MAX_WAITING];
};

static void take(const struct nlattr *const *tb, void *arg)
{
	const struct nlattr *count = tb[TWIN_CTL_ATTR_COUNT];
	const struct nlattr *waiting = tb[TWIN_CTL_ATTR_WAITING];
	struct outcome *o = arg;
	size_t len;

	if (!count || !waiting)
		return;
	len = ovsnl_attr_len(waiting);
	if (len > sizeof(o->waiting))
		len = sizeof(o->waiting);
	o->number = ovsnl_attr_u64(count);
	o->n = len / sizeof(o->waiting[0]);
	memcpy(o->waiting, ovsnl_attr_data(waiting), len);
}

static void hangs(int signal)
{
	static const char words[] = "twinpath: the daemon does not answer\n";

	(void)signal;
	if (write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
		_exit(TWINPATH_REFUSED);
	_exit(TWINPATH_NO_DAEMON);
}

static void set_timer(double seconds)
{
	struct itimerval timer = {
		.it_value.tv_sec = (time_t)seconds,
		.it_value.tv_usec =
			(suseconds_t)((seconds - (time_t)seconds) * 1e6),
	};

	signal(SIGALRM, hangs);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int tell(const struct outcome *o, double seconds)
{
	unsigned int i;

	for (i = 0; i < o->n; i++)
		fprintf(stderr,
			"twinpath: worker %u has not forwarded the probe "
			"within %g s\n",
			o->waiting[i], seconds);
	return o->n ? TWINPATH_REFUSED : TWINPATH_OK;
}

int twinpath_probe(const char *socket, double seconds)
{
	const struct timespec step = { .tv_nsec = STEP_NS };
	struct twinpath_request request = { .cmd = TWIN_CTL_PROBE };
	double end = now() + seconds;
	struct twinpath_client *client;
	struct outcome o = { 0 };
	int status;

	/* A little more, for what the workers' own time takes. */
	set_timer(seconds + 1);
	client = twinpath_client_open(socket);
	if (!client)
		return TWINPATH_NO_DAEMON;
	status = twinpath_client_ask(client, &request, take, &o);
	while (!status && o.n && now() < end) {
		nanosleep(&step, NULL);
		request.count = o.number;
		status = twinpath_client_ask(client, &request, take, &o);
	}
	twinpath_client_close(client);
	return status ? status : tell(&o, seconds);
}
