# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Samples and accounts of traffic, sent to a collector on loopback; and other traffic that Open vSwitch
# takes part in itself.
#
# test sflow: sFlow samples packets with the ports they took
# test ipfix: IPFIX accounts for a bridge's flows, and for those that a rule samples
# test netflow: NetFlow accounts for flows with the packets that the datapath counted
# test bfd: BFD sees a link fail
# test cfm: so does CFM

# collects KIND PORT: starts a collector; its account is then in the test's directory.
collects() {
	rm -f "$scratch/$1.json"
	python3 -B "$here/collector.py" "$1" "$2" "$scratch/$1.json" &
	on_exit stop $!
	busywait 20 test -e "$scratch/$1.json" || fail "no collector"
}

# collected KIND EXPRESSION: of jq, about the collector's account.
collected() {
	jq -e "$2" "$scratch/$1.json"
}

test_sflow() {
	bridge br0 1 2
	hosts_know 1 2
	collects sflow 6343
	vsctl -- --id=@s create sflow agent=lo 'target="127.0.0.1:6343"' header=64 sampling=1 polling=1 -- set bridge br0 sflow=@s
	pings h1 1 10.0.0.2
	settle
	traffic many 1 2 20 ports
	busywait 30 collected sflow '.flow_samples >= 60' || fail "samples: $(< "$scratch/sflow.json")"
	expect_flows 'userspace\(pid=[0-9]+,sFlow\(vid=0'
	megaflows 'sFlow' | observe "flows with samples"
	# Counters of each port, polled.
	busywait 30 collected sflow '.counter_samples >= 2' || fail "counters: $(< "$scratch/sflow.json")"
	collected sflow '.headers["020000000002020000000001"] >= 60' || fail "headers: $(< "$scratch/sflow.json")"
	collected sflow ".interfaces | index(\"$(cat /sys/class/net/p1/ifindex)>$(cat /sys/class/net/p2/ifindex)\") != null" ||
		fail "interfaces: $(< "$scratch/sflow.json")"
	# One in four, by the datapath.
	vsctl set sflow . sampling=4
	settle
	expect_flows 'sample\(sample=25.0%,actions\(userspace'
	vsctl clear bridge br0 sflow
	settle
	expect_no_match "$(megaflows)" 'sFlow|sample' "flows without sampling"
	deliver <<< '1: 2 2:'
}

test_ipfix() {
	bridge br0 1 2
	hosts_know 1 2
	collects ipfix 4739
	vsctl -- --id=@i create ipfix 'targets="127.0.0.1:4739"' sampling=1 obs_domain_id=11 obs_point_id=12 \
		cache_active_timeout=1 cache_max_flows=5 -- set bridge br0 ipfix=@i
	settle
	traffic many 1 2 20 ports
	expect_flows 'userspace\(pid=[0-9]+,ipfix\('
	busywait 30 collected ipfix '.records["11"] >= 20' || fail "records: $(< "$scratch/ipfix.json")"
	megaflows 'ipfix|flow_sample' | observe "flows with accounts"
	vsctl clear bridge br0 ipfix
	# By a rule.
	vsctl -- --id=@b get bridge br0 -- --id=@i create ipfix 'targets="127.0.0.1:4739"' cache_active_timeout=1 cache_max_flows=5 -- \
		--id=@c create flow_sample_collector_set id=3 bridge=@b ipfix=@i
	on_exit ovs-vsctl --timeout=20 -- --all destroy flow_sample_collector_set
	rules br0 <<-'END'
		in_port=1 actions=sample(probability=65535,collector_set_id=3,obs_domain_id=21,obs_point_id=22),2
		in_port=2 actions=1
	END
	settle
	traffic many 1 2 20 ports
	expect_flows 'flow_sample\(probability=65535,collector_set_id=3'
	busywait 30 collected ipfix '.records["21"] >= 20' || fail "records: $(< "$scratch/ipfix.json")"
	megaflows 'flow_sample' | observe "flows that a rule samples"
}

test_netflow() {
	bridge br0 1 2
	hosts_know 1 2
	collects netflow 2055
	vsctl -- --id=@n create netflow 'targets="127.0.0.1:2055"' active_timeout=1 -- set bridge br0 netflow=@n
	settle
	pings h1 20 10.0.0.2
	busywait 40 collected netflow '.packets["10.0.0.1>10.0.0.2"] == 20 and .packets["10.0.0.2>10.0.0.1"] == 20' ||
		fail "account: $(< "$scratch/netflow.json")"
}

# Two bridges and the link between them.
linked() {
	bridge br0 1
	bridge br1 2
	ip link add a1 type veth peer name b1
	ip link set a1 up
	ip link set b1 up
	vsctl add-port br0 a1 -- add-port br1 b1
}

bfd_state() {
	[[ $(ovs-vsctl --timeout=20 get interface "$1" bfd_status:state) == "$2" ]]
}

test_bfd() {
	linked
	vsctl set interface a1 bfd:enable=true bfd:min_rx=200 bfd:min_tx=200 -- set interface b1 bfd:enable=true bfd:min_rx=200 bfd:min_tx=200
	busywait 40 bfd_state a1 up || fail "a1: $(vsctl get interface a1 bfd_status)"
	busywait 40 bfd_state b1 up || fail "b1: $(vsctl get interface b1 bfd_status)"
	megaflows 'slow_path' | grep -o 'actions:.*' | sort -u | observe "flows of BFD"
	pings h1 3 10.0.0.2
	vsctl set interface b1 bfd:enable=false
	busywait 40 bfd_state a1 down || fail "a1 is still up: $(vsctl get interface a1 bfd_status)"
	vsctl set interface b1 bfd:enable=true
	busywait 40 bfd_state a1 up || fail "a1: $(vsctl get interface a1 bfd_status)"
}

cfm_fault() {
	[[ $(ovs-vsctl --timeout=20 get interface "$1" cfm_fault) == "$2" ]]
}

test_cfm() {
	linked
	vsctl set interface a1 cfm_mpid=1 other_config:cfm_interval=100 -- set interface b1 cfm_mpid=2 other_config:cfm_interval=100
	busywait 40 cfm_fault a1 false || fail "a1: $(appctl cfm/show)"
	busywait 40 cfm_fault b1 false || fail "b1: $(appctl cfm/show)"
	vsctl clear interface b1 cfm_mpid
	busywait 40 cfm_fault a1 true || fail "a1 sees no fault: $(appctl cfm/show)"
}
