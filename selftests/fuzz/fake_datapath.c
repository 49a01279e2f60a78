// SPDX-License-Identifier: BSD-3-Clause
/*
 * The fake datapath.
 *
 * Overview: three arrays (datapaths, their ports, their flows), linear search
 * everywhere. The local port of datapath i has ifindex 100 * (i + 1), other
 * ports the numbers behind it.
 *
 * Life cycle: fake_start() and fake_stop() frame each input of the fuzzer.
 * Synchronisation: one thread; lock depths are counted to check the callers.
 * Lock order: read_lock() may be taken inside lock() and alone.
 */
#include "fake_datapath.h"
#include "fake_limits.h"
#include "fuzz.h"
#include "ovsnl_msg.h"

#define DATAPATHS 3
#define PORTS 6
#define FLOWS 24
#define CPUS 4

struct vport {
	bool used;
	struct datapath *dp;
	__u32 port_no, type;
	__s32 ifindex;
	char name[16];
	__u32 pids[CPUS];
	__u32 pid_count;
};

struct sw_flow {
	bool used;
	struct ovsnl_flow_id id;
	struct ovsnl_key key, masked_key, mask;
	struct ovsnl_actions *acts;
	__u64 packets;
};

struct datapath {
	bool used;
	__u32 features, cache_size;
	__u32 percpu[CPUS];
	__u32 percpu_count;
	struct vport ports[PORTS];
	struct sw_flow flows[FLOWS];
};

static struct {
	struct datapath dps[DATAPATHS];
	int locked, reading, replies;
} world;

void fake_must_be_locked(void)
{
	MUST(world.locked);
}

static void must_be_readable(void)
{
	MUST(world.locked || world.reading);
}

/* Locks */

static void fake_lock(void *net)
{
	MUST(!world.locked && !world.reading);
	(void)net;
	world.locked++;
}

static void fake_unlock(void *net)
{
	fake_must_be_locked();
	(void)net;
	world.locked--;
}

static void fake_read_lock(void *net)
{
	(void)net;
	world.reading++;
}

static void fake_read_unlock(void *net)
{
	MUST(world.reading);
	(void)net;
	world.reading--;
}

/* Replies */

static void check_attrs(const struct nlattr *head, int len)
{
	const struct nlattr *a;
	int rem;

	ovsnl_attr_for_each(a, head, len, rem)
		MUST(ovsnl_attr_type(a));
	MUST(rem == 0);
}

void fake_check_messages(const void *data, size_t len)
{
	const __u8 *p = data;

	while (len) {
		const struct nlmsghdr *h = (const void *)p;

		MUST(len >= OVSNL_MSG_HEAD);
		MUST(h->nlmsg_len >= OVSNL_MSG_HEAD && h->nlmsg_len <= len);
		MUST(h->nlmsg_len % 4 == 0);
		check_attrs((const struct nlattr *)(p + OVSNL_MSG_HEAD),
			    h->nlmsg_len - OVSNL_MSG_HEAD);
		p += h->nlmsg_len;
		len -= h->nlmsg_len;
	}
}

/* One allocation in eight fails when the request says so. */
static int fake_reply_alloc(struct ovsnl_request *req, size_t size,
			    struct ovsnl_writer *w)
{
	if (req->seq % 8 == 7)
		return -ENOMEM;
	ovsnl_writer_init(w, fuzz_copy("", 0), 0);
	w->buf = realloc(w->buf, size);
	MUST(w->buf);
	w->cap = size;
	world.replies++;
	return 0;
}

static void fake_reply_free(struct ovsnl_request *req, struct ovsnl_writer *w)
{
	(void)req;
	world.replies--;
	free(w->buf);
}

static int fake_reply_unicast(struct ovsnl_request *req, struct ovsnl_writer *w)
{
	MUST(!w->overflow);
	MUST(w->len);
	fake_check_messages(w->buf, w->len);
	fake_reply_free(req, w);
	return 0;
}

static void fake_reply_notify(struct ovsnl_request *req, struct ovsnl_writer *w)
{
	fake_reply_unicast(req, w);
}

static bool fake_wanted(struct ovsnl_request *req)
{
	return req->flags & NLM_F_ECHO || req->seq % 2;
}

/* Datapaths */

static struct datapath *fake_dp_find(void *net, int ifindex)
{
	int i, j;

	(void)net;
	must_be_readable();
	for (i = 0; i < DATAPATHS; i++)
		for (j = 0; j < PORTS && world.dps[i].used; j++)
			if (world.dps[i].ports[j].used &&
			    world.dps[i].ports[j].ifindex == ifindex)
				return &world.dps[i];
	return NULL;
}

static struct datapath *fake_dp_next(void *net, __u64 n)
{
	int i;

	(void)net;
	fake_must_be_locked();
	for (i = 0; i < DATAPATHS; i++)
		if (world.dps[i].used && !n--)
			return &world.dps[i];
	return NULL;
}

static struct vport *find_name(const char *name)
{
	int i, j;

	for (i = 0; i < DATAPATHS; i++)
		for (j = 0; j < PORTS && world.dps[i].used; j++)
			if (world.dps[i].ports[j].used &&
			    !strcmp(world.dps[i].ports[j].name, name))
				return &world.dps[i].ports[j];
	return NULL;
}

static void set_pids(__u32 *to, __u32 *count, const struct ovsnl_pids *pids)
{
	*count = pids->n < CPUS ? pids->n : CPUS;
	if (pids->n)
		memcpy(to, pids->data, *count * sizeof(__u32));
}

static void init_port(struct datapath *dp, struct vport *p, const char *name,
		      __u32 port_no, __u32 type, const struct ovsnl_pids *pids)
{
	MUST(strlen(name) < sizeof(p->name));
	memset(p, 0, sizeof(*p));
	p->used = true;
	p->dp = dp;
	p->port_no = port_no;
	p->type = type;
	p->ifindex = 100 * (dp - world.dps + 1) + (p - dp->ports);
	strcpy(p->name, name);
	set_pids(p->pids, &p->pid_count, pids);
}

static int fake_dp_create(void *net, const struct ovsnl_dp_args *args,
			  struct datapath **dp)
{
	int i;

	(void)net;
	fake_must_be_locked();
	if (find_name(args->name))
		return -EEXIST;
	for (i = 0; i < DATAPATHS && world.dps[i].used; i++)
		;
	if (i == DATAPATHS)
		return -ENOMEM;
	*dp = &world.dps[i];
	memset(*dp, 0, sizeof(**dp));
	(*dp)->used = true;
	(*dp)->features = args->user_features;
	(*dp)->cache_size = args->masks_cache_size;
	init_port(*dp, &(*dp)->ports[0], args->name, OVSNL_PORT_LOCAL,
		  OVS_VPORT_TYPE_INTERNAL, &args->upcall_pids);
	return 0;
}

static int fake_dp_change(struct datapath *dp, const struct ovsnl_dp_args *args)
{
	fake_must_be_locked();
	dp->features = args->user_features;
	if (args->set_cache_size) {
		MUST(args->masks_cache_size <= 4096);
		dp->cache_size = args->masks_cache_size;
	}
	if (args->set_percpu)
		set_pids(dp->percpu, &dp->percpu_count, &args->percpu_pids);
	return 0;
}

static void clear_flow(struct sw_flow *flow)
{
	if (flow->used)
		free(flow->acts);
	memset(flow, 0, sizeof(*flow));
}

static void fake_dp_destroy(struct datapath *dp)
{
	int i;

	fake_must_be_locked();
	for (i = 0; i < FLOWS; i++)
		clear_flow(&dp->flows[i]);
	fake_limits_forget(dp);
	dp->used = false;
}

static void fake_dp_reset_features(struct datapath *dp)
{
	fake_must_be_locked();
	dp->features = 0;
}

static void fake_dp_info(struct datapath *dp, struct ovsnl_dp_info *info)
{
	must_be_readable();
	MUST(dp->used);
	info->name = dp->ports[0].name;
	info->ifindex = dp->ports[0].ifindex;
	info->user_features = dp->features;
	info->masks_cache_size = dp->cache_size;
	info->percpu_pids.data = dp->percpu;
	info->percpu_pids.n = dp->percpu_count;
}

static __u32 fake_cpu_count(void)
{
	return CPUS;
}

/* Ports */

static struct vport *fake_vport_by_name(void *net, const char *name)
{
	(void)net;
	must_be_readable();
	return find_name(name);
}

static struct vport *fake_vport_next(struct datapath *dp, __u32 port_no)
{
	struct vport *best = NULL;
	int i;

	must_be_readable();
	for (i = 0; i < PORTS; i++)
		if (dp->ports[i].used && dp->ports[i].port_no >= port_no &&
		    (!best || dp->ports[i].port_no < best->port_no))
			best = &dp->ports[i];
	return best;
}

static struct vport *fake_vport_by_port(struct datapath *dp, __u32 port_no)
{
	struct vport *p = fake_vport_next(dp, port_no);

	return p && p->port_no == port_no ? p : NULL;
}

static struct datapath *fake_vport_dp(struct vport *vport)
{
	return vport->dp;
}

static __u32 fake_vport_port_no(const struct vport *vport)
{
	return vport->port_no;
}

/* Some types are found only at the second look. */
static int fake_vport_type_check(void *net, __u32 type)
{
	static int looks;

	(void)net;
	fake_must_be_locked();
	if (type == OVS_VPORT_TYPE_GENEVE && ++looks % 2)
		return -EAGAIN;
	return type == OVS_VPORT_TYPE_UNSPEC || type > OVS_VPORT_TYPE_GENEVE
		       ? -EAFNOSUPPORT
		       : 0;
}

static int fake_vport_create(struct datapath *dp,
			     const struct ovsnl_vport_args *args,
			     struct vport **vport)
{
	int i;

	fake_must_be_locked();
	MUST(args->port_no > 0 && args->port_no < OVSNL_MAX_PORTS);
	MUST(!fake_vport_by_port(dp, args->port_no));
	if (find_name(args->name))
		return -EEXIST;
	for (i = 1; i < PORTS && dp->ports[i].used; i++)
		;
	if (i == PORTS)
		return -ENOMEM;
	*vport = &dp->ports[i];
	init_port(dp, *vport, args->name, args->port_no, args->type,
		  &args->upcall_pids);
	return 0;
}

static int fake_vport_set_options(struct vport *vport,
				  const struct nlattr *options)
{
	fake_must_be_locked();
	(void)vport;
	return ovsnl_attr_len(options) > 8 ? -EOPNOTSUPP : 0;
}

static int fake_vport_set_pids(struct vport *vport,
			       const struct ovsnl_pids *pids)
{
	fake_must_be_locked();
	set_pids(vport->pids, &vport->pid_count, pids);
	return 0;
}

static void fake_vport_destroy(struct vport *vport)
{
	fake_must_be_locked();
	MUST(vport->port_no != OVSNL_PORT_LOCAL);
	vport->used = false;
}

static void fake_vport_info(void *net, struct vport *vport,
			    struct ovsnl_vport_info *info)
{
	(void)net;
	must_be_readable();
	MUST(vport->used);
	info->dp_ifindex = vport->dp->ports[0].ifindex;
	info->dp_features = vport->dp->features;
	info->port_no = vport->port_no;
	info->type = vport->type;
	info->name = vport->name;
	info->ifindex = vport->ifindex;
	info->has_netnsid = vport->port_no % 2;
	info->upcall_pids.data = vport->pids;
	info->upcall_pids.n = vport->pid_count;
}

static void fake_vport_put_options(struct vport *vport, struct ovsnl_writer *w)
{
	if (vport->type > OVS_VPORT_TYPE_INTERNAL)
		ovsnl_put_u32(w, OVS_VPORT_ATTR_OPTIONS, 4789);
}

/* Flows */

static struct sw_flow *fake_flow_lookup(struct datapath *dp,
					const struct ovsnl_key *key)
{
	int i;

	fake_must_be_locked();
	for (i = 0; i < FLOWS; i++)
		if (dp->flows[i].used &&
		    ovsnl_key_masked_equal(key, &dp->flows[i].mask,
					   &dp->flows[i].masked_key,
					   ovsnl_key_range(&dp->flows[i].mask)))
			return &dp->flows[i];
	return NULL;
}

static struct sw_flow *fake_flow_lookup_ufid(struct datapath *dp,
					     const struct ovsnl_flow_id *id)
{
	int i;

	fake_must_be_locked();
	MUST(id->len && id->len <= OVSNL_UFID_MAX);
	for (i = 0; i < FLOWS; i++)
		if (dp->flows[i].used && dp->flows[i].id.len == id->len &&
		    !memcmp(dp->flows[i].id.ufid, id->ufid, id->len))
			return &dp->flows[i];
	return NULL;
}

static struct sw_flow *fake_flow_lookup_exact(struct datapath *dp,
					      const struct ovsnl_key *key)
{
	int i;

	fake_must_be_locked();
	for (i = 0; i < FLOWS; i++)
		if (dp->flows[i].used && !dp->flows[i].id.len &&
		    ovsnl_key_equal(&dp->flows[i].key, key))
			return &dp->flows[i];
	return NULL;
}

static int fake_flow_insert(struct datapath *dp,
			    const struct ovsnl_flow_args *args,
			    struct sw_flow **flow)
{
	int i;

	fake_must_be_locked();
	for (i = 0; i < FLOWS && dp->flows[i].used; i++)
		;
	if (i == FLOWS)
		return -ENOMEM;
	*flow = &dp->flows[i];
	(*flow)->used = true;
	(*flow)->id = args->id;
	(*flow)->key = *args->key;
	(*flow)->masked_key = *args->masked_key;
	(*flow)->mask = *args->mask;
	(*flow)->acts = args->acts;
	(*flow)->packets = i % 2;
	return 0;
}

static void fake_flow_set_actions(struct datapath *dp, struct sw_flow *flow,
				  struct ovsnl_actions *acts)
{
	fake_must_be_locked();
	(void)dp;
	MUST(flow->used);
	free(flow->acts);
	flow->acts = acts;
}

static void fake_flow_clear_stats(struct datapath *dp, struct sw_flow *flow)
{
	fake_must_be_locked();
	(void)dp;
	flow->packets = 0;
}

static void fake_flow_remove(struct datapath *dp, struct sw_flow *flow)
{
	fake_must_be_locked();
	(void)dp;
	MUST(flow->used);
	clear_flow(flow);
}

static int fake_flow_flush(struct datapath *dp)
{
	int i;

	fake_must_be_locked();
	for (i = 0; i < FLOWS; i++)
		clear_flow(&dp->flows[i]);
	return 0;
}

static struct sw_flow *fake_flow_next(struct datapath *dp,
				      struct ovsnl_cursor *cur)
{
	must_be_readable();
	while (cur->pos[0] < FLOWS)
		if (dp->flows[cur->pos[0]++].used)
			return &dp->flows[cur->pos[0] - 1];
	return NULL;
}

static void fake_flow_info(struct datapath *dp, const struct sw_flow *flow,
			   struct ovsnl_flow_info *info)
{
	must_be_readable();
	(void)dp;
	MUST(flow->used);
	info->id = &flow->id;
	info->unmasked_key = flow->id.len ? NULL : &flow->key;
	info->masked_key = &flow->masked_key;
	info->mask = &flow->mask;
	info->stats.n_packets = flow->packets;
	info->used_ms = flow->packets;
	info->tcp_flags = flow->packets ? 0x12 : 0;
	info->acts = flow->acts;
}

/* Actions and packets */

static struct ovsnl_actions *fake_actions_alloc(size_t size)
{
	return malloc(size);
}

static int fake_actions_prepare(void *net, struct ovsnl_actions *acts)
{
	(void)net;
	(void)acts;
	return 0;
}

static void fake_actions_free(struct ovsnl_actions *acts)
{
	free(acts);
}

static int fake_packet_execute(struct datapath *dp,
			       const struct ovsnl_execute *exec)
{
	must_be_readable();
	MUST(dp->used);
	MUST(exec->len >= ETH_HLEN);
	MUST(exec->layout.l3_ofs <= exec->len);
	MUST(exec->layout.l4_ofs <= exec->len ||
	     exec->layout.l4_ofs == OVSNL_NO_OFS);
	free(exec->acts);
	return 0;
}

const struct ovsnl_ops fake_ops = {
	.lock = fake_lock,
	.unlock = fake_unlock,
	.read_lock = fake_read_lock,
	.read_unlock = fake_read_unlock,
	.reply_alloc = fake_reply_alloc,
	.reply_free = fake_reply_free,
	.reply_unicast = fake_reply_unicast,
	.reply_notify = fake_reply_notify,
	.wanted = fake_wanted,
	.dp_find = fake_dp_find,
	.dp_next = fake_dp_next,
	.dp_create = fake_dp_create,
	.dp_change = fake_dp_change,
	.dp_destroy = fake_dp_destroy,
	.dp_reset_features = fake_dp_reset_features,
	.dp_info = fake_dp_info,
	.cpu_count = fake_cpu_count,
	.vport_by_name = fake_vport_by_name,
	.vport_by_port = fake_vport_by_port,
	.vport_next = fake_vport_next,
	.vport_dp = fake_vport_dp,
	.vport_port_no = fake_vport_port_no,
	.vport_type_check = fake_vport_type_check,
	.vport_create = fake_vport_create,
	.vport_set_options = fake_vport_set_options,
	.vport_set_pids = fake_vport_set_pids,
	.vport_destroy = fake_vport_destroy,
	.vport_info = fake_vport_info,
	.vport_put_options = fake_vport_put_options,
	.flow_lookup = fake_flow_lookup,
	.flow_lookup_ufid = fake_flow_lookup_ufid,
	.flow_lookup_exact = fake_flow_lookup_exact,
	.flow_insert = fake_flow_insert,
	.flow_set_actions = fake_flow_set_actions,
	.flow_clear_stats = fake_flow_clear_stats,
	.flow_remove = fake_flow_remove,
	.flow_flush = fake_flow_flush,
	.flow_next = fake_flow_next,
	.flow_info = fake_flow_info,
	.actions_alloc = fake_actions_alloc,
	.actions_prepare = fake_actions_prepare,
	.actions_free = fake_actions_free,
	.meter_features = fake_meter_features,
	.meter_set = fake_meter_set,
	.meter_get = fake_meter_get,
	.meter_del = fake_meter_del,
	.ct_limit_reserve = fake_ct_limit_reserve,
	.ct_limit_release = fake_ct_limit_release,
	.ct_limit_set = fake_ct_limit_set,
	.ct_limit_del = fake_ct_limit_del,
	.ct_limit_get = fake_ct_limit_get,
	.ct_limit_next = fake_ct_limit_next,
	.packet_execute = fake_packet_execute,
};

void fake_start(void)
{
	memset(&world, 0, sizeof(world));
	fake_limits_start();
}

void fake_stop(void)
{
	int i;

	MUST(!world.locked && !world.reading && !world.replies);
	world.locked = 1;
	for (i = 0; i < DATAPATHS; i++)
		fake_dp_destroy(&world.dps[i]);
	world.locked = 0;
}
