// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory for tables.
 *
 * Overview
 *
 *	Small blocks come from the C library. From 1 MiB on they are mappings,
 *	aligned to 2 MiB where they are that large, for which the kernel is
 *	asked for huge pages: a table that is probed at random would miss the
 *	TLB on every probe otherwise.
 */
#define _GNU_SOURCE
#include "mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE 64
#define MAP_FROM ((size_t)1 << 20)
#define HUGE ((size_t)2 << 20)

static size_t round_up(size_t size, size_t unit)
{
	return (size + unit - 1) / unit * unit;
}

static size_t mapped_size(size_t size)
{
	return round_up(size, size >= HUGE ? HUGE : 4096);
}

static void *map(size_t size)
{
	size_t len = mapped_size(size), extra = len >= HUGE ? HUGE : 0;
	uintptr_t start, aligned;
	void *p;

	p = mmap(NULL, len + extra, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	if (!extra)
		return p;
	start = (uintptr_t)p;
	aligned = round_up(start, HUGE);
	if (aligned > start)
		munmap(p, aligned - start);
	if (start + extra > aligned)
		munmap((void *)(aligned + len), start + extra - aligned);
	madvise((void *)aligned, len, MADV_HUGEPAGE);
	return (void *)aligned;
}

void *twin_mem_alloc(size_t size)
{
	void *p;

	if (size >= MAP_FROM)
		return map(size);
	size = round_up(size, LINE);
	p = aligned_alloc(LINE, size);
	if (p)
		memset(p, 0, size);
	return p;
}

void twin_mem_free(void *p, size_t size)
{
	if (!p)
		return;
	if (size >= MAP_FROM)
		munmap(p, mapped_size(size));
	else
		free(p);
}
