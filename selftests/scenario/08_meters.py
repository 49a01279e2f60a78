# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 08_meters.sh."""
import errno
import struct
import time

import ovsnl
from ovslang import ACTION, act
from ovsnl import attr, nest, u32
from testbed import Datapath, any_key, expect, expect_error, expect_true, main, wait_for
from wire import Wire

METER = 7
# 1000 bytes: 8 kilobits.
FRAME = bytes.fromhex('020000000002' '020000000001' '88b5') + bytes(986)


def band(rate, burst):
    return nest(0, attr(ovsnl.BAND_TYPE, u32(ovsnl.BAND_DROP)), attr(ovsnl.BAND_RATE, u32(rate)),
                attr(ovsnl.BAND_BURST, u32(burst)))


def meter_set(datapath, rate, burst, *more, number=METER):
    return datapath.sock.request('ovs_meter', ovsnl.METER_SET, datapath.ifindex,
                                 attr(ovsnl.METER_ID, u32(number)),
                                 nest(ovsnl.METER_BANDS, band(rate, burst)), *more)[0]


def meter_ask(datapath, cmd, number=METER):
    return datapath.sock.request('ovs_meter', cmd, datapath.ifindex,
                                 attr(ovsnl.METER_ID, u32(number)))[0]


def counts(message):
    """Packets and bytes of the meter, packets and bytes of its band."""
    inner = dict(ovsnl.parse(dict(ovsnl.parse(message.get(ovsnl.METER_BANDS)))[0]))
    return (struct.unpack('=QQ', message.get(ovsnl.METER_STATS)) +
            struct.unpack('=QQ', inner[ovsnl.BAND_STATS]))


def metered():
    """The datapath with its flow, and the wires of both hosts."""
    datapath = Datapath(1, 2)
    wanted, mask = any_key(1)
    datapath.sock.flow_new(datapath.ifindex, wanted,
                           attr(ACTION['meter'], u32(METER)) + act.output(2), mask)
    return datapath, Wire(1), Wire(2)


def flood(wire, seconds):
    """All the time, a few hundred packets a second; returns how many and how long it took."""
    start, sent = time.monotonic(), 0
    while time.monotonic() < start + seconds:
        for _ in range(5):
            wire.send(FRAME)
        sent += 5
        time.sleep(0.01)
    return sent, time.monotonic() - start


def expect_counted(datapath, *wanted):
    """The meter's packets and its band's become these numbers."""
    def now():
        packets, _, dropped, _ = counts(meter_ask(datapath, ovsnl.METER_GET))
        return packets, dropped

    try:
        wait_for(lambda: now() == wanted, '')
    except AssertionError:
        expect(now(), wanted, 'packets and drops of the meter')


def burst():
    datapath, first, second = metered()
    with first, second:
        meter_set(datapath, 1, 20)
        for _ in range(50):
            first.send(FRAME)
        got = len(second.receive(50, timeout=1.0))
        # One packet a second may come on top.
        expect_true(20 <= got <= 25, f'{got} of 50 packets passed a burst of 20')
        expect_counted(datapath, 50, 50 - got)
        packets, octets, dropped, dropped_octets = counts(meter_ask(datapath, ovsnl.METER_DEL))
        expect((octets, dropped_octets), (packets * len(FRAME), dropped * len(FRAME)), 'bytes')
        expect_error(errno.ENOENT, meter_ask, datapath, ovsnl.METER_GET)
        for _ in range(30):
            first.send(FRAME)
        expect(len(second.receive(30)), 30, 'packets that pass without a meter')


def check_rate(datapath, first, allowed):
    """`allowed(seconds)` packets pass, give and take a fifth, of many more that are sent."""
    before = counts(meter_ask(datapath, ovsnl.METER_GET))
    sent, took = flood(first, 2.0)
    wait_for(lambda: counts(meter_ask(datapath, ovsnl.METER_GET))[0] >= before[0] + sent,
             f'{sent} packets reach the meter')
    packets, _, dropped, _ = counts(meter_ask(datapath, ovsnl.METER_GET))
    passed, most = packets - dropped, allowed(took)
    print(f'{sent} packets sent in {took:.2f} s, {passed} passed, {most:.0f} allowed')
    expect_true(passed <= most * 1.2, 'no more pass than is allowed')
    expect_true(passed >= min(sent, most) * 0.8, 'what is allowed passes')


def rate():
    datapath, first, second = metered()
    with first, second:
        meter_set(datapath, 40, 10)
        check_rate(datapath, first, lambda seconds: 10 + 40 * seconds)
        meter_set(datapath, 240, 80, attr(ovsnl.METER_KBPS), attr(ovsnl.METER_CLEAR))
        check_rate(datapath, first, lambda seconds: 10 + 30 * seconds)


def replaced():
    datapath, first, second = metered()
    with first, second:
        meter_set(datapath, 1, 0)
        first.send(FRAME)
        expect_true(second.sees_nothing(), 'a meter without burst lets nothing pass')
        expect_counted(datapath, 1, 1)
        old = meter_set(datapath, 1000, 100)
        expect(counts(old), (1, len(FRAME), 1, len(FRAME)), 'the answer tells of the old meter')
        first.send(FRAME)
        expect(len(second.receive(1)), 1, 'packets after the exchange')
        expect_counted(datapath, 1, 0)
        end = time.monotonic() + 1
        rounds = 0
        while time.monotonic() < end:
            first.send(FRAME)
            meter_set(datapath, 1000, 100 if rounds % 2 else 0)
            if not rounds % 5:
                meter_ask(datapath, ovsnl.METER_DEL)
            rounds += 1
        meter_ask(datapath, ovsnl.METER_DEL)
        second.receive(rounds, timeout=0.5)
        first.send(FRAME)
        expect(len(second.receive(1)), 1, 'packets without a meter')


def id_probe():
    """Two meters that Open vSwitch makes to see whether both can be had."""
    datapath = Datapath()
    for number in (54545401, 54545402):
        answer = meter_set(datapath, 1, 0, attr(ovsnl.METER_KBPS), number=number)
        expect(answer.number(ovsnl.METER_ID), number, 'id in the answer')
    for number in (54545401, 54545402):
        expect(meter_ask(datapath, ovsnl.METER_GET, number).number(ovsnl.METER_ID), number, 'id')
        meter_ask(datapath, ovsnl.METER_DEL, number)


def thousands():
    """Ids that are the same in their low bits, too."""
    datapath = Datapath()
    numbers = [n * 4096 for n in range(1500)] + list(range(1, 1501))
    for number in numbers:
        meter_set(datapath, 1, 1, attr(ovsnl.METER_STATS, struct.pack('=QQ', number, 1)),
                  number=number)
    for number in numbers:
        expect(counts(meter_ask(datapath, ovsnl.METER_GET, number))[0], number, 'its own count')
    for number in numbers[::2]:
        meter_ask(datapath, ovsnl.METER_DEL, number)
    for number in numbers[1::2]:
        expect(counts(meter_ask(datapath, ovsnl.METER_GET, number))[0], number, 'its own count')
    for number in numbers[::2]:
        expect_error(errno.ENOENT, meter_ask, datapath, ovsnl.METER_GET, number)


if __name__ == '__main__':
    main()
