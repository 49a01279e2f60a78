// SPDX-License-Identifier: BSD-3-Clause
/*
 * A datapath as a file: reading it.
 *
 * Overview
 *
 *	The whole file is checked line by line, and where each record stands is
 *	kept, sorted in the order of writing. Records are then read again one by
 *	one, each checked once more: the file may have changed.
 *
 * Life cycle
 *
 *	twinpath_file_open() -> _replay() ... -> _close()
 */
#include "twinpath_file_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A flow with all that an attribute can hold, three times, has half of it. */
#define LINE_SIZE (1024 * 1024)
#define HEADER_LINE 1

static int check_header(struct twinpath_file *file, json_t *from)
{
	const char *format, *order;
	json_int_t version;

	if (twinpath_file_unpack(file, "twinpath", from, "{s:s, s:I}", "format",
				 &format, "version", &version))
		return -EBADMSG;
	if (strcmp(format, TWINPATH_FILE_FORMAT) ||
	    version != TWINPATH_FILE_VERSION)
		return twinpath_file_wrong(
			file,
			"the format is '%.20s', version %lld; known is "
			"'%s', version %d",
			format, (long long)version, TWINPATH_FILE_FORMAT,
			TWINPATH_FILE_VERSION);
	if (twinpath_file_unpack(file, "twinpath", from, "{s:s, s:I, s:s !}",
				 "format", &format, "version", &version,
				 "byte_order", &order))
		return -EBADMSG;
	if (strcmp(order, twinpath_file_byte_order()))
		return twinpath_file_wrong(
			file, "the byte order is '%.20s', here it is '%s'",
			order, twinpath_file_byte_order());
	return 0;
}

/* @crc: of all lines before */
static int check_end(struct twinpath_file *file, json_t *from, uLong crc)
{
	static const enum twinpath_kind order[] = {
		TWINPATH_VPORT, TWINPATH_METER, TWINPATH_LIMIT, TWINPATH_FLOW
	};
	json_int_t n[4], wanted;
	int i;

	if (twinpath_file_unpack(file, "end", from,
				 "{s:I, s:I, s:I, s:I, s:I !}", "ports", &n[0],
				 "meters", &n[1], "limits", &n[2], "flows",
				 &n[3], "crc32", &wanted))
		return -EBADMSG;
	for (i = 0; i < 4; i++)
		if (n[i] != (json_int_t)file->counts[order[i]])
			return twinpath_file_wrong(
				file,
				"the file should have %lld records '%s', "
				"but has %lu",
				(long long)n[i], twinpath_kind_name(order[i]),
				file->counts[order[i]]);
	if (wanted != (json_int_t)crc)
		return twinpath_file_wrong(
			file,
			"the checksum is %lld, not %lld as the file "
			"says: it was damaged or edited",
			(long long)crc, (long long)wanted);
	file->ended = true;
	return 0;
}

/* One line into @file->text. Return: its length with the newline, 0 at the end,
 * or -errno.
 */
static ssize_t get_line(struct twinpath_file *file)
{
	size_t len;

	if (!fgets(file->text, LINE_SIZE, file->f)) {
		if (ferror(file->f)) {
			twinpath_file_wrong(file, "%s", strerror(errno));
			return -EIO;
		}
		return 0;
	}
	file->line++;
	len = strlen(file->text);
	if (!len || file->text[len - 1] != '\n')
		return twinpath_file_wrong(
			file, len == LINE_SIZE - 1
				      ? "is too long"
				      : "breaks off or has a byte 0");
	file->crc = crc32(file->crc, (const Bytef *)file->text, len);
	return len;
}

/* The one member that a line has, as its name and its value. */
static json_t *parse_line(struct twinpath_file *file, size_t len,
			  const char **key, json_t **value)
{
	json_error_t e;
	json_t *root = json_loadb(file->text, len, JSON_REJECT_DUPLICATES, &e);

	if (!root) {
		twinpath_file_wrong(file, "column %d: %s", e.column, e.text);
		return NULL;
	}
	if (!json_is_object(root) || json_object_size(root) != 1) {
		twinpath_file_wrong(file, "is not an object with one member");
		json_decref(root);
		return NULL;
	}
	*key = json_object_iter_key(json_object_iter(root));
	*value = json_object_get(root, *key);
	return root;
}

static enum twinpath_kind kind_of(const char *key)
{
	int kind;

	for (kind = 0; kind < TWINPATH_KINDS; kind++)
		if (!strcmp(key, twinpath_kind_name(kind)))
			break;
	return kind;
}

/* How much a flow's mask says; without one, everything. */
static __u32 mask_bits(const struct ovsnl_client_flow *flow)
{
	const __u8 *data = flow->mask.data;
	__u32 bits = 0;
	size_t i;

	if (!data)
		return ~0U;
	for (i = 0; i < flow->mask.len; i++)
		bits += __builtin_popcount(data[i]);
	return bits;
}

static int note_place(struct twinpath_file *file, off_t offset,
		      const struct twinpath_record *record)
{
	size_t room = file->places_room ? 2 * file->places_room : 1024;
	struct record_place *places = file->places;

	if (file->n_places == file->places_room) {
		places = realloc(places, room * sizeof(*places));
		if (!places)
			return twinpath_file_wrong(file, "%s",
						   strerror(ENOMEM));
		file->places = places;
		file->places_room = room;
	}
	places[file->n_places++] = (struct record_place){
		.offset = offset,
		.line = file->line,
		.kind = record->kind,
		.bits = record->kind == TWINPATH_FLOW ? mask_bits(&record->flow)
						      : 0,
	};
	return 0;
}

static int check_line(struct twinpath_file *file, off_t offset, uLong crc,
		      const char *key, json_t *value)
{
	enum twinpath_kind kind = kind_of(key);
	struct twinpath_record record;
	int err;

	if (file->line == HEADER_LINE && strcmp(key, "twinpath"))
		return twinpath_file_wrong(
			file, "is not the first of a saved datapath");
	if (file->line == HEADER_LINE)
		return check_header(file, value);
	if (file->line == TWINPATH_FILE_DP_LINE && kind != TWINPATH_DP)
		return twinpath_file_wrong(file, "is not about the datapath");
	if (!strcmp(key, "end"))
		return check_end(file, value, crc);
	if (kind == TWINPATH_KINDS)
		return twinpath_file_wrong(file, "nothing is known of '%.20s'",
					   key);
	err = twinpath_file_record(file, kind, value, &record);
	if (err)
		return err;
	file->counts[kind]++;
	if (kind == TWINPATH_DP)
		memcpy(file->dp, record.dp.name, IFNAMSIZ);
	return note_place(file, offset, &record);
}

static int check_next(struct twinpath_file *file, off_t *offset)
{
	uLong crc = file->crc;
	json_t *root, *value;
	const char *key;
	ssize_t len = get_line(file);
	int err;

	if (len < 0)
		return len;
	if (!len && file->ended)
		return 0;
	if (!len)
		return twinpath_file_wrong(
			file, "the file ends behind it: the rest is "
			      "missing");
	if (file->ended)
		return twinpath_file_wrong(file, "stands behind the end");
	root = parse_line(file, len, &key, &value);
	if (!root)
		return -EBADMSG;
	err = check_line(file, *offset, crc, key, value);
	json_decref(root);
	*offset += len;
	return err ? err : 1;
}

/* The order of writing: see twinpath_file_replay(). */
static int compare_places(const void *a, const void *b)
{
	static const int rank[TWINPATH_KINDS] = {
		[TWINPATH_DP] = 0,   [TWINPATH_METER] = 1, [TWINPATH_LIMIT] = 2,
		[TWINPATH_FLOW] = 3, [TWINPATH_VPORT] = 4,
	};
	const struct record_place *x = a, *y = b;

	if (x->kind != y->kind)
		return rank[x->kind] - rank[y->kind];
	if (x->bits != y->bits)
		return x->bits < y->bits ? 1 : -1;
	return (x->line > y->line) - (x->line < y->line);
}

static int check_file(struct twinpath_file *file)
{
	off_t offset = 0;
	int more;

	if (fseeko(file->f, 0, SEEK_SET))
		return twinpath_file_wrong(file, "can't seek: %s",
					   strerror(errno));
	do
		more = check_next(file, &offset);
	while (more > 0);
	if (!more)
		qsort(file->places, file->n_places, sizeof(*file->places),
		      compare_places);
	return more;
}

static bool get_memory(struct twinpath_file *file)
{
	bool good;
	int i;

	file->text = malloc(LINE_SIZE);
	good = file->text;
	for (i = 0; i < TWINPATH_FILE_ROOMS; i++) {
		file->bytes[i] = malloc(TWINPATH_FILE_ROOM);
		good = good && file->bytes[i];
	}
	return good;
}

struct twinpath_file *twinpath_file_open(FILE *f, char *error, size_t size)
{
	struct twinpath_file *file = calloc(1, sizeof(*file));

	if (!file || !get_memory(file)) {
		snprintf(error, size, "%s", strerror(ENOMEM));
		twinpath_file_close(file);
		return NULL;
	}
	file->f = f;
	file->crc = crc32(0, NULL, 0);
	file->error = error;
	file->error_size = size;
	if (!check_file(file))
		return file;
	twinpath_file_close(file);
	return NULL;
}

const char *twinpath_file_dp(const struct twinpath_file *file)
{
	return file->dp;
}

void twinpath_file_counts(const struct twinpath_file *file,
			  unsigned long counts[TWINPATH_KINDS])
{
	memcpy(counts, file->counts, sizeof(file->counts));
}

static int replay_record(struct twinpath_file *file,
			 const struct record_place *place,
			 twinpath_take_fn *take, void *arg)
{
	struct twinpath_record record;
	json_t *root, *value;
	const char *key;
	ssize_t len;
	int err;

	file->line = place->line - 1;
	if (fseeko(file->f, place->offset, SEEK_SET))
		return twinpath_file_wrong(file, "can't seek: %s",
					   strerror(errno));
	len = get_line(file);
	if (len < 0)
		return len;
	root = len ? parse_line(file, len, &key, &value) : NULL;
	if (!root || kind_of(key) != place->kind)
		err = twinpath_file_wrong(file,
					  "the file has changed meanwhile");
	else
		err = twinpath_file_record(file, place->kind, value, &record);
	if (!err)
		err = take(&record, arg);
	json_decref(root);
	return err;
}

int twinpath_file_replay(struct twinpath_file *file, twinpath_take_fn *take,
			 void *arg, char *error, size_t size)
{
	const struct record_place *place = file->places;
	int err = 0;

	file->error = error;
	file->error_size = size;
	error[0] = '\0';
	for (; place < file->places + file->n_places && !err; place++)
		err = replay_record(file, place, take, arg);
	return err;
}

void twinpath_file_close(struct twinpath_file *file)
{
	int i;

	if (!file)
		return;
	for (i = 0; i < TWINPATH_FILE_ROOMS; i++)
		free(file->bytes[i]);
	free(file->text);
	free(file->places);
	free(file);
}
