#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the cases on the datapath that this process can reach and writes a trace as JSON.

The trace holds every byte sent and received, and what compare.py needs to give run-dependent
numbers their names: port ids, ifindexes, families, multicast groups, the time of each case.
"""
import argparse
import fnmatch
import gc
import importlib
import json
import os
import pathlib
import platform
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'lib')]

import scene  # noqa: E402  (needs the path)


def load_cases():
    for path in sorted((HERE / 'cases').glob('*.py')):
        importlib.import_module(f'cases.{path.stem}')
    names = [name for name, _, _ in scene.CASES]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f'trace.py: two cases are called {sorted(twice)[0]}')
    order = ('bare', 'fresh', 'shared')
    return sorted(scene.CASES, key=lambda entry: order.index(entry[1]))


def quiet_devices():
    """No packets of the kernel's own on the test's devices, and one CPU for per-CPU counters."""
    for knob in ('default', 'all'):
        path = pathlib.Path(f'/proc/sys/net/ipv6/conf/{knob}/disable_ipv6')
        if path.exists():
            path.write_text('1', encoding='ascii')
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def run_case(stage, name, fixture, function):
    """The case's record; a case that fails halfway has `failed`."""
    record = {'start': time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000000}
    try:
        stage.set_up(name, fixture)
        function(stage)
    except Exception:  # pylint: disable=broad-except
        record['failed'] = traceback.format_exc(limit=-3)
    record['steps'] = stage.steps
    stage.steps = []
    try:
        stage.tear_down()
    except Exception:  # pylint: disable=broad-except
        record['failed'] = traceback.format_exc(limit=-3)
        stage.standing = None
    record['end'] = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000000
    return record


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--output', required=True, help='file to write')
    parser.add_argument('--only', default='*', help='names of the cases to run, a glob')
    parser.add_argument('--every', type=int, default=1, help='run the first of so many only')
    parser.add_argument('--patient', action='store_true', help='wait for what comes late')
    parser.add_argument('--list', action='store_true', help='print the names of the cases only')
    parser.add_argument('--seed', default=scene.SEED, help='of the generated cases')
    parser.add_argument('--sessions', type=int, default=scene.SESSIONS, help='how many of those')
    options = parser.parse_args()
    scene.SEED, scene.SESSIONS = options.seed, options.sessions
    cases = [entry for entry in load_cases() if fnmatch.fnmatch(entry[0], options.only)]
    cases = cases[:: options.every]
    if options.list:
        print('\n'.join(name for name, _, _ in cases))
        return
    quiet_devices()
    gc.disable()
    stage = scene.Scene(options.patient)
    records = {name: run_case(stage, name, fixture, function) for name, fixture, function in cases}
    stage.clear()
    trace = {
        'seed': scene.SEED,
        'kernel': platform.release(),
        'families': stage.ids,
        'groups': stage.groups,
        'pids': stage.pids,
        'ifindexes': stage.ifindexes,
        'cases': records,
    }
    with open(options.output, 'w', encoding='ascii') as out:
        json.dump(trace, out)


if __name__ == '__main__':
    main()
