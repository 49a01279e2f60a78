# SPDX-License-Identifier: BSD-3-Clause
"""Connections that no flow is there for, through an unmodified ovs-vswitchd: contestants that set up
a flow for each.

Each has a bridge with the ports `far` and `near` to a host, where setup_rate sends the first packet of
each connection in at the one and awaits it at the other. An action that looks at addresses makes each
connection, which has another source than the others, a flow of its own."""
import json
import os
import re

import contestants
import sources
from contestants import OTHER_CPU, Failed, run, wait_for
from vswitchd import EXACT, WithVswitchd

ROUND, WINDOW = 4000, 128  # connections; fewer than the flows that ovs-vswitchd begins with
NO_IDLING = ("other_config:flow-limit=200000", "other_config:max-idle=10000000")


class Switch(WithVswitchd, contestants.Contestant):
    """datapath: ovs-vswitchd's name for it"""
    datapath = "system@ovs-system"
    bridge_type = "system"
    bench = None  # where setup_rate is
    started = 0

    def __init__(self, folder):
        super().__init__(folder, sources.NoSource())
        Switch.started += 1
        self.bridge = "tws%d" % Switch.started
        self.done = 1

    def device(self, end):
        """A device of the host; its peer has the name with a "_"."""
        return "%s_%s" % (self.bridge, end)

    def start(self):
        for end in ("far", "near"):
            name = self.device(end)
            run("ip", "link", "add", name, "type", "veth", "peer", "name", name + "_")
            for device in (name, name + "_"):
                run("sysctl", "-qw", "net.ipv6.conf.%s.disable_ipv6=1" % device)
                run("ip", "link", "set", device, "up")
        self.start_switch()
        self.vsctl("add-br", self.bridge, "--", "set", "bridge", self.bridge,
                   "datapath_type=" + self.bridge_type, "fail-mode=secure")
        for number, end in enumerate(("far", "near"), 1):
            self.add_port(self.device(end) + "_", number)
        self.openflow("add-flow", self.bridge, "in_port=1,udp,%s,output:2" % EXACT)

    def add_port(self, name, number, *options):
        self.vsctl("add-port", self.bridge, name, "--", "set", "interface", name,
                   "ofport_request=%d" % number, *options)

    def flows(self):
        return int(re.search(r"flows: (\d+)", self.appctl("dpctl/show", self.datapath))[1])

    def round(self, count=ROUND):
        """Set up so many flows: what setup_rate says."""
        self.thaw()
        self.appctl("revalidator/purge")
        wait_for("the flows to go", lambda: self.flows() == 0)
        result = json.loads(run("taskset", "-c", str(OTHER_CPU), self.bench + "/setup_rate",
                                self.device("far"), self.device("near"), str(self.done),
                                str(count), str(WINDOW), timeout=300))
        self.done += count
        flows = self.flows()
        if flows < count:
            raise Failed("%s: %d flows for %d connections" % (self.name, flows, count))
        self.freeze()
        return result


def uptime():
    with open("/proc/uptime") as f:
        return float(f.read().split()[0])


class KernelSwitch(Switch):
    """The module that is loaded."""
    name = "kernel"

    def start_switch(self):
        # An ovs-vswitchd that starts in Linux's first ten seconds counts no processors, and has no handler.
        wait_for("Linux to have run for a while", lambda: uptime() > 11)
        self.start_database(*NO_IDLING)
        self.start_vswitchd("ovs-vswitchd")


class TwinSwitch(Switch, contestants.Twin):
    name = "twinpathd"

    def start_switch(self):
        self.launch_daemon()
        self.start_database(*NO_IDLING)
        self.start_vswitchd(self.build + "/twinpath", "exec", "--", "ovs-vswitchd",
                            env={"TWINPATH_SOCKET": self.socket_path})


class OvsSwitch(Switch, contestants.Ovs):
    """Open vSwitch's own DPDK datapath, on devices of Linux by DPDK's packet socket driver."""
    name = "OVS"
    datapath = "netdev@ovs-netdev"
    bridge_type = "netdev"

    def start_switch(self):
        self.start_daemons()

    def add_port(self, name, number, *options):
        namespace = str(self.vswitchd.pid)
        run("ip", "link", "set", name, "netns", namespace)
        run("nsenter", "-t", namespace, "-n", "ip", "link", "set", name, "up")
        super().add_port(name, number, "type=dpdk",
                         "options:dpdk-devargs=net_af_packet%d,iface=%s" % (number, name))


class OvsNativeSwitch(OvsSwitch, contestants.OvsNative):
    name = "OVS native"
