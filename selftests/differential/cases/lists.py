# SPDX-License-Identifier: BSD-3-Clause
"""Actions that hold lists: check_pkt_len and dec_ttl, and lists in lists to the limit."""
import struct

from ovslang import ACTION, act, key
from ovsnl import FLOW_ACTIONS, FLOW_GET, FLOW_KEY, FLOW_SET, attr, u32
from packets import A, B
from protocols import SHAPES, join
from scene import case

PLAIN = join(SHAPES['unknown-ethertype'])
TCP = join(SHAPES['ipv4-tcp'])
ONE, TWO = act.output(1), act.output(2)
CHANGE = act.set(key.eth(B, A))


def length(value):
    return attr(1, struct.pack('=H', value))


CHECKS = {
    'whole': length(100) + attr(2, ONE) + attr(3, TWO),
    'turned round': attr(3, TWO) + attr(2, ONE) + length(100),
    'nothing': b'',
    'no length': attr(2, ONE) + attr(3, TWO),
    'no list for longer': length(100) + attr(3, TWO),
    'no list for others': length(100) + attr(2, ONE),
    'empty lists': length(100) + attr(2) + attr(3),
    'length 0': length(0) + attr(2) + attr(3),
    'length of 1 byte': attr(1, b'\5') + attr(2) + attr(3),
    'length of 4 bytes': attr(1, u32(100)) + attr(2) + attr(3),
    'length of 4 bytes, low half 0': attr(1, u32(0x10000)) + attr(2) + attr(3),
    'length twice': length(0) + length(100) + attr(2) + attr(3),
    'length twice, then 0': length(100) + length(0) + attr(2) + attr(3),
    'list twice': length(100) + attr(2, attr(99)) + attr(2, ONE) + attr(3),
    'unknown': length(100) + attr(2) + attr(3) + attr(4),
    'unknown first': attr(5, u32(0)) + length(100) + attr(2) + attr(3),
    'type 0': length(100) + attr(2) + attr(3) + attr(0),
    'left over': length(100) + attr(2) + attr(3) + b'\1\2',
    'left over word': length(100) + attr(2) + attr(3) + bytes(4),
    'list of 1 byte': length(100) + attr(2, b'\1') + attr(3),
    'list of 3 bytes': length(100) + attr(2) + attr(3, b'\1\2\3'),
    'short, then unknown': attr(1, b'\5') + attr(9) + attr(2) + attr(3),
    'unknown, then short': attr(9) + attr(1, b'\5') + attr(2) + attr(3),
    'bad for longer': length(100) + attr(2, attr(99)) + attr(3),
    'bad for others': length(100) + attr(2) + attr(3, attr(99)),
    'deep for longer, bad for others': length(1)
    + attr(2, act.clone(*[act.output(99999)]))
    + attr(3, attr(2, attr(1, b'\1'))),
    'flagged': attr(0x8001, struct.pack('=H', 7)) + attr(0x8002, ONE) + attr(0x8003),
    'changes': length(100) + attr(2, CHANGE) + attr(3, CHANGE + ONE),
    'left over inside': length(100) + attr(2, ONE + b'\1') + attr(3),
}

DEC_TTLS = {
    'whole': attr(1, ONE),
    'nothing': b'',
    'empty list': attr(1),
    'twice': attr(1, ONE) + attr(1, TWO),
    'type 0': attr(0) + attr(1, ONE),
    'unknown': attr(2, u32(5)) + attr(1, ONE) + attr(99),
    'unknown alone': attr(2),
    'left over': attr(1, ONE) + b'\1',
    'left over word': attr(1, ONE) + bytes(4),
    'list of 1 byte': attr(1, b'\1'),
    'list of 3 bytes': attr(1, b'\1\2\3'),
    'bad inside': attr(1, attr(99)),
    'left over inside': attr(1, ONE + b'\1\2'),
    'flagged': attr(0x8001, ONE),
    'changes': attr(1, CHANGE),
}

for action, table in (('check_pkt_len', CHECKS), ('dec_ttl', DEC_TTLS)):

    @case(f'lists/{action}/attributes')
    def attributes(t, action=action, table=table):
        for label, data in table.items():
            whole = attr(ACTION[action], data)
            t.try_put(label, TCP, whole)
            t.try_put(f'{label}, then more', PLAIN, whole + TWO)
            t.try_put(f'{label}, in a clone', TCP, act.clone(whole) + TWO)
            t.try_put(f'{label}, not padded', TCP, attr(ACTION[action], data + b'\5\0\1\0\1'))

    @case(f'lists/{action}/protocols')
    def protocols(t, action=action, table=table):
        for name, shape in SHAPES.items():
            t.try_put(name, join(shape), attr(ACTION[action], table['whole']) + TWO)


@case('lists/check_pkt_len/values')
def values(t):
    for value in (0, 1, 64, 1500, 65535):
        t.try_put(str(value), PLAIN, act.check_pkt_len(value, ONE, TWO))


KINDS = {
    'sample': lambda inner: act.sample(7, inner),
    'clone': act.clone,
    'check_pkt_len, longer': lambda inner: act.check_pkt_len(9, inner),
    'check_pkt_len, others': lambda inner: act.check_pkt_len(9, b'', inner),
    'dec_ttl': act.dec_ttl,
}

for name, wrap in KINDS.items():

    @case(f'lists/depth/{name.replace(", ", "-")}')
    def depths(t, wrap=wrap):
        actions = ONE
        for depth in range(1, 41):
            actions = wrap(actions)
            if depth in (1, 2, 14, 15, 16, 17, 18, 40):
                t.try_put(f'depth {depth}', TCP, actions)
                t.flow_ask(
                    FLOW_SET, attr(FLOW_KEY, TCP), attr(FLOW_ACTIONS, actions), label=f'{depth}, set'
                )
                t.execute(bytes(60), None, actions, label=f'depth {depth}, executed')

    @case(f'lists/state/{name.replace(", ", "-")}')
    def state(t, wrap=wrap):
        """What a list inside knows of the packet, and what is known behind it."""
        for step, action, witness in (
            ('pop_eth', act.pop_eth(), act.pop_eth()),
            ('push_vlan', act.push_vlan(0x1001), act.push_mpls(0x100)),
            ('push_mpls', act.push_mpls(0x100), act.pop_mpls(0x8847)),
            ('add_mpls', act.add_mpls(0x100), act.pop_mpls(0x8847) * 2),
            ('set', act.set(key.tcp(1, 2)), act.set(key.tcp(1, 2))),
        ):
            t.try_put(f'{step} before', TCP, action + wrap(witness))
            t.try_put(f'{step} inside', TCP, wrap(action + witness))
            t.try_put(f'{step} inside, seen behind', TCP, wrap(action) + witness)
            t.try_put(f'{step} before, seen behind', TCP, action + wrap(b'') + witness)


@case('lists/round-trip')
def round_trip(t):
    actions = (
        act.check_pkt_len(100, t.to_user(b'a', True) + ONE, act.dec_ttl(t.to_user(b'b', True)))
        + act.dec_ttl(ONE, act.check_pkt_len(1, TWO, act.clone(ONE)))
        + t.to_user(b'c', True)
    )
    t.put(TCP, actions, label='new')
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, TCP), label='get')
    t.dump('ovs_flow', FLOW_GET, label='dump')


@case('lists/too-long')
def too_long(t):
    """A list inside of another must fit what an attribute can hold."""
    for count in (1000, 5000, 8000, 8180):
        for name, wrap in KINDS.items():
            actions = wrap(ONE * count)
            if len(actions) < 65000:
                t.try_put(f'{count} outputs in {name}', PLAIN, actions, flags=5 | 0x400)
