# SPDX-License-Identifier: BSD-3-Clause
"""Packets for the sources: UDP to port 80, one 5-tuple a packet, as pcap."""
import ipaddress
import random
import struct

ETH = bytes.fromhex("020000000002" "020000000001" "0800")


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def udp_packet(index, size=60):
    """The packet of 5-tuple number `index`, `size` bytes without FCS."""
    src = int(ipaddress.ip_address("10.0.0.0")) + 1 + index % 65000
    sport = 1024 + index // 65000
    length = size - 14
    head = struct.pack("!BBHHHBBHI4s", 0x45, 0, length, 0, 0, 64, 17, 0, src,
                       bytes([10, 128, 0, 1]))
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    udp = struct.pack("!HHHH", sport, 80, length - 20, 0)
    return ETH + head + udp + bytes(size - 42)


def write_pcap(path, flows, least=1024):
    """`flows` 5-tuples in a seeded random order, repeated to `least` packets."""
    order = list(range(flows)) * max(1, least // flows)
    random.Random(1).shuffle(order)
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for index in order:
            packet = udp_packet(index)
            f.write(struct.pack("<IIII", 0, 0, len(packet), len(packet)))
            f.write(packet)
    return len(order)
