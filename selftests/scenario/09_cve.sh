# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What once broke the kernel's module while things came and went, by the numbers it was given. The
# classes are K4 (lifetimes, RCU) and K5 (lockups), and one of K3; selftests/README.md has the tests
# of all classes.
#
#    h1 ---- p1                 p3 ---- h3      bystanders, as in 06_vanish.sh
#              \   "dp"        /
#    h2 ---- p2                 d4, devices that come and go
#
# test masks_replaced: K4, CVE-2026-97611: masks come, go and are reordered while packets are looked up
# test limits_end: K4, CVE-2026-89488, CVE-2024-27395: a namespace with limits of connections ends
# test devices_race: K4, CVE-2026-31678, CVE-2026-31508: a device is deleted while its port is
# test counters_early: K4, de9df6c: new ports are read and miss packets at once
# test output_unregisters: K5, CVE-2025-21681: packets go to a device that is unregistered with its carrier on
# test segments_truncated: K3, CVE-2026-68123: a packet of segments that is truncated on its way to a client
# test stacked_devices: K5: an internal port goes, or its datapath, while a device on top of it is a port, too
# test dump_stalls: K5, CVE-2026-99025: dumps of many flows keep no processor for long

. "$here/06_vanish.sh"

test_masks_replaced() {
	local before
	vanish_hosts
	dpctl cache-set-size dp masks-cache 0
	bystanders_start
	before=$(dpctl show dp)
	client 09_cve.py masks_replaced 2
	bystanders_end
	expect_equal "$(lines_match "$(dpctl show dp)" "flows:")" "$(lines_match "$before" "flows:")" "flows"
	# Nothing of the bystanders missed its flow.
	expect_shown lookups "hit:[0-9]+ missed:0 lost:0"
}

test_limits_end() {
	local round
	[[ $driver == kernel ]] || skip "a daemon lives in one namespace"
	for round in 1 2 3 4 5; do
		note "round $round"
		ip netns add limits
		in_host limits python3 -B "$here/09_cve.py" limits 3000 "$scratch/limits" & floods+=($!)
		in_host limits python3 -B "$here/09_cve.py" limits 3000 "$scratch/limits" & floods+=($!)
		busywait 60 test -e "$scratch/limits" || fail "no limits are set"
		ip netns del limits
		floods_end
		rm "$scratch/limits"
	done
	# Other namespaces have their own.
	client 09_cve.py no_limits
}

test_devices_race() {
	vanish_hosts
	bystanders_start
	flood 2
	client 09_cve.py devices_race "$([[ $driver == kernel ]] && echo vxlan || echo veth)" 8
	floods_end
	bystanders_end
	expect_no_match "$(dpctl show dp)" " d4" "show"
}

test_counters_early() {
	vanish_hosts
	bystanders_start
	client 09_cve.py counters_early 20
	bystanders_end
}

test_output_unregisters() {
	[[ $driver == kernel ]] || skip "it is about the queues of the kernel's devices"
	vanish_hosts
	# A device that is not there is no output; the rest of the list goes on.
	dpctl mod-flow dp "in_port(2),eth(),eth_type(0x800),ipv4(proto=17),udp()" 5,6,4
	bystanders_start
	flood 2
	client 09_cve.py output_unregisters 5
	floods_end
	bystanders_end
}

# stack_device: d4 on top of i5, both ports.
stack_device() {
	dpctl add-dp stack
	dpctl add-if stack i5,type=internal
	ip link add link i5 name d4 type macvlan mode private
	dpctl add-if stack d4
}

# stack_is_gone: neither i5 nor d4 is there.
stack_is_gone() {
	[[ ! -e /sys/class/net/i5 && ! -e /sys/class/net/d4 ]]
}

test_stacked_devices() {
	[[ $driver == kernel ]] || skip "the twin's machine may have no macvlan"
	! on_stock || skip "the kernel's own module waits for itself"
	stack_device
	dpctl del-if stack i5
	busywait 10 stack_is_gone || fail "i5 or d4 is still there"
	expect_no_match "$(dpctl show stack)" " (i5|d4)" "show"
	dpctl del-dp stack
	stack_device
	dpctl del-dp stack
	busywait 10 stack_is_gone || fail "i5 or d4 is still there, after del-dp"
	expect_equal "$(dpctl dump-dps)" "" "datapaths"
}

test_dump_stalls() {
	client 09_cve.py dump_stalls 6000
}

test_segments_truncated() {
	host_add 1
	host_add 2
	client 09_cve.py segments_truncated
}
