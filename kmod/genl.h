/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_GENL_H
#define OVS_GENL_H

#include <linux/skbuff.h>
#include <net/net_namespace.h>

#include "ovsnl_family.h"

/** ovs_genl_init() - register the families; 0 or a negative errno. */
int ovs_genl_init(void);

/** ovs_genl_exit() - unregister them: no request is running after that. */
void ovs_genl_exit(void);

/** ovs_genl_id() - run-time id of a family, valid while it is registered. */
u16 ovs_genl_id(enum ovsnl_family_id family);

/**
 * ovs_genl_vport_notice() - multicast that the datapath itself did something
 * to a vport.
 * @cmd: OVS_VPORT_CMD_*
 * Return: the message, to be handed to ovs_genl_vport_multicast() when what it
 * tells of is done, or NULL. Context: ovs_mutex, may sleep.
 */
struct sk_buff *ovs_genl_vport_notice(struct vport *vport, u8 cmd);

/** ovs_genl_vport_multicast() - send it; @msg NULL tells listeners of a loss. */
void ovs_genl_vport_multicast(struct net *net, struct sk_buff *msg);

/* Members of struct ovsnl_ops: contracts in ovsnl_ops.h. */

int ovs_genl_reply_alloc(struct ovsnl_request *req, size_t size,
			 struct ovsnl_writer *w);
void ovs_genl_reply_free(struct ovsnl_request *req, struct ovsnl_writer *w);
int ovs_genl_reply_unicast(struct ovsnl_request *req, struct ovsnl_writer *w);
void ovs_genl_reply_notify(struct ovsnl_request *req, struct ovsnl_writer *w);
bool ovs_genl_wanted(struct ovsnl_request *req);

#endif
