# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 11_layer3.sh."""
import fcntl
import os
import select
import struct
import subprocess
import time

import ovsnl
import wire
from ovslang import act, ip4, key
from ovsnl import u32
from testbed import (ALL, Datapath, big_socket, drops, expect, expect_drops, expect_frames, expect_true, main,
                     upcalls, wait_for)
from wire import Wire, host_mac, in_host, udp

SRC, DST = '10.0.0.1', '10.0.0.2'
SRC6, DST6 = '2001:db8::1', '2001:db8::2'
TUNSETIFF, TUNSETOFFLOAD, TUNSETVNETHDRSZ = 0x400454ca, 0x400454d0, 0x400454d8
IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 1, 0x1000, 0x4000
TUN_F_CSUM, TUN_F_TSO4 = 1, 2
IPV4, IPV6, MPLS, TEB = 0x800, 0x86dd, 0x8847, 0x6558
# One label, the last.
LABEL = bytes.fromhex('00064140')


class Tun:
    """The other end of a TUN device; packets have their type in front (struct tun_pi)."""

    def __init__(self, name, flags=0, setup=True):
        self.flags = flags
        self.fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TUN | flags))
        if setup:
            subprocess.run(['ip', 'link', 'set', name, 'addrgenmode', 'none', 'up', 'mtu', '1500'], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)

    def send(self, kind, packet):
        os.write(self.fd, struct.pack('!HH', 0, kind) + packet)

    def receive(self, count, timeout=10.0):
        """[(type, packet)]"""
        found, deadline = [], time.monotonic() + timeout
        while len(found) < count and time.monotonic() < deadline:
            if select.select([self.fd], [], [], 0.05)[0]:
                data = os.read(self.fd, 70000)
                found.append((struct.unpack_from('!H', data, 2)[0], data[4:]))
        return found

    def sees_nothing(self, seconds):
        return not select.select([self.fd], [], [], seconds)[0]


def network(kind):
    """What a key of this EtherType has behind it."""
    return {IPV4: key.ipv4('0.0.0.0', '0.0.0.0', 0), IPV6: key.ipv6('::', '::', 0), MPLS: key.mpls(0)}[kind]


def framed_match(kind):
    """(key, mask) for what arrives with an Ethernet header at port 1."""
    start = key.eth(bytes(6), bytes(6))
    return (key.in_port(1) + start + key.eth_type(kind) + network(kind),
            key.in_port(ALL) + start + key.eth_type(0xffff))


def bare_match(kind):
    """(key, mask) for what arrives bare at port 3."""
    return (key.in_port(3) + key.eth_type(kind) + network(kind), key.in_port(ALL) + key.eth_type(0xffff))


def layer3_in():
    with big_socket() as client, Tun('p3') as tun, Wire(1) as near:
        datapath = Datapath(1, 3, pids={3: (client.pid,)})
        packet = udp(SRC, DST, 1000, 2000, b'payload')[1]
        tun.send(IPV4, packet)
        upcall, = upcalls(client, 1)
        expect(upcall.packet, packet, 'packet of the upcall')
        expect({name: upcall.key.get(name) for name in ('in_port', 'eth', 'eth_type', 'ipv4', 'udp', 'vlan')},
               {'in_port': u32(3), 'eth': None, 'eth_type': b'\x08\x00', 'vlan': None,
                'ipv4': ip4(SRC) + ip4(DST) + bytes((17, 0, 64, 0)), 'udp': packet[20:24]}, 'key')

        # The key of the upcall makes the flow; a key with Ethernet is another one.
        push = act.push_eth(host_mac(9), host_mac(1))
        sock = datapath.sock
        sock.flow_new(datapath.ifindex, upcall.key_bytes, push + act.output(1))
        tun.send(IPV4, packet)
        expect_frames(near.receive(1), [wire.eth(host_mac(9), host_mac(1), IPV4, packet)], 'with a header')
        expect(datapath.counts(upcall.key_bytes), (1, len(packet)), 'counts of the flow')
        sock.flow_del(datapath.ifindex)
        wanted, mask = framed_match(IPV4)
        datapath.put(key.in_port(3) + wanted[8:], mask, act.output(1))
        tun.send(IPV4, packet)
        upcall, = upcalls(client, 1)
        expect(upcall.packet, packet, 'missed in spite of a flow with Ethernet')

        # IPv6, MPLS, and packets that bring an Ethernet header of their own.
        packet = udp(SRC6, DST6, 1000, 2000, b'payload')[1]
        tun.send(IPV6, packet)
        upcall, = upcalls(client, 1)
        expect((upcall.key.get('eth'), upcall.key['eth_type'], upcall.key['udp']),
               (None, b'\x86\xdd', packet[40:44]), 'key of an IPv6 packet')
        tun.send(MPLS, LABEL + packet)
        upcall, = upcalls(client, 1)
        expect((upcall.key.get('eth'), upcall.key['eth_type'], upcall.key['mpls']),
               (None, b'\x88\x47', LABEL), 'key of a packet with a label')
        framed = wire.eth(host_mac(9), host_mac(1), IPV4, udp(SRC, DST, 1, 2, b'x')[1])
        tun.send(TEB, framed)
        found = near.receive(1)
        expect_frames(found, [framed], 'with an Ethernet header of its own')
        datapath.expect_stats(hit=2, missed=4, lost=0)


def layer3_out():
    with big_socket() as client, Tun('p3') as tun, Wire(1) as near:
        datapath = Datapath(1, 3)
        for kind, packet in ((IPV4, udp(SRC, DST, 1000, 2000, b'payload')[1]),
                             (IPV6, udp(SRC6, DST6, 1000, 2000, b'payload')[1]),
                             (MPLS, LABEL + udp(SRC, DST, 1000, 2000, b'payload')[1])):
            data = wire.eth(host_mac(1), host_mac(9), kind, packet)
            match = framed_match(kind)
            datapath.put(*match, act.pop_eth(), act.output(3))
            near.send(data)
            expect(tun.receive(1), [(kind, packet)], f'bare, type {kind:#x}')
            # As it is: to the device an Ethernet header is payload.
            datapath.put(*match, act.output(3))
            near.send(data)
            expect(tun.receive(1), [(TEB, data)], f'framed, type {kind:#x}')
            # Truncated, copied, and seen by a client.
            datapath.put(*match, act.pop_eth(), act.trunc(20), act.output(3),
                         act.userspace(client.pid), act.push_eth(host_mac(9), host_mac(1)), act.output(1))
            near.send(data)
            expect(tun.receive(1), [(kind, packet[:20])], 'truncated')
            upcall, = upcalls(client, 1)
            expect(upcall.packet, packet, 'what the client sees')
        expect_true(tun.sees_nothing(0.1), 'more packets than were sent')


def layer3_refused():
    with Tun('p3') as tun, Wire(1) as near:
        datapath = Datapath(1, 3)
        before = drops()
        packet = udp(SRC, DST, 1000, 2000, b'payload')[1]
        datapath.put(*bare_match(IPV4), act.output(1))
        for _ in range(3):
            tun.send(IPV4, packet)
        datapath.expect_stats(hit=3)
        # To a port that takes them the other copy passes.
        datapath.put(*bare_match(IPV4), act.output(1), act.push_eth(host_mac(9), host_mac(1)), act.output(1))
        tun.send(IPV4, packet)
        expect_frames(near.receive(1), [wire.eth(host_mac(9), host_mac(1), IPV4, packet)], 'with a header')
        expect_true(near.sees_nothing(0.1), 'a bare packet passed')
        expect_drops(before, output_no_ethernet=4)


def layer3_offload():
    """Ten segments in one packet, bare and framed."""
    mss, count = 1000, 10
    body = bytes(number % 251 for number in range(mss * count))
    _, whole = wire.tcp(SRC, DST, 1000, 2000, body, flags=0x18, seq=5000)
    pseudo = wire.checksum(wire.pseudo(ip4(SRC), ip4(DST), wire.TCP, len(whole) - 20)) ^ 0xffff
    whole = whole[:36] + struct.pack('!H', pseudo) + whole[38:]
    with Tun('p3', IFF_VNET_HDR) as tun, Wire(1, vnet=True) as near:
        fcntl.ioctl(tun.fd, TUNSETVNETHDRSZ, struct.pack('i', 10))
        fcntl.ioctl(tun.fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4)
        datapath = Datapath(1, 3)
        datapath.put(*framed_match(IPV4), act.pop_eth(), act.output(3))
        near.send_gso(wire.eth(host_mac(1), host_mac(9), IPV4, whole), wire.VNET_GSO_TCPV4, 54, mss, 34, 16)
        wait_for(lambda: not tun.sees_nothing(0.1), 'a packet at the TUN device')
        data = os.read(tun.fd, 70000)
        # struct tun_pi, then struct virtio_net_hdr: no longer with the Ethernet header in its lengths.
        expect(struct.unpack_from('=BBHHHH', data, 4), (1, 1, 40, mss, 20, 16), 'virtio_net_hdr')
        expect(data[14:], whole, 'a packet to be segmented')

        datapath.put(*bare_match(IPV4), act.push_eth(host_mac(9), host_mac(1)), act.output(1))
        os.write(tun.fd, struct.pack('!HH', 0, IPV4) + struct.pack('=BBHHHH', 1, 1, 40, mss, 20, 16) + whole)
        # In one piece, or in as many as there are segments.
        wait_for(lambda: datapath.stats()[0] == 2, 'a hit')
        found = near.receive(count, timeout=2)
        expect_true(len(found) in (1, count), f'{len(found)} packets of {count} segments')
        expect({data[:14] for data in found}, {wire.eth(host_mac(9), host_mac(1), IPV4, b'')}, 'header')
        expect_true(b''.join(data[54:] for data in found) == body, 'other data than were sent')


def cable(ready):
    """Carries packets between p3 and tun0 of h3, whose stack is at the latter's other end. The file
    `ready` is made when there are flows from and to h1; who removes it ends this."""
    one = Tun('p3')
    with in_host('h3'):
        other = Tun('tun0', setup=False)
    datapath = Datapath(1, 3)
    datapath.put(*framed_match(IPV4), act.pop_eth(), act.output(3))
    datapath.put(*bare_match(IPV4), act.push_eth(host_mac(3), host_mac(1)), act.output(1))
    with open(ready, 'w', encoding='ascii'):
        pass
    while os.path.exists(ready):
        for source in select.select([one.fd, other.fd], [], [], 0.2)[0]:
            target = other.fd if source == one.fd else one.fd
            try:
                os.write(target, os.read(source, 70000))
            except OSError:
                pass


if __name__ == '__main__':
    main()
