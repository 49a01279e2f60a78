# SPDX-License-Identifier: BSD-3-Clause
"""Clients of 05_dumps.sh."""
import errno
import re
import struct
import subprocess
import threading
import time

import ovsnl
from ovslang import act, key
from ovsnl import ACK, DUMP, ECHO, REQUEST, Socket, attr
from testbed import Datapath, expect, expect_error, expect_true, main, wait_for

FAMILIES = ('ovs_datapath', 'ovs_vport', 'ovs_flow')
NAMES = {('ovs_datapath', 1): 'DP_NEW', ('ovs_datapath', 2): 'DP_DEL', ('ovs_datapath', 4): 'DP_SET',
         ('ovs_vport', 1): 'VPORT_NEW', ('ovs_vport', 2): 'VPORT_DEL', ('ovs_vport', 4): 'VPORT_SET',
         ('ovs_flow', 1): 'FLOW_NEW', ('ovs_flow', 2): 'FLOW_DEL', ('ovs_flow', 4): 'FLOW_SET'}


class Listener(Socket):
    """A socket in all three groups, or some."""

    def __init__(self, *families):
        super().__init__()
        for family in families or FAMILIES:
            self.join(family)
        self.kinds = {self.family(family).id: family for family in FAMILIES}

    def events(self, count, timeout=10.0, settle=0.2):
        """[(event, message)]: `count`, and those that follow within `settle` seconds."""
        found, deadline = [], time.monotonic() + (timeout if count else settle)
        while time.monotonic() < deadline:
            message = self.message(0.02)
            if message is None:
                continue
            found.append((NAMES[self.kinds[message.kind], message.cmd], message))
            if len(found) == count:
                deadline = time.monotonic() + settle
        return found

    def expect(self, *wanted):
        """Exactly these events; returns their messages."""
        found = self.events(len(wanted))
        expect([event for event, _ in found], list(wanted), 'events')
        return [message for _, message in found]


def flow(number):
    """Key and mask of the flow `number` of a table of many: one mask, different addresses."""
    zero = key.eth(bytes(6), bytes(6))
    address = struct.pack('!I', 0x0a000000 + number)
    return (key.in_port(1) + zero + key.eth_type(0x800) + key.ipv4(address, bytes(4), 17) + key.udp(0, 0),
            key.in_port(0xffffffff) + zero + key.eth_type(0xffff) +
            key.ipv4(b'\xff' * 4, bytes(4), 255, 0, 0))


def notifications():
    with Listener() as listener, Listener('ovs_vport') as ports_only:
        datapath = Datapath()
        sock, index = datapath.sock, datapath.ifindex
        new, = listener.expect('DP_NEW')
        expect((new.text(ovsnl.DP_NAME), new.ifindex), ('dp', index), 'DP_NEW')
        sock.dp_set(index, ovsnl.F_UNALIGNED, attr(ovsnl.DP_MASKS_CACHE_SIZE, ovsnl.u32(64)))
        changed, = listener.expect('DP_SET')
        expect((changed.number(ovsnl.DP_MASKS_CACHE_SIZE), changed.number(ovsnl.DP_USER_FEATURES)),
               (64, ovsnl.F_UNALIGNED), 'DP_SET')

        sock.vport_new(index, 'p1', number=5)
        new, = listener.expect('VPORT_NEW')
        expect((new.text(ovsnl.VPORT_NAME), new.number(ovsnl.VPORT_PORT_NO), new.number(ovsnl.VPORT_TYPE),
                new.ifindex, new.pid, new.seq), ('p1', 5, ovsnl.NETDEV, index, sock.pid, sock.seq), 'VPORT_NEW')
        sock.vport_set_pids(index, 5, (4711,))
        changed, = listener.expect('VPORT_SET')
        expect(changed.number(ovsnl.VPORT_UPCALL_PID), 4711, 'VPORT_SET')

        wanted, mask = flow(1)
        sock.flow_new(index, wanted, act.output(5), mask)
        new, = listener.expect('FLOW_NEW')
        expect((dict(new.attributes)[ovsnl.FLOW_ACTIONS], new.seq), (act.output(5), sock.seq), 'FLOW_NEW')
        sock.request('ovs_flow', ovsnl.FLOW_SET, index, attr(ovsnl.FLOW_KEY, wanted),
                     attr(ovsnl.FLOW_MASK, mask), attr(ovsnl.FLOW_ACTIONS, act.output(0)))
        changed, = listener.expect('FLOW_SET')
        expect(changed.get(ovsnl.FLOW_ACTIONS), act.output(0), 'FLOW_SET')
        sock.flow_del(index, wanted)
        gone, = listener.expect('FLOW_DEL')
        expect(gone.get(ovsnl.FLOW_KEY), new.get(ovsnl.FLOW_KEY), 'FLOW_DEL')

        # What is refused, what is asked and what empties the table is not told.
        expect_error(errno.ENODEV, sock.vport_new, index, 'nosuchdevice')
        expect_error(errno.ENOENT, sock.flow_del, index, wanted)
        sock.vport_get('p1')
        sock.flow_new(index, wanted, act.output(5), mask)
        listener.expect('FLOW_NEW')
        sock.flow_del(index)
        expect(datapath.flows(), [], 'flows')
        listener.expect()

        sock.vport_del(index, 5)
        gone, = listener.expect('VPORT_DEL')
        expect((gone.text(ovsnl.VPORT_NAME), gone.number(ovsnl.VPORT_PORT_NO)), ('p1', 5), 'VPORT_DEL')
        sock.dp_del(index)
        gone, = listener.expect('DP_DEL')
        expect((gone.text(ovsnl.DP_NAME), gone.ifindex), ('dp', index), 'DP_DEL')

        ports_only.expect('VPORT_NEW', 'VPORT_SET', 'VPORT_DEL')
        ports_only.leave('ovs_vport')
        Datapath(1)
        ports_only.expect()
        listener.expect('DP_NEW', 'VPORT_NEW')


def vanished_port():
    with Listener() as listener:
        datapath = Datapath(1)
        listener.expect('DP_NEW', 'VPORT_NEW')
        subprocess.run(['ip', 'link', 'del', 'p1'], check=True)
        gone, = listener.expect('VPORT_DEL')
        expect((gone.text(ovsnl.VPORT_NAME), gone.number(ovsnl.VPORT_PORT_NO), gone.ifindex, gone.pid, gone.seq),
               ('p1', 1, datapath.ifindex, 0, 0), 'VPORT_DEL')
        expect_error(errno.ENODEV, datapath.sock.vport_get, 'p1')


def own_echo():
    """ECHO: the answer carries what the request did. A listener that makes the change itself hears
    of it once: as echo, or as notification if it asked for none."""
    with Listener('ovs_vport', 'ovs_flow') as sock:
        index = sock.dp_new('dp').ifindex
        wanted = (attr(ovsnl.VPORT_NAME, b'p1\0'), attr(ovsnl.VPORT_TYPE, ovsnl.u32(ovsnl.NETDEV)),
                  attr(ovsnl.VPORT_UPCALL_PID, ovsnl.u32(0)))
        family = sock.family('ovs_vport')
        for flags, answers in ((REQUEST | ECHO, 1), (REQUEST, 1), (REQUEST | ECHO | ACK, 2), (REQUEST | ACK, 2)):
            sock.send(ovsnl.ovs(family.id, ovsnl.VPORT_NEW, index, *wanted, flags=flags, seq=sock.next_seq()))
            found = wait_for_messages(sock, answers)
            told = [message for message in found if message.kind == family.id]
            expect([(m.cmd, m.seq, m.pid) for m in told], [(ovsnl.VPORT_NEW, sock.seq, sock.pid)], f'flags {flags:#x}')
            expect([m.error for m in found if m.kind == ovsnl.NLMSG_ERROR], [0] if flags & ACK else [], 'ack')
            sock.vport_del(index, 1)
            sock.drain(0.05)
    with Socket() as other:
        family = other.family('ovs_vport')
        for flags, answers in ((REQUEST | ECHO, 1), (REQUEST, 0), (REQUEST | ECHO | ACK, 2), (REQUEST | ACK, 1)):
            other.send(ovsnl.ovs(family.id, ovsnl.VPORT_NEW, index, *wanted, flags=flags, seq=other.next_seq()))
            expect(len(wait_for_messages(other, answers)), answers, f'answers to flags {flags:#x}')
            other.vport_del(index, 1)


def wait_for_messages(sock, count, settle=0.1):
    found = []
    while len(found) < count:
        message = sock.message(5)
        if message is None:
            break
        found.append(message)
    return found + sock.drain(settle)


class Batch:
    """Requests about flows of one shape, fifty a datagram: built once, then only numbers change."""

    SIZE = 50

    def __init__(self, sock, index, cmd, flags=REQUEST):
        wanted, mask = flow(0)
        attributes = [attr(ovsnl.FLOW_KEY, wanted)]
        if cmd == ovsnl.FLOW_NEW:
            attributes += [attr(ovsnl.FLOW_MASK, mask), attr(ovsnl.FLOW_ACTIONS, act.output(1))]
            flags |= ovsnl.CREATE
        self.sock = sock
        self.family = sock.family('ovs_flow').id
        message = ovsnl.ovs(self.family, cmd, index, *attributes, flags=flags)
        self.length = len(message)
        self.offset = message.index(struct.pack('!I', 0x0a000000))
        self.buffer = bytearray(message * self.SIZE)

    def run(self, numbers):
        """One request a number. Those that are refused answer; that is an error."""
        numbers = list(numbers)
        for start in range(0, len(numbers), self.SIZE):
            part = numbers[start:start + self.SIZE]
            for place, number in enumerate(part):
                struct.pack_into('!I', self.buffer, place * self.length + self.offset, 0x0a000000 + number)
            self.sock.send(bytes(self.buffer[:len(part) * self.length]))
        answer = self.sock.message(0)
        expect_true(answer is None, f'a request of a batch was refused: {answer and answer.error}')


# In a dump, the key's source address: OVS_KEY_ATTR_IPV4 begins with it. A mask's differs.
SOURCE = re.compile(struct.pack('=HH', 16, 7) + rb'(\x0a...)', re.DOTALL)
HEADER = struct.Struct('=IH')


def numbers_in(data, family):
    """(numbers of the flows in a dump's datagram, is it the last?). Python in an emulated machine is
    slow: no message becomes an object."""
    at = count = kind = 0
    while at < len(data) and kind != ovsnl.NLMSG_DONE:
        length, kind = HEADER.unpack_from(data, at)
        expect_true(kind in (family, ovsnl.NLMSG_DONE), f'a message of type {kind} in a dump')
        count += kind == family
        at += (length + 3) & ~3
    found = SOURCE.findall(data)
    expect(len(found), count, 'flows with an IPv4 key in a datagram')
    return ([number - 0x0a000000 for number in struct.unpack(f'!{count}I', b''.join(found))],
            kind == ovsnl.NLMSG_DONE)


def dump_numbers(sock, index):
    family = sock.family('ovs_flow').id
    sock.send(ovsnl.ovs(family, ovsnl.FLOW_GET, index, flags=REQUEST | DUMP, seq=sock.next_seq()))
    numbers, done = [], False
    while not done:
        data = sock.datagram()
        expect_true(data, f'the dump stalls after {len(numbers)} flows')
        more, done = numbers_in(data, family)
        numbers += more
    return numbers


def expect_numbers(got, wanted, what):
    """Exactly these flows, each once."""
    seen = set(got)
    expect((len(seen - wanted), len(wanted - seen), len(got) - len(seen)), (0, 0, 0),
           f'{what}: flows too many, missing, told twice')


class Table(Datapath):
    """A datapath with flows 0 to `count` - 1."""

    def __init__(self, count):
        super().__init__()
        self.sock.timeout = 60
        self.adder = Batch(self.sock, self.ifindex, ovsnl.FLOW_NEW)
        self.remover = Batch(self.sock, self.ifindex, ovsnl.FLOW_DEL)
        self.flow_ids = set(range(count))
        started = time.monotonic()
        self.adder.run(self.flow_ids)
        print(f'{count} flows added in {time.monotonic() - started:.2f} s')
        self.expect_stats(settle=0, flows=count)


def dump_all(count):
    table = Table(int(count))
    for _ in range(2):
        started = time.monotonic()
        found = dump_numbers(table.sock, table.ifindex)
        print(f'{len(found)} flows dumped in {time.monotonic() - started:.2f} s')
        expect_numbers(found, table.flow_ids, 'dump')
    # Another datapath's dump is its own.
    other = table.sock.dp_new('dp2').ifindex
    expect(dump_numbers(table.sock, other), [], 'flows of another datapath')
    started = time.monotonic()
    table.sock.flow_del(table.ifindex)
    print(f'all deleted in {time.monotonic() - started:.2f} s')
    expect(dump_numbers(table.sock, table.ifindex), [], 'flows after deleting all')
    expect(table.masks()[1], 0, 'masks after deleting all')


def churn(index, numbers, stop, failures, chunk=500):
    """Adds and deletes flows, over and over."""
    try:
        with Socket() as sock:
            adder, remover = (Batch(sock, index, cmd) for cmd in (ovsnl.FLOW_NEW, ovsnl.FLOW_DEL))
            rounds = 0
            while not stop.is_set():
                for start in range(0, len(numbers), chunk):
                    adder.run(numbers[start:start + chunk])
                for start in range(0, len(numbers), chunk):
                    remover.run(numbers[start:start + chunk])
                rounds += 1
            print(f'{rounds} rounds of {len(numbers)} flows added and deleted')
    except Exception as error:  # told by the main thread
        failures.append(error)


def dumps_during(table, numbers, rounds):
    """Dumps while `numbers` come and go: all that stays is told exactly once."""
    stop, failures = threading.Event(), []
    changer = threading.Thread(target=churn, args=(table.ifindex, numbers, stop, failures))
    changer.start()
    try:
        passing = set(numbers)
        for number in range(rounds):
            found = dump_numbers(table.sock, table.ifindex)
            staying = [each for each in found if each not in passing]
            expect_numbers(staying, table.flow_ids, f'dump {number}')
            expect_true(set(found) <= table.flow_ids | passing, 'flows that never were')
            print(f'dump {number}: {len(found) - len(staying)} passing flows seen')
    finally:
        stop.set()
        changer.join()
    expect(failures, [], 'failures of the changer')
    expect_numbers(dump_numbers(table.sock, table.ifindex), table.flow_ids, 'dump afterwards')


def dump_under_change(count):
    """The table keeps its size: as many flows come and go as fit without growth."""
    table = Table(int(count))
    dumps_during(table, list(range(1 << 20, (1 << 20) + 1000)), 8)


def dump_while_growing(count):
    table = Table(int(count))
    dumps_during(table, list(range(1 << 20, (1 << 20) + 10 * int(count))), 12)


def dump_in_pieces(count):
    table = Table(int(count))
    dumpers = [Socket() for _ in range(4)]
    family = table.sock.family('ovs_flow').id
    request = ovsnl.ovs(family, ovsnl.FLOW_GET, table.ifindex, flags=REQUEST | DUMP)
    for sock in dumpers:
        sock.send(request)
    # A second dump on a busy socket is refused; the first goes on.
    dumpers[0].send(ovsnl.ovs(family, ovsnl.FLOW_GET, table.ifindex, flags=REQUEST | DUMP, seq=99))
    # Changes by others go through at once, however far the dumps are.
    started = time.monotonic()
    table.adder.run(range(1 << 20, (1 << 20) + 100))
    table.remover.run(range(1 << 20, (1 << 20) + 100))
    expect_true(time.monotonic() - started < 5, 'changes waited for dumps')
    # One leaves in the middle, the others take turns reading.
    dumpers.pop().close()
    found, refused = [[] for _ in dumpers], []
    open_dumps = set(range(len(dumpers)))
    while open_dumps:
        for place in sorted(open_dumps):
            part = dumpers[place].receive(10)
            expect_true(part, f'dump {place} stalls after {len(found[place])} flows')
            for message in part:
                if message.kind == ovsnl.NLMSG_DONE:
                    open_dumps.discard(place)
                elif message.kind == ovsnl.NLMSG_ERROR:
                    refused.append((place, message.seq, message.error))
                else:
                    found[place] += numbers_in(message.data, family)[0]
    expect(refused, [(0, 99, errno.EBUSY)], 'refusals')
    for numbers in found:
        expect_numbers(numbers, table.flow_ids, 'dump in turns')
    # A dump that nobody reads ends with its socket; the table can go meanwhile.
    with Socket() as idle:
        idle.send(request)
        table.sock.dp_del(table.ifindex)
        wait_for(lambda: not table.sock.dump('ovs_datapath', ovsnl.DP_GET), 'the datapath is still there')
        last = list(iter(lambda: idle.message(1), None))[-1]
        expect(last.kind in (ovsnl.NLMSG_DONE, ovsnl.NLMSG_ERROR), True, 'the end of a dump of what is gone')


if __name__ == '__main__':
    main()
