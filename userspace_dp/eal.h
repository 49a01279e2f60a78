/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_EAL_H
#define TWIN_EAL_H

#include "options.h"

/** twin_eal_start() - bring DPDK up in a way that leaves nothing behind and
 * disturbs no other instance. The calling thread becomes its main thread and
 * runs on @opt->others. Says on the log what it does without, and what went
 * wrong. Return: 0 or -errno.
 */
int twin_eal_start(const struct twin_options *opt);

/** twin_eal_stop() - the reverse. */
void twin_eal_stop(void);

#endif
