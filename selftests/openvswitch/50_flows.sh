# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# How Open vSwitch keeps the datapath's flows, and its commands about them.
#
# test trace: ofproto/trace foretells what the datapath then does
# test dpctl: the dpctl/* commands, on flows and on datapaths
# test upcalls: upcall/show; megaflows and flow ids switched off and on
# test aging: flows that no packet uses go, those in use stay
# test counters: OpenFlow's counters are the datapath's, through changes of rules
# test flow_limit: more connections than flows may be; none is lost
# test many_flows: a thousand flows made by misses, and looked at again and again
# test ports_many: a hundred ports

test_trace() {
	local trace
	bridge br0 1 2 3
	rules br0 <<-'END'
		table=0 in_port=1,udp actions=mod_nw_tos:32,resubmit(,1)
		table=1 udp,tp_dst=2000 actions=push_vlan:0x8100,set_field:4196->vlan_vid,3
		table=1 udp actions=2
	END
	trace=$(appctl ofproto/trace br0 \
		in_port=p1,udp,dl_src=02:00:00:00:00:01,dl_dst=ff:ff:ff:ff:ff:ff,nw_src=10.0.0.1,nw_dst=10.0.0.255,nw_ttl=64,udp_src=1000,udp_dst=2000)
	expect_match "$trace" 'Datapath actions: set\(ipv4\(tos=0x20/0xfc\)\),push_vlan\(vid=100,pcp=0\),[0-9]+' "trace"
	sed -E 's/bridge.*//' <<< "$trace" | observe "ofproto/trace"
	traffic tagged_tos 1 3 100 32
	# Of the flow that this made, by its name in the datapath.
	trace=$(appctl ofproto/trace "$DATAPATH" "in_port($(dp_port p1)),eth(src=02:00:00:00:00:01,dst=ff:ff:ff:ff:ff:ff),eth_type(0x800),ipv4(src=10.0.0.1,dst=10.0.0.255,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=9)")
	expect_match "$trace" "Datapath actions: set\\(ipv4\\(tos=0x20/0xfc\\)\\),$(dp_port p2)\$" "trace of a datapath's flow"
}

# dp_port NAME: its number in the datapath.
dp_port() {
	dpctl show "$DATAPATH" | sed -nE "s/^ *port ([0-9]+): $1( .*)?\$/\\1/p"
}

test_dpctl() {
	local match="in_port(1),eth(),eth_type(0x88b5)" ufid dump
	bridge br0 1 2
	rules br0 <<< 'actions=drop'
	expect_equal "$(appctl dpctl/dump-dps)" "system@$DATAPATH" "dpctl/dump-dps"
	appctl dpctl/show | grep -vE 'hit|lookups|flows:' | observe "dpctl/show"
	expect_error "exists" appctl dpctl/add-dp "system@$DATAPATH"
	appctl dpctl/cache-get-size | observe "dpctl/cache-get-size"
	appctl dpctl/cache-set-size "system@$DATAPATH" masks-cache 64
	expect_match "$(appctl dpctl/cache-get-size)" "masks-cache: 64|size: *64|size:64" "cache"
	expect_error "" appctl dpctl/cache-set-size "system@$DATAPATH" masks-cache 100000000
	appctl dpctl/cache-set-size "system@$DATAPATH" masks-cache 256
	appctl dpctl/ct-get-limits 2>&1 | observe "dpctl/ct-get-limits"
	# On a datapath of its own, so that Open vSwitch doesn't look after its flows.
	host_add 3
	host_add 4
	appctl dpctl/add-dp system@extra
	appctl dpctl/add-if system@extra p3 p4 e1,type=internal
	appctl dpctl/show system@extra | grep port | observe "dpctl/show of another datapath"
	appctl dpctl/set-if system@extra e1,type=internal
	appctl dpctl/add-flow system@extra "$match" 2
	traffic raw 3 4 10
	dump=$(appctl dpctl/dump-flows -m system@extra)
	expect_match "$dump" 'eth_type\(0x88b5\), packets:10, bytes:600, .*actions:p4' "dpctl/dump-flows"
	ufid=$(sed -nE 's/.*(ufid:[-0-9a-f]+).*0x88b5.*/\1/p' <<< "$dump")
	expect_match "$(appctl dpctl/get-flow system@extra "$ufid")" 'eth_type\(0x88b5\)' "dpctl/get-flow"
	appctl dpctl/mod-flow system@extra "$match" 1,2
	expect_match "$(appctl dpctl/get-flow system@extra "$ufid")" 'packets:10, .*actions:1,2|packets:10, .*actions:p3,p4' "after dpctl/mod-flow"
	expect_error "exists" appctl dpctl/add-flow system@extra "$match" 1
	expect_error "" appctl dpctl/add-flow system@extra "in_port(1),eth(),eth_type(0x88b6)" "push_vlan(vid=1"
	appctl dpctl/del-flow system@extra "$match"
	expect_error "No such file" appctl dpctl/get-flow system@extra "$ufid"
	appctl dpctl/add-flow system@extra "$match" 2
	appctl dpctl/del-flows system@extra
	expect_equal "$(appctl dpctl/dump-flows system@extra)" "" "after dpctl/del-flows"
	appctl dpctl/del-if system@extra e1 p3
	expect_equal "$(appctl dpctl/show system@extra | grep -c port)" 2 "ports left"
	appctl dpctl/del-dp system@extra
	expect_equal "$(appctl dpctl/dump-dps)" "system@$DATAPATH" "datapaths"
}

# upcall_number NAME: of upcall/show, as "current" of its flows.
upcall_flows() {
	appctl upcall/show | sed -nE 's/.*flows *: *\(current ([0-9]+)\).*/\1/p'
}

test_upcalls() {
	bridge br0 1 2
	hosts_know 1 2
	pings h1 2 10.0.0.2
	settle
	expect_equal "$(upcall_flows)" 2 "flows that Open vSwitch knows of"
	appctl upcall/show | sed -nE '/^[a-z]|ufid|offloaded|limit/s/[0-9]+/N/gp' | observe "upcall/show"
	expect_match "$(appctl upcall/show)" 'ufid enabled *: *true' "upcall/show"
	appctl upcall/disable-ufid
	settle
	deliver <<< '1: 2 2:'
	pings h1 2 10.0.0.2
	appctl upcall/enable-ufid
	settle
	# Without megaflows each connection has its own flow, which matches on all there is.
	appctl upcall/disable-megaflows
	settle
	traffic many 1 2 20 ports
	expect_flows 'udp\(src=1[0-9]{3},dst=2000\)' 20
	megaflows 'udp\(src=1007' | observe "a microflow"
	appctl upcall/enable-megaflows
	settle
	expect_no_match "$(megaflows)" 'udp\(' "microflows left"
	traffic many 1 2 20 ports
	expect_match "$(dpctl show "$DATAPATH")" 'lookups: hit:[0-9]+ missed:[0-9]+ lost:0' "lost upcalls"
}

no_flows() {
	! flows_are_there "$@"
}

test_aging() {
	vsctl set open_vswitch . other_config:max-idle=1500
	bridge br0 1 2 3
	hosts_know 1 2
	rules br0 <<-'END'
		in_port=1 actions=2
		in_port=2 actions=1
		in_port=3 actions=2
	END
	in_host h1 ping -q -n -i 0.3 10.0.0.2 > "$scratch/ping" 2>&1 &
	on_exit stop $!
	deliver <<< '3: all 2:'
	expect_flows 'in_port\(p3\)' 1
	expect_flows 'in_port\(p1\)' 1
	busywait 20 no_flows 'in_port\(p3\)' || fail "an unused flow stays"
	sleep 1
	flows_are_there 'in_port\(p1\)' 1 || fail "a flow in use went"
	dpctl dump-flows "$DATAPATH" | grep -E 'packets:[1-9]' > "$scratch/used" || fail "flows in use were made anew: $(dpctl dump-flows "$DATAPATH")"
	deliver <<< '3: all 2:'
	expect_rule_packets br0 in_port=3 6
}

test_counters() {
	local round
	bridge br0 1 2 3
	hosts_know 1 2
	rules br0 <<-'END'
		in_port=1 actions=2
		in_port=2 actions=1
	END
	for round in 1 2 3 4 5; do
		pings h1 7 10.0.0.2
		case $round in
		1)	ofctl add-flow br0 'priority=9,actions=drop' ;;
		2)	ofctl mod-flows br0 'in_port=1 actions=2,3' ;;
		3)	appctl dpctl/del-flows ;;
		4)	appctl revalidator/purge ;;
		esac
	done
	# Those that were in the datapath when its flows were deleted without Open vSwitch are not counted:
	# the datapath forgets them.
	settle
	round=$(rule_packets br0 in_port=2)
	((round >= 28 && round <= 35)) || fail "rule in_port=2 counts $round of 35"
	round=$(rule_packets br0 in_port=1)
	((round >= 28 && round <= 35)) || fail "rule in_port=1 counts $round of 35"
	ofctl dump-ports br0 p2 > "$scratch/ports"
	expect_match "$(< "$scratch/ports")" 'rx pkts=35, bytes=3430' "OpenFlow's counters of p2"
}

test_flow_limit() {
	bridge br0 1 2
	rules br0 <<-'END'
		priority=5,udp,tp_src=1 actions=drop
		priority=1 actions=flood
	END
	appctl upcall/set-flow-limit 50
	traffic many 1 2 150 ports
	busywait 30 flows_at_most 60 || fail "flows: $(upcall_flows)"
	traffic many 1 2 20 ports
	appctl upcall/set-flow-limit 200000
	expect_match "$(dpctl show "$DATAPATH")" 'lost:0' "lost upcalls"
}

flows_at_most() {
	(($(dpctl dump-flows "$DATAPATH" | wc -l) <= $1))
}

test_many_flows() {
	bridge br0 1 2
	ofctl add-flow br0 'priority=1,udp,tp_src=1 actions=drop'
	{
		seq 1000 1999 | sed 's/.*/priority=9,udp,in_port=1,tp_src=& actions=2/'
		echo 'priority=1 actions=drop'
	} | rules br0 2> /dev/null
	traffic many 1 2 1000 ports
	expect_flows 'udp\(src=1' 1000
	settle
	ofctl dump-flows br0 | sed -nE 's/.*n_packets=([0-9]+),.*tp_src=.*/\1/p' | sort -u > "$scratch/counts"
	expect_equal "$(< "$scratch/counts")" 3 "packets of each rule"
	ofctl mod-flows br0 'udp,in_port=1 actions=drop'
	settle
	expect_no_match "$(megaflows 'udp')" 'actions:p2' "flows of changed rules"
	deliver <<< '1: all'
}

test_ports_many() {
	local n arguments=() ports
	bridge br0 1 2
	for n in {1..100}; do
		arguments+=(-- add-port br0 "i$n" -- set interface "i$n" type=internal)
	done
	vsctl "${arguments[@]}"
	ports=$(dpctl show "$DATAPATH" | grep -c 'port [0-9]*: i[0-9]* (internal)')
	expect_equal "$ports" 100 "internal ports"
	deliver <<< '1: all 2:'
	expect_match "$(megaflows 'in_port\(p1\)')" '(,?(i[0-9]+|p2|br0)){102}' "a flood to all ports"
	vsctl del-br br0
	expect_no_match "$(ip -o link show)" ' i[0-9]+:' "devices left"
}
