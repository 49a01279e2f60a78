# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# OpenFlow rules, as far as the datapath carries them out, on a bridge br0 with hosts 1 to 4.
#
# test forward: priorities, tables, drops; OpenFlow counts what the datapath counted
# test change_rules: changed rules change the flows of running traffic
# test rewrite: rules that change addresses, ports, TOS and TTL
# test tags: rules that push, change and pop VLAN tags and MPLS labels
# test group: select groups spread connections, all groups copy
# test learn: rules that learn rules
# test controller: packets to the controller and back
# test ttl: dec_ttl ends packets, and tells the controller
# test truncate: output of the first bytes only
# test big_packets: check_pkt_larger tells long packets from short
# test meters: meters drop what exceeds them, and count
# test queues: set_queue and a port's QoS
# test fail_modes: without a controller a secure bridge does nothing, a standalone one learns

test_forward() {
	bridge br0 1 2 3
	hosts_know 1 2
	rules br0 <<-END
		table=0 priority=100 in_port=1,icmp actions=load:7->NXM_NX_REG1[],resubmit(,5)
		table=0 priority=100 in_port=2,icmp actions=resubmit(,5)
		table=5 cookie=5 priority=10 reg1=7 actions=2
		table=5 cookie=6 priority=9 actions=1
		table=0 cookie=7 priority=0 actions=drop
	END
	pings h1 5 10.0.0.2
	expect_rule_packets br0 cookie=5/-1 5
	expect_rule_packets br0 cookie=6/-1 5
	deliver <<-'END'
		1: 2
		3: all
	END
	expect_rule_packets br0 cookie=7/-1 6
	expect_flows 'in_port\(p1\).*ipv4\(proto=1,.*actions:p2'
	expect_flows 'in_port\(p[13]\).*actions:drop' 2
	megaflows | observe "flows of three rules"
	expect_equal "$(received 3)" "0 0" "packets at h3"
}

test_change_rules() {
	local number
	bridge br0 1 2 3
	rules br0 <<< 'in_port=1 actions=2'
	deliver <<< '1: all 2:'
	expect_flows 'in_port\(p1\).*actions:p2' 1
	for number in 3 2 '2,3' drop 2; do
		note "h1's packets go to $number"
		ofctl mod-flows br0 "in_port=1 actions=$number"
		settle
		expect_flows 'in_port\(p1\)' 1
		case $number in
		2)	deliver <<< '1: all 2:' ;;
		3)	deliver <<< '1: all 3:' ;;
		2,3)	deliver <<< '1: all 2: 3:' ;;
		drop)	deliver <<< '1: all' ;;
		esac
	done
	expect_rule_packets br0 in_port=1 18
	# A rule that looks at more makes the flow narrower.
	ofctl add-flow br0 'priority=40000,in_port=1,udp,tp_dst=2000 actions=3'
	settle
	deliver <<< '1: all 3:'
	expect_flows 'in_port\(p1\).*udp\(dst=2000\).*actions:p3' 1
	expect_no_match "$(megaflows)" 'in_port\(p1\).*actions:p2' "the wide flow"
	# Without rules there is nothing left of them.
	ofctl del-flows br0
	settle
	deliver <<< '1: all'
	expect_no_match "$(megaflows 'in_port\(p1\)')" 'actions:p' "flows after all rules went"
}

test_rewrite() {
	local change
	bridge br0 1 2
	while read -r change actions; do
		rules br0 <<< "in_port=1,tcp actions=$actions,2"
		traffic arrives 1 2 "$change"
	done <<-'END'
		dl_src=02:00:00:00:00:77 mod_dl_src:02:00:00:00:00:77
		dl_dst=02:00:00:00:00:78 mod_dl_dst:02:00:00:00:00:78
		nw_src=10.9.9.9 mod_nw_src:10.9.9.9
		nw_dst=10.9.9.8 mod_nw_dst:10.9.9.8
		tp_dst=8080 mod_tp_dst:8080
		tos=184 mod_nw_tos:184
		ttl=63 dec_ttl
		ttl=12 mod_nw_ttl:12
	END
	rules br0 <<-'END'
		in_port=1,tcp actions=mod_dl_dst:02:00:00:00:00:79,mod_nw_dst:10.9.9.7,mod_tp_dst:81,dec_ttl,2
	END
	traffic arrives 1 2 dl_dst=02:00:00:00:00:79,nw_dst=10.9.9.7,tp_dst=81,ttl=63
	megaflows 'in_port\(p1\)' | observe "a flow that rewrites"
}

test_tags() {
	bridge br0 1 2 3
	rules br0 <<-'END'
		in_port=1 actions=push_vlan:0x8100,set_field:4106->vlan_vid,2
		in_port=2,dl_vlan=5 actions=set_field:4102->vlan_vid,1
		in_port=2,dl_vlan=7 actions=pop_vlan,1
		in_port=3 actions=push_vlan:0x88a8,set_field:4396->vlan_vid,2
	END
	deliver <<-'END'
		1: all 2:c10
		2:c5 all 1:c6
		2:c7 all 1:
		3:c10 all 2:s300,c10
	END
	# A label that the next table takes off again.
	rules br0 <<-'END'
		table=0 in_port=1,ip actions=push_mpls:0x8847,set_field:1234->mpls_label,3
		table=0 in_port=3,dl_type=0x8847 actions=pop_mpls:0x0800,resubmit(,1)
		table=0 in_port=2,ip actions=push_mpls:0x8847,set_field:99->mpls_label,resubmit(,2)
		table=1 ip actions=2
		table=2 dl_type=0x8847,mpls_label=99 actions=pop_mpls:0x0800,1
	END
	traffic labelled 1 3 1234
	traffic unlabelled 3 2 1234
	deliver <<< '2: all 1:'
	megaflows mpls | observe "flows with labels"
}

test_group() {
	bridge br0 1 2 3 4
	ofctl -O OpenFlow15 add-group br0 group_id=1,type=all,bucket=output:2,bucket=output:3
	rules br0 <<< 'in_port=1 actions=group:1'
	deliver <<< '1: all 2: 3:'
	ofctl -O OpenFlow15 mod-group br0 \
		"group_id=1,type=select,selection_method=hash,fields(udp_src),bucket=output:2,bucket=output:3"
	settle
	traffic spread 1 64 2 3
	# Hashed by the datapath.
	ofctl -O OpenFlow15 mod-group br0 \
		group_id=1,type=select,selection_method=dp_hash,bucket=output:2,bucket=output:3,bucket=output:4
	settle
	traffic spread 1 64 2 3 4
	expect_flows 'hash\(.*recirc\('
	expect_flows 'dp_hash\('
	megaflows 'hash\(' | grep -v 'recirc_id(0x' | sed -E 's/recirc\([^)]*\)/recirc(N)/' | observe "hash and recirculation"
	ofctl -O OpenFlow15 mod-group br0 group_id=1,type=indirect,bucket=output:4
	settle
	deliver <<< '1: all 4:'
}

test_learn() {
	bridge br0 1 2
	rules br0 <<-'END'
		table=0 actions=learn(table=1,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),resubmit(,1)
		table=1 priority=0 actions=flood
	END
	pings h1 3 10.0.0.2
	expect_equal "$(ofctl dump-flows br0 table=1 | grep -c 'dl_dst=02:00:00:00:00:0[12]')" 2 "learned rules"
	settle
	deliver <<-'END'
		1: 2 2:
		2: 1 1:
	END
}

# hears_controller BRIDGE: a controller that listens. Its log is in the test's directory.
hears_controller() {
	rm -f "$scratch/monitor.log"
	ofctl -P nxt_packet_in monitor "$1" 65534 invalid_ttl --detach --no-chdir --pidfile="$scratch/monitor.pid" \
		2> "$scratch/monitor.log"
	on_exit kill "$(cat "$scratch/monitor.pid")"
}

heard() {
	(($(grep -c "$1" "$scratch/monitor.log") == $2))
}

test_controller() {
	bridge br0 1 2
	rules br0 <<-'END'
		in_port=1 actions=controller(max_len=128)
		in_port=2 actions=controller,1
	END
	hears_controller br0
	deliver <<-'END'
		1: all
		2: all 1:
	END
	busywait 20 heard 'PACKET_IN.*in_port=1 ' 3 || fail "the controller has not got 3 packets: $(< "$scratch/monitor.log")"
	busywait 20 heard 'PACKET_IN.*in_port=2 ' 3 || fail "the controller has not got 3 more: $(< "$scratch/monitor.log")"
	megaflows 'in_port\(p' | observe "flows to the controller"
	traffic packet_out 2
	# A policer, which is a meter of the datapath.
	expect_rule_packets br0 in_port=1 3
}

test_ttl() {
	bridge br0 1 2
	hosts_know 1 2
	rules br0 <<-'END'
		in_port=1,ip actions=dec_ttl,2
		in_port=2,ip actions=1
	END
	hears_controller br0
	pings h1 2 10.0.0.2 -t 2
	no_pings h1 10.0.0.2 -t 1
	busywait 20 heard 'PACKET_IN.*invalid_ttl' 2 || fail "the controller has not heard of 2 dead packets: $(< "$scratch/monitor.log")"
}

test_truncate() {
	bridge br0 1 2 3
	rules br0 <<< 'in_port=1 actions=output(port=2,max_len=50),3'
	traffic truncated 1 2 50 3
	megaflows 'in_port\(p1\)' | observe "a flow that truncates"
}

test_big_packets() {
	bridge br0 1 2 3
	hosts_know 1 2 3
	rules br0 <<-'END'
		table=0 in_port=1 actions=check_pkt_larger(500)->NXM_NX_REG0[0],resubmit(,1)
		table=0 priority=1 actions=normal
		table=1 reg0=0/1 actions=2
		table=1 reg0=1/1 actions=3
	END
	traffic sized 1 2 100 400 500
	traffic sized 1 3 501 900 1400
	expect_flows 'check_pkt_len\(size=500' 1
	megaflows 'check_pkt_len' | observe "a flow that looks at the length"
}

test_meters() {
	local counts
	bridge br0 1 2
	ofctl -O OpenFlow13 meter-features br0 | observe "what meters can do"
	ofctl -O OpenFlow13 add-meter br0 meter=1,pktps,burst,stats,band=type=drop,rate=1,burst_size=5
	ofctl -O OpenFlow13 add-meter br0 meter=2,kbps,burst,stats,band=type=drop,rate=1000000,burst_size=1000000
	ofctl -O OpenFlow13 add-flow br0 in_port=1,actions=meter:1,2
	ofctl -O OpenFlow13 add-flow br0 in_port=2,actions=meter:2,1
	ofctl del-flows --strict br0 priority=0
	settle
	traffic metered 1 2 60 5 25
	deliver <<< '2: all 1:'
	settle
	counts=$(ofctl -O OpenFlow13 meter-stats br0)
	note "$counts"
	expect_match "$counts" 'meter:1 flow_count:1 packet_in_count:60 ' "meter 1"
	expect_match "$counts" 'meter:2 flow_count:1 packet_in_count:3 ' "meter 2"
	expect_match "$(megaflows 'in_port\(p1\)')" 'actions:meter\([0-9]+\),p2' "the metered flow"
	ofctl -O OpenFlow13 mod-meter br0 meter=1,pktps,burst,stats,band=type=drop,rate=100000,burst_size=100000
	traffic metered 1 2 60 60 60
	ofctl -O OpenFlow13 dump-meters br0 | observe "meters"
	ofctl -O OpenFlow13 del-meter br0 meter=1
	settle
	expect_no_match "$(megaflows)" 'in_port\(p1\).*meter' "flows with a deleted meter"
	expect_equal "$(ofctl -O OpenFlow13 dump-meters br0 | grep -c 'meter=')" 1 "meters left"
}

test_queues() {
	local rates="linux-htb other-config:max-rate=100000000"
	bridge br0 1 2
	# shellcheck disable=SC2086  # words
	vsctl set port p2 qos=@q -- --id=@q create qos type=$rates queues:1=@a queues:2=@b -- \
		--id=@a create queue other-config:max-rate=50000000 -- \
		--id=@b create queue other-config:max-rate=50000000
	rules br0 <<-'END'
		in_port=1,udp actions=set_queue:2,2
		in_port=1,tcp actions=set_queue:1,2
		in_port=2 actions=1
	END
	deliver <<< '1: all 2:'
	expect_match "$(megaflows 'in_port\(p1\)')" 'actions:set\(.*skb_priority\(0x10003\)\),p2|actions:set\(skb_priority\(0x10003\)\),p2' "the flow"
	traffic arrives 1 2 tos=0
	megaflows 'in_port\(p1\)' | observe "flows with queues"
	if [[ $driver == kernel ]]; then
		expect_equal "$(class_packets 1:3)" 3 "packets of queue 2"
		expect_equal "$(class_packets 1:2)" 3 "packets of queue 1"
		expect_match "$(ofctl queue-stats br0 p2 2)" 'pkts=3,' "what OpenFlow says of queue 2"
	fi
	change clear port p2 qos
	deliver <<< '1: all 2:'
}

class_packets() {
	tc -s class show dev p2 classid "$1" | sed -nE 's/.* ([0-9]+) pkt .*/\1/p'
}

test_fail_modes() {
	bridge br0 1 2
	change set-fail-mode br0 secure -- set-controller br0 "unix:$scratch/no.controller" -- \
		set controller br0 inactivity_probe=1000 max_backoff=1000
	ofctl del-flows br0
	settle
	deliver <<< '1: all'
	ofctl add-flow br0 actions=normal
	settle
	deliver <<< '1: all 2:'
	change set-fail-mode br0 standalone
	ofctl del-flows br0
	busywait 60 delivers '1: all 2:' || fail "a standalone bridge doesn't learn"
	change del-controller br0
	deliver <<< '1: 2 2:'
}
