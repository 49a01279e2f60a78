/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_RCU_H
#define TWIN_RCU_H

#include <stdint.h>

/* Quiescent-state reclamation on rte_rcu_qsbr: only rcu.c names it.
 * Readers are the workers (each under its context id) and the upcall thread
 * (under the id of the control context); the one writer is the
 * control thread.
 */

/** twin_rcu_init() - for @n_readers readers. Return: 0 or -ENOMEM. */
int twin_rcu_init(unsigned int n_readers);

/** twin_rcu_online() - the calling thread becomes reader @id. */
void twin_rcu_online(unsigned int id);

/** twin_rcu_offline() - reader @id will block and holds no pointers. */
void twin_rcu_offline(unsigned int id);

/** twin_rcu_quiescent() - reader @id holds no pointers right now. */
void twin_rcu_quiescent(unsigned int id);

/** twin_rcu_synchronize() - wait until every reader was quiescent once.
 * Control thread; takes about one poll round.
 */
void twin_rcu_synchronize(void);

/** twin_rcu_defer() - call @fn(@arg) on the control thread after a grace
 * period; never blocks, falls back to waiting when memory is short.
 */
void twin_rcu_defer(void (*fn)(void *arg), void *arg);

/** twin_rcu_poll() - run what is due; the control loop calls it. Returns the
 * number of callbacks still waiting.
 */
unsigned int twin_rcu_poll(void);

#endif
