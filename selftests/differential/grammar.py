# SPDX-License-Identifier: BSD-3-Clause
"""Random sentences of the API's language: keys, masks and actions that mean something.

All comes from a random.Random, so that a seed says all. Values come from small pools, so that
flows meet. `rng.pids` are port ids of sockets that read upcalls. What is newer than the distribution's module is not spoken here (psample, drop, hashes
of symmetric L4): its own cases do.
"""
import struct

from mutate import Node
from ovslang import ACTION, KEY, ip4, ip6, mac
from ovsnl import be16, be32, u16, u32

MACS = [mac(f'02:00:00:00:00:0{n}') for n in range(1, 4)] + [b'\xff' * 6, b'\1\0\x5e\0\0\1']
IP4S = [ip4(text) for text in ('10.0.0.1', '10.0.0.2', '10.1.2.3', '192.168.0.1', '0.0.0.0')]
IP6S = [ip6(text) for text in ('2001:db8::1', '2001:db8::2', 'fe80::1', 'ff02::1', '::')]
PORTS = (0, 53, 80, 1000, 2000, 65535)
IPV4, IPV6, ARP, RARP, NSH = 0x800, 0x86DD, 0x806, 0x8035, 0x894F
MPLS = (0x8847, 0x8848)
VLANS = (0x8100, 0x88A8)
TCP, UDP, SCTP, ICMP, ICMPV6 = 6, 17, 132, 1, 58
# Port ids that no socket has.
NOBODIES = (0x70000001, 0x70000002, 0)
SETTABLE = ('eth', 'ipv4', 'ipv6', 'tcp', 'udp', 'sctp', 'mpls', 'priority', 'skb_mark')
READ_ONLY_V4, READ_ONLY_V6 = (8, 11), (36, 39)  # proto and frag in the key's bytes


class State:
    """What actions may suppose of the packet."""

    def __init__(self):
        self.ethernet = True
        self.tags = 0
        self.eth_type = 0
        self.proto = 0
        self.frag = 0
        self.labels = 0
        self.execute = False

    def is_ip(self):
        return self.eth_type in (IPV4, IPV6)


def number(rng, *usual, bits=32):
    """One of the usual values, rarely any."""
    return rng.choice(usual) if usual and rng.random() < 0.9 else rng.getrandbits(bits)


def some(rng, chance):
    return rng.random() < chance


# Keys


def metadata(rng):
    found = []
    for name, chance, value in (
        ('recirc_id', 0.2, lambda: u32(number(rng, 0, 1, 2, 7))),
        ('dp_hash', 0.1, lambda: u32(number(rng, 0, 0x1234))),
        ('priority', 0.15, lambda: u32(number(rng, 0, 3, 0x10001))),
        ('skb_mark', 0.15, lambda: u32(number(rng, 0, 0x55))),
        ('ct_state', 0.15, lambda: u32(rng.choice((0, 0x21, 0x22, 0x2A, 0x30, 0xFF, 0x100)))),
        ('ct_zone', 0.1, lambda: u16(number(rng, 0, 5, bits=16))),
        ('ct_mark', 0.1, lambda: u32(number(rng, 0, 0x77))),
        ('ct_labels', 0.1, lambda: rng.choice((bytes(16), bytes(range(16)), rng.randbytes(16)))),
    ):
        if some(rng, chance):
            found.append(Node(KEY[name], value()))
    if some(rng, 0.12):
        found.append(Node(KEY['tunnel'], tunnel(rng)))
    return found


def ct_tuple(rng, state):
    ports = be16(rng.choice(PORTS)) + be16(rng.choice(PORTS)) + bytes([rng.choice((6, 17, 0))])
    if state.eth_type == IPV6:
        return Node(KEY['ct_tuple6'], rng.choice(IP6S) + rng.choice(IP6S) + ports + bytes(3))
    return Node(KEY['ct_tuple4'], rng.choice(IP4S) + rng.choice(IP4S) + ports + bytes(3))


def geneve_option(rng):
    words = rng.choice((0, 1, 1, 2, 4, 31))
    return struct.pack('!HBB', rng.choice((0x102, 0xFFFF)), rng.choice((1, 0x80)), words) + (
        rng.randbytes(4 * words)
    )


def tunnel_options(rng):
    kind = rng.choice((8, 8, 11, 15))
    if kind == 8:
        options = b''.join(geneve_option(rng) for _ in range(rng.choice((0, 1, 1, 2, 3))))
        return Node(8, options)
    if kind == 11:
        return Node(11, [Node(1, u32(number(rng, 0, 1, 0x8000FFFF)))])
    return Node(15, bytes([rng.choice((1, 2, 0))]) + bytes(3) + rng.randbytes(8))


def tunnel(rng):
    """A tunnel's outer headers, as key or in set()."""
    found = [Node(0, rng.choice((bytes(8), bytes(7) + b'\x2a', rng.randbytes(8))))] * some(rng, 0.8)
    if some(rng, 0.7):
        found += [Node(1, rng.choice(IP4S))] * some(rng, 0.8) + [Node(2, rng.choice(IP4S[:4]))]
        found += [Node(16)] * some(rng, 0.1)
    else:
        found += [Node(12, rng.choice(IP6S))] * some(rng, 0.8) + [Node(13, rng.choice(IP6S[:4]))]
    found += [Node(3, bytes([rng.choice((0, 4, 0xB8))]))] * some(rng, 0.5)
    found += [Node(4, bytes([rng.choice((64, 255, 1, 0))]))] * some(rng, 0.95)
    for kind in (5, 6, 7):
        found += [Node(kind)] * some(rng, 0.3)
    for kind in (9, 10):
        found += [Node(kind, be16(rng.choice(PORTS)))] * some(rng, 0.3)
    found += [tunnel_options(rng)] * some(rng, 0.4)
    if some(rng, 0.2):
        rng.shuffle(found)
    return found


def nsh(rng, any_type=False):
    kind = rng.choice((1, 1, 1, 2)) if any_type else rng.choice((1, 1, 1, 1, 1, 2))
    base = struct.pack(
        '!BBBBI',
        rng.choice((0, 0x20)),
        rng.choice((63, 0)),
        kind,
        rng.choice((1, 2, 3, 4, 9)),
        number(rng, 0x1234FF),
    )
    context = rng.randbytes(16) if kind == 1 else rng.randbytes(rng.choice((0, 4, 8, 120, 244)))
    return [Node(1, base), Node(1 + kind, context)]


def label_stack(rng, depth=None):
    depth = depth or rng.choice((1, 1, 2, 3))
    return b''.join(
        be32(number(rng, 0x00064000, 0x00065000) & ~0x100 | (0x100 if i == depth - 1 else 0) | 64)
        for i in range(depth)
    )


def layer4(rng, state):
    """Transport attributes that the protocol asks for."""
    ports = be16(rng.choice(PORTS)) + be16(rng.choice(PORTS))
    if state.frag == 2:
        return []
    if state.proto == TCP:
        return [
            Node(KEY['tcp'], ports),
            Node(KEY['tcp_flags'], be16(number(rng, 2, 0x12, bits=12))),
        ]
    if state.proto in (UDP, SCTP):
        return [Node(KEY['udp' if state.proto == UDP else 'sctp'], ports)]
    if state.proto == ICMP and state.eth_type == IPV4:
        return [Node(KEY['icmp'], bytes((rng.choice((0, 8)), rng.choice((0, 1)))))]
    if state.proto != ICMPV6 or state.eth_type != IPV6:
        return []
    kind = rng.choice((128, 135, 136))
    found = [Node(KEY['icmpv6'], bytes((kind, 0)))]
    if kind != 128:
        found.append(
            Node(KEY['nd'], rng.choice(IP6S) + rng.choice(MACS) + rng.choice((MACS[0], bytes(6))))
        )
    return found


def layer3(rng, state):
    """Attributes behind the EtherType."""
    kind = state.eth_type
    if kind in (ARP, RARP):
        body = rng.choice(IP4S) + rng.choice(IP4S) + be16(rng.choice((1, 2, 255)))
        return [Node(KEY['arp'], body + rng.choice(MACS) + rng.choice(MACS) + bytes(2))]
    if kind in MPLS:
        stack = label_stack(rng)
        state.labels = len(stack) // 4
        return [Node(KEY['mpls'], stack)]
    if kind == NSH:
        return [Node(KEY['nsh'], nsh(rng))]
    if not state.is_ip():
        return []
    state.frag = rng.choice((0, 0, 0, 0, 1, 2))
    rest = bytes((rng.choice((0, 0x10)), rng.choice((1, 63, 64)), state.frag))
    if kind == IPV4:
        state.proto = rng.choice((TCP, TCP, UDP, UDP, SCTP, ICMP, 47))
        body = rng.choice(IP4S) + rng.choice(IP4S) + bytes([state.proto]) + rest
        return [Node(KEY['ipv4'], body)] + layer4(rng, state)
    state.proto = rng.choice((TCP, UDP, UDP, SCTP, ICMPV6, ICMPV6, 47))
    body = rng.choice(IP6S) + rng.choice(IP6S) + be32(number(rng, 0, 0x12345, bits=20))
    found = [Node(KEY['ipv6'], body + bytes([state.proto]) + rest)]
    if some(rng, 0.2):
        found.append(Node(KEY['ipv6_exthdrs'], u16(number(rng, 0, 0x24, bits=16))))
    return found + layer4(rng, state)


def tagged(rng, inner, tags):
    """Tags around what follows the addresses."""
    for _ in range(tags):
        tci = number(rng, 0x1005, 0x3005, 0x1000, bits=12) | 0x1000
        if some(rng, 0.05):
            tci = 0
        inner = [
            Node(KEY['eth_type'], be16(rng.choice(VLANS))),
            Node(KEY['vlan'], be16(tci)),
            Node(KEY['encap'], inner),
        ]
    return inner


def flow_key(rng):
    """(tree of a key that makes sense, State)."""
    state = State()
    found = metadata(rng)
    if some(rng, 0.9):
        found.append(Node(KEY['in_port'], u32(number(rng, 1, 1, 2, 0, 65534, bits=16))))
    if some(rng, 0.85):
        found.append(Node(KEY['eth'], rng.choice(MACS) + rng.choice(MACS)))
        state.tags = rng.choice((0, 0, 0, 1, 1, 2))
    else:
        state.ethernet = False
    state.eth_type = rng.choice(
        (IPV4,) * 8 + (IPV6,) * 6 + (ARP, ARP, RARP, *MPLS, NSH, NSH, 0x9000)
    )
    if state.ethernet and not state.tags and some(rng, 0.04):
        state.eth_type = 0
        return found, state
    inner = [Node(KEY['eth_type'], be16(state.eth_type))] + layer3(rng, state)
    found += tagged(rng, inner, state.tags)
    if state.is_ip() and some(rng, 0.08):
        found.append(ct_tuple(rng, state))
    if some(rng, 0.1):
        rng.shuffle(found)
    return found, state


# Masks


def mask_bits(rng, body):
    how = rng.random()
    if how < 0.45:
        return b'\xff' * len(body)
    if how < 0.6:
        return bytes(len(body))
    if how < 0.8:
        return bytes(rng.choice((0, 0xFF)) for _ in body)
    return rng.randbytes(len(body))


def mask_field(rng, node):
    """The mask of one attribute; None to leave it out."""
    structural = node.kind in (KEY['eth_type'], KEY['encap'], KEY['vlan'])
    if some(rng, 0.03 if structural else 0.3):
        return None
    if node.kind in (KEY['tunnel'], KEY['nsh']):
        return Node(node.kind, nested_mask(rng, node.body))
    if isinstance(node.body, list):
        return Node(node.kind, flow_mask(rng, node.body))
    bits = b'\xff' * len(node.body) if structural and some(rng, 0.9) else mask_bits(rng, node.body)
    proto = {KEY['ipv4']: READ_ONLY_V4[0], KEY['ipv6']: READ_ONLY_V6[0]}.get(node.kind)
    if proto is not None and some(rng, 0.8):
        bits = bits[:proto] + b'\xff' + bits[proto + 1 :]
    if node.kind == KEY['ipv6'] and some(rng, 0.9):
        bits = bits[:32] + bytes((0, bits[33] & 0xF)) + bits[34:]
    return Node(node.kind, bits)


def nested_mask(rng, tree):
    """The mask of a tunnel or of an NSH, whose attributes have numbers of their own."""
    found = []
    for node in tree:
        if some(rng, 0.8):
            inner = isinstance(node.body, list)
            found.append(
                Node(node.kind, nested_mask(rng, node.body) if inner else mask_bits(rng, node.body))
            )
    return found


def flow_mask(rng, key_tree):
    found = [mask_field(rng, node) for node in key_tree]
    return [node for node in found if node]


# Actions


def output(rng, state):
    return Node(ACTION['output'], u32(number(rng, 0, 1, 2, 2, 3, 65534, 65535, bits=16)))


def userspace(rng, state):
    pid = rng.pids if state.execute else NOBODIES
    body = [Node(1, u32(rng.choice(pid)), state.execute)]
    if some(rng, 0.6):
        body.append(Node(2, rng.randbytes(rng.choice((0, 1, 4, 8, 16, 50)))))
    if some(rng, 0.1):
        body.append(Node(3, u32(rng.choice((0, 1, 2, 99)))))
    if some(rng, 0.2):
        body.append(Node(4))
    return Node(ACTION['userspace'], body)


def settable(rng, state):
    """(kind, value, writable bits) of a field that set() may change."""
    names = ['priority', 'skb_mark']
    names += ['eth'] * 2 * state.ethernet
    names += ['ipv4'] * 3 * (state.eth_type == IPV4) + ['ipv6'] * 3 * (state.eth_type == IPV6)
    if state.is_ip() and state.frag != 2:
        names += {TCP: ['tcp'], UDP: ['udp'], SCTP: ['sctp']}.get(state.proto, []) * 3
    names += ['mpls'] * 3 * bool(state.labels)
    name = rng.choice(names)
    if some(rng, 0.06):
        name = rng.choice(SETTABLE)
    if name == 'eth':
        return name, rng.choice(MACS) + rng.choice(MACS)
    if name == 'ipv4':
        rest = bytes((state.proto, rng.choice((0, 0x20)), rng.choice((1, 64)), state.frag))
        return name, rng.choice(IP4S) + rng.choice(IP4S) + rest
    if name == 'ipv6':
        label = be32(number(rng, 0, 0x54321, bits=20))
        rest = bytes((state.proto, rng.choice((0, 0x20)), rng.choice((1, 64)), state.frag))
        return name, rng.choice(IP6S) + rng.choice(IP6S) + label + rest
    if name in ('tcp', 'udp', 'sctp'):
        return name, be16(rng.choice(PORTS[1:])) + be16(rng.choice(PORTS[1:]))
    return (name, label_stack(rng, 1)) if name == 'mpls' else (name, u32(number(rng, 0, 9)))


def set_field(rng, state):
    if some(rng, 0.12):
        return Node(ACTION['set'], [Node(KEY['tunnel'], tunnel(rng))])
    name, value = settable(rng, state)
    return Node(ACTION['set'], [Node(KEY[name], value)])


def set_masked(rng, state):
    name, value = settable(rng, state)
    bits = mask_bits(rng, value)
    fixed = {'ipv4': READ_ONLY_V4, 'ipv6': READ_ONLY_V6}.get(name, ())
    for at in fixed:
        bits = bits[:at] + b'\0' + bits[at + 1 :]
    if name == 'ipv6':
        bits = bits[:32] + bytes((0, bits[33] & 0xF)) + bits[34:]
    if some(rng, 0.8):
        value = bytes(v & b for v, b in zip(value, bits))
    return Node(ACTION['set_masked'], [Node(KEY[name], value + bits)])


def push_vlan(rng, state):
    state.tags += 1
    return Node(
        ACTION['push_vlan'],
        be16(rng.choice(VLANS)) + be16(number(rng, 0x1007, 0x3009) & 0xFFFF | 0x1000),
    )


def pop_vlan(rng, state):
    state.tags = max(0, state.tags - 1)
    return Node(ACTION['pop_vlan'])


def after_labels(rng, state, eth_type):
    """The packet's type once labels were pushed or popped."""
    state.eth_type, state.proto = eth_type, 0
    state.labels = state.labels if eth_type in MPLS else 0


def push_mpls(rng, state):
    kind = rng.choice(MPLS)
    state.labels += 1
    after_labels(rng, state, kind)
    return Node(ACTION['push_mpls'], label_stack(rng, 1) + be16(kind) + bytes(2))


def add_mpls(rng, state):
    kind, flags = rng.choice(MPLS), rng.choice((0, 1, 1))
    if flags:
        state.labels += 1
        after_labels(rng, state, kind)
    else:
        state.ethernet = False
        after_labels(rng, state, kind)
    return Node(ACTION['add_mpls'], label_stack(rng, 1) + be16(kind) + u16(flags))


def pop_mpls(rng, state):
    kind = rng.choice((IPV4, IPV4, IPV6, *MPLS, NSH))
    state.labels = max(0, state.labels - 1)
    after_labels(rng, state, kind if state.labels else 0)
    return Node(ACTION['pop_mpls'], be16(kind))


def push_eth(rng, state):
    state.ethernet = True
    return Node(ACTION['push_eth'], rng.choice(MACS) + rng.choice(MACS))


def pop_eth(rng, state):
    state.ethernet = False
    return Node(ACTION['pop_eth'])


def push_nsh(rng, state):
    state.eth_type, state.ethernet, state.proto = NSH, False, 0
    return Node(ACTION['push_nsh'], [Node(KEY['nsh'], nsh(rng, True))])


def pop_nsh(rng, state):
    state.eth_type = 0
    state.ethernet = False
    return Node(ACTION['pop_nsh'])


def hash_action(rng, state):
    return Node(ACTION['hash'], u32(0) + u32(number(rng, 0, 1)))


def meter(rng, state):
    return Node(ACTION['meter'], u32(77 if state.execute else number(rng, 0, 1, 2, 3, 77)))


def trunc(rng, state):
    return Node(ACTION['trunc'], u32(number(rng, 14, 20, 64, 100, 13, 0xFFFF)))


def recirc(rng, state):
    return Node(ACTION['recirc'], u32(number(rng, 0, 1, 2, 7)))


def ct_clear(rng, state):
    return Node(ACTION['ct_clear'])


def nat(rng, state):
    body = [Node(rng.choice((1, 1, 2, 2, 2)))] if some(rng, 0.85) else []
    if body and some(rng, 0.7):
        pool = IP6S if state.eth_type == IPV6 else IP4S
        body.append(Node(3, rng.choice(pool)))
        body += [Node(4, rng.choice(pool))] * some(rng, 0.5)
        if some(rng, 0.4):
            body.append(Node(5, u16(rng.choice(PORTS))))
            body += [Node(6, u16(rng.choice(PORTS)))] * some(rng, 0.6)
    for kind in (7, 8, 9):
        body += [Node(kind)] * some(rng, 0.15)
    return Node(6, body)


def ct(rng, state):
    body = [Node(rng.choice((1, 1, 7)))] * some(rng, 0.6)
    body += [Node(2, u16(number(rng, 0, 1, 5, bits=16)))] * some(rng, 0.6)
    if some(rng, 0.3):
        bits = number(rng, 0xFF, 0xFFFFFFFF, 0)
        body.append(Node(3, u32(rng.getrandbits(32) & bits) + u32(bits)))
    if some(rng, 0.2):
        body.append(
            Node(4, rng.randbytes(16) + rng.choice((b'\xff' * 16, rng.randbytes(16), bytes(16))))
        )
    body += [nat(rng, state)] * some(rng, 0.35)
    body += [Node(8, u32(number(rng, 0, 7)))] * some(rng, 0.15)
    if some(rng, 0.15):
        rng.shuffle(body)
    return Node(ACTION['ct'], body)


def deeper(rng, state, depth):
    """A nested list; what it does to the packet ends with it."""
    inner = State()
    inner.__dict__.update(state.__dict__)
    return action_list(rng, inner, depth + 1)


def sample(rng, state, depth):
    chance = (
        rng.choice((0, 0xFFFFFFFF)) if state.execute else number(rng, 0, 0xFFFFFFFF, 0x7FFFFFFF)
    )
    return Node(ACTION['sample'], [Node(1, u32(chance)), Node(2, deeper(rng, state, depth))])


def clone(rng, state, depth):
    return Node(ACTION['clone'], deeper(rng, state, depth))


def check_pkt_len(rng, state, depth):
    return Node(
        ACTION['check_pkt_len'],
        [
            Node(1, u16(number(rng, 1, 60, 100, 1500, 0xFFFF, bits=16))),
            Node(2, deeper(rng, state, depth)),
            Node(3, deeper(rng, state, depth)),
        ],
    )


def dec_ttl(rng, state, depth):
    return Node(ACTION['dec_ttl'], [Node(1, deeper(rng, state, depth))])


# (weight, action, does the packet allow it)
PLAIN = (
    (6, output, lambda s: True),
    (3, userspace, lambda s: True),
    (5, set_field, lambda s: True),
    (6, set_masked, lambda s: True),
    (3, push_vlan, lambda s: s.ethernet),
    (2, pop_vlan, lambda s: s.ethernet),
    (3, push_mpls, lambda s: not s.tags and (s.is_ip() or s.eth_type in (ARP, RARP, *MPLS))),
    (2, add_mpls, lambda s: not s.tags and (s.is_ip() or s.eth_type in (ARP, RARP, *MPLS))),
    (4, pop_mpls, lambda s: not s.tags and s.labels),
    (6, push_eth, lambda s: not s.ethernet),
    (2, pop_eth, lambda s: s.ethernet and not s.tags),
    (2, push_nsh, lambda s: not s.tags or s.eth_type == NSH),
    (4, pop_nsh, lambda s: s.eth_type == NSH),
    (1, hash_action, lambda s: not s.execute),
    (1, meter, lambda s: True),
    (1, trunc, lambda s: True),
    (2, recirc, lambda s: True),
    (1, ct_clear, lambda s: True),
    (4, ct, lambda s: s.is_ip() and not s.execute),
)
NESTING = (
    (2, sample, lambda s: True),
    (2, clone, lambda s: True),
    (2, check_pkt_len, lambda s: True),
    (2, dec_ttl, lambda s: s.is_ip()),
)


def action_list(rng, state, depth=0):
    """The tree of a list of actions that mostly suits the packet."""
    found = []
    for _ in range(
        rng.choice((0, 1, 1, 1, 2, 2, 3, 4)) if depth else rng.choice((0, 1, 1, 2, 3, 5))
    ):
        table = PLAIN + (NESTING if depth < 4 and some(rng, 0.7 / (depth + 1)) else ())
        legal = [entry for entry in table if entry[2](state)]
        if some(rng, 0.04):
            legal = [
                entry for entry in table if not (state.execute and entry[1] in (ct, hash_action))
            ]
        _, make, _ = rng.choices(legal, [weight for weight, _, _ in legal])[0]
        nested = (depth,) if make in (sample, clone, check_pkt_len, dec_ttl) else ()
        found.append(make(rng, state, *nested))
    return found
