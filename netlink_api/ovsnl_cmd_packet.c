// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Commands of the ovs_packet family: OVS_PACKET_CMD_EXECUTE.
 *
 * Overview: the request's key gives the metadata, the packet's own bytes its
 * headers; the actions are checked against both and run before the reply.
 *
 * Life cycle: compiled actions pass to the datapath with the call that runs
 * them.
 * Synchronisation: the run is under ops->read_lock().
 * Lock order: none taken here.
 */
#include "ovsnl_cmd.h"
#include "ovsnl_uapi_new.h"

/* OVS_PACKET_ATTR_HASH: the hash, computed in software, over transport ports */
#define HASH_BITS ((1ULL << 34) - 1)

static int extract_key(struct ovsnl_request *req, struct ovsnl_key *key,
		       struct ovsnl_execute *exec)
{
	const struct ovsnl_window win = {
		.data = exec->packet,
		.len = exec->len,
		.pkt_len = exec->len,
	};
	int err;

	err = ovsnl_key_metadata_parse(key, req->tb[OVS_PACKET_ATTR_KEY],
				       &req->err);
	if (err)
		return err;
	err = ovsnl_packet_parse(&win, key, &exec->layout);
	if (err)
		return ovsnl_err_set(&req->err, -EINVAL,
				     "packet is shorter than its headers",
				     req->tb[OVS_PACKET_ATTR_PACKET]);
	return ovsnl_key_check_ct_orig(req->tb[OVS_PACKET_ATTR_KEY], key,
				       exec->layout.l4_ofs == OVSNL_NO_OFS &&
					       key->ip_frag !=
						       OVS_FRAG_TYPE_LATER,
				       &req->err);
}

static int compile_actions(struct ovsnl_request *req,
			   const struct ovsnl_key *key,
			   struct ovsnl_execute *exec)
{
	const struct nlattr *a = req->tb[OVS_PACKET_ATTR_ACTIONS];
	size_t size;
	int err;

	err = ovsnl_actions_measure(a, key, &size, &req->err);
	if (err)
		return err;
	exec->acts = req->ops->actions_alloc(size);
	if (!exec->acts)
		return -ENOMEM;
	ovsnl_actions_build(exec->acts, a, key);
	err = req->ops->actions_prepare(req->net, exec->acts);
	if (err)
		req->ops->actions_free(exec->acts);
	return err;
}

static int run(struct ovsnl_request *req, const struct ovsnl_execute *exec)
{
	struct datapath *dp;
	int err;

	(req->ops->read_lock)(req->net);
	dp = req->ops->dp_find(req->net, req->dp_ifindex);
	if (dp) {
		err = req->ops->packet_execute(dp, exec);
	} else {
		req->ops->actions_free(exec->acts);
		err = ovsnl_err_set(&req->err, -ENODEV, "no such datapath",
				    NULL);
	}
	(req->ops->read_unlock)(req->net);
	return err;
}

int ovsnl_cmd_packet_execute(struct ovsnl_request *req)
{
	const struct nlattr *packet = req->tb[OVS_PACKET_ATTR_PACKET];
	const struct nlattr *hash = req->tb[OVS_PACKET_ATTR_HASH];
	const struct nlattr *mru = req->tb[OVS_PACKET_ATTR_MRU];
	const struct nlattr *pid = req->tb[OVSNL_PACKET_ATTR_UPCALL_PID];
	struct ovsnl_execute exec;
	struct ovsnl_key key;
	int err;

	req->err.quiet = req->tb[OVS_PACKET_ATTR_PROBE];
	if (!packet || !req->tb[OVS_PACKET_ATTR_KEY] ||
	    !req->tb[OVS_PACKET_ATTR_ACTIONS])
		return ovsnl_err_set(&req->err, -EINVAL,
				     "packet, key or actions missing", NULL);
	memset(&exec, 0, sizeof(exec));
	exec.packet = ovsnl_attr_data(packet);
	exec.len = ovsnl_attr_len(packet);
	exec.key = &key;
	exec.upcall_pid = pid ? ovsnl_attr_u32(pid) : 0;
	exec.mru = mru ? ovsnl_attr_u16(mru) : 0;
	exec.has_hash = hash;
	exec.hash = hash ? ovsnl_attr_u64(hash) & HASH_BITS : 0;
	err = extract_key(req, &key, &exec);
	if (!err)
		err = compile_actions(req, &key, &exec);
	return err ? err : run(req, &exec);
}
