# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 09_cve.sh."""
import contextlib
import struct
import subprocess
import threading
import time

import ovsnl
from ovslang import act, key
from ovsnl import ACK, CREATE, REQUEST, Socket, attr
import wire
from testbed import Datapath, big_socket, expect, expect_true, main, upcalls

ALL = 0xffffffff
MASKS = 40  # more than an array has room for at first


def ip(*commands):
    subprocess.run(['ip', '-batch', '-'], input='\n'.join(commands), text=True, check=True)


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


def segments_truncated():
    """Of each segment a client gets so many bytes as trunc says, or all if it has fewer."""
    mss, sizes = 1000, [1000] * 9 + [300]
    body = bytes(sum(sizes))
    _, whole = wire.tcp('10.1.0.1', '10.2.0.1', 1000, 2000, body, flags=0x18)
    start = wire.checksum(wire.pseudo(whole[12:16], whole[16:20], wire.TCP, len(whole) - 20)) ^ 0xffff
    data = wire.eth(wire.host_mac(1), wire.host_mac(2), 0x800,
                    whole[:36] + struct.pack('!H', start) + whole[38:])
    with big_socket() as client, wire.Wire(1, vnet=True) as near:
        datapath = Datapath(1, 2)
        for limit in (14, 60, 354, 355, 1000, 1054, 5000, 9000, 65535):
            datapath.forward_like(1, data, act.trunc(limit), act.userspace(client.pid))
            near.send_gso(data, wire.VNET_GSO_TCPV4, 54, mss, 34, 16)
            found = sorted(len(upcall.packet) for upcall in upcalls(client, len(sizes)))
            expect(found, sorted(min(54 + size, limit) for size in sizes), f'upcalls cut to {limit}')
        datapath.expect_stats(missed=0, lost=0)


if __name__ == '__main__':
    main()
