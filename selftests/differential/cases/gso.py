# SPDX-License-Identifier: BSD-3-Clause
"""Packets whose checksum or segmentation is left to others, as hosts behind a veth send them.

Both ends of the wires speak virtio_net_hdr, so that what leaves shows what is still undone.
"""
import socket
import struct
import subprocess

import ovsnl
from ovslang import act, key
from ovsnl import attr, u16
import packets as p
from cases.traffic import SOL_PACKET, Stage, with_tag
from scene import case

PACKET_VNET_HDR = 15
NEEDS_CSUM, DATA_VALID = 1, 2
NONE, TCP4, UFO, TCP6, ECN = 0, 1, 3, 4, 0x80
HEADER = struct.Struct('<BBHHHH')
TCP_CSUM, UDP_CSUM = 16, 6
ALL_FROM_1 = key.in_port(1) + key.eth(p.A, p.B) + key.eth_type(0x9000)
ANYTHING = key.in_port(0xFFFFFFFF)


def partial(src, dst, proto, data, at):
    """The transport header with the sum of the pseudo-header where the checksum belongs."""
    start = ~p.checksum(p.pseudo(src, dst, proto, len(data))) & 0xFFFF
    return data[:at] + struct.pack('!H', start) + data[at + 2 :]


def packet(proto=p.TCP, size=3000, segment=1000, kind=None, version=4, **more):
    """A frame with its virtio_net_hdr; `segment` 0 leaves only the checksum undone."""
    src, dst = (p.IP_A, p.IP_B) if version == 4 else (p.IP6_A, p.IP6_B)
    payload = bytes(index % 251 for index in range(size))
    data = p.tcp(src, dst, payload=payload, flags=more.get('flags', 0x18))
    csum_at = TCP_CSUM
    if proto == p.UDP:
        data, csum_at = p.udp(src, dst, payload=payload), UDP_CSUM
    data = partial(src, dst, proto, data, csum_at)
    ahead, following = more.get('ahead', b''), more.get('following', proto)
    if version == 4:
        network = p.ipv4(proto, ahead + data, src, dst, options=more.get('options', b''))
    else:
        network = p.ipv6(following, ahead + data, src, dst)
    frame = p.eth(0x800 if version == 4 else 0x86DD, network, tags=more.get('tags', ()))
    if kind is None:
        kind = {4: TCP4, 6: TCP6}[version] if proto == p.TCP else UFO
    start = len(frame) - len(data)
    header_length = start + (20 if proto == p.TCP else 8)
    header = HEADER.pack(
        NEEDS_CSUM, kind if segment else NONE, header_length, segment, start, csum_at
    )
    return header + frame


PACKETS = {
    'plain': bytes(10) + p.eth(0x800, p.ipv4(p.TCP, p.tcp(payload=bytes(30)))),
    'checksum': packet(size=100, segment=0),
    'udp-checksum': packet(p.UDP, 100, 0),
    'tcp4': packet(),
    'tcp4-one': packet(size=800),
    'tcp4-exact': packet(size=2000),
    'tcp4-many': packet(size=20000, segment=500),
    'tcp4-flags': packet(flags=0x39),
    'tcp4-cwr': packet(flags=0x98),
    'tcp4-ecn': packet(flags=0x90, kind=TCP4 | ECN),
    'tcp4-options': packet(options=b'\1' * 8),
    'tcp4-tagged': packet(tags=[(0x8100, 5)]),
    'tcp4-double': packet(tags=[(0x88A8, 7), (0x8100, 5)]),
    'tcp6': packet(version=6),
    'tcp6-tagged': packet(version=6, tags=[(0x8100, 5)]),
    'tcp6-hop': packet(version=6, ahead=p.extension(p.TCP), following=p.HOP),
    'udp-checksum-6': packet(p.UDP, 100, 0, version=6),
    'ufo4': packet(p.UDP),
    'ufo6': packet(p.UDP, version=6),
    'ufo4-tagged': packet(p.UDP, tags=[(0x8100, 5)]),
}


class GsoStage(Stage):
    """Ports whose wires carry virtio_net_hdr."""

    def __init__(self, t):
        super().__init__(t)
        for wire in self.wires:
            wire.sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
            wire.frames = lambda wire=wire: frames(wire)

    def inject_all(self, label='', upcalls=False):
        """With `upcalls`, not what a random number would show in."""
        for name, data in PACKETS.items():
            if not upcalls or name != 'ufo6':
                self.inject(f'{label}{name}', data)

    def segment_first(self):
        """Nothing leaves port 2 that isn't a packet of its own."""
        done = subprocess.run(
            ['ethtool', '-K', 'dfport2', 'tx', 'off', 'gso', 'off', 'tso', 'off'],
            capture_output=True,
            check=False,
        )
        self.t.note('ethtool', done.returncode)


def frames(wire):
    """What has come: tags in band. Whether the checksum was looked at is the receiver's business."""
    found = []
    while True:
        try:
            data, ancillary, _, address = wire.sock.recvmsg(80000, 256)
        except BlockingIOError:
            return found
        if address[2] != socket.PACKET_OUTGOING:
            head = bytes((data[0] & ~DATA_VALID,)) + data[1:10]
            found.append(head + without_random(with_tag(data[10:], ancillary)))


def without_random(frame):
    """The number of an IPv6 packet that was sent in fragments is random."""
    ofs = 16 if frame[12:14] == b'\x81\0' else 12
    fragment = frame[ofs : ofs + 2] == b'\x86\xdd' and frame[ofs + 8] == p.FRAGMENT
    return frame[: ofs + 46] + bytes(4) + frame[ofs + 50 :] if fragment else frame


def gso(name):
    def register(function):
        @case(f'gso/{name}', 'fresh')
        def run(t):
            stage = GsoStage(t)
            try:
                function(t, stage)
            finally:
                stage.close()

        return run

    return register


@gso('misses')
def misses(t, stage):
    """Each segment is an upcall of its own."""
    stage.inject_all(upcalls=True)
    stage.statistics()


@gso('forward')
def forward(t, stage):
    t.put(ALL_FROM_1, act.output(2), ANYTHING, label='port 1 to port 2')
    stage.inject_all()
    stage.statistics(False)
    t.dump('ovs_flow', ovsnl.FLOW_GET, label='flow')


@gso('segmented')
def segmented(t, stage):
    stage.segment_first()
    t.put(ALL_FROM_1, act.output(2), ANYTHING, label='port 1 to port 2')
    stage.inject_all()


CHAINS = {
    'ports': (0x800, act.set_masked(key.tcp(7, 8), key.tcp(0xFFFF, 0xFFFF))),
    'addresses': (
        0x800,
        act.set_masked(
            key.ipv4('1.2.3.4', '0.0.0.0', 0, 0, 0), key.ipv4('255.255.255.255', '0.0.0.0', 0, 0, 0)
        ),
    ),
    'addresses-6': (
        0x86DD,
        act.set_masked(
            key.ipv6('2001:db8::99', '::', 0, hlimit=0),
            key.ipv6('ffff:' * 7 + 'ffff', '::', 0, hlimit=0),
        ),
    ),
    'push-vlan': (0, act.push_vlan(0x1005)),
    'pop-vlan': (0, act.pop_vlan()),
    'twice': (0, act.output(2)),
    'user': (0, None),
}


@gso('actions')
def actions(t, stage):
    stage.segment_first()
    for name, (kind, chain) in CHAINS.items():
        chain = t.to_user(b'x') if chain is None else chain
        flow_key, mask = ALL_FROM_1, ANYTHING
        if kind:
            flow_key = key.in_port(1) + key.eth(p.A, p.B) + key.eth_type(kind)
            network = {
                0x800: (key.ipv4(p.IP_A, p.IP_B, p.TCP), key.ipv4('0.0.0.0', '0.0.0.0', 255, 0, 0)),
                0x86DD: (key.ipv6(p.IP6_A, p.IP6_B, p.TCP), key.ipv6('::', '::', 255, hlimit=0)),
            }[kind]
            flow_key += network[0] + key.tcp(1000, 80)
            mask = ANYTHING + key.eth_type(0xFFFF) + network[1]
        t.put(flow_key, chain + act.output(2), mask, label=name)
        stage.inject_all(f'{name}: ', bool(kind) or name == 'user')
        t.flush()


@gso('trunc')
def trunc(t, stage):
    stage.segment_first()
    t.put(ALL_FROM_1, act.trunc(100) + act.output(2), ANYTHING, label='trunc')
    stage.inject_all()


def check_length(length, longer, other):
    return attr(21, attr(1, u16(length)) + attr(2, longer) + attr(3, other))


@gso('check-length')
def lengths(t, stage):
    """The segments' length is what counts."""
    longer, other = act.push_vlan(0x1001) + act.output(2), act.push_vlan(0x1002) + act.output(2)
    for length in (1053, 1054, 1055, 3053, 3054, 3055):
        t.put(ALL_FROM_1, check_length(length, longer, other), ANYTHING, label=f'{length}')
        for name in ('tcp4', 'tcp4-one', 'tcp4-exact', 'tcp4-tagged', 'tcp6', 'ufo4'):
            stage.inject(f'{length}: {name}', PACKETS[name])
        t.flush()
