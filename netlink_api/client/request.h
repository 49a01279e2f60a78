/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Inside the client library: requests and their answers.
 */
#ifndef OVSNL_CLIENT_REQUEST_H
#define OVSNL_CLIENT_REQUEST_H

#include <sys/types.h>

#include "ovsnl_client.h"
#include "ovsnl_transport.h"

struct nl_msg;
struct nl_sock;

/* Room for any one datagram. */
#define OVSNL_REQUEST_BUFFER (128 * 1024)

/**
 * struct ovsnl_client - a connection to a datapath
 * @sk: the kernel's socket, NULL on the twin
 * @fd: the descriptor on either
 * @page: the twin's page, NULL on the kernel
 * @seq: last nlmsg_seq that was used
 * @families: run-time numbers; @group 0: none
 * @dropped: see ovsnl_client_dropped()
 * @error_text: see ovsnl_client_error_text()
 * @buf: the datagram that is being read
 */
struct ovsnl_client {
	struct nl_sock *sk;
	int fd;
	struct ovsnl_page *page;
	__u32 seq;
	struct {
		__u16 id;
		__u32 group;
	} families[OVSNL_FAMILY_COUNT];
	unsigned long dropped;
	char error_text[256];
	__u64 buf[OVSNL_REQUEST_BUFFER / sizeof(__u64)];
};

/**
 * ovsnl_request_reply_fn - called for each answer that is not an error
 * @client: the client
 * @nlh: the message
 * @arg: as passed in
 *
 * Return: 0 or -errno.
 */
typedef int ovsnl_request_reply_fn(struct ovsnl_client *client,
				   const struct nlmsghdr *nlh, void *arg);

/**
 * ovsnl_request_new() - begin a request
 * @client: the client
 * @family: which family
 * @cmd: OVS_*_CMD_*
 * @flags: nlmsg_flags beside NLM_F_REQUEST
 * @dp_ifindex: for struct ovs_header
 * @room: bytes for the attributes' payload
 *
 * Return: a message to which up to 16 attributes can be added, or NULL.
 */
struct nl_msg *ovsnl_request_new(struct ovsnl_client *client,
				 enum ovsnl_family_id family, __u8 cmd,
				 int flags, int dp_ifindex, size_t room);

/**
 * ovsnl_request_put_nested() - add a run of attributes within another
 * @msg: the message
 * @type: of the attribute around them
 * @bytes: the run; nothing is added if it is absent
 *
 * Return: 0 or -ENOMEM.
 */
int ovsnl_request_put_nested(struct nl_msg *msg, int type,
			     const struct ovsnl_client_bytes *bytes);

/**
 * ovsnl_request_exchange() - send requests in few datagrams, take all answers
 * @client: the client
 * @msgs: the requests; they are freed
 * @n: how many
 * @reply: called for each answer, or NULL
 * @arg: passed to @reply
 * @errors: set to 0 or -errno for each request, if not NULL; when the
 *	connection fails or answers are lost (-ENOBUFS), to that for all
 *	that are not known to have failed otherwise
 *
 * Relies on what both transports guarantee: when sendmsg() returns the answers
 * are readable, so that no request needs an acknowledgement.
 *
 * Return: 0, the first request's error, or @reply's.
 */
int ovsnl_request_exchange(struct ovsnl_client *client, struct nl_msg **msgs,
			   size_t n, ovsnl_request_reply_fn *reply, void *arg,
			   int *errors);

/**
 * ovsnl_request_run() - one request whose attributes may have failed
 * @client: the client
 * @msg: the request or NULL; it is freed
 * @err: 0, or the error of adding an attribute, which is returned
 * @each: called for each answer, or NULL
 * @arg: passed to @each
 *
 * Return: 0 or -errno.
 */
int ovsnl_request_run(struct ovsnl_client *client, struct nl_msg *msg, int err,
		      ovsnl_client_each_fn *each, void *arg);

/**
 * ovsnl_request_decode() - make a message of one of the families readable
 * @client: the client
 * @nlh: the message
 * @message: set on success
 *
 * Return: 0 or -EBADMSG.
 */
int ovsnl_request_decode(struct ovsnl_client *client,
			 const struct nlmsghdr *nlh,
			 struct ovsnl_client_message *message);

/**
 * ovsnl_request_receive() - take one datagram into the client's buffer
 * @client: the client
 *
 * Does not wait.
 *
 * Return: its length, -EAGAIN: there is none, -ENOBUFS or -ECONNRESET.
 */
ssize_t ovsnl_request_receive(struct ovsnl_client *client);

/**
 * ovsnl_request_int() - read a number from an attribute
 * @attr: the attribute or NULL
 * @n: set if it is there and has the size of *@n
 * @size: of *@n, in bytes
 *
 * Return: true if so.
 */
bool ovsnl_request_int(const struct nlattr *attr, void *n, size_t size);

/**
 * ovsnl_request_bytes() - an attribute's payload
 * @attr: the attribute or NULL
 *
 * Return: the bytes; absent if @attr is NULL.
 */
struct ovsnl_client_bytes ovsnl_request_bytes(const struct nlattr *attr);

/**
 * ovsnl_request_name() - read a device's name
 * @attr: the attribute or NULL
 * @name: room for IFNAMSIZ bytes
 *
 * Return: true if there is one that fits.
 */
bool ovsnl_request_name(const struct nlattr *attr, char *name);

#endif
