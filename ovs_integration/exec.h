/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * `twinpath exec`: start a program whose generic netlink goes to the daemon.
 */
#ifndef TWIN_EXEC_H
#define TWIN_EXEC_H

/**
 * twin_exec_run() - become a program that runs under the preload library
 * @socket: the daemon's socket, or NULL for $TWINPATH_SOCKET or the default
 * @wait_ms: how long the program's calls wait for a daemon that is away, and
 *	this function for one that does not answer yet; 0 for what
 *	$TWINPATH_WAIT_MS says
 * @argv: the program, looked for in $PATH as execvp() does, and its arguments;
 *	ends with NULL
 *
 * The library is looked for next to this program's own file, then in ../lib and
 * ../lib/twinpath from there. It is put in front of what LD_PRELOAD holds;
 * TWINPATH_SOCKET is set to the socket's absolute path. Before that the socket
 * is tried: a program that would find no daemon is not started.
 *
 * A program that the dynamic loader would start without the library is not
 * started either, since it would talk to the kernel instead: one with set-id
 * bits or file capabilities that raise this user's rights, or one that is
 * linked statically.
 *
 * Context: a program with one thread.
 * Return: never on success; else the exit status for the shell, after one line
 * on stderr: 127 no such program, 126 it can't be started (this way), 1 no
 * daemon, no library, or out of memory.
 */
int twin_exec_run(const char *socket, unsigned int wait_ms, char **argv);

#endif
