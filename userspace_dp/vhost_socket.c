// SPDX-License-Identifier: BSD-3-Clause
/*
 * Socket files of vhost-user devices.
 *
 * Overview
 *	DPDK's vhost library makes its socket file and removes it, but does not
 *	replace one that is in the way: after a daemon was killed the device
 *	could not be plugged in again.
 *
 * Life cycle
 *	One call before a device is plugged in.
 *
 * Synchronisation
 *	None.
 *
 * Lock order
 *	No locks.
 */
#define _GNU_SOURCE
#include "vhost_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Does a connection fail because nobody is there? */
static bool is_abandoned(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st;
	bool refused;
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path) || lstat(path, &st) ||
	    !S_ISSOCK(st.st_mode))
		return false;
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0 &&
		  errno == ECONNREFUSED;
	close(fd);
	return refused;
}

void twin_vhost_socket_clear(const char *devargs)
{
	char *copy, *word, *rest, *path = NULL;
	bool client = false;

	if (strncmp(devargs, "net_vhost", 9) &&
	    strncmp(devargs, "eth_vhost", 9))
		return;
	copy = strdup(devargs);
	rest = copy;
	while (rest && (word = strsep(&rest, ","))) {
		if (!strncmp(word, "iface=", 6))
			path = word + 6;
		if (!strncmp(word, "client=", 7))
			client = atoi(word + 7) != 0;
	}
	if (path && !client && is_abandoned(path))
		unlink(path);
	free(copy);
}
