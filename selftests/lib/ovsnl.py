# SPDX-License-Identifier: BSD-3-Clause
"""A raw generic-netlink client of the Open vSwitch families, on Python's plain `socket`.

The same program talks to the kernel's module, or, started by `twinpath exec -- python3 ...`, to
the twin. Nothing is checked on the way out: a caller may send any bytes. Keys and actions are
built and read by ovslang.py.

    with Socket() as sock:
        dp = sock.dp_new('dp0')                       # a Message; NlError on refusal
        port = sock.vport_new(dp.ifindex, 'veth1', NETDEV)
        upcalls = Socket()
        sock.flow_new(dp.ifindex, key, actions)
        for message in sock.dump('ovs_flow', FLOW_GET, dp.ifindex): ...
"""
import errno
import os
import select
import socket
import struct
import time

NETLINK_GENERIC = 16
SOL_NETLINK = 270
ADD_MEMBERSHIP, DROP_MEMBERSHIP, NO_ENOBUFS, CAP_ACK, EXT_ACK = 1, 2, 5, 10, 11

# <linux/netlink.h>
NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE, NLMSG_OVERRUN = 1, 2, 3, 4
REQUEST, MULTI, ACK, ECHO, DUMP_INTR = 0x1, 0x2, 0x4, 0x8, 0x10
ROOT, MATCH, ATOMIC, DUMP = 0x100, 0x200, 0x400, 0x300
REPLACE, EXCL, CREATE, APPEND = 0x100, 0x200, 0x400, 0x800
CAPPED, ACK_TLVS = 0x100, 0x200
NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLA_TYPE_MASK = 0x8000, 0x4000, 0x3FFF

# <linux/genetlink.h>
NLCTRL = 0x10
CTRL_GETFAMILY, CTRL_GETPOLICY = 3, 10

# <linux/openvswitch.h>
DP_NEW, DP_DEL, DP_GET, DP_SET = 1, 2, 3, 4
VPORT_NEW, VPORT_DEL, VPORT_GET, VPORT_SET = 1, 2, 3, 4
FLOW_NEW, FLOW_DEL, FLOW_GET, FLOW_SET = 1, 2, 3, 4
PACKET_MISS, PACKET_ACTION, PACKET_EXECUTE = 1, 2, 3
VERSIONS = {
    'nlctrl': 2,
    'ovs_datapath': 2,
    'ovs_vport': 1,
    'ovs_flow': 1,
    'ovs_packet': 1,
    'ovs_meter': 1,
    'ovs_ct_limit': 1,
}

(
    DP_NAME,
    DP_UPCALL_PID,
    DP_STATS,
    DP_MEGAFLOW_STATS,
    DP_USER_FEATURES,
    DP_PAD,
    DP_MASKS_CACHE_SIZE,
    DP_PER_CPU_PIDS,
    DP_IFINDEX,
) = range(1, 10)
F_UNALIGNED, F_VPORT_PIDS, F_TC_RECIRC_SHARING, F_PER_CPU = 1, 2, 4, 8

(
    VPORT_PORT_NO,
    VPORT_TYPE,
    VPORT_NAME,
    VPORT_OPTIONS,
    VPORT_UPCALL_PID,
    VPORT_STATS,
    VPORT_PAD,
    VPORT_IFINDEX,
    VPORT_NETNSID,
) = range(1, 10)
NETDEV, INTERNAL, GRE, VXLAN, GENEVE = 1, 2, 3, 4, 5

(
    FLOW_KEY,
    FLOW_ACTIONS,
    FLOW_STATS,
    FLOW_TCP_FLAGS,
    FLOW_USED,
    FLOW_CLEAR,
    FLOW_MASK,
    FLOW_PROBE,
    FLOW_UFID,
    FLOW_UFID_FLAGS,
    FLOW_PAD,
) = range(1, 12)
OMIT_KEY, OMIT_MASK, OMIT_ACTIONS = 1, 2, 4

PACKET_PACKET, PACKET_KEY, PACKET_ACTIONS, PACKET_USERDATA, PACKET_EGRESS_TUN_KEY = range(1, 6)
METER_FEATURES, METER_SET, METER_DEL, METER_GET = 1, 2, 3, 4
(
    METER_ID,
    METER_KBPS,
    METER_STATS,
    METER_BANDS,
    METER_USED,
    METER_CLEAR,
    METER_MAX_METERS,
    METER_MAX_BANDS,
    METER_PAD,
) = range(1, 10)
BAND_TYPE, BAND_RATE, BAND_BURST, BAND_STATS = 1, 2, 3, 4
BAND_DROP = 1

CT_LIMIT_SET, CT_LIMIT_DEL, CT_LIMIT_GET = 1, 2, 3
CT_LIMIT_ZONE_LIMIT = 1
DEFAULT_ZONE = -1

PACKET_PROBE, PACKET_MRU, PACKET_LEN, PACKET_HASH, PACKET_UPCALL_PID = 8, 9, 10, 11, 12

RECEIVE_SIZE = 1 << 17


class NlError(OSError):
    """A request was refused; `errno` says why, `text` is the extended acknowledgement's."""

    def __init__(self, code, text=''):
        super().__init__(code, os.strerror(code) + (f' ({text})' if text else ''))
        self.text = text


def u16(value):
    return struct.pack('=H', value)


def u32(value):
    return struct.pack('=I', value & 0xFFFFFFFF)


def u64(value):
    return struct.pack('=Q', value)


def be16(value):
    return struct.pack('!H', value)


def be32(value):
    return struct.pack('!I', value)


def string(text):
    return text.encode() + b'\0'


def pad(data):
    return data + bytes(-len(data) % 4)


def attr(kind, payload=b'', length=None):
    """One attribute, padded. `length` overrides nla_len, for malformed messages."""
    return pad(struct.pack('=HH', 4 + len(payload) if length is None else length, kind) + payload)


def nest(kind, *attributes, flag=False):
    return attr(kind | (NLA_F_NESTED if flag else 0), b''.join(attributes))


def parse(data):
    """[(type without flags, payload)] of a run of attributes; ValueError if it is malformed."""
    found, at = [], 0
    while at < len(data):
        if len(data) - at < 4:
            raise ValueError(f'{len(data) - at} bytes left over after attributes')
        length, kind = struct.unpack_from('=HH', data, at)
        if length < 4 or at + length > len(data):
            raise ValueError(f'attribute of length {length} where {len(data) - at} bytes are left')
        found.append((kind & NLA_TYPE_MASK, data[at + 4 : at + length]))
        at += (length + 3) & ~3
    return found


def genl(kind, cmd, version=1, body=b'', flags=REQUEST | ACK, seq=0, pid=0, length=None):
    """A generic-netlink message. `body` holds the family's header and the attributes."""
    payload = struct.pack('=BBH', cmd, version, 0) + body
    return raw(kind, payload, flags, seq, pid, length)


def raw(kind, payload=b'', flags=REQUEST | ACK, seq=0, pid=0, length=None):
    size = 16 + len(payload) if length is None else length
    return pad(struct.pack('=IHHII', size, kind, flags, seq, pid) + payload)


def ovs(kind, cmd, dp_ifindex=0, *attributes, flags=REQUEST | ACK, version=1, seq=0):
    """A message of one of the Open vSwitch families."""
    return genl(
        kind, cmd, version, struct.pack('=i', dp_ifindex) + b''.join(attributes), flags, seq
    )


class Message:
    """One received message; fields beyond what the message holds are None."""

    def __init__(self, data):
        self.data = data
        self.length, self.kind, self.flags, self.seq, self.pid = struct.unpack_from('=IHHII', data)
        self.payload = data[16:]
        self.cmd = self.version = self.ifindex = self.error = None
        if self.kind in (NLMSG_ERROR, NLMSG_DONE):
            self.error = -struct.unpack_from('=i', self.payload)[0] if len(self.payload) >= 4 else 0
        elif self.kind >= NLCTRL and len(self.payload) >= 4:
            self.cmd, self.version = struct.unpack_from('=BB', self.payload)
            if self.kind != NLCTRL and len(self.payload) >= 8:
                (self.ifindex,) = struct.unpack_from('=i', self.payload, 4)

    @property
    def attributes(self):
        """The attributes after the family's header, [(type, payload)]."""
        return parse(self.payload[4 if self.kind == NLCTRL else 8 :])

    def get(self, kind, default=None):
        """The payload of the first attribute of a type."""
        return next((value for found, value in self.attributes if found == kind), default)

    def number(self, kind, default=None):
        value = self.get(kind)
        return default if value is None else int.from_bytes(value, 'little')

    def text(self, kind, default=None):
        value = self.get(kind)
        return default if value is None else value.rstrip(b'\0').decode(errors='surrogateescape')

    def error_text(self):
        """NLMSGERR_ATTR_MSG of an extended acknowledgement."""
        if not self.flags & ACK_TLVS:
            return ''
        at = 4
        if self.kind == NLMSG_ERROR:
            (inner,) = struct.unpack_from('=I', self.payload, 4)
            at += 16 if self.flags & CAPPED or not self.error else (inner + 3) & ~3
        return next((v.rstrip(b'\0').decode() for k, v in parse(self.payload[at:]) if k == 1), '')


class Family:
    """What CTRL_CMD_GETFAMILY tells: id, version and {group name: group id}."""

    def __init__(self, message):
        self.id = message.number(1)
        self.name = message.text(2)
        self.version = message.number(3)
        self.groups = {}
        for _, group in parse(message.get(7, b'')):
            fields = dict(parse(group))
            self.groups[fields[1].rstrip(b'\0').decode()] = int.from_bytes(fields[2], 'little')


class Socket:
    """A netlink socket. Requests wait for their answer at most `timeout` seconds."""

    def __init__(self, timeout=10.0, ext_ack=False, receive_buffer=None):
        self.timeout = timeout
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.bind((0, 0))
        self.pid = self.sock.getsockname()[0]
        self.seq = 0
        self.families = {}
        self.pending = []
        if ext_ack:
            self.option(EXT_ACK, 1)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def fileno(self):
        return self.sock.fileno()

    def option(self, name, value):
        self.sock.setsockopt(SOL_NETLINK, name, u32(value))

    def send(self, data):
        self.sock.send(data)

    def next_seq(self):
        self.seq += 1
        return self.seq

    def receive(self, timeout=None):
        """The messages of one datagram; [] when none came in time, ENOBUFS as OSError."""
        return split(self.datagram(timeout))

    def datagram(self, timeout=None):
        """One datagram as it is; nothing when none came in time."""
        wait = select.poll()
        wait.register(self.sock, select.POLLIN)
        if not wait.poll((self.timeout if timeout is None else timeout) * 1000):
            return b''
        return self.sock.recv(RECEIVE_SIZE, socket.MSG_DONTWAIT)

    def message(self, timeout=None):
        """The next message, None when none came in time."""
        if not self.pending:
            self.pending = self.receive(timeout)
        return self.pending.pop(0) if self.pending else None

    def drain(self, settle=0.0):
        """All messages there are, and those that follow within `settle` seconds of the last."""
        found = []
        while True:
            message = self.message(settle)
            if message is None:
                return found
            found.append(message)

    def family(self, name):
        """The family, asked for once. NlError ENOENT if it isn't there."""
        if name not in self.families:
            body = attr(2, string(name))
            answer = self.transact(genl(NLCTRL, CTRL_GETFAMILY, 1, body))
            self.families[name] = Family(answer[0])
        return self.families[name]

    def join(self, family, group=None):
        """Join a family's multicast group, by default the one of the family's name."""
        self.option(ADD_MEMBERSHIP, self.family(family).groups[group or family])

    def leave(self, family, group=None):
        self.option(DROP_MEMBERSHIP, self.family(family).groups[group or family])

    def transact(self, request):
        """Send one message (its seq is filled in) and gather its answers up to the
        acknowledgement, or a dump's up to its end. NlError on refusal."""
        seq = self.next_seq()
        self.send(request[:8] + u32(seq) + request[12:])
        (flags,) = struct.unpack_from('=H', request, 6)
        answers, deadline = [], time.monotonic() + self.timeout
        while True:
            message = self.message(max(0.0, deadline - time.monotonic()))
            if message is None:
                raise NlError(errno.ETIMEDOUT, 'no answer')
            if message.seq != seq or message.pid not in (0, self.pid):
                continue
            if message.error:
                raise NlError(message.error, message.error_text())
            if message.kind == NLMSG_DONE or message.kind == NLMSG_ERROR:
                return answers
            answers.append(message)
            if not message.flags & MULTI and not flags & ACK:
                return answers

    def request(self, family, cmd, dp_ifindex=0, *attributes, flags=0):
        """A request with ACK; its answers."""
        found = self.family(family)
        return self.transact(
            ovs(
                found.id,
                cmd,
                dp_ifindex,
                *attributes,
                flags=REQUEST | ACK | flags,
                version=found.version,
            )
        )

    def dump(self, family, cmd, dp_ifindex=0, *attributes):
        return self.request(family, cmd, dp_ifindex, *attributes, flags=DUMP)

    # The usual requests. Those that change something ask for their echo and return it.

    def dp_new(self, name, features=F_UNALIGNED | F_VPORT_PIDS, pid=0, *attributes):
        return self.request(
            'ovs_datapath',
            DP_NEW,
            0,
            attr(DP_NAME, string(name)),
            attr(DP_UPCALL_PID, u32(pid)),
            attr(DP_USER_FEATURES, u32(features)),
            *attributes,
            flags=ECHO,
        )[0]

    def dp_set(self, ifindex, features, *attributes):
        return self.request(
            'ovs_datapath',
            DP_SET,
            ifindex,
            attr(DP_USER_FEATURES, u32(features)),
            *attributes,
            flags=ECHO,
        )[0]

    def dp_get(self, name):
        return self.request('ovs_datapath', DP_GET, 0, attr(DP_NAME, string(name)))[0]

    def dp_del(self, ifindex):
        self.request('ovs_datapath', DP_DEL, ifindex)

    def vport_new(self, ifindex, name, kind=NETDEV, pids=(0,), number=None):
        extra = [] if number is None else [attr(VPORT_PORT_NO, u32(number))]
        return self.request(
            'ovs_vport',
            VPORT_NEW,
            ifindex,
            attr(VPORT_NAME, string(name)),
            attr(VPORT_TYPE, u32(kind)),
            attr(VPORT_UPCALL_PID, b''.join(map(u32, pids))),
            *extra,
            flags=ECHO,
        )[0]

    def vport_set_pids(self, ifindex, number, pids):
        return self.request(
            'ovs_vport',
            VPORT_SET,
            ifindex,
            attr(VPORT_PORT_NO, u32(number)),
            attr(VPORT_UPCALL_PID, b''.join(map(u32, pids))),
            flags=ECHO,
        )[0]

    def vport_get(self, name):
        return self.request('ovs_vport', VPORT_GET, 0, attr(VPORT_NAME, string(name)))[0]

    def vport_del(self, ifindex, number):
        self.request('ovs_vport', VPORT_DEL, ifindex, attr(VPORT_PORT_NO, u32(number)))

    def flow_new(self, ifindex, key, actions, mask=None, ufid=None, flags=CREATE, *attributes):
        """`key`, `mask` and `actions` are bytes as ovslang.py builds them."""
        wanted = [attr(FLOW_UFID, ufid)] if ufid else []
        wanted += [attr(FLOW_KEY, key)] + ([] if mask is None else [attr(FLOW_MASK, mask)])
        return self.request(
            'ovs_flow',
            FLOW_NEW,
            ifindex,
            *wanted,
            attr(FLOW_ACTIONS, actions),
            *attributes,
            flags=flags,
        )

    def flow_get(self, ifindex, key=None, ufid=None):
        wanted = attr(FLOW_UFID, ufid) if ufid else attr(FLOW_KEY, key)
        return self.request('ovs_flow', FLOW_GET, ifindex, wanted)[0]

    def flow_del(self, ifindex, key=None, ufid=None):
        """Without key and UFID: all flows."""
        wanted = attr(FLOW_UFID, ufid) if ufid else attr(FLOW_KEY, key) if key is not None else b''
        return self.request('ovs_flow', FLOW_DEL, ifindex, wanted)

    def execute(self, ifindex, packet, key, actions, *attributes):
        """Run actions on a packet; `key` gives its metadata."""
        self.request(
            'ovs_packet',
            PACKET_EXECUTE,
            ifindex,
            attr(PACKET_PACKET, packet),
            attr(PACKET_KEY, key),
            attr(PACKET_ACTIONS, actions),
            *attributes,
        )


def split(datagram):
    """The messages of a datagram; whatever doesn't look like one ends the list."""
    found, at = [], 0
    while len(datagram) - at >= 16:
        (length,) = struct.unpack_from('=I', datagram, at)
        if length < 16 or at + length > len(datagram):
            break
        found.append(Message(datagram[at : at + length]))
        at += (length + 3) & ~3
    return found
