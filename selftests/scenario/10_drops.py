# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 10_drops.sh."""
import importlib
import random
import struct
import subprocess

import ovsnl
from ovslang import act, key
from ovsnl import Socket, attr, nest, u32
from testbed import (ALL, EXPERIMENTAL, Datapath, drops, expect, expect_drops, expect_true, main,
                     wait_for)
from wire import VNET_GSO_TCPV4, Wire, frame, gso_tcp, host_mac, udp

layer3 = importlib.import_module('11_layer3')

COUNT = 7
NOWHERE = 77
LOOP = 5
METER = 3
SRC, DST = '10.0.0.1', '10.0.0.2'


def plain(size=100):
    return host_mac(2) + host_mac(1) + struct.pack('!H', EXPERIMENTAL) + bytes(size - 14)


def set_link(name, *words):
    subprocess.run(['ip', 'link', 'set', name, *words], check=True)


class Bench:
    """The datapath and both wires; packets of the plain kind are what most reasons need."""

    def __init__(self, near, far):
        self.near, self.far = near, far
        self.datapath = Datapath(1, 2)

    def dropped(self, actions, data=None, **wanted):
        """COUNT packets undergo the actions and are dropped for this reason."""
        if actions is not None:
            self.datapath.forward(1, actions)
        before = drops()
        for _ in range(COUNT):
            self.near.send(data or plain())
        expect_drops(before, **{reason: COUNT for reason in wanted})
        expect_true(self.far.sees_nothing(0.05), f'a packet passed: {wanted}')

    def passed(self):
        self.datapath.forward(1, act.output(2))
        before = drops()
        for _ in range(COUNT):
            self.near.send(plain())
        expect(len(self.far.receive(COUNT)), COUNT, 'packets that pass')
        expect_drops(before)


def actions_that_drop(bench):
    bench.dropped(b'', flow_drop=1)
    bench.dropped(act.push_vlan(0x1005), flow_drop=1)
    bench.dropped(act.sample(0, act.output(2)), flow_drop=1)
    bench.dropped(act.output(NOWHERE), output_no_port=1)
    bench.dropped(act.drop(0), explicit_drop=1)
    bench.dropped(act.drop(9), explicit_drop_error=1)
    # Recirculates without end, since the flow matches any recirc_id: what is put off has a limit.
    bench.dropped(act.recirc(LOOP), deferred_limit=1)
    # The copies are dropped, the packet itself is not.
    bench.datapath.forward(1, act.output(NOWHERE), act.output(NOWHERE), act.output(2))
    before = drops()
    bench.near.send(plain())
    expect(len(bench.far.receive(1)), 1, 'packets that pass')
    expect_drops(before, output_no_port=2)


def clients_that_are_not_there(bench):
    datapath = bench.datapath
    datapath.sock.flow_del(datapath.ifindex)
    bench.dropped(None, miss_no_client=1)
    with Socket() as gone:
        pid = gone.pid
    datapath.sock.vport_set_pids(datapath.ifindex, 1, (pid,))
    bench.dropped(None, upcall_rejected=1)
    datapath.sock.vport_set_pids(datapath.ifindex, 1, (0,))
    # An action's upcall is a copy.
    bench.datapath.forward(1, act.userspace(pid), act.output(2))
    before = drops()
    bench.near.send(plain())
    expect(len(bench.far.receive(1)), 1, 'packets that pass')
    expect_drops(before, upcall_rejected=1)


def ports_that_refuse(bench):
    set_link('p2', 'mtu', '500')
    bench.dropped(act.output(2), plain(600), over_mtu=1)
    set_link('p2', 'mtu', '1500')
    set_link('p2', 'down')
    bench.dropped(act.output(2), output_down=1)
    set_link('p2', 'up')
    wait_for(lambda: 'LOWER_UP' in subprocess.run(['ip', 'link', 'show', 'p2'], check=True, capture_output=True,
                                                  text=True).stdout, 'carrier')


def headers_that_do_not_fit(bench):
    """IPv4 whose header is cut can't be rewritten; a packet whose time is up."""
    datapath = bench.datapath
    datapath.sock.flow_del(datapath.ifindex)
    kind = key.in_port(1) + key.eth(bytes(6), bytes(6)) + key.eth_type(0x800)
    mask = key.in_port(ALL) + key.eth(bytes(6), bytes(6)) + key.eth_type(0xffff)
    rewrite = act.set_masked(key.ipv4('0.0.0.0', '0.0.0.0', 0, 0, 9), key.ipv4('0.0.0.0', '0.0.0.0', 0, 0, 255))
    datapath.put(kind + key.ipv4('0.0.0.0', '0.0.0.0', 0), mask, rewrite, act.output(2))
    bench.dropped(None, host_mac(2) + host_mac(1) + b'\x08\x00' + bytes(4), action_error=1)
    datapath.put(kind + key.ipv4('0.0.0.0', '0.0.0.0', 0), mask, act.dec_ttl(), act.output(2))
    bench.dropped(None, frame(host_mac(1), host_mac(2), udp(SRC, DST, 1, 2, b'', ttl=1)), ttl_expired=1)


def meter(bench):
    """Of a burst the meter lets some pass."""
    datapath = bench.datapath
    datapath.sock.flow_del(datapath.ifindex)
    band = nest(0, attr(ovsnl.BAND_TYPE, u32(ovsnl.BAND_DROP)), attr(ovsnl.BAND_RATE, u32(1)),
                attr(ovsnl.BAND_BURST, u32(2)))
    datapath.sock.request('ovs_meter', ovsnl.METER_SET, datapath.ifindex, attr(ovsnl.METER_ID, u32(METER)),
                          nest(ovsnl.METER_BANDS, band))
    datapath.forward(1, act.meter(METER), act.output(2))
    before = drops()
    for _ in range(COUNT):
        bench.near.send(plain())
    passed = len(bench.far.receive(COUNT, timeout=1))
    expect_true(0 < passed < COUNT, f'{passed} packets passed the meter')
    expect_drops(before, meter=COUNT - passed)


def bare_packets(bench):
    """From a TUN device, whose packets may be anything."""
    datapath = bench.datapath
    with layer3.Tun('p3') as tun:
        datapath.sock.vport_new(datapath.ifindex, 'p3', ovsnl.NETDEV, (0,), number=3)
        before = drops()
        for _ in range(COUNT):
            tun.send(layer3.TEB, bytes(10))
        expect_drops(before, malformed=COUNT)
        datapath.put(*layer3.bare_match(layer3.IPV4), act.output(2))
        before = drops()
        for _ in range(COUNT):
            tun.send(layer3.IPV4, udp(SRC, DST, 1, 2, b'')[1])
        expect_drops(before, output_no_ethernet=COUNT)


def segments_of_nothing(bench):
    """A packet for a client that is to be cut into segments of TCP, but has become something else; and
    of those it would be more than the twin makes of one."""
    datapath = bench.datapath
    data = gso_tcp(SRC, DST, 60000)
    datapath.sock.flow_del(datapath.ifindex)
    with Socket() as client, Wire(1, vnet=True) as near:
        other = act.push_mpls(0x10140) + act.pop_mpls(EXPERIMENTAL)
        datapath.forward_like(1, data, act.clone(other + act.userspace(client.pid)), act.output(2))
        before = drops()
        for _ in range(COUNT):
            near.send_gso(data, VNET_GSO_TCPV4, 54, 50, 34, 16)
        expect_drops(before, segmentation=COUNT)
        expect(client.drain(), [], 'upcalls')
    expect_true(bench.far.receive(COUNT), 'no packet passed')


def drop_reasons():
    with Wire(1) as near, Wire(2) as far:
        bench = Bench(near, far)
        bench.passed()
        actions_that_drop(bench)
        clients_that_are_not_there(bench)
        ports_that_refuse(bench)
        headers_that_do_not_fit(bench)
        meter(bench)
        bare_packets(bench)
        segments_of_nothing(bench)
        bench.passed()


def recursion_limit():
    """Packets for m6, a device on top of the internal port i5, come back by that within the execution
    that outputs them, as deep as it goes: the first list is the request's, the second its clone's."""
    datapath = Datapath(2)
    sock = datapath.sock
    with Wire(2) as far:
        sock.vport_new(datapath.ifindex, 'i5', ovsnl.INTERNAL, number=5)
        set_link('i5', 'up')
        subprocess.run(['ip', 'link', 'add', 'link', 'i5', 'name', 'm6', 'type', 'macvlan', 'mode', 'private'],
                       check=True)
        set_link('m6', 'up')
        sock.vport_new(datapath.ifindex, 'm6', number=6)
        datapath.forward(5, act.output(2), act.output(6))
        before = drops()
        again = act.set(key.eth(host_mac(1), host_mac(2))) + act.output(6)
        for _ in range(COUNT):
            sock.execute(datapath.ifindex, plain(), key.in_port(1), act.clone(again) + act.output(2))
        # It comes in three times: the third, fourth and fifth list are its flow's, there is no sixth.
        expect(len(far.receive(COUNT * 4)), COUNT * 4, 'copies that passed')
        expect_drops(before, recursion_limit=COUNT)
        # What came so far out of order is in order again.
        datapath.forward(5, act.output(2))
        sock.execute(datapath.ifindex, plain(), key.in_port(1), again)
        expect(len(far.receive(1)), 1, 'packets that pass')


def drop_sum(flows=40, packets=2000):
    """A flow a port number; what each does with its packets is drawn."""
    rng = random.Random(20)
    kinds = {'pass': act.output(2), 'flow_drop': b'', 'output_no_port': act.output(NOWHERE),
             'explicit_drop': act.drop(0), 'miss_no_client': None}
    with Wire(1) as near, Wire(2) as far:
        datapath = Datapath(1, 2)
        chosen = [rng.choice(list(kinds)) for _ in range(flows)]
        mask = (key.in_port(ALL) + key.eth(bytes(6), bytes(6)) + key.eth_type(0xffff) +
                key.ipv4('0.0.0.0', '0.0.0.0', 255, 0, 0) + key.udp(0xffff, 0))
        for number, kind in enumerate(chosen):
            if kinds[kind] is not None:
                wanted = (key.in_port(1) + key.eth(bytes(6), bytes(6)) + key.eth_type(0x800) +
                          key.ipv4('0.0.0.0', '0.0.0.0', 17) + key.udp(1000 + number, 0))
                datapath.put(wanted, mask, kinds[kind])
        before, sums, seen = drops(), dict.fromkeys(kinds, 0), 0
        for number in range(packets):
            flow = rng.randrange(flows)
            sums[chosen[flow]] += 1
            near.send(frame(host_mac(1), host_mac(9), udp(SRC, DST, 1000 + flow, 2, b'x')))
            if number % 50 == 49:
                seen += len(far.receive(0, timeout=0.01, settle=0))
        passed = sums.pop('pass')
        seen += len(far.receive(passed - seen))
        expect(seen, passed, 'packets that passed')
        expect_drops(before, **{reason: count for reason, count in sums.items() if count})
        stats = datapath.sock.request('ovs_vport', ovsnl.VPORT_GET, datapath.ifindex,
                                      attr(ovsnl.VPORT_PORT_NO, u32(1)))[0].get(ovsnl.VPORT_STATS)
        received = struct.unpack_from('=Q', stats)[0]
        expect(received, packets, 'packets received')
        expect(received, passed + sum(sums.values()), 'passed and dropped')


if __name__ == '__main__':
    main()
