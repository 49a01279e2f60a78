// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: from the kernel's genl core to netlink_api and back.
 *
 * Overview
 *	The families are generated from netlink_api's tables: operations,
 *	policies and groups are what the genl core checks and reports. One
 *	function takes all requests, one all dumps; they fill in struct
 *	ovsnl_request and call the command's body.
 *
 *	The writer that a body fills is the tail of an skb. A pointer to the
 *	skb stands in its headroom, right before the bytes that the writer
 *	knows.
 *
 * Life cycle
 *	The tables are filled and registered once; genl_unregister_family()
 *	waits for running requests.
 *
 * Synchronisation
 *	The tables are constant once registered. Requests run in parallel, in
 *	process context.
 *
 * Lock order
 *	Bodies take ovs_mutex; nothing here does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "datapath.h"
#include "genl.h"
#include "ops.h"
#include "vport.h"

/* Attribute types that a family may have, 0 to this less one. */
#define POLICY_MAX 32

static struct genl_family families[OVSNL_FAMILY_COUNT];
static struct genl_small_ops commands[OVSNL_FAMILY_COUNT][OVSNL_MAX_COMMANDS];
static struct genl_multicast_group groups[OVSNL_FAMILY_COUNT];
static struct nla_policy policies[OVSNL_FAMILY_COUNT][POLICY_MAX];

u16 ovs_genl_id(enum ovsnl_family_id family)
{
	return families[family].id;
}

/* Errors */

static void log_error(const struct ovsnl_request *req)
{
	const struct ovsnl_err *err = &req->err;

	if (err->quiet || !net_ratelimit())
		return;
	pr_info("netlink: %s\n", err->msg);
	if (err->context)
		pr_info("netlink: %s\n", err->context);
}

/* Tell @req->err.msg. The families whose requests hold keys and actions are
 * those that can be wrong in ways which an errno does not tell: these are
 * logged, and so is what was passed over in a request that was granted.
 */
static void report(const struct ovsnl_request *req, int result,
		   struct netlink_ext_ack *extack)
{
	if (req->family == OVSNL_FAMILY_FLOW ||
	    req->family == OVSNL_FAMILY_PACKET || result >= 0)
		log_error(req);
	if (result >= 0 || !extack)
		return;
	extack->_msg = req->err.msg;
	extack->bad_attr = req->err.attr;
}

/* Requests */

static int family_find(u16 nlmsg_type)
{
	int i;

	for (i = 0; i < OVSNL_FAMILY_COUNT; i++) {
		if (families[i].id == nlmsg_type)
			return i;
	}
	return -EOPNOTSUPP;
}

static void request_init(struct ovsnl_request *req, int family, struct net *net,
			 const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genlh = nlmsg_data(nlh);
	const struct ovs_header *ovs = genlmsg_data(genlh);

	*req = (struct ovsnl_request){
		.ops = &ovs_ops,
		.net = net,
		.family = family,
		.nlmsg_type = nlh->nlmsg_type,
		.cmd = genlh->cmd,
		.version = genlh->version,
		.flags = nlh->nlmsg_flags,
		.seq = nlh->nlmsg_seq,
		.dp_ifindex = ovs->dp_ifindex,
	};
}

static int doit(struct sk_buff *skb, struct genl_info *info)
{
	int family = family_find(info->nlhdr->nlmsg_type), result;
	const struct ovsnl_command *command;
	struct ovsnl_request req OVSNL_UNINITIALIZED;

	if (family < 0)
		return family;
	request_init(&req, family, genl_info_net(info), info->nlhdr);
	req.portid = info->snd_portid;
	req.tb = (const struct nlattr *const *)info->attrs;
	req.priv = info;
	command = ovsnl_family_command(&ovsnl_families[family], req.cmd);
	if (!command || !command->doit)
		return -EOPNOTSUPP;
	result = command->doit(&req);
	if (unlikely(req.err.msg))
		report(&req, result, info->extack);
	return result;
}

/* Flow dumps take attributes; others ignore what comes with the request. */
static int dump_parse(struct ovsnl_request *req, const struct nlmsghdr *nlh,
		      const struct nlattr **tb)
{
	const int head = GENL_HDRLEN + sizeof(struct ovs_header);

	req->tb = tb;
	if (req->family != OVSNL_FAMILY_FLOW)
		return 0;
	return ovsnl_attr_parse(tb, ovsnl_families[req->family].maxattr,
				nlmsg_attrdata(nlh, head),
				nlmsg_attrlen(nlh, head),
				ovsnl_families[req->family].policy, NULL);
}

static int dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ovsnl_cursor *cursor = (struct ovsnl_cursor *)cb->args;
	int family = family_find(cb->nlh->nlmsg_type), result;
	const struct nlattr *tb[POLICY_MAX] = {};
	const struct ovsnl_command *command;
	struct ovsnl_request req OVSNL_UNINITIALIZED;
	struct ovsnl_writer w;

	BUILD_BUG_ON(sizeof(*cursor) > sizeof(cb->args));
	if (family < 0)
		return family;
	request_init(&req, family, sock_net(skb->sk), cb->nlh);
	req.portid = NETLINK_CB(cb->skb).portid;
	command = ovsnl_family_command(&ovsnl_families[family], req.cmd);
	if (!command || !command->dumpit)
		return -EOPNOTSUPP;
	result = dump_parse(&req, cb->nlh, tb);
	if (result)
		return result;
	ovsnl_writer_init(&w, skb_tail_pointer(skb), skb_tailroom(skb));
	result = command->dumpit(&req, cursor, &w);
	if (unlikely(req.err.msg))
		report(&req, result, cb->extack);
	if (result < 0)
		return result;
	skb_put(skb, w.len);
	return skb->len;
}

/* Replies */

static struct sk_buff **writer_skb(const struct ovsnl_writer *w)
{
	return (struct sk_buff **)(w->buf - sizeof(struct sk_buff *));
}

static int message_alloc(size_t size, struct ovsnl_writer *w)
{
	struct sk_buff *skb;

	skb = alloc_skb(sizeof(skb) + size, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, sizeof(skb));
	ovsnl_writer_init(w, skb_tail_pointer(skb), skb_tailroom(skb));
	*writer_skb(w) = skb;
	return 0;
}

/* The skb with all that was written. */
static struct sk_buff *message_end(const struct ovsnl_writer *w)
{
	struct sk_buff *skb = *writer_skb(w);

	skb_put(skb, w->len);
	return skb;
}

int ovs_genl_reply_alloc(struct ovsnl_request *req, size_t size,
			 struct ovsnl_writer *w)
{
	return message_alloc(size, w);
}

void ovs_genl_reply_free(struct ovsnl_request *req, struct ovsnl_writer *w)
{
	kfree_skb(*writer_skb(w));
}

int ovs_genl_reply_unicast(struct ovsnl_request *req, struct ovsnl_writer *w)
{
	return genlmsg_reply(message_end(w), req->priv);
}

void ovs_genl_reply_notify(struct ovsnl_request *req, struct ovsnl_writer *w)
{
	genl_notify(&families[req->family], message_end(w), req->priv, 0,
		    GFP_KERNEL);
}

bool ovs_genl_wanted(struct ovsnl_request *req)
{
	return req->flags & NLM_F_ECHO ||
	       genl_has_listeners(&families[req->family], req->net, 0);
}

/* Notices of the datapath's own */

struct sk_buff *ovs_genl_vport_notice(struct vport *vport, u8 cmd)
{
	const struct ovsnl_request req = {
		.ops = &ovs_ops,
		.net = ovs_dp_net(vport->dp),
		.family = OVSNL_FAMILY_VPORT,
		.nlmsg_type = ovs_genl_id(OVSNL_FAMILY_VPORT),
	};
	struct ovsnl_writer w;

	if (message_alloc(OVSNL_VPORT_REPLY_SIZE(nr_cpu_ids), &w))
		return NULL;
	if (ovsnl_vport_notice(&req, vport, cmd, &w)) {
		kfree_skb(*writer_skb(&w));
		return NULL;
	}
	return message_end(&w);
}

void ovs_genl_vport_multicast(struct net *net, struct sk_buff *msg)
{
	struct genl_family *family = &families[OVSNL_FAMILY_VPORT];

	if (msg)
		genlmsg_multicast_netns(family, net, msg, 0, 0, GFP_KERNEL);
	else
		genl_set_err(family, net, 0, 0, -ENOBUFS);
}

/* Tables */

static const u8 policy_types[] = {
	[OVSNL_P_ANY] = NLA_UNSPEC,
	[OVSNL_P_MIN_LEN] = NLA_UNSPEC,
	[OVSNL_P_U16] = NLA_U16,
	[OVSNL_P_U32] = NLA_U32,
	[OVSNL_P_U64] = NLA_U64,
	[OVSNL_P_S32] = NLA_S32,
	[OVSNL_P_U32_MAX] = NLA_U32,
	[OVSNL_P_S32_NONNEG] = NLA_S32,
	[OVSNL_P_NUL_STRING] = NLA_NUL_STRING,
	[OVSNL_P_FLAG] = NLA_FLAG,
	[OVSNL_P_NESTED] = NLA_NESTED,
};

/* @to is all zero. */
static void policy_convert(struct nla_policy *to,
			   const struct ovsnl_policy *from)
{
	to->type = policy_types[from->kind];
	switch (from->kind) {
	case OVSNL_P_MIN_LEN:
	case OVSNL_P_NUL_STRING:
		to->len = from->len;
		break;
	case OVSNL_P_U32_MAX:
		to->validation_type = NLA_VALIDATE_RANGE;
		to->max = from->max;
		break;
	case OVSNL_P_S32_NONNEG:
		to->validation_type = NLA_VALIDATE_MIN;
		break;
	}
}

static int commands_fill(struct genl_small_ops *small,
			 const struct ovsnl_family *from)
{
	const struct ovsnl_command *command;
	int n;

	for (n = 0; n < OVSNL_MAX_COMMANDS; n++) {
		command = &from->commands[n];
		if (!command->cmd)
			break;
		small[n] = (struct genl_small_ops){
			.cmd = command->cmd,
			.flags = command->admin ? GENL_UNS_ADMIN_PERM : 0,
			.validate = GENL_DONT_VALIDATE_STRICT |
				    GENL_DONT_VALIDATE_DUMP,
			.doit = command->doit ? doit : NULL,
			.dumpit = command->dumpit ? dumpit : NULL,
		};
	}
	return n;
}

static void family_fill(int i)
{
	const struct ovsnl_family *from = &ovsnl_families[i];
	struct genl_family *family = &families[i];
	unsigned int type, n;

	for (type = 0; type <= from->maxattr; type++)
		policy_convert(&policies[i][type], &from->policy[type]);
	*family = (struct genl_family){
		.hdrsize = sizeof(struct ovs_header),
		.version = from->version,
		.maxattr = from->maxattr,
		.policy = policies[i],
		.netnsok = true,
		.parallel_ops = true,
		.small_ops = commands[i],
		.n_small_ops = commands_fill(commands[i], from),
		.module = THIS_MODULE,
	};
	strscpy(family->name, from->name, sizeof(family->name));
	for (n = 0; n < family->n_small_ops; n++)
		family->resv_start_op = max_t(unsigned int,
					      family->resv_start_op,
					      commands[i][n].cmd + 1);
	if (from->mcgroup) {
		strscpy(groups[i].name, from->mcgroup, sizeof(groups[i].name));
		family->mcgrps = &groups[i];
		family->n_mcgrps = 1;
	}
}

static void unregister(int n)
{
	while (n--)
		genl_unregister_family(&families[n]);
}

int ovs_genl_init(void)
{
	int i, err;

	for (i = 0; i < OVSNL_FAMILY_COUNT; i++) {
		if (WARN_ON(ovsnl_families[i].maxattr >= POLICY_MAX)) {
			unregister(i);
			return -EINVAL;
		}
		family_fill(i);
		err = genl_register_family(&families[i]);
		if (err) {
			unregister(i);
			return err;
		}
	}
	return 0;
}

void ovs_genl_exit(void)
{
	unregister(OVSNL_FAMILY_COUNT);
}
