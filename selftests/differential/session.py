# SPDX-License-Identifier: BSD-3-Clause
"""Random sessions: requests of all families that know what earlier ones of the session made.

A session sends datagrams of many requests. About half of the requests are then damaged in one
or two places. A request never depends on an answer but for the ifindex of a datapath, so that all
datapaths are asked the same. What can't be equal by design is not asked: see unfit().
"""
import copy
import random
import struct

import ovsnl
import packets as p
from grammar import NOBODIES, State, action_list, flow_key, flow_mask, number, some
from mutate import Node, encode, mutate, places
from ovslang import ACTION, KEY
from ovsnl import ACK, CREATE, ECHO, EXCL, REQUEST, string, u32, u64

BATCH = 24
REPLACE = ovsnl.REPLACE
UFIDS = [bytes([n]) * 16 for n in range(1, 6)] + [b'short', b'u', bytes(16), bytes(17), b'']
NO_DATAPATH = 99999
# ifindexes that a request may ask for, by device.
NAMES = ('dp0', 'dp1', 'int1', 'int2', 'int3', 'gone', 'fifteen-letters')
IFINDEXES = {string(name): 100001 + i for i, name in enumerate(NAMES)}


class Request:
    """One request: what it says, and how to send it."""

    def __init__(self, family, cmd, tree, flags=REQUEST | ACK, name=''):
        self.family = family
        self.cmd = cmd
        self.tree = tree
        self.flags = flags
        self.name = name or f'{family[4:]} {cmd}'
        self.dp = 'dp0'
        self.version = None
        self.cut = None

    def dump(self):
        return self.flags & ovsnl.DUMP == ovsnl.DUMP


def templates():
    """[(frame, State)] of packets to execute actions on."""
    found = []
    for eth_type, proto, payload in (
        (0x800, p.UDP, p.ipv4(p.UDP, p.udp(payload=bytes(18)))),
        (0x800, p.TCP, p.ipv4(p.TCP, p.tcp(payload=bytes(30)), ttl=1)),
        (0x800, p.ICMP, p.ipv4(p.ICMP, p.icmp())),
        (0x800, p.SCTP, p.ipv4(p.SCTP, p.sctp())),
        (0x86DD, p.UDP, p.ipv6(p.UDP, p.udp(p.IP6_A, p.IP6_B, payload=bytes(40)))),
        (0x86DD, p.TCP, p.ipv6(p.TCP, p.tcp(p.IP6_A, p.IP6_B), hlimit=1)),
        (0x86DD, p.ICMPV6, p.ipv6(p.ICMPV6, p.nd(options=p.nd_option(1)))),
        (0x806, 0, p.arp()),
        (0x9000, 0, bytes(46)),
        (0x8847, 0, bytes.fromhex('0006414000065140') + p.ipv4(p.UDP, p.udp())),
    ):
        for tags in ((), ((0x8100, 0x1005),)) if eth_type != 0x8847 else ((),):
            state = State()
            state.eth_type, state.proto, state.tags = eth_type, proto, len(tags)
            state.labels = 2 * (eth_type == 0x8847)
            state.execute = True
            first = tags[0][0] if tags else eth_type
            head = p.eth(first, b'')
            if tags:
                head += struct.pack('!HH', tags[0][1], eth_type)
            found.append((head + payload, state))
    return found


TEMPLATES = templates()


def unfit(request):
    """Does it speak of what no comparison can judge: words newer than the distribution's module,
    tunnel ports, meters that share a slot of its table, zones that its table puts in another order?
    Or of port types for which Linux looks for a module, which takes a second each?"""
    nodes = [(tree[index], path) for tree, index, path in places(request.tree)]
    for node, _ in nodes:
        data = node.payload()
        if (
            request.family == 'ovs_vport'
            and node.kind == ovsnl.VPORT_TYPE
            and data[:1] in b'\3\4\5'
        ):
            return True
        if request.family == 'ovs_meter' and node.kind == 1 and data[1:4].strip(b'\0'):
            return True
        if request.family == 'ovs_ct_limit' and any(
            0x200 <= int.from_bytes(data[at : at + 4], 'little') < 0x10000
            for at in range(0, len(data), 12)
        ):
            return True
        if node.kind in (24, 25) or (node.kind == ACTION['hash'] and data[:4] == u32(1)):
            return True
        if request.family == 'ovs_packet' and node.kind in (ACTION['hash'], ACTION['ct']):
            return True
    return request.family == 'ovs_packet' and any(
        path == f'/{ovsnl.PACKET_PACKET}' and len(node.payload()) < 34 for node, path in nodes
    )


class Session:
    """Makes requests; `t` is the scene."""

    def __init__(self, t, seed):
        self.t = t
        self.rng = random.Random(seed)
        self.rng.pids = (t.up1.pid, t.up2.pid)
        self.flows = []

    # Flows

    def identity(self, entry):
        """Attributes that name a flow."""
        tree, _, ufid = entry
        if ufid is None:
            return [Node(ovsnl.FLOW_KEY, tree)]
        with_key = some(self.rng, 0.3)
        return [Node(ovsnl.FLOW_UFID, ufid)] + [Node(ovsnl.FLOW_KEY, tree)] * with_key

    def omit(self):
        return [Node(ovsnl.FLOW_UFID_FLAGS, u32(self.rng.randrange(8)))] * some(self.rng, 0.25)

    def flow_new(self):
        rng = self.rng
        if self.flows and some(rng, 0.25):
            tree, mask, ufid = rng.choice(self.flows)
            state = State()
        else:
            tree, state = flow_key(rng)
            mask = flow_mask(rng, tree) if some(rng, 0.7) else None
            ufid = rng.choice(UFIDS) if some(rng, 0.4) else None
            self.flows.append((tree, mask, ufid))
        found = [Node(ovsnl.FLOW_UFID, ufid)] if ufid is not None else []
        found.append(Node(ovsnl.FLOW_KEY, tree))
        found += [Node(ovsnl.FLOW_MASK, mask)] if mask is not None else []
        found.append(Node(ovsnl.FLOW_ACTIONS, action_list(rng, state)))
        found += self.omit() + [Node(ovsnl.FLOW_PROBE)] * some(rng, 0.1)
        flags = REQUEST | ACK | CREATE | (ECHO if some(rng, 0.7) else 0)
        flags ^= rng.choice((0,) * 8 + (EXCL, CREATE, REPLACE))
        return Request('ovs_flow', ovsnl.FLOW_NEW, found, flags, 'flow new')

    def known_flow(self):
        return (
            self.rng.choice(self.flows[-40:]) if self.flows else (flow_key(self.rng)[0], None, None)
        )

    def flow_set(self):
        entry = self.known_flow()
        found = self.identity(entry)
        if some(self.rng, 0.7):
            state = State()
            if not any(node.kind == ovsnl.FLOW_KEY for node in found):
                found.append(Node(ovsnl.FLOW_KEY, entry[0]))
            found += [Node(ovsnl.FLOW_MASK, entry[1])] if entry[1] is not None else []
            found.append(Node(ovsnl.FLOW_ACTIONS, action_list(self.rng, state)))
        found += [Node(ovsnl.FLOW_CLEAR)] * some(self.rng, 0.2) + self.omit()
        flags = REQUEST | ACK | (ECHO if some(self.rng, 0.6) else 0)
        return Request('ovs_flow', ovsnl.FLOW_SET, found, flags, 'flow set')

    def flow_get(self):
        return Request(
            'ovs_flow',
            ovsnl.FLOW_GET,
            self.identity(self.known_flow()) + self.omit(),
            name='flow get',
        )

    def flow_del(self):
        found = self.identity(self.known_flow()) + self.omit()
        flags = REQUEST | ACK | (ECHO if some(self.rng, 0.5) else 0)
        return Request('ovs_flow', ovsnl.FLOW_DEL, found, flags, 'flow del')

    def flow_dump(self):
        flags = REQUEST | ACK | ovsnl.DUMP
        return Request('ovs_flow', ovsnl.FLOW_GET, self.omit(), flags, 'flow dump')

    # Packets

    def execute(self):
        frame, kept = self.rng.choice(TEMPLATES)
        state = copy.copy(kept)
        found = [Node(KEY['in_port'], u32(1))]
        for name, value in (('skb_mark', 0x55), ('priority', 3), ('recirc_id', 1)):
            found += [Node(KEY[name], u32(value))] * some(self.rng, 0.2)
        actions = action_list(self.rng, state)
        tree = [
            Node(ovsnl.PACKET_PACKET, frame),
            Node(ovsnl.PACKET_KEY, found),
            Node(ovsnl.PACKET_ACTIONS, actions),
        ]
        if some(self.rng, 0.2):
            tree.append(Node(ovsnl.PACKET_HASH, u64(number(self.rng, 0x300000001, bits=34))))
        return Request('ovs_packet', ovsnl.PACKET_EXECUTE, tree, name='execute')

    # Meters and limits

    def meter_set(self):
        rng = self.rng
        bands = []
        for _ in range(rng.choice((0, 1, 1, 1, 1, 1, 2))):
            band = [Node(1, u32(rng.choice((1, 1, 1, 1, 0, 2))))]
            band += [Node(2, u32(number(rng, 1, 1000, 0)))] * some(rng, 0.95)
            band += [Node(3, u32(number(rng, 0, 1000)))] * some(rng, 0.8)
            band += [Node(4, u64(1) + u64(2))] * some(rng, 0.3)
            bands.append(Node(number(rng, 1, 0, bits=8), band))
        tree = [Node(1, u32(self.meter_id()))] * some(rng, 0.97)
        tree += [Node(2)] * some(rng, 0.5) + [Node(6)] * some(rng, 0.3)
        tree += [Node(4, bands)] * some(rng, 0.97)
        return Request('ovs_meter', 2, tree, self.loud(), 'meter set')

    def meter_id(self):
        return self.rng.choice((0, 1, 2, 3, 1, 2, 3, 77))

    def loud(self):
        return REQUEST | ACK | (ECHO if some(self.rng, 0.3) else 0)

    def meter_other(self):
        cmd = self.rng.choice((1, 3, 4, 4))
        tree = [Node(1, u32(self.meter_id()))] * some(self.rng, 0.9)
        return Request('ovs_meter', cmd, tree, self.loud())

    def ct_limit(self):
        rng = self.rng
        cmd = rng.choice((1, 1, 2, 3, 3))
        zones = b''.join(
            struct.pack('=iII', rng.choice((-1, 0, 1, 2, 5, 511, 65536, -2)), number(rng, 0, 7), 0)
            for _ in range(rng.choice((0, 1, 1, 2, 3)))
        )
        tree = [Node(1, zones)] * some(rng, 0.9)
        return Request('ovs_ct_limit', cmd, tree, self.loud())

    # Datapaths and ports

    def dp_any(self):
        rng = self.rng
        cmd = rng.choice((1, 1, 2, 3, 3, 4, 4))
        tree = []
        request = Request('ovs_datapath', cmd, tree, self.loud())
        if cmd == 1 or some(rng, 0.5):
            name = rng.choice(('dp0', 'dp1', 'dp1', 'int1', 'gone'))
            tree.append(Node(ovsnl.DP_NAME, string(name)))
            request.dp = rng.choice((0, 0, 'dp0'))
        tree += [Node(ovsnl.DP_UPCALL_PID, u32(rng.choice(NOBODIES)))] * some(rng, 0.9)
        tree += [
            Node(ovsnl.DP_USER_FEATURES, u32(number(rng, 0, 1, 2, 3, 8, 9, 4, bits=5)))
        ] * some(rng, 0.7)
        tree += [Node(ovsnl.DP_MASKS_CACHE_SIZE, u32(number(rng, 0, 256, 4096, 3)))] * some(
            rng, 0.2
        )
        pids = b''.join(u32(rng.choice(NOBODIES)) for _ in range(rng.choice((0, 1, 2, 5))))
        tree += [Node(ovsnl.DP_PER_CPU_PIDS, pids)] * some(rng, 0.2)
        self.ask_ifindex(tree, ovsnl.DP_NAME, ovsnl.DP_IFINDEX, 0.15 * (cmd == 1))
        return request

    def dp_dump(self):
        return Request(
            'ovs_datapath', ovsnl.DP_GET, [], REQUEST | ACK | ovsnl.DUMP, 'datapath dump'
        )

    def ask_ifindex(self, tree, name_kind, kind, chance):
        """Each name has a number of its own, which stays with it: a trace has one name for it."""
        name = next((node for node in tree if node.kind == name_kind), None)
        if name and name.body in IFINDEXES and some(self.rng, chance):
            name.kept = True
            tree.append(Node(kind, u32(IFINDEXES[name.body]), True))

    def vport_any(self):
        rng = self.rng
        cmd = rng.choice((1, 1, 1, 2, 3, 4, 4))
        tree = []
        request = Request('ovs_vport', cmd, tree, self.loud())
        name = rng.choice(('int1', 'int2', 'int3', 'dp0', 'lo', 'gone', 'fifteen-letters'))
        request.dp = rng.choice(('dp0',) * 5 + ('dp1', 0))
        if cmd == 1 or some(rng, 0.6):
            tree.append(Node(ovsnl.VPORT_NAME, string(name)))
        if cmd == 1 or some(rng, 0.15):
            tree.append(Node(ovsnl.VPORT_TYPE, u32(rng.choice((2, 2, 2, 2, 1)))))
        if some(rng, 0.35 if cmd == 1 else 0.7):
            tree.append(
                Node(ovsnl.VPORT_PORT_NO, u32(number(rng, 0, 1, 2, 3, 65534, 65535, bits=16)))
            )
        pids = b''.join(u32(rng.choice(NOBODIES)) for _ in range(rng.choice((0, 1, 1, 1, 2, 3))))
        tree += [Node(ovsnl.VPORT_UPCALL_PID, pids)] * some(rng, 0.9 if cmd in (1, 4) else 0.2)
        self.ask_ifindex(tree, ovsnl.VPORT_NAME, ovsnl.VPORT_IFINDEX, 0.1)
        tree += [Node(ovsnl.VPORT_OPTIONS, [])] * some(rng, 0.04)
        if some(rng, 0.2):
            rng.shuffle(tree)
        return request

    def vport_dump(self):
        return Request('ovs_vport', ovsnl.VPORT_GET, [], REQUEST | ACK | ovsnl.DUMP, 'vport dump')

    # Damage

    def damage(self, request):
        """A damaged copy of the request that is still fit to be asked."""
        rng = self.rng
        changed = copy.copy(request)
        if some(rng, 0.12):
            self.damage_header(changed)
            return changed
        for _ in range(rng.choice((1, 1, 1, 2))):
            changed.tree, what = mutate(rng, changed.tree)
            changed.name += f', {what}'
        return request if unfit(changed) else changed

    def damage_header(self, request):
        rng = self.rng
        how = rng.choice(('version', 'cmd', 'dp', 'cut', 'flags'))
        if how == 'version':
            request.version = rng.choice((0, 1, 2, 3, 255))
        elif how == 'cmd' and not request.dump():
            request.cmd = rng.choice((0, 1, 2, 3, 4, 5, 255))
        elif how == 'dp':
            request.dp = rng.choice((0, NO_DATAPATH, -1))
        elif how == 'cut':
            request.cut = rng.randrange(16, 60)
        elif not request.dump():
            request.flags |= rng.choice((EXCL, CREATE, ECHO, 0x2, 0x10))
            request.flags ^= REPLACE if not request.flags & EXCL and some(rng, 0.5) else 0
        request.name += f', {how}'

    # The session

    def datagram(self, makers, weights, dumps):
        """The requests of one datagram; the last one may be a dump."""
        found = []
        for make in self.rng.choices(makers, weights, k=BATCH - 1):
            request = make()
            while unfit(request):
                request = make()
            found.append(self.damage(request) if some(self.rng, 0.5) else request)
        last = self.rng.choice(dumps)()
        return found + [self.damage(last) if some(self.rng, 0.2) else last]

    def message(self, request, devices):
        data = ovsnl.ovs(
            self.t.ids[request.family],
            request.cmd,
            devices.get(request.dp, NO_DATAPATH) if isinstance(request.dp, str) else request.dp,
            encode(request.tree),
            flags=request.flags,
            version=ovsnl.VERSIONS[request.family] if request.version is None else request.version,
            seq=self.t.seq(),
        )
        if request.cut is not None and request.cut < len(data):
            data = ovsnl.pad(u32(request.cut) + data[4 : request.cut])
        return f'{self.t.sequence} {request.name}', data

    def send(self, requests):
        devices = self.t.devices()
        self.t.send_many([self.message(request, devices) for request in requests])

    def flows_and_packets(self, datagrams):
        """Flows, packets, meters and limits on the datapath that is there."""
        self.send([Request('ovs_meter', 3, [Node(1, u32(n))]) for n in (0, 1, 2, 3, 77)])
        limits = b''.join(struct.pack('=iII', zone, 0, 0) for zone in (-1, 0, 1, 2, 5, 511))
        self.send([Request('ovs_ct_limit', 2, [Node(1, limits)])])
        makers = (
            self.flow_new,
            self.flow_set,
            self.flow_get,
            self.flow_del,
            self.execute,
            self.meter_set,
            self.meter_other,
            self.ct_limit,
        )
        for _ in range(datagrams):
            requests = self.datagram(makers, (12, 3, 2, 2, 4, 1, 1, 1), (self.flow_dump,))
            self.send(requests)

    def only_flows(self, datagrams):
        """Flows, most of them undamaged."""
        for _ in range(datagrams):
            found = [self.flow_new() for _ in range(BATCH)]
            self.send([self.damage(r) if some(self.rng, 0.15) else r for r in found])

    def datapaths_and_ports(self, datagrams):
        makers = (self.dp_any, self.vport_any)
        for _ in range(datagrams):
            self.send(self.datagram(makers, (2, 5), (self.vport_dump, self.dp_dump)))
