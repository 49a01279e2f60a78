/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_JOURNAL_H
#define TWIN_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/netlink.h>

/* A file of netlink messages that outlives the process: each is there whole or
 * not at all, however the process ends. (It is not safe against the machine's
 * end: keep it in /run.) Control thread.
 */

struct twin_journal;

/** twin_journal_create() - make an empty one, under a temporary name.
 * @path: where twin_journal_publish() will put it
 * Return: NULL with errno set.
 */
struct twin_journal *twin_journal_create(const char *path);

/** twin_journal_publish() - move it into place, over an older one.
 * Return: 0 or -errno.
 */
int twin_journal_publish(struct twin_journal *journal);

/** twin_journal_append() - add a message; nlmsg_len tells its length.
 * @flags: what nlmsg_flags are to be
 * Return: 0 or -errno (ENOSPC, ...): the journal is of no use any more.
 */
int twin_journal_append(struct twin_journal *journal,
			const struct nlmsghdr *nlh, __u16 flags);

/** twin_journal_size() - bytes in it. */
size_t twin_journal_size(const struct twin_journal *journal);

/** twin_journal_close() - keep the file, or remove it. NULL is allowed. */
void twin_journal_close(struct twin_journal *journal, bool remove);

/** twin_journal_read() - call @fn for each message of the file at @path.
 * Return: 0, also when there is no such file; -EINVAL when it is of another
 * version; or -errno.
 */
int twin_journal_read(const char *path,
		      void (*fn)(const struct nlmsghdr *nlh, void *arg),
		      void *arg);

#endif
