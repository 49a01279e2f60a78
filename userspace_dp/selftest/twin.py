# SPDX-License-Identifier: BSD-3-Clause
"""Netlink over the daemon's unix socket, in the plainest form, for tests."""
import errno
import mmap
import os
import socket
import struct
import time

REQUEST, MULTI, ACK, ECHO, DUMP, CAPPED, TLVS = 1, 2, 4, 8, 0x300, 0x100, 0x200
CREATE, EXCL = 0x400, 0x200
ERROR, DONE = 2, 3
HELLO, SYNC, BIND, ADD, DROP, SETOPT, ADOPT = range(0xff01, 0xff08)
CTRL = 0x10
NEW, DEL, GET, SET = 1, 2, 3, 4
MISS, ACTION, EXECUTE = 1, 2, 3


def nlmsg(type_, payload=b"", flags=REQUEST, seq=1, length=None):
    length = 16 + len(payload) if length is None else length
    data = struct.pack("=IHHII", length, type_, flags, seq, 0) + payload
    return data + b"\0" * (-len(data) % 4)


def genl(type_, cmd, attrs=b"", flags=REQUEST, seq=1, reserved=0, version=1):
    head = struct.pack("=BBH", cmd, version, reserved)
    return nlmsg(type_, head + attrs, flags, seq)


def attr(type_, data):
    head = struct.pack("=HH", 4 + len(data), type_)
    return head + data + b"\0" * (-len(data) % 4)


def u32(type_, n):
    return attr(type_, struct.pack("=I", n))


def text(type_, s):
    return attr(type_, s.encode() + b"\0")


def attrs_of(data):
    """Attributes by type."""
    found = {}
    while len(data) >= 4:
        length, type_ = struct.unpack_from("=HH", data)
        if length < 4:
            break
        found[type_ & 0x3fff] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


def ctl(type_, arg=0, value=0, token=0, flags=REQUEST | ACK, seq=1):
    return nlmsg(type_, struct.pack("=IIQ", arg, value, token), flags, seq)


def split(data):
    """(type, flags, seq, pid, payload) of each message of a datagram."""
    while len(data) >= 16:
        length, type_, flags, seq, pid = struct.unpack_from("=IHHII", data)
        yield type_, flags, seq, pid, data[16:length]
        data = data[(length + 3) & ~3:]


class Refused(Exception):
    """A request was refused; args[0] is the errno."""


class Conn:
    """One connection."""

    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.s.connect(path)
        data, fds, _, _ = socket.recv_fds(self.s, 4096, 1)
        (type_, _, _, _, body), = split(data)
        assert type_ == HELLO
        self.version, self.portid, self.token = struct.unpack("=IIQ", body)
        self.page = mmap.mmap(fds[0], 4096)
        os.close(fds[0])
        self.s.settimeout(5)
        self.cookie = 0

    def word(self, i):
        return struct.unpack_from("=I", self.page, 4 * i)[0]

    def send(self, data):
        self.s.send(data)

    def recv(self):
        return list(split(self.s.recv(1 << 18)))

    def ask(self, data):
        self.send(data)
        return self.recv()

    def error(self, data):
        """Name of the errno (or 0) that the one NLMSG_ERROR answering has."""
        (type_, _, _, _, body), = self.ask(data)
        assert type_ == ERROR, type_
        e = -struct.unpack_from("=i", body)[0]
        return errno.errorcode[e] if e else 0

    def sync(self, data, cookie=None):
        """Send a batch and wait until the server has dealt with it."""
        self.cookie = self.cookie + 1 if cookie is None else cookie
        self.send(nlmsg(SYNC, flags=0, seq=self.cookie) + data)
        end = time.monotonic() + 10
        while self.word(0) != self.cookie:
            if time.monotonic() > end:
                raise TimeoutError("batch was not completed")
            time.sleep(0.0002)

    def empty(self):
        self.s.setblocking(False)
        try:
            self.s.recv(1, socket.MSG_PEEK)
            return False
        except BlockingIOError:
            return True
        finally:
            self.s.settimeout(5)

    def close(self):
        self.page.close()
        self.s.close()


class Ovs(Conn):
    """A connection that speaks the ovs_* families."""

    def __init__(self, path):
        super().__init__(path)
        self.family, self.group = {}, {}
        for name in ("datapath", "vport", "flow", "packet"):
            (_, _, _, _, body), = self.ask(
                genl(CTRL, 3, text(2, f"ovs_{name}")))
            a = attrs_of(body[4:])
            self.family[name], = struct.unpack("=H", a[1])
            if 7 in a:
                g = attrs_of(attrs_of(a[7])[1])
                self.group[name], = struct.unpack("=I", g[2])

    def join(self, name):
        assert self.error(ctl(ADD, self.group[name])) == 0

    def message(self, family, cmd, dp=0, attrs=b"", flags=0, version=None):
        if version is None:
            version = 2 if family == "datapath" else 1
        return genl(self.family[family], cmd,
                    struct.pack("=i", dp) + attrs, REQUEST | flags,
                    version=version)

    def do(self, *args, **kwargs):
        """Attributes of the reply; Refused."""
        reply = None
        self.send(self.message(*args, **kwargs))
        for type_, _, _, _, body in self.recv():
            if type_ == ERROR:
                e = -struct.unpack_from("=i", body)[0]
                if e:
                    raise Refused(e)
            else:
                reply = attrs_of(body[8:])
                reply["dp"], = struct.unpack_from("=i", body, 4)
        return reply

    def refused(self, *args, **kwargs):
        """Name of the errno."""
        try:
            self.do(*args, **kwargs)
        except Refused as e:
            return errno.errorcode[e.args[0]]
        return None

    def dump(self, family, dp=0, attrs=b""):
        self.send(self.message(family, GET, dp, attrs, DUMP))
        got = []
        while True:
            for type_, _, _, _, body in self.recv():
                if type_ in (DONE, ERROR):
                    e = -struct.unpack_from("=i", body)[0]
                    if e:
                        raise Refused(e)
                    return got
                got.append(attrs_of(body[8:]))

    def add_dp(self, name, pid=0):
        return self.do("datapath", NEW, 0, text(1, name) + u32(2, pid) +
                       u32(5, 1 | 2), ECHO)["dp"]

    def add_port(self, dp, name, type_=1, pid=0):
        a = self.do("vport", NEW, dp, text(3, name) + u32(2, type_) +
                    u32(5, pid), ECHO)
        return struct.unpack("=I", a[1])[0]


def key_ip(in_port, src, dst, sport, dport):
    """OVS_KEY_ATTR_* of a UDP packet between 02:...:01 and 02:...:02."""
    return (u32(3, in_port) + attr(4, bytes((2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2)))
            + attr(6, b"\x08\x00")
            + attr(7, socket.inet_aton(src) + socket.inet_aton(dst) +
                   bytes((17, 0, 64, 0)))
            + attr(10, struct.pack("!HH", sport, dport)))


def output(*ports):
    return b"".join(u32(1, p) for p in ports)
