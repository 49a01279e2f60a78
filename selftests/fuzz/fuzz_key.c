// SPDX-License-Identifier: BSD-3-Clause
/*
 * Keys and masks out of messages: no input does harm, only fields are written,
 * and what is accepted can be written and read again with the same result
 * (from the second time on: attributes that say nothing are dropped).
 */
#include "formats.h"
#include "fuzz.h"
#include "ovsnl_key.h"

static struct nlattr *nest(const void *attrs, size_t len)
{
	struct nlattr *a = malloc(NLA_HDRLEN + len);

	MUST(a);
	a->nla_type = 1;
	a->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy(a + 1, attrs, len);
	return a;
}

static struct nlattr *put(const struct ovsnl_key *shape,
			  const struct ovsnl_key *value, bool is_mask)
{
	static __u32 buf[OVSNL_KEY_ATTR_SIZE / 4];
	struct ovsnl_writer w;

	ovsnl_writer_init(&w, buf, sizeof(buf));
	ovsnl_key_put(&w, 1, shape, value, is_mask);
	MUST(!w.overflow);
	MUST(((struct nlattr *)buf)->nla_len == w.len);
	return fuzz_copy(buf, w.len);
}

static void check_padding(const struct ovsnl_key *key)
{
	static const struct ovsnl_key zero;

	MUST(!key->pad0 && !key->pad1);
	MUST(!memcmp(key->pad2, zero.pad2, sizeof(zero.pad2)));
	MUST(!memcmp(key->pad3, zero.pad3, sizeof(zero.pad3)));
	MUST(!memcmp(key->pad4, zero.pad4, sizeof(zero.pad4)));
	MUST(!memcmp(key->tun.pad, zero.tun.pad, sizeof(zero.tun.pad)));
}

/* The key as it is written, read again: it must then write the same bytes. */
static void check_stable(const struct ovsnl_key *key)
{
	struct nlattr *first = put(key, key, false), *second;
	struct ovsnl_match match;

	if (!ovsnl_key_match_parse(&match, first, NULL, false, NULL)) {
		second = put(&match.key, &match.key, false);
		MUST(first->nla_len == second->nla_len);
		MUST(!memcmp(first, second, first->nla_len));
		free(second);
	}
	free(first);
}

static void try_match(const struct fuzz_key_head *head,
		      const struct nlattr *key, const struct nlattr *mask)
{
	struct ovsnl_err err = { 0 };
	struct ovsnl_match match;
	int ret;

	memset(&match, 0x5a, sizeof(match));
	ret = ovsnl_key_match_parse(&match, key, mask, !(head->no_mask & 1),
				    &err);
	MUST(ret == 0 || ret == -EINVAL);
	MUST(!ret == !err.msg);
	if (ret)
		return;
	check_padding(&match.key);
	check_padding(&match.mask);
	free(put(&match.key, &match.mask, true));
	check_stable(&match.key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct ovsnl_key metadata;
	struct fuzz_key_head head;
	struct nlattr *key, *mask;
	size_t key_len;

	if (size > 4096)
		return 0;
	fuzz_take(&in, &head, sizeof(head));
	key_len = head.key_len < in.size ? head.key_len : in.size;
	key = nest(in.data, key_len);
	mask = nest(in.data + key_len, in.size - key_len);
	try_match(&head, key, head.has_mask & 1 ? mask : NULL);
	if (!ovsnl_key_metadata_parse(&metadata, key, NULL))
		check_padding(&metadata);
	free(mask);
	free(key);
	return 0;
}
