# SPDX-License-Identifier: BSD-3-Clause
"""One whole flow key of each shape that the API knows, as lists of attributes by name."""
from ovslang import FRAG_FIRST, FRAG_LATER, key, tun
from packets import A, B, IP6_A, IP6_B, IP_A, IP_B

ETH = ('eth', key.eth(A, B))
PORT = ('in_port', key.in_port(1))


def shape(eth_type, *rest):
    return [PORT, ETH, ('eth_type', key.eth_type(eth_type)), *rest]


def v4(proto, frag=0):
    return 'ipv4', key.ipv4(IP_A, IP_B, proto, 0x10, 63, frag)


def v6(proto, frag=0):
    return 'ipv6', key.ipv6(IP6_A, IP6_B, proto, 0x12345, 0x20, 62, frag)


ARP = ('arp', key.arp(IP_A, IP_B, 1, A, B))
TCP = ('tcp', key.tcp(1000, 80))
TCP_FLAGS = ('tcp_flags', key.tcp_flags(0x12))
UDP = ('udp', key.udp(1000, 53))
SCTP = ('sctp', key.sctp(1000, 2000))
ICMP = ('icmp', key.icmp(8, 0))
ICMPV6 = ('icmpv6', key.icmpv6(128, 0))
SOLICIT = ('icmpv6', key.icmpv6(135, 0))
ADVERTISE = ('icmpv6', key.icmpv6(136, 0))
ND = ('nd', key.nd(IP6_B, A, B))
EXTHDRS = ('ipv6_exthdrs', key.ipv6_exthdrs(0x24))

METADATA = [
    ('recirc_id', key.recirc_id(7)),
    ('dp_hash', key.dp_hash(0x1234)),
    ('priority', key.priority(3)),
    ('skb_mark', key.skb_mark(0x55)),
    ('ct_state', key.ct_state(0x21)),
    ('ct_zone', key.ct_zone(5)),
    ('ct_mark', key.ct_mark(0x77)),
    ('ct_labels', key.ct_labels(bytes(range(16)))),
]

MPLS = ('mpls', key.mpls(0x00010040, 0x00020140))
NSH = ('nsh', key.nsh(key.nsh_base(0, 63, 1, 3, 0x12305), key.nsh_md1(1, 2, 3, 4)))
CT4 = ('ct_tuple4', key.ct_tuple4(IP_A, IP_B, 1000, 80, 6))
CT6 = ('ct_tuple6', key.ct_tuple6(IP6_A, IP6_B, 1000, 80, 6))
OUTER4 = tun.ipv4('192.0.2.1', '192.0.2.2') + tun.ttl(64)
OUTER6 = tun.ipv6('2001:db8::1', '2001:db8::2') + tun.ttl(64)
OPTION = bytes.fromhex('0102 80 01 deadbeef')  # a Geneve option of 8 bytes
TUNNEL = ('tunnel', key.tunnel(tun.id(42) + OUTER4))


def tunnelled(*attributes):
    return [('tunnel', key.tunnel(*attributes)), *shape(0x9000)]


SHAPES = {
    'ieee802': [PORT, ETH],
    'unknown-ethertype': shape(0x9000),
    'arp': shape(0x0806, ARP),
    'rarp': shape(0x8035, ARP),
    'ipv4-other': shape(0x0800, v4(47)),
    'ipv4-tcp': shape(0x0800, v4(6), TCP, TCP_FLAGS),
    'ipv4-udp': shape(0x0800, v4(17), UDP),
    'ipv4-sctp': shape(0x0800, v4(132), SCTP),
    'ipv4-icmp': shape(0x0800, v4(1), ICMP),
    'ipv4-udp-first': shape(0x0800, v4(17, FRAG_FIRST), UDP),
    'ipv4-udp-later': shape(0x0800, v4(17, FRAG_LATER)),
    'ipv6-other': shape(0x86DD, v6(47)),
    'ipv6-tcp': shape(0x86DD, v6(6), TCP, TCP_FLAGS),
    'ipv6-udp': shape(0x86DD, v6(17), UDP),
    'ipv6-sctp': shape(0x86DD, v6(132), SCTP),
    'ipv6-icmpv6': shape(0x86DD, v6(58), ICMPV6),
    'ipv6-solicit': shape(0x86DD, v6(58), SOLICIT, ND),
    'ipv6-advertise': shape(0x86DD, v6(58), ADVERTISE, ND),
    'ipv6-tcp-first': shape(0x86DD, v6(6, FRAG_FIRST), TCP, TCP_FLAGS, EXTHDRS),
    'ipv6-later': shape(0x86DD, v6(44, FRAG_LATER), EXTHDRS),
    'metadata': [*METADATA, PORT, ETH, ('eth_type', key.eth_type(0x9000))],
    'layer3-ipv4': [PORT, ('eth_type', key.eth_type(0x0800)), v4(17), UDP],
    'layer3-ipv6': [PORT, ('eth_type', key.eth_type(0x86DD)), v6(17), UDP],
    'layer3-unknown': [PORT, ('eth_type', key.eth_type(0x9000))],
    'layer3-mpls': [PORT, ('eth_type', key.eth_type(0x8847)), MPLS],
    'layer3-nsh': [PORT, ('eth_type', key.eth_type(0x894F)), NSH],
    'mpls': shape(0x8847, MPLS),
    'mpls-multicast': shape(0x8848, ('mpls', key.mpls(0xFFFFF1FF))),
    'mpls-three': shape(0x8847, ('mpls', key.mpls(0x10040, 0x20040, 0x30140))),
    'nsh': shape(0x894F, NSH),
    'nsh-type-2': shape(0x894F, ('nsh', key.nsh(key.nsh_base(0, 63, 2, 3, 0x12305)))),
    'ct-tuple-ipv4': [CT4, *shape(0x0800, v4(6), TCP, TCP_FLAGS)],
    'ct-tuple-ipv6': [CT6, *shape(0x86DD, v6(6), TCP, TCP_FLAGS)],
    'ct-tuple-icmpv6': [CT6, *shape(0x86DD, v6(58), ICMPV6)],
    'tunnel-ipv4': tunnelled(tun.id(42), OUTER4, tun.tos(3), tun.df(), tun.csum(), tun.ports(1, 2)),
    'tunnel-ipv6': tunnelled(tun.id(42), OUTER6, tun.tos(3), tun.df(), tun.csum(), tun.ports(1, 2)),
    'tunnel-geneve': tunnelled(OUTER4, tun.oam(), tun.geneve(OPTION)),
    'tunnel-vxlan': tunnelled(tun.id(0), OUTER6, tun.vxlan(0x80000011)),
    'tunnel-erspan': tunnelled(OUTER4, tun.erspan(bytes(range(1, 13)))),
    'tunnel-bridge': tunnelled(tun.id(42), tun.bridge()),
}

# One attribute of each kind, to be where it has no business.
STRANGERS = [
    *METADATA,
    PORT,
    ETH,
    ('eth_type', key.eth_type(0x0800)),
    ('vlan', key.vlan(0x1005)),
    ('encap', key.encap()),
    ARP,
    v4(6),
    v6(6),
    TCP,
    TCP_FLAGS,
    UDP,
    SCTP,
    ICMP,
    ICMPV6,
    ND,
    EXTHDRS,
    MPLS,
    NSH,
    CT4,
    CT6,
    TUNNEL,
]

# Types of attributes that hold attributes, and those inside of them that do.
NESTS = {16: {11: {}}, 28: {}}


def join(attributes):
    return b''.join(data for _, data in attributes)


def masked(attributes, value=0xFF):
    """The mask of a key: each attribute's payload filled with a byte."""
    return b''.join(fill(data, value) for _, data in attributes)


def fill(data, value, nests=NESTS):
    """An attribute (padded) with its payload filled, or the payloads of those inside."""
    length = int.from_bytes(data[:2], 'little')
    kind = int.from_bytes(data[2:4], 'little')
    payload = bytes([value]) * (length - 4)
    if kind in nests:
        payload = b''.join(fill(inner, value, nests[kind]) for inner in split(data[4:length]))
    return data[:4] + payload + bytes(len(data) - length)


def split(data):
    """The attributes of a list, each with its padding."""
    while data:
        length = (int.from_bytes(data[:2], 'little') + 3) & ~3
        yield data[:length]
        data = data[length:]
