// SPDX-License-Identifier: BSD-3-Clause
/*
 * Writes seeds for the fuzz targets: the vectors of netlink_api/selftest, and
 * a session of requests.
 *
 * Usage: make_seeds DIRECTORY (which has packet/, key/, action/, message/)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "formats.h"
#include "ovsnl_family.h"

static const char *directory;
static int failed;

static void write_seed(const char *target, unsigned int number,
		       const void *head, size_t head_len, const void *body,
		       size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/seed-%03u", directory, target,
		 number);
	f = fopen(path, "wb");
	if (!f || fwrite(head, 1, head_len, f) != head_len ||
	    fwrite(body, 1, len, f) != len) {
		fprintf(stderr, "make_seeds: %s: %s\n", path, strerror(errno));
		failed = 1;
	}
	if (f && fclose(f))
		failed = 1;
}

static void packet_seeds(void)
{
	__u8 bytes[OVSNL_VECTOR_MAX];
	unsigned int i, n = 0;

	for (i = 0; i < ovsnl_packet_vector_count; i++) {
		const struct ovsnl_packet_vector *v = &ovsnl_packet_vectors[i];
		struct fuzz_packet_head head;

		memset(&head, 0, sizeof(head));
		head.vlan_tci = v->vlan_tci;
		head.vlan_tpid = v->vlan_tpid;
		head.eth_type = v->key.eth_type;
		head.mac_proto = v->key.mac_proto;
		head.window = i % 80;
		write_seed("packet", n++, &head, sizeof(head), bytes,
			   ovsnl_selftest_unhex(v->hex, bytes));
	}
	for (i = 0; i < ovsnl_rewrite_vector_count; i++) {
		const struct ovsnl_rewrite_vector *v =
			&ovsnl_rewrite_vectors[i];
		struct fuzz_packet_head head;

		memset(&head, 0, sizeof(head));
		head.mac_proto = OVSNL_MAC_ETHERNET;
		head.kind = v->kind;
		head.csum = v->csum == OVSNL_CSUM_PARTIAL;
		head.value = v->value;
		head.mask = v->mask;
		write_seed("packet", n++, &head, sizeof(head), bytes,
			   ovsnl_selftest_unhex(v->before, bytes));
	}
}

static void key_seeds(void)
{
	__u8 bytes[2 * OVSNL_VECTOR_MAX];
	unsigned int i;

	for (i = 0; i < ovsnl_key_vector_count; i++) {
		const struct ovsnl_key_vector *v = &ovsnl_key_vectors[i];
		struct fuzz_key_head head = {
			.key_len = ovsnl_selftest_unhex(v->key, bytes),
			.has_mask = v->mask != NULL,
			.no_mask = v->no_mask,
		};
		int mask_len = 0;

		if (v->mask)
			mask_len = ovsnl_selftest_unhex(v->mask,
							bytes + head.key_len);
		write_seed("key", i, &head, sizeof(head), bytes,
			   head.key_len + mask_len);
	}
}

static void action_seeds(void)
{
	__u8 bytes[OVSNL_VECTOR_MAX];
	unsigned int i;

	for (i = 0; i < ovsnl_action_vector_count; i++) {
		const struct ovsnl_action_vector *v = &ovsnl_action_vectors[i];
		struct fuzz_action_head head = {
			.eth_type = v->key.eth_type,
			.mac_proto = v->key.mac_proto,
			.ip_proto = v->key.ip_proto,
			.ip_frag = v->key.ip_frag,
		};

		write_seed("action", i, &head, sizeof(head), bytes,
			   ovsnl_selftest_unhex(v->actions, bytes));
	}
}

/* A session that is being written. */
struct session {
	__u32 buf[4096];
	struct ovsnl_writer w;
	size_t head_at;
};

static void begin(struct session *s, __u8 family, __u8 cmd, __u16 flags,
		  __s32 dp_ifindex)
{
	struct fuzz_message_head head = {
		.family = family,
		.cmd = cmd,
		.flags = NLM_F_REQUEST | flags,
		.version = 2,
		.dp_ifindex = dp_ifindex,
	};

	s->head_at = s->w.len;
	memcpy(s->w.buf + s->w.len, &head, sizeof(head));
	s->w.len += sizeof(head);
}

static void end(struct session *s)
{
	__u16 len = s->w.len - s->head_at - sizeof(struct fuzz_message_head);

	memcpy(s->w.buf + s->head_at, &len, sizeof(len));
}

/* A nest with the attributes of a vector, by its number. */
static void put_nest(struct session *s, int type, const char *hex)
{
	__u8 bytes[OVSNL_VECTOR_MAX];
	int len = ovsnl_selftest_unhex(hex, bytes);

	ovsnl_put(&s->w, type, bytes, len);
}

static void put_port(struct session *s, const char *name, __u32 type)
{
	begin(s, OVSNL_FAMILY_VPORT, OVS_VPORT_CMD_NEW, NLM_F_ECHO, 100);
	ovsnl_put_string(&s->w, OVS_VPORT_ATTR_NAME, name);
	ovsnl_put_u32(&s->w, OVS_VPORT_ATTR_TYPE, type);
	ovsnl_put_u32(&s->w, OVS_VPORT_ATTR_UPCALL_PID, 7);
	end(s);
}

static void make_ports(struct session *s)
{
	begin(s, OVSNL_FAMILY_DATAPATH, OVS_DP_CMD_NEW, NLM_F_ECHO, 0);
	ovsnl_put_string(&s->w, OVS_DP_ATTR_NAME, "dp");
	ovsnl_put_u32(&s->w, OVS_DP_ATTR_UPCALL_PID, 7);
	ovsnl_put_u32(&s->w, OVS_DP_ATTR_USER_FEATURES, 7);
	end(s);
	begin(s, OVSNL_FAMILY_DATAPATH, OVS_DP_CMD_SET, 0, 100);
	ovsnl_put_u32(&s->w, OVS_DP_ATTR_USER_FEATURES, 4);
	ovsnl_put_u32(&s->w, OVS_DP_ATTR_MASKS_CACHE_SIZE, 256);
	ovsnl_put_u32(&s->w, OVS_DP_ATTR_PER_CPU_PIDS, 9);
	end(s);
	put_port(s, "netdev", OVS_VPORT_TYPE_NETDEV);
	put_port(s, "internal", OVS_VPORT_TYPE_INTERNAL);
	put_port(s, "geneve", OVS_VPORT_TYPE_GENEVE);
	begin(s, OVSNL_FAMILY_VPORT, OVS_VPORT_CMD_SET, 0, 0);
	ovsnl_put_string(&s->w, OVS_VPORT_ATTR_NAME, "netdev");
	ovsnl_put_u32(&s->w, OVS_VPORT_ATTR_UPCALL_PID, 8);
	end(s);
	begin(s, OVSNL_FAMILY_VPORT, OVS_VPORT_CMD_GET, NLM_F_DUMP, 100);
	end(s);
}

static void put_flow(struct session *s, __u8 cmd, __u16 flags, const char *ufid,
		     const struct ovsnl_key_vector *v)
{
	begin(s, OVSNL_FAMILY_FLOW, cmd, flags, 100);
	if (ufid)
		ovsnl_put(&s->w, OVS_FLOW_ATTR_UFID, ufid, strlen(ufid));
	put_nest(s, OVS_FLOW_ATTR_KEY, v->key);
	if (v->mask)
		put_nest(s, OVS_FLOW_ATTR_MASK, v->mask);
	put_nest(s, OVS_FLOW_ATTR_ACTIONS, "0800010001000000");
	end(s);
}

static void make_flows(struct session *s)
{
	static const char *const ufids[] = { "ufid", "u", "fid", "ufid" };
	unsigned int i;

	for (i = 1; i < 8; i++)
		put_flow(s, OVS_FLOW_CMD_NEW, NLM_F_CREATE | NLM_F_ECHO,
			 i % 2 ? ufids[i / 2] : NULL, &ovsnl_key_vectors[i]);
	put_flow(s, OVS_FLOW_CMD_SET, NLM_F_ECHO, "ufid",
		 &ovsnl_key_vectors[1]);
	put_flow(s, OVS_FLOW_CMD_GET, 0, NULL, &ovsnl_key_vectors[2]);
	begin(s, OVSNL_FAMILY_FLOW, OVS_FLOW_CMD_GET, NLM_F_DUMP, 100);
	ovsnl_put_u32(&s->w, OVS_FLOW_ATTR_UFID_FLAGS, 1);
	end(s);
	put_flow(s, OVS_FLOW_CMD_DEL, NLM_F_ECHO, NULL, &ovsnl_key_vectors[2]);
}

static void tear_down(struct session *s)
{
	__u8 packet[60] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 6 };

	begin(s, OVSNL_FAMILY_PACKET, OVS_PACKET_CMD_EXECUTE, 0, 100);
	ovsnl_put(&s->w, OVS_PACKET_ATTR_PACKET, packet, sizeof(packet));
	put_nest(s, OVS_PACKET_ATTR_KEY, "");
	put_nest(s, OVS_PACKET_ATTR_ACTIONS, "0800010001000000");
	end(s);
	begin(s, OVSNL_FAMILY_FLOW, OVS_FLOW_CMD_DEL, 0, 100);
	end(s);
	begin(s, OVSNL_FAMILY_VPORT, OVS_VPORT_CMD_DEL, 0, 100);
	ovsnl_put_u32(&s->w, OVS_VPORT_ATTR_PORT_NO, 1);
	end(s);
	begin(s, OVSNL_FAMILY_DATAPATH, OVS_DP_CMD_GET, NLM_F_DUMP, 0);
	end(s);
	begin(s, OVSNL_FAMILY_DATAPATH, OVS_DP_CMD_DEL, 0, 0);
	ovsnl_put_string(&s->w, OVS_DP_ATTR_NAME, "dp");
	end(s);
}

/* The session cut at three places: each is a seed of its own. */
static void message_seeds(void)
{
	static struct session s;

	ovsnl_writer_init(&s.w, s.buf, sizeof(s.buf));
	make_ports(&s);
	write_seed("message", 0, "", 0, s.buf, s.w.len);
	make_flows(&s);
	write_seed("message", 1, "", 0, s.buf, s.w.len);
	tear_down(&s);
	write_seed("message", 2, "", 0, s.buf, s.w.len);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: make_seeds DIRECTORY\n");
		return EXIT_FAILURE;
	}
	directory = argv[1];
	packet_seeds();
	key_seeds();
	action_seeds();
	message_seeds();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
