# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# One flow for eight hosts: what a mask is good for.
#
#                                                      eth0 1.2.3.0
#   h1                   the datapath                  eth0 1.2.3.1
#   eth0 1.2.3.8 ------- p1   "dp"   p2 --------- h2   ...
#                                                      eth0 1.2.3.7
#                                                      eth0 1.2.3.16, outside of 1.2.3.0/29
#
# test eight_hosts: a megaflow for 1.2.3.0/29 serves eight hosts with one mask
# test mask_count: masks are counted, shared by flows, and go with their last flow
# test random_masks: each packet hits the one flow that it matches, says an oracle, or is missed
# test mask_cache_off: without a mask cache lookups visit the masks one after the other

h1_mac=02:00:00:00:00:01 h2_mac=02:00:00:00:00:02

eight_hosts() {
	local i
	host_add 1 1.2.3.8/16
	host_add 2 1.2.3.{0..7}/16 1.2.3.16/16
	for i in {0..7} 16; do
		echo "neigh replace 1.2.3.$i lladdr $h2_mac dev eth0 nud permanent"
	done | ip -n h1 -batch -
	host_knows 2 1.2.3.8 1
	switch 1 2
}

# Matching both ways with the same bits: one mask for the two flows.
eight_hosts_flows() {
	local mac_mask=ff:ff:ff:ff:ff:ff
	flows <<-END
		in_port(1),eth(src=$h1_mac/$mac_mask,dst=$h2_mac/$mac_mask),eth_type(0x800),ipv4(dst=1.2.3.0/255.255.255.248) 2
		in_port(2),eth(src=$h2_mac/$mac_mask,dst=$h1_mac/$mac_mask),eth_type(0x800),ipv4(dst=1.2.3.8/255.255.255.248) 1
	END
}

test_eight_hosts() {
	local i
	eight_hosts
	eight_hosts_flows
	for i in {0..7}; do
		pings h1 2 1.2.3.$i
	done
	expect_shown flows 2 lookups "hit:32 missed:0 lost:0" masks "hit:32 total:1 hit/pkt:1.00"
	expect_counts 'in_port\(1\).*ipv4\(dst=1.2.3.0/255.255.255.248\)' "16 1568" \
		'in_port\(2\).*ipv4\(dst=1.2.3.8/255.255.255.248\)' "16 1568"

	no_pings h1 1.2.3.16
	expect_shown flows 2 lookups "hit:32 missed:2 lost:2" masks "hit:34 total:1 hit/pkt:1.00"
}

# expect_masks N WHAT
expect_masks() {
	note "masks: $1 $2"
	expect_shown masks "hit:0 total:$1 hit/pkt:0.00"
}

test_mask_count() {
	local i
	eight_hosts
	for i in 1 2 3; do
		flow "in_port(1),eth(),eth_type(0x800),ipv4(dst=10.0.$i.0/255.255.255.0)" 2
		expect_masks 1 "after $i flows of one mask"
	done
	for i in 17 18; do
		flow "in_port(1),eth(),eth_type(0x800),ipv4(dst=$i.0.0.0/$(prefix $i))" 2
	done
	expect_masks 3 "after two more"
	expect_shown flows 5
	# What overlaps an installed flow is refused and leaves no mask behind.
	expect_error "File exists" dpctl add-flow "in_port(1),eth(),eth_type(0x800),ipv4(dst=17.0.0.0/$(prefix 20))" 2
	expect_masks 3 "after a refused flow"
	for i in 1 2 3; do
		expect_masks 3 "while flows of the first are left"
		dpctl del-flow "in_port(1),eth(),eth_type(0x800),ipv4(dst=10.0.$i.0/255.255.255.0)"
	done
	expect_masks 2 "after the last flow of one"
	dpctl del-flows
	expect_masks 0 "without flows"
}

# prefix LENGTH: as a dotted mask.
prefix() {
	local bits=$((0xffffffff << (32 - $1) & 0xffffffff))
	echo "$((bits >> 24)).$((bits >> 16 & 255)).$((bits >> 8 & 255)).$((bits & 255))"
}

test_mask_cache_off() {
	eight_hosts
	dpctl cache-set-size dp masks-cache 0
	eight_hosts_flows
	# Two masks more, which no packet of this test fits.
	flows <<-END
		in_port(1),eth(),eth_type(0x800),ipv4(dst=10.0.0.0/255.0.0.0) 2
		in_port(1),eth(),eth_type(0x800),ipv4(dst=11.0.0.0/255.255.0.0) 2
	END
	pings h1 10 1.2.3.5
	expect_shown lookups "hit:20 missed:0 lost:0" masks 'hit:[2-6]0 total:3 .*'
	no_pings h1 1.2.3.16
	expect_shown lookups "hit:20 missed:2 lost:2"
	expect_no_match "$(dpctl show)" "  cache: hit:[1-9]" "show"
}

test_random_masks() {
	host_add 1
	client 02_megaflow.py random_masks
}
