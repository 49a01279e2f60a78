// SPDX-License-Identifier: BSD-3-Clause
/*
 * A datapath as a file: what its records say.
 *
 * Overview
 *
 *	JSON values become records: numbers in their ranges, names that devices
 *	can have, whole attributes. The file may come from anybody: what is
 *	wrong is said once, where it is found.
 *
 * Life cycle
 *
 *	A record's bytes are in the file's rooms until the next one is read.
 */
#include "twinpath_file_private.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ovsnl_key.h"

int twinpath_file_wrong(struct twinpath_file *file, const char *format, ...)
{
	size_t len;
	va_list ap;

	snprintf(file->error, file->error_size, "line %lu: ", file->line);
	len = strlen(file->error);
	va_start(ap, format);
	vsnprintf(file->error + len, file->error_size - len, format, ap);
	va_end(ap);
	return -EBADMSG;
}

static int get_u32(struct twinpath_file *file, const char *what, json_int_t n,
		   __u32 *to)
{
	if (n < 0 || n > 0xffffffffll)
		return twinpath_file_wrong(
			file, "%s is not a number from 0 to 4294967295", what);
	*to = n;
	return 0;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hexadecimal digits into room @i. NULL stays absent. */
static int get_hex(struct twinpath_file *file, const char *what,
		   const char *text, int i, struct ovsnl_client_bytes *bytes)
{
	size_t n, len = text ? strlen(text) : 0;
	int high, low;

	*bytes = (struct ovsnl_client_bytes){ NULL, 0 };
	if (!text)
		return 0;
	if (len % 2 || len / 2 > (TWINPATH_FILE_ROOM - 1))
		return twinpath_file_wrong(
			file, "%s is not of whole bytes, at most %d", what,
			(TWINPATH_FILE_ROOM - 1));
	for (n = 0; n < len / 2; n++) {
		high = nibble(text[2 * n]);
		low = nibble(text[2 * n + 1]);
		if (high < 0 || low < 0)
			return twinpath_file_wrong(
				file, "%s is not hexadecimal (0-9, a-f)", what);
		file->bytes[i][n] = high << 4 | low;
	}
	bytes->data = file->bytes[i];
	bytes->len = len / 2;
	return 0;
}

static int get_attrs(struct twinpath_file *file, const char *what,
		     const char *text, int i, struct ovsnl_client_bytes *bytes)
{
	int err = get_hex(file, what, text, i, bytes);

	if (!err && !twinpath_walk_ok(bytes))
		err = twinpath_file_wrong(
			file, "%s does not hold whole netlink attributes",
			what);
	return err;
}

static int get_name(struct twinpath_file *file, const char *text,
		    char name[IFNAMSIZ])
{
	const char *c;
	size_t len = strlen(text);

	if (!len || len >= IFNAMSIZ || !strcmp(text, ".") ||
	    !strcmp(text, ".."))
		return twinpath_file_wrong(file,
					   "name is not of 1 to %d characters",
					   IFNAMSIZ - 1);
	for (c = text; *c; c++)
		if (*c == '/' || *c == ':' || isspace((unsigned char)*c))
			return twinpath_file_wrong(
				file, "name has a character that no device's "
				      "name has");
	memcpy(name, text, len + 1);
	return 0;
}

static int get_pids(struct twinpath_file *file, const json_t *list,
		    struct twinpath_pids *pids)
{
	__u32 *v = (__u32 *)file->bytes[3];
	json_t *item;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > TWINPATH_PIDS_MAX)
		return twinpath_file_wrong(file,
					   "pids is not a list of at most %d",
					   TWINPATH_PIDS_MAX);
	json_array_foreach(list, i, item)
	{
		if (!json_is_integer(item))
			return twinpath_file_wrong(file,
						   "a port id is not a number");
		if (get_u32(file, "a port id", json_integer_value(item), &v[i]))
			return -EBADMSG;
	}
	pids->v = v;
	pids->n = json_array_size(list);
	return 0;
}

static int get_dp(struct twinpath_file *file, json_t *from,
		  struct twinpath_record *record)
{
	json_int_t features, cache;
	const char *name;
	json_t *pids;
	int err;

	if (file->line != TWINPATH_FILE_DP_LINE)
		return twinpath_file_wrong(
			file, "a datapath may stand in line %d only",
			TWINPATH_FILE_DP_LINE);
	err = twinpath_file_unpack(file, "datapath", from,
				   "{s:s, s:I, s:I, s:o !}", "name", &name,
				   "user_features", &features,
				   "masks_cache_size", &cache, "pids", &pids);
	if (!err)
		err = get_name(file, name, record->dp.name);
	if (!err)
		err = get_u32(file, "user_features", features,
			      &record->dp.user_features);
	if (!err)
		err = get_u32(file, "masks_cache_size", cache,
			      &record->dp.masks_cache_size);
	return err ? err : get_pids(file, pids, &record->dp.pids);
}

static int get_type(struct twinpath_file *file, const json_t *from, __u32 *type)
{
	const char *name = json_string_value(from);

	if (!name)
		return get_u32(file, "type",
			       json_is_integer(from) ? json_integer_value(from)
						     : -1,
			       type);
	for (*type = 1; twinpath_file_type_name(*type); ++*type)
		if (!strcmp(name, twinpath_file_type_name(*type)))
			return 0;
	return twinpath_file_wrong(file, "no type of port is called '%.20s'",
				   name);
}

static int get_vport(struct twinpath_file *file, json_t *from,
		     struct twinpath_record *record)
{
	struct twinpath_vport *vport = &record->vport;
	const char *name, *options = NULL;
	json_t *type, *pids;
	json_int_t number;
	int err;

	err = twinpath_file_unpack(file, "port", from,
				   "{s:I, s:o, s:s, s:o, s?:s !}", "number",
				   &number, "type", &type, "name", &name,
				   "pids", &pids, "options", &options);
	if (!err && (number < 0 || number >= OVSNL_MAX_PORTS))
		err = twinpath_file_wrong(
			file, "number of a port is not from 0 to %d",
			OVSNL_MAX_PORTS - 1);
	if (err)
		return err;
	vport->port_no = number;
	err = get_type(file, type, &vport->type);
	if (!err)
		err = get_name(file, name, vport->name);
	if (!err && !number &&
	    (vport->type != OVS_VPORT_TYPE_INTERNAL ||
	     strcmp(vport->name, file->dp)))
		err = twinpath_file_wrong(file,
					  "port 0 is not the datapath's own");
	if (!err)
		err = get_attrs(file, "options", options, 0, &vport->options);
	return err ? err : get_pids(file, pids, &vport->pids);
}

static int get_band(struct twinpath_file *file, json_t *from,
		    struct ovsnl_client_meter *meter)
{
	json_int_t type, rate, burst;
	__u32 i = meter->n_bands++;
	int err;

	err = twinpath_file_unpack(file, "band", from, "{s:I, s:I, s:I !}",
				   "type", &type, "rate", &rate, "burst",
				   &burst);
	if (!err)
		err = get_u32(file, "type", type, &meter->bands[i].type);
	if (!err)
		err = get_u32(file, "rate", rate, &meter->bands[i].rate);
	if (!err)
		err = get_u32(file, "burst", burst, &meter->bands[i].burst);
	return err;
}

static int get_meter(struct twinpath_file *file, json_t *from,
		     struct twinpath_record *record)
{
	json_t *bands, *band;
	json_int_t id;
	int kbps, err;
	size_t i;

	err = twinpath_file_unpack(file, "meter", from, "{s:I, s:b, s:o !}",
				   "id", &id, "kbps", &kbps, "bands", &bands);
	if (!err)
		err = get_u32(file, "id", id, &record->meter.id);
	if (!err && (!json_is_array(bands) ||
		     json_array_size(bands) > OVSNL_CLIENT_BANDS))
		err = twinpath_file_wrong(file,
					  "bands is not a list of at most %d",
					  OVSNL_CLIENT_BANDS);
	if (err)
		return err;
	record->meter.kbps = kbps;
	json_array_foreach(bands, i, band)
	{
		err = get_band(file, band, &record->meter);
		if (err)
			break;
	}
	return err;
}

static int get_limit(struct twinpath_file *file, json_t *from,
		     struct twinpath_record *record)
{
	json_int_t zone, limit;
	int err;

	err = twinpath_file_unpack(file, "limit", from, "{s:I, s:I !}", "zone",
				   &zone, "limit", &limit);
	if (!err && (zone < OVS_ZONE_LIMIT_DEFAULT_ZONE || zone > 0xffff))
		err = twinpath_file_wrong(file, "zone is not from -1 to 65535");
	if (err)
		return err;
	record->limit.zone_id = zone;
	return get_u32(file, "limit", limit, &record->limit.limit);
}

static int get_flow(struct twinpath_file *file, json_t *from,
		    struct twinpath_record *record)
{
	const char *ufid = NULL, *key, *mask = NULL, *actions;
	struct ovsnl_client_flow *flow = &record->flow;
	int err;

	err = twinpath_file_unpack(file, "flow", from,
				   "{s?:s, s:s, s?:s, s:s !}", "ufid", &ufid,
				   "key", &key, "mask", &mask, "actions",
				   &actions);
	if (!err)
		err = get_hex(file, "ufid", ufid, 3, &flow->ufid);
	if (!err && ufid && (!flow->ufid.len || flow->ufid.len > 16))
		err = twinpath_file_wrong(file, "ufid is not of 1 to 16 bytes");
	if (!err)
		err = get_attrs(file, "key", key, 0, &flow->key);
	if (!err)
		err = get_attrs(file, "mask", mask, 1, &flow->mask);
	return err ? err
		   : get_attrs(file, "actions", actions, 2, &flow->actions);
}

int twinpath_file_record(struct twinpath_file *file, enum twinpath_kind kind,
			 json_t *from, struct twinpath_record *record)
{
	static int (*const get[TWINPATH_KINDS])(
		struct twinpath_file * file, json_t * from,
		struct twinpath_record * record) = {
		[TWINPATH_DP] = get_dp,	      [TWINPATH_VPORT] = get_vport,
		[TWINPATH_METER] = get_meter, [TWINPATH_LIMIT] = get_limit,
		[TWINPATH_FLOW] = get_flow,
	};

	memset(record, 0, sizeof(*record));
	record->kind = kind;
	return get[kind](file, from, record);
}
