// SPDX-License-Identifier: BSD-3-Clause
/*
 * Marks of packets that leave.
 *
 * Life cycle
 *	The field is reserved at start and stays.
 *
 * Synchronisation
 *	Where it is is constant from then on; a mark belongs to its packet.
 */
#include "packet_mark.h"

#include <rte_errno.h>
#include <rte_mbuf_dyn.h>

static int field = -1;
static uint64_t flag;

int twin_packet_mark_init(void)
{
	static const struct rte_mbuf_dynfield wanted = {
		.name = "twin_dynfield_mark",
		.size = sizeof(uint32_t),
		.align = __alignof__(uint32_t),
	};
	static const struct rte_mbuf_dynflag has = {
		.name = "twin_dynflag_mark",
	};
	int bit;

	field = rte_mbuf_dynfield_register(&wanted);
	if (field < 0)
		return -rte_errno;
	bit = rte_mbuf_dynflag_register(&has);
	if (bit < 0)
		return -rte_errno;
	flag = RTE_BIT64(bit);
	return 0;
}

void twin_packet_mark_set(struct rte_mbuf *m, uint32_t mark)
{
	if (!flag)
		return;
	*RTE_MBUF_DYNFIELD(m, field, uint32_t *) = mark;
	m->ol_flags |= flag;
}

uint32_t twin_packet_mark_get(const struct rte_mbuf *m)
{
	if (!(m->ol_flags & flag))
		return 0;
	return *RTE_MBUF_DYNFIELD(m, field, uint32_t *);
}
