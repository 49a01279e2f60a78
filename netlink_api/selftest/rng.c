// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Where the random numbers of a test start. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include "rng.h"

void rng_start(struct rng *r)
{
	const char *env = getenv("OVSNL_TEST_SEED");

	if (env)
		r->state = strtoull(env, NULL, 0);
	else if (getrandom(&r->state, sizeof(r->state), 0) < 0)
		abort();
	printf("# to repeat: OVSNL_TEST_SEED=%#llx\n",
	       (unsigned long long)r->state);
}
