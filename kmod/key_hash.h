/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVS_KEY_HASH_H
#define OVS_KEY_HASH_H

#include "ovsnl_key.h"

/* Hashes of keys: 64x64 bit multiplications, both halves folded. With a secret
 * seed nobody can make keys that collide.
 */

#define OVS_KEY_HASH_FACTOR 0x9fb21c651e98df25ULL
#define OVS_KEY_HASH_FACTOR2 0xd6e8feb86659fd93ULL

/** ovs_key_hash_mix() - product of two words, folded. */
static __always_inline u64 ovs_key_hash_mix(u64 a, u64 b)
{
	return (u64)((unsigned __int128)a * b >> 64) ^ a * b;
}

/**
 * struct key_seed - what makes the hashes of one table its own.
 * Both words are secret: with either known keys could be made that collide.
 */
struct key_seed {
	u64 word[2];
};

/** ovs_key_hash_pair() - go on with a hash over two words. */
static __always_inline u64 ovs_key_hash_pair(u64 hash, u64 a, u64 b,
					     struct key_seed seed)
{
	return ovs_key_hash_mix(hash ^ a, b ^ seed.word[1]);
}

/* The head of a key: what tells most flows apart. Words 0 to 3 hold port, link
 * layer and IPv4 addresses, words 8 to 11 IPv6 addresses. Masks without bits
 * in the latter do without them.
 */
#define OVS_KEY_HEAD_V4 4
#define OVS_KEY_HEAD_V6 8
#define OVS_KEY_HEAD_WORDS (OVS_KEY_HEAD_V4 + 4)

/** ovs_key_head() - copy the head of @key to OVS_KEY_HEAD_WORDS words. */
static inline void ovs_key_head(u64 *head, const struct ovsnl_key *key)
{
	const u64 *k = ovsnl_key_words(key);

	memcpy(head, k, OVS_KEY_HEAD_V4 * sizeof(*k));
	memcpy(head + OVS_KEY_HEAD_V4, k + OVS_KEY_HEAD_V6, 4 * sizeof(*k));
}

/**
 * ovs_key_hash_head() - hash of a key's head under that of a mask.
 * @mask: as ovs_key_head() leaves it
 * @ipv6: it has bits in IPv6 addresses
 * @start: where the hash starts from, secret
 */
static __always_inline u64 ovs_key_hash_head(const struct ovsnl_key *key,
					     const u64 *mask, bool ipv6,
					     u64 start, struct key_seed seed)
{
	const u64 *k = ovsnl_key_words(key);
	u64 hash = start;

	hash = ovs_key_hash_pair(hash, k[0] & mask[0], k[1] & mask[1], seed);
	hash = ovs_key_hash_pair(hash, k[2] & mask[2], k[3] & mask[3], seed);
	if (unlikely(ipv6)) {
		hash = ovs_key_hash_pair(hash, k[8] & mask[4], k[9] & mask[5],
					 seed);
		hash = ovs_key_hash_pair(hash, k[10] & mask[6], k[11] & mask[7],
					 seed);
	}
	return hash;
}

/**
 * ovs_key_hash_tail() - go on with the words of @key that are not its head.
 * @end: behind the last word of @mask that has any bit
 */
static __always_inline u64 ovs_key_hash_tail(const struct ovsnl_key *key,
					     const struct ovsnl_key *mask,
					     unsigned int end, u64 hash,
					     struct key_seed seed)
{
	const u64 *k = ovsnl_key_words(key);
	const u64 *m = ovsnl_key_words(mask);
	unsigned int i;

	hash = ovs_key_hash_pair(hash, k[4] & m[4], k[5] & m[5], seed);
	hash = ovs_key_hash_pair(hash, k[6] & m[6], k[7] & m[7], seed);
	for (i = OVS_KEY_HEAD_V6 + 4; i < end; i++)
		hash = ovs_key_hash_mix(hash ^ (k[i] & m[i]),
					OVS_KEY_HASH_FACTOR);
	return hash;
}

/** ovs_key_hash_whole() - hash of the first @size bytes of @key, a multiple of
 * 16.
 */
static inline u64 ovs_key_hash_whole(const struct ovsnl_key *key, size_t size,
				     struct key_seed seed)
{
	const u64 *k = ovsnl_key_words(key);
	u64 hash = seed.word[0];
	unsigned int i;

	for (i = 0; i < size / sizeof(*k); i += 2)
		hash = ovs_key_hash_pair(hash, k[i], k[i + 1], seed);
	return hash;
}

/**
 * ovs_key_hash_packet() - hash of what tells connections apart. Cheap, for
 * caches that check what they find.
 */
static __always_inline u64 ovs_key_hash_packet(const struct ovsnl_key *key,
					       u64 seed)
{
	u32 ports = (__force u32)key->tp_src << 16 | (__force u32)key->tp_dst;
	const u64 *k = ovsnl_key_words(key);
	u64 hash;

	/* recirc_id, in_port, type, IPv4; addresses, tags, ports */
	hash = ovs_key_hash_mix(k[0] ^ seed, k[3] ^ OVS_KEY_HASH_FACTOR);
	hash ^= ovs_key_hash_mix(k[1] ^ ports ^ OVS_KEY_HASH_FACTOR2,
				 k[2] ^ key->dp_hash ^ ~seed);
	if (unlikely(key->eth_type == htons(ETH_P_IPV6)))
		hash ^= ovs_key_hash_mix(k[8] ^ k[10] ^ seed,
					 k[9] ^ k[11] ^ OVS_KEY_HASH_FACTOR);
	return ovs_key_hash_mix(hash, OVS_KEY_HASH_FACTOR2);
}

#endif
