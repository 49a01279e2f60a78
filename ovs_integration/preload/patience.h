/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting for a daemon that is away.
 */
#ifndef TWIN_PATIENCE_H
#define TWIN_PATIENCE_H

#include <stdbool.h>
#include <time.h>

/**
 * struct twin_patience - one call's wait
 * @until: its end
 * @begun: @until is set
 *
 * Zero at first.
 */
struct twin_patience {
	struct timespec until;
	bool begun;
};

/**
 * twin_patience_left() - wait a moment before trying once more
 * @patience: the call's
 * @err: -errno of the try: only that of a daemon that is away is worth another
 *
 * How long a call waits in all is $TWINPATH_WAIT_MS (0 when unset).
 *
 * Context: any thread. Sleeps.
 * Return: false when the call should fail with @err.
 */
bool twin_patience_left(struct twin_patience *patience, int err);

#endif
