# SPDX-License-Identifier: BSD-3-Clause
"""The programs that are measured: the same virtual devices, one polling core
(CPU 1), everything else on CPU 0. Each can be frozen (SIGSTOP) while another
one is measured.

A contestant receives from the port `i` and sends to the port `o`, where `{i}`
and `{o}` stand for the datapath's numbers in flows. What it can be set to is
measured setting by setting."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import sources
from processes import Failed, run, wait_for
from vswitchd import WithVswitchd

DUT_CPU, OTHER_CPU = 1, 0
LIB = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib")


class Contestant:
    """A forwarding process that receives from `source` and sends to a null
    device.

    settings: names of what can be changed while it runs, see set()"""
    settings = ("",)
    datapath = True  # it has flows

    def __init__(self, folder, source):
        self.folder = os.path.join(folder, re.sub(r"\W", "-", self.name))
        os.makedirs(self.folder)
        self.source = source
        self.setting = None
        self.procs = []

    def spawn(self, argv, cpu=OTHER_CPU, env=None, **more):
        log = open(os.path.join(self.folder, os.path.basename(argv[0]) + ".log"), "ab")
        proc = subprocess.Popen(["taskset", "-c", "%d" % cpu] + argv if cpu is not None else argv,
                                stdout=log, stderr=log, stdin=more.get("stdin", subprocess.DEVNULL),
                                env={**os.environ, **(env or {})})
        self.procs.append(proc)
        return proc

    def log_tail(self):
        lines = []
        for name in sorted(os.listdir(self.folder)):
            if name.endswith(".log"):
                with open(os.path.join(self.folder, name), errors="replace") as f:
                    lines += [name + ": " + line.rstrip() for line in f.readlines()[-8:]]
        return "\n".join(lines)

    def signal(self, number):
        for proc in self.procs:
            if proc.poll() is None:
                proc.send_signal(number)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def stop(self):
        self.thaw()
        for proc in reversed(self.procs):
            if proc.poll() is None:
                proc.terminate()
        for proc in reversed(self.procs):
            try:
                proc.wait(10)
            except subprocess.TimeoutExpired:
                proc.kill()
                proc.wait()

    def label(self, setting):
        return self.name + (" " + setting if setting else "")

    def set(self, setting):
        """Change to one of the settings."""
        if setting != self.setting:
            self.change(setting)
            self.setting = setting

    def change(self, setting):
        pass

    def window(self, seconds, settle=0.4):
        """Packets a second that left through the null device."""
        self.thaw()
        time.sleep(settle)
        before, start = self.sent(), time.monotonic()
        time.sleep(seconds)
        after, end = self.sent(), time.monotonic()
        self.freeze()
        return (after - before) / (end - start)

    def memory(self):
        """Bytes of memory that belong to its processes."""
        total = 0
        for proc in self.procs:
            with open("/proc/%d/smaps_rollup" % proc.pid) as f:
                total += sum(int(line.split()[1]) for line in f
                             if line.startswith(("Rss:", "Private_Hugetlb:", "Shared_Hugetlb:")))
        return total * 1024


class Testpmd(Contestant):
    """The limit: io does not look at packets, macswap does."""
    name = "testpmd"
    settings = ("io", "macswap")
    datapath = False
    mbufs = 65536
    devices = None
    options = ()

    def start(self):
        prefix = "twbench-testpmd-%d" % os.getpid()
        self.socket_path = "/var/run/dpdk/%s/dpdk_telemetry.v2" % prefix
        devices = self.devices or [self.source.device(), sources.SINK]
        self.sink_number = len(devices) - 1
        self.proc = self.spawn(
            ["dpdk-testpmd", "-l", "%d,%d" % (OTHER_CPU, DUT_CPU), "--main-lcore", str(OTHER_CPU),
             "--no-pci", "--file-prefix", prefix, *self.source.eal,
             *[word for device in devices for word in ("--vdev", device)],
             "--", "--forward-mode=io", "--total-num-mbufs=%d" % self.mbufs, "--nb-cores=1",
             "--no-flush-rx", "--auto-start", "-i", *self.options],
            cpu=None, stdin=subprocess.PIPE, env=self.source.env)
        self.setting = "io"
        wait_for("testpmd", lambda: self.proc.poll() is not None or self.connect())
        wait_for("testpmd's devices", lambda: self.sent() is not None)

    def stop(self):
        super().stop()
        shutil.rmtree(os.path.dirname(self.socket_path), ignore_errors=True)

    def connect(self):
        try:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.sock.settimeout(5)
            self.sock.connect(self.socket_path)
            self.sock.recv(1024)
            return True
        except OSError:
            return False

    def change(self, setting):
        self.proc.stdin.write(b"stop\nset fwd %s\nstart\n" % setting.encode())
        self.proc.stdin.flush()

    def sent(self):
        if self.proc.poll() is not None:
            raise Failed("testpmd has ended")
        self.sock.send(b"/ethdev/stats,%d" % self.sink_number)
        answer = self.sock.recv(16384)
        if not answer:
            raise Failed("testpmd has ended")
        reply = json.loads(answer)["/ethdev/stats"]
        return reply["opackets"] if reply else None


class Ovs(WithVswitchd, Contestant):
    """Debian's Open vSwitch with its DPDK datapath. A setting has the share of
    look-ups that enter the exact match cache (1 in so many, 0 none)."""
    name = "OVS"
    binary = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk"
    settings = ("emc 1/100", "emc 1/1")
    numbers = {"i": 2, "o": 3}

    def start_daemons(self):
        """The database and ovs-vswitchd with a bridge br0."""
        prefix = "twbench-%s-%d" % (os.path.basename(self.folder), os.getpid())
        extra = " ".join(["--no-pci --file-prefix=" + prefix, *self.source.eal])
        self.start_database(
            "other_config:dpdk-init=true", "other_config:dpdk-extra=" + extra,
            "other_config:dpdk-lcore-mask=%#x" % (1 << OTHER_CPU),
            "other_config:pmd-cpu-mask=%#x" % (1 << DUT_CPU),
            "other_config:max-idle=10000000", "other_config:dpdk-socket-mem=512",
            "other_config:dpdk-socket-limit=512", "other_config:flow-limit=2000000", "other_config:vlan-limit=2")
        # Its TAPs would get in the way of another one's.
        self.vswitchd = self.start_vswitchd("unshare", "--net", self.binary, env=self.source.env)
        self.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev",
                   "fail-mode=secure")

    def start(self):
        self.start_daemons()
        self.add_port("p0", "dpdk", 1, "options:dpdk-devargs=" + self.source.device())
        self.add_port("p1", "dpdk", 2, "options:dpdk-devargs=" + sources.SINK)

    def add_port(self, name, kind, number, *options):
        self.vsctl("add-port", "br0", name, "--", "set", "interface", name, "type=" + kind,
                   "ofport_request=%d" % number, *options)

    def add_meter(self):
        """The datapath's meter 0, which no traffic exceeds."""
        self.openflow("add-meter", "br0", "meter=1,pktps,bands=type=drop rate=4000000000")

    def change(self, setting):
        share = re.search(r"emc 1/(\d+)", setting)
        self.vsctl("set", "Open_vSwitch", ".",
                   "other_config:emc-insert-inv-prob=" + (share[1] if share else "0"))

    def set_flows(self, flows):
        """Replace all flows: `flows` makes them from the port numbers."""
        # Revalidators would delete flows that they did not add.
        self.appctl("revalidator/pause")
        self.openflow("del-flows", "br0")
        self.appctl("dpctl/del-flows", "netdev@ovs-netdev")
        path = os.path.join(self.folder, "flows")
        with open(path, "w") as f:
            f.writelines("%s %s\n" % (match, actions) for match, actions in flows(self.numbers))
        self.appctl("dpctl/add-flows", "netdev@ovs-netdev", path, timeout=300)

    def statistics(self):
        """What its polling thread did, by where packets were looked up."""
        return self.appctl("dpif-netdev/pmd-stats-show")

    def sent(self):
        shown = self.appctl("dpctl/show", "-s", "netdev@ovs-netdev")
        port = shown[shown.index(": p1 "):]
        return int(re.search(r"TX packets:(\d+)", port).group(1))


def has_avx512():
    with open("/proc/cpuinfo") as f:
        return any("avx512vbmi" in line for line in f if line.startswith("flags"))


class OvsNative(Ovs):
    """The same version built for this processor, by prepare-ovs; with its
    AVX-512 paths too where the processor has that."""
    name = "OVS native"
    caches = ("emc 1/100", "emc 1/1", "emc off", "smc")
    settings = caches + (tuple("avx512 " + c for c in caches) if has_avx512() else ())

    def change(self, setting):
        super().change(setting)
        self.vsctl("set", "Open_vSwitch", ".",
                   "other_config:smc-enable=%s" % ("true" if "smc" in setting else "false"))
        if has_avx512():
            self.vectorise("avx512" in setting)

    def vectorise(self, yes):
        self.appctl("dpif-netdev/dpif-impl-set", "dpif_avx512" if yes else "dpif_scalar")
        self.appctl("dpif-netdev/miniflow-parser-set", "study" if yes else "scalar")
        self.appctl("dpif-netdev/subtable-lookup-prio-set", "avx512_gather", "3" if yes else "0")


class Twin(Contestant):
    name = "twinpathd"
    build = None
    options = ()  # more of the daemon's
    numbers = {"i": 2, "o": 1}

    def cmd(self, *argv, timeout=90):
        return run(*argv, env={"TWINPATH_SOCKET": self.socket_path}, timeout=timeout)

    def dpctl(self, *args, timeout=90):
        return self.cmd(self.build + "/twinpath", "exec", "--", "ovs-dpctl", *args, timeout=timeout)

    def python(self, code, *args):
        """Run code that finds `s`, an open socket, and `dp`, the datapath."""
        return self.cmd(self.build + "/twinpath", "exec", "--", sys.executable, "-c",
                        "import sys; sys.path.insert(0, %r); import socket; from ovsnl import *; "
                        "s = Socket(); dp = socket.if_nametoindex('twb_dp'); %s" % (LIB, code),
                        *args)

    def attach(self, port):
        """By message: ovs-dpctl takes only ports that Linux shows."""
        self.python("s.vport_new(dp, sys.argv[1])", port)

    def launch_daemon(self):
        self.socket_path = os.path.join(self.folder, "ovs.sock")
        eal = ["--eal", " ".join(self.source.eal)] if self.source.eal else []
        self.proc = self.spawn([self.build + "/twinpathd", "--socket", self.socket_path,
                                "--workers", str(DUT_CPU), *self.options, *eal], cpu=None, env=self.source.env)
        wait_for("twinpathd", lambda: self.proc.poll() is not None or
                 os.path.exists(self.socket_path))

    def start_daemon(self):
        """The daemon with an empty datapath twb_dp."""
        self.launch_daemon()
        self.dpctl("add-dp", "twb_dp")

    def start(self):
        self.start_daemon()
        self.add_port("twb_null", sources.SINK)
        self.add_port("twb_src", self.source.device())

    def add_port(self, name, devargs):
        self.cmd(self.build + "/twinpath", "port", "add", name, devargs)
        self.attach(name)

    def add_meter(self):
        """Meter 0, which no traffic exceeds."""
        self.python("s.request('ovs_meter', METER_SET, dp, attr(METER_ID, u32(0)), "
                    "nest(METER_BANDS, nest(0, attr(BAND_TYPE, u32(1)), "
                    "attr(BAND_RATE, u32(4000000000)), attr(BAND_BURST, u32(4000000000)))))")

    def set_flows(self, flows):
        """Replace all flows: `flows` makes them from the port numbers."""
        self.dpctl("del-flows", "twb_dp")
        path = os.path.join(self.folder, "flows")
        with open(path, "w") as f:
            f.writelines("%s %s\n" % (match, actions) for match, actions in flows(self.numbers))
        self.dpctl("add-flows", "twb_dp", path, timeout=300)

    def sent(self):
        stats = json.loads(self.cmd(self.build + "/twinpath", "stats", "--json"))
        for port in stats["ports"]:
            if port["name"] == "twb_null":
                return port["tx_packets"]
        raise Failed("port twb_null is not in the statistics")
