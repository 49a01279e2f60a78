// SPDX-License-Identifier: BSD-3-Clause
/*
 * libc's own versions of the functions that this library replaces.
 */
#define _GNU_SOURCE
#include "real.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

struct twin_real_table twin_real_table;

static void *lookup(const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	if (symbol)
		return symbol;
	fprintf(stderr, "libtwinpath-nl.so: the C library has no %s()\n", name);
	abort();
}

#define LOOKUP(ret, name, args) *(void **)&twin_real_table.name = lookup(#name);

void twin_real_init(void)
{
	TWIN_REAL_ALL(LOOKUP)
	__atomic_store_n(&twin_real_table.ready, true, __ATOMIC_RELEASE);
}
