/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_LOG_H
#define TWIN_LOG_H

/**
 * twin_log() - one line on stderr, "twinpathd: ..."; no newline in @fmt.
 * Any thread.
 */
void twin_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * twin_log_limited() - the same for what clients or packets can cause again
 * and again: at most 10 lines in 5 seconds from the whole process; a later
 * line tells how many were left out. Any thread.
 */
void twin_log_limited(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

#endif
