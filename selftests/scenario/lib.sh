# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What all scenarios use: the cleanup stack, bounded waits, comparisons, hosts. Sourced by `sandbox`
# together with one of the drivers, which supply
#
#   datapath_start	makes the datapath's side ready for its first request
#   datapath_tell	what it knows, for the log of a test that failed
#   datapath_check	after the test proper: is it as it should be? Removes what the test left
#   dpctl ARG...	the distribution's ovs-dpctl
#   through CMD...	runs any program with its generic netlink going to the datapath
#
# A test is a function test_NAME, announced by a line "# test NAME: what must be seen". It fails by
# any command that fails (errexit), or by `fail`.

readonly SKIPPED=4
exit_stack=()

# on_exit CMD...: have it run when the test ends, the last one first.
on_exit() {
	exit_stack+=("$(printf '%q ' "$@")")
}

finish() {
	local status=$1 i
	trap - EXIT ERR
	set +e
	((status == 0 || status == SKIPPED)) || datapath_tell
	for ((i = ${#exit_stack[@]} - 1; i >= 0; i--)); do
		eval "${exit_stack[i]}"
	done
	exit "$status"
}

# world_prepare: in fresh namespaces, a place for named ones, a sysfs that shows them, no IPv6.
world_prepare() {
	mkdir -p /run/netns
	mount -t tmpfs -o mode=755 scenario-netns /run/netns
	mount -t sysfs sysfs /sys
	ip link set lo up
	echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
	echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
}

fail() {
	echo "failed: ${FUNCNAME[1]}: $*"
	exit 1
}

skip() {
	echo "SKIP: $*"
	exit $SKIPPED
}

# The scenario's commands in the log, as they run.
note() {
	echo "+ $*" >&2
}

# busywait SECONDS CMD...: until CMD succeeds.
busywait() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@" > /dev/null 2>&1; do
		((${EPOCHREALTIME/./} < deadline)) || return 1
		sleep 0.05
	done
}

# stop PID: ends a process that this test started.
stop() {
	kill "$1" 2> /dev/null || true
	wait "$1" 2> /dev/null || true
}

expect_equal() {
	local got=$1 wanted=$2 what=$3
	[[ $got == "$wanted" ]] || {
		diff <(echo "$wanted") <(echo "$got") || true
		fail "$what: wanted (<), got (>)"
	}
}

# lines_match TEXT PATTERN: the lines that match, as grep would tell, without a process.
lines_match() {
	local line status=1
	while IFS= read -r line; do
		[[ $line =~ $2 ]] || continue
		printf '%s\n' "$line"
		status=0
	done <<< "$1"
	return $status
}

expect_match() {
	local text=$1 pattern=$2 what=$3
	lines_match "$text" "$pattern" > /dev/null || fail "$what: no '$pattern' in: $text"
}

expect_no_match() {
	local text=$1 pattern=$2 what=$3
	! lines_match "$text" "$pattern" > /dev/null || fail "$what: '$pattern' in: $text"
}

# expect_error MESSAGE CMD...: CMD must fail and say so.
expect_error() {
	local message=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	((status != 0)) || fail "'$*' succeeded, wanted: $message"
	expect_match "$output" "$message" "'$*'"
}

# ---- hosts ---------------------------------------------------------------------------------------
# Host N is the namespace hN; its eth0, address 02:00:00:00:00:0N, is a veth whose other end is pN on
# the datapath's side. Hosts say nothing that they are not asked to: no IPv6 (but for host_ipv6), no
# probing of neighbours. So every packet can be accounted for. They end with the sandbox.

in_host() {
	local host=$1
	shift
	nsenter --net="/run/netns/$host" -- "$@"
}

# host_add N [ADDRESS/LENGTH...]
host_add() {
	local n=$1 address
	shift
	ip -batch - <<-END
		netns add h$n
		link add p$n type veth peer name eth0 netns h$n
		link set p$n up
	END
	{
		echo link set lo up
		echo link set eth0 addrgenmode none
		echo link set eth0 address "02:00:00:00:00:0$n" up
		for address; do
			echo address add "$address" dev eth0
		done
		echo ntable change name arp_cache dev eth0 delay_probe 600000 base_reachable 36000000
	} | ip -n "h$n" -batch -
}

# host_ipv6 N ADDRESS/LENGTH: an address without duplicate detection, so without packets.
host_ipv6() {
	ip -n "h$1" -batch - <<-END
		address add $2 dev eth0 nodad
		ntable change name ndisc_cache dev eth0 delay_probe 600000 base_reachable 36000000
	END
}

# host_knows N ADDRESS M: host N has host M's address for good.
host_knows() {
	ip -n "h$1" neigh replace "$2" lladdr "02:00:00:00:00:0$3" dev eth0 nud permanent
}

mtu() {
	ip link set "p$1" mtu "$2"
	ip -n "h$1" link set eth0 mtu "$2"
}

# pings HOST COUNT ADDRESS [OPTION...]: all must be answered. They are sent at once: ping waits for
# the last answer as long as its interval is.
pings() {
	local host=$1 count=$2 address=$3 output
	shift 3
	note "$host: $count x ping $address $*"
	output=$(in_host "$host" ping -q -n -c "$count" -l "$count" -i 10 -W 10 "$@" "$address") ||
		fail "$host: ping $address: $output"
	expect_match "$output" "$count packets transmitted, $count received, 0% packet loss" "ping"
	expect_no_match "$output" duplicates "ping"
}

# no_pings HOST ADDRESS [OPTION...]: none may be answered.
no_pings() {
	local host=$1 address=$2
	shift 2
	note "$host: no ping $address $*"
	! in_host "$host" ping -q -n -c 2 -i 0.1 -W 1 "$@" "$address" > /dev/null ||
		fail "$host: $address answered"
}

# ---- the datapath --------------------------------------------------------------------------------

# switch HOST_NUMBER...: a datapath "dp" with these hosts' ports, numbered as the hosts.
switch() {
	local n ports=()
	for n; do
		ports+=("p$n,port_no=$n")
	done
	dpctl add-dp dp "${ports[@]}"
}

# flow MATCH ACTIONS: adds a flow to the one datapath there is.
flow() {
	note "flow $1 -> $2"
	dpctl add-flow "$1" "$2"
}

# flows: adds those of standard input, lines "MATCH ACTIONS", in one go (which is quicker).
flows() {
	local lines output
	lines=$(cat)
	note "flows: $lines"
	output=$(dpctl -verr add-flows "${1-dp}" - <<< "$lines" 2>&1)
	expect_equal "$output" "" "answer to add-flows"
}

# flows_both_ways A B MATCH...: what matches goes from port A to B and from B to A.
flows_both_ways() {
	local a=$1 b=$2 match
	shift 2
	for match; do
		echo "in_port($a),$match $b"
		echo "in_port($b),$match $a"
	done | flows
}

readonly ARP="eth(),eth_type(0x806),arp()" ICMP="eth(),eth_type(0x800),ipv4(proto=1),icmp()"

# expect_counts PATTERN "PACKETS BYTES"...: of the one flow whose dump matches each pattern.
expect_counts() {
	local dump found
	dump=$(dpctl dump-flows)
	while (($#)); do
		found=$(lines_match "$dump" "$1") || fail "no flow matches '$1' in: $dump"
		[[ $found != *$'\n'* ]] || fail "more than one flow matches '$1' in: $dump"
		[[ $found =~ packets:([0-9]+),\ bytes:([0-9]+), ]]
		expect_equal "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}" "$2" "packets and bytes of $found"
		shift 2
	done
}

# expect_shown FIELD VALUE...: what `show` prints behind "FIELD: ", as "hit:0 missed:0 lost:0" for
# lookups. The value is a pattern for the whole.
expect_shown() {
	local show line
	show=$(dpctl show)
	while (($#)); do
		line=$(lines_match "$show" "^ +$1: ") || fail "show has no $1: $show"
		expect_match "${line#*: }" "^$2\$" "show, $1"
		shift 2
	done
}

# dump_keys: the flows without their statistics, sorted.
dump_keys() {
	dpctl dump-flows | sed -E 's/, packets.*actions:/ /' | sort
}

# client FILE NAME ARG...: runs a function of one of the Python clients on the datapath.
client() {
	note "client $*"
	through python3 -B "$here/$1" "${@:2}"
}
