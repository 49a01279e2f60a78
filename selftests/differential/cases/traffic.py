# SPDX-License-Identifier: BSD-3-Clause
"""Frames that go through ports: misses, hits, statistics, and what leaves on the other side."""
import socket
import struct
import time

import ovsnl
from ovsnl import CREATE, FLOW_GET, FLOW_KEY, VPORT_GET, attr, u32
from ovslang import act, key
import packets as p
from scene import case, port_no

ETH_P_ALL, PACKET_AUXDATA, SOL_PACKET, PACKET_OUTGOING = 3, 8, 263, 4
VLAN_VALID, VLAN_TPID_VALID = 0x10, 0x40
# How long it may take until a frame is looked up, in a module (which does it before send()
# returns, if it isn't busy) and in the twin; and there, from then to the far end of the wire, with
# a second look when nothing came. In seconds.
LOOKUP, LATE_LOOKUP, LATE_SENDS = 0.2, 2.0, (0.05, 0.3)

UDP = p.eth(0x800, p.ipv4(p.UDP, p.udp(payload=bytes(18))))
TCP = p.eth(0x800, p.ipv4(p.TCP, p.tcp(payload=bytes(18))))


class Wire:
    """The far end of a veth pair whose near end is a port."""

    def __init__(self, name):
        self.name = name
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.sock.bind((name, ETH_P_ALL))
        self.sock.setblocking(False)

    def frames(self):
        """What has come, tags in band."""
        found = []
        while True:
            try:
                data, ancillary, _, address = self.sock.recvmsg(70000, 256)
            except BlockingIOError:
                return found
            if address[2] != PACKET_OUTGOING:
                found.append(with_tag(data, ancillary))


def with_tag(data, ancillary):
    for level, kind, value in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack('=IIIHHHH', value[:20])
            if status & VLAN_VALID:
                tpid = tpid if status & VLAN_TPID_VALID else 0x8100
                return data[:12] + struct.pack('!HH', tpid, tci) + data[12:]
    return data


class Stage:
    """dp0 with ports 1 and 2 that are veths; misses of both go to up1."""

    def __init__(self, t):
        self.t = t
        self.wires = []
        t.ip(
            *(f'link add dfport{number} type veth peer name dfwire{number}' for number in (1, 2)),
            *(f'link set df{end} up' for end in ('port1', 'wire1', 'port2', 'wire2')),
        )
        for number in (1, 2):
            t.vport_ask(
                ovsnl.VPORT_NEW,
                attr(3, f'dfport{number}\0'.encode()),
                attr(2, u32(1)),
                port_no(number),
                attr(5, u32(t.up1.pid)),
                label=f'port {number}',
            )
            self.wires.append(Wire(f'dfwire{number}'))
        time.sleep(0.1)
        self.collect()

    def collect(self):
        got = []
        for wire in self.wires:
            got += [['note', f'{wire.name} {frame.hex()}'] for frame in wire.frames()]
        for name, sock in self.t.sockets.items():
            got += self.t.collect(sock, name, 0.0)
        return got

    def inject(self, label, frame, on=1):
        """Put a frame on a wire and record what comes of it."""
        before = self.lookups()
        self.wires[on - 1].sock.send(frame)
        got = []
        deadline = time.monotonic() + (LATE_LOOKUP if self.t.patient else LOOKUP)
        while self.lookups() == before and time.monotonic() < deadline:
            time.sleep(0.001)
        for pause in LATE_SENDS if self.t.patient else (0,):
            time.sleep(pause)
            if self.t.patient:
                self.t.settle()
            got += self.collect()
            if got:
                break
        frames = sorted(g for g in got if g[0] == 'note')
        self.t.steps.append([label, '', frames + [g for g in got if g[0] != 'note']])

    def lookups(self):
        """How many packets were looked up so far."""
        stats = self.t.probe.request('ovs_datapath', ovsnl.DP_GET, self.t.dp)[0].get(ovsnl.DP_STATS)
        return sum(struct.unpack('=4Q', stats)[:2])

    def statistics(self, datapath=True):
        for number in (1, 2):
            self.t.vport_ask(VPORT_GET, port_no(number), label=f'port {number}')
        if datapath:
            self.t.dp_ask(ovsnl.DP_GET, label='datapath')

    def close(self):
        for wire in self.wires:
            wire.sock.close()
        self.t.ip('link del dfport1', 'link del dfport2')
        self.t.wait_event('the ports are gone', 2)


def traffic(name):
    """A case on a stage of its own."""

    def register(function):
        @case(f'traffic/{name}', 'fresh')
        def run(t):
            stage = Stage(t)
            try:
                function(t, stage)
            finally:
                stage.close()

        return run

    return register


FRAMES = {
    'udp': UDP,
    'tcp': TCP,
    'arp': p.eth(0x806, p.arp()),
    'broadcast': p.eth(0x806, p.arp(), dst='ff:ff:ff:ff:ff:ff'),
    'ipv6-nd': p.eth(0x86DD, p.ipv6(p.ICMPV6, p.nd(options=p.nd_option(1)))),
    'tagged': p.eth(0x800, p.ipv4(p.UDP, p.udp()), tags=[(0x8100, 5)]),
    'service': p.eth(0x9000, bytes(46), tags=[(0x88A8, 0x2007)]),
    'double': p.eth(0x800, p.ipv4(p.UDP, p.udp()), tags=[(0x88A8, 7), (0x8100, 5)]),
    'triple': p.eth(0x800, p.ipv4(p.UDP, p.udp()), tags=[(0x88A8, 7), (0x8100, 5), (0x8100, 3)]),
    'priority': p.eth(0x9000, bytes(46), tags=[(0x8100, 0xE000)]),
    'zero-tag': p.eth(0x9000, bytes(46), tags=[(0x8100, 0)]),
    'llc': p.llc(),
    'snap': p.snap(0x800, p.ipv4(p.UDP, p.udp())),
    'fragment': p.eth(0x800, p.ipv4(p.UDP, bytes(24), frag=0x2010)),
    'runt': p.eth(0x9000),
    'unknown': p.eth(0x9000, bytes(46)),
    'big': p.eth(0x9000, bytes(1500)),
    'bad-ip': p.eth(0x800, p.ipv4(p.UDP, p.udp(), ihl=3)),
    'ip-cut': p.eth(0x800, bytes(10)),
    'tag-cut': p.eth(0x8100, b'\0\5\x08\0'),
}


@traffic('misses')
def misses(t, stage):
    for name, frame in FRAMES.items():
        stage.inject(name, frame)
    stage.statistics()


@traffic('forward')
def forward(t, stage):
    t.put(
        key.in_port(1) + key.eth(p.A, p.B) + key.eth_type(0x9000),
        act.output(2),
        key.in_port(0xFFFFFFFF),
        label='all of port 1 to port 2',
    )
    for name, frame in FRAMES.items():
        stage.inject(name, frame)
    stage.inject('the other way', UDP, on=2)
    stage.statistics()
    t.dump('ovs_flow', FLOW_GET, label='flow')


@traffic('statistics')
def statistics(t, stage):
    """Counters, times and TCP flags of flows; CLEAR; an update keeps them."""
    flow_key = (
        key.in_port(1)
        + key.eth(p.A, p.B)
        + key.eth_type(0x800)
        + key.ipv4(p.IP_A, p.IP_B, 6)
        + key.tcp(1, 2)
        + key.tcp_flags(0)
    )
    t.put(
        flow_key,
        act.output(2),
        key.in_port(0xFFFFFFFF)
        + key.eth_type(0xFFFF)
        + key.ipv4('0.0.0.0', '0.0.0.0', 255, 0, 0, 0),
        label='tcp to port 2',
    )
    stage.inject('udp misses', UDP)
    for flags in (0x02, 0x12, 0x10, 0x11, 0x04):
        stage.inject(f'tcp {flags:#x}', p.eth(0x800, p.ipv4(p.TCP, p.tcp(flags=flags))))
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, flow_key), label='get')
    t.put(
        flow_key,
        b'',
        key.in_port(0xFFFFFFFF)
        + key.eth_type(0xFFFF)
        + key.ipv4('0.0.0.0', '0.0.0.0', 255, 0, 0, 0),
        flags=1 | 4 | 8,
        label='update',
    )
    t.flow_ask(
        ovsnl.FLOW_SET,
        attr(FLOW_KEY, flow_key),
        attr(ovsnl.FLOW_CLEAR),
        flags=1 | 4 | 8,
        label='clear',
    )
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, flow_key), label='get')
    stage.inject('dropped by the updated flow', TCP)
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, flow_key), label='get')
    stage.statistics()
    t.flow_ask(ovsnl.FLOW_DEL, attr(FLOW_KEY, flow_key), flags=1 | 4 | 8, label='del')


CHAINS = {
    'drop': b'',
    'back': act.output(1),
    'both': act.output(2) + act.output(1),
    'twice': act.output(2) * 2,
    'local': act.output(0),
    'absent': act.output(9) + act.output(2),
    'push': act.push_vlan(0x1005) + act.output(2),
    'push-push': act.push_vlan(0x1005) + act.push_vlan(0x3007, 0x88A8) + act.output(2),
    'output-push-output': act.output(2) + act.push_vlan(0x1005) + act.output(2),
    'pop': act.pop_vlan() + act.output(2),
    'set-eth': act.set(key.eth('0a:0a:0a:0a:0a:0a', '0b:0b:0b:0b:0b:0b')) + act.output(2),
    'output-set-output': act.output(2)
    + act.set(key.eth('0a:0a:0a:0a:0a:0a', '0b:0b:0b:0b:0b:0b'))
    + act.output(2),
    'trunc': act.trunc(30) + act.output(2) + act.output(2),
    'trunc-long': act.trunc(3000) + act.output(2),
    'sample': act.sample(0xFFFFFFFF, act.output(2)) + act.output(2),
    'clone': act.clone(act.push_vlan(0x1005), act.output(2)) + act.output(2),
    'recirc': act.recirc(7),
    'output-recirc': act.output(2) + act.recirc(7),
    'push-recirc': act.push_vlan(0x1005) + act.recirc(7),
}


@traffic('actions')
def actions(t, stage):
    flow_key = key.in_port(1) + key.eth(p.A, p.B) + key.eth_type(0x9000)
    for name, chain in CHAINS.items():
        t.put(flow_key, chain, key.in_port(0xFFFFFFFF), label=name)
        stage.inject(f'{name}: udp', UDP)
        stage.inject(f'{name}: tagged', FRAMES['tagged'])
        t.flush()
    stage.statistics()


@traffic('userspace')
def userspace(t, stage):
    flow_key = key.in_port(1) + key.eth(p.A, p.B) + key.eth_type(0x9000)
    for name, chain in (
        ('plain', t.to_user(b'cookie', True)),
        ('up2', act.userspace(t.up2.pid)),
        ('and out', t.to_user() + act.output(2)),
        ('tagged', act.push_vlan(0x1005) + t.to_user()),
        ('trunc', act.trunc(20) + t.to_user() + act.output(2)),
        ('nobody', act.userspace(0x7FFFFFF0) + act.output(2)),
    ):
        t.put(flow_key, chain, key.in_port(0xFFFFFFFF), label=name)
        stage.inject(f'{name}: udp', UDP)
        stage.inject(f'{name}: tagged', FRAMES['tagged'])
        t.flush()
    stage.statistics()


@traffic('execute-output')
def execute_output(t, stage):
    for name, chain in CHAINS.items():
        t.execute(UDP, key.in_port(1), chain, label=name)
        stage.inject(f'after {name}', FRAMES['unknown'])
    t.execute(
        UDP,
        key.in_port(1),
        act.output(2),
        attr(ovsnl.PACKET_MRU, ovsnl.u16(1000)),
        label='with an mru',
    )
    stage.inject('after it', FRAMES['unknown'])


@traffic('mtu')
def mtu(t, stage):
    """A frame longer than the port's MTU is dropped; a tag doesn't count."""
    t.put(
        key.in_port(1) + key.eth(p.A, p.B) + key.eth_type(0x9000),
        act.output(2),
        key.in_port(0xFFFFFFFF),
        label='port 1 to port 2',
    )
    t.ip('link set dfport2 mtu 1000')
    for size in (999, 1000, 1001, 1400):
        stage.inject(f'{size}', p.eth(0x9000, bytes(size)))
        stage.inject(f'{size}, tagged', p.eth(0x9000, bytes(size), tags=[(0x8100, 5)]))
    stage.statistics()


@traffic('down')
def down(t, stage):
    t.put(
        key.in_port(1) + key.eth(p.A, p.B) + key.eth_type(0x9000),
        act.output(2),
        key.in_port(0xFFFFFFFF),
        label='port 1 to port 2',
    )
    stage.inject('up', UDP)
    t.ip('link set dfport2 down')
    stage.inject('down', UDP)
    t.ip('link set dfport2 up')
    time.sleep(0.2)
    stage.inject('up again', UDP)


@traffic('masks')
def masks(t, stage):
    """Lookups with several masks. How many of them were tried depends on a random hash."""
    base = key.in_port(1) + key.eth(p.A, p.B) + key.eth_type(0x800)
    for number, proto in enumerate((6, 17, 1)):
        mask = (
            key.in_port(0xFFFFFFFF)
            + key.eth_type(0xFFFF)
            + key.ipv4(('255.0.0.0', '255.255.0.0', '0.0.0.0')[number], '0.0.0.0', 255, 0, 0, 0)
        )
        rest = {6: key.tcp(1, 2) + key.tcp_flags(0), 17: key.udp(1, 2), 1: key.icmp(8, 0)}[proto]
        t.put(
            base + key.ipv4(p.IP_A, p.IP_B, proto) + rest,
            act.output(2),
            mask,
            label=f'protocol {proto}',
        )
    for turn in range(3):
        stage.inject(f'tcp {turn}', TCP)
        stage.inject(f'udp {turn}', UDP)
        stage.inject(f'arp {turn}', FRAMES['arp'])
    stage.statistics(False)
    t.dump('ovs_flow', FLOW_GET, label='flows')


@traffic('per-cpu')
def per_cpu(t, stage):
    t.dp_ask(ovsnl.DP_SET, attr(5, u32(9)), attr(8, u32(t.up2.pid) * 64), label='all CPUs to up2')
    stage.inject('miss', UDP)
    t.put(
        key.in_port(1) + key.eth(p.A, p.B) + key.eth_type(0x9000),
        t.to_user(b'x'),
        key.in_port(0xFFFFFFFF),
        flags=5 | CREATE,
        label='to userspace',
    )
    stage.inject('action', UDP)
    t.dp_ask(ovsnl.DP_SET, attr(5, u32(3)), label='off')
    stage.inject('action', UDP)
