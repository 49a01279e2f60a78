/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_RXQ_H
#define TWIN_RXQ_H

#include "ctl_wire.h"
#include "port.h"

/* Which worker polls which receive queue: measured loads, wishes of the user,
 * and plans. Control thread.
 */

/** struct twin_rxq_moves - a plan.
 * @n: queues that it moves
 * @improvement: percent by which it lowers the variance of workers' loads
 * @v: malloc'ed by twin_rxq_propose(), to be freed by the caller
 */
struct twin_rxq_moves {
	unsigned int n;
	unsigned int improvement;
	struct twin_ctl_move *v;
};

/** twin_rxq_propose() - plan with the loads of late. Return: 0 or -ENOMEM. */
int twin_rxq_propose(struct twin_rxq_moves *moves);

/** twin_rxq_carry_out() - move queues as just proposed. Return: 0 or -ENOMEM
 * when not all could be.
 */
int twin_rxq_carry_out(const struct twin_rxq_moves *moves);

/** twin_rxq_pin() - let @worker poll a queue, and nobody else; or, with -1,
 * whoever has least to do. Takes effect at once, or when the port is attached.
 * Return: 0 or -ENOMEM.
 */
int twin_rxq_pin(struct twin_port *port, uint16_t queue, int worker);

/** twin_rxq_balance() - the settings of automatic rebalancing, to be read, and
 * written by twin_rxq_set_balance().
 */
const struct twin_ctl_balance *twin_rxq_balance(void);

/** twin_rxq_set_balance() - Return: 0 or -EINVAL, with nothing changed. */
int twin_rxq_set_balance(const struct twin_ctl_balance *balance);

/** twin_rxq_hook() - loop hook: measure, once a second, and rebalance. */
int twin_rxq_hook(void);

#endif
