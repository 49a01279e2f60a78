/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_PROBE_H
#define TWIN_PROBE_H

#include <stdbool.h>
#include <stdint.h>

/* Probes: a packet through each worker, to know that it still forwards.
 * Control thread, unless said otherwise.
 */

/** twin_probe_init() - make the ports and the datapath that probes go through.
 * Workers run. Return: 0 or -errno.
 */
int twin_probe_init(void);

/** twin_probe_fini() - remove them. Workers still run. */
void twin_probe_fini(void);

/** twin_probe_send() - give each worker a packet to forward.
 * Return: the probe's number, never 0.
 */
uint64_t twin_probe_send(void);

/** twin_probe_done() - has @worker forwarded the packet of probe @number, or
 * one of a later probe?
 */
bool twin_probe_done(unsigned int worker, uint64_t number);

/** twin_probe_all_done() - have all? */
bool twin_probe_all_done(uint64_t number);

/** twin_probe_wait() - send a probe and wait until all have.
 * Return: 0, or -ETIMEDOUT after @ms milliseconds, which the log tells.
 */
int twin_probe_wait(unsigned int ms);

/** twin_probe_packets() - probes' packets among those that @worker received. */
uint64_t twin_probe_packets(unsigned int worker);

/** twin_probe_watchdog() - loop hook: tell systemd that the daemon is alive,
 * as often as it wants to know, as long as probes are forwarded.
 */
int twin_probe_watchdog(void);

#endif
