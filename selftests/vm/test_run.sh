#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_run.sh - tests of the VM harness itself (TAP).
# shellcheck disable=SC2016,SC2030,SC2031  # single-quoted scripts run in the guest; lanes are subshells
set -uo pipefail

here=$(dirname "$(readlink -f "$0")")
vm=$here/run
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here" || exit 1

# check NAME CONDITION... - one TAP line, yet without its number; on failure what the last VM printed.
check() {
	local name=$1
	shift
	if "$@"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		echo "# condition: $*"
		sed 's/^/# stdout: /' "$work/out" | head -n 20
		sed 's/^/# stderr: /' "$work/err" | head -n 40
	fi
}

# in_vm ARG... - runs the harness; leaves its output in $work/out and err, its status in $status.
in_vm() {
	"$vm" --timeout 150 --keep-log "$work/log" "$@" > "$work/out" 2> "$work/err"
	status=$?
}

status_is() { [[ $status -eq $1 ]]; }
out_is() { printf '%b' "$1" | cmp -s - "$work/out"; }
err_is_empty() { [[ ! -s $work/err ]]; }
err_has() { grep -qF -- "$1" "$work/err"; }

test_streams() {
	printf 'line one\n\0bytes\377' > "$work/in"
	in_vm --module none --env "GREETING=a b  c" --stdin "$work/in" -- \
		bash -c 'printf "%s|" "$PWD" "$GREETING" "$@"; cat; echo to-stderr >&2; exit 37' x 'two  words' '' $'new\nline'
	check "exit status comes through" status_is 37
	{ printf '%s|' "$here" "a b  c" 'two  words' '' $'new\nline'; cat "$work/in"; } > "$work/expected"
	check "stdout, arguments, stdin, directory and variables come through exactly" \
		cmp -s "$work/expected" "$work/out"
	check "stderr holds what the command wrote and nothing else" [ "$(cat "$work/err")" = to-stderr ]

	in_vm --module none -- bash -c 'head -c 20000000 /dev/zero | tr "\0" x; (sleep 1000; echo late) & kill -TERM $$'
	check "a signal's exit status" status_is 143
	check "twenty megabytes of output, background processes don't delay the end" \
		[ "$(wc -c < "$work/out")" -eq 20000000 ]
	in_vm --module none -- /no/such/program
	check "a command that isn't there" status_is 127
}

test_machine() {
	in_vm --module none --cpus 3 -- bash -euc '
		[ "$(id -u) $(hostname)" = "0 twinpath-vm" ]
		ip -br link show lo | grep -q UP; ping -qc 1 127.0.0.1 > /dev/null
		ip netns add harness-a; ip netns exec harness-a ip link set lo up
		ip link add harness0 type veth peer name harness1 netns harness-a
		ip link add harness2 type dummy; ip tuntap add harness3 mode tap; modprobe pktgen
		for path in /proc/net/pktgen/pgctrl /sys/class/net/harness3 /dev/pts/ptmx /dev/net/tun \
			/sys/kernel/debug/tracing/events /sys/kernel/tracing/events /run/netns/harness-a; do
			[ -e "$path" ]
		done
		echo through > /dev/stdout; dmesg | grep -q "Linux version"; script -qc true /dev/null
		touch /run/a /tmp/a /dev/shm/a; [ "$(nproc)" = 3 ]; head -c 64 /dev/random | wc -c'
	check "root, loopback, namespaces, veth, dummy, TAP, pktgen, pts, tracing, dmesg, randomness" \
		out_is 'through\n64\n'
}

test_overlay() {
	local name=$here/written-in-the-vm
	mkdir "$work/shared"
	echo before > "$work/kept"
	in_vm --module none --writable "$work/shared" -- bash -euc "
		echo gone > '$name'; echo changed > '$work/kept'; rm -r /etc/hosts
		cat '$name' '$work/kept'; echo result > '$work/shared/result'"
	check "files can be written and changed inside" out_is 'gone\nchanged\n'
	check "and are as before outside" [ ! -e "$name" -a "$(cat "$work/kept")" = before -a -e /etc/hosts ]
	check "a --writable directory keeps what was written" grep -qx result "$work/shared/result"
}

test_modules() {
	in_vm --module stock -- sh -c 'ovs-dpctl add-dp harness && ovs-dpctl show && grep -c ^openvswitch /proc/modules'
	check "the kernel's own module loads and answers" grep -qx '  port 0: harness (internal)' "$work/out"
	check "and unloads with a datapath left behind" status_is 0

	mkdir "$work/build"
	cp "$(find /lib/modules -name openvswitch.ko | sort -V | tail -n 1)" "$work/build/"
	in_vm --module own --build "$work/build" -- sh -ec '
		rmmod openvswitch; ln -s /bin/false /usr/local/sbin/rmmod
		ovs-dpctl show; modprobe -v openvswitch; ! modprobe -q vport-vxlan; lsmod | grep -c ^openvswitch'
	check "a module of this project takes the place of the kernel's own" grep -qx 1 "$work/out"
	check "a module that can't be unloaded fails the run" status_is 125
	sed -i 's/vermagic=[0-9]/vermagic=0/' "$work/build/openvswitch.ko"
	in_vm --module own --build "$work/build" -- true
	check "a module for another kernel is refused" err_has 'was built for kernel'
	printf x > "$work/build/openvswitch.ko"
	in_vm --module own --build "$work/build" -- true
	check "a file that is no module is named" err_has "$work/build/openvswitch.ko is no kernel module"
	in_vm --module own --build "$here" -- true
	check "a missing module is named" err_has "$here/openvswitch.ko is missing"
}

test_problems() {
	in_vm --module none -- \
		sh -c 'echo "<4>WARNING: CPU: 1 PID: 7 at harness/test" > /dev/kmsg; echo done'
	check "a kernel warning fails a command that succeeded" status_is 125
	check "its output came through all the same" out_is 'done\n'
	check "the warning is named" err_has 'WARNING: CPU: 1 PID: 7 at harness/test'
	check "--keep-log keeps the log" grep -q 'Linux version' "$work/log"
	in_vm --module none --allow-warn -- \
		sh -c 'echo "<3>unregister_netdevice: waiting for x to become free" > /dev/kmsg; exit 5'
	check "--allow-warn reports it and gives the command's status" status_is 5
	check "and still names it" err_has 'unregister_netdevice: waiting'
	in_vm --module none -- sh -c 'echo c > /proc/sysrq-trigger'
	check "a panic ends the run" status_is 125
	check "and shows where" err_has sysrq_handle_crash
}

test_timeout() {
	in_vm --module none --timeout 20 -- sleep 1000
	check "the time limit ends a command" status_is 124
	check "and tells what the VM was doing" err_has 'sysrq: Show Blocked State'
}

# A VM that is ended from outside leaves neither process nor directory.
test_end() {
	mkdir "$work/jobs"
	TMPDIR=$work/jobs "$vm" --module none -- sleep 1000 > "$work/out" 2> "$work/err" &
	local runner=$!
	until [[ -s $(echo "$work"/jobs/*/log) ]]; do sleep 0.1; done
	local qemu
	qemu=$(pgrep -P "$runner" -x qemu-system-x86)
	kill "$runner"
	wait "$runner"
	status=$?
	check "a signal ends it" status_is 143
	check "with its VM" [ -n "$qemu" -a ! -e "/proc/$qemu" ]
	check "and its directory" [ -z "$(ls "$work/jobs")" ]
}

test_icount() {
	gcc -O2 -Wall -Wextra -Werror -static -o "$work/icount_loop" "$here/icount_loop.c"
	in_vm --module none --icount -- sh -c "'$work/icount_loop'; '$work/icount_loop'"
	check "--icount counts instructions exactly" out_is '20000\n20000\n'
}

test_options() {
	local options
	for options in '--module other -- true' '--no-such-option x' '--timeout 0 -- true' '--cpus' '' \
		'--env NAME -- true' '--writable /no/such -- true' '--icount --cpus 2 -- true'; do
		# shellcheck disable=SC2086  # split on purpose
		in_vm $options
		check "bad options are refused: $options" eval 'status_is 125 && err_has vm/run:'
	done
	"$vm" --help > "$work/out" 2> "$work/err"
	check "--help" eval 'grep -q ^Usage: "$work/out" && err_is_empty'
}

# lane TEST... - runs tests one after the other in a directory of their own.
lane() (
	work=$work/$1
	mkdir "$work"
	for test; do
		"test_$test"
	done
)

# A VM leaves much of the second processor idle: two lanes.
lane options machine overlay modules timeout > "$work/lane1" &
lane streams problems end icount > "$work/lane2"
wait
cat "$work/lane1" "$work/lane2" | awk '
	/^(not )?ok - / { sub(/ok - /, "ok " ++tests " - ") }
	/^not ok / { failures++ }
	{ print }
	END { print "1.." tests; exit failures > 0 }'
