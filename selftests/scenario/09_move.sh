# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# A datapath is copied, moved, saved and restored.
#
#    h1                 "dp"                 h2
#   eth0 ------- p1     here     p2 ------- eth0
#                        |  ^
#          twinpath copy v  |  or by file
#                        there: a twinpathd more
#
# test moved: a datapath moves there and back, and traffic passes at each place
# test whole_language: all that keys, masks and actions can say comes back as it was
# test by_file: what is saved is restored to the byte; what a place doesn't have is told
# test damaged: a file that was damaged is refused by its line, and changes nothing
# test not_over: a datapath that is there stays, unless it is to be replaced
# test put_back: a move that can't be finished is undone
# test big: many flows, in little memory
# test long_lists: actions too long for a dump come along

twinpath=$(readlink -f "$here/../../build")/twinpath
export PYTHONPATH=$PYTHONPATH:$here/../differential

# The place of the driver's own datapath, as `twinpath` calls it.
case $driver in
kernel) place=kernel ;;
twin) place=twin ;;
esac

# few_drivers: DPDK loads all drivers that it finds, which in the VM, over its file system, takes most
# of a minute. Those that are needed will do.
few_drivers() {
	local all
	all=$(echo /usr/lib/*/dpdk/pmds-*)
	[[ ! -d $scratch/pmds ]] || return 0
	mkdir "$scratch/pmds"
	cp -P "$all"/librte_{bus_pci,bus_vdev,mempool_ring,net_null}.so* "$scratch/pmds"
	mount --bind "$scratch/pmds" "$all"
}

# there_start [NAMESPACE]: one more daemon, in this network namespace or another.
there_start() {
	local in=()
	[[ -z ${1-} ]] || in=(nsenter --net="/run/netns/$1" --)
	there=$scratch/there.sock
	[[ $driver != kernel ]] || few_drivers
	"${in[@]}" "${twinpath}d" --socket "$there" --no-huge --eal "--file-prefix=there" >> "$scratch/there.log" 2>&1 &
	there_pid=$!
	on_exit there_end "$there_pid"
	busywait 120 "$twinpath" --socket "$there" port list || fail "no daemon there: $(cat "$scratch/there.log")"
}

there_end() {
	stop "$1"
	sed 's/^/there: /' "$scratch/there.log"
}

# tp STATUS ARG...: runs twinpath, which must end with this status; its words are in $said.
tp() {
	local wanted=$1 status=0
	shift
	note "twinpath $*"
	said=$(timeout 120 "$twinpath" "$@" 2>&1) || status=$?
	echo "$said"
	[[ $status == "$wanted" ]] || fail "twinpath $1 ended with $status, wanted $wanted"
}

dpctl_there() {
	"$twinpath" exec --socket "$there" -- ovs-dpctl -vwarn --timeout=60 "$@"
}

client_there() {
	note "there: client $*"
	"$twinpath" exec --socket "$there" -- python3 -B "$here/$1" "${@:2}"
}

# expect_same FILE FILE: two states that 09_move.py told.
expect_same() {
	diff "$scratch/$1" "$scratch/$2" > "$scratch/diff" || {
		head -n 40 "$scratch/diff"
		fail "$1 and $2 differ"
	}
	[[ -s $scratch/$1 ]] || fail "$1 is empty"
}

# Meters of the kernel's own module can't be read.
whole_from_here() {
	if on_stock; then echo 4; else echo 0; fi
}

test_moved() {
	host_add 1 10.1.1.1/24
	host_add 2 10.1.1.2/24
	there_start
	client 09_move.py make p1 p2
	flows_both_ways 1 2 "$ARP" "$ICMP"
	pings h1 3 10.1.1.2
	client 09_move.py tell "$scratch/before"
	tp 1 copy "$place" "$there"
	expect_match "$said" "there is a device 'dp' already" "copy beside the original"
	tp 0 copy --move "$place" "$there"
	expect_match "$said" "^moved datapath 'dp': 4 ports, 0 meters, 1 limit, 4 flows$" "what was moved"
	expect_equal "$(dpctl dump-dps)" "" "datapaths left behind"
	client_there 09_move.py tell "$scratch/there"
	expect_same before there
	pings h1 3 10.1.1.2
	tp 0 copy --move --json "$there" "$place"
	expect_equal "$(jq -r '.done, .carried.flows, (.not_carried | length)' <<< "$said" | xargs)" "true 4 0" "report"
	client 09_move.py tell "$scratch/after"
	expect_same before after
	pings h1 3 10.1.1.2
	client 09_move.py no_limits
}

test_whole_language() {
	there_start
	client 09_move.py make
	client 09_move.py speak 1 "${SCENARIO_FLOWS:-600}"
	client 09_move.py tell "$scratch/before"
	tp "$(whole_from_here)" copy --move "$place" "$there"
	expect_no_match "$said" "not carried: flow" "flows"
	! on_stock || expect_match "$said" "not carried: meter 7: .*rate" "a meter of the kernel's own module"
	client_there 09_move.py tell "$scratch/there"
	on_stock || expect_same before there
	tp 0 copy --move "$there" "$place"
	client 09_move.py tell "$scratch/after"
	if on_stock; then
		sed -i '/^meter/d' "$scratch/before" "$scratch/there" "$scratch/after"
		expect_same before there
	fi
	expect_same before after
	client 09_move.py no_limits
}

test_by_file() {
	host_add 1
	host_add 2
	ip netns add elsewhere
	there_start elsewhere
	client 09_move.py make p1 p2
	client 09_move.py speak 2 100
	client 09_move.py tell "$scratch/before"
	tp "$(whole_from_here)" save "$place" "$scratch/file"
	tp 1 restore --strict "$scratch/file" "$there"
	expect_match "$said" "not all can be carried: undone" "all or nothing"
	expect_equal "$(dpctl_there dump-dps)" "" "datapaths after it was undone"
	# A daemon takes a Linux device over, if there is such a one: there are none in that namespace.
	tp 4 restore "$scratch/file" "$there"
	expect_match "$said" "^not carried: port 1 'p1': No such device" "a port that is not there"
	expect_match "$said" "^restored datapath 'dp': 2 of 4 ports" "the sum"
	client_there 09_move.py tell "$scratch/there"
	for file in before there; do
		sed '/^port.* p[12]$/d; /^meter/d' "$scratch/$file" > "$scratch/$file.rest"
	done
	expect_same before.rest there.rest
	client 09_move.py remove
	tp 0 restore "$scratch/file" "$place"
	tp "$(whole_from_here)" save "$place" "$scratch/file2"
	on_stock || [[ $(head -n 1 "$scratch/file") == "$(head -n 1 "$scratch/file2")" ]] || fail "the header changed"
	client 09_move.py tell "$scratch/after"
	if on_stock; then
		sed -i '/^meter/d' "$scratch/before" "$scratch/after"
	fi
	expect_same before after
	client 09_move.py no_limits
}

test_damaged() {
	client 09_move.py make
	client 09_move.py speak 3 40
	tp "$(whole_from_here)" save "$place" "$scratch/file"
	client 09_move.py no_limits
	client 09_move.py remove
	python3 -B "$here/09_move.py" damage "$scratch/file" "$twinpath" "$place"
	expect_equal "$(dpctl dump-dps)" "" "datapaths made from damaged files"
	tp 1 restore "$scratch/nothing" "$place"
	expect_match "$said" "No such file or directory" "a file that is not there"
	tp 1 restore /dev/null "$place"
	expect_match "$said" "not a regular file" "no file at all"
	tp 1 save "$place" "$scratch/none"
	[[ ! -e $scratch/none ]] || fail "a file without a datapath"
	tp 2 restore "$scratch/file" moon
	expect_match "$said" "neither 'kernel', 'twin' nor a socket's path: 'moon'" "a place that is none"
	tp 3 restore "$scratch/file" /nowhere.sock
}

test_not_over() {
	client 09_move.py make
	client 09_move.py speak 4 30
	client 09_move.py tell "$scratch/before"
	tp "$(whole_from_here)" save "$place" "$scratch/file"
	dpctl del-flows dp
	client 09_move.py tell "$scratch/changed"
	tp 1 restore "$scratch/file" "$place"
	expect_match "$said" "there is a datapath 'dp' already" "a datapath that is there"
	client 09_move.py tell "$scratch/after"
	expect_same changed after
	tp 0 restore --replace "$scratch/file" "$place"
	client 09_move.py tell "$scratch/after"
	if on_stock; then
		sed -i '/^meter/d' "$scratch/before" "$scratch/after"
	fi
	expect_same before after
	# A new one that can't be made: the old one comes back. Port 2 stands for a device that is gone.
	tp "$(whole_from_here)" save "$place" "$scratch/file"
	client 09_move.py tell "$scratch/before"
	python3 -B "$here/09_move.py" lose_port "$scratch/file"
	tp 1 restore --replace --strict "$scratch/file" "$place"
	expect_match "$said" "'dp' (is back as it was|can't be put back whole)" "what was replaced"
	client 09_move.py tell "$scratch/after"
	if on_stock; then
		sed -i '/^meter/d' "$scratch/before" "$scratch/after"
	fi
	expect_same before after
	client 09_move.py no_limits
}

test_put_back() {
	ip netns add elsewhere
	there_start elsewhere
	host_add 1
	client 09_move.py make p1
	client 09_move.py tell "$scratch/before"
	# The port's device is not there.
	tp 1 copy --move --strict "$place" "$there"
	expect_match "$said" "not carried: port 1 'p1': No such device" "why it was not moved"
	expect_match "$said" "note: $place: datapath 'dp' is back as it was" "what became of it"
	expect_equal "$(dpctl_there dump-dps)" "" "datapaths there"
	client 09_move.py tell "$scratch/after"
	expect_same before after
	# Nobody there: not even begun.
	stop "$there_pid"
	tp 3 copy --move "$place" "$there"
	client 09_move.py tell "$scratch/after"
	expect_same before after
	client 09_move.py no_limits
}

test_big() {
	local n=100000
	[[ $driver == twin ]] || n=4000
	there_start
	client 09_move.py make
	client 09_move.py many $n
	client 09_move.py tell "$scratch/before"
	python3 -B "$here/09_move.py" measured 64 "$twinpath" copy --move "$place" "$there"
	client_there 09_move.py tell "$scratch/there"
	expect_same before there
	client_there 09_move.py no_limits
	client_there 09_move.py remove
	[[ $driver != kernel ]] || client 09_move.py no_limits_anywhere
}

test_long_lists() {
	there_start
	client 09_move.py make
	client 09_move.py long_lists
	client 09_move.py tell "$scratch/before"
	tp 0 copy --move "$place" "$there"
	client_there 09_move.py tell "$scratch/there"
	expect_same before there
	tp 0 copy --move "$there" "$place"
	client 09_move.py tell "$scratch/after"
	expect_same before after
	client 09_move.py no_limits
}
