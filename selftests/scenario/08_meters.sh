# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Meters limit what flows may pass.
#
#    h1             the datapath              h2
#   eth0 ------- p1     "dp"     p2 -------- eth0
#                   1 -> meter 7 -> 2
#
# test burst: so many packets pass as the burst allows; the others are dropped and counted
# test rate: packets that come all the time pass at the meter's rate, whole bits or packets
# test replaced: a meter can be exchanged while traffic flows; without it all passes
# test id_probe: Open vSwitch's probe finds meters that work
# test thousands: as many meters as flows, each with its own count

meter_hosts() {
	host_add 1
	host_add 2
}

test_burst() {
	meter_hosts
	client 08_meters.py burst
}

test_rate() {
	meter_hosts
	client 08_meters.py rate
}

test_replaced() {
	meter_hosts
	client 08_meters.py replaced
}

test_id_probe() {
	client 08_meters.py id_probe
}

# The kernel's own module has one place for all ids that are the same modulo 1024.
test_thousands() {
	! on_stock || skip "not what the kernel's own module does"
	client 08_meters.py thousands
}
