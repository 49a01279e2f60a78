// SPDX-License-Identifier: BSD-3-Clause
/*
 * Control messages of the transport.
 *
 * Overview
 *
 *	Each is checked and carried out, its result stored in the page and, if
 *	asked for, answered in-band.
 */
#include "nl_ctl.h"

#include <errno.h>
#include <string.h>

#include "genl.h"
#include "nl_port.h"

static int set_option(struct twin_nl_conn *conn, const struct ovsnl_ctl *ctl)
{
	switch (ctl->arg) {
	case OVSNL_OPT_EXT_ACK:
		conn->ext_ack = ctl->value;
		return 0;
	case OVSNL_OPT_CAP_ACK:
		conn->cap_ack = ctl->value;
		return 0;
	case OVSNL_OPT_STRICT_CHK:
		/* None of the families has anything to be strict about. */
		return 0;
	case OVSNL_OPT_RCVBUF:
		return twin_nl_conn_rcvbuf(conn, ctl->value);
	default:
		return -ENOPROTOOPT;
	}
}

/* The program that holds @conn has proved to hold connection @ctl->arg too:
 * give it the page.
 */
static int adopt(struct twin_nl_conn *conn, const struct ovsnl_ctl *ctl)
{
	struct twin_nl_conn *side = twin_nl_port_find(ctl->arg);

	if (!side || side->token != ctl->token)
		return -EINVAL;
	if (conn->memfd < 0)
		return -EOPNOTSUPP;
	return twin_nl_conn_hello(side, conn);
}

static int carry_out(struct twin_nl_conn *conn, const struct nlmsghdr *nlh)
{
	struct ovsnl_ctl ctl; /* a copy: messages are aligned to 4 bytes only */

	switch (nlh->nlmsg_type) {
	case OVSNL_CTL_BIND:
	case OVSNL_CTL_ADD_MEMBERSHIP:
	case OVSNL_CTL_DROP_MEMBERSHIP:
	case OVSNL_CTL_SETOPT:
	case OVSNL_CTL_ADOPT:
		if (nlh->nlmsg_len < sizeof(ctl))
			return -EINVAL;
		memcpy(&ctl, nlh, sizeof(ctl));
		break;
	case OVSNL_CTL_SYNC: /* only ever the first of a datagram */
		return -EINVAL;
	default:
		return -EOPNOTSUPP;
	}
	switch (nlh->nlmsg_type) {
	case OVSNL_CTL_BIND:
		return twin_nl_port_bind(conn, ctl.arg, false);
	case OVSNL_CTL_ADD_MEMBERSHIP:
		return twin_genl_join(conn, ctl.arg);
	case OVSNL_CTL_DROP_MEMBERSHIP:
		return twin_nl_port_leave(conn, ctl.arg);
	case OVSNL_CTL_SETOPT:
		return set_option(conn, &ctl);
	default:
		return adopt(conn, &ctl);
	}
}

void twin_nl_ctl_receive(struct twin_nl_conn *conn, const struct nlmsghdr *nlh)
{
	struct nlmsghdr head = *nlh;
	int err = carry_out(conn, nlh);

	__atomic_store_n(&conn->page->ctl_errno, -err, __ATOMIC_RELAXED);
	if (!(nlh->nlmsg_flags & NLM_F_ACK))
		return;
	head.nlmsg_len = sizeof(head);
	twin_nl_conn_ack(conn, &head, err, NULL);
}
