// SPDX-License-Identifier: BSD-3-Clause
/*
 * The "twinpath" family: receive queues.
 *
 * Overview
 *
 *	Checks requests, and hands them to rxq.c.
 *
 * Synchronisation
 *
 *	Control thread only.
 */
#include "ctl_rxq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_wire.h"
#include "rxq.h"

#define HEAD_SIZE 512

static int refuse(struct twin_genl_request *req, int code, const char *msg,
		  int attr)
{
	return ovsnl_err_set(&req->err, code, msg, req->tb[attr]);
}

static void put_queue(struct ovsnl_writer *w,
		      const struct twin_genl_request *req,
		      const struct twin_port *port, uint16_t queue)
{
	size_t start = twin_genl_put(w, req, TWIN_CTL_RXQ_GET, NLM_F_MULTI);
	const struct twin_rxq *rxq = &port->rxq[queue];
	const struct twin_ctl_rxq answer = {
		.load = rxq->load,
		.packets = rxq->packets,
		.worker = rxq->worker,
		.pinned = rxq->pinned,
	};

	ovsnl_put_string(w, TWIN_CTL_ATTR_NAME, port->name);
	ovsnl_put_u32(w, TWIN_CTL_ATTR_QUEUE, queue);
	ovsnl_put_aligned(w, TWIN_CTL_ATTR_RXQ, &answer, sizeof(answer));
	twin_genl_end(w, start);
}

/* cur->pos[0]: queues written. */
int twin_ctl_rxq_dump(struct twin_genl_request *req, struct ovsnl_cursor *cur,
		      struct ovsnl_writer *w)
{
	struct twin_port *port = NULL;
	uint64_t n = 0;
	size_t before;
	uint16_t i;

	while ((port = twin_port_next(port)))
		for (i = 0; i < port->n_rxq; i++) {
			if (n++ < cur->pos[0])
				continue;
			before = w->len;
			put_queue(w, req, port, i);
			if (w->overflow) {
				ovsnl_writer_reset(w, before);
				return 0;
			}
			cur->pos[0]++;
		}
	return 0;
}

/* The worker that the request names. Return: 0 or -EINVAL. */
static int find_worker(struct twin_genl_request *req, unsigned int *worker)
{
	const struct nlattr *a = req->tb[TWIN_CTL_ATTR_CONTEXT];

	if (!a || ovsnl_attr_u32(a) >= twin_worker_count())
		return refuse(req, -EINVAL, "no such worker",
			      TWIN_CTL_ATTR_CONTEXT);
	*worker = ovsnl_attr_u32(a);
	return 0;
}

int twin_ctl_rxq_pin(struct twin_genl_request *req)
{
	const struct nlattr *name = req->tb[TWIN_CTL_ATTR_NAME];
	const struct nlattr *queue = req->tb[TWIN_CTL_ATTR_QUEUE];
	struct twin_port *port;
	unsigned int worker = 0;
	int err;

	port = name ? twin_port_find(ovsnl_attr_data(name)) : NULL;
	if (!port)
		return refuse(req, -ENODEV, "no such port", TWIN_CTL_ATTR_NAME);
	if (!queue || ovsnl_attr_u32(queue) >= port->n_rxq)
		return refuse(req, -EINVAL, "the port has no such queue",
			      TWIN_CTL_ATTR_QUEUE);
	if (!req->tb[TWIN_CTL_ATTR_CONTEXT])
		return twin_rxq_pin(port, ovsnl_attr_u32(queue), -1);
	err = find_worker(req, &worker);
	return err ? err : twin_rxq_pin(port, ovsnl_attr_u32(queue), worker);
}

int twin_ctl_rxq_isolate(struct twin_genl_request *req)
{
	const struct nlattr *yes = req->tb[TWIN_CTL_ATTR_ISOLATED];
	unsigned int worker;
	int err;

	err = find_worker(req, &worker);
	if (err)
		return err;
	if (!yes)
		return refuse(req, -EINVAL, "isolated or not?",
			      TWIN_CTL_ATTR_ISOLATED);
	twin_worker_isolate(worker, *(const __u8 *)ovsnl_attr_data(yes));
	return 0;
}

int twin_ctl_rxq_balance(struct twin_genl_request *req)
{
	const struct nlattr *a = req->tb[TWIN_CTL_ATTR_BALANCE];
	struct twin_ctl_balance balance;
	int err = -EINVAL;

	if (a) {
		memcpy(&balance, ovsnl_attr_data(a), sizeof(balance));
		err = twin_rxq_set_balance(&balance);
	}
	return err ? refuse(req, err,
			    "a percentage is over 100, or the "
			    "interval not 1 to 86400 seconds",
			    TWIN_CTL_ATTR_BALANCE)
		   : 0;
}

static int reply_moves(struct twin_genl_request *req,
		       const struct twin_rxq_moves *moves)
{
	__u64 improvement = moves->improvement;
	size_t len = moves->n * sizeof(moves->v[0]), start;
	struct ovsnl_writer w;
	void *buf = malloc(HEAD_SIZE + len);
	int err;

	if (!buf)
		return -ENOMEM;
	ovsnl_writer_init(&w, buf, HEAD_SIZE + len);
	start = twin_genl_put(&w, req, TWIN_CTL_RXQ_PLAN, 0);
	ovsnl_put_aligned(&w, TWIN_CTL_ATTR_COUNT, &improvement,
			  sizeof(improvement));
	ovsnl_put(&w, TWIN_CTL_ATTR_BALANCE, twin_rxq_balance(),
		  sizeof(struct twin_ctl_balance));
	ovsnl_put(&w, TWIN_CTL_ATTR_MOVES, moves->v, len);
	twin_genl_end(&w, start);
	err = w.overflow ? -EMSGSIZE : twin_genl_reply(req, &w);
	free(buf);
	return err;
}

int twin_ctl_rxq_plan(struct twin_genl_request *req)
{
	struct twin_rxq_moves moves;
	int err;

	err = twin_rxq_propose(&moves);
	if (err)
		return err;
	if (twin_genl_header(req)->cmd == TWIN_CTL_RXQ_REBALANCE)
		err = twin_rxq_carry_out(&moves);
	if (!err)
		err = reply_moves(req, &moves);
	free(moves.v);
	return err;
}
