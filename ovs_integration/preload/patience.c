// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for a daemon that is away.
 *
 * Overview
 *
 *	A daemon that is started again answers within a second. To a program
 *	such as ovs-vswitchd an error meanwhile means that its ports are gone;
 *	so calls that need the daemon can be made to wait for it instead.
 *	Receiving never waits here: "nothing there" is true.
 *
 * Life cycle
 *
 *	A struct on the stack of each call.
 *
 * Synchronisation
 *
 *	None needed.
 *
 * Lock order
 *
 *	Called without locks.
 */
#include "patience.h"

#include <errno.h>
#include <stdlib.h>

#include "client/transport.h"

#define STEP_NS (10 * 1000 * 1000)

static bool is_away(int err)
{
	switch (-err) {
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
	case EPROTO: /* it went away before it said HELLO */
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

static void begin(struct twin_patience *patience)
{
	unsigned int ms = ovsnl_transport_wait_ms();

	clock_gettime(CLOCK_MONOTONIC, &patience->until);
	patience->until.tv_sec += ms / 1000;
	patience->until.tv_nsec += ms % 1000 * 1000000l;
	if (patience->until.tv_nsec >= 1000000000) {
		patience->until.tv_sec++;
		patience->until.tv_nsec -= 1000000000;
	}
	patience->begun = true;
}

bool twin_patience_left(struct twin_patience *patience, int err)
{
	const struct timespec step = { .tv_nsec = STEP_NS };
	struct timespec now;
	int saved = errno;

	if (!is_away(err))
		return false;
	if (!patience->begun)
		begin(patience);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > patience->until.tv_sec ||
	    (now.tv_sec == patience->until.tv_sec &&
	     now.tv_nsec >= patience->until.tv_nsec))
		return false;
	nanosleep(&step, NULL);
	errno = saved;
	return true;
}
