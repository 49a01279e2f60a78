/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_DROP_H
#define TWIN_DROP_H

#include "ovsnl_drop.h"

#define TWIN_DROP_ENUM(id, name) TWIN_DROP_##id,
enum twin_drop { OVSNL_DROP_REASONS(TWIN_DROP_ENUM) TWIN_DROP_COUNT };
#undef TWIN_DROP_ENUM

/** twin_drop_name() - as printed, a string constant. */
const char *twin_drop_name(enum twin_drop reason);

#endif
