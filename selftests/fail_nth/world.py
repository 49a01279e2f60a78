# SPDX-License-Identifier: BSD-3-Clause
"""What commands are tried on: datapaths and devices, and all that can be told of them."""
import errno
import fcntl
import os
import socket
import struct
import subprocess

import ovsnl
from ovslang import act, key
from ovsnl import DUMP, Socket, attr, string, u32

METERS = range(1, 4)
# Of more flows than this only the number is state: reading them all takes too long.
LISTED_FLOWS = 500
BUFFER = bytearray(1 << 17)

# <linux/rtnetlink.h>, <linux/if_link.h>, <linux/if_tun.h>
RTM_GETLINK, IFLA_IFNAME, IFLA_MASTER, IFLA_PROMISCUITY = 18, 3, 10, 30
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000


def ip(*commands):
    subprocess.run(['ip', '-batch', '-'], input='\n'.join(commands), text=True, check=True)


def open_tap(name):
    """A TAP device: what is written to it arrives within write()."""
    tap = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TAP | IFF_NO_PI))
    ip(f'link set {name} up')
    return tap


def received(sock):
    """Messages that wait at a socket, and the errors that it reports."""
    found = []
    while True:
        try:
            length = sock.sock.recv_into(BUFFER, 0, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return found
        except OSError as error:
            found.append(error)
            continue
        found.append(bytes(BUFFER[:length]))


def shape(data):
    """What a message is, without the numbers that differ from run to run."""
    message = ovsnl.Message(data)
    if message.error is not None:
        return ('error', message.error)
    return (message.cmd, [(kind, len(value)) for kind, value in message.attributes])


class Answers:
    """What came of a request at one socket."""

    def __init__(self, found):
        self.lost = any(isinstance(item, OSError) and item.errno == errno.ENOBUFS
                        for item in found)
        self.broken = [item.errno for item in found if isinstance(item, OSError)
                       and item.errno not in (errno.ENOBUFS, errno.ENOMEM)]
        self.failed = any(isinstance(item, OSError) and item.errno == errno.ENOMEM
                          for item in found)
        messages = [item for item in found if isinstance(item, bytes)]
        self.shapes = [shape(m.data) for data in messages for m in ovsnl.split(data)]
        self.errors = [rest[0] for name, *rest in self.shapes if name == 'error']

    @property
    def acknowledged(self):
        """0, an errno, or None when there was no acknowledgement."""
        return self.errors[-1] if self.errors else None


class World:
    """Datapath fn0 with ports of each type, flows, a meter and limits; requests to all families.

      fn0  port 0, i1 (1, internal), i2 (2, internal), t3 (3, a TAP device)
      d4   a device that is no port
    """

    def __init__(self):
        self.sock = Socket(timeout=60)
        self.listener = Socket()
        self.upcalls = Socket(receive_buffer=8 << 20)
        for family in ('ovs_datapath', 'ovs_vport', 'ovs_flow'):
            self.listener.join(family)
        for family in ('ovs_packet', 'ovs_meter', 'ovs_ct_limit'):
            self.sock.family(family)
        self.links = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        ip('link set lo up', 'link add d4 type dummy', 'link set d4 up')
        self.tap = open_tap('t3')
        self.dp = self.sock.dp_new('fn0').ifindex
        for number, name, kind in ((1, 'i1', ovsnl.INTERNAL), (2, 'i2', ovsnl.INTERNAL),
                                   (3, 't3', ovsnl.NETDEV)):
            self.sock.vport_new(self.dp, name, kind, (self.upcalls.pid,), number)
        ip('link set i1 up', 'link set i2 up')
        self.drain()

    def drain(self):
        for sock in (self.sock, self.listener, self.upcalls):
            received(sock)

    def message(self, family, cmd, *attributes, flags=0, dp=None):
        """A request, to fn0 unless `dp` says otherwise."""
        known = self.sock.family(family)
        return ovsnl.ovs(known.id, cmd, self.dp if dp is None else dp, *attributes,
                         flags=ovsnl.REQUEST | ovsnl.ACK | flags, version=known.version, seq=7)

    # State

    def state(self):
        """All that commands may change, as a list of tuples in a fixed order."""
        found = [('limits', self.limits())]
        for message in self.sock.dump('ovs_datapath', ovsnl.DP_GET):
            name = message.text(ovsnl.DP_NAME)
            masks = struct.unpack_from('=8xI', message.get(ovsnl.DP_MEGAFLOW_STATS))[0]
            flows = struct.unpack_from('=24xQ', message.get(ovsnl.DP_STATS))[0]
            found.append(('datapath', name, message.number(ovsnl.DP_USER_FEATURES),
                          message.number(ovsnl.DP_MASKS_CACHE_SIZE),
                          message.get(ovsnl.DP_PER_CPU_PIDS), f'{flows} flows', f'{masks} masks'))
            found += [(name, *port) for port in self.ports(message.ifindex)]
            if flows <= LISTED_FLOWS:
                found += [(name, *flow) for flow in self.flows(message.ifindex)]
            found += [(name, *meter) for meter in self.meters(message.ifindex)]
        return found + self.devices()

    def ports(self, dp):
        for message in self.sock.dump('ovs_vport', ovsnl.VPORT_GET, dp):
            yield ('port', message.number(ovsnl.VPORT_PORT_NO), message.number(ovsnl.VPORT_TYPE),
                   message.text(ovsnl.VPORT_NAME), message.get(ovsnl.VPORT_UPCALL_PID))

    def flows(self, dp):
        kept = (ovsnl.FLOW_KEY, ovsnl.FLOW_MASK, ovsnl.FLOW_ACTIONS, ovsnl.FLOW_UFID)
        return sorted(('flow', *(message.get(kind, b'') for kind in kept))
                      for message in self.sock.dump('ovs_flow', ovsnl.FLOW_GET, dp))

    def meters(self, dp):
        """Not their statistics: a packet that was lost on its way was metered before."""
        for number in METERS:
            try:
                answer = self.sock.request('ovs_meter', ovsnl.METER_GET, dp,
                                           attr(ovsnl.METER_ID, u32(number)))[0]
            except ovsnl.NlError:
                continue
            yield ('meter', number, answer.get(ovsnl.METER_BANDS))

    def limits(self):
        answer = self.sock.request('ovs_ct_limit', ovsnl.CT_LIMIT_GET)[0]
        return answer.get(ovsnl.CT_LIMIT_ZONE_LIMIT)

    def devices(self):
        """Linux's own view: a port that failed must not stay promiscuous, or have a master."""
        self.links.send(ovsnl.raw(RTM_GETLINK, bytes(16), ovsnl.REQUEST | DUMP, 1))
        names, found, done = dict(socket.if_nameindex()), [], False
        while not done:
            for message in ovsnl.split(self.links.recv(1 << 17)):
                done = message.kind == ovsnl.NLMSG_DONE
                if not done:
                    fields = dict(ovsnl.parse(message.payload[16:]))
                    master = fields.get(IFLA_MASTER)
                    found.append(('device', fields[IFLA_IFNAME].rstrip(b'\0').decode(),
                                  fields[IFLA_PROMISCUITY],
                                  master and names.get(int.from_bytes(master, 'little'))))
        return sorted(found, key=lambda device: device[1])

    # Changes

    def flood(self, count, kind=0x88B5, dp=None):
        """So many flows of one mask, quickly."""
        for start in range(0, count, 50):
            self.sock.send(b''.join(
                self.message('ovs_flow', ovsnl.FLOW_NEW, attr(ovsnl.FLOW_KEY, numbered(n, kind)),
                             attr(ovsnl.FLOW_ACTIONS, act.output(1)), flags=ovsnl.CREATE, dp=dp)
                for n in range(start, min(start + 50, count))))
            self.drain()

    def ifindex(self, name):
        return self.sock.dp_get(name).ifindex

    def stats(self):
        """(hit, missed, lost) of fn0"""
        return struct.unpack_from('=3Q', self.sock.dp_get('fn0').get(ovsnl.DP_STATS))


def numbered(number, kind=0x88B5):
    return key.in_port(1) + key.eth(bytes(6), struct.pack('!HI', 2, number)) + key.eth_type(kind)


def named(name):
    return attr(ovsnl.DP_NAME, string(name))
