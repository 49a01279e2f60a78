// SPDX-License-Identifier: BSD-3-Clause
/*
 * A datapath as a file: writing it.
 *
 * Overview
 *
 *	One JSON object a line, so that neither writing nor reading needs memory
 *	for more than a line:
 *
 *	{"twinpath": {"format": "datapath", "version": 1,
 *	              "byte_order": "little"}}
 *	{"datapath": {"name", "user_features", "masks_cache_size", "pids"}}
 *	{"port": {"number", "type", "name", "pids", ["options"]}}
 *	{"meter": {"id", "kbps", "bands": [{"type", "rate", "burst"}]}}
 *	{"limit": {"zone", "limit"}}
 *	{"flow": {["ufid"], "key", ["mask"], "actions"}}
 *	{"end": {"ports", "meters", "limits", "flows", "crc32"}}
 *
 *	Options, UFIDs, keys, masks and actions are the netlink attributes in
 *	hexadecimal, numbers in them in the byte order named. Zone -1 is the
 *	default. "crc32" (zlib's) covers all lines before the last.
 *
 *	All of a file is checked before any of it is handed on: its framing
 *	here, numbers and lengths here, and that attributes are whole; what they
 *	say is the datapath's to judge.
 *
 * Life cycle
 *
 *	twinpath_file_write_begin() -> _take() ... -> _write_end()
 *	twinpath_file_open() -> _replay() ... -> _close()
 */
#include "twinpath_file_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const types[] = {
	[OVS_VPORT_TYPE_NETDEV] = "netdev",
	[OVS_VPORT_TYPE_INTERNAL] = "internal",
	[OVS_VPORT_TYPE_GRE] = "gre",
	[OVS_VPORT_TYPE_VXLAN] = "vxlan",
	[OVS_VPORT_TYPE_GENEVE] = "geneve",
};

#define N_TYPES (sizeof(types) / sizeof(types[0]))

const char *twinpath_file_type_name(__u32 type)
{
	return type < N_TYPES ? types[type] : NULL;
}

const char *twinpath_file_byte_order(void)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "little" : "big";
}

static json_t *hex(const struct ovsnl_client_bytes *bytes)
{
	static const char digits[] = "0123456789abcdef";
	const __u8 *data = bytes->data;
	char *text = malloc(2 * bytes->len + 1);
	json_t *value;
	size_t i;

	if (!text)
		return NULL;
	for (i = 0; i < bytes->len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	value = json_stringn(text, 2 * bytes->len);
	free(text);
	return value;
}

/* Absent bytes make no member. */
static void set_hex(json_t *to, const char *key,
		    const struct ovsnl_client_bytes *bytes)
{
	if (bytes->data)
		json_object_set_new(to, key, hex(bytes));
}

static json_t *pids_json(const struct twinpath_pids *pids)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < pids->n; i++)
		json_array_append_new(list, json_integer(pids->v[i]));
	return list;
}

static json_t *dp_json(const struct twinpath_dp *dp)
{
	return json_pack("{s:s, s:I, s:I, s:o}", "name", dp->name,
			 "user_features", (json_int_t)dp->user_features,
			 "masks_cache_size", (json_int_t)dp->masks_cache_size,
			 "pids", pids_json(&dp->pids));
}

static json_t *vport_json(const struct twinpath_vport *vport)
{
	const char *name = twinpath_file_type_name(vport->type);
	json_t *type = name ? json_string(name) : json_integer(vport->type);
	json_t *value = json_pack("{s:I, s:o, s:s, s:o}", "number",
				  (json_int_t)vport->port_no, "type", type,
				  "name", vport->name, "pids",
				  pids_json(&vport->pids));

	set_hex(value, "options", &vport->options);
	return value;
}

static json_t *meter_json(const struct ovsnl_client_meter *meter)
{
	json_t *bands = json_array();
	__u32 i;

	for (i = 0; i < meter->n_bands; i++)
		json_array_append_new(
			bands,
			json_pack("{s:I, s:I, s:I}", "type",
				  (json_int_t)meter->bands[i].type, "rate",
				  (json_int_t)meter->bands[i].rate, "burst",
				  (json_int_t)meter->bands[i].burst));
	return json_pack("{s:I, s:b, s:o}", "id", (json_int_t)meter->id, "kbps",
			 meter->kbps, "bands", bands);
}

static json_t *flow_json(const struct ovsnl_client_flow *flow)
{
	json_t *value = json_object();

	set_hex(value, "ufid", &flow->ufid);
	set_hex(value, "key", &flow->key);
	set_hex(value, "mask", &flow->mask);
	set_hex(value, "actions", &flow->actions);
	return value;
}

static json_t *record_json(const struct twinpath_record *record)
{
	switch (record->kind) {
	case TWINPATH_DP:
		return dp_json(&record->dp);
	case TWINPATH_VPORT:
		return vport_json(&record->vport);
	case TWINPATH_METER:
		return meter_json(&record->meter);
	case TWINPATH_LIMIT:
		return json_pack("{s:i, s:I}", "zone", record->limit.zone_id,
				 "limit", (json_int_t)record->limit.limit);
	default:
		return flow_json(&record->flow);
	}
}

/* Takes over @value. */
static int put_line(struct twinpath_file *file, const char *key, json_t *value)
{
	json_t *line = json_pack("{s:o}", key, value);
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	int err = -ENOMEM;

	if (text) {
		file->crc = crc32(file->crc, (const Bytef *)text, strlen(text));
		file->crc = crc32(file->crc, (const Bytef *)"\n", 1);
		errno = 0;
		err = fprintf(file->f, "%s\n", text) < 0 ? -errno : 0;
	}
	free(text);
	json_decref(line);
	return err;
}

struct twinpath_file *twinpath_file_write_begin(FILE *f)
{
	struct twinpath_file *file = calloc(1, sizeof(*file));
	json_t *header = json_pack("{s:s, s:i, s:s}", "format",
				   TWINPATH_FILE_FORMAT, "version",
				   TWINPATH_FILE_VERSION, "byte_order",
				   twinpath_file_byte_order());

	if (!file) {
		json_decref(header);
		return NULL;
	}
	file->f = f;
	file->crc = crc32(0, NULL, 0);
	if (put_line(file, "twinpath", header)) {
		free(file);
		return NULL;
	}
	return file;
}

int twinpath_file_take(const struct twinpath_record *record, void *arg)
{
	struct twinpath_file *file = arg;

	file->counts[record->kind]++;
	return put_line(file, twinpath_kind_name(record->kind),
			record_json(record));
}

static json_t *end_json(const struct twinpath_file *file)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "ports",
			 (json_int_t)file->counts[TWINPATH_VPORT], "meters",
			 (json_int_t)file->counts[TWINPATH_METER], "limits",
			 (json_int_t)file->counts[TWINPATH_LIMIT], "flows",
			 (json_int_t)file->counts[TWINPATH_FLOW], "crc32",
			 (json_int_t)file->crc);
}

int twinpath_file_write_end(struct twinpath_file *file)
{
	int err = put_line(file, "end", end_json(file));

	if (!err && fflush(file->f))
		err = -errno;
	free(file);
	return err;
}
