# SPDX-License-Identifier: BSD-3-Clause
"""An Open vSwitch of a contestant's own: its database and sockets are in the contestant's folder, and
its processes are the contestant's."""
import os

from processes import run, wait_for

# An action that looks at addresses: a flow for each connection between others.
EXACT = "actions=multipath(symmetric_l4,0,hrw,2,0,NXM_NX_REG0[])"
SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"


class WithVswitchd:
    """For a Contestant."""

    @property
    def db(self):
        return os.path.join(self.folder, "db.sock")

    @property
    def ctl(self):
        return os.path.join(self.folder, "vswitchd.ctl")

    def ovs_env(self, env):
        return {"OVS_RUNDIR": self.folder, "OVS_LOGDIR": self.folder, "OVS_DBDIR": self.folder, **env}

    def start_database(self, *settings, env=None):
        """settings: columns of the table Open_vSwitch, "other_config:NAME=VALUE"."""
        conf = os.path.join(self.folder, "conf.db")
        run("ovsdb-tool", "create", conf, SCHEMA)
        self.spawn(["ovsdb-server", conf, "--remote=punix:" + self.db,
                    "--unixctl=" + os.path.join(self.folder, "ovsdb.ctl")], env=self.ovs_env(env or {}))
        wait_for("ovsdb-server", lambda: os.path.exists(self.db))
        self.vsctl("--no-wait", "init", "--", "set", "Open_vSwitch", ".", *settings)

    def start_vswitchd(self, *argv, env=None):
        """argv: the program, and what starts it. Returns its process."""
        proc = self.spawn([*argv, "unix:" + self.db, "--unixctl=" + self.ctl,
                           "--log-file=" + os.path.join(self.folder, "ovs.log")], env=self.ovs_env(env or {}))
        wait_for("ovs-vswitchd", lambda: proc.poll() is not None or os.path.exists(self.ctl))
        return proc

    def vsctl(self, *args):
        return run("ovs-vsctl", "--db=unix:" + self.db, "--timeout=90", *args)

    def appctl(self, *args, timeout=90):
        return run("ovs-appctl", "-t", self.ctl, *args, timeout=timeout)

    def openflow(self, command, bridge, *args):
        run("ovs-ofctl", "-O", "OpenFlow13", command,
            "unix:%s/%s.mgmt" % (self.folder, bridge), *args)
