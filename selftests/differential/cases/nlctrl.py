# SPDX-License-Identifier: BSD-3-Clause
"""How clients find the families: nlctrl."""
import ovsnl
from ovsnl import ACK, CTRL_GETFAMILY, CTRL_GETPOLICY, DUMP, NLCTRL, REQUEST, attr, string, u16
from scene import FAMILIES, case

A_ID, A_NAME, A_OP = 1, 2, 10
POLICIES = REQUEST | ACK | DUMP


def ask(t, label, cmd, body=b'', flags=REQUEST | ACK, version=1, dump=False):
    return t.send(label, ovsnl.genl(NLCTRL, cmd, version, body, flags, t.seq()), dump=dump)


def by_name(name):
    return attr(A_NAME, string(name))


for family in FAMILIES:

    @case(f'nlctrl/getfamily/{family}', 'bare')
    def get_family(t, family=family):
        for version in (0, 1, 2, 3):
            ask(t, f'version {version}', CTRL_GETFAMILY, by_name(family), version=version)
        ask(t, 'no ack', CTRL_GETFAMILY, by_name(family), flags=REQUEST)
        ask(t, 'echo', CTRL_GETFAMILY, by_name(family), flags=REQUEST | ACK | ovsnl.ECHO)
        ask(t, 'by id', CTRL_GETFAMILY, attr(A_ID, u16(t.ids[family])))
        ask(t, 'by id and name', CTRL_GETFAMILY, attr(A_ID, u16(t.ids[family])) + by_name(family))
        ask(
            t,
            'by id and wrong name',
            CTRL_GETFAMILY,
            attr(A_ID, u16(t.ids[family])) + by_name('ovs_none'),
        )
        ask(t, 'name twice', CTRL_GETFAMILY, by_name('ovs_none') + by_name(family))

    @case(f'nlctrl/getpolicy/{family}', 'bare')
    def get_policy(t, family=family):
        flags = REQUEST | ACK | DUMP
        ask(t, 'by name', CTRL_GETPOLICY, by_name(family), flags, 2, True)
        ask(t, 'by id', CTRL_GETPOLICY, attr(A_ID, u16(t.ids[family])), flags, 2, True)
        for op in (1, 3, 9):
            ask(
                t,
                f'op {op}',
                CTRL_GETPOLICY,
                by_name(family) + attr(A_OP, ovsnl.u32(op)),
                flags,
                2,
                True,
            )


@case('nlctrl/itself', 'bare')
def itself(t):
    ask(t, 'family', CTRL_GETFAMILY, by_name('nlctrl'))
    ask(t, 'policies', CTRL_GETPOLICY, by_name('nlctrl'), POLICIES, 2, True)
    for op in (CTRL_GETFAMILY, CTRL_GETPOLICY):
        body = by_name('nlctrl') + attr(A_OP, ovsnl.u32(op))
        ask(t, f'policy of {op}', CTRL_GETPOLICY, body, POLICIES, 2, True)


def ask_policies(t, label, body):
    ask(t, label, CTRL_GETPOLICY, body, POLICIES, 2, True)


@case('nlctrl/getpolicy/malformed', 'bare')
def malformed_policies(t):
    """The one command here whose attributes are checked strictly."""
    t.main.option(ovsnl.EXT_ACK, 1)
    family, op = by_name('ovs_flow'), attr(A_OP, ovsnl.u32(1))
    ask_policies(t, 'nothing', b'')
    ask_policies(t, 'operation only', op)
    ask_policies(t, 'unknown name', by_name('ovs_none') + op)
    ask_policies(t, 'unknown id', attr(A_ID, u16(0x3FF)))
    ask_policies(t, 'id before name', attr(A_ID, u16(t.ids['ovs_meter'])) + family)
    ask_policies(t, 'unknown id before name', attr(A_ID, u16(0x3FF)) + family)
    ask_policies(t, 'name twice', by_name('ovs_none') + by_name('ovs_meter'))
    for number in (0, 5, 255, 257, 1 << 31):
        ask_policies(t, f'operation {number}', family + attr(A_OP, ovsnl.u32(number)))
    for length in range(9):
        ask_policies(t, f'operation of {length} bytes', family + attr(A_OP, bytes(length)))
        ask_policies(t, f'id of {length} bytes', attr(A_ID, bytes(length)))
    for length in (0, 14, 15, 16, 17):
        ask_policies(t, f'name of {length} characters', by_name('x' * length))
    ask_policies(t, 'no NUL', attr(A_NAME, b'ovs_flow'))
    ask_policies(t, 'empty name', attr(A_NAME))
    for kind in (0, 3, 9, 11, 99):
        ask_policies(t, f'attribute {kind}', family + attr(kind, ovsnl.u32(1)))
    ask_policies(t, 'nested flag', attr(A_NAME | 0x8000, string('ovs_flow')))
    ask_policies(t, 'byte order flag', attr(A_NAME | 0x4000, string('ovs_flow')))
    ask_policies(t, 'bytes left over', family + b'\1\2')
    ask_policies(t, 'attribute of length 3', attr(A_NAME, string('ovs_flow'), 3))
    ask_policies(t, 'attribute too long', attr(A_NAME, string('ovs_flow'), 80))
    ask_policies(t, 'first fault tells', attr(99) + attr(A_OP, b''))
    t.main.option(ovsnl.EXT_ACK, 0)


@case('nlctrl/getfamily/dump', 'bare')
def dump_families(t):
    """The kernel has many families more: only ours are kept."""
    got = ask(t, 'dump', CTRL_GETFAMILY, flags=REQUEST | ACK | DUMP, dump=True)
    t.steps.pop()
    kept = [g for g in got if name_of(g[1]) in FAMILIES + ('done',)]
    t.steps.append(['dump', '', sorted(kept, key=lambda g: name_of(g[1]))])


def name_of(data):
    message = ovsnl.Message(bytes.fromhex(data))
    return 'done' if message.kind == ovsnl.NLMSG_DONE else message.text(A_NAME)


@case('nlctrl/getfamily/unknown', 'bare')
def unknown(t):
    for name in ('ovs_none', '', 'OVS_DATAPATH'):
        ask(t, f'name {name!r}', CTRL_GETFAMILY, by_name(name))
    for number in (0, 1, 15, 0x3FF, 0xFFFF):
        ask(t, f'id {number}', CTRL_GETFAMILY, attr(A_ID, u16(number)))


@case('nlctrl/getfamily/malformed', 'bare')
def malformed(t):
    ask(t, 'no attribute', CTRL_GETFAMILY)
    ask(t, 'no dump', CTRL_GETFAMILY, attr(5, ovsnl.u32(1)))
    for length in (15, 16, 17, 40):
        ask(t, f'name of {length} characters', CTRL_GETFAMILY, by_name('x' * length))
    ask(t, 'no NUL', CTRL_GETFAMILY, attr(A_NAME, b'ovs_flow'))
    ask(t, 'empty name', CTRL_GETFAMILY, attr(A_NAME))
    ask(t, 'id of 0 bytes', CTRL_GETFAMILY, attr(A_ID))
    ask(t, 'id of 1 byte', CTRL_GETFAMILY, attr(A_ID, b'\x10'))
    ask(t, 'id of 4 bytes', CTRL_GETFAMILY, attr(A_ID, ovsnl.u32(t.ids['ovs_flow'])))
    ask(t, 'unknown attribute', CTRL_GETFAMILY, attr(99, b'abcd') + by_name('ovs_flow'))
    ask(t, 'nested flag', CTRL_GETFAMILY, attr(A_NAME | 0x8000, string('ovs_flow')))
    ask(t, 'attribute of length 3', CTRL_GETFAMILY, attr(A_NAME, string('ovs_flow'), 3))
    ask(t, 'attribute too long', CTRL_GETFAMILY, attr(A_NAME, string('ovs_flow'), 80))
    ask(t, 'bytes left over', CTRL_GETFAMILY, by_name('ovs_flow') + b'\1\2')


@case('nlctrl/commands', 'bare')
def commands(t):
    for cmd in (0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 99, 255):
        ask(t, f'command {cmd}', cmd, by_name('ovs_flow'))
    for cmd in (1, 9, 99):
        ask(t, f'dump of command {cmd}', cmd, by_name('ovs_flow'), REQUEST | ACK | DUMP, dump=True)
    ask(t, 'policies of nobody', CTRL_GETPOLICY, b'', REQUEST | ACK | DUMP, 2, True)
    ask(
        t,
        'policies of an unknown family',
        CTRL_GETPOLICY,
        by_name('ovs_none'),
        REQUEST | ACK | DUMP,
        2,
        True,
    )


@case('nlctrl/groups', 'bare')
def groups(t):
    """Joining and leaving groups by number."""

    def option(label, name, number):
        try:
            t.up2.option(name, number)
            t.note(label, 0)
        except OSError as error:
            t.note(label, error.errno)

    for number in (0, 0xFFFFFFFF, 100000):
        option(f'join {number}', ovsnl.ADD_MEMBERSHIP, number)
        option(f'leave {number}', ovsnl.DROP_MEMBERSHIP, number)
    for family in FAMILIES:
        if family == 'ovs_packet':
            continue
        number = t.up2.family(family).groups[family]
        option(f'leave {family} before', ovsnl.DROP_MEMBERSHIP, number)
        option(f'join {family}', ovsnl.ADD_MEMBERSHIP, number)
        option(f'join {family} again', ovsnl.ADD_MEMBERSHIP, number)
        option(f'leave {family}', ovsnl.DROP_MEMBERSHIP, number)
