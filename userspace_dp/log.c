// SPDX-License-Identifier: BSD-3-Clause
/*
 * The daemon's log: lines on stderr.
 *
 * Synchronisation
 *
 *	A line is written with one call, so lines of several threads do not
 *	mix. The rate limit has its own lock, never held across a write.
 */
#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN 512
#define BURST 10
#define INTERVAL_S 5

static pthread_mutex_t limit_lock = PTHREAD_MUTEX_INITIALIZER;
static time_t window_start;
static unsigned int in_window, left_out;

static void write_line(const char *fmt, va_list args)
{
	char line[LINE_MAX_LEN];
	int n, len;

	len = snprintf(line, sizeof(line), "twinpathd: ");
	n = vsnprintf(line + len, sizeof(line) - len - 1, fmt, args);
	if (n < 0)
		return;
	len += n;
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}

void twin_log(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(fmt, args);
	va_end(args);
}

/* May one more line be written? *@missed: lines left out before it. */
static bool take_turn(unsigned int *missed)
{
	struct timespec now;
	bool ok;

	clock_gettime(CLOCK_MONOTONIC, &now);
	pthread_mutex_lock(&limit_lock);
	*missed = 0;
	if (!window_start || now.tv_sec - window_start >= INTERVAL_S) {
		window_start = now.tv_sec;
		in_window = 0;
		*missed = left_out;
		left_out = 0;
	}
	ok = in_window < BURST;
	if (ok)
		in_window++;
	else
		left_out++;
	pthread_mutex_unlock(&limit_lock);
	return ok;
}

void twin_log_limited(const char *fmt, ...)
{
	unsigned int missed;
	va_list args;

	if (!take_turn(&missed))
		return;
	if (missed)
		twin_log("%u lines left out", missed);
	va_start(args, fmt);
	write_line(fmt, args);
	va_end(args);
}
