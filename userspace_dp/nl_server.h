/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_NL_SERVER_H
#define TWIN_NL_SERVER_H

#include <stdint.h>
#include <sys/types.h>

/* The netlink socket: accepts clients and takes their requests. Runs on the
 * control thread's loop (loop.h); families are in genl.h, sending in nl_port.h.
 */

/** struct twin_nl_server_stats - what `twinpath stats` tells. */
struct twin_nl_server_stats {
	uint32_t connections;
	uint64_t accepted;
	uint64_t refused; /* hung up at once: no memory, HELLO failed */
	uint64_t requests;
	uint64_t lost; /* messages that did not fit, of connections now gone */
};

/**
 * twin_nl_server_open() - put the socket into the file system and answer.
 * @path: socket file; its directory is made (mode 0755) if it is missing
 * @group: group of the socket, whose members may make changes
 *
 * A socket file that nobody answers on is replaced. Says on the log what went
 * wrong. Return: 0 or -errno (-EADDRINUSE: another daemon answers there).
 */
int twin_nl_server_open(const char *path, gid_t group);

/** twin_nl_server_close() - hang up on everybody, remove the socket file. */
void twin_nl_server_close(void);

/** twin_nl_server_stats() - current counters. */
void twin_nl_server_stats(struct twin_nl_server_stats *stats);

#endif
