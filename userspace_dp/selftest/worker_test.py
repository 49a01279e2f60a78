#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Workers of the daemon, from outside: what they tell of themselves, their pauses and sleep, and
which receive queues they poll.

Each group of tests has a daemon of its own in a network namespace of this test's. Needs root.
Prints TAP. Usage: worker_test.py [TEST...]
"""
import json
import os
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback

import twinpathd_test as bed
from twin import ACK, CREATE, DEL, DUMP, ECHO, NEW, Ovs, attr, key_ip, output, text, u32
from twinpathd_test import NETNS, Host, Twin, ip, sh

PATIENCE = 60
SO_RCVBUFFORCE = 33
LONG = 16  # class of the rounds that are looked at closely


def until(probe, what):
    end = time.monotonic() + PATIENCE
    while not probe():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def workers(twin, *options):
    return json.loads(twin.cli("pmd-perf", "--json", *options).stdout)


def worker_seconds(twin, number):
    """Time that the worker has had a processor."""
    folder = f"/proc/{twin.process.pid}/task"
    for task in os.listdir(folder):
        if open(f"{folder}/{task}/comm").read().strip() == f"worker-{number}":
            return int(open(f"{folder}/{task}/schedstat").read().split()[0]) / 1e9
    raise AssertionError("no such thread")


def test_counters(twin):
    "pmd-stats and pmd-perf count packets, hits, misses and rounds; --clear begins anew"
    c = Ovs(twin.path)
    dp = c.add_dp("twdp")
    a, b = Host("twv1"), Host("twv2")
    p1, p2 = c.add_port(dp, "twv1"), c.add_port(dp, "twv2")
    c.do("flow", NEW, dp, attr(1, key_ip(p1, "10.0.0.1", "10.0.0.2", 5, 6)) + attr(2, output(p2)), ECHO)
    twin.cli("pmd-stats", "--clear")
    for _ in range(20):
        a.s.send(bed.udp("10.0.0.1", "10.0.0.2", 5, 6))
        assert b.s.recv(100)[34:38] == struct.pack("!HH", 5, 6)
    for _ in range(3):
        a.s.send(bed.udp("10.0.0.1", "10.0.0.9", 5, 6))
    until(lambda: sum(w["misses"] for w in workers(twin)) == 3, "misses are not counted")
    w, = [w for w in workers(twin) if w["rx_packets"]]
    assert (w["rx_packets"], w["hits"], w["tx_packets"]) == (23, 20, 20), w
    assert 1 <= w["rx_bursts"] <= 23 and 1 <= w["tx_bursts"] <= 20 and w["lost"] == 3, w
    assert 0 < w["busy_cycles"] < w["cycles"] and w["miss_cycles"] < w["busy_cycles"], w
    assert sum(w["own_busy_rounds"]) <= sum(w["busy_rounds"][LONG:]), w
    words = twin.cli("pmd-stats").stdout
    assert "packets received: 23\n" in words and "misses: 3 (13.0%)" in words, words
    words = twin.cli("pmd-perf").stdout
    assert "shorter than" in words and "rx packets: 23 " in words, words
    # What a datapath has counted stays when it goes.
    c.do("datapath", DEL, dp, flags=ACK)
    w, = [w for w in workers(twin, "--clear") if w["rx_packets"]]
    assert (w["hits"], w["misses"]) == (20, 3), w
    assert not any(w["rx_packets"] + w["hits"] + w["misses"] for w in workers(twin))
    for host in (a, b):
        host.gone()


def flows(c, dp, port, numbers):
    """Add flows, 50 to a datagram."""
    for first in range(0, numbers, 50):
        c.sync(b"".join(
            c.message("flow", NEW, dp, attr(9, struct.pack("=QQ", n, 1)) +
                      attr(1, key_ip(port, "10.2.0.%d" % (n >> 16), "10.0.0.2", n & 0xffff, 6)) +
                      attr(2, output(port)), CREATE) for n in range(first, first + 50)))


def test_pauses(twin):
    "adding and dumping flows, and ports that come and go, do not hold a polling worker up"
    c = Ovs(twin.path)
    dp = c.add_dp("twdp")
    twin.cli("port", "add", "p0", "net_null0,no-rx=1")
    port = c.add_port(dp, "p0")
    twin.cli("pmd-perf", "--clear")
    used, start = worker_seconds(twin, 0), time.monotonic()
    flows(c, dp, port, 20000)
    assert len(c.dump("flow", dp)) == 20000
    for n in range(5):
        twin.cli("port", "add", f"q{n}", f"net_null1{n},no-rx=1")
        c.add_port(dp, f"q{n}")
    for n in range(5):
        c.do("vport", DEL, dp, text(3, f"q{n}"), ACK)
        twin.cli("port", "del", f"q{n}")
    c.do("flow", DEL, dp, flags=ACK)
    w, = [w for w in workers(twin) if w["worker"] == 0]
    used, spent = worker_seconds(twin, 0) - used, time.monotonic() - start
    rounds = sum(w["idle_rounds"])
    print(f"# {rounds} rounds in {spent:.2f} s, {used:.2f} s on a processor, the longest of "
          f"{w['longest_idle_ns'] / 1000:.1f} us there")
    # It polled all the time that it had a processor: in longer rounds there is a small part
    # of it, which a machine that is shared takes anyway.
    longer = sum(n * (1 << cls) for cls, n in enumerate(w["own_idle_rounds"]) if cls > 17) / 1e9
    assert rounds > 1000 and longer < 0.1 * used + 0.05, (w, used)
    c.do("datapath", DEL, dp, flags=ACK)
    twin.cli("port", "del", "p0")


def test_sleep(twin):
    "a worker with --idle-sleep leaves its processor alone, and still does all its work"
    c = Ovs(twin.path)
    dp = c.add_dp("twdp")
    twin.cli("port", "add", "p0", "net_null0,no-rx=1")
    c.add_port(dp, "p0")
    a, b = Host("twv1"), Host("twv2")
    p1, p2 = c.add_port(dp, "twv1"), c.add_port(dp, "twv2")
    c.do("flow", NEW, dp, attr(1, key_ip(p1, "10.0.0.1", "10.0.0.2", 5, 6)) + attr(2, output(p2)), ECHO)
    time.sleep(0.2)
    twin.cli("pmd-perf", "--clear")
    before = sum(worker_seconds(twin, n) for n in range(len(workers(twin))))
    time.sleep(1)
    used = sum(worker_seconds(twin, n) for n in range(len(workers(twin)))) - before
    w = [w for w in workers(twin) if w["sleeps"] > 50]
    print(f"# {used:.3f} s of 1 s, {[x['sleeps'] for x in w]} sleeps")
    assert used < 0.5 and w and w[0]["sleep_cycles"] > w[0]["cycles"] / 2, (used, w)
    # The longest that it may.
    assert w[0]["sleep_cycles"] / w[0]["sleeps"] < 2e-3 * w[0]["tsc_hz"], w
    for _ in range(20):
        a.s.send(bed.udp("10.0.0.1", "10.0.0.2", 5, 6))
        assert b.s.recv(100)[34:38] == struct.pack("!HH", 5, 6)
    # Grace periods and probes don't wait for it.
    start = time.monotonic()
    for _ in range(20):
        c.do("vport", DEL, dp, text(3, "p0"), ACK)
        c.add_port(dp, "p0")
    assert time.monotonic() - start < 10
    twin.cli("probe", "--timeout", "20")
    c.do("datapath", DEL, dp, flags=ACK)
    twin.cli("port", "del", "p0")
    for host in (a, b):
        host.gone()


def queues(twin):
    """Worker and pin of each queue, by port and number."""
    shown = json.loads(twin.cli("rxq-show", "--json").stdout)
    return {(q["port"], q["queue"]): (q["worker"], q["pinned"]) for q in shown["queues"]}


def refused(twin, *args):
    r = twin.cli(*args, check=False)
    return (r.returncode, r.stderr.startswith("twinpath: ")) in ((1, True), (2, True))


def sequence(a, b, numbers, meanwhile):
    """Send numbered packets while something happens. Return: the numbers that arrive, in order."""
    got = []
    b.s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    for n in numbers:
        a.s.send(bed.udp("10.0.0.1", "10.0.0.2", 5, 6)[:-4] + struct.pack("!I", n))
        meanwhile(n)
    b.s.settimeout(2)
    try:
        while len(got) < len(numbers):
            got.append(struct.unpack("!I", b.s.recv(100)[-4:])[0])
    except TimeoutError:
        pass
    return got


def test_queues(twin):
    "queues go where they are pinned, isolated workers take no others, packets keep their order"
    c = Ovs(twin.path)
    dp = c.add_dp("twdp")
    a, b = Host("twv1"), Host("twv2")
    p1, p2 = c.add_port(dp, "twv1"), c.add_port(dp, "twv2")
    c.do("flow", NEW, dp, attr(1, key_ip(p1, "10.0.0.1", "10.0.0.2", 5, 6)) + attr(2, output(p2)), ECHO)
    for n in range(4):
        twin.cli("port", "add", f"p{n}", f"net_ring{n}")
        assert queues(twin)[f"p{n}", 0] == (None, None)
        c.add_port(dp, f"p{n}")
    # Each worker has as many as the other.
    found = [w for w, _ in queues(twin).values()]
    assert abs(found.count(0) - found.count(1)) <= 1, found
    twin.cli("rxq-pin", "p0:0", "1")
    twin.cli("rxq-pin", "p1:0", "0")
    assert queues(twin)["p0", 0] == (1, 1) and queues(twin)["p1", 0] == (0, 0)
    for args in (("p0:1", "0"), ("p0:0", "2"), ("nosuch:0", "0"), ("p0", "0"), ("p0:x", "0")):
        assert refused(twin, "rxq-pin", *args), args
    for args in (("rxq-isolate", "2", "yes"), ("rxq-isolate", "0", "maybe"), ("rxq-auto", "perhaps"),
                 ("rxq-auto", "--load", "101", "on"), ("rxq-auto", "--interval", "0", "on")):
        assert refused(twin, *args), args
    # A pin waits for its port to be attached, and holds when that is done again.
    c.do("vport", DEL, dp, text(3, "p0"), ACK)
    assert queues(twin)["p0", 0] == (None, 1)
    c.add_port(dp, "p0")
    assert queues(twin)["p0", 0] == (1, 1)
    # Isolated: nothing new, and what was there leaves with the next rebalance.
    twin.cli("rxq-isolate", "1", "yes")
    dry = json.loads(twin.cli("rxq-rebalance", "--dry-run", "--json").stdout)
    before = queues(twin)
    assert {m["to"] for m in dry["moves"]} == {0} and all(m["from"] == 1 for m in dry["moves"]), dry
    assert queues(twin) == before
    done = json.loads(twin.cli("rxq-rebalance", "--json").stdout)
    assert done["moves"] == dry["moves"] and done["moves"], (done, dry)
    assert all(w == 0 or pin == 1 for w, pin in queues(twin).values()), queues(twin)
    twin.cli("rxq-isolate", "1", "no")
    twin.cli("rxq-pin", "p0:0", "any")
    # Moves while packets pass: none is lost, none overtakes another.
    got = sequence(a, b, range(600), lambda n: n % 50 == 49 and twin.cli(
        "rxq-pin", "twv1:0", str(n // 50 % 2)))
    assert got == list(range(600)), f"{len(got)} of 600 came, in order: {got == sorted(got)}"
    twin.cli("probe", "--timeout", "20")
    c.do("datapath", DEL, dp, flags=ACK)
    for n in range(4):
        twin.cli("port", "del", f"p{n}")
    for host in (a, b):
        host.gone()


def test_balance(twin):
    "a busy worker gives a queue away by itself, once, when that is worth it"
    c = Ovs(twin.path)
    dp = c.add_dp("twdp")
    names = [f"p{n}" for n in range(2)]
    for n, name in enumerate(names):
        twin.cli("port", "add", name, f"net_null{n},size=64")
        twin.cli("rxq-pin", f"{name}:0", "0")
        c.add_port(dp, name)
    for name in names:
        twin.cli("rxq-pin", f"{name}:0", "any")
    assert [queues(twin)[name, 0] for name in names] == [(0, None)] * 2
    time.sleep(3)
    assert [queues(twin)[name, 0][0] for name in names] == [0, 0], "moved without being asked"
    dry = json.loads(twin.cli("rxq-rebalance", "--dry-run", "--json").stdout)
    assert len([m for m in dry["moves"] if m["port"] in names]) == 1 and dry["improvement_percent"] > 25, dry
    twin.cli("rxq-auto", "--load", "0", "--interval", "1", "on")
    until(lambda: sorted(queues(twin)[name, 0][0] for name in names) == [0, 1], "nothing was moved")
    found = queues(twin)
    time.sleep(3)
    assert queues(twin) == found, "moved again"
    c.do("datapath", DEL, dp, flags=ACK)
    for name in names:
        twin.cli("port", "del", name)


def test_queues_survive(twin):
    "pins, isolation and the settings of rebalancing are there after a restart"
    twin.cli("port", "add", "p0", "net_ring0")
    c = Ovs(twin.path)
    dp = c.add_dp("twdp")
    c.add_port(dp, "p0")
    twin.cli("rxq-pin", "p0:0", "1")
    twin.cli("rxq-pin", "twdp:0", "0")
    twin.cli("rxq-isolate", "1", "yes")
    twin.cli("rxq-auto", "--load", "80", "--improvement", "30", "--interval", "7", "on")

    def seen():
        shown = json.loads(twin.cli("rxq-show", "--json").stdout)
        auto = json.loads(twin.cli("rxq-rebalance", "--dry-run", "--json").stdout)["auto"]
        return queues(twin), [w["isolated"] for w in shown["workers"]], auto
    before = seen()
    assert before[1] == [False, True] and before[2]["load"] == 80, before
    for _ in range(2):  # the second time from a journal that was written anew
        twin.again()
        assert seen() == before, (seen(), before)
    twin.cli("rxq-pin", "p0:0", "any")
    twin.again()
    assert queues(twin)["p0", 0][1] is None
    Ovs(twin.path).do("datapath", DEL, dp, flags=ACK)
    twin.cli("port", "del", "p0")


TWO = ("--workers", "0,1")
GROUPS = (((), (test_counters, test_pauses)),
          (("--idle-sleep", "200"), (test_sleep,)),
          (TWO, (test_queues, test_balance)),
          (TWO + ("--state", "STATE"), (test_queues_survive,)))


class Daemon(Twin):
    """One that can be killed and started again."""

    def __init__(self, tmp, *args):
        self.tmp, self.args = tmp, [f"{tmp}/state" if a == "STATE" else a for a in args]
        super().__init__(tmp, *self.args)

    def again(self):
        self.stop(signal.SIGKILL)
        super().__init__(self.tmp, *self.args)


def run(groups, report):
    for args, tests in groups:
        with tempfile.TemporaryDirectory() as tmp:
            twin = Daemon(tmp, *args)
            try:
                for test in tests:
                    try:
                        test(twin)
                        report(test, None)
                    except Exception:  # noqa: every failure is a test's result
                        report(test, traceback.format_exc())
                        break
                report(None, None if twin.stop() == 0 else "a daemon did not end cleanly")
            finally:
                if twin.process.poll() is None:
                    twin.process.kill()
                twin.log.seek(0)
                print("".join("# " + line for line in twin.log), end="")


def main():
    names = sys.argv[1:]
    groups = [(args, [t for t in tests if not names or t.__name__[5:] in names]) for args, tests in GROUPS]
    groups = [g for g in groups if g[1]]
    done, failed = [], []

    def report(test, trouble):
        if trouble:
            failed.append(test)
            print("# " + trouble.replace("\n", "\n# "))
        if test or trouble:
            done.append(test)
            print(f"{'not ok' if trouble else 'ok'} {len(done)} - {test.__doc__ if test else 'the end'}", flush=True)

    print("TAP version 13")
    sh("ip", "netns", "add", NETNS)
    ip("link", "set", "lo", "up")
    try:
        run(groups, report)
    finally:
        sh("ip", "netns", "del", NETNS)
    print(f"1..{len(done)}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
