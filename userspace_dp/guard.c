// SPDX-License-Identifier: BSD-3-Clause
/*
 * A guard before the Linux stack.
 *
 * Overview
 *	The kernel's datapath takes a device's packets with a receive handler.
 *	From user space nothing comes nearer than a packet socket, which gets
 *	copies. The originals are dropped by an nftables chain without rules
 *	on the device's ingress hook, which comes after packet sockets:
 *
 *	  table netdev twinpath-if7 {
 *		flags owner
 *		chain c0 {
 *			type filter hook ingress device "eth0" priority 0
 *			policy drop
 *		}
 *	  }
 *
 *	Why nftables: a table with an owner (Linux 5.12) ends with the netlink
 *	socket that made it, so a killed daemon leaves nothing behind, and no
 *	other process can remove or take over the table meanwhile, not even by
 *	"nft flush ruleset". A traffic-control filter has none of that.
 *
 * Life cycle
 *	One socket and one table a device, from create to destroy.
 *
 * Synchronisation
 *	Control thread only.
 *
 * Lock order
 *	No locks.
 */
#include "guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "ovsnl_attr.h"

#define TABLE_LEN 24
#define BATCH_LEN 1024
#define ANSWER_S 5

struct twin_guard {
	int fd;
	char table[TABLE_LEN];
	unsigned int n_chains;
};

/** struct batch - messages that take effect together.
 * @w: over @buf
 * @n_acks: answers that success brings
 */
struct batch {
	struct ovsnl_writer w;
	unsigned int n_acks;
	__u8 buf[BATCH_LEN] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* Messages */

static void put_be32(struct batch *b, int type, uint32_t value)
{
	ovsnl_put_u32(&b->w, type, htonl(value));
}

/* Return: where the message starts, for end_message(). */
static size_t start_message(struct batch *b, uint16_t type, uint16_t flags,
			    uint8_t family, uint16_t res_id)
{
	struct nlmsghdr nlh = {
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | flags,
	};
	struct nfgenmsg nfg = {
		.nfgen_family = family,
		.version = NFNETLINK_V0,
		.res_id = htons(res_id),
	};
	size_t start = b->w.len;

	memcpy(b->buf + start, &nlh, sizeof(nlh));
	memcpy(b->buf + start + NLMSG_HDRLEN, &nfg, sizeof(nfg));
	b->w.len += NLMSG_HDRLEN + sizeof(nfg);
	return start;
}

static void end_message(struct batch *b, size_t start)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)(b->buf + start);

	nlh->nlmsg_len = b->w.len - start;
}

static void put_marker(struct batch *b, uint16_t type)
{
	end_message(b,
		    start_message(b, type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

static size_t start_change(struct batch *b, uint16_t type, uint16_t flags)
{
	b->n_acks++;
	return start_message(b, NFNL_SUBSYS_NFTABLES << 8 | type,
			     NLM_F_CREATE | NLM_F_ACK | flags, NFPROTO_NETDEV,
			     0);
}

static void put_table(struct batch *b, const struct twin_guard *guard)
{
	size_t start = start_change(b, NFT_MSG_NEWTABLE, NLM_F_EXCL);

	ovsnl_put_string(&b->w, NFTA_TABLE_NAME, guard->table);
	put_be32(b, NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER);
	end_message(b, start);
}

static void put_chain(struct batch *b, const struct twin_guard *guard,
		      const char *device)
{
	size_t start = start_change(b, NFT_MSG_NEWCHAIN, 0);
	char name[16];
	size_t hook;

	snprintf(name, sizeof(name), "c%u", guard->n_chains);
	ovsnl_put_string(&b->w, NFTA_CHAIN_TABLE, guard->table);
	ovsnl_put_string(&b->w, NFTA_CHAIN_NAME, name);
	hook = ovsnl_nest_start(&b->w, NFTA_CHAIN_HOOK | NLA_F_NESTED);
	put_be32(b, NFTA_HOOK_HOOKNUM, NF_NETDEV_INGRESS);
	put_be32(b, NFTA_HOOK_PRIORITY, 0);
	ovsnl_put_string(&b->w, NFTA_HOOK_DEV, device);
	ovsnl_nest_end(&b->w, hook);
	put_be32(b, NFTA_CHAIN_POLICY, NF_DROP);
	ovsnl_put_string(&b->w, NFTA_CHAIN_TYPE, "filter");
	end_message(b, start);
}

static void start_batch(struct batch *b)
{
	ovsnl_writer_init(&b->w, b->buf, sizeof(b->buf));
	b->n_acks = 0;
	put_marker(b, NFNL_MSG_BATCH_BEGIN);
}

/* Transactions */

/* Counts the answers in @len bytes off *@waiting. Return: 0 or the first
 * error.
 */
static int take_answers(const void *buf, ssize_t len, unsigned int *waiting)
{
	const struct nlmsghdr *nlh = buf;
	const struct nlmsgerr *e;

	for (; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
		if (nlh->nlmsg_type != NLMSG_ERROR || !*waiting)
			continue;
		e = NLMSG_DATA(nlh);
		if (e->error)
			return e->error;
		--*waiting;
	}
	return 0;
}

static int run_batch(const struct twin_guard *guard, struct batch *b)
{
	__u8 answer[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	unsigned int waiting = b->n_acks;
	ssize_t len;
	int err = 0;

	put_marker(b, NFNL_MSG_BATCH_END);
	if (b->w.overflow)
		return -EMSGSIZE;
	if (send(guard->fd, b->buf, b->w.len, 0) < 0)
		return -errno;
	while (waiting && !err) {
		len = recv(guard->fd, answer, sizeof(answer), 0);
		if (len < 0)
			return -errno;
		err = take_answers(answer, len, &waiting);
	}
	return err;
}

static int open_socket(void)
{
	struct timeval limit = { .tv_sec = ANSWER_S };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

struct twin_guard *twin_guard_create(const char *name, int ifindex)
{
	struct twin_guard *guard = calloc(1, sizeof(*guard));
	struct batch b;
	int err;

	if (!guard)
		return NULL;
	snprintf(guard->table, sizeof(guard->table), "twinpath-if%d", ifindex);
	guard->fd = open_socket();
	if (guard->fd < 0) {
		err = errno;
		goto err_free;
	}
	start_batch(&b);
	put_table(&b, guard);
	put_chain(&b, guard, name);
	err = -run_batch(guard, &b);
	if (err) {
		/* EPERM: the table has another owner. */
		err = err == EPERM || err == EEXIST ? EBUSY : err;
		goto err_close;
	}
	return guard;

err_close:
	close(guard->fd);
err_free:
	free(guard);
	errno = err;
	return NULL;
}

void twin_guard_renamed(struct twin_guard *guard, const char *name)
{
	struct batch b;

	/* Some kernels hook devices by name (6.16), others keep the hook:
	 * a second chain does no harm there.
	 */
	guard->n_chains++;
	start_batch(&b);
	put_chain(&b, guard, name);
	run_batch(guard, &b);
}

void twin_guard_destroy(struct twin_guard *guard)
{
	close(guard->fd);
	free(guard);
}
