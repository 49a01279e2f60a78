// SPDX-License-Identifier: BSD-3-Clause
/*
 * Going to the background.
 *
 * Overview
 *
 *	The parent waits at a pipe: a byte means ready; its end means that the
 *	child is no more, whose exit status then becomes the parent's.
 */
#define _GNU_SOURCE
#include "detach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "log.h"

static int ready_fd = -1;

static void wait_for_child(pid_t child, int fd)
{
	int status = 0;
	char byte;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	if (waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	    WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));
	_exit(1);
}

/* Nothing of the terminal is kept but stderr, where the log goes. */
static void leave_terminal(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	if (chdir("/") < 0)
		twin_log("cannot change to /: %s", strerror(errno));
	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	close(fd);
}

int twin_detach_start(const struct twin_options *opt)
{
	int fds[2];
	pid_t child;

	if (!opt->detach)
		return 0;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child < 0)
		return -errno;
	if (child) {
		close(fds[1]);
		wait_for_child(child, fds[0]);
	}
	close(fds[0]);
	ready_fd = fds[1];
	leave_terminal();
	return 0;
}

static int write_pidfile(const char *path)
{
	FILE *f = fopen(path, "we");
	int err = 0;

	if (!f || fprintf(f, "%d\n", getpid()) < 0)
		err = -errno;
	if (f && fclose(f) && !err)
		err = -errno;
	if (err)
		twin_log("cannot write %s: %s", path, strerror(-err));
	return err;
}

int twin_detach_ready(const struct twin_options *opt)
{
	int err = opt->pidfile ? write_pidfile(opt->pidfile) : 0;

	if (err)
		return err;
	sd_notify(0, "READY=1");
	if (ready_fd < 0)
		return 0;
	if (write(ready_fd, "", 1) < 0)
		twin_log("nobody waits for the daemon to be ready");
	close(ready_fd);
	ready_fd = -1;
	return 0;
}

void twin_detach_end(const struct twin_options *opt)
{
	sd_notify(0, "STOPPING=1");
	if (opt->pidfile)
		unlink(opt->pidfile);
}
