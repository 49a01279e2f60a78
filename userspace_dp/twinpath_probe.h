/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWINPATH_PROBE_H
#define TWINPATH_PROBE_H

#include "twinpath_client.h"

/** twinpath_probe() - does each worker of the daemon forward?
 * @socket: the daemon's, NULL for the default
 * @seconds: how long the whole may take
 * Says on stderr which worker did not. Return: an exit status, TWINPATH_REFUSED
 * when a worker did not; when the daemon itself hangs the process ends with
 * TWINPATH_NO_DAEMON.
 */
int twinpath_probe(const char *socket, double seconds);

#endif
