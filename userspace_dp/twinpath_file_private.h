/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWINPATH_FILE_PRIVATE_H
#define TWINPATH_FILE_PRIVATE_H

#include <sys/types.h>
#include <zlib.h>

#include "twinpath_state.h"

/* What the parts of files share: twinpath_file_write.c, twinpath_file_read.c
 * and twinpath_file_record.c.
 */

#define TWINPATH_FILE_FORMAT "datapath"
#define TWINPATH_FILE_VERSION 1
/* Rooms for attributes of a record, and bytes in each. */
#define TWINPATH_FILE_ROOMS 4
#define TWINPATH_FILE_ROOM 65532
/* Where the datapath's record stands. */
#define TWINPATH_FILE_DP_LINE 2

/** struct record_place - where a record is.
 * @bits: of a flow: that its mask has
 */
struct record_place {
	off_t offset;
	unsigned long line;
	enum twinpath_kind kind;
	__u32 bits;
};

/** struct twinpath_file - a file that is written or read.
 * @line: number of the last line
 * @counts: records so far
 * @text: the last line, read
 * @bytes: attributes and pids of the last record, read: at most four
 * @places, @n_places, @places_room: read: where all records are
 * @error, @error_size: where to say what is wrong
 * @ended: the last line was read
 */
struct twinpath_file {
	FILE *f;
	unsigned long line;
	unsigned long counts[TWINPATH_KINDS];
	uLong crc;
	char *text;
	__u8 *bytes[TWINPATH_FILE_ROOMS];
	char dp[IFNAMSIZ];
	struct record_place *places;
	size_t n_places, places_room;
	char *error;
	size_t error_size;
	bool ended;
};

/** twinpath_file_byte_order() - this machine's, in a word. */
const char *twinpath_file_byte_order(void);

/** twinpath_file_type_name() - "netdev" for OVS_VPORT_TYPE_NETDEV, and so on;
 * NULL for types that have no name.
 */
const char *twinpath_file_type_name(__u32 type);

/** twinpath_file_wrong() - say what is wrong with the line at hand. Return:
 * -EBADMSG.
 */
int twinpath_file_wrong(struct twinpath_file *file, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * twinpath_file_unpack() - members of an object, as json_unpack() takes them.
 * @what: the object, in a word
 * Return: 0, or -EBADMSG with @file's error set.
 */
#define twinpath_file_unpack(file, what, from, ...)                     \
	({                                                              \
		json_error_t e_;                                        \
		json_unpack_ex((from), &e_, 0, __VA_ARGS__)             \
			? twinpath_file_wrong((file), "%s: %s", (what), \
					      e_.text)                  \
			: 0;                                            \
	})

/** twinpath_file_record() - read a record.
 * @record: set; its bytes are in @file's rooms
 * Return: 0, or -EBADMSG with @file's error set.
 */
int twinpath_file_record(struct twinpath_file *file, enum twinpath_kind kind,
			 json_t *from, struct twinpath_record *record);

#endif
