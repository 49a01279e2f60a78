# SPDX-License-Identifier: BSD-3-Clause
"""Tunnels of packets: given by a set action, asked for by an egress port, told by a client."""
from ovsnl import attr, u32, u64
from ovslang import ACTION, KEY, act, ip4, ip6, key
import packets as p
from scene import case

PORT = key.in_port(1)
UDP = p.eth(0x800, p.ipv4(p.UDP, p.udp(payload=bytes(18))))
HEAD = attr(0, u64(77)) + attr(1, ip4(p.IP_A)) + attr(2, ip4(p.IP_B)) + attr(4, b'\x40')
HEAD6 = attr(0, u64(77)) + attr(12, ip6(p.IP6_A)) + attr(13, ip6(p.IP6_B)) + attr(4, b'\x40')

TUNNELS = {
    'ipv4': HEAD,
    'ipv6': HEAD6,
    'flags': HEAD + attr(3, b'\x10') + attr(5) + attr(6) + attr(7),
    'ports': HEAD + attr(9, b'\x12\x34') + attr(10, b'\x17\xc1'),
    'geneve': HEAD + attr(8, bytes.fromhex('0102030100000000')),
    'geneve-long': HEAD6 + attr(8, bytes.fromhex('01020304') + bytes(16)),
    'vxlan': HEAD + attr(11, attr(1, u32(0x55))),
    'erspan': HEAD + attr(15, bytes.fromhex('000000010000000700000000')),
    'bridge': attr(0, u64(77)) + attr(16),
}


def egress(pid, port):
    return attr(ACTION['userspace'], attr(1, u32(pid)) + attr(3, u32(port)))


@case('exec-tunnel/set')
def set_tunnel(t):
    """It is no part of the key, and nothing but a tunnel device shows it."""
    for name, tunnel in TUNNELS.items():
        given = act.set(attr(KEY['tunnel'], tunnel))
        for label, chain in (
            ('upcall', given + t.to_user()),
            ('recirculated', given + act.recirc(9)),
            ('out', given + act.output(2) + t.to_user()),
            ('egress of an internal port', given + egress(t.up1.pid, 2)),
            ('egress of no port', given + egress(t.up1.pid, 99)),
            ('in a clone', act.clone(given, t.to_user(b'c')) + egress(t.up1.pid, 2)),
            ('twice', given + act.set(attr(KEY['tunnel'], HEAD)) + t.to_user()),
        ):
            t.execute(UDP, PORT, chain, label=f'{name}: {label}')


@case('exec-tunnel/key')
def from_client(t):
    """The tunnel that a client says a packet came in is matched and reported."""
    for name, tunnel in TUNNELS.items():
        told = PORT + attr(KEY['tunnel'], tunnel)
        t.execute(UDP, told, label=f'{name}: back')
        t.execute(UDP, told, act.recirc(9), label=f'{name}: recirculated')
        t.execute(UDP, told, act.clone(act.recirc(9)) + t.to_user(), label=f'{name}: cloned')
        for deep in range(2, 6):
            chain = act.recirc(9)
            for _ in range(deep):
                chain = act.clone(act.push_vlan(0x1005), chain)
            t.execute(UDP, told, chain + t.to_user(), label=f'{name}: {deep} deep')


@case('exec-tunnel/flows')
def flows(t):
    """Flows that look at options, and flows that don't, side by side."""
    for name, tunnel in TUNNELS.items():
        told = key.recirc_id(9) + PORT + attr(KEY['tunnel'], tunnel)
        t.put(
            told + key.eth(p.A, p.B) + key.eth_type(0x9000),
            t.to_user(name.encode()),
            key.recirc_id(0xFFFFFFFF) + attr(KEY['tunnel'], attr(0, u64(0xFFFFFFFFFFFFFFFF))),
            label=f'{name}: by id',
        )
        for other, packet in TUNNELS.items():
            t.execute(
                UDP, PORT + attr(KEY['tunnel'], packet), act.recirc(9), label=f'{name}: {other}'
            )
        t.flush()
