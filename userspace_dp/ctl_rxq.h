/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_CTL_RXQ_H
#define TWIN_CTL_RXQ_H

#include "genl.h"

/* Commands of ctl_wire.h that are about receive queues. Control thread. */

/** twin_ctl_rxq_dump() - TWIN_CTL_RXQ_GET. */
int twin_ctl_rxq_dump(struct twin_genl_request *req, struct ovsnl_cursor *cur,
		      struct ovsnl_writer *w);

/** twin_ctl_rxq_pin() - TWIN_CTL_RXQ_PIN. */
int twin_ctl_rxq_pin(struct twin_genl_request *req);

/** twin_ctl_rxq_isolate() - TWIN_CTL_RXQ_ISOLATE. */
int twin_ctl_rxq_isolate(struct twin_genl_request *req);

/** twin_ctl_rxq_balance() - TWIN_CTL_RXQ_BALANCE. */
int twin_ctl_rxq_balance(struct twin_genl_request *req);

/** twin_ctl_rxq_plan() - TWIN_CTL_RXQ_PLAN and TWIN_CTL_RXQ_REBALANCE. */
int twin_ctl_rxq_plan(struct twin_genl_request *req);

#endif
