// SPDX-License-Identifier: BSD-3-Clause
/*
 * The packet parser and the header rewriter against their slow twins of
 * netlink_api/selftest, from a first window of any length.
 */
#include "check_rewrite.h"
#include "formats.h"
#include "fuzz.h"
#include "oracle_packet.h"

/* Parses through a window that starts small and grows as asked. */
static int parse(struct ovsnl_window win, const uint8_t *packet,
		 struct ovsnl_key *key, struct ovsnl_layout *layout)
{
	const struct ovsnl_key before = *key;
	void *copy;
	int ret;

	for (;;) {
		copy = fuzz_copy(packet, win.len);
		win.data = copy;
		*key = before;
		ret = ovsnl_packet_parse(&win, key, layout);
		free(copy);
		if (ret <= 0)
			return ret;
		MUST((__u32)ret > win.len && (__u32)ret <= win.pkt_len);
		win.len = ret;
	}
}

static void compare_parsers(const struct fuzz_packet_head *head,
			    const struct fuzz_input *packet)
{
	struct ovsnl_window win = {
		.len = head->window < packet->size ? head->window
						   : packet->size,
		.pkt_len = packet->size,
		.vlan_tci = head->vlan_tci,
		.vlan_tpid = head->vlan_tpid,
	};
	struct ovsnl_layout layout, want_layout;
	struct ovsnl_key key, want;
	int ret;

	if (win.vlan_tci)
		win.vlan_tci |= htons(OVSNL_VLAN_PRESENT);
	memset(&key, 0x5a, sizeof(key));
	key.mac_proto = head->mac_proto & 1 ? OVSNL_MAC_ETHERNET
					    : OVSNL_MAC_NONE;
	key.eth_type = head->eth_type;
	want = key;
	ret = parse(win, packet->data, &key, &layout);
	win.data = packet->data;
	win.len = packet->size;
	MUST(oracle_parse(&win, &want, &want_layout) == ret);
	if (ret)
		return;
	MUST(!oracle_keys_differ(&key, &want));
	MUST(!oracle_layouts_differ(&layout, &want_layout));
}

/* The parser refuses some, as those with a bad NSH header. */
static bool is_packet(const struct fuzz_input *packet)
{
	struct ovsnl_window win = { .len = packet->size,
				    .pkt_len = packet->size };
	struct ovsnl_key key = { .mac_proto = OVSNL_MAC_ETHERNET };
	struct ovsnl_layout layout;

	return !parse(win, packet->data, &key, &layout);
}

static void compare_rewriters(const struct fuzz_packet_head *head,
			      const struct fuzz_input *packet)
{
	struct rewrite_case c = {
		.packet = packet->data,
		.len = packet->size,
		.window = packet->size,
		.kind = head->kind % OVSNL_REWRITE_KINDS,
		.csum = head->csum & 1 ? OVSNL_CSUM_PARTIAL : OVSNL_CSUM_FULL,
		.value = head->value,
		.mask = head->mask,
	};
	const char *wrong;

	if (!is_packet(packet))
		return;
	if (head->csum & 2 && head->window < c.len)
		c.window = head->window;
	wrong = check_rewrite(&c);
	if (wrong)
		fprintf(stderr, "rewrite: %s\n", wrong);
	MUST(!wrong);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct fuzz_packet_head head;

	fuzz_take(&in, &head, sizeof(head));
	compare_parsers(&head, &in);
	compare_rewriters(&head, &in);
	return 0;
}
