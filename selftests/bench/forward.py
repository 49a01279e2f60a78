# SPDX-License-Identifier: BSD-3-Clause
"""Packets between two null devices: every case of cases.py with every setting
of every contestant, window by window in turn."""
import os
import statistics
import time

import contestants
import sources
import traffic
from contestants import Failed, wait_for

# Share of a window's packets by which what came and what left may differ:
# packets under way, and those that come and leave between two readings.
TOLERANCE = 0.02
SILENCE = traffic.plain(burst=0)


def expected(case, contestant):
    """Function from a packet that came to those that leave."""
    return case.out if contestant.datapath else lambda packet: [packet]


def number_of(template, data):
    """The number of the packet that this one was made of: what some four bytes
    of it say, as few are in its source address."""
    for ofs in range(0, len(data) - 4):
        number = int.from_bytes(data[ofs:ofs + 4], "big") - template.first
        if 0 <= number < template.flows:
            yield number


def is_right(case, contestant, length, data):
    """Is this one of the packets that may leave?"""
    out = expected(case, contestant)
    for template in case.traffic.templates:
        for number in number_of(template, data[:96]):
            for packet in out(template.packet(number)):
                head = min(len(packet), 64 if template.size <= 64 else 128) - 8
                if len(packet) == length and packet[:head] == data[:head]:
                    return True
    return False


def check(case, contestant):
    """The first packets that leave are those that should."""
    source = contestant.source
    wait_for("%s: %s: packets to leave" % (case.name, contestant.name),
             lambda: source.snapshot().n_captured == sources.CAPTURED, 10)
    for length, data in source.captured():
        if not is_right(case, contestant, length, data):
            raise Failed("%s: %s sent a wrong packet of %d bytes: %s" %
                         (case.name, contestant.name, length, data[:128].hex()))


def window(case, contestant, setting, seconds, settle):
    """Packets a second that were forwarded."""
    source = contestant.source
    contestant.thaw()
    contestant.set(setting)
    time.sleep(settle)
    before = source.fresh()
    time.sleep(seconds)
    after = source.fresh()
    contestant.freeze()
    came, left = after.generated - before.generated, after.sent - before.sent
    copies = case.copies if contestant.datapath else 1
    if not came or abs(left / came / copies - 1) > TOLERANCE:
        raise Failed("%s: %s: %d packets came and %d left" %
                     (case.name, contestant.label(setting), came, left))
    return came / (after.time - before.time)


class Crew:
    """All contestants, running, frozen unless it is their turn."""

    def __init__(self, folder, classes):
        self.control = sources.Control(folder)
        self.members = []
        self.folder, self.classes = folder, classes

    def __enter__(self):
        try:
            for cls in self.classes:
                self.add(cls)
        except Exception:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for member in self.members:
            member.stop()

    def add(self, cls):
        place = os.path.join(self.folder, cls.__name__)
        os.makedirs(place)
        member = cls(place, sources.FillSource(place, self.control))
        self.members.append(member)
        try:
            member.start()
            if member.datapath:
                member.add_meter()
        except (Failed, TimeoutError) as failure:
            raise Failed("%s: %s\n%s" % (member.name, failure, member.log_tail())) from failure
        member.freeze()

    def prepare(self, case):
        """All have the case's flows and were seen to do what they should."""
        for member in self.members:
            member.thaw()
            member.set(member.settings[0])
            self.tell(member, SILENCE.packed())
            if member.datapath:
                member.set_flows(case.rendered)
            self.tell(member, case.traffic.packed(capture=True))
            check(case, member)
            member.freeze()
        self.control.write(case.traffic.packed())
        for member in self.members:
            member.thaw()
            wait_for("%s to follow" % member.name, member.source.follows)
            member.freeze()

    def tell(self, member, packed):
        self.control.write(packed)
        wait_for("%s to follow" % member.name, member.source.follows)


def measure(crew, case, opts):
    """Packets a second by contestant and setting: a list of windows each."""
    crew.prepare(case)
    rates = {}
    for _ in range(opts.windows):
        for member in crew.members:
            for setting in member.settings:
                rates.setdefault((member, setting), []).append(
                    window(case, member, setting, opts.seconds, opts.settle))
    return rates


def best(columns, name):
    """The fastest setting of those whose name begins so."""
    return min((c for c in columns if c["contestant"].startswith(name)),
               key=lambda c: c["cycles"], default=None)


def row_of(case, rates, tsc_hz):
    columns = []
    for (member, setting), windows in rates.items():
        pps = statistics.median(windows)
        columns.append({"contestant": member.label(setting), "pps": pps, "cycles": tsc_hz / pps,
                        "windows_pps": windows})
    row = {"case": case.name, "title": case.title, "must": case.must, "floor": case.floor,
           "contestants": columns}
    floor = best(columns, "testpmd io")
    if floor:
        for column in columns:
            column["x"] = column["cycles"] - floor["cycles"]
    ours, ovs = best(columns, "twinpathd"), best(columns, "OVS")
    if ours and ovs and floor:
        row.update(floor_cycles=floor["cycles"], x=ours["x"], best_ovs=ovs["contestant"],
                   ovs_x=ovs["x"], ratio=ovs["x"] / max(ours["x"], 0.1))
    return row


HEADER = "%-42s %5s | %8s %6s | %8s %6s %-16s | %s" % (
    "case (TSC cycles a packet; x: above F)", "F", "twin", "x", "best OVS", "x", "(its settings)",
    "OVS x / twin x")


def print_row(row):
    ours = best(row["contestants"], "twinpathd")
    ovs = best(row["contestants"], "OVS")
    print("%-42s %5.1f | %5.1f Mp %6.1f | %5.1f Mp %6.1f %-16s | %.1f%s" %
          (row["title"], row["floor_cycles"], ours["pps"] / 1e6, row["x"], ovs["pps"] / 1e6,
           row["ovs_x"], ovs["contestant"].replace("OVS", "").replace("native", "").strip(),
           row["ratio"], " (of %g)" % row["must"] if row["must"] else ""), flush=True)
    if not row.get("verbose"):
        return
    for column in row["contestants"]:
        print("    %-28s %8.2f Mpps (%.2f to %.2f) %7.1f cycles, x %6.1f" %
              (column["contestant"], column["pps"] / 1e6, min(column["windows_pps"]) / 1e6,
               max(column["windows_pps"]) / 1e6, column["cycles"], column["x"]), flush=True)


CREW = (contestants.Testpmd, contestants.Ovs, contestants.OvsNative, contestants.Twin)


def run(folder, cases, opts, tsc_hz, rows):
    """Add rows of the result, printed as they come."""
    with Crew(folder, CREW) as crew:
        print(HEADER, flush=True)
        for case in cases:
            row = row_of(case, measure(crew, case, opts), tsc_hz)
            rows.append(row)
            print_row({**row, "verbose": opts.verbose})
