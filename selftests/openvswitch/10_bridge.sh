# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Bridges and what comes in and goes out by their ports, without a rule of OpenFlow.
#
#   h1 eth0 10.0.0.1 ---- p1              p2 ---- eth0 10.0.0.2 h2
#                              br0
#   h3 eth0 10.0.0.3 ---- p3              p4 ---- eth0 10.0.0.4 h4
#
# test add_del: a bridge, its ports, its datapath come, change their numbers, and go
# test normal: NORMAL learns where hosts are, and floods what it doesn't know
# test local_port: the bridge's own device and an internal port are hosts like others
# test device_gone: a port whose device is deleted and made again works again
# test patch: two bridges joined by patch ports are one datapath
# test vlan: access ports, trunks, native VLANs tagged and untagged
# test qinq: a tunnel of 802.1ad around the customers' tags
# test mirror: mirrors copy what they select, to a port or to a VLAN
# test mcast_snooping: multicast goes where it was asked for
# test spanning_tree: a loop of two bridges is cut, and mended when a link fails

test_add_del() {
	bridge br0 1 2
	expect_equal "$(dpctl dump-dps)" "system@$DATAPATH" "datapaths"
	expect_match "$(dpctl show)" "port 0: $DATAPATH \(internal\)" "show"
	expect_match "$(dpctl show)" "port [0-9]+: br0 \(internal\)" "show"
	dpctl show | grep -vE 'hit|lookups|flows' | observe "dpctl show"
	expect_equal "$(vsctl get interface p2 ofport)" 2 "OpenFlow's number of p2"
	appctl dpif/show-dp-features br0 | observe "features"
	appctl dpif/show | sed -E 's/(hit|missed):[0-9]+/\1/g' | observe "dpif/show"
	vsctl del-port p2
	expect_no_match "$(dpctl show)" " p2$" "show"
	vsctl add-port br0 p2 -- set interface p2 ofport_request=7
	expect_equal "$(vsctl get interface p2 ofport)" 7 "OpenFlow's number of p2"
	pings h1 3 10.0.0.2
	vsctl add-br br1
	vsctl add-port br1 i1 -- set interface i1 type=internal
	change set interface i1 mtu_request=1400
	expect_equal "$(cat /sys/class/net/i1/mtu)" 1400 "MTU of i1"
	vsctl del-br br1
	[[ ! -e /sys/class/net/i1 && ! -e /sys/class/net/br1 ]] || fail "br1's devices are still there"
	pings h1 3 10.0.0.2
	vsctl del-br br0
	expect_equal "$(dpctl dump-dps)" "" "datapaths"
}

# learned BRIDGE: "PORT VLAN ADDRESS" lines.
learned() {
	appctl fdb/show "$1" | awk 'NR > 1 && $1 ~ /^[0-9]+$/ { print $1, $2, $3 }' | sort
}

test_normal() {
	bridge br0 1 2 3
	pings h1 5 10.0.0.2
	expect_equal "$(learned br0)" "1 0 02:00:00:00:00:01
2 0 02:00:00:00:00:02" "what was learned"
	# h3 has seen the question for the address, and nothing else: not the pings.
	expect_equal "$(received 3)" "1 42" "packets at h3"
	expect_flows 'in_port\(.*eth_type\(0x0800\)' 2
	megaflows | observe "flows of a ping"
	appctl dpif/dump-flows br0 | sed -E 's/, packets:.*, actions:/ actions:/' | sort | observe "as dpif/dump-flows shows them"
	settle
	expect_equal "$(ofctl dump-ports br0 p1 | sed -nE 's/.*rx pkts=([0-9]+), bytes=([0-9]+), drop=0.*/\1 \2/p')" \
		"$(sent 1)" "OpenFlow's counters of p1"
	appctl fdb/flush br0
	settle
	expect_equal "$(learned br0)" "" "what is known after a flush"
	deliver <<-'END'
		3: 2 1: 2:
		2: 3 3:
		settle
		3: 2 2:
		1: all 2: 3:
	END
}

test_local_port() {
	bridge br0 1
	vsctl add-port br0 i1 -- set interface i1 type=internal
	ip -batch - <<-END
		address add 10.0.0.100/24 dev br0
		link set br0 up
		netns add h9
		link set i1 netns h9
	END
	ip -n h9 -batch - <<-END
		address add 10.0.0.9/24 dev i1
		link set i1 up
	END
	pings h1 5 10.0.0.100
	pings h1 5 10.0.0.9
	pings h9 5 10.0.0.1
	pings h9 5 10.0.0.100
	vsctl del-port i1
	pings h1 2 10.0.0.100
}

test_device_gone() {
	local round
	bridge br0 1 2
	pings h1 2 10.0.0.2
	for round in 1 2 3; do
		note "round $round"
		ip link delete p2
		ip netns delete h2
		busywait 20 no_vport p2 || fail "p2 is still a port of the datapath"
		no_pings h1 10.0.0.2
		host_add 2 10.0.0.2/24
		busywait 20 has_vport p2 || fail "p2 doesn't come back"
		pings h1 2 10.0.0.2
	done
}

no_vport() {
	! has_vport "$1"
}

has_vport() {
	dpctl show "$DATAPATH" | grep -q ": $1\$"
}

test_patch() {
	bridge br0 1 2
	bridge br1 3 4
	deliver <<< '1: all 2:'
	vsctl add-port br0 to1 -- set interface to1 type=patch options:peer=to0 -- \
		add-port br1 to0 -- set interface to0 type=patch options:peer=to1
	expect_no_match "$(dpctl show)" "to[01]" "the datapath's ports"
	deliver <<-'END'
		1: all 2: 3: 4:
		3: all 1: 2: 4:
		1: 3 3:
	END
	pings h2 5 10.0.0.4
	megaflows 'eth_type\(0x0800\)' | observe "flows through the patch"
	vsctl del-port to1
	settle
	deliver <<< '1: all 2:'
	no_pings h2 10.0.0.4
}

test_vlan() {
	bridge br0 1 2 3 4
	change set port p1 tag=10 -- set port p2 tag=10 -- set port p3 tag=20 -- set port p4 trunks=10,30
	deliver <<-'END'
		1: all 2: 4:c10
		3: all
		4:c10 all 1: 2:
		4:c20 all
		4:c10 1 1:
		2: 4 4:c10
		1:c10 all
	END
	megaflows vlan | observe "flows with VLANs"
	change clear port p4 trunks
	deliver <<-'END'
		4:c20 all 3:
		3: 4 4:c20
	END
	change set port p4 vlan_mode=native-untagged tag=20
	deliver <<-'END'
		4: all 3:
		3: 4 4:
		1: all 2: 4:c10
	END
	change set port p4 vlan_mode=native-tagged
	deliver <<-'END'
		3: 4 4:c20
		4:c20 3 3:
	END
	change set port p3 vlan_mode=access tag=10
	deliver <<< '3: all 1: 2: 4:c10'
}

test_qinq() {
	vsctl set open_vswitch . other_config:vlan-limit=2
	bridge br0 1 2 3
	change set port p1 vlan_mode=dot1q-tunnel tag=100 -- \
		set port p2 vlan_mode=dot1q-tunnel tag=100 cvlans=7,8 -- set port p3 trunks=100
	deliver <<-'END'
		1: all 3:s100
		1:c7 all 2:c7 3:s100,c7
		1:c9 all 3:s100,c9
		3:s100,c8 all 1:c8 2:c8
		2:c7 1 1:c7
	END
	megaflows vlan | observe "flows with two VLANs"
}

# mirrored ARG...: as vsctl; flows that are there already don't follow a mirror.
mirrored() {
	vsctl "$@"
	appctl revalidator/purge
}

test_mirror() {
	bridge br0 1 2 3 4
	hosts_know 1 2 3
	mirrored -- --id=@out get port p4 -- --id=@m create mirror name=m select-all=true output-port=@out -- \
		set bridge br0 mirrors=@m
	deliver <<-'END'
		1: 2 2: 3: 4:
		2: 1 1: 4:
		settle
		1: 2 2: 4:
	END
	# What arrives at the mirror's port goes nowhere.
	deliver <<< '4: all'
	mirrored -- --id=@p get port p2 -- set mirror m select-all=false select-dst-port=@p
	deliver <<-'END'
		1: 2 2: 4:
		2: 1 1:
	END
	busywait 20 mirror_counts 12 || fail "the mirror counts $(vsctl get mirror m statistics), wanted 12 packets"
	mirrored clear bridge br0 mirrors
	deliver <<< '1: 2 2:'
	# In a VLAN of its own.
	mirrored -- --id=@p get port p1 -- --id=@m create mirror name=m select-src-port=@p output-vlan=99 -- \
		set bridge br0 mirrors=@m flood_vlans=99 -- \
		set port p1 tag=1 -- set port p2 tag=1 -- set port p3 tag=99 -- set port p4 trunks=99
	deliver <<< '1: 2 2: 3: 4:c99'
}

mirror_counts() {
	[[ $(vsctl get mirror m statistics:tx_packets) == "$1" ]]
}

test_mcast_snooping() {
	bridge br0 1 2 3 4
	change set bridge br0 mcast_snooping_enable=true other_config:mcast-snooping-disable-flood-unregistered=true
	deliver <<< '1: 239.1.2.3'
	traffic igmp 2 join 239.1.2.3
	busywait 10 group_has 1 || fail "nobody joined: $(appctl mdb/show br0)"
	deliver <<-'END'
		1: 239.1.2.3 2:
		1: 239.1.2.4
	END
	traffic igmp 3 join 239.1.2.3
	busywait 10 group_has 2 || fail "h3 has not joined: $(appctl mdb/show br0)"
	deliver <<< '1: 239.1.2.3 2: 3:'
	# All hosts get what is for all of them.
	deliver <<< '1: 224.0.0.1 2: 3: 4:'
	traffic igmp 2 leave 239.1.2.3
	busywait 10 group_has 1 || fail "h2 has not left: $(appctl mdb/show br0)"
	deliver <<< '1: 239.1.2.3 3:'
	appctl mdb/flush br0
	deliver <<< '1: 239.1.2.3'
	change set bridge br0 mcast_snooping_enable=false
	deliver <<< '1: 239.1.2.3 2: 3: 4:'
}

group_has() {
	(($(appctl mdb/show br0 | grep -c 239.1.2.3) == $1))
}

test_spanning_tree() {
	local n
	bridge br0 1
	bridge br1 2
	for n in 5 6; do
		ip link add "p$n" type veth peer name "q$n"
		ip link set "p$n" up
		ip link set "q$n" up
	done
	vsctl set bridge br0 rstp_enable=true other_config:rstp-priority=4096 -- set bridge br1 rstp_enable=true -- \
		add-port br0 p5 -- add-port br0 p6 -- add-port br1 q5 -- add-port br1 q6
	busywait 40 tree_forwards || fail "no tree: $(appctl rstp/show)"
	deliver <<-'END'
		1: all 2:
		2: 1 1:
	END
	expect_equal "$(appctl rstp/show br1 | grep -cE ' (Discarding|Alternate) ')" 1 "ports that are cut off"
	ip link set p5 down
	busywait 40 delivers '1: all 2:' || fail "the tree doesn't mend: $(appctl rstp/show)"
	ip link set p5 up
	busywait 40 tree_forwards || fail "no tree any more: $(appctl rstp/show)"
	deliver <<< '1: all 2:'
}

tree_forwards() {
	(($(appctl rstp/show br1 | grep -cE ' Forwarding ') == 2)) && (($(appctl rstp/show br0 | grep -cE ' Forwarding ') == 3))
}
