/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_MEM_H
#define TWIN_MEM_H

#include <stddef.h>

/* Memory for tables: cache-line aligned, zeroed, in transparent huge pages
 * where it is large.
 */

/** twin_mem_alloc() - @size bytes, or NULL. Any thread. */
void *twin_mem_alloc(size_t size);

/** twin_mem_free() - give back what was allocated with the same @size. NULL is
 * allowed.
 */
void twin_mem_free(void *p, size_t size);

#endif
