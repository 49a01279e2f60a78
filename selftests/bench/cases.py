# SPDX-License-Identifier: BSD-3-Clause
"""What is measured between two null devices: packets, flows, and what is to
leave.

Flows are written as ovs-dpctl has them, with {i} and {o} for the port that
packets come from and the one that they leave by. `out` makes the packets that
leave from one that came; None: the same.
"""
import traffic
from traffic import Template, Traffic, plain, put

IP = "recirc_id(0),in_port({i}),eth(),eth_type(0x0800),ipv4(frag=no)"
UDP = "recirc_id(0),in_port({i}),eth(),eth_type(0x0800),ipv4(proto=17,frag=no),udp(dst=80)"


class Case:
    """name, title: for the command line and the table
    traffic: Traffic
    flows: list of (match, actions), or a function that yields them
    out: function from a packet to the list of those that leave
    copies: packets that leave for one that comes, on the average
    main: measured when nobody names cases
    floor: the case whose x is taken off ours, for the cost of an action"""

    def __init__(self, name, title, packets, flows, out=None, copies=1.0,
                 main=False, floor=None, must=None):
        self.name, self.title, self.traffic = name, title, packets
        self.flows = flows if callable(flows) else lambda: flows
        self.out = out or (lambda packet: [packet])
        self.copies, self.main = copies, main
        self.floor, self.must = floor, must

    def rendered(self, numbers):
        """The flows with a contestant's port numbers."""
        return ((match.format(**numbers), actions.format(**numbers))
                for match, actions in self.flows())


# Megaflows

def by_address(count):
    """A megaflow for each source address."""
    for i in range(count):
        yield ("recirc_id(0),in_port({i}),eth(),eth_type(0x0800),ipv4(src=%s,frag=no)" %
               dotted(traffic.FIRST + i), "{o}")


def dotted(address):
    return ".".join(str(b) for b in address.to_bytes(4, "big"))


def by_ports(count):
    """One mask: the destination port."""
    return [(UDP.replace("dst=80", "dst=%d" % (80 + i)), "{o}") for i in range(count)]


def masks(count):
    """As many masks: all have the destination port, and a pattern of bits of
    the destination address that no other has."""
    server = int.from_bytes(traffic.SERVER, "big")
    for i in range(count):
        pattern = 0xffff0000 | i
        yield ("recirc_id(0),in_port({i}),eth(),eth_type(0x0800),"
               "ipv4(dst=%s/%s,proto=17,frag=no),udp(dst=%d)" %
               (dotted(server & pattern), dotted(pattern), 1000 + i), "{o}")


def attacked():
    """A victim's flow, and those that an attacker had made."""
    yield UDP, "{o}"
    yield from masks(8192)


# What becomes of packets. All are Ethernet, UDP over IPv4, unless said.

L3, L4 = 14, 34


def fixed_ip(packet):
    """With the checksum of the IP header made anew."""
    packet = put(packet, L3 + 10, 0, 2)
    return put(packet, L3 + 10, traffic.checksum(traffic.words(packet[L3:L4])), 2)


def fixed_udp(packet):
    packet = put(packet, L4 + 6, 0, 2)
    total = traffic.words(packet[L3 + 12:]) + 17 + len(packet) - L4
    return put(packet, L4 + 6, traffic.checksum(total), 2)


def pushed(packet):
    return [packet[:12] + bytes.fromhex("81000005") + packet[12:]]


def popped(packet):
    return [packet[:12] + packet[16:]]


def set_eth(packet):
    return [bytes.fromhex("0200000000aa" "0200000000bb") + packet[12:]]


def set_ipv4_l4(packet):
    packet = put(packet, L3 + 16, 0x0a090909, 4)
    return [fixed_udp(fixed_ip(put(packet, L4 + 2, 8080, 2)))]


def routed(packet):
    return [fixed_ip(put(set_eth(packet)[0], L3 + 8, packet[L3 + 8] - 1, 1))]


def cut(packet):
    return [packet[:100]]


ADDRESSES = "eth(src=02:00:00:00:00:bb,dst=02:00:00:00:00:aa)"
MEGA = 16 * 1000 * 1000  # more than any cache holds
IMIX = Traffic((Template(1000, size=60), 37), (Template(1000, size=566), 21),
               (Template(1000, size=1514), 5))

CASES = [
    Case("in_port", "in_port only", plain(), [(IP, "{o}")], main=True, must=2),
    Case("flow_1", "one 5-tuple", plain(), [(UDP, "{o}")], main=True, must=2),
    Case("micro_1k", "1k microflows", plain(1000, ports=4), by_ports(4), main=True, must=2),
    Case("micro_100k", "100k microflows", plain(100000, ports=4), by_ports(4), main=True, must=2),
    Case("micro_1m", "1M microflows", plain(1000000, ports=4), by_ports(4), main=True, must=2),
    Case("zipf_1k", "1k microflows, Zipf 1.1", plain(1000, ports=4, zipf=1.1), by_ports(4)),
    Case("zipf_100k", "100k microflows, Zipf 1.1", plain(100000, ports=4, zipf=1.1), by_ports(4)),
    Case("mega_1k", "1k megaflows", plain(1000), lambda: by_address(1000)),
    Case("mega_100k", "100k megaflows", plain(100000), lambda: by_address(100000), main=True,
         must=2),
    Case("mega_1m", "1M megaflows", plain(1000000), lambda: by_address(1000000), must=2),
    Case("masks_1", "new microflows, 1 mask", plain(MEGA, port=1000, ports=1),
         lambda: masks(1), main=True, must=2),
    Case("masks_8", "new microflows, 8 masks", plain(MEGA, port=1000, ports=8),
         lambda: masks(8), main=True, must=3),
    Case("masks_16", "new microflows, 16 masks", plain(MEGA, port=1000, ports=16),
         lambda: masks(16), must=3.5),
    Case("masks_64", "new microflows, 64 masks", plain(MEGA, port=1000, ports=64),
         lambda: masks(64), main=True, must=5),
    Case("masks_64_100k", "100k microflows, 64 masks", plain(100000, port=1000, ports=64),
         lambda: masks(64), main=True, must=3),
    Case("calm", "victim alone", plain(100000), [(UDP, "{o}")]),
    Case("attack", "victim beside 8192 masks (1 packet in 64)",
         Traffic((Template(100000), 63), (Template(MEGA, port=1000, ports=8192), 1)), attacked,
         main=True, floor="calm"),
    Case("push_vlan", "VLAN push", plain(1000), [(UDP, "push_vlan(vid=5,pcp=0),{o}")], pushed,
         main=True, floor="flow_1"),
    Case("pop_vlan", "VLAN pop", plain(1000, size=64, tags=[(0x8100, 5)]),
         [("recirc_id(0),in_port({i}),eth(),eth_type(0x8100),vlan(vid=5),"
           "encap(eth_type(0x0800),ipv4(proto=17,frag=no),udp(dst=80))", "pop_vlan,{o}")],
         popped, floor="flow_1"),
    Case("set_eth", "set Ethernet", plain(1000), [(UDP, "set(%s),{o}" % ADDRESSES)], set_eth,
         main=True, floor="flow_1"),
    Case("set_ip", "set IPv4 and UDP, checksums", plain(1000, csum=True),
         [(UDP, "set(ipv4(dst=10.9.9.9)),set(udp(dst=8080)),{o}")], set_ipv4_l4, main=True,
         floor="flow_1"),
    Case("route", "set Ethernet and TTL", plain(1000),
         [(UDP.replace("frag", "ttl=64,frag"), "set(%s),set(ipv4(ttl=63)),{o}" % ADDRESSES)],
         routed, floor="flow_1"),
    Case("output_2", "two outputs", plain(1000), [(UDP, "{o},{o}")], lambda p: [p, p], 2,
         floor="flow_1"),
    Case("sample", "sample of 10 % copied", plain(1000),
         [(UDP, "sample(sample=10.0%,actions({o})),{o}")], lambda p: [p, p], 1.1, floor="flow_1"),
    Case("meter", "meter", plain(1000), [(UDP, "meter(0),{o}")], floor="flow_1"),
    Case("recirc", "recirculation", plain(1000),
         [(UDP, "recirc(1)"), (UDP.replace("recirc_id(0)", "recirc_id(0x1)"), "{o}")],
         main=True, floor="flow_1"),
    Case("trunc", "trunc of 1518 bytes to 100", plain(1000, size=1514), [(UDP, "trunc(100),{o}")],
         cut, floor="size_1518"),
    Case("ipv6", "IPv6, 1k microflows", plain(1000, size=78, v6=True, ports=4),
         [("recirc_id(0),in_port({i}),eth(),eth_type(0x86dd),ipv6(proto=17,frag=no),udp(dst=%d)" %
           (80 + i), "{o}") for i in range(4)], main=True),
    Case("vlan", "one tag, 1k microflows", plain(1000, size=64, tags=[(0x8100, 5)]),
         [("recirc_id(0),in_port({i}),eth(),eth_type(0x8100),vlan(vid=5),"
           "encap(eth_type(0x0800),ipv4(proto=17,frag=no),udp(dst=80))", "{o}")]),
    Case("qinq", "two tags, 1k microflows",
         plain(1000, size=68, tags=[(0x88a8, 7), (0x8100, 5)]),
         [("recirc_id(0),in_port({i}),eth(),eth_type(0x88a8),vlan(vid=7),"
           "encap(eth_type(0x8100),vlan(vid=5),encap(eth_type(0x0800),ipv4(frag=no)))", "{o}")]),
    Case("mpls", "MPLS label, forwarded", plain(1000, size=64, labels=[100]),
         [("recirc_id(0),in_port({i}),eth(),eth_type(0x8847),mpls(label=100,tc=0,ttl=64,bos=1)",
           "{o}")]),
    Case("size_128", "128 bytes", plain(1000, size=124), [(UDP, "{o}")]),
    Case("size_512", "512 bytes", plain(1000, size=508), [(UDP, "{o}")]),
    Case("size_1518", "1518 bytes", plain(1000, size=1514), [(UDP, "{o}")]),
    Case("imix", "IMIX (7:4:1)", IMIX, [(UDP, "{o}")]),
    Case("burst_1", "bursts of one", plain(1000, burst=1), [(UDP, "{o}")], main=True),
]
