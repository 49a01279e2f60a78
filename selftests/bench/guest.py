# SPDX-License-Identifier: BSD-3-Clause
"""Guests: a vhost-user port of the contestant, and at its other end testpmd with
virtio-user in the place of a guest, on CPU 0."""
import os
import statistics
import time

import contestants
import sources
import traffic
from contestants import OTHER_CPU, Failed, wait_for
from forward import SILENCE, best

SPLIT = "mrg_rxbuf=1,in_order=0,packed_vq=0"
PACKED = "mrg_rxbuf=0,in_order=1,packed_vq=1"
ANY_IP = "recirc_id(0),in_port(%s),eth(),eth_type(0x0800),ipv4(frag=no)"


class Case:
    """mode: of the guest's testpmd; pvp: packets come from the source and go
    to the guest and back, else the guest makes them"""

    def __init__(self, name, title, ring, pvp, must=None, main=False):
        self.name, self.title, self.ring, self.pvp = name, title, ring, pvp
        self.must, self.main = must, main
        self.mode = "io" if pvp else "txonly"
        self.traffic = traffic.plain(1000, burst=32 if pvp else 0)

    def flows(self, numbers):
        yield ANY_IP % numbers["v"], "%d" % numbers["o"]
        if self.pvp:
            yield ANY_IP % numbers["i"], "%d" % numbers["v"]


CASES = [
    Case("pvp_packed", "PVP, packed ring in order", PACKED, True, 1.35, True),
    Case("pvp_split", "PVP, split ring, mergeable", SPLIT, True, 1.35),
    Case("guest_tx_packed", "from a guest, packed ring in order", PACKED, False, main=True),
    Case("guest_tx_split", "from a guest, split ring, mergeable", SPLIT, False),
]


class WithGuest:
    """What a contestant needs for its vhost-user port."""

    def start_guest(self, case, path):
        wait_for("the vhost-user socket", lambda: os.path.exists(path))
        self.spawn(["dpdk-testpmd", "--lcores", "0@%d,1@%d" % (OTHER_CPU, OTHER_CPU),
                    "--no-pci", "--no-telemetry", "-m", "192", "--single-file-segments",
                    "--file-prefix", "twbench-guest-%d-%s" % (os.getpid(), type(self).__name__),
                    "--vdev", "virtio_user0,path=%s,queues=1,queue_size=1024,%s" % (path, case.ring),
                    "--", "--forward-mode=" + case.mode, "--total-num-mbufs=16384",
                    "--no-flush-rx", "--nb-cores=1", "--txd=1024", "--rxd=1024", "--txpkts=60",
                    "--auto-start", "--stats-period=60"], cpu=None)


class TestpmdGuest(WithGuest, contestants.Testpmd):
    settings = ("io",)

    def run(self, case):
        path = os.path.join(self.folder, "vhost")
        self.devices = [self.source.device(), "net_vhost0,iface=%s" % path, sources.SINK]
        self.options = ["--port-topology=chained"]
        self.start()
        self.start_guest(case, path)


class OvsGuest(WithGuest, contestants.Ovs):
    settings = ("emc 1/100",)
    numbers = {"i": 2, "o": 3, "v": 4}

    def run(self, case):
        self.start()
        self.add_port("v0", "dpdkvhostuser", 3)
        self.set_flows(case.flows)
        self.start_guest(case, os.path.join(self.folder, "v0"))


class OvsNativeGuest(OvsGuest, contestants.OvsNative):
    settings = ("emc 1/100",) + (("avx512 emc 1/100",) if contestants.has_avx512() else ())


class TwinGuest(WithGuest, contestants.Twin):
    numbers = {"i": 2, "o": 1, "v": 3}

    def run(self, case):
        path = os.path.join(self.folder, "vhost")
        self.start()
        self.add_port("twb_vhost", "net_vhost0,iface=%s" % path)
        self.set_flows(case.flows)
        self.start_guest(case, path)


CREW = (TestpmdGuest, OvsGuest, OvsNativeGuest, TwinGuest)


def right(case, data):
    """The guest changes nothing; what it makes itself is UDP over IPv4."""
    if not case.pvp:
        return data[12:15] == b"\x08\x00\x45" and data[23] == 17
    template = case.traffic.templates[0]
    number = int.from_bytes(data[26:30], "big") - template.first
    return 0 <= number < template.flows and data[:60] == template.packet(number)


def check(case, member):
    wait_for("%s: %s: packets to leave" % (case.name, member.name),
             lambda: member.source.snapshot().n_captured == sources.CAPTURED, 20)
    for length, data in member.source.captured():
        if length not in (60, 64) or not right(case, data):
            raise Failed("%s: %s sent a wrong packet of %d bytes: %s" %
                         (case.name, member.name, length, data[:64].hex()))


def start(cls, folder, control, case):
    place = os.path.join(folder, cls.__name__)
    os.makedirs(place)
    member = cls(place, sources.FillSource(place, control))
    # What comes before there are flows could make others: of Open vSwitch's own.
    control.write(SILENCE.packed())
    try:
        member.run(case)
        control.write(case.traffic.packed(capture=True))
        wait_for("%s to follow" % member.name, member.source.follows)
        check(case, member)
    except (Failed, TimeoutError) as failure:
        tail = member.log_tail()
        member.stop()
        raise Failed("%s: %s\n%s" % (member.name, failure, tail)) from failure
    member.freeze()
    return member


def window(member, setting, opts):
    """Packets a second that left through the sink."""
    member.thaw()
    member.set(setting)
    time.sleep(opts.settle)
    before = member.source.fresh()
    time.sleep(opts.seconds)
    after = member.source.fresh()
    member.freeze()
    return (after.sent - before.sent) / (after.time - before.time)


def measure(folder, case, opts):
    control = sources.Control(folder)
    members, rates = [], {}
    try:
        for cls in CREW:
            members.append(start(cls, folder, control, case))
        control.write(case.traffic.packed())
        for _ in range(opts.windows):
            for member in members:
                for setting in member.settings:
                    rates.setdefault(member.label(setting), []).append(
                        window(member, setting, opts))
    finally:
        for member in members:
            member.stop()
    return rates


def row_of(case, rates, tsc_hz):
    columns = [{"contestant": label, "pps": statistics.median(windows), "windows_pps": windows,
                "cycles": tsc_hz / statistics.median(windows)} for label, windows in rates.items()]
    ours, ovs = best(columns, "twinpathd"), best(columns, "OVS")
    limit = best(columns, "testpmd")
    return {"case": case.name, "title": case.title, "must": case.must, "contestants": columns,
            "best_ovs": ovs["contestant"], "ratio": ours["pps"] / ovs["pps"],
            "of_testpmd": ours["pps"] / limit["pps"]}


def run(folder, cases, opts, tsc_hz, rows):
    """Add rows of the result, printed as they come."""
    for case in cases:
        place = os.path.join(folder, case.name)
        os.makedirs(place)
        row = row_of(case, measure(place, case, opts), tsc_hz)
        rows.append(row)
        print("%-42s twin / best OVS %.2f%s, twin / testpmd %.2f" %
              (row["title"], row["ratio"], " (of %g)" % row["must"] if row["must"] else "",
               row["of_testpmd"]))
        for column in row["contestants"]:
            print("    %-28s %8.2f Mpps (%.2f to %.2f)" %
                  (column["contestant"], column["pps"] / 1e6, min(column["windows_pps"]) / 1e6,
                   max(column["windows_pps"]) / 1e6), flush=True)
