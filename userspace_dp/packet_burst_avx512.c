// SPDX-License-Identifier: BSD-3-Clause
/*
 * The fast parser with AVX-512: the first 64 bytes of a packet are one
 * register, and so is the first line of its key, which is a permutation of
 * them. What else is known of a packet fresh from a port is a line as well,
 * the same for all but for the mbuf.
 *
 * Life cycle, synchronisation
 *	No state is kept.
 */
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512vbmi")

#include <immintrin.h>

#include <rte_prefetch.h>

#include "packet_burst.h"
#include "packet_fast.h"

#define PREFETCH_AHEAD 6
#define LINE OVSNL_KEY_LINE
#define PROTO 23
#define KEY_OFS(field) offsetof(struct ovsnl_key, field)

_Static_assert(sizeof(struct twin_packet) ==
		       offsetof(struct twin_packet, m) + LINE,
	       "what is behind the key is one line");

/* Bytes that tell plain IPv4, see twin_fast_is_plain_ipv4(). */
static const uint8_t kind_mask[LINE] = {
	[12] = 0xff, [13] = 0xff, [14] = 0xff, [20] = 0x3f, [21] = 0xff,
};
static const uint8_t kind_value[LINE] = { [12] = 0x08, [14] = 0x45 };

/* Where in the packet each byte of the key's first line comes from. */
static const uint8_t origin[LINE] = {
	[6] = 12,  13, /* eth_type */
	0,	   1,  2,  3,  4,  5,  6,  7,  8, 9, 10, 11, /* addresses */
	[24] = 26, 27, 28, 29, 30, 31, 32, 33, /* IP addresses */
	34,	   35, 36, 37, /* ports */
	46,	   47, /* TCP flags */
	23,	   15, 22, /* protocol, TOS, TTL */
};

/* The upper half of the first byte of TCP flags is the header's length. */
static const uint8_t key_mask[LINE] = {
	[0 ... 35] = 0xff,
	[36] = 0x0f,
	[37 ... LINE - 1] = 0xff,
};

/* Which of its bytes come from there, with TCP flags and without. */
#define BITS(from, to) ((2ull << (to)) - (1ull << (from)))
#define FROM_UDP (BITS(6, 19) | BITS(24, 35) | BITS(38, 40))
#define FROM_TCP (FROM_UDP | BITS(36, 37))

_Static_assert(KEY_OFS(eth_type) == 6 && KEY_OFS(eth_dst) == 8 &&
		       KEY_OFS(eth_src) == 14 && KEY_OFS(ip_src) == 24 &&
		       KEY_OFS(ip_dst) == 28 && KEY_OFS(tp_src) == 32 &&
		       KEY_OFS(tcp_flags) == 36 && KEY_OFS(ip_proto) == 38 &&
		       KEY_OFS(ip_tos) == 39 && KEY_OFS(ip_ttl) == 40,
	       "origin[] is made for this key");

static const struct twin_packet fresh = {
	.layout = { TWIN_FAST_IP, TWIN_FAST_L4, OVSNL_NO_OFS, true },
	.cutlen = UINT32_MAX,
};

/* A TCP header that is whole. */
static inline bool tcp_ok(const struct rte_mbuf *m, const uint8_t *p)
{
	uint32_t hlen = (p[46] >> 4) * 4;

	return m->data_len >= TWIN_FAST_TCP_END &&
	       hlen >= TWIN_FAST_TCP_END - TWIN_FAST_L4 &&
	       TWIN_FAST_L4 + hlen <= m->pkt_len;
}

/* May 64 bytes be read, of which those up to the ports are the packet's? */
static inline bool readable(const struct rte_mbuf *m)
{
	return m->data_len >= TWIN_FAST_UDP_END &&
	       m->buf_len - m->data_off >= LINE;
}

/* The packet is of the kind: where bytes of its key come from, else 0. */
static inline uint64_t sources(const struct rte_mbuf *m, const uint8_t *p)
{
	if (likely(p[PROTO] == IPPROTO_UDP))
		return unlikely(twin_offload_is_ufo(m)) ? 0 : FROM_UDP;
	return p[PROTO] == IPPROTO_TCP && tcp_ok(m, p) ? FROM_TCP : 0;
}

/* All that is known of a fresh packet but for its key. */
static inline void set_rest(struct twin_packet *pkt, struct rte_mbuf *m,
			    __m512i rest)
{
	_mm512_store_si512(&pkt->m,
			   _mm512_mask_set1_epi64(rest, 1, (long long)m));
}

/* A packet for the general parser. What its place held before still counts. */
static void set_other(struct twin_packet *pkt, struct rte_mbuf *m, __m512i rest)
{
	bool dirty = pkt->dirty;

	set_rest(pkt, m, rest);
	pkt->dirty = dirty;
}

static inline bool take(struct twin_packet *pkt, struct rte_mbuf *m,
			__m512i metadata, __m512i rest)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	__m512i line;
	uint64_t from;

	if (unlikely(!readable(m)))
		return false;
	line = _mm512_loadu_si512(p);
	if (unlikely(_mm512_cmpneq_epi64_mask(
		    _mm512_and_si512(line, _mm512_loadu_si512(kind_mask)),
		    _mm512_loadu_si512(kind_value))))
		return false;
	from = sources(m, p);
	if (unlikely(!from))
		return false;
	line = _mm512_maskz_permutexvar_epi8(from, _mm512_loadu_si512(origin),
					     line);
	line = _mm512_and_si512(line, _mm512_loadu_si512(key_mask));
	if (unlikely(pkt->dirty))
		memset((uint8_t *)&pkt->key + LINE, 0,
		       (OVSNL_KEY_OPTS_LINE - 1) * LINE);
	_mm512_store_si512(&pkt->key, _mm512_or_si512(line, metadata));
	set_rest(pkt, m, rest);
	return true;
}

static __m512i metadata_line(uint16_t in_port)
{
	uint8_t line[LINE] = { 0 };

	memcpy(line + KEY_OFS(in_port), &in_port, sizeof(in_port));
	line[KEY_OFS(mac_proto)] = OVSNL_MAC_ETHERNET;
	return _mm512_loadu_si512(line);
}

static uint32_t parse(struct twin_packet *burst, struct rte_mbuf **pkts,
		      unsigned int n, uint16_t in_port, uint64_t *bytes)
{
	const __m512i metadata = metadata_line(in_port);
	const __m512i rest = _mm512_loadu_si512(&fresh.m);
	uint64_t sum = 0;
	uint32_t left = 0;
	unsigned int i;

	for (i = 0; i < PREFETCH_AHEAD && i < n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], void *));
	for (i = 0; i < n; i++) {
		if (i + PREFETCH_AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod(pkts[i + PREFETCH_AHEAD],
						       void *));
		sum += pkts[i]->pkt_len;
		if (likely(take(&burst[i], pkts[i], metadata, rest)))
			continue;
		set_other(&burst[i], pkts[i], rest);
		left |= 1u << i;
	}
	*bytes += sum;
	return left;
}

static bool usable(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512vbmi");
}

const struct twin_parser twin_parser_avx512 = {
	.name = "avx512",
	.usable = usable,
	.parse = parse,
};
