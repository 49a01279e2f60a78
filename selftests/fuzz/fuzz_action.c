// SPDX-License-Identifier: BSD-3-Clause
/*
 * Action lists: no input does harm; a list that is accepted fits the room that
 * was measured, its program is well-formed, and its dump means the same.
 */
#include "formats.h"
#include "fuzz.h"
#include "ovsnl_action.h"

static struct nlattr *wrap(const void *actions, size_t len)
{
	struct nlattr *a = malloc(NLA_HDRLEN + len);

	MUST(a);
	a->nla_type = OVS_FLOW_ATTR_ACTIONS;
	a->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy(a + 1, actions, len);
	return a;
}

static struct ovsnl_actions *compile(const struct nlattr *attr,
				     const struct ovsnl_key *key)
{
	struct ovsnl_actions *acts;
	struct ovsnl_err err = { 0 };
	size_t size = 0;
	int ret;

	ret = ovsnl_actions_measure(attr, key, &size, &err);
	MUST(ret == 0 || ret == -EINVAL || ret == -ERANGE || ret == -ENOENT ||
	     ret == -EOVERFLOW || ret == -EMSGSIZE);
	MUST(!ret == !err.msg);
	if (ret)
		return NULL;
	acts = malloc(size);
	MUST(acts);
	ovsnl_actions_build(acts, attr, key);
	MUST(sizeof(*acts) + acts->prog_len + acts->nla_len == size);
	return acts;
}

static void check(const struct ovsnl_actions *acts, const struct ovsnl_key *key)
{
	static char text[1 << 18];
	struct ovsnl_actions *again;
	struct nlattr *dump;

	MUST(!ovsnl_selftest_prog_text(acts, text, sizeof(text)));
	if (acts->nla_len > 0xffff - NLA_HDRLEN)
		return;
	dump = wrap(ovsnl_actions_nla(acts), acts->nla_len);
	again = compile(dump, key);
	MUST(again);
	MUST(again->prog_len == acts->prog_len);
	MUST(!memcmp(again->data, acts->data, acts->prog_len + acts->nla_len));
	free(again);
	free(dump);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct fuzz_action_head head;
	struct ovsnl_actions *acts;
	struct ovsnl_key key;
	struct nlattr *attr;

	fuzz_take(&in, &head, sizeof(head));
	if (in.size > 0xffff - NLA_HDRLEN)
		return 0;
	memset(&key, 0, sizeof(key));
	key.mac_proto = head.mac_proto & 1 ? OVSNL_MAC_ETHERNET
					   : OVSNL_MAC_NONE;
	key.eth_type = head.eth_type;
	key.vlan_tci = head.vlan_tci;
	key.ip_proto = head.ip_proto;
	key.ip_frag = head.ip_frag & 3;
	attr = wrap(in.data, in.size);
	acts = compile(attr, &key);
	if (acts)
		check(acts, &key);
	free(acts);
	free(attr);
	return 0;
}
