/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWINPATH_STATE_H
#define TWINPATH_STATE_H

#include <stdio.h>

#include "ovsnl_client.h"
#include "twinpath_report.h"

/* What a datapath is made of, as records that are read from a datapath or from
 * a file and written to a file or to a datapath. One thread.
 */

/* Most port ids that a record names. */
#define TWINPATH_PIDS_MAX 4096

/** struct twinpath_pids - upcall port ids, of the datapath that was read. */
struct twinpath_pids {
	const __u32 *v;
	size_t n;
};

/** struct twinpath_dp - the datapath itself. */
struct twinpath_dp {
	char name[IFNAMSIZ];
	__u32 user_features;
	__u32 masks_cache_size;
	struct twinpath_pids pids;
};

/** struct twinpath_vport - a port.
 * @options: OVS_TUNNEL_ATTR_*, or absent
 */
struct twinpath_vport {
	char name[IFNAMSIZ];
	__u32 port_no;
	__u32 type;
	struct ovsnl_client_bytes options;
	struct twinpath_pids pids;
};

/** struct twinpath_record - one of these. Bytes and pids belong to whoever
 * passes the record, for the duration of the call.
 * @limit: its @count is not used
 * @flow: its counters are not used
 */
struct twinpath_record {
	enum twinpath_kind kind;
	union {
		struct twinpath_dp dp;
		struct twinpath_vport vport;
		struct ovsnl_client_meter meter;
		struct ovs_zone_limit limit;
		struct ovsnl_client_flow flow;
	};
};

/** twinpath_take_fn - called for each record.
 * Return: 0 to go on, or a negative errno, which ends the reading.
 */
typedef int twinpath_take_fn(const struct twinpath_record *record, void *arg);

/** struct twinpath_place - where a datapath is.
 * @word: as the user wrote it
 * @path: of the socket, NULL for its default; not used for the kernel
 */
struct twinpath_place {
	const char *word;
	enum ovsnl_client_transport transport;
	const char *path;
};

/* twinpath_place.c */

/** twinpath_place_parse() - "kernel", "twin" or a socket's path.
 * @socket: what "twin" means, NULL for the default
 * Return: false if it is none of these.
 */
bool twinpath_place_parse(const char *word, const char *socket,
			  struct twinpath_place *place);

/** twinpath_place_open() - connect; says in @report what is wrong.
 * Return: 0 and *@client, which the caller closes, or -errno.
 */
int twinpath_place_open(const struct twinpath_place *place,
			struct twinpath_report *report,
			struct ovsnl_client **client);

/** twinpath_place_choose() - which datapath is meant.
 * @name: set to the one that @wanted names, or, when that is NULL, to the only
 *        one that there is
 * Return: 0 or -errno, of which @report tells.
 */
int twinpath_place_choose(const struct twinpath_place *place,
			  const char *wanted, struct twinpath_report *report,
			  char name[IFNAMSIZ]);

/** twinpath_place_delete() - delete a datapath. Return: 0 or -errno, of which
 * @report tells.
 */
int twinpath_place_delete(const struct twinpath_place *place, const char *name,
			  struct twinpath_report *report);

/* twinpath_state_read.c */

/** twinpath_state_read() - read a whole datapath.
 * @take: gets the datapath first, then the rest
 * What is there but can't be read goes into @report as lost. Return: 0, or
 * -errno, of which @report tells: @take's, or why it could not be read.
 */
int twinpath_state_read(const struct twinpath_place *place, const char *name,
			twinpath_take_fn *take, void *arg,
			struct twinpath_report *report);

/* twinpath_state_write.c */

struct twinpath_writer;

/** twinpath_writer_open() - get ready to make a datapath.
 * @keep_pids: upcall port ids mean the same at @place
 * Return: NULL if that is impossible, of which @report tells.
 */
struct twinpath_writer *twinpath_writer_open(const struct twinpath_place *place,
					     bool keep_pids,
					     struct twinpath_report *report);

/** twinpath_writer_take() - a twinpath_take_fn with the writer as its @arg.
 * The datapath comes first. What is refused goes into the report as lost; an
 * error means that nothing more can be written.
 */
int twinpath_writer_take(const struct twinpath_record *record, void *writer);

/** twinpath_writer_flush() - write what has been kept back. Return: 0 or
 * -errno, of which the report tells.
 */
int twinpath_writer_flush(struct twinpath_writer *writer);

/** twinpath_writer_close() - free it.
 * @undo: delete the datapath if the writer has made it
 */
void twinpath_writer_close(struct twinpath_writer *writer, bool undo);

/* twinpath_file_write.c, twinpath_file_read.c */

struct twinpath_file;

/** twinpath_file_write_begin() - start to write a file.
 * @f: stays the caller's
 * Return: NULL without memory.
 */
struct twinpath_file *twinpath_file_write_begin(FILE *f);

/** twinpath_file_take() - a twinpath_take_fn with the file as its @arg. */
int twinpath_file_take(const struct twinpath_record *record, void *file);

/** twinpath_file_write_end() - write the rest and free @file. Return: 0 or
 * -errno.
 */
int twinpath_file_write_end(struct twinpath_file *file);

/** twinpath_file_open() - read and check a whole file.
 * @f: can be sought in; stays the caller's
 * @error: set to what is wrong, naming the line
 * Return: NULL if something is.
 */
struct twinpath_file *twinpath_file_open(FILE *f, char *error, size_t size);

/** twinpath_file_dp() - the datapath in a file that was read. */
const char *twinpath_file_dp(const struct twinpath_file *file);

/** twinpath_file_counts() - how many records of each kind it has. */
void twinpath_file_counts(const struct twinpath_file *file,
			  unsigned long counts[TWINPATH_KINDS]);

/** twinpath_file_replay() - hand on all records.
 * The order is that in which they can be written: the datapath, meters, limits,
 * flows with long masks before those with short ones (whose keys a datapath
 * refuses if another flow already matches them), ports last, so that their
 * first packet finds its flow.
 * Return: 0, -EIO or -EBADMSG with @error set (the file has changed meanwhile),
 * or what @take returned.
 */
int twinpath_file_replay(struct twinpath_file *file, twinpath_take_fn *take,
			 void *arg, char *error, size_t size);

/** twinpath_file_close() - free what twinpath_file_open() returned, or NULL. */
void twinpath_file_close(struct twinpath_file *file);

/* twinpath_state_walk.c */

/** twinpath_walk_fn - called for a userspace() or meter() action.
 * @type: OVS_ACTION_ATTR_USERSPACE or _METER
 * @id: its port id, or the meter's id
 */
typedef void twinpath_walk_fn(__u16 type, __u32 id, void *arg);

/** twinpath_walk_actions() - find such actions, nested ones too. */
void twinpath_walk_actions(const struct ovsnl_client_bytes *actions,
			   twinpath_walk_fn *found, void *arg);

/** twinpath_walk_copy_mask() - the mask of a dump, as a request needs it.
 * @to: as much room as @mask has, in whole words
 * Dumps tell of a port that does not matter by a mask with all bits above the
 * lower 16, which in requests would make it matter: it is left out.
 * Return: bytes.
 */
size_t twinpath_walk_copy_mask(const struct ovsnl_client_bytes *mask, void *to);

/** twinpath_walk_ok() - are these whole attributes, one after the other? */
bool twinpath_walk_ok(const struct ovsnl_client_bytes *bytes);

#endif
