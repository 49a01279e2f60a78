#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The netlink socket's server, from outside: needs build/selftest/nl_serve.

Prints TAP. Usage: nl_server_test.py [PATH_OF_NL_SERVE]
"""
import errno
import mmap
import os
import random
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time

from twin import (ACK, ADD, ADOPT, BIND, CAPPED, CREATE, CTRL, DONE, DROP, DUMP,
                  ERROR, HELLO, MULTI, REQUEST, SETOPT, TLVS, Conn, attr, ctl,
                  genl, nlmsg, split)

ECHO_ID, ECHO_GROUP = 0x3f, 0x3f


def value(n):
    return attr(1, struct.pack("=I", n))


def test_getfamily(new):
    "nlctrl tells of families by name and id, ENOENT for others"
    c = new()
    (t, _, seq, pid, body), = c.ask(genl(CTRL, 3, attr(2, b"twin_echo\0"), seq=77))
    assert (t, seq, pid) == (CTRL, 77, c.portid)
    assert body[4:].startswith(attr(2, b"twin_echo\0") + attr(1, struct.pack("=H", ECHO_ID)))
    (t, _, _, _, body2), = c.ask(genl(CTRL, 3, attr(1, struct.pack("=H", ECHO_ID))))
    assert body2 == body
    assert c.error(genl(CTRL, 3, attr(2, b"nosuch\0"))) == "ENOENT"
    assert c.error(genl(CTRL, 3)) == "EINVAL"
    assert c.error(genl(CTRL, 3, attr(2, b"x" * 16 + b"\0"))) in ("EINVAL", "ERANGE")


def test_getfamily_dump(new):
    "nlctrl dumps all families"
    c = new()
    first = c.ask(genl(CTRL, 3, flags=REQUEST | DUMP | ACK))
    assert [m[0] for m in first] == [CTRL, CTRL] and all(m[1] & MULTI for m in first)
    (t, flags, _, _, body), = c.recv()
    assert t == DONE and flags & MULTI and body == b"\0\0\0\0"
    assert c.empty()


def test_errnos(new):
    "wrong requests get the kernel's errnos"
    c = new()
    assert c.error(genl(0x3ff, 1)) == "ENOENT"
    assert c.error(genl(ECHO_ID, 99)) == "ENOTSUP"
    assert c.error(nlmsg(ECHO_ID, b"\1\1")) == "EINVAL"
    assert c.error(genl(ECHO_ID, 1)) == "EINVAL"
    assert c.error(genl(ECHO_ID, 1, attr(1, b"ab"))) in ("EINVAL", "ERANGE")
    assert c.error(genl(ECHO_ID, 2, flags=REQUEST | DUMP)) == "ENOTSUP"
    assert c.error(genl(CTRL, 99, reserved=5)) == "EINVAL"
    assert c.error(genl(CTRL, 99, flags=REQUEST | CREATE)) == "EINVAL"
    assert c.error(genl(CTRL, 99)) == "ENOTSUP"


def test_acks(new):
    "acknowledged when asked to or on errors only; requests only"
    c = new()
    assert c.error(genl(ECHO_ID, 2, flags=REQUEST | ACK)) == 0
    c.sync(genl(ECHO_ID, 2), 1)
    assert c.empty()
    assert c.error(nlmsg(ECHO_ID, flags=ACK)) == 0, "no request: only acked"
    assert c.error(nlmsg(3, flags=REQUEST | ACK)) == 0, "control type: only acked"
    c.sync(nlmsg(3) + nlmsg(ECHO_ID, flags=0), 2)
    assert c.empty()
    (t, flags, _, _, body), = c.ask(genl(ECHO_ID, 2, flags=REQUEST | ACK))
    assert flags == CAPPED and len(body) == 4 + 16


def test_error_contents(new):
    "errors repeat the request, or its header with CAP_ACK; words with EXT_ACK"
    c = new()
    req = genl(ECHO_ID, 1, attr(9, b"12345"))
    (_, flags, _, _, body), = c.ask(req)
    assert flags == 0 and body[4:] == req
    assert c.error(ctl(SETOPT, 1, 1)) == 0
    (_, flags, _, _, body), = c.ask(req)
    assert flags == TLVS and body[4:] == req + attr(1, b"no value\0")
    assert c.error(ctl(SETOPT, 2, 1)) == 0
    (_, flags, _, _, body), = c.ask(req)
    assert flags == TLVS | CAPPED and body[4:] == req[:16] + attr(1, b"no value\0")


def test_batch(new):
    "a batch is dealt with in order; a malformed length ends it"
    c = new()
    c.sync(b"".join(genl(ECHO_ID, 1, value(i), seq=i) for i in range(50)), 1)
    for i in range(50):
        (t, _, seq, _, body), = c.recv()
        assert (t, seq) == (ECHO_ID, i)
    bad = nlmsg(ECHO_ID, length=8)
    c.sync(genl(ECHO_ID, 1, value(1), seq=1) + bad + genl(ECHO_ID, 1, value(1), seq=2), 2)
    assert c.recv()[0][2] == 1 and c.empty()
    c.sync(genl(ECHO_ID, 1, value(1), seq=3)[:-4], 3)
    assert c.empty(), "half a message"
    c.sync(b"\1\2\3", 4)
    assert c.empty()


def test_oversized(new):
    "a datagram over the limit is ignored but completed"
    c = new()
    c.s.setsockopt(socket.SOL_SOCKET, 32, 1 << 21)
    c.sync(genl(ECHO_ID, 1, value(1)) * 20000, 9)
    assert c.empty()


def test_dump(new):
    "a long dump arrives whole, in parts, beside other requests; one at a time"
    c, other = new(), new()
    c.sync(genl(ECHO_ID, 1, value(100000), flags=REQUEST | DUMP | ACK, seq=5)
           + genl(ECHO_ID, 1, value(3), flags=REQUEST | DUMP, seq=6), 1)
    assert c.word(1) == 1, "dumping"
    got, busy, done = [], 0, False
    while not done:
        assert other.ask(genl(ECHO_ID, 1, value(4)))[0][0] == ECHO_ID
        for t, flags, seq, _, body in c.recv():
            if t == ERROR:
                assert seq == 6 and body[:4] == struct.pack("=i", -errno.EBUSY)
                busy += 1
            elif t == DONE:
                assert seq == 5 and body == b"\0\0\0\0"
                done = True
            else:
                got.append(struct.unpack_from("=I", body, 8)[0])
    assert got == list(range(100000)) and busy == 1
    assert c.word(1) == 0 and c.empty()


def test_dump_error(new):
    "an error in a dump ends it in NLMSG_DONE"
    c = new()
    (t, flags, _, _, body), = c.ask(genl(ECHO_ID, 1, flags=REQUEST | DUMP))
    assert t == DONE and body[:4] == struct.pack("=i", -errno.EINVAL)


def test_dump_part_size(new):
    "dump parts are as long as the client can take"
    for told, most in ((0, 8192), (100, 3776), (5000, 5000), (1 << 20, 32448)):
        c = new()
        struct.pack_into("=I", c.page, 4 * 17, told)
        c.send(genl(ECHO_ID, 1, value(5000), flags=REQUEST | DUMP))
        sizes = []
        while True:
            data = c.s.recv(1 << 17)
            if next(split(data))[0] == DONE:
                break
            sizes.append(len(data))
        assert max(sizes) <= most and max(sizes) > most - 64, (told, sizes)
        c.close()


def test_dump_killed(new):
    "clients that go away in the middle of a dump cost nothing"
    for _ in range(200):
        c = new()
        c.send(genl(ECHO_ID, 1, value(1000000), flags=REQUEST | DUMP))
        c.close()
    c = new()
    assert c.error(genl(ECHO_ID, 2, flags=REQUEST | ACK)) == 0


def test_groups(new):
    "notifications reach members; unknown groups as on Linux"
    c, other = new(), new()
    assert c.error(ctl(ADD, ECHO_GROUP)) == 0
    assert c.error(ctl(ADD, ECHO_GROUP)) == 0
    assert struct.unpack_from("=II", c.page, 128) == (ECHO_GROUP, ECHO_ID)
    assert c.error(ctl(ADD, 64)) == 0
    assert struct.unpack_from("=II", c.page, 136) == (64, 0)
    assert c.error(ctl(ADD, 0)) == "EINVAL"
    assert c.error(ctl(ADD, 65)) == "EINVAL"
    assert c.error(ctl(DROP, 33)) == 0
    other.send(genl(ECHO_ID, 2))
    (t, _, _, _, _), = c.recv()
    assert t == ECHO_ID
    assert c.error(ctl(DROP, ECHO_GROUP)) == 0
    other.sync(genl(ECHO_ID, 2), 1)
    assert c.empty()
    for i in range(1, 32):
        assert c.error(ctl(ADD, i)) == 0
    assert c.error(ctl(ADD, 40)) == "ENOMEM"


def test_bind(new):
    "port ids are unique; the first connection has the process id"
    c, d = new(), new()
    assert c.portid and d.portid and c.portid != d.portid
    assert d.error(ctl(BIND, c.portid)) == "EADDRINUSE"
    assert d.error(ctl(BIND, 0)) == 0
    assert d.error(ctl(BIND, 123456)) == 0
    assert d.word(4) == 123456
    assert d.ask(genl(ECHO_ID, 1, value(1)))[0][3] == 123456
    assert c.error(ctl(SETOPT, 99)) == "ENOPROTOOPT"
    assert c.error(ctl(0xff55)) == "ENOTSUP"
    assert c.error(nlmsg(BIND, b"1234", flags=ACK)) == "EINVAL"


def test_adopt(new):
    "a connection's page can be had again with proof"
    d, t = new(), new()
    assert d.error(ctl(ADOPT, t.portid, 0, t.token ^ 1)) == "EINVAL"
    assert t.empty()
    assert d.error(ctl(ADOPT, t.portid, 0, t.token)) == 0
    data, fds, _, _ = socket.recv_fds(t.s, 4096, 1)
    (type_, _, _, pid, _), = split(data)
    assert (type_, pid) == (HELLO, d.portid)
    page = mmap.mmap(fds[0], 4096)
    assert struct.unpack_from("=I", page, 16)[0] == d.portid
    os.close(fds[0])


def test_overrun(new):
    "a slow reader loses its own messages, and is told once an episode"
    c, other = new(), new()
    assert c.error(ctl(ADD, ECHO_GROUP)) == 0
    start = time.monotonic()
    other.sync(genl(ECHO_ID, 2) * 6000, 1)
    assert time.monotonic() - start < 5
    assert c.word(2) == 1
    n = 0
    while not c.empty():
        c.recv()
        n += 1
    assert 0 < n < 6000
    other.sync(genl(ECHO_ID, 2), 2)
    assert c.recv()[0][0] == ECHO_ID and c.word(2) == 1
    other.sync(genl(ECHO_ID, 2) * 6000, 3)
    assert c.word(2) == 2


def test_rcvbuf(new):
    "a small receive buffer loses sooner, but takes one message of any size"
    c = new()
    assert c.error(ctl(SETOPT, 4, 2304)) == 0
    big = genl(ECHO_ID, 1, attr(9, b"x" * 30000))
    (t, _, _, _, body), = c.ask(big)
    assert t == ERROR and len(body) == 4 + len(big)
    c.sync(big * 3, 1)
    assert c.word(2) == 1


def test_permission(new):
    "others than root and the socket's group may read only"
    pid = os.fork()
    if not pid:
        ok = False
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            c = new()
            ok = (c.error(genl(ECHO_ID, 3, value(1))) == "EPERM" and
                  c.ask(genl(ECHO_ID, 1, value(1)))[0][0] == ECHO_ID)
        finally:
            os._exit(0 if ok else 1)
    assert os.waitpid(pid, 0)[1] == 0
    c = new()
    assert c.ask(genl(ECHO_ID, 3, value(1)))[0][0] == ECHO_ID


def test_garbage(new):
    "garbage is survived"
    rnd = random.Random(1)
    for i in range(300):
        c = new()
        for _ in range(5):
            data = bytearray(rnd.randbytes(rnd.randrange(1, 600)))
            if rnd.random() < 0.7 and len(data) >= 20:
                struct.pack_into("=IHH", data, 0, rnd.choice((len(data), 16, 20)),
                                 rnd.choice((CTRL, ECHO_ID, 0xff01 + i % 9)),
                                 rnd.choice((1, 5, 0x301, 0x305)))
            c.send(bytes(data))
        c.close()
    c = new()
    assert c.error(genl(ECHO_ID, 2, flags=REQUEST | ACK)) == 0


def test_many(new):
    "10,000 connections at once"
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 10100), max(hard, 10100)))
    path, conns = new.path, []
    for _ in range(10000):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        s.connect(path)
        conns.append(s)
    c = new()
    assert c.error(genl(ECHO_ID, 2, flags=REQUEST | ACK)) == 0
    for s in conns:
        s.close()
    c = new()
    assert c.error(genl(ECHO_ID, 2, flags=REQUEST | ACK)) == 0


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    serve = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        here, "../../build/selftest/nl_serve")
    tests = [f for n, f in sorted(globals().items()) if n.startswith("test_")]
    failed = 0
    print(f"TAP version 13\n1..{len(tests) + 1}")
    with tempfile.TemporaryDirectory() as tmp:
        os.chmod(tmp, 0o755)
        path = os.path.join(tmp, "dir", "ovs.sock")
        server = subprocess.Popen([serve, path])
        while not os.path.exists(path):
            if server.poll() is not None:
                sys.exit("Bail out! nl_serve did not start")
            time.sleep(0.01)

        def new():
            return Conn(path)
        new.path = path
        for n, test in enumerate(tests, 1):
            try:
                test(new)
                result = "ok"
            except Exception as e:  # noqa: every failure is a test's result
                failed += 1
                result = "not ok"
                print(f"# {type(e).__name__}: {e} at line "
                      f"{e.__traceback__.tb_next.tb_lineno}")
            print(f"{result} {n} - {test.__doc__}", flush=True)
        server.terminate()
        clean = server.wait(10) == 0 and not os.path.exists(path)
        failed += not clean
        print(f"{'ok' if clean else 'not ok'} {len(tests) + 1} - "
              "the server ends cleanly and removes its socket")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
