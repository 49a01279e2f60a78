#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""listen.py TOLD READY - writes what datapaths and vports tell their listeners, until SIGTERM.

A line for each notification: family, command, name, and the attributes' types with their sizes.
Numbers that no two kernels share (ifindexes, port ids, statistics) are left out.
"""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
import ovsnl

COMMANDS = {1: 'NEW', 2: 'DEL', 3: 'GET', 4: 'SET'}
NAMES = {'ovs_datapath': ovsnl.DP_NAME, 'ovs_vport': ovsnl.VPORT_NAME}


def describe(family, message):
    name = message.text(NAMES[family], '?')
    sizes = ' '.join(f'{kind}:{len(value)}' for kind, value in message.attributes)
    return f'{family} {COMMANDS[message.cmd]} {name} {sizes}'


def main():
    told, ready = sys.argv[1:]
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    sock = ovsnl.Socket()
    families = {sock.family(name).id: name for name in NAMES}
    for name in NAMES:
        sock.join(name)
    open(ready, 'w').close()
    with open(told, 'w') as out:
        while True:
            message = sock.message(0.0 if stop else 0.5)
            if message:
                print(describe(families[message.kind], message), file=out)
            elif stop:
                return


main()
