// SPDX-License-Identifier: BSD-3-Clause
/*
 * How fast do connections get through a switch that has no flow for them?
 * Sends the first packet of COUNT UDP connections, sources FIRST, FIRST+1, ...
 * of 10.0.0.0/8, out of one device and expects each at another. So many as
 * WINDOW are under way at a time, so that the switch never idles and never
 * has to drop. Prints one JSON object: nanoseconds (CLOCK_MONOTONIC) a
 * connection, and how long one took.
 *
 * usage: setup_rate FROM TO FIRST COUNT WINDOW
 *
 * Overview: packet sockets at both devices. A packet carries its number. One
 * that has not arrived when nothing has for a second is sent again, and
 * counted.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define SOURCES 0x0a000000u
#define SOURCES_MAX (1u << 24)
#define PATIENCE_MS 1000
#define TRIES_MAX 10

struct first_packet {
	struct ether_header eth;
	struct iphdr ip;
	struct udphdr udp;
	__be32 number;
	char padding[14];
} __attribute__((packed));

static unsigned int first, count, window, sent, arrived, resent;
static double *begun, *took; /* by connection; took is 0 before it arrives */
static int from, to;

static void die(const char *what)
{
	fprintf(stderr, "setup_rate: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static int open_device(const char *name, int protocol)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	int room = 1 << 22;
	int fd;

	if (!address.sll_ifindex)
		die(name);
	fd = socket(AF_PACKET, SOCK_RAW, htons(protocol));
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("packet socket");
	return fd;
}

/* RFC 1071, over a header of 20 bytes. */
static uint16_t ip_checksum(const uint8_t *ip)
{
	uint32_t sum = 0;
	int i;

	for (i = 0; i < 20; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return htons(~(sum + (sum >> 16)));
}

static void send_one(unsigned int i)
{
	struct first_packet p = {
		.eth = { .ether_shost = { 2, 0, 0, 0, 0, 1 },
			 .ether_dhost = { 2, 0, 0, 0, 0, 2 },
			 .ether_type = htons(ETHERTYPE_IP) },
		.ip = { .version = 4,
			.ihl = 5,
			.tot_len = htons(sizeof(p) - sizeof(p.eth)),
			.ttl = 64,
			.protocol = IPPROTO_UDP,
			.saddr = htonl(SOURCES + first + i),
			.daddr = htonl(0x0b000001) },
		.udp = { .source = htons(1000 + i % 50000),
			 .dest = htons(80),
			 .len = htons(sizeof(p) - sizeof(p.eth) -
				      sizeof(p.ip)) },
		.number = htonl(i),
	};

	p.ip.check = ip_checksum((uint8_t *)&p + sizeof(p.eth));
	if (!begun[i])
		begun[i] = now_ns();
	if (send(from, &p, sizeof(p), 0) != sizeof(p))
		die("send");
}

/* One of ours that had not come before, or something else. */
static void receive_one(void)
{
	struct first_packet p;
	struct sockaddr_ll address;
	socklen_t room = sizeof(address);
	unsigned int i;
	ssize_t n;

	n = recvfrom(to, &p, sizeof(p), 0, (void *)&address, &room);
	if (n < 0)
		die("recvfrom");
	if (n < (ssize_t)sizeof(p) || address.sll_pkttype == PACKET_OUTGOING ||
	    (ntohl(p.ip.saddr) & ~(SOURCES_MAX - 1)) != SOURCES)
		return;
	i = ntohl(p.number);
	if (i >= count || ntohl(p.ip.saddr) != SOURCES + first + i)
		return;
	if (!took[i]) {
		took[i] = now_ns() - begun[i];
		arrived++;
	}
}

static void send_missing_again(void)
{
	unsigned int i;

	for (i = 0; i < sent; i++) {
		if (!took[i]) {
			send_one(i);
			resent++;
		}
	}
}

static void run(void)
{
	struct pollfd arrivals = { .fd = to, .events = POLLIN };
	int tries = 0;
	int n;

	while (arrived < count) {
		while (sent < count && sent - arrived < window)
			send_one(sent++);
		n = poll(&arrivals, 1, PATIENCE_MS);
		if (n < 0)
			die("poll");
		if (n > 0) {
			receive_one();
			tries = 0;
		} else if (tries++ < TRIES_MAX) {
			send_missing_again();
		} else {
			fprintf(stderr,
				"setup_rate: %u of %u connections got "
				"through\n",
				arrived, count);
			exit(1);
		}
	}
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double start, end;

	if (argc != 6) {
		fprintf(stderr,
			"usage: setup_rate FROM TO FIRST COUNT WINDOW\n");
		return 2;
	}
	first = strtoul(argv[3], NULL, 0);
	count = strtoul(argv[4], NULL, 0);
	window = strtoul(argv[5], NULL, 0);
	if (!count || !window || first > SOURCES_MAX ||
	    count > SOURCES_MAX - first) {
		fprintf(stderr, "setup_rate: COUNT and WINDOW are at least 1, "
				"FIRST and COUNT within 10.0.0.0/8\n");
		return 2;
	}
	begun = calloc(count, sizeof(*begun));
	took = calloc(count, sizeof(*took));
	if (!begun || !took)
		die("memory");
	to = open_device(argv[2], ETHERTYPE_IP);
	from = open_device(argv[1], 0); /* receives nothing */
	start = now_ns();
	run();
	end = now_ns();
	qsort(took, count, sizeof(*took), ascending);
	printf("{\"count\": %u, \"setup_ns\": %.1f, \"resent\": %u, "
	       "\"p50_us\": %.1f, \"p99_us\": %.1f}\n",
	       count, (end - start) / count, resent, took[count / 2] / 1e3,
	       took[count - 1 - count / 100] / 1e3);
	free(took);
	free(begun);
	return 0;
}
