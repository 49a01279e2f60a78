/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWINPATH_SHOW_H
#define TWINPATH_SHOW_H

#include <jansson.h>
#include <stdbool.h>

#include "twinpath_client.h"

/* What the reading commands show: gathered as JSON, printed as that or as
 * text. They say on stderr what goes wrong and return an exit status.
 */

/** twinpath_show() - the end of such a command: frees @value after it was
 * printed, as JSON or by @print, unless @status says that it is not whole.
 * Return: @status.
 */
int twinpath_show(json_t *value, int status, bool json,
		  void (*print)(const json_t *value));

/** twinpath_show_ports() - `twinpath port list`. */
int twinpath_show_ports(struct twinpath_client *client, bool json);

/** twinpath_show_stats() - `twinpath stats`. */
int twinpath_show_stats(struct twinpath_client *client, bool json);

#endif
