# SPDX-License-Identifier: BSD-3-Clause
"""Actions of flows: lengths, values, nesting, and what comes back of them."""
import ovsnl
from ovsnl import FLOW_GET, FLOW_KEY, attr, be16, be32, u32
from ovslang import ACTION, KEY, act, key
from packets import A, B, IP_A, IP_B
from protocols import SHAPES, join
from scene import case

PLAIN = join(SHAPES['unknown-ethertype'])
TCP = join(SHAPES['ipv4-tcp'])
L3 = join(SHAPES['layer3-ipv4'])

MPLS = join(SHAPES['unknown-ethertype'][:2]) + key.eth_type(0x8847) + attr(KEY['mpls'], be32(0x15140))

# Each action of one length: a flow that it suits, and its payload.
FIXED = {
    'output': (PLAIN, u32(1)),
    'push_vlan': (PLAIN, be16(0x8100) + be16(0x1001)),
    'pop_vlan': (PLAIN, b''),
    'recirc': (PLAIN, u32(5)),
    'trunc': (PLAIN, u32(100)),
    'hash': (PLAIN, u32(0) + u32(5)),
    'push_mpls': (TCP, be32(0x15140) + be16(0x8847) + bytes(2)),
    'pop_mpls': (MPLS, be16(0x0800)),
    'add_mpls': (TCP, be32(0x15140) + be16(0x8847) + bytes(2)),
    'push_eth': (L3, bytes.fromhex('020000000001020000000002')),
    'pop_eth': (TCP, b''),
    'ct_clear': (TCP, b''),
    'meter': (TCP, u32(5)),
}
for name in FIXED:

    @case(f'action/{name}/lengths')
    def lengths(t, name=name):
        flow_key, payload = FIXED[name]
        for length in range(len(payload) + 6):
            t.try_put(f'{length} bytes', flow_key, attr(ACTION[name], (payload + bytes(16))[:length]))
        t.try_put('nested flag', flow_key, attr(ACTION[name] | 0x8000, payload))
        t.try_put('byte order flag', flow_key, attr(ACTION[name] | 0x4000, payload))

    @case(f'action/{name}/protocols')
    def protocols(t, name=name):
        """Behind every protocol; inside of every list, behind it and behind itself."""
        action = attr(ACTION[name], FIXED[name][1])
        for which, attributes in {**SHAPES, 'mpls': [('all', MPLS)]}.items():
            flow_key = join(attributes)
            t.try_put(which, flow_key, action)
            t.try_put(f'{which}, twice', flow_key, action + action)
            t.try_put(f'{which}, cloned', flow_key, act.clone(action) + action)
            t.try_put(f'{which}, sampled', flow_key, action + act.sample(5, action))


@case('action/list/malformed')
def malformed(t):
    for data in (
        b'',
        b'\1',
        b'\1\2\3',
        b'\3\0\1\0',
        b'\0\0\0\0',
        b'\x10\0\1\0\1\0\0\0',
        act.output(1) + b'\1\2',
        act.output(1) + bytes(4),
        act.output(1) + b'\5\0\1\0',
        attr(0),
        attr(0, u32(1)),
    ):
        t.try_put(data.hex() or 'nothing', PLAIN, data)


@case('action/list/unknown')
def unknown(t):
    for kind in (26, 27, 63, 64, 100, 0x3FFF):
        for length in (0, 4, 8):
            t.try_put(f'{kind} of {length} bytes', PLAIN, attr(kind, bytes(length)))


@case('action/list/long')
def long_list(t):
    for count in (1, 100, 1000, 4000):
        t.try_put(f'{count} outputs', PLAIN, act.output(1) * count, flags=5 | ovsnl.CREATE)
        t.flush()
    t.put(PLAIN, act.output(1) * 4000, label='many')
    t.dump('ovs_flow', FLOW_GET, label='too many for a part of a dump')
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, PLAIN), label='get')


@case('action/output/values')
def output_values(t):
    for port in (0, 1, 2, 99, 65534, 65535, 65536, 0xFFFFFFFF):
        t.try_put(f'port {port}', PLAIN, act.output(port))


@case('action/trunc/values')
def trunc_values(t):
    for size in (0, 1, 13, 14, 15, 65535, 0xFFFFFFFF):
        t.try_put(f'{size}', PLAIN, act.trunc(size) + act.output(1))


@case('action/recirc/values')
def recirc_values(t):
    for number in (0, 1, 0xFFFFFFFF):
        t.try_put(f'{number}', PLAIN, act.recirc(number))
    t.try_put('and more', PLAIN, act.recirc(1) + act.output(1) + act.recirc(2))


@case('action/push_vlan/values')
def push_values(t):
    for tpid in (0, 0x800, 0x8100, 0x88A8, 0x9100, 0xFFFF):
        for tci in (0, 1, 0x1000, 0x1001, 0xEFFF, 0xFFFF):
            t.try_put(f'tpid {tpid:#x} tci {tci:#x}', PLAIN, act.push_vlan(tci, tpid))
    t.try_put('of a layer 3 flow', L3, act.push_vlan(0x1001))
    t.try_put('three tags', PLAIN, act.push_vlan(0x1001) * 3)


@case('action/pop_vlan/flows')
def pop_flows(t):
    tagged = (
        key.in_port(1)
        + key.eth(A, B)
        + key.eth_type(0x8100)
        + key.vlan(0x1001)
        + key.encap(key.eth_type(0x800), key.ipv4(IP_A, IP_B, 47))
    )
    for label, flow_key in (('untagged', PLAIN), ('tagged', tagged), ('layer 3', L3)):
        t.try_put(label, flow_key, act.pop_vlan())
        t.try_put(
            f'{label}, popped and set',
            flow_key,
            act.pop_vlan()
            + act.set_masked(
                key.ipv4('1.2.3.4', '0.0.0.0', 0, 0, 0),
                key.ipv4('255.255.255.255', '0.0.0.0', 0, 0, 0),
            ),
        )
        t.try_put(f'{label}, pushed and popped', flow_key, act.push_vlan(0x1001) + act.pop_vlan())


@case('action/userspace/attributes')
def userspace(t):
    pid = attr(1, u32(5))
    for label, inner in (
        ('nothing', b''),
        ('pid', pid),
        ('pid 0', attr(1, u32(0))),
        ('pid short', attr(1, b'\5\0\0')),
        ('pid long', attr(1, u32(5) + u32(6))),
        ('no pid', attr(2, b'abc')),
        ('pid twice', pid + pid),
        ('zero, then pid', attr(1, u32(0)) + pid),
        ('pid, then zero', pid + attr(1, u32(0))),
        ('userdata empty', pid + attr(2)),
        ('userdata', pid + attr(2, b'abcde')),
        ('userdata long', pid + attr(2, bytes(1000))),
        ('egress', pid + attr(3, u32(1))),
        ('egress short', pid + attr(3, b'\1')),
        ('actions', pid + attr(4)),
        ('actions with payload', pid + attr(4, b'\1')),
        ('unknown', pid + attr(5, b'\1')),
        ('unknown 99', attr(99) + pid),
        ('type 0', pid + attr(0, b'\1')),
        ('nested flag', attr(1 | 0x8000, u32(5))),
        ('left over', pid + b'\1\2'),
        ('nla_len 3', b'\3\0\1\0'),
        ('nla_len too long', attr(1, u32(5), 20)),
        ('all', pid + attr(2, b'xyz') + attr(3, u32(0)) + attr(4)),
    ):
        t.try_put(label, PLAIN, attr(ACTION['userspace'], inner))
    t.try_put('flagged', PLAIN, attr(ACTION['userspace'] | 0x8000, pid))


@case('action/sample/attributes')
def sample(t):
    prob, inner = attr(1, u32(0x80000000)), attr(2, act.output(1))
    for label, data in (
        ('whole', prob + inner),
        ('other order', inner + prob),
        ('nothing', b''),
        ('no actions', prob),
        ('no probability', inner),
        ('empty actions', prob + attr(2)),
        ('probability short', attr(1, b'\1\2\3') + inner),
        ('probability long', attr(1, bytes(5)) + inner),
        ('probability 0', attr(1, u32(0)) + inner),
        ('probability 1', attr(1, u32(0xFFFFFFFF)) + inner),
        ('twice', prob + prob + inner),
        ('unknown', prob + inner + attr(3)),
        ('type 0', prob + inner + attr(0)),
        ('left over', prob + inner + b'\1\2'),
        ('actions of 3 bytes', prob + attr(2, b'\1\2\3')),
        ('bad action', prob + attr(2, attr(50))),
        ('flagged', attr(1 | 0x8000, u32(1)) + attr(2 | 0x8000)),
        ('left over inside', prob + attr(2, act.output(1) + b'\1')),
    ):
        t.try_put(label, PLAIN, attr(ACTION['sample'], data))
        t.try_put(f'{label}, then more', PLAIN, attr(ACTION['sample'], data) + act.output(2))


@case('action/clone/attributes')
def clone(t):
    for label, data in (
        ('nothing', b''),
        ('one action', act.output(1)),
        ('two', act.output(1) + act.output(2)),
        ('of 3 bytes', b'\1\2\3'),
        ('bad action', attr(50)),
        ('left over', act.output(1) + b'\1'),
        ('set', act.set(key.eth(B, A))),
        ('recirc', act.recirc(5)),
    ):
        t.try_put(label, PLAIN, attr(ACTION['clone'], data))
        t.try_put(f'{label}, then more', PLAIN, attr(ACTION['clone'], data) + act.output(2))


def nested(kind, depth):
    actions = act.output(1)
    for _ in range(depth):
        actions = act.clone(actions) if kind == 'clone' else act.sample(1, actions)
    return actions


for kind in ('clone', 'sample'):

    @case(f'action/{kind}/depth')
    def depth_case(t, kind=kind):
        for depth in (1, 2, 3, 10, 14, 15, 16, 17, 18, 40):
            t.try_put(f'depth {depth}', PLAIN, nested(kind, depth))
            t.flow_ask(
                4, attr(FLOW_KEY, PLAIN), attr(2, nested(kind, depth)), label=f'depth {depth}, set'
            )


@case('action/mixed/depth')
def mixed_depth(t):
    for depth in (7, 8, 9):
        actions = act.output(1)
        for _ in range(depth):
            actions = act.clone(act.sample(5, actions))
        t.try_put(f'{2 * depth} deep', PLAIN, actions)


@case('action/nested/too-long')
def too_long(t):
    """A nested list may grow beyond what nla_len can say when sets become masked sets."""
    one = act.set(key.ipv4('1.2.3.4', '5.6.7.8', 6, 0, 63))
    for count in (1000, 1900, 2300):
        t.try_put(f'{count} sets in a clone', TCP, act.clone(one * count), flags=5 | ovsnl.CREATE)
        t.flush()
    t.try_put('2300 sets', TCP, one * 2300, flags=5 | ovsnl.CREATE)
    t.flush()
    t.try_put('2300 sets, echoed', TCP, one * 2300)


@case('action/validation-by-flow')
def by_flow(t):
    """Sets inside of clone and sample are judged like those outside."""
    good, bad = act.set(key.tcp(5, 6)), act.set(key.udp(5, 6))
    for label, actions in (
        ('good', good),
        ('bad', bad),
        ('good in clone', act.clone(good)),
        ('bad in clone', act.clone(bad)),
        ('bad in sample', act.sample(1, bad)),
        ('vlan in clone', act.clone(act.push_vlan(0x1001)) + good),
        ('popped in clone', act.clone(act.pop_vlan()) + good),
    ):
        t.try_put(label, TCP, actions)


@case('action/round-trip')
def round_trip(t):
    """What a flow's actions look like in GET, dump and an upcall."""
    actions = (
        t.to_user(b'cookie', True)
        + act.set(key.eth(B, A))
        + act.set_masked(
            key.eth('00:00:00:00:00:09', bytes(6)), key.eth('00:00:00:00:00:0f', bytes(6))
        )
        + act.push_vlan(0x1001)
        + act.pop_vlan()
        + act.trunc(60)
        + act.recirc(3)
        + act.sample(1 << 31, act.output(1), act.clone(act.set(key.skb_mark(9))))
        + act.clone()
        + act.output(2)
    )
    t.put(PLAIN, actions, label='new')
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, PLAIN), label='get')
    t.dump('ovs_flow', FLOW_GET, label='dump')
    t.flow_ask(4, attr(FLOW_KEY, PLAIN), attr(2, actions[::1]), flags=1 | 4 | 8, label='set')
    t.execute(bytes(12) + b'\x90\0' + bytes(46), key.in_port(1), actions, label='executed')


@case('action/unsupported-set')
def unsupported(t):
    for name in (
        'encap',
        'in_port',
        'vlan',
        'eth_type',
        'icmp',
        'icmpv6',
        'arp',
        'nd',
        'tcp_flags',
        'dp_hash',
        'recirc_id',
        'ct_state',
        'ct_zone',
        'ipv6_exthdrs',
    ):
        for length in (0, 2, 4, 8):
            t.try_put(f'{name} of {length} bytes', PLAIN, act.set(attr(KEY[name], bytes(length))))
            t.try_put(
                f'{name} of {length} bytes, masked', PLAIN, attr(11, attr(KEY[name], bytes(length)))
            )
