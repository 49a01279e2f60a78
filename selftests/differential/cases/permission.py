# SPDX-License-Identifier: BSD-3-Clause
"""Requesters without rights: changes are refused, reads are open."""
import ovsnl
from ovsnl import DUMP, REQUEST, ACK, attr, u32
from ovslang import key
from scene import case, name_attr, port_no, vport_name

KEY = attr(ovsnl.FLOW_KEY, key.in_port(1) + key.eth(bytes(6), bytes(6)) + key.eth_type(0x9000))


def bodies():
    """A valid body for each command of each family, as (family, cmd, attributes)."""
    port = [
        vport_name('int9'),
        attr(ovsnl.VPORT_TYPE, u32(2)),
        attr(ovsnl.VPORT_UPCALL_PID, u32(0)),
    ]
    return [
        ('ovs_datapath', 1, [name_attr('dp9'), attr(ovsnl.DP_UPCALL_PID, u32(0))]),
        ('ovs_datapath', 2, []),
        ('ovs_datapath', 3, []),
        ('ovs_datapath', 4, []),
        ('ovs_vport', 1, port),
        ('ovs_vport', 2, [port_no(1)]),
        ('ovs_vport', 3, [port_no(1)]),
        ('ovs_vport', 4, [port_no(1)]),
        ('ovs_flow', 1, [KEY, attr(ovsnl.FLOW_ACTIONS)]),
        ('ovs_flow', 2, []),
        ('ovs_flow', 3, [KEY]),
        ('ovs_flow', 4, [KEY]),
        ('ovs_packet', 3, [attr(1, bytes(60)), attr(2, key.in_port(1)), attr(3)]),
    ]


@case('permission/valid')
def valid(t):
    t.unprivileged(
        [(f'{family} {cmd}', message(t, family, cmd, body)) for family, cmd, body in bodies()]
    )
    t.vport_ask(ovsnl.VPORT_GET, port_no(1), label='still there')


@case('permission/dumps')
def dumps(t):
    t.unprivileged(
        [
            (f'{family} dump', message(t, family, 3, [], REQUEST | ACK | DUMP))
            for family in ('ovs_datapath', 'ovs_vport', 'ovs_flow', 'ovs_packet')
        ]
    )


@case('permission/before-anything-else')
def before(t):
    """EPERM comes before the attributes are looked at, but after the command is known."""
    wrong = [attr(1), attr(2)]
    t.unprivileged(
        [(f'{family} {cmd}', message(t, family, cmd, wrong)) for family, cmd, _ in bodies()]
        + [
            (f'{family} unknown command', message(t, family, 99, []))
            for family in ('ovs_datapath', 'ovs_vport', 'ovs_flow', 'ovs_packet')
        ]
        + [
            (f'dump of {family} {cmd}', message(t, family, cmd, body, REQUEST | ACK | DUMP))
            for family, cmd, body in bodies()
            if cmd != 3
        ]
    )


@case('permission/nlctrl')
def nlctrl(t):
    t.unprivileged(
        [('getfamily', ovsnl.genl(ovsnl.NLCTRL, 3, 1, attr(2, b'ovs_flow\0'), seq=t.seq()))]
    )


def message(t, family, cmd, body, flags=REQUEST | ACK):
    return ovsnl.ovs(
        t.ids[family], cmd, t.dp, *body, flags=flags, version=ovsnl.VERSIONS[family], seq=t.seq()
    )
