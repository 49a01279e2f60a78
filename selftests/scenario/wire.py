# SPDX-License-Identifier: BSD-3-Clause
"""Packets and the hosts that exchange them, for the scenarios' clients.

Builders return bytes with right checksums; Wire is a packet socket on a host's device, in the
host's namespace, whatever namespace the program itself is in.
"""
import contextlib
import ctypes
import os
import socket
import struct
import time

from ovslang import ip4, ip6, mac

ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_VLAN, ETH_P_IPV6 = 3, 0x800, 0x806, 0x8100, 0x86dd
ICMP, TCP, UDP, ICMPV6, SCTP = 1, 6, 17, 58, 132

# <linux/if_packet.h>
SOL_PACKET, PACKET_AUXDATA, PACKET_VNET_HDR, PACKET_OUTGOING = 263, 8, 15, 4
TP_STATUS_CSUMNOTREADY, TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 8, 0x10, 0x40
SO_RCVBUFFORCE = 33
CLONE_NEWNET = 0x40000000

# <linux/virtio_net.h>
VNET_NEEDS_CSUM, VNET_GSO_NONE, VNET_GSO_TCPV4, VNET_GSO_TCPV6 = 1, 0, 1, 4

libc = ctypes.CDLL(None, use_errno=True)


def checksum(data, start=0):
    """The internet checksum of RFC 1071."""
    if len(data) % 2:
        data += b'\0'
    total = start + sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def host_mac(number):
    """The address of host `number`'s eth0; see lib.sh."""
    return bytes((2, 0, 0, 0, 0, number))


def eth(src, dst, kind, payload, pad_to=0):
    return (mac(dst) + mac(src) + struct.pack('!H', kind) + payload).ljust(pad_to, b'\0')


def vlan(tci, kind, payload):
    """What follows an ethertype of 0x8100 or 0x88a8."""
    return struct.pack('!HH', tci, kind) + payload


def ipv4(src, dst, proto, payload, ttl=64, tos=0, frag=0, ident=0):
    header = struct.pack('!BBHHHBBH4s4s', 0x45, tos, 20 + len(payload), ident, frag, ttl, proto, 0,
                         ip4(src), ip4(dst))
    return header[:10] + struct.pack('!H', checksum(header)) + header[12:] + payload


def ipv6(src, dst, proto, payload, hlimit=64, tclass=0, label=0):
    return struct.pack('!IHBB16s16s', 6 << 28 | tclass << 20 | label, len(payload), proto, hlimit,
                       ip6(src), ip6(dst)) + payload


def pseudo(src, dst, proto, length):
    """The pseudo header's bytes, for packed addresses of either length."""
    if len(src) == 4:
        return src + dst + struct.pack('!BBH', 0, proto, length)
    return src + dst + struct.pack('!II', length, proto)


def packed(address):
    return ip6(address) if ':' in address else ip4(address)


def l4(src, dst, proto, segment, at):
    """`segment` with the checksum at offset `at` filled in."""
    value = checksum(pseudo(packed(src), packed(dst), proto, len(segment)) + segment)
    if proto == UDP and value == 0:
        value = 0xffff
    return segment[:at] + struct.pack('!H', value) + segment[at + 2:]


def ip(src, dst, proto, payload, **fields):
    if ':' in src:
        return ETH_P_IPV6, ipv6(src, dst, proto, payload, **fields)
    return ETH_P_IP, ipv4(src, dst, proto, payload, **fields)


def udp(src, dst, sport, dport, data=b'', **fields):
    """(ethertype, packet)"""
    segment = struct.pack('!HHHH', sport, dport, 8 + len(data), 0) + data
    return ip(src, dst, UDP, l4(src, dst, UDP, segment, 6), **fields)


def tcp(src, dst, sport, dport, data=b'', flags=0x10, seq=1, ack=1, **fields):
    segment = struct.pack('!HHIIBBHHH', sport, dport, seq, ack, 5 << 4, flags, 0xffff, 0, 0) + data
    return ip(src, dst, TCP, l4(src, dst, TCP, segment, 16), **fields)


def gso_tcp(src, dst, size):
    """A frame with `size` bytes of TCP over IPv4 that a device is to cut: the sum of its pseudo header
    stands in the place of its checksum."""
    _, whole = tcp(src, dst, 1000, 2000, bytes(size), flags=0x18)
    start = checksum(pseudo(whole[12:16], whole[16:20], TCP, len(whole) - 20)) ^ 0xffff
    return eth(host_mac(1), host_mac(2), ETH_P_IP, whole[:36] + struct.pack('!H', start) + whole[38:])


def frame(src, dst, packet, tags=()):
    """`packet` as (ethertype, bytes), behind VLAN tags (tpid, tci) from the outside in."""
    kind, payload = packet
    for tpid, tci in reversed(tags):
        payload = struct.pack('!HH', tci, kind) + payload
        kind = tpid
    return eth(src, dst, kind, payload)


def verify(data):
    """Of an Ethernet frame, maybe tagged: are the checksums right? None, or what is wrong."""
    kind, = struct.unpack_from('!H', data, 12)
    at = 14
    while kind in (0x8100, 0x88a8):
        kind, = struct.unpack_from('!H', data, at + 2)
        at += 4
    if kind == ETH_P_IP:
        if checksum(data[at:at + 20]):
            return 'IPv4 header checksum'
        length, proto = struct.unpack_from('!2xH5xB', data, at)
        src, dst = data[at + 12:at + 16], data[at + 16:at + 20]
        segment = data[at + 20:at + length]
    elif kind == ETH_P_IPV6:
        length, proto = struct.unpack_from('!4xHB', data, at)
        src, dst = data[at + 8:at + 24], data[at + 24:at + 40]
        segment = data[at + 40:at + 40 + length]
    else:
        return None
    if proto in (TCP, UDP, ICMPV6) and checksum(pseudo(src, dst, proto, len(segment)) + segment):
        return f'checksum of protocol {proto}'
    if proto == ICMP and checksum(segment):
        return 'ICMP checksum'
    return None


@contextlib.contextmanager
def in_host(name):
    """Inside: sockets are opened in the namespace of this name."""
    home = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
    there = os.open(f'/run/netns/{name}', os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f'setns {name}')
        yield
    finally:
        if libc.setns(home, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')
        os.close(there)
        os.close(home)


class Wire:
    """eth0 of host `number`, to send frames from and to see what arrives.

    Only frames that arrive are seen, and only those for which `match(frame)` holds. A tag that the
    device took off is put back. Who only sends and never reads says so by `listen`: else what arrives
    is kept, in the kernel's memory.
    """

    def __init__(self, number, match=None, vnet=False, device='eth0', listen=True):
        with in_host(f'h{number}'):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
            self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
            if vnet:
                self.sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
            self.sock.bind((device, ETH_P_ALL if listen else 0))
        self.match = match
        self.vnet = vnet
        self.statuses = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.send(bytes(10) + data if self.vnet else data)

    def send_gso(self, data, gso_type, header_length, mss, csum_start, csum_offset):
        """A frame that the device is to cut into segments; the checksum holds the pseudo header's."""
        header = struct.pack('=BBHHHH', VNET_NEEDS_CSUM, gso_type, header_length, mss, csum_start,
                             csum_offset)
        self.sock.send(header + data)

    def read(self):
        """The next frame that fits, None when none is there."""
        while True:
            try:
                data, control, _, address = self.sock.recvmsg(1 << 17, 64, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return None
            if self.vnet:
                data = data[10:]
            data, status = retag(data, control)
            if address[2] != PACKET_OUTGOING and (self.match is None or self.match(data)):
                self.statuses.append(status)
                return data

    def receive(self, count, timeout=10.0, settle=0.2):
        """All frames until `count` arrived or the time is up, and those that follow within `settle`
        seconds: a frame too many is as wrong as one too few."""
        found, deadline = [], time.monotonic() + timeout
        while True:
            data = self.read()
            if data is not None:
                found.append(data)
                if len(found) == count:
                    deadline = time.monotonic() + settle
            elif time.monotonic() > deadline:
                return found
            else:
                time.sleep(0.005)

    def sees_nothing(self, settle=0.3):
        return not self.receive(0, timeout=settle, settle=settle)


def retag(data, control):
    for level, kind, payload in control:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack_from('=IIIHHHH', payload)
            if status & TP_STATUS_VLAN_VALID:
                tpid = tpid if status & TP_STATUS_VLAN_TPID_VALID else ETH_P_VLAN
                data = data[:12] + struct.pack('!HH', tpid, tci) + data[12:]
            return data, status
    return data, 0


def save_pcap(path, frames):
    """For tcpdump to read."""
    with open(path, 'wb') as out:
        out.write(struct.pack('=IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for number, data in enumerate(frames):
            out.write(struct.pack('=IIII', number, 0, len(data), len(data)) + data)
