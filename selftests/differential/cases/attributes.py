# SPDX-License-Identifier: BSD-3-Clause
"""Every attribute of every family: each length, missing, twice, flagged, malformed."""
import ovsnl
from ovsnl import attr, string, u32, u64
from ovslang import key
from packets import A, B
from scene import case, name_attr, port_no, vport_name

FLOW_KEY = key.in_port(1) + key.eth(A, B) + key.eth_type(0x9000)

# A valid request of each kind, as [(attribute, payload)]. None of them changes what others see.
BASES = {
    ('ovs_datapath', 'get', 3): [(1, b'dp0\0')],
    ('ovs_datapath', 'set', 4): [(5, u32(3))],
    ('ovs_datapath', 'del', 2): [(1, b'none\0')],
    ('ovs_vport', 'get', 3): [(1, u32(1))],
    ('ovs_vport', 'set', 4): [(1, u32(1))],
    ('ovs_vport', 'del', 2): [(1, u32(9))],
    ('ovs_flow', 'get', 3): [(1, FLOW_KEY)],
    ('ovs_flow', 'set', 4): [(1, FLOW_KEY), (2, b'')],
    ('ovs_flow', 'del', 2): [(1, FLOW_KEY)],
    ('ovs_flow', 'new', 1): [(1, FLOW_KEY), (2, b'')],
    ('ovs_packet', 'execute', 3): [(1, bytes(60)), (2, key.in_port(1)), (3, b'')],
}

# Attributes whose length matters, with the lengths to try; their payload is `fill`.
SIZED = {
    'ovs_datapath': {
        1: ('NAME', 18),
        2: ('UPCALL_PID', 6),
        3: ('STATS', 2),
        4: ('MEGAFLOW_STATS', 2),
        5: ('USER_FEATURES', 6),
        6: ('PAD', 2),
        7: ('MASKS_CACHE_SIZE', 6),
        8: ('PER_CPU_PIDS', 9),
        9: ('IFINDEX', 6),
        10: ('unknown', 2),
        100: ('unknown', 2),
    },
    'ovs_vport': {
        1: ('PORT_NO', 6),
        2: ('TYPE', 6),
        3: ('NAME', 18),
        4: ('OPTIONS', 6),
        5: ('UPCALL_PID', 9),
        6: ('STATS', 66),
        7: ('PAD', 2),
        8: ('IFINDEX', 6),
        9: ('NETNSID', 6),
        10: ('unknown', 2),
        100: ('unknown', 2),
    },
    'ovs_flow': {
        1: ('KEY', 6),
        2: ('ACTIONS', 6),
        3: ('STATS', 2),
        4: ('TCP_FLAGS', 2),
        5: ('USED', 2),
        6: ('CLEAR', 2),
        7: ('MASK', 6),
        8: ('PROBE', 2),
        9: ('UFID', 18),
        10: ('UFID_FLAGS', 6),
        11: ('PAD', 2),
        12: ('unknown', 2),
        100: ('unknown', 2),
    },
    'ovs_packet': {
        1: ('PACKET', 16),
        2: ('KEY', 6),
        3: ('ACTIONS', 6),
        4: ('USERDATA', 2),
        5: ('EGRESS_TUN_KEY', 2),
        6: ('UNUSED1', 2),
        7: ('UNUSED2', 2),
        8: ('PROBE', 2),
        9: ('MRU', 4),
        10: ('LEN', 5),
        11: ('HASH', 10),
        12: ('unknown', 2),
    },
}
# DP SET and VPORT SET of these would change the shared ports or do more than the length asks about.
FILL = {('ovs_datapath', 5): b'\3', ('ovs_vport', 5): b'\0', ('ovs_datapath', 7): b'\0'}


# DP DEL without a name would delete the shared datapath, VPORT DEL of number 1 a shared port.
OTHER_DP = {('ovs_datapath', 2): 9999}
PROBES = {('ovs_vport', 2): u32(9)}


def body(base, instead=None, extra=b''):
    parts = [(kind, payload) for kind, payload in base if instead is None or kind != instead]
    return [attr(kind, payload) for kind, payload in parts] + [extra]


def sized_steps(t, family, cmd, base, number, longest):
    fill = FILL.get((family, number), b'\0')
    probe = PROBES.get((family, cmd), u32(1))

    def ask(label, *parts):
        t.ask(family, cmd, *parts, label=label, dp=OTHER_DP.get((family, cmd)))

    for length in range(longest + 1):
        ask(f'length {length}', *body(base, number, attr(number, (fill + bytes(longest))[:length])))
    ask('eight bytes', *body(base, number, attr(number, fill * 8)))
    if any(kind == number for kind, _ in base):
        ask('missing', *body(base, number))
    ask('nla_len 3', *body(base, number, attr(number, b'', 3)))
    ask('nla_len beyond the message', *body(base, number, attr(number, b'abcd', 200)))
    ask('nested flag', *body(base, number, attr(number | 0x8000, probe)))
    ask('byte order flag', *body(base, number, attr(number | 0x4000, probe)))
    ask('twice more', *body(base, None, attr(number, probe) * 2))


for (family, word, cmd), base in BASES.items():
    for number, (attribute, longest) in SIZED[family].items():
        title = attribute if attribute != 'unknown' else f'{attribute}-{number}'

        @case(f'attributes/{family}/{word}/{title}')
        def sized(t, family=family, cmd=cmd, base=base, number=number, longest=longest):
            if family == 'ovs_flow' and cmd in (2, 3, 4):
                t.put(FLOW_KEY, label='a flow to find')
            sized_steps(t, family, cmd, base, number, longest)
            if family == 'ovs_datapath' and cmd == 4:
                t.dp_ask(4, attr(5, u32(3)), attr(7, u32(256)), label='back')

    @case(f'attributes/{family}/{word}/trailing')
    def trailing(t, family=family, cmd=cmd, base=base):
        for extra in (
            b'\1',
            b'\1\2\3',
            b'\0\0\0\0',
            b'\3\0\1\0',
            b'\4\0\0\0',
            b'\x08\0\0\0abcd',
            b'\x08\0\0\xc0abcd',
        ):
            t.ask(
                family,
                cmd,
                *body(base, None, extra),
                label=f'then {extra.hex()}',
                dp=OTHER_DP.get((family, cmd)),
            )


def text_steps(t, family, cmd, base, number):
    """Strings: without NUL, with NULs inside, of each length, odd characters."""
    for payload in (
        b'',
        b'\0',
        b'dp0',
        b'dp0\0',
        b'dp0\0\0',
        b'dp0\0junk',
        b'dp0\0' + bytes(40),
        b'dp0\0' + b'x' * 40,
        b'x' * 15 + b'\0',
        b'x' * 15,
        b'x' * 16,
        b'x' * 16 + b'\0',
        b'x' * 15 + b'\0' + b'y',
        b'x' * 15 + b'\0\0\0',
        b'x' * 17 + b'\0',
        b'x' * 200,
        b'DP0\0',
        b'dp0 \0',
        b'\xff\xfe\0',
        b'int1\0',
        b'lo\0',
    ):
        t.ask(family, cmd, *body(base, number, attr(number, payload)), label=repr(payload))


for family, word, cmd, base, number in (
    ('ovs_datapath', 'get', 3, [], 1),
    ('ovs_datapath', 'set', 4, [(5, u32(3))], 1),
    ('ovs_vport', 'get', 3, [], 3),
    ('ovs_vport', 'set', 4, [], 3),
):

    @case(f'attributes/{family}/{word}/strings')
    def strings(t, family=family, cmd=cmd, base=base, number=number):
        text_steps(t, family, cmd, base, number)


@case('attributes/ovs_datapath/new/NAME', 'fresh')
def new_dp_name(t):
    """Names that a device may not have, and datapaths that come and go."""
    for payload in (
        b'',
        b'\0',
        b'x',
        b'a\0b\0',
        b'dp0\0',
        b'x' * 15,
        b'x' * 15 + b'\0',
        b'x' * 16 + b'\0',
        b'.\0',
        b'..\0',
        b'a/b\0',
        b'a b\0',
        b'a:b\0',
        b'a%d\0',
        b'lo\0',
        b'\xc3\xa4\0',
        b'dp1\0junk',
    ):
        got = t.dp_ask(1, attr(1, payload), attr(2, u32(0)), attr(5, u32(3)), label=repr(payload))
        if any(name == 'events' for name, _ in got):
            t.dp_ask(2, attr(1, payload.split(b'\0')[0] + b'\0'), dp=0, label='delete it')


@case('attributes/ovs_datapath/new/missing', 'fresh')
def new_dp_missing(t):
    name, pid, features = name_attr('dp1'), attr(2, u32(0)), attr(5, u32(3))
    for label, parts in (
        ('nothing', []),
        ('name', [name]),
        ('pid', [pid]),
        ('features', [features]),
        ('name and features', [name, features]),
        ('pid and features', [pid, features]),
        ('pid too short', [name, attr(2, b'\0\0\0')]),
        ('features too short', [name, pid, attr(5, b'\0\0\0')]),
    ):
        t.dp_ask(1, *parts, label=label)
    t.dp_ask(1, name, pid, label='name and pid')
    t.dump('ovs_datapath', 3)


@case('attributes/ovs_vport/new/NAME')
def new_vport_name(t):
    for payload in (
        b'',
        b'\0',
        b'x',
        b'dp0\0',
        b'int1\0',
        b'x' * 15,
        b'x' * 15 + b'\0',
        b'x' * 16 + b'\0',
        b'.\0',
        b'..\0',
        b'a/b\0',
        b'a b\0',
        b'a:b\0',
        b'lo\0',
        b'none\0',
    ):
        for kind in (1, 2):
            got = t.vport_ask(
                1,
                attr(3, payload),
                attr(2, u32(kind)),
                attr(5, u32(0)),
                port_no(77),
                label=f'type {kind}, {payload!r}',
            )
            if any(name == 'events' for name, _ in got):
                t.vport_ask(2, port_no(77), label='delete it')


@case('attributes/ovs_vport/new/missing')
def new_vport_missing(t):
    name, kind, pid = vport_name('int9'), attr(2, u32(2)), attr(5, u32(0))
    for label, parts in (
        ('nothing', []),
        ('name', [name]),
        ('type', [kind]),
        ('pid', [pid]),
        ('name, type', [name, kind]),
        ('name, pid', [name, pid]),
        ('type, pid', [kind, pid]),
        ('number only', [port_no(9)]),
    ):
        t.vport_ask(1, *parts, label=label)


@case('attributes/ovs_vport/new/lengths')
def new_vport_lengths(t):
    """Each attribute of VPORT NEW in each length; ports that came to be go away again."""
    whole = {1: u32(77), 2: u32(2), 3: b'int9\0', 5: u32(0)}
    for number in (1, 2, 4, 5, 6, 8, 9, 10):
        for length in list(range(10)) + [63, 64, 65]:
            payload = (whole.get(number, b'') + bytes(70))[:length]
            parts = {**whole, number: payload}
            got = t.vport_ask(
                1,
                *(attr(k, v) for k, v in sorted(parts.items())),
                label=f'attribute {number}, length {length}',
            )
            if any(name == 'events' for name, _ in got):
                t.vport_ask(2, vport_name('int9'), label='delete it')


@case('attributes/values/MASKS_CACHE_SIZE')
def cache_size(t):
    for size in (
        0,
        1,
        2,
        3,
        4,
        5,
        100,
        128,
        255,
        256,
        257,
        1024,
        4095,
        4096,
        4097,
        8192,
        0x7FFFFFFF,
        0x80000000,
        0xFFFFFFFF,
    ):
        t.dp_ask(4, attr(5, u32(3)), attr(7, u32(size)), flags=5 | ovsnl.ECHO, label=f'size {size}')
    t.dp_ask(4, attr(5, u32(3)), attr(7, u32(256)), label='back')


@case('attributes/values/IFINDEX', 'bare')
def new_ifindex(t):
    """The ifindex that a new datapath's device is to have."""
    for value in (0, 1, 4000, 4000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF):
        got = t.dp_ask(
            1, name_attr('dp1'), attr(2, u32(0)), attr(9, u32(value)), label=f'ifindex {value}'
        )
        if any(name == 'events' for name, _ in got):
            t.dp_ask(2, name_attr('dp1'), label='delete it')
    t.dp_ask(1, name_attr('dp1'), attr(2, u32(0)), attr(9, u32(4001)), label='first')
    t.dp_ask(1, name_attr('dp2'), attr(2, u32(0)), attr(9, u32(4001)), label='second, same ifindex')
    t.dp_ask(3, dp=4001, label='found by it')


@case('attributes/values/HASH')
def packet_hash(t):
    """EXECUTE with a hash: the upcall carries it."""
    for value in (0, 1, 0xFFFFFFFF, 1 << 32, 1 << 33, 3 << 32 | 5, 0xFFFFFFFFFFFFFFFF, 1 << 34 | 7):
        t.execute(
            bytes(60), None, None, attr(ovsnl.PACKET_HASH, u64(value)), label=f'hash {value:#x}'
        )
    t.execute(bytes(60), None, None, attr(ovsnl.PACKET_HASH, u64(9) + b'more'), label='longer')


@case('attributes/values/MRU')
def packet_mru(t):
    for value in (0, 1, 64, 1500, 65535):
        t.execute(
            bytes(60), None, None, attr(ovsnl.PACKET_MRU, ovsnl.u16(value)), label=f'mru {value}'
        )


@case('attributes/values/unused-strings')
def ignored(t):
    """Attributes that a request has no use for are ignored, unless their policy refuses them."""
    t.dp_ask(3, attr(3, bytes(32)), attr(4, bytes(32)), attr(8, string('x')), label='dp get')
    t.vport_ask(3, port_no(1), attr(6, bytes(64)), attr(9, u32(5)), label='vport get')
    t.flow_ask(
        3,
        attr(1, FLOW_KEY),
        attr(3, bytes(16)),
        attr(4, b'\1'),
        attr(5, bytes(8)),
        label='flow get',
    )
