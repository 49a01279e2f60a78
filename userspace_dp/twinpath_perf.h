/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWINPATH_PERF_H
#define TWINPATH_PERF_H

#include <stdbool.h>

#include "twinpath_client.h"

/* What workers did, in the terms of Open vSwitch's pmd-stats-show and
 * pmd-perf-show. Gathered as JSON, printed as that or as text. Both say on
 * stderr what goes wrong and return an exit status.
 */

/** twinpath_perf_stats() - `twinpath pmd-stats`: packets and cycles. */
int twinpath_perf_stats(struct twinpath_client *client, bool json);

/** twinpath_perf_rounds() - `twinpath pmd-perf`: poll rounds. */
int twinpath_perf_rounds(struct twinpath_client *client, bool json);

#endif
