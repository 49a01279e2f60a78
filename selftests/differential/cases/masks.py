# SPDX-License-Identifier: BSD-3-Clause
"""Flow masks: whole, empty, one attribute at a time, partial, not fitting the key."""
from ovsnl import FLOW_GET, FLOW_KEY, attr
from ovslang import KEY, act, key
from packets import A, B, IP6_A, IP6_B, IP_A, IP_B
from protocols import SHAPES, STRANGERS, fill, join, masked, shape
from scene import case

EXACT_TYPE = key.eth_type(0xFFFF)


for name, attributes in SHAPES.items():

    @case(f'mask/{name}/filled')
    def filled(t, attributes=attributes):
        for value in (0xFF, 0x00, 0xF0, 0x01, 0x80):
            t.try_put(f'all {value:#x}', join(attributes), act.output(1), masked(attributes, value))
        t.try_put('empty', join(attributes), act.output(1), b'')

    @case(f'mask/{name}/one-attribute')
    def one(t, attributes=attributes):
        for which, data in attributes:
            only = fill(data, 0xFF)
            t.try_put(f'{which}', join(attributes), b'', only)
            if which != 'eth_type':
                t.try_put(f'{which} and ethertype', join(attributes), b'', only + EXACT_TYPE)
                t.try_put(
                    f'{which} and half the ethertype',
                    join(attributes),
                    b'',
                    only + key.eth_type(0xFF00),
                )

    @case(f'mask/{name}/strangers')
    def strangers(t, attributes=attributes):
        for which, data in STRANGERS:
            t.try_put(
                f'{which}',
                join(attributes),
                b'',
                fill(data, 0xFF) + (EXACT_TYPE if which != 'eth_type' else b''),
            )
            t.try_put(f'{which} of zeros', join(attributes), b'', fill(data, 0) + EXACT_TYPE)


@case('mask/dump-is-masked')
def masked_key(t):
    """Without a UFID the key comes back as it was given, with one as it was masked."""
    flow_key = join(SHAPES['ipv4-tcp'])
    mask = key.eth_type(0xFFFF) + key.ipv4('255.255.255.0', '0.0.0.0', 0, 0, 0, 0)
    t.put(flow_key, b'', mask, label='by key')
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, flow_key), label='get')
    t.flush()
    t.put(flow_key, b'', mask, attr(9, b'0123456789abcdef'), label='by ufid')
    t.flow_ask(FLOW_GET, attr(9, b'0123456789abcdef'), label='get')
    t.dump('ovs_flow', FLOW_GET)


@case('mask/ip-proto')
def ip_proto(t):
    """Ports may be masked only if the protocol is matched wholly."""
    for name in ('ipv4-tcp', 'ipv4-udp', 'ipv4-sctp', 'ipv4-icmp'):
        attributes = SHAPES[name]
        for proto in (0xFF, 0xFE, 0x7F, 0):
            for frag in (0xFF, 0):
                mask = EXACT_TYPE + key.ipv4('0.0.0.0', '0.0.0.0', proto, 0, 0, frag)
                t.try_put(
                    f'{name} proto {proto:#x} frag {frag:#x}',
                    join(attributes),
                    b'',
                    mask + masked(attributes[4:]),
                )
    for name in ('ipv6-tcp', 'ipv6-udp', 'ipv6-sctp', 'ipv6-icmpv6', 'ipv6-solicit'):
        attributes = SHAPES[name]
        for proto in (0xFF, 0xFE, 0):
            mask = EXACT_TYPE + key.ipv6('::', '::', proto, 0, 0, 0, 0xFF)
            t.try_put(
                f'{name} proto {proto:#x}', join(attributes), b'', mask + masked(attributes[4:])
            )


@case('mask/icmpv6-type')
def icmpv6_type(t):
    attributes = SHAPES['ipv6-solicit']
    base = EXACT_TYPE + key.ipv6('::', '::', 0xFF, 0, 0, 0, 0)
    for kind, code in ((0xFF, 0xFF), (0xFF, 0), (0xFE, 0xFF), (0, 0xFF), (0, 0)):
        mask = base + key.icmpv6(kind, code)
        t.try_put(f'icmpv6 {kind:#x} {code:#x}', join(attributes), b'', mask)
        t.try_put(
            f'icmpv6 {kind:#x} {code:#x} and nd',
            join(attributes),
            b'',
            mask + fill(attributes[-1][1], 0xFF),
        )


@case('mask/values')
def values(t):
    """Masks may have values that keys may not."""
    flow_key = join(SHAPES['ipv6-udp'])
    for label in (0xFFFFF, 0xFFFFFFFF, 0xFFF00000):
        t.try_put(f'label {label:#x}', flow_key, b'', EXACT_TYPE + key.ipv6('::', '::', 0, label))
    for frag in (1, 3, 4, 0xFF):
        t.try_put(f'frag {frag}', flow_key, b'', EXACT_TYPE + key.ipv6('::', '::', 0, frag=frag))
    t.try_put('in_port 0', flow_key, b'', key.in_port(0) + EXACT_TYPE)
    t.try_put('in_port 1', flow_key, b'', key.in_port(1) + EXACT_TYPE)
    t.try_put('in_port 0xffff', flow_key, b'', key.in_port(0xFFFF) + EXACT_TYPE)
    flow_key = join(SHAPES['arp'])
    for op in (1, 0xFF, 0xFF00, 0xFFFF):
        t.try_put(
            f'arp operation {op:#x}',
            flow_key,
            b'',
            EXACT_TYPE + key.arp('0.0.0.0', '0.0.0.0', op, bytes(6), bytes(6)),
        )


@case('mask/no-in_port')
def no_in_port(t):
    flow_key = key.eth(A, B) + EXACT_TYPE.replace(b'\xff\xff', b'\x90\x00')
    for label, mask in (
        ('none', None),
        ('in_port', key.in_port(0xFFFFFFFF)),
        ('empty', b''),
        ('in_port of 0', key.in_port(0)),
        ('ethertype', EXACT_TYPE),
    ):
        t.try_put(label, flow_key, b'', mask)


@case('mask/malformed')
def malformed(t):
    flow_key = join(SHAPES['ipv4-tcp'])
    for mask in (
        b'\1',
        b'\1\0\3\0',
        b'\0\0\0\0',
        b'\x20\0\3\0\1\0\0\0',
        attr(33),
        attr(29, b'\1\2\3\4'),
        attr(31, b'\1'),
        attr(KEY['ipv4'], bytes(11)),
        attr(KEY['ipv4'], b'\xff' * 13),
        EXACT_TYPE + EXACT_TYPE,
        EXACT_TYPE + key.eth_type(0),
        key.eth_type(0) + EXACT_TYPE,
        attr(0, b'\xff'),
        attr(KEY['eth_type'], b'\xff' * 3),
    ):
        t.try_put(mask.hex(), flow_key, b'', mask)


@case('mask/flows-share-masks')
def share(t):
    """The number of masks is in the datapath's statistics."""
    mask = key.in_port(0xFFFFFFFF) + EXACT_TYPE + key.ipv4('255.255.255.0', '0.0.0.0', 0, 0, 0, 0)
    for number in range(4):
        t.put(
            join(shape(0x800)) + key.ipv4(f'10.0.{number}.1', IP_B, 47),
            b'',
            mask,
            label=f'{number}',
        )
        t.dp_ask(3, label='datapath')
    t.put(join(shape(0x800)) + key.ipv4('10.0.1.9', IP_A, 47), b'', mask, label='overlaps 1')
    t.flow_ask(
        2, attr(FLOW_KEY, join(shape(0x800)) + key.ipv4('10.0.1.1', IP_B, 47)), label='del 1'
    )
    t.dp_ask(3, label='datapath')
    t.flush()
    t.dp_ask(3, label='datapath')


@case('mask/overlap')
def overlap(t):
    """A flow that a present one covers, one that covers a present one, the same in other words."""
    narrow = (
        key.in_port(0xFFFFFFFF) + EXACT_TYPE + key.ipv4('255.255.255.255', '0.0.0.0', 0, 0, 0, 0)
    )
    wide = key.in_port(0xFFFFFFFF) + EXACT_TYPE + key.ipv4('255.0.0.0', '0.0.0.0', 0, 0, 0, 0)
    base = join(shape(0x800))
    first, second = key.ipv4('10.1.1.1', IP_B, 47), key.ipv4('10.2.2.2', IP_B, 47)
    t.put(base + first, act.output(1), wide, label='wide')
    t.put(base + second, act.output(2), narrow, label='narrow, covered')
    t.flush()
    t.put(base + first, act.output(1), narrow, label='narrow')
    t.put(base + second, act.output(2), wide, label='wide beside it')
    t.put(
        base + first, act.output(2), wide, flags=1 | 4 | 8, label='wide with the key of the narrow'
    )
    t.put(
        base + key.ipv4('10.3.3.3', IP_B, 47),
        act.output(1),
        wide,
        flags=1 | 4 | 8,
        label='wide in other words',
    )
    t.dump('ovs_flow', FLOW_GET)


@case('mask/exact-of-everything')
def exact(t):
    """No mask means a mask of all that the key has."""
    for name in ('ipv6-solicit', 'metadata', 'layer3-ipv6', 'ieee802'):
        attributes = SHAPES[name]
        t.try_put(f'{name}, no mask', join(attributes))
        t.try_put(f'{name}, its mask', join(attributes), b'', masked(attributes))
    t.try_put(
        'a nested attribute unknown to masks',
        join(shape(0x86DD)) + key.ipv6(IP6_A, IP6_B, 58) + key.icmpv6(135, 0) + key.nd(IP6_A, A, B),
        b'',
        b'',
    )
