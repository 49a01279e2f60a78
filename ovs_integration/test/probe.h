/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A plain generic netlink client that tries out one behaviour after the other
 * and prints what it sees, in words that do not depend on who answers.
 */
#ifndef PROBE_H
#define PROBE_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/**
 * struct probe - one behaviour
 * @name: what it is called on the command line and in the output
 * @run: tries it out
 */
struct probe {
	const char *name;
	void (*run)(void);
};

extern const struct probe probe_addr[];
extern const struct probe probe_opt[];
extern const struct probe probe_send[];
extern const struct probe probe_recv[];
extern const struct probe probe_fd[];

/**
 * say() - print one observation of the running probe
 * @what: a word
 * @format: printf format of the value
 */
void say(const char *what, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * say_result() - print what a call returned: "ok", the number, or errno's name
 * @what: a word
 * @result: the value; -1 means that errno is set
 */
void say_result(const char *what, long result);

/**
 * open_genl() - a fresh generic netlink socket
 *
 * Return: the descriptor; ends the program if there is none.
 */
int open_genl(void);

/**
 * build_getfamily() - a CTRL_CMD_GETFAMILY request
 * @buf: where to, 64 bytes at least
 * @family: CTRL_ATTR_FAMILY_NAME, or NULL for none
 * @flags: nlmsg_flags beside NLM_F_REQUEST
 * @seq: nlmsg_seq
 *
 * Return: its length, padded.
 */
size_t build_getfamily(void *buf, const char *family, int flags, __u32 seq);

/**
 * ask() - send a CTRL_CMD_GETFAMILY
 * @fd: the socket
 * @family: see build_getfamily()
 * @flags: likewise
 * @seq: likewise
 */
void ask(int fd, const char *family, int flags, __u32 seq);

/**
 * say_message() - print what a received message is
 * @what: a word
 * @buf: the datagram
 * @len: its length, or -1 with errno set
 */
void say_message(const char *what, const void *buf, ssize_t len);

#endif
