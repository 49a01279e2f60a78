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

/** ovs_key_hash_masked() - hash of @key under @mask, of the words in @range. */
static __always_inline u64 ovs_key_hash_masked(const struct ovsnl_key *key,
					       const struct ovsnl_key *mask,
					       struct ovsnl_key_range range,
					       u64 seed)
{
	const u64 *k = ovsnl_key_words(key);
	const u64 *m = ovsnl_key_words(mask);
	u64 hash = seed;
	unsigned int i;

	for (i = range.first; i < range.end; i++)
		hash = ovs_key_hash_mix(hash ^ (k[i] & m[i]),
					OVS_KEY_HASH_FACTOR);
	return hash;
}

/** ovs_key_hash_whole() - hash of the first @size bytes of @key. */
static inline u64 ovs_key_hash_whole(const struct ovsnl_key *key, size_t size,
				     u64 seed)
{
	const u64 *k = ovsnl_key_words(key);
	u64 hash = seed;
	unsigned int i;

	for (i = 0; i < size / sizeof(*k); i++)
		hash = ovs_key_hash_mix(hash ^ k[i], OVS_KEY_HASH_FACTOR);
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
