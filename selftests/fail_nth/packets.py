# SPDX-License-Identifier: BSD-3-Clause
"""Packets that clients hand in and that arrive at ports, on their way through every action.

A packet may be lost when there is no memory for it; nothing else may come of that. The packets of
`Arrival` come in within a system call of this thread: by an internal port's xmit, or by a write to
a TAP device.
"""
import os
import socket
from dataclasses import dataclass, field
from typing import Callable

import ovsnl
from commands import A, B, COMMANDS, IPV4, NSH, TUNNEL, Command, band, meter, nothing, without_flows
from ovslang import act, key
from ovsnl import attr, be16, u32
from world import World, numbered

UDP = bytes.fromhex('4500 0054 0000 0000 4011 0000 0a000001 0a000002 0001 0002 0040 0000') + bytes(56)
FRAME = B + A + be16(0x800) + UDP
PLAIN = bytes.fromhex('000000000000 000200000001 88b5') + bytes(86)
LARGE = FRAME[:14] + FRAME[14:] + bytes(9000)


def to_user(world, data=b'x'):
    return act.userspace(world.upcalls.pid, data)


# What a packet undergoes, given the world.
CHAINS = {
    'output': lambda w: act.output(3) + act.output(2) + act.output(3),
    'userspace': lambda w: act.userspace(w.upcalls.pid, bytes(64), True),
    'set': lambda w: act.set_masked(key.ipv4('10.9.9.9', '10.9.9.8', 0), key.ipv4(
        '255.255.255.255', '255.255.255.255', 0, 0xFF, 0xFF)) + act.set(key.eth(B, A)) +
    act.set(key.udp(5, 6)) + act.set(key.skb_mark(7)) + act.set(key.priority(1)) + act.output(3),
    'VLAN': lambda w: act.push_vlan(0x1005) + act.push_vlan(0x1006, 0x88A8) + act.output(3) +
    to_user(w) + act.pop_vlan() + act.pop_vlan() + act.output(3),
    'MPLS': lambda w: act.push_mpls(0x10140) + act.push_mpls(0x20040) + act.output(3) +
    act.pop_mpls(0x8847) + act.pop_mpls(0x800) + act.output(3),
    'add_mpls': lambda w: act.add_mpls(0x10140, layer3=True) + act.output(3),
    'Ethernet': lambda w: act.pop_eth() + act.push_eth(A, B) + act.output(3),
    'NSH': lambda w: act.push_nsh(NSH) + act.push_eth(A, B) + act.output(3) + to_user(w),
    'recirc': lambda w: act.recirc(1) + act.recirc(1),
    'trunc': lambda w: act.trunc(60) + act.output(3) + act.trunc(40) + to_user(w),
    'sample': lambda w: act.sample(0xFFFFFFFF, act.output(3), to_user(w)) + act.output(3),
    'clone': lambda w: act.clone(act.push_vlan(0x1005), act.clone(to_user(w), act.output(3))) +
    act.output(3),
    'check_pkt_len': lambda w: act.check_pkt_len(
        90, act.set(key.eth(B, A)) + act.output(3), act.output(2)) + act.output(3),
    'dec_ttl': lambda w: act.dec_ttl(to_user(w)) + act.output(3),
    'hash': lambda w: act.hash(5) + act.recirc(1),
    'meter': lambda w: act.meter(1) + act.output(3),
    'ct_clear': lambda w: act.ct_clear() + act.output(3),
    'psample': lambda w: act.psample(1, b'cookie') + act.output(3),
    'drop': lambda w: act.output(3) + act.drop(3),
    'set(tunnel)': lambda w: act.set(TUNNEL) + act.output(2) + act.recirc(1),
}


def recirculated(world):
    """Where `recirc` goes: out, and to a client."""
    world.sock.flow_new(
        world.dp, key.recirc_id(1) + IPV4 + key.udp(1, 2), to_user(world) + act.output(3),
        key.recirc_id(0xFFFFFFFF) + key.in_port(0xFFFFFFFF) + key.eth(bytes(6), bytes(6)))
    world.sock.transact(meter(ovsnl.METER_SET, band(1000))(world))


def settled(world):
    without_flows(world)
    world.sock.transact(meter(ovsnl.METER_DEL)(world))


def execute(packet, chain, *attributes):
    return lambda world: world.message(
        'ovs_packet', ovsnl.PACKET_EXECUTE, attr(ovsnl.PACKET_PACKET, packet),
        attr(ovsnl.PACKET_KEY, key.in_port(1)), attr(ovsnl.PACKET_ACTIONS, chain(world)), *attributes)


for title, its_chain in CHAINS.items():
    COMMANDS.append(Command(f'packet EXECUTE, {title}', execute(FRAME, its_chain),
                            prepare=recirculated, clean=settled, undo=nothing))
COMMANDS.append(Command('packet EXECUTE, long', execute(LARGE, CHAINS['sample']),
                        prepare=recirculated, clean=settled))
COMMANDS.append(Command('packet EXECUTE, in fragments', execute(
    LARGE[:14] + bytes.fromhex('45002376') + LARGE[18:3000], CHAINS['output'],
    attr(ovsnl.PACKET_MRU, ovsnl.u16(1400))), prepare=recirculated, clean=settled))


@dataclass
class Arrival:
    """A packet that comes in at a port; `send` has it come."""

    name: str
    send: Callable[[World], None]
    prepare: Callable[[World], None] = nothing
    clean: Callable[[World], None] = nothing


ARRIVALS = []


@dataclass
class Sender:
    """A packet socket on an internal port."""

    sock: socket.socket = field(default=None)

    def send(self, packet):
        if self.sock is None:
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.sock.bind(('i1', 0))
        self.sock.send(packet)


SENDER = Sender()


def from_internal(packet):
    return lambda world: SENDER.send(packet)


def from_tap(packet):
    return lambda world: os.write(world.tap, packet)


def everything(port, chain):
    """What arrives at `port` undergoes `chain`."""

    def prepare(world):
        recirculated(world)
        world.sock.flow_new(
            world.dp, key.recirc_id(0) + key.in_port(port) + key.eth(A, B) + key.eth_type(0x800) +
            key.ipv4('10.0.0.1', '10.0.0.2', 17) + key.udp(1, 2), chain(world),
            key.recirc_id(0xFFFFFFFF) + key.in_port(0xFFFFFFFF) + key.eth(bytes(6), bytes(6)) +
            key.eth_type(0xFFFF) + key.ipv4('0.0.0.0', '0.0.0.0', 0xFF, 0, 0))

    return prepare


ARRIVALS.append(Arrival('miss at an internal port', from_internal(FRAME)))
ARRIVALS.append(Arrival('miss at a TAP device', from_tap(FRAME)))
ARRIVALS.append(Arrival('miss of a tagged packet', from_tap(
    FRAME[:12] + bytes.fromhex('8100 0005') + FRAME[12:])))
ARRIVALS.append(Arrival('miss of a long packet', from_tap(LARGE[:1514])))
for title, its_chain in CHAINS.items():
    ARRIVALS.append(Arrival(f'arrives at an internal port: {title}', from_internal(FRAME),
                            everything(1, its_chain), settled))
    ARRIVALS.append(Arrival(f'arrives at a TAP device: {title}', from_tap(FRAME),
                            everything(3, its_chain), settled))
