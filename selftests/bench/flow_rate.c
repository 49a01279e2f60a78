// SPDX-License-Identifier: BSD-3-Clause
/*
 * How fast are flows added, dumped and deleted? Prints one JSON object with
 * nanoseconds (CLOCK_MONOTONIC) an operation. In a VM that counts
 * instructions one nanosecond is one instruction.
 *
 * usage: flow_rate DATAPATH COUNT
 *
 * Overview: COUNT distinct megaflows (in_port, EtherType, IPv4 source; UFID)
 * are encoded beforehand and sent 50 to a datagram, as ovs-vswitchd does. The
 * datapath may have other flows.
 * Where bench_floor.ko is loaded DATAPATH may be "floor": the same messages to
 * its family, which does nothing with them.
 */
#include "nl.h"

#define BATCH 50

/* Bytes of the messages that dumps have: what ours and the stock module send
 * for such flows.
 */
#define DUMP_MESSAGE 324
#define DUMP_TERSE_MESSAGE 44

static int family, dp_ifindex;
static bool is_floor;

static void put_key(struct nlmsghdr *nlh, int attr, unsigned int i, bool mask)
{
	struct nlattr *n = nl_nest(nlh, attr);
	struct ovs_key_ethernet eth = { .eth_src = { 0 } };
	struct ovs_key_ipv4 ip = { .ipv4_src = htonl(i) };
	__u32 port = mask ? 0xffffffff : 1;
	__be16 type = mask ? 0xffff : htons(0x0800);

	if (mask)
		ip.ipv4_src = 0xffffffff;
	nl_put(nlh, OVS_KEY_ATTR_IN_PORT, &port, sizeof(port));
	nl_put(nlh, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
	nl_put(nlh, OVS_KEY_ATTR_ETHERTYPE, &type, sizeof(type));
	nl_put(nlh, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
	nl_nest_end(nlh, n);
}

static size_t encode(void *buf, int cmd, unsigned int i)
{
	struct nlmsghdr *nlh = nl_start(buf, family, 0, cmd, dp_ifindex);
	__u32 ufid[4] = { i, 0x74776e70, ~i, 1 };
	struct nlattr *n;

	if (cmd == OVS_FLOW_CMD_NEW) {
		nlh->nlmsg_flags |= NLM_F_CREATE;
		nl_put(nlh, OVS_FLOW_ATTR_UFID, ufid, sizeof(ufid));
		put_key(nlh, OVS_FLOW_ATTR_KEY, i, false);
		put_key(nlh, OVS_FLOW_ATTR_MASK, i, true);
		n = nl_nest(nlh, OVS_FLOW_ATTR_ACTIONS);
		nl_put_u32(nlh, OVS_ACTION_ATTR_OUTPUT, 2);
		nl_nest_end(nlh, n);
	} else {
		nl_put(nlh, OVS_FLOW_ATTR_UFID, ufid, sizeof(ufid));
	}
	return nlh->nlmsg_len;
}

static double send_all(int cmd, unsigned int count)
{
	static char batch[BATCH * NL_MESSAGE_MAX];
	double spent = 0, begin;
	unsigned int i = 0;

	while (i < count) {
		size_t len = 0;
		int n;

		for (n = 0; n < BATCH && i < count; n++, i++)
			len += encode(batch + len, cmd, i);
		begin = nl_now_ns();
		nl_send(batch, len);
		nl_expect_silence();
		spent += nl_now_ns() - begin;
	}
	return spent / count;
}

/* Nanoseconds a flow; the number of flows goes to *seen, the bytes of the last
 * message to *len.
 */
static double dump(__u32 ufid_flags, __u32 floor_len, unsigned int count,
		   unsigned int *seen, unsigned int *len)
{
	char buf[NL_MESSAGE_MAX];
	struct nlmsghdr *nlh =
		nl_start(buf, family, NLM_F_DUMP, OVS_FLOW_CMD_GET, dp_ifindex);
	double begin = nl_now_ns();
	bool more = true;

	nl_put_u32(nlh, OVS_FLOW_ATTR_UFID_FLAGS,
		   is_floor ? floor_len : ufid_flags);
	if (is_floor)
		nl_put_u32(nlh, OVS_FLOW_ATTR_UFID_FLAGS + 1, count);
	nl_send(buf, nlh->nlmsg_len);
	*seen = 0;
	while (more) {
		int n = recv(nl_sock, nl_buffer, sizeof(nl_buffer), 0);

		if (n < 0)
			nl_die("recv");
		for (nlh = (void *)nl_buffer; NLMSG_OK(nlh, n);
		     nlh = NLMSG_NEXT(nlh, n)) {
			more = nlh->nlmsg_type != NLMSG_DONE;
			if (nlh->nlmsg_type == NLMSG_ERROR)
				nl_die("dump refused");
			*seen += more;
			if (more)
				*len = nlh->nlmsg_len;
		}
	}
	return (nl_now_ns() - begin) / (*seen ? *seen : 1);
}

int main(int argc, char **argv)
{
	unsigned int count, seen, seen_terse, len = 0, len_terse = 0;
	unsigned int others = 0;
	const __u32 all = OVS_UFID_F_OMIT_KEY | OVS_UFID_F_OMIT_MASK |
			  OVS_UFID_F_OMIT_ACTIONS;
	const __u32 head = NLMSG_HDRLEN + GENL_HDRLEN + 4;
	double add, full, terse, del;

	if (argc != 3 || !(count = strtoul(argv[2], NULL, 0))) {
		fprintf(stderr, "usage: flow_rate DATAPATH|floor COUNT\n");
		return 2;
	}
	nl_open();
	is_floor = !strcmp(argv[1], "floor");
	dp_ifindex = is_floor ? 0 : if_nametoindex(argv[1]);
	if (!dp_ifindex && !is_floor)
		nl_die(argv[1]);
	family = nl_family(is_floor ? "bench_floor" : OVS_FLOW_FAMILY);
	if (family < 0)
		nl_die("no such family");
	if (!is_floor)
		dump(all, 0, 0, &others, &len);
	add = send_all(OVS_FLOW_CMD_NEW, count);
	full = dump(0, DUMP_MESSAGE - head, count, &seen, &len);
	terse = dump(all, DUMP_TERSE_MESSAGE - head, count, &seen_terse,
		     &len_terse);
	del = send_all(OVS_FLOW_CMD_DEL, count);
	if (seen != count + others || seen_terse != count + others) {
		fprintf(stderr, "flow_rate: dumps saw %u and %u of %u flows\n",
			seen, seen_terse, count + others);
		return 1;
	}
	printf("{\"count\": %u, \"add_ns\": %.1f, \"dump_ns\": %.1f, "
	       "\"dump_terse_ns\": %.1f, \"delete_ns\": %.1f, "
	       "\"dump_bytes\": %u, \"dump_terse_bytes\": %u}\n",
	       count, add, full, terse, del, len, len_terse);
	return 0;
}
