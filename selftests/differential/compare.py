#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compares traces with the reference's, applies the list of meant differences, prints TAP.

One line a case and subject, one a listed difference and subject (it fails when the difference no
longer occurs), totals at the end. See README.md for the form of the list.
"""
import argparse
import difflib
import fnmatch
import json
import pathlib
import re
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))

import newest  # noqa: E402  (needs the path)
import wire  # noqa: E402

SHOWN_LINES = 40


class Difference:
    """An entry of differences.json."""

    def __init__(self, entry):
        missing = {'cases', 'datapaths', 'why'} - entry.keys()
        unknown = entry.keys() - {'cases', 'datapaths', 'why', 'stock', 'here', 'order', 'extra'}
        if missing or unknown or not {'stock', 'here', 'order', 'extra'} & entry.keys():
            raise ValueError(f'differences: {sorted(missing | unknown) or "no pattern"}: {entry}')
        self.cases = entry['cases'] if isinstance(entry['cases'], list) else [entry['cases']]
        self.datapaths = entry['datapaths']
        self.why = entry['why']
        self.stock = re.compile(entry['stock']) if 'stock' in entry else None
        self.here = re.compile(entry['here']) if 'here' in entry else None
        self.order = entry.get('order', False)
        self.extra = re.compile(entry['extra']) if 'extra' in entry else None
        self.used = set()

    def concerns(self, datapath, case):
        return datapath in self.datapaths and any(
            fnmatch.fnmatchcase(case, pattern) for pattern in self.cases
        )

    def without_extra(self, datapath, lines):
        """The lines but for those that only our datapaths have, wherever they stand."""
        kept = [
            line
            for line in lines
            if line.startswith('---') or not self.extra.fullmatch(line.strip())
        ]
        if len(kept) < len(lines):
            self.used.add(datapath)
        return kept

    def explains(self, removed, added):
        """Do both sides of a hunk match? What the patterns' groups caught must be the same, line
        by line."""
        before, after = caught(self.stock, removed), caught(self.here, added)
        if before is None or after is None:
            return False
        return before == after or not (any(before) and any(after))


def caught(pattern, lines):
    """The groups of each line; None if one doesn't match. No pattern: there must be no line."""
    if pattern is None:
        return None if lines else []
    found = [pattern.fullmatch(line.strip()) for line in lines]
    return None if None in found else [match.groups() for match in found]


def hunks(reference, subject):
    """[(lines before, removed lines, added lines)] of two lists of lines."""
    matcher = difflib.SequenceMatcher(None, reference, subject, autojunk=False)
    return [
        (reference[:i1], reference[i1:i2], subject[j1:j2])
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != 'equal'
    ]


def differing(reference, subject):
    """Pairs of steps that differ; all lines are one pair if the steps aren't the same ones."""
    if [step[0] for step in reference] == [step[0] for step in subject]:
        return [pair for pair in zip(reference, subject) if pair[0] != pair[1]]
    return [(sum(reference, []), sum(subject, []))]


def unexplained(datapath, case, reference, subject, differences):
    """The hunks that no entry of the list explains; marks the entries used."""
    left, used = [], 0
    entries = [d for d in differences if d.concerns(datapath, case)]
    for entry in (d for d in entries if d.extra):
        subject = [entry.without_extra(datapath, step) for step in subject]
    entries = [d for d in entries if not d.extra]
    for old, new in differing(reference, subject):
        moved = next((d for d in entries if d.order and sorted(old) == sorted(new)), None)
        if moved:
            moved.used.add(datapath)
            used += 1
            continue
        for before, removed, added in hunks(old, new):
            entry = next((d for d in entries if not d.order and d.explains(removed, added)), None)
            if entry:
                entry.used.add(datapath)
                used += 1
            else:
                left.append((before, removed, added))
    return left, used


class Tap:
    def __init__(self, planned):
        self.done = self.failed = 0
        print(f'TAP version 13\n1..{planned}')

    def report(self, good, name, details=()):
        self.done += 1
        self.failed += not good
        print(f'{"ok" if good else "not ok"} {self.done} - {name}')
        for line in details:
            print(f'# {line}')


def hunk_details(left, asked):
    """`asked` has the lines of the request by the step's title, if they are to be shown."""
    lines = []
    for before, removed, added in left:
        step = next((line for line in reversed(before) if line.startswith('--- ')), '--- start')
        lines += [step] + ['> ' + line for line in asked.get(step, ())]
        head = before[-1:] if before and before[-1] != step else []
        lines += ['  ' + line for line in head]
        lines += ['- ' + line for line in removed] + ['+ ' + line for line in added]
    if asked:
        return lines
    more = len(lines) - SHOWN_LINES
    return lines[:SHOWN_LINES] + ([f'... {more} lines more'] if more > 0 else [])


def compare_trace(tap, datapath, reference, subject, differences, show_requests):
    """Returns the number of cases with meant differences."""
    meant = 0
    for name, record in reference['cases'].items():
        title = f'{datapath}: {name}'
        if name not in subject['cases']:
            tap.report(False, title, ['the trace lacks it'])
            continue
        left, used = unexplained(
            datapath,
            name,
            wire.case_steps(reference, record),
            wire.case_steps(subject, subject['cases'][name]),
            differences,
        )
        meant += bool(used)
        note = f' ({used} meant differences)' if used else ''
        asked = wire.requests(reference, record) if left and show_requests else {}
        tap.report(not left and 'failed' not in record, title + note, hunk_details(left, asked))
    return meant


def load(path):
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def counts(trace):
    steps = [step for record in trace['cases'].values() for step in record['steps'] if step[1]]
    executed = sum(
        step[1][8:12] == struct.pack('=H', trace['families']['ovs_packet']).hex() for step in steps
    )
    return f'{len(trace["cases"])} cases, {len(steps)} requests, {executed} of them with packets'


def generated(reference, subject):
    """(requests, packets) of the generated cases, so far as both traces hold what came of them."""
    execute = struct.pack('=H', reference['families']['ovs_packet']).hex()
    requests = packets = 0
    for name, record in reference['cases'].items():
        steps = [step for step in record['steps'] if step[1]]
        there = subject['cases'].get(name, {'steps': ()})['steps']
        if not name.startswith('generated-') or len(steps) != sum(bool(step[1]) for step in there):
            continue
        if name.startswith('generated-packets/'):
            packets += sum(step[1][8:12] == execute for step in steps)
        else:
            requests += len(steps)
    return requests, packets


def report_generated(tap, datapath, count, least):
    requests, packets = count
    if least:
        enough = requests >= least[0] and packets >= least[1]
        title = f'{datapath}: at least {least[0]} generated requests and {least[1]} packets'
        tap.report(enough, title)
    print(f'# {datapath}: {requests} generated requests and {packets} generated packets compared')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--reference', required=True, help="the distribution's module's trace")
    parser.add_argument('--differences', help='list of meant differences')
    parser.add_argument(
        '--partial', action='store_true', help='some cases only: listed differences need not occur'
    )
    parser.add_argument(
        '--requests', action='store_true', help='show what was asked, and all lines'
    )
    parser.add_argument(
        '--least',
        nargs=2,
        type=int,
        metavar=('REQUESTS', 'PACKETS'),
        help='fail if fewer generated ones were compared',
    )
    parser.add_argument('subjects', nargs='+', metavar='NAME=TRACE', help='traces to judge')
    options = parser.parse_args()
    reference = load(options.reference)
    subjects = {name: load(path) for name, path in (s.split('=', 1) for s in options.subjects)}
    differences = [
        Difference(e) for e in (load(options.differences) if options.differences else [])
    ]
    listed = [(d, name) for d in differences for name in d.datapaths if name in subjects]
    listed = [] if options.partial else listed
    tests = len(reference['cases']) + 1 + bool(options.least)
    tap = Tap(len(subjects) * tests + len(listed))
    for name, trace in subjects.items():
        strangers, looked = newest.newer(trace)
        title = f'{name}: nothing newer than the clients know (K7), in {looked} messages'
        tap.report(not strangers and (looked or options.partial), title, strangers[:SHOWN_LINES])
        meant = compare_trace(tap, name, reference, trace, differences, options.requests)
        print(f'# {name}: {counts(trace)}; {meant} cases with meant differences')
    for entry, name in listed:
        tap.report(name in entry.used, f'{name}: listed difference occurs: {entry.why}')
    for name, trace in subjects.items():
        report_generated(tap, name, generated(reference, trace), options.least)
    print(f'# {tap.done - tap.failed} passed, {tap.failed} failed')
    sys.exit(1 if tap.failed else 0)


if __name__ == '__main__':
    main()
