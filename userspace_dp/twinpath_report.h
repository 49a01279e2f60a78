/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWINPATH_REPORT_H
#define TWINPATH_REPORT_H

#include <jansson.h>
#include <stdbool.h>

/* What copying, saving and restoring tell the user: lines as they happen, or
 * all of it as one JSON object at the end. One thread.
 */

/** enum twinpath_kind - what a datapath is made of. */
enum twinpath_kind {
	TWINPATH_DP,
	TWINPATH_VPORT,
	TWINPATH_METER,
	TWINPATH_LIMIT,
	TWINPATH_FLOW,
	TWINPATH_KINDS
};

/** twinpath_kind_name() - one of these in a word: "port", "flow", ... */
const char *twinpath_kind_name(enum twinpath_kind kind);

/** struct twinpath_report - what has been told.
 * @json: keep it all for twinpath_report_end()
 * @carried: how many of each kind
 * @lost: how many could not be carried
 * @root: with @json: the object
 */
struct twinpath_report {
	bool json;
	unsigned long carried[TWINPATH_KINDS];
	unsigned long lost[TWINPATH_KINDS];
	json_t *root;
};

/** twinpath_report_begin() - nothing has been told yet. */
void twinpath_report_begin(struct twinpath_report *report, bool json);

/** twinpath_report_lost() - something was not carried.
 * @name: which, in words behind its kind
 * @reason: why, a negative errno, or 0
 * @text: more of the reason, or ""
 */
void twinpath_report_lost(struct twinpath_report *report,
			  enum twinpath_kind kind, const char *name, int reason,
			  const char *text);

/** twinpath_report_note() - something that the user had better know. */
void twinpath_report_note(struct twinpath_report *report, const char *format,
			  ...) __attribute__((format(printf, 2, 3)));

/** twinpath_report_error() - why it can't be done. */
void twinpath_report_error(struct twinpath_report *report, const char *format,
			   ...) __attribute__((format(printf, 2, 3)));

/** twinpath_report_any_lost() - was anything not carried? */
bool twinpath_report_any_lost(const struct twinpath_report *report);

/** twinpath_report_end() - sum up, and free.
 * @done: what was done, e.g. "copied", or NULL if it was not
 * @dp: the datapath's name
 */
void twinpath_report_end(struct twinpath_report *report, const char *done,
			 const char *dp);

#endif
