# SPDX-License-Identifier: BSD-3-Clause
"""Flow keys: each shape, what it lacks, what it has too much, lengths, values out of range."""
import ovsnl
from ovsnl import FLOW_DEL, FLOW_GET, FLOW_KEY, attr, be16, u32
from ovslang import KEY, act, key
from packets import A, B, IP6_A, IP6_B, IP_A, IP_B
from protocols import SHAPES, STRANGERS, join, shape
from scene import case

LOUD = ovsnl.REQUEST | ovsnl.ACK | ovsnl.ECHO


def round_trip(t, flow_key, mask=None, actions=act.output(2)):
    """New, found by its key, in the dump, gone."""
    t.put(flow_key, actions, mask, label='new')
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, flow_key), label='get')
    t.dump('ovs_flow', FLOW_GET, label='dump')
    t.flow_ask(FLOW_DEL, attr(FLOW_KEY, flow_key), flags=LOUD, label='del')


for name, attributes in SHAPES.items():

    @case(f'key/{name}/round-trip')
    def whole(t, attributes=attributes):
        round_trip(t, join(attributes))
        round_trip(t, join(attributes[::-1]))

    @case(f'key/{name}/missing')
    def missing(t, attributes=attributes):
        for index, (gone, _) in enumerate(attributes):
            t.try_put(f'without {gone}', join(attributes[:index] + attributes[index + 1 :]))

    @case(f'key/{name}/too-much')
    def too_much(t, attributes=attributes):
        for more in STRANGERS:
            t.try_put(f'with {more[0]}', join([*attributes, more]))

    @case(f'key/{name}/lengths')
    def lengths(t, attributes=attributes):
        for index, (which, data) in enumerate(attributes):
            length = int.from_bytes(data[:2], 'little') - 4
            kind = int.from_bytes(data[2:4], 'little')
            for change in (-length, -1, 1, 4):
                payload = (data[4 : 4 + length] + bytes(4))[: length + change]
                other = [
                    *attributes[:index],
                    (which, attr(kind, payload)),
                    *attributes[index + 1 :],
                ]
                t.try_put(f'{which} of {length + change} bytes', join(other))


@case('key/types')
def types(t):
    """Attribute types that are not for users, or not at all."""
    base = join(shape(0x9000))
    for kind in (0, 29, 30, 31, 33, 34, 63, 64, 100, 0x3FFF):
        for length in (0, 4):
            t.try_put(f'type {kind} of {length} bytes', base + attr(kind, bytes(length)))
    for kind in (1, 2, 4):
        t.try_put(f'type {kind} nested flag', base + attr(kind | 0x8000, bytes(4)))
    t.try_put('in_port with nested flag', attr(3 | 0x8000, u32(1)) + key.eth(A, B))
    t.try_put('in_port with byte order flag', attr(3 | 0x4000, u32(1)) + key.eth(A, B))


@case('key/empty')
def empty(t):
    for flow_key in (b'', b'\0', b'\1\0\3\0', b'\0\0\0\0', b'\x20\0\3\0\1\0\0\0'):
        t.try_put(flow_key.hex() or 'nothing', flow_key)
        t.flow_ask(FLOW_GET, attr(FLOW_KEY, flow_key), label='get')
    t.try_put('bytes left over', join(shape(0x9000)) + b'\1\2')
    t.try_put('four bytes left over', join(shape(0x9000)) + b'\1\0\0\0')
    t.try_put('zero header left over', join(shape(0x9000)) + bytes(4))
    t.try_put('in_port only', key.in_port(1))
    t.try_put('ethertype only', key.eth_type(0x9000))
    t.try_put('ethernet only', key.eth(A, B))
    t.try_put('ipv4 only', key.ipv4(IP_A, IP_B, 47))


@case('key/duplicates')
def duplicates(t):
    for name in ('ipv4-tcp', 'ipv6-solicit', 'metadata'):
        attributes = SHAPES[name]
        for which, data in attributes:
            t.try_put(f'{name}: {which} twice', join(attributes) + data)
            zeros = data[:4] + bytes(len(data) - 4)
            t.try_put(f'{name}: {which}, then zeros', join(attributes) + zeros)


@case('key/in_port')
def in_port(t):
    rest = key.eth(A, B) + key.eth_type(0x9000)
    for number in (0, 1, 2, 99, 65533, 65534, 65535, 65536, 0x10001, 0x80000000, 0xFFFFFFFF):
        t.try_put(f'port {number}', key.in_port(number) + rest)
    round_trip(t, rest)


@case('key/eth_type')
def eth_type(t):
    for value in (
        0,
        1,
        4,
        0x5DC,
        0x5FF,
        0x600,
        0x601,
        0x7FF,
        0x9000,
        0xFFFE,
        0xFFFF,
        0x88A8,
        0x8100,
        0x9100,
        0x8847,
        0x894F,
    ):
        t.try_put(f'type {value:#x}', key.in_port(1) + key.eth(A, B) + key.eth_type(value))
        if value not in (0x8847, 0x894F):
            t.try_put(f'type {value:#x}, no ethernet', key.in_port(1) + key.eth_type(value))


@case('key/ipv4/values')
def ipv4_values(t):
    for frag in (0, 1, 2, 3, 4, 0xFF):
        for proto in (0, 17, 255):
            rest = key.udp(1, 2) if proto == 17 and frag != 2 else b''
            t.try_put(
                f'frag {frag} proto {proto}',
                join(shape(0x800))
                + key.ipv4('0.0.0.0', '255.255.255.255', proto, 255, 255, frag)
                + rest,
            )
    t.try_put(
        'tcp port of a later fragment',
        join(shape(0x800)) + key.ipv4(IP_A, IP_B, 6, frag=2) + key.tcp(1, 2) + key.tcp_flags(1),
    )


@case('key/ipv6/values')
def ipv6_values(t):
    for label in (0, 0xFFFFF, 0x100000, 0xFFF00000, 0xFFFFFFFF):
        t.try_put(f'label {label:#x}', join(shape(0x86DD)) + key.ipv6(IP6_A, IP6_B, 47, label))
    for frag in (0, 1, 2, 3, 0xFF):
        t.try_put(f'frag {frag}', join(shape(0x86DD)) + key.ipv6(IP6_A, IP6_B, 47, frag=frag))
    for bits in (0, 1, 0x1FF, 0xFFFF):
        t.try_put(
            f'extension headers {bits:#x}',
            join(shape(0x86DD)) + key.ipv6(IP6_A, IP6_B, 47) + key.ipv6_exthdrs(bits),
        )
    for kind in (0, 133, 134, 135, 136, 137, 255):
        for code in (0, 1):
            base = join(shape(0x86DD)) + key.ipv6(IP6_A, IP6_B, 58) + key.icmpv6(kind, code)
            t.try_put(f'icmpv6 {kind} {code}', base)
            t.try_put(f'icmpv6 {kind} {code} with nd', base + key.nd(IP6_B, A, B))


@case('key/arp/values')
def arp_values(t):
    for op in (0, 1, 2, 255, 256, 0x101, 0xFFFF):
        t.try_put(f'operation {op}', join(shape(0x806)) + key.arp(IP_A, IP_B, op, A, B))
    odd = key.arp(IP_A, IP_B, 1, A, B)[:-2] + b'\xff\xff'
    round_trip(t, join(shape(0x806)) + odd)


@case('key/l4/values')
def l4_values(t):
    base = join(shape(0x800)) + key.ipv4(IP_A, IP_B, 6)
    for bits in (0, 0xFF, 0xFFF, 0x1000, 0xFFFF):
        t.try_put(f'tcp flags {bits:#x}', base + key.tcp(0, 0xFFFF) + key.tcp_flags(bits))
    base = join(shape(0x800)) + key.ipv4(IP_A, IP_B, 1)
    for kind, code in ((0, 0), (255, 255)):
        t.try_put(f'icmp {kind} {code}', base + key.icmp(kind, code))


@case('key/ct_state')
def ct_state(t):
    for bits in (0, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0xFF, 0x100, 0x8000, 0xFFFFFFFF):
        t.try_put(f'state {bits:#x}', join(shape(0x9000)) + key.ct_state(bits))
        t.try_put(
            f'state mask {bits:#x}',
            join(shape(0x9000)) + key.ct_state(bits & 0xFF),
            b'',
            key.ct_state(bits) + key.eth_type(0xFFFF),
        )


@case('key/encap-without-vlan')
def encap(t):
    base = shape(0x9000)
    t.try_put('encap', join(base) + key.encap())
    t.try_put('encap with ethertype', join(base) + key.encap(key.eth_type(0x800)))
    t.try_put('vlan', join(base) + key.vlan(0x1001))
    t.try_put('vlan of zero', join(base) + key.vlan(0))
    t.try_put(
        'vlan without ethertype', key.in_port(1) + key.eth(A, B) + key.vlan(0x1001) + key.encap()
    )
    t.try_put(
        'vlan without ethernet',
        key.in_port(1) + key.eth_type(0x8100) + key.vlan(0x1001) + key.encap(key.eth_type(0x9000)),
    )


@case('key/set-get-del-judge-keys')
def judges(t):
    """SET, GET and DEL refuse the same keys as NEW does."""
    for flow_key in (
        b'',
        key.in_port(1),
        key.eth(A, B) + attr(KEY['ipv4'], bytes(3)),
        key.eth(A, B) + attr(33, b''),
        key.eth(A, B) + key.in_port(70000),
        key.eth(A, B) + key.eth_type(0x800),
        key.eth(A, B) + attr(KEY['eth_type'], be16(5)),
    ):
        for cmd in (2, 3, 4):
            t.flow_ask(cmd, attr(FLOW_KEY, flow_key), label=f'{cmd} {flow_key.hex()}')
