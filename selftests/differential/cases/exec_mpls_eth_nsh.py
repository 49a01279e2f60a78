# SPDX-License-Identifier: BSD-3-Clause
"""Labels, Ethernet and NSH headers put on and taken off: bytes, and keys extracted again."""
import itertools
import struct

import ovsnl
from ovsnl import attr, be16, be32, u16
from ovslang import ACTION, KEY, act, key, mac
import packets as p
from cases.traffic import traffic
from scene import case

PORT = key.in_port(1)
UDP4 = p.ipv4(p.UDP, p.udp(payload=bytes(18)))
UDP6 = p.ipv6(p.UDP, p.udp(p.IP6_A, p.IP6_B, payload=bytes(18)))
MPLS, MPLS_MULTICAST, TEB, NSH = 0x8847, 0x8848, 0x6558, 0x894F


def lse(label, bottom, ttl=64, tc=0):
    return label << 12 | tc << 9 | bottom << 8 | ttl


def push_mpls(entry, kind=MPLS):
    return attr(ACTION['push_mpls'], be32(entry) + be16(kind))


def add_mpls(entry, kind=MPLS, flags=1):
    return attr(ACTION['add_mpls'], be32(entry) + be16(kind) + u16(flags))


def pop_mpls(kind):
    return attr(ACTION['pop_mpls'], be16(kind))


def set_mpls(entry):
    return act.set(attr(KEY['mpls'], be32(entry)))


def push_eth(src=p.A, dst=p.B):
    return attr(ACTION['push_eth'], mac(src) + mac(dst))


POP_ETH, POP_NSH = attr(ACTION['pop_eth']), attr(ACTION['pop_nsh'])


def push_nsh(mdtype=1, context=bytes(range(16)), flags=0x13, ttl=63, np=0):
    base = attr(1, bytes((flags, ttl, mdtype, np)) + be32(0x123456FF))
    return attr(ACTION['push_nsh'], attr(KEY['nsh'], base + attr(2 if mdtype == 1 else 3, context)))


def nsh(np, payload, mdtype=1, context=bytes(range(16)), version=0, ttl=63):
    words = (8 + len(context)) // 4
    return struct.pack(
        '!HBBI', version << 14 | ttl << 6 | words, mdtype, np, 0x123456FF
    ) + context + payload


def labels(count, payload=UDP4):
    stack = b''.join(be32(lse(16 + i, i == count - 1, 64 - i, i % 8)) for i in range(count))
    return stack + payload


# Name: (frame, what the key says beside the port).
FRAMES = {
    'ipv4': (p.eth(0x800, UDP4), b''),
    'ipv6': (p.eth(0x86DD, UDP6), b''),
    'arp': (p.eth(0x806, p.arp()), b''),
    'snap': (p.snap(0x800, UDP4), b''),
    'llc': (p.llc(), b''),
    'unknown': (p.eth(0x9000, bytes(46)), b''),
    'tagged': (p.eth(0x800, UDP4, tags=[(0x8100, 5)]), b''),
    'double': (p.eth(0x800, UDP4, tags=[(0x88A8, 7), (0x8100, 5)]), b''),
    'mpls1': (p.eth(MPLS, labels(1)), b''),
    'mpls2': (p.eth(MPLS, labels(2)), b''),
    'mpls3': (p.eth(MPLS_MULTICAST, labels(3, UDP6)), b''),
    'mpls5': (p.eth(MPLS, labels(5)), b''),
    'mpls-cut': (p.eth(MPLS, labels(2)[:6]), b''),
    'mpls-endless': (p.eth(MPLS, be32(lse(16, 0)) * 3), b''),
    'mpls-eth': (p.eth(MPLS, labels(1, p.eth(0x800, UDP4))), b''),
    'mpls-tagged': (p.eth(MPLS, labels(1), tags=[(0x8100, 5)]), b''),
    'l3-ipv4': (UDP4, key.eth_type(0x800)),
    'l3-ipv6': (UDP6, key.eth_type(0x86DD)),
    'l3-mpls': (labels(2), key.eth_type(MPLS)),
    'l3-mpls-eth': (labels(1, p.eth(0x800, UDP4)), key.eth_type(MPLS)),
    'l3-nsh': (nsh(1, UDP4), key.eth_type(NSH)),
    'nsh': (p.eth(NSH, nsh(1, UDP4)), b''),
    'nsh-eth': (p.eth(NSH, nsh(3, p.eth(0x800, UDP4))), b''),
    'nsh-mpls': (p.eth(NSH, nsh(5, labels(1))), b''),
    'nsh-odd': (p.eth(NSH, nsh(9, UDP4)), b''),
    'nsh-md2': (p.eth(NSH, nsh(1, UDP4, mdtype=2, context=bytes(12))), b''),
    'l3-nsh-eth': (nsh(3, p.eth(0x800, UDP4)), key.eth_type(NSH)),
    'l3-nsh-ipv6': (nsh(2, UDP6, mdtype=2, context=b''), key.eth_type(NSH)),
    'l3-nsh-odd': (nsh(9, UDP4), key.eth_type(NSH)),
    'l3-nsh-cut': (nsh(1, b'')[:16], key.eth_type(NSH)),
}

STEPS = {
    'push': push_mpls(lse(100, 1)),
    'push-more': push_mpls(lse(101, 0), MPLS_MULTICAST),
    'pop-ip': pop_mpls(0x800),
    'pop-mpls': pop_mpls(MPLS),
    'pop-eth-inside': pop_mpls(TEB),
    'add-l2': add_mpls(lse(102, 1), flags=0),
    'add-l3': add_mpls(lse(103, 1)),
    'set-mpls': set_mpls(lse(999, 1, 9, 5)),
    'pop_eth': POP_ETH,
    'push_eth': push_eth(),
    'set-eth': act.set(key.eth('0a:0a:0a:0a:0a:0a', '0b:0b:0b:0b:0b:0b')),
    'push_nsh': push_nsh(),
    'pop_nsh': POP_NSH,
    'push_vlan': act.push_vlan(0x1005),
    'pop_vlan': act.pop_vlan(),
}


def run(t, name, label, chain):
    """The packet as it is then, and as it is when it has been looked up again."""
    frame, kind = FRAMES[name]
    t.execute(frame, PORT + kind, chain + t.to_user() + act.recirc(9), label=f'{name}: {label}')


def every(name):
    @case(f'exec-encap/one/{name}')
    def single(t):
        for label, step in STEPS.items():
            run(t, name, label, step)

    @case(f'exec-encap/two/{name}')
    def pairs(t):
        for (a, first), (b, second) in itertools.product(STEPS.items(), repeat=2):
            if b != 'set-mpls':
                run(t, name, f'{a}, {b}', first + second)


for each in FRAMES:
    every(each)


@case('exec-encap/nsh/lengths')
def nsh_lengths(t):
    for name in ('ipv4', 'l3-ipv4', 'l3-ipv6', 'l3-mpls', 'l3-nsh', 'tagged'):
        for size in (0, 4, 8, 12, 15, 244, 252):
            run(t, name, f'MD2 of {size}', push_nsh(2, bytes(size)))
        run(t, name, 'twice', push_nsh() + push_nsh(2, bytes(8)))
        run(t, name, 'and off', push_nsh() + POP_NSH)
        run(t, name, 'ttl 0', push_nsh(ttl=0, flags=0))


@case('exec-encap/set-mpls')
def set_pushed(t):
    """A label that is changed after it was pushed is not in the key before the next lookup."""
    for name in FRAMES:
        for step in ('push', 'push-more', 'pop-mpls', 'add-l2', 'add-l3'):
            run(t, name, f'{step}, set-mpls', STEPS[step] + STEPS['set-mpls'])


@case('exec-encap/into-clones')
def into_clones(t):
    """What is nested leaves the packet behind it alone."""
    for label, step in STEPS.items():
        for name in ('ipv4', 'mpls2', 'l3-mpls-eth', 'l3-nsh'):
            run(t, name, f'{label} in a clone', act.clone(step, t.to_user(b'inner')))
            run(t, name, f'{label} in a sample', act.sample(0xFFFFFFFF, step, t.to_user(b'inner')))


@case('exec-encap/cve-2026-97612')
def push_pop_push(t):
    """Labels pushed, popped, and pushed again where headers have moved meanwhile."""
    again = push_mpls(lse(7, 1))
    for name in ('ipv4', 'mpls1', 'mpls-eth', 'l3-mpls', 'l3-mpls-eth', 'l3-ipv4'):
        for label, chain in (
            ('push, pop, push', again + pop_mpls(0x800) + again),
            ('pop to Ethernet, push', pop_mpls(TEB) + again),
            ('pop to Ethernet, pop it, push', pop_mpls(TEB) + POP_ETH + again),
            ('add in front, pop, pop Ethernet, push', add_mpls(lse(7, 1), flags=0) + pop_mpls(TEB)
             + POP_ETH + again),
            ('three times', (again + pop_mpls(0x800)) * 3 + again),
        ):
            run(t, name, label, chain)


@traffic('encap-out')
def out(t, stage):
    """What leaves by a port; packets without Ethernet header don't leave by an Ethernet port."""
    for name in FRAMES:
        frame, kind = FRAMES[name]
        for label, step in STEPS.items():
            t.execute(frame, PORT + kind, step + act.output(2), label=f'{name}: {label}')
            stage.inject(f'after {name}: {label}', p.eth(0x9000, bytes(46)))
    stage.statistics(False)


@traffic('encap-mru')
def out_in_fragments(t, stage):
    """CVE-2026-97612, CVE-2021-46955: labelled packets put out in fragments. Fragments of IPv6 have
    random identifications."""
    long4 = p.ipv4(p.UDP, p.udp(payload=bytes(range(256)) * 5))
    again = push_mpls(lse(7, 1))
    mru = attr(ovsnl.PACKET_MRU, u16(1280))
    for name, frame in (
        ('ipv4', p.eth(0x800, long4)),
        ('options', p.eth(0x800, p.ipv4(p.UDP, long4[20:], options=b'\x01' * 40))),
    ):
        for label, chain in (
            ('plain', b''),
            ('label', again),
            ('labels', again + push_mpls(lse(8, 0))),
            ('push, pop, push', again + pop_mpls(0x800) + again),
            ('tag', act.push_vlan(0x1005)),
        ):
            t.execute(frame, PORT, chain + act.output(2), mru, label=f'{name}: {label}')
            stage.inject(f'after {name}: {label}', p.eth(0x9000, bytes(46)))
