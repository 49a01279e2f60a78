# SPDX-License-Identifier: BSD-3-Clause
"""A stock Open vSwitch on a twinpathd, in a network namespace of its own.

Helpers of switch_test.py: the daemons, hosts behind veth pairs, and bounded
waits. All daemons are children, ended by pid.
"""
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("TWINPATH_BUILD") or os.path.join(HERE, "../../build")
SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
# Nothing takes longer, in seconds, unless this machine is very busy.
PATIENCE = 60


def sh(*cmd, check=True, timeout=PATIENCE, **kwargs):
    r = subprocess.run(cmd, text=True, capture_output=True, timeout=timeout,
                       **kwargs)
    if check and r.returncode:
        raise AssertionError(f"{' '.join(cmd)}: {r.returncode}: {r.stdout}{r.stderr}")
    return r


def wait_for(what, seconds=PATIENCE, every=0.05):
    """Calls what() until its value is true, which is returned."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what.__doc__ or what}")
        time.sleep(every)


def in_netns(name, fn):
    """Calls fn in a thread that is in the namespace."""
    result = []

    def run():
        fd = os.open(f"/run/netns/{name}", os.O_RDONLY)
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.setns(fd, 0) == 0
        os.close(fd)
        result.append(fn())
    t = threading.Thread(target=run)
    t.start()
    t.join()
    return result[0]


class Switch:
    """Namespace, twinpathd, ovsdb-server and ovs-vswitchd."""

    def __init__(self, *twin_args):
        self.dir = tempfile.mkdtemp(prefix="twin-ovs.")
        self.netns = f"two{os.getpid()}"
        self.path = f"{self.dir}/ovs.sock"
        self.twin_args = list(twin_args)
        self.env = dict(os.environ, OVS_RUNDIR=self.dir, OVS_LOGDIR=self.dir,
                        OVS_DBDIR=self.dir, OVS_SYSCONFDIR=self.dir,
                        TWINPATH_SOCKET=self.path)
        self.hosts = []
        self.twin = self.db = self.vswitchd = None
        sh("ip", "netns", "add", self.netns)
        self.ip("link", "set", "lo", "up")

    def inside(self, *cmd):
        return ["ip", "netns", "exec", self.netns, *cmd]

    def ip(self, *args, check=True):
        return sh("ip", "-n", self.netns, *args, check=check)

    def run(self, *cmd, check=True, timeout=PATIENCE):
        """A command in the namespace, on the kernel's API."""
        return sh(*self.inside(*cmd), check=check, timeout=timeout, env=self.env)

    def twinpath(self, *args, check=True, timeout=PATIENCE):
        return self.run(f"{BUILD}/twinpath", *args, check=check, timeout=timeout)

    def dpctl(self, *args, check=True):
        """The distribution's ovs-dpctl, on the twin."""
        return self.twinpath("exec", "--", "ovs-dpctl", *args, check=check)

    def appctl(self, *args, check=True):
        return self.run("ovs-appctl", "-t", f"{self.dir}/vswitchd.ctl", *args, check=check)

    def vsctl(self, *args, check=True):
        return self.run("ovs-vsctl", f"--db=unix:{self.dir}/db.sock",
                        "--timeout=30", *args, check=check)

    def column(self, table, record, column):
        """A column of the database, as Python value."""
        out = self.vsctl("--format=json", f"--columns={column}", "list", table, record).stdout
        value = json.loads(out)["data"][0][0]
        if isinstance(value, list) and value[0] == "map":
            return dict(value[1])
        if isinstance(value, list) and value[0] == "set":
            return value[1]
        return value

    def spawn(self, name, *cmd):
        log = open(f"{self.dir}/{name}.err", "a")
        return subprocess.Popen(self.inside(*cmd), stderr=log, stdout=log,
                                stdin=subprocess.DEVNULL, env=self.env)

    # The daemons

    def answers(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            return s.connect_ex(self.path) == 0

    def start_twin(self, *more):
        # As twinpathd.service has it.
        self.twin = self.spawn("twinpathd", "nice", "-n", "-10", f"{BUILD}/twinpathd", "--socket",
                               self.path, "--no-huge", *self.twin_args, *more)

        def answers():
            "the daemon answers"
            assert self.twin.poll() is None, self.log("twinpathd.err")
            return self.answers()
        wait_for(answers, every=0.01)

    def start_db(self):
        sh("ovsdb-tool", "create", f"{self.dir}/conf.db", SCHEMA)
        self.db = self.spawn("ovsdb", "ovsdb-server", f"{self.dir}/conf.db",
                             f"--remote=punix:{self.dir}/db.sock",
                             f"--unixctl={self.dir}/ovsdb.ctl")
        wait_for(lambda: os.path.exists(f"{self.dir}/db.sock"))
        self.vsctl("--no-wait", "init")

    def start_vswitchd(self, *options, wait=True):
        self.vswitchd = self.spawn(
            "vswitchd", f"{BUILD}/twinpath", "exec", *options, "--", "ovs-vswitchd",
            f"unix:{self.dir}/db.sock", f"--unixctl={self.dir}/vswitchd.ctl",
            f"--log-file={self.dir}/vswitchd.log", "-vconsole:off", "-vfile:info",
            "-vPATTERN:file:%D{%H:%M:%S.###}|%T|%c|%p|%m")
        if wait:
            self.wait_configured()

    def wait_configured(self):
        def configured():
            "ovs-vswitchd has taken over the configuration"
            want = self.vsctl("get", "Open_vSwitch", ".", "next_cfg").stdout
            return want == self.vsctl("get", "Open_vSwitch", ".", "cur_cfg").stdout
        wait_for(configured)

    def start(self, *options):
        self.start_twin()
        self.start_db()
        self.start_vswitchd(*options)

    @staticmethod
    def kill(process, sig=signal.SIGKILL):
        if process and process.poll() is None:
            process.send_signal(sig)
        if process:
            process.wait(PATIENCE)

    def stop(self):
        self.kill(self.vswitchd, signal.SIGTERM)
        self.kill(self.db, signal.SIGTERM)
        self.kill(self.twin, signal.SIGTERM)
        for host in self.hosts:
            sh("ip", "netns", "del", host.netns, check=False)
        sh("ip", "netns", "del", self.netns, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def log(self, name="vswitchd.log", lines=30):
        try:
            with open(f"{self.dir}/{name}", errors="replace") as f:
                return "".join(f.readlines()[-lines:])
        except FileNotFoundError:
            return f"no {name}\n"

    def host(self, name, address):
        host = Host(self, name, address)
        self.hosts.append(host)
        return host


class Host:
    """A namespace with an address, behind a veth of the switch's namespace."""

    def __init__(self, switch, name, address):
        self.netns = f"{switch.netns}{name}"
        self.name, self.address = name, address.split("/")[0]
        sh("ip", "netns", "add", self.netns)
        sh("ip", "-n", self.netns, "link", "set", "lo", "up")
        switch.ip("link", "add", name, "type", "veth", "peer", "name", "eth0",
                  "netns", self.netns)
        switch.ip("link", "set", name, "up")
        sh("ip", "-n", self.netns, "addr", "add", address, "dev", "eth0")
        sh("ip", "-n", self.netns, "link", "set", "eth0", "up")

    def run(self, *cmd, check=True):
        return sh("ip", "netns", "exec", self.netns, *cmd, check=check)

    def stream(self, address, interval):
        """Pings without end; Stream.stop() tells what came back."""
        return Stream(self, address, interval)

    def ping(self, address, count=3, check=True):
        return self.run("ping", "-c", str(count), "-i", "0.05", "-W", "5", address, check=check)

    def reaches(self, address):
        return not self.ping(address, 1, check=False).returncode


class Stream:
    """A ping that goes on, with the time of each answer."""

    def __init__(self, host, address, interval):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", host.netns, "ping", "-D", "-n", "-i", str(interval),
             "-W", "10", address], stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()
        self.times, self.seqs, self.total = [], [], ""
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            if "icmp_seq=" in line and "time=" in line:
                with self.lock:
                    self.times.append(float(line.split("]")[0][1:]))
                    self.seqs.append(int(line.split("icmp_seq=")[1].split()[0]))
            elif "packets transmitted" in line:
                self.total = line.strip()

    def count(self):
        with self.lock:
            return len(self.times)

    def answered_after(self, moment):
        """Time of the first answer after moment, or None."""
        with self.lock:
            return next((t for t in self.times if t > moment), None)

    def lost_between(self, start, end):
        """How many were sent in that time and not answered."""
        with self.lock:
            pairs = list(zip(self.seqs, self.times))
        return sum(b[0] - a[0] - 1 for a, b in zip(pairs, pairs[1:])
                   if b[0] > a[0] + 1 and a[1] < end and b[1] > start)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)
        self.thread.join()
        return self.total


def run_test(number, test, *args):
    """Runs a test on a bridge of its own and says what came of it (TAP)."""
    switch = Switch()
    try:
        test(switch, *args)
        assert switch.twin.poll() is None, "twinpathd died"
        print(f"ok {number} - {test.__doc__}")
        return True
    except Exception:
        print(f"not ok {number} - {test.__doc__}")
        text = traceback.format_exc() + switch.log() + switch.log("twinpathd.err")
        print("\n".join("# " + line for line in text.splitlines()))
        return False
    finally:
        switch.stop()
        sys.stdout.flush()
