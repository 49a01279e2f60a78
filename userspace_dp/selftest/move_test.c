// SPDX-License-Identifier: BSD-3-Clause
/*
 * Copying, saving and restoring where something goes wrong: what was there must
 * be there afterwards. The datapaths are these two, behind what the client
 * library offers; how they are read is not tested here.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "twinpath_client.h"
#include "twinpath_move.h"
#include "twinpath_state.h"

#define NAME "dp"
#define PID 4711

/* A place with at most one datapath, which has port 0, port 1 and a flow.
 * @pid: of port 1's clients
 * @own_port: what port 0 is called
 * @no_ports: new ports are refused
 * @bad_batches: so many batches of flows to come are not answered
 * @deleted: how often
 */
struct place {
	const char *path;
	bool there;
	__u32 pid;
	const char *own_port;
	bool no_ports;
	int bad_batches;
	int deleted;
};

struct ovsnl_client {
	struct place *at;
};

static struct place places[2];
static struct place *const here = &places[0], *const there = &places[1];

static struct place *place_of(const char *path)
{
	return strcmp(path, here->path) ? there : here;
}

/* The client library */

int ovsnl_client_open(enum ovsnl_client_transport transport, const char *path,
		      struct ovsnl_client **client)
{
	(void)transport;
	*client = calloc(1, sizeof(**client));
	assert_non_null(*client);
	(*client)->at = place_of(path);
	return 0;
}

void ovsnl_client_close(struct ovsnl_client *client)
{
	free(client);
}

const char *ovsnl_client_error_text(const struct ovsnl_client *client)
{
	(void)client;
	return "";
}

int ovsnl_client_dp_decode(const struct ovsnl_client_message *message,
			   struct ovsnl_client_dp *dp)
{
	(void)message;
	*dp = (struct ovsnl_client_dp){ .name = NAME, .ifindex = 1 };
	return 0;
}

int ovsnl_client_dp_dump(struct ovsnl_client *client,
			 ovsnl_client_each_fn *each, void *arg)
{
	struct ovsnl_client_message message = { .dp_ifindex = 1 };

	return client->at->there ? each(&message, arg) : 0;
}

int ovsnl_client_dp_get(struct ovsnl_client *client, const char *name,
			struct ovsnl_client_dp *dp)
{
	assert_string_equal(name, NAME);
	*dp = (struct ovsnl_client_dp){ .name = NAME, .ifindex = 1 };
	return client->at->there ? 0 : -ENODEV;
}

int ovsnl_client_dp_del(struct ovsnl_client *client, const char *name)
{
	assert_string_equal(name, NAME);
	if (!client->at->there)
		return -ENODEV;
	client->at->there = false;
	client->at->pid = 0;
	client->at->deleted++;
	return 0;
}

int ovsnl_client_dp_new(struct ovsnl_client *client, const char *name,
			__u32 user_features, __u32 upcall_pid,
			struct ovsnl_client_dp *dp)
{
	(void)user_features;
	(void)upcall_pid;
	assert_string_equal(name, NAME);
	if (client->at->there)
		return -EEXIST;
	client->at->there = true;
	*dp = (struct ovsnl_client_dp){ .name = NAME, .ifindex = 1 };
	return 0;
}

int ovsnl_client_dp_set(struct ovsnl_client *client, int ifindex,
			__u32 user_features, const __u32 *pids, size_t n_pids)
{
	(void)client;
	(void)ifindex;
	(void)user_features;
	(void)pids;
	(void)n_pids;
	return 0;
}

int ovsnl_client_dp_set_masks_cache(struct ovsnl_client *client, int ifindex,
				    __u32 user_features, __u32 entries)
{
	(void)client;
	(void)ifindex;
	(void)user_features;
	(void)entries;
	return 0;
}

int ovsnl_client_vport_new(struct ovsnl_client *client,
			   struct ovsnl_client_vport *vport,
			   const struct ovsnl_client_bytes *options)
{
	(void)vport;
	(void)options;
	return client->at->no_ports ? -ENODEV : 0;
}

int ovsnl_client_vport_set(struct ovsnl_client *client, int dp_ifindex,
			   __u32 port_no, const __u32 *pids, size_t n_pids)
{
	(void)dp_ifindex;
	assert_int_equal(port_no, 1);
	assert_int_equal(n_pids, 1);
	client->at->pid = pids[0];
	return 0;
}

int ovsnl_client_meter_set(struct ovsnl_client *client, int dp_ifindex,
			   const struct ovsnl_client_meter *meter)
{
	(void)client;
	(void)dp_ifindex;
	(void)meter;
	return 0;
}

int ovsnl_client_ct_limit_set(struct ovsnl_client *client, int dp_ifindex,
			      const struct ovs_zone_limit *limits, size_t n)
{
	(void)client;
	(void)dp_ifindex;
	(void)limits;
	(void)n;
	return 0;
}

int ovsnl_client_flow_new(struct ovsnl_client *client, int dp_ifindex,
			  const struct ovsnl_client_flow *flows, size_t n,
			  int nlm_flags, int *errors)
{
	int err = client->at->bad_batches ? -ECONNRESET : 0;
	size_t i;

	(void)dp_ifindex;
	(void)flows;
	(void)nlm_flags;
	if (err)
		client->at->bad_batches--;
	for (i = 0; errors && i < n; i++)
		errors[i] = err;
	return err;
}

/* Reading */

static int give_port(struct place *at, __u32 number, const char *name,
		     twinpath_take_fn *take, void *arg)
{
	struct twinpath_record record = {
		.kind = TWINPATH_VPORT,
		.vport = { .port_no = number,
			   .type = number ? OVS_VPORT_TYPE_NETDEV
					  : OVS_VPORT_TYPE_INTERNAL,
			   .pids = { &at->pid, number ? 1 : 0 } },
	};

	snprintf(record.vport.name, sizeof(record.vport.name), "%s", name);
	return take(&record, arg);
}

int twinpath_state_read(const struct twinpath_place *place, const char *name,
			twinpath_take_fn *take, void *arg,
			struct twinpath_report *report)
{
	struct twinpath_record record = { .kind = TWINPATH_DP,
					  .dp.name = NAME };
	struct place *at = place_of(place->path);
	int err;

	(void)name;
	(void)report;
	err = take(&record, arg);
	if (!err)
		err = give_port(at, 0, at->own_port, take, arg);
	if (!err)
		err = give_port(at, 1, "p1", take, arg);
	record = (struct twinpath_record){
		.kind = TWINPATH_FLOW,
		.flow = { .key = { "", 0 }, .actions = { "", 0 } },
	};
	return err ? err : take(&record, arg);
}

/* Tests */

static int set_up(void **state)
{
	(void)state;
	*here = (struct place){
		.path = "/here", .there = true, .pid = PID, .own_port = NAME
	};
	*there = (struct place){ .path = "/there", .own_port = NAME };
	alarm(20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	alarm(0);
	return 0;
}

static void test_moved(void **state)
{
	const struct twinpath_move_options options = { .move = true,
						       .keep_pids = true };

	(void)state;
	assert_int_equal(twinpath_move_copy(here->path, there->path, &options),
			 TWINPATH_OK);
	assert_false(here->there);
	assert_true(there->there);
	assert_int_equal(there->pid, PID);
}

/* Port ids mean nothing at the new place, but still do at the old one. */
static void test_put_back_with_pids(void **state)
{
	const struct twinpath_move_options options = { .move = true,
						       .strict = true };

	(void)state;
	there->no_ports = true;
	assert_int_equal(twinpath_move_copy(here->path, there->path, &options),
			 TWINPATH_REFUSED);
	assert_int_equal(here->deleted, 1);
	assert_true(here->there);
	assert_false(there->there);
	assert_int_equal(here->pid, PID);
}

static void test_replaced_put_back_with_pids(void **state)
{
	const struct twinpath_move_options options = { .replace = true };

	(void)state;
	there->there = true;
	there->pid = PID + 1;
	there->bad_batches = 1;
	assert_int_equal(twinpath_move_copy(here->path, there->path, &options),
			 TWINPATH_NO_DAEMON);
	assert_int_equal(there->deleted, 2);
	assert_true(there->there);
	assert_int_equal(there->pid, PID + 1);
}

/* What can't be restored is not a reason to delete anything. */
static void test_nothing_deleted_for_a_bad_copy(void **state)
{
	const struct twinpath_move_options options = { .move = true };

	(void)state;
	here->own_port = "renamed";
	assert_int_equal(twinpath_move_copy(here->path, there->path, &options),
			 TWINPATH_REFUSED);
	assert_int_equal(here->deleted, 0);
	assert_true(here->there);
	assert_false(there->there);
}

/* The same: it would be a file that can't be restored. */
static void test_no_bad_file(void **state)
{
	const struct twinpath_move_options options = { .move = false };
	char path[] = "/tmp/move_test.XXXXXX", file[64];

	(void)state;
	here->own_port = "renamed";
	assert_non_null(mkdtemp(path));
	snprintf(file, sizeof(file), "%s/file", path);
	assert_int_equal(twinpath_move_save(here->path, file, &options),
			 TWINPATH_REFUSED);
	assert_int_equal(rmdir(path), 0);
}

/* Neither waited for nor replaced by a file. */
static void test_pipe_is_no_file(void **state)
{
	const struct twinpath_move_options options = { .move = false };
	char path[] = "/tmp/move_test.XXXXXX", pipe[64];
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(pipe, sizeof(pipe), "%s/pipe", path);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(twinpath_move_restore(pipe, there->path, &options),
			 TWINPATH_REFUSED);
	assert_int_equal(twinpath_move_save(here->path, pipe, &options),
			 TWINPATH_REFUSED);
	assert_int_equal(stat(pipe, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(unlink(pipe), 0);
	assert_int_equal(rmdir(path), 0);
}

/* JSON is UTF-8, but nothing may be left out of a report. */
static void test_report_of_any_bytes(void **state)
{
	struct twinpath_report report;
	json_t *lost;

	(void)state;
	twinpath_report_begin(&report, true);
	twinpath_report_lost(&report, TWINPATH_VPORT, "1 'p\xff'", -ENODEV, "");
	twinpath_report_note(&report, "\xc3");
	lost = json_object_get(report.root, "not_carried");
	assert_int_equal(json_array_size(lost), 1);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(lost, 0), "name")),
			    "1 'p?'");
	assert_int_equal(json_array_size(json_object_get(report.root, "notes")),
			 1);
	json_decref(report.root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_put_back_with_pids),
		cmocka_unit_test(test_replaced_put_back_with_pids),
		cmocka_unit_test(test_nothing_deleted_for_a_bad_copy),
		cmocka_unit_test(test_no_bad_file),
		cmocka_unit_test(test_pipe_is_no_file),
		cmocka_unit_test(test_report_of_any_bytes),
	};
	struct CMUnitTest each[sizeof(tests) / sizeof(tests[0])];
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		each[i] = tests[i];
		each[i].setup_func = set_up;
		each[i].teardown_func = tear_down;
	}
	return cmocka_run_group_tests(each, NULL, NULL);
}
