/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TWIN_GENL_OVS_H
#define TWIN_GENL_OVS_H

#include "ovsnl_family.h"

/* The ovs_* families: netlink_api's bodies behind the unix socket. All on the
 * control thread.
 */

/** twin_genl_ovs_register() - register the families of ovsnl_families, to be
 * answered by @ops, which must stay.
 */
void twin_genl_ovs_register(const struct ovsnl_ops *ops);

/** twin_genl_ovs_type() - nlmsg_type of a family's messages. Any thread. */
__u16 twin_genl_ovs_type(enum ovsnl_family_id family);

/* Members of struct ovsnl_ops of the same names: see ovsnl_ops.h. They also
 * serve requests that no client made (portid 0, flags 0).
 */
int twin_genl_ovs_reply_alloc(struct ovsnl_request *req, size_t size,
			      struct ovsnl_writer *w);
void twin_genl_ovs_reply_free(struct ovsnl_request *req,
			      struct ovsnl_writer *w);
int twin_genl_ovs_reply_unicast(struct ovsnl_request *req,
				struct ovsnl_writer *w);
void twin_genl_ovs_reply_notify(struct ovsnl_request *req,
				struct ovsnl_writer *w);
bool twin_genl_ovs_wanted(struct ovsnl_request *req);

#endif
