#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What survives the daemon's death, and what must not.

Each test has a daemon with --state in a network namespace of this test's.
Needs root. Prints TAP. Usage: survive_test.py [TEST...]
"""
import json
import os
import signal
import struct
import sys
import tempfile
import time
import traceback

import twinpathd_test as bed
from twin import (CTRL, DEL, ECHO, GET, NEW, SET, Ovs, attr, attrs_of, genl, key_ip,
                  output, text, u32)
from twinpathd_test import NETNS, Host, Twin, ip, sh

METER_SET, METER_DEL, METER_GET = 2, 3, 4


class Survivor:
    """Daemons that succeed each other."""

    def __init__(self, tmp):
        self.tmp = tmp
        self.args = ["--shadow", "--state", f"{tmp}/state"]
        self.twin = Twin(tmp, *self.args)

    def again(self, sig=signal.SIGKILL):
        self.twin.stop(sig)
        self.twin = Twin(self.tmp, *self.args)

    def client(self):
        c = Ovs(self.twin.path)
        (_, _, _, _, body), = c.ask(genl(CTRL, 3, text(2, "ovs_meter")))
        c.family["meter"], = struct.unpack("=H", attrs_of(body[4:])[1])
        return c

    def log(self):
        self.twin.log.seek(0)
        return self.twin.log.read()


def links():
    return {link["ifname"]: link for link in json.loads(sh("ip", "-n", NETNS, "-j", "addr").stdout)}


def flows_of(c, dp):
    return sorted((f[1], f[2]) for f in c.dump("flow", dp))


def ports_of(c, dp):
    """Name, number, type and port id of each."""
    return sorted((v[3], v[1], v[2], v[5]) for v in c.dump("vport", dp))


def set_meter(c, dp, number, rate):
    band = attr(1, u32(1, 1) + u32(2, rate) + u32(3, rate))
    c.do("meter", METER_SET, dp, u32(1, number) + attr(2, b"") + attr(4, band))


def has_meter(c, dp, number):
    return c.refused("meter", METER_GET, dp, u32(1, number)) is None


def test_all(s):
    "datapaths, ports, port ids, flows, meters, devices with addresses come back, twice"
    c = s.client()
    host = Host("twv1")
    dp = c.add_dp("twdp", pid=77)
    s.twin.cli("port", "add", "--mtu", "1400", "p0", "net_null0,no-rx=1")
    c.add_port(dp, "gap", 2, pid=1)
    c.add_port(dp, "twv1", pid=4711)
    c.add_port(dp, "p0", pid=4712)
    c.add_port(dp, "int0", 2, pid=4713)
    # Number 1 is free now, and stays so.
    c.do("vport", DEL, dp, text(3, "gap"), ECHO)
    c.do("vport", SET, dp, text(3, "int0") + u32(5, 4714), ECHO)
    ip("addr", "add", "10.7.0.1/24", "dev", "int0")
    ip("link", "set", "int0", "up", "mtu", "1300")
    ip("link", "set", "p0", "mtu", "1450")
    for n in range(100):
        c.do("flow", NEW, dp, attr(1, key_ip(2, "10.0.0.1", "10.0.0.2", n + 1, 9)) +
             attr(2, output(3)), ECHO)
    c.do("flow", DEL, dp, attr(1, key_ip(2, "10.0.0.1", "10.0.0.2", 1, 9)), ECHO)
    c.do("flow", SET, dp, attr(1, key_ip(2, "10.0.0.1", "10.0.0.2", 2, 9)) +
         attr(2, output(0)), ECHO)
    set_meter(c, dp, 1, 100)
    set_meter(c, dp, 2, 200)
    set_meter(c, dp, 2, 300)
    c.do("meter", METER_DEL, dp, u32(1, 1))
    before = flows_of(c, dp), ports_of(c, dp), {n: v["ifindex"] for n, v in links().items()}
    assert len(before[0]) == 99
    for sig in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        s.again(sig)
        c = s.client()
        assert (flows_of(c, dp), ports_of(c, dp)) == before[:2]
        now = links()
        assert {n: v["ifindex"] for n, v in now.items()} == before[2]
        assert "10.7.0.1" in [a["local"] for a in now["int0"]["addr_info"]]
        assert now["int0"]["mtu"] == 1300 and "UP" in now["int0"]["flags"]
        port = next(p for p in json.loads(s.twin.cli("port", "list", "--json").stdout)
                    if p["name"] == "p0")
        assert port["mtu"] == now["p0"]["mtu"] == 1450, port
        assert has_meter(c, dp, 2) and not has_meter(c, dp, 1)
        # Traffic needs nobody's help.
        host.s.send(bed.udp("10.0.0.1", "10.0.0.2", 50, 9))
        end = time.monotonic() + 20
        while not c.do("flow", GET, dp, attr(1, key_ip(2, "10.0.0.1", "10.0.0.2", 50, 9))).get(3):
            assert time.monotonic() < end, "the flow was not hit"
            time.sleep(0.05)
    host.gone()


def test_changes_without_request(s):
    "ports that were renamed or vanished are recorded so"
    c = s.client()
    dp = c.add_dp("twdp")
    host = Host("twv1")
    c.add_port(dp, "int0", 2)
    c.add_port(dp, "twv1")
    ip("link", "set", "int0", "name", "int1")
    host.gone()
    end = time.monotonic() + 20
    while [p[0] for p in ports_of(c, dp)] != [b"int1\0", b"twdp\0"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(0.2)
    host = Host("twv1")
    s.again()
    assert [p[0] for p in ports_of(s.client(), dp)] == [b"int1\0", b"twdp\0"]
    host.gone()


def test_gone_meanwhile(s):
    "what vanishes while no daemon runs is told on the log, and the rest comes back"
    c = s.client()
    dp = c.add_dp("twdp")
    host = Host("twv1")
    c.add_port(dp, "twv1")
    c.add_port(dp, "int0", 2)
    s.twin.stop(signal.SIGKILL)
    host.gone()
    ip("link", "del", "int0")
    s.twin = Twin(s.tmp, *s.args)
    # The TAP is made again; of the veth there is nothing to take over.
    assert [p[0] for p in ports_of(s.client(), dp)] == [b"int0\0", b"twdp\0"]
    assert "no device named twv1" in s.log()


def test_deleted(s):
    "a datapath that was deleted stays so, and its flows with it"
    c = s.client()
    dp = c.add_dp("twdp")
    c.do("flow", NEW, dp, attr(1, key_ip(1, "10.0.0.1", "10.0.0.2", 1, 9)) + attr(2, b""), ECHO)
    c.do("datapath", DEL, 0, text(1, "twdp"), ECHO)
    s.again()
    assert not s.client().dump("datapath") and "twdp" not in links()
    dp = s.client().add_dp("twdp")
    assert not flows_of(s.client(), dp)


def test_many(s):
    "a journal does not grow with what is no more"
    c = s.client()
    dp = c.add_dp("twdp")
    key = attr(1, key_ip(1, "10.0.0.1", "10.0.0.2", 1, 9))
    batch = b"".join(c.message("flow", cmd, dp, key + (attr(2, b"") if cmd == NEW else b""))
                     for _ in range(250) for cmd in (NEW, DEL))
    for _ in range(200):
        c.sync(batch)
    size = os.stat(f"{s.tmp}/state").st_size
    assert size < 24 << 20, size
    s.again()
    assert not flows_of(s.client(), dp)


def test_vhost(s):
    "a vhost-user port is made again although the killed daemon left its socket"
    path = f"{s.tmp}/vhost.sock"
    s.twin.cli("port", "add", "vh0", f"net_vhost0,iface={path}")
    s.again()
    assert '"vh0"' in s.twin.cli("port", "list", "--json").stdout
    assert os.path.exists(path)


def test_two(s):
    "a second daemon can't take the same state"
    r = sh("ip", "netns", "exec", NETNS, f"{bed.BUILD}/twinpathd", "--no-huge",
           "--socket", f"{s.tmp}/other.sock", "--state", f"{s.tmp}/state", check=False)
    assert r.returncode == 1 and "another daemon keeps its state there" in r.stderr, r
    assert s.twin.answers()


def test_strangers(s):
    "a file of somebody else is refused, devices of somebody else are not taken"
    s.twin.stop(signal.SIGINT)
    assert not os.path.exists(f"{s.tmp}/state")
    with open(f"{s.tmp}/state", "w") as f:
        f.write("something else, longer than a magic number")
    ip("tuntap", "add", "mode", "tap", "vnet_hdr", "name", "int0")
    s.twin = Twin(s.tmp, *s.args)
    assert "nothing restored" in s.log()
    c = s.client()
    dp = c.add_dp("twdp")
    assert c.refused("vport", NEW, dp, text(3, "int0") + u32(2, 2) + u32(5, 0)) == "EEXIST"
    ip("link", "del", "int0")


def test_end(s):
    "SIGINT takes devices and state along"
    c = s.client()
    dp = c.add_dp("twdp")
    c.add_port(dp, "int0", 2)
    s.twin.cli("port", "add", "p0", "net_null0,no-rx=1")
    assert s.twin.stop(signal.SIGINT) == 0
    assert not {"twdp", "int0", "p0"} & set(links()) and not os.path.exists(f"{s.tmp}/state")
    s.twin = Twin(s.tmp, *s.args)


def run(number, test):
    with tempfile.TemporaryDirectory() as tmp:
        s = Survivor(tmp)
        try:
            test(s)
            print(f"ok {number} - {test.__doc__}", flush=True)
            return True
        except Exception:
            print(f"not ok {number} - {test.__doc__}")
            lines = traceback.format_exc() + s.log()
            print("\n".join("# " + line for line in lines.splitlines()), flush=True)
            return False
        finally:
            s.twin.stop(signal.SIGINT)
            sh("ip", "-n", NETNS, "link", "del", "twv1", check=False)


def main():
    tests = [f for n, f in globals().items() if n.startswith("test_") and
             (len(sys.argv) < 2 or n[5:] in sys.argv[1:])]
    sh("ip", "netns", "add", NETNS)
    try:
        ip("link", "set", "lo", "up")
        good = [run(n, t) for n, t in enumerate(tests, 1)]
    finally:
        sh("ip", "netns", "del", NETNS)
    print(f"1..{len(tests)}")
    sys.exit(0 if tests and all(good) else 1)


if __name__ == "__main__":
    main()
