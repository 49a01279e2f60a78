# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 07_wrong_input.sh."""
import array
import contextlib
import errno
import os
import random
import resource
import socket
import struct
import time

import ovsnl
from ovslang import act, key
from ovsnl import ACK, CREATE, DUMP, ECHO, EXCL, REQUEST, NlError, Socket, attr, string, u32
from testbed import Datapath, expect, expect_error, expect_true, main

DP, VPORT, FLOW, PACKET = 'ovs_datapath', 'ovs_vport', 'ovs_flow', 'ovs_packet'
NOWHERE = 0x7ffffff0  # nobody's ifindex
UFID = bytes(range(16))
MACS = key.eth(bytes(6), bytes(6))
IP4 = key.eth_type(0x800) + key.ipv4('10.0.0.1', '10.0.0.2', 17) + key.udp(1, 2)
IP4_MASK = key.eth_type(0xffff) + key.ipv4('255.255.255.255', '255.255.255.255', 255, 0, 0)
FLOW_KEY = key.in_port(1) + MACS + IP4
SHADOWED = key.in_port(1) + MACS + key.eth_type(0x800) + key.ipv4('10.0.0.1', '10.0.0.2', 17) + key.udp(3, 4)
ARP = key.eth_type(0x806) + key.arp('10.0.0.1', '10.0.0.2', 1, bytes(6), bytes(6))
FRAME = bytes(12) + b'\x88\xb5' + bytes(46)


class Setup(Datapath):
    """dp with p1, the internal i2 and a flow; other with p4; p3 is free."""

    def __init__(self):
        super().__init__(1)
        self.sock.vport_new(self.ifindex, 'i2', ovsnl.INTERNAL, number=2)
        self.other = self.sock.dp_new('other').ifindex
        self.sock.vport_new(self.other, 'p4', number=4)
        self.sock.flow_new(self.ifindex, FLOW_KEY, act.output(2), key.in_port(0xffffffff) + MACS + IP4_MASK)
        self.before = self.everything()

    def everything(self):
        return (self.state(), [message.payload for message in self.sock.dump(VPORT, ovsnl.VPORT_GET, self.other)],
                sorted(name for _, name in socket.if_nameindex()))

    def expect_unchanged(self, what):
        now = self.everything()
        expect_true(now == self.before, f'{what} changed the datapath:\n{self.before}\n{now}')


def name(text):
    return attr(ovsnl.DP_NAME, string(text))


def vname(text):
    return attr(ovsnl.VPORT_NAME, string(text))


def vtype(kind):
    return attr(ovsnl.VPORT_TYPE, u32(kind))


def datapath_rows():
    pid, features = attr(ovsnl.DP_UPCALL_PID, u32(0)), attr(ovsnl.DP_USER_FEATURES, u32(1))
    unknown = attr(ovsnl.DP_USER_FEATURES, u32(1 << 20))

    def cache(size):
        return attr(ovsnl.DP_MASKS_CACHE_SIZE, u32(size))

    per_cpu = attr(ovsnl.DP_USER_FEATURES, u32(ovsnl.F_PER_CPU))
    return [
        ('a datapath there is', 'EEXIST', DP, 1, 0, name('dp') + pid),
        ('a datapath named as a device', 'EEXIST', DP, 1, 0, name('p3') + pid),
        ('no name', 'EINVAL', DP, 1, 0, pid),
        ('no upcall pid', 'EINVAL', DP, 1, 0, name('new')),
        ('an empty name', 'EINVAL', DP, 1, 0, name('') + pid),
        ('a name with a slash', 'EINVAL', DP, 1, 0, name('a/b') + pid),
        ('a name without end', 'EINVAL', DP, 1, 0, attr(ovsnl.DP_NAME, b'x' * 16) + pid),
        ('a name too long', 'EINVAL', DP, 1, 0, name('x' * 16) + pid),
        ('a pid of 2 bytes', 'ERANGE', DP, 1, 0, name('new') + attr(ovsnl.DP_UPCALL_PID, b'\0\0')),
        ('an unknown feature', 'EOPNOTSUPP', DP, 1, 0, name('new') + pid + unknown),
        ('an unknown feature of a datapath there is', 'EOPNOTSUPP', DP, 1, 0, name('dp') + pid + unknown),
        ('a negative ifindex', 'ERANGE', DP, 1, 0, name('new') + pid + attr(ovsnl.DP_IFINDEX, u32(-1))),
        ('get: no such name', 'ENODEV', DP, 3, 0, name('none')),
        ('get: no such index', 'ENODEV', DP, 3, NOWHERE, b''),
        ('get: neither', 'ENODEV', DP, 3, 0, b''),
        ("get: a port's name", 'ENODEV', DP, 3, 0, name('p1')),
        ("get: an internal port's name", 'ENODEV', DP, 3, 0, name('i2')),
        ('del: no such name', 'ENODEV', DP, 2, 0, name('none')),
        ('set: no such index', 'ENODEV', DP, 4, NOWHERE, features),
        ('set: a cache of 100', 'EINVAL', DP, 4, 'dp', features + cache(100)),
        ('set: a cache of 4097', 'ERANGE', DP, 4, 'dp', features + cache(4097)),
        ('set: no per-CPU pids', 'EINVAL', DP, 4, 'dp', per_cpu + attr(ovsnl.DP_PER_CPU_PIDS)),
        ('set: per-CPU pids of 6 bytes', 'EINVAL', DP, 4, 'dp', per_cpu + attr(ovsnl.DP_PER_CPU_PIDS, bytes(6))),
        ('command 0', 'EOPNOTSUPP', DP, 0, 'dp', b''),
        ('command 9', 'EOPNOTSUPP', DP, 9, 'dp', b''),
        ('a dump of what has none', 'EOPNOTSUPP', DP, 1, 0, name('new') + pid, DUMP),
    ]


def vport_rows():
    pid, pids3 = attr(ovsnl.VPORT_UPCALL_PID, u32(0)), attr(ovsnl.VPORT_UPCALL_PID, b'\0\0\0')
    netdev, internal = vtype(ovsnl.NETDEV), vtype(ovsnl.INTERNAL)

    def number(value):
        return attr(ovsnl.VPORT_PORT_NO, u32(value))

    return [
        ('no name', 'EINVAL', VPORT, 1, 'dp', netdev + pid),
        ('no type', 'EINVAL', VPORT, 1, 'dp', vname('p3') + pid),
        ('no pid', 'EINVAL', VPORT, 1, 'dp', vname('p3') + netdev),
        ('no such datapath', 'ENODEV', VPORT, 1, NOWHERE, vname('p3') + netdev + pid),
        ('an unknown type', 'EAFNOSUPPORT', VPORT, 1, 'dp', vname('p3') + vtype(99) + pid),
        ('type 0', 'EAFNOSUPPORT', VPORT, 1, 'dp', vname('p3') + vtype(0) + pid),
        ('no such device', 'ENODEV', VPORT, 1, 'dp', vname('none') + netdev + pid),
        ('the loopback device', 'EINVAL', VPORT, 1, 'dp', vname('lo') + netdev + pid),
        ('an internal port as a device', 'EINVAL', VPORT, 1, 'other', vname('i2') + netdev + pid),
        ("a datapath's own port as a device", 'EINVAL', VPORT, 1, 'dp', vname('other') + netdev + pid),
        ('a port of this datapath', 'EEXIST', VPORT, 1, 'dp', vname('p1') + netdev + pid),
        ('a port of another', 'EBUSY', VPORT, 1, 'dp', vname('p4') + netdev + pid),
        ('an internal port there is', 'EEXIST', VPORT, 1, 'dp', vname('i2') + internal + pid),
        ('an internal port named as a device', 'EEXIST', VPORT, 1, 'dp', vname('p3') + internal + pid),
        ('a number in use', 'EBUSY', VPORT, 1, 'dp', vname('p3') + netdev + pid + number(1)),
        ('number 65535', 'EFBIG', VPORT, 1, 'dp', vname('p3') + netdev + pid + number(65535)),
        ('a pid of 3 bytes', 'EINVAL', VPORT, 1, 'dp', vname('p3') + netdev + pids3),
        ('a pid of no bytes', 'EINVAL', VPORT, 1, 'dp', vname('p3') + netdev + attr(ovsnl.VPORT_UPCALL_PID)),
        ('an ifindex for a device', 'EOPNOTSUPP', VPORT, 1, 'dp',
         vname('p3') + netdev + pid + attr(ovsnl.VPORT_IFINDEX, u32(777))),
        ('a name too long', 'EINVAL', VPORT, 1, 'dp', vname('x' * 16) + internal + pid),
        ('del: port 0', 'EINVAL', VPORT, 2, 'dp', number(0)),
        ('del: no such number', 'ENODEV', VPORT, 2, 'dp', number(77)),
        ('del: no such name', 'ENODEV', VPORT, 2, 'dp', vname('p3')),
        ('del: neither', 'EINVAL', VPORT, 2, 'dp', b''),
        ('del: no such datapath', 'ENODEV', VPORT, 2, NOWHERE, number(1)),
        ('set: another type', 'EINVAL', VPORT, 4, 'dp', number(1) + internal),
        ('set: options of a device', 'EOPNOTSUPP', VPORT, 4, 'dp', number(1) + attr(ovsnl.VPORT_OPTIONS, attr(1, b'\0\0'))),
        ('set: a pid of 3 bytes', 'EINVAL', VPORT, 4, 'dp', number(1) + pids3),
        ('set: no such port', 'ENODEV', VPORT, 4, 'dp', number(77) + pid),
        ('set: an ifindex', 'EOPNOTSUPP', VPORT, 4, 'dp', number(1) + attr(ovsnl.VPORT_IFINDEX, u32(1))),
        ('get: an ifindex', 'EOPNOTSUPP', VPORT, 3, 'dp', number(1) + attr(ovsnl.VPORT_IFINDEX, u32(1))),
        ('get: number 65535', 'EFBIG', VPORT, 3, 'dp', number(65535)),
        ('get: neither', 'EINVAL', VPORT, 3, 'dp', b''),
        ("get: another datapath's port", 'ENODEV', VPORT, 3, 'dp', vname('p4')),
        ('dump: no such datapath', 'ENODEV', VPORT, 3, NOWHERE, b'', DUMP),
        ('command 5', 'EOPNOTSUPP', VPORT, 5, 'dp', number(1)),
    ]


def flow(wanted, actions=act.output(2), mask=None):
    data = attr(ovsnl.FLOW_KEY, wanted)
    data += b'' if mask is None else attr(ovsnl.FLOW_MASK, mask)
    return data + (b'' if actions is None else attr(ovsnl.FLOW_ACTIONS, actions))


def flow_rows():
    base = key.in_port(1) + MACS
    free = key.in_port(7) + MACS + IP4
    mask = key.in_port(0xffffffff) + MACS + IP4_MASK
    ufid, actions = attr(ovsnl.FLOW_UFID, UFID), attr(ovsnl.FLOW_ACTIONS, act.output(2))
    return [
        ('no key', 'EINVAL', FLOW, 1, 'dp', actions),
        ('no actions', 'EINVAL', FLOW, 1, 'dp', flow(free, None)),
        ('no such datapath', 'ENODEV', FLOW, 1, NOWHERE, flow(free)),
        ('a flow there is', 'EEXIST', FLOW, 1, 'dp', flow(FLOW_KEY, mask=mask), CREATE),
        ('a flow there is, exclusively', 'EEXIST', FLOW, 1, 'dp', flow(FLOW_KEY, mask=mask), EXCL),
        ('a flow that another shadows', 'EEXIST', FLOW, 1, 'dp', flow(SHADOWED), CREATE),
        ('the same, to be changed', 'ENOENT', FLOW, 1, 'dp', flow(SHADOWED)),
        ('the same by UFID', 'ENOENT', FLOW, 1, 'dp', flow(SHADOWED, mask=mask) + ufid),
        ('set: no such flow', 'ENOENT', FLOW, 4, 'dp', flow(free)),
        ('set: no key', 'EINVAL', FLOW, 4, 'dp', actions),
        ('set: no such UFID', 'ENOENT', FLOW, 4, 'dp', flow(free) + ufid),
        ('del: no such flow', 'ENOENT', FLOW, 2, 'dp', flow(free, None)),
        ('del: no such UFID', 'ENOENT', FLOW, 2, 'dp', ufid),
        ('get: no such flow', 'ENOENT', FLOW, 3, 'dp', flow(free, None)),
        ('get: no such UFID', 'ENOENT', FLOW, 3, 'dp', ufid),
        ('get: neither', 'EINVAL', FLOW, 3, 'dp', b''),
        ('get: no such datapath', 'ENODEV', FLOW, 3, NOWHERE, flow(FLOW_KEY, None)),
        ('dump: no such datapath', 'ENODEV', FLOW, 3, NOWHERE, b'', DUMP),
        ('command 5', 'EOPNOTSUPP', FLOW, 5, 'dp', flow(FLOW_KEY)),
    ] + [(f'key: {what}', 'EINVAL', FLOW, 1, 'dp', flow(wanted), CREATE) for what, wanted in (
        ('empty', b''),
        ('an attribute twice', free + key.in_port(7)),
        ('an unknown attribute', free + attr(60, bytes(4))),
        ('attribute 0', free + attr(0, bytes(4))),
        ('the wrong length', key.in_port(7) + attr(4, bytes(11)) + IP4),
        ('too long', key.in_port(7) + MACS + key.eth_type(0x800) + attr(7, bytes(16)) + key.udp(1, 2)),
        ('port 65535', key.in_port(65535) + MACS + IP4),
        ('no IPv4', key.in_port(7) + MACS + key.eth_type(0x800)),
        ('no UDP', key.in_port(7) + MACS + key.eth_type(0x800) + key.ipv4('1.1.1.1', '2.2.2.2', 17)),
        ('IPv4 in ARP', key.in_port(7) + MACS + ARP + key.ipv4('1.1.1.1', '2.2.2.2', 17)),
        ('ports of no protocol', key.in_port(7) + MACS + key.eth_type(0x800) +
         key.ipv4('1.1.1.1', '2.2.2.2', 1) + key.udp(1, 2)),
        ('an unknown kind of fragment', key.in_port(7) + MACS + key.eth_type(0x800) +
         key.ipv4('1.1.1.1', '2.2.2.2', 17, frag=3) + key.udp(1, 2)),
        ('an IPv6 label of 21 bits', key.in_port(7) + MACS + key.eth_type(0x86dd) +
         key.ipv6('::1', '::2', 59, label=1 << 20)),
        ('an ARP operation of 256', key.in_port(7) + MACS + key.eth_type(0x806) +
         key.arp('1.1.1.1', '2.2.2.2', 256, bytes(6), bytes(6))),
        ('a tag without the CFI bit', key.in_port(7) + MACS + key.eth_type(0x8100) + key.vlan(100) + key.encap(IP4)),
        ('three tags', key.in_port(7) + MACS + key.eth_type(0x88a8) + key.vlan(0x1001) + key.encap(
            key.eth_type(0x88a8), key.vlan(0x1001), key.encap(
                key.eth_type(0x8100), key.vlan(0x1001), key.encap(IP4)))),
        ('an ethertype of 100', key.in_port(7) + MACS + key.eth_type(100)),
    )] + [(f'mask: {what}', 'EINVAL', FLOW, 1, 'dp', flow(free, mask=wanted), CREATE) for what, wanted in (
        ('of what the key has not', mask + key.tcp(1, 2)),
        ('an unknown attribute', mask + attr(60, bytes(4))),
        ('the wrong length', key.in_port(0xffffffff) + attr(4, bytes(8))),
        ('ports without protocol', key.in_port(0xffffffff) + key.eth_type(0xffff) + key.udp(0xffff, 0)),
    )] + action_rows(base)


def nested(depth):
    actions = act.output(2)
    for _ in range(depth):
        actions = act.clone(actions)
    return actions


def action_rows(base):
    free = key.in_port(7) + MACS + IP4
    arp = key.in_port(7) + MACS + ARP
    rows = [(f'actions: {what}', 'EINVAL', FLOW, 1, 'dp', flow(free, actions), CREATE) for what, actions in (
        ('unknown', attr(77, u32(1))),
        ('action 0', attr(0, u32(1))),
        ('output to 65535', act.output(65535)),
        ('output of 2 bytes', attr(1, b'\1\0')),
        ('userspace without pid', attr(2, attr(2, b'data'))),
        ('userspace with pid 0', act.userspace(0)),
        ('set of two', attr(3, key.skb_mark(1) + key.priority(1))),
        ('set of nothing', attr(3)),
        ('set of the port', act.set(key.in_port(1))),
        ('set of ICMP', act.set(key.icmp(1, 1))),
        ('set of TCP in UDP', act.set(key.tcp(1, 2))),
        ('set of IPv6 in IPv4', act.set(key.ipv6('::1', '::2', 17))),
        ("set of another protocol", act.set(key.ipv4('1.1.1.1', '2.2.2.2', 6))),
        ('set of another fragment', act.set(key.ipv4('1.1.1.1', '2.2.2.2', 17, frag=1))),
        ('set cut short', attr(3, attr(4, bytes(11)))),
        ('set_masked without mask', attr(11, key.eth(bytes(6), bytes(6)))),
        ('set_masked beyond its mask', act.set_masked(key.skb_mark(0xff), key.skb_mark(0xf))),
        ('push_vlan without the CFI bit', act.push_vlan(100)),
        ('push_vlan of another ethertype', act.push_vlan(0x1064, 0x0800)),
        ('push_vlan cut short', attr(4, bytes(2))),
        ('trunc to 13', act.trunc(13)),
        ('sample without probability', attr(6, attr(2, act.output(2)))),
        ('sample without actions', attr(6, attr(1, u32(1)))),
        ('sample of unknown actions', act.sample(1, attr(77))),
        ('clone of unknown actions', act.clone(attr(77))),
        ('recirc of 2 bytes', attr(7, b'\0\0')),
        ('one good, one bad', act.output(2) + attr(77)),
    )]
    return rows + [
        ('actions: set of IPv4 in ARP', 'EINVAL', FLOW, 1, 'dp', flow(arp, act.set(key.ipv4('1.1.1.1', '2.2.2.2', 17))), CREATE),
        ('actions: clones 40 deep', 'EOVERFLOW', FLOW, 1, 'dp', flow(free, nested(40)), CREATE),
        ('actions: bad ones for a flow there is', 'EINVAL', FLOW, 4, 'dp', flow(FLOW_KEY, attr(77))),
    ]


def packet_rows():
    packet, meta = attr(ovsnl.PACKET_PACKET, FRAME), attr(ovsnl.PACKET_KEY, key.in_port(1))
    actions = attr(ovsnl.PACKET_ACTIONS, act.output(2))
    return [
        ('no packet', 'EINVAL', PACKET, 3, 'dp', meta + actions),
        ('no key', 'EINVAL', PACKET, 3, 'dp', packet + actions),
        ('no actions', 'EINVAL', PACKET, 3, 'dp', packet + meta),
        ('a packet of 13 bytes', 'ERANGE', PACKET, 3, 'dp', attr(ovsnl.PACKET_PACKET, FRAME[:13]) + meta + actions),
        ('no such datapath', 'ENODEV', PACKET, 3, NOWHERE, packet + meta + actions),
        ('a bad action', 'EINVAL', PACKET, 3, 'dp', packet + meta + attr(ovsnl.PACKET_ACTIONS, attr(77))),
        ('set of IPv4 in another packet', 'EINVAL', PACKET, 3, 'dp',
         packet + meta + attr(ovsnl.PACKET_ACTIONS, act.set(key.ipv4('1.1.1.1', '2.2.2.2', 17)))),
        ('port 65535', 'EINVAL', PACKET, 3, 'dp', packet + attr(ovsnl.PACKET_KEY, key.in_port(65535)) + actions),
        ('a miss by a client', 'EOPNOTSUPP', PACKET, 1, 'dp', packet + meta),
    ]


# The kernel's own module has taken over the features when it refuses their pids.
STOCK_CHANGES = ('set: no per-CPU pids', 'set: per-CPU pids of 6 bytes') if os.environ.get('TWINPATH_VM') == 'stock' else ()


def errno_table():
    setup = Setup()
    indices = {'dp': setup.ifindex, 'other': setup.other}
    rows = datapath_rows() + vport_rows() + flow_rows() + packet_rows()
    wrong = []
    for what, wanted, family, cmd, index, attributes, *rest in rows:
        got = 0
        try:
            setup.sock.request(family, cmd, indices.get(index, index), attributes, flags=rest[0] if rest else 0)
        except NlError as error:
            got = error.errno
        if got != getattr(errno, wanted):
            wrong.append(f'{family} {cmd}: {what}: {errno.errorcode.get(got, got)}, wanted {wanted}')
        if setup.everything() != setup.before:
            if what not in STOCK_CHANGES:
                wrong.append(f'{family} {cmd}: {what}: changed the datapath')
            setup.before = setup.everything()
    print(f'{len(rows)} rows', *wrong, sep='\n')
    expect_true(not wrong, f'{len(wrong)} rows are wrong')
    setup.expect_stats(hit=0, missed=0, lost=0, flows=1)
    # The table's neighbours: the nearest that is right works.
    setup.sock.flow_new(setup.ifindex, key.in_port(7) + MACS + IP4, nested(15))
    setup.sock.vport_new(setup.ifindex, 'p3', number=65534)


def warm_up():
    """A datapath that comes and goes, and a request."""
    setup = Setup()
    setup.sock.dp_del(setup.ifindex)
    setup.sock.dp_del(setup.other)
    expect(setup.sock.dump(DP, ovsnl.DP_GET), [], 'datapaths')


def unprivileged(function):
    """Runs it in a process of user `nobody`; an exception there is one here."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            function()
            status = 0
        except BaseException as error:  # told below
            print(f'as nobody: {error!r}', flush=True)
        finally:
            os._exit(status)
    expect(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, 'exit status of the unprivileged process')


def not_permitted():
    setup = Setup()

    def tries():
        with Socket() as sock:
            index = setup.ifindex
            for what in (
                    lambda: sock.dp_new('mine'), lambda: sock.dp_set(index, 0), lambda: sock.dp_del(index),
                    lambda: sock.vport_new(index, 'p3'), lambda: sock.vport_set_pids(index, 1, (sock.pid,)),
                    lambda: sock.vport_del(index, 1),
                    lambda: sock.flow_new(index, key.in_port(7) + MACS + IP4, act.output(2)),
                    lambda: sock.flow_del(index), lambda: sock.flow_del(index, FLOW_KEY),
                    lambda: sock.execute(index, FRAME, key.in_port(1), act.output(2))):
                expect_error(errno.EPERM, what)
            expect(sock.dp_get('dp').text(ovsnl.DP_NAME), 'dp', 'name')
            expect(sock.vport_get('p1').number(ovsnl.VPORT_PORT_NO), 1, 'number')
            expect(len(sock.dump(VPORT, ovsnl.VPORT_GET, index)), 3, 'ports')
            expect(sock.flow_get(index, FLOW_KEY).get(ovsnl.FLOW_ACTIONS), act.output(2), 'actions')
            expect(len(sock.dump(FLOW, ovsnl.FLOW_GET, index)), 1, 'flows')

    unprivileged(tries)
    setup.expect_unchanged('an unprivileged client')
    setup.expect_stats(hit=0, missed=0, lost=0)


class Raw:
    """A connection that sends any bytes: to the twin's socket past all libraries, or by netlink.

    `wait`: for a place in the queue of those who want to connect; else BlockingIOError.
    """

    def __init__(self, wait=True):
        path = os.environ.get('TWINPATH_SOCKET')
        if path:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.sock.setblocking(wait)
            self.sock.connect(path)
        else:
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, ovsnl.NETLINK_GENERIC)
        self.is_unix = bool(path)
        self.sock.settimeout(30)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        """False when the other side has hung up or doesn't take it."""
        try:
            self.sock.send(data)
            return True
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.ECONNRESET, errno.EMSGSIZE, errno.ENOBUFS):
                raise
            return False

    def sync(self):
        """Returns once all that was sent has been dealt with; False if that ended the connection.

        The answer is lost when earlier ones fill the buffer: then it is asked for again.
        """
        request = ovsnl.genl(ovsnl.NLCTRL, ovsnl.CTRL_GETFAMILY, 1, attr(2, b'ovs_flow\0'), flags=REQUEST, seq=0x5355)
        self.sock.settimeout(1)
        for _ in range(60):
            if not self.send(request):
                return False
            with contextlib.suppress(TimeoutError):
                while True:
                    try:
                        data = self.sock.recv(1 << 17)
                    except ConnectionResetError:
                        return False
                    except OSError as error:
                        if error.errno != errno.ENOBUFS:
                            raise
                        break
                    if not data:
                        return False
                    if any(message.seq == 0x5355 for message in ovsnl.split(data)):
                        self.sock.settimeout(30)
                        return True
        raise AssertionError('no answer')

    def drain(self):
        """Reads what is there; False at the end of the connection."""
        self.sock.setblocking(False)
        try:
            while True:
                if not self.sock.recv(1 << 17) and self.is_unix:
                    return False
        except BlockingIOError:
            return True
        except OSError as error:
            return error.errno == errno.ENOBUFS
        finally:
            self.sock.settimeout(30)


def half_messages():
    setup = Setup()
    family = setup.sock.family(FLOW).id
    whole = ovsnl.ovs(family, ovsnl.FLOW_NEW, setup.ifindex, flow(key.in_port(7) + MACS + IP4), flags=REQUEST | ACK | CREATE)
    with Raw() as raw:
        for length in range(1, len(whole)):
            expect_true(raw.send(whole[:length]), f'hung up after {length} bytes')
        raw.sync()
        setup.expect_unchanged('a request cut off')
        # Lengths that lie: shorter than a header, longer than what is there, around the end of numbers.
        for length in (0, 1, 4, 15, len(whole) + 1, len(whole) + 4, 65536, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff):
            expect_true(raw.send(u32(length) + whole[4:]), f'hung up after a length of {length}')
        raw.sync()
        setup.expect_unchanged('a length that lies')
        # Attributes: lengths of 0 to 3, and beyond the message, in every place.
        for place in range(20, len(whole) - 3, 4):
            for length in (0, 1, 3, 0x7fff, 0xffff):
                bad = whole[:place] + struct.pack('=H', length) + whole[place + 2:]
                if bad != whole and place != 16:
                    raw.send(bad)
                    raw.drain()
        # What of these made sense is a flow; nothing else changed.
        raw.sync()
        for message in setup.flows():
            if message.payload not in setup.before[0][2][1]:
                setup.sock.flow_del(setup.ifindex, message.get(ovsnl.FLOW_KEY))
        setup.expect_unchanged('a bad attribute')
        # A batch ends where it stops making sense; what stands before that is done.
        get = ovsnl.ovs(family, ovsnl.FLOW_GET, setup.ifindex, flow(FLOW_KEY, None), flags=REQUEST)
        with Socket() as sock:
            sock.send(get + get + u32(4711) + get[4:])
            expect([message.kind for message in sock.drain(0.3)], [family, family], 'answers to a batch with a bad end')
            sock.send(get[:24] + get[24:] + get[:20])
            expect([message.kind for message in sock.drain(0.3)], [family], 'answers to a batch with half a message')
            # The connection is as good as before.
            expect(len(sock.dump(FLOW, ovsnl.FLOW_GET, setup.ifindex)), 1, 'flows')
        expect_true(raw.drain() and raw.send(get), 'the connection ended')
    setup.expect_unchanged('all of it')


def envelope(rng, families, index):
    """Random attributes for a command that does not delete, with a datapath's index."""
    family, cmds = rng.choice(families)
    cmd = rng.choice(cmds)
    attributes = b''
    for _ in range(rng.randrange(6)):
        attributes += attr(rng.randrange(16) | rng.choice((0, 0, 0x8000, 0x4000)),
                           rng.randbytes(rng.choice((0, 1, 2, 4, 4, 4, 8, 12, 16, 40, 300))))
    if rng.random() < 0.3:
        attributes = attributes[:rng.randrange(len(attributes) + 1)]
    flags = REQUEST | rng.choice((0, ACK, ECHO, ACK | ECHO, DUMP, CREATE, 0xf000))
    return ovsnl.ovs(family, cmd, rng.choice((index, 0, NOWHERE, -1)), attributes, flags=flags,
                     version=rng.randrange(4), seq=rng.randrange(1 << 32))


def control(rng):
    """What only the twin's transport knows: messages of its own."""
    return ovsnl.raw(0xff00 + rng.randrange(10), rng.randbytes(rng.choice((0, 4, 8, 16, 16, 16, 64))),
                     flags=rng.choice((0, REQUEST, REQUEST | ACK)), seq=rng.randrange(1 << 32))


def garbage(count):
    setup = Setup()
    seed = int(os.environ.get('SEED', '1'))
    rng = random.Random(seed)
    print(f'SEED={seed}')
    families = [(setup.sock.family(FLOW).id, (0, 1, 3, 4, 5, 255)), (setup.sock.family(VPORT).id, (0, 3, 4, 5, 255)),
                (setup.sock.family(DP).id, (0, 3, 5, 255)), (setup.sock.family(PACKET).id, (0, 1, 2, 4, 255)),
                (ovsnl.NLCTRL, (0, 1, 2, 3, 10, 99)), (0x7f, (1, 2, 3))]
    raw, hangups = Raw(), 0
    for number in range(int(count)):
        draw = rng.random()
        if draw < 0.3:
            data = rng.randbytes(rng.randrange(1, 400))
        elif draw < 0.32:
            data = rng.randbytes(rng.choice((65536, 200000, 262144, 262145, 400000)))
        elif draw < 0.5 and raw.is_unix:
            data = control(rng)
        else:
            data = b''.join(envelope(rng, families, setup.ifindex) for _ in range(rng.choice((1, 1, 5))))
        if not raw.send(data) and len(data) < 100000 or not raw.drain():
            raw.close()
            raw, hangups = Raw(), hangups + 1
        if number % 500 == 499:
            if not raw.sync():
                raw.close()
                raw, hangups = Raw(), hangups + 1
            setup.expect_unchanged(f'datagram {number} or one before')
    if raw.is_unix:
        # Descriptors that nobody asked for must not pile up in the daemon.
        for _ in range(500):
            with open('/dev/null', 'rb') as null:
                rights = array.array('i', [null.fileno()] * 10)
                try:
                    raw.sock.sendmsg([control(rng)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
                    alive = raw.drain()
                except (BrokenPipeError, ConnectionResetError):
                    alive = False
            if not alive:
                raw.close()
                raw, hangups = Raw(), hangups + 1
    raw.close()
    print(f'{hangups} times hung up on')
    setup.expect_unchanged('garbage')
    setup.sock.flow_new(setup.ifindex, key.in_port(7) + MACS + IP4, act.output(2))
    setup.sock.dp_del(setup.ifindex)
    setup.sock.dp_del(setup.other)


def many_connections(count):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    setup = Setup()
    request = ovsnl.ovs(setup.sock.family(DP).id, ovsnl.DP_GET, 0, name('dp'), flags=REQUEST)
    crowd = []
    started = time.monotonic()
    for _ in range(int(count)):
        raw = Raw()
        expect_true(raw.send(request), 'a connection ended')
        crowd.append(raw)
    print(f'{count} connections after {time.monotonic() - started:.1f} s')
    # Each is served: the twin's greeting comes first, then the answer.
    for raw in crowd:
        for _ in range(2 if raw.is_unix else 1):
            answer = raw.sock.recv(4096)
        expect(ovsnl.Message(answer).text(ovsnl.DP_NAME), 'dp', 'answer to one of many')
    # And so is a newcomer.
    with Socket() as sock:
        expect(len(sock.dump(FLOW, ovsnl.FLOW_GET, setup.ifindex)), 1, 'flows')
    expect(len({own_pid(raw) for raw in crowd[:2000]}), 2000, 'port ids')
    for raw in crowd:
        raw.close()
    setup.expect_unchanged('the crowd')
    setup.sock.dp_del(setup.ifindex)
    setup.sock.dp_del(setup.other)


def own_pid(raw):
    """A connection's port id: from the header of an answer."""
    raw.send(ovsnl.genl(ovsnl.NLCTRL, ovsnl.CTRL_GETFAMILY, 1, attr(2, b'ovs_flow\0'), flags=REQUEST))
    return ovsnl.Message(raw.sock.recv(4096)).pid


def few_descriptors(count):
    """More clients than the daemon has descriptors for."""
    setup = Setup()
    crowd = []
    for _ in range(int(count)):
        with contextlib.suppress(BlockingIOError):
            crowd.append(Raw(wait=False))
    time.sleep(1)
    greeted = 0
    for raw in crowd:
        raw.sock.setblocking(False)
        with contextlib.suppress(OSError):
            greeted += bool(raw.sock.recv(4096))
    print(f'{greeted} of {count} connections greeted')
    expect_true(50 < greeted < int(count), f'{greeted} connections greeted')
    # Who was there before is served all the while.
    setup.expect_unchanged('the crowd')
    setup.sock.flow_new(setup.ifindex, key.in_port(7) + MACS + IP4, act.output(2))
    for raw in crowd:
        raw.close()
    # There is room again.
    deadline = time.monotonic() + 10
    while True:
        try:
            with Socket() as sock:
                expect(len(sock.dump(FLOW, ovsnl.FLOW_GET, setup.ifindex)), 2, 'flows')
                break
        except OSError as error:
            expect_true(time.monotonic() < deadline, f'no room after the crowd has left: {error}')
            time.sleep(0.1)
    setup.sock.dp_del(setup.ifindex)
    setup.sock.dp_del(setup.other)


def never_reads():
    setup = Setup()
    sock, index = setup.sock, setup.ifindex
    family = sock.family(FLOW)
    for number in range(3000):
        sock.send(ovsnl.ovs(family.id, ovsnl.FLOW_NEW, index, flow(
            key.in_port(7) + key.eth(bytes(6), struct.pack('!HI', 2, number)) + IP4), flags=REQUEST | CREATE))
    setup.expect_stats(settle=0, flows=3001)
    # Deaf to notifications, to answers, to dumps.
    listeners = [Socket() for _ in range(10)]
    for each in listeners:
        each.join(FLOW)
    askers = [Raw() for _ in range(10)]
    get = ovsnl.ovs(family.id, ovsnl.FLOW_GET, index, flow(FLOW_KEY, None), flags=REQUEST)
    for raw in askers:
        raw.sock.setblocking(False)
        for _ in range(200):
            try:
                raw.sock.send(get * 20)
            except BlockingIOError:
                break
            except OSError as error:
                expect(error.errno, errno.ENOBUFS, 'errno of send')
    dumpers = [Raw() for _ in range(10)]
    for raw in dumpers:
        raw.send(ovsnl.ovs(family.id, ovsnl.FLOW_GET, index, flags=REQUEST | DUMP))
    # Everyone else works as always.
    slowest = 0.0
    for number in range(2000):
        started = time.monotonic()
        wanted = key.in_port(8) + key.eth(bytes(6), struct.pack('!HI', 2, number)) + IP4
        sock.flow_new(index, wanted, act.output(2))
        sock.flow_del(index, wanted)
        slowest = max(slowest, time.monotonic() - started)
    print(f'slowest of 2000 changes: {slowest * 1000:.0f} ms')
    expect_true(slowest < 2, f'a change took {slowest:.1f} s')
    expect(len(setup.flows()), 3001, 'flows')
    # A deaf one that begins to listen: told of the loss once, then of what there was room for.
    deaf = listeners[0]
    expect_error(errno.ENOBUFS, deaf.receive, 5)
    kept = deaf.drain(0.2)
    expect_true(0 < len(kept) < 4000, f'{len(kept)} notifications kept')
    print(f'{len(kept)} of 4000 notifications kept')
    sock.flow_new(index, key.in_port(9) + MACS + IP4, act.output(2))
    expect(len(deaf.drain(0.3)), 1, 'notifications after listening again')
    for each in listeners + askers + dumpers:
        each.close()
    sock.dp_del(index)
    sock.dp_del(setup.other)


if __name__ == '__main__':
    main()
