// SPDX-License-Identifier: BSD-3-Clause
/* Names of the reasons for which packets are dropped. */
#include "drop.h"

#define TWIN_DROP_NAME(id, name) [TWIN_DROP_##id] = name,

const char *twin_drop_name(enum twin_drop reason)
{
	static const char *const names[] = { OVSNL_DROP_REASONS(
		TWIN_DROP_NAME) };

	return names[reason];
}
