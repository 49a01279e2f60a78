# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What clients learn: notifications of every change, and dumps however long the table.
#
#        listener, dumper, changer
#                 |
#            the datapath
#    p1 "dp" p2, without traffic
#
# test notifications: each change of datapaths, ports and flows reaches a listener once
# test notified_of_vanished_port: a port that vanishes is told of
# test own_echo: the one who changes gets its echo, and its own notification as a listener
# test dump_all: a dump of 100,000 flows is complete
# test dump_under_change: while flows come and go, a dump has every flow that stays exactly once
# test dump_while_growing: the same while the table grows and shrinks by a factor
# test dump_in_pieces: a dump that is read slowly holds nobody up; one left unfinished neither

test_notifications() {
	host_add 1
	client 05_dumps.py notifications
}

test_notified_of_vanished_port() {
	host_add 1
	client 05_dumps.py vanished_port
}

test_own_echo() {
	host_add 1
	client 05_dumps.py own_echo
}

test_dump_all() {
	client 05_dumps.py dump_all 100000
}

# The kernel's own module remembers how many flows of a bucket it told: when others come or go, or
# the table gets another size, some are missed or told twice.
stock_is_worse() {
	! on_stock || skip "not what the kernel's own module does"
}

test_dump_under_change() {
	stock_is_worse
	client 05_dumps.py dump_under_change 20000
}

test_dump_while_growing() {
	stock_is_worse
	client 05_dumps.py dump_while_growing 4000
}

test_dump_in_pieces() {
	client 05_dumps.py dump_in_pieces 20000
}
