# SPDX-License-Identifier: BSD-3-Clause
"""The commands, each with what takes its success back.

`prepare` makes what the command needs, `request` builds its message, `undo` takes a success back,
`clean` removes what `prepare` made. A command that changes nothing has no `undo`. `codes`: what a lack
of memory may be called.
"""
import errno
import struct
from dataclasses import dataclass
from typing import Callable

import ovsnl
from ovslang import act, key, tun
from ovsnl import CREATE, DUMP, ECHO, attr, string, u16, u32
from world import World, ip, named, numbered

COMMANDS = []
A, B = bytes((2, 0, 0, 0, 0, 1)), bytes((2, 0, 0, 0, 0, 2))
IPV4 = key.in_port(1) + key.eth(A, B) + key.eth_type(0x800) + key.ipv4('10.0.0.1', '10.0.0.2', 17)
TUNNEL = key.tunnel(tun.id(7) + tun.ipv4('192.0.2.1', '192.0.2.2') + tun.ttl(64) +
                    tun.geneve(bytes.fromhex('0102030100000000')))
NSH = key.nsh_base(0, 63, 1, 3, 0x5FF) + key.nsh_md1(1, 2, 3, 4)
UFID = bytes(range(16))


def nothing(_world):
    pass


@dataclass
class Command:
    name: str
    request: Callable[[World], bytes]
    undo: Callable[[World], None] = nothing
    prepare: Callable[[World], None] = nothing
    clean: Callable[[World], None] = nothing
    dump: bool = False
    codes: tuple[int, ...] = (errno.ENOMEM, errno.ENOBUFS)
    dense: int = 1 << 20  # of the allocations after this many one in a hundred


def command(name, request, **more):
    COMMANDS.append(Command(name, request, **more))


# A network device whose name finds no memory is refused by the driver core with EINVAL.
DEVICE_CODES = (errno.ENOMEM, errno.ENOBUFS, errno.EINVAL)

# Datapaths


def dp_new(*attributes, features=ovsnl.F_UNALIGNED):
    wanted = (named('fn1'), attr(ovsnl.DP_UPCALL_PID, u32(0)),
              attr(ovsnl.DP_USER_FEATURES, u32(features)), *attributes)
    return lambda world: world.message('ovs_datapath', ovsnl.DP_NEW, *wanted, flags=ECHO, dp=0)


def second_datapath(world):
    """fn1 with a port of each type, flows and a meter."""
    dp = world.sock.dp_new('fn1').ifindex
    world.sock.vport_new(dp, 'j1', ovsnl.INTERNAL)
    world.sock.vport_new(dp, 'd4', ovsnl.NETDEV)
    world.sock.flow_new(dp, IPV4 + key.udp(1, 2), act.set(TUNNEL) + act.output(1))
    world.flood(10, dp=dp)
    world.sock.request('ovs_meter', ovsnl.METER_SET, dp, attr(ovsnl.METER_ID, u32(1)), band(10))


def without_second(world):
    world.sock.dp_del(world.ifindex('fn1'))


def dp_set(world, features, cache, pids):
    pids = b''.join(map(u32, pids))
    return world.message('ovs_datapath', ovsnl.DP_SET, attr(ovsnl.DP_USER_FEATURES, u32(features)),
                         attr(ovsnl.DP_MASKS_CACHE_SIZE, u32(cache)),
                         attr(ovsnl.DP_PER_CPU_PIDS, pids), flags=ECHO)


def dp_reset(world):
    for features, pids in ((ovsnl.F_PER_CPU, (1, 1)), (ovsnl.F_UNALIGNED | ovsnl.F_VPORT_PIDS, ())):
        world.sock.dp_set(world.dp, features, attr(ovsnl.DP_MASKS_CACHE_SIZE, u32(256)),
                          *([attr(ovsnl.DP_PER_CPU_PIDS, b''.join(map(u32, pids)))] if pids else ()))


command('datapath NEW', dp_new(), undo=without_second, codes=DEVICE_CODES)
command('datapath NEW, upcalls by CPU',
        dp_new(attr(ovsnl.DP_PER_CPU_PIDS, u32(1) * 2), features=ovsnl.F_PER_CPU), undo=without_second,
        codes=DEVICE_CODES)
command('datapath SET', lambda world: dp_set(world, ovsnl.F_PER_CPU, 512, (5, 6)), undo=dp_reset,
        prepare=dp_reset)
command('datapath GET', lambda world: world.message('ovs_datapath', ovsnl.DP_GET, named('fn0'), dp=0))
command('datapath dump', lambda world: world.message('ovs_datapath', ovsnl.DP_GET, flags=DUMP, dp=0),
        dump=True)
command('datapath DEL', lambda world: world.message('ovs_datapath', ovsnl.DP_DEL, named('fn1'),
                                                    flags=ECHO, dp=0),
        prepare=second_datapath, undo=second_datapath, clean=without_second)

# Ports


def vport_new(name, kind, pids=(0,)):
    wanted = (attr(ovsnl.VPORT_NAME, string(name)), attr(ovsnl.VPORT_TYPE, u32(kind)),
              attr(ovsnl.VPORT_PORT_NO, u32(700)),
              attr(ovsnl.VPORT_UPCALL_PID, b''.join(map(u32, pids))))
    return lambda world: world.message('ovs_vport', ovsnl.VPORT_NEW, *wanted, flags=ECHO)


def without_port(world):
    world.sock.vport_del(world.dp, 700)


def port(cmd, *attributes, number=1):
    return lambda world: world.message('ovs_vport', cmd, attr(ovsnl.VPORT_PORT_NO, u32(number)),
                                       *attributes, flags=ECHO)


def with_port(name, kind):
    return lambda world: world.sock.vport_new(world.dp, name, kind, number=700)


command('vport NEW, internal', vport_new('i9', ovsnl.INTERNAL), undo=without_port, codes=DEVICE_CODES)
command('vport NEW, internal, two port ids', vport_new('i9', ovsnl.INTERNAL, (1, 2)),
        undo=without_port, codes=DEVICE_CODES)
command('vport NEW, netdev', vport_new('d4', ovsnl.NETDEV), undo=without_port)
command('vport SET', port(ovsnl.VPORT_SET, attr(ovsnl.VPORT_UPCALL_PID, u32(7) * 2)),
        undo=lambda world: world.sock.vport_set_pids(world.dp, 1, (world.upcalls.pid,)))
command('vport GET by name', lambda world: world.message(
    'ovs_vport', ovsnl.VPORT_GET, attr(ovsnl.VPORT_NAME, string('t3'))))
command('vport GET by number', port(ovsnl.VPORT_GET))
command('vport dump', lambda world: world.message('ovs_vport', ovsnl.VPORT_GET, flags=DUMP), dump=True)
command('vport DEL, internal', port(ovsnl.VPORT_DEL, number=700), prepare=with_port('i9', ovsnl.INTERNAL),
        undo=with_port('i9', ovsnl.INTERNAL), clean=without_port)
command('vport DEL, netdev', port(ovsnl.VPORT_DEL, number=700), prepare=with_port('d4', ovsnl.NETDEV),
        undo=with_port('d4', ovsnl.NETDEV), clean=without_port)

# Flows

INNER = act.output(2) + act.trunc(60) + act.output(3)
FLOWS = {
    'a key alone': (IPV4 + key.udp(1, 2), act.output(2)),
    'a mask': (IPV4 + key.udp(1, 2), act.output(2), key.in_port(0xFFFFFFFF) + key.eth(bytes(6), bytes(6)) +
               key.eth_type(0xFFFF) + key.ipv4('255.0.0.0', '0.0.0.0', 0xFF, 0, 0)),
    'tunnel options': (TUNNEL + numbered(1), act.output(2)),
    'NSH': (key.in_port(1) + key.eth(A, B) + key.eth_type(0x894F) + key.nsh(NSH), act.pop_nsh()),
    'connection tracking': (
        key.ct_state(0x21) + key.ct_zone(5) + key.ct_mark(9) + key.ct_labels(bytes(16)) + IPV4 +
        key.udp(1, 2), act.ct_clear() + act.output(2)),
    'set(tunnel)': (numbered(1), act.set(TUNNEL) + act.output(2)),
    'many set(tunnel)': (numbered(1), (act.set(TUNNEL) + act.output(2)) * 5),
    'ct': (IPV4 + key.udp(1, 2), act.ct(attr(1), attr(2, u16(5)), attr(3, u32(7) * 2), attr(4, b'\1' * 32)) + act.output(2)),
    'sample': (numbered(1), act.sample(1 << 30, act.set(TUNNEL), act.userspace(1, b'sample'))),
    'clone': (numbered(1), act.clone(act.set(TUNNEL), act.clone(INNER)) + INNER),
    'check_pkt_len': (numbered(1), act.check_pkt_len(100, INNER, act.set(TUNNEL) + INNER)),
    'dec_ttl': (IPV4 + key.udp(1, 2), act.dec_ttl(act.set(TUNNEL), INNER) + act.output(2)),
    'userspace': (numbered(1), act.userspace(1, bytes(64), True) + act.output(2)),
    'headers': (IPV4 + key.udp(1, 2), act.push_mpls(0x10140) + act.pop_mpls(0x800) +
                act.push_vlan(0x1005) + act.pop_vlan() + act.push_nsh(NSH)),
    'psample and drop': (numbered(1), act.psample(1, b'cookie') + act.meter(1) + act.drop(1)),
    'a long list': (numbered(1), act.output(2) * 3000),
}


def flow_new(flow_key, actions, mask=None, ufid=b'', flags=CREATE | ECHO):
    wanted = [attr(ovsnl.FLOW_KEY, flow_key), attr(ovsnl.FLOW_ACTIONS, actions)]
    wanted += [attr(ovsnl.FLOW_MASK, mask)] if mask else []
    wanted += [attr(ovsnl.FLOW_UFID, ufid)] if ufid else []
    return lambda world: world.message('ovs_flow', ovsnl.FLOW_NEW, *wanted, flags=flags)


def without_flows(world):
    world.sock.flow_del(world.dp)


def put(flow_key, actions, mask=None, ufid=None):
    return lambda world: world.sock.flow_new(world.dp, flow_key, actions, mask, ufid)


def without_flow(flow_key=None, ufid=None):
    return lambda world: world.sock.flow_del(world.dp, flow_key, ufid)


def flow(cmd, *attributes, flags=ECHO):
    return lambda world: world.message('ovs_flow', cmd, *attributes, flags=flags)


def some_flows(world):
    """One of most kinds; none so long that a dump without memory for the usual room leaves it out."""
    for number, (flow_key, actions, *mask) in enumerate(FLOWS.values()):
        if len(actions) > 4096:
            continue
        if flow_key == numbered(1):
            world.sock.flow_new(world.dp, numbered(100 + number), actions)
        elif not flow_key.startswith(IPV4):
            world.sock.flow_new(world.dp, flow_key, actions, *mask)


def full_table(world):
    """As many flows as there are slots, so that the next one needs more of everything."""
    world.flood(1024)


def full_masks(world):
    """As many masks as the array has room for: this many bits of a UDP port."""
    for bits in range(16):
        mask = key.in_port(0xFFFFFFFF) + key.eth_type(0xFFFF) + key.udp(0, 0xFFFF & ~((1 << bits) - 1))
        world.sock.flow_new(world.dp, IPV4 + key.udp(1, 1 << 15 | 1 << bits), act.output(2),
                            mask + key.eth(bytes(6), bytes(6)) + key.ipv4('0.0.0.0', '0.0.0.0', 0xFF, 0, 0))


for title, (its_key, its_actions, *its_mask) in FLOWS.items():
    command(f'flow NEW, {title}', flow_new(its_key, its_actions, *its_mask), undo=without_flow(its_key))
command('flow NEW by UFID', flow_new(*FLOWS['a mask'], UFID), undo=without_flow(ufid=UFID))
command('flow NEW, the table grows', flow_new(numbered(5000), act.output(1)), prepare=full_table,
        undo=without_flow(numbered(5000)), clean=without_flows)
command('flow NEW, the masks grow', flow_new(*FLOWS['a mask']), prepare=full_masks,
        undo=without_flow(FLOWS['a mask'][0]), clean=without_flows)
command('flow NEW of one that is there', flow_new(*FLOWS['set(tunnel)'], flags=ECHO),
        prepare=put(numbered(1), act.output(2)), undo=lambda world: world.sock.request(
            'ovs_flow', ovsnl.FLOW_SET, world.dp, attr(ovsnl.FLOW_KEY, numbered(1)),
            attr(ovsnl.FLOW_ACTIONS, act.output(2))), clean=without_flows)
command('flow SET', flow(ovsnl.FLOW_SET, attr(ovsnl.FLOW_KEY, numbered(1)),
                         attr(ovsnl.FLOW_ACTIONS, FLOWS['clone'][1])),
        prepare=put(numbered(1), act.output(2)), undo=lambda world: world.sock.request(
            'ovs_flow', ovsnl.FLOW_SET, world.dp, attr(ovsnl.FLOW_KEY, numbered(1)),
            attr(ovsnl.FLOW_ACTIONS, act.output(2))), clean=without_flows)
command('flow SET, statistics cleared', flow(ovsnl.FLOW_SET, attr(ovsnl.FLOW_KEY, numbered(1)),
                                             attr(ovsnl.FLOW_CLEAR)),
        prepare=put(numbered(1), act.output(2)), clean=without_flows)
command('flow GET', flow(ovsnl.FLOW_GET, attr(ovsnl.FLOW_KEY, numbered(1))),
        prepare=put(*FLOWS['sample']), clean=without_flows)
command('flow GET by UFID', flow(ovsnl.FLOW_GET, attr(ovsnl.FLOW_UFID, UFID)),
        prepare=put(*FLOWS['a mask'], UFID), clean=without_flows)
command('flow dump', flow(ovsnl.FLOW_GET, flags=DUMP), prepare=some_flows, clean=without_flows, dump=True)
command('flow dump, many', flow(ovsnl.FLOW_GET, flags=DUMP), prepare=lambda world: world.flood(300),
        clean=without_flows, dump=True)
command('flow dump, terse', flow(ovsnl.FLOW_GET, attr(ovsnl.FLOW_UFID_FLAGS, u32(7)), flags=DUMP),
        prepare=put(*FLOWS['a mask'], UFID), clean=without_flows, dump=True)
command('flow DEL', flow(ovsnl.FLOW_DEL, attr(ovsnl.FLOW_KEY, numbered(1))),
        prepare=put(*FLOWS['set(tunnel)']), undo=put(*FLOWS['set(tunnel)']), clean=without_flows)
command('flow DEL by UFID', flow(ovsnl.FLOW_DEL, attr(ovsnl.FLOW_UFID, UFID)),
        prepare=put(*FLOWS['a mask'], UFID), undo=put(*FLOWS['a mask'], UFID), clean=without_flows)
command('flow DEL of all', flow(ovsnl.FLOW_DEL), prepare=some_flows, undo=some_flows, clean=without_flows)
# The checkers allocate for each flow that is freed; the command's own allocations come first.
command('flow DEL of a table that grew', flow(ovsnl.FLOW_DEL), prepare=lambda world: world.flood(1100),
        undo=lambda world: world.flood(1100), clean=without_flows, dense=40)

# Meters and limits


def band(rate):
    return attr(ovsnl.METER_BANDS, attr(0, attr(ovsnl.BAND_TYPE, u32(ovsnl.BAND_DROP)) +
                                        attr(ovsnl.BAND_RATE, u32(rate)) + attr(ovsnl.BAND_BURST, u32(rate))))


def meter(cmd, *attributes, number=1):
    return lambda world: world.message('ovs_meter', cmd, attr(ovsnl.METER_ID, u32(number)), *attributes)


def meter_there(world):
    world.sock.transact(meter(ovsnl.METER_SET, band(10))(world))


def meter_gone(world):
    world.sock.transact(meter(ovsnl.METER_DEL)(world))


def limits(cmd, *zones):
    entries = b''.join(struct.pack('=iII', zone, limit, 0) for zone, limit in zones)
    more = [attr(ovsnl.CT_LIMIT_ZONE_LIMIT, entries)] if zones else []
    return lambda world: world.message('ovs_ct_limit', cmd, *more, dp=0)


# Far apart: each zone needs memory of its own.
ZONES = ((ovsnl.DEFAULT_ZONE, 9), (3, 10), (20000, 11), (65535, 12))


def limits_there(world):
    world.sock.transact(limits(ovsnl.CT_LIMIT_SET, *ZONES)(world))


def limits_gone(world):
    world.sock.transact(limits(ovsnl.CT_LIMIT_DEL, *ZONES)(world))


command('meter FEATURES', lambda world: world.message('ovs_meter', ovsnl.METER_FEATURES))
command('meter SET', meter(ovsnl.METER_SET, band(20)), undo=meter_gone)
# What a band lets through can't be asked for; how many bands there are, can.
command('meter SET of one that is there', meter(ovsnl.METER_SET, attr(ovsnl.METER_CLEAR), attr(ovsnl.METER_BANDS)),
        prepare=meter_there, undo=meter_there, clean=meter_gone)
command('meter GET', meter(ovsnl.METER_GET), prepare=meter_there, clean=meter_gone)
command('meter DEL', meter(ovsnl.METER_DEL), prepare=meter_there, undo=meter_there, clean=meter_gone)
command('ct_limit SET', limits(ovsnl.CT_LIMIT_SET, *ZONES), undo=limits_gone)
command('ct_limit GET', limits(ovsnl.CT_LIMIT_GET), prepare=limits_there, clean=limits_gone)
command('ct_limit GET of zones', limits(ovsnl.CT_LIMIT_GET, *ZONES))
command('ct_limit DEL', limits(ovsnl.CT_LIMIT_DEL, *ZONES), prepare=limits_there, undo=limits_there,
        clean=limits_gone)
