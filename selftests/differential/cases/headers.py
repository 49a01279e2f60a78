# SPDX-License-Identifier: BSD-3-Clause
"""Headers pushed and popped: MPLS, Ethernet, NSH, and what may follow."""
import itertools
import struct

from ovslang import ACTION, KEY, act, key
from ovsnl import attr, be16, be32, u32
from packets import A, B
from protocols import SHAPES, join
from scene import case

TCP = join(SHAPES['ipv4-tcp'])
L3 = join(SHAPES['layer3-ipv4'])
ETH = join(SHAPES['ieee802'])
PORT = key.in_port(1)
LSE = 0x15140


def mpls(labels, eth_type=0x8847, start=ETH):
    stack = b''.join(be32(LSE | (n == labels - 1) << 8) for n in range(labels))
    return start + key.eth_type(eth_type) + attr(KEY['mpls'], stack)


def tagged(inner):
    return ETH + key.eth_type(0x8100) + key.vlan(0x1001) + key.encap(inner)


def base(flags=0, ttl=63, mdtype=1, np=1, path=0x5FF):
    return attr(1, bytes((flags, ttl, mdtype, np)) + be32(path))


MD1 = attr(2, bytes(range(16)))


def nsh(np, start=ETH):
    return start + key.eth_type(0x894F) + attr(KEY['nsh'], base(np=np) + MD1)


FLOWS = {
    'tcp': TCP,
    'ipv6': join(SHAPES['ipv6-tcp']),
    'arp': join(SHAPES['arp']),
    'rarp': join(SHAPES['rarp']),
    'unknown': join(SHAPES['unknown-ethertype']),
    'ieee802': ETH,
    'layer 3': L3,
    'layer 3 unknown': join(SHAPES['layer3-unknown']),
    'tagged': tagged(key.eth_type(0x800) + key.ipv4('1.2.3.4', '5.6.7.8', 47)),
    'tagged mpls': tagged(key.eth_type(0x8847) + attr(KEY['mpls'], be32(LSE | 0x100))),
    'mpls': mpls(1),
    'mpls multicast': mpls(1, 0x8848),
    'two labels': mpls(2),
    'three labels': mpls(3),
    'layer 3 mpls': mpls(2, start=PORT),
    'nsh to ipv4': nsh(1),
    'nsh to ethernet': nsh(3),
    'nsh to mpls': nsh(5),
    'nsh to nothing known': nsh(6),
    'layer 3 nsh': nsh(2, PORT),
}

STEPS = {
    'push_mpls': act.push_mpls(LSE),
    'push_mpls multicast': act.push_mpls(LSE, 0x8848),
    'add_mpls': act.add_mpls(LSE),
    'add_mpls at layer 3': act.add_mpls(LSE, 0x8848, True),
    'pop_mpls to mpls': act.pop_mpls(0x8847),
    'pop_mpls to ipv4': act.pop_mpls(0x0800),
    'pop_mpls to ethernet': act.pop_mpls(0x6558),
    'set mpls': act.set(attr(KEY['mpls'], be32(LSE))),
    'push_vlan': act.push_vlan(0x1001),
    'pop_vlan': act.pop_vlan(),
    'push_eth': act.push_eth(A, B),
    'pop_eth': act.pop_eth(),
    'push_nsh': act.push_nsh(base(), MD1),
    'pop_nsh': act.pop_nsh(),
    'set eth': act.set(key.eth(B, A)),
    'set tcp': act.set(key.tcp(5, 6)),
    'ct': act.ct(),
}

for name, flow_key in FLOWS.items():

    @case(f'headers/{name.replace(" ", "-")}/pairs')
    def pairs(t, flow_key=flow_key):
        """Each step, and each behind each other."""
        for first in STEPS:
            t.try_put(first, flow_key, STEPS[first])
        for first, second in itertools.product(STEPS, STEPS):
            t.try_put(f'{first}, {second}', flow_key, STEPS[first] + STEPS[second], flags=5 | 0x400)

    @case(f'headers/{name.replace(" ", "-")}/pops')
    def pops(t, flow_key=flow_key):
        for count in range(2, 6):
            t.try_put(f'{count} pops', flow_key, act.pop_mpls(0x8847) * count)
            t.try_put(f'pushed, {count} pops', flow_key, act.push_mpls(LSE) + act.pop_mpls(0x8847) * count)
            t.try_put(f'added, {count} pops', flow_key, act.add_mpls(LSE) + act.pop_mpls(0x8848) * count)
            t.try_put(
                f'{count} in a clone', flow_key, act.clone(act.pop_mpls(0x8847) * count) + act.pop_mpls(0x8847)
            )


@case('headers/wildcarded')
def wildcarded(t):
    """What a flow doesn't match is not known."""
    exact = key.eth_type(0xFFFF)
    for name in ('mpls', 'three labels', 'nsh to ipv4', 'tagged'):
        for label, mask in (('nothing', b''), ('ethertype', exact)):
            for step, action in STEPS.items():
                t.try_put(f'{name}, {label}: {step}', FLOWS[name], action * 2, mask)


@case('headers/mpls/values')
def mpls_values(t):
    for kind in (0, 0x800, 0x8847, 0x8848, 0x8849, 0xFFFF):
        t.try_put(f'push {kind:#x}', TCP, act.push_mpls(LSE, kind))
        t.try_put(f'add {kind:#x}', TCP, act.add_mpls(LSE, kind))
        t.try_put(f'pop to {kind:#x}', mpls(2), act.pop_mpls(kind))
    for flags in (0, 1, 2, 3, 0xFFFE, 0xFFFF):
        payload = be32(LSE) + be16(0x8847) + struct.pack('=H', flags)
        t.try_put(f'add with flags {flags:#x}', TCP, attr(ACTION['add_mpls'], payload))
        t.try_put(f'push with padding {flags:#x}', TCP, attr(ACTION['push_mpls'], payload))


@case('headers/mpls/set')
def mpls_set(t):
    for length in range(0, 20):
        for name in ('set', 'set_masked'):
            data = attr(ACTION[name], attr(KEY['mpls'], b'\xff' * length))
            for count in (1, 3):
                t.try_put(f'{name} of {length} bytes, {count} labels', mpls(count), data)
            t.try_put(f'{name} of {length} bytes, no labels', TCP, data)


@case('headers/push_nsh/attributes')
def push_nsh(t):
    md2 = attr(3, bytes(8))
    for label, data in (
        ('nothing', b''),
        ('base', base()),
        ('context', MD1),
        ('base and context', base() + MD1),
        ('turned round', MD1 + base()),
        ('type 2', base(mdtype=2) + md2),
        ('both', base() + MD1 + md2),
        ('both of type 2', base(mdtype=2) + MD1 + md2),
        ('type 1 with context 2', base() + md2),
        ('type 2 with context 1', base(mdtype=2) + MD1),
        ('type 0', base(mdtype=0) + MD1),
        ('base twice', base(mdtype=2) + base() + MD1),
        ('context twice', base() + MD1 + MD1),
        ('flags and ttl out of range', base(0xFF, 0xFF) + MD1),
        ('next protocol', base(np=99) + MD1),
        ('attribute 0', base() + MD1 + attr(0)),
        ('attribute 4', base() + MD1 + attr(4)),
        ('left over', base() + MD1 + b'\1'),
        ('base short', attr(1, bytes(7)) + MD1),
        ('base long', attr(1, bytes(9)) + MD1),
        ('context short', base() + attr(2, bytes(15))),
        ('context long', base() + attr(2, bytes(17))),
    ):
        t.try_put(label, TCP, act.push_nsh(data))
        t.try_put(f'{label}, layer 3', L3, act.push_nsh(data))
        t.try_put(f'{label}, no nest', TCP, attr(ACTION['push_nsh'], data))
    for length in (*range(0, 10), 239, 240, 244, 245, 246, 247, 249, 252, 256, 300):
        t.try_put(f'{length} bytes of type 2', TCP, act.push_nsh(base(mdtype=2), attr(3, bytes(length))))


@case('headers/push_nsh/form')
def push_nsh_form(t):
    whole = attr(KEY['nsh'], base() + MD1)
    for label, data in (
        ('nothing', b''),
        ('whole', whole),
        ('two', whole + whole),
        ('another key', key.skb_mark(5)),
        ('left over', whole + b'\1'),
        ('left over word', whole + bytes(4)),
        ('flagged', attr(KEY['nsh'] | 0x8000, base() + MD1)),
        ('nla_len 3', b'\3\0' + whole[2:]),
        ('nla_len too long', attr(KEY['nsh'], base() + MD1, 60)),
    ):
        t.try_put(label, TCP, attr(ACTION['push_nsh'], data))
        t.try_put(f'{label}, behind', TCP, act.output(1) + attr(ACTION['push_nsh'], data) + act.output(2))


@case('headers/hash/values')
def hash_values(t):
    for algorithm in (0, 2, 3, 0xFFFFFFFF):
        for basis in (0, 1, 0xFFFFFFFF):
            t.try_put(f'{algorithm} {basis}', TCP, act.hash(basis, algorithm))


@case('headers/meter/values')
def meter_values(t):
    for number in (0, 1, 0xFFFFFFFF):
        t.try_put(f'{number}', TCP, act.meter(number) + act.output(1))
        t.try_put(f'{number}, nested', TCP, act.clone(act.meter(number)) + act.sample(3, act.meter(number)))
    t.try_put('mark behind it', TCP, act.meter(1) + act.set(attr(KEY['skb_mark'], u32(1))))
