#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Workers of the daemon, from outside: what they tell of themselves, their pauses and sleep.

Each group of tests has a daemon of its own in a network namespace of this test's. Needs root.
Prints TAP. Usage: worker_test.py [TEST...]
"""
import json
import os
import struct
import sys
import tempfile
import time
import traceback

import twinpathd_test as bed
from twin import ACK, CREATE, DEL, DUMP, ECHO, NEW, Ovs, attr, key_ip, output, text, u32
from twinpathd_test import NETNS, Host, Twin, ip, sh

PATIENCE = 60
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


GROUPS = (((), (test_counters, test_pauses)),
          (("--idle-sleep", "200"), (test_sleep,)))


def run(groups, report):
    for args, tests in groups:
        with tempfile.TemporaryDirectory() as tmp:
            twin = Twin(tmp, *args)
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
