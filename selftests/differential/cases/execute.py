# SPDX-License-Identifier: BSD-3-Clause
"""PACKET EXECUTE: what it needs, the metadata that it takes, the upcalls that come of it."""
import ovsnl
from ovsnl import (
    ACK,
    PACKET_ACTIONS,
    PACKET_EXECUTE,
    PACKET_KEY,
    PACKET_PACKET,
    PACKET_PROBE,
    PACKET_UPCALL_PID,
    REQUEST,
    attr,
    u32,
)
from ovslang import ACTION, act, key
import packets as p
from protocols import METADATA, SHAPES, join
from scene import case

FRAME = p.eth(0x800, p.ipv4(p.UDP, p.udp(payload=bytes(18))))
KEY = key.in_port(1)


@case('execute/needs')
def needs(t):
    packet, flow_key, actions = (
        attr(PACKET_PACKET, FRAME),
        attr(PACKET_KEY, KEY),
        attr(PACKET_ACTIONS),
    )
    for label, parts in (
        ('nothing', []),
        ('packet', [packet]),
        ('key', [flow_key]),
        ('actions', [actions]),
        ('no packet', [flow_key, actions]),
        ('no key', [packet, actions]),
        ('no actions', [packet, flow_key]),
        ('all', [packet, flow_key, actions]),
    ):
        t.ask('ovs_packet', PACKET_EXECUTE, *parts, label=label)
    t.ask('ovs_packet', PACKET_EXECUTE, packet, flow_key, actions, flags=REQUEST, label='no ack')
    t.ask(
        'ovs_packet',
        PACKET_EXECUTE,
        packet,
        flow_key,
        actions,
        flags=REQUEST | ACK | ovsnl.ECHO,
        label='echo',
    )
    t.ask('ovs_packet', PACKET_EXECUTE, packet, flow_key, actions, dp=9999, label='no datapath')
    t.ask(
        'ovs_packet',
        PACKET_EXECUTE,
        packet,
        attr(PACKET_KEY, b'\1'),
        actions,
        dp=9999,
        label='bad key, no datapath',
    )
    t.ask(
        'ovs_packet',
        PACKET_EXECUTE,
        packet,
        flow_key,
        attr(PACKET_ACTIONS, attr(50)),
        dp=9999,
        label='bad actions, no datapath',
    )
    t.ask(
        'ovs_packet', PACKET_EXECUTE, packet, flow_key, actions, attr(PACKET_PROBE), label='probe'
    )


@case('execute/sizes')
def sizes(t):
    for size in (0, 13, 14, 15, 16, 17, 18, 59, 60, 61, 1514, 9000, 20000):
        t.execute(
            bytes(12) + b'\x90\0' + bytes(max(size - 14, 0)) if size >= 14 else bytes(size),
            label=f'{size} bytes',
        )


@case('execute/in_port')
def in_port(t):
    for number in (0, 1, 2, 99, 65534, 65535, 0xFFFFFFFF):
        t.execute(FRAME, key.in_port(number), label=f'port {number}')
    t.execute(FRAME, b'', label='no port')
    t.execute(FRAME, key.eth(p.A, p.B), label='no port, ethernet')


@case('execute/metadata')
def metadata(t):
    for name, data in METADATA:
        t.execute(FRAME, KEY + data, label=name)
    t.execute(FRAME, KEY + join(METADATA), label='all')
    t.execute(FRAME, KEY + key.ct_state(0x100), label='ct_state out of range')


@case('execute/key-is-ignored-but-judged')
def ignored(t):
    """Beyond metadata the key's attributes need the right length only."""
    for name in ('ipv6-solicit', 'arp', 'ipv4-tcp'):
        t.execute(FRAME, join(SHAPES[name]), label=name)
    for label, flow_key in (
        ('ipv4 short', KEY + attr(7, bytes(11))),
        ('unknown', KEY + attr(33)),
        ('twice', KEY + KEY),
        ('left over', KEY + b'\1'),
        ('vlan', KEY + key.vlan(1)),
        ('packet type', KEY + attr(29, bytes(4))),
        ('nested rubbish', KEY + attr(1, b'\1\2\3')),
        ('arp operation', KEY + key.arp(p.IP_A, p.IP_B, 300, p.A, p.B)),
    ):
        t.execute(FRAME, flow_key, label=label)


@case('execute/layer-3')
def layer3(t):
    """A key with an EtherType but no Ethernet header says that the packet begins with layer 3."""
    inner = p.ipv4(p.UDP, p.udp(payload=bytes(18)))
    for value in (0x800, 0x86DD, 0x9000, 0x8100, 0x88A8, 5, 0x806):
        t.execute(inner, KEY + key.eth_type(value), label=f'ethertype {value:#x}')
    t.execute(
        p.ipv6(p.UDP, p.udp(p.IP6_A, p.IP6_B, payload=bytes(4))),
        KEY + key.eth_type(0x86DD),
        label='ipv6',
    )
    t.execute(
        inner, KEY + key.eth_type(0x800), act.push_vlan(0x1001) + t.to_user(), label='push_vlan'
    )
    t.execute(
        inner, KEY + key.eth_type(0x800), act.set(key.eth(p.B, p.A)) + t.to_user(), label='set eth'
    )
    t.execute(
        inner, KEY + key.eth_type(0x800), act.set(key.udp(7, 8)) + t.to_user(), label='set udp'
    )
    t.execute(inner[:14], KEY + key.eth_type(0x800), label='short')


@case('execute/userspace')
def userspace(t):
    for label, actions in (
        ('userdata', t.to_user(b'abcde')),
        ('no userdata', t.to_user()),
        ('empty userdata', t.to_user(b'')),
        ('long userdata', t.to_user(bytes(range(256)) * 2)),
        ('with actions', t.to_user(b'x', True)),
        ('two', t.to_user(b'1') + t.to_user(b'2')),
        ('to another', act.userspace(t.up2.pid, b'3')),
        ('to both', t.to_user(b'4', True) + act.userspace(t.up2.pid, b'5', True)),
        ('to nobody, then up1', act.userspace(0x7FFFFFF0) + t.to_user(b'6')),
        ('order of attributes', attr(2, attr(4) + attr(2, b'u') + attr(1, u32(t.up1.pid)))),
        ('egress port', attr(2, attr(1, u32(t.up1.pid)) + attr(3, u32(1)))),
        ('egress port of none', attr(2, attr(1, u32(t.up1.pid)) + attr(3, u32(99)))),
        ('userdata twice', attr(2, attr(1, u32(t.up1.pid)) + attr(2, b'a') + attr(2, b'b'))),
        ('unknown attribute', attr(2, attr(1, u32(t.up1.pid)) + attr(77, b'a'))),
    ):
        t.execute(FRAME, KEY, actions, label=label)


@case('execute/unaligned')
def unaligned(t):
    """Whether the packet, the last attribute, is padded depends on OVS_DP_F_UNALIGNED."""
    for features in (2, 3):
        t.dp_ask(4, attr(5, u32(features)), label=f'features {features}')
        for size in (60, 61, 62, 63):
            t.execute(bytes(12) + b'\x90\0' + bytes(size - 14), label=f'{size} bytes')
            t.execute(
                bytes(12) + b'\x90\0' + bytes(size - 14),
                KEY,
                act.trunc(size - 2) + t.to_user(),
                label=f'{size} bytes truncated',
            )


@case('execute/trunc')
def trunc(t):
    for size in (14, 15, 41, 42, 43, 59, 60, 61, 100, 0xFFFFFFFF):
        t.execute(FRAME, KEY, act.trunc(size) + t.to_user(), label=f'to {size}')
    for label, actions in (
        ('ends with the first upcall', act.trunc(20) + t.to_user() + t.to_user()),
        ('the latest counts', act.trunc(20) + act.trunc(30) + t.to_user()),
        ('larger later', act.trunc(20) + act.trunc(50) + t.to_user()),
        ('in a clone', act.clone(act.trunc(20), t.to_user()) + t.to_user()),
        ('into a clone', act.trunc(20) + act.clone(t.to_user()) + t.to_user()),
        ('into a sample', act.trunc(20) + act.sample(0xFFFFFFFF, t.to_user()) + t.to_user()),
        ('into recirculation', act.trunc(20) + act.recirc(4)),
        ('before an output', act.trunc(20) + act.output(2) + t.to_user()),
        ('before a set', act.trunc(20) + act.set(key.udp(7, 8)) + t.to_user()),
    ):
        t.execute(FRAME, KEY, actions, label=label)


@case('execute/recirc')
def recirc(t):
    """Recirculated packets are looked up; a miss goes to the port's pid."""
    t.execute(FRAME, KEY, act.recirc(4), label='miss')
    t.execute(FRAME, KEY, act.recirc(0), label='miss in 0')
    t.execute(FRAME, KEY, act.recirc(4) + t.to_user(b'after'), label='not last')
    t.execute(FRAME, KEY, act.set(key.udp(7, 8)) + act.recirc(4), label='after a set')
    t.execute(FRAME, KEY, act.push_vlan(0x1005) + act.recirc(4), label='after push_vlan')
    t.execute(
        FRAME,
        KEY + key.recirc_id(9) + key.dp_hash(7),
        act.recirc(4),
        label='with recirc_id and hash',
    )
    t.execute(FRAME, KEY, act.clone(act.recirc(4)) + act.recirc(5), label='twice')
    t.execute(FRAME, KEY + join(METADATA), act.recirc(4), label='with metadata')
    match = key.recirc_id(0xFFFFFFFF) + key.in_port(0xFFFFFFFF)
    t.put(
        key.recirc_id(4) + join(SHAPES['ipv4-udp']), t.to_user(b'hit'), match, label='a flow for it'
    )
    t.execute(FRAME, KEY, act.recirc(4), label='hit')
    t.execute(FRAME, KEY, act.recirc(5), label='miss')
    t.vport_ask(4, attr(1, u32(1)), attr(5, u32(0)), label='nobody is the port\'s')
    t.execute(FRAME, KEY, act.recirc(5), label='miss unheard')
    t.vport_ask(4, attr(1, u32(1)), attr(5, u32(t.up1.pid)), label='up1 is the port\'s')


@case('execute/recirc/deep')
def recirc_deep(t):
    """A flow that recirculates into itself ends at some depth."""
    for number in range(1, 9):
        t.put(
            key.recirc_id(number) + join(SHAPES['ipv4-udp']),
            t.to_user(bytes([number])) + act.recirc(number + 1),
            key.recirc_id(0xFFFFFFFF),
            label=f'{number}',
        )
    t.execute(FRAME, KEY, act.recirc(1), label='eight deep')
    t.flush()
    t.put(
        key.recirc_id(1) + join(SHAPES['ipv4-udp']),
        t.to_user(b'r') + act.recirc(1),
        key.recirc_id(0xFFFFFFFF),
    )
    t.execute(FRAME, KEY, act.recirc(1), label='into itself')


@case('execute/sample')
def sample(t):
    for label, actions in (
        ('always', act.sample(0xFFFFFFFF, t.to_user(b's')) + t.to_user(b'after')),
        ('never', act.sample(0, t.to_user(b's')) + t.to_user(b'after')),
        ('always, last', act.sample(0xFFFFFFFF, t.to_user(b's'))),
        (
            'set inside',
            act.sample(0xFFFFFFFF, act.set(key.udp(7, 8)), t.to_user(b's')) + t.to_user(b'after'),
        ),
        ('set inside, last', act.sample(0xFFFFFFFF, act.set(key.udp(7, 8)), t.to_user(b's'))),
        ('empty', act.sample(0xFFFFFFFF) + t.to_user(b'after')),
        ('with actions', act.sample(0xFFFFFFFF, t.to_user(b's', True)) + t.to_user(b'after', True)),
        (
            'nested',
            act.sample(0xFFFFFFFF, act.sample(0xFFFFFFFF, t.to_user(b's')), t.to_user(b't')),
        ),
    ):
        t.execute(FRAME, KEY, actions, label=label)


@case('execute/clone')
def clone(t):
    change = act.set(key.udp(7, 8))
    for label, actions in (
        ('plain', act.clone(t.to_user(b'c')) + t.to_user(b'after')),
        ('set inside', act.clone(change, t.to_user(b'c')) + t.to_user(b'after')),
        ('set inside, last', t.to_user(b'before') + act.clone(change, t.to_user(b'c'))),
        ('vlan inside', act.clone(act.push_vlan(0x1005), t.to_user(b'c')) + t.to_user(b'after')),
        ('set before', change + act.clone(t.to_user(b'c')) + t.to_user(b'after')),
        ('mark inside', act.clone(act.set(key.skb_mark(5)), t.to_user(b'c')) + t.to_user(b'after')),
        ('empty', act.clone() + t.to_user(b'after')),
        ('with actions', act.clone(t.to_user(b'c', True)) + t.to_user(b'after')),
        (
            'three deep',
            act.clone(
                act.clone(act.clone(change, t.to_user(b'3')), t.to_user(b'2')), t.to_user(b'1')
            ),
        ),
    ):
        t.execute(FRAME, KEY, actions, label=label)


@case('execute/clone/many')
def clone_many(t):
    """Clones that change the packet are deferred, and the queue of deferred ones is short."""
    change = act.set(key.udp(7, 8))
    for count in (5, 12):
        actions = b''.join(act.clone(change, t.to_user(bytes([n]))) for n in range(count))
        t.execute(FRAME, KEY, actions + t.to_user(b'after'), label=f'{count} clones')
        recircs = b''.join(act.recirc(n + 1) for n in range(count))
        t.execute(FRAME, KEY, recircs + t.to_user(b'after'), label=f'{count} recircs')


@case('execute/clone/nested-deferral')
def nested_deferral(t):
    change = act.set(key.udp(7, 8))
    for depth in (3, 4, 6, 10):
        actions = t.to_user(b'core')
        for _ in range(depth):
            actions = act.clone(change, actions) + t.to_user(b'level')
        t.execute(FRAME, KEY, actions, label=f'{depth} deep')


@case('execute/output')
def output(t):
    """Ports that are down or absent swallow a packet without an error."""
    for port in (0, 1, 2, 99, 65534):
        t.execute(FRAME, KEY, act.output(port) + t.to_user(b'after'), label=f'port {port}')
    t.execute(FRAME, KEY, act.output(65535), label='port 65535')
    t.vport_ask(3, attr(1, u32(2)), label='port 2')


@case('execute/set-metadata')
def set_metadata(t):
    for label, actions in (
        ('mark', act.set(key.skb_mark(5)) + t.to_user()),
        ('priority', act.set(key.priority(5)) + t.to_user()),
        ('mark masked', act.set_masked(key.skb_mark(5), key.skb_mark(15)) + t.to_user()),
        ('priority masked', act.set_masked(key.priority(5), key.priority(15)) + t.to_user()),
        ('ct_mark', act.set(key.ct_mark(5)) + t.to_user()),
        ('ct_labels', act.set(key.ct_labels(bytes(16))) + t.to_user()),
        ('mark and recirc', act.set(key.skb_mark(6)) + act.recirc(3)),
    ):
        t.execute(FRAME, KEY + key.skb_mark(0x50) + key.priority(0x60), actions, label=label)


@case('execute/errors')
def errors(t):
    for label, actions in (
        ('unknown action', attr(50)),
        ('set of another protocol', act.set(key.tcp(1, 2))),
        ('set of ipv6', act.set(key.ipv6('::1', '::2', 17))),
        ('left over', act.output(1) + b'\1'),
        ('trunc', act.trunc(13)),
        ('push_vlan', act.push_vlan(1)),
        ('nothing', b''),
        ('pop_vlan of none', act.pop_vlan() + t.to_user()),
        ('no pid', attr(ACTION['userspace'], attr(2, b'x'))),
    ):
        t.execute(FRAME, KEY, actions, label=label)


@case('execute/upcall-pid')
def upcall_pid(t):
    """What newer kernels take: the client that all upcalls of this packet go to."""
    for label, number in (('up2', t.up2.pid), ('nobody', 0)):
        pid = attr(PACKET_UPCALL_PID, u32(number))
        t.execute(FRAME, KEY, t.to_user(), pid, label=label)
        t.execute(FRAME, KEY, act.recirc(9), pid, label=f'{label}, a miss')
        both = act.userspace(t.up1.pid, b'a') + act.userspace(t.up2.pid, b'b')
        t.execute(FRAME, KEY, both, pid, label=f'{label}, two actions')


@case('execute/upcall-pid-lengths')
def upcall_pid_lengths(t):
    for length in range(9):
        pid = attr(PACKET_UPCALL_PID, (u32(0) + b'\xff' * 4)[:length])
        t.execute(FRAME, KEY, t.to_user(), pid, label=f'{length} bytes')
