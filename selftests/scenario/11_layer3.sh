# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# A port without Ethernet headers.
#
#    h1                           the datapath
#   eth0 --------------------- p1    "dp"    p3: a TUN device, at whose other end is the client
#
# test layer3_in: bare packets come in with keys that have no Ethernet, and leave with push_eth
# test layer3_out: with pop_eth packets leave bare, others as they are; both with their type
# test layer3_refused: a port with Ethernet headers takes no bare packets, and that is counted
# test layer3_offload: unfinished checksums and segments pass between the two kinds of ports
# test layer3_ping: a host and a TUN device's stack reach each other through push_eth and pop_eth

test_layer3_in() {
	host_add 1
	client 11_layer3.py layer3_in
}

test_layer3_out() {
	host_add 1
	client 11_layer3.py layer3_out
}

test_layer3_refused() {
	host_add 1
	client 11_layer3.py layer3_refused
}

test_layer3_offload() {
	host_add 1
	client 11_layer3.py layer3_offload
}

# The client is the cable between p3 and another TUN device, of the namespace h3.
test_layer3_ping() {
	host_add 1 10.9.0.1/24
	ip netns add h3
	client 11_layer3.py cable "$scratch/ready" &
	local cable=$!
	busywait 20 ip -n h3 link show tun0 || fail "no TUN device"
	ip -n h3 -batch - <<-END
		link set lo up
		link set tun0 addrgenmode none up
		address add 10.9.0.3/24 dev tun0
	END
	busywait 20 test -e "$scratch/ready" || fail "no flows"
	host_knows 1 10.9.0.3 3
	pings h1 5 10.9.0.3
	expect_match "$(dpctl dump-flows)" "in_port.3.,eth_type.0x0800.*packets:5, bytes:420" "flow of bare packets"
	rm "$scratch/ready"
	wait "$cable"
}
