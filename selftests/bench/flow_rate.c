// SPDX-License-Identifier: BSD-3-Clause
/*
 * How fast are flows added, dumped and deleted? Prints one JSON object with
 * nanoseconds (CLOCK_MONOTONIC) an operation. In a VM that counts
 * instructions one nanosecond is one instruction.
 *
 * usage: flow_rate DATAPATH COUNT
 *
 * Overview: COUNT distinct megaflows (in_port, EtherType, IPv4 source; UFID)
 * are encoded beforehand and sent 50 to a datagram, as ovs-vswitchd does.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/openvswitch.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>

#define BATCH 50
#define MESSAGE_MAX 512

static int sock;
static int flow_family;
static int dp_ifindex;
static char receive_buffer[1 << 17];

static void die(const char *what)
{
	fprintf(stderr, "flow_rate: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static void *put(struct nlmsghdr *nlh, int type, const void *data, size_t len)
{
	struct nlattr *a = (void *)((char *)nlh + nlh->nlmsg_len);

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	if (data)
		memcpy((char *)a + NLA_HDRLEN, data, len);
	nlh->nlmsg_len += NLA_ALIGN(a->nla_len);
	return (char *)a + NLA_HDRLEN;
}

static struct nlattr *nest(struct nlmsghdr *nlh, int type)
{
	return (struct nlattr *)((char *)put(nlh, type, NULL, 0) - NLA_HDRLEN);
}

static void nest_end(struct nlmsghdr *nlh, struct nlattr *a)
{
	a->nla_len = (char *)nlh + nlh->nlmsg_len - (char *)a;
}

static struct nlmsghdr *start(void *buf, int type, int flags, int cmd)
{
	static __u32 seq;
	struct nlmsghdr *nlh = buf;
	struct genlmsghdr *genl = NLMSG_DATA(nlh);
	struct ovs_header *ovs = (void *)((char *)genl + GENL_HDRLEN);

	memset(buf, 0, MESSAGE_MAX);
	nlh->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++seq;
	genl->cmd = cmd;
	genl->version = 1;
	if (type != GENL_ID_CTRL) {
		ovs->dp_ifindex = dp_ifindex;
		nlh->nlmsg_len += sizeof(*ovs);
	}
	return nlh;
}

static void put_key(struct nlmsghdr *nlh, int attr, unsigned int i, bool mask)
{
	struct nlattr *n = nest(nlh, attr);
	struct ovs_key_ethernet eth = { .eth_src = { 0 } };
	struct ovs_key_ipv4 ip = { .ipv4_src = htonl(i) };
	__u32 port = mask ? 0xffffffff : 1;
	__be16 type = mask ? 0xffff : htons(0x0800);

	if (mask)
		ip.ipv4_src = 0xffffffff;
	put(nlh, OVS_KEY_ATTR_IN_PORT, &port, sizeof(port));
	put(nlh, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
	put(nlh, OVS_KEY_ATTR_ETHERTYPE, &type, sizeof(type));
	put(nlh, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
	nest_end(nlh, n);
}

static size_t encode(void *buf, int cmd, unsigned int i)
{
	struct nlmsghdr *nlh = start(buf, flow_family, 0, cmd);
	__u32 ufid[4] = { i, 0x74776e70, ~i, 1 };
	struct nlattr *n;
	__u32 port = 2;

	if (cmd == OVS_FLOW_CMD_NEW) {
		nlh->nlmsg_flags |= NLM_F_CREATE;
		put(nlh, OVS_FLOW_ATTR_UFID, ufid, sizeof(ufid));
		put_key(nlh, OVS_FLOW_ATTR_KEY, i, false);
		put_key(nlh, OVS_FLOW_ATTR_MASK, i, true);
		n = nest(nlh, OVS_FLOW_ATTR_ACTIONS);
		put(nlh, OVS_ACTION_ATTR_OUTPUT, &port, sizeof(port));
		nest_end(nlh, n);
	} else {
		put(nlh, OVS_FLOW_ATTR_UFID, ufid, sizeof(ufid));
	}
	return nlh->nlmsg_len;
}

/* Any reply to a request without NLM_F_ACK is an error. */
static void expect_silence(void)
{
	ssize_t n = recv(sock, receive_buffer, sizeof(receive_buffer),
			 MSG_DONTWAIT);
	struct nlmsghdr *nlh = (void *)receive_buffer;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0)
		die("recv");
	errno = -((struct nlmsgerr *)NLMSG_DATA(nlh))->error;
	die("a flow request failed");
}

static double send_all(int cmd, unsigned int count)
{
	static char batch[BATCH * MESSAGE_MAX];
	double spent = 0, begin;
	unsigned int i = 0;

	while (i < count) {
		size_t len = 0;
		int n;

		for (n = 0; n < BATCH && i < count; n++, i++)
			len += encode(batch + len, cmd, i);
		begin = now_ns();
		if (send(sock, batch, len, 0) != (ssize_t)len)
			die("send");
		expect_silence();
		spent += now_ns() - begin;
	}
	return spent / count;
}

/* Nanoseconds a flow; the number of flows goes to *seen. */
static double dump(__u32 ufid_flags, unsigned int *seen)
{
	char buf[MESSAGE_MAX];
	struct nlmsghdr *nlh =
		start(buf, flow_family, NLM_F_DUMP, OVS_FLOW_CMD_GET);
	double begin = now_ns();
	bool more = true;

	put(nlh, OVS_FLOW_ATTR_UFID_FLAGS, &ufid_flags, sizeof(ufid_flags));
	if (send(sock, buf, nlh->nlmsg_len, 0) < 0)
		die("send");
	*seen = 0;
	while (more) {
		int n = recv(sock, receive_buffer, sizeof(receive_buffer), 0);

		if (n < 0)
			die("recv");
		for (nlh = (void *)receive_buffer; NLMSG_OK(nlh, n);
		     nlh = NLMSG_NEXT(nlh, n)) {
			more = nlh->nlmsg_type != NLMSG_DONE;
			if (nlh->nlmsg_type == NLMSG_ERROR)
				die("dump refused");
			*seen += more;
		}
	}
	return (now_ns() - begin) / (*seen ? *seen : 1);
}

static int resolve(const char *family)
{
	char buf[MESSAGE_MAX];
	struct nlmsghdr *nlh = start(buf, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY);
	struct nlattr *a;
	int rem;

	put(nlh, CTRL_ATTR_FAMILY_NAME, family, strlen(family) + 1);
	if (send(sock, buf, nlh->nlmsg_len, 0) < 0 ||
	    recv(sock, receive_buffer, sizeof(receive_buffer), 0) < 0)
		die("GETFAMILY");
	nlh = (void *)receive_buffer;
	if (nlh->nlmsg_type == NLMSG_ERROR)
		die("no such family");
	a = (void *)((char *)NLMSG_DATA(nlh) + GENL_HDRLEN);
	rem = nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	for (; rem > 0; rem -= NLA_ALIGN(a->nla_len),
			a = (void *)((char *)a + NLA_ALIGN(a->nla_len)))
		if (a->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(__u16 *)((char *)a + NLA_HDRLEN);
	die("no family id");
	return -1;
}

int main(int argc, char **argv)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	unsigned int count, seen, seen_terse;
	double add, full, terse, del;

	if (argc != 3 || !(count = strtoul(argv[2], NULL, 0))) {
		fprintf(stderr, "usage: flow_rate DATAPATH COUNT\n");
		return 2;
	}
	sock = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	if (sock < 0 || bind(sock, (void *)&addr, sizeof(addr)))
		die("socket");
	dp_ifindex = if_nametoindex(argv[1]);
	if (!dp_ifindex)
		die(argv[1]);
	flow_family = resolve(OVS_FLOW_FAMILY);
	add = send_all(OVS_FLOW_CMD_NEW, count);
	full = dump(0, &seen);
	terse = dump(OVS_UFID_F_OMIT_KEY | OVS_UFID_F_OMIT_MASK |
			     OVS_UFID_F_OMIT_ACTIONS,
		     &seen_terse);
	del = send_all(OVS_FLOW_CMD_DEL, count);
	if (seen != count || seen_terse != count) {
		fprintf(stderr, "flow_rate: dumps saw %u and %u of %u flows\n",
			seen, seen_terse, count);
		return 1;
	}
	printf("{\"count\": %u, \"add_ns\": %.1f, \"dump_ns\": %.1f, "
	       "\"dump_terse_ns\": %.1f, \"delete_ns\": %.1f}\n",
	       count, add, full, terse, del);
	return 0;
}
