# SPDX-License-Identifier: BSD-3-Clause
"""What a case sees: a datapath to talk to, sockets, and a record of all that was said.

A case is a function that takes a Scene and sends requests; it never says what it expects, since
the expectation is what the distribution's module answers. Cases register with @case(name,
fixture), where the fixture is one of

  bare    no datapath
  fresh   a datapath dp0 of its own
  shared  a datapath dp0 with internal ports int1 (1, whose misses go to up1) and int2 (2) that
          the cases of one group (the word before the first slash) share and leave as they find
          it; its flows are flushed in between

Life cycle: trace.py imports all of cases/, runs each case, and writes what Scene.steps holds.
"""
import json
import os
import socket
import struct
import subprocess
import time

import ovsnl
from ovsnl import ACK, CREATE, DUMP, ECHO, REQUEST, attr, string, u32
from ovslang import act, key

# A module does all that a packet causes before send() returns; the twin has threads. How long to
# wait for them, in seconds, and the twin's own words (ctl_wire.h) to ask them.
SETTLE_WAIT, TWIN_PORT_GET, TWIN_UPCALLS = 2.0, 3, 13
# A dump's end, or a notification that the case waits for.
LONG_WAIT = 5.0
NOBODY = 65534
FAMILIES = ('ovs_datapath', 'ovs_vport', 'ovs_flow', 'ovs_packet', 'ovs_meter', 'ovs_ct_limit')
# A message type that no family has, for requests to one that isn't there.
NO_FAMILY = 0xFFF

CASES = []

# What cases/generated_*.py start from, and how many sessions they make; set before they load.
SEED = '1'
SESSIONS = 131


def case(name, fixture='shared'):
    def register(function):
        CASES.append((name, fixture, function))
        return function

    return register


class Scene:
    def __init__(self, patient=False):
        self.patient = patient
        self.probe = ovsnl.Socket()
        self.sockets = {name: ovsnl.Socket() for name in ('main', 'up1', 'up2', 'events')}
        self.main, self.up1, self.up2, self.events = self.sockets.values()
        self.pids = {s.pid: name for name, s in self.sockets.items()}
        self.ifindexes = {}
        self.ids = {}
        self.groups = {}
        for name in FAMILIES:
            try:
                family = self.main.family(name)
            except ovsnl.NlError:
                self.ids[name] = NO_FAMILY
                continue
            self.ids[name] = family.id
            self.groups.update({number: group for group, number in family.groups.items()})
            if family.groups:
                self.events.join(name)
        self.ids['nlctrl'] = ovsnl.NLCTRL
        self.steps = []
        self.dp = 0
        self.standing = None  # the group whose shared datapath is there
        self.sequence = 0

    # Fixtures

    def set_up(self, name, fixture):
        wanted = name.split('/')[0] if fixture == 'shared' else None
        if self.standing is None or wanted != self.standing:
            self.clear()
            if fixture != 'bare':
                self.dp = self.main.dp_new('dp0').ifindex
            if fixture == 'shared':
                self.main.vport_new(self.dp, 'int1', ovsnl.INTERNAL, (self.up1.pid,))
                self.main.vport_new(self.dp, 'int2', ovsnl.INTERNAL)
        else:
            self.main.flow_del(self.dp)
        self.standing = wanted
        self.learn_devices()
        for s in self.sockets.values():
            s.drain()
        self.steps = []
        self.sequence = 0

    def tear_down(self):
        if self.standing is None:
            self.clear()

    def clear(self):
        """Delete every datapath that there is."""
        for message in self.main.dump('ovs_datapath', ovsnl.DP_GET):
            self.main.dp_del(message.ifindex)
        self.dp = 0
        self.standing = None

    @staticmethod
    def devices():
        """{name: ifindex}. Asking for one by name has Linux look for a module."""
        return {name: number for number, name in socket.if_nameindex()}

    def learn_devices(self):
        self.ifindexes.update(dict(socket.if_nameindex()))

    # Requests

    def send(self, label, data, on='main', dump=False):
        """Send a datagram and record all that comes of it."""
        got = []
        sock = self.sockets[on]
        try:
            sock.send(data)
        except OSError as error:
            got.append([on, {'send': error.errno}])
        got += self.collect(sock, on, LONG_WAIT if dump else 0.0, dump)
        for name, other in self.sockets.items():
            if name != on:
                got += self.collect(other, name, 0.0)
        self.steps.append([label, data.hex(), got])
        self.learn_from(got)
        return got

    def send_many(self, requests):
        """Send (label, message) in one datagram, each message with a sequence number of its own
        and an acknowledgement; a dump may only be the last. Recorded as one step a message, and
        one more for what belongs to none (upcalls)."""
        _, _, flags, seq = struct.unpack_from('=IHHI', requests[-1][1])
        dump = seq if flags & DUMP == DUMP else False
        self.send('upcalls', b''.join(data for _, data in requests), dump=dump)
        (_, _, got) = self.steps.pop()
        answers = {data[8:12]: [] for _, data in requests}
        rest = []
        for name, data in got:
            whose = bytes.fromhex(data[16:24]) if isinstance(data, str) else None
            answers.get(whose, rest).append([name, data])
        for label, data in requests:
            self.steps.append([label, data.hex(), answers[data[8:12]]])
        self.steps.append(['upcalls', '', rest])

    def settle(self):
        """Wait until the twin's workers have told clients of all that they had to tell."""
        family = self.probe.family('twinpath')
        deadline = time.monotonic() + SETTLE_WAIT
        while time.monotonic() < deadline:
            ports = self.probe.transact(
                ovsnl.genl(family.id, TWIN_PORT_GET, flags=REQUEST | ACK | DUMP)
            )
            if not any(upcalls_waiting(port) for port in ports):
                return
            time.sleep(0.001)

    def collect(self, sock, name, wait, dump=False):
        """All that a socket has; with `dump`, up to the end of the dump (of that sequence number,
        if it isn't just True)."""
        got = []
        while True:
            try:
                messages = sock.receive(wait)
            except OSError as error:
                got.append([name, {'receive': error.errno}])
                return got
            got += [[name, m.data.hex()] for m in messages]
            if not messages:
                return got
            end = messages[-1]
            if end.kind in (ovsnl.NLMSG_DONE, ovsnl.NLMSG_ERROR) and (
                dump is True or dump == end.seq
            ):
                dump, wait = False, 0.0

    def learn_from(self, got):
        """Names of new devices, for the ifindexes in what follows. Some are gone already, but
        what came tells of them."""
        told = [
            ovsnl.Message(bytes.fromhex(data))
            for _, data in got
            if isinstance(data, str) and not data[8:12] in ('0200', '0300')
        ]
        if told:
            self.learn_devices()
        for message in told:
            if message.kind == self.ids['ovs_datapath']:
                self.ifindexes[message.ifindex] = message.text(ovsnl.DP_NAME)
            elif message.kind == self.ids['ovs_vport']:
                number = message.number(ovsnl.VPORT_IFINDEX)
                self.ifindexes[number] = message.text(ovsnl.VPORT_NAME)

    def seq(self):
        self.sequence += 1
        return self.sequence

    def ask(
        self, family, cmd, *attributes, flags=REQUEST | ACK, dp=None, version=None, label='', **more
    ):
        """A request of a family; `dp` is by default dp0's ifindex."""
        data = ovsnl.ovs(
            self.ids[family],
            cmd,
            self.dp if dp is None else dp,
            *attributes,
            flags=flags,
            version=ovsnl.VERSIONS[family] if version is None else version,
            seq=self.seq(),
        )
        return self.send(label or f'{family} {cmd}', data, **more)

    def dump(self, family, cmd, *attributes, **more):
        return self.ask(family, cmd, *attributes, flags=REQUEST | ACK | DUMP, dump=True, **more)

    def dp_ask(self, cmd, *attributes, **more):
        return self.ask('ovs_datapath', cmd, *attributes, **more)

    def vport_ask(self, cmd, *attributes, **more):
        return self.ask('ovs_vport', cmd, *attributes, **more)

    def flow_ask(self, cmd, *attributes, **more):
        return self.ask('ovs_flow', cmd, *attributes, **more)

    def put(
        self,
        flow_key,
        actions=b'',
        mask=None,
        *attributes,
        flags=REQUEST | ACK | CREATE | ECHO,
        **more,
    ):
        """FLOW NEW; its echo shows the flow as the datapath stored it."""
        wanted = [attr(ovsnl.FLOW_KEY, flow_key)]
        if mask is not None:
            wanted.append(attr(ovsnl.FLOW_MASK, mask))
        return self.flow_ask(
            ovsnl.FLOW_NEW,
            *wanted,
            attr(ovsnl.FLOW_ACTIONS, actions),
            *attributes,
            flags=flags,
            **more,
        )

    def flush(self):
        return self.flow_ask(ovsnl.FLOW_DEL, label='flush')

    def try_put(self, label, flow_key, actions=b'', mask=None, *attributes, **more):
        """FLOW NEW, and away with it if it was taken."""
        got = self.put(flow_key, actions, mask, *attributes, label=label, **more)
        if any(name == 'main' and data[8:12] != '0200' for name, data in got):
            self.flush()

    def execute(self, packet, flow_key=None, actions=None, *attributes, label='execute', **more):
        """PACKET EXECUTE; by default the packet comes back to up1 in an upcall."""
        wanted = [
            attr(ovsnl.PACKET_PACKET, packet),
            attr(ovsnl.PACKET_KEY, key.in_port(1) if flow_key is None else flow_key),
            attr(ovsnl.PACKET_ACTIONS, self.to_user() if actions is None else actions),
        ]
        return self.ask(
            'ovs_packet', ovsnl.PACKET_EXECUTE, *wanted, *attributes, label=label, **more
        )

    def to_user(self, userdata=None, actions=False):
        return act.userspace(self.up1.pid, userdata, actions)

    # The world around

    def wait_event(self, label, count=1, timeout=LONG_WAIT):
        """Record notifications that no request of ours causes."""
        got = []
        deadline = time.monotonic() + timeout
        while len(got) < count and time.monotonic() < deadline:
            got += self.collect(self.events, 'events', 0.05)
        self.steps.append([label, '', got])

    def ip(self, *commands):
        """Run `ip` with some commands; recorded with its success only."""
        text = '\n'.join(commands)
        done = subprocess.run(
            ['ip', '-batch', '-'], input=text, text=True, capture_output=True, check=False
        )
        self.steps.append([f'ip {text}', '', [['ip', {'status': done.returncode}]]])
        self.learn_devices()

    def note(self, label, value):
        """Record something other than messages."""
        self.steps.append([label, '', [['note', value]]])

    def unprivileged(self, requests):
        """Send (label, bytes) from a process without any right."""
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            status = 1
            try:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
                sock = ovsnl.Socket()
                steps = []
                for label, data in requests:
                    sock.send(data)
                    flags = int.from_bytes(data[6:8], 'little')
                    dump = flags & DUMP == DUMP
                    steps.append(
                        [
                            label,
                            data.hex(),
                            self.collect(sock, 'nobody', LONG_WAIT if dump else 0.0, dump),
                        ]
                    )
                with os.fdopen(writing, 'w', encoding='ascii') as out:
                    json.dump([sock.pid, steps], out)
                status = 0
            finally:
                os._exit(status)
        os.close(writing)
        with os.fdopen(reading, encoding='ascii') as answer:
            text = answer.read()
        os.waitpid(child, 0)
        pid, steps = json.loads(text) if text else (0, [['no answer', '', []]])
        self.pids[pid] = 'nobody'
        self.steps += steps


def upcalls_waiting(port):
    counters = dict(ovsnl.parse(port.data[20:])).get(TWIN_UPCALLS)
    return counters and struct.unpack('=3Q', counters)[2]


def name_attr(name):
    return attr(ovsnl.DP_NAME, string(name))


def vport_name(name):
    return attr(ovsnl.VPORT_NAME, string(name))


def port_no(number):
    return attr(ovsnl.VPORT_PORT_NO, u32(number))
