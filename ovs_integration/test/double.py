#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A stand-in for twinpathd: the server's side of netlink_api/ovsnl_transport.h.

It knows nlctrl and one family of its own, "twintest", whose commands make the
server do what the tests need to see: answer late, dump a lot, multicast, flood,
die. Usage: double.py SOCKET [--mute | --version N]; prints "ready" once the
socket answers.
"""
import collections
import ctypes
import fcntl
import mmap
import os
import select
import selectors
import signal
import socket
import struct
import sys
import time

(HELLO, SYNC, BIND, ADD, DROP, SETOPT, ADOPT) = range(0xff01, 0xff08)
PAGE = 4096
COMPLETED, DUMPING, OVERRUNS, CTL_ERRNO, PORTID, WAITERS = 0, 4, 8, 12, 16, 64
GROUPS, GROUPS_MAX = 128, 32
OPT_EXT_ACK, OPT_CAP_ACK, OPT_STRICT, OPT_RCVBUF = 1, 2, 3, 4

NLMSG_ERROR, NLMSG_DONE = 2, 3
F_REQUEST, F_MULTI, F_ACK, F_DUMP = 1, 2, 4, 0x300
F_CAPPED, F_ACK_TLVS = 0x100, 0x200
ENOENT, EBUSY, EINVAL, ENOMEM = 2, 16, 22, 12
ENOPROTOOPT, EOPNOTSUPP, EADDRINUSE = 92, 95, 98

NLCTRL, TWINTEST = 0x10, 0x20
LOW_GROUP, HIGH_GROUP = 7, 40
NGROUPS = 64
# What a dump packs into one datagram, as the kernel would.
DUMP_PART = 8192

libc = ctypes.CDLL(None, use_errno=True)


def attr(kind, payload):
    data = struct.pack("=HH", 4 + len(payload), kind) + payload
    return data + bytes(-len(data) % 4)


def attrs(data):
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4 or length > len(data):
            break
        found[kind & 0x3fff] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


def u32(found, kind, default=0):
    return struct.unpack("=I", found[kind][:4])[0] if kind in found else default


def message(kind, flags, seq, pid, payload):
    data = struct.pack("=IHHII", 16 + len(payload), kind, flags, seq, pid)
    return data + payload + bytes(-len(payload) % 4)


def genl(cmd, payload, version=1):
    return struct.pack("=BBH", cmd, version, 0) + payload


class Request:
    """One nlmsghdr of a client's datagram."""

    def __init__(self, data):
        (self.length, self.kind, self.flags, self.seq,
         self.pid) = struct.unpack_from("=IHHII", data)
        self.data = data[:self.length]
        self.cmd = data[16] if self.length >= 20 else 0
        self.attrs = attrs(self.data[20:])


class Client:
    """One connection: one netlink socket."""

    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        sock.setblocking(False)
        pid = struct.unpack("=iii", sock.getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        self.portid = server.free_port(pid)
        self.token = struct.unpack("=Q", os.urandom(8))[0]
        self.memfd = os.memfd_create("page", os.MFD_ALLOW_SEALING)
        os.ftruncate(self.memfd, PAGE)
        fcntl.fcntl(self.memfd, 1033, 2 | 4 | 1)
        self.page = mmap.mmap(self.memfd, PAGE)
        self.page_addr = ctypes.addressof(ctypes.c_char.from_buffer(self.page))
        self.options = {}
        self.groups = {}
        self.dump = None
        self.full = False
        self.put(PORTID, self.portid)

    def put(self, offset, value):
        struct.pack_into("=I", self.page, offset, value)

    def get(self, offset):
        return struct.unpack_from("=I", self.page, offset)[0]

    def hello(self, about, version):
        data = message(HELLO, 0, 0, about.portid,
                       struct.pack("=IIQ", version, about.portid, about.token))
        socket.send_fds(self.sock, [data], [about.memfd])

    def complete(self, cookie):
        self.put(COMPLETED, cookie)
        if self.get(WAITERS):
            libc.syscall(202, ctypes.c_void_p(self.page_addr + COMPLETED), 1,
                         2**31 - 1, None, None, 0)

    def send(self, data):
        """Send or lose; an episode of losses counts once."""
        try:
            self.sock.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            self.full = False
        except (BlockingIOError, OSError):
            if not self.full:
                self.full = True
                self.put(OVERRUNS, self.get(OVERRUNS) + 1)

    def run_dump(self):
        """Write parts while they fit."""
        while self.dump:
            part = self.dump[0]
            try:
                self.sock.send(part, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            except BlockingIOError:
                return
            except OSError:
                self.dump = None
                break
            self.dump.popleft()
        self.dump = None
        self.put(DUMPING, 0)

    def start_dump(self, parts):
        self.dump = collections.deque(parts)
        self.put(DUMPING, 1)
        self.run_dump()

    def ack(self, request, error):
        flags, payload = 0, request.data
        if not error or self.options.get(OPT_CAP_ACK):
            flags, payload = F_CAPPED, request.data[:16]
        payload += bytes(-len(payload) % 4)
        tlvs = b""
        if error and self.options.get(OPT_EXT_ACK):
            flags |= F_ACK_TLVS
            tlvs = attr(1, b"told by the double\0")
        self.send(message(NLMSG_ERROR, flags, request.seq, self.portid,
                          struct.pack("=i", -error) + payload + tlvs))

    def is_gone(self):
        poll = select.poll()
        poll.register(self.sock, select.POLLRDHUP)
        return bool(poll.poll(0))

    def close(self):
        del self.page_addr
        os.close(self.memfd)
        self.sock.close()


class Server:
    def __init__(self, path, mute, version):
        self.path, self.mute, self.version = path, mute, version
        self.clients = {}
        self.timers = []
        self.selector = selectors.DefaultSelector()
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path + ".new")
        self.listener.listen(128)
        os.rename(path + ".new", path)
        self.selector.register(self.listener, selectors.EVENT_READ)

    def is_taken(self, port, asker=None):
        """Does another connection have the port? One that hung up does not."""
        for client in list(self.clients.values()):
            if client.portid == port and client is not asker:
                if client.is_gone():
                    self.drop(client)
                    continue
                return True
        return False

    def free_port(self, wanted):
        port = wanted if wanted > 0 else 1
        while self.is_taken(port):
            port = struct.unpack("=I", os.urandom(4))[0] | 0x80000000
        return port

    # Control messages

    def control(self, client, request):
        if len(request.data) < 32:
            return EINVAL
        arg, value, token = struct.unpack_from("=IIQ", request.data, 16)
        if request.kind == BIND:
            return self.bind(client, arg)
        if request.kind in (ADD, DROP):
            return self.membership(client, arg, request.kind == ADD)
        if request.kind == SETOPT:
            return self.option(client, arg, value)
        if request.kind == ADOPT:
            for other in self.clients.values():
                if other.portid == arg and other.token == token:
                    other.hello(client, self.version)
            return 0
        return EOPNOTSUPP

    def bind(self, client, port):
        if port:
            if self.is_taken(port, client):
                return EADDRINUSE
            client.portid = port
            client.put(PORTID, port)
        return 0

    def membership(self, client, group, join):
        if not 1 <= group <= NGROUPS:
            return EINVAL
        slot = client.groups.get(group)
        if join and slot is None:
            free = set(range(GROUPS_MAX)) - set(client.groups.values())
            if not free:
                return ENOMEM
            slot = client.groups[group] = min(free)
            kind = TWINTEST if group in (LOW_GROUP, HIGH_GROUP) else 0
            client.put(GROUPS + slot * 8 + 4, kind)
            client.put(GROUPS + slot * 8, group)
        elif not join and slot is not None:
            client.put(GROUPS + slot * 8, 0)
            del client.groups[group]
        return 0

    def option(self, client, option, value):
        if not OPT_EXT_ACK <= option <= OPT_RCVBUF:
            return ENOPROTOOPT
        client.options[option] = value
        if option == OPT_RCVBUF:
            # A dump's part must fit, the smallest buffer or not.
            client.sock.setsockopt(socket.SOL_SOCKET, 32,
                                   max(value // 2, DUMP_PART))
        return 0

    # Families

    def family(self, name):
        groups, number, version, cmds = {
            "nlctrl": ({"notify": 0x10}, NLCTRL, 2, (3, 10)),
            "twintest": ({"low": LOW_GROUP, "high": HIGH_GROUP}, TWINTEST, 1,
                         range(1, 9)),
        }[name]
        ops = b"".join(attr(i + 1, attr(1, struct.pack("=I", c))
                            + attr(2, struct.pack("=I", 0xe)))
                       for i, c in enumerate(cmds))
        mcast = b"".join(attr(i + 1, attr(2, struct.pack("=I", n))
                              + attr(1, g.encode() + b"\0"))
                         for i, (g, n) in enumerate(groups.items()))
        return (attr(2, name.encode() + b"\0")
                + attr(1, struct.pack("=H", number))
                + attr(3, struct.pack("=I", version))
                + attr(4, struct.pack("=I", 0))
                + attr(5, struct.pack("=I", 10))
                + attr(6, ops) + attr(7, mcast))

    def nlctrl(self, client, request):
        if request.cmd != 3:
            return EOPNOTSUPP
        if request.flags & F_DUMP == F_DUMP:
            items = [genl(1, self.family(n), 2) for n in ("nlctrl", "twintest")]
            return self.dump(client, request, items)
        if 1 in request.attrs:
            number = struct.unpack("=H", request.attrs[1][:2])[0]
            name = {NLCTRL: "nlctrl", TWINTEST: "twintest"}.get(number)
        elif 2 in request.attrs:
            name = request.attrs[2].rstrip(b"\0").decode()
        else:
            return EINVAL
        if name not in ("nlctrl", "twintest"):
            return ENOENT
        client.send(message(NLCTRL, 0, request.seq, client.portid,
                            genl(1, self.family(name), 2)))
        return 0

    def dump(self, client, request, items):
        if client.dump:
            return EBUSY
        parts, part = [], b""
        for item in items:
            data = message(request.kind, F_MULTI, request.seq, client.portid,
                           item)
            if part and len(part) + len(data) > DUMP_PART:
                parts.append(part)
                part = b""
            part += data
        if part:
            parts.append(part)
        parts.append(message(NLMSG_DONE, F_MULTI, request.seq, client.portid,
                             struct.pack("=i", 0)))
        client.start_dump(parts)
        return None

    def multicast(self, group, kind, pid, payload, skip=None):
        for client in self.clients.values():
            if group in client.groups and client is not skip:
                client.send(message(kind, 0, 0, pid, payload))

    def twintest(self, client, request):
        """1 ECHO, 2 DUMP count size, 3 SLEEP ms, 4 EVENT group,
        5 FLOOD count size, 6 DIE, 7 LATER ms, 8 DIE after processing"""
        first, second = u32(request.attrs, 1), u32(request.attrs, 2)
        if request.cmd == 2:
            items = [genl(2, attr(1, struct.pack("=I", i)) + bytes(second))
                     for i in range(first)]
            return self.dump(client, request, items)
        if request.cmd == 4:
            self.multicast(first, TWINTEST, client.portid,
                           genl(4, attr(1, struct.pack("=I", first))))
            return 0
        if request.cmd == 5:
            for i in range(first):
                client.send(message(TWINTEST, 0, 0, 0,
                                    genl(5, attr(1, struct.pack("=I", i))
                                         + bytes(second))))
            return 0
        if request.cmd in (6, 8):
            os._exit(0)
        if request.cmd == 7:
            self.timers.append((time.monotonic() + first / 1000, client))
            return 0
        if request.cmd == 3:
            time.sleep(first / 1000)
        elif request.cmd != 1:
            return EOPNOTSUPP
        client.send(message(TWINTEST, 0, request.seq, client.portid,
                            request.data[16:]))
        return 0

    # Datagrams

    def request(self, client, request):
        if request.kind >= 0xff00:
            error = self.control(client, request)
            client.put(CTL_ERRNO, error)
            if request.flags & F_ACK:
                client.ack(request, error)
            return
        family = {NLCTRL: self.nlctrl,
                  TWINTEST: self.twintest}.get(request.kind)
        if not request.flags & F_REQUEST or request.kind < 16:
            error = 0
        elif not family:
            error = ENOENT
        elif request.length < 20:
            error = EINVAL
        else:
            error = family(client, request)
        if error or (error == 0 and request.flags & F_ACK):
            client.ack(request, error)

    def datagram(self, client, data):
        sync = None
        while len(data) >= 16:
            length = struct.unpack_from("=I", data)[0]
            if length < 16 or length > len(data):
                break
            request = Request(data)
            data = data[(request.length + 3) & ~3:]
            if request.kind == SYNC and sync is None:
                sync = request
                continue
            self.request(client, request)
        if sync:
            if sync.flags & F_ACK:
                client.ack(sync, 0)
            client.complete(sync.seq)

    # Events

    def accept(self):
        sock = self.listener.accept()[0]
        if self.mute:
            self.clients[sock.fileno()] = sock
            return
        client = Client(self, sock)
        self.clients[sock.fileno()] = client
        client.hello(client, self.version)
        self.selector.register(sock, selectors.EVENT_READ, client)

    def drop(self, client):
        self.selector.unregister(client.sock)
        del self.clients[client.sock.fileno()]
        client.close()

    def readable(self, client):
        try:
            data = client.sock.recv(256 * 1024)
        except (ConnectionResetError, BrokenPipeError):
            data = b""
        if data:
            self.datagram(client, data)
        else:
            self.drop(client)

    def fire_timers(self):
        now = time.monotonic()
        for when, client in [t for t in self.timers if t[0] <= now]:
            self.timers.remove((when, client))
            if client.sock.fileno() in self.clients:
                client.send(message(TWINTEST, 0, 0, 0, genl(7, b"")))

    def run(self):
        print("ready", flush=True)
        while True:
            timeout = None
            if self.timers:
                timeout = max(0, min(t[0] for t in self.timers)
                              - time.monotonic())
            for key, events in self.selector.select(timeout):
                if key.fileobj is self.listener:
                    self.accept()
                    continue
                client = self.clients.get(key.fd)
                if client is not key.data:
                    continue
                if events & selectors.EVENT_WRITE:
                    client.run_dump()
                if events & selectors.EVENT_READ:
                    self.readable(client)
            self.fire_timers()
            for client in [] if self.mute else self.clients.values():
                events = selectors.EVENT_READ
                if client.dump:
                    events |= selectors.EVENT_WRITE
                self.selector.modify(client.sock, events, client)


def main():
    # PR_SET_PDEATHSIG: no stand-in outlives its test.
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)
    arguments = sys.argv[2:]
    mute = "--mute" in arguments
    version = 1
    if "--version" in arguments:
        version = int(arguments[arguments.index("--version") + 1])
    Server(sys.argv[1], mute, version).run()


if __name__ == "__main__":
    main()
