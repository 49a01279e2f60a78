// SPDX-License-Identifier: BSD-3-Clause
/*
 * A file of netlink messages that outlives the process.
 *
 * Overview
 *	The file is mapped, so that adding a message costs no system call: its
 *	pages are the kernel's, and stay when the process is killed. A
 *	message's length, its first word, is stored last; the file ends at the
 *	first length of 0.
 *
 *	  "TWINJRN1" | message | message | ... | 0
 *
 * Life cycle
 *	Written under a temporary name, then moved into place, then appended to.
 *
 * Synchronisation
 *	Control thread only. A reader is a later process.
 *
 * Lock order
 *	No locks.
 */
#define _GNU_SOURCE
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "TWINJRN1"
#define MAGIC_LEN 8
#define STEP (1 << 20)

/** struct twin_journal
 * @map, @size: of the file
 * @used: bytes with messages in them
 */
struct twin_journal {
	char *path;
	char *temporary;
	int fd;
	char *map;
	size_t size;
	size_t used;
};

/* Blocks are taken now: a full file system is no SIGBUS later. */
static int grow(struct twin_journal *j, size_t size)
{
	void *map;
	int err;

	err = posix_fallocate(j->fd, 0, size);
	if (err)
		return -err;
	map = j->map ? mremap(j->map, j->size, size, MREMAP_MAYMOVE)
		     : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			    j->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	j->map = map;
	j->size = size;
	return 0;
}

struct twin_journal *twin_journal_create(const char *path)
{
	struct twin_journal *j = calloc(1, sizeof(*j));
	int err = -ENOMEM;

	if (!j)
		return NULL;
	j->fd = -1;
	j->path = strdup(path);
	if (!j->path || asprintf(&j->temporary, "%s.new", path) < 0)
		goto err_close;
	j->fd = open(j->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
		     0600);
	err = j->fd < 0 ? -errno : grow(j, STEP);
	if (err)
		goto err_close;
	memcpy(j->map, MAGIC, MAGIC_LEN);
	j->used = MAGIC_LEN;
	return j;

err_close:
	twin_journal_close(j, true);
	errno = -err;
	return NULL;
}

int twin_journal_publish(struct twin_journal *j)
{
	if (rename(j->temporary, j->path) < 0)
		return -errno;
	free(j->temporary);
	j->temporary = NULL;
	return 0;
}

int twin_journal_append(struct twin_journal *j, const struct nlmsghdr *nlh,
			__u16 flags)
{
	size_t len = NLMSG_ALIGN((size_t)nlh->nlmsg_len);
	struct nlmsghdr *to;
	int err;

	/* The length behind it stays 0. */
	if (j->used + len + sizeof(nlh->nlmsg_len) > j->size) {
		err = grow(j, j->size + j->size / 2 + len + STEP);
		if (err)
			return err;
	}
	to = (struct nlmsghdr *)(j->map + j->used);
	memcpy(&to->nlmsg_type, &nlh->nlmsg_type,
	       nlh->nlmsg_len - sizeof(nlh->nlmsg_len));
	to->nlmsg_flags = flags;
	__atomic_store_n(&to->nlmsg_len, nlh->nlmsg_len, __ATOMIC_RELEASE);
	j->used += len;
	return 0;
}

size_t twin_journal_size(const struct twin_journal *j)
{
	return j->used;
}

void twin_journal_close(struct twin_journal *j, bool remove)
{
	if (!j)
		return;
	if (j->map)
		munmap(j->map, j->size);
	if (j->fd >= 0)
		close(j->fd);
	if (j->temporary)
		unlink(j->temporary);
	else if (remove && j->path)
		unlink(j->path);
	free(j->temporary);
	free(j->path);
	free(j);
}

/* Reading */

static int walk(const char *map, size_t size,
		void (*fn)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	size_t at = MAGIC_LEN;
	const struct nlmsghdr *nlh;

	if (size < MAGIC_LEN || memcmp(map, MAGIC, MAGIC_LEN))
		return -EINVAL;
	while (size - at >= sizeof(*nlh)) {
		nlh = (const struct nlmsghdr *)(map + at);
		if (nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > size - at)
			return 0;
		fn(nlh, arg);
		at += NLMSG_ALIGN((size_t)nlh->nlmsg_len);
		if (at > size)
			return 0;
	}
	return 0;
}

int twin_journal_read(const char *path,
		      void (*fn)(const struct nlmsghdr *nlh, void *arg),
		      void *arg)
{
	struct stat st;
	char *map;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) < 0 || !st.st_size) {
		close(fd);
		return -EINVAL;
	}
	map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return -errno;
	err = walk(map, st.st_size, fn, arg);
	munmap(map, st.st_size);
	return err;
}
