# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 04_upcalls.sh."""
import errno
import os
import signal
import struct
import subprocess
import sys
import time

import ovsnl
import wire
from ovslang import act, ip4, key
from ovsnl import Socket, attr, u32
from testbed import (EXPERIMENTAL, Datapath, big_socket, drain, expect, expect_error, expect_frames, expect_same_frames,
                     expect_true, main, pass_on, upcalls)
from wire import Wire, frame, host_mac, udp

SRC, DST = '10.0.0.1', '10.0.0.2'
STRANGER = bytes((2, 0, 0, 0, 0, 0x99))


def packet(number, host=1, data=b'payload'):
    """The packet of the flow `number` from a host; nobody's, so that no stack answers."""
    return frame(host_mac(host), STRANGER, udp(SRC, DST, 1000 + number, 2000, data))


def packets(count, host=1):
    return [packet(number, host) for number in range(count)]


def send_all(near, frames, pause_each=50):
    for number, data in enumerate(frames):
        near.send(data)
        if number % pause_each == pause_each - 1:
            time.sleep(0.005)


def expect_key(upcall, port, data):
    """The upcall's key says what the packet is."""
    got = upcall.key
    wanted = {'in_port': u32(port), 'eth': data[6:12] + data[0:6], 'eth_type': b'\x08\x00',
              'ipv4': ip4(SRC) + ip4(DST) + bytes((17, 0, 64, 0)), 'udp': data[34:38],
              'recirc_id': u32(0), 'dp_hash': u32(0), 'priority': u32(0), 'skb_mark': u32(0)}
    expect({name: got.get(name) for name in wanted}, wanted, 'key of an upcall')


def every_miss(count=300):
    with big_socket() as client, Wire(1) as near, Wire(2) as far:
        datapath = Datapath(1, 2, pids={1: (client.pid,)})
        sent = packets(count)
        send_all(near, sent)
        found = upcalls(client, count)
        expect_same_frames([upcall.packet for upcall in found], sent, 'packets of the upcalls')
        for upcall in found:
            expect_key(upcall, 1, upcall.packet)
            message = upcall.message
            expect((upcall.cmd, message.kind, message.seq, message.pid, message.flags, message.ifindex),
                   (ovsnl.PACKET_MISS, client.family('ovs_packet').id, 0, 0, 0, datapath.ifindex),
                   'header of an upcall')
        datapath.expect_stats(hit=0, missed=count, lost=0, flows=0)
        expect_true(far.sees_nothing(0.05), 'a packet passed without a flow')
        for upcall in found:
            pass_on(datapath, upcall, act.output(2))
        expect_same_frames(far.receive(count), sent, 'executed packets')
        datapath.expect_stats(hit=0, missed=count, lost=0, flows=0)

        # The key of an upcall makes the flow that its packet's successors hit.
        for upcall in found:
            datapath.sock.flow_new(datapath.ifindex, upcall.key_bytes, act.output(2))
        datapath.expect_stats(flows=count)
        send_all(near, sent)
        expect_same_frames(far.receive(count), sent, 'packets with flows')
        expect(drain(client, 0.3), [], 'upcalls in spite of flows')
        datapath.expect_stats(hit=count, missed=count, lost=0, flows=count)
        for upcall in found:
            expect(datapath.counts(upcall.key_bytes), (1, len(upcall.packet)), 'counts of a flow')


def own_pids(count=64):
    with big_socket() as one, big_socket() as two, Wire(1) as first, Wire(2) as second:
        datapath = Datapath(1, 2, pids={1: (one.pid,), 2: (two.pid,)})
        send_all(first, packets(count, 1))
        send_all(second, packets(count, 2))
        for client, port in ((one, 1), (two, 2)):
            found = upcalls(client, count)
            expect({upcall.port for upcall in found}, {port}, f'ports that reach client {port}')
            expect_same_frames([upcall.packet for upcall in found], packets(count, port),
                               f'upcalls of client {port}')
        datapath.expect_stats(missed=2 * count, lost=0)

        # Both on one port: each flow's packets go to one of them, always to the same.
        datapath.sock.vport_set_pids(datapath.ifindex, 1, (one.pid, two.pid))
        homes = []
        for _ in range(2):
            send_all(first, packets(count, 1))
            seen = [{upcall.packet for upcall in drain(client, 0.5)} for client in (one, two)]
            expect_same_frames(list(seen[0]) + list(seen[1]), packets(count, 1), 'upcalls of both')
            expect_true(min(map(len, seen)) > count // 8, f'shared out as {list(map(len, seen))}')
            homes.append(seen)
        expect_true(homes[0] == homes[1], 'the same flows went to other clients the second time')

        # Nobody on a port: lost. A pid of 0 is nobody.
        datapath.sock.vport_set_pids(datapath.ifindex, 1, (0,))
        send_all(first, packets(10, 1))
        datapath.expect_stats(missed=4 * count + 10, lost=10)


def per_cpu():
    """The client of index N has the CPU N, as the sender is bound to it and veth stays on a CPU; the
    twin's worker N counts as CPU N, and all packets of a port reach the same worker."""
    cpus = sorted(os.sched_getaffinity(0))
    most = max(cpus) + 1
    on_twin = 'TWINPATH_SOCKET' in os.environ
    clients = [big_socket() for _ in range(most)]
    with Wire(1) as near:
        features = ovsnl.F_UNALIGNED | ovsnl.F_PER_CPU
        datapath = Datapath(1, 2)
        pids = attr(ovsnl.DP_PER_CPU_PIDS, b''.join(u32(client.pid) for client in clients))
        answer = datapath.sock.dp_set(datapath.ifindex, features, pids)
        expect(answer.get(ovsnl.DP_PER_CPU_PIDS)[:4 * most], b''.join(u32(c.pid) for c in clients),
               'PER_CPU_PIDS of the answer')
        expect(answer.number(ovsnl.DP_USER_FEATURES), features, 'features of the answer')
        total = 0
        for cpu in cpus:
            os.sched_setaffinity(0, {cpu})
            send_all(near, packets(20))
            total += 20
            os.sched_setaffinity(0, cpus)
            found = [drain(client, 0.3) for client in clients]
            expect(sum(map(len, found)), 20, 'upcalls of all clients')
            wanted = [0] * most
            wanted[0 if on_twin else cpu] = 20
            expect(list(map(len, found)), wanted, f'upcalls of each client, sent on CPU {cpu}')
        datapath.expect_stats(missed=total, lost=0)

        # The userspace action asks for the CPU's client with a pid of all ones.
        datapath.forward(1, act.userspace(0xffffffff, b'per cpu'))
        os.sched_setaffinity(0, {cpus[-1]})
        send_all(near, packets(20))
        os.sched_setaffinity(0, cpus)
        target = clients[0 if on_twin else cpus[-1]]
        found = upcalls(target, 20)
        expect([(upcall.cmd, upcall.userdata) for upcall in found],
               [(ovsnl.PACKET_ACTION, b'per cpu')] * 20, 'upcalls of the userspace action')

        # Fewer pids than CPUs: the remainder counts, nothing is lost.
        pids = attr(ovsnl.DP_PER_CPU_PIDS, u32(clients[0].pid))
        datapath.sock.dp_set(datapath.ifindex, features, pids)
        datapath.sock.flow_del(datapath.ifindex)
        os.sched_setaffinity(0, {cpus[-1]})
        send_all(near, packets(20))
        os.sched_setaffinity(0, cpus)
        expect(len(upcalls(clients[0], 20)), 20, 'upcalls of the only client')
        datapath.expect_stats(missed=total + 20, lost=0)
        # Malformed arrays are refused.
        for bad in (b'', b'\1\2\3', bytes(6)):
            expect_error(errno.EINVAL, datapath.sock.dp_set, datapath.ifindex, features,
                         attr(ovsnl.DP_PER_CPU_PIDS, bad))


def victim():
    """A client to be killed: tells its pid, then reads upcalls and tells how many."""
    with big_socket() as client:
        print(client.pid, flush=True)
        while True:
            message = client.message(60)
            print(message.cmd, flush=True)


def start_victim():
    process = subprocess.Popen([sys.executable, '-B', __file__, 'victim'], stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def killed_client(count=40):
    with big_socket() as other, Wire(1) as first, Wire(2) as second:
        process, pid = start_victim()
        datapath = Datapath(1, 2, pids={1: (other.pid,), 2: (pid,)})
        send_all(second, packets(count, 2))
        for _ in range(count):
            expect(process.stdout.readline(), '1\n', 'what the victim reads')
        process.send_signal(signal.SIGKILL)
        process.wait()
        datapath.expect_stats(missed=count, lost=0)

        send_all(second, packets(count, 2))
        datapath.expect_stats(missed=2 * count, lost=count)
        send_all(first, packets(count, 1))
        found = upcalls(other, count)
        expect_same_frames([upcall.packet for upcall in found], packets(count, 1),
                           'upcalls of the surviving client')
        datapath.expect_stats(missed=3 * count, lost=count)

        # Killed again and again in the midst of traffic: the other misses nothing, every miss is
        # either delivered or counted as lost, and a successor gets what follows.
        for _ in range(5):
            process, pid = start_victim()
            datapath.sock.vport_set_pids(datapath.ifindex, 2, (pid,))
            before = datapath.stats()
            for number in range(count):
                second.send(packet(number, 2))
                first.send(packet(number, 1))
                if number == count // 2:
                    process.kill()
            process.wait()
            expect(len(upcalls(other, count)), count, 'upcalls of the surviving client')
            datapath.expect_stats(missed=before[1] + 2 * count)
            lost = datapath.stats()[2] - before[2]
            expect_true(lost <= count, f'{lost} of {count} lost')
        with big_socket() as heir:
            datapath.sock.vport_set_pids(datapath.ifindex, 2, (heir.pid,))
            send_all(second, packets(count, 2))
            expect(len(upcalls(heir, count)), count, "upcalls of the victim's heir")


def slow_client(count=3000):
    """The slow client's buffer takes some hundred upcalls of 1400 bytes."""
    with big_socket() as fast, Socket() as slow, Wire(1) as first, Wire(2) as second:
        datapath = Datapath(1, 2, pids={1: (fast.pid,), 2: (slow.pid,)})
        received = []
        for number in range(count):
            second.send(packet(number % 100, 2, bytes(1400)))
            if number % 30 == 0:
                first.send(packet(number, 1))
            if number % 100 == 99:
                received += drain(fast, 0.05)
        received += drain(fast, 0.5)
        expect_same_frames([upcall.packet for upcall in received],
                           [packet(number, 1) for number in range(0, count, 30)],
                           'upcalls of the client that reads')
        datapath.expect_stats(missed=count + count // 30)
        lost = datapath.stats()[2]
        expect_true(0 < lost < count, f'{lost} of {count} upcalls lost')
        # It is told once, then finds what there was room for.
        expect_error(errno.ENOBUFS, slow.receive, 5)
        kept = drain(slow, 0.5)
        expect(len(kept) + lost, count, 'upcalls read late and upcalls lost')
        print(f'{len(kept)} kept, {lost} lost')
        # And goes on as before.
        send_all(second, packets(10, 2))
        expect_same_frames([upcall.packet for upcall in upcalls(slow, 10)], packets(10, 2),
                           'upcalls after reading again')
        datapath.expect_stats(lost=lost)


def userspace_action():
    with big_socket() as client, Wire(1) as near, Wire(2) as far:
        datapath = Datapath(1, 2)
        data = packet(1)
        cookie = bytes(range(40))
        actions = (act.userspace(client.pid, cookie, actions=True), act.output(2))
        datapath.forward(1, *actions)
        near.send(data)
        upcall, = upcalls(client, 1)
        expect((upcall.cmd, upcall.packet, upcall.userdata), (ovsnl.PACKET_ACTION, data, cookie), 'upcall')
        expect(upcall.actions, b''.join(actions), 'actions told')
        expect_key(upcall, 1, data)
        expect_frames(far.receive(1), [data], 'the packet goes on')
        datapath.expect_stats(hit=1, missed=0, lost=0)

        # Two clients in one list; without data and actions there are no such attributes.
        with big_socket() as other:
            datapath.forward(1, act.userspace(client.pid), act.userspace(other.pid, b'x'))
            near.send(data)
            upcall, = upcalls(client, 1)
            expect((upcall.userdata, upcall.actions), (None, None), 'data and actions')
            upcall, = upcalls(other, 1)
            expect((upcall.userdata, upcall.actions), (b'x', None), 'data and actions')
        expect_true(far.sees_nothing(0.05), 'a packet without output passed')

        # What the actions have made of the packet so far is what the client sees.
        datapath.sock.flow_del(datapath.ifindex)
        datapath.forward_like(1, data, act.set(key.ipv4('10.9.9.9', DST, 17)), act.push_vlan(0x1007),
                              act.userspace(client.pid), act.pop_vlan(), act.output(2))
        near.send(data)
        upcall, = upcalls(client, 1)
        body = udp('10.9.9.9', DST, 1001, 2000, b'payload')
        expect(upcall.packet, frame(host_mac(1), STRANGER, body, [(0x8100, 7)]), 'packet of the upcall')
        expect_frames(far.receive(1), [frame(host_mac(1), STRANGER, body)], 'the packet goes on')


def segmented():
    """Ten segments of a thousand bytes in one packet, as hosts hand them over."""
    mss, count = 1000, 10
    body = bytes(number % 251 for number in range(mss * count))
    _, whole = wire.tcp(SRC, DST, 1000, 2000, body, flags=0x18, seq=5000)
    pseudo = wire.checksum(wire.pseudo(ip4(SRC), ip4(DST), wire.TCP, len(whole) - 20)) ^ 0xffff
    whole = whole[:36] + struct.pack('!H', pseudo) + whole[38:]
    data = wire.eth(host_mac(1), STRANGER, 0x800, whole)
    with big_socket() as client, Wire(1, vnet=True) as near:
        datapath = Datapath(1, 2, pids={1: (client.pid,)})
        near.send_gso(data, wire.VNET_GSO_TCPV4, 54, mss, 34, 16)
        found = upcalls(client, count)
        expect(len(found), count, 'upcalls of a packet of ten segments')
        for number, upcall in enumerate(sorted(found, key=lambda upcall: upcall.packet[38:42])):
            expect(wire.verify(upcall.packet), None, 'checksums of a segment')
            expect(struct.unpack_from('!I', upcall.packet, 38)[0], 5000 + mss * number, 'sequence number')
            expect(upcall.packet[54:], body[mss * number:mss * (number + 1)], 'data of a segment')
            expect(upcall.packet[47], 0x18 if number == count - 1 else 0x10, 'TCP flags of a segment')
        datapath.expect_stats(missed=1, lost=0)
        # A single packet whose checksum is left to the device arrives with it.
        _, short = wire.tcp(SRC, DST, 1000, 2000, b'short', flags=0x18)
        pseudo = wire.checksum(wire.pseudo(ip4(SRC), ip4(DST), wire.TCP, len(short) - 20)) ^ 0xffff
        near.send_gso(wire.eth(host_mac(1), STRANGER, 0x800, short[:36] + struct.pack('!H', pseudo) + short[38:]),
                      wire.VNET_GSO_NONE, 0, 0, 34, 16)
        upcall, = upcalls(client, 1)
        expect(upcall.packet, wire.eth(host_mac(1), STRANGER, 0x800, short), 'packet with an unfinished checksum')


def execute():
    """A client's own packets."""
    with Wire(2) as second, Wire(3) as third, big_socket() as client:
        datapath = Datapath(1, 2, 3)
        sock, index, data = datapath.sock, datapath.ifindex, packet(1)
        meta = key.in_port(1)
        sock.execute(index, data, meta, act.output(2) + act.push_vlan(0x1009) + act.output(3))
        expect_frames(second.receive(1), [data], 'plain output')
        expect_frames(third.receive(1),
                      [frame(host_mac(1), STRANGER, udp(SRC, DST, 1001, 2000, b'payload'), [(0x8100, 9)])],
                      'tagged output')
        # Execution alone looks nothing up; recirculation does, with the port that was told.
        datapath.expect_stats(hit=0, missed=0)
        datapath.put(key.recirc_id(5) + meta + key.eth(bytes(6), bytes(6)) + key.eth_type(0x800) +
                     key.ipv4('0.0.0.0', '0.0.0.0', 17) + key.udp(0, 0),
                     key.recirc_id(0xffffffff) + key.in_port(0xffffffff) + key.eth_type(0xffff) +
                     key.ipv4('0.0.0.0', '0.0.0.0', 255, 0, 0), act.output(3))
        sock.execute(index, data, meta, act.recirc(5))
        expect_frames(third.receive(1), [data], 'recirculated')
        sock.execute(index, data, key.in_port(2), act.recirc(5))
        datapath.expect_stats(hit=1, missed=1)
        # Its upcalls come back with the key that was told.
        sock.execute(index, data, meta + key.skb_mark(77) + key.priority(5), act.userspace(client.pid, b'mine'))
        upcall, = upcalls(client, 1)
        expect((upcall.port, upcall.key['skb_mark'], upcall.key['priority'], upcall.userdata, upcall.packet),
               (1, u32(77), u32(5), b'mine', data), 'upcall of an executed packet')
        # Thousands in a row, many in one datagram.
        family = sock.family('ovs_packet')
        request = ovsnl.ovs(family.id, ovsnl.PACKET_EXECUTE, index, attr(ovsnl.PACKET_PACKET, data),
                            attr(ovsnl.PACKET_KEY, meta), attr(ovsnl.PACKET_ACTIONS, act.output(2)),
                            flags=ovsnl.REQUEST)
        for _ in range(40):
            sock.send(request * 50)
            expect(len(second.receive(50, settle=0)), 50, 'packets of a batch')
        expect_true(second.sees_nothing(0.1), 'more packets than were sent')
        expect(sock.drain(), [], 'answers that nobody asked for')


def nothing_left():
    """Of a packet that was only an Ethernet header nothing is left without it."""
    data = host_mac(2) + host_mac(1) + struct.pack('!H', EXPERIMENTAL)
    for features in (0, ovsnl.F_UNALIGNED):
        with big_socket() as client, Wire(1) as near:
            datapath = Datapath(1, 2, features=features)
            datapath.forward(1, act.pop_eth(), act.userspace(client.pid, b'flow'))
            near.send(data)
            upcall, = upcalls(client, 1)
            expect((upcall.packet, upcall.userdata), (b'', b'flow'), 'upcall')
            datapath.sock.execute(datapath.ifindex, data, key.in_port(1) + key.eth(bytes(6), bytes(6)),
                                  act.pop_eth() + act.userspace(client.pid, b'execute'))
            upcall, = upcalls(client, 1)
            expect((upcall.packet, upcall.userdata), (b'', b'execute'), 'upcall')
            datapath.expect_stats(missed=0, lost=0)
            datapath.sock.dp_del(datapath.ifindex)


if __name__ == '__main__':
    main()
