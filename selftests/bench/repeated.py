# SPDX-License-Identifier: BSD-3-Clause
"""Packets of a pcap file, received for ever (net_pcap,infinite_rx): a source
that everybody has, whose copying is part of F. All contestants are started
anew for each file, because all packets of it are in their memory."""
import os

import cases
import contestants
import forward
import sources

NAMES = ("flow_1", "micro_1k", "micro_100k")


def start(cls, folder, source, case):
    place = os.path.join(folder, cls.__name__)
    os.makedirs(place)
    member = cls(place, source)
    try:
        member.start()
        if member.datapath:
            member.set_flows(case.rendered, case.openflow)
    except (contestants.Failed, TimeoutError) as failure:
        tail = member.log_tail()
        member.stop()
        raise contestants.Failed("%s: %s\n%s" % (member.name, failure, tail)) from failure
    member.freeze()
    return member


def measure(folder, case, opts):
    """Packets a second by contestant and setting: a list of windows each."""
    path = os.path.join(folder, "packets")
    case.traffic.write_pcap(path)
    members, rates = [], {}
    try:
        for cls in forward.CREW:
            members.append(start(cls, folder, sources.PcapSource(path), case))
        for _ in range(opts.windows):
            for member in members:
                for setting in member.settings:
                    member.thaw()
                    member.set(setting)
                    rates.setdefault((member, setting), []).append(
                        member.window(opts.seconds, opts.settle))
    finally:
        for member in members:
            member.stop()
    return rates


def run(folder, opts, tsc_hz, rows):
    """Add rows of the result, printed as they come."""
    print("from a pcap file\n" + forward.HEADER, flush=True)
    for case in cases.CASES:
        if case.name in NAMES:
            place = os.path.join(folder, case.name)
            os.makedirs(place)
            rows.append(forward.row_of(case, measure(place, case, opts), tsc_hz))
            forward.print_row({**rows[-1], "verbose": opts.verbose})
