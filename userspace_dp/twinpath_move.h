/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWINPATH_MOVE_H
#define TWINPATH_MOVE_H

#include <stdbool.h>

/* `twinpath copy`, `save` and `restore`. Places are "kernel", "twin" or the
 * path of a socket. They say on stdout what was done and what was not, on
 * stderr what is wrong, and return an exit status.
 */

/** struct twinpath_move_options - how.
 * @socket: what "twin" means, NULL for the default
 * @datapath: which, NULL for the only one there is
 * @replace: delete a datapath of that name that is there already
 * @move: delete it at its old place
 * @strict: all or nothing
 * @keep_pids: port ids of clients mean the same at the new place
 * @json: say it in JSON
 */
struct twinpath_move_options {
	const char *socket;
	const char *datapath;
	bool replace;
	bool move;
	bool strict;
	bool keep_pids;
	bool json;
};

/** twinpath_move_copy() - `twinpath copy FROM TO`. */
int twinpath_move_copy(const char *from, const char *to,
		       const struct twinpath_move_options *options);

/** twinpath_move_save() - `twinpath save FROM FILE`. */
int twinpath_move_save(const char *from, const char *path,
		       const struct twinpath_move_options *options);

/** twinpath_move_restore() - `twinpath restore FILE TO`. */
int twinpath_move_restore(const char *path, const char *to,
			  const struct twinpath_move_options *options);

#endif
