// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What the commands of several families do alike.
 *
 * Overview: a command that changes something allocates its answer first, so
 * that a lack of memory changes nothing; then its body looks up, checks,
 * changes and writes the answer under the lock; then the answer goes out.
 *
 * Life cycle: an answer is the command's until it is sent or freed.
 *
 * Synchronisation: bodies run between ops->lock() and unlock(); nothing is
 * allocated or sent there.
 * Lock order: whatever the datapath's lock() says; none is taken here.
 */
#include "ovsnl_cmd.h"

int ovsnl_cmd_pids(struct ovsnl_request *req, const struct nlattr *a, __u32 max,
		   struct ovsnl_pids *pids)
{
	__u32 len = ovsnl_attr_len(a);

	if (!len || len % sizeof(__u32))
		return ovsnl_err_set(
			&req->err, -EINVAL,
			"upcall port ids must be whole 32-bit words", a);
	if (max && len / sizeof(__u32) > max)
		return ovsnl_err_set(&req->err, -EINVAL,
				     "more upcall port ids than CPUs", a);
	pids->data = ovsnl_attr_data(a);
	pids->n = len / sizeof(__u32);
	return 0;
}

int ovsnl_cmd_locked(struct ovsnl_request *req, size_t size,
		     int (*body)(struct ovsnl_request *req, void *arg,
				 struct ovsnl_writer *w),
		     void *arg, struct ovsnl_writer *w)
{
	int err = req->ops->reply_alloc(req, size, w);

	if (err)
		return err;
	req->ops->lock(req->net);
	err = body(req, arg, w);
	req->ops->unlock(req->net);
	if (err)
		req->ops->reply_free(req, w);
	return err;
}

int ovsnl_cmd_change(struct ovsnl_request *req, size_t size,
		     int (*body)(struct ovsnl_request *req, void *arg,
				 struct ovsnl_writer *w),
		     void *arg)
{
	struct ovsnl_writer w;
	int err = ovsnl_cmd_locked(req, size, body, arg, &w);

	if (!err)
		req->ops->reply_notify(req, &w);
	return err;
}
