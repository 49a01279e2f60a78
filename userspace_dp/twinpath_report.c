// SPDX-License-Identifier: BSD-3-Clause
/*
 * What copying, saving and restoring tell the user.
 *
 * Overview
 *
 *	Errors go to stderr, all else to stdout, a line each. With --json one
 *	object at the end holds the same.
 *
 * Life cycle
 *
 *	begin -> lines -> end
 */
#include "twinpath_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const kinds[TWINPATH_KINDS][2] = {
	[TWINPATH_DP] = { "datapath", "datapaths" },
	[TWINPATH_VPORT] = { "port", "ports" },
	[TWINPATH_METER] = { "meter", "meters" },
	[TWINPATH_LIMIT] = { "limit", "limits" },
	[TWINPATH_FLOW] = { "flow", "flows" },
};

const char *twinpath_kind_name(enum twinpath_kind kind)
{
	return kinds[kind][0];
}

void twinpath_report_begin(struct twinpath_report *report, bool json)
{
	memset(report, 0, sizeof(*report));
	report->json = json;
	if (json)
		report->root = json_pack("{s:[], s:[], s:[]}", "not_carried",
					 "notes", "errors");
}

/* JSON is UTF-8, which names of devices and words out of files need not be. */
static json_t *text_json(const char *text)
{
	json_t *value = json_string(text);
	char copy[1024], *c;

	if (value)
		return value;
	snprintf(copy, sizeof(copy), "%s", text);
	for (c = copy; *c; c++)
		if (*c & 0x80)
			*c = '?';
	return json_string(copy);
}

static void keep(struct twinpath_report *report, const char *list, json_t *item)
{
	json_array_append_new(json_object_get(report->root, list), item);
}

void twinpath_report_lost(struct twinpath_report *report,
			  enum twinpath_kind kind, const char *name, int reason,
			  const char *text)
{
	char why[512];

	report->lost[kind]++;
	snprintf(why, sizeof(why), "%s%s%s", reason ? strerror(-reason) : "",
		 reason && *text ? ": " : "", text);
	if (report->json)
		keep(report, "not_carried",
		     json_pack("{s:s, s:o, s:o, s:i}", "kind", kinds[kind][0],
			       "name", text_json(name), "reason",
			       text_json(why), "errno", -reason));
	else
		printf("not carried: %s %s: %s\n", kinds[kind][0], name, why);
}

static void tell(struct twinpath_report *report, const char *list,
		 const char *prefix, FILE *to, const char *format, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, ap);
	if (report->json)
		keep(report, list, text_json(text));
	if (!report->json || to == stderr)
		fprintf(to, "%s: %s\n", prefix, text);
}

void twinpath_report_note(struct twinpath_report *report, const char *format,
			  ...)
{
	va_list ap;

	va_start(ap, format);
	tell(report, "notes", "note", stdout, format, ap);
	va_end(ap);
}

void twinpath_report_error(struct twinpath_report *report, const char *format,
			   ...)
{
	va_list ap;

	va_start(ap, format);
	tell(report, "errors", "twinpath", stderr, format, ap);
	va_end(ap);
}

bool twinpath_report_any_lost(const struct twinpath_report *report)
{
	int kind;

	for (kind = 0; kind < TWINPATH_KINDS; kind++)
		if (report->lost[kind])
			return true;
	return false;
}

static void print_counts(const struct twinpath_report *report)
{
	const char *separator = ": ";
	unsigned long all;
	int kind;

	for (kind = TWINPATH_VPORT; kind < TWINPATH_KINDS; kind++) {
		all = report->carried[kind] + report->lost[kind];
		printf("%s%lu", separator, report->carried[kind]);
		if (report->lost[kind])
			printf(" of %lu", all);
		printf(" %s", kinds[kind][all != 1]);
		separator = ", ";
	}
	putchar('\n');
}

static void print_json(struct twinpath_report *report, const char *done,
		       const char *dp)
{
	json_t *carried = json_object();
	int kind;

	for (kind = TWINPATH_VPORT; kind < TWINPATH_KINDS; kind++)
		json_object_set_new(carried, kinds[kind][1],
				    json_integer(report->carried[kind]));
	json_object_set_new(report->root, "done", json_boolean(done));
	json_object_set_new(report->root, "datapath",
			    dp ? text_json(dp) : json_null());
	json_object_set_new(report->root, "carried", carried);
	json_dumpf(report->root, stdout, JSON_INDENT(2));
	putchar('\n');
}

void twinpath_report_end(struct twinpath_report *report, const char *done,
			 const char *dp)
{
	if (report->json) {
		print_json(report, done, dp);
	} else if (done) {
		printf("%s datapath '%s'", done, dp);
		print_counts(report);
	}
	json_decref(report->root);
	report->root = NULL;
}
