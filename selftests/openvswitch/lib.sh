# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What the Open vSwitch scenarios use: daemons, bridges, rules, what the datapath then holds. Sourced
# after ../scenario/lib.sh (hosts, comparisons, waits) and one of its drivers, by `session` once and
# by `one` for each test. `scratch` is the run's directory, where the daemons live.

export OVS_RUNDIR=$scratch OVS_DBDIR=$scratch OVS_LOGDIR=$scratch OVS_SYSCONFDIR=$scratch
vs_log=$scratch/ovs-vswitchd.log
readonly DATAPATH=ovs-system

# busywait SECONDS CMD...: as in ../scenario/lib.sh; but here the kernel's clocks are an emulated machine's.
busywait() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000 * patience))
	shift
	until "$@" > /dev/null 2>&1; do
		((${EPOCHREALTIME/./} < deadline)) || return 1
		sleep 0.1
	done
}

[[ $driver == kernel ]] && patience=4 || patience=1

# ---- the daemons ---------------------------------------------------------------------------------

vs_start() {
	ovsdb-tool create "$scratch/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	ovsdb-server "$scratch/conf.db" --remote="punix:$scratch/db.sock" --detach --no-chdir \
		--pidfile --log-file -vconsole:off -vsyslog:off
	vsctl --no-wait init -- set open_vswitch . "$(vs_defaults)"
	vswitchd_start
}

# Every test begins with these settings: all flows are looked at each 200 ms, so that tests need not wait
# long for that, and go after two minutes without packets: a test in the VM may be slow.
vs_defaults() {
	echo 'other_config={max-revalidator=200,max-idle=120000}'
}

# Returns when the configuration is done. Every message is logged: which ones would be left out, were
# their rate limited, is a matter of time.
vswitchd_start() {
	vswitchd_launch
	appctl vlog/disable-rate-limit
}

vswitchd_launch() {
	through ovs-vswitchd "unix:$scratch/db.sock" --detach --no-chdir --pidfile --log-file \
		-vconsole:off -vsyslog:off
}

vs_pid() {
	cat "$scratch/ovs-vswitchd.pid"
}

vs_running() {
	[[ -e $scratch/ovs-vswitchd.pid ]] && kill -0 "$(vs_pid)" 2> /dev/null
}

# vswitchd_kill: as a crash would; gone when it returns.
vswitchd_kill() {
	local pid
	pid=$(vs_pid)
	kill -KILL "$pid"
	timeout 20 tail --pid="$pid" -s 0.02 -f /dev/null || fail "ovs-vswitchd can't be killed"
	rm -f "$scratch/ovs-vswitchd.pid"
}

vs_stop() {
	appctl exit --cleanup
	ovs-appctl --timeout=30 -t ovsdb-server exit
}

vs_finish() {
	if (($1 != 0 && $1 != SKIPPED)); then
		sed -n "/^== $test\$/,\$p" "$vs_log" | tail -n 40 | sed 's/^/vswitchd: /'
		ovs-vsctl --timeout=5 show || true
	fi
	finish "$1"
}

# vsctl ARG...: what it complains of is an error, though its exit status is 0.
vsctl() {
	local complaint status=0
	{ complaint=$(ovs-vsctl -vtimeval:off --timeout=120 "$@" 2>&1 >&3) || status=$?; } 3>&1
	[[ $status == 0 && -z $complaint ]] || fail "ovs-vsctl $*: $complaint"
}

ofctl() {
	ovs-ofctl -vtimeval:off --timeout=120 "$@"
}

appctl() {
	ovs-appctl -vtimeval:off --timeout=120 "$@"
}

# ---- bridges -------------------------------------------------------------------------------------

# bridge NAME HOST_NUMBER...: makes the hosts, and a bridge with their ports, numbered as the hosts.
# It is a learning switch.
bridge() {
	local name=$1 n arguments=(add-br "$1")
	for n in "${@:2}"; do
		[[ -e /run/netns/h$n ]] || host_add "$n" "10.0.0.$n/24"
		arguments+=(-- add-port "$name" "p$n" -- set interface "p$n" "ofport_request=$n")
	done
	note "bridge ${arguments[*]}"
	vsctl "${arguments[@]}"
}

# rules BRIDGE: makes standard input its OpenFlow rules, in one step. They apply at once.
rules() {
	local lines
	lines=$(cat)
	note "rules of $1: $lines"
	ofctl -O OpenFlow15 --bundle replace-flows "$1" - <<< "$lines"
}

# settle: Open vSwitch looks at all flows, by the rules and with what it has learned so far, and reads
# their counters. Two rounds, as the first may have begun before.
settle() {
	appctl revalidator/wait
	appctl revalidator/wait
}

# change ARG...: as vsctl, and flows follow.
change() {
	vsctl "$@"
	settle
}

# traffic NAME ARG...: runs a function of traffic.py.
traffic() {
	note "traffic $*"
	python3 -B "$here/traffic.py" "$@"
}

# deliver: what must arrive where, in lines of standard input "SOURCE TARGET [RECEIVER...]"; see
# traffic.py.
deliver() {
	local lines
	lines=$(cat)
	note "deliver: $lines"
	python3 -B "$here/traffic.py" deliver <<< "$lines"
}

# delivers LINE: would deliver be content?
delivers() {
	python3 -B "$here/traffic.py" deliver <<< "$1"
}

# received HOST_NUMBER; sent HOST_NUMBER: packets and bytes by its device.
received() {
	in_host "h$1" awk '$1 == "eth0:" { print $3, $2 }' /proc/self/net/dev
}

sent() {
	in_host "h$1" awk '$1 == "eth0:" { print $11, $10 }' /proc/self/net/dev
}

# hosts_know N...: these hosts know each other's addresses, and ask nobody for them.
hosts_know() {
	local n m
	for n; do
		for m; do
			((n == m)) || host_knows "$n" "10.0.0.$m" "$m"
		done
	done
}

# rule_packets BRIDGE MATCH: how many packets the one rule with this match has counted.
rule_packets() {
	ofctl --no-names dump-flows "$1" "$2" | sed -nE 's/.* n_packets=([0-9]+),.*/\1/p'
}

expect_rule_packets() {
	settle
	note "rule $2 of $1 counts $3"
	expect_equal "$(rule_packets "$1" "$2")" "$3" "packets of rule $2"
}

# ---- the datapath's flows ------------------------------------------------------------------------

# megaflows [PATTERN]: the datapath's flows that match, without what varies: their counters, ids and
# order.
megaflows() {
	dpctl --names dump-flows "$DATAPATH" | grep -E -- "${1-}" | sed -E 's/, packets:.*, actions:/ actions:/' | sort
}

# flows_are_there PATTERN [COUNT]: that many flows match, or at least one.
flows_are_there() {
	local count
	count=$(dpctl --names dump-flows "$DATAPATH" | grep -cE -- "$1") || true
	if [[ -n ${2-} ]]; then ((count == $2)); else ((count > 0)); fi
}

expect_flows() {
	busywait 15 flows_are_there "$@" || fail "wanted ${2-some} flows '$1' in: $(dpctl --names dump-flows "$DATAPATH")"
}

# ---- for the comparison of two modules -----------------------------------------------------------

# observe WHAT: standard input goes to the file that must be the same on each module. Flows of floods
# are left out: in which order they go to the ports is chance.
observe() {
	{
		echo "-- $1"
		sed -E '/dst=(ff:ff|01:00:5e).*actions:/d; s/ufid:[-0-9a-f]+/ID/g; s/pid=[0-9]+/pid=N/g
			s/recirc_id=[0-9]+/recirc_id=N/g; s/recirc\(0x[0-9a-f]+\)/recirc(N)/g; s/ +$//'
	} >> "$scratch/observed"
}
