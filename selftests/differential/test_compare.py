#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Judges compare.py by traces made up for it. Prints TAP."""
import contextlib
import copy
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FAMILY, OTHER_FAMILY = 30, 40


def vport(number, name, ifindex, family=FAMILY, pid=7, more=b''):
    """A VPORT GET reply."""
    body = struct.pack('=HHI', 8, 1, number)
    text = name.encode() + b'\0'
    body += struct.pack('=HH', 4 + len(text), 3) + text + bytes(-len(text) % 4)
    body += struct.pack('=HHI', 8, 8, ifindex) + more
    return (
        struct.pack('=IHHII', 24 + len(body), family, 2, 1, pid)
        + struct.pack('=BBHi', 3, 1, 0, ifindex)
        + body
    ).hex()


def trace(replies, family=FAMILY, pid=7):
    return {
        'kernel': 'test',
        'families': {'ovs_vport': family, 'ovs_flow': 99, 'ovs_packet': 98},
        'groups': {},
        'pids': {pid: 'main'},
        'ifindexes': {5: 'dp0', 50: 'dp0'},
        'cases': {
            'one': {'start': 0, 'end': 1, 'steps': [['get', '', [['main', r] for r in replies]]]}
        },
    }


def entry(**fields):
    return {'cases': 'o*', 'datapaths': ['own'], 'why': 'because', **fields}


def judge(reference, subject, differences=(), *options):
    """(passed, failed) of compare.py."""
    with tempfile.TemporaryDirectory() as place:
        paths = {}
        for name, data in (('stock', reference), ('own', subject), ('list', list(differences))):
            paths[name] = f'{place}/{name}.json'
            with open(paths[name], 'w', encoding='ascii') as out:
                json.dump(data, out)
        done = subprocess.run(
            [
                sys.executable,
                HERE / 'compare.py',
                '--reference',
                paths['stock'],
                '--differences',
                paths['list'],
                *options,
                f'own={paths["own"]}',
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    last = done.stdout.splitlines()[-1:] or [done.stderr]
    with contextlib.suppress(ValueError):
        _, passed, _, failed, _ = last[0].split()
        return int(passed), int(failed), done.returncode
    return last[0]


FIRST, SECOND = vport(1, 'a', 5), vport(2, 'b', 5)
PLAIN = trace([FIRST])
RENAMED = trace([vport(1, 'z', 5)])
NEWER = trace([vport(1, 'a', 5, more=struct.pack('=HHI', 8, 11, 0))])
LISTED = trace([vport(1, 'a', 5, more=struct.pack('=HH', 4, 10))])
NAME = r"3 NAME \[2\] '.*'"


ASKED = {'one': 1, 'generated-flow/0001': 2, 'generated-packets/cut/arp': 3}
LEAST = ('--least', '2', '3')


def asked(numbers):
    """A trace with so many EXECUTEs a case."""
    made = trace([])
    request = struct.pack('=IHHII', 16, 98, 1, 1, 0).hex()
    made['cases'] = {
        case: {'start': 0, 'end': 1, 'steps': [[str(n), request, [['main', FIRST]]] for n in range(number)]}
        for case, number in numbers.items()
    }
    return made


def lacking():
    subject = copy.deepcopy(PLAIN)
    subject['cases'] = {}
    return subject


TESTS = {
    'equal traces': ((PLAIN, PLAIN), (2, 0, 0)),
    'other ids, same names': (
        (PLAIN, trace([vport(1, 'a', 50, OTHER_FAMILY, 9)], OTHER_FAMILY, 9)),
        (2, 0, 0),
    ),
    'an ifindex that nobody has': ((PLAIN, trace([vport(1, 'a', 51)])), (1, 1, 1)),
    'another name': ((PLAIN, RENAMED), (1, 1, 1)),
    'a message more': ((PLAIN, trace([FIRST, SECOND])), (1, 1, 1)),
    'a case that lacks': ((PLAIN, lacking()), (0, 2, 1)),
    'a meant difference': ((PLAIN, RENAMED, [entry(stock=NAME, here=NAME)]), (3, 0, 0)),
    'it is meant elsewhere': (
        (PLAIN, RENAMED, [entry(stock=NAME, here=NAME, datapaths=['twin'])]),
        (1, 1, 1),
    ),
    'it is meant in other cases': (
        (PLAIN, RENAMED, [entry(stock=NAME, here=NAME, cases='two')]),
        (1, 2, 1),
    ),
    'it is meant otherwise': ((PLAIN, RENAMED, [entry(stock=NAME, here='1 PORT_NO.*')]), (1, 2, 1)),
    'it occurs no more': ((PLAIN, PLAIN, [entry(stock=NAME, here=NAME)]), (2, 1, 1)),
    'nothing may be added': ((PLAIN, RENAMED, [entry(stock=NAME)]), (1, 2, 1)),
    'groups that differ': (
        (PLAIN, RENAMED, [entry(stock=r'3 NAME \[2\] (.*)', here=r'3 NAME \[2\] (.*)')]),
        (1, 2, 1),
    ),
    'groups that are the same': (
        (PLAIN, RENAMED, [entry(stock=r'3 NAME \[(.)\] .*', here=r'3 NAME \[(.)\] .*')]),
        (3, 0, 0),
    ),
    'what only we have': (
        (trace([]), PLAIN, [entry(extra='.*')]),
        (3, 0, 0),
    ),
    'more than what only we have': ((PLAIN, RENAMED, [entry(extra=r'1 PORT_NO .*')]), (2, 1, 1)),
    'what nobody has': ((PLAIN, PLAIN, [entry(extra='.*none.*')]), (2, 1, 1)),
    'another order': ((trace([FIRST, SECOND]), trace([SECOND, FIRST])), (1, 1, 1)),
    'another order that is meant': (
        (trace([FIRST, SECOND]), trace([SECOND, FIRST]), [entry(order=True)]),
        (3, 0, 0),
    ),
    'enough that was generated': ((asked(ASKED), asked(ASKED), (), *LEAST), (5, 0, 0)),
    'too few requests': ((asked({**ASKED, 'generated-flow/0001': 1}),) * 2 + ((), *LEAST), (4, 1, 1)),
    'too few packets': ((asked({**ASKED, 'generated-packets/cut/arp': 2}),) * 2 + ((), *LEAST), (4, 1, 1)),
    'what is newer than clients know': ((NEWER, NEWER), (1, 1, 1)),
    'what is newer and listed': ((LISTED, LISTED), (2, 0, 0)),
}


def main():
    failed = 0
    print(f'TAP version 13\n1..{len(TESTS)}')
    for number, (name, (arguments, wanted)) in enumerate(TESTS.items(), 1):
        found = judge(*arguments)
        failed += found != wanted
        print(f'{"ok" if found == wanted else "not ok"} {number} - compare: {name}')
        if found != wanted:
            print(f'# wanted {wanted}, found {found}')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
