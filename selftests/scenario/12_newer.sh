# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What kernels later than the distribution's brought.
#
#    h1 ---- p1   "dp"   p2 ---- h2
#
# test drop_action: drop with an error code ends a list and is counted; what came before it was done
# test psample_action: samples reach a listener of the psample family
# test symmetric_hash: both directions of a connection hash alike, different connections don't
# test upcall_statistics: a port counts upcalls that were delivered, and those that were not
# test execute_upcall_pid: EXECUTE names the client that gets the packet's upcalls

# newer FUNCTION
newer() {
	! on_stock || skip "not in this kernel's own module"
	host_add 1
	host_add 2
	client 12_newer.py "$1"
}

test_drop_action() {
	newer drop
}

test_psample_action() {
	newer psample
}

test_symmetric_hash() {
	newer symmetric_hash
}

test_upcall_statistics() {
	newer upcall_statistics
}

test_execute_upcall_pid() {
	newer execute_upcall_pid
}
