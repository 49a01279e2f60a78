// SPDX-License-Identifier: BSD-3-Clause
/*
 * A plain generic netlink client, to be run on the kernel's AF_NETLINK and under
 * the preload library: both outputs must be the same. It uses nlctrl only, which
 * every kernel has. Usage: probe [NAME...]
 */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *current;

void say(const char *what, const char *format, ...)
{
	va_list ap;

	printf("%s: %s ", current, what);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

void say_result(const char *what, long result)
{
	if (result < 0)
		say(what, "%s", strerrorname_np(errno));
	else if (result == 0)
		say(what, "ok");
	else
		say(what, "%ld", result);
}

int open_genl(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	if (fd >= 0)
		return fd;
	perror("probe: socket");
	exit(1);
}

size_t build_getfamily(void *buf, const char *family, int flags, __u32 seq)
{
	struct nlmsghdr *nlh = buf;
	struct genlmsghdr *genl = NLMSG_DATA(nlh);
	struct nlattr *attr = (void *)(genl + 1);

	memset(buf, 0, 64);
	nlh->nlmsg_len = NLMSG_LENGTH(sizeof(*genl));
	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = seq;
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	if (family) {
		attr->nla_type = CTRL_ATTR_FAMILY_NAME;
		attr->nla_len = sizeof(*attr) + strlen(family) + 1;
		strcpy((char *)(attr + 1), family);
		nlh->nlmsg_len += NLA_ALIGN(attr->nla_len);
	}
	return nlh->nlmsg_len;
}

void ask(int fd, const char *family, int flags, __u32 seq)
{
	char buf[64];
	size_t len = build_getfamily(buf, family, flags, seq);

	if (send(fd, buf, len, 0) != (ssize_t)len)
		say_result("send", -1);
}

void say_message(const char *what, const void *buf, ssize_t len)
{
	const struct nlmsghdr *nlh = buf;
	const struct nlmsgerr *err = NLMSG_DATA(nlh);

	if (len < (ssize_t)sizeof(*nlh)) {
		say_result(what, len);
		return;
	}
	say(what, "type %u flags %#x seq %u whole %d", nlh->nlmsg_type,
	    nlh->nlmsg_flags, nlh->nlmsg_seq, nlh->nlmsg_len == len);
	if (nlh->nlmsg_type == NLMSG_ERROR)
		say("error", "%d of type %u len %u seq %u, %u bytes",
		    err->error, err->msg.nlmsg_type, err->msg.nlmsg_len,
		    err->msg.nlmsg_seq,
		    nlh->nlmsg_flags & NLM_F_ACK_TLVS ? 0 : nlh->nlmsg_len);
}

static void run(const struct probe *probe, int argc, char **argv)
{
	bool wanted = argc < 2;
	int i;

	for (i = 1; i < argc; i++)
		wanted |= !strcmp(argv[i], probe->name);
	current = probe->name;
	if (wanted)
		probe->run();
}

int main(int argc, char **argv)
{
	const struct probe *const lists[] = { probe_addr, probe_opt, probe_send,
					      probe_recv, probe_fd };
	const struct probe *probe;
	size_t i;

	/* Nothing here may wait for long. */
	alarm(60);
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (probe = lists[i]; probe->name; probe++)
			run(probe, argc, argv);
	return 0;
}
