# SPDX-License-Identifier: BSD-3-Clause
"""What once broke the kernel's module by packets (K3) and connections (K7), by its number.

CVE-2026-97612 is exec-encap/cve-2026-97612; CVE-2026-68123, which is not to be tried on a module
that has it, is segments_truncated in selftests/scenario/09_cve.sh.
"""
import struct

import ovsnl
from ovslang import act, key
from ovsnl import attr, be32, u16, u32
import packets as p
from cases.traffic import traffic
from protocols import SHAPES, join
from scene import case

PORT = key.in_port(1)


def labels(*words):
    return b''.join(map(be32, words))


@case('cve/2025-38146')
def labels_without_end(t):
    """The end of a stack of labels was looked for without one."""
    for count in (0, 1, 2, 3, 4, 16, 17, 100, 300):
        for name, last in (('no bottom', b''), ('bottom', labels(0x10140)), ('half a label', b'\0\1')):
            stack = labels(*[0x20040] * count) + last
            for rest in (b'', bytes(2), p.ipv4(p.UDP, p.udp(payload=bytes(18)))):
                frame = p.eth(0x8847, stack + rest)
                t.execute(frame, label=f'{count} labels, {name}, {len(rest)} bytes more')
                t.execute(frame, PORT, act.pop_mpls(0x8847) + act.recirc(1), label='popped')


@case('cve/2024-38558')
def neighbours_and_connections(t):
    """What neighbour discovery says stood in the place of a connection's addresses."""
    tracked = PORT + key.ct_state(0x22) + key.ct_zone(3) + key.ct_mark(4)
    tuple6 = key.ct_tuple6(p.IP6_A, p.IP6_B, 135, 0, p.ICMPV6)
    for kind in (128, 135, 136):
        for options in (b'', p.nd_option(1), p.nd_option(2), p.nd_option(1) * 2):
            body = p.icmpv6() if kind == 128 else p.nd(kind, options=options)
            frame = p.eth(0x86DD, p.ipv6(p.ICMPV6, body, hlimit=255))
            for name, told in (('tuple', tracked + tuple6), ('state', tracked), ('nothing', PORT)):
                label = f'{kind}, {len(options)} bytes of options, {name}'
                t.execute(frame, told, label=label)
                t.execute(frame, told, act.ct_clear() + t.to_user(), label=f'{label}, cleared')
                t.execute(frame, told, act.clone(act.recirc(1)) + t.to_user(), label=f'{label}, again')


@traffic('cve-2021-46955')
def fragments(t, stage):
    """The route of a packet that was put out in fragments was read beyond its end."""
    for size in (600, 1400, 4000, 9000):
        for name, frame in (
            ('IPv4', p.eth(0x800, p.ipv4(p.UDP, p.udp(payload=bytes(size))))),
            ('IPv4 with options', p.eth(0x800, p.ipv4(p.UDP, p.udp(payload=bytes(size)), options=b'\1' * 8))),
            ('tagged', p.eth(0x800, p.ipv4(p.UDP, p.udp(payload=bytes(size))), tags=[(0x8100, 5)])),
        ):
            for mru in (300, 576, 1280, 1500):
                t.execute(frame, PORT, act.output(2), attr(ovsnl.PACKET_MRU, u16(mru)),
                          label=f'{name}, {size} bytes, mru {mru}')
                stage.t.steps.append(['came out', '', stage.collect()])


SHORT = {'tcp': p.TCP, 'udp': p.UDP, 'sctp': p.SCTP, 'icmp': p.ICMPV6}


@case('cve/2026-set-ipv6-addr')
def short_transport(t):
    """Checksums were mended in transport headers that the packet does not have."""
    addresses = act.set_masked(
        key.ipv6('2001:db8::99', '2001:db8::98', 0, hlimit=0),
        key.ipv6('ffff:' * 7 + 'ffff', 'ffff:' * 7 + 'ffff', 0, hlimit=0))
    for name, proto in SHORT.items():
        whole = {p.TCP: p.tcp(p.IP6_A, p.IP6_B), p.UDP: p.udp(p.IP6_A, p.IP6_B), p.SCTP: p.sctp(),
                 p.ICMPV6: p.icmpv6()}[proto]
        for length in range(0, 21, 2):
            frame = p.eth(0x86DD, p.ipv6(proto, whole[:length]))
            t.execute(frame, PORT, addresses + t.to_user(), label=f'{name}, {length} bytes')
            later = p.eth(0x86DD, p.ipv6(p.FRAGMENT, p.fragment(proto, 8, 0) + whole[:length]))
            t.execute(later, PORT, addresses + t.to_user(), label=f'{name}, {length} bytes, fragment')


@case('cve/2025-21958')
def connection_labels(t):
    """Labels of connections were counted by action, and that count was wrong (K7)."""
    tcp = join(SHAPES['ipv4-tcp'])
    commit, label = attr(1), attr(4, struct.pack('=4I', 1, 2, 3, 4) + b'\xff' * 16)
    for name, inner in (
        ('label', label), ('committed', commit + label), ('nothing of it', commit + attr(4, bytes(32))),
        ('mark', commit + attr(3, u32(1) + u32(0xFF)) + label), ('zone', commit + attr(2, u16(9)) + label),
    ):
        for times in (1, 3):
            t.try_put(f'{name}, {times} times', tcp, act.ct(inner) * times)
            t.try_put(f'{name}, {times} times, refused', tcp, act.ct(inner) * times + act.output(99999))
            t.try_put(f'{name}, {times} times in a clone', tcp, act.clone(act.ct(inner) * times))
