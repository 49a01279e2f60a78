# SPDX-License-Identifier: BSD-3-Clause
"""The programs that are measured: the same two virtual devices, one polling
core (CPU 1), everything else on CPU 0. Each can be frozen (SIGSTOP) while
another one is measured."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import traffic

DUT_CPU, OTHER_CPU = 1, 0
START_SECONDS = 60
LIB = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib")


class Failed(Exception):
    pass


def run(*argv, env=None, timeout=30):
    done = subprocess.run(argv, capture_output=True, text=True,
                          env={**os.environ, **(env or {})}, timeout=timeout)
    if done.returncode:
        raise Failed("%s: exit %d: %s" % (" ".join(argv), done.returncode,
                                          (done.stderr or done.stdout).strip()))
    return done.stdout


def wait_for(what, probe, seconds=START_SECONDS):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if probe():
            return
        time.sleep(0.1)
    raise Failed("timed out: " + what)


class NoSource:
    """For a daemon without traffic."""
    eal = []
    env = {}


class PcapSource:
    """A pcap file that is received for ever: each packet is copied."""
    name = "net_pcap"
    eal = []
    env = {}

    def __init__(self, folder, flows):
        self.path = os.path.join(folder, "udp.pcap")
        traffic.write_pcap(self.path, flows)

    def device(self):
        return "net_pcap_twb,rx_pcap=%s,infinite_rx=1" % self.path


class FillSource:
    """Headers written into what a null device receives: nothing is copied."""
    name = "fill"
    plugin = None

    def __init__(self, _folder, flows):
        self.eal = ["-d", self.plugin]
        self.env = {"TWBENCH_FLOWS": str(flows), "TWBENCH_CPU": str(OTHER_CPU)}

    def device(self):
        return "net_null_fill,size=60"


class Contestant:
    """A forwarding process that receives from `source` and sends to a null
    device."""

    def __init__(self, folder, source):
        self.folder = os.path.join(folder, self.name)
        os.makedirs(self.folder)
        self.source = source
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

    def window(self, seconds, settle=0.4):
        """Packets a second that left through the null device."""
        self.thaw()
        time.sleep(settle)
        before, start = self.sent(), time.monotonic()
        time.sleep(seconds)
        after, end = self.sent(), time.monotonic()
        self.freeze()
        return (after - before) / (end - start)


class Testpmd(Contestant):
    name = "testpmd io"

    def start(self):
        prefix = "twbench-testpmd-%d" % os.getpid()
        self.proc = self.spawn(
            ["dpdk-testpmd", "-l", "%d,%d" % (OTHER_CPU, DUT_CPU), "--main-lcore", str(OTHER_CPU),
             "--no-pci", "--file-prefix", prefix,
             *self.source.eal,
             "--vdev", self.source.device(), "--vdev", "net_null0,no-rx=1",
             "--", "--forward-mode=io", "--total-num-mbufs=262144", "--nb-cores=1",
             "--no-flush-rx", "--auto-start", "-i"],
            cpu=None, stdin=subprocess.PIPE, env=self.source.env)
        self.socket_path = "/var/run/dpdk/%s/dpdk_telemetry.v2" % prefix
        wait_for("testpmd", lambda: self.proc.poll() is not None or self.connect())
        wait_for("testpmd to forward", lambda: self.sent() > 0)

    def connect(self):
        try:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.sock.settimeout(5)
            self.sock.connect(self.socket_path)
            self.sock.recv(1024)
            return True
        except OSError:
            return False

    def sent(self):
        self.sock.send(b"/ethdev/stats,1")
        reply = json.loads(self.sock.recv(16384))["/ethdev/stats"]
        return reply["opackets"] if reply else 0


class Ovs(Contestant):
    """Debian's Open vSwitch with its DPDK datapath."""
    name = "OVS-DPDK 3.1"
    binary = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk"
    options = {}

    def vsctl(self, *args):
        return run("ovs-vsctl", "--db=unix:" + self.db, "--timeout=30", *args)

    def appctl(self, *args):
        return run("ovs-appctl", "-t", self.ctl, *args)

    def start(self):
        run_dir = self.folder
        self.db = os.path.join(run_dir, "db.sock")
        self.ctl = os.path.join(run_dir, "vswitchd.ctl")
        conf = os.path.join(run_dir, "conf.db")
        env = {"OVS_RUNDIR": run_dir, "OVS_LOGDIR": run_dir, "OVS_DBDIR": run_dir,
               **self.source.env}
        run("ovsdb-tool", "create", conf, "/usr/share/openvswitch/vswitch.ovsschema")
        self.spawn(["ovsdb-server", conf, "--remote=punix:" + self.db,
                    "--unixctl=" + os.path.join(run_dir, "ovsdb.ctl")], env=env)
        wait_for("ovsdb-server", lambda: os.path.exists(self.db))
        extra = " ".join(["--no-pci --file-prefix=twbench-ovs-%d" % os.getpid(), *self.source.eal])
        self.vsctl("--no-wait", "init", "--", "set", "Open_vSwitch", ".",
                   "other_config:dpdk-init=true", "other_config:dpdk-extra=" + extra,
                   "other_config:dpdk-lcore-mask=%#x" % (1 << OTHER_CPU),
                   "other_config:pmd-cpu-mask=%#x" % (1 << DUT_CPU),
                   "other_config:max-idle=10000000", "other_config:dpdk-socket-mem=1024",
                   *["other_config:%s=%s" % o for o in self.options.items()])
        self.spawn([self.binary, "unix:" + self.db, "--unixctl=" + self.ctl,
                    "--log-file=" + os.path.join(run_dir, "ovs.log")], env=env)
        wait_for("ovs-vswitchd", lambda: os.path.exists(self.ctl))
        self.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev",
                   "fail-mode=secure")
        self.vsctl("add-port", "br0", "p0", "--", "set", "interface", "p0", "type=dpdk",
                   "ofport_request=1",
                   "options:dpdk-devargs=" + self.source.device())
        self.vsctl("add-port", "br0", "p1", "--", "set", "interface", "p1", "type=dpdk",
                   "ofport_request=2", "options:dpdk-devargs=net_null0,no-rx=1")
        mgmt = "unix:" + os.path.join(run_dir, "br0.mgmt")
        run("ovs-ofctl", "add-flow", mgmt, "in_port=1,udp,tp_dst=80,actions=output:2")
        wait_for("OVS-DPDK to forward", lambda: self.sent() > 0)

    def sent(self):
        shown = self.appctl("dpctl/show", "-s", "netdev@ovs-netdev")
        port = shown[shown.index(": p1 "):]
        return int(re.search(r"TX packets:(\d+)", port).group(1))


class Twin(Contestant):
    name = "twinpathd"
    build = None

    def cmd(self, *argv):
        return run(*argv, env={"TWINPATH_SOCKET": self.socket_path})

    def dpctl(self, *args):
        return self.cmd(self.build + "/twinpath", "exec", "--", "ovs-dpctl", *args)

    def attach(self, port):
        """By message: ovs-dpctl takes only ports that Linux shows."""
        self.cmd(self.build + "/twinpath", "exec", "--", sys.executable, "-c",
                 "import sys; sys.path.insert(0, %r); import socket, ovsnl; "
                 "ovsnl.Socket().vport_new(socket.if_nametoindex('twb_dp'), %r)" % (LIB, port))

    def launch_daemon(self):
        self.socket_path = os.path.join(self.folder, "ovs.sock")
        eal = ["--eal", " ".join(self.source.eal)] if self.source.eal else []
        self.proc = self.spawn([self.build + "/twinpathd", "--socket", self.socket_path,
                                "--workers", str(DUT_CPU), *eal], cpu=None, env=self.source.env)
        wait_for("twinpathd", lambda: self.proc.poll() is not None or
                 os.path.exists(self.socket_path))

    def start_daemon(self):
        """The daemon with an empty datapath twb_dp."""
        self.launch_daemon()
        self.dpctl("add-dp", "twb_dp")

    def start(self):
        self.start_daemon()
        self.cmd(self.build + "/twinpath", "port", "add", "twb_src", self.source.device())
        self.cmd(self.build + "/twinpath", "port", "add", "twb_null", "net_null_twb0,no-rx=1")
        self.attach("twb_null")
        self.dpctl("add-flow", "twb_dp",
                   "in_port(2),eth(),eth_type(0x0800),ipv4(proto=17,frag=no),udp(dst=80)", "1")
        self.attach("twb_src")
        wait_for("twinpathd to forward", lambda: self.sent() > 0)

    def sent(self):
        stats = json.loads(self.cmd(self.build + "/twinpath", "stats", "--json"))
        for port in stats["ports"]:
            if port["name"] == "twb_null":
                return port["tx_packets"]
        raise Failed("port twb_null is not in the statistics")


