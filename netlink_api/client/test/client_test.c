// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The client library against a real datapath, as TAP. The same tests for both
 * transports. Needs root; makes and removes a datapath of its own.
 *
 * usage: client_test kernel | twin SOCKET
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ovsnl_client.h"

#define DP_NAME "clitest"
#define PORT_NAME "clitest1"
#define PATIENCE_MS 5000
#define FLOWS 500

static int tests, failures;
static struct ovsnl_client *client, *listener;
static struct ovsnl_client_dp dp;

static void check(bool good, const char *what, int got)
{
	tests++;
	if (!good)
		failures++;
	printf("%s %d - %s\n", good ? "ok" : "not ok", tests, what);
	if (!good)
		printf("# result %d (%s) %s\n", got,
		       got < 0 ? strerror(-got) : "",
		       ovsnl_client_error_text(client));
	fflush(stdout);
}

/* Attributes are written one after the other into one of these. */
struct run {
	__u8 data[512];
	size_t len;
};

static void *put(struct run *run, int type, const void *data, size_t len)
{
	struct nlattr *attr = (struct nlattr *)(run->data + run->len);

	memset(attr, 0, NLA_HDRLEN + NLA_ALIGN(len));
	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	if (data)
		memcpy(attr + 1, data, len);
	run->len += NLA_ALIGN(attr->nla_len);
	return attr + 1;
}

static void put_u32(struct run *run, int type, __u32 n)
{
	put(run, type, &n, sizeof(n));
}

static struct ovsnl_client_bytes bytes(const struct run *run)
{
	return (struct ovsnl_client_bytes){ run->data, run->len };
}

/* Ethernet of unknown kind from port 1 and source @n. */
static void put_key(struct run *run, __u32 n)
{
	struct ovs_key_ethernet *eth;
	__be16 *type;

	run->len = 0;
	put_u32(run, OVS_KEY_ATTR_IN_PORT, 1);
	eth = put(run, OVS_KEY_ATTR_ETHERNET, NULL, sizeof(*eth));
	eth->eth_src[0] = 2;
	n = htonl(n);
	memcpy(eth->eth_src + 2, &n, sizeof(n));
	type = put(run, OVS_KEY_ATTR_ETHERTYPE, NULL, sizeof(*type));
	*type = htons(0x88b5);
}

struct counted {
	int count;
	int named;
};

static int count_dps(const struct ovsnl_client_message *message, void *arg)
{
	struct counted *counted = arg;
	struct ovsnl_client_dp one;
	int err = ovsnl_client_dp_decode(message, &one);

	counted->count++;
	counted->named += !strcmp(one.name, DP_NAME);
	return err;
}

static void test_dp(void)
{
	struct counted counted = { 0 };
	struct ovsnl_client_dp read;
	__u32 pids[4];
	int err;

	err = ovsnl_client_dp_new(client, DP_NAME,
				  OVS_DP_F_UNALIGNED | OVS_DP_F_VPORT_PIDS, 0,
				  &dp);
	check(!err, "dp new", err);
	check(dp.ifindex == (int)if_nametoindex(DP_NAME) && dp.ifindex,
	      "dp ifindex is the local port's", dp.ifindex);
	check(dp.user_features == (OVS_DP_F_UNALIGNED | OVS_DP_F_VPORT_PIDS),
	      "dp features", dp.user_features);
	err = ovsnl_client_dp_new(client, DP_NAME, 0, 0, NULL);
	check(err == -EEXIST, "dp new again", err);
	err = ovsnl_client_dp_get(client, DP_NAME, &read);
	check(!err && read.ifindex == dp.ifindex, "dp get", err);
	err = ovsnl_client_dp_get(client, "no-such-dp", &read);
	check(err == -ENODEV, "dp get missing", err);
	err = ovsnl_client_dp_dump(client, count_dps, &counted);
	check(!err && counted.named == 1 && counted.count >= 1, "dp dump", err);
	pids[0] = pids[1] = pids[2] = pids[3] = ovsnl_client_port_id(listener);
	err = ovsnl_client_dp_set(
		client, dp.ifindex,
		OVS_DP_F_UNALIGNED | OVS_DP_F_DISPATCH_UPCALL_PER_CPU, pids, 4);
	check(!err, "dp set per-CPU dispatch", err);
	err = ovsnl_client_dp_set_masks_cache(client, dp.ifindex,
					      OVS_DP_F_UNALIGNED, 512);
	check(!err && !ovsnl_client_dp_get(client, DP_NAME, &read) &&
		      read.masks_cache_size == 512,
	      "dp set masks cache", err);
	err = ovsnl_client_dp_set(client, dp.ifindex, 1U << 30, NULL, 0);
	check(err == -EOPNOTSUPP, "dp set unknown feature", err);
	err = ovsnl_client_dp_set(client, dp.ifindex,
				  OVS_DP_F_UNALIGNED | OVS_DP_F_VPORT_PIDS,
				  NULL, 0);
	check(!err, "dp set per-port dispatch", err);
}

static int count_vports(const struct ovsnl_client_message *message, void *arg)
{
	struct counted *counted = arg;
	struct ovsnl_client_vport one;
	int err = ovsnl_client_vport_decode(message, &one);

	counted->count++;
	counted->named += !strcmp(one.name, PORT_NAME);
	return err;
}

static void test_vport(void)
{
	struct ovsnl_client_vport vport = { .dp_ifindex = dp.ifindex,
					    .type = OVS_VPORT_TYPE_INTERNAL,
					    .name = PORT_NAME };
	__u32 pid = ovsnl_client_port_id(listener);
	struct counted counted = { 0 };
	struct ovsnl_client_vport read;
	int err;

	err = ovsnl_client_vport_new(client, &vport, NULL);
	check(!err && vport.port_no == 1, "vport new", err);
	err = ovsnl_client_vport_new(client, &vport, NULL);
	check(err == -EEXIST || err == -EBUSY, "vport new again", err);
	err = ovsnl_client_vport_get(client, 0, PORT_NAME, 0, &read);
	check(!err && read.port_no == 1 && read.dp_ifindex == dp.ifindex,
	      "vport get by name", err);
	err = ovsnl_client_vport_get(client, dp.ifindex, NULL, 1, &read);
	check(!err && !strcmp(read.name, PORT_NAME), "vport get by number",
	      err);
	err = ovsnl_client_vport_get(client, dp.ifindex, NULL, 77, &read);
	check(err == -ENODEV, "vport get missing", err);
	err = ovsnl_client_vport_dump(client, dp.ifindex, count_vports,
				      &counted);
	check(!err && counted.count == 2 && counted.named == 1, "vport dump",
	      err);
	err = ovsnl_client_vport_set(client, dp.ifindex, 1, &pid, 1);
	check(!err, "vport set", err);
	err = ovsnl_client_vport_get(client, dp.ifindex, NULL, 1, &read);
	check(!err && read.upcall_pid == pid, "vport upcall pid", err);
	err = ovsnl_client_vport_del(client, dp.ifindex, 0);
	check(err == -EINVAL, "vport del local", err);
}

struct seen_flow {
	int count;
	struct ovsnl_client_bytes actions;
	bool same_actions;
};

static bool same(const struct ovsnl_client_bytes *a,
		 const struct ovsnl_client_bytes *b)
{
	return a->len == b->len && a->data && b->data &&
	       !memcmp(a->data, b->data, a->len);
}

static int see_flow(const struct ovsnl_client_message *message, void *arg)
{
	struct seen_flow *seen = arg;
	struct ovsnl_client_flow flow;
	int err = ovsnl_client_flow_decode(message, &flow);

	seen->count++;
	seen->same_actions |= same(&flow.actions, &seen->actions);
	return err;
}

static void test_flow(void)
{
	struct run key, actions = { .len = 0 };
	struct ovsnl_client_flow flow;
	struct seen_flow seen = { 0 };
	int err;

	put_key(&key, 1);
	put_u32(&actions, OVS_ACTION_ATTR_OUTPUT, 0);
	flow = (struct ovsnl_client_flow){ .key = bytes(&key),
					   .actions = bytes(&actions) };
	err = ovsnl_client_flow_new(client, dp.ifindex, &flow, 1,
				    NLM_F_CREATE | NLM_F_EXCL, NULL);
	check(!err, "flow new", err);
	err = ovsnl_client_flow_new(client, dp.ifindex, &flow, 1,
				    NLM_F_CREATE | NLM_F_EXCL, NULL);
	check(err == -EEXIST, "flow new again", err);
	seen.actions = flow.actions;
	err = ovsnl_client_flow_get(client, dp.ifindex, &flow, see_flow, &seen);
	check(!err && seen.count == 1 && seen.same_actions, "flow get", err);
	err = ovsnl_client_flow_dump(client, dp.ifindex, 0, see_flow, &seen);
	check(!err && seen.count == 2, "flow dump", err);
	flow.actions = (struct ovsnl_client_bytes){ "", 0 };
	err = ovsnl_client_flow_set(client, dp.ifindex, &flow, true);
	check(!err, "flow set to drop", err);
	seen = (struct seen_flow){ .actions = flow.actions };
	err = ovsnl_client_flow_get(client, dp.ifindex, &flow, see_flow, &seen);
	check(!err && seen.same_actions, "flow get drop", err);
	err = ovsnl_client_flow_del(client, dp.ifindex, &flow);
	check(!err, "flow del", err);
	err = ovsnl_client_flow_del(client, dp.ifindex, &flow);
	check(err == -ENOENT, "flow del again", err);
	flow = (struct ovsnl_client_flow){ 0 };
	err = ovsnl_client_flow_del(client, dp.ifindex, &flow);
	check(err == -EINVAL, "flow del without a name", err);
}

/* Many flows at once, one of them wrong. */
static void test_batch(void)
{
	static struct ovsnl_client_flow flows[FLOWS];
	static __u32 ufids[FLOWS][4];
	static struct run keys[FLOWS];
	static int errors[FLOWS];
	struct seen_flow seen = { 0 };
	struct run actions = { .len = 0 };
	int i, err, wrong = 0;

	put_u32(&actions, OVS_ACTION_ATTR_OUTPUT, 0);
	for (i = 0; i < FLOWS; i++) {
		put_key(&keys[i], i);
		ufids[i][0] = i;
		flows[i].key = bytes(&keys[i]);
		flows[i].actions = bytes(&actions);
		flows[i].ufid = (struct ovsnl_client_bytes){ ufids[i], 16 };
	}
	flows[100].key.len -= 4;
	err = ovsnl_client_flow_new(client, dp.ifindex, flows, FLOWS,
				    NLM_F_CREATE, errors);
	for (i = 0; i < FLOWS; i++)
		wrong += errors[i] != 0;
	check(err == -EINVAL && wrong == 1 && errors[100] == -EINVAL,
	      "batch with one wrong flow", err);
	seen.actions = flows[FLOWS - 1].actions;
	err = ovsnl_client_flow_dump(client, dp.ifindex, 0, see_flow, &seen);
	check(!err && seen.count == FLOWS - 1 && seen.same_actions,
	      "batch dump", seen.count);
	seen.count = 0;
	err = ovsnl_client_flow_dump(client, dp.ifindex,
				     OVS_UFID_F_OMIT_KEY |
					     OVS_UFID_F_OMIT_MASK |
					     OVS_UFID_F_OMIT_ACTIONS,
				     see_flow, &seen);
	check(!err && seen.count == FLOWS - 1, "terse dump", seen.count);
	err = ovsnl_client_flow_flush(client, dp.ifindex);
	check(!err, "flow flush", err);
	seen.count = 0;
	err = ovsnl_client_flow_dump(client, dp.ifindex, 0, see_flow, &seen);
	check(!err && !seen.count, "nothing left", seen.count);
}

static int stop_dump(const struct ovsnl_client_message *message, void *arg)
{
	(void)message;
	(void)arg;
	return -ECANCELED;
}

static void test_stop(void)
{
	int err;

	err = ovsnl_client_vport_dump(client, dp.ifindex, stop_dump, NULL);
	check(err == -ECANCELED, "stopped dump", err);
	err = ovsnl_client_dp_get(client, DP_NAME, &dp);
	check(!err, "request after a stopped dump", err);
}

struct seen_upcall {
	__u8 cmd;
	const void *packet;
	size_t len;
	const char *userdata;
	bool found;
};

static int see_upcall(const struct ovsnl_client_message *message, void *arg)
{
	struct seen_upcall *seen = arg;
	struct ovsnl_client_packet upcall;

	if (message->cmd != seen->cmd ||
	    ovsnl_client_packet_decode(message, &upcall))
		return 0;
	if (upcall.packet.len < seen->len ||
	    memcmp(upcall.packet.data, seen->packet, seen->len))
		return 0;
	if (seen->userdata &&
	    (upcall.userdata.len != strlen(seen->userdata) ||
	     memcmp(upcall.userdata.data, seen->userdata, upcall.userdata.len)))
		return 0;
	seen->found = true;
	return 0;
}

/* The host sends packets of its own through a device that is up. */
static void wait_upcall(struct seen_upcall *seen, const char *what)
{
	int n = 0, tries;

	for (tries = 0; tries < 50 && n >= 0 && !seen->found; tries++)
		n = ovsnl_client_receive(listener, PATIENCE_MS / 50, see_upcall,
					 seen);
	check(seen->found, what, n);
}

static void make_frame(__u8 *frame, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		frame[i] = i;
	frame[0] = frame[6] = 2;
	frame[12] = 0x88;
	frame[13] = 0xb5;
}

static void test_execute(void)
{
	struct run key, actions = { .len = 0 }, inner = { .len = 0 };
	__u8 frame[64];
	struct ovsnl_client_packet packet, two[2];
	int errors[2];
	struct seen_upcall seen = { .cmd = OVS_PACKET_CMD_ACTION,
				    .packet = frame,
				    .len = sizeof(frame),
				    .userdata = "hello" };
	int err;

	make_frame(frame, sizeof(frame));
	put_key(&key, 5);
	put_u32(&inner, OVS_USERSPACE_ATTR_PID, ovsnl_client_port_id(listener));
	put(&inner, OVS_USERSPACE_ATTR_USERDATA, "hello", 5);
	put(&actions, OVS_ACTION_ATTR_USERSPACE, inner.data, inner.len);
	packet = (struct ovsnl_client_packet){
		.packet = { frame, sizeof(frame) },
		.key = bytes(&key),
		.actions = bytes(&actions),
	};
	two[0] = two[1] = packet;
	two[0].actions.len--;
	err = ovsnl_client_packet_execute(client, dp.ifindex, &packet);
	check(!err, "packet execute", err);
	wait_upcall(&seen, "upcall of an action");
	seen.found = false;
	err = ovsnl_client_packet_execute_all(client, dp.ifindex, two, 2,
					      errors);
	check(err && errors[0] && !errors[1], "packets execute, one is bad",
	      err);
	wait_upcall(&seen, "upcall of the other");
	packet.packet.len = 10;
	err = ovsnl_client_packet_execute(client, dp.ifindex, &packet);
	check(err == -EINVAL || err == -ERANGE, "packet too short", err);
}

struct seen_meters {
	int count;
	struct ovsnl_client_meter last;
};

static int see_meter(const struct ovsnl_client_message *message, void *arg)
{
	struct seen_meters *seen = arg;

	seen->count++;
	return ovsnl_client_meter_decode(message, &seen->last);
}

/* Only the kernel's own module keeps a meter's settings to itself. */
static bool told_right(const struct ovsnl_client_meter *m,
		       const struct ovsnl_client_meter *set)
{
	const char *vm = getenv("TWINPATH_VM");

	if (m->id != set->id || m->n_bands != set->n_bands)
		return false;
	if (vm && !strcmp(vm, "stock"))
		return !m->has_settings && !m->kbps;
	return m->has_settings && m->kbps == set->kbps &&
	       !memcmp(m->bands, set->bands, sizeof(m->bands));
}

static void test_meter(void)
{
	struct ovsnl_client_meter meter = { .id = 7,
					    .kbps = true,
					    .n_bands = 1 };
	struct seen_meters seen = { 0 };
	__u32 ids[300], max, bands, i;
	int err;

	for (i = 0; i < 300; i++)
		ids[i] = i;
	err = ovsnl_client_meter_features(client, dp.ifindex, &max, &bands);
	check(!err && max && bands == 1, "meter features", err);
	meter.bands[0].type = OVS_METER_BAND_TYPE_DROP;
	meter.bands[0].burst = 12;
	err = ovsnl_client_meter_set(client, dp.ifindex, &meter);
	check(err == -EINVAL, "meter without a rate", err);
	meter.bands[0].rate = 1000;
	err = ovsnl_client_meter_set(client, dp.ifindex, &meter);
	check(!err, "meter set", err);
	err = ovsnl_client_meter_get(client, dp.ifindex, ids, 300, see_meter,
				     &seen);
	check(!err && seen.count == 1 && told_right(&seen.last, &meter),
	      "meter get", err);
	err = ovsnl_client_meter_del(client, dp.ifindex, 7);
	check(!err, "meter del", err);
	seen.count = 0;
	err = ovsnl_client_meter_get(client, dp.ifindex, ids, 300, see_meter,
				     &seen);
	check(!err && !seen.count, "meter get without one", err);
	err = ovsnl_client_meter_get(client, 0x7fffffff, ids, 1, see_meter,
				     &seen);
	check(err == -ENODEV, "meter get without a datapath", err);
}

static void test_ct_limit(void)
{
	const struct ovs_zone_limit set[] = { { .zone_id = 3, .limit = 30 },
					      { .zone_id = 9, .limit = 90 } };
	const __u16 zones[] = { 3, 9 };
	struct ovs_zone_limit *got = NULL;
	size_t n = 0;
	int err;

	err = ovsnl_client_ct_limit_set(client, dp.ifindex, set, 2);
	check(!err, "ct limit set", err);
	err = ovsnl_client_ct_limit_get(client, dp.ifindex, &got, &n);
	check(!err && n == 3 && got[0].zone_id == OVS_ZONE_LIMIT_DEFAULT_ZONE &&
		      got[1].limit + got[2].limit == 120,
	      "ct limit get", err);
	free(got);
	err = ovsnl_client_ct_limit_del(client, dp.ifindex, zones, 2);
	check(!err, "ct limit del", err);
	err = ovsnl_client_ct_limit_get(client, dp.ifindex, &got, &n);
	check(!err && n == 1, "ct limit get without any", err);
	free(got);
}

static int device_up(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err;
	struct ifreq request = { .ifr_flags = IFF_UP };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	err = ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static int send_frame(const char *name, const void *frame, size_t len)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex = if_nametoindex(name) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), err = 0;

	if (sendto(fd, frame, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static void test_miss(void)
{
	__u8 frame[64];
	struct seen_upcall seen = { .cmd = OVS_PACKET_CMD_MISS,
				    .packet = frame,
				    .len = sizeof(frame) };
	int err, tries;

	make_frame(frame, sizeof(frame));
	err = device_up(PORT_NAME);
	check(!err, "device up", err);
	/* A device that has just come up may not pass traffic yet. */
	for (tries = 0; tries < 10 && !seen.found; tries++) {
		err = send_frame(PORT_NAME, frame, sizeof(frame));
		ovsnl_client_receive(listener, PATIENCE_MS / 10, see_upcall,
				     &seen);
	}
	check(!err, "send", err);
	wait_upcall(&seen, "upcall of a miss");
}

static int see_vport_del(const struct ovsnl_client_message *message, void *arg)
{
	struct ovsnl_client_vport vport;

	if (message->family == OVSNL_FAMILY_VPORT &&
	    message->cmd == OVS_VPORT_CMD_DEL &&
	    !ovsnl_client_vport_decode(message, &vport) &&
	    !strcmp(vport.name, PORT_NAME))
		*(bool *)arg = true;
	return 0;
}

static void test_notification(void)
{
	bool found = false;
	int err, tries;

	err = ovsnl_client_subscribe(listener, OVSNL_FAMILY_VPORT);
	check(!err, "subscribe", err);
	err = ovsnl_client_subscribe(listener, OVSNL_FAMILY_PACKET);
	check(err == -EINVAL, "subscribe without a group", err);
	err = ovsnl_client_vport_del(client, dp.ifindex, 1);
	check(!err, "vport del", err);
	for (tries = 0; tries < 50 && !found; tries++)
		ovsnl_client_receive(listener, PATIENCE_MS / 50, see_vport_del,
				     &found);
	check(found, "notification of vport del", err);
	err = ovsnl_client_receive(listener, 0, see_vport_del, &found);
	check(err >= 0, "receive without waiting", err);
}

/* A miss that nobody gets is counted, on the twin by a thread of its own. */
static void test_lost_upcall(struct ovsnl_client_vport *vport)
{
	__u8 frame[64];
	int err, tries;

	make_frame(frame, sizeof(frame));
	for (tries = 0; tries < 50; tries++) {
		err = send_frame(PORT_NAME, frame, sizeof(frame));
		if (!err)
			err = ovsnl_client_vport_get(client, dp.ifindex, NULL,
						     1, vport);
		if (err || vport->upcalls_failed)
			break;
		usleep(PATIENCE_MS / 50 * 1000);
	}
	check(!err, "lost upcall", err);
}

/* The upcalls of the tests before. */
static void test_upcall_stats(bool stock)
{
	struct ovsnl_client_vport vport;
	__u32 nobody = 0;
	__u64 sent;
	int err;

	err = ovsnl_client_vport_get(client, dp.ifindex, NULL, 1, &vport);
	check(!err && vport.has_upcalls == !stock, "upcalls are counted", err);
	if (stock)
		return;
	check(vport.upcalls_sent >= 1 && !vport.upcalls_failed, "upcalls sent",
	      vport.upcalls_failed);
	sent = vport.upcalls_sent;
	err = ovsnl_client_vport_set(client, dp.ifindex, 1, &nobody, 1);
	check(!err, "vport set to nobody", err);
	test_lost_upcall(&vport);
	check(vport.upcalls_failed && vport.upcalls_sent >= sent,
	      "upcalls failed", vport.upcalls_failed);
}

static int open_clients(int argc, char **argv)
{
	enum ovsnl_client_transport transport = OVSNL_CLIENT_KERNEL;
	const char *path = NULL;
	int err;

	if (argc == 3 && !strcmp(argv[1], "twin")) {
		transport = OVSNL_CLIENT_TWIN;
		path = argv[2];
	} else if (argc != 2 || strcmp(argv[1], "kernel")) {
		fprintf(stderr, "usage: client_test kernel | twin SOCKET\n");
		exit(2);
	}
	err = ovsnl_client_open(transport, path, &client);
	if (!err)
		err = ovsnl_client_open(transport, path, &listener);
	if (!err)
		return 0;
	printf("Bail out! open: %s\n", strerror(-err));
	return 1;
}

int main(int argc, char **argv)
{
	const char *module = argc == 2 ? getenv("TWINPATH_VM") : NULL;
	int err;

	alarm(100);
	if (open_clients(argc, argv))
		return 1;
	check(ovsnl_client_port_id(client) && ovsnl_client_port_id(listener) &&
		      ovsnl_client_port_id(client) !=
			      ovsnl_client_port_id(listener),
	      "port ids", 0);
	err = ovsnl_client_set_buffer(listener, 4 << 20);
	check(!err, "set buffer", err);
	test_dp();
	test_vport();
	test_flow();
	test_batch();
	test_stop();
	test_meter();
	test_ct_limit();
	test_execute();
	test_miss();
	test_upcall_stats(module && !strcmp(module, "stock"));
	test_notification();
	err = ovsnl_client_dp_del(client, DP_NAME);
	check(!err, "dp del", err);
	err = ovsnl_client_dp_del(client, DP_NAME);
	check(err == -ENODEV, "dp del again", err);
	printf("1..%d\n", tests);
	ovsnl_client_close(listener);
	ovsnl_client_close(client);
	return failures != 0;
}
