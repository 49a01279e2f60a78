/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_CTL_H
#define TWIN_CTL_H

#include "genl.h"

/** twin_ctl_family - the daemon's side of ctl_wire.h. Control thread. */
extern const struct twin_genl_family twin_ctl_family;

#endif
