// SPDX-License-Identifier: BSD-3-Clause
/*
 * Places where datapaths are: the kernel, or a daemon behind a socket.
 *
 * Overview
 *
 *	Parsing, connecting, choosing among datapaths, with what goes wrong in
 *	words.
 */
#include <errno.h>
#include <string.h>

#include "twinpath_state.h"

#define NAMES_SIZE 256

bool twinpath_place_parse(const char *word, const char *socket,
			  struct twinpath_place *place)
{
	place->word = word;
	place->transport = OVSNL_CLIENT_TWIN;
	place->path = socket;
	if (!strcmp(word, "kernel"))
		place->transport = OVSNL_CLIENT_KERNEL;
	else if (strchr(word, '/'))
		place->path = word;
	else if (strcmp(word, "twin"))
		return false;
	return true;
}

int twinpath_place_open(const struct twinpath_place *place,
			struct twinpath_report *report,
			struct ovsnl_client **client)
{
	int err = ovsnl_client_open(place->transport, place->path, client);

	if (err == -ENOENT && place->transport == OVSNL_CLIENT_KERNEL)
		twinpath_report_error(
			report, "kernel: no openvswitch module is loaded");
	else if (err)
		twinpath_report_error(report, "%s: can't connect: %s",
				      place->word, strerror(-err));
	return err;
}

/** struct choice - what twinpath_place_choose() passes to look_at(). */
struct choice {
	const char *wanted;
	char *name;
	int n;
	char names[NAMES_SIZE];
};

static int look_at(const struct ovsnl_client_message *message, void *arg)
{
	struct choice *choice = arg;
	struct ovsnl_client_dp dp;
	size_t len = strlen(choice->names);
	int err = ovsnl_client_dp_decode(message, &dp);

	if (err)
		return err;
	snprintf(choice->names + len, sizeof(choice->names) - len, "%s%s",
		 len ? ", " : "", dp.name);
	if (choice->wanted && strcmp(choice->wanted, dp.name))
		return 0;
	choice->n++;
	memcpy(choice->name, dp.name, IFNAMSIZ);
	return 0;
}

int twinpath_place_choose(const struct twinpath_place *place,
			  const char *wanted, struct twinpath_report *report,
			  char name[IFNAMSIZ])
{
	struct choice choice = { .wanted = wanted, .name = name };
	struct ovsnl_client *client;
	int err = twinpath_place_open(place, report, &client);

	if (err)
		return err;
	err = ovsnl_client_dp_dump(client, look_at, &choice);
	ovsnl_client_close(client);
	if (err) {
		twinpath_report_error(report, "%s: can't list datapaths: %s",
				      place->word, strerror(-err));
		return err;
	}
	if (choice.n == 1)
		return 0;
	if (!*choice.names)
		twinpath_report_error(report, "%s: there is no datapath",
				      place->word);
	else if (wanted)
		twinpath_report_error(report,
				      "%s: no datapath '%s'; there is: %s",
				      place->word, wanted, choice.names);
	else
		twinpath_report_error(
			report,
			"%s: several datapaths, choose one by --datapath: %s",
			place->word, choice.names);
	return -ENODEV;
}

int twinpath_place_delete(const struct twinpath_place *place, const char *name,
			  struct twinpath_report *report)
{
	struct ovsnl_client *client;
	int err = twinpath_place_open(place, report, &client);

	if (err)
		return err;
	err = ovsnl_client_dp_del(client, name);
	ovsnl_client_close(client);
	if (err)
		twinpath_report_error(report,
				      "%s: can't delete datapath '%s': %s",
				      place->word, name, strerror(-err));
	return err;
}
