# SPDX-License-Identifier: BSD-3-Clause
"""Tunnels in set actions: each attribute, options, and the form in which they come back."""
import itertools
import struct

from ovslang import ACTION, KEY, act, ip4, ip6
from ovsnl import FLOW_GET, FLOW_KEY, attr, be16, u32
from protocols import SHAPES, join
from scene import case

TCP = join(SHAPES['ipv4-tcp'])

ID = attr(0, bytes(7) + b'\x2a')
SRC4, DST4 = attr(1, ip4('10.0.0.1')), attr(2, ip4('10.0.0.2'))
TOS, TTL = attr(3, b'\x10'), attr(4, b'\x40')
DF, CSUM, OAM = attr(5), attr(6), attr(7)
TP_SRC, TP_DST = attr(9, be16(1000)), attr(10, be16(4789))
SRC6, DST6 = attr(12, ip6('2001:db8::1')), attr(13, ip6('2001:db8::2'))
BRIDGE = attr(16)


def option(kind=1, words=1, claimed=None):
    head = struct.pack('!HBB', 0x102, kind, words if claimed is None else claimed)
    return head + bytes(range(4 * words))


def geneve(*options):
    return attr(8, b''.join(options))


def vxlan(*attributes):
    return attr(11, b''.join(attributes))


def erspan(version, body=bytes(8)):
    return attr(15, bytes((version, 0, 0, 0)) + body)


def set_tunnel(*attributes):
    return act.set(attr(KEY['tunnel'], b''.join(attributes)))


PARTS = {
    'nothing': b'',
    'least': DST4 + TTL,
    'least of IPv6': DST6 + TTL,
    'no ttl': DST4,
    'no destination': SRC4 + TTL,
    'destination 0': attr(2, bytes(4)) + TTL,
    'destination 0 of IPv6': attr(13, bytes(16)) + TTL,
    'source of the other family': SRC6 + DST4 + TTL,
    'all of IPv4': ID + SRC4 + DST4 + TOS + TTL + DF + CSUM + TP_SRC + TP_DST + OAM,
    'all of IPv6': ID + SRC6 + DST6 + TOS + TTL + DF + CSUM + TP_SRC + TP_DST + OAM,
    'turned round': OAM + TP_DST + TP_SRC + CSUM + DF + TTL + TOS + DST4 + SRC4 + ID,
    'zeros': attr(0, bytes(8)) + attr(1, bytes(4)) + DST4 + attr(3, b'\0') + attr(4, b'\0'),
    'ports 0': DST4 + TTL + attr(9, bytes(2)) + attr(10, bytes(2)),
    'twice': DST4 + TTL + attr(2, ip4('10.9.9.9')) + attr(4, b'\5'),
    'pad': DST4 + TTL + attr(14),
    'pad with payload': DST4 + TTL + attr(14, u32(0)),
    'bridge': BRIDGE,
    'bridge with id': ID + BRIDGE,
    'bridge with ttl 0': BRIDGE + attr(4, b'\0'),
    'bridge with ttl': BRIDGE + TTL,
    'bridge with destination': BRIDGE + DST4,
    'bridge with flags': BRIDGE + DF,
    'bridge of IPv6': BRIDGE + DST6 + TTL,
    'bridge with options': BRIDGE + geneve(option()),
    'unknown': DST4 + TTL + attr(17),
    'left over': DST4 + TTL + b'\1',
    'left over word': DST4 + TTL + bytes(4),
}

OPTIONS = {
    'geneve': geneve(option()),
    'geneve empty': geneve(),
    'geneve of no words': geneve(option(words=0)),
    'geneve critical': geneve(option(0x81)),
    'geneve twice': geneve(option(), option(2, 3)),
    'geneve cut': geneve(option(words=1, claimed=2)),
    'geneve cut behind a whole one': geneve(option(), option(words=2, claimed=5)),
    'geneve reserved bits': geneve(option(words=1, claimed=0xE1)),
    'geneve of half a head': geneve(option()[:2]),
    'geneve of 6 bytes': geneve(option()[:6]),
    'geneve of 252 bytes': geneve(option(words=31), option(words=30)),
    'geneve of 256 bytes': geneve(option(words=31), option(words=31)),
    'vxlan': vxlan(attr(1, u32(0x80001234))),
    'vxlan empty': vxlan(),
    'vxlan short': vxlan(attr(1, b'\1\2')),
    'vxlan long': vxlan(attr(1, bytes(8))),
    'vxlan unknown': vxlan(attr(2, u32(1))),
    'vxlan twice': vxlan(attr(1, u32(1)), attr(1, u32(2))),
    'vxlan left over': vxlan(attr(1, u32(1)), b'\1'),
    'erspan 1': erspan(1),
    'erspan 2': erspan(2),
    'erspan 0': erspan(0),
    'erspan short': attr(15, b'\1'),
    'erspan empty': attr(15),
    'erspan long': erspan(1, bytes(30)),
    'two kinds': geneve(option()) + vxlan(attr(1, u32(1))),
    'two of a kind': geneve(option()) + geneve(option()),
}


@case('set_tunnel/attributes')
def attributes(t):
    for label, data in PARTS.items():
        t.try_put(label, TCP, set_tunnel(data))
        t.try_put(f'{label}, masked', TCP, attr(ACTION['set_masked'], attr(KEY['tunnel'], data + data)))
        t.try_put(f'{label}, in a clone', TCP, act.clone(set_tunnel(data)) + act.output(1))


@case('set_tunnel/options')
def options(t):
    for label, data in OPTIONS.items():
        for family, least in (('IPv4', DST4 + TTL), ('IPv6', DST6 + TTL)):
            t.try_put(f'{label}, {family}', TCP, set_tunnel(least, data))
            t.try_put(f'{label} before {family}', TCP, set_tunnel(data, OAM, least))


@case('set_tunnel/lengths')
def lengths(t):
    for kind, length in itertools.product(range(18), (*range(10), 15, 16, 17)):
        data = DST4 + TTL + attr(kind, b'\1' * length)
        t.try_put(f'{kind} of {length} bytes', TCP, set_tunnel(data))


@case('set_tunnel/form')
def form(t):
    whole = attr(KEY['tunnel'], DST4 + TTL)
    for label, data in (
        ('two', whole + whole),
        ('left over', whole + b'\1'),
        ('flagged', attr(KEY['tunnel'] | 0x8000, DST4 + TTL)),
        ('nla_len too long', attr(KEY['tunnel'], DST4 + TTL, 60)),
        ('tunnel_info', attr(KEY['tunnel_info'], bytes(8))),
        ('tunnel_info empty', attr(KEY['tunnel_info'])),
        ('with another', whole + attr(KEY['skb_mark'], u32(1))),
    ):
        t.try_put(label, TCP, attr(ACTION['set'], data))


@case('set_tunnel/protocols')
def protocols(t):
    for name, shape in SHAPES.items():
        t.try_put(name, join(shape), set_tunnel(ID, DST4, TTL) + act.output(1))


@case('set_tunnel/round-trip')
def round_trip(t):
    actions = (
        set_tunnel(TTL, geneve(option(), option(2, 0)), DST6, ID)
        + act.sample(5, set_tunnel(vxlan(attr(1, u32(7))), TTL, DST4))
        + act.check_pkt_len(100, set_tunnel(erspan(2), DST4, TTL))
        + t.to_user(b'', True)
    )
    t.put(TCP, actions, label='new')
    t.flow_ask(FLOW_GET, attr(FLOW_KEY, TCP), label='get')
    t.dump('ovs_flow', FLOW_GET, label='dump')
    t.execute(bytes(60), None, actions, label='executed')
