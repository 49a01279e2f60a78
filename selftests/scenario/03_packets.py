# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 03_packets.sh: frames in, frames out, to the byte."""
import ctypes
import fcntl
import os
import select
import socket
import struct

import ovsnl
import wire
from ovslang import act, key
from testbed import (ALL, Datapath, big_socket, drain, expect, expect_frames, expect_true, kind_key, main,
                     upcalls)
from wire import Wire, frame, host_mac, in_host, tcp, udp

# <linux/if_tun.h>
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454ca, 0x0002, 0x1000
SRC4, DST4, SRC6, DST6 = '10.0.0.1', '10.0.0.2', 'fd00:0:0:1::1', 'fd00:0:0:1::2'
STRANGER = bytes((2, 0, 0, 0, 0, 0x99))  # nobody's address: h2's stack doesn't answer


def packet(payload, tags=(), src=host_mac(1), dst=STRANGER):
    return frame(src, dst, payload, tags)


def full(bits):
    return b'\xff' * bits


def each(datapath, near, far, cases):
    """Of each case (what, actions, frame in, frame out): what arrives at the far host is exactly the
    last frame, and its checksums are right."""
    for what, actions, sent, wanted in cases:
        expect(wire.verify(wanted), None, f'{what}: the expectation itself')
        datapath.forward_like(1, sent, *actions, act.output(2))
        near.send(sent)
        got = far.receive(1, settle=0.02)
        expect_frames(got, [wanted], what)
    datapath.expect_stats(hit=len(cases), missed=0, lost=0)


def two_tags():
    datapath = Datapath(1, 2)
    inner, outer = 0x1000 | 5 << 13 | 7, 0x1000 | 200
    plain = packet(udp(SRC4, DST4, 1, 2, b'x' * 30))
    tagged = packet(udp(SRC4, DST4, 1, 2, b'x' * 30), [(0x88a8, outer & 0xefff), (0x8100, inner & 0xefff)])
    ip_key = key.eth_type(0x800) + key.ipv4('0.0.0.0', '0.0.0.0', 17) + key.udp(1, 2)
    ip_mask = key.eth_type(0xffff) + key.ipv4('0.0.0.0', '0.0.0.0', 0xff, 0, 0)
    zero = key.eth(bytes(6), bytes(6))
    datapath.sock.flow_new(
        datapath.ifindex, key.in_port(1) + zero + ip_key,
        act.push_vlan(inner) + act.push_vlan(outer, 0x88a8) + act.output(2),
        key.in_port(ALL) + zero + ip_mask)
    datapath.sock.flow_new(
        datapath.ifindex,
        key.in_port(2) + zero + key.eth_type(0x88a8) + key.vlan(outer) +
        key.encap(key.eth_type(0x8100), key.vlan(inner), key.encap(ip_key)),
        act.pop_vlan() + act.pop_vlan() + act.output(1),
        key.in_port(ALL) + zero + key.eth_type(0xffff) + key.vlan(0x1fff) +
        key.encap(key.eth_type(0xffff), key.vlan(0xffff), key.encap(ip_mask)))
    with Wire(1) as near, Wire(2) as far:
        near.send(plain)
        expect_frames(far.receive(1), [tagged], 'two tags pushed')
        far.send(tagged)
        expect_frames(near.receive(1), [plain], 'two tags popped')
        other = packet(udp(SRC4, DST4, 1, 2), [(0x88a8, 200), (0x8100, 8)])
        far.send(other)
        far.send(packet(udp(SRC4, DST4, 1, 2), [(0x8100, 200), (0x8100, 7 | 5 << 13)]))
        far.send(packet(udp(SRC4, DST4, 1, 2), [(0x88a8, 200)]))
        expect_true(near.sees_nothing(), 'frames with other tags match')
    datapath.expect_stats(hit=2, missed=3, lost=3)


def tagger(number, vid):
    """Host `number` gets a device eth0.VID, as the kernel's 8021q module would make it, where that
    module is missing: a TAP whose frames pass eth0 with a tag. Ends when it is killed."""
    vid = int(vid)
    with in_host(f'h{number}'):
        tap = os.open('/dev/net/tun', os.O_RDWR)
        request = struct.pack('16sH22x', f'eth0.{vid}'.encode(), IFF_TAP | IFF_NO_PI)
        fcntl.ioctl(tap, TUNSETIFF, request)
    with Wire(int(number), is_tagged(vid)) as outside:
        while True:
            ready, _, _ = select.select([tap, outside.sock], [], [])
            if tap in ready:
                data = os.read(tap, 65536)
                outside.send(data[:12] + struct.pack('!HH', 0x8100, vid) + data[12:])
            data = outside.read() if outside.sock in ready else None
            if data:
                os.write(tap, data[:12] + data[16:])


def is_tagged(vid):
    def match(data):
        kind, tci = struct.unpack_from('!HH', data, 12)
        return kind == 0x8100 and tci & 0xfff == vid
    return match


def send_each_kind():
    """Packets to be rewritten by the flows of test_set_seen_by_tcpdump."""
    echo = wire.l4(SRC6, DST6, wire.ICMPV6, struct.pack('!BBHHH', 128, 0, 0, 1, 1) + b'ping' * 4, 2)
    with Wire(1) as near:
        for payload in (udp(SRC4, DST4, 1000, 2000, b'one'), tcp(SRC4, DST4, 1000, 2000, b'three'),
                        udp(SRC6, DST6, 1000, 2000, b'five'), tcp(SRC6, DST6, 1000, 2000, b'seven'),
                        wire.ip(SRC6, DST6, wire.ICMPV6, echo)):
            near.send(packet(payload, dst=host_mac(2)))


def fields4(src=SRC4, dst=DST4, proto=wire.UDP, tos=0, ttl=64):
    return key.ipv4(src, dst, proto, tos, ttl, 0)


def set_ipv4():
    """Every writable field, over TCP, UDP, UDP without checksum, and a later fragment."""
    cases = []
    nothing = key.ipv4('0.0.0.0', '0.0.0.0', 0, 0, 0, 0)
    new = {'src': '192.0.2.200', 'dst': '198.51.100.7', 'tos': 0xb8, 'ttl': 1}
    masks = {'src': key.ipv4('255.255.255.255', '0.0.0.0', 0, 0, 0),
             'dst': key.ipv4('0.0.0.0', '255.255.255.255', 0, 0, 0),
             'tos': key.ipv4('0.0.0.0', '0.0.0.0', 0, 0xff, 0),
             'ttl': key.ipv4('0.0.0.0', '0.0.0.0', 0, 0, 0xff)}
    for name, make, proto in (('udp', udp, wire.UDP), ('tcp', tcp, wire.TCP)):
        sent = packet(make(SRC4, DST4, 1000, 2000, b'odd'))
        for field, value in new.items():
            ends = {'src': SRC4, 'dst': DST4, **{k: v for k, v in {field: value}.items() if k in ('src', 'dst')}}
            rest = {field: value} if field in ('tos', 'ttl') else {}
            wanted = packet(make(ends['src'], ends['dst'], 1000, 2000, b'odd', **rest))
            action = act.set_masked(key.ipv4(**{'src': '0.0.0.0', 'dst': '0.0.0.0', 'proto': 0, 'ttl': 0,
                                                field: value}), masks[field])
            cases.append((f'{name}: set_masked {field}', [action], sent, wanted))
        wanted = packet(make(new['src'], new['dst'], 1000, 2000, b'odd', tos=new['tos'], ttl=new['ttl']))
        cases.append((f'{name}: set ipv4', [act.set(fields4(proto=proto, **new))], sent, wanted))
        ports = key.udp if proto == wire.UDP else key.tcp
        cases.append((f'{name}: set ports', [act.set(ports(7, 65535))], sent,
                      packet(make(SRC4, DST4, 7, 65535, b'odd'))))
        cases.append((f'{name}: half of a port', [act.set_masked(ports(0xab00, 0), ports(0xff00, 0))], sent,
                      packet(make(SRC4, DST4, 0xab00 | 1000 & 0xff, 2000, b'odd'))))
        cases.append((f'{name}: low bits of an address',
                      [act.set_masked(key.ipv4('0.0.0.9', '0.0.0.0', 0, 0, 0),
                                      key.ipv4('0.0.0.255', '0.0.0.0', 0, 0, 0))], sent,
                      packet(make('10.0.0.9', DST4, 1000, 2000, b'odd'))))
        cases.append((f'{name}: DSCP alone', [act.set_masked(key.ipv4('0.0.0.0', '0.0.0.0', 0, 0xfc, 0),
                                                             key.ipv4('0.0.0.0', '0.0.0.0', 0, 0xfc, 0))],
                      packet(make(SRC4, DST4, 1, 2, b'', tos=1)), packet(make(SRC4, DST4, 1, 2, b'', tos=0xfd))))
        cases.append((f'{name}: a set that changes nothing', [act.set_masked(nothing, nothing)], sent, sent))
    bare = struct.pack('!HHHH', 5, 6, 12, 0) + b'data'
    with Wire(1) as near, Wire(2) as far:
        datapath = Datapath(1, 2)
        # A UDP checksum of 0 means none, and stays so.
        cases_bare = [('udp without checksum: set ipv4 and ports',
                       [act.set(fields4(**new)), act.set(key.udp(7, 8))],
                       packet(wire.ip(SRC4, DST4, wire.UDP, bare)),
                       packet(wire.ip(new['src'], new['dst'], wire.UDP,
                                      struct.pack('!HHHH', 7, 8, 12, 0) + b'data', tos=0xb8, ttl=1)))]
        each(datapath, near, far, cases)
        for what, actions, sent, wanted in cases_bare:
            datapath.forward_like(1, sent, *actions, act.output(2))
            near.send(sent)
            expect_frames(far.receive(1), [wanted], what)


def set_ipv6():
    new = {'src': '2001:db8::200', 'dst': '2001:db8:1::7', 'tclass': 0xb8, 'hlimit': 1, 'label': 0x54321}
    none = {'src': '::', 'dst': '::', 'proto': 0, 'label': 0, 'tclass': 0, 'hlimit': 0}
    ones = {'src': full(16), 'dst': full(16), 'tclass': 0xff, 'hlimit': 0xff, 'label': 0xfffff}
    echo = {'data': b'ping' * 5}
    cases = []

    def ping(src, dst, *_, **fields):
        segment = struct.pack('!BBHHH', 128, 0, 0, 9, 9) + echo['data']
        return wire.ip(src, dst, wire.ICMPV6, wire.l4(src, dst, wire.ICMPV6, segment, 2), **fields)

    for name, make in (('udp', udp), ('tcp', tcp), ('icmpv6', ping)):
        sent = packet(make(SRC6, DST6, 1000, 2000, b'odd'))
        for field, value in new.items():
            ends = {'src': SRC6, 'dst': DST6}
            rest = {}
            (ends if field in ends else rest)[field] = value
            action = act.set_masked(key.ipv6(**{**none, field: value}), key.ipv6(**{**none, field: ones[field]}))
            cases.append((f'{name}: set_masked {field}', [action], sent,
                          packet(make(ends['src'], ends['dst'], 1000, 2000, b'odd', **rest))))
        proto = {'udp': wire.UDP, 'tcp': wire.TCP, 'icmpv6': wire.ICMPV6}[name]
        rest = {field: new[field] for field in ('tclass', 'hlimit', 'label')}
        cases.append((f'{name}: set ipv6', [act.set(key.ipv6(proto=proto, **new))], sent,
                      packet(make(new['src'], new['dst'], 1000, 2000, b'odd', **rest))))
    for name, make, ports in (('udp', udp, key.udp), ('tcp', tcp, key.tcp)):
        sent = packet(make(SRC6, DST6, 1000, 2000, b'odd'))
        cases.append((f'{name}: set ports', [act.set(ports(7, 65535))], sent,
                      packet(make(SRC6, DST6, 7, 65535, b'odd'))))
    with Wire(1) as near, Wire(2) as far:
        each(Datapath(1, 2), near, far, cases)


def set_ethernet():
    one, two = bytes.fromhex('02aabbccddee'), bytes.fromhex('021122334455')
    body = udp(SRC4, DST4, 1, 2, b'body')
    sent = packet(body)
    half = b'\xff\xff\xff' + bytes(3)
    cases = [
        ('set eth', [act.set(key.eth(one, two))], sent, packet(body, src=one, dst=two)),
        ('set_masked source', [act.set_masked(key.eth(one, bytes(6)), key.eth(full(6), bytes(6)))], sent,
         packet(body, src=one)),
        ('set_masked half of the destination',
         [act.set_masked(key.eth(bytes(6), two[:3] + bytes(3)), key.eth(bytes(6), half))], sent,
         packet(body, dst=two[:3] + STRANGER[3:])),
        ('set priority and mark', [act.set(key.priority(7)), act.set(key.skb_mark(0xabcd))], sent, sent),
        ('set eth of a tagged frame', [act.set(key.eth(one, two))], packet(body, [(0x8100, 9)]),
         packet(body, [(0x8100, 9)], src=one, dst=two)),
        ('push, set eth, pop', [act.push_vlan(0x1005), act.set(key.eth(one, two)), act.pop_vlan()], sent,
         packet(body, src=one, dst=two))]
    with Wire(1) as near, Wire(2) as far:
        each(Datapath(1, 2), near, far, cases)


def talk(server, listen, port, host, address, to_port):
    """A TCP connection from a host to another that rewriting makes meet; 64 KB either way."""
    data = bytes(range(256)) * 256
    with in_host(f'h{server}'):
        listener = socket.create_server((listen, int(port)))
        listener.settimeout(20)
    with in_host(f'h{host}'):
        caller = socket.create_connection((address, int(to_port)), 20)
    answerer, _ = listener.accept()
    answerer.settimeout(20)
    for left, right in ((caller, answerer), (answerer, caller)):
        left.sendall(data)
        got = b''
        while len(got) < len(data):
            part = right.recv(1 << 16)
            expect_true(part, 'the connection ended')
            got += part
        expect_true(got == data, 'data changed on the way')
    caller.close()
    answerer.close()


def tx_errors(name, wanted):
    """The vport's statistics are rx and tx packets, bytes, errors, dropped."""
    with ovsnl.Socket() as sock:
        stats = struct.unpack('=8Q', sock.vport_get(name).get(ovsnl.VPORT_STATS))
    print('vport statistics', stats)
    expect(stats[5], int(wanted), f'tx_errors of {name}')


def recirculation():
    datapath = Datapath(1, 2)
    wanted, mask = key.in_port(1), key.in_port(ALL)
    zero = key.eth(bytes(6), bytes(6))
    match = key.eth_type(0x800) + key.ipv4('0.0.0.0', '10.0.0.2', 17) + key.udp(0, 0)
    match_mask = key.eth_type(0xffff) + key.ipv4('0.0.0.0', '255.255.255.255', 0xff, 0, 0)

    def add(recirc_id, actions):
        datapath.put(key.recirc_id(recirc_id) + wanted + zero + match,
                     key.recirc_id(ALL) + mask + zero + match_mask, actions)

    # The second lookup sees what the first one's actions made of the packet.
    datapath.put(key.recirc_id(0) + wanted + zero + key.eth_type(0x800) +
                 key.ipv4('0.0.0.0', '10.0.0.77', 17) + key.udp(0, 0),
                 key.recirc_id(ALL) + mask + zero + match_mask,
                 act.set(key.ipv4(SRC4, DST4, 17)) + act.recirc(1))
    add(1, act.recirc(2))
    add(2, act.output(2))
    with Wire(1) as near, Wire(2) as far:
        for _ in range(10):
            near.send(packet(udp(SRC4, '10.0.0.77', 1, 2, b'again')))
        expect_frames(far.receive(10), [packet(udp(SRC4, DST4, 1, 2, b'again'))] * 10, 'recirculated')
        datapath.expect_stats(hit=30, missed=0, lost=0)
        # What comes from outside has no recirculation id.
        near.send(packet(udp(SRC4, DST4, 1, 2, b'again')))
        datapath.expect_stats(hit=30, missed=1, lost=1)
        # Recirculation to nowhere is a miss of its own; a copy goes on in parallel.
        add(2, act.recirc(9) + act.output(2))
        near.send(packet(udp(SRC4, '10.0.0.77', 1, 2, b'again')))
        expect_frames(far.receive(1), [packet(udp(SRC4, DST4, 1, 2, b'again'))], 'output after recirc')
        datapath.expect_stats(hit=33, missed=2, lost=2)


def truncation():
    datapath = Datapath(1, 2, 3)
    sent = packet(udp(SRC4, DST4, 1, 2, bytes(range(256))))
    datapath.forward(1, act.trunc(60), act.output(2), act.output(3))
    with Wire(1) as near, Wire(2) as second, Wire(3) as third:
        near.send(sent)
        expect_frames(second.receive(1), [sent[:60]], 'truncated output')
        expect_frames(third.receive(1), [sent], 'the output after it')
        # Longer than the packet: no truncation. The shortest is an Ethernet header.
        datapath.forward(1, act.trunc(1000), act.output(2), act.trunc(14), act.output(3))
        near.send(sent)
        expect_frames(second.receive(1), [sent], 'truncated to more than it has')
        expect_frames(third.receive(1), [sent[:14]], 'truncated to a header')
        # To a client: the packet is short, its length is told.
        with big_socket() as client:
            datapath.forward(1, act.trunc(60), act.userspace(client.pid), act.output(2))
            near.send(sent)
            upcall, = upcalls(client, 1)
            expect(upcall.packet, sent[:60], 'packet of the upcall')
            expect(upcall.message.number(ovsnl.PACKET_LEN), len(sent), 'length told in the upcall')
            expect_frames(second.receive(1), [sent], 'output after a truncated upcall')


def sampling(count=2000):
    """Half of 2000 is 1000 with a standard deviation of 22.4: 6.7 times that is 150."""
    datapath = Datapath(1, 2)
    sent = packet(udp(SRC4, DST4, 1, 2, b'sample'))
    datapath.forward(1)
    with Wire(1) as near, Wire(2) as far, big_socket() as client:
        for probability, least, most in ((0x80000000, 850, 1150), (0xffffffff, 2000, 2000), (0, 0, 0)):
            datapath.forward(1, act.sample(probability, act.userspace(client.pid, b'told')),
                              act.output(2))
            for number in range(count):
                near.send(sent)
                if number % 100 == 99:
                    expect(len(far.receive(100, settle=0)), 100, 'packets, sampled or not')
            found = drain(client)
            expect_true(least <= len(found) <= most, f'{len(found)} of {count} packets sampled')
            expect_true(all((upcall.cmd, upcall.userdata, upcall.packet) ==
                            (ovsnl.PACKET_ACTION, b'told', sent) for upcall in found), 'samples')
        # The sample is a copy: what is done to it doesn't show outside.
        changed = packet(udp(SRC4, DST4, 1, 2, b'sample'), dst=host_mac(7))
        datapath.forward(1, act.sample(ALL, act.set(key.eth(host_mac(1), host_mac(7))), act.output(2)),
                          act.output(2))
        near.send(sent)
        expect_frames(sorted(far.receive(2)), sorted([changed, sent]), 'sample and original')
    datapath.expect_stats(missed=0, lost=0)


def clone():
    datapath = Datapath(1, 2, 3)
    sent = packet(udp(SRC4, DST4, 1, 2, b'clone'))
    changed = packet(udp('10.9.9.9', DST4, 1, 2, b'clone'), [(0x8100, 5)])
    datapath.forward_like(1, sent, act.clone(act.set(key.ipv4('10.9.9.9', DST4, 17)),
                                             act.push_vlan(0x1005), act.output(2)), act.output(3))
    with Wire(1) as near, Wire(2) as second, Wire(3) as third:
        near.send(sent)
        expect_frames(second.receive(1), [changed], 'the clone')
        expect_frames(third.receive(1), [sent], 'the original')
        # A truncation ends with its clone. As the last action a clone needs no copy.
        datapath.forward_like(1, sent, act.clone(act.trunc(20), act.output(2)), act.output(3),
                              act.clone(act.push_vlan(0x1005), act.output(2)))
        near.send(sent)
        expect_frames(sorted(second.receive(2), key=len),
                      [sent[:20], packet(udp(SRC4, DST4, 1, 2, b'clone'), [(0x8100, 5)])], 'two clones')
        expect_frames(third.receive(1), [sent], 'the original between them')



class MarkedOutput:
    """What leaves by a device of the datapath's side with a mark."""

    def __init__(self, device, mark):
        # Classic BPF: load the mark (SKF_AD_OFF + SKF_AD_MARK), accept what has this one.
        program = b''.join(struct.pack('=HBBI', *line) for line in (
            (0x20, 0, 0, 0xfffff000 + 20), (0x15, 0, 1, mark), (0x06, 0, 0, ALL), (0x06, 0, 0, 0)))
        self.program = ctypes.create_string_buffer(program)
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.setsockopt(socket.SOL_SOCKET, 26,  # SO_ATTACH_FILTER
                             struct.pack('HL', 4, ctypes.addressof(self.program)))
        self.sock.bind((device, 3))

    def receive(self, count, timeout=10.0):
        found = []
        self.sock.settimeout(timeout)
        while len(found) < count:
            try:
                data, address = self.sock.recvfrom(2000)
            except TimeoutError:
                break
            if address[2] == socket.PACKET_OUTGOING:
                found.append(data)
        return found


def mark(number=0x77, count=5):
    """Set, looked up again by, seen by Linux, and gone with the next value."""
    data = packet(udp(SRC4, DST4, 1000, 2000, b'marked'))
    with Wire(1) as near, Wire(2) as far:
        datapath, marked = Datapath(1, 2), MarkedOutput('p2', number)
        wanted, mask = kind_key(1, data)
        again = key.recirc_id(9) + key.skb_mark(number)
        datapath.put(key.recirc_id(0) + wanted, key.recirc_id(ALL) + mask,
                     act.set(key.skb_mark(number)), act.recirc(9))
        datapath.put(again + wanted, key.recirc_id(ALL) + key.skb_mark(ALL) + mask, act.output(2))
        for _ in range(count):
            near.send(data)
        expect_frames(far.receive(count), [data] * count, 'packets')
        expect_frames(marked.receive(count), [data] * count, 'packets with the mark')
        datapath.put(again + wanted, key.recirc_id(ALL) + key.skb_mark(ALL) + mask,
                     act.output(2), act.set(key.skb_mark(0)), act.output(2))
        near.send(data)
        expect_frames(far.receive(2), [data] * 2, 'packets')
        expect_frames(marked.receive(2, timeout=0.5), [data], 'one packet with the mark')


if __name__ == '__main__':
    main()
