# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 06_vanish.sh."""
import contextlib
import os
import signal
import struct
import subprocess
import sys
import time

import ovsnl
from ovslang import act, key
from ovsnl import DUMP, REQUEST, Socket
from testbed import Datapath, expect, expect_frames, expect_true, main, wait_for
from wire import Wire, frame, host_mac, udp

STRANGER = bytes((2, 0, 0, 0, 0, 0x99))
RATE = 100  # packets a second of a bystander


def packet(source, number):
    """Sent by host `source`; the number is in the last four bytes."""
    body = udp(f'10.1.0.{source}', '10.2.0.1', 1, 2, b'bystander ' + struct.pack('!I', number))
    return frame(host_mac(source), STRANGER, body)


def is_from(source):
    return lambda data: data[6:12] == host_mac(source) and data[:6] == STRANGER


def bystander(source, target, ready):
    """Sends numbered packets and counts what arrives, until SIGTERM. From one CPU: another has a
    queue of its own, which may be worked off before."""
    stopping = []
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    source, target = int(source), int(target)
    with Wire(source) as near, Wire(target, is_from(source)) as far:
        received = sent = 0
        with open(ready, 'w', encoding='ascii'):
            started = time.monotonic()
        while not stopping:
            near.send(packet(source, sent))
            sent += 1
            received += expect_numbers(far, source, received)
            time.sleep(max(0.0, started + sent / RATE - time.monotonic()))
        deadline = time.monotonic() + 5
        while received < sent and time.monotonic() < deadline:
            received += expect_numbers(far, source, received)
            time.sleep(0.01)
        expect(received, sent, f'packets from host {source} that arrived at host {target}')
        print(f'host {source} to host {target}: {sent} packets, all arrived in order', flush=True)


def expect_numbers(far, source, number):
    """What has arrived bears the numbers from `number` on; returns how many there were."""
    count = 0
    for data in iter(far.read, None):
        expect(struct.unpack('!I', data[-4:])[0], number + count, f'packet from host {source}')
        count += 1
    return count


def flood(source, burst=16, pause=0.004):
    """Sends until it is killed, while there is something to send by. Leaves the CPUs to others now
    and then: it is the number of moments that counts, not of packets."""
    source = int(source)
    data = packet(source, 0)
    with Wire(source) as near:
        while True:
            with contextlib.suppress(OSError):
                for _ in range(burst):
                    near.send(data)
            time.sleep(pause)


def passes(source, target):
    """A few packets pass from host to host."""
    source, target = int(source), int(target)
    sent = [packet(source, number) for number in range(20)]
    with Wire(source) as near, Wire(target, is_from(source)) as far:
        near.send(packet(source, 0))
        wait_for(lambda: far.read() or near.send(packet(source, 0)), f'nothing passes from {source} to {target}')
        far.receive(-1, timeout=0.3)
        for data in sent:
            near.send(data)
        expect_frames(far.receive(len(sent)), sent, f'packets from {source} to {target}')


def attach(datapath, name, number):
    """A port that Linux doesn't know."""
    with Socket() as sock:
        sock.vport_new(sock.dp_get(datapath).ifindex, name, number=int(number))


def rx_grows(name):
    """Packets are arriving at a port."""
    with Socket() as sock:
        def received():
            return struct.unpack_from('=Q', sock.vport_get(name).get(ovsnl.VPORT_STATS))[0]
        first = received()
        wait_for(lambda: received() > first + 100, f'{name} receives nothing')


def dumper(index):
    """Begins a dump, reads a little, tells so, and waits to be killed."""
    with Socket() as sock:
        family = sock.family('ovs_flow').id
        sock.send(ovsnl.ovs(family, ovsnl.FLOW_GET, int(index), flags=REQUEST | DUMP))
        sock.receive()
        print('reading', flush=True)
        time.sleep(600)


def killed_dumpers(rounds, count):
    """Clients of a datapath with `count` flows that are killed while dumping them."""
    with Socket() as sock:
        index = sock.dp_new('dump').ifindex
        family = sock.family('ovs_flow').id
        for start in range(1, int(count), 50):
            sock.send(b''.join(ovsnl.ovs(
                family, ovsnl.FLOW_NEW, index,
                ovsnl.attr(ovsnl.FLOW_KEY, key.in_port(1) + key.eth(bytes(6), struct.pack('!HI', 2, number)) +
                           key.eth_type(0x88b5)),
                ovsnl.attr(ovsnl.FLOW_ACTIONS, act.output(1)), flags=REQUEST | ovsnl.CREATE)
                for number in range(start, min(start + 50, int(count)))))
        victim = key.in_port(1) + key.eth(bytes(6), struct.pack('!HI', 2, 0)) + key.eth_type(0x88b5)
        for _ in range(int(rounds)):
            dumpers = [subprocess.Popen([sys.executable, '-B', __file__, 'dumper', str(index)],
                                        stdout=subprocess.PIPE, text=True) for _ in range(2)]
            for process in dumpers:
                expect(process.stdout.readline(), 'reading\n', 'a dumper')
            # They die in the midst of others' changes.
            sock.flow_new(index, victim, act.output(1))
            for process in dumpers:
                process.send_signal(signal.SIGKILL)
            sock.flow_del(index, victim)
            for process in dumpers:
                process.wait()
                process.stdout.close()
        expect(len(sock.dump('ovs_flow', ovsnl.FLOW_GET, index)), int(count) - 1, 'flows')
        sock.dp_del(index)


def come_and_go(rounds):
    """Datapaths with ports, internal ports and flows, made and deleted in different orders."""
    for number in range(int(rounds)):
        datapath = Datapath(1, 2)
        sock, index = datapath.sock, datapath.ifindex
        sock.vport_new(index, 'i9', ovsnl.INTERNAL, number=9)
        for flow in range(200):
            sock.flow_new(index, key.in_port(1) + key.eth(bytes(6), struct.pack('!HI', 2, flow)) +
                          key.eth_type(0x88b5), act.clone(act.trunc(60), act.output(2)) + act.output(9))
        if number % 3 == 0:
            sock.flow_del(index)
        if number % 2 == 0:
            sock.vport_del(index, 1)
            sock.vport_del(index, 9)
        sock.dp_del(index)
        sock.close()


if __name__ == '__main__':
    main()
