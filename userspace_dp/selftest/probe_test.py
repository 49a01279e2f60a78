#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Readiness, watchdog and `twinpath probe`, with a stand-in for systemd.

A worker is made to hang by stopping its thread with ptrace, as a debugger
does. Needs root. Prints TAP.
"""
import ctypes
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

BUILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build")
PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000
WATCHDOG_S = 1.0
PATIENCE = 60


class Systemd:
    """The receiving end of sd_notify()."""

    def __init__(self, tmp):
        self.path = f"{tmp}/notify"
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.s.bind(self.path)
        self.words = queue.Queue()
        # systemd always reads; a sender waits when ten messages are unread.
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            self.words.put(self.s.recv(4096).decode())

    def wait(self, word, seconds=PATIENCE):
        """Until the word comes: true; until time is up: false."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if word in self.words.get(timeout=max(0.001, end - time.monotonic())):
                    return True
            except queue.Empty:
                pass
        return False

    def drain(self):
        while not self.words.empty():
            self.words.get()


class Stopped:
    """A thread of the daemon, stopped meanwhile."""

    def __init__(self, pid, name):
        self.tid = next(int(t) for t in os.listdir(f"/proc/{pid}/task")
                        if open(f"/proc/{pid}/task/{t}/comm").read().strip() == name)
        self.libc = ctypes.CDLL(None, use_errno=True)

    def ptrace(self, request):
        if self.libc.ptrace(ctypes.c_long(request), ctypes.c_long(self.tid),
                            ctypes.c_void_p(0), ctypes.c_void_p(0)) < 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    def __enter__(self):
        self.ptrace(PTRACE_SEIZE)
        self.ptrace(PTRACE_INTERRUPT)
        os.waitpid(self.tid, WALL)

    def __exit__(self, *ignored):
        self.ptrace(PTRACE_DETACH)


class Bed:
    def __init__(self, tmp, *args):
        self.path = f"{tmp}/ovs.sock"
        self.systemd = Systemd(tmp)
        env = dict(os.environ, NOTIFY_SOCKET=self.systemd.path,
                   WATCHDOG_USEC=str(int(WATCHDOG_S * 1e6)))
        self.log = open(f"{tmp}/log", "w+")
        self.process = subprocess.Popen(
            [f"{BUILD}/twinpathd", "--no-huge", "--socket", self.path, *args],
            env=env, stderr=self.log)

    def twinpath(self, *args):
        return subprocess.run([f"{BUILD}/twinpath", "--socket", self.path, *args], text=True,
                              capture_output=True, timeout=PATIENCE)

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(PATIENCE)


def test_ready(bed):
    "it says ready when it answers, and pings the watchdog"
    assert bed.systemd.wait("READY=1")
    assert bed.twinpath("stats").returncode == 0
    for _ in range(3):
        assert bed.systemd.wait("WATCHDOG=1")
    assert bed.systemd.wait("WATCHDOG=1", WATCHDOG_S * 10)


def test_probe(bed):
    "a probe passes each worker, and no user sees it"
    for _ in range(20):
        r = bed.twinpath("probe", "--timeout", "20")
        assert (r.returncode, r.stderr) == (0, ""), r
    stats = json.loads(bed.twinpath("stats", "--json").stdout)
    assert [w["packets"] for w in stats["workers"]] == [0] * len(stats["workers"]), stats
    assert not any(stats["drops"].values()) and not stats["ports"]
    assert bed.twinpath("port", "list", "--json").stdout.strip() == "[]"
    show = bed.twinpath("exec", "--", "ovs-dpctl", "dump-dps")
    assert show.stdout == "", show


def test_stuck(bed):
    "a worker that hangs fails the probe and lets the watchdog bark"
    with Stopped(bed.process.pid, "worker-0"):
        time.sleep(0.1)
        begun = time.monotonic()
        r = bed.twinpath("probe", "--timeout", "0.5")
        assert r.returncode == 1 and "worker 0 has not forwarded" in r.stderr, r
        assert time.monotonic() - begun < 20
        # One that was on its way before may still come.
        bed.systemd.wait("WATCHDOG=1", WATCHDOG_S / 2)
        bed.systemd.drain()
        assert not bed.systemd.wait("WATCHDOG=1", 3 * WATCHDOG_S)
    assert bed.systemd.wait("WATCHDOG=1")
    assert bed.twinpath("probe", "--timeout", "20").returncode == 0


def test_hung(bed):
    "a daemon that hangs does not hang the probe"
    bed.process.send_signal(signal.SIGSTOP)
    r = bed.twinpath("probe", "--timeout", "0.2")
    bed.process.send_signal(signal.SIGCONT)
    assert r.returncode == 3, r
    assert bed.twinpath("probe", "--timeout", "20").returncode == 0


def test_usage(bed):
    "wrong options are refused with words"
    for args in (["--timeout", "0"], ["--timeout", "x"], ["--json"], ["x"]):
        r = bed.twinpath("probe", *args)
        assert r.returncode == 2 and r.stderr, (args, r)


def main():
    tests = [v for k, v in globals().items() if k.startswith("test_")]
    bad = 0
    with tempfile.TemporaryDirectory() as tmp:
        bed = Bed(tmp)
        try:
            for n, test in enumerate(tests, 1):
                try:
                    test(bed)
                    assert bed.process.poll() is None, "the daemon died"
                    print(f"ok {n} - {test.__doc__}", flush=True)
                except Exception:
                    bad += 1
                    print(f"not ok {n} - {test.__doc__}")
                    bed.log.seek(0)
                    text = traceback.format_exc() + bed.log.read()
                    print("\n".join("# " + line for line in text.splitlines()), flush=True)
        finally:
            bed.stop()
    print(f"1..{len(tests)}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
