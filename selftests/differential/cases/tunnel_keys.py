# SPDX-License-Identifier: BSD-3-Clause
"""Tunnels as keys and masks: every attribute, length and combination, options of each kind."""
import itertools

from ovsnl import FLOW_GET, FLOW_KEY, attr, u32
from ovslang import key, tun
from packets import A, B, IP_A, IP_B
from protocols import OPTION, OUTER4, OUTER6, SHAPES, join, shape
from scene import case

REST = join(shape(0x9000))
EXACT_TYPE = key.eth_type(0xFFFF)
# One whole attribute of each type, by number.
ATTRIBUTES = {
    0: tun.id(0x1122334455667788),
    1: attr(1, b'\xc0\0\2\1'),
    2: attr(2, b'\xc0\0\2\2'),
    3: tun.tos(0xB8),
    4: tun.ttl(64),
    5: tun.df(),
    6: tun.csum(),
    7: tun.oam(),
    8: tun.geneve(OPTION),
    9: attr(9, b'\x12\xb5'),
    10: attr(10, b'\x17\xc1'),
    11: tun.vxlan(0x11),
    12: attr(12, bytes(range(16))),
    13: attr(13, bytes(range(16, 32))),
    14: attr(14),
    15: tun.erspan(bytes(range(12))),
    16: tun.bridge(),
}
OPTIONS = {
    'none': b'',
    'geneve-0': tun.geneve(b''),
    'geneve-4': tun.geneve(b'\1\2\3\0'),
    'geneve-8': tun.geneve(OPTION),
    'geneve-12': tun.geneve(b'\1\2\3\2' + bytes(range(1, 9))),
    'geneve-252': tun.geneve(bytes(range(252))),
    'vxlan': tun.vxlan(0x12345678),
    'vxlan-empty': attr(11),
    'erspan-0': tun.erspan(b''),
    'erspan-4': tun.erspan(b'\1\2\3\4'),
    'erspan-12': tun.erspan(bytes(range(1, 13))),
    'erspan-20': tun.erspan(bytes(range(1, 21))),
}


def whole(*attributes):
    return key.tunnel(*attributes) + REST


@case('tunnel-key/lengths')
def lengths(t):
    for kind, data in ATTRIBUTES.items():
        size = int.from_bytes(data[:2], 'little') - 4
        base = OUTER6 if kind in (12, 13) else OUTER4
        for length in range(size + 2):
            payload = (data[4:] + bytes(4))[:length]
            t.try_put(f'type {kind} of {length} bytes', whole(base, attr(kind, payload)))
            t.try_put(
                f'mask of type {kind} of {length} bytes',
                whole(base, data if kind not in (1, 2, 16) else b''),
                b'',
                key.tunnel(attr(kind, payload)),
            )
    for kind in (17, 18, 63, 0x3FFF):
        for size in (0, 4):
            t.try_put(f'type {kind} of {size} bytes', whole(OUTER4, attr(kind, bytes(size))))


@case('tunnel-key/option-lengths')
def option_lengths(t):
    for kind in (8, 15):
        for length in (*range(0, 21), 251, 252, 253, 255, 256, 260):
            payload = bytes(range(1, 255))[:length].ljust(length, b'\1')
            t.try_put(f'options {kind} of {length} bytes', whole(OUTER4, attr(kind, payload)))


@case('tunnel-key/pairs')
def pairs(t):
    """All combinations of two attributes, beside nothing and beside what a tunnel needs."""
    for first, second in itertools.product(ATTRIBUTES, repeat=2):
        both = ATTRIBUTES[first] + ATTRIBUTES[second]
        for name, base in (('bare', b''), ('ipv4', OUTER4), ('ipv6', OUTER6)):
            t.try_put(f'{first} and {second}, {name}', whole(base, both))


@case('tunnel-key/mask-pairs')
def mask_pairs(t):
    for name, flow_key in (
        ('none', REST),
        ('ipv4', whole(OUTER4, tun.geneve(OPTION))),
        ('ipv6', whole(OUTER6, tun.vxlan(5))),
    ):
        for first, second in itertools.combinations_with_replacement(ATTRIBUTES, 2):
            mask = key.tunnel(ATTRIBUTES[first] + ATTRIBUTES[second])
            t.try_put(f'{first} and {second}, {name}', flow_key, b'', mask)


@case('tunnel-key/needs')
def needs(t):
    """Destination and TTL; zeros; order; what follows the last attribute."""
    for name, data in {
        'empty': b'',
        'no ttl': tun.ipv4('192.0.2.1', '192.0.2.2'),
        'no destination': attr(1, b'\xc0\0\2\1') + tun.ttl(1),
        'destination 0.0.0.0': tun.ipv4(None, '0.0.0.0') + tun.ttl(1),
        'destination ::': tun.ipv6(None, '::') + tun.ttl(1),
        'source 0.0.0.0': tun.ipv4('0.0.0.0', '192.0.2.2') + tun.ttl(0),
        'source ::': tun.ipv6('::', '::1') + tun.ttl(0),
        'no source': tun.ipv6(None, '::1') + tun.ttl(255),
        'backwards': tun.ttl(9) + tun.ipv4('192.0.2.1', '192.0.2.2') + tun.id(1),
        'destination twice': tun.ipv4(None, '192.0.2.2') + tun.ipv4(None, '0.0.0.0') + tun.ttl(1),
        'ttl twice': OUTER4 + tun.ttl(7),
        'bytes left over': OUTER4 + b'\1\2\3\4',
        'a byte left over': OUTER4 + b'\1',
        'zero header': OUTER4 + bytes(4),
        'bridge': tun.bridge(),
        'bridge with id': tun.id(7) + tun.bridge(),
        'bridge with ttl': tun.bridge() + tun.ttl(1),
        'bridge with zeros': tun.bridge() + tun.ttl(0) + tun.tos(0) + tun.ipv4(None, '0.0.0.0'),
        'bridge with destination': tun.bridge() + OUTER4,
        'bridge and ipv6': tun.bridge() + OUTER6,
        'bridge with flag': tun.bridge() + tun.csum(),
        'bridge with options': tun.bridge() + tun.vxlan(1),
        'vxlan: other type': OUTER4 + attr(11, attr(2, u32(1))),
        'vxlan: type 0': OUTER4 + attr(11, attr(0)),
        'vxlan: short': OUTER4 + attr(11, attr(1, b'\1\2')),
        'vxlan: twice': OUTER4 + attr(11, attr(1, u32(1)) + attr(1, u32(2))),
        'vxlan: rest': OUTER4 + attr(11, attr(1, u32(1)) + b'\1'),
    }.items():
        t.try_put(name, whole(data))
        t.try_put(f'{name}, in a mask', whole(OUTER4), b'', key.tunnel(data))
        t.try_put(f'{name}, in a mask without key', REST, b'', key.tunnel(data))


@case('tunnel-key/options-and-masks')
def options(t):
    """Masks of options that are not of the key's kind or length."""
    for (of_key, data), (of_mask, bits) in itertools.product(OPTIONS.items(), repeat=2):
        flow_key = whole(OUTER4, data)
        t.try_put(f'key {of_key}, mask {of_mask}', flow_key, b'', key.tunnel(bits) + EXACT_TYPE)
        t.try_put(
            f'key {of_key}, mask {of_mask}, by ufid',
            flow_key,
            b'',
            key.tunnel(tun.id(1), bits),
            attr(9, b'0123456789abcdef'),
        )


@case('tunnel-key/exact')
def exact(t):
    """No mask: what of the tunnel is matched."""
    for name, data in OPTIONS.items():
        for outer in (OUTER4, OUTER6):
            flow_key = whole(outer, data)
            t.try_put(name, flow_key)
            t.try_put(f'{name}, by ufid', flow_key, b'', None, attr(9, b'0123456789abcdef'))


@case('tunnel-key/zero-masks')
def zero_masks(t):
    """A nest counts as absent only if it is empty."""
    for name in ('tunnel-ipv4', 'tunnel-geneve', 'nsh'):
        flow_key = join(SHAPES[name])
        for mask in (
            b'',
            attr(16),
            attr(28),
            key.tunnel(tun.ttl(0)),
            key.tunnel(tun.id(0)),
            key.nsh(key.nsh_base(0, 0, 0, 0, 0)),
            attr(16) + attr(16),
            key.tunnel(tun.ttl(0)) + key.tunnel(tun.ttl(0)),
        ):
            t.try_put(f'{name}: {mask.hex()}', flow_key, b'', mask + EXACT_TYPE)


@case('tunnel-key/other-family')
def other_family(t):
    """Masks of one family over keys of the other."""
    ones4, ones6 = b'\xff\xff\xff\0', bytes(range(0xF0, 0x100))
    for name, outer in (('ipv4', OUTER4), ('ipv6', OUTER6)):
        for kinds in ((1,), (2,), (1, 2), (12,), (13,), (12, 13), (1, 13)):
            mask = b''.join(attr(kind, ones4 if kind < 3 else ones6) for kind in kinds)
            t.try_put(f'{name}: {kinds}', whole(outer), b'', key.tunnel(mask))


@case('tunnel-key/same-but-for-the-tunnel')
def beside(t):
    mask = key.tunnel(tun.id(2**64 - 1)) + EXACT_TYPE
    for number in (1, 2, 3):
        t.put(whole(tun.id(number), OUTER4), b'', mask, label=f'id {number}')
        t.flow_ask(FLOW_GET, attr(FLOW_KEY, whole(tun.id(number), OUTER4)), label='get')
    t.put(REST, b'', mask, label='no tunnel')
    t.put(whole(OUTER6), b'', mask, label='other family')
    t.dump('ovs_flow', FLOW_GET)


@case('tunnel-key/execute')
def execute(t):
    """The tunnel of a packet's metadata comes back in its upcall."""
    packet = bytes.fromhex(B.replace(':', '') + A.replace(':', '')) + b'\x90\0' + bytes(46)
    for name, data in OPTIONS.items():
        for outer in (OUTER4, OUTER6):
            t.execute(packet, key.in_port(1) + key.tunnel(tun.id(3), outer, data), label=name)
    for name in ('bridge', 'empty', 'no ttl'):
        data = {'bridge': tun.bridge(), 'empty': b'', 'no ttl': tun.ipv4(IP_A, IP_B)}[name]
        t.execute(packet, key.in_port(1) + key.tunnel(data), label=name)
