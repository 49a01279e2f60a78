// SPDX-License-Identifier: BSD-3-Clause
/*
 * Copying, saving and restoring datapaths.
 *
 * Overview
 *
 *	A copy is saved into a nameless file first and restored from there: what
 *	is written has been read whole, and checked, before. Where a datapath is
 *	to be deleted, because it moves or is replaced, what it was is kept that
 *	way, and put back if the new one can't be made: with the port ids of its
 *	clients, who are still where it was.
 *
 * Life cycle
 *
 *	One call. Of files with a name, the new one takes the old one's place
 *	when it is complete.
 */
#define _GNU_SOURCE
#include "twinpath_move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "twinpath_client.h"
#include "twinpath_state.h"

#define TEXT_SIZE 512

/** struct store - a datapath in a file.
 * @f: the file, NULL for none
 * @records: what is in it, NULL until that has been checked
 */
struct store {
	FILE *f;
	struct twinpath_file *records;
};

/** struct job - a datapath on its way.
 * @from, @to: places; @to.word is NULL when saving, @from.word when restoring
 * @spool: what is to be written
 * @old: what was at @to, if anything
 * @removed: it was deleted at @from
 */
struct job {
	const struct twinpath_move_options *options;
	struct twinpath_report report;
	struct twinpath_place from, to;
	struct store spool, old;
	bool removed;
	char name[IFNAMSIZ];
};

static int usage(const char *word)
{
	fprintf(stderr,
		"twinpath: neither 'kernel', 'twin' nor a socket's path: '%s'\n"
		"Try 'twinpath --help'.\n",
		word);
	return TWINPATH_USAGE;
}

/* Of errors that are not about what was asked for. */
static int status_of(int err)
{
	switch (err) {
	case -ECONNREFUSED:
	case -ECONNRESET:
	case -EPROTO:
	case -EPROTONOSUPPORT:
	case -ETIMEDOUT:
		return TWINPATH_NO_DAEMON;
	default:
		return TWINPATH_REFUSED;
	}
}

/* Stores */

/* Check all that the file holds. @path: what it is called, NULL for nameless */
static int store_check(struct store *store, const char *path,
		       struct twinpath_report *report)
{
	char error[TEXT_SIZE];

	store->records = twinpath_file_open(store->f, error, sizeof(error));
	if (store->records)
		return 0;
	twinpath_report_error(report, "%s: %s", path ? path : "the copy",
			      error);
	return -EBADMSG;
}

/* Save a datapath into the file, and check what is there then. */
static int store_save(struct store *store, const struct twinpath_place *from,
		      const char *name, const char *path,
		      struct twinpath_report *report)
{
	struct twinpath_file *file = twinpath_file_write_begin(store->f);
	int err, end;

	if (!file) {
		twinpath_report_error(report, "can't write the file");
		return -EIO;
	}
	err = twinpath_state_read(from, name, twinpath_file_take, file, report);
	end = twinpath_file_write_end(file);
	if (!err && end)
		twinpath_report_error(report, "can't write the file: %s",
				      strerror(-end));
	if (!err)
		err = end;
	return err ? err : store_check(store, path, report);
}

/* Save a datapath into a nameless file. */
static int store_spool(struct store *store, const struct twinpath_place *from,
		       const char *name, struct twinpath_report *report)
{
	store->f = tmpfile();
	if (store->f)
		return store_save(store, from, name, NULL, report);
	twinpath_report_error(report, "can't make a file for the copy: %s",
			      strerror(errno));
	return -EIO;
}

static void store_close(struct store *store)
{
	twinpath_file_close(store->records);
	if (store->f)
		fclose(store->f);
	*store = (struct store){ NULL, NULL };
}

/* Jobs */

/* Write what @from holds. Reports what is wrong and undoes it then. */
static int write_from(const struct twinpath_place *to, struct store *from,
		      bool keep_pids, bool strict,
		      struct twinpath_report *report)
{
	struct twinpath_writer *w;
	char error[TEXT_SIZE] = "";
	int err;

	w = twinpath_writer_open(to, keep_pids, report);
	if (!w)
		return -ECONNREFUSED;
	err = twinpath_file_replay(from->records, twinpath_writer_take, w,
				   error, sizeof(error));
	if (!err)
		err = twinpath_writer_flush(w);
	if (*error)
		twinpath_report_error(report, "%s", error);
	if (!err && strict && twinpath_report_any_lost(report)) {
		twinpath_report_error(
			report, "%s: not all can be carried: undone", to->word);
		err = -ECANCELED;
	}
	twinpath_writer_close(w, err);
	return err;
}

/* Is there a datapath of that name at the new place? If it may be replaced,
 * keep what it is.
 */
static int look_at_target(struct job *job)
{
	struct ovsnl_client *client;
	struct ovsnl_client_dp dp;
	int err = twinpath_place_open(&job->to, &job->report, &client);

	if (err)
		return err;
	err = ovsnl_client_dp_get(client, job->name, &dp);
	ovsnl_client_close(client);
	if (err == -ENODEV)
		return 0;
	if (err) {
		twinpath_report_error(&job->report, "%s: %s", job->to.word,
				      strerror(-err));
		return err;
	}
	if (!job->options->replace) {
		twinpath_report_error(&job->report,
				      "%s: there is a datapath '%s' already "
				      "(--replace deletes it first)",
				      job->to.word, job->name);
		return -EEXIST;
	}
	return store_spool(&job->old, &job->to, job->name, &job->report);
}

/* Put back what was deleted. */
static void put_back(struct job *job, const struct twinpath_place *place,
		     struct store *store)
{
	struct twinpath_report report;

	twinpath_report_begin(&report, true);
	if (write_from(place, store, true, false, &report) ||
	    twinpath_report_any_lost(&report))
		twinpath_report_error(
			&job->report,
			"%s: datapath '%s' can't be put back whole",
			place->word, job->name);
	else
		twinpath_report_note(&job->report,
				     "%s: datapath '%s' is back as it was",
				     place->word, job->name);
	json_decref(report.root);
}

/* What must not be there while the new datapath is made. */
static int remove_old(struct job *job)
{
	int err = 0;

	if (job->options->move)
		err = twinpath_place_delete(&job->from, job->name,
					    &job->report);
	if (err)
		return err;
	job->removed = job->options->move;
	if (!job->old.f)
		return 0;
	err = twinpath_place_delete(&job->to, job->name, &job->report);
	if (err)
		store_close(&job->old);
	return err;
}

/* From the spool to the new place. */
static int deliver(struct job *job)
{
	int err;

	err = look_at_target(job);
	if (err)
		return err;
	err = remove_old(job);
	if (!err)
		err = write_from(&job->to, &job->spool, job->options->keep_pids,
				 job->options->strict, &job->report);
	if (err && job->old.f)
		put_back(job, &job->to, &job->old);
	if (err && job->removed)
		put_back(job, &job->from, &job->spool);
	return err;
}

static int finish(struct job *job, int err, const char *done)
{
	bool partly = twinpath_report_any_lost(&job->report);

	store_close(&job->spool);
	store_close(&job->old);
	twinpath_report_end(&job->report, err ? NULL : done,
			    *job->name ? job->name : NULL);
	if (err)
		return status_of(err);
	return partly ? TWINPATH_PARTLY : TWINPATH_OK;
}

int twinpath_move_copy(const char *from, const char *to,
		       const struct twinpath_move_options *options)
{
	struct job job = { .options = options };
	int err;

	if (!twinpath_place_parse(from, options->socket, &job.from))
		return usage(from);
	if (!twinpath_place_parse(to, options->socket, &job.to))
		return usage(to);
	twinpath_report_begin(&job.report, options->json);
	err = twinpath_place_choose(&job.from, options->datapath, &job.report,
				    job.name);
	if (err)
		return finish(&job, err, NULL);
	err = store_spool(&job.spool, &job.from, job.name, &job.report);
	if (!err)
		err = deliver(&job);
	return finish(&job, err, options->move ? "moved" : "copied");
}

/* A file beside @path that is to take its place. */
static FILE *open_temporary(const char *path, char **temporary)
{
	FILE *f = NULL;
	mode_t mask;
	int fd;

	if (asprintf(temporary, "%s.XXXXXX", path) < 0) {
		*temporary = NULL;
		return NULL;
	}
	fd = mkstemp(*temporary);
	if (fd >= 0) {
		mask = umask(0);
		umask(mask);
		fchmod(fd, 0666 & ~mask);
		f = fdopen(fd, "w+");
	}
	if (f)
		return f;
	if (fd >= 0) {
		close(fd);
		unlink(*temporary);
	}
	free(*temporary);
	*temporary = NULL;
	return NULL;
}

/* Of what is there already only a file may be replaced. */
static int make_file(struct job *job, const char *path, char **temporary)
{
	struct stat st;

	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		twinpath_report_error(&job->report, "%s: not a regular file",
				      path);
		return -EEXIST;
	}
	job->spool.f = open_temporary(path, temporary);
	if (job->spool.f)
		return 0;
	twinpath_report_error(&job->report, "%s: %s", path, strerror(errno));
	return -EIO;
}

int twinpath_move_save(const char *from, const char *path,
		       const struct twinpath_move_options *options)
{
	struct job job = { .options = options };
	char *temporary = NULL;
	int err;

	if (!twinpath_place_parse(from, options->socket, &job.from))
		return usage(from);
	twinpath_report_begin(&job.report, options->json);
	err = twinpath_place_choose(&job.from, options->datapath, &job.report,
				    job.name);
	if (!err)
		err = make_file(&job, path, &temporary);
	if (!err)
		err = store_save(&job.spool, &job.from, job.name, path,
				 &job.report);
	if (!err)
		twinpath_file_counts(job.spool.records, job.report.carried);
	if (!err && (fsync(fileno(job.spool.f)) || rename(temporary, path))) {
		twinpath_report_error(&job.report, "%s: %s", path,
				      strerror(errno));
		err = -EIO;
	}
	if (err && temporary)
		unlink(temporary);
	free(temporary);
	return finish(&job, err, "saved");
}

/* Without waiting for whoever would write into a pipe. */
static FILE *open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;

	if (fd >= 0 && !f)
		close(fd);
	return f;
}

/* What the file says of itself, before anything is done. */
static int check_file(struct job *job, const char *path)
{
	struct stat st;
	int err;

	job->spool.f = open_file(path);
	if (!job->spool.f || fstat(fileno(job->spool.f), &st)) {
		twinpath_report_error(&job->report, "%s: %s", path,
				      strerror(errno));
		return -EIO;
	}
	if (!S_ISREG(st.st_mode)) {
		twinpath_report_error(&job->report, "%s: not a regular file",
				      path);
		return -EBADMSG;
	}
	err = store_check(&job->spool, path, &job->report);
	if (!err)
		memcpy(job->name, twinpath_file_dp(job->spool.records),
		       IFNAMSIZ);
	return err;
}

int twinpath_move_restore(const char *path, const char *to,
			  const struct twinpath_move_options *options)
{
	struct job job = { .options = options };
	int err;

	if (!twinpath_place_parse(to, options->socket, &job.to))
		return usage(to);
	twinpath_report_begin(&job.report, options->json);
	err = check_file(&job, path);
	if (!err)
		err = deliver(&job);
	return finish(&job, err, "restored");
}
