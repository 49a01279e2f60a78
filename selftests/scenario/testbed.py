# SPDX-License-Identifier: BSD-3-Clause
"""What the scenarios' clients share: a datapath with hosts, checks that tell what they saw, and the
command line: a client is called as `FILE FUNCTION [ARGUMENT...]` and fails by any exception.
"""
import json
import os
import socket
import struct
import subprocess
import sys
import time

import ovsnl
from ovslang import key, read_key
from ovsnl import Socket

SO_RCVBUFFORCE = 33
ALL = 0xffffffff
EXPERIMENTAL = 0x88b5  # an ethertype that no host minds (IEEE 802, local experimental)


def expect(got, wanted, what):
    if got != wanted:
        raise AssertionError(f'{what}: got {shown(got)}, wanted {shown(wanted)}')


def expect_true(condition, what):
    if not condition:
        raise AssertionError(what)


def shown(value):
    return value.hex() if isinstance(value, bytes) else repr(value)


def expect_frames(got, wanted, what):
    """Exactly these frames, in this order."""
    for number, (left, right) in enumerate(zip(got, wanted)):
        expect(left, right, f'{what}: frame {number}')
    expect(len(got), len(wanted), f'{what}: number of frames')


def expect_same_frames(got, wanted, what):
    """Exactly these frames, in any order."""
    expect_frames(sorted(got), sorted(wanted), what)


def wait_for(condition, what, timeout=10.0):
    """Until `condition()` is true; returns what it returned."""
    deadline = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f'after {timeout} s: {what}')
        time.sleep(0.01)


def expect_error(number, function, *arguments, **named):
    """The call must be refused with this errno."""
    try:
        function(*arguments, **named)
    except OSError as error:
        expect(error.errno, number, f'errno ({error})')
        return
    raise AssertionError(f'succeeded, wanted {os.strerror(number)}')


def big_socket(**options):
    """A socket with room for thousands of upcalls, as Open vSwitch makes them."""
    sock = Socket(**options)
    sock.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
    return sock


def any_key(port):
    """Key and mask of a flow for whatever arrives at a port."""
    return (key.in_port(port) + key.eth(bytes(6), bytes(6)) + key.eth_type(EXPERIMENTAL),
            key.in_port(ALL) + key.eth(bytes(6), bytes(6)))


def kind_key(port, data):
    """Key and mask of a flow for frames with the tags and protocols of the frame `data`."""
    kinds, tags, at = [], [], 12
    while True:
        kinds.append(struct.unpack_from('!H', data, at)[0])
        at += 2
        if kinds[-1] not in (0x8100, 0x88a8):
            break
        tags.append(struct.unpack_from('!H', data, at)[0] | 0x1000)
        at += 2
    inner, inner_mask = key.eth_type(kinds[-1]), key.eth_type(0xffff)
    proto = None
    if kinds[-1] == 0x800:
        proto = data[at + 9]
        inner += key.ipv4('0.0.0.0', '0.0.0.0', proto)
        inner_mask += key.ipv4('0.0.0.0', '0.0.0.0', 0xff, 0, 0)
    elif kinds[-1] == 0x86dd:
        proto = data[at + 6]
        inner += key.ipv6('::', '::', proto)
        inner_mask += key.ipv6('::', '::', 0xff, 0, 0, 0)
    inner += {6: key.tcp(0, 0) + key.tcp_flags(0), 17: key.udp(0, 0), 1: key.icmp(0, 0),
              58: key.icmpv6(128, 0)}.get(proto, b'')
    for kind, tci in reversed(list(zip(kinds, tags))):
        inner = key.eth_type(kind) + key.vlan(tci) + key.encap(inner)
        inner_mask = key.eth_type(0xffff) + key.vlan(0xffff) + key.encap(inner_mask)
    zero = key.eth(bytes(6), bytes(6))
    return key.in_port(port) + zero + inner, key.in_port(ALL) + zero + inner_mask


class Datapath:
    """A datapath named `dp` whose port N is pN, for each N of `ports`.

    `pids`: {port: sequence of port ids} for upcalls.
    """

    def __init__(self, *ports, pids=None, features=ovsnl.F_UNALIGNED | ovsnl.F_VPORT_PIDS,
                 name='dp'):
        self.sock = Socket()
        self.name = name
        self.ifindex = self.sock.dp_new(name, features).ifindex
        for number in ports:
            self.sock.vport_new(self.ifindex, f'p{number}', ovsnl.NETDEV,
                                (pids or {}).get(number, (0,)), number=number)

    def stats(self):
        """(hit, missed, lost, flows)"""
        return struct.unpack('=4Q', self.sock.dp_get(self.name).get(ovsnl.DP_STATS))

    def masks(self):
        """(masks visited, masks there are, cache hits)"""
        data = self.sock.dp_get(self.name).get(ovsnl.DP_MEGAFLOW_STATS)
        return struct.unpack_from('=QI4xQ', data)

    def expect_stats(self, settle=0.1, **wanted):
        """hit, missed, lost, flows: become these numbers, and stay so."""
        def now():
            return dict(zip(('hit', 'missed', 'lost', 'flows'), self.stats()))

        def is_so():
            return all(now()[name] == number for name, number in wanted.items())

        deadline = time.monotonic() + 10
        while not is_so() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(settle)
        found = now()
        expect({name: found[name] for name in wanted}, wanted, 'statistics of the datapath')

    def put(self, wanted, mask, *actions):
        """A flow is to have these actions, whether it is there already or not."""
        self.sock.flow_new(self.ifindex, wanted, b''.join(actions), mask, flags=0)

    def forward(self, source, *actions):
        """Whatever arrives untagged at port `source` undergoes these actions."""
        self.put(*any_key(source), *actions)

    def forward_like(self, source, data, *actions):
        """What arrives at port `source` and is of the kind of the frame `data` undergoes these."""
        self.put(*kind_key(source, data), *actions)

    def counts(self, wanted):
        """(packets, bytes) of the flow with this key."""
        return flow_counts(self.sock.flow_get(self.ifindex, wanted))

    def flows(self):
        return self.sock.dump('ovs_flow', ovsnl.FLOW_GET, self.ifindex)

    def state(self):
        """Everything that a request could change, as bytes: for comparisons."""
        found = []
        for family, index in (('ovs_datapath', 0), ('ovs_vport', self.ifindex),
                              ('ovs_flow', self.ifindex)):
            messages = self.sock.dump(family, 3, index)
            found.append((family, sorted(message.payload for message in messages)))
        return found


def drops():
    """{reason: packets} of what the datapaths of this namespace dropped, without those that are 0;
    None where that is not told: the distribution's module."""
    if 'TWINPATH_SOCKET' in os.environ:
        told = subprocess.run([os.environ['TWINPATH'], 'stats', '--json'], check=True, capture_output=True)
        found = json.loads(told.stdout)['drops'].items()
    else:
        try:
            with open('/proc/thread-self/net/openvswitch_drops', encoding='ascii') as file:
                found = [line.split() for line in file]
        except FileNotFoundError:
            return None
    return {reason: int(count) for reason, count in found if int(count)}


def expect_drops(before, **wanted):
    """So many packets were dropped since, for these reasons (_ for -) and no others."""
    if before is None:
        return
    wanted = {reason.replace('_', '-'): count for reason, count in wanted.items()}

    def since():
        now = drops()
        return {reason: now[reason] - before.get(reason, 0) for reason in now if now[reason] != before.get(reason, 0)}

    deadline = time.monotonic() + 10
    while since() != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.1)
    expect(since(), wanted, 'drops')


def flow_counts(message):
    """(packets, bytes) of a flow's message; a flow that was not hit has no statistics."""
    data = message.get(ovsnl.FLOW_STATS)
    return struct.unpack('=QQ', data) if data else (0, 0)


class Upcall:
    """An upcall as the client sees it."""

    def __init__(self, message):
        self.message = message
        self.cmd = message.cmd
        self.packet = message.get(ovsnl.PACKET_PACKET)
        self.key_bytes = message.get(ovsnl.PACKET_KEY)
        self.key = read_key(self.key_bytes)
        self.port = int.from_bytes(self.key['in_port'], 'little')
        self.userdata = message.get(ovsnl.PACKET_USERDATA)
        self.actions = message.get(ovsnl.PACKET_ACTIONS)


def upcalls(sock, count, timeout=10.0, settle=0.2):
    """`count` upcalls, and those that follow within `settle` seconds."""
    found, deadline = [], time.monotonic() + timeout
    while time.monotonic() < deadline:
        message = sock.message(0.02)
        if message is None:
            continue
        found.append(Upcall(message))
        if len(found) == count:
            deadline = time.monotonic() + settle
    return found


def drain(sock, idle=0.5):
    """All upcalls until none comes for `idle` seconds."""
    found = []
    while True:
        message = sock.message(idle)
        if message is None:
            return found
        found.append(Upcall(message))


def pass_on(datapath, upcall, *actions):
    """Let the datapath deal with the packet of an upcall after all."""
    datapath.sock.execute(datapath.ifindex, upcall.packet, upcall.key_bytes, b''.join(actions))


def main():
    module = sys.modules['__main__']
    getattr(module, sys.argv[1])(*sys.argv[2:])


