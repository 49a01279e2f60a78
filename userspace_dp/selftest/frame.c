// SPDX-License-Identifier: BSD-3-Clause
/* Frames for tests: see frame.h. */
#include "frame.h"

#include <string.h>

#define PROTO_TCP 6
#define PROTO_UDP 17
#define PROTO_SCTP 132
#define PROTO_DSTOPTS 60

uint32_t frame_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* One's complement sum, byte by byte. */
static uint32_t sum(const uint8_t *p, size_t len, uint32_t start)
{
	size_t i;

	for (i = 0; i < len; i++) {
		start += i % 2 ? p[i] : p[i] << 8;
		start = (start & 0xffff) + (start >> 16);
	}
	return start;
}

static uint32_t pseudo_sum(const uint8_t *ip, uint8_t proto, size_t l4_len)
{
	uint8_t words[4] = { 0, proto, l4_len >> 8, l4_len };
	uint32_t s = sum(words, sizeof(words), l4_len >> 16);

	if (ip[0] >> 4 == 4)
		return sum(ip + 12, 8, s);
	return sum(ip + 8, 32, s);
}

static size_t csum_ofs(uint8_t proto)
{
	return proto == PROTO_TCP ? 16 : 6;
}

static size_t put_ethernet(struct frame *f)
{
	uint8_t *p = f->bytes;
	unsigned int i;

	memcpy(p, "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01", 12);
	p += 12;
	for (i = 0; i < f->tags; i++) {
		put16(p, i + 1 < f->tags ? 0x88a8 : 0x8100);
		put16(p + 2, 100 + i);
		p += 4;
	}
	put16(p, f->v6 ? 0x86dd : 0x0800);
	return p + 2 - f->bytes;
}

static size_t l4_header_len(const struct frame *f)
{
	if (f->proto == PROTO_TCP)
		return 20 + f->tcp_options;
	return f->proto == PROTO_SCTP ? 12 : 8;
}

static void put_ipv4(struct frame *f, size_t l4_len)
{
	uint8_t *p = f->bytes + f->l3_ofs;
	size_t hlen = 20 + f->ip_options;

	memset(p, 0, hlen);
	p[0] = 0x40 | hlen / 4;
	put16(p + 2, hlen + l4_len);
	put16(p + 4, f->seed);
	p[8] = 64;
	p[9] = f->proto;
	memcpy(p + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
	memset(p + 20, 1, f->ip_options);
	put16(p + 10, ~sum(p, hlen, 0));
	f->l4_ofs = f->l3_ofs + hlen;
}

static void put_ipv6(struct frame *f, size_t l4_len)
{
	uint8_t *p = f->bytes + f->l3_ofs;

	memset(p, 0, 40 + f->ip_options);
	p[0] = 0x60;
	put16(p + 4, f->ip_options + l4_len);
	p[6] = f->ip_options ? PROTO_DSTOPTS : f->proto;
	p[7] = 64;
	p[8] = p[24] = 0xfd;
	p[23] = 1;
	p[39] = 2;
	if (f->ip_options) {
		p[40] = f->proto;
		p[41] = f->ip_options / 8 - 1;
		p[42] = 1; /* PadN */
		p[43] = f->ip_options - 4;
	}
	f->l4_ofs = f->l3_ofs + 40 + f->ip_options;
}

static void put_transport(struct frame *f, size_t l4_len)
{
	uint8_t *p = f->bytes + f->l4_ofs;

	memset(p, 0, l4_header_len(f));
	put16(p, 1000 + f->seed % 1000);
	put16(p + 2, 2000);
	if (f->proto == PROTO_TCP) {
		put16(p + 4, f->seed >> 16);
		put16(p + 6, f->seed);
		p[12] = l4_header_len(f) / 4 << 4;
		p[13] = 0x80 | 0x10 | 0x08 | 0x01; /* CWR ACK PSH FIN */
		memset(p + 20, 1, f->tcp_options);
	} else if (f->proto == PROTO_UDP) {
		put16(p + 4, l4_len);
	}
}

static void put_checksum(struct frame *f, size_t l4_len)
{
	const uint8_t *ip = f->bytes + f->l3_ofs;
	uint8_t *l4 = f->bytes + f->l4_ofs;
	uint8_t *field = l4 + csum_ofs(f->proto);
	uint32_t s, crc;

	if (f->proto == PROTO_SCTP) {
		crc = frame_crc32c(l4, l4_len);
		memcpy(l4 + 8, &crc, sizeof(crc));
		return;
	}
	s = pseudo_sum(ip, f->proto, l4_len);
	if (!f->partial) {
		s = ~sum(l4, l4_len, s) & 0xffff;
		if (f->proto == PROTO_UDP && !s)
			s = 0xffff;
	}
	put16(field, s);
}

void frame_build(struct frame *f)
{
	size_t l4_len = l4_header_len(f) + f->payload;
	uint32_t state = f->seed;
	size_t i;

	f->l3_ofs = put_ethernet(f);
	if (f->v6)
		put_ipv6(f, l4_len);
	else
		put_ipv4(f, l4_len);
	put_transport(f, l4_len);
	f->payload_ofs = f->l4_ofs + l4_header_len(f);
	f->len = f->payload_ofs + f->payload;
	for (i = f->payload_ofs; i < f->len; i++)
		f->bytes[i] = frame_random(&state);
	put_checksum(f, l4_len);
}

bool frame_ip_ok(const uint8_t *p, size_t len, size_t l3_ofs)
{
	const uint8_t *ip = p + l3_ofs;

	if (ip[0] >> 4 == 4)
		return get16(ip + 2) == len - l3_ofs &&
		       sum(ip, (ip[0] & 0xf) * 4, 0) == 0xffff;
	return get16(ip + 4) == len - l3_ofs - 40;
}

bool frame_l4_ok(const uint8_t *p, size_t len, size_t l3_ofs)
{
	const uint8_t *ip = p + l3_ofs, *l4;
	uint8_t proto, zero[4] = { 0 }, crc[4];
	uint8_t copy[FRAME_MAX];
	uint32_t right;

	if (ip[0] >> 4 == 4) {
		proto = ip[9];
		l4 = ip + (ip[0] & 0xf) * 4;
	} else {
		proto = ip[6];
		l4 = ip + 40;
		if (proto == PROTO_DSTOPTS) {
			proto = l4[0];
			l4 += (l4[1] + 1) * 8;
		}
	}
	len -= l4 - p;
	if (proto == PROTO_SCTP) {
		memcpy(copy, l4, len);
		memcpy(crc, copy + 8, 4);
		memcpy(copy + 8, zero, 4);
		right = frame_crc32c(copy, len);
		return !memcmp(crc, &right, 4);
	}
	return sum(l4, len, pseudo_sum(ip, proto, len)) == 0xffff &&
	       (proto != PROTO_UDP || get16(l4 + 6));
}

uint32_t frame_crc32c(const uint8_t *p, size_t len)
{
	uint32_t crc = UINT32_MAX;
	size_t i;
	int bit;

	for (i = 0; i < len; i++) {
		crc ^= p[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
	}
	return ~crc;
}
