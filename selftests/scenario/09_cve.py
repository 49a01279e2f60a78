# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 09_cve.sh."""
import contextlib
import struct
import subprocess
import threading
import time

import ovsnl
from ovslang import act, key
from ovsnl import ACK, CREATE, DUMP, REQUEST, NlError, Socket, attr, u32
import wire
from testbed import Datapath, big_socket, expect, expect_true, main, upcalls, wait_for

ALL = 0xffffffff
MASKS = 40  # more than an array has room for at first
# Flows that one system call may deal with, and the seconds it may take: a watchdog that is set to one
# second barks after two, but here the machine may be busy with others.
MOST_OF_A_PART, STALL = 1000, 5


def ip(*commands, check=True):
    return subprocess.run(['ip', '-batch', '-'], input='\n'.join(commands), text=True, check=check,
                          capture_output=not check).returncode


def numbered(number):
    return key.in_port(9) + key.eth(bytes(6), struct.pack('!HI', 2, number)) + key.eth_type(0x88b5)


def own_mask(number):
    """No two numbers have the same; each covers the port, where no packet comes from."""
    bits = struct.pack('!HI', 0xffff, (number << 8 | 0xff) & ALL)
    return key.in_port(ALL) + key.eth(bytes(6), bits) + key.eth_type(0xffff)


def message(sock, family, cmd, ifindex, *attributes, flags=REQUEST | ACK):
    return ovsnl.ovs(sock.family(family).id, cmd, ifindex, *attributes, flags=flags)


def masks_replaced(rounds):
    """Flows with masks of their own come and go by the dozen, in changing order."""
    with Socket() as sock:
        ifindex = sock.dp_get('dp').ifindex
        deadline = time.monotonic() + 5 * int(rounds)  # more than one reordering of the masks
        order, turns = list(range(1, MASKS + 1)), 0
        while time.monotonic() < deadline:
            sock.send(b''.join(message(
                sock, 'ovs_flow', ovsnl.FLOW_NEW, ifindex, attr(ovsnl.FLOW_KEY, numbered(n << 8 | n)),
                attr(ovsnl.FLOW_MASK, own_mask(n)), attr(ovsnl.FLOW_ACTIONS, act.output(1)),
                flags=REQUEST | CREATE) for n in order))
            sock.send(b''.join(message(
                sock, 'ovs_flow', ovsnl.FLOW_DEL, ifindex, attr(ovsnl.FLOW_KEY, numbered(n << 8 | n)),
                flags=REQUEST) for n in order[turns % MASKS:] + order[:turns % MASKS]))
            refused = [m.error for m in sock.drain() if m.error]
            expect(refused, [], 'errors')
            turns += 1
        expect_true(turns > 3, f'only {turns} turns')
        print(f'{turns * MASKS} masks came and went')


def limits(count, ready):
    """Sets, gets and deletes limits of so many zones until it is killed."""
    with Socket() as sock:
        entries = [struct.pack('=iII', zone * 7 % 65536, zone, 0) for zone in range(int(count))]
        while True:
            for start in range(0, len(entries), 500):
                sock.request('ovs_ct_limit', ovsnl.CT_LIMIT_SET, 0,
                             attr(ovsnl.CT_LIMIT_ZONE_LIMIT, b''.join(entries[start:start + 500])))
            sock.request('ovs_ct_limit', ovsnl.CT_LIMIT_GET)
            with open(ready, 'w', encoding='ascii'):
                pass
            sock.request('ovs_ct_limit', ovsnl.CT_LIMIT_DEL, 0,
                         attr(ovsnl.CT_LIMIT_ZONE_LIMIT, b''.join(entries[1::2])))


def no_limits():
    with Socket() as sock:
        answer = sock.request('ovs_ct_limit', ovsnl.CT_LIMIT_GET)[0]
        expect(answer.get(ovsnl.CT_LIMIT_ZONE_LIMIT), struct.pack('=iII', -1, 0, 0), 'limits here')


ADD = {
    'vxlan': 'link add d4 type vxlan external dstport 4789',
    'veth': 'link add d4 type veth peer name e4',
}


def devices_race(kind, rounds):
    """A port's device and the port itself are deleted at the same time."""
    rounds = int(rounds)
    with Socket() as sock:
        ifindex = sock.dp_get('dp').ifindex
        for number in range(rounds):
            ip(ADD[kind], 'link set d4 up')
            sock.vport_new(ifindex, 'd4', number=7)
            other = threading.Thread(target=ip, args=('link del d4',), kwargs={'check': False})
            other.start()
            time.sleep(number / rounds * 0.02)
            with contextlib.suppress(NlError):
                sock.vport_del(ifindex, 7)
            other.join()
            wait_for(lambda: no_port(sock, ifindex, 7), 'the port is still there')


def no_port(sock, ifindex, number):
    try:
        sock.request('ovs_vport', ovsnl.VPORT_GET, ifindex, attr(ovsnl.VPORT_PORT_NO, u32(number)))
    except NlError:
        return True
    return False


def reader(ifindex, stop, problems):
    """Reads all ports all the time."""
    with Socket() as sock:
        while not stop.is_set():
            try:
                for port in sock.dump('ovs_vport', ovsnl.VPORT_GET, ifindex):
                    expect_true(port.get(ovsnl.VPORT_STATS), 'a port without statistics')
            except (OSError, AssertionError) as error:
                problems.append(error)
                return


def counters_early(rounds):
    """Ports whose packets miss from the first moment on, and that are read all the while."""
    with Socket() as sock:
        ifindex, stop, problems = sock.dp_get('dp').ifindex, threading.Event(), []
        threads = [threading.Thread(target=reader, args=(ifindex, stop, problems)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(int(rounds)):
            # It says hello (IPv6) as soon as it is up.
            sock.vport_new(ifindex, 'i5', ovsnl.INTERNAL, (sock.pid,), 5)
            with contextlib.suppress(OSError), open('/proc/sys/net/ipv6/conf/i5/disable_ipv6', 'w',
                                                    encoding='ascii') as knob:
                knob.write('0')
            ip('link set i5 up')
            sock.vport_del(ifindex, 5)
            sock.drain()
        stop.set()
        for thread in threads:
            thread.join()
        expect(problems, [], 'what the readers saw')


def output_unregisters(rounds):
    """Ports 5 and 6, devices with several queues, vanish while packets go to them."""
    with Socket() as sock:
        ifindex = sock.dp_get('dp').ifindex
        for _ in range(int(rounds)):
            for number in (5, 6):
                ip(f'link add d{number} numtxqueues 4 type dummy', f'link set d{number} up')
                sock.vport_new(ifindex, f'd{number}', number=number)
            time.sleep(0.02)
            ip('link del d5', 'link del d6')
            wait_for(lambda: no_port(sock, ifindex, 5) and no_port(sock, ifindex, 6),
                     'the ports are still there')


def segments_truncated():
    """Of each segment a client gets so many bytes as trunc says, or all if it has fewer."""
    mss, sizes = 1000, [1000] * 9 + [300]
    data = wire.gso_tcp('10.1.0.1', '10.2.0.1', sum(sizes))
    with big_socket() as client, wire.Wire(1, vnet=True) as near:
        datapath = Datapath(1, 2)
        for limit in (14, 60, 354, 355, 1000, 1054, 5000, 9000, 65535):
            datapath.forward_like(1, data, act.trunc(limit), act.userspace(client.pid))
            near.send_gso(data, wire.VNET_GSO_TCPV4, 54, mss, 34, 16)
            found = sorted(len(upcall.packet) for upcall in upcalls(client, len(sizes)))
            expect(found, sorted(min(54 + size, limit) for size in sizes), f'upcalls cut to {limit}')
        datapath.expect_stats(missed=0, lost=0)


def dump_stalls(count):
    """However many flows there are, a system call of a dump deals with some of them, and briefly."""
    count = int(count)
    datapath = Datapath()
    sock, ifindex = datapath.sock, datapath.ifindex
    for start in range(0, count, 50):
        sock.send(b''.join(message(
            sock, 'ovs_flow', ovsnl.FLOW_NEW, ifindex, attr(ovsnl.FLOW_KEY, numbered(n)),
            attr(ovsnl.FLOW_ACTIONS, act.output(1)), flags=REQUEST | CREATE)
            for n in range(start, min(start + 50, count))))
    for name, attributes in (('whole', []), ('terse', [attr(ovsnl.FLOW_UFID_FLAGS, u32(7))])):
        parts, slowest = dump(sock, ifindex, attributes)
        print(f'{name}: {sum(parts)} flows in {len(parts)} parts, the slowest in {slowest * 1000:.1f} ms')
        expect(sum(parts), count, f'flows of the {name} dump')
        expect_true(max(parts) <= MOST_OF_A_PART, f'{name}: {max(parts)} flows in one part')
        expect_true(slowest < STALL, f'{name}: one part took {slowest:.1f} s')


def dump(sock, ifindex, attributes):
    """The number of flows in each part, and how long the slowest took, in seconds."""
    parts, slowest = [], 0
    start = time.monotonic()
    sock.send(message(sock, 'ovs_flow', ovsnl.FLOW_GET, ifindex, *attributes, flags=REQUEST | DUMP))
    while True:
        messages = sock.receive()
        slowest = max(slowest, time.monotonic() - start)
        expect_true(messages, 'a dump without an end')
        parts.append(sum(m.kind == sock.family('ovs_flow').id for m in messages))
        if messages[-1].kind == ovsnl.NLMSG_DONE:
            return parts, slowest
        start = time.monotonic()


if __name__ == '__main__':
    main()
