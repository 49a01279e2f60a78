// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Requests and upcalls of the packet family. */
#include "request.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

int ovsnl_client_packet_decode(const struct ovsnl_client_message *message,
			       struct ovsnl_client_packet *packet)
{
	const struct nlattr *const *attr = message->attr;

	if (message->family != OVSNL_FAMILY_PACKET)
		return -EBADMSG;
	*packet = (struct ovsnl_client_packet){
		.packet = ovsnl_request_bytes(attr[OVS_PACKET_ATTR_PACKET]),
		.key = ovsnl_request_bytes(attr[OVS_PACKET_ATTR_KEY]),
		.actions = ovsnl_request_bytes(attr[OVS_PACKET_ATTR_ACTIONS]),
		.userdata = ovsnl_request_bytes(attr[OVS_PACKET_ATTR_USERDATA]),
	};
	if (!packet->packet.data || !packet->key.data)
		return -EBADMSG;
	ovsnl_request_int(attr[OVS_PACKET_ATTR_HASH], &packet->hash,
			  sizeof(packet->hash));
	ovsnl_request_int(attr[OVS_PACKET_ATTR_MRU], &packet->mru,
			  sizeof(packet->mru));
	ovsnl_request_int(attr[OVS_PACKET_ATTR_LEN], &packet->full_len,
			  sizeof(packet->full_len));
	return 0;
}

static struct nl_msg *execute_request(struct ovsnl_client *client,
				      int dp_ifindex,
				      const struct ovsnl_client_packet *packet)
{
	struct nl_msg *msg;

	msg = ovsnl_request_new(client, OVSNL_FAMILY_PACKET,
				OVS_PACKET_CMD_EXECUTE, 0, dp_ifindex,
				packet->packet.len + packet->key.len +
					packet->actions.len + 16);
	if (msg &&
	    (nla_put(msg, OVS_PACKET_ATTR_PACKET, packet->packet.len,
		     packet->packet.data) < 0 ||
	     ovsnl_request_put_nested(msg, OVS_PACKET_ATTR_KEY, &packet->key) ||
	     ovsnl_request_put_nested(msg, OVS_PACKET_ATTR_ACTIONS,
				      &packet->actions) ||
	     (packet->hash &&
	      nla_put_u64(msg, OVS_PACKET_ATTR_HASH, packet->hash) < 0) ||
	     (packet->mru &&
	      nla_put_u16(msg, OVS_PACKET_ATTR_MRU, packet->mru) < 0))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

int ovsnl_client_packet_execute(struct ovsnl_client *client, int dp_ifindex,
				const struct ovsnl_client_packet *packet)
{
	return ovsnl_request_run(client,
				 execute_request(client, dp_ifindex, packet), 0,
				 NULL, NULL);
}

int ovsnl_client_packet_execute_all(struct ovsnl_client *client, int dp_ifindex,
				    const struct ovsnl_client_packet *packets,
				    size_t n, int *errors)
{
	struct nl_msg *msgs[OVSNL_CLIENT_EXECUTE_MAX];
	size_t i;

	if (!n || n > OVSNL_CLIENT_EXECUTE_MAX)
		return n ? -EINVAL : 0;
	for (i = 0; i < n; i++) {
		msgs[i] = execute_request(client, dp_ifindex, &packets[i]);
		if (!msgs[i])
			goto err_msgs;
	}
	return ovsnl_request_exchange(client, msgs, n, NULL, NULL, errors);

err_msgs:
	while (i--)
		nlmsg_free(msgs[i]);
	return -ENOMEM;
}
