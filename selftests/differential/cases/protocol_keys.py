# SPDX-License-Identifier: BSD-3-Clause
"""MPLS, NSH and original tuples as keys and masks; attributes of several protocols in one key."""
import itertools

from ovsnl import FLOW_GET, attr, u32
from ovslang import key
from packets import A, B, IP6_A, IP6_B, IP_A, IP_B, arp, eth, ipv4, ipv6, nd, tcp
from protocols import (
    ARP,
    CT4,
    CT6,
    EXTHDRS,
    ICMPV6,
    MPLS,
    ND,
    NSH,
    SHAPES,
    SOLICIT,
    TCP,
    TCP_FLAGS,
    join,
    masked,
    shape,
    v4,
    v6,
)
from scene import case

EXACT_TYPE = key.eth_type(0xFFFF)


@case('protocol-key/mpls/lengths')
def mpls_lengths(t):
    base = join(shape(0x8847))
    for length in range(18):
        data = attr(21, bytes(range(1, 19))[:length])
        t.try_put(f'{length} bytes', base + data)
        t.try_put(f'mask of {length} bytes', base + key.mpls(1, 2), b'', data + EXACT_TYPE)


@case('protocol-key/mpls/masks')
def mpls_masks(t):
    """As many entries in the mask as in the key, fewer, more; zero ones."""
    for of_key, of_mask in itertools.product(range(1, 4), repeat=2):
        flow_key = join(shape(0x8847)) + key.mpls(*range(0x1001, 0x1001 + of_key))
        for bits in (0xFFFFFFFF, 0xFFFFF000, 0):
            mask = key.mpls(*[bits] * (of_mask - 1), 0xFF)
            t.try_put(f'{of_key} {of_mask} {bits:#x}', flow_key, b'', mask + EXACT_TYPE)
            t.try_put(
                f'{of_key} {of_mask} {bits:#x}, by ufid',
                flow_key,
                b'',
                mask + EXACT_TYPE,
                attr(9, b'0123456789abcdef'),
            )
        t.try_put(f'{of_key} {of_mask}, no type', flow_key, b'', key.mpls(*[1] * of_mask))


@case('protocol-key/nsh/nests')
def nsh_nests(t):
    base = join(shape(0x894F))
    one, two = key.nsh_base(0x3F, 63, 1, 3, 0xFFFFFF01), key.nsh_base(0, 1, 2, 1, 0)
    context = key.nsh_md1(1, 2, 3, 4)
    for name, data in {
        'empty': b'',
        'base': one,
        'base of type 2': two,
        'base of type 0': key.nsh_base(0, 0, 0, 0, 0),
        'context': context,
        'base and context': one + context,
        'context first': context + one,
        'context of type 2': two + context,
        'base twice': two + one + context,
        'base twice, other order': one + two + context,
        'context twice': one + context + key.nsh_md1(5, 6, 7, 8),
        'metadata of type 2': two + attr(3, bytes(8)),
        'empty metadata of type 2': two + attr(3),
        'both metadata': one + context + attr(3, bytes(8)),
        'type 0': one + attr(0),
        'type 0 with bytes': one + attr(0, bytes(4)),
        'type 4': one + attr(4, bytes(4)),
        'a byte left over': one + b'\1',
        'bytes left over': one + b'\1\0\1\0',
    }.items():
        t.try_put(name, base + key.nsh(data))
        t.try_put(f'{name}, by ufid', base + key.nsh(data), b'', None, attr(9, b'abcd'))
        t.try_put(f'{name}, as mask', join(SHAPES['nsh']), b'', key.nsh(data) + EXACT_TYPE)
    for kind, size in ((1, 8), (2, 16)):
        for length in range(size + 2):
            inner = attr(kind, bytes([1]) * length)
            t.try_put(f'type {kind} of {length} bytes', base + key.nsh(inner))
            t.try_put(
                f'mask: {kind}, {length}', join(SHAPES['nsh']), b'', key.nsh(inner) + EXACT_TYPE
            )


@case('protocol-key/tuple/lengths')
def tuple_lengths(t):
    for kind, size, name in ((26, 16, 'ct-tuple-ipv4'), (27, 40, 'ct-tuple-ipv6')):
        rest = SHAPES[name][1:]
        for length in (0, 1, size - 4, size - 3, size - 1, size, size + 1, size + 4):
            data = attr(kind, bytes([6]) * length)
            t.try_put(f'{name}, {length}', data + join(rest))
            t.try_put(f'{name}, mask {length}', join(SHAPES[name]), b'', data + EXACT_TYPE)


@case('protocol-key/tuple/where')
def tuple_where(t):
    """Tuples in keys of every kind, in masks where the key has none, of protocol 0."""
    none4 = key.ct_tuple4(IP_A, IP_B, 1, 2, 0)
    none6 = key.ct_tuple6(IP6_A, IP6_B, 1, 2, 0)
    for name, attributes in SHAPES.items():
        for which, data in (CT4, CT6, ('no 4', none4), ('no 6', none6)):
            t.try_put(f'{name} with {which}', join(attributes) + data, b'', EXACT_TYPE)
            t.try_put(f'{name} with {which}, exact', join(attributes) + data)
            t.try_put(f'{name}, mask {which}', join(attributes), b'', data + EXACT_TYPE)
            t.try_put(
                f'{name} with {which}, mask {which}, by ufid',
                join(attributes) + data,
                b'',
                data + EXACT_TYPE,
                attr(9, b'0123456789abcdef'),
            )


@case('protocol-key/tuple/execute')
def tuple_execute(t):
    for name, packet in (
        ('ipv4', eth(0x0800, ipv4(6, tcp()))),
        ('ipv6', eth(0x86DD, ipv6(6, tcp(IP6_A, IP6_B)))),
        ('solicitation', eth(0x86DD, ipv6(58, nd()))),
        ('arp', eth(0x0806, arp())),
        ('bad ipv4', eth(0x0800, bytes(40))),
        ('short ipv4', eth(0x0800, bytes(8))),
        ('bad ipv6', eth(0x86DD, bytes(60))),
        ('short ipv6', eth(0x86DD, bytes(8))),
    ):
        for which, data in (CT4, CT6, ('both', CT4[1] + CT6[1])):
            t.execute(packet, key.in_port(1) + data, label=f'{name} with {which}')
            zeros = data[:4] + bytes(len(data) - 4)
            t.execute(packet, key.in_port(1) + zeros, label=f'{name} with zero {which}')


@case('protocol-key/overlap')
def overlap(t):
    """Attributes of two and three network protocols: the last has what they share."""
    types = {'ipv4': 0x0800, 'arp': 0x0806, 'ipv6': 0x86DD, 'mpls': 0x8847, 'nsh': 0x894F}
    network = [v4(47), ARP, v6(47), MPLS, NSH, EXTHDRS, CT4, CT6, ND]
    for own, eth_type in types.items():
        for more in (*itertools.combinations(network, 2), *itertools.combinations(network, 3)):
            if own not in [name for name, _ in more]:
                continue
            names = ' '.join(name for name, _ in more)
            flow_key = join(shape(eth_type, *more))
            t.try_put(f'{own}: {names}', flow_key, b'', EXACT_TYPE)
            if len(more) == 2:
                first = masked([a for a in more if a[0] == own])
                t.try_put(
                    f'{own}: {names}, masked',
                    flow_key,
                    b'',
                    first + EXACT_TYPE,
                    attr(9, b'0123456789abcdef'),
                )


@case('protocol-key/overlap/neighbours')
def overlap_nd(t):
    solicit = shape(0x86DD, v6(58), SOLICIT, ND)
    for more in (CT6, CT4, v4(58), NSH, MPLS, ARP):
        t.try_put(f'with {more[0]}', join([*solicit, more]), b'', EXACT_TYPE)
        t.try_put(f'with {more[0]}, masked', join([*solicit, more]), b'', masked([*solicit]))
    t.try_put('mask of both', join([*solicit, CT6]), b'', masked([*solicit, CT6]))
    echo = shape(0x86DD, v6(58), ICMPV6)
    t.try_put('neighbours in another message', join([*echo, ND, CT6]), b'', masked(echo))
    t.try_put('mask of that', join([*echo, ND, CT6]), b'', masked([*echo, ND]))


@case('protocol-key/overlap/transport')
def overlap_transport(t):
    ports = [TCP, TCP_FLAGS, ('udp', key.udp(7, 8)), ('sctp', key.sctp(9, 10)), ICMPV6]
    for more in itertools.combinations(ports, 2):
        flow_key = join(shape(0x0800, v4(17), ('udp', key.udp(1, 2)), *more))
        t.try_put(' '.join(name for name, _ in more), flow_key, b'', EXACT_TYPE)
        flow_key = join(shape(0x0800, v4(6), TCP, TCP_FLAGS, *more[1:]))
        t.try_put(' '.join(name for name, _ in more[1:]), flow_key, b'', EXACT_TYPE)


@case('protocol-key/dump')
def dump(t):
    for number, name in enumerate(n for n in SHAPES if 'bridge' not in n):
        flow_key = key.priority(number) + join(a for a in SHAPES[name] if a[0] != 'priority')
        t.put(flow_key, b'', None, label=name)
    t.dump('ovs_flow', FLOW_GET, label='whole')
    t.dump('ovs_flow', FLOW_GET, attr(10, u32(0)), label='flags')
