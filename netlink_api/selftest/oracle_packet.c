// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The slow parser: big integers read bit by bit, lists before conclusions.
 * Where the kernel module departs from the RFCs, so does this, and says so.
 */
#include <limits.h>
#include "oracle_packet.h"

#define CUT (-1)
#define MAX_HEADERS 16384

/* What is being read. */
struct reader {
	const struct ovsnl_window *win;
	struct ovsnl_key *key;
	struct ovsnl_layout *layout;
};

/* @n bits from bit @bit of the packet (bit 0 is the first on the wire), or
 * CUT when the packet ends before.
 */
static long bits(const struct reader *r, long bit, int n)
{
	long value = 0;

	while (n--) {
		if (bit / 8 >= (long)r->win->pkt_len)
			return CUT;
		value = value * 2 +
			(r->win->data[bit / 8] >> (7 - bit % 8) & 1);
		bit++;
	}
	return value;
}

static long number(const struct reader *r, long byte, int bytes)
{
	return bits(r, byte * 8, bytes * 8);
}

/* Is the packet at least @bytes long? */
static bool holds(const struct reader *r, long bytes)
{
	return (long)r->win->pkt_len >= bytes;
}

/* Store as @bytes bytes, most significant first. */
static void store(void *to, int bytes, unsigned long value)
{
	unsigned char *p = to;
	int i;

	for (i = 0; i < bytes; i++)
		p[i] = value >> (8 * (bytes - 1 - i)) & 0xff;
}

static void copy(const struct reader *r, void *to, long byte, int bytes)
{
	unsigned char *p = to;
	int i;

	for (i = 0; i < bytes; i++)
		p[i] = number(r, byte + i, 1);
}

/* RFC 4861: options are read for as long as they make sense. */
static void read_nd(struct reader *r, long at)
{
	struct ovsnl_key *key = r->key;
	long source = 0, target = 0;
	bool doubled = false;
	long opt, next;

	if (!holds(r, at + 24))
		return;
	for (opt = at + 24; holds(r, opt + 8) && !doubled; opt = next) {
		long len = number(r, opt + 1, 1) * 8;

		next = opt + len;
		if (!len || !holds(r, next))
			break;
		if (len != 8)
			continue;
		if (number(r, opt, 1) == 1) {
			doubled = source;
			source = number(r, opt + 2, 6);
		} else if (number(r, opt, 1) == 2) {
			doubled = target;
			target = number(r, opt + 2, 6);
		}
	}
	if (doubled)
		return;
	copy(r, key->nd_target, at + 8, 16);
	store(key->hw_src, 6, source);
	store(key->hw_dst, 6, target);
}

static void read_tcp(struct reader *r, long at)
{
	long words = bits(r, (at + 12) * 8, 4);

	if (words < 5 || !holds(r, at + words * 4))
		return;
	store(&r->key->tp_src, 2, number(r, at, 2));
	store(&r->key->tp_dst, 2, number(r, at + 2, 2));
	store(&r->key->tcp_flags, 2, bits(r, (at + 12) * 8 + 4, 12));
}

static void read_transport(struct reader *r, int proto, bool v6, long at)
{
	static const struct {
		int proto;
		int version; /* 0: both */
		int bytes;
	} known[] = { { 6, 0, 20 },
		      { 17, 0, 8 },
		      { 132, 0, 12 },
		      { 1, 4, 8 },
		      { 58, 6, 8 } };
	int bytes = INT_MAX;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].proto == proto &&
		    (!known[i].version || (known[i].version == 6) == v6))
			bytes = known[i].bytes;
	r->layout->l4_ok = bytes != INT_MAX && holds(r, at + bytes);
	if (!r->layout->l4_ok)
		return;
	if (proto == 6) {
		read_tcp(r, at);
	} else if (proto == 17 || proto == 132) {
		store(&r->key->tp_src, 2, number(r, at, 2));
		store(&r->key->tp_dst, 2, number(r, at + 2, 2));
	} else {
		store(&r->key->tp_src, 2, number(r, at, 1));
		store(&r->key->tp_dst, 2, number(r, at + 1, 1));
		if (v6 && number(r, at + 1, 1) == 0 &&
		    (number(r, at, 1) == 135 || number(r, at, 1) == 136))
			read_nd(r, at);
	}
}

static void read_ipv4(struct reader *r, long at)
{
	long ihl = bits(r, at * 8 + 4, 4);
	struct ovsnl_key *key = r->key;

	if (!holds(r, at + 20) || ihl < 5 || !holds(r, at + ihl * 4))
		return;
	key->ip_tos = number(r, at + 1, 1);
	key->ip_ttl = number(r, at + 8, 1);
	key->ip_proto = number(r, at + 9, 1);
	store(&key->ip_src, 4, number(r, at + 12, 4));
	store(&key->ip_dst, 4, number(r, at + 16, 4));
	if (bits(r, (at + 6) * 8 + 3, 13)) {
		key->ip_frag = OVS_FRAG_TYPE_LATER;
		return;
	}
	if (bits(r, (at + 6) * 8 + 2, 1))
		key->ip_frag = OVS_FRAG_TYPE_FIRST;
	r->layout->l4_ofs = at + ihl * 4;
	read_transport(r, key->ip_proto, false, at + ihl * 4);
}

static bool is_extension(long type)
{
	return type == 0 || type == 43 || type == 44 || type == 51 ||
	       type == 60;
}

/* The chain as the module sees it for the bitmap: all lengths in units of 8
 * bytes, no stop at fragments. Types go to @list; -1 ends it.
 */
static void list_headers(const struct reader *r, long type, long at, int *list)
{
	int n = 0;

	while (is_extension(type) && n < MAX_HEADERS - 2) {
		list[n++] = type;
		if (!holds(r, at + 2))
			break;
		type = number(r, at, 1);
		at += 8 + 8 * number(r, at + 1, 1);
	}
	/* "no next header" counts, unless the chain was cut before */
	if (type == 59)
		list[n++] = type;
	list[n] = -1;
}

static int count_before(const int *list, int end, int type)
{
	int n = 0, i;

	for (i = 0; i < end; i++)
		n += list[i] == type;
	return n;
}

/* May all headers before list[end] stand before it? @allowed: -1 ends it. */
static bool only_before(const int *list, int end, const int *allowed)
{
	int i, j;

	for (i = 0; i < end; i++) {
		for (j = 0; allowed[j] != -1 && allowed[j] != list[i]; j++)
			;
		if (allowed[j] == -1)
			return false;
		/* hop-by-hop options elsewhere are out of order already */
	}
	return true;
}

/* Is list[i] out of the order of RFC 8200, 4.1? */
static bool out_of_order(const int *list, int i)
{
	static const int before_dest[] = { 0, -1 };
	static const int before_routing[] = { 0, 60, -1 };
	static const int before_fragment[] = { 0, 60, 43, -1 };
	static const int before_auth[] = { 0, 60, 43, 44, -1 };
	static const int before_second_dest[] = { 0, 60, 43, 44, 51, -1 };
	int dests = count_before(list, i, 60);

	switch (list[i]) {
	case 0:
		return i > 0;
	case 60:
		if (dests >= 2)
			return false;
		return !only_before(list, i,
				    dests ? before_second_dest : before_dest);
	case 43:
		return dests >= 2 || !only_before(list, i, before_routing);
	case 44:
		return dests >= 2 || !only_before(list, i, before_fragment);
	case 51:
		return dests >= 2 || !only_before(list, i, before_auth);
	default:
		return false;
	}
}

static bool repeated(const int *list, int i)
{
	switch (list[i]) {
	case 0:
		/* only one in first place is taken note of */
		return i > 0 && list[0] == 0;
	case 60:
		return count_before(list, i, 60) >= 2;
	case 59:
		return false;
	default:
		return count_before(list, i, list[i]) > 0;
	}
}

/* OpenFlow 1.2's bits: no-next 0, ESP 1, auth 2, dest 3, frag 4, router 5,
 * hop 6, unexpected repeat 7, unexpected order 8.
 */
static int header_bits(const int *list)
{
	int i, value = 0;

	for (i = 0; list[i] != -1; i++) {
		switch (list[i]) {
		case 59:
			value |= 1 << 0;
			break;
		case 51:
			value |= 1 << 2;
			break;
		case 60:
			value |= 1 << 3;
			break;
		case 44:
			value |= 1 << 4;
			break;
		case 43:
			value |= 1 << 5;
			break;
		case 0:
			if (i == 0)
				value |= 1 << 6;
			break;
		}
		if (repeated(list, i))
			value |= 1 << 7;
		if (out_of_order(list, i))
			value |= 1 << 8;
	}
	return value;
}

/* From the header of @type at @at to the transport header. */
static void read_chain(struct reader *r, long type, long at)
{
	long length;

	/* a header that says it is longer than the packet is not whole */
	if (!holds(r, at))
		return;
	if (!is_extension(type)) {
		r->key->ip_proto = type;
		if (at < OVSNL_NO_OFS) {
			r->layout->l4_ofs = at;
			read_transport(r, type, true, at);
		}
		return;
	}
	if (!holds(r, at + 2))
		return;
	length = number(r, at + 1, 1);
	if (type == 43 && !holds(r, at + 4))
		return;
	if (type == 44) {
		r->key->ip_frag = OVS_FRAG_TYPE_FIRST;
		if (!holds(r, at + 4))
			return;
		if (bits(r, (at + 2) * 8, 13)) {
			/* not called "later" when it starts with another
			 * header, as the module does
			 */
			if (is_extension(number(r, at, 1)))
				return;
			r->key->ip_frag = OVS_FRAG_TYPE_LATER;
			r->key->ip_proto = 44;
			return;
		}
		length = 8;
	} else if (type == 51) {
		length = length * 4 + 8;
	} else {
		length = length * 8 + 8;
	}
	read_chain(r, number(r, at, 1), at + length);
}

static void read_ipv6(struct reader *r, long at)
{
	static int list[MAX_HEADERS];
	struct ovsnl_key *key = r->key;

	if (!holds(r, at + 40))
		return;
	key->ip_proto = 59;
	key->ip_tos = bits(r, at * 8 + 4, 8);
	store(&key->ipv6_label, 4, bits(r, at * 8 + 12, 20));
	key->ip_ttl = number(r, at + 7, 1);
	copy(r, key->ipv6_src, at + 8, 16);
	copy(r, key->ipv6_dst, at + 24, 16);
	list_headers(r, number(r, at + 6, 1), at + 40, list);
	key->ipv6_exthdrs = header_bits(list);
	read_chain(r, number(r, at + 6, 1), at + 40);
}

static void read_arp(struct reader *r, long at)
{
	struct ovsnl_key *key = r->key;

	if (!holds(r, at + 28) || number(r, at, 2) != 1 ||
	    number(r, at + 2, 2) != 0x0800 || number(r, at + 4, 1) != 6 ||
	    number(r, at + 5, 1) != 4)
		return;
	if (number(r, at + 6, 2) < 256)
		key->ip_proto = number(r, at + 6, 2);
	copy(r, key->hw_src, at + 8, 6);
	store(&key->ip_src, 4, number(r, at + 14, 4));
	copy(r, key->hw_dst, at + 18, 6);
	store(&key->ip_dst, 4, number(r, at + 24, 4));
}

/* A stack is a list of words of 20 bits label, 3 of class, 1 that ends the
 * list, 8 of time to live.
 */
static void read_mpls(struct reader *r, long at)
{
	long n, length = 0;

	for (n = 0; number(r, at + 4 * n, 4) != CUT; n++) {
		if (n < 3)
			store(&r->key->mpls_lse[n], 4,
			      number(r, at + 4 * n, 4));
		if (bits(r, (at + 4 * n) * 8 + 23, 1)) {
			length = n + 1;
			break;
		}
	}
	if (!length)
		return;
	r->key->mpls_labels = length == 1 ? 1 : length == 2 ? 3 : 7;
	if (at + 4 * length < OVSNL_NO_OFS)
		r->layout->inner_ofs = at + 4 * length;
}

static int read_nsh(struct reader *r, long at)
{
	long version = bits(r, at * 8, 2);
	long words = bits(r, at * 8 + 10, 6);
	long mdtype = number(r, at + 2, 1);

	if (!holds(r, at + 8) || version || !holds(r, at + 4 * words))
		return -EINVAL;
	if (mdtype != 2 && (mdtype != 1 || words != 6))
		return -EINVAL;
	r->key->nsh_flags = bits(r, at * 8 + 2, 2);
	r->key->nsh_ttl = bits(r, at * 8 + 4, 6);
	r->key->nsh_mdtype = mdtype;
	r->key->nsh_np = number(r, at + 3, 1);
	store(&r->key->nsh_path_hdr, 4, number(r, at + 4, 4));
	if (mdtype == 1)
		copy(r, r->key->nsh_context, at + 8, 16);
	return 0;
}

/* A whole tag with a type behind it? */
static bool tag_at(const struct reader *r, long at)
{
	long tpid = number(r, at, 2);

	return (tpid == 0x8100 || tpid == 0x88a8) && holds(r, at + 6);
}

/* Type of the payload; *at moves from the first type or length behind it. */
static long read_type(const struct reader *r, long *at)
{
	long value = number(r, *at, 2);

	*at += 2;
	if (value >= 1536)
		return value;
	if (!holds(r, *at + 8) || number(r, *at, 2) != 0xaaaa ||
	    number(r, *at + 3, 3) != 0)
		return 4;
	value = number(r, *at + 6, 2);
	*at += 8;
	return value >= 1536 ? value : 4;
}

static void read_tags(struct reader *r, long *at)
{
	struct ovsnl_key *key = r->key;
	long tags[2][2] = { { 0, 0 }, { 0, 0 } };
	int n = 0;

	if (r->win->vlan_tci) {
		key->vlan_tci = r->win->vlan_tci;
		key->vlan_tpid = r->win->vlan_tpid;
		n = 1;
	}
	for (; n < 2 && tag_at(r, *at); n++, *at += 4) {
		tags[n][0] = number(r, *at, 2);
		tags[n][1] = number(r, *at + 2, 2) | OVSNL_VLAN_PRESENT;
	}
	if (!r->win->vlan_tci) {
		store(&key->vlan_tpid, 2, tags[0][0]);
		store(&key->vlan_tci, 2, tags[0][1]);
	}
	store(&key->cvlan_tpid, 2, tags[1][0]);
	store(&key->cvlan_tci, 2, tags[1][1]);
}

/* The caller's part of a key, and zero for the rest. */
static void keep_metadata(struct ovsnl_key *key)
{
	struct ovsnl_key kept;

	memset(&kept, 0, sizeof(kept));
	kept.recirc_id = key->recirc_id;
	kept.in_port = key->in_port;
	kept.mac_proto = key->mac_proto;
	kept.ct_state = key->ct_state;
	kept.skb_mark = key->skb_mark;
	kept.priority = key->priority;
	kept.dp_hash = key->dp_hash;
	kept.ct_zone = key->ct_zone;
	kept.ct_mark = key->ct_mark;
	kept.tun_family = key->tun_family;
	memcpy((__u8 *)&kept + 3 * OVSNL_KEY_LINE,
	       (__u8 *)key + 3 * OVSNL_KEY_LINE,
	       sizeof(kept) - 3 * OVSNL_KEY_LINE);
	*key = kept;
}

int oracle_parse(const struct ovsnl_window *win, struct ovsnl_key *key,
		 struct ovsnl_layout *layout)
{
	struct reader r = { win, key, layout };
	__be16 type_be = key->eth_type;
	long type = ntohs(type_be), at = 0;

	keep_metadata(key);
	layout->l4_ofs = OVSNL_NO_OFS;
	layout->inner_ofs = OVSNL_NO_OFS;
	layout->l4_ok = false;
	if (key->mac_proto == OVSNL_MAC_ETHERNET) {
		if (!holds(&r, 14))
			return -EINVAL;
		copy(&r, key->eth_dst, 0, 6);
		copy(&r, key->eth_src, 6, 6);
		at = 12;
		read_tags(&r, &at);
		type = read_type(&r, &at);
	} else if (type == 0x8100 || type == 0x88a8) {
		return -EINVAL;
	}
	store(&key->eth_type, 2, type);
	layout->l3_ofs = at;
	if (type == 0x0800)
		read_ipv4(&r, at);
	else if (type == 0x86dd)
		read_ipv6(&r, at);
	else if (type == 0x0806 || type == 0x8035)
		read_arp(&r, at);
	else if (type == 0x8847 || type == 0x8848)
		read_mpls(&r, at);
	else if (type == 0x894f)
		return read_nsh(&r, at);
	return 0;
}

const char *oracle_keys_differ(const struct ovsnl_key *a,
			       const struct ovsnl_key *b)
{
#define FIELD(name)                                           \
	{                                                     \
#name, offsetof(struct ovsnl_key, name),      \
			sizeof(((struct ovsnl_key *)0)->name) \
	}
	static const struct {
		const char *name;
		size_t ofs, len;
	} fields[] = {
		FIELD(recirc_id),      FIELD(in_port),
		FIELD(eth_type),       FIELD(eth_dst),
		FIELD(eth_src),	       FIELD(vlan_tci),
		FIELD(vlan_tpid),      FIELD(ip_src),
		FIELD(ip_dst),	       FIELD(tp_src),
		FIELD(tp_dst),	       FIELD(tcp_flags),
		FIELD(ip_proto),       FIELD(ip_tos),
		FIELD(ip_ttl),	       FIELD(ip_frag),
		FIELD(mac_proto),      FIELD(ct_state),
		FIELD(skb_mark),       FIELD(priority),
		FIELD(dp_hash),	       FIELD(ct_zone),
		FIELD(ct_mark),	       FIELD(ipv6_src),
		FIELD(ipv6_dst),       FIELD(ipv6_label),
		FIELD(ipv6_exthdrs),   FIELD(cvlan_tci),
		FIELD(cvlan_tpid),     FIELD(nd_target),
		FIELD(hw_src),	       FIELD(hw_dst),
		FIELD(ct_label),       FIELD(tun),
		FIELD(mpls_labels),    FIELD(mpls_lse),
		FIELD(nsh_flags),      FIELD(nsh_ttl),
		FIELD(nsh_mdtype),     FIELD(nsh_np),
		FIELD(nsh_path_hdr),   FIELD(nsh_context),
		FIELD(tun_family),     FIELD(ct_orig_src),
		FIELD(ct_orig_dst),    FIELD(ct_orig_tp_src),
		FIELD(ct_orig_tp_dst), FIELD(ct_orig_proto),
	};
#undef FIELD
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (memcmp((const char *)a + fields[i].ofs,
			   (const char *)b + fields[i].ofs, fields[i].len))
			return fields[i].name;
	return memcmp(a, b, sizeof(*a)) ? "padding" : NULL;
}

const char *oracle_layouts_differ(const struct ovsnl_layout *a,
				  const struct ovsnl_layout *b)
{
	if (a->l3_ofs != b->l3_ofs)
		return "l3_ofs";
	if (a->l4_ofs != b->l4_ofs)
		return "l4_ofs";
	if (a->inner_ofs != b->inner_ofs)
		return "inner_ofs";
	return a->l4_ok != b->l4_ok ? "l4_ok" : NULL;
}
