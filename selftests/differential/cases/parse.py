# SPDX-License-Identifier: BSD-3-Clause
"""What a datapath reads out of packets: each goes in by EXECUTE and comes back with its key."""
import random

from ovslang import key
import packets as p
from scene import case

UDP4 = p.udp(payload=b'payload!')
TCP4 = p.tcp(payload=b'payload!')
UDP6 = p.udp(p.IP6_A, p.IP6_B, payload=b'payload!')
TCP6 = p.tcp(p.IP6_A, p.IP6_B, payload=b'payload!')
SLL, TLL = p.nd_option(1), p.nd_option(2, bytes.fromhex('0f0e0d0c0b0a'))


def v4(*arguments, **more):
    return p.eth(0x800, p.ipv4(*arguments, **more))


def v6(*arguments, **more):
    return p.eth(0x86DD, p.ipv6(*arguments, **more))


GROUPS = {
    'ethernet': {
        'runt-14': p.eth(0x9000),
        'runt-15': p.eth(0x9000, b'\1'),
        'runt-ip': p.eth(0x800),
        'unknown': p.eth(0x9000, bytes(46)),
        'broadcast': p.eth(0x9000, bytes(46), dst='ff:ff:ff:ff:ff:ff'),
        'type-05ff': p.eth(0x5FF, bytes(46)),
        'type-0600': p.eth(0x600, bytes(46)),
        'type-ffff': p.eth(0xFFFF, bytes(46)),
        'type-0': p.eth(0, bytes(46)),
        'llc': p.llc(),
        'llc-short': p.llc(payload=b'abcd'),
        'llc-empty': p.eth(3),
        'llc-seven': p.llc(payload=b'abcd', length=9),
        'snap-ip': p.snap(0x800, p.ipv4(p.UDP, UDP4)),
        'snap-arp': p.snap(0x806, p.arp()),
        'snap-oui': p.snap(0x800, bytes(40), oui=b'\0\0\1'),
        'snap-low': p.snap(0x100, bytes(40)),
        'snap-short': p.llc(0xAA, 0xAA, 3, b'\0\0\0\x08'),
        'snap-exact': p.snap(0x9000),
        'snap-ctrl': p.llc(0xAA, 0xAA, 7, b'\0\0\0\x08\0' + bytes(40)),
        'snap-length-0': p.snap(0x800, bytes(40), length=0),
        'snap-ipv6': p.snap(0x86DD, p.ipv6(p.UDP, UDP6)),
        'snap-vlan': p.snap(0x8100, bytes(40)),
    },
    'vlan': {
        'single': p.eth(0x800, p.ipv4(p.UDP, UDP4), tags=[(0x8100, 5)]),
        'cfi': p.eth(0x9000, bytes(46), tags=[(0x8100, 0x1005)]),
        'zero': p.eth(0x9000, bytes(46), tags=[(0x8100, 0)]),
        'priority': p.eth(0x9000, bytes(46), tags=[(0x8100, 0xE000)]),
        'service': p.eth(0x9000, bytes(46), tags=[(0x88A8, 7)]),
        'double': p.eth(0x800, p.ipv4(p.TCP, TCP4), tags=[(0x88A8, 7), (0x8100, 5)]),
        'double-customer': p.eth(0x800, p.ipv4(p.TCP, TCP4), tags=[(0x8100, 7), (0x8100, 5)]),
        'double-service': p.eth(0x9000, bytes(46), tags=[(0x88A8, 7), (0x88A8, 5)]),
        'triple': p.eth(0x800, p.ipv4(p.TCP, TCP4), tags=[(0x88A8, 7), (0x8100, 5), (0x8100, 3)]),
        'quadruple': p.eth(0x800, p.ipv4(p.TCP, TCP4), tags=[(0x8100, n) for n in range(4)]),
        'triple-cut': p.eth(0x8100, b'', tags=[(0x88A8, 7), (0x8100, 5)]),
        'cut-0': p.eth(0x8100),
        'cut-1': p.eth(0x8100, b'\0'),
        'cut-2': p.eth(0x8100, b'\0\5'),
        'cut-3': p.eth(0x8100, b'\0\5\x08'),
        'cut-4': p.eth(0x8100, b'\0\5\x08\0'),
        'cut-5': p.eth(0x8100, b'\0\5\x08\0\x45'),
        'inner-cut-0': p.eth(0x8100, tags=[(0x8100, 5)]),
        'inner-cut-2': p.eth(0x8100, b'\0\5', tags=[(0x8100, 5)]),
        'inner-cut-3': p.eth(0x8100, b'\0\5\x90', tags=[(0x8100, 5)]),
        'inner-cut-4': p.eth(0x8100, b'\0\5\x90\0', tags=[(0x8100, 5)]),
        'arp': p.eth(0x806, p.arp(), tags=[(0x8100, 5)]),
        'ipv6': p.eth(0x86DD, p.ipv6(p.UDP, UDP6), tags=[(0x8100, 5)]),
        'llc': p.eth(20, b'\x42\x42\3' + bytes(17), tags=[(0x8100, 5)]),
        'snap': p.eth(28, b'\xaa\xaa\3\0\0\0\x08\0' + p.ipv4(p.UDP, UDP4), tags=[(0x8100, 5)]),
        'tpid-9100': p.eth(0x9100, bytes(46)),
    },
    'arp': {
        'request': p.eth(0x806, p.arp()),
        'reply': p.eth(0x806, p.arp(2, tha=p.B)),
        'rarp': p.eth(0x8035, p.arp(3)),
        'op-0': p.eth(0x806, p.arp(0)),
        'op-255': p.eth(0x806, p.arp(255)),
        'op-256': p.eth(0x806, p.arp(256)),
        'hardware': p.eth(0x806, p.arp(hrd=6)),
        'protocol': p.eth(0x806, p.arp(pro=0x86DD)),
        'hln': p.eth(0x806, p.arp(hln=8)),
        'pln': p.eth(0x806, p.arp(pln=16)),
        'padded': p.eth(0x806, p.arp() + bytes(18)),
        'cut-27': p.eth(0x806, p.arp()[:27]),
        'cut-20': p.eth(0x806, p.arp()[:20]),
        'empty': p.eth(0x806),
        'rarp-cut': p.eth(0x8035, p.arp()[:27]),
    },
    'ipv4': {
        'udp': v4(p.UDP, UDP4),
        'tcp': v4(p.TCP, TCP4),
        'sctp': v4(p.SCTP, p.sctp()),
        'icmp': v4(p.ICMP, p.icmp()),
        'other': v4(47, bytes(20)),
        'igmp': v4(2, bytes(8)),
        'proto-0': v4(0, bytes(20)),
        'proto-255': v4(255, bytes(20)),
        'icmpv6-over-4': v4(58, bytes(20)),
        'tos': v4(p.UDP, UDP4, tos=0xFF),
        'ttl-0': v4(p.UDP, UDP4, ttl=0),
        'ttl-255': v4(p.UDP, UDP4, ttl=255),
        'options': v4(p.UDP, UDP4, options=b'\1' * 4),
        'options-40': v4(p.TCP, TCP4, options=b'\1' * 40),
        'bad-checksum': v4(p.UDP, UDP4, csum=0x1234),
        'padded': v4(p.UDP, p.udp()) + bytes(18),
        'first': v4(p.UDP, UDP4, frag=0x2000),
        'middle': v4(p.UDP, UDP4, frag=0x2010),
        'last': v4(p.UDP, UDP4, frag=0x0010),
        'dont': v4(p.UDP, UDP4, frag=0x4000),
        'evil': v4(p.UDP, UDP4, frag=0x8000),
        'first-tcp': v4(p.TCP, TCP4, frag=0x2000),
        'later-tcp': v4(p.TCP, TCP4, frag=0x0001),
        'later-icmp': v4(p.ICMP, p.icmp(), frag=0x0001),
        'offset-max': v4(p.UDP, UDP4, frag=0x1FFF),
        'first-cut': v4(p.UDP, UDP4[:4], frag=0x2000),
        'ihl-0': v4(p.UDP, UDP4, ihl=0),
        'ihl-4': v4(p.UDP, UDP4, ihl=4),
        'ihl-6': v4(p.UDP, UDP4, ihl=6),
        'ihl-15': v4(p.UDP, UDP4, ihl=15),
        'version-6': v4(p.UDP, UDP4, version=6),
        'version-0': v4(p.UDP, UDP4, version=0),
        'length-0': v4(p.UDP, UDP4, length=0),
        'length-19': v4(p.UDP, UDP4, length=19),
        'length-20': v4(p.UDP, UDP4, length=20),
        'length-long': v4(p.UDP, UDP4, length=500),
        'length-65535': v4(p.UDP, UDP4, length=65535),
        'empty': p.eth(0x800),
        'cut-1': v4(p.UDP, UDP4)[:15],
        'cut-19': v4(p.UDP, UDP4)[:33],
        'cut-20': v4(p.UDP, UDP4)[:34],
        'options-cut': v4(p.UDP, b'', options=bytes(40))[:50],
        'options-cut-1': v4(p.UDP, b'', options=bytes(40))[:73],
    },
    'l4': {
        'tcp-flags-all': v4(p.TCP, p.tcp(flags=0xFFF)),
        'tcp-flags-none': v4(p.TCP, p.tcp(flags=0)),
        'tcp-ns': v4(p.TCP, p.tcp(flags=0x100)),
        'tcp-reserved': v4(p.TCP, p.tcp(flags=0xE00)),
        'tcp-options': v4(p.TCP, p.tcp(offset=8, payload=bytes(12))),
        'tcp-offset-0': v4(p.TCP, p.tcp(offset=0)),
        'tcp-offset-4': v4(p.TCP, p.tcp(offset=4)),
        'tcp-offset-6': v4(p.TCP, p.tcp(offset=6)),
        'tcp-offset-15': v4(p.TCP, p.tcp(offset=15)),
        'tcp-offset-15-whole': v4(p.TCP, p.tcp(offset=15, payload=bytes(40))),
        **{f'tcp-cut-{n}': v4(p.TCP, p.tcp()[:n]) for n in (0, 1, 4, 12, 13, 14, 18, 19)},
        **{f'udp-cut-{n}': v4(p.UDP, p.udp()[:n]) for n in (0, 1, 4, 7, 8)},
        **{f'sctp-cut-{n}': v4(p.SCTP, p.sctp()[:n]) for n in (0, 4, 11, 12)},
        **{f'icmp-cut-{n}': v4(p.ICMP, p.icmp()[:n]) for n in (0, 1, 2, 7, 8)},
        'udp-length': v4(p.UDP, UDP4[:4] + b'\xff\xff' + UDP4[6:]),
        'udp-zero-checksum': v4(p.UDP, p.udp(csum=0)),
        'icmp-reply': v4(p.ICMP, p.icmp(0, 0)),
        'icmp-unreachable': v4(p.ICMP, p.icmp(3, 13, bytes(28))),
        'icmp-255': v4(p.ICMP, p.icmp(255, 255)),
        'tcp-length-cuts': v4(p.TCP, TCP4, length=24),
        'udp-length-cuts': v4(p.UDP, UDP4, length=22),
    },
    'ipv6': {
        'udp': v6(p.UDP, UDP6),
        'tcp': v6(p.TCP, TCP6),
        'sctp': v6(p.SCTP, p.sctp()),
        'icmpv6': v6(p.ICMPV6, p.icmpv6()),
        'other': v6(47, bytes(20)),
        'icmp-over-6': v6(1, p.icmp()),
        'none': v6(p.NONE),
        'none-data': v6(p.NONE, bytes(8)),
        'label': v6(p.UDP, UDP6, label=0xFFFFF),
        'tclass': v6(p.UDP, UDP6, tclass=0xFF),
        'hlimit': v6(p.UDP, UDP6, hlimit=0),
        'version-4': v6(p.UDP, UDP6, version=4),
        'version-0': v6(p.UDP, UDP6, version=0),
        'length-0': v6(p.UDP, UDP6, length=0),
        'length-short': v6(p.UDP, UDP6, length=4),
        'length-long': v6(p.UDP, UDP6, length=500),
        'padded': v6(p.UDP, UDP6) + bytes(20),
        'empty': p.eth(0x86DD),
        'cut-39': v6(p.UDP, UDP6)[:53],
        'cut-40': v6(p.UDP, UDP6)[:54],
        'cut-1': v6(p.UDP, UDP6)[:15],
        'udp-cut': v6(p.UDP, UDP6[:7]),
        'tcp-cut': v6(p.TCP, TCP6[:19]),
        'sctp-cut': v6(p.SCTP, p.sctp()[:11]),
        'icmpv6-cut': v6(p.ICMPV6, p.icmpv6()[:7]),
    },
    'ipv6-extensions': {
        'hop': v6(p.HOP, p.extension(p.UDP) + UDP6),
        'destination': v6(p.DEST, p.extension(p.TCP) + TCP6),
        'routing': v6(p.ROUTING, p.extension(p.UDP) + UDP6),
        'hop-16': v6(p.HOP, p.extension(p.UDP, bytes(14)) + UDP6),
        'mobility': v6(p.MOBILITY, p.extension(p.UDP) + UDP6),
        'authentication': v6(p.AH, bytes((p.UDP, 4)) + bytes(22) + UDP6),
        'authentication-min': v6(p.AH, bytes((p.UDP, 1)) + bytes(10) + UDP6),
        'authentication-0': v6(p.AH, bytes((p.UDP, 0)) + bytes(6) + UDP6),
        'esp': v6(p.ESP, bytes((p.UDP, 0)) + bytes(30)),
        'esp-then-none': v6(p.ESP, bytes((p.NONE, 0)) + bytes(30)),
        'hop-dest-routing': v6(
            p.HOP, p.extension(p.DEST) + p.extension(p.ROUTING) + p.extension(p.UDP) + UDP6
        ),
        'whole-order': v6(
            p.HOP,
            p.extension(p.DEST)
            + p.extension(p.ROUTING)
            + p.extension(p.AH)
            + bytes((p.DEST, 1))
            + bytes(10)
            + p.extension(p.UDP)
            + UDP6,
        ),
        'routing-hop': v6(p.ROUTING, p.extension(p.HOP) + p.extension(p.UDP) + UDP6),
        'dest-hop': v6(p.DEST, p.extension(p.HOP) + p.extension(p.UDP) + UDP6),
        'hop-hop': v6(p.HOP, p.extension(p.HOP) + p.extension(p.UDP) + UDP6),
        'routing-routing': v6(p.ROUTING, p.extension(p.ROUTING) + p.extension(p.UDP) + UDP6),
        'dest-dest': v6(p.DEST, p.extension(p.DEST) + p.extension(p.UDP) + UDP6),
        'dest-3': v6(p.DEST, p.extension(p.DEST) * 2 + p.extension(p.UDP) + UDP6),
        'dest-routing-dest': v6(
            p.DEST, p.extension(p.ROUTING) + p.extension(p.DEST) + p.extension(p.UDP) + UDP6
        ),
        'routing-dest': v6(p.ROUTING, p.extension(p.DEST) + p.extension(p.UDP) + UDP6),
        'ah-ah': v6(p.AH, (bytes((p.AH, 1)) + bytes(10)) + bytes((p.UDP, 1)) + bytes(10) + UDP6),
        'ah-routing': v6(p.AH, bytes((p.ROUTING, 1)) + bytes(10) + p.extension(p.UDP) + UDP6),
        'hop-none': v6(p.HOP, p.extension(p.NONE) + bytes(8)),
        'hop-icmpv6': v6(p.HOP, p.extension(p.ICMPV6) + p.icmpv6()),
        'many': v6(p.DEST, p.extension(p.DEST) * 30 + p.extension(p.UDP) + UDP6),
        'hop-cut-0': v6(p.HOP),
        'hop-cut-1': v6(p.HOP, b'\x11'),
        'hop-cut-7': v6(p.HOP, p.extension(p.UDP)[:7]),
        'hop-cut-8': v6(p.HOP, p.extension(p.UDP)),
        'hop-too-long': v6(p.HOP, bytes((p.UDP, 200)) + bytes(6) + UDP6),
        'second-cut': v6(p.HOP, p.extension(p.DEST) + b'\x11'),
        'second-missing': v6(p.HOP, p.extension(p.DEST)),
        'dest-to-tcp-cut': v6(p.DEST, p.extension(p.TCP) + TCP6[:10]),
    },
    'ipv6-fragments': {
        'first': v6(p.FRAGMENT, p.fragment(p.UDP) + UDP6),
        'first-tcp': v6(p.FRAGMENT, p.fragment(p.TCP) + TCP6),
        'whole': v6(p.FRAGMENT, p.fragment(p.UDP, 0, 0) + UDP6),
        'middle': v6(p.FRAGMENT, p.fragment(p.UDP, 10) + bytes(16)),
        'last': v6(p.FRAGMENT, p.fragment(p.UDP, 10, 0) + bytes(16)),
        'later-icmpv6': v6(p.FRAGMENT, p.fragment(p.ICMPV6, 1) + bytes(16)),
        'offset-max': v6(p.FRAGMENT, p.fragment(p.UDP, 8191) + bytes(16)),
        'hop-first': v6(p.HOP, p.extension(p.FRAGMENT) + p.fragment(p.UDP) + UDP6),
        'hop-later': v6(p.HOP, p.extension(p.FRAGMENT) + p.fragment(p.UDP, 5) + bytes(16)),
        'first-dest': v6(p.FRAGMENT, p.fragment(p.DEST) + p.extension(p.UDP) + UDP6),
        'later-dest': v6(p.FRAGMENT, p.fragment(p.DEST, 5) + bytes(16)),
        'twice': v6(p.FRAGMENT, p.fragment(p.FRAGMENT) + p.fragment(p.UDP) + UDP6),
        'twice-later': v6(p.FRAGMENT, p.fragment(p.FRAGMENT, 3) + p.fragment(p.UDP, 5) + UDP6),
        'first-then-later': v6(p.FRAGMENT, p.fragment(p.FRAGMENT) + p.fragment(p.UDP, 5) + UDP6),
        'dest-fragment': v6(p.DEST, p.extension(p.FRAGMENT) + p.fragment(p.UDP) + UDP6),
        'cut-0': v6(p.FRAGMENT),
        'cut-3': v6(p.FRAGMENT, p.fragment(p.UDP)[:3]),
        'cut-4': v6(p.FRAGMENT, p.fragment(p.UDP)[:4]),
        'cut-7': v6(p.FRAGMENT, p.fragment(p.UDP, 3)[:7]),
        'first-none': v6(p.FRAGMENT, p.fragment(p.NONE)),
        'first-udp-cut': v6(p.FRAGMENT, p.fragment(p.UDP) + UDP6[:5]),
        'first-missing': v6(p.FRAGMENT, p.fragment(p.UDP)),
        'first-nd': v6(p.FRAGMENT, p.fragment(p.ICMPV6) + p.nd(options=SLL)),
        'reserved-bits': v6(p.FRAGMENT, bytes((p.UDP, 0xFF, 0, 7)) + bytes(4) + UDP6),
    },
    'nd': {
        'solicit': v6(p.ICMPV6, p.nd(options=SLL)),
        'advertise': v6(p.ICMPV6, p.nd(136, options=TLL)),
        'no-option': v6(p.ICMPV6, p.nd()),
        'both': v6(p.ICMPV6, p.nd(options=SLL + TLL)),
        'both-other-order': v6(p.ICMPV6, p.nd(136, options=TLL + SLL)),
        'sll-twice': v6(p.ICMPV6, p.nd(options=SLL + SLL)),
        'tll-twice': v6(p.ICMPV6, p.nd(136, options=TLL + TLL)),
        'sll-tll-sll': v6(p.ICMPV6, p.nd(options=SLL + TLL + SLL)),
        'zero-sll-twice': v6(p.ICMPV6, p.nd(options=p.nd_option(1, bytes(6)) + SLL)),
        'unknown-option': v6(p.ICMPV6, p.nd(options=p.nd_option(14) + SLL)),
        'long-sll': v6(p.ICMPV6, p.nd(options=p.nd_option(1, bytes(14)) + TLL)),
        'option-length-0': v6(p.ICMPV6, p.nd(options=SLL + p.nd_option(2, length=0))),
        'option-too-long': v6(p.ICMPV6, p.nd(options=p.nd_option(1, length=3))),
        'option-cut': v6(p.ICMPV6, p.nd(options=SLL[:7])),
        'second-cut': v6(p.ICMPV6, p.nd(options=SLL + TLL[:5])),
        'code-1': v6(p.ICMPV6, p.nd(code=1, options=SLL)),
        'advertise-code-1': v6(p.ICMPV6, p.nd(136, 1, options=SLL)),
        'cut-8': v6(p.ICMPV6, p.nd(options=SLL)[:8]),
        'cut-23': v6(p.ICMPV6, p.nd(options=SLL)[:23]),
        'cut-24': v6(p.ICMPV6, p.nd(options=SLL)[:24]),
        'router-solicit': v6(p.ICMPV6, p.icmpv6(133, 0, bytes(4) + SLL)),
        'router-advertise': v6(p.ICMPV6, p.icmpv6(134, 0, bytes(12) + SLL)),
        'redirect': v6(p.ICMPV6, p.icmpv6(137, 0, bytes(36) + TLL)),
        'padded': v6(p.ICMPV6, p.nd(options=SLL)) + bytes(8),
        'hop': v6(p.HOP, p.extension(p.ICMPV6) + p.nd(options=SLL)),
        'zero-target': v6(p.ICMPV6, p.nd(target='::', options=SLL)),
        'vlan': p.eth(0x86DD, p.ipv6(p.ICMPV6, p.nd(options=SLL)), tags=[(0x8100, 5)]),
    },
}
for group, frames in GROUPS.items():
    for name, frame in frames.items():

        @case(f'parse/{group}/{name}')
        def parse(t, frame=frame):
            t.execute(frame, key.in_port(1))


def mutants(dice, count):
    """Frames of the lists above, cut and with bytes changed."""
    frames = [frame for group in GROUPS.values() for frame in group.values()]
    for _ in range(count):
        frame = bytearray(dice.choice(frames))
        for _ in range(dice.randrange(1, 5)):
            frame[dice.randrange(12, max(13, min(len(frame), 90))) % len(frame)] = dice.randrange(
                256
            )
        yield bytes(frame[: max(14, dice.randrange(len(frame) // 2, len(frame) + 1))])


for number in range(8):

    @case(f'parse/random/{number}')
    def random_frames(t, number=number):
        for index, frame in enumerate(mutants(random.Random(7000 + number), 30)):
            t.execute(frame, key.in_port(1), label=f'{index}')
