# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# The DPDK twin: a twinpathd of this test's own, on a socket of its own.

twin_build=${TWINPATH_BUILD:-$(readlink -f "$here/../../build")}
twin_pid=''

datapath_start() {
	[[ -x $twin_build/twinpathd ]] || fail "$twin_build/twinpathd is missing: run make first"
	export TWINPATH_SOCKET=$scratch/ovs.sock TWINPATH=$twin_build/twinpath
	twin_launch
	on_exit twin_end
}

twin_launch() {
	"$twin_build/twinpathd" --socket "$TWINPATH_SOCKET" --no-huge >> "$scratch/twinpathd.log" 2>&1 &
	twin_pid=$!
	busywait 20 twin_answers || fail "twinpathd doesn't answer"
}

twin_answers() {
	kill -0 "$twin_pid" && [[ -S $TWINPATH_SOCKET ]] && twin port list
}

datapath_tell() {
	dpctl show -s
	dpctl dump-flows
	twin stats
}

datapath_check() {
	local dp
	kill -0 "$twin_pid" 2> /dev/null || fail "twinpathd died"
	for dp in $(dpctl dump-dps); do
		dpctl del-dp "$dp"
	done
	expect_equal "$(dpctl dump-dps)" "" "datapaths left"
	twin_stop
	expect_equal "$(ip -o link show type tun)" "" "TAP devices left"
}

# A daemon that is told to end does so at once and without complaint.
twin_stop() {
	local status=0
	kill "$twin_pid"
	timeout 10 tail --pid="$twin_pid" -s 0.05 -f /dev/null || fail "twinpathd doesn't end"
	wait "$twin_pid" || status=$?
	((status == 0)) || fail "twinpathd ended with status $status"
	twin_pid=''
}

twin_end() {
	[[ -z $twin_pid ]] || { kill -KILL "$twin_pid"; wait "$twin_pid"; } 2> /dev/null
	[[ ! -s $scratch/twinpathd.log ]] || sed 's/^/twinpathd: /' "$scratch/twinpathd.log"
}

twin() {
	timeout 60 "$twin_build/twinpath" "$@"
}

dpctl() {
	through ovs-dpctl -vwarn --timeout=60 "$@"
}

through() {
	"$twin_build/twinpath" exec --socket "$TWINPATH_SOCKET" -- "$@"
}

on_stock() {
	false
}
