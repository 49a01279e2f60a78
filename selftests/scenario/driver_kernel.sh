# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# The kernel datapath: whatever openvswitch module this kernel has or can load.

datapath_start() {
	[[ -d /sys/module/openvswitch ]] || modprobe openvswitch ||
		fail "no openvswitch module: run the scenarios in the VM (see README.md)"
}

datapath_tell() {
	dpctl show -s
	dpctl dump-flows
}

datapath_check() {
	local dp
	for dp in $(dpctl dump-dps); do
		dpctl del-dp "$dp"
	done
	expect_equal "$(dpctl dump-dps)" "" "datapaths left"
}

dpctl() {
	ovs-dpctl -vwarn --timeout=60 "$@"
}

through() {
	"$@"
}

# on_stock: is this the kernel's own module, where tests of the tests themselves run?
on_stock() {
	[[ ${TWINPATH_VM-} == stock ]]
}
