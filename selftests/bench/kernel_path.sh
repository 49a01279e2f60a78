# SPDX-License-Identifier: BSD-3-Clause
#
# A path for packets, for scripts in a VM: pktgen hands them to the receive path
# of a dummy device, tw_in; the datapath under test outputs them to another,
# tw_out, or bench_floor.ko does, which no datapath is.
# $what: datapath or floor.
bench=$(readlink -f "$here/../../build/bench")

modprobe pktgen
sysctl -qw net.ipv6.conf.default.disable_ipv6=1 # nothing but pktgen sends
for d in tw_in tw_out; do
	ip link add "$d" type dummy
	ip link set "$d" up
done
ip link set tw_in address 02:00:00:00:00:02

dpctl() {
	[ "$what" = floor ] || ovs-dpctl "$@"
}

dpctl add-dp twbench
dpctl add-if twbench tw_in
dpctl add-if twbench tw_out
[ "$what" != floor ] || insmod "$bench/bench_floor.ko" from=tw_in to=tw_out

pg() { echo "$2" >"/proc/net/pktgen/$1"; }

# source_add NAME THREAD: a device of pktgen's, tw_in or tw_in@N.
source_add() {
	pg "kpktgend_$2" "add_device $1"
	for setting in "xmit_mode netif_receive" "pkt_size 60" "src_mac 02:00:00:00:00:01" \
		"dst_mac 02:00:00:00:00:02" "dst_min 10.9.9.9" "dst_max 10.9.9.9"; do
		pg "$1" "$setting"
	done
}

# traffic NAME PACKETS SOURCES SOURCE_PORTS DESTINATION_PORTS: how many of each,
# from 10.0.0.1, 1000 and 80 on; all change with every packet.
traffic() {
	pg "$1" "count $2"
	pg "$1" "src_min 10.0.0.1"
	pg "$1" "src_max 10.0.$(($3 / 256)).$(($3 % 256))"
	pg "$1" "udp_src_min 1000"
	pg "$1" "udp_src_max $((1000 + $4))"
	pg "$1" "udp_dst_min 80"
	pg "$1" "udp_dst_max $((80 + $5))"
}

megaflow() {
	dpctl add-flow twbench "in_port(1),eth(),eth_type(0x0800),$1" 2
}
