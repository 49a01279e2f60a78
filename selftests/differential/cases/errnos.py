# SPDX-License-Identifier: BSD-3-Clause
"""The rows of the API's table of errnos, one case a row."""
import ovsnl
from ovsnl import ACK, CREATE, EXCL, REQUEST, attr, nest, u32
from ovslang import act, key
from packets import A, B
from scene import case, name_attr, port_no, vport_name

SOME_KEY = key.in_port(1) + key.eth(A, B) + key.eth_type(0x9000)
PIDS = attr(ovsnl.VPORT_UPCALL_PID, u32(0))


def new_port(t, name, kind, *more, **options):
    return t.vport_ask(1, vport_name(name), attr(2, u32(kind)), PIDS, *more, **options)


@case('errno/EEXIST/datapath')
def dp_exists(t):
    t.dp_ask(1, name_attr('dp0'), attr(2, u32(0)), attr(5, u32(3)))


@case('errno/EEXIST/flow')
def flow_exists(t):
    t.put(SOME_KEY)
    t.put(SOME_KEY, flags=REQUEST | ACK | CREATE | EXCL)


@case('errno/ENODEV/datapath')
def no_dp(t):
    t.dp_ask(3, name_attr('none'))
    t.dp_ask(3, dp=9999)
    for family in ('ovs_vport', 'ovs_flow'):
        t.ask(family, 3, attr(1, SOME_KEY if family == 'ovs_flow' else u32(1)), dp=9999)
    t.ask('ovs_packet', 3, attr(1, bytes(60)), attr(2, key.in_port(1)), attr(3), dp=9999)


@case('errno/ENODEV/vport')
def no_vport(t):
    t.vport_ask(3, vport_name('none'))
    t.vport_ask(3, port_no(99))
    new_port(t, 'none', 1)


@case('errno/EBUSY/number')
def busy_number(t):
    new_port(t, 'int9', 2, port_no(1))


@case('errno/EFBIG/number')
def big_number(t):
    for number in (65535, 65536):
        new_port(t, 'int9', 2, port_no(number))
        t.vport_ask(3, port_no(number))
        t.vport_ask(2, port_no(number))


@case('errno/EAFNOSUPPORT/type')
def unknown_type(t):
    new_port(t, 'int9', 50)


@case('errno/EINVAL/missing')
def missing(t):
    t.dp_ask(1, name_attr('dp9'))
    t.vport_ask(1, vport_name('int9'), PIDS)
    t.flow_ask(1, attr(1, SOME_KEY))
    t.flow_ask(1, attr(2))
    t.flow_ask(3)
    t.flow_ask(4)
    t.ask('ovs_packet', 3, attr(1, bytes(60)), attr(2, key.in_port(1)))


@case('errno/EINVAL/netdev')
def bad_netdev(t):
    new_port(t, 'lo', 1)
    new_port(t, 'int1', 1)


@case('errno/EINVAL/pids')
def bad_pids(t):
    t.vport_ask(4, port_no(1), attr(5))
    t.vport_ask(4, port_no(1), attr(5, b'\1\2\3'))


@case('errno/EINVAL/local-port')
def local_port(t):
    t.vport_ask(2, port_no(0))


@case('errno/EINVAL/type-mismatch')
def type_mismatch(t):
    t.vport_ask(4, port_no(1), attr(2, u32(1)))


@case('errno/EINVAL/flow')
def bad_flow(t):
    t.put(key.in_port(1))
    t.put(SOME_KEY, b'', key.tcp(1, 2))
    t.put(SOME_KEY, act.output(70000))


@case('errno/EOPNOTSUPP/features')
def no_feature(t):
    t.dp_ask(4, attr(5, u32(0x100)))


@case('errno/EOPNOTSUPP/options')
def no_options(t):
    t.vport_ask(4, port_no(1), nest(4))


@case('errno/EOPNOTSUPP/ifindex')
def no_ifindex(t):
    for cmd in (2, 3, 4):
        t.vport_ask(cmd, port_no(1), attr(8, u32(1)))
    new_port(t, 'none', 1, attr(8, u32(1)))


@case('errno/ENOENT/flow')
def no_flow(t):
    for cmd in (2, 3, 4):
        t.flow_ask(cmd, attr(1, SOME_KEY), label=f'{cmd} by key')
        t.flow_ask(cmd, attr(9, bytes(range(16))), label=f'{cmd} by ufid')
    t.put(SOME_KEY, b'', None, attr(9, bytes(16)))
    t.put(
        SOME_KEY, b'', None, attr(9, bytes(range(16))), flags=REQUEST | ACK, label='other identity'
    )


@case('errno/EOVERFLOW/nesting')
def nesting(t):
    for depth in (15, 16, 17, 18):
        actions = b''
        for _ in range(depth):
            actions = act.clone(actions)
        t.try_put(f'{depth} clones', SOME_KEY, actions)
        t.execute(bytes(60), key.in_port(1), actions, label=f'{depth} clones executed')


@case('errno/ENOTCONN/pid')
def no_pid(t):
    t.execute(bytes(60), key.in_port(1), act.userspace(0), label='pid 0')
    t.execute(bytes(60), key.in_port(1), act.userspace(0x7FFFFFF0), label='pid of nobody')
    t.execute(
        bytes(60), key.in_port(1), act.userspace(0x7FFFFFF0) + t.to_user(), label='and then up1'
    )


@case('errno/EFBIG/upcall')
def big_upcall(t):
    for size in (65531, 65532, 65530):
        t.ask(
            'ovs_packet',
            3,
            attr(2, key.in_port(1)),
            attr(3, t.to_user()),
            ovsnl.attr(1, bytes(12) + b'\x90\0' + bytes(size - 14), min(size + 4, 65535)),
            label=f'{size} bytes',
        )
