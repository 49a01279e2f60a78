// SPDX-License-Identifier: BSD-3-Clause
/*
 * What does it cost a client to read an upcall? Prints nanoseconds
 * (CLOCK_MONOTONIC) an upcall; pktgen tells what it cost to make.
 *
 * usage: upcall_rate DATAPATH COUNT
 *
 * Overview: makes a socket of its own the one that gets the upcalls of all
 * CPUs, as ovs-vswitchd does; has pktgen (which must be set up for COUNT
 * packets) send its packets, and reads one message after the other until it
 * has them all.
 */
#include "nl.h"

#include <fcntl.h>

#define ROOM (256 << 20)
#define CPUS_MAX 64

static void subscribe(int dp_ifindex)
{
	long cpu, n_cpus = sysconf(_SC_NPROCESSORS_CONF);
	char buf[NL_MESSAGE_MAX];
	struct sockaddr_nl addr;
	socklen_t len = sizeof(addr);
	__u32 pids[CPUS_MAX];
	struct nlmsghdr *nlh;
	int family = nl_family(OVS_DATAPATH_FAMILY);

	if (family < 0)
		nl_die("no ovs_datapath family");
	if (getsockname(nl_sock, (void *)&addr, &len))
		nl_die("getsockname");
	if (n_cpus < 1 || n_cpus > CPUS_MAX)
		nl_die("too many CPUs");
	for (cpu = 0; cpu < n_cpus; cpu++)
		pids[cpu] = addr.nl_pid;
	nlh = nl_start(buf, family, NLM_F_ACK, OVS_DP_CMD_SET, dp_ifindex);
	nl_put_u32(nlh, OVS_DP_ATTR_USER_FEATURES,
		   OVS_DP_F_UNALIGNED | OVS_DP_F_DISPATCH_UPCALL_PER_CPU);
	nl_put(nlh, OVS_DP_ATTR_PER_CPU_PIDS, pids, n_cpus * sizeof(pids[0]));
	nl_send(buf, nlh->nlmsg_len);
	if (recv(nl_sock, nl_buffer, sizeof(nl_buffer), 0) < 0)
		nl_die("SET of a datapath");
	nlh = (void *)nl_buffer;
	errno = -((struct nlmsgerr *)NLMSG_DATA(nlh))->error;
	if (nlh->nlmsg_type != NLMSG_ERROR || errno)
		nl_die("SET of a datapath");
}

static void run_pktgen(void)
{
	int fd = open("/proc/net/pktgen/pgctrl", O_WRONLY);

	if (fd < 0 || write(fd, "start\n", 6) != 6)
		nl_die("pktgen");
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned long count, got;
	int room = ROOM, dp_ifindex;
	double begin;

	if (argc != 3 || !(count = strtoul(argv[2], NULL, 0))) {
		fprintf(stderr, "usage: upcall_rate DATAPATH COUNT\n");
		return 2;
	}
	nl_open();
	if (setsockopt(nl_sock, SOL_SOCKET, SO_RCVBUFFORCE, &room,
		       sizeof(room)))
		nl_die("SO_RCVBUFFORCE");
	dp_ifindex = if_nametoindex(argv[1]);
	if (!dp_ifindex)
		nl_die(argv[1]);
	subscribe(dp_ifindex);
	run_pktgen();
	begin = nl_now_ns();
	for (got = 0; got < count; got++) {
		if (recv(nl_sock, nl_buffer, sizeof(nl_buffer), MSG_DONTWAIT) <
		    0) {
			fprintf(stderr, "upcall_rate: only %lu of %lu: %s\n",
				got, count, strerror(errno));
			return 1;
		}
	}
	printf("%.0f\n", (nl_now_ns() - begin) / count);
	return 0;
}
