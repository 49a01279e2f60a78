# SPDX-License-Identifier: BSD-3-Clause
"""Random packets, built header by header from the link layer up, with faults now and then.

All comes from a random.Random, so that a seed says all. Addresses and ports come from small
pools, so that packets meet flows.
"""
import packets as p
from ovsnl import be16, be32
from ovslang import mac

MACS = (p.A, p.B, 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01')
IP4S = (p.IP_A, p.IP_B, '10.0.1.1', '224.0.0.1', '255.255.255.255')
IP6S = (p.IP6_A, p.IP6_B, 'fe80::1', 'ff02::1:ff00:1')
PORTS = (1000, 53, 80, 443, 0, 65535)
IPV4, IPV6, ARP, RARP, NSH, MPLS, MPLS_MC, TEB = (
    0x800,
    0x86DD,
    0x806,
    0x8035,
    0x894F,
    0x8847,
    0x8848,
    0x6558,
)
TYPES = (IPV4,) * 8 + (IPV6,) * 8 + (MPLS, MPLS, MPLS_MC, NSH, NSH, NSH, ARP, ARP, RARP, 0x9000)
# NSH's numbers for what follows.
NSH_NEXT = {1: IPV4, 2: IPV6, 3: TEB, 4: NSH, 5: MPLS}
SHORTEST = 14  # what EXECUTE takes


class Packet:
    """The bytes, and what somebody who made them knows of them; damage may make that untrue.

    `proto` is 0 for none, `frag` 0, 1 (first) or 2 (later); `labels` counts those that a key has.
    """

    def __init__(self, eth_type):
        self.ethernet = True
        self.tags = 0
        self.eth_type = eth_type
        self.proto = self.frag = self.labels = 0
        self.data = b''


def odd(rng, chance=0.06):
    return rng.random() < chance


# Transport


def tcp(rng, src, dst):
    options = rng.randbytes(4 * rng.choice((0, 0, 0, 1, 3, 10)))
    offset = rng.randrange(16) if odd(rng) else 5 + len(options) // 4
    return p.tcp(
        src,
        dst,
        rng.choice(PORTS),
        rng.choice(PORTS),
        rng.choice((0x02, 0x12, 0x10, 0x18, 0x04, rng.randrange(4096))),
        options + rng.randbytes(rng.choice((0, 1, 8, 40))),
        offset,
        rng.choice((0, 0x1234)) if odd(rng) else None,
    )


def udp(rng, src, dst):
    return p.udp(
        src,
        dst,
        rng.choice(PORTS),
        rng.choice(PORTS),
        rng.randbytes(rng.choice((0, 1, 18, 40))),
        rng.choice((0, 0, 0x4321)) if odd(rng, 0.2) else None,
    )


def sctp(rng):
    return p.sctp(rng.choice(PORTS), rng.choice(PORTS), rng.randbytes(rng.choice((0, 4, 16, 17))))


def nd_options(rng):
    found = b''
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        body = rng.choice((mac(p.A), mac(p.B), bytes(6))) + bytes(8 * rng.choice((0, 0, 0, 1)))
        length = rng.choice((0, 1, 2, 5)) if odd(rng, 0.1) else None
        found += p.nd_option(rng.choice((1, 2, 1, 2, 14, 25)), body, length)
    return found + rng.randbytes(rng.choice((0, 0, 0, 1, 7)))


def icmpv6(rng, src, dst):
    kind, code = rng.choice((128, 129, 1, 135, 135, 136, 136)), int(odd(rng, 0.1))
    if kind < 135:
        return p.icmpv6(kind, code, rng.randbytes(rng.choice((4, 12))), src, dst)
    return p.nd(kind, code, rng.choice(IP6S), nd_options(rng), src=src, dst=dst)


def transport(rng, proto, src, dst):
    if proto == p.TCP:
        return tcp(rng, src, dst)
    if proto == p.UDP:
        return udp(rng, src, dst)
    if proto == p.SCTP:
        return sctp(rng)
    if proto == p.ICMP:
        return p.icmp(rng.choice((0, 8, 3)), rng.choice((0, 1)), rng.randbytes(8))
    if proto == p.ICMPV6:
        return icmpv6(rng, src if ':' in src else p.IP6_A, dst if ':' in dst else p.IP6_B)
    return rng.randbytes(rng.choice((0, 4, 20)))


# Network


def ipv4(rng, packet):
    packet.proto = rng.choice((p.TCP, p.TCP, p.UDP, p.UDP, p.SCTP, p.ICMP, p.ICMPV6, 47))
    src, dst = rng.choice(IP4S), rng.choice(IP4S)
    frag = rng.choice((0, 0, 0, 0, 0x4000, 0x2000, 0x2010, 0x0001, 0x8000))
    packet.frag = 2 if frag & 0x1FFF else int(bool(frag & 0x2000))
    faults = {}
    if odd(rng):
        faults = rng.choice(
            (
                {'ihl': rng.randrange(16)},
                {'version': rng.randrange(16)},
                {'length': rng.choice((0, 19, 20, 5000))},
                {'csum': rng.choice((0, 0xFFFF, 0x1234))},
            )
        )
    options = rng.randbytes(4 * rng.choice((0, 0, 0, 0, 1, 4, 10)))
    return p.ipv4(
        packet.proto,
        transport(rng, packet.proto, src, dst),
        src,
        dst,
        options,
        rng.choice((0, 0xB8, 0xFF)),
        rng.choice((64, 64, 255, 2, 1, 0)),
        frag,
        **faults,
    )


def extension(rng, kind, following):
    """One extension header, and 2 if nothing is known of what is behind it."""
    units = rng.choice((0, 0, 1, 2))
    if kind == p.FRAGMENT:
        offset = rng.choice((0, 0, 0, 1, 100))
        return p.fragment(following, offset, rng.randrange(2)), 2 if offset else 1
    if kind == p.AH:
        return bytes((following, units + 1)) + rng.randbytes((units + 3) * 4 - 2), 0
    if kind == p.ROUTING:
        left = rng.choice((0, 1))
        return bytes((following, units, 0, left)) + rng.randbytes(units * 8 + 4), 0
    length = rng.choice((20, 200)) if odd(rng) else units
    return bytes((following, length)) + rng.randbytes(units * 8 + 6), 0


def ipv6(rng, packet):
    packet.proto = rng.choice((p.TCP, p.TCP, p.UDP, p.UDP, p.SCTP, p.ICMPV6, p.ICMPV6, 1, 47, 59))
    src, dst = rng.choice(IP6S), rng.choice(IP6S)
    body = transport(rng, packet.proto, src, dst)
    following = packet.proto
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 3, 5))):
        kind = rng.choice((p.HOP, p.ROUTING, p.FRAGMENT, p.AH, p.DEST, p.DEST, p.HOP, p.ESP))
        header, frag = extension(rng, kind, following)
        body, following = header + body, kind
        packet.frag = max(packet.frag, frag)
    faults = {}
    if odd(rng):
        faults = rng.choice(({'version': rng.randrange(16)}, {'length': rng.choice((0, 3, 5000))}))
    if packet.frag == 2:
        packet.proto = p.FRAGMENT
    return p.ipv6(
        following,
        body,
        src,
        dst,
        rng.choice((0, 0x12345, 0xFFFFF)),
        rng.choice((0, 0xA5)),
        rng.choice((64, 64, 255, 2, 1, 0)),
        **faults,
    )


def arp(rng):
    faults = {}
    if odd(rng, 0.15):
        faults = {
            rng.choice(('hrd', 'pro', 'hln', 'pln')): rng.choice((0, 1, 4, 6, 16, 0x86, 0x800))
        }
        faults = {
            name: value & (0xFF if name[1:] == 'ln' else 0xFFFF) for name, value in faults.items()
        }
    return p.arp(
        rng.choice((1, 2, 3, 0, 255, 256, 0x101)),
        rng.choice(MACS),
        rng.choice(IP4S),
        rng.choice(MACS),
        rng.choice(IP4S),
        **faults,
    ) + bytes(rng.choice((0, 18)))


def label(rng, bottom):
    return be32(
        rng.choice((0, 3, 16, 100, 0xFFFFF)) << 12
        | rng.randrange(8) << 9
        | bottom << 8
        | rng.choice((0, 1, 2, 64, 255))
    )


def inner(rng, eth_type):
    """A packet that starts with its network header, inside of another one."""
    if eth_type == TEB:
        return frame(rng, rng.choice((IPV4, IPV6, ARP))).data
    return network(rng, Packet(eth_type))


def mpls(rng, packet):
    depth = rng.choice((1, 1, 1, 2, 2, 3, 4, 6))
    bottomless = odd(rng, 0.1)
    packet.labels = min(depth, 3)
    stack = b''.join(label(rng, n == depth - 1 and not bottomless) for n in range(depth))
    return stack + inner(rng, rng.choice((IPV4, IPV6, ARP, 0x9000)))


def nsh(rng):
    kind = rng.choice((1, 1, 1, 2, 2))
    following = rng.choice((1, 2, 3, 3, 4, 5))
    context = (
        rng.randbytes(16) if kind == 1 else rng.randbytes(4 * rng.choice((0, 1, 2, 4, 30, 61)))
    )
    words, version = 2 + len(context) // 4, 0
    if odd(rng, 0.1):
        words = rng.choice((0, 1, 2, 5, 6, 7, 63))
    if odd(rng, 0.04):
        version = rng.randrange(1, 4)
    if odd(rng, 0.06):
        kind = rng.choice((0, 3, 15, 17, 0x42, 254, 255))
    if odd(rng, 0.06):
        following = rng.choice((0, 6, 255))
    first = version << 14 | rng.randrange(4) << 12 | rng.choice((63, 1, 0)) << 6 | words
    head = be16(first) + bytes((kind, following)) + be32(rng.choice((0x1234FF, 0xFFFFFF00, 0)))
    return (
        head
        + context
        + inner(
            rng, rng.choice((IPV4, IPV6)) if following == 4 else NSH_NEXT.get(following, 0x9000)
        )
    )


def network(rng, packet):
    kind = packet.eth_type
    if kind == IPV4:
        return ipv4(rng, packet)
    if kind == IPV6:
        return ipv6(rng, packet)
    if kind in (ARP, RARP):
        return arp(rng)
    if kind in (MPLS, MPLS_MC):
        return mpls(rng, packet)
    if kind == NSH:
        return nsh(rng)
    return rng.randbytes(rng.choice((0, 1, 46)))


# Link


def link_type(rng, packet, body):
    """The type with what follows, sometimes in the form of 802.2."""
    if not odd(rng, 0.08):
        return be16(packet.eth_type) + body
    saps = rng.choice((b'\xaa\xaa\3', b'\xaa\xaa\3', b'\x42\x42\3', b'\xaa\xaa\0'))
    oui = rng.choice((bytes(3), bytes(3), b'\0\0\1'))
    length = rng.choice((8 + len(body), 0, 1535))
    if saps[:2] != b'\xaa\xaa' or oui != bytes(3):
        packet.eth_type, packet.proto, packet.labels = 4, 0, 0
        return be16(min(length, 1535)) + saps + oui + be16(IPV4) + body
    return be16(min(length, 1535)) + saps + oui + be16(packet.eth_type) + body


def frame(rng, eth_type=None):
    """A packet with an Ethernet header, without damage."""
    packet = Packet(rng.choice(TYPES) if eth_type is None else eth_type)
    body = network(rng, packet)
    packet.tags = rng.choice((0, 0, 0, 0, 0, 0, 1, 1, 2, 3))
    tags = b''.join(
        be16(rng.choice((0x8100, 0x8100, 0x88A8)))
        + be16(rng.choice((0, 5, 0x1005, 0x2007, 0xFFFF)))
        for _ in range(packet.tags)
    )
    if odd(rng, 0.02):
        tags += b'\x91\0\0\5'
        packet.eth_type, packet.proto, packet.labels = 0x9100, 0, 0
    rest = link_type(rng, packet, body)
    packet.data = mac(rng.choice(MACS)) + mac(rng.choice(MACS[:2])) + tags + rest
    return packet


def bare(rng, eth_type=None):
    """A packet that starts with its network header."""
    packet = Packet(rng.choice(TYPES) if eth_type is None else eth_type)
    packet.ethernet = False
    packet.data = network(rng, packet)
    packet.data += bytes(max(0, SHORTEST - len(packet.data)))
    return packet


def damage(rng, packet):
    """Change bytes, or cut the end off; rarely both."""
    data = bytearray(packet.data)
    if rng.random() < 0.6:
        first = 12 if packet.ethernet else 0
        for _ in range(rng.choice((1, 1, 2, 4))):
            at = rng.randrange(first, max(first + 1, min(len(data), 110)))
            data[at % len(data)] = rng.choice(
                (0, 1, 4, 0xFF, data[at % len(data)] ^ 1 << rng.randrange(8), rng.randrange(256))
            )
    else:
        del data[max(SHORTEST, rng.randrange(len(data) + 1)) :]
    if rng.random() < 0.1:
        data += rng.randbytes(rng.choice((1, 4, 20)))
    packet.data = bytes(data)
    return packet


def any_packet(rng, faulty=0.35):
    packet = bare(rng) if rng.random() < 0.15 else frame(rng)
    return damage(rng, packet) if rng.random() < faulty else packet
