#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The daemon's control side, from outside: datapaths, ports, flows, upcalls.

Runs build/twinpathd in a network namespace of its own. Needs root. Prints TAP.
Usage: twinpathd_test.py [TEST...]
"""
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from twin import (ACK, ACTION, ADD, CREATE, DEL, DUMP, ECHO, ERROR, EXCL,
                  EXECUTE, GET, MISS, NEW, REQUEST, SET, Ovs, attr, attrs_of,
                  ctl, key_ip, output, split, text, u32)

BUILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build")
NETNS = f"twt{os.getpid()}"


def sh(*cmd, check=True):
    return subprocess.run(cmd, check=check, text=True, capture_output=True)


def ip(*args):
    return sh("ip", "-n", NETNS, *args)


class Twin:
    """A running daemon."""

    def __init__(self, tmp, *args):
        self.path = os.path.join(tmp, "ovs.sock")
        self.log = open(os.path.join(tmp, "log"), "w+")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", NETNS, f"{BUILD}/twinpathd", "--socket",
             self.path, "--no-huge", *args], stderr=self.log)
        end = time.monotonic() + 60
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.log.seek(0)
                raise RuntimeError(f"twinpathd did not start: {self.log.read()}")
            time.sleep(0.05)

    def answers(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            return s.connect_ex(self.path) == 0

    def cli(self, *args, check=True):
        return sh("ip", "netns", "exec", NETNS, f"{BUILD}/twinpath",
                  "--socket", self.path, *args, check=check)

    def stats(self):
        return json.loads(self.cli("stats", "--json").stdout)

    def stop(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        return self.process.wait(30)


class Host:
    """A veth pair: the daemon takes one end, we hold the other."""

    def __init__(self, name):
        self.name, self.peer = name, name + "p"
        ip("link", "add", name, "type", "veth", "peer", "name", self.peer)
        for dev in (name, self.peer):
            sh("ip", "netns", "exec", NETNS, "sysctl", "-qw",
               f"net.ipv6.conf.{dev}.disable_ipv6=1")
            ip("link", "set", dev, "up")
        self.s = in_netns(lambda: socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)))
        self.s.bind((self.peer, 0))
        self.s.settimeout(5)

    def gone(self):
        self.s.close()
        sh("ip", "-n", NETNS, "link", "del", self.name, check=False)


def in_netns(fn):
    """Call fn with this thread in the test's namespace."""
    result = []

    def run():
        fd = os.open(f"/run/netns/{NETNS}", os.O_RDONLY)
        libc = __import__("ctypes").CDLL(None, use_errno=True)
        assert libc.setns(fd, 0) == 0
        os.close(fd)
        result.append(fn())
    t = threading.Thread(target=run)
    t.start()
    t.join()
    return result[0]


def udp(src, dst, sport, dport, size=60):
    length = size - 14
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, length, 0, 0, 64, 17, 0,
                       socket.inet_aton(src), socket.inet_aton(dst))
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xffff) + (total >> 16)
    head = head[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + head[12:]
    packet = (bytes((2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1)) + b"\x08\x00" + head +
              struct.pack("!HHHH", sport, dport, length - 20, 0))
    return packet + bytes(size - len(packet))


def upcalls_of(conn, seconds):
    """Messages of the packet family that arrive until nothing does."""
    got = []
    conn.s.settimeout(seconds)
    try:
        while True:
            for type_, _, seq, pid, body in conn.recv():
                if type_ == conn.family["packet"]:
                    assert (seq, pid) == (0, 0)
                    got.append((body[0], attrs_of(body[8:])))
    except TimeoutError:
        conn.s.settimeout(5)
        return got


def test_datapath(twin):
    "datapaths: create, look up, change, delete, with the kernel's errnos"
    c = Ovs(twin.path)
    dp = c.add_dp("twdp")
    link = json.loads(sh("ip", "-n", NETNS, "-j", "link", "show", "twdp").stdout)
    assert link[0]["ifindex"] == dp
    assert c.refused("datapath", NEW, 0, text(1, "twdp") + u32(2, 0)) == "EEXIST"
    assert c.refused("datapath", NEW, 0, text(1, "twx")) == "EINVAL"
    assert c.refused("datapath", NEW, 0, text(1, "twx") + u32(2, 0) +
                     u32(5, 1 << 30)) == "ENOTSUP"
    assert c.refused("datapath", GET, 99999) == "ENODEV"
    assert c.do("datapath", GET, dp)[1] == b"twdp\0"
    assert len(c.dump("datapath")) == 1
    c.do("datapath", SET, dp, u32(5, 9) + u32(7, 0) + u32(8, 77), ECHO)
    a = c.do("datapath", GET, dp)
    assert a[7] == b"\0\0\0\0" and a[8] == struct.pack("=I", 77)
    assert c.refused("datapath", NEW, 0, text(1, "twdp") + u32(2, 0),
                     version=1) == "EEXIST"
    assert c.do("datapath", GET, dp)[5] == b"\0\0\0\0", "features dropped"
    c.do("datapath", DEL, dp, flags=ACK)
    assert c.refused("datapath", GET, dp) == "ENODEV"
    assert sh("ip", "-n", NETNS, "link", "show", "twdp", check=False).returncode


def test_ports(twin):
    "ports: internal, twin netdevs and Linux netdevs, with the kernel's errnos"
    c = Ovs(twin.path)
    dp = c.add_dp("twdp")
    host = Host("twv1")
    twin.cli("port", "add", "twnull", "net_null0")
    assert c.add_port(dp, "twint", 2) == 1
    assert c.add_port(dp, "twv1") == 2
    assert c.add_port(dp, "twnull") == 3

    def new(name, type_=1, more=b""):
        return c.refused("vport", NEW, dp, text(3, name) + u32(2, type_) +
                         u32(5, 0) + more)
    assert new("nosuch") == "ENODEV"
    assert new("lo") == "EINVAL"
    assert new("twint") == "EINVAL"
    assert new("twint", 2) == "EEXIST"
    assert new("twv1") == "EEXIST"
    assert new("twnull") == "EEXIST"
    other = c.add_dp("twdp2")
    assert c.refused("vport", NEW, other, text(3, "twv1") + u32(2, 1) +
                     u32(5, 0)) == "EBUSY"
    c.do("datapath", DEL, other, flags=ACK)
    assert new("twx", 2, u32(1, 2)) == "EBUSY"
    assert new("twx", 2, u32(1, 65535)) == "EFBIG"
    assert new("twx", 4) == "EAFNOSUPPORT"
    assert new("twv1", 1, u32(8, 7)) == "ENOTSUP"
    assert len(c.dump("vport", dp)) == 4
    by_name = c.do("vport", GET, 0, text(3, "twnull"))
    assert by_name["dp"] == dp and by_name[1] == struct.pack("=I", 3)
    names = {p["name"]: p for p in
             json.loads(twin.cli("port", "list", "--json").stdout)}
    assert names["twnull"]["datapath"] == "twdp"
    assert names["twv1"]["made_by_datapath"]
    assert twin.cli("port", "del", "twnull", check=False).returncode == 1
    assert twin.cli("port", "del", "twint", check=False).returncode == 1
    c.do("vport", DEL, dp, text(3, "twnull"), ACK)
    twin.cli("port", "del", "twnull")
    assert c.refused("vport", DEL, dp, u32(1, 0)) == "EINVAL"
    c.do("datapath", DEL, dp, flags=ACK)
    host.gone()


def test_flows(twin):
    "flows carry traffic and count it"
    c = Ovs(twin.path)
    dp = c.add_dp("twdp")
    a, b = Host("twv1"), Host("twv2")
    pa, pb = c.add_port(dp, "twv1"), c.add_port(dp, "twv2")
    key = attr(1, key_ip(pa, "10.0.0.1", "10.0.0.2", 5, 6))
    c.do("flow", NEW, dp, key + attr(2, output(pb)), flags=CREATE | EXCL | ACK)
    assert c.refused("flow", NEW, dp, key + attr(2, output(pb)),
                     flags=CREATE | EXCL) == "EEXIST"
    for _ in range(10):
        a.s.send(udp("10.0.0.1", "10.0.0.2", 5, 6))
    for _ in range(10):
        assert b.s.recv(2000) == udp("10.0.0.1", "10.0.0.2", 5, 6)
    flow = c.do("flow", GET, dp, key)
    assert struct.unpack("=QQ", flow[3]) == (10, 600)
    c.do("flow", SET, dp, key + attr(6, b""), flags=ACK)
    assert 3 not in c.do("flow", GET, dp, key)
    hit, missed = struct.unpack_from("=QQ", c.do("datapath", GET, dp)[3])
    assert hit == 10, hit
    c.do("flow", DEL, dp, key, ACK)
    assert c.refused("flow", GET, dp, key) == "ENOENT"
    c.do("datapath", DEL, dp, flags=ACK)
    a.gone()
    b.gone()


def test_upcalls(twin):
    "misses and the userspace action reach their clients; EXECUTE sends on"
    c, up, other = Ovs(twin.path), Ovs(twin.path), Ovs(twin.path)
    dp = c.add_dp("twdp")
    a, b = Host("twv1"), Host("twv2")
    pa = c.add_port(dp, "twv1", pid=up.portid)
    pb = c.add_port(dp, "twv2")
    packets = [udp("10.0.0.1", "10.0.0.2", i, 6) for i in range(50)]
    for p in packets:
        a.s.send(p)
    got = upcalls_of(up, 0.5)
    assert [g[1][1] for g in got] == packets, len(got)
    assert all(cmd == MISS for cmd, _ in got)
    assert attrs_of(got[0][1][2])[3] == struct.pack("=I", pa)
    c.send(c.message("packet", EXECUTE, dp, attr(1, got[0][1][1]) +
                     attr(2, got[0][1][2]) + attr(3, output(pb)), ACK))
    assert c.recv()[0][0] == ERROR and b.s.recv(2000) == packets[0]
    key = attr(1, key_ip(pa, "10.0.0.1", "10.0.0.2", 5, 6))
    action = attr(2, attr(1, struct.pack("=I", other.portid)) + attr(2, b"cookie"))
    c.do("flow", NEW, dp, key + attr(2, action), flags=CREATE | ACK)
    a.s.send(packets[5])
    (cmd, attrs), = upcalls_of(other, 0.5)
    assert cmd == ACTION and attrs[4] == b"cookie" and attrs[1] == packets[5]
    other.close()
    a.s.send(packets[5])
    time.sleep(0.2)
    assert twin.stats()["drops"]["upcall-rejected"] == 1
    lost, = struct.unpack_from("=Q", c.do("datapath", GET, dp)[3], 16)
    assert lost == 1, lost
    c.do("datapath", DEL, dp, flags=ACK)
    a.gone()
    b.gone()


def test_fairness(twin):
    "a port that floods misses does not starve another's"
    c, up = Ovs(twin.path), Ovs(twin.path)
    assert up.error(ctl(0xff05, 4, 1 << 23)) == 0
    dp = c.add_dp("twdp")
    a, b = Host("twv1"), Host("twv2")
    c.add_port(dp, "twv1", pid=up.portid)
    pb = c.add_port(dp, "twv2", pid=up.portid)
    stop = threading.Event()
    flood = udp("10.0.0.1", "10.0.0.2", 1, 1)
    quiet = udp("10.0.0.3", "10.0.0.4", 2, 2)

    def flooding():
        while not stop.is_set():
            for _ in range(200):
                a.s.send(flood)
    seen = {flood: 0, quiet: 0}

    def reading():
        up.s.settimeout(0.5)
        try:
            while True:
                for type_, _, _, _, body in up.recv():
                    if type_ == up.family["packet"]:
                        seen[attrs_of(body[8:])[1]] += 1
        except TimeoutError:
            pass
    threads = [threading.Thread(target=f) for f in (flooding, reading)]
    for t in threads:
        t.start()
    for _ in range(100):
        b.s.send(quiet)
        time.sleep(0.01)
    stop.set()
    for t in threads:
        t.join()
    # The reader itself may fall behind on a busy machine; without fair shares
    # next to nothing of the quiet port comes through.
    assert seen[quiet] >= 90, seen
    print(f"# {seen[flood]} of the flood, {seen[quiet]} of the other's 100")
    c.do("datapath", DEL, dp, flags=ACK)
    a.gone()
    b.gone()


def test_percpu(twin):
    "per-CPU dispatch: worker 0 is CPU 0"
    c, up = Ovs(twin.path), Ovs(twin.path)
    dp = c.add_dp("twdp")
    a = Host("twv1")
    c.add_port(dp, "twv1", pid=12345)
    c.do("datapath", SET, dp, u32(5, 9) + attr(8, struct.pack("=II", up.portid, 1)), ACK)
    a.s.send(udp("10.0.0.1", "10.0.0.2", 1, 1))
    assert len(upcalls_of(up, 0.5)) == 1
    c.do("datapath", DEL, dp, flags=ACK)
    a.gone()


def test_notifications(twin):
    "changes are told to groups, with NLM_F_ECHO to the requester"
    c, mc = Ovs(twin.path), Ovs(twin.path)
    for name in ("datapath", "vport", "flow"):
        mc.join(name)
    dp = c.add_dp("twdp")
    host = Host("twv1")
    port = c.add_port(dp, "twv1")
    key = attr(1, key_ip(port, "10.0.0.1", "10.0.0.2", 5, 6))
    c.sync(c.message("flow", NEW, dp, key + attr(2, output(0)), CREATE))
    kinds = [next(split(mc.s.recv(65536))) for _ in range(3)]
    assert [k[0] for k in kinds] == [c.family[f] for f in ("datapath", "vport", "flow")]
    assert kinds[2][3] == c.portid
    host.gone()
    type_, _, seq, pid, body = next(split(mc.s.recv(65536)))
    assert type_ == c.family["vport"] and body[0] == DEL and (seq, pid) == (0, 0)
    assert attrs_of(body[8:])[3] == b"twv1\0"
    assert len(c.dump("vport", dp)) == 1
    c.do("datapath", DEL, dp, flags=ACK)


def test_local_gone(twin):
    "a datapath ends when somebody deletes its own device"
    c = Ovs(twin.path)
    dp = c.add_dp("twdp")
    c.add_port(dp, "twint", 2)
    ip("link", "del", "twdp")
    time.sleep(0.3)
    assert c.refused("datapath", GET, dp) == "ENODEV"
    assert not json.loads(twin.cli("port", "list", "--json").stdout)


def test_many_flows(twin):
    "100,000 flows: added in batches, dumped whole while others come and go"
    c, other = Ovs(twin.path), Ovs(twin.path)
    dp = c.add_dp("twdp")

    def put(i, flags):
        src = socket.inet_ntoa(struct.pack("!I", 0x0a000000 + i))
        return c.message("flow", NEW, dp, attr(9, struct.pack("=QQ", i, 7)) +
                         attr(1, key_ip(1, src, "10.0.0.2", 5, 6)) +
                         attr(2, output(1)), flags)
    batches = [b"".join(put(i, CREATE) for i in range(n, n + 50))
               for n in range(0, 100000, 50)]
    start = time.monotonic()
    for b in batches:
        c.sync(b)
    added = time.monotonic() - start
    stop = threading.Event()

    def churn():
        i = 200000
        while not stop.is_set():
            other.sync(put(i, CREATE))
            other.sync(other.message("flow", DEL, dp,
                                     attr(9, struct.pack("=QQ", i, 7))))
            i += 1
    t = threading.Thread(target=churn)
    t.start()
    start = time.monotonic()
    got = [struct.unpack("=Q8x", a[9])[0] for a in c.dump("flow", dp)]
    dumped = time.monotonic() - start
    stop.set()
    t.join()
    stays = [i for i in got if i < 100000]
    assert stays == list(range(100000)), len(stays)
    print(f"# {100000 / added:.0f} adds/s, {len(got) / dumped:.0f} dumped/s")
    start = time.monotonic()
    c.do("flow", DEL, dp, flags=ACK)
    print(f"# flush {time.monotonic() - start:.3f} s")
    assert struct.unpack_from("=4Q", c.do("datapath", GET, dp)[3])[3] == 0
    c.do("datapath", DEL, dp, flags=ACK)


def test_killed_clients(twin):
    "clients killed in the middle of dumps and upcalls leave nothing behind"
    c = Ovs(twin.path)
    dp = c.add_dp("twdp")
    a = Host("twv1")
    c.sync(b"".join(c.message("flow", NEW, dp, attr(9, struct.pack("=QQ", i, 1)) +
                              attr(1, key_ip(1, "10.1.0.1", "10.0.0.2", i, 6)) +
                              attr(2, output(1)), CREATE) for i in range(400)))
    for _ in range(50):
        x = Ovs(twin.path)
        c.do("vport", SET, dp, text(3, "twdp") + u32(5, x.portid), ACK)
        x.send(x.message("flow", GET, dp, flags=DUMP))
        x.close()
    c.do("datapath", DEL, dp, flags=ACK)
    time.sleep(0.2)
    assert twin.stats()["daemon"]["connections"] <= 2
    a.gone()


def test_usage(twin):
    "the command refuses with words and a status"
    for args, status in ((("frob",), 2), (("port", "add", "x"), 2),
                         (("port", "del", "nosuch"), 1),
                         (("port", "add", "x", "net_nonsense0"), 1),
                         (("--socket", "/nonexistent", "stats"), 3)):
        r = twin.cli(*args, check=False)
        assert r.returncode == status and r.stderr.startswith("twinpath: "), args
    for args in ((), ("port", "add"), ("port", "list"), ("stats",), ("exec",)):
        assert twin.cli(*args, "--help").stdout.startswith("Usage: twinpath")


def test_second_daemon(twin):
    "a second daemon on the same socket is refused"
    r = sh("ip", "netns", "exec", NETNS, f"{BUILD}/twinpathd", "--socket",
           twin.path, "--no-huge", check=False)
    assert r.returncode == 1 and "another daemon answers" in r.stderr


def main():
    names = sys.argv[1:]
    tests = [f for n, f in globals().items() if n.startswith("test_") and
             (not names or n[5:] in names)]
    failed = 0
    print(f"TAP version 13\n1..{len(tests) + 2}")
    sh("ip", "netns", "add", NETNS)
    ip("link", "set", "lo", "up")
    with tempfile.TemporaryDirectory() as tmp:
        try:
            twin = Twin(tmp)
            for n, test in enumerate(tests, 1):
                try:
                    test(twin)
                    result = "ok"
                except Exception:  # noqa: every failure is a test's result
                    failed += 1
                    result = "not ok"
                    print("# " + traceback.format_exc().replace("\n", "\n# "))
                    for dp in Ovs(twin.path).dump("datapath"):
                        Ovs(twin.path).do("datapath", DEL, 0,
                                          attr(1, dp[1]), ACK)
                    for v in ("twv1", "twv2"):
                        sh("ip", "-n", NETNS, "link", "del", v, check=False)
                print(f"{result} {n} - {test.__doc__}", flush=True)
            twin.stop(signal.SIGKILL)
            twin = Twin(tmp)
            Ovs(twin.path).add_dp("twdp")
            print(f"ok {len(tests) + 1} - a socket left behind is replaced")
            clean = (twin.stop() == 0 and not os.path.exists(twin.path) and
                     sh("ip", "-n", NETNS, "link", "show", "twdp",
                        check=False).returncode != 0)
            failed += not clean
            print(f"{'ok' if clean else 'not ok'} {len(tests) + 2} - "
                  "the daemon ends cleanly, with socket and devices")
            twin.log.seek(0)
            print("".join("# " + line for line in twin.log))
        finally:
            if twin.process.poll() is None:
                twin.process.kill()
            sh("ip", "netns", "del", NETNS)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
