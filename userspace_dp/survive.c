// SPDX-License-Identifier: BSD-3-Clause
/*
 * What survives the daemon.
 *
 * Overview
 *	Every request that changed something is added to a journal (journal.h);
 *	a daemon that starts deals with these requests again, before its socket
 *	answers. So there is no second format of datapaths, flows and the like,
 *	and what is restored went through the same checks.
 *
 *	Requests that leave a choice to the daemon (port numbers, ifindexes) are
 *	recorded with the choice made. TAP devices stay by themselves
 *	(tuntap.h). Counters begin at 0.
 *
 *	A journal of which more than half is history is written anew from what
 *	there is. Meters and limits of connection tracking can't be read back
 *	from the datapath in full: their requests are copied, those of meters
 *	that were changed later left out.
 *
 * Life cycle
 *	Restored and begun at start; ends with the process, however that ends,
 *	but for SIGINT, which removes it.
 *
 * Synchronisation
 *	Control thread only.
 *
 * Lock order
 *	No locks.
 */
#define _GNU_SOURCE
#include "survive.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "ctl_wire.h"
#include "datapath.h"
#include "journal.h"
#include "log.h"
#include "rxq.h"
#include "tuntap.h"
#include "vport.h"

/* History below this is not worth writing the journal anew. */
#define HISTORY_MIN (8 << 20)
#define MESSAGE_MAX 65536

/** struct counts - what came of a journal. */
struct counts {
	unsigned int done;
	unsigned int failed;
};

static struct twin_journal *journal;
static char *journal_path;
static size_t next_rewrite;
static bool stale;
static __u8 buffer[MESSAGE_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));

/* Messages */

static void begin(struct ovsnl_writer *w, uint16_t type, uint8_t cmd,
		  uint8_t version)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)buffer;
	struct genlmsghdr *genl = (struct genlmsghdr *)(nlh + 1);

	ovsnl_writer_init(w, buffer, sizeof(buffer));
	*nlh = (struct nlmsghdr){ .nlmsg_type = type };
	*genl = (struct genlmsghdr){ .cmd = cmd, .version = version };
	w->len = NLMSG_HDRLEN + GENL_HDRLEN;
}

static void begin_ovs(struct ovsnl_writer *w, uint16_t type, uint8_t cmd,
		      uint8_t version, int dp_ifindex)
{
	const struct ovs_header ovs = { .dp_ifindex = dp_ifindex };

	begin(w, type, cmd, version);
	memcpy(w->buf + w->len, &ovs, sizeof(ovs));
	w->len += sizeof(ovs);
}

static int append(struct twin_journal *to, const struct nlmsghdr *nlh)
{
	return twin_journal_append(
		to, nlh, (nlh->nlmsg_flags & NLM_F_CREATE) | NLM_F_REQUEST);
}

static int append_written(struct twin_journal *to, struct ovsnl_writer *w)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)w->buf;

	if (w->overflow)
		return -EMSGSIZE;
	nlh->nlmsg_len = w->len;
	return append(to, nlh);
}

static void put_pids(struct ovsnl_writer *w, int type,
		     const struct twin_pids *pids)
{
	ovsnl_put(w, type, pids->pids, pids->n * sizeof(pids->pids[0]));
}

static int write_netdev(struct twin_journal *to, const struct twin_port *port)
{
	struct ovsnl_writer w;

	begin(&w, TWIN_GENL_TWINPATH, TWIN_CTL_PORT_ADD, TWIN_CTL_VERSION);
	ovsnl_put_string(&w, TWIN_CTL_ATTR_NAME, port->name);
	ovsnl_put_string(&w, TWIN_CTL_ATTR_DEVARGS, port->devargs);
	ovsnl_put_u32(&w, TWIN_CTL_ATTR_MTU, port->mtu);
	return append_written(to, &w);
}

/* Wishes about receive queues, once their ports are there. */

static int write_pins(struct twin_journal *to, const struct twin_port *port)
{
	struct ovsnl_writer w;
	unsigned int i;
	int err = 0;

	for (i = 0; i < port->n_rxq && !err; i++) {
		if (port->rxq[i].pinned < 0)
			continue;
		begin(&w, TWIN_GENL_TWINPATH, TWIN_CTL_RXQ_PIN,
		      TWIN_CTL_VERSION);
		ovsnl_put_string(&w, TWIN_CTL_ATTR_NAME, port->name);
		ovsnl_put_u32(&w, TWIN_CTL_ATTR_QUEUE, i);
		ovsnl_put_u32(&w, TWIN_CTL_ATTR_CONTEXT, port->rxq[i].pinned);
		err = append_written(to, &w);
	}
	return err;
}

static int write_isolated(struct twin_journal *to, unsigned int worker)
{
	struct ovsnl_writer w;

	begin(&w, TWIN_GENL_TWINPATH, TWIN_CTL_RXQ_ISOLATE, TWIN_CTL_VERSION);
	ovsnl_put_u32(&w, TWIN_CTL_ATTR_CONTEXT, worker);
	ovsnl_put_u8(&w, TWIN_CTL_ATTR_ISOLATED, 1);
	return append_written(to, &w);
}

static int write_balance(struct twin_journal *to)
{
	struct ovsnl_writer w;

	begin(&w, TWIN_GENL_TWINPATH, TWIN_CTL_RXQ_BALANCE, TWIN_CTL_VERSION);
	ovsnl_put(&w, TWIN_CTL_ATTR_BALANCE, twin_rxq_balance(),
		  sizeof(struct twin_ctl_balance));
	return append_written(to, &w);
}

static int write_queues(struct twin_journal *to)
{
	struct twin_port *port = NULL;
	int err = write_balance(to);
	unsigned int i;

	for (i = 0; i < twin_worker_count() && !err; i++)
		if (twin_worker_isolated()[i])
			err = write_isolated(to, i);
	while (!err && (port = twin_port_next(port)))
		err = write_pins(to, port);
	return err;
}

static int write_vport(struct twin_journal *to, const struct vport *vport)
{
	struct ovsnl_writer w;

	begin_ovs(&w, TWIN_GENL_VPORT, OVS_VPORT_CMD_NEW, OVS_VPORT_VERSION,
		  vport->dp->ifindex);
	ovsnl_put_string(&w, OVS_VPORT_ATTR_NAME, vport->port->name);
	ovsnl_put_u32(&w, OVS_VPORT_ATTR_TYPE, vport->type);
	ovsnl_put_u32(&w, OVS_VPORT_ATTR_PORT_NO, vport->port_no);
	if (vport->type == OVS_VPORT_TYPE_INTERNAL)
		ovsnl_put_u32(&w, OVS_VPORT_ATTR_IFINDEX, vport->port->ifindex);
	put_pids(&w, OVS_VPORT_ATTR_UPCALL_PID, vport->upcall_pids);
	return append_written(to, &w);
}

static int write_datapath(struct twin_journal *to, const struct datapath *dp)
{
	const struct vport *local = dp->ports[OVSNL_PORT_LOCAL];
	struct ovsnl_writer w;

	begin_ovs(&w, TWIN_GENL_DATAPATH, OVS_DP_CMD_NEW, OVS_DATAPATH_VERSION,
		  0);
	ovsnl_put_string(&w, OVS_DP_ATTR_NAME, local->port->name);
	put_pids(&w, OVS_DP_ATTR_UPCALL_PID, local->upcall_pids);
	ovsnl_put_u32(&w, OVS_DP_ATTR_USER_FEATURES, dp->user_features);
	ovsnl_put_u32(&w, OVS_DP_ATTR_MASKS_CACHE_SIZE, dp->masks_cache_size);
	if (dp->percpu_pids)
		put_pids(&w, OVS_DP_ATTR_PER_CPU_PIDS, dp->percpu_pids);
	ovsnl_put_u32(&w, OVS_DP_ATTR_IFINDEX, dp->ifindex);
	return append_written(to, &w);
}

/* Flows are written as a dump of them: its messages make them. */

static int append_all(struct twin_journal *to, __u8 *data, size_t len)
{
	struct nlmsghdr *nlh;
	int err = 0;

	for (; len && !err; len -= NLMSG_ALIGN((size_t)nlh->nlmsg_len)) {
		nlh = (struct nlmsghdr *)data;
		((struct genlmsghdr *)(nlh + 1))->cmd = OVS_FLOW_CMD_NEW;
		err = append(to, nlh);
		data += NLMSG_ALIGN((size_t)nlh->nlmsg_len);
	}
	return err;
}

static const struct twin_genl_command *
find_dump(const struct twin_genl_family *family)
{
	unsigned int i;

	for (i = 0; i < family->n_commands; i++)
		if (family->commands[i].dumpit)
			return &family->commands[i];
	return NULL;
}

static int write_flows(struct twin_journal *to, const struct datapath *dp)
{
	static struct twin_nl_conn nobody = { .admin = true };
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		struct ovs_header ovs;
	} request = {
		.nlh.nlmsg_len = sizeof(request),
		.genl.cmd = OVS_FLOW_CMD_GET,
		.ovs.dp_ifindex = dp->ifindex,
	};
	struct twin_genl_request req = {
		.conn = &nobody,
		.family = twin_genl_family_by_id(TWIN_GENL_FLOW),
		.nlh = &request.nlh,
	};
	struct ovsnl_cursor cursor = { 0 };
	struct ovsnl_writer w;
	int err;

	req.command = find_dump(req.family);
	do {
		ovsnl_writer_init(&w, buffer, sizeof(buffer));
		err = req.command->dumpit(&req, &cursor, &w);
		if (err >= 0)
			err = append_all(to, w.buf, w.len);
	} while (!err && w.len);
	return err;
}

/* Meters and limits: requests copied from the old journal. */

static int dp_of(const struct nlmsghdr *nlh)
{
	const struct ovs_header *ovs =
		(const void *)((const char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN);

	return ovs->dp_ifindex;
}

static uint32_t meter_of(const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[OVS_METER_ATTR_ID + 1];
	size_t head = NLMSG_HDRLEN + GENL_HDRLEN + sizeof(struct ovs_header);

	ovsnl_attr_parse(tb, OVS_METER_ATTR_ID,
			 (const struct nlattr *)((const char *)nlh + head),
			 nlh->nlmsg_len - head, NULL, NULL);
	return tb[OVS_METER_ATTR_ID] ? ovsnl_attr_u32(tb[OVS_METER_ATTR_ID])
				     : 0;
}

/** struct copies - requests to be copied, in the order of the old journal. */
struct copies {
	struct twin_journal *to;
	int err;
	size_t n, room;
	struct copy {
		int dp;
		uint32_t id;
		uint32_t rank;
		struct nlmsghdr *nlh;
	} * v;
};

static bool dp_exists(int ifindex)
{
	struct datapath *dp = NULL;

	while ((dp = twin_datapath_next(dp)))
		if (dp->ifindex == ifindex)
			return true;
	return false;
}

static void remember(struct copies *c, const struct nlmsghdr *nlh)
{
	struct copy *v;

	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		v = realloc(c->v, c->room * sizeof(*v));
		if (!v) {
			c->err = -ENOMEM;
			return;
		}
		c->v = v;
	}
	v = &c->v[c->n];
	v->nlh = malloc(nlh->nlmsg_len);
	if (!v->nlh) {
		c->err = -ENOMEM;
		return;
	}
	memcpy(v->nlh, nlh, nlh->nlmsg_len);
	v->dp = dp_of(nlh);
	v->id = meter_of(nlh);
	v->rank = c->n++;
}

static void copy_one(const struct nlmsghdr *nlh, void *arg)
{
	struct copies *c = arg;

	if (c->err)
		return;
	if (nlh->nlmsg_type == TWIN_GENL_METER && dp_exists(dp_of(nlh)))
		remember(c, nlh);
	else if (nlh->nlmsg_type == TWIN_GENL_CT_LIMIT)
		c->err = append(c->to, nlh);
}

/* By datapath and meter, the last one first. */
static int compare(const void *a, const void *b)
{
	const struct copy *x = a, *y = b;

	if (x->dp != y->dp)
		return x->dp < y->dp ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->rank > y->rank ? -1 : 1;
}

static bool makes_meter(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = (const void *)(nlh + 1);

	return genl->cmd == OVS_METER_CMD_SET;
}

static int write_meters(struct copies *c)
{
	size_t i;
	int err = c->err;

	if (c->n)
		qsort(c->v, c->n, sizeof(c->v[0]), compare);
	for (i = 0; i < c->n && !err; i++) {
		if (i && c->v[i].dp == c->v[i - 1].dp &&
		    c->v[i].id == c->v[i - 1].id)
			continue;
		if (makes_meter(c->v[i].nlh))
			err = append(c->to, c->v[i].nlh);
	}
	for (i = 0; i < c->n; i++)
		free(c->v[i].nlh);
	free(c->v);
	return err;
}

static int copy_requests(struct twin_journal *to)
{
	struct copies c = { .to = to };
	int err = twin_journal_read(journal_path, copy_one, &c);

	if (err == -EINVAL)
		err = 0; /* another version's */
	if (!c.err)
		c.err = err;
	return write_meters(&c);
}

/* The whole */

static int write_datapath_ports(struct twin_journal *to, struct datapath *dp)
{
	struct vport *vport;
	uint32_t no;
	int err = write_datapath(to, dp);

	for (no = OVSNL_PORT_LOCAL + 1; !err; no = vport->port_no + 1) {
		vport = twin_vport_next(dp, no);
		if (!vport)
			break;
		err = write_vport(to, vport);
	}
	return err;
}

static int write_all(struct twin_journal *to)
{
	struct datapath *dp = NULL;
	struct twin_port *port = NULL;
	int err = 0;

	while (!err && (port = twin_port_next(port)))
		if (!port->hidden)
			err = write_netdev(to, port);
	while (!err && (dp = twin_datapath_next(dp)))
		err = write_datapath_ports(to, dp);
	if (!err)
		err = write_queues(to);
	if (!err)
		err = copy_requests(to);
	while (!err && (dp = twin_datapath_next(dp)))
		err = write_flows(to, dp);
	return err;
}

/* Nothing is better than what is no longer true. */
static void give_up(int err)
{
	twin_log("state is no longer kept in %s: %s", journal_path,
		 strerror(-err));
	twin_journal_close(journal, true);
	journal = NULL;
}

static int rewrite(void)
{
	struct twin_journal *new = twin_journal_create(journal_path);
	int err;

	if (!new)
		return -errno;
	err = write_all(new);
	if (!err)
		err = twin_journal_publish(new);
	if (err) {
		twin_journal_close(new, true);
		return err;
	}
	twin_journal_close(journal, false);
	journal = new;
	next_rewrite = 2 * twin_journal_size(new) + HISTORY_MIN;
	stale = false;
	return 0;
}

static void rewrite_or_give_up(void)
{
	int err = rewrite();

	if (err)
		give_up(err);
}

void twin_survive_stale(void)
{
	stale = true;
}

int twin_survive_hook(void)
{
	if (journal && stale)
		rewrite_or_give_up();
	return -1;
}

/* Recording */

static const char *name_of(const struct twin_genl_request *req, int attr)
{
	return req->tb[attr] ? ovsnl_attr_data(req->tb[attr]) : "";
}

static int record_datapath(const struct twin_genl_request *req)
{
	uint8_t cmd = twin_genl_header(req)->cmd;
	struct vport *local;

	if (cmd == OVS_DP_CMD_DEL) {
		stale = true;
		return 0;
	}
	if (cmd == OVS_DP_CMD_SET)
		return append(journal, req->nlh);
	local = twin_vport_by_name(name_of(req, OVS_DP_ATTR_NAME));
	return local && cmd == OVS_DP_CMD_NEW
		       ? write_datapath(journal, local->dp)
		       : 0;
}

static int record_vport(const struct twin_genl_request *req)
{
	uint8_t cmd = twin_genl_header(req)->cmd;
	struct vport *vport;

	if (cmd == OVS_VPORT_CMD_SET || cmd == OVS_VPORT_CMD_DEL)
		return append(journal, req->nlh);
	vport = twin_vport_by_name(name_of(req, OVS_VPORT_ATTR_NAME));
	return vport && cmd == OVS_VPORT_CMD_NEW ? write_vport(journal, vport)
						 : 0;
}

static bool is_change(uint8_t ctl_cmd)
{
	switch (ctl_cmd) {
	case TWIN_CTL_PORT_ADD:
	case TWIN_CTL_PORT_DEL:
	case TWIN_CTL_RXQ_PIN:
	case TWIN_CTL_RXQ_ISOLATE:
	case TWIN_CTL_RXQ_BALANCE:
		return true;
	default:
		return false;
	}
}

static int record_other(const struct twin_genl_request *req)
{
	uint8_t cmd = twin_genl_header(req)->cmd;

	switch (req->family->id) {
	case TWIN_GENL_FLOW:
		return cmd == OVS_FLOW_CMD_GET ? 0 : append(journal, req->nlh);
	case TWIN_GENL_METER:
		return cmd == OVS_METER_CMD_SET || cmd == OVS_METER_CMD_DEL
			       ? append(journal, req->nlh)
			       : 0;
	case TWIN_GENL_CT_LIMIT:
		return cmd == OVS_CT_LIMIT_CMD_GET ? 0
						   : append(journal, req->nlh);
	case TWIN_GENL_TWINPATH:
		return is_change(cmd) ? append(journal, req->nlh) : 0;
	default:
		return 0;
	}
}

/* Was the change made? An answer that did not reach the client is no reason
 * against it.
 */
static bool was_made(int err)
{
	return !err || err == -EAGAIN || err == -ECONNREFUSED;
}

void twin_survive_changed(const struct twin_genl_request *req, int err)
{
	if (!journal || !was_made(err))
		return;
	if (req->family->id == TWIN_GENL_DATAPATH)
		err = record_datapath(req);
	else if (req->family->id == TWIN_GENL_VPORT)
		err = record_vport(req);
	else
		err = record_other(req);
	if (err)
		give_up(err);
	else if (stale || twin_journal_size(journal) > next_rewrite)
		rewrite_or_give_up();
}

/* Restoring */

static void restore_one(const struct nlmsghdr *nlh, void *arg)
{
	static struct twin_nl_conn nobody = { .admin = true };
	struct twin_genl_request req = { .conn = &nobody, .nlh = nlh };
	struct counts *counts = arg;
	int err = twin_genl_receive(&req);

	if (was_made(err)) {
		counts->done++;
		return;
	}
	counts->failed++;
	twin_log_limited("not restored: command %u of family %s: %s%s%s",
			 twin_genl_header(&req)->cmd,
			 req.family ? req.family->name : "?", strerror(-err),
			 req.err.msg ? ": " : "",
			 req.err.msg ? req.err.msg : "");
}

/* What fails here fails again, with words, when the file is made. */
static void make_directory(void)
{
	char *copy = strdup(journal_path);

	if (copy)
		mkdir(dirname(copy), 0755);
	free(copy);
}

/* One daemon at a time; the lock ends with the process. */
static int lock(void)
{
	char *path;
	int fd;

	make_directory();
	if (asprintf(&path, "%s.lock", journal_path) < 0)
		return -ENOMEM;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB)) {
		free(path);
		return 0;
	}
	twin_log("cannot lock %s: %s", path,
		 errno == EWOULDBLOCK ? "another daemon keeps its state there"
				      : strerror(errno));
	free(path);
	return fd < 0 ? -errno : -EBUSY;
}

int twin_survive_start(const char *path)
{
	struct counts counts = { 0 };
	int err;

	journal_path = strdup(path);
	if (!journal_path)
		return -ENOMEM;
	err = lock();
	if (err)
		return err;
	twin_tuntap_keep();
	err = twin_journal_read(path, restore_one, &counts);
	if (err)
		twin_log("%s: nothing restored: %s", path, strerror(-err));
	if (counts.done || counts.failed)
		twin_log("restored from %s: %u requests, %u refused", path,
			 counts.done, counts.failed);
	err = rewrite();
	if (err)
		twin_log("%s: %s", path, strerror(-err));
	return err;
}

void twin_survive_end(bool keep)
{
	struct twin_port *port = NULL;

	if (!journal)
		return;
	twin_journal_close(journal, !keep);
	journal = NULL;
	while ((port = twin_port_next(port)))
		port->leave = keep;
}
