# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What the flow table doesn't know goes to clients.
#
#                                clients A, B, ...
#                                   |     |
#    h1                           the datapath                   h2
#   eth0 --------------------- p1    "dp"    p2 ---------------- eth0
#                                     p3 ------- h3, where a test needs one more
#
# test every_miss: a client gets every missed packet with its key, executes it, installs a flow
# test own_pids: each port's client gets its own upcalls; several on a port share them by flow
# test per_cpu: with per-CPU dispatch the upcalls go to the client of the CPU that received
# test killed_client: a killed client loses nothing but its own upcalls
# test slow_client: a client that doesn't read loses its own upcalls, told by ENOBUFS and counted
# test userspace_action: the userspace action, with its data and actions
# test segmented: a GSO packet that misses reaches the client in segments with right checksums
# test nothing_left: a packet of which nothing is left reaches the client, empty
# test execute: packets that a client makes up go through the datapath

upcall_hosts() {
	host_add 1
	host_add 2
}

test_every_miss() {
	upcall_hosts
	client 04_upcalls.py every_miss
}

test_own_pids() {
	upcall_hosts
	client 04_upcalls.py own_pids
}

test_per_cpu() {
	upcall_hosts
	client 04_upcalls.py per_cpu
}

test_killed_client() {
	upcall_hosts
	client 04_upcalls.py killed_client
}

test_slow_client() {
	upcall_hosts
	client 04_upcalls.py slow_client
}

test_userspace_action() {
	upcall_hosts
	client 04_upcalls.py userspace_action
}

test_segmented() {
	upcall_hosts
	client 04_upcalls.py segmented
}

test_nothing_left() {
	! on_stock || skip "the kernel's own module ends in a BUG()"
	upcall_hosts
	client 04_upcalls.py nothing_left
}

test_execute() {
	upcall_hosts
	host_add 3
	client 04_upcalls.py execute
}
