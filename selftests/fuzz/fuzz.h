/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the fuzz targets share. */

/** LLVMFuzzerTestOneInput() - libFuzzer's entry point. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that must hold: libFuzzer keeps the input that breaks it. */
#define MUST(condition)                                                  \
	do {                                                             \
		if (!(condition)) {                                      \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
				__LINE__, #condition);                   \
			abort();                                         \
		}                                                        \
	} while (0)

/** struct fuzz_input - bytes that are still to be used. */
struct fuzz_input {
	const uint8_t *data;
	size_t size;
};

/** fuzz_take() - the next @len bytes; zeroes where there are none left. */
static inline void fuzz_take(struct fuzz_input *in, void *to, size_t len)
{
	size_t have = in->size < len ? in->size : len;

	memset(to, 0, len);
	if (have)
		memcpy(to, in->data, have);
	in->data += have;
	in->size -= have;
}

/** fuzz_copy() - a copy of @len bytes that ends where its memory ends. */
static inline void *fuzz_copy(const void *from, size_t len)
{
	void *p = malloc(len ? len : 1);

	MUST(p);
	if (len)
		memcpy(p, from, len);
	return p;
}

#endif
