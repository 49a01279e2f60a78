# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# The session that everyone starts with, and the other commands of ovs-dpctl.
#
#    h1                   the datapath                   h2
#   eth0 10.0.0.1 ------ p1   "myDP"   p2 ------ 10.0.0.2 eth0
#
# test talk_session: add-dp, add-if, show, add-flow, ping, dump-flows, del-flow, del-if, del-dp
# test show_form: show prints the form that tools parse, with types and statistics
# test flow_commands: add, get, mod, del of flows, one by one and from files
# test port_commands: add-if with a number, set-if, what becomes of the netdev
# test internal_port: an internal port is a device of this machine and carries traffic
# test datapath_commands: several datapaths, dump-dps, mask cache size

session_hosts() {
	host_add 1 10.0.0.1/24
	host_add 2 10.0.0.2/24
}

test_talk_session() {
	session_hosts
	dpctl add-dp myDP
	dpctl add-if myDP p1
	dpctl add-if myDP p2
	expect_equal "$(dpctl show)" "system@myDP:
  lookups: hit:0 missed:0 lost:0
  flows: 0
  masks: hit:0 total:0 hit/pkt:0.00
  caches:
    masks-cache: size:256
  port 0: myDP (internal)
  port 1: p1
  port 2: p2" "show before any traffic"

	flow "in_port(1),eth(),eth_type(0x806),arp()" 2
	flow "in_port(2),$ARP" 1
	flow "in_port(1),eth(),eth_type(0x800),ipv4(proto=1),icmp()" 2
	flow "in_port(2),eth(),eth_type(0x800),ipv4(proto=1),icmp()" 1
	expect_equal "$(dpctl dump-flows | sort)" "\
in_port(1),eth(),eth_type(0x0800),ipv4(proto=1), packets:0, bytes:0, used:never, actions:2
in_port(1),eth(),eth_type(0x0806), packets:0, bytes:0, used:never, actions:2
in_port(2),eth(),eth_type(0x0800),ipv4(proto=1), packets:0, bytes:0, used:never, actions:1
in_port(2),eth(),eth_type(0x0806), packets:0, bytes:0, used:never, actions:1" "flows before any traffic"

	pings h1 5 10.0.0.2
	expect_equal "$(dpctl dump-flows | sed -E 's/used:[0-9.]+s/used/' | sort)" "\
in_port(1),eth(),eth_type(0x0800),ipv4(proto=1), packets:5, bytes:490, used, actions:2
in_port(1),eth(),eth_type(0x0806), packets:1, bytes:42, used, actions:2
in_port(2),eth(),eth_type(0x0800),ipv4(proto=1), packets:5, bytes:490, used, actions:1
in_port(2),eth(),eth_type(0x0806), packets:1, bytes:42, used, actions:1" "flows after 5 pings"
	expect_shown lookups "hit:12 missed:0 lost:0" flows 4 masks 'hit:(1[2-9]|2[0-4]) total:2 hit/pkt:[12]\.[0-9]+'

	dpctl del-flow "in_port(1),eth(),eth_type(0x800),ipv4(proto=1),icmp()"
	expect_shown flows 3
	no_pings h1 10.0.0.2
	expect_shown lookups "hit:12 missed:2 lost:2"

	dpctl del-if myDP p1
	expect_equal "$(dpctl show | grep port)" "  port 0: myDP (internal)
  port 2: p2" "ports after del-if"
	dpctl del-dp myDP
	expect_equal "$(dpctl show)" "" "show after del-dp"
	expect_error "does not exist" ip link show dev myDP
	ip link show dev p2 > /dev/null
}

test_show_form() {
	session_hosts
	switch 1 2
	dpctl add-if dp i3,type=internal
	flows_both_ways 1 2 "$ARP" "$ICMP"
	pings h1 5 10.0.0.2
	pings h1 5 10.0.0.2
	expect_equal "$(dpctl show | sed -E 's/(hit-rate:)[0-9.]+/\1N/; s/(cache: |masks: )hit:[0-9]+/\1hit:N/
			s,hit/pkt:[12]\.[0-9]{2}$,hit/pkt:N,')" "system@dp:
  lookups: hit:22 missed:0 lost:0
  flows: 4
  masks: hit:N total:2 hit/pkt:N
  cache: hit:N hit-rate:N%
  caches:
    masks-cache: size:256
  port 0: dp (internal)
  port 1: p1
  port 2: p2
  port 3: i3 (internal)" "show"
	expect_match "$(dpctl show -s | grep -A 4 'port 1:' | tr '\n' ' ')" \
		'port 1: p1 +RX packets:11 errors:0 dropped:0 overruns:0 frame:0 .*RX bytes:1022 ' "show -s"
	expect_equal "$(dpctl show dp | head -n 1)" "system@dp:" "show NAME"
	expect_error "No such device" dpctl show none
}

test_flow_commands() {
	local arp="in_port(1),$ARP" ip="in_port(1),$ICMP"
	local ufid="ufid:01020304-0506-0708-090a-0b0c0d0e0f10"
	session_hosts
	switch 1 2
	flow "$arp" 2
	expect_error "File exists" dpctl add-flow "$arp" 1
	expect_equal "$(dpctl dump-flows | sed 's/.*actions://')" 2 "actions after a refused add-flow"
	dpctl mod-flow "$arp" 1,2
	expect_equal "$(dpctl dump-flows | sed 's/.*actions://')" 1,2 "actions after mod-flow"
	expect_error "No such file or directory" dpctl mod-flow "in_port(2),$ARP" 1
	expect_error "No such file or directory" dpctl del-flow "in_port(2),$ARP"

	flow "$ufid,$ip" 2
	expect_equal "$(dpctl get-flow dp "$ufid" | sed -E 's/^recirc_id\(0\),//')" \
		"in_port(1),eth(),eth_type(0x0800),ipv4(proto=1), packets:0, bytes:0, used:never, actions:2" "get-flow"
	expect_error "No such file or directory" dpctl get-flow dp ufid:00000000-0000-0000-0000-000000000001
	expect_match "$(dpctl dump-flows -m)" "^$ufid, .*in_port\(p1\).*eth_type\(0x0800\).*dp:ovs, actions:p2" "dump-flows -m"
	dpctl del-flow "$ufid,$ip"
	expect_shown flows 1

	printf '%s\n' "# a comment" "$ip 2" "add in_port(2),eth(),eth_type(0x806),arp() 1" \
		"modify $arp 2" > "$scratch/flows"
	dpctl add-flows dp "$scratch/flows"
	expect_equal "$(dump_keys)" "\
in_port(1),eth(),eth_type(0x0800),ipv4(proto=1) 2
in_port(1),eth(),eth_type(0x0806) 2
in_port(2),eth(),eth_type(0x0806) 1" "flows after add-flows"
	echo "$ip 1" | dpctl mod-flows dp -
	expect_match "$(dpctl dump-flows)" "eth_type\(0x0800\).*actions:1$" "mod-flows"
	printf '%s\n' "$ip" "$arp" > "$scratch/flows"
	dpctl del-flows dp "$scratch/flows"
	expect_shown flows 1
	dpctl del-flows dp
	expect_equal "$(dpctl dump-flows)" "" "flows after del-flows"
	expect_shown flows 0 masks 'hit:0 total:0 hit/pkt:0.00'
}

test_port_commands() {
	session_hosts
	dpctl add-dp dp
	dpctl add-if dp p2,port_no=7 p1
	expect_equal "$(dpctl show | grep port | tr -s ' \n' ' ')" \
		" port 0: dp (internal) port 1: p1 port 7: p2 " "ports"
	expect_error "File exists" dpctl add-if dp p1
	expect_error "No such device" dpctl add-if dp none
	expect_error "Invalid argument" dpctl add-if dp lo
	expect_error "Device or resource busy" dpctl add-if dp i1,type=internal,port_no=7
	dpctl set-if dp p1,type=system
	expect_error "can't change type" dpctl set-if dp p1,type=internal
	expect_error "No such device|no port named" dpctl del-if dp none

	# The device belongs to the datapath while it is a port, and is as before afterwards.
	ip address add 10.0.0.9/24 dev p1
	no_pings h1 10.0.0.9
	dpctl del-if dp p1
	ip -n h1 neigh flush dev eth0
	pings h1 3 10.0.0.9
	dpctl add-if dp p1
	no_pings h1 10.0.0.9
	dpctl del-if dp p1 p2
	expect_equal "$(dpctl show | grep -c port)" 1 "ports left"
}

test_internal_port() {
	session_hosts
	switch 1
	dpctl add-if dp i2,type=internal
	ip address add 10.0.0.2/24 dev i2
	ip link set i2 up
	busywait 5 ip link show dev i2 up
	flows_both_ways 1 2 "$ARP" "$ICMP"
	pings h1 5 10.0.0.2
	ping -q -n -c 5 -l 5 -i 10 -W 10 10.0.0.1
	expect_counts 'in_port\(1\).*ipv4' "10 980" 'in_port\(2\).*ipv4' "10 980"
	dpctl del-if dp i2
	expect_error "does not exist" ip link show dev i2
}

test_datapath_commands() {
	session_hosts
	dpctl add-dp dpA
	dpctl add-dp dpB p1 p2
	expect_equal "$(dpctl dump-dps | sort | tr '\n' ' ')" "system@dpA system@dpB " "dump-dps"
	expect_error "File exists" dpctl add-dp dpA
	expect_error "Device or resource busy" dpctl add-if dpA p1
	expect_match "$(dpctl show dpB | tr '\n' ' ')" 'port 1: p1 +port 2: p2' "show dpB"

	dpctl cache-set-size dpA masks-cache 128
	expect_match "$(dpctl cache-get-size dpA)" 'masks-cache: size:128$' "cache size of dpA"
	expect_match "$(dpctl cache-get-size dpB)" 'masks-cache: size:256$' "cache size of dpB"
	# The client rounds up to a power of two.
	dpctl cache-set-size dpA masks-cache 300
	expect_match "$(dpctl cache-get-size dpA)" 'masks-cache: size:512$' "cache size asked to be 300"
	expect_error "Numerical result out of range" dpctl cache-set-size dpA masks-cache 8192
	expect_match "$(dpctl cache-get-size dpA)" 'masks-cache: size:512$' "cache size after a refusal"
	dpctl cache-set-size dpA masks-cache 0
	expect_match "$(dpctl cache-get-size dpA)" 'size:0$' "cache off"

	# A flow of one datapath is none of the other.
	dpctl add-flow dpB "in_port(1),$ARP" 2
	expect_equal "$(dpctl dump-flows dpA)" "" "flows of dpA"
	expect_equal "$(dpctl dump-flows dpB | wc -l)" 1 "flows of dpB"
	dpctl del-dp dpA
	expect_equal "$(dpctl dump-dps)" "system@dpB" "dump-dps after del-dp"
	expect_error "No such device" dpctl del-dp dpA
}
