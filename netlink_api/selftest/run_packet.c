// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Runs the vectors of the packet parser: whole, and through windows of every
 * length.
 */
#include "selftest.h"

/* Values that the parser must leave alone. */
static void metadata_set(struct ovsnl_key *key)
{
	key->recirc_id = 0x01020304;
	key->in_port = 0x0506;
	key->ct_state = 0x07;
	key->skb_mark = 0x08090a0b;
	key->priority = 0x0c0d0e0f;
	key->dp_hash = 0x10111213;
	key->ct_zone = 0x1415;
	key->ct_mark = 0x16171819;
	key->tun_family = 0x1a;
	memset((__u8 *)key + 3 * OVSNL_KEY_LINE, 0x1a,
	       sizeof(*key) - 3 * OVSNL_KEY_LINE);
}

/* Garbage wherever the parser writes. */
static void key_prepare(struct ovsnl_key *key,
			const struct ovsnl_packet_vector *v)
{
	memset(key, 0xa5, sizeof(*key));
	metadata_set(key);
	key->mac_proto = v->key.mac_proto;
	if (key->mac_proto == OVSNL_MAC_NONE)
		key->eth_type = v->key.eth_type;
}

static bool result_ok(const struct ovsnl_packet_vector *v, int ret,
		      const struct ovsnl_key *key,
		      const struct ovsnl_layout *layout)
{
	static struct ovsnl_key want;

	if (ret != v->ret)
		return false;
	if (ret)
		return true;
	want = v->key;
	metadata_set(&want);
	return ovsnl_key_equal(&want, key) &&
	       layout->l3_ofs == v->layout.l3_ofs &&
	       layout->l4_ofs == v->layout.l4_ofs &&
	       layout->inner_ofs == v->layout.inner_ofs &&
	       layout->l4_ok == v->layout.l4_ok;
}

/* Start with a window of @len bytes and grow it as the parser says. */
static bool window_ok(const struct ovsnl_packet_vector *v, const __u8 *packet,
		      __u32 len, __u32 pkt_len)
{
	struct ovsnl_window win = {
		.len = len,
		.pkt_len = pkt_len,
		.vlan_tci = v->vlan_tci,
		.vlan_tpid = v->vlan_tpid,
	};
	static __u8 copy[OVSNL_VECTOR_MAX];
	struct ovsnl_layout layout;
	static struct ovsnl_key key;
	int ret;

	win.data = copy;
	for (;;) {
		memset(copy, 0xa5, sizeof(copy));
		memcpy(copy, packet, win.len);
		key_prepare(&key, v);
		ret = ovsnl_packet_parse(&win, &key, &layout);
		if (ret <= 0)
			return result_ok(v, ret, &key, &layout);
		if ((__u32)ret <= win.len || (__u32)ret > pkt_len)
			return false;
		win.len = ret;
	}
}

static bool vector_ok(const struct ovsnl_packet_vector *v)
{
	static __u8 packet[OVSNL_VECTOR_MAX];
	int len = ovsnl_selftest_unhex(v->hex, packet);
	int cut;

	for (cut = 0; cut <= len; cut++)
		if (!window_ok(v, packet, cut, len))
			return false;
	return len >= 0;
}

int ovsnl_selftest_packet(ovsnl_selftest_report report)
{
	unsigned int i;
	int failed = 0;
	bool ok;

	for (i = 0; i < ovsnl_packet_vector_count; i++) {
		ok = vector_ok(&ovsnl_packet_vectors[i]);
		report(ovsnl_packet_vectors[i].name, ok);
		failed += !ok;
	}
	return failed;
}
