// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drops, counted by reason.
 *
 * Overview
 *	Each namespace has counters for all of its datapaths, which
 *	/proc/net/openvswitch_drops shows: a line for each reason, name and
 *	number. (Linux 6.1 has no drop reasons that a module could register.)
 *	Packets are freed by kfree_skb(), so that dropwatch and its like see
 *	them, too.
 *
 * Life cycle
 *	With the namespace: datapaths go first, since theirs are operations of
 *	devices, and packets that still know one are done after a grace
 *	period.
 *
 * Synchronisation
 *	A counter is written by its CPU, in one instruction; 64 bits are read
 *	in one, too.
 *
 * Lock order
 *	No locks.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <net/netns/generic.h>

#include "drop.h"

#define FILE_NAME "openvswitch_drops"

struct drop_net {
	struct ovs_drops __percpu *drops;
};

static unsigned int drop_id __read_mostly;

#define NAME(id, name) [OVS_DROP_##id] = name,
static const char *const names[] = { OVSNL_DROP_REASONS(NAME) };
#undef NAME

struct ovs_drops __percpu *ovs_drops_of(const struct net *net)
{
	const struct drop_net *drop_net = net_generic(net, drop_id);

	return drop_net->drops;
}

static int drops_show(struct seq_file *seq, void *v)
{
	struct ovs_drops __percpu *drops =
		ovs_drops_of(seq_file_single_net(seq));
	unsigned int reason;
	int cpu;
	u64 sum;

	for (reason = 0; reason < OVS_DROP_COUNT; reason++) {
		sum = 0;
		for_each_possible_cpu(cpu)
			sum += READ_ONCE(per_cpu_ptr(drops, cpu)->n[reason]);
		seq_printf(seq, "%s %llu\n", names[reason], sum);
	}
	return 0;
}

static int __net_init drop_net_init(struct net *net)
{
	struct drop_net *drop_net = net_generic(net, drop_id);

	drop_net->drops = alloc_percpu(struct ovs_drops);
	if (!drop_net->drops)
		return -ENOMEM;
	/* Without /proc they are counted all the same. */
	proc_create_net_single(FILE_NAME, 0440, net->proc_net, drops_show,
			       NULL);
	return 0;
}

static void __net_exit drop_net_exit(struct list_head *nets)
{
	struct net *net;

	list_for_each_entry(net, nets, exit_list)
		remove_proc_entry(FILE_NAME, net->proc_net);
	synchronize_rcu();
	list_for_each_entry(net, nets, exit_list)
		free_percpu(ovs_drops_of(net));
}

static struct pernet_operations drop_net_ops = {
	.init = drop_net_init,
	.exit_batch = drop_net_exit,
	.id = &drop_id,
	.size = sizeof(struct drop_net),
};

int ovs_drop_init(void)
{
	return register_pernet_subsys(&drop_net_ops);
}

void ovs_drop_exit(void)
{
	unregister_pernet_subsys(&drop_net_ops);
}
