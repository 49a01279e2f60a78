// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Random packets, built header by header from the link layer up. */
#include "gen_packet.h"

/* The packet so far. */
struct gen {
	struct rng *r;
	__u8 *buf;
	size_t len;
};

static void put(struct gen *g, unsigned long value, int bytes)
{
	while (bytes--)
		g->buf[g->len++] = value >> (8 * bytes) & 0xff;
}

static void put_random(struct gen *g, size_t bytes)
{
	rng_fill(g->r, g->buf + g->len, bytes);
	g->len += bytes;
}

/* One of @n values, the last of which stands for a random byte. */
static unsigned int pick(struct gen *g, const int *values, int n)
{
	int i = rng_below(g->r, n);

	return i == n - 1 ? rng_below(g->r, 256) : (unsigned int)values[i];
}

#define PICK(g, ...)                             \
	pick(g, (const int[]){ __VA_ARGS__, 0 }, \
	     sizeof((const int[]){ __VA_ARGS__, 0 }) / sizeof(int))

static void put_tcp(struct gen *g)
{
	unsigned int words = rng_one_in(g->r, 8) ? rng_below(g->r, 16)
						 : 5 + rng_below(g->r, 3);

	put_random(g, 12);
	put(g, words << 4 | rng_below(g->r, 16), 1);
	put_random(g, 7);
	if (words > 5)
		put_random(g, (words - 5) * 4);
}

static void put_nd_option(struct gen *g)
{
	unsigned int units = rng_one_in(g->r, 5) ? rng_below(g->r, 4) : 1;

	put(g, PICK(g, 1, 2, 1, 2, 14), 1);
	put(g, units, 1);
	if (rng_one_in(g->r, 6))
		put(g, 0, 6);
	else
		put_random(g, 6);
	if (units > 1)
		put_random(g, (units - 1) * 8);
}

static void put_icmpv6(struct gen *g)
{
	int options = rng_below(g->r, 4);

	put(g, PICK(g, 135, 136, 135, 136, 128), 1);
	put(g, rng_one_in(g->r, 8), 1);
	put_random(g, 22);
	while (options--)
		put_nd_option(g);
}

static void put_transport(struct gen *g, unsigned int proto)
{
	switch (proto) {
	case 6:
		put_tcp(g);
		break;
	case 58:
		put_icmpv6(g);
		break;
	default:
		put_random(g, 8 + rng_below(g->r, 5));
		break;
	}
	if (rng_one_in(g->r, 2))
		put_random(g, rng_below(g->r, 40));
}

static void put_ipv4(struct gen *g)
{
	unsigned int proto = PICK(g, 6, 17, 6, 17, 1, 132, 58);
	unsigned int words = rng_one_in(g->r, 4) ? rng_below(g->r, 16) : 5;
	static const unsigned int frags[] = { 0,      0x4000, 0x4000, 0x2000,
					      0x2001, 0x0123, 0x8000, 0 };

	put(g, 0x40 | words, 1);
	put_random(g, 5);
	put(g, frags[rng_below(g->r, 8)], 2);
	put_random(g, 1);
	put(g, proto, 1);
	put_random(g, 10);
	if (words > 5)
		put_random(g, (words - 5) * 4);
	put_transport(g, proto);
}

/* One extension header of @type that names @next. */
static void put_extension(struct gen *g, unsigned int type, unsigned int next)
{
	static const unsigned int frags[] = { 0, 1, 6, 8, 0x1230 };
	unsigned int units = rng_below(g->r, 3);

	put(g, next, 1);
	switch (type) {
	case 44:
		put(g, rng_one_in(g->r, 4) ? 2 : 0, 1);
		put(g, frags[rng_below(g->r, 5)], 2);
		put_random(g, 4);
		break;
	case 51:
		put(g, units, 1);
		put_random(g, (units + 2) * 4 - 2);
		break;
	default:
		put(g, units, 1);
		put_random(g, 1);
		put(g, rng_below(g->r, 2), 1);
		put_random(g, units * 8 + 4);
		break;
	}
}

static void put_ipv6(struct gen *g)
{
	static const int types[] = { 0, 43, 44, 51, 60, 59 };
	unsigned int proto = PICK(g, 6, 17, 6, 17, 58, 58, 132, 1);
	unsigned int chain[6], n = 0, i;

	if (rng_one_in(g->r, 2))
		n = 1 + rng_below(g->r, 5);
	for (i = 0; i < n; i++)
		chain[i] = types[rng_below(g->r, rng_one_in(g->r, 8) ? 6 : 5)];
	chain[n] = proto;

	put(g, 6, 1);
	g->buf[g->len - 1] = 0x60 | rng_below(g->r, 16);
	put_random(g, 5);
	put(g, chain[0], 1);
	put_random(g, 33);
	for (i = 0; i < n; i++)
		put_extension(g, chain[i], chain[i + 1]);
	put_transport(g, proto);
}

static void put_arp(struct gen *g)
{
	put(g, 1, 2);
	put(g, rng_one_in(g->r, 8) ? 0x86dd : 0x0800, 2);
	put(g, 6, 1);
	put(g, rng_one_in(g->r, 8) ? 16 : 4, 1);
	put(g,
	    rng_one_in(g->r, 4) ? rng_below(g->r, 600) : 1 + rng_below(g->r, 2),
	    2);
	put_random(g, 20);
	if (rng_one_in(g->r, 2))
		put_random(g, 18);
}

/* A stack of up to five entries, now and then without a bottom. */
static void put_mpls(struct gen *g)
{
	unsigned int n = 1 + rng_below(g->r, 5), i;
	bool endless = rng_one_in(g->r, 6);

	for (i = 0; i < n; i++) {
		put_random(g, 2);
		put(g, rng_below(g->r, 128) * 2 + (i == n - 1 && !endless), 1);
		put_random(g, 1);
	}
	put_random(g, rng_below(g->r, 40));
}

static void put_nsh(struct gen *g)
{
	unsigned int type = rng_one_in(g->r, 8) ? rng_below(g->r, 4)
						: 1 + rng_below(g->r, 2);
	unsigned int words = 6;

	if (type != 1 || rng_one_in(g->r, 8))
		words = rng_below(g->r, rng_one_in(g->r, 4) ? 64 : 16);
	put(g,
	    (rng_one_in(g->r, 8) ? rng_below(g->r, 4) << 14 : 0) |
		    rng_below(g->r, 256) << 6 | words,
	    2);
	put(g, type, 1);
	put(g, rng_below(g->r, 7), 1);
	put_random(g, 4);
	if (words > 2)
		put_random(g, (words - 2) * 4);
	put_random(g, rng_below(g->r, 40));
}

static unsigned int random_type(struct gen *g)
{
	static const unsigned int types[] = {
		0x0800, 0x0800, 0x0800, 0x86dd, 0x86dd, 0x86dd, 0x0806, 0x8035,
		0x8847, 0x8848, 0x894f, 0x894f, 0x88b5, 0x8100, 0x05ff, 0x0600,
	};

	return types[rng_below(g->r, sizeof(types) / sizeof(types[0]))];
}

/* The type, or an 802.2 length with what stands before the type then. */
static void put_type(struct gen *g, unsigned int type)
{
	if (!rng_one_in(g->r, 8)) {
		put(g, type, 2);
		return;
	}
	put(g, rng_below(g->r, 0x600), 2);
	put(g, rng_one_in(g->r, 6) ? 0xaa42 : 0xaaaa, 2);
	put_random(g, 1);
	put(g, rng_one_in(g->r, 6) ? 0xc : 0, 3);
	put(g, type, 2);
}

size_t gen_packet(struct rng *r, __u8 *buf)
{
	struct gen g = { r, buf, 0 };
	unsigned int tags = rng_one_in(r, 3) ? rng_below(r, 4) : 0;
	unsigned int type = random_type(&g);

	put_random(&g, 12);
	while (tags--) {
		put(&g, rng_one_in(r, 2) ? 0x88a8 : 0x8100, 2);
		put_random(&g, 2);
	}
	put_type(&g, type);
	switch (type) {
	case 0x0800:
		put_ipv4(&g);
		break;
	case 0x86dd:
		put_ipv6(&g);
		break;
	case 0x0806:
	case 0x8035:
		put_arp(&g);
		break;
	case 0x8847:
	case 0x8848:
		put_mpls(&g);
		break;
	case 0x894f:
		put_nsh(&g);
		break;
	default:
		put_random(&g, rng_below(r, 40));
		break;
	}
	return g.len;
}

size_t gen_damage(struct rng *r, __u8 *buf, size_t len)
{
	int changes = rng_one_in(r, 2) ? rng_below(r, 4) : 0;

	while (changes-- && len)
		buf[rng_below(r, len)] = rng_next(r) >> 56;
	return rng_one_in(r, 3) ? rng_below(r, len + 1) : len;
}
