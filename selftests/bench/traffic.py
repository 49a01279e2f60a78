# SPDX-License-Identifier: BSD-3-Clause
"""Packets: templates with fields that differ from packet to packet, and mixes
of them, as the source (fill.c) and as pcap files have them."""
import random
import struct

ETHERNET = bytes.fromhex("020000000002" "020000000001")
FIRST = 0x0a000001  # 10.0.0.1
SERVER = bytes([10, 128, 0, 1])
V6_SOURCE = bytes.fromhex("fd00000000000000000000000a000001")
V6_SERVER = bytes.fromhex("fd00000000000000000000000a800001")
HEAD = 128
SLOTS = 64
TEMPLATES = 16
ORDER = 65536


def words(data):
    """Sum of 16-bit words."""
    data += bytes(len(data) % 2)
    return sum(struct.unpack("!%dH" % (len(data) // 2), data))


def checksum(total):
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def put(data, ofs, value, width):
    return data[:ofs] + value.to_bytes(width, "big") + data[ofs + width:]


class Template:
    """A kind of packet; `flows` of them differ in the last 32 bits of the
    source address and, with `ports`, in the UDP destination port.

    size: bytes without FCS; tags: (TPID, TCI) of VLAN tags, outer one first;
    labels: MPLS labels, outer one first; v6: IPv6; csum: a UDP checksum."""

    def __init__(self, flows=1, size=60, first=FIRST, port=80, ports=1, tags=(), labels=(),
                 v6=False, csum=False):
        self.flows, self.size, self.first = flows, size, first
        self.port, self.ports = port, ports
        head = ETHERNET
        for tpid, tci in tags:
            head += struct.pack("!HH", tpid, tci)
        head += struct.pack("!H", 0x8847 if labels else 0x86dd if v6 else 0x0800)
        for i, label in enumerate(labels):
            bottom = i == len(labels) - 1
            head += struct.pack("!I", label << 12 | bottom << 8 | 64)
        l3 = len(head)
        length = size - l3 - (40 if v6 else 20)
        if v6:
            head += struct.pack("!IHBB", 6 << 28, length, 17, 64) + V6_SOURCE + V6_SERVER
            self.addr_ofs, self.ip_csum_ofs = l3 + 8 + 12, 0
        else:
            head += struct.pack("!BBHHHBBHI4s", 0x45, 0, size - l3, 0, 0, 64, 17, 0, 0, SERVER)
            self.addr_ofs, self.ip_csum_ofs = l3 + 12, l3 + 10
        l4 = len(head)
        head += struct.pack("!HHHH", 1024, 0, length, 0)
        self.port_ofs = l4 + 2
        head = put(head, self.addr_ofs, 0, 4)
        self.ip_sum = 0 if v6 else words(head[l3:l4])
        self.l4_csum_ofs = l4 + 6 if csum or v6 else 0
        self.l4_sum = words(head[l3 + (8 if v6 else 12):]) + 17 + length
        self.head = head.ljust(HEAD, b"\0")

    def packet(self, number):
        """The packet of this number, all `size` bytes."""
        addr = (self.first + number) & 0xffffffff
        port = self.port + number % self.ports
        more = (addr >> 16) + (addr & 0xffff)
        data = put(self.head, self.addr_ofs, addr, 4)
        data = put(data, self.port_ofs, port, 2)
        if self.ip_csum_ofs:
            data = put(data, self.ip_csum_ofs, checksum(self.ip_sum + more), 2)
        if self.l4_csum_ofs:
            data = put(data, self.l4_csum_ofs, checksum(self.l4_sum + more + port) or 0xffff, 2)
        return data.ljust(self.size, b"\0")[:self.size]

    def packed(self):
        return struct.pack("<IIIIHHHBBBB6x%ds" % HEAD, self.flows, self.first, self.ip_sum,
                           self.l4_sum, self.port, self.ports, self.size, self.addr_ofs,
                           self.port_ofs, self.ip_csum_ofs, self.l4_csum_ofs, self.head)


class Traffic:
    """A mix of packets.

    mix: (Template, share of SLOTS); burst: packets a poll at most;
    zipf: exponent of the numbers' popularity, 0 for uniform."""

    def __init__(self, *mix, burst=32, zipf=0):
        self.templates = [t for t, _share in mix]
        self.slots = [i for i, (_t, share) in enumerate(mix) for _ in range(share)]
        self.burst, self.zipf = burst, zipf

    def order(self):
        """Numbers to draw from, most popular ones at random places."""
        if not self.zipf:
            return []
        flows, rng = self.templates[0].flows, random.Random(1)
        numbers = list(range(flows))
        rng.shuffle(numbers)
        return rng.choices(numbers, [(i + 1) ** -self.zipf for i in range(flows)], k=ORDER)

    def packed(self, capture=False, latency=False, pace=0):
        """struct fill_control (fill.h) without its first word."""
        order = self.order()
        head = struct.pack("<7I", len(self.slots), self.burst, len(order), capture, latency,
                           pace, 0)
        templates = b"".join(t.packed() for t in self.templates)
        return (head + bytes(self.slots).ljust(SLOTS, b"\0") +
                templates.ljust(TEMPLATES * (32 + HEAD), b"\0") +
                struct.pack("<%dI" % len(order), *order).ljust(4 * ORDER, b"\0"))

    def write_pcap(self, path, least=1024):
        """All packets in a seeded random order, repeated to `least`."""
        packets = [(t, n) for t in self.templates for n in range(t.flows)]
        packets *= max(1, least // len(packets))
        random.Random(1).shuffle(packets)
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            for template, number in packets:
                data = template.packet(number)
                f.write(struct.pack("<IIII", 0, 0, len(data), len(data)) + data)


def plain(*args, **options):
    """One template, all packets alike but for their numbers."""
    traffic = {k: options.pop(k) for k in ("burst", "zipf") if k in options}
    return Traffic((Template(*args, **options), 1), **traffic)
