# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Every packet that does not arrive is counted under the reason for it.
#
#    h1                           the datapath                   h2
#   eth0 --------------------- p1    "dp"    p2 ---------------- eth0
#                                     p3: a TUN device, where a test needs one
#
# test drop_reasons: each reason that can be brought about counts its packets, and no other does
# test recursion_limit: packets that come back by a device on top of an internal port are dropped at last
# test drop_sum: of many packets of many flows, what came in is what went out and what was dropped

test_drop_reasons() {
	! on_stock || skip "the kernel's own module tells no reasons"
	host_add 1
	host_add 2
	client 10_drops.py drop_reasons
}

test_recursion_limit() {
	[[ $driver == kernel ]] || skip "no device of the twin's brings a packet back at once: actions_test asks it"
	! on_stock || skip "the kernel's own module tells no reasons"
	host_add 2
	client 10_drops.py recursion_limit
}

test_drop_sum() {
	! on_stock || skip "the kernel's own module tells no reasons"
	host_add 1
	host_add 2
	client 10_drops.py drop_sum
}
