# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 12_newer.sh."""
import errno
import os
import socket
import struct

import ovsnl
from ovslang import act, key
from ovsnl import Socket, attr, u32
from testbed import (ALL, EXPERIMENTAL, Datapath, any_key, drops, expect, expect_drops, expect_error,
                     expect_frames, expect_true, flow_counts, kind_key, main, upcalls, wait_for)
from wire import Wire, eth, frame, host_mac, tcp, udp

A, B = host_mac(1), host_mac(2)
SYM_L4 = 1
UPCALL_STATS = 10  # of a vport

# <linux/psample.h>
PSAMPLE_GROUP = 'packets'
IN_IFINDEX, OUT_IFINDEX, ORIGINAL_SIZE, GROUP, SEQUENCE, RATE, DATA = range(7)
COOKIE, PROBABILITY = 15, 16  # Linux 6.11

HALF = 1 << 31


def plain(number, size=60):
    return eth(A, B, EXPERIMENTAL, struct.pack('!I', number).ljust(size - 14, b'\x5a'))


def drop():
    """What stands before the drop is done; nothing may stand behind it."""
    datapath = Datapath(1, 2)
    with Wire(1) as near, Wire(2) as far:
        datapath.forward(1, act.output(2), act.drop(5))
        before = drops()
        for number in range(3):
            near.send(plain(number))
        expect_frames(far.receive(3), [plain(number) for number in range(3)], 'before the drop')
        expect(flow_counts(datapath.sock.flow_get(datapath.ifindex, any_key(1)[0])), (3, 180), 'counted')
        expect_drops(before, explicit_drop_error=3)
        before = drops()
        datapath.forward(1, act.drop(0))
        near.send(plain(9))
        expect_true(far.sees_nothing(), 'a dropped packet arrived')
        expect_drops(before, explicit_drop=1)
        expect_error(errno.EINVAL, datapath.forward, 1, act.drop(5), act.output(2))
        near.send(plain(10))
        expect_true(far.sees_nothing(), 'a refused list took effect')
        datapath.expect_stats(hit=5, missed=0, lost=0)
        # In a branch it ends the branch only.
        before = drops()
        datapath.forward(1, act.clone(act.drop(7)), act.output(2))
        near.send(plain(11))
        expect_frames(far.receive(1), [plain(11)], 'beside a branch that drops')
        expect_drops(before, explicit_drop_error=1)


def samples(sock, count):
    """So many samples, as {attribute: payload}."""
    found = []
    wait_for(lambda: found.extend(dict(ovsnl.parse(m.payload[4:])) for m in sock.drain()) or
             len(found) >= count, f'{count} samples')
    expect(len(found), count, 'samples')
    return found


def number_of(sample, kind):
    return int.from_bytes(sample[kind], 'little')


def expect_rate(sample, probability):
    """A kernel before 6.11 can only say one of how many; later ones, and the twin, the probability."""
    if PROBABILITY in sample:
        expect(number_of(sample, RATE), probability, 'the probability')
    else:
        expect(number_of(sample, RATE), ALL // probability, 'the rate')


def psample():
    """A sample has the packet, its port, the group, the cookie and how many packets it stands for."""
    newer = 'TWINPATH_SOCKET' in os.environ
    datapath = Datapath(1, 2)
    listener = Socket()
    listener.join('psample', PSAMPLE_GROUP)
    cookie = bytes(range(16))
    with Wire(1) as near, Wire(2) as far:
        datapath.forward(1, act.psample(12, cookie), act.output(2))
        near.send(plain(1, 100))
        sample, = samples(listener, 1)
        expect(sample[DATA], plain(1, 100), 'the packet')
        expect(number_of(sample, ORIGINAL_SIZE), 100, 'its size')
        expect(number_of(sample, GROUP), 12, 'the group')
        expect(number_of(sample, SEQUENCE), 0, 'its sequence, of which OVS keeps none')
        expect(number_of(sample, IN_IFINDEX), socket.if_nametoindex('p1'), 'where it came in')
        expect(OUT_IFINDEX in sample, False, 'where it goes is not known')
        expect((PROBABILITY in sample, sample.get(COOKIE)), (newer, cookie if newer else None), 'of later kernels')
        expect_rate(sample, ALL)
        expect_frames(far.receive(1), [plain(1, 100)], 'the packet itself')
        # Truncated, and one of two.
        datapath.forward(1, act.sample(HALF, act.trunc(60), act.psample(13)), act.output(2))
        for number in range(64):
            near.send(plain(number, 100))
        expect(len(far.receive(64)), 64, 'packets')
        found = [dict(ovsnl.parse(m.payload[4:])) for m in listener.drain(0.3)]
        expect_true(8 < len(found) < 56, f'{len(found)} samples of 64 packets')
        for sample in found:
            expect((len(sample[DATA]), number_of(sample, ORIGINAL_SIZE)), (60, 100), 'bytes of a sample')
            expect(number_of(sample, GROUP), 13, 'the group')
            expect_rate(sample, HALF)
        # Nobody listens: the packets pass all the same.
        listener.close()
        near.send(plain(99, 100))
        expect_frames(far.receive(1), [plain(99, 100)], 'without a listener')


def hash_first(datapath, data, *arguments):
    """Packets of the kind of `data` that come in are hashed and looked up again."""
    wanted, mask = kind_key(1, data)
    datapath.put(wanted + key.recirc_id(0), mask + key.recirc_id(ALL), act.hash(*arguments), act.recirc(1))


def hashes(handler, near, frames):
    """The dp_hash of each packet, as a miss behind recirculation tells it."""
    for data in frames:
        near.send(data)
    found = upcalls(handler, len(frames))
    expect_frames([upcall.packet for upcall in found], frames, 'upcalls')
    return [int.from_bytes(upcall.key['dp_hash'], 'little') for upcall in found]


def symmetric_hash(connections=24):
    """Both directions of a connection have one hash; different connections have different ones."""
    with Socket() as handler, Wire(1) as near:
        datapath = Datapath(1, pids={1: (handler.pid,)})
        for make in (tcp, udp):
            for one, other in (('10.0.0.1', '10.0.0.2'), ('2001:db8::1', '2001:db8::2')):
                there = [frame(A, B, make(one, other, 1000 + n, 80)) for n in range(connections)]
                back = [frame(B, A, make(other, one, 80, 1000 + n)) for n in range(connections)]
                hash_first(datapath, there[0], 7, SYM_L4)
                first, second = hashes(handler, near, there), hashes(handler, near, back)
                expect(first, second, f'hashes of {make.__name__} to {other} and back')
                expect_true(len(set(first)) > connections - 3, f'only {len(set(first))} of {connections} hashes')
        # Another basis gives other hashes.
        hash_first(datapath, there[0], 8, SYM_L4)
        others = hashes(handler, near, there)
        expect_true(len(set(first) & set(others)) < 3, 'the basis changes nothing')


def upcall_counts(datapath, number):
    port, = datapath.sock.request('ovs_vport', ovsnl.VPORT_GET, datapath.ifindex,
                                  attr(ovsnl.VPORT_PORT_NO, u32(number)))
    counts = dict(ovsnl.parse(port.get(UPCALL_STATS)))
    return tuple(struct.unpack('=Q', counts[kind])[0] for kind in (0, 1))


def upcall_statistics():
    """A port counts the upcalls of its packets that were delivered, and those that were not."""
    with Socket() as handler, Wire(1) as near, Wire(2) as far:
        datapath = Datapath(1, 2, pids={1: (handler.pid,)})
        for number in range(3):
            near.send(plain(number))
        expect(len(upcalls(handler, 3)), 3, 'upcalls')
        wait_for(lambda: upcall_counts(datapath, 1) == (3, 0), 'three were delivered')
        handler.close()
        for number in range(4):
            near.send(plain(number))
        wait_for(lambda: upcall_counts(datapath, 1) == (3, 4), 'four were not')
        far.send(plain(5))
        datapath.expect_stats(missed=8)
        expect(upcall_counts(datapath, 1), (3, 4), 'upcalls of port 1, after one of port 2')


def execute_upcall_pid():
    """The client that has packets executed may name who gets their upcalls, for that once."""
    with Socket() as usual, Socket() as named:
        datapath = Datapath(1, pids={1: (usual.pid,)})
        to_usual = act.userspace(usual.pid, b'usual')
        whom = attr(ovsnl.PACKET_UPCALL_PID, u32(named.pid))
        for label, actions in (('an action', to_usual), ('a miss', act.recirc(5))):
            datapath.sock.execute(datapath.ifindex, plain(1), key.in_port(1), actions, whom)
            expect([upcall.packet for upcall in upcalls(named, 1)], [plain(1)], f'{label}: named')
            expect(usual.drain(0.1), [], f'{label}: usual, while another is named')
            datapath.sock.execute(datapath.ifindex, plain(2), key.in_port(1), actions)
            expect([upcall.packet for upcall in upcalls(usual, 1)], [plain(2)], f'{label}: usual')
            expect(named.drain(0.1), [], f'{label}: named before')


if __name__ == '__main__':
    main()
