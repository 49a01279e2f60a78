/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_SHADOW_H
#define TWIN_SHADOW_H

#include "link.h"
#include "port.h"

/* Shadows: TAP devices by which Linux shows the ports that it has no device
 * for, so that programs that look ports up among Linux's devices find them.
 * Control thread.
 */

/** twin_shadow_enable() - ports made from now on get one. */
void twin_shadow_enable(void);

/** twin_shadow_create() - make the shadow of @port, if ports are to have one
 * and no Linux device of its name is there already.
 * @err: TWIN_ERR_LEN bytes for a sentence
 * Return: 0, or an errno with @err written.
 */
int twin_shadow_create(struct twin_port *port, char *err);

/** twin_shadow_destroy() - remove it, if there is one. With @port->leave it
 * stays for a later daemon.
 */
void twin_shadow_destroy(struct twin_port *port);

/** twin_shadow_mirror() - show what the port is, if it has a shadow: MAC, MTU,
 * carrier, speed.
 */
void twin_shadow_mirror(struct twin_port *port);

/** twin_shadow_show_link() - of these, the carrier and the speed. */
void twin_shadow_show_link(struct twin_port *port);

/** twin_shadow_changed() - Linux's side was changed: take that over, or take
 * it back when the port can't.
 */
void twin_shadow_changed(struct twin_port *port, const struct twin_link *link);

#endif
