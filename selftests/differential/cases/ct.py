# SPDX-License-Identifier: BSD-3-Clause
"""The ct action: its attributes, NAT's, and the form in which they come back."""
import itertools

from ovslang import ACTION, act, ip4, ip6
from ovsnl import FLOW_GET, FLOW_KEY, attr, u16, u32
from protocols import SHAPES, join
from scene import case

V4 = join(SHAPES['ipv4-tcp'])
V6 = join(SHAPES['ipv6-tcp'])
UDP = join(SHAPES['ipv4-udp'])

COMMIT, FORCE = attr(1), attr(7)
ZONE = attr(2, u16(5))
MARK = attr(3, u32(5) + u32(0xF))
LABELS = attr(4, bytes(range(16)) + b'\xff' * 16)
EVENTS = attr(8, u32(0xFF))
POLICY = attr(9, b'some-policy\0')
SRC, DST = attr(1), attr(2)
MIN4, MAX4 = attr(3, ip4('10.0.0.1')), attr(4, ip4('10.0.0.9'))
MIN6, MAX6 = attr(3, ip6('2001:db8::1')), attr(4, ip6('2001:db8::9'))
LOW, HIGH = attr(5, u16(1000)), attr(6, u16(2000))
PERSISTENT, HASH, RANDOM = attr(7), attr(8), attr(9)


def nat(*attributes):
    return attr(6, b''.join(attributes))


LISTS = {
    'nothing': b'',
    'commit': COMMIT,
    'force': FORCE,
    'commit and force': COMMIT + FORCE,
    'force and commit': FORCE + COMMIT,
    'zone': ZONE,
    'zone twice': ZONE + attr(2, u16(65535)),
    'mark': MARK,
    'mark and commit': MARK + COMMIT,
    'commit and mark': COMMIT + MARK,
    'mark of mask 0': COMMIT + attr(3, u32(5) + u32(0)),
    'mark outside its mask': COMMIT + attr(3, u32(0xFF) + u32(0xF)),
    'mark twice': COMMIT + MARK + attr(3, u32(9) + u32(0xFF)),
    'labels': LABELS,
    'commit and labels': COMMIT + LABELS,
    'labels of mask 0': COMMIT + attr(4, b'\xff' * 16 + bytes(16)),
    'labels of one bit': COMMIT + attr(4, bytes(31) + b'\1'),
    'events': EVENTS,
    'no events': attr(8, u32(0)),
    'policy': POLICY,
    'policy empty': attr(9, b'\0'),
    'policy not terminated': attr(9, b'abc'),
    'policy with more behind': attr(9, b'abc\0def\0'),
    'policy twice': POLICY + attr(9, b'x\0'),
    'policy of 31': attr(9, b'a' * 31 + b'\0'),
    'policy of 32': attr(9, b'a' * 32),
    'helper unknown': attr(5, b'nothing\0'),
    'helper empty': attr(5, b'\0'),
    'helper not terminated': attr(5, b'abc'),
    'helper unknown, commit': COMMIT + attr(5, b'nothing\0'),
    'attribute 0': attr(0),
    'attribute 0 with payload': attr(0, u32(1)),
    'attribute 10': attr(10),
    'left over': ZONE + b'\1',
    'left over word': ZONE + bytes(4),
    'flagged': attr(0x8000 | 1) + attr(0x4000 | 2, u16(7)),
    'all': POLICY + EVENTS + LABELS + MARK + ZONE + COMMIT,
}

for name, flow_key in (('ipv4', V4), ('ipv6', V6)):

    @case(f'ct/attributes/{name}')
    def attributes(t, flow_key=flow_key):
        for label, data in LISTS.items():
            t.try_put(label, flow_key, act.ct(data))
            t.try_put(f'{label}, in a clone', flow_key, act.clone(act.ct(data)) + act.output(1))


@case('ct/lengths')
def lengths(t):
    for kind in range(11):
        for length in range(37):
            t.try_put(f'{kind} of {length} bytes', V4, act.ct(COMMIT, attr(kind, b'\1' * length)))
            t.try_put(f'{kind} of {length} zeros', V4, act.ct(COMMIT, attr(kind, bytes(length))))


@case('ct/protocols')
def protocols(t):
    for name, shape in SHAPES.items():
        t.try_put(name, join(shape), act.ct())
        t.try_put(f'{name}, behind push_mpls', join(shape), act.push_mpls(0x100) + act.ct())
        t.try_put(f'{name}, nat', join(shape), act.ct(COMMIT, nat(SRC, MIN4)))
    t.try_put('ethertype not matched', V4, act.ct(), b'')


NATS = {
    'nothing': b'',
    'source': SRC,
    'destination': DST,
    'both': SRC + DST,
    'source twice': SRC + SRC,
    'range': SRC + MIN4 + MAX4,
    'range turned round': MAX4 + MIN4 + SRC,
    'range of one': SRC + MIN4 + attr(4, ip4('10.0.0.1')),
    'minimum': DST + MIN4,
    'maximum': DST + MAX4,
    'minimum 0': SRC + attr(3, ip4('0.0.0.0')),
    'range downwards': SRC + attr(3, ip4('10.0.0.9')) + attr(4, ip4('10.0.0.1')),
    'ports': SRC + LOW + HIGH,
    'lowest port': SRC + LOW,
    'highest port': SRC + HIGH,
    'ports of one': SRC + LOW + attr(6, u16(1000)),
    'ports 0': SRC + attr(5, u16(0)),
    'range of IPv6': SRC + MIN6 + MAX6,
    'minimum of IPv6': SRC + MIN6,
    'range of one of IPv6': SRC + MIN6 + attr(4, ip6('2001:db8::1')),
    'flags': SRC + PERSISTENT + HASH + RANDOM,
    'flags turned round': RANDOM + HASH + PERSISTENT + DST,
    'all': SRC + MIN4 + MAX4 + LOW + HIGH + PERSISTENT + HASH + RANDOM,
    'flag alone': PERSISTENT,
    'range alone': MIN4,
    'ports alone': LOW,
    'attribute 0': SRC + attr(0),
    'attribute 10': SRC + attr(10),
    'left over': SRC + b'\1',
    'left over word': SRC + bytes(4),
}

for name, flow_key in (('ipv4', V4), ('ipv6', V6)):

    @case(f'ct/nat/{name}')
    def nats(t, flow_key=flow_key):
        for label, data in NATS.items():
            t.try_put(f'{label}, commit', flow_key, act.ct(COMMIT, nat(data)))
            t.try_put(f'{label}, before commit', flow_key, act.ct(nat(data), COMMIT))
            t.try_put(f'{label}, without', flow_key, act.ct(nat(data)))
            t.try_put(f'{label}, force and zone', flow_key, act.ct(FORCE, nat(data), ZONE))


@case('ct/nat/lengths')
def nat_lengths(t):
    for flow, flow_key in (('ipv4', V4), ('ipv6', V6)):
        for kind, length in itertools.product(range(11), (0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 20)):
            data = act.ct(COMMIT, nat(SRC, attr(kind, b'\1' * length)))
            t.try_put(f'{flow}: {kind} of {length} bytes', flow_key, data)


@case('ct/nat/twice')
def nat_twice(t):
    names = ('nothing', 'source', 'range', 'minimum', 'ports', 'flags', 'flag alone', 'ports alone')
    for first, second in itertools.product(names, names):
        data = nat(NATS[first]) + nat(NATS[second])
        t.try_put(f'{first}, {second}', V4, act.ct(COMMIT, data))
        t.try_put(f'{first}, commit, {second}', V4, act.ct(nat(NATS[first]), COMMIT, nat(NATS[second])))


HELPERS = (
    'amanda ftp H.245 irc netbios-ns pptp Q.931 RAS sane sip snmp tftp ftp-21 ftpx h323 dns'
).split()

for proto in ('tcp', 'udp', 'icmp', 'icmpv6'):

    @case(f'ct/helpers/{proto}')
    def helpers(t, proto=proto):
        for family in ('ipv4', 'ipv6'):
            shape = SHAPES.get(f'{family}-{proto}')
            if shape is None:
                continue
            for name in HELPERS:
                data = attr(5, name.encode() + b'\0')
                t.try_put(f'{family} {name}', join(shape), act.ct(data, COMMIT))
                t.try_put(f'{family} {name}, nat', join(shape), act.ct(data, COMMIT, nat()))
                t.try_put(f'{family} {name}, range', join(shape), act.ct(data, COMMIT, nat(SRC)))


@case('ct/helpers/several')
def several_helpers(t):
    ftp = attr(5, b'ftp\0')
    for label, data in (
        ('unknown, then ftp', attr(5, b'nothing\0') + ftp),
        ('ftp, then unknown', ftp + attr(5, b'nothing\0')),
        ('ftp with more behind', attr(5, b'ftp\0abc\0')),
        ('16 bytes', attr(5, b'ftp' + bytes(13))),
        ('17 bytes', attr(5, b'ftp' + bytes(14))),
    ):
        t.try_put(label, V4, act.ct(data))
    for label, mask in (('nothing', b''), ('protocol', None)):
        t.try_put(f'{label} matched', V4, act.ct(ftp), mask)


@case('ct/clear')
def clear(t):
    for name, shape in SHAPES.items():
        t.try_put(name, join(shape), act.ct_clear() + act.ct_clear())
    t.try_put('behind ct', V4, act.ct() + act.ct_clear() + act.ct(COMMIT))


@case('ct/round-trip')
def round_trip(t):
    for flow_key in (V4, V6, UDP):
        low = MIN6 if flow_key == V6 else MIN4
        actions = (
            act.ct(nat(), ZONE)
            + act.ct(LABELS, POLICY, COMMIT, nat(HASH, HIGH, LOW, low, SRC), MARK, EVENTS)
            + act.clone(act.ct(FORCE, nat(DST, low)))
            + t.to_user(b'', True)
        )
        t.put(flow_key, actions, label='new')
        t.flow_ask(FLOW_GET, attr(FLOW_KEY, flow_key), label='get')
    t.dump('ovs_flow', FLOW_GET, label='dump')


@case('ct/flagged')
def flagged(t):
    t.try_put('nested flag', V4, attr(ACTION['ct'] | 0x8000, ZONE))
    t.try_put('nested flag of nat', V4, act.ct(COMMIT, attr(0x8006, SRC)))
