# SPDX-License-Identifier: BSD-3-Clause
"""VLAN keys: one and two levels, truncated headers, the CFI bit, masks of the parts."""
from ovsnl import FLOW_DEL, FLOW_GET, FLOW_KEY, attr
from ovslang import act, key
from packets import A, B, IP_A, IP_B
from protocols import SHAPES, join
from scene import case

FRONT = key.in_port(1) + key.eth(A, B)
TCP4 = key.eth_type(0x800) + key.ipv4(IP_A, IP_B, 6) + key.tcp(1, 2) + key.tcp_flags(2)
PLAIN = key.eth_type(0x9000)


def tag(inner, tci=0x1005, tpid=0x8100):
    return key.eth_type(tpid) + key.vlan(tci) + key.encap(inner)


def round_trip(t, flow_key, mask=None):
    t.put(flow_key, act.output(2), mask, label='new')
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, flow_key), label='get')
    t.dump('ovs_flow', FLOW_GET, label='dump')
    t.flow_ask(FLOW_DEL, attr(FLOW_KEY, flow_key), flags=1 | 4 | 8, label='del')


GOOD = {
    'single': tag(PLAIN),
    'single-tcp': tag(TCP4),
    'service-tag': tag(PLAIN, tpid=0x88A8),
    'double': tag(tag(PLAIN), 0x1007, 0x88A8),
    'double-tcp': tag(tag(TCP4), 0x1007, 0x88A8),
    'double-customer': tag(tag(PLAIN, 0x1009), 0x1007),
    'inner-ieee802': tag(b''),
    'priority-tag': tag(PLAIN, 0xF000),
    'highest': tag(PLAIN, 0xFFFF),
    'truncated': tag(b'', 0),
    'truncated-inner': tag(tag(b'', 0)),
    'inner-service-tag': tag(tag(PLAIN, 0x1001, 0x88A8)),
    'arp': tag(join(SHAPES['arp'][2:])),
    'solicit': tag(join(SHAPES['ipv6-solicit'][2:])),
}
for name, flow_key in GOOD.items():

    @case(f'vlan/key/{name}')
    def good(t, flow_key=flow_key):
        round_trip(t, FRONT + flow_key)


BAD = {
    'no-vlan': key.eth_type(0x8100) + key.encap(PLAIN),
    'no-encap': key.eth_type(0x8100) + key.vlan(0x1005),
    'tpid-only': key.eth_type(0x8100),
    'inner-tpid-only': tag(key.eth_type(0x8100)),
    'inner-no-encap': tag(key.eth_type(0x8100) + key.vlan(0x1001)),
    'no-cfi': tag(PLAIN, 0x0005),
    'no-cfi-inner': tag(tag(PLAIN, 5)),
    'zero-tci-with-encap': tag(PLAIN, 0),
    'zero-inner-tci-with-encap': tag(tag(PLAIN, 0)),
    'wrong-tpid': tag(PLAIN, tpid=0x9100),
    'tpid-ip': tag(PLAIN, tpid=0x800),
    'triple': tag(tag(tag(PLAIN))),
    'triple-truncated': tag(tag(tag(b'', 0))),
    'metadata-in-encap': tag(key.skb_mark(1) + PLAIN),
    'port-in-encap': tag(key.in_port(1) + PLAIN),
    'ethernet-in-encap': tag(key.eth(A, B) + PLAIN),
    'same-outside': tag(TCP4) + key.tcp(1, 2),
    'ip-outside': tag(PLAIN) + key.ipv4(IP_A, IP_B, 47),
    'missing-inside': tag(key.eth_type(0x800)),
    'low-ethertype-inside': tag(key.eth_type(5)),
    'encap-twice': tag(PLAIN) + key.encap(PLAIN),
    'vlan-twice': tag(PLAIN) + key.vlan(0x1001),
    'junk-in-encap': tag(b'\1\2\3'),
    'unknown-in-encap': tag(PLAIN + attr(40, b'abcd')),
    'encap-in-encap': tag(key.encap(PLAIN)),
    'vlan-in-encap': tag(PLAIN + key.vlan(0x1001)),
}
for name, flow_key in BAD.items():

    @case(f'vlan/key/odd/{name}')
    def odd(t, flow_key=flow_key):
        t.try_put('key', FRONT + flow_key)
        t.try_put('empty mask', FRONT + flow_key, b'', b'')
        t.flow_ask(FLOW_GET, attr(FLOW_KEY, FRONT + flow_key), label='get')


@case('vlan/lengths')
def lengths(t):
    for length in range(5):
        t.try_put(
            f'tci of {length} bytes',
            FRONT + key.eth_type(0x8100) + attr(5, b'\x10' * length) + key.encap(PLAIN),
        )
    for length in range(9):
        t.try_put(
            f'encap of {length} bytes',
            FRONT + key.eth_type(0x8100) + key.vlan(0x1001) + attr(1, PLAIN[:length]),
        )


@case('vlan/flagged-encap')
def flagged(t):
    round_trip(t, FRONT + key.eth_type(0x8100) + key.vlan(0x1001) + attr(1 | 0x8000, PLAIN))


MASKS = {
    'exact': tag(key.eth_type(0xFFFF), 0xFFFF, 0xFFFF),
    'empty': b'',
    'tci-only': key.vlan(0xFFFF),
    'tpid-only': key.eth_type(0xFFFF),
    'tpid-and-tci': key.eth_type(0xFFFF) + key.vlan(0xFFFF),
    'vid': tag(b'', 0x1FFF, 0xFFFF),
    'priority': tag(b'', 0xF000, 0xFFFF),
    'cfi': tag(b'', 0x1000, 0xFFFF),
    'no-cfi': tag(b'', 0xEFFF, 0xFFFF),
    'no-tci': key.eth_type(0xFFFF) + key.encap(b''),
    'zero-tci': tag(b'', 0, 0xFFFF),
    'partial-tpid': tag(key.eth_type(0xFFFF), 0xFFFF, 0xFF00),
    'zero-tpid': tag(key.eth_type(0xFFFF), 0xFFFF, 0),
    'no-tpid': key.vlan(0xFFFF) + key.encap(b''),
    'encap-only': key.encap(key.eth_type(0xFFFF)),
    'inner-type-partial': tag(key.eth_type(0xFF00), 0xFFFF, 0xFFFF),
    'zero-encap': key.eth_type(0xFFFF) + key.vlan(0xFFFF) + key.encap(key.eth_type(0)),
    'duplicate-across': tag(key.eth_type(0xFFFF), 0xFFFF, 0xFFFF) + key.in_port(0xFFFFFFFF),
    'port-inside': tag(key.in_port(0xFFFFFFFF) + key.eth_type(0xFFFF), 0xFFFF, 0xFFFF),
    'double': tag(tag(key.eth_type(0xFFFF), 0xFFFF, 0xFFFF), 0xFFFF, 0xFFFF),
    'double-outer-vid': tag(tag(b'', 0x1000, 0xFFFF), 0x1FFF, 0xFFFF),
    'double-no-inner-cfi': tag(tag(b'', 0xFFF, 0xFFFF), 0xFFFF, 0xFFFF),
    'tcp-inside': tag(
        key.eth_type(0xFFFF) + key.ipv4('255.0.0.0', '0.0.0.0', 0xFF, 0, 0, 0) + key.tcp(0xFFFF, 0),
        0xFFFF,
        0xFFFF,
    ),
    'ip-outside': tag(key.eth_type(0xFFFF), 0xFFFF, 0xFFFF)
    + key.ipv4('255.0.0.0', '0.0.0.0', 0, 0, 0, 0),
}
for name, mask in MASKS.items():

    @case(f'vlan/mask/{name}')
    def mask_case(t, mask=mask):
        for which in (
            'single',
            'single-tcp',
            'double',
            'double-tcp',
            'truncated',
            'truncated-inner',
        ):
            t.try_put(which, FRONT + GOOD[which], b'', mask)
        t.try_put('untagged', FRONT + PLAIN, b'', mask)
        t.try_put('untagged tcp', FRONT + TCP4, b'', mask)
