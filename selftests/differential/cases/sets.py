# SPDX-License-Identifier: BSD-3-Clause
"""set and set_masked against each shape of flow: which are legal, and in which form."""
from ovsnl import attr
from ovslang import ACTION, KEY, act, key
from packets import A, B, IP6_A, IP6_B, IP_A, IP_B
from protocols import SHAPES, fill, join
from scene import case

SETS = {
    'priority': key.priority(5),
    'skb_mark': key.skb_mark(5),
    'eth': key.eth(B, A),
    'ipv4-udp': key.ipv4('1.2.3.4', '5.6.7.8', 17, 4, 5),
    'ipv4-tcp': key.ipv4('1.2.3.4', '5.6.7.8', 6, 4, 5),
    'ipv4-later': key.ipv4('1.2.3.4', '5.6.7.8', 17, 4, 5, 2),
    'ipv6-udp': key.ipv6('::1', '::2', 17, 5, 6, 7),
    'ipv6-tcp': key.ipv6('::1', '::2', 6, 5, 6, 7),
    'ipv6-nd': key.ipv6('::1', '::2', 58, 5, 6, 7),
    'tcp': key.tcp(7, 8),
    'udp': key.udp(7, 8),
    'sctp': key.sctp(7, 8),
    'ct_mark': key.ct_mark(5),
    'ct_labels': key.ct_labels(bytes(16)),
    'arp': key.arp(IP_A, IP_B, 2, A, B),
    'icmp': key.icmp(0, 0),
    'nd': key.nd(IP6_A, A, B),
}

for name, attributes in SHAPES.items():

    @case(f'set/{name}')
    def plain(t, attributes=attributes):
        for which, data in SETS.items():
            t.try_put(which, join(attributes), act.set(data))

    @case(f'set_masked/{name}')
    def masked(t, attributes=attributes):
        for which, data in SETS.items():
            t.try_put(which, join(attributes), act.set_masked(data, fill(data, 0xFF)))
            t.try_put(
                f'{which}, no bits', join(attributes), act.set_masked(fill(data, 0), fill(data, 0))
            )


@case('set/wildcarded-protocol')
def wildcarded(t):
    """What a flow doesn't match, its actions can't rely on."""
    exact = key.eth_type(0xFFFF)
    for name in ('ipv4-tcp', 'ipv6-udp'):
        flow_key = join(SHAPES[name])
        for label, mask in (
            ('nothing', b''),
            ('ethertype', exact),
            (
                'ethertype and protocol',
                exact
                + (
                    key.ipv4('0.0.0.0', '0.0.0.0', 255, 0, 0, 0)
                    if '4' in name[:4]
                    else key.ipv6('::', '::', 255, 0, 0, 0)
                ),
            ),
        ):
            for which in ('ipv4-tcp', 'ipv6-udp', 'tcp', 'udp'):
                t.try_put(f'{name}, {label}: {which}', flow_key, act.set(SETS[which]), mask)
                t.try_put(
                    f'{name}, {label}: masked {which}',
                    flow_key,
                    act.set_masked(fill(SETS[which], 0), fill(SETS[which], 0)),
                    mask,
                )


@case('set_masked/value-outside-mask')
def outside(t):
    flow_key = join(SHAPES['ipv4-tcp'])
    for label, value, mask in (
        ('eth', key.eth(A, B), key.eth(bytes(6), b'\xff' * 6)),
        ('tcp', key.tcp(3, 4), key.tcp(1, 4)),
        ('tcp fits', key.tcp(3, 4), key.tcp(0xFF, 6)),
        ('mark', key.skb_mark(3), key.skb_mark(1)),
        ('ipv4', key.ipv4('1.0.0.0', '0.0.0.0', 0, 0, 0), key.ipv4('0.0.0.0', '0.0.0.0', 0, 0, 0)),
    ):
        t.try_put(label, flow_key, act.set_masked(value, mask))


@case('set_masked/protected-fields')
def protected(t):
    for name, zero, fields in (
        (
            'ipv4-tcp',
            key.ipv4('0.0.0.0', '0.0.0.0', 0, 0, 0),
            {
                'proto': key.ipv4('0.0.0.0', '0.0.0.0', 1, 0, 0),
                'frag': key.ipv4('0.0.0.0', '0.0.0.0', 0, 0, 0, 1),
                'tos': key.ipv4('0.0.0.0', '0.0.0.0', 0, 1, 0),
                'ttl': key.ipv4('0.0.0.0', '0.0.0.0', 0, 0, 1),
            },
        ),
        (
            'ipv6-tcp',
            key.ipv6('::', '::', 0, 0, 0, 0),
            {
                'proto': key.ipv6('::', '::', 1, 0, 0, 0),
                'frag': key.ipv6('::', '::', 0, 0, 0, 0, 1),
                'label': key.ipv6('::', '::', 0, 0xFFFFF, 0, 0),
                'label high': key.ipv6('::', '::', 0, 0x100000, 0, 0),
                'label all': key.ipv6('::', '::', 0, 0xFFFFFFFF, 0, 0),
                'tclass': key.ipv6('::', '::', 0, 0, 1, 0),
            },
        ),
    ):
        for which, mask in fields.items():
            t.try_put(f'{name}: {which}', join(SHAPES[name]), act.set_masked(zero, mask))


@case('set/ipv6-label')
def label(t):
    for value in (0, 0xFFFFF, 0x100000, 0xFFFFFFFF):
        t.try_put(
            f'{value:#x}', join(SHAPES['ipv6-tcp']), act.set(key.ipv6(IP6_A, IP6_B, 6, value))
        )


for verb in ('set', 'set_masked'):

    @case(f'{verb}/lengths')
    def lengths(t, verb=verb):
        times = 2 if verb == 'set_masked' else 1
        for which, name in (
            ('priority', 'ipv4-tcp'),
            ('eth', 'ipv4-tcp'),
            ('ipv4-tcp', 'ipv4-tcp'),
            ('tcp', 'ipv4-tcp'),
            ('udp', 'ipv4-udp'),
            ('sctp', 'ipv4-sctp'),
            ('ipv6-udp', 'ipv6-udp'),
        ):
            size = int.from_bytes(SETS[which][:2], 'little') - 4
            kind = int.from_bytes(SETS[which][2:4], 'little')
            whole = SETS[which][4 : 4 + size] if times == 1 else bytes(2 * size)
            for length in sorted(
                {0, 1, size - 1, size, size + 1, 2 * size - 1, 2 * size, 2 * size + 1, 2 * size + 4}
            ):
                t.try_put(
                    f'{which} of {length} bytes',
                    join(SHAPES[name]),
                    attr(ACTION[verb], attr(kind, (whole + bytes(100))[:length])),
                )

    @case(f'{verb}/form')
    def form(t, verb=verb):
        size = 8 if verb == 'set_masked' else 4
        one = attr(KEY['skb_mark'], bytes(size))
        flow_key = join(SHAPES['unknown-ethertype'])
        for what, data in (
            ('nothing', b''),
            ('two', one + one),
            ('two kinds', one + attr(KEY['priority'], bytes(size))),
            ('left over', one + b'\0'),
            ('zero header', one + bytes(4)),
            ('3 bytes', b'\1\2\3'),
            ('header only', b'\4\0\x0f\0'),
            ('nla_len 3', b'\3\0\x0f\0'),
            ('nla_len too long', attr(KEY['skb_mark'], bytes(size), 40)),
            ('flagged', attr(KEY['skb_mark'] | 0x8000, bytes(size))),
            ('type 0', attr(0, bytes(size))),
            ('type 33', attr(33, bytes(size))),
            ('type 200', attr(200, bytes(size))),
            ('type 31', attr(31, bytes(size))),
        ):
            t.try_put(what, flow_key, attr(ACTION[verb], data))
        t.try_put('outer flag', flow_key, attr(ACTION[verb] | 0x8000, one))
