#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A stock Open vSwitch on the twin: bridges, ports of all kinds, statistics.

Needs root and the packages openvswitch-switch, iproute2, iputils-ping. Prints
TAP. Usage: switch_test.py [TEST...]
"""
import json
import os
import sys

from switch import Switch, sh, wait_for, run_test


def link_of(switch, name):
    r = switch.ip("-j", "-d", "link", "show", name, check=False)
    return json.loads(r.stdout)[0] if r.returncode == 0 else None


def port_of(switch, name):
    ports = json.loads(switch.twinpath("port", "list", "--json").stdout)
    return next((p for p in ports if p["name"] == name), None)


def test_bridge(switch):
    "a bridge: LOCAL and internal ports with addresses, veth ports, ping through all"
    switch.start()
    h1, h2 = switch.host("h1", "10.8.0.1/24"), switch.host("h2", "10.8.0.2/24")
    switch.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=system",
                 "--", "add-port", "br0", "h1", "--", "add-port", "br0", "h2",
                 "--", "add-port", "br0", "int0", "--", "set", "interface", "int0",
                 "type=internal")
    switch.ip("addr", "add", "10.8.0.10/24", "dev", "br0")
    switch.ip("link", "set", "br0", "up")
    assert "system@ovs-system" in switch.dpctl("show").stdout
    h1.ping(h2.address)
    h1.ping("10.8.0.10")
    # An internal port may live in a namespace of its own.
    h1.run("true")
    sh("ip", "-n", switch.netns, "link", "set", "int0", "netns", h2.netns)
    sh("ip", "-n", h2.netns, "addr", "add", "10.8.0.11/24", "dev", "int0")
    sh("ip", "-n", h2.netns, "link", "set", "int0", "up")
    h1.ping("10.8.0.11")
    switch.vsctl("del-br", "br0")
    wait_for(lambda: not link_of(switch, "br0"))


def test_shadow(switch):
    "twin netdevs show as shadows: a stock ovs-dpctl and ovs-vswitchd take them"
    switch.twin_args.append("--shadow")
    switch.start()
    switch.twinpath("port", "add", "--mtu", "1600", "p0", "net_null0")
    link = link_of(switch, "p0")
    port = port_of(switch, "p0")
    assert link["ifindex"] == port["ifindex"], (link, port)
    assert link["address"] == port["mac"] and link["mtu"] == port["mtu"] == 1600
    assert link["ifalias"] == "twinpath shadow" and "LOWER_UP" in link["flags"], link
    switch.dpctl("add-dp", "dp0")
    switch.dpctl("add-if", "dp0", "p0")
    assert "port 1: p0\n" in switch.dpctl("show", "dp0").stdout
    switch.dpctl("del-dp", "dp0")
    switch.vsctl("add-br", "br0", "--", "add-port", "br0", "p0")
    assert switch.column("interface", "p0", "ofport") > 0
    assert switch.column("interface", "p0", "mac_in_use") == port["mac"]
    assert switch.column("interface", "p0", "ifindex") == port["ifindex"]
    assert switch.column("interface", "p0", "link_state") == "up"
    assert switch.column("interface", "p0", "duplex") == "full"
    speed = int(switch.run("cat", "/sys/class/net/p0/speed").stdout)
    assert switch.column("interface", "p0", "link_speed") == speed * 1000000 > 0
    switch.vsctl("del-port", "p0")
    switch.twinpath("port", "del", "p0")
    assert link_of(switch, "p0") is None


def test_shadow_changes(switch):
    "a shadow and its port follow each other: MTU, MAC, up and down, name, end"
    switch.twin_args.append("--shadow")
    switch.start()
    switch.twinpath("port", "add", "p0", "net_null0")
    switch.vsctl("add-br", "br0", "--", "add-port", "br0", "p0")
    switch.ip("link", "set", "p0", "mtu", "1400")
    wait_for(lambda: port_of(switch, "p0")["mtu"] == 1400)
    wait_for(lambda: switch.column("interface", "p0", "mtu") == 1400)
    switch.vsctl("set", "interface", "p0", "mtu_request=1450")
    wait_for(lambda: port_of(switch, "p0")["mtu"] == 1450)
    switch.ip("link", "set", "p0", "address", "02:00:00:00:00:77")
    wait_for(lambda: port_of(switch, "p0")["mac"] == "02:00:00:00:00:77")

    def polled():
        return next(p for p in json.loads(switch.twinpath("stats", "--json").stdout)["ports"]
                    if p["name"] == "p0")["rx_packets"]
    wait_for(polled)
    switch.ip("link", "set", "p0", "down")
    wait_for(lambda: not port_of(switch, "p0")["up"])
    before = polled()
    assert polled() == before, "a port that is down still receives"
    wait_for(lambda: switch.column("interface", "p0", "admin_state") == "down")
    switch.ip("link", "set", "p0", "up")
    wait_for(lambda: port_of(switch, "p0")["up"] and polled() > before)
    # What a port can't do is taken back.
    switch.ip("link", "set", "p0", "mtu", "68")
    wait_for(lambda: link_of(switch, "p0")["mtu"] == port_of(switch, "p0")["mtu"])
    switch.vsctl("del-port", "p0")
    switch.ip("link", "set", "p0", "name", "p1")
    wait_for(lambda: port_of(switch, "p1"))
    switch.vsctl("add-port", "br0", "p1")
    assert switch.column("interface", "p1", "ofport") > 0
    switch.ip("link", "del", "p1")
    wait_for(lambda: not port_of(switch, "p1"))
    wait_for(lambda: "p1" not in switch.dpctl("show").stdout)
    # A name that Linux uses already is no shadow, and not touched.
    switch.ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
    switch.twinpath("port", "add", "v0", "net_null1")
    assert link_of(switch, "v0")["linkinfo"]["info_kind"] == "veth"
    switch.twinpath("port", "del", "v0")
    assert link_of(switch, "v0")


def test_shadow_carrier(switch):
    "a shadow's carrier is the device's link"
    switch.twin_args.append("--shadow")
    switch.start()
    socket_path = f"{switch.dir}/vhost.sock"
    switch.twinpath("port", "add", "vh0", f"net_vhost0,iface={socket_path}")
    assert "NO-CARRIER" in link_of(switch, "vh0")["flags"]
    switch.vsctl("add-br", "br0", "--", "add-port", "br0", "vh0")
    assert switch.column("interface", "vh0", "link_state") == "down"
    switch.twinpath("port", "add", "vu0", f"net_virtio_user0,path={socket_path}")
    wait_for(lambda: "NO-CARRIER" not in link_of(switch, "vh0")["flags"])
    wait_for(lambda: switch.column("interface", "vh0", "link_state") == "up")
    switch.twinpath("port", "del", "vu0")
    wait_for(lambda: "NO-CARRIER" in link_of(switch, "vh0")["flags"])


def test_statistics(switch):
    "statistics are the same everywhere, and true"
    switch.twin_args.append("--shadow")
    switch.start()
    pcap = f"{switch.dir}/in.pcap"
    write_pcap(pcap, 100, 60)
    switch.twinpath("port", "add", "out", "net_null0,no-rx=1")
    switch.vsctl("add-br", "br0", "--", "add-port", "br0", "out")
    switch.run("ovs-ofctl", "add-flow", f"{switch.dir}/br0.mgmt", "priority=9,actions=output:out")
    switch.twinpath("port", "add", "in", f"net_pcap0,rx_pcap={pcap}")
    # Packets before the port is known in the bridge would not count.
    switch.ip("link", "set", "in", "down")
    switch.vsctl("add-port", "br0", "in")
    switch.ip("link", "set", "in", "up")

    def counted():
        "100 packets have passed"
        return port_stats(switch, "out")["tx_packets"] == 100
    wait_for(counted)
    assert port_stats(switch, "in")["rx_packets"] == 100
    assert port_stats(switch, "in")["rx_bytes"] == port_stats(switch, "out")["tx_bytes"] == 6000
    dump = switch.run("ovs-ofctl", "dump-ports", f"{switch.dir}/br0.mgmt", "in").stdout
    assert "rx pkts=100, bytes=6000, drop=0, errs=0" in dump, dump
    dump = switch.run("ovs-ofctl", "dump-ports", f"{switch.dir}/br0.mgmt", "out").stdout
    assert "tx pkts=100, bytes=6000, drop=0, errs=0" in dump, dump
    assert "RX packets:100 errors:0" in switch.appctl("dpctl/show", "-s").stdout
    assert "RX packets:100 errors:0" in switch.dpctl("-s", "show").stdout
    wait_for(lambda: switch.column("interface", "out", "statistics")["tx_packets"] == 100)
    assert switch.column("interface", "in", "statistics")["rx_bytes"] == 6000


def port_stats(switch, name):
    stats = json.loads(switch.twinpath("stats", "--json").stdout)
    return next(p for p in stats["ports"] if p["name"] == name)


def write_pcap(path, n, size):
    import struct
    packet = bytes.fromhex("020000000002" "020000000001" "88b5") + bytes(size - 14)
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i in range(n):
            f.write(struct.pack("<IIII", i, 0, size, size) + packet)


def main():
    if os.geteuid():
        sys.exit("switch_test.py: namespaces and devices need root")
    tests = {k[5:]: v for k, v in globals().items() if k.startswith("test_")}
    wanted = sys.argv[1:] or list(tests)
    for name in wanted:
        if name not in tests:
            sys.exit(f"switch_test.py: no test '{name}': {' '.join(tests)}")
    good = [run_test(i + 1, tests[name]) for i, name in enumerate(wanted)]
    print(f"1..{len(good)}")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
