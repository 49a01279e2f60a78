# SPDX-License-Identifier: BSD-3-Clause
"""How long packets stay: from the receive callback to the transmit callback,
while they come at half the rate that the contestant can do."""
import time

import cases
import forward
from contestants import wait_for
from sources import STEP

SHARES = (0.5, 0.99, 0.999)


def percentiles(histogram):
    """Steps below which these shares of all are, and how many were counted."""
    total, seen, found = sum(histogram), 0, []
    for step, count in enumerate(histogram):
        seen += count
        while len(found) < len(SHARES) and total and seen >= SHARES[len(found)] * total:
            found.append(step + 1)
    return found, total


def timed(crew, member, traffic, opts, tsc_hz, pps):
    """Percentiles in nanoseconds at half of `pps`."""
    pace = round(256 * tsc_hz / (pps / 2))
    member.thaw()
    for _ in range(2):  # what came before all was settled does not count
        crew.control.write(traffic.packed(latency=True, pace=pace))
        wait_for("%s to follow" % member.name, member.source.follows)
        time.sleep(opts.settle)
    time.sleep(opts.seconds)
    steps, total = percentiles(member.source.latencies())
    crew.control.write(traffic.packed())
    wait_for("%s to follow" % member.name, member.source.follows)
    member.freeze()
    return {"pps": pps / 2, "packets": total,
            "ns": [step * STEP / tsc_hz * 1e9 for step in steps]}


def run(folder, opts, tsc_hz, rows):
    case = next(c for c in cases.CASES if c.name == "micro_1k")
    with forward.Crew(folder, forward.CREW) as crew:
        rates = forward.measure(crew, case, opts)
        print("%-28s %s" % ("at half its rate, ns", "  ".join("p%g" % (100 * s) for s in SHARES)))
        for (member, setting), windows in rates.items():
            member.thaw()
            member.set(setting)
            row = timed(crew, member, case.traffic, opts, tsc_hz, sorted(windows)[len(windows) // 2])
            row["contestant"] = member.label(setting)
            rows.append(row)
            print("%-28s %s  (%.1f Mpps)" % (row["contestant"], "  ".join(
                "%.0f" % ns for ns in row["ns"]), row["pps"] / 1e6), flush=True)
