# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 02_megaflow.sh."""
import ipaddress
import random
import struct

from ovslang import key
from testbed import ALL, Datapath, expect, expect_true, flow_counts, main, wait_for
from wire import Wire, frame, udp

FLOWS = 120
PACKETS = 300
AT_ONCE = 50
# Each field of a packet, in bytes; few values, so that packets share some fields and not others.
FIELDS = {'eth_src': 6, 'eth_dst': 6, 'ip_src': 16, 'ip_dst': 16, 'tclass': 1, 'ttl': 1, 'sport': 2, 'dport': 2}
VALUES = 3


class Kind:
    """Packets of one version of IP, fields as numbers."""

    def __init__(self, rng, version):
        self.version = version
        self.width = {name: 8 * (4 if size == 16 and version == 4 else size) for name, size in FIELDS.items()}
        self.values = {name: [self.value(rng, name) for _ in range(VALUES)] for name in FIELDS}

    def value(self, rng, name):
        value = rng.getrandbits(self.width[name])
        if name == 'eth_src' or name == 'eth_dst':
            value &= ~(1 << 40)  # no group address
        if name == 'tclass':
            value &= 0xfc  # ECN is Linux's own business
        return max(value, 2) if name == 'ttl' else value

    def packet(self, rng):
        """As a flow's siblings would: like a value, but for a bit now and then."""
        found = {}
        for name in FIELDS:
            found[name] = rng.choice(self.values[name])
            if rng.random() < 0.2 and name not in ('eth_src', 'eth_dst', 'tclass', 'ttl'):
                found[name] ^= 1 << rng.randrange(self.width[name])
        return found

    def data(self, name, value):
        return value.to_bytes(self.width[name] // 8, 'big')

    def attributes(self, fields, is_mask):
        """Key attributes of these fields; a mask has all bits of the rest."""
        network, eth_type = (key.ipv4, 0x800) if self.version == 4 else (key.ipv6, 0x86dd)
        eth_src, eth_dst, ip_src, ip_dst = (self.data(n, fields[n]) for n in list(FIELDS)[:4])
        ttl = {'tos' if self.version == 4 else 'tclass': fields['tclass'],
               'ttl' if self.version == 4 else 'hlimit': fields['ttl']}
        return (key.in_port(ALL if is_mask else 1) + key.eth(eth_src, eth_dst) +
                key.eth_type(0xffff if is_mask else eth_type) +
                network(ip_src, ip_dst, 255 if is_mask else 17, **ttl) + key.udp(fields['sport'], fields['dport']))

    def frame(self, packet):
        eth_src, eth_dst, *addresses = (self.data(n, packet[n]) for n in list(FIELDS)[:4])
        src, dst = (str(ipaddress.ip_address(address)) for address in addresses)
        fields = {'tos' if self.version == 4 else 'tclass': packet['tclass'],
                  'ttl' if self.version == 4 else 'hlimit': packet['ttl']}
        return frame(eth_src, eth_dst, udp(src, dst, packet['sport'], packet['dport'], b'x', **fields))


class Flow:
    """A megaflow of a kind; what matches is told plainly."""

    def __init__(self, kind, packet, mask, number):
        self.kind, self.mask, self.count = kind, mask, 0
        self.key = {name: packet[name] & mask[name] for name in FIELDS}
        self.actual = tuple((kind.version, m) if m and name.startswith('ip') else m for name, m in mask.items())
        self.ufid = struct.pack('=IIII', number, 0x6d61736b, 0, 1)

    def matches(self, kind, packet):
        return kind is self.kind and all(packet[n] & self.mask[n] == self.key[n] for n in FIELDS)

    def apart(self, other):
        """No packet is of both."""
        return self.kind is not other.kind or any((self.key[n] ^ other.key[n]) & self.mask[n] & other.mask[n]
                                                  for n in FIELDS)


def draw_flow(rng, kind, flows, number):
    """A flow that overlaps none, or None: bits of the mask are drawn until it is so."""
    packet = kind.packet(rng)
    if any(flow.matches(kind, packet) for flow in flows):
        return None
    mask = dict.fromkeys(FIELDS, 0)
    while True:
        name = rng.choice(list(FIELDS))
        width = kind.width[name]
        mask[name] |= ((1 << width) - 1) << rng.randrange(width) & ((1 << width) - 1)
        flow = Flow(kind, packet, mask, number)
        if all(flow.apart(other) for other in flows):
            return flow


def send(rng, near, datapath, kinds, flows):
    """Packets of all kinds, some like the one before; those of no flow are missed."""
    hit, missed = datapath.stats()[:2]
    found = 0
    kind, packet = kinds[0], kinds[0].packet(rng)
    for sent in range(PACKETS):
        if rng.random() < 0.7:
            kind = rng.choice(kinds)
            packet = kind.packet(rng)
        mine = [flow for flow in flows if flow.matches(kind, packet)]
        expect_true(len(mine) <= 1, 'flows overlap')
        for flow in mine:
            flow.count += 1
            found += 1
        near.send(kind.frame(packet))
        if sent % AT_ONCE == AT_ONCE - 1:
            wait_for(lambda n=sent + 1: sum(datapath.stats()[:2]) == hit + missed + n, 'packets that arrive')
    datapath.expect_stats(hit=hit + found, missed=missed + PACKETS - found)
    expect_true(20 < found < PACKETS, f'{found} of {PACKETS} packets are of a flow')
    for flow in flows:
        counted = flow_counts(datapath.sock.flow_get(datapath.ifindex, ufid=flow.ufid))
        expect(counted[0], flow.count, f'packets of {flow.key} under {flow.mask}')


def random_masks():
    rng = random.Random(8192)
    with Wire(1, listen=False) as near:
        datapath = Datapath(1)
        kinds = [Kind(rng, 4), Kind(rng, 6)]
        flows, number = [], 0
        for _ in range(3):
            while len(flows) < FLOWS:
                number += 1
                kind = rng.choice(kinds)
                flow = draw_flow(rng, kind, flows, number)
                if flow:
                    datapath.sock.flow_new(datapath.ifindex, kind.attributes(flow.key, False), b'',
                                           kind.attributes(flow.mask, True), flow.ufid)
                    flows.append(flow)
            expect(datapath.masks()[1], len({flow.actual for flow in flows}), 'masks')
            send(rng, near, datapath, kinds, flows)
            rng.shuffle(flows)
            for flow in flows[FLOWS // 2:]:
                datapath.sock.flow_del(datapath.ifindex, ufid=flow.ufid)
            del flows[FLOWS // 2:]
            send(rng, near, datapath, kinds, flows)


if __name__ == '__main__':
    main()
