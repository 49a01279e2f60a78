// SPDX-License-Identifier: BSD-3-Clause
/*
 * Looking packets up with AVX2 and AES-NI: see flow_lookup_stages.inc.
 *
 * The hash is rounds of AES with secret keys over each quarter of a line, then
 * over their sum: two rounds make every bit depend on every bit of a quarter,
 * and who does not know the secrets can't make keys collide.
 */
#pragma GCC target("avx2,aes")

#include <immintrin.h>

#include "flow_hash.h"

static inline __m128i quarter(const uint64_t *key, const uint64_t *mask,
			      const uint64_t *secret)
{
	__m128i x = _mm_load_si128((const __m128i *)key);
	__m128i s = _mm_loadu_si128((const __m128i *)secret);

	x = _mm_and_si128(x, _mm_loadu_si128((const __m128i *)mask));
	x = _mm_aesenc_si128(_mm_xor_si128(x, s), s);
	return _mm_aesenc_si128(x, s);
}

static inline uint64_t line_hash(const uint64_t *key, const uint64_t *mask,
				 const uint64_t *secret)
{
	__m128i s = _mm_loadu_si128((const __m128i *)secret);
	__m128i z;

	z = _mm_xor_si128(
		_mm_xor_si128(quarter(key, mask, secret),
			      quarter(key + 2, mask + 2, secret + 2)),
		_mm_xor_si128(quarter(key + 4, mask + 4, secret + 4),
			      quarter(key + 6, mask + 6, secret + 6)));
	z = _mm_aesenc_si128(z, s);
	z = _mm_aesenc_si128(z, s);
	return _mm_cvtsi128_si64(z);
}

static inline __m256i half_differs(const uint64_t *key, const uint64_t *mask,
				   const uint64_t *masked)
{
	__m256i x = _mm256_load_si256((const __m256i *)key);

	x = _mm256_and_si256(x, _mm256_loadu_si256((const __m256i *)mask));
	return _mm256_xor_si256(x, _mm256_loadu_si256((const __m256i *)masked));
}

static inline uint64_t line_differs(const uint64_t *key, const uint64_t *mask,
				    const uint64_t *masked)
{
	__m256i x =
		_mm256_or_si256(half_differs(key, mask, masked),
				half_differs(key + 4, mask + 4, masked + 4));

	return !_mm256_testz_si256(x, x);
}

#include "flow_lookup_stages.inc"

static bool usable(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("aes");
}

const struct twin_lookup twin_lookup_avx2 = {
	.name = "avx2",
	.usable = usable,
	.lookup = lookup,
	.match = match,
	.hash = hash,
};
