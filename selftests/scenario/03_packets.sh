# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What happens to packets: tags, rewritten fields, big and small ones, detours.
#
#    h1                        the datapath                       h2
#   eth0 10.0.0.1 ----------- p1   "dp"   p2 ----------- 10.0.0.2 eth0
#   eth0.100 10.1.0.1         tagged      untagged
#                                  p3 ------- h3, where a test needs one more
#
# test vlan_push_pop: a tagged and an untagged host talk; tcpdump sees the tag on one side only
# test vlan_two_tags: two tags are matched, pushed and popped
# test set_seen_by_tcpdump: set fields arrive with right checksums, says tcpdump -vv
# test set_ipv4: every field of IPv4, TCP and UDP, wholly and under a mask, to the byte
# test set_ipv6: every field of IPv6 and what it carries, to the byte
# test set_ethernet: addresses; priority and mark leave no trace on the wire
# test rewritten_offload: addresses and ports rewritten both ways under TCP with checksum offload
# test icmpv6_nd: neighbour discovery and ping over IPv6, matched by type
# test tcp_offload: iperf3 over TCP between hosts with checksum and segmentation offload
# test udp_iperf: iperf3 over UDP loses nothing
# test jumbo: MTU 9000
# test mark: a mark that actions set leaves with the packet, as far as Linux sees it
# test over_mtu: packets larger than the port they leave by are dropped and counted
# test recirculation: a packet takes a second lookup, counted as such
# test truncation: the next output gets so many bytes, the one after it all
# test sampling: about half of the packets, all of them, none
# test clone: what happens inside a clone stays there

packet_hosts() {
	host_add 1 10.0.0.1/24
	host_add 2 10.0.0.2/24
}

# capture_start HOST: tcpdump on the host's eth0.
capture_start() {
	in_host "$1" tcpdump -i eth0 -U --immediate-mode -w "$scratch/$1.pcap" 2> "$scratch/$1.log" &
	echo $! > "$scratch/$1.pid"
	busywait 20 grep -q "listening on" "$scratch/$1.log" || fail "tcpdump: $(< "$scratch/$1.log")"
}

# capture_end HOST N: what it saw, once that is N packets.
capture_end() {
	busywait 10 capture_holds "$1" "$2" || fail "$1: tcpdump saw $(capture_show "$1" | wc -l) packets, not $2"
	stop "$(< "$scratch/$1.pid")"
	capture_show "$1" -vv -n | tee -a /dev/stderr
}

capture_holds() {
	(($(capture_show "$1" -n | wc -l) >= $2))
}

capture_show() {
	tcpdump -e -t -r "$scratch/$1.pcap" "${@:2}" 2> /dev/null
}

# tagged_device VID ADDRESS/LENGTH: eth0.VID of h1, by the 8021q module or, without it, a program.
tagged_device() {
	ip -n h1 link add link eth0 name "eth0.$1" type vlan id "$1" 2> /dev/null || {
		python3 "$here/03_packets.py" tagger 1 "$1" &
		on_exit stop $!
		busywait 10 ip -n h1 link show "eth0.$1" || fail "no device eth0.$1"
	}
	ip -n h1 -batch - <<-END
		link set eth0.$1 addrgenmode none
		link set eth0.$1 address 02:00:00:00:00:01 up
		address add $2 dev eth0.$1
	END
}

test_vlan_push_pop() {
	local seen
	packet_hosts
	tagged_device 100 10.1.0.1/24
	ip -n h2 address add 10.1.0.2/24 dev eth0
	switch 1 2
	flows <<-END
		in_port(1),eth(),eth_type(0x8100),vlan(vid=100),encap(eth_type(0x806),arp()) pop_vlan,2
		in_port(1),eth(),eth_type(0x8100),vlan(vid=100),encap(eth_type(0x800),ipv4(proto=1),icmp()) pop_vlan,2
		in_port(2),$ARP push_vlan(vid=100,pcp=5),1
		in_port(2),$ICMP push_vlan(vid=100,pcp=5),1
	END
	capture_start h1
	capture_start h2
	pings h1 5 10.1.0.2
	seen=$(capture_end h1 12)
	expect_equal "$(grep -c 'ethertype 802.1Q (0x8100)' <<< "$seen")" 12 "tagged packets at h1"
	expect_equal "$(grep -c '02:00:00:00:00:02 > .*vlan 100, p 5' <<< "$seen")" 6 "packets that the datapath tagged"
	seen=$(capture_end h2 12)
	expect_no_match "$seen" "vlan|0x8100" "packets at h2"
	expect_match "$seen" "ICMP echo request" "packets at h2"
	# A tag counts as four bytes.
	expect_counts 'in_port\(1\).*eth_type\(0x0800\)' "5 510" 'in_port\(2\).*eth_type\(0x0800\)' "5 490" \
		'in_port\(1\).*eth_type\(0x0806\)' "1 46" 'in_port\(2\).*eth_type\(0x0806\)' "1 42"

	# Another tag's packets are others.
	tagged_device 101 10.2.0.1/24
	ip -n h1 neigh replace 10.2.0.2 lladdr 02:00:00:00:00:02 dev eth0.101 nud permanent
	no_pings h1 10.2.0.2
	expect_shown lookups "hit:12 missed:2 lost:2"
}

test_vlan_two_tags() {
	packet_hosts
	client 03_packets.py two_tags
}

test_set_seen_by_tcpdump() {
	local seen
	packet_hosts
	switch 1 2
	flows <<-END
		in_port(1),eth(),eth_type(0x800),ipv4(proto=17),udp() set(ipv4(src=172.16.0.1,dst=172.16.0.2,tos=0x28,ttl=9)),set(udp(src=1111,dst=2222)),2
		in_port(1),eth(),eth_type(0x800),ipv4(proto=6),tcp(),tcp_flags(0/0) set(eth(src=02:aa:aa:aa:aa:aa)),set(ipv4(dst=172.16.0.2)),set(tcp(dst=443)),2
		in_port(1),eth(),eth_type(0x86dd),ipv6(proto=17),udp() set(ipv6(src=fd00::1,dst=fd00::2,hlimit=9,tclass=0x70,label=0x12345)),set(udp(dst=53)),2
		in_port(1),eth(),eth_type(0x86dd),ipv6(proto=6),tcp(),tcp_flags(0/0) set(ipv6(dst=fd00::9)),set(tcp(src=1,dst=2)),2
		in_port(1),eth(),eth_type(0x86dd),ipv6(proto=58),icmpv6() set(ipv6(src=fd00::5,hlimit=3)),2
	END
	capture_start h2
	through python3 "$here/03_packets.py" send_each_kind
	seen=$(capture_end h2 5)
	# 1 by UDP or TCP over IPv4, 2 by each over IPv6, 1 by ICMPv6
	expect_equal "$(grep -Ec '\[udp sum ok\]|cksum 0x[0-9a-f]{4} \(correct\)|\[icmp6 sum ok\]' <<< "$seen")" 5 "right checksums"
	expect_no_match "$seen" "incorrect|bad" "packets"
	expect_match "$seen" "172.16.0.1.1111 > 172.16.0.2.2222: .*udp sum ok" "UDP over IPv4"
	expect_match "$seen" "tos 0x28, ttl 9, .*proto UDP" "IPv4 fields"
	expect_match "$seen" "02:aa:aa:aa:aa:aa > 02:00:00:00:00:02" "Ethernet source"
	expect_match "$seen" "10.0.0.1.1000 > 172.16.0.2.443: .*\(correct\)" "TCP over IPv4"
	expect_match "$seen" "class 0x70, flowlabel 0x12345, hlim 9, .*UDP.* fd00::1.1000 > fd00::2.53: .*udp sum ok" "UDP over IPv6"
	expect_match "$seen" "fd00:0:0:1::1.1 > fd00::9.2: .*\(correct\)" "TCP over IPv6"
	expect_match "$seen" "hlim 3, .*fd00::5 > .*icmp6 sum ok" "ICMPv6"
}

test_set_ipv4() {
	packet_hosts
	client 03_packets.py set_ipv4
}

test_set_ipv6() {
	packet_hosts
	client 03_packets.py set_ipv6
}

test_set_ethernet() {
	packet_hosts
	client 03_packets.py set_ethernet
}

# h1 talks to 10.0.0.77 port 7777, and is answered by h2's 10.0.0.2 port 5201, which believes that
# 10.0.0.66 called. p2 and p1 complete checksums in software: what arrives can be checked.
test_rewritten_offload() {
	local seen
	packet_hosts
	host_knows 1 10.0.0.77 2
	host_knows 2 10.0.0.66 1
	ethtool -K p1 tx off > /dev/null
	ethtool -K p2 tx off > /dev/null
	switch 1 2
	flows <<-END
		in_port(1),eth(),eth_type(0x800),ipv4(src=10.0.0.1,dst=10.0.0.77,proto=6),tcp(dst=7777),tcp_flags(0/0) set(ipv4(src=10.0.0.66,dst=10.0.0.2)),set(tcp(dst=5201)),2
		in_port(2),eth(),eth_type(0x800),ipv4(src=10.0.0.2,dst=10.0.0.66,proto=6),tcp(src=5201),tcp_flags(0/0) set(ipv4(src=10.0.0.77,dst=10.0.0.1)),set(tcp(src=7777)),1
	END
	capture_start h1
	capture_start h2
	client 03_packets.py talk 2 10.0.0.2 5201 1 10.0.0.77 7777
	seen=$(capture_end h1 8)
	expect_match "$seen" "10.0.0.77.7777 > 10.0.0.1" "packets at h1"
	expect_no_match "$(grep -A 1 '02:00:00:00:00:02 >' <<< "$seen")" "incorrect" "packets at h1"
	seen=$(capture_end h2 8)
	expect_match "$seen" "10.0.0.66.[0-9]+ > 10.0.0.2.5201" "packets at h2"
	expect_no_match "$(grep -A 1 '02:00:00:00:00:01 >' <<< "$seen")" "incorrect" "packets at h2"
}

test_icmpv6_nd() {
	host_add 1
	host_add 2
	switch 1 2
	flows_both_ways 1 2 \
		"eth(),eth_type(0x86dd),ipv6(proto=58),icmpv6(type=135),nd()" \
		"eth(),eth_type(0x86dd),ipv6(proto=58),icmpv6(type=136),nd()" \
		"eth(),eth_type(0x86dd),ipv6(proto=58),icmpv6(type=128)" \
		"eth(),eth_type(0x86dd),ipv6(proto=58),icmpv6(type=129)"
	host_ipv6 1 fd00::1/64
	host_ipv6 2 fd00::2/64
	pings h1 5 fd00::2
	expect_counts 'in_port\(1\).*type=135' "1 86" 'in_port\(2\).*type=136' "1 86" \
		'in_port\(1\).*type=128' "5 590" 'in_port\(2\).*type=129' "5 590" \
		'in_port\(2\).*type=128' "0 0"
	# The target is part of the key.
	dpctl del-flows
	flows_both_ways 1 2 \
		"eth(),eth_type(0x86dd),ipv6(proto=58),icmpv6(type=135),nd(target=fd00::2)" \
		"eth(),eth_type(0x86dd),ipv6(proto=58),icmpv6(type=136),nd(target=fd00::2)" \
		"eth(),eth_type(0x86dd),ipv6(proto=58),icmpv6(type=128)" \
		"eth(),eth_type(0x86dd),ipv6(proto=58),icmpv6(type=129)"
	ip -n h1 neigh flush all
	ip -n h2 neigh flush all
	ip -n h2 address add fd00::3/64 dev eth0 nodad
	pings h1 1 fd00::2
	no_pings h1 fd00::3
}

iperf_hosts() {
	packet_hosts
	host_knows 1 10.0.0.2 2
	host_knows 2 10.0.0.1 1
	switch 1 2
}

# iperf OPTION...: from h1 to a server on h2; prints the client's report as JSON.
iperf() {
	in_host h2 iperf3 -s -1 > "$scratch/server.log" 2>&1 &
	local server=$!
	busywait 10 in_host h2 ss -Hltn "sport = :5201" || fail "iperf3 server"
	busywait 10 listens || fail "iperf3 server doesn't listen"
	note "iperf3 $*"
	in_host h1 timeout 60 iperf3 -J -c 10.0.0.2 "$@" > "$scratch/client.json" ||
		fail "iperf3: $(< "$scratch/client.json")"
	wait "$server" || fail "iperf3 server: $(< "$scratch/server.log")"
}

listens() {
	[[ -n $(in_host h2 ss -Hltn "sport = :5201") ]]
}

test_tcp_offload() {
	iperf_hosts
	expect_match "$(in_host h1 ethtool -k eth0)" '^tcp-segmentation-offload: on' "h1's offloads"
	expect_match "$(in_host h1 ethtool -k eth0)" '^tx-checksumming: on' "h1's offloads"
	flows_both_ways 1 2 "eth(),eth_type(0x800),ipv4(proto=6),tcp(),tcp_flags(0/0)"
	iperf --bytes 16M
	# iperf3 sends one block more when it is late to see that it is done.
	expect_equal "$(jq '.end.sum_sent.bytes >= 16777216' "$scratch/client.json")" true "bytes sent"
	iperf --bytes 4M --reverse
	expect_equal "$(jq '.end.sum_received.bytes >= 4194304' "$scratch/client.json")" true "bytes received in reverse"
	expect_shown lookups "hit:[0-9]+ missed:0 lost:0"
	expect_match "$(dpctl dump-flows)" 'in_port\(1\).*flags:.*P' "TCP flags seen"
}

test_udp_iperf() {
	iperf_hosts
	flows_both_ways 1 2 "eth(),eth_type(0x800),ipv4(proto=6),tcp(),tcp_flags(0/0)" \
		"eth(),eth_type(0x800),ipv4(proto=17,frag=no),udp()"
	iperf --udp --bitrate 4M --length 1000 --time 2
	expect_equal "$(jq '.end.sum.lost_packets' "$scratch/client.json")" 0 "packets lost"
	expect_equal "$(jq '.end.sum.packets > 900' "$scratch/client.json")" true "packets sent"
	expect_shown lookups "hit:[0-9]+ missed:0 lost:0"
}

test_jumbo() {
	packet_hosts
	mtu 1 9000
	mtu 2 9000
	switch 1 2
	flows_both_ways 1 2 "$ARP" "$ICMP"
	pings h1 5 10.0.0.2 -s 8972 -M "do"
	expect_counts 'in_port\(1\).*0x0800' "5 45070" 'in_port\(2\).*0x0800' "5 45070"
	# A byte more goes in two fragments, of which the later has no ICMP header.
	dpctl del-flows
	flows_both_ways 1 2 "eth(),eth_type(0x800),ipv4(proto=1,frag=first),icmp()" \
		"eth(),eth_type(0x800),ipv4(proto=1,frag=later)"
	pings h1 3 10.0.0.2 -s 8973
	expect_counts 'in_port\(1\).*frag=first' "3 27030" 'in_port\(1\).*frag=later' "3 117" \
		'in_port\(2\).*frag=first' "3 27030" 'in_port\(2\).*frag=later' "3 117"
}

test_mark() {
	packet_hosts
	client 03_packets.py mark
}

test_over_mtu() {
	packet_hosts
	mtu 1 9000
	switch 1 2
	dpctl add-if dp i3,type=internal
	ip link set i3 address 02:00:00:00:00:03 up
	ip address add 10.0.0.3/24 dev i3
	host_knows 1 10.0.0.3 3
	ip neigh replace 10.0.0.1 lladdr 02:00:00:00:00:01 dev i3
	flows_both_ways 1 2 "$ARP" "$ICMP"
	pings h1 2 10.0.0.2
	no_pings h1 10.0.0.2 -s 1473 -M "do"
	pings h1 2 10.0.0.2 -s 1472
	expect_counts 'in_port\(1\).*0x0800' "6 6254" 'in_port\(2\).*0x0800' "4 3224"

	# A veth doesn't tell of errors that are not its own, an internal port does.
	dpctl del-flows
	flows_both_ways 1 3 "$ICMP"
	pings h1 2 10.0.0.3 -s 1472
	client 03_packets.py tx_errors i3 0
	no_pings h1 10.0.0.3 -s 1473 -M "do"
	client 03_packets.py tx_errors i3 2
}

test_recirculation() {
	packet_hosts
	client 03_packets.py recirculation
}

test_truncation() {
	packet_hosts
	host_add 3
	client 03_packets.py truncation
}

test_sampling() {
	packet_hosts
	client 03_packets.py sampling
}

test_clone() {
	packet_hosts
	host_add 3
	client 03_packets.py clone
}
