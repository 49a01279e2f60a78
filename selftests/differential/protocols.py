# SPDX-License-Identifier: BSD-3-Clause
"""One whole flow key of each shape that the API knows, as lists of attributes by name."""
from ovslang import FRAG_FIRST, FRAG_LATER, key
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
]


def join(attributes):
    return b''.join(data for _, data in attributes)


def masked(attributes, value=0xFF):
    """The mask of a key: each attribute's payload filled with a byte."""
    return b''.join(fill(data, value) for _, data in attributes)


def fill(data, value):
    """An attribute (padded) with its payload filled."""
    length = int.from_bytes(data[:2], 'little')
    return data[:4] + bytes([value]) * (length - 4) + bytes(len(data) - length)
