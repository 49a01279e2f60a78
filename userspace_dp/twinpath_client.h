/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWINPATH_CLIENT_H
#define TWINPATH_CLIENT_H

#include <jansson.h>

#include "ctl_wire.h"
#include "ovsnl_attr.h"

/* The twinpath command's side of ctl_wire.h. One thread. */

/* Exit statuses of the command. */
enum {
	TWINPATH_OK = 0,
	TWINPATH_REFUSED = 1, /* the daemon said no */
	TWINPATH_USAGE = 2, /* the command line is wrong */
	TWINPATH_NO_DAEMON = 3, /* nobody answers, or not understandably */
	TWINPATH_PARTLY = 4, /* done, but for what was reported */
};

struct twinpath_client;

/** twinpath_client_open() - connect to the daemon.
 * @path: of the socket; NULL for the default
 * Says on stderr what is wrong. Return: NULL then.
 */
struct twinpath_client *twinpath_client_open(const char *path);

/** twinpath_client_close() - NULL is allowed. */
void twinpath_client_close(struct twinpath_client *client);

/** struct twinpath_request - what to ask.
 * @cmd: enum twin_ctl_cmd
 * @dump: all there are
 * @name, @devargs: attributes, NULL for none
 * @mtu: attribute, 0 for none
 * @count: attribute, 0 for none
 * @queue, @worker, @isolated, @balance: attributes, NULL for none
 */
struct twinpath_request {
	uint8_t cmd;
	bool dump;
	const char *name;
	const char *devargs;
	uint32_t mtu;
	uint64_t count;
	const uint32_t *queue;
	const uint32_t *worker;
	const uint8_t *isolated;
	const struct twin_ctl_balance *balance;
};

/**
 * twinpath_client_ask() - send a request and take the answers.
 * @answer: called for each message, with its attributes by type
 *          (TWIN_CTL_ATTR_END entries); may be NULL
 * @arg: passed on
 * Says on stderr what is wrong. Return: an exit status.
 */
int twinpath_client_ask(
	struct twinpath_client *client, const struct twinpath_request *request,
	void (*answer)(const struct nlattr *const *tb, void *arg), void *arg);

#endif
