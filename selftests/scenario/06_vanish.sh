# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Things disappear under the datapath. What depended on them ends, the rest goes on: h1 and h3 are
# bystanders, whose packets must all arrive, once and in order, whatever happens to h2.
#
#    h1 ---- p1                 p3 ---- h3      bystanders
#              \   "dp"        /
#    h2 ---- p2                 p4 ---- h4      flood each other
#
# test netdev_deleted: a port's device is deleted under traffic, and comes back
# test netns_deleted: a host's namespace is deleted under traffic
# test netdev_moved: a port's device moves to another namespace and is no port any more
# test internal_moved: an internal port moves to a host's namespace, works, and ends with it
# test datapath_netns_deleted: the datapath's own namespace is deleted under traffic
# test module_removed (alone): rmmod under traffic is refused, after del-dp it works, three times in a row
# test client_killed_in_dump (alone): clients killed in the middle of dumps leave nothing behind
# test no_growth (alone): datapaths, ports and flows that come and go leave nothing behind
# test peer_process_killed: the process behind a memif port is killed, and comes back
# test daemon_killed: a killed daemon leaves no device; a new one starts in its place

vanish_hosts() {
	local n
	for n in 1 2 3 4; do
		host_add $n
	done
	switch 1 2 3 4
	vanish_flows
}

vanish_flows() {
	flows <<-END
		in_port(1),eth(),eth_type(0x800),ipv4(proto=17),udp() 3
		in_port(3),eth(),eth_type(0x800),ipv4(proto=17),udp() 1
		in_port(2),eth(),eth_type(0x800),ipv4(proto=17),udp() 4
		in_port(4),eth(),eth_type(0x800),ipv4(proto=17),udp() 2
	END
}

bystanders=()

# From h1 to h3 and back, until bystanders_end.
bystanders_start() {
	python3 "$here/06_vanish.py" bystander 1 3 "$scratch/ready1" & bystanders+=($!)
	python3 "$here/06_vanish.py" bystander 3 1 "$scratch/ready3" & bystanders+=($!)
	busywait 120 test -e "$scratch/ready1" -a -e "$scratch/ready3" || fail "bystanders don't start"
}

bystanders_end() {
	local pid
	for pid in "${bystanders[@]}"; do
		kill "$pid"
		wait "$pid" || fail "bystanders lost packets"
	done
	bystanders=()
}

floods=()

# flood N...: the hosts send as much as they can.
flood() {
	local n
	for n; do
		python3 "$here/06_vanish.py" flood "$n" & floods+=($!)
	done
}

floods_end() {
	local pid
	for pid in "${floods[@]}"; do
		stop "$pid"
	done
	floods=()
}

# port_is_gone N NAME
port_is_gone() {
	! lines_match "$(dpctl show dp)" "port $1: $2( |\$)"
}

test_netdev_deleted() {
	local round
	vanish_hosts
	bystanders_start
	flood 4
	for round in 1 2 3; do
		flood 2
		note "round $round"
		ip link del p2
		busywait 10 port_is_gone 2 p2 || fail "p2 is still a port"
		ip netns del h2
		host_add 2
		dpctl add-if dp p2,port_no=2
	done
	floods_end
	bystanders_end
	client 06_vanish.py passes 4 2
	client 06_vanish.py passes 2 4
}

test_netns_deleted() {
	vanish_hosts
	bystanders_start
	flood 4
	for _ in 1 2 3; do
		ip netns del h2
		busywait 20 port_is_gone 2 p2 || fail "p2 is still a port"
		host_add 2
		dpctl add-if dp p2,port_no=2
	done
	floods_end
	bystanders_end
	client 06_vanish.py passes 4 2
}

test_netdev_moved() {
	vanish_hosts
	bystanders_start
	flood 4
	ip link set p2 netns h4
	busywait 10 port_is_gone 2 p2 || fail "p2 is still a port"
	floods_end
	bystanders_end
	# It is an ordinary device where it is now.
	ip -n h4 -batch - <<-END
		link set p2 addrgenmode none
		link set p2 up
		address add 10.9.0.4/24 dev p2
	END
	ip -n h2 address add 10.9.0.2/24 dev eth0
	pings h2 3 10.9.0.4
	# Come back, it can be a port again.
	ip -n h4 link set p2 netns $$
	dpctl add-if dp p2,port_no=2
	ip link set p2 up
	client 06_vanish.py passes 4 2
}

test_internal_moved() {
	vanish_hosts
	dpctl add-if dp i5,type=internal,port_no=5
	ip netns add h5
	ip link set i5 netns h5
	ip -n h5 -batch - <<-END
		link set i5 addrgenmode none
		link set i5 up
		address add 10.0.0.5/24 dev i5
	END
	ip -n h1 address add 10.0.0.1/24 dev eth0
	flows_both_ways 1 5 "$ARP" "$ICMP"
	bystanders_start
	pings h1 5 10.0.0.5
	pings h5 5 10.0.0.1
	expect_match "$(dpctl show dp)" "port 5: i5 \(internal\)" "show"
	ip netns del h5
	busywait 20 port_is_gone 5 i5 || fail "i5 is still a port"
	bystanders_end
	expect_match "$(dpctl show dp)" "port 0: dp \(internal\)" "show"
}

test_datapath_netns_deleted() {
	[[ $driver == kernel ]] || skip "a daemon lives in one namespace"
	local round
	for round in 1 2 3; do
		note "round $round"
		ip netns add dpns
		ip -batch - <<-END
			netns add h1
			netns add h2
			link add p1 netns dpns type veth peer name eth0 netns h1
			link add p2 netns dpns type veth peer name eth0 netns h2
		END
		for n in 1 2; do
			ip -n dpns link set "p$n" up
			ip -n "h$n" -batch - <<-END
				link set eth0 addrgenmode none
				link set eth0 address 02:00:00:00:00:0$n up
			END
		done
		in_host dpns ovs-dpctl -vwarn add-dp "dp$round" p1 p2
		in_host dpns ovs-dpctl -vwarn add-flow "in_port(1),eth(),eth_type(0x800),ipv4(proto=17),udp()" 2
		in_host dpns ovs-dpctl -vwarn add-flow "in_port(2),eth(),eth_type(0x800),ipv4(proto=17),udp()" 1
		client 06_vanish.py passes 1 2
		flood 1 2
		ip netns del dpns
		busywait 20 links_are_gone h1 h2 || fail "the ports' peers are still there"
		floods_end
		ip netns del h1
		ip netns del h2
	done
	expect_equal "$(dpctl dump-dps)" "" "datapaths"
}

links_are_gone() {
	local host
	for host; do
		! ip -n "$host" link show eth0 || return 1
	done
}

test_module_removed() {
	[[ $driver == kernel ]] || skip "the daemon needs no module"
	[[ -n ${TWINPATH_VM-} ]] || skip "only in the VM"
	local round n
	for n in 1 2 3 4; do
		host_add $n
	done
	flood 1 2 3 4
	for round in 1 2 3; do
		switch 1 2 3 4
		vanish_flows
		expect_error "in use" rmmod openvswitch
		client 06_vanish.py rx_grows p1
		dpctl del-dp dp
		busywait 20 rmmod openvswitch || fail "round $round: the module can't be removed"
		[[ ! -d /sys/module/openvswitch ]] || fail "the module is still there"
		modprobe openvswitch
	done
	floods_end
	switch 1 2 3 4
	vanish_flows
	client 06_vanish.py passes 1 3
	client 06_vanish.py passes 4 2
}

# What the datapath holds: for the kernel, references and netlink sockets; for the twin, memory (KB,
# in steps that allow for what allocators keep), descriptors, connections and devices.
holdings() {
	if [[ $driver == kernel ]]; then
		echo "references $(< /sys/module/openvswitch/refcnt)"
		echo "sockets $(awk '$2 == 16' /proc/net/netlink | wc -l)"
	else
		echo "descriptors $(find "/proc/$twin_pid/fd" | wc -l)"
		echo "threads $(find "/proc/$twin_pid/task" -maxdepth 1 | wc -l)"
	fi
	echo "devices $(ip -o link | wc -l)"
}

resident() {
	awk '/^VmRSS:/ { print $2 }' "/proc/$twin_pid/status"
}

test_client_killed_in_dump() {
	local before memory
	vanish_hosts
	client 06_vanish.py killed_dumpers 2 5000
	before=$(holdings)
	[[ $driver == kernel ]] || memory=$(resident)
	bystanders_start
	client 06_vanish.py killed_dumpers 8 5000
	bystanders_end
	busywait 10 holdings_are "$before" || expect_equal "$(holdings)" "$before" "holdings"
	[[ $driver == kernel ]] || (($(resident) < memory + 4096)) || fail "memory grew from $memory to $(resident) KB"
}

holdings_are() {
	[[ $(holdings) == "$1" ]]
}

test_no_growth() {
	local before memory
	host_add 1
	host_add 2
	client 06_vanish.py come_and_go 5
	before=$(holdings)
	[[ $driver == kernel ]] || memory=$(resident)
	client 06_vanish.py come_and_go 30
	busywait 10 holdings_are "$before" || expect_equal "$(holdings)" "$before" "holdings"
	[[ $driver == kernel ]] || (($(resident) < memory + 4096)) || fail "memory grew from $memory to $(resident) KB"
}

# A guest or container that dies: testpmd, which answers pings.
memif_peer() {
	dpdk-testpmd --lcores "(0,1)@(0-1)" --no-huge -m 256 --no-shconf --no-pci --no-telemetry \
		--vdev "net_memif0,role=client,id=0,socket=$scratch/memif.sock,socket-abstract=no,mac=02:00:00:00:00:05" \
		-- --total-num-mbufs=4096 --forward-mode=icmpecho --auto-start > "$scratch/peer.log" 2>&1 < <(sleep 600) &
	peer_pid=$!
}

test_peer_process_killed() {
	[[ $driver == twin ]] || skip "the kernel has no such ports"
	vanish_hosts
	ip -n h1 -batch - <<-END
		address add 10.0.0.1/24 dev eth0
		neigh replace 10.0.0.5 lladdr 02:00:00:00:00:05 dev eth0 nud permanent
	END
	twin port add m5 "net_memif0,role=server,id=0,socket=$scratch/memif.sock,socket-abstract=no"
	# ovs-dpctl itself wants a Linux device behind a port.
	client 06_vanish.py attach dp m5 5
	flows_both_ways 1 5 "$ICMP"
	bystanders_start
	for _ in 1 2 3; do
		memif_peer
		busywait 20 in_host h1 ping -q -n -c 1 -W 1 10.0.0.5 || fail "no answer: $(< "$scratch/peer.log")"
		pings h1 10 10.0.0.5
		kill -KILL "$peer_pid"
		wait "$peer_pid" || true
		no_pings h1 10.0.0.5
	done
	bystanders_end
	dpctl del-if dp m5
	twin port del m5
}

test_daemon_killed() {
	[[ $driver == twin ]] || skip "the kernel has no daemon"
	vanish_hosts
	dpctl add-if dp i5,type=internal
	ip link set i5 up
	for _ in 1 2 3; do
		flood 1 2 3 4
		kill -KILL "$twin_pid"
		wait "$twin_pid" || true
		expect_equal "$(ip -o link show type tun)" "" "TAP devices of the dead daemon"
		expect_error "Connection refused|no daemon answers" twin port list
		twin_launch
		expect_equal "$(dpctl dump-dps)" "" "datapaths of the new daemon"
		switch 1 2 3 4
		vanish_flows
		dpctl add-if dp i5,type=internal
		floods_end
		client 06_vanish.py passes 1 3
	done
	# Started a second time on the same socket it refuses, and the first goes on.
	expect_error "answers" timeout 20 "$twin_build/twinpathd" --socket "$TWINPATH_SOCKET" --no-huge
	client 06_vanish.py passes 3 1
	# Detached, it is ready once its parent has ended.
	twin_stop
	"$twin_build/twinpathd" --socket "$TWINPATH_SOCKET" --no-huge --detach --pidfile "$scratch/pid" \
		>> "$scratch/twinpathd.log" 2>&1
	twin_pid=$(< "$scratch/pid")
	twin port list > /dev/null
	expect_equal "$(dpctl dump-dps)" "" "datapaths of the detached daemon"
	kill "$twin_pid"
	timeout 10 tail --pid="$twin_pid" -s 0.05 -f /dev/null || fail "the detached daemon doesn't end"
	[[ ! -e $scratch/pid ]] || fail "the pidfile is still there"
	twin_launch
}
