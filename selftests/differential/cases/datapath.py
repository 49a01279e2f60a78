# SPDX-License-Identifier: BSD-3-Clause
"""The datapath family: features, upcall pids, names, notifications, dumps."""
import ovsnl
from ovsnl import ACK, DP_DEL, DP_GET, DP_NEW, DP_SET, ECHO, REQUEST, attr, u32
from ovslang import act, key
from packets import A, B
from scene import case, name_attr, vport_name

PID = attr(ovsnl.DP_UPCALL_PID, u32(0))
LOUD = REQUEST | ACK | ECHO


def features(bits):
    return attr(ovsnl.DP_USER_FEATURES, u32(bits))


def pids(*numbers):
    return attr(ovsnl.DP_PER_CPU_PIDS, b''.join(map(u32, numbers)))


@case('datapath/new/features', 'bare')
def new_features(t):
    for bits in (0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 15, 16, 0x80000000, 0x80000003, 0xFFFFFFFF):
        got = t.dp_ask(
            DP_NEW, name_attr('dp1'), PID, features(bits), flags=LOUD, label=f'features {bits:#x}'
        )
        if any(name == 'events' for name, _ in got):
            t.dp_ask(DP_DEL, name_attr('dp1'), flags=LOUD, label='delete it')


@case('datapath/new/no-features', 'bare')
def no_features(t):
    t.dp_ask(DP_NEW, name_attr('dp1'), PID, flags=LOUD, label='new')
    t.dp_ask(DP_GET, name_attr('dp1'), label='get')


@case('datapath/new/acknowledgements', 'bare')
def acknowledgements(t):
    for flags in (REQUEST, REQUEST | ACK, REQUEST | ECHO, LOUD):
        t.dp_ask(DP_NEW, name_attr('dp1'), PID, flags=flags, label=f'new, flags {flags:#x}')
        t.dp_ask(DP_SET, name_attr('dp1'), features(3), flags=flags, label=f'set, flags {flags:#x}')
        t.dp_ask(DP_DEL, name_attr('dp1'), flags=flags, label=f'del, flags {flags:#x}')


@case('datapath/new/upcall-pid', 'bare')
def upcall_pid(t):
    """The pid of a new datapath is its local port's."""
    t.dp_ask(
        DP_NEW,
        name_attr('dp1'),
        attr(ovsnl.DP_UPCALL_PID, u32(t.up1.pid)),
        features(3),
        label='new',
    )
    t.vport_ask(ovsnl.VPORT_GET, vport_name('dp1'), dp=0, label='its local port')
    t.dp_ask(
        DP_NEW,
        name_attr('dp2'),
        attr(ovsnl.DP_UPCALL_PID, u32(t.up1.pid) + u32(t.up2.pid)),
        features(3),
        label='two pids',
    )
    t.vport_ask(ovsnl.VPORT_GET, vport_name('dp2'), dp=0, label='its local port')
    t.dp_ask(
        DP_NEW,
        name_attr('dp3'),
        attr(ovsnl.DP_UPCALL_PID, u32(0) + b'\1\2'),
        features(3),
        label='one and a half',
    )


@case('datapath/new/twice', 'fresh')
def twice(t):
    t.dp_ask(DP_NEW, name_attr('dp0'), PID, features(3), flags=LOUD, label='again')
    t.dp_ask(DP_GET, label='its features')
    t.dp_ask(
        DP_NEW, name_attr('dp0'), PID, features(1 << 31), flags=LOUD, label='again, unknown feature'
    )
    t.dp_ask(
        DP_NEW, name_attr('dp0'), PID, features(3), attr(7, u32(3)), label='again, bad cache size'
    )
    t.dp_ask(DP_NEW, name_attr('dp0'), PID, features(11), pids(), label='again, empty pids')
    t.dp_ask(DP_GET, label='still there')


@case('datapath/new/old-client', 'fresh')
def old_client(t):
    """A client of version 1 knows no features: those of the datapath that it finds are dropped."""
    t.dp_ask(DP_NEW, name_attr('dp0'), PID, version=1, flags=LOUD, label='version 1')
    t.dp_ask(DP_GET, label='its features')
    t.dp_ask(DP_SET, features(3), label='set again')
    t.dp_ask(DP_NEW, name_attr('dp0'), PID, features(1), version=0, flags=LOUD, label='version 0')
    t.dp_ask(DP_GET, label='its features')
    t.dp_ask(DP_SET, features(3), label='set again')
    t.dp_ask(
        DP_NEW, name_attr('dp0'), PID, features(32), version=1, label='version 1, unknown feature'
    )
    t.dp_ask(DP_GET, label='its features')
    t.vport_ask(
        ovsnl.VPORT_NEW, vport_name('int1'), attr(2, u32(2)), attr(5, u32(0)), label='a port'
    )
    t.dp_ask(DP_NEW, name_attr('int1'), PID, version=1, label="version 1, a port's name")
    t.dp_ask(DP_NEW, name_attr('lo'), PID, version=1, label="version 1, another device's name")
    t.dp_ask(DP_GET, label='its features')


@case('datapath/new/name-taken', 'fresh')
def name_taken(t):
    t.vport_ask(
        ovsnl.VPORT_NEW, vport_name('int1'), attr(2, u32(2)), attr(5, u32(0)), label='a port'
    )
    for name in ('lo', 'int1', 'dp0'):
        t.dp_ask(DP_NEW, name_attr(name), PID, features(3), label=name)


@case('datapath/lookup', 'fresh')
def lookup(t):
    """By name, by ifindex, by both, by another port's name or ifindex."""
    t.vport_ask(
        ovsnl.VPORT_NEW, vport_name('int1'), attr(2, u32(2)), attr(5, u32(0)), label='a port'
    )
    t.dp_ask(DP_NEW, name_attr('dp1'), PID, features(3), label='a second one')
    indexes = {name: number for number, name in t.ifindexes.items()}
    for cmd in (DP_GET, DP_SET):
        t.dp_ask(cmd, dp=t.dp, label=f'{cmd} by ifindex')
        t.dp_ask(cmd, name_attr('dp0'), dp=0, label=f'{cmd} by name')
        t.dp_ask(cmd, name_attr('dp0'), dp=indexes['dp1'], label=f"{cmd} by name, other's ifindex")
        t.dp_ask(cmd, name_attr('dp0'), dp=9999, label=f'{cmd} by name, wrong ifindex')
        t.dp_ask(cmd, name_attr('none'), label=f'{cmd} by wrong name')
        t.dp_ask(cmd, name_attr('int1'), label=f"{cmd} by a port's name")
        t.dp_ask(cmd, dp=indexes['int1'], label=f"{cmd} by a port's ifindex")
        t.dp_ask(cmd, dp=1, label=f"{cmd} by lo's ifindex")
        t.dp_ask(cmd, name_attr('lo'), label=f'{cmd} by the name lo')
        t.dp_ask(cmd, dp=0, label=f'{cmd} by nothing')
        t.dp_ask(cmd, dp=-1, label=f'{cmd} by ifindex -1')


@case('datapath/set/features', 'fresh')
def set_features(t):
    for bits in (0, 1, 2, 3, 4, 8, 9, 11, 15, 16, 0x80000003, 3):
        t.dp_ask(DP_SET, features(bits), flags=LOUD, label=f'features {bits:#x}')
        t.dp_ask(DP_GET, label='now')


@case('datapath/set/without-features', 'fresh')
def set_nothing(t):
    t.dp_ask(DP_SET, flags=LOUD, label='nothing')
    t.dp_ask(DP_GET, label='now')
    t.dp_ask(DP_SET, features(3), label='back')
    t.dp_ask(DP_SET, attr(7, u32(128)), flags=LOUD, label='cache size only')
    t.dp_ask(DP_GET, label='now')
    t.dp_ask(DP_SET, features(3), attr(7, u32(7)), flags=LOUD, label='bad cache size')
    t.dp_ask(DP_GET, label='now')
    t.dp_ask(
        DP_SET, features(32), attr(7, u32(64)), flags=LOUD, label='bad features, good cache size'
    )
    t.dp_ask(DP_GET, label='now')


@case('datapath/set/per-cpu-pids', 'fresh')
def per_cpu(t):
    """Kept only with the feature; reported only while it is set."""
    t.dp_ask(DP_SET, features(3), pids(1, 2), flags=LOUD, label='without the feature')
    t.dp_ask(DP_SET, features(9), flags=LOUD, label='the feature alone')
    t.dp_ask(DP_SET, features(9), pids(t.up1.pid), flags=LOUD, label='one pid')
    t.dp_ask(DP_SET, features(9), pids(t.up1.pid, t.up2.pid), flags=LOUD, label='two pids')
    t.dp_ask(DP_SET, features(9), pids(*range(1, 9)), flags=LOUD, label='eight pids')
    t.dp_ask(DP_SET, features(9), flags=LOUD, label='no pids')
    t.dp_ask(DP_SET, features(9), pids(), flags=LOUD, label='empty')
    for length in (1, 2, 3, 5, 7):
        t.dp_ask(DP_SET, features(9), attr(8, b'\1' * length), flags=LOUD, label=f'{length} bytes')
    t.dp_ask(DP_SET, features(3), attr(8, b'\1'), flags=LOUD, label='bad pids without the feature')
    t.dp_ask(DP_SET, features(9), flags=LOUD, label='the feature again')


@case('datapath/new/per-cpu-pids', 'bare')
def new_per_cpu(t):
    t.dp_ask(
        DP_NEW,
        name_attr('dp1'),
        PID,
        features(9),
        pids(t.up1.pid, t.up2.pid),
        flags=LOUD,
        label='new',
    )
    t.dp_ask(DP_DEL, name_attr('dp1'), flags=LOUD, label='delete')
    t.dp_ask(DP_NEW, name_attr('dp1'), PID, features(9), pids(), label='empty')
    t.dp_ask(DP_NEW, name_attr('dp1'), PID, features(9), attr(8, b'\1\2'), label='two bytes')
    t.dp_ask(
        DP_NEW, name_attr('dp1'), PID, features(3), attr(8, b'\1\2'), label='two bytes, no feature'
    )


@case('datapath/set/probe', 'fresh')
def probe(t):
    """The SETs with which Open vSwitch opens a datapath."""
    t.dp_ask(DP_SET, name_attr('dp0'), features(0x80000003), flags=LOUD, dp=0, label='must fail')
    t.dp_ask(DP_SET, name_attr('dp0'), features(9), flags=LOUD, dp=0, label='per-CPU dispatch')
    t.dp_ask(
        DP_SET, name_attr('dp0'), features(13), flags=LOUD, dp=0, label='recirculation sharing'
    )
    t.dp_ask(DP_GET, label='what stays')


@case('datapath/del', 'fresh')
def delete(t):
    t.put(key.in_port(1) + key.eth(A, B) + key.eth_type(0x9000), act.output(1))
    t.vport_ask(
        ovsnl.VPORT_NEW, vport_name('int1'), attr(2, u32(2)), attr(5, u32(0)), label='a port'
    )
    t.dp_ask(DP_DEL, name_attr('int1'), label="by a port's name")
    t.dp_ask(DP_DEL, flags=LOUD, label='by ifindex')
    t.dp_ask(DP_DEL, label='again')
    t.dp_ask(DP_GET, label='get')
    t.dump('ovs_datapath', DP_GET, label='dump')
    t.vport_ask(ovsnl.VPORT_GET, vport_name('int1'), dp=0, label='its port')
    t.flow_ask(ovsnl.FLOW_GET, attr(1, key.in_port(1)), label='its flow')


@case('datapath/del/by-internal-port', 'fresh')
def delete_by_port(t):
    """The ifindex of any internal port names its datapath."""
    t.vport_ask(
        ovsnl.VPORT_NEW, vport_name('int1'), attr(2, u32(2)), attr(5, u32(0)), label='a port'
    )
    number = {name: n for n, name in t.ifindexes.items()}['int1']
    t.dp_ask(DP_DEL, dp=number, flags=LOUD, label='delete')
    t.dump('ovs_datapath', DP_GET, label='dump')


@case('datapath/dump', 'bare')
def dump(t):
    t.dump('ovs_datapath', DP_GET, label='none')
    for number in range(5):
        t.dp_ask(
            DP_NEW, name_attr(f'dp{number}'), PID, features(number % 4), label=f'new dp{number}'
        )
    t.dump('ovs_datapath', DP_GET, label='five')
    t.dump('ovs_datapath', DP_GET, name_attr('dp3'), label='a name in a dump is ignored')
    t.dump('ovs_datapath', DP_GET, name_attr('x' * 30), label='a bad name in a dump')
    t.dump('ovs_datapath', DP_GET, dp=9999, label='a wrong ifindex in a dump')
    t.dp_ask(DP_DEL, name_attr('dp2'), label='delete one')
    t.dump('ovs_datapath', DP_GET, label='four')


@case('datapath/dump/many', 'bare')
def dump_many(t):
    """More than one datagram holds."""
    for number in range(40):
        t.dp_ask(
            DP_NEW,
            name_attr(f'many{number}'),
            PID,
            features(3),
            flags=REQUEST,
            label=f'new {number}',
        )
    t.dump('ovs_datapath', DP_GET, label='forty')


@case('datapath/stats/flows-and-masks', 'fresh')
def stats(t):
    for number in range(4):
        flow_key = key.in_port(1) + key.eth(A, B) + key.eth_type(0x9000 + number)
        mask = key.in_port(0xFFFFFFFF) + key.eth_type(0xFFFF) if number & 1 else None
        t.put(flow_key, b'', mask, label=f'flow {number}')
        t.dp_ask(DP_GET, label='stats')
    t.flush()
    t.dp_ask(DP_GET, label='stats after the flush')


@case('datapath/stats/lost', 'fresh')
def lost(t):
    """An upcall to nobody is lost, whatever the reason."""
    t.execute(
        bytes(60), key.in_port(0), act.userspace(0x7FFFFFF0), label='to a pid that nobody has'
    )
    t.dp_ask(DP_GET, label='stats')
    t.execute(bytes(60), key.in_port(0), act.recirc(5), label='recirculated, then missed')
    t.dp_ask(DP_GET, label='stats')


@case('datapath/per-cpu/execute', 'fresh')
def per_cpu_execute(t):
    """With per-CPU dispatch the pid of a userspace action doesn't count."""
    t.dp_ask(DP_SET, features(9), label='no pids yet')
    t.execute(bytes(60), key.in_port(0), label='without pids')
    t.dp_ask(DP_SET, features(9), pids(*[t.up2.pid] * 64), label='pids')
    t.execute(bytes(60), key.in_port(0), label='to up2')
    t.execute(bytes(60), key.in_port(0), act.recirc(5), label='missed')
    t.dp_ask(DP_SET, features(9), pids(t.up1.pid), label='one pid for all CPUs')
    t.execute(bytes(60), key.in_port(0), act.userspace(t.up2.pid), label='to up1')
    t.dp_ask(DP_SET, features(3), label='off')
    t.execute(bytes(60), key.in_port(0), act.userspace(t.up2.pid), label='to up2 again')
