# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Bonds of two links between two bridges of one datapath.
#
#   h1 eth0 ---- p1  br0  bond0 {a1, a2} ==== {b1, b2}  br1  p2 ---- eth0 h2
#
# test bond_active_backup: one link carries all, the other takes over when it fails
# test bond_slb: balance-slb spreads by address; a switch that knows of no bond gets nothing twice
# test bond_tcp: balance-tcp spreads connections, negotiated by LACP, with recirculation
# test lacp_lost: a bond whose partner stops to answer is disabled, and comes back

# links MODE_OF_BR0 [SETTING...]: br1 is a plain switch, unless it has a bond of its own.
bonded() {
	local n
	bridge br0 1
	bridge br1 2
	for n in 1 2; do
		ip link add "a$n" type veth peer name "b$n"
		ip link set "a$n" up
		ip link set "b$n" up
	done
	vsctl add-bond br0 bond0 a1 a2 -- set port bond0 "$@"
}

member_is_active() {
	[[ $(appctl bond/show bond0) =~ member\ $1:\ enabled[[:space:]]+active\ member ]]
}

members_enabled() {
	(($(appctl bond/show "$1" | grep -c '^member .*: enabled') == $2))
}

carried() {
	cat "/sys/class/net/$1/statistics/tx_packets" 2> /dev/null
}

# spreads COUNT KIND: frames of host 1 that differ in KIND take both links: at once or, when one link was
# up before the other and has got them all, after some rounds in which Open vSwitch balances by load.
spreads() {
	local round first second
	for ((round = 1; round <= 10; round++)); do
		spread_begins
		traffic many 1 2 "$1" "$2"
		first=$(($(carried a1) - before1)) second=$(($(carried a2) - before2))
		note "a1 carried $first, a2 $second"
		((first * 8 < $1 || second * 8 < $1)) || return 0
		sleep 1
	done
	fail "a1 carried $first frames, a2 $second"
}

spread_begins() {
	before1=$(carried a1) before2=$(carried a2)
}

test_bond_active_backup() {
	local round
	bonded bond_mode=active-backup other_config:bond-primary=a1
	vsctl add-port br1 b1 -- add-port br1 b2
	busywait 20 member_is_active a1 || fail "a1 is not active: $(appctl bond/show bond0)"
	pings h1 5 10.0.0.2
	spread_begins
	traffic many 1 2 20 ports
	(($(carried a1) - before1 >= 60 && $(carried a2) - before2 <= 5)) ||
		fail "a1 carried $(($(carried a1) - before1)), a2 $(($(carried a2) - before2)) of 60 frames"
	for round in 1 2; do
		note "round $round"
		ip link set b1 down
		busywait 20 member_is_active a2 || fail "a2 doesn't take over: $(appctl bond/show bond0)"
		busywait 20 in_host h1 ping -q -n -c 1 -W 1 10.0.0.2 || fail "no answer by a2"
		settle
		pings h1 5 10.0.0.2
		ip link set b1 up
		busywait 20 member_is_active a1 || fail "a1 doesn't come back: $(appctl bond/show bond0)"
		busywait 20 in_host h1 ping -q -n -c 1 -W 1 10.0.0.2 || fail "no answer by a1"
		settle
		pings h1 5 10.0.0.2
	done
}

test_bond_slb() {
	bonded bond_mode=balance-slb other_config:bond-rebalance-interval=1000
	vsctl add-port br1 b1 -- add-port br1 b2
	busywait 20 members_enabled bond0 2 || fail "$(appctl bond/show bond0)"
	pings h1 5 10.0.0.2
	spreads 32 macs
	deliver <<-'END'
		1: all 2:
		2: all 1:
	END
	ip link set a2 down
	busywait 20 members_enabled bond0 1 || fail "$(appctl bond/show bond0)"
	settle
	traffic many 1 2 32 macs
}

# By LACP both ends agree. Recirculated packets are spread by a hash of the datapath.
bonded_tcp() {
	bonded bond_mode=balance-tcp lacp=active other_config:lacp-time=fast other_config:bond-rebalance-interval=1000
	vsctl add-bond br1 bond1 b1 b2 -- set port bond1 bond_mode=balance-tcp lacp=active other_config:lacp-time=fast
	busywait 40 both_negotiated || fail "no LACP: $(appctl lacp/show; appctl bond/show)"
}

both_negotiated() {
	members_enabled bond0 2 && members_enabled bond1 2 && [[ $(appctl bond/show bond0) =~ lacp_status:\ negotiated ]] &&
		[[ $(appctl bond/show bond1) =~ lacp_status:\ negotiated ]]
}

test_bond_tcp() {
	bonded_tcp
	pings h1 5 10.0.0.2
	settle
	spreads 96 ports
	expect_flows 'actions:hash\(l4\(0\)\),recirc\('
	expect_flows 'recirc_id\(0x[0-9a-f]+\),dp_hash\(.*actions:a[12]'
	# A link that fails leaves the other with everything.
	ip link set a1 down
	busywait 20 members_enabled bond0 1 || fail "$(appctl bond/show bond0)"
	busywait 20 members_enabled bond1 1 || fail "$(appctl bond/show bond1)"
	settle
	traffic many 1 2 96 ports
	ip link set a1 up
	busywait 40 both_negotiated || fail "no LACP: $(appctl lacp/show; appctl bond/show)"
	settle
	traffic many 1 2 96 ports
}

test_lacp_lost() {
	bonded_tcp
	pings h1 2 10.0.0.2
	vsctl set port bond1 lacp=off bond_mode=balance-slb
	busywait 40 members_enabled bond0 0 || fail "the bond is still up: $(appctl lacp/show bond0)"
	no_pings h1 10.0.0.2
	vsctl set port bond1 lacp=active bond_mode=balance-tcp
	busywait 40 both_negotiated || fail "no LACP: $(appctl lacp/show; appctl bond/show)"
	settle
	pings h1 5 10.0.0.2
}
