/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWINPATH_RXQ_H
#define TWINPATH_RXQ_H

#include <stdbool.h>

#include "twinpath_client.h"

/* Receive queues and their workers. They say on stderr what goes wrong and
 * return an exit status.
 */

/** twinpath_rxq_show() - `twinpath rxq-show`. */
int twinpath_rxq_show(struct twinpath_client *client, bool json);

/** twinpath_rxq_plan() - `twinpath rxq-rebalance --dry-run`. */
int twinpath_rxq_plan(struct twinpath_client *client, bool json);

/** twinpath_rxq_rebalance() - `twinpath rxq-rebalance`. */
int twinpath_rxq_rebalance(struct twinpath_client *client, bool json);

#endif
