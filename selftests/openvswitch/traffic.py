# SPDX-License-Identifier: BSD-3-Clause
"""Packets for the Open vSwitch scenarios: sent by hosts, counted at every host."""
import contextlib
import os
import signal
import struct
import subprocess
import sys
import time

from ovslang import ip4, mac
from testbed import EXPERIMENTAL, expect, expect_true, main
from wire import Wire, checksum, frame, host_mac, ipv4, tcp, udp

BROADCAST = bytes((255,) * 6)
SETTLE = 0.15  # seconds in which a frame too many would arrive
COPIES = 3  # the first goes by Open vSwitch, the others by the flow that it made
TPIDS = {'c': 0x8100, 's': 0x88a8}
MPLS = 0x8847
IGMP, GROUP_MAC = 2, bytes((1, 0, 0x5e))


def hosts():
    return sorted(int(name[1:]) for name in os.listdir('/run/netns') if name[1:].isdigit())


def read_tags(text):
    """"s7,c10": from the outside in, tags of 802.1ad and of 802.1Q."""
    return tuple((TPIDS[tag[0]], int(tag[1:])) for tag in text.split(',') if tag)


def read_place(text):
    """"HOST:TAGS" """
    host, _, tags = text.partition(':')
    return int(host), read_tags(tags)


def tags_of(data):
    """(tags, what follows the last one's TPID)"""
    tags, at = [], 12
    while True:
        kind, = struct.unpack_from('!H', data, at)
        if kind not in TPIDS.values():
            return tuple(tags), data[at:]
        tags.append((kind, struct.unpack_from('!H', data, at + 2)[0] & 0xfff))
        at += 4


def address_of(target):
    """(Ethernet address, IP address) of a target: a host's number, "all", an IP multicast group.
    The address of a host is none of its own, so that it doesn't answer."""
    if target == 'all':
        return BROADCAST, '10.0.0.255'
    if target.isdigit():
        return host_mac(int(target)), f'10.0.0.{200 + int(target)}'
    group = ip4(target)
    return GROUP_MAC + bytes((group[1] & 0x7f,)) + group[2:], target


def deliver():
    """Of each line "SOURCE TARGET [RECEIVER...]" of standard input: host SOURCE sends some frames to
    TARGET; they arrive at the RECEIVERS, each once, and nowhere else. SOURCE and RECEIVERS are
    "HOST:TAGS"; TARGET is a host, "all" or a multicast group. A line "settle" waits until what Open
    vSwitch has learned so far is in the datapath."""
    with contextlib.ExitStack() as stack:
        far = {number: stack.enter_context(Wire(number)) for number in hosts()}
        for line in sys.stdin:
            if line.strip() == 'settle':
                settle()
            else:
                deliver_one(far, *line.split())


def settle():
    """As in lib.sh."""
    for _ in range(2):
        subprocess.run(['ovs-appctl', '--timeout=60', 'revalidator/wait'], check=True)


def deliver_one(far, source, target, *receivers):
    where = f'{source} to {target}'
    source, tags = read_place(source)
    target_mac, address = address_of(target)
    mark = os.urandom(8)
    body = udp(f'10.0.0.{source}', address, 1000, 2000, mark)
    data = frame(host_mac(source), target_mac, body, tags)
    wanted = {place: COPIES for place in map(read_place, receivers)}
    found = {}
    for number in range(COPIES):
        far[source].send(data)
        deadline = time.monotonic() + 10
        while sum(found.values()) < (number + 1) * len(wanted) and time.monotonic() < deadline:
            gather(far, found, mark, body)
    settled = time.monotonic() + SETTLE
    while time.monotonic() < settled:
        gather(far, found, mark, body)
    expect(found, wanted, f'{where}: frames that arrived, by host and tags')


def gather(far, found, mark, body):
    """Counts what has arrived by host and tags."""
    for number, wire in far.items():
        for data in iter(wire.read, None):
            if mark not in data:
                continue
            tags, rest = tags_of(data)
            expect(rest, struct.pack('!H', body[0]) + body[1], f'what arrived at host {number}')
            found[number, tags] = found.get((number, tags), 0) + 1
    time.sleep(0.005)


def spread(source, count, *targets):
    """Host SOURCE sends frames of COUNT connections, several of each. Each connection arrives at one
    of the TARGETS, every frame of it at the same one; none of these has less than a quarter of its
    fair share."""
    source, count, targets = int(source), int(count), [int(target) for target in targets]
    places = {}
    with contextlib.ExitStack() as stack:
        marks = os.urandom(8)
        far = {number: stack.enter_context(Wire(number)) for number in targets}
        near = stack.enter_context(Wire(source, listen=False))
        for turn in range(COPIES):
            for number in range(count):
                near.send(frame(host_mac(source), BROADCAST,
                                udp(f'10.0.0.{source}', '10.0.0.255', 1000 + number, 2000,
                                    marks + struct.pack('!HH', number, turn))))
            wait_for_all(far, marks, places, (turn + 1) * count)
    expect(sorted(number for number, _ in places), sorted(list(range(count)) * COPIES), 'frames')
    at = {number: {place for (other, _), place in places.items() if other == number}
          for number in range(count)}
    for number, found in at.items():
        expect(len(found), 1, f'hosts that got connection {number}')
    for target in targets:
        share = sum(1 for found in at.values() if target in found)
        expect_true(share * len(targets) * 4 >= count, f'host {target} got {share} of {count}')


def wait_for_all(far, mark, places, count, timeout=20.0):
    """Notes in `places` {(number, turn): host} what arrives, until these are `count` at least."""
    deadline = time.monotonic() + timeout
    while len(places) < count and time.monotonic() < deadline:
        for host, wire in far.items():
            for data in iter(wire.read, None):
                if mark in data:
                    found = struct.unpack_from('!HH', data, data.index(mark) + len(mark))
                    expect_true(found not in places, f'frame {found} arrived twice')
                    places[found] = host
        time.sleep(0.005)
    expect_true(len(places) >= count, f'{len(places)} of {count} frames arrived')


def many(source, target, count, kind):
    """Host SOURCE sends frames that differ in `kind` ("ports" or "macs") to host TARGET, each kind
    several times: all arrive, once."""
    source, target, count = int(source), int(target), int(count)
    mark = os.urandom(8)
    places = {}
    with Wire(source, listen=False) as near, Wire(target) as far:
        for turn in range(COPIES):
            for number in range(count):
                port, address = 1000, host_mac(source)
                if kind == 'ports':
                    port += number
                else:
                    address = bytes((2, 0, 0, 1, number >> 8, number & 255))
                near.send(frame(address, host_mac(target),
                                udp(f'10.0.0.{source}', address_of(f'{target}')[1], port, 2000,
                                    (mark + struct.pack('!HH', number, turn)).ljust(1000, b'.'))))
                if number % 32 == 31:
                    wait_for_all({target: far}, mark, places, turn * count + number - 31)
            wait_for_all({target: far}, mark, places, (turn + 1) * count)


def sized(source, target, *lengths):
    """Host SOURCE's frames of these lengths arrive at host TARGET."""
    source, target = int(source), int(target)
    mark = os.urandom(8)
    with Wire(source, listen=False) as near, Wire(target, lambda data: mark in data) as far:
        for length in map(int, lengths):
            data = frame(host_mac(source), BROADCAST,
                         udp(f'10.0.0.{source}', '10.0.0.255', 1000, 2000, mark.ljust(length - 42, b'.')))
            for _ in range(COPIES):
                near.send(data)
                expect(far.receive(1, settle=0.05), [data], f'a frame of {length} bytes')


def truncated(source, target, length, whole):
    """Host SOURCE's frames arrive at host WHOLE as they are, at host TARGET cut to LENGTH bytes."""
    source, target, whole, length = int(source), int(target), int(whole), int(length)
    mark = os.urandom(7)
    data = frame(host_mac(source), BROADCAST,
                 udp(f'10.0.0.{source}', '10.0.0.255', 1000, 2000, mark.ljust(300, b'.')))
    with Wire(source, listen=False) as near, Wire(target, lambda found: mark in found) as cut, \
            Wire(whole, lambda found: mark in found) as far:
        for _ in range(COPIES):
            near.send(data)
            expect(far.receive(1, settle=0.05), [data], 'the whole frame')
            expect(cut.receive(1, settle=0.05), [data[:length]], 'the cut frame')


def metered(source, target, count, least, most):
    """Of COUNT packets that host SOURCE sends at once, LEAST to MOST arrive at host TARGET."""
    source, target = int(source), int(target)
    mark = os.urandom(8)
    with Wire(source, listen=False) as near, Wire(target, lambda data: mark in data) as far:
        data = frame(host_mac(source), host_mac(target),
                     udp(f'10.0.0.{source}', address_of(f'{target}')[1], 1000, 2000, mark))
        for _ in range(int(count)):
            near.send(data)
        found = len(far.receive(int(count), timeout=1.5))
    expect_true(int(least) <= found <= int(most), f'{found} of {count} packets arrived')


def tagged_tos(source, target, vid, tos):
    """Host SOURCE's packets arrive at host TARGET behind a VLAN tag, with another TOS."""
    source, target = int(source), int(target)
    mark = os.urandom(8)

    def build(tags, tos):
        body = udp(f'10.0.0.{source}', '10.0.0.255', 1000, 2000, mark, tos=tos)
        return frame(host_mac(source), BROADCAST, body, tags)

    with Wire(source, listen=False) as near, Wire(target, lambda data: mark in data) as far:
        for _ in range(COPIES):
            near.send(build((), 0))
            expect(far.receive(1, settle=0.05), [build(((0x8100, int(vid)),), int(tos))], 'what arrived')


def raw(source, target, count):
    """Host SOURCE's frames of no known protocol arrive at host TARGET."""
    source, target = int(source), int(target)
    mark = os.urandom(8)
    data = frame(host_mac(source), BROADCAST, (EXPERIMENTAL, mark.ljust(46, b'.')))
    with Wire(source, listen=False) as near, Wire(target, lambda found: mark in found) as far:
        for _ in range(int(count)):
            near.send(data)
        expect(far.receive(int(count)), [data] * int(count), 'frames')


class Direction:
    """Numbered packets from one host to another. Those before `missing` have arrived, and those in
    `ahead`."""

    def __init__(self, stack, source, target):
        mark = os.urandom(8)
        self.near = stack.enter_context(Wire(source, listen=False))
        self.far = stack.enter_context(Wire(target, lambda data: mark in data))
        self.head = (source, target, mark)
        self.sent = self.missing = 0
        self.ahead = set()

    def send(self):
        source, target, mark = self.head
        self.near.send(frame(host_mac(source), host_mac(target),
                             udp(f'10.0.0.{source}', address_of(f'{target}')[1], 1000, 2000,
                                 mark + struct.pack('!I', self.sent))))
        self.sent += 1

    def read(self):
        for data in iter(self.far.read, None):
            number, = struct.unpack_from('!I', data, len(data) - 4)
            expect_true(number >= self.missing and number not in self.ahead, f'packet {number} arrived twice')
            self.ahead.add(number)
        while self.missing in self.ahead:
            self.ahead.remove(self.missing)
            self.missing += 1

    def arrived(self):
        """How many."""
        return self.missing + len(self.ahead)

    def lost(self):
        """Their numbers, as far as packets have been sent."""
        return sorted(set(range(self.missing, self.sent)) - self.ahead)


def stream(first, second, path, rate='200'):
    """Packets from each of the two hosts to the other, until SIGTERM. The file holds how many each has
    sent, how many have arrived at least, and, in the end, how many are lost, and the number of the first
    of these."""
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    first, second, rate = int(first), int(second), int(rate)
    with contextlib.ExitStack() as stack:
        ways = [Direction(stack, first, second), Direction(stack, second, first)]
        started = noted = time.monotonic()
        while not stopping:
            for way in ways:
                way.send()
                way.read()
            if time.monotonic() > noted + 0.1:
                noted = time.monotonic()
                note_stream(path, ways)
            time.sleep(max(0.0, started + ways[0].sent / rate - time.monotonic()))
        deadline = time.monotonic() + 5
        while any(way.arrived() < way.sent for way in ways) and time.monotonic() < deadline:
            for way in ways:
                way.read()
            time.sleep(0.01)
        note_stream(path, ways)
    for way in ways:
        print(f'host {way.head[0]}: lost', way.lost()[:100])


def note_stream(path, ways):
    with open(path + '.new', 'w', encoding='ascii') as out:
        sent = max(way.sent for way in ways)
        arrived = min(way.arrived() for way in ways)
        lost = sum(way.sent - way.arrived() for way in ways)
        print(sent, arrived, lost, min(way.missing for way in ways), file=out)
    os.rename(path + '.new', path)


def sends(source, target, count):
    """Host SOURCE sends UDP packets to host TARGET: prints how many arrived."""
    source, target, count = int(source), int(target), int(count)
    mark = os.urandom(8)
    with Wire(source, listen=False) as near, Wire(target, lambda data: mark in data) as far:
        data = frame(host_mac(source), host_mac(target),
                     udp(f'10.0.0.{source}', address_of(f'{target}')[1], 1000, 2000, mark))
        for _ in range(count):
            near.send(data)
        print(len(far.receive(count, timeout=0.5)))


def labelled(source, target, label):
    """Host SOURCE's packets arrive at host TARGET behind an MPLS label."""
    source, target = int(source), int(target)
    mark = os.urandom(8)
    body = udp(f'10.0.0.{source}', '10.0.0.255', 1000, 2000, mark)
    wanted = frame(host_mac(source), BROADCAST, (MPLS, mpls(label) + body[1]))
    with Wire(source, listen=False) as near, Wire(target, lambda data: mark in data) as far:
        for _ in range(COPIES):
            near.send(frame(host_mac(source), BROADCAST, body))
            expect(far.receive(1, settle=0.05), [wanted], 'the packet with its label')


def unlabelled(source, target, label):
    """Host SOURCE's packets behind an MPLS label arrive at host TARGET without it."""
    source, target = int(source), int(target)
    mark = os.urandom(8)
    body = udp(f'10.0.0.{source}', '10.0.0.255', 1000, 2000, mark)
    with Wire(source, listen=False) as near, Wire(target, lambda data: mark in data) as far:
        for _ in range(COPIES):
            near.send(frame(host_mac(source), BROADCAST, (MPLS, mpls(label) + body[1])))
            expect(far.receive(1, settle=0.05), [frame(host_mac(source), BROADCAST, body)],
                   'the packet without its label')


def mpls(label):
    """A label stack's only entry (RFC 3032), with the TTL of the packets here."""
    return struct.pack('!I', int(label) << 12 | 1 << 8 | 64)


def packet_out(target):
    """What a controller sends by OpenFlow arrives at host TARGET."""
    target = int(target)
    mark = os.urandom(8)
    data = frame(bytes((2, 0, 0, 0, 0, 0x99)), BROADCAST, udp('10.0.0.99', '10.0.0.255', 1, 2, mark))
    with Wire(target, lambda found: mark in found) as far:
        subprocess.run(['ovs-ofctl', '--timeout=30', 'packet-out', 'br0',
                        f'in_port=controller,packet={data.hex()},actions=output:{target}'], check=True)
        expect(far.receive(1), [data], 'the packet that the controller sent')


def igmp(host, kind, group):
    """Host HOST sends IGMPv2: "join" or "leave" a group."""
    host = int(host)
    number = {'join': 0x16, 'leave': 0x17}[kind]
    target = group if kind == 'join' else '224.0.0.2'
    message = struct.pack('!BBH4s', number, 0, 0, ip4(group))
    message = message[:2] + struct.pack('!H', checksum(message)) + message[4:]
    with Wire(host, listen=False) as near:
        near.send(frame(host_mac(host), address_of(target)[0],
                        (0x800, ipv4(f'10.0.0.{host}', target, IGMP, message, ttl=1))))


def arrives(source, target, change):
    """What host TARGET gets of a TCP segment from host SOURCE, as tcpdump would show it, differs from
    what was sent in CHANGE: "FIELD=VALUE,...", of dl_src, dl_dst, nw_src, nw_dst, tp_dst, ttl, tos."""
    source, target = int(source), int(target)
    fields = {'dl_src': host_mac(source), 'dl_dst': host_mac(target), 'nw_src': f'10.0.0.{source}',
              'nw_dst': f'10.0.0.{200 + target}', 'tp_dst': 80, 'ttl': 64, 'tos': 0}
    mark = os.urandom(8)

    def build():
        body = tcp(fields['nw_src'], fields['nw_dst'], 1234, fields['tp_dst'], mark,
                   ttl=fields['ttl'], tos=fields['tos'])
        return frame(fields['dl_src'], fields['dl_dst'], body)

    sent = build()
    for pair in change.split(','):
        name, _, value = pair.partition('=')
        fields[name] = mac(value) if name.startswith('dl') else value if '.' in value else int(value)
    with Wire(source, listen=False) as near, Wire(target, lambda data: mark in data) as far:
        for _ in range(COPIES):
            near.send(sent)
            found = far.receive(1, settle=0.05)
            expect(found, [build()], f'at host {target}')


if __name__ == '__main__':
    main()
