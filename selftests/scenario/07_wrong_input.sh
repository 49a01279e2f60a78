# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What must not work: it fails in the way it should, changes nothing, and harms nobody else.
#
#     good client       clients that are wrong, cut off, many, deaf
#              \         /
#             the datapath
#      p1 "dp" i2     p3 (no port)     p4 "other"
#
# test errno_table: every kind of refused request gets its errno and changes nothing
# test not_permitted: who is not privileged may read and not change
# test half_messages: requests cut off anywhere, and lengths that lie, change nothing
# test garbage: random bytes, and random bytes in the right envelope, change nothing
# test many_connections: ten thousand clients at once, and everyone is served
# test few_descriptors: a daemon that runs out of descriptors goes on serving those it has
# test never_reads: clients that never read lose their own messages and hold up nobody

input_ports() {
	host_add 1
	host_add 3
	host_add 4
}

test_errno_table() {
	input_ports
	client 07_wrong_input.py errno_table
}

test_not_permitted() {
	input_ports
	client 07_wrong_input.py not_permitted
}

test_half_messages() {
	input_ports
	client 07_wrong_input.py half_messages
}

test_garbage() {
	input_ports
	settled garbage 3000
}

# settled NAME ARG...: a client that leaves nothing behind: no descriptors, no memory to speak of.
settled() {
	local before memory
	if [[ $driver == kernel ]]; then
		client 07_wrong_input.py "$@"
		return
	fi
	client 07_wrong_input.py warm_up
	before=$(descriptors)
	memory=$(resident)
	client 07_wrong_input.py "$@"
	busywait 10 descriptors_are "$before" || fail "$before descriptors before, $(descriptors) after"
	(($(resident) < memory + 65536)) || fail "memory grew from $memory to $(resident) KB"
}

descriptors() {
	find "/proc/$twin_pid/fd" | wc -l
}

descriptors_are() {
	[[ $(descriptors) == "$1" ]]
}

resident() {
	awk '/^VmRSS:/ { print $2 }' "/proc/$twin_pid/status"
}

# The daemon takes two descriptors for a connection; it asks for as many as it may have.
test_many_connections() {
	local count=10000 most
	input_ports
	if [[ $driver == twin ]]; then
		most=$((($(ulimit -Hn) - 200) / 2))
		((count < most)) || { count=$most; note "no more than $count connections: descriptors are limited"; }
		twin_stop
		ulimit -Sn 1024
		twin_launch
	fi
	settled many_connections $count
}

test_few_descriptors() {
	[[ $driver == twin ]] || skip "the kernel has no such limit"
	input_ports
	prlimit --nofile=200:200 --pid "$twin_pid"
	settled few_descriptors 400
}

test_never_reads() {
	input_ports
	settled never_reads
}
