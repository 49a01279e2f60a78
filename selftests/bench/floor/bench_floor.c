// SPDX-License-Identifier: GPL-2.0-only
/*
 * The floor of the kernel benchmarks: what a measurement costs without a
 * datapath.
 *
 * Overview
 *	A receive handler that gives each packet of one device to another as it
 *	is, or frees it; and a generic netlink family whose requests do nothing
 *	and whose dumps write messages of zeroes. What a datapath costs above
 *	these is its own.
 *
 * Life cycle
 *	All is set up when the module is loaded, with the devices named by its
 *	parameters, and undone when it is unloaded.
 *
 * Synchronisation
 *	The devices are changed under RTNL; the handler runs under RCU.
 *
 * Lock order
 *	RTNL only.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

static char *from = "";
module_param(from, charp, 0444);
MODULE_PARM_DESC(from, "device whose packets are taken");

static char *to = "";
module_param(to, charp, 0444);
MODULE_PARM_DESC(to, "device that they go out by; none: they are freed");

static struct net_device *from_dev, *to_dev;

static rx_handler_result_t handler(struct sk_buff **pskb)
{
	struct sk_buff *skb = skb_share_check(*pskb, GFP_ATOMIC);

	if (!skb)
		return RX_HANDLER_CONSUMED;
	if (!to_dev) {
		consume_skb(skb);
		return RX_HANDLER_CONSUMED;
	}
	skb_push_rcsum(skb, ETH_HLEN);
	skb->dev = to_dev;
	skb_clear_tstamp(skb);
	dev_queue_xmit(skb);
	return RX_HANDLER_CONSUMED;
}

/* Messages: attributes are those of ovs_flow as far as lengths go. */

enum { ATTR_LEN = 10, ATTR_COUNT, ATTR_MAX = ATTR_COUNT };

static const struct nla_policy policy[ATTR_MAX + 1] = {
	[ATTR_LEN] = { .type = NLA_U32 },
	[ATTR_COUNT] = { .type = NLA_U32 },
};

static struct genl_family family;

static int request(struct sk_buff *skb, struct genl_info *info)
{
	return 0;
}

static int dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genl_dumpit_info *info = genl_dumpit_info(cb);
	u32 len = nla_get_u32(info->attrs[ATTR_LEN]);
	u32 count = nla_get_u32(info->attrs[ATTR_COUNT]);
	void *head;

	while (cb->args[0] < count) {
		head = genlmsg_put(skb, 0, cb->nlh->nlmsg_seq, &family,
				   NLM_F_MULTI, 1);
		if (!head)
			break;
		if (skb_tailroom(skb) < len) {
			genlmsg_cancel(skb, head);
			break;
		}
		skb_put_zero(skb, len);
		genlmsg_end(skb, head);
		cb->args[0]++;
	}
	return skb->len;
}

static int dump_start(struct netlink_callback *cb)
{
	const struct genl_dumpit_info *info = genl_dumpit_info(cb);

	return info->attrs[ATTR_LEN] && info->attrs[ATTR_COUNT] ? 0 : -EINVAL;
}

static const struct genl_ops ops[] = {
	{ .cmd = 1,
	  .validate = GENL_DONT_VALIDATE_STRICT | GENL_DONT_VALIDATE_DUMP,
	  .doit = request },
	{ .cmd = 2,
	  .validate = GENL_DONT_VALIDATE_STRICT | GENL_DONT_VALIDATE_DUMP,
	  .doit = request },
	{ .cmd = 3,
	  .validate = GENL_DONT_VALIDATE_DUMP_STRICT |
		      GENL_DONT_VALIDATE_STRICT,
	  .start = dump_start,
	  .doit = request,
	  .dumpit = dump },
};

static struct genl_family family = {
	.name = "bench_floor",
	.hdrsize = 4,
	.version = 1,
	.maxattr = ATTR_MAX,
	.policy = policy,
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = 4,
	.module = THIS_MODULE,
};

static int __init floor_init(void)
{
	int err = -ENODEV;

	from_dev = dev_get_by_name(&init_net, from);
	if (!from_dev)
		return err;
	if (*to) {
		to_dev = dev_get_by_name(&init_net, to);
		if (!to_dev)
			goto err_from;
	}
	err = genl_register_family(&family);
	if (err)
		goto err_to;
	rtnl_lock();
	err = netdev_rx_handler_register(from_dev, handler, NULL);
	rtnl_unlock();
	if (err)
		goto err_family;
	return 0;

err_family:
	genl_unregister_family(&family);
err_to:
	dev_put(to_dev);
err_from:
	dev_put(from_dev);
	return err;
}

static void __exit floor_exit(void)
{
	rtnl_lock();
	netdev_rx_handler_unregister(from_dev);
	rtnl_unlock();
	genl_unregister_family(&family);
	dev_put(to_dev);
	dev_put(from_dev);
}

module_init(floor_init);
module_exit(floor_exit);
MODULE_DESCRIPTION("Benchmarks: what there is without a datapath");
MODULE_LICENSE("GPL");
