#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the preload library must do and the kernel can't be asked to show.

Runs under the preload library, as a client of double.py, which it starts and
kills. Usage: LD_PRELOAD=libtwinpath-nl.so twin_test.py [NAME...]; prints TAP.
"""
import errno
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from double import (F_ACK, F_DUMP, F_REQUEST, HIGH_GROUP, LOW_GROUP,
                    NLMSG_DONE, NLMSG_ERROR, TWINTEST, attr, attrs, genl,
                    message)

(ECHO, DUMP, SLEEP, EVENT, FLOOD, DIE, LATER) = range(1, 8)
SOL_NETLINK = 270
ADD_MEMBERSHIP, DROP_MEMBERSHIP, PKTINFO, NO_ENOBUFS, EXT_ACK = 1, 2, 3, 5, 11
SO_RCVBUFFORCE = 33
EPOLLEXCLUSIVE = 1 << 28
HERE = os.path.dirname(os.path.abspath(__file__))
# Nothing takes longer, in seconds.
PATIENCE = 20


class Double:
    """A running double.py; its socket is where this process looks."""

    def __init__(self, *options):
        self.path = os.environ["TWINPATH_SOCKET"]
        environment = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
        self.process = subprocess.Popen(
            ["/usr/bin/python3", HERE + "/double.py", self.path, *options],
            stdout=subprocess.PIPE, env=environment)
        assert self.process.stdout.readline() == b"ready\n"

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.kill()
        os.unlink(self.path)


def genl_socket():
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    sock.settimeout(None)
    return sock


def request(cmd, first=0, second=0, seq=1, flags=0):
    return message(TWINTEST, F_REQUEST | flags, seq, 0,
                   genl(cmd, attr(1, struct.pack("=I", first))
                        + attr(2, struct.pack("=I", second))))


def take(sock, size=65536):
    """Receive without waiting: (type, seq, data), or errno."""
    try:
        data = sock.recv(size, socket.MSG_DONTWAIT)
    except OSError as error:
        return error.errno
    kind, _, seq = struct.unpack_from("=HHI", data, 4)
    return kind, seq, data


def is_echo(answer, seq):
    return isinstance(answer, tuple) and answer[:2] == (TWINTEST, seq)


def port_of(sock):
    return sock.getsockname()[0]


def wait_for(sock, seconds=PATIENCE):
    return bool(select.select([sock], [], [], seconds)[0])


def test_send_returns_when_answered():
    with Double(), genl_socket() as sock:
        for blocking in (True, False):
            sock.setblocking(blocking)
            start = time.monotonic()
            sock.send(request(SLEEP, 300, seq=5))
            assert time.monotonic() - start >= 0.3
            assert is_echo(take(sock), 5)
            assert take(sock) == errno.EAGAIN


def test_batch_of_fifty():
    with Double(), genl_socket() as sock:
        sock.sendmsg([request(ECHO, i, seq=100 + i) for i in range(50)])
        for i in range(50):
            assert is_echo(take(sock), 100 + i)
        assert take(sock) == errno.EAGAIN


def test_silent_batch_leaves_nothing():
    """No ACK asked for and none failed: EAGAIN means that all went well."""
    with Double(), genl_socket() as sock:
        for _ in range(20):
            sock.sendmsg([request(EVENT, 3, seq=1)] * 20
                         + [request(99, seq=7)])
            kind, seq, data = take(sock)
            assert (kind, seq) == (NLMSG_ERROR, 7)
            assert struct.unpack_from("=i", data, 16)[0] == -95
            assert take(sock) == errno.EAGAIN


def count_dump(sock, seq):
    """Read a dump without ever waiting."""
    items = 0
    while True:
        data = sock.recv(32768, socket.MSG_DONTWAIT)
        while data:
            length, kind, flags, got = struct.unpack_from("=IHHI", data)
            assert got == seq and flags & 2
            if kind == NLMSG_DONE:
                return items
            assert kind == TWINTEST
            number = struct.unpack("=I", attrs(data[20:length])[1])[0]
            assert number == items
            items += 1
            data = data[(length + 3) & ~3:]


def test_long_dump_never_says_eagain():
    with Double(), genl_socket() as sock:
        for size in (4096, 65536, 1 << 20):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
            sock.send(request(DUMP, 20000, 60, seq=9, flags=F_DUMP))
            assert count_dump(sock, 9) == 20000
            assert take(sock) == errno.EAGAIN


def test_dump_by_threads():
    with Double(), genl_socket() as sock:
        sock.send(request(DUMP, 20000, 60, seq=9, flags=F_DUMP))
        counts, problems = [], []

        def read():
            count = 0
            try:
                while True:
                    data = sock.recv(32768, socket.MSG_DONTWAIT)
                    while data:
                        length, kind = struct.unpack_from("=IH", data)
                        count += kind == TWINTEST
                        data = data[(length + 3) & ~3:]
            except BlockingIOError:
                counts.append(count)
            except Exception as problem:
                problems.append(problem)
        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(PATIENCE)
        assert not problems and sum(counts) == 20000, (counts, problems)


def test_second_dump_is_busy():
    with Double(), genl_socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        sock.send(request(DUMP, 20000, 60, seq=9, flags=F_DUMP))
        sock.send(request(DUMP, 10, 60, seq=10, flags=F_DUMP))
        seen = 0
        while True:
            answer = take(sock)
            if answer == errno.ENOBUFS:
                seen = "lost"
                break
            if answer[0] == NLMSG_ERROR:
                seen = struct.unpack_from("=i", answer[2], 16)[0]
                break
        # The refusal may itself have found no room.
        assert seen in (-errno.EBUSY, "lost")


def test_abandoned_dump():
    with Double():
        for _ in range(30):
            with genl_socket() as sock:
                sock.send(request(DUMP, 20000, 60, seq=9, flags=F_DUMP))
                sock.recv(65536)
        with genl_socket() as sock:
            sock.send(request(ECHO, seq=3))
            assert is_echo(take(sock), 3)


def drain(sock):
    """Receive until EAGAIN: (messages, positions of ENOBUFS)."""
    messages, losses = 0, []
    while True:
        answer = take(sock)
        if answer == errno.EAGAIN:
            return messages, losses
        if answer == errno.ENOBUFS:
            losses.append(messages)
        else:
            messages += 1


def test_overrun_is_told_once():
    with Double(), genl_socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20000)
        sock.send(request(FLOOD, 2000, 400))
        messages, losses = drain(sock)
        assert losses == [0] and 10 < messages < 200, (messages, losses)
        sock.send(request(FLOOD, 5))
        assert drain(sock) == (5, [])
        sock.send(request(FLOOD, 2000, 400))
        sock.send(request(FLOOD, 2000, 400))
        assert drain(sock)[1] == [0]


def test_overrun_as_socket_error():
    with Double(), genl_socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20000)
        sock.send(request(FLOOD, 2000, 400))
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == \
            errno.ENOBUFS
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        assert drain(sock)[1] == []


def test_no_enobufs():
    with Double(), genl_socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20000)
        sock.setsockopt(SOL_NETLINK, NO_ENOBUFS, 1)
        sock.send(request(FLOOD, 2000, 400))
        assert drain(sock)[1] == []


def test_receive_buffer_holds_more():
    with Double(), genl_socket() as sock:
        counts = []
        for size in (20000, 200000, 2000000):
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, size)
            sock.send(request(FLOOD, 3000, 100))
            counts.append(drain(sock)[0])
        assert counts[0] * 5 < counts[1] and counts[1] * 1.8 < counts[2], counts
        assert counts[2] == 3000 or counts[2] > counts[1]


def event(asker, group):
    asker.send(request(EVENT, group))


def group_of(sock):
    """The group that NETLINK_PKTINFO and the sender's address tell."""
    data, control, _, sender = sock.recvmsg(4096, 64)
    if not data:
        raise AssertionError("end of file")
    return struct.unpack("=I", control[0][2])[0], sender[1]


def test_multicast():
    with Double(), genl_socket() as asker, genl_socket() as sock, \
            genl_socket() as stranger:
        sock.setsockopt(SOL_NETLINK, PKTINFO, 1)
        sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, HIGH_GROUP)
        sock.bind((0, 1 << (LOW_GROUP - 1)))
        assert sock.getsockname()[1] == 1 << (LOW_GROUP - 1)
        event(asker, HIGH_GROUP)
        # One family, two groups: which one can't be told from the message.
        assert group_of(sock)[0] in (HIGH_GROUP, LOW_GROUP)
        sock.setsockopt(SOL_NETLINK, DROP_MEMBERSHIP, HIGH_GROUP)
        event(asker, LOW_GROUP)
        assert group_of(sock) == (LOW_GROUP, 1 << (LOW_GROUP - 1))
        sock.send(request(ECHO, seq=8))
        assert group_of(sock) == (0, 0)
        event(asker, HIGH_GROUP)
        assert take(sock) == errno.EAGAIN and take(stranger) == errno.EAGAIN
        sock.bind((port_of(sock), 0))
        event(asker, LOW_GROUP)
        assert take(sock) == errno.EAGAIN


def test_waiting_wakes_up():
    with Double(), genl_socket() as sock:
        epoll = select.epoll()
        epoll.register(sock, select.EPOLLIN | EPOLLEXCLUSIVE)
        waits = (lambda: epoll.poll(PATIENCE),
                 lambda: select.select([sock], [], [], PATIENCE)[0],
                 lambda: sock.recv(1, socket.MSG_PEEK))
        for wait in waits:
            start = time.monotonic()
            sock.send(request(LATER, 200))
            assert take(sock) == errno.EAGAIN
            assert wait()
            assert 0.15 < time.monotonic() - start < PATIENCE / 2
            assert take(sock)[0] == TWINTEST
        epoll.close()


def test_extended_ack():
    with Double(), genl_socket() as sock:
        sock.send(request(77, seq=1))
        plain = take(sock)[2]
        sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        sock.send(request(77, seq=2))
        assert b"told by the double" not in plain
        assert b"told by the double" in take(sock)[2]


def work(sock, rounds, first):
    for i in range(rounds):
        seq = first + i
        sock.send(request(ECHO, seq=seq))
        assert is_echo(take(sock), seq)


def test_threads_with_own_sockets():
    with Double():
        problems = []

        def run(number):
            try:
                with genl_socket() as sock:
                    work(sock, 200, number * 1000)
            except BaseException as problem:
                problems.append(problem)
        threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert not problems, problems


def child(function):
    """Run @function in a forked child; it must not fail."""
    pid = os.fork()
    if pid:
        return pid
    try:
        function()
        os._exit(0)
    except BaseException as problem:
        print("# in child:", repr(problem), file=sys.stderr)
        os._exit(1)


def reap(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_fork_with_own_socket():
    with Double(), genl_socket() as sock:
        sock.bind((0, 0))
        pids = [child(lambda: work(genl_socket(), 50, 1)) for _ in range(4)]
        work(sock, 50, 1)
        assert all(reap(pid) == 0 for pid in pids)
        work(sock, 50, 1)


def test_fork_with_shared_socket():
    """Parent and child send on one socket: each batch is still waited for."""
    with Double(), genl_socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)

        def send_many():
            for _ in range(100):
                start = time.monotonic()
                sock.send(request(SLEEP, 2, seq=1))
                assert time.monotonic() - start >= 0.002
        pid = child(send_many)
        send_many()
        assert reap(pid) == 0
        assert drain(sock) == (200, [])


def test_options_are_shared_with_children():
    with Double(), genl_socket() as sock:
        def join():
            sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, HIGH_GROUP)
            sock.setsockopt(SOL_NETLINK, PKTINFO, 1)
            sock.bind((4711, 0))
        assert reap(child(join)) == 0
        assert port_of(sock) == 4711
        assert sock.getsockopt(SOL_NETLINK, PKTINFO) == 1
        with genl_socket() as asker:
            event(asker, HIGH_GROUP)
        assert take(sock)[0] == TWINTEST


def test_killed_while_sending():
    """A child that dies holding the socket's lock must not block others."""
    with Double() as double, genl_socket() as sock:
        large = request(ECHO, seq=3) + bytes(150000)
        double.process.send_signal(signal.SIGSTOP)
        # Two wait for their answers, the third, with the lock, for room.
        senders = []
        for _ in range(3):
            senders.append(child(lambda: sock.send(large)))
            time.sleep(0.2)
        os.kill(senders[2], signal.SIGKILL)
        assert reap(senders[2]) == -signal.SIGKILL
        double.process.send_signal(signal.SIGCONT)
        assert reap(senders[0]) == 0 and reap(senders[1]) == 0
        assert is_echo(take(sock), 3) and is_echo(take(sock), 3)
        work(sock, 5, 5)


INHERITOR = """
import os, socket, struct, sys
sys.path.insert(0, %r)
from twin_test import *
fd, copy, port = map(int, sys.argv[1:])
sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16, fileno=fd)
assert sock.getsockname() == (port, 0), sock.getsockname()
assert sock.getsockopt(SOL_NETLINK, PKTINFO) == 1
start = time.monotonic()
sock.send(request(SLEEP, 200, seq=6))
assert time.monotonic() - start >= 0.2
assert is_echo(take(sock), 6)
other = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16, fileno=copy)
work(other, 20, 50)
assert other.getsockname() == (port, 0)
""" % HERE


def test_exec_keeps_the_socket():
    with Double(), genl_socket() as sock:
        sock.bind((0, 0))
        sock.setsockopt(SOL_NETLINK, PKTINFO, 1)
        copy = os.dup(sock.fileno())
        subprocess.run(
            ["/usr/bin/python3", "-c", INHERITOR, str(sock.fileno()), str(copy),
             str(port_of(sock))],
            pass_fds=(sock.fileno(), copy), check=True, timeout=PATIENCE)
        os.close(copy)
        work(sock, 5, 5)


def test_closed_on_exec():
    with Double(), genl_socket() as sock:
        number = sock.fileno()
        code = "import os; os.fstat(%d)" % number
        done = subprocess.run(["/usr/bin/python3", "-c", code], timeout=PATIENCE,
                              stderr=subprocess.DEVNULL, close_fds=False)
        assert done.returncode == 1
        work(sock, 3, 3)


def test_subprocess_leaves_parents_sockets():
    """vfork() and close_range() in the child are not the parent's doing."""
    with Double(), genl_socket() as sock:
        for close_fds in (True, False):
            subprocess.run(["/bin/true"], close_fds=close_fds, check=True,
                           timeout=PATIENCE)
            os.system("true")
            work(sock, 3, 3)


def test_daemon_restart():
    with genl_after_restart() as (sock, epoll):
        assert take(sock) == errno.ENOBUFS
        assert take(sock) == errno.EAGAIN
        assert port_of(sock) == 4711
        work(sock, 3, 3)
        with genl_socket() as asker:
            event(asker, HIGH_GROUP)
        assert epoll.poll(PATIENCE)
        assert take(sock)[0] == TWINTEST
        assert take(sock) == errno.EAGAIN
        sock.send(request(77, seq=2))
        assert b"told by the double" in take(sock)[2]


class genl_after_restart:
    """A socket with a name, a group and an option, whose daemon was away."""

    def __enter__(self):
        self.double = Double()
        self.sock = genl_socket()
        self.sock.bind((4711, 0))
        self.sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, HIGH_GROUP)
        self.sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.epoll = select.epoll()
        self.epoll.register(self.sock, select.EPOLLIN | EPOLLEXCLUSIVE)
        self.double.kill()
        assert self.epoll.poll(PATIENCE)
        assert take(self.sock) == errno.ENOBUFS
        assert take(self.sock) == errno.EAGAIN
        # No daemon, no work, but no busy loop either.
        assert not self.epoll.poll(0.2)
        try:
            self.sock.send(request(ECHO))
            raise AssertionError("sent to nobody")
        except ConnectionRefusedError:
            pass
        self.double = Double()
        assert self.epoll.poll(PATIENCE)
        return self.sock, self.epoll

    def __exit__(self, *ignored):
        self.epoll.close()
        self.sock.close()
        self.double.kill()
        os.unlink(self.double.path)


def test_daemon_restart_wakes_blocked_receive():
    double = Double()
    with genl_socket() as sock:
        results = []

        def receive():
            for _ in range(2):
                try:
                    results.append(sock.recv(4096))
                except OSError as error:
                    results.append(error.errno)
        sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, HIGH_GROUP)
        thread = threading.Thread(target=receive)
        thread.start()
        time.sleep(0.1)
        double.kill()
        time.sleep(0.3)
        with Double():
            thread.join(PATIENCE)
            assert results == [errno.ENOBUFS] * 2, results


def test_daemon_dies_in_a_batch():
    double = Double()
    with genl_socket() as sock:
        sock.bind((0, 0))
        batch = request(ECHO, seq=1) + request(DIE)
        assert sock.send(batch) == len(batch)
        assert take(sock) == errno.ENOBUFS
        double.kill()
        with Double():
            work_after_loss(sock)


def work_after_loss(sock):
    sock.send(request(ECHO, seq=2))
    answer = take(sock)
    if answer == errno.ENOBUFS:
        answer = take(sock)
    assert is_echo(answer, 2)
    work(sock, 3, 3)


def test_daemon_dies_while_two_wait():
    """Who finds out second looks at a connection that is already replaced."""
    first = Double()
    with genl_socket() as sock:
        threads = [threading.Thread(target=sock.send, args=(request(ECHO),))
                   for _ in range(2)]
        first.process.send_signal(signal.SIGSTOP)
        for thread in threads:
            thread.start()
            # Both look for a hang-up every 100 ms, now half of that apart.
            time.sleep(0.05)
        with Double():
            first.kill()
            for thread in threads:
                thread.join(PATIENCE)
            assert not any(thread.is_alive() for thread in threads)
            assert take(sock) == errno.ENOBUFS
            work(sock, 3, 3)


def test_daemon_dies_under_many_threads():
    double = Double()
    with genl_socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
        stop = time.monotonic() + 2
        problems = []

        def send_and_take():
            while time.monotonic() < stop:
                try:
                    sock.send(request(ECHO, seq=1))
                    sock.recv(4096, socket.MSG_DONTWAIT)
                except OSError as error:
                    if error.errno not in (errno.ENOBUFS, errno.EAGAIN,
                                           errno.ECONNREFUSED):
                        problems.append(error)
                        return
        threads = [threading.Thread(target=send_and_take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            time.sleep(0.3)
            double.kill()
            time.sleep(0.05)
            double = Double()
        for thread in threads:
            thread.join(PATIENCE)
        assert not problems, problems
        assert not any(thread.is_alive() for thread in threads)
        drain(sock)
        work_after_loss(sock)
    double.kill()
    os.unlink(double.path)


def socket_errno():
    try:
        genl_socket().close()
    except OSError as error:
        return error.errno
    return 0


def call_until_daemon(call):
    """The result of a call that a daemon of half a second later lets end."""
    result = []
    thread = threading.Thread(target=lambda: result.append(call()))
    thread.start()
    time.sleep(0.5)
    assert not result, "it did not wait"
    # The double ends with the thread that started it: this one.
    double = Double()
    thread.join(PATIENCE)
    return result[0], double


def lose(sock, double):
    """Kills the daemon; receiving says so and does not wait."""
    double.kill()
    assert take(sock) == errno.ENOBUFS
    assert take(sock) == errno.EAGAIN
    os.unlink(os.environ["TWINPATH_SOCKET"])


def test_calls_wait_for_a_daemon():
    # The library reads the environment of C, which os.putenv() changes.
    os.putenv("TWINPATH_WAIT_MS", str(PATIENCE * 1000))
    try:
        sock, double = call_until_daemon(genl_socket)
        with sock:
            sock.bind((0, 0))
            portid = sock.getsockname()[0]
            lose(sock, double)
            _, double = call_until_daemon(lambda: sock.send(request(ECHO, seq=1)))
            # The answer may have come before the loss is told.
            answers = take(sock), take(sock)
            assert any(is_echo(a, 1) for a in answers if isinstance(a, tuple)), answers
            assert sock.getsockname()[0] == portid
            lose(sock, double)
            os.putenv("TWINPATH_WAIT_MS", "300")
            begun = time.monotonic()
            assert errno_of(lambda: sock.send(request(ECHO, seq=2))) == errno.ECONNREFUSED
            assert time.monotonic() - begun >= 0.3
    finally:
        os.unsetenv("TWINPATH_WAIT_MS")


def errno_of(call):
    try:
        call()
        return 0
    except OSError as error:
        return error.errno


def test_no_daemon():
    assert socket_errno() == errno.ECONNREFUSED
    open(os.environ["TWINPATH_SOCKET"], "w").close()
    assert socket_errno() == errno.ECONNREFUSED
    os.unlink(os.environ["TWINPATH_SOCKET"])


def test_daemon_of_another_version():
    with Double("--version", "2"):
        assert socket_errno() == errno.EPROTONOSUPPORT


def test_daemon_that_says_nothing():
    with Double("--mute"):
        start = time.monotonic()
        assert socket_errno() == errno.ETIMEDOUT
        assert time.monotonic() - start < PATIENCE


def test_many_sockets():
    with Double():
        socks = [genl_socket() for _ in range(300)]
        for i, sock in enumerate(socks):
            work(sock, 1, i)
        assert len({port_of(sock) for sock in socks}) == 300
        for sock in socks:
            sock.close()
        with genl_socket() as sock:
            work(sock, 1, 1)


def held():
    """Descriptors and mappings of this process."""
    with open("/proc/self/maps") as maps:
        return len(os.listdir("/proc/self/fd")), len(maps.readlines())


def test_nothing_is_left():
    with Double():
        for round_number in range(2):
            for _ in range(300):
                with genl_socket() as sock:
                    work(sock, 1, 1)
                    copy = os.dup(sock.fileno())
                os.close(copy)
            if round_number:
                assert held() == before, (held(), before)
            before = held()


def test_other_protocols_are_untouched():
    """No daemon at all, and rtnetlink works."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as sock:
        sock.bind((0, 0))
        sock.send(message(18, F_REQUEST | F_DUMP, 1, 0, bytes(16)))
        assert sock.recv(65536)
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pair[0].send(b"x")
    assert pair[1].recv(10) == b"x"
    for sock in pair:
        sock.close()


def test_pyroute2():
    from pyroute2.netlink import genlmsg
    from pyroute2.netlink.generic import GenericNetlinkSocket
    with Double():
        sock = GenericNetlinkSocket()
        sock.bind("twintest", genlmsg)
        assert sock.prid == TWINTEST
        assert sock.mcast_groups == {"low": LOW_GROUP, "high": HIGH_GROUP}
        sock.add_membership("high")
        sock.close()
        try:
            sock = GenericNetlinkSocket()
            sock.bind("no-such-family", genlmsg)
            raise AssertionError("found a family that is not there")
        except Exception as error:
            assert getattr(error, "code", None) == errno.ENOENT, error


def test_dpctl():
    """As on a kernel without the module."""
    with Double():
        done = subprocess.run(["ovs-dpctl", "show"], timeout=PATIENCE,
                              stderr=subprocess.PIPE, text=True)
        assert "No such file or directory" in done.stderr, done.stderr
        assert "'ovs_datapath' does not exist" in done.stderr, done.stderr
    done = subprocess.run(["ovs-dpctl", "show"], timeout=PATIENCE,
                          stderr=subprocess.PIPE, text=True)
    assert "Connection refused" in done.stderr, done.stderr


def test_ack_flag():
    with Double(), genl_socket() as sock:
        sock.send(request(ECHO, seq=4, flags=F_ACK))
        assert is_echo(take(sock), 4)
        kind, seq, data = take(sock)
        assert (kind, seq) == (NLMSG_ERROR, 4)
        assert struct.unpack_from("=i", data, 16)[0] == 0


def run(number, name, function):
    try:
        function()
        print(f"ok {number} - {name}")
        return True
    except BaseException as problem:
        print(f"not ok {number} - {name}")
        print("#", repr(problem).replace("\n", "\n# "))
        trace = problem.__traceback__
        while trace:
            print(f"#   line {trace.tb_lineno}")
            trace = trace.tb_next
        return False


def main():
    tests = {name[5:].replace("_", "-"): function
             for name, function in globals().items()
             if name.startswith("test_")}
    wanted = [n for n in tests if n in sys.argv[1:] or len(sys.argv) < 2]
    passed = 0
    with tempfile.TemporaryDirectory(prefix="twin-test.") as directory:
        os.environ["TWINPATH_SOCKET"] = directory + "/ovs.sock"
        for number, name in enumerate(wanted, 1):
            signal.alarm(3 * PATIENCE)
            passed += run(number, name, tests[name])
            sys.stdout.flush()
            if os.path.exists(os.environ["TWINPATH_SOCKET"]):
                os.unlink(os.environ["TWINPATH_SOCKET"])
    print(f"1..{len(wanted)}")
    sys.exit(passed != len(wanted))


if __name__ == "__main__":
    main()
