// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The library against whatever module answers: random requests go to the
 * kernel and to netlink_api, and errno, dumped keys, masks and actions, the
 * keys of packets, and packets after set actions must be the same.
 *
 * Meant for the VM with the distribution's module, the one true oracle; with
 * this project's module it shows that the module adds nothing of its own.
 *
 *   compare [ROUNDS]
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include "gen_action.h"
#include "gen_key.h"
#include "gen_packet.h"
#include "genl.h"
#include "mutate.h"
#include "oracle_rewrite.h"
#include "ovsnl_family.h"
#include "ovsnl_uapi_new.h"

#define DP_NAME "ovsnl-compare"
#define MOST_FAILURES 8

static struct rng rng;
static struct genl genl;
static int datapath_family, flow_family, packet_family;
static int dp_ifindex;
static struct genl_answer answer;

/* One kind of comparison: a line of TAP. */
struct tally {
	const char *name;
	int done, accepted, failed;
};

static void print_hex(const char *what, const void *data, size_t len)
{
	const __u8 *p = data;

	printf("#   %s ", what);
	while (len--)
		printf("%02x", *p++);
	putchar('\n');
}

static bool first_failures(struct tally *t, const char *what)
{
	if (++t->failed > MOST_FAILURES)
		return false;
	printf("# %s: %s\n", t->name, what);
	return true;
}

static bool same_attr(const struct nlattr *got, const struct nlattr *want)
{
	return got && got->nla_len == want->nla_len &&
	       !memcmp(ovsnl_attr_data(got), ovsnl_attr_data(want),
		       ovsnl_attr_len(want));
}

/* Flows */

/* A request that names a flow, and where its parts are. */
struct flow_request {
	__u32 buf[8192];
	struct ovsnl_writer w;
	size_t key, mask, actions;
};

static const struct nlattr *part(const struct flow_request *f, size_t at)
{
	return at == SIZE_MAX ? NULL : (const struct nlattr *)(f->w.buf + at);
}

static bool is_newer_list(const struct nlattr *nest);

/* Lists inside of an action's parts. */
static bool has_newer_part(const struct nlattr *nest)
{
	const struct nlattr *a;
	int rem;

	ovsnl_attr_for_each_nested(a, nest, rem) {
		if (is_newer_list(a))
			return true;
	}
	return false;
}

/* What the library takes beyond the kernel that it is compared with. */
static bool is_newer_list(const struct nlattr *nest)
{
	const struct nlattr *a;
	bool newer = false;
	int rem;

	ovsnl_attr_for_each_nested(a, nest, rem) {
		switch (ovsnl_attr_type(a)) {
		case OVSNL_ACTION_ATTR_DROP:
		case OVSNL_ACTION_ATTR_PSAMPLE:
			return true;
		case OVS_ACTION_ATTR_HASH:
			newer = ovsnl_attr_len(a) >= 4 &&
				ovsnl_attr_u32(a) == OVSNL_HASH_ALG_SYM_L4;
			break;
		case OVS_ACTION_ATTR_CLONE:
			newer = is_newer_list(a);
			break;
		case OVS_ACTION_ATTR_SAMPLE:
		case OVS_ACTION_ATTR_DEC_TTL:
		case OVS_ACTION_ATTR_CHECK_PKT_LEN:
			newer = has_newer_part(a);
			break;
		}
		if (newer)
			return true;
	}
	return false;
}

static void put_key(struct ovsnl_writer *w, const struct ovsnl_key *key,
		    bool strangers)
{
	struct nlattr *nest = (struct nlattr *)(w->buf + w->len);
	size_t start = w->len;

	ovsnl_key_put(w, OVS_FLOW_ATTR_KEY, key, key, false);
	while (strangers) {
		gen_strangers(&rng, w);
		strangers = rng_one_in(&rng, 3);
	}
	nest->nla_len = w->len - start;
}

/* With empty lists of actions only keys and masks matter. */
static void make_flow(struct flow_request *f, struct ovsnl_key *key,
		      bool actions)
{
	struct ovsnl_key mask;
	size_t nest;

	ovsnl_writer_init(&f->w, f->buf, sizeof(f->buf));
	gen_key(&rng, key, true);
	f->key = f->w.len;
	put_key(&f->w, key, !actions && rng_one_in(&rng, 3));
	f->mask = SIZE_MAX;
	if (!rng_one_in(&rng, 4)) {
		gen_mask(&rng, &mask);
		f->mask = f->w.len;
		ovsnl_key_put(&f->w, OVS_FLOW_ATTR_MASK, key, &mask, true);
	}
	f->actions = f->w.len;
	nest = ovsnl_nest_start(&f->w, OVS_FLOW_ATTR_ACTIONS);
	if (actions && rng_one_in(&rng, 2))
		gen_actions(&rng, &f->w, key, 2);
	ovsnl_nest_end(&f->w, nest);
}

/* Damages the attributes of the part that begins at @at, the last one. */
static void damage_last(struct flow_request *f, size_t at, int types)
{
	struct nlattr *a = (struct nlattr *)(f->w.buf + at);

	mutate_attrs(&rng, &f->w, at + NLA_HDRLEN, types);
	a->nla_len = f->w.len - at;
	while (f->w.len % 4)
		f->w.buf[f->w.len++] = 0;
}

/* Damages one of the parts, by writing the request anew up to it. */
static void damage(struct flow_request *f, int n_parts)
{
	static struct flow_request copy;
	size_t parts[3] = { f->key, f->mask, f->actions };
	int which = rng_below(&rng, n_parts), i;

	if (parts[which] == SIZE_MAX)
		return;
	copy = *f;
	copy.w.buf = (__u8 *)copy.buf;
	f->w.len = 0;
	for (i = 0; i < 3; i++) {
		size_t at = f->w.len;
		const struct nlattr *a = part(&copy, parts[i]);

		if (!a)
			continue;
		ovsnl_put(&f->w, a->nla_type, ovsnl_attr_data(a),
			  ovsnl_attr_len(a));
		parts[i] = at;
		if (i == which)
			damage_last(f, at, i == 2 ? 24 : 34);
	}
	f->key = parts[0];
	f->mask = parts[1];
	f->actions = parts[2];
}

/* What the library makes of a request. */
struct verdict {
	int error;
	struct ovsnl_match match;
	struct ovsnl_key masked;
	struct ovsnl_actions *acts;
};

static void judge(const struct flow_request *f, struct verdict *v)
{
	const struct ovsnl_family *family = &ovsnl_families[OVSNL_FAMILY_FLOW];
	const struct nlattr *tb[16];
	size_t size;

	v->acts = NULL;
	v->error = ovsnl_attr_parse(tb, family->maxattr,
				    (const struct nlattr *)f->w.buf, f->w.len,
				    family->policy, NULL);
	if (v->error)
		return;
	v->error = ovsnl_key_match_parse(&v->match, part(f, f->key),
					 part(f, f->mask), true, NULL);
	if (v->error)
		return;
	ovsnl_key_mask(&v->masked, &v->match.key, &v->match.mask);
	v->error = ovsnl_actions_measure(part(f, f->actions), &v->masked, &size,
					 NULL);
	if (v->error)
		return;
	v->acts = malloc(size);
	ovsnl_actions_build(v->acts, part(f, f->actions), &v->masked);
}

/* The three attributes of the reply, as the library would write them. */
static const char *flow_differs(const struct verdict *v)
{
	static __u32 buf[2048];
	struct ovsnl_writer w;

	ovsnl_writer_init(&w, buf, sizeof(buf));
	ovsnl_key_put(&w, OVS_FLOW_ATTR_KEY, &v->match.key, &v->match.key,
		      false);
	if (!same_attr(genl_answer_attr(&answer, OVS_FLOW_ATTR_KEY),
		       (struct nlattr *)buf))
		return "keys differ";
	w.len = 0;
	ovsnl_key_put(&w, OVS_FLOW_ATTR_MASK, &v->masked, &v->match.mask, true);
	if (!same_attr(genl_answer_attr(&answer, OVS_FLOW_ATTR_MASK),
		       (struct nlattr *)buf))
		return "masks differ";
	w.len = 0;
	ovsnl_put(&w, OVS_FLOW_ATTR_ACTIONS, ovsnl_actions_nla(v->acts),
		  v->acts->nla_len);
	if (!same_attr(genl_answer_attr(&answer, OVS_FLOW_ATTR_ACTIONS),
		       (struct nlattr *)buf))
		return "actions differ";
	return NULL;
}

static void report_flow(struct tally *t, const struct flow_request *f,
			const struct verdict *v, const char *what)
{
	const struct nlattr *a;
	int type;

	if (!first_failures(t, what))
		return;
	printf("#   library %d, kernel %d\n", v->error, answer.error);
	for (type = OVS_FLOW_ATTR_KEY; type <= OVS_FLOW_ATTR_MASK; type++) {
		a = genl_answer_attr(&answer, type);
		if (a && !answer.error)
			print_hex("kernel's", a, a->nla_len);
	}
	a = part(f, f->key);
	print_hex("key", a, a->nla_len);
	a = part(f, f->mask);
	if (a)
		print_hex("mask", a, a->nla_len);
	a = part(f, f->actions);
	print_hex("actions", a, a->nla_len);
}

static void compare_flow(struct tally *t, bool actions)
{
	static struct flow_request f;
	struct verdict v;
	struct ovsnl_key key;
	const char *what;

	make_flow(&f, &key, actions);
	if (rng_one_in(&rng, 2))
		damage(&f, actions ? 3 : 2);
	if (f.w.overflow || is_newer_list(part(&f, f.actions)))
		return;
	judge(&f, &v);
	genl_request(&genl, flow_family, OVS_FLOW_CMD_NEW,
		     NLM_F_CREATE | NLM_F_ECHO, dp_ifindex, f.buf, f.w.len,
		     &answer);
	t->done++;
	if (answer.error != v.error) {
		report_flow(t, &f, &v, "errors differ");
	} else if (!v.error) {
		t->accepted++;
		what = flow_differs(&v);
		if (what)
			report_flow(t, &f, &v, what);
	}
	free(v.acts);
	if (!answer.error)
		genl_request(&genl, flow_family, OVS_FLOW_CMD_DEL, 0,
			     dp_ifindex, NULL, 0, &answer);
}

/* Packets */

/* A packet on its way through set actions to us. */
struct packet_request {
	__u8 bytes[GEN_PACKET_MAX];
	size_t len;
	struct ovsnl_key key;
	struct ovsnl_layout layout;
	const struct nlattr *metadata;
	int parse_error, rewrite_error;
	__u32 buf[2048];
	struct ovsnl_writer w;
};

/* Metadata of some other packet, with its tunnel and original tuple; headers
 * among them are not looked at.
 */
static void put_metadata(struct packet_request *p, bool l3)
{
	static const __u16 types[] = { 0x0800, 0x86dd, 0x0806, 0x8100, 0x88b5 };
	struct ovsnl_key key;

	gen_key(&rng, &key, false);
	if (!rng_one_in(&rng, 4))
		key.ct_orig_proto = 0;
	key.mac_proto = OVSNL_MAC_ETHERNET;
	if (l3) {
		key.mac_proto = OVSNL_MAC_NONE;
		key.eth_type = htons(types[rng_below(&rng, 5)]);
	}
	p->metadata = (const struct nlattr *)(p->w.buf + p->w.len);
	ovsnl_key_put(&p->w, OVS_PACKET_ATTR_KEY, &key, &key, false);
	p->parse_error = ovsnl_key_metadata_parse(&p->key, p->metadata, NULL);
}

/* Kinds that make sense for the packet and that both sides mean to do the
 * same way. The module writes into the payload of later fragments and takes a
 * bad IPv4 header for one; this library refuses.
 */
static bool can_rewrite(const struct packet_request *p,
			enum ovsnl_rewrite_kind kind)
{
	const struct ovsnl_key *key = &p->key;
	bool ipv4 = key->eth_type == htons(0x0800);
	bool ipv6 = key->eth_type == htons(0x86dd);

	switch (kind) {
	case OVSNL_REWRITE_ETH:
		return key->mac_proto == OVSNL_MAC_ETHERNET;
	case OVSNL_REWRITE_IPV4:
		return ipv4 && (p->layout.l4_ofs != OVSNL_NO_OFS ||
				key->ip_frag == OVS_FRAG_TYPE_LATER);
	case OVSNL_REWRITE_IPV6:
		return ipv6 && (p->layout.l4_ofs != OVSNL_NO_OFS ||
				key->ip_frag == OVS_FRAG_TYPE_LATER);
	case OVSNL_REWRITE_TCP:
		return (ipv4 || ipv6) && key->ip_proto == 6 &&
		       key->ip_frag != OVS_FRAG_TYPE_LATER;
	case OVSNL_REWRITE_UDP:
		return (ipv4 || ipv6) && key->ip_proto == 17 &&
		       key->ip_frag != OVS_FRAG_TYPE_LATER;
	default:
		return false;
	}
}

static void put_set(struct packet_request *p, enum ovsnl_rewrite_kind kind)
{
	static const struct {
		int type, len, proto;
	} attrs[] = {
		[OVSNL_REWRITE_ETH] = { OVS_KEY_ATTR_ETHERNET, 12, -1 },
		[OVSNL_REWRITE_IPV4] = { OVS_KEY_ATTR_IPV4, 12, 8 },
		[OVSNL_REWRITE_IPV6] = { OVS_KEY_ATTR_IPV6, 40, 36 },
		[OVSNL_REWRITE_TCP] = { OVS_KEY_ATTR_TCP, 4, -1 },
		[OVSNL_REWRITE_UDP] = { OVS_KEY_ATTR_UDP, 4, -1 },
	};
	union ovsnl_rewrite_fields value, mask;
	struct ovsnl_headers h = { .data = p->bytes,
				   .len = p->len,
				   .layout = p->layout };
	__u8 data[80], *v = (__u8 *)&value, *m = (__u8 *)&mask;
	int len = attrs[kind].len, i;
	size_t nest;

	rng_fill(&rng, &value, sizeof(value));
	for (i = 0; i < len; i++)
		m[i] = rng_one_in(&rng, 2) ? 0xff : rng_next(&rng) >> 56;
	if (attrs[kind].proto >= 0) {
		m[attrs[kind].proto] = 0;
		m[attrs[kind].proto + 3] = 0;
	}
	if (kind == OVSNL_REWRITE_IPV6) {
		m[32] = 0;
		m[33] &= 0x0f;
	}
	for (i = 0; i < len; i++) {
		v[i] &= m[i];
		data[i] = v[i];
		data[len + i] = m[i];
	}
	nest = ovsnl_nest_start(&p->w, OVS_ACTION_ATTR_SET_MASKED);
	ovsnl_put(&p->w, attrs[kind].type, data, 2 * len);
	ovsnl_nest_end(&p->w, nest);
	if (!p->rewrite_error)
		p->rewrite_error = ovsnl_selftest_rewrite_call(
			kind, &h, &p->key, &value, &mask);
}

static void put_actions(struct packet_request *p, bool rewrite)
{
	size_t nest = ovsnl_nest_start(&p->w, OVS_PACKET_ATTR_ACTIONS), user;
	int kind;

	for (kind = 0; rewrite && kind < OVSNL_REWRITE_KINDS; kind++)
		if (can_rewrite(p, kind) && !rng_one_in(&rng, 3))
			put_set(p, kind);
	user = ovsnl_nest_start(&p->w, OVS_ACTION_ATTR_USERSPACE);
	ovsnl_put_u32(&p->w, OVS_USERSPACE_ATTR_PID, genl.portid);
	ovsnl_nest_end(&p->w, user);
	ovsnl_nest_end(&p->w, nest);
}

/* Right checksums most of the time; sometimes none. */
static void fix_checksums(struct packet_request *p)
{
	struct oracle_packet o;

	if (rng_one_in(&rng, 4) || !oracle_packet_read(&o, p->bytes, p->len))
		return;
	if (o.layout.l4_ok && o.key.ip_proto == 17 && rng_one_in(&rng, 8))
		memset(p->bytes + o.layout.l4_ofs + 6, 0, 2);
	oracle_csum_fix(&o);
}

static void make_packet(struct packet_request *p, bool rewrite)
{
	struct ovsnl_window win = { .data = p->bytes };
	bool l3 = rng_one_in(&rng, 12);

	do {
		p->len = gen_packet(&rng, p->bytes);
		if (rng_one_in(&rng, 2))
			p->len = gen_damage(&rng, p->bytes, p->len);
		if (l3 && p->len > 14) {
			p->len -= 14;
			memmove(p->bytes, p->bytes + 14, p->len);
		}
	} while (p->len < ETH_HLEN);
	if (!l3)
		fix_checksums(p);
	ovsnl_writer_init(&p->w, p->buf, sizeof(p->buf));
	ovsnl_put(&p->w, OVS_PACKET_ATTR_PACKET, p->bytes, p->len);
	put_metadata(p, l3);
	win.len = p->len;
	win.pkt_len = p->len;
	if (!p->parse_error)
		p->parse_error = ovsnl_packet_parse(&win, &p->key, &p->layout);
	if (!p->parse_error)
		p->parse_error = ovsnl_key_check_ct_orig(
			p->metadata, &p->key,
			p->layout.l4_ofs == OVSNL_NO_OFS &&
				p->key.ip_frag != OVS_FRAG_TYPE_LATER,
			NULL);
	p->rewrite_error = 0;
	put_actions(p, rewrite && !p->parse_error);
}

static const char *packet_differs(const struct packet_request *p)
{
	static __u32 buf[OVSNL_KEY_ATTR_SIZE / 4];
	const struct nlattr *packet;
	struct ovsnl_writer w;

	packet = genl_answer_attr(&answer, OVS_PACKET_ATTR_PACKET);
	if (!packet)
		return "no packet came";
	if (ovsnl_attr_len(packet) < (int)p->len ||
	    memcmp(ovsnl_attr_data(packet), p->bytes, p->len))
		return "packets differ";
	ovsnl_writer_init(&w, buf, sizeof(buf));
	ovsnl_key_put(&w, OVS_PACKET_ATTR_KEY, &p->key, &p->key, false);
	if (!same_attr(genl_answer_attr(&answer, OVS_PACKET_ATTR_KEY),
		       (struct nlattr *)buf))
		return "keys differ";
	return NULL;
}

static void report_packet(struct tally *t, const struct packet_request *p,
			  const char *what)
{
	static __u32 buf[OVSNL_KEY_ATTR_SIZE / 4];
	const struct nlattr *a;
	struct ovsnl_writer w;

	if (!first_failures(t, what))
		return;
	printf("#   library %d %d, kernel %d\n", p->parse_error,
	       p->rewrite_error, answer.error);
	print_hex("request", p->buf, p->w.len);
	print_hex("library's packet", p->bytes, p->len);
	a = genl_answer_attr(&answer, OVS_PACKET_ATTR_PACKET);
	if (a)
		print_hex("kernel's packet ", ovsnl_attr_data(a),
			  ovsnl_attr_len(a));
	ovsnl_writer_init(&w, buf, sizeof(buf));
	ovsnl_key_put(&w, OVS_PACKET_ATTR_KEY, &p->key, &p->key, false);
	print_hex("library's key", buf, w.len);
	a = genl_answer_attr(&answer, OVS_PACKET_ATTR_KEY);
	if (a)
		print_hex("kernel's key ", a, a->nla_len);
}

static void compare_packet(struct tally *t, bool rewrite)
{
	static struct packet_request p;
	const char *what;

	make_packet(&p, rewrite);
	genl_request(&genl, packet_family, OVS_PACKET_CMD_EXECUTE, 0,
		     dp_ifindex, p.buf, p.w.len, &answer);
	t->done++;
	if (!answer.error != !(p.parse_error || p.rewrite_error)) {
		report_packet(t, &p, "errors differ");
	} else if (!answer.error) {
		t->accepted++;
		genl_wait(&genl, &answer);
		what = packet_differs(&p);
		if (what)
			report_packet(t, &p, what);
	}
}

/* All of it */

static void create_datapath(void)
{
	struct ovsnl_writer w;
	__u32 buf[64];

	ovsnl_writer_init(&w, buf, sizeof(buf));
	ovsnl_put_string(&w, OVS_DP_ATTR_NAME, DP_NAME);
	ovsnl_put_u32(&w, OVS_DP_ATTR_UPCALL_PID, genl.portid);
	ovsnl_put_u32(&w, OVS_DP_ATTR_USER_FEATURES, OVS_DP_F_UNALIGNED);
	genl_request(&genl, datapath_family, OVS_DP_CMD_NEW, 0, 0, buf, w.len,
		     &answer);
	dp_ifindex = if_nametoindex(DP_NAME);
	if (answer.error || !dp_ifindex) {
		printf("Bail out! datapath %s: %s\n", DP_NAME,
		       strerror(-answer.error));
		exit(EXIT_FAILURE);
	}
}

static void delete_datapath(void)
{
	genl_request(&genl, datapath_family, OVS_DP_CMD_DEL, 0, dp_ifindex,
		     NULL, 0, &answer);
}

static int report(int number, const struct tally *t)
{
	/* a comparison of nothing but refusals would show little */
	bool ok = !t->failed && t->accepted > t->done / 10;

	printf("%sok %d - %s: %d compared, %d accepted, %d differ\n",
	       ok ? "" : "not ", number, t->name, t->done, t->accepted,
	       t->failed);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct tally keys = { .name = "keys and masks" };
	struct tally flows = { .name = "keys, masks and actions" };
	struct tally packets = { .name = "keys of packets" };
	struct tally rewrites = { .name = "packets after set actions" };
	int rounds = argc > 1 ? atoi(argv[1]) : 4000, i;

	genl_open(&genl);
	datapath_family = genl_family(&genl, OVS_DATAPATH_FAMILY);
	flow_family = genl_family(&genl, OVS_FLOW_FAMILY);
	packet_family = genl_family(&genl, OVS_PACKET_FAMILY);
	if (!datapath_family || !flow_family || !packet_family) {
		puts("1..0 # SKIP no openvswitch module is loaded");
		return EXIT_SUCCESS;
	}
	rng_start(&rng);
	create_datapath();
	for (i = 0; i < rounds; i++) {
		compare_flow(&keys, false);
		compare_flow(&flows, true);
		compare_packet(&packets, false);
		compare_packet(&rewrites, true);
	}
	delete_datapath();
	puts("1..4");
	return report(1, &keys) | report(2, &flows) | report(3, &packets) |
	       report(4, &rewrites);
}
