# SPDX-License-Identifier: BSD-3-Clause
"""What actions make of packets: fields, checksums, VLAN tags, and the key that goes with them."""
import random

from ovslang import act, key
import packets as p
from scene import case

V4 = {
    'udp': p.ipv4(p.UDP, p.udp(payload=b'payload!')),
    'tcp': p.ipv4(p.TCP, p.tcp(payload=b'payload!')),
    'sctp': p.ipv4(p.SCTP, p.sctp()),
    'icmp': p.ipv4(p.ICMP, p.icmp()),
    'other': p.ipv4(47, bytes(20)),
    'udp-no-checksum': p.ipv4(p.UDP, p.udp(payload=b'payload!', csum=0)),
    'udp-wrong-checksum': p.ipv4(p.UDP, p.udp(csum=0x1111)),
    'tcp-wrong-checksum': p.ipv4(p.TCP, p.tcp(csum=0x1111)),
    'sctp-wrong-checksum': p.ipv4(p.SCTP, p.sctp(csum=0x11111111)),
    'header-wrong-checksum': p.ipv4(p.UDP, p.udp(), csum=0x1111),
    'options': p.ipv4(p.UDP, p.udp(), options=b'\1' * 8),
    'first': p.ipv4(p.UDP, p.udp(payload=bytes(16)), frag=0x2000),
    'later': p.ipv4(p.UDP, bytes(24), frag=0x0010),
    'later-tcp': p.ipv4(p.TCP, bytes(24), frag=0x0010),
    'udp-odd': p.ipv4(p.UDP, p.udp(payload=b'odd')),
    'tcp-cut': p.ipv4(p.TCP, p.tcp()[:15]),
    'udp-cut': p.ipv4(p.UDP, p.udp()[:6]),
    'udp-padded': p.ipv4(p.UDP, p.udp()) + bytes(18),
    'bad-header': p.ipv4(p.UDP, p.udp(), ihl=4),
    'sctp-cut': p.ipv4(p.SCTP, p.sctp()[:10]),
    'cut-19': p.ipv4(p.UDP, p.udp())[:19],
    'empty': b'',
}
V6 = {
    'udp': p.ipv6(p.UDP, p.udp(p.IP6_A, p.IP6_B, payload=b'payload!')),
    'tcp': p.ipv6(p.TCP, p.tcp(p.IP6_A, p.IP6_B, payload=b'x')),
    'sctp': p.ipv6(p.SCTP, p.sctp()),
    'icmpv6': p.ipv6(p.ICMPV6, p.icmpv6()),
    'solicit': p.ipv6(p.ICMPV6, p.nd(options=p.nd_option(1))),
    'other': p.ipv6(47, bytes(20)),
    'udp-no-checksum': p.ipv6(p.UDP, p.udp(p.IP6_A, p.IP6_B, csum=0)),
    'hop-udp': p.ipv6(p.HOP, p.extension(p.UDP) + p.udp(p.IP6_A, p.IP6_B)),
    'routing-udp': p.ipv6(p.ROUTING, bytes((p.UDP, 0, 0, 1, 0, 0, 0, 0)) + p.udp(p.IP6_A, p.IP6_B)),
    'routing-done': p.ipv6(
        p.ROUTING, bytes((p.UDP, 0, 0, 0, 0, 0, 0, 0)) + p.udp(p.IP6_A, p.IP6_B)
    ),
    'hop-icmpv6': p.ipv6(p.HOP, p.extension(p.ICMPV6) + p.icmpv6()),
    'first': p.ipv6(p.FRAGMENT, p.fragment(p.UDP) + p.udp(p.IP6_A, p.IP6_B)),
    'later': p.ipv6(p.FRAGMENT, p.fragment(p.UDP, 5) + bytes(24)),
    'later-icmpv6': p.ipv6(p.FRAGMENT, p.fragment(p.ICMPV6, 5) + bytes(24)),
    'cut-39': p.ipv6(p.UDP, b'')[:39],
    'empty': b'',
    'sctp-cut': p.ipv6(p.SCTP, p.sctp()[:10]),
    'tcp-cut': p.ipv6(p.TCP, p.tcp(p.IP6_A, p.IP6_B)[:15]),
    'label': p.ipv6(p.UDP, p.udp(p.IP6_A, p.IP6_B), label=0xABCDE, tclass=0xA5),
}

NOTHING4, NOTHING6 = key.ipv4('0.0.0.0', '0.0.0.0', 0, 0, 0), key.ipv6('::', '::', 0, 0, 0, 0)


def masked4(value, mask):
    return act.set_masked(key.ipv4(*value), key.ipv4(*mask))


ZERO, ONES = '0.0.0.0', '255.255.255.255'
SETS4 = {
    'src': masked4(('1.2.3.4', ZERO, 0, 0, 0), (ONES, ZERO, 0, 0, 0)),
    'dst': masked4((ZERO, '5.6.7.8', 0, 0, 0), (ZERO, ONES, 0, 0, 0)),
    'both': masked4(('1.2.3.4', '5.6.7.8', 0, 0, 0), (ONES, ONES, 0, 0, 0)),
    'half': masked4(('0.0.3.4', ZERO, 0, 0, 0), ('0.0.255.255', ZERO, 0, 0, 0)),
    'tos': masked4((ZERO, ZERO, 0, 0x28, 0), (ZERO, ZERO, 0, 0xFC, 0)),
    'ttl': masked4((ZERO, ZERO, 0, 0, 9), (ZERO, ZERO, 0, 0, 0xFF)),
    'same': masked4((p.IP_A, p.IP_B, 0, 0, 0), (ONES, ONES, 0, 0, 0)),
    'nothing': act.set_masked(NOTHING4, NOTHING4),
}
SETS6 = {
    'src': act.set_masked(
        key.ipv6('2001:db8::99', '::', 0, hlimit=0),
        key.ipv6('ffff:' * 7 + 'ffff', '::', 0, hlimit=0),
    ),
    'dst': act.set_masked(
        key.ipv6('::', '2001:db8::77', 0, hlimit=0),
        key.ipv6('::', 'ffff:' * 7 + 'ffff', 0, hlimit=0),
    ),
    'half': act.set_masked(
        key.ipv6('::1:2', '::', 0, hlimit=0), key.ipv6('::ffff:ffff', '::', 0, hlimit=0)
    ),
    'label': act.set_masked(
        key.ipv6('::', '::', 0, 0x54321, hlimit=0), key.ipv6('::', '::', 0, 0xFFFFF, hlimit=0)
    ),
    'half-label': act.set_masked(
        key.ipv6('::', '::', 0, 0x00321, hlimit=0), key.ipv6('::', '::', 0, 0x00FFF, hlimit=0)
    ),
    'tclass': act.set_masked(
        key.ipv6('::', '::', 0, 0, 0x5A, 0), key.ipv6('::', '::', 0, 0, 0xFF, 0)
    ),
    'half-tclass': act.set_masked(
        key.ipv6('::', '::', 0, 0, 0x50, 0), key.ipv6('::', '::', 0, 0, 0xF0, 0)
    ),
    'hlimit': act.set_masked(
        key.ipv6('::', '::', 0, hlimit=9), key.ipv6('::', '::', 0, hlimit=0xFF)
    ),
    'nothing': act.set_masked(NOTHING6, NOTHING6),
}
PORTS = {
    'tcp': act.set(key.tcp(7, 8)),
    'udp': act.set(key.udp(7, 8)),
    'sctp': act.set(key.sctp(7, 8)),
    'tcp-src': act.set_masked(key.tcp(7, 0), key.tcp(0xFFFF, 0)),
    'udp-dst': act.set_masked(key.udp(0, 8), key.udp(0, 0xFFFF)),
    'sctp-dst': act.set_masked(key.sctp(0, 8), key.sctp(0, 0xFFFF)),
    'udp-same': act.set(key.udp(1000, 53)),
    'tcp-half': act.set_masked(key.tcp(0x100, 2), key.tcp(0xFF00, 0xFF)),
}

for name, packet in V4.items():

    @case(f'rewrite/ipv4/{name}')
    def rewrite4(t, packet=packet):
        for which, action in SETS4.items():
            t.execute(p.eth(0x800, packet), None, action + t.to_user(), label=which)
        for which, action in PORTS.items():
            t.execute(p.eth(0x800, packet), None, action + t.to_user(), label=which)
        t.execute(
            p.eth(0x800, packet),
            None,
            SETS4['both'] + SETS4['ttl'] + PORTS['udp'] + t.to_user(),
            label='several',
        )
        t.execute(
            p.eth(0x800, packet), None, SETS4['src'] + act.recirc(3), label='then parsed again'
        )


for name, packet in V6.items():

    @case(f'rewrite/ipv6/{name}')
    def rewrite6(t, packet=packet):
        for which, action in SETS6.items():
            t.execute(p.eth(0x86DD, packet), None, action + t.to_user(), label=which)
        for which, action in PORTS.items():
            t.execute(p.eth(0x86DD, packet), None, action + t.to_user(), label=which)
        t.execute(
            p.eth(0x86DD, packet),
            None,
            SETS6['src'] + SETS6['dst'] + PORTS['udp'] + t.to_user(),
            label='several',
        )


@case('rewrite/ipv4/whole')
def whole4(t):
    """The unmasked form writes all fields that may be written."""
    for name, proto, frag in (
        ('udp', 17, 0),
        ('tcp', 6, 0),
        ('first', 17, 1),
        ('later', 17, 2),
        ('udp', 6, 0),
        ('udp', 17, 1),
    ):
        t.execute(
            p.eth(0x800, V4[name]),
            None,
            act.set(key.ipv4('1.2.3.4', '5.6.7.8', proto, 0xB8, 3, frag))
            + t.to_user(True and b'x', True),
            label=f'{name} as {proto}, {frag}',
        )


@case('rewrite/ipv6/whole')
def whole6(t):
    for name, proto, frag in (
        ('udp', 17, 0),
        ('icmpv6', 58, 0),
        ('solicit', 58, 0),
        ('first', 17, 1),
        ('later', 44, 2),
        ('udp', 6, 0),
    ):
        t.execute(
            p.eth(0x86DD, V6[name]),
            None,
            act.set(key.ipv6('2001:db8::5', '2001:db8::6', proto, 0x77777, 0xB8, 3, frag))
            + t.to_user(b'x', True),
            label=f'{name} as {proto}, {frag}',
        )


@case('rewrite/ethernet')
def ethernet(t):
    for name, frame in (
        ('udp', p.eth(0x800, V4['udp'])),
        ('runt', p.eth(0x9000)),
        ('llc', p.llc()),
        ('tagged', p.eth(0x800, V4['udp'], tags=[(0x8100, 5)])),
    ):
        t.execute(
            frame,
            None,
            act.set(key.eth('0a:0a:0a:0a:0a:0a', '0b:0b:0b:0b:0b:0b')) + t.to_user(),
            label=f'{name}: both',
        )
        t.execute(
            frame,
            None,
            act.set_masked(
                key.eth('0a:0a:00:00:00:00', bytes(6)), key.eth('ff:ff:00:00:00:00', bytes(6))
            )
            + t.to_user(),
            label=f'{name}: half',
        )
        t.execute(
            frame,
            None,
            act.set_masked(key.eth(bytes(6), bytes(6)), key.eth(bytes(6), bytes(6))) + t.to_user(),
            label=f'{name}: nothing',
        )


FRAMES = {
    'untagged': p.eth(0x800, V4['udp']),
    'tagged': p.eth(0x800, V4['udp'], tags=[(0x8100, 5)]),
    'service': p.eth(0x800, V4['tcp'], tags=[(0x88A8, 5)]),
    'double': p.eth(0x800, V4['udp'], tags=[(0x88A8, 7), (0x8100, 5)]),
    'triple': p.eth(0x800, V4['udp'], tags=[(0x88A8, 7), (0x8100, 5), (0x8100, 3)]),
    'cut': p.eth(0x8100, b'\0\5'),
    'inner-cut': p.eth(0x8100, b'\0\5', tags=[(0x8100, 5)]),
    'llc': p.llc(),
    'runt': p.eth(0x9000),
    'ipv6': p.eth(0x86DD, V6['udp']),
    'tagged-runt': p.eth(0x9000, tags=[(0x8100, 5)]),
    'zero-tag': p.eth(0x9000, bytes(46), tags=[(0x8100, 0)]),
}
for name, frame in FRAMES.items():

    @case(f'rewrite/vlan/{name}')
    def vlan(t, frame=frame):
        push, pop = act.push_vlan(0x1234), act.pop_vlan()
        for label, actions in (
            ('none', b''),
            ('push', push),
            ('push service', act.push_vlan(0x1234, 0x88A8)),
            ('pop', pop),
            ('pop, pop', pop + pop),
            ('pop, pop, pop', pop * 3),
            ('push, push', push + act.push_vlan(0x1567)),
            ('push, push, push', push * 3),
            ('push, pop', push + pop),
            ('pop, push', pop + push),
            ('push, push, pop', push + act.push_vlan(0x1567) + pop),
            ('priority', act.push_vlan(0xF000)),
            ('cfi', act.push_vlan(0xFFFF)),
            ('push, set eth', push + act.set(key.eth('0a:0a:0a:0a:0a:0a', '0b:0b:0b:0b:0b:0b'))),
            ('pop, set eth', pop + act.set(key.eth('0a:0a:0a:0a:0a:0a', '0b:0b:0b:0b:0b:0b'))),
        ):
            t.execute(frame, None, actions + t.to_user(), label=label)
            t.execute(frame, None, actions + act.recirc(1), label=f'{label}, parsed again')

    @case(f'rewrite/vlan-and-sets/{name}')
    def vlan_sets(t, frame=frame):
        for label, actions in (
            ('pop, src', act.pop_vlan() + SETS4['src']),
            ('push, src', act.push_vlan(0x1001) + SETS4['src']),
            ('push, udp', act.push_vlan(0x1001) + PORTS['udp']),
            ('pop, udp', act.pop_vlan() + PORTS['udp']),
            ('src, pop', SETS4['src'] + act.pop_vlan()),
            ('src, push, udp', SETS4['src'] + act.push_vlan(0x1001) + PORTS['udp']),
        ):
            t.execute(frame, None, actions + t.to_user(), label=label)
            t.execute(frame, None, actions + act.recirc(1), label=f'{label}, parsed again')


for number in range(6):

    @case(f'rewrite/random/{number}')
    def random_rewrites(t, number=number):
        """Random chains of actions on random frames."""
        dice = random.Random(9000 + number)
        v4 = [
            p.eth(0x800, packet, tags=tags)
            for packet in V4.values()
            for tags in ((), ((0x8100, 5),))
        ]
        v6 = [
            p.eth(0x86DD, packet, tags=tags)
            for packet in V6.values()
            for tags in ((), ((0x8100, 5),))
        ]
        vlan_actions = [
            act.push_vlan(0x1001),
            act.pop_vlan(),
            act.set(key.eth(p.B, p.A)),
            act.trunc(50),
        ]
        for index in range(30):
            frames, sets = dice.choice(((v4, SETS4), (v6, SETS6)))
            pool = list(sets.values()) + list(PORTS.values()) + vlan_actions * 2
            chain = b''.join(dice.choice(pool) for _ in range(dice.randrange(1, 5)))
            t.execute(dice.choice(frames), None, chain + t.to_user(), label=f'{index}')
