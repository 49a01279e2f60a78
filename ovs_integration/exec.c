// SPDX-License-Identifier: BSD-3-Clause
/*
 * `twinpath exec`: start a program whose generic netlink goes to the daemon.
 *
 * Overview
 *
 *	All is checked before anything is changed, so that each way in which the
 *	program could end up talking to the kernel's datapath unnoticed is an
 *	error with a name instead: no daemon, no library, a program that the
 *	loader starts without preloaded libraries (ld.so(8), secure-execution
 *	mode) or without a loader.
 */
#define _GNU_SOURCE
#include "exec.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "client/transport.h"

#define LIBRARY "libtwinpath-nl.so"
#define WAIT_STEP_MS 20

enum {
	STATUS_FAILED = 1,
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
};

/* Where the library may be, from the directory of this program. */
static const char *const library_dirs[] = { "", "../lib/", "../lib/twinpath/" };

static int find_library(char *path)
{
	char dir[PATH_MAX], try[PATH_MAX + 64], *slash;
	ssize_t len;
	size_t i;

	len = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	if (len < 0) {
		fprintf(stderr, "twinpath: /proc/self/exe: %m\n");
		return STATUS_FAILED;
	}
	dir[len] = '\0';
	slash = strrchr(dir, '/');
	slash[1] = '\0';
	for (i = 0; i < sizeof(library_dirs) / sizeof(library_dirs[0]); i++) {
		snprintf(try, sizeof(try), "%s%s" LIBRARY, dir,
			 library_dirs[i]);
		if (realpath(try, path))
			break;
	}
	if (i == sizeof(library_dirs) / sizeof(library_dirs[0])) {
		fprintf(stderr,
			"twinpath: " LIBRARY " is neither in %s nor in its "
			"../lib and ../lib/twinpath\n",
			dir);
		return STATUS_FAILED;
	}
	if (strpbrk(path, " :")) {
		fprintf(stderr,
			"twinpath: '%s': LD_PRELOAD can't name a path with a "
			"space or colon\n",
			path);
		return STATUS_FAILED;
	}
	return 0;
}

/* Try one place. Return 0, or errno of why it is not it. */
static int try_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	return access(path, X_OK) < 0 ? errno : 0;
}

/* Look in each directory of @dirs. Return 0 or errno as execvp() has it. */
static int search_program(const char *dirs, const char *name, char *path)
{
	int err = ENOENT, one;
	size_t len;

	for (;; dirs += len + 1) {
		len = strchrnul(dirs, ':') - dirs;
		if (snprintf(path, PATH_MAX, "%.*s%s%s", (int)len, dirs,
			     len ? "/" : "", name) < PATH_MAX) {
			one = try_program(path);
			if (!one)
				return 0;
			if (one == EACCES)
				err = one;
		}
		if (!dirs[len])
			return err;
	}
}

static int find_program(const char *name, char *path)
{
	const char *dirs = getenv("PATH");
	int err;

	if (strchr(name, '/')) {
		err = try_program(name);
		snprintf(path, PATH_MAX, "%s", name);
	} else {
		err = search_program(dirs ? dirs : "/bin:/usr/bin", name, path);
	}
	if (!err)
		return 0;
	fprintf(stderr, "twinpath: %s: %s\n", name, strerror(err));
	return err == ENOENT || err == ENOTDIR ? STATUS_NOT_FOUND
					       : STATUS_NOT_EXECUTABLE;
}

/* Would the program run with rights that its user has not? */
static bool raises_rights(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	if (st.st_mode & S_ISUID && st.st_uid != getuid())
		return true;
	if ((st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	    st.st_gid != getgid())
		return true;
	return getuid() != 0 &&
	       getxattr(path, "security.capability", NULL, 0) > 0;
}

/* A native program without a loader. What can't be read is not one. */
static bool is_static(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), i;
	bool loader = false, executable = false;
	Elf64_Ehdr head;
	Elf64_Phdr part;

	if (fd < 0)
		return false;
	if (read(fd, &head, sizeof(head)) == (ssize_t)sizeof(head) &&
	    !memcmp(head.e_ident, ELFMAG, SELFMAG) &&
	    head.e_ident[EI_CLASS] == ELFCLASS64)
		executable = true;
	for (i = 0; executable && i < head.e_phnum; i++)
		if (pread(fd, &part, sizeof(part),
			  head.e_phoff + i * sizeof(part)) ==
			    (ssize_t)sizeof(part) &&
		    part.p_type == PT_INTERP)
			loader = true;
	close(fd);
	return executable && !loader;
}

static int check_program(const char *name, const char *path)
{
	if (raises_rights(path)) {
		fprintf(stderr,
			"twinpath: %s is set-id or has file capabilities: no "
			"library can be preloaded into it\n",
			name);
		return STATUS_NOT_EXECUTABLE;
	}
	if (is_static(path)) {
		fprintf(stderr,
			"twinpath: %s is linked statically: no library can be "
			"preloaded into it\n",
			name);
		return STATUS_NOT_EXECUTABLE;
	}
	return 0;
}

static int check_daemon(const char *socket)
{
	const struct timespec step = { .tv_nsec = WAIT_STEP_MS * 1000000l };
	unsigned int left = ovsnl_transport_wait_ms();
	struct ovsnl_page *page = NULL;
	int fd = ovsnl_transport_open(socket, &page);

	while (fd < 0 && left) {
		nanosleep(&step, NULL);
		left -= left < WAIT_STEP_MS ? left : WAIT_STEP_MS;
		fd = ovsnl_transport_open(socket, &page);
	}
	if (fd < 0) {
		fprintf(stderr, "twinpath: no twinpathd answers at %s: %s\n",
			socket, strerror(-fd));
		return STATUS_FAILED;
	}
	ovsnl_transport_unmap(page);
	close(fd);
	return 0;
}

/* For this process and the program alike. */
static int set_wait(unsigned int wait_ms)
{
	char text[16];

	if (!wait_ms)
		return 0;
	snprintf(text, sizeof(text), "%u", wait_ms);
	return setenv(OVSNL_TRANSPORT_WAIT_ENV, text, 1) ? STATUS_FAILED : 0;
}

static int set_environment(const char *socket, const char *library)
{
	const char *before = getenv("LD_PRELOAD");
	char *preload = NULL, *path = realpath(socket, NULL);
	int err = -1;

	if (path &&
	    asprintf(&preload, "%s%s%s", library, before && *before ? ":" : "",
		     before ? before : "") >= 0)
		err = setenv("LD_PRELOAD", preload, 1) ||
		      setenv(OVSNL_TRANSPORT_ENV, path, 1);
	if (err)
		fprintf(stderr, "twinpath: %m\n");
	free(preload);
	free(path);
	return err ? STATUS_FAILED : 0;
}

int twin_exec_run(const char *socket, unsigned int wait_ms, char **argv)
{
	char library[PATH_MAX], program[PATH_MAX];
	int status;

	if (!socket)
		socket = ovsnl_transport_path();
	status = find_program(argv[0], program);
	if (!status)
		status = check_program(argv[0], program);
	if (!status)
		status = find_library(library);
	if (!status)
		status = set_wait(wait_ms);
	if (!status)
		status = check_daemon(socket);
	if (!status)
		status = set_environment(socket, library);
	if (status)
		return status;
	execvp(program, argv);
	status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
	fprintf(stderr, "twinpath: %s: %m\n", argv[0]);
	return status;
}
