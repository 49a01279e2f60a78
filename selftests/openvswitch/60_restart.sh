# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# ovs-vswitchd is killed, again and again, while packets pass by flows that it has installed. `kills`
# says how often. Hosts 1 and 2 exchange numbered packets; every one must arrive, once.
#
# test killed: dead, or back with flow-restore-wait and its rules restored, it costs no packet and no memory
# test restarted_by_ctl: the distribution's ovs-ctl restart costs no packet
# test restarted: without flow-restore-wait only what it flushes itself, once it is back, is lost

restart_bridge() {
	bridge br0 1 2 3
	hosts_know 1 2 3
	vsctl set-fail-mode br0 secure
	restart_rules
	deliver <<-'END'
		1: 2 2:
		2: 1 1:
	END
}

restart_rules() {
	rules br0 <<-'END'
		in_port=1 actions=2
		in_port=2 actions=1
		in_port=3,udp actions=controller
	END
}

# stream_start: packets both ways between hosts 1 and 2, until stream_ends.
stream_start() {
	rm -f "$scratch/stream"
	python3 -B "$here/traffic.py" stream 1 2 "$scratch/stream" > "$scratch/stream.log" 2>&1 &
	stream_pid=$!
	on_exit stop $stream_pid
	busywait 20 stream_progress 20 || fail "no packets pass: $(< "$scratch/stream.log")"
}

# stream_progress COUNT: that many packets have arrived, of each host.
stream_progress() {
	(($(cut -d ' ' -f 2 "$scratch/stream") >= $1))
}

# stream_goes_on COUNT: waits for COUNT packets more, sent from now on.
stream_goes_on() {
	busywait 30 stream_progress $(($(cut -d ' ' -f 1 "$scratch/stream") + $1)) ||
		fail "packets don't pass any more: sent and received $(< "$scratch/stream"), $(< "$scratch/stream.log")"
}

# stream_ends [MOST]: at most that many packets were lost, of those sent since the start.
stream_ends() {
	local sent lost
	kill -TERM "$stream_pid"
	wait "$stream_pid" || fail "the stream: $(< "$scratch/stream.log")"
	read -r sent _ lost _ < "$scratch/stream"
	echo "stream: $sent packets each way, $lost lost"
	((lost <= ${1-0})) || fail "$lost of 2 x $sent packets were lost"
}

lost_upcalls() {
	dpctl show "$DATAPATH" | sed -nE 's/.* lost:([0-9]+)$/\1/p'
}

lost_upcalls_are() {
	(($(lost_upcalls) == $1))
}

# Generic netlink sockets in this namespace, and what the datapath has of memory, as far as it can be
# told.
vs_sockets() {
	awk '$2 == 16 && $3 != 0' /proc/net/netlink | wc -l
}

# memory [FILE]: in KB. The kernel's is what slabs hold that no one can take back, by cache in FILE; the
# twin's is the process's.
memory() {
	if [[ $driver == kernel ]]; then
		awk 'NR > 2 { print $1, $2 * $4 / 1024 }' /proc/slabinfo > "${1-$scratch/slabs.now}"
		awk '/^(SUnreclaim|Percpu):/ { sum += $2 } END { print sum }' /proc/meminfo
	else
		awk '/^VmRSS:/ { print $2 }' "/proc/$twin_pid/status"
	fi
}

# growth: which caches hold more than in the first round.
growth() {
	[[ $driver == kernel ]] || return 0
	memory > /dev/null
	awk 'NR == FNR { before[$1] = $2; next } { print int($2 - before[$1]), $1 }' \
		"$scratch/slabs.first" "$scratch/slabs.now" | sort -rn | head -n 12
}

# While Open vSwitch is dead: as many misses as told, each counted, none delivered.
misses_are_lost() {
	local before
	before=$(lost_upcalls)
	expect_equal "$(traffic sends 3 1 "$1")" 0 "missed packets that arrived"
	busywait 20 lost_upcalls_are $((before + $1)) || fail "$(lost_upcalls) upcalls lost, wanted $((before + $1))"
}

# It comes back as with ovs-ctl: its rules are saved, and restored before the flag is taken away.
test_killed() {
	local round save before flows
	restart_bridge
	stream_start
	for ((round = 1; round <= kills; round++)); do
		note "round $round"
		save=$(mktemp "$scratch/save.XXXXXX")
		/usr/share/openvswitch/scripts/ovs-save save-flows br0 > "$save"
		vsctl set open_vswitch . other_config:flow-restore-wait=true
		flows=$(megaflows 'in_port\(p[12]\)')
		vswitchd_kill
		[[ $driver != kernel ]] || expect_equal "$(vs_sockets)" 0 "netlink sockets that are left"
		stream_goes_on 30
		misses_are_lost 20
		expect_equal "$(megaflows 'in_port\(p[12]\)')" "$flows" "flows of the dead Open vSwitch"
		((round != 1)) || before=$(memory "$scratch/slabs.first")
		((round != kills)) || busywait 10 memory_is_as "$before" || fail "memory grew from $before to $(memory) KB: $(growth)"
		vswitchd_start
		stream_goes_on 5
		sh -e "$save"
		vsctl remove open_vswitch . other_config flow-restore-wait
		stream_goes_on 20
		expect_flows 'in_port\(p[12]\).*actions:p[12]' 2
		expect_equal "$(ofctl dump-flows br0 | grep -c in_port)" 3 "restored rules"
	done
	stream_ends
	echo "stream: memory: after the first of $kills kills $before KB, in the end $(memory) KB"
}

# What allocators keep is allowed for; a round's leak adds up.
memory_is_as() {
	(($(memory) <= $1 + 1024 + 32 * kills))
}

test_restarted_by_ctl() {
	restart_bridge
	stream_start
	through /usr/share/openvswitch/scripts/ovs-ctl --no-ovsdb-server --no-mlockall --no-monitor --no-record-hostname \
		--db-sock="$scratch/db.sock" --db-file="$scratch/conf.db" restart
	stream_goes_on 20
	expect_equal "$(ofctl dump-flows br0 | grep -c in_port)" 3 "restored rules"
	expect_flows 'in_port\(p[12]\).*actions:p[12]' 2
	stream_ends
	appctl vlog/disable-rate-limit
}

# An Open vSwitch that isn't told to wait flushes the datapath when it is back; what comes before its
# upcalls work is lost.
test_restarted() {
	local round sent lost first alive
	bridge br0 1 2 3
	hosts_know 1 2 3
	pings h1 2 10.0.0.2
	for ((round = 1; round <= kills; round++)); do
		stream_start
		vswitchd_kill
		stream_goes_on 20
		alive=$(cut -d ' ' -f 1 "$scratch/stream")
		vswitchd_start
		stream_goes_on 20
		kill -TERM "$stream_pid"
		wait "$stream_pid" || fail "the stream: $(< "$scratch/stream.log")"
		read -r sent _ lost first < "$scratch/stream"
		echo "stream: round $round: $sent packets each way, $lost lost"
		((first >= alive)) || fail "packet $first was lost, sent before Open vSwitch was started again, at $alive"
	done
}
