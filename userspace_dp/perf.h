/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_PERF_H
#define TWIN_PERF_H

#include "ctl_wire.h"
#include "datapath.h"

/* What workers did, as it is told to clients. Control thread. */

/** twin_perf_work() - what context @id did since the daemon began. */
void twin_perf_work(unsigned int id, struct twin_ctl_work *work);

/** twin_perf_get() - what worker @id did since twin_perf_clear(). Counters that
 * it writes meanwhile may be a round apart.
 */
void twin_perf_get(unsigned int id, struct twin_ctl_perf *perf);

/** twin_perf_clear() - count from zero again, for all workers. */
void twin_perf_clear(void);

/** twin_perf_keep() - @dp is about to be freed, and no packet passes it any
 * more: what its packets met still counts.
 */
void twin_perf_keep(const struct datapath *dp);

#endif
