// SPDX-License-Identifier: BSD-3-Clause
/*
 * Looking packets up with AVX-512 and VAES: see flow_lookup_stages.inc.
 *
 * A line of a key is one register. The hash is rounds of AES with secret keys
 * over its four parts at once, then over their sum: two rounds make every bit
 * depend on every bit of a part, and who does not know the secrets can't make
 * keys collide.
 */
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,aes,vaes")

#include <immintrin.h>

#include "flow_hash.h"

static inline uint64_t line_hash(const uint64_t *key, const uint64_t *mask,
				 const uint64_t *secret)
{
	const int and_xor = 0x6a; /* (a & b) ^ c */
	__m512i x = _mm512_loadu_si512(key), s = _mm512_loadu_si512(secret);
	__m256i y;
	__m128i z, t = _mm512_castsi512_si128(s);

	x = _mm512_ternarylogic_epi64(x, _mm512_loadu_si512(mask), s, and_xor);
	x = _mm512_aesenc_epi128(x, s);
	x = _mm512_aesenc_epi128(x, s);
	y = _mm256_xor_si256(_mm512_castsi512_si256(x),
			     _mm512_extracti64x4_epi64(x, 1));
	z = _mm_xor_si128(_mm256_castsi256_si128(y),
			  _mm256_extracti128_si256(y, 1));
	z = _mm_aesenc_si128(z, t);
	z = _mm_aesenc_si128(z, t);
	return _mm_cvtsi128_si64(z);
}

static inline uint64_t line_differs(const uint64_t *key, const uint64_t *mask,
				    const uint64_t *masked)
{
	__m512i x = _mm512_and_si512(_mm512_loadu_si512(key),
				     _mm512_loadu_si512(mask));

	return _mm512_cmpneq_epi64_mask(x, _mm512_loadu_si512(masked));
}

#include "flow_lookup_stages.inc"

static bool usable(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("vaes");
}

const struct twin_lookup twin_lookup_avx512 = {
	.name = "avx512",
	.usable = usable,
	.lookup = lookup,
	.match = match,
	.hash = hash,
};
