// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fills a datapath with the flows that kernel_packets sends packets through.
 *
 * usage: flow_fill DATAPATH uniform FLOWS MASKS
 *	FLOWS megaflows, one for each UDP packet of 10.0.0.1 and the FLOWS - 1
 *	addresses that follow, spread evenly over MASKS masks (1 to 64): all
 *	match the source address, and any of six fields more that have the same
 *	value in all packets. They output to port 2.
 * usage: flow_fill DATAPATH explode
 *	What the access list "source 10.0.0.1, or source port 1000, or
 *	destination port 80 may pass" makes of packets that may not, one for each
 *	way of being told from those that may: 32 * 16 * 16 = 8192 masks. They
 *	drop.
 */
#include "nl.h"

static const __u8 eth_src[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
static const __u8 eth_dst[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };
#define IP_SRC 0x0a000001
#define IP_DST 0x0a090909
#define TTL 32
#define TP_SRC 1000
#define TP_DST 80

struct match {
	struct ovs_key_ethernet eth, eth_mask;
	struct ovs_key_ipv4 ip, ip_mask;
	struct ovs_key_udp udp, udp_mask;
};

static int family, dp_ifindex;

static void put_match(struct nlmsghdr *nlh, int attr, const struct match *m,
		      bool mask)
{
	struct nlattr *n = nl_nest(nlh, attr);
	__be16 type = mask ? 0xffff : htons(0x0800);

	nl_put_u32(nlh, OVS_KEY_ATTR_IN_PORT, mask ? 0xffffffff : 1);
	nl_put(nlh, OVS_KEY_ATTR_ETHERNET, mask ? &m->eth_mask : &m->eth,
	       sizeof(m->eth));
	nl_put(nlh, OVS_KEY_ATTR_ETHERTYPE, &type, sizeof(type));
	nl_put(nlh, OVS_KEY_ATTR_IPV4, mask ? &m->ip_mask : &m->ip,
	       sizeof(m->ip));
	nl_put(nlh, OVS_KEY_ATTR_UDP, mask ? &m->udp_mask : &m->udp,
	       sizeof(m->udp));
	nl_nest_end(nlh, n);
}

/* @port: 0 drops. */
static void add(const struct match *m, unsigned int number, __u32 port)
{
	char buf[NL_MESSAGE_MAX];
	struct nlmsghdr *nlh = nl_start(buf, family, NLM_F_CREATE,
					OVS_FLOW_CMD_NEW, dp_ifindex);
	__u32 ufid[4] = { number, 0x66696c6c, ~number, 1 };
	struct nlattr *n;

	nl_put(nlh, OVS_FLOW_ATTR_UFID, ufid, sizeof(ufid));
	put_match(nlh, OVS_FLOW_ATTR_KEY, m, false);
	put_match(nlh, OVS_FLOW_ATTR_MASK, m, true);
	n = nl_nest(nlh, OVS_FLOW_ATTR_ACTIONS);
	if (port)
		nl_put_u32(nlh, OVS_ACTION_ATTR_OUTPUT, port);
	nl_nest_end(nlh, n);
	nl_send(buf, nlh->nlmsg_len);
	nl_expect_silence();
}

static void match_init(struct match *m)
{
	memset(m, 0, sizeof(*m));
	memcpy(m->eth.eth_src, eth_src, ETH_ALEN);
	memcpy(m->eth.eth_dst, eth_dst, ETH_ALEN);
	m->ip.ipv4_src = htonl(IP_SRC);
	m->ip.ipv4_dst = htonl(IP_DST);
	m->ip.ipv4_proto = IPPROTO_UDP;
	m->ip.ipv4_ttl = TTL;
	m->ip_mask.ipv4_proto = 0xff;
	m->ip_mask.ipv4_frag = 0xff;
	m->udp.udp_src = htons(TP_SRC);
	m->udp.udp_dst = htons(TP_DST);
}

static void uniform(unsigned int flows, unsigned int masks)
{
	unsigned int i, bits;
	struct match m;

	for (i = 0; i < flows; i++) {
		bits = i % masks;
		match_init(&m);
		m.ip.ipv4_src = htonl(IP_SRC + i);
		m.ip_mask.ipv4_src = 0xffffffff;
		if (bits & 1)
			m.udp_mask.udp_dst = 0xffff;
		if (bits & 2)
			m.ip_mask.ipv4_ttl = 0xff;
		if (bits & 4)
			m.ip_mask.ipv4_tos = 0xff;
		if (bits & 8)
			m.ip_mask.ipv4_dst = 0xffffffff;
		if (bits & 16)
			memset(m.eth_mask.eth_src, 0xff, ETH_ALEN);
		if (bits & 32)
			memset(m.eth_mask.eth_dst, 0xff, ETH_ALEN);
		add(&m, i, 2);
	}
}

/* The first @bits bits of a number of @width bits. */
static __u32 prefix(int bits, int width)
{
	return ((1ull << bits) - 1) << (width - bits);
}

/* Packets that differ from what may pass in bit i of the source, j of the
 * source port, k of the destination port, counted from the top, and not before.
 */
static void explode(void)
{
	struct match m;
	int i, j, k;

	for (i = 0; i < 32; i++) {
		for (j = 0; j < 16; j++) {
			for (k = 0; k < 16; k++) {
				match_init(&m);
				m.ip.ipv4_src = htonl(IP_SRC ^ 1u << (31 - i));
				m.ip_mask.ipv4_src = htonl(prefix(i + 1, 32));
				m.udp.udp_src = htons(TP_SRC ^ 1 << (15 - j));
				m.udp_mask.udp_src = htons(prefix(j + 1, 16));
				m.udp.udp_dst = htons(TP_DST ^ 1 << (15 - k));
				m.udp_mask.udp_dst = htons(prefix(k + 1, 16));
				add(&m, 1u << 31 | i << 8 | j << 4 | k, 0);
			}
		}
	}
}

int main(int argc, char **argv)
{
	unsigned int flows, masks;

	if (argc < 3) {
		fprintf(stderr,
			"usage: flow_fill DATAPATH uniform FLOWS MASKS | "
			"explode\n");
		return 2;
	}
	nl_open();
	dp_ifindex = if_nametoindex(argv[1]);
	if (!dp_ifindex)
		nl_die(argv[1]);
	family = nl_family(OVS_FLOW_FAMILY);
	if (family < 0)
		nl_die("no ovs_flow family");
	if (!strcmp(argv[2], "explode")) {
		explode();
		return 0;
	}
	flows = argc == 5 ? strtoul(argv[3], NULL, 0) : 0;
	masks = argc == 5 ? strtoul(argv[4], NULL, 0) : 0;
	if (!flows || !masks || masks > 64) {
		fprintf(stderr, "flow_fill: need a number of flows, and of "
				"masks from 1 to 64\n");
		return 2;
	}
	uniform(flows, masks);
	return 0;
}
