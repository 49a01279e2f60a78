# SPDX-License-Identifier: BSD-3-Clause
"""Packets, byte by byte, with right checksums unless told otherwise."""
import struct

from ovslang import ip4, ip6, mac

A, B = '02:00:00:00:00:01', '02:00:00:00:00:02'
IP_A, IP_B = '10.0.0.1', '10.0.0.2'
IP6_A, IP6_B = '2001:db8::1', '2001:db8::2'
ICMP, TCP, UDP, ICMPV6, SCTP = 1, 6, 17, 58, 132
HOP, ROUTING, FRAGMENT, ESP, AH, NONE, DEST, MOBILITY = 0, 43, 44, 50, 51, 59, 60, 135


def checksum(data, start=0):
    data += bytes(len(data) & 1)
    total = start + sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def eth(kind, payload=b'', src=A, dst=B, tags=()):
    """`tags` are (tpid, tci), outermost first."""
    head = mac(dst) + mac(src)
    for tpid, tci in tags:
        head += struct.pack('!HH', tpid, tci)
    return head + struct.pack('!H', kind) + payload


def ipv4(proto, payload=b'', src=IP_A, dst=IP_B, options=b'', tos=0, ttl=64, frag=0, **odd):
    """`odd` overrides version, ihl, length or csum."""
    ihl = odd.get('ihl', 5 + len(options) // 4)
    length = odd.get('length', 20 + len(options) + len(payload))
    head = (
        struct.pack(
            '!BBHHHBBH', odd.get('version', 4) << 4 | ihl, tos, length, 0x1234, frag, ttl, proto, 0
        )
        + ip4(src)
        + ip4(dst)
        + options
    )
    csum = odd.get('csum', checksum(head))
    return head[:10] + struct.pack('!H', csum) + head[12:] + payload


def ipv6(proto, payload=b'', src=IP6_A, dst=IP6_B, label=0, tclass=0, hlimit=64, **odd):
    word = odd.get('version', 6) << 28 | tclass << 20 | label
    return (
        struct.pack('!IHBB', word, odd.get('length', len(payload)), proto, hlimit)
        + ip6(src)
        + ip6(dst)
        + payload
    )


def pseudo(src, dst, proto, length):
    if ':' in src:
        return ip6(src) + ip6(dst) + struct.pack('!II', length, proto)
    return ip4(src) + ip4(dst) + struct.pack('!HH', proto, length)


def tcp(src=IP_A, dst=IP_B, sport=1000, dport=80, flags=0x02, payload=b'', offset=5, csum=None):
    data = struct.pack('!HHIIHHHH', sport, dport, 1, 2, offset << 12 | flags, 1024, 0, 0) + payload
    if csum is None:
        csum = checksum(pseudo(src, dst, TCP, len(data)) + data)
    return data[:16] + struct.pack('!H', csum) + data[18:]


def udp(src=IP_A, dst=IP_B, sport=1000, dport=53, payload=b'', csum=None):
    data = struct.pack('!HHHH', sport, dport, 8 + len(payload), 0) + payload
    if csum is None:
        csum = checksum(pseudo(src, dst, UDP, len(data)) + data) or 0xFFFF
    return data[:6] + struct.pack('!H', csum) + data[8:]


def sctp(sport=1000, dport=2000, payload=bytes(16), csum=None):
    data = struct.pack('!HHII', sport, dport, 0x01020304, 0) + payload
    csum = crc32c(data) if csum is None else csum
    return data[:8] + struct.pack('<I', csum) + data[12:]


def icmp(kind=8, code=0, payload=bytes(8)):
    data = struct.pack('!BBHHH', kind, code, 0, 1, 2) + payload
    return data[:2] + struct.pack('!H', checksum(data)) + data[4:]


def icmpv6(kind=128, code=0, body=bytes(4), src=IP6_A, dst=IP6_B):
    data = struct.pack('!BBH', kind, code, 0) + body
    csum = checksum(pseudo(src, dst, ICMPV6, len(data)) + data)
    return data[:2] + struct.pack('!H', csum) + data[4:]


def nd(kind=135, code=0, target=IP6_B, options=b'', **more):
    return icmpv6(kind, code, bytes(4) + ip6(target) + options, **more)


def nd_option(kind, payload=bytes.fromhex('0a0b0c0d0e0f'), length=None):
    size = (2 + len(payload)) // 8 if length is None else length
    return bytes((kind, size)) + payload


def extension(following, body=bytes(6)):
    """A hop-by-hop, routing or destination options header; 2 + len(body) is a multiple of 8."""
    return bytes((following, (2 + len(body)) // 8 - 1)) + body


def fragment(following, offset=0, more=1):
    return struct.pack('!BBHI', following, 0, offset << 3 | more, 0x55)


def arp(op=1, sha=A, sip=IP_A, tha='00:00:00:00:00:00', tip=IP_B, **odd):
    return (
        struct.pack(
            '!HHBBH',
            odd.get('hrd', 1),
            odd.get('pro', 0x800),
            odd.get('hln', 6),
            odd.get('pln', 4),
            op,
        )
        + mac(sha)
        + ip4(sip)
        + mac(tha)
        + ip4(tip)
    )


def llc(dsap=0x42, ssap=0x42, ctrl=3, payload=bytes(40), src=A, dst=B, length=None):
    body = bytes((dsap, ssap, ctrl)) + payload
    return mac(dst) + mac(src) + struct.pack('!H', len(body) if length is None else length) + body


def snap(kind, payload=b'', oui=b'\0\0\0', **more):
    return llc(0xAA, 0xAA, 3, oui + struct.pack('!H', kind) + payload, **more)
