# SPDX-License-Identifier: BSD-3-Clause
"""Upcalls of twinpathd under load: what they cost others, and how many there can be.

Sources and sink are pace.c's; the client that gets the misses is upcall_echo or a stock ovs-vswitchd.
Windows with and without the load alternate in one run: what counts are ratios of their medians.
"""
import ctypes
import json
import mmap
import os
import signal
import statistics
import struct
import subprocess
import time

import contestants
from contestants import Twin, run, wait_for
from vswitchd import EXACT, WithVswitchd

LANES, CLASSES = 8, 64 * 16
ALL = (1 << 64) - 1
RATE, FLOWS, RECEIVED, MISSED, SUNK, LATENCY = (8 * LANES * n for n in range(6))
SIZE = LATENCY + 8 * LANES * CLASSES
FLOW = "in_port(2),eth(),eth_type(0x0800),ipv4(proto=17,frag=no),udp(dst=80)"


def unshare_net():
    """This process gets a network namespace of its own (Python has no call for that yet)."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000):
        raise OSError(ctypes.get_errno(), "unshare")
    run("ip", "link", "set", "lo", "up")


class Pace:
    """The file that pace.c shares: lanes by number."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as f:
            f.truncate(SIZE)
        self.file = open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), SIZE)
        for lane in range(LANES):
            self.put(FLOWS, lane, 1)

    def put(self, table, lane, value):
        struct.pack_into("=Q", self.map, table + 8 * lane, value)

    def get(self, table, lane):
        return struct.unpack_from("=Q", self.map, table + 8 * lane)[0]

    def rate(self, lane, value):
        self.put(RATE, lane, value)

    def classes(self, lane):
        return struct.unpack_from("=%dQ" % CLASSES, self.map, LATENCY + 8 * lane * CLASSES)


def cycles_of(index):
    """The middle of a class of latencies."""
    if index < 64:
        return index if index < 16 else (16 + index % 16)
    power = index // 16 + 3
    return ((16 + index % 16) << (power - 4)) + (1 << (power - 5))


def percentile(counts, share):
    """The latency, in cycles, that this share of the packets does not exceed."""
    left = share * sum(counts)
    for index, count in enumerate(counts):
        left -= count
        if left <= 0:
            return cycles_of(index)
    return None


class PacedSource:
    """What Twin wants to know of a source."""
    plugin = None

    def __init__(self, pace):
        self.eal = ["-d", self.plugin]
        self.env = {"TWPACE_FILE": pace.path, "TWBENCH_CPU": str(contestants.OTHER_CPU)}


class Rig(WithVswitchd, Twin):
    """twinpathd with the sink as port 1 and lane N as port N + 2; lane 0 has a flow to the sink."""
    name = "twinpathd"

    def __init__(self, folder, pace, lanes=3):
        super().__init__(folder, PacedSource(pace))
        self.pace = pace
        self.lanes = lanes
        self.client = None
        self.client_name = "echo"
        self.dp = "twb_dp"
        self.ports = ["twb_lane%d" % lane for lane in range(lanes)]

    def start(self):
        self.start_daemon()
        self.add_port("twb_sink", "net_null_sink,no-rx=1")
        for lane in range(self.lanes):
            self.add_port("twb_lane%d" % lane, "net_null_pace%d" % lane)
        time.sleep(0.2)
        for port in ["twb_sink"] + ["twb_lane%d" % lane for lane in range(self.lanes)]:
            self.attach(port)
        self.dpctl("add-flow", "twb_dp", FLOW, "1")

    def start_with_vswitchd(self):
        """The same with a stock ovs-vswitchd as the one who makes datapath, ports and flows. It wants
        ports that Linux shows: veths of the same names. Misses that it answers by a flow are of one
        5-tuple each, because its rule hashes all of it, and there are few: the flood goes on.
        """
        self.client_name, self.dp = "vswitchd", "ovs-system"
        self.launch_daemon()
        self.add_port("twb_sink", "net_null_sink,no-rx=1")
        for lane, port in enumerate(self.ports):
            self.add_port(port, "net_null_pace%d" % lane)
        for port in ["twb_sink"] + self.ports:
            run("ip", "link", "add", port, "type", "veth", "peer", "name", port + "_")
            run("ip", "link", "set", port, "up")
        self.start_database("other_config:flow-limit=1000")
        self.start_vswitchd(self.build + "/twinpath", "exec", "--", "ovs-vswitchd",
                            env={"TWINPATH_SOCKET": self.socket_path})
        self.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "fail-mode=secure")
        for number, port in enumerate(["twb_sink"] + self.ports, 1):
            self.vsctl("add-port", "br0", port, "--", "set", "interface", port, "ofport_request=%d" % number)
        self.openflow("add-flow", "br0", "in_port=2,actions=output:1")
        for number in range(3, 2 + self.lanes):
            self.openflow("add-flow", "br0", "in_port=%d,udp,%s,output:1" % (number, EXACT))
        self.pace.rate(0, 1000)
        wait_for("ovs-vswitchd to forward", lambda: self.pace.get(SUNK, 0) > 10)

    def settle(self):
        """Until nothing is under way any more."""
        before = None
        while before != (before := self.upcalls()):
            time.sleep(0.3)

    @staticmethod
    def json(text):
        return json.loads(text)

    def add_port(self, name, device):
        self.cmd(self.build + "/twinpath", "port", "add", name, device)

    def listen(self, mode, *lanes):
        """Start the client for the misses of lanes."""
        self.client = subprocess.Popen(
            ["taskset", "-c", str(contestants.OTHER_CPU), self.build + "/bench/upcall_echo",
             self.socket_path, "twb_dp", mode, "1"] + [str(lane + 2) for lane in lanes],
            stdout=subprocess.PIPE, text=True)
        self.procs.append(self.client)
        if self.client.stdout.readline() != "ready\n":
            raise contestants.Failed("upcall_echo does not start")

    def end_client(self):
        self.client.send_signal(signal.SIGTERM)
        out, _ = self.client.communicate(timeout=20)
        self.procs.remove(self.client)
        return json.loads(out)

    def stats(self):
        return json.loads(self.cmd(self.build + "/twinpath", "stats", "--json"))

    def upcalls(self):
        """{port: (delivered, lost)}"""
        return {port["name"]: (port.get("upcalls", 0), port.get("upcalls_lost", 0))
                for port in self.stats()["ports"]}

    def sent(self):
        return self.pace.get(SUNK, 0)

    def worker_seconds(self):
        """Time that the worker has had a processor."""
        folder = "/proc/%d/task" % self.proc.pid
        for task in os.listdir(folder):
            with open("%s/%s/comm" % (folder, task)) as f:
                if f.read() == "worker-0\n":
                    break
        else:
            raise contestants.Failed("twinpathd has no thread worker-0")
        with open("%s/%s/schedstat" % (folder, task)) as f:
            return int(f.read().split()[0]) / 1e9

    def counts(self):
        """Everything that is counted, and two clocks."""
        lanes = range(self.lanes)
        upcalls = self.upcalls()
        return {
            "out": [self.pace.get(SUNK, n) for n in lanes],
            "in": [self.pace.get(RECEIVED, n) for n in lanes],
            "delivered": [upcalls["twb_lane%d" % n][0] for n in lanes],
            "lost": [upcalls["twb_lane%d" % n][1] for n in lanes],
            "worker": self.worker_seconds(),
            "wall": time.monotonic(),
        }

    def measure(self, seconds, settle=0.3):
        """One window: what was counted within it."""
        time.sleep(settle)
        before = self.counts()
        time.sleep(seconds)
        after = self.counts()
        return {what: [b - a for a, b in zip(value, after[what])] if isinstance(value, list)
                else after[what] - value for what, value in before.items()}


def alternate(rig, lane, rate, windows, seconds, settle=0.3):
    """Windows without and with a rate on a lane, in turn: (those without, those with)."""
    without, loaded = [], []
    for _ in range(windows):
        rig.pace.rate(lane, 0)
        without.append(rig.measure(seconds, settle))
        rig.pace.rate(lane, rate)
        loaded.append(rig.measure(seconds, settle))
    rig.pace.rate(lane, 0)
    return without, loaded


def total(windows, what, lane=None):
    return sum(window[what] if lane is None else window[what][lane] for window in windows)
