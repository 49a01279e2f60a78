/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_VHOST_SOCKET_H
#define TWIN_VHOST_SOCKET_H

/** twin_vhost_socket_clear() - remove the socket file that a killed daemon left
 * in the place where a vhost-user device wants to make its own.
 * @devargs: of any device; only those of net_vhost as server matter
 * A socket that somebody answers on stays. Any thread.
 */
void twin_vhost_socket_clear(const char *devargs);

#endif
