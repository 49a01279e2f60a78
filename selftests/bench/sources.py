# SPDX-License-Identifier: BSD-3-Clause
"""What the contestants receive: the plug-in fill.c, told by a file that all map
and answering in one of each; or a pcap file repeated for ever."""
import mmap
import os
import struct
import time

SOURCE, SINK = "net_null_fill,size=64", "net_null_sink,no-rx=1"
OTHER_CPU = 0
CAPTURED, CAPTURED_BYTES, STEP, STEPS = 64, 192, 16, 8192
CONTROL_BYTES = 32 + 64 + 16 * 160 + 4 * 65536
REPORT_BYTES = 32 + 4 * STEPS + CAPTURED * (4 + CAPTURED_BYTES)


def mapped(path, size):
    with open(path, "w+b") as f:
        f.truncate(size)
        return mmap.mmap(f.fileno(), size)


class NoSource:
    """For a daemon without traffic."""
    eal = []
    env = {}


class PcapSource:
    """A pcap file that is received for ever: each packet is copied."""
    eal = []
    env = {}

    def __init__(self, path):
        self.path = path

    def device(self):
        return "net_pcap_twb,rx_pcap=%s,infinite_rx=1" % self.path


class Control:
    """The file that tells all sources what to send."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "control")
        self.map = mapped(self.path, CONTROL_BYTES)
        self.generation = 0

    def write(self, packed):
        self.map[4:4 + len(packed)] = packed
        self.generation += 1
        self.map[0:4] = struct.pack("<I", self.generation)


class Snapshot:
    """Counters of a source and its sink at one moment."""

    def __init__(self, data):
        self.generation, self.n_captured, self.generated, self.sent, ns = \
            struct.unpack_from("<IIQQQ", data)
        self.time = ns / 1e9


class FillSource:
    """Headers written into what a null device receives: nothing is copied."""
    plugin = None  # path of fill.so

    def __init__(self, folder, control):
        self.control = control
        report = os.path.join(folder, "report")
        self.map = mapped(report, REPORT_BYTES)
        self.eal = ["-d", self.plugin]
        self.env = {"TWBENCH_CONTROL": control.path, "TWBENCH_REPORT": report,
                    "TWBENCH_CPU": str(OTHER_CPU)}

    def device(self):
        return SOURCE

    def snapshot(self):
        return Snapshot(self.map)

    def fresh(self, seconds=10):
        """A snapshot that was made after now."""
        now, end = time.monotonic(), time.monotonic() + seconds
        while time.monotonic() < end:
            snap = self.snapshot()
            if snap.time > now:
                return snap
            time.sleep(0.001)
        raise TimeoutError("the source no longer reports")

    def follows(self):
        """Is what the control file says in force?"""
        return self.snapshot().generation == self.control.generation

    def latencies(self):
        """Histogram, in steps of STEP TSC cycles."""
        return struct.unpack_from("<%dI" % STEPS, self.map, 32)

    def captured(self):
        """Packets that were sent: (length, first bytes)."""
        out = []
        for i in range(self.snapshot().n_captured):
            ofs = 32 + 4 * STEPS + i * (4 + CAPTURED_BYTES)
            length, = struct.unpack_from("<I", self.map, ofs)
            out.append((length, bytes(self.map[ofs + 4:ofs + 4 + CAPTURED_BYTES])))
        return out
