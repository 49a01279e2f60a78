// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The vectors of netlink_api inside the kernel.
 *
 * Overview
 *	Everything happens at insmod: each vector prints a TAP line to the
 *	kernel's log. The totals are module parameters, read-only. When a
 *	vector fails, so does insmod, with EINVAL.
 *
 * Life cycle
 *	Nothing is left to undo at rmmod.
 *
 * Synchronisation
 *	insmod runs the vectors once, in one task.
 *
 * Lock order
 *	No locks.
 */
#define pr_fmt(fmt) fmt

#include <linux/module.h>
#include <linux/sched.h>
#include "selftest.h"

static unsigned int passed, failed;
module_param(passed, uint, 0444);
MODULE_PARM_DESC(passed, "vectors that passed");
module_param(failed, uint, 0444);
MODULE_PARM_DESC(failed, "vectors that failed");

static void report(const char *name, bool ok)
{
	if (ok)
		passed++;
	else
		failed++;
	pr_info("%sok %u - %s\n", ok ? "" : "not ", passed + failed, name);
	cond_resched();
}

static int __init selftest_init(void)
{
	pr_info("TAP version 13\n");
	ovsnl_selftest_run(report);
	pr_info("1..%u\n", passed + failed);
	pr_info("# ovsnl_selftest: %u passed, %u failed\n", passed, failed);
	return failed ? -EINVAL : 0;
}

static void __exit selftest_exit(void)
{
}

module_init(selftest_init);
module_exit(selftest_exit);

MODULE_DESCRIPTION("Test vectors of the Open vSwitch netlink API");
MODULE_LICENSE("GPL");
